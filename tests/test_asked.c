/* asked: notifications that a person asks for, and each reason to refuse them. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/make.h"
#include "stages/core/members/notice.h"
#include "stages/core/push/asked.h"

static void
ask_session(struct run *r)
{
	struct session s;

	assert_true(session_load(r, 1, &s));
	asked_find_session(r, &s);
}

/* Stores what is found, as the commands do; returns how many. */
static int64_t
notify_session(struct run *r)
{
	int64_t batches, before = home_number(r, "SELECT count(*) FROM notification");

	ask_session(r);
	tx_begin(r->db);
	notification_store(r, NOTIFY_RECOVERY_SESSION, NULL, &batches);
	tx_commit(r->db);
	return home_number(r, "SELECT count(*) FROM notification") - before;
}

static void
ask_open_session(struct run *r)
{
	struct session s;

	assert_true(session_load(r, 2, &s));
	asked_find_session(r, &s);
}

static void
open_session_is_too_early(void **state)
{
	struct run *r = *state;

	home_dies(r, ask_open_session, EXIT_BUSY, "session 20260331-1 is open until 2026-04-03");
}

static void
session_without_files_is_too_early_or_has_nothing(void **state)
{
	struct run *r = *state;

	home_dies(r, ask_session, EXIT_BUSY, "its bank files are not made yet: `alanpay collect");
	home_exec(r, "UPDATE debt SET status = 'failed', recovered_in_cents = 0, refunded_in_cents = 0");
	home_dies(r, ask_session, EXIT_FORBIDDEN, "has no bank file in force");
}

static void
session_is_notified_from_the_day_after_its_file(void **state)
{
	struct run *r = *state;

	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	home_dies(r, ask_session, EXIT_BUSY,
	          "made on 2026-03-04: its members are notified from 2026-03-05 on");
	frozen_at(r, "2026-03-05T09:00:00Z");
	assert_int_equal(notify_session(r), 3);
	home_dies(r, ask_session, EXIT_FORBIDDEN, "the notifications of all its members were made before");
}

static void
session_is_not_notified_from_its_day_on(void **state)
{
	struct run *r = *state;

	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	frozen_at(r, "2026-03-10T09:00:00Z");
	home_dies(r, ask_session, EXIT_FORBIDDEN,
	          "it is too late: its debits and refunds are of 2026-03-10, and today is 2026-03-10");
	frozen_at(r, "2026-03-09T09:00:00Z");
	home_exec(r, "UPDATE bank_file SET state = 'rejected'");
	home_dies(r, ask_session, EXIT_FORBIDDEN, "the bank rejected its files");
}

/* --- a transaction ------------------------------------------------------------------------------------------------------ */

#define EXTERNAL "0badcafe-0200-8000-8004-000000000001" /* of member 1 */
#define CARD     "0badcafe-0200-8000-8004-000000000002"

static void
ask_external(struct run *r)
{
	(void)asked_find_transaction(r, EXTERNAL, false);
}

static void
ask_card(struct run *r)
{
	(void)asked_find_transaction(r, CARD, false);
}

static void
ask_absent(struct run *r)
{
	(void)asked_find_transaction(r, "0badcafe-0200-8000-8004-000000000009", false);
}

static void
ask_of_another_kind(struct run *r)
{
	(void)asked_find_transaction(r, "0badcafe-0100-8000-8000-000000000001", false);
}

static void
ask_without_id(struct run *r)
{
	(void)asked_find_transaction(r, "20260228-1", false);
}

static void
notify_as(struct run *r, const char *id, bool forced)
{
	struct notification_asked asked = {{"alice", "any"}, "her phone was lost"};
	enum notification_kind kind = asked_find_transaction(r, id, forced);
	int64_t batches;

	tx_begin(r->db);
	assert_true(notification_store(r, kind, &asked, &batches) > 0);
	tx_commit(r->db);
}

#define NOTIFIED                                                                                                   \
	"SELECT name || ' ' || subject || ' ' || attempt || ' ' || params || ' ' || asked_by || ', ' || asked_why" \
	" FROM notification ORDER BY number"

static void
transaction_that_is_not_there_is_absent(void **state)
{
	struct run *r = *state;

	home_dies(r, ask_absent, EXIT_ABSENT, "does not exist");
	home_dies(r, ask_of_another_kind, EXIT_ABSENT, "does not exist");
	home_dies(r, ask_without_id, EXIT_USAGE, "is not a valid id of a balance transaction");
}

static void
external_transaction_is_notified_unless_its_component_did(void **state)
{
	struct run *r = *state;

	home_exec(
	    r,
	    "UPDATE balance_transaction SET push_notification_sent_at = 1772582400000 WHERE profile_number = 1");
	home_dies(r, ask_external, EXIT_FORBIDDEN,
	          "another component notified the member at 2026-03-04T00:00:00Z");
	home_exec(r, "UPDATE balance_transaction SET push_notification_sent_at = NULL");
	notify_as(r, EXTERNAL, false);
	assert_string_equal(
	    frozen_list(r, NOTIFIED),
	    "alan_pay__external_transaction 1 1 {\"amount_in_cents\":-1250,\"transaction_date\":\"2026-02-14\"}"
	    " alice, her phone was lost;");
}

static void
second_attempt_must_be_forced(void **state)
{
	static const struct {
		const char *sql, *words;
		enum exit_status status;
	} cases[] = {
	    {"UPDATE notification SET state = 'pending'", "has no receipt yet, and expires at 2026-03-11",
	     EXIT_BUSY},
	    {"UPDATE notification SET state = 'refused'", "was refused by its receiver", EXIT_FORBIDDEN},
	    {"UPDATE notification SET state = 'expired'", "was not delivered before it expired",
	     EXIT_FORBIDDEN},
	    {"UPDATE notification SET state = 'accepted', accepted_at = created_at, proof = 'receipt'",
	     "the member was notified at 2026-03-04T02:30:00Z", EXIT_FORBIDDEN},
	};
	struct run *r = *state;
	size_t i;

	notify_as(r, EXTERNAL, false);
	for (i = 0; i < LENGTH(cases); i++) {
		exec(sql(r->db, cases[i].sql));
		home_dies(r, ask_external, (int)cases[i].status, cases[i].words);
	}
	notify_as(r, EXTERNAL, true);
	assert_int_equal(home_number(r, "SELECT max(attempt) FROM notification"), 2);
	home_dies(r, ask_external, EXIT_BUSY, "--force --why TEXT");
	assert_int_equal(home_number(r, "SELECT count(DISTINCT number) FROM notification"), 2);
}

/* Member 1 paid by card, as payment 1. */
static void
pay(struct run *r, int status)
{
	struct posting p = {.profile = 1,
	                    .event = EVENT_CAPTURED_CARD_PAYMENT,
	                    .amount = -500,
	                    .at = r->now,
	                    .source_kind = SOURCE_REQUEST,
	                    .source = "card",
	                    .source_size = 4,
	                    .payment = 1};
	struct stmt *q = sql(r->db,
	    "INSERT INTO card_payment (key, swan_payment, status, effective_at, authorized_in_cents,"
	    "  captured_in_cents) VALUES (" SQL_KEY("1", "1") ", x'01', $status, 0, 500, 500)");

	bind_int(q, "$status", status);
	exec(q);
	tx_begin(r->db);
	assert_int_equal(ledger_post(r, &p), POSTED);
	tx_commit(r->db);
}

enum { RECEIVED = 11, AUTHORIZED, CAPTURED, REJECTED, RELEASED };

static void
payment_is_notified_however_old_it_is(void **state)
{
	struct run *r = *state;

	pay(r, CAPTURED);
	notify_as(r, CARD, false);
	assert_string_equal(
	    frozen_list(r, NOTIFIED),
	    "alan_pay__post_payment 1 1 {\"amount_in_cents\":500,\"status\":\"captured\"} alice, her phone was lost;");
	home_dies(r, ask_card, EXIT_BUSY, "has no receipt yet");
}

static void
payment_that_succeeded_after_its_reject_is_another_subject(void **state)
{
	struct run *r = *state;

	pay(r, REJECTED);
	notify_as(r, CARD, false);
	home_exec(r, "UPDATE card_payment SET status = 13");
	notify_as(r, CARD, false);
	assert_string_equal(
	    frozen_list(r, "SELECT subject || ' ' || attempt FROM notification ORDER BY number"),
	    "1 1;1/2 1;");
}

static void
payment_that_came_to_nothing_is_not_notified(void **state)
{
	struct run *r = *state;

	pay(r, RELEASED);
	home_dies(r, ask_card, EXIT_FORBIDDEN, "its card payment is released: there is nothing to notify of");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FROZEN(open_session_is_too_early),
	    WITH_FROZEN(session_without_files_is_too_early_or_has_nothing),
	    WITH_FROZEN(session_is_notified_from_the_day_after_its_file),
	    WITH_FROZEN(session_is_not_notified_from_its_day_on),
	    WITH_FROZEN(transaction_that_is_not_there_is_absent),
	    WITH_FROZEN(external_transaction_is_notified_unless_its_component_did),
	    WITH_FROZEN(second_attempt_must_be_forced),
	    WITH_FROZEN(payment_is_notified_however_old_it_is),
	    WITH_FROZEN(payment_that_succeeded_after_its_reject_is_another_subject),
	    WITH_FROZEN(payment_that_came_to_nothing_is_not_notified),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
