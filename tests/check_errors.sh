#!/usr/bin/env bash
# check_errors.sh: with --format json every program prints its errors as one JSON object a line on standard error, the one
# that ended it last, and nothing but documents on standard output.
# usage: check_errors.sh BINDIR
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
HOME_DIR=$WORK/home
ALAN=(--app-id alan --app-user-id 1)
TEXT='"([^"\\]|\\.)*"'
LINE="^\{\"code\":\"[a-z_]+\",\"message\":$TEXT,\"hint\":(null|$TEXT),\"exit_status\":(null|[0-9]+),\"program\":$TEXT\}\$"
unset ALANPAY_CONFIG

# --- what a program did -----------------------------------------------------------------------------------------------

# act PROGRAM WORDS...: sets STATUS; out and err are files
act() {
	STATUS=0
	"$BIN/$1" "${@:2}" >"$WORK/out" 2>"$WORK/err" <"${STDIN:-/dev/null}" || STATUS=$?
}

are_objects() {
	local line status=0

	while IFS= read -r line || [[ -n $line ]]; do
		[[ $line =~ $LINE ]] || { echo "$line" && status=1; }
	done <"$WORK/err"
	return "$status"
}

# ended STATUS CODE: the last line of standard error says so
ended() {
	local lines

	mapfile -t lines <"$WORK/err"
	if ! are_objects || [[ $STATUS != "$1" || ${#lines[@]} == 0 ]] ||
		[[ ${lines[-1]} != "{\"code\":\"$2\","*",\"exit_status\":$1,"* ]]; then
		echo "ended with $STATUS and said:"
		cat "$WORK/err"
		return 1
	fi
}

says_nothing() {
	[[ ! -s $WORK/out ]]
}

lines_are() {
	local lines

	mapfile -t lines <"$WORK/err"
	[[ ${#lines[@]} == "$1" ]]
}

# error CLAIM STATUS CODE PROGRAM WORDS...: one object, and no document
error() {
	act "${@:4}"
	check "$1" ended "$2" "$3"
	check "$1: nothing else is said" lines_are 1
	check "$1: no document" says_nothing
}

# --- every command and every stage ------------------------------------------------------------------------------------

commands() {
	"$BIN/alanpay" help --format jsonl | sed -nE 's/^\{"command":"([^"]*)".*/\1/p'
}

check_usage() {
	local words program

	while read -r words; do
		# shellcheck disable=SC2086 # the words of a command
		error "alanpay $words refuses an option" 64 usage alanpay $words --no-such-option --format json
	done < <(commands)
	check 'there are commands' test "$(commands | wc -l)" -gt 50
	while read -r program; do
		error "$program refuses an option" 64 usage "$program" --no-such-option --format=jsonl
	done < <(sed '/^#/d; s/^/alanpay-/' schedules/nightly)
}

# --- every kind of error ----------------------------------------------------------------------------------------------

make_home() {
	"$BIN/alanpay" init --home "$HOME_DIR" --environment test --store-id 0000a1a9 --now 2026-02-01T08:00:00Z >/dev/null
	cp fixtures/alanpay.ini "$HOME_DIR/"
	"$BIN/alanpay" profiles declare "${ALAN[@]}" --home "$HOME_DIR" --date 2026-02-02 >/dev/null
	sed 's/^name = test/name = production/; /^identity = any/d' fixtures/alanpay.ini >"$WORK/production.ini"
}

check_kinds() {
	local here=(--home "$HOME_DIR" --date 2026-02-02 --format json) none=0000a1a9-0500-8000-8004-000000000001
	local mandate=(--debtor-name Ada --debtor-country FR --unique-mandate-reference R1 --signature-date 2026-01-02)

	error 'no command' 64 usage alanpay querry --format json
	error 'a group alone' 64 usage alanpay query --format json
	error 'a chain that ends before it begins' 64 usage alanpay run --from audit --until intake "${here[@]}"
	error 'a word too many' 64 usage alanpay query get_profile here "${ALAN[@]}" "${here[@]}"
	error 'an option is needed' 64 usage alanpay query get_profile "${here[@]}"
	error 'no id' 64 usage alanpay query get_profile_by_id --id 1 "${here[@]}"
	error 'no day' 64 usage alanpay query get_profile "${ALAN[@]}" "${here[@]}" --date yesterday
	error 'an IBAN is wrong' 65 invalid_iban alanpay mandates declare "${ALAN[@]}" "${mandate[@]}" \
		--debtor-iban FR7630006000011234567890188 "${here[@]}"
	error 'nobody declared the member' 66 profile_not_found alanpay users offboard --app-id alan --app-user-id 2 \
		"${here[@]}"
	error 'no debt' 66 absent alanpay query get_recovery_debt_by_id --id $none "${here[@]}"
	error 'no file of requests' 66 absent alanpay requests submit "$WORK/none.jsonl" "${here[@]}"
	error 'no recording' 66 absent alanpay-import --fixtures "$WORK/none" "${here[@]}"
	error 'no transactions' 66 absent alanpay-post --transactions "$WORK/none.csv" "${here[@]}"
	error 'no payment supports' 66 absent alanpay-post --payment-supports "$WORK/none.csv" "${here[@]}"
	error 'no session' 66 absent alanpay-collect --session $none "${here[@]}"
	"$BIN/alanpay" debts --home "$HOME_DIR" --date 2026-02-02 --as scheduler >/dev/null
	error 'a session that is open' 75 busy alanpay-collect --session 0000a1a9-0400-8000-8000-000000000001 "${here[@]}"
	error 'a home is there' 73 would_overwrite alanpay init --home "$HOME_DIR" --format json
	error 'another environment' 78 configuration alanpay profiles list "${here[@]}" --config "$WORK/production.ini"
	error 'no home' 78 configuration alanpay status --home "$WORK/none" --format json
	error 'no configuration' 78 configuration alanpay-post "${here[@]}" --config "$WORK/none.ini"
}

# What others keep from us: a full disk, a lock.
check_world() {
	local here=(--home "$HOME_DIR" --date 2026-02-02 --format json)

	STATUS=0
	"$BIN/alanpay" query get_profiles --app-id alan "${here[@]}" >/dev/full 2>"$WORK/err" || STATUS=$?
	check 'standard output is full' ended 74 input_output
	exec 9>"$HOME_DIR/state/lock"
	flock 9
	error 'another process has the lock' 75 busy alanpay-debts "${here[@]}" --wait 0
	exec 9>&-
}

nobody() {
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# as_nobody STATUS TEXT WORDS...: only root can be another user
as_nobody() {
	STATUS=0
	nobody "$BIN/alanpay" "${@:3}" --home "$HOME_DIR" --date 2026-02-02 >"$WORK/out" 2>"$WORK/err" || STATUS=$?
	check "another user: ${*:3}: exit status" test "$STATUS" = "$1"
	check "another user: ${*:3}" grep -qF "$2" "$WORK/err"
}

check_owner() {
	if [[ $(id -u) != 0 ]]; then
		skip 'another user: needs root'
		return
	fi
	chmod 711 "$WORK"
	if ! nobody test -x "$BIN/alanpay" -a -d "$HOME_DIR/out"; then
		skip "another user: nobody may not enter ${BIN%/out/*} or ${WORK%/*}"
		return
	fi
	as_nobody 77 "this home belongs to root: sudo -u root alanpay status --home $HOME_DIR --date 2026-02-02" status
	chown -R 65534 "$HOME_DIR"
	chown 0 "$HOME_DIR/state/lock"
	as_nobody 74 "$HOME_DIR/state/lock: Permission denied (it belongs to root, mode 0600): give the whole home to its owner: \`sudo chown" debts
	touch "$HOME_DIR/inbox/bank/theirs.xml"
	chown -R 65534 "$HOME_DIR/state"
	chmod 600 "$HOME_DIR/inbox/bank/theirs.xml"
	as_nobody 3 'inbox/bank/theirs.xml: left where it is: Permission denied: its sender must let its group read it' reconcile
	rm "$HOME_DIR/inbox/bank/theirs.xml"
	chown 0 "$HOME_DIR/alanpay.ini"
	chmod 600 "$HOME_DIR/alanpay.ini"
	as_nobody 78 'alanpay.ini: Permission denied (it belongs to root, mode 0600): `sudo chmod 644 ' debts
	chown -R 0 "$HOME_DIR"
}

# --- programs that start others ---------------------------------------------------------------------------------------

check_chain() {
	local here=(--home "$HOME_DIR" --date 2026-02-02 --as scheduler)

	act alanpay run "${here[@]}" --format json
	check 'the stage that stopped a night says why' ended 78 configuration
	check_same 'the night is one document' '"stopped_at": "import",' "$(grep -o '"stopped_at": .*' "$WORK/out")"
	act alanpay debts "${here[@]}" --format jsonl
	check_same 'a stage is one document' '{"stage":"debts","date":"2026-02-02","dry_run":false,"exit_status":0,' \
		"$(grep -o '^.*"exit_status":0,' "$WORK/out")"
	act alanpay debts "${here[@]}" --format jsonl --quiet
	check 'a quiet stage prints nothing' says_nothing
}

# --- documents --------------------------------------------------------------------------------------------------------

is_json() {
	[[ $(sqlite3 -batch -init /dev/null :memory: "SELECT json_valid(readfile('$1'))") == 1 ]]
}

# document STATUS WORDS...: of alanpay; one document, and objects alone on standard error
document() {
	act alanpay "${@:2}" --home "$HOME_DIR" --date 2026-02-02 --format json
	check "${*:2} ends $1" test "$STATUS" = "$1"
	check "${*:2}: one document" is_json "$WORK/out"
	check "${*:2}: errors are objects" are_objects
}

write_requests() {
	local file=$WORK/declare_profile.web.20260202T180000Z.$1.jsonl

	printf '{"message_id":"m%s","app_id":"alan","app_user_id":"%s"}\n' "${@:2}" >"$file"
}

check_documents() {
	local mandate=(--debtor-name Ada --debtor-country FR --unique-mandate-reference R1 --signature-date 2026-01-02)

	write_requests 1 1 11 2 12
	write_requests 2 3 13 4 ' '
	: >"$WORK/declare_profile.web.20260202T180000Z.3.jsonl"
	document 0 requests validate "$WORK/declare_profile.web.20260202T180000Z.1.jsonl"
	check_same 'each answer is one of a dry run' 2 "$(grep -c '"dry_run": true' "$WORK/out")"
	document 65 requests validate "$WORK/declare_profile.web.20260202T180000Z.2.jsonl"
	document 65 requests submit "$WORK/declare_profile.web.20260202T180000Z.3.jsonl"
	check 'an empty file is refused' grep -q 'the file has no record' "$WORK/err"
	document 0 requests submit "$WORK/declare_profile.web.20260202T180000Z.1.jsonl"
	check 'the place of the file is printed beside it' grep -q 'is in the inbox' "$WORK/err"
	document 0 mandates declare "${ALAN[@]}" "${mandate[@]}" --debtor-iban FR7630006000011234567890189
	mandate=(--debtor-country FR --unique-mandate-reference R2 --signature-date 2026-01-02 --debtor-name - --debtor-iban -)
	printf 'Ada Lovelace\nFR7630006000011234567890189\nBob Byron\n' >"$WORK/lines"
	STDIN=$WORK/lines document 0 mandates declare "${ALAN[@]}" --ultimate-debtor - "${mandate[@]}"
	document 0 mandates list
	check 'lines of standard input have the order of --help' grep -q '"debtor_name": *"Ada Lovelace"' "$WORK/out"
	head -n 1 "$WORK/lines" >"$WORK/line"
	STDIN=$WORK/line act alanpay mandates declare "${ALAN[@]}" "${mandate[@]}" --home "$HOME_DIR" --date 2026-02-02
	check_same 'a mandate without its IBAN is refused' 65 "$STATUS"
	check 'a line is missing' grep -q 'standard input has no line for --debtor-iban' "$WORK/err"
	document 0 mandates unblock --unique-mandate-reference R2
	document 0 config validate
}

recorded() {
	sqlite3 -batch -init /dev/null -readonly "$HOME_DIR/state/alanpay.db" \
		"SELECT count(*) FROM credit_transfer WHERE bank_reference = '$1'"
}

# A person types money in euros; on a terminal twice.
check_money() {
	local here=(--home "$HOME_DIR" --date 2026-02-02)
	local words=(recovery record_credit_transfer "${ALAN[@]}" --booking-date 2026-02-02)

	act alanpay "${words[@]}" "${here[@]}" --bank-reference M1 --amount 12.50
	check 'euros' grep -q '12\.50' "$WORK/out"
	act alanpay "${words[@]}" "${here[@]}" --bank-reference M2 --amount ' 0 234,5'
	check 'as people write them' grep -q '234\.50' "$WORK/out"
	act alanpay "${words[@]}" "${here[@]}" --bank-reference M3 --amount 12.505
	check_same 'no third decimal' 64 "$STATUS"
	act alanpay "${words[@]}" "${here[@]}" --bank-reference M3
	check_same 'an amount is required' 64 "$STATUS"
	act alanpay "${words[@]}" "${here[@]}" --bank-reference M3 --amount 1 --amount-cents 100
	check_same 'one of both' 64 "$STATUS"
	act alanpay transactions request-external "${ALAN[@]}" "${here[@]}" --transaction-date 2026-02-02 --external-transaction-id m1
	check_same 'of a request too' 64 "$STATUS"
	act alanpay transactions request-external "${ALAN[@]}" "${here[@]}" --transaction-date 2026-02-02 --external-transaction-id m1 \
		--amount 1.5 --dry-run
	check_same 'a request in euros' 0 "$STATUS"
	script -qec true /dev/null >/dev/null 2>&1 || return 0
	printf '12.50\n' | script -qec "'$BIN/alanpay' ${words[*]} ${here[*]} --bank-reference M4 --amount 12.50" /dev/null >"$WORK/out" 2>&1
	check 'on a terminal it is printed back' grep -q 'The amount is 12\.50 EUR' "$WORK/out"
	check 'and stored once it is typed again' test "$(recorded M4)" = 1
	printf '1250\n' | script -qec "'$BIN/alanpay' ${words[*]} ${here[*]} --bank-reference M5 --amount 12.50" /dev/null >"$WORK/out" 2>&1 ||
		true
	check 'another amount is refused' grep -q 'is another amount: nothing was stored' "$WORK/out"
	check 'and not stored' test "$(recorded M5)" = 0
}

check_text() {
	act alanpay swan sync_transactions --help
	check_same 'the help of another name of a stage' 'Usage: alanpay swan sync_transactions [OPTION...]' \
		"$(head -n 1 "$WORK/out")"
	act alanpay query get_profile --format csv
	check_same 'other formats have text' 'alanpay query get_profile: --app-id APP is required: application' \
		"$(cat "$WORK/err")"
}

cd "$ROOT"
make_home
check_usage
check_kinds
check_world
check_owner
check_chain
check_documents
check_money
check_text
sum_up
