/* acts: see acts.h. The view `acts` (views.sql) says where they are from. */
#include "stages/core/lists/acts.h"

static const struct column columns[] = {
    {.name = "acted_at", .type = COLUMN_INSTANT, .head = "at (UTC)"},
    {.name = "acted_by", .head = "by"},
    {.name = "identity"},
    {.name = "kind"},
    {.name = "what"},
    {.name = "detail"},
    {.name = "app_id", .head = "app"},
    {.name = "app_user_id", .head = "user"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {.name = "why"},
    {0},
};

const struct listing acts_listing = {
    .name = "acts",
    .columns = columns,
    .text = SQL("SELECT acted_at, acted_by, identity, kind, what, detail, app_id, app_user_id, amount_in_cents, why"
        " FROM acts"
        " WHERE acted_at >= coalesce($since, acted_at)"
        "  AND acted_at < coalesce($until, acted_at + 1)"
        "  AND (kind <> 'restore' OR $restores = 1)"
        "  AND ($person IS NULL OR acted_by = $person)"
        " ORDER BY acted_at, kind, what, acted_by, detail, why"),
};

struct stmt *
acts_query(struct run *r, const struct acts_filter *f)
{
	struct stmt *q = listing_query(r, &acts_listing);

	bind_instant(q, "$since", f->since == DATE_NONE ? INSTANT_NONE : date_paris_midnight(f->since));
	bind_instant(q, "$until", f->until == DATE_NONE ? INSTANT_NONE : date_paris_midnight(f->until + 1));
	bind_text(q, "$person", f->person);
	bind_int(q, "$restores", f->with_restores);
	return q;
}
