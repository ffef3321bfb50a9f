/* sorter: see sorter.h.
 *
 * units    a record, in memory and in the file: both sizes, the key, the body
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/memory.h"
#include "formats/sink.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/durable.h"
#include "stages/core/home/sorter.h"

#define SIZES      (2 * sizeof(uint32_t))
#define RUN_BUFFER 8192 /* more for a record that is longer */

/* A record in memory. The first bytes of its key decide most comparisons. */
struct entry {
	uint64_t first;
	const unsigned char *at;
};

/* Sorted records of the file, or those in memory, which were put last. */
struct run_part {
	struct sorter_record head; /* that comes next */
	size_t number;             /* of equal records those of earlier parts come first */
	int64_t begin, end, at;    /* in the file; at: of what is not in the buffer yet */
	unsigned char *buffer;     /* NULL: in memory */
	size_t room, used, filled; /* of the buffer */
};

struct sorter {
	unsigned char *
	    bytes; /* all allocated at once: what is not used costs nothing; NULL: not yet, or not any more */
	size_t n, size;
	struct entry *entry;
	size_t entries, room, next; /* next: that is read */
	bool is_sorted;
	int fd; /* -1: all is in memory */
	int64_t end;
	struct run_part **part; /* of the file; the one in memory is behind them while they are read */
	size_t parts;
	struct run_part **heap; /* the parts that have a record, the least first */
	size_t heaped;
	struct run_part inside;
	bool is_given; /* the head of the least was given */
};

struct sorter *
sorter_open(size_t memory)
{
	struct sorter *s = memory_new(1, sizeof(*s));

	s->size = memory / 4 * 3 + SORTER_MOST + SIZES;
	s->room = memory / 4 / sizeof(struct entry) + 1;
	s->fd = -1;
	return s;
}

static void
give_back(struct sorter *s)
{
	free(s->bytes);
	free(s->entry);
	s->bytes = NULL;
	s->entry = NULL;
}

void
sorter_close(struct sorter *s)
{
	size_t i;

	if (s == NULL)
		return;
	for (i = 0; i < s->parts; i++) {
		free(s->part[i]->buffer);
		free(s->part[i]);
	}
	if (s->fd >= 0)
		close(s->fd);
	free(s->part);
	free(s->heap);
	give_back(s);
	free(s);
}

/* The record at that place; returns its size. */
static size_t
sorter_parse(const unsigned char *at, struct sorter_record *r)
{
	memcpy(&r->key_size, at, sizeof(r->key_size));
	memcpy(&r->body_size, at + sizeof(r->key_size), sizeof(r->body_size));
	r->key = at + SIZES;
	r->body = r->key + r->key_size;
	return SIZES + r->key_size + r->body_size;
}

static int
compare_keys(const struct sorter_record *a, const struct sorter_record *b)
{
	size_t least = a->key_size < b->key_size ? a->key_size : b->key_size;
	int order = memcmp(a->key, b->key, least);

	return order != 0 ? order : (a->key_size > b->key_size) - (a->key_size < b->key_size);
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	struct sorter_record left, right;
	int order;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	(void)sorter_parse(x->at, &left);
	(void)sorter_parse(y->at, &right);
	order = compare_keys(&left, &right);
	return order != 0 ? order : (x->at > y->at) - (x->at < y->at);
}

/* As a number that is in the order of the bytes; what is missing is zero. */
static uint64_t
first_bytes(const unsigned char *key, size_t n)
{
	uint64_t first = 0;
	size_t i;

	for (i = 0; i < sizeof(first); i++)
		first = first << 8 | (i < n ? key[i] : 0u);
	return first;
}

static void
sort_memory(struct sorter *s)
{
	if (!s->is_sorted && s->entry != NULL)
		qsort(s->entry, s->entries, sizeof(struct entry), compare_entries);
	s->is_sorted = true;
}

static int
sorter_write(void *ctx, const void *bytes, size_t n)
{
	const struct sorter *s = ctx;

	return durable_write(s->fd, bytes, n);
}

/* What is in memory becomes a part of the file. */
static void
spill(struct sorter *s)
{
	struct run_part *p = memory_new(1, sizeof(*p));
	struct sorter_record r;
	struct sink *out;
	int64_t written;
	size_t i;

	if (s->fd < 0)
		s->fd = durable_create_nameless("state");
	sort_memory(s);
	out = sink_new_plain(sorter_write, s);
	for (i = 0; i < s->entries; i++)
		sink_put(out, s->entry[i].at, sorter_parse(s->entry[i].at, &r));
	if (sink_end(out, NULL, &written) < 0)
		die_errno(EXIT_IO, "state/: a temporary file cannot be written");
	*p = (struct run_part){.number = s->parts,
	                       .begin = s->end,
	                       .end = s->end + written,
	                       .buffer = memory_check(malloc(RUN_BUFFER)),
	                       .room = RUN_BUFFER};
	s->end += written;
	s->part = memory_resize(s->part, s->parts + 1, sizeof(struct run_part *));
	s->part[s->parts++] = p;
	s->n = s->entries = 0;
}

void
sorter_put(struct sorter *s, const struct sorter_record *r)
{
	unsigned char *at;

	if (r->key_size + r->body_size > SORTER_MOST)
		die(EXIT_BUG, "a record of %lu bytes is sorted", (unsigned long)r->key_size + r->body_size);
	if (s->n + SIZES + SORTER_MOST > s->size || s->entries == s->room)
		spill(s);
	if (s->bytes == NULL) {
		s->bytes = memory_check(malloc(s->size));
		s->entry = memory_check(malloc(s->room * sizeof(struct entry)));
	}
	s->is_sorted = false;
	at = s->bytes + s->n;
	s->entry[s->entries++] = (struct entry){first_bytes(r->key, r->key_size), at};
	memcpy(at, &r->key_size, sizeof(r->key_size));
	memcpy(at + sizeof(r->key_size), &r->body_size, sizeof(r->body_size));
	memcpy(at + SIZES, r->key, r->key_size);
	if (r->body_size > 0)
		memcpy(at + SIZES + r->key_size, r->body, r->body_size);
	s->n += SIZES + r->key_size + r->body_size;
}

static void
fill_buffer(struct sorter *s, struct run_part *p)
{
	size_t kept = p->filled - p->used, room = p->room - kept;
	int64_t left = p->end - p->at;
	ssize_t n;

	memmove(p->buffer, p->buffer + p->used, kept);
	do
		n = pread(s->fd, p->buffer + kept, left < (int64_t)room ? (size_t)left : room, p->at);
	while (n < 0 && errno == EINTR);
	if (n < 0 || (n == 0 && left > 0))
		die_errno(EXIT_IO, "state/: a temporary file cannot be read back");
	p->used = 0;
	p->filled = kept + (size_t)n;
	p->at += n;
}

/* The next n bytes of a part stand in its buffer, or all that it has left. */
static void
have_bytes(struct sorter *s, struct run_part *p, size_t n)
{
	if (n > p->room) {
		p->buffer = memory_resize(p->buffer, n, 1);
		p->room = n;
	}
	while (p->filled - p->used < n && p->at < p->end)
		fill_buffer(s, p);
}

/* The next record of a part becomes its head; false: it has no more. */
static bool
load_head(struct sorter *s, struct run_part *p)
{
	if (p->buffer == NULL) {
		if (s->entry == NULL || s->next == s->entries)
			return false;
		(void)sorter_parse(s->entry[s->next++].at, &p->head);
		return true;
	}
	have_bytes(s, p, SIZES);
	if (p->used == p->filled)
		return false;
	have_bytes(s, p, sorter_parse(p->buffer + p->used, &p->head));
	p->used += sorter_parse(p->buffer + p->used, &p->head);
	return true;
}

static bool
is_before(const struct run_part *a, const struct run_part *b)
{
	int order = compare_keys(&a->head, &b->head);

	return order != 0 ? order < 0 : a->number < b->number;
}

/* Moves the part at that place down to where it belongs. */
static void
sink_down(struct sorter *s, size_t i)
{
	struct run_part *p = s->heap[i];
	size_t child;

	while ((child = 2 * i + 1) < s->heaped) {
		if (child + 1 < s->heaped && is_before(s->heap[child + 1], s->heap[child]))
			child++;
		if (is_before(p, s->heap[child]))
			break;
		s->heap[i] = s->heap[child];
		i = child;
	}
	s->heap[i] = p;
}

static void
add_part(struct sorter *s, struct run_part *p)
{
	if (load_head(s, p))
		s->heap[s->heaped++] = p;
}

void
sorter_begin(struct sorter *s)
{
	size_t i;

	if (s->parts > 0 && s->entries > 0)
		spill(s);
	if (s->parts > 0)
		give_back(s);
	sort_memory(s);
	s->next = 0;
	s->inside = (struct run_part){.number = s->parts};
	s->heap = memory_resize(s->heap, s->parts + 1, sizeof(struct run_part *));
	s->heaped = 0;
	for (i = 0; i < s->parts; i++) {
		s->part[i]->at = s->part[i]->begin;
		s->part[i]->used = s->part[i]->filled = 0;
		add_part(s, s->part[i]);
	}
	add_part(s, &s->inside);
	for (i = s->heaped; i-- > 0;)
		sink_down(s, i);
	s->is_given = false;
}

const struct sorter_record *
sorter_next(struct sorter *s)
{
	if (s->is_given && !load_head(s, s->heap[0]))
		s->heap[0] = s->heap[--s->heaped];
	if (s->is_given && s->heaped > 0)
		sink_down(s, 0);
	s->is_given = s->heaped > 0;
	if (!s->is_given)
		return NULL;
	return &s->heap[0]->head;
}

bool
sorter_meets(struct sorter *s, const struct sorter_record *key)
{
	const struct sorter_record *r = s->is_given ? &s->heap[0]->head : sorter_next(s);
	int order = 1;

	while (r != NULL && (order = compare_keys(r, key)) < 0)
		r = sorter_next(s);
	return r != NULL && order == 0;
}
