#!/usr/bin/env bash
# trust_doors.sh: what lies in a folder that others write to never stops a night and never fails the audit; and who may do what
# in a home whose folders init gave to groups.
# usage: trust_doors.sh BINDIR
# What needs other users is done as root, with numbers that no account has, and skipped for others.
# shellcheck disable=SC2016 # the small scripts are for other users
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"
# shellcheck source=tests/said.sh
. "$(dirname "$0")/said.sh"

BIN=$(cd "$1" && pwd)
DROP=$ROOT/fixtures/nights/month/drop
BASE=${TMPDIR:-/dev/shm}
[[ -d $BASE && -w $BASE ]] || BASE=/tmp
WORK=$(mktemp -d "$BASE/alanpay.XXXXXX")
trap 'chmod -R u+rwX "$WORK" && rm -rf "$WORK"' EXIT
SAID=$WORK/said
DOORS=(requests bank receipts)
OWNER=61001 ALICE=61002 MALLORY=61003 VISITOR=61004
REQUESTS=61011 BANK=61012 FINANCE=61013 READERS=61014 NOTIFIED=61015
AS=()

# be USER [GROUP...]: who acts from here on
be() {
	local groups

	groups=$(IFS=, && echo "${*:2}")
	AS=(setpriv --reuid "$1" --regid "$1" "--groups=${groups:-$1}" --inh-caps=-all)
}

as() {
	"${AS[@]}" "$@"
}

# act WORDS...: a command of the owner, who has twenty seconds
act() {
	STATUS=0
	as timeout -k 1 20 "$BIN/alanpay" "$@" --home "$HOME_DIR" --date "${DAY:-2026-03-05}" --now "${DAY:-2026-03-05}T03:00:00Z" \
		</dev/null >"$SAID" 2>&1 || STATUS=$?
}

# expect CLAIM STATUS [WORDS]
expect() {
	check "$1" ended "$2"
	[[ -z ${3:-} ]] || check "$1: it says so" says "$3"
}

make() {
	STATUS=0
	as "$BIN/alanpay" init --home "$HOME_DIR" --environment test --store-id 0000a1a9 "$@" >"$SAID" 2>&1 || STATUS=$?
}

# home NAME [OPTION...]: a new one
home() {
	HOME_DIR=$WORK/$1
	mkdir "$HOME_DIR"
	[[ $(id -u) != 0 ]] || chown "$OWNER:$OWNER" "$HOME_DIR"
	make "${@:2}"
	expect "$1: init" 0
	as tee "$HOME_DIR/alanpay.ini" <"$ROOT/fixtures/alanpay.ini" >/dev/null
}

# good DOOR PATH: a file that can be applied
good() {
	case $1 in
	requests) cat "$DROP"/01-intake/requests/declare_profile*.jsonl ;;
	bank) cat "$DROP"/14-credited/bank/*.xml ;;
	receipts) echo '{"notification_id":"0000a1a9-0700-8000-8000-000000000001","status":"accepted"}' ;;
	esac | as tee "$2" >/dev/null
}

# The first and the last name of a door, in each order in which it is read.
first_of() {
	case $1 in
	requests) echo declare_profile.a.20260101T000000Z.1.jsonl ;;
	bank) echo 0.xml ;;
	receipts) echo receipts.a.20260101T000000Z.1.jsonl ;;
	esac
}

last_of() {
	local name

	name=$(first_of "$1")
	name=${name/#0./z.}
	echo "${name/20260101/20260304}"
}

# --- what lies in a door ------------------------------------------------------------------------------------------------

make_socket() {
	as perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un($ARGV[0])) or die "$!"' "$1" 2>/dev/null ||
		skip 'a socket: needs perl'
}

# litter DOOR: all that a person or a program may drop; each name sorts between the first file and the last.
litter() {
	local door=$HOME_DIR/inbox/$1 x name

	name=$(first_of "$1")
	name=${name/#0./5.}
	x=$door/${name/20260101/20260202}
	good "$1" "$x.mode"
	as chmod 000 "$x.mode"
	as mkfifo "$x.fifo"
	as mkfifo -m 000 "$x.closed-fifo"
	make_socket "$x.socket"
	as ln -s /etc/hostname "$x.link"
	as ln -s nowhere "$x.dangling"
	as ln -s "$(basename "$x").loop" "$x.loop"
	as ln -s /dev/zero "$x.zero"
	as mkdir -m 777 "$x.folder"
	as mkdir -p "$x.deep/$(printf 'd%.0s' {1..250})/$(printf 'e%.0s' {1..250})/f"
	as mkdir -m 000 "$x.closed"
	as truncate -s 2T "$x.sparse"
	as touch "$x.empty" "$door/.part" "$door/$(printf 'n%.0s' {1..255})"
	as touch "$door/"$'5.\xff\xfe.xml' "$door/"$'5.a\nb.xml' "$door/"$'5.\e]0;x\a.xml' "$door/"$'5.\u202e.xml' "$door/ "
	as mkdir "$door/5.y.sha256" "$door/5.z.sha256"
	as touch "$door/5.z.sha256/inside"
	as mkfifo "$door/5.w.sha256"
	as ln -s /dev/zero "$door/5.v.sha256"
	as touch "$door/5.u.part" "$door/5.y" "$door/5.w" "$door/5.v"
	good "$1" "$door/5.s"
	as chmod 6777 "$door/5.s"
	as ln "$door/5.s" "$door/5.t"
	[[ $(id -u) != 0 ]] || mknod "$x.device" c 1 5
}

count_applied() {
	ask_books "SELECT count(*) FROM input WHERE kind = '$1' AND name IN ('$(first_of "$1")', '$(last_of "$1")')
		AND state IN ('applied', 'duplicate')"
}

check_litter() {
	local door word

	home litter
	for door in "${DOORS[@]}"; do
		litter "$door"
		good "$door" "$HOME_DIR/inbox/$door/$(first_of "$door")"
		good "$door" "$HOME_DIR/inbox/$door/$(last_of "$door")"
	done
	act intake
	expect 'intake goes on' 3
	act reconcile
	expect 'reconcile goes on' 3
	act notify
	expect 'notify goes on' 3
	for door in "${DOORS[@]}"; do
		check_same "inbox/$door: what can be applied is applied" 2 "$(count_applied "$door")"
	done
	act audit --full
	expect 'the audit is not impressed' 0
	act run --until reconcile --dry-run
	expect 'a rehearsal neither' 0
	act status
	expect 'status shows it' 0
	for word in not_a_file odd_file_name unreadable_file file_too_large; do
		check "there are exceptions with code $word" test "$(count_strangers "$word")" -ge 3
	done
	act exceptions list --format json
	expect 'the exceptions can be listed' 0 'not_a_file'
	for door in "${DOORS[@]}"; do
		chmod -R u+rwX "$HOME_DIR/inbox/$door"
		find "$HOME_DIR/inbox/$door" -mindepth 1 -delete
	done
	for word in intake reconcile notify; do
		act "$word"
		expect "$word: all is removed" 0
	done
	check_same 'no exception is left of what is gone' 0 "$(count_strangers)"
}

# count_strangers [CODE]: open exceptions of what lies in an inbox
count_strangers() {
	ask_books "SELECT count(*) FROM exception WHERE kind = 'file' AND state = 'open' AND key LIKE 'inbox/%'
		AND code LIKE '${1:-%}'"
}

# --- who may do what ----------------------------------------------------------------------------------------------------

# by USER GROUP COMMAND...: quietly, in the home
by() {
	(cd "$HOME_DIR" && setpriv --reuid "$1" --regid "$2" --clear-groups --inh-caps=-all "${@:3}") </dev/null >/dev/null 2>&1
}

# may WHO PATH...; may_not: WHO is a user and a group, `lists`, `reads`, `writes` or `removes`
attempt() {
	local user=$1 group=$2 what=$3 path=$4

	case $what in
	lists) by "$user" "$group" ls "$path" ;;
	reads) by "$user" "$group" cat "$path" ;;
	writes) by "$user" "$group" sh -c 'umask 027 && echo >>"$1"' sh "$path" ;;
	removes) by "$user" "$group" rm -f "$path" && ! test -e "$HOME_DIR/$path" ;;
	replaces) by "$user" "$group" sh -c 'umask 027 && echo >"$1.own" && mv -f "$1.own" "$1"; status=$?; rm -f "$1.own"; exit $status' sh "$path" ;;
	esac
}

may() {
	check "a member of $1 $4 $5" attempt "${@:2}"
}

refuse() {
	! attempt "$@"
}

may_not() {
	check "a member of $1 never $4 $5" refuse "${@:2}"
}

# What is closed to all: the folders above the doors, and what is behind no door.
check_closed() {
	local path

	for path in . inbox out out/2026-03-05 state archive quarantine out/reports out/metrics; do
		[[ ! -d $HOME_DIR/$path ]] || may_not "$1" "$2" "$3" lists "$path"
	done
	for path in state/alanpay.db "$(cd "$HOME_DIR" && find archive -type f | head -n 1)"; do
		may_not "$1" "$2" "$3" reads "$path"
	done
	for path in x state/x inbox/x out/x out/2026-03-05/x; do
		may_not "$1" "$2" "$3" writes "$path"
	done
}

# closed_to NAME USER GROUP DOOR...
closed_to() {
	local path

	for path in "${@:4}"; do
		may_not "$1" "$2" "$3" lists "$path"
		may_not "$1" "$2" "$3" writes "$path/x"
	done
}

# A home in which each folder has a file: a request with its result, an export, a bank file that was released, a notification.
make_open_home() {
	home open --requests-group "$REQUESTS" --bank-group "$BANK" --finance-group "$FINANCE" --readers-group "$READERS" \
		--notifications-group "$NOTIFIED"
	check_same 'init: modes and groups' "3770 $BANK inbox/bank
2750 $NOTIFIED out/notifications
2750 $READERS out/exports
3770 $REQUESTS inbox/requests
3770 $NOTIFIED inbox/receipts
2750 $FINANCE out/sepa
2750 $FINANCE out/upload
2750 $FINANCE out/uploaded
711 $OWNER inbox
711 $OWNER out
700 $OWNER state" "$(cd "$HOME_DIR" && stat -c '%a %g %n' inbox/bank out/notifications out/exports inbox/requests inbox/receipts \
		out/sepa out/upload out/uploaded inbox out state)"
	by "$ALICE" "$REQUESTS" sh -c 'umask 027 && cat "$1"/01-intake/requests/declare_profile* >inbox/requests/'"$(first_of requests)" sh "$DROP"
	act intake
	expect 'open: intake' 0
	act export
	expect 'open: export' 0
	act audit
	expect 'open: the audit' 0
}

check_groups() {
	local result=out/2026-03-05/requests/declare_profile.a.20260101T000000Z.1.jsonl.results.jsonl export=out/exports/2026-03-05/balances.csv
	local inbox=inbox/requests/a.jsonl

	make_open_home
	may requests "$ALICE" "$REQUESTS" writes "$inbox"
	may requests "$ALICE" "$REQUESTS" lists inbox/requests
	may_not requests "$MALLORY" "$REQUESTS" removes "$inbox"
	may_not requests "$MALLORY" "$REQUESTS" writes "$inbox"
	may_not requests "$MALLORY" "$REQUESTS" replaces "$inbox"
	closed_to requests "$ALICE" "$REQUESTS" inbox/bank inbox/receipts out/exports out/sepa out/upload out/uploaded out/notifications
	may_not requests "$ALICE" "$REQUESTS" reads "$result"
	check_closed requests "$ALICE" "$REQUESTS"
	may requests "$ALICE" "$REQUESTS" removes "$inbox"

	may bank "$ALICE" "$BANK" writes inbox/bank/a.xml
	may_not bank "$MALLORY" "$BANK" removes inbox/bank/a.xml
	may_not bank "$MALLORY" "$BANK" replaces inbox/bank/a.xml
	closed_to bank "$ALICE" "$BANK" inbox/requests inbox/receipts out/exports out/sepa out/upload out/uploaded out/notifications
	check_closed bank "$ALICE" "$BANK"
	may bank "$ALICE" "$BANK" removes inbox/bank/a.xml

	may readers "$ALICE" "$READERS" reads "$export"
	may readers "$ALICE" "$READERS" reads "out/exports/latest/balances.csv"
	may readers "$ALICE" "$READERS" lists out/2026-03-05/requests
	may readers "$ALICE" "$READERS" reads "$result"
	may_not readers "$ALICE" "$READERS" removes "$export"
	may_not readers "$ALICE" "$READERS" writes "$export"
	may_not readers "$ALICE" "$READERS" removes "$result"
	may_not readers "$ALICE" "$READERS" writes out/exports/x
	closed_to readers "$ALICE" "$READERS" inbox/requests inbox/bank inbox/receipts out/sepa out/upload out/uploaded out/notifications
	check_closed readers "$ALICE" "$READERS"

	may notifications "$ALICE" "$NOTIFIED" lists out/notifications
	may notifications "$ALICE" "$NOTIFIED" writes inbox/receipts/a
	may_not notifications "$MALLORY" "$NOTIFIED" removes inbox/receipts/a
	may_not notifications "$ALICE" "$NOTIFIED" writes out/notifications/x
	closed_to notifications "$ALICE" "$NOTIFIED" inbox/requests inbox/bank out/exports out/sepa out/upload out/uploaded
	check_closed notifications "$ALICE" "$NOTIFIED"

	check_closed nobody "$VISITOR" "$VISITOR"
	closed_to nobody "$VISITOR" "$VISITOR" inbox/requests inbox/bank inbox/receipts out/exports out/sepa out/upload out/notifications
}

# A file of debits, released into the doors of finance.
check_finance() {
	local folder=out/sepa/2026-03-10_20260228-1 id xml word

	mkdir "$WORK/finance"
	chown "$OWNER" "$WORK/finance"
	chmod 711 "$WORK/finance"
	HOME_DIR=$WORK/finance/home
	cp -r "$ROOT/fixtures/stages/collect" "$WORK/collect"
	cp "$ROOT/fixtures/alanpay.ini" "$WORK/collect/"
	chmod -R a+rX "$WORK/collect"
	as "$BIN/alanpay" fixture load "$WORK/collect" --home "$HOME_DIR" >"$SAID"
	as sh -c 'printf "[release]\nrequire_notice = no\n" >>"$1"' sh "$HOME_DIR/alanpay.ini"
	(cd "$HOME_DIR/out" && as chgrp "$FINANCE" sepa upload uploaded && as chmod 2750 sepa upload uploaded)
	for word in collect audit; do
		DAY=2026-03-04 act $word
		expect "finance: $word" 0
	done
	read -r id xml < <(ask_books "SELECT msg_id || ' ' || name FROM bank_file WHERE kind = 'debit'")
	for word in alice bob; do
		DAY=2026-03-04 act sepa approve --file "$id" --as $word \
			--sha256 "$(ask_books "SELECT lower(hex(sha256)) FROM bank_file WHERE msg_id = '$id'")"
		expect "finance: $word approves" 0
	done
	DAY=2026-03-04 act sepa release --file "$id" --as carol
	expect 'finance: the file is released' 0
	may finance "$ALICE" "$FINANCE" lists out/upload
	may finance "$ALICE" "$FINANCE" reads "out/upload/$xml"
	may finance "$ALICE" "$FINANCE" reads "$folder/v1/$xml"
	may finance "$ALICE" "$FINANCE" reads "$folder/v1/report.html"
	may_not finance "$ALICE" "$FINANCE" removes "out/upload/$xml"
	may_not finance "$ALICE" "$FINANCE" writes "out/upload/$xml"
	may_not finance "$ALICE" "$FINANCE" replaces "$folder/v1/$xml"
	closed_to finance "$ALICE" "$FINANCE" inbox/requests inbox/bank inbox/receipts out/exports out/notifications
	check_closed finance "$ALICE" "$FINANCE"
	closed_to requests "$ALICE" "$REQUESTS" "$folder" "$folder/v1"
	may_not nobody "$VISITOR" "$VISITOR" reads "out/upload/$xml"
}

# --- what people do to each other ---------------------------------------------------------------------------------------

# send USER GROUP UMASK SOURCE PATH
send() {
	by "$1" "$2" sh -c 'umask "$1" && cat "$2" >"$3"' sh "$3" "$4" "$5"
}

check_attacks() {
	local name=declare_profile.a.20260102T000000Z.1.jsonl bank='' strangers=(unreadable_file wrong_owner) word

	home attacks --requests-group "$REQUESTS" --bank-group "$BANK"
	for bank in "$DROP"/14-credited/bank/*.xml; do break; done

	# A file of mode 600 stopped every night.
	send "$MALLORY" "$REQUESTS" 077 /dev/null inbox/requests/closed.jsonl
	send "$ALICE" "$REQUESTS" 027 "$DROP"/01-intake/requests/declare_profile*.jsonl "inbox/requests/$name"
	by "$MALLORY" "$REQUESTS" mkdir "inbox/requests/$name.sha256"
	act intake
	expect 'a file of mode 600: the others are read' 3 'its sender must let its group read it (chmod g+r) (unreadable_file)'
	check_same 'the request is applied, whatever another put beside it' 1 "$(ask_books "SELECT count(*) FROM input
		WHERE name = '$name' AND state = 'applied'")"
	send "$MALLORY" "$REQUESTS" 027 /dev/null inbox/requests/x.jsonl.sha256
	send "$ALICE" "$REQUESTS" 027 /dev/null inbox/requests/x.jsonl
	act intake
	expect 'a digest of another sender is not compared' 3 'belongs to another user than the file: it is not compared'

	# What has the name of a request that an operator submits.
	cp "$DROP"/01-intake/requests/declare_profile*.jsonl "$WORK/s.jsonl"
	for word in "mkfifo" "truncate -s 2T" "mkdir" "ln -s /dev/zero"; do
		# shellcheck disable=SC2086
		by "$MALLORY" "$REQUESTS" $word "inbox/requests/$(basename "$DROP"/01-intake/requests/declare_profile*.jsonl)"
		act requests submit "$DROP"/01-intake/requests/declare_profile*.jsonl
		expect "$word: submit neither waits nor reads" 73 'use a new name'
		rm -rf "$HOME_DIR"/inbox/requests/declare_profile*
	done

	# Files of the bank that the bank did not send.
	as sed -i "s/^\[bank\]$/[bank]\ninbox_owner = $ALICE/" "$HOME_DIR/alanpay.ini"
	grep -q '^inbox_owner' "$HOME_DIR/alanpay.ini" || as sh -c 'printf "\n[bank]\ninbox_owner = %s\n" "$1" >>"$2"' sh "$ALICE" "$HOME_DIR/alanpay.ini"
	send "$MALLORY" "$BANK" 027 "$bank" inbox/bank/a.xml
	by "$MALLORY" "$BANK" mkdir inbox/bank/b.xml.sha256
	act run --until reconcile --dry-run
	expect 'a rehearsal holds a file of another user' 3 'wrong_owner'
	act reconcile
	expect 'a file of another user is held' 3 'it belongs to user ? (uid 61003), and only 61002 sends files of the bank'
	check_same 'nothing of it is stored' 0 "$(ask_books "SELECT count(*) FROM input WHERE kind = 'bank'")"
	act reconcile
	expect 'and once' 0
	send "$ALICE" "$BANK" 027 "$bank" inbox/bank/b.xml
	act reconcile
	check_same 'a file of the bank is applied' b.xml "$(ask_books "SELECT name FROM input WHERE kind = 'bank' AND state = 'applied'")"
	for word in "${strangers[@]}"; do
		check_same "there is one exception with code $word" 1 "$(count_strangers "$word")"
	done
	act exceptions show --id "$(ask_books "SELECT number FROM exception WHERE code = 'wrong_owner'")"
	expect 'a person can decide about it' 0 'once it was removed or has that owner'
	as sed -i 's/^inbox_owner = .*/inbox_owner = no-such-user/' "$HOME_DIR/alanpay.ini"
	STATUS=0
	as "$BIN/alanpay" config validate --home "$HOME_DIR" >"$SAID" 2>&1 || STATUS=$?
	expect 'validate finds an owner that does not exist' 78 'inbox_owner in [bank]: user no-such-user does not exist on this machine'
	act reconcile
	expect 'reconcile says so' 78 'user no-such-user does not exist'
}

check_init() {
	HOME_DIR=$WORK/none
	make --readers-group no-such-group
	expect 'a group that does not exist' 64 'group no-such-group does not exist on this machine: `sudo addgroup --system no-such-group`'
	check 'and there is no home' test ! -e "$HOME_DIR"
}

# Who may act: root is refused, and reads what nobody else can.
set_users() {
	[[ $(id -u) == 0 ]] || return 0
	chmod 711 "$WORK"
	be "$OWNER" "$OWNER" "$REQUESTS" "$BANK" "$FINANCE" "$READERS" "$NOTIFIED"
	as test -x "$BIN/alanpay" || {
		skip "another user may not enter ${BIN%/out/*}"
		sum_up
		exit
	}
}

set_users
check_init
check_litter
if [[ $(id -u) == 0 ]]; then
	check_attacks
	check_groups
	check_finance
else
	skip 'who may do what: needs root'
fi
sum_up
