/* paging: see paging.h.
 *
 * source   Relay connections: endCursor and hasNextPage; Swan Live Partner schema of 2026-07-17: all of PageInfo may be null
 */
#include <stdio.h>
#include <string.h>

#include "formats/text.h"
#include "stages/core/swan/paging.h"
#include "stages/core/swan/progress.h"

#define MOST_STILL  20 /* new queries in a row without progress */
#define SPARE_PAGES 50 /* more than the count needs: a page may be empty */

enum ending { COMPLETE, SHRUNK, DIFFERS };

struct paging_reading {
	const struct paging *paging;
	struct client *swan;
	int64_t number; /* of this reading, over the whole list */
	instant from;
	int64_t total, pages;
	char after[sizeof(((struct swan_page *)0)->end_cursor)];
	struct swan_page page; /* the one at hand */
	struct progress progress;
};

static const char *
paging_list_name(const struct paging_reading *r)
{
	static const char *const names[] = {[CLIENT_TRANSACTIONS] = "transactions",
	                                    [CLIENT_CARDS] = "cards",
	                                    [CLIENT_MEMBERSHIPS] = "memberships"};

	return names[r->paging->list];
}

/* "transactions of 2026-02-02": for the progress line. */
static void
paging_show_progress(struct paging_reading *r, int64_t nodes)
{
	char what[64], day[DATE_TEXT];

	if (r->paging->list == CLIENT_TRANSACTIONS)
		snprintf(what, sizeof(what), "transactions of %s",
		         date_print(day, date_in_paris(r->paging->to - 1)));
	else
		snprintf(what, sizeof(what), "%s", paging_list_name(r));
	progress_show(&r->progress, what, nodes < r->total ? nodes : r->total, r->total, r->pages);
}

/* Without these checks a broken list would be read endlessly. */
static int
paging_check_cursor(const struct paging_reading *r, struct err *e)
{
	if (!r->page.has_next_page)
		return 0;
	if (r->page.end_cursor[0] == '\0')
		return err_set(e, ERR_NO_PROGRESS, "page %lld of %s says that more follow, but has no cursor",
		               (long long)r->pages + 1, paging_list_name(r));
	if (strcmp(r->page.end_cursor, r->after) == 0)
		return err_set(e, ERR_NO_PROGRESS, "page %lld of %s leads back to itself",
		               (long long)r->pages + 1, paging_list_name(r));
	return 0;
}

static int
paging_take(void *ctx, const char *json, size_t length, struct err *e)
{
	struct paging_reading *r = ctx;

	if (r->paging->read(r->paging->ctx, r->number, json, length, &r->page, e) != 0)
		return -1;
	return paging_check_cursor(r, e);
}

static void
paging_check_end(const struct paging_reading *r)
{
	if (r->pages > r->total / CLIENT_PAGE + SPARE_PAGES)
		client_give_up(r->swan, EXIT_REFUSED, "%s: no end after %lld pages, for a count of %lld",
		               paging_list_name(r), (long long)r->pages, (long long)r->total);
}

static void
paging_ask(struct paging_reading *r)
{
	struct client_question q = {
	    .list = r->paging->list, .from = r->from, .to = r->paging->to, .after = r->after};

	client_ask(r->swan, &q, paging_take, r);
	r->pages++;
}

/* Reads the list once, from r->from on. *safe: if it shrinks, everything before that instant was read. */
static enum ending
paging_read_once(struct paging_reading *r, instant *safe)
{
	const struct paging *p = r->paging;
	bool grew = false; /* if so, a node may have appeared before the place reached, and was not shown */
	int64_t nodes = 0;

	r->number++;
	r->pages = 0;
	r->after[0] = '\0';
	for (;;) {
		*safe = r->pages == 0 ? r->from : p->reached(p->ctx);
		paging_ask(r);
		if (r->pages > 1 && r->page.total_count < r->total && p->list == CLIENT_TRANSACTIONS)
			return grew || *safe == INSTANT_NONE ? DIFFERS : SHRUNK;
		grew = grew || (r->pages > 1 && r->page.total_count > r->total);
		r->total = r->page.total_count;
		nodes += r->page.nodes;
		paging_show_progress(r, nodes);
		if (!r->page.has_next_page)
			return p->shown(p->ctx, r->number) == r->total ? COMPLETE : DIFFERS;
		paging_check_end(r);
		(void)text_copy(r->after, sizeof(r->after), r->page.end_cursor);
	}
}

static _Noreturn void
paging_give_up_count(const struct paging_reading *r, bool repeated)
{
	client_give_up(r->swan, EXIT_UNAVAILABLE, "Swan counts %lld %s, but shows %lld%s",
	               (long long)r->total, paging_list_name(r),
	               (long long)r->paging->shown(r->paging->ctx, r->number), repeated ? ", twice" : "");
}

void
paging_read(struct client *s, const struct paging *p)
{
	struct paging_reading r = {.paging = p, .swan = s, .from = p->from};
	bool repeated = false;
	enum ending ending;
	int still = 0;
	instant safe;

	progress_begin(&r.progress, p->run);
	while ((ending = paging_read_once(&r, &safe)) != COMPLETE) {
		if (ending == SHRUNK) {
			still = safe > r.from ? 0 : still + 1;
			if (still == MOST_STILL)
				client_give_up(s, EXIT_UNAVAILABLE, "%s change faster than they can be read",
				               paging_list_name(&r));
			r.from = safe;
			continue;
		}
		if (repeated || !client_can_repeat(s, p->list))
			paging_give_up_count(&r, repeated);
		repeated = true;
		r.from = p->from;
	}
	progress_end(&r.progress);
}
