/* bankfile: see bankfile.h. Writes bank_file.
 *
 * source   EPC130-08, EPC132-08 (ids, totals, dates); lead time and cut-off are the bank's, from the configuration
 */
#include <stdio.h>
#include <string.h>

#include "formats/calendar.h"
#include "formats/text.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"

const struct bankfile_words *
bankfile_words(enum collection_kind kind)
{
	static const struct bankfile_words words[] = {
	    [COLLECTION_DEBIT] = {'D', "SDD", "v", "debits", "debit"},
	    [COLLECTION_REFUND] = {'C', "SCT", "refunds-v", "refunds", "refund"},
	};

	return &words[kind];
}

bool
bankfile_is_in_force(const struct bankfile *f)
{
	return f->state != BANKFILE_CANCELLED && f->state != BANKFILE_WITHDRAWN;
}

bool
bankfile_is_unreleased(const struct bankfile *f)
{
	return f->state == BANKFILE_GENERATED || f->state == BANKFILE_APPROVED;
}

bool
bankfile_was_given(const struct bankfile *f)
{
	return bankfile_is_in_force(f) && !bankfile_is_unreleased(f);
}

bool
bankfile_gave(const struct bankfile *f, const struct collection *c)
{
	return bankfile_was_given(f) || (f->state == BANKFILE_WITHDRAWN &&
	                                 (c->state == COLLECTION_BOOKED || collection_has_failed(c)));
}

bool
bankfile_load(struct run *r, int64_t number, struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT number, session_number, version, part, msg_id, name, folder, created_at, wanted_on,"
	    "  collect_on, collections, sum_in_cents, sha256, state, built_by, audited_on, kind,"
	    "  built_identity"
	    " FROM bank_file"
	    " WHERE number = $number");
	const void *digest;
	size_t n;

	bind_int(q, "$number", number);
	if (!row(q))
		return false;
	*f = (struct bankfile){.number = col_int(q, 0),
	                       .session = col_int(q, 1),
	                       .version = (int)col_int(q, 2),
	                       .part = (int)col_int(q, 3),
	                       .created_at = col_instant(q, 7),
	                       .wanted_on = col_date(q, 8),
	                       .collect_on = col_date(q, 9),
	                       .count = col_int(q, 10),
	                       .sum = col_int(q, 11),
	                       .state = bankfile_state_col(q, 13),
	                       .audited_on = col_date(q, 15),
	                       .kind = collection_col_kind(q, 16)};
	col_copy(q, 4, f->msg_id, sizeof(f->msg_id));
	col_copy(q, 5, f->name, sizeof(f->name));
	col_copy(q, 6, f->folder, sizeof(f->folder));
	col_copy(q, 14, f->built_by, sizeof(f->built_by));
	if (!col_null(q, 17))
		col_copy(q, 17, f->built_identity, sizeof(f->built_identity));
	digest = col_blob(q, 12, &n);
	if (digest != NULL && n == SHA256_SIZE)
		memcpy(f->sha256, digest, n);
	reset(q);
	return true;
}

void
bankfile_save(struct run *r, const struct bankfile *f, const struct terms *t)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO bank_file (number, session_number, kind, version, part, msg_id, name, folder,"
	    "  created_at, wanted_on, collect_on, collections, sum_in_cents, state, built_by, built_identity,"
	    "  " TERMS_COLUMNS ")"
	    " VALUES ($number, $session, $kind, $version, $part, $msg, $name, $folder,"
	    "  $created, $wanted, $collect, $count, $sum, 'generated', $by, $identity, " TERMS_PARAMETERS ")");

	bind_int(q, "$number", f->number);
	bind_int(q, "$session", f->session);
	bind_text(q, "$kind", collection_kind_word(f->kind));
	bind_int(q, "$version", f->version);
	bind_int(q, "$part", f->part);
	bind_text(q, "$msg", f->msg_id);
	bind_text(q, "$name", f->name);
	bind_text(q, "$folder", f->folder);
	bind_instant(q, "$created", f->created_at);
	bind_date(q, "$wanted", f->wanted_on);
	bind_date(q, "$collect", f->collect_on);
	bind_int(q, "$count", f->count);
	bind_int(q, "$sum", f->sum);
	bind_text(q, "$by", f->built_by);
	bind_text(q, "$identity", f->built_identity);
	terms_bind(q, t);
	exec(q);
}

void
bankfile_save_sha256(struct run *r, int64_t number, const unsigned char sha256[SHA256_SIZE])
{
	struct stmt *q = sql(r->db, "UPDATE bank_file SET sha256 = $sha256 WHERE number = $number");

	bind_blob(q, "$sha256", sha256, SHA256_SIZE);
	bind_int(q, "$number", number);
	exec(q);
}

bool
bankfile_find_msg_id(struct run *r, const char *msg_id, struct bankfile *f)
{
	struct stmt *q = sql(r->db, "SELECT number FROM bank_file WHERE msg_id = $id");
	int64_t number;

	bind_text(q, "$id", msg_id);
	number = value(q, 0);
	return number != 0 && bankfile_load(r, number, f);
}

bool
bankfile_find(struct run *r, const char *id, struct bankfile *f)
{
	uint32_t owner, number;
	struct uuid uuid;
	struct err e;

	if (uuid_parse(id, &uuid, &e) < 0)
		return bankfile_find_msg_id(r, id, f);
	return uuid_split(&uuid, store_id(r->db), UUID_BANK_FILE, &owner, &number) &&
	       bankfile_load(r, number, f);
}

void
bankfile_save_block(struct run *r, const struct bankfile_block *b)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO bank_block (file_number, nth, payment_information_id, sequence_type, collections,"
	    "  sum_in_cents)"
	    " VALUES ($file, $nth, $id, $sequence, $count, $sum)");

	bind_int(q, "$file", b->file);
	bind_int(q, "$nth", b->nth);
	bind_text(q, "$id", b->payment_information_id);
	bind_text(q, "$sequence", text_or_null(b->sequence_type));
	bind_int(q, "$count", b->count);
	bind_int(q, "$sum", b->sum);
	exec(q);
}

#define BLOCK_COLUMNS                                                                                \
	"SELECT file_number, nth, payment_information_id, coalesce(sequence_type, ''), collections," \
	"  sum_in_cents FROM bank_block"

struct stmt *
bankfile_begin_blocks(struct run *r, int64_t file)
{
	struct stmt *q = sql(r->db, SQL(BLOCK_COLUMNS " WHERE file_number = $file ORDER BY nth"));

	bind_int(q, "$file", file);
	return q;
}

bool
bankfile_next_block(struct stmt *q, struct bankfile_block *b)
{
	if (!row(q))
		return false;
	*b = (struct bankfile_block){
	    .file = col_int(q, 0), .nth = (int)col_int(q, 1), .count = col_int(q, 4), .sum = col_int(q, 5)};
	col_copy(q, 2, b->payment_information_id, sizeof(b->payment_information_id));
	col_copy(q, 3, b->sequence_type, sizeof(b->sequence_type));
	return true;
}

bool
bankfile_find_block(struct run *r, const char *payment_information_id, struct bankfile *f,
                    struct bankfile_block *b)
{
	struct stmt *q = sql(r->db, SQL(BLOCK_COLUMNS " WHERE payment_information_id = $id"));

	bind_text(q, "$id", payment_information_id);
	if (!bankfile_next_block(q, b))
		return false;
	reset(q);
	return bankfile_load(r, b->file, f);
}

date
bankfile_today(const struct run *r)
{
	date now = date_in_paris(r->now);

	return now > r->on ? now : r->on;
}

/* A file that is made after the bank's cut-off counts from the next day. */
static bool
is_past_cutoff(const struct run *r)
{
	instant midnight = date_paris_midnight(date_in_paris(r->now));
	int hour = 0, minute = 0;

	if (sscanf(config_text(r->config, BANK_CUTOFF), "%2d:%2d", &hour, &minute) != 2)
		die(EXIT_CONFIG, "cutoff in [bank] is not a valid time");
	return r->now - midnight >= ((instant)hour * 60 + minute) * 60000;
}

date
bankfile_earliest_day(const struct run *r)
{
	return calendar_add_open(bankfile_today(r) + (is_past_cutoff(r) ? 1 : 0),
	                         (int)config_int(r->config, BANK_LEAD_TARGET_DAYS));
}

date
bankfile_upload_on(int lead_target_days, date collect_on)
{
	date on = collect_on;

	while (!calendar_is_open(on) || calendar_add_open(on, lead_target_days) > collect_on)
		on--;
	return on;
}

void
bankfile_set_state(struct run *r, int64_t number, enum bankfile_state state)
{
	struct stmt *q = sql(r->db,
	    "UPDATE bank_file SET state = $state"
	    " WHERE number = $number AND state <> $state");

	bind_text(q, "$state", bankfile_state_word(state));
	bind_int(q, "$number", number);
	exec(q);
}

enum bankfile_state
bankfile_require(struct run *r, const struct bankfile *f, enum bankfile_event act)
{
	struct bankfile_step step = bankfile_state_after(f->state, act);

	if (step.answer == BANKFILE_GOES || step.answer == BANKFILE_STAYS)
		return step.to;
	if (step.instead == NULL)
		die(step.status, "%s is %s: %s", f->name, bankfile_state_word(f->state), step.why);
	die(step.status, "%s is %s: %s: `%s`", f->name, bankfile_state_word(f->state), step.why,
	    run_command(r, "sepa %s --file %s%s%s", step.instead, f->msg_id, step.options == NULL ? "" : " ",
	                step.options == NULL ? "" : step.options));
}

int64_t
bankfile_count_approvals(struct run *r, int64_t number)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM approval WHERE file_number = $file");

	bind_int(q, "$file", number);
	return value(q, 0);
}

bool
bankfile_is_approved_by(struct run *r, int64_t number, const char *person)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM approval"
	    " WHERE file_number = $file AND approver = $who");

	bind_int(q, "$file", number);
	bind_text(q, "$who", person);
	return value(q, 0) > 0;
}

/* `q` changes the row, and takes who acts and when. */
static void
record_act(struct run *r, const struct bankfile *f, struct stmt *q, const char *kind)
{
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
	bind_int(q, "$number", f->number);
	exec(q);
	intent_add(r, kind, f->msg_id, f->sha256, "%lld %ss, %lld cents, by %s", (long long)f->count,
	           bankfile_words(f->kind)->one, (long long)f->sum, run_person(r));
}

void
bankfile_set_released(struct run *r, const struct bankfile *f)
{
	record_act(
	    r, f,
	    sql(r->db,
	               "UPDATE bank_file"
	               " SET state = 'released', released_by = $who, released_identity = $identity, released_at = $now"
	               " WHERE number = $number"),
	        "release");
}

void
bankfile_set_uploaded(struct run *r, const struct bankfile *f, const char *reference)
{
	struct stmt *q;

	q = sql(r->db,
	    "UPDATE bank_file"
	    " SET state = $state, uploaded_by = $who, uploaded_identity = $identity, uploaded_at = $now, bank_reference = $reference"
	    " WHERE number = $number");
	bind_text(q, "$state", bankfile_state_word(bankfile_require(r, f, BANKFILE_MARK_UPLOADED)));
	bind_text(q, "$reference", reference);
	record_act(r, f, q, "upload");
}

void
bankfile_set_reference(struct run *r, const struct bankfile *f, const char *reference)
{
	struct stmt *q =
	    sql(r->db, "UPDATE bank_file SET bank_reference = $reference WHERE number = $number");

	bind_text(q, "$reference", reference);
	bind_int(q, "$number", f->number);
	exec(q);
	intent_add(r, "reference", f->msg_id, f->sha256, "by %s", run_person(r));
}

void
bankfile_cancel(struct run *r, const struct bankfile *f, const char *why)
{
	struct stmt *q;

	if (bankfile_require(r, f, BANKFILE_CANCEL) == f->state)
		return;
	tx_begin(r->db);
	q = sql(r->db,
	    "UPDATE bank_file"
	    " SET state = 'cancelled', cancelled_by = $who, cancelled_identity = $identity, cancelled_at = $now, cancel_why = $why"
	    " WHERE number = $number");
	bind_text(q, "$why", why);
	record_act(r, f, q, "cancel");
	if (collection_cancel(r, f->number) != f->count)
		die(EXIT_BUG, "%s: a %s of it changed before its release", f->name,
		    bankfile_words(f->kind)->one);
	tx_commit(r->db);
	run_count(r, COUNT_BANK_FILES_CANCELLED, 1);
}

int64_t
bankfile_mark_audited(struct run *r)
{
	struct stmt *q = sql(r->db, "UPDATE bank_file SET audited_on = $on WHERE audited_on IS NULL");

	bind_date(q, "$on", r->on);
	return exec(q);
}

void
bankfile_report(struct run *r, int64_t number, enum bankfile_event report)
{
	struct bankfile_step step;
	struct bankfile f;

	if (!bankfile_load(r, number, &f))
		die(EXIT_BUG, "bank file %lld does not exist", (long long)number);
	step = bankfile_state_after(f.state, report);
	if (step.answer == BANKFILE_UNEXPECTED)
		die(EXIT_BUG, "%s is %s, and the bank's report on it was applied", f.name,
		    bankfile_state_word(f.state));
	if (step.answer == BANKFILE_GOES)
		bankfile_set_state(r, number, step.to);
}

void
bankfile_refresh_settled(struct run *r, int64_t number)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FROM bank_file f"
	    " WHERE f.number = $number AND " BANKFILE_AWAITS_BANK("f")
	    "  AND NOT EXISTS (SELECT 1 FROM collection c WHERE c.file_number = f.number"
	    "   AND " COLLECTION_IS_OPEN("c") ")");

	bind_int(q, "$number", number);
	if (value(q, 0) > 0)
		bankfile_report(r, number, BANKFILE_ALL_ANSWERED);
}
