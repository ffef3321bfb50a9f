/* test_pain001: the bytes written, what is refused, and the gate: our schema, the ISO one, the German banks'.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "formats/length.h"
#include "formats/pain001.h"
#include "tests/pain.h"

struct sample { /* one file with one block of two transfers, to be changed by a test before it is written */
	struct pain_file file;
	struct pain_block block;
	struct pain001_transfer transfer[2];
};

static struct sample
good_sample(void)
{
	static const instant march = INT64_C(1772591400000); /* 2026-03-04T02:30:00Z */
	return (struct sample){
	    .file = {PAIN_2019, "SCT-20260228-1-1", march, 2, 123457, "Alan SA"},
	    .block =
		{
		    .payment_information_id = "SCT-20260228-1-1-A",
		    .booking = BOOKING_SINGLE,
		    .count = 2,
		    .sum = 123457,
		    .on = date_of(2026, 3, 9),
		    .name = "Alan SA",
		    .iban = &french,
		    .bic = "AGRIFRPPXXX",
		},
	    .transfer =
		{
		    {.end_to_end_id = "0123456789abcdef0123456789abcdef",
	             .amount = 123456,
	             .creditor_name = "Ren\xC3\xA9 L'H\xC3\xA9ritier & fils",
	             .creditor_iban = &german,
	             .remittance = "Alan Pay/f\xC3\xA9vrier 2026"},
		    {.end_to_end_id = "E2E/2",
	             .amount = 1,
	             .creditor_name = "Zo\xC3\xAB",
	             .creditor_iban = &french},
		},
	};
}

static int
write_sample(const struct sample *m, struct bytes *b, struct err *e)
{
	*b = (struct bytes){0};
	*e = (struct err){0};
	struct sink *s = sink_new(keep, b);
	struct pain *p = pain001_open(s, &m->file);
	pain001_block(p, &m->block);
	for (size_t i = 0; i < LENGTH(m->transfer); i++)
		pain001_transfer(p, &m->transfer[i]);
	int rc = pain_close(p, e);
	assert_int_equal(sink_end(s, NULL, NULL), rc);
	return rc;
}

static int
validate_as(const char *text, enum pain_version version, struct err *e)
{
	FILE *f = open_text(text);
	int rc = pain001_validate(f, version, e);
	fclose(f);
	return rc;
}

static int
validate(const char *text, struct err *e)
{
	return validate_as(text, PAIN_2019, e);
}

static const struct iban swiss = {"CH9300762011623852957"};

/* Everything that a transfer may have. */
static struct sample
full_sample(enum pain_version version)
{
	static const struct pain_address address = {"Bahnhofstrasse", "12 b", "8001",
	                                            "Z\xC3\xBCrich",  "CH",   {NULL, NULL}};
	struct sample m = good_sample();

	m.file.version = version;
	m.transfer[1].creditor_iban = &swiss;
	m.transfer[1].creditor_bic = "UBSWCHZH80A";
	m.transfer[1].creditor_address = &address;
	return m;
}

static void
pain001_writes_both_versions(void **state)
{
	static const char tail[] =
	    "<CdtrAgt><FinInstnId><%s>UBSWCHZH80A</%s></FinInstnId></CdtrAgt><Cdtr><Nm>Zoe</Nm><PstlAdr>"
	    "<StrtNm>Bahnhofstrasse</StrtNm><BldgNb>12 b</BldgNb><PstCd>8001</PstCd><TwnNm>Zurich</TwnNm><Ctry>CH</Ctry>"
	    "</PstlAdr></Cdtr><CdtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></CdtrAcct></CdtTrfTxInf>"
	    "</PmtInf></CstmrCdtTrfInitn></Document>\n";
	static struct bytes b;
	char end[1024];
	struct err e;
	int version;

	(void)state;
	for (version = PAIN_2019; version <= PAIN_2009; version++) {
		const char *bic = version == PAIN_2009 ? "BIC" : "BICFI";
		struct sample m = full_sample((enum pain_version)version);

		snprintf(end, sizeof(end), tail, bic, bic);
		assert_int_equal(write_sample(&m, &b, &e), 0);
		if (validate_as(b.at, (enum pain_version)version, &e) < 0)
			fail_msg("%s", e.message);
		assert_int_equal(validate_as(b.at, version == PAIN_2009 ? PAIN_2019 : PAIN_2009, &e), -1);
		assert_string_equal(b.at + b.length - strlen(end), end);
		assert_non_null(strstr(b.at, version == PAIN_2009
		                                 ? "<ReqdExctnDt>2026-03-09</ReqdExctnDt>"
		                                 : "<ReqdExctnDt><Dt>2026-03-09</Dt></ReqdExctnDt>"));
	}
}

static void
pain001_writes_these_bytes_and_the_same_twice(void **state)
{
	(void)state;
	static const char expected[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><CstmrCdtTrfInitn><GrpHdr>"
	    "<MsgId>SCT-20260228-1-1</MsgId><CreDtTm>2026-03-04T03:30:00</CreDtTm><NbOfTxs>2</NbOfTxs>"
	    "<CtrlSum>1234.57</CtrlSum><InitgPty><Nm>Alan SA</Nm></InitgPty></GrpHdr>"
	    "<PmtInf><PmtInfId>SCT-20260228-1-1-A</PmtInfId><PmtMtd>TRF</PmtMtd><BtchBookg>false</BtchBookg>"
	    "<NbOfTxs>2</NbOfTxs><CtrlSum>1234.57</CtrlSum><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl>"
	    "</PmtTpInf><ReqdExctnDt><Dt>2026-03-09</Dt></ReqdExctnDt><Dbtr><Nm>Alan SA</Nm></Dbtr>"
	    "<DbtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></DbtrAcct>"
	    "<DbtrAgt><FinInstnId><BICFI>AGRIFRPPXXX</BICFI></FinInstnId></DbtrAgt><ChrgBr>SLEV</ChrgBr>"
	    "<CdtTrfTxInf><PmtId><EndToEndId>0123456789abcdef0123456789abcdef</EndToEndId></PmtId>"
	    "<Amt><InstdAmt Ccy=\"EUR\">1234.56</InstdAmt></Amt><Cdtr><Nm>Rene L'Heritier + fils</Nm></Cdtr>"
	    "<CdtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></CdtrAcct>"
	    "<RmtInf><Ustrd>Alan Pay/fevrier 2026</Ustrd></RmtInf></CdtTrfTxInf>"
	    "<CdtTrfTxInf><PmtId><EndToEndId>E2E/2</EndToEndId></PmtId>"
	    "<Amt><InstdAmt Ccy=\"EUR\">0.01</InstdAmt></Amt><Cdtr><Nm>Zoe</Nm></Cdtr>"
	    "<CdtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></CdtrAcct></CdtTrfTxInf>"
	    "</PmtInf></CstmrCdtTrfInitn></Document>\n";
	struct sample m = good_sample();
	static struct bytes first, second;
	struct err e;
	assert_int_equal(write_sample(&m, &first, &e), 0);
	assert_string_equal(first.at, expected);
	assert_int_equal(write_sample(&m, &second, &e), 0);
	assert_int_equal(first.length, second.length);
	assert_memory_equal(first.at, second.at, first.length);
}

static void
pain001_refuses_what_a_bank_would(void **state)
{
	(void)state;
	static struct bytes b;
	static const struct iban *const no_iban = NULL;
#define CASE(change, word)                                                              \
	do {                                                                            \
		struct sample m = good_sample();                                        \
		struct err e;                                                           \
		change;                                                                 \
		m.file.sum = m.block.sum = m.transfer[0].amount + m.transfer[1].amount; \
		assert_int_equal(write_sample(&m, &b, &e), -1);                         \
		assert_string_equal(e.code, "pain");                                    \
		if (!strstr(e.message, word))                                           \
			fail_msg("%s: %s", word, e.message);                            \
	} while (0)
	CASE(m.block.on = DATE_NONE, "Dt");
	CASE(m.block.iban = no_iban, "DbtrAcct");
	CASE(m.block.bic = "agrifrpp", "DbtrAgt");
	CASE(m.transfer[0].end_to_end_id = "01234567-89ab-8def-8123-456789abcdef", "EndToEndId");
	CASE(m.transfer[0].amount = 0, "InstdAmt");
	CASE(m.transfer[0].amount = INT64_C(100000000000), "InstdAmt");
	CASE(m.transfer[0].creditor_name = "", "Nm");
	CASE(m.transfer[0].creditor_iban = no_iban, "CdtrAcct");
	CASE(m.transfer[0].remittance = "\xE4\xBD\xA0", "Ustrd");
#undef CASE
}

static void
pain001_refuses_totals_that_differ(void **state)
{
	(void)state;
	static struct bytes b;
	for (int i = 0; i < 5; i++) {
		struct sample m = good_sample();
		struct err e;
		m.file.count += i == 0;
		m.file.sum -= i == 1;
		m.block.count -= i == 2;
		m.block.sum += i == 3;
		m.transfer[1].amount += i == 4;
		assert_int_equal(write_sample(&m, &b, &e), -1);
		assert_string_equal(e.code, "pain");
		assert_non_null(strstr(e.message, i < 2 ? "file:" : "block:"));
	}
}

static void
pain001_gate_refuses_what_is_no_sepa_transfer(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
	} cases[] = {
	    {"pain.001.001.09", "pain.001.001.03"},
	    {"<PmtMtd>TRF<", "<PmtMtd>DD<"},
	    {"<PmtMtd>TRF<", "<PmtMtd>CHK<"},
	    {" Ccy=\"EUR\"", ""},
	    {"Ccy=\"EUR\"", "Ccy=\"USD\""},
	    {">1234.56<", ">0.00<"},
	    {">1234.56<", ">-1.00<"},
	    {">1234.56<", ">1000000000.00<"},
	    {"<CtrlSum>1234.57</CtrlSum>", ""},
	    {"<ReqdExctnDt><Dt>2026-03-09</Dt></ReqdExctnDt>", "<ReqdExctnDt>2026-03-09</ReqdExctnDt>"},
	    {">2026-03-09<", ">2026-02-29<"},
	    {">SEPA<", ">URGP<"},
	    {">SLEV<", ">SHAR<"},
	    {"<Cdtr><Nm>Zoe</Nm></Cdtr>", ""},
	    {"<Nm>Zoe</Nm>", "<Nm></Nm>"},
	    {"<EndToEndId>E2E/2</EndToEndId>", ""},
	    {">DE89370400440532013000<", ">DE89 3704 0044 0532 0130 00<"},
	    {"</Ustrd>", "</Ustrd><Ustrd>more</Ustrd>"},
	};
	static struct bytes b;
	struct sample m = good_sample();
	struct err e;
	assert_int_equal(write_sample(&m, &b, &e), 0);
	if (validate(b.at, &e))
		fail_msg("%ld: %s", e.line, e.message);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char *changed = replaced(b.at, cases[i].from, cases[i].to);
		if (validate(changed, &e) != -1 || strcmp(e.code, "schema") != 0 || e.line != 2)
			fail_msg("%s -> %s: %s at %ld", cases[i].from, cases[i].to, e.code, e.line);
		free(changed);
	}
}

static void
write_with_booking(unsigned booking, struct bytes *b)
{
	struct sample m = good_sample();
	struct err e;

	m.block.booking = booking;
	m.block.bic = booking == 1 ? NULL : "AGRIFRPPXXX";
	assert_int_equal(write_sample(&m, b, &e), 0);
	assert_int_equal(validate(b->at, &e), 0);
}

static void
write_old(unsigned booking, struct bytes *b)
{
	struct sample m = full_sample(PAIN_2009);
	struct err e;

	m.block.booking = booking;
	assert_int_equal(write_sample(&m, b, &e), 0);
}

static void
write_full(unsigned booking, struct bytes *b)
{
	struct sample m = full_sample(PAIN_2019);
	struct err e;

	m.block.booking = booking;
	assert_int_equal(write_sample(&m, b, &e), 0);
}

static void
pain001_is_valid_for_others_too(void **state)
{
	static const char *const old[] = {SHARED "pain.001.001.03.xsd"};
	static const char *const schemas[] = {
	    SHARED "pain.001.001.09.xsd",
	    SHARED "gbic/pain.001.001.09_GBIC_4.xsd",
	};

	(void)state;
	check_schemas(schemas, LENGTH(schemas), write_with_booking);
	check_schemas(schemas, LENGTH(schemas), write_full);
	check_schemas(old, LENGTH(old), write_old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pain001_writes_these_bytes_and_the_same_twice),
	    cmocka_unit_test(pain001_writes_both_versions),
	    cmocka_unit_test(pain001_refuses_what_a_bank_would),
	    cmocka_unit_test(pain001_refuses_totals_that_differ),
	    cmocka_unit_test(pain001_gate_refuses_what_is_no_sepa_transfer),
	    cmocka_unit_test(pain001_is_valid_for_others_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
