/* proof_export: see proof.h. The newest export of balance transactions and card payments against the rows of the books.
 *
 * A row that was not noted as changed is not read by the export once more (core/engine/touched.h), so that a change without a note stays
 * unseen. Each line of the files and each row of the books make a number, from the columns below; the sums over all must be the same.
 * The columns are those that may change after the row is there. Not compared is what comes with the row (its member, the mandate of a
 * debit, the id of an external transaction), with its status (the reason of a rejection), or with the name of its merchant (id, place,
 * category). Nothing is compared while rows are noted that changed since the export.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/date.h"
#include "formats/text.h"
#include "stages/core/audit/pass.h"
#include "stages/core/audit/proof.h"
#include "stages/core/engine/log.h"

static struct claim is_current = {
    .text =
	"the newest export has each balance transaction and card payment, with the amount, dates, status and debt of the books"};

/* The lists of the export: the columns that are compared, of which the first is the id and the second gives the month. Those of a
 * payment stand last: they are known when all rows of its member are. */
enum list_kind { TRANSACTIONS, PAYMENTS, LISTS };
#define FIELDS 9
static const struct exported {
	const char *name;
	const char *column[FIELDS];
	int columns;
} lists[LISTS] = {
    [TRANSACTIONS] = {"alan_balance_transactions",
                      {"id", "transaction_date", "amount_in_cents", "event_type", "alan_pay_recovery_debt_id",
                       "card_payment.amount_in_cents", "card_payment.status", "card_payment.is_recovered",
                       "push_notification_sent_at"},
                      9},
    [PAYMENTS] = {"card_payments",
                  {"id", "effective_date", "amount_in_cents", "status", "merchant_name", "is_recovered"},
                  6},
};

struct sums {
	int64_t rows;
	uint64_t sum;
};

/* A row is what pass_mix makes of its fields, one after the other. Empty is absent. */
static uint64_t
field(const char *text)
{
	return text == NULL ? pass_mix_bytes(0, "", 0) : pass_mix_bytes(0, text, strlen(text));
}

static uint64_t
field_of_instant(instant at)
{
	char text[INSTANT_TEXT];

	return field(at == INSTANT_NONE ? NULL : instant_print(text, at));
}

static void
add_row(struct sums *s, uint64_t row)
{
	s->sum += row;
	s->rows++;
}

/* The files --------------------------------------------------------------------------------------------------------- */

struct exported_file {
	struct proof *proof;
	const struct exported *list;
	const char *path;
	int place[FIELDS];
	struct sums *sums;
};

static int
take_header(void *ctx, const char *const names[], int n, struct err *e)
{
	struct exported_file *f = ctx;
	int i, k;

	for (i = 0; i < f->list->columns; i++) {
		for (k = 0; k < n && strcmp(names[k], f->list->column[i]) != 0; k++)
			;
		if (k == n)
			return err_set(e, ERR_MISSING_COLUMN, "column %s is missing", f->list->column[i]);
		f->place[i] = k;
	}
	return 0;
}

/* Of .../<list>/2026-03.csv each row is of that month in Paris. */
static bool
is_in_its_month(const struct exported_file *f, const char *at)
{
	const char *name = strrchr(f->path, '/') + 1;
	char day[DATE_TEXT];
	struct err e = {0};
	instant when;

	if (strstr(name, f->list->name) == name)
		return true;
	return instant_parse(at, &when, &e) == 0 &&
	       strncmp(date_print(day, date_in_paris(when)), name, 7) == 0;
}

static int
take_row(void *ctx, long line, const char *const value[], struct err *e)
{
	struct exported_file *f = ctx;
	uint64_t sum = 0;
	int i;

	(void)e;
	for (i = 0; i < f->list->columns; i++)
		sum = pass_mix(sum, field(value[f->place[i]]));
	if (!is_in_its_month(f, value[f->place[1]]))
		proof_differs(f->proof, &is_current, "%s, line %ld: is of another month", f->path, line);
	add_row(f->sums, sum);
	return 0;
}

static void
read_file(struct proof *p, const struct exported *list, const char *path, struct sums *sums)
{
	struct exported_file f = {.proof = p, .list = list, .path = path, .sums = sums};
	struct err e = {0};
	FILE *in = fopen(path, "r");

	if (in == NULL || csv_read_any(in, take_header, take_row, &f, &e) < 0)
		proof_differs(p, &is_current, "%s: cannot be read: %s", path,
		              in == NULL ? "it is missing" : e.message);
	if (in != NULL)
		fclose(in);
}

static void
read_files(struct proof *p, const struct exported *list, struct sums *sums)
{
	struct stmt *q = sql(p->r->db,
	    "SELECT a.path"
	    " FROM export_set s"
	    " JOIN artifact a ON a.path > s.folder || '/' || $list AND a.path < s.folder || '/' || $list || '0'"
	    " WHERE s.number = (SELECT max(number) FROM export_set)"
	    " ORDER BY a.path");

	bind_text(q, "$list", list->name);
	while (row(q))
		read_file(p, list, col_text(q, 0), sums);
}

/* The books --------------------------------------------------------------------------------------------------------- */

/* A failed debt is recovered when its amount came back in a debt that is: at the end of a chain of failed ones. */
static void
find_recovered(struct run *r)
{
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE audit_recovered (profile_number INTEGER NOT NULL, session_number INTEGER NOT NULL,"
	    "  PRIMARY KEY (profile_number, session_number))"));
	exec(sql(r->db,
	    "WITH RECURSIVE chain (profile_number, first, session_number) AS ("
	    "  SELECT profile_number, session_number, session_number FROM debt WHERE status = 'failed'"
	    "  UNION SELECT c.profile_number, c.first, back.session_number"
	    "  FROM chain c"
	    "  JOIN collection o ON o.profile_number = c.profile_number AND o.session_number = c.session_number"
	    "  JOIN balance_transaction back ON back.source_kind IN (2, 5) AND back.source = CAST(o.end_to_end_id AS BLOB)"
	    "   AND (back.event = 3 OR back.source_kind = 5) AND back.session_number IS NOT NULL)"
	    " INSERT INTO audit_recovered (profile_number, session_number)"
	    " SELECT DISTINCT c.profile_number, c.first"
	    " FROM chain c"
	    " JOIN debt d ON d.profile_number = c.profile_number AND d.session_number = c.session_number"
	    " WHERE d.status = 'succeeded'"));
}

/* A payment of the member at hand. */
struct payment {
	int64_t number;
	uint64_t amount, status; /* its fields */
	uint64_t row;            /* in the list of payments, without its last field */
	bool is_listed, is_captured, is_owed;
	instant accepted_at; /* when the member was last notified of it */
};

/* A transaction of one, without the fields of the payment. */
struct posted {
	uint64_t row;
	int64_t payment; /* its place among those of the member */
	instant at, sent_at;
};

/* The rows of the books, a member at a time. */
struct books {
	struct run *r;
	struct pass_cursor payments, notified, recovered, rows;
	struct pass_list known, posted, sessions; /* sessions: of the debts that are recovered */
	struct sums sums[LISTS];
};

static void
take_payment(struct books *b, struct stmt *q)
{
	struct payment *p = pass_list_add(&b->known, sizeof(*p));
	char id[UUID_TEXT];

	*p = (struct payment){.number = col_int(q, 0) % PASS_MEMBER,
	                      .amount = field(col_text(q, 2)),
	                      .status = field(col_text(q, 3)),
	                      .is_listed = col_int(q, 5) == 1,
	                      .accepted_at = INSTANT_NONE};
	store_uuid_print(b->r->db, UUID_CARD_PAYMENT, b->payments.member, p->number, id);
	p->row = pass_mix(pass_mix(0, field(id)), field_of_instant(col_int(q, 1)));
	p->row = pass_mix(pass_mix(pass_mix(p->row, p->amount), p->status), field(col_text(q, 4)));
}

static int
compare_payments(const void *a, const void *b)
{
	int64_t x = ((const struct payment *)a)->number, y = ((const struct payment *)b)->number;

	return x < y ? -1 : x > y;
}

/* NULL: the member has no such payment. */
static struct payment *
find_payment(const struct books *b, int64_t number)
{
	struct payment wanted = {.number = number};

	return b->known.n == 0 ? NULL
	                       : bsearch(&wanted, b->known.at, b->known.n, sizeof(wanted), compare_payments);
}

/* The subject is the number of the payment, with /2 when the member was notified of it once more. */
static void
take_notified(struct books *b, struct stmt *q)
{
	char *end;
	struct payment *p = find_payment(b, strtoll(col_text(q, 1), &end, 10));

	if (p != NULL && (*end == '\0' || strcmp(end, "/2") == 0) && p->accepted_at < col_int(q, 2))
		p->accepted_at = col_int(q, 2);
}

static void
take_session(struct books *b, struct stmt *q)
{
	int64_t *session = pass_list_add(&b->sessions, sizeof(*session));

	*session = col_int(q, 1);
}

static bool
is_recovered(const struct books *b, int64_t session)
{
	const int64_t *at = b->sessions.at;
	size_t i;

	for (i = 0; i < b->sessions.n; i++)
		if (at[i] == session)
			return true;
	return false;
}

/* When all rows of the member are known. */
static uint64_t
field_of_recovery(const struct payment *p)
{
	return field(p->is_captured && !p->is_owed ? "true" : "false");
}

/* The fields of the payment, of which there may be none, and when the member was notified of the transaction. */
static void
add_transaction(struct books *b, uint64_t row, const struct payment *p, instant sent_at)
{
	row = pass_mix(row, p == NULL ? field(NULL) : p->amount);
	row = pass_mix(row, p == NULL ? field(NULL) : p->status);
	row = pass_mix(row, p == NULL ? field(NULL) : field_of_recovery(p));
	add_row(&b->sums[TRANSACTIONS], pass_mix(row, field_of_instant(sent_at)));
}

static void
take_transaction(struct books *b, struct stmt *q)
{
	struct payment *p = col_null(q, 5) ? NULL : find_payment(b, col_int(q, 5));
	int64_t member = b->rows.member;
	char id[UUID_TEXT], debt[UUID_TEXT] = "";
	struct posted *of;
	uint64_t row;

	store_uuid_print(b->r->db, UUID_BALANCE_TRANSACTION, member, col_int(q, 0) % PASS_MEMBER, id);
	if (!col_null(q, 4))
		store_uuid_print(b->r->db, UUID_DEBT, member, col_int(q, 4), debt);
	row = pass_mix(pass_mix(0, field(id)), field_of_instant(col_int(q, 1)));
	row = pass_mix(pass_mix(pass_mix(row, field(col_text(q, 2))), field(col_text(q, 3))), field(debt));
	if (p == NULL) {
		add_transaction(b, row, NULL, col_instant(q, 7));
		return;
	}
	if (col_int(q, 6) == 1) {
		p->is_captured = true;
		p->is_owed = p->is_owed || col_null(q, 4) || !is_recovered(b, col_int(q, 4));
	}
	of = pass_list_add(&b->posted, sizeof(*of));
	*of = (struct posted){row, p - (struct payment *)b->known.at, col_int(q, 1), col_instant(q, 7)};
}

/* A member who was notified of a payment before the transaction counts as notified with it. */
static void
end_member(struct books *b)
{
	const struct payment *payments = b->known.at, *p;
	const struct posted *of = b->posted.at;
	size_t i;

	for (i = 0; i < b->posted.n; i++, of++) {
		p = &payments[of->payment];
		if (of->sent_at != INSTANT_NONE || p->accepted_at == INSTANT_NONE)
			add_transaction(b, of->row, p, of->sent_at);
		else
			add_transaction(b, of->row, p, p->accepted_at > of->at ? p->accepted_at : of->at);
	}
	for (p = payments; p < payments + b->known.n; p++)
		if (p->is_listed)
			add_row(&b->sums[PAYMENTS], pass_mix(p->row, field_of_recovery(p)));
	b->known.n = b->posted.n = b->sessions.n = 0;
}

/* The rows of the member; those of members before have nothing to do with payments and transactions. */
static void
take_all(struct books *b, struct pass_cursor *c, int64_t member,
         void (*take)(struct books *b, struct stmt *q))
{
	for (; c->member <= member && c->member != PASS_END; pass_next(c))
		if (c->member == member)
			take(b, c->q);
}

static void
begin_books(struct books *b)
{
	struct store *db = b->r->db;

	b->payments = (struct pass_cursor){
	    .of = PASS_MEMBER,
	    .q = sql(db, "SELECT p.key, p.effective_at,"
	                 "  CASE WHEN p.captured_in_cents > 0 THEN p.captured_in_cents ELSE p.authorized_in_cents END,"
	                 "  s.word, m.name, p.captured_in_cents + p.authorized_in_cents > 0 OR s.word <> 'captured'"
	                 " FROM card_payment p"
	                 " LEFT JOIN code s ON s.number = p.status"
	                 " LEFT JOIN merchant m ON m.number = p.merchant_number"
	                 " ORDER BY p.key")};
	b->notified =
	    (struct pass_cursor){.of = 1,
	                         .q = sql(db, "SELECT profile_number, subject, accepted_at"
	                                                " FROM notification"
	                                                " WHERE name = 'alan_pay__post_payment' AND state = 'accepted'"
	                                                " ORDER BY profile_number")};
	b->recovered = (struct pass_cursor){.of = 1,
	                                    .q = sql(db, "SELECT profile_number, session_number"
	                                                 " FROM debt"
	                                                 " WHERE status = 'succeeded'"
	                                                 " UNION ALL SELECT profile_number, session_number"
	                                                 " FROM audit_recovered"
	                                                 " ORDER BY 1, 2")};
	b->rows = (struct pass_cursor){
	    .of = PASS_MEMBER,
	    .q = sql(db, "SELECT b.key, b.transaction_at, b.amount_in_cents, e.word, b.session_number,"
	                 "  CASE WHEN b.event IN (1, 6, 7) THEN b.payment_number END, b.event = 1,"
	                 "  coalesce(b.push_notification_sent_at,"
	                 "   CASE WHEN b.payment_number IS NULL OR b.event NOT IN (1, 6, 7) THEN ("
	                 "    SELECT max(CASE WHEN n.accepted_at > b.transaction_at THEN n.accepted_at ELSE b.transaction_at END)"
	                 "    FROM notification n"
	                 "    WHERE n.name = 'alan_pay__external_transaction' AND n.profile_number = b.profile_number"
	                 "     AND n.subject = CAST(b.number AS TEXT) AND n.state = 'accepted') END)"
	                 " FROM balance_transaction b"
	                 " CROSS JOIN code e ON e.number = b.event"
	                 " ORDER BY b.key")};
	pass_next(&b->payments);
	pass_next(&b->notified);
	pass_next(&b->recovered);
	pass_next(&b->rows);
}

static void
read_books(struct books *b)
{
	int64_t member;

	find_recovered(b->r);
	begin_books(b);
	for (;;) {
		member = b->payments.member < b->rows.member ? b->payments.member : b->rows.member;
		if (member == PASS_END)
			break;
		take_all(b, &b->payments, member, take_payment);
		take_all(b, &b->notified, member, take_notified);
		take_all(b, &b->recovered, member, take_session);
		take_all(b, &b->rows, member, take_transaction);
		end_member(b);
	}
	free(b->known.at);
	free(b->posted.at);
	free(b->sessions.at);
}

void
proof_of_exports(struct proof *p)
{
	/* of a home that was made from a fixture, the files are gone */
	struct stmt *q =
	    sql(p->r->db,
	    "SELECT CASE WHEN EXISTS (SELECT 1 FROM touched) THEN 0 ELSE ("
	    "   SELECT count(*)"
	    "   FROM export_set s"
	    "   JOIN artifact a ON a.path > s.folder || '/' AND a.path < s.folder || '0'"
	    "   WHERE s.number = (SELECT max(number) FROM export_set)"
	    "    AND a.state <> 'gone') END");
	struct books books = {.r = p->r};
	struct sums files, rows;
	size_t i;

	proof_begin(p, &is_current);
	if (value(q, 0) == 0)
		return;
	read_books(&books);
	for (i = 0; i < LISTS; i++) {
		files = (struct sums){0};
		rows = books.sums[i];
		read_files(p, &lists[i], &files);
		if (files.rows != rows.rows || files.sum != rows.sum)
			proof_differs(p, &is_current,
			              "%s: has %lld rows, the books have %lld, or a row differs: %s",
			              lists[i].name, (long long)files.rows, (long long)rows.rows,
			              run_command(p->r, "export --all"));
	}
}
