/* proof_export: see proof.h. The newest export of balance transactions and card payments against the rows of the books.
 *
 * A row that was not noted as changed is not read by the export once more (core/engine/touched.h), so that a change without a note stays
 * unseen. Each line of the files and each row of the books make a number, from the columns below; the sums over all must be the same.
 * The columns are those that may change after the row is there. Not compared is what comes with the row (its member, the mandate of a
 * debit, the id of an external transaction), with its status (the reason of a rejection), or with the name of its merchant (id, place,
 * category). Nothing is compared while rows are noted that changed since the export.
 */
#include <stdio.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/date.h"
#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/audit/proof.h"
#include "stages/core/engine/log.h"

static struct claim is_current = {
    .text =
	"the newest export has each balance transaction and card payment, with the amount, dates, status and debt of the books"};

#define FIELDS 9

/* The captured rows o of a card payment p. */
#define IS_CAPTURED                                                                                      \
	"((o.source_kind = 1 AND o.source BETWEEN p.key * 256 AND p.key * 256 + 255 AND o.event = 1)"    \
	" OR (o.source_kind = 8 AND o.profile_number = p.profile_number AND o.payment_number = p.number" \
	"  AND o.event = 1))"

#define IS_RECOVERED                                                                                           \
	"(SELECT CASE min(CASE WHEN d.status = 'succeeded' OR r.session_number IS NOT NULL THEN 1 ELSE 0 END)" \
	"  WHEN 1 THEN 'true' ELSE 'false' END"                                                                \
	" FROM balance_transaction o"                                                                          \
	" LEFT JOIN debt d ON d.profile_number = o.profile_number AND d.session_number = o.session_number"     \
	" LEFT JOIN audit_recovered r ON r.profile_number = o.profile_number"                                  \
	"  AND r.session_number = o.session_number"                                                            \
	" WHERE " IS_CAPTURED ")"

#define AMOUNT "CASE WHEN p.captured_in_cents > 0 THEN p.captured_in_cents ELSE p.authorized_in_cents END"

#define NOTIFIED(name, number)                                                                                 \
	"(SELECT max(CASE WHEN n.accepted_at > b.transaction_at THEN n.accepted_at ELSE b.transaction_at END)" \
	" FROM notification n"                                                                                 \
	" WHERE n.name = '" name "' AND n.profile_number = b.profile_number AND n.state = 'accepted'"          \
	"  AND n.subject IN (CAST(" number " AS TEXT), CAST(" number " AS TEXT) || '/2'))"

/* The lists of the export: the columns that are compared, of which the first is the id and the second gives the month; and the
 * same from the books: member and number, then as many columns, with the session in place of the id of a debt. */
static const struct exported {
	const char *name;
	enum uuid_kind kind;
	const char *column[FIELDS];
	int columns;
	int debt, sent; /* which of them is the id of a debt, and an instant; 0: none */
	const char *text;
} lists[] = {
    {"alan_balance_transactions",
     UUID_BALANCE_TRANSACTION,
     {"id", "transaction_date", "amount_in_cents", "event_type", "card_payment.amount_in_cents",
      "card_payment.status", "card_payment.is_recovered", "alan_pay_recovery_debt_id",
      "push_notification_sent_at"},
     9,
     7,
     8,
     SQL("SELECT b.profile_number, b.number, b.transaction_at, b.amount_in_cents, e.word, " AMOUNT ", s.word,"
         "  CASE WHEN p.key IS NOT NULL THEN " IS_RECOVERED " END,"
         "  b.session_number,"
         "  coalesce(b.push_notification_sent_at, CASE WHEN p.key IS NOT NULL THEN "
         NOTIFIED("alan_pay__post_payment", "p.number") " ELSE " NOTIFIED("alan_pay__external_transaction", "b.number")
         " END)"
         " FROM balance_transaction b"
         " JOIN code e ON e.number = b.event"
         " LEFT JOIN card_payment p ON p.key = b.key / 16777216 * 16777216 + b.payment_number AND b.event IN (1, 6, 7)"
         " LEFT JOIN code s ON s.number = p.status"
         " ORDER BY b.key")},
     {"card_payments",
      UUID_CARD_PAYMENT,
      {"id", "effective_date", "amount_in_cents", "status", "is_recovered", "merchant_name"},
      6,
      0,
      0,
      SQL("SELECT p.profile_number, p.number, p.effective_at, " AMOUNT ", s.word, " IS_RECOVERED ", m.name"
         " FROM card_payment p"
         " JOIN code s ON s.number = p.status"
         " LEFT JOIN merchant m ON m.number = p.merchant_number"
         " WHERE p.captured_in_cents + p.authorized_in_cents > 0 OR s.word <> 'captured'"
         " ORDER BY p.key")},
};

struct sums {
	int64_t rows;
	uint64_t sum;
};

/* FNV-1a over the fields, each with its end, mixed so that sums of it say something. */
static void
add_row(struct sums *s, const char *const field[], int n)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	const char *c;
	int i;

	for (i = 0; i < n; i++) {
		for (c = field[i]; *c != '\0'; c++)
			h = (h ^ (unsigned char)*c) * UINT64_C(0x100000001b3);
		h = (h ^ 0xff) * UINT64_C(0x100000001b3);
	}
	h = (h ^ (h >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	h = (h ^ (h >> 27)) * UINT64_C(0x94d049bb133111eb);
	s->sum += h ^ (h >> 31);
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
	const char *field[FIELDS] = {0};
	int i;

	(void)e;
	for (i = 0; i < f->list->columns; i++)
		field[i] = value[f->place[i]];
	if (!is_in_its_month(f, field[1]))
		proof_differs(f->proof, &is_current, "%s, line %ld: is of another month", f->path, line);
	add_row(f->sums, field, f->list->columns);
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

static void
read_rows(struct proof *p, const struct exported *list, struct sums *sums)
{
	struct stmt *q = sql(p->r->db, list->text);
	char id[UUID_TEXT], debt[UUID_TEXT], at[INSTANT_TEXT], sent[INSTANT_TEXT];
	const char *field[FIELDS];
	int i;

	while (row(q)) {
		field[0] = store_uuid_print(p->r->db, list->kind, col_int(q, 0), col_int(q, 1), id);
		field[1] = instant_print(at, col_int(q, 2));
		for (i = 2; i < list->columns; i++)
			if (col_null(q, i + 1))
				field[i] = "";
			else if (i == list->debt)
				field[i] = store_uuid_print(p->r->db, UUID_DEBT, col_int(q, 0),
				                            col_int(q, i + 1), debt);
			else if (i == list->sent)
				field[i] = instant_print(sent, col_int(q, i + 1));
			else
				field[i] = col_text(q, i + 1);
		add_row(sums, field, list->columns);
	}
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
	struct sums files, rows;
	size_t i;

	proof_begin(p, &is_current);
	if (value(q, 0) == 0)
		return;
	find_recovered(p->r);
	for (i = 0; i < LENGTH(lists); i++) {
		files = rows = (struct sums){0};
		read_files(p, &lists[i], &files);
		read_rows(p, &lists[i], &rows);
		if (files.rows != rows.rows || files.sum != rows.sum)
			proof_differs(p, &is_current,
			              "%s: has %lld rows, the books have %lld, or a row differs: %s",
			              lists[i].name, (long long)files.rows, (long long)rows.rows,
			              run_command(p->r, "export --all"));
	}
}
