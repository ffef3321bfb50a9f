/* make: see make.h. Writes through bankfile, presentation, debt and publish.
 *
 * source   EPC130-08, EPC132-08 (ids, totals, dates); lead time and cut-off of the bank: the configuration
 */
#include <stdio.h>
#include <string.h>

#include "formats/calendar.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/bankxml.h"
#include "stages/core/bank/copy.h"
#include "stages/core/bank/handoff.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/terms.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/presentation.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

#define RESTORE_DAYS 400 /* a debit may be disputed for 13 months */

/* The first TARGET day on or after the session's recovery date on which the bank can still collect. Debits also leave time
 * for the notice: members are notified from the day after the file was made. */
static date
choose_day(const struct run *r, date wanted, enum collection_kind kind)
{
	date lead = bankfile_earliest_day(r);
	date notice = bankfile_today(r) + 1 + (date)config_int(r->config, RECOVERY_NOTICE_DAYS);
	date day = wanted > lead ? wanted : lead;

	return calendar_open_from(kind == COLLECTION_DEBIT && notice > day ? notice : day);
}

static int64_t
next_version(struct run *r, int64_t session, enum collection_kind kind)
{
	struct stmt *q = sql(r->db,
	    "SELECT coalesce(max(version), 0) + 1 FROM bank_file"
	    " WHERE session_number = $session AND kind = $kind");

	bind_int(q, "$session", session);
	bind_text(q, "$kind", collection_kind_word(kind));
	return value(q, 1);
}

/* The lowest that no file in force of the session has. */
static int
free_part(struct run *r, int64_t session, enum collection_kind kind)
{
	int part = 0;

	for (;;) {
		struct stmt *q =
		    sql(r->db,
		    "SELECT count(*) FROM bank_file_in_force"
		    " WHERE session_number = $session AND kind = $kind AND part = $part");

		bind_int(q, "$session", session);
		bind_text(q, "$kind", collection_kind_word(kind));
		bind_int(q, "$part", ++part);
		if (value(q, 0) == 0)
			return part;
	}
}

/* `nth`: of the files of this version; 0 when it is the only one. */
static void
name_file(struct run *r, const struct session *s, struct bankfile *f, int nth)
{
	const struct bankfile_words *words = bankfile_words(f->kind);
	char day[DATE_TEXT], compact[DATE_TEXT], version[8];
	struct run_actor by = run_starter(r);

	f->number = store_number(r->db, "bank_file");
	f->session = s->number;
	f->part = free_part(r, s->number, f->kind);
	f->created_at = r->now;
	f->wanted_on = s->recovery;
	f->collect_on = choose_day(r, s->recovery, f->kind);
	if (f->version > 999)
		die(EXIT_BUG, "session %s has too many versions of its bank file", s->code);
	snprintf(version, sizeof(version), nth == 0 ? "%d" : "%d.%d", f->version % 1000, nth % 10);
	snprintf(f->msg_id, sizeof(f->msg_id), "%08x-%.16s-%c%s", store_id(r->db), s->code, words->letter,
	         version);
	snprintf(f->name, sizeof(f->name), "%s-%s-%s-%s.xml", words->prefix, s->code,
	         date_print_compact(compact, s->recovery), version);
	snprintf(f->folder, sizeof(f->folder), "out/sepa/%s_%s/%s%s", date_print(day, s->recovery), s->code,
	         words->folder, version);
	snprintf(f->built_by, sizeof(f->built_by), "%s", by.name);
	snprintf(f->built_identity, sizeof(f->built_identity), "%s", by.identity);
}

struct xml {
	struct run *run;
	const struct bankfile *file;
};

static void
render_xml(struct sink *s, void *ctx)
{
	const struct xml *x = ctx;

	bankxml_write(x->run, x->file, s);
}

/* The last gate before the file appears. Approvals bind to the hash. */
static void
check_xml(FILE *in, const struct file_digest *p, void *ctx)
{
	const struct xml *x = ctx;

	copy_validate(x->run, x->file, in, x->file->name);
	bankfile_save_sha256(x->run, x->file->number, p->sha256);
	intent_add(x->run, "file", x->file->msg_id, p->sha256, "%lld %ss, %lld cents",
	           (long long)x->file->count, bankfile_words(x->file->kind)->one, (long long)x->file->sum);
}

static void
publish_handoff(struct run *r, const struct bankfile *f)
{
	struct xml x = {r, f};
	struct handoff *h = handoff_open(r, f);
	struct publish_entry entries[1 + HANDOFF_FILES] = {{.name = f->name,
	                                                    .kind = "bank_file",
	                                                    .owner = f->number,
	                                                    .render = render_xml,
	                                                    .ctx = &x,
	                                                    .check = check_xml}};

	handoff_entries(h, entries + 1);
	publish_folder(r, f->folder, entries, 1 + HANDOFF_FILES, NULL, NULL);
	handoff_close(h);
}

static void
check_totals(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT CASE WHEN count(*) = $count AND sum(amount_in_cents) = $sum THEN 1 ELSE 0 END"
	    " FROM collection"
	    " WHERE file_number = $file");

	bind_int(q, "$count", f->count);
	bind_int(q, "$sum", f->sum);
	bind_int(q, "$file", f->number);
	if (value(q, 0) == 0)
		die(EXIT_BUG, "%s: its collections do not add up to its count and total", f->name);
}

/* The files of one version: one with a block for each sequence type, or one for each block. */
struct version {
	struct bankfile file[SEQUENCES];
	int files;
	struct presentation_place places[SEQUENCES];
};

static void
save_file(struct run *r, const struct session *s, struct bankfile *f, int nth)
{
	struct terms t;

	name_file(r, s, f, nth);
	terms_of_now(r, s->number, &t);
	bankfile_save(r, f, &t);
}

static struct bankfile_block
name_block(const struct bankfile *f, int nth, enum presentation_sequence sequence,
           const struct collection_sum *total)
{
	struct bankfile_block b = {.file = f->number, .nth = nth, .count = total->count, .sum = total->sum};

	snprintf(b.payment_information_id, sizeof(b.payment_information_id), "%.33s-%u", f->msg_id,
	         (unsigned)nth % 10U);
	snprintf(b.sequence_type, sizeof(b.sequence_type), "%s", presentation_sequence_word(sequence));
	return b;
}

/* The rows of the files and of their blocks. */
static void
plan_files(struct run *r, const struct session *s, enum collection_kind kind,
           const struct collection_sum totals[SEQUENCES], struct version *v)
{
	bool apart = config_yes(r->config, BANK_ONE_BLOCK_PER_FILE);
	int version = (int)next_version(r, s->number, kind), nth = 0, i;

	for (i = 0; i < SEQUENCES; i++) {
		if (totals[i].count == 0)
			continue;
		if (v->files == 0 || apart)
			v->file[v->files++] = (struct bankfile){.kind = kind, .version = version};
		v->file[v->files - 1].count += totals[i].count;
		if (!money_add(&v->file[v->files - 1].sum, totals[i].sum))
			die(EXIT_BUG, "session %s: the total overflows", s->code);
	}
	for (i = 0; i < v->files; i++)
		save_file(r, s, &v->file[i], v->files > 1 ? i + 1 : 0);
	for (i = 0; i < SEQUENCES; i++) {
		struct bankfile_block b;

		if (totals[i].count == 0)
			continue;
		b = name_block(&v->file[apart ? nth : 0], apart ? 1 : nth + 1, (enum presentation_sequence)i,
		               &totals[i]);
		bankfile_save_block(r, &b);
		v->places[i] = (struct presentation_place){b.file, b.nth};
		nth++;
	}
}

static void
count_file(struct run *r, const struct bankfile *f)
{
	bool refunds = f->kind == COLLECTION_REFUND;

	run_count(r, COUNT_BANK_FILES_WRITTEN, 1);
	run_count(r, refunds ? COUNT_REFUNDS_WRITTEN : COUNT_DEBITS_WRITTEN, f->count);
	run_count(r, refunds ? COUNT_CENTS_TO_REFUND : COUNT_CENTS_TO_COLLECT, f->sum);
}

bool
make_bank_file(struct run *r, int64_t session, enum collection_kind kind)
{
	struct collection_sum totals[SEQUENCES];
	struct version v = {0};
	struct session s;
	int i;

	if (!session_load(r, session, &s) || !s.frozen)
		die(EXIT_BUG, "session %lld is not frozen", (long long)session);
	tx_begin(r->db);
	presentation_find(r, session, kind, totals);
	plan_files(r, &s, kind, totals, &v);
	presentation_make(r, v.places, session, kind);
	debt_assign(r); /* the hand-off names the session that the cents of a debt not presented went to */
	for (i = 0; i < v.files; i++) {
		check_totals(r, &v.file[i]);
		publish_handoff(r, &v.file[i]);
	}
	tx_commit(r->db);
	publish_place(r);
	for (i = 0; i < v.files; i++)
		count_file(r, &v.file[i]);
	return v.files > 0;
}

static void
make_write_lost(struct sink *s, const struct publish_lost *lost, void *ctx)
{
	struct bankfile f;
	struct handoff *h;

	if (!bankfile_load(ctx, lost->owner, &f))
		die(EXIT_BUG, "no bank file %lld", (long long)lost->owner);
	if (strcmp(lost->kind, "bank_file") == 0) {
		bankxml_write(ctx, &f, s);
		return;
	}
	if (strcmp(lost->kind, "approval") == 0) {
		approval_write_lost(ctx, &f, lost->path, s);
		return;
	}
	h = handoff_open(ctx, &f);
	handoff_write(h, lost->name, s);
	handoff_close(h);
}

static void
make_restore_kind(struct run *r, const char *kind, int64_t file)
{
	struct publish_source source = {kind, "out/sepa", NULL, make_write_lost, file};

	publish_restore(r, &source, r->on - RESTORE_DAYS, r);
}

void
make_restore_xml(struct run *r, int64_t file)
{
	make_restore_kind(r, "bank_file", file);
}

void
make_restore(struct run *r)
{
	make_restore_kind(r, "bank_file", 0);
	make_restore_kind(r, "handoff", 0);
	make_restore_kind(r, "approval", 0);
}
