/* answer: whatever a bank sends about our files, read as a stream: pain.002, camt.052, camt.053, camt.054.
 *
 * A file is a document, several glued together, or a ZIP or gzip of such files (container.h for its limits).
 * The message is known by the name below Document, whatever the namespace, its prefix and version. An entry or a status that
 * cannot be used says so (`problem`) and is handed on all the same; the rest of the file goes on.
 * source   pain.002.001.03 to .10, camt.052/053/054.001.02 to .08 (ISO 20022)
 */
#ifndef FORMATS_ANSWER_H
#define FORMATS_ANSWER_H

#include <stdio.h>

#include "formats/camt.h"
#include "formats/date.h"
#include "formats/err.h"
#include "formats/pain002.h"

enum answer_kind { ANSWER_PAIN_002, ANSWER_CAMT_052, ANSWER_CAMT_053, ANSWER_CAMT_054 };
const char *answer_kind_word(enum answer_kind kind); /* "pain.002", "camt.052" ... */

struct answer_message { /* one document */
	enum answer_kind kind;
	char msg_id[36];    /* "" when missing or too long */
	instant created_at; /* else that of the first report in it, else INSTANT_NONE */
	long page;          /* 0: none */
	long nth;           /* of the document in the file, from 1 */
	char member[101];   /* of a ZIP, cut; "" */
	/* pain.002 only: of our file; the name as the bank spells it, "pain.008.001.08" */
	char original_msg_id[36], original_name_id[36];
};

/* Each returns 0, or -1 with *e filled, which ends the reading. */
struct answer_reader {
	void *ctx;
	/* Once the kind is known; the ids may still be "". */
	int (*begin)(void *ctx, const struct answer_message *m, struct err *e);
	int (*status)(void *ctx, const struct answer_message *m, const struct pain002_status *s,
	              struct err *e);
	int (*entry)(void *ctx, const struct answer_message *m, const struct camt_entry *n, struct err *e);
	/* An entry whose details do not add up to it, which is known only after they were handed on. */
	int (*contradict)(void *ctx, const struct answer_message *m, int entry, long line, const char *code,
	                  const char *problem, struct err *e);
	int (*end)(void *ctx, const struct answer_message *m, struct err *e); /* the header is whole now */
};

/* -1: the file is refused whole, nothing that was handed on counts. Codes those of xml_next
 * and container_next, unknown_message (for any other document), or what a callback said. What is wrong in a ZIP names the
 * member. */
int answer_read(FILE *in, const struct answer_reader *g, struct err *e);

#endif
