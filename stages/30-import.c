/* import: Swan's transactions, cards and memberships -> transactions.csv and payment_supports.csv.
 *
 * First of all in a night it ends what Swan still has of offboarded members: cards and memberships.
 *
 * reads    Swan, or recorded pages (--fixtures DIR)
 * writes   import_asked, import_window, exception; out/<date>/transactions.csv, out/<date>/payment_supports.csv
 * rerun    a window that was imported is not asked for again; a window that was begun is asked for with the same bounds
 * holds    a node that cannot be read (an amount that is not whole euro cents): stored whole as an exception
 * source   Swan Live Partner schema of 2026-07-17: updatedAt moves on every change, and cards have no filter by it. So
 *          transactions come in windows of updatedAt, of a day each; cards and memberships come all at once, once a date
 */
#include <stdio.h>
#include <string.h>

#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"
#include "stages/core/enrol/removal.h"
#include "stages/core/swan/staging.h"
#include "stages/core/swan/window.h"
#include "stages/stage.h"

#define SETTLED_MS 60000 /* a younger transaction may not be in Swan's list yet */

struct import {
	struct run *r;
	struct client *swan;
	struct staging *staging;
	instant to;    /* end of the transactions to import; INSTANT_NONE: none */
	bool supports; /* import cards and memberships */
};

struct csv_file {
	struct staging *staging;
	int64_t (*write)(struct staging *s, struct sink *to);
	int64_t rows;
};

static void
write_import_csv(struct sink *s, void *ctx)
{
	struct csv_file *f = ctx;

	f->rows = f->write(f->staging, s);
}

static int64_t
publish_csv(struct import *m, const struct window *w, const char *name,
            int64_t (*write)(struct staging *s, struct sink *to), char path[PATH_SIZE])
{
	struct csv_file f = {m->staging, write, 0};
	char wanted[PATH_SIZE], day[DATE_TEXT];

	snprintf(wanted, sizeof(wanted), "out/%s/%s", date_print(day, m->r->on), name);
	publish_free_path(m->r, wanted, path);
	publish_file(m->r, name, w->number, path, write_import_csv, &f);
	return f.rows;
}

static void
publish_supports(struct import *m, struct window *w)
{
	w->payment_supports =
	    publish_csv(m, w, "payment_supports.csv", staging_write_supports, w->payment_supports_path);
	run_count(m->r, COUNT_PAYMENT_SUPPORTS_IMPORTED, w->payment_supports);
}

/* Transactions are counted once, not again in the overlap of two windows. */
static void
count_transactions(struct import *m, struct window *w)
{
	instant known = w->from < w->watermark ? w->watermark : w->from - 1;

	w->transactions_new = staging_count(m->staging, STAGED, known);
	run_count(m->r, COUNT_TRANSACTIONS_IMPORTED, w->transactions_new);
	run_count(m->r, COUNT_TRANSACTIONS_OF_OTHERS,
	          staging_count(m->staging, STAGED_OF_OTHERS, w->before - 1));
}

static void
publish_transactions(struct import *m, struct window *w)
{
	instant latest = staging_watermark(m->staging);

	count_transactions(m, w);
	if (latest >= w->to)
		latest = w->to - 1; /* outside of the window: it comes again */
	if (latest > w->watermark)
		w->watermark = latest;
	w->transactions =
	    publish_csv(m, w, "transactions.csv", staging_write_transactions, w->transactions_path);
}

#define WINDOW_NAME (2 * INSTANT_TEXT + 2)

static char *
name_window(const struct window *w, char name[static WINDOW_NAME])
{
	char from[INSTANT_TEXT], to[INSTANT_TEXT];

	if (w->from == INSTANT_NONE)
		snprintf(name, WINDOW_NAME, "payment_supports");
	else
		snprintf(name, WINDOW_NAME, "%s--%s", instant_print(from, w->from), instant_print(to, w->to));
	return name;
}

/* One unit of work: the answers for a window, its files, its row, the watermark. */
static void
import_window(struct import *m, struct window *w)
{
	char name[WINDOW_NAME];

	client_begin_window(m->swan, name_window(w, name));
	tx_begin(m->r->db);
	if (m->supports)
		staging_read_supports(m->staging, m->swan);
	if (w->from != INSTANT_NONE)
		staging_read_transactions(m->staging, m->swan, w->from, w->to);
	client_end_window(m->swan);
	window_begin(m->r, w);
	if (m->supports)
		publish_supports(m, w);
	if (w->from != INSTANT_NONE)
		publish_transactions(m, w);
	window_save(m->r, w);
	tx_commit(m->r->db);
	publish_place(m->r);
	staging_clear(m->staging);
	m->supports = false;
}

/* A backlog takes time: report its size once. */
static void
report_backlog(const struct import *m, const struct window *w)
{
	int64_t days = window_count_left(w, m->to);
	char first[DATE_TEXT], last[DATE_TEXT];

	if (days > 1)
		info("fetching the transactions of %lld days, %s to %s", (long long)days,
		     date_print(first, date_in_paris(w->to - 1)), date_print(last, date_in_paris(m->to - 1)));
}

/* What to import. The night imports up to midnight; a person who gives --only, up to a minute ago. */
static void
set_bounds(struct import *m)
{
	const char *only = options_value(m->r, "only");

	m->to = only == NULL ? date_paris_midnight(m->r->on) : m->r->now - SETTLED_MS;
	m->supports = only != NULL || !window_has_supports(m->r);
	if (only == NULL)
		return;
	if (strcmp(only, "payment_supports") == 0)
		m->to = INSTANT_NONE;
	else if (strcmp(only, "transactions") == 0)
		m->supports = false;
	else
		die(EXIT_USAGE, "--only takes transactions or payment_supports");
}

/* A mistyped account would leave out everything. */
static void
check_account(struct run *r)
{
	if (r->count[COUNT_TRANSACTIONS_OF_OTHERS] > 0 && !window_has_transactions(r))
		warn(
		    "no transaction of account %s was ever imported, only others were seen: check account_id in [swan]",
		    config_text(r->config, SWAN_ACCOUNT_ID));
}

static void
import(struct run *r)
{
	const char *recorded = options_value(r, "fixtures");
	struct import m = {.r = r};
	struct window w;
	int windows;

	if (recorded != NULL && options_value(r, "record") != NULL)
		die(EXIT_USAGE,
		    "--record stores Swan's answers and --fixtures does not ask Swan: give one of them");
	set_bounds(&m);
	if (recorded == NULL && options_value(r, "only") == NULL)
		removal_run(r);
	if (!m.supports && !window_is_due(r, m.to))
		return;
	m.swan = client_open(r, recorded, options_value(r, "record"));
	m.staging = staging_open(r);
	for (windows = 0; window_ask(r, m.to, client_is_cut_by_day(m.swan), &w); windows++) {
		if (windows == 0)
			report_backlog(&m, &w);
		import_window(&m, &w);
	}
	if (m.supports) {
		w = window_none;
		import_window(&m, &w);
	}
	check_account(r);
	staging_close(m.staging);
	client_close(m.swan);
}

static const struct option_spec options[] = {
    {.name = "only", .arg = "transactions|payment_supports", .help = "import only these, up to a minute ago"},
    CLIENT_OPTIONS,
    {0},
};

const struct stage this_stage = {
    .name = "import",
    .purpose = "fetch Swan's transactions, cards and memberships as CSV",
    .options = options,
    .run = import,
};
