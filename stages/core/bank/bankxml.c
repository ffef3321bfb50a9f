/* bankxml: see bankxml.h. Only reads.
 *
 * source   EPC130-08, EPC132-08; EPC153-22 (an address is structured or hybrid)
 */
#include <stdio.h>
#include <string.h>

#include "formats/pain001.h"
#include "formats/pain008.h"
#include "formats/text.h"
#include "stages/core/bank/bankxml.h"
#include "stages/core/bank/terms.h"
#include "stages/core/engine/log.h"

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

void
bankxml_write(struct run *r, const struct bankfile *f, struct sink *s)
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
