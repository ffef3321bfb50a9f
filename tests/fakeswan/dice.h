/* dice: numbers that look random, but are a pure function of their seed. */
#ifndef TESTS_FAKESWAN_DICE_H
#define TESTS_FAKESWAN_DICE_H

#include <stdint.h>

struct dice {
	uint64_t state;
};

enum throw_for { FOR_PERSON = 1, FOR_CARD, FOR_PAYMENT, FOR_TRANSACTION, FOR_ID, FOR_TEXT, FOR_SHOP };

struct dice dice_of(uint64_t seed, enum throw_for what, int64_t number);
uint64_t dice_throw(struct dice *d);
int dice_below(struct dice *d, int n); /* 0 to n - 1 */

#endif
