/* held: see held.h. Makes exceptions of the kind swan_transaction. */
#include <string.h>

#include "stages/core/cards/held.h"
#include "stages/core/cards/named.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"

/* Open, or resolved by a decision that posted nothing. */
static bool
load_kept(struct run *r, const char *key, char record[HELD_RECORD])
{
	struct stmt *q = sql(r->db,
	    "SELECT record FROM exception"
	    " WHERE kind = 'swan_transaction' AND key = $key AND record IS NOT NULL"
	    "  AND (state = 'open' OR (state = 'resolved' AND decision NOT IN ('attributed', 'as_told')))");

	bind_text(q, "$key", key);
	if (!row(q))
		return false;
	col_copy(q, 0, record, HELD_RECORD);
	reset(q);
	return true;
}

static void
held_print(const struct swan_transaction *t, char text[HELD_RECORD])
{
	struct sink_text record = {.size = HELD_RECORD};
	struct csv c = {.separator = ',', .eol = "\n"};

	record.at = text;
	c.sink = sink_into(&record);
	transactions_csv_header(&c);
	transactions_csv_write(&c, t);
	if (sink_end(c.sink, NULL, NULL) < 0)
		die(EXIT_BUG, "transaction %s is too long for an exception", t->id);
}

/* The record of the exception is a CSV file of its own: the header, and a line for each version that came, because an older
 * version may have what the newest lacks. If there is no room for a version, it replaces the
 * others, which are still in their inputs. */
static const char *
held_join(struct run *r, const struct swan_transaction *t)
{
	static char held[HELD_RECORD], text[HELD_RECORD];
	const char *version;

	held_print(t, text);
	if (!load_kept(r, t->id, held))
		return text;
	version = strchr(text, '\n') + 1;
	if (strstr(held, version) != NULL)
		return held;
	if (strlen(held) + strlen(version) >= sizeof(held))
		return text;
	memcpy(held + strlen(held), version, strlen(version) + 1);
	return held;
}

void
held_keep(const struct payment_work *work, const struct swan_transaction *t, const struct err *why)
{
	struct exception x = {.kind = "swan_transaction",
	                      .key = t->id,
	                      .code = why->code,
	                      .message = why->message,
	                      .record = held_join(work->r, t),
	                      .input = work->input,
	                      .line = work->line,
	                      .amount = t->amount,
	                      .profile = named_find_member(work->r, t)};

	exception_open(work->r, &x);
}

void
held_note(const struct payment_work *work, const struct swan_transaction *t)
{
	exception_note(work->r, "swan_transaction", t->id, held_join(work->r, t));
}

bool
held_load(struct payment_work *work, int64_t number, char record[HELD_RECORD])
{
	struct stmt *q = sql(work->r->db,
	    "SELECT record, input_number, line FROM exception"
	    " WHERE number = $number AND kind = 'swan_transaction'");

	bind_int(q, "$number", number);
	if (!row(q))
		return false;
	col_copy(q, 0, record, HELD_RECORD);
	work->input = col_int_or(q, 1, 0);
	work->line = (long)col_int_or(q, 2, 0);
	reset(q);
	return true;
}

int
held_read(char *record, transactions_csv_fn *version, void *ctx, struct err *e)
{
	FILE *in = fmemopen(record, strlen(record), "r");
	int rc;

	if (in == NULL)
		die_errno(EXIT_IO, "the record of an exception");
	rc = transactions_csv_read(in, version, ctx, e);
	fclose(in);
	return rc;
}

struct held {
	struct payment_work work;
	int64_t number;
	char key[STORE_KEY + 1];
	char record[HELD_RECORD];
	bool failed; /* a version of it could not be applied */
};

static int
held_apply(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct held *h = ctx;
	struct err why = {0};

	(void)line;
	(void)e;
	if (payment_apply(&h->work, t, &why) == 0)
		return 0;
	h->failed = true;
	held_keep(&h->work, t, &why); /* the reason may be another one now */
	return 0;
}

static bool
held_next(struct held *h)
{
	struct stmt *q =
	    sql(h->work.r->db,
	    "SELECT number, key, record, input_number, line FROM exception"
	    " WHERE kind = 'swan_transaction' AND state = 'open' AND number > $number"
	    " ORDER BY number LIMIT 1");

	bind_int(q, "$number", h->number);
	if (!row(q))
		return false;
	h->number = col_int(q, 0);
	col_copy(q, 1, h->key, sizeof(h->key));
	col_copy(q, 2, h->record, sizeof(h->record));
	h->work.input = col_int_or(q, 3, 0);
	h->work.line = (long)col_int_or(q, 4, 0);
	h->failed = false;
	reset(q);
	return true;
}

/* Tries every version: one that can be applied need not wait for the others. True: all were applied. */
static bool
held_retry_one(struct held *h)
{
	struct err e = {0};

	if (held_read(h->record, held_apply, h, &e) < 0)
		h->failed = true;
	if (!h->failed)
		exception_close(h->work.r, "swan_transaction", h->key);
	return !h->failed;
}

void
held_retry(struct run *r)
{
	static struct held h;
	bool again = true;

	tx_begin(r->db);
	h = (struct held){.work = {.r = r}};
	while (again) {
		again = false;
		h.number = 0;
		while (held_next(&h))
			again = held_retry_one(&h) || again;
	}
	tx_commit(r->db);
}
