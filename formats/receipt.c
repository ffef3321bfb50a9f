/* receipt: see receipt.h. */
#include "formats/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "formats/memory.h"

#define MOST_LINE 65536 /* bytes */

const char *const receipt_words[RECEIPT_STATUSES] = {"accepted", "unknown_user", "invalid", "expired"};

static int
take_id(const struct json_value *object, struct uuid *id, struct err *e)
{
	const char *text = NULL;

	if (json_text(object, "notification_id", &text, e) < 0)
		return -1;
	if (text == NULL)
		return err_set(e, ERR_MISSING_FIELD, "notification_id is missing");
	if (uuid_parse(text, id, e) < 0)
		return err_set(e, ERR_BAD_FIELD, "notification_id is not a valid id");
	return 0;
}

static int
take_status(const struct json_value *object, enum receipt_status *status, struct err *e)
{
	const char *text = NULL;
	int i;

	if (json_text(object, "status", &text, e) < 0)
		return -1;
	if (text == NULL)
		return err_set(e, ERR_MISSING_FIELD, "status is missing");
	for (i = 0; i < RECEIPT_STATUSES; i++)
		if (strcmp(receipt_words[i], text) == 0) {
			*status = (enum receipt_status)i;
			return 0;
		}
	return err_set(e, ERR_BAD_FIELD, "status is not one of accepted, unknown_user, invalid, expired");
}

static int
take_instant(const struct json_value *object, instant *at, struct err *e)
{
	const char *text = NULL;

	*at = INSTANT_NONE;
	if (json_text(object, "at", &text, e) < 0)
		return -1;
	if (text != NULL && instant_parse(text, at, e) < 0)
		return err_set(e, ERR_BAD_FIELD, "at is not a valid instant, as 2026-03-05T08:00:00Z");
	return 0;
}

static int
take_receipt(struct receipt *q, size_t length, receipt_fn *each, void *ctx, struct err *e)
{
	struct json_value *object = json_parse(q->text, length, e);
	int rc = -1;

	if (object == NULL)
		;
	else if (object->type != JSON_OBJECT)
		err_set(e, ERR_MALFORMED_JSON, "the line is not a JSON object");
	else if (take_id(object, &q->id, e) == 0 && take_status(object, &q->status, e) == 0 &&
	         take_instant(object, &q->at, e) == 0 && json_text(object, "message", &q->message, e) == 0)
		rc = each(ctx, q, e);
	if (rc < 0)
		e->line = q->line;
	json_free(object);
	return rc;
}

/* Without its line feed. -1: the end of the file; more than MOST_LINE: only its beginning is kept. */
static long
next_line(FILE *in, char text[static MOST_LINE + 1])
{
	long n = 0;
	int c;

	while ((c = getc_unlocked(in)) != EOF && c != '\n') {
		if (n < MOST_LINE)
			text[n] = (char)c;
		n += n <= MOST_LINE;
	}
	text[n < MOST_LINE ? n : MOST_LINE] = '\0';
	return c == EOF && n == 0 ? -1 : n;
}

int
receipt_read(FILE *in, receipt_fn *each, void *ctx, struct err *e)
{
	char *text = memory_new(MOST_LINE + 1, 1);
	struct receipt q;
	long line, n;
	int rc = 0;

	for (line = 1; rc == 0 && (n = next_line(in, text)) >= 0; line++) {
		q = (struct receipt){.line = line, .text = text};
		if (n > MOST_LINE)
			rc = err_at(e, line, 0, ERR_MALFORMED_JSON, "the line is longer than 65536 bytes");
		else if (strspn(text, " \t\r") != (size_t)n)
			rc = take_receipt(&q, (size_t)n, each, ctx, e);
	}
	if (rc == 0 && ferror(in))
		rc = err_set(e, ERR_IO, "it cannot be read");
	free(text);
	return rc;
}

void
receipt_write(struct sink *s, const struct receipt_line *q)
{
	struct json j = {.sink = s};
	char id[UUID_TEXT], at[INSTANT_TEXT];

	json_open(&j, NULL, '{');
	json_put_text(&j, "notification_id", uuid_print(id, &q->id));
	json_put_text(&j, "name", q->name);
	json_put_text(&j, "profile_id", uuid_print(id, &q->profile));
	json_put_text(&j, "status", q->status);
	json_put_text(&j, "at", instant_print(at, q->at));
	json_put_text(&j, "message", q->message);
	json_put_text(&j, "source", q->source);
	json_put_int(&j, "line", q->line);
	json_put_text(&j, "stored_at", instant_print(at, q->stored_at));
	json_close(&j, '}');
	sink_put(s, "\n", 1);
}
