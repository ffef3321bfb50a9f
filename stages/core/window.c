/* window: see window.h. Writes the table import_window. */
#include "stages/core/config.h"
#include "stages/core/log.h"
#include "stages/core/window.h"

bool
window_next(struct run *r, instant to, struct window *w)
{
	struct stmt *q = sql(r->db, "SELECT max(to_at), max(watermark_at) FROM import_window");
	instant last_to = INSTANT_NONE, watermark = INSTANT_NONE;
	struct err e;
	date start;

	if (row(q)) {
		last_to = col_instant(q, 0);
		watermark = col_instant(q, 1);
	}
	reset(q);
	if (last_to != INSTANT_NONE && last_to >= to)
		return false;
	if (date_parse(config_text(r->config, SWAN_START_DATE), &start, &e) < 0)
		die(EXIT_CONFIG, "start_date in [swan]: %s", e.message);
	*w = (struct window){.to = to};
	w->watermark = watermark == INSTANT_NONE ? date_paris_midnight(start) : watermark;
	w->from = watermark == INSTANT_NONE ? w->watermark
	                                    : watermark - config_int(r->config, SWAN_OVERLAP_MINUTES) * 60000;
	return true;
}

void
window_save(struct run *r, const struct window *w)
{
	struct stmt *q =
	    sql(r->db,
	        "INSERT INTO import_window (number, business_on, from_at, to_at, watermark_at,"
	        "  transactions, payment_supports, transactions_path, payment_supports_path)"
	        " VALUES ($number, $on, $from, $to, $watermark, $transactions, $supports, $tpath, $spath)");

	bind_int(q, "$number", w->number);
	bind_date(q, "$on", r->on);
	bind_instant(q, "$from", w->from);
	bind_instant(q, "$to", w->to);
	bind_instant(q, "$watermark", w->watermark);
	bind_int(q, "$transactions", w->transactions);
	bind_int(q, "$supports", w->payment_supports);
	bind_text(q, "$tpath", w->transactions_path);
	bind_text(q, "$spath", w->payment_supports_path);
	exec(q);
}

bool
window_after(struct run *r, int64_t number, struct window *w)
{
	struct stmt *q =
	    sql(r->db, "SELECT number, from_at, to_at, watermark_at, transactions, payment_supports,"
	               "  transactions_path, payment_supports_path"
	               " FROM import_window WHERE number > $number ORDER BY number LIMIT 1");

	bind_int(q, "$number", number);
	if (!row(q))
		return false;
	*w = (struct window){col_int(q, 0),
	                     col_instant(q, 1),
	                     col_instant(q, 2),
	                     col_instant(q, 3),
	                     col_int(q, 4),
	                     col_int(q, 5),
	                     "",
	                     ""};
	col_copy(q, 6, w->transactions_path, PATH_SIZE);
	col_copy(q, 7, w->payment_supports_path, PATH_SIZE);
	reset(q);
	return true;
}

bool
window_latest_supports(struct run *r, char path[PATH_SIZE])
{
	struct stmt *q =
	    sql(r->db, "SELECT payment_supports_path FROM import_window ORDER BY number DESC LIMIT 1");

	if (!row(q))
		return false;
	col_copy(q, 0, path, PATH_SIZE);
	reset(q);
	return true;
}
