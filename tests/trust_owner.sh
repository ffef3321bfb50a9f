#!/usr/bin/env bash
# trust_owner.sh: who may use a home, with which configuration, and in which environment; and what `doctor` says about it.
# usage: trust_owner.sh BINDIR
# What needs a second user is done as root, and skipped for others.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"
# shellcheck source=tests/said.sh
. "$(dirname "$0")/said.sh"

BIN=$(cd "$1" && pwd)
OTHER=65534
cd "$ROOT"
make_work
SAID=$WORK/said
HOME_DIR=$WORK/home
AS=()

# act WORDS...: in the home, as the user of AS
act() {
	STATUS=0
	"${AS[@]}" "$BIN/alanpay" "$@" --home "$HOME_DIR" >"$SAID" 2>&1 || STATUS=$?
}

# claim CLAIM STATUS TEXT WORDS...
claim() {
	act "${@:4}"
	check "$1: exit status" ended "$2"
	check "$1" says "$3"
}

# fresh ENVIRONMENT
fresh() {
	rm -rf "$HOME_DIR"
	"$BIN/alanpay" init --home "$HOME_DIR" --environment "$1" --store-id 0000a1a9 >/dev/null 2>&1
	sed "s/^name = test$/name = $1/; s/^identity = any$/identity = loginuid/" fixtures/alanpay.ini >"$HOME_DIR/alanpay.ini"
	chmod 644 "$HOME_DIR/alanpay.ini"
}

# --- the environment --------------------------------------------------------------------------------------------------

check_environment() {
	local word

	claim 'no such environment' 64 '--environment takes production, sandbox or test' init --environment staging
	check 'and there is no home' test ! -e "$HOME_DIR"
	act init --format json
	check 'a home is one for production' says '"environment": "production"'
	claim 'a home is made once' 73 'has a database' init --environment test
	for word in production sandbox; do
		fresh $word
		claim "$word: at its place" 0 "home       $HOME_DIR" status
		claim "$word: --config" 77 '--config and ALANPAY_CONFIG are allowed only in a test home' status --config "$HOME_DIR/alanpay.ini"
		export ALANPAY_CONFIG=$HOME_DIR/alanpay.ini
		claim "$word: ALANPAY_CONFIG" 77 '--config and ALANPAY_CONFIG are allowed only in a test home' status
		claim "$word: it is not even read" 77 'allowed only in a test home' config validate
		unset ALANPAY_CONFIG
		claim "$word: --as" 77 '--as is allowed only in a test home' status --as bob
		claim "$word: a day to come" 77 '--date is after today' debts --date 2999-01-01
		claim "$word: a person acts now" 77 'a person acts now' profiles declare --app-id a --app-user-id 1 --date 2026-02-02
		sed -i "s/^name = $word$/name = test/" "$HOME_DIR/alanpay.ini"
		claim "$word: the configuration of another environment" 78 \
			"[environment] name = test, but this home was made for $word" debts
		claim "$word: validate says it too" 78 'correct it' config validate
	done
	fresh test
	cp fixtures/alanpay.ini "$WORK/other.ini"
	claim 'a test home takes all of it' 0 'home' status --config "$WORK/other.ini" --as bob --date 2999-01-01
	sed -i 's/^name = test$/name = sandbox/; s/^identity = any$/identity = loginuid/' "$WORK/other.ini"
	claim 'but no other environment' 78 "name = sandbox, but this home was made for test" debts --config "$WORK/other.ini"
	check_same 'nothing changes the environment of a home' 'test' "$(
		sqlite3 -batch -init /dev/null "$HOME_DIR/state/alanpay.db" "UPDATE store SET environment = 'production'" 2>/dev/null || true
		ask_books 'SELECT environment FROM store')"
}

# --- the configuration ------------------------------------------------------------------------------------------------

check_configuration() {
	fresh production
	chmod 664 "$HOME_DIR/alanpay.ini"
	claim 'a configuration that a group can change' 78 "mode 0664: others can change it: \`sudo chmod go-w $HOME_DIR/alanpay.ini\`" debts
	claim 'validate says it too' 78 'others can change it' config validate
	chmod 646 "$HOME_DIR/alanpay.ini"
	claim 'or anybody' 78 'mode 0646: others can change it' status
	chmod 644 "$HOME_DIR/alanpay.ini"
	chmod 1733 "$HOME_DIR"
	claim 'a folder in which others can put another one' 78 "$HOME_DIR has mode 1733: others can change it: \`chmod go-w $HOME_DIR\`" status
	chmod 711 "$HOME_DIR"
	mv "$HOME_DIR/alanpay.ini" "$WORK/linked.ini"
	ln -s "$WORK/linked.ini" "$HOME_DIR/alanpay.ini"
	claim 'a link' 78 'is a link: put the file itself there' status
	rm "$HOME_DIR/alanpay.ini"
	mkfifo "$HOME_DIR/alanpay.ini"
	claim 'a pipe does not stop it' 78 'is not a file' status
	rm "$HOME_DIR/alanpay.ini"
	head -c 2000000 /dev/zero >"$HOME_DIR/alanpay.ini"
	claim 'a file of two million bytes' 78 'the file is larger than' status
}

check_hash() {
	local sha word

	fresh test
	act run --only audit --date 2026-02-02
	check 'the journal has its hash' ended 0
	sha=$(sha256sum <"$HOME_DIR/alanpay.ini" | tr -d ' -')
	check_same 'each night, and each start of a stage' "$sha|$sha" "$(ask_books \
		'SELECT lower(hex(n.config_sha256)), lower(hex(s.config_sha256)) FROM night n, stage_run s')"
	act status --format json
	check 'status has its hash' says "\"sha256\": \"$sha\""
	check 'status: it has not changed' says '"changed_since_night": null'
	echo '; a comment' >>"$HOME_DIR/alanpay.ini"
	claim 'status: it has changed' 0 'alanpay.ini has changed since the night of 2026-02-02' status --date 2026-02-02
	rm -rf "$HOME_DIR"
	STATUS=0
	"$BIN/alanpay" fixture load fixtures/stages/notify --home "$HOME_DIR" >"$SAID" 2>&1 || STATUS=$?
	check 'a home with bank files' ended 0
	read -r word _ < <(grep -v '^#' fixtures/stages/notify/from)
	cp "fixtures/nights/$word/alanpay.ini" "$HOME_DIR/"
	claim 'a file: the configuration is as it was' 0 'as when the file was made' sepa show --file 0000a1a9-20260228-1-D1
	echo '; a comment' >>"$HOME_DIR/alanpay.ini"
	claim 'a file: it has changed' 0 'changed since the file was made' sepa show --file 0000a1a9-20260228-1-D1
}

# --- the owner --------------------------------------------------------------------------------------------------------

list_all() {
	find "$HOME_DIR" -printf '%p %u %m %s %T@ %C@\n' | sort
}

# refused CLAIM OWNER WORDS...: by the sentence with what was typed, and nothing in the home changes
refused() {
	local before

	before=$(list_all)
	claim "$1" 77 "this home belongs to $2: sudo -u $2 alanpay ${*:3} --home $HOME_DIR" "${@:3}"
	check_same "$1: nothing changes" "$before" "$(list_all)"
}

check_owner() {
	local owner why

	if [[ $(id -u) != 0 ]]; then
		skip 'another user: needs root'
		return
	fi
	chmod 711 "$WORK"
	AS=(setpriv --reuid "$OTHER" --regid "$OTHER" --clear-groups)
	fresh production
	if ! "${AS[@]}" test -x "$BIN/alanpay" -a -d "$HOME_DIR/out"; then
		skip "another user may not enter ${BIN%/out/*} or ${WORK%/*}"
		AS=()
		return
	fi
	owner=$(id -un $OTHER)
	rm -f "$HOME_DIR/state/lock"
	refused 'another user changes' root debts
	refused 'another user only reads' root status
	refused 'another user asks' root query get_alan_balance --app-id a --app-user-id b
	refused 'another user checks the configuration' root config validate
	refused 'another user, a program of its own' root sepa list
	refused 'another user makes it once more' root init
	AS=()
	chown -R $OTHER "$HOME_DIR"
	refused 'root changes' "$owner" run --date 2026-02-02
	refused 'root only reads' "$owner" status
	refused 'root makes a home in the folder of another' "$owner" init
	chown 0 "$HOME_DIR/alanpay.ini"
	AS=(setpriv --reuid "$OTHER" --regid "$OTHER" --clear-groups)
	AS=()
	act doctor
	row FAIL owner "this home belongs to $owner: sudo -u $owner alanpay doctor --home $HOME_DIR"
	touch "$HOME_DIR/out/of-root"
	AS=(setpriv --reuid "$OTHER" --regid "$OTHER" --clear-groups)
	act doctor
	row OK owner "belongs to $owner"
	row FAIL files "1 of [0-9]+ belong to others: out/of-root to root: cd $HOME_DIR && sudo chown -R $owner state"
	rm -f "$HOME_DIR/out/of-root"
	claim 'the configuration may belong to root' 0 "home       $HOME_DIR" status
	chmod 600 "$HOME_DIR/alanpay.ini"
	claim 'but be readable' 78 'alanpay.ini: Permission denied (it belongs to root, mode 0600): `sudo chmod 644 ' status
	chmod 644 "$HOME_DIR/alanpay.ini"
	chown 12345 "$HOME_DIR/alanpay.ini"
	claim 'and to no third' 78 "belongs to uid 12345, mode 0644: it must belong to root or to the owner of the home: \`sudo chown root" status
	chown 0 "$HOME_DIR/alanpay.ini"
	for why in state/lock state/alanpay.db; do
		touch "$HOME_DIR/$why"
		chown 0 "$HOME_DIR/$why"
		chmod 600 "$HOME_DIR/$why"
		claim "root's $why" 74 "$why: Permission denied (it belongs to root, mode 0600): give the whole home to its owner" debts
		chown $OTHER "$HOME_DIR/$why"
	done
	chown 0 "$HOME_DIR/out"
	chmod 700 "$HOME_DIR/out"
	claim 'a folder of root is named with its mode' 74 'Permission denied (out belongs to root, mode 0700)' audit
	AS=()
}

# --- doctor -----------------------------------------------------------------------------------------------------------

# row STATE CHECK TEXT: a line of what doctor printed
row() {
	check "doctor: $2: $3" grep -qE -- "^$1 +$2 +.*$3" "$SAID"
}

check_doctor() {
	local name

	fresh test
	act doctor
	check 'doctor: a home that is well' ended 0
	for name in owner files modes doors database disk clock configuration log creditor approvers swan notifications bank; do
		row OK $name ''
	done
	check_same 'doctor: nothing else is printed' 14 "$(wc -l <"$SAID")"
	act doctor --format json
	check 'doctor: JSON' ended 0
	check_same 'doctor: a document' 14 "$(sqlite3 -batch -init /dev/null :memory: \
		"SELECT count(*) FROM json_each(readfile('$SAID'), '\$.checks') WHERE value ->> 'state' = 'ok'")"

	chmod 2777 "$HOME_DIR/inbox/bank"
	rmdir "$HOME_DIR/out/upload"
	act doctor
	check 'doctor: what is wrong ends 78' ended 78
	row FAIL modes "inbox/bank has mode 2777: at most .*: chmod 3770 $HOME_DIR/inbox/bank"
	chmod 2770 "$HOME_DIR/inbox/bank"
	act doctor
	row FAIL doors "inbox/bank lets each member of .* remove the files of another .mode 2770.: .*chmod 3770 inbox/bank"
	chmod 700 "$HOME_DIR/inbox/bank"
	act doctor
	row FAIL modes "out/upload: No such file or directory: mkdir -m 700 $HOME_DIR/out/upload"
	act run --only audit --date 2098-01-01
	act doctor
	row FAIL clock 'but the newest night is 2098-01-01: sudo timedatectl set-ntp true'

	fresh production
	printf '\n[swan]\nclient_id = c\nclient_secret_file = %s/secret\n' "$WORK" >>"$HOME_DIR/alanpay.ini"
	act doctor
	row FAIL swan 'client_secret_file in \[swan\]'
	check 'doctor: and nothing else fails' test "$(grep -c ^FAIL "$SAID")" = 1
	echo secret >"$WORK/secret"
	chmod 644 "$WORK/secret"
	act doctor
	row FAIL swan "can be read by others: chmod 600 $WORK/secret"
	chmod 600 "$WORK/secret"
	act doctor
	row OK swan '--online asks for a token'
	sed -i 's,^client_id = c$,&\nendpoint = https://127.0.0.1:1/graphql\noauth_endpoint = https://127.0.0.1:1/token\ntries = 1,' \
		"$HOME_DIR/alanpay.ini"
	act doctor --online
	row FAIL swan '127.0.0.1:1'
	sed -i 's/^identity = loginuid$/identity = signature/' "$HOME_DIR/alanpay.ini"
	act doctor
	row FAIL approvers 'identity = signature, and .approvers. has 0 of the 2 persons'
	printf '\n[approvers]\nalice = %s/alice.pub\n' "$WORK" >>"$HOME_DIR/alanpay.ini"
	act doctor
	row FAIL approvers "$WORK/alice.pub"
	sed -i '/^\[approvers\]$/,$d; s/^identity = signature$/identity = loginuid/' "$HOME_DIR/alanpay.ini"
	touch -d '2 days ago' "$HOME_DIR/inbox/bank/x.xml"
	act doctor
	row FAIL bank 'x.xml waits in inbox/bank for more than a day: alanpay reconcile --home'

	echo '[creditor' >>"$HOME_DIR/alanpay.ini"
	act doctor
	row FAIL configuration 'alanpay.ini:[0-9]+: .*: alanpay config validate'
	row - swan 'not checked'
	row OK disk ''
	head -c 8192 /dev/urandom | dd of="$HOME_DIR/state/alanpay.db" conv=notrunc 2>/dev/null
	rm -f "$HOME_DIR"/state/alanpay.db-*
	act doctor
	check 'doctor: a database that is damaged' ended 78
	row OK modes ''
	row FAIL database ''
	row - disk 'not checked'
	rm -rf "$HOME_DIR"
	act doctor
	check 'doctor: no home' ended 78
	row FAIL owner 'No such file or directory: make a new home with: alanpay init'
	mkdir "$HOME_DIR"
	act doctor
	row FAIL owner 'is not a data home'
}

# --- first set-ups that went wrong --------------------------------------------------------------------------------------

check_first_set_up() {
	local n

	fresh production
	sed -i 's/^name = Alan SA$/name = Alan ; Sons; SA/' "$HOME_DIR/alanpay.ini"
	claim 'a semicolon in a value is kept' 0 'name = Alan ; Sons; SA' config show
	printf '[swan]\nclient_secret = s3cr3t\n' >>"$HOME_DIR/alanpay.ini"
	claim 'a secret in the configuration' 78 'a secret never stands in this file' config validate
	check 'and it is not printed' test "$(grep -c s3cr3t "$SAID")" = 0
	sed -i 's/^client_secret = .*/client_id = c\nclient_secret_file = s3cr3t/' "$HOME_DIR/alanpay.ini"
	claim 'a secret in the place of its path' 0 'takes the path of a file with the secret in it' config validate
	check 'it is not printed' test "$(grep -c s3cr3t "$SAID")" = 0
	claim 'nor by the import' 78 'names a file that does not exist' import
	check 'whatever it says' test "$(grep -c s3cr3t "$SAID")" = 0
	for ((n = 0; n < 50; n++)); do
		rm -rf "$WORK/drawn"
		"$BIN/alanpay" init --home "$WORK/drawn" --environment test --format json
	done | sed -nE 's/.*"store_id": "(.*)".*/\1/p' >"$WORK/ids"
	check 'store ids are drawn' test "$(sort -u "$WORK/ids" | wc -l)" = 50
	check 'none reads as a number or a day' test -z "$(grep -E '^[0-9]*([edb]|dec|feb)?[0-9]*$' "$WORK/ids")"
}

# ends_without_a_signal KILOBYTES: nor with a page more, and so on, from what it takes to say so up to more than the stack takes.
ends_without_a_signal() {
	local kilobytes status signals=

	for ((kilobytes = $1; kilobytes < $1 + 800; kilobytes += 4)); do
		status=0
		(
			ulimit -v $kilobytes
			exec "$BIN/alanpay-reconcile" --home "$HOME_DIR" --quiet --dry-run
		) >"$SAID" 2>&1 || status=$?
		((status < 128)) || signals+=" $kilobytes:$status"
	done
	check "no signal a page above what it needs:${signals:- none}" test -z "$signals"
}

# With less memory than it needs: what failed is tried again, and no input is taken for a bad one.
check_memory() {
	local kilobytes statuses=

	if [[ $BIN == */san/* ]]; then
		skip 'too little memory: the sanitizers need more than there is'
		return
	fi
	fresh test
	cp fixtures/bank/common/bookings.xml "$HOME_DIR/inbox/bank/"
	for ((kilobytes = 30000; kilobytes < 200000; kilobytes += 500)); do
		STATUS=0
		(
			ulimit -v $kilobytes
			exec "$BIN/alanpay-reconcile" --home "$HOME_DIR" --quiet
		) >"$SAID" 2>&1 || STATUS=$?
		[[ $STATUS != 3 ]] || break
		[[ $STATUS == 127 || $STATUS == 74 ]] || check "with $kilobytes KB it ends 74" ended 74
		statuses+=" $STATUS"
	done
	check 'with enough memory it ends well' ended 3
	check 'with too little it ended 74' test "${statuses/ 74/}" != "$statuses"
	ends_without_a_signal $((30000 + 500 * $(wc -w <<<"${statuses%% 74*}")))
	check_same 'the file was read once' applied "$(ask_books 'SELECT state FROM input')"
}

check_environment
check_configuration
check_hash
check_first_set_up
check_memory
check_doctor
check_owner
sum_up
