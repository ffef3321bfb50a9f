/* people: the members of the world and their cards. Nine of ten exist before the first day. */
#include <string.h>

#include "tests/fakeswan/dice.h"
#include "tests/fakeswan/world.h"

enum fate { HAS_CARD, HAS_TWO, NO_CARD, INVITED, JOINING, REFUSED, UNCONFIRMED, LEFT };

/* Every twenty members are of all kinds, so that a small world has all kinds too. */
static const enum fate fates[20] = {
    HAS_CARD, HAS_CARD, INVITED,  HAS_CARD, HAS_CARD, HAS_TWO,     HAS_CARD, LEFT,    HAS_CARD, NO_CARD,
    HAS_CARD, HAS_CARD, HAS_CARD, REFUSED,  HAS_CARD, UNCONFIRMED, HAS_CARD, JOINING, HAS_CARD, HAS_CARD,
};

static struct life
live_as(enum fate fate, instant created_at, instant changed_at)
{
	switch (fate) {
	case INVITED:
		return (struct life){created_at, INSTANT_NONE, "InvitationSent", NULL};
	case JOINING:
		return (struct life){created_at, changed_at, "InvitationSent", "Enabled"};
	case REFUSED:
		return (struct life){created_at, INSTANT_NONE, "BindingUserError", NULL};
	case UNCONFIRMED:
		return (struct life){created_at, INSTANT_NONE, "ConsentPending", NULL};
	case LEFT:
		return (struct life){created_at, changed_at, "Enabled", "Disabled"};
	default:
		return (struct life){created_at, INSTANT_NONE, "Enabled", NULL};
	}
}

static void
give_card(struct world *w, int owner, instant at, const char *before, const char *after, instant changed_at)
{
	struct card *c = &w->card[w->cards];

	c->id = id_of(w, "Card", w->cards++);
	c->owner = owner;
	c->life = (struct life){at, after == NULL ? INSTANT_NONE : changed_at, before, after};
}

static void
give_cards(struct world *w, int owner, enum fate fate, struct dice *d)
{
	const struct life *l = &w->person[owner].life;
	instant at = l->created_at + HOUR_MS + dice_below(d, (int)HOUR_MS);
	instant change = (instant)w->start * DAY_MS +
	                 dice_below(d, (int)(DAY_MS / SECOND_MS)) * (instant)w->days * SECOND_MS;

	if (fate == HAS_TWO) {
		give_card(w, owner, at, "Canceled", NULL, INSTANT_NONE);
		give_card(w, owner, at + DAY_MS, "Enabled", NULL, INSTANT_NONE);
	} else if (fate == LEFT) {
		give_card(w, owner, at, "Enabled", "Canceled", l->changed_at + SECOND_MS);
	} else if (fate == UNCONFIRMED) {
		give_card(w, owner, at, "ConsentPending", NULL, INSTANT_NONE);
	} else if (fate == INVITED || fate == JOINING || (fate == HAS_CARD && owner % 20 == 18)) {
		give_card(w, owner, at, "Processing", "Enabled", change > at ? change : at + MINUTE_MS);
	} else if (fate == HAS_CARD) {
		give_card(w, owner, at, "Enabled", NULL, INSTANT_NONE);
	}
}

static void
make_person(struct world *w, int i)
{
	struct dice d = dice_of(w->seed, FOR_PERSON, i);
	enum fate fate = fates[i % 20];
	instant start = (instant)w->start * DAY_MS, at, change;
	bool is_new = i % 10 == 8;

	at = dice_below(&d, (int)DAY_MS);
	at = is_new ? start + at * w->days / 2 : start - 5 * DAY_MS - at * 90;
	change = start + dice_below(&d, (int)(DAY_MS / SECOND_MS)) * (instant)w->days * SECOND_MS + 321;
	w->person[i].id = id_of(w, "Membership", i);
	w->person[i].life = live_as(fate, at, change);
	give_cards(w, i, fate, &d);
}

/* Moves the cards that exist before the first day to the front: these pay. */
static void
sort_cards(struct world *w)
{
	int i;

	for (i = 0; i < w->cards; i++) {
		struct card c = w->card[i];

		if (c.life.created_at >= (instant)w->start * DAY_MS)
			continue;
		w->card[i] = w->card[w->old_cards];
		w->card[w->old_cards++] = c;
	}
}

void
people_make(struct world *w)
{
	int i;

	w->person = must_alloc((size_t)w->members, sizeof(*w->person));
	w->card = must_alloc((size_t)w->members * 2 + 1, sizeof(*w->card));
	w->people.row = must_alloc((size_t)w->members, sizeof(struct seen));
	w->cards_by_age.row = must_alloc((size_t)w->members * 2, sizeof(struct seen));
	for (i = 0; i < w->members; i++)
		make_person(w, i);
	sort_cards(w);
}

int
people_add(struct world *w, const char *status, instant now)
{
	int i = w->members++;

	w->person = must_grow(w->person, (size_t)w->members, sizeof(*w->person));
	w->people.row = must_grow(w->people.row, (size_t)w->members, sizeof(struct seen));
	w->person[i] = (struct person){.id = id_of(w, "Membership", i),
	                               .life = {now, INSTANT_NONE, status, NULL},
	                               .is_added = true,
	                               .user = -1,
	                               .consent = -1};
	w->is_stale = true;
	return i;
}

int
people_add_card(struct world *w, int owner, const char *status, instant now)
{
	int i = w->cards++;

	w->card = must_grow(w->card, (size_t)w->cards, sizeof(*w->card));
	w->cards_by_age.row = must_grow(w->cards_by_age.row, (size_t)w->cards, sizeof(struct seen));
	w->card[i] = (struct card){.id = id_of(w, "Card", i),
	                           .owner = owner,
	                           .life = {now, INSTANT_NONE, status, NULL},
	                           .is_added = true,
	                           .consent = -1};
	w->is_stale = true;
	return i;
}

void
life_change(struct world *w, struct life *l, const char *status, instant now)
{
	l->before = life_status(l, now);
	l->after = status;
	l->changed_at = now;
	w->is_stale = true;
}
