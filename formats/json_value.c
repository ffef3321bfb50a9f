/* json_value: the values of json.h, as they were read: members by name and by path. */
#include <string.h>

#include "formats/json.h"

static bool
has_name(const struct json_value *m, const char *name, size_t n)
{
	return m->key_length == n && m->key[0] == name[0] && memcmp(m->key, name, n) == 0;
}

/* Among the members from `from` on and before `until`; NULL: up to the last. */
static const struct json_value *
find_between(const struct json_value *from, const struct json_value *until, const char *name, size_t n)
{
	while (from != until && !has_name(from, name, n))
		from = from->next;
	return from == until ? NULL : from;
}

static const struct json_value *
unless_null(const struct json_value *m)
{
	return m == NULL || m->type == JSON_NULL ? NULL : m;
}

static const struct json_value *
find_member(const struct json_value *object, const char *name, size_t n)
{
	if (object == NULL || object->type != JSON_OBJECT)
		return NULL;
	return unless_null(find_between(object->child, NULL, name, n));
}

const struct json_value *
json_member(const struct json_value *object, const char *name)
{
	return find_member(object, name, strlen(name));
}

const struct json_value *
json_at(const struct json_value *object, const char *path)
{
	for (;;) {
		const char *dot = strchr(path, '.');

		object = find_member(object, path, dot != NULL ? (size_t)(dot - path) : strlen(path));
		if (object == NULL || dot == NULL)
			return object;
		path = dot + 1;
	}
}

int
json_text(const struct json_value *object, const char *path, const char **text, struct err *e)
{
	const struct json_value *m = json_at(object, path);

	*text = NULL;
	if (m != NULL && m->type != JSON_TEXT)
		return err_set(e, ERR_BAD_FIELD, "%s is not a text", path);
	if (m != NULL)
		*text = m->text;
	return 0;
}

int
json_int(const struct json_value *object, const char *path, int64_t *number, struct err *e)
{
	const struct json_value *m = json_at(object, path);

	if (m != NULL && m->type != JSON_NUMBER)
		return err_set(e, ERR_BAD_FIELD, "%s is not a number", path);
	if (m != NULL)
		*number = m->number;
	return 0;
}

int
json_bool(const struct json_value *object, const char *path, bool *truth, struct err *e)
{
	const struct json_value *m = json_at(object, path);

	if (m != NULL && m->type != JSON_BOOL)
		return err_set(e, ERR_BAD_FIELD, "%s must be true or false", path);
	if (m != NULL)
		*truth = m->number != 0;
	return 0;
}
