/* proof_input: see proof.h. What Swan told, as it was kept, against the ledger; and everything that was kept.
 *
 * The files are those that post read: the import's windows and what was given by hand. A booked transaction of a card, or
 * one that brought money, is posted once, or is an exception that a person sees.
 */
#include <stdio.h>
#include <string.h>

#include "formats/swan.h"
#include "stages/core/audit/proof.h"
#include "stages/core/engine/log.h"

static struct claim is_kept = {.text = "each transactions file that was read is unchanged and can be read"};
static struct claim is_posted = {
    .text = "each booked transaction in Swan's files is posted once or is an exception"};
static struct claim was_told = {.text = "each recorded Swan transaction is in one of Swan's files"};

struct reading {
	struct proof *proof;
	int64_t input, told; /* told: lines that are the newest version of their transaction */
};

static bool
brings_or_takes_money(const struct swan_transaction *t)
{
	return strcmp(t->status, "Booked") == 0 &&
	       (strncmp(t->type, "CardOut", 7) == 0 || strcmp(t->side, "Credit") == 0);
}

/* Posted once, with this amount, as of a card or as a transfer of a member; or held, and then at most an earlier state of it
 * is posted. That a person attributed it holds nothing: it was posted. */
static void
prove_posted(struct proof *p, const struct swan_transaction *t, const unsigned char *key, size_t n)
{
	struct stmt *q = sql(
	    p->r->db,
	    "WITH found AS (SELECT amount_in_cents FROM balance_transaction"
	    "   WHERE source_kind = 1 AND source = $key AND event = 1"
	    "  UNION ALL SELECT amount_in_cents FROM balance_transaction"
	    "   WHERE source_kind = 4 AND source = $reference AND event = 4)"
	    " SELECT CASE WHEN posted = 1 AND as_it_is = 1 THEN 1 WHEN held > 0 AND posted <= 1 THEN 1 ELSE 0 END FROM (SELECT"
	    "  (SELECT count(*) FROM found) AS posted,"
	    "  (SELECT count(*) FROM found WHERE amount_in_cents = $amount) AS as_it_is,"
	    "  (SELECT count(*) FROM exception WHERE kind = 'swan_transaction' AND key = $id AND state <> 'applied'"
	    "    AND decision IS DISTINCT FROM 'attributed') AS held)"
	    " AS told");

	bind_blob(q, "$key", key, n);
	bind_blob(q, "$reference", t->id, strlen(t->id));
	bind_int(q, "$amount", strcmp(t->side, "Debit") == 0 ? -t->amount : t->amount);
	bind_text(q, "$id", t->id);
	if (value(q, 0) == 0)
		proof_fails(p, &is_posted, t->id);
}

static int
prove_transaction(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct reading *f = ctx;
	unsigned char key[STORE_KEY];
	size_t n = store_key(t->id, key);
	struct stmt *q;

	(void)e;
	if (brings_or_takes_money(t))
		prove_posted(f->proof, t, key, n);
	q = sql(f->proof->r->db, "SELECT count(*) FROM swan_transaction"
	                         " WHERE id = $key AND input_number = $input AND line = $line");
	bind_blob(q, "$key", key, n);
	bind_int(q, "$input", f->input);
	bind_int(q, "$line", line);
	f->told += value(q, 0);
	return 0;
}

static void
note_told(const struct reading *f)
{
	struct stmt *q =
	    sql(f->proof->r->db, "INSERT INTO told_by_input (input_number, told) VALUES ($input, $told)");

	bind_int(q, "$input", f->input);
	bind_int(q, "$told", f->told);
	exec(q);
}

static void
prove_input(struct proof *p, int64_t number, const char *path, const unsigned char *digest)
{
	struct reading f = {p, number, 0};
	struct err e = {0};
	FILE *in;

	if (!proof_is_there(path, digest)) {
		proof_fails(p, &is_kept, path);
		return;
	}
	in = fopen(path, "r");
	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	if (transactions_csv_read(in, prove_transaction, &f, &e) < 0)
		proof_fails(p, &is_kept, path);
	fclose(in);
	note_told(&f);
}

/* A file that was looked at tells as many transactions as the books have of it. */
static void
prove_told(struct proof *p, int64_t after)
{
	struct stmt *q =
	    sql(p->r->db,
	        "SELECT 'input ' || k.input_number || ' has ' || coalesce(t.told, 0) || ' of ' || k.known"
	        " FROM (SELECT input_number, count(*) AS known FROM swan_transaction"
	        "   WHERE input_number > $after GROUP BY input_number) AS k"
	        " LEFT JOIN told_by_input t ON t.input_number = k.input_number"
	        " WHERE k.known <> coalesce(t.told, 0)");

	bind_int(q, "$after", after);
	while (row(q))
		proof_fails(p, &was_told, col_text(q, 0));
}

/* Whatever has a row and a name is there, byte for byte. */
static void
prove_kept(struct proof *p)
{
	static struct claim claim = {.text = "each file that was received or published is unchanged"};
	struct stmt *q =
	    sql(p->r->db, "SELECT path, sha256 FROM artifact WHERE state = 'placed' ORDER BY path");
	size_t n;

	proof_begin(p, &claim);
	while (row(q))
		if (!proof_is_there(col_text(q, 0), col_blob(q, 1, &n)))
			proof_fails(p, &claim, col_text(q, 0));
}

int64_t
proof_of_inputs(struct proof *p, int64_t after)
{
	struct stmt *q;
	int64_t last = after;
	size_t n;

	proof_begin(p, &is_kept);
	proof_begin(p, &is_posted);
	proof_begin(p, &was_told);
	exec(sql(p->r->db, "CREATE TEMPORARY TABLE IF NOT EXISTS told_by_input"
	                   " (input_number INTEGER NOT NULL PRIMARY KEY, told INTEGER NOT NULL)"));
	q = sql(p->r->db,
	        "SELECT number, kept_at, sha256 FROM input"
	        " WHERE kind = 'transactions' AND state = 'applied' AND number > $after ORDER BY number");
	bind_int(q, "$after", after);
	while (row(q)) {
		last = col_int(q, 0);
		prove_input(p, last, col_text(q, 1), col_blob(q, 2, &n));
	}
	prove_told(p, after);
	if (p->full)
		prove_kept(p);
	return last;
}
