/* json_scan: the words of a JSON text one after the other: texts, numbers, true, false and null, with what is wrong with each. json.h reads
 * values with it, json_record.h those at some paths.
 *
 * All that can fail returns -1 and fills e: it is not known where the value ends. What makes only one value unusable is a JSON_FAULT when
 * `tolerant`, else an error, too.
 * source   RFC 8259
 */
#ifndef FORMATS_JSON_SCAN_H
#define FORMATS_JSON_SCAN_H

#include "formats/json.h"

#define JSON_DEPTH    32 /* levels of objects and arrays */
#define JSON_TOO_DEEP "the text is nested more than 32 levels deep"
#define JSON_NO_COLON "expected a colon"
#define JSON_NO_VALUE "expected a value"
#define JSON_UNCLOSED "expected a comma or the closing bracket"

struct json_scan {
	const char *begin, *at, *end;
	int depth;
	/* Where the next key or text goes, with its NUL: never longer than they were in quotes; digits, than with what follows them. */
	char *text;
	bool any_number, tolerant;
	bool check_texts;  /* each is to be UTF-8: not all of them are */
	const char *fault; /* of the text at hand; NULL: none */
	struct err *e;
};

/* -1, with the place of `at`. */
int json_scan_refuse(const struct json_scan *s, const char *at, const char *message);

static inline void
json_scan_blanks(struct json_scan *s)
{
	while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
		s->at++;
}

static inline bool
json_scan_take(struct json_scan *s, char c)
{
	if (s->at == s->end || *s->at != c)
		return false;
	s->at++;
	return true;
}

/* A text in quotes; *length without its NUL. s->fault: it is not usable. */
int json_scan_text(struct json_scan *s, const char **text, size_t *length);
/* A text, a number or a word, of which there is at least one character. */
int json_scan_item(struct json_scan *s, struct json_item *item);

/* code not_utf8 */
int json_scan_utf8(const char *text, size_t length, struct err *e);

#endif
