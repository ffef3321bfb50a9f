/* creditor: see creditor.h. Only reads. */
#include <stdio.h>
#include <string.h>

#include "formats/pain_read.h"
#include "formats/text.h"
#include "stages/core/bank/creditor.h"
#include "stages/core/bank/terms.h"
#include "stages/core/engine/log.h"

struct side {
	struct terms terms;
	bool collects;  /* a refund has no creditor identifier: Alan is its debtor */
	char name[141]; /* as the XML has it: in the characters of SEPA */
};

static int
compare_block(void *ctx, const struct pain_read_block *b, struct err *e)
{
	const struct side *own = ctx;
	const char *identifier = own->collects ? own->terms.creditor_identifier : "";

	if (strcmp(b->name, own->name) != 0)
		return err_set(e, "creditor", "another name of the creditor");
	if (strcmp(b->creditor_identifier, identifier) != 0)
		return err_set(e, "creditor", "another creditor identifier");
	if (strcmp(b->iban, own->terms.creditor_iban) != 0)
		return err_set(e, "creditor", "another account of the creditor");
	if (strcmp(b->bic, own->terms.creditor_bic) != 0)
		return err_set(e, "creditor", "another BIC of the creditor");
	return 0;
}

static int
skip_file(void *ctx, const struct pain_read_file *f, struct err *e)
{
	(void)ctx, (void)f, (void)e;
	return 0;
}

static int
skip_transaction(void *ctx, const struct pain_read_transaction *t, struct err *e)
{
	(void)ctx, (void)t, (void)e;
	return 0;
}

void
creditor_check_xml(const struct run *r, const struct bankfile *f, const char *path)
{
	struct side own = {.collects = f->kind == COLLECTION_DEBIT};
	struct pain_read reader = {&own, skip_file, compare_block, skip_transaction};
	struct err e = {0};
	FILE *in;

	terms_load(r, f->number, &own.terms);
	(void)text_to_sepa(own.terms.creditor_name, own.name, 70, &e);
	in = fopen(path, "r");
	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	if (pain_read(in, &reader, &e) < 0)
		die(EXIT_BUG, "%s: %s than its row: run `%s`", path, e.message,
		    run_command(r, "audit --full"));
	fclose(in);
}
