/* timeline: see timeline.h. Only reads the books.
 *
 * Events are ordered by day; those of one day by their instant, and after them what has only a day: a booking, a status of the
 * bank. An exception was opened by the night of its day, before anybody decided about it. What has the same instant keeps the
 * order of the statements and of their rows: a debt is posted, frozen, presented.
 */
#include <stdio.h>

#include "stages/commands/timeline.h"
#include "stages/commands/timeline_event.h"

void
timeline_begin(struct run *r)
{
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS timeline_event ("
	    "  number INTEGER PRIMARY KEY, at INTEGER, day TEXT, event TEXT NOT NULL, amount_in_cents INTEGER,"
	    "  person TEXT, identity TEXT, detail TEXT, input_number INTEGER, line INTEGER)"));
	exec(sql(r->db, "DELETE FROM timeline_event WHERE 1 = 1"));
}

void
timeline_add(struct stmt *q, int64_t profile, int64_t number)
{
	if (profile != 0)
		bind_int(q, "$profile", profile);
	if (number != 0)
		bind_int(q, "$number", number);
	exec(q);
}

/* The day in Paris of each instant: SQL has no calendar. */
void
timeline_end(struct run *r)
{
	int64_t number = 0;
	struct stmt *q;
	date on;

	for (;;) {
		q = sql(r->db,
		    "SELECT number, at FROM timeline_event"
		    " WHERE day IS NULL AND number > $after"
		    " ORDER BY number LIMIT 1");
		bind_int(q, "$after", number);
		if (!row(q))
			return;
		number = col_int(q, 0);
		on = date_in_paris(col_instant(q, 1));
		reset(q);
		q = sql(r->db, "UPDATE timeline_event SET day = $day WHERE number = $number");
		bind_date(q, "$day", on);
		bind_int(q, "$number", number);
		exec(q);
	}
}

/* "2026-03-05 09:00" in Paris, or the day alone. */
static void
print_when(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	struct stmt *q = sql(r->db, "SELECT day, at FROM timeline_event WHERE number = $number");
	unsigned minutes;

	bind_int(q, "$number", number);
	if (!row(q))
		return;
	snprintf(text, COLUMN_TEXT_SIZE, "%s", col_text(q, 0));
	if (!col_null(q, 1)) {
		minutes =
		    (unsigned)((col_instant(q, 1) - date_paris_midnight(date_in_paris(col_instant(q, 1)))) /
		               60000);
		snprintf(text, COLUMN_TEXT_SIZE, "%s %02u:%02u", col_text(q, 0), minutes / 60 % 24,
		         minutes % 60);
	}
	reset(q);
}

#define IN_ORDER \
	SQL_PART(" FROM timeline_event v"                                                        \
	         " LEFT JOIN input i ON i.number = v.input_number"                               \
	         " ORDER BY v.day, CASE WHEN v.event = 'exception_opened' THEN 0"   \
	         "  WHEN v.at IS NULL THEN 2 ELSE 1 END, v.at, v.number")

static const struct column columns[] = {
    {.name = "happened", .type = COLUMN_PRINTED, .head = "when (Paris)", .print = print_when},
    {.name = "event"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {.name = "person", .head = "by"},
    {.name = "identity", .head = "known by"},
    {.name = "source"},
    {.name = "detail"},
    {0},
};

const struct listing timeline = {
    .name = "explain",
    .columns = columns,
    .text = SQL(
	"SELECT v.number AS happened, v.event, v.amount_in_cents, v.person, v.identity,"
	"  i.name || coalesce(':' || v.line, '') AS source, v.detail"
	IN_ORDER),
};

static const struct column whole_columns[] = {
    {.name = "date", .type = COLUMN_DAY},
    {.name = "at", .type = COLUMN_INSTANT},
    {.name = "event"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {.name = "person"},
    {.name = "identity"},
    {.name = "detail"},
    {.name = "source_file"},
    {.name = "source_line", .type = COLUMN_COUNT},
    {.name = "kept_at"},
    {0},
};

const struct listing timeline_whole = {
    .name = "explain",
    .columns = whole_columns,
    .text = SQL(
	"SELECT v.day AS date, v.at, v.event, v.amount_in_cents, v.person, v.identity, v.detail, i.name AS source_file,"
	"  v.line AS source_line, i.kept_at"
	IN_ORDER),
};
