/* presentation: see presentation.h. Adds the rows of the table collection. */
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
	d->sequence = SEQUENCE_RECURRENT;
	if (row(q)) {
		compare_creditor(r, d, col_text(q, 0), col_text(q, 1));
		reset(q);
	} else if (strcmp(config_text(r->config, BANK_SEQUENCE_FIRST), "FRST") == 0) {
		d->sequence = SEQUENCE_FIRST;
	}
}

/* A debt keeps its end-to-end id in the next version of a cancelled file. So it is not presented under another mandate: a bank
 * that got the first file would debit, or pay, another account. */
static bool
next_presented(struct run *r, int64_t session, enum collection_kind kind, struct presented *d)
{
	struct stmt *q = sql(r->db,
	    "SELECT d.profile_number, d.amount_in_cents, coalesce(m.number, 0),"
	    "  coalesce(m.iban, ''), coalesce(" SQL_MANDATE_STATUS("m") ", ''),"
	    "  (SELECT count(*) FROM collection o WHERE o.profile_number = d.profile_number"
	    "    AND o.session_number = d.session_number AND o.state = 'cancelled'"
	    "    AND o.mandate_number <> m.number), " MANDATE_HAS_ADDRESS("m")
	    " FROM debt d"
	    " LEFT JOIN mandate m ON m.profile_number = d.profile_number AND m.status <> 'superseded'"
	    " WHERE d.session_number = $session AND d.status = 'pending'"
	    "  AND CASE $kind WHEN 'debit' THEN d.amount_in_cents > 0 ELSE d.amount_in_cents < 0 END"
	    "  AND d.profile_number > $after"
	    " ORDER BY d.profile_number LIMIT 1");
	enum mandate_status status;
	bool usable;

	bind_int(q, "$session", session);
	bind_text(q, "$kind", collection_kind_word(kind));
	bind_int(q, "$after", d->profile);
	bind_date(q, "$dead_before", mandate_dead_before(r->on));
	bind_text(q, "$address", config_text(r->config, BANK_ADDRESS));
	if (!row(q))
		return false;
	*d = (struct presented){.profile = col_int(q, 0), .mandate = col_int(q, 2), .amount = col_int(q, 1)};
	status = mandate_col_status(q, 4);
	usable = kind == COLLECTION_DEBIT ? status == MANDATE_ACTIVE : mandate_names_account(status);
	if (!usable || col_int(q, 5) > 0 ||
	    mandate_uncollectable(col_text(q, 3), col_int(q, 6) != 0) != NULL) /* declared since the freeze */
		d->unpresentable = "mandate";
	reset(q);
	if (d->unpresentable == NULL && kind == COLLECTION_REFUND && debt_refundable(r, d->profile) < 0)
		d->unpresentable = "not_covered";
	d->sequence = SEQUENCE_NONE;
	if (d->unpresentable == NULL && kind == COLLECTION_DEBIT)
		look_at_last_debit(r, d);
	return true;
}

void
presentation_totals(struct run *r, int64_t session, enum collection_kind kind,
                    struct collection_sum totals[static SEQUENCES])
{
	struct presented d = {0};

	memset(totals, 0, SEQUENCES * sizeof(totals[0]));
	while (next_presented(r, session, kind, &d)) {
		if (d.unpresentable != NULL)
			continue;
		totals[d.sequence].count++;
		if (!money_add(&totals[d.sequence].sum, d.amount < 0 ? -d.amount : d.amount))
			die(EXIT_BUG, "session %lld: the total overflows", (long long)session);
	}
}

/* The debt's id in hex; a new presentation, after one that the bank did not keep, gets -2, -3 ... */
static void
name_presentation(struct run *r, int64_t profile, int64_t session, int64_t *presentation,
                  char id[END_TO_END_ID])
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM collection"
	    " WHERE profile_number = $profile AND session_number = $session"
	    "  AND state IN ('rejected', 'returned', 'withdrawn')");
	struct uuid uuid = store_uuid(r->db, UUID_DEBT, profile, session);
	char hex[UUID_HEX];

	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	*presentation = value(q, 0) + 1;
	if (*presentation > 99)
		die(EXIT_BUG, "a debt was presented 99 times");
	snprintf(id, END_TO_END_ID, *presentation == 1 ? "%s" : "%s-%d", uuid_print_hex(hex, &uuid),
	         (int)*presentation);
}

static void
insert_collection(struct run *r, const struct collection *c, int block, int64_t presentation,
                  const struct presented *d)
{
	struct stmt *q =
	    sql(r->db,
	    "INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number,"
	    "  mandate_number, presentation, amount_in_cents, amended, original_creditor_name,"
	    "  original_creditor_identifier, live, state)"
	    " VALUES ($id, $file, $block, $profile, $session, $mandate, $nth, $amount, $amended, $name,"
	    "  $identifier, 1, 'presented')");

	bind_text(q, "$id", c->end_to_end_id);
	bind_int(q, "$file", c->file);
	bind_int(q, "$block", block);
	bind_text(q, "$name", text_or_null(d->creditor_name));
	bind_text(q, "$identifier", text_or_null(d->creditor_identifier));
	bind_int(q, "$profile", c->profile);
	bind_int(q, "$session", c->session);
	bind_int(q, "$mandate", c->mandate);
	bind_int(q, "$nth", presentation);
	bind_int(q, "$amount", c->amount);
	bind_int(q, "$amended", c->kind == COLLECTION_DEBIT && mandate_is_amended(r, c->mandate));
	exec(q);
}

void
presentation_make(struct run *r, const struct presentation_place places[static SEQUENCES], int64_t session,
                  enum collection_kind kind)
{
	struct presented d = {0};
	int64_t presentation;

	while (next_presented(r, session, kind, &d)) {
		struct collection c = {.kind = kind,
		                       .file = places[d.sequence].file,
		                       .profile = d.profile,
		                       .session = session,
		                       .mandate = d.mandate,
		                       .amount = d.amount < 0 ? -d.amount : d.amount};

		name_presentation(r, d.profile, session, &presentation, c.end_to_end_id);
		if (d.unpresentable != NULL) {
			collection_carry(r, &c, d.unpresentable);
			run_count(r, COUNT_DEBTS_NOT_PRESENTED, 1);
			continue;
		}
		insert_collection(r, &c, places[d.sequence].block, presentation, &d);
		debt_initiate(r, d.profile, session);
	}
}
