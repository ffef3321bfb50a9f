#!/usr/bin/env bash
# check_swan.sh: the import against a fake Swan with faults: it publishes the list of the fake Swan byte for byte, or it says
# why not, stores nothing, and the next import loses nothing.
# usage: check_swan.sh BINDIR [all]
# Kills are at the fault points that crash.sh would choose, at every one with `all`.
# The world is that of tests/fakeswan; one day of it is some hundred transactions, eight pages. Kills want the programs with
# fault points, the certificate wants openssl, the progress line wants script: what is not there is skipped.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"
# shellcheck source=tests/said.sh
. "$(dirname "$0")/said.sh"
# shellcheck source=tests/kills.sh
. "$(dirname "$0")/kills.sh"

BIN=$(cd "$1" && pwd)
ALL=${2:-}
FAULTY=$ROOT/out/build/faults/bin
SECRET=a-secret-that-nobody-may-see
WORLD=(--members 40 --transactions 8000 --start 2026-01-25 --days 12 --secret "$SECRET")
DAY=2026-02-03
NOW=2026-02-03T02:30:00Z
FROM=2026-02-01T23:00:00Z
TO=2026-02-02T23:00:00Z

make_work
trap 'stop_swan; rm -rf "$WORK"' EXIT
# shellcheck source=tests/fakeswan.sh
. "$(dirname "$0")/fakeswan.sh"
mkdir "$WORK/said" "$WORK/lists"
make_home "$BIN" month "$WORK/empty"
CONFIG=$(sed '/^\[swan\]/,$d' "$WORK/empty/alanpay.ini")
(umask 077 && printf '%s\n' "$SECRET" >"$WORK/secret")

# serve NOW OPTION...: the fake Swan, until the next one.
serve() {
	serve_swan "${WORLD[@]}" --log "$WORK/log" --now "$@"
}

# home NAME [LINE...]: an empty one that asks the fake Swan, from the first of the two days on.
home() {
	HOME_DIR=$WORK/$1
	shift
	rm -rf "$HOME_DIR"
	cp -a "$WORK/empty" "$HOME_DIR"
	ask_here "$@"
}

# ask_here [LINE...]: the rest of the home's [swan].
ask_here() {
	{
		printf '%s\n' "$CONFIG" '[swan]' "endpoint = $URL/graphql" "oauth_endpoint = $URL/oauth2/token" \
			'client_id = fakeswan' "client_secret_file = $WORK/secret" 'first_pause_ms = 1' 'requests_per_5_minutes = 2000'
		[[ "$*" == *start_date* ]] || echo 'start_date = 2026-02-02'
		[[ $# == 0 ]] || printf '%s\n' "$@"
	} >"$HOME_DIR/alanpay.ini"
}

# import [OPTION...]: sets STATUS and SAID; all that is ever said is kept, to be searched for the secret.
import() {
	SAID=$WORK/said/$((said += 1))
	STATUS=0
	"${PROGRAMS:-$BIN}/alanpay" import --home "$HOME_DIR" --date "$DAY" --now "$NOW" --as scheduler "$@" >"$SAID" 2>&1 || STATUS=$?
}
said=0

# What the fake Swan says its window is.
list() {
	"$FAKESWAN" "${WORLD[@]}" --now "$NOW" "$@" 2>/dev/null
}

# whole FAULT...: both files are the fake Swan's list.
whole() {
	local -a faults=()
	local fault

	for fault; do
		faults+=(--fault "$fault")
	done
	list "${faults[@]}" --list transactions --from "$FROM" --to "$TO" >"$WORK/transactions"
	list "${faults[@]}" --list payment_supports >"$WORK/supports"
	[[ $(wc -l <"$WORK/transactions") -gt 300 ]] &&
		cmp "$WORK/transactions" "$HOME_DIR/out/$DAY/transactions.csv" &&
		cmp "$WORK/supports" "$HOME_DIR/out/$DAY/payment_supports.csv"
}

# No file, no row, no watermark; only what is being asked for.
nothing_kept() {
	[[ ! -e $HOME_DIR/out/$DAY ]] || [[ -z $(find "$HOME_DIR/out/$DAY" -type f) ]] || {
		find "$HOME_DIR/out/$DAY" -type f
		return 1
	}
	[[ $(ask_books 'SELECT (SELECT count(*) FROM import_window) + (SELECT count(*) FROM exception)
		+ (SELECT count(*) FROM artifact)') == 0 ]]
}

# --- each fault ---------------------------------------------------------------------------------------------------

# good FAULT [LINE]: the import succeeds in spite of the fault.
good() {
	serve "$NOW" --fault "$1"
	home home "${@:2}"
	import
	check "$1: the import ends well" ended 0
	check "$1: the files are Swan's list" whole "$1"
}

# bad STATUS SENTENCE FAULT [LINE]: the import fails and says so; without the fault the next one goes on as usual.
bad() {
	serve "$NOW" --fault "$3"
	home home "${@:4}"
	import
	check "$3: exit $1" ended "$1"
	check "$3: says '$2'" says "$2"
	check "$3: nothing is stored" nothing_kept
	serve "$NOW"
	ask_here
	import
	check "$3: the next import ends well" ended 0
	check "$3: and has lost nothing" whole
}

try_faults() {
	local fault

	for fault in 500 502html@2x3 503@12 429@4 429after@5 429date@5 errors@6 partial@7 truncated@6 reset@7 slow@5 \
		expired@6 unauthorized@6 lying@3 shortlife oauth500 oauthhtml echo@4 duplicates empty@6 chunked@* gzip@* \
		notjson@6 latin1@6 nullcursor@6 moving@6 moving@6x150 moving@6x30 moving-always@1x3 growing@6 enums nomerchant nulluser; do
		good "$fault"
	done
	good hang@6 'timeout_seconds = 1'
}

give_up() {
	bad 69 'HTTP 500; run this again later' '500@*'
	bad 69 'HTTP 502' '502html@*'
	bad 69 'HTTP 429' '429@*'
	bad 69 'Swan answered with errors' 'errors@*'
	bad 69 'Swan answered with errors' 'partial@*'
	bad 69 '[secret]' 'echo@*'
	bad 69 'no complete answer' 'truncated@*'
	bad 69 'no complete answer' 'reset@*'
	bad 69 'no complete answer' 'hang@*' 'timeout_seconds = 1' 'tries = 2'
	bad 69 'HTTP 500' 'oauth500@1x9'
	bad 69 'but shows' lost
	bad 69 'leads back to itself' 'stuck@6'
	bad 69 'but has no cursor' 'nullcursor@6x9'
	bad 65 'no end after' 'endless@6'
	bad 65 'cannot be read (malformed_json' 'notjson@*'
	bad 65 'larger than 16 MB' 'huge@6'
	bad 65 'Swan rejected the query' '400@6'
	bad 65 'ForbiddenRejection: Not for you' rejection@6
	bad 65 'this is not a token' 'oauthhtml@1x9'
	bad 78 'check that endpoint' '403@6'
	bad 78 'a redirect, which is not followed' 'redirect@6'
	bad 78 'check client_id and client_secret_file' badsecret
	bad 78 'check client_id and client_secret_file' oauthecho
	bad 78 'does not accept it' 'unauthorized@6x2'
}

# Amounts that are not valid become exceptions; all else is imported.
hold_amounts() {
	local fault held

	for fault in decimals@4000x400 usd@4000x400 exponent@4000x400 comma@4000x400 negative@4000x400; do
		serve "$NOW" --fault "$fault"
		home home
		import
		check "$fault: exit 3" ended 3
		check "$fault: all the others are Swan's list" whole "$fault"
		held=$(ask_books "SELECT count(*) FROM exception WHERE kind = 'swan_node' AND code = 'invalid_amount'
			AND state = 'open' AND record LIKE '{%}'")
		check "$fault: they are held" test "$held" -gt 0
		check_same "$fault: together they are what Swan counts" \
			"$(list --list transactions --from "$FROM" --to "$TO" | sqlite3 -batch -init /dev/null :memory: \
				'.mode csv' '.import /dev/stdin t' 'SELECT count(*) FROM t')" \
			"$((held + $(ask_books 'SELECT transactions FROM import_window')))"
	done
}

# Bytes that are not UTF-8, even when the page is asked for again: one node of each page is held, all the others are imported.
hold_latin1() {
	serve "$NOW" --fault 'latin1@*'
	home home
	import
	check 'latin1@*: exit 3' ended 3
	check_same 'latin1@*: a transaction of each page is held, whole' \
		"$(ask_books "SELECT (transactions + 99) / 100 FROM import_window")" \
		"$(ask_books "SELECT count(*) FROM exception WHERE kind = 'swan_node' AND code = 'invalid_text'
			AND record LIKE '{%\xE9%}' AND record LIKE '%CardTransaction%'")"
	check_same 'latin1@*: together they are what Swan counts' \
		"$(list --list transactions --from "$FROM" --to "$TO" | sqlite3 -batch -init /dev/null :memory: \
			'.mode csv' '.import /dev/stdin t' 'SELECT count(*) FROM t')" \
		"$(ask_books "SELECT transactions + (SELECT count(*) FROM exception WHERE record LIKE '%\"side\"%') FROM import_window")"
}

# --- nights -------------------------------------------------------------------------------------------------------

# Every window that the books have is Swan's list of it, and each begins before the end of the one before.
windows_are_whole() {
	local path from to last=

	while IFS='|' read -r path from to; do
		[[ -z $last || $from < $last ]] || return 1
		last=$to
		list --list transactions --from "$from" --to "$to" >"$WORK/transactions"
		cmp "$WORK/transactions" "$HOME_DIR/$path" || return 1
	done < <(ask_books "SELECT transactions_path, strftime('%Y-%m-%dT%H:%M:%fZ', from_at / 1000.0, 'unixepoch'),
		strftime('%Y-%m-%dT%H:%M:%fZ', to_at / 1000.0, 'unixepoch') FROM import_window
		WHERE transactions_path IS NOT NULL AND business_on = '$DAY' ORDER BY number")
	[[ -n $last ]]
}

# The latest version of each transaction, over all files, is that of the world.
nothing_is_lost() {
	local file

	head -n 1 "$WORK/world" >"$WORK/header"
	{
		echo .mode csv
		echo ".import $WORK/world world"
		echo ".import $WORK/header seen"
		for file in "$HOME_DIR"/out/*/transactions*.csv; do
			echo ".import --skip 1 $file seen"
		done
		cat <<-'END'
			CREATE INDEX seen_by_id ON seen (id, updated_at);
			DELETE FROM seen WHERE EXISTS (SELECT 1 FROM seen s WHERE s.id = seen.id AND s.updated_at > seen.updated_at);
			SELECT count(*) > 1000 FROM world;
			SELECT count(*) FROM (SELECT * FROM world EXCEPT SELECT * FROM seen);
			SELECT count(*) FROM (SELECT * FROM seen EXCEPT SELECT * FROM world);
		END
	} >"$WORK/compare.sql"
	[[ $(sqlite3 -batch -init /dev/null :memory: <"$WORK/compare.sql" | tr '\n' ' ') == '1 0 0 ' ]]
}

play_nights() {
	serve 2026-01-30T02:30:00Z
	home nights 'start_date = 2026-01-25'
	DAY=2026-01-30 NOW=2026-01-30T02:30:00Z
	import
	check 'the first night ends well' ended 0
	check 'its backlog is cut into days' test "$(ask_books 'SELECT count(*) FROM import_window')" = 5
	check 'each day of the backlog is Swan'"'"'s list' windows_are_whole
	for DAY in 2026-01-31 2026-02-01 2026-02-04; do
		NOW=${DAY}T02:30:00Z
		serve "$NOW" --fault duplicates --fault '500@4'
		ask_here 'start_date = 2026-01-25'
		import
		check "the night of $DAY ends well" ended 0
	done
	NOW=2026-02-04T09:15:00.500Z
	serve "$NOW"
	ask_here 'start_date = 2026-01-25'
	SAID=$WORK/said/$((said += 1))
	STATUS=0
	"$BIN/alanpay" swan sync_transactions --csv-only --home "$HOME_DIR" --date "$DAY" --now "$NOW" >"$SAID" 2>&1 || STATUS=$?
	check 'sync_transactions comes up to a minute ago' ended 0
	list --list transactions --from 2026-01-24T23:00:00Z --to 2026-02-04T09:14:00.500Z >"$WORK/world"
	check 'over all nights no transaction is lost or changed' nothing_is_lost
	"$BIN/alanpay" swan sync_payment_supports --csv-only --home "$HOME_DIR" --date "$DAY" --now "$NOW" >"$SAID" 2>&1 || STATUS=$?
	check 'sync_payment_supports ends well' ended 0
	check 'and has no window of transactions' test -e "$HOME_DIR/out/$DAY/payment_supports-2.csv"
	check_same 'nor asks for any' 1 "$(ask_books 'SELECT count(*) FROM import_window WHERE transactions_path IS NULL')"
	"$BIN/alanpay" post --home "$HOME_DIR" --date "$DAY" --now "$NOW" >"$SAID" 2>&1 || STATUS=$?
	check 'post reads all of it' says 'transactions read'
	"$BIN/alanpay" audit --full --home "$HOME_DIR" --date "$DAY" --now "$NOW" >"$SAID" 2>&1 || STATUS=$?
	check 'and the audit agrees' says 'claims proved'
	DAY=2026-02-03 NOW=2026-02-03T02:30:00Z
}

run_again() {
	local calls

	serve "$NOW"
	home home
	import --dry-run
	check 'a dry run ends well' ended 0
	check 'a dry run reports what would be imported' says 'transactions'
	check 'a dry run stores nothing' nothing_kept
	import
	calls=$(grep -c . "$WORK/log")
	print_books "$HOME_DIR" >"$WORK/books"
	import
	check 'the second import ends well' ended 0
	check 'the second import asks nothing' test "$(grep -c . "$WORK/log")" = "$calls"
	check 'the second import changes no row' diff "$WORK/books" <(print_books "$HOME_DIR")
}

# --- recordings ---------------------------------------------------------------------------------------------------

replay() {
	serve "$NOW" --fault 'moving@9' --fault '500@3' --fault 'decimals@4000x30'
	home home 'start_date = 2026-01-31'
	import --record "$WORK/recording"
	check 'an import can be recorded' ended 3
	print_books "$HOME_DIR" >"$WORK/books"
	print_published "$HOME_DIR" >"$WORK/published"
	stop_swan
	home home 'start_date = 2026-01-31'
	import --fixtures "$WORK/recording"
	check 'and played again' ended 3
	check 'with the same rows' diff "$WORK/books" <(print_books "$HOME_DIR")
	check 'and the same bytes' diff "$WORK/published" <(print_published "$HOME_DIR")
	home home 'start_date = 2026-01-31'
	import --record "$WORK/recording"
	check 'a recording is not overwritten' ended 73
	cp -R "$WORK/recording" "$WORK/broken"
	rm "$WORK"/broken/*--2026-02-01T23:00:00.000Z/transactions-000001.json
	home home 'start_date = 2026-01-31'
	import --fixtures "$WORK/broken"
	check 'a recording with a page missing is refused' ended 65
}

# --- kills ----------------------------------------------------------------------------------------------------------

print_state() {
	print_books "$HOME_DIR"
	print_published "$HOME_DIR"
	print_leftovers "$HOME_DIR"
}

# kill_at N: killed there and run again, it ends as if it never was. False when there is no such point.
kill_at() {
	local n=$1

	shift
	home killed "$start"
	{ ALANPAY_FAULT=$n import "$@"; } 2>/dev/null
	[[ $STATUS == 137 ]] || return 1
	import "$@"
	check_same "$what, killed at point $n (${NAMES[n - 1]:-}) and run again, ends as if it never was" "$state" \
		"$(print_state)"
}

# kill_import WHAT LEAST START STATUS OPTION...: it passes at least so many points.
kill_import() {
	local what=$1 least=$2 start="start_date = $3" status=$4 n state

	shift 4
	PROGRAMS=$FAULTY
	home undisturbed "$start"
	ALANPAY_FAULT=list import "$@"
	check "$what ends well with fault points too" ended "$status"
	read_names "$SAID"
	state=$(print_state)
	choose_points
	[[ -z $ALL ]] || mapfile -t SAMPLE < <(seq ${#NAMES[@]})
	for n in "${SAMPLE[@]}"; do
		kill_at "$n" "$@" || check "$what is killed at point $n" false
	done
	check "$what passes enough points to be killed at" test ${#NAMES[@]} -ge "$least"
	kill_at $((${#NAMES[@]} + 1)) "$@" || true
	check "$what then ends without a kill" ended "$status"
	unset PROGRAMS
}

# --- the way to Swan ------------------------------------------------------------------------------------------------

over_a_socket() {
	serve "$NOW" --socket "$WORK/socket"
	home home
	import
	check 'over a UNIX socket the import ends well' ended 0
	check 'over a UNIX socket the files are Swan'"'"'s list' whole
}

# consult [OPTION]: doctor, on that day
consult() {
	SAID=$WORK/said/$((said += 1))
	STATUS=0
	"$BIN/alanpay" doctor --home "$HOME_DIR" --date "$DAY" --now "$NOW" "$@" >"$SAID" 2>&1 || STATUS=$?
}

keep_to_the_rules() {
	serve "$NOW"
	home home
	change_environment "$HOME_DIR" production
	"$BIN/alanpay" import --home "$HOME_DIR" >"$SAID" 2>&1 || STATUS=$?
	check 'outside of a test home http is refused' ended 78
	check 'with the line' says 'alanpay.ini:'
	home home
	consult --online
	check 'doctor gets a token' ended 0
	check 'and says so' says 'gave a token'
	sed -i 's/^client_id = .*/client_id = another/' "$HOME_DIR/alanpay.ini"
	consult --online
	check 'doctor: credentials that Swan does not know' ended 78
	check 'are what fails' grep -qE '^FAIL +swan ' "$SAID"
	consult
	check 'doctor does not ask without --online' ended 0
	home home
	chmod 644 "$WORK/secret"
	import
	check 'a secret that others can read is refused' ended 78
	check 'with what to do' says 'chmod 600'
	chmod 600 "$WORK/secret"
	sed -i '/^client_id/d' "$HOME_DIR/alanpay.ini"
	import
	check 'without a client id nothing is asked' ended 78
	check 'and it says which' says 'client_id in [swan]'
	check 'nothing was asked for against the rules' test -z "$(grep violation "$WORK/log")"
}

# A server with a certificate that nobody signed.
try_certificate() {
	local port=0 pid

	if ! command -v openssl >/dev/null; then
		skip 'certificates: openssl is not here'
		return
	fi
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/key" -out "$WORK/cert" -days 30 -subj /CN=fake \
		-addext subjectAltName=IP:127.0.0.1 2>/dev/null
	rm -f "$WORK/ready"
	mkfifo "$WORK/ready"
	openssl s_server -accept 127.0.0.1:0 -key "$WORK/key" -cert "$WORK/cert" -www >"$WORK/ready" 2>/dev/null &
	pid=$!
	while read -r line; do
		[[ $line =~ ^ACCEPT.*:([0-9]+)$ ]] && port=${BASH_REMATCH[1]} && break
	done <"$WORK/ready"
	URL=https://127.0.0.1:$port
	home home
	import
	kill "$pid"
	check 'a certificate that does not verify ends 78' ended 78
	check 'and the message says so' says 'certificate does not verify'
}

show_progress() {
	if ! script -qec true /dev/null >/dev/null 2>&1; then
		skip 'the progress line: no terminal can be had from script'
		return
	fi
	serve "$NOW"
	home home
	script -qec "'$BIN/alanpay' import --home '$HOME_DIR' --date $DAY --now $NOW" /dev/null >"$WORK/said/terminal" \
		</dev/null
	SAID=$WORK/said/terminal
	check 'on a terminal the pages are shown' says 'transactions of 2026-02-02: '
	check 'and the summary' says 'payment supports imported, '
	check 'elsewhere they are not' test -z "$(grep -l $'\r' "$WORK"/said/[0-9]*)"
}

check_limits() {
	serve "$NOW"
	home home
	import
	for how in '' --live; do
		STATUS=0
		SAID=$WORK/said/limits$how
		# shellcheck disable=SC2086 # one word or none
		"$BIN/alanpay" swan check_spending_limits $how --home "$HOME_DIR" --date "$DAY" --now "$NOW" >"$SAID" 2>&1 ||
			STATUS=$?
		check "check_spending_limits $how ends 3" ended 3
		cp "$HOME_DIR/out/$DAY/spending_limits.csv" "$WORK/limits$how.csv"
	done
	check 'Swan itself and the snapshot have the same limits' diff "$WORK/limits.csv" "$WORK/limits--live.csv"
	check 'and it stores no window' test "$(ask_books 'SELECT count(*) FROM import_window')" = 1
}

hides_the_secret() {
	! grep -rlF -e "$SECRET" "$WORK/said" "$WORK/nights" "$WORK/home/state" "$WORK/home/out" "$WORK/log" "$WORK/recording"
}

hides_the_tokens() {
	! grep -rlE 'Bearer [^[]' "$WORK/said" "$WORK/nights" "$WORK/home/state" "$WORK/recording"
}

try_faults
give_up
hold_amounts
hold_latin1
play_nights
run_again
replay
over_a_socket
keep_to_the_rules
try_certificate
show_progress
check_limits
if [[ -x $FAULTY/alanpay-import && $BIN != */san/bin ]]; then
	serve "$NOW"
	kill_import 'the import' 40 2026-02-01 0
	kill_import 'a replay' 30 2026-01-31 3 --fixtures "$WORK/recording"
else
	skip 'kills: no programs with fault points, or too slow'
fi
check 'the secret is nowhere' hides_the_secret
check 'nor is a token' hides_the_tokens
sum_up
