/* presentation: see presentation.h. Adds the rows of the table collection.
 *
 * What is presented is found in one pass, and kept in the temporary table `presenting` until the rows of the files are there.
 */
#include <stdio.h>
#include <string.h>

#include "formats/text.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/presentation.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/mandate.h"

const char *
presentation_sequence_word(enum presentation_sequence sequence)
{
	static const char *const words[] = {
	    [SEQUENCE_FIRST] = "FRST", [SEQUENCE_RECURRENT] = "RCUR", [SEQUENCE_NONE] = ""};

	return words[sequence];
}

struct presented {
	int64_t profile, mandate;  /* mandate 0: none */
	cents amount;              /* of the debt; negative: a refund */
	const char *unpresentable; /* the reason; NULL: it can be presented */
	enum presentation_sequence sequence;
	int64_t presentation; /* 1: the first one */
	bool is_amended;
	/* the creditor of the last debit under the mandate, where it was another one; "": the same */
	char creditor_name[CONFIG_LINE_MAX], creditor_identifier[36];
};

/* Without the business code, which is not a part of the identity. */
static bool
is_same_creditor(const char *a, const char *b)
{
	return strncmp(a, b, 4) == 0 && strlen(a) > 7 && strlen(b) > 7 && strcmp(a + 7, b + 7) == 0;
}

static void
compare_creditor(const struct run *r, struct presented *d, const char *name, const char *identifier)
{
	if (name[0] != '\0' && strcmp(name, config_text(r->config, CREDITOR_NAME)) != 0)
		snprintf(d->creditor_name, sizeof(d->creditor_name), "%s", name);
	if (identifier[0] != '\0' &&
	    !is_same_creditor(identifier, config_text(r->config, CREDITOR_IDENTIFIER)))
		snprintf(d->creditor_identifier, sizeof(d->creditor_identifier), "%s", identifier);
}

/* What the bank knows of the mandate: its last debit that was not rejected. A change that a rejected debit announced did not go
 * through: it is announced again. */
static void
look_at_last_debit(struct run *r, struct presented *d)
{
	struct stmt *q = sql(r->db,
	    "SELECT f.creditor_name, f.creditor_identifier"
	    " FROM mandate m"
	    " JOIN collection c ON c.profile_number = m.profile_number"
	    " JOIN mandate cm ON cm.number = c.mandate_number AND cm.reference_key = m.reference_key"
	    " JOIN bank_file f ON f.number = c.file_number AND f.kind = 'debit'"
	    " WHERE m.number = $mandate AND c.state IN ('presented', 'accepted', 'booked', 'returned')"
	    " ORDER BY c.file_number DESC LIMIT 1");

	bind_int(q, "$mandate", d->mandate);
	if (row(q)) {
		d->sequence = SEQUENCE_RECURRENT;
		compare_creditor(r, d, col_text(q, 0), col_text(q, 1));
		reset(q);
	}
}

static enum presentation_sequence
first_sequence(const struct run *r)
{
	return strcmp(config_text(r->config, BANK_SEQUENCE_FIRST), "FRST") == 0 ? SEQUENCE_FIRST
	                                                                        : SEQUENCE_RECURRENT;
}

/* The frozen debts of a session that are in no file, with the mandate, and the last session of which the member has a debit or refund. */
static struct stmt *
begin_debts(struct run *r, int64_t session, enum collection_kind kind)
{
	struct stmt *q = sql(r->db,
	    "SELECT d.profile_number, d.amount_in_cents, coalesce(m.number, 0),"
	    "  coalesce(m.iban, ''), coalesce(" SQL_MANDATE_STATUS("m") ", ''), " MANDATE_HAS_ADDRESS("m") ","
	    "  coalesce(m.version, 0),"
	    "  coalesce((SELECT max(o.session_number) FROM collection o WHERE o.profile_number = d.profile_number), 0)"
	    " FROM debt d"
	    " LEFT JOIN mandate m ON m.profile_number = d.profile_number AND m.status <> 'superseded'"
	    " WHERE d.session_number = $session AND d.status = 'pending'"
	    "  AND CASE $kind WHEN 'debit' THEN d.amount_in_cents > 0 ELSE d.amount_in_cents < 0 END"
	    " ORDER BY d.profile_number");

	bind_int(q, "$session", session);
	bind_text(q, "$kind", collection_kind_word(kind));
	bind_date(q, "$dead_before", mandate_dead_before(r->on));
	bind_text(q, "$address", config_text(r->config, BANK_ADDRESS));
	return q;
}

/* What was presented of the debt before. It keeps its end-to-end id in the next version of a cancelled file, so it is not presented
 * under another mandate: a bank that got the first file would debit, or pay, another account. */
static void
look_at_presentations(struct run *r, int64_t session, struct presented *d)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FILTER (WHERE state IN ('rejected', 'returned', 'withdrawn')),"
	    "  count(*) FILTER (WHERE state = 'cancelled' AND mandate_number <> $mandate)"
	    " FROM collection"
	    " WHERE profile_number = $profile AND session_number = $session");

	bind_int(q, "$mandate", d->mandate);
	bind_int(q, "$profile", d->profile);
	bind_int(q, "$session", session);
	(void)row(q);
	d->presentation = col_int(q, 0) + 1;
	if (col_int(q, 1) > 0)
		d->unpresentable = "mandate";
	reset(q);
	if (d->presentation > 99)
		die(EXIT_BUG, "a debt was presented 99 times");
}

static bool
next_presented(struct run *r, struct stmt *q, int64_t session, enum collection_kind kind, struct presented *d)
{
	enum mandate_status status;
	bool usable;

	if (!row(q))
		return false;
	*d = (struct presented){.profile = col_int(q, 0),
	                        .mandate = col_int(q, 2),
	                        .amount = col_int(q, 1),
	                        .sequence = kind == COLLECTION_DEBIT ? first_sequence(r) : SEQUENCE_NONE,
	                        .presentation = 1};
	status = mandate_col_status(q, 4);
	usable = kind == COLLECTION_DEBIT ? status == MANDATE_ACTIVE : mandate_names_account(status);
	if (!usable ||
	    mandate_uncollectable(col_text(q, 3), col_int(q, 5) != 0) != NULL) /* declared since the freeze */
		d->unpresentable = "mandate";
	if (col_int(q, 7) >= session)
		look_at_presentations(r, session, d);
	if (d->unpresentable != NULL)
		return true;
	if (kind == COLLECTION_REFUND && debt_refundable(r, d->profile) < 0)
		d->unpresentable = "not_covered";
	if (kind == COLLECTION_DEBIT && col_int(q, 7) > 0)
		look_at_last_debit(r, d);
	d->is_amended = kind == COLLECTION_DEBIT && col_int(q, 6) > 1 && mandate_is_amended(r, d->mandate);
	return true;
}

/* The debt's id in hex; a new presentation, after one that the bank did not keep, gets -2, -3 ... */
static void
print_id(struct run *r, const struct presented *d, int64_t session, char id[END_TO_END_ID])
{
	struct uuid uuid = store_uuid(r->db, UUID_DEBT, d->profile, session);
	char hex[UUID_HEX];

	snprintf(id, END_TO_END_ID, d->presentation == 1 ? "%s" : "%s-%d", uuid_print_hex(hex, &uuid),
	         (int)(d->presentation % 100));
}

static void
empty_set(struct run *r)
{
	exec(sql(r->db, "DELETE FROM presenting"));
}

static void
begin_set(struct run *r)
{
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS presenting ("
	    "  profile INTEGER NOT NULL PRIMARY KEY, mandate INTEGER NOT NULL, amount INTEGER NOT NULL,"
	    "  id TEXT NOT NULL, presentation INTEGER NOT NULL, sequence INTEGER NOT NULL, amended INTEGER NOT NULL,"
	    "  creditor_name TEXT, creditor_identifier TEXT, unpresentable TEXT)"));
	empty_set(r);
}

static void
add_to_set(struct run *r, const struct presented *d, int64_t session)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO presenting (profile, mandate, amount, id, presentation, sequence, amended, creditor_name,"
	    "  creditor_identifier, unpresentable)"
	    " VALUES ($profile, $mandate, $amount, $id, $nth, $sequence, $amended, $name, $identifier, $unpresentable)");
	char id[END_TO_END_ID];

	print_id(r, d, session, id);
	bind_int(q, "$profile", d->profile);
	bind_int(q, "$mandate", d->mandate);
	bind_int(q, "$amount", d->amount < 0 ? -d->amount : d->amount);
	bind_text(q, "$id", id);
	bind_int(q, "$nth", d->presentation);
	bind_int(q, "$sequence", d->sequence);
	bind_int(q, "$amended", d->is_amended);
	bind_text(q, "$name", text_or_null(d->creditor_name));
	bind_text(q, "$identifier", text_or_null(d->creditor_identifier));
	bind_text(q, "$unpresentable", d->unpresentable);
	exec(q);
}

void
presentation_find(struct run *r, int64_t session, enum collection_kind kind,
                  struct collection_sum totals[static SEQUENCES])
{
	struct stmt *q;
	struct presented d;

	memset(totals, 0, SEQUENCES * sizeof(totals[0]));
	begin_set(r);
	q = begin_debts(r, session, kind);
	while (next_presented(r, q, session, kind, &d)) {
		add_to_set(r, &d, session);
		if (d.unpresentable != NULL)
			continue;
		totals[d.sequence].count++;
		if (!money_add(&totals[d.sequence].sum, d.amount < 0 ? -d.amount : d.amount))
			die(EXIT_BUG, "session %lld: the total overflows", (long long)session);
	}
}

#define BATCH 16384 /* debts: what a statement changes is kept in memory until it is done */

/* The last member of the batch after this one; 0: no member follows. */
static int64_t
find_batch(struct run *r, int64_t after)
{
	struct stmt *q = sql(r->db,
	    "SELECT max(profile)"
	    " FROM (SELECT profile FROM presenting WHERE profile > $after ORDER BY profile LIMIT " SQL_NUMBER(BATCH)
	    ") AS t");

	bind_int(q, "$after", after);
	return value(q, 0);
}

static void
insert_collections(struct run *r, const struct presentation_place *place, enum presentation_sequence sequence,
                   int64_t session, int64_t after, int64_t last)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number,"
	    "  mandate_number, presentation, amount_in_cents, amended, original_creditor_name,"
	    "  original_creditor_identifier, live, state)"
	    " SELECT id, $file, $block, profile, $session, mandate, presentation, amount, amended, creditor_name,"
	    "  creditor_identifier, 1, 'presented'"
	    " FROM presenting"
	    " WHERE profile > $after AND profile <= $last AND sequence = $sequence AND unpresentable IS NULL"
	    " ORDER BY profile");

	bind_int(q, "$file", place->file);
	bind_int(q, "$block", place->block);
	bind_int(q, "$session", session);
	bind_int(q, "$after", after);
	bind_int(q, "$last", last);
	bind_int(q, "$sequence", sequence);
	exec(q);
}

/* Those that cannot be presented fail, and their cents are carried. */
static void
carry_others(struct run *r, int64_t session, enum collection_kind kind)
{
	struct stmt *q = sql(r->db,
	    "SELECT profile, mandate, amount, id, unpresentable FROM presenting"
	    " WHERE unpresentable IS NOT NULL"
	    " ORDER BY profile");

	while (row(q)) {
		struct collection c = {.kind = kind,
		                       .profile = col_int(q, 0),
		                       .session = session,
		                       .mandate = col_int(q, 1),
		                       .amount = col_int(q, 2)};

		col_copy(q, 3, c.end_to_end_id, sizeof(c.end_to_end_id));
		collection_carry(r, &c, col_text(q, 4));
		run_count(r, COUNT_DEBTS_NOT_PRESENTED, 1);
	}
}

void
presentation_make(struct run *r, const struct presentation_place places[static SEQUENCES], int64_t session,
                  enum collection_kind kind)
{
	int64_t after = 0, last;
	int i;

	for (; (last = find_batch(r, after)) != 0; after = last) {
		for (i = 0; i < SEQUENCES; i++)
			if (places[i].file != 0)
				insert_collections(r, &places[i], (enum presentation_sequence)i, session,
				                   after, last);
		debt_initiate(r, session, after + 1, last);
	}
	carry_others(r, session, kind);
	empty_set(r);
}
