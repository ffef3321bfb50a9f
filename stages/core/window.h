/* window: what was asked of Swan, and how far it has been answered.
 *
 * A window is [from, to) of updatedAt: from the latest updatedAt ever seen less an overlap, to midnight in Paris of the
 * business date. Only whole windows are kept; the watermark moves with them.
 */
#ifndef CORE_WINDOW_H
#define CORE_WINDOW_H

#include "stages/core/publish.h"

struct window {
	int64_t number;
	instant from, to, watermark;
	int64_t transactions, payment_supports; /* rows of the CSV files */
	char transactions_path[PATH_SIZE], payment_supports_path[PATH_SIZE];
};

/* The next one; false when everything before `to` is there already. */
bool window_next(struct run *r, instant to, struct window *w);
void window_save(struct run *r,
                 const struct window *w); /* inside the unit of work that publishes its files */
/* The first one after `number`; false when there is none. */
bool window_after(struct run *r, int64_t number, struct window *w);
/* The payment_supports.csv of the last one; false when there is none. */
bool window_latest_supports(struct run *r, char path[PATH_SIZE]);

#endif
