/* pace: how fast a service may be asked, and how long to wait before it is asked again. Pure: the caller has the clock.
 *
 * units    milliseconds
 * source   Swan: 2,000 requests in 5 minutes for one address, all endpoints together; 429 beyond
 */
#ifndef CORE_PACE_H
#define CORE_PACE_H

#include <stdint.h>

#define PACE_MOST    2000 /* requests in one span */
#define PACE_SPAN    300000
#define PACE_LONGEST 300000 /* no wait before a repetition is longer */

struct pace {
	int limit;             /* requests in any span of PACE_SPAN, 1 to PACE_MOST */
	int64_t at[PACE_MOST]; /* when the last `limit` ones went, a ring */
	int64_t asked;
	uint64_t seed;
};

void pace_init(struct pace *p, int limit, uint64_t seed);
/* How long the next request must wait from `now` on; 0: it may go. pace_note says that it went. */
int64_t pace_wait(const struct pace *p, int64_t now);
void pace_note(struct pace *p, int64_t now);

/* Before the n-th repetition (1, 2 ...): `first` doubled each time, the upper half of it left to chance, so that many
 * who failed together do not come back together; never longer than PACE_LONGEST. */
int64_t pace_backoff(struct pace *p, int n, int64_t first);

#endif
