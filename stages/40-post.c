/* post: transactions.csv and payment_supports.csv -> cards, card payments, balance transactions.
 *
 * reads    the CSV files of import's windows, in their order; or two given by hand (--transactions, --payment-supports). The transactions
 *          of a large file are posted member by member (core/cards/by_member.h)
 * writes   account_membership, card, profile status, swan_transaction, card_payment, balance_transaction, exception; which
 *          offboardings Swan has done
 * rerun    a cursor says which windows were posted; source keys make a second posting impossible
 * holds    a transaction that belongs to no known member, contradicts what was posted, takes back other money than was given, or
 *          has a type or status that is not known: stored as an exception, with every version, and tried again every night; an offboarding that Swan has not done after 7 days
 */
#include <string.h>

#include "formats/swan.h"
#include "formats/swan_rules.h"
#include "stages/core/cards/by_member.h"
#include "stages/core/cards/held.h"
#include "stages/core/cards/payment.h"
#include "stages/core/cards/reversed.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/inbox.h"
#include "stages/core/members/membership.h"
#include "stages/core/members/offboarding.h"
#include "stages/core/members/profile.h"
#include "stages/core/swan/window.h"
#include "stages/stage.h"

static int
save_support(void *ctx, long line, const struct swan_payment_support *p, struct err *e)
{
	const struct payment_work *work = ctx;

	(void)line;
	(void)e;
	membership_save(work->r, p);
	return 0;
}

/* A version that is applied does not close the exception of its transaction: held_retry does, if all of them can be applied. */
static int
apply_transaction(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct payment_work *work = ctx;
	struct err why = {0};

	(void)e;
	work->line = line;
	if (work->has_decisions && exception_is_resolved(work->r, "swan_transaction", t->id)) {
		held_note(work, t);
		run_count(work->r, COUNT_TRANSACTIONS_ATTRIBUTED, 1);
	} else if (payment_apply(work, t, &why) < 0) {
		if (swan_find_money(t).moves == SWAN_UNCLEAR)
			run_count(work->r, COUNT_TRANSACTIONS_UNKNOWN, 1);
		payment_write(work); /* held_keep looks up the member */
		held_keep(work, t, &why);
	}
	return 0;
}

static int
apply_supports(struct payment_work *work, FILE *in, struct err *e)
{
	int rc = payment_supports_csv_read(in, save_support, work, e);

	fclose(in);
	if (rc == 0)
		run_count(work->r, COUNT_PROFILES_CHANGED, profile_refresh_status(work->r));
	return rc;
}

static int
apply_transactions(struct payment_work *work, FILE *in, struct err *e)
{
	int rc;

	payment_begin(work);
	rc = by_member_read(work, in, apply_transaction, e);
	fclose(in);
	if (rc == 0)
		payment_write(work);
	payment_end(work);
	return rc;
}

/* One of import's own files: if it cannot be read the home is damaged, so die instead of quarantining it. */
static void
apply_own(struct run *r, const char *kind, const char *path,
          int (*apply)(struct payment_work *work, FILE *in, struct err *e))
{
	struct payment_work work = {.r = r, .input = inbox_note(r, kind, path)};
	FILE *in = fopen(path, "r");
	struct err e = {0};

	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	if (apply(&work, in, &e) < 0)
		die(EXIT_REFUSED, "%s:%ld: %s (%s): nothing of this file is applied", path, e.line, e.message,
		    e.code);
}

static void
post_window(struct run *r, const struct window *w)
{
	run_count(r, COUNT_TRANSACTIONS_READ, w->transactions_new);
	tx_begin(r->db);
	if (w->payment_supports_path[0] != '\0')
		apply_own(r, "payment_supports", w->payment_supports_path, apply_supports);
	if (w->transactions_path[0] != '\0')
		apply_own(r, "transactions", w->transactions_path, apply_transactions);
	journal_move(r, "post.import_window", w->number);
	tx_commit(r->db);
}

/* A CSV file named on the command line is archived like any other input, and applied once. */
static int
apply_given_supports(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e)
{
	struct payment_work work = {.r = f->run, .input = f->number};

	(void)ctx;
	return copy_of != 0 ? 0 : apply_supports(&work, inbox_content(f), e);
}

static int
apply_given_transactions(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e)
{
	struct payment_work work = {.r = f->run, .input = f->number};

	(void)ctx;
	return copy_of != 0 ? 0 : apply_transactions(&work, inbox_content(f), e);
}

static void
post_windows(struct run *r)
{
	const char *transactions = options_value(r, "transactions"),
		   *supports = options_value(r, "payment-supports");
	struct window w;

	store_keep_few_pages(r->db);
	if (supports != NULL)
		inbox_receive_given(r, "payment_supports", supports, apply_given_supports, NULL);
	if (transactions != NULL)
		inbox_receive_given(r, "transactions", transactions, apply_given_transactions, NULL);
	if (supports == NULL && transactions == NULL)
		while (window_after(r, journal_cursor(r, "post.import_window", 0), &w))
			post_window(r, &w);
	held_retry(r);
	reversed_report(r);
	offboarding_refresh(r);
}

static const struct option_spec options[] = {
    {.name = "transactions",
     .arg = "FILE",
     .help = "post this transactions.csv instead of import's",
     .is_path = true},
    {.name = "payment-supports",
     .arg = "FILE",
     .help = "post this payment_supports.csv instead of import's",
     .is_path = true},
    {0},
};

const struct stage this_stage = {
    .name = "post",
    .purpose = "post card payments and balance transactions",
    .options = options,
    .run = post_windows,
};
