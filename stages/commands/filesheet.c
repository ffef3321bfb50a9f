/* filesheet: see filesheet.h. */
#include <stdio.h>
#include <string.h>

#include "stages/commands/filesheet.h"
#include "stages/core/bank/nextstep.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/exclusion.h"
#include "stages/core/bank/notified.h"
#include "stages/core/bank/review.h"
#include "stages/core/bank/settlement.h"
#include "stages/core/bank/withdrawal.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/options.h"
#include "stages/core/lists/listing.h"
#include "stages/core/lists/table.h"

void
filesheet_find(struct run *r, struct bankfile *f)
{
	if (!bankfile_find(r, options_value(r, "file"), f))
		die(EXIT_ABSENT, "bank file %s does not exist: list them: `%s`", options_value(r, "file"),
		    run_command(r, "sepa list"));
}

/* list --------------------------------------------------------------------------------------------------- */

static void
load(struct run *r, int64_t number, struct bankfile *f)
{
	if (!bankfile_load(r, number, f))
		die(EXIT_BUG, "bank file %lld does not exist", (long long)number);
}

static void
print_next_step(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	struct bankfile f;

	load(r, number, &f);
	nextstep_print(r, &f, text);
}

static void
print_approvals(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	char why[APPROVAL_WHY];
	struct bankfile f;

	load(r, number, &f);
	snprintf(text, COLUMN_TEXT_SIZE, "%lld/%lld", (long long)approval_count(r, &f, why),
	         (long long)config_int(r->config, RELEASE_APPROVALS));
}

static const struct column file_columns[] = {
    {.name = "msg_id", .head = "file"},
    {.name = "id", .type = COLUMN_ID, .kind = UUID_BANK_FILE},
    {.name = "session"},
    {.name = "state"},
    {.name = "kind"},
    {.name = "count", .type = COLUMN_COUNT},
    {.name = "sum_in_cents", .type = COLUMN_CENTS, .head = "total EUR"},
    {.name = "requested_collection_date", .type = COLUMN_DAY, .head = "due on"},
    {.name = "approvals", .type = COLUMN_PRINTED, .print = print_approvals},
    {.name = "next_step", .type = COLUMN_PRINTED, .print = print_next_step},
    {0},
};

static const struct listing files = {
    .name = "sepa list",
    .columns = file_columns,
    .text = SQL(
	"SELECT f.msg_id, 0 AS id_owner, f.number AS id, s.code AS session, f.state, f.kind,"
	"  f.collections AS count, f.sum_in_cents, f.collect_on AS requested_collection_date,"
	"  f.number AS approvals, f.number AS next_step"
	" FROM bank_file f"
	" JOIN session s ON s.number = f.session_number"
	" ORDER BY f.number DESC"),
};

void
filesheet_list(struct run *r)
{
	listing_print(r, &files, listing_query(r, &files));
}

/* show --------------------------------------------------------------------------------------------------- */

/* In groups of eight digits, for people who compare them. */
static void
print_sha256(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	char hex[SHA256_TEXT];
	struct bankfile f;
	int i;

	load(r, number, &f);
	sha256_print(hex, f.sha256);
	for (text[0] = '\0', i = 0; i < 64; i += 8)
		snprintf(text + strlen(text), COLUMN_TEXT_SIZE - strlen(text), "%s%.8s",
		         i > 0 && r->format == FORMAT_TABLE ? " " : "", hex + i);
}

static void
print_upload_on(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	bool for_people = r->format == FORMAT_TABLE;
	struct bankfile f;
	char day[DATE_TEXT];

	load(r, number, &f);
	snprintf(text, COLUMN_TEXT_SIZE, "%s", for_people ? "-" : "");
	if (bankfile_is_unreleased(&f) || f.state == BANKFILE_RELEASED)
		snprintf(text, COLUMN_TEXT_SIZE, "%s%s%s%s",
		         date_print(day, bankfile_upload_on((int)config_int(r->config, BANK_LEAD_TARGET_DAYS),
		                                            f.collect_on)),
		         for_people ? " " : "", for_people ? config_text(r->config, BANK_CUTOFF) : "",
		         for_people ? " Paris" : "");
}

/* The day from which its debits count as recovered, or its refunds as paid, unless the bank reports otherwise. */
static void
print_settled_from(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	struct bankfile f;
	char day[DATE_TEXT];
	date on;

	load(r, number, &f);
	on = settlement_day(r, &f);
	snprintf(text, COLUMN_TEXT_SIZE, "%s", r->format == FORMAT_TABLE ? "its bookings" : "");
	if (on != DATE_NONE)
		snprintf(text, COLUMN_TEXT_SIZE, "%s", date_print(day, on));
}

static void
print_folder(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	struct bankfile f;

	load(r, number, &f);
	snprintf(text, COLUMN_TEXT_SIZE, "%s/%s", r->home, f.folder);
}

/* Its blocks in order: of each the id, or the sequence type. */
static void
join_blocks(struct run *r, int64_t number, bool ids, char text[COLUMN_TEXT_SIZE])
{
	struct stmt *q = bankfile_begin_blocks(r, number);
	struct bankfile_block b;
	size_t n = 0;

	text[0] = '\0';
	while (bankfile_next_block(q, &b))
		n += (size_t)snprintf(text + n, COLUMN_TEXT_SIZE - n, "%s%s", n > 0 ? ", " : "",
		                      ids ? b.payment_information_id : b.sequence_type);
}

static void
print_block_ids(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	join_blocks(r, number, true, text);
}

static void
print_sequence_types(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	join_blocks(r, number, false, text);
}

static const struct column sheet_columns[] = {
    {.name = "msg_id", .head = "file"},
    {.name = "id", .type = COLUMN_ID, .kind = UUID_BANK_FILE},
    {.name = "payment_information_id", .type = COLUMN_PRINTED, .print = print_block_ids},
    {.name = "session"},
    {.name = "recovery_period_start_date", .type = COLUMN_DAY, .head = "period from"},
    {.name = "recovery_period_end_date", .type = COLUMN_DAY, .head = "period to"},
    {.name = "version", .type = COLUMN_COUNT},
    {.name = "state"},
    {.name = "name", .head = "XML"},
    {.name = "folder", .type = COLUMN_PRINTED, .print = print_folder},
    {.name = "sha256", .type = COLUMN_PRINTED, .head = "SHA-256", .print = print_sha256},
    {.name = "kind"},
    {.name = "count", .type = COLUMN_COUNT},
    {.name = "sum_in_cents", .type = COLUMN_CENTS, .head = "total EUR"},
    {.name = "least_in_cents", .type = COLUMN_CENTS, .head = "smallest EUR"},
    {.name = "most_in_cents", .type = COLUMN_CENTS, .head = "largest EUR"},
    {.name = "sequence_type", .type = COLUMN_PRINTED, .print = print_sequence_types},
    {.name = "creditor_name"},
    {.name = "creditor_identifier", .head = "creditor identifier"},
    {.name = "creditor_iban", .type = COLUMN_IBAN, .head = "creditor account"},
    {.name = "creditor_bic", .head = "creditor BIC"},
    {.name = "debtor_name", .head = "paid by"},
    {.name = "debtor_iban", .type = COLUMN_IBAN, .head = "paid from"},
    {.name = "debtor_bic", .head = "BIC of that account"},
    {.name = "recovery_date", .type = COLUMN_DAY},
    {.name = "requested_collection_date", .type = COLUMN_DAY, .head = "due on"},
    {.name = "upload_until", .type = COLUMN_PRINTED, .head = "upload before", .print = print_upload_on},
    {.name = "excluded_debts", .type = COLUMN_COUNT, .head = "debts excluded"},
    {.name = "debts_not_presented", .type = COLUMN_COUNT, .head = "debts not presented"},
    {.name = "built_by"},
    {.name = "built_identity", .head = "known by"},
    {.name = "built_at", .type = COLUMN_INSTANT, .head = "built at (UTC)"},
    {.name = "audited_on", .type = COLUMN_DAY},
    {.name = "config_sha256", .head = "configuration SHA-256"},
    {.name = "configuration"},
    {.name = "approvals_given", .type = COLUMN_COUNT},
    {.name = "approvals_wanted", .type = COLUMN_COUNT, .head = "approvals needed"},
    {.name = "released_by"},
    {.name = "released_identity", .head = "known by"},
    {.name = "released_at", .type = COLUMN_INSTANT, .head = "released at (UTC)"},
    {.name = "uploaded_by"},
    {.name = "uploaded_identity", .head = "known by"},
    {.name = "uploaded_at", .type = COLUMN_INSTANT, .head = "uploaded at (UTC)"},
    {.name = "bank_reference"},
    {.name = "settled_from", .type = COLUMN_PRINTED, .head = "settled from", .print = print_settled_from},
    {.name = "overdue"},
    {.name = "overdue_on", .type = COLUMN_DAY},
    {.name = "cancelled_by"},
    {.name = "cancelled_identity", .head = "known by"},
    {.name = "cancelled_at", .type = COLUMN_INSTANT, .head = "cancelled at (UTC)"},
    {.name = "cancel_why", .head = "why cancelled"},
    {.name = "next_step", .type = COLUMN_PRINTED, .print = print_next_step},
    {0},
};

static const struct listing sheet = {
    .name = "sepa show",
    .columns = sheet_columns,
    .text = SQL(
	"SELECT f.msg_id, 0 AS id_owner, f.number AS id, f.number AS payment_information_id, s.code AS session,"
	"  s.period_start_on AS recovery_period_start_date, s.period_end_on AS recovery_period_end_date,"
	"  f.version, f.state, f.name, f.number AS folder, f.number AS sha256, f.kind, f.collections AS count,"
	"  f.sum_in_cents,"
	"  (SELECT min(c.amount_in_cents) FROM collection c WHERE c.file_number = f.number) AS least_in_cents,"
	"  (SELECT max(c.amount_in_cents) FROM collection c WHERE c.file_number = f.number) AS most_in_cents,"
	"  CASE f.kind WHEN 'debit' THEN f.number END AS sequence_type,"
	"  CASE f.kind WHEN 'debit' THEN f.creditor_name END AS creditor_name,"
	"  CASE f.kind WHEN 'debit' THEN f.creditor_identifier END AS creditor_identifier,"
	"  CASE f.kind WHEN 'debit' THEN f.creditor_iban END AS creditor_iban,"
	"  CASE f.kind WHEN 'debit' THEN f.creditor_bic END AS creditor_bic,"
	"  CASE f.kind WHEN 'refund' THEN f.creditor_name END AS debtor_name,"
	"  CASE f.kind WHEN 'refund' THEN f.creditor_iban END AS debtor_iban,"
	"  CASE f.kind WHEN 'refund' THEN f.creditor_bic END AS debtor_bic,"
	"  f.wanted_on AS recovery_date,"
	"  f.collect_on AS requested_collection_date,"
	"  f.number AS upload_until,"
	"  (SELECT count(*) FROM exclusion x WHERE x.session_number = f.session_number) AS excluded_debts,"
	"  (SELECT count(*) FROM debt d WHERE d.session_number = f.session_number"
	"    AND " EXCLUSION_DROPPED("d", "f.kind") ") AS debts_not_presented,"
	"  f.built_by, f.built_identity, f.created_at AS built_at, f.audited_on,"
	"  lower(hex(f.config_sha256)) AS config_sha256,"
	"  CASE WHEN f.config_sha256 <> $config THEN 'changed since the file was made'"
	"   WHEN EXISTS (SELECT 1 FROM approval a WHERE a.file_number = f.number AND a.config_sha256 <> f.config_sha256)"
	"   THEN 'as when the file was made, but not as when it was approved'"
	"   ELSE 'as when the file was made' END AS configuration,"
	"  (SELECT count(*) FROM approval a WHERE a.file_number = f.number) AS approvals_given,"
	"  CAST($wanted AS BIGINT) AS approvals_wanted,"
	"  f.released_by, f.released_identity, f.released_at, f.uploaded_by, f.uploaded_identity, f.uploaded_at,"
	"  f.bank_reference,"
	"  f.number AS settled_from, f.overdue, f.overdue_on,"
	"  f.cancelled_by, f.cancelled_identity, f.cancelled_at, f.cancel_why, f.number AS next_step"
	" FROM bank_file f"
	" JOIN session s ON s.number = f.session_number"
	" WHERE f.number = $file"),
};

static const struct column approval_columns[] = {
    {.name = "approver", .head = "approved by"},
    {.name = "identity", .head = "known by"},
    {.name = "approved_at", .type = COLUMN_INSTANT, .head = "at (UTC)"},
    {.name = "configuration"},
    {0},
};

static const struct listing approvals = {
    .name = "approvals of sepa show",
    .columns = approval_columns,
    .text =
	"SELECT a.approver, a.identity, a.approved_at,"
	"  CASE WHEN a.config_sha256 = f.config_sha256 THEN 'as when the file was made' ELSE 'another' END AS configuration"
	" FROM approval a"
	" JOIN bank_file f ON f.number = a.file_number"
	" WHERE a.file_number = $file"
	" ORDER BY a.approved_at, a.approver",
};

static const struct column rejection_columns[] = {
    {.name = "person", .head = "rejected by"},
    {.name = "identity", .head = "known by"},
    {.name = "rejected_at", .type = COLUMN_INSTANT, .head = "at (UTC)"},
    {.name = "withdrawn_at", .type = COLUMN_INSTANT, .head = "withdrawn at (UTC)"},
    {.name = "why"},
    {0},
};

static const struct listing rejections = {
    .name = "rejections of sepa show",
    .columns = rejection_columns,
    .text =
	"SELECT person, identity, rejected_at, withdrawn_at, why FROM rejection WHERE file_number = $file ORDER BY nth",
};

static const struct column withdrawal_columns[] = {
    {.name = "person", .head = "withdrawal stated by"},
    {.name = "identity", .head = "known by"},
    {.name = "way", .head = "as"},
    {.name = "stated_at", .type = COLUMN_INSTANT, .head = "at (UTC)"},
    {.name = "why"},
    {0},
};

static const struct listing withdrawals = {
    .name = "withdrawals of sepa show",
    .columns = withdrawal_columns,
    .text =
	"SELECT person, identity, way, stated_at, why FROM withdrawal WHERE file_number = $file ORDER BY stated_at, person",
};

static const struct column correction_columns[] = {
    {.name = "was", .head = "bank reference before"},
    {.name = "becomes", .head = "since then"},
    {.name = "corrected_by", .head = "corrected by"},
    {.name = "corrected_identity", .head = "known by"},
    {.name = "corrected_at", .type = COLUMN_INSTANT, .head = "at (UTC)"},
    {.name = "why"},
    {0},
};

static const struct listing corrections = {
    .name = "corrections of sepa show",
    .columns = correction_columns,
    .text = SQL(
	"SELECT was, becomes, corrected_by, corrected_identity, corrected_at, why"
	" FROM upload_correction"
	" WHERE file_number = $file"
	" ORDER BY nth"),
};

static const struct column collection_columns[] = {
    {.name = "state", .head = "state of debits or refunds"},
    {.name = "moved_on", .type = COLUMN_DAY, .head = "moved by the bank to"},
    {.name = "settled_by", .head = "settled after"},
    {.name = "count", .type = COLUMN_COUNT},
    {.name = "sum_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {0},
};

static const struct listing collections = {
    .name = "collections of sepa show",
    .columns = collection_columns,
    .text = SQL(
	"SELECT state, moved_on, settled_by, count(*) AS count, CAST(sum(amount_in_cents) AS BIGINT) AS sum_in_cents"
	" FROM collection"
	" WHERE file_number = $file"
	" GROUP BY state, moved_on, settled_by"
	" ORDER BY CASE state WHEN 'presented' THEN 1 WHEN 'accepted' THEN 2 WHEN 'booked' THEN 3"
	"  WHEN 'rejected' THEN 4 ELSE 5 END, moved_on, settled_by"),
};

static const struct column notice_columns[] = {
    {.name = "members", .type = COLUMN_COUNT},
    {.name = "notified", .type = COLUMN_COUNT},
    {.name = "by_receipt", .type = COLUMN_COUNT},
    {.name = "without_receipt", .type = COLUMN_COUNT},
    {.name = "refused", .type = COLUMN_COUNT},
    {.name = "expired", .type = COLUMN_COUNT},
    {.name = "too_late", .type = COLUMN_COUNT},
    {.name = "not_made", .type = COLUMN_COUNT},
    {.name = "notified_from", .type = COLUMN_INSTANT, .head = "from (UTC)"},
    {.name = "notified_until", .type = COLUMN_INSTANT, .head = "until (UTC)"},
    {.name = "due_on", .type = COLUMN_DAY},
    {0},
};

static const struct listing notices = {
    .name = "notices of sepa show",
    .columns = notice_columns,
    .text = SQL(
	"SELECT CAST($members AS BIGINT) AS members, CAST($notified AS BIGINT) AS notified,"
	"  CAST($receipts AS BIGINT) AS by_receipt, CAST($pending AS BIGINT) AS without_receipt,"
	"  CAST($refused AS BIGINT) AS refused, CAST($expired AS BIGINT) AS expired,"
	"  CAST($late AS BIGINT) AS too_late, CAST($missing AS BIGINT) AS not_made,"
	"  CAST($first AS BIGINT) AS notified_from, CAST($last AS BIGINT) AS notified_until,"
	"  CAST($due AS TEXT) AS due_on"),
};

static struct stmt *
query_notices(struct run *r, const struct bankfile *f)
{
	struct stmt *q = listing_query(r, &notices);
	struct notification_notice n;

	notified_count(r, f, &n);
	bind_int(q, "$members", n.debits);
	bind_int(q, "$notified", n.notified);
	bind_int(q, "$receipts", n.by_receipt);
	bind_int(q, "$pending", n.pending);
	bind_int(q, "$refused", n.refused);
	bind_int(q, "$expired", n.expired);
	bind_int(q, "$late", n.late);
	bind_int(q, "$missing", n.missing);
	bind_instant(q, "$first", n.first_at);
	bind_instant(q, "$last", n.last_at);
	bind_date(q, "$due", notified_until(r, f));
	return q;
}

static const struct column withdrawn_columns[] = {
    {.name = "app_id", .head = "app"},
    {.name = "app_user_id", .head = "notified, but nothing comes"},
    {.name = "debt_id", .type = COLUMN_ID, .kind = UUID_DEBT},
    {.name = "amount_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {.name = "recovery_date", .type = COLUMN_DAY},
    {.name = "notified_of_it", .type = COLUMN_BOOL, .head = "notified of that"},
    {0},
};

/* Of the same session and kind. */
static const struct listing withdrawn = {
    .name = "withdrawn notices of sepa show",
    .columns = withdrawn_columns,
    .text =
	SQL(
	"SELECT p.app_id, p.app_user_id, w.profile_number AS debt_id_owner, w.session_number AS debt_id,"
	"  w.amount_in_cents, w.collect_on AS recovery_date, w.is_notified AS notified_of_it"
	" FROM bank_file f"
	" JOIN withdrawn_notice w ON w.session_number = f.session_number AND w.kind = f.kind"
	" JOIN profile p ON p.number = w.profile_number"
	" WHERE f.number = $file"
	" ORDER BY p.app_id, p.app_user_id"),
};

static struct stmt *
query_sheet(struct run *r, const struct bankfile *f)
{
	struct stmt *q = listing_query(r, &sheet);

	bind_int(q, "$file", f->number);
	bind_int(q, "$wanted", config_int(r->config, RELEASE_APPROVALS));
	bind_blob(q, "$config", config_sha256(r->config), SHA256_SIZE);
	return q;
}

static struct stmt *
query_of(struct run *r, const struct listing *l, const struct bankfile *f)
{
	struct stmt *q = listing_query(r, l);

	bind_int(q, "$file", f->number);
	return q;
}

static bool
has_rejections(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM rejection WHERE file_number = $file");

	bind_int(q, "$file", f->number);
	return value(q, 0) > 0;
}

static bool
has_corrections(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM upload_correction WHERE file_number = $file");

	bind_int(q, "$file", f->number);
	return value(q, 0) > 0;
}

static bool
has_withdrawn(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM withdrawn_notice WHERE session_number = $session"
	                            " AND kind = $kind");

	bind_int(q, "$session", f->session);
	bind_text(q, "$kind", bankfile_words(f->kind)->one);
	return value(q, 0) > 0;
}

static void
write_for_people(struct run *r, const struct bankfile *f, struct sink *s)
{
	struct withdrawal stated;
	struct review t;
	int i;

	table_write_sheet(r, &sheet, query_sheet(r, f), s);
	sink_text(s, "\n");
	if (bankfile_count_approvals(r, f->number) > 0) {
		listing_write(r, &approvals, query_of(r, &approvals, f), FORMAT_TABLE, s);
		sink_text(s, "\n");
	}
	if (has_rejections(r, f)) {
		listing_write(r, &rejections, query_of(r, &rejections, f), FORMAT_TABLE, s);
		sink_text(s, "\n");
	}
	if (withdrawal_find(r, f->number, &stated)) {
		listing_write(r, &withdrawals, query_of(r, &withdrawals, f), FORMAT_TABLE, s);
		sink_text(s, "\n");
	}
	if (has_corrections(r, f)) {
		listing_write(r, &corrections, query_of(r, &corrections, f), FORMAT_TABLE, s);
		sink_text(s, "\n");
	}
	listing_write(r, &notices, query_notices(r, f), FORMAT_TABLE, s);
	sink_text(s, "\n");
	if (has_withdrawn(r, f)) {
		listing_write(r, &withdrawn, query_of(r, &withdrawn, f), FORMAT_TABLE, s);
		sink_text(s, "\n");
	}
	listing_write(r, &collections, query_of(r, &collections, f), FORMAT_TABLE, s);
	review_load(r, f->number, 0, &t);
	for (i = 0; i < t.anomalies; i++)
		sink_print(s, "%sanomaly: %s (%lld)\n", i == 0 ? "\n" : "", t.anomaly[i].message,
		           (long long)t.anomaly[i].count);
}

static void
write_json(struct run *r, const struct bankfile *f, struct sink *s)
{
	struct json j = {.sink = s, .indent = r->format == FORMAT_JSON};
	struct stmt *q = query_sheet(r, f);
	struct review t;

	json_open(&j, NULL, '{');
	while (row(q))
		listing_put_columns(&j, r, &sheet, q);
	listing_put_array(&j, "approvals", r, &approvals, query_of(r, &approvals, f));
	listing_put_array(&j, "rejections", r, &rejections, query_of(r, &rejections, f));
	listing_put_array(&j, "withdrawals", r, &withdrawals, query_of(r, &withdrawals, f));
	listing_put_array(&j, "bank_reference_corrections", r, &corrections, query_of(r, &corrections, f));
	listing_put_array(&j, "notices", r, &notices, query_notices(r, f));
	listing_put_array(&j, "withdrawn_notices", r, &withdrawn, query_of(r, &withdrawn, f));
	listing_put_array(&j, "collections", r, &collections, query_of(r, &collections, f));
	review_load(r, f->number, 0, &t);
	review_put_anomalies(&j, &t);
	json_close(&j, '}');
	if (r->format == FORMAT_JSONL)
		sink_text(s, "\n");
}

void
filesheet_show(struct run *r)
{
	struct sink *s = listing_stdout();
	struct bankfile f;
	char text[APPROVAL_TEXT];

	r->unmasked = options_value(r, "unmask") != NULL;
	filesheet_find(r, &f);
	if (options_value(r, "to-sign") != NULL)
		sink_put(s, text, approval_text(r, &f, text));
	else if (r->format == FORMAT_TABLE)
		write_for_people(r, &f, s);
	else if (r->format == FORMAT_CSV)
		listing_write_csv(r, &sheet, query_sheet(r, &f), s);
	else
		write_json(r, &f, s);
	listing_stdout_end(s);
}
