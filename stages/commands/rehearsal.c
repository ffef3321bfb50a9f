/* rehearsal: see rehearsal.h. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/commands/rehearsal.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankmessage.h"
#include "stages/core/home/home.h"
#include "stages/core/home/inbox.h"
#include "stages/core/engine/log.h"
#include "stages/core/lists/listing.h"

#define SHOWN 12 /* entries of a file, for people */
#define ALL   INT32_MAX

static void
go_outside(const struct rehearsal *h)
{
	if (fchdir(h->outside) < 0)
		die_errno(EXIT_IO, "the working directory");
}

static void
go_inside(const struct rehearsal *h)
{
	if (chdir(h->run->home) < 0)
		die_errno(EXIT_IO, "%s", h->run->home);
}

void
rehearsal_begin(struct rehearsal *h, struct run *r)
{
	char database[PATH_MAX];
	const char *home = r->home == NULL ? run_default_home() : r->home;
	struct stat st;

	h->run = r;
	h->outside = -1;
	snprintf(database, sizeof(database), "%s/state/alanpay.db", home);
	if (access(database, R_OK | W_OK) < 0 || stat(home, &st) < 0 || st.st_uid != geteuid()) {
		snprintf(h->why_not, sizeof(h->why_not),
		         "what reconcile would do is not known: %s is not a data home that you may use",
		         home);
		return;
	}
	h->outside = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (h->outside < 0)
		die_errno(EXIT_IO, "the working directory");
	r->access = ACCESS_CHANGES;
	r->dry_run = true;
	home_open(r);
	go_outside(h);
}

void
rehearsal_end(struct rehearsal *h)
{
	if (h->outside < 0)
		return;
	go_inside(h);
	close(h->outside);
	h->run->held = false; /* this command opened no exception */
}

static int64_t
newest_input(struct run *r)
{
	return value(sql(r->db, "SELECT coalesce(max(number), 0) FROM input"), 0);
}

static const struct column columns[] = {
    {.name = "line", .type = COLUMN_COUNT},
    {.name = "kind"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {.name = "end_to_end_id"},
    {.name = "applies_to"},
    {.name = "state", .head = "would be"},
    {.name = "code"},
    {.name = "message"},
    {0},
};

static const struct listing entries = {
    .name = "what reconcile would do",
    .columns = columns,
    .text = SQL(
	"SELECT e.line, e.kind, e.amount_in_cents, e.end_to_end_id,"
	"  coalesce(e.collection, f.msg_id) AS applies_to, e.state, x.code, x.message"
	" FROM bank_message m"
	" JOIN bank_entry e ON e.message_number = m.number"
	" LEFT JOIN bank_file f ON f.number = e.file_number"
	" LEFT JOIN exception x ON x.kind = 'bank_entry' AND x.state = 'open'"
	"  AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"
	" WHERE m.input_number = $input"
	" ORDER BY CASE WHEN $held_first = 1 AND x.code IS NULL THEN 1 ELSE 0 END, e.number LIMIT $most"),
};

static struct stmt *
query_entries(struct run *r, int64_t input, int64_t most)
{
	struct stmt *q = listing_query(r, &entries);

	bind_int(q, "$input", input);
	bind_int(q, "$most", most);
	bind_int(q, "$held_first", most != ALL);
	return q;
}

static const struct column other_columns[] = {
    {.name = "source"},
    {.name = "kind"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {.name = "end_to_end_id"},
    {.name = "code"},
    {.name = "message"},
    {0},
};

/* Exceptions that the file opens about what was reported before: a credit that was booked, and is rejected now. */
static const struct listing others = {
    .name = "what is reported otherwise now",
    .columns = other_columns,
    .text = SQL(
	"SELECT i.name || coalesce(':' || e.line, '') AS source, e.kind, e.amount_in_cents, e.end_to_end_id, x.code,"
	"  x.message"
	" FROM exception x"
	" JOIN bank_entry e ON x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"
	" JOIN bank_message m ON m.number = e.message_number"
	" JOIN input i ON i.number = m.input_number"
	" WHERE x.kind = 'bank_entry' AND x.state = 'open' AND x.number > $before AND m.input_number <> $input"
	" ORDER BY e.number LIMIT $most"),
};

static struct stmt *
query_others(struct run *r, int64_t before, int64_t input, int64_t most)
{
	struct stmt *q = listing_query(r, &others);

	bind_int(q, "$before", before);
	bind_int(q, "$input", input);
	bind_int(q, "$most", most);
	return q;
}

static void
write_rest(int64_t all, struct sink *s)
{
	if (all > SHOWN)
		sink_print(s, "%lld more: --format json has all\n", (long long)(all - SHOWN));
}

static void
write_first_others(struct run *r, int64_t before, int64_t input, struct sink *s)
{
	struct stmt *q = query_others(r, before, input, ALL);
	int64_t all;

	for (all = 0; row(q); all++)
		;
	if (all == 0)
		return;
	sink_text(s, "exceptions about entries that were reported before:\n");
	listing_write(r, &others, query_others(r, before, input, SHOWN), FORMAT_TABLE, s);
	write_rest(all, s);
}

static int64_t
newest_exception(struct run *r)
{
	return value(sql(r->db, "SELECT coalesce(max(number), 0) FROM exception"), 0);
}

/* For people: those with an exception first, and how many are not printed. */
static void
write_first_entries(struct run *r, int64_t input, struct sink *s)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*)"
	    " FROM bank_message m"
	    " JOIN bank_entry e ON e.message_number = m.number"
	    " WHERE m.input_number = $input");
	int64_t all;

	bind_int(q, "$input", input);
	all = value(q, 0);
	if (all == 0)
		return;
	listing_write(r, &entries, query_entries(r, input, SHOWN), FORMAT_TABLE, s);
	write_rest(all, s);
}

/* An input with the same bytes, read before this command; 0: none. */
static int64_t
find_known(struct run *r, const char *path, char said[static 400])
{
	struct stmt *q = sql(r->db,
	    "SELECT number, name, received_on, state FROM input"
	    " WHERE kind = 'bank' AND sha256 = $sha256"
	    " ORDER BY number LIMIT 1");
	unsigned char sha256[SHA256_SIZE];
	int64_t number;

	if (!durable_digest(path, sha256, NULL))
		return 0;
	bind_blob(q, "$sha256", sha256, sizeof(sha256));
	if (!row(q))
		return 0;
	number = col_int(q, 0);
	snprintf(said, 400, "the same bytes were read as %s on %s and are %s: nothing would change",
	         col_text(q, 1), col_text(q, 2), col_text(q, 3));
	reset(q);
	return number;
}

/* Of an input that would be quarantined. */
static bool
find_refusal(struct run *r, int64_t input, char said[static 400])
{
	struct stmt *q = sql(r->db,
	    "SELECT code, message FROM input"
	    " WHERE number = $input AND state = 'refused'");

	bind_int(q, "$input", input);
	if (!row(q))
		return false;
	snprintf(said, 400, "the file would be quarantined: %s: %s", col_text(q, 0), col_text(q, 1));
	reset(q);
	return true;
}

static void
write_said(const char *said, struct sink *s, struct json *json)
{
	if (json != NULL) {
		json_put_text(json, "message", said);
		return;
	}
	sink_text(s, "reconcile: ");
	sink_clean(s, said);
	sink_text(s, "\n");
}

/* Applies the file, and all open entries with it. */
static int64_t
rehearse(struct run *r, const char *path, char said[static 400])
{
	int64_t newest = newest_input(r), known = find_known(r, path, said);

	if (known != 0)
		return known;
	memset(r->count, 0, sizeof(r->count));
	inbox_receive_given(r, "bank", path, bankmessage_take, NULL);
	bankentry_apply(r);
	if (newest_input(r) == newest) {
		snprintf(said, 400, "the file would not be read");
		return 0;
	}
	if (!find_refusal(r, newest_input(r), said))
		counter_print_summary(r->count, said, 400);
	return newest_input(r);
}

static void
write_rehearsed(struct run *r, int64_t before, int64_t input, struct sink *s, struct json *json)
{
	if (json == NULL) {
		write_first_entries(r, input, s);
		write_first_others(r, before, input, s);
		return;
	}
	listing_put_array(json, "entries", r, &entries, query_entries(r, input, ALL));
	listing_put_array(json, "other_exceptions", r, &others, query_others(r, before, input, ALL));
}

void
rehearsal_write(struct rehearsal *h, const char *path, struct sink *s, struct json *json)
{
	char whole[PATH_MAX], said[400] = "";
	struct run *r = h->run;
	int64_t input = 0, before;

	if (json != NULL)
		json_open(json, "reconcile", '{');
	if (h->outside < 0) {
		write_said(h->why_not, s, json);
	} else {
		path = run_absolute(path, whole);
		go_inside(h);
		before = newest_exception(r);
		input = rehearse(r, path, said);
		write_said(said, s, json);
		write_rehearsed(r, before, input, s, json);
		go_outside(h);
	}
	if (json != NULL)
		json_close(json, '}');
}
