#!/usr/bin/env bash
# check_delivery.sh: notifications sent over HTTP to a fake receiver with faults: nobody is notified under two keys, nobody is
# forgotten, and the next run goes on where the receipts end.
# usage: check_delivery.sh BINDIR [all]
# The home is that of the night case `notices` in the night after its freeze: six notifications, in chunks of two. Kills are at
# the fault points that crash.sh would choose, at every one with `all`.
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
FAKEAPP=${BIN%/bin}/tests/fakeapp/fakeapp
[[ -x $FAKEAPP ]] || FAKEAPP=$ROOT/out/build/release/tests/fakeapp/fakeapp
FAULTY=$ROOT/out/build/faults/bin
SECRET=a-secret-that-nobody-may-see
DAY=2026-03-05
NOW=2026-03-05T02:30:00Z
BATCH=out/notifications/$DAY/alan_pay__recovery_session-1.jsonl
server=
said=0

stop() {
	[[ -z $server ]] || { kill "$server" && wait "$server"; } 2>/dev/null || true
	server=
}

# serve OPTION...: the fake receiver, until the next one; what it took before it still has.
serve() {
	stop
	rm -f "$WORK/ready"
	mkfifo "$WORK/ready"
	"$FAKEAPP" --secret "$SECRET" --keep "$WORK/taken" --log "$WORK/log" "$@" >"$WORK/ready" &
	server=$!
	read -r URL <"$WORK/ready"
}

# forget: the receiver begins with nothing.
forget() {
	rm -rf "$WORK/taken" "$WORK/log"
	mkdir "$WORK/taken"
	touch "$WORK/log"
}

# send_to URL [LINE...]: [notifications] of the home.
send_to() {
	{
		printf '%s\n' "$CONFIG" '[notifications]' 'mode = http' "url = $1" "hmac_secret_file = $WORK/secret" \
			'chunk = 2' 'first_pause_ms = 1' 'tries = 3'
		[[ $# == 1 ]] || printf '%s\n' "${@:2}"
	} >"$HOME_DIR/alanpay.ini"
}

# home NAME [LINE...]: a home in which nobody is notified yet.
home() {
	HOME_DIR=$WORK/$1
	rm -rf "$HOME_DIR"
	cp -a "$WORK/ready_home" "$HOME_DIR"
	send_to "${URL:-}/push" "${@:2}"
}

# act ARGUMENT...: sets STATUS and SAID.
act() {
	SAID=$WORK/said/$((said += 1))
	STATUS=0
	"${PROGRAMS:-$BIN}/alanpay" "$@" --home "$HOME_DIR" --date "$DAY" --now "$NOW" --as scheduler >"$SAID" 2>&1 || STATUS=$?
}

# What the receiver took, each key once, in the order of the keys, is the batch.
is_whole() {
	local key

	for key in $(ask_books "SELECT '0000a1a9-' || batch_number || '-' || nth FROM notification_chunk ORDER BY number"); do
		cat "$WORK/taken/$key"
	done | cmp - "$HOME_DIR/$BATCH" && ! grep violation "$WORK/log" &&
		[[ $(find "$WORK/taken" -type f | wc -l) == "$(ask_books 'SELECT count(*) FROM notification_chunk')" ]]
}

# states: how many notifications are in each state.
states() {
	ask_books "SELECT group_concat(state || ' ' || n, ', ') FROM (SELECT state, count(*) AS n FROM notification
		WHERE name = 'alan_pay__recovery_session' GROUP BY state ORDER BY state)"
}

audit_agrees() {
	act audit
	ended 0
}

# good FAULT [LINE]: the delivery succeeds in spite of the fault, and sends nothing the second time.
good() {
	local requests

	forget
	serve --fault "$1"
	home home "${@:2}"
	act notify
	check "$1: notify ends well" ended 0
	check "$1: the receiver has the batch, each key once" is_whole
	check_same "$1: all members are notified" 'accepted 6' "$(states)"
	requests=$(wc -l <"$WORK/log")
	act notify
	check "$1: the second run ends well" ended 0
	check_same "$1: and sends nothing" "$requests" "$(wc -l <"$WORK/log")"
	check "$1: the audit agrees" audit_agrees
}

# bad SENTENCE FAULT STATES [LINE]: the delivery fails, alone with 69, and the next run goes on.
bad() {
	forget
	serve --fault "$2"
	home home "${@:4}"
	act notify
	check "$2: exit 69" ended 69
	check "$2: says '$1'" says "$1"
	check "$2: the batch is published" test -s "$HOME_DIR/$BATCH"
	check_same "$2: what has no receipt is pending" "$3" "$(states)"
	check "$2: the audit agrees" audit_agrees
	serve
	send_to "$URL/push"
	act notify
	check "$2: the next run ends well" ended 0
	check "$2: then the receiver has the batch, each key once" is_whole
	check_same "$2: all members are notified" 'accepted 6' "$(states)"
}

# odd STATUS FAULT STATES SENTENCE: answers that a person should look at.
odd() {
	forget
	serve --fault "$2"
	home home
	act notify
	check "$2: exit $1" ended "$1"
	check "$2: says '$4'" says "$4"
	check "$2: the receiver has the batch, each key once" is_whole
	check_same "$2: every notification has a state" "$3" "$(states)"
	check "$2: the audit agrees" audit_agrees
}

try_faults() {
	good 500@2
	good half@2
	good 503after@1
	good 429after@3
	good truncated@2
	good reset@1
	good 'gzip@*'
	good 'twice@*'
	good slow@2
	good hang@2 'timeout_seconds = 1'
	bad 'HTTP 500' '500@*' 'pending 6'
	bad 'HTTP 500' '500@2x9' 'accepted 2, pending 4'
	bad 'HTTP 500' 'half@2x9' 'accepted 2, pending 4'
	bad 'HTTP 429' '429long@2' 'accepted 2, pending 4'
	bad 'no complete answer' 'truncated@*' 'pending 6'
	bad 'no complete answer' 'hang@*' 'pending 6' 'timeout_seconds = 1'
	bad 'HTTP 401: it rejects our signature: check hmac_secret_file in [notifications]' '401@2x9' 'accepted 2, pending 4'
	bad 'HTTP 404: check url in [notifications]' '404@*' 'pending 6'
	bad 'HTTP 400' '400@2' 'accepted 4, pending 2'
	bad 'HTTP 413' '413@2' 'accepted 4, pending 2'
	bad 'a redirect, which is not followed' 'redirect@*' 'pending 6'
	bad 'the answer cannot be read (line 1: ' 'html@2' 'accepted 4, pending 2'
	bad 'not delivered yet' 'empty@2' 'accepted 4, pending 2'
	bad 'not delivered yet' 'missing@3' 'accepted 5, pending 1'
	odd 0 'reject@2' 'accepted 5, refused 1' '1 notification refused by its receiver'
	odd 3 'unknown@2' 'accepted 6' '1 exception opened'
	odd 3 'contradict@2' 'accepted 6' '1 exception opened'
}

# A night goes on when nobody listens: what follows notify is not lost, and what was not delivered is delivered by the next run.
try_night() {
	forget
	serve
	home home
	stop
	act run --from notify
	check 'without a receiver the night ends 3' ended 3
	check 'and exports' test -e "$HOME_DIR/out/exports/$DAY/balances.csv"
	check 'and is audited' says 'claims proved'
	check_same 'nobody is notified' 'pending 6' "$(states)"
	act sepa release --file 0000a1a9-20260228-1-D1
	check 'and no file can be released' says '3 without a receipt'
	serve
	send_to "$URL/push"
	act notify
	check 'the next run delivers' ended 0
	check 'each key once' is_whole
	check 'and publishes the receipts' test "$(wc -l <"$HOME_DIR/out/notifications/$DAY/receipts.jsonl")" = 6
	act sepa show --file 0000a1a9-20260228-1-D1 --format json
	check 'finance sees the proof' says '"by_receipt": 3'
}

# What is over is not sent.
try_expiry() {
	forget
	serve
	home home
	stop
	act notify
	check 'without a receiver notify ends 69' ended 69
	check 'a dry run says nothing of it' says 'not delivered yet'
	serve
	send_to "$URL/push"
	DAY=2026-03-10 NOW=2026-03-10T02:30:00Z
	act notify
	DAY=2026-03-05 NOW=2026-03-05T02:30:00Z
	check 'on the day of the collection notify ends well' ended 0
	check_same 'and the notifications have expired' 'expired 6' "$(states)"
	check 'nothing was sent' test ! -s "$WORK/log"
}

# A chunk keeps its lines when the configuration changes.
try_other_chunk() {
	forget
	serve --fault 500@2x9
	home home
	act notify
	serve
	send_to "$URL/push" 'max_lines = 3'
	sed -i 's/^chunk = 2/chunk = 5/' "$HOME_DIR/alanpay.ini"
	act notify
	check 'another chunk size: the rest is delivered' ended 0
	check 'under the same keys' is_whole
}

try_rules() {
	forget
	serve
	home home
	act notify --dry-run
	check 'a dry run ends well' ended 0
	check 'and sends nothing' test ! -s "$WORK/log"
	chmod 644 "$WORK/secret"
	act notify
	chmod 600 "$WORK/secret"
	check 'a secret that others can read is refused' ended 78
	check 'with what to do' says 'chmod 600'
	sed -i '/^url/d' "$HOME_DIR/alanpay.ini"
	act config validate
	check 'without url the configuration is not valid' says 'mode = http requires url'
	home home
	sed -i 's/^name = test$/name = production/' "$HOME_DIR/alanpay.ini"
	act config validate
	check 'outside of a test home http is refused' says 'url: '
	serve --socket "$WORK/socket"
	home home
	act notify
	check 'over a UNIX socket the delivery ends well' ended 0
	check 'with the batch' is_whole
}

# certified SUBJECT: a server with a certificate that nobody signed.
certified() {
	local port=0 pid line

	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$WORK/key" -out "$WORK/cert" -days 30 -subj /CN=fake \
		-addext "subjectAltName=$1" 2>/dev/null
	rm -f "$WORK/ready"
	mkfifo "$WORK/ready"
	openssl s_server -accept 127.0.0.1:0 -key "$WORK/key" -cert "$WORK/cert" -www >"$WORK/ready" 2>/dev/null &
	pid=$!
	while read -r line; do
		[[ $line =~ ^ACCEPT.*:([0-9]+)$ ]] && port=${BASH_REMATCH[1]} && break
	done <"$WORK/ready"
	home home
	send_to "https://127.0.0.1:$port/push"
	act notify
	kill "$pid"
	check "a certificate for $1 that does not verify ends 69" ended 69
	check "$1: the message says so" says 'certificate does not verify'
	check_same "$1: nobody is notified" 'pending 6' "$(states)"
}

try_certificates() {
	if ! command -v openssl >/dev/null; then
		skip 'certificates: openssl is not here'
		return
	fi
	certified IP:127.0.0.1
	certified DNS:another.example
}

# --- kills --------------------------------------------------------------------------------------------------------------

print_state() {
	print_books "$HOME_DIR"
	print_published "$HOME_DIR"
	print_leftovers "$HOME_DIR"
	cat "$HOME_DIR/out/notifications/$DAY/receipts.jsonl"
}

kill_at() {
	local n=$1

	forget
	home killed
	{ ALANPAY_FAULT=$n act notify; } 2>/dev/null
	[[ $STATUS == 137 ]] || return 1
	act notify
	check "killed at point $n (${NAMES[n - 1]:-}), the receiver has the batch in the end, each key once" is_whole
	check_same "killed at point $n (${NAMES[n - 1]:-}), it ends as if it never was" "$state" "$(print_state)"
}

try_kills() {
	local n state

	PROGRAMS=$FAULTY
	forget
	serve
	home undisturbed
	ALANPAY_FAULT=list act notify
	check 'a delivery ends well with fault points too' ended 0
	read_names "$SAID"
	state=$(print_state)
	choose_points
	[[ -z $ALL ]] || mapfile -t SAMPLE < <(seq ${#NAMES[@]})
	for n in "${SAMPLE[@]}"; do
		kill_at "$n" || check "a delivery is killed at point $n" false
	done
	check 'a delivery passes enough points to be killed at' test ${#NAMES[@]} -ge 20
	unset PROGRAMS
}

hides_the_secret() {
	! grep -rlF -e "$SECRET" "$WORK/said" "$WORK/home/state" "$WORK/home/out" "$WORK/log"
}

make_ready() {
	local step on now text

	HOME_DIR=$WORK/ready_home
	make_home "$BIN" notices "$HOME_DIR"
	while read -r step on now _ text; do
		drop_inputs notices "$step" "$HOME_DIR"
		set_words notices "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" notices "$step" "$HOME_DIR" >"$WORK/output" || true
	done < <(print_steps notices | sed '/^04-notified/,$d')
	CONFIG=$(sed '/^\[notifications\]/,/^$/d' "$HOME_DIR/alanpay.ini")
	for text in alice bob; do
		"$BIN/alanpay" sepa approve --file 0000a1a9-20260228-1-D1 --count 3 --total 103.40 --as "$text" --home "$HOME_DIR" \
			--date "$DAY" --now "$NOW" >"$WORK/output"
	done
}

make_work
trap 'stop; rm -rf "$WORK"' EXIT
mkdir "$WORK/said"
(umask 077 && printf '%s\n' "$SECRET" >"$WORK/secret")
make_ready
try_faults
try_night
try_expiry
try_other_chunk
try_rules
try_certificates
if [[ -x $FAULTY/alanpay-notify && $BIN != */san/bin ]]; then
	try_kills
else
	skip 'kills: no programs with fault points, or too slow'
fi
check 'the secret is nowhere' hides_the_secret
sum_up
