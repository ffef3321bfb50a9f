/* review: see review.h. Only reads. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/html.h"
#include "formats/text.h"
#include "stages/core/bank/exclusion.h"
#include "stages/core/bank/review.h"
#include "stages/core/engine/log.h"

#define MAX_CHANGE_PERCENT 30 /* of the total against the last session, before it is an anomaly */
#define OUTLIER_TIMES      3  /* the average */
#define TAKEN_BACK_DAYS    58 /* 8 weeks, and 2 days for the banks to report */

static void
keep(char *dst, size_t size, const char *src)
{
	if (text_copy(dst, size, src) < 0)
		die(EXIT_BUG, "a text of the bank file is too long for its report");
}

static void
mask(char masked[IBAN_MASKED], const char *text)
{
	struct iban iban;

	keep(iban.text, sizeof(iban.text), text);
	iban_mask(masked, &iban);
}

static void
load_file(struct run *r, int64_t number, struct review *t)
{
	static const unsigned char none[SHA256_SIZE];

	if (!bankfile_load(r, number, &t->file) || !session_load(r, t->file.session, &t->session))
		die(EXIT_BUG, "bank file %lld does not exist", (long long)number);
	if (memcmp(t->file.sha256, none, SHA256_SIZE) == 0)
		die(EXIT_BUG, "%s has no hash yet: its report cannot be written", t->file.name);
}

/* What is asked for with this version: its files, and each part of an earlier version that stood when they were made. */
static void
load_version(struct run *r, struct review *t)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT CAST(sum(o.sum_in_cents) AS BIGINT) FROM bank_file f"
	    " JOIN bank_file o ON o.session_number = f.session_number AND o.kind = f.kind"
	    "  AND (o.version = f.version OR " BANKFILE_STOOD_BEFORE("o", "f") ")"
	    " WHERE f.number = $file");

	bind_int(q, "$file", t->file.number);
	t->version_sum = value(q, 0);
	terms_load(r, t->file.number, &t->terms);
}

static void
load_blocks(struct run *r, struct review *t)
{
	struct stmt *q = bankfile_begin_blocks(r, t->file.number);
	struct bankfile_block b;
	size_t n = 0;

	while (bankfile_next_block(q, &b)) {
		if (t->blocks == REVIEW_BLOCKS)
			die(EXIT_BUG, "%s has more than %d blocks", t->file.name, REVIEW_BLOCKS);
		t->block[t->blocks++] = b;
		n += (size_t)snprintf(t->sequence_types + n, sizeof(t->sequence_types) - n, "%s%s",
		                      n > 0 ? ", " : "", b.sequence_type);
	}
}

/* The digest of the frozen session; "" when it has none. */
static void
load_digest(struct run *r, struct review *t)
{
	struct stmt *q =
	    sql(r->db, "SELECT digest FROM session WHERE number = $number AND digest IS NOT NULL");
	size_t n;

	bind_int(q, "$number", t->file.session);
	while (row(q))
		sha256_print(t->digest, col_blob(q, 0, &n));
}

/* The last session before this one that had a file of this kind in force when this one was made. */
static void
load_previous(struct run *r, struct review *t)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT s.number, s.code, CAST(sum(o.collections) AS BIGINT),"
	    "  CAST(sum(o.sum_in_cents) AS BIGINT), max(o.collect_on),"
	    "  max(CASE WHEN o.config_sha256 <> f.config_sha256 THEN 1 ELSE 0 END)"
	    " FROM bank_file f"
	    " JOIN session mine ON mine.number = f.session_number"
	    " JOIN bank_file o ON o.kind = f.kind AND " BANKFILE_STOOD_BEFORE("o", "f")
	    " JOIN session s ON s.number = o.session_number"
	    " WHERE f.number = $file"
	    "  AND (s.recovery_on, s.number) < (mine.recovery_on, mine.number)"
	    " GROUP BY s.number, s.code, s.recovery_on"
	    " ORDER BY s.recovery_on DESC, s.number DESC LIMIT 1");

	bind_int(q, "$file", t->file.number);
	if (!row(q))
		return;
	t->previous.session = col_int(q, 0);
	keep(t->previous.code, sizeof(t->previous.code), col_text(q, 1));
	t->previous.count = col_int(q, 2);
	t->previous.sum = col_int(q, 3);
	t->previous.collect_on = col_date(q, 4);
	t->previous.other_config = col_int(q, 5) != 0;
	reset(q);
}

static void
load_excluded(struct run *r, struct review *t)
{
	struct stmt *q = exclusion_begin(r, t->file.session, t->file.kind, t->terms.address);
	struct exclusion l;

	while (exclusion_next(q, &l)) {
		struct collection_sum *sum =
		    l.dropped ? &t->dropped
			      : &t->excluded[l.amount < 0 ? COLLECTION_REFUND : COLLECTION_DEBIT];

		sum->count++;
		if (!money_add(&sum->sum, l.amount < 0 ? -l.amount : l.amount))
			die(EXIT_BUG, "session %s: the sum of its excluded debts overflows", t->session.code);
	}
}

/* The accounts of several members in the file: the temporary table `shared_iban`. */
static void
find_shared(struct run *r, int64_t file)
{
	struct stmt *q;

	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS shared_iban ("
	    "  file_number INTEGER NOT NULL, iban TEXT NOT NULL, PRIMARY KEY (file_number, iban)) WITHOUT ROWID"));
	q = sql(r->db, "DELETE FROM shared_iban WHERE file_number = $file");
	bind_int(q, "$file", file);
	exec(q);
	q = sql(r->db,
	    "INSERT INTO shared_iban (file_number, iban)"
	    " SELECT $file, m.iban"
	    " FROM collection c"
	    " JOIN mandate m ON m.number = c.mandate_number"
	    " WHERE c.file_number = $file"
	    " GROUP BY m.iban"
	    " HAVING min(c.profile_number) <> max(c.profile_number)");
	bind_int(q, "$file", file);
	exec(q);
}

struct stmt *
review_begin(struct run *r, const struct review *t)
{
	struct stmt *q = sql(r->db,
	    "SELECT c.end_to_end_id, c.profile_number, p.app_id, p.app_user_id, m.debtor_name, m.iban,"
	    "  m.reference, m.signed_on, c.amount_in_cents, c.amended, c.presentation,"
	    "  CASE WHEN f.kind = 'refund' OR EXISTS (SELECT 1 FROM collection o"
	    "    JOIN mandate om ON om.number = o.mandate_number"
	    "    JOIN bank_file ofile ON ofile.number = o.file_number"
	    "    WHERE o.profile_number = c.profile_number AND o.file_number < c.file_number"
	    "     AND ofile.kind = 'debit' AND " BANKFILE_STOOD_BEFORE("ofile", "f")
	    "     AND om.reference_key = m.reference_key) THEN 0 ELSE 1 END,"
	    "  CASE WHEN f.kind = 'refund' AND EXISTS (SELECT 1 FROM collection o"
	    "    JOIN bank_file ofile ON ofile.number = o.file_number"
	    "    WHERE o.profile_number = c.profile_number AND o.state = 'booked'"
	    "     AND ofile.kind = 'debit' AND coalesce(o.booked_on, o.settled_on) >= $since) THEN 1 ELSE 0 END,"
	    "  CASE WHEN f.kind = 'refund' AND NOT EXISTS (SELECT 1 FROM collection o"
	    "    JOIN mandate om ON om.number = o.mandate_number"
	    "    WHERE o.profile_number = c.profile_number AND o.state = 'booked'"
	    "     AND coalesce(o.booked_on, o.settled_on) <= $made AND om.iban = m.iban) THEN 1 ELSE 0 END,"
	    "  CASE WHEN EXISTS (SELECT 1 FROM shared_iban s WHERE s.file_number = c.file_number AND s.iban = m.iban)"
	    "   THEN 1 ELSE 0 END, coalesce(b.sequence_type, ''),"
	    "  CASE WHEN c.original_creditor_name IS NOT NULL OR c.original_creditor_identifier IS NOT NULL"
	    "   THEN 1 ELSE 0 END"
	    " FROM collection c"
	    " JOIN bank_file f ON f.number = c.file_number"
	    " JOIN bank_block b ON b.file_number = c.file_number AND b.nth = c.block"
	    " JOIN profile p ON p.number = c.profile_number"
	    " JOIN mandate m ON m.number = c.mandate_number"
	    " WHERE c.file_number = $file"
	    " ORDER BY c.end_to_end_id");

	bind_int(q, "$file", t->file.number);
	bind_date(q, "$since", t->file.collect_on - TAKEN_BACK_DAYS);
	bind_date(q, "$made", date_in_paris(t->file.created_at));
	return q;
}

bool
review_next(struct stmt *q, struct reviewed *d)
{
	if (!row(q))
		return false;
	d->end_to_end_id = col_text(q, 0);
	d->profile = col_int(q, 1);
	d->app_id = col_text(q, 2);
	d->app_user_id = col_text(q, 3);
	d->debtor_name = col_text(q, 4);
	mask(d->iban, col_text(q, 5));
	d->reference = col_text(q, 6);
	d->signed_on = col_date(q, 7);
	d->amount = col_int(q, 8);
	d->amended = col_int(q, 9) != 0;
	d->presentation = col_int(q, 10);
	d->is_first = col_int(q, 11) != 0;
	d->may_come_back = col_int(q, 12) != 0;
	d->is_new_account = col_int(q, 13) != 0;
	d->shares_account = col_int(q, 14) != 0;
	d->sequence_type = col_text(q, 15);
	d->new_creditor = col_int(q, 16) != 0;
	return true;
}

static void __attribute__((format(printf, 4, 5)))
add_anomaly(struct review *t, const char *code, int64_t count, const char *fmt, ...)
{
	struct anomaly *a = &t->anomaly[t->anomalies];
	va_list args;

	if (count == 0)
		return;
	a->code = code;
	a->count = count;
	va_start(args, fmt);
	vsnprintf(a->message, sizeof(a->message), fmt, args);
	va_end(args);
	t->anomalies++;
}

void
review_put_anomalies(struct json *j, const struct review *t)
{
	int i;

	json_open(j, "anomalies", '[');
	for (i = 0; i < t->anomalies; i++) {
		json_open(j, NULL, '{');
		json_put_text(j, "code", t->anomaly[i].code);
		json_put_text(j, "message", t->anomaly[i].message);
		json_put_int(j, "count", t->anomaly[i].count);
		json_close(j, '}');
	}
	json_close(j, ']');
}

int
review_change_percent(const struct review *t)
{
	cents more = t->version_sum - t->previous.sum;

	if (more / t->previous.sum > REVIEW_CHANGE_MOST / 100)
		return REVIEW_CHANGE_MOST;
	return (int)(more * 100 / t->previous.sum);
}

const char *
review_or_more(int change)
{
	return change == REVIEW_CHANGE_MOST ? " or more" : "";
}

/* How many debits or refunds of a file have an anomaly. */
struct anomaly_counts {
	int64_t outliers, shared, first, amended, new_creditor, again, may_come_back, new_account;
};

static void
count_anomalies(struct run *r, struct review *t, struct anomaly_counts *n)
{
	struct stmt *q = review_begin(r, t);
	struct reviewed d;

	while (review_next(q, &d)) {
		t->least = t->least == 0 || d.amount < t->least ? d.amount : t->least;
		t->most = d.amount > t->most ? d.amount : t->most;
		n->outliers += d.amount > OUTLIER_TIMES * t->average;
		n->shared += d.shares_account;
		n->first += d.is_first;
		n->amended += d.amended;
		n->new_creditor += d.new_creditor;
		n->again += d.presentation > 1;
		n->may_come_back += d.may_come_back;
		n->new_account += d.is_new_account;
	}
}

static void
find_anomalies(struct run *r, struct review *t)
{
	char day[HTML_DAY], other_day[HTML_DAY], eur[HTML_EUR];
	struct anomaly_counts n = {0};
	int change;

	count_anomalies(r, t, &n);
	add_anomaly(t, "amount_far_above_average", n.outliers,
	            "Amounts of more than %d times the average of %s", OUTLIER_TIMES,
	            html_eur(eur, t->average));
	add_anomaly(t, "iban_of_several_members", n.shared,
	            "Accounts shared by several members in this file");
	add_anomaly(t, "new_mandate", n.first, "First debits under a new mandate");
	add_anomaly(t, "amended_mandate", n.amended,
	            "Debits under an amended mandate: the IBAN changed since the last debit");
	add_anomaly(
	    t, "new_creditor", n.new_creditor,
	    "Debits that announce another creditor: its name or identifier changed since the last debit");
	add_anomaly(t, "presented_again", n.again, "Presented again after a reject or a return");
	add_anomaly(t, "debit_may_come_back", n.may_come_back,
	            "Refunds to members with a debit of the last 8 weeks that may still come back");
	add_anomaly(t, "new_account", n.new_account,
	            "Refunds to an account on which no debit or refund of the member was booked before");
	add_anomaly(t, "collection_date_moved", t->file.collect_on != t->file.wanted_on,
	            "Due on %s, not on %s, the recovery date of the session",
	            html_day(day, t->file.collect_on), html_day(other_day, t->file.wanted_on));
	if (t->previous.session == 0)
		return;
	change = review_change_percent(t);
	add_anomaly(t, "total_changed", change > MAX_CHANGE_PERCENT || change < -MAX_CHANGE_PERCENT,
	            "The total is %d %%%s %s than in session %s (%s)", change < 0 ? -change : change,
	            review_or_more(change), change < 0 ? "lower" : "higher", t->previous.code,
	            html_eur(eur, t->previous.sum));
}

void
review_load(struct run *r, int64_t file_number, int64_t xml_size, struct review *t)
{
	struct iban iban;
	struct err e;

	*t = (struct review){.xml_size = xml_size};
	load_file(r, file_number, t);
	load_version(r, t);
	load_blocks(r, t);
	load_digest(r, t);
	load_previous(r, t);
	load_excluded(r, t);
	if (iban_parse(t->terms.creditor_iban, &iban, &e) == 0)
		iban_mask(t->creditor_iban, &iban);
	t->average = (t->file.sum + t->file.count / 2) / t->file.count;
	t->upload_on = bankfile_upload_on(t->terms.lead_target_days, t->file.collect_on);
	find_shared(r, file_number);
	find_anomalies(r, t);
}
