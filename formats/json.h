/* json: strict reading over cJSON, and a small writer.
 *
 * cJSON is lax, so the text is scanned first: the grammar of RFC 8259, UTF-8, no byte order mark, no raw
 * control character, no \u0000, no lone surrogate, numbers only integers of at most 15 digits, depth 32, no
 * doubled key in an object. The scan gives line and column.
 */
#ifndef FORMATS_JSON_H
#define FORMATS_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/sink.h"

/* One whole value; codes malformed_json, not_utf8, memory; columns count characters. The caller frees with
 * cJSON_Delete. NULL on error. */
cJSON *json_parse(const char *text, size_t length, struct err *e);

/* A member by path, "statusInfo.status"; NULL when absent, null, or on the way there nothing. */
const cJSON *json_at(const cJSON *object, const char *path);
/* Its text; NULL when absent or null. -1 (code bad_field, naming the path) when there but no string. */
int json_text(const cJSON *object, const char *path, const char **text, struct err *e);
int json_int(const cJSON *object, const char *path, int64_t *number, struct err *e); /* absent: left alone */
int json_bool(const cJSON *object, const char *path, bool *truth, struct err *e);    /* absent: left alone */

/* Writing: commas and nesting are the writer's business. Starts as {.sink = s}. key NULL inside an array.
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

#endif
