/* bankmessage: see bankmessage.h. Writes bank_message, and inserts into bank_entry.
 *
 * source   pain.002, camt.052, camt.053, camt.054
 */
#include <stdio.h>
#include <string.h>

#include "formats/answer.h"
#include "formats/text.h"
#include "stages/core/bank/bankmessage.h"
#include "stages/core/engine/config.h"

/* A new row of bank_entry: a status, a booking (credit for debits, debit for refunds) or the return of one. Text "" is stored
 * as null. */
struct new_entry {
	const char *kind, *level, *status, *msg_id, *block, *end_to_end_id, *mandate, *reason, *reference,
	    *text, *account;
	cents amount; /* -1: not reported */
	cents fee;
	date on;
	long line;
	bool noted; /* of a file or block that is rejected as a whole, whose own entry says so */
};

struct message_reader {
	struct run *r;
	int64_t message, input;
	bool file_rejected;
	char rejected_block[36];
	int64_t entries, repeated;
	const char *account; /* Alan's; a report for another account is quarantined */
};

static void
fingerprint(const struct new_entry *t, unsigned char digest[SHA256_SIZE])
{
	char text[1024], day[DATE_TEXT];
	int n = snprintf(text, sizeof(text), "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%s\n%lld\n", t->kind,
	                 t->level == NULL ? "" : t->level, t->status, t->msg_id, t->block, t->end_to_end_id,
	                 t->mandate, t->reason, t->reference, t->account,
	                 strcmp(t->kind, "status") == 0 ? "" : date_print(day, t->on), (long long)t->amount);

	sha256(text, (size_t)n, digest);
}

/* Equal entries in one message may be real (two equal credits); in another message they are the same ones again. */
static int64_t
count_in_message(struct run *r, const unsigned char digest[SHA256_SIZE])
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO seen_in_message (fingerprint, n)"
	    " VALUES ($digest, 1)"
	    " ON CONFLICT (fingerprint) DO UPDATE SET n = seen_in_message.n + 1"
	    " RETURNING n");

	bind_blob(q, "$digest", digest, SHA256_SIZE);
	return value(q, 0);
}

static void
save(struct message_reader *g, const struct new_entry *t)
{
	unsigned char digest[SHA256_SIZE];
	struct stmt *q;

	fingerprint(t, digest);
	q = sql(g->r->db,
	    "INSERT INTO bank_entry (number, message_number, line, kind, level, status, msg_id,"
	    "  payment_information_id, end_to_end_id, mandate_reference, amount_in_cents, fee_in_cents,"
	    "  event_on, reason, bank_reference, text, fingerprint, occurrence, state)"
	    " VALUES ($number, $message, $line, $kind, $level, $status, $msg,"
	    "  $block, $e2e, $mandate, $amount, $fee,"
	    "  $on, $reason, $reference, $text, $digest, $nth, $state)"
	    " ON CONFLICT (fingerprint, occurrence) DO NOTHING");
	bind_int(q, "$nth", count_in_message(g->r, digest));
	bind_int(q, "$number", store_number(g->r->db, "bank_entry"));
	bind_int(q, "$message", g->message);
	bind_int(q, "$line", t->line);
	bind_text(q, "$kind", t->kind);
	bind_text(q, "$level", t->level);
	bind_text(q, "$status", text_or_null(t->status));
	bind_text(q, "$msg", text_or_null(t->msg_id));
	bind_text(q, "$block", text_or_null(t->block));
	bind_text(q, "$e2e", text_or_null(t->end_to_end_id));
	bind_text(q, "$mandate", text_or_null(t->mandate));
	bind_int_or(q, "$amount", t->amount, -1);
	bind_text(q, "$state", t->noted ? "noted" : "new");
	bind_int(q, "$fee", t->fee);
	bind_date(q, "$on", t->on);
	bind_text(q, "$reason", text_or_null(t->reason));
	bind_text(q, "$reference", text_or_null(t->reference));
	bind_text(q, "$text", text_or_null(t->text));
	bind_blob(q, "$digest", digest, SHA256_SIZE);
	g->entries++;
	if (exec(q) == 0)
		g->repeated++;
}

/* A message needs an id and an instant. The reader leaves an id that is too long empty. */
static int
check_header(const char *msg_id, instant created_at, struct err *e)
{
	if (msg_id[0] == '\0')
		return err_set(e, ERR_BAD_FIELD, "the message has no MsgId of at most 35 characters");
	if (created_at == INSTANT_NONE)
		return err_set(e, ERR_BAD_FIELD, "the message has no CreDtTm");
	return 0;
}

static int
save_status(void *ctx, const struct answer_message *h, const struct pain002_status *s, struct err *e)
{
	static const char *const levels[] = {"file", "block", "debit"};
	struct message_reader *g = ctx;
	struct new_entry t = {.kind = "status",
	                      .level = levels[s->level],
	                      .status = s->status,
	                      .msg_id = h->original_msg_id,
	                      .block = s->payment_information_id,
	                      .end_to_end_id = s->end_to_end_id,
	                      .mandate = "",
	                      .reason = s->reason,
	                      .reference = "",
	                      .text = s->text,
	                      .account = "",
	                      .amount = s->sum,
	                      .line = s->line};

	if (check_header(h->msg_id, h->created_at, e) < 0)
		return -1;
	t.on = date_in_paris(h->created_at);
	if (s->level == PAIN002_GROUP)
		g->file_rejected = strcmp(s->status, "RJCT") == 0;
	else if (s->level == PAIN002_BLOCK && strcmp(s->status, "RJCT") == 0)
		text_copy(g->rejected_block, sizeof(g->rejected_block), s->payment_information_id);
	t.noted = s->level == PAIN002_TRANSACTION &&
	          (g->file_rejected || (g->rejected_block[0] != '\0' &&
	                                strcmp(g->rejected_block, s->payment_information_id) == 0));
	save(g, &t);
	return 0;
}

static int
save_entry(void *ctx, const struct answer_message *h, const struct camt_entry *n, struct err *e)
{
	struct message_reader *g = ctx;
	static const char *const kinds[2][2] = {{"debit", "return"}, {"credit", "refund_return"}};
	bool booked = strcmp(n->status, "BOOK") == 0;
	struct new_entry t = {.kind = booked ? kinds[n->credit][n->is_return] : "other",
	                      .status = n->status,
	                      .msg_id = n->is_fee ? "" : n->msg_id,
	                      .block = n->is_fee ? "" : n->payment_information_id,
	                      .end_to_end_id =
	                          strcmp(n->end_to_end_id, "NOTPROVIDED") == 0 ? "" : n->end_to_end_id,
	                      .mandate = n->mandate_reference,
	                      .reason = n->reason,
	                      .reference = n->account_servicer_ref,
	                      .text = n->text,
	                      .account = n->account_iban,
	                      .amount = n->amount,
	                      .fee = n->credit ? n->principal - n->amount : n->amount - n->principal,
	                      .on = n->booking_on != DATE_NONE ? n->booking_on : n->value_on,
	                      .line = n->line};

	if (check_header(h->msg_id, h->created_at, e) < 0)
		return -1;
	if (n->account_iban[0] != '\0' && strcmp(n->account_iban, g->account) != 0)
		return err_at(e, n->line, 0, "other_account",
		              "the report is for another account than the one in the configuration");
	if (t.on == DATE_NONE && booked)
		return err_at(e, n->line, 0, ERR_BAD_FIELD,
		              "a booked entry has neither a booking date nor a value date");
	if (t.on == DATE_NONE)
		t.on = date_in_paris(h->created_at);
	save(g, &t);
	return 0;
}

static int
begin_message(void *ctx, const struct answer_message *m, struct err *e)
{
	(void)ctx, (void)m, (void)e;
	return 0;
}

static int
refuse_contradiction(void *ctx, const struct answer_message *m, int entry, long line, const char *code,
                     const char *problem, struct err *e)
{
	(void)ctx, (void)m, (void)entry;
	return err_at(e, line, 0, code, "%s", problem);
}

/* The row is inserted before its entries; this completes it. */
static int
end_message(void *ctx, const struct answer_message *m, struct err *e)
{
	struct message_reader *g = ctx;
	const char *kind = answer_kind_word(m->kind), *msg_id = m->msg_id;
	struct stmt *q =
	    sql(g->r->db, "SELECT count(*) FROM bank_message WHERE kind = $kind AND msg_id = $id");

	if (check_header(msg_id, m->created_at, e) < 0)
		return -1;
	bind_text(q, "$kind", kind);
	bind_text(q, "$id", msg_id);
	if (value(q, 0) > 0)
		return err_set(e, ERR_MESSAGE_ID_CONFLICT, "message %s was read before with other content",
		               msg_id);
	q = sql(g->r->db,
	    "UPDATE bank_message"
	    " SET kind = $kind, msg_id = $id, created_at = $at, entries = $entries,"
	    "  repeated = $repeated, input_number = $input"
	    " WHERE number = $number");
	bind_text(q, "$kind", kind);
	bind_text(q, "$id", msg_id);
	bind_instant(q, "$at", m->created_at);
	bind_int(q, "$entries", g->entries);
	bind_int(q, "$repeated", g->repeated);
	bind_int(q, "$input", g->input);
	bind_int(q, "$number", g->message);
	exec(q);
	run_count(g->r, COUNT_BANK_ENTRIES_READ, g->entries);
	run_count(g->r, COUNT_BANK_ENTRIES_KNOWN, g->repeated);
	return 0;
}

int
bankmessage_read(struct run *r, FILE *in, int64_t input, struct err *e)
{
	const char *account = config_text(r->config, BANK_ACCOUNT_IBAN);
	struct message_reader g = {.r = r,
	                           .input = input,
	                           .account =
	                               account[0] != '\0' ? account : config_text(r->config, CREDITOR_IBAN)};
	struct answer_reader reader = {.ctx = &g,
	                               .begin = begin_message,
	                               .status = save_status,
	                               .entry = save_entry,
	                               .contradict = refuse_contradiction,
	                               .end = end_message};
	struct stmt *q;

	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE IF NOT EXISTS seen_in_message ("
	    "  fingerprint BLOB NOT NULL PRIMARY KEY, n INTEGER NOT NULL)"));
	exec(sql(r->db, "DELETE FROM seen_in_message"));
	g.message = store_number(r->db, "bank_message");
	q = sql(r->db,
	    "INSERT INTO bank_message (number, kind, msg_id, created_at, entries, repeated, input_number)"
	    " VALUES ($number, 'pain.002', $id, 0, 0, 0, $input)");
	bind_int(q, "$number", g.message);
	bind_text(q, "$id", "(being read)");
	bind_int(q, "$input", input);
	exec(q);
	return answer_read(in, &reader, e);
}
