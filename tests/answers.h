/* answers: what a bank can report of the file of frozen.h, and that the order in which it comes changes nothing.
 *
 * The file 0badcafe-20260228-1-D1 (members 1, 2 and 3: 12.50, 9.90, 100.00, collected on 10 March) is uploaded, and it is the
 * night of 20 March. A story is a few entries and the books that they must end with. It is played in every order, in one
 * night and with a night for each entry; and also beside an entry that makes the night take all entries one by one.
 */
#ifndef TESTS_ANSWERS_H
#define TESTS_ANSWERS_H

#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/make.h"

#define ADA    FROZEN_ID("4")
#define BOB    FROZEN_ID("8")
#define CYD    FROZEN_ID("c")
#define MSG_ID "0badcafe-20260228-1-D1"
#define BLOCK  MSG_ID "-1"
#define MOST   5 /* entries of a story */

struct answer {
	const char *kind, *id;
	cents amount; /* 0: not reported */
	const char *on, *type, *level, *status, *reason, *mandate, *instruction, *msg_id, *block, *reference,
	    *at;
	cents fee;
	int transactions;
};

/* A credit, return ... of 10 March in a camt.054; more fields may follow. */
#define CREDIT(e2e, ...)                                             \
	{                                                            \
		.kind = "credit", .id = (e2e), .amount = __VA_ARGS__ \
	}
#define RETURN(e2e, ...)                                             \
	{                                                            \
		.kind = "return", .id = (e2e), .amount = __VA_ARGS__ \
	}
#define TAKEN_BACK(e2e, ...)                                                \
	{                                                                   \
		.kind = "refund_return", .id = (e2e), .amount = __VA_ARGS__ \
	}
#define PLAIN_DEBIT(e2e, ...)                                       \
	{                                                           \
		.kind = "debit", .id = (e2e), .amount = __VA_ARGS__ \
	}
/* ... of the whole file */
#define SUM(...)                                                          \
	{                                                                 \
		.kind = "credit", .msg_id = MSG_ID, .amount = __VA_ARGS__ \
	}
#define BACK(...)                                                         \
	{                                                                 \
		.kind = "return", .msg_id = MSG_ID, .amount = __VA_ARGS__ \
	}
/* The status of the file or a block, and of a debit. */
#define STATUS(lev, ...)                                                \
	{                                                               \
		.kind = "status", .level = (lev), .status = __VA_ARGS__ \
	}
#define OF_DEBIT(word, ...)                                                             \
	{                                                                               \
		.kind = "status", .level = "debit", .status = (word), .id = __VA_ARGS__ \
	}

static inline int
answers_open(void **state)
{
	struct run *r;

	frozen_open(state);
	r = *state;
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	bankfile_set_state(r, 1, BANKFILE_UPLOADED);
	frozen_at(r, "2026-03-20T02:30:00Z");
	return 0;
}

static inline const char *
answers_type(const struct answer *a)
{
	if (a->type != NULL)
		return a->type;
	return strcmp(a->kind, "status") == 0 ? "pain.002" : "camt.054";
}

/* A message of its own: its number and that of its entry. */
static inline int64_t
answers_message(struct run *r, const struct answer *a)
{
	int64_t number = home_number(r, "SELECT count(*) + 1 FROM bank_message");
	instant at = INSTANT_NONE;
	struct err e = {0};
	struct stmt *q;

	assert_int_equal(instant_parse(a->at == NULL ? "2026-03-10T10:00:00Z" : a->at, &at, &e), 0);
	q = sql(r->db,
	    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated, of_others,"
	    "  input_number) VALUES ($number, $kind, 'N', 1, $at, 1, 0, 0, 1)");
	bind_int(q, "$number", number);
	bind_text(q, "$kind", answers_type(a));
	bind_instant(q, "$at", at);
	exec(q);
	return number;
}

/* As bankmessage.c does: equal ones are distinguished by their number. */
static inline void
answers_fingerprint(const struct answer *a, unsigned char digest[SHA256_SIZE])
{
	const char *texts[] = {a->kind,      a->id,     a->on,         answers_type(a), a->level,
	                       a->status,    a->reason, a->mandate,    a->msg_id,       a->block,
	                       a->reference, a->at,     a->instruction};
	char text[1024];
	size_t i, n = 0;

	for (i = 0; i < LENGTH(texts); i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s\n", texts[i] == NULL ? "" : texts[i]);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "%lld", (long long)a->amount);
	sha256(text, n, digest);
}

static inline void
answers_report(struct run *r, const struct answer *a)
{
	bool is_status = strcmp(a->kind, "status") == 0;
	unsigned char digest[SHA256_SIZE];
	struct stmt *q;
	int64_t message = answers_message(r, a);

	answers_fingerprint(a, digest);
	q = sql(r->db,
	    "INSERT INTO bank_entry (number, message_number, nth, line, kind, level, status, msg_id,"
	    "  payment_information_id, end_to_end_id, instruction_id, mandate_reference, amount_in_cents,"
	    "  fee_in_cents, transactions, event_on, reason, bank_reference, fingerprint, occurrence, message_kind,"
	    "  state)"
	    " SELECT $number, $number, 1, 7, $kind, $level, $status, $msg, $block, $e2e, $instruction, $mandate,"
	    "  $amount, $fee, $transactions, $on, $reason, $reference, $digest, count(*) + 1, $type, 'new'"
	    " FROM bank_entry WHERE fingerprint = $digest");
	bind_int(q, "$number", message);
	bind_text(q, "$kind", a->kind);
	bind_text(q, "$level", a->level);
	bind_text(q, "$status", a->status != NULL || is_status ? a->status : "BOOK");
	bind_text(q, "$msg", a->msg_id == NULL && is_status ? MSG_ID : a->msg_id);
	bind_text(q, "$block", a->block);
	bind_text(q, "$e2e", a->id);
	bind_text(q, "$instruction", a->instruction);
	bind_text(q, "$mandate", a->mandate);
	bind_int_or(q, "$amount", a->amount, 0);
	bind_int(q, "$fee", a->fee);
	bind_int_or(q, "$transactions", a->transactions, 0);
	bind_text(q, "$on", a->on == NULL ? "2026-03-10" : a->on);
	bind_text(q, "$reason", a->reason);
	bind_text(q, "$reference", a->reference);
	bind_blob(q, "$digest", digest, SHA256_SIZE);
	bind_text(q, "$type", answers_type(a));
	exec(q);
}

/* As one night does. */
static inline void
answers_night(struct run *r)
{
	r->held = false;
	r->as = "nightly";
	bankentry_apply(r);
}

/* "booked rejected presented|0 -990 -10000|partially_accepted|codes of the open exceptions". */
static inline const char *
answers_books(struct run *r)
{
	static char text[1024];
	struct stmt *q = sql(r->db,
	    "SELECT (SELECT group_concat(state, ' ') FROM (SELECT state"
	    "   FROM collection ORDER BY end_to_end_id))"
	    " || '|' || (SELECT group_concat(balance_in_cents, ' ') FROM"
	    "   (SELECT balance_in_cents FROM profile ORDER BY number))"
	    " || '|' || (SELECT group_concat(state, ' ') FROM (SELECT state FROM bank_file ORDER BY number)) || '|'"
	    " || (SELECT coalesce(group_concat(code, ' '), '') FROM"
	    "   (SELECT code FROM exception WHERE state = 'open' AND key NOT LIKE 'bbbb%' ORDER BY code))");

	assert_true(row(q));
	snprintf(text, sizeof(text), "%s", col_text(q, 0));
	reset(q);
	return text;
}

/* A status that waits for a person makes plainbooking.h leave its file to the way one by one. */
static inline void
answers_disturb(struct run *r)
{
	struct answer a = STATUS("block", "ACCP", .block = "another", .at = "2026-03-01T10:00:00Z");
	int64_t number = answers_message(r, &a);
	struct stmt *q = sql(r->db,
	    "INSERT INTO bank_entry (number, message_number, nth, line, kind, level, status, msg_id,"
	    "  payment_information_id, event_on, fingerprint, occurrence, message_kind, state)"
	    " VALUES ($number, $number, 1, 7, 'status', 'block', 'ACCP', $msg, 'another', '2026-03-01', $digest, 1,"
	    "  'pain.002', 'new')");
	unsigned char digest[SHA256_SIZE];

	memset(digest, 0xbb, sizeof(digest));
	bind_int(q, "$number", number);
	bind_text(q, "$msg", MSG_ID);
	bind_blob(q, "$digest", digest, SHA256_SIZE);
	exec(q);
}

struct story {
	const char *name, *books;
	struct answer said[MOST];
	const char *before; /* SQL */
};
#define STORY(title, end, ...)                                           \
	{                                                                \
		.name = (title), .books = (end), .said = { __VA_ARGS__ } \
	}

/* Which entries come in which night: the ways of playing a story. */
enum way { WAY_IN_ONE_NIGHT, WAY_ONE_BY_ONE, WAY_OVER_NIGHTS, WAYS };

static inline bool
answers_play(struct run *r, const struct story *s, const int order[MOST], int n, enum way how)
{
	char first[1024];
	bool same;
	int i;

	tx_begin(r->db);
	if (s->before != NULL)
		exec(sql(r->db, s->before));
	if (how == WAY_ONE_BY_ONE)
		answers_disturb(r);
	for (i = 0; i < n; i++) {
		answers_report(r, &s->said[order[i]]);
		if (how == WAY_OVER_NIGHTS)
			answers_night(r);
	}
	if (how != WAY_OVER_NIGHTS)
		answers_night(r);
	snprintf(first, sizeof(first), "%s", answers_books(r));
	same = strcmp(first, s->books) == 0;
	if (!same)
		print_error("%s: way %d, order %d%d%d%d%d: %s instead of %s\n", s->name, (int)how, order[0],
		            order[1], order[2], order[3], order[4], first, s->books);
	answers_night(r);
	if (strcmp(answers_books(r), first) != 0) {
		same = false;
		print_error("%s: way %d, order %d%d%d%d%d: the next night changes %s into %s\n", s->name,
		            (int)how, order[0], order[1], order[2], order[3], order[4], first,
		            answers_books(r));
	}
	frozen_check_identity(r);
	frozen_balances(r);
	tx_rollback(r->db);
	return same;
}

/* Every order of the entries from place i on. Returns how many ended with other books. */
static inline int
answers_permute(struct run *r, const struct story *s, int order[MOST], int i, int n)
{
	int j, failed = 0, kept = order[i];
	enum way how;

	if (i == n) {
		for (how = 0; how < WAYS; how++)
			failed += !answers_play(r, s, order, n, how);
		return failed;
	}
	for (j = i; j < n; j++) {
		order[i] = order[j];
		order[j] = kept;
		failed += answers_permute(r, s, order, i + 1, n);
		order[j] = order[i];
		order[i] = kept;
	}
	return failed;
}

static inline void
answers_check(struct run *r, const struct story *stories, size_t count)
{
	int failed = 0;
	size_t i;

	/* Temporary tables are made outside of what is rolled back: then SQLite prepares each statement once, not for each order. */
	answers_night(r);
	for (i = 0; i < count; i++) {
		int order[MOST + 1] = {0, 1, 2, 3, 4}, n = 0;

		while (n < MOST && stories[i].said[n].kind != NULL)
			n++;
		failed += answers_permute(r, &stories[i], order, 0, n);
	}
	assert_int_equal(failed, 0);
}

#define UPLOADED(test) cmocka_unit_test_setup_teardown(test, answers_open, home_teardown)

#endif
