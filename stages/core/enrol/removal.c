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

/* What Swan does not do for one member must not keep the cards of the others alive, nor stop the import. */
static void
hold(struct removal *m, const char *message)
{
	warn("offboarding: %s", message);
	tx_begin(m->swan.run->db);
	offboarding_hold(m->swan.run, m->profile, message);
	tx_commit(m->swan.run->db);
}

static void
report_rejected(struct removal *m, enum call_name name, const struct swan_reply *reply)
{
	const struct swan_refusal *f = swan_refusal_find(reply->rejection, call_operation(name));
	char message[512];

	snprintf(message, sizeof(message), "Swan rejected %s: %s: %s%s%s", call_operation(name),
	         reply->rejection, reply->message, f == NULL ? "" : ": ", f == NULL ? "" : f->advice);
	hold(m, message);
}

static void
report_unanswered(struct removal *m, enum call_name name)
{
	char message[512];

	snprintf(message, sizeof(message),
	         "Swan does not answer %s as it should: %s; the next import tries it again",
	         call_operation(name), m->swan.doubt);
	hold(m, message);
}

static void
end(struct removal *m, const char *card, enum counter count)
{
	enum call_name name = card != NULL ? CALL_CANCEL_CARD : CALL_DISABLE_MEMBERSHIP;
	struct swan_reply reply;
	enum call_outcome outcome = ending_send(&m->swan, m->membership, card, &reply);

	if (outcome == CALL_REJECTED)
		report_rejected(m, name, &reply);
	else if (outcome == CALL_IN_DOUBT)
		report_unanswered(m, name);
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

	if (!seat_look(&m->swan, m->membership, &t)) {
		report_unanswered(m, CALL_MEMBERSHIP);
		return;
	}
	if (t.id[0] == '\0')
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

	if (n > 0) {
		caller_open(&m.swan, r);
		m.swan.goes_on = true;
	}
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
