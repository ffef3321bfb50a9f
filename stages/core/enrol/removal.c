/* removal: see removal.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/enrol/removal.h"
#include "stages/core/members/offboarding.h"
#include "stages/core/swan/seat.h"

struct removal {
	struct caller swan;
	int64_t profile;
	const char *membership;
};

/* A rejection of one member must not keep the cards of the others alive. */
static void
report_rejected(struct removal *m, enum call_name name, const struct swan_reply *reply)
{
	const struct swan_refusal *f = swan_refusal_find(reply->rejection);
	char message[512];

	snprintf(message, sizeof(message), "Swan rejected %s: %s: %s%s%s", call_operation(name),
	         reply->rejection, reply->message, f == NULL ? "" : ": ", f == NULL ? "" : f->advice);
	warn("offboarding: %s", message);
	tx_begin(m->swan.run->db);
	offboarding_hold(m->swan.run, m->profile, message);
	tx_commit(m->swan.run->db);
}

/* Sends a change until what it is about is over. False: Swan rejected it, or nothing is sent in a dry run. */
static bool
end(struct removal *m, enum call_name name, const char *id,
    bool (*is_over)(const struct seat *t, const char *id), enum counter count)
{
	struct swan_reply reply;
	enum call_outcome outcome;
	struct seat t;
	int n;

	for (n = 1; seat_load(&m->swan, m->membership, &t) && !is_over(&t, id); n++) {
		if (n > 1)
			call_wait(&m->swan, name, n - 1, "run this again later");
		outcome = call_swan_about(&m->swan, name, NULL, id, &reply);
		if (outcome == CALL_REJECTED)
			report_rejected(m, name, &reply);
		swan_reply_free(&reply);
		if (outcome == CALL_DONE || outcome == CALL_REHEARSED)
			run_count(m->swan.run, count, 1);
		if (outcome == CALL_REJECTED || outcome == CALL_REHEARSED)
			return false;
	}
	return true;
}

static bool
card_is_over(const struct seat *t, const char *id)
{
	int i;

	for (i = 0; i < t->cards; i++)
		if (strcmp(t->card[i].id, id) == 0)
			return seat_card_is_over(&t->card[i]);
	return true;
}

static bool
membership_is_over(const struct seat *t, const char *id)
{
	(void)id;
	return seat_is_over(t);
}

/* Cards first: a membership that is disabled may hide them. */
static void
end_membership(struct removal *m)
{
	struct seat *t = memory_new(1, sizeof(*t));
	int i;

	if (seat_load(&m->swan, m->membership, t))
		for (i = 0; i < t->cards; i++)
			if (!seat_card_is_over(&t->card[i]))
				(void)end(m, CALL_CANCEL_CARD, t->card[i].id, card_is_over,
				          COUNT_CARDS_CANCELLED);
	(void)end(m, CALL_DISABLE_MEMBERSHIP, m->membership, membership_is_over, COUNT_MEMBERSHIPS_DISABLED);
	free(t);
}

struct membership {
	int64_t profile;
	char *id;
};

/* Those of members whose offboarding is not done; they are read before the first call. */
static size_t
list_memberships(struct run *r, struct membership **list)
{
	struct stmt *q = sql(r->db,
	    "SELECT o.profile_number, m.id"
	    " FROM offboarding o"
	    " JOIN account_membership m ON m.profile_number = o.profile_number"
	    " WHERE o.done_on IS NULL"
	    " ORDER BY o.profile_number, m.id");
	size_t n = 0;

	*list = NULL;
	while (row(q)) {
		*list = memory_resize(*list, n + 1, sizeof(**list));
		(*list)[n++] = (struct membership){col_int(q, 0), memory_text(col_text(q, 1))};
	}
	return n;
}

void
removal_run(struct run *r)
{
	struct membership *list;
	size_t n = list_memberships(r, &list), i;
	struct removal m = {.profile = 0};

	if (n > 0)
		caller_open(&m.swan, r);
	for (i = 0; i < n; i++) {
		m.profile = list[i].profile;
		m.membership = list[i].id;
		end_membership(&m);
		free(list[i].id);
	}
	if (n > 0)
		caller_close(&m.swan);
	free(list);
}
