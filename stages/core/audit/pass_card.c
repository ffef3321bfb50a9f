/* pass_card: see pass.h. What Swan booked against what the ledger has of it, and the payments.
 *
 * A Swan transaction stands in the order of the payments, so one cursor over each finds the payment of each transaction. Those that a
 * person corrected are taken out of both sums: they have a claim of their own. Those that a person moved to another payment are looked
 * up one by one.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "stages/core/audit/pass.h"

#define MOST_CODES 100000 /* words above it have no place: the statements decide */

/* What moves a member's balance once it is booked: what the member spends is negative, and so is what a chargeback gave and takes
 * back. */
static const struct {
	const char *word;
	int sign;
} moving[] = {
    {"CardOutDebit", -1},
    {"CardOutCreditReversal", -1},
    {"CardOutDebitReversal", 1},
    {"CardOutCredit", 1},
    {"InternalCreditTransferIn", 1},
    {"CardInChargeback", -1},
    {"CheckInReturn", -1},
    {"InternalCreditTransferInRecall", -1},
    {"InternalCreditTransferInReturn", -1},
    {"InternationalCreditTransferInReturn", -1},
    {"SepaCreditTransferInRecall", -1},
    {"SepaCreditTransferInReturn", -1},
    {"SepaInstantCreditTransferInRecall", -1},
};

struct pass_words {
	int64_t n; /* the highest code */
	struct word {
		int sign;       /* of a type: 0: does not move a balance */
		bool is_booked; /* of a status */
		bool is_other;  /* a type that is not of the card itself */
	} of[];
};

struct cards {
	struct pass *p;
	struct pass_words *words;
	struct pass_cursor payments; /* member: the key of the payment */
	struct pass_sum booked;
	int64_t other_payment; /* with transactions that are not of the card itself */
	cents given;           /* by these */
	uint64_t transaction_ids, payment_ids, found_transactions,
	    found_payments; /* sums over ids and keys */
};

static int
sign_of(const char *word)
{
	size_t i;

	for (i = 0; i < LENGTH(moving); i++)
		if (strcmp(word, moving[i].word) == 0)
			return moving[i].sign;
	return 0;
}

struct pass_words *
pass_words_new(struct run *r)
{
	int64_t n = value(sql(r->db, "SELECT max(number) FROM code"), 0);
	struct stmt *q = sql(r->db, "SELECT number, kind, word FROM code WHERE number BETWEEN 0 AND $most");
	struct pass_words *w;

	n = n < 0 ? 0 : n < MOST_CODES ? n : MOST_CODES;
	w = memory_new(1, sizeof(*w) + ((size_t)n + 1) * sizeof(w->of[0]));
	w->n = n;
	bind_int(q, "$most", n);
	while (row(q)) {
		struct word *of = &w->of[col_int(q, 0)];
		const char *kind = col_text(q, 1), *word = col_text(q, 2);

		if (strcmp(kind, "swan_type") == 0) {
			of->sign = sign_of(word);
			of->is_other = strncmp(word, "CardOut", strlen("CardOut")) != 0;
		} else
			of->is_booked = strcmp(kind, "swan_status") == 0 && strcmp(word, "Booked") == 0;
	}
	return w;
}

void
pass_words_free(struct pass_words *w)
{
	free(w);
}

static const struct word *
word_of(const struct pass_words *w, int64_t code)
{
	static const struct word unknown;

	return code >= 0 && code <= w->n ? &w->of[code] : &unknown;
}

bool
pass_moves(const struct pass_words *w, int64_t type, int64_t status, cents amount, cents *moves)
{
	int sign = word_of(w, type)->sign;

	*moves = 0;
	if (sign == 0 || !word_of(w, status)->is_booked)
		return false;
	*moves = sign < 0 ? pass_minus(0, amount) : amount;
	return true;
}

static bool
is_moving(const struct cards *c, struct stmt *q, cents *moves)
{
	return pass_moves(c->words, col_int(q, 2), col_int(q, 3), col_int(q, 4), moves);
}

/* A code without a place may be any word. */
static void
require_words(struct cards *c)
{
	if (value(sql(c->p->r->db, "SELECT max(number) FROM code"), 0) <= c->words->n)
		return;
	pass_say(c->p, PASS_CARDS, PASS_ASKS);
	pass_say(c->p, PASS_POSTED, PASS_ASKS);
	pass_say(c->p, PASS_TAKEN_BACK, PASS_ASKS);
}

static void
take_id(const struct pass *p, uint64_t *ids, int64_t key, struct stmt *q, int i)
{
	size_t n;
	const void *id = col_blob(q, i, &n);

	*ids += pass_mix_bytes(pass_mix(p->seed, (uint64_t)key), id, n);
}

/* Of members alone: the id finds this row. */
static void
require_id(const struct cards *c, struct stmt *find, int64_t key, struct stmt *q, int i)
{
	size_t n;
	const void *id = col_blob(q, i, &n);

	bind_blob(find, "$id", id, n);
	pass_require(c->p, PASS_IDS, value(find, 0) == key);
}

static void
next_payment(struct cards *c)
{
	pass_next(&c->payments);
	if (c->payments.member == PASS_END)
		return;
	take_id(c->p, &c->payment_ids, c->payments.member, c->payments.q, 1);
	if (!c->p->whole)
		require_id(c, sql(c->p->r->db, "SELECT key FROM swan_payment_id WHERE id = $id"),
		                  c->payments.member, c->payments.q, 1);
}

static bool
has_payment(struct cards *c, int64_t payment, bool is_moved)
{
	struct stmt *q;

	if (is_moved) {
		q = sql(c->p->r->db, "SELECT count(*) FROM card_payment WHERE key = $key");
		bind_int(q, "$key", payment);
		return value(q, 0) == 1;
	}
	while (c->payments.member < payment)
		next_payment(c);
	return c->payments.member == payment;
}

static void
end_other_payment(struct cards *c)
{
	if (c->given < 0)
		pass_say(c->p, PASS_TAKEN_BACK, PASS_ASKS);
	c->given = 0;
}

/* What is not of the card itself. */
static void
take_other(struct cards *c, int64_t payment, bool is_moved, bool is_booked, cents amount)
{
	if (is_moved)
		pass_say(c->p, PASS_TAKEN_BACK, PASS_ASKS);
	if (payment != c->other_payment)
		end_other_payment(c);
	c->other_payment = payment;
	if (is_booked)
		c->given = pass_plus(c->given, amount);
}

static void
take_transaction(struct cards *c, struct stmt *q)
{
	int64_t payment = col_int_or(q, 1, PASS_NONE);
	bool is_moved = payment != PASS_NONE, is_booked;
	cents amount;

	if (!is_moved)
		payment = col_int(q, 0) / PASS_PAYMENT;
	is_booked = is_moving(c, q, &amount);
	if (word_of(c->words, col_int(q, 2))->is_other)
		take_other(c, payment, is_moved, is_booked, amount);
	take_id(c->p, &c->transaction_ids, col_int(q, 0), q, 5);
	if (!c->p->whole)
		require_id(c, sql(c->p->r->db, "SELECT key FROM swan_transaction_id WHERE id = $id"),
		                  col_int(q, 0), q, 5);
	if (!has_payment(c, payment, is_moved)) {
		pass_say(c->p, PASS_OWNERS, PASS_FALSE);
		pass_require(c->p, PASS_POSTED, !is_booked);
	}
	if (!is_booked)
		return;
	c->booked.rows +=
	    pass_posting(c->p, col_int(q, 0), payment / PASS_MEMBER, payment % PASS_MEMBER, amount);
	c->booked.cents = pass_plus(c->booked.cents, amount);
}

/* Of a transaction that a person corrected neither what Swan booked nor what was posted counts. */
static void
leave_out(struct cards *c, struct stmt *q)
{
	struct stmt *b = sql(c->p->r->db, "SELECT key, payment_number, amount_in_cents"
	                                  " FROM balance_transaction"
	                                  " WHERE source_kind = 1 AND source = $swan AND event = 1");
	int64_t swan = col_int(q, 0), payment = col_int_or(q, 1, swan / PASS_PAYMENT);
	cents amount;

	if (is_moving(c, q, &amount)) {
		c->booked.rows -=
		    pass_posting(c->p, swan, payment / PASS_MEMBER, payment % PASS_MEMBER, amount);
		c->booked.cents = pass_minus(c->booked.cents, amount);
	}
	if (word_of(c->words, col_int(q, 2))->is_other)
		pass_say(c->p, PASS_TAKEN_BACK, PASS_ASKS);
	bind_int(b, "$swan", swan);
	while (row(b))
		c->p->posted.rows -= pass_posting(c->p, swan, col_int(b, 0) / PASS_MEMBER,
		                                  col_int_or(b, 1, PASS_NONE), col_int(b, 2));
}

static void
leave_out_corrected(struct cards *c)
{
	struct stmt *q = sql(c->p->r->db, "SELECT t.key, t.moved_to, t.type, t.status, t.amount_in_cents"
	                                  " FROM (SELECT DISTINCT id FROM correction) AS c"
	                                  " CROSS JOIN swan_transaction_id i ON i.id = c.id"
	                                  " CROSS JOIN swan_transaction t ON t.key = i.key");

	while (row(q))
		leave_out(c, q);
}

/* What a person moved to another member keeps its posting, and has a correction. */
static void
require_moved(struct cards *c)
{
	struct stmt *q =
	    sql(c->p->r->db, "SELECT count(*)"
	                                  " FROM swan_transaction t"
	                                  " CROSS JOIN balance_transaction b ON b.source_kind = 1 AND b.source = +t.key"
	                                  " WHERE t.moved_to IS NOT NULL"
	                                  "  AND b.profile_number <> t.profile_number"
	                                  "  AND NOT EXISTS (SELECT 1"
	                                  "   FROM correction c"
	                                  "   WHERE c.id = t.id AND c.profile_number = t.profile_number)");

	if (value(q, 0) > 0)
		pass_say(c->p, PASS_OWNERS, PASS_ASKS);
}

static void
require_cards(struct cards *c)
{
	struct pass *p = c->p;
	struct stmt *q = sql(p->r->db, "SELECT sum(c.moves_in_cents)"
	                               " FROM audit_correction c"
	                               " WHERE c.id IN (SELECT i.id FROM swan_transaction_id i WHERE i.id = c.id)"
	                               "  AND ($whole = 1 OR c.profile_number IN (SELECT profile_number FROM audit_touched))");

	bind_int(q, "$whole", p->whole);
	pass_require_sums(p, PASS_POSTED, p->posted.rows == c->booked.rows);
	pass_require_sums(p, PASS_CARDS, p->of_event[CAPTURED] == pass_plus(c->booked.cents, value(q, 0)));
	if (p->of[PASS_POSTED] != PASS_TRUE) /* what chargebacks gave is then not what was booked */
		pass_say(p, PASS_TAKEN_BACK, PASS_ASKS);
}

/* Of all members: that no id finds another row. */
static void
require_ids(struct cards *c)
{
	struct stmt *q = sql(c->p->r->db, "SELECT key, id FROM swan_transaction_id");

	if (!c->p->whole)
		return;
	while (row(q))
		take_id(c->p, &c->found_transactions, col_int(q, 0), q, 1);
	q = sql(c->p->r->db, "SELECT key, id FROM swan_payment_id");
	while (row(q))
		take_id(c->p, &c->found_payments, col_int(q, 0), q, 1);
	pass_require(c->p, PASS_IDS,
	             c->found_transactions == c->transaction_ids && c->found_payments == c->payment_ids);
}

static void
walk(struct cards *c, struct stmt *q, const struct pass_range *range)
{
	bind_int(q, "$first", range->first_swan);
	bind_int(q, "$last", range->last_swan);
	bind_int(c->payments.q, "$first", range->first_key);
	bind_int(c->payments.q, "$last", range->last_key);
	next_payment(c);
	while (row(q))
		take_transaction(c, q);
	end_other_payment(c);
	while (c->payments.member != PASS_END)
		next_payment(c);
}

void
pass_cards(struct pass *p)
{
	struct pass_range range = {0};
	struct cards c = {.p = p, .words = pass_words_new(p->r)};
	struct stmt *q = sql(p->r->db, "SELECT key, moved_to, type, status, amount_in_cents, id"
	                               " FROM swan_transaction"
	                               " WHERE key BETWEEN $first AND $last"
	                               " ORDER BY key");

	require_words(&c);
	c.payments = (struct pass_cursor){
	    .q = sql(p->r->db, "SELECT key, swan_payment FROM card_payment WHERE key BETWEEN $first AND $last ORDER BY key"),
		.of = 1};
	while (pass_next_range(p, &range))
		walk(&c, q, &range);
	require_ids(&c);
	leave_out_corrected(&c);
	require_moved(&c);
	require_cards(&c);
	pass_words_free(c.words);
}
