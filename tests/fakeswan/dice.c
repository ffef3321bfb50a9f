/* dice: see dice.h.
 *
 * source   splitmix64, Steele, Lea and Flood, 2014
 */
#include "tests/fakeswan/dice.h"

#define STEP UINT64_C(0x9E3779B97F4A7C15)

static uint64_t
mix(uint64_t z)
{
	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

struct dice
dice_of(uint64_t seed, enum throw_for what, int64_t number)
{
	return (struct dice){mix(mix(mix(seed + STEP) + (uint64_t)what) + (uint64_t)number)};
}

uint64_t
dice_throw(struct dice *d)
{
	d->state += STEP;
	return mix(d->state);
}

int
dice_below(struct dice *d, int n)
{
	return (int)(dice_throw(d) >> 33) % n;
}
