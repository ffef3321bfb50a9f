/* alanpay dev reset-user: removes a member from Swan's sandbox and from the books of a development environment.
 *
 * reads    Swan's memberships of the email address
 * writes   dev_reset, and deletes the member's rows: see core/enrol/reset.c
 * rerun    finds nothing more to remove
 * holds    nothing; 65 for an invalid address, 77 outside of development
 */
#include "formats/contact.h"
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

	struct err e = {0};

	run_require_clock(r);
	if (q.email != NULL && contact_check_email(q.email, &e) < 0)
		die_code(EXIT_REFUSED, e.code, "app-user-email: %s (%s)", e.message, e.code);
	reset_member(r, &q);
	if (r->dry_run)
		info(DRY_RUN_NOTE);
}
