/* test_answer: what a bank sends, whatever the message, the version and the file it comes in. */
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

#define ENTRY                                                                                              \
	"<Ntry><Amt Ccy=\"EUR\">1.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>"                      \
	"<BookgDt><Dt>2026-03-10</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs>" \
	"</TxDtls></NtryDtls></Ntry>"
#define HEADER(id) "<GrpHdr><MsgId>" id "</MsgId><CreDtTm>2026-03-10T06:00:00Z</CreDtTm></GrpHdr>"
#define NOTIFICATION(id)                                                                      \
	"<Document><BkToCstmrDbtCdtNtfctn>" HEADER(id) "<Ntfctn><Id>1</Id>" ENTRY "</Ntfctn>" \
						       "</BkToCstmrDbtCdtNtfctn></Document>"
#define STATUS(id)                                                  \
	"<Document><CstmrPmtStsRpt>" HEADER(                        \
	    id) "<OrgnlGrpInfAndSts><OrgnlMsgId>SDD-1</OrgnlMsgId>" \
		"<GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>"

struct lines {
	char text[8192];
	size_t length;
	const char *refuse_at; /* the step at which the callback refuses */
};

static int
put(struct lines *t, const char *step, const struct answer_message *m, const char *what, struct err *e)
{
	int size = snprintf(t->text + t->length, sizeof t->text - t->length, "%s %s#%ld %s%s%s\n", step,
	                    answer_kind_word(m->kind), m->nth, m->msg_id, what[0] ? " " : "", what);
	assert_true(size > 0 && (size_t)size < sizeof t->text - t->length);
	t->length += (size_t)size;
	return t->refuse_at && strcmp(t->refuse_at, step) == 0 ? err_set(e, "enough", "no more") : 0;
}

static int
begin(void *ctx, const struct answer_message *m, struct err *e)
{
	return put(ctx, "begin", m, "", e);
}

static int
status(void *ctx, const struct answer_message *m, const struct pain002_status *s, struct err *e)
{
	assert_string_equal(m->original_msg_id, "SDD-1");
	return put(ctx, "status", m, s->status, e);
}

static int
entry(void *ctx, const struct answer_message *m, const struct camt_entry *n, struct err *e)
{
	char what[64];
	snprintf(what, sizeof what, "%d %s", n->entry, n->end_to_end_id);
	return put(ctx, "entry", m, what, e);
}

static int
contradict(void *ctx, const struct answer_message *m, int number, long line, const char *code,
           const char *problem, struct err *e)
{
	(void)number, (void)line, (void)problem;
	return put(ctx, "contradict", m, code, e);
}

static int
end(void *ctx, const struct answer_message *m, struct err *e)
{
	char what[192];
	snprintf(what, sizeof what, "at %lld page %ld%s%s",
	         (long long)(m->created_at == INSTANT_NONE ? -1 : m->created_at / 1000), m->page,
	         m->member[0] ? " in " : "", m->member);
	return put(ctx, "end", m, what, e);
}

static int
read_bytes(const char *bytes, size_t n, struct lines *t, struct err *e)
{
	struct answer_reader g = {
	    .ctx = t, .begin = begin, .status = status, .entry = entry, .contradict = contradict, .end = end};
	FILE *f = tmpfile();
	int rc;
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	rewind(f);
	rc = answer_read(f, &g, e);
	fclose(f);
	return rc;
}

static void
answer_reads_each_message_of_a_bank(void **state)
{
	(void)state;
	static const struct {
		const char *text, *lines;
	} cases[] = {
	    {NOTIFICATION("N1"),
	     "begin camt.054#1 \nentry camt.054#1 N1 1 E1\nend camt.054#1 N1 at 1773122400 page 0\n"},
	    {STATUS("S1"),
	     "begin pain.002#1 \nstatus pain.002#1 S1 RJCT\nend pain.002#1 S1 at 1773122400 page 0\n"},
	    {"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><GrpHdr><MsgId>C53</MsgId>"
	     "<CreDtTm>yesterday</CreDtTm><MsgPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></MsgPgntn></GrpHdr>"
	     "<Stmt><CreDtTm>2026-03-10T06:00:00Z</CreDtTm><Bal><Amt Ccy=\"EUR\">1</Amt></Bal>" ENTRY ENTRY
	     "</Stmt><Stmt><CreDtTm>2026-03-11T06:00:00Z</CreDtTm>" ENTRY
	     "</Stmt></BkToCstmrStmt></Document>",
	     "begin camt.053#1 \nentry camt.053#1 C53 1 E1\nentry camt.053#1 C53 2 E1\nentry camt.053#1 C53 3 E1\n"
	     "end camt.053#1 C53 at 1773122400 page 2\n"},
	    {"<x:Document xmlns:x=\"http://bank.example/own\"><x:BkToCstmrAcctRpt><x:Rpt><x:RptPgntn><x:PgNb>3</x:PgNb>"
	     "</x:RptPgntn></x:Rpt></x:BkToCstmrAcctRpt></x:Document>",
	     "begin camt.052#1 \nend camt.052#1  at -1 page 3\n"},
	    {"<Envelope><AppHdr><BizMsgIdr>B</BizMsgIdr></AppHdr>" STATUS("S1") "</Envelope>",
	     "begin pain.002#1 \nstatus pain.002#1 S1 RJCT\nend pain.002#1 S1 at 1773122400 page 0\n"},
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct lines t = {0};
		struct err e = {0};
		if (read_bytes(cases[i].text, strlen(cases[i].text), &t, &e) != 0)
			fail_msg("case %zu: %s at %ld: %s", i, e.code, e.line, e.message);
		assert_string_equal(t.text, cases[i].lines);
	}
}

static void
answer_reads_documents_that_are_glued_together(void **state)
{
	(void)state;
	struct lines t = {0};
	struct err e = {0};
	static const char text[] =
	    "<?xml version=\"1.0\"?>\n" STATUS("S1") "<?xml version=\"1.0\"?>\n" NOTIFICATION(
		"N1") "\n\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>" NOTIFICATION("N2");
	assert_int_equal(read_bytes(text, sizeof text - 1, &t, &e), 0);
	assert_string_equal(t.text, "begin pain.002#1 \nstatus pain.002#1 S1 RJCT\n"
	                            "end pain.002#1 S1 at 1773122400 page 0\n"
	                            "begin camt.054#2 \nentry camt.054#2 N1 1 E1\n"
	                            "end camt.054#2 N1 at 1773122400 page 0\n"
	                            "begin camt.054#3 \nentry camt.054#3 N2 1 E1\n"
	                            "end camt.054#3 N2 at 1773122400 page 0\n");
}

static void
answer_refuses_a_file_whole(void **state)
{
	(void)state;
	static const struct {
		const char *text, *code;
		long line;
	} bad[] = {
	    {"", "malformed_xml", 1},
	    {"not xml", "malformed_xml", 1},
	    {"<Report/>", "unknown_message", 1},
	    {"<Envelope>\n<Other/></Envelope>", "unknown_message", 1},
	    {"<Document/>", "unknown_message", 1},
	    {"<Document>\n<CstmrDrctDbtInitn/></Document>", "unknown_message", 2},
	    {"<Document><BkToCstmrStmt/>\n<BkToCstmrStmt/></Document>", "unknown_message", 2},
	    {NOTIFICATION("N1") "\n<Document><BkToCstmrStmt>", "malformed_xml", 2},
	    {NOTIFICATION("N1") "\n<Report/>", "unknown_message", 2},
	    {NOTIFICATION("N1") "\n<!DOCTYPE a>", "doctype_refused", 2},
	};
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct lines t = {0};
		struct err e = {0};
		if (read_bytes(bad[i].text, strlen(bad[i].text), &t, &e) != -1 ||
		    strcmp(e.code, bad[i].code) != 0 || e.line != bad[i].line)
			fail_msg("%s: %s at %ld: %s", bad[i].text, e.code, e.line, e.message);
	}
}

static void
answer_stops_where_a_callback_refuses(void **state)
{
	(void)state;
	static const char *const steps[] = {"begin", "status", "entry", "end"};
	for (size_t i = 0; i < LENGTH(steps); i++) {
		struct lines t = {.refuse_at = steps[i]};
		struct err e = {0};
		static const char text[] = STATUS("S1") NOTIFICATION("N1");
		assert_int_equal(read_bytes(text, sizeof text - 1, &t, &e), -1);
		assert_string_equal(e.code, "enough");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answer_reads_each_message_of_a_bank),
	    cmocka_unit_test(answer_reads_documents_that_are_glued_together),
	    cmocka_unit_test(answer_refuses_a_file_whole),
	    cmocka_unit_test(answer_stops_where_a_callback_refuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
