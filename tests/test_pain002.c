/* test_pain002: status reports as banks send them, printed as one line for each record, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/answer.h"
#include "formats/length.h"
#include "formats/xml.h"
#include "tests/lines.h"

#define NS          "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"
#define XSD         "../shared/iso20022/pain.002.001.10.xsd"
#define HEADER      "<GrpHdr><MsgId>BANK-1</MsgId><CreDtTm>2026-03-05T09:00:00.123+01:00</CreDtTm></GrpHdr>\n"
#define ORIGINAL    "<OrgnlMsgId>SDD-1</OrgnlMsgId><OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId>"
#define WRAP(body)  "<Document xmlns=\"" NS "\">\n<CstmrPmtStsRpt>" HEADER body "</CstmrPmtStsRpt></Document>"
#define GROUP(body) "<OrgnlGrpInfAndSts>" ORIGINAL body "</OrgnlGrpInfAndSts>\n"

static int
print_record(void *ctx, const struct answer_message *h, const struct pain002_status *s, struct err *e)
{
	struct lines *t = ctx;
	assert_string_equal(h->original_msg_id, "SDD-1");
	put(t, "%ld %d %s|%s|%s|%s|%s|%s|%ld|%lld\n", s->line, (int)s->level, s->payment_information_id,
	    s->instruction_id, s->end_to_end_id, s->status, s->reason, s->text, s->count, (long long)s->sum);
	t->status = *s;
	return ++t->statuses == t->refuse_after ? err_set(e, "enough", "no more") : 0;
}

static const struct answer_reader printing = {.status = print_record};

static const struct report {
	const char *name, *text, *lines;
	bool is_iso; /* valid by the ISO schema, so that the sample is one a bank may send */
} reports[] = {
    {"the group alone is rejected",
     WRAP(GROUP("<OrgnlNbOfTxs>000003</OrgnlNbOfTxs><OrgnlCtrlSum>400</OrgnlCtrlSum><GrpSts>RJCT</GrpSts>"
                "<StsRsnInf><Rsn><Cd>FF01</Cd></Rsn><AddtlInf>first</AddtlInf><AddtlInf>second</AddtlInf>"
                "</StsRsnInf>")),
     "3 0 |||RJCT|FF01|first|3|40000\n", true},
    {"a block is rejected with a proprietary reason",
     WRAP(GROUP("") "<OrgnlPmtInfAndSts><OrgnlPmtInfId>A</OrgnlPmtInfId><OrgnlNbOfTxs>2</OrgnlNbOfTxs>"
                    "<OrgnlCtrlSum>000149.870</OrgnlCtrlSum><PmtInfSts>RJCT</PmtInfSts>"
                    "<StsRsnInf><Rsn><Prtry>N-12 too late</Prtry></Rsn></StsRsnInf></OrgnlPmtInfAndSts>\n"
                    "<OrgnlPmtInfAndSts><OrgnlPmtInfId>B</OrgnlPmtInfId><PmtInfSts>ACCP</PmtInfSts>"
                    "</OrgnlPmtInfAndSts>"),
     "4 1 A|||RJCT|N-12 too late||2|14987\n5 1 B|||ACCP|||-1|-1\n", true},
    {"transactions are rejected, above them nothing is said",
     WRAP(
	 GROUP("") "<OrgnlPmtInfAndSts><OrgnlPmtInfId>A</OrgnlPmtInfId>\n"
		   "<TxInfAndSts><StsId>S</StsId><OrgnlInstrId>I1</OrgnlInstrId>"
		   "<OrgnlEndToEndId>E1</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
		   "<StsRsnInf><Orgtr><Nm>Bank</Nm></Orgtr><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>"
		   "<StsRsnInf><Rsn><Cd>MS03</Cd></Rsn></StsRsnInf>"
		   "<OrgnlTxRef><Amt><InstdAmt Ccy=\"EUR\">12.5</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>\n"
		   "<TxInfAndSts><OrgnlEndToEndId>E2</OrgnlEndToEndId>"
		   "<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf></TxInfAndSts>\n"
		   "<TxInfAndSts><OrgnlEndToEndId>E3</OrgnlEndToEndId></TxInfAndSts></OrgnlPmtInfAndSts>"),
     "5 2 A|I1|E1|RJCT|AC04||-1|1250\n6 2 A||E2||AM04||-1|-1\n7 2 A||E3||||-1|-1\n", true},
    {"all levels speak, in order, and keep their reasons apart",
     WRAP(GROUP("<GrpSts>PART</GrpSts>") "<OrgnlPmtInfAndSts><OrgnlPmtInfId>A</OrgnlPmtInfId>"
                                         "<PmtInfSts>PART</PmtInfSts><StsRsnInf><Rsn><Cd>NARR</Cd></Rsn>"
                                         "<AddtlInf>some</AddtlInf></StsRsnInf>\n"
                                         "<TxInfAndSts><OrgnlEndToEndId>E1</OrgnlEndToEndId>"
                                         "<TxSts>ACSC</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>"
                                         "<OrgnlPmtInfAndSts><OrgnlPmtInfId>B</OrgnlPmtInfId><TxInfAndSts>"
                                         "<TxSts>RJCT</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>"),
     "3 0 |||PART|||-1|-1\n4 1 A|||PART|NARR|some|-1|-1\n5 2 A||E1|ACSC|||-1|-1\n5 2 B|||RJCT|||-1|-1\n",
     true},
    {"a status without an identifier", WRAP(GROUP("")), "", true},
    {"an identifier that is too long is not one of ours",
     WRAP(GROUP("") "<OrgnlPmtInfAndSts><OrgnlPmtInfId>A</OrgnlPmtInfId><TxInfAndSts>"
                    "<OrgnlEndToEndId>012345678901234567890123456789012345</OrgnlEndToEndId>"
                    "<TxSts>RJCT</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>"),
     "4 2 A|||RJCT|||-1|-1\n", false},
};

static void
pain002_reads_what_the_bank_said_and_no_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(reports); i++) {
		struct lines t = {0};
		struct err e = {0};
		if (read_text(reports[i].text, &t, printing, &e))
			fail_msg("%s: %s at %ld: %s", reports[i].name, e.code, e.line, e.message);
		if (strcmp(t.text, reports[i].lines) != 0)
			fail_msg("%s:\n%s", reports[i].name, t.text);
		assert_string_equal(t.message.msg_id, "BANK-1");
		assert_string_equal(t.message.original_name_id, "pain.008.001.08");
		assert_int_equal(t.message.created_at, INT64_C(1772697600123));
	}
}

#define CHANGED(reason, text)                                                                 \
	GROUP("<GrpSts>ACWC</GrpSts><StsRsnInf><Rsn><Cd>" reason "</Cd></Rsn><AddtlInf>" text \
	      "</AddtlInf></StsRsnInf>")
#define LISTED(status, reference)                                                                   \
	GROUP("")                                                                                   \
	"<OrgnlPmtInfAndSts><OrgnlPmtInfId>A</OrgnlPmtInfId><TxInfAndSts><TxSts>" status "</TxSts>" \
	"<OrgnlTxRef>" reference "</OrgnlTxRef></TxInfAndSts></OrgnlPmtInfAndSts>"

/* The day of what is accepted with a change of its day, and of nothing else. */
static void
pain002_reads_the_day_of_a_change(void **state)
{
	static const struct {
		const char *text, *day;
	} days[] = {
	    {WRAP(LISTED("ACWC", "<ReqdColltnDt>2026-03-11</ReqdColltnDt>")), "2026-03-11"},
	    {WRAP(LISTED("ACWC", "<ReqdExctnDt>2026-03-11</ReqdExctnDt>")), "2026-03-11"}, /* of .03 */
	    {WRAP(LISTED("ACWC", "<ReqdExctnDt><Dt>2026-03-11</Dt></ReqdExctnDt>")), "2026-03-11"},
	    {WRAP(LISTED("ACWC",
	                 "<IntrBkSttlmDt>2026-03-12</IntrBkSttlmDt><ReqdColltnDt>2026-03-10</ReqdColltnDt>")),
	     "2026-03-12"},
	    {WRAP(LISTED("ACCP", "<ReqdColltnDt>2026-03-11</ReqdColltnDt>")), ""},
	    {WRAP(LISTED("ACWC", "<ReqdColltnDt>11.03.2026</ReqdColltnDt>")), ""},
	    {WRAP(LISTED("ACWC", "")), ""},
	    {WRAP(CHANGED("DT06", "moved to 2026-03-11.")), "2026-03-11"},
	    {WRAP(GROUP(
		 "") "<OrgnlPmtInfAndSts><OrgnlPmtInfId>A</OrgnlPmtInfId><TxInfAndSts><TxSts>ACWC</TxSts><StsRsnInf>"
	             "<Rsn><Cd>DT06</Cd></Rsn><AddtlInf>on 2026-03-11</AddtlInf></StsRsnInf><OrgnlTxRef>"
	             "<ReqdColltnDt>2026-03-10</ReqdColltnDt></OrgnlTxRef></TxInfAndSts></OrgnlPmtInfAndSts>"),
	     "2026-03-11"},
	    {WRAP(CHANGED("CH19", "2026-03-11")), "2026-03-11"},
	    {WRAP(CHANGED("DT06", "from 2026-03-10 to 2026-03-11")), ""},
	    {WRAP(CHANGED("DT06", "reference 12026-03-111")), ""},
	    {WRAP(CHANGED("DT06", "2026-02-30")), ""},
	    {WRAP(CHANGED("NARR", "2026-03-11")), ""},
	};
	char day[DATE_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(days); i++) {
		struct lines t = {0};
		struct err e = {0};

		assert_int_equal(read_text(days[i].text, &t, printing, &e), 0);
		if (strcmp(date_print(day, t.status.day), days[i].day) != 0)
			fail_msg("case %zu: %s instead of %s", i, day, days[i].day);
	}
}

static void
pain002_samples_are_what_iso_allows(void **state)
{
	(void)state;
	FILE *f = fopen(XSD, "rb");
	if (!f) {
		print_message("# skipped: " XSD " is not here\n");
		return;
	}
	char *xsd = malloc(1 << 20);
	assert_non_null(xsd);
	size_t length = fread(xsd, 1, 1 << 20, f);
	fclose(f);
	for (size_t i = 0; i < LENGTH(reports); i++) {
		struct err e = {0};
		FILE *in = open_text(reports[i].text);
		if ((xml_validate(in, xsd, length, &e) == 0) != reports[i].is_iso)
			fail_msg("%s: %ld: %s", reports[i].name, e.line, e.message);
		fclose(in);
	}
	free(xsd);
}

static void
pain002_reads_any_prefix_and_version(void **state)
{
	(void)state;
	static const char *const roots[][2] = {
	    {"<Document xmlns=\"" NS "\">", "</Document>"},
	    {"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\">", "</Document>"},
	    {"<Document xmlns=\"http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd\">",
	     "</Document>"},
	    {"<Document>", "</Document>"},
	    {"<n:Document xmlns:n=\"" NS "\" xmlns=\"" NS "\">", "</n:Document>"},
	};
	for (size_t i = 0; i < LENGTH(roots); i++) {
		struct lines t = {0};
		struct err e = {0};
		char text[1024];
		snprintf(text, sizeof text, "%s<CstmrPmtStsRpt>" HEADER GROUP("<GrpSts>ACTC</GrpSts>") "%s%s",
		         roots[i][0], "</CstmrPmtStsRpt>", roots[i][1]);
		assert_int_equal(read_text(text, &t, printing, &e), 0);
		assert_string_equal(t.text, "2 0 |||ACTC|||-1|-1\n");
	}
	struct lines t = {0};
	struct err e = {0};
	assert_int_equal(read_text("<a:Document xmlns:a=\"" NS "\"><a:CstmrPmtStsRpt><a:OrgnlGrpInfAndSts>"
	                           "<a:OrgnlMsgId>SDD-1</a:OrgnlMsgId><a:GrpSts>RJCT</a:GrpSts>"
	                           "</a:OrgnlGrpInfAndSts></a:CstmrPmtStsRpt></a:Document>",
	                           &t, printing, &e),
	                 0);
	assert_string_equal(t.text, "1 0 |||RJCT|||-1|-1\n");
	assert_int_equal(t.message.created_at, INSTANT_NONE);
}

static void
pain002_refuses_what_it_cannot_be_sure_of(void **state)
{
	(void)state;
	static const struct {
		const char *text, *code;
		long line;
	} bad[] = {
	    {"<Report xmlns=\"" NS "\"/>", "unknown_message", 1},
	    {"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"/>", "unknown_message", 1},
	    {"<Document xmlns=\"" NS "\">\n<CstmrDrctDbtInitn/></Document>", "unknown_message", 2},
	    {"<Document xmlns=\"" NS "\"/>", "unknown_message", 1},
	    {"<!DOCTYPE Document>" WRAP(""), "doctype_refused", 1},
	    {"<Document xmlns=\"" NS "\">\n<CstmrPmtStsRpt>\n", "malformed_xml", 2},
	};
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct lines t = {0};
		struct err e = {0};
		if (read_text(bad[i].text, &t, printing, &e) != -1 || strcmp(e.code, bad[i].code) != 0 ||
		    e.line != bad[i].line)
			fail_msg("%s: %s at %ld: %s", bad[i].text, e.code, e.line, e.message);
	}
}

/* A field that cannot be read is a problem of its status, not of the file. */
static void
pain002_names_the_problem_of_a_status(void **state)
{
	(void)state;
	static const struct {
		const char *body, *status, *problem;
	} cases[] = {
	    {GROUP("<GrpSts>REJECTED</GrpSts>"), "", "the status is not one of the standard"},
	    {GROUP("<GrpSts>XXXX</GrpSts>"), "", "the status is not one of the standard"},
	    {GROUP("<OrgnlNbOfTxs>many</OrgnlNbOfTxs><GrpSts>ACCP</GrpSts>"), "ACCP",
	     "the number of transactions is not a number"},
	    {GROUP("<OrgnlNbOfTxs>-1</OrgnlNbOfTxs>"), "", "the number of transactions is not a number"},
	    {GROUP("<OrgnlCtrlSum>1.005</OrgnlCtrlSum>"), "", "the control sum is not in whole euro cents"},
	    {GROUP("<OrgnlCtrlSum>-1</OrgnlCtrlSum><GrpSts>ACCP</GrpSts>"), "ACCP",
	     "the control sum is not in whole euro cents"},
	    {GROUP(
		 "") "<OrgnlPmtInfAndSts><TxInfAndSts><TxSts>RJCT</TxSts><OrgnlTxRef><Amt>"
	             "<InstdAmt Ccy=\"USD\">1</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts></OrgnlPmtInfAndSts>",
	     "RJCT", "the amount is not in EUR"},
	    {GROUP("<OrgnlCtrlSum>+1.50</OrgnlCtrlSum><GrpSts>ACCP</GrpSts>"), "ACCP", ""},
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct lines t = {0};
		struct err e = {0};
		char text[1024];
		snprintf(text, sizeof text, WRAP("%s"), cases[i].body);
		assert_int_equal(read_text(text, &t, printing, &e), 0);
		assert_int_equal(t.statuses, 1);
		assert_string_equal(t.status.problem, cases[i].problem);
		assert_string_equal(t.status.problem_code, cases[i].problem[0] ? "bad_field" : "");
		assert_string_equal(t.status.status, cases[i].status);
	}
}

static void
pain002_prefers_the_iso_reason_and_reads_the_mandate(void **state)
{
	(void)state;
	struct lines t = {0};
	struct err e = {0};
	assert_int_equal(
	    read_text(
		WRAP(GROUP("") "<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>E1</OrgnlEndToEndId>"
	                       "<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Prtry>N12</Prtry></Rsn></StsRsnInf>"
	                       "<StsRsnInf><Rsn><Cd>AM05</Cd></Rsn></StsRsnInf>"
	                       "<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf><OrgnlTxRef><MndtRltdInf>"
	                       "<MndtId>RUM-1</MndtId></MndtRltdInf></OrgnlTxRef></TxInfAndSts>"
	                       "</OrgnlPmtInfAndSts>"),
		&t, printing, &e),
	    0);
	assert_string_equal(t.status.reason, "AM05");
	assert_string_equal(t.status.mandate_reference, "RUM-1");
}

static void
pain002_stops_when_the_caller_does(void **state)
{
	(void)state;
	struct lines t = {.refuse_after = 2};
	struct err e = {0};
	assert_int_equal(read_text(reports[3].text, &t, printing, &e), -1);
	assert_string_equal(e.code, "enough");
	assert_int_equal(t.statuses, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pain002_reads_what_the_bank_said_and_no_more),
	    cmocka_unit_test(pain002_reads_the_day_of_a_change),
	    cmocka_unit_test(pain002_samples_are_what_iso_allows),
	    cmocka_unit_test(pain002_reads_any_prefix_and_version),
	    cmocka_unit_test(pain002_refuses_what_it_cannot_be_sure_of),
	    cmocka_unit_test(pain002_names_the_problem_of_a_status),
	    cmocka_unit_test(pain002_prefers_the_iso_reason_and_reads_the_mandate),
	    cmocka_unit_test(pain002_stops_when_the_caller_does),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
