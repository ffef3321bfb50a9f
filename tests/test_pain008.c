/* test_pain008: the bytes written, what is refused, and the gate: our schema, the ISO one, the German banks'.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "formats/length.h"
#include "formats/pain008.h"
#include "tests/pain.h"

struct sample { /* one file with one block of two debits, to be changed by a test before it is written */
	struct pain_file file;
	struct pain_block block;
	const char *sequence_type, *creditor_identifier;
	struct pain008_debit debit[2];
};

static struct sample
good_sample(void)
{
	static const instant march = INT64_C(1772591400000); /* 2026-03-04T02:30:00Z */
	return (struct sample){
	    .file = {PAIN_2019, "SDD-20260228-1-1", march, 2, 123457, "Alan SA"},
	    .block =
		{
		    .payment_information_id = "SDD-20260228-1-1-A",
		    .booking = BOOKING_SINGLE,
		    .count = 2,
		    .sum = 123457,
		    .on = date_of(2026, 3, 9),
		    .name = "Alan SA",
		    .iban = &french,
		    .bic = "AGRIFRPPXXX",
		},
	    .sequence_type = "RCUR",
	    .creditor_identifier = "FR72ZZZ123456",
	    .debit =
		{
		    {.end_to_end_id = "0123456789abcdef0123456789abcdef",
	             .amount = 123456,
	             .mandate_reference = "RUM-1",
	             .signed_on = date_of(2025, 1, 31),
	             .debtor_name = "Ren\xC3\xA9 L'H\xC3\xA9ritier & fils",
	             .debtor_iban = &german,
	             .remittance = "Alan Pay/f\xC3\xA9vrier 2026"},
		    {.end_to_end_id = "E2E/2",
	             .amount = 1,
	             .mandate_reference = "RUM-2",
	             .signed_on = date_of(2024, 2, 29),
	             .amended = true,
	             .debtor_name = "Zo\xC3\xAB",
	             .debtor_iban = &french,
	             .debtor_bic = "AGRIFRPP"},
		},
	};
}

/* Writes; what pain_close said, after checking that the sink says the same. */
static int
write_sample(const struct sample *m, struct bytes *b, struct err *e)
{
	*b = (struct bytes){0};
	*e = (struct err){0};
	struct sink *s = sink_new(keep, b);
	struct pain *p = pain008_open(s, &m->file);
	pain008_block(p, &m->block, m->sequence_type, m->creditor_identifier);
	for (size_t i = 0; i < LENGTH(m->debit); i++)
		pain008_debit(p, &m->debit[i]);
	int rc = pain_close(p, e);
	assert_int_equal(sink_end(s, NULL, NULL), rc);
	return rc;
}

static int
validate_as(const char *text, enum pain_version version, struct err *e)
{
	FILE *f = open_text(text);
	int rc = pain008_validate(f, version, e);
	fclose(f);
	return rc;
}

static int
validate(const char *text, struct err *e)
{
	return validate_as(text, PAIN_2019, e);
}

static const struct iban swiss = {"CH9300762011623852957"};
static const struct pain_address structured = {"Bahnhofstrasse", "12 b", "8001",
                                               "Z\xC3\xBCrich",  "CH",   {NULL, NULL}},
				 hybrid = {NULL,   NULL,
                                           "8001", "Z\xC3\xBCrich",
                                           "CH",   {"Bahnhofstrasse 12 b", "3. Stock"}};

/* Everything that a debit may have. */
static struct sample
full_sample(enum pain_version version)
{
	struct sample m = good_sample();

	m.file.version = version;
	m.block.ultimate_creditor = "Alan Assurances";
	m.debit[0].original_creditor_name = "Alan Soci\xC3\xA9t\xC3\xA9";
	m.debit[0].original_creditor_identifier = "DE98ZZZ09999999999";
	m.debit[0].ultimate_debtor = "L\xC3\xA9"
				     "a";
	m.debit[0].purpose = "HLTI";
	m.debit[1].debtor_iban = &swiss;
	m.debit[1].debtor_bic = "UBSWCHZH80A";
	m.debit[1].debtor_address = &structured;
	return m;
}

static void
pain008_writes_both_versions(void **state)
{
	static const char tail[] =
	    "<%s>AGRIFRPPXXX</%s></FinInstnId></CdtrAgt><UltmtCdtr><Nm>Alan Assurances</Nm></UltmtCdtr><ChrgBr>SLEV</ChrgBr>"
	    "<CdtrSchmeId><Id><PrvtId><Othr><Id>FR72ZZZ123456</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm>"
	    "</Othr></PrvtId></Id></CdtrSchmeId>"
	    "<DrctDbtTxInf><PmtId><EndToEndId>0123456789abcdef0123456789abcdef</EndToEndId></PmtId>"
	    "<InstdAmt Ccy=\"EUR\">1234.56</InstdAmt><DrctDbtTx><MndtRltdInf><MndtId>RUM-1</MndtId>"
	    "<DtOfSgntr>2025-01-31</DtOfSgntr><AmdmntInd>true</AmdmntInd><AmdmntInfDtls><OrgnlCdtrSchmeId>"
	    "<Nm>Alan Societe</Nm><Id><PrvtId><Othr><Id>DE98ZZZ09999999999</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm>"
	    "</Othr></PrvtId></Id></OrgnlCdtrSchmeId></AmdmntInfDtls></MndtRltdInf></DrctDbtTx>"
	    "<DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>"
	    "<Dbtr><Nm>Rene L'Heritier + fils</Nm></Dbtr>"
	    "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct><UltmtDbtr><Nm>Lea</Nm></UltmtDbtr>"
	    "<Purp><Cd>HLTI</Cd></Purp><RmtInf><Ustrd>Alan Pay/fevrier 2026</Ustrd></RmtInf></DrctDbtTxInf>"
	    "<DrctDbtTxInf><PmtId><EndToEndId>E2E/2</EndToEndId></PmtId><InstdAmt Ccy=\"EUR\">0.01</InstdAmt>"
	    "<DrctDbtTx><MndtRltdInf><MndtId>RUM-2</MndtId><DtOfSgntr>2024-02-29</DtOfSgntr>"
	    "<AmdmntInd>true</AmdmntInd><AmdmntInfDtls><OrgnlDbtrAcct><Id><Othr><Id>SMNDA</Id></Othr></Id>"
	    "</OrgnlDbtrAcct></AmdmntInfDtls></MndtRltdInf></DrctDbtTx>"
	    "<DbtrAgt><FinInstnId><%s>UBSWCHZH80A</%s></FinInstnId></DbtrAgt><Dbtr><Nm>Zoe</Nm><PstlAdr>"
	    "<StrtNm>Bahnhofstrasse</StrtNm><BldgNb>12 b</BldgNb><PstCd>8001</PstCd><TwnNm>Zurich</TwnNm><Ctry>CH</Ctry>"
	    "</PstlAdr></Dbtr><DbtrAcct><Id><IBAN>CH9300762011623852957</IBAN></Id></DbtrAcct></DrctDbtTxInf>"
	    "</PmtInf></CstmrDrctDbtInitn></Document>\n";
	static struct bytes b;
	char end[sizeof(tail) + 32];
	struct err e;
	int version;

	(void)state;
	for (version = PAIN_2019; version <= PAIN_2009; version++) {
		const char *bic = version == PAIN_2009 ? "BIC" : "BICFI";
		struct sample m = full_sample((enum pain_version)version);

		snprintf(end, sizeof(end), tail, bic, bic, bic, bic);
		assert_int_equal(write_sample(&m, &b, &e), 0);
		assert_string_equal(b.at + b.length - strlen(end), end);
		assert_non_null(
		    strstr(b.at, version == PAIN_2009 ? "pain.008.001.02\"" : "pain.008.001.08\""));
		if (validate_as(b.at, (enum pain_version)version, &e) < 0)
			fail_msg("%s", e.message);
		assert_int_equal(validate_as(b.at, version == PAIN_2009 ? PAIN_2019 : PAIN_2009, &e), -1);
	}
}

static void
pain008_writes_lines_after_town_and_country(void **state)
{
	static struct bytes b;
	struct sample m = full_sample(PAIN_2019);
	struct err e;

	(void)state;
	m.debit[1].debtor_address = &hybrid;
	m.debit[1].original_creditor_identifier = "FR72ZZZ123456";
	assert_int_equal(write_sample(&m, &b, &e), 0);
	assert_non_null(
	    strstr(b.at, "<PstlAdr><PstCd>8001</PstCd><TwnNm>Zurich</TwnNm><Ctry>CH</Ctry>"
	                 "<AdrLine>Bahnhofstrasse 12 b</AdrLine><AdrLine>3. Stock</AdrLine></PstlAdr>"));
	assert_non_null(strstr(b.at, "</OrgnlCdtrSchmeId><OrgnlDbtrAcct>"));
	if (validate(b.at, &e) < 0)
		fail_msg("%s", e.message);
}

static void
pain008_refuses_an_address_without_town_or_country(void **state)
{
	static const struct pain_address cases[] = {
	    {"Bahnhofstrasse", NULL, NULL, NULL, "CH", {NULL, NULL}},
	    {NULL, NULL, NULL, "Zurich", NULL, {"Bahnhofstrasse 12", NULL}},
	    {NULL, NULL, NULL, "Zurich", "CHE", {NULL, NULL}},
	};
	static struct bytes b;
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		struct sample m = full_sample(PAIN_2019);

		m.debit[1].debtor_address = &cases[i];
		assert_int_equal(write_sample(&m, &b, &e), -1);
		assert_non_null(strstr(e.message, i == 0 ? "TwnNm" : "Ctry"));
	}
}

static void
pain008_writes_these_bytes_and_the_same_twice(void **state)
{
	(void)state;
	static const char expected[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.008.001.08\"><CstmrDrctDbtInitn><GrpHdr>"
	    "<MsgId>SDD-20260228-1-1</MsgId><CreDtTm>2026-03-04T03:30:00</CreDtTm><NbOfTxs>2</NbOfTxs>"
	    "<CtrlSum>1234.57</CtrlSum><InitgPty><Nm>Alan SA</Nm></InitgPty></GrpHdr>"
	    "<PmtInf><PmtInfId>SDD-20260228-1-1-A</PmtInfId><PmtMtd>DD</PmtMtd><BtchBookg>false</BtchBookg>"
	    "<NbOfTxs>2</NbOfTxs><CtrlSum>1234.57</CtrlSum><PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl>"
	    "<LclInstrm><Cd>CORE</Cd></LclInstrm><SeqTp>RCUR</SeqTp></PmtTpInf>"
	    "<ReqdColltnDt>2026-03-09</ReqdColltnDt><Cdtr><Nm>Alan SA</Nm></Cdtr>"
	    "<CdtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></CdtrAcct>"
	    "<CdtrAgt><FinInstnId><BICFI>AGRIFRPPXXX</BICFI></FinInstnId></CdtrAgt><ChrgBr>SLEV</ChrgBr>"
	    "<CdtrSchmeId><Id><PrvtId><Othr><Id>FR72ZZZ123456</Id><SchmeNm><Prtry>SEPA</Prtry></SchmeNm>"
	    "</Othr></PrvtId></Id></CdtrSchmeId>"
	    "<DrctDbtTxInf><PmtId><EndToEndId>0123456789abcdef0123456789abcdef</EndToEndId></PmtId>"
	    "<InstdAmt Ccy=\"EUR\">1234.56</InstdAmt><DrctDbtTx><MndtRltdInf><MndtId>RUM-1</MndtId>"
	    "<DtOfSgntr>2025-01-31</DtOfSgntr><AmdmntInd>false</AmdmntInd></MndtRltdInf></DrctDbtTx>"
	    "<DbtrAgt><FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId></DbtrAgt>"
	    "<Dbtr><Nm>Rene L'Heritier + fils</Nm></Dbtr>"
	    "<DbtrAcct><Id><IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct>"
	    "<RmtInf><Ustrd>Alan Pay/fevrier 2026</Ustrd></RmtInf></DrctDbtTxInf>"
	    "<DrctDbtTxInf><PmtId><EndToEndId>E2E/2</EndToEndId></PmtId><InstdAmt Ccy=\"EUR\">0.01</InstdAmt>"
	    "<DrctDbtTx><MndtRltdInf><MndtId>RUM-2</MndtId><DtOfSgntr>2024-02-29</DtOfSgntr>"
	    "<AmdmntInd>true</AmdmntInd><AmdmntInfDtls><OrgnlDbtrAcct><Id><Othr><Id>SMNDA</Id></Othr></Id>"
	    "</OrgnlDbtrAcct></AmdmntInfDtls></MndtRltdInf></DrctDbtTx>"
	    "<DbtrAgt><FinInstnId><BICFI>AGRIFRPP</BICFI></FinInstnId></DbtrAgt><Dbtr><Nm>Zoe</Nm></Dbtr>"
	    "<DbtrAcct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></DbtrAcct></DrctDbtTxInf>"
	    "</PmtInf></CstmrDrctDbtInitn></Document>\n";
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
pain008_writes_the_clock_of_paris(void **state)
{
	(void)state;
	static const struct {
		instant at;
		const char *text;
	} cases[] = {
	    {INT64_C(1782864000999), "<CreDtTm>2026-07-01T02:00:00<"}, /* 2026-07-01T00:00:00.999Z */
	    {INT64_C(1774745999000), "<CreDtTm>2026-03-29T01:59:59<"}, /* the second before summer time */
	    {INT64_C(1774746000000), "<CreDtTm>2026-03-29T03:00:00<"},
	    {INT64_C(1792889999000), "<CreDtTm>2026-10-25T02:59:59<"}, /* and before winter time */
	    {INT64_C(1792890000000), "<CreDtTm>2026-10-25T02:00:00<"},
	    {INT64_C(1767221999000), "<CreDtTm>2025-12-31T23:59:59<"},
	};
	static struct bytes b;
	struct err e;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct sample m = good_sample();
		m.file.created_at = cases[i].at;
		assert_int_equal(write_sample(&m, &b, &e), 0);
		if (!strstr(b.at, cases[i].text))
			fail_msg("case %zu: %.240s", i, b.at);
	}
}

static void
pain008_refuses_totals_that_differ(void **state)
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
		m.debit[1].amount += i == 4;
		assert_int_equal(write_sample(&m, &b, &e), -1);
		assert_string_equal(e.code, "pain");
		assert_non_null(strstr(e.message, i < 2 ? "file:" : "block:"));
	}
}

static void
pain008_refuses_what_a_bank_would(void **state)
{
	(void)state;
	static struct bytes b;
	static const struct iban *const no_iban = NULL;
#define CASE(change, word)                                                        \
	do {                                                                      \
		struct sample m = good_sample();                                  \
		struct err e;                                                     \
		change;                                                           \
		m.file.sum = m.block.sum = m.debit[0].amount + m.debit[1].amount; \
		assert_int_equal(write_sample(&m, &b, &e), -1);                   \
		assert_string_equal(e.code, "pain");                              \
		if (!strstr(e.message, word))                                     \
			fail_msg("%s: %s", word, e.message);                      \
	} while (0)
	CASE(m.file.msg_id = "_", "MsgId");
	CASE(m.file.msg_id = NULL, "MsgId");
	CASE(m.file.initiating_party = "", "Nm");
	CASE(m.block.payment_information_id = "/A", "PmtInfId");
	CASE(m.sequence_type = "ALL", "SeqTp");
	CASE(m.sequence_type = NULL, "SeqTp");
	CASE(m.block.on = DATE_NONE, "ReqdColltnDt");
	CASE(m.block.name = "\xE4\xBD\xA0\xE5\xA5\xBD", "Nm");
	CASE(m.block.iban = no_iban, "CdtrAcct");
	CASE(m.block.bic = "agrifrpp", "CdtrAgt");
	CASE(m.creditor_identifier = "FR73ZZZ123456", "CdtrSchmeId");
	CASE(m.creditor_identifier = NULL, "CdtrSchmeId");
	CASE(m.debit[0].end_to_end_id = "01234567-89ab-8def-8123-456789abcdef", "EndToEndId");
	CASE(m.debit[0].end_to_end_id = "a//b", "EndToEndId");
	CASE(m.debit[0].end_to_end_id = "\xC3\xA9", "EndToEndId");
	CASE(m.debit[0].amount = 0, "InstdAmt");
	CASE(m.debit[0].amount = -1, "InstdAmt");
	CASE(m.debit[0].amount = INT64_C(100000000000), "InstdAmt");
	CASE(m.debit[0].mandate_reference = "RUM_1", "MndtId");
	CASE(m.debit[0].signed_on = DATE_NONE, "DtOfSgntr");
	CASE(m.debit[0].debtor_name = "\xFF", "Nm");
	CASE(m.debit[0].debtor_name = NULL, "Nm");
	CASE(m.debit[0].debtor_iban = no_iban, "DbtrAcct");
	CASE(m.debit[0].debtor_bic = "", "DbtrAgt");
	CASE(m.debit[0].remittance = "\xE4\xBD\xA0", "Ustrd");
#undef CASE
}

static void
pain008_refuses_a_file_without_debits(void **state)
{
	(void)state;
	static struct bytes b;
	struct sample m = good_sample();
	struct err e = {0};
	m.file.count = 0;
	m.file.sum = 0;
	struct sink *s = sink_new(keep, &b);
	assert_int_equal(pain_close(pain008_open(s, &m.file), &e), -1);
	assert_string_equal(e.code, "pain");
	assert_int_equal(sink_end(s, NULL, NULL), -1);
}

static void
pain008_counts_each_block_alone_and_refuses_a_debit_outside(void **state)
{
	(void)state;
	static struct bytes b;
	for (int inside = 0; inside < 2; inside++) {
		struct sample m = good_sample();
		struct err e = {0};
		b = (struct bytes){0};
		struct sink *s = sink_new(keep, &b);
		struct pain *p = pain008_open(s, &m.file);
		for (int i = 0; i < 2; i++) {
			m.block.payment_information_id = i ? "B" : "A";
			m.block.count = 1;
			m.block.sum = m.debit[i].amount;
			if (inside)
				pain008_block(p, &m.block, m.sequence_type, m.creditor_identifier);
			pain008_debit(p, &m.debit[i]);
		}
		assert_int_equal(pain_close(p, &e), inside ? 0 : -1);
		assert_int_equal(sink_end(s, NULL, NULL), inside ? 0 : -1);
		if (inside)
			assert_int_equal(validate(b.at, &e), 0);
		else
			assert_non_null(strstr(e.message, "DrctDbtTxInf"));
	}
}

static void
pain008_cuts_texts_after_converting_them(void **state)
{
	(void)state;
	static struct bytes b;
	struct sample m = good_sample();
	struct err e;
	char name[2 * 200 + 1], remittance[301];
	for (size_t i = 0; i < 400; i += 2)
		memcpy(name + i, "\xC3\xA9", 2);
	name[400] = '\0';
	memset(remittance, 'r', 300);
	remittance[300] = '\0';
	m.debit[0].debtor_name = name;
	m.debit[0].remittance = remittance;
	assert_int_equal(write_sample(&m, &b, &e), 0);
	memset(name, 'e', 70);
	memcpy(name + 70, "<", 2);
	remittance[140] = '<';
	remittance[141] = '\0';
	assert_non_null(strstr(b.at, name));
	assert_null(strstr(b.at, "eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee"));
	assert_non_null(strstr(b.at, remittance));
	assert_int_equal(validate(b.at, &e), 0);
}

static void
pain008_passes_its_own_gate_in_every_variant(void **state)
{
	(void)state;
	static struct bytes b;
	static const char *const sequences[] = {"FRST", "RCUR", "OOFF", "FNAL"};
	struct err e;
	for (int i = 0; i < 12; i++) {
		struct sample m = good_sample();
		m.block.booking = i % 3 == 0   ? BOOKING_AS_CONTRACT
		                  : i % 3 == 1 ? BOOKING_BATCH
		                               : BOOKING_SINGLE;
		m.sequence_type = sequences[i % 4];
		m.block.bic = i % 2 ? NULL : "AGRIFRPP";
		m.debit[0].amount = i % 2 ? INT64_C(99999999999) : 10;
		m.file.sum = m.block.sum = m.debit[0].amount + 1;
		assert_int_equal(write_sample(&m, &b, &e), 0);
		assert_int_equal(strstr(b.at, "BtchBookg") != NULL, i % 3 != 0);
		if (validate(b.at, &e))
			fail_msg("%ld: %s", e.line, e.message);
	}
}

static void
pain008_gate_refuses_what_is_not_sepa_core(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
	} cases[] = {
	    {"pain.008.001.08", "pain.008.001.02"},
	    {"Ccy=\"EUR\"", "Ccy=\"USD\""},
	    {" Ccy=\"EUR\"", ""},
	    {">1234.56<", ">1234.5<"},
	    {">1234.56<", ">1234.567<"},
	    {">1234.56<", ">0.00<"},
	    {">1234.56<", ">-1.00<"},
	    {">1234.56<", ">+1.00<"},
	    {">1234.56<", ">01.00<"},
	    {">1234.56<", ">1000000000.00<"},
	    {">1234.57<", ">0.00<"},
	    {"<CtrlSum>1234.57</CtrlSum>", ""},
	    {"<NbOfTxs>2</NbOfTxs>", "<NbOfTxs>0</NbOfTxs>"},
	    {"<NbOfTxs>2</NbOfTxs>", "<NbOfTxs>02</NbOfTxs>"},
	    {">SDD-20260228-1-1<", ">012345678901234567890123456789012345<"},
	    {">SDD-20260228-1-1<", ">/A<"},
	    {">SDD-20260228-1-1<", ">A/<"},
	    {">SDD-20260228-1-1<", ">A//B<"},
	    {">SDD-20260228-1-1<", "> A<"},
	    {">SDD-20260228-1-1<", ">A <"},
	    {">SDD-20260228-1-1<", ">A_B<"},
	    {">SDD-20260228-1-1<", "><"},
	    {"T03:30:00<", "T03:30:00.000<"},
	    {"T03:30:00<", "T03:30:00Z<"},
	    {"T03:30:00<", "T25:30:00<"},
	    {">2026-03-09<", ">2026-02-29<"},
	    {">2026-03-09<", ">2026-03-09Z<"},
	    {">RCUR<", ">RPRE<"},
	    {">CORE<", ">B2B<"},
	    {">SEPA<", ">SEPB<"},
	    {">SLEV<", ">SHAR<"},
	    {"<Prtry>SEPA<", "<Prtry>OTHER<"},
	    {">NOTPROVIDED<", ">NOTPROV<"},
	    {"<Othr><Id>NOTPROVIDED</Id></Othr>", ""},
	    {">SMNDA<", ">SMNDB<"},
	    {">AGRIFRPPXXX<", ">AGRIFRPPXX<"},
	    {">FR72ZZZ123456<", ">FR7ZZZ123456<"},
	    {">FR7630006000011234567890189<", ">FR76 3000 6000 0112 3456 7890 189<"},
	    {"Rene L'Heritier", "Ren\xC3\xA9"},
	    {"Rene L'Heritier", "Rene &amp; Co"},
	    {"Rene L'Heritier", " Rene"},
	    {"Rene L'Heritier",
	     "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"},
	    {"<Nm>Zoe</Nm>", ""},
	    {"<AmdmntInd>false</AmdmntInd>", ""},
	    {"<AmdmntInd>false<", "<AmdmntInd>no<"},
	    {"<DtOfSgntr>2025-01-31</DtOfSgntr>", ""},
	    {"<Ustrd>Alan Pay/fevrier 2026</Ustrd>", ""},
	    {"</Ustrd>", "</Ustrd><Ustrd>more</Ustrd>"},
	    {"<PmtMtd>DD<", "<PmtMtd>TRF<"},
	};
	static struct bytes b;
	struct sample m = good_sample();
	struct err e;
	assert_int_equal(write_sample(&m, &b, &e), 0);
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char *changed = replaced(b.at, cases[i].from, cases[i].to);
		if (validate(changed, &e) != -1 || strcmp(e.code, "schema") != 0 || e.line != 2)
			fail_msg("%s -> %s: %s at %ld", cases[i].from, cases[i].to, e.code, e.line);
		free(changed);
	}
}

/* A name of one character, and one of that character between two others: the gate takes what SEPA has, and a blank only within. */
static void
pain008_gate_knows_each_character_of_sepa(void **state)
{
	(void)state;
	static const char sepa[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/-?:().,'+";
	static const enum pain_version versions[] = {PAIN_2009, PAIN_2019};
	static struct bytes b;
	for (size_t v = 0; v < LENGTH(versions); v++) {
		struct sample m = good_sample();
		struct err e;
		m.file.version = versions[v];
		assert_int_equal(write_sample(&m, &b, &e), 0);
		for (int c = ' '; c <= 0x7f; c++) {
			char alone[16], within[32];
			bool known = strchr(sepa, c) != NULL;
			snprintf(alone, sizeof(alone), ">&#%d;<", c);
			snprintf(within, sizeof(within), ">Z&#%d;&#%d;e<", c, c);
			char *one = replaced(b.at, ">Zoe<", alone), *two = replaced(b.at, ">Zoe<", within);
			if ((validate_as(one, versions[v], &e) == 0) != known ||
			    (validate_as(two, versions[v], &e) == 0) != (known || c == ' '))
				fail_msg("character %d", c);
			free(one);
			free(two);
		}
	}
}

static void
pain008_gate_refuses_a_file_cut_off(void **state)
{
	(void)state;
	static struct bytes b;
	struct sample m = good_sample();
	struct err e;
	assert_int_equal(write_sample(&m, &b, &e), 0);
	*strstr(b.at, "</CstmrDrctDbtInitn>") = '\0';
	assert_int_equal(validate(b.at, &e), -1);
	assert_string_equal(e.code, "malformed_xml");
}

static void
write_with_booking(unsigned booking, struct bytes *b)
{
	struct sample m = good_sample();
	struct err e;

	m.block.booking = booking;
	assert_int_equal(write_sample(&m, b, &e), 0);
	assert_int_equal(validate(b->at, &e), 0);
}

static void
write_full_as(enum pain_version version, const struct pain_address *address, unsigned booking,
              struct bytes *b)
{
	struct sample m = full_sample(version);
	struct err e;

	m.block.booking = booking;
	m.debit[1].debtor_address = address;
	m.debit[1].original_creditor_name = "Alan";
	assert_int_equal(write_sample(&m, b, &e), 0);
}

static void
write_old(unsigned booking, struct bytes *b)
{
	write_full_as(PAIN_2009, &hybrid, booking, b);
}

static void
write_full(unsigned booking, struct bytes *b)
{
	write_full_as(PAIN_2019, &structured, booking, b);
}

static void
write_hybrid(unsigned booking, struct bytes *b)
{
	write_full_as(PAIN_2019, &hybrid, booking, b);
}

static void
pain008_is_valid_for_others_too(void **state)
{
	static const char *const old[] = {SHARED "pain.008.001.02.xsd"};
	static const char *const schemas[] = {
	    SHARED "pain.008.001.08.xsd",
	    SHARED "gbic/pain.008.001.08_GBIC_4.xsd",
	};

	(void)state;
	check_schemas(schemas, LENGTH(schemas), write_with_booking);
	check_schemas(schemas, LENGTH(schemas), write_full);
	check_schemas(schemas, 1, write_hybrid); /* the German banks' one is of before hybrid addresses */
	check_schemas(old, LENGTH(old), write_old);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pain008_writes_these_bytes_and_the_same_twice),
	    cmocka_unit_test(pain008_writes_both_versions),
	    cmocka_unit_test(pain008_writes_lines_after_town_and_country),
	    cmocka_unit_test(pain008_refuses_an_address_without_town_or_country),
	    cmocka_unit_test(pain008_writes_the_clock_of_paris),
	    cmocka_unit_test(pain008_refuses_totals_that_differ),
	    cmocka_unit_test(pain008_refuses_what_a_bank_would),
	    cmocka_unit_test(pain008_refuses_a_file_without_debits),
	    cmocka_unit_test(pain008_counts_each_block_alone_and_refuses_a_debit_outside),
	    cmocka_unit_test(pain008_cuts_texts_after_converting_them),
	    cmocka_unit_test(pain008_passes_its_own_gate_in_every_variant),
	    cmocka_unit_test(pain008_gate_refuses_what_is_not_sepa_core),
	    cmocka_unit_test(pain008_gate_knows_each_character_of_sepa),
	    cmocka_unit_test(pain008_gate_refuses_a_file_cut_off),
	    cmocka_unit_test(pain008_is_valid_for_others_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
