/* proof_file: see proof.h. Frozen sessions against their digests, bank files against their rows, and the files in
 * out/upload.
 *
 * source   pain.008.001.08 and pain.001.001.09: the elements that are summed and compared. The canonical rows of a session
 *          are the same as in stages/core/books/session.c, written here once more.
 */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/length.h"
#include "formats/text.h"
#include "formats/xml.h"
#include "stages/core/audit/proof.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

/* Sessions --------------------------------------------------------------------------------------------------- */

/* A line for each row: the word, and the numbers. */
static void
put_rows(struct stmt *q, int64_t session, const char *word, int columns, struct sink *s)
{
	int i;

	bind_int(q, "$session", session);
	while (row(q)) {
		sink_text(s, word);
		for (i = 0; i < columns; i++) {
			sink_put(s, " ", 1);
			sink_int(s, col_int(q, i));
		}
		sink_put(s, "\n", 1);
	}
}

static void
put_days(struct run *r, int64_t session, struct sink *s)
{
	struct stmt *q = sql(r->db, "SELECT code || ' ' || period_start_on || ' ' || period_end_on || ' ' || freeze_on || ' '"
	                            "  || recovery_on"
	                            " FROM session"
	                            " WHERE number = $session");

	bind_int(q, "$session", session);
	while (row(q))
		sink_print(s, "%s\n", col_text(q, 0));
}

/* Over the days of the session, each member's amount, each transaction in it. */
static void
digest_session(struct run *r, int64_t session, unsigned char digest[SHA256_SIZE])
{
	struct sink *s = sink_new(NULL, NULL);

	put_days(r, session, s);
	put_rows(sql(r->db, "SELECT profile_number, coalesce(amount_in_cents, 0) AS amount_in_cents"
	                    " FROM debt"
	                    " WHERE session_number = $session"
	                    " ORDER BY profile_number"),
	             session, "debt", 2, s);
	put_rows(sql(r->db, "SELECT profile_number, number, amount_in_cents"
	                    " FROM balance_transaction"
	                    " WHERE session_number = $session"
	                    " ORDER BY profile_number, key"),
	             session, "row", 3, s);
	if (sink_end(s, digest, NULL) < 0)
		die(EXIT_BUG, "the digest of session %lld", (long long)session);
}

/* A file that may still be released, or was not audited yet; with --full each one. */
#define IS_DUE(f) \
	SQL_PART("($full = 1 OR " f ".audited_on IS NULL OR " f ".state IN ('generated', 'approved'))")

static void
prove_sessions(struct proof *p)
{
	static struct claim claim = {.text = "each frozen session is unchanged since its freeze"};
	struct stmt *q = sql(p->r->db, "SELECT number, code, digest"
	                               " FROM session"
	                               " WHERE frozen_at IS NOT NULL"
	                               "  AND ($full = 1 OR number IN (SELECT f.session_number FROM bank_file f WHERE " IS_DUE("f") "))"
	                               " ORDER BY number");
	unsigned char digest[SHA256_SIZE];
	size_t n;

	bind_int(q, "$full", p->full);
	proof_begin(p, &claim);
	while (row(q)) {
		digest_session(p->r, col_int(q, 0), digest);
		if (memcmp(digest, col_blob(q, 2, &n), SHA256_SIZE) != 0)
			proof_differs(p, &claim, "session %s: its rows do not have the digest of the freeze",
			              col_text(q, 1));
	}
}

/* Bank files ------------------------------------------------------------------------------------------------- */

#define DEBITS  "Document/CstmrDrctDbtInitn/"
#define DEBIT   DEBITS "PmtInf/DrctDbtTxInf"
#define REFUNDS "Document/CstmrCdtTrfInitn/"
#define REFUND  REFUNDS "PmtInf/CdtTrfTxInf"
#define TEXT    72 /* no element that is compared is longer than 70 */

static struct claim adds_up = {.text =
                                   "each bank file has the hash, the count and the sum that are recorded"};
static struct claim is_recorded = {
    .text = "each debit or refund in the text of a bank file is recorded: amount, account, mandate"};

static struct claim names_creditor = {.text = "each bank file names the creditor that is recorded for it"};

struct totals {
	int64_t count;
	cents sum;
};

struct bank_text {
	struct proof *proof;
	int64_t file;
	struct totals found, in_block;
	int64_t blocks;
	struct stmt *debits; /* NULL before the first one */
	bool has_debit;      /* it has a row */
	char id[TEXT], last_id[TEXT], iban[TEXT], mandate[TEXT];
	cents amount;
	char announced[4][TEXT]; /* count and sum of the header and of the block */
	char msg_id[TEXT], block[TEXT], sequence[TEXT], day[TEXT];
	char creditor[TEXT], creditor_id[TEXT], account[TEXT], bic[TEXT]; /* of a block */
};

static void
proof_take_line(char to[TEXT], const char *text)
{
	size_t n = strlen(text);

	n = n < TEXT ? n : TEXT - 1;
	memcpy(to, text, n);
	to[n] = '\0';
}

/* The recorded debits or refunds of the block at hand, in the order of their ids. */
static void
begin_debits(struct bank_text *d)
{
	d->debits = sql(d->proof->r->db, "SELECT c.end_to_end_id, c.amount_in_cents, m.iban,"
	                                 "  CASE f.kind WHEN 'refund' THEN '' ELSE m.reference END"
	                                 " FROM bank_block b"
	                                 " CROSS JOIN bank_file f ON f.number = b.file_number"
	                                 " CROSS JOIN collection c ON c.file_number = b.file_number AND c.block = b.nth"
	                                 " CROSS JOIN mandate m ON m.number = c.mandate_number"
	                                 " WHERE b.file_number = $file AND b.payment_information_id = $block"
	                                 " ORDER BY c.end_to_end_id");
	bind_int(d->debits, "$file", d->file);
	bind_text(d->debits, "$block", d->block);
	d->has_debit = row(d->debits);
}

/* A block has them in the order of their ids, so that none can be in it twice. */
static bool
is_next_debit(struct bank_text *d)
{
	int order = 1;

	if (d->last_id[0] == '\0')
		begin_debits(d);
	for (; d->has_debit && (order = strcmp(col_text(d->debits, 0), d->id)) < 0; order = 1)
		d->has_debit = row(d->debits);
	return d->has_debit && order == 0 && col_int(d->debits, 1) == d->amount &&
	       strcmp(col_text(d->debits, 2), d->iban) == 0 &&
	       strcmp(col_text(d->debits, 3), d->mandate) == 0 && strcmp(d->id, d->last_id) > 0;
}

static int
check_transaction(struct bank_text *d, struct err *e)
{
	if (!is_next_debit(d))
		proof_differs(d->proof, &is_recorded,
		              "%s: amount, account or mandate is another, or it is there twice", d->id);
	proof_take_line(d->last_id, d->id);
	d->id[0] = d->iban[0] = d->mandate[0] = '\0';
	d->in_block.count++;
	return money_add(&d->in_block.sum, d->amount) ? 0 : err_set(e, "amount", "the sum does not fit");
}

static bool
has_only_plain_characters(const char *id)
{
	return id[strspn(id, "0123456789-.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")] == '\0';
}

static bool
proof_announces(char announced[2][TEXT], const struct totals *found)
{
	char sum[MONEY_TEXT], count[24];

	snprintf(count, sizeof(count), "%lld", (long long)found->count);
	return strcmp(announced[0], count) == 0 && strcmp(announced[1], money_print(sum, found->sum)) == 0;
}

/* The name as a bank's file has it: in the characters of SEPA. */
static bool
is_name(const char *recorded, const char *in_text)
{
	char converted[TEXT];
	struct err e = {0};

	return text_to_sepa(recorded, converted, TEXT - 2, &e) == 0 && strcmp(converted, in_text) == 0;
}

/* At the end of a block: who collects, or pays. A refund has no creditor identifier. */
static void
check_creditor(struct bank_text *d)
{
	struct stmt *q =
	    sql(d->proof->r->db,
	    "SELECT creditor_name, CASE kind WHEN 'debit' THEN creditor_identifier ELSE '' END,"
	    "  creditor_iban, coalesce(creditor_bic, ''), msg_id"
	    " FROM bank_file"
	    " WHERE number = $file");

	bind_int(q, "$file", d->file);
	while (row(q))
		if (!is_name(col_text(q, 0), d->creditor) || strcmp(col_text(q, 1), d->creditor_id) != 0 ||
		    strcmp(col_text(q, 2), d->account) != 0 || strcmp(col_text(q, 3), d->bic) != 0)
			proof_differs(
			    d->proof, &names_creditor,
			    "bank file %s: the creditor's name, identifier, account or BIC in its text is another",
			    col_text(q, 4));
	d->creditor[0] = d->creditor_id[0] = d->account[0] = d->bic[0] = '\0';
}

/* At the end of a block: its row has its id, its sequence type, its count and sum, as the text has them. */
static int
check_block(struct bank_text *d, struct err *e)
{
	struct stmt *q = sql(d->proof->r->db, "SELECT count(*)"
	                         " FROM bank_block b"
	                         " JOIN bank_file f ON f.number = b.file_number"
	                         " WHERE b.file_number = $file"
	                         "  AND b.nth = $nth"
	                         "  AND b.payment_information_id = $block"
	                         "  AND coalesce(b.sequence_type, '') = $sequence"
	                         "  AND b.collections = $count"
	                         "  AND b.sum_in_cents = $sum"
	                         "  AND f.collect_on = $day");

	bind_int(q, "$file", d->file);
	bind_int(q, "$nth", ++d->blocks);
	bind_text(q, "$block", d->block);
	bind_text(q, "$sequence", d->sequence);
	bind_int(q, "$count", d->in_block.count);
	bind_int(q, "$sum", d->in_block.sum);
	bind_text(q, "$day", d->day);
	if (value(q, 0) != 1 || !proof_announces(d->announced + 2, &d->in_block) ||
	    !has_only_plain_characters(d->block))
		proof_differs(d->proof, &adds_up,
		              "block %s: count, sum, sequence type or day in its text are others", d->block);
	check_creditor(d);
	d->found.count += d->in_block.count;
	if (!money_add(&d->found.sum, d->in_block.sum))
		return err_set(e, "amount", "the sum does not fit");
	d->in_block = (struct totals){0};
	d->last_id[0] = d->block[0] = d->sequence[0] = d->day[0] = '\0';
	return 0;
}

#define IN_BOTH(path, to)          \
	{DEBITS path, (to)},       \
	{                          \
		REFUNDS path, (to) \
	}

struct kept {
	const char *path;
	char *to;
};

static void
keep(const struct kept kept[], size_t n, const char *path, const char *text)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(path, kept[i].path) == 0)
			proof_take_line(kept[i].to, text);
}

static bool
starts_with(const char *path, const char *start)
{
	return strncmp(path, start, strlen(start)) == 0;
}

/* Most elements are in a debit or refund. */
static void
keep_of_transaction(struct bank_text *d, const char *path, const char *text)
{
	const struct kept kept[] = {
	    {DEBIT "/PmtId/EndToEndId", d->id},
	    {DEBIT "/DbtrAcct/Id/IBAN", d->iban},
	    {DEBIT "/DrctDbtTx/MndtRltdInf/MndtId", d->mandate},
	    {REFUND "/PmtId/EndToEndId", d->id},
	    {REFUND "/CdtrAcct/Id/IBAN", d->iban},
	};

	keep(kept, LENGTH(kept), path, text);
}

static void
keep_of_others(struct bank_text *d, const char *path, const char *text)
{
	const struct kept kept[] = {
	    {DEBITS "PmtInf/Cdtr/Nm", d->creditor},
	    {DEBITS "PmtInf/CdtrAcct/Id/IBAN", d->account},
	    {DEBITS "PmtInf/CdtrSchmeId/Id/PrvtId/Othr/Id", d->creditor_id},
	    {REFUNDS "PmtInf/Dbtr/Nm", d->creditor},
	    {REFUNDS "PmtInf/DbtrAcct/Id/IBAN", d->account},
	    {DEBITS "PmtInf/CdtrAgt/FinInstnId/BICFI", d->bic},
	    {DEBITS "PmtInf/CdtrAgt/FinInstnId/BIC", d->bic},
	    {REFUNDS "PmtInf/DbtrAgt/FinInstnId/BICFI", d->bic},
	    {REFUNDS "PmtInf/DbtrAgt/FinInstnId/BIC", d->bic},
	    {DEBITS "PmtInf/ReqdColltnDt", d->day},
	    {DEBITS "PmtInf/PmtTpInf/SeqTp", d->sequence},
	    {REFUNDS "PmtInf/ReqdExctnDt/Dt", d->day},
	    IN_BOTH("GrpHdr/MsgId", d->msg_id),
	    IN_BOTH("GrpHdr/NbOfTxs", d->announced[0]),
	    IN_BOTH("GrpHdr/CtrlSum", d->announced[1]),
	    IN_BOTH("PmtInf/PmtInfId", d->block),
	    IN_BOTH("PmtInf/NbOfTxs", d->announced[2]),
	    IN_BOTH("PmtInf/CtrlSum", d->announced[3]),
	};

	keep(kept, LENGTH(kept), path, text);
}

static int
end_element(void *ctx, const char *path, const char *text, struct err *e)
{
	struct bank_text *d = ctx;

	if (strcmp(path, DEBIT "/InstdAmt") == 0 || strcmp(path, REFUND "/Amt/InstdAmt") == 0)
		return money_parse(text, &d->amount, e);
	if (strcmp(path, DEBIT) == 0 || strcmp(path, REFUND) == 0)
		return check_transaction(d, e);
	if (strcmp(path, DEBITS "PmtInf") == 0 || strcmp(path, REFUNDS "PmtInf") == 0)
		return check_block(d, e);
	if (starts_with(path, DEBIT "/") || starts_with(path, REFUND "/"))
		keep_of_transaction(d, path, text);
	else
		keep_of_others(d, path, text);
	return 0;
}

/* The header agrees with the transactions in the file and with its row. */
static bool
proof_agrees(struct bank_text *d, struct stmt *f)
{
	return d->found.count == col_int(f, 2) && d->found.sum == col_int(f, 3) &&
	       proof_announces(d->announced, &d->found) && strcmp(d->msg_id, col_text(f, 4)) == 0 &&
	       d->blocks == col_int(f, 6) && has_only_plain_characters(d->msg_id);
}

/* The file on disk: its bytes, its count and sum, and each debit or refund in it. */
static void
prove_file(struct proof *p, struct stmt *f)
{
	struct bank_text d = {.proof = p, .file = col_int(f, 5)};
	struct xml_reader x = {.ctx = &d, .end = end_element};
	const char *path = col_text(f, 0);
	struct err e = {0};
	size_t n;
	FILE *in;

	if (!proof_is_there(path, col_blob(f, 1, &n))) {
		proof_differs(p, &adds_up, "%s: is missing, or has another hash", path);
		return;
	}
	in = fopen(path, "r");
	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	if (xml_read(in, 0, &x, &e) < 0 || !proof_agrees(&d, f))
		proof_differs(p, &adds_up, "%s: count, sum, id or blocks in its text are others", path);
	if (d.has_debit)
		reset(d.debits);
	fclose(in);
}

static void
prove_files(struct proof *p)
{
	struct stmt *f =
	    sql(p->r->db, "SELECT folder || '/' || name AS path, sha256, collections, sum_in_cents, msg_id,"
	                  "  number, (SELECT count(*) FROM bank_block b WHERE b.file_number = f.number)"
	                  " FROM bank_file f"
	                  " WHERE " IS_DUE("f")
	                  " ORDER BY number");

	bind_int(f, "$full", p->full);
	proof_begin(p, &adds_up);
	proof_begin(p, &is_recorded);
	proof_begin(p, &names_creditor);
	while (row(f))
		prove_file(p, f);
}

int64_t
proof_of_creditors(struct proof *p)
{
	static const enum config_key keys[] = {CREDITOR_NAME, CREDITOR_IDENTIFIER, CREDITOR_IBAN,
	                                       CREDITOR_BIC};
	struct stmt *q =
	    sql(p->r->db,
	    "SELECT creditor_name, creditor_identifier, creditor_iban, coalesce(creditor_bic, ''), msg_id"
	    " FROM bank_file"
	    " WHERE state IN ('generated', 'approved')"
	    " ORDER BY number");
	int64_t others = 0;
	size_t i;

	while (row(q)) {
		for (i = 0; i < LENGTH(keys); i++)
			if (strcmp(col_text(q, (int)i), config_text(p->r->config, keys[i])) != 0)
				break;
		if (i == LENGTH(keys))
			continue;
		others++;
		warn(
		    "bank file %s: [creditor] in the configuration has another %s now: correct that, or cancel the file: `%s`",
		    col_text(q, 4), config_key_rows[keys[i]].name,
		    run_command(p->r, "sepa cancel --file %s --why TEXT", col_text(q, 4)));
	}
	return others;
}

/* Files for the upload ------------------------------------------------------------------------------------------- */

static bool
was_released(struct run *r, const char *path)
{
	unsigned char found[SHA256_SIZE];
	struct stat st;
	struct stmt *q = sql(r->db, "SELECT count(*)"
	                            " FROM artifact a"
	                            " JOIN bank_file f ON f.number = a.owner"
	                            " WHERE a.path = $path"
	                            "  AND a.kind = 'upload'"
	                            "  AND a.state = 'placed'"
	                            "  AND f.sha256 = $found"
	                            "  AND f.released_at IS NOT NULL"
	                            "  AND f.state NOT IN ('cancelled', 'withdrawn')");

	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode) || !durable_digest(path, found, NULL))
		return false;
	bind_text(q, "$path", path);
	bind_blob(q, "$found", found, sizeof(found));
	return value(q, 0) == 1;
}

static void
prove_upload(struct proof *p)
{
	static struct claim claim = {.text = "each file in out/upload was released, byte for byte"};
	char path[PATH_SIZE];
	struct dirent *entry;
	DIR *dir = opendir("out/upload");

	proof_begin(p, &claim);
	if (dir == NULL)
		die_errno(EXIT_IO, "out/upload");
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "out/upload/%s", entry->d_name);
		if (!was_released(p->r, path))
			proof_differs(p, &claim, "%s: was not released, or has other bytes", path);
	}
	closedir(dir);
}

void
proof_of_files(struct proof *p)
{
	prove_sessions(p);
	prove_files(p);
	prove_upload(p);
}
