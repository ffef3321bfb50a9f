/* proof_input: see proof.h. The files of Swan transactions that post read, against the ledger; every file that was kept.
 *
 * The files are those of the import windows and those that persons gave to post. A booked transaction is posted once, or is an
 * exception, or moved only Alan's own money: by its type and side, or recorded as between accounts of Alan's.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/fold.h"
#include "formats/length.h"
#include "formats/swan.h"
#include "formats/uuid.h"
#include "stages/core/audit/mark.h"
#include "stages/core/audit/pass.h"
#include "stages/core/audit/proof.h"
#include "stages/core/engine/log.h"

static struct claim is_kept = {.text = "each transactions file that was read is unchanged and can be read"};
static struct claim is_posted = {
    .text = "each booked transaction in Swan's files is posted once or is an exception"};
static struct claim is_known = {.text = "each recorded Swan transaction is in one of Swan's files"};

/* The numbers of the ledger, as claims.sql has them: source kinds and events. */
#define OF_SWAN_TRANSACTION "source_kind = 1"
#define OF_CREDIT_TRANSFER  "source_kind = 4"
#define IS_CARD_PAYMENT     "event = 1"
#define IS_RECOVERY         "event = 4"

/* What moves Alan's own money, whatever account is on the other side: the rules of the cards are not used here. */
static const struct {
	const char *side, *type;
} own[] = {
    {"Debit", "FeesOut"},
    {"Credit", "FeesIn"},
    {"Debit", "InternalCreditTransferOut"},
    {"Credit", "InternalCreditTransferOutReturn"},
    {"Credit", "InternalCreditTransferOutRecall"},
    {"Debit", "SepaCreditTransferOut"},
    {"Credit", "SepaCreditTransferOutReturn"},
    {"Credit", "SepaCreditTransferOutRecall"},
    {"Debit", "SepaInstantCreditTransferOut"},
    {"Credit", "SepaInstantCreditTransferOutRecall"},
    {"Debit", "InternationalCreditTransferOut"},
    {"Credit", "InternationalCreditTransferOutReturn"},
    {"Credit", "SepaDirectDebitIn"},
    {"Debit", "SepaDirectDebitInReturn"},
    {"Debit", "SepaDirectDebitInReversal"},
    {"Credit", "InternalDirectDebitIn"},
    {"Debit", "InternalDirectDebitInReturn"},
    {"Debit", "SepaDirectDebitOut"},
    {"Credit", "SepaDirectDebitOutReturn"},
    {"Credit", "SepaDirectDebitOutReversal"},
    {"Debit", "InternalDirectDebitOut"},
    {"Credit", "InternalDirectDebitOutReturn"},
};

/* The recorded transactions, read together with the files, in the order of the lines that they were recorded from. */
struct recorded {
	struct stmt *q;      /* NULL: each line is looked up */
	int64_t input, line; /* of its row; RECORDED_END after the last one */
	struct pass_words *words;
	bool is_posted; /* a pass proves that what they say is posted once */
	bool again;     /* it did not: only what rested on it is proved */
	bool is_late;   /* older files are read: only what is recorded from them is proved */
	bool differ;    /* one of them is in no file */
};
#define RECORDED_END INT64_MAX

struct swan_file {
	struct proof *proof;
	struct recorded *recorded;
	int64_t input;
	int64_t newest; /* lines that are the newest version of their transaction */
};

static bool
brings_or_takes_money(const struct swan_transaction *t)
{
	size_t i;

	if (strcmp(t->status, "Booked") != 0 || (t->amount == 0 && strncmp(t->type, "CardOut", 7) != 0))
		return false;
	for (i = 0; i < LENGTH(own); i++)
		if (strcmp(own[i].side, t->side) == 0 && strcmp(own[i].type, t->type) == 0)
			return false;
	return true;
}

/* What was posted of a Swan transaction, with the version that it was posted from, and how often a person reversed it since: a
 * card payment, a credit transfer (recorded by hand under its id, in any spelling, too), or what went back of one. */
#define POSTED \
	SQL_PART("SELECT b.amount_in_cents, t.updated_at, 0 AS reversals"                                        \
	         " FROM balance_transaction b"                                                                   \
	         " JOIN swan_transaction t ON t.key = b.source"                                                   \
	         " WHERE b." OF_SWAN_TRANSACTION " AND b." IS_CARD_PAYMENT                                       \
	         "  AND b.source = (SELECT +key FROM swan_transaction_id WHERE id = $key)"                        \
	         " UNION ALL"                                                                                    \
	         " SELECT b.amount_in_cents, t.swan_updated_at,"                                                 \
	         "  (SELECT count(*)"                                                                            \
	         "   FROM transfer_reversal v"                                                                   \
	         "   WHERE v.bank_reference = t.bank_reference AND v.swan_id IS NULL)"                           \
	         " FROM credit_transfer t"                                                                       \
	         " JOIN balance_transaction b ON b." OF_CREDIT_TRANSFER                                          \
	         "  AND b.source = CAST(t.bank_reference AS BLOB) AND b." IS_RECOVERY                            \
	         " WHERE t.reference_key = $folded"                                                              \
	         "  OR t.bank_reference IN (SELECT a.bank_reference FROM attribution a WHERE a.transaction_id = $id)" \
	         " UNION ALL"                                                                                    \
	         " SELECT -amount_in_cents, swan_updated_at, 0"                                                  \
	         " FROM transfer_reversal"                                                                       \
	         " WHERE swan_id = $id")

/* Posted once, from this version or a later one, and not reversed by a person since; corrected by a person; or an exception, and
 * then an earlier version of it may be posted once. An exception that a person attributed counts for nothing: the transaction was
 * posted then. Money between accounts of Alan's is not posted. */
static void
prove_posted(struct proof *p, const struct swan_transaction *t, const unsigned char *key, size_t n)
{
	struct stmt *q = sql(p->r->db, "WITH posted AS (" POSTED "),"
	                               " counts AS ("
	                               "  SELECT"
	                               "   count(*) FILTER (WHERE reversals = 0) AS standing,"
	                               "   count(*) FILTER (WHERE reversals = 0"
	                               "    AND (amount_in_cents = $amount OR updated_at > $updated)) AS fit,"
	                               "   count(*) FILTER (WHERE reversals > 0 AND amount_in_cents = $amount) AS reversed,"
	                               "   (SELECT count(*)"
	                               "    FROM correction"
	                               "    WHERE swan_id = $id) AS corrections,"
	                               "   (SELECT count(*)"
	                               "    FROM own_money"
	                               "    WHERE swan_id = $id) AS own,"
	                               "   (SELECT count(*)"
	                               "    FROM exception"
	                               "    WHERE kind = 'swan_transaction'"
	                               "     AND key = $id"
	                               "     AND state <> 'applied'"
	                               "     AND decision IS DISTINCT FROM 'attributed') AS exceptions"
	                               "  FROM posted"
	                               " )"
	                               " SELECT CASE"
	                               "  WHEN standing = 1 AND fit = 1 THEN 1"
	                               "  WHEN standing = 0 AND reversed + own > 0 THEN 1"
	                               "  WHEN corrections > 0 THEN 1"
	                               "  WHEN standing <= 1 AND exceptions > 0 THEN 1"
	                               "  ELSE 0"
	                               " END AS is_posted"
	                               " FROM counts");
	char folded[SWAN_ID + 1];

	bind_blob(q, "$key", key, n);
	bind_text(q, "$folded", fold_text(t->id, folded, sizeof(folded)) == 0 ? folded : t->id);
	bind_int(q, "$amount", strcmp(t->side, "Debit") == 0 ? -t->amount : t->amount);
	bind_instant(q, "$updated", t->updated_at);
	bind_text(q, "$id", t->id);
	if (value(q, 0) == 0)
		proof_differs(p, &is_posted,
		              "Swan transaction %s: is neither posted once with this amount nor an exception",
		              t->id);
}

/* Columns 2 to 6 of a recorded transaction: whether it has this id, and in *amount what the sums of the passes have of it; 0:
 * nothing. */
static bool
is_recorded(const struct recorded *r, struct stmt *q, const unsigned char *key, size_t n, cents *amount)
{
	size_t length;
	const void *id = col_blob(q, 2, &length);

	if (length != n || memcmp(id, key, n) != 0)
		return false;
	if (r->is_posted && n == sizeof(struct uuid) && col_int(q, 6) == 0)
		pass_moves(r->words, col_int(q, 3), col_int(q, 4), col_int(q, 5), amount);
	return true;
}

/* The line is the newest version of its transaction. The member of that is proved again. */
static bool
is_recorded_there(struct swan_file *f, long line, const unsigned char *key, size_t n, cents *amount)
{
	struct stmt *q =
	    sql(f->proof->r->db, "SELECT input_number, line, id, type, status, amount_in_cents, id IN audit_elsewhere,"
	                         "  profile_number"
	                         " FROM swan_transaction"
	                         " WHERE key = (SELECT i.key FROM swan_transaction_id i WHERE i.id = $key)");
	bool is_same = false;

	bind_blob(q, "$key", key, n);
	while (row(q)) {
		mark_touch(f->proof, col_int(q, 7));
		is_same = col_int(q, 0) == f->input && col_int(q, 1) == line &&
		          is_recorded(f->recorded, q, key, n, amount);
	}
	return is_same;
}

static void
next_recorded(struct recorded *r)
{
	bool is_there = row(r->q);

	r->input = is_there ? col_int(r->q, 0) : RECORDED_END;
	r->line = is_there ? col_int(r->q, 1) : 0;
}

/* Goes on to this line; what is recorded from a line before it is in no file. */
static void
skip_recorded(struct recorded *r, int64_t input, int64_t line)
{
	for (; r->input < input || (r->input == input && r->line < line); next_recorded(r))
		r->differ = true;
}

/* The same, of the transactions that are read together with the file. */
static bool
is_next_recorded(struct swan_file *f, long line, const unsigned char *key, size_t n, cents *amount)
{
	struct recorded *r = f->recorded;
	bool is_same;

	skip_recorded(r, f->input, line);
	if (r->input != f->input || r->line != line)
		return false;
	is_same = is_recorded(r, r->q, key, n, amount);
	r->differ = r->differ || !is_same;
	next_recorded(r);
	return is_same;
}

static int
prove_transaction(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct swan_file *f = ctx;
	unsigned char key[STORE_KEY];
	size_t n = store_key(t->id, key);
	cents moved = strcmp(t->side, "Debit") == 0 ? -t->amount : t->amount, amount = 0;

	(void)e;
	if (f->recorded->q == NULL ? is_recorded_there(f, line, key, n, &amount)
	                           : is_next_recorded(f, line, key, n, &amount))
		f->newest++;
	if (!f->recorded->is_late && f->recorded->again == (amount != 0 && amount == moved) &&
	    brings_or_takes_money(t))
		prove_posted(f->proof, t, key, n);
	return 0;
}

static void
note_newest(const struct swan_file *f)
{
	struct stmt *q = sql(f->proof->r->db, "INSERT INTO audit_newest (input_number, lines)"
	                                      " VALUES ($input, $lines)");

	bind_int(q, "$input", f->input);
	bind_int(q, "$lines", f->newest);
	exec(q);
}

static void
prove_input(struct proof *p, struct recorded *recorded, int64_t number, const char *path,
            const unsigned char *digest)
{
	struct swan_file f = {p, recorded, number, 0};
	struct err e = {0};
	FILE *in;

	if (!proof_is_there(path, digest)) {
		proof_differs(p, &is_kept, "%s: is missing, or has other bytes", path);
		return;
	}
	in = fopen(path, "r");
	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	if (transactions_csv_read(in, prove_transaction, &f, &e) < 0)
		proof_differs(p, &is_kept, "%s: cannot be read to its end", path);
	fclose(in);
	if (!recorded->again && !recorded->is_late)
		note_newest(&f);
}

/* Names what the books have from a file and was not found in it. */
static void
prove_known(struct proof *p, int64_t after)
{
	struct stmt *q =
	    sql(p->r->db, "SELECT 'input ' || known.input_number || ': has ' || coalesce(newest.lines, 0)"
	                  "  || ' of the ' || known.transactions || ' transactions recorded from it' AS difference"
	                  " FROM ("
	                  "  SELECT input_number, count(*) AS transactions"
	                  "  FROM swan_transaction"
	                  "  WHERE input_number > $after"
	                  "  GROUP BY input_number"
	                  " ) AS known"
	                  " LEFT JOIN audit_newest newest ON newest.input_number = known.input_number"
	                  " WHERE known.transactions <> coalesce(newest.lines, 0)");

	bind_int(q, "$after", after);
	while (row(q))
		proof_differs(p, &is_known, "%s", col_text(q, 0));
}

/* The file that was read last. */
struct proved {
	unsigned char sha256[SHA256_SIZE];
	dev_t device;
	ino_t inode; /* 0: none */
};

/* Exports without a change are one file with many names: it is read once. */
static bool
is_proved_again(struct proved *last, const char *path, const unsigned char sha256[SHA256_SIZE])
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return false;
	if (last->inode != 0 && st.st_dev == last->device && st.st_ino == last->inode &&
	    memcmp(last->sha256, sha256, SHA256_SIZE) == 0)
		return true;
	if (!proof_is_there(path, sha256))
		return false;
	memcpy(last->sha256, sha256, SHA256_SIZE);
	last->device = st.st_dev;
	last->inode = st.st_ino;
	return true;
}

/* Without the files of transactions that prove_input found as they were. */
static void
prove_kept(struct proof *p)
{
	static struct claim claim = {.text = "each file that was received or published is unchanged"};
	struct stmt *q = sql(p->r->db, "SELECT path, sha256"
	                               " FROM artifact"
	                               " WHERE state = 'placed'"
	                               "  AND (path, sha256) NOT IN (SELECT i.kept_at, i.sha256"
	                               "   FROM audit_newest n"
	                               "   JOIN input i ON i.number = n.input_number)"
	                               " ORDER BY sha256, path");
	struct proved last = {0};
	size_t n;

	proof_begin(p, &claim);
	while (row(q))
		if (!is_proved_again(&last, col_text(q, 0), col_blob(q, 1, &n)))
			proof_differs(p, &claim, "%s: is missing, or has other bytes", col_text(q, 0));
}

/* Ids of Swan that stand elsewhere than in the ledger of the cards: of transfers, of what went back of one, of corrections. */
static void
find_elsewhere(struct run *r)
{
	struct stmt *insert, *q;
	unsigned char key[STORE_KEY];
	size_t n;

	exec(sql(r->db, "CREATE TEMPORARY TABLE audit_elsewhere (id BLOB NOT NULL PRIMARY KEY) WITHOUT ROWID"));
	insert = sql(r->db, "INSERT INTO audit_elsewhere (id) VALUES ($id) ON CONFLICT DO NOTHING");
	q = sql(r->db, "SELECT reference_key FROM credit_transfer"
	               " UNION ALL SELECT transaction_id FROM attribution WHERE bank_reference IS NOT NULL"
	               " UNION ALL SELECT swan_id FROM transfer_reversal WHERE swan_id IS NOT NULL"
	               " UNION ALL SELECT swan_id FROM correction");
	while (row(q)) {
		n = strlen(col_text(q, 0));
		if (n == 0 || n > SWAN_ID)
			continue;
		n = store_key(col_text(q, 0), key);
		bind_blob(insert, "$id", key, n);
		exec(insert);
	}
}

static void
begin_recorded(struct proof *p, struct recorded *r)
{
	*r = (struct recorded){
	    .is_posted = p->is_posted || !p->full, .input = RECORDED_END, .words = pass_words_new(p->r)};
	if (!p->full)
		return;
	r->q = sql(p->r->db, "SELECT input_number, line, id, type, status, amount_in_cents, id IN audit_elsewhere"
	                     " FROM swan_transaction"
	                     " ORDER BY input_number * 4294967296 + line"); /* one number is sorted faster than two */
	next_recorded(r);
}

/* As many are recorded from the new files as lines of these were found: of the members that they name. */
static bool
is_known_of_touched(struct proof *p, int64_t after)
{
	struct stmt *q = sql(p->r->db, "SELECT (SELECT coalesce(sum(lines), 0) FROM audit_newest)"
	                               "  = (SELECT count(*)"
	                               "   FROM audit_touched m"
	                               "   CROSS JOIN swan_transaction t"
	                               "   ON t.key BETWEEN m.profile_number * 4294967296"
	                               "    AND m.profile_number * 4294967296 + 4294967295"
	                               "   WHERE t.input_number > $after)");

	bind_int(q, "$after", after);
	return value(q, 0) == 1;
}

/* Each transaction that the books have from a file was found in it; by night proof_of_recorded says so. */
static void
end_recorded(struct proof *p, struct recorded *r, int64_t after)
{
	if (r->q != NULL)
		skip_recorded(r, RECORDED_END, 0);
	if (r->differ)
		prove_known(p, after);
	pass_words_free(r->words);
}

/* Returns the number of the last one. */
static int64_t
prove_inputs(struct proof *p, struct recorded *recorded, int64_t after)
{
	struct stmt *q =
	    sql(p->r->db, "SELECT number, kept_at, sha256"
	                               " FROM input"
	                               " WHERE kind = 'transactions' AND state = 'applied' AND number > $after"
	                               " ORDER BY number");
	int64_t last = after;
	size_t n;

	bind_int(q, "$after", after);
	while (row(q)) {
		last = col_int(q, 0);
		prove_input(p, recorded, last, col_text(q, 1), col_blob(q, 2, &n));
	}
	return last;
}

int64_t
proof_of_inputs(struct proof *p, int64_t after)
{
	struct recorded recorded;
	int64_t last;

	proof_begin(p, &is_kept);
	proof_begin(p, &is_posted);
	proof_begin(p, &is_known);
	exec(sql(p->r->db, "CREATE TEMPORARY TABLE audit_newest"
	                   " (input_number INTEGER NOT NULL PRIMARY KEY, lines INTEGER NOT NULL)"));
	find_elsewhere(p->r);
	begin_recorded(p, &recorded);
	last = prove_inputs(p, &recorded, after);
	end_recorded(p, &recorded, after);
	if (p->full)
		prove_kept(p);
	return last;
}

/* What was posted since the last clean audit, and is recorded from an older file: it waited as an exception. */
static void
find_late(struct proof *p, int64_t after)
{
	struct stmt *q;

	exec(sql(p->r->db, "CREATE TEMPORARY TABLE audit_late"
	                   " (input_number INTEGER NOT NULL, line INTEGER NOT NULL, id BLOB NOT NULL,"
	                   "  PRIMARY KEY (input_number, line, id))"));
	q = sql(p->r->db, "INSERT INTO audit_late (input_number, line, id)"
	                  " SELECT t.input_number, t.line, t.id"
	                  " FROM audit_touched m"
	                  " LEFT JOIN audit_member a ON a.profile_number = m.profile_number"
	                  " CROSS JOIN balance_transaction b"
	                  "  ON b.key > m.profile_number * 16777216 + coalesce(a.transactions, 0)"
	                  "   AND b.key <= m.profile_number * 16777216 + 16777215"
	                  " CROSS JOIN swan_transaction t ON t.key = b.source"
	                  " WHERE +b.source_kind = 1 AND t.input_number <= $after"
	                  " ON CONFLICT (input_number, line, id) DO NOTHING");
	bind_int(q, "$after", after);
	exec(q);
	/* of a home that was made from a fixture, the files that were read before are gone */
	exec(sql(p->r->db, "DELETE FROM audit_late"
	                   " WHERE input_number IN (SELECT i.number"
	                   "  FROM (SELECT DISTINCT input_number FROM audit_late) AS late"
	                   "  CROSS JOIN input i ON i.number = late.input_number"
	                   "  CROSS JOIN artifact a ON a.path = i.kept_at"
	                   "  WHERE a.state = 'gone')"));
}

static void
prove_late(struct proof *p, int64_t after)
{
	struct recorded late = {.is_late = true, .input = RECORDED_END, .words = pass_words_new(p->r)};
	struct stmt *q;
	size_t n;

	find_late(p, after);
	q = sql(p->r->db, "SELECT i.number, i.kept_at, i.sha256"
	                               " FROM (SELECT DISTINCT input_number FROM audit_late) AS late"
	                               " CROSS JOIN input i ON i.number = late.input_number"
	                               " WHERE i.kind = 'transactions' AND i.state = 'applied'"
	                               " ORDER BY i.number");
	late.q =
	    sql(p->r->db, "SELECT input_number, line, id, 0, 0, 0, 0 FROM audit_late ORDER BY input_number, line, id");
	next_recorded(&late);
	while (row(q))
		prove_input(p, &late, col_int(q, 0), col_text(q, 1), col_blob(q, 2, &n));
	skip_recorded(&late, RECORDED_END, 0);
	if (late.differ)
		proof_differs(
		    p, &is_known,
		    "a transaction that was posted late is not in the file that it is recorded from");
	pass_words_free(late.words);
}

void
proof_of_recorded(struct proof *p, int64_t after)
{
	if (!is_known_of_touched(p, after))
		prove_known(p, after);
	prove_late(p, after);
}

void
proof_of_inputs_again(struct proof *p, int64_t after)
{
	struct recorded recorded;

	begin_recorded(p, &recorded);
	recorded.again = true;
	prove_inputs(p, &recorded, after);
	pass_words_free(recorded.words);
}
