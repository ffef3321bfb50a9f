/* invitation: see invitation.h. Stores nothing. */
#include <string.h>

#include "formats/text.h"
#include "stages/core/enrol/invitation.h"
#include "stages/core/members/membership.h"
#include "stages/core/swan/ending.h"
#include "stages/core/swan/seatlist.h"

struct search {
	struct caller *swan;
	int64_t profile;
	enum invitation_found found;
	char *id;
};

/* No other member has it. */
static bool
is_free(const struct search *x, const char *membership)
{
	int64_t profile = membership_find_profile(x->swan->run, membership, NULL);

	return profile == 0 || profile == x->profile;
}

static void
disable(struct search *x, const char *membership)
{
	struct swan_reply reply;
	enum call_outcome outcome = ending_send(x->swan, membership, NULL, &reply);

	if (outcome == CALL_REJECTED)
		call_die_rejected(CALL_DISABLE_MEMBERSHIP, &reply);
	if (outcome == CALL_REHEARSED)
		x->found = INVITATION_REHEARSED;
	swan_reply_free(&reply);
}

/* The oldest one is taken; all are looked at, so that none with other details stays. */
static bool
weigh(void *ctx, const char *membership, enum seat_fit fit)
{
	struct search *x = ctx;

	if (!is_free(x, membership))
		return true;
	if (fit == SEAT_UNLIKE) {
		disable(x, membership);
	} else if (x->found == INVITATION_ABSENT) {
		text_copy(x->id, SWAN_ID + 1, membership);
		x->found = INVITATION_FOUND;
	}
	return x->found != INVITATION_REHEARSED;
}

enum invitation_found
invitation_find(struct caller *s, const struct seat_person *p, const char *earlier, int64_t profile,
                char id[static SWAN_ID + 1])
{
	struct search x = {.swan = s, .profile = profile, .id = id};

	id[0] = '\0';
	if (earlier[0] != '\0' && strcmp(earlier, p->email) != 0)
		seatlist_of_person(s, earlier, p, weigh, &x);
	if (x.found != INVITATION_REHEARSED)
		seatlist_of_person(s, p->email, p, weigh, &x);
	return x.found;
}
