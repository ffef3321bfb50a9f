/* membership: see membership.h. Writes the tables account_membership and card. */
#include "stages/core/members/membership.h"

int
membership_link(struct run *r, int64_t profile, const char *id, struct err *e)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO account_membership (id, profile_number)"
	    " VALUES ($id, $profile)"
	    " ON CONFLICT (id) DO UPDATE SET profile_number = excluded.profile_number"
	    " WHERE account_membership.profile_number IS NULL"
	    "  OR account_membership.profile_number = excluded.profile_number");

	bind_text(q, "$id", id);
	bind_int(q, "$profile", profile);
	if (exec(q) == 0)
		return err_set(e, ERR_BAD_FIELD, "the account membership belongs to another member");
	return 0;
}

static void
save_membership(struct run *r, const struct swan_payment_support *p)
{
	struct stmt *q =
	    sql(r->db,
	        "INSERT INTO account_membership (id, status, updated_at)"
	        " VALUES ($id, $status, $at)"
	        " ON CONFLICT (id) DO UPDATE SET status = excluded.status,"
	        "  updated_at = coalesce(excluded.updated_at, account_membership.updated_at)"
	        " WHERE (excluded.updated_at IS NULL"
	        "  OR account_membership.updated_at IS NULL"
	        "  OR excluded.updated_at >= account_membership.updated_at)"
	        "  AND (account_membership.status IS DISTINCT FROM excluded.status"
	        "   OR account_membership.updated_at < coalesce("
	        "     excluded.updated_at, account_membership.updated_at)"
	        "   OR (account_membership.updated_at IS NULL AND excluded.updated_at IS NOT NULL))");

	bind_text(q, "$id", p->account_membership_id);
	bind_text(q, "$status", p->membership_status);
	bind_instant(q, "$at", p->card_id == NULL ? p->updated_at : INSTANT_NONE);
	exec(q);
}

static void
save_card(struct run *r, const struct swan_payment_support *p)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO card (id, account_membership_id, status, is_provisioned, spending_limits,"
	    "  created_at, updated_at)"
	    " VALUES ($id, $membership, $status, $provisioned, $limits, $created, $updated)"
	    " ON CONFLICT (id) DO UPDATE SET account_membership_id = excluded.account_membership_id,"
	    "  status = excluded.status, is_provisioned = excluded.is_provisioned,"
	    "  spending_limits = excluded.spending_limits, updated_at = excluded.updated_at"
	    " WHERE excluded.updated_at >= card.updated_at"
	    "  AND (card.account_membership_id <> excluded.account_membership_id"
	    "   OR card.status <> excluded.status"
	    "   OR card.is_provisioned <> excluded.is_provisioned"
	    "   OR card.spending_limits IS DISTINCT FROM excluded.spending_limits"
	    "   OR card.updated_at <> excluded.updated_at)");

	bind_text(q, "$id", p->card_id);
	bind_text(q, "$membership", p->account_membership_id);
	bind_text(q, "$status", p->status);
	bind_int(q, "$provisioned", p->is_provisioned);
	bind_text(q, "$limits", p->spending_limits);
	bind_instant(q, "$created", p->created_at);
	bind_instant(q, "$updated", p->updated_at);
	exec(q);
}

void
membership_save(struct run *r, const struct swan_payment_support *p)
{
	save_membership(r, p);
	if (p->card_id != NULL)
		save_card(r, p);
}

int64_t
membership_find_profile(struct run *r, const char *membership_id, const char *card_id)
{
	struct stmt *q = sql(r->db,
	    "SELECT coalesce("
	    "  (SELECT coalesce(profile_number, 0)"
	    "   FROM account_membership"
	    "   WHERE id = $membership),"
	    "  (SELECT m.profile_number"
	    "   FROM card c"
	    "   JOIN account_membership m ON m.id = c.account_membership_id"
	    "   WHERE c.id = $card), 0)");

	bind_text(q, "$membership", membership_id);
	bind_text(q, "$card", card_id);
	return value(q, 0);
}
