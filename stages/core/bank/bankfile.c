/* bankfile: see bankfile.h. Writes bank_file.
 *
 * source   EPC130-08, EPC132-08 (ids, totals, dates); lead time and cut-off are the bank's, from the configuration
 */
#include <stdio.h>
#include <string.h>

#include "formats/calendar.h"
#include "formats/pain001.h"
#include "formats/pain008.h"
#include "formats/text.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/handoff.h"
#include "stages/core/bank/release.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"
#include "stages/core/members/mandate.h"

const struct bankfile_words *
bankfile_words(enum collection_kind kind)
{
	static const struct bankfile_words words[] = {
	    [COLLECTION_DEBIT] = {'D', "SDD", "v", "debits", "pain.008.001.08", "debit", "collected"},
	    [COLLECTION_REFUND] = {'C', "SCT", "refunds-v", "refunds", "pain.001.001.09", "refund", "paid"},
	};

	return &words[kind];
}

bool
bankfile_load(struct run *r, int64_t number, struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	        "SELECT number, session_number, version, msg_id, payment_information_id, sequence_type,"
	        "  name, folder, created_at, wanted_on, collect_on, collections, sum_in_cents, sha256, state,"
	        "  built_by, audited_on, kind"
	        " FROM bank_file WHERE number = $number");
	const void *digest;
	size_t n;

	bind_int(q, "$number", number);
	if (!row(q))
		return false;
	*f = (struct bankfile){.number = col_int(q, 0),
	                       .session = col_int(q, 1),
	                       .version = (int)col_int(q, 2),
	                       .created_at = col_instant(q, 8),
	                       .wanted_on = col_date(q, 9),
	                       .collect_on = col_date(q, 10),
	                       .count = col_int(q, 11),
	                       .sum = col_int(q, 12),
	                       .audited_on = col_date(q, 16)};
	col_copy(q, 3, f->msg_id, sizeof(f->msg_id));
	col_copy(q, 4, f->payment_information_id, sizeof(f->payment_information_id));
	if (!col_null(q, 5))
		col_copy(q, 5, f->sequence_type, sizeof(f->sequence_type));
	col_copy(q, 6, f->name, sizeof(f->name));
	col_copy(q, 7, f->folder, sizeof(f->folder));
	col_copy(q, 14, f->state, sizeof(f->state));
	col_copy(q, 15, f->built_by, sizeof(f->built_by));
	f->kind = strcmp(col_text(q, 17), collection_kind_word(COLLECTION_REFUND)) == 0 ? COLLECTION_REFUND
	                                                                                : COLLECTION_DEBIT;
	digest = col_blob(q, 13, &n);
	if (digest != NULL && n == SHA256_SIZE)
		memcpy(f->sha256, digest, n);
	reset(q);
	return true;
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
bankfile_remittance(const struct run *r, int64_t session, char text[141])
{
	const char *pattern = config_text(r->config, RECOVERY_REMITTANCE),
		   *hole = strstr(pattern, "{period}");
	struct stmt *q = sql(r->db, "SELECT period_end_on FROM session WHERE number = $number");
	char day[DATE_TEXT] = "";

	bind_int(q, "$number", session);
	while (row(q))
		snprintf(day, sizeof(day), "%s", col_text(q, 0));
	if (hole == NULL)
		snprintf(text, 141, "%s", pattern);
	else
		snprintf(text, 141, "%.*s%.7s%s", (int)(hole - pattern), pattern, day,
		         hole + strlen("{period}"));
}

/* A night that is made up later still meets the bank as it is now. */
static date
today(const struct run *r)
{
	date now = date_in_paris(r->now);

	return now > r->on ? now : r->on;
}

/* A file made after the bank's cut-off counts from the next day. */
static bool
is_past_cutoff(const struct run *r)
{
	instant midnight = date_paris_midnight(date_in_paris(r->now));
	int hour = 0, minute = 0;

	if (sscanf(config_text(r->config, BANK_CUTOFF), "%2d:%2d", &hour, &minute) != 2)
		die(EXIT_CONFIG, "cutoff in [bank]");
	return r->now - midnight >= ((instant)hour * 60 + minute) * 60000;
}

date
bankfile_earliest_day(const struct run *r)
{
	return calendar_add_open(today(r) + (is_past_cutoff(r) ? 1 : 0),
	                         (int)config_int(r->config, BANK_LEAD_TARGET_DAYS));
}

/* The first TARGET day on or after the session's which the bank can still make; of debits one of which the members know in
 * time: they are told from the day after the file was made. */
static date
choose_day(const struct run *r, date wanted, enum collection_kind kind)
{
	date lead = bankfile_earliest_day(r);
	date notice = today(r) + 1 + (date)config_int(r->config, RECOVERY_NOTICE_DAYS);
	date day = wanted > lead ? wanted : lead;

	return calendar_open_from(kind == COLLECTION_DEBIT && notice > day ? notice : day);
}

static int64_t
next_version(struct run *r, int64_t session, enum collection_kind kind)
{
	struct stmt *q = sql(r->db, "SELECT coalesce(max(version), 0) + 1 FROM bank_file"
	                            " WHERE session_number = $session AND kind = $kind");

	bind_int(q, "$session", session);
	bind_text(q, "$kind", collection_kind_word(kind));
	return value(q, 1);
}

static void
name_file(struct run *r, const struct session *s, struct bankfile *f)
{
	const struct bankfile_words *words = bankfile_words(f->kind);
	char day[DATE_TEXT], compact[DATE_TEXT];

	f->number = store_number(r->db, "bank_file");
	f->session = s->number;
	f->version = (int)next_version(r, s->number, f->kind);
	f->created_at = r->now;
	f->wanted_on = s->recovery;
	f->collect_on = choose_day(r, s->recovery, f->kind);
	snprintf(f->msg_id, sizeof(f->msg_id), "%08x-%.20s-%c%d", store_id(r->db), s->code, words->letter,
	         f->version);
	snprintf(f->payment_information_id, sizeof(f->payment_information_id), "%.33s-1", f->msg_id);
	if (f->kind == COLLECTION_DEBIT)
		snprintf(f->sequence_type, sizeof(f->sequence_type), "%s",
		         config_text(r->config, BANK_SEQUENCE_FIRST));
	snprintf(f->name, sizeof(f->name), "%s-%s-%s-%d.xml", words->prefix, s->code,
	         date_print_compact(compact, s->recovery), f->version);
	snprintf(f->folder, sizeof(f->folder), "out/sepa/%s_%s/%s%d", date_print(day, s->recovery), s->code,
	         words->folder, f->version);
	snprintf(f->built_by, sizeof(f->built_by), "%s", run_person(r));
}

static void
insert(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(
	    r->db,
	    "INSERT INTO bank_file (number, session_number, kind, version, msg_id, payment_information_id,"
	    "  sequence_type, name, folder, created_at, wanted_on, collect_on, collections, sum_in_cents,"
	    "  state, built_by)"
	    " VALUES ($number, $session, $kind, $version, $msg, $block,"
	    "  $sequence, $name, $folder, $created, $wanted, $collect, $count, $sum,"
	    "  'generated', $by)");

	bind_int(q, "$number", f->number);
	bind_int(q, "$session", f->session);
	bind_text(q, "$kind", collection_kind_word(f->kind));
	bind_int(q, "$version", f->version);
	bind_text(q, "$msg", f->msg_id);
	bind_text(q, "$block", f->payment_information_id);
	bind_text(q, "$sequence", text_or_null(f->sequence_type));
	bind_text(q, "$name", f->name);
	bind_text(q, "$folder", f->folder);
	bind_instant(q, "$created", f->created_at);
	bind_date(q, "$wanted", f->wanted_on);
	bind_date(q, "$collect", f->collect_on);
	bind_int(q, "$count", f->count);
	bind_int(q, "$sum", f->sum);
	bind_text(q, "$by", f->built_by);
	exec(q);
}

/* One collection of a file, on its way into the XML. */
struct line {
	const char *end_to_end_id, *mandate_reference, *name;
	cents amount;
	date signed_on;
	bool amended;
	struct iban iban;
};

static void
write_debit(struct pain *p, const struct line *l, const char *remittance)
{
	pain008_debit(p, &(struct pain008_debit){.end_to_end_id = l->end_to_end_id,
	                                         .amount = l->amount,
	                                         .mandate_reference = l->mandate_reference,
	                                         .signed_on = l->signed_on,
	                                         .amended = l->amended,
	                                         .debtor_name = l->name,
	                                         .debtor_iban = &l->iban,
	                                         .remittance = remittance});
}

static void
write_refund(struct pain *p, const struct line *l, const char *remittance)
{
	pain001_transfer(p, &(struct pain001_transfer){.end_to_end_id = l->end_to_end_id,
	                                               .amount = l->amount,
	                                               .creditor_name = l->name,
	                                               .creditor_iban = &l->iban,
	                                               .remittance = remittance});
}

static void
write_lines(struct run *r, const struct bankfile *f, struct pain *p)
{
	struct stmt *q =
	    sql(r->db, "SELECT c.end_to_end_id, c.amount_in_cents, m.reference, m.signed_on, c.amended,"
	               "  m.debtor_name, m.iban"
	               " FROM collection c JOIN mandate m ON m.number = c.mandate_number"
	               " WHERE c.file_number = $file ORDER BY c.end_to_end_id");
	char remittance[141];

	bankfile_remittance(r, f->session, remittance);
	bind_int(q, "$file", f->number);
	while (row(q)) {
		struct line l = {.end_to_end_id = col_text(q, 0),
		                 .amount = col_int(q, 1),
		                 .mandate_reference = col_text(q, 2),
		                 .signed_on = col_date(q, 3),
		                 .amended = col_int(q, 4) != 0,
		                 .name = col_text(q, 5)};
		struct err e;

		if (iban_parse(col_text(q, 6), &l.iban, &e) < 0)
			die(EXIT_BUG, "the mandate of %s: %s", l.end_to_end_id, e.message);
		(f->kind == COLLECTION_REFUND ? write_refund : write_debit)(p, &l, remittance);
	}
}

static struct pain *
open_xml(struct run *r, const struct bankfile *f, const struct pain_block *b, struct sink *s)
{
	struct pain_file file = {f->msg_id, f->created_at, b->count, b->sum, b->name};
	struct pain *p;

	if (f->kind == COLLECTION_REFUND) {
		p = pain001_open(s, &file);
		pain001_block(p, b);
	} else {
		p = pain008_open(s, &file);
		pain008_block(p, b, f->sequence_type, config_text(r->config, CREDITOR_IDENTIFIER));
	}
	return p;
}

/* A pure function of the rows and the creditor's configuration. */
static void
write_xml(struct run *r, const struct bankfile *f, struct sink *s)
{
	const char *booking = config_text(r->config, BANK_BATCH_BOOKING);
	const char *bic = config_text(r->config, CREDITOR_BIC);
	struct pain_block block = {.payment_information_id = f->payment_information_id,
	                           .booking = strcmp(booking, "yes") == 0  ? BOOKING_BATCH
	                                      : strcmp(booking, "no") == 0 ? BOOKING_SINGLE
	                                                                   : BOOKING_AS_CONTRACT,
	                           .count = (long)f->count,
	                           .sum = f->sum,
	                           .on = f->collect_on,
	                           .name = config_text(r->config, CREDITOR_NAME),
	                           .bic = text_or_null(bic)};
	struct iban iban;
	struct pain *p;
	struct err e = {0};

	if (iban_parse(config_text(r->config, CREDITOR_IBAN), &iban, &e) < 0)
		die(EXIT_CONFIG, "iban in [creditor]: %s", e.message);
	block.iban = &iban;
	p = open_xml(r, f, &block, s);
	write_lines(r, f, p);
	if (pain_close(p, &e) < 0)
		die(EXIT_BUG, "%s: %s", f->name, e.message);
}

static void
validate(FILE *in, enum collection_kind kind, const char *name)
{
	struct err e = {0};

	if ((kind == COLLECTION_REFUND ? pain001_validate : pain008_validate)(in, &e) < 0)
		die(EXIT_BUG, "%s:%ld: %s: nothing is published", name, e.line, e.message);
	fclose(in);
}

static void
publish_xml(struct run *r, const struct bankfile *f)
{
	struct publication p;
	struct stmt *q;

	publish_folder_begin(r, f->folder);
	publish_begin_in(&p, r, "bank_file", f->number, f->folder, f->name);
	write_xml(r, f, p.sink);
	publish_seal(&p);
	validate(publish_reopen(&p), f->kind, f->name);
	publish_record(&p);
	q = sql(r->db, "UPDATE bank_file SET sha256 = $sha256 WHERE number = $number");
	bind_blob(q, "$sha256", p.sha256, sizeof(p.sha256));
	bind_int(q, "$number", f->number);
	exec(q);
	handoff_publish(r, f->number, p.size);
	publish_folder_end(r, f->folder);
}

static void
check_totals(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db, "SELECT CASE WHEN count(*) = $count AND sum(amount_in_cents) = $sum THEN 1 ELSE 0 END"
	               " FROM collection WHERE file_number = $file");

	bind_int(q, "$count", f->count);
	bind_int(q, "$sum", f->sum);
	bind_int(q, "$file", f->number);
	if (value(q, 0) == 0)
		die(EXIT_BUG, "%s: the collections are not what was totalled", f->name);
}

bool
bankfile_make(struct run *r, int64_t session, enum collection_kind kind)
{
	struct bankfile f = {.kind = kind};
	struct collection_sum total;
	struct session s;

	if (!session_load(r, session, &s) || !s.frozen)
		die(EXIT_BUG, "session %lld is not frozen", (long long)session);
	tx_begin(r->db);
	total = collection_total(r, session, kind);
	f.count = total.count;
	f.sum = total.sum;
	if (f.count > 0) {
		name_file(r, &s, &f);
		insert(r, &f);
	}
	collection_make(r, f.number, session, kind);
	debt_assign(r); /* finance is told where the cents of what cannot be presented are now */
	if (f.count > 0) {
		check_totals(r, &f);
		publish_xml(r, &f);
	}
	tx_commit(r->db);
	publish_place(r);
	if (f.count > 0) {
		run_count(r, COUNT_BANK_FILES_WRITTEN, 1);
		run_count(r, kind == COLLECTION_REFUND ? COUNT_REFUNDS_WRITTEN : COUNT_DEBITS_WRITTEN,
		          f.count);
		run_count(r, kind == COLLECTION_REFUND ? COUNT_CENTS_TO_REFUND : COUNT_CENTS_TO_COLLECT,
		          f.sum);
	}
	return f.count > 0;
}

void
bankfile_set_state(struct run *r, int64_t number, const char *state)
{
	struct stmt *q =
	    sql(r->db, "UPDATE bank_file SET state = $state WHERE number = $number AND state <> $state");

	bind_text(q, "$state", state);
	bind_int(q, "$number", number);
	exec(q);
}

void
bankfile_check_bytes(const struct bankfile *f, const char *path)
{
	unsigned char found[SHA256_SIZE];
	FILE *in;

	if (!publish_digest(path, found, NULL) || memcmp(found, f->sha256, SHA256_SIZE) != 0)
		die(EXIT_BUG, "%s is not the file that was approved", path);
	in = fopen(path, "r");
	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	validate(in, f->kind, path);
}

static void
copy_into(struct publication *p, const char *from)
{
	char buffer[65536];
	FILE *in = fopen(from, "r");
	size_t n;

	if (in == NULL)
		die_errno(EXIT_IO, "%s", from);
	while ((n = fread(buffer, 1, sizeof(buffer), in)) > 0)
		sink_put(p->sink, buffer, n);
	if (ferror(in))
		die_errno(EXIT_IO, "%s", from);
	fclose(in);
}

/* The same bytes under another name, hashed again on the way. */
static void
publish_copy(struct run *r, const struct bankfile *f, const char *kind, const char *folder)
{
	char from[PATH_SIZE], to[PATH_SIZE];
	struct publication p;

	snprintf(from, sizeof(from), "%s/%s", f->folder, f->name);
	snprintf(to, sizeof(to), "%s/%s", folder, f->name);
	bankfile_check_bytes(f, from);
	publish_begin(&p, r, kind, f->number, to);
	copy_into(&p, from);
	publish_seal(&p);
	if (memcmp(p.sha256, f->sha256, SHA256_SIZE) != 0)
		die(EXIT_BUG, "%s changed while it was copied", from);
	publish_record(&p);
}

void
bankfile_release(struct run *r, const struct bankfile *f)
{
	struct stmt *q;

	if (strcmp(f->state, "released") == 0)
		return;
	if (strcmp(f->state, "generated") != 0 && strcmp(f->state, "approved") != 0)
		die(EXIT_OVERWRITE, "%s is %s: only an approved file is released", f->name, f->state);
	release_check(r, f);
	tx_begin(r->db);
	publish_copy(r, f, "upload", "out/upload");
	q = sql(
	    r->db,
	    "UPDATE bank_file SET state = 'released', released_by = $who, released_at = $now WHERE number = $number");
	bind_text(q, "$who", run_person(r));
	bind_instant(q, "$now", r->now);
	bind_int(q, "$number", f->number);
	exec(q);
	tx_commit(r->db);
	publish_place(r);
	run_count(r, COUNT_BANK_FILES_RELEASED, 1);
}

void
bankfile_cancel(struct run *r, const struct bankfile *f, const char *why)
{
	struct stmt *q;

	if (strcmp(f->state, "cancelled") == 0)
		return;
	if (strcmp(f->state, "generated") != 0 && strcmp(f->state, "approved") != 0)
		die(EXIT_OVERWRITE,
		    "%s is %s: the bank may have it, and it would have to be withdrawn, which cannot be done yet",
		    f->name, f->state);
	tx_begin(r->db);
	q = sql(
	    r->db,
	    "UPDATE bank_file SET state = 'cancelled', cancelled_by = $who, cancelled_at = $now, cancel_why = $why"
	    " WHERE number = $number");
	bind_text(q, "$who", run_person(r));
	bind_instant(q, "$now", r->now);
	bind_text(q, "$why", why);
	bind_int(q, "$number", f->number);
	exec(q);
	if (collection_cancel(r, f->number) != f->count)
		die(EXIT_BUG, "%s: something became of it before it was released", f->name);
	tx_commit(r->db);
	run_count(r, COUNT_BANK_FILES_CANCELLED, 1);
}

static bool
was_uploaded(struct run *r, const struct bankfile *f, const char *reference)
{
	struct stmt *q =
	    sql(r->db,
	        "SELECT bank_reference FROM bank_file WHERE number = $number AND bank_reference IS NOT NULL");
	bool before = false;

	bind_int(q, "$number", f->number);
	while (row(q)) {
		before = true;
		if (strcmp(col_text(q, 0), reference) != 0)
			die(EXIT_OVERWRITE, "%s was uploaded under another reference", f->name);
	}
	return before;
}

bool
bankfile_mark_uploaded(struct run *r, const struct bankfile *f, const char *reference)
{
	char path[PATH_SIZE];
	struct stmt *q;

	if (was_uploaded(r, f, reference))
		return false;
	if (strcmp(f->state, "generated") == 0 || strcmp(f->state, "approved") == 0)
		die(EXIT_BUSY, "%s is %s: only a released file can have been uploaded", f->name, f->state);
	if (strcmp(f->state, "cancelled") == 0)
		die(EXIT_OVERWRITE,
		    "%s is cancelled, and must not be at the bank: if it was uploaded, call the bank and an engineer",
		    f->name);
	tx_begin(r->db);
	snprintf(path, sizeof(path), "out/upload/%s", f->name);
	publish_copy(r, f, "uploaded", "out/uploaded");
	publish_retire(r, path);
	q = sql(
	    r->db,
	    "UPDATE bank_file SET state = CASE state WHEN 'released' THEN 'uploaded' ELSE state END, uploaded_by = $who, uploaded_at = $now, bank_reference = $reference"
	    " WHERE number = $number");
	bind_text(q, "$who", run_person(r));
	bind_instant(q, "$now", r->now);
	bind_text(q, "$reference", reference);
	bind_int(q, "$number", f->number);
	exec(q);
	if (f->kind == COLLECTION_DEBIT)
		mandate_presented(r, f->number, f->collect_on);
	tx_commit(r->db);
	publish_place(r);
	run_count(r, COUNT_BANK_FILES_UPLOADED, 1);
	return true;
}

int64_t
bankfile_mark_audited(struct run *r)
{
	struct stmt *q = sql(r->db, "UPDATE bank_file SET audited_on = $on WHERE audited_on IS NULL");

	bind_date(q, "$on", r->on);
	return exec(q);
}

void
bankfile_refresh_settled(struct run *r, int64_t number)
{
	struct stmt *q =
	    sql(r->db, "UPDATE bank_file SET state = 'settled'"
	               " WHERE number = $number AND state IN ('uploaded', 'accepted', 'partially_accepted')"
	               "  AND NOT EXISTS (SELECT 1 FROM collection c WHERE c.file_number = $number"
	               "   AND c.state IN ('presented', 'accepted'))");

	bind_int(q, "$number", number);
	exec(q);
}
