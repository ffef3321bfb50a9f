/* pass: see pass.h. Which claims there are, what a pass says of them, and the sums. */
#include <string.h>
#include <sys/random.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "stages/core/audit/mark.h"
#include "stages/core/audit/pass.h"
#include "stages/core/engine/log.h"

static const char *const claims[PASS_CLAIMS] = {
    [PASS_BALANCE] = "each balance is the sum of the member's transactions",
    [PASS_OPEN_DEBT] = "each balance is the open debt plus the frozen debts that are not settled",
    [PASS_NUMBERS] = "each member's transactions are numbered without a gap",
    [PASS_SOURCES] = "each transaction belongs to a member and has the source and the sign of its event",
    [PASS_CARDS] = "the card payments that are posted sum to what Swan booked",
    [PASS_POSTED] =
	"each transaction that Swan booked is posted once, to the member of its payment, and nothing else is posted",
    [PASS_TAKEN_BACK] = "no more is taken back under a card payment than chargebacks gave",
    [PASS_IDS] = "each id of Swan finds one transaction or one payment",
    [PASS_OWNERS] = "a card payment, its Swan transactions and their postings belong to one member",
    [PASS_EXTERNAL] = "each external transaction is posted once, for no more than was requested",
    [PASS_FROZEN_DEBTS] = "each frozen debt is the sum of its transactions",
    [PASS_FREEZE] =
	"the amount of a debt is set when its session is frozen, and bank files are made only after that",
    [PASS_SETTLED] = "what was recovered and refunded for each debt is what its transactions say",
    [PASS_DEBTS_EXIST] = "each transaction that is part of a debt refers to a debt that exists",
    [PASS_SESSIONS] = "the status of each session follows from its debts",
    [PASS_COLLECTED] = "the status of each debt agrees with its debit or refund",
    [PASS_RECOVERIES] = "the recoveries that are posted sum to what the bank booked and did not take back",
    [PASS_REFUNDS] = "the refunds that are posted sum to what the bank paid to members and did not get back",
    [PASS_MOVED] = "each debit or refund has exactly the transactions that its state requires",
};

static const char *const event_words[PASS_EVENTS] = {
    [CAPTURED] = "captured_card_payment",
    [EXTERNAL] = "external_transaction",
    [FAILED_RECOVERY] = "failed_recovery",
    [RECOVERY] = "recovery",
    [REFUND] = "refund",
    [REJECTED] = "rejected_card_payment",
    [RELEASED] = "released_card_payment",
};

bool
pass_knows(const char *text, enum pass_claim *claim)
{
	size_t i;

	for (i = 0; i < LENGTH(claims); i++)
		if (strcmp(claims[i], text) == 0) {
			*claim = (enum pass_claim)i;
			return true;
		}
	return false;
}

void
pass_say(struct pass *p, enum pass_claim claim, enum pass_verdict verdict)
{
	if (p->of[claim] < verdict)
		p->of[claim] = verdict;
}

void
pass_require(struct pass *p, enum pass_claim claim, bool is_true)
{
	if (!is_true)
		pass_say(p, claim, PASS_FALSE);
}

void
pass_require_sums(struct pass *p, enum pass_claim claim, bool is_true)
{
	if (!is_true)
		pass_say(p, claim, p->whole ? PASS_FALSE : PASS_ASKS);
}

cents
pass_plus(cents a, cents b)
{
	return (cents)((uint64_t)a + (uint64_t)b);
}

cents
pass_minus(cents a, cents b)
{
	return (cents)((uint64_t)a - (uint64_t)b);
}

/* The finalizer of MurmurHash3: each bit of the value changes half of the bits. */
uint64_t
pass_mix(uint64_t sum, uint64_t value)
{
	sum = (sum * 0x9E3779B97F4A7C15U) ^ value;
	sum = (sum ^ (sum >> 33)) * 0xFF51AFD7ED558CCDU;
	sum = (sum ^ (sum >> 33)) * 0xC4CEB9FE1A85EC53U;
	return sum ^ (sum >> 33);
}

uint64_t
pass_mix_bytes(uint64_t sum, const void *bytes, size_t n)
{
	const unsigned char *at = bytes;
	uint64_t part;

	for (sum = pass_mix(sum, n); n > 0; at += sizeof(part), n -= n < sizeof(part) ? n : sizeof(part)) {
		part = 0;
		memcpy(&part, at, n < sizeof(part) ? n : sizeof(part));
		sum = pass_mix(sum, part);
	}
	return sum;
}

uint64_t
pass_posting(const struct pass *p, int64_t swan, int64_t member, int64_t payment_number, cents amount)
{
	uint64_t sum = pass_mix(pass_mix(p->seed, (uint64_t)swan), (uint64_t)member);

	return pass_mix(pass_mix(sum, (uint64_t)payment_number), (uint64_t)amount);
}

void
pass_next(struct pass_cursor *c)
{
	c->member = row(c->q) ? col_int(c->q, 0) / c->of : PASS_END;
}

void
pass_begin(struct pass_cursor *c, int64_t first, int64_t last)
{
	bind_int(c->q, "$first", first);
	bind_int(c->q, "$last", last);
	pass_next(c);
}

void *
pass_list_add(struct pass_list *l, size_t size)
{
	if (l->n == l->room) {
		l->room = l->room == 0 ? 64 : 2 * l->room;
		l->at = memory_resize(l->at, l->room, size);
	}
	return (char *)l->at + size * l->n++;
}

/* Nobody who could choose what is in the books knows how they are summed. */
static uint64_t
new_seed(void)
{
	uint64_t seed;

	if (getrandom(&seed, sizeof(seed), 0) != (ssize_t)sizeof(seed))
		die_errno(EXIT_IO, "random numbers");
	return seed;
}

/* The events have the words that the rules are about. */
static bool
has_words(struct pass *p)
{
	struct stmt *q = sql(p->r->db, "SELECT number, word FROM code WHERE kind = 'event'");
	int64_t n = 0, known = 0;

	for (; row(q); n++)
		if (col_int(q, 0) > 0 && col_int(q, 0) < PASS_EVENTS &&
		    strcmp(col_text(q, 1), event_words[col_int(q, 0)]) == 0)
			known++;
	return n == known && known == PASS_EVENTS - 1;
}

bool
pass_next_range(struct pass *p, struct pass_range *range)
{
	if (p->whole && range->is_begun)
		return false;
	if (!range->is_begun && !p->whole)
		range->q = sql(p->r->db, "SELECT profile_number FROM audit_touched ORDER BY profile_number");
	range->is_begun = true;
	if (p->whole) {
		range->first = range->first_key = range->first_swan = INT64_MIN;
		range->last = range->last_key = range->last_swan = INT64_MAX;
		return true;
	}
	if (!row(range->q))
		return false;
	range->first = range->last = col_int(range->q, 0);
	range->first_key = range->first * PASS_MEMBER;
	range->last_key = range->first_key + PASS_MEMBER - 1;
	range->first_swan = range->first_key * PASS_PAYMENT;
	range->last_swan = range->last_key * PASS_PAYMENT + PASS_PAYMENT - 1;
	return true;
}

/* One walk over all is less than many over one member each. */
static bool
is_for_all(struct proof *proof)
{
	int64_t touched = value(sql(proof->r->db, "SELECT count(*) FROM audit_touched"), 0);

	return proof->full || touched > proof->now.members / 4;
}

void
pass_run(struct pass *p, struct proof *proof)
{
	enum pass_claim claim;

	*p = (struct pass){.r = proof->r, .seed = new_seed()};
	for (claim = 0; !has_words(p) && claim < PASS_CLAIMS; claim++)
		pass_say(p, claim, PASS_ASKS);
	mark_find(proof, p);
	p->whole = is_for_all(proof);
	pass_ledger(p);
	pass_cards(p);
}
