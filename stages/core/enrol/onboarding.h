/* onboarding: a member gets a user, an account membership and a card at Swan, step by step.
 *
 *   step      what is done                                       what is stored before the next step
 *   verify    the code proves the phone: the person is a user     user_id
 *   invite    a membership without any permission is added        account_membership_id, linked to the member
 *   bind      the user accepts it: Enabled
 *   order     a card is ordered                                   card_id
 *   consent   the legal representative consents by a signature
 *   await     the card is waited for: Enabled
 *   done
 *
 * Each step looks at Swan first, so a step whose answer was lost, or that was killed, is not done twice; run again, the
 * onboarding goes on where it was.
 * source   notes of Swan's documentation of 2026-08-20: memberships and cards have no idempotency key
 */
#ifndef CORE_ONBOARDING_H
#define CORE_ONBOARDING_H

#include "stages/core/swan/seat.h"

struct onboarding_request {
	int64_t profile;
	const char *request_id; /* of the verification of the phone */
	const char *first_name, *last_name, *birth_date, *email, *language;
	const char *(*read_code)(void *ctx); /* called when the code is needed */
	void *ctx;
};

struct onboarding_result {
	char membership[SWAN_ID + 1], card[SWAN_ID + 1];
	const char *rehearsed; /* in a dry run the change that would be sent next; NULL: none */
};

/* Dies (78), naming the key, when the configuration lacks what an onboarding needs. */
void onboarding_require_configuration(const struct run *r);

/* Units of work of its own. Dies: 65 when the member can correct something, 69 or 75 when it goes on later, 73 when it was begun
 * with other details, 78 when Swan or the configuration must be set up. */
void onboarding_run(struct caller *s, const struct onboarding_request *q, struct onboarding_result *result);

#endif
