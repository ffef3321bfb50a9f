/* json_value: the values of json.h, as they were read: members by name and by path. */
#include <string.h>

#include "formats/json.h"

static const struct json_value *
find_member(const struct json_value *object, const char *name, size_t n)
{
	const struct json_value *m;

	if (object == NULL || object->type != JSON_OBJECT)
		return NULL;
	for (m = object->child; m != NULL; m = m->next)
		if (m->key_length == n && m->key[0] == name[0] && memcmp(m->key, name, n) == 0)
			return m->type == JSON_NULL ? NULL : m;
	return NULL;
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
