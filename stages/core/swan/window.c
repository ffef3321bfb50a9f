/* window: see window.h. Writes the tables import_asked and import_window. */
#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/swan/window.h"

const struct window window_none = {
    .from = INSTANT_NONE, .to = INSTANT_NONE, .watermark = INSTANT_NONE, .before = INSTANT_NONE};

static instant
next_midnight(instant at)
{
	return date_paris_midnight(date_in_paris(at) + 1);
}

/* The window after the last one. If that one ends later than now, a clock was ahead when it was asked for, and its end cannot
 * have been answered: then the next one begins at the watermark, which is an instant of Swan's clock. */
static void
window_plan(struct run *r, instant to, struct window *w)
{
	struct stmt *q = sql(r->db,
	    "SELECT to_at, (SELECT max(watermark_at) FROM import_window),"
	    "  (SELECT min(from_at) FROM import_window)"
	    " FROM import_window"
	    " WHERE to_at IS NOT NULL"
	    " ORDER BY number DESC LIMIT 1");
	instant first = INSTANT_NONE;
	struct err e;
	date start;

	*w = window_none;
	if (row(q)) {
		w->to = col_instant(q, 0);
		w->watermark = col_instant(q, 1);
		first = col_instant(q, 2);
	}
	reset(q);
	if (w->to != INSTANT_NONE) {
		w->from = w->watermark - config_int(r->config, SWAN_OVERLAP_MINUTES) * 60000;
		if (w->from < first)
			w->from = first; /* what is older was never asked for */
		if (w->to > to && w->to > r->now)
			w->to = w->watermark;
		return;
	}
	if (date_parse(config_text(r->config, SWAN_START_DATE), &start, &e) < 0)
		die(EXIT_CONFIG, "start_date in [swan]: %s", e.message);
	w->from = w->to = w->watermark = date_paris_midnight(start);
}

/* The end of a window that was asked for before and has not been answered. One with another beginning does not count: the
 * configuration (start_date) has changed since. */
static bool
window_load_asked(struct run *r, struct window *w)
{
	struct stmt *q = sql(r->db, "SELECT to_at FROM import_asked WHERE from_at = $from");
	bool found;

	bind_instant(q, "$from", w->from);
	found = row(q);
	if (found)
		w->to = col_instant(q, 0);
	reset(q);
	return found;
}

static void
window_store_asked(struct run *r, const struct window *w)
{
	struct stmt *q =
	    sql(r->db,
	    "INSERT INTO import_asked (one, from_at, to_at)"
	    " VALUES (1, $from, $to)"
	    " ON CONFLICT (one) DO UPDATE SET from_at = excluded.from_at, to_at = excluded.to_at");

	bind_instant(q, "$from", w->from);
	bind_instant(q, "$to", w->to);
	tx_begin(r->db);
	exec(q);
	tx_commit(r->db);
}

bool
window_is_due(struct run *r, instant to)
{
	struct window w;

	window_plan(r, to, &w);
	return w.to < to;
}

bool
window_ask(struct run *r, instant to, bool by_day, struct window *w)
{
	instant day;

	window_plan(r, to, w);
	if (w->to >= to)
		return false;
	w->before = w->to;
	day = next_midnight(w->to);
	w->to = by_day && day < to ? day : to;
	if (!by_day || !window_load_asked(r, w))
		window_store_asked(r, w);
	return true;
}

int64_t
window_count_left(const struct window *w, instant to)
{
	return w->to >= to ? 1 : 1 + date_in_paris(to - 1) - date_in_paris(w->to - 1);
}

void
window_begin(struct run *r, struct window *w)
{
	w->number = store_number(r->db, "import_window");
}

void
window_save(struct run *r, const struct window *w)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO import_window (number, business_on, from_at, to_at, watermark_at,"
	    "  transactions, transactions_new, payment_supports, transactions_path, payment_supports_path)"
	    " VALUES ($number, $on, $from, $to, $watermark,"
	    "  $transactions, $new, $supports, $tpath, $spath)");

	bind_int(q, "$number", w->number);
	bind_date(q, "$on", r->on);
	bind_instant(q, "$from", w->from);
	bind_instant(q, "$to", w->to);
	bind_instant(q, "$watermark", w->watermark);
	bind_int(q, "$transactions", w->transactions);
	bind_int(q, "$new", w->transactions_new);
	bind_int(q, "$supports", w->payment_supports);
	bind_text(q, "$tpath", text_or_null(w->transactions_path));
	bind_text(q, "$spath", text_or_null(w->payment_supports_path));
	exec(q);
	if (w->from != INSTANT_NONE)
		exec(sql(r->db, "DELETE FROM import_asked"));
}

bool
window_after(struct run *r, int64_t number, struct window *w)
{
	struct stmt *q = sql(r->db,
	    "SELECT number, from_at, to_at, watermark_at, transactions, payment_supports, transactions_new,"
	    "  transactions_path, payment_supports_path"
	    " FROM import_window"
	    " WHERE number > $number"
	    " ORDER BY number LIMIT 1");

	bind_int(q, "$number", number);
	if (!row(q))
		return false;
	*w = (struct window){.number = col_int(q, 0),
	                     .from = col_instant(q, 1),
	                     .to = col_instant(q, 2),
	                     .watermark = col_instant(q, 3),
	                     .transactions = col_int(q, 4),
	                     .payment_supports = col_int(q, 5),
	                     .transactions_new = col_int(q, 6)};
	col_copy(q, 7, w->transactions_path, PATH_SIZE);
	col_copy(q, 8, w->payment_supports_path, PATH_SIZE);
	reset(q);
	return true;
}

bool
window_latest_supports(struct run *r, char path[PATH_SIZE])
{
	struct stmt *q = sql(r->db,
	    "SELECT payment_supports_path FROM import_window"
	    " WHERE payment_supports_path IS NOT NULL"
	    " ORDER BY number DESC LIMIT 1");

	if (!row(q))
		return false;
	col_copy(q, 0, path, PATH_SIZE);
	reset(q);
	return true;
}

bool
window_has_supports(struct run *r)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM import_window"
	    " WHERE business_on = $on AND payment_supports_path IS NOT NULL");

	bind_date(q, "$on", r->on);
	return value(q, 0) > 0;
}

bool
window_is_done(struct run *r)
{
	return window_has_supports(r) && !window_is_due(r, date_paris_midnight(r->on));
}

bool
window_has_transactions(struct run *r)
{
	return value(sql(r->db, "SELECT count(*) FROM import_window WHERE transactions > 0"), 0) > 0;
}
