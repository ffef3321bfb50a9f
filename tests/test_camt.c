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
#include "tests/lines.h"

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
#define UNDATED "<Sts><Cd>BOOK</Cd></Sts>"
#define BOOKED  UNDATED "<BookgDt><Dt>2026-03-09</Dt></BookgDt>"
#define ENTRY(amount, direction, rest) \
	"<Ntry><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>" direction "</CdtDbtInd>" rest "</Ntry>\n"
#define TX(rest) "<TxDtls>" rest "</TxDtls>\n"

static void
put_day(char *text, date on)
{
	if (on == DATE_NONE)
		memcpy(text, "-", 2);
	else
		date_print(text, on);
}

/* account line entry.detail sign amount/entry+charges status booked valued codes | ids | batch reason "text", then what is
 * not usual: the principal, charges beside, a return, a fee, a problem. */
static int
print_record(void *ctx, const struct answer_message *m, const struct camt_entry *n, struct err *e)
{
	struct lines *t = ctx;
	char booked[DATE_TEXT], valued[DATE_TEXT];
	(void)m, (void)e;
	put_day(booked, n->booking_on);
	put_day(valued, n->value_on);
	put(t, "%.4s %ld %d.%d %s%lld/%lld+%lld %s%s %s %s %s.%s.%s|%s|%s|%s|%s|%s|%s|%ld [%s] \"%s\"",
	    n->account_iban[0] ? n->account_iban : n->account_other, n->line, n->entry, n->detail,
	    n->credit ? "+" : "-", (long long)n->amount, (long long)n->entry_amount, (long long)n->charges,
	    n->status, n->reversal ? " reversal" : "", booked, valued, n->domain, n->family, n->sub_family,
	    n->account_servicer_ref, n->end_to_end_id, n->instruction_id, n->mandate_reference, n->msg_id,
	    n->payment_information_id, n->batch_count, n->reason, n->text);
	if (n->principal != n->amount)
		put(t, " of %lld", (long long)n->principal);
	if (n->charges_beside != 0)
		put(t, " beside %lld", (long long)n->charges_beside);
	put(t, "%s%s", n->is_return ? " return" : "", n->is_fee ? " fee" : "");
	if (n->problem[0] != '\0')
		put(t, " %s: %s", n->problem_code, n->problem);
	put(t, "\n");
	return 0;
}

static int
print_contradiction(void *ctx, const struct answer_message *m, int entry, long line, const char *code,
                    const char *problem, struct err *e)
{
	(void)m, (void)e;
	put(ctx, "%ld %d %s: %s\n", line, entry, code, problem);
	return 0;
}

static const struct answer_reader printing = {.entry = print_record, .contradict = print_contradiction};

static const struct notification {
	const char *name, *version, *text, *lines;
} good[] = {
    {"a credit for each debit, in several entries and details", "08",
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY("12.50", "CRDT",
                   UNDATED "<BookgDt><Dt>2026-03-09</Dt></BookgDt><ValDt><Dt>2026-03-10</Dt></ValDt>"
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
     "FR76 5 2.1 +1000/3000+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD|R2-1|E2|I2||||-1 [] \"\"\n"
     "FR76 5 2.2 +2000/3000+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD|R2|E3|||||-1 [] \"\"\n"},
    {"one bulk credit, with its batch or with nothing", "08",
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY("1234.57", "CRDT",
                   UNDATED "<BookgDt><DtTm>2026-03-08T23:30:00Z</DtTm></BookgDt>" FAMILY(
		       "ESDD") "<NtryDtls><Btch><MsgId>SDD-1</MsgId><PmtInfId>A</PmtInfId>"
                               "<NbOfTxs>2</NbOfTxs><TtlAmt Ccy=\"EUR\">1234.57</TtlAmt></Btch></NtryDtls>"
                               "<AddtlNtryInf>SEPA LASTSCHRIFT</AddtlNtryInf>")
		 ENTRY("1.00", "CRDT",
                       UNDATED "<BookgDt><DtTm>2026-03-08T23:30:00</DtTm></BookgDt>" FAMILY(
			   "ESDD") "<NtryDtls/>") ENTRY("2.00", "CRDT", BOOKED FAMILY("ESDD")))),
     "FR76 3 1.0 +123457/123457+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD||||"
     "|SDD-1|A|2 [] \"SEPA LASTSCHRIFT\"\n"
     "FR76 4 2.0 +100/100+0 BOOK 2026-03-08 - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"
     "FR76 5 3.0 +200/200+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"},
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
     "FR76 3 1.1 +100/300+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD||E1||||A|2 [] \"\"\n"
     "FR76 3 1.2 +200/300+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD||||||B|2 [] \"\"\n"},
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
     "FR76 3 1.1 -100/600+0 BOOK 2026-03-09 - PMNT.IDDT.OTHR||E1|||||-1 [AM04] \"no funds\" return\n"
     "FR76 3 1.2 -200/600+0 BOOK 2026-03-09 - PMNT.IDDT.OTHR|||||||-1 [N245] \"text\" return\n"
     "FR76 3 1.3 -300/600+0 BOOK 2026-03-09 - PMNT.IDDT.OTHR|||||||-1 [] \"\" return\n"
     "FR76 7 2.1 +100/100+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"},
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
     "FR76 3 1.0 -100/100+0 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" return\n"
     "FR76 4 2.0 -200/200+0 BOOK 2026-03-09 - PMNT.IDDT.PRDD|||||||-1 [] \"\" return\n"
     "FR76 5 3.1 -300/300+0 BOOK 2026-03-09 - PMNT.IDDT.RCDD|||||||-1 [] \"\" return\n"
     "FR76 7 4.0 +400/400+0 BOOK 2026-03-09 - PMNT.IDDT.RRTN|||||||-1 [] \"\" return\n"
     "FR76 8 5.0 -500/500+0 BOOK reversal 2026-03-09 - ..|||||||-1 [] \"\" return\n"
     "FR76 9 6.0 +600/600+0 BOOK reversal 2026-03-09 - ..|||||||-1 [] \"\" return\n"
     "FR76 10 7.0 -700/700+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"},
    {"what the details leave of an entry is printed without ids", "08",
     MESSAGE("08", ACCOUNT(OURS, ENTRY("81.50", "CRDT",
                                       BOOKED FAMILY("ESDD") "<NtryDtls>" TX(
					   "<Refs><EndToEndId>E1</EndToEndId></Refs><Amt Ccy=\"EUR\">24</Amt>"
					   "<CdtDbtInd>CRDT</CdtDbtInd>") "</NtryDtls>"))),
     "FR76 3 1.1 +8150/8150+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD||E1|||||-1 [] \"\"\n"
     "3 1 details_differ: the amount of the entry is not that of its only detail\n"},
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
     "FR76 3 1.1 -5300/5300+300 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" of 5000 return\n"
     "FR76 5 2.1 -1300/1300+300 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" of 1000 return\n"},
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
     "FR76 3 1.1 -100/600+0 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" return\n"
     "FR76 3 1.2 -200/600+0 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" return\n"
     "FR76 3 1.0 -300/600+0 BOOK 2026-03-09 - PMNT.IDDT.CHRG|||||||-1 [] \"\" fee\n"},
    {"entries that are not booked come with their status", "08",
     MESSAGE("08", ACCOUNT(OURS, ENTRY("1.00", "CRDT", "<Sts><Cd>PDNG</Cd></Sts>" FAMILY("ESDD"))
                                     ENTRY("1.00", "CRDT", "<Sts><Cd>INFO</Cd></Sts>" FAMILY("ESDD")) ENTRY(
					 "1.00", "CRDT", "<Sts><Prtry>X</Prtry></Sts>" FAMILY("ESDD")))),
     "FR76 3 1.0 +100/100+0 PDNG - - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"
     "FR76 4 2.0 +100/100+0 INFO - - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"
     "FR76 5 3.0 +100/100+0  - - PMNT.IDDT.ESDD|||||||-1 [] \"\" bad_field: the entry has a status of the bank's own\n"},
    {"several accounts, one of them without an IBAN", "08",
     MESSAGE("08", ACCOUNT(OURS, ENTRY("1.00", "CRDT", BOOKED FAMILY("ESDD"))) ACCOUNT(
		       "DE89370400440532013000",
		       ENTRY("2.00", "DBIT",
                             BOOKED FAMILY(
				 "ESDD"))) "<Ntfctn>"
                                           "<Id>3</Id><Acct><Id><Othr><Id>7</Id></Othr></Id></Acct>" ENTRY(
					       "3.00", "CRDT", BOOKED FAMILY("ESDD")) "</Ntfctn>"),
     "FR76 3 1.0 +100/100+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"
     "DE89 5 2.0 -200/200+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"
     "7 6 3.0 +300/300+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD|||||||-1 [] \"\"\n"},
    {"version .02: plain status, amounts in AmtDtls, charges without records", "02",
     MESSAGE(
	 "02",
	 ACCOUNT(
	     OURS,
	     ENTRY("53.00", "DBIT",
                   "<Sts>BOOK</Sts><BookgDt><Dt>2026-03-09</Dt></BookgDt><BkTxCd/><NtryDtls>" TX(
		       "<Refs><EndToEndId>E1</EndToEndId></Refs><AmtDtls><InstdAmt>"
		       "<Amt Ccy=\"EUR\">50.00</Amt></InstdAmt></AmtDtls>"
		       "<Chrgs><Amt Ccy=\"EUR\">2</Amt></Chrgs>"
		       "<Chrgs><Amt Ccy=\"EUR\">1</Amt></Chrgs>"
		       "<RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf>") "</NtryDtls>")
		 ENTRY(
		     "3.00",
		     "DBIT",
		     "<Sts>BOOK</Sts><BookgDt><Dt>2026-03-09</Dt></BookgDt><BkTxCd/><NtryDtls>" TX(
			 "<AmtDtls><InstdAmt><Amt Ccy=\"USD\">9.999</Amt></InstdAmt><TxAmt><Amt Ccy=\"EUR\">1</Amt>"
			 "</TxAmt></AmtDtls>")
			 TX("<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">9</Amt></InstdAmt><TxAmt><Amt Ccy=\"EUR\">2</Amt>"
                            "</TxAmt></AmtDtls>") "</NtryDtls>"))),
     "FR76 3 1.1 -5300/5300+300 BOOK 2026-03-09 - ..||E1|||||-1 [MD06] \"\" of 5000 return\n"
     "FR76 5 2.1 -100/300+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"
     "FR76 5 2.2 -200/300+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"},
    {"an amount that cannot be used is a problem of its entry alone", NULL,
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     "<Ntry><Amt Ccy=\"USD\">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>" BOOKED "<NtryDtls>" TX(
		 "<Refs><EndToEndId>E1</EndToEndId></Refs>") "</NtryDtls></Ntry>\n"
							     "<Ntry><Amt>1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>" BOOKED
							     "</Ntry>\n"
							     "<Ntry><CdtDbtInd>CRDT</CdtDbtInd>" BOOKED
							     "</Ntry>\n" ENTRY("1.005", "CRDT", BOOKED) ENTRY(
								 "-1.00", "CRDT",
								 BOOKED) ENTRY("1,00", "CRDT", BOOKED)
								 ENTRY("99999999999999999999", "CRDT", BOOKED)
								     ENTRY("+57.50", "CRDT", BOOKED)
									 ENTRY("+-1", "CRDT", BOOKED))),
     "FR76 3 1.1 +-1/-1+0 BOOK 2026-03-09 - ..||E1|||||-1 [] \"\" bad_field: the amount of the entry is not in EUR\n"
     "FR76 5 2.0 +-1/-1+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" bad_field: the amount of the entry is not in EUR\n"
     "FR76 6 3.0 +-1/-1+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" missing_field: the entry has no amount\n"
     "FR76 7 4.0 +-1/-1+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" bad_field: the amount of the entry is not in whole euro cents\n"
     "FR76 8 5.0 +-1/-1+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" bad_field: the amount of the entry is not in whole euro cents\n"
     "FR76 9 6.0 +-1/-1+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" bad_field: the amount of the entry is not in whole euro cents\n"
     "FR76 10 7.0 +-1/-1+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" bad_field: the amount of the entry is not in whole euro cents\n"
     "FR76 11 8.0 +5750/5750+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"
     "FR76 12 9.0 +-1/-1+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" bad_field: the amount of the entry is not in whole euro cents\n"},
    {"so is a direction, a status or a date that is missing or not valid", NULL,
     MESSAGE(
	 "08",
	 ACCOUNT(OURS,
                 ENTRY("1.00", "CREDIT", BOOKED) "<Ntry><Amt Ccy=\"EUR\">1</Amt>" BOOKED "</Ntry>\n" ENTRY(
		     "1.00", "CRDT", "<RvslInd>maybe</RvslInd>" BOOKED)
                     ENTRY("1.00", "CRDT", "<BookgDt><Dt>2026-03-09</Dt></BookgDt>")
                         ENTRY("1.00", "CRDT", "<Sts>BOOKED</Sts>") ENTRY(
			     "1.00", "CRDT", "<Sts><Prtry>BOOK</Prtry></Sts>") ENTRY("1.00", "CRDT", UNDATED)
                             ENTRY("1.00", "CRDT", UNDATED "<BookgDt><Dt>2026-02-29</Dt></BookgDt>") ENTRY(
				 "1.00", "CRDT", UNDATED "<ValDt><DtTm>2026-02-28T25:00:00</DtTm></ValDt>")
                                 ENTRY("1.00", "CRDT",
                                       BOOKED "<NtryDtls><Btch><NbOfTxs>many</NbOfTxs></Btch></NtryDtls>"))),
     "FR76 3 1.0 -100/100+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" bad_field: CdtDbtInd is neither CRDT nor DBIT\n"
     "FR76 4 2.0 -100/100+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" missing_field: the entry does not say whether it is a credit or a debit\n"
     "FR76 5 3.0 +100/100+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" bad_field: RvslInd is neither true nor false\n"
     "FR76 6 4.0 +100/100+0  2026-03-09 - ..|||||||-1 [] \"\" missing_field: the entry has no status\n"
     "FR76 7 5.0 +100/100+0  - - ..|||||||-1 [] \"\" bad_field: the entry has a status that is not one of the standard\n"
     "FR76 8 6.0 +100/100+0  - - ..|||||||-1 [] \"\" bad_field: the entry has a status of the bank's own\n"
     "FR76 9 7.0 +100/100+0 BOOK - - ..|||||||-1 [] \"\" missing_field: the entry has neither a booking date nor a value date\n"
     "FR76 10 8.0 +100/100+0 BOOK - - ..|||||||-1 [] \"\" bad_field: a date is not valid\n"
     "FR76 11 9.0 +100/100+0 BOOK - - ..|||||||-1 [] \"\" bad_field: a date is not valid\n"
     "FR76 12 10.0 +100/100+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\" bad_field: the number of transactions of the batch is not a number\n"},
    {"a foreign amount below an entry in EUR is no problem", NULL,
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY("91.50", "CRDT",
                   BOOKED
                   "<AmtDtls><InstdAmt><Amt Ccy=\"USD\">100.001</Amt></InstdAmt></AmtDtls><NtryDtls>" TX(
		       "<Amt Ccy=\"USD\">100.00</Amt><AmtDtls><TxAmt><Amt Ccy=\"USD\">100.00</Amt></TxAmt>"
		       "<CntrValAmt><Amt Ccy=\"CHF\">95.00</Amt></CntrValAmt></AmtDtls>"
		       "<Chrgs><Rcrd><Amt Ccy=\"CHF\">1</Amt></Rcrd></Chrgs>") "</NtryDtls>"))),
     "FR76 3 1.1 +9150/9150+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"},
    {"of several details, one without an amount is a problem of its own", NULL,
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY("3.00", "CRDT",
                   BOOKED "<NtryDtls>" TX("<Amt Ccy=\"EUR\">1</Amt>") TX(
		       "<Refs><EndToEndId>E2</EndToEndId></Refs><Amt Ccy=\"USD\">2</Amt>") "</NtryDtls>"))),
     "FR76 3 1.1 +100/300+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"
     "FR76 3 1.2 +-1/300+0 BOOK 2026-03-09 - ..||E2|||||-1 [] \"\" missing_field: the entry has several details, and this one has no amount in EUR\n"},
    {"details that do not add up are a contradiction", NULL,
     MESSAGE("08",
             ACCOUNT(OURS,
                     ENTRY("30.00", "CRDT",
                           BOOKED "<NtryDtls>" TX("<Amt Ccy=\"EUR\">10</Amt>")
                               TX("<Amt Ccy=\"EUR\">19.99</Amt>") "</NtryDtls>")
                         ENTRY("30.00", "CRDT",
                               BOOKED "<NtryDtls>" TX("<Amt Ccy=\"EUR\">40</Amt><CdtDbtInd>CRDT</CdtDbtInd>")
                                   TX("<Amt Ccy=\"EUR\">10</Amt><CdtDbtInd>DBIT</CdtDbtInd>") "</NtryDtls>")
                             ENTRY("30.00", "CRDT",
                                   BOOKED "<NtryDtls>" TX("<CdtDbtInd>DBIT</CdtDbtInd>") "</NtryDtls>"))),
     "FR76 3 1.1 +1000/3000+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"
     "FR76 3 1.2 +1999/3000+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"
     "3 1 details_differ: the details of the entry do not add up to its amount\n"
     "FR76 6 2.1 +4000/3000+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"
     "FR76 6 2.2 -1000/3000+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"
     "FR76 9 3.1 -3000/3000+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"
     "9 3 details_differ: the only detail of the entry has another direction\n"},
    {"charges on top of the amounts, within them, of the entry, and beside it", NULL,
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY(
		 "49.60", "DBIT",
		 BOOKED FAMILY("UPDD") "<NtryDtls>" TX(
		     "<Amt Ccy=\"EUR\">24</Amt><Chrgs><Rcrd><Amt Ccy=\"EUR\">0.80</Amt></Rcrd></Chrgs>")
		     TX("<Amt Ccy=\"EUR\">24</Amt><Chrgs><TtlChrgsAndTaxAmt Ccy=\"EUR\">0.80</TtlChrgsAndTaxAmt></Chrgs>") "</NtryDtls>")
		 ENTRY(
		     "49.60", "DBIT",
		     BOOKED FAMILY("UPDD") "<NtryDtls>" TX(
			 "<Amt Ccy=\"EUR\">24.80</Amt><Chrgs><Rcrd><Amt Ccy=\"EUR\">0.80</Amt><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs>")
			 TX("<Amt Ccy=\"EUR\">24.80</Amt><AmtDtls><InstdAmt><Amt Ccy=\"EUR\">24</Amt></InstdAmt></AmtDtls>") "</NtryDtls>")
		     ENTRY(
			 "49.60", "DBIT",
			 BOOKED
			     FAMILY("UPDD") "<Chrgs><Rcrd><Amt Ccy=\"EUR\">1.60</Amt></Rcrd></Chrgs><NtryDtls>" TX(
				 "<Amt Ccy=\"EUR\">24</Amt>") TX("<Amt Ccy=\"EUR\">24</Amt>") "</NtryDtls>")
			 ENTRY(
			     "24.00", "DBIT",
			     BOOKED FAMILY("UPDD") "<NtryDtls>" TX(
				 "<Amt Ccy=\"EUR\">24</Amt><Chrgs><Rcrd><Amt Ccy=\"EUR\">0.80</Amt><ChrgInclInd>false</ChrgInclInd></Rcrd></Chrgs>") "</NtryDtls>")
			     ENTRY(
				 "24.70", "DBIT",
				 BOOKED FAMILY("PRDD") "<NtryDtls>" TX(
				     "<Amt Ccy=\"EUR\">24.70</Amt><Intrst><Rcrd><Amt Ccy=\"EUR\">0.70</Amt><CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Intrst>") "</NtryDtls>")
				 ENTRY(
				     "23.20", "CRDT",
				     BOOKED FAMILY("ESDD") "<NtryDtls>" TX(
					 "<Amt Ccy=\"EUR\">23.20</Amt><AmtDtls><InstdAmt><Amt Ccy=\"EUR\">24</Amt></InstdAmt></AmtDtls>") "</NtryDtls>"))),
     "FR76 3 1.1 -2480/4960+80 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" of 2400 return\n"
     "FR76 3 1.2 -2480/4960+80 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" of 2400 return\n"
     "FR76 6 2.1 -2480/4960+80 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" of 2400 return\n"
     "FR76 6 2.2 -2480/4960+0 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" of 2400 return\n"
     "FR76 9 3.1 -2400/4960+0 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" return\n"
     "FR76 9 3.2 -2400/4960+0 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" return\n"
     "FR76 9 3.0 -160/4960+0 BOOK 2026-03-09 - PMNT.IDDT.CHRG|||||||-1 [] \"\" fee\n"
     "FR76 12 4.1 -2400/2400+0 BOOK 2026-03-09 - PMNT.IDDT.UPDD|||||||-1 [] \"\" beside 80 return\n"
     "FR76 14 5.1 -2470/2470+70 BOOK 2026-03-09 - PMNT.IDDT.PRDD|||||||-1 [] \"\" of 2400 return\n"
     "FR76 16 6.1 +2320/2320+0 BOOK 2026-03-09 - PMNT.IDDT.ESDD|||||||-1 [] \"\" of 2400\n"},
    {"fees of the bank, whatever they name", NULL,
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY(
		 "0.80",
		 "DBIT",
		 BOOKED FAMILY("CHRG") "<NtryDtls>" TX(
		     "<Refs><EndToEndId>E1</EndToEndId></Refs><RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>") "</NtryDtls>")
		 ENTRY(
		     "0.80", "DBIT",
		     BOOKED
		     "<BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn></BkTxCd>"))),
     "FR76 3 1.1 -80/80+0 BOOK 2026-03-09 - PMNT.IDDT.CHRG||E1|||||-1 [AM04] \"\" fee\n"
     "FR76 5 2.0 -80/80+0 BOOK 2026-03-09 - ACMT.MDOP.CHRG|||||||-1 [] \"\" fee\n"},
    {"the ISO reason wins in any order, and one in a text only when it is certain", NULL,
     MESSAGE(
	 "08",
	 ACCOUNT(
	     OURS,
	     ENTRY(
		 "6.00",
		 "DBIT",
		 BOOKED "<NtryDtls>" TX(
		     "<Amt Ccy=\"EUR\">1</Amt><RtrInf><Rsn><Prtry>N245</Prtry><Cd>AM04</Cd></Rsn></RtrInf>")
		     TX("<Amt Ccy=\"EUR\">1</Amt><RtrInf><Rsn><Cd>MD01</Cd><Prtry>N245</Prtry></Rsn></RtrInf>") TX(
			 "<Amt Ccy=\"EUR\">1</Amt><RtrInf><AddtlInf>/RTYP/RTRN/RSN/MS03</AddtlInf></RtrInf>")
			 TX("<Amt Ccy=\"EUR\">1</Amt><RtrInf><AddtlInf>AC04</AddtlInf></RtrInf>") TX(
			     "<Amt Ccy=\"EUR\">1</Amt><RtrInf><AddtlInf>/RTYP/RTRN/MS03/AM04</AddtlInf></RtrInf>")
			     TX("<Amt Ccy=\"EUR\">1</Amt><RtrInf><AddtlInf>room AB12/4</AddtlInf></RtrInf>") "</NtryDtls>"))),
     "FR76 3 1.1 -100/600+0 BOOK 2026-03-09 - ..|||||||-1 [AM04] \"\" return\n"
     "FR76 3 1.2 -100/600+0 BOOK 2026-03-09 - ..|||||||-1 [MD01] \"\" return\n"
     "FR76 3 1.3 -100/600+0 BOOK 2026-03-09 - ..|||||||-1 [MS03] \"/RTYP/RTRN/RSN/MS03\" return\n"
     "FR76 3 1.4 -100/600+0 BOOK 2026-03-09 - ..|||||||-1 [AC04] \"AC04\" return\n"
     "FR76 3 1.5 -100/600+0 BOOK 2026-03-09 - ..|||||||-1 [] \"/RTYP/RTRN/MS03/AM04\" return\n"
     "FR76 3 1.6 -100/600+0 BOOK 2026-03-09 - ..|||||||-1 [] \"room AB12/4\" return\n"},
    {"an account in groups and small letters", NULL,
     MESSAGE("08", ACCOUNT("fr76 3000 6000 0112 3456 7890 189", ENTRY("1.00", "CRDT", BOOKED))),
     "FR76 3 1.0 +100/100+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"},
    {"what is longer than the schema allows", NULL,
     MESSAGE("08", ACCOUNT(OURS, ENTRY("1.00", "CRDT",
                                       BOOKED "<NtryDtls>" TX(
					   "<Refs><EndToEndId>012345678901234567890123456789012345"
					   "</EndToEndId></Refs>") "</NtryDtls>"))),
     "FR76 3 1.1 +100/100+0 BOOK 2026-03-09 - ..|||||||-1 [] \"\"\n"},
};

static void
camt_reads_what_the_bank_booked(void **state)
{
	(void)state;
	int wrong = 0;
	for (size_t i = 0; i < LENGTH(good); i++) {
		struct lines t = {0};
		struct err e = {0};
		if (read_text(good[i].text, &t, printing, &e))
			fail_msg("%s: %s at %ld: %s", good[i].name, e.code, e.line, e.message);
		if (strcmp(t.text, good[i].lines) != 0) {
			printf("%s:\n%s", good[i].name, t.text);
			wrong++;
		}
		assert_string_equal(t.message.msg_id, "N1");
		assert_int_equal(t.message.created_at, INT64_C(1773118800000));
	}
	assert_int_equal(wrong, 0);
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
	assert_int_equal(read_text(text, &t, printing, &e), 0);
	long_text[139] = '\0';
	assert_non_null(strstr(t.text, long_text));
	assert_null(strstr(t.text, "\xC3\""));
	assert_non_null(strstr(t.text, "\xA9\" "));
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
	    {"<Document xmlns=\"" NS "08\"/>", "unknown_message", 1},
	    {"<!DOCTYPE Document [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n" MESSAGE("08", ""),
	     "doctype_refused", 1},
	    {"<Document xmlns=\"" NS "08\">\n<BkToCstmrDbtCdtNtfctn>", "malformed_xml", 2},
	};
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct lines t = {0};
		struct err e = {0};
		if (read_text(bad[i].text, &t, printing, &e) != -1 || strcmp(e.code, bad[i].code) != 0 ||
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
