/* swan_reply: see swan_reply.h. */
#include <string.h>

#include "formats/length.h"
#include "formats/swan_reply.h"
#include "formats/text.h"

static const struct swan_refusal refusals[] = {
#include "formats/data/swan_refusals.inc"
};

int
swan_check_errors(const struct json_value *answer, struct err *e)
{
	const struct json_value *errors = json_at(answer, "errors");
	const char *message = NULL;
	struct err unreadable;

	if (errors == NULL || (errors->type == JSON_ARRAY && errors->child == NULL))
		return 0;
	json_text(errors->child, "message", &message, &unreadable);
	return err_set(e, ERR_SWAN_ERRORS, "Swan answered with errors: %.180s",
	               message != NULL ? message : "without a message");
}

/* Whether an object in it has a key twice, or one that is not usable: what it says is not clear. */
static bool
is_unclear(const struct json_value *v)
{
	if (v->type == JSON_OBJECT && v->number != 0)
		return true;
	json_each (member, v)
		if (is_unclear(member))
			return true;
	return false;
}

/* Cut to what fits. */
static void
take_message(struct swan_reply *r, const char *message)
{
	strncat(r->message, message != NULL ? message : "without a message", sizeof(r->message) - 1);
}

static int
read_value(struct swan_reply *r, const char *field, const char *type, struct err *e)
{
	const struct json_value *data = json_at(r->answer, "data"), *value;
	const char *actual, *message;
	struct err unreadable;

	if (data == NULL || data->type != JSON_OBJECT || data->child == NULL)
		return err_set(e, ERR_BAD_FIELD, "data is missing");
	if (r->answer->number != 0 || is_unclear(data))
		return err_set(e, ERR_BAD_FIELD, "an object has a key twice");
	value = json_member(data, field);
	if (value == NULL)
		return 0;
	if (json_text(value, "__typename", &actual, e) < 0)
		return -1;
	if (actual == NULL)
		return err_set(e, ERR_BAD_FIELD, "%s.__typename is missing", field);
	if (strcmp(actual, type) == 0) {
		r->value = value;
		return 0;
	}
	json_text(value, "message", &message, &unreadable);
	text_copy(r->rejection, sizeof(r->rejection),
	          strlen(actual) < sizeof(r->rejection) ? actual : "another type");
	take_message(r, message);
	return 0;
}

int
swan_reply_read(const char *json, size_t length, const char *field, const char *type, struct swan_reply *r,
                struct err *e)
{
	*r = (struct swan_reply){.answer = json_parse_tolerant(json, length, e)};
	if (r->answer == NULL)
		return -1;
	if (r->answer->type == JSON_FAULT)
		err_set(e, ERR_MALFORMED_JSON, "%s", r->answer->text);
	else if (swan_check_errors(r->answer, e) == 0 && read_value(r, field, type, e) == 0)
		return 0;
	swan_reply_free(r);
	return -1;
}

void
swan_reply_free(struct swan_reply *r)
{
	json_free(r->answer);
	*r = (struct swan_reply){0};
}

const struct swan_refusal *
swan_refusal_find(const char *type, const char *operation)
{
	const struct swan_refusal *found = NULL;
	size_t i;

	for (i = 0; i < LENGTH(refusals); i++) {
		if (strcmp(refusals[i].type, type) != 0)
			continue;
		if (strcmp(refusals[i].operation, operation) == 0)
			return &refusals[i];
		if (refusals[i].operation[0] == '\0')
			found = &refusals[i];
	}
	return found;
}

enum swan_blame
swan_refusal_blame(const struct swan_refusal *f)
{
	return f->blame[0] == 'i' ? SWAN_INPUT : f->blame[0] == 'l' ? SWAN_LATER : SWAN_SETUP;
}
