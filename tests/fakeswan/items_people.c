/* items_people: cards and members; see items.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "tests/fakeswan/dice.h"
#include "tests/fakeswan/items.h"

static const char *const first_names[] = {"Anaïs",  "Zoé",    "Jean-François", "Łukasz",
                                          "Hélène", "Nikola", "Ömer",          "Sinéad",
                                          "Aïcha",  "李",     "Jules",         "Marie, Anne"};
static const char *const last_names[] = {"Lefèvre",  "D'Été",        "Martin",    "Wójcik",  "Strauß",
                                         "Živković", "O'Brien",      "Yılmaz",    "Ben Ali", "小龙",
                                         "Dubois",   "\"Le Grand\"", "de La Tour"};

static const struct limit ours = {"AccountHolder", "Daily", "400", "EUR", 40000};
static const struct limit theirs = {"Partner", "Monthly", "600.00", "EUR", 60000};

void
item_membership(const struct world *w, int index, instant now, struct membership_item *item)
{
	const struct person *p = &w->person[index];
	struct dice d = dice_of(w->seed, FOR_TEXT, -1 - index);

	*item =
	    (struct membership_item){.status = life_status(&p->life, now), .created_at = p->life.created_at};
	item->updated_at = life_updated(&p->life, now);
	id_print(item->id, p->id);
	snprintf(item->email, sizeof(item->email), "member-%d@example.com", 1001 + index);
	item->first_name = first_names[dice_below(&d, (int)LENGTH(first_names))];
	item->last_name = last_names[dice_below(&d, (int)LENGTH(last_names))];
	item->is_bound = item->status[0] == 'E' || item->status[0] == 'D';
	snprintf(item->status_branch, sizeof(item->status_branch), "AccountMembership%sStatusInfo",
	         item->status);
	if (p->is_added) {
		snprintf(item->email, sizeof(item->email), "%s", p->email);
		item->first_name = p->first_name;
		item->last_name = p->last_name;
		item->is_bound = p->user >= 0;
	}
	if (fault_is(&w->faults, FAULT_NULLUSER, index + 1)) {
		item->first_name = item->last_name = NULL;
		item->is_bound = false;
	}
}

static void
add_limit(struct card_item *item, struct limit limit, const char *value)
{
	if (value != NULL)
		limit.value = value;
	item->limit[item->limits++] = limit;
}

/* Mostly the two agreed limits, in either order; sometimes none, one, doubled, one more, another amount. */
static void
fill_limits(struct card_item *item, struct dice *d, int index)
{
	static const char *const four_hundred[] = {"400", "400.00", "400.0"};
	const char *value = four_hundred[dice_below(d, 3)];
	int odd = index % 10 == 9 ? index / 10 % 5 : -1;

	item->has_limits = odd != 0;
	if (odd == 0)
		return;
	if (dice_below(d, 2) == 0) {
		add_limit(item, theirs, NULL);
		add_limit(item, ours, value);
	} else {
		add_limit(item, ours, value);
		add_limit(item, theirs, "600");
	}
	if (odd == 1)
		item->limits = 1;
	else if (odd == 2)
		add_limit(item, item->limit[0], NULL);
	else if (odd == 3)
		add_limit(item, (struct limit){"Regulator", "Weekly", "1000.5", "EUR", 100050}, NULL);
	else if (odd == 4)
		item->limit[0] = (struct limit){"AccountHolder", "Always", "250.10", "EUR", 25010};
}

static void
fill_added(struct card_item *item, const struct card *c)
{
	item->name = c->name;
	item->type = "Virtual";
	item->withdrawal = c->options[0];
	item->international = c->options[1];
	item->non_main_currency = c->options[2];
	item->e_commerce = c->options[3];
	item->wallets = 0;
	item->has_limits = true;
	item->limits = 0;
	add_limit(
	    item,
	    (struct limit){"AccountHolder", c->period, c->limit, "EUR", strtol(c->limit, NULL, 10) * 100},
	    NULL);
	add_limit(item, theirs, NULL);
}

void
item_card(const struct world *w, int index, instant now, struct card_item *item)
{
	static const char *const names[] = {"Alan Pay", NULL, "Carte de Zoé, \"santé\"", ""};
	static const char *const types[] = {"Virtual", "Virtual", "Virtual", "VirtualAndPhysical"};
	const struct card *c = &w->card[index];
	struct dice d = dice_of(w->seed, FOR_CARD, index);

	*item = (struct card_item){.status = life_status(&c->life, now), .created_at = c->life.created_at};
	item->updated_at = life_updated(&c->life, now);
	id_print(item->id, c->id);
	snprintf(item->masked_number, sizeof(item->masked_number), "531645******%04d", index * 7 % 10000);
	item->name = names[dice_below(&d, (int)LENGTH(names))];
	item->type = types[dice_below(&d, (int)LENGTH(types))];
	item->e_commerce = dice_below(&d, 4) > 0;
	item->withdrawal = dice_below(&d, 4) == 0;
	item->international = dice_below(&d, 2) == 0;
	item->non_main_currency = dice_below(&d, 3) == 0;
	item->wallets = dice_below(&d, 3);
	fill_limits(item, &d, index);
	if (c->is_added)
		fill_added(item, c);
	item_membership(w, c->owner, now, &item->membership);
}
