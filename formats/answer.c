/* answer: see answer.h. Reads the header of each document, and hands the rest of it to the reader of its kind. */
#include <stdio.h>
#include <string.h>

#include "formats/answer.h"
#include "formats/container.h"
#include "formats/iso20022.h"
#include "formats/length.h"
#include "formats/text.h"
#include "formats/xml.h"

#define MOST_DOCUMENTS 10000 /* one behind the other in a file */

struct answer_reading {
	const struct answer_reader *to;
	struct answer_message message;
	long documents; /* in the file so far */
	bool in_message;
	char member[CONTAINER_NAME];
	struct camt_reading *camt;
	struct pain002_reading *pain002;
};

/* Some banks put the document into an envelope of their own. */
enum element {
	ENVELOPE = 1,
	DOCUMENT,
	INTRADAY,
	STATEMENT,
	NOTIFICATION,
	OTHER_MESSAGE,
	HEADER,
	MSG_ID,
	CREATED_AT,
	PAGES,
	PAGE,
	REPORT_CREATED_AT,
	ORIGINAL_MSG_ID,
	ORIGINAL_NAME_ID,
};

static const struct xml_name names[] = {
    {0, DOCUMENT, "Document"},
    {0, ENVELOPE, "*"},
    {ENVELOPE, DOCUMENT, "Document"},
    {DOCUMENT, PAIN002_MESSAGE, "CstmrPmtStsRpt"},
    {DOCUMENT, INTRADAY, "BkToCstmrAcctRpt"},
    {DOCUMENT, STATEMENT, "BkToCstmrStmt"},
    {DOCUMENT, NOTIFICATION, "BkToCstmrDbtCdtNtfctn"},
    {DOCUMENT, OTHER_MESSAGE, "*"},
    {INTRADAY, CAMT_REPORT, "Rpt"},
    {STATEMENT, CAMT_REPORT, "Stmt"},
    {NOTIFICATION, CAMT_REPORT, "Ntfctn"},
    {INTRADAY, HEADER, "GrpHdr"},
    {STATEMENT, HEADER, "GrpHdr"},
    {NOTIFICATION, HEADER, "GrpHdr"},
    {PAIN002_MESSAGE, HEADER, "GrpHdr"},
    {HEADER, MSG_ID, "MsgId"},
    {HEADER, CREATED_AT, "CreDtTm"},
    {HEADER, PAGES, "MsgPgntn"},
    {CAMT_REPORT, PAGES, "RptPgntn"},
    {CAMT_REPORT, PAGES, "StmtPgntn"},
    {CAMT_REPORT, PAGES, "NtfctnPgntn"},
    {PAGES, PAGE, "PgNb"},
    {CAMT_REPORT, REPORT_CREATED_AT, "CreDtTm"},
    {PAIN002_ORIGINAL, ORIGINAL_MSG_ID, "OrgnlMsgId"},
    {PAIN002_ORIGINAL, ORIGINAL_NAME_ID, "OrgnlMsgNmId"},
};

const char *
answer_kind_word(enum answer_kind kind)
{
	static const char *const words[] = {[ANSWER_PAIN_002] = "pain.002",
	                                    [ANSWER_CAMT_052] = "camt.052",
	                                    [ANSWER_CAMT_053] = "camt.053",
	                                    [ANSWER_CAMT_054] = "camt.054"};

	return words[kind];
}

static int
hand_on_status(void *ctx, const struct pain002_status *s, struct err *e)
{
	struct answer_reading *r = ctx;

	return r->to->status(r->to->ctx, &r->message, s, e);
}

static int
hand_on_entry(void *ctx, const struct camt_entry *n, struct err *e)
{
	struct answer_reading *r = ctx;

	return r->to->entry(r->to->ctx, &r->message, n, e);
}

static int
hand_on_contradiction(void *ctx, int entry, long line, const char *code, const char *problem, struct err *e)
{
	struct answer_reading *r = ctx;

	return r->to->contradict(r->to->ctx, &r->message, entry, line, code, problem, e);
}

static int
start_message(struct answer_reading *r, enum answer_kind kind, struct err *e)
{
	if (r->in_message)
		return err_set(e, ERR_UNKNOWN_MESSAGE, "the document has two messages");
	r->message = (struct answer_message){.kind = kind, .created_at = INSTANT_NONE, .nth = ++r->documents};
	memcpy(r->message.member, r->member, sizeof(r->member));
	r->in_message = true;
	camt_start(r->camt);
	return r->to->begin(r->to->ctx, &r->message, e);
}

static int
answer_begin(void *ctx, int element, struct xml_elements *x, struct err *e)
{
	struct answer_reading *r = ctx;

	switch (element) {
	case PAIN002_MESSAGE:
		return start_message(r, ANSWER_PAIN_002, e);
	case INTRADAY:
		return start_message(r, ANSWER_CAMT_052, e);
	case STATEMENT:
		return start_message(r, ANSWER_CAMT_053, e);
	case NOTIFICATION:
		return start_message(r, ANSWER_CAMT_054, e);
	case OTHER_MESSAGE:
		return err_set(
		    e, ERR_UNKNOWN_MESSAGE,
		    "the document is a %.40s, which is not read: expected pain.002, camt.052, camt.053 or camt.054",
		    x->name);
	default:
		break;
	}
	if (element > PAIN002_MESSAGE)
		return pain002_begin(r->pain002, element, x, e);
	return element >= CAMT_REPORT ? camt_begin(r->camt, element, x, e) : 0;
}

static int
end_document(struct answer_reading *r, struct err *e)
{
	if (!r->in_message)
		return err_set(
		    e, ERR_UNKNOWN_MESSAGE,
		    "the document has no message: expected pain.002, camt.052, camt.053 or camt.054");
	r->in_message = false;
	return r->to->end(r->to->ctx, &r->message, e);
}

/* The header is for people and for the order of messages: what is not valid in it is as if it were missing. */
static void
fill_header(struct answer_message *m, int element, const char *text)
{
	struct err why = {0};

	if (element == MSG_ID)
		text_copy(m->msg_id, sizeof(m->msg_id), text);
	else if (element == CREATED_AT || (element == REPORT_CREATED_AT && m->created_at == INSTANT_NONE))
		iso_instant(text, &m->created_at, &why);
	else if (element == PAGE && m->page == 0)
		iso_count(text, &m->page, &why);
	else if (element == ORIGINAL_MSG_ID)
		text_copy(m->original_msg_id, sizeof(m->original_msg_id), text);
	else if (element == ORIGINAL_NAME_ID)
		text_cut(m->original_name_id, sizeof(m->original_name_id), text);
}

static int
answer_end(void *ctx, int element, const char *text, struct err *e)
{
	struct answer_reading *r = ctx;

	if (element > PAIN002_MESSAGE)
		return pain002_end(r->pain002, element, text, e);
	if (element >= CAMT_REPORT && element != PAIN002_MESSAGE)
		return camt_end(r->camt, element, text, e);
	if (element == DOCUMENT)
		return end_document(r, e);
	fill_header(&r->message, element, text);
	return 0;
}

static ptrdiff_t
read_file(void *ctx, char *to, size_t size, struct err *e)
{
	FILE *in = ctx;
	size_t n = fread(to, 1, size, in);

	if (n == 0 && ferror(in) != 0)
		return err_set(e, ERR_MALFORMED_XML, "the file cannot be read to its end");
	return (ptrdiff_t)n;
}

static int
read_documents(struct answer_reading *r, xml_source *source, void *from, struct err *e)
{
	struct xml_elements x = {.ctx = r,
	                         .names = {{names, LENGTH(names)}, camt_names(), pain002_names()},
	                         .begin = answer_begin,
	                         .end = answer_end};
	struct xml_input *in = xml_open(source, from, 0);
	int rc;

	do {
		long before = r->documents;

		rc = xml_next(in, &x, e);
		if (rc == 1 && r->documents == before)
			rc = err_at(
			    e, x.line, 0, ERR_UNKNOWN_MESSAGE,
			    "the file is not a message of a bank: expected pain.002, camt.052, camt.053 or camt.054");
		if (rc == 1 && r->documents > MOST_DOCUMENTS)
			rc = err_at(e, x.line, 0, ERR_TOO_LARGE, "the file has more than %d documents",
			            MOST_DOCUMENTS);
	} while (rc == 1);
	xml_close(in);
	return rc;
}

static int
read_container(struct answer_reading *r, FILE *in, struct err *e)
{
	struct container *c = container_open(in);
	int rc;

	do {
		rc = container_next(c, r->member, e);
		if (rc == 1 && read_documents(r, container_read, c, e) != 0)
			rc = -1;
	} while (rc == 1);
	if (rc < 0 && r->member[0] != '\0') {
		char why[sizeof(e->message)];

		memcpy(why, e->message, sizeof(why));
		snprintf(e->message, sizeof(e->message), "%s in the ZIP: %.140s", r->member, why);
	}
	container_close(c);
	return rc;
}

int
answer_read(FILE *in, const struct answer_reader *g, struct err *e)
{
	struct answer_reading r = {.to = g};
	struct camt_reader camt = {.ctx = &r, .entry = hand_on_entry, .contradict = hand_on_contradiction};
	char head[4];
	size_t n = fread(head, 1, sizeof(head), in);
	int rc;

	*e = (struct err){0};
	rewind(in);
	r.camt = camt_open(&camt);
	r.pain002 = pain002_open(hand_on_status, &r);
	rc = container_is_one(head, n) ? read_container(&r, in, e) : read_documents(&r, read_file, in, e);
	camt_close(r.camt);
	pain002_close(r.pain002);
	return rc;
}
