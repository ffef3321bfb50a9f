/* ending: see ending.h. */
#include <string.h>

#include "stages/core/swan/ending.h"

/* Also what Swan does not know (any more). */
static bool
is_over(const struct seat *t, const char *card)
{
	int i;

	if (t->id[0] == '\0' || (card == NULL && seat_is_over(t)))
		return true;
	for (i = 0; card != NULL && i < t->cards; i++)
		if (strcmp(t->card[i].id, card) == 0)
			return seat_card_is_over(&t->card[i]);
	return card != NULL;
}

enum call_outcome
ending_send(struct caller *s, const char *membership, const char *card, struct swan_reply *reply)
{
	enum call_name name = card != NULL ? CALL_CANCEL_CARD : CALL_DISABLE_MEMBERSHIP;
	enum call_outcome outcome = CALL_IN_DOUBT;
	struct seat t;
	int n;

	*reply = (struct swan_reply){.answer = NULL};
	for (n = 1; outcome == CALL_IN_DOUBT; n++) {
		if ((n > 1 && !call_wait(s, name, n - 1, "run the same command again")) ||
		    !seat_look(s, membership, &t))
			break;
		if (is_over(&t, card))
			return CALL_DONE;
		outcome = call_swan_about(s, name, NULL, card != NULL ? card : membership, reply);
	}
	if (outcome != CALL_REJECTED)
		swan_reply_free(reply);
	return outcome;
}
