-- Views: questions that several statements share. SQLite merges a view into the statement that reads it, so that a condition on
-- the member or the session uses the index of the table (tests/test_query.c checks the plans). A recursive question is not a
-- view: SQLite merges no condition into it, and would compute it for all members.

-- open_session: sessions that are not frozen: their amounts, and the debts in them, may still change.
CREATE VIEW open_session AS
SELECT number, code, period_start_on, period_end_on, freeze_on, recovery_on, frozen_at, status
FROM session
WHERE frozen_at IS NULL;

-- frozen_session: all other sessions.
CREATE VIEW frozen_session AS
SELECT number, code, period_start_on, period_end_on, freeze_on, recovery_on, frozen_at, status
FROM session
WHERE frozen_at IS NOT NULL;

-- bank_file_in_force: a bank file that was neither cancelled nor withdrawn.
CREATE VIEW bank_file_in_force AS
SELECT *
FROM bank_file
WHERE state NOT IN ('cancelled', 'withdrawn');

-- bank_file_given: a bank file in force that finance has, or the bank: released or later.
CREATE VIEW bank_file_given AS
SELECT *
FROM bank_file_in_force
WHERE state NOT IN ('generated', 'approved');

-- withdrawn_collection: debits and refunds of withdrawn files that stand for their debt: neither a released version nor another
-- one with the same id does. If its debt has failed, it was for this one, which was carried. `is_rejected`: the bank says so.
CREATE VIEW withdrawn_collection AS
SELECT
	c.end_to_end_id,
	c.file_number,
	c.profile_number,
	c.session_number,
	c.mandate_number,
	c.amount_in_cents,
	f.kind,
	f.collect_on,
	d.status = 'failed' AS has_failed,
	c.end_to_end_id IN (SELECT lower(s.end_to_end_id)
		FROM bank_entry s
		WHERE s.status = 'RJCT'
			AND s.state IN ('held', 'applied')
			AND s.kind = 'status'
			AND s.level = 'debit'
			AND s.msg_id = f.msg_id) AS is_rejected
FROM bank_file f
JOIN collection c ON c.file_number = f.number
	AND c.state IN ('cancelled', 'withdrawn')
JOIN debt d ON d.profile_number = c.profile_number
	AND d.session_number = c.session_number
WHERE f.state = 'withdrawn'
	AND NOT EXISTS (SELECT 1
		FROM collection o
		JOIN bank_file v ON v.number = o.file_number
		WHERE o.profile_number = c.profile_number
			AND o.session_number = c.session_number
			AND o.file_number <> c.file_number
			AND v.state NOT IN ('generated', 'approved')
			AND (o.live = 1 OR (o.live = 0 AND o.end_to_end_id = c.end_to_end_id)))
	AND (d.status <> 'failed' OR EXISTS (SELECT 1
		FROM balance_transaction b
		WHERE b.source_kind = 2 -- a collection
			AND b.source = CAST(c.end_to_end_id AS BLOB)));

-- bank_file_sum: of each bank file, what the bank may still book, also without what it rejected, and what it has booked.
CREATE VIEW bank_file_sum AS
SELECT
	file_number,
	count(*) FILTER (WHERE is_unbooked) AS unbooked,
	sum(amount_in_cents) FILTER (WHERE is_unbooked) AS unbooked_sum,
	sum(amount_in_cents) FILTER (WHERE is_unbooked AND NOT is_rejected) AS net_sum,
	count(*) FILTER (WHERE is_booked) AS booked,
	sum(amount_in_cents) FILTER (WHERE is_booked) AS booked_sum
FROM (
	SELECT file_number, amount_in_cents, state = 'booked' AS is_booked, 0 AS is_rejected,
		state IN ('presented', 'accepted')
			OR (state IN ('booked', 'returned') AND booked_on IS NULL) AS is_unbooked
	FROM collection
	UNION ALL
	SELECT file_number, amount_in_cents, 0, is_rejected, 1
	FROM withdrawn_collection) AS part
GROUP BY file_number;

-- current_mandate: mandates that are not superseded, in any status. A member has at most one.
CREATE VIEW current_mandate AS
SELECT number, profile_number, reference, version, debtor_name, iban, bic, town, country, signed_on, status, status_at, why
FROM mandate
WHERE status <> 'superseded';

-- unsettled_debt: debts that are neither recovered or refunded, nor failed.
CREATE VIEW unsettled_debt AS
SELECT profile_number, session_number, status, amount_in_cents
FROM debt
WHERE status NOT IN ('succeeded', 'failed');

-- debt_amount: all debts with their amounts of now: the frozen amount, or else the sum of their rows. Positive: the member
-- owes.
CREATE VIEW debt_amount AS
SELECT d.profile_number, d.session_number, d.status, d.recovered_in_cents, d.refunded_in_cents,
	coalesce(d.amount_in_cents,
	    -(SELECT CAST(sum(b.amount_in_cents) AS BIGINT)
	      FROM balance_transaction b
	      WHERE b.session_number = d.session_number AND b.profile_number = d.profile_number),
	    0) AS amount_in_cents
FROM debt d;

-- transfer_left: what is left of each credit transfer, after what went back of it and what persons corrected.
CREATE VIEW transfer_left AS
SELECT t.bank_reference, t.reference_key, t.profile_number, t.swan_payment, t.swan_updated_at,
	coalesce(
	    (SELECT c.moves_in_cents
	     FROM correction c
	     WHERE c.bank_reference = t.bank_reference
	     ORDER BY c.nth DESC LIMIT 1),
	    t.amount_in_cents)
	- coalesce(
	    (SELECT CAST(sum(coalesce(
	        (SELECT -c.moves_in_cents
	         FROM correction c
	         WHERE c.swan_id = v.swan_id
	         ORDER BY c.nth DESC LIMIT 1),
	        v.amount_in_cents)) AS BIGINT)
	     FROM transfer_reversal v
	     WHERE v.bank_reference = t.bank_reference),
	    0) AS left_in_cents
FROM credit_transfer t;

-- withdrawn_notice: debits and refunds that members were notified of, or will be by what is on its way, and that will not come: their
-- last file was cancelled or withdrawn, and the debt is in no file after it. is_notified: the member was notified of that as well.
CREATE VIEW withdrawn_notice AS
SELECT c.profile_number, c.session_number, c.end_to_end_id, c.amount_in_cents, f.number AS file_number, f.kind, f.collect_on,
	CASE WHEN EXISTS (
	    SELECT 1
	    FROM notification w
	    WHERE w.name = 'alan_pay__recovery_session_withdrawn' AND w.profile_number = c.profile_number
	        AND w.subject = c.end_to_end_id) THEN 1 ELSE 0 END AS is_notified
FROM bank_file f
JOIN collection c ON c.file_number = f.number
JOIN debt d ON d.profile_number = c.profile_number AND d.session_number = c.session_number
WHERE f.state IN ('cancelled', 'withdrawn')
	AND d.status = 'failed'
	AND NOT EXISTS (
	    SELECT 1
	    FROM collection o
	    WHERE o.profile_number = c.profile_number AND o.session_number = c.session_number
	        AND o.file_number > c.file_number)
	AND EXISTS (
	    SELECT 1
	    FROM notification n
	    WHERE n.name = 'alan_pay__recovery_session' AND n.profile_number = c.profile_number
	        AND n.state IN ('accepted', 'pending')
	        AND (n.subject = c.end_to_end_id OR n.subject LIKE c.end_to_end_id || '/%'));

-- acts: what persons did, one row for each act: `kind` and `what` are those of its line in the release log, `detail` says more. Some
-- acts have a row for each thing that they are about. What is the same act in two tables is taken from one of them: an attribution and
-- a correction stay when a later version of the transaction opens its exception again.
CREATE VIEW acts AS
SELECT acted_at, acted_by, acted_identity AS identity, kind, what, detail, app_id, app_user_id, NULL AS amount_in_cents, NULL AS why
FROM act
UNION ALL
SELECT f.created_at, f.built_by, f.built_identity, 'file', f.msg_id, f.kind, NULL, NULL, f.sum_in_cents, NULL
FROM bank_file f
WHERE f.built_identity <> 'scheduler'
	AND f.built_by <> 'scheduler'
UNION ALL
SELECT a.approved_at, a.approver, a.identity, 'approval', f.msg_id, '', NULL, NULL, f.sum_in_cents, NULL
FROM approval a
JOIN bank_file f ON f.number = a.file_number
UNION ALL
SELECT j.rejected_at, j.person, j.identity, 'rejection', f.msg_id, '', NULL, NULL, f.sum_in_cents, j.why
FROM rejection j
JOIN bank_file f ON f.number = j.file_number
UNION ALL
SELECT j.withdrawn_at, j.person, j.withdrawn_identity, 'rejection-withdrawn', f.msg_id, '', NULL, NULL, f.sum_in_cents, NULL
FROM rejection j
JOIN bank_file f ON f.number = j.file_number
WHERE j.withdrawn_at IS NOT NULL
UNION ALL
SELECT f.released_at, f.released_by, f.released_identity, 'release', f.msg_id, '', NULL, NULL, f.sum_in_cents, NULL
FROM bank_file f
WHERE f.released_at IS NOT NULL
UNION ALL
SELECT f.uploaded_at, f.uploaded_by, f.uploaded_identity, 'upload', f.msg_id,
	coalesce((SELECT u.was FROM upload_correction u WHERE u.file_number = f.number AND u.nth = 1), f.bank_reference),
	NULL, NULL, f.sum_in_cents, NULL
FROM bank_file f
WHERE f.uploaded_at IS NOT NULL
UNION ALL
SELECT u.corrected_at, u.corrected_by, u.corrected_identity, 'reference', f.msg_id, u.was || ' -> ' || u.becomes, NULL, NULL, NULL, u.why
FROM upload_correction u
JOIN bank_file f ON f.number = u.file_number
UNION ALL
SELECT f.cancelled_at, f.cancelled_by, f.cancelled_identity, 'cancel', f.msg_id, '', NULL, NULL, f.sum_in_cents, f.cancel_why
FROM bank_file f
WHERE f.cancelled_at IS NOT NULL
UNION ALL
SELECT w.stated_at, w.person, w.identity, 'withdrawal', f.msg_id, w.way, NULL, NULL, f.sum_in_cents, w.why
FROM withdrawal w
JOIN bank_file f ON f.number = w.file_number
UNION ALL
-- decisions: what is resolved now; what posted a Swan transaction; what was taken back
SELECT x.resolved_at, x.resolved_by, x.resolved_identity, 'decision', 'exception ' || x.number, x.decision || coalesce(' ' || x.posted_to, ''),
	p.app_id, p.app_user_id, x.amount_in_cents, x.why
FROM exception x
LEFT JOIN profile p ON p.number = x.profile_number
WHERE x.decision IS NOT NULL
	AND x.decision NOT IN ('attributed', 'as_told')
	AND NOT EXISTS (SELECT 1 FROM dev_reset s WHERE s.reset_at = x.resolved_at AND x.why = 'the member was reset')
UNION ALL
SELECT a.attributed_at, a.attributed_by, a.attributed_identity, 'decision', 'exception ' || x.number, 'attributed', p.app_id, p.app_user_id,
	x.amount_in_cents, a.why
FROM attribution a
JOIN exception x ON x.kind = 'swan_transaction' AND x.key = a.transaction_id
JOIN profile p ON p.number = a.profile_number
UNION ALL
SELECT c.corrected_at, c.corrected_by, c.corrected_identity, 'decision', 'exception ' || x.number, 'as_told', p.app_id, p.app_user_id,
	x.amount_in_cents, c.why
FROM correction c
JOIN exception x ON x.kind = 'swan_transaction' AND x.key = c.swan_id
JOIN profile p ON p.number = c.profile_number
WHERE NOT EXISTS (SELECT 1 FROM reversed_decision d WHERE d.exception_number = x.number AND d.correction_nth = c.nth)
	AND NOT EXISTS (SELECT 1 FROM attribution a
		WHERE a.transaction_id = c.swan_id AND a.attributed_at = c.corrected_at AND a.attributed_by = c.corrected_by)
UNION ALL
SELECT v.reversed_at, v.reversed_by, v.reversed_identity, 'decision', 'exception ' || x.number, 'as_told', p.app_id, p.app_user_id,
	v.amount_in_cents, v.why
FROM transfer_reversal v
JOIN exception x ON x.kind = 'swan_transaction' AND x.key = v.swan_id
JOIN credit_transfer t ON t.bank_reference = v.bank_reference
JOIN profile p ON p.number = t.profile_number
WHERE v.why IS NOT NULL
UNION ALL
SELECT d.decided_at, d.decided_by, d.decided_identity, 'decision', 'exception ' || d.exception_number, d.decision, NULL, NULL, NULL,
	d.decided_why
FROM reversed_decision d
WHERE d.decision NOT IN ('attributed', 'as_told')
UNION ALL
SELECT d.reversed_at, d.reversed_by, d.reversed_identity, 'reversal', 'exception ' || d.exception_number, d.decision, p.app_id, p.app_user_id,
	NULL, d.why
FROM reversed_decision d
LEFT JOIN profile p ON p.number = d.profile_number
UNION ALL
-- transfers by hand, and what a person reversed of them
SELECT t.recorded_at, t.recorded_by, t.recorded_identity, 'transfer', t.bank_reference, 'recorded', p.app_id, p.app_user_id, t.amount_in_cents,
	NULL
FROM credit_transfer t
JOIN profile p ON p.number = t.profile_number
WHERE t.swan_updated_at IS NULL
UNION ALL
SELECT v.reversed_at, v.reversed_by, v.reversed_identity, 'transfer', v.bank_reference, 'went back', p.app_id, p.app_user_id, v.amount_in_cents,
	v.why
FROM transfer_reversal v
JOIN credit_transfer t ON t.bank_reference = v.bank_reference
JOIN profile p ON p.number = t.profile_number
WHERE v.swan_id IS NULL
	AND t.swan_updated_at IS NULL
UNION ALL
SELECT n.created_at, n.asked_by, n.asked_identity, 'batch', 'batch ' || n.batch_number, n.name, CASE WHEN count(*) = 1 THEN min(p.app_id) END,
	CASE WHEN count(*) = 1 THEN min(p.app_user_id) END, NULL, n.asked_why
FROM notification n
JOIN profile p ON p.number = n.profile_number
WHERE n.asked_by IS NOT NULL
GROUP BY n.batch_number, n.created_at, n.asked_by, n.asked_identity, n.name, n.asked_why
UNION ALL
SELECT s.reset_at, s.reset_by, s.reset_identity, 'reset', 'reset ' || s.number, s.deleted || ' rows', s.app_id, s.app_user_id, NULL, NULL
FROM dev_reset s
UNION ALL
SELECT r.restored_at, r.restored_by, r.restored_identity, 'restore', 'line ' || r.from_line, 'up to line ' || r.to_line, NULL, NULL, NULL, NULL
FROM restoration r
UNION ALL
-- the first stage that ran with another configuration than the one before; nobody knows who changed it
SELECT c.now_at, NULL, NULL, 'configuration', lower(hex(c.config_sha256)), 'changed', NULL, NULL, NULL, NULL
FROM (
	SELECT now_at, config_sha256, lag(config_sha256) OVER (ORDER BY number) AS sha256_before
	FROM stage_run
	WHERE config_sha256 IS NOT NULL) AS c
WHERE c.config_sha256 <> c.sha256_before;

-- What `alanpay query` and the exports have of a profile, a session and a debt, under the names that other components know --

CREATE VIEW query_profile AS
SELECT 0 AS id_owner, p.number AS id, p.app_id, p.app_user_id, p.status,
	(SELECT max(n.accepted_at)
	 FROM notification n
	 WHERE n.name = 'alan_pay__provisioning_reminder' AND n.profile_number = p.number AND n.subject = ''
	) AS provisioning_push_notification_sent_at
FROM profile p;

CREATE VIEW query_session AS
SELECT 0 AS id_owner, s.number AS id, s.period_start_on AS recovery_period_start_date,
	s.period_end_on AS recovery_period_end_date, s.freeze_on AS freeze_date, s.recovery_on AS recovery_date, s.status
FROM session s;

CREATE VIEW query_debt AS
SELECT d.profile_number AS id_owner, d.session_number AS id,
	p.id_owner AS profile_id_owner, p.id AS profile_id, p.app_id AS profile_app_id,
	p.app_user_id AS profile_app_user_id, p.status AS profile_status,
	p.provisioning_push_notification_sent_at AS profile_provisioning_push_notification_sent_at,
	s.id_owner AS recovery_session_id_owner, s.id AS recovery_session_id,
	s.recovery_period_start_date AS recovery_session_recovery_period_start_date,
	s.recovery_period_end_date AS recovery_session_recovery_period_end_date,
	s.freeze_date AS recovery_session_freeze_date, s.recovery_date AS recovery_session_recovery_date,
	s.status AS recovery_session_status,
	d.status, d.profile_number AS transactions_owner, d.session_number AS transactions, d.amount_in_cents,
	d.recovered_in_cents AS recovered_amount_in_cents, d.refunded_in_cents AS refunded_amount_in_cents
FROM debt_amount d
JOIN query_profile p ON p.id = d.profile_number
JOIN query_session s ON s.id = d.session_number;
