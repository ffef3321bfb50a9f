/* json: see json.h; members are looked up in json_value.c, the writer is in json_write.c.
 *
 * The text is read once, by the grammar, into values that lie in a few blocks. A general reader in front of
 * the strict checks would read everything twice, which costs too much.
 */
#include "formats/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json_keys.h"
#include "formats/json_record.h"
#include "formats/json_skip.h"
#include "formats/memory.h"
#include "formats/text.h"

#define FIRST_BLOCK 16 /* values in the first block of a text, doubled with each further one */
#define LAST_BLOCK  1024
#define NAMES       3 /* on the way to records */

struct block {
	struct block *next;
	size_t used, size;
	struct json_value value[];
};

/* All that a parsed text is made of; the outermost value comes first, so that json_free finds the rest. */
struct document {
	struct json_value root;
	struct block *blocks;
	char texts[];
};

struct reader {
	struct json_scan scan;
	struct document *document;
	struct json_records *records;         /* NULL: all is read into values */
	const struct json_value *open[NAMES]; /* the outermost lists that are being read */
};

static struct json_value *
add_value(struct reader *s)
{
	struct block *b = s->document->blocks;
	struct json_value *v;

	if (b == NULL || b->used == b->size) {
		size_t size = b != NULL ? b->size * 2 : FIRST_BLOCK;
		struct block *more;

		if (size > LAST_BLOCK)
			size = LAST_BLOCK;
		more = memory_check(malloc(sizeof(*more) + size * sizeof(more->value[0])));
		more->next = b;
		more->used = 0;
		more->size = size;
		s->document->blocks = b = more;
	}
	v = &b->value[b->used++];
	*v = (struct json_value){0};
	return v;
}

/* The object has this key twice, or one that is not usable. */
static int
refuse_key(const struct reader *s, const char *from, struct json_value *object)
{
	if (!s->scan.tolerant)
		return json_scan_refuse(&s->scan, from, "the object has this key twice");
	object->number = 1;
	return 0;
}

static int
scan_key(struct reader *s, struct json_value *object, struct json_keys *k, struct json_value *member)
{
	struct json_key key = {.from = s->scan.at};

	if (json_scan_text(&s->scan, &member->key, &member->key_length) != 0)
		return -1;
	key.text = member->key;
	key.length = member->key_length;
	if ((s->scan.fault != NULL || !json_keys_add(k, &key)) && refuse_key(s, key.from, object) != 0)
		return -1;
	s->scan.fault = NULL;
	json_scan_blanks(&s->scan);
	if (!json_scan_take(&s->scan, ':'))
		return json_scan_refuse(&s->scan, s->scan.at, JSON_NO_COLON);
	return 0;
}

static int scan_value(struct reader *s, struct json_value *v);

/* The members of an object or array, up to its closing bracket. */
static int
scan_list(struct reader *s, struct json_value *list, char closing, struct json_keys *k)
{
	struct json_value **last = &list->child;
	const char *twice;

	do {
		struct json_value *v = add_value(s);

		json_scan_blanks(&s->scan);
		if (closing == '}' && scan_key(s, list, k, v) != 0)
			return -1;
		if (scan_value(s, v) != 0)
			return -1;
		*last = v;
		last = &v->next;
	} while (json_scan_take(&s->scan, ','));
	if (!json_scan_take(&s->scan, closing))
		return json_scan_refuse(&s->scan, s->scan.at, JSON_UNCLOSED);
	twice = json_keys_doubled(k);
	return twice == NULL ? 0 : refuse_key(s, twice, list);
}

static bool
has_key(const struct json_value *v, const char *key)
{
	return v->key != NULL && strcmp(v->key, key) == 0;
}

/* Whether the list, which was opened last, is the array whose elements become records. */
static bool
holds_records(const struct reader *s, const struct json_value *list)
{
	const struct json_records *r = s->records;

	return r != NULL && s->scan.depth == NAMES + 1 && list->type == JSON_ARRAY &&
	       has_key(s->open[1], r->name[0]) && has_key(s->open[2], r->name[1]) &&
	       has_key(list, r->name[2]);
}

static int
refuse_more(const struct reader *s)
{
	char message[80];

	snprintf(message, sizeof(message), "the list has more than %zu elements: too many for its size",
	         s->records->most);
	return json_scan_refuse(&s->scan, s->scan.at, message);
}

/* The elements, up to the closing bracket. */
static int
scan_records(struct reader *s)
{
	struct json_records *r = s->records;
	size_t n = (size_t)r->shape->n;

	do {
		if (r->n == r->most)
			return refuse_more(s);
		if (r->n == r->room) {
			r->room = 2 * r->room + 16;
			r->item = memory_resize(r->item, r->room, n * sizeof(*r->item));
		}
		if (json_record_read(&s->scan, r->shape, r->item + r->n * n) != 0)
			return -1;
		r->n++;
	} while (json_scan_take(&s->scan, ','));
	return json_scan_take(&s->scan, ']') ? 0 : json_scan_refuse(&s->scan, s->scan.at, JSON_UNCLOSED);
}

/* An object or array, after its opening bracket. */
static int
scan_members(struct reader *s, struct json_value *list, char closing)
{
	struct json_keys k;
	int rc = 0;

	if (s->scan.depth == JSON_DEPTH && !s->scan.tolerant)
		return json_scan_refuse(&s->scan, s->scan.at - 1, JSON_TOO_DEEP);
	if (s->scan.depth == JSON_DEPTH) {
		*list = (struct json_value){.type = JSON_FAULT,
		                            .key = list->key,
		                            .key_length = list->key_length,
		                            .text = JSON_TOO_DEEP};
		s->scan.at = json_skip(s->scan.at - 1, s->scan.end);
		return 0;
	}
	if (s->scan.depth < NAMES)
		s->open[s->scan.depth] = list;
	s->scan.depth++;
	list->text = s->scan.tolerant ? s->scan.at - 1 : NULL;
	json_keys_begin(&k);
	json_scan_blanks(&s->scan);
	if (!json_scan_take(&s->scan, closing))
		rc = holds_records(s, list) ? scan_records(s) : scan_list(s, list, closing, &k);
	json_keys_end(&k);
	s->scan.depth--;
	return rc;
}

static int
scan_value(struct reader *s, struct json_value *v)
{
	int rc;

	json_scan_blanks(&s->scan);
	if (s->scan.at == s->scan.end)
		return json_scan_refuse(&s->scan, s->scan.at, JSON_NO_VALUE);
	if (json_scan_take(&s->scan, '{')) {
		v->type = JSON_OBJECT;
		rc = scan_members(s, v, '}');
	} else if (json_scan_take(&s->scan, '[')) {
		v->type = JSON_ARRAY;
		rc = scan_members(s, v, ']');
	} else {
		rc = json_scan_item(&s->scan, &v->item);
	}
	json_scan_blanks(&s->scan);
	return rc;
}

static int
scan_whole(struct reader *s)
{
	if (s->scan.end - s->scan.begin >= 3 && memcmp(s->scan.begin, "\xEF\xBB\xBF", 3) == 0) {
		if (!s->scan.tolerant)
			return json_scan_refuse(&s->scan, s->scan.begin,
			                        "the text begins with a byte order mark");
		s->scan.at += 3;
	}
	if (scan_value(s, &s->document->root) != 0)
		return -1;
	if (s->scan.at != s->scan.end)
		return json_scan_refuse(&s->scan, s->scan.at, "there is text after the value");
	return 0;
}

static struct json_value *
parse(struct reader *s, const char *text, size_t length, struct err *e)
{
	s->scan.begin = s->scan.at = text;
	s->scan.end = text + length;
	s->scan.e = e;
	s->scan.check_texts = s->scan.tolerant && !text_is_utf8(text, length);
	if (!s->scan.tolerant && json_scan_utf8(text, length, e) != 0)
		return NULL;
	/* one byte more for a number that is all there is */
	s->document = memory_check(malloc(sizeof(*s->document) + length + 1));
	s->document->root = (struct json_value){0};
	s->document->blocks = NULL;
	s->scan.text = s->document->texts;
	if (scan_whole(s) == 0)
		return &s->document->root;
	json_free(&s->document->root);
	return NULL;
}

struct json_value *
json_parse(const char *text, size_t length, struct err *e)
{
	struct reader s = {.scan = {.any_number = false}};

	return parse(&s, text, length, e);
}

struct json_value *
json_parse_any_number(const char *text, size_t length, struct err *e)
{
	struct reader s = {.scan = {.any_number = true}};

	return parse(&s, text, length, e);
}

struct json_value *
json_parse_tolerant(const char *text, size_t length, struct err *e)
{
	struct reader s = {.scan = {.any_number = true, .tolerant = true}};

	return parse(&s, text, length, e);
}

struct json_value *
json_parse_records(const char *text, size_t length, struct json_records *records, struct err *e)
{
	struct reader s = {.scan = {.any_number = true, .tolerant = true}, .records = records};

	return parse(&s, text, length, e);
}

void
json_free(struct json_value *root)
{
	struct document *d = (struct document *)root;

	if (d == NULL)
		return;
	while (d->blocks != NULL) {
		struct block *b = d->blocks;

		d->blocks = b->next;
		free(b);
	}
	free(d);
}
