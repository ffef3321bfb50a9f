/* alanpay sepa: what finance and the approvers do with a bank file.
 *
 * An approval binds to the SHA-256 of the file. The approver types it, or the count and the total of the report. The acts are in
 * core/bank: bankfile.c, approval.c, release.c. Repeating an act changes nothing, and the command says so.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/commands/describe.h"
#include "stages/commands/nextstep.h"
#include "stages/commands/program.h"
#include "stages/commands/typed.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/exclusion.h"
#include "stages/core/bank/release.h"
#include "stages/core/bank/review.h"
#include "stages/core/bank/settlement.h"
#include "stages/core/bank/withdrawal.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/options.h"
#include "stages/core/lists/listing.h"
#include "stages/core/lists/table.h"

static void
find_file(struct run *r, struct bankfile *f)
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
	struct bankfile f;

	load(r, number, &f);
	snprintf(text, COLUMN_TEXT_SIZE, "%lld/%lld", (long long)bankfile_count_approvals(r, f.number),
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

static void
list(struct run *r)
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
		         date_print(day, bankfile_upload_on(r, f.collect_on)), for_people ? " " : "",
		         for_people ? config_text(r->config, BANK_CUTOFF) : "", for_people ? " Paris" : "");
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
    {.name = "recovery_date", .type = COLUMN_DAY},
    {.name = "requested_collection_date", .type = COLUMN_DAY, .head = "due on"},
    {.name = "upload_until", .type = COLUMN_PRINTED, .head = "upload before", .print = print_upload_on},
    {.name = "excluded_debts", .type = COLUMN_COUNT, .head = "debts excluded"},
    {.name = "debts_not_presented", .type = COLUMN_COUNT, .head = "debts not presented"},
    {.name = "built_by"},
    {.name = "built_at", .type = COLUMN_INSTANT, .head = "built at (UTC)"},
    {.name = "audited_on", .type = COLUMN_DAY},
    {.name = "approvals_given", .type = COLUMN_COUNT},
    {.name = "approvals_wanted", .type = COLUMN_COUNT, .head = "approvals needed"},
    {.name = "released_by"},
    {.name = "released_at", .type = COLUMN_INSTANT, .head = "released at (UTC)"},
    {.name = "uploaded_by"},
    {.name = "uploaded_at", .type = COLUMN_INSTANT, .head = "uploaded at (UTC)"},
    {.name = "bank_reference"},
    {.name = "settled_from", .type = COLUMN_PRINTED, .head = "settled from", .print = print_settled_from},
    {.name = "overdue"},
    {.name = "overdue_on", .type = COLUMN_DAY},
    {.name = "cancelled_by"},
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
	"  CASE f.kind WHEN 'debit' THEN f.number END AS sequence_type, f.wanted_on AS recovery_date,"
	"  f.collect_on AS requested_collection_date,"
	"  f.number AS upload_until,"
	"  (SELECT count(*) FROM exclusion x WHERE x.session_number = f.session_number) AS excluded_debts,"
	"  (SELECT count(*) FROM debt d WHERE d.session_number = f.session_number"
	"    AND " EXCLUSION_DROPPED("d", "f.kind") ") AS debts_not_presented,"
	"  f.built_by, f.created_at AS built_at, f.audited_on,"
	"  (SELECT count(*) FROM approval a WHERE a.file_number = f.number) AS approvals_given,"
	"  CAST($wanted AS BIGINT) AS approvals_wanted,"
	"  f.released_by, f.released_at, f.uploaded_by, f.uploaded_at, f.bank_reference,"
	"  f.number AS settled_from, f.overdue, f.overdue_on,"
	"  f.cancelled_by, f.cancelled_at, f.cancel_why, f.number AS next_step"
	" FROM bank_file f"
	" JOIN session s ON s.number = f.session_number"
	" WHERE f.number = $file"),
};

static const struct column approval_columns[] = {
    {.name = "approver", .head = "approved by"},
    {.name = "approved_at", .type = COLUMN_INSTANT, .head = "at (UTC)"},
    {0},
};

static const struct listing approvals = {
    .name = "approvals of sepa show",
    .columns = approval_columns,
    .text =
	"SELECT approver, approved_at FROM approval WHERE file_number = $file ORDER BY approved_at, approver",
};

static const struct column withdrawal_columns[] = {
    {.name = "person", .head = "withdrawal stated by"},
    {.name = "way", .head = "as"},
    {.name = "stated_at", .type = COLUMN_INSTANT, .head = "at (UTC)"},
    {.name = "why"},
    {0},
};

static const struct listing withdrawals = {
    .name = "withdrawals of sepa show",
    .columns = withdrawal_columns,
    .text =
	"SELECT person, way, stated_at, why FROM withdrawal WHERE file_number = $file ORDER BY stated_at, person",
};

static const struct column correction_columns[] = {
    {.name = "was", .head = "bank reference before"},
    {.name = "becomes", .head = "since then"},
    {.name = "corrected_by", .head = "corrected by"},
    {.name = "corrected_at", .type = COLUMN_INSTANT, .head = "at (UTC)"},
    {.name = "why"},
    {0},
};

static const struct listing corrections = {
    .name = "corrections of sepa show",
    .columns = correction_columns,
    .text = SQL(
	"SELECT was, becomes, corrected_by, corrected_at, why"
	" FROM upload_correction"
	" WHERE file_number = $file"
	" ORDER BY nth"),
};

static const struct column collection_columns[] = {
    {.name = "state", .head = "state of debits or refunds"},
    {.name = "settled_by", .head = "settled after"},
    {.name = "count", .type = COLUMN_COUNT},
    {.name = "sum_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {0},
};

static const struct listing collections = {
    .name = "collections of sepa show",
    .columns = collection_columns,
    .text = SQL(
	"SELECT state, settled_by, count(*) AS count, CAST(sum(amount_in_cents) AS BIGINT) AS sum_in_cents"
	" FROM collection"
	" WHERE file_number = $file"
	" GROUP BY state, settled_by"
	" ORDER BY CASE state WHEN 'presented' THEN 1 WHEN 'accepted' THEN 2 WHEN 'booked' THEN 3"
	"  WHEN 'rejected' THEN 4 ELSE 5 END, settled_by"),
};

static struct stmt *
query_sheet(struct run *r, const struct bankfile *f)
{
	struct stmt *q = listing_query(r, &sheet);

	bind_int(q, "$file", f->number);
	bind_int(q, "$wanted", config_int(r->config, RELEASE_APPROVALS));
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
has_corrections(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM upload_correction WHERE file_number = $file");

	bind_int(q, "$file", f->number);
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
	if (withdrawal_find(r, f->number, &stated)) {
		listing_write(r, &withdrawals, query_of(r, &withdrawals, f), FORMAT_TABLE, s);
		sink_text(s, "\n");
	}
	if (has_corrections(r, f)) {
		listing_write(r, &corrections, query_of(r, &corrections, f), FORMAT_TABLE, s);
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
	listing_put_array(&j, "withdrawals", r, &withdrawals, query_of(r, &withdrawals, f));
	listing_put_array(&j, "bank_reference_corrections", r, &corrections, query_of(r, &corrections, f));
	listing_put_array(&j, "collections", r, &collections, query_of(r, &collections, f));
	review_load(r, f->number, 0, &t);
	review_put_anomalies(&j, &t);
	json_close(&j, '}');
	if (r->format == FORMAT_JSONL)
		sink_text(s, "\n");
}

static void
show(struct run *r)
{
	struct sink *s = listing_stdout();
	struct bankfile f;

	find_file(r, &f);
	if (r->format == FORMAT_TABLE)
		write_for_people(r, &f, s);
	else if (r->format == FORMAT_CSV)
		listing_write_csv(r, &sheet, query_sheet(r, &f), s);
	else
		write_json(r, &f, s);
	listing_stdout_end(s);
}

/* The result of an act ----------------------------------------------------------------------------------- */

static void
print_done(struct run *r, const struct bankfile *f, bool changed, const char *what)
{
	char step[NEXTSTEP_TEXT];
	struct bankfile now;

	load(r, f->number, &now);
	nextstep_print(r, &now, step);
	if (r->format == FORMAT_JSON || r->format == FORMAT_JSONL) {
		struct sink *s = listing_stdout();
		struct json j = {.sink = s};

		json_open(&j, NULL, '{');
		json_put_text(&j, "msg_id", now.msg_id);
		json_put_text(&j, "state", bankfile_state_word(now.state));
		json_put_bool(&j, "changed", changed);
		json_put_text(&j, "next_step", step);
		json_close(&j, '}');
		sink_text(s, "\n");
		listing_stdout_end(s);
		return;
	}
	printf("%s: %s%s%s; next: %s\n", now.msg_id, changed ? "" : "already ", what,
	       changed ? "" : ", nothing changed", step);
	if (r->dry_run)
		puts(DRY_RUN_NOTE);
}

/* approve ------------------------------------------------------------------------------------------------ */

static struct typed
numbers_of(const struct bankfile *f)
{
	return (struct typed){f->name, bankfile_words(f->kind)->one, "nothing was approved",
	                      "check its report again"};
}

static void
check_on_terminal(const struct bankfile *f)
{
	struct typed t = numbers_of(f);

	if (!isatty(STDIN_FILENO))
		die(EXIT_USAGE,
		    "the numbers that you checked are missing: give --sha256 HEX, or --count N --total EUROS (see %s/report.html)",
		    f->folder);
	fprintf(stderr, "%s\n", f->name);
	typed_ask(&t, f->count, f->sum);
}

static void
check_sha256(const char *typed, unsigned char digest[SHA256_SIZE])
{
	char text[128];

	typed_clean(typed, text, sizeof(text));
	if (sha256_parse(text, digest) < 0)
		die(EXIT_USAGE, "--sha256 needs 64 hexadecimal digits");
}

/* What the person typed must agree with the file. `digest` becomes the hash that they approve. */
static void
check_answers(struct run *r, const struct bankfile *f, unsigned char digest[SHA256_SIZE])
{
	const char *sha256 = options_value(r, "sha256"), *count = options_value(r, "count"),
		   *total = options_value(r, "total");
	struct typed t = numbers_of(f);

	if ((count == NULL) != (total == NULL))
		die(EXIT_USAGE, "--count and --total must be given together");
	memcpy(digest, f->sha256, SHA256_SIZE);
	if (sha256 != NULL)
		check_sha256(sha256, digest);
	if (count != NULL) {
		typed_check_count(&t, count, f->count);
		typed_check_total(&t, total, f->sum);
	}
	if (sha256 == NULL && count == NULL)
		check_on_terminal(f);
}

static void
approve(struct run *r)
{
	unsigned char digest[SHA256_SIZE];
	char what[128];
	struct bankfile f;
	int64_t given;
	bool before;

	run_require_clock(r);
	find_file(r, &f);
	check_answers(r, &f, digest);
	before = bankfile_is_approved_by(r, f.number, run_person(r));
	approval_give(r, &f, digest);
	given = bankfile_count_approvals(r, f.number);
	snprintf(what, sizeof(what), "approved by %s (%lld approval%s, %lld needed)", run_person(r),
	         (long long)given, text_plural(given), (long long)config_int(r->config, RELEASE_APPROVALS));
	print_done(r, &f, !before, what);
}

static void
release(struct run *r)
{
	struct bankfile f;

	run_require_clock(r);
	find_file(r, &f);
	release_bank_file(r, &f);
	print_done(r, &f, f.state != BANKFILE_RELEASED, "released into out/upload");
}

static void
mark_uploaded(struct run *r)
{
	const char *reference = options_value(r, "bank-reference"), *why = options_value(r, "why");
	bool corrects = options_value(r, "correct") != NULL;
	struct bankfile f;

	if (corrects != (why != NULL))
		die(EXIT_USAGE, "--correct and --why must be given together");
	run_require_clock(r);
	find_file(r, &f);
	if (corrects)
		print_done(r, &f, release_correct_upload(r, &f, reference, why),
		           "given another bank reference");
	else
		print_done(r, &f, release_mark_uploaded(r, &f, reference), "marked as uploaded");
}

static void
cancel(struct run *r)
{
	const char *why = options_value(r, "why");
	struct bankfile f;

	run_require_clock(r);
	find_file(r, &f);
	bankfile_cancel(r, &f, why);
	print_done(r, &f, f.state != BANKFILE_CANCELLED, "cancelled");
}

static void
withdraw(struct run *r)
{
	enum withdrawal_way way = withdrawal_way_find(options_value(r, "as"));
	struct bankfile f;
	char what[128];
	bool changed;

	run_require_clock(r);
	find_file(r, &f);
	changed = withdrawal_give(r, &f, way, options_value(r, "why"));
	load(r, f.number, &f);
	if (f.state == BANKFILE_WITHDRAWN)
		snprintf(what, sizeof(what), "withdrawn as %s", withdrawal_way_word(way));
	else
		snprintf(what, sizeof(what), "withdrawal as %s stated by %s (1 person, %d needed)",
		         withdrawal_way_word(way), run_person(r), WITHDRAWAL_PERSONS);
	print_done(r, &f, changed, what);
}

#define FILE_OPTION                                                                           \
	{                                                                                     \
		.name = "file", .arg = "ID|MSGID", .help = "the bank file", .is_needed = true \
	}

static const struct option_spec file_options[] = {FILE_OPTION, {0}};

static const struct option_spec approve_options[] = {
    FILE_OPTION,
    {.name = "sha256", .arg = "HEX", .help = "the SHA-256 of the XML that you checked"},
    {.name = "count", .arg = "N", .help = "the number of debits or refunds; needs --total"},
    {.name = "total", .arg = "EUROS", .help = "their sum in euros; needs --count"},
    {0},
};

static const struct option_spec upload_options[] = {
    FILE_OPTION,
    {.name = "bank-reference",
     .arg = "REFERENCE",
     .help = "the reference that the bank gave to the upload",
     .is_needed = true},
    {.name = "correct", .help = "it was marked with another reference before: both are kept; needs --why"},
    {.name = "why", .arg = "TEXT", .help = "with --correct: the reason, kept with the file"},
    {0},
};

static const struct option_spec cancel_options[] = {
    FILE_OPTION,
    {.name = "why", .arg = "TEXT", .help = "the reason, kept with the file", .is_needed = true},
    {0},
};

static const struct option_spec withdraw_options[] = {
    FILE_OPTION,
    {.name = "as",
     .arg = "rebuild|carry",
     .help = "its debts go into the next version, or to the next session",
     .is_needed = true},
    {.name = "why", .arg = "TEXT", .help = "what the bank says, kept with the file", .is_needed = true},
    {0},
};

const struct command program_commands[] = {SEPA_COMMANDS(PROGRAM_ROW){0}};
