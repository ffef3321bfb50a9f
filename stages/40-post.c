/* post: transactions.csv and payment_supports.csv -> cards, card payments, balance transactions.
 *
 * reads    the CSV files of import's windows, in their order; or two given by hand (--transactions, --payment-supports)
 * writes   account_membership, card, profile status, swan_transaction, card_payment, balance_transaction, exception; which
 *          offboardings Swan has done
 * rerun    a cursor says which windows were posted; source keys make a second posting impossible
 * holds    a transaction whose card or owner nobody knows is kept whole, every version of it, and tried again every night;
 *          an offboarding that Swan has not done after 7 days
 */
#include <string.h>

#include "formats/swan.h"
#include "stages/core/checkpoint.h"
#include "stages/core/exception.h"
#include "stages/core/offboarding.h"
#include "stages/core/inbox.h"
#include "stages/core/payment.h"
#include "stages/core/membership.h"
#include "stages/core/profile.h"
#include "stages/core/window.h"
#include "stages/stage.h"

struct posting_file {
	struct run *r;
	int64_t input;
};

static int
save_support(void *ctx, long line, const struct swan_payment_support *p, struct err *e)
{
	const struct posting_file *f = ctx;

	(void)line;
	(void)e;
	membership_save(f->r, p);
	return 0;
}

#define MOST_RECORD (2 * 65536) /* a record is at most 64 KiB, and its header goes with it */

static bool
find_held(struct run *r, const char *key, char record[MOST_RECORD])
{
	struct stmt *q = sql(r->db, "SELECT record FROM exception"
	                            " WHERE kind = 'swan_transaction' AND key = $key AND state = 'open'");

	bind_text(q, "$key", key);
	if (!row(q))
		return false;
	col_copy(q, 0, record, MOST_RECORD);
	reset(q);
	return true;
}

static void
write_alone(const struct swan_transaction *t, char text[MOST_RECORD])
{
	struct sink_text record = {.size = MOST_RECORD};
	struct csv c = {.separator = ',', .eol = "\n"};

	record.at = text;
	c.sink = sink_into(&record);
	transactions_csv_header(&c);
	transactions_csv_write(&c, t);
	if (sink_end(c.sink, NULL, NULL) < 0)
		die(EXIT_BUG, "transaction %s is too long to be held", t->id);
}

/* What is held is kept as the CSV file it would be alone: header, and a record for each version that came, for an older one
 * may tell what the newest does not. One that finds no room beside the others stands alone: they are in their inputs. */
static const char *
join_versions(struct run *r, const struct swan_transaction *t)
{
	static char held[MOST_RECORD], text[MOST_RECORD];
	const char *version;

	write_alone(t, text);
	if (!find_held(r, t->id, held))
		return text;
	version = strchr(text, '\n') + 1;
	if (strstr(held, version) != NULL)
		return held;
	if (strlen(held) + strlen(version) >= sizeof(held))
		return text;
	memcpy(held + strlen(held), version, strlen(version) + 1);
	return held;
}

static void
hold(struct run *r, const struct swan_transaction *t, int64_t input, long line, const struct err *why)
{
	struct exception x = {.kind = "swan_transaction",
	                      .key = t->id,
	                      .code = why->code,
	                      .message = why->message,
	                      .record = join_versions(r, t),
	                      .input = input,
	                      .line = line};

	exception_open(r, &x);
}

/* One that goes by while others of its transaction are held closes nothing: they are tried again at the end. */
static int
apply_transaction(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	const struct posting_file *f = ctx;
	struct err why = {0};

	(void)e;
	if (exception_is_resolved(f->r, "swan_transaction", t->id))
		run_count(f->r, "transactions a person decided about", 1);
	else if (payment_apply(f->r, t, f->input, line, &why) < 0)
		hold(f->r, t, f->input, line, &why);
	return 0;
}

struct held {
	struct run *r;
	int64_t number, input, line;
	char key[STORE_KEY + 1];
	char record[MOST_RECORD];
	bool failed; /* a version of it could not be applied */
};

static int
apply_again(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct held *h = ctx;
	struct err why = {0};

	(void)line;
	(void)e;
	if (payment_apply(h->r, t, h->input, (long)h->line, &why) == 0)
		return 0;
	h->failed = true;
	hold(h->r, t, h->input, (long)h->line, &why); /* why may be another by now */
	return 0;
}

static bool
next_held(struct held *h)
{
	struct stmt *q =
	    sql(h->r->db, "SELECT number, key, record, input_number, line FROM exception"
	                  " WHERE kind = 'swan_transaction' AND state = 'open' AND number > $number"
	                  " ORDER BY number LIMIT 1");

	bind_int(q, "$number", h->number);
	if (!row(q))
		return false;
	h->number = col_int(q, 0);
	col_copy(q, 1, h->key, sizeof(h->key));
	col_copy(q, 2, h->record, sizeof(h->record));
	h->input = col_int_or(q, 3, 0);
	h->line = col_int_or(q, 4, 0);
	h->failed = false;
	reset(q);
	return true;
}

/* Every version, for those that can be applied hold nothing up: is nothing left of it? */
static bool
retry(struct held *h)
{
	FILE *in = fmemopen(h->record, strlen(h->record), "r");
	struct err e = {0};

	if (in == NULL)
		die_errno(EXIT_IO, "a held record");
	if (transactions_csv_read(in, apply_again, h, &e) < 0)
		h->failed = true;
	fclose(in);
	if (!h->failed)
		exception_close(h->r, "swan_transaction", h->key);
	return !h->failed;
}

/* Everything held, once more: the member may have appeared since, and with it the payment that others wait for. */
static void
retry_held(struct run *r)
{
	static struct held h;
	bool again = true;

	tx_begin(r->db);
	while (again) {
		again = false;
		h = (struct held){.r = r};
		while (next_held(&h))
			again = retry(&h) || again;
	}
	tx_commit(r->db);
}

static int
apply_supports(struct posting_file *f, FILE *in, struct err *e)
{
	int rc = payment_supports_csv_read(in, save_support, f, e);

	fclose(in);
	if (rc == 0)
		run_count(f->r, "profiles with a new status", profile_refresh_status(f->r));
	return rc;
}

static int
apply_transactions(struct posting_file *f, FILE *in, struct err *e)
{
	int rc = transactions_csv_read(in, apply_transaction, f, e);

	fclose(in);
	return rc;
}

/* A file of import's own: that it cannot be read is no matter of one input, but of a broken home. */
static void
apply_own(struct run *r, const char *kind, const char *path,
          int (*apply)(struct posting_file *f, FILE *in, struct err *e))
{
	struct posting_file f = {r, inbox_note(r, kind, path)};
	FILE *in = fopen(path, "r");
	struct err e = {0};

	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	if (apply(&f, in, &e) < 0)
		die(EXIT_REFUSED, "%s:%ld: %s (%s); nothing of it is applied", path, e.line, e.message,
		    e.code);
}

static void
post_window(struct run *r, const struct window *w)
{
	run_count(r, "transactions read", w->transactions);
	tx_begin(r->db);
	if (w->payment_supports_path[0] != '\0')
		apply_own(r, "payment_supports", w->payment_supports_path, apply_supports);
	if (w->transactions_path[0] != '\0')
		apply_own(r, "transactions", w->transactions_path, apply_transactions);
	checkpoint_move(r, "post.import_window", w->number);
	tx_commit(r->db);
}

/* A CSV given by hand is kept like any other input, and applied once. */
static int
apply_given_supports(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e)
{
	struct posting_file p = {f->run, f->number};

	(void)ctx;
	return copy_of != 0 ? 0 : apply_supports(&p, inbox_content(f), e);
}

static int
apply_given_transactions(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e)
{
	struct posting_file p = {f->run, f->number};

	(void)ctx;
	return copy_of != 0 ? 0 : apply_transactions(&p, inbox_content(f), e);
}

static void
post(struct run *r)
{
	const char *transactions = run_option(r, "transactions"),
		   *supports = run_option(r, "payment-supports");
	struct window w;

	if (supports != NULL)
		inbox_receive_given(r, "payment_supports", supports, apply_given_supports, NULL);
	if (transactions != NULL)
		inbox_receive_given(r, "transactions", transactions, apply_given_transactions, NULL);
	if (supports == NULL && transactions == NULL)
		while (window_after(r, checkpoint_cursor(r, "post.import_window", 0), &w))
			post_window(r, &w);
	retry_held(r);
	offboarding_refresh(r);
}

static const struct option_spec options[] = {
    {.name = "transactions",
     .arg = "FILE",
     .help = "a transactions.csv, instead of import's",
     .is_path = true},
    {.name = "payment-supports",
     .arg = "FILE",
     .help = "a payment_supports.csv, instead of import's",
     .is_path = true},
    {0},
};

const struct stage this_stage = {
    .name = "post",
    .purpose = "post card payments and balance transactions",
    .options = options,
    .run = post,
};
