/* act: see act.h. Writes the table act. */
#include "stages/core/engine/act.h"
#include "stages/core/engine/intent.h"

void
act_add(struct run *r, const struct act *a)
{
	struct run_actor actor = run_starter(r); /* other components ask without a login */
	struct stmt *q = sql(r->db,
	    "INSERT INTO act (number, kind, what, detail, app_id, app_user_id, acted_by, acted_identity, acted_at)"
	    " VALUES ($number, $kind, $what, $detail,"
	    "  coalesce($app, (SELECT app_id FROM profile WHERE number = $profile)),"
	    "  coalesce($user, (SELECT app_user_id FROM profile WHERE number = $profile)), $who, $identity, $now)");

	bind_int(q, "$number", store_number(r->db, "act"));
	bind_text(q, "$kind", a->kind);
	bind_text(q, "$what", a->what);
	bind_text(q, "$detail", a->detail);
	bind_int(q, "$profile", a->profile);
	bind_text(q, "$app", a->app_id);
	bind_text(q, "$user", a->app_user_id);
	bind_text(q, "$who", actor.name);
	bind_text(q, "$identity", actor.identity);
	bind_instant(q, "$now", r->now);
	exec(q);
	intent_add(r, a->kind, a->what, NULL, "%s%sby %s", a->detail, a->detail[0] == '\0' ? "" : ", ",
	           actor.name);
}
