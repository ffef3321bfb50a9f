/* json_record: see json_record.h. */
#include "formats/json_record.h"

#include <stdlib.h>
#include <string.h>

#include "formats/json_keys.h"
#include "formats/json_skip.h"

/* Shapes ----------------------------------------------------------------------------------------------------------- */

void
json_shape_begin(struct json_shape *s)
{
	s->n = 1;
	s->place[0] = (struct json_place){.name = ""};
}

static int
find_place(const struct json_shape *s, int in, const char *name, size_t n)
{
	int i;

	for (i = s->place[in].first; i != 0; i = s->place[i].next)
		if (s->place[i].n == n && memcmp(s->place[i].name, name, n) == 0)
			return i;
	return -1;
}

static int
add_place(struct json_shape *s, int in, const char *name, size_t n)
{
	int *last = &s->place[in].first;

	if (s->n == JSON_PLACES)
		abort();
	while (*last != 0)
		last = &s->place[*last].next;
	s->place[s->n] = (struct json_place){.name = name, .n = n, .parent = in};
	*last = s->n;
	return s->n++;
}

static size_t
name_length(const char *path)
{
	return strcspn(path, ".");
}

int
json_shape_add(struct json_shape *s, int from, const char *path)
{
	size_t n;

	for (;; path += n + 1) {
		int found = find_place(s, from, path, n = name_length(path));

		from = found >= 0 ? found : add_place(s, from, path, n);
		if (path[n] == '\0')
			return from;
	}
}

int
json_shape_find(const struct json_shape *s, int from, const char *path)
{
	size_t n;

	for (;; path += n + 1) {
		from = find_place(s, from, path, n = name_length(path));
		if (from < 0 || path[n] == '\0')
			return from;
	}
}

/* Reading ---------------------------------------------------------------------------------------------------------- */

struct record {
	struct json_scan *scan;
	const struct json_shape *shape;
	struct json_item *item;
	uint64_t seen; /* a bit for each place */
};

/* One object of it. */
struct object {
	int place, expected; /* expected: the first of the members that come next, as a rule */
	struct json_keys others;
};

/* Whether the key that begins here is this one, written plainly. */
static bool
takes_plain_key(struct json_scan *s, const struct json_place *p)
{
	if ((size_t)(s->end - s->at) < p->n + 2 || s->at[0] != '"' || s->at[p->n + 1] != '"' ||
	    memcmp(s->at + 1, p->name, p->n) != 0)
		return false;
	s->at += p->n + 2;
	return true;
}

/* *place: that of the member; -1: it is not wanted. */
static int
read_key(struct record *r, struct object *o, int *place)
{
	struct json_scan *s = r->scan;
	struct json_key key = {.from = s->at};

	for (*place = o->expected; *place != 0 && !takes_plain_key(s, &r->shape->place[*place]);)
		*place = r->shape->place[*place].next;
	if (*place == 0) {
		if (json_scan_text(s, &key.text, &key.length) != 0)
			return -1;
		*place = s->fault != NULL ? -1 : find_place(r->shape, o->place, key.text, key.length);
		if (s->fault != NULL || (*place < 0 && !json_keys_add(&o->others, &key)))
			r->item[o->place].number = 1;
		s->fault = NULL;
	}
	if (*place >= 0 && (r->seen & UINT64_C(1) << *place) != 0) {
		r->item[o->place].number = 1;
		*place = -1;
	}
	if (*place >= 0) {
		r->seen |= UINT64_C(1) << *place;
		o->expected = r->shape->place[*place].next;
	}
	json_scan_blanks(s);
	return json_scan_take(s, ':') ? 0 : json_scan_refuse(s, s->at, JSON_NO_COLON);
}

static int read_value(struct record *r, int place);

/* The members of an object of which some are wanted, after its opening bracket. */
static int
read_members(struct record *r, struct object *o)
{
	struct json_scan *s = r->scan;
	int place;

	json_scan_blanks(s);
	if (json_scan_take(s, '}'))
		return 0;
	do {
		json_scan_blanks(s);
		if (read_key(r, o, &place) != 0 || read_value(r, place) != 0)
			return -1;
	} while (json_scan_take(s, ','));
	if (!json_scan_take(s, '}'))
		return json_scan_refuse(s, s->at, JSON_UNCLOSED);
	if (json_keys_doubled(&o->others) != NULL)
		r->item[o->place].number = 1;
	return 0;
}

/* Of a list of which nothing is wanted, after its opening bracket. */
static int
drop_members(struct record *r, char closing)
{
	struct json_scan *s = r->scan;
	const char *key;
	size_t n;

	json_scan_blanks(s);
	if (json_scan_take(s, closing))
		return 0;
	do {
		json_scan_blanks(s);
		if (closing == '}') {
			if (json_scan_text(s, &key, &n) != 0)
				return -1;
			s->fault = NULL;
			json_scan_blanks(s);
			if (!json_scan_take(s, ':'))
				return json_scan_refuse(s, s->at, JSON_NO_COLON);
		}
		if (read_value(r, -1) != 0)
			return -1;
	} while (json_scan_take(s, ','));
	return json_scan_take(s, closing) ? 0 : json_scan_refuse(s, s->at, JSON_UNCLOSED);
}

/* An object or array, after its opening bracket. place -1: it is not wanted. */
static int
read_list(struct record *r, int place, char closing)
{
	struct json_item nobody = {0}, *item = place >= 0 ? &r->item[place] : &nobody;
	struct json_scan *s = r->scan;
	const char *from = s->at - 1;
	int rc;

	if (s->depth == JSON_DEPTH) {
		*item = (struct json_item){.type = JSON_FAULT, .text = JSON_TOO_DEEP};
		s->at = json_skip(from, s->end);
		return 0;
	}
	*item = (struct json_item){.type = closing == '}' ? JSON_OBJECT : JSON_ARRAY, .text = from};
	s->depth++;
	if (closing == '}' && place >= 0 && r->shape->place[place].first != 0) {
		struct object o; /* most of it is room for keys */

		o.place = place;
		o.expected = r->shape->place[place].first;
		json_keys_begin(&o.others);
		rc = read_members(r, &o);
		json_keys_end(&o.others);
	} else {
		rc = drop_members(r, closing);
	}
	s->depth--;
	if (closing == ']')
		item->number = s->at - from;
	return rc;
}

/* place -1: it is not wanted. */
static int
read_value(struct record *r, int place)
{
	struct json_scan *s = r->scan;
	struct json_item nobody;
	int rc;

	json_scan_blanks(s);
	if (s->at == s->end)
		return json_scan_refuse(s, s->at, JSON_NO_VALUE);
	if (json_scan_take(s, '{'))
		rc = read_list(r, place, '}');
	else if (json_scan_take(s, '['))
		rc = read_list(r, place, ']');
	else
		rc = json_scan_item(s, place >= 0 ? &r->item[place] : &nobody);
	json_scan_blanks(s);
	return rc;
}

int
json_record_read(struct json_scan *s, const struct json_shape *shape, struct json_item record[])
{
	struct record r = {.scan = s, .shape = shape, .item = record};

	memset(record, 0, (size_t)shape->n * sizeof(*record));
	return read_value(&r, 0);
}
