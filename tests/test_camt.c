/* test_camt: notifications as banks send them, printed as one line for each record, and what is refused. */
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

#define NS  "urn:iso:std:iso:20022:tech:xsd:camt.054.001."
#define XSD "../shared/iso20022/camt.054.001."
#define MESSAGE(version, body)                                                          \
	"<Document xmlns=\"" NS version "\">\n<BkToCstmrDbtCdtNtfctn>"                  \
	"<GrpHdr><MsgId>N1</MsgId><CreDtTm>2026-03-10T06:00:00</CreDtTm></GrpHdr>" body \
	"</BkToCstmrDbtCdtNtfctn></Document>"
#define ACCOUNT(iban, body)                                                             \
	"<Ntfctn><Id>1</Id><CreDtTm>2026-03-10T06:00:00</CreDtTm><Acct><Id><IBAN>" iban \
	"</IBAN></Id></Acct>\n" body "</Ntfctn>"
#define OURS "FR7630006000011234567890189"
#define FAMILY(sub) \
	"<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>" sub "</SubFmlyCd></Fmly></Domn></BkTxCd>"
#define BOOKED "<Sts><Cd>BOOK</Cd></Sts>"
#define ENTRY(amount, direction, rest) \
	"<Ntry><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>" direction "</CdtDbtInd>" rest "</Ntry>\n"
#define TX(rest) "<TxDtls>" rest "</TxDtls>\n"

struct lines {
	char text[4096];
	size_t length;
	struct answer_message message;
};

static void
put_day(char *text, date on)
{
	if (on == DATE_NONE)
		memcpy(text, "-", 2);
	else
		date_print(text, on);
}

/* line entry.detail sign amount/entry+charges status booked valued codes | ids | batch reason "text" returned
 */
static int
print_record(void *ctx, const struct answer_message *m, const struct camt_entry *n, struct err *e)
{
	struct lines *t = ctx;
	char booked[DATE_TEXT], valued[DATE_TEXT];
	(void)m, (void)e;
	put_day(booked, n->booking_on);
	put_day(valued, n->value_on);
	int size = snprintf(
	    t->text + t->length, sizeof t->text - t->length,
	    "%.4s %ld %d.%d %s%lld/%lld+%lld %s%s %s %s %s.%s.%s|%s|%s|%s|%s|%s|%s|%ld [%s] \"%s\"%s\n",
	    n->account_iban, n->line, n->entry, n->detail, n->credit ? "+" : "-", (long long)n->amount,
	    (long long)n->entry_amount, (long long)n->charges, n->status, n->reversal ? " reversal" : "",
	    booked, valued, n->domain, n->family, n->sub_family, n->account_servicer_ref, n->end_to_end_id,
	    n->instruction_id, n->mandate_reference, n->msg_id, n->payment_information_id, n->batch_count,
	    n->reason, n->text, n->is_return ? " return" : "");
	assert_true(size > 0 && (size_t)size < sizeof t->text - t->length);
	t->length += (size_t)size;
	return 0;
}

static FILE *
open_text(const char *text)
{
	FILE *f = tmpfile();
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	rewind(f);
	return f;
}

static int
begin(void *ctx, const struct answer_message *m, struct err *e)
{
	(void)ctx, (void)m, (void)e;
	return 0;
}

static int
end(void *ctx, const struct answer_message *m, struct err *e)
{
	struct lines *t = ctx;
	(void)e;
	t->message = *m;
	return 0;
}

static int
read_text(const char *text, struct lines *t, struct err *e)
{
	struct answer_reader g = {.ctx = t, .begin = begin, .entry = print_record, .end = end};
	FILE *f = open_text(text);
	int rc = answer_read(f, &g, e);
	fclose(f);
	return rc;
}

static const struct notification {
	const char *name, *version, *text, *lines;
} good[] = {
    {"a credit for each debit, in several entries and details", "08",
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY("12.50", "CRDT",
                   BOOKED "<BookgDt><Dt>2026-03-09</Dt></BookgDt><ValDt><Dt>2026-03-10</Dt></ValDt>"
                          "<AcctSvcrRef>R1</AcctSvcrRef>" FAMILY("ESDD") "<NtryDtls>" TX(
			      "<Refs><EndToEndId>E1</EndToEndId><MndtId>M1</MndtId></Refs>") "</NtryDtls>")
		 ENTRY(
		     "30.00", "CRDT",
		     BOOKED "<AcctSvcrRef>R2</AcctSvcrRef>" FAMILY("ESDD") "<NtryDtls>" TX(
			 "<Refs><AcctSvcrRef>R2-1</AcctSvcrRef><InstrId>I2</InstrId><EndToEndId>E2</EndToEndId>"
			 "</Refs><Amt Ccy=\"EUR\">000010.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>")
			 TX("<Refs><EndToEndId>E3</EndToEndId></Refs><Amt Ccy=\"EUR\">20</Amt>"
                            "<CdtDbtInd>CRDT</CdtDbtInd>") "</NtryDtls>"))),
     "FR76 3 1.1 +1250/1250+0 BOOK 2026-03-09 2026-03-10 PMNT.IDDT.ESDD|R1|E1||M1|||-1 [] \"\"\n"
     "FR76 5 2.1 +1000/3000+0 BOOK - - PMNT.IDDT.ESDD|R2-1|E2|I2||||-1 [] \"\"\n"
     "FR76 5 2.2 +2000/3000+0 BOOK - - PMNT.IDDT.ESDD|R2|E3|||||-1 [] \"\"\n"},
    {"one bulk credit, with its batch or with nothing", "08",
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY("1234.57", "CRDT",
                   BOOKED "<BookgDt><DtTm>2026-03-08T23:30:00Z</DtTm></BookgDt>" FAMILY(
		       "ESDD") "<NtryDtls><Btch><MsgId>SDD-1</MsgId><PmtInfId>A</PmtInfId>"
                               "<NbOfTxs>2</NbOfTxs><TtlAmt Ccy=\"EUR\">1234.57</TtlAmt></Btch></NtryDtls>"
                               "<AddtlNtryInf>SEPA LASTSCHRIFT</AddtlNtryInf>")
		 ENTRY("1.00", "CRDT",
                       BOOKED "<BookgDt><DtTm>2026-03-08T23:30:00</DtTm></BookgDt>" FAMILY(
			   "ESDD") "<NtryDtls/>") ENTRY("2.00", "CRDT", BOOKED FAMILY("ESDD")))),
     "FR76 3 1.0 +123457/123457+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD||||"
     "|SDD-1|A|2 [] \"SEPA LASTSCHRIFT\"\n"
     "FR76 4 2.0 +100/100+0 BOOK 2026-03-08 - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"
     "FR76 5 3.0 +200/200+0 BOOK - - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"},
    {"a batch with its details hands them its ids", "08",
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY(
		 "3.00", "CRDT",
		 BOOKED FAMILY("ESDD") "<NtryDtls><Btch><PmtInfId>A</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>" TX(
		     "<Refs><EndToEndId>E1</EndToEndId></Refs><Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd>")
		     TX("<Refs><PmtInfId>B</PmtInfId></Refs><Amt Ccy=\"EUR\">2</Amt>"
                        "<CdtDbtInd>CRDT</CdtDbtInd>") "</NtryDtls>"))),
     "FR76 3 1.1 +100/300+0 BOOK - - PMNT.IDDT.ESDD||E1||||A|2 [] \"\"\n"
     "FR76 3 1.2 +200/300+0 BOOK - - PMNT.IDDT.ESDD||||||B|2 [] \"\"\n"},
    {"returns by RtrInf: a code, a proprietary one, none at all, and 0000", "08",
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY("6.00", "DBIT",
                   BOOKED FAMILY("OTHR") "<NtryDtls>" TX(
		       "<Refs><EndToEndId>E1</EndToEndId></Refs>"
		       "<Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><RtrInf>"
		       "<Rsn><Cd>AM04</Cd></Rsn><AddtlInf>no funds</AddtlInf>"
		       "<AddtlInf>again</AddtlInf></RtrInf><AddtlTxInf>x</AddtlTxInf>")
                       TX("<Amt Ccy=\"EUR\">2</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
                          "<RtrInf><Rsn><Prtry>N245</Prtry></Rsn></RtrInf><AddtlTxInf>text</AddtlTxInf>")
                           TX("<Amt Ccy=\"EUR\">3</Amt><CdtDbtInd>DBIT</CdtDbtInd><RtrInf/>") "</NtryDtls>")
		 ENTRY("1.00", "CRDT",
                       BOOKED FAMILY("ESDD") "<NtryDtls>" TX(
			   "<RtrInf><Rsn><Prtry>0000</Prtry></Rsn></RtrInf>") "</NtryDtls>"))),
     "FR76 3 1.1 -100/600+0 BOOK - - PMNT.IDDT.OTHR||E1|||||-1 [AM04] \"no funds\" return\n"
     "FR76 3 1.2 -200/600+0 BOOK - - PMNT.IDDT.OTHR|||||||-1 [N245] \"text\" return\n"
     "FR76 3 1.3 -300/600+0 BOOK - - PMNT.IDDT.OTHR|||||||-1 [] \"\" return\n"
     "FR76 7 2.1 +100/100+0 BOOK - - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"},
    {"returns by family, of the entry or the detail, and by a reversed debit", "08",
     MESSAGE("08",
             ACCOUNT(OURS,
                     ENTRY("1.00", "DBIT", BOOKED FAMILY("UPDD")) ENTRY("2.00", "DBIT", BOOKED FAMILY("PRDD"))
                         ENTRY("3.00", "DBIT",
                               BOOKED FAMILY("OTHR") "<NtryDtls>" TX(FAMILY("RCDD")) "</NtryDtls>")
                             ENTRY("4.00", "CRDT", BOOKED FAMILY("RRTN"))
                                 ENTRY("5.00", "DBIT", "<RvslInd>true</RvslInd>" BOOKED "<BkTxCd/>") ENTRY(
				     "6.00", "CRDT", "<RvslInd>true</RvslInd>" BOOKED "<BkTxCd/>")
                                     ENTRY("7.00", "DBIT", "<RvslInd>false</RvslInd>" BOOKED "<BkTxCd/>"))),
     "FR76 3 1.0 -100/100+0 BOOK - - PMNT.IDDT.UPDD|||||||-1 [] \"\" return\n"
     "FR76 4 2.0 -200/200+0 BOOK - - PMNT.IDDT.PRDD|||||||-1 [] \"\" return\n"
     "FR76 5 3.1 -300/300+0 BOOK - - PMNT.IDDT.RCDD|||||||-1 [] \"\" return\n"
     "FR76 7 4.0 +400/400+0 BOOK - - PMNT.IDDT.RRTN|||||||-1 [] \"\" return\n"
     "FR76 8 5.0 -500/500+0 BOOK reversal - - ..|||||||-1 [] \"\" return\n"
     "FR76 9 6.0 +600/600+0 BOOK reversal - - ..|||||||-1 [] \"\" return\n"
     "FR76 10 7.0 -700/700+0 BOOK - - ..|||||||-1 [] \"\"\n"},
    {"what the details leave of an entry is printed without ids", "08",
     MESSAGE("08", ACCOUNT(OURS, ENTRY("81.50", "CRDT",
                                       BOOKED FAMILY("ESDD") "<NtryDtls>" TX(
					   "<Refs><EndToEndId>E1</EndToEndId></Refs><Amt Ccy=\"EUR\">24</Amt>"
					   "<CdtDbtInd>CRDT</CdtDbtInd>") "</NtryDtls>"))),
     "FR76 3 1.1 +2400/8150+0 BOOK - - PMNT.IDDT.ESDD||E1|||||-1 [] \"\"\n"
     "FR76 3 1.0 +5750/8150+0 BOOK - - PMNT.IDDT.|||||||-1 []"
     " \"the details of this entry do not add up to its amount: this is the difference\"\n"},
    {"charges in the entry count, others do not", "08",
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY(
		 "53.00", "DBIT",
		 BOOKED FAMILY("UPDD") "<NtryDtls>" TX(
		     "<Amt Ccy=\"EUR\">50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Chrgs><TtlChrgsAndTaxAmt Ccy=\"EUR\">9"
		     "</TtlChrgsAndTaxAmt><Rcrd><Amt Ccy=\"EUR\">3.50</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd>"
		     "<Rcrd><Amt Ccy=\"EUR\">0.50</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
		     "<ChrgInclInd>true</ChrgInclInd></Rcrd>"
		     "<Rcrd><Amt Ccy=\"CHF\">7</Amt><ChrgInclInd>false</ChrgInclInd></Rcrd></Chrgs>") "</NtryDtls>")
		 ENTRY("13.00", "DBIT",
                       BOOKED FAMILY("UPDD") "<Chrgs><Rcrd><Amt Ccy=\"EUR\">3</Amt></Rcrd></Chrgs>"
                                             "<NtryDtls>" TX("<Refs/>") "</NtryDtls>"))),
     "FR76 3 1.1 -5000/5300+300 BOOK - - PMNT.IDDT.UPDD|||||||-1 [] \"\" return\n"
     "FR76 5 2.1 -1300/1300+300 BOOK - - PMNT.IDDT.UPDD|||||||-1 [] \"\" return\n"},
    {"an entry's charges are not those of one of several details, and a detail's own amount counts", "08",
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY(
		 "6.00",
		 "DBIT",
		 BOOKED FAMILY("UPDD") "<Chrgs><Rcrd><Amt Ccy=\"EUR\">3</Amt></Rcrd></Chrgs><NtryDtls>" TX(
		     "<Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><AmtDtls><InstdAmt><Amt Ccy=\"EUR\">8</Amt>"
		     "</InstdAmt><TxAmt><Amt Ccy=\"EUR\">9</Amt></TxAmt></AmtDtls>")
		     TX("<Amt Ccy=\"EUR\">2</Amt><CdtDbtInd>DBIT</CdtDbtInd>") "</NtryDtls>"))),
     "FR76 3 1.1 -100/600+0 BOOK - - PMNT.IDDT.UPDD|||||||-1 [] \"\" return\n"
     "FR76 3 1.2 -200/600+0 BOOK - - PMNT.IDDT.UPDD|||||||-1 [] \"\" return\n"},
    {"entries that are not booked come with their status", "08",
     MESSAGE("08", ACCOUNT(OURS, ENTRY("1.00", "CRDT", "<Sts><Cd>PDNG</Cd></Sts>" FAMILY("ESDD"))
                                     ENTRY("1.00", "CRDT", "<Sts><Cd>INFO</Cd></Sts>" FAMILY("ESDD")) ENTRY(
					 "1.00", "CRDT", "<Sts><Prtry>X</Prtry></Sts>" FAMILY("ESDD")))),
     "FR76 3 1.0 +100/100+0 PDNG - - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"
     "FR76 4 2.0 +100/100+0 INFO - - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"
     "FR76 5 3.0 +100/100+0  - - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"},
    {"several accounts, one of them without an IBAN", "08",
     MESSAGE("08", ACCOUNT(OURS, ENTRY("1.00", "CRDT", BOOKED FAMILY("ESDD"))) ACCOUNT(
		       "DE89370400440532013000",
		       ENTRY("2.00", "DBIT",
                             BOOKED FAMILY(
				 "ESDD"))) "<Ntfctn>"
                                           "<Id>3</Id><Acct><Id><Othr><Id>7</Id></Othr></Id></Acct>" ENTRY(
					       "3.00", "CRDT", BOOKED FAMILY("ESDD")) "</Ntfctn>"),
     "FR76 3 1.0 +100/100+0 BOOK - - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"
     "DE89 5 2.0 -200/200+0 BOOK - - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"
     " 6 3.0 +300/300+0 BOOK - - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"},
    {"version .02: plain status, amounts in AmtDtls, charges without records", "02",
     MESSAGE(
	 "02",
	 ACCOUNT(
	     OURS,
	     ENTRY("53.00", "DBIT",
                   "<Sts>BOOK</Sts><BkTxCd/><NtryDtls>" TX(
		       "<Refs><EndToEndId>E1</EndToEndId></Refs><AmtDtls><InstdAmt>"
		       "<Amt Ccy=\"EUR\">50.00</Amt></InstdAmt></AmtDtls>"
		       "<Chrgs><Amt Ccy=\"EUR\">2</Amt></Chrgs>"
		       "<Chrgs><Amt Ccy=\"EUR\">1</Amt></Chrgs>"
		       "<RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf>") "</NtryDtls>")
		 ENTRY(
		     "3.00",
		     "DBIT",
		     "<Sts>BOOK</Sts><BkTxCd/><NtryDtls>" TX(
			 "<AmtDtls><InstdAmt><Amt Ccy=\"USD\">9.999</Amt></InstdAmt><TxAmt><Amt Ccy=\"EUR\">1</Amt>"
			 "</TxAmt></AmtDtls>")
			 TX("<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">9</Amt></InstdAmt><TxAmt><Amt Ccy=\"EUR\">2</Amt>"
                            "</TxAmt></AmtDtls>") "</NtryDtls>"))),
     "FR76 3 1.1 -5000/5300+300 BOOK - - ..||E1|||||-1 [MD06] \"\" return\n"
     "FR76 5 2.1 -100/300+0 BOOK - - ..|||||||-1 [] \"\"\n"
     "FR76 5 2.2 -200/300+0 BOOK - - ..|||||||-1 [] \"\"\n"},
    {"what is longer than the schema allows", NULL,
     MESSAGE("08", ACCOUNT(OURS, ENTRY("1.00", "CRDT",
                                       BOOKED "<NtryDtls>" TX(
					   "<Refs><EndToEndId>012345678901234567890123456789012345"
					   "</EndToEndId></Refs>") "</NtryDtls>"))),
     "FR76 3 1.1 +100/100+0 BOOK - - ..|||||||-1 [] \"\"\n"},
};

static void
camt_reads_what_the_bank_booked(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct lines t = {0};
		struct err e = {0};
		if (read_text(good[i].text, &t, &e))
			fail_msg("%s: %s at %ld: %s", good[i].name, e.code, e.line, e.message);
		if (strcmp(t.text, good[i].lines) != 0)
			fail_msg("%s:\n%s", good[i].name, t.text);
		assert_string_equal(t.message.msg_id, "N1");
		assert_int_equal(t.message.created_at, INT64_C(1773118800000));
	}
}

static void
camt_samples_are_what_iso_allows(void **state)
{
	(void)state;
	char *xsd = malloc(1 << 20);
	assert_non_null(xsd);
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct err e = {0};
		char path[64];
		if (!good[i].version)
			continue;
		snprintf(path, sizeof path, XSD "%s.xsd", good[i].version);
		FILE *f = fopen(path, "rb");
		if (!f) {
			print_message("# skipped: %s is not here\n", path);
			break;
		}
		size_t length = fread(xsd, 1, 1 << 20, f);
		fclose(f);
		FILE *in = open_text(good[i].text);
		if (xml_validate(in, xsd, length, &e))
			fail_msg("%s: %ld: %s", good[i].name, e.line, e.message);
		fclose(in);
	}
	free(xsd);
}

static void
camt_reads_a_text_of_many_bytes_without_breaking_a_character(void **state)
{
	(void)state;
	struct lines t = {0};
	struct err e = {0};
	char text[2048], long_text[2 * 100 + 2] = "x";
	for (size_t i = 1; i < 201; i += 2)
		memcpy(long_text + i, "\xC3\xA9", 2);
	long_text[201] = '\0';
	snprintf(
	    text, sizeof text, "%s%s%s",
	    "<Document><BkToCstmrDbtCdtNtfctn><Ntfctn><Ntry><Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
	    "<AddtlNtryInf>",
	    long_text, "</AddtlNtryInf></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>");
	assert_int_equal(read_text(text, &t, &e), 0);
	long_text[139] = '\0';
	assert_non_null(strstr(t.text, long_text));
	assert_null(strstr(t.text, "\xC3\""));
	assert_non_null(strstr(t.text, "\xA9\"\n"));
	assert_int_equal(t.message.created_at, INSTANT_NONE);
}

static void
camt_refuses_what_it_cannot_be_sure_of(void **state)
{
	(void)state;
	static const struct {
		const char *text, *code;
		long line;
	} bad[] = {
	    {"<Report/>", "unknown_message", 1},
	    {"<Document xmlns=\"" NS "08\">\n<CstmrDrctDbtInitn/></Document>", "unknown_message", 2},
	    {"<Document xmlns=\"" NS "08\"/>", "unknown_message", 0},
	    {"<!DOCTYPE Document [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n" MESSAGE("08", ""),
	     "doctype_refused", 1},
	    {"<Document xmlns=\"" NS "08\">\n<BkToCstmrDbtCdtNtfctn>", "malformed_xml", 2},
	    {MESSAGE("08", ACCOUNT(OURS, "<Ntry>\n<Amt Ccy=\"USD\">1.00</Amt></Ntry>")), "bad_field", 4},
	    {MESSAGE("08", ACCOUNT(OURS, "<Ntry>\n<Amt>1.00</Amt></Ntry>")), "bad_field", 4},
	    {MESSAGE("08", ACCOUNT(OURS, ENTRY("1.005", "CRDT", ""))), "bad_field", 3},
	    {MESSAGE("08", ACCOUNT(OURS, ENTRY("-1.00", "CRDT", ""))), "bad_field", 3},
	    {MESSAGE("08", ACCOUNT(OURS, ENTRY("1,00", "CRDT", ""))), "bad_field", 3},
	    {MESSAGE("08", ACCOUNT(OURS, ENTRY("1.00", "CREDIT", ""))), "bad_field", 3},
	    {MESSAGE("08", ACCOUNT(OURS, "\n<Ntry><CdtDbtInd>CRDT</CdtDbtInd>\n</Ntry>")), "bad_field", 4},
	    {MESSAGE("08", ACCOUNT(OURS, "\n<Ntry><Amt Ccy=\"EUR\">1</Amt>\n</Ntry>")), "bad_field", 4},
	    {MESSAGE("08", ACCOUNT(OURS, ENTRY("1.00", "CRDT", "\n<RvslInd>maybe</RvslInd>"))), "bad_field",
	     4},
	    {MESSAGE("08", ACCOUNT(OURS, ENTRY("1.00", "CRDT", "<Sts>BOOKED</Sts>"))), "bad_field", 3},
	    {MESSAGE("08", ACCOUNT(OURS, ENTRY("1.00", "CRDT", "<BookgDt>\n<Dt>2026-02-29</Dt></BookgDt>"))),
	     "bad_field", 4},
	    {MESSAGE("08",
	             ACCOUNT(OURS, ENTRY("1.00", "CRDT", "<ValDt><DtTm>2026-02-28T25:00:00</DtTm></ValDt>"))),
	     "bad_field", 3},
	    {MESSAGE("08", ACCOUNT(OURS, ENTRY("3.00", "CRDT",
	                                       "<NtryDtls>" TX("<Amt Ccy=\"EUR\">1</Amt>")
	                                           TX("<Refs/>") "</NtryDtls>"))),
	     "bad_field", 3},
	    {MESSAGE("08", ACCOUNT(OURS, ENTRY("3.00", "CRDT",
	                                       "<NtryDtls>" TX("<Refs/>")
	                                           TX("<Amt Ccy=\"EUR\">1</Amt>") "</NtryDtls>"))),
	     "bad_field", 3},
	    {MESSAGE("08", ACCOUNT(OURS, ENTRY("3.00", "CRDT",
	                                       "\n<Chrgs><Rcrd><Amt Ccy=\"CHF\">1</Amt></Rcrd></Chrgs>"))),
	     "bad_field", 4},
	};
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct lines t = {0};
		struct err e = {0};
		if (read_text(bad[i].text, &t, &e) != -1 || strcmp(e.code, bad[i].code) != 0 ||
		    e.line != bad[i].line)
			fail_msg("%s: %s at %ld: %s", bad[i].text, e.code, e.line, e.message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(camt_reads_what_the_bank_booked),
	    cmocka_unit_test(camt_samples_are_what_iso_allows),
	    cmocka_unit_test(camt_reads_a_text_of_many_bytes_without_breaking_a_character),
	    cmocka_unit_test(camt_refuses_what_it_cannot_be_sure_of),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
