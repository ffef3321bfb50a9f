#!/usr/bin/env bash
# check_audit.sh: the audit finds what is not true. Plays the night case `month` to its end, where the audit must be clean;
# then seeds one fault in a copy of that home, for each claim of stages/90-audit.c, and wants exit 70 with that claim told.
# usage: check_audit.sh BINDIR
# A claim of the audit for which there is no fault here counts as failed. The triggers are dropped in the copies first: what
# they forbid has happened when it is a disk or a hand that did it.
# shellcheck source=tests/case.sh
. "$(dirname "$0")/case.sh"
# shellcheck source=tests/tally.sh
. "$(dirname "$0")/tally.sh"

BIN=$(cd "$1" && pwd)
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

# 3: the books are right, but the month ends with members who wait for longer than a week.
is_clean() {
	local got=0

	"$BIN/alanpay-audit" --home "$HOME_DIR" "${AUDIT[@]}" "$@" || got=$?
	[[ $got == 0 || $got == 3 ]]
}

ask_books() {
	sqlite3 -batch -init /dev/null -readonly "$HOME_DIR/state/alanpay.db" "$1"
}

# --- faults -------------------------------------------------------------------------------------------------------------

write_drops() {
	ask_books "SELECT 'DROP TRIGGER \"' || name || '\";' FROM sqlite_schema WHERE type = 'trigger'" >"$WORK/drops.sql"
}

fresh_copy() {
	rm -rf "$WORK/copy"
	cp -R "$HOME_DIR" "$WORK/copy"
	sqlite3 -batch -init /dev/null "$WORK/copy/state/alanpay.db" <"$WORK/drops.sql"
}

# wants CLAIM [--full]: the audit of the copy ends 70 and tells the claim.
wants() {
	local claim=$1 got=0

	shift
	"$BIN/alanpay-audit" --home "$WORK/copy" "${AUDIT[@]}" "$@" >"$WORK/output" 2>&1 || got=$?
	[[ $got == 70 ]] && grep -qF "not true: $claim: " "$WORK/output" && return
	echo "ended with $got and said:"
	cat "$WORK/output"
	return 1
}

# fault CLAIM WHAT [--full] SQL: rows changed by hand. What changes none is no fault.
fault() {
	local claim=$1 what=$2 full=() changed

	shift 2
	[[ $1 != --full ]] || { full=(--full) && shift; }
	fresh_copy
	changed=$(sqlite3 -batch -bail -init /dev/null "$WORK/copy/state/alanpay.db" "$1; SELECT total_changes()" | tail -n 1)
	[[ ${changed:-0} != 0 ]] || {
		check "$what changes something" false
		return
	}
	seeded "$claim" "$what" "${full[@]}"
}

# file_fault CLAIM WHAT [--full] COMMAND...: done in the copy.
file_fault() {
	local claim=$1 what=$2 full=()

	shift 2
	[[ $1 != --full ]] || { full=(--full) && shift; }
	fresh_copy
	(cd "$WORK/copy" && "$@")
	! diff -rq "$HOME_DIR/out" "$WORK/copy/out" >/dev/null || {
		check "$what changes something" false
		return
	}
	seeded "$claim" "$what" "${full[@]}"
}

seeded() {
	local claim=$1 what=$2

	shift 2
	echo "$claim" >>"$WORK/claims"
	check "$what: $claim" wants "$claim" "$@"
}

seed_books() {
	fault 'a balance is the sum of its transactions' 'a cent more in a balance' \
		'UPDATE profile SET balance_in_cents = balance_in_cents + 1 WHERE number = 3'
	fault 'a balance is the sum of its transactions' 'a transaction of another amount' \
		'UPDATE balance_transaction SET amount_in_cents = amount_in_cents - 1 WHERE profile_number = 3 AND number = 1'
	fault 'balance + open debt + frozen debt not yet settled = 0, for each member' 'a transaction out of its frozen debt' \
		'UPDATE balance_transaction SET session_number = NULL WHERE profile_number = 3 AND session_number = 1'
	fault 'balance + open debt + frozen debt not yet settled = 0, for each member' 'a settled debt open again' \
		"UPDATE debt SET status = 'executed' WHERE status = 'succeeded' AND amount_in_cents > 0"
	fault "a member's transactions are numbered without a gap" 'a counter ahead' \
		'UPDATE profile SET last_transaction = last_transaction + 1 WHERE number = 3'
	fault "a member's transactions are numbered without a gap" 'a transaction renumbered' \
		'UPDATE balance_transaction SET number = 1000 WHERE profile_number = 3 AND number = 2'
	fault 'the external account is what others gave, never more than they had' 'a transaction that nobody asked for' \
		"INSERT INTO balance_transaction (profile_number, number, event, amount_in_cents, transaction_at, transaction_on,
			source_kind, source) VALUES (3, 1000, 2, 5, 0, '2026-03-01', 3, x'31')"
	fault 'the external account is what others gave, never more than they had' 'more than was asked for' \
		"INSERT INTO balance_transaction (profile_number, number, event, amount_in_cents, transaction_at, transaction_on,
			source_kind, source) VALUES (3, 1000, 2, 5, 0, '2026-03-01', 3, x'31');
		INSERT INTO external_transaction (number, app_id, external_transaction_id, profile_number, requested_in_cents,
			outcome, transaction_number) VALUES (1, 'alan', 'e', 3, 4, 'posted', 1000)"
	fault 'the external account is what others gave, never more than they had' 'one that was never posted' \
		"INSERT INTO external_transaction (number, app_id, external_transaction_id, profile_number, requested_in_cents,
			outcome, transaction_number) VALUES (1, 'alan', 'e', 3, 4, 'posted', 1000)"
	fault 'the card account is what Swan booked' 'a booked transaction of another amount' \
		"UPDATE swan_transaction SET amount_in_cents = amount_in_cents + 1 WHERE id = (SELECT t.id FROM swan_transaction t
		  JOIN code c ON c.number = t.status WHERE c.word = 'Booked' LIMIT 1)"
	fault 'the card account is what Swan booked' 'a posting lost' \
		'DELETE FROM balance_transaction WHERE profile_number = 3 AND number =
		  (SELECT min(number) FROM balance_transaction WHERE profile_number = 3 AND event = 1)'
}

seed_debts() {
	fault 'a frozen debt is the sum of its transactions' 'a frozen debt of another amount' \
		"UPDATE debt SET amount_in_cents = amount_in_cents + 1 WHERE session_number = 1 AND status = 'failed'"
	fault 'a settled debt was recovered, or refunded, as it says, to the cent' 'a cent less recovered' \
		"PRAGMA ignore_check_constraints = ON; UPDATE debt SET recovered_in_cents = recovered_in_cents - 1 WHERE (profile_number, session_number) =
		  (SELECT profile_number, session_number FROM debt WHERE status = 'succeeded' AND amount_in_cents > 0 LIMIT 1)"
	fault 'a settled debt was recovered, or refunded, as it says, to the cent' 'a failed debt recovered' \
		"PRAGMA ignore_check_constraints = ON; UPDATE debt SET recovered_in_cents = amount_in_cents WHERE status = 'failed'"
	fault 'an id that the bank knows is given once' 'an end-to-end id that is the name of the file as well' \
		"UPDATE collection SET end_to_end_id = (SELECT min(msg_id) FROM bank_file) WHERE end_to_end_id =
		  (SELECT max(end_to_end_id) FROM collection WHERE state = 'booked')"
	fault 'a transaction that belongs to a debt finds it' 'a debt deleted' \
		'DELETE FROM debt WHERE session_number = 2 AND profile_number = (SELECT profile_number FROM balance_transaction
		  WHERE session_number = 2 LIMIT 1)'
	fault 'a session is over when its debts are settled' 'a session over too early, or too late' \
		"UPDATE session SET status = CASE status WHEN 'pending' THEN 'succeeded' ELSE 'pending' END WHERE number = 1"
	fault 'a frozen session stays as it is' 'another digest' 'UPDATE session SET digest = zeroblob(32) WHERE number = 1'
	fault 'a frozen session stays as it is' 'another day of recovery' \
		"UPDATE session SET recovery_on = '2026-03-11' WHERE number = 1"
	fault 'a frozen session stays as it is' 'a transaction moved to the next debt' \
		'UPDATE balance_transaction SET session_number = 2 WHERE session_number = 1 AND profile_number = 3'
}

seed_bank() {
	fault 'the bank account is what the bank booked and did not take back' 'a booking forgotten' \
		"UPDATE collection SET state = 'accepted', booked_on = NULL WHERE end_to_end_id =
		  (SELECT max(end_to_end_id) FROM collection WHERE state = 'booked')"
	fault 'the refund account is what the bank paid to members and did not get back' 'a refund paid, and not booked' \
		"UPDATE collection SET state = 'accepted', booked_on = NULL WHERE file_number =
		  (SELECT number FROM bank_file WHERE kind = 'refund')"
	fault 'a debit or refund is its debt, whole' 'a refund of another amount' \
		"UPDATE collection SET amount_in_cents = amount_in_cents + 1 WHERE file_number =
		  (SELECT number FROM bank_file WHERE kind = 'refund')"
	fault 'a settled debt was recovered, or refunded, as it says, to the cent' 'a cent more refunded' \
		"PRAGMA ignore_check_constraints = ON; UPDATE debt SET refunded_in_cents = refunded_in_cents + 1
		 WHERE refunded_in_cents > 0"
	fault 'a transfer of a member is a recovery of that member, once' 'a transfer that was never posted' \
		"INSERT INTO credit_transfer (bank_reference, profile_number, amount_in_cents, booked_on, recorded_by, recorded_at)
		 VALUES ('BNK-1', 3, 100, '2026-03-12', 'alice', 0)"
	fault 'nothing became of a file that was not given to the bank' 'an answer to a file that was not released' \
		"UPDATE bank_file SET state = 'approved'"
	fault 'a debit or refund is its debt, whole' 'a debit of another amount' \
		'UPDATE collection SET amount_in_cents = amount_in_cents + 1 WHERE profile_number = 3'
	fault 'no debt is in two live debits' 'a debt presented twice' \
		"DROP INDEX collection_one_live; INSERT INTO collection (end_to_end_id, file_number, profile_number, session_number,
		  mandate_number, presentation, amount_in_cents, amended, live, state) SELECT end_to_end_id || '-2', file_number,
		  profile_number, session_number, mandate_number, 2, amount_in_cents, 0, 1, 'presented' FROM collection
		 WHERE live = 1 LIMIT 1"
	fault 'a debt and its debit say the same' 'a booked debit of a failed debt' \
		"UPDATE debt SET status = 'failed', recovered_in_cents = 0 WHERE (profile_number, session_number) =
		  (SELECT profile_number, session_number FROM collection WHERE state = 'booked' LIMIT 1)"
	fault 'a debt and its debit say the same' 'a returned debit of a debt that succeeded' \
		"UPDATE debt SET status = 'succeeded', recovered_in_cents = amount_in_cents
		 WHERE (profile_number, session_number) = (SELECT profile_number, session_number FROM collection
		  WHERE state = 'returned' LIMIT 1)"
	fault 'a file has the count and the sum of its debits' 'a file of another count' \
		'UPDATE bank_file SET collections = collections + 1'
	fault 'a file has the count and the sum of its debits' 'a file of another sum' \
		'UPDATE bank_file SET sum_in_cents = sum_in_cents + 1'
	fault 'what did not come in, or go out, is in the next debt: each that failed has both its rows' 'a rejected debit not taken back' \
		'DELETE FROM balance_transaction WHERE event = 3 AND number = (SELECT min(number) FROM balance_transaction WHERE event = 3)'
	fault 'every entry of the bank is applied, noted, or held for a person' 'an entry left new' \
		"UPDATE bank_entry SET state = 'new' WHERE number = 1"
	fault 'every entry of the bank is applied, noted, or held for a person' 'an entry held for nobody' \
		"UPDATE bank_entry SET state = 'held' WHERE number = 1"
	fault 'every file that was refused is held for a person' 'a file refused silently' \
		"UPDATE input SET state = 'refused' WHERE number = (SELECT max(number) FROM input WHERE kind = 'bank')"
	fault 'members are told the amount that is debited' 'another amount told' \
		"UPDATE notification SET params = replace(params, '\"amount_in_cents\":', '\"amount_in_cents\":1')
		 WHERE number = (SELECT min(number) FROM notification WHERE name = 'alan_pay__recovery_session')"
}

# --- files --------------------------------------------------------------------------------------------------------------

# Of the mandate: the XML stays right, and adds up.
change_byte() {
	sed -i '0,/<MndtId>AP/s//<MndtId>AQ/' "$1"
}

# Another amount of the first debit, and the hash put right: only the sum can tell.
change_amount() {
	sed -i '0,/<InstdAmt Ccy="EUR">/s/\(<InstdAmt Ccy="EUR">\)[0-9]*/\11/' "$1"
	sqlite3 -batch -init /dev/null state/alanpay.db "UPDATE bank_file SET sha256 = x'$(sha256sum <"$1" | cut -c1-64)'
		WHERE name = '${1##*/}'"
}

# Another amount of the first booked card transaction of the file; columns are found by the header.
change_import() {
	awk -F, -v OFS=, '
		NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR > 1 && !done && $at["status"] == "Booked" && $at["type"] ~ /^CardOut/ { $at["amount"] = "9" $at["amount"]; done = 1 }
		{ print }' "$1" >"$1.new"
	mv "$1.new" "$1"
}

cut_short() {
	truncate -s -20 "$1"
}

seed_files() {
	local claim='a bank file is what was approved, and adds up' xml refunds csv

	xml=$(ask_books "SELECT folder || '/' || name FROM bank_file WHERE kind = 'debit'")
	refunds=$(ask_books "SELECT folder || '/' || name FROM bank_file WHERE kind = 'refund'")
	csv=$(ask_books 'SELECT transactions_path FROM import_window WHERE transactions > 0 ORDER BY number DESC LIMIT 1')
	file_fault "$claim" 'a byte of the bank file' change_byte "$xml"
	file_fault "$claim" 'the bank file gone' rm "$xml"
	file_fault "$claim" 'an amount of the bank file, and its hash' change_amount "$xml"
	file_fault "$claim" 'an amount of a refund, and its hash' change_amount "$refunds"
	file_fault 'every booked card transaction is posted as it is, or held' 'an amount of transactions.csv' --full \
		change_import "$csv"
	file_fault 'what import wrote can be read' 'a transactions.csv cut short' --full cut_short "$csv"
	fault 'every booked card transaction is posted as it is, or held' 'a posting of another transaction' --full \
		"UPDATE balance_transaction SET source = randomblob(16) WHERE event = 1 AND profile_number = 3"
	fault 'the database is intact, and what a row names is there' 'a value that no table allows' --full \
		'PRAGMA ignore_check_constraints = ON; UPDATE card SET is_provisioned = 2'
	fault 'the database is intact, and what a row names is there' 'a card of no membership' --full \
		"UPDATE card SET account_membership_id = 'nobody'"
}

# --- every claim has a fault --------------------------------------------------------------------------------------------

print_claims() {
	sed -nE -e 's/^    \{"(.*)",$/\1/p' -e 's/.*claim\[\] = "(.*)";/\1/p' -e 's/.*tell\(a, "([^"]*)",.*/\1/p' \
		"$ROOT/stages/90-audit.c" | sort -u
}

make_work
HOME_DIR=$WORK/home
make_home "$BIN" "$CASE" "$HOME_DIR"
play
check 'the audit of the month is clean' is_clean
check 'the full audit of the month is clean' is_clean --full
write_drops
seed_books
seed_debts
seed_bank
seed_files
check_same 'each claim has a fault' "$(print_claims)" "$(sort -u "$WORK/claims")"
sum_up
