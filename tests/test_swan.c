/* swan: every field of a page under the alias that the documents use, and what is stored as bad instead of lost. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/swan.h"

struct seen {
	char csv[8192];
	size_t n;
	struct csv writer;
	char bad[2048]; /* "<id> <code>;" */
	char bad_json[2048];
	bool stop;
};

static int
keep(void *ctx, const void *bytes, size_t n)
{
	struct seen *s = ctx;
	if (n >= sizeof s->csv - s->n)
		return -1;
	memcpy(s->csv + s->n, bytes, n);
	s->n += n;
	s->csv[s->n] = '\0';
	return 0;
}

static int
keep_transaction(void *ctx, const struct swan_transaction *t, struct err *e)
{
	struct seen *s = ctx;
	transactions_csv_write(&s->writer, t);
	return s->stop ? err_set(e, "enough", "one is enough") : 0;
}

static int
keep_support(void *ctx, const struct swan_payment_support *p, struct err *e)
{
	struct seen *s = ctx;
	payment_supports_csv_write(&s->writer, p);
	return s->stop ? err_set(e, "enough", "one is enough") : 0;
}

static int
keep_bad(void *ctx, const struct swan_bad *bad)
{
	struct seen *s = ctx;
	size_t n = strlen(s->bad);
	snprintf(s->bad + n, sizeof s->bad - n, "%s %s;", bad->id, bad->why.code);
	snprintf(s->bad_json, sizeof s->bad_json, "%s", bad->json);
	assert_true(bad->why.message[0] != '\0');
	return s->stop ? -1 : 0;
}

enum kind { TRANSACTIONS, CARDS, MEMBERSHIPS };

static int
read_page(enum kind kind, const char *json, struct seen *s, struct swan_page *page, struct err *e)
{
	size_t n = strlen(json);
	int rc = -1;
	s->writer = (struct csv){.sink = sink_new(keep, s), .separator = ',', .eol = "\n"};
	switch (kind) {
	case TRANSACTIONS:
		rc = swan_read_transactions(json, n, keep_transaction, keep_bad, s, page, e);
		break;
	case CARDS:
		rc = swan_read_cards(json, n, keep_support, keep_bad, s, page, e);
		break;
	case MEMBERSHIPS:
		rc = swan_read_memberships(json, n, keep_support, keep_bad, s, page, e);
		break;
	}
	assert_int_equal(sink_end(s->writer.sink, NULL, NULL), 0);
	return rc;
}

#define PAGE(name, edges)                                                                 \
	"{\"data\":{\"" name                                                              \
	"\":{\"totalCount\":7,\"pageInfo\":{\"hasNextPage\":true,\"endCursor\":\"abc\"}," \
	"\"edges\":[" edges "]}}}"
#define NODE(fields) "{\"node\":{" fields "}}"

#define T_WHEN "\"createdAt\":\"2026-03-04T02:30:00.000Z\",\"updatedAt\":\"2026-03-04T03:30:00.123+01:00\""
#define T_BASE \
	"\"type\":\"CardOutDebit\",\"side\":\"Debit\",\"amount\":{\"value\":\"12.5\",\"currency\":\"EUR\"}," T_WHEN

/* Swan's debit and credit turn round when money comes back; its type says which side is the other one. */
static void
account_of_the_other_side_is_read(void **state)
{
	static const struct {
		const char *type, *account;
	} cases[] = {
	    {"SepaCreditTransferIn", "D"},
	    {"SepaCreditTransferInReturn", "D"},
	    {"SepaInstantCreditTransferInRecall", "D"},
	    {"SepaCreditTransferOut", "C"},
	    {"SepaCreditTransferOutReturn", "C"},
	    {"InternalCreditTransferIn", "D"},
	    {"InternalCreditTransferOut", "C"},
	    {"SepaDirectDebitIn", "C"},
	    {"SepaDirectDebitInReturn", "C"},
	    {"InternalDirectDebitOut", "D"},
	};
	char text[1024], wanted[16];

	(void)state;
	for (size_t i = 0; i < 2 * LENGTH(cases); i++) {
		const char *member = i % 2 == 0 ? "IBAN" : "accountNumber";
		struct seen s = {0};
		struct swan_page page;
		struct err e = {0};

		snprintf(text, sizeof(text),
		         PAGE("transactions", NODE("\"id\":\"t\",\"type\":\"%s\",\"side\":\"Debit\"," T_WHEN
		                                   ",\"amount\":{\"value\":\"1\",\"currency\":\"EUR\"},"
		                                   "\"statusInfo\":{\"status\":\"Booked\"},"
		                                   "\"debtor\":{\"%s\":\"D\"},\"creditor\":{\"%s\":\"C\"}")),
		         cases[i / 2].type, member, member);
		snprintf(wanted, sizeof(wanted), ",%s\n", cases[i / 2].account);
		if (read_page(TRANSACTIONS, text, &s, &page, &e) != 0)
			fail_msg("%s", e.message);
		assert_non_null(strstr(s.csv, wanted));
	}
}

static void
transaction_fields_are_read_under_their_aliases(void **state)
{
	static const char page_text[] = PAGE("transactions",
	                                     NODE(
						 "\"__typename\":\"CardTransaction\",\"id\":\"t1\"," T_BASE
						 ",\"executionDate\":\"2026-03-04T02:29:59.000Z\",\"paymentId\":\"p\","
						 "\"originTransactionId\":\"o\",\"reference\":\"r\",\"label\":\"l\",\"counterparty\":\"c\","
						 "\"externalReference\":\"x\",\"account\":{\"id\":\"a\"},"
						 "\"statusInfo\":{\"status\":\"Booked\",\"bookingDate\":\"2026-03-05T00:00:00.000Z\","
						 "\"valueDate\":\"2026-03-06T00:00:00.000Z\"},\"authorizationType\":\"Classic\","
						 "\"originalAmount\":{\"value\":\"13.00\",\"currency\":\"USD\"},"
						 "\"merchant\":{\"merchantId\":\"mi\",\"merchantName\":\" Caf\\u00e9, \\n\",\"merchantCity\":\"mc\","
						 "\"merchantCountry\":\"FRA\",\"merchantPostalCode\":\"01000\",\"merchantCategoryCode\":\"0742\","
						 "\"category\":\"InStore\"},\"cardDetails\":{\"maskedPan\":\"1*2\",\"card\":{\"id\":\"cd\","
						 "\"accountMembership\":{\"id\":\"am\"}}}") "," NODE("\"id\":\"t2\"," T_BASE
	                                                                                             ",\"statusInfo\":{\"status\":\"Rejected\",\"rejectedReason\":\"PartnerRefused\"},"
	                                                                                             "\"merchant\":null,\"cardDetails\":{\"maskedPan\":\"\",\"card\":null},\"account\":null") "," NODE("\"id\":\"t3\"," T_BASE
	                                                                                                                                                                                               ",\"statusInfo\":{\"status\":\"Released\",\"releasedReason\":\"Expired\","
	                                                                                                                                                                                               "\"releaseDate\":\"2026-03-07T00:00:00.000Z\"}") "," NODE("\"id\":\"t4\"," T_BASE
	                                                                                                                                                                                                                                                         ",\"statusInfo\":{\"status\":\"Pending\","
	                                                                                                                                                                                                                                                         "\"pendingEndDate\":\"2026-03-08T00:00:00.000Z\"},\"returnReason\":\"AC04\"") "," NODE("\"id\":\"t5\"," T_BASE ",\"statusInfo\":{\"status\":\"NeverHeardOf\"},\"merchant\":{\"__typename\":\"X\"}"));
	struct seen s = {0};
	struct swan_page page;
	struct err e = {0};
	(void)state;
	if (read_page(TRANSACTIONS, page_text, &s, &page, &e) != 0)
		fail_msg("%s", e.message);
	assert_string_equal(s.bad, "");
	assert_true(page.has_next_page);
	assert_string_equal(page.end_cursor, "abc");
	assert_int_equal(page.total_count, 7);
	assert_int_equal(page.nodes, 5);
#define LINE(id, status) \
	id ",CardOutDebit,Debit," status ",1250,EUR,2026-03-04T02:30:00.000Z,2026-03-04T02:30:00.123Z,"
	assert_string_equal(
	    s.csv,
	    LINE(
		"t1",
		"Booked") "2026-03-04T02:29:59.000Z,p,o,r,a,cd,am,1*2,Classic,mi,\" Caf\u00E9, \n\",mc,FRA,"
			  "01000,0742,InStore,,,,,2026-03-05T00:00:00.000Z,2026-03-06T00:00:00.000Z,13.00,"
			  "USD,c,l,x,,\n" LINE("t2", "Rejected") ",,,,,,,,,,,,,,,,PartnerRefused,,,,,,,,,,,,\n" LINE("t3", "Released") ",,,,,,,,,,,,,,,,,Expired,2026-03-07T00:00:00.000Z,,,,,,,,,,\n" LINE(
			      "t4",
			      "Pending") ",,,,,,,,,,,,,,,,,,,2026-03-08T00:00:00.000Z,,,,,,,,AC04,\n" LINE("t5",
	                                                                                                   "NeverHeardOf") ",,,,,,,,,,,,,,,,,,,,,,,,,,,,\n");
}

static void
bad_transactions_are_handed_over_and_the_rest_is_read(void **state)
{
#define T(id, side, value, currency, status)                                                   \
	NODE("\"id\":" id ",\"type\":\"t\",\"side\":\"" side "\",\"amount\":{\"value\":" value \
	     ",\"currency\":\"" currency "\"}," T_WHEN ",\"statusInfo\":{\"status\":" status "}")
	static const struct {
		const char *edge, *bad;
	} cases[] = {
	    {T("\"i\"", "Debit", "\"1.005\"", "EUR", "\"s\""), "i invalid_amount;"},
	    {T("\"i\"", "Debit", "\"1,00\"", "EUR", "\"s\""), "i invalid_amount;"},
	    {T("\"i\"", "Debit", "\"-1.00\"", "EUR", "\"s\""), "i invalid_amount;"},
	    {T("\"i\"", "Debit", "\"1e2\"", "EUR", "\"s\""), "i invalid_amount;"},
	    {T("\"i\"", "Debit", "\"1.00\"", "USD", "\"s\""), "i invalid_amount;"},
	    {T("\"i\"", "Debit", "1", "EUR", "\"s\""), "i bad_field;"},
	    {T("\"i\"", "Debit", "null", "EUR", "\"s\""), "i missing_field;"},
	    {T("\"i\"", "Sideways", "\"1\"", "EUR", "\"s\""), "i bad_field;"},
	    {T("\"i\"", "Debit", "\"1\"", "EUR", "null"), "i missing_field;"},
	    {NODE("\"id\":\"i\",\"type\":\"t\",\"side\":\"Debit\",\"createdAt\":\"now\","
	          "\"amount\":{\"currency\":\"EUR\"},\"statusInfo\":{\"status\":\"s\"}"),
	     "i invalid_date;"},
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		static const char good[] = T("\"g\"", "Credit", "\"1\"", "EUR", "\"s\"");
		char text[4096];
		struct seen s = {0};
		struct swan_page page;
		struct err e = {0};
		snprintf(text, sizeof text, PAGE("transactions", "%s,%s,%s"), good, cases[i].edge, good);
		assert_int_equal(read_page(TRANSACTIONS, text, &s, &page, &e), 0);
		assert_int_equal(page.nodes, 3);
		if (strcmp(s.bad, cases[i].bad) != 0)
			fail_msg("case %zu: %s", i, s.bad);
		const char *second = strchr(s.csv, '\n');
		assert_non_null(second);
		assert_memory_equal(second + 1, "g,t,Credit,s,100,", 17);
	}
}

/* No key takes them, but nothing of them is lost, and the nodes around them are read. */
static void
nodes_without_an_id_are_handed_over_without_one(void **state)
{
	static const struct {
		const char *edge, *json; /* NULL: the node */
	} cases[] = {
	    {T("\"\"", "Debit", "\"1\"", "EUR", "\"s\""), NULL},
	    {T("null", "Debit", "\"1\"", "EUR", "\"s\""), NULL},
	    {T("7", "Debit", "\"1\"", "EUR", "\"s\""), NULL},
	    {T("\"a\\ud83d\"", "Debit", "\"1\"", "EUR", "\"s\""), NULL},
	    {"{\"node\":null}", "{\"node\":null}"},
	    {"null", "null"},
	    {"\"a\"", "null"},
	    {"{\"node\":[ 1 ]}", "{\"node\":[ 1 ]}"},
	    {"[{}]", "[{}]"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		static const char good[] = T("\"g\"", "Credit", "\"1\"", "EUR", "\"s\"");
		char text[4096];
		struct seen s = {0};
		struct swan_page page;
		struct err e = {0};

		snprintf(text, sizeof(text), PAGE("transactions", "%s,%s,%s"), good, cases[i].edge, good);
		if (read_page(TRANSACTIONS, text, &s, &page, &e) != 0)
			fail_msg("%s: %s", cases[i].edge, e.message);
		assert_int_equal(page.nodes, 3);
		assert_int_equal(strncmp(s.bad, "(null) ", 7), 0);
		if (cases[i].json != NULL)
			assert_string_equal(s.bad_json, cases[i].json);
		else
			assert_memory_equal(s.bad_json, cases[i].edge + strlen("{\"node\":"),
			                    strlen(s.bad_json));
		assert_memory_equal(strchr(s.csv, '\n') + 1, "g,t,Credit,s,100,", 17);
	}
}

static void
bad_nodes_keep_their_whole_content(void **state)
{
	static const struct {
		const char *node, *kept;
	} cases[] = {
	    {"{\"id\":\"i\", \"more\":[1,{\"a\":\"\\u00e9}\"}]}", NULL},
	    {"{\"id\":\"i\",\"label\":\"\xC3\xA9\\ud83d\\u0000\",\"x\":1.50}", NULL},
	    {"{\"id\":\"i\",\"label\":\"caf\xE9\"}", "{\"id\":\"i\",\"label\":\"caf\\xE9\"}"},
	};
	char text[4096];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct seen s = {0};
		struct swan_page page;
		struct err e = {0};

		snprintf(text, sizeof(text), PAGE("transactions", "{\"node\":%s}"), cases[i].node);
		assert_int_equal(read_page(TRANSACTIONS, text, &s, &page, &e), 0);
		assert_string_equal(s.bad, "i missing_field;");
		assert_string_equal(s.bad_json, cases[i].kept != NULL ? cases[i].kept : cases[i].node);
	}
}

static int
see_member(void *ctx, const struct swan_bad *bad)
{
	assert_string_equal(bad->account_id, "a");
	assert_string_equal(bad->card_id, "c");
	assert_string_equal(bad->account_membership_id, "m");
	assert_int_equal(bad->amount, *(int *)ctx);
	return 0;
}

/* What is known of it is known, whatever else is wrong. */
static void
bad_nodes_name_their_card_and_amount(void **state)
{
	static const struct {
		const char *value;
		int amount;
	} cases[] = {{"\"12.5\"", 1250}, {"\"12.555\"", 0}, {"12.5", 0}, {"null", 0}};
	char text[2048];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		int amount = cases[i].amount;
		struct swan_page page;
		struct err e = {0};

		snprintf(
		    text, sizeof(text),
		    PAGE(
			"transactions",
			NODE(
			    "\"id\":7,\"account\":{\"id\":\"a\"},\"amount\":{\"value\":%s},"
			    "\"cardDetails\":{\"card\":{\"id\":\"c\",\"accountMembership\":{\"id\":\"m\"}}}")),
		    cases[i].value);
		assert_int_equal(
		    swan_read_transactions(text, strlen(text), NULL, see_member, &amount, &page, &e), 0);
		assert_int_equal(page.nodes, 1);
	}
}

/* In place of x: what was asked for has the node handed over, all else is skipped. */
static void
value_that_no_program_can_take_matters_only_if_it_was_asked_for(void **state)
{
	static const char good[] = "\"id\":\"t\"," T_BASE ",\"statusInfo\":{\"status\":\"s\"}";
	static const char *const values[] = {
	    "\"SHOP \\ud83d\"", "\"SHOP\\u0000\"", "\"caf\xE9\"", "\"a\tb\"", "\"\\x\"", "NaN", "01"};
	static const char *const numbers[] = {"1.5", "0.25e3", "1234567890123456"};
	static const char *const doubled[] = {"\"x\":1,\"x\":1", "\"x\":{\"a\":1,\"a\":2}"};
	/* the value stands between `before` and the closing brackets `after` */
	static const struct {
		const char *before, *after, *bad;
	} places[] = {
	    {",\"label\":", "", "t invalid_text;"},
	    {",\"merchant\":{\"merchantName\":", "}", "t invalid_text;"},
	    {",\"merchant\":", "", NULL},
	    {",\"co2\":", "", ""},
	    {",\"merchant\":{\"more\":[{\"a\":", "}]}", ""},
	};
	char edges[2048], text[4096];

	(void)state;
	for (size_t i = 0; i < LENGTH(places) * (LENGTH(values) + LENGTH(numbers)); i++) {
		size_t place = i % LENGTH(places), n = i / LENGTH(places);
		const char *value = n < LENGTH(values) ? values[n] : numbers[n - LENGTH(values)];
		struct seen s = {0};
		struct swan_page page;
		struct err e = {0};

		snprintf(edges, sizeof(edges), "%s%s%s%s", good, places[place].before, value,
		         places[place].after);
		snprintf(
		    text, sizeof(text),
		    "{\"extensions\":{\"cost\":%s},\"errors\":[],\"data\":{\"more\":%s,\"transactions\":{"
		    "\"totalCount\":1,\"pageInfo\":{\"hasNextPage\":false,\"endCursor\":\"c\",\"more\":%s},"
		    "\"edges\":[{\"node\":{%s}}]}}}",
		    value, value, value, edges);
		if (read_page(TRANSACTIONS, text, &s, &page, &e) != 0)
			fail_msg("%s: %s", text, e.message);
		if (places[place].bad == NULL || (n >= LENGTH(values) && places[place].bad[0] != '\0'))
			assert_int_equal(strncmp(s.bad, "t ", 2), 0);
		else
			assert_string_equal(s.bad, places[place].bad);
	}
	for (size_t i = 0; i < LENGTH(doubled); i++) {
		struct seen s = {0};
		struct swan_page page;
		struct err e = {0};

		snprintf(text, sizeof(text), PAGE("transactions", NODE("%s,%s")), good, doubled[i]);
		assert_int_equal(read_page(TRANSACTIONS, text, &s, &page, &e), 0);
		assert_string_equal(s.bad, i == 0 ? "t bad_field;" : "");
	}
}

static void
pages_that_are_none_are_refused(void **state)
{
	static const struct {
		const char *text, *code;
	} cases[] = {
	    {"", "malformed_json"},
	    {"<html>", "malformed_json"},
	    {"[]", "bad_field"},
	    {"{}", "bad_field"},
	    {"{\"data\":null}", "bad_field"},
	    {"{\"data\":{\"cards\":{}}}", "bad_field"},
	    {"{\"data\":{\"transactions\":null}}", "bad_field"},
	    {"{\"data\":{\"transactions\":{}}}", "bad_field"},
	    {"{\"data\":{\"transactions\":{\"totalCount\":0,\"edges\":[]}}}", "bad_field"},
	    {"{\"data\":{\"transactions\":{\"totalCount\":0,\"pageInfo\":{}}}}", "bad_field"},
	    {"{\"data\":{\"transactions\":{\"pageInfo\":{},\"edges\":[]}}}", "bad_field"},
	    {"{\"data\":{\"transactions\":{\"totalCount\":-1,\"pageInfo\":{},\"edges\":[]}}}", "bad_field"},
	    {"{\"data\":{\"transactions\":{\"totalCount\":0,\"pageInfo\":{\"hasNextPage\":1},\"edges\":[]}}}",
	     "bad_field"},
	    {"{\"errors\":[{\"message\":\"no\"}],\"data\":{\"transactions\":{\"totalCount\":0,\"pageInfo\":{},"
	     "\"edges\":[]}}}",
	     "swan_errors"},
	    {"{\"data\":{\"transactions\":{\"__typename\":\"ForbiddenRejection\",\"message\":\"No\"}}}",
	     "swan_rejected"},
	    {"{\"data\":{\"transactions\":{\"__typename\":\"CardConnection\",\"totalCount\":0,\"pageInfo\":{},"
	     "\"edges\":[]}}}",
	     "swan_rejected"},
	    {"{\"errors\":[],\"data\":null}", "bad_field"},
	    {"{\"errors\":[{}],\"data\":null}", "swan_errors"},
	    {"{\"errors\":{},\"data\":null}", "swan_errors"},
	    {"{\"errors\":[],\"errors\":[{}],\"data\":null}", "bad_field"},
	    {"{\"data\":{\"transactions\":{\"totalCount\":0,\"pageInfo\":{\"hasNextPage\":false,\"hasNextPage\":true},"
	     "\"edges\":[]}}}",
	     "bad_field"},
	    {"{\"data\":{\"transactions\":{\"totalCount\":1.5,\"pageInfo\":{},\"edges\":[]}}}", "bad_field"},
	    {"{\"data\":{\"transactions\":{\"totalCount\":1,\"pageInfo\":{\"endCursor\":\"\\ud83d\"},\"edges\":[]}}}",
	     "bad_field"},
	    {"{\"errors\":\"x\"}", "swan_errors"},
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct seen s = {0};
		struct swan_page page;
		struct err e = {0};
		if (read_page(TRANSACTIONS, cases[i].text, &s, &page, &e) != -1)
			fail_msg("%s was read", cases[i].text);
		assert_string_equal(e.code, cases[i].code);
		assert_string_equal(s.csv, "");
	}
}

/* No key takes it, so the card is held. */
static void
card_of_a_membership_with_an_endless_id_is_held(void **state)
{
	char id[258], text[4096];
	struct seen s = {0};
	struct swan_page page;
	struct err e = {0};
	(void)state;
	memset(id, 'm', sizeof id - 1);
	id[sizeof id - 1] = '\0';
	for (size_t n = 255; n <= 256; n++) {
		s = (struct seen){0};
		snprintf(
		    text, sizeof text,
		    PAGE(
			"cards",
			NODE(
			    "\"id\":\"c\",\"type\":\"Virtual\"," T_WHEN
			    ",\"eCommerce\":true,\"withdrawal\":false,"
			    "\"international\":true,\"nonMainCurrencyTransactions\":false,"
			    "\"statusInfo\":{\"status\":\"Enabled\"},\"digitalCards\":{\"totalCount\":0},"
			    "\"accountMembership\":{\"id\":\"%s\",\"statusInfo\":{\"status\":\"Enabled\"}}")),
		    id + 257 - n);
		assert_int_equal(read_page(CARDS, text, &s, &page, &e), 0);
		assert_string_equal(s.bad, n == 255 ? "" : "c bad_field;");
	}
}

static void
page_info_may_be_null_throughout(void **state)
{
	static const char text[] = "{\"data\":{\"transactions\":{\"totalCount\":0,\"pageInfo\":"
				   "{\"hasNextPage\":null,\"endCursor\":null},\"edges\":[]}}}";
	struct seen s = {0};
	struct swan_page page;
	struct err e = {0};
	(void)state;
	assert_int_equal(read_page(TRANSACTIONS, text, &s, &page, &e), 0);
	assert_false(page.has_next_page);
	assert_string_equal(page.end_cursor, "");
	assert_int_equal(page.total_count, 0);
	assert_int_equal(page.nodes, 0);
}

static void
cursors_are_taken_whole_or_not_at_all(void **state)
{
	(void)state;
	for (int length = 1023; length <= 1024; length++) {
		char text[2048];
		struct seen s = {0};
		struct swan_page page;
		struct err e = {0};
		snprintf(
		    text, sizeof text,
		    "{\"data\":{\"transactions\":{\"totalCount\":0,\"pageInfo\":{\"endCursor\":\"%0*d\"},"
		    "\"edges\":[]}}}",
		    length, 0);
		assert_int_equal(read_page(TRANSACTIONS, text, &s, &page, &e), length == 1023 ? 0 : -1);
	}
}

static void
callbacks_stop_the_reading(void **state)
{
	static const char good[] =
	    PAGE("transactions", T("\"g\"", "Credit", "\"1\"", "EUR", "\"s\"") ",{\"node\":null}");
	static const char bad[] =
	    PAGE("transactions", "{\"node\":null}," T("\"g\"", "Credit", "\"1\"", "EUR", "\"s\""));
	struct seen s = {.stop = true}, b = {.stop = true};
	struct swan_page page;
	struct err e = {0};
	(void)state;
	assert_int_equal(read_page(TRANSACTIONS, good, &s, &page, &e), -1);
	assert_string_equal(e.code, "enough");
	assert_string_equal(s.bad, "");
	assert_int_equal(read_page(TRANSACTIONS, bad, &b, &page, &e), -1);
	assert_string_equal(b.csv, "");
}

#define C_WHEN "\"createdAt\":\"2026-03-04T02:30:00.000Z\",\"updatedAt\":\"2026-03-04T02:30:00.001Z\""
#define CARD(id, limits, wallets, membership)                                                                \
	NODE("\"id\":\"" id "\",\"type\":\"Virtual\"," C_WHEN ",\"name\":null,\"cardMaskedNumber\":\"1*2\"," \
	     "\"eCommerce\":true,\"withdrawal\":false,\"international\":true,"                               \
	     "\"nonMainCurrencyTransactions\":false,\"statusInfo\":{\"status\":\"Enabled\"},"                \
	     "\"spendingLimits\":" limits ",\"digitalCards\":{\"totalCount\":" wallets "},"                  \
	     "\"accountMembership\":{\"id\":\"m\",\"email\":\"a@b.fr\"," membership "}")
#define LIMIT(type, period, value)                                                        \
	"{\"type\":\"" type "\",\"period\":\"" period "\",\"amount\":{\"value\":\"" value \
	"\",\"currency\":\"EUR\"}}"
#define ENABLED \
	"\"user\":{\"firstName\":\"Zo\\u00eb\",\"lastName\":\"Dupont\"},\"statusInfo\":{\"status\":\"Enabled\"}"
#define INVITED                                                                                                \
	"\"user\":null,\"statusInfo\":{\"status\":\"InvitationSent\",\"restrictedTo\":{\"firstName\":\"Ana\"," \
	"\"lastName\":\"Lima\"}}"

static void
cards_come_with_their_membership_and_limits(void **state)
{
	static const char text[] = PAGE(
	    "cards",
	    CARD("c1", "[" LIMIT("Partner", "Monthly", "600") "," LIMIT("AccountHolder", "Daily", "400.00") "]", "2", ENABLED) "," CARD(
		"c2", "null", "0",
		INVITED) "," CARD("c3", "[]", "1",
	                          "\"user\":null,\"statusInfo\":{\"status\":\"Disabled\"}") "," CARD("c4",
	                                                                                             "[" LIMIT(
													 "New",
													 "Always",
													 "0") "]",
	                                                                                             "0",
	                                                                                             "\"user\":{\"firstName\":null,\"lastName\":\"L\"},\"statusInfo\":{\"status\":\"Suspended\","
	                                                                                             "\"restrictedTo\":{\"firstName\":\"F\",\"lastName\":\"G\"}}"));
	struct seen s = {0};
	struct swan_page page;
	struct err e = {0};
	(void)state;
	if (read_page(CARDS, text, &s, &page, &e) != 0)
		fail_msg("%s", e.message);
	assert_string_equal(s.bad, "");
	assert_int_equal(page.nodes, 4);
#define CARD_LINE(id, provisioned, rest)                                                                                \
	id ",Virtual,Enabled,2026-03-04T02:30:00.000Z,2026-03-04T02:30:00.001Z,,1*2,true,false,true,false," provisioned \
	   ",m," rest "\n"
	assert_string_equal(
	    s.csv,
	    CARD_LINE(
		"c1", "true",
		"Enabled,a@b.fr,Zo\u00EB,Dupont,Partner/Monthly/60000/EUR|AccountHolder/Daily/40000/EUR")
		CARD_LINE("c2", "false", "InvitationSent,a@b.fr,Ana,Lima,")
		    CARD_LINE("c3", "true", "Disabled,a@b.fr,,,")
			CARD_LINE("c4", "false", "Suspended,a@b.fr,,L,New/Always/0/EUR"));
}

static void
bad_cards_are_handed_over(void **state)
{
	static const struct {
		const char *edge, *bad;
	} cases[] = {
	    {CARD("c", "[" LIMIT("Partner", "Monthly", "1.001") "]", "0", ENABLED), "c invalid_amount;"},
	    {CARD("c", "[" LIMIT("Partner", "Monthly", "-1") "]", "0", ENABLED), "c invalid_amount;"},
	    {CARD("c", "[" LIMIT("a|b", "Monthly", "1") "]", "0", ENABLED), "c bad_field;"},
	    {CARD("c", "[" LIMIT("a", "b/c", "1") "]", "0", ENABLED), "c bad_field;"},
	    {CARD("c", "[{}]", "0", ENABLED), "c missing_field;"},
	    {CARD("c", "[null]", "0", ENABLED), "c missing_field;"},
	    {CARD("c", "{}", "0", ENABLED), "c bad_field;"},
	    {CARD("c", "null", "null", ENABLED), "c missing_field;"},
	    {CARD("c", "null", "\"1\"", ENABLED), "c bad_field;"},
	    {CARD("c", "null", "0", "\"user\":null"), "c missing_field;"},
	    {NODE("\"id\":\"c\""), "c missing_field;"},
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char text[4096];
		struct seen s = {0};
		struct swan_page page;
		struct err e = {0};
		snprintf(text, sizeof text, PAGE("cards", "%s"), cases[i].edge);
		assert_int_equal(read_page(CARDS, text, &s, &page, &e), 0);
		assert_string_equal(s.csv, "");
		if (strcmp(s.bad, cases[i].bad) != 0)
			fail_msg("case %zu: %s", i, s.bad);
	}
}

static void
memberships_have_no_card(void **state)
{
	static const char text[] = PAGE(
	    "accountMemberships",
	    NODE("\"id\":\"m1\",\"email\":\"a@b.fr\"," C_WHEN "," ENABLED) "," NODE(
		"\"id\":\"m2\",\"email\":\"\"," C_WHEN
		"," INVITED) "," NODE("\"id\":\"m3\",\"email\":\"x\",\"createdAt\":\"2026-03-04T02:30:00.000Z\"," ENABLED));
	struct seen s = {0};
	struct swan_page page;
	struct err e = {0};
	(void)state;
	assert_int_equal(read_page(MEMBERSHIPS, text, &s, &page, &e), 0);
	assert_string_equal(s.bad, "m3 missing_field;");
	assert_int_equal(page.nodes, 3);
	assert_string_equal(
	    s.csv, ",,,2026-03-04T02:30:00.000Z,2026-03-04T02:30:00.001Z,,,,,,,,m1,Enabled,a@b.fr,"
		   "Zo\u00EB,Dupont,\n"
		   ",,,2026-03-04T02:30:00.000Z,2026-03-04T02:30:00.001Z,,,,,,,,m2,InvitationSent,,Ana,"
		   "Lima,\n");
}

static int
count_transaction(void *ctx, const struct swan_transaction *t, struct err *e)
{
	int *taken = ctx;

	(void)t, (void)e;
	++*taken;
	return 0;
}

static int
count_bad(void *ctx, const struct swan_bad *bad)
{
	int *taken = ctx;

	(void)bad;
	++*taken;
	return 0;
}

/* A page with n times the same edge; returns how many were handed on, or -1. */
static int
read_many(const char *edge, int n, struct err *e)
{
	size_t room = (strlen(edge) + 1) * (size_t)n + 512, used;
	char *text = malloc(room);
	struct swan_page page;
	int taken = 0, rc, i;

	assert_non_null(text);
	used = (size_t)snprintf(text, room, PAGE("transactions", "%s"), edge) - strlen("]}}}");
	for (i = 1; i < n; i++)
		used += (size_t)snprintf(text + used, room - used, ",%s", edge);
	used += (size_t)snprintf(text + used, room - used, "]}}}");
	rc = swan_read_transactions(text, used, count_transaction, count_bad, &taken, &page, e);
	free(text);
	return rc == 0 ? taken : rc;
}

/* A person may record more than Swan gives at once. A page of nothing would take much more memory than it has bytes. */
static void
page_may_have_many_nodes_but_not_many_empty_ones(void **state)
{
	struct err e = {0};

	(void)state;
	assert_int_equal(
	    read_many(NODE("\"id\":\"t\"," T_BASE ",\"statusInfo\":{\"status\":\"Booked\"}"), 20000, &e),
	    20000);
	assert_int_equal(read_many("{}", 1000, &e), 1000);
	assert_int_equal(read_many("{}", 20000, &e), -1);
	assert_string_equal(e.code, "malformed_json");
	assert_non_null(strstr(e.message, "too many for its size"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(account_of_the_other_side_is_read),
	    cmocka_unit_test(transaction_fields_are_read_under_their_aliases),
	    cmocka_unit_test(bad_transactions_are_handed_over_and_the_rest_is_read),
	    cmocka_unit_test(nodes_without_an_id_are_handed_over_without_one),
	    cmocka_unit_test(bad_nodes_name_their_card_and_amount),
	    cmocka_unit_test(value_that_no_program_can_take_matters_only_if_it_was_asked_for),
	    cmocka_unit_test(bad_nodes_keep_their_whole_content),
	    cmocka_unit_test(pages_that_are_none_are_refused),
	    cmocka_unit_test(card_of_a_membership_with_an_endless_id_is_held),
	    cmocka_unit_test(page_info_may_be_null_throughout),
	    cmocka_unit_test(cursors_are_taken_whole_or_not_at_all),
	    cmocka_unit_test(callbacks_stop_the_reading),
	    cmocka_unit_test(cards_come_with_their_membership_and_limits),
	    cmocka_unit_test(bad_cards_are_handed_over),
	    cmocka_unit_test(memberships_have_no_card),
	    cmocka_unit_test(page_may_have_many_nodes_but_not_many_empty_ones),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
