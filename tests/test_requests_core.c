/* request (core): each record is answered once, and what it asks for is done once. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/api/request.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/freeze.h"
#include "stages/core/books/external.h"
#include "stages/core/books/ledger.h"
#include "stages/core/books/session.h"
#include "stages/core/members/profile.h"

#define IBAN "FR7630006000011234567890189"

static int
open_with_a_member(void **state)
{
	bool created;

	home_setup(state);
	home_input(*state);
	assert_int_equal(profile_declare(*state, "fr", "ada", 1, 99, &created), 1);
	return 0;
}

struct reading {
	struct run *r;
	const char *source;
};

static int
apply_one(void *ctx, const struct request *q, struct err *e)
{
	struct reading *g = ctx;
	struct request copy = *q;

	(void)e;
	copy.line = home_number(g->r, "SELECT count(*) + 1 FROM request");
	tx_begin(g->r->db);
	request_apply(g->r, &copy, g->source, 1);
	tx_commit(g->r->db);
	return 0;
}

/* Applies one line of JSON; "status code field" of the answer, until the next call. */
static const char *
ask_as(struct run *r, const char *source, const char *json)
{
	static char text[512];
	struct reading g = {r, source};
	struct err e = {0};
	FILE *in;
	struct stmt *q;

	home_write("request.jsonl", json);
	in = fopen("request.jsonl", "r");
	assert_non_null(in);
	r->held = false;
	if (request_read_jsonl(in, NULL, apply_one, &g, &e) < 0)
		fail_msg("%s", e.message);
	fclose(in);
	q = sql(
	    r->db,
	    "SELECT status || ' ' || code || coalesce(' ' || field, '') FROM request ORDER BY number DESC LIMIT 1");
	assert_true(row(q));
	snprintf(text, sizeof(text), "%s", col_text(q, 0));
	assert_false(row(q));
	assert_int_equal(r->held, strncmp(text, "rejected", 8) == 0);
	return text;
}

static const char *
ask(struct run *r, const char *json)
{
	return ask_as(r, "web", json);
}

/* A column of the last answer, until the next call; "" for null. */
static const char *
last(struct run *r, const char *text_of_query)
{
	static char text[4096];
	struct stmt *q = sql(r->db, text_of_query);

	assert_true(row(q));
	snprintf(text, sizeof(text), "%s", col_null(q, 0) ? "" : col_text(q, 0));
	assert_false(row(q));
	return text;
}

#define RESULT  "SELECT result FROM request ORDER BY number DESC LIMIT 1"
#define MESSAGE "SELECT message FROM request ORDER BY number DESC LIMIT 1"

#define PROFILE(id, user, more)                                                                           \
	"{\"message_id\":\"" id "\",\"op\":\"declare_profile\",\"app_id\":\"fr\",\"app_user_id\":\"" user \
	"\"" more "}\n"
#define MANDATE(id, user, more)                                                             \
	"{\"message_id\":\"" id                                                             \
	"\",\"op\":\"declare_sepa_mandate\",\"app_id\":\"fr\",\"app_user_id\":\"" user "\"" \
	",\"debtor_name\":\"Ada\"" more "}\n"
#define SIGNED ",\"signature_date\":\"2026-03-04\""
#define REST                       \
	",\"debtor_iban\":\"" IBAN \
	"\",\"debtor_country\":\"France\",\"unique_mandate_reference\":\"R1\"" SIGNED
#define LINK(id, user, membership)                                                             \
	"{\"message_id\":\"" id                                                                \
	"\",\"op\":\"link_account_membership\",\"app_id\":\"fr\",\"app_user_id\":\"" user "\"" \
	",\"account_membership_id\":\"" membership "\"}\n"
#define SEAT "a1b2c3d4-0512-4345-99e0-00002abcdef1"

#define SWISS \
	",\"debtor_iban\":\"CH9300762011623852957\",\"debtor_country\":\"CH\",\"unique_mandate_reference\":\"R2\"" SIGNED

static void
request_says_what_a_debit_outside_the_eea_lacks(void **state)
{
	static const struct {
		const char *json, *answer, *result;
	} cases[] = {
	    {MANDATE("1", "ada", SWISS), "succeeded ok",
	     ",\"not_collectable\":\"no_address\",\"missing\":[\"debtor_bic\",\"debtor_town\"]}"},
	    {MANDATE("2", "ada", SWISS ",\"debtor_bic\":\"UBSWCHZH80A\""), "succeeded ok",
	     ",\"not_collectable\":\"no_address\",\"missing\":[\"debtor_town\"]}"},
	    {MANDATE(
		 "3", "ada",
		 SWISS
		 ",\"debtor_bic\":\"UBSWCHZH80A\",\"debtor_street\":\"Rue du Lac\",\"debtor_building\":\"5\","
		 "\"debtor_postcode\":\"1003\",\"debtor_town\":\"Lausanne\",\"ultimate_debtor\":\"L\u00e9a\""),
	     "succeeded ok", "\"debtor_country\":\"CHE\"}"},
	    {MANDATE("4", "ada", SWISS ",\"debtor_bic\":\"UBSW\""), "rejected bad_field debtor_bic", ""},
	    {MANDATE("5", "ada", SWISS ",\"debtor_town\":\"\u4f60\""), "rejected bad_field debtor_town", ""},
	    {MANDATE("6", "ada", SWISS ",\"debtor_building\":\"12345678901234567\""),
	     "rejected bad_field debtor_building", ""},
	    {MANDATE("7", "ada", SWISS ",\"debtor_floor\":\"3\""), "rejected unknown_field debtor_floor", ""},
	};
	struct run *r = *state;
	const char *result;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		if (strcmp(ask(r, cases[i].json), cases[i].answer) != 0)
			fail_msg("%s", cases[i].json);
		result = last(r, RESULT);
		assert_true(strlen(result) >= strlen(cases[i].result));
		assert_string_equal(result + strlen(result) - strlen(cases[i].result), cases[i].result);
	}
	assert_string_equal(
	    last(r,
	         "SELECT version || ' ' || bic || ' ' || street || ' ' || building || ' ' || postcode || ' '"
	         " || town || ' ' || ultimate_debtor FROM mandate"
	         " WHERE status = 'active'"),
	    "3 UBSWCHZH80A Rue du Lac 5 1003 Lausanne L\xC3\xA9"
	    "a");
}

static void
request_declares_a_profile(void **state)
{
	struct run *r = *state;

	assert_string_equal(ask(r, PROFILE("1", "bob", "")), "succeeded ok");
	assert_string_equal(last(r, RESULT),
	                    "{\"profile_id\":\"0badcafe-0100-8000-8000-000000000002\",\"created\":true}");
	assert_string_equal(last(r, MESSAGE), "");
	assert_string_equal(ask(r, PROFILE("2", "bob", "")), "succeeded ok");
	assert_string_equal(last(r, RESULT),
	                    "{\"profile_id\":\"0badcafe-0100-8000-8000-000000000002\",\"created\":false}");
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile"), 2);
	assert_int_equal(r->count[COUNT_REQUESTS_SUCCEEDED], 2);
}

static void
request_declares_a_mandate_and_shows_no_iban(void **state)
{
	struct run *r = *state;

	assert_string_equal(ask(r, MANDATE("1", "ada", REST)), "succeeded ok");
	assert_string_equal(last(r, RESULT),
	                    "{\"unique_mandate_reference\":\"R1\",\"debtor_iban\":\"FR76***0189\","
	                    "\"debtor_country\":\"FRA\"}");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM mandate WHERE profile_number = 1 AND iban = '" IBAN "'"
	                   "  AND country = 'FRA' AND status = 'active'"),
	    1);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM request WHERE instr(coalesce(result, ''), '300060') > 0"),
	    0);
}

static void
request_links_a_membership(void **state)
{
	struct run *r = *state;

	assert_string_equal(ask(r, PROFILE("0", "bob", "")), "succeeded ok");
	assert_string_equal(ask(r, LINK("1", "ada", SEAT)), "succeeded ok");
	assert_string_equal(last(r, RESULT), "");
	assert_int_equal(
	    home_number(r, "SELECT profile_number FROM account_membership WHERE id = '" SEAT "'"), 1);
	assert_string_equal(ask(r, LINK("2", "ada", SEAT)), "succeeded ok");
	assert_string_equal(ask(r, LINK("3", "bob", SEAT)), "rejected bad_field account_membership_id");
	assert_string_equal(ask(r, LINK("4", "ada", "not a uuid")),
	                    "rejected bad_field account_membership_id");
	assert_int_equal(home_number(r, "SELECT count(*) FROM account_membership"), 1);
}

static void
request_rejected_names_its_field_and_code(void **state)
{
	static const struct {
		const char *json, *answer;
	} cases[] = {
	    {"{\"message_id\":\"1\",\"op\":\"declare_profil\",\"app_id\":\"fr\",\"app_user_id\":\"ada\"}\n",
	     "rejected unknown_op op"},
	    {"{\"message_id\":\"2\",\"op\":\"declare_profile\",\"app_user_id\":\"bob\"}\n",
	     "rejected missing_field app_id"},
	    {"{\"message_id\":\"3\",\"op\":\"declare_profile\",\"app_id\":\"fr\"}\n",
	     "rejected missing_field app_user_id"},
	    {PROFILE("17", "   ", ""), "rejected bad_field app_user_id"},
	    {"{\"message_id\":\"18\",\"op\":\"declare_profile\",\"app_id\":\" \",\"app_user_id\":\"bob\"}\n",
	     "rejected bad_field app_id"},
	    {PROFILE("4", "bob", ",\"colour\":\"red\""), "rejected unknown_field colour"},
	    {MANDATE("5", "bob", REST), "rejected profile_not_found"},
	    {MANDATE("6", "ada", ""), "rejected missing_field debtor_iban"},
	    {MANDATE(
		 "7", "ada",
		 ",\"debtor_iban\":\"\",\"debtor_country\":\"FR\",\"unique_mandate_reference\":\"R1\"" SIGNED),
	     "rejected missing_field debtor_iban"},
	    {MANDATE("8", "ada", REST ",\"colour\":\"red\""), "rejected unknown_field colour"},
	    {MANDATE("9", "ada",
	             ",\"debtor_iban\":\"FR7630006000011234567890188\",\"debtor_country\":\"FR\""
	             ",\"unique_mandate_reference\":\"R1\"" SIGNED),
	     "rejected invalid_iban debtor_iban"},
	    {MANDATE("10", "ada",
	             ",\"debtor_iban\":\"" IBAN
	             "\",\"debtor_country\":\"Atlantis\",\"unique_mandate_reference\":\"R1\"" SIGNED),
	     "rejected invalid_country debtor_country"},
	    {MANDATE("11", "ada",
	             ",\"debtor_iban\":\"" IBAN
	             "\",\"debtor_country\":\"FR\",\"unique_mandate_reference\":\"/R1\"" SIGNED),
	     "rejected bad_field unique_mandate_reference"},
	    {MANDATE("12", "ada",
	             ",\"debtor_iban\":\"" IBAN
	             "\",\"debtor_country\":\"FR\",\"unique_mandate_reference\":\"R1\""
	             ",\"signature_date\":\"2026-02-30\""),
	     "rejected bad_field signature_date"},
	    {MANDATE("13", "ada",
	             ",\"debtor_iban\":\"" IBAN
	             "\",\"debtor_country\":\"FR\",\"unique_mandate_reference\":\"R1\""
	             ",\"signature_date\":\"2026-03-05\""),
	     "rejected signature_date_in_future signature_date"},
	    {"{\"message_id\":\"14\",\"op\":\"declare_profile\",\"app_id\":7", "rejected malformed_json"},
	    {"{\"op\":\"declare_profile\",\"app_id\":\"fr\",\"app_user_id\":\"bob\"}\n",
	     "rejected missing_field message_id"},
	    {PROFILE("1 5", "bob", ""), "rejected bad_field message_id"},
	    {PROFILE("16", "bob", ",\"dry_run\":\"yes\""), "rejected bad_field dry_run"},
	};
	struct run *r = *state;
	int wrong = 0;

	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *answer = ask(r, cases[i].json);

		if (strcmp(answer, cases[i].answer) != 0 || last(r, MESSAGE)[0] == '\0') {
			print_error("%s-> %s: %s\n   expected %s and a message\n", cases[i].json, answer,
			            last(r, MESSAGE), cases[i].answer);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile"), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate"), 0);
	assert_int_equal(r->count[COUNT_REQUESTS_REJECTED], LENGTH(cases));
}

static void
request_names_the_member_it_does_not_find(void **state)
{
	struct run *r = *state;

	ask(r, MANDATE("1", "bob", REST));
	assert_string_equal(last(r, MESSAGE), "Profile not found for app [fr] and user [bob]");
}

static void
request_repeated_is_answered_with_the_first_answer(void **state)
{
	struct run *r = *state;
	int64_t changes;

	assert_string_equal(ask(r, PROFILE("1", "bob", "")), "succeeded ok");
	assert_string_equal(ask(r, PROFILE("1", "bob", "")), "duplicate ok");
	assert_string_equal(last(r, RESULT),
	                    "{\"profile_id\":\"0badcafe-0100-8000-8000-000000000002\",\"created\":true}");
	assert_string_equal(ask(r, PROFILE("1", "bob", "")), "duplicate ok");
	assert_string_equal(ask(r, MANDATE("2", "carol", REST)), "rejected profile_not_found");
	assert_string_equal(ask(r, PROFILE("3", "carol", "")), "succeeded ok");
	changes = home_number(r, "SELECT count(*) FROM mandate");
	assert_string_equal(ask(r, MANDATE("2", "carol", REST)),
	                    "duplicate profile_not_found"); /* final, though now it could */
	assert_string_equal(last(r, MESSAGE), "Profile not found for app [fr] and user [carol]");
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate"), changes);
	assert_int_equal(home_number(r, "SELECT count(*) FROM request WHERE first = 1"), 3);
	assert_int_equal(r->count[COUNT_REQUESTS_DUPLICATE], 3);
}

static void
request_repeated_keeps_the_field_of_the_first_answer(void **state)
{
	struct run *r = *state;

	assert_string_equal(ask(r, PROFILE("1", "bob", ",\"colour\":\"red\"")),
	                    "rejected unknown_field colour");
	assert_string_equal(ask(r, PROFILE("1", "bob", ",\"colour\":\"red\"")),
	                    "duplicate unknown_field colour");
}

static void
request_id_with_other_content_is_a_conflict(void **state)
{
	struct run *r = *state;

	assert_string_equal(ask(r, PROFILE("1", "bob", "")), "succeeded ok");
	assert_string_equal(ask(r, PROFILE("1", "carol", "")), "rejected message_id_conflict message_id");
	assert_string_equal(ask(r, PROFILE("1", "carol", "")), "rejected message_id_conflict message_id");
	assert_string_equal(ask(r, PROFILE("1", "bob", "")), "duplicate ok"); /* the first still decides */
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile"), 2);
	assert_string_equal(ask_as(r, "app", PROFILE("1", "carol", "")),
	                    "succeeded ok"); /* ids are of one source */
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile"), 3);
}

static void
request_rehearsed_leaves_nothing_but_its_answer(void **state)
{
	struct run *r = *state;

	assert_string_equal(ask(r, PROFILE("1", "bob", ",\"dry_run\":true")), "succeeded ok");
	assert_string_equal(last(r, RESULT),
	                    "{\"profile_id\":\"0badcafe-0100-8000-8000-000000000002\",\"created\":true}");
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile"), 1);
	assert_int_equal(home_number(r, "SELECT last FROM counter WHERE name = 'profile'"), 1);
	assert_string_equal(ask(r, PROFILE("1", "bob", ",\"dry_run\":true")), "succeeded ok");
	assert_string_equal(ask(r, PROFILE("1", "bob", "")),
	                    "succeeded ok"); /* a rehearsal is not a first answer */
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile"), 2);
	assert_string_equal(ask(r, PROFILE("1", "bob", ",\"dry_run\":true")), "duplicate ok");
	assert_string_equal(ask(r, MANDATE("2", "ada", REST ",\"dry_run\":true")), "succeeded ok");
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate"), 0);
	assert_string_equal(ask(r, PROFILE("3", "carol", ",\"colour\":\"red\",\"dry_run\":true")),
	                    "rejected unknown_field colour");
	assert_string_equal(ask(r, PROFILE("3", "carol", "")), "succeeded ok");
}

static void
request_that_is_rejected_changes_nothing(void **state)
{
	struct run *r = *state;

	assert_string_equal(ask(r, MANDATE("1", "ada", REST)), "succeeded ok");
	assert_string_equal(ask(r, PROFILE("2", "bob", "")), "succeeded ok");
	assert_string_equal(ask(r, MANDATE("3", "bob", REST)),
	                    "rejected mandate_reference_conflict unique_mandate_reference");
	assert_string_equal(last(r, MESSAGE), "the reference belongs to another member");
	assert_int_equal(home_number(r, "SELECT count(*) FROM mandate"), 1);
	assert_int_equal(home_number(r, "SELECT last FROM counter WHERE name = 'mandate'"), 1);
}

static void
request_results_are_one_line_each_in_order(void **state)
{
	/* up to the message of the last, which is the parser's */
	static const char expected[] =
	    "{\"message_id\":\"1\",\"line\":1,\"op\":\"declare_profile\",\"status\":\"succeeded\",\"code\":\"ok\","
	    "\"field\":null,\"message\":null,\"result\":{\"profile_id\":\"0badcafe-0100-8000-8000-000000000002\","
	    "\"created\":true},\"processed_at\":\"2026-03-04T02:30:00.000Z\"}\n"
	    "{\"message_id\":\"2\",\"line\":2,\"op\":\"fly\",\"status\":\"rejected\",\"code\":\"unknown_op\",\"field\":\"op\","
	    "\"message\":\"this operation does not exist\",\"result\":null,\"processed_at\":\"2026-03-04T02:30:00.000Z\"}\n"
	    "{\"message_id\":null,\"line\":3,\"op\":null,\"status\":\"rejected\",\"code\":\"malformed_json\",\"field\":null,"
	    "\"message\":\"";
	struct run *r = *state;
	struct home_text out = {0};
	struct sink *s = sink_new(home_keep, &out);

	ask(r, PROFILE("1", "bob", ""));
	ask(r, "{\"message_id\":\"2\",\"op\":\"fly\",\"app_id\":\"fr\",\"app_user_id\":\"ada\"}\n");
	ask(r, "nonsense\n");
	request_write_results(r, s, 1, 0);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_int_equal(strncmp(out.text, expected, strlen(expected)), 0);
	assert_ptr_equal(strchr(out.text + strlen(expected), '\n'), out.text + out.n - 1);
}

static void
request_results_of_a_copy_are_all_duplicates(void **state)
{
	struct run *r = *state;
	struct home_text out = {0}, of_none = {0};
	struct sink *s = sink_new(home_keep, &out);

	ask(r, PROFILE("1", "bob", ""));
	ask(r, PROFILE("2", "bob", ",\"colour\":\"red\""));
	request_write_results(r, s, 2, 1);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_non_null(strstr(
	    out.text, "\"line\":1,\"op\":\"declare_profile\",\"status\":\"duplicate\",\"code\":\"ok\""));
	assert_non_null(strstr(
	    out.text,
	    "\"line\":2,\"op\":\"declare_profile\",\"status\":\"duplicate\",\"code\":\"unknown_field\""));
	s = sink_new(home_keep, &of_none);
	request_write_results(r, s, 2, 0);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_string_equal(of_none.text, "");
}

#define EXTERNAL(id, user, on, amount, external)                                                    \
	"{\"message_id\":\"" id                                                                     \
	"\",\"op\":\"request_external_transaction\",\"app_id\":\"fr\",\"app_user_id\":\"" user "\"" \
	",\"transaction_date\":\"" on "\",\"requested_amount_in_cents\":" amount                    \
	",\"external_transaction_id\":\"" external "\"}\n"
#define PUSH(id, ids, at)                                                                             \
	"{\"message_id\":\"" id "\",\"op\":\"set_push_notification_date_for_external_transactions\"," \
	"\"transaction_ids\":" ids ",\"push_notification_sent_at\":\"" at "\"}\n"
#define COUNT_ROWS     "SELECT count(*) FROM balance_transaction"
#define COUNT_EXTERNAL "SELECT count(*) FROM external_transaction"
#define LAST_AMOUNT    "SELECT amount_in_cents FROM balance_transaction ORDER BY key DESC LIMIT 1"

/* A payment by card of a member. */
static void
owe(struct run *r, int64_t profile, cents amount)
{
	int64_t source = home_number(r, COUNT_ROWS);
	struct posting p = {.profile = profile,
	                    .event = EVENT_CAPTURED_CARD_PAYMENT,
	                    .amount = -amount,
	                    .at = r->now - 86400000,
	                    .source_kind = SOURCE_SWAN,
	                    .source_key = source};

	assert_int_equal(ledger_post(r, &p), POSTED);
}

static void
external_is_at_most_the_open_debt(void **state)
{
	struct run *r = *state;

	session_open_configured(r);
	owe(r, 1, 700);
	assert_string_equal(ask(r, EXTERNAL("1", "ada", "2026-03-03T10:00:00+01:00", "500", "e1")),
	                    "succeeded ok");
	assert_string_equal(
	    last(r, RESULT),
	    "{\"id\":\"0badcafe-0200-8000-8004-000000000002\","
	    "\"alan_pay_profile_id\":\"0badcafe-0100-8000-8000-000000000001\","
	    "\"alan_pay_recovery_debt_id\":\"0badcafe-0500-8000-8004-000000000001\",\"amount_in_cents\":500,"
	    "\"event_type\":\"external_transaction\",\"transaction_date\":\"2026-03-03T09:00:00.000Z\","
	    "\"card_payment\":null,\"sepa_debit\":null,\"external_transaction_id\":\"e1\","
	    "\"push_notification_sent_at\":null}");
	assert_string_equal(ask(r, EXTERNAL("2", "ada", "2026-03-03", "\"500\"", "e2")), "succeeded ok");
	assert_int_equal(home_number(r, LAST_AMOUNT), 200);
	assert_int_equal(home_number(r, "SELECT transaction_at FROM balance_transaction WHERE number = 3"),
	                 date_paris_midnight(r->on - 1));
	assert_string_equal(ask(r, EXTERNAL("3", "ada", "2026-03-03", "1", "e3")), "skipped no_debt");
	assert_string_equal(last(r, RESULT), "");
	assert_int_equal(home_number(r, COUNT_ROWS), 3);
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile WHERE number = 1"), 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM external_transaction WHERE input_number = 1"),
	                 3);
}

static void
external_never_reduces_what_is_frozen(void **state)
{
	struct run *r = *state;

	session_open_configured(r);
	owe(r, 1, 700);
	assert_int_equal(debt_assign(r), 1);
	home_exec(
	    r, "INSERT INTO mandate (number, profile_number, reference, reference_key, version, debtor_name,"
	       "  iban, country, signed_on, status, status_at, declared_at)"
	       " VALUES (1, 1, 'R', 'R', 1, 'Ada', '" IBAN "', 'FRA', '2026-01-01', 'active', 0, 0)");
	freeze_session(r, 1);
	assert_string_equal(ask(r, EXTERNAL("1", "ada", "2026-03-03", "500", "e1")), "skipped no_debt");
	owe(r, 1, 30);
	assert_string_equal(ask(r, EXTERNAL("2", "ada", "2026-03-03", "500", "e2")), "succeeded ok");
	assert_int_equal(home_number(r, LAST_AMOUNT), 30);
	assert_string_equal(ask(r, EXTERNAL("3", "ada", "2026-03-03", "500", "e1")), "skipped no_debt");
}

/* As if it had not been asked for; but a message is answered once. */
static void
external_that_found_no_debt_may_be_asked_for_again(void **state)
{
	struct run *r = *state;

	assert_string_equal(ask(r, PROFILE("0", "bob", "")), "succeeded ok");
	assert_string_equal(ask(r, EXTERNAL("1", "ada", "2026-03-03", "500", "e0")), "skipped no_debt");
	assert_string_equal(ask(r, EXTERNAL("2", "ada", "2026-03-03", "500", "e0")), "skipped no_debt");
	assert_string_equal(ask(r, EXTERNAL("3", "bob", "2026-03-03", "400", "e0")), "skipped no_debt");
	owe(r, 1, 700);
	assert_string_equal(ask(r, EXTERNAL("1", "ada", "2026-03-03", "500", "e0")), "duplicate no_debt");
	assert_int_equal(home_number(r, COUNT_ROWS), 1);
	assert_string_equal(ask(r, EXTERNAL("4", "ada", "2026-03-03", "300", "e0")), "succeeded ok");
	assert_int_equal(home_number(r, LAST_AMOUNT), 300);
	assert_string_equal(ask(r, EXTERNAL("5", "ada", "2026-03-03", "300", "e0")), "succeeded ok");
	assert_string_equal(ask(r, EXTERNAL("6", "ada", "2026-03-03", "500", "e0")),
	                    "rejected external_transaction_id_conflict external_transaction_id");
	assert_int_equal(home_number(r, COUNT_ROWS), 2);
	assert_int_equal(home_number(r, COUNT_EXTERNAL), 1);
	assert_int_equal(home_number(r, "SELECT profile_number FROM external_transaction"), 1);
}

/* Two that look the same would be two members, or two transactions. */
static void
id_that_is_not_as_it_looks_is_rejected(void **state)
{
	static const char *const odd[] = {"e1 ",
	                                  " e1",
	                                  "\xC2\xA0"
	                                  "e1",
	                                  "e\xE2\x80\x8B"
	                                  "1",
	                                  "e1\xEF\xBB\xBF",
	                                  "e1\\t",
	                                  "e\xC2\xAD"
	                                  "1"};
	struct run *r = *state;
	char text[512];

	owe(r, 1, 700);
	for (size_t i = 0; i < LENGTH(odd); i++) {
		snprintf(text, sizeof(text), EXTERNAL("x%zu", "ada", "2026-03-03", "1", "%s"), i, odd[i]);
		assert_string_equal(ask(r, text), "rejected bad_field external_transaction_id");
		snprintf(text, sizeof(text), EXTERNAL("u%zu", "%s", "2026-03-03", "1", "e1"), i, odd[i]);
		assert_string_equal(ask(r, text), "rejected bad_field app_user_id");
		snprintf(
		    text, sizeof(text),
		    "{\"message_id\":\"a%zu\",\"op\":\"declare_profile\",\"app_id\":\"%s\",\"app_user_id\":\"z\"}\n",
		    i, odd[i]);
		assert_string_equal(ask(r, text), "rejected bad_field app_id");
	}
	assert_int_equal(home_number(r, COUNT_EXTERNAL), 0);
}

static void
external_id_is_never_reused(void **state)
{
	struct run *r = *state;
	char first[1024];

	assert_string_equal(ask(r, PROFILE("0", "bob", "")), "succeeded ok");
	owe(r, 1, 700);
	owe(r, 2, 700);
	assert_string_equal(ask(r, EXTERNAL("3", "ada", "2026-03-03", "500", "e1")), "succeeded ok");
	snprintf(first, sizeof(first), "%s", last(r, RESULT));
	assert_string_equal(ask(r, EXTERNAL("4", "ada", "2026-03-02", "500", "e1")), "succeeded ok");
	assert_string_equal(last(r, RESULT), first);
	assert_string_equal(ask(r, EXTERNAL("5", "ada", "2026-03-03", "501", "e1")),
	                    "rejected external_transaction_id_conflict external_transaction_id");
	assert_string_equal(ask(r, EXTERNAL("6", "bob", "2026-03-03", "500", "e1")),
	                    "rejected external_transaction_id_conflict external_transaction_id");
	assert_int_equal(home_number(r, COUNT_ROWS), 3);
	assert_int_equal(home_number(r, COUNT_EXTERNAL), 1);
}

static void
external_id_belongs_to_its_application(void **state)
{
	struct run *r = *state;

	owe(r, 1, 700);
	assert_string_equal(ask(r, EXTERNAL("1", "ada", "2026-03-03", "500", "e1")), "succeeded ok");
	assert_string_equal(
	    ask(r,
	        "{\"message_id\":\"2\",\"op\":\"declare_profile\",\"app_id\":\"es\",\"app_user_id\":\"eva\"}\n"),
	    "succeeded ok");
	owe(r, 2, 60);
	assert_string_equal(
	    ask(r,
	        "{\"message_id\":\"3\",\"op\":\"request_external_transaction\",\"app_id\":\"es\","
	        "\"app_user_id\":\"eva\",\"transaction_date\":\"2026-03-03\",\"requested_amount_in_cents\":99,"
	        "\"external_transaction_id\":\"e1\"}\n"),
	    "succeeded ok");
	assert_int_equal(home_number(r, LAST_AMOUNT), 60);
}

static void
external_for_an_undeclared_member_is_skipped_and_may_be_repeated(void **state)
{
	struct run *r = *state;

	assert_string_equal(ask(r, EXTERNAL("1", "bob", "2026-03-03", "500", "e1")),
	                    "skipped profile_not_found");
	assert_string_equal(last(r, RESULT), "");
	assert_string_equal(last(r, MESSAGE), "Profile not found for app [fr] and user [bob]");
	assert_int_equal(home_number(r, COUNT_EXTERNAL), 0);
	assert_string_equal(ask(r, PROFILE("2", "bob", "")), "succeeded ok");
	owe(r, 2, 10);
	assert_string_equal(ask(r, EXTERNAL("1", "bob", "2026-03-03", "500", "e1")),
	                    "duplicate profile_not_found");
	assert_string_equal(ask(r, EXTERNAL("3", "bob", "2026-03-03", "500", "e1")), "succeeded ok");
}

static void
external_rejected_names_its_field_and_code(void **state)
{
	static const struct {
		const char *json, *answer;
	} cases[] = {
	    {EXTERNAL("1", "ada", "2026-03-03", "0", "e1"),
	     "rejected invalid_amount requested_amount_in_cents"},
	    {EXTERNAL("2", "ada", "2026-03-03", "-5", "e1"),
	     "rejected invalid_amount requested_amount_in_cents"},
	    {EXTERNAL("3", "ada", "2026-03-03", "12.5", "e1"),
	     "rejected invalid_amount requested_amount_in_cents"},
	    {EXTERNAL("4", "ada", "2026-03-03", "9223372036854775808", "e1"),
	     "rejected invalid_amount requested_amount_in_cents"},
	    {EXTERNAL("5", "ada", "2026-03-03", "\"9223372036854775808\"", "e1"),
	     "rejected invalid_amount requested_amount_in_cents"},
	    {EXTERNAL("6", "ada", "2026-03-03", "\"5 EUR\"", "e1"),
	     "rejected invalid_amount requested_amount_in_cents"},
	    {EXTERNAL("7", "ada", "2026-03-06", "5", "e1"), "rejected bad_field transaction_date"},
	    {EXTERNAL("8", "ada", "2026-03-05T23:00:00Z", "5", "e1"), "rejected bad_field transaction_date"},
	    {EXTERNAL("9", "ada", "2026-03-03T10:00:00", "5", "e1"), "rejected bad_field transaction_date"},
	    {EXTERNAL("10", "ada", "2026-02-30", "5", "e1"), "rejected bad_field transaction_date"},
	    {EXTERNAL("11", "ada", "2026-03-03", "5", ""), "rejected missing_field external_transaction_id"},
	};
	struct run *r = *state;

	owe(r, 1, 700);
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_string_equal(ask(r, cases[i].json), cases[i].answer);
	assert_int_equal(home_number(r, COUNT_ROWS), 1);
	assert_int_equal(home_number(r, COUNT_EXTERNAL), 0);
	assert_string_equal(
	    ask(r, EXTERNAL("20", "ada", "2026-03-05T22:59:59Z", "9223372036854775807", "e1")),
	    "succeeded ok");
	assert_int_equal(home_number(r, LAST_AMOUNT), 700);
}

static void
external_id_has_at_most_255_bytes(void **state)
{
	struct run *r = *state;
	char json[1024], id[EXTERNAL_ID + 1];

	owe(r, 1, 700);
	memset(id, 'x', sizeof(id));
	id[EXTERNAL_ID] = '\0';
	snprintf(json, sizeof(json), EXTERNAL("1", "ada", "2026-03-03", "5", "%s"), id);
	assert_string_equal(ask(r, json), "rejected bad_field external_transaction_id");
	snprintf(json, sizeof(json), EXTERNAL("2", "ada", "2026-03-03", "5", "%s"), id + 1);
	assert_string_equal(ask(r, json), "succeeded ok");
}

static void
external_rehearsed_leaves_nothing(void **state)
{
	struct run *r = *state;

	owe(r, 1, 700);
	assert_string_equal(
	    ask(r,
	        "{\"message_id\":\"1\",\"op\":\"request_external_transaction\",\"app_id\":\"fr\","
	        "\"app_user_id\":\"ada\",\"transaction_date\":\"2026-03-03\",\"requested_amount_in_cents\":99,"
	        "\"external_transaction_id\":\"e1\",\"dry_run\":true}\n"),
	    "succeeded ok");
	assert_non_null(strstr(last(r, RESULT), "\"amount_in_cents\":99,"));
	assert_int_equal(home_number(r, COUNT_ROWS), 1);
	assert_int_equal(home_number(r, COUNT_EXTERNAL), 0);
	assert_int_equal(home_number(r, "SELECT balance_in_cents FROM profile WHERE number = 1"), -700);
	assert_string_equal(ask(r, EXTERNAL("1", "ada", "2026-03-03", "500", "e1")), "succeeded ok");
}

#define FIRST    "0badcafe-0200-8000-8004-000000000002"
#define SECOND   "0badcafe-0200-8000-8004-000000000003"
#define NOTIFIED "SELECT count(*) FROM balance_transaction WHERE push_notification_sent_at = 1772532000000"

static void
push_date_is_set_on_all_or_none(void **state)
{
	struct run *r = *state;

	owe(r, 1, 700);
	ask(r, EXTERNAL("1", "ada", "2026-03-03", "100", "e1"));
	ask(r, EXTERNAL("2", "ada", "2026-03-03", "200", "e2"));
	assert_string_equal(ask(r, PUSH("3", "[\"" FIRST "\",\"0badcafe-0200-8000-8004-000000000009\"]",
	                                "2026-03-03T10:00:00Z")),
	                    "rejected transaction_not_found transaction_ids");
	assert_string_equal(last(r, MESSAGE),
	                    "no external transaction has the id 0badcafe-0200-8000-8004-000000000009");
	assert_string_equal(last(r, RESULT), "");
	assert_int_equal(home_number(r, NOTIFIED), 0);
	assert_string_equal(ask(r, PUSH("7", "[\"" FIRST "\"]", "2026-03-02T22:59:59Z")),
	                    "rejected bad_field push_notification_sent_at"); /* the day before, in Paris */
	assert_string_equal(
	    ask(r, PUSH("4", "[\"" FIRST "\",\"" SECOND "\",\"" FIRST "\"]", "2026-03-03T10:00:00Z")),
	    "succeeded ok");
	assert_int_equal(home_number(r, NOTIFIED), 2);
	assert_non_null(strstr(last(r, RESULT),
	                       "\"push_notification_sent_at\":\"2026-03-03T10:00:00.000Z\"},{"
	                       "\"id\":\"" SECOND "\""));
	assert_null(strstr(strstr(last(r, RESULT), SECOND), FIRST)); /* named twice, answered once */
	assert_string_equal(ask(r, PUSH("5", "[\"" SECOND "\"]", "2026-03-03T11:00:00Z")), "succeeded ok");
	assert_int_equal(home_number(r, NOTIFIED), 1); /* the later word counts */
	assert_string_equal(ask(r, PUSH("6", "[]", "2026-03-03T11:00:00Z")), "succeeded ok");
	assert_string_equal(last(r, RESULT), "[]");
}

static void
push_date_rejected_names_its_field_and_code(void **state)
{
	static const struct {
		const char *json, *answer;
	} cases[] = {
	    {PUSH("1", "\"" FIRST "\"", "2026-03-03T10:00:00Z"), "rejected bad_field transaction_ids"},
	    {PUSH("2", "[\"e1\"]", "2026-03-03T10:00:00Z"), "rejected bad_field transaction_ids"},
	    {PUSH("3", "[7]", "2026-03-03T10:00:00Z"), "rejected bad_field transaction_ids"},
	    {PUSH("4", "[\"0badcafe-0200-8000-8004-000000000001\"]", "2026-03-03T10:00:00Z"),
	     "rejected transaction_not_found transaction_ids"}, /* of a card */
	    {PUSH("5", "[\"" SEAT "\"]", "2026-03-03T10:00:00Z"),
	     "rejected transaction_not_found transaction_ids"},
	    {PUSH("6", "[\"" FIRST "\"]", "2026-03-02"), "rejected bad_field push_notification_sent_at"},
	    {PUSH("7", "[\"" FIRST "\"]", "2026-03-06T00:00:00Z"),
	     "rejected bad_field push_notification_sent_at"},
	    {"{\"message_id\":\"8\",\"op\":\"set_push_notification_date_for_external_transactions\","
	     "\"app_id\":\"fr\",\"transaction_ids\":[],\"push_notification_sent_at\":\"2026-03-03T10:00:00Z\"}\n",
	     "rejected unknown_field app_id"},
	};
	struct run *r = *state;

	owe(r, 1, 700);
	ask(r, EXTERNAL("0", "ada", "2026-03-03", "100", "e1"));
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_string_equal(ask(r, cases[i].json), cases[i].answer);
	assert_int_equal(
	    home_number(
		r, "SELECT count(*) FROM balance_transaction WHERE push_notification_sent_at IS NOT NULL"),
	    0);
}

static void
answer_of_many_transactions_is_stored_whole(void **state)
{
	struct run *r = *state;
	char *json = malloc(65536), external[512];
	size_t n;
	int i;

	assert_non_null(json);
	owe(r, 1, 5000);
	n = (size_t)snprintf(json, 65536,
	                     "{\"message_id\":\"m\",\"op\":\"set_push_notification_date_for_external_"
	                     "transactions\",\"push_notification_sent_at\":\"2026-03-03T10:00:00Z\","
	                     "\"transaction_ids\":[");
	for (i = 2; i < 302; i++) {
		snprintf(external, sizeof(external), EXTERNAL("%d", "ada", "2026-03-03", "1", "e%d"), i, i);
		assert_string_equal(ask(r, external), "succeeded ok");
		n += (size_t)snprintf(json + n, 65536 - n, "%s\"0badcafe-0200-8000-8004-%012x\"",
		                      i == 2 ? "" : ",", (unsigned)i);
	}
	snprintf(json + n, 65536 - n, "]}\n");
	assert_string_equal(ask(r, json), "succeeded ok");
	assert_true(home_number(r, "SELECT length(result) FROM request ORDER BY number DESC LIMIT 1") >
	            80000);
	assert_string_equal(ask(r, json), "duplicate ok");
	assert_int_equal(home_number(r, "SELECT count(DISTINCT result) FROM request WHERE message_id = 'm'"),
	                 1);
	free(json);
}

#define OFFBOARD(id, user)                                                                              \
	"{\"message_id\":\"" id "\",\"op\":\"offboard_user\",\"app_id\":\"fr\",\"app_user_id\":\"" user \
	"\"}\n"

static void
request_offboards_a_member_who_still_owes(void **state)
{
	struct run *r = *state;

	owe(r, 1, 700);
	assert_string_equal(ask(r, OFFBOARD("1", "bob")), "rejected profile_not_found");
	assert_string_equal(ask(r, OFFBOARD("2", "ada")), "succeeded ok");
	assert_string_equal(
	    last(r, RESULT),
	    "{\"profile_id\":\"0badcafe-0100-8000-8000-000000000001\",\"status\":\"offboarded\"}");
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile WHERE status = 'offboarded'"), 1);
	assert_int_equal(home_number(r, "SELECT input_number FROM offboarding WHERE profile_number = 1"), 1);
	assert_string_equal(ask(r, OFFBOARD("3", "ada")), "succeeded ok");
	assert_int_equal(home_number(r, "SELECT count(*) FROM offboarding"), 1);
	assert_string_equal(ask(r, LINK("4", "ada", SEAT)), "rejected profile_offboarded");
	assert_int_equal(home_number(r, "SELECT count(*) FROM account_membership"), 0);
	assert_string_equal(ask(r, MANDATE("5", "ada", REST)), "succeeded ok");
	assert_string_equal(ask(r, EXTERNAL("6", "ada", "2026-03-03", "500", "e1")), "succeeded ok");
	assert_string_equal(ask(r, PROFILE("7", "ada", "")), "succeeded ok"); /* known, and still gone */
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile WHERE status = 'offboarded'"), 1);
}

/* What a command asks: the member `user` declared. "status code" of the answer. */
static const char *
command(struct run *r, const char *op, const char *user, const char *id)
{
	static char text[128];
	struct request q = {.op = op, .app_id = "fr", .app_user_id = user, .message_id = id};
	struct request_answer a;

	request_make(r, &q, &a);
	snprintf(text, sizeof(text), "%s %s", answer_status_word(a.status), a.why.code);
	request_answer_free(&a);
	return text;
}

static void
command_is_answered_once_and_stored_when_it_was_done(void **state)
{
	struct run *r = *state;
	int64_t before;

	assert_string_equal(command(r, "declare_profile", "bob", NULL), "succeeded ok");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM request WHERE source = '(command)' AND first = 1"
	                   "  AND input_number IS NULL AND line IS NULL AND length(message_id) = 32"),
	    1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM profile WHERE input_number IS NULL"), 1);
	before = store_changes(r->db);
	assert_string_equal(command(r, "declare_profile", "bob", NULL), "duplicate ok");
	assert_int_equal(store_changes(r->db), before);
	assert_string_equal(command(r, "declare_profile", "bob", "other"), "succeeded ok");
	assert_string_equal(command(r, "declare_profile", "bob", "other"), "duplicate ok");
	assert_string_equal(command(r, "declare_profile", "eve", "other"), "rejected message_id_conflict");
	assert_string_equal(command(r, "fly", "bob", NULL), "rejected unknown_op");
	assert_int_equal(home_number(r, "SELECT count(*) FROM request"), 2);
}

static void
command_that_was_refused_may_be_repeated(void **state)
{
	struct run *r = *state;

	assert_string_equal(command(r, "offboard_user", "bob", NULL), "rejected profile_not_found");
	assert_int_equal(home_number(r, "SELECT count(*) FROM request"), 0);
	assert_string_equal(command(r, "declare_profile", "bob", NULL), "succeeded ok");
	assert_string_equal(command(r, "offboard_user", "bob", NULL), "succeeded ok");
	assert_int_equal(home_number(r, "SELECT count(*) FROM request"), 2);
}

static void
command_shares_no_message_id_with_a_file(void **state)
{
	struct run *r = *state;

	assert_string_equal(ask(r, PROFILE("1", "bob", "")), "succeeded ok");
	assert_string_equal(command(r, "declare_profile", "eve", "1"), "succeeded ok");
}

#define WITH_ADA(test) cmocka_unit_test_setup_teardown(test, open_with_a_member, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_ADA(request_declares_a_profile),
	    WITH_ADA(request_declares_a_mandate_and_shows_no_iban),
	    WITH_ADA(request_links_a_membership),
	    WITH_ADA(request_rejected_names_its_field_and_code),
	    WITH_ADA(request_names_the_member_it_does_not_find),
	    WITH_ADA(request_repeated_is_answered_with_the_first_answer),
	    WITH_ADA(request_repeated_keeps_the_field_of_the_first_answer),
	    WITH_ADA(request_id_with_other_content_is_a_conflict),
	    WITH_ADA(request_rehearsed_leaves_nothing_but_its_answer),
	    WITH_ADA(request_that_is_rejected_changes_nothing),
	    WITH_ADA(request_results_are_one_line_each_in_order),
	    WITH_ADA(request_results_of_a_copy_are_all_duplicates),
	    WITH_ADA(external_is_at_most_the_open_debt),
	    WITH_ADA(external_never_reduces_what_is_frozen),
	    WITH_ADA(external_id_is_never_reused),
	    WITH_ADA(id_that_is_not_as_it_looks_is_rejected),
	    WITH_ADA(external_that_found_no_debt_may_be_asked_for_again),
	    WITH_ADA(external_id_belongs_to_its_application),
	    WITH_ADA(external_for_an_undeclared_member_is_skipped_and_may_be_repeated),
	    WITH_ADA(external_rejected_names_its_field_and_code),
	    WITH_ADA(external_id_has_at_most_255_bytes),
	    WITH_ADA(external_rehearsed_leaves_nothing),
	    WITH_ADA(push_date_is_set_on_all_or_none),
	    WITH_ADA(push_date_rejected_names_its_field_and_code),
	    WITH_ADA(answer_of_many_transactions_is_stored_whole),
	    WITH_ADA(request_says_what_a_debit_outside_the_eea_lacks),
	    WITH_ADA(request_offboards_a_member_who_still_owes),
	    WITH_ADA(command_is_answered_once_and_stored_when_it_was_done),
	    WITH_ADA(command_that_was_refused_may_be_repeated),
	    WITH_ADA(command_shares_no_message_id_with_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
