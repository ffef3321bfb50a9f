#!/usr/bin/env bash
# check_plans.sh: no statement of a stage reads the whole of a table that grows each night: what a night costs follows what is
# new. The cases that reconcile most are played once, and SQLite is asked how it means to run each statement.
# usage: check_plans.sh BINDIR
# Held are the stages in STAGES. An index in OPEN may be read whole: it has only what is open. A file that is inserted is planned with
# a scan for the rows that refer to it, which never runs: none of them is there before it.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
STAGES='reconcile debts collect'
CASES='bank-answers french-bank bank-bulk settle-by-due-date mandates posted'
OPEN='artifact_unfinished balance_transaction_waiting bank_entry_open debt_not_settled exception_open'
GROWING='bank_entry|bank_message|collection|debt|balance_transaction|card_payment|swan_transaction|notification|request|exception|input'

# The steps of a night case, one after the other; what they give is compared elsewhere (night.sh).
play() {
	local home=$WORK/home step on now text

	rm -rf "$home"
	make_home "$BIN" "$1" "$home"
	while read -r step on now _ text; do
		drop_inputs "$1" "$step" "$home"
		set_words "$1" "$step" "$on" "$now" "$text"
		PLANS=$WORK/$1 LD_PRELOAD=$WORK/plans.so run_alanpay "$BIN" "$1" "$step" "$home" >/dev/null || true
	done < <(print_steps "$1")
}

# Lines `stage: step: statement` of the plans that read a whole growing table, under its name or that of the statement.
print_scans() {
	awk -F '\t' -v stages="$STAGES" -v growing="$GROWING" -v open="$OPEN" '
		{
			split($2, word, " ")
			stage = $1
			sub(/^alanpay-/, "", stage)
			if (word[1] != "SCAN" || index(" " stages " ", " " stage " ") == 0 || $3 ~ /^INSERT INTO bank_file /)
				next
			name = growing
			if (word[2] !~ "^(" growing ")$")
				if ($3 !~ "(FROM|JOIN|,) +(" growing ") +(AS +)?" word[2] "( |,|\\)|$)")
					next
			if (match($2, /INDEX [a-z_0-9]+/) && index(" " open " ", " " substr($2, RSTART + 6, RLENGTH - 6) " ") > 0)
				next
			print stage ": " $2 ": " $3
		}' "$1" | sort -u
}

has_none() {
	[[ ! -s $1 ]] || {
		cut -c 1-300 "$1"
		return 1
	}
}

make_work
printf 'sh\tSCAN e\tSELECT 1 FROM bank_entry e\nalanpay-reconcile\tSCAN e\tSELECT 1 FROM bank_entry e JOIN x\n' >"$WORK/known"
check_same 'a scan is seen' 'reconcile: SCAN e: SELECT 1 FROM bank_entry e JOIN x' "$(print_scans "$WORK/known")"
if [[ $(ldd "$BIN/alanpay-reconcile") == *libasan* ]]; then
	echo '# skipped: no library is loaded before that of the sanitizer'
	echo "$passed passed, $failed failed"
	exit
fi
"${CC:-cc}" -std=c17 -O1 -fPIC -shared -o "$WORK/plans.so" "$ROOT/tests/plans.c" -ldl
for case in $CASES; do
	play "$case"
	for stage in $STAGES; do
		check "$case: $stage prepared statements" grep -q "^alanpay-$stage	" "$WORK/$case"
	done
	print_scans "$WORK/$case" >"$WORK/scans"
	check "$case: no statement reads the whole of a growing table" has_none "$WORK/scans"
done
echo "$passed passed, $failed failed"
