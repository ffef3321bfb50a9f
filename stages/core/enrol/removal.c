/* removal: see removal.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "stages/core/enrol/removal.h"
#include "stages/core/members/offboarding.h"
#include "stages/core/swan/ending.h"

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

static void
end(struct removal *m, const char *card, enum counter count)
{
	struct swan_reply reply;

	if (ending_send(&m->swan, m->membership, card, &reply) == CALL_REJECTED)
		report_rejected(m, card != NULL ? CALL_CANCEL_CARD : CALL_DISABLE_MEMBERSHIP, &reply);
	else
		run_count(m->swan.run, count, 1);
	swan_reply_free(&reply);
}

/* Cards first: a membership that is disabled may hide them. */
static void
end_membership(struct removal *m)
{
	struct seat t;
	int i;

	if (!seat_load(&m->swan, m->membership, &t))
		return;
	for (i = 0; i < t.cards; i++)
		if (!seat_card_is_over(&t.card[i]))
			end(m, t.card[i].id, COUNT_CARDS_CANCELLED);
	if (!seat_is_over(&t))
		end(m, NULL, COUNT_MEMBERSHIPS_DISABLED);
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
