/* holder: see holder.h. */
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/uuid.h"
#include "stages/core/cards/holder.h"
#include "stages/core/members/membership.h"

#define NEAR 4 /* places in which one may stand */

/* Whose a card with this membership is. */
struct holder {
	struct uuid membership, card;
	int64_t profile; /* 0: nothing here */
};

struct holder_cache {
	struct run *r;
	size_t places;
	struct holder holder[];
};

struct holder_cache *
holder_cache_new(struct run *r, size_t places)
{
	struct holder_cache *c = memory_new(1, sizeof(*c) + places * sizeof(*c->holder));

	c->r = r;
	c->places = places;
	return c;
}

void
holder_cache_free(struct holder_cache *c)
{
	free(c);
}

/* The bytes of an id that is a UUID as Swan writes them. */
static bool
read_id(const char *text, struct uuid *id)
{
	unsigned char key[STORE_KEY];
	size_t n = text == NULL ? 0 : strlen(text);

	if (n != UUID_TEXT - 1 || store_key(text, key) != sizeof(id->byte))
		return false;
	memcpy(id->byte, key, sizeof(id->byte));
	return true;
}

/* Ids are random, but for their version: a sum of both is as random. */
static size_t
find_place(const struct holder *wanted)
{
	uint64_t a, b;

	memcpy(&a, wanted->membership.byte + 8, sizeof(a));
	memcpy(&b, wanted->card.byte + 8, sizeof(b));
	return (a + b) * 11400714819323198485u >> 32;
}

static bool
is_same(const struct holder *a, const struct holder *b)
{
	return memcmp(&a->membership, &b->membership, sizeof(a->membership)) == 0 &&
	       memcmp(&a->card, &b->card, sizeof(a->card)) == 0;
}

/* The one that is asked for, or the place that it gets. */
static struct holder *
find_holder(struct holder_cache *c, const struct holder *wanted)
{
	size_t first = find_place(wanted), i;
	struct holder *h;

	for (i = first; i < first + NEAR; i++) {
		h = &c->holder[i & (c->places - 1)];
		if (h->profile == 0 || is_same(h, wanted))
			return h;
	}
	h = &c->holder[first & (c->places - 1)];
	h->profile = 0;
	return h;
}

void
holder_know(struct holder_cache *c, const char *membership_id, const char *card_id, int64_t profile)
{
	struct holder wanted = {.profile = profile};

	if (read_id(membership_id, &wanted.membership) && read_id(card_id, &wanted.card))
		*find_holder(c, &wanted) = wanted;
}

int64_t
holder_find(struct holder_cache *c, const char *membership_id, const char *card_id)
{
	struct holder wanted = {0}, *h;

	if (!read_id(membership_id, &wanted.membership) || !read_id(card_id, &wanted.card))
		return membership_find_profile(c->r, membership_id, card_id);
	h = find_holder(c, &wanted);
	if (h->profile == 0) {
		*h = wanted;
		h->profile = membership_find_profile(c->r, membership_id, card_id);
	}
	return h->profile;
}
