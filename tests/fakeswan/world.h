/* world: members, cards and transactions of the fake Swan, and what is visible of them at an instant.
 *
 * All of it is a pure function of seed, members, transactions, start and days. A transaction has one to four
 * versions; the latest one whose instant has come is visible, and before the first one the transaction is not. So the world
 * grows from night to night as the clock moves on, and createdAt never moves.
 */
#ifndef TESTS_FAKESWAN_WORLD_H
#define TESTS_FAKESWAN_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/date.h"
#include "formats/money.h"
#include "tests/fakeswan/faults.h"

#define SECOND_MS INT64_C(1000)
#define MINUTE_MS (60 * SECOND_MS)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define VERSIONS  4

struct id { /* ordered as its text */
	uint64_t high, low;
};

#define ID_TEXT 37
char *id_print(char text[static ID_TEXT], struct id id);
int id_compare(struct id a, struct id b);

struct version {
	instant at;
	cents amount;
	const char *status, *reason; /* reason of a rejection or release, else NULL */
};

struct transaction {
	struct id id;
	const char *type;
	int number;              /* in the order of creation, from 0; a copy has the number of its original */
	int payment;             /* transactions of one purchase share it */
	int card, origin;        /* their numbers, -1: none */
	bool is_foreign, is_pre; /* another currency; a pre-authorization */
	instant created_at, moved_at;
	int versions;
	struct version version[VERSIONS];
};

/* A member or card, whose status changes once; changed_at INSTANT_NONE: never. */
struct life {
	instant created_at, changed_at;
	const char *before, *after;
};

#define NAME_TEXT     112
#define EMAIL_TEXT    256
#define PHONE_TEXT    20
#define LANGUAGE_TEXT 3
#define DAY_TEXT      11

struct person {
	struct id id; /* of the account membership */
	struct life life;
	/* of one that was added by a mutation: */
	bool is_added;
	char email[EMAIL_TEXT], first_name[NAME_TEXT], last_name[NAME_TEXT], birth_date[DAY_TEXT],
	    phone[PHONE_TEXT], language[LANGUAGE_TEXT];
	int user;             /* who is bound, its number; -1: nobody */
	int consent;          /* that it waits for; -1: none */
	const char *mismatch; /* of a BindingUserError, the field of statusInfo that is true */
};

struct card {
	struct id id;
	int owner;
	struct life life;
	bool is_added;
	int consent, looks; /* looks: until it is enabled; -1: never */
	bool options[4];    /* withdrawal, international, nonMainCurrencyTransactions, eCommerce */
	char name[NAME_TEXT], period[16], limit[32];
};

struct user {
	struct id id;
	char phone[PHONE_TEXT], first_name[NAME_TEXT], last_name[NAME_TEXT], birth_date[DAY_TEXT];
	instant created_at;
};

struct verification { /* of a phone, by a code */
	struct id id;
	char phone[PHONE_TEXT];
	int wrong;
	bool is_used;
};

struct consent {
	struct id id;
	const char *status, *purpose;
	int subject, looks; /* the number of what waits for it; looks: until it is accepted */
	char user[ID_TEXT]; /* who must give it */
	bool is_used;
};

struct seen { /* one row of a list, in its order */
	instant at;
	struct id id;
	int index;
};

struct list {
	struct seen *row;
	size_t n;
};

struct world {
	uint64_t seed;
	int members, wanted, days;
	date start;
	struct faults faults;

	struct person *person;
	struct card *card;
	int cards, old_cards; /* the first old_cards exist before the start, and pay */
	struct transaction *transaction;
	int transactions, room;
	struct user *user;
	struct verification *verification;
	struct consent *consent;
	int users, verifications, consents;

	instant looked_at, next; /* the lists are valid from looked_at until before next */
	bool is_stale, has_moved, has_grown;
	struct list by_update, people, cards_by_age;
};

void world_make(struct world *w); /* the caller sets the fields up to faults */
void people_make(struct world *w);
/* One more at `now`; its number. The caller fills it. */
int people_add(struct world *w, const char *status, instant now);
int people_add_card(struct world *w, int owner, const char *status, instant now);
void life_change(struct world *w, struct life *l, const char *status, instant now);
void world_free(struct world *w);

/* The lists as of `now`: transactions by updatedAt, members and cards by createdAt, each then by id. */
void world_look(struct world *w, instant now);
size_t list_find(const struct list *l, instant at); /* the first row at that instant or later */

const struct version *version_at(const struct transaction *t, instant now);
instant transaction_updated(const struct transaction *t, instant now); /* INSTANT_NONE: not visible yet */
const char *life_status(const struct life *l, instant now);
instant life_updated(const struct life *l, instant now);

/* Faults between two pages: a transaction moves to `to`; a copy of one comes in, with an id of its own. */
void world_move(struct world *w, int index, instant to);
void world_copy(struct world *w, int index);

struct id id_of(const struct world *w, const char *kind, int64_t number);

void *must_alloc(size_t n, size_t size);
void *must_grow(void *at, size_t n, size_t size); /* to n elements; the last one is zeroed */

#endif
