/* alanpay dev reset-user: removes a member from Swan's sandbox and from the books of a development environment.
 *
 * reads    Swan's memberships of the email address
 * writes   dev_reset, and deletes the member's rows: see core/enrol/reset.c
 * rerun    finds nothing more to remove
 * holds    nothing; 77 outside of development
 */
#include "stages/commands/swanuser.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"
#include "stages/core/enrol/reset.h"

void
swanuser_reset(struct run *r)
{
	const struct reset_request q = {.app_id = options_value(r, "app-id"),
	                                .app_user_id = options_value(r, "app-user-id"),
	                                .email = options_value(r, "app-user-email")};

	run_require_clock(r);
	reset_member(r, &q);
	if (r->dry_run)
		info(DRY_RUN_NOTE);
}
