/* verification: see verification.h. Writes the table phone_verification. */
#include "stages/core/enrol/verification.h"

#define KEPT_MS 86400000 /* a code is valid for some minutes */

/* Those that no onboarding went on with. */
static void
forget_abandoned(struct run *r)
{
	struct stmt *q =
	    sql(r->db,
	    "DELETE FROM phone_verification"
	    " WHERE asked_at < $before"
	    "  AND request_id NOT IN (SELECT request_id FROM onboarding WHERE step <> 'done')");

	bind_instant(q, "$before", r->now - KEPT_MS);
	exec(q);
}

void
verification_start(struct caller *s, const char *phone, const char *language,
                   char request[static SWAN_ID + 1])
{
	enum call_outcome outcome = identity_start(s, phone, language, request);
	struct run *r = s->run;
	struct stmt *q;

	if (outcome == CALL_IN_DOUBT)
		die(EXIT_UNAVAILABLE,
		    "Swan does not answer (%s): a message may be on its way all the same: run this again for another code",
		    s->doubt);
	if (outcome == CALL_REHEARSED)
		return;
	tx_begin(r->db);
	forget_abandoned(r);
	q = sql(r->db,
	    "INSERT INTO phone_verification (request_id, phone_number, asked_at)"
	    " VALUES ($request, $phone, $now)"
	    " ON CONFLICT (request_id) DO NOTHING");
	bind_text(q, "$request", request);
	bind_text(q, "$phone", phone);
	bind_instant(q, "$now", r->now);
	exec(q);
	tx_commit(r->db);
}

void
verification_find_phone(struct run *r, const char *request, char phone[static CONTACT_PHONE])
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT phone_number FROM phone_verification WHERE request_id = $request");

	bind_text(q, "$request", request);
	phone[0] = '\0';
	if (row(q)) {
		col_copy(q, 0, phone, CONTACT_PHONE);
		reset(q);
	}
}

void
verification_forget(struct run *r, const char *request, const char *phone)
{
	struct stmt *q =
	    sql(r->db,
	    "DELETE FROM phone_verification WHERE request_id = $request OR phone_number = $phone");

	bind_text(q, "$request", request);
	bind_text(q, "$phone", phone);
	exec(q);
}
