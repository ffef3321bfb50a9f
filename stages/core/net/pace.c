/* pace: see pace.h.
 *
 * source   Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators (2014): splitmix64
 */
#include <stdlib.h>

#include "stages/core/net/pace.h"

void
pace_init(struct pace *p, int limit, uint64_t seed)
{
	if (limit < 1 || limit > PACE_MOST)
		abort();
	*p = (struct pace){.limit = limit, .seed = seed};
}

int64_t
pace_wait(const struct pace *p, int64_t now)
{
	int64_t free_at;

	if (p->asked < p->limit)
		return 0;
	free_at = p->at[p->asked % p->limit] + PACE_SPAN;
	return free_at > now ? free_at - now : 0;
}

void
pace_note(struct pace *p, int64_t now)
{
	p->at[p->asked++ % p->limit] = now;
}

static uint64_t
next_random(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

int64_t
pace_backoff(struct pace *p, int n, int64_t first)
{
	int64_t whole = first;

	while (--n > 0 && whole < PACE_LONGEST)
		whole *= 2;
	if (whole > PACE_LONGEST)
		whole = PACE_LONGEST;
	return whole - (int64_t)(next_random(&p->seed) % (uint64_t)(whole / 2 + 1));
}
