/* window: what was asked of Swan, and how far it has been answered.
 *
 * A window is [from, to) of updatedAt: from the latest updatedAt ever seen less an overlap, to the end of the next day in
 * Paris or to where the import is to come, whichever is earlier. It is a row before the first page is asked for, so that
 * whoever goes on after a kill asks for the same. Only whole windows are kept; the watermark moves with them.
 */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include "stages/core/home/publish.h"

struct window {
	int64_t number;
	instant from, to, watermark;            /* INSTANT_NONE: no transactions in it */
	int64_t transactions, payment_supports; /* rows of the CSV files */
	char transactions_path[PATH_SIZE], payment_supports_path[PATH_SIZE]; /* "": there is none */
};

extern const struct window window_none; /* without transactions */

bool window_is_due(struct run *r, instant to); /* something before `to` is not there yet */
/* The window to ask for on the way to `to`, stored in a unit of work of its own; false when everything before `to` is
 * there. by_day: one day at a time; else to `to` at once. */
bool window_ask(struct run *r, instant to, bool by_day, struct window *w);
/* How many windows are still to be asked for on that way, this one included. */
int64_t window_count_left(const struct window *w, instant to);

/* Its number and its row, inside the unit of work that publishes its files. */
void window_begin(struct run *r, struct window *w);
void window_save(struct run *r, const struct window *w);

/* The first one after `number`; false when there is none. */
bool window_after(struct run *r, int64_t number, struct window *w);
/* The payment supports that were read last; false before the first time. On the business date: read for it already. */
bool window_latest_supports(struct run *r, char path[PATH_SIZE]);
bool window_has_supports(struct run *r);

#endif
