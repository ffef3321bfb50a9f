/* window: the spans of time for which Swan was asked, and how far the answers go.
 *
 * A window is [from, to) of updatedAt: from the latest updatedAt ever seen less an overlap, to the end of the next day in
 * Paris or to the end of the import, whichever is earlier. Its row is stored before the first page is asked for, so that
 * after a kill the next import asks for the same window. Only complete windows are stored; the watermark moves with them.
 */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include "stages/core/home/publish.h"

struct window {
	int64_t number;
	instant from, to, watermark;            /* INSTANT_NONE: no transactions in it */
	instant before;                         /* everything until then was read before */
	int64_t transactions, payment_supports; /* rows of the CSV files */
	int64_t transactions_new;               /* those that no window before had */
	char transactions_path[PATH_SIZE], payment_supports_path[PATH_SIZE]; /* "": no such file */
};

extern const struct window window_none; /* without transactions */

bool window_is_due(struct run *r, instant to); /* not everything before `to` was imported */
/* The next window on the way to `to`, stored in a unit of work of its own; false when everything before `to` was imported.
 * by_day: one day at a time; else up to `to` at once. */
bool window_ask(struct run *r, instant to, bool by_day, struct window *w);
/* How many windows remain up to `to`, this one included. */
int64_t window_count_left(const struct window *w, instant to);

/* Its number and its row, inside the unit of work that publishes its files. */
void window_begin(struct run *r, struct window *w);
void window_save(struct run *r, const struct window *w);

/* The first window after `number`; false after the last one. */
bool window_after(struct run *r, int64_t number, struct window *w);
/* The latest payment_supports.csv; false before the first one. window_has_supports: there is one of the business date. */
bool window_latest_supports(struct run *r, char path[PATH_SIZE]);
bool window_has_supports(struct run *r);
/* Everything that a night of the business date imports was imported. */
bool window_is_done(struct run *r);
bool window_has_transactions(struct run *r); /* any, ever */

#endif
