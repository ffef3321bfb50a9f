/* handoff: the files beside a pain.008, byte for byte, and the returns of a session. */
#include "formats/csv.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/xml.h"
#include "stages/core/bank/handoff.h"
#include "stages/core/bank/review.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/home/publish.h"
#include "tests/home.h"

#define SESSION "out/sepa/2026-03-10_20260228-1"
#define FOLDER  SESSION "/v1"
#define XML     "SDD-20260228-1-20260310-1.xml"
#define CONTENT "<Document/>\n"
#define OURS    "0badcafe-0500-8000-80" /* ids of debts begin so; 04 is member 1, 08 member 2 ... */

/* Session 1 was collected in February, session 2 is collected here, session 3 is open. Members 1 and 2 share an account, 3
 * has an amended mandate, 4 a debit that was rejected before, 5 and 6 are excluded. Member 1 pays for the second time. */
static const char *const world[] = {
    "INSERT INTO profile (number, app_id, app_user_id, status, declared_at) VALUES"
    " (1, 'app', 'u1', 'active', 0), (2, 'app', '=u2', 'active', 0), (3, 'app', 'u3', 'active', 0),"
    " (4, 'app', 'u4', 'active', 0), (5, 'app', 'u5', 'active', 0), (6, 'app', '<u6>', 'active', 0)",
    "INSERT INTO mandate (number, profile_number, reference, reference_key, version, debtor_name, iban, country, signed_on,"
    "  status, status_at, declared_at) VALUES"
    " (1, 1, 'RUM-1', 'RUM-1', 1, 'Zo\xC3\xA9 & Fils', 'FR7630006000011234567890189', 'FRA', '2025-01-02', 'active', 0, 0),"
    " (2, 2, 'RUM-2', 'RUM-2', 1, '=Bob; \"B\"', 'FR7630006000011234567890189', 'FRA', '2026-01-03', 'active', 0, 0),"
    " (3, 3, 'RUM-3', 'RUM-3', 1, 'Carl', 'FR1420041010050500013M02606', 'FRA', '2025-01-04', 'superseded', 0, 0),"
    " (4, 3, 'RUM-3', 'RUM-3', 2, 'Carl', 'DE89370400440532013000', 'DEU', '2025-01-04', 'active', 0, 0),"
    " (5, 4, 'RUM-4', 'RUM-4', 1, 'D\x07na <b>', 'BE68539007547034', 'BEL', '2025-01-05', 'active', 0, 0)",
    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status, opened_by) VALUES"
    " (1, '20260131-1', '2026-01-01', '2026-01-31', '2026-02-03', '2026-02-10', 'pending', 'configuration'),"
    " (2, '20260228-1', '2026-02-01', '2026-02-28', '2026-03-03', '2026-03-10', 'pending', 'configuration'),"
    " (3, '20260331-1', '2026-03-01', '2026-03-31', '2026-04-03', '2026-04-10', 'pending', 'configuration')",
    "INSERT INTO debt (profile_number, session_number, status, amount_in_cents) VALUES (1, 1, 'initiated', 7000),"
    " (3, 1, 'initiated', 5000), (1, 2, 'initiated', 1250), (2, 2, 'initiated', 990), (3, 2, 'initiated', 1),"
    " (4, 2, 'initiated', 123456)",
    "INSERT INTO debt (profile_number, session_number, status, amount_in_cents, recovered_in_cents, refunded_in_cents)"
    " VALUES (5, 2, 'succeeded', 0, 0, 0), (6, 2, 'succeeded', 0, 0, 0)",
    "INSERT INTO exclusion (profile_number, session_number, reason, amount_in_cents, carried_to_session) VALUES"
    " (6, 2, 'no_mandate', 4500, 3), (5, 2, 'below_minimum', 99, 3)",
    "UPDATE session SET frozen_at = 1, digest = zeroblob(32) WHERE number < 3",
    "INSERT INTO bank_file (number, kind, session_number, version, msg_id, name, folder,"
    "  created_at, wanted_on, collect_on, collections, sum_in_cents, state, built_by, " HOME_FILE_COLUMNS
    ") VALUES"
    " (1, 'debit', 1, 1, '0badcafe-20260131-1-D1', 'SDD-20260131-1-20260210-1.xml',"
    "  'out/sepa/2026-02-10_20260131-1/v1', 1770170400000, '2026-02-10', '2026-02-10', 2, 12000, 'generated', 'nightly', " HOME_FILE_VALUES
    "),"
    " (2, 'debit', 2, 1, '0badcafe-20260228-1-D1', '" XML "',"
    "  '" FOLDER
    "', 1772589600000, '2026-03-10', '2026-03-11', 4, 125697, 'generated', 'nightly', " HOME_FILE_VALUES ")",
    "UPDATE bank_file SET remittance = CASE number WHEN 1 THEN 'Alan Pay 2026-01' ELSE 'Alan Pay 2026-02' END",
    "INSERT INTO bank_block (file_number, nth, payment_information_id, sequence_type, collections, sum_in_cents)"
    " SELECT number, 1, msg_id || '-1', 'RCUR', collections, sum_in_cents FROM bank_file",
    "INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number, presentation,"
    "  amount_in_cents, amended, live, state) VALUES"
    " ('a1', 1, 1, 1, 1, 1, 1, 7000, 0, 1, 'presented'), ('a3', 1, 1, 3, 1, 3, 1, 5000, 0, 1, 'presented'),"
    " ('b4-2', 2, 1, 4, 2, 5, 2, 123456, 0, 1, 'presented'), ('b3', 2, 1, 3, 2, 4, 1, 1, 1, 1, 'presented'),"
    " ('b1', 2, 1, 1, 2, 1, 1, 1250, 0, 1, 'presented'), ('b2', 2, 1, 2, 2, 2, 1, 990, 0, 1, 'presented')",
};

static void
make_world(struct run *r)
{
	struct store *db = r->db;
	size_t i;

	for (i = 0; i < LENGTH(world); i++)
		exec(sql(db, world[i]));
}

static void
save_sha256(FILE *in, const struct file_digest *p, void *ctx)
{
	struct run *r = ctx;
	struct stmt *q =
	    sql(r->db, "UPDATE bank_file SET sha256 = $sha256 WHERE number = 2 AND sha256 IS NULL");

	fclose(in);
	bind_blob(q, "$sha256", p->sha256, sizeof(p->sha256));
	exec(q);
}

static void
write_content(struct sink *s, void *ctx)
{
	(void)ctx;
	sink_text(s, CONTENT);
}

/* As make_bank_file does: the XML first, then the files beside it. */
static void
make_folder(struct run *r)
{
	struct publish_entry entries[1 + HANDOFF_FILES] = {{.name = XML,
	                                                    .kind = "bank_file",
	                                                    .owner = 2,
	                                                    .render = write_content,
	                                                    .ctx = r,
	                                                    .check = save_sha256}};
	struct bankfile f;
	struct handoff *h;

	tx_begin(r->db);
	assert_true(bankfile_load(r, 2, &f));
	h = handoff_open(r, &f);
	handoff_entries(h, entries + 1);
	assert_true(publish_folder(r, FOLDER, entries, 1 + HANDOFF_FILES, NULL, NULL));
	handoff_close(h);
	tx_commit(r->db);
	publish_place(r);
}

static struct run *
made(void **state)
{
	struct run *r = *state;

	make_world(r);
	make_folder(r);
	return r;
}

static void
handoff_lists_debits_for_programs(void **state)
{
	made(state);
	assert_string_equal(
	    home_read(FOLDER "/debits.csv"),
	    "end_to_end_id,debt_id,profile_id,app_id,app_user_id,debtor_name,debtor_iban_masked,unique_mandate_reference,"
	    "signature_date,sequence_type,amount_in_cents,requested_collection_date,remittance_information\n"
	    "b1," OURS
	    "04-000000000002,0badcafe-0100-8000-8000-000000000001,app,u1,Zo\xC3\xA9 & Fils,FR76***0189,RUM-1,"
	    "2025-01-02,RCUR,1250,2026-03-11,Alan Pay 2026-02\n"
	    "b2," OURS
	    "08-000000000002,0badcafe-0100-8000-8000-000000000002,app,=u2,\"=Bob; \"\"B\"\"\",FR76***0189,RUM-2,"
	    "2026-01-03,RCUR,990,2026-03-11,Alan Pay 2026-02\n"
	    "b3," OURS "0c-000000000002,0badcafe-0100-8000-8000-000000000003,app,u3,Carl,DE89***3000,RUM-3,"
	    "2025-01-04,RCUR,1,2026-03-11,Alan Pay 2026-02\n"
	    "b4-2," OURS
	    "10-000000000002,0badcafe-0100-8000-8000-000000000004,app,u4,D\x07na <b>,BE68***7034,RUM-4,"
	    "2025-01-05,RCUR,123456,2026-03-11,Alan Pay 2026-02\n");
}

static void
handoff_lists_debits_for_a_french_spreadsheet(void **state)
{
	made(state);
	assert_string_equal(
	    home_read(FOLDER "/debits.excel-fr.csv"),
	    "\xEF\xBB\xBF"
	    "end_to_end_id;debt_id;profile_id;app_id;app_user_id;debtor_name;debtor_iban_masked;unique_mandate_reference;"
	    "signature_date;sequence_type;amount;requested_collection_date;remittance_information\r\n"
	    "b1;" OURS
	    "04-000000000002;0badcafe-0100-8000-8000-000000000001;app;u1;Zo\xC3\xA9 & Fils;FR76***0189;RUM-1;"
	    "2025-01-02;RCUR;12,50;2026-03-11;Alan Pay 2026-02\r\n"
	    "b2;" OURS
	    "08-000000000002;0badcafe-0100-8000-8000-000000000002;app;'=u2;\"'=Bob; \"\"B\"\"\";FR76***0189;"
	    "RUM-2;2026-01-03;RCUR;9,90;2026-03-11;Alan Pay 2026-02\r\n"
	    "b3;" OURS "0c-000000000002;0badcafe-0100-8000-8000-000000000003;app;u3;Carl;DE89***3000;RUM-3;"
	    "2025-01-04;RCUR;0,01;2026-03-11;Alan Pay 2026-02\r\n"
	    "b4-2;" OURS
	    "10-000000000002;0badcafe-0100-8000-8000-000000000004;app;u4;D\x07na <b>;BE68***7034;RUM-4;"
	    "2025-01-05;RCUR;1234,56;2026-03-11;Alan Pay 2026-02\r\n");
}

static void
handoff_lists_excluded_debts(void **state)
{
	made(state);
	assert_string_equal(
	    home_read(FOLDER "/excluded.csv"),
	    "debt_id,profile_id,amount_in_cents,reason,carried_to_session_id,app_id,app_user_id,"
	    "carried_to_session\n" OURS
	    "14-000000000002,0badcafe-0100-8000-8000-000000000005,99,below_minimum,"
	    "0badcafe-0400-8000-8000-000000000003,app,u5,20260331-1\n" OURS
	    "18-000000000002,0badcafe-0100-8000-8000-000000000006,4500,no_mandate,"
	    "0badcafe-0400-8000-8000-000000000003,app,<u6>,20260331-1\n");
	assert_string_equal(home_read(FOLDER "/excluded.excel-fr.csv"),
	                    "\xEF\xBB\xBF"
	                    "debt_id;profile_id;amount;reason;carried_to_session_id;app_id;app_user_id;"
	                    "carried_to_session\r\n" OURS
	                    "14-000000000002;0badcafe-0100-8000-8000-000000000005;0,99;below_minimum;"
	                    "0badcafe-0400-8000-8000-000000000003;app;u5;20260331-1\r\n" OURS
	                    "18-000000000002;0badcafe-0100-8000-8000-000000000006;45,00;no_mandate;"
	                    "0badcafe-0400-8000-8000-000000000003;app;<u6>;20260331-1\r\n");
}

static void
handoff_hash_is_what_sha256sum_checks(void **state)
{
	unsigned char digest[SHA256_SIZE];
	char expected[160], hex[SHA256_TEXT];

	made(state);
	sha256(CONTENT, strlen(CONTENT), digest);
	snprintf(expected, sizeof(expected), "%s  %s\n", sha256_print(hex, digest), XML);
	assert_string_equal(home_read(FOLDER "/" XML ".sha256"), expected);
	assert_string_equal(home_read(FOLDER "/" XML), CONTENT);
}

static const struct json_value *
must(const struct json_value *object, const char *path)
{
	const struct json_value *found = json_at(object, path);

	if (found == NULL)
		fail_msg("the manifest has no %s", path);
	return found;
}

static int
count(const struct json_value *list)
{
	int n = 0;

	json_each (item, list)
		n++;
	return n;
}

static struct json_value *
read_manifest(void)
{
	const char *text = home_read(FOLDER "/manifest.json");
	struct err e = {0};
	struct json_value *manifest;

	assert_non_null(text);
	manifest = json_parse(text, strlen(text), &e);
	if (manifest == NULL)
		fail_msg("manifest.json:%ld: %s", e.line, e.message);
	return manifest;
}

static void
handoff_manifest_names_every_file_with_its_hash(void **state)
{
	static const char *const names[] = {XML,
	                                    XML ".sha256",
	                                    "report.html",
	                                    "debits.csv",
	                                    "debits.excel-fr.csv",
	                                    "excluded.csv",
	                                    "excluded.excel-fr.csv"};
	struct json_value *manifest;
	size_t i = 0;

	made(state);
	manifest = read_manifest();
	json_each (file, must(manifest, "files")) {
		unsigned char digest[SHA256_SIZE];
		char path[256], hex[SHA256_TEXT];
		int64_t size;

		assert_true(i < LENGTH(names));
		assert_string_equal(must(file, "name")->text, names[i++]);
		snprintf(path, sizeof(path), FOLDER "/%s", must(file, "name")->text);
		assert_true(durable_digest(path, digest, &size));
		assert_string_equal(must(file, "sha256")->text, sha256_print(hex, digest));
		assert_int_equal(must(file, "size")->number, size);
	}
	assert_int_equal(i, LENGTH(names));
	assert_int_equal(home_names_in(FOLDER), i + 1);
	json_free(manifest);
}

static void
handoff_manifest_has_the_totals_and_those_of_the_last_session(void **state)
{
	static const struct {
		const char *path, *text;
		int number;
	} expected[] = {
	    {"session.id", "0badcafe-0400-8000-8000-000000000002", 0},
	    {"session.code", "20260228-1", 0},
	    {"session.recovery_date", "2026-03-10", 0},
	    {"version", NULL, 1},
	    {"msg_id", "0badcafe-20260228-1-D1", 0},
	    {"totals.count", NULL, 4},
	    {"totals.sum_in_cents", NULL, 125697},
	    {"creditor.name", "Alan SA", 0},
	    {"creditor.identifier", "FR72ZZZ123456", 0},
	    {"creditor.iban_masked", "FR76***0189", 0},
	    {"previous_session.code", "20260131-1", 0},
	    {"previous_session.count", NULL, 2},
	    {"previous_session.sum_in_cents", NULL, 12000},
	};
	const struct json_value *block;
	struct json_value *manifest;
	size_t i;

	made(state);
	manifest = read_manifest();
	for (i = 0; i < LENGTH(expected); i++)
		if (expected[i].text != NULL)
			assert_string_equal(must(manifest, expected[i].path)->text, expected[i].text);
		else
			assert_int_equal(must(manifest, expected[i].path)->number, expected[i].number);
	assert_int_equal(count(must(manifest, "payment_information")), 1);
	block = must(manifest, "payment_information")->child;
	assert_string_equal(must(block, "id")->text, "0badcafe-20260228-1-D1-1");
	assert_string_equal(must(block, "requested_collection_date")->text, "2026-03-11");
	assert_int_equal(must(block, "sum_in_cents")->number, 125697);
	json_free(manifest);
}

static void
handoff_manifest_counts_anomalies(void **state)
{
	static const struct {
		const char *code;
		int count;
	} expected[] = {{"amount_far_above_average", 1},
	                {"iban_of_several_members", 2},
	                {"new_mandate", 2},
	                {"amended_mandate", 1},
	                {"presented_again", 1},
	                {"collection_date_moved", 1},
	                {"total_changed", 1}};
	struct json_value *manifest;
	size_t i = 0;

	made(state);
	manifest = read_manifest();
	json_each (anomaly, must(manifest, "anomalies")) {
		assert_true(i < LENGTH(expected));
		assert_string_equal(must(anomaly, "code")->text, expected[i].code);
		assert_int_equal(must(anomaly, "count")->number, expected[i].count);
		assert_true(must(anomaly, "message")->text[0] != '\0');
		i++;
	}
	assert_int_equal(i, LENGTH(expected));
	json_free(manifest);
}

static void
handoff_has_no_last_session_before_the_first(void **state)
{
	struct run *r = *state;
	struct json_value *manifest;

	make_world(r);
	home_exec(
	    r,
	    "UPDATE bank_file SET state = 'cancelled', cancelled_by = 'a', cancelled_at = 0, cancel_why = 'w', sha256 = zeroblob(32) WHERE number = 1");
	make_folder(r);
	manifest = read_manifest();
	assert_null(json_at(manifest, "previous_session"));
	assert_int_equal(count(must(manifest, "anomalies")), 6);
	json_free(manifest);
}

static int
ignore(void *ctx, const char *path, struct xml_reader *x, struct err *e)
{
	(void)ctx, (void)path, (void)x, (void)e;
	return 0;
}

static int
ignore_end(void *ctx, const char *path, const char *text, struct err *e)
{
	(void)ctx, (void)path, (void)text, (void)e;
	return 0;
}

static void
handoff_report_is_well_formed_after_its_doctype(void **state)
{
	struct xml_reader x = {.begin = ignore, .end = ignore_end};
	char line[64];
	struct err e = {0};
	FILE *in, *rest;
	int c;

	made(state);
	in = fopen(FOLDER "/report.html", "r");
	assert_non_null(in);
	assert_non_null(fgets(line, sizeof(line), in));
	assert_string_equal(line, "<!DOCTYPE html>\n");
	rest = tmpfile();
	assert_non_null(rest);
	while ((c = getc(in)) != EOF)
		putc(c, rest);
	fclose(in);
	rewind(rest);
	if (xml_read(rest, 0, &x, &e) < 0)
		fail_msg("report.html:%ld: %s", e.line, e.message);
	fclose(rest);
}

static void
handoff_report_says_what_finance_checks(void **state)
{
	static const char *const expected[] = {
	    "4 debits, 1\xC2\xA0"
	    "256,97\xC2\xA0"
	    "EUR, due on Wednesday 11 March 2026",
	    "Upload before Monday 9 March 2026, 11:30 Paris time",
	    "0badcafe-20260228-1-D1-1",
	    "no mandate was declared",
	    "Zo\xC3\xA9 &amp; Fils",
	    "D\xEF\xBF\xBDna &lt;b&gt;",
	    "&lt;u6&gt;",
	    "The total is 947 % higher than in session 20260131-1",
	    "FR76***0189",
	};
	const char *page;
	size_t i;

	made(state);
	page = home_read(FOLDER "/report.html");
	for (i = 0; i < LENGTH(expected); i++)
		if (strstr(page, expected[i]) == NULL)
			fail_msg("the report does not say: %s", expected[i]);
	assert_null(strstr(page, "<script"));
	assert_null(strstr(page, "http"));
}

/* A change above the largest percentage is shown as that one "or more". */
static void
report_limits_a_very_large_change(void **state)
{
	static const struct {
		cents before, now;
		int change;
	} cases[] = {{1, 30000000, 9999}, {100, 10098, 9998},           {100, 10099, 9999},
	             {100, 10100, 9999},  {100, 20000, 9999},           {100, 50, -50},
	             {30000000, 1, -99},  {1, 99999999999999999, 9999}, {100, 100, 0}};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++)
		assert_int_equal(review_change_percent(&(struct review){.version_sum = cases[i].now,
		                                                        .previous.sum = cases[i].before}),
		                 cases[i].change);
	make_world(r);
	home_exec(r, "UPDATE bank_file SET sum_in_cents = 1 WHERE number = 1");
	make_folder(r);
	assert_non_null(strstr(home_read(FOLDER "/report.html"), "(+9999 % or more)"));
	assert_non_null(strstr(home_read(FOLDER "/report.html"), "The total is 9999 % or more higher than"));
}

static void
handoff_shows_no_iban_in_full(void **state)
{
	static const char *const names[] = {"report.html",  "debits.csv",    "debits.excel-fr.csv",
	                                    "excluded.csv", "manifest.json", XML ".sha256"};
	static const char *const ibans[] = {"30006000011234567890189", "370400440532013000", "539007547034"};
	char path[256];
	size_t i, k;

	made(state);
	for (i = 0; i < LENGTH(names); i++)
		for (k = 0; k < LENGTH(ibans); k++) {
			snprintf(path, sizeof(path), FOLDER "/%s", names[i]);
			if (strstr(home_read(path), ibans[k]) != NULL)
				fail_msg("%s holds an IBAN", names[i]);
		}
}

static void
handoff_without_anomalies_says_none(void **state)
{
	struct run *r = *state;

	make_world(r);
	home_exec(r, "DELETE FROM collection WHERE end_to_end_id <> 'b1' AND file_number = 2");
	home_exec(r, "DELETE FROM exclusion");
	home_exec(
	    r,
	    "UPDATE bank_file SET collections = 1, sum_in_cents = 1250, collect_on = '2026-03-10' WHERE number = 2");
	home_exec(r, "UPDATE bank_file SET sum_in_cents = 1200 WHERE number = 1");
	make_folder(r);
	assert_non_null(strstr(home_read(FOLDER "/report.html"), "None."));
	assert_non_null(strstr(home_read(FOLDER "/report.html"), "1 debit, 12,50"));
	assert_non_null(strstr(home_read(FOLDER "/report.html"),
	                       "None: every debt of the session is collected or refunded."));
	assert_non_null(strstr(home_read(FOLDER "/report.html"), "Upload before Friday 6 March 2026"));
}

static void
handoff_rendered_twice_has_the_same_bytes(void **state)
{
	unsigned char first[SHA256_SIZE], second[SHA256_SIZE];
	struct run *r = made(state);

	assert_true(durable_digest(FOLDER "/manifest.json", first, NULL));
	home_remove(FOLDER);
	home_exec(r, "DELETE FROM artifact");
	r->now += 86400000;
	r->on += 1;
	make_folder(r);
	assert_true(durable_digest(FOLDER "/manifest.json", second, NULL));
	assert_memory_equal(first, second, SHA256_SIZE);
}

static void
handoff_rehearsed_leaves_nothing(void **state)
{
	struct run *r = *state;

	make_world(r);
	home_rehearse(r);
	make_folder(r);
	assert_false(home_has("out/sepa"));
	home_reopen(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM artifact"), 0);
}

/* b1 is rejected by a status, b2 returned in time with a fee, b3 late, b4-2 with a reason that is not in the table. */
static const char *const answers[] = {
    "UPDATE collection SET live = 0, state = 'rejected', failed_on = '2026-03-09', reason = 'AC04' WHERE end_to_end_id = 'b1'",
    "UPDATE collection SET live = 0, state = 'returned', booked_on = '2026-03-11', failed_on = '2026-03-18', reason = 'AM04',"
    " fee_in_cents = 350 WHERE end_to_end_id = 'b2'",
    "UPDATE collection SET live = 0, state = 'returned', booked_on = '2026-03-11', failed_on = '2026-03-19', reason = 'MD06'"
    " WHERE end_to_end_id = 'b3'",
    "UPDATE collection SET live = 0, state = 'returned', booked_on = '2026-03-11', failed_on = '2026-03-19', reason = 'ZZ99'"
    " WHERE end_to_end_id = 'b4-2'",
    "INSERT INTO input (number, kind, name, sha256, size, state, kept_at, received_on) VALUES"
    " (1, 'bank', 'pain002.xml', zeroblob(32), 0, 'applied', 'archive/1', '2026-03-09'),"
    " (2, 'bank', 'camt054.xml', randomblob(32), 0, 'applied', 'archive/2', '2026-03-18')",
    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated, of_others, input_number) VALUES"
    " (1, 'pain.002', 's', 1, 0, 1, 0, 0, 1), (2, 'camt.054', 'c', 1, 0, 2, 0, 0, 2)",
    "INSERT INTO bank_entry (number, message_number, nth, line, kind, level, status, collection, event_on, fingerprint,"
    "  occurrence, message_kind, state) VALUES"
    " (1, 1, 1, 1, 'status', 'debit', 'RJCT', 'b1', '2026-03-09', zeroblob(32), 1, 'camt.054', 'applied'),"
    " (2, 2, 1, 1, 'credit', NULL, NULL, 'b2', '2026-03-18', zeroblob(32), 2, 'camt.054', 'applied'),"
    " (3, 2, 1, 2, 'return', NULL, NULL, 'b2', '2026-03-18', zeroblob(32), 3, 'camt.054', 'applied'),"
    " (4, 2, 1, 3, 'return', NULL, NULL, 'b3', '2026-03-19', zeroblob(32), 4, 'camt.054', 'held')",
};

static void
returns_have_amount_reason_and_next_step(void **state)
{
	struct run *r = made(state);
	size_t i;

	sessionview_refresh(r);
	assert_false(home_has(SESSION "/returns.csv"));
	for (i = 0; i < LENGTH(answers); i++)
		exec(sql(r->db, answers[i]));
	sessionview_refresh(r);
	assert_string_equal(
	    home_read(SESSION "/returns.csv"),
	    "end_to_end_id,debt_id,amount_in_cents,kind,reason_code,label,action,bank_fee_in_cents,booking_date,"
	    "source_file,late,debit_or_refund,app_id,app_user_id,debtor_name,msg_id\n"
	    "b1," OURS
	    "04-000000000002,1250,reject,AC04,Account closed,block mandate; ask the member for another account:"
	    " an amendment or a new mandate,,2026-03-09,pain002.xml,false,debit,app,u1,Zo\xC3\xA9 & Fils,0badcafe-20260228-1-D1\n"
	    "b2," OURS
	    "08-000000000002,990,return,AM04,Insufficient funds,keep mandate; present again at most twice after a new notice,350,2026-03-18,camt054.xml,false,debit,app,=u2,\"=Bob; \"\"B\"\"\",0badcafe-20260228-1-D1\n"
	    "b3," OURS
	    "0c-000000000002,1,return,MD06,Refund asked by the debtor within eight weeks,suspend mandate; never present again unasked; contact the member,,2026-03-19,,true,debit,app,u3,Carl,0badcafe-20260228-1-D1\n"
	    "b4-2," OURS
	    "10-000000000002,123456,return,ZZ99,,suspend mandate; ask the bank what the reason means,,2026-03-19,,true,debit,app,u4,D\x07na <b>,0badcafe-20260228-1-D1\n");
	assert_non_null(strstr(
	    home_read(SESSION "/returns.excel-fr.csv"),
	    "b2;" OURS
	    "08-000000000002;9,90;return;AM04;Insufficient funds;\"keep mandate; present again at most twice after a new notice\";3,50;2026-03-18;camt054.xml;false;debit;app;'=u2;\"'=Bob; \"\"B\"\"\";0badcafe-20260228-1-D1\r\n"));
	assert_int_equal(strncmp(home_read(SESSION "/returns.excel-fr.csv"),
	                         "\xEF\xBB\xBF"
	                         "end_to_end_id;",
	                         17),
	                 0);
}

#define WITH_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_HOME(handoff_lists_debits_for_programs),
	    WITH_HOME(handoff_lists_debits_for_a_french_spreadsheet),
	    WITH_HOME(handoff_lists_excluded_debts),
	    WITH_HOME(handoff_hash_is_what_sha256sum_checks),
	    WITH_HOME(handoff_manifest_names_every_file_with_its_hash),
	    WITH_HOME(handoff_manifest_has_the_totals_and_those_of_the_last_session),
	    WITH_HOME(handoff_manifest_counts_anomalies),
	    WITH_HOME(handoff_has_no_last_session_before_the_first),
	    WITH_HOME(handoff_report_is_well_formed_after_its_doctype),
	    WITH_HOME(handoff_report_says_what_finance_checks),
	    WITH_HOME(report_limits_a_very_large_change),
	    WITH_HOME(handoff_shows_no_iban_in_full),
	    WITH_HOME(handoff_without_anomalies_says_none),
	    WITH_HOME(handoff_rendered_twice_has_the_same_bytes),
	    WITH_HOME(handoff_rehearsed_leaves_nothing),
	    WITH_HOME(returns_have_amount_reason_and_next_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
