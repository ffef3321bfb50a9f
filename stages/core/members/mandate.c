/* mandate: see mandate.h. Writes the table mandate. */
#include <ctype.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/engine/act.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/mandate.h"

#define DEAD_AFTER_MONTHS 36

static const char *const statuses[MANDATE_STATUSES] = {
    [MANDATE_NONE] = "",           [MANDATE_ACTIVE] = "active",   [MANDATE_SUSPENDED] = "suspended",
    [MANDATE_BLOCKED] = "blocked", [MANDATE_EXPIRED] = "expired", [MANDATE_SUPERSEDED] = "superseded",
};

const char *
mandate_status_word(enum mandate_status status)
{
	return statuses[status];
}

enum mandate_status
mandate_col_status(struct stmt *q, int i)
{
	return (enum mandate_status)col_word(q, i, statuses, MANDATE_STATUSES);
}

static void
key_of(const char *reference, char key[36])
{
	size_t i;

	for (i = 0; i < 35 && reference[i] != '\0'; i++)
		key[i] = (char)toupper((unsigned char)reference[i]);
	key[i] = '\0';
}

/* A row of mandate that is not superseded. */
struct current {
	int64_t number;
	enum mandate_status status;
	char why[36];
};

static bool
find_current(struct run *r, int64_t profile, struct current *m)
{
	struct stmt *q =
	    sql(r->db, "SELECT number, status, why FROM current_mandate WHERE profile_number = $profile");

	bind_int(q, "$profile", profile);
	if (!row(q))
		return false;
	*m = (struct current){.number = col_int(q, 0), .status = mandate_col_status(q, 1)};
	if (!col_null(q, 2))
		col_copy(q, 2, m->why, sizeof(m->why));
	reset(q);
	return true;
}

/* The status that the consequences leave: expiry ends the right to debit, and a doubt about the account is more than that. */
static enum mandate_status
status_after(const struct current *m, bool acts, const struct consequence *c)
{
	if (acts)
		return c->action == REASON_MANDATE_BLOCK ? MANDATE_BLOCKED : MANDATE_SUSPENDED;
	return m->status == MANDATE_EXPIRED ? MANDATE_EXPIRED : MANDATE_ACTIVE;
}

/* What this run did and undid does not count. */
static void
count_change(struct run *r, enum mandate_status from, enum mandate_status to)
{
	enum counter undone = from == MANDATE_BLOCKED ? COUNT_MANDATES_BLOCKED : COUNT_MANDATES_SUSPENDED;

	if (from == to)
		return;
	if (to == MANDATE_BLOCKED)
		run_count(r, COUNT_MANDATES_BLOCKED, 1);
	else if (to == MANDATE_SUSPENDED)
		run_count(r, COUNT_MANDATES_SUSPENDED, 1);
	else if (r->count[undone] > 0)
		run_count(r, undone, -1);
	else
		run_count(r, COUNT_MANDATES_FREED, 1);
}

/* The mandate gets the status that the consequences of its member demand. */
static void
refresh_current(struct run *r, int64_t profile, const struct current *m)
{
	struct consequence c = {0};
	enum mandate_status status;
	struct stmt *q;

	status = status_after(m, consequence_find(r, profile, m->number, &c), &c);
	if (status == m->status && strcmp(m->why, c.why) == 0)
		return;
	q = sql(r->db,
	    "UPDATE mandate"
	    " SET status_at = CASE status WHEN $status THEN status_at ELSE $now END, status = $status,"
	    "  why = $why"
	    " WHERE number = $number");
	bind_text(q, "$status", mandate_status_word(status));
	bind_instant(q, "$now", r->now);
	bind_text(q, "$why", text_or_null(c.why));
	bind_int(q, "$number", m->number);
	exec(q);
	count_change(r, m->status, status);
}

/* Superseded ones stay as they are. */
static void
mandate_refresh(struct run *r, int64_t profile)
{
	struct current m;

	if (find_current(r, profile, &m))
		refresh_current(r, profile, &m);
}

date
mandate_dead_before(date on)
{
	return date_add_months(on, -DEAD_AFTER_MONTHS);
}

struct latest_version {
	int64_t profile, version;
	bool same_iban, same_name, same_address, superseded;
	date signed_on;
};

/* The columns from the 7th on, against what is declared now. */
static bool
has_same_address(struct stmt *q, const struct mandate *m)
{
	const char *const declared[] = {m->bic,  m->street,         m->building,       m->postcode,
	                                m->town, m->address_line_1, m->address_line_2, m->ultimate_debtor};
	int i;

	for (i = 0; i < (int)LENGTH(declared); i++)
		if (strcmp(col_text(q, 6 + i), declared[i] == NULL ? "" : declared[i]) != 0)
			return false;
	return true;
}

static bool
find_latest_version(struct run *r, const char *key, const struct mandate *m, struct latest_version *k)
{
	struct stmt *q =
	    sql(r->db,
	        "SELECT profile_number, version, iban, debtor_name, status, signed_on,"
	        "  coalesce(bic, ''), coalesce(street, ''), coalesce(building, ''), coalesce(postcode, ''),"
	        "  coalesce(town, ''), coalesce(address_line_1, ''), coalesce(address_line_2, ''),"
	        "  coalesce(ultimate_debtor, '')"
	        " FROM mandate"
	        " WHERE reference_key = $key"
	        " ORDER BY version DESC LIMIT 1");

	bind_text(q, "$key", key);
	if (!row(q))
		return false;
	*k = (struct latest_version){.profile = col_int(q, 0),
	                             .version = col_int(q, 1),
	                             .same_iban = strcmp(col_text(q, 2), m->iban.text) == 0,
	                             .same_name = strcmp(col_text(q, 3), m->debtor_name) == 0,
	                             .same_address = has_same_address(q, m),
	                             .superseded = mandate_col_status(q, 4) == MANDATE_SUPERSEDED,
	                             .signed_on = col_date(q, 5)};
	reset(q);
	return true;
}

/* By its number: an UPDATE that looks for its rows by an index that it changes collects them in a temporary table. */
static void
supersede_current(struct run *r, int64_t profile)
{
	struct current m;
	struct stmt *q;

	if (!find_current(r, profile, &m))
		return;
	q = sql(r->db, "UPDATE mandate SET status = 'superseded', status_at = $now WHERE number = $number");
	bind_instant(q, "$now", r->now);
	bind_int(q, "$number", m.number);
	exec(q);
}

static int64_t
insert_version(struct run *r, int64_t profile, const struct mandate *m, const char *key, int64_t version,
               int64_t input, long line)
{
	int64_t number = store_number(r->db, "mandate");
	struct stmt *q =
	    sql(r->db,
	    "INSERT INTO mandate (number, profile_number, reference, reference_key, version,"
	    "  debtor_name, iban, country, bic, street, building, postcode, town, address_line_1,"
	    "  address_line_2, ultimate_debtor, signed_on, status, status_at, last_due_on,"
	    "  declared_at, input_number, line)"
	    " VALUES ($number, $profile, $reference, $key, $version, $name, $iban, $country, $bic,"
	    "  $street, $building, $postcode, $town, $line_1, $line_2, $ultimate, $signed,"
	    "  'active', $now,"
	    "  (SELECT max(last_due_on) FROM mandate WHERE reference_key = $key), $now, $input, $line)");

	bind_int(q, "$number", number);
	bind_int(q, "$profile", profile);
	bind_text(q, "$reference", m->reference);
	bind_text(q, "$key", key);
	bind_int(q, "$version", version);
	bind_text(q, "$name", m->debtor_name);
	bind_text(q, "$iban", m->iban.text);
	bind_text(q, "$country", m->country);
	bind_text(q, "$bic", m->bic);
	bind_text(q, "$street", m->street);
	bind_text(q, "$building", m->building);
	bind_text(q, "$postcode", m->postcode);
	bind_text(q, "$town", m->town);
	bind_text(q, "$line_1", m->address_line_1);
	bind_text(q, "$line_2", m->address_line_2);
	bind_text(q, "$ultimate", m->ultimate_debtor);
	bind_date(q, "$signed", m->signed_on);
	bind_instant(q, "$now", r->now);
	bind_int_or(q, "$input", input, 0);
	bind_int_or(q, "$line", line, 0);
	exec(q);
	return number;
}

int
mandate_declare(struct run *r, int64_t profile, const struct mandate *m, int64_t input, long line,
                struct err *e)
{
	struct current current = {.status = MANDATE_ACTIVE};
	struct latest_version k = {0};
	char key[36];
	bool known;

	key_of(m->reference, key);
	known = find_latest_version(r, key, m, &k);
	if (known && k.profile != profile)
		return err_set(e, ERR_MANDATE_REFERENCE_CONFLICT, "the reference belongs to another member");
	if (known && k.signed_on != m->signed_on)
		return err_set(e, ERR_MANDATE_REFERENCE_CONFLICT,
		               "the reference was declared with another signature date");
	if (known && k.superseded)
		return err_set(e, ERR_MANDATE_REFERENCE_CONFLICT,
		               "the reference was superseded: a mandate is not used again");
	if (known && k.same_iban && k.same_name && k.same_address)
		return 0;

	supersede_current(r, profile);
	current.number = insert_version(r, profile, m, key, k.version + 1, input, line);
	refresh_current(r, profile, &current); /* a reason of the member acts on this mandate too */
	return 0;
}

const char *
mandate_uncollectable(const char *text, bool has_address)
{
	struct iban iban;
	struct err e;

	if (iban_parse(text, &iban, &e) < 0)
		return ERR_INVALID_IBAN;
	if (!iban_is_sepa(&iban))
		return "country_not_sepa";
	return iban_is_eea(&iban) || has_address ? NULL : ERR_NO_ADDRESS;
}

bool
mandate_names_account(enum mandate_status status)
{
	return status == MANDATE_ACTIVE || status == MANDATE_EXPIRED;
}

void
mandate_act(struct run *r, const struct setback *s)
{
	consequence_add(r, s, mandate_refresh);
}

void
mandate_take_back(struct run *r, const char *end_to_end_id)
{
	consequence_remove(r, end_to_end_id, mandate_refresh);
}

void
mandate_decide(struct run *r, const char *key, bool applies)
{
	consequence_decide(r, key, applies, mandate_refresh);
}

static int
find_to_unblock(struct run *r, const char *reference, int64_t *profile, struct mandate_lifted *was,
                struct err *e)
{
	enum mandate_status status;
	char key[36];
	struct stmt *q = sql(r->db,
	    "SELECT " SQL_MANDATE_STATUS("m") ", coalesce(m.why, ''), m.profile_number FROM mandate m"
	    " WHERE m.reference_key = $key"
	    " ORDER BY m.version DESC LIMIT 1");

	bind_date(q, "$dead_before", mandate_dead_before(r->on));
	key_of(reference, key);
	bind_text(q, "$key", strlen(reference) < sizeof(key) ? key : NULL);
	if (!row(q))
		return err_set(e, ERR_MANDATE_NOT_FOUND, "no mandate has the reference %s", reference);
	status = mandate_col_status(q, 0);
	*was = (struct mandate_lifted){0};
	if (status == MANDATE_SUSPENDED || status == MANDATE_BLOCKED) {
		was->status = status;
		col_copy(q, 1, was->why, sizeof(was->why));
	}
	*profile = col_int(q, 2);
	reset(q);
	if (status == MANDATE_SUPERSEDED || status == MANDATE_EXPIRED)
		return err_set(e, ERR_MANDATE_IS_PAST, "the mandate is %s: the member must sign another one",
		               mandate_status_word(status));
	return 0;
}

int
mandate_unblock(struct run *r, const char *reference, struct mandate_lifted *was, struct err *e)
{
	int64_t profile = 0;
	struct stmt *q;

	if (find_to_unblock(r, reference, &profile, was, e) < 0)
		return -1;
	was->failures = consequence_see(r, profile);
	if (was->status == MANDATE_NONE && was->failures == 0)
		return 0;
	q = sql(r->db,
	    "UPDATE mandate"
	    " SET status_at = CASE status WHEN 'active' THEN status_at ELSE $now END, status = 'active',"
	    "  why = NULL, unblocked_by = $who, unblocked_identity = $identity, unblocked_at = $now"
	    " WHERE profile_number = $profile AND status <> 'superseded'");
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
	bind_int(q, "$profile", profile);
	exec(q);
	/* the row has the last person only */
	act_add(r,
	        &(struct act){.kind = "unblock", .what = reference, .detail = was->why, .profile = profile});
	return 0;
}

int64_t
mandate_expire(struct run *r, date on)
{
	struct stmt *q =
	    sql(r->db,
	        "UPDATE mandate"
	        " SET status = 'expired', status_at = $now"
	        " WHERE status = 'active' AND coalesce(last_due_on, signed_on) < $dead_before");

	bind_instant(q, "$now", r->now);
	bind_date(q, "$dead_before", mandate_dead_before(on));
	return exec(q);
}

/* All versions of the reference: they are one mandate. */
void
mandate_used(struct run *r, int64_t number, date due_on)
{
	struct stmt *q =
	    sql(r->db,
	        "UPDATE mandate SET last_due_on = $due"
	        " WHERE reference_key = (SELECT reference_key FROM mandate WHERE number = $number)"
	        "  AND (last_due_on IS NULL OR last_due_on < $due)");

	bind_date(q, "$due", due_on);
	bind_int(q, "$number", number);
	exec(q);
}

void
mandate_presented(struct run *r, int64_t file_number, date due_on)
{
	struct stmt *q =
	    sql(r->db,
	        "UPDATE mandate SET last_due_on = $due"
	        " WHERE reference_key IN"
	        "   (SELECT m.reference_key FROM collection c JOIN mandate m ON m.number = c.mandate_number"
	        "    WHERE c.file_number = $file)"
	        "  AND (last_due_on IS NULL OR last_due_on < $due)");

	bind_date(q, "$due", due_on);
	bind_int(q, "$file", file_number);
	exec(q);
}

/* Those of a file whose upload a person noted were used by that. */
void
mandate_used_set(struct run *r)
{
	exec(sql(r->db,
	    "UPDATE mandate SET last_due_on = used.due_on"
	    " FROM (SELECT m.reference_key AS reference_key, max(f.collect_on) AS due_on"
	    "  FROM booking b"
	    "  JOIN bank_file f ON f.number = b.file AND f.kind = 'debit' AND f.uploaded_at IS NULL"
	    "  JOIN collection c ON c.end_to_end_id = b.collection AND c.file_number = b.file"
	    "  JOIN mandate m ON m.number = c.mandate_number"
	    "  GROUP BY m.reference_key) AS used"
	    " WHERE mandate.reference_key = used.reference_key"
	    "  AND (mandate.last_due_on IS NULL OR mandate.last_due_on < used.due_on)"));
}

/* The newest debit under the reference that the bank has and did not reject decides. One that announced the change counts once its
 * outcome is known: until then the change is announced again, which does no harm. */
bool
mandate_is_amended(struct run *r, int64_t number)
{
	struct stmt *q = sql(r->db,
	        "SELECT o.iban = m.iban, c.amended = 0 OR c.state IN ('booked', 'returned')"
	        " FROM mandate m"
	        " JOIN mandate o ON o.reference_key = m.reference_key"
	        " JOIN collection c ON c.profile_number = m.profile_number AND c.mandate_number = o.number"
	        " JOIN bank_file f ON f.number = c.file_number"
	        " WHERE m.number = $number AND f.kind = 'debit' AND c.state NOT IN ('cancelled', 'rejected', 'withdrawn')"
	        "  AND f.state NOT IN ('generated', 'approved', 'rejected', 'cancelled')"
	        " ORDER BY c.session_number DESC, c.presentation DESC, f.number DESC");
	bool amended = false, known = false;

	bind_int(q, "$number", number);
	while (!amended && !known && row(q)) {
		amended = col_int(q, 0) == 0;
		known = col_int(q, 1) != 0;
	}
	reset(q);
	return amended;
}
