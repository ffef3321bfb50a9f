/* query, history: the answers to other components, with every null and every absence. */
#include "tests/home.h"

#include "formats/length.h"
#include "formats/memory.h"
#include "stages/core/api/history.h"
#include "stages/core/api/query.h"
#include "stages/core/members/profile.h"

/* The world ------------------------------------------------------------------------------------------------------
 *
 * Member 1 has a debt of 15.00 that failed (session 1) and came back in one that was recovered (session 2), and a live
 * one (session 3); a payment of each status. Member 2 has one payment, which is in no debt yet. Member 3 has nothing,
 * and is of another application.
 */
static const char *const world[] = {
    "INSERT INTO profile (number, app_id, app_user_id, status, balance_in_cents, declared_at)"
    " VALUES (1, 'alan', 'ada', 'active', -2630, 0), (2, 'alan', 'bob', 'inactive', -5, 0),"
    "  (3, 'other', 'ada', 'offboarded', 0, 0)",
    "INSERT INTO notification_batch (number, name, business_on, nth, lines, first_number, last_number)"
    " VALUES (1, 'alan_pay__provisioning_reminder', '2026-02-10', 1, 1, 1, 1),"
    "  (2, 'alan_pay__post_payment', '2026-02-10', 1, 2, 2, 3)",
    "INSERT INTO notification (number, name, subject_type, subject, attempt, profile_number, params, batch_number,"
    "  created_at, expires_at, state, accepted_at, proof)"
    " VALUES (1, 'alan_pay__provisioning_reminder', 'profile', '', 1, 2, '{}', 1, 900, 2000, 'accepted', 1000, 'receipt'),"
    "  (2, 'alan_pay__post_payment', 'card_payment', '3', 1, 1, '{}', 2, 6500, 9000, 'pending', NULL, NULL),"
    "  (3, 'alan_pay__post_payment', 'card_payment', '4', 1, 1, '{}', 2, 5400, 9000, 'accepted', 5500, 'publication')",
    "INSERT INTO account_membership (id, profile_number) VALUES ('m1', 1), ('m2', 2)",
    "INSERT INTO card (id, account_membership_id, status, is_provisioned, created_at, updated_at)"
    " VALUES ('c0', 'm1', 'Canceled', 0, 0, 0), ('c1', 'm1', 'Enabled', 1, 0, 0), ('c2', 'm2', 'Enabled', 0, 0, 0),"
    "  ('c3', 'm2', 'Canceled', 1, 0, 0), ('c4', 'm2', 'Canceling', 1, 0, 0)",
    "INSERT INTO mandate (number, profile_number, reference, reference_key, version, debtor_name, iban, country,"
    "  signed_on, status, status_at, declared_at)"
    " VALUES (1, 1, 'Rum-1', 'RUM-1', 1, 'Ada L', 'FR7630006000011234567890189', 'FRA', '2026-01-02', 'active', 0, 0)",
    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status, opened_by)"
    " VALUES (1, '20260131-1', '2026-01-01', '2026-01-31', '2026-02-03', '2026-02-10', 'failed', 'configuration'),"
    "  (2, '20260228-1', '2026-02-01', '2026-02-28', '2026-03-03', '2026-03-10', 'succeeded', 'configuration'),"
    "  (3, '20260331-1', '2026-03-01', '2026-03-31', '2026-04-03', '2026-04-10', 'pending', 'configuration'),"
    "  (4, '20260331-2', '2026-03-01', '2026-03-31', '2026-04-03', '2026-04-10', 'pending', 'person')",
    "INSERT INTO debt (profile_number, session_number, status, amount_in_cents, recovered_in_cents, refunded_in_cents)"
    " VALUES (1, 1, 'failed', 1500, 0, 0), (1, 2, 'succeeded', 1500, 1500, 0), (1, 3, 'pending', NULL, NULL, NULL),"
    "  (3, 3, 'pending', NULL, NULL, NULL)",
    "INSERT INTO bank_file (number, kind, session_number, version, msg_id, name, folder,"
    "  created_at, wanted_on, collect_on, collections, sum_in_cents, state, built_by,"
    "  " HOME_FILE_COLUMNS ")"
    " VALUES (1, 'debit', 1, 1, 'M1', 'f1', 'd1', 0, '2026-02-10', '2026-02-10', 1, 1500, 'generated', 'x', " HOME_FILE_VALUES
    "),"
    "  (2, 'debit', 2, 1, 'M2', 'f2', 'd2', 0, '2026-03-10', '2026-03-10', 1, 1500, 'generated', 'x', " HOME_FILE_VALUES
    ")",
    "INSERT INTO bank_block (file_number, nth, payment_information_id, sequence_type, collections, sum_in_cents)"
    " SELECT number, 1, msg_id || '-1', 'RCUR', collections, sum_in_cents FROM bank_file",
    "INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number, presentation,"
    "  amount_in_cents, amended, live, state, failed_on)"
    " VALUES ('E1', 1, 1, 1, 1, 1, 1, 1500, 0, 0, 'returned', '2026-02-20'),"
    "  ('E2', 2, 1, 1, 2, 1, 1, 1500, 0, 1, 'booked', NULL)",
    "INSERT INTO merchant (number, id, name, city, country, postal_code, category_code)"
    " VALUES (1, 'MID', 'Pharmacie \"du\" Nord', 'Lille', 'FRA', '59000', '5912'),"
    "  (2, NULL, 'Opticien', NULL, NULL, NULL, '8043'), (3, NULL, 'Bar', NULL, NULL, NULL, '5813'),"
    "  (4, NULL, 'Hotel', NULL, NULL, NULL, '3501'), (5, NULL, 'Early', NULL, NULL, NULL, NULL),"
    "  (6, NULL, 'Kiosk', NULL, NULL, NULL, NULL)",
    "INSERT INTO card_payment (key, swan_payment, status, rejection, effective_at, authorized_in_cents,"
    "  captured_in_cents, merchant_number, merchant_at)"
    " SELECT column1 * 16777216 + column2, column3, column4, column5, column6, column7, column8, column9,"
    "  CASE WHEN column9 IS NULL THEN NULL ELSE 0 END"
    " FROM (VALUES (1, 1, x'01', 13, NULL, 1000, 1100, 1000, 1), (1, 2, x'02', 13, NULL, 2000, 750, 750, NULL),"
    "  (1, 3, x'03', 12, NULL, 6000, 700, 0, 2), (1, 4, x'04', 14, 23, 5000, 900, 0, 3),"
    "  (1, 5, x'05', 15, NULL, 7000, 800, 0, 4), (1, 6, x'06', 11, NULL, 8000, 600, 0, 5),"
    "  (2, 1, x'07', 13, NULL, 9000, 5, 5, 6))",
    "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on,"
    "  source_kind, source, payment_number, session_number, settled_session, push_notification_sent_at)"
    " VALUES (1 * 16777216 + 1, 1, -1000, 5000, '2026-01-05', 1, (1 * 16777216 + 1) * 256 + 1, 1, 1, NULL, NULL),"
    "  (1 * 16777216 + 2, 1, -500, 4000, '2026-01-04', 1, (1 * 16777216 + 2) * 256 + 1, 2, 1, NULL, NULL),"
    "  (1 * 16777216 + 3, 1, -250, 40000, '2026-03-04', 1, (1 * 16777216 + 2) * 256 + 2, 2, 3, NULL, NULL),"
    "  (1 * 16777216 + 4, 6, 0, 4000, '2026-01-04', 1, (1 * 16777216 + 4) * 256 + 1, 4, NULL, NULL, NULL),"
    "  (1 * 16777216 + 5, 7, 0, 6000, '2026-01-06', 1, (1 * 16777216 + 5) * 256 + 1, 5, NULL, NULL, NULL),"
    "  (1 * 16777216 + 6, 4, 1500, 10000, '2026-02-10', 2, CAST('E1' AS BLOB), NULL, NULL, 1, NULL),"
    "  (1 * 16777216 + 7, 3, -1500, 20000, '2026-02-20', 2, CAST('E1' AS BLOB), NULL, 2, NULL, NULL),"
    "  (1 * 16777216 + 8, 4, 1500, 30000, '2026-03-10', 2, CAST('E2' AS BLOB), NULL, NULL, 2, NULL),"
    "  (1 * 16777216 + 9, 2, 100, 50000, '2026-03-05', 3, CAST('ext-1' AS BLOB), NULL, 3, NULL, 60000),"
    "  (1 * 16777216 + 10, 4, 30, 70000, '2026-03-07', 3, CAST('transfer-1' AS BLOB), NULL, 3, NULL, NULL),"
    "  (1 * 16777216 + 11, 5, -10, 80000, '2026-03-08', 2, CAST('R1' AS BLOB), NULL, NULL, 2, NULL),"
    "  (2 * 16777216 + 1, 1, -5, 90000, '2026-03-09', 1, (2 * 16777216 + 1) * 256 + 1, 1, NULL, NULL, NULL),"
    "  (2 * 16777216 + 2, 2, 7, 45000, '2026-03-04', 3, CAST('ext-2' AS BLOB), NULL, NULL, NULL, NULL)",
    "INSERT INTO external_transaction (number, app_id, external_transaction_id, profile_number, requested_in_cents,"
    "  outcome, transaction_number)"
    " VALUES (1, 'fr', 'ext-1', 1, 100, 'posted', 9), (2, 'fr', 'ext-2', 2, 7, 'posted', 2),"
    "  (3, 'fr', 'ext-none', 2, 7, 'no_debt', NULL)",
};

static int
world_open(void **state)
{
	size_t i;

	if (home_setup(state) != 0)
		return -1;
	for (i = 0; i < LENGTH(world); i++)
		home_exec(*state, world[i]);
	return 0;
}

/* Questions, shorter ---------------------------------------------------------------------------------------- */

static struct query
member(struct run *r, enum question question, int64_t profile)
{
	return query_prepare(r, question, (struct about){.profile = profile});
}

static struct query
profiles(struct run *r, const char *app_id)
{
	return query_prepare(r, QUESTION_PROFILES, (struct about){.app_id = app_id});
}

static struct query
chosen(struct run *r)
{
	return query_prepare(r, QUESTION_CHOSEN_TRANSACTIONS, (struct about){0});
}

static struct query
payments(struct run *r, int64_t profile, int64_t limit)
{
	return query_prepare(r, QUESTION_LATEST_PAYMENTS, (struct about){.profile = profile, .limit = limit});
}

static struct query
debt_of(struct run *r, int64_t profile, int64_t session)
{
	return query_prepare(r, QUESTION_DEBT, (struct about){.profile = profile, .session = session});
}

static struct query
debts_of_session(struct run *r, int64_t session)
{
	return query_prepare(r, QUESTION_DEBTS_OF_SESSION, (struct about){.session = session});
}

static struct query
session(struct run *r, int64_t number)
{
	return query_prepare(r, QUESTION_SESSION, (struct about){.session = number});
}

static bool
is_there(struct query a)
{
	return query_has_rows(&a);
}

/* Answers ----------------------------------------------------------------------------------------------------- */

static const char *
printed_as(struct run *r, struct query a, enum format format)
{
	static struct home_text text;
	struct sink *s = sink_new(home_keep, &text);

	text = (struct home_text){0};
	query_write(r, &a, format, s);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	return text.text;
}

static const char *
answer_of(struct run *r, struct query a)
{
	return printed_as(r, a, FORMAT_JSONL);
}

/* The i-th of a list, until the next call; NULL after the last. */
static const struct json_value *
nth(struct run *r, struct query a, int i)
{
	static struct json_value *list;
	const char *text = printed_as(r, a, FORMAT_JSON);
	const struct json_value *one;
	struct err e = {0};

	json_free(list);
	list = json_parse(text, strlen(text), &e);
	assert_non_null(list);
	assert_int_equal(list->type, JSON_ARRAY);
	for (one = list->child; one != NULL && i > 0; i--)
		one = one->next;
	if (one == NULL) {
		json_free(list);
		list = NULL;
	}
	return one;
}

static int
count(struct run *r, struct query a)
{
	int n = 0;

	while (nth(r, a, n) != NULL) {
		n++;
	}
	return n;
}

#define has_text(object, path, expected)                                            \
	do {                                                                        \
		const char *text_there = NULL;                                      \
		struct err text_e = {0};                                            \
		assert_int_equal(json_text(object, path, &text_there, &text_e), 0); \
		assert_non_null(text_there);                                        \
		assert_string_equal(text_there, expected);                          \
	} while (0)

#define has_number(object, path, expected)                                             \
	do {                                                                           \
		int64_t number_there = -999999;                                        \
		struct err number_e = {0};                                             \
		assert_int_equal(json_int(object, path, &number_there, &number_e), 0); \
		assert_int_equal(number_there, expected);                              \
	} while (0)

#define has_truth(object, path, expected)                                             \
	do {                                                                          \
		bool truth_there = !(expected);                                       \
		struct err truth_e = {0};                                             \
		assert_int_equal(json_bool(object, path, &truth_there, &truth_e), 0); \
		assert_int_equal(truth_there, expected);                              \
	} while (0)

#define PROFILE_ID(n)        "0badcafe-0100-8000-8000-00000000000" n
#define SESSION_ID(n)        "0badcafe-0400-8000-8000-00000000000" n
#define TRANSACTION_ID(o, n) "0badcafe-0200-8000-80" o "-00000000000" n
#define PAYMENT_ID(o, n)     "0badcafe-0300-8000-80" o "-00000000000" n
#define DEBT_ID(o, n)        "0badcafe-0500-8000-80" o "-00000000000" n
#define ONE                  "04" /* where an id has owner 1 */
#define TWO                  "08"
#define THREE                "0c"

/* Profiles and balance ------------------------------------------------------------------------------------ */

static void
balance_is_zero_for_an_undeclared_member(void **state)
{
	assert_string_equal(answer_of(*state, member(*state, QUESTION_BALANCE, 1)),
	                    "{\"amount_in_cents\":-2630,\"profile_found\":true}\n");
	assert_string_equal(answer_of(*state, member(*state, QUESTION_BALANCE, 3)),
	                    "{\"amount_in_cents\":0,\"profile_found\":true}\n");
	assert_string_equal(answer_of(*state, member(*state, QUESTION_BALANCE, 0)),
	                    "{\"amount_in_cents\":0,\"profile_found\":false}\n");
}

static void
profile_has_its_reminder_or_null(void **state)
{
	assert_string_equal(
	    answer_of(*state, member(*state, QUESTION_PROFILE, 1)),
	    "{\"id\":\"" PROFILE_ID(
		"1") "\",\"app_id\":\"alan\",\"app_user_id\":\"ada\","
		     "\"status\":\"active\",\"provisioning_push_notification_sent_at\":null}\n");
	assert_string_equal(
	    answer_of(*state, member(*state, QUESTION_PROFILE, 2)),
	    "{\"id\":\"" PROFILE_ID(
		"2") "\",\"app_id\":\"alan\",\"app_user_id\":\"bob\","
		     "\"status\":\"inactive\","
		     "\"provisioning_push_notification_sent_at\":\"1970-01-01T00:00:01.000Z\"}\n");
	assert_string_equal(answer_of(*state, member(*state, QUESTION_PROFILE, 0)), "null\n");
	assert_true(is_there(member(*state, QUESTION_PROFILE, 3)));
	assert_false(is_there(member(*state, QUESTION_PROFILE, 4)));
}

static void
profiles_are_those_of_one_application(void **state)
{
	assert_int_equal(count(*state, profiles(*state, "alan")), 2);
	has_text(nth(*state, profiles(*state, "alan"), 1), "app_user_id", "bob");
	has_text(nth(*state, profiles(*state, "other"), 0), "id", PROFILE_ID("3"));
	assert_string_equal(printed_as(*state, profiles(*state, "Alan"), FORMAT_JSON), "[]\n");
}

static void
member_with_any_live_card_in_a_wallet_is_provisioned(void **state)
{
	assert_string_equal(answer_of(*state, member(*state, QUESTION_PROVISIONING, 1)),
	                    "{\"has_card_provisioning\":true}\n");
	assert_string_equal(answer_of(*state, member(*state, QUESTION_PROVISIONING, 2)),
	                    "{\"has_card_provisioning\":false}\n");
	assert_string_equal(answer_of(*state, member(*state, QUESTION_PROVISIONING, 3)),
	                    "{\"has_card_provisioning\":false}\n");
}

/* Transactions -------------------------------------------------------------------------------------------- */

#define NO_CARD_PAYMENT "\"card_payment\":null,"
#define NO_DEBIT        "\"sepa_debit\":null,"
#define NO_TAIL         "\"external_transaction_id\":null,\"push_notification_sent_at\":null}\n"
#define HEAD(o, n, of, debt, cents, event, date)                                       \
	"{\"id\":\"" TRANSACTION_ID(o, n) "\",\"alan_pay_profile_id\":\"" PROFILE_ID(  \
	    of) "\",\"alan_pay_recovery_debt_id\":" debt ",\"amount_in_cents\":" cents \
		",\"event_type\":\"" event "\",\"transaction_date\":\"1970-01-01T00:" date ".000Z\","

static void
ask_for(struct run *r, int64_t profile, const char *text)
{
	struct err e = {0};
	struct uuid id;

	assert_int_equal(uuid_parse(text, &id, &e), 0);
	query_choose_id(r, profile, &id);
}

static const char *
printed_one(struct run *r, const char *id)
{
	query_choose(r);
	ask_for(r, 1, id);
	return answer_of(r, chosen(r));
}

static void
transaction_of_a_payment_has_nothing_else(void **state)
{
	assert_string_equal(
	    printed_one(*state, TRANSACTION_ID(ONE, "1")),
	    HEAD(
		ONE, "1", "1", "\"" DEBT_ID(ONE, "1") "\"", "-1000", "captured_card_payment",
		"00:05") "\"card_payment\":{\"effective_date\":\"1970-01-01T00:00:01.000Z\",\"amount_in_cents\":1000,"
			 "\"status\":\"captured\",\"rejection_reason\":null,\"is_recovered\":true,"
			 "\"merchant_name\":\"Pharmacie \\\"du\\\" Nord\",\"merchant_postal_code\":\"59000\","
			 "\"merchant_city\":\"Lille\",\"merchant_country\":\"FRA\",\"merchant_id\":\"MID\","
			 "\"merchant_category_code\":\"5912\"}," NO_DEBIT NO_TAIL);
}

static void
transaction_of_a_rejection_has_its_reason_and_no_debt(void **state)
{
	assert_string_equal(
	    printed_one(*state, TRANSACTION_ID(ONE, "4")),
	    HEAD(
		ONE, "4", "1", "null", "0", "rejected_card_payment",
		"00:04") "\"card_payment\":{\"effective_date\":\"1970-01-01T00:00:05.000Z\",\"amount_in_cents\":900,"
			 "\"status\":\"rejected\",\"rejection_reason\":\"spending_limit_reached\",\"is_recovered\":false,"
			 "\"merchant_name\":\"Bar\",\"merchant_postal_code\":null,\"merchant_city\":null,"
			 "\"merchant_country\":null,\"merchant_id\":null,\"merchant_category_code\":\"5813\"}," NO_DEBIT
			 "\"external_transaction_id\":null,\"push_notification_sent_at\":\"1970-01-01T00:00:05.500Z\"}\n");
}

static void
transaction_of_a_recovery_has_session_and_mandate(void **state)
{
	struct run *r = *state;

	assert_string_equal(
	    printed_one(r, TRANSACTION_ID(ONE, "6")),
	    HEAD(ONE, "6", "1", "null", "1500", "recovery", "00:10") NO_CARD_PAYMENT
	    "\"sepa_debit\":{\"recovery_session_id\":\"" SESSION_ID(
		"1") "\",\"sepa_mandate\":{"
		     "\"sepa_creditor_identifier\":\"FR72ZZZ123456\",\"debtor_name\":\"Ada L\","
		     "\"debtor_iban\":\"FR76***0189\",\"unique_mandate_reference\":\"Rum-1\"}}," NO_TAIL);
	r->unmasked = true;
	assert_non_null(strstr(printed_one(r, TRANSACTION_ID(ONE, "6")), "\"FR7630006000011234567890189\""));
}

static void
transaction_of_a_transfer_has_no_mandate(void **state)
{
	assert_string_equal(printed_one(*state, "0badcafe-0200-8000-8004-00000000000a"),
	                    HEAD(ONE, "a", "1", "\"" DEBT_ID(ONE, "3") "\"", "30", "recovery", "01:10")
	                        NO_CARD_PAYMENT "\"sepa_debit\":{\"recovery_session_id\":\"" SESSION_ID(
				    "3") "\",\"sepa_mandate\":null}," NO_TAIL);
}

static void
transaction_of_a_failed_recovery_has_neither(void **state)
{
	assert_string_equal(printed_one(*state, TRANSACTION_ID(ONE, "7")),
	                    HEAD(ONE, "7", "1", "\"" DEBT_ID(ONE, "2") "\"", "-1500", "failed_recovery",
	                         "00:20") NO_CARD_PAYMENT NO_DEBIT NO_TAIL);
	assert_string_equal(printed_one(*state, TRANSACTION_ID(ONE, "b")),
	                    HEAD(ONE, "b", "1", "null", "-10", "refund", "01:20")
	                        NO_CARD_PAYMENT NO_DEBIT NO_TAIL);
}

static void
transaction_from_outside_has_its_id(void **state)
{
	assert_string_equal(
	    printed_one(*state, TRANSACTION_ID(ONE, "9")),
	    HEAD(ONE, "9", "1", "\"" DEBT_ID(ONE, "3") "\"", "100", "external_transaction", "00:50")
		NO_CARD_PAYMENT NO_DEBIT "\"external_transaction_id\":\"ext-1\","
					 "\"push_notification_sent_at\":\"1970-01-01T00:01:00.000Z\"}\n");
}

static void
transactions_come_oldest_first(void **state)
{
	static const char *const order[] = {"2", "4", "1", "5", "6", "7", "8", "3", "9", "a", "b"};
	struct query a;
	char id[UUID_TEXT];
	int i;

	for (i = 0; i < 11; i++) {
		a = member(*state, QUESTION_TRANSACTIONS, 1);
		snprintf(id, sizeof(id), "%s%s", "0badcafe-0200-8000-8004-00000000000", order[i]);
		has_text(nth(*state, a, i), "id", id);
	}
	assert_null(nth(*state, member(*state, QUESTION_TRANSACTIONS, 1), 11));
	assert_string_equal(printed_as(*state, member(*state, QUESTION_TRANSACTIONS, 3), FORMAT_JSON),
	                    "[]\n");
	assert_string_equal(printed_as(*state, member(*state, QUESTION_TRANSACTIONS, 0), FORMAT_JSON),
	                    "[]\n");
}

static void
transactions_by_id_belong_to_the_member(void **state)
{
	struct run *r = *state;

	query_choose(r);
	ask_for(r, 1, TRANSACTION_ID(ONE, "3"));
	ask_for(r, 1, TRANSACTION_ID(ONE, "2"));
	ask_for(r, 1, TRANSACTION_ID(ONE, "3"));               /* twice */
	ask_for(r, 1, TRANSACTION_ID(TWO, "1"));               /* another member's */
	ask_for(r, 1, DEBT_ID(ONE, "1"));                      /* no transaction */
	ask_for(r, 1, "0badcafd-0200-8000-8004-000000000001"); /* of another store */
	ask_for(r, 1, TRANSACTION_ID(ONE, "c"));               /* does not exist */
	assert_int_equal(count(r, chosen(r)), 2);
	has_text(nth(r, chosen(r), 0), "id", TRANSACTION_ID(ONE, "2"));
	has_text(nth(r, chosen(r), 1), "id", TRANSACTION_ID(ONE, "3"));
	has_truth(nth(r, chosen(r), 1), "card_payment.is_recovered", false);
	query_choose(r);
	assert_string_equal(printed_as(r, chosen(r), FORMAT_JSON), "[]\n");
}

static void
transactions_by_external_id_belong_to_any_member(void **state)
{
	struct run *r = *state;

	query_choose(r);
	query_choose_external(r, "ext-1");
	query_choose_external(r, "ext-2");
	query_choose_external(r, "ext-2");
	query_choose_external(r, "ext-3");
	query_choose_external(r, "transfer-1"); /* no external transaction */
	query_choose_external(r, "E1");
	query_choose_external(r, "");
	assert_int_equal(count(r, chosen(r)), 2);
	has_text(nth(r, chosen(r), 0), "external_transaction_id", "ext-2");
	has_text(nth(r, chosen(r), 1), "external_transaction_id", "ext-1");
}

/* Payments ------------------------------------------------------------------------------------------------ */

static void
payments_come_newest_first_without_received_and_released(void **state)
{
	struct run *r = *state;

	assert_int_equal(count(r, payments(r, 1, 10)), 4);
	has_text(nth(r, payments(r, 1, 10), 0), "status", "authorized");
	has_number(nth(r, payments(r, 1, 10), 0), "amount_in_cents", 700);
	has_text(nth(r, payments(r, 1, 10), 1), "rejection_reason", "spending_limit_reached");
	has_number(nth(r, payments(r, 1, 10), 2), "amount_in_cents", 750);
	has_number(nth(r, payments(r, 1, 10), 3), "amount_in_cents", 1000);
	assert_int_equal(count(r, payments(r, 1, 2)), 2);
	assert_int_equal(count(r, payments(r, 1, 0)), 0);
	assert_int_equal(count(r, payments(r, 3, 10)), 0);
}

/* The debt of its only row failed, but that of its failed_recovery was collected; of the other one a row is in a
 * live debt. */
static void
payment_is_recovered_when_all_of_it_is(void **state)
{
	struct run *r = *state;

	has_truth(nth(r, payments(r, 1, 10), 3), "is_recovered", true);
	has_truth(nth(r, payments(r, 1, 10), 2), "is_recovered", false);
	home_exec(r, "UPDATE debt SET status = 'failed', recovered_in_cents = 0 WHERE session_number = 2");
	has_truth(nth(r, payments(r, 1, 10), 3), "is_recovered", false);
	/* it came back once more, and the debt it came back in was collected */
	home_exec(
	    r,
	    "INSERT INTO debt (profile_number, session_number, status, amount_in_cents, recovered_in_cents,"
	    "  refunded_in_cents) VALUES (1, 4, 'succeeded', 1500, 1500, 0)");
	home_exec(r, "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at,"
	             "  transaction_on, source_kind, source, session_number)"
	             " VALUES (16777216 + 12, 3, -1500, 90000, '2026-03-20', 2, CAST('E2' AS BLOB), 4)");
	has_truth(nth(r, payments(r, 1, 10), 3), "is_recovered", true);
	has_truth(nth(r, payments(r, 1, 10), 2), "is_recovered", false);
	has_truth(nth(r, payments(r, 2, 10), 0), "is_recovered", false);
}

/* The debt that it is in was below 0: the refund failed, and what was owed again was refunded later. */
static void
payment_is_recovered_when_its_failed_refund_was_paid_after_all(void **state)
{
	struct run *r = *state;

	home_exec(
	    r,
	    "INSERT INTO debt (profile_number, session_number, status, amount_in_cents, recovered_in_cents,"
	    "  refunded_in_cents) VALUES (2, 1, 'failed', -5, 0, 0), (2, 2, 'succeeded', -5, 0, 5)");
	home_exec(
	    r, "UPDATE balance_transaction SET session_number = 1 WHERE profile_number = 2 AND number = 1");
	has_truth(nth(r, payments(r, 2, 10), 0), "is_recovered", false);
	home_exec(r, "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at,"
	             "  transaction_on, source_kind, source, session_number, settled_session)"
	             " VALUES (2 * 16777216 + 3, 5, -5, 90000, '2026-02-20', 2, CAST('R2' AS BLOB), NULL, 1),"
	             "  (2 * 16777216 + 4, 5, 5, 90000, '2026-02-20', 5, CAST('R2' AS BLOB), 2, NULL)");
	has_truth(nth(r, payments(r, 2, 10), 0), "is_recovered", true);
	home_exec(r, "UPDATE debt SET status = 'failed', refunded_in_cents = 0"
	             " WHERE profile_number = 2 AND session_number = 2");
	has_truth(nth(r, payments(r, 2, 10), 0), "is_recovered", false);
}

/* Debts and sessions -------------------------------------------------------------------------------------- */

static void
debt_is_live_until_it_is_frozen(void **state)
{
	struct run *r = *state;
	const struct json_value *debt;

	debt = nth(r, member(r, QUESTION_DEBTS_OF_MEMBER, 1), 2);
	has_text(debt, "id", DEBT_ID(ONE, "3"));
	has_number(debt, "amount_in_cents", 120); /* 250 - 100 - 30 */
	has_text(debt, "status", "pending");
	has_text(debt, "profile.app_user_id", "ada");
	has_text(debt, "recovery_session.id", SESSION_ID("3"));
	assert_null(json_at(debt, "recovered_amount_in_cents"));
	assert_null(json_at(debt, "refunded_amount_in_cents"));
	has_text(json_at(debt, "transactions")->child, "id", TRANSACTION_ID(ONE, "3"));
	has_text(json_at(debt, "transactions")->child->next->next, "event_type", "recovery");
	assert_null(json_at(debt, "transactions")->child->next->next->next);
}

static void
debt_that_is_settled_has_both_amounts(void **state)
{
	struct run *r = *state;
	const struct json_value *debt = nth(r, member(r, QUESTION_DEBTS_OF_MEMBER, 1), 1);

	has_number(debt, "amount_in_cents", 1500);
	has_number(debt, "recovered_amount_in_cents", 1500);
	has_number(debt, "refunded_amount_in_cents", 0);
	has_number(json_at(debt, "transactions")->child, "amount_in_cents", -1500);
	assert_null(json_at(debt, "transactions")->child->next);
	has_number(nth(r, member(r, QUESTION_DEBTS_OF_MEMBER, 1), 0), "recovered_amount_in_cents", 0);
	assert_null(nth(r, member(r, QUESTION_DEBTS_OF_MEMBER, 1), 3));
	assert_string_equal(printed_as(r, member(r, QUESTION_DEBTS_OF_MEMBER, 2), FORMAT_JSON), "[]\n");
}

/* No key more, no key less, nested objects whole. */
static void
debt_without_transactions_is_whole(void **state)
{
	struct run *r = *state;

	assert_string_equal(
	    answer_of(r, debt_of(r, 3, 3)),
	    "{\"id\":\"" DEBT_ID(THREE, "3") "\",\"profile\":{\"id\":\"" PROFILE_ID(
		"3") "\",\"app_id\":\"other\","
		     "\"app_user_id\":\"ada\",\"status\":\"offboarded\",\"provisioning_push_notification_sent_at\":null},"
		     "\"recovery_session\":{\"id\":\"" SESSION_ID(
			 "3") "\",\"recovery_period_start_date\":\"2026-03-01\","
			      "\"recovery_period_end_date\":\"2026-03-31\",\"freeze_date\":\"2026-04-03\","
			      "\"recovery_date\":\"2026-04-10\",\"status\":\"pending\"},\"status\":\"pending\",\"transactions\":[],"
			      "\"amount_in_cents\":0,\"recovered_amount_in_cents\":null,\"refunded_amount_in_cents\":null}\n");
	assert_string_equal(answer_of(r, debt_of(r, 2, 3)), "null\n");
	assert_string_equal(answer_of(r, debt_of(r, 1, 4)), "null\n");
	assert_true(is_there(debt_of(r, 1, 2)));
	assert_false(is_there(debt_of(r, 2, 2)));
}

static void
debts_of_a_session_are_those_of_all_members(void **state)
{
	struct run *r = *state;

	assert_int_equal(count(r, debts_of_session(r, 3)), 2);
	has_text(nth(r, debts_of_session(r, 3), 0), "profile.id", PROFILE_ID("1"));
	has_text(nth(r, debts_of_session(r, 3), 1), "profile.id", PROFILE_ID("3"));
	assert_int_equal(count(r, debts_of_session(r, 4)), 0);
}

static void
debts_have_points_and_no_transactions_in_csv(void **state)
{
	struct run *r = *state;

	assert_string_equal(
	    printed_as(r, debt_of(r, 2, 3), FORMAT_CSV),
	    "id,profile.id,profile.app_id,profile.app_user_id,profile.status,"
	    "profile.provisioning_push_notification_sent_at,recovery_session.id,"
	    "recovery_session.recovery_period_start_date,recovery_session.recovery_period_end_date,"
	    "recovery_session.freeze_date,recovery_session.recovery_date,recovery_session.status,"
	    "status,amount_in_cents,recovered_amount_in_cents,refunded_amount_in_cents\n");
}

static void
begins_with_id(struct run *r, struct query a, const char *id)
{
	char expected[64];

	snprintf(expected, sizeof(expected), id == NULL ? "null\n" : "{\"id\":\"%s\"", id);
	assert_int_equal(strncmp(answer_of(r, a), expected, strlen(expected)), 0);
}

static void
next_session_is_the_nearest_today_included(void **state)
{
	static const struct {
		const char *on, *session, *debt; /* of member 1; NULL: null */
	} cases[] = {{"2026-01-01", SESSION_ID("1"), DEBT_ID(ONE, "1")},
	             {"2026-02-10", SESSION_ID("1"), DEBT_ID(ONE, "1")},
	             {"2026-02-11", SESSION_ID("2"), DEBT_ID(ONE, "2")},
	             {"2026-03-10", SESSION_ID("2"), DEBT_ID(ONE, "2")},
	             {"2026-03-11", SESSION_ID("3"), DEBT_ID(ONE, "3")},
	             {"2026-04-10", SESSION_ID("3"), DEBT_ID(ONE, "3")},
	             {"2026-04-11", NULL, NULL}};
	struct about about = {.profile = 1};
	struct err e = {0};
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(date_parse(cases[i].on, &about.on, &e), 0);
		begins_with_id(*state, query_prepare(*state, QUESTION_NEXT_SESSION, about), cases[i].session);
		begins_with_id(*state, query_prepare(*state, QUESTION_NEXT_DEBT, about), cases[i].debt);
	}
	assert_int_equal(date_parse("2026-01-01", &about.on, &e), 0);
	about.profile = 3; /* has a debt, but in no such session */
	begins_with_id(*state, query_prepare(*state, QUESTION_NEXT_DEBT, about), NULL);
	assert_string_equal(
	    answer_of(*state, session(*state, 2)),
	    "{\"id\":\"" SESSION_ID(
		"2") "\",\"recovery_period_start_date\":\"2026-02-01\","
		     "\"recovery_period_end_date\":\"2026-02-28\",\"freeze_date\":\"2026-03-03\","
		     "\"recovery_date\":\"2026-03-10\",\"status\":\"succeeded\"}\n");
	assert_string_equal(answer_of(*state, session(*state, 0)), "null\n");
}

/* The configuration, the codes ---------------------------------------------------------------------------- */

static void
support_is_as_configured(void **state)
{
	struct run *r = *state;

	assert_string_equal(answer_of(r, query_scheduling(r)), "{\"enabled\":false}\n");
	assert_string_equal(answer_of(r, query_support(r)),
	                    "{\"appointment_scheduling\":{\"enabled\":false,\"url\":null}}\n");
	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[support]\nappointment_scheduling_enabled = yes\n"
	                                    "appointment_scheduling_url = https://support.example/book\n");
	assert_string_equal(answer_of(r, query_scheduling(r)), "{\"enabled\":true}\n");
	assert_string_equal(
	    answer_of(r, query_support(r)),
	    "{\"appointment_scheduling\":{\"enabled\":true,\"url\":\"https://support.example/book\"}}\n");
}

static void
categories_are_listed_once(void **state)
{
	struct run *r = *state;

	query_load_merchant_categories(r);
	query_load_merchant_categories(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM merchant_category"), 1301);
	assert_int_equal(home_number(r, "SELECT count(*) FROM merchant_category WHERE code = '3999'"
	                                " AND description_fr = 'Hôtels et hébergement'"),
	                 1);
}

/* All of it ----------------------------------------------------------------------------------------------- */

static const char *
part_of(struct run *r, enum history_list list, int month, int64_t rows)
{
	static struct home_text text;
	struct history_part part = {.list = list, .month = month, .sink = sink_new(home_keep, &text)};

	text = (struct home_text){0};
	history_write(r, &part, 1, NULL);
	assert_int_equal(sink_end(part.sink, NULL, NULL), 0);
	assert_int_equal(part.rows, rows);
	return text.text;
}

static const char *
history_of(struct run *r, enum history_list list, int64_t rows)
{
	return part_of(r, list, HISTORY_WHOLE, rows);
}

static void
history_has_each_transaction_as_it_is_asked_for(void **state)
{
	static const int64_t last[] = {0, 11, 2};
	const char *all = history_of(*state, HISTORY_TRANSACTIONS, 13), *asked = "";
	struct about about = {0};

	for (about.profile = 1; about.profile <= 2; about.profile++)
		for (about.number = 1; about.number <= last[about.profile]; about.number++) {
			all = strchr(all, '\n') + 1;
			asked = printed_as(*state, query_prepare(*state, QUESTION_TRANSACTION, about),
			                   FORMAT_CSV);
			asked = strchr(asked, '\n') + 1;
			assert_memory_equal(all, asked, strlen(asked));
		}
	assert_string_equal(all, asked);
}

/* A later transaction of the member may be of an earlier payment, as here those of the payments 1 and 2. */
static void
history_finds_a_payment_in_any_order(void **state)
{
	struct run *r = *state;

	home_exec(
	    r,
	    "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind,"
	    "  source, payment_number)"
	    " VALUES (2 * 16777216 + 3, 7, 0, 91000, '2026-03-10', 1, 1, 2),"
	    "  (2 * 16777216 + 4, 7, 0, 92000, '2026-03-10', 1, 2, 1)");
	home_exec(
	    r,
	    "INSERT INTO card_payment (key, swan_payment, status, effective_at, authorized_in_cents, captured_in_cents)"
	    " VALUES (2 * 16777216 + 2, x'08', 13, 9100, 0, 0), (4 * 16777216 + 1, x'09', 13, 9200, 6, 0)");
	assert_non_null(strstr(history_of(r, HISTORY_TRANSACTIONS, 15), "-000000000004,"));
	assert_non_null(strstr(history_of(r, HISTORY_TRANSACTIONS, 15), ",Kiosk,"));
	assert_null(strstr(history_of(r, HISTORY_PAYMENTS, 8), PAYMENT_ID(TWO, "2")));
	assert_non_null(strstr(history_of(r, HISTORY_PAYMENTS, 8), PAYMENT_ID("10", "1")));
}

static const char *
renewed_of(struct run *r, enum history_list list, const char *former, const struct history_members *changed,
           int64_t rows)
{
	static struct home_text text;
	struct history_part part = {.list = list, .month = HISTORY_WHOLE, .sink = sink_new(home_keep, &text)};
	FILE *f = fopen("former.csv", "w");

	assert_non_null(f);
	assert_true(fputs(former, f) >= 0);
	assert_int_equal(fclose(f), 0);
	part.former = "former.csv";
	text = (struct home_text){0};
	history_write(r, &part, 1, changed);
	assert_int_equal(sink_end(part.sink, NULL, NULL), 0);
	assert_int_equal(part.rows, rows);
	return text.text;
}

/* Whoever changed, the list is the same; what is copied is not read from the books. */
static void
history_copies_the_rows_of_other_members(void **state)
{
	struct history_range ranges[] = {{1, 1}, {3, 9}}, all = {0, 99};
	struct history_members nobody = {ranges, 0}, one = {ranges, 1}, some = {ranges, 2},
			       everybody = {&all, 1};
	struct run *r = *state;
	char *before[HISTORY_LISTS];
	const char *now;
	int list;

	for (list = 0; list < HISTORY_LISTS; list++) {
		static const int64_t rows[HISTORY_LISTS] = {13, 7};

		before[list] = memory_text(history_of(r, (enum history_list)list, rows[list]));
		assert_string_equal(renewed_of(r, (enum history_list)list, before[list], &nobody, rows[list]),
		                    before[list]);
		assert_string_equal(renewed_of(r, (enum history_list)list, before[list], &one, rows[list]),
		                    before[list]);
		assert_string_equal(renewed_of(r, (enum history_list)list, before[list], &some, rows[list]),
		                    before[list]);
		assert_string_equal(renewed_of(r, (enum history_list)list, "id\n", &everybody, rows[list]),
		                    before[list]);
	}
	home_exec(
	    r,
	    "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind,"
	    "  source)"
	    " VALUES (1 * 16777216 + 12, 4, 1, 91000, '2026-03-10', 4, x'01'),"
	    "  (2 * 16777216 + 3, 4, 1, 91000, '2026-03-10', 4, x'02')");
	now = renewed_of(r, HISTORY_TRANSACTIONS, before[HISTORY_TRANSACTIONS], &one, 14);
	assert_non_null(strstr(now, TRANSACTION_ID(ONE, "c")));
	assert_null(strstr(now, TRANSACTION_ID(TWO, "3")));
	for (list = 0; list < HISTORY_LISTS; list++)
		free(before[list]);
}

/* 23:30 UTC on the last day of February is March in Paris. */
static void
history_has_each_row_in_its_month_in_paris(void **state)
{
	bool *there = calloc(HISTORY_MONTHS, sizeof(*there));
	char text[HISTORY_MONTH_TEXT];
	int march = history_month_parse("2026-03.csv"), month, n = 0;
	struct run *r = *state;

	home_exec(
	    r,
	    "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind,"
	    "  source)"
	    " VALUES (2 * 16777216 + 3, 4, 1, 1772321399999 - 1800000, '2026-02-28', 4, x'01'),"
	    "  (2 * 16777216 + 4, 4, 1, 1772321400000 - 1800000, '2026-03-01', 4, x'02'),"
	    "  (3 * 16777216 + 1, 4, 1, 1774994399999, '2026-03-31', 4, x'03'),"
	    "  (3 * 16777216 + 2, 4, 1, 1774994400000, '2026-04-01', 4, x'04')");
	assert_string_equal(history_month_print(text, march), "2026-03");
	assert_non_null(strstr(part_of(r, HISTORY_TRANSACTIONS, march, 2), TRANSACTION_ID(TWO, "4")));
	assert_non_null(strstr(part_of(r, HISTORY_TRANSACTIONS, march, 2), TRANSACTION_ID(THREE, "1")));
	assert_non_null(strstr(part_of(r, HISTORY_TRANSACTIONS, march - 1, 1), TRANSACTION_ID(TWO, "3")));
	assert_non_null(strstr(part_of(r, HISTORY_TRANSACTIONS, march + 1, 1), TRANSACTION_ID(THREE, "2")));
	(void)part_of(r, HISTORY_TRANSACTIONS, 0, 13);
	history_find_months(r, HISTORY_TRANSACTIONS, there);
	for (month = 0; month < HISTORY_MONTHS; month++)
		n += there[month];
	assert_int_equal(n, 4);
	assert_true(there[0] && there[march - 1] && there[march] && there[march + 1]);
	free(there);
}

static void
history_has_the_payments_of_all_members(void **state)
{
	static const char *const expected = "id,profile_id,effective_date,amount_in_cents,status,rejection_reason,is_recovered,merchant_name,"
					    "merchant_postal_code,merchant_city,merchant_country,merchant_id,merchant_category_code\n" PAYMENT_ID(ONE, "1") "," PROFILE_ID("1") ",1970-01-01T00:00:01.000Z,1000,captured,,true,\"Pharmacie \"\"du\"\" Nord\",59000,Lille,FRA,MID,5912\n" PAYMENT_ID(ONE, "2") "," PROFILE_ID("1") ",1970-01-01T00:00:02.000Z,750,captured,,false,,,,,,\n" PAYMENT_ID(ONE,
	                                                                                                                                                                                                                                                                                                                                                                                             "3") "," PROFILE_ID("1") ",1970-01-01T00:00:06.000Z,700,authorized,,false,Opticien,,,,,8043\n" PAYMENT_ID(ONE,
	                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                       "4") "," PROFILE_ID("1") ",1970-01-01T00:00:05.000Z,900,rejected,spending_limit_reached,false,Bar,,,,,5813\n" PAYMENT_ID(ONE,
	                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                "5") "," PROFILE_ID("1") ",1970-01-01T00:00:07.000Z,800,released,,false,Hotel,,,,,3501\n" PAYMENT_ID(ONE,
	                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                     "6") "," PROFILE_ID("1") ",1970-01-01T00:00:08.000Z,600,received,,false,Early,,,,,\n" PAYMENT_ID(TWO,
	                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                                      "1") "," PROFILE_ID("2") ",1970-01-01T00:00:09.000Z,5,captured,,false,Kiosk,,,,,\n";

	assert_string_equal(history_of(*state, HISTORY_PAYMENTS, 7), expected);
}

/* Speed --------------------------------------------------------------------------------------------------- */

/* A step that reads a whole table, an index made for the moment included, or the ledger of more than one member. What
 * the query itself made may be read so: debts that are recovered (v), what was chosen; and
 * so may the sessions (n), a dozen a year. */
static bool
is_slow(const char *step)
{
	static const char *const fine[] = {"SCAN v", "SCAN recovered", "SCAN chosen", "SCAN c", "SCAN n"};
	size_t i;

	for (i = 0; i < LENGTH(fine); i++)
		if (strncmp(step, fine[i], strlen(fine[i])) == 0)
			return false;
	if (strncmp(step, "SEARCH b ", 9) == 0 || strncmp(step, "SEARCH back ", 12) == 0 ||
	    strncmp(step, "SEARCH o ", 9) == 0)
		return strstr(step, "AUTOMATIC") != NULL ||
		       (strstr(step, "profile_number=?") == NULL &&
		        strstr(step, "rowid>? AND rowid<?") == NULL && strstr(step, "rowid=?") == NULL &&
		        strstr(step, "source>? AND source<?") == NULL);
	return strncmp(step, "SCAN", 4) == 0 || strstr(step, "AUTOMATIC") != NULL;
}

static void
no_table_is_scanned(struct run *r, const char *text)
{
	static char plans[32][8192];
	static int n;
	struct stmt *q;
	int steps = 0;

	assert_true(n < 32);
	assert_true(snprintf(plans[n], sizeof(plans[n]), "EXPLAIN QUERY PLAN %s", text) <
	            (int)sizeof(plans[n]));
	for (q = sql(r->db, plans[n++]); row(q); steps++)
		if (is_slow(col_text(q, 3)))
			fail_msg("%s\n%s", col_text(q, 3), text);
	assert_true(steps > 0);
}

static void
questions_about_a_member_read_no_whole_table(void **state)
{
	struct run *r = *state;
	const struct column *c;
	struct query a;
	int i;

	query_choose(r);
	for (i = QUESTION_BALANCE; i <= QUESTION_NEXT_SESSION; i++) {
		if (i == QUESTION_PROFILES)
			continue;
		a = query_prepare(r, (enum question)i, (struct about){.profile = 1});
		no_table_is_scanned(r, a.listing->text);
		for (c = a.listing->columns; c->name != NULL; c++)
			if (c->type == COLUMN_LIST && i == QUESTION_DEBT)
				no_table_is_scanned(r, c->list->text);
	}
}

/* What the statements of the books read by view. */
static void
views_take_the_condition_to_the_index(void **state)
{
	static const char *const texts[] = {
	    "SELECT amount_in_cents FROM debt_amount WHERE profile_number = $profile AND session_number = $session",
	    "SELECT amount_in_cents FROM unsettled_debt WHERE session_number = $session",
	    "SELECT amount_in_cents FROM unsettled_debt WHERE profile_number = $profile",
	    "SELECT iban FROM current_mandate WHERE profile_number = $profile",
	    "SELECT m.iban FROM debt d LEFT JOIN current_mandate m ON m.profile_number = d.profile_number"
	    " WHERE d.session_number = $session",
	    "SELECT s.number FROM debt d JOIN open_session s ON s.number = d.session_number"
	    " WHERE d.profile_number = $profile",
	};
	size_t i;

	for (i = 0; i < LENGTH(texts); i++)
		no_table_is_scanned(*state, texts[i]);
}

/* Without a row of any of them. */
static void
listings_have_the_columns_of_their_queries(void **state)
{
	struct run *r = *state;
	const struct column *c;
	struct query a;
	int i;

	query_choose(r);
	query_load_merchant_categories(r);
	for (i = QUESTION_BALANCE; i <= QUESTION_NEXT_SESSION; i++) {
		a = query_prepare(r, (enum question)i, (struct about){.profile = 1});
		assert_non_null(a.q);
		for (c = a.listing->columns; c->name != NULL; c++)
			if (c->type == COLUMN_LIST)
				assert_non_null(listing_query(r, c->list));
	}
	assert_non_null(listing_query(r, &query_merchant_categories));
	assert_non_null(query_scheduling(r).q);
	assert_non_null(query_support(r).q);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, world_open, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(balance_is_zero_for_an_undeclared_member),
	    TEST(profile_has_its_reminder_or_null),
	    TEST(profiles_are_those_of_one_application),
	    TEST(member_with_any_live_card_in_a_wallet_is_provisioned),
	    TEST(transaction_of_a_payment_has_nothing_else),
	    TEST(transaction_of_a_rejection_has_its_reason_and_no_debt),
	    TEST(transaction_of_a_recovery_has_session_and_mandate),
	    TEST(transaction_of_a_transfer_has_no_mandate),
	    TEST(transaction_of_a_failed_recovery_has_neither),
	    TEST(transaction_from_outside_has_its_id),
	    TEST(transactions_come_oldest_first),
	    TEST(transactions_by_id_belong_to_the_member),
	    TEST(transactions_by_external_id_belong_to_any_member),
	    TEST(payments_come_newest_first_without_received_and_released),
	    TEST(payment_is_recovered_when_all_of_it_is),
	    TEST(payment_is_recovered_when_its_failed_refund_was_paid_after_all),
	    TEST(debt_is_live_until_it_is_frozen),
	    TEST(debt_that_is_settled_has_both_amounts),
	    TEST(debt_without_transactions_is_whole),
	    TEST(debts_of_a_session_are_those_of_all_members),
	    TEST(debts_have_points_and_no_transactions_in_csv),
	    TEST(next_session_is_the_nearest_today_included),
	    TEST(support_is_as_configured),
	    TEST(categories_are_listed_once),
	    TEST(history_has_each_transaction_as_it_is_asked_for),
	    TEST(history_finds_a_payment_in_any_order),
	    TEST(history_has_each_row_in_its_month_in_paris),
	    TEST(history_copies_the_rows_of_other_members),
	    TEST(history_has_the_payments_of_all_members),
	    TEST(questions_about_a_member_read_no_whole_table),
	    TEST(views_take_the_condition_to_the_index),
	    TEST(listings_have_the_columns_of_their_queries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
