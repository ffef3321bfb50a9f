/* answer: see answer.h. Reads the header of each document, and hands the rest of it to the reader of its kind. */
#include <string.h>

#include "formats/answer.h"
#include "formats/iso20022.h"
#include "formats/length.h"
#include "formats/text.h"
#include "formats/xml.h"

struct answer_reading {
	const struct answer_reader *to;
	struct answer_message message;
	bool in_message;
	struct camt_reading *camt;
	struct pain002_reading *pain002;
};

static const struct {
	const char *word, *element, *report;
} kinds[] = {
    [ANSWER_PAIN_002] = {"pain.002", "CstmrPmtStsRpt", NULL},
    [ANSWER_CAMT_052] = {"camt.052", "BkToCstmrAcctRpt", "Rpt"},
    [ANSWER_CAMT_053] = {"camt.053", "BkToCstmrStmt", "Stmt"},
    [ANSWER_CAMT_054] = {"camt.054", "BkToCstmrDbtCdtNtfctn", "Ntfctn"},
};

const char *
answer_kind_word(enum answer_kind kind)
{
	return kinds[kind].word;
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
start_message(struct answer_reading *r, const char *element, struct err *e)
{
	struct camt_reader camt = {.ctx = r, .entry = hand_on_entry, .contradict = hand_on_contradiction};
	size_t i;

	for (i = 0; i < LENGTH(kinds); i++)
		if (strcmp(element, kinds[i].element) == 0)
			break;
	if (i == LENGTH(kinds))
		return err_set(
		    e, ERR_UNKNOWN_MESSAGE,
		    "the document is not a message that is read: pain.002, camt.052, camt.053 or camt.054");
	r->in_message = true;
	r->message.kind = (enum answer_kind)i;
	if (i == ANSWER_PAIN_002)
		r->pain002 = pain002_open(hand_on_status, r);
	else
		r->camt = camt_open(&camt);
	return r->to->begin(r->to->ctx, &r->message, e);
}

/* The path below "Document/message/"; NULL for another. */
static const char *
below_message(const char *path)
{
	path = strchr(path, '/');
	path = path != NULL ? strchr(path + 1, '/') : NULL;
	return path != NULL ? path + 1 : NULL;
}

/* The path below the report: "" for the report itself; NULL for what is in none. */
static const char *
below_report(const struct answer_reading *r, const char *path)
{
	const char *report = kinds[r->message.kind].report;
	size_t n;

	if (report == NULL)
		return NULL;
	n = strlen(report);
	if (strncmp(path, report, n) != 0 || (path[n] != '\0' && path[n] != '/'))
		return NULL;
	return path[n] == '/' ? path + n + 1 : path + n;
}

static int
answer_begin(void *ctx, const char *path, struct xml_reader *x, struct err *e)
{
	struct answer_reading *r = ctx;
	const char *below, *report;

	if (!r->in_message)
		return strcmp(path, "Document") == 0
		           ? 0
		           : start_message(r, strncmp(path, "Document/", 9) == 0 ? path + 9 : path, e);
	below = below_message(path);
	if (below == NULL)
		return 0;
	if (r->pain002 != NULL)
		return pain002_begin(r->pain002, below, x, e);
	report = below_report(r, below);
	return report != NULL ? camt_begin(r->camt, report, x, e) : 0;
}

/* The header is for people and for the order of messages: what is not valid in it is as if it were missing. */
static void
fill_header(struct answer_reading *r, const char *path, const char *text)
{
	struct answer_message *m = &r->message;
	struct err why = {0};

	if (strcmp(path, "GrpHdr/MsgId") == 0)
		text_copy(m->msg_id, sizeof(m->msg_id), text);
	else if (strcmp(path, "GrpHdr/CreDtTm") == 0)
		iso_instant(text, &m->created_at, &why);
	else if (strcmp(path, "GrpHdr/MsgPgntn/PgNb") == 0)
		iso_count(text, &m->page, &why);
	else if (strcmp(path, "OrgnlGrpInfAndSts/OrgnlMsgId") == 0)
		text_copy(m->original_msg_id, sizeof(m->original_msg_id), text);
	else if (strcmp(path, "OrgnlGrpInfAndSts/OrgnlMsgNmId") == 0)
		iso_cut(m->original_name_id, sizeof(m->original_name_id), text);
}

static int
answer_end(void *ctx, const char *path, const char *text, struct err *e)
{
	struct answer_reading *r = ctx;
	const char *below = below_message(path), *report;
	struct err why = {0};

	if (below == NULL)
		return 0;
	fill_header(r, below, text);
	if (r->pain002 != NULL)
		return pain002_end(r->pain002, below, text, e);
	report = below_report(r, below);
	if (report == NULL)
		return 0;
	if (strcmp(report, "CreDtTm") == 0 && r->message.created_at == INSTANT_NONE)
		iso_instant(text, &r->message.created_at, &why);
	return camt_end(r->camt, report, text, e);
}

static void
close_message(struct answer_reading *r)
{
	camt_close(r->camt);
	pain002_close(r->pain002);
}

int
answer_read(FILE *in, const struct answer_reader *g, struct err *e)
{
	struct answer_reading r = {.to = g, .message = {.created_at = INSTANT_NONE, .nth = 1}};
	struct xml_reader x = {.ctx = &r, .begin = answer_begin, .end = answer_end};
	int rc = xml_read(in, 0, &x, e);

	if (rc == 0 && !r.in_message)
		rc = err_set(e, ERR_UNKNOWN_MESSAGE, "the document has no message");
	if (rc == 0)
		rc = g->end(g->ctx, &r.message, e);
	close_message(&r);
	return rc;
}
