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
#include "stages/core/bank/terms.h"
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
	snprintf(f->built_by, sizeof(f->built_by), "%s", run_person(r));
}

/* A collection, for the XML. */
struct line {
	const char *end_to_end_id, *mandate_reference, *name, *bic, *ultimate_debtor;
	const char *original_creditor_name, *original_creditor_identifier;
	cents amount;
	date signed_on;
	bool amended;
	struct iban iban;
	struct pain_address address;
	const struct pain_address *at; /* NULL: without address */
	struct country country;
	char street[96];
};

static void
write_debit(struct pain *p, const struct line *l, const struct terms *t)
{
	pain008_debit(p,
	              &(struct pain008_debit){.end_to_end_id = l->end_to_end_id,
	                                      .amount = l->amount,
	                                      .mandate_reference = l->mandate_reference,
	                                      .signed_on = l->signed_on,
	                                      .amended = l->amended,
	                                      .debtor_name = l->name,
	                                      .debtor_iban = &l->iban,
	                                      .debtor_bic = l->bic,
	                                      .debtor_address = l->at,
	                                      .ultimate_debtor = l->ultimate_debtor,
	                                      .purpose = text_or_null(t->purpose),
	                                      .original_creditor_name = l->original_creditor_name,
	                                      .original_creditor_identifier = l->original_creditor_identifier,
	                                      .remittance = t->remittance});
}

static void
write_refund(struct pain *p, const struct line *l, const struct terms *t)
{
	pain001_transfer(p, &(struct pain001_transfer){.end_to_end_id = l->end_to_end_id,
	                                               .amount = l->amount,
	                                               .creditor_name = l->name,
	                                               .creditor_iban = &l->iban,
	                                               .creditor_bic = l->bic,
	                                               .creditor_address = l->at,
	                                               .remittance = t->remittance});
}

/* BIC and address are for accounts outside the EEA alone. In a hybrid address street and building are in a line, unless the
 * member's mandate has lines. */
static void
set_address(struct line *l, const struct terms *t, struct stmt *q)
{
	struct err e = {0};

	if (iban_is_eea(&l->iban) || strcmp(t->address, "none") == 0)
		return;
	if (country_parse(col_text(q, 14), &l->country, &e) < 0)
		die(EXIT_BUG, "the mandate of %s: %s", l->end_to_end_id, e.message);
	l->bic = col_text(q, 7);
	l->address = (struct pain_address){.postcode = col_text(q, 10), .town = col_text(q, 11)};
	if (strcmp(t->address, "hybrid") != 0) {
		l->address.street = col_text(q, 8);
		l->address.building = col_text(q, 9);
	} else if (col_text(q, 12) != NULL || col_text(q, 13) != NULL) {
		l->address.line[0] = col_text(q, 12);
		l->address.line[1] = col_text(q, 13);
	} else if (col_text(q, 8) != NULL) {
		snprintf(l->street, sizeof(l->street), "%.70s %.16s", col_text(q, 8),
		         col_null(q, 9) ? "" : col_text(q, 9));
		l->address.line[0] = l->street;
	}
	l->address.country = l->country.alpha2;
	l->at = &l->address;
}

static void
write_lines(struct run *r, const struct bankfile_block *b, const struct terms *t, struct pain *p)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT c.end_to_end_id, c.amount_in_cents, m.reference, m.signed_on, c.amended,"
	    "  m.debtor_name, m.iban, m.bic, m.street, m.building, m.postcode, m.town, m.address_line_1,"
	    "  m.address_line_2, m.country, m.ultimate_debtor, c.original_creditor_name,"
	    "  c.original_creditor_identifier"
	    " FROM collection c"
	    " JOIN mandate m ON m.number = c.mandate_number"
	    " WHERE c.file_number = $file AND c.block = $nth"
	    " ORDER BY c.end_to_end_id");

	bind_int(q, "$file", b->file);
	bind_int(q, "$nth", b->nth);
	while (row(q)) {
		struct line l = {.end_to_end_id = col_text(q, 0),
		                 .amount = col_int(q, 1),
		                 .mandate_reference = col_text(q, 2),
		                 .signed_on = col_date(q, 3),
		                 .amended = col_int(q, 4) != 0,
		                 .name = col_text(q, 5),
		                 .ultimate_debtor = col_text(q, 15),
		                 .original_creditor_name = col_text(q, 16),
		                 .original_creditor_identifier = col_text(q, 17)};
		struct err e;

		if (iban_parse(col_text(q, 6), &l.iban, &e) < 0)
			die(EXIT_BUG, "the mandate of %s: %s", l.end_to_end_id, e.message);
		set_address(&l, t, q);
		(b->sequence_type[0] == '\0' ? write_refund : write_debit)(p, &l, t);
	}
}

static void
write_block(struct run *r, const struct bankfile *f, const struct bankfile_block *b, const struct terms *t,
            struct pain *p)
{
	struct iban iban;
	struct err e = {0};
	struct pain_block block = {.payment_information_id = b->payment_information_id,
	                           .booking = strcmp(t->batch_booking, "yes") == 0  ? BOOKING_BATCH
	                                      : strcmp(t->batch_booking, "no") == 0 ? BOOKING_SINGLE
	                                                                            : BOOKING_AS_CONTRACT,
	                           .count = (long)b->count,
	                           .sum = b->sum,
	                           .on = f->collect_on,
	                           .name = t->creditor_name,
	                           .iban = &iban,
	                           .bic = text_or_null(t->creditor_bic),
	                           .ultimate_creditor = text_or_null(t->ultimate_creditor)};

	if (iban_parse(t->creditor_iban, &iban, &e) < 0)
		die(EXIT_BUG, "%s: the account of the creditor: %s", f->name, e.message);
	if (f->kind == COLLECTION_REFUND)
		pain001_block(p, &block);
	else
		pain008_block(p, &block, b->sequence_type, t->creditor_identifier);
	write_lines(r, b, t, p);
}

/* A pure function of the rows. */
static void
write_xml(struct run *r, const struct bankfile *f, struct sink *s)
{
	struct bankfile_block b;
	struct pain_file file;
	struct err e = {0};
	struct terms t;
	struct stmt *q;
	struct pain *p;

	terms_load(r, f->number, &t);
	file =
	    (struct pain_file){t.version, f->msg_id, f->created_at, (long)f->count, f->sum, t.creditor_name};
	p = (f->kind == COLLECTION_REFUND ? pain001_open : pain008_open)(s, &file);
	q = bankfile_begin_blocks(r, f->number);
	while (bankfile_next_block(q, &b))
		write_block(r, f, &b, &t, p);
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

	copy_validate(x->run, x->file, in, x->file->name);
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

/* The files of one version: one with a block for each sequence type, or one for each block. */
struct version {
	struct bankfile file[SEQUENCES];
	int files;
	struct collection_place places[SEQUENCES];
};

static void
save_file(struct run *r, const struct session *s, struct bankfile *f, int nth)
{
	struct terms t;

	name_file(r, s, f, nth);
	bankfile_save(r, f);
	terms_of_now(r, s->number, &t);
	terms_save(r, f->number, &t);
}

static struct bankfile_block
name_block(const struct bankfile *f, int nth, enum collection_sequence sequence,
           const struct collection_sum *total)
{
	struct bankfile_block b = {.file = f->number, .nth = nth, .count = total->count, .sum = total->sum};

	snprintf(b.payment_information_id, sizeof(b.payment_information_id), "%.33s-%d", f->msg_id, nth % 10);
	snprintf(b.sequence_type, sizeof(b.sequence_type), "%s", collection_sequence_word(sequence));
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
		b = name_block(&v->file[apart ? nth : 0], apart ? 1 : nth + 1, (enum collection_sequence)i,
		               &totals[i]);
		bankfile_save_block(r, &b);
		v->places[i] = (struct collection_place){b.file, b.nth};
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
	collection_totals(r, session, kind, totals);
	plan_files(r, &s, kind, totals, &v);
	collection_make(r, v.places, session, kind);
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
