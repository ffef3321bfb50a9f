/* receipt: what a receiver answers about notifications, one line of JSON for each: in a file, or in the answer to a request.
 *
 * {"notification_id","status","at","message"}; status: accepted, unknown_user, invalid, expired. `at` is when the receiver took or
 * rejected the notification; it and `message` may be absent. Other members are skipped.
 */
#ifndef FORMATS_RECEIPT_H
#define FORMATS_RECEIPT_H

#include <stdio.h>

#include "formats/date.h"
#include "formats/err.h"
#include "formats/sink.h"
#include "formats/uuid.h"

#define RECEIPT_MESSAGE 512 /* bytes of a message; the rest is cut */

enum receipt_status {
	RECEIPT_ACCEPTED,
	RECEIPT_UNKNOWN_USER,
	RECEIPT_INVALID,
	RECEIPT_EXPIRED,
	RECEIPT_STATUSES
};
extern const char *const receipt_words[RECEIPT_STATUSES];

struct receipt { /* strings live during the call */
	long line;
	struct uuid id;
	enum receipt_status status;
	instant at;          /* INSTANT_NONE: absent */
	const char *message; /* NULL: absent */
	const char *text;    /* the line */
};

/* Calls `each` for each line, in order; blank lines are skipped. -1 when a line is not a receipt (malformed_json, not_utf8,
 * missing_field, bad_field; e->line), when the file cannot be read (io), or when `each` says so: a line is not given before the
 * lines before it were read, so that the caller must be able to take them back. */
typedef int receipt_fn(void *ctx, const struct receipt *q, struct err *e);
int receipt_read(FILE *in, receipt_fn *each, void *ctx, struct err *e);

/* One of our own lines: what was answered, and where. */
struct receipt_line {
	struct uuid id, profile;
	const char *name, *status, *message; /* message: NULL: absent */
	instant at, stored_at;
	const char *source; /* name of the file, or key of the request */
	int64_t line;       /* of either */
};
void receipt_write(struct sink *s, const struct receipt_line *q);

#endif
