/* request: files that other components drop into inbox/requests, JSONL or CSV, and the results they get back.
 *
 * name     <op>.<source>.<YYYYMMDDTHHMMSSZ>.<seq>.jsonl|.csv ; op may be `mixed` for JSONL
 * envelope message_id (1-64 of [A-Za-z0-9._:-]), op, app_id, app_user_id, optional dry_run; the others
 *          belong to the op and are checked by it
 */
#ifndef FORMATS_REQUEST_H
#define FORMATS_REQUEST_H

#include <stdbool.h>
#include <stdio.h>

#include "formats/date.h"
#include "formats/err.h"
#include "formats/json.h"
#include "formats/sink.h"

#define REQUEST_MAX_LINE   65536
#define REQUEST_MAX_FIELDS 16

struct request_name {
	char op[64], source[48]; /* 1-63 of [a-z0-9_], 1-47 of [A-Za-z0-9_-] */
	instant at;
	long seq;
	bool csv;
};
/* Digits of seq: 1-9. Code bad_file_name; the message does not quote the name. */
int request_parse_name(const char *name, struct request_name *n, struct err *e);
/* Orders file names by (time, seq, name); for qsort over struct request_name only time and seq count. */
int request_compare(const struct request_name *a, const struct request_name *b);

struct request { /* one record; strings live during the call */
	long line;
	const char *message_id, *op, *app_id, *app_user_id; /* NULL when absent */
	bool dry_run;
	/* The members beyond the envelope, in the order given; those that are null or empty are left out. A
	 * number is its digits, exact or not; an array (of texts and numbers) its JSON without blanks. */
	int n;
	struct {
		const char *name, *value;
	} field[REQUEST_MAX_FIELDS];
	/* Of op, app_id, app_user_id and the fields in the order of their names: the same content gives the
	 * same digest in JSONL and CSV. Zeros when `why`. */
	unsigned char digest[SHA256_SIZE];
	/* Code "" when the record is well formed; else malformed_json, not_utf8, missing_field, bad_field,
	 * unknown_field (too many), and what was read so far, maybe nothing. */
	struct err why;
	/* The member that `why` is about; NULL when it is about none. */
	const char *wrong;
};
const char *request_field(const struct request *q, const char *name); /* NULL when absent or empty */

/* For records that do not come from a file: what a message id may be, and q->digest of the other members. */
bool request_is_message_id(const char *text);
void request_digest(struct request *q);

/* Calls `each` once for each line (blank ones are skipped), good or bad, in order. A CSV gives its columns as
 * fields; its header must have message_id; op comes from `default_op` where the record has none (NULL: must
 * be there), and another op than that is bad_field. -1 only when `each` says so or the file as a whole cannot
 * be read (a CSV that is malformed, codes of csv_read; io). */
typedef int request_fn(void *ctx, const struct request *q, struct err *e);
int request_read_jsonl(FILE *in, const char *default_op, request_fn *each, void *ctx, struct err *e);
int request_read_csv(FILE *in, const char *default_op, request_fn *each, void *ctx, struct err *e);

/* Whether a record may get this answer: other components read these words (formats/data/request_codes.csv; operations that
 * ask Swan never come from a request file). */
bool request_is_code(const char *status, const char *code);

struct request_result {
	const char *message_id; /* NULL: none could be read */
	long line;
	const char *op, *status, *code, *field, *message;
	const char *result; /* JSON, or NULL */
	instant processed_at;
	/* Written when true: nothing was stored, and another record may get the id in `result` later. */
	bool dry_run;
};
void request_write_result(struct sink *s, const struct request_result *r); /* one line of JSON */
void request_put_result(struct json *j, const struct request_result *r);   /* the same inside a document */

#endif
