/* bankmessage: a message is read once; an entry in two messages is one entry, equal entries in one message are several. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/bank/bankmessage.h"

#define OURS   "FR7630006000011234567890189"
#define OTHER  "FR1420041010050500013M02606"
#define HEADER "<GrpHdr><MsgId>%s</MsgId><CreDtTm>%s</CreDtTm></GrpHdr>"
#define CAMT                                                                                                \
	"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn>" HEADER \
	"<Ntfctn><Id>1</Id><Acct><Id><IBAN>%s</IBAN></Id></Acct>%s</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
#define PAIN                                                                                         \
	"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>" HEADER \
	"<OrgnlGrpInfAndSts><OrgnlMsgId>SDD-1</OrgnlMsgId>%s</CstmrPmtStsRpt></Document>"
#define ENTRY(amount, direction, status, days, details)                                               \
	"<Ntry><Amt Ccy=\"EUR\">" amount "</Amt><CdtDbtInd>" direction "</CdtDbtInd><Sts><Cd>" status \
	"</Cd></Sts>" days "<NtryDtls><TxDtls>" details "</TxDtls></NtryDtls></Ntry>\n"
#define BOOKED(day)   "<BookgDt><Dt>" day "</Dt></BookgDt>"
#define VALUED(day)   "<ValDt><Dt>" day "</Dt></ValDt>"
#define E2E(id)       "<Refs><EndToEndId>" id "</EndToEndId></Refs>"
#define RETURNED(why) "<RtrInf><Rsn><Cd>" why "</Cd></Rsn></RtrInf>"
#define CREDIT_E1     ENTRY("12.50", "CRDT", "BOOK", BOOKED("2026-03-10"), E2E("E1"))
#define NO_IDS        ENTRY("12.50", "CRDT", "BOOK", BOOKED("2026-03-10"), "<Refs/>")

/* "ok", or the code of the refusal; each file is an input of its own and one unit of work. */
static const char *
receive(struct run *r, const char *text)
{
	static struct err e;
	int64_t input;
	FILE *in;
	int rc;

	home_write("message.xml", text);
	in = fopen("message.xml", "r");
	assert_non_null(in);
	e = (struct err){.code = "ok"};
	tx_begin(r->db);
	home_exec(
	    r,
	    "INSERT INTO input (number, kind, name, sha256, size, state, kept_at, received_on)"
	    " SELECT count(*) + 1, 'bank', 'a message', randomblob(32), 0, 'applied', 'archive/m', '2026-03-10'"
	    " FROM input");
	input = home_number(r, "SELECT max(number) FROM input");
	rc = bankmessage_read(r, in, input, &e);
	fclose(in);
	if (rc == 0)
		tx_commit(r->db);
	else
		tx_rollback(r->db);
	return rc == 0 ? "ok" : e.code;
}

static const char *
report_of(struct run *r, const char *msg_id, const char *iban, const char *entries)
{
	char text[8192];

	assert_true(snprintf(text, sizeof(text), CAMT, msg_id, "2026-03-10T21:15:00", iban, entries) < 8192);
	return receive(r, text);
}

static const char *
report(struct run *r, const char *msg_id, const char *entries)
{
	return report_of(r, msg_id, OURS, entries);
}

static const char *
status(struct run *r, const char *msg_id, const char *created_at, const char *body)
{
	char text[8192];

	assert_true(snprintf(text, sizeof(text), PAIN, msg_id, created_at, body) < 8192);
	return receive(r, text);
}

/* A column of texts, each followed by a line feed. `text` must be a literal. */
static const char *
list(struct run *r, const char *text)
{
	static char texts[4096];
	struct stmt *q = sql(r->db, text);
	size_t n = 0;

	texts[0] = '\0';
	while (row(q)) {
		n += (size_t)snprintf(texts + n, sizeof(texts) - n, "%s\n", col_text(q, 0));
		assert_true(n < sizeof(texts));
	}
	return texts;
}

#define ENTRIES                                                                                                   \
	"SELECT kind || '|' || coalesce(level, '') || '|' || coalesce(status, '') || '|' || coalesce(msg_id, '')" \
	" || '|' || coalesce(payment_information_id, '') || '|' || coalesce(end_to_end_id, '') || '|'"            \
	" || coalesce(mandate_reference, '') || '|' || coalesce(amount_in_cents, '') || '+' || fee_in_cents"      \
	" || '|' || event_on || '|' || coalesce(reason, '') || '|' || coalesce(bank_reference, '') || '|'"        \
	" || coalesce(text, '') || '|' || state FROM bank_entry ORDER BY number"
#define MESSAGES                                                                                                    \
	"SELECT number || ' ' || kind || ' ' || msg_id || ' ' || entries || ' ' || repeated || ' ' || input_number" \
	" FROM bank_message ORDER BY number"

static void
report_is_read_into_entries(void **state)
{
	static const char entries[] = ENTRY(
	    "12.50", "CRDT", "BOOK",
	    BOOKED("2026-03-10") VALUED("2026-03-11") "<AcctSvcrRef>R1</AcctSvcrRef>",
	    "<Refs><MsgId>M1</MsgId><PmtInfId>P1</PmtInfId><EndToEndId>E1</EndToEndId><MndtId>RUM-1</MndtId></Refs>")
	    ENTRY(
		"27.00", "DBIT", "BOOK", BOOKED("2026-03-12"),
		E2E("E2") "<Amt Ccy=\"EUR\">27.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Chrgs><Rcrd><Amt Ccy=\"EUR\">3.00</Amt>"
			  "<CdtDbtInd>DBIT</CdtDbtInd></Rcrd></Chrgs>" RETURNED(
			      "AM04") "<AddtlTxInf>short of money</AddtlTxInf>")
		ENTRY("1.00", "CRDT", "BOOK", VALUED("2026-03-13"),
	              E2E("NOTPROVIDED")) ENTRY("2.00", "DBIT", "BOOK", BOOKED("2026-03-14"), E2E("E3"))
		    ENTRY("2.50", "CRDT", "BOOK", BOOKED("2026-03-14"), E2E("E9") RETURNED("AM04"))
			ENTRY("3.00", "CRDT", "PDNG", "", E2E("E4"))
			    ENTRY("4.00", "DBIT", "INFO", BOOKED("2026-03-15"), E2E("E5") RETURNED("MD06"));
	struct run *r = *state;

	assert_string_equal(report(r, "N1", entries), "ok");
	assert_string_equal(list(r, ENTRIES),
	                    "credit||BOOK|M1|P1|E1|RUM-1|1250+0|2026-03-10||R1||new\n"
	                    "return||BOOK|||E2||2700+300|2026-03-12|AM04||short of money|new\n"
	                    "credit||BOOK|||||100+0|2026-03-13||||new\n"
	                    "debit||BOOK|||E3||200+0|2026-03-14||||new\n"
	                    "refund_return||BOOK|||E9||250+0|2026-03-14|AM04|||new\n"
	                    "other||PDNG|||E4||300+0|2026-03-10||||new\n"
	                    "other||INFO|||E5||400+0|2026-03-15|MD06|||new\n");
	assert_string_equal(list(r, MESSAGES), "1 camt.054 N1 7 0 1\n");
	assert_int_equal(home_number(r, "SELECT created_at FROM bank_message"), 1773173700000);
	assert_int_equal(r->count[COUNT_BANK_ENTRIES_READ], 7);
	assert_int_equal(r->count[COUNT_BANK_ENTRIES_KNOWN], 0);
}

/* Beyond the amount asked for: charges, and the interest for a refund after weeks. */
static void
return_of_more_has_a_fee(void **state)
{
	static const struct {
		const char *detail, *expected;
	} cases[] = {
	    {"<Amt Ccy=\"EUR\">51.20</Amt><CdtDbtInd>DBIT</CdtDbtInd><AmtDtls><InstdAmt><Amt Ccy=\"EUR\">50.00</Amt>"
	     "</InstdAmt></AmtDtls>",
	     "return||BOOK|||E1||5120+120|2026-03-12|MD06|||new\n"},
	    {"<Amt Ccy=\"EUR\">51.20</Amt><CdtDbtInd>DBIT</CdtDbtInd><AmtDtls><InstdAmt><Amt Ccy=\"EUR\">50.00</Amt>"
	     "</InstdAmt></AmtDtls><Chrgs><Rcrd><Amt Ccy=\"EUR\">1.00</Amt></Rcrd></Chrgs>",
	     "return||BOOK|||E1||5120+120|2026-03-12|MD06|||new\n"},
	    {"<Amt Ccy=\"EUR\">51.20</Amt><CdtDbtInd>DBIT</CdtDbtInd><AmtDtls><InstdAmt><Amt Ccy=\"EUR\">60.00</Amt>"
	     "</InstdAmt></AmtDtls>",
	     "return||BOOK|||E1||5120+0|2026-03-12|MD06|||new\n"},
	    {"<Amt Ccy=\"EUR\">51.20</Amt><CdtDbtInd>DBIT</CdtDbtInd><AmtDtls><InstdAmt><Amt Ccy=\"USD\">50.00</Amt>"
	     "</InstdAmt></AmtDtls>",
	     "return||BOOK|||E1||5120+0|2026-03-12|MD06|||new\n"},
	};
	struct run *r = *state;
	char entry[2048], id[8];
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_exec(r, "DELETE FROM bank_entry");
		snprintf(
		    entry, sizeof(entry),
		    "<Ntry><Amt Ccy=\"EUR\">51.20</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
		    "<BookgDt><Dt>2026-03-12</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs>"
		    "%s<RtrInf><Rsn><Cd>MD06</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>",
		    cases[i].detail);
		snprintf(id, sizeof(id), "F%d", (int)i);
		assert_string_equal(report(r, id, entry), "ok");
		assert_string_equal(list(r, ENTRIES), cases[i].expected);
	}
}

/* A credit is less by the charges; an entry for charges alone may name a file but does not book it. */
static void
charges_are_separate_from_amounts(void **state)
{
	static const struct {
		const char *entry, *expected;
	} cases[] = {
	    {"<Ntry><Amt Ccy=\"EUR\">30.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-12</Dt></BookgDt>"
	     "<NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><Amt Ccy=\"EUR\">30.50</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
	     "<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">31.00</Amt></InstdAmt></AmtDtls><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
	     "</TxDtls></NtryDtls></Ntry>",
	     "refund_return||BOOK|||E1||3050+50|2026-03-12|AC04|||new\n"},
	    {"<Ntry><Amt Ccy=\"EUR\">30.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-12</Dt></BookgDt>"
	     "<NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs><AmtDtls><InstdAmt><Amt Ccy=\"EUR\">31.00</Amt></InstdAmt></AmtDtls>"
	     "<Chrgs><Rcrd><Amt Ccy=\"EUR\">0.50</Amt></Rcrd></Chrgs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>",
	     "refund_return||BOOK|||E1||3050+50|2026-03-12|AC04|||new\n"},
	    {"<Ntry><Amt Ccy=\"EUR\">0.50</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-12</Dt></BookgDt>"
	     "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>MDOP</Cd><SubFmlyCd>CHRG</SubFmlyCd></Fmly></Domn></BkTxCd>"
	     "<NtryDtls><Btch><MsgId>M1</MsgId><PmtInfId>P1</PmtInfId></Btch></NtryDtls></Ntry>",
	     "fee||BOOK|M1|P1|||50+0|2026-03-12||||new\n"},
	};
	struct run *r = *state;
	char id[8];
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_exec(r, "DELETE FROM bank_entry");
		snprintf(id, sizeof(id), "G%d", (int)i);
		assert_string_equal(report(r, id, cases[i].entry), "ok");
		assert_string_equal(list(r, ENTRIES), cases[i].expected);
	}
}

static void
status_is_read_into_entries(void **state)
{
	static const char body[] =
	    "<OrgnlNbOfTxs>2</OrgnlNbOfTxs><OrgnlCtrlSum>22.40</OrgnlCtrlSum><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts>\n"
	    "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId><PmtInfSts>ACSP</PmtInfSts>"
	    "<TxInfAndSts><OrgnlEndToEndId>E1</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AC04</Cd></Rsn>"
	    "<AddtlInf>closed</AddtlInf></StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>";
	struct run *r = *state;

	assert_string_equal(status(r, "S1", "2026-03-05T23:30:00Z", body), "ok"); /* the 6th in Paris */
	assert_string_equal(list(r, ENTRIES),
	                    "status|file|PART|SDD-1||||2240+0|2026-03-06||||new\n"
	                    "status|block|ACSP|SDD-1|P1|||+0|2026-03-06||||new\n"
	                    "status|debit|RJCT|SDD-1|P1|E1||+0|2026-03-06|AC04||closed|new\n");
	assert_string_equal(list(r, MESSAGES), "1 pain.002 S1 3 0 1\n");
}

/* The entry of the file or block decides: its debits stay as they are. */
static void
debits_of_a_rejected_file_or_block_are_noted(void **state)
{
#define DEBIT_STATUS(id) \
	"<TxInfAndSts><OrgnlEndToEndId>" id "</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>"
	static const char file[] =
	    "<GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId>" DEBIT_STATUS(
		"E1") "</OrgnlPmtInfAndSts>";
	static const char block[] =
	    "</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>P1</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>" DEBIT_STATUS(
		"E2") "</OrgnlPmtInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>P2</OrgnlPmtInfId>" DEBIT_STATUS("E3") "</OrgnlPmtInfAndSts>";
	struct run *r = *state;

	assert_string_equal(status(r, "S1", "2026-03-05T09:00:00", file), "ok");
	assert_string_equal(status(r, "S2", "2026-03-05T09:00:00", block), "ok");
	assert_string_equal(list(r, "SELECT level || ' ' || coalesce(end_to_end_id, '') || ' ' || state"
	                            " FROM bank_entry ORDER BY number"),
	                    "file  new\ndebit E1 noted\nblock  new\ndebit E2 noted\ndebit E3 new\n");
}

#define OCCURRENCES \
	"SELECT message_number || ' ' || end_to_end_id || ' ' || occurrence FROM bank_entry ORDER BY number"

static void
equal_entries_in_one_message_are_several(void **state)
{
	struct run *r = *state;

	assert_string_equal(report(r, "N1", CREDIT_E1 CREDIT_E1), "ok");
	assert_string_equal(list(r, OCCURRENCES), "1 E1 1\n1 E1 2\n");
	assert_string_equal(list(r, MESSAGES), "1 camt.054 N1 2 0 1\n");
}

static void
entries_repeated_by_another_message_are_not_stored(void **state)
{
	struct run *r = *state;

	assert_string_equal(report(r, "N1", CREDIT_E1 CREDIT_E1), "ok");
	assert_string_equal(report(r, "N2", CREDIT_E1), "ok");
	assert_string_equal(report(r, "N3", CREDIT_E1 CREDIT_E1 CREDIT_E1), "ok");
	assert_string_equal(list(r, OCCURRENCES), "1 E1 1\n1 E1 2\n3 E1 3\n");
	assert_string_equal(list(r, MESSAGES),
	                    "1 camt.054 N1 2 0 1\n2 camt.054 N2 1 1 2\n3 camt.054 N3 3 2 3\n");
	assert_int_equal(r->count[COUNT_BANK_ENTRIES_READ], 6);
	assert_int_equal(r->count[COUNT_BANK_ENTRIES_KNOWN], 3);
}

/* Some banks repeat a status each day; a booking on another day is another booking. An acceptance may come after a reject. */
static void
status_of_another_day_is_the_same_one_but_an_acceptance(void **state)
{
	static const char reject[] = "<GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>";
	static const char accept[] = "<GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>";
	struct run *r = *state;

	assert_string_equal(status(r, "S1", "2026-03-05T09:00:00", reject), "ok");
	assert_string_equal(status(r, "S2", "2026-03-06T09:00:00", reject), "ok");
	assert_string_equal(status(r, "S3", "2026-03-05T09:00:00", accept), "ok");
	assert_string_equal(status(r, "S4", "2026-03-06T09:00:00", accept), "ok");
	assert_string_equal(
	    list(r, MESSAGES),
	    "1 pain.002 S1 1 0 1\n2 pain.002 S2 1 1 2\n3 pain.002 S3 1 0 3\n4 pain.002 S4 1 0 4\n");
}

static void
entry_that_differs_in_one_fact_is_another_entry(void **state)
{
	static const char *const others[] = {
	    ENTRY("12.51", "CRDT", "BOOK", BOOKED("2026-03-10"), E2E("E1")),
	    ENTRY("12.50", "DBIT", "BOOK", BOOKED("2026-03-10"), E2E("E1")),
	    ENTRY("12.50", "CRDT", "PDNG", BOOKED("2026-03-10"), E2E("E1")),
	    ENTRY("12.50", "CRDT", "BOOK", BOOKED("2026-03-11"), E2E("E1")),
	    ENTRY("12.50", "CRDT", "BOOK", BOOKED("2026-03-10"), E2E("E2")),
	    ENTRY("12.50", "CRDT", "BOOK", BOOKED("2026-03-10"), E2E("E1") RETURNED("AM04")),
	    ENTRY("12.50", "CRDT", "BOOK", BOOKED("2026-03-10") "<AcctSvcrRef>R9</AcctSvcrRef>", E2E("E1")),
	    ENTRY("12.50", "CRDT", "BOOK", BOOKED("2026-03-10"),
	          "<Refs><PmtInfId>P9</PmtInfId><EndToEndId>E1</EndToEndId></Refs>"),
	};
	struct run *r = *state;
	char id[8];
	size_t i;

	assert_string_equal(report(r, "N0", CREDIT_E1), "ok");
	for (i = 0; i < LENGTH(others); i++) {
		snprintf(id, sizeof(id), "N%zu", i + 1);
		assert_string_equal(report(r, id, others[i]), "ok");
		if (home_number(r, "SELECT repeated FROM bank_message ORDER BY number DESC LIMIT 1") != 0)
			fail_msg("taken for the same: %s", others[i]);
	}
}

/* Only counted; when nothing in the file is ours, a person should look at the configuration. */
static void
entries_of_another_account_are_counted(void **state)
{
	struct run *r = *state;

	assert_string_equal(report_of(r, "N1", OTHER, CREDIT_E1), "ok");
	assert_int_equal(home_number(r, "SELECT count(*) FROM bank_entry"), 0);
	assert_int_equal(r->count[COUNT_BANK_ENTRIES_OF_OTHERS], 1);
	assert_int_equal(home_number(r, "SELECT of_others FROM bank_message"), 1);
	assert_true(r->held);
	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[bank]\naccount_iban = " OTHER "\n");
	r->held = false;
	assert_string_equal(report_of(r, "N2", OTHER, CREDIT_E1), "ok");
	assert_int_equal(home_number(r, "SELECT count(*) FROM bank_entry"), 1);
	assert_false(r->held);
}

static void
report_without_an_iban_is_accepted(void **state)
{
	assert_string_equal(report_of(*state, "N1", "", CREDIT_E1), "ok");
}

/* For a second page, or for more entries: the entries decide. */
static void
message_id_may_come_again_with_other_entries(void **state)
{
	struct run *r = *state;

	assert_string_equal(report(r, "X1", CREDIT_E1), "ok");
	assert_string_equal(report(r, "X1", CREDIT_E1 NO_IDS), "ok");
	assert_string_equal(list(r, MESSAGES), "1 camt.054 X1 1 0 1\n2 camt.054 X1 2 1 2\n");
	assert_int_equal(home_number(r, "SELECT count(*) FROM bank_entry"), 2);
}

/* Without an instant it counts from the business date; its id is not needed. */
static void
message_without_a_header_is_read(void **state)
{
	static const char *const headers[] = {
	    "<GrpHdr><MsgId>N1</MsgId></GrpHdr>",
	    "<GrpHdr><CreDtTm>2026-03-10T21:15:00</CreDtTm></GrpHdr>",
	    "<GrpHdr><MsgId>12345678901234567890123456789012345678</MsgId><CreDtTm>2026-03-10T21:15:00</CreDtTm></GrpHdr>",
	};
	struct run *r = *state;
	char text[2048];
	size_t i;

	for (i = 0; i < LENGTH(headers); i++) {
		snprintf(
		    text, sizeof(text),
		    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\"><BkToCstmrDbtCdtNtfctn>%s"
		    "<Ntfctn>" CREDIT_E1 "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>",
		    headers[i]);
		assert_string_equal(receive(r, text), "ok");
		snprintf(
		    text, sizeof(text),
		    "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>%s"
		    "<OrgnlGrpInfAndSts><OrgnlMsgId>SDD-1</OrgnlMsgId><GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>"
		    "</CstmrPmtStsRpt></Document>",
		    headers[i]);
		assert_string_equal(receive(r, text), "ok");
	}
	assert_int_equal(home_number(r, "SELECT count(*) FROM bank_message"), 6);
}

static void
incomplete_entry_has_a_problem(void **state)
{
	struct run *r = *state;

	assert_string_equal(
	    report(r, "N1", CREDIT_E1 ENTRY("1.00", "CRDT", "BOOK", "", E2E("E2")) "<Ntry></Ntry>"), "ok");
	assert_string_equal(
	    list(
		r,
		"SELECT coalesce(end_to_end_id, '-') || ' ' || coalesce(problem, '') FROM bank_entry ORDER BY 1"),
	    "- the entry has no amount\nE1 \nE2 the entry has neither a booking date nor a value date\n");
}

static void
incomplete_message_is_refused(void **state)
{
	struct run *r = *state;
	char text[8192];

	snprintf(text, sizeof(text), CAMT, "N1", "2026-03-10T21:15:00", OURS, CREDIT_E1);
	text[strlen(text) - 12] = '\0';
	assert_string_not_equal(receive(r, text), "ok");
	assert_string_equal(
	    receive(r, "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"/>"),
	    "unknown_message");
	assert_string_equal(list(r, ENTRIES), "");
	assert_string_equal(list(r, MESSAGES), "");
	assert_string_equal(report(r, "N1", CREDIT_E1), "ok");
}

#define WITH_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_HOME(report_is_read_into_entries),
	    WITH_HOME(return_of_more_has_a_fee),
	    WITH_HOME(charges_are_separate_from_amounts),
	    WITH_HOME(status_is_read_into_entries),
	    WITH_HOME(debits_of_a_rejected_file_or_block_are_noted),
	    WITH_HOME(equal_entries_in_one_message_are_several),
	    WITH_HOME(entries_repeated_by_another_message_are_not_stored),
	    WITH_HOME(status_of_another_day_is_the_same_one_but_an_acceptance),
	    WITH_HOME(entry_that_differs_in_one_fact_is_another_entry),
	    WITH_HOME(entries_of_another_account_are_counted),
	    WITH_HOME(report_without_an_iban_is_accepted),
	    WITH_HOME(message_id_may_come_again_with_other_entries),
	    WITH_HOME(message_without_a_header_is_read),
	    WITH_HOME(incomplete_message_is_refused),
	    WITH_HOME(incomplete_entry_has_a_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
