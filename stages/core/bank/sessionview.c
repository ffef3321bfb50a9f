/* sessionview: see sessionview.h. Writes stale_session and the views in out/sepa/<session>/. */
#include <string.h>
#include <unistd.h>

#include "formats/csv.h"
#include "formats/length.h"
#include "stages/core/bank/noticelist.h"
#include "stages/core/bank/returns.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/bank/statuspage.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

/* A page, or a list with its twin for a French spreadsheet, which are written in one pass. of_failures: not before a debit or refund
 * has failed. */
enum { PAGE, NOTICES, RETURNS, VIEWS };
#define TWINS 2

static const struct view {
	const char *names[TWINS];
	void (*list)(struct run *r, int64_t session, struct csv lists[static TWINS]); /* NULL: the page */
	bool of_failures;
} views[VIEWS] = {
    [PAGE] = {{"status.html"}, NULL, false},
    [NOTICES] = {{"notices.csv", "notices.excel-fr.csv"}, noticelist_write, false},
    [RETURNS] = {{"returns.csv", "returns.excel-fr.csv"}, returns_write, true},
};

struct rendered {
	struct run *run;
	int64_t session;
	const struct view *view;
};

static void
render_view(struct sink *const sinks[], void *ctx)
{
	const struct rendered *x = ctx;
	struct csv lists[TWINS];

	if (x->view->list == NULL) {
		statuspage_write(x->run, x->session, sinks[0]);
		return;
	}
	lists[0] = (struct csv){.sink = sinks[0], .separator = ',', .eol = "\n"};
	lists[1] = csv_for_excel(sinks[1]);
	x->view->list(x->run, x->session, lists);
}

/* Where the folders of the versions are. False: it has no bank file (any more). */
static bool
find_folder(struct run *r, int64_t session, char folder[static PATH_SIZE])
{
	struct stmt *q = sql(r->db,
	    "SELECT folder FROM bank_file WHERE session_number = $session"
	    " ORDER BY version DESC LIMIT 1");
	char version[PATH_SIZE];

	bind_int(q, "$session", session);
	if (!row(q))
		return false;
	col_copy(q, 0, version, sizeof(version));
	reset(q);
	if (strchr(version, '/') == NULL)
		die(EXIT_BUG, "%s is not a valid hand-off folder", version);
	durable_folder_of(version, folder);
	return true;
}

static bool
has_failures(struct run *r, int64_t session)
{
	struct stmt *q = sql(r->db, "SELECT EXISTS (SELECT 1 FROM collection"
	                            " WHERE session_number = $session AND failed_on IS NOT NULL)");

	bind_int(q, "$session", session);
	return value(q, 0) > 0;
}

/* The paths of a view in that folder; returns how many. */
static size_t
find_paths(const struct view *view, const char *folder, char paths[TWINS][PATH_SIZE])
{
	size_t n;

	for (n = 0; n < TWINS && view->names[n] != NULL; n++)
		durable_join(paths[n], folder, view->names[n]);
	return n;
}

static size_t
count_there(char paths[TWINS][PATH_SIZE], size_t n)
{
	size_t i, there = 0;

	for (i = 0; i < n; i++)
		there += access(paths[i], F_OK) == 0;
	return there;
}

/* A list of failures stays when the last of them was taken back: it is empty then. */
static void
refresh_view(struct run *r, int64_t session, const struct view *view, const char *folder, bool is_stale)
{
	char paths[TWINS][PATH_SIZE];
	const char *const names[TWINS] = {paths[0], paths[1]};
	size_t n = find_paths(view, folder, paths), there = count_there(paths, n);

	if (!is_stale && there == n)
		return;
	if (!view->of_failures || there > 0 || has_failures(r, session))
		publish_views(r, names, n, render_view, &(struct rendered){r, session, view});
}

/* False: nothing that they show has changed. */
static bool
load_stale(struct run *r, int64_t session, bool stale[static VIEWS])
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT notice_list, return_list FROM stale_session WHERE session_number = $session");

	memset(stale, 0, VIEWS * sizeof(stale[0]));
	bind_int(q, "$session", session);
	if (!row(q))
		return false;
	stale[PAGE] = true;
	stale[NOTICES] = col_int(q, 0) != 0;
	stale[RETURNS] = col_int(q, 1) != 0;
	reset(q);
	return true;
}

static void
forget(struct run *r, int64_t session)
{
	struct stmt *q = sql(r->db, "DELETE FROM stale_session WHERE session_number = $session");

	bind_int(q, "$session", session);
	tx_begin(r->db);
	exec(q);
	tx_commit(r->db);
}

void
sessionview_refresh(struct run *r)
{
	char folder[PATH_SIZE];
	bool stale[VIEWS];
	int64_t session;
	size_t i;

	for (;;) {
		session = value(sql(r->db, "SELECT min(session_number) FROM stale_session"), 0);
		if (session == 0)
			return;
		if (load_stale(r, session, stale) && find_folder(r, session, folder))
			for (i = 0; i < VIEWS; i++)
				if (stale[i])
					refresh_view(r, session, &views[i], folder, true);
		forget(r, session);
	}
}

static int64_t
next_session(struct run *r, int64_t after)
{
	struct stmt *q =
	    sql(r->db, "SELECT min(session_number) FROM bank_file WHERE session_number > $after");

	bind_int(q, "$after", after);
	return value(q, 0);
}

/* One of its files is not settled, cancelled or withdrawn: what is to be done depends on the day. */
static bool
awaits_day(struct run *r, int64_t session)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM bank_file"
	    " WHERE session_number = $session AND state NOT IN ('settled', 'cancelled', 'withdrawn')");

	bind_int(q, "$session", session);
	return value(q, 0) > 0;
}

void
sessionview_refresh_all(struct run *r)
{
	char folder[PATH_SIZE];
	bool stale[VIEWS], is_noted;
	int64_t session = 0;
	size_t i;

	while ((session = next_session(r, session)) != 0) {
		is_noted = load_stale(r, session, stale);
		stale[PAGE] = stale[PAGE] || awaits_day(r, session);
		if (find_folder(r, session, folder))
			for (i = 0; i < VIEWS; i++)
				refresh_view(r, session, &views[i], folder, stale[i]);
		if (is_noted)
			forget(r, session);
	}
	sessionview_refresh(r);
}
