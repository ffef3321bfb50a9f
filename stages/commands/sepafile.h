/* sepafile: the content of any file that is exchanged with a bank, as records of named fields: pain.001 and pain.008, pain.002,
 * camt.052, camt.053, camt.054; ours or not.
 *
 * describe prints the records, validate looks at their problems, diff compares them. A field that is absent is left out.
 */
#ifndef COMMANDS_SEPAFILE_H
#define COMMANDS_SEPAFILE_H

#include <stdio.h>

#include "formats/err.h"
#include "formats/json.h"
#include "formats/sink.h"

enum sepafile_type { FIELD_TEXT, FIELD_NAME, FIELD_IBAN, FIELD_CENTS, FIELD_COUNT, FIELD_DAY, FIELD_INSTANT };

struct sepafile_field {
	const char *name; /* key of JSON */
	enum sepafile_type type;
	const char *text; /* of a text, name, IBAN */
	int64_t number;   /* of all others */
};

#define SEPAFILE_FIELDS 24

enum sepafile_section {
	SEPAFILE_MESSAGE, /* the header of a document; of a bank's message after its entries */
	SEPAFILE_BLOCK,   /* payment information */
	SEPAFILE_ITEM,    /* a debit, a transfer, a status or an entry */
};

struct sepafile_record {
	enum sepafile_section section;
	const char *word; /* message, block, debit, transfer, status, entry */
	/* The id by which another file names it: the end-to-end id; "" when it has no such id. */
	const char *key;
	long document, line; /* the n-th document of the file, from 1 */
	const char *problem; /* "" when nothing is wrong with it */
	/* Of a bank's message a problem concerns one entry, and the file is read all the same. */
	bool is_wrong;
	struct sepafile_field field[SEPAFILE_FIELDS];
	int fields;
};

/* Valid during the call. Returns 0, or -1 with *e filled. */
typedef int sepafile_fn(void *ctx, const struct sepafile_record *record, struct err *e);

/* -1: the file cannot be read; unknown_message for any other document. */
int sepafile_read(FILE *in, sepafile_fn *each, void *ctx, struct err *e);

const struct sepafile_field *sepafile_find(const struct sepafile_record *record,
                                           const char *name); /* NULL: absent */

#define SEPAFILE_TEXT 512
/* A value as people read it, or as programs do; names and IBANs are masked unless `unmasked`. */
char *sepafile_print(char text[static SEPAFILE_TEXT], const struct sepafile_field *f, bool unmasked);
void sepafile_put(struct json *j, const struct sepafile_field *f, bool unmasked);

#endif
