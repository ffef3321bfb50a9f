/* terms: a bank file keeps what it was made with; first debits have a block of their own; a creditor that changed is announced. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/terms.h"

#define FOLDER "out/sepa/2026-03-10_20260228-1/v1/"
#define XML    FOLDER "SDD-20260228-1-20260310-1.xml"
#define NEXT   "out/sepa/2026-04-10_20260331-1/"

static void
configure(struct run *r, const char *text)
{
	config_free(r->config);
	r->config = home_config(text);
}

static void
configure_more(struct run *r, const char *more)
{
	char text[1024];

	assert_true(snprintf(text, sizeof(text), "%s%s", HOME_CONFIG, more) < (int)sizeof(text));
	configure(r, text);
}

static struct run *
made(void **state, const char *more)
{
	struct run *r = *state;

	configure_more(r, more);
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	return r;
}

static void
terms_have_the_text_of_the_statement(void **state)
{
	static const struct {
		const char *config, *text;
	} cases[] = {{"", "Alan Pay 2026-02"},
	             {"[recovery]\nremittance = {period}: Alan Pay\n", "2026-02: Alan Pay"},
	             {"[recovery]\nremittance = Alan\xC3\xA9 & co\n", "Alane + co"}};
	struct run *r = *state;
	struct terms t;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		configure_more(r, cases[i].config);
		terms_of_now(r, 1, &t);
		assert_string_equal(t.remittance, cases[i].text);
	}
}

static void
terms_stay_with_the_file(void **state)
{
	struct run *r = made(state, "[bank]\npain_version = 02\nbatch_booking = yes\npurpose = HLTI\n"
	                            "[recovery]\nremittance = Card {period}\n");
	char before[16384];
	struct terms t;

	snprintf(before, sizeof(before), "%.16000s", home_read(XML));
	assert_non_null(strstr(before, "pain.008.001.02\""));
	assert_non_null(strstr(before, "<BtchBookg>true</BtchBookg>"));
	assert_non_null(strstr(before, "<Purp><Cd>HLTI</Cd></Purp><RmtInf><Ustrd>Card 2026-02</Ustrd>"));
	configure(r, "[creditor]\nname = Other SA\nidentifier = DE98ZZZ09999999999\n"
	             "iban = DE89370400440532013000\n[environment]\nname = test\n");
	terms_load(r, 1, &t);
	assert_int_equal(t.version, PAIN_2009);
	assert_string_equal(terms_message(&t, COLLECTION_DEBIT), "pain.008.001.02");
	assert_string_equal(terms_message(&t, COLLECTION_REFUND), "pain.001.001.03");
	assert_string_equal(t.creditor_name, "Alan SA");
	assert_string_equal(t.cutoff, "11:30");
	home_remove(XML);
	make_restore(r);
	assert_string_equal(home_read(XML), before);
}

static void
the_report_is_made_once_more_with_the_settings_of_its_file(void **state)
{
	struct run *r = made(state, "");
	char before[32768];

	snprintf(before, sizeof(before), "%.32000s", home_read(FOLDER "report.html"));
	assert_non_null(strstr(before, "2 approvals, not by"));
	configure(r,
	          "[creditor]\nname = Other SA\nidentifier = DE98ZZZ09999999999\n"
	          "iban = DE89370400440532013000\nbic = COBADEFF\n[environment]\nname = test\n"
	          "[bank]\ncutoff = 09:15\nlead_target_days = 5\naddress = none\n[release]\napprovals = 1\n");
	home_remove(FOLDER "report.html");
	make_restore(r);
	assert_string_equal(home_read(FOLDER "report.html"), before);
}

/* The bank's answers to the debits of February: booked, rejected, booked and returned. */
static void
answer(struct run *r)
{
	date on = frozen_day("2026-03-10");
	struct collection c;

	tx_begin(r->db);
	home_exec(r, "UPDATE bank_file SET state = 'uploaded', released_by = 'a', released_at = 0");
	assert_true(collection_load(r, FROZEN_ID("4"), &c));
	collection_book(r, &c, on, 1, 1);
	assert_true(collection_load(r, FROZEN_ID("8"), &c));
	collection_reject(r, &c, "AM04", on, 1, 1);
	assert_true(collection_load(r, FROZEN_ID("c"), &c));
	collection_book(r, &c, on, 1, 1);
	assert_true(collection_load(r, FROZEN_ID("c"), &c));
	collection_return(r, &c, "AM04", on, 0, 1, 1);
	frozen_spend(r, 1, 700, "march");
	debt_assign(r);
	tx_commit(r->db);
	frozen_at(r, "2026-04-04T02:30:00Z");
	frozen_freeze(r, 2);
}

#define BLOCKS                                                                                               \
	"SELECT b.payment_information_id || ' ' || b.sequence_type || ' ' || b.collections || ' ' || f.part" \
	" FROM bank_block b JOIN bank_file f ON f.number = b.file_number ORDER BY f.number, b.nth"
#define SEQUENCES_OF                                                              \
	"SELECT c.profile_number || ' ' || b.sequence_type FROM collection c"     \
	" JOIN bank_block b ON b.file_number = c.file_number AND b.nth = c.block" \
	" WHERE c.session_number = 2 ORDER BY c.profile_number"

static void
first_debits_are_in_a_block_of_their_own(void **state)
{
	struct run *r = made(state, "[bank]\nsequence_first = FRST\n");
	const char *xml;

	assert_string_equal(frozen_list(r, BLOCKS), "0badcafe-20260228-1-D1-1 FRST 3 1;");
	answer(r);
	assert_true(make_bank_file(r, 2, COLLECTION_DEBIT));
	assert_string_equal(frozen_list(r, BLOCKS),
	                    "0badcafe-20260228-1-D1-1 FRST 3 1;0badcafe-20260331-1-D1-1 FRST 1 1;"
	                    "0badcafe-20260331-1-D1-2 RCUR 2 1;");
	assert_string_equal(frozen_list(r, SEQUENCES_OF), "1 RCUR;2 FRST;3 RCUR;");
	xml = home_read(NEXT "v1/SDD-20260331-1-20260410-1.xml");
	assert_non_null(xml);
	assert_non_null(strstr(xml, "<NbOfTxs>3</NbOfTxs><CtrlSum>116.90</CtrlSum><InitgPty>"));
	assert_non_null(strstr(xml, "<NbOfTxs>1</NbOfTxs><CtrlSum>9.90</CtrlSum>"));
	assert_non_null(strstr(xml, "<NbOfTxs>2</NbOfTxs><CtrlSum>107.00</CtrlSum>"));
	frozen_check_identity(r);
}

static void
each_block_has_a_file_where_the_bank_wants_it(void **state)
{
	struct run *r = made(state, "[bank]\nsequence_first = FRST\none_block_per_file = yes\n");

	assert_string_equal(frozen_list(r, BLOCKS), "0badcafe-20260228-1-D1-1 FRST 3 1;");
	answer(r);
	assert_true(make_bank_file(r, 2, COLLECTION_DEBIT));
	assert_string_equal(frozen_list(r, BLOCKS),
	                    "0badcafe-20260228-1-D1-1 FRST 3 1;0badcafe-20260331-1-D1.1-1 FRST 1 1;"
	                    "0badcafe-20260331-1-D1.2-1 RCUR 2 2;");
	assert_true(home_has(NEXT "v1.1/SDD-20260331-1-20260410-1.1.xml"));
	assert_true(home_has(NEXT "v1.2/SDD-20260331-1-20260410-1.2.xml"));
}

static struct bankfile
find(struct run *r, const char *msg_id)
{
	struct bankfile f;

	assert_true(bankfile_find_msg_id(r, msg_id, &f));
	return f;
}

static void
restore(struct run *r, const char *path)
{
	char before[32768];

	assert_true(home_has(path));
	snprintf(before, sizeof(before), "%.32000s", home_read(path));
	home_remove(path);
	make_restore(r);
	assert_string_equal(home_read(path), before);
}

#define LIVE                                                           \
	"SELECT c.profile_number || ' ' || f.msg_id FROM collection c" \
	" JOIN bank_file f ON f.number = c.file_number"                \
	" WHERE c.session_number = 2 AND c.live = 1 ORDER BY c.profile_number"
#define PARTS                                                               \
	"SELECT msg_id || ' ' || part || ' ' || collections FROM bank_file" \
	" WHERE session_number = 2 ORDER BY number"

/* Each part ends alone: the next version has only its debits, and takes its place beside the other part. */
static void
the_next_version_of_a_part_has_its_debits_alone(void **state)
{
	struct run *r = made(state, "[bank]\nsequence_first = FRST\none_block_per_file = yes\n");
	struct bankfile f;

	answer(r);
	assert_true(make_bank_file(r, 2, COLLECTION_DEBIT));
	f = find(r, "0badcafe-20260331-1-D1.1");
	frozen_at(r, "2026-04-04T08:00:00Z");
	bankfile_cancel(r, &f, "wrong");
	frozen_at(r, "2026-04-05T02:30:00Z");
	assert_true(make_bank_file(r, 2, COLLECTION_DEBIT));
	assert_false(make_bank_file(r, 2, COLLECTION_DEBIT));
	assert_string_equal(frozen_list(r, LIVE), "1 0badcafe-20260331-1-D1.2;2 0badcafe-20260331-1-D2;"
	                                          "3 0badcafe-20260331-1-D1.2;");
	f = find(r, "0badcafe-20260331-1-D1.2");
	frozen_at(r, "2026-04-05T08:00:00Z");
	bankfile_cancel(r, &f, "wrong too");
	restore(r,
	        NEXT "v2/manifest.json"); /* its total is compared with the part that stood beside it then */
	frozen_at(r, "2026-04-06T02:30:00Z");
	assert_true(make_bank_file(r, 2, COLLECTION_DEBIT));
	assert_false(make_bank_file(r, 2, COLLECTION_DEBIT));
	assert_string_equal(frozen_list(r, LIVE), "1 0badcafe-20260331-1-D3;2 0badcafe-20260331-1-D2;"
	                                          "3 0badcafe-20260331-1-D3;");
	assert_string_equal(frozen_list(r, PARTS),
	                    "0badcafe-20260331-1-D1.1 1 1;0badcafe-20260331-1-D1.2 2 2;"
	                    "0badcafe-20260331-1-D2 1 1;0badcafe-20260331-1-D3 2 2;");
	restore(r, NEXT "v1.2/report.html");
	restore(r, NEXT "v2/report.html");
	restore(r, NEXT "v3/SDD-20260331-1-20260410-3.xml");
	frozen_check_identity(r);
}

static void
a_creditor_that_changed_is_announced_until_it_went_through(void **state)
{
	struct run *r = made(state, "");
	const char *xml, *at;
	int64_t n = 0;

	answer(r);
	configure(r, "[creditor]\nname = Alan Pay SA\nidentifier = DE98ZZZ09999999999\n"
	             "iban = FR7630006000011234567890189\n[environment]\nname = test\n");
	assert_true(make_bank_file(r, 2, COLLECTION_DEBIT));
	xml = home_read(NEXT "v1/SDD-20260331-1-20260410-1.xml");
	assert_non_null(xml);
	for (at = xml;
	     (at = strstr(at, "<AmdmntInd>true</AmdmntInd><AmdmntInfDtls><OrgnlCdtrSchmeId><Nm>Alan SA</Nm>"
	                      "<Id><PrvtId><Othr><Id>FR72ZZZ123456</Id>")) != NULL;
	     at++)
		n++;
	assert_int_equal(n, 2); /* the debit of member 2 was rejected: the bank knows no creditor for it */
	assert_non_null(strstr(xml, "<AmdmntInd>false</AmdmntInd>"));
	assert_string_equal(
	    frozen_list(r, "SELECT profile_number || coalesce(' ' || original_creditor_identifier, '')"
	                   " FROM collection WHERE session_number = 2 ORDER BY profile_number"),
	    "1 FR72ZZZ123456;2;3 FR72ZZZ123456;");
}

static void
a_business_code_is_no_other_creditor(void **state)
{
	struct run *r = made(state, "");

	answer(r);
	configure(r, "[creditor]\nname = Alan SA\nidentifier = FR72AAA123456\n"
	             "iban = FR7630006000011234567890189\n[environment]\nname = test\n");
	assert_true(make_bank_file(r, 2, COLLECTION_DEBIT));
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM collection WHERE original_creditor_identifier IS NOT NULL"
	                   " OR original_creditor_name IS NOT NULL"),
	    0);
}

static void
declare_swiss(struct run *r)
{
	struct mandate m = {.reference = "RUM-4",
	                    .debtor_name = "Ada",
	                    .country = "CHE",
	                    .signed_on = frozen_day("2026-01-02"),
	                    .bic = "UBSWCHZH80A",
	                    .street = "Bahnhofstrasse",
	                    .building = "12",
	                    .postcode = "8001",
	                    .town = "Z\xC3\xBCrich",
	                    .ultimate_debtor = "L\xC3\xA9o"};
	struct err e = {0};

	assert_int_equal(iban_parse("CH9300762011623852957", &m.iban, &e), 0);
	assert_int_equal(mandate_declare(r, 1, &m, 1, 1, &e), 0);
}

static void
an_account_outside_the_eea_has_its_address(void **state)
{
	struct run *r = *state;
	const char *xml;

	declare_swiss(r);
	made(state, "");
	xml = home_read(XML);
	assert_non_null(strstr(
	    xml, "<DbtrAgt><FinInstnId><BICFI>UBSWCHZH80A</BICFI></FinInstnId></DbtrAgt><Dbtr><Nm>Ada</Nm>"
		 "<PstlAdr><StrtNm>Bahnhofstrasse</StrtNm><BldgNb>12</BldgNb><PstCd>8001</PstCd>"
		 "<TwnNm>Zurich</TwnNm><Ctry>CH</Ctry></PstlAdr></Dbtr>"));
	assert_non_null(strstr(xml, "<UltmtDbtr><Nm>Leo</Nm></UltmtDbtr>"));
	assert_int_equal(home_number(r, "SELECT count(*) FROM collection"), 3);
}

static void
a_hybrid_address_has_the_street_in_a_line(void **state)
{
	declare_swiss(*state);
	made(state, "[bank]\naddress = hybrid\n");
	assert_non_null(strstr(home_read(XML),
	                       "<PstlAdr><PstCd>8001</PstCd><TwnNm>Zurich</TwnNm><Ctry>CH</Ctry>"
	                       "<AdrLine>Bahnhofstrasse 12</AdrLine></PstlAdr>"));
}

static void
an_account_outside_the_eea_is_not_debited_without_addresses(void **state)
{
	struct run *r;

	declare_swiss(*state);
	r = made(state, "[bank]\naddress = none\n");
	assert_int_equal(home_number(r, "SELECT count(*) FROM collection"), 2);
	assert_string_equal(frozen_list(r, "SELECT failure FROM debt WHERE status = 'failed'"), "mandate;");
	frozen_check_identity(r);
}

#define FROZEN(test) cmocka_unit_test_setup_teardown(test, frozen_open, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    FROZEN(terms_have_the_text_of_the_statement),
	    FROZEN(terms_stay_with_the_file),
	    FROZEN(the_report_is_made_once_more_with_the_settings_of_its_file),
	    FROZEN(first_debits_are_in_a_block_of_their_own),
	    FROZEN(each_block_has_a_file_where_the_bank_wants_it),
	    FROZEN(the_next_version_of_a_part_has_its_debits_alone),
	    FROZEN(a_creditor_that_changed_is_announced_until_it_went_through),
	    FROZEN(a_business_code_is_no_other_creditor),
	    FROZEN(an_account_outside_the_eea_has_its_address),
	    FROZEN(a_hybrid_address_has_the_street_in_a_line),
	    FROZEN(an_account_outside_the_eea_is_not_debited_without_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
