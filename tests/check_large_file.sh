#!/usr/bin/env bash
# check_large_file.sh: a file of transactions that is posted member by member (core/cards/by_member.h) makes the books that the same rows
# make in small files, in whatever order, and killed at any point and run again, too.
# usage: check_large_file.sh BINDIR
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
FAULTS=$ROOT/out/build/faults/bin
MEMBERS=60 ROWS=20000 PART=5000
AT=(--date 2026-02-09 --now 2026-02-09T02:30:00Z --as scheduler)

# Purchases of an authorization and, some hundred rows later, its debit; some are only asked for, some given back; of one member in
# twelve the card is unknown, and some fees name a payment and have no card.
print_rows() {
	awk -v members="$MEMBERS" -v rows="$ROWS" '
		function id(first, n) { return sprintf("%08x-0512-4345-99e0-%012x", (first * 1000003 + n * 7919) % 4294967296, n) }
		function put(n, type, side, status, purchase, reason,    member, at) {
			member = purchase * 37 % (members + int(members / 12)) + 1
			at = sprintf("2026-02-%02dT%02d:%02d:%02d.%03dZ", 1 + n % 7, int(n / 7) % 24, int(n / 168) % 60, n % 60, n % 1000)
			printf "%s,%s,%s,%s,%d,EUR,%s,%s,,%s,,,,%s,%s,,,M%d,Caf\303\251 %d,Paris,FRA,75011,8011,InStore,,%s,%s,,,,,,,", id(1, n), type, side,
				status, 100 + purchase % 5000, at, at, id(2, purchase), type ~ /^Card/ ? id(3, member) : "", type ~ /^Card/ ? id(4, member) : "",
				purchase % 90, purchase % 90, reason, reason ? at : ""
			printf "%0*d,,\n", 120, purchase
		}
		BEGIN {
			print "id,type,side,status,amount_cents,currency,created_at,updated_at,execution_date,payment_id,origin_transaction_id," \
				"reference,account_id,card_id,account_membership_id,masked_pan,authorization_type,merchant_id,merchant_name," \
				"merchant_city,merchant_country,merchant_postal_code,merchant_category_code,merchant_category,rejected_reason," \
				"released_reason,released_at,pending_end_at,booked_at,value_date,original_amount,original_currency,counterparty,label," \
				"external_reference,return_reason"
			for (n = 0; n < rows; n++) {
				if (n % 1000 == 999)
					put(n, "FeesOut", "Debit", "Booked", int(n / 400) * 400 - 395, "")
				else if (n % 400 < 200 && n % 9 == 0)
					put(n, "CardOutAuthorization", "Debit", "Pending", n, "")
				else if (n % 400 < 200)
					put(n, "CardOutAuthorization", "Debit", "Released", n, "Captured")
				else if (n % 17 == 0)
					put(n, "CardOutCredit", "Credit", "Booked", n, "")
				else
					put(n, "CardOutDebit", "Debit", "Booked", n - 200, "")
			}
		}'
}

print_members() {
	awk -v members="$MEMBERS" -v what="$1" '
		function id(first, n) { return sprintf("%08x-0512-4345-99e0-%012x", (first * 1000003 + n * 7919) % 4294967296, n) }
		BEGIN {
			if (what == "cards")
				print "card_id,type,status,created_at,updated_at,name,masked_number,e_commerce,withdrawal,international," \
					"non_main_currency,is_provisioned,account_membership_id,membership_status,membership_email,first_name,last_name," \
					"spending_limits"
			for (n = 1; n <= members; n++) {
				who = sprintf("\"app_id\":\"fr\",\"app_user_id\":\"%d\"", n)
				if (what == "profiles")
					printf "{\"message_id\":\"p%d\",\"op\":\"declare_profile\",%s}\n", n, who
				else if (what == "seats")
					printf "{\"message_id\":\"l%d\",\"op\":\"link_account_membership\",%s,\"account_membership_id\":\"%s\"}\n", n, who, id(4, n)
				else
					printf "%s,Virtual,Enabled,2026-01-31T08:00:00.000Z,2026-01-31T08:00:00.000Z,,,true,true,true,true,true,%s,Enabled,,,,\n",
						id(3, n), id(4, n)
			}
		}'
}

make_members() {
	make_home "$BIN" month "$1"
	print_members profiles >"$1/inbox/requests/declare_profile.check.20260201T080000Z.1.jsonl"
	print_members seats >"$1/inbox/requests/link_account_membership.check.20260201T080000Z.2.jsonl"
	print_members cards >"$WORK/cards.csv"
	"$BIN/alanpay" intake --home "$1" "${AT[@]}" >"$WORK/log" 2>&1 </dev/null
	"$BIN/alanpay" post --home "$1" "${AT[@]}" --payment-supports "$WORK/cards.csv" >>"$WORK/log" 2>&1 </dev/null
}

# post_file HOME FILE: ends with 0, or with 3 because of transactions that wait.
post_file() {
	local got=0

	"$BIN/alanpay-post" --home "$1" "${AT[@]}" --transactions "$2" >"$WORK/log" 2>&1 </dev/null || got=$?
	[[ $got == 0 || $got == 3 ]] || {
		cat "$WORK/log"
		return 1
	}
}

# What others see of the books: ids, amounts, balances, and what waits for a person.
print_picture() {
	local got=0

	"$BIN/alanpay" export --home "$1" "${AT[@]}" >"$WORK/log" 2>&1 </dev/null || got=$?
	[[ $got == 0 || $got == 3 ]] || cat "$WORK/log"
	(cd "$1/out/exports/latest/" && sha256sum -- *.csv)
	sqlite3 -batch -bail -init /dev/null "$1/state/alanpay.db" \
		'SELECT kind, key, code, amount_in_cents FROM exception ORDER BY kind, key'
}

is_clean() {
	"$BIN/alanpay" audit --full --home "$1" "${AT[@]}" </dev/null || (($? == 3))
}

# The same rows, in files that are posted in their order.
post_parts() {
	local part

	head -n 1 "$WORK/large.csv" >"$WORK/header"
	tail -n +2 "$WORK/large.csv" | split -l "$PART" - "$WORK/rows."
	for part in "$WORK"/rows.*; do
		cat "$WORK/header" "$part" >"$WORK/part.csv"
		post_file "$1" "$WORK/part.csv" || return 1
	done
}

# The rows in the opposite order: numbers are given in the order of arrival, and the cents are the same.
print_balances() {
	sqlite3 -batch -bail -init /dev/null "$1/state/alanpay.db" 'SELECT number, balance_in_cents, last_payment FROM profile ORDER BY number'
}

kill_and_post() {
	local home=$1 point got

	for ((point = 1; point < 200; point += 3)); do
		rm -rf "$home"
		cp -a "$WORK/members" "$home"
		got=0
		ALANPAY_FAULT=$point "$FAULTS/alanpay-post" --home "$home" "${AT[@]}" --transactions "$WORK/large.csv" >"$WORK/log" 2>&1 </dev/null || got=$?
		post_file "$home" "$WORK/large.csv" || return 1
		hold_against "$picture" "$(print_picture "$home")" || {
			echo "killed at point $point"
			return 1
		}
		((got == 137)) || break
	done
	((point > 10)) || {
		echo "ended with $got at point $point: it was hardly killed"
		return 1
	}
}

make_work
print_rows >"$WORK/large.csv"
check "the file is large" test "$(stat -c %s "$WORK/large.csv")" -gt $((5 << 20))
make_members "$WORK/members"
cp -a "$WORK/members" "$WORK/whole"
check "a large file is posted" post_file "$WORK/whole" "$WORK/large.csv"
picture=$(print_picture "$WORK/whole")
check "there are payments, and exceptions" test "$(sqlite3 "$WORK/whole/state/alanpay.db" \
	'SELECT (SELECT count(*) FROM card_payment) > 8000 AND (SELECT count(*) FROM exception) > 500')" = 1
check "the books are in order" is_clean "$WORK/whole"
cp -a "$WORK/members" "$WORK/parts"
check "small files are posted" post_parts "$WORK/parts"
check_same "small files make the same books" "$picture" "$(print_picture "$WORK/parts")"
(head -n 1 "$WORK/large.csv" && tail -n +2 "$WORK/large.csv" | tac) >"$WORK/opposite.csv"
cp -a "$WORK/members" "$WORK/opposite"
check "the opposite order is posted" post_file "$WORK/opposite" "$WORK/opposite.csv"
check_same "the opposite order makes the same balances" "$(print_balances "$WORK/whole")" "$(print_balances "$WORK/opposite")"
check "killed, and run again, the books are the same" kill_and_post "$WORK/killed"
sum_up
