-- Changes that no statement may make (in SQLite's dialect; the tables are in schema.sql). Where dev_reset is named, a member of a
-- development environment is being removed.

CREATE TRIGGER store_identity_is_final
BEFORE UPDATE OF one, store_id, environment, created_at ON store
BEGIN
	SELECT RAISE(ABORT, 'the identity of a home is given when it is made');
END;

CREATE TRIGGER store_is_never_deleted
BEFORE DELETE ON store
BEGIN
	SELECT RAISE(ABORT, 'the identity of a home is never deleted');
END;

CREATE TRIGGER balance_transaction_is_append_only
BEFORE UPDATE OF key, event, amount_in_cents, transaction_at, transaction_on, source_kind, source,
    payment_number, settled_session, input_number, line ON balance_transaction
BEGIN
	SELECT RAISE(ABORT, 'a balance transaction is never changed');
END;

CREATE TRIGGER balance_transaction_is_never_deleted
BEFORE DELETE ON balance_transaction
WHEN NOT EXISTS (SELECT 1 FROM dev_reset WHERE is_open = 1 AND profile_number = OLD.profile_number)
BEGIN
	SELECT RAISE(ABORT, 'a balance transaction is never deleted');
END;

CREATE TRIGGER balance_transaction_leaves_no_frozen_debt
BEFORE UPDATE OF session_number ON balance_transaction
WHEN OLD.session_number IS NOT NEW.session_number
    AND (EXISTS (SELECT 1 FROM session WHERE number = NEW.session_number AND frozen_at IS NOT NULL)
	OR (OLD.session_number IS NOT NULL
	    AND EXISTS (SELECT 1 FROM session WHERE number = OLD.session_number AND frozen_at IS NOT NULL)))
BEGIN
	SELECT RAISE(ABORT, 'the session is frozen: its debts keep their transactions');
END;

CREATE TRIGGER balance_transaction_enters_no_frozen_debt
BEFORE INSERT ON balance_transaction
WHEN NEW.session_number IS NOT NULL
    AND EXISTS (SELECT 1 FROM session WHERE number = NEW.session_number AND frozen_at IS NOT NULL)
BEGIN
	SELECT RAISE(ABORT, 'the session is frozen: no transaction is added to its debts');
END;

CREATE TRIGGER swan_transaction_key_is_final
BEFORE UPDATE OF key, id ON swan_transaction
BEGIN
	SELECT RAISE(ABORT, 'a Swan transaction keeps its key: what was posted of it has it as its source');
END;

-- What no row has must not be found.
CREATE TRIGGER swan_transaction_is_deleted
AFTER DELETE ON swan_transaction
BEGIN
	DELETE FROM swan_transaction_id WHERE id = OLD.id;
END;

CREATE TRIGGER card_payment_is_deleted
AFTER DELETE ON card_payment
BEGIN
	DELETE FROM swan_payment_id WHERE id = OLD.swan_payment;
END;

CREATE TRIGGER debt_amount_is_frozen
BEFORE UPDATE OF amount_in_cents, profile_number, session_number ON debt
WHEN EXISTS (SELECT 1 FROM session WHERE number = OLD.session_number AND frozen_at IS NOT NULL)
BEGIN
	SELECT RAISE(ABORT, 'the session is frozen: the amount of a debt is final');
END;

CREATE TRIGGER debt_enters_no_frozen_session
BEFORE INSERT ON debt
WHEN EXISTS (SELECT 1 FROM session WHERE number = NEW.session_number AND frozen_at IS NOT NULL)
BEGIN
	SELECT RAISE(ABORT, 'the session is frozen: no debt is added to it');
END;

CREATE TRIGGER debt_is_never_deleted
BEFORE DELETE ON debt
WHEN NOT EXISTS (SELECT 1 FROM dev_reset WHERE is_open = 1 AND profile_number = OLD.profile_number)
BEGIN
	SELECT RAISE(ABORT, 'a debt is never deleted');
END;

CREATE TRIGGER session_stays_frozen
BEFORE UPDATE OF code, period_start_on, period_end_on, freeze_on, recovery_on, frozen_at, digest ON session
WHEN OLD.frozen_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM dev_reset WHERE is_open = 1)
BEGIN
	SELECT RAISE(ABORT, 'a frozen session stays as it is');
END;

CREATE TRIGGER act_is_final
BEFORE UPDATE ON act
BEGIN
	SELECT RAISE(ABORT, 'an act is never changed');
END;

CREATE TRIGGER act_is_never_deleted
BEFORE DELETE ON act
BEGIN
	SELECT RAISE(ABORT, 'an act is never deleted');
END;

CREATE TRIGGER bank_file_content_is_fixed
BEFORE UPDATE OF session_number, kind, version, part, msg_id, name, folder, created_at, wanted_on,
    collect_on, collections, sum_in_cents, sha256, pain_version, creditor_name, creditor_identifier, creditor_iban,
    creditor_bic, ultimate_creditor, batch_booking, address, purpose, remittance, cutoff, lead_target_days,
    approvals_needed, built_by, built_identity ON bank_file
WHEN OLD.sha256 IS NOT NULL
BEGIN
	SELECT RAISE(ABORT, 'a bank file is never changed: make the next version');
END;

CREATE TRIGGER bank_block_is_fixed
BEFORE UPDATE ON bank_block
BEGIN
	SELECT RAISE(ABORT, 'a bank file is never changed: make the next version');
END;

CREATE TRIGGER bank_block_is_never_deleted
BEFORE DELETE ON bank_block
BEGIN
	SELECT RAISE(ABORT, 'a bank file is never changed: make the next version');
END;

CREATE TRIGGER bank_file_stays_cancelled
BEFORE UPDATE OF state, cancelled_by, cancelled_at, cancel_why ON bank_file
WHEN OLD.state = 'cancelled'
BEGIN
	SELECT RAISE(ABORT, 'a cancelled file stays cancelled');
END;

CREATE TRIGGER bank_file_stays_withdrawn
BEFORE UPDATE OF state ON bank_file
WHEN OLD.state = 'withdrawn' AND NEW.state <> OLD.state
BEGIN
	SELECT RAISE(ABORT, 'a withdrawn file stays withdrawn');
END;

CREATE TRIGGER withdrawal_is_by_another_person
BEFORE INSERT ON withdrawal
WHEN EXISTS (SELECT 1 FROM bank_file WHERE number = NEW.file_number AND built_by = NEW.person)
BEGIN
	SELECT RAISE(ABORT, 'the builder of a file cannot withdraw it');
END;

CREATE TRIGGER withdrawal_is_final
BEFORE UPDATE ON withdrawal
WHEN EXISTS (SELECT 1 FROM bank_file WHERE number = OLD.file_number AND state = 'withdrawn')
BEGIN
	SELECT RAISE(ABORT, 'the file is withdrawn: what was stated of it is final');
END;

CREATE TRIGGER withdrawal_is_never_deleted
BEFORE DELETE ON withdrawal
BEGIN
	SELECT RAISE(ABORT, 'a statement is never deleted');
END;

CREATE TRIGGER upload_correction_is_final
BEFORE UPDATE ON upload_correction
BEGIN
	SELECT RAISE(ABORT, 'a correction of an upload is never changed: correct it once more');
END;

CREATE TRIGGER upload_correction_is_never_deleted
BEFORE DELETE ON upload_correction
BEGIN
	SELECT RAISE(ABORT, 'a correction of an upload is never deleted');
END;

CREATE TRIGGER collection_content_is_fixed
BEFORE UPDATE OF end_to_end_id, file_number, block, profile_number, session_number, mandate_number, presentation,
    amount_in_cents, amended, original_creditor_name, original_creditor_identifier ON collection
BEGIN
	SELECT RAISE(ABORT, 'a collection is never changed');
END;

-- Only money revives one: the bank took its return back, or collected it although its file was withdrawn.
CREATE TRIGGER collection_stays_dead
BEFORE UPDATE OF live, state ON collection
WHEN OLD.live IS NOT 1 AND ((NEW.live = 1 AND NEW.state <> 'booked')
    OR (OLD.state IN ('cancelled', 'withdrawn') AND NEW.state <> OLD.state AND NOT (NEW.state = 'booked' AND EXISTS
	(SELECT 1 FROM bank_file WHERE number = OLD.file_number AND state = 'withdrawn'))))
BEGIN
	SELECT RAISE(ABORT, 'a failed, cancelled or withdrawn collection is never presented again');
END;

CREATE TRIGGER approval_is_by_another_person
BEFORE INSERT ON approval
WHEN EXISTS (SELECT 1 FROM bank_file WHERE number = NEW.file_number AND (built_by = NEW.approver OR sha256 <> NEW.sha256))
BEGIN
	SELECT RAISE(ABORT, 'the builder of a file cannot approve it, and an approval is bound to its hash');
END;

CREATE TRIGGER approval_is_final
BEFORE UPDATE ON approval
BEGIN
	SELECT RAISE(ABORT, 'an approval is never changed');
END;

CREATE TRIGGER rejection_is_final
BEFORE UPDATE ON rejection
WHEN OLD.withdrawn_at IS NOT NULL OR NEW.person <> OLD.person OR NEW.why <> OLD.why OR NEW.rejected_at <> OLD.rejected_at
BEGIN
	SELECT RAISE(ABORT, 'a rejection is never changed: the same person withdraws it');
END;

CREATE TRIGGER rejection_is_never_deleted
BEFORE DELETE ON rejection
BEGIN
	SELECT RAISE(ABORT, 'a rejection is never deleted');
END;

CREATE TRIGGER attribution_is_final
BEFORE UPDATE ON attribution
BEGIN
	SELECT RAISE(ABORT, 'an attribution is final');
END;

CREATE TRIGGER attribution_is_never_deleted
BEFORE DELETE ON attribution
WHEN NOT EXISTS (SELECT 1 FROM dev_reset WHERE is_open = 1 AND profile_number = OLD.profile_number)
BEGIN
	SELECT RAISE(ABORT, 'an attribution is final');
END;

CREATE TRIGGER reversed_decision_is_final
BEFORE UPDATE ON reversed_decision
BEGIN
	SELECT RAISE(ABORT, 'a reversal is never changed');
END;

CREATE TRIGGER reversed_decision_is_never_deleted
BEFORE DELETE ON reversed_decision
BEGIN
	SELECT RAISE(ABORT, 'a reversal is never deleted');
END;

CREATE TRIGGER transfer_reversal_is_final
BEFORE UPDATE ON transfer_reversal
BEGIN
	SELECT RAISE(ABORT, 'a reversal is never changed');
END;

CREATE TRIGGER transfer_reversal_is_never_deleted
BEFORE DELETE ON transfer_reversal
WHEN NOT EXISTS (SELECT 1 FROM dev_reset WHERE is_open = 1)
BEGIN
	SELECT RAISE(ABORT, 'a reversal is never deleted');
END;

CREATE TRIGGER correction_is_final
BEFORE UPDATE ON correction
BEGIN
	SELECT RAISE(ABORT, 'a correction is never changed: decide once more');
END;

CREATE TRIGGER correction_is_never_deleted
BEFORE DELETE ON correction
WHEN NOT EXISTS (SELECT 1 FROM dev_reset WHERE is_open = 1 AND profile_number = OLD.profile_number)
BEGIN
	SELECT RAISE(ABORT, 'a correction is never deleted');
END;

CREATE TRIGGER request_answer_is_final
BEFORE UPDATE ON request
BEGIN
	SELECT RAISE(ABORT, 'the answer to a request is final');
END;

CREATE TRIGGER external_transaction_outcome_is_final
BEFORE UPDATE ON external_transaction WHEN OLD.outcome = 'posted'
BEGIN
	SELECT RAISE(ABORT, 'an external transaction that was posted is final');
END;

CREATE TRIGGER external_transaction_is_never_deleted
BEFORE DELETE ON external_transaction
WHEN NOT EXISTS (SELECT 1 FROM dev_reset WHERE is_open = 1 AND profile_number = OLD.profile_number)
BEGIN
	SELECT RAISE(ABORT, 'an external transaction is never deleted');
END;

CREATE TRIGGER notification_is_never_changed
BEFORE UPDATE OF number, name, subject_type, subject, attempt, profile_number, params, batch_number, created_at, expires_at,
    asked_by, asked_why ON notification
BEGIN
	SELECT RAISE(ABORT, 'a notification is never changed');
END;

CREATE TRIGGER receipt_is_never_changed
BEFORE UPDATE ON receipt
BEGIN
	SELECT RAISE(ABORT, 'a receipt is never changed');
END;

CREATE TRIGGER receipt_is_never_deleted
BEFORE DELETE ON receipt
WHEN NOT EXISTS (SELECT 1
    FROM dev_reset d
    JOIN notification n ON n.profile_number = d.profile_number
    WHERE d.is_open = 1 AND n.number = OLD.notification_number)
BEGIN
	SELECT RAISE(ABORT, 'a receipt is never deleted');
END;

-- What the files beside the bank files of a session show: core/bank/sessionview.c writes them once more. A unit of work may change
-- each debit of a session: after the first one its session is noted, and WHEN asks no more than that.

CREATE TRIGGER bank_file_is_made
AFTER INSERT ON bank_file
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list) VALUES (NEW.session_number, 1, 0)
	ON CONFLICT (session_number) DO UPDATE SET notice_list = 1;
END;

CREATE TRIGGER bank_file_has_changed
AFTER UPDATE ON bank_file
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list) VALUES (NEW.session_number, 0, 0)
	ON CONFLICT (session_number) DO NOTHING;
END;

CREATE TRIGGER approval_is_given
AFTER INSERT ON approval
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list)
	SELECT session_number, 0, 0 FROM bank_file WHERE number = NEW.file_number
	ON CONFLICT (session_number) DO NOTHING;
END;

CREATE TRIGGER rejection_is_stated
AFTER INSERT ON rejection
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list)
	SELECT session_number, 0, 0 FROM bank_file WHERE number = NEW.file_number
	ON CONFLICT (session_number) DO NOTHING;
END;

CREATE TRIGGER rejection_is_withdrawn
AFTER UPDATE ON rejection
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list)
	SELECT session_number, 0, 0 FROM bank_file WHERE number = NEW.file_number
	ON CONFLICT (session_number) DO NOTHING;
END;

CREATE TRIGGER withdrawal_is_stated
AFTER INSERT ON withdrawal
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list)
	SELECT session_number, 0, 0 FROM bank_file WHERE number = NEW.file_number
	ON CONFLICT (session_number) DO NOTHING;
END;

CREATE TRIGGER withdrawal_has_changed
AFTER UPDATE ON withdrawal
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list)
	SELECT session_number, 0, 0 FROM bank_file WHERE number = NEW.file_number
	ON CONFLICT (session_number) DO NOTHING;
END;

CREATE TRIGGER collection_has_changed
AFTER UPDATE OF state, booked_on, moved_on, settled_on, failed_on, reason, fee_in_cents ON collection
WHEN NOT EXISTS (SELECT 1 FROM stale_session
    WHERE session_number = NEW.session_number
	AND return_list >= CASE WHEN coalesce(NEW.failed_on, OLD.failed_on) IS NULL THEN 0 ELSE 1 END)
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list)
	VALUES (NEW.session_number, 0, CASE WHEN coalesce(NEW.failed_on, OLD.failed_on) IS NULL THEN 0 ELSE 1 END)
	ON CONFLICT (session_number) DO UPDATE SET return_list = 1;
END;

-- Of the entries the files show only which one reported what came back.
CREATE TRIGGER bank_entry_has_changed
AFTER UPDATE OF state, collection ON bank_entry
WHEN NEW.collection IS NOT NULL AND (NEW.kind = 'return' OR NEW.kind = 'refund_return' OR NEW.status = 'RJCT')
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list)
	SELECT session_number, 0, 1 FROM collection WHERE end_to_end_id = NEW.collection
	ON CONFLICT (session_number) DO UPDATE SET return_list = 1;
END;

CREATE TRIGGER notification_is_made
AFTER INSERT ON notification
WHEN NEW.name = 'alan_pay__recovery_session'
    AND NOT EXISTS (SELECT 1
	FROM collection c
	JOIN stale_session s ON s.session_number = c.session_number AND s.notice_list = 1
	WHERE c.end_to_end_id = CASE WHEN NEW.subject LIKE '%/%' THEN rtrim(rtrim(NEW.subject, '0123456789'), '/') ELSE NEW.subject END)
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list)
	SELECT session_number, 1, 0 FROM collection
	WHERE end_to_end_id = CASE WHEN NEW.subject LIKE '%/%' THEN rtrim(rtrim(NEW.subject, '0123456789'), '/') ELSE NEW.subject END
	ON CONFLICT (session_number) DO UPDATE SET notice_list = 1;
END;

CREATE TRIGGER notification_is_answered
AFTER UPDATE OF state, accepted_at, proof ON notification
WHEN NEW.name = 'alan_pay__recovery_session'
    AND NOT EXISTS (SELECT 1
	FROM collection c
	JOIN stale_session s ON s.session_number = c.session_number AND s.notice_list = 1
	WHERE c.end_to_end_id = CASE WHEN NEW.subject LIKE '%/%' THEN rtrim(rtrim(NEW.subject, '0123456789'), '/') ELSE NEW.subject END)
BEGIN
	INSERT INTO stale_session (session_number, notice_list, return_list)
	SELECT session_number, 1, 0 FROM collection
	WHERE end_to_end_id = CASE WHEN NEW.subject LIKE '%/%' THEN rtrim(rtrim(NEW.subject, '0123456789'), '/') ELSE NEW.subject END
	ON CONFLICT (session_number) DO UPDATE SET notice_list = 1;
END;
