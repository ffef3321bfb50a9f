#!/usr/bin/env bash
# check_bank_orders.sh: the order in which a bank's files come does not matter. The five files of fixtures/bank/orders (a reject, the
# gross bulk credit, a statement with its details and the reject taken back, a return, the same intraday) come in many orders, all
# in one night and one a night: the books end the same, and are proved.
# usage: check_bank_orders.sh BINDIR [all]
# 12 of the 120 orders are tried, which SEED chooses; `all` tries each. Compared are balances, debts, collections, mandates, files
# and open exceptions; what is stored of messages and entries depends on the order, and on how often they came.
# shellcheck source=tests/bank.sh
. "$(dirname "$0")/bank.sh"

BIN=$(cd "$1" && pwd)
EVERY=10
[[ ${2:-} != all ]] || EVERY=1
FILES=(reject bulk statement return intraday)
DATES=(2026-03-12 2026-03-13 2026-03-14 2026-03-16 2026-03-17)
LAST=${DATES[4]}

# Sets ORDERS: each permutation of FILES after those that are given, a line of names each.
find_orders() {
	local file

	if (($# == ${#FILES[@]})); then
		ORDERS+=("$*")
		return
	fi
	for file in "${FILES[@]}"; do
		[[ " $* " == *" $file "* ]] || find_orders "$@" "$file"
	done
}

# More than a case may state: the days, and what each debt is made of.
write_books() {
	write_facts "$1"
	sqlite3 -batch -bail -init /dev/null -readonly "$HOME_DIR/state/alanpay.db" "
		SELECT 'collection ' || end_to_end_id, live, reason, fee_in_cents, booked_on, failed_on FROM collection ORDER BY 1;
		SELECT 'sum ' || profile_number, session_number, sum(amount_in_cents) FROM balance_transaction
		GROUP BY profile_number, session_number ORDER BY profile_number, session_number;
		SELECT 'exception', code, profile_number FROM exception WHERE state = 'open' ORDER BY code, profile_number;" >>"$1"
}

# reconcile_on DATE FILE...: with names that sort in this order.
reconcile_on() {
	local on=$1 file n=0

	shift
	for file; do
		n=$((n + 1))
		cp --no-preserve=mode "$BANK/orders/$file.xml" "$HOME_DIR/inbox/bank/$on-$n-$file.xml"
	done
	alanpay_at "$on" 02:30 0/3 reconcile
}

in_one_night() {
	new_home
	reconcile_on "$LAST" "$@"
}

over_nights() {
	local i=0 file

	new_home
	for file; do
		reconcile_on "${DATES[i]}" "$file" || return 1
		i=$((i + 1))
	done
}

ends_the_same() {
	local way=$1

	"$way" "${@:2}" || return 1
	write_books "$WORK/books"
	diff "$WORK/wanted" "$WORK/books"
}

make_work
prepare_home
find_orders
in_one_night "${FILES[@]}"
write_books "$WORK/wanted"
while IFS= read -r line; do
	[[ $line == '#'* || -z $line ]] || check "all files: $line" grep -qx "$line" "$WORK/wanted"
done <"$BANK/orders/books"
check 'the books are proved' alanpay_at "$LAST" 05:00 0/3 audit --full
for ((i = ${SEED:-1} % EVERY; i < ${#ORDERS[@]}; i += EVERY)); do
	read -ra order <<<"${ORDERS[i]}"
	check "in one night: ${order[*]}" ends_the_same in_one_night "${order[@]}"
	check "one a night: ${order[*]}" ends_the_same over_nights "${order[@]}"
	check "one a night: ${order[*]}: the books are proved" alanpay_at "$LAST" 05:00 0/3 audit --full
done
sum_up
