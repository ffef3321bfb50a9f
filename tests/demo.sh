#!/usr/bin/env bash
# demo.sh: a small month, from declared members to returned debits, without network. See `make demo`.
#
# The world is the night case `month`. The collecting stage is killed once, between its commit and its file, and run
# again: that needs one program of the build with fault points.
set -euo pipefail
cd "$(dirname "$0")/.."

PATH=$PWD/out/bin:$PATH
DEMO=$PWD/out/demo
HOME_DIR=$DEMO/home
LOG=$DEMO/log
WORLD=$PWD/fixtures/nights/month/drop
KILLED=$PWD/out/build/faults/bin/alanpay-collect
FILE=0000a1a9-20260228-1-D1
REFUNDS=0000a1a9-20260228-1-C1

# print_lines WHEN WHO TEXT: in lines of 100 columns.
print_lines() {
	local when=$1 who=$2 line

	while IFS= read -r line; do
		printf '%-10s  %-7s %s\n' "$when" "$who" "${line% }"
		when='' who=''
	done < <(fold -s -w 79 <<<"$3")
}

# at DATE TIME: sets WHEN, the options that every command here takes
at() {
	WHEN=(--home "$HOME_DIR" --date "$1" --now "${1}T$2:00Z")
}

# person NAME DATE TIME WORDS...: what it prints goes to the log
person() {
	local name=$1

	at "$2" "$3"
	shift 3
	echo "\$ alanpay $* --as $name" >>"$LOG"
	alanpay "$@" --as "$name" "${WHEN[@]}" >>"$LOG" 2>&1
}

# The summary of a stage's last start on a date, without what stands open from before.
summary() {
	sqlite3 -readonly "$HOME_DIR/state/alanpay.db" "SELECT message FROM stage_run
		WHERE business_on = '$1' AND stage = '$2' ORDER BY number DESC LIMIT 1" | sed 's/;.*//'
}

# night DATE STEP 'STAGE...' [FROM [UNTIL]]: drops what arrives, runs the chain, prints the summaries of these stages.
night() {
	local date=$1 when=$1 who=night step=$2 stage status=0

	cp "$WORLD/$step"/requests/* "$HOME_DIR/inbox/requests/" 2>/dev/null || true
	cp "$WORLD/$step"/bank/* "$HOME_DIR/inbox/bank/" 2>/dev/null || true
	echo "# night of $date" >>"$LOG"
	at "$date" 02:30
	alanpay run --from "${4:-intake}" ${5:+--until "$5"} --as scheduler --fixtures "$WORLD/$step/swan" "${WHEN[@]}" \
		>>"$LOG" 2>&1 || status=$?
	((status == 0 || status == 3)) || {
		echo "the night of $date ended with $status; the end of $LOG:"
		tail -n 5 "$LOG"
		exit 1
	}
	for stage in $3; do
		print_lines "$when" "$who" "$stage: $(summary "$date" "$stage")"
		when='' who=''
	done
}

killed_and_run_again() {
	local date=$1 status=0

	at "$date" 02:30
	{ ALANPAY_FAULT='before rename' "$KILLED" --as scheduler "${WHEN[@]}" >>"$LOG" 2>&1; } 2>/dev/null || status=$?
	((status == 137)) || {
		echo "collect was to be killed, but ended with $status"
		exit 1
	}
	[[ -z $(ls "$HOME_DIR"/out/sepa/*/) ]]
	print_lines '' killed 'collect, by SIGKILL, when its rows were committed and its files had no names yet; it runs again:'
	night "$date" 06-freeze audit collect
	print_lines "" "" "$(grep -o "completed .* file.*" "$LOG" | tail -n 1): $(cd "$HOME_DIR" && echo out/sepa/*/v1/*.xml)"
}

rm -rf "$DEMO"
mkdir -p "$DEMO"
alanpay init --home "$HOME_DIR" --environment test --store-id 0000a1a9 --now 2026-02-01T08:00:00Z >"$LOG"
cp fixtures/alanpay.ini "$HOME_DIR/"

echo 'A month of Alan Pay recovery: 30 members, 150 Swan transactions, one session.'
echo
night 2026-02-02 01-intake 'intake import'
night 2026-02-09 02-week1 post
night 2026-02-16 03-week2 'intake post'
person alice 2026-02-16 08:30 exceptions resolve --id 1 --decision not_ours --why 'Swan looks into it'
print_lines 2026-02-16 finance 'alice decides about an authorization whose status nobody knows'
night 2026-02-23 04-week3 post
night 2026-03-02 05-month-end post
night 2026-03-04 06-freeze debts intake debts
killed_and_run_again 2026-03-04
night 2026-03-05 07-notice 'notify'
person alice 2026-03-05 08:05 sepa approve --file $FILE --count 24 --total 1816.54
person bob 2026-03-05 08:20 sepa approve --file $FILE --count 24 --total 1816.54
person alice 2026-03-05 08:28 exceptions resolve --id 2 --decision accepted_loss --why 'Swan reports it again later'
person bob 2026-03-05 08:30 sepa release --file $FILE
person alice 2026-03-05 08:45 sepa mark-uploaded --file $FILE --bank-reference EB-20260305-77
person alice 2026-03-05 08:50 sepa approve --file $REFUNDS --count 1 --total 48.00
person bob 2026-03-05 08:55 sepa approve --file $REFUNDS --count 1 --total 48.00
person bob 2026-03-05 09:00 sepa release --file $REFUNDS
person alice 2026-03-05 09:05 sepa mark-uploaded --file $REFUNDS --bank-reference EB-20260305-78
print_lines 2026-03-05 finance 'alice and bob approve the debits and the refund, alice decides about a purchase of a member in the file that cannot be read, bob releases, alice uploads and notes the references'
night 2026-03-06 12-accepted reconcile
night 2026-03-10 13-rejected reconcile
night 2026-03-11 14-credited reconcile
night 2026-03-13 15-returned 'reconcile debts'

cat <<END

Look at   out/demo/home/out/sepa/2026-03-10_20260228-1/v1/report.html           what finance reads before the upload
          out/demo/home/out/sepa/2026-03-10_20260228-1/refunds-v1/report.html   the same for the refund
          out/demo/home/out/sepa/2026-03-10_20260228-1/status.html              where each file stands, and the next step
          out/demo/home/out/sepa/2026-03-10_20260228-1/returns.csv              which debits came back, and why
          out/demo/home/out/exports/latest/                                     what other components read
          out/demo/log                                                          all that the nights printed
Try       out/bin/alanpay status --home out/demo/home --date 2026-03-13
          out/bin/alanpay sepa list --home out/demo/home --date 2026-03-13
          out/bin/alanpay exceptions list --home out/demo/home --date 2026-03-13
          out/bin/alanpay recovery list_sessions --home out/demo/home
          out/bin/alanpay query get_alan_balance --app-id alan --app-user-id 1001 --home out/demo/home
END
