/* staging: see staging.h. Writes exceptions of the kind swan_node. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/exception.h"
#include "stages/core/home/sorter.h"
#include "stages/core/home/spool.h"
#include "stages/core/swan/paging.h"
#include "stages/core/swan/shown.h"
#include "stages/core/swan/staging.h"

#define MOST_RECORD  65536     /* the most that csv_read accepts */
#define SORTED_BYTES (4 << 20) /* in memory, of what is sorted */

struct staging {
	struct run *run;
	struct client *swan; /* while a list is read */
	const char *account; /* whose transactions are imported; "": all of them */
	struct spool *spool;
	struct shown *shown;   /* its nodes have their records in the spool */
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
	    "CREATE TEMPORARY TABLE nameless ("
	    " list INTEGER NOT NULL,"
	    " key TEXT NOT NULL,"
	    " reading INTEGER NOT NULL,"
	    " before INTEGER NOT NULL,"
	    " PRIMARY KEY (list, key)) WITHOUT ROWID"));
	staging_clear(s);
	return s;
}

void
staging_clear(struct staging *s)
{
	spool_close(s->spool);
	shown_close(s->shown);
	s->spool = spool_open();
	s->shown = shown_open();
	s->watermark = INSTANT_NONE;
	exec(sql(s->run->db, "DELETE FROM nameless"));
}

void
staging_close(struct staging *s)
{
	if (s == NULL)
		return;
	spool_close(s->spool);
	shown_close(s->shown);
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

/* Stages the record that was just written to the spool, from `place` on; nothing of a transaction that is not kept. */
static int
stage_record(struct staging *s, enum staged what, const char *id, const char *membership_id,
             instant updated_at, int64_t place, struct err *e)
{
	struct shown_node n = {.list = s->list,
	                       .reading = s->reading,
	                       .what = what,
	                       .updated_at = updated_at,
	                       .place = place,
	                       .size = spool_place(s->spool) - place};

	if (n.size > MOST_RECORD) {
		err_set(e, ERR_TOO_LARGE, "it has more than %d bytes of text", MOST_RECORD);
		return SWAN_HOLD;
	}
	n.id_size = store_key(id, n.id);
	if (membership_id != NULL)
		n.membership_size = store_key(membership_id, n.membership);
	shown_add(s->shown, &n);
	return 0;
}

static void
put_key(struct sorter *to, const unsigned char *key, size_t n)
{
	sorter_put(to, &(struct sorter_record){.key = key, .key_size = (uint32_t)n});
}

static bool
meets_key(struct sorter *in, const unsigned char *key, size_t n)
{
	return sorter_meets(in, &(struct sorter_record){.key = key, .key_size = (uint32_t)n});
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

/* How many nodes with this key the reading at hand has shown before. */
static int64_t
count_equal(struct staging *s, const char *key)
{
	struct stmt *q =
	    sql(s->run->db,
	    "INSERT INTO nameless (list, key, reading, before)"
	    " VALUES ($list, $key, $reading, 0)"
	    " ON CONFLICT (list, key) DO UPDATE SET reading = excluded.reading,"
	    "  before = CASE WHEN nameless.reading = excluded.reading THEN nameless.before + 1 ELSE 0 END"
	    " RETURNING before");

	bind_int(q, "$list", s->list);
	bind_text(q, "$key", key);
	bind_int(q, "$reading", s->reading);
	return value(q, 0);
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
	struct shown_node n = {.list = s->list,
	                       .reading = s->reading,
	                       .what = others ? STAGED_OF_OTHERS : STAGED_AS_HELD,
	                       .updated_at = INSTANT_NONE};

	snprintf(message, sizeof(message), "%s: %s", key, bad->why.message);
	if (!others)
		exception_open(s->run, &x);
	n.id_size = store_key(key, n.id);
	shown_add(s->shown, &n);
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
	struct staging *s = ctx;
	const struct shown_node *n;
	int64_t count = 0;

	shown_begin(s->shown, s->list);
	while ((n = shown_next(s->shown)) != NULL)
		count += n->reading == reading;
	return count;
}

static instant
staging_reached(void *ctx)
{
	const struct staging *s = ctx;

	return s->disordered ? INSTANT_NONE : s->reached;
}

/* The keys of the nodes that could not be read so far; returns how many. */
static int64_t
put_open_nodes(struct staging *s, struct sorter *to)
{
	unsigned char key[STORE_KEY];
	int64_t n;
	struct stmt *q =
	    sql(s->run->db, "SELECT key FROM exception WHERE kind = 'swan_node' AND state = 'open'");

	for (n = 0; row(q); n++)
		put_key(to, key, store_key(col_text(q, 0), key));
	return n;
}

/* Closes the exception of each node that is read whole now, or is no concern of ours. */
static void
close_fixed_nodes(struct staging *s)
{
	struct sorter *open = sorter_open(SORTED_BYTES);
	const struct shown_node *n;
	char key[STORE_KEY + 1];

	if (put_open_nodes(s, open) == 0) {
		sorter_close(open);
		return;
	}
	sorter_begin(open);
	shown_begin(s->shown, s->list);
	while ((n = shown_next(s->shown)) != NULL)
		if (meets_key(open, n->id, n->id_size) && n->what != STAGED_AS_HELD) {
			store_key_print(n->id, n->id_size, key);
			exception_close(s->run, "swan_node", key);
		}
	sorter_close(open);
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
	const struct shown_node *n;
	int64_t count = 0;

	shown_begin(s->shown, CLIENT_TRANSACTIONS);
	while ((n = shown_next(s->shown)) != NULL)
		if (n->what == which && (n->updated_at > after || n->updated_at == INSTANT_NONE))
			count++;
	return count;
}

/* --- writing ------------------------------------------------------------------------------------------------------ */

struct place {
	int64_t at, size;
};

/* By updatedAt, then by id; a number with its highest bit turned is in the order of its bytes. */
static void
put_place(struct sorter *to, const struct shown_node *n)
{
	uint64_t at = (uint64_t)n->updated_at ^ UINT64_C(1) << 63;
	struct place place = {n->place, n->size};
	unsigned char key[8 + STORE_KEY];
	int i;

	for (i = 7; i >= 0; i--, at >>= 8)
		key[i] = (unsigned char)at;
	memcpy(key + 8, n->id, n->id_size);
	sorter_put(to, &(struct sorter_record){.key = key,
	                                       .body = (const unsigned char *)&place,
	                                       .key_size = (uint32_t)(8 + n->id_size),
	                                       .body_size = sizeof(place)});
}

int64_t
staging_write_transactions(struct staging *s, struct sink *to)
{
	struct sorter *places = sorter_open(SORTED_BYTES);
	struct csv c = csv_into(to);
	const struct sorter_record *r;
	const struct shown_node *n;
	struct place place;
	int64_t records = 0;

	spool_end(s->spool);
	transactions_csv_header(&c);
	shown_begin(s->shown, CLIENT_TRANSACTIONS);
	while ((n = shown_next(s->shown)) != NULL)
		if (n->what == STAGED)
			put_place(places, n);
	for (sorter_begin(places); (r = sorter_next(places)) != NULL; records++) {
		memcpy(&place, r->body, sizeof(place));
		spool_copy(s->spool, place.at, place.size, to);
	}
	sorter_close(places);
	return records;
}

/* The memberships that have a card. */
static struct sorter *
sort_with_cards(struct staging *s)
{
	struct sorter *keys = sorter_open(SORTED_BYTES);
	const struct shown_node *n;

	shown_begin(s->shown, CLIENT_CARDS);
	while ((n = shown_next(s->shown)) != NULL)
		if (n->what == STAGED && n->membership_size > 0)
			put_key(keys, n->membership, n->membership_size);
	sorter_begin(keys);
	return keys;
}

/* but_not: keys of nodes that are left out; NULL: none are. */
static int64_t
copy_supports(struct staging *s, enum client_list list, struct sorter *but_not, struct sink *to)
{
	const struct shown_node *n;
	int64_t records = 0;

	shown_begin(s->shown, list);
	while ((n = shown_next(s->shown)) != NULL)
		if (n->what == STAGED && (but_not == NULL || !meets_key(but_not, n->id, n->id_size))) {
			spool_copy(s->spool, n->place, n->size, to);
			records++;
		}
	return records;
}

int64_t
staging_write_supports(struct staging *s, struct sink *to)
{
	struct sorter *with_cards = sort_with_cards(s);
	struct csv c = csv_into(to);
	int64_t records;

	spool_end(s->spool);
	payment_supports_csv_header(&c);
	records = copy_supports(s, CLIENT_MEMBERSHIPS, with_cards, to);
	records += copy_supports(s, CLIENT_CARDS, NULL, to);
	sorter_close(with_cards);
	return records;
}
