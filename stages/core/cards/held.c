/* held: see held.h. Makes exceptions of the kind swan_transaction. */
#include <string.h>

#include "stages/core/cards/held.h"
#include "stages/core/cards/payment.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/log.h"

static bool
find_held(struct run *r, const char *key, char record[HELD_RECORD])
{
	struct stmt *q = sql(r->db, "SELECT record FROM exception"
	                            " WHERE kind = 'swan_transaction' AND key = $key AND state = 'open'");

	bind_text(q, "$key", key);
	if (!row(q))
		return false;
	col_copy(q, 0, record, HELD_RECORD);
	reset(q);
	return true;
}

static void
write_alone(const struct swan_transaction *t, char text[HELD_RECORD])
{
	struct sink_text record = {.size = HELD_RECORD};
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
	static char held[HELD_RECORD], text[HELD_RECORD];
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

void
held_keep(struct run *r, const struct swan_transaction *t, int64_t input, long line, const struct err *why)
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

int
held_read(char *record, transactions_csv_fn *version, void *ctx, struct err *e)
{
	FILE *in = fmemopen(record, strlen(record), "r");
	int rc;

	if (in == NULL)
		die_errno(EXIT_IO, "a held record");
	rc = transactions_csv_read(in, version, ctx, e);
	fclose(in);
	return rc;
}

struct held {
	struct run *r;
	int64_t number, input, line;
	char key[STORE_KEY + 1];
	char record[HELD_RECORD];
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
	held_keep(h->r, t, h->input, (long)h->line, &why); /* why may be another by now */
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
	struct err e = {0};

	if (held_read(h->record, apply_again, h, &e) < 0)
		h->failed = true;
	if (!h->failed)
		exception_close(h->r, "swan_transaction", h->key);
	return !h->failed;
}

/* Everything held, once more: the member may have appeared since, and with it the payment that others wait for. */
void
held_retry(struct run *r)
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
