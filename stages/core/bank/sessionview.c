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

typedef void list_write_fn(struct run *r, int64_t session, struct csv *c);

/* A page, or a list for programs or for a French spreadsheet. of_failures: not before a debit or refund has failed. */
static const struct view {
	const char *name;
	list_write_fn *list; /* NULL: the page */
	bool is_for_excel, of_failures;
} views[] = {
    {"status.html", NULL, false, false},
    {"notices.csv", noticelist_write, false, false},
    {"notices.excel-fr.csv", noticelist_write, true, false},
    {"returns.csv", returns_write, false, true},
    {"returns.excel-fr.csv", returns_write, true, true},
};

struct rendered {
	struct run *run;
	int64_t session;
	const struct view *view;
};

static void
render_view(struct sink *s, void *ctx)
{
	const struct rendered *x = ctx;
	struct csv c = {.sink = s, .separator = ',', .eol = "\n"};

	if (x->view->list == NULL) {
		statuspage_write(x->run, x->session, s);
		return;
	}
	if (x->view->is_for_excel)
		c = csv_for_excel(s);
	x->view->list(x->run, x->session, &c);
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

/* A list of failures stays when the last of them was taken back: it is empty then. */
static bool
is_wanted(struct run *r, int64_t session, const struct view *view, const char *path)
{
	return !view->of_failures || has_failures(r, session) || access(path, F_OK) == 0;
}

static void
write_views(struct run *r, int64_t session)
{
	char folder[PATH_SIZE], path[PATH_SIZE];
	size_t i;

	if (!find_folder(r, session, folder))
		return;
	for (i = 0; i < LENGTH(views); i++) {
		durable_join(path, folder, views[i].name);
		if (is_wanted(r, session, &views[i], path))
			publish_view(r, path, render_view, &(struct rendered){r, session, &views[i]});
	}
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
	int64_t session;

	for (;;) {
		session = value(sql(r->db, "SELECT min(session_number) FROM stale_session"), 0);
		if (session == 0)
			return;
		write_views(r, session);
		forget(r, session);
	}
}

static bool
lacks_view(struct run *r, int64_t session)
{
	char folder[PATH_SIZE], path[PATH_SIZE];
	size_t i;

	if (!find_folder(r, session, folder))
		return false;
	for (i = 0; i < LENGTH(views); i++) {
		durable_join(path, folder, views[i].name);
		if (access(path, F_OK) < 0 && is_wanted(r, session, &views[i], path))
			return true;
	}
	return false;
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
	int64_t session = 0;

	sessionview_refresh(r);
	while ((session = next_session(r, session)) != 0)
		if (awaits_day(r, session) || lacks_view(r, session))
			write_views(r, session);
}
