/* import: Swan's transactions, cards and memberships -> transactions.csv and payment_supports.csv.
 *
 * reads    recorded GraphQL pages (--fixtures DIR: transactions-*.json, cards-*.json, memberships-*.json, in the order of
 *          their names)
 * writes   import_window, exception; out/<date>/transactions.csv, out/<date>/payment_supports.csv
 * rerun    a window that is there is not asked for again
 * holds    a node that cannot be a transaction (an amount that is not whole euro cents) is kept whole as an exception
 * source   Swan Live Partner schema of 2026-07-17: updatedAt moves on every change, cursors are opaque, so the window is
 *          de-duplicated by id (the later updatedAt wins) and its size held against totalCount
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/swan.h"
#include "stages/core/exception.h"
#include "stages/core/inbox.h"
#include "stages/core/window.h"
#include "stages/stage.h"

#define MOST_PAGE_BYTES (64L << 20)

struct import {
	struct run *r;
	struct window w;
	struct sink *line; /* the record at hand, as CSV */
	char *record;
	size_t used, size;
	int64_t nodes_held;
	const char *page; /* file of the page at hand */
};

static int
append(void *ctx, const void *bytes, size_t n)
{
	struct import *m = ctx;
	char *more;

	if (m->used + n + 1 > m->size) {
		more = realloc(m->record, (m->used + n + 1) * 2);
		if (more == NULL)
			die(EXIT_BUG, "out of memory");
		m->record = more;
		m->size = (m->used + n + 1) * 2;
	}
	memcpy(m->record + m->used, bytes, n);
	m->used += n;
	m->record[m->used] = '\0';
	return 0;
}

static struct csv
begin_record(struct import *m)
{
	m->used = 0;
	m->line = sink_new(append, m);
	return (struct csv){.sink = m->line, .separator = ',', .eol = "\n"};
}

/* A page may come twice and an item move between pages: the later updatedAt wins. */
static int
stage_transaction(void *ctx, const struct swan_transaction *t, struct err *e)
{
	struct import *m = ctx;
	struct csv c = begin_record(m);
	struct stmt *q =
	    sql(m->r->db,
	        "INSERT INTO staged_transaction (id, updated_at, record) VALUES ($id, $at, $record)"
	        " ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, record = excluded.record"
	        " WHERE excluded.updated_at >= staged_transaction.updated_at");

	transactions_csv_write(&c, t);
	if (sink_end(c.sink, NULL, NULL) < 0)
		return err_set(e, "malformed_page", "transaction %s cannot be written as CSV", t->id);
	bind_text(q, "$id", t->id);
	bind_instant(q, "$at", t->updated_at);
	bind_text(q, "$record", m->record);
	exec(q);
	if (t->updated_at > m->w.watermark)
		m->w.watermark = t->updated_at;
	return 0;
}

static int
stage_payment_support(void *ctx, const struct swan_payment_support *p, struct err *e)
{
	struct import *m = ctx;
	struct csv c = begin_record(m);
	struct stmt *q =
	    sql(m->r->db, "INSERT INTO staged_support (card_id, membership_id, updated_at, record)"
	                  " VALUES ($card, $membership, $at, $record)"
	                  " ON CONFLICT (card_id, membership_id) DO UPDATE"
	                  "  SET updated_at = excluded.updated_at, record = excluded.record"
	                  " WHERE excluded.updated_at >= staged_support.updated_at");

	payment_supports_csv_write(&c, p);
	if (sink_end(c.sink, NULL, NULL) < 0)
		return err_set(e, "malformed_page", "card %s cannot be written as CSV", p->card_id);
	bind_text(q, "$card", p->card_id == NULL ? "" : p->card_id);
	bind_text(q, "$membership", p->account_membership_id);
	bind_instant(q, "$at", p->updated_at);
	bind_text(q, "$record", m->record);
	exec(q);
	return 0;
}

static int
hold_node(void *ctx, const char *id, const char *json, const struct err *why)
{
	struct import *m = ctx;
	struct exception x = {
	    .kind = "swan_node", .key = id, .code = why->code, .message = why->message, .record = json};
	struct stmt *q;

	if (id == NULL)
		die(EXIT_REFUSED,
		    "%s: a node without an id cannot be held (%s); nothing of this window is kept", m->page,
		    why->message);
	exception_open(m->r, &x);
	q = sql(
	    m->r->db,
	    "INSERT INTO staged_held (id) VALUES ($id) ON CONFLICT (id) DO NOTHING"); /* pages may overlap */
	bind_text(q, "$id", id);
	m->nodes_held += exec(q);
	return 0;
}

static char *
load_page(const char *path, size_t *length)
{
	FILE *in = fopen(path, "r");
	struct stat st;
	char *text;

	if (in == NULL || fstat(fileno(in), &st) < 0)
		die_errno(EXIT_IO, "%s", path);
	if (st.st_size > MOST_PAGE_BYTES)
		die(EXIT_REFUSED, "%s: a page of %lld bytes", path, (long long)st.st_size);
	text = malloc((size_t)st.st_size + 1);
	if (text == NULL)
		die(EXIT_BUG, "out of memory");
	*length = fread(text, 1, (size_t)st.st_size, in);
	if (ferror(in))
		die_errno(EXIT_IO, "%s", path);
	fclose(in);
	text[*length] = '\0';
	return text;
}

static _Noreturn void
refuse(const char *path, const struct err *e)
{
	char line[24] = "";

	if (e->line > 0)
		snprintf(line, sizeof(line), ":%ld", e->line);
	die(EXIT_REFUSED, "%s%s: %s (%s); nothing of this window is kept", path, line, e->message, e->code);
}

typedef int read_page_fn(struct import *m, const char *text, size_t length, struct swan_page *page,
                         struct err *e);

static int
read_transactions(struct import *m, const char *text, size_t length, struct swan_page *page, struct err *e)
{
	return swan_read_transactions(text, length, stage_transaction, hold_node, m, page, e);
}

static int
read_cards(struct import *m, const char *text, size_t length, struct swan_page *page, struct err *e)
{
	return swan_read_cards(text, length, stage_payment_support, hold_node, m, page, e);
}

static int
read_memberships(struct import *m, const char *text, size_t length, struct swan_page *page, struct err *e)
{
	return swan_read_memberships(text, length, stage_payment_support, hold_node, m, page, e);
}

/* All pages of one connection; the recording must be whole: the last page says so, and no other. */
static int64_t
read_pages(struct import *m, const char *folder, const struct inbox_list *files, const char *kind,
           read_page_fn *read)
{
	struct swan_page page = {.has_next_page = true};
	char path[PATH_SIZE];
	size_t i, length, n = strlen(kind);
	int pages = 0;

	for (i = 0; i < files->n; i++) {
		struct err e = {0};
		char *text;

		if (strncmp(files->name[i], kind, n) != 0 || files->name[i][n] != '-')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, files->name[i]);
		if (pages > 0 && !page.has_next_page)
			die(EXIT_REFUSED,
			    "%s: the page before it was the last: the recording is mixed up; nothing of this window is kept",
			    path);
		text = load_page(path, &length);
		m->page = path;
		if (read(m, text, length, &page, &e) < 0)
			refuse(path, &e);
		free(text);
		pages++;
	}
	if (page.has_next_page)
		die(EXIT_REFUSED, "%s: the last page of %s is missing; nothing of this window is kept",
		    folder, kind);
	return page.total_count;
}

static void
make_staging(struct run *r)
{
	store_spill(r->db);
	exec(sql(
	    r->db,
	    "CREATE TEMPORARY TABLE staged_transaction (id TEXT NOT NULL PRIMARY KEY, updated_at INTEGER NOT NULL,"
	    " record TEXT NOT NULL)"));
	exec(sql(r->db, "CREATE TEMPORARY TABLE staged_held (id TEXT NOT NULL PRIMARY KEY)"));
	exec(
	    sql(r->db,
	        "CREATE TEMPORARY TABLE staged_support (card_id TEXT NOT NULL, membership_id TEXT NOT NULL,"
	        " updated_at INTEGER NOT NULL, record TEXT NOT NULL, PRIMARY KEY (card_id, membership_id))"));
}

static void
read_recording(struct import *m, const char *folder)
{
	struct inbox_list files;
	int64_t total, seen;

	if (access(folder, R_OK) < 0)
		die(EXIT_ABSENT, "%s: %s", folder, strerror(errno));
	inbox_list(m->r, folder, &files);
	total = read_pages(m, folder, &files, "transactions", read_transactions);
	seen = value(sql(m->r->db, "SELECT count(*) FROM staged_transaction"), 0) + m->nodes_held;
	if (seen != total)
		die(EXIT_REFUSED,
		    "%s: Swan counts %lld transactions, the pages hold %lld: nothing of this window is kept",
		    folder, (long long)total, (long long)seen);
	read_pages(m, folder, &files, "cards", read_cards);
	read_pages(m, folder, &files, "memberships", read_memberships);
	inbox_free(&files);
}

/* A node that was held and now came as it should. */
static void
close_mended(struct run *r)
{
	struct stmt *q =
	    sql(r->db, "SELECT id FROM staged_transaction"
	               " WHERE id IN (SELECT key FROM exception WHERE kind = 'swan_node' AND state = 'open')"
	               " ORDER BY id");

	while (row(q))
		exception_close(r, "swan_node", col_text(q, 0));
}

static int64_t
publish_csv(struct import *m, const char *name, void (*header)(struct csv *c), struct stmt *records,
            char path[PATH_SIZE])
{
	char wanted[PATH_SIZE], day[DATE_TEXT];
	struct publication p;
	int64_t rows = 0;

	snprintf(wanted, sizeof(wanted), "out/%s/%s", date_print(day, m->r->on), name);
	publish_free_path(m->r, wanted, path);
	publish_begin(&p, m->r, name, m->w.number, path);
	header(&(struct csv){.sink = p.sink, .separator = ',', .eol = "\n"});
	for (; row(records); rows++)
		sink_text(p.sink, col_text(records, 0));
	publish_end(&p);
	return rows;
}

static void
import(struct run *r)
{
	struct import m = {.r = r};
	const char *folder = run_option(r, "fixtures");

	if (!window_next(r, date_paris_midnight(r->on), &m.w))
		return;
	if (folder == NULL)
		die(EXIT_USAGE, "where from? --fixtures DIR reads recorded Swan pages");
	make_staging(r);
	tx_begin(r->db);
	m.w.number = store_number(r->db, "import_window");
	read_recording(&m, folder);
	close_mended(r);
	m.w.transactions =
	    publish_csv(&m, "transactions.csv", transactions_csv_header,
	                sql(r->db, "SELECT record FROM staged_transaction ORDER BY updated_at, id"),
	                m.w.transactions_path);
	m.w.payment_supports = publish_csv(
	    &m, "payment_supports.csv", payment_supports_csv_header,
	    sql(r->db,
	        "SELECT record FROM staged_support s WHERE card_id <> ''"
	        "  OR NOT EXISTS (SELECT 1 FROM staged_support c WHERE c.membership_id = s.membership_id AND c.card_id <> '')"
	        " ORDER BY card_id, membership_id"),
	    m.w.payment_supports_path);
	window_save(r, &m.w);
	tx_commit(r->db);
	free(m.record);
	run_count(r, "transactions", m.w.transactions);
	run_count(r, "payment supports", m.w.payment_supports);
}

static const struct option_spec options[] = {
    {.name = "fixtures",
     .arg = "DIR",
     .help = "recorded pages: transactions-*.json, cards-*.json, memberships-*.json",
     .is_path = true},
    {0},
};

const struct stage this_stage = {
    .name = "import",
    .purpose = "fetch Swan's transactions, cards and memberships as CSV",
    .options = options,
    .run = import,
};
