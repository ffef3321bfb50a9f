/* make: see make.h. Writes through bankfile, collection, debt and publish.
 *
 * source   EPC130-08, EPC132-08 (ids, totals, dates); lead time and cut-off of the bank: the configuration
 */
#include <stdio.h>
#include <string.h>

#include "formats/calendar.h"
#include "formats/pain001.h"
#include "formats/pain008.h"
#include "formats/text.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/copy.h"
#include "stages/core/bank/handoff.h"
#include "stages/core/bank/make.h"
#include "stages/core/books/debt.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/config.h"
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

static void
name_file(struct run *r, const struct session *s, struct bankfile *f)
{
	const struct bankfile_words *words = bankfile_words(f->kind);
	char day[DATE_TEXT], compact[DATE_TEXT];

	f->number = store_number(r->db, "bank_file");
	f->session = s->number;
	f->version = (int)next_version(r, s->number, f->kind);
	f->part = 1;
	f->created_at = r->now;
	f->wanted_on = s->recovery;
	f->collect_on = choose_day(r, s->recovery, f->kind);
	snprintf(f->msg_id, sizeof(f->msg_id), "%08x-%.20s-%c%d", store_id(r->db), s->code, words->letter,
	         f->version);
	snprintf(f->name, sizeof(f->name), "%s-%s-%s-%d.xml", words->prefix, s->code,
	         date_print_compact(compact, s->recovery), f->version);
	snprintf(f->folder, sizeof(f->folder), "out/sepa/%s_%s/%s%d", date_print(day, s->recovery), s->code,
	         words->folder, f->version);
	snprintf(f->built_by, sizeof(f->built_by), "%s", run_person(r));
}

static void
save_block(struct run *r, const struct bankfile *f)
{
	struct bankfile_block b = {.file = f->number, .nth = 1, .count = f->count, .sum = f->sum};

	snprintf(b.payment_information_id, sizeof(b.payment_information_id), "%.33s-%d", f->msg_id, b.nth);
	if (f->kind == COLLECTION_DEBIT)
		snprintf(b.sequence_type, sizeof(b.sequence_type), "%s",
		         config_text(r->config, BANK_SEQUENCE_FIRST));
	bankfile_save_block(r, &b);
}

/* A collection, for the XML. */
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
write_lines(struct run *r, const struct bankfile *f, const struct bankfile_block *b, struct pain *p)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT c.end_to_end_id, c.amount_in_cents, m.reference, m.signed_on, c.amended,"
	    "  m.debtor_name, m.iban"
	    " FROM collection c"
	    " JOIN mandate m ON m.number = c.mandate_number"
	    " WHERE c.file_number = $file AND c.block = $nth"
	    " ORDER BY c.end_to_end_id");
	char remittance[141];

	bankfile_remittance(r, f->session, remittance);
	bind_int(q, "$file", f->number);
	bind_int(q, "$nth", b->nth);
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

static void
write_block(struct run *r, const struct bankfile *f, const struct bankfile_block *b, struct pain *p)
{
	const char *booking = config_text(r->config, BANK_BATCH_BOOKING);
	const char *bic = config_text(r->config, CREDITOR_BIC);
	struct pain_block block = {.payment_information_id = b->payment_information_id,
	                           .booking = strcmp(booking, "yes") == 0  ? BOOKING_BATCH
	                                      : strcmp(booking, "no") == 0 ? BOOKING_SINGLE
	                                                                   : BOOKING_AS_CONTRACT,
	                           .count = (long)b->count,
	                           .sum = b->sum,
	                           .on = f->collect_on,
	                           .name = config_text(r->config, CREDITOR_NAME),
	                           .bic = text_or_null(bic)};
	struct iban iban;
	struct err e = {0};

	if (iban_parse(config_text(r->config, CREDITOR_IBAN), &iban, &e) < 0)
		die(EXIT_CONFIG, "iban in [creditor]: %s", e.message);
	block.iban = &iban;
	if (f->kind == COLLECTION_REFUND)
		pain001_block(p, &block);
	else
		pain008_block(p, &block, b->sequence_type, config_text(r->config, CREDITOR_IDENTIFIER));
	write_lines(r, f, b, p);
}

/* A pure function of the rows and the configuration of the creditor. */
static void
write_xml(struct run *r, const struct bankfile *f, struct sink *s)
{
	struct pain_file file = {PAIN_2019,      f->msg_id, f->created_at,
	                         (long)f->count, f->sum,    config_text(r->config, CREDITOR_NAME)};
	struct pain *p = (f->kind == COLLECTION_REFUND ? pain001_open : pain008_open)(s, &file);
	struct stmt *q = bankfile_begin_blocks(r, f->number);
	struct bankfile_block b;
	struct err e = {0};

	while (bankfile_next_block(q, &b))
		write_block(r, f, &b, p);
	if (pain_close(p, &e) < 0)
		die(EXIT_BUG, "%s: %s", f->name, e.message);
}

struct xml {
	struct run *run;
	const struct bankfile *file;
};

static void
render_xml(struct sink *s, void *ctx)
{
	const struct xml *x = ctx;

	write_xml(x->run, x->file, s);
}

/* The last gate before the file appears. Approvals bind to the hash. */
static void
check_xml(FILE *in, const struct file_digest *p, void *ctx)
{
	const struct xml *x = ctx;

	copy_validate(x->file->kind, in, x->file->name);
	bankfile_save_sha256(x->run, x->file->number, p->sha256);
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

bool
make_bank_file(struct run *r, int64_t session, enum collection_kind kind)
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
		bankfile_save(r, &f);
		save_block(r, &f);
	}
	collection_make(r, f.number, session, kind);
	debt_assign(r); /* the hand-off names the session that the cents of a debt not presented went to */
	if (f.count > 0) {
		check_totals(r, &f);
		publish_handoff(r, &f);
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

static void
make_write_lost(struct sink *s, const struct publish_lost *lost, void *ctx)
{
	struct publish_entry entries[HANDOFF_FILES];
	struct bankfile f;
	struct handoff *h;
	int i;

	if (!bankfile_load(ctx, lost->owner, &f))
		die(EXIT_BUG, "no bank file %lld", (long long)lost->owner);
	if (strcmp(lost->kind, "bank_file") == 0) {
		write_xml(ctx, &f, s);
		return;
	}
	h = handoff_open(ctx, &f);
	handoff_entries(h, entries);
	for (i = 0; i < HANDOFF_FILES; i++)
		if (strcmp(lost->name, entries[i].name) == 0)
			entries[i].render(s, h);
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
}
