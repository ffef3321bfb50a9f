/* json: strict reading, and a small writer.
 *
 * It reads the grammar of RFC 8259 in UTF-8, without a byte order mark, \u0000, lone surrogates or doubled keys;
 * numbers are integers of at most 15 digits; depth 32. An error names line and column.
 * source   RFC 8259, RFC 7493 (I-JSON: no doubled key, no lone surrogate)
 */
#ifndef FORMATS_JSON_H
#define FORMATS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/sink.h"

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_TEXT,
	JSON_ARRAY,
	JSON_OBJECT,
	JSON_DIGITS,
	JSON_FAULT
};

struct json_item {
	enum json_type type;
	/* Of a text, or of digits; of a fault, what is wrong. Of an object that json_parse_tolerant read, where it begins. */
	const char *text;
	/* Of a number; of a truth 0 or 1. Of an object that json_parse_tolerant read: 1 when its keys are not clear. */
	int64_t number;
};

struct json_value {
	union {
		struct json_item item;
		struct { /* the same, by their names */
			enum json_type type;
			const char *text;
			int64_t number;
		};
	};
	const char *key; /* in the object it is a member of; NULL elsewhere */
	size_t key_length;
	struct json_value *child, *next; /* the first one inside; the one after it */
};

/* NOLINTBEGIN(bugprone-macro-parentheses): a name that is declared cannot stand in parentheses */
#define json_each(item, list) \
	for (const struct json_value *item = (list)->child; item != NULL; item = item->next)
/* NOLINTEND(bugprone-macro-parentheses) */

/* One whole value; codes malformed_json, not_utf8; columns count characters. It does not point
 * into the text, and the caller frees all of it with json_free. NULL on error. */
struct json_value *json_parse(const char *text, size_t length, struct err *e);
/* The same, but a number that is not exact (a point, an exponent, more than 15 digits) is a JSON_DIGITS: what was
 * written, for the answer to the sender. */
struct json_value *json_parse_any_number(const char *text, size_t length, struct err *e);
/* The same, but what no program can take is a JSON_FAULT, and the rest is read: \u0000, half a surrogate, a control
 * character, an escape that does not exist, bytes that are not UTF-8, a word or number outside of the grammar, what is nested
 * too deep. An object with a key twice, or with a key that is a fault, is marked. A byte order mark is skipped. NULL only
 * when it is not known where a value ends. */
struct json_value *json_parse_tolerant(const char *text, size_t length, struct err *e);
/* The same, but of the array at that place the elements become records, and no values: it has no child. */
struct json_records;
struct json_value *json_parse_records(const char *text, size_t length, struct json_records *records,
                                      struct err *e);
void json_free(struct json_value *root); /* what json_parse returned; NULL: nothing */

/* A member by name; NULL when it is absent or null, or the object is missing. */
const struct json_value *json_member(const struct json_value *object, const char *name);
/* A member by path, "statusInfo.status"; NULL when it is absent or null, or an object on the way is missing. */
const struct json_value *json_at(const struct json_value *object, const char *path);
/* Its text; NULL when it is absent or null. -1 (code bad_field, naming the path) when it is not a string. */
int json_text(const struct json_value *object, const char *path, const char **text, struct err *e);
/* When it is absent, the variable keeps its value. */
int json_int(const struct json_value *object, const char *path, int64_t *number, struct err *e);
int json_bool(const struct json_value *object, const char *path, bool *truth, struct err *e);

/* Writing: the writer adds commas and line breaks. Starts as {.sink = s}. key NULL inside an array.
 * Without indent one line; with it, two spaces a level and a line break at the end of the outermost value.
 * Nesting beyond 32 makes the sink fail. A byte that is not UTF-8, as of a message that was cut, becomes
 * U+FFFD. */
struct json {
	struct sink *sink;
	bool indent;
	int depth;
	bool filled[33]; /* this level has a member already */
};
void json_open(struct json *j, const char *key, char bracket);         /* '{' or '[' */
void json_close(struct json *j, char bracket);                         /* '}' or ']' */
void json_put_text(struct json *j, const char *key, const char *text); /* NULL: null */
void json_put_int(struct json *j, const char *key, int64_t number);
void json_put_bool(struct json *j, const char *key, bool truth);
void json_put_null(struct json *j, const char *key);
void json_put_raw(struct json *j, const char *key, const char *json); /* an already written value */
void json_put_value(struct json *j, const char *key, const struct json_value *value); /* one that was read */

#endif
