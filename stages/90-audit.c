/* audit: proves the books from raw rows and files, by queries that share nothing with the code that wrote them.
 *
 * reads    everything; of import's CSV files those since the last clean audit, with --full all of them
 * writes   bank_file.audited_on of files found in order, and how far the CSV files were proved; nothing when it fails
 * rerun    says the same
 * holds    nothing: any difference ends 70, stops the night and blocks release; what has been held for more than 7 days
 *          makes it end 3 every night
 */
#include <string.h>

#include "formats/swan.h"
#include "formats/xml.h"
#include "stages/core/bankfile.h"
#include "stages/core/checkpoint.h"
#include "stages/core/exception.h"
#include "stages/core/publish.h"
#include "stages/core/session.h"
#include "stages/core/window.h"
#include "stages/stage.h"

#define MOST_TOLD 5 /* differences told one by one for each proof */

/* Each selects what must not exist; the first column says which it is. */
static const struct {
	const char *claim, *counterexamples;
} proofs[] = {
    {"a balance is the sum of its transactions",
     "SELECT 'profile ' || p.number FROM profile p"
     " WHERE p.balance_in_cents <> coalesce((SELECT sum(b.amount_in_cents) FROM balance_transaction b"
     "  WHERE b.profile_number = p.number), 0)"},
    {"balance + open debt + frozen debt not yet settled = 0, for each member",
     "SELECT 'profile ' || p.number FROM profile p"
     " WHERE p.balance_in_cents"
     "  - coalesce((SELECT sum(b.amount_in_cents) FROM balance_transaction b LEFT JOIN session s ON s.number = b.session_number"
     "     WHERE b.profile_number = p.number AND b.settled_session IS NULL AND s.frozen_at IS NULL), 0)"
     "  + coalesce((SELECT sum(d.amount_in_cents) FROM debt d JOIN session s ON s.number = d.session_number"
     "     WHERE d.profile_number = p.number AND s.frozen_at IS NOT NULL AND d.status NOT IN ('succeeded', 'failed')), 0) <> 0"},
    {"a member's transactions are numbered without a gap",
     "SELECT 'profile ' || p.number FROM profile p"
     " WHERE p.last_transaction <> (SELECT count(*) FROM balance_transaction b WHERE b.profile_number = p.number)"
     "  OR p.last_transaction <> coalesce((SELECT max(b.number) FROM balance_transaction b WHERE b.profile_number = p.number), 0)"},
    {"the card account is what Swan booked",
     "SELECT 'card account: ' || posted || ' posted, ' || booked || ' booked' FROM (SELECT"
     "  coalesce((SELECT sum(amount_in_cents) FROM balance_transaction WHERE event = 1), 0) AS posted,"
     "  coalesce((SELECT sum(CASE WHEN ty.word IN ('CardOutDebit', 'CardOutCreditReversal') THEN -t.amount_in_cents"
     "    ELSE t.amount_in_cents END)"
     "   FROM swan_transaction t JOIN code ty ON ty.number = t.type JOIN code st ON st.number = t.status"
     "   WHERE st.word = 'Booked' AND ty.word IN ('CardOutDebit', 'CardOutDebitReversal', 'CardOutCredit',"
     "    'CardOutCreditReversal', 'InternalCreditTransferIn')), 0) AS booked) AS account"
     " WHERE posted <> booked"},
    {"the bank account is what the bank booked and did not take back",
     "SELECT 'bank account: ' || posted || ' posted, ' || booked || ' booked' FROM (SELECT"
     "  coalesce((SELECT sum(amount_in_cents) FROM balance_transaction WHERE event IN (3, 4)), 0) AS posted,"
     "  coalesce((SELECT sum(c.amount_in_cents) FROM collection c JOIN bank_file f ON f.number = c.file_number"
     "   WHERE c.state = 'booked' AND f.kind = 'debit'), 0)"
     "  + coalesce((SELECT sum(amount_in_cents) FROM credit_transfer), 0) AS booked) AS account"
     " WHERE posted <> booked"},
    {"the refund account is what the bank paid to members and did not get back",
     "SELECT 'refund account: ' || posted || ' posted, ' || paid || ' paid' FROM (SELECT"
     "  coalesce((SELECT -sum(amount_in_cents) FROM balance_transaction WHERE event = 5), 0) AS posted,"
     "  coalesce((SELECT sum(c.amount_in_cents) FROM collection c JOIN bank_file f ON f.number = c.file_number"
     "   WHERE c.state = 'booked' AND f.kind = 'refund'), 0) AS paid) AS account"
     " WHERE posted <> paid"},
    {"a transfer of a member is a recovery of that member, once",
     "SELECT t.bank_reference FROM credit_transfer t WHERE 1 <> (SELECT count(*) FROM balance_transaction b"
     "  WHERE b.source_kind = 4 AND b.source = CAST(t.bank_reference AS BLOB) AND b.event = 4"
     "   AND b.profile_number = t.profile_number AND b.amount_in_cents = t.amount_in_cents)"},
    {"the external account is what others gave, never more than they had",
     "SELECT 'profile ' || b.profile_number || ', transaction ' || b.number FROM balance_transaction b"
     " WHERE b.event = 2 AND NOT EXISTS (SELECT 1 FROM external_transaction x WHERE x.profile_number = b.profile_number"
     "  AND x.transaction_number = b.number AND b.amount_in_cents BETWEEN 1 AND x.requested_in_cents)"
     " UNION ALL SELECT 'external transaction ' || x.number FROM external_transaction x"
     " WHERE x.outcome = 'posted' AND NOT EXISTS (SELECT 1 FROM balance_transaction b"
     "  WHERE b.profile_number = x.profile_number AND b.number = x.transaction_number AND b.event = 2)"},
    {"a frozen debt is the sum of its transactions",
     "SELECT 'profile ' || d.profile_number || ', session ' || d.session_number"
     " FROM debt d JOIN session s ON s.number = d.session_number"
     " WHERE s.frozen_at IS NOT NULL AND coalesce(d.amount_in_cents, 0) <> -coalesce((SELECT sum(b.amount_in_cents)"
     "  FROM balance_transaction b WHERE b.session_number = d.session_number AND b.profile_number = d.profile_number), 0)"},
    {"a settled debt was recovered, or refunded, as it says, to the cent",
     "SELECT 'profile ' || d.profile_number || ', session ' || d.session_number FROM debt d"
     " WHERE (d.status = 'failed' AND (coalesce(d.recovered_in_cents, -1) <> 0 OR coalesce(d.refunded_in_cents, -1) <> 0))"
     "  OR (d.status = 'succeeded' AND (coalesce(d.recovered_in_cents, -1) <> coalesce((SELECT sum(b.amount_in_cents)"
     "    FROM balance_transaction b WHERE b.profile_number = d.profile_number AND b.settled_session = d.session_number"
     "     AND b.event = 4), 0)"
     "   OR coalesce(d.refunded_in_cents, -1) <> coalesce((SELECT -sum(b.amount_in_cents)"
     "    FROM balance_transaction b WHERE b.profile_number = d.profile_number AND b.settled_session = d.session_number"
     "     AND b.event = 5), 0)))"},
    {"an id that the bank knows is given once",
     "SELECT id FROM (SELECT msg_id AS id FROM bank_file UNION ALL SELECT payment_information_id FROM bank_file"
     "  UNION ALL SELECT end_to_end_id FROM collection) AS given GROUP BY id HAVING count(*) > 1 OR length(id) > 35"},
    {"a transaction that belongs to a debt finds it",
     "SELECT 'profile ' || b.profile_number || ', transaction ' || b.number"
     " FROM balance_transaction b LEFT JOIN debt d ON d.profile_number = b.profile_number AND d.session_number = b.session_number"
     " WHERE b.session_number IS NOT NULL AND d.status IS NULL"},
    {"a debit or refund is its debt, whole",
     "SELECT c.end_to_end_id FROM collection c JOIN bank_file f ON f.number = c.file_number"
     " JOIN debt d ON d.profile_number = c.profile_number AND d.session_number = c.session_number"
     " WHERE CASE f.kind WHEN 'debit' THEN c.amount_in_cents ELSE -c.amount_in_cents END <> d.amount_in_cents"},
    {"no debt is in two live debits",
     "SELECT 'profile ' || profile_number || ', session ' || session_number FROM collection WHERE live = 1"
     " GROUP BY profile_number, session_number HAVING count(*) > 1"},
    {"a debt and its debit say the same",
     "SELECT c.end_to_end_id FROM collection c JOIN debt d ON d.profile_number = c.profile_number"
     "  AND d.session_number = c.session_number"
     " WHERE (c.state = 'booked' AND d.status <> 'succeeded')"
     "  OR (c.state IN ('presented', 'accepted') AND d.status NOT IN ('initiated', 'executed'))"
     "  OR (c.live = 0 AND d.status = 'succeeded')"},
    {"nothing became of a file that was not given to the bank",
     "SELECT c.end_to_end_id FROM collection c JOIN bank_file f ON f.number = c.file_number"
     " WHERE f.state IN ('generated', 'approved') AND c.state <> 'presented'"},
    {"a file has the count and the sum of its debits",
     "SELECT f.msg_id FROM bank_file f"
     " WHERE f.collections <> (SELECT count(*) FROM collection c WHERE c.file_number = f.number)"
     "  OR f.sum_in_cents <> (SELECT sum(c.amount_in_cents) FROM collection c WHERE c.file_number = f.number)"},
    {"what did not come in, or go out, is in the next debt: each that failed has both its rows",
     "SELECT c.end_to_end_id FROM collection c WHERE c.live = 0 AND 2 <> (SELECT count(*) FROM balance_transaction b"
     "  WHERE b.profile_number = c.profile_number AND b.source_kind IN (2, 5) AND b.source = CAST(c.end_to_end_id AS BLOB)"
     "   AND abs(b.amount_in_cents) = c.amount_in_cents)"},
    {"every entry of the bank is applied, noted, or held for a person",
     "SELECT 'bank entry ' || e.number FROM bank_entry e WHERE e.state = 'new'"
     "  OR (e.state = 'held' AND NOT EXISTS (SELECT 1 FROM exception x WHERE x.kind = 'bank_entry'"
     "   AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence))"},
    {"every file that was refused is held for a person",
     "SELECT i.name FROM input i WHERE i.state = 'refused'"
     "  AND NOT EXISTS (SELECT 1 FROM exception x WHERE x.kind = 'file' AND x.input_number = i.number)"},
    {"members are told the amount that is debited",
     "SELECT n.subject FROM notification n JOIN collection c ON c.end_to_end_id = n.subject"
     " WHERE n.name = 'alan_pay__recovery_session'"
     "  AND n.params NOT LIKE '{\"amount_in_cents\":' || c.amount_in_cents || ',%'"},
    {"a session is over when its debts are settled",
     "SELECT s.code FROM session s WHERE s.frozen_at IS NOT NULL AND (s.status = 'pending') <>"
     "  EXISTS (SELECT 1 FROM debt d WHERE d.session_number = s.number AND d.status NOT IN ('succeeded', 'failed'))"},
};

struct audit {
	struct run *r;
	int64_t differences;
};

static void
tell(struct audit *a, const char *claim, const char *what, int64_t nth)
{
	a->differences++;
	if (nth <= MOST_TOLD)
		warn("not true: %s: %s", claim, what);
}

static void
prove_rows(struct audit *a)
{
	struct stmt *q;
	int64_t n;
	size_t i;

	for (i = 0; i < sizeof(proofs) / sizeof(proofs[0]); i++) {
		q = sql(a->r->db, proofs[i].counterexamples);
		for (n = 1; row(q); n++)
			tell(a, proofs[i].claim, col_text(q, 0), n);
	}
}

static void
prove_sessions(struct audit *a)
{
	struct stmt *q = sql(
	    a->r->db, "SELECT number, code, digest FROM session WHERE frozen_at IS NOT NULL ORDER BY number");
	unsigned char digest[SHA256_SIZE];
	size_t n;

	while (row(q)) {
		session_digest(a->r, col_int(q, 0), digest);
		if (memcmp(digest, col_blob(q, 2, &n), SHA256_SIZE) != 0)
			tell(a, "a frozen session stays as it is", col_text(q, 1), 1);
	}
}

struct totals {
	int64_t count;
	cents sum;
};

static int
add_amount(void *ctx, const char *path, const char *text, struct err *e)
{
	struct totals *t = ctx;
	cents amount;

	if (strcmp(path, "Document/CstmrDrctDbtInitn/PmtInf/DrctDbtTxInf/InstdAmt") != 0 &&
	    strcmp(path, "Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf/Amt/InstdAmt") != 0)
		return 0;
	if (money_parse(text, &amount, e) < 0 || !money_add(&t->sum, amount))
		return -1;
	t->count++;
	return 0;
}

/* The file as it lies there: its bytes, and what it adds up to. */
static void
prove_file(struct audit *a, const char *path, const unsigned char digest[SHA256_SIZE], int64_t count,
           cents sum)
{
	static const char claim[] = "a bank file is what was approved, and adds up";
	unsigned char found[SHA256_SIZE];
	struct totals t = {0};
	struct xml_reader x = {.ctx = &t, .end = add_amount};
	struct err e = {0};
	FILE *in;

	if (!publish_digest(path, found, NULL) || memcmp(found, digest, SHA256_SIZE) != 0) {
		tell(a, claim, path, 1);
		return;
	}
	in = fopen(path, "r");
	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	if (xml_read(in, 0, &x, &e) < 0 || t.count != count || t.sum != sum)
		tell(a, claim, path, 1);
	fclose(in);
}

static void
prove_files(struct audit *a)
{
	struct stmt *q = sql(
	    a->r->db,
	    "SELECT folder || '/' || name, sha256, collections, sum_in_cents FROM bank_file ORDER BY number");
	size_t n;

	while (row(q))
		prove_file(a, col_text(q, 0), col_blob(q, 1, &n), col_int(q, 2), col_int(q, 3));
}

/* Every booked card transaction that import ever wrote was posted with the sign of its side, or is held; that it was posted
 * once only is the ledger's UNIQUE. */
static int
prove_transaction(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct audit *a = ctx;
	unsigned char key[STORE_KEY];
	size_t n = store_key(t->id, key);
	struct stmt *q;

	(void)line;
	(void)e;
	if (strncmp(t->type, "CardOut", 7) != 0 || strcmp(t->status, "Booked") != 0)
		return 0;
	q = sql(
	    a->r->db,
	    "SELECT (SELECT count(*) FROM balance_transaction WHERE source_kind = 1 AND source = $key AND event = 1"
	    "   AND amount_in_cents = $amount)"
	    " + (SELECT count(*) FROM exception WHERE kind = 'swan_transaction' AND key = $id AND state <> 'applied')");
	bind_blob(q, "$key", key, n);
	bind_int(q, "$amount", strcmp(t->side, "Debit") == 0 ? -t->amount : t->amount);
	bind_text(q, "$id", t->id);
	if (value(q, 0) == 0)
		tell(a, "every booked card transaction is posted as it is, or held", t->id, 1);
	return 0;
}

static int64_t
prove_imports(struct audit *a, int64_t after)
{
	struct window w = {.number = after};
	struct err e = {0};
	FILE *in;

	while (w.number < checkpoint_cursor(a->r, "post.import_window", 0) &&
	       window_after(a->r, w.number, &w)) {
		if (w.transactions_path[0] == '\0')
			continue;
		in = fopen(w.transactions_path, "r");
		if (in == NULL)
			die_errno(EXIT_IO, "%s", w.transactions_path);
		if (transactions_csv_read(in, prove_transaction, a, &e) < 0)
			tell(a, "what import wrote can be read", w.transactions_path, 1);
		fclose(in);
	}
	return w.number;
}

static void
tell_broken(void *ctx, const char *what)
{
	static const char claim[] = "the database is intact, and what a row names is there";

	tell(ctx, claim, what, 1);
}

static void
audit(struct run *r)
{
	struct audit a = {.r = r};
	bool full = run_option(r, "full") != NULL;
	int64_t overdue, window, proved = checkpoint_cursor(r, "audit.import_window", 0);

	prove_rows(&a);
	prove_sessions(&a);
	prove_files(&a);
	window = prove_imports(&a, full ? 0 : proved);
	if (full)
		store_check(r->db, tell_broken, &a);
	if (a.differences > 0)
		die(EXIT_BUG, "the books are not right: %lld differences; nothing is released until they are",
		    (long long)a.differences);
	run_count(r, "proofs", (int64_t)(sizeof(proofs) / sizeof(proofs[0])) + 3);
	tx_begin(r->db);
	run_count(r, "files newly in order", bankfile_mark_audited(r));
	if (window > proved)
		checkpoint_move(r, "audit.import_window", window);
	tx_commit(r->db);
	overdue = exception_count_overdue(r);
	run_count(r, "held for more than 7 days", overdue);
	r->held = overdue > 0;
}

static const struct option_spec options[] = {
    {.name = "full", .help = "everything, not only what is new; and the database itself"},
    {0},
};

const struct stage this_stage = {
    .name = "audit",
    .purpose = "prove the books",
    .options = options,
    .run = audit,
};
