/* reset: a member of a development environment is removed from Swan and from the books, so that the same phone can be onboarded
 * again. The one place that deletes rows of the books; never in production.
 *
 * source   the earlier function reset_swan_and_alan_pay_dev_environment_for_user: its order, and a line for each deletion
 */
#ifndef CORE_RESET_H
#define CORE_RESET_H

#include "stages/core/engine/run.h"

struct reset_request {
	const char *app_id, *app_user_id; /* app_id NULL: of any application, if there is only one */
	const char *email;                /* of the memberships at Swan; NULL: none is touched */
};

/* Prints each deletion on standard output. Dies: 77 for a live endpoint, production, a member with a debt that was in a bank file,
 * or with a decision that was reversed; 65 when several applications have the user. In a dry run nothing is sent and the deletions
 * are rolled back. */
void reset_member(struct run *r, const struct reset_request *q);

#endif
