/* answer: see answer.h. The nodes are in nodes.c.
 *
 * A cursor contains an offset: if rows leave the window between two pages, the second page skips as many.
 */
#include "tests/fakeswan/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"
#include "tests/fakeswan/nodes.h"

#define MOST_EDGES 128

const char *const operation_names[OPERATIONS] = {"Transactions", "Cards", "Memberships"},
		  *const field_names[OPERATIONS] = {"transactions", "cards", "accountMemberships"};

struct page {
	const struct list *list;
	size_t from, total; /* rows of the list that are in the window */
	int edge[MOST_EDGES];
	int edges;
	char cursor[CURSOR_TEXT]; /* "": null */
	bool has_next;
};

#define CURSOR_KEY 0x5C3A9E17u

static void
print_cursor(char text[static CURSOR_TEXT], size_t offset, long salt)
{
	snprintf(text, CURSOR_TEXT, "Y3Vyc29y%08x%06lx", (unsigned)offset ^ CURSOR_KEY, salt & 0xFFFFFF);
}

int64_t
cursor_read(const char *text)
{
	unsigned long hidden;
	char digits[9], *end;

	if (strlen(text) != 22 || strncmp(text, "Y3Vyc29y", 8) != 0)
		return -1;
	memcpy(digits, text + 8, 8);
	digits[8] = '\0';
	hidden = strtoul(digits, &end, 16);
	return *end == '\0' ? (int64_t)((unsigned)hidden ^ CURSOR_KEY) : -1;
}

static void
find_rows(const struct world *w, const struct query *q, struct page *p)
{
	const struct list *lists[OPERATIONS] = {&w->by_update, &w->cards_by_age, &w->people};
	size_t end;

	p->list = lists[q->operation];
	p->from = 0;
	end = p->list->n;
	if (q->operation == TRANSACTIONS && q->from != INSTANT_NONE)
		p->from = list_find(p->list, q->from);
	if (q->operation == TRANSACTIONS && q->to != INSTANT_NONE)
		end = list_find(p->list, q->to);
	p->total = end > p->from ? end - p->from : 0;
}

static void
add_edge(struct page *p, size_t offset)
{
	p->edge[p->edges++] = p->list->row[p->from + offset].index;
}

static void
fill_edges(const struct faults *f, const struct query *q, struct page *p, size_t offset, size_t end)
{
	const struct faulty *lost = fault_find(f, FAULT_LOST);
	bool doubled = fault_is(f, FAULT_DUPLICATES, q->call);
	size_t i;

	if (fault_is(f, FAULT_EMPTY, q->call))
		return;
	if (doubled && offset > 0 && offset <= p->total)
		add_edge(p, offset - 1);
	for (i = offset; i < end; i++) {
		if (lost != NULL && (long)i < lost->count)
			continue;
		add_edge(p, i);
		if (doubled && i == offset)
			add_edge(p, i);
	}
}

/* The end cursor that the page gives, and whether it says that more follow. */
static void
fill_page_info(const struct faults *f, const struct query *q, struct page *p, size_t offset, size_t end)
{
	p->has_next = end < p->total;
	if (p->edges > 0)
		print_cursor(p->cursor, end, 0);
	if (fault_is(f, FAULT_EMPTY, q->call)) {
		p->has_next = true;
		print_cursor(p->cursor, offset, q->call);
	}
	if (fault_since(f, FAULT_ENDLESS, q->call)) {
		p->has_next = true;
		print_cursor(p->cursor, end, q->call);
	}
	if (fault_since(f, FAULT_STUCK, q->call) && q->after != NULL) {
		p->has_next = true;
		snprintf(p->cursor, sizeof(p->cursor), "%s", q->after);
	}
	if (fault_is(f, FAULT_NULLCURSOR, q->call)) {
		p->has_next = true;
		p->cursor[0] = '\0';
	}
}

/* Rows that were served leave the window, or others come in before the page. */
static void
disturb(struct world *w, const struct query *q, size_t offset, instant now)
{
	const struct faulty *moving = fault_find(&w->faults, FAULT_MOVING),
			    *always = fault_find(&w->faults, FAULT_MOVING_ALWAYS),
			    *growing = fault_find(&w->faults, FAULT_GROWING);
	long leaving = 0, coming = 0, i;
	struct page p = {0};

	if (q->operation != TRANSACTIONS || offset == 0)
		return;
	find_rows(w, q, &p);
	if (moving != NULL && q->call >= moving->first && !w->has_moved) {
		leaving = moving->count;
		w->has_moved = true;
	}
	if (always != NULL && q->call >= always->first)
		leaving = always->count;
	if (growing != NULL && q->call >= growing->first && !w->has_grown) {
		coming = growing->count;
		w->has_grown = true;
	}
	for (i = 0; i < coming && i < (long)p.total; i++)
		world_copy(w, p.list->row[p.from + (size_t)i].index);
	for (i = 0; i < leaving && i < (long)offset && i < (long)p.total && q->to != INSTANT_NONE; i++)
		world_move(w, p.list->row[p.from + (size_t)i].index, q->to + i);
	world_look(w, now);
}

static void
put_connection(struct json *j, const struct world *w, const struct query *q, const struct page *p,
               instant now)
{
	static const char *const types[OPERATIONS] = {"TransactionConnection", "CardConnection",
	                                              "AccountMembershipConnection"};
	static node_fn *const put[OPERATIONS] = {put_transaction, put_card, put_membership};
	int i;

	json_open(j, field_names[q->operation], '{');
	json_put_text(j, "__typename", types[q->operation]);
	json_put_int(j, "totalCount", (int64_t)p->total);
	json_open(j, "pageInfo", '{');
	json_put_bool(j, "hasNextPage", p->has_next);
	json_put_text(j, "endCursor", p->cursor[0] == '\0' ? NULL : p->cursor);
	json_close(j, '}');
	json_open(j, "edges", '[');
	for (i = 0; i < p->edges; i++) {
		json_open(j, NULL, '{');
		put[q->operation](j, w, p->edge[i], now);
		json_close(j, '}');
	}
	json_close(j, ']');
	json_close(j, '}');
}

void
answer_page(struct world *w, const struct query *q, instant now, struct buffer *body)
{
	struct json j = {.sink = sink_new(buffer_write, body)};
	int64_t offset = q->after == NULL ? 0 : cursor_read(q->after);
	struct page p = {0};
	size_t end;

	world_look(w, now);
	disturb(w, q, (size_t)offset, now);
	find_rows(w, q, &p);
	end = (size_t)(offset + q->first);
	if (end > p.total)
		end = p.total > (size_t)offset ? p.total : (size_t)offset;
	fill_edges(&w->faults, q, &p, (size_t)offset, end < p.total ? end : p.total);
	fill_page_info(&w->faults, q, &p, (size_t)offset, end);

	json_open(&j, NULL, '{');
	if (fault_is(&w->faults, FAULT_PARTIAL, q->call))
		json_put_raw(&j, "errors",
		             "[{\"message\":\"Internal error\",\"path\":[\"transactions\",\"edges\",0]}]");
	json_open(&j, "data", '{');
	put_connection(&j, w, q, &p, now);
	json_close(&j, '}');
	json_close(&j, '}');
	sink_end(j.sink, NULL, NULL);
}
