/* test_pain_read: payment initiations of any version and prefix, and what is wrong in them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/pain_read.h"
#include "tests/text.h"

/* All that was handed on, a line each. */
struct heard {
	char text[4096];
	size_t n;
};

static void __attribute__((format(printf, 2, 3))) hear(struct heard *h, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	h->n += (size_t)vsnprintf(h->text + h->n, sizeof(h->text) - h->n, fmt, args);
	va_end(args);
}

static int
hear_file(void *ctx, const struct pain_read_file *f, struct err *e)
{
	char at[INSTANT_TEXT];

	(void)e;
	hear(ctx, "%s %s %s %ld %lld [%s]%s\n", f->name_id, f->msg_id, instant_print(at, f->created_at),
	     f->count, (long long)f->sum, f->initiating_party, f->problem);
	return 0;
}

static int
hear_block(void *ctx, const struct pain_read_block *b, struct err *e)
{
	char day[DATE_TEXT];

	(void)e;
	hear(ctx, "block %s %s %s %ld %lld [%s] %s %s%s\n", b->payment_information_id, b->sequence_type,
	     date_print(day, b->on), b->count, (long long)b->sum, b->name, b->iban, b->creditor_identifier,
	     b->problem);
	return 0;
}

static int
hear_transaction(void *ctx, const struct pain_read_transaction *t, struct err *e)
{
	char day[DATE_TEXT];

	(void)e;
	hear(ctx, "%s %lld %s %s %s [%s] %s %s|%s\n", t->end_to_end_id, (long long)t->amount,
	     t->mandate_reference, date_print(day, t->signed_on), t->amended, t->name, t->iban, t->remittance,
	     t->problem);
	return 0;
}

static int
read_text(const char *text, struct heard *h, struct err *e)
{
	struct pain_read g = {h, hear_file, hear_block, hear_transaction};
	FILE *in = open_text(text);
	int rc;

	*h = (struct heard){0};
	*e = (struct err){0};
	rc = pain_read(in, &g, e);
	fclose(in);
	return rc;
}

#define DEBITS                                                                                                         \
	"<?xml version=\"1.0\"?><p:Document xmlns:p=\"urn:iso:std:iso:20022:tech:xsd:pain.008.001.02\">"               \
	"<p:CstmrDrctDbtInitn><p:GrpHdr><p:MsgId>M1</p:MsgId><p:CreDtTm>2026-03-04T03:30:00</p:CreDtTm>"               \
	"<p:NbOfTxs>2</p:NbOfTxs><p:CtrlSum>30.00</p:CtrlSum><p:InitgPty><p:Nm>Us</p:Nm></p:InitgPty></p:GrpHdr>"      \
	"<p:PmtInf><p:PmtInfId>B1</p:PmtInfId><p:NbOfTxs>2</p:NbOfTxs><p:CtrlSum>30</p:CtrlSum>"                       \
	"<p:PmtTpInf><p:SeqTp>RCUR</p:SeqTp></p:PmtTpInf><p:ReqdColltnDt>2026-03-10</p:ReqdColltnDt>"                  \
	"<p:Cdtr><p:Nm>Us</p:Nm></p:Cdtr><p:CdtrAcct><p:Id><p:IBAN>FR7630006000011234567890189</p:IBAN></p:Id>"        \
	"</p:CdtrAcct><p:CdtrSchmeId><p:Id><p:PrvtId><p:Othr><p:Id>FR72ZZZ123456</p:Id></p:Othr></p:PrvtId></p:Id>"    \
	"</p:CdtrSchmeId>"                                                                                             \
	"<p:DrctDbtTxInf><p:PmtId><p:EndToEndId>E1</p:EndToEndId></p:PmtId><p:InstdAmt Ccy=\"EUR\">10.00</p:InstdAmt>" \
	"<p:DrctDbtTx><p:MndtRltdInf><p:MndtId>R1</p:MndtId><p:DtOfSgntr>2026-01-02</p:DtOfSgntr>"                     \
	"<p:AmdmntInd>true</p:AmdmntInd></p:MndtRltdInf></p:DrctDbtTx><p:Dbtr><p:Nm>Ada</p:Nm></p:Dbtr>"               \
	"<p:DbtrAcct><p:Id><p:IBAN>DE89370400440532013000</p:IBAN></p:Id></p:DbtrAcct>"                                \
	"<p:RmtInf><p:Ustrd>February</p:Ustrd></p:RmtInf></p:DrctDbtTxInf>"                                            \
	"<p:DrctDbtTxInf><p:PmtId><p:EndToEndId>E2</p:EndToEndId></p:PmtId><p:InstdAmt Ccy=\"EUR\">20</p:InstdAmt>"    \
	"<p:Dbtr><p:Nm>Bob</p:Nm></p:Dbtr></p:DrctDbtTxInf></p:PmtInf></p:CstmrDrctDbtInitn></p:Document>"

static void
pain_read_takes_debits_of_an_older_version_with_a_prefix(void **state)
{
	struct heard h = {0};
	struct err e;

	(void)state;
	assert_int_equal(read_text(DEBITS, &h, &e), 0);
	assert_string_equal(h.text,
	                    "pain.008.001.02 M1 2026-03-04T02:30:00.000Z 2 3000 [Us]\n"
	                    "block B1 RCUR 2026-03-10 2 3000 [Us] FR7630006000011234567890189 FR72ZZZ123456\n"
	                    "E1 1000 R1 2026-01-02 true [Ada] DE89370400440532013000 February|\n"
	                    "E2 2000    [Bob]  |\n");
}

static void
pain_read_takes_transfers_with_either_form_of_their_day(void **state)
{
	static const char text[] =
	    "<Document><CstmrCdtTrfInitn><GrpHdr><MsgId>M2</MsgId></GrpHdr>"
	    "<PmtInf><PmtInfId>B1</PmtInfId><ReqdExctnDt><Dt>2026-03-09</Dt></ReqdExctnDt><Dbtr><Nm>Us</Nm></Dbtr>"
	    "<CdtTrfTxInf><PmtId><EndToEndId>E1</EndToEndId></PmtId><Amt><InstdAmt Ccy=\"EUR\">1.01</InstdAmt></Amt>"
	    "<Cdtr><Nm>Ada</Nm></Cdtr></CdtTrfTxInf></PmtInf>"
	    "<PmtInf><PmtInfId>B2</PmtInfId><ReqdExctnDt>2026-03-10</ReqdExctnDt></PmtInf></CstmrCdtTrfInitn></Document>";
	struct heard h = {0};
	struct err e;

	(void)state;
	assert_int_equal(read_text(text, &h, &e), 0);
	assert_string_equal(h.text, "pain.001 M2  -1 -1 []\n"
	                            "block B1  2026-03-09 -1 -1 [Us]  \n"
	                            "E1 101    [Ada]  |\n"
	                            "block B2  2026-03-10 -1 -1 []  \n");
}

static void
pain_read_says_what_is_wrong_with_one_transaction_and_goes_on(void **state)
{
	static const struct {
		const char *from, *to, *problem;
	} cases[] = {
	    {"<p:InstdAmt Ccy=\"EUR\">10.00", "<p:InstdAmt Ccy=\"CHF\">10.00", "E1 -1 R1"},
	    {"<p:InstdAmt Ccy=\"EUR\">10.00", "<p:InstdAmt Ccy=\"EUR\">10.005", "|InstdAmt"},
	    {"<p:EndToEndId>E1</p:EndToEndId>", "", "|EndToEndId is missing"},
	    {"E1", "0123456789012345678901234567890123456789", "|EndToEndId has more than 35 characters"},
	    {"2026-01-02", "2026-02-30", "|DtOfSgntr"},
	};
	struct heard h = {0};
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = replaced(DEBITS, cases[i].from, cases[i].to);

		assert_int_equal(read_text(text, &h, &e), 0);
		if (strstr(h.text, cases[i].problem) == NULL || strstr(h.text, "E2 2000") == NULL)
			fail_msg("%s: %s", cases[i].to, h.text);
		free(text);
	}
}

static void
pain_read_refuses_other_documents(void **state)
{
	struct heard h = {0};
	struct err e;
	char *cut = replaced(DEBITS, "</p:PmtInf></p:CstmrDrctDbtInitn></p:Document>", "");

	(void)state;
	assert_int_equal(read_text("<Document><BkToCstmrStmt/></Document>", &h, &e), -1);
	assert_string_equal(e.code, ERR_UNKNOWN_MESSAGE);
	assert_int_equal(read_text("<Document/>", &h, &e), -1);
	assert_string_equal(e.code, ERR_UNKNOWN_MESSAGE);
	assert_int_equal(read_text(cut, &h, &e), -1);
	assert_string_equal(e.code, ERR_MALFORMED_XML);
	free(cut);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pain_read_takes_debits_of_an_older_version_with_a_prefix),
	    cmocka_unit_test(pain_read_takes_transfers_with_either_form_of_their_day),
	    cmocka_unit_test(pain_read_says_what_is_wrong_with_one_transaction_and_goes_on),
	    cmocka_unit_test(pain_read_refuses_other_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
