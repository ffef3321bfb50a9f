/* shown: see shown.h. */
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "stages/core/home/sorter.h"
#include "stages/core/swan/shown.h"

#define MEMORY (4 << 20)

/* A record: the key is the list and the id, the body this and the membership. */
struct version {
	int64_t reading, place, size;
	instant updated_at;
	enum staged what;
};

struct shown {
	struct sorter *sorter;
	const struct sorter_record *next; /* the first of the node after this one */
	enum client_list list;
	struct shown_node node;
};

struct shown *
shown_open(void)
{
	struct shown *s = memory_new(1, sizeof(*s));

	s->sorter = sorter_open(MEMORY);
	return s;
}

void
shown_close(struct shown *s)
{
	if (s == NULL)
		return;
	sorter_close(s->sorter);
	free(s);
}

void
shown_add(struct shown *s, const struct shown_node *n)
{
	unsigned char key[1 + STORE_KEY], body[sizeof(struct version) + STORE_KEY];
	struct version v;

	memset(&v, 0, sizeof(v));
	v.reading = n->reading;
	v.place = n->place;
	v.size = n->size;
	v.updated_at = n->updated_at;
	v.what = n->what;
	key[0] = (unsigned char)n->list;
	memcpy(key + 1, n->id, n->id_size);
	memcpy(body, &v, sizeof(v));
	memcpy(body + sizeof(v), n->membership, n->membership_size);
	sorter_put(s->sorter,
	           &(struct sorter_record){.key = key,
	                                   .body = body,
	                                   .key_size = (uint32_t)(1 + n->id_size),
	                                   .body_size = (uint32_t)(sizeof(v) + n->membership_size)});
}

void
shown_begin(struct shown *s, enum client_list list)
{
	s->list = list;
	sorter_begin(s->sorter);
	do
		s->next = sorter_next(s->sorter);
	while (s->next != NULL && s->next->key[0] != (unsigned char)list);
}

static bool
is_of_node(const struct shown_node *n, const struct sorter_record *r)
{
	return r != NULL && r->key[0] == (unsigned char)n->list && r->key_size == 1 + n->id_size &&
	       memcmp(r->key + 1, n->id, n->id_size) == 0;
}

/* One more version, in the order in which they came. */
static void
take_version(struct shown_node *n, const struct sorter_record *r)
{
	struct version v;

	memcpy(&v, r->body, sizeof(v));
	n->reading = v.reading;
	n->what = v.what;
	if (v.updated_at == INSTANT_NONE || v.updated_at < n->updated_at)
		return;
	n->updated_at = v.updated_at;
	n->place = v.place;
	n->size = v.size;
	n->membership_size = r->body_size - sizeof(v);
	memcpy(n->membership, r->body + sizeof(v), n->membership_size);
}

const struct shown_node *
shown_next(struct shown *s)
{
	struct shown_node *n = &s->node;

	if (s->next == NULL || s->next->key[0] != (unsigned char)s->list)
		return NULL;
	n->list = s->list;
	n->id_size = s->next->key_size - 1;
	memcpy(n->id, s->next->key + 1, n->id_size);
	n->updated_at = INSTANT_NONE;
	n->place = n->size = 0;
	n->membership_size = 0;
	do {
		take_version(n, s->next);
		s->next = sorter_next(s->sorter);
	} while (is_of_node(n, s->next));
	return n;
}
