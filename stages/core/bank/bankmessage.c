/* bankmessage: see bankmessage.h. Writes bank_message, and inserts into bank_entry.
 *
 * source   pain.002.001 .03 to .10; camt.052, camt.053 and camt.054.001 .02 to .08
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "formats/answer.h"
#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankmessage.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"

/* A new row of bank_entry. Text "" is stored as null. */
struct new_entry {
	enum bankentry_kind kind;
	const char *level, *status, *msg_id, *block, *end_to_end_id, *instruction_id, *mandate, *reason,
	    *reference, *text, *problem;
	cents amount; /* -1: not reported */
	cents fee, fee_beside;
	long transactions; /* -1: not reported */
	date on, moved_on;
	instant reported_at; /* makes a status another one; INSTANT_NONE: not relevant */
	int nth;
	long line;
	bool noted; /* of a file or block that is rejected as a whole, whose own entry says so */
};

struct message_reader {
	struct run *r;
	const char *account; /* Alan's; entries of other accounts are only counted */
	int64_t input;
	/* of the message at hand */
	const char *kind;
	int64_t message, first_of_entry, entries, repeated, of_others;
	int entry;
	bool file_rejected;
	char rejected_block[36];
	/* of the whole file */
	int64_t next, ours, others;
};

/* The ids of our files and blocks begin with the store's id in hex digits, and have capitals after it: as we wrote them, in
 * whatever letters the bank repeats them. Other ids stay as they are. */
static const char *
print_own_id(const struct message_reader *g, const char *id, char text[36])
{
	char own[16];
	size_t i, length = strlen(id);

	snprintf(own, sizeof(own), "%08x-", (unsigned)store_id(g->r->db));
	if (strncasecmp(id, own, strlen(own)) != 0 || length > 35)
		return id;
	for (i = 0; i <= length; i++)
		text[i] =
		    (char)(i < strlen(own) ? tolower((unsigned char)id[i]) : toupper((unsigned char)id[i]));
	return text;
}

/* What is reported of one debit as returned is one event under whatever reference: it cannot come back twice on a day. */
static void
fingerprint(const struct message_reader *g, const struct new_entry *t, unsigned char digest[SHA256_SIZE])
{
	char text[1024], day[DATE_TEXT];
	bool is_status = t->kind == BANKENTRY_STATUS;
	bool is_return = t->kind == BANKENTRY_RETURN && t->end_to_end_id[0] != '\0';
	int n = snprintf(text, sizeof(text), "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%lld\n%lld\n",
	                 g->kind, bankentry_kind_word(t->kind), t->level == NULL ? "" : t->level, t->status,
	                 t->msg_id, t->block, t->end_to_end_id, t->instruction_id, t->mandate, t->reason,
	                 is_return ? "" : t->reference, is_status ? "" : date_print(day, t->on),
	                 (long long)t->amount, (long long)t->reported_at);

	sha256(text, (size_t)n, digest);
}

static bool
insert(struct message_reader *g, const struct new_entry *t, const unsigned char digest[SHA256_SIZE],
       int64_t nth)
{
	struct stmt *q = sql(g->r->db,
	    "INSERT INTO bank_entry (number, message_number, nth, line, kind, level, status, msg_id,"
	    "  payment_information_id, end_to_end_id, instruction_id, mandate_reference, amount_in_cents,"
	    "  fee_in_cents, fee_beside_in_cents, transactions, event_on, reason, moved_on, bank_reference, text, problem,"
	    "  fingerprint, occurrence, message_kind, state)"
	    " VALUES ($number, $message, $entry, $line, $kind, $level, $status, $msg,"
	    "  $block, $e2e, $instruction, $mandate, $amount,"
	    "  $fee, $beside, $transactions, $on, $reason, $moved, $reference, $text, $problem,"
	    "  $digest, $nth, $type, $state)"
	    " ON CONFLICT (fingerprint, occurrence) DO NOTHING");

	bind_int(q, "$number", g->next);
	bind_int(q, "$message", g->message);
	bind_int(q, "$entry", t->nth);
	bind_int(q, "$line", t->line);
	bind_text(q, "$kind", bankentry_kind_word(t->kind));
	bind_text(q, "$level", t->level);
	bind_text(q, "$status", text_or_null(t->status));
	bind_text(q, "$msg", text_or_null(t->msg_id));
	bind_text(q, "$block", text_or_null(t->block));
	bind_text(q, "$e2e", text_or_null(t->end_to_end_id));
	bind_text(q, "$instruction", text_or_null(t->instruction_id));
	bind_text(q, "$mandate", text_or_null(t->mandate));
	bind_int_or(q, "$amount", t->amount, -1);
	bind_int(q, "$fee", t->fee);
	bind_int(q, "$beside", t->fee_beside);
	bind_int_or(q, "$transactions", t->transactions, -1);
	bind_date(q, "$on", t->on);
	bind_text(q, "$reason", text_or_null(t->reason));
	bind_date(q, "$moved", t->moved_on);
	bind_text(q, "$reference", text_or_null(t->reference));
	bind_text(q, "$text", text_or_null(t->text));
	bind_text(q, "$problem", text_or_null(t->problem));
	bind_blob(q, "$digest", digest, SHA256_SIZE);
	bind_int(q, "$nth", nth);
	bind_text(q, "$type", g->kind);
	bind_text(q, "$state", t->noted ? "noted" : "new");
	if (exec(q) == 0)
		return false;
	g->next++;
	return true;
}

/* Equal entries in one message may be real (two equal credits); in another message they are the same ones again. Returns
 * which of the equal entries of this message this one is, when there is a row for the first. */
static int64_t
count_in_message(struct message_reader *g, const unsigned char digest[SHA256_SIZE])
{
	struct stmt *q =
	    sql(g->r->db,
	    "INSERT INTO seen_in_message (fingerprint, n)"
	    " SELECT $digest, CASE WHEN message_number = $message THEN 2 ELSE 1 END"
	    " FROM bank_entry"
	    " WHERE fingerprint = $digest AND occurrence = 1"
	    " ON CONFLICT (fingerprint) DO UPDATE SET n = seen_in_message.n + 1"
	    " RETURNING n");

	bind_blob(q, "$digest", digest, SHA256_SIZE);
	bind_int(q, "$message", g->message);
	return value(q, 0);
}

static void
save(struct message_reader *g, const struct new_entry *t)
{
	unsigned char digest[SHA256_SIZE];
	int64_t nth;

	fingerprint(g, t, digest);
	g->entries++;
	if (insert(g, t, digest, 1))
		return;
	nth = count_in_message(g, digest);
	if (nth == 1 || !insert(g, t, digest, nth))
		g->repeated++;
}

/* The row is inserted before its entries; end_message completes it. */
static int
begin_message(void *ctx, const struct answer_message *m, struct err *e)
{
	struct message_reader *g = ctx;
	struct stmt *q;

	(void)e;
	g->kind = answer_kind_word(m->kind);
	g->message = store_number(g->r->db, "bank_message");
	g->first_of_entry = g->entries = g->repeated = g->of_others = 0;
	g->entry = 0;
	g->file_rejected = false;
	g->rejected_block[0] = '\0';
	exec(sql(g->r->db, "DELETE FROM seen_in_message"));
	q = sql(g->r->db,
	    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated,"
	    "  of_others, input_number)"
	    " VALUES ($number, $kind, '', $document, 0, 0, 0, 0, $input)");
	bind_int(q, "$number", g->message);
	bind_text(q, "$kind", g->kind);
	bind_int(q, "$document", m->nth);
	bind_int(q, "$input", g->input);
	exec(q);
	return 0;
}

/* A message without an instant counts from the business date. */
static instant
reported_at(const struct message_reader *g, const struct answer_message *m)
{
	return m->created_at != INSTANT_NONE ? m->created_at : date_paris_midnight(g->r->on);
}

/* A second acceptance is another one when it comes after a reject. Any other status that is reported again is the same. */
static bool
is_acceptance(const char *status)
{
	return strncmp(status, "AC", 2) == 0 && strcmp(status, "ACTC") != 0;
}

static int
save_status(void *ctx, const struct answer_message *m, const struct pain002_status *s, struct err *e)
{
	static const enum bankentry_level levels[] = {[PAIN002_GROUP] = BANKENTRY_OF_FILE,
	                                              [PAIN002_BLOCK] = BANKENTRY_OF_BLOCK,
	                                              [PAIN002_TRANSACTION] = BANKENTRY_OF_DEBIT};
	struct message_reader *g = ctx;
	char file[36], block[36];
	bool rejected = strcmp(s->status, "RJCT") == 0;
	bool provided = strcmp(s->end_to_end_id, "NOTPROVIDED") != 0;
	struct new_entry t = {.kind = BANKENTRY_STATUS,
	                      .level = bankentry_level_word(levels[s->level]),
	                      .status = s->status,
	                      .msg_id = print_own_id(g, m->original_msg_id, file),
	                      .block = print_own_id(g, s->payment_information_id, block),
	                      .end_to_end_id = provided ? s->end_to_end_id : "",
	                      .instruction_id = s->instruction_id,
	                      .mandate = s->mandate_reference,
	                      .reason = s->reason,
	                      .reference = "",
	                      .text = s->text,
	                      .problem = s->problem,
	                      .amount = s->sum,
	                      .transactions = s->count,
	                      .on = date_in_paris(reported_at(g, m)),
	                      .moved_on = s->day,
	                      .reported_at = is_acceptance(s->status) ? reported_at(g, m) : INSTANT_NONE,
	                      .nth = 0,
	                      .line = s->line};

	(void)e;
	if (s->level == PAIN002_GROUP)
		g->file_rejected = rejected;
	else if (s->level == PAIN002_BLOCK && rejected)
		text_copy(g->rejected_block, sizeof(g->rejected_block), s->payment_information_id);
	t.noted = s->level == PAIN002_TRANSACTION && (rejected || s->status[0] == '\0') &&
	          (g->file_rejected || (g->rejected_block[0] != '\0' &&
	                                strcmp(g->rejected_block, s->payment_information_id) == 0));
	save(g, &t);
	g->ours++;
	return 0;
}

/* By how much a debit is more, or a credit less, than the amount asked for. */
static cents
find_fee(const struct camt_entry *n)
{
	cents more = n->credit ? n->principal - n->amount : n->amount - n->principal;

	return n->amount >= 0 && more > 0 ? more : 0;
}

/* An account without an IBAN is ours when our IBAN has its number. */
static bool
is_of_other_account(const struct message_reader *g, const struct camt_entry *n)
{
	if (n->account_iban[0] != '\0')
		return strcmp(n->account_iban, g->account) != 0;
	return n->account_other[0] != '\0' && strstr(g->account, n->account_other) == NULL;
}

/* Other: announced, or money of which the bank does not say in which direction it moved. One with another problem keeps its
 * direction, for the person who posts it. */
static enum bankentry_kind
find_kind(const struct camt_entry *n)
{
	static const enum bankentry_kind kinds[2][2] = {{BANKENTRY_DEBIT, BANKENTRY_RETURN},
	                                                {BANKENTRY_CREDIT, BANKENTRY_REFUND_RETURN}};

	if (!n->has_direction || (strcmp(n->status, "BOOK") != 0 && n->problem[0] == '\0'))
		return BANKENTRY_OTHER;
	return n->is_fee ? BANKENTRY_FEE : kinds[n->credit][n->is_return];
}

static int
save_entry(void *ctx, const struct answer_message *m, const struct camt_entry *n, struct err *e)
{
	struct message_reader *g = ctx;
	bool provided = strcmp(n->end_to_end_id, "NOTPROVIDED") != 0;
	char file[36], block[36];
	struct new_entry t = {.kind = find_kind(n),
	                      .status = n->status,
	                      .msg_id = print_own_id(g, n->msg_id, file),
	                      .block = print_own_id(g, n->payment_information_id, block),
	                      .end_to_end_id = provided ? n->end_to_end_id : "",
	                      .instruction_id = n->instruction_id,
	                      .mandate = n->mandate_reference,
	                      .reason = n->reason,
	                      .reference = n->account_servicer_ref,
	                      .text = n->text,
	                      .problem = n->problem,
	                      .amount = n->amount,
	                      .fee = find_fee(n),
	                      .fee_beside = n->charges_beside > 0 ? n->charges_beside : 0,
	                      .transactions = n->batch_count,
	                      .on = n->booking_on != DATE_NONE ? n->booking_on : n->value_on,
	                      .moved_on = DATE_NONE,
	                      .reported_at = INSTANT_NONE,
	                      .nth = n->entry,
	                      .line = n->line};

	(void)e;
	if (is_of_other_account(g, n)) {
		g->of_others++;
		g->others++;
		return 0;
	}
	if (t.on == DATE_NONE && t.kind != BANKENTRY_OTHER && n->problem[0] == '\0')
		t.problem = "a booked entry has neither a booking date nor a value date";
	if (t.on == DATE_NONE)
		t.on = date_in_paris(reported_at(g, m));
	if (n->entry != g->entry) {
		g->entry = n->entry;
		g->first_of_entry = g->next;
	}
	save(g, &t);
	g->ours++;
	return 0;
}

/* The whole entry is then for a person: which of its details are right, nobody can know. */
static int
contradict_entry(void *ctx, const struct answer_message *m, int entry, long line, const char *code,
                 const char *problem, struct err *e)
{
	struct message_reader *g = ctx;
	struct stmt *q;

	(void)m, (void)line, (void)code, (void)e;
	if (entry != g->entry)
		return 0;
	q = sql(g->r->db,
	    "UPDATE bank_entry SET problem = $problem"
	    " WHERE number >= $first AND message_number = $message AND nth = $entry AND kind <> 'other'");
	bind_text(q, "$problem", problem);
	bind_int(q, "$first", g->first_of_entry);
	bind_int(q, "$message", g->message);
	bind_int(q, "$entry", entry);
	exec(q);
	return 0;
}

static int
end_message(void *ctx, const struct answer_message *m, struct err *e)
{
	struct message_reader *g = ctx;
	struct stmt *q =
	    sql(g->r->db,
	    "UPDATE bank_message"
	    " SET msg_id = $id, page = $page, created_at = $at, entries = $entries, repeated = $repeated,"
	    "  of_others = $others"
	    " WHERE number = $number");

	(void)e;
	bind_text(q, "$id", m->msg_id);
	bind_int_or(q, "$page", m->page, 0);
	bind_instant(q, "$at", reported_at(g, m));
	bind_int(q, "$entries", g->entries);
	bind_int(q, "$repeated", g->repeated);
	bind_int(q, "$others", g->of_others);
	bind_int(q, "$number", g->message);
	exec(q);
	run_count(g->r, COUNT_BANK_ENTRIES_READ, g->entries);
	run_count(g->r, COUNT_BANK_ENTRIES_KNOWN, g->repeated);
	run_count(g->r, COUNT_BANK_ENTRIES_OF_OTHERS, g->of_others);
	return 0;
}

int
bankmessage_read(struct run *r, FILE *in, int64_t input, struct err *e)
{
	const char *account = config_text(r->config, BANK_ACCOUNT_IBAN);
	struct message_reader g = {.r = r,
	                           .account =
	                               account[0] != '\0' ? account : config_text(r->config, CREDITOR_IBAN),
	                           .input = input,
	                           .next = store_numbers(r->db, "bank_entry", 0)};
	int64_t first = g.next;
	const struct answer_reader reader = {.ctx = &g,
	                                     .begin = begin_message,
	                                     .status = save_status,
	                                     .entry = save_entry,
	                                     .contradict = contradict_entry,
	                                     .end = end_message};

	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS seen_in_message ("
	    "  fingerprint BLOB NOT NULL PRIMARY KEY, n INTEGER NOT NULL)"));
	if (answer_read(in, &reader, e) < 0)
		return -1;
	if (g.next > first)
		store_numbers(r->db, "bank_entry", g.next - first);
	if (g.others > 0 && g.ours == 0) {
		warn("none of its entries (%lld) is of the configured account: see account_iban in [bank]",
		     (long long)g.others);
		r->held = true;
	}
	return 0;
}

int
bankmessage_take(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e)
{
	FILE *in;
	int rc;

	(void)ctx;
	if (copy_of != 0)
		return 0;
	in = inbox_content(f);
	rc = bankmessage_read(f->run, in, f->number, e);
	fclose(in);
	return rc;
}

void
bankmessage_fingerprint(struct run *r, const struct bank_entry *n, unsigned char digest[SHA256_SIZE])
{
	struct stmt *q =
	    sql(r->db, "SELECT coalesce(bank_reference, '') FROM bank_entry WHERE number = $number");
	bool is_status = n->kind == BANKENTRY_STATUS;
	struct message_reader g = {.r = r, .kind = n->message_kind};
	struct new_entry t = {.kind = n->kind,
	                      .level = is_status ? bankentry_level_word(n->level) : NULL,
	                      .status = n->status,
	                      .msg_id = n->msg_id,
	                      .block = n->block,
	                      .end_to_end_id = n->end_to_end_id,
	                      .instruction_id = n->instruction_id,
	                      .mandate = n->mandate,
	                      .reason = n->reason,
	                      .amount = n->amount,
	                      .on = n->on,
	                      .reported_at =
	                          is_status && is_acceptance(n->status) ? n->reported_at : INSTANT_NONE};

	bind_int(q, "$number", n->number);
	if (!row(q))
		die(EXIT_BUG, "no bank entry %lld", (long long)n->number);
	t.reference = col_text(q, 0);
	fingerprint(&g, &t, digest);
	reset(q);
}
