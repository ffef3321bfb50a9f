-- What must be true of the books: the claims of the audit that SQL can prove.
--
-- Each claim is one statement that selects what must not exist: a row of its result is a difference, and says where it is.
-- No row, no difference. The stage `audit` runs this file every night; so can anybody who may read the database:
--
--     sqlite3 -readonly state/alanpay.db < stages/core/audit/claims.sql
--
-- prints the differences and nothing else. With one difference the audit ends 70, and no bank file is released. Never
-- correct a row by hand: keep the home as it is, and call an engineer, who finds out how the row came to be, or restores
-- the last backup that is right.
--
-- The rules are written here once more, on purpose: nothing of the code that writes the books is used, no view of the
-- schema, no macro. Only the words of the table `code` are, and the tables. How a claim is written:
--
--     -- claim: its name, a full sentence        -- view: audit_..., used by several claims
--     -- which invariants it stands for and why; what a difference means; where to look
--     one statement, one clause a line, one column named `difference`, a semicolon at the end of the last line only
--
-- Of a claim that says `Proved by a pass` the statement only names what differs: the stage walks over the books in the order of the
-- members first, with the same rule written in C, and runs the statement where that does not come out right. `audit --full` proves
-- every claim for every member. A night proves again, whole, each member of whom something is new, and every claim that is not about
-- members; it trusts that the older rows of the others are as they were at the last clean audit: see mark.h. A statement that is about
-- several members names its tables as main.collection, since a night gives the others only the rows of the members that it proves.
--
-- tests/check_audit.sh makes every claim fail at least once, in a copy of a home; tests/lint.sh loads this file.
--
-- The invariants. Most are several claims: search this file for `I4`. What SQL alone cannot see stands here with its place:
--   I1   What is posted is what happened, for each account on the other side of the members' balances.
--   I2   Balances and debts are sums of transactions. What a night need not prove again: mark.c,
--        `the marks of the audits follow each other, and have the members as they were proved`.
--   I3   A debt is in one live debit or refund at most.
--   I4   A bank file adds up to its debts. The files on disk: proof_file.c,
--        `each bank file has the hash, the count and the sum that are recorded`,
--        `each debit or refund in the text of a bank file is recorded: amount, account, mandate`,
--        `each bank file names the creditor that is recorded for it`.
--   I5   Ids and numbers are never used twice.
--   I6   What was recovered and what is still open are together what was frozen.
--   I7   No transaction of Swan is lost or posted twice. The files that were read: proof_input.c,
--        `each booked transaction in Swan's files is posted once or is an exception`,
--        `each recorded Swan transaction is in one of Swan's files`,
--        `each transactions file that was read is unchanged and can be read`.
--   I8   A stage that runs again changes nothing: tests/night.sh plays each command of every night twice.
--   I9   The bytes of a file depend on frozen rows only: tests/night.sh compares them with the expected ones,
--        tests/crash.sh kills and renders again, tests/check_surroundings.sh changes time zone, locale, umask and folder.
--   I10  Each input is applied once, or an exception says why not. The files that were kept: proof_input.c, with --full,
--        `each file that was received or published is unchanged`. What others read is what the books say: proof_export.c, with --full,
--        `the newest export has each balance transaction and card payment, with the amount, dates, status and debt of the books`.
--   I11  What is frozen or released never changes. Sessions and files: proof_file.c,
--        `each frozen session is unchanged since its freeze`,
--        `each file in out/upload was released, byte for byte`. Approvals: proof_approval.c,
--        `each signature of an approval is of its bank file, and is kept beside it as it was given`.
--   I12  Each notification is sent once.
--   I13  Members are notified of what is debited.
--   I14  No debit uses a mandate that was not in force. A mandate lost between file and release stops the release
--        (tests/test_release.c); one lost later comes back as a report of the bank.
--   I15  No IBAN is logged: tests/check_tree.sh reads all output of the nights.
--   I16  Nobody else can read or write the home: proof_home.c,
--        `no file or folder of the home is open to others, except the folders that init opened, and none is a link`.
--   I17  The database file is whole: stages/90-audit.c, with --full,
--        `the database is intact and each row that is referred to exists`.
--   I18  No act is forgotten, whatever backup was put back: proof_log.c, with --full,
--        `the lines of the release log follow each other, from the first to the last`,
--        `each act of a person, each bank file, freeze and input has a line in the release log`,
--        `the books know each bank file of the release log, and what was done with it`,
--        `each file in the archive, in quarantine, of a bank file and of a notification is recorded`.

-- view: audit_source
-- What balance_transaction.source_kind stands for: the kind of row that its source is the id of.
CREATE TEMP VIEW audit_source (number, word) AS
VALUES
	(1, 'swan_transaction'),
	(2, 'collection'),
	(3, 'external_transaction'),
	(4, 'credit_transfer'),
	(5, 'returned_refund'),
	(6, 'taken_back'),
	(7, 'transfer_reversal'),
	(8, 'correction');

-- view: audit_transaction
-- A source has no type: it is compared with `+key`, which has none either, so that its index is used.
-- The members' balance transactions, with words instead of numbers. An unknown number has no word.
CREATE TEMP VIEW audit_transaction AS
SELECT
	b.profile_number,
	b.number,
	'profile ' || b.profile_number || ', transaction ' || b.number AS name,
	event.word AS event,
	audit_source.word AS source_kind,
	b.source,
	b.amount_in_cents,
	b.payment_number,
	b.session_number,
	b.settled_session
FROM balance_transaction b
LEFT JOIN code event ON event.number = b.event AND event.kind = 'event'
LEFT JOIN audit_source ON audit_source.number = b.source_kind;

-- view: audit_taken_back
-- What was posted for a debit or refund after its return was taken back: its end-to-end id stands before the '/' of the source.
CREATE TEMP VIEW audit_taken_back AS
SELECT
	b.profile_number,
	CAST(substr(CAST(b.source AS TEXT), 1, instr(CAST(b.source AS TEXT), '/') - 1) AS BLOB) AS source,
	sum(b.amount_in_cents) AS cents
FROM balance_transaction b
WHERE b.source_kind = 6
GROUP BY 1, 2;

-- view: audit_booked
-- The Swan transactions that move a member's balance: those that Swan booked. What the member spends is negative, and so is what a
-- chargeback gave and takes back. Without those that a person corrected: see audit_correction.
CREATE TEMP VIEW audit_booked AS
SELECT
	t.key,
	t.id,
	t.profile_number,
	t.payment,
	CASE
		WHEN type.word IN ('CardOutDebitReversal', 'CardOutCredit', 'InternalCreditTransferIn') THEN t.amount_in_cents
		ELSE -t.amount_in_cents
	END AS amount_in_cents
FROM swan_transaction t
JOIN code type ON type.number = t.type
JOIN code status ON status.number = t.status
WHERE status.word = 'Booked'
	AND type.word IN ('CardOutDebit', 'CardOutCreditReversal',
		'CardOutDebitReversal', 'CardOutCredit', 'InternalCreditTransferIn',
		'CardInChargeback', 'CheckInReturn', 'InternalCreditTransferInRecall', 'InternalCreditTransferInReturn',
		'InternationalCreditTransferInReturn', 'SepaCreditTransferInRecall', 'SepaCreditTransferInReturn',
		'SepaInstantCreditTransferInRecall')
	AND t.id NOT IN (SELECT c.id
		FROM correction c);

-- view: audit_correction
-- The last correction of each Swan transaction that a person corrected: what it moves since then. Of a transfer that was attributed
-- again, one for each of its bank references.
CREATE TEMP VIEW audit_correction AS
SELECT
	c.swan_id,
	c.nth,
	c.id,
	c.profile_number,
	c.bank_reference,
	c.moves_in_cents
FROM correction c
WHERE c.nth = (SELECT max(later.nth)
	FROM correction later
	WHERE later.swan_id = c.swan_id
		AND later.bank_reference IS NOT DISTINCT FROM c.bank_reference);

-- view: audit_transfer
-- What came in as a credit transfer, and what went back of one, as it stands after the corrections.
CREATE TEMP VIEW audit_transfer AS
SELECT
	t.bank_reference,
	t.profile_number,
	coalesce(c.moves_in_cents, t.amount_in_cents) AS amount_in_cents
FROM credit_transfer t
LEFT JOIN audit_correction c ON c.bank_reference = t.bank_reference
UNION ALL
SELECT
	v.bank_reference,
	t.profile_number,
	coalesce(c.moves_in_cents, -v.amount_in_cents)
FROM transfer_reversal v
LEFT JOIN credit_transfer t ON t.bank_reference = v.bank_reference
LEFT JOIN audit_correction c ON c.swan_id = v.swan_id;

-- view: audit_corrected
-- The balance transactions of each corrected Swan transaction: what was posted for it, as a card payment, a transfer or what went
-- back of one, and its corrections.
CREATE TEMP VIEW audit_corrected AS
SELECT c.swan_id, c.bank_reference, b.profile_number, b.amount_in_cents
FROM audit_correction c
JOIN balance_transaction b ON (b.source_kind = 1 AND b.event = 1 AND b.source = (SELECT +i.key
		FROM swan_transaction_id i
		WHERE i.id = c.id))
	OR (b.source_kind = 4 AND b.source = CAST(c.bank_reference AS BLOB))
UNION ALL
SELECT c.swan_id, c.bank_reference, b.profile_number, b.amount_in_cents
FROM audit_correction c
JOIN transfer_reversal v ON v.swan_id = c.swan_id
JOIN balance_transaction b ON b.source_kind = 7
	AND b.source = CAST(v.bank_reference || '/' || v.nth AS BLOB)
UNION ALL
SELECT c.swan_id, c.bank_reference, b.profile_number, b.amount_in_cents
FROM correction c
JOIN balance_transaction b ON b.source_kind = 8
	AND b.source = CAST(c.swan_id || '/' || c.nth AS BLOB);

-- view: audit_unfounded
-- What went back of money that the books never had, and that a person attributed to a member: a correction of nothing.
CREATE TEMP VIEW audit_unfounded AS
SELECT c.swan_id, c.profile_number, c.moves_in_cents
FROM audit_correction c
WHERE c.bank_reference IS NULL
	AND NOT EXISTS (SELECT 1
		FROM swan_transaction_id i
		WHERE i.id = c.id)
	AND c.swan_id NOT IN (SELECT v.swan_id
		FROM transfer_reversal v
		WHERE v.swan_id IS NOT NULL);

-- view: audit_debt
-- The members' debts, with the time when their session was frozen. A debt that succeeded or failed is settled.
CREATE TEMP VIEW audit_debt AS
SELECT
	d.profile_number,
	d.session_number,
	'profile ' || d.profile_number || ', session ' || coalesce(s.code, d.session_number) AS name,
	d.status,
	d.amount_in_cents,
	d.recovered_in_cents,
	d.refunded_in_cents,
	s.frozen_at
FROM debt d
LEFT JOIN session s ON s.number = d.session_number;

-- view: audit_collection
-- The debits and refunds of all bank files. `moves_in_cents` is what a booking adds to the member's balance: a debit brings
-- money, a refund takes it. With the words that a booking and a return have in the ledger.
CREATE TEMP VIEW audit_collection AS
SELECT
	c.end_to_end_id,
	c.file_number,
	c.profile_number,
	c.session_number,
	c.mandate_number,
	c.state,
	c.live,
	c.booked_on,
	c.failed_on,
	f.kind,
	f.state AS file_state,
	f.session_number AS file_session,
	CAST(c.end_to_end_id AS BLOB) AS source,
	CASE f.kind WHEN 'refund' THEN -c.amount_in_cents ELSE c.amount_in_cents END AS moves_in_cents,
	CASE f.kind WHEN 'refund' THEN 'refund' ELSE 'recovery' END AS booking_event,
	CASE f.kind WHEN 'refund' THEN 'refund' ELSE 'failed_recovery' END AS return_event,
	CASE f.kind WHEN 'refund' THEN 'returned_refund' ELSE 'collection' END AS return_source_kind
FROM collection c
JOIN bank_file f ON f.number = c.file_number;

-- view: audit_reported
-- What the bank reported of each debit or refund, in the entries that were applied: how often it was booked, returned,
-- rejected, its return taken back, and how many entries make no sense for it. The bank books debits by a credit, refunds by a
-- debit.
CREATE TEMP VIEW audit_reported AS
SELECT
	e.collection AS end_to_end_id,
	sum(CASE WHEN e.kind = CASE f.kind WHEN 'refund' THEN 'debit' ELSE 'credit' END THEN 1 ELSE 0 END) AS bookings,
	sum(CASE f.kind
		WHEN 'refund' THEN CASE WHEN e.kind IN ('refund_return', 'credit') THEN 1 ELSE 0 END
		ELSE CASE e.kind WHEN 'return' THEN 1 ELSE 0 END
	END) AS returns,
	sum(CASE WHEN e.kind = CASE f.kind WHEN 'refund' THEN 'return' ELSE 'refund_return' END THEN 1 ELSE 0 END) AS taken_back,
	sum(CASE WHEN e.kind = 'status' AND e.level = 'debit' AND e.status = 'RJCT' THEN 1 ELSE 0 END) AS rejects,
	sum(CASE WHEN f.kind IS NULL OR e.kind = 'other' OR (f.kind = 'debit' AND e.kind = 'debit') THEN 1 ELSE 0 END) AS others
FROM bank_entry e
LEFT JOIN collection c ON c.end_to_end_id = e.collection AND c.state <> 'cancelled'
LEFT JOIN bank_file f ON f.number = c.file_number
WHERE e.state = 'applied'
	AND e.collection IS NOT NULL
GROUP BY e.collection;

-- view: audit_file_entry
-- Bank entries about a whole bank file: money that came in for it (of refunds: that went out), and money that was taken back,
-- apart from the fees in them.
CREATE TEMP VIEW audit_file_entry AS
SELECT
	e.number AS entry,
	f.number AS file_number,
	f.msg_id,
	e.message_kind,
	e.state,
	e.event_on,
	CASE WHEN e.kind = CASE f.kind WHEN 'refund' THEN 'debit' ELSE 'credit' END THEN 1 ELSE 0 END AS comes_in,
	e.amount_in_cents
		+ CASE WHEN e.kind IN ('credit', 'refund_return') THEN e.fee_in_cents ELSE -e.fee_in_cents END AS cents
FROM bank_entry e
JOIN bank_file f ON f.number = e.file_number
WHERE e.collection IS NULL
	AND e.kind IN ('credit', 'debit', 'return', 'refund_return')
	AND e.problem IS NULL
	AND e.state <> 'resolved';

-- view: audit_detail_day
-- The days on which the single bookings of a file's debits may be details of a sum that the bank booked for it: that of a sum, and
-- those on which the singles come to a sum, or to all of them in messages of one kind.
CREATE TEMP VIEW audit_detail_day AS
SELECT b.file_number, b.event_on
FROM audit_file_entry b
WHERE b.comes_in = 1
UNION
SELECT single.file_number, single.event_on
FROM (SELECT DISTINCT c.file_number, detail.event_on, c.end_to_end_id, c.amount_in_cents
	FROM main.collection c
	JOIN bank_file f ON f.number = c.file_number
	JOIN main.bank_entry detail ON detail.collection = c.end_to_end_id
		AND detail.kind = CASE f.kind WHEN 'refund' THEN 'debit' ELSE 'credit' END
		AND detail.state <> 'resolved'
		AND detail.rank > 0
	WHERE c.state NOT IN ('cancelled', 'withdrawn')
		AND c.file_number IN (SELECT b.file_number
			FROM audit_file_entry b
			WHERE b.comes_in = 1)) AS single
GROUP BY single.file_number, single.event_on
HAVING sum(single.amount_in_cents) IN (SELECT b.cents
		FROM audit_file_entry b
		WHERE b.file_number = single.file_number
			AND b.comes_in = 1)
	OR sum(single.amount_in_cents) IN (SELECT sum(b.cents)
		FROM audit_file_entry b
		WHERE b.file_number = single.file_number
			AND b.comes_in = 1
		GROUP BY b.message_kind);

-- view: audit_posted
-- The bank entries that a person posted: the decision, what it names, and the entry as it stands now.
CREATE TEMP VIEW audit_posted AS
SELECT
	x.number AS exception,
	x.decision,
	x.posted_to,
	e.kind,
	e.state,
	coalesce(e.collection, f.msg_id) AS applied_to,
	f.number AS file_number,
	f.kind AS file_kind,
	e.collection,
	e.event_on,
	m.input_number,
	e.line
FROM main.bank_entry e
JOIN exception x ON x.kind = 'bank_entry'
	AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence
	AND x.decision IN ('credit', 'return', 'fee', 'reversal')
JOIN bank_message m ON m.number = e.message_number
LEFT JOIN bank_file f ON f.number = e.file_number
WHERE EXISTS (SELECT 1 -- without a decision no entry is read
	FROM exception
	WHERE decision IN ('credit', 'return', 'fee', 'reversal'));

-- Balances -----------------------------------------------------------------------------------------------------------

-- claim: each balance is the sum of the member's transactions
-- I2. The balance is kept with each posting, so that it is read fast. A difference: money was posted without its balance,
-- or a row was changed by hand. Look at balance_transaction of that profile.
-- Proved by a pass: pass_ledger.c.
SELECT 'profile ' || p.number || ': the balance is ' || printf('%.2f EUR', p.balance_in_cents / 100.0)
	|| ', its transactions are ' || printf('%.2f EUR', coalesce(t.cents, 0) / 100.0) AS difference
FROM profile p
LEFT JOIN (
	SELECT profile_number, sum(amount_in_cents) AS cents
	FROM balance_transaction
	GROUP BY profile_number
) AS t ON t.profile_number = p.number
WHERE p.balance_in_cents <> coalesce(t.cents, 0);

-- claim: each balance is the open debt plus the frozen debts that are not settled
-- I1. Each cent that a member owes is in exactly one debt: in the one that grows, or in a frozen one that is on its way.
-- Debts have the opposite sign of balances. A difference: a cent is owed and will never be collected, or is collected
-- twice. Look at the debts of that profile, and at its transactions without one.
-- Proved by a pass: pass_ledger.c.
SELECT 'profile ' || p.number || ': balance and debts differ' AS difference
FROM profile p
LEFT JOIN (
	SELECT b.profile_number, sum(b.amount_in_cents) AS cents
	FROM balance_transaction b
	LEFT JOIN session s ON s.number = b.session_number
	WHERE b.settled_session IS NULL
		AND s.frozen_at IS NULL
	GROUP BY b.profile_number
) AS open ON open.profile_number = p.number
LEFT JOIN (
	SELECT profile_number, sum(amount_in_cents) AS cents
	FROM audit_debt
	WHERE frozen_at IS NOT NULL
		AND status NOT IN ('succeeded', 'failed')
	GROUP BY profile_number
) AS frozen ON frozen.profile_number = p.number
WHERE p.balance_in_cents <> coalesce(open.cents, 0) - coalesce(frozen.cents, 0);

-- claim: each member's transactions are numbered without a gap
-- I2. Numbers are given one by one and rows are never deleted. A difference: a transaction is missing.
-- Proved by a pass: pass_ledger.c.
SELECT 'profile ' || p.number || ': ' || coalesce(t.transactions, 0) || ' transactions, the last number is '
	|| coalesce(t.last, 0) || ', the last number given is ' || p.last_transaction AS difference
FROM profile p
LEFT JOIN (
	SELECT profile_number, count(*) AS transactions, max(number) AS last
	FROM balance_transaction
	GROUP BY profile_number
) AS t ON t.profile_number = p.number
WHERE p.last_transaction <> coalesce(t.transactions, 0)
	OR p.last_transaction <> coalesce(t.last, 0);

-- claim: each transaction belongs to a member and has the source and the sign of its event
-- I1. A recovery brings money and comes from a debit or a credit transfer, a failed recovery takes it back, and so on; only
-- a recovery or refund by a bank file settles a debt. A difference: a posting that no rule of the books allows.
-- Proved by a pass: pass_ledger.c.
SELECT t.name || ': event, source, sign or member is wrong' AS difference
FROM audit_transaction t
LEFT JOIN profile p ON p.number = t.profile_number
WHERE p.number IS NULL
	OR (t.settled_session IS NOT NULL)
		<> (t.event IN ('recovery', 'refund') AND t.source_kind = 'collection')
	OR NOT coalesce(CASE t.event
		WHEN 'captured_card_payment' THEN t.source_kind IN ('swan_transaction', 'correction')
		WHEN 'rejected_card_payment' THEN t.source_kind = 'swan_transaction' AND t.amount_in_cents = 0
		WHEN 'released_card_payment' THEN t.source_kind = 'swan_transaction' AND t.amount_in_cents = 0
		WHEN 'external_transaction' THEN t.source_kind = 'external_transaction' AND t.amount_in_cents > 0
		WHEN 'recovery' THEN t.source_kind IN ('collection', 'credit_transfer', 'taken_back', 'correction')
			AND t.amount_in_cents > 0
		WHEN 'failed_recovery' THEN t.source_kind IN ('collection', 'taken_back', 'transfer_reversal', 'correction')
			AND t.amount_in_cents < 0
		WHEN 'refund' THEN (t.source_kind = 'collection' AND t.amount_in_cents < 0)
			OR (t.source_kind = 'returned_refund' AND t.amount_in_cents > 0)
			OR t.source_kind = 'taken_back'
	END, FALSE);

-- Cards --------------------------------------------------------------------------------------------------------------

-- claim: the card payments that are posted sum to what Swan booked
-- I1. All members together, as finance compares them with Swan's statement. A difference: the next claim names the
-- transaction.
-- Proved by a pass: pass_card.c.
SELECT 'all members: ' || printf('%.2f EUR', posted / 100.0) || ' posted, Swan booked '
	|| printf('%.2f EUR', booked / 100.0) AS difference
FROM (
	SELECT
		coalesce((SELECT sum(amount_in_cents)
			FROM audit_transaction
			WHERE event = 'captured_card_payment'), 0) AS posted,
		coalesce((SELECT sum(amount_in_cents)
			FROM audit_booked), 0)
		+ coalesce((SELECT sum(c.moves_in_cents)
			FROM audit_correction c
			JOIN swan_transaction_id i ON i.id = c.id), 0) AS booked
) AS account
WHERE posted <> booked;

-- claim: each transaction that Swan booked is posted once, to the member of its payment, and nothing else is posted
-- I7. A difference: a purchase or refund is missing on a balance, is there twice, or is on the balance of another member.
-- Look at swan_transaction and card_payment of that id.
-- Proved by a pass: pass_card.c.
SELECT 'Swan transaction ' || hex(t.id) || ': is not posted once with its member, payment and amount' AS difference
FROM audit_booked t
LEFT JOIN card_payment p ON p.key = t.payment
WHERE 1 <> (SELECT count(*)
	FROM audit_transaction b
	WHERE b.source_kind = 'swan_transaction'
		AND b.source = +t.key
		AND b.event = 'captured_card_payment'
		AND b.profile_number = t.profile_number
		AND b.profile_number = p.profile_number
		AND b.payment_number = p.number
		AND b.amount_in_cents = t.amount_in_cents)
UNION ALL
SELECT b.name || ': Swan booked no such transaction' AS difference
FROM audit_transaction b
WHERE b.event = 'captured_card_payment'
	AND b.source_kind = 'swan_transaction'
	AND b.source NOT IN (SELECT i.key
		FROM correction c
		JOIN swan_transaction_id i ON i.id = c.id)
	AND NOT EXISTS (SELECT 1
		FROM audit_booked t
		WHERE t.key = b.source);

-- claim: what a person corrected moves what Swan has booked of it, and each correction has its transaction
-- I7. All rows of a corrected transaction together: what was posted for it, as a card payment, a transfer or what went back of
-- one, and the rows of its corrections. Of another member than the last correction's, to whom a person attributed it before, they
-- are nothing. A difference: a decision `as_told` of `alanpay exceptions resolve`, or its reversal, had no effect, or a wrong one.
SELECT 'Swan transaction ' || c.swan_id || ': is corrected, and its transactions are not '
	|| printf('%.2f EUR', c.moves_in_cents / 100.0) AS difference
FROM audit_correction c
WHERE c.moves_in_cents <> coalesce((SELECT sum(moved.amount_in_cents)
	FROM audit_corrected moved
	WHERE moved.swan_id = c.swan_id
		AND moved.bank_reference IS NOT DISTINCT FROM c.bank_reference
		AND moved.profile_number = c.profile_number), 0)
UNION ALL
SELECT 'Swan transaction ' || c.swan_id || ': moves money of profile ' || moved.profile_number
	|| ', to whom it does not belong any more' AS difference
FROM audit_correction c
JOIN audit_corrected moved ON moved.swan_id = c.swan_id
	AND moved.bank_reference IS NOT DISTINCT FROM c.bank_reference
	AND moved.profile_number <> c.profile_number
GROUP BY c.swan_id, moved.profile_number
HAVING sum(moved.amount_in_cents) <> 0
UNION ALL
SELECT 'Swan transaction ' || c.swan_id || ': its last correction says otherwise than its last version' AS difference
FROM audit_correction c
JOIN swan_transaction_id i ON i.id = c.id
JOIN swan_transaction t ON t.key = i.key
JOIN code status ON status.number = t.status
WHERE abs(c.moves_in_cents) <> CASE status.word
		WHEN 'Booked' THEN t.amount_in_cents
		ELSE 0
	END
	AND NOT EXISTS (SELECT 1
		FROM reversed_decision d
		JOIN exception x ON x.number = d.exception_number
		WHERE x.kind = 'swan_transaction'
			AND x.key = c.swan_id
			AND d.correction_nth = c.nth)
UNION ALL
SELECT b.name || ': no such correction is recorded' AS difference
FROM audit_transaction b
WHERE b.source_kind = 'correction'
	AND NOT EXISTS (SELECT 1
		FROM correction c
		WHERE CAST(c.swan_id || '/' || c.nth AS BLOB) = b.source
			AND c.profile_number = b.profile_number)
UNION ALL
SELECT 'exception ' || x.number || ': is decided as as_told, but nothing is corrected' AS difference
FROM exception x
WHERE x.decision = 'as_told'
	AND NOT EXISTS (SELECT 1
		FROM correction c
		WHERE c.swan_id = x.key
			AND c.corrected_at = x.resolved_at)
	AND NOT EXISTS (SELECT 1
		FROM transfer_reversal v
		WHERE v.swan_id = x.key
			AND v.why = x.why);

-- claim: no more is taken back under a card payment than chargebacks gave
-- I7. What is not of the card itself, as corrected. A difference: a member owes a purchase twice.
-- Proved by a pass: pass_card.c.
SELECT 'profile ' || p.profile_number || ', payment ' || p.number || ': '
	|| printf('%.2f EUR', -given.cents / 100.0) || ' more are taken back than were given' AS difference
FROM (
	SELECT t.payment, sum(coalesce(c.moves_in_cents, b.amount_in_cents)) AS cents
	FROM code type
	JOIN swan_transaction t ON t.type = type.number
	LEFT JOIN audit_correction c ON c.id = t.id
	LEFT JOIN balance_transaction b ON b.source_kind = 1
		AND b.source = +t.key
		AND b.event = 1
	WHERE type.kind = 'swan_type'
		AND substr(type.word, 1, 7) <> 'CardOut'
	GROUP BY t.payment
) AS given
JOIN card_payment p ON p.key = given.payment
WHERE given.cents < 0;

-- claim: each id of Swan finds one transaction or one payment
-- I7. By its id a transaction that comes once more is known. A difference: it would be posted twice, or the wrong row be changed.
-- Proved by a pass: pass_card.c.
SELECT 'Swan transaction ' || hex(t.id) || ': is not found by its id' AS difference
FROM swan_transaction t
LEFT JOIN swan_transaction_id i ON i.id = t.id
WHERE i.key IS DISTINCT FROM t.key
UNION ALL
SELECT 'Swan transaction ' || hex(i.id) || ': its id finds another row, or none' AS difference
FROM swan_transaction_id i
LEFT JOIN swan_transaction t ON t.key = i.key
WHERE t.id IS DISTINCT FROM i.id
UNION ALL
SELECT 'profile ' || p.profile_number || ', payment ' || p.number || ': is not found by its id' AS difference
FROM card_payment p
LEFT JOIN swan_payment_id i ON i.id = p.swan_payment
WHERE i.key IS DISTINCT FROM p.key
UNION ALL
SELECT 'Swan payment ' || hex(i.id) || ': its id finds another row, or none' AS difference
FROM swan_payment_id i
LEFT JOIN card_payment p ON p.key = i.key
WHERE p.swan_payment IS DISTINCT FROM i.id;

-- claim: a card payment, its Swan transactions and their postings belong to one member
-- I7. What a person took back from one member and gave to another keeps its posting and its key, and has a correction. A difference: a
-- purchase of one member counts for another one, or for another payment.
-- Proved by a pass: pass_card.c.
SELECT 'Swan transaction ' || hex(t.id) || ': its payment does not exist' AS difference
FROM swan_transaction t
LEFT JOIN card_payment p ON p.key = t.payment
WHERE p.key IS NULL
UNION ALL
SELECT b.name || ': its Swan transaction belongs to profile ' || t.profile_number AS difference
FROM audit_transaction b
JOIN swan_transaction t ON t.key = b.source
WHERE b.source_kind = 'swan_transaction'
	AND b.profile_number <> t.profile_number
	AND NOT EXISTS (SELECT 1
		FROM correction c
		WHERE c.id = t.id
			AND c.profile_number = t.profile_number)
UNION ALL
SELECT b.name || ': is posted under another payment than the key of its Swan transaction is of' AS difference
FROM audit_transaction b
WHERE b.source_kind = 'swan_transaction'
	AND b.event = 'captured_card_payment'
	AND b.payment_number IS DISTINCT FROM b.source / 256 - b.profile_number * 16777216;

-- claim: each transaction that a person attributed is posted to the member that the person named
-- I7. As a card payment, or a debit that takes back what the books never had, to the last one whom a person named, or as a credit
-- transfer. A difference: a decision of `alanpay exceptions resolve` had no effect.
SELECT 'Swan transaction ' || a.transaction_id || ': is attributed to profile ' || a.profile_number
	|| ', and not posted there once' AS difference
FROM attribution a
WHERE (a.bank_reference IS NOT NULL
		OR a.nth = (SELECT max(later.nth)
			FROM attribution later
			WHERE later.transaction_id = a.transaction_id))
	AND 1 <> (SELECT count(*)
		FROM swan_transaction_id i
		JOIN swan_transaction t ON t.key = i.key
		WHERE i.id = a.id
			AND t.profile_number = a.profile_number)
	+ (SELECT count(*)
		FROM credit_transfer c
		WHERE c.bank_reference = a.bank_reference
			AND c.profile_number = a.profile_number)
	+ (SELECT count(*)
		FROM audit_unfounded c
		WHERE a.bank_reference IS NULL
			AND c.swan_id = a.transaction_id
			AND c.profile_number = a.profile_number)
UNION ALL
SELECT 'exception ' || x.number || ': is decided as attributed, but ' || x.key || ' is not' AS difference
FROM exception x
WHERE x.decision = 'attributed'
	AND NOT EXISTS (SELECT 1
		FROM attribution a
		WHERE a.transaction_id = x.key
			AND a.profile_number = x.profile_number);

-- claim: each decision that a person reversed is undone, and nothing had followed from it
-- I7. What posted a Swan transaction has the reversal of a transfer, or a correction; of what posted nothing, no bank file that the open
-- exception would have blocked was released before, unless it was withdrawn. A difference: a reversal of
-- `alanpay exceptions reverse` had no effect, or was of another member; or a file went out that a person would have stopped.
SELECT 'exception ' || d.exception_number || ', reversal ' || d.nth || ': has no contra row' AS difference
FROM reversed_decision d
JOIN exception x ON x.number = d.exception_number
WHERE d.decision IN ('attributed', 'as_told')
	AND NOT EXISTS (SELECT 1
		FROM transfer_reversal v
		JOIN credit_transfer t ON t.bank_reference = v.bank_reference
		WHERE v.bank_reference = d.bank_reference
			AND v.swan_id IS NULL
			AND t.profile_number = d.profile_number)
	AND NOT EXISTS (SELECT 1
		FROM correction c
		WHERE c.swan_id = x.key
			AND c.nth = d.correction_nth
			AND c.profile_number = d.profile_number)
UNION ALL
SELECT 'credit transfer ' || a.bank_reference || ': is reversed by a person, and its attribution is not' AS difference
FROM attribution a
JOIN transfer_reversal v ON v.bank_reference = a.bank_reference
	AND v.swan_id IS NULL
WHERE NOT EXISTS (SELECT 1
	FROM reversed_decision d
	WHERE d.bank_reference = a.bank_reference)
UNION ALL
SELECT 'exception ' || d.exception_number || ', reversal ' || d.nth || ': bank file ' || f.msg_id
	|| ' was released while it was decided' AS difference
FROM reversed_decision d
JOIN exception x ON x.number = d.exception_number
JOIN bank_file f ON f.released_at >= d.decided_at
	AND f.released_at < d.reversed_at
	AND f.state <> 'withdrawn'
LEFT JOIN input i ON i.number = x.input_number
WHERE d.decision NOT IN ('attributed', 'as_told')
	AND x.kind NOT IN ('offboarding', 'receipt')
	AND (x.kind = 'bank_file'
		OR (x.kind = 'file' AND i.kind = 'bank')
		OR (x.kind = 'bank_entry' AND x.profile_number IS NULL)
		OR x.profile_number IN (SELECT c.profile_number
			FROM main.collection c
			WHERE c.file_number = f.number))
UNION ALL
SELECT 'exception ' || d.exception_number || ', reversal ' || d.nth || ': its decision stands' AS difference
FROM reversed_decision d
JOIN exception x ON x.number = d.exception_number
WHERE x.state = 'resolved'
	AND x.resolved_at < d.reversed_at;

-- Money from elsewhere -----------------------------------------------------------------------------------------------

-- claim: each credit transfer is posted once, as a recovery of the member who sent it
-- I1. A difference: a transfer does not lower the member's debt, or a recovery has no transfer behind it.
SELECT 'credit transfer ' || t.bank_reference || ': is not posted once to profile ' || t.profile_number AS difference
FROM credit_transfer t
WHERE 1 <> (SELECT count(*)
	FROM audit_transaction b
	WHERE b.source_kind = 'credit_transfer'
		AND b.source = CAST(t.bank_reference AS BLOB)
		AND b.event = 'recovery'
		AND b.profile_number = t.profile_number
		AND b.amount_in_cents = t.amount_in_cents)
UNION ALL
SELECT b.name || ': no such credit transfer is recorded' AS difference
FROM audit_transaction b
WHERE b.source_kind = 'credit_transfer'
	AND NOT EXISTS (SELECT 1
		FROM credit_transfer t
		WHERE CAST(t.bank_reference AS BLOB) = b.source);

-- claim: each bank reference that was corrected leads to the one that its file has
-- I11. References are never edited: each correction has the one before and the one since then. A difference: a reference of the
-- bank is lost.
SELECT 'bank file number ' || u.file_number || ', correction ' || u.nth || ': does not follow' AS difference
FROM upload_correction u
LEFT JOIN upload_correction later ON later.file_number = u.file_number
	AND later.nth = u.nth + 1
LEFT JOIN bank_file f ON f.number = u.file_number
WHERE coalesce(later.was, f.bank_reference, '') <> u.becomes
	OR (u.nth > 1
		AND NOT EXISTS (SELECT 1
			FROM upload_correction before
			WHERE before.file_number = u.file_number
				AND before.nth = u.nth - 1));

-- claim: each transfer that went back is posted once, to the member who sent it, and never more than came
-- I1. Swan took it back, or a person reversed it: a contra row beside the recovery, which stays. A difference: a member owes less
-- or more than what came in and stayed.
SELECT 'credit transfer ' || v.bank_reference || ', reversal ' || v.nth || ': is not posted once' AS difference
FROM transfer_reversal v
LEFT JOIN credit_transfer t ON t.bank_reference = v.bank_reference
WHERE 1 <> (SELECT count(*)
	FROM audit_transaction b
	WHERE b.source_kind = 'transfer_reversal'
		AND b.source = CAST(v.bank_reference || '/' || v.nth AS BLOB)
		AND b.event = 'failed_recovery'
		AND b.profile_number = t.profile_number
		AND b.amount_in_cents = -v.amount_in_cents)
UNION ALL
SELECT b.name || ': no such reversal of a transfer is recorded' AS difference
FROM audit_transaction b
WHERE b.source_kind = 'transfer_reversal'
	AND NOT EXISTS (SELECT 1
		FROM transfer_reversal v
		WHERE CAST(v.bank_reference || '/' || v.nth AS BLOB) = b.source)
UNION ALL
SELECT 'credit transfer ' || t.bank_reference || ': more went back than came' AS difference
FROM audit_transfer t
GROUP BY t.bank_reference
HAVING sum(t.amount_in_cents) < 0;

-- claim: each external transaction is posted once, for no more than was requested
-- I1. What another component asked to take off a member's debt: the debt may be smaller than the request. A difference: a
-- debt was lowered without a request, or too much, or not at all.
-- Proved by a pass: pass_ledger.c.
SELECT b.name || ': no external transaction of this amount was requested' AS difference
FROM audit_transaction b
WHERE b.event = 'external_transaction'
	AND NOT EXISTS (SELECT 1
		FROM external_transaction x
		WHERE x.profile_number = b.profile_number
			AND x.transaction_number = b.number
			AND b.amount_in_cents BETWEEN 1 AND x.requested_in_cents)
UNION ALL
SELECT 'external transaction ' || x.number || ': is not posted once' AS difference
FROM external_transaction x
WHERE x.outcome = 'posted'
	AND 1 <> (SELECT count(*)
		FROM audit_transaction b
		WHERE b.profile_number = x.profile_number
			AND b.number = x.transaction_number
			AND b.event = 'external_transaction');

-- Debts and sessions -------------------------------------------------------------------------------------------------

-- claim: each frozen debt is the sum of its transactions
-- I2. Balance transactions are negative for what the member owes, a debt is positive. A difference: the amount that is
-- collected is not what the member spent.
-- Proved by a pass: pass_ledger.c.
SELECT d.name || ': the debt is not the sum of its transactions' AS difference
FROM audit_debt d
WHERE d.frozen_at IS NOT NULL
	AND coalesce(d.amount_in_cents, 0) <> -coalesce((SELECT sum(b.amount_in_cents)
		FROM balance_transaction b
		WHERE b.session_number = d.session_number
			AND b.profile_number = d.profile_number), 0);

-- claim: the amount of a debt is set when its session is frozen, and bank files are made only after that
-- I11. A difference: a debt had an amount, or was in a bank file, while it could still change.
-- Proved by a pass: pass_ledger.c.
SELECT d.name || ': the amount or the status does not fit the freeze' AS difference
FROM audit_debt d
WHERE (d.amount_in_cents IS NULL) <> (d.frozen_at IS NULL)
	OR (d.frozen_at IS NULL AND d.status <> 'pending')
UNION ALL
SELECT 'bank file ' || f.msg_id || ': its session is not frozen' AS difference
FROM bank_file f
LEFT JOIN session s ON s.number = f.session_number
WHERE s.frozen_at IS NULL;

-- claim: what was recovered and refunded for each debt is what its transactions say
-- I6. A recovery or refund that the bank took back counts as nothing. A debt that failed has nothing, one that succeeded
-- has its whole amount. A difference: a debt is called paid and is not, or the other way round.
-- Proved by a pass: pass_ledger.c.
WITH settling AS (
	SELECT
		t.profile_number,
		t.settled_session AS session_number,
		t.event,
		t.amount_in_cents + coalesce((SELECT sum(back.amount_in_cents)
			FROM audit_transaction back
			WHERE back.source = t.source
				AND back.event = CASE t.event WHEN 'refund' THEN 'refund' ELSE 'failed_recovery' END
				AND back.source_kind = CASE t.event WHEN 'refund' THEN 'returned_refund' ELSE t.source_kind END
		), 0) + coalesce((SELECT taken.cents
			FROM audit_taken_back taken
			WHERE taken.source = t.source
		), 0) AS cents
	FROM audit_transaction t
	WHERE t.settled_session IS NOT NULL
		AND t.event IN ('recovery', 'refund')
),
settled AS (
	SELECT
		profile_number,
		session_number,
		sum(CASE event WHEN 'recovery' THEN cents ELSE 0 END) AS recovered,
		sum(CASE event WHEN 'refund' THEN -cents ELSE 0 END) AS refunded
	FROM settling
	GROUP BY profile_number, session_number
)
SELECT d.name || ': recovered or refunded is not what the transactions say' AS difference
FROM audit_debt d
LEFT JOIN settled ON settled.profile_number = d.profile_number
	AND settled.session_number = d.session_number
WHERE coalesce(settled.recovered, 0) <> coalesce(d.recovered_in_cents, 0)
	OR coalesce(settled.refunded, 0) <> coalesce(d.refunded_in_cents, 0)
	OR (d.status = 'failed'
		AND (coalesce(d.recovered_in_cents, -1) <> 0 OR coalesce(d.refunded_in_cents, -1) <> 0))
	OR (d.status = 'succeeded'
		AND coalesce(d.recovered_in_cents, -1) - coalesce(d.refunded_in_cents, 0) <> d.amount_in_cents)
UNION ALL
SELECT 'profile ' || settled.profile_number || ', session number ' || settled.session_number
	|| ': transactions settle a debt that does not exist' AS difference
FROM settled
LEFT JOIN debt d ON d.profile_number = settled.profile_number
	AND d.session_number = settled.session_number
WHERE d.status IS NULL;

-- claim: each transaction that is part of a debt refers to a debt that exists
-- I2. A difference: a debt was deleted; what the member owes is in none.
-- Proved by a pass: pass_ledger.c.
SELECT 'profile ' || b.profile_number || ', transaction ' || b.number || ': its debt, in session number '
	|| b.session_number || ', does not exist' AS difference
FROM balance_transaction b
LEFT JOIN debt d ON d.profile_number = b.profile_number
	AND d.session_number = b.session_number
WHERE b.session_number IS NOT NULL
	AND d.status IS NULL;

-- claim: the status of each session follows from its debts
-- I6. Pending until all are settled; then failed when one failed, else succeeded.
-- Proved by a pass: mark.c.
SELECT 'session ' || s.code || ': the status is ' || s.status || ', its debts say otherwise' AS difference
FROM session s
WHERE s.status <> CASE
	WHEN s.frozen_at IS NULL THEN 'pending'
	WHEN EXISTS (SELECT 1
		FROM main.debt d
		WHERE d.session_number = s.number
			AND d.status NOT IN ('succeeded', 'failed')) THEN 'pending'
	WHEN EXISTS (SELECT 1
		FROM main.debt d
		WHERE d.session_number = s.number
			AND d.status = 'failed') THEN 'failed'
	ELSE 'succeeded'
END;

-- claim: no counter is behind the numbers that were given
-- I5. A number that others have seen is never given again. A difference: the next row would get a number that is in use.
SELECT 'counter ' || k.name || ': the last number given is ' || coalesce(counter.last, 0) || ', but ' || k.most
	|| ' is in use' AS difference
FROM (
	SELECT 'profile' AS name, max(number) AS most FROM profile
	UNION ALL SELECT 'session', max(number) FROM session
	UNION ALL SELECT 'bank_file', max(number) FROM bank_file
	UNION ALL SELECT 'mandate', max(number) FROM main.mandate
	UNION ALL SELECT 'input', max(number) FROM input
	UNION ALL SELECT 'bank_entry', max(number) FROM main.bank_entry
	UNION ALL SELECT 'external_transaction', max(number) FROM external_transaction
) AS k
LEFT JOIN counter ON counter.name = k.name
WHERE k.most > coalesce(counter.last, 0);

-- Bank files ---------------------------------------------------------------------------------------------------------

-- claim: no id that is sent to the bank is used twice
-- I5. The bank reports with our ids. Only the next version of a file that was cancelled, or withdrawn because the bank never had
-- it, repeats the ids of the same debts. A difference: a report of the bank could be taken for that of another debit.
SELECT DISTINCT c.end_to_end_id || ': is used more than once, or is longer than 35 characters' AS difference
FROM collection c
WHERE length(c.end_to_end_id) > 35
	OR (c.state <> 'cancelled'
		AND EXISTS (SELECT 1
			FROM main.collection o
			WHERE o.end_to_end_id = c.end_to_end_id
				AND o.file_number <> c.file_number
				AND o.state <> 'cancelled'))
UNION ALL
SELECT given.id || ': is used more than once, or is longer than 35 characters' AS difference
FROM (
	SELECT msg_id AS id FROM bank_file
	UNION ALL SELECT payment_information_id FROM bank_block
) AS given
GROUP BY given.id
HAVING count(*) > 1
	OR length(given.id) > 35
	OR EXISTS (SELECT 1
		FROM main.collection o
		WHERE o.end_to_end_id = given.id)
UNION ALL
SELECT c.end_to_end_id || ': stands for two debts, presentations or mandates' AS difference
FROM collection c
JOIN main.collection o ON o.end_to_end_id = c.end_to_end_id
	AND o.file_number < c.file_number
WHERE o.profile_number <> c.profile_number
	OR o.session_number <> c.session_number
	OR o.presentation <> c.presentation
	OR o.mandate_number <> c.mandate_number;

-- claim: each debit or refund is the whole amount of its debt
-- I4. A debt above zero is debited, one below zero is refunded. A difference: a member is debited another amount than the
-- frozen one.
SELECT c.end_to_end_id || ': is not the whole amount of a debt of its file''s session' AS difference
FROM audit_collection c
LEFT JOIN debt d ON d.profile_number = c.profile_number
	AND d.session_number = c.session_number
WHERE d.amount_in_cents IS NULL
	OR c.file_session <> c.session_number
	OR c.moves_in_cents <> d.amount_in_cents;

-- claim: each debit or refund uses the member's own mandate, in force when the file was made and when it was released
-- I14. A refund is paid to the account of the mandate, also when that has expired. A difference: the account of another
-- person is debited, or the member's without a mandate.
SELECT c.end_to_end_id || ': the mandate is not the member''s, or was not in force' AS difference
FROM collection c
JOIN bank_file f ON f.number = c.file_number
LEFT JOIN mandate m ON m.number = c.mandate_number
WHERE m.number IS NULL
	OR m.profile_number <> c.profile_number
	OR (m.status <> 'active'
		AND NOT (f.kind = 'refund' AND m.status = 'expired')
		AND (m.status_at < f.created_at OR m.status_at < f.released_at));

-- claim: each mandate counts as used on the last day for which the bank has a debit under its reference
-- I14. 36 months later it expires. The bank has a debit that it reported on, and those of a file whose upload a person
-- noted; those of a file that was released it may have. A difference: a mandate expires too early, or is used when it is dead.
WITH used AS (
	SELECT
		m.reference_key,
		max(CASE
			WHEN c.state IN ('accepted', 'booked', 'rejected', 'returned')
				OR f.uploaded_at IS NOT NULL THEN f.collect_on
		END) AS last_on,
		max(f.collect_on) AS most_on
	FROM collection c
	JOIN bank_file f ON f.number = c.file_number
		AND f.kind = 'debit'
	JOIN mandate m ON m.number = c.mandate_number
	WHERE f.released_at IS NOT NULL
	GROUP BY m.reference_key
)
SELECT 'mandate ' || m.reference || ', version ' || m.version || ': was last used on '
	|| coalesce(m.last_due_on, 'no day') || ', the bank has a debit of ' || coalesce(used.last_on, 'no day') AS difference
FROM mandate m
LEFT JOIN used ON used.reference_key = m.reference_key
WHERE (m.status <> 'superseded' AND coalesce(m.last_due_on, '') < coalesce(used.last_on, ''))
	OR coalesce(m.last_due_on, '') > coalesce(used.most_on, '');

-- claim: a debit announces to the bank that the account changed, if the bank took the last one from another account
-- I14. The last one: booked, or returned, of an earlier session, of a file that was at the bank when this one was made, and was not
-- withdrawn. A difference: the bank rejects the debit, or reads of a change that never was.
WITH announced AS MATERIALIZED (
	SELECT
		c.end_to_end_id,
		c.session_number,
		c.presentation,
		c.state,
		c.amended,
		c.profile_number,
		m.reference_key,
		m.iban,
		f.created_at,
		f.released_at,
		f.state AS file_state
	FROM collection c
	JOIN bank_file f ON f.number = c.file_number
		AND f.kind = 'debit'
	JOIN mandate m ON m.number = c.mandate_number
	WHERE EXISTS (SELECT 1
		FROM mandate o
		WHERE o.reference_key = m.reference_key
			AND o.iban <> m.iban)
		OR c.amended <> 0
)
SELECT t.end_to_end_id || ': does not announce that the account changed' AS difference
FROM announced t
WHERE t.amended = 0
	AND t.iban <> (SELECT o.iban
		FROM announced o
		WHERE o.profile_number = t.profile_number
			AND o.reference_key = t.reference_key
			AND (o.session_number, o.presentation) < (t.session_number, t.presentation)
			AND o.released_at <= t.created_at
			AND o.file_state <> 'withdrawn'
			AND o.state IN ('booked', 'returned')
		ORDER BY o.session_number DESC, o.presentation DESC
		LIMIT 1)
UNION ALL
SELECT t.end_to_end_id || ': announces that the account changed, and no debit was on another one' AS difference
FROM announced t
WHERE t.amended <> 0
	AND NOT EXISTS (SELECT 1
		FROM announced o
		WHERE o.profile_number = t.profile_number
			AND o.reference_key = t.reference_key
			AND o.released_at <= t.created_at
			AND o.iban <> t.iban);

-- claim: a debit is marked as the first of its mandate exactly when the bank keeps none before it
-- I14. Where first debits are marked at all. One that the bank rejected before its settlement it does not keep; whether that was
-- known when the next file was made, is not asked here. A difference: the bank rejects the debit.
WITH marked AS MATERIALIZED (
	SELECT c.end_to_end_id, c.profile_number, c.file_number, c.session_number, m.reference_key, k.sequence_type
	FROM (SELECT DISTINCT f.session_number, f.version
		FROM bank_block k
		JOIN bank_file f ON f.number = k.file_number
		WHERE k.sequence_type = 'FRST') AS v
	JOIN bank_file f ON f.session_number = v.session_number
		AND f.version = v.version
		AND f.kind = 'debit'
	JOIN collection c ON c.file_number = f.number
	JOIN bank_block k ON k.file_number = c.file_number
		AND k.nth = c.block
	JOIN mandate m ON m.number = c.mandate_number
)
SELECT t.end_to_end_id || ': is marked as the first debit of its mandate, and the bank has one before it' AS difference
FROM marked t
WHERE t.sequence_type = 'FRST'
	AND EXISTS (SELECT 1
		FROM collection o
		JOIN mandate om ON om.number = o.mandate_number
		JOIN bank_file f ON f.number = o.file_number
		WHERE o.profile_number = t.profile_number
			AND om.reference_key = t.reference_key
			AND f.kind = 'debit'
			AND o.file_number < t.file_number
			AND o.session_number < t.session_number
			AND f.state <> 'withdrawn'
			AND o.state IN ('booked', 'returned')
			AND NOT EXISTS (SELECT 1
				FROM bank_entry e
				WHERE e.status = 'RJCT'
					AND e.collection = o.end_to_end_id)
			AND NOT EXISTS (SELECT 1
				FROM bank_entry e
				WHERE e.status = 'RJCT'
					AND e.collection IS NULL
					AND e.file_number = o.file_number))
UNION ALL
SELECT t.end_to_end_id || ': is not marked as the first debit of its mandate, and the bank has none before it' AS difference
FROM marked t
WHERE t.sequence_type <> 'FRST'
	AND NOT EXISTS (SELECT 1
		FROM collection o
		JOIN mandate om ON om.number = o.mandate_number
		JOIN bank_file f ON f.number = o.file_number
		WHERE o.profile_number = t.profile_number
			AND om.reference_key = t.reference_key
			AND f.kind = 'debit'
			AND o.file_number < t.file_number
			AND o.state <> 'cancelled');

-- claim: no debt is in two live debits or refunds
-- I3. Live: given to the bank or about to be, and not failed. A difference: a member would pay twice. Stop the upload.
SELECT 'profile ' || c.profile_number || ', session number ' || c.session_number || ': ' || count(*)
	|| ' live debits or refunds' AS difference
FROM collection c
WHERE c.live = 1
	OR c.state IN ('presented', 'accepted', 'booked')
GROUP BY c.profile_number, c.session_number
HAVING count(*) > 1;

-- claim: the status of each debt agrees with its debit or refund
-- I3. On its way or succeeded: one live debit or refund; booked when it succeeded; none otherwise, and none for zero.
-- Proved by a pass: pass_ledger.c.
WITH live AS (
	SELECT profile_number, session_number, count(*) AS debits, max(state) AS state
	FROM collection
	WHERE state IN ('presented', 'accepted', 'booked')
	GROUP BY profile_number, session_number
)
SELECT d.name || ': the debt is ' || d.status || ', and has '
	|| coalesce(live.debits, 0) || ' live debits or refunds' AS difference
FROM audit_debt d
LEFT JOIN live ON live.profile_number = d.profile_number
	AND live.session_number = d.session_number
WHERE coalesce(live.debits, 0) <> CASE
		WHEN d.amount_in_cents = 0 THEN 0
		WHEN d.status IN ('initiated', 'executed', 'succeeded') THEN 1
		ELSE 0
	END
	OR (live.state = 'booked') <> (d.status = 'succeeded');

-- claim: no debt waits while the bank file of its session is made
-- I3. All debts of a frozen session are in its file, or failed. A difference: a debt was forgotten.
SELECT 'profile ' || d.profile_number || ', session number ' || d.session_number || ': is pending, but '
	|| f.msg_id || ' is made' AS difference
FROM debt d
JOIN bank_file f ON f.session_number = d.session_number
	AND f.kind = CASE WHEN d.amount_in_cents > 0 THEN 'debit' ELSE 'refund' END
	AND f.state NOT IN ('cancelled', 'withdrawn')
WHERE d.amount_in_cents <> 0
	AND d.status = 'pending'
	AND NOT EXISTS (SELECT 1
		FROM collection c
		JOIN bank_file gone ON gone.number = c.file_number
			AND gone.state IN ('cancelled', 'withdrawn')
		WHERE c.profile_number = d.profile_number
			AND c.session_number = d.session_number);

-- claim: no debit or refund has an outcome before its file was released
-- I11. A difference: the bank reported on a file that it should not have.
SELECT c.end_to_end_id || ': is ' || c.state || ', but its file is ' || c.file_state AS difference
FROM audit_collection c
WHERE c.file_state IN ('generated', 'approved')
	AND c.state <> 'presented';

-- claim: cancelled bank files never left, and exactly their debits and refunds are cancelled
-- I11. A cancelled file has a person, a time and a reason. A difference: a file at the bank is taken for one that is not;
-- its debts would be collected again.
SELECT 'bank file ' || f.msg_id || ': state and cancellation do not fit' AS difference
FROM bank_file f
WHERE (f.state = 'cancelled')
		<> (f.cancelled_at IS NOT NULL
			AND coalesce(length(f.cancelled_by), 0) > 0
			AND coalesce(length(f.cancel_why), 0) > 0)
	OR (f.state = 'cancelled'
		AND (f.released_at IS NOT NULL
			OR f.uploaded_at IS NOT NULL
			OR EXISTS (SELECT 1
				FROM artifact a
				WHERE a.owner = f.number
					AND a.kind IN ('upload', 'uploaded'))))
UNION ALL
SELECT c.end_to_end_id || ': is ' || c.state || ', but its file is ' || c.file_state AS difference
FROM audit_collection c
WHERE (c.file_state = 'cancelled' AND c.state <> 'cancelled')
	OR (c.state = 'cancelled'
		AND c.file_state NOT IN ('cancelled', 'withdrawn'))
	OR (c.state = 'cancelled'
		AND (c.live IS NOT NULL OR c.booked_on IS NOT NULL OR c.failed_on IS NOT NULL));

-- claim: withdrawn bank files were taken back by two persons, and exactly their debts are free or carried
-- I11. Two persons, neither of whom built it, stated the same after the last thing that they had to know: its upload. Nothing of
-- it is live, booked or in out/upload, unless a person has posted that the bank booked it all the same; a carried debt failed for
-- that. A difference: a file at the bank is taken for one that is not; its debts would be collected again.
WITH stated AS MATERIALIZED (
	SELECT
		w.file_number,
		count(DISTINCT w.person) AS persons,
		count(DISTINCT w.way) AS ways,
		min(w.way) AS way
	FROM withdrawal w
	JOIN bank_file f ON f.number = w.file_number
	WHERE w.person <> f.built_by
		AND length(w.why) > 0
		AND (w.after_upload = 1 OR f.uploaded_at IS NULL)
	GROUP BY w.file_number
),
posted AS MATERIALIZED (
	SELECT file_number, collection, event_on
	FROM audit_posted
	WHERE decision = 'credit'
		AND state = 'applied'
)
SELECT 'bank file ' || f.msg_id || ': is withdrawn, but not by two persons, or is still in out/upload' AS difference
FROM bank_file f
LEFT JOIN stated ON stated.file_number = f.number
WHERE f.state = 'withdrawn'
	AND (coalesce(stated.persons, 0) < 2
		OR stated.ways <> 1
		OR EXISTS (SELECT 1
			FROM artifact a
			WHERE a.owner = f.number
				AND a.kind = 'upload'
				AND a.state NOT IN ('leaving', 'gone')))
UNION ALL
SELECT c.end_to_end_id || ': is ' || c.state || ', but its file is ' || c.file_state AS difference
FROM audit_collection c
WHERE (c.file_state = 'withdrawn'
		AND (c.state NOT IN ('cancelled', 'withdrawn')
			OR c.live = 1
			OR c.booked_on IS NOT NULL
			OR c.failed_on IS NOT NULL)
		AND NOT (c.state IN ('booked', 'rejected', 'returned')
			AND EXISTS (SELECT 1
				FROM posted p
				WHERE p.file_number = c.file_number
					AND (p.collection = c.end_to_end_id
						OR (p.collection IS NULL AND p.event_on = c.booked_on)))))
	OR (c.state = 'withdrawn' AND c.file_state <> 'withdrawn')
UNION ALL
SELECT 'profile ' || d.profile_number || ', session number ' || d.session_number || ': is ' || d.status
	|| ', which does not fit the withdrawal of its file' AS difference
FROM debt d
LEFT JOIN (
	SELECT c.profile_number, c.session_number, max(CASE stated.way WHEN 'carry' THEN 1 ELSE 0 END) AS carried
	FROM audit_collection c
	JOIN stated ON stated.file_number = c.file_number
	WHERE c.file_state = 'withdrawn'
		AND c.state IN ('cancelled', 'withdrawn')
	GROUP BY c.profile_number, c.session_number
) AS c ON c.profile_number = d.profile_number
	AND c.session_number = d.session_number
WHERE coalesce(c.carried, 0) <> CASE WHEN d.status = 'failed' AND d.failure = 'withdrawn' THEN 1 ELSE 0 END;

-- claim: an end-to-end id is spent exactly when the bank did not keep what it stood for
-- I5. After a reject, a return, or the rejection of a whole file that was then withdrawn, a debt gets a new id; a debt that was never
-- presented keeps its id, so that a bank that has the earlier file all the same refuses the later one. What the bank does later to
-- a debit of a withdrawn file spends nothing. A difference: a bank may collect a debt twice, or take a debit for a repeated one.
WITH refused AS MATERIALIZED (
	SELECT f.number AS file_number
	FROM bank_file f
	WHERE f.state = 'withdrawn'
		AND EXISTS (SELECT 1
			FROM withdrawal w
			WHERE w.file_number = f.number
				AND w.after_reject = 1)
		AND EXISTS (SELECT 1
			FROM bank_entry e
			WHERE e.msg_id = f.msg_id
				AND e.kind = 'status'
				AND e.status = 'RJCT')
)
SELECT c.end_to_end_id || ': is presentation ' || c.presentation || ' of its debt, which does not fit those before' AS difference
FROM collection c
WHERE c.presentation <> 1 + (SELECT count(*)
	FROM audit_collection o
	WHERE o.profile_number = c.profile_number
		AND o.session_number = c.session_number
		AND o.file_number < c.file_number
		AND CASE o.file_state
			WHEN 'withdrawn' THEN o.file_number IN (SELECT file_number FROM refused)
			ELSE o.state IN ('rejected', 'returned')
		END)
UNION ALL
SELECT c.end_to_end_id || ': is ' || c.state || ', which does not fit what the bank had reported of its file' AS difference
FROM audit_collection c
WHERE c.file_state = 'withdrawn'
	AND c.state IN ('cancelled', 'withdrawn')
	AND (c.state = 'withdrawn') <> (c.file_number IN (SELECT file_number FROM refused));

-- claim: each bank file has the recorded count and sum of its debits or refunds
-- I4. These are what persons approve. A difference: persons approved something else than what is in
-- the file.
SELECT 'bank file ' || f.msg_id || ': the count or the sum is wrong' AS difference
FROM bank_file f
WHERE f.collections <> (SELECT count(*)
		FROM main.collection c
		WHERE c.file_number = f.number)
	OR f.sum_in_cents <> (SELECT sum(c.amount_in_cents)
		FROM main.collection c
		WHERE c.file_number = f.number)
UNION ALL
SELECT 'block ' || k.payment_information_id || ': the count or the sum is wrong' AS difference
FROM bank_block k
JOIN bank_file f ON f.number = k.file_number
WHERE k.collections <> (SELECT count(*)
		FROM main.collection c
		WHERE c.file_number = k.file_number
			AND c.block = k.nth)
	OR k.sum_in_cents <> (SELECT sum(c.amount_in_cents)
		FROM main.collection c
		WHERE c.file_number = k.file_number
			AND c.block = k.nth)
	OR (k.sequence_type IS NULL) <> (f.kind = 'refund');

-- claim: each bank file that left was audited and released, and its approvers did not build it
-- I11. An approval is for the bytes that the approver saw. A difference: four eyes were avoided.
SELECT 'bank file ' || f.msg_id || ': left without audit or release' AS difference
FROM bank_file f
WHERE f.state NOT IN ('generated', 'approved', 'cancelled')
	AND (f.released_at IS NULL OR f.released_by IS NULL OR f.audited_on IS NULL)
UNION ALL
SELECT 'bank file ' || f.msg_id || ': ' || a.approver || ' built it or approved other bytes' AS difference
FROM approval a
JOIN bank_file f ON f.number = a.file_number
WHERE a.sha256 <> f.sha256
	OR a.approver = f.built_by;

-- claim: beside each person who acted stands by what that person was known
-- I11. A difference: an act was stored past the code that asks who acts.
SELECT 'exception ' || number || ': by what the person of resolved_by was known is missing' AS difference
FROM exception
WHERE (resolved_by IS NULL) <> (resolved_identity IS NULL)
UNION ALL
SELECT 'attribution ' || transaction_id || ': by what the person of attributed_by was known is missing' AS difference
FROM attribution
WHERE (attributed_by IS NULL) <> (attributed_identity IS NULL)
UNION ALL
SELECT 'reversed decision ' || exception_number || ': by what the person of decided_by was known is missing' AS difference
FROM reversed_decision
WHERE (decided_by IS NULL) <> (decided_identity IS NULL)
UNION ALL
SELECT 'reversed decision ' || exception_number || ': by what the person of reversed_by was known is missing' AS difference
FROM reversed_decision
WHERE (reversed_by IS NULL) <> (reversed_identity IS NULL)
UNION ALL
SELECT 'mandate ' || number || ': by what the person of unblocked_by was known is missing' AS difference
FROM mandate
WHERE (unblocked_by IS NULL) <> (unblocked_identity IS NULL)
UNION ALL
SELECT 'credit transfer ' || bank_reference || ': by what the person of recorded_by was known is missing' AS difference
FROM credit_transfer
WHERE (recorded_by IS NULL) <> (recorded_identity IS NULL)
UNION ALL
SELECT 'transfer reversal ' || bank_reference || ': by what the person of reversed_by was known is missing' AS difference
FROM transfer_reversal
WHERE (reversed_by IS NULL) <> (reversed_identity IS NULL)
UNION ALL
SELECT 'correction ' || swan_id || ': by what the person of corrected_by was known is missing' AS difference
FROM correction
WHERE (corrected_by IS NULL) <> (corrected_identity IS NULL)
UNION ALL
SELECT 'bank file ' || msg_id || ': by what the person of released_by was known is missing' AS difference
FROM bank_file
WHERE (released_by IS NULL) <> (released_identity IS NULL)
UNION ALL
SELECT 'bank file ' || msg_id || ': by what the person of uploaded_by was known is missing' AS difference
FROM bank_file
WHERE (uploaded_by IS NULL) <> (uploaded_identity IS NULL)
UNION ALL
SELECT 'bank file ' || msg_id || ': by what the person of cancelled_by was known is missing' AS difference
FROM bank_file
WHERE (cancelled_by IS NULL) <> (cancelled_identity IS NULL)
UNION ALL
SELECT 'upload correction ' || file_number || ': by what the person of corrected_by was known is missing' AS difference
FROM upload_correction
WHERE (corrected_by IS NULL) <> (corrected_identity IS NULL);

-- The bank -----------------------------------------------------------------------------------------------------------

-- claim: the recoveries that are posted sum to what the bank booked and did not take back
-- I1. All members together, credit transfers too and what went back of them, as finance compares them with the bank's statement. A
-- difference: the claims that follow name the debit.
-- Proved by a pass: pass_ledger.c.
SELECT 'all members: ' || printf('%.2f EUR', posted / 100.0) || ' posted, the bank booked '
	|| printf('%.2f EUR', booked / 100.0) AS difference
FROM (
	SELECT
		coalesce((SELECT sum(amount_in_cents)
			FROM audit_transaction
			WHERE event IN ('failed_recovery', 'recovery')), 0) AS posted,
		coalesce((SELECT sum(moves_in_cents)
			FROM audit_collection
			WHERE state = 'booked'
				AND kind = 'debit'), 0)
		+ coalesce((SELECT sum(amount_in_cents)
			FROM audit_transfer), 0)
		+ coalesce((SELECT sum(moves_in_cents)
			FROM audit_unfounded), 0) AS booked
) AS account
WHERE posted <> booked;

-- claim: the refunds that are posted sum to what the bank paid to members and did not get back
-- I1. All members together. A difference: the claims that follow name the refund.
-- Proved by a pass: pass_ledger.c.
SELECT 'all members: ' || printf('%.2f EUR', posted / 100.0) || ' posted, the bank paid '
	|| printf('%.2f EUR', paid / 100.0) AS difference
FROM (
	SELECT
		coalesce((SELECT -sum(amount_in_cents)
			FROM audit_transaction
			WHERE event = 'refund'), 0) AS posted,
		coalesce((SELECT -sum(moves_in_cents)
			FROM audit_collection
			WHERE state = 'booked'
				AND kind = 'refund'), 0) AS paid
) AS account
WHERE posted <> paid;

-- claim: each debit or refund has exactly the transactions that its state requires
-- I6. Booked: one transaction that settles its debt. Rejected or returned: that one and the one that takes it back. When a
-- return was taken back, one more for that, and one for each return after it. A debit
-- that was cancelled or withdrawn, and whose debt failed then, has both. A difference: a debt is paid on the books and not at the bank, or
-- the other way round.
-- Proved by a pass: pass_moved.c.
WITH moved AS MATERIALIZED (
	SELECT *
	FROM audit_transaction
	WHERE source_kind IN ('collection', 'returned_refund')
)
SELECT c.end_to_end_id || ': is ' || c.state || ', its transactions are not' AS difference
FROM audit_collection c
WHERE c.state NOT IN ('cancelled', 'withdrawn')
	AND (CASE WHEN c.state IN ('booked', 'rejected', 'returned') THEN 1 ELSE 0 END <> (SELECT count(*)
			FROM audit_transaction b
			WHERE b.source_kind = 'collection'
				AND b.source = c.source
				AND b.event = c.booking_event
				AND b.profile_number = c.profile_number
				AND b.settled_session = c.session_number
				AND b.amount_in_cents = c.moves_in_cents)
		OR CASE WHEN c.state IN ('rejected', 'returned') OR EXISTS (SELECT 1
				FROM audit_taken_back taken
				WHERE taken.source = c.source) THEN 1 ELSE 0 END <> (SELECT count(*)
			FROM audit_transaction b
			WHERE b.source_kind = c.return_source_kind
				AND b.source = c.source
				AND b.event = c.return_event
				AND b.profile_number = c.profile_number
				AND b.amount_in_cents = -c.moves_in_cents)
		OR coalesce((SELECT taken.cents
				FROM audit_taken_back taken
				WHERE taken.source = c.source
					AND taken.profile_number = c.profile_number), 0)
			NOT IN (0, c.moves_in_cents)
		OR (c.state IN ('rejected', 'returned') AND EXISTS (SELECT 1
				FROM audit_taken_back taken
				WHERE taken.source = c.source
					AND taken.cents <> 0))
		OR (c.state = 'booked' AND EXISTS (SELECT 1
				FROM audit_taken_back taken
				WHERE taken.source = c.source
					AND taken.cents <> c.moves_in_cents)))
UNION ALL
SELECT b.name || ': belongs to no debit or refund, and was not taken back at once' AS difference
FROM moved b
WHERE NOT EXISTS (SELECT 1
		FROM collection c
		WHERE c.profile_number = b.profile_number
			AND CAST(c.end_to_end_id AS BLOB) = b.source
			AND c.state NOT IN ('cancelled', 'withdrawn'))
	AND NOT EXISTS (SELECT 1
		FROM audit_transaction o
		JOIN debt d ON d.profile_number = o.profile_number
			AND d.session_number = coalesce(o.settled_session, b.settled_session)
			AND d.status = 'failed'
		WHERE o.source = b.source
			AND o.profile_number = b.profile_number
			AND o.amount_in_cents = -b.amount_in_cents
			AND o.event = CASE b.event
				WHEN 'recovery' THEN 'failed_recovery'
				WHEN 'failed_recovery' THEN 'recovery'
				WHEN 'refund' THEN 'refund'
			END
			AND o.source_kind = CASE
				WHEN b.event = 'refund' AND b.source_kind = 'collection' THEN 'returned_refund'
				ELSE 'collection'
			END);

-- claim: each bank entry is applied, noted, or an exception
-- I10. Noted: without effect on the books. Money is only noted when messages of another kind report the same, when it cancels
-- out with the reject of its debit, or when it is a detail of the sum that the bank booked for the file. Resolved: a person
-- decided. Each message of the bank has all its entries. A difference: a report of the bank was lost. Look at
-- `alanpay exceptions list`.
WITH detail_day AS MATERIALIZED (
	SELECT file_number, event_on
	FROM audit_detail_day
),
entry AS (
	SELECT e.*, coalesce(x.state, '') AS exception_state, coalesce(x.decision, '') AS decision
	FROM bank_entry e
	LEFT JOIN exception x ON x.kind = 'bank_entry'
		AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence
)
SELECT 'bank entry ' || number || ': is ' || state || ', and nothing says why' AS difference
FROM entry
WHERE state = 'new'
	OR (state = 'held' AND exception_state NOT IN ('open', 'resolved'))
	OR (state = 'resolved' AND exception_state <> 'resolved')
	OR (state = 'noted'
		AND kind IN ('credit', 'return', 'debit', 'refund_return')
		AND NOT EXISTS (SELECT 1
			FROM bank_entry o
			WHERE entry.collection IS NOT NULL
				AND o.collection = entry.collection
				AND o.kind = entry.kind
				AND o.rank = entry.rank
				AND o.message_kind <> entry.message_kind)
		AND NOT EXISTS (SELECT 1
			FROM bank_entry o
			WHERE entry.event IS NOT NULL
				AND o.event = entry.event
				AND o.rank = entry.rank
				AND o.message_kind <> entry.message_kind)
		AND NOT EXISTS (SELECT 1
			FROM bank_entry o
			WHERE o.collection = entry.collection
				AND o.kind = 'status'
				AND o.status = 'RJCT'
				AND o.state = 'applied')
		AND NOT EXISTS (SELECT 1
			FROM bank_entry o
			WHERE o.file_number = coalesce(entry.file_number, (SELECT c.file_number
					FROM collection c
					WHERE c.end_to_end_id = entry.collection
						AND c.state <> 'cancelled'))
				AND o.collection IS NULL
				AND o.kind = entry.kind
				AND (o.event_on = entry.event_on OR EXISTS (SELECT 1
					FROM detail_day d
					WHERE d.file_number = o.file_number
						AND d.event_on = entry.event_on))
				AND o.state = 'applied'))
UNION ALL
SELECT 'bank message ' || m.number || ', ' || m.msg_id || ': does not have all its entries' AS difference
FROM bank_message m
LEFT JOIN (
	SELECT message_number, count(*) AS entries
	FROM main.bank_entry
	GROUP BY message_number
) AS e ON e.message_number = m.number
WHERE m.entries <> m.repeated + coalesce(e.entries, 0);

-- claim: each bank entry means the debit that it names
-- I10. By its end-to-end id or instruction id, or by its mandate and amount; else a person said so. A difference: money of one
-- member was taken for that of another.
SELECT 'bank entry ' || e.number || ': is applied to ' || e.collection || ', which it does not name' AS difference
FROM bank_entry e
JOIN collection c ON c.end_to_end_id = e.collection AND c.state <> 'cancelled'
LEFT JOIN mandate m ON m.number = c.mandate_number
WHERE e.state = 'applied'
	AND lower(coalesce(e.end_to_end_id, '')) <> e.collection
	AND lower(coalesce(e.instruction_id, '')) <> e.collection
	AND NOT (upper(replace(coalesce(e.mandate_reference, ''), ' ', '')) = m.reference_key
		AND c.amount_in_cents IN (e.amount_in_cents, e.amount_in_cents - e.fee_in_cents, e.amount_in_cents + e.fee_in_cents))
	AND NOT EXISTS (SELECT 1
		FROM exception x
		WHERE x.kind = 'bank_entry'
			AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence
			AND x.state = 'resolved'
			AND x.decision IN ('credit', 'return', 'reversal', 'fee'));

-- claim: each applied bank entry had its effect once
-- I10. A booking, a return and a reject each change one debit or refund. A difference: a report of the bank counts twice, for
-- another debit, or not at all.
SELECT reported.end_to_end_id || ': applied bank entries and the debit or refund differ' AS difference
FROM audit_reported reported
LEFT JOIN collection c ON c.end_to_end_id = reported.end_to_end_id
	AND c.state <> 'cancelled'
WHERE c.state IS NULL
	OR reported.bookings > 1
	OR reported.rejects > 1
	OR reported.others > 0
	OR (reported.bookings = 1 AND c.booked_on IS NULL)
	OR (reported.returns > 0 AND c.state NOT IN ('returned', 'booked'))
	OR (reported.returns + reported.rejects > 0
		AND reported.returns + reported.rejects - reported.taken_back
			<> CASE WHEN c.state IN ('rejected', 'returned') THEN 1 ELSE 0 END
		AND NOT EXISTS (SELECT 1
			FROM audit_file_entry b
			WHERE b.file_number = c.file_number
				AND b.comes_in = 0
				AND b.state = 'applied'));

-- claim: what the bank booked for a whole file adds up to what it booked of it
-- I10. The sums, less what the bank took back of rejected debits, are the debits that were not rejected, beside those booked one
-- by one; a detail on the day of a sum may be a part of it, and so may those of one day that come to a sum; a net sum is without
-- what came back before any booking. In messages of one kind, or in all of them. A difference: the bank paid more or less for the file than the books have.
WITH account AS MATERIALIZED (
	SELECT file_number, msg_id, message_kind,
		sum(CASE comes_in WHEN 1 THEN cents ELSE 0 END) AS came,
		sum(CASE comes_in WHEN 1 THEN 0 ELSE cents END) AS went
	FROM audit_file_entry
	GROUP BY file_number, msg_id, message_kind
	UNION ALL
	SELECT file_number, msg_id, 'all',
		sum(CASE comes_in WHEN 1 THEN cents ELSE 0 END),
		sum(CASE comes_in WHEN 1 THEN 0 ELSE cents END)
	FROM audit_file_entry
	WHERE state IN ('held', 'applied')
	GROUP BY file_number, msg_id
),
detail_day AS MATERIALIZED (
	SELECT file_number, event_on
	FROM audit_detail_day
),
part AS MATERIALIZED (
	SELECT c.file_number, c.amount_in_cents,
		CASE WHEN c.state IN ('rejected', 'returned') AND c.booked_on IS NULL THEN 1 ELSE 0 END AS never_came,
		CASE WHEN c.state <> 'rejected' THEN 1 ELSE sum(CASE WHEN detail.kind IN ('return', 'refund_return')
			OR detail.kind = CASE f.kind WHEN 'refund' THEN 'credit' ELSE 'debit' END THEN 1 ELSE 0 END) END AS stands,
		coalesce(sum(CASE WHEN detail.kind = CASE f.kind WHEN 'refund' THEN 'debit' ELSE 'credit' END
			AND detail.state <> 'resolved' THEN 1 ELSE 0 END), 0) AS singly,
		coalesce(sum(CASE WHEN detail.kind = CASE f.kind WHEN 'refund' THEN 'debit' ELSE 'credit' END
			AND detail.state <> 'resolved' AND detail.event_on NOT IN (SELECT d.event_on
				FROM detail_day d
				WHERE d.file_number = c.file_number) THEN 1 ELSE 0 END), 0) AS on_other_days
	FROM main.collection c
	JOIN bank_file f ON f.number = c.file_number
	LEFT JOIN main.bank_entry detail ON detail.collection = c.end_to_end_id
	WHERE c.file_number IN (SELECT file_number FROM account)
		AND c.state NOT IN ('cancelled', 'withdrawn')
	GROUP BY c.end_to_end_id
),
needed AS MATERIALIZED (
	SELECT file_number,
		sum(CASE WHEN stands > 0 AND singly = 0 THEN amount_in_cents ELSE 0 END) AS alone,
		sum(CASE WHEN stands > 0 AND on_other_days = 0 THEN amount_in_cents ELSE 0 END) AS with_details,
		sum(CASE WHEN stands > 0 AND singly = 0 AND never_came = 0 THEN amount_in_cents ELSE 0 END) AS net_alone,
		sum(CASE WHEN stands > 0 AND on_other_days = 0 AND never_came = 0 THEN amount_in_cents ELSE 0 END) AS net_with_details
	FROM part
	GROUP BY file_number
)
SELECT 'bank file ' || b.msg_id || ': the sums that the bank booked for it do not add up' AS difference
FROM audit_file_entry b
JOIN needed n ON n.file_number = b.file_number
WHERE b.comes_in = 1
	AND b.state = 'applied'
	AND NOT EXISTS (SELECT 1
		FROM account a
		WHERE a.file_number = b.file_number
			AND (a.came - a.went IN (n.alone, n.with_details, n.net_alone, n.net_with_details)
				OR a.came IN (n.alone, n.with_details, n.net_alone, n.net_with_details)))
GROUP BY b.file_number
HAVING count(*) > 1 OR min(b.cents) NOT IN (min(n.alone), min(n.with_details));

-- claim: each booking, return and reject in the books was reported by the bank
-- I10. And each day to which the bank moved one, when it accepted it. A difference: a debt is settled or failed without the bank's
-- word, or on another day than it said.
SELECT c.end_to_end_id || ': is ' || c.state || ', and no applied bank entry says so' AS difference
FROM collection c
LEFT JOIN audit_reported reported ON reported.end_to_end_id = c.end_to_end_id
WHERE (c.booked_on IS NOT NULL
		AND coalesce(reported.bookings, 0) = 0
		AND coalesce(reported.taken_back, 0) = 0
		AND NOT EXISTS (SELECT 1
			FROM audit_file_entry b
			WHERE b.file_number = c.file_number
				AND b.comes_in = 1
				AND b.state = 'applied'
				AND b.event_on = c.booked_on))
	OR (c.state = 'booked' AND c.booked_on IS NULL AND c.settled_on IS NULL AND coalesce(reported.taken_back, 0) = 0)
	OR (c.state = 'returned'
		AND coalesce(reported.returns, 0) = 0
		AND NOT EXISTS (SELECT 1
			FROM audit_file_entry b
			WHERE b.file_number = c.file_number
				AND b.comes_in = 0
				AND b.state = 'applied'
				AND b.event_on = c.failed_on))
	OR (c.state = 'rejected'
		AND coalesce(reported.rejects, 0) = 0
		AND NOT EXISTS (SELECT 1
			FROM bank_entry e
			WHERE e.file_number = c.file_number
				AND e.collection IS NULL
				AND e.level = 'block'
				AND e.status = 'RJCT'
				AND e.state = 'applied'))
UNION ALL
SELECT c.end_to_end_id || ': is moved to ' || c.moved_on || ', and the bank did not report this' AS difference
FROM collection c
JOIN bank_file f ON f.number = c.file_number
WHERE c.moved_on IS NOT NULL
	AND NOT EXISTS (SELECT 1
		FROM bank_entry e
		WHERE e.msg_id = f.msg_id
			AND e.status = 'ACWC'
			AND e.state IN ('applied', 'noted')
			AND e.moved_on = c.moved_on
			AND coalesce(e.collection, c.end_to_end_id) = c.end_to_end_id);

-- claim: each debit or refund that came back is stored with its reason, for its mandate and its member
-- I14. Those rows decide which mandates may be debited; what the bank takes back of a whole file says nothing of one member. A
-- difference: the reason of a return was lost, or one acts that the bank did not report.
SELECT c.end_to_end_id || ': came back, and what that means is not stored' AS difference
FROM audit_collection c
LEFT JOIN consequence q ON q.end_to_end_id = c.end_to_end_id
LEFT JOIN collection o ON o.end_to_end_id = c.end_to_end_id
	AND o.file_number = c.file_number
WHERE c.state IN ('rejected', 'returned')
	AND ((q.end_to_end_id IS NULL
			AND NOT EXISTS (SELECT 1
				FROM audit_file_entry b
				WHERE b.file_number = c.file_number
					AND b.comes_in = 0
					AND b.state = 'applied'
					AND b.event_on = o.failed_on))
		OR q.file_number <> c.file_number
		OR q.profile_number <> c.profile_number
		OR q.mandate_number <> c.mandate_number
		OR q.kind <> c.kind
		OR q.reason <> coalesce(o.reason, ''))
UNION ALL
SELECT q.end_to_end_id || ': did not come back' AS difference
FROM consequence q
WHERE NOT EXISTS (SELECT 1
	FROM collection c
	WHERE c.end_to_end_id = q.end_to_end_id
		AND c.state IN ('rejected', 'returned'));

-- claim: each mandate is suspended or blocked as long as what came back demands it
-- I14. What a person has seen demands nothing any more; what came back with most of its file demands nothing until a person
-- decides; the reason that the member died is of all mandates. A difference: a member is debited against the bank's word, or
-- is not debited without a reason.
WITH demand AS (
	SELECT q.profile_number, q.mandate_number, q.of_member, q.action
	FROM consequence q
	LEFT JOIN same_reason s ON s.file_number = q.file_number
		AND s.reason = q.reason
	WHERE q.action IN ('suspend', 'block')
		AND q.seen_at IS NULL
		AND (s.state IS NULL OR s.state NOT IN ('held', 'waived'))
), wanted AS (
	SELECT
		m.reference,
		m.status,
		coalesce((SELECT CASE min(d.action) WHEN 'block' THEN 'blocked' WHEN 'suspend' THEN 'suspended' END
			FROM demand d
			WHERE d.profile_number = m.profile_number
				AND (d.mandate_number = m.number OR d.of_member = 1)), 'active') AS demanded
	FROM mandate m
	WHERE m.status <> 'superseded'
)
SELECT 'mandate ' || reference || ': is ' || status || ', and what came back demands ' || demanded AS difference
FROM wanted
WHERE status <> demanded
	AND NOT (demanded = 'active' AND status = 'expired');

-- claim: what came back of a file for one reason is counted, and waits for a person where it is most of the file
-- I14. A difference: mandates are blocked for a fault of ours or of the bank, or a decision of a person was not followed.
SELECT 'bank file number ' || s.file_number || ', reason ' || s.reason || ': ' || s.failures
	|| ' came back, or another number' AS difference
FROM same_reason s
WHERE s.failures <> (SELECT count(*)
	FROM main.consequence q
	WHERE q.file_number = s.file_number
		AND q.reason = s.reason)
UNION ALL
SELECT q.end_to_end_id || ': acts on its mandate, and is not counted' AS difference
FROM consequence q
LEFT JOIN same_reason s ON s.file_number = q.file_number
	AND s.reason = q.reason
WHERE q.action IN ('suspend', 'block')
	AND s.failures IS NULL
UNION ALL
SELECT 'bank file number ' || s.file_number || ', reason ' || s.reason || ': is ' || s.state
	|| ', its exception is ' || coalesce(x.state, 'missing') AS difference
FROM same_reason s
LEFT JOIN exception x ON x.kind = 'bank_file'
	AND x.key = s.file_number || '/' || s.reason
WHERE s.state <> CASE
		WHEN x.state = 'open' THEN 'held'
		WHEN x.state = 'resolved' AND x.decision = 'apply' THEN 'applied'
		WHEN x.state = 'resolved' THEN 'waived'
		ELSE 'few'
	END;

-- claim: what is settled by its due date was accepted by the bank, in a file that it got, and its day has passed
-- I10. For a bank that reports only what is unpaid. Settled by silence: the configuration asks for no acceptance. A difference:
-- money counts as recovered of which nobody knows that it came.
WITH accepted AS MATERIALIZED (
	SELECT msg_id, CASE level WHEN 'debit' THEN coalesce(collection, '') END AS end_to_end_id
	FROM bank_entry
	WHERE kind = 'status'
		AND status IN ('ACCP', 'ACSP', 'ACSC', 'ACCC', 'ACWC', 'ACFC', 'ACWP')
		AND state IN ('applied', 'noted')
)
SELECT c.end_to_end_id || ': is settled by its due date, and should not be' AS difference
FROM collection c
JOIN bank_file f ON f.number = c.file_number
WHERE c.settled_on IS NOT NULL
	AND (f.bank_reference IS NULL
		OR f.state NOT IN ('uploaded', 'accepted', 'partially_accepted', 'settled')
		OR c.settled_on <> coalesce(c.moved_on, f.collect_on)
		OR c.settled_on >= (SELECT max(s.business_on)
			FROM stage_run s
			WHERE s.stage = 'reconcile')
		OR (c.settled_by = 'acceptance'
			AND f.msg_id NOT IN (SELECT a.msg_id
				FROM accepted a
				WHERE a.end_to_end_id IS NULL)
			AND c.end_to_end_id NOT IN (SELECT a.end_to_end_id
				FROM accepted a
				WHERE a.end_to_end_id IS NOT NULL)));

-- claim: each bank entry that a person posted is applied as the decision says
-- I10. To the debit, refund or file that it names, and as a booking, a return, a return taken back, or a fee. A booking of what
-- had failed takes its return back. A difference: a decision of `alanpay exceptions resolve` has no effect, or another one.
WITH posted AS MATERIALIZED (
	SELECT *
	FROM audit_posted
)
SELECT 'exception ' || x.number || ': is posted as ' || x.decision || ' to ' || coalesce(x.posted_to, 'no debit')
	|| ', and its bank entry is not' AS difference
FROM exception x
LEFT JOIN posted ON posted.exception = x.number
WHERE x.decision IN ('credit', 'return', 'fee', 'reversal')
	AND (posted.exception IS NULL
		OR posted.state <> 'applied'
		OR coalesce(posted.applied_to, '') <> coalesce(x.posted_to, '')
		OR NOT CASE x.decision
			WHEN 'fee' THEN posted.kind = 'fee'
			WHEN 'return' THEN posted.kind = CASE posted.file_kind WHEN 'refund' THEN 'refund_return' ELSE 'return' END
			WHEN 'reversal' THEN posted.kind = CASE posted.file_kind WHEN 'refund' THEN 'return' ELSE 'refund_return' END
			ELSE posted.kind IN (CASE posted.file_kind WHEN 'refund' THEN 'debit' ELSE 'credit' END,
				CASE posted.file_kind WHEN 'refund' THEN 'return' ELSE 'refund_return' END)
		END);

-- claim: each bank entry that a person posted moved the money of what the decision names
-- I10. The transaction of the debit or refund has the place of the entry, unless the booking of one that was settled or returned
-- before is only noted. Of a file that was booked, nothing is open. A difference: a decision of
-- `alanpay exceptions resolve` is stored, and no money moved.
WITH posted AS MATERIALIZED (
	SELECT *
	FROM audit_posted
	WHERE decision <> 'fee'
)
SELECT 'exception ' || posted.exception || ': is posted as ' || posted.decision || ' to ' || posted.posted_to
	|| ', and no money moved' AS difference
FROM posted
LEFT JOIN audit_collection c ON c.end_to_end_id = posted.collection
	AND c.state <> 'cancelled'
WHERE (posted.collection IS NOT NULL
		AND NOT EXISTS (SELECT 1
			FROM balance_transaction b
			WHERE b.key BETWEEN c.profile_number * 16777216 AND c.profile_number * 16777216 + 16777215
				AND substr(CAST(b.source AS TEXT), 1, length(posted.collection)) = posted.collection
				AND b.amount_in_cents = CASE posted.decision WHEN 'return' THEN -c.moves_in_cents ELSE c.moves_in_cents END
				AND b.input_number = posted.input_number
				AND b.line = posted.line)
		AND NOT (posted.decision = 'credit'
			AND c.booked_on = posted.event_on
			AND EXISTS (SELECT 1
				FROM balance_transaction b
				WHERE b.key BETWEEN c.profile_number * 16777216 AND c.profile_number * 16777216 + 16777215
					AND b.source = c.source
					AND b.amount_in_cents = c.moves_in_cents
					AND (b.input_number IS NULL
						OR EXISTS (SELECT 1
							FROM balance_transaction t
							WHERE t.key BETWEEN b.profile_number * 16777216 AND b.profile_number * 16777216 + 16777215
								AND t.source = b.source
								AND t.input_number = b.input_number
								AND t.line = b.line
								AND t.amount_in_cents = -b.amount_in_cents)))))
	OR (posted.collection IS NULL
		AND posted.decision = 'credit'
		AND EXISTS (SELECT 1
			FROM main.collection o
			WHERE o.file_number = posted.file_number
				AND o.state IN ('presented', 'accepted')));

-- Inputs and notifications -------------------------------------------------------------------------------------------

-- claim: each quarantined file has an exception
-- I10. A difference: a file of the bank or of another component was put aside, and no person was asked. Look into quarantine/.
SELECT i.name || ': is quarantined without an exception' AS difference
FROM input i
WHERE i.state = 'refused'
	AND NOT EXISTS (SELECT 1
		FROM exception x
		WHERE x.kind = 'file'
			AND x.input_number = i.number);

-- claim: no reset of a member is open
-- I11. While one is, triggers let rows of the books be deleted. It is closed in the unit of work that opens it. A difference: the
-- row was written by hand, and rows may be gone. Look at dev_reset, and into the last backup.
SELECT 'reset ' || d.number || ': is open' AS difference
FROM dev_reset d
WHERE d.is_open = 1;

-- claim: each import window that counts as posted was read
-- I7. A difference: transactions that Swan reported were never posted.
SELECT w.transactions_path || ': counts as posted, but was not read' AS difference
FROM import_window w
JOIN cursor c ON c.name = 'post.import_window'
WHERE w.number <= c.value
	AND w.transactions_path IS NOT NULL
	AND NOT EXISTS (SELECT 1
		FROM input i
		WHERE i.kind = 'transactions'
			AND i.state = 'applied'
			AND i.kept_at = w.transactions_path);

-- claim: members are notified of the amount and the day that the bank file has
-- I13. When a next version of the file has another day, the member is notified again: the subject is then
-- <end-to-end id>/<version>. A difference: a member was promised another debit or refund than the one that comes.
SELECT n.subject || ': the notification is not what a bank file says' AS difference
FROM notification n
WHERE n.name = 'alan_pay__recovery_session'
	AND NOT EXISTS (SELECT 1
		FROM collection c
		JOIN bank_file f ON f.number = c.file_number
		WHERE c.end_to_end_id = CASE
				WHEN n.subject LIKE '%/%' THEN rtrim(rtrim(n.subject, '0123456789'), '/')
				ELSE n.subject
			END
			AND c.profile_number = n.profile_number
			AND n.subject IN (c.end_to_end_id, c.end_to_end_id || '/' || f.version)
			AND n.params = '{"amount_in_cents":' || c.amount_in_cents
				|| ',"recovery_date":"' || f.collect_on || '","direction":"' || f.kind || '"}');

-- claim: members hear of a withdrawn debit only when none comes
-- I13. The notification of a withdrawn debit repeats what was notified before. A difference: a member believes that no debit comes.
SELECT n.subject || ': is notified as withdrawn, but ' || coalesce(
		'the bank has it in file ' || (SELECT min(c.file_number)
			FROM collection c
			JOIN bank_file f ON f.number = c.file_number
				AND f.state NOT IN ('cancelled', 'withdrawn')
			WHERE c.end_to_end_id = n.subject),
		'was never notified before') AS difference
FROM notification n
WHERE n.name = 'alan_pay__recovery_session_withdrawn'
	AND (EXISTS (SELECT 1
			FROM collection c
			JOIN bank_file f ON f.number = c.file_number
				AND f.state NOT IN ('cancelled', 'withdrawn')
			WHERE c.end_to_end_id = n.subject)
		OR NOT EXISTS (SELECT 1
			FROM notification before
			WHERE before.name = 'alan_pay__recovery_session'
				AND before.profile_number = n.profile_number
				AND (before.subject = n.subject OR before.subject LIKE n.subject || '/%')
				AND before.params = n.params
				AND before.number < n.number));

-- claim: no notification is repeated, and each batch has all its lines
-- I12. The second row for one debit must have another day; the second row of a payment must follow a reject; each further attempt has
-- the person who asked for it. A difference: a member is notified twice, or not at all.
SELECT n.name || ' ' || n.subject || ': profile ' || n.profile_number || ' is notified ' || count(*)
	|| ' times' AS difference
FROM notification n
GROUP BY n.name, n.profile_number, n.subject, n.attempt
HAVING count(*) > 1
UNION ALL
SELECT n.name || ' ' || n.subject || ': attempt ' || n.attempt || ' to profile ' || n.profile_number
	|| ' follows no other, or nobody asked for it' AS difference
FROM notification n
WHERE n.attempt > 1
	AND (n.asked_by IS NULL
		OR n.asked_why IS NULL
		OR NOT EXISTS (SELECT 1
			FROM notification before
			WHERE before.name = n.name
				AND before.profile_number = n.profile_number
				AND before.subject = n.subject
				AND before.attempt = n.attempt - 1
				AND before.number < n.number))
UNION ALL
SELECT again.subject || ': notifies again of the same amount and day' AS difference
FROM (
	SELECT
		n.subject,
		n.params,
		lag(n.params) OVER (
			PARTITION BY n.profile_number, CASE
				WHEN n.subject LIKE '%/%' THEN rtrim(rtrim(n.subject, '0123456789'), '/')
				ELSE n.subject
			END
			ORDER BY n.number
		) AS before
	FROM notification n
	WHERE n.name = 'alan_pay__recovery_session'
) AS again
WHERE again.params = again.before
UNION ALL
SELECT 'payment ' || again.subject || ' of profile ' || again.profile_number
	|| ': is notified again without a reject before' AS difference
FROM notification again
WHERE again.name = 'alan_pay__post_payment'
	AND again.subject LIKE '%/2'
	AND NOT EXISTS (SELECT 1
		FROM notification first
		WHERE first.name = again.name
			AND first.profile_number = again.profile_number
			AND first.subject || '/2' = again.subject
			AND first.number < again.number
			AND first.params LIKE '%"status":"rejected"}')
UNION ALL
SELECT 'notification batch ' || t.number || ': has ' || coalesce(n.lines, 0) || ' of ' || t.lines
	|| ' lines' AS difference
FROM notification_batch t
LEFT JOIN (
	SELECT batch_number, count(*) AS lines, min(number) AS first_number, max(number) AS last_number
	FROM main.notification
	WHERE number >= (SELECT min(first_number)
		FROM notification_batch)
	GROUP BY batch_number
) AS n ON n.batch_number = t.number
WHERE t.lines <> coalesce(n.lines, 0)
	OR n.first_number < t.first_number
	OR n.last_number > t.last_number;

-- claim: a member counts as notified only by a receipt, or by the publication of the batch
-- I13. The receipt is one of acceptance, and has the instant. A refused notification has a receipt that rejects it. A
-- difference: the proof that a member was notified before the debit does not exist.
SELECT 'notification ' || n.number || ' of profile ' || n.profile_number || ': is ' || n.state
	|| ' without a receipt that says so' AS difference
FROM notification n
WHERE (n.proof = 'receipt'
		AND NOT EXISTS (SELECT 1
			FROM receipt a
			WHERE a.notification_number = n.number
				AND a.status = 'accepted'
				AND a.answered_at = n.accepted_at))
	OR (n.state = 'refused'
		AND NOT EXISTS (SELECT 1
			FROM receipt a
			WHERE a.notification_number = n.number
				AND a.status IN ('unknown_user', 'invalid')))
	OR (n.proof = 'publication'
		AND n.accepted_at <> n.created_at);

-- claim: no receipt of acceptance is lost
-- I10. A difference: a receiver took a notification, and the books say that it did not.
SELECT 'receipt ' || a.number || ': notification ' || a.notification_number || ' is ' || n.state AS difference
FROM receipt a
JOIN notification n ON n.number = a.notification_number
WHERE a.status = 'accepted'
	AND n.state <> 'accepted';

-- claim: no member counts as notified before there was anything to notify of
-- I13. A difference: other components show a notification that is older than its payment, its file or itself.
SELECT 'notification ' || n.number || ' of profile ' || n.profile_number || ': is older than what it is about' AS difference
FROM notification n
LEFT JOIN card_payment p ON n.subject_type = 'card_payment'
	AND p.key = n.profile_number * 16777216 + CAST(CASE
		WHEN n.subject LIKE '%/%' THEN rtrim(rtrim(n.subject, '0123456789'), '/')
		ELSE n.subject
	END AS INTEGER)
WHERE n.accepted_at < n.created_at
	OR n.accepted_at < p.effective_at;

-- claim: each chunk that counts as answered has no notification without an answer
-- I10. A difference: notifications were never sent, and nobody will send them.
SELECT 'chunk ' || c.nth || ' of batch ' || c.batch_number || ': counts as answered, but notification '
	|| min(n.number) || ' is not' AS difference
FROM notification_chunk c
JOIN main.notification n ON n.number >= c.first_number
	AND n.number <= c.last_number
	AND n.state = 'pending'
WHERE c.answered_at IS NOT NULL
GROUP BY c.nth, c.batch_number;
