#!/usr/bin/env bash
# check_audit.sh: the audit finds every difference. Plays the night case `month` to its end, where the audit must be clean;
# then makes one fault in a copy of that home, for each claim that `audit --full -v` proves: the audit must end 70 and report
# that claim. The same with the cases `cancelled`, `settle-by-due-date`, `posted`, `withdrawn` and `collected-all-the-same`, for
# faults that only such homes can have.
# usage: check_audit.sh BINDIR
# A claim of the audit without a fault here counts as failed. The triggers are dropped in the copies first: a broken disk, or a
# hand, changes rows without them.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
CLAIMS=$ROOT/stages/core/audit/claims.sql
CASE=month
AUDIT=(--date 2026-03-13 --now 2026-03-13T03:00:00Z --as scheduler)

play() {
	local step on now expected text got

	while read -r step on now expected text; do
		got=0
		drop_inputs "$CASE" "$step" "$HOME_DIR"
		set_words "$CASE" "$step" "$on" "$now" "$text"
		run_alanpay "$BIN" "$CASE" "$step" "$HOME_DIR" >"$WORK/output" || got=$?
		[[ $got == "${expected%!}" ]] || {
			sed 's/^/	/' "$WORK/output"
			check "$step can be played" false
			sum_up
			exit 1
		}
	done < <(print_steps "$CASE")
}

# 3: the books are right, but the month ends with exceptions that are open for more than a week.
is_clean() {
	local got=0

	"$BIN/alanpay-audit" --home "$HOME_DIR" "${AUDIT[@]}" "$@" || got=$?
	[[ $got == 0 || $got == 3 ]]
}

ask_books() {
	sqlite3 -batch -init /dev/null -readonly "$HOME_DIR/state/alanpay.db" "$1"
}

# --- faults -------------------------------------------------------------------------------------------------------------

# A copy of the home without triggers, of which each fault has a copy.
make_loose() {
	rm -rf "$WORK/loose"
	cp -a "$HOME_DIR" "$WORK/loose"
	ask_books "SELECT 'DROP TRIGGER \"' || name || '\";' FROM sqlite_schema WHERE type = 'trigger'" |
		sqlite3 -batch -bail -init /dev/null "$WORK/loose/state/alanpay.db"
	print_tree "$WORK/loose" >"$WORK/tree"
}

fresh_copy() {
	rm -rf "$WORK/copy"
	cp -a "$WORK/loose" "$WORK/copy"
}

# wants CLAIM [--full]: the audit of the copy ends 70 and reports the claim.
wants() {
	local claim=$1 got=0 output

	shift
	"$BIN/alanpay-audit" --home "$WORK/copy" "${AUDIT[@]}" "$@" >"$WORK/output" 2>&1 || got=$?
	IFS= read -rd '' output <"$WORK/output" || true
	[[ $got == 70 && $output == *"not true: $claim: "* ]] && return
	echo "ended with $got and said:"
	cat "$WORK/output"
	return 1
}

# fault CLAIM WHAT SQL: changes rows by hand; rows of any age, so that it takes the full audit to find them.
fault() {
	! change_rows "$2" "$3" || seeded "$1" "$2"
}

# SQL that changes no row is not a fault.
change_rows() {
	local changed

	fresh_copy
	changed=$(sqlite3 -batch -bail -init /dev/null "$WORK/copy/state/alanpay.db" "$2; SELECT total_changes()" | tail -n 1)
	[[ ${changed:-0} == 0 ]] || return 0
	check "$1 changes something" false
	return 1
}

# file_fault CLAIM WHAT COMMAND...: runs the command in the copy.
file_fault() {
	local claim=$1 what=$2

	shift 2
	fresh_copy
	(cd "$WORK/copy" && "$@")
	! print_tree "$WORK/copy" | cmp -s - "$WORK/tree" || {
		check "$what changes something" false
		return
	}
	seeded "$claim" "$what"
}

# Kind, rights, path and target of everything, and what files hold.
print_tree() {
	(cd "$1" && find . -printf '%y %m %p %l\n' | sort && find out archive state/released.log -type f -exec sha256sum {} + | sort)
}

seeded() {
	echo "$1" >>"$WORK/claims"
	check "$2: $1" wants "$1" --full
}

# A booked card transaction of a member: the first.
CARD="(SELECT min(number) FROM balance_transaction WHERE profile_number = 3 AND event = 1)"
BOOKED="(SELECT max(c.end_to_end_id) FROM collection c JOIN bank_file f ON f.number = c.file_number
	WHERE c.state = 'booked' AND f.kind = 'debit')"
REFUNDED="(SELECT c.end_to_end_id FROM collection c JOIN bank_file f ON f.number = c.file_number WHERE f.kind = 'refund')"
# Member 3 has another account since the debit that was booked, and a second debit without a word about it.
ANOTHER_ACCOUNT="INSERT INTO mandate (number, profile_number, reference, reference_key, version, debtor_name, iban, country,
	  signed_on, status, status_at, declared_at)
	SELECT 999, profile_number, reference, reference_key, 2, debtor_name, 'DE89370400440532013000', country, signed_on,
	  'superseded', status_at, declared_at FROM mandate WHERE number = 3;
	UPDATE bank_file SET released_at = created_at;
	INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number, presentation,
	  amount_in_cents, amended, live, state) SELECT end_to_end_id || '-2', file_number, block, profile_number, session_number, 999, 2,
	  amount_in_cents, 0, NULL, 'cancelled' FROM collection WHERE profile_number = 3"
RETURNED="(SELECT max(end_to_end_id) FROM collection WHERE state = 'returned')"

# Of a claim with many differences the first five are reported, with -v all.
check_report() {
	local profiles

	profiles=$(ask_books 'SELECT count(*) FROM profile')
	fresh_copy
	sqlite3 -batch -init /dev/null "$WORK/copy/state/alanpay.db" 'UPDATE profile SET last_transaction = last_transaction + 1'
	check_same 'five differences are reported, and that there are more' "5 1" "$(count_reported)"
	check_same 'with -v all are' "$profiles 0" "$(count_reported -v)"
	check_same 'the count of differences is of all' "the books have $profiles differences" \
		"$(grep -o 'the books have [0-9]* difference[s]*' "$WORK/output")"
}

count_reported() {
	local claim="each member's transactions are numbered without a gap"

	"$BIN/alanpay-audit" --home "$WORK/copy" "${AUDIT[@]}" "$@" >"$WORK/output" 2>&1 || true
	echo "$(grep -cF "not true: $claim: profile" "$WORK/output") $(grep -cF "not true: $claim: there are more" "$WORK/output")"
}

seed_books() {
	local claim

	fault "each balance is the sum of the member's transactions" 'a cent more in a balance' \
		'UPDATE profile SET balance_in_cents = balance_in_cents + 1 WHERE number = 3'
	fault "each balance is the sum of the member's transactions" 'a transaction with another amount' \
		"UPDATE balance_transaction SET amount_in_cents = amount_in_cents - 1 WHERE profile_number = 3 AND number = 1"
	fault 'each balance is the open debt plus the frozen debts that are not settled' 'a transaction taken out of its frozen debt' \
		'UPDATE balance_transaction SET session_number = NULL WHERE profile_number = 3 AND session_number = 1'
	fault 'each balance is the open debt plus the frozen debts that are not settled' 'a settled debt open again' \
		"UPDATE debt SET status = 'executed' WHERE status = 'succeeded' AND amount_in_cents > 0"
	fault "each member's transactions are numbered without a gap" 'a counter that is ahead' \
		'UPDATE profile SET last_transaction = last_transaction + 1 WHERE number = 3'
	fault "each member's transactions are numbered without a gap" 'a transaction renumbered' \
		'UPDATE balance_transaction SET key = key + 998 WHERE profile_number = 3 AND number = 2'
	claim='each transaction belongs to a member and has the source and the sign of its event'
	fault "$claim" 'a recovery with a Swan transaction as its source' \
		"UPDATE balance_transaction SET source_kind = 1, source = key WHERE event = 4"
	fault "$claim" 'a failed recovery that brings money' \
		"UPDATE balance_transaction SET amount_in_cents = -amount_in_cents WHERE event = 3"
	fault "$claim" 'an amount for a rejected payment' \
		"PRAGMA ignore_check_constraints = ON; UPDATE balance_transaction SET amount_in_cents = 5 WHERE event = 6"
	fault "$claim" 'a card payment that settles a debt' \
		"PRAGMA ignore_check_constraints = ON; UPDATE balance_transaction SET settled_session = 1 WHERE profile_number = 3 AND number = $CARD"
	fault "$claim" 'a transaction of a profile that does not exist' \
		"UPDATE balance_transaction SET key = 999 * 16777216 + number WHERE profile_number = 3 AND number = $CARD"
	fault 'no reset of a member is open' 'a reset that was written by hand' \
		"INSERT INTO dev_reset VALUES (1, 3, 'alan', '1003', 1, 0, 'somebody', 'any', 0)"
	claim='each external transaction is posted once, for no more than was requested'
	fault "$claim" 'an external transaction that was not requested' \
		"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,
			source_kind, source) VALUES (3 * 16777216 + 1000, 2, 5, 0, '2026-03-01', 3, x'31')"
	fault "$claim" 'an external transaction above the request' \
		"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,
			source_kind, source) VALUES (3 * 16777216 + 1000, 2, 5, 0, '2026-03-01', 3, x'31');
		INSERT INTO external_transaction (number, app_id, external_transaction_id, profile_number, requested_in_cents,
			outcome, transaction_number) VALUES (1, 'alan', 'e', 3, 4, 'posted', 1000)"
	fault "$claim" 'an external transaction that was never posted' \
		"INSERT INTO external_transaction (number, app_id, external_transaction_id, profile_number, requested_in_cents,
			outcome, transaction_number) VALUES (1, 'alan', 'e', 3, 4, 'posted', 1000)"
}

# What only the sums over many rows can find: each row alone is as it should be.
seed_sums() {
	local claim='each transaction that Swan booked is posted once, to the member of its payment, and nothing else is posted'
	local first="(SELECT min(key) FROM balance_transaction WHERE event = 1 AND profile_number = %d)"
	local both

	# shellcheck disable=SC2059 # the format is the one above
	both="$(printf "$first" 3), $(printf "$first" 4)"
	fault "$claim" 'the sources of two postings of different members exchanged' \
		"CREATE TEMP TABLE pair AS SELECT key, source FROM balance_transaction WHERE key IN ($both);
		DROP INDEX balance_transaction_source; UPDATE balance_transaction SET source = (SELECT source FROM pair
		 WHERE pair.key <> balance_transaction.key) WHERE key IN ($both)"
	fault "$claim" 'the amounts of two postings of one member exchanged' \
		"CREATE TEMP TABLE pair AS SELECT key, amount_in_cents FROM balance_transaction WHERE profile_number = 3 AND event = 1
		 GROUP BY amount_in_cents LIMIT 2; UPDATE balance_transaction SET amount_in_cents = (SELECT p.amount_in_cents FROM pair p
		 WHERE p.key <> balance_transaction.key) WHERE key IN (SELECT key FROM pair)"
	fault "$claim" 'a cent moved from one posting of a member to another' \
		"UPDATE balance_transaction SET amount_in_cents = amount_in_cents + iif(key = (SELECT min(key) FROM balance_transaction
		  WHERE profile_number = 3 AND event = 1), 1, -1) WHERE key IN (SELECT min(key) FROM balance_transaction
		  WHERE profile_number = 3 AND event = 1 UNION SELECT max(key) FROM balance_transaction WHERE profile_number = 3 AND event = 1)"
	fault "$claim" 'the payments of two postings of one member exchanged' \
		"CREATE TEMP TABLE pair AS SELECT key, payment_number FROM balance_transaction WHERE profile_number = 3 AND event = 1
		 GROUP BY payment_number LIMIT 2; UPDATE balance_transaction SET payment_number = (SELECT p.payment_number FROM pair p
		 WHERE p.key <> balance_transaction.key) WHERE key IN (SELECT key FROM pair)"
	fault 'each frozen debt is the sum of its transactions' 'a cent moved between the debts of two members' \
		"PRAGMA ignore_check_constraints = ON; CREATE TEMP TABLE pair AS SELECT min(profile_number) AS first,
		 max(profile_number) AS last FROM debt WHERE session_number = 1 AND amount_in_cents > 0;
		UPDATE debt SET amount_in_cents = amount_in_cents + iif(profile_number = (SELECT first FROM pair), 1, -1)
		 WHERE session_number = 1 AND profile_number IN (SELECT first FROM pair UNION SELECT last FROM pair)"
	fault 'the amount of a debt is set when its session is frozen, and bank files are made only after that' \
		'a debt without an amount in a frozen session' "UPDATE debt SET amount_in_cents = NULL WHERE session_number = 1 AND profile_number = 3"
}

# A purchase that no file of Swan has, with all that belongs to it: recorded from the newest file, and from an older one.
seed_forged() {
	local member input

	for member in 3 8; do
		for input in max min; do
			night_fault "each recorded Swan transaction is in one of Swan's files" "a made-up purchase of member $member, by night ($input)" \
				"INSERT INTO card_payment SELECT $member * 16777216 + last_payment + 1, x'77', 13, NULL, 0, 0, 7700, NULL, NULL
				  FROM profile WHERE number = $member;
				INSERT INTO swan_payment_id SELECT x'77', max(key) FROM card_payment WHERE profile_number = $member;
				INSERT INTO swan_transaction SELECT max(p.key) * 256 + 1, x'77', NULL, t.type, t.status, NULL, NULL, 7700, 7700, 0, 0,
				  (SELECT $input(number) FROM input WHERE kind = 'transactions' AND state = 'applied'), 9999
				  FROM card_payment p, (SELECT t.type, t.status FROM swan_transaction t JOIN balance_transaction b ON b.source_kind = 1
				   AND b.source = t.key AND b.event = 1 AND b.amount_in_cents < 0 LIMIT 1) t WHERE p.profile_number = $member;
				INSERT INTO swan_transaction_id SELECT x'77', max(key) FROM swan_transaction WHERE id = x'77';
				INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind, source,
				  payment_number) SELECT $member * 16777216 + last_transaction + 1, 1, -7700, 0, '2026-03-12', 1,
				  (SELECT key FROM swan_transaction WHERE id = x'77'), last_payment + 1 FROM profile WHERE number = $member;
				UPDATE profile SET last_transaction = last_transaction + 1, last_payment = last_payment + 1,
				  balance_in_cents = balance_in_cents - 7700 WHERE number = $member"
		done
	done
}

# What the audit of a night finds without --full: each member of whom something is new, whole; and what it does not read.
seed_night() {
	local claim="each balance is the sum of the member's transactions" new old last

	new="INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind, source,
		payment_number) SELECT max(key) + 1, 1, -5, 0, '2026-03-12', 1, 77, 1 FROM balance_transaction WHERE profile_number = 3;"
	old="UPDATE balance_transaction SET amount_in_cents = amount_in_cents - 1 WHERE profile_number = %d AND number = 1;"
	last="UPDATE profile SET last_transaction = last_transaction + 1, balance_in_cents = balance_in_cents - 5 WHERE number = 3;"
	night_fault "$claim" 'a new posting without its balance' "$new"
	night_fault 'each transaction that Swan booked is posted once, to the member of its payment, and nothing else is posted' \
		'a new posting that Swan did not book' "$new $last"
	# shellcheck disable=SC2059 # the format is the one above
	{
		night_fault "$claim" 'an old row of a member with a new posting' "$new $(printf "$old" 3)"
		night_fault "$claim" 'an old row of a member whose bank file was not audited' \
			"$(printf "$old" 3) UPDATE bank_file SET audited_on = NULL"
		change_rows 'an old row' "$(printf "$old" 3)"
	}
	check 'an old row that a hand changed is not read by night' is_clean_copy
	check 'but by --full' wants "$claim" --full
	night_fault 'each transaction belongs to a member and has the source and the sign of its event' 'a posting without a member' \
		"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind, source)
		 VALUES (999 * 16777216 + 1, 1, -5, 0, '2026-03-12', 1, 77)"
	night_fault 'what was recovered and refunded for each debt is what its transactions say' 'a cent less recovered by night' \
		"PRAGMA ignore_check_constraints = ON; UPDATE debt SET recovered_in_cents = recovered_in_cents - 1
		 WHERE status = 'succeeded' AND amount_in_cents > 0"
	night_fault 'the status of each debt agrees with its debit or refund' 'a debit that is not booked any more' \
		"UPDATE collection SET state = 'accepted', booked_on = NULL WHERE end_to_end_id = $BOOKED"
	night_fault 'the status of each session follows from its debts' 'a session that is settled too early by night' \
		"UPDATE session SET status = 'succeeded' WHERE number = 1"
	night_fault 'no id that is sent to the bank is used twice' 'an id of a file as that of a debit, by night' \
		"UPDATE collection SET end_to_end_id = (SELECT msg_id FROM bank_file WHERE kind = 'debit') WHERE end_to_end_id = $BOOKED"
	seed_forged
	night_fault 'each external transaction is posted once, for no more than was requested' 'an external transaction without a posting, by night' \
		"INSERT INTO external_transaction (number, app_id, external_transaction_id, profile_number, requested_in_cents, outcome,
		 transaction_number) SELECT 900, 'alan', 'forged', 3, 4, 'posted', last_transaction + 1 FROM profile WHERE number = 3"
	night_fault 'each applied bank entry had its effect once' 'an entry that waited, and was applied without an effect' \
		"UPDATE bank_entry SET kind = 'credit', state = 'applied', collection = (SELECT min(end_to_end_id) FROM collection
		  WHERE state = 'rejected') WHERE number = (SELECT min(number) FROM bank_entry WHERE collection IS NOT NULL);
		INSERT INTO exception (number, kind, key, code, message, state, opened_on, closed_on) SELECT 900, 'bank_entry',
		 lower(hex(fingerprint)) || '-' || occurrence, 'unknown', 'it waited', 'applied', '2026-03-01', '2026-03-13'
		 FROM bank_entry WHERE number = (SELECT min(number) FROM bank_entry WHERE collection IS NOT NULL)"
	night_fault 'each mandate is suspended or blocked as long as what came back demands it' 'a mandate that stays blocked without a reason, by night' \
		"UPDATE consequence SET seen_at = 0"
	night_fault 'each id of Swan finds one transaction or one payment' 'an id that is gone, of a member who is proved by night' \
		"DELETE FROM swan_payment_id WHERE key = (SELECT max(key) FROM card_payment WHERE profile_number = 3);
		UPDATE bank_file SET audited_on = NULL"
	claim='the marks of the audits follow each other, and have the members as they were proved'
	night_fault "$claim" 'a member as it never was' 'UPDATE audit_member SET digest = digest + 1 WHERE profile_number = 3'
	night_fault "$claim" 'a member that was proved and is forgotten' 'DELETE FROM audit_member WHERE profile_number = 3'
	night_fault "$claim" 'a mark with other members' 'UPDATE audit_mark SET members_sum = members_sum + 1 WHERE number = (SELECT max(number) FROM audit_mark)'
	fault "$claim" 'an old mark that was changed' 'UPDATE audit_mark SET transactions = transactions + 1 WHERE number = 1'
	fault "$claim" 'a mark that is gone' 'DELETE FROM audit_mark WHERE number = 2'
}

night_fault() {
	! change_rows "$2" "$3" || check "by night, $2: $1" wants "$1"
}

is_clean_copy() {
	local got=0

	"$BIN/alanpay-audit" --home "$WORK/copy" "${AUDIT[@]}" || got=$?
	[[ $got == 0 || $got == 3 ]]
}

seed_cards() {
	local claim='each transaction that Swan booked is posted once, to the member of its payment, and nothing else is posted'

	fault 'the card payments that are posted sum to what Swan booked' 'a booked transaction with another amount' \
		"UPDATE swan_transaction SET amount_in_cents = amount_in_cents + 1 WHERE id = (SELECT t.id FROM swan_transaction t
		  JOIN code c ON c.number = t.status WHERE c.word = 'Booked' LIMIT 1)"
	fault 'the card payments that are posted sum to what Swan booked' 'a deleted posting' \
		"DELETE FROM balance_transaction WHERE profile_number = 3 AND number = $CARD"
	fault "$claim" 'transactions of two members swapped' \
		"UPDATE balance_transaction SET key = (7 - profile_number) * 16777216 + number + 1000
		 WHERE event = 1 AND profile_number IN (3, 4)"
	fault "$claim" 'a payment of another member' \
		"UPDATE card_payment SET key = 4 * 16777216 + number + 1000 WHERE profile_number = 3"
	fault "$claim" 'a transaction of another payment' \
		"UPDATE balance_transaction SET payment_number = payment_number + 1 WHERE profile_number = 3 AND number = $CARD"
	fault "$claim" 'a posting stored twice, with another source' \
		"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,
			source_kind, source, payment_number) SELECT profile_number * 16777216 + 1000, event, amount_in_cents, transaction_at,
			transaction_on, source_kind, 31, payment_number FROM balance_transaction
		 WHERE profile_number = 3 AND number = $CARD"
	fault "$claim" 'two amounts changed so that their sum is the same' \
		"UPDATE balance_transaction SET amount_in_cents = amount_in_cents - 1 WHERE profile_number = 3 AND number = $CARD;
		UPDATE balance_transaction SET amount_in_cents = amount_in_cents + 1 WHERE profile_number = 4 AND number =
		  (SELECT min(number) FROM balance_transaction WHERE profile_number = 4 AND event = 1)"
}

seed_ids() {
	local claim='each id of Swan finds one transaction or one payment'

	fault "$claim" 'an id of a transaction that is gone' 'DELETE FROM swan_transaction_id WHERE key = (SELECT min(key) FROM swan_transaction)'
	fault "$claim" 'ids of two transactions exchanged' \
		'UPDATE swan_transaction_id SET key = (SELECT min(key) + max(key) FROM swan_transaction) - key
		 WHERE key IN (SELECT min(key) FROM swan_transaction UNION SELECT max(key) FROM swan_transaction)'
	fault "$claim" 'an id of no transaction' "INSERT INTO swan_transaction_id VALUES (x'31', 31)"
	fault "$claim" 'an id of a payment that is gone' 'DELETE FROM swan_payment_id WHERE key = (SELECT min(key) FROM card_payment)'
	fault "$claim" 'an id of the payment of another member' \
		'UPDATE swan_payment_id SET key = (SELECT max(key) FROM card_payment) WHERE key = (SELECT min(key) FROM card_payment)'
}

seed_owners() {
	local claim='each transaction that a person attributed is posted to the member that the person named'

	fault "a card payment, its Swan transactions and their postings belong to one member" 'a transaction of a payment that does not exist' \
		'UPDATE swan_transaction SET moved_to = payment + 1000 WHERE key = (SELECT key FROM swan_transaction
		  WHERE profile_number = 3 LIMIT 1)'
	fault "a card payment, its Swan transactions and their postings belong to one member" 'a posting of another member than its transaction' \
		'UPDATE balance_transaction SET source = (SELECT source FROM balance_transaction WHERE profile_number = 4 AND
		  event = 1 LIMIT 1), event = 6, amount_in_cents = 0 WHERE profile_number = 3 AND event = 1 AND number =
		  (SELECT min(number) FROM balance_transaction WHERE profile_number = 3 AND event = 1)'
	fault "a card payment, its Swan transactions and their postings belong to one member" 'a posting under another payment than its key is of' \
		'UPDATE balance_transaction SET payment_number = payment_number + 1 WHERE source_kind = 1 AND profile_number = 3'
	fault "$claim" 'an attribution that was never posted' \
		"INSERT INTO attribution (transaction_id, nth, id, profile_number, why, attributed_by, attributed_at)
		 VALUES ('t-1', 1, x'742d31', 3, 'hers', 'alice', 0)"
	fault "$claim" 'a decision that posted nothing' \
		"UPDATE exception SET state = 'resolved', closed_on = '2026-03-01', decision = 'attributed', why = 'hers',
		  resolved_by = 'alice', resolved_at = 0, profile_number = 3 WHERE kind = 'swan_transaction'"
}

seed_debts() {
	local claim='what was recovered and refunded for each debt is what its transactions say'

	fault 'each frozen debt is the sum of its transactions' 'a frozen debt with another amount' \
		"UPDATE debt SET amount_in_cents = amount_in_cents + 1 WHERE session_number = 1 AND status = 'failed'"
	fault 'the amount of a debt is set when its session is frozen, and bank files are made only after that' 'a session that is no longer frozen' \
		'UPDATE session SET frozen_at = NULL, digest = NULL WHERE number = 1'
	fault 'the amount of a debt is set when its session is frozen, and bank files are made only after that' 'an amount set before the freeze' \
		"UPDATE debt SET amount_in_cents = 0 WHERE session_number = 2"
	fault 'the amount of a debt is set when its session is frozen, and bank files are made only after that' 'a debt in a bank file before its freeze' \
		"UPDATE debt SET status = 'initiated' WHERE session_number = 2"
	fault "$claim" 'a cent less recovered' \
		"PRAGMA ignore_check_constraints = ON; UPDATE debt SET recovered_in_cents = recovered_in_cents - 1 WHERE (profile_number, session_number) =
		  (SELECT profile_number, session_number FROM debt WHERE status = 'succeeded' AND amount_in_cents > 0 LIMIT 1)"
	fault "$claim" 'a recovered amount on a failed debt' \
		"PRAGMA ignore_check_constraints = ON; UPDATE debt SET recovered_in_cents = amount_in_cents WHERE status = 'failed'"
	fault "$claim" 'a recovery that settles another debt' \
		"UPDATE balance_transaction SET settled_session = 2 WHERE event = 4"
	fault "$claim" 'a debt that succeeded for less than its amount' \
		"PRAGMA ignore_check_constraints = ON; UPDATE debt SET refunded_in_cents = 1 WHERE status = 'succeeded'"
	fault 'no id that is sent to the bank is used twice' 'an end-to-end id that is also the message id of the file' \
		"UPDATE collection SET end_to_end_id = (SELECT msg_id FROM bank_file WHERE kind = 'debit') WHERE end_to_end_id = $BOOKED"
	fault 'each transaction that is part of a debt refers to a debt that exists' 'a deleted debt' \
		'DELETE FROM debt WHERE session_number = 2 AND profile_number = (SELECT profile_number FROM balance_transaction
		  WHERE session_number = 2 LIMIT 1)'
	fault 'the status of each session follows from its debts' 'a session with the wrong status' \
		"UPDATE session SET status = CASE status WHEN 'pending' THEN 'succeeded' ELSE 'pending' END WHERE number = 1"
	fault 'the status of each session follows from its debts' 'a session that succeeded though a debt failed' \
		"UPDATE session SET status = 'succeeded' WHERE number = 1"
	fault 'each frozen session is unchanged since its freeze' 'another digest' 'UPDATE session SET digest = zeroblob(32) WHERE number = 1'
	fault 'each frozen session is unchanged since its freeze' 'another day of recovery' \
		"UPDATE session SET recovery_on = '2026-03-11' WHERE number = 1"
	fault 'each frozen session is unchanged since its freeze' 'a transaction moved to the next debt' \
		'UPDATE balance_transaction SET session_number = 2 WHERE session_number = 1 AND profile_number = 3'
	fault 'no counter is behind the numbers that were given' 'a counter set back' \
		"UPDATE counter SET last = last - 1 WHERE name = 'session'"
	fault 'no counter is behind the numbers that were given' 'a deleted counter' \
		"DELETE FROM counter WHERE name = 'bank_file'"
}

seed_files_of_the_bank() {
	local claim="each debit or refund uses the member's own mandate, in force when the file was made and when it was released"

	fault 'no debit or refund has an outcome before its file was released' 'an accepted debit in a file that was not released' \
		"UPDATE bank_file SET state = 'approved'"
	fault 'each debit or refund is the whole amount of its debt' 'a debit with another amount' \
		'UPDATE collection SET amount_in_cents = amount_in_cents + 1 WHERE profile_number = 3'
	fault 'each debit or refund is the whole amount of its debt' 'a debit without a debt' \
		"DELETE FROM debt WHERE session_number = 1 AND profile_number = 3"
	fault "$claim" 'a debit on the account of another member' \
		"UPDATE collection SET mandate_number = (SELECT number FROM mandate WHERE profile_number = 4) WHERE profile_number = 3"
	fault "$claim" 'a mandate that was blocked before the file was made' \
		"UPDATE mandate SET status = 'blocked', status_at = (SELECT created_at - 1 FROM bank_file WHERE kind = 'debit') WHERE profile_number = 3"
	fault "$claim" 'a mandate that was superseded before the file was released' \
		"UPDATE mandate SET status = 'superseded', status_at = (SELECT released_at - 1 FROM bank_file WHERE kind = 'debit') WHERE profile_number = 3"
	fault 'no debt is in two live debits or refunds' 'a debt presented twice' \
		"DROP INDEX collection_one_live; INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number,
		  mandate_number, presentation, amount_in_cents, amended, live, state) SELECT end_to_end_id || '-2', file_number, block,
		  profile_number, session_number, mandate_number, 2, amount_in_cents, 0, 1, 'presented' FROM collection
		 WHERE live = 1 LIMIT 1"
	fault 'no debt is in two live debits or refunds' 'a debt presented twice, the first time marked as not live' \
		"PRAGMA ignore_check_constraints = ON; UPDATE collection SET live = 0 WHERE end_to_end_id = $BOOKED;
		INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number,
		  mandate_number, presentation, amount_in_cents, amended, live, state) SELECT end_to_end_id || '-2', file_number, block,
		  profile_number, session_number, mandate_number, 2, amount_in_cents, 0, 1, 'presented' FROM collection
		 WHERE end_to_end_id = $BOOKED"
	fault 'the status of each debt agrees with its debit or refund' 'a booked debit of a failed debt' \
		"UPDATE debt SET status = 'failed', recovered_in_cents = 0 WHERE (profile_number, session_number) =
		  (SELECT profile_number, session_number FROM collection WHERE state = 'booked' LIMIT 1)"
	fault 'the status of each debt agrees with its debit or refund' 'a returned debit of a debt that succeeded' \
		"UPDATE debt SET status = 'succeeded', recovered_in_cents = amount_in_cents
		 WHERE (profile_number, session_number) = (SELECT profile_number, session_number FROM collection
		  WHERE state = 'returned' LIMIT 1)"
	fault 'the status of each debt agrees with its debit or refund' 'an initiated debt in no bank file' \
		"DELETE FROM collection WHERE end_to_end_id = $BOOKED"
	fault 'no debt waits while the bank file of its session is made' 'a pending debt that is in no bank file' \
		"UPDATE debt SET status = 'pending' WHERE status = 'succeeded' AND amount_in_cents > 0"
	claim='cancelled bank files never left, and exactly their debits and refunds are cancelled'
	fault "$claim" 'an uploaded file marked as cancelled' \
		"PRAGMA ignore_check_constraints = ON; UPDATE bank_file SET state = 'cancelled', cancelled_by = 'a', cancelled_at = 0,
		  cancel_why = 'w'; UPDATE collection SET state = 'cancelled', live = NULL, failed_on = NULL, booked_on = NULL"
	fault "$claim" 'a live debit in a file that was cancelled' \
		"UPDATE bank_file SET state = 'cancelled', cancelled_by = 'a', cancelled_at = 0, cancel_why = 'w', released_by = NULL,
		  released_at = NULL, uploaded_by = NULL, uploaded_at = NULL, bank_reference = NULL;
		 UPDATE artifact SET kind = 'other' WHERE kind IN ('upload', 'uploaded')"
	fault "$claim" 'a debit cancelled in a file that is at the bank' \
		"PRAGMA ignore_check_constraints = ON; UPDATE collection SET state = 'cancelled' WHERE end_to_end_id = $RETURNED"
	claim='each bank file has the recorded count and sum of its debits or refunds'
	fault "$claim" 'a file with another count' \
		'UPDATE bank_file SET collections = collections + 1'
	fault "$claim" 'a file with another sum' \
		'UPDATE bank_file SET sum_in_cents = sum_in_cents + 1'
	fault "$claim" 'a cent more in a block' "UPDATE bank_block SET sum_in_cents = sum_in_cents + 1 WHERE file_number = 1"
	fault "$claim" 'debits without a sequence type' "UPDATE bank_block SET sequence_type = NULL WHERE file_number = 1"
	claim='each bank file that left was audited and released, and its approvers did not build it'
	fault "$claim" 'a file that was not released' 'UPDATE bank_file SET released_by = NULL, released_at = NULL'
	fault "$claim" 'a file that was never audited' 'UPDATE bank_file SET audited_on = NULL'
	fault "$claim" 'an approval of other bytes' 'UPDATE approval SET sha256 = zeroblob(32) WHERE approver = (SELECT min(approver) FROM approval)'
	fault "$claim" 'an approval by the builder' "UPDATE bank_file SET built_by = 'alice'"
}

# What a transfer brought, and what a person, or Swan, took back of it.
seed_reversals() {
	local claim='each transfer that went back is posted once, to the member who sent it, and never more than came'
	local transfer="INSERT INTO credit_transfer (bank_reference, reference_key, profile_number, amount_in_cents, booked_on,
		recorded_by, recorded_at) VALUES ('BNK-1', 'BNK-1', 3, 100, '2026-03-12', 'alice', 0);"
	local reversal="INSERT INTO transfer_reversal (bank_reference, nth, amount_in_cents, booked_on, why, reversed_by, reversed_at)
		VALUES ('BNK-1', 1, %d, '2026-03-12', 'not hers', 'alice', 0);"
	local posting="INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,
		source_kind, source) VALUES (%d * 16777216 + 1000, 3, %d, 0, '2026-03-12', 7, CAST('BNK-1/1' AS BLOB));"

	# shellcheck disable=SC2059 # the formats are those above
	{
		fault "$claim" 'a reversal that was never posted' "$transfer $(printf "$reversal" 100)"
		fault "$claim" 'a reversal that nobody recorded' "$transfer $(printf "$posting" 3 -100)"
		fault "$claim" 'a reversal posted to another member' "$transfer $(printf "$reversal $posting" 100 4 -100)"
		fault "$claim" 'a reversal posted with another amount' "$transfer $(printf "$reversal $posting" 100 3 -99)"
		fault "$claim" 'a reversal of more than came' "$transfer $(printf "$reversal $posting" 101 3 -101)"
	}
}

# What a person took back of a decision.
seed_revocations() {
	local claim='each decision that a person reversed is undone, and nothing had followed from it'
	local reversed="INSERT INTO reversed_decision (exception_number, nth, decision, profile_number, %s, decided_why, decided_by,
		decided_at, why, reversed_by, reversed_at) SELECT min(number), 1, 'attributed', 3, %s, 'hers', 'alice', 0, 'not hers', 'bob', 0
		FROM exception WHERE kind = 'swan_transaction';"
	local transfer="INSERT INTO credit_transfer (bank_reference, reference_key, swan_updated_at, profile_number, amount_in_cents,
		booked_on, recorded_by, recorded_at) VALUES ('S', 's', 0, 3, 100, '2026-03-12', 'alice', 0);
		INSERT INTO attribution (transaction_id, nth, id, bank_reference, profile_number, why, attributed_by, attributed_at)
		VALUES ('S', 1, x'53', 'S', 3, 'hers', 'alice', 0);
		INSERT INTO transfer_reversal (bank_reference, nth, amount_in_cents, booked_on, why, reversed_by, reversed_at)
		VALUES ('S', 1, 100, '2026-03-12', 'not hers', 'bob', 0);"

	# shellcheck disable=SC2059 # the format is the one above
	{
		fault "$claim" 'a reversal without a correction' "$(printf "$reversed" correction_nth 1)"
		fault "$claim" 'a reversal of no transfer' "$(printf "$reversed" bank_reference "'S'")"
	}
	fault "$claim" 'an attribution whose transfer is reversed, while it stands' "$transfer"
	reversed="INSERT INTO exception (number, kind, key, code, message, state, opened_on, closed_on, decision, why, resolved_by, resolved_at)
		VALUES (900, 'bank_file', '1/AC04', 'same_reason', '', %s);
		INSERT INTO reversed_decision (exception_number, nth, decision, decided_why, decided_by, decided_at, why, reversed_by, reversed_at)
		VALUES (900, 1, 'waive', 'wrong', 'alice', 0, 'right', 'bob', %s);"
	# shellcheck disable=SC2059 # the format is the one above
	{
		fault "$claim" 'a file that was released while it was decided' "$(printf "$reversed" \
			"'open', '2026-03-12', NULL, NULL, NULL, NULL, NULL" 9000000000000)"
		fault "$claim" 'a decision that stands' "$(printf "$reversed" \
			"'resolved', '2026-03-12', '2026-03-12', 'waive', 'wrong', 'alice', 0" 1)"
	}
}

# The reference of the bank for an upload, and what a person corrected of it.
seed_references() {
	local claim='each bank reference that was corrected leads to the one that its file has'
	local correction="INSERT INTO upload_correction (file_number, nth, was, becomes, why, corrected_by, corrected_at)
		SELECT number, 1, 'EB-0', bank_reference, 'typed wrong', 'alice', 0 FROM bank_file WHERE number = 1;"

	fault "$claim" 'a reference that was changed without a correction' \
		"$correction UPDATE bank_file SET bank_reference = 'EB-1' WHERE number = 1"
	fault "$claim" 'a correction that is missing' "$correction UPDATE upload_correction SET nth = 2"
	fault "$claim" 'a correction of another reference' \
		"$correction INSERT INTO upload_correction (file_number, nth, was, becomes, why, corrected_by, corrected_at)
			SELECT number, 2, 'EB-2', bank_reference, 'typed wrong', 'alice', 0 FROM bank_file WHERE number = 1"
}

# What a person corrected, and what Swan took back under a card payment.
seed_corrections() {
	local claim='what a person corrected moves what Swan has booked of it, and each correction has its transaction'
	local corrected="INSERT INTO correction (swan_id, nth, id, profile_number, moves_in_cents, swan_updated_at, why, corrected_by,
		corrected_at) SELECT 'S', 1, t.id, 3, %s, 0, 'why', 'alice', 0 FROM swan_transaction t JOIN balance_transaction b
		ON b.source_kind = 1 AND b.source = t.key WHERE b.profile_number = 3 AND b.number = $CARD;"
	local contra="INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,
		source_kind, source) VALUES (%d * 16777216 + 1000, 1, %d, 0, '2026-03-12', 8, CAST('S/1' AS BLOB));"
	local taken="INSERT INTO code (number, kind, word) VALUES (900, 'swan_type', 'SepaCreditTransferInReturn');
		INSERT INTO swan_transaction SELECT 53, x'53', t.payment, 900, t.status, NULL, NULL, 100, 100, 0, 0, 1, 1
		FROM swan_transaction t JOIN balance_transaction b ON b.source_kind = 1 AND b.source = t.key
		WHERE b.profile_number = 3 AND b.number = $CARD;
		INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind,
		source, payment_number) SELECT 3 * 16777216 + 1000, 1, -100, 0, '2026-03-12', 1, 53, payment_number FROM balance_transaction
		WHERE profile_number = 3 AND number = $CARD;"

	# shellcheck disable=SC2059 # the formats are those above
	{
		fault "$claim" 'a correction that was never posted' "$(printf "$corrected" '-t.amount_in_cents + 1')"
		fault "$claim" 'a correction posted with another amount' "$(printf "$corrected $contra" '-t.amount_in_cents + 1' 3 2)"
		fault "$claim" 'a correction posted to another member' "$(printf "$corrected $contra" '-t.amount_in_cents + 1' 4 1)"
		fault "$claim" 'a correction that the last version of its transaction contradicts' \
			"$(printf "$corrected $contra" '-t.amount_in_cents + 1' 3 1)"
		fault "$claim" 'a contra row that nobody decided' "$(printf "$contra" 3 1)"
		fault "$claim" 'a purchase that a person gave to another member, and that the first one still owes' \
			"INSERT INTO attribution (transaction_id, nth, id, profile_number, why, attributed_by, attributed_at)
			VALUES ('S', 1, x'53', 3, 'his', 'alice', 0), ('S', 2, x'53', 4, 'hers', 'alice', 0);
			$(printf "$corrected" '-t.amount_in_cents') UPDATE correction SET profile_number = 4;
			INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind,
			  source) SELECT 4 * 16777216 + 1000, 1, moves_in_cents, 0, '2026-03-12', 8, CAST('S/1' AS BLOB) FROM correction"
	}
	fault "$claim" 'a correction that does not name its transfer' \
		"INSERT INTO credit_transfer (bank_reference, reference_key, profile_number, amount_in_cents, booked_on, recorded_by,
		  recorded_at) VALUES ('S', 's', 3, 100, '2026-03-12', 'alice', 0);
		INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind,
		  source) VALUES (3 * 16777216 + 1000, 4, 100, 0, '2026-03-12', 4, CAST('S' AS BLOB));
		INSERT INTO correction (swan_id, nth, id, profile_number, moves_in_cents, swan_updated_at, why, corrected_by, corrected_at)
		VALUES ('S', 1, x'53', 3, 100, 0, 'why', 'alice', 0)"
	fault "$claim" 'a decision as_told that corrected nothing' \
		"UPDATE exception SET state = 'resolved', closed_on = '2026-03-01', decision = 'as_told', why = 'so',
		  resolved_by = 'alice', resolved_at = 7 WHERE kind = 'swan_transaction'"
	fault 'no more is taken back under a card payment than chargebacks gave' 'a chargeback that is lost and was never won' "$taken"
}

seed_bank() {
	local claim='each debit or refund has exactly the transactions that its state requires'

	fault 'the recoveries that are posted sum to what the bank booked and did not take back' 'a booking that is missing' \
		"UPDATE collection SET state = 'accepted', booked_on = NULL WHERE end_to_end_id = $BOOKED"
	fault 'each credit transfer is posted once, as a recovery of the member who sent it' 'a credit transfer that was never posted' \
		"INSERT INTO credit_transfer (bank_reference, reference_key, profile_number, amount_in_cents, booked_on,
		 recorded_by, recorded_at) VALUES ('BNK-1', 'BNK-1', 3, 100, '2026-03-12', 'alice', 0)"
	fault 'each credit transfer is posted once, as a recovery of the member who sent it' 'a recovery by a credit transfer that was not recorded' \
		"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,
			source_kind, source) VALUES (3 * 16777216 + 1000, 4, 100, 0, '2026-03-12', 4, CAST('BNK-1' AS BLOB))"
	seed_reversals
	seed_references
	seed_revocations
	seed_corrections
	fault "$claim" 'a rejected debit whose recovery was not taken back' \
		'DELETE FROM balance_transaction WHERE event = 3 AND number = (SELECT min(number) FROM balance_transaction WHERE event = 3)'
	fault "$claim" 'a recovery of another member' \
		"UPDATE balance_transaction SET key = 999 * 16777216 + number WHERE event = 4 AND source = CAST($BOOKED AS BLOB)"
	fault "$claim" 'a returned debit taken back by another amount' \
		"UPDATE balance_transaction SET amount_in_cents = amount_in_cents + 1 WHERE event = 3 AND source = CAST($RETURNED AS BLOB)"
	fault "$claim" 'a recovery without a debit' \
		"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,
			source_kind, source, settled_session) VALUES (3 * 16777216 + 1000, 4, 100, 0, '2026-03-12', 2, x'31', 1)"
	claim='each bank entry is applied, noted, or an exception'
	fault "$claim" 'an entry that was never applied' "UPDATE bank_entry SET state = 'new' WHERE number = 1"
	fault "$claim" 'an entry without its exception' "UPDATE bank_entry SET state = 'held' WHERE number = 1"
	fault "$claim" 'money that was only noted' \
		"UPDATE bank_entry SET state = 'noted' WHERE end_to_end_id = $BOOKED AND kind = 'credit'"
	fault "$claim" 'a deleted entry' "DELETE FROM bank_entry WHERE number = (SELECT max(number) FROM bank_entry)"
	claim='each applied bank entry had its effect once'
	fault "$claim" 'a credit for a debit that is not booked' "UPDATE collection SET booked_on = NULL WHERE end_to_end_id = $BOOKED"
	fault "$claim" 'a credit for an unknown end-to-end id' "UPDATE bank_entry SET collection = 'NOBODY' WHERE collection = $BOOKED AND kind = 'credit'"
	fault "$claim" 'a return for a debit that was not returned' \
		"UPDATE bank_entry SET collection = $BOOKED WHERE collection = $RETURNED AND kind = 'return'"
	fault "$claim" 'a credit counted twice' \
		"UPDATE bank_entry SET collection = $BOOKED WHERE number = (SELECT min(number) FROM bank_entry
		  WHERE kind = 'credit' AND collection <> $BOOKED)"
	fault "$claim" 'a reject for a debit that was booked' \
		"UPDATE bank_entry SET collection = $BOOKED WHERE kind = 'status' AND level = 'debit' AND status = 'RJCT' AND state = 'applied'"
	fault 'what the bank booked for a whole file adds up to what it booked of it' 'a sum with another amount than the debits it booked' \
		"UPDATE bank_entry SET collection = NULL, file_number = 1, amount_in_cents = amount_in_cents + 1 WHERE collection = $BOOKED AND kind = 'credit'"
	fault 'each bank entry means the debit that it names' 'a credit that names another debit' \
		"UPDATE bank_entry SET end_to_end_id = $RETURNED, mandate_reference = NULL WHERE collection = $BOOKED AND kind = 'credit'"
	claim='each booking, return and reject in the books was reported by the bank'
	fault "$claim" 'a booking without a bank entry' \
		"DELETE FROM bank_entry WHERE end_to_end_id = $BOOKED AND kind = 'credit'"
	fault "$claim" 'a return without a bank entry' \
		"DELETE FROM bank_entry WHERE end_to_end_id = $RETURNED AND kind = 'return'"
	fault "$claim" 'a reject without a bank entry' "DELETE FROM bank_entry WHERE status = 'RJCT'"
}

seed_consequences() {
	local claim='each debit or refund that came back is stored with its reason, for its mandate and its member'

	fault "$claim" 'a return that acts on nothing' "DELETE FROM consequence WHERE reason = 'AM04'"
	fault "$claim" 'a return with another reason' "UPDATE consequence SET reason = 'AM04'"
	fault "$claim" 'a return of another mandate' 'UPDATE consequence SET mandate_number = 4'
	fault "$claim" 'a booked debit that acts on its mandate' "INSERT INTO consequence (end_to_end_id, file_number,
		  profile_number, mandate_number, kind, reason, action, of_member)
		SELECT end_to_end_id, file_number, profile_number, mandate_number, 'debit', 'AM04', 'keep', 0 FROM collection
		WHERE end_to_end_id = $BOOKED"
	claim='each mandate is suspended or blocked as long as what came back demands it'
	fault "$claim" 'a blocked mandate that is in force' "UPDATE mandate SET status = 'active', why = NULL WHERE number = 2"
	fault "$claim" 'a mandate that is suspended for nothing' \
		"UPDATE mandate SET status = 'suspended', status_at = status_at + 1000000000 WHERE number = 3"
	fault "$claim" 'a mandate that is blocked after a person has seen why' "UPDATE consequence SET seen_at = 1 WHERE reason = 'MD01'"
	fault "$claim" 'a mandate of a member who died that is in force' \
		"UPDATE consequence SET action = 'block', of_member = 1, mandate_number = 2 WHERE reason = 'AM04'"
	fault "$claim" 'a mandate that is blocked with most of its file' "UPDATE same_reason SET state = 'held' WHERE reason = 'MD01'"
	claim='each mandate counts as used on the last day for which the bank has a debit under its reference'
	fault "$claim" 'a mandate that was never used' 'UPDATE mandate SET last_due_on = NULL WHERE number = 3'
	fault "$claim" 'a mandate that is used later' "UPDATE mandate SET last_due_on = '2026-12-01' WHERE number = 3"
	claim='a debit announces to the bank that the account changed, if the bank took the last one from another account'
	fault "$claim" 'a change of account that never was' 'UPDATE collection SET amended = 1 WHERE profile_number = 3'
	fault "$claim" 'a change of account that is not announced' "$ANOTHER_ACCOUNT"
	claim='what came back of a file for one reason is counted, and waits for a person where it is most of the file'
	fault "$claim" 'a wrong count' 'UPDATE same_reason SET failures = 2'
	fault "$claim" 'a reason that is not counted' "DELETE FROM same_reason WHERE reason = 'AC04'"
	fault "$claim" 'most of a file without an exception' "UPDATE same_reason SET state = 'held' WHERE reason = 'AC04'"
	fault "$claim" 'a decision that no person made' "UPDATE same_reason SET state = 'waived' WHERE reason = 'AC04'"
}

seed_notified() {
	local claim='members are notified of the amount and the day that the bank file has'

	fault 'each quarantined file has an exception' 'a file quarantined without an exception' \
		"UPDATE input SET state = 'refused' WHERE number = (SELECT max(number) FROM input WHERE kind = 'bank')"
	fault 'each import window that counts as posted was read' 'an import window that was not read' \
		"UPDATE input SET kind = 'requests', name = 'x' WHERE number = (SELECT max(number) FROM input WHERE kind = 'transactions')"
	fault "$claim" 'a notification with another amount' \
		"UPDATE notification SET params = replace(params, '\"amount_in_cents\":', '\"amount_in_cents\":1')
		 WHERE number = (SELECT min(number) FROM notification WHERE name = 'alan_pay__recovery_session')"
	fault "$claim" 'a notification with another day' \
		"UPDATE notification SET params = replace(params, '2026-03-10', '2026-03-11')
		 WHERE number = (SELECT min(number) FROM notification WHERE name = 'alan_pay__recovery_session')"
	fault "$claim" 'a notification to another member' \
		"UPDATE notification SET profile_number = 999 WHERE number = (SELECT min(number) FROM notification WHERE name = 'alan_pay__recovery_session')"
	claim='no notification is repeated, and each batch has all its lines'
	fault "$claim" 'a deleted notification' "DELETE FROM notification WHERE number = (SELECT max(number) FROM notification)"
	fault "$claim" 'a notification in another batch' \
		"UPDATE notification SET batch_number = (SELECT max(batch_number) FROM notification) WHERE number = 1"
	fault "$claim" 'a payment notified again without a reject before' \
		"UPDATE notification SET subject = subject || '/2' WHERE number = (SELECT min(number) FROM notification
			WHERE name = 'alan_pay__post_payment')"
	fault "$claim" 'a further attempt without a first one' \
		"UPDATE notification SET attempt = 2, asked_by = 'alice', asked_why = 'why' WHERE number = 1"
	fault "$claim" 'two notifications of one subject and attempt' \
		"PRAGMA legacy_alter_table = ON; CREATE TABLE loose AS SELECT * FROM notification; DROP TABLE notification; ALTER TABLE loose RENAME TO notification;
		 INSERT INTO notification SELECT 999999, name, subject_type, subject, attempt, profile_number, params, batch_number,
			created_at, expires_at, asked_by, asked_identity, asked_why, state, accepted_at, proof FROM notification WHERE number = 1"
	fault 'members hear of a withdrawn debit only when none comes' 'a debit notified as withdrawn that the bank has' \
		"UPDATE notification SET name = 'alan_pay__recovery_session_withdrawn'
		 WHERE number = (SELECT min(number) FROM notification WHERE name = 'alan_pay__recovery_session')"
	claim='a member counts as notified only by a receipt, or by the publication of the batch'
	fault "$claim" 'a notification accepted without a receipt' "UPDATE notification SET proof = 'receipt' WHERE number = 1"
	fault "$claim" 'a notification refused without a receipt' \
		"UPDATE notification SET state = 'refused', accepted_at = NULL, proof = NULL WHERE number = 1"
	fault "$claim" 'a notification accepted after its publication' "UPDATE notification SET accepted_at = accepted_at + 1 WHERE number = 1"
	fault 'no receipt of acceptance is lost' 'an accepted notification that is pending' \
		"INSERT INTO receipt (number, notification_number, status, answered_at, input_number, line, stored_at)
			SELECT 1, 1, 'accepted', created_at, 1, 1, created_at FROM notification WHERE number = 1;
		 UPDATE notification SET state = 'pending', accepted_at = NULL, proof = NULL WHERE number = 1"
	claim='no member counts as notified before there was anything to notify of'
	fault "$claim" 'a notification accepted before it was made' "UPDATE notification SET accepted_at = created_at - 1 WHERE number = 1"
	fault "$claim" 'a notification accepted before the payment' \
		"UPDATE card_payment SET effective_at = (SELECT max(accepted_at) + 1 FROM notification)"
	fault 'each chunk that counts as answered has no notification without an answer' 'a chunk that was not answered' \
		"INSERT INTO notification_chunk (number, batch_number, nth, first_number, last_number, answered_at) VALUES (1, 1, 1, 1, 1, 1);
		 UPDATE notification SET state = 'pending', accepted_at = NULL, proof = NULL WHERE number = 1"
}

# --- files --------------------------------------------------------------------------------------------------------------

# rewrite SED-SCRIPT FILE: in a bank file, with the recorded hash corrected, so that only its text is wrong.
rewrite() {
	sed -i "$1" "$2"
	sqlite3 -batch -init /dev/null state/alanpay.db "UPDATE bank_file SET sha256 = x'$(sha256sum <"$2" | cut -c1-64)'
		WHERE name = '${2##*/}'"
}

# The first two debits change their accounts, or the first one is there instead of the second.
swap_ibans() {
	local ibans

	mapfile -t ibans < <(grep -o '<DbtrAcct><Id><IBAN>[^<]*' "$1" | sed -n '1,2s/.*>//p')
	rewrite "s/${ibans[0]}/XX/; s/${ibans[1]}/${ibans[0]}/; s/XX/${ibans[1]}/" "$1"
}

repeat_debit() {
	awk 'BEGIN { RS = "</DrctDbtTxInf>"; ORS = RS } NR == 1 { first = $0; sub(/.*<DrctDbtTxInf>/, "<DrctDbtTxInf>", first) }
		NR == 2 { $0 = first } { print }' "$1" >"$1.new"
	truncate -s "-$(printf '</DrctDbtTxInf>' | wc -c)" "$1.new"
	mv "$1.new" "$1"
	chmod 600 "$1"
	rewrite '' "$1"
}

# change_import AWK-STATEMENT FILE: in the line of the first booked card transaction; columns are found by the header. The
# recorded hash is corrected.
change_import() {
	awk -F, -v OFS=, '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR > 1 && !done && $at["status"] == "Booked" && $at["type"] ~ /^CardOut/ { done = 1; '"$1"' }
		{ print }' "$2" >"$2.new"
	mv "$2.new" "$2"
	chmod 600 "$2"
	sqlite3 -batch -init /dev/null state/alanpay.db "UPDATE input SET sha256 = x'$(sha256sum <"$2" | cut -c1-64)' WHERE kept_at = '$2'"
}

# change_exported LIST COLUMN: the first value in the column of the newest export is another.
change_exported() {
	local file=out/exports/latest/$1.csv

	awk -F, -v OFS=, -v column="$2" '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == column) at = i }
		NR > 1 && at && !done && !/"/ && $at != "" { $at = $at "1"; done = 1 }
		{ print }' "$file" >"$file.new"
	mv "$file.new" "$file"
	chmod 600 "$file"
}

cut_short() {
	truncate -s -20 "$1"
	sqlite3 -batch -init /dev/null state/alanpay.db "UPDATE input SET sha256 = x'$(sha256sum <"$1" | cut -c1-64)' WHERE kept_at = '$1'"
}

seed_files() {
	local claim='each bank file has the hash, the count and the sum that are recorded' xml

	xml=$(ask_books "SELECT folder || '/' || name FROM bank_file WHERE kind = 'debit'")
	file_fault "$claim" 'a changed byte of the bank file' sed -i '0,/<MndtId>AP/s//<MndtId>AQ/' "$xml"
	file_fault "$claim" 'a deleted bank file' rm "$xml"
	file_fault "$claim" 'a changed amount in the bank file' rewrite '0,/Ccy="EUR">/s//&1/' "$xml"
	file_fault "$claim" 'a changed sum in its header' rewrite '0,/<CtrlSum>/s//&1/' "$xml"
	file_fault "$claim" 'a changed count in its block' rewrite 's/\(<PmtInf>.*\)<NbOfTxs>/\1<NbOfTxs>1/' "$xml"
	file_fault "$claim" 'another sequence type' rewrite 's/<SeqTp>RCUR/<SeqTp>FRST/' "$xml"
	file_fault "$claim" 'a block that is not recorded' rewrite 's/<PmtInfId>/&X/' "$xml"
	file_fault "$claim" 'a changed message id' rewrite '0,/<MsgId>/s//&X/' "$xml"
	file_fault "$claim" 'a changed day' rewrite 's/<ReqdColltnDt>2026-03-10/<ReqdColltnDt>2026-03-11/' "$xml"
	claim='each debit or refund in the text of a bank file is recorded: amount, account, mandate'
	file_fault "$claim" 'swapped accounts of two debits' swap_ibans "$xml"
	file_fault "$claim" 'a changed mandate of a debit' rewrite '0,/<MndtId>AP/s//<MndtId>AQ/' "$xml"
	file_fault "$claim" 'a debit twice, in place of another one' repeat_debit "$xml"
	claim='each file in out/upload was released, byte for byte'
	file_fault "$claim" 'a file that was not released' cp "$xml" out/upload/SDD-20260228-1-20260310-2.xml
	file_fault "$claim" 'the file copied back after the upload' cp "$xml" "out/upload/$(basename "$xml")"
}

# Refunds, whose rows have the other sign.
seed_refunds() {
	local claim='the refunds that are posted sum to what the bank paid to members and did not get back' xml

	xml=$(ask_books "SELECT folder || '/' || name FROM bank_file WHERE kind = 'refund'")
	fault "$claim" 'a refund that is posted, but not booked' \
		"UPDATE collection SET state = 'accepted', booked_on = NULL WHERE end_to_end_id = $REFUNDED"
	claim='each debit or refund is the whole amount of its debt'
	fault "$claim" 'a refund with another amount' \
		"UPDATE collection SET amount_in_cents = amount_in_cents + 1 WHERE end_to_end_id = $REFUNDED"
	claim='what was recovered and refunded for each debt is what its transactions say'
	fault "$claim" 'a cent more refunded' \
		"PRAGMA ignore_check_constraints = ON; UPDATE debt SET refunded_in_cents = refunded_in_cents + 1
		 WHERE refunded_in_cents > 0"
	fault "$claim" 'a refund that settles another debt' \
		"UPDATE balance_transaction SET settled_session = 2 WHERE event = 5"
	claim='each debit or refund has exactly the transactions that its state requires'
	fault "$claim" 'a returned refund that was never booked' \
		"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,
			source_kind, source) SELECT profile_number * 16777216 + 1000, 5, -amount_in_cents, 0, '2026-03-12', 5, source
		 FROM balance_transaction WHERE event = 5"
	fault "$claim" 'a refund without a debt' \
		"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,
			source_kind, source, settled_session) VALUES (3 * 16777216 + 1000, 5, -100, 0, '2026-03-12', 2, x'31', 1)"
	fault 'the status of each debt agrees with its debit or refund' 'a refund in no bank file' \
		"DELETE FROM collection WHERE end_to_end_id = $REFUNDED"
	fault 'no debt waits while the bank file of its session is made' 'a pending refund that is in no bank file' \
		"PRAGMA ignore_check_constraints = ON; UPDATE debt SET status = 'pending' WHERE refunded_in_cents > 0"
	fault "each debit or refund uses the member's own mandate, in force when the file was made and when it was released" \
		'a refund to the account of another member' \
		"UPDATE collection SET mandate_number = (SELECT number FROM mandate WHERE profile_number = 4)
		 WHERE end_to_end_id = $REFUNDED"
	fault 'each applied bank entry had its effect once' 'a credit that is applied to a paid refund' \
		"UPDATE bank_entry SET collection = $REFUNDED WHERE collection = $BOOKED AND kind = 'credit'"
	fault 'each booking, return and reject in the books was reported by the bank' 'a booked refund without a bank entry' \
		"DELETE FROM bank_entry WHERE end_to_end_id = $REFUNDED"
	fault 'each bank entry is applied, noted, or an exception' 'a refund that was only noted' \
		"UPDATE bank_entry SET state = 'noted' WHERE end_to_end_id = $REFUNDED AND kind = 'debit'"
	file_fault 'each bank file has the hash, the count and the sum that are recorded' 'a changed amount of a refund' \
		rewrite '0,/Ccy="EUR">/s//&1/' "$xml"
	file_fault 'each bank file has the hash, the count and the sum that are recorded' 'a changed day of a refund' \
		rewrite 's/<ReqdExctnDt><Dt>2026-03-10/<ReqdExctnDt><Dt>2026-03-11/' "$xml"
	file_fault 'each debit or refund in the text of a bank file is recorded: amount, account, mandate' \
		'a changed account of a refund' rewrite 's/\(<CdtrAcct><Id><IBAN>\)[A-Z0-9]*/\1FR7630006000011234567890189/' "$xml"
}

# shellcheck disable=SC2016 # what awk reads
seed_inputs() {
	local claim="each booked transaction in Swan's files is posted once or is an exception" csv archived

	csv=$(ask_books 'SELECT transactions_path FROM import_window WHERE transactions > 0 ORDER BY number DESC LIMIT 1')
	file_fault "$claim" 'a changed amount in transactions.csv' change_import '$at["amount_cents"] = "9" $at["amount_cents"]' "$csv"
	file_fault "$claim" 'a transaction that was never posted' change_import '$1 = $1 "f"' "$csv"
	fault "$claim" 'a posting of another transaction' \
		"UPDATE balance_transaction SET source = -key WHERE event = 1 AND profile_number = 3"
	fault "$claim" 'a posting stored twice, without the index that forbids it' \
		"PRAGMA legacy_alter_table = ON; CREATE TABLE copy AS SELECT * FROM balance_transaction; DROP TABLE balance_transaction;
		ALTER TABLE copy RENAME TO balance_transaction; INSERT INTO balance_transaction SELECT * FROM balance_transaction
		 WHERE profile_number = 3 AND number = $CARD"
	fault "$claim" 'a credit without its exception' \
		"DELETE FROM exception WHERE kind = 'swan_transaction' AND code = 'unattributed_credit'"
	claim='each transactions file that was read is unchanged and can be read'
	file_fault "$claim" 'a transactions.csv cut short' cut_short "$csv"
	file_fault "$claim" 'a deleted line' sed -i 2d "$csv"
	file_fault "$claim" 'a deleted transactions.csv' rm "$csv"
	claim="each recorded Swan transaction is in one of Swan's files"
	fault "$claim" 'an invented transaction' \
		"INSERT INTO swan_transaction SELECT 1, randomblob(16), payment, type, status, reason, rejection,
			amount_in_cents, first_amount_in_cents, created_at, updated_at, input_number, line FROM swan_transaction LIMIT 1"
	file_fault "$claim" 'a deleted line, with the hash corrected' change_import 'next' "$csv"
	archived=$(ask_books "SELECT path FROM artifact WHERE path LIKE 'archive/%bank%' OR kind = 'bank' ORDER BY path LIMIT 1")
	claim='each file that was received or published is unchanged'
	file_fault "$claim" 'a changed bank message in the archive' sed -i '0,/>/s//> /' "$archived"
	file_fault "$claim" 'a deleted export' rm "$(ask_books "SELECT path FROM artifact WHERE kind = 'export' ORDER BY path LIMIT 1")"
	claim='the newest export has each balance transaction and card payment, with the amount, dates, status and debt of the books'
	fault "$claim" 'a merchant that changed without a note' "DELETE FROM touched; UPDATE merchant SET name = 'Another' WHERE name IS NOT NULL"
	fault "$claim" 'a debt that failed without a note' \
		"DELETE FROM touched; UPDATE debt SET status = 'failed', recovered_in_cents = 0 WHERE status = 'succeeded'"
	fault "$claim" 'a notification that was accepted without a note' \
		"DELETE FROM touched; UPDATE notification SET accepted_at = accepted_at + 86400000 WHERE name = 'alan_pay__post_payment'"
	fault "$claim" 'a transaction that left its debt without a note' \
		"DELETE FROM touched; UPDATE balance_transaction SET session_number = NULL
			WHERE payment_number IS NULL AND session_number IS NOT NULL"
	for column in id transaction_date amount_in_cents event_type card_payment.amount_in_cents card_payment.status \
		card_payment.is_recovered alan_pay_recovery_debt_id push_notification_sent_at; do
		file_fault "$claim" "another $column of a transaction" change_exported alan_balance_transactions "$column"
	done
	for column in id effective_date amount_in_cents status is_recovered merchant_name; do
		file_fault "$claim" "another $column of a payment" change_exported card_payments "$column"
	done
	claim='the database is intact and each row that is referred to exists'
	fault "$claim" 'a value that no table allows' \
		'PRAGMA ignore_check_constraints = ON; UPDATE card SET is_provisioned = 2'
	fault "$claim" 'a card without its account membership' "UPDATE card SET account_membership_id = 'nobody'"
}

seed_home() {
	local claim='no file or folder of the home is open to others, except the folders that init opened, and none is a link' xml

	xml=$(ask_books "SELECT folder || '/' || name FROM bank_file WHERE kind = 'debit'")
	file_fault "$claim" 'a database that others may read' chmod 644 state/alanpay.db
	file_fault "$claim" 'a bank file that others may write' chmod 602 "$xml"
	file_fault "$claim" 'a bank file that a group may read in a closed folder' chmod 640 "$xml"
	file_fault "$claim" 'an archive that others may list' chmod 755 archive
	file_fault "$claim" 'an upload folder that its group may write' chmod 2770 out/upload
	file_fault "$claim" 'a folder open to a group that init did not open' chmod 750 out/exports
	file_fault "$claim" 'a home that others may list' chmod 755 .
	file_fault "$claim" 'a link in place of a bank file' ln -sf /dev/null "$xml"
	file_fault "$claim" 'a link in place of a folder' bash -c 'mv quarantine elsewhere && ln -s elsewhere quarantine'
	file_fault "$claim" 'a link among the exports' ln -s / out/exports/2026-01-01
}

# Folders that init opened are not a difference; folders that are more open are.
seed_doors() {
	local group door=(--home "$WORK/copy" --date 2026-03-13 --now 2026-03-13T03:00:00Z --as scheduler)

	group=$(id -gn)
	rm -rf "$WORK/copy"
	"$BIN/alanpay" init --home "$WORK/copy" --environment test --store-id 0000a1a9 --now 2026-01-31T00:00:00Z --requests-group "$group" \
		--readers-group "$group" >/dev/null
	cp "$ROOT/fixtures/alanpay.ini" "$WORK/copy/alanpay.ini"
	cp "$NIGHTS"/month/drop/01-intake/requests/declare_profile* "$WORK/copy/inbox/requests/"
	chmod 666 "$WORK"/copy/inbox/requests/*
	check 'a home with open folders takes requests' "$BIN/alanpay" intake "${door[@]}"
	check 'a home with open folders exports' "$BIN/alanpay" export "${door[@]}"
	check 'the full audit of a home with open folders is clean' "$BIN/alanpay" audit --full "${door[@]}"
	chmod 660 "$WORK/copy/out/exports/2026-03-13/balances.csv"
	check 'an export that its group may write' wants "$1"
	chmod 640 "$WORK/copy/out/exports/2026-03-13/balances.csv"
	chmod 2770 "$WORK/copy/inbox/requests"
	check 'an inbox in which one sender can remove the file of another' wants "$1"
}

# Bank file 1 is a cancelled file of debits, file 4 its next version without member 2, whose debt failed. The bank booked file 4.
# The next debt of member 2, in session 2, is initiated.
seed_cancelled() {
	local claim='cancelled bank files never left, and exactly their debits and refunds are cancelled' left_out xml

	left_out=$(ask_books 'SELECT end_to_end_id FROM collection WHERE file_number = 1 AND profile_number = 2')
	xml=$(ask_books "SELECT folder || '/' || name FROM bank_file WHERE number = 1")
	fault "$claim" 'a live debit in a cancelled file' \
		"UPDATE collection SET state = 'presented', live = 1 WHERE file_number = 1 AND profile_number = 2"
	fault "$claim" 'a cancelled debit that the bank booked' \
		"PRAGMA ignore_check_constraints = ON; UPDATE collection SET booked_on = '2026-03-10' WHERE end_to_end_id = '$left_out'"
	fault "$claim" 'a file cancelled for no reason' "UPDATE bank_file SET cancel_why = '' WHERE number = 1"
	fault "$claim" 'a file at the bank with the person who cancelled it' \
		"PRAGMA ignore_check_constraints = ON; UPDATE bank_file SET cancelled_by = 'a', cancelled_at = 0, cancel_why = 'w'
		 WHERE number = 4"
	claim='no id that is sent to the bank is used twice'
	fault "$claim" 'two debits with one id, neither of them cancelled' \
		"DROP INDEX collection_id_once; DROP INDEX collection_presented_once; UPDATE collection SET state = 'rejected', live = 0,
		  failed_on = '2026-03-10' WHERE file_number = 1 AND profile_number = 1"
	fault "$claim" 'the id of a cancelled debit on another debt' \
		"UPDATE collection SET end_to_end_id = '$left_out' WHERE file_number = 4 AND profile_number = 3"
	claim='the status of each debt agrees with its debit or refund'
	fault "$claim" 'a pending debt with a live debit' \
		"UPDATE debt SET status = 'pending' WHERE profile_number = 2 AND session_number = 2"
	fault "$claim" 'an initiated debt in a cancelled file only' \
		"UPDATE debt SET status = 'initiated' WHERE profile_number = 2 AND session_number = 1"
	claim='each debit or refund has exactly the transactions that its state requires'
	fault "$claim" 'a recovery by a cancelled debit' \
		"DELETE FROM balance_transaction WHERE event = 3 AND source = CAST('$left_out' AS BLOB)"
	fault "$claim" 'transactions of a cancelled debit whose debt did not fail' \
		"UPDATE debt SET status = 'initiated' WHERE profile_number = 2 AND session_number = 1"
	fault 'each applied bank entry had its effect once' 'an applied bank entry for a cancelled file' \
		"UPDATE bank_entry SET state = 'applied' WHERE end_to_end_id = '$left_out'"
	fault 'members are notified of the amount and the day that the bank file has' 'a notification of the day of the cancelled version' \
		"UPDATE notification SET params = replace(params, '2026-03-13', '2026-03-10') WHERE subject LIKE '%/2'"
	fault 'no notification is repeated, and each batch has all its lines' 'a second notification of the same day' \
		"UPDATE notification SET params = replace(params, '2026-03-13', '2026-03-10') WHERE subject LIKE '%/2'"
	file_fault 'each bank file has the hash, the count and the sum that are recorded' 'a changed byte of a cancelled file' \
		sed -i '0,/<MndtId>AP/s//<MndtId>AQ/' "$xml"
}

# The home of settle-by-due-date: file 1, of 5 debits of which 4 counted as recovered by their due date; one of these came back.
seed_settled() {
	local claim='what is settled by its due date was accepted by the bank, in a file that it got, and its day has passed'

	fault "$claim" 'a debit settled in a file that was not marked as uploaded' \
		'UPDATE bank_file SET uploaded_by = NULL, uploaded_at = NULL, bank_reference = NULL'
	fault "$claim" 'a debit settled in a file that the bank rejected' "UPDATE bank_file SET state = 'rejected'"
	fault "$claim" 'a debit settled on another day than that of its file' \
		"UPDATE collection SET settled_on = '2026-03-09' WHERE settled_on IS NOT NULL"
	fault "$claim" 'a debit settled before its day' "DELETE FROM stage_run WHERE stage = 'reconcile' AND business_on > '2026-03-10'"
	fault "$claim" 'a debit settled although nothing was accepted' "UPDATE bank_entry SET status = 'ACTC' WHERE kind = 'status'"
	fault "$claim" 'a debit settled although another one was accepted' \
		"UPDATE bank_entry SET level = 'debit', collection = (SELECT max(end_to_end_id) FROM collection) WHERE kind = 'status'"
	fault 'each booking, return and reject in the books was reported by the bank' \
		'a debit moved to a day that the bank did not report' "UPDATE collection SET moved_on = '2026-03-11' WHERE state = 'rejected' OR state = 'returned'"
	fault 'each booking, return and reject in the books was reported by the bank' 'a booking that neither the bank nor a due date made' \
		"UPDATE collection SET settled_on = NULL, settled_by = NULL WHERE state = 'booked' AND booked_on IS NULL"
}

# A person posted: exceptions 1 and 2, two sums, to the file; 3, a credit, to the debit of member 1; 4, a return, and 6, its reversal,
# to that of member 2; 5, a fee, to no debit.
seed_posted() {
	local claim='each bank entry that a person posted is applied as the decision says'

	fault "$claim" 'a posted entry that was only noted' \
		"UPDATE bank_entry SET state = 'noted' WHERE collection LIKE '%8004000000000001'"
	fault "$claim" 'a decision that names another debit than the entry' \
		"UPDATE exception SET posted_to = replace(posted_to, '8004000000000001', '8010000000000001') WHERE number = 3"
	fault "$claim" 'a decision that names another file than the entry' \
		"UPDATE exception SET posted_to = '0000a1a9-20260228-1-D2' WHERE number = 1"
	fault "$claim" 'a credit that was decided to be a return' "UPDATE exception SET decision = 'return' WHERE number = 3"
	fault "$claim" 'a return that was decided to be a fee' \
		"UPDATE exception SET decision = 'fee', posted_reason = NULL WHERE number = 4"
	fault "$claim" 'a fee that was applied as a debit' "UPDATE bank_entry SET kind = 'debit' WHERE kind = 'fee'"
	fault "$claim" 'a decision about an entry that is gone' "UPDATE exception SET key = 'gone' WHERE number = 5"
	claim='each bank entry that a person posted moved the money of what the decision names'
	fault "$claim" 'a credit that posted nothing' \
		"UPDATE balance_transaction SET line = line + 1 WHERE profile_number = 1 AND event = 4"
	fault "$claim" 'a return that posted another amount' \
		"UPDATE balance_transaction SET amount_in_cents = amount_in_cents + 1 WHERE profile_number = 2 AND event = 3"
	fault "$claim" 'a reversal that posted to another member' \
		"UPDATE balance_transaction SET key = 9 * 16777216 + number WHERE profile_number = 2 AND source_kind = 6"
	fault "$claim" 'a file that was booked, with an open debit' \
		"UPDATE collection SET state = 'accepted', booked_on = NULL WHERE profile_number = 3"
}

# Bank file 1 is withdrawn because the bank never had it, 3 because the bank rejected it whole; the refunds of file 2 are carried.
# The bank booked file 4, with new ids.
seed_withdrawn() {
	local claim='withdrawn bank files were taken back by two persons, and exactly their debts are free or carried'

	fault "$claim" 'a file withdrawn by one person' "DELETE FROM withdrawal WHERE file_number = 1 AND person = 'bob'"
	fault "$claim" 'a file withdrawn one way and the other' "UPDATE withdrawal SET way = 'carry' WHERE file_number = 1 AND person = 'bob'"
	fault "$claim" 'a file withdrawn by its builder' "UPDATE bank_file SET built_by = 'bob' WHERE number = 1"
	fault "$claim" 'a statement from before the upload' 'UPDATE withdrawal SET after_upload = 0 WHERE file_number = 3'
	fault "$claim" 'a withdrawn file that finance may still upload' \
		"UPDATE artifact SET state = 'placed' WHERE kind = 'upload' AND owner = 1"
	fault "$claim" 'a live debit in a withdrawn file' \
		"DROP INDEX collection_one_live; UPDATE collection SET state = 'presented', live = 1 WHERE file_number = 3"
	fault "$claim" 'a withdrawn debit in a file at the bank' \
		"UPDATE collection SET state = 'withdrawn', live = 0, booked_on = NULL WHERE file_number = 4 AND profile_number = 1"
	fault "$claim" 'a carried debt that failed for another reason' \
		"UPDATE debt SET failure = 'mandate' WHERE profile_number = 4 AND session_number = 1"
	fault "$claim" 'a debt that failed by a withdrawal which carried nothing' \
		"UPDATE withdrawal SET way = 'rebuild' WHERE file_number = 2"
	claim='an end-to-end id is spent exactly when the bank did not keep what it stood for'
	fault "$claim" 'a spent presentation that counts once more' \
		'DROP INDEX collection_presented_once; UPDATE collection SET presentation = 1 WHERE file_number = 4'
	fault "$claim" 'a debit rejected with its file that counts as never presented' \
		"UPDATE collection SET state = 'cancelled', live = NULL WHERE file_number = 3"
	fault "$claim" 'a debit never presented that counts as rejected with its file' \
		"DROP INDEX collection_id_once; DROP INDEX collection_presented_once;
		UPDATE collection SET state = 'withdrawn', live = 0 WHERE file_number = 1"
	claim='each debit or refund has exactly the transactions that its state requires'
	fault "$claim" 'a carried refund without the transaction that takes it back' \
		'DELETE FROM balance_transaction WHERE source_kind = 5 AND profile_number = 4'
}

# Of bank file 1, which was withdrawn, the bank collected one debit, which came back, and then the two others in one sum. A person
# posted both; the versions 2 and 3 are cancelled.
seed_revived() {
	local claim='withdrawn bank files were taken back by two persons, and exactly their debts are free or carried'

	fault "$claim" 'a debit of a withdrawn file that came back, and that no person posted' \
		"UPDATE exception SET decision = 'applied_elsewhere', posted_to = NULL, posted_reason = NULL WHERE number = 1"
	fault "$claim" 'debits of a withdrawn file that were booked, and that no person posted' \
		"UPDATE exception SET decision = 'applied_elsewhere', posted_to = NULL, posted_reason = NULL WHERE number = 2"
	fault "$claim" 'a posted booking that was not applied' "UPDATE bank_entry SET state = 'held' WHERE kind = 'credit' AND collection IS NULL"
	claim='no debt is in two live debits or refunds'
	fault "$claim" 'a debit that was posted, and is in the next version' \
		"DROP INDEX collection_one_live; DROP INDEX collection_id_once; DROP INDEX collection_presented_once;
		UPDATE collection SET state = 'presented', live = 1 WHERE file_number = 3 AND profile_number = 2"
	claim='each debit or refund has exactly the transactions that its state requires'
	fault "$claim" 'a posted debit without its money' \
		'DELETE FROM balance_transaction WHERE source_kind = 2 AND event = 4 AND profile_number = 2'
	claim='an end-to-end id is spent exactly when the bank did not keep what it stood for'
	fault "$claim" 'a return that spends the id of the version before it' \
		'UPDATE collection SET presentation = 2 WHERE file_number = 2 AND profile_number = 1'
	claim='each booking, return and reject in the books was reported by the bank'
	fault "$claim" 'a debit of a withdrawn file that counts as booked on another day' \
		"UPDATE collection SET booked_on = '2026-03-13' WHERE file_number = 1 AND profile_number = 2"
	claim='what the bank booked for a whole file adds up to what it booked of it'
	fault "$claim" 'another sum for the rest of a withdrawn file' \
		'UPDATE bank_entry SET amount_in_cents = amount_in_cents + 1 WHERE collection IS NULL AND file_number = 1'
	claim='each bank entry that a person posted moved the money of what the decision names'
	fault "$claim" 'a posted debit whose money has another origin' \
		"UPDATE balance_transaction SET line = 99 WHERE source_kind = 2 AND event = 4 AND profile_number = 1"
}

seed_log() {
	local claim='the lines of the release log follow each other, from the first to the last'

	file_fault "$claim" 'a changed line' sed -i '5s/"kind":"/"kind":"x/' state/released.log
	file_fault "$claim" 'a deleted line' sed -i 5d state/released.log
	claim='each act of a person, each bank file, freeze and input has a line in the release log'
	fault "$claim" 'an approval that nobody gave' \
		"INSERT INTO approval (file_number, approver, identity, sha256, config_sha256, approved_at)
		SELECT file_number, 'mallory', identity, sha256, config_sha256, approved_at FROM approval LIMIT 1"
	fault "$claim" 'an approval of another person' "UPDATE approval SET approver = 'mallory' WHERE approver = 'alice'"
	fault "$claim" 'a release of another person' "UPDATE bank_file SET released_by = 'mallory' WHERE released_by IS NOT NULL"
	fault "$claim" 'a transfer that nobody recorded' \
		"INSERT INTO credit_transfer (bank_reference, reference_key, profile_number, amount_in_cents, booked_on, recorded_by,
		recorded_at) VALUES ('X', 'x', 3, 100, '2026-03-12', 'alice', 0)"
	fault "$claim" 'an act that nobody did' "INSERT INTO act (number, kind, what, detail, acted_by, acted_identity, acted_at)
		VALUES (900, 'unblock', 'AP-1001-1', '', 'alice', 'any', 0)"
	fault "$claim" 'an input from nowhere' "UPDATE input SET kept_at = kept_at || 'x' WHERE number = 1"
	claim='the books know each bank file of the release log, and what was done with it'
	fault "$claim" 'a bank file with another name' "UPDATE bank_file SET msg_id = msg_id || 'X'"
	claim='each file in the archive, in quarantine, of a bank file and of a notification is recorded'
	file_fault "$claim" 'a file in the archive that no row names' install -m 600 /dev/null archive/2026/02/stray
	file_fault "$claim" 'a notification that no row names' install -m 600 /dev/null out/notifications/2026-02-02/stray.jsonl
}

# --- every claim has a fault --------------------------------------------------------------------------------------------

# claims.sql says which invariant each claim stands for: below its name, or, of a claim that is no SQL, in the list at the top.
has_invariant() {
	grep -qF -- "--        \`$1\`" "$CLAIMS" ||
		grep -xF -A1 -- "-- claim: $1" "$CLAIMS" | tail -n 1 | grep -qE '^-- I([1-9]|1[0-7])\. '
}

check_invariants() {
	local claim

	while read -r claim; do
		check "claims.sql says what this is for: $claim" has_invariant "$claim"
	done < <(print_claims)
}

# What a person sees who runs claims.sql in the shell.
ask_claims() {
	sqlite3 -batch -bail -init /dev/null -readonly "$1/state/alanpay.db" <"$CLAIMS"
}

seed_marked() {
	local claim='a debit is marked as the first of its mandate exactly when the bank keeps none before it'

	fault "$claim" 'a second debit marked as the first' "UPDATE collection SET block = (SELECT nth FROM bank_block
		  WHERE file_number = 2 AND sequence_type = 'FRST') WHERE file_number = 2"
	fault "$claim" 'a first debit that is not marked' "UPDATE bank_block SET sequence_type = 'RCUR' WHERE file_number = 1;
		INSERT INTO bank_block SELECT 1, 2, 'x', 'FRST', collections, sum_in_cents FROM bank_block WHERE file_number = 1"
	claim='each signature of an approval is of its bank file, and is kept beside it as it was given'
	fault "$claim" 'a signature that nobody gave' \
		"INSERT INTO approval (file_number, approver, identity, public_key, signature, signed_with, sha256, config_sha256, approved_at)
		 SELECT number, 'zoe', 'signature', randomblob(32), randomblob(64), 'openssl', sha256, config_sha256, 0
		 FROM bank_file WHERE number = 1"
	claim='beside each person who acted stands by what that person was known'
	fault "$claim" 'a release without it' 'UPDATE bank_file SET released_identity = NULL WHERE number = 1'
	fault "$claim" 'an upload without it' 'UPDATE bank_file SET uploaded_identity = NULL WHERE number = 1'
	claim='each bank file names the creditor that is recorded for it'
	fault "$claim" 'another name of the creditor' "UPDATE bank_file SET creditor_name = 'Alan' WHERE number = 2"
	fault "$claim" 'another creditor identifier' "UPDATE bank_file SET creditor_identifier = 'FR72ZZZ123457' WHERE number = 2"
	fault "$claim" 'another account of the creditor' "UPDATE bank_file SET creditor_iban = 'FR7630006000011234567890188' WHERE number = 2"
	fault "$claim" 'another BIC of the creditor' "UPDATE bank_file SET creditor_bic = 'AGRIFRPP' WHERE number = 2"
}

check_shell() {
	check_same 'the sqlite3 shell prints nothing for books that are right' end "$(ask_claims "$HOME_DIR" 2>&1 && echo end)"
	fresh_copy
	sqlite3 -batch -init /dev/null "$WORK/copy/state/alanpay.db" \
		'UPDATE profile SET balance_in_cents = balance_in_cents + 1 WHERE number = 3'
	check_same 'and the difference in two claims for a changed balance' 2 "$(ask_claims "$WORK/copy" 2>&1 | grep -c '^profile 3: .*balance')"
}

print_claims() {
	"$BIN/alanpay-audit" --home "$HOME_DIR" "${AUDIT[@]}" --full -v 2>&1 | sed -n 's/^alanpay-audit: proving: //p' | sort -u
}

# begin_case CASE NOW WHAT: plays the case to its end, where the books must be right, and takes its home for the next faults.
begin_case() {
	CASE=$1
	AUDIT=(--date "${2%T*}" --now "$2" --as scheduler)
	HOME_DIR=$WORK/$CASE
	make_home "$BIN" "$CASE" "$HOME_DIR"
	play
	check "the full audit of a home with $3 is clean" is_clean --full
	make_loose
}

make_work
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
play
check 'the audit of the month is clean' is_clean
check 'the full audit of the month is clean' is_clean --full
make_loose
check_shell
check_report
seed_books
seed_cards
seed_sums
seed_night
seed_ids
seed_owners
seed_debts
seed_files_of_the_bank
seed_bank
seed_consequences
seed_notified
seed_files
seed_refunds
seed_inputs
seed_home
seed_log
seed_doors 'no file or folder of the home is open to others, except the folders that init opened, and none is a link'
begin_case posted 2026-03-18T09:00:00Z 'posted bank entries'
seed_posted
begin_case cancelled 2026-04-04T09:00:00Z 'cancelled files'
seed_cancelled
begin_case settle-by-due-date 2026-03-25T09:00:00Z 'debits settled by their due date'
seed_settled
begin_case withdrawn 2026-03-18T10:00:00Z 'withdrawn files'
seed_withdrawn
begin_case collected-all-the-same 2026-03-13T10:00:00Z 'a withdrawn file that the bank collected'
seed_revived
begin_case old-format 2026-04-04T10:00:00Z 'marked first debits'
seed_marked
check_same 'each claim has a fault' "$(print_claims)" "$(sort -u "$WORK/claims")"
check_invariants
sum_up
