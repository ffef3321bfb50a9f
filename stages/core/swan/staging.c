/* staging: see staging.h. Writes exceptions of the kind swan_node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/exception.h"
#include "stages/core/home/spool.h"
#include "stages/core/swan/paging.h"
#include "stages/core/swan/staging.h"

#define MOST_RECORD 65536 /* the most that csv_read accepts */

struct staging {
	struct run *run;
	struct client *swan; /* while a list is read */
	const char *account; /* whose transactions are imported; "": all of them */
	struct spool *spool;
	enum client_list list; /* the list at hand, and the number of its reading */
	int64_t reading;
	instant reached, watermark;
	bool disordered;
};

struct staging *
staging_open(struct run *r)
{
	struct staging *s = memory_new(1, sizeof(*s));

	s->run = r;
	s->account = config_text(r->config, SWAN_ACCOUNT_ID);
	store_spill(r->db);
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE staged ("
	    " list INTEGER NOT NULL,"
	    " id BLOB NOT NULL,"
	    " membership_id BLOB,"
	    " updated_at INTEGER NOT NULL,"
	    " reading INTEGER NOT NULL,"
	    " what INTEGER NOT NULL,"
	    " place INTEGER NOT NULL,"
	    " size INTEGER NOT NULL,"
	    " PRIMARY KEY (list, id)) WITHOUT ROWID"));
	staging_clear(s);
	return s;
}

void
staging_clear(struct staging *s)
{
	spool_close(s->spool);
	s->spool = spool_open();
	s->watermark = INSTANT_NONE;
	exec(sql(s->run->db, "DELETE FROM staged"));
}

void
staging_close(struct staging *s)
{
	if (s == NULL)
		return;
	spool_close(s->spool);
	free(s);
}

instant
staging_watermark(const struct staging *s)
{
	return s->watermark;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

static struct csv
csv_into(struct sink *sink)
{
	return (struct csv){.sink = sink, .separator = ',', .eol = "\n"};
}

static void
staging_bind_key(struct stmt *q, const char *name, const char *id)
{
	unsigned char key[STORE_KEY];

	if (id == NULL)
		bind_text(q, name, NULL);
	else
		bind_blob(q, name, key, store_key(id, key));
}

/* The value of the later of two versions of one id; of two with the same updatedAt, of the one that came last. */
#define LATER(column) \
	SQL("CASE WHEN excluded.updated_at >= staged.updated_at THEN excluded." column \
	    " ELSE staged." column " END")

/* Stages the record that was just written to the spool, from `place` on; nothing of a transaction that is not kept. */
static int
stage_record(struct staging *s, enum staged what, const char *id, const char *membership_id,
             instant updated_at, int64_t place, struct err *e)
{
	int64_t size = spool_place(s->spool) - place;
	struct stmt *q = sql(s->run->db,
	    "INSERT INTO staged (list, id, membership_id, updated_at, reading, what, place, size)"
	    " VALUES ($list, $id, $membership, $at, $reading, $what, $place, $size)"
	    " ON CONFLICT (list, id) DO UPDATE SET"
	    "  reading = excluded.reading,"
	    "  what = excluded.what,"
	    "  membership_id = " LATER("membership_id") ","
	    "  place = " LATER("place") ","
	    "  size = " LATER("size") ","
	    "  updated_at = " LATER("updated_at"));

	if (size > MOST_RECORD) {
		err_set(e, ERR_TOO_LARGE, "it has more than %d bytes of text", MOST_RECORD);
		return SWAN_HOLD;
	}
	bind_int(q, "$list", s->list);
	staging_bind_key(q, "$id", id);
	staging_bind_key(q, "$membership", membership_id);
	bind_instant(q, "$at", updated_at);
	bind_int(q, "$reading", s->reading);
	bind_int(q, "$what", what);
	bind_int(q, "$place", place);
	bind_int(q, "$size", size);
	exec(q);
	return 0;
}

static bool
is_of_others(const struct staging *s, const char *account_id)
{
	return s->account[0] != '\0' && account_id != NULL && strcmp(account_id, s->account) != 0;
}

static int
stage_transaction(void *ctx, const struct swan_transaction *t, struct err *e)
{
	struct staging *s = ctx;
	struct csv c = csv_into(spool_sink(s->spool));
	int64_t place = spool_place(s->spool);

	s->disordered = s->disordered || (s->reached != INSTANT_NONE && t->updated_at < s->reached);
	if (t->updated_at > s->reached)
		s->reached = t->updated_at;
	if (is_of_others(s, t->account_id))
		return stage_record(s, STAGED_OF_OTHERS, t->id, NULL, t->updated_at, place, e);
	if (t->updated_at > s->watermark)
		s->watermark = t->updated_at;
	transactions_csv_write(&c, t);
	return stage_record(s, STAGED, t->id, NULL, t->updated_at, place, e);
}

static int
stage_support(void *ctx, const struct swan_payment_support *p, struct err *e)
{
	struct staging *s = ctx;
	struct csv c = csv_into(spool_sink(s->spool));
	int64_t place = spool_place(s->spool);

	payment_supports_csv_write(&c, p);
	return stage_record(s, STAGED, p->card_id != NULL ? p->card_id : p->account_membership_id,
	                    p->account_membership_id, p->updated_at, place, e);
}

/* How many nodes with this key the reading at hand has shown before; a held row has no record, so `place` counts them. */
static int64_t
count_equal(struct staging *s, const char *key)
{
	struct stmt *q =
	    sql(s->run->db,
	    "UPDATE staged SET place = CASE WHEN reading = $reading THEN place + 1 ELSE 0 END"
	    " WHERE list = $list AND id = $id"
	    " RETURNING place");
	int64_t n = 0;

	bind_int(q, "$list", s->list);
	staging_bind_key(q, "$id", key);
	bind_int(q, "$reading", s->reading);
	if (row(q))
		n = col_int(q, 0);
	reset(q);
	return n;
}

#define NAMELESS 64

/* A key for a node without an id, from its content: another night it is the same. Equal ones are numbered, because Swan counts
 * each. */
static const char *
name_nameless(struct staging *s, const char *json, char key[static NAMELESS])
{
	unsigned char digest[SHA256_SIZE];
	char text[SHA256_TEXT];
	int64_t before;

	sha256(json, strlen(json), digest);
	snprintf(key, NAMELESS, "without-id-%.16s", sha256_print(text, digest));
	before = count_equal(s, key);
	if (before > 0)
		snprintf(key, NAMELESS, "without-id-%.16s-%lld", text, (long long)before + 1);
	return key;
}

/* The member who may owe more or less than the books say, so that nobody releases a file with that member in it; 0: the books know
 * none. */
static int64_t
find_member(struct staging *s, const struct swan_bad *bad)
{
	struct stmt *q = sql(s->run->db,
	    "SELECT coalesce("
	    "  (SELECT profile_number"
	    "   FROM account_membership"
	    "   WHERE id = $membership),"
	    "  (SELECT m.profile_number"
	    "   FROM card c"
	    "   JOIN account_membership m ON m.id = c.account_membership_id"
	    "   WHERE c.id = $card), 0)");

	bind_text(q, "$card", bad->card_id);
	bind_text(q, "$membership", bad->account_membership_id);
	return value(q, 0);
}

/* An unreadable node counts as shown. Its last version counts, whatever came before. */
static int
staging_hold_node(void *ctx, const struct swan_bad *bad)
{
	struct staging *s = ctx;
	char nameless[NAMELESS];
	const char *key = bad->id != NULL ? bad->id : name_nameless(s, bad->json, nameless);
	char message[sizeof(bad->why.message) + SWAN_ID + 4];
	struct exception x = {.kind = "swan_node",
	                      .key = key,
	                      .code = bad->why.code,
	                      .message = message,
	                      .record = bad->json,
	                      .profile = find_member(s, bad),
	                      .amount = bad->amount};
	bool others = is_of_others(s, bad->account_id);
	struct stmt *q =
	    sql(s->run->db,
	    "INSERT INTO staged (list, id, updated_at, reading, what, place, size)"
	    " VALUES ($list, $id, $never, $reading, $what, 0, 0)"
	    " ON CONFLICT (list, id) DO UPDATE SET"
	    "  reading = excluded.reading,"
	    "  what = excluded.what");

	snprintf(message, sizeof(message), "%s: %s", key, bad->why.message);
	if (!others)
		exception_open(s->run, &x);
	bind_int(q, "$never", INSTANT_NONE); /* earlier than any version that can be read */
	bind_int(q, "$list", s->list);
	staging_bind_key(q, "$id", key);
	bind_int(q, "$reading", s->reading);
	bind_int(q, "$what", others ? STAGED_OF_OTHERS : STAGED_AS_HELD);
	exec(q);
	return 0;
}

static void
staging_begin_reading(struct staging *s, int64_t reading)
{
	if (s->reading == reading)
		return;
	s->reading = reading;
	s->reached = INSTANT_NONE;
	s->disordered = false;
}

static int
staging_read_page(void *ctx, int64_t reading, const char *json, size_t length, struct swan_page *page,
                  struct err *e)
{
	struct staging *s = ctx;

	if (!client_is_last_try(s->swan) && !text_is_utf8(json, length))
		return err_set(e, ERR_NOT_UTF8, "the answer is not valid UTF-8"); /* sent again, it may be */
	staging_begin_reading(s, reading);
	switch (s->list) {
	case CLIENT_CARDS:
		return swan_read_cards(json, length, stage_support, staging_hold_node, s, page, e);
	case CLIENT_MEMBERSHIPS:
		return swan_read_memberships(json, length, stage_support, staging_hold_node, s, page, e);
	case CLIENT_TRANSACTIONS:
		break;
	}
	return swan_read_transactions(json, length, stage_transaction, staging_hold_node, s, page, e);
}

static int64_t
staging_count_shown(void *ctx, int64_t reading)
{
	const struct staging *s = ctx;
	struct stmt *q = sql(s->run->db,
	    "SELECT count(*) FROM staged"
	    " WHERE list = $list AND reading = $reading");

	bind_int(q, "$list", s->list);
	bind_int(q, "$reading", reading);
	return value(q, 0);
}

static instant
staging_reached(void *ctx)
{
	const struct staging *s = ctx;

	return s->disordered ? INSTANT_NONE : s->reached;
}

/* Read whole, or no concern of ours. */
static bool
was_read_whole(struct staging *s, const char *id)
{
	struct stmt *q = sql(s->run->db,
	    "SELECT count(*) FROM staged"
	    " WHERE list = $list AND id = $id AND what <> $held");

	bind_int(q, "$held", STAGED_AS_HELD);
	bind_int(q, "$list", s->list);
	staging_bind_key(q, "$id", id);
	return value(q, 0) > 0;
}

/* Closes the exception of each node that can be read now. */
static void
close_fixed_nodes(struct staging *s)
{
	struct stmt *q = sql(s->run->db,
	    "SELECT key FROM exception"
	    " WHERE kind = 'swan_node' AND state = 'open'"
	    " ORDER BY number");

	while (row(q))
		if (was_read_whole(s, col_text(q, 0)))
			exception_close(s->run, "swan_node", col_text(q, 0));
}

static void
staging_read_list(struct staging *s, struct client *swan, enum client_list list, instant from, instant to)
{
	struct paging p = {.run = s->run,
	                   .list = list,
	                   .from = from,
	                   .to = to,
	                   .read = staging_read_page,
	                   .shown = staging_count_shown,
	                   .reached = staging_reached,
	                   .ctx = s};

	s->swan = swan;
	s->list = list;
	s->reading = 0;
	paging_read(swan, &p);
	close_fixed_nodes(s);
}

void
staging_read_transactions(struct staging *s, struct client *swan, instant from, instant to)
{
	staging_read_list(s, swan, CLIENT_TRANSACTIONS, from, to);
}

void
staging_read_supports(struct staging *s, struct client *swan)
{
	staging_read_list(s, swan, CLIENT_CARDS, INSTANT_NONE, INSTANT_NONE);
	staging_read_list(s, swan, CLIENT_MEMBERSHIPS, INSTANT_NONE, INSTANT_NONE);
}

int64_t
staging_count(struct staging *s, enum staged which, instant after)
{
	struct stmt *q =
	    sql(s->run->db,
	    "SELECT count(*) FROM staged"
	    " WHERE list = $list AND what = $what AND (updated_at > $after OR updated_at = $never)");

	bind_int(q, "$list", CLIENT_TRANSACTIONS);
	bind_int(q, "$what", which);
	bind_int(q, "$after", after);
	bind_int(q, "$never", INSTANT_NONE); /* of one that could not be read */
	return value(q, 0);
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

static int64_t
copy_records(struct staging *s, struct stmt *q, struct sink *to)
{
	int64_t records = 0;

	for (; row(q); records++)
		spool_copy(s->spool, col_int(q, 0), col_int(q, 1), to);
	return records;
}

int64_t
staging_write_transactions(struct staging *s, struct sink *to)
{
	struct csv c = csv_into(to);
	struct stmt *q = sql(s->run->db,
	    "SELECT place, size FROM staged"
	    " WHERE list = $list AND what = $staged"
	    " ORDER BY updated_at, id");

	spool_end(s->spool);
	transactions_csv_header(&c);
	bind_int(q, "$list", CLIENT_TRANSACTIONS);
	bind_int(q, "$staged", STAGED);
	return copy_records(s, q, to);
}

int64_t
staging_write_supports(struct staging *s, struct sink *to)
{
	struct csv c = csv_into(to);
	struct stmt *without =
	    sql(s->run->db,
	    "SELECT place, size FROM staged"
	    " WHERE list = $memberships AND what = $staged"
	    "  AND id NOT IN (SELECT membership_id FROM staged"
	    "   WHERE list = $cards AND membership_id IS NOT NULL AND what = $staged)"
	    " ORDER BY id");
	struct stmt *cards = sql(s->run->db,
	    "SELECT place, size FROM staged"
	    " WHERE list = $list AND what = $staged"
	    " ORDER BY id");
	int64_t records;

	spool_end(s->spool);
	payment_supports_csv_header(&c);
	bind_int(without, "$staged", STAGED);
	bind_int(without, "$memberships", CLIENT_MEMBERSHIPS);
	bind_int(without, "$cards", CLIENT_CARDS);
	records = copy_records(s, without, to);
	bind_int(cards, "$staged", STAGED);
	bind_int(cards, "$list", CLIENT_CARDS);
	return records + copy_records(s, cards, to);
}
