# shellcheck shell=bash
# bank.sh: what tests/check_bank_*.sh share: the home in which two files are at the bank, which has not answered yet, and the
# facts of the books. Sourced, after make_work.
#
# That home is what the night case `month` leaves after its step 11-refund-given: 24 debits of 1816.54 EUR under the mandates
# AP-1001-1 to AP-1027-1, due on 2026-03-10, and one refund of 48.00 EUR to the member 1024.
# shellcheck source=tests/case.sh
. "$(dirname "${BASH_SOURCE[0]}")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "${BASH_SOURCE[0]}")/tally.sh"

# shellcheck disable=SC2034 # for who sources this
BANK=$ROOT/fixtures/bank
LAST_STEP=11-refund-given

# Plays the month into READY.
prepare_home() {
	local step on now expected text got

	READY=$WORK/ready
	make_home "$BIN" month "$READY"
	while read -r step on now expected text; do
		got=0
		drop_inputs month "$step" "$READY"
		set_words month "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" month "$step" "$READY" >"$WORK/output" || got=$?
		[[ $got == "${expected%!}" ]] || {
			sed 's/^/	/' "$WORK/output"
			check "$step can be played" false
			sum_up
			exit 1
		}
		[[ $step != "$LAST_STEP" ]] || break
	done < <(print_steps month)
}

# A copy of READY.
new_home() {
	HOME_DIR=$WORK/home
	rm -rf "$HOME_DIR"
	cp -a "$READY" "$HOME_DIR"
}

# alanpay_at DATE HOUR EXIT WORDS...: ends as expected; EXIT may be several, as 0/3.
alanpay_at() {
	local on=$1 hour=$2 expected=$3 got=0

	shift 3
	[[ " $* " == *' --as '* ]] || set -- "$@" --as scheduler
	"$BIN/alanpay" "$@" --home "$HOME_DIR" --date "$on" --now "${on}T$hour:00Z" </dev/null >"$WORK/output" 2>&1 || got=$?
	[[ "/$expected/" == *"/$got/"* ]] || {
		echo "$1 on $on ended with $got, expected: $expected"
		cat "$WORK/output"
		return 1
	}
}

# The facts that a case may state, a line for each.
FACTS="
CREATE TEMP VIEW one AS
SELECT c.*, m.reference, f.kind FROM collection c JOIN mandate m ON m.number = c.mandate_number
JOIN bank_file f ON f.number = c.file_number WHERE c.state <> 'cancelled';
SELECT 'debits' || (SELECT group_concat(' ' || state || ' ' || n, '') FROM (SELECT state, count(*) AS n FROM one
	WHERE file_number = 1 GROUP BY state ORDER BY state));
SELECT kind || ' ' || reference || ' ' || state || coalesce(' ' || reason, '') || coalesce(' fee ' || nullif(fee_in_cents, 0), '')
FROM one ORDER BY end_to_end_id;
SELECT 'file ' || kind || ' ' || state FROM bank_file ORDER BY number;
SELECT 'mandate ' || reference || ' ' || status || coalesce(' ' || why, '') FROM mandate ORDER BY number;
SELECT 'balance ' || app_user_id || ' ' ||
	(SELECT coalesce(sum(amount_in_cents), 0) FROM balance_transaction b WHERE b.profile_number = p.number)
FROM profile p ORDER BY number;
SELECT 'debt ' || app_user_id || ' ' || session_number || ' ' || d.status || coalesce(' ' || amount_in_cents, '') ||
	coalesce(' ' || failure, '')
FROM debt d JOIN profile p ON p.number = d.profile_number ORDER BY session_number, profile_number;
SELECT 'presented ' || app_user_id || ' ' || count(*) FROM one JOIN profile p ON p.number = profile_number
WHERE kind = 'debit' GROUP BY p.number, app_user_id ORDER BY p.number;
SELECT 'open' || coalesce((SELECT group_concat(' ' || code, '') FROM (SELECT code FROM exception
	WHERE state = 'open' AND kind IN ('bank_entry', 'file') ORDER BY code)), '');"

write_facts() {
	sqlite3 -batch -bail -init /dev/null -readonly "$HOME_DIR/state/alanpay.db" "$FACTS" >"$1"
}

# returns.csv of the first session lists what failed, and nothing else.
LISTED=out/sepa/2026-03-10_20260228-1/returns.csv
lists_what_failed() {
	: >"$WORK/listed"
	sqlite3 -batch -bail -init /dev/null -readonly "$HOME_DIR/state/alanpay.db" "SELECT end_to_end_id FROM collection
		WHERE state IN ('rejected', 'returned') AND session_number = 1 ORDER BY 1" >"$WORK/failed"
	[[ ! -f $HOME_DIR/$LISTED ]] || tail -n +2 "$HOME_DIR/$LISTED" | cut -d , -f 1 | sort >"$WORK/listed"
	diff "$WORK/failed" "$WORK/listed"
}
