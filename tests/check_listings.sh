#!/usr/bin/env bash
# check_listings.sh: the query of every listing of a command has the columns of its table. They are compared before the first row,
# so that an empty home shows it; what prints one row that must be there is played by a night.
# usage: check_listings.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)

# The listings that an empty home can print, by the name that each has in its source.
EMPTY=('exceptions list' 'mandates list' 'profiles list' 'recovery list_sessions' 'sepa list')
# Those of one row, and what a night plays that prints it; those that a check of their own plays.
PLAYED=('exceptions show' 'exceptions resolve' 'exceptions reverse' 'mandates unblock' push_notification 'recovery record_credit_transfer'
	'recovery reverse_credit_transfer' run 'sepa show' 'swan check_spending_limits')
CHECKED=('explain debt' 'explain file' 'explain payment' 'sepa describe')

# A line for each listing of the commands: the command that prints it.
print_listings() {
	grep -h -A 1 '^static const struct listing' "$ROOT"/stages/commands/*.c | sed -nE 's/^ *\.name = "(.*)",$/\1/p' |
		sed 's/.* of //; s/^spending_limits$/swan check_spending_limits/; s/^what reconcile would do$/sepa describe/; s/^what is reported otherwise now$/sepa describe/' | sort -u
}

make_work
HOME_DIR=$WORK/home
make_home "$BIN" month "$HOME_DIR"
for words in "${EMPTY[@]}"; do
	for format in table json jsonl csv; do
		# shellcheck disable=SC2086
		check "$words as $format" "$BIN/alanpay" $words --home "$HOME_DIR" --format "$format"
	done
done
while read -r kind; do
	check "exceptions of the kind $kind" "$BIN/alanpay" exceptions list --kind "$kind" --home "$HOME_DIR"
done < <(sed -n '/^CREATE TABLE exception /,/^)/s/^\tkind .* IN (\([^)]*\)).*/\1/p' "$ROOT/stages/core/schema.sql" | tr -d "' " | tr , '\n')
check 'status' "$BIN/alanpay" status --home "$HOME_DIR"
for words in "${PLAYED[@]}"; do
	check "a night plays $words" grep -q " $words" "$ROOT"/fixtures/nights/*/nights
done
for words in "${CHECKED[@]}"; do
	check "a check plays $words" grep -qE "^(check .* )?$words " "$ROOT"/tests/check_explain.sh "$ROOT"/tests/check_describe.sh
done
check_same 'the listings of the commands' "$(printf '%s\n' "${EMPTY[@]}" "${PLAYED[@]}" "${CHECKED[@]}" | sort)" "$(print_listings)"
sum_up
