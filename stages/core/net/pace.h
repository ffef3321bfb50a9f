/* pace: how fast requests may follow each other, and how long to wait before one is repeated. Pure: the caller has the clock.
 *
 * units    milliseconds
 * source   Swan: 2,000 requests in 5 minutes for one address, all endpoints together; 429 beyond
 */
#ifndef CORE_PACE_H
#define CORE_PACE_H

#include <stdint.h>

#define PACE_MOST    2000 /* requests in one span */
#define PACE_SPAN    300000
#define PACE_LONGEST 300000 /* the longest wait before a repetition */

struct pace {
	int limit;             /* requests in any span of PACE_SPAN, 1 to PACE_MOST */
	int64_t at[PACE_MOST]; /* when the last `limit` requests were sent: a ring */
	int64_t asked;
	uint64_t seed;
};

void pace_init(struct pace *p, int limit, uint64_t seed);
/* How long the next request must wait from `now` on; 0: send it now. pace_note: it was sent. */
int64_t pace_wait(const struct pace *p, int64_t now);
void pace_note(struct pace *p, int64_t now);

/* The wait before the n-th repetition (1, 2 ...): `first`, doubled each time, of which the upper half is random, so that
 * clients that failed together do not return together; at most PACE_LONGEST. */
int64_t pace_backoff(struct pace *p, int n, int64_t first);

#endif
