/* world: see world.h. The flows of payments are in flows.c, members and cards in people.c. */
#include "tests/fakeswan/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakeswan/dice.h"

void *
must_alloc(size_t n, size_t size)
{
	void *p = calloc(n > 0 ? n : 1, size);

	if (p == NULL) {
		fputs("fakeswan: out of memory\n", stderr);
		exit(70);
	}
	return p;
}

void *
must_grow(void *at, size_t n, size_t size)
{
	char *p = realloc(at, n * size);

	if (p == NULL) {
		fputs("fakeswan: out of memory\n", stderr);
		exit(70);
	}
	memset(p + (n - 1) * size, 0, size);
	return p;
}

char *
id_print(char text[static ID_TEXT], struct id id)
{
	snprintf(text, ID_TEXT, "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
	         id.high >> 32, id.high >> 16 & 0xFFFF, id.high & 0xFFFF, id.low >> 48,
	         id.low & UINT64_C(0xFFFFFFFFFFFF));
	return text;
}

int
id_compare(struct id a, struct id b)
{
	if (a.high != b.high)
		return a.high < b.high ? -1 : 1;
	return a.low == b.low ? 0 : a.low < b.low ? -1 : 1;
}

/* Version 4 and its variant, as in random ids. */
struct id
id_of(const struct world *w, const char *kind, int64_t number)
{
	struct dice d = dice_of(w->seed + (unsigned char)kind[0], FOR_ID, number);
	struct id id = {dice_throw(&d), dice_throw(&d)};

	id.high = (id.high & ~UINT64_C(0xF000)) | 0x4000;
	id.low = (id.low & ~(UINT64_C(3) << 62)) | UINT64_C(2) << 62;
	return id;
}

const struct version *
version_at(const struct transaction *t, instant now)
{
	int i = t->versions - 1;

	if (t->moved_at != INSTANT_NONE)
		return &t->version[i];
	while (i >= 0 && t->version[i].at > now)
		i--;
	return i < 0 ? NULL : &t->version[i];
}

instant
transaction_updated(const struct transaction *t, instant now)
{
	const struct version *v = version_at(t, now);

	if (t->moved_at != INSTANT_NONE)
		return t->moved_at;
	return v == NULL ? INSTANT_NONE : v->at;
}

const char *
life_status(const struct life *l, instant now)
{
	return l->changed_at != INSTANT_NONE && l->changed_at <= now ? l->after : l->before;
}

instant
life_updated(const struct life *l, instant now)
{
	return l->changed_at != INSTANT_NONE && l->changed_at <= now ? l->changed_at : l->created_at;
}

static int
by_place(const void *a, const void *b)
{
	const struct seen *x = a, *y = b;

	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	return id_compare(x->id, y->id);
}

static void
list_add(struct list *l, instant at, struct id id, int index)
{
	l->row[l->n++] = (struct seen){at, id, index};
}

static void
list_sort(struct list *l)
{
	if (l->n > 0)
		qsort(l->row, l->n, sizeof(l->row[0]), by_place);
}

size_t
list_find(const struct list *l, instant at)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (l->row[middle].at < at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The lists change again when `at` comes. */
static void
note_next(struct world *w, instant now, instant at)
{
	if (at != INSTANT_NONE && at > now && at < w->next)
		w->next = at;
}

static void
look_at_transactions(struct world *w, instant now)
{
	int i, v;

	w->by_update.n = 0;
	for (i = 0; i < w->transactions; i++) {
		const struct transaction *t = &w->transaction[i];
		instant at = transaction_updated(t, now);

		if (at != INSTANT_NONE)
			list_add(&w->by_update, at, t->id, i);
		for (v = 0; v < t->versions; v++)
			note_next(w, now, t->version[v].at);
	}
	list_sort(&w->by_update);
}

static void
look_at_life(struct world *w, struct list *l, const struct life *life, struct id id, int index, instant now)
{
	if (life->created_at <= now)
		list_add(l, life->created_at, id, index);
	note_next(w, now, life->created_at);
}

void
world_look(struct world *w, instant now)
{
	int i;

	if (!w->is_stale && now >= w->looked_at && now < w->next)
		return;
	w->next = INT64_MAX;
	look_at_transactions(w, now);
	w->people.n = w->cards_by_age.n = 0;
	for (i = 0; i < w->members; i++)
		look_at_life(w, &w->people, &w->person[i].life, w->person[i].id, i, now);
	for (i = 0; i < w->cards; i++)
		look_at_life(w, &w->cards_by_age, &w->card[i].life, w->card[i].id, i, now);
	list_sort(&w->people);
	list_sort(&w->cards_by_age);
	w->looked_at = now;
	w->is_stale = false;
}

void
world_move(struct world *w, int index, instant to)
{
	w->transaction[index].moved_at = to;
	w->is_stale = true;
}

void
world_copy(struct world *w, int index)
{
	struct transaction *t;

	if (w->transactions == w->room)
		return;
	t = &w->transaction[w->transactions++];
	*t = w->transaction[index];
	t->id = id_of(w, "copy", index);
	w->is_stale = true;
}

void
world_free(struct world *w)
{
	free(w->person);
	free(w->card);
	free(w->transaction);
	free(w->user);
	free(w->verification);
	free(w->consent);
	free(w->by_update.row);
	free(w->people.row);
	free(w->cards_by_age.row);
}
