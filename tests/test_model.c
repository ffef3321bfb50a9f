/* model: random sequences of transaction versions, in random order and with repetitions, members known early or late: the
 * books must say what tests/model.h says of the same set. What fails is shown with its seed, less all that is not needed.
 *
 * MODEL_SEED=N MODEL_SEQUENCES=1 plays one again; MODEL_SEQUENCES=N plays more.
 */
#include "tests/home.h"
#include "tests/model.h"

#include "formats/length.h"
#include "stages/core/books/debt.h"
#include "stages/core/cards/as_told.h"
#include "stages/core/cards/attribution.h"
#include "stages/core/cards/held.h"
#include "stages/core/cards/payment.h"
#include "stages/core/cards/reversed.h"
#include "stages/core/members/membership.h"
#include "stages/core/members/profile.h"

#define MEMBERS      3
#define PAYMENTS     4
#define TRANSACTIONS 12 /* and as many that take one of them back */
#define VERSIONS     72
#define POSTS        160
#define SEED         20260304
#ifdef __SANITIZE_ADDRESS__
#define SEQUENCES 300
#else
#define SEQUENCES 5000
#endif
#define minute(n) (INT64_C(1772352000000) + (n)*INT64_C(60000)) /* from 2026-03-01T08:00:00Z */

static const char *const types[TYPES] = {"CardOutAuthorization",  "CardOutDebit",
                                         "CardOutDebitReversal",  "CardOutCredit",
                                         "CardOutCreditReversal", "InternalCreditTransferIn",
                                         "CardOutSomethingNew",   "InternalCreditTransferInRecall",
                                         "SepaCreditTransferIn",  "SepaCreditTransferInRecall"};
static const char *const statuses[STATUSES] = {"Pending", "Rejected", "Released", "Booked", "Deferred"};
static const char *const rejections[] = {"PeriodAmountLimitExceeded", "TransactionTypeNotAllowed",
                                         "InvalidPin"};
static const char *const releases[] = {"Captured", "AdviceReceived", "Expired", "MerchantReleased"};
static const char *const merchants[] = {"", "", "M1", "M2", "M3"};

struct sequence {
	struct version version[VERSIONS + MEMBERS];
	int versions;
	int post[POSTS + TRANSACTIONS]; /* which version, in the order of arrival */
	int posts;
	bool in_batches;
};

/* --- dice ---------------------------------------------------------------------------------------------------------- */

static uint64_t dice;

/* splitmix64: below n. */
static int
roll(int n)
{
	uint64_t z = dice += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (int)((z ^ (z >> 31)) % (uint64_t)n);
}

#define pick(array) ((array)[roll((int)LENGTH(array))])

/* A hold may be reported in any state and is only lowered; of what is booked the amount stays. */
static void
draw_version(struct version *v, int first_amount)
{
	v->updated = v->created + roll(8);
	v->amount = first_amount;
	v->status = roll(4) == 0 ? ODD : BOOKED;
	v->reason = "";
	v->merchant = v->type >= CHARGEBACK ? "" : pick(merchants);
	if (v->type > STRANGE)
		v->status = BOOKED;
	if (v->type != AUTH)
		return;
	v->status = roll(9) == 0 ? ODD : roll(2) == 0 ? PENDING : 1 + roll(2);
	v->amount = roll(2) == 0 ? first_amount : roll(first_amount + 1);
	v->reason = v->status == REJECTED ? pick(rejections) : v->status == RELEASED ? pick(releases) : "";
}

static bool
draw_once(const struct sequence *s, int type, int payment)
{
	int i;

	for (i = 0; i < s->versions; i++)
		if (s->version[i].type == type && !s->version[i].link && s->version[i].payment == payment)
			return false;
	return true;
}

/* A debit that takes back what was given under a payment, or a transfer: one at most of each, for of two nobody knows which came
 * first. */
static void
draw_taker(struct sequence *s, int tx, const struct version *taken)
{
	struct version v = *taken;

	v.type = taken->type == TRANSFER ? RECALL : LOST;
	v.tx = tx;
	v.created = v.updated = 20 + roll(9);
	v.amount += roll(3) == 0 ? 100 : 0;
	if (draw_once(s, v.type, v.payment))
		s->version[s->versions++] = v;
}

/* In the end it is reported with another amount, or as rejected. */
static void
draw_retold(struct sequence *s, const struct version *before)
{
	struct version v = *before;

	v.retold = true;
	v.updated = 100;
	v.reason = v.merchant = "";
	v.status = roll(2) == 0 ? REJECTED : BOOKED;
	v.amount += v.status == BOOKED ? 100 * (1 + roll(3)) : 0;
	s->version[s->versions++] = v;
}

static void
draw_transaction(struct sequence *s, int tx, const int member_of[PAYMENTS + 1])
{
	int payment = roll(9) == 0 ? 0 : 1 + roll(PAYMENTS), versions = 1 + roll(4),
	    first_amount = roll(5) * 100;
	struct version v = {.tx = tx,
	                    .payment = payment == 0 ? 1000 + tx : payment,
	                    .member = member_of[payment],
	                    .type = roll(2) == 0 ? AUTH : roll(STRANGE + 1),
	                    .created = roll(20),
	                    .released = 40 + roll(9)};

	if (roll(8) == 0) {
		v.type = TRANSFER;
		v.payment = tx;
		first_amount += 100;
	}
	for (; versions > 0; versions--) {
		draw_version(&v, first_amount);
		s->version[s->versions++] = v;
	}
	if (roll(4) == 0 && v.type != AUTH && v.type != CHARGEBACK && v.type != STRANGE)
		draw_retold(s, &v);
	else if (roll(2) == 0 && (v.type == TRANSFER || v.type == CHARGEBACK))
		draw_taker(s, TRANSACTIONS + tx, &v);
}

static void
draw(struct sequence *s)
{
	int member_of[PAYMENTS + 1], transactions = 1 + roll(TRANSACTIONS), i, j, k;

	s->versions = s->posts = 0;
	for (i = 0; i <= PAYMENTS; i++)
		member_of[i] = 1 + roll(MEMBERS);
	for (i = 1; i <= MEMBERS; i++)
		if (roll(10) > 0)
			s->version[s->versions++] =
			    (struct version){.link = true, .member = i, .reason = "", .merchant = ""};
	for (i = 1; i <= transactions; i++)
		draw_transaction(s, i, member_of);
	for (i = 0; i < s->versions; i++)
		for (k = roll(3) == 0 ? 2 : 1; k > 0 && s->posts < POSTS && !s->version[i].retold; k--)
			s->post[s->posts++] = i;
	for (i = s->posts - 1; i > 0; i--) {
		j = roll(i + 1);
		k = s->post[i], s->post[i] = s->post[j], s->post[j] = k;
	}
	for (i = 0; i < s->versions; i++)
		if (s->version[i].retold)
			s->post[s->posts++] = i;
}

/* --- the books ------------------------------------------------------------------------------------------------------ */

static const char *
or_null(const char *text)
{
	return text[0] == '\0' ? NULL : text;
}

static bool
gives(int type)
{
	return type == REVERSAL || type == CREDIT || type == CHARGEBACK || type == TRANSFER;
}

/* Every other sequence is posted in batches, as post does, the others version by version, as a person's decisions are. */
static struct payment_work work;

static bool
post_version(struct run *r, const struct version *v)
{
	bool is_card = v->type < CHARGEBACK || v->type == STRANGE;
	char id[16], payment[16], seat[16], origin[16];
	struct err e = {0};
	struct swan_transaction t = {
	    .id = id,
	    .type = types[v->type],
	    .side = gives(v->type) ? "Credit" : "Debit",
	    .status = statuses[v->status],
	    .amount = v->amount,
	    .currency = "EUR",
	    .created_at = minute(v->created),
	    .updated_at = minute(v->updated),
	    .execution_at = INSTANT_NONE,
	    .payment_id = v->payment > 1000 ? NULL : payment,
	    .origin_transaction_id = v->type == RECALL ? origin : NULL,
	    .account_membership_id = is_card ? seat : NULL,
	    .merchant_id = or_null(v->merchant),
	    .merchant_category =
		strcmp(v->reason, "TransactionTypeNotAllowed") == 0 ? "eCommerce" : "InStore",
	    .rejected_reason = v->status == REJECTED ? v->reason : NULL,
	    .released_reason = v->status == RELEASED ? v->reason : NULL,
	    .released_at = v->status == RELEASED ? minute(v->released) : INSTANT_NONE,
	    .pending_end_at = INSTANT_NONE,
	    .booked_at = INSTANT_NONE,
	};

	snprintf(id, sizeof(id), "t%03d", v->tx);
	snprintf(payment, sizeof(payment), "%c%03d", v->type < TRANSFER ? 'p' : 'q', v->payment);
	snprintf(origin, sizeof(origin), "t%03d", v->payment);
	snprintf(seat, sizeof(seat), "m%d", v->member);
	if (v->link)
		return membership_link(r, v->member, seat, &e) == 0;
	if (payment_apply(&work, &t, &e) == 0)
		return true;
	if (work.batch != NULL)
		payment_write(&work);
	held_keep(&work, &t, &e);
	return false;
}

/* The number of the open exception about a transaction; 0: no open one is about it. */
static int64_t
find_exception(struct run *r, int tx)
{
	struct stmt *q = sql(r->db, "SELECT number FROM exception WHERE key = $key AND state = 'open'");
	char key[16];

	snprintf(key, sizeof(key), "t%03d", tx);
	bind_text(q, "$key", key);
	return value(q, 0);
}

static void
attribute_transfers(struct run *r, const struct sequence *s)
{
	const struct version *v;
	int i;

	for (i = 0; i < s->posts; i++) {
		v = &s->version[s->post[i]];
		if (!v->link && !v->retold && v->type == TRANSFER && find_exception(r, v->tx) != 0)
			attribution_decide(r, find_exception(r, v->tx), v->member, "theirs");
	}
	held_retry(r);
}

static bool
is_posted(struct run *r, int tx)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM balance_transaction b"
	                            " LEFT JOIN swan_transaction t ON b.source_kind = 1 AND t.key = b.source"
	                            " WHERE " HOME_SOURCE " = $id AND b.event IN (1, 4)");
	char id[16];

	snprintf(id, sizeof(id), "t%03d", tx);
	bind_text(q, "$id", id);
	return value(q, 0) > 0;
}

/* What is posted is reported otherwise, and a person decides that the report counts. */
static void
post_retold(struct run *r, const struct version *v)
{
	if (!is_posted(r, v->tx))
		return;
	assert_false(post_version(r, v));
	as_told_decide(r, find_exception(r, v->tx), "as Swan says");
	assert_true(post_version(r, v));
}

/* What cannot be posted is held, and tried again now and then, as every night does. */
static void
post_all(struct run *r, const struct sequence *s)
{
	int i;

	work = (struct payment_work){.r = r, .input = 1, .line = 1};
	if (s->in_batches)
		payment_begin(&work);
	for (i = 0; i < s->posts && !s->version[s->post[i]].retold; i++) {
		post_version(r, &s->version[s->post[i]]);
		if (i % 7 == 6 && s->in_batches)
			payment_write(&work);
		if (i % 7 == 6)
			held_retry(r);
	}
	if (s->in_batches) {
		payment_write(&work);
		payment_end(&work);
	}
	held_retry(r);
	attribute_transfers(r, s);
	for (; i < s->posts; i++)
		post_retold(r, &s->version[s->post[i]]);
}

/* Of each member: balance, ledger and open debt are one sum. */
static bool
is_balanced(struct run *r)
{
	int i;

	for (i = 1; i <= MEMBERS; i++) {
		struct stmt *q = sql(r->db, "SELECT p.balance_in_cents - coalesce(sum(b.amount_in_cents), 0) FROM profile p"
		                            " LEFT JOIN balance_transaction b ON b.profile_number = p.number"
		                            " WHERE p.number = $number GROUP BY p.number");

		bind_int(q, "$number", i);
		if (value(q, -1) != 0)
			return false;
		q = sql(r->db, "SELECT balance_in_cents FROM profile WHERE number = $number");
		bind_int(q, "$number", i);
		if (value(q, 0) + debt_open(r, i) != 0)
			return false;
	}
	return true;
}

static const char *
print_books(struct run *r)
{
	static char text[8192];
	struct stmt *q = sql(
	    r->db,
	    "WITH line AS (SELECT CASE WHEN CAST(p.swan_payment AS TEXT) < 'q' THEN 0 ELSE 1 END AS part, CAST(p.swan_payment AS TEXT) AS key, 0 AS event,"
	    "   CAST(p.swan_payment AS TEXT) || ' of ' || p.profile_number || ': ' || s.word || ' ' || p.authorized_in_cents || '/'"
	    "   || p.captured_in_cents || ' @' || ((p.effective_at - $start) / 60000) || ' ' || coalesce(x.word, '-') || ' '"
	    "   || coalesce(m.id, '-') AS text"
	    "  FROM card_payment p JOIN code s ON s.number = p.status LEFT JOIN code x ON x.number = p.rejection"
	    "  LEFT JOIN merchant m ON m.number = p.merchant_number"
	    " UNION ALL SELECT 1 + b.profile_number, " HOME_SOURCE ", b.event, " HOME_SOURCE " || ' '"
	    "   || replace(c.word, '_card_payment', '') || ' ' || b.amount_in_cents || ' @' || ((b.transaction_at - $start) / 60000)"
	    "  FROM balance_transaction b JOIN code c ON c.number = b.event"
	    " LEFT JOIN swan_transaction t ON b.source_kind = 1 AND t.key = b.source"
	    " UNION ALL SELECT 1 + number, 'z', 0, 'member ' || number || ': ' || balance_in_cents FROM profile)"
	    " SELECT coalesce(group_concat(text, $eol), '') || $eol FROM (SELECT text FROM line ORDER BY part, key, event)");

	bind_instant(q, "$start", minute(0));
	bind_text(q, "$eol", "\n");
	assert_true(row(q));
	assert_true(snprintf(text, sizeof(text), "%s", col_text(q, 0)) < (int)sizeof(text));
	reset(q);
	return text;
}

/* --- both ------------------------------------------------------------------------------------------------------------ */

static const char *
print_model(const struct sequence *s)
{
	static struct model m;
	bool in[VERSIONS + MEMBERS] = {false};
	int i;

	m.n = 0;
	for (i = 0; i < s->posts; i++)
		in[s->post[i]] = true;
	for (i = 0; i < s->versions; i++)
		if (in[i])
			m.v[m.n++] = &s->version[i];
	return model_print(&m, MEMBERS, PAYMENTS, 2 * TRANSACTIONS);
}

static bool
agrees(struct run *r, const struct sequence *s)
{
	bool same;

	tx_begin(r->db);
	post_all(r, s);
	same = is_balanced(r) && strcmp(print_books(r), print_model(s)) == 0;
	tx_rollback(r->db);
	return same;
}

/* Leaves out every post without which it fails as well. */
static void
shrink(struct run *r, struct sequence *s)
{
	struct sequence less;
	int i;

	for (i = 0; i < s->posts; i++) {
		less = *s;
		memmove(&less.post[i], &less.post[i + 1],
		        (size_t)(less.posts - i - 1) * sizeof(less.post[0]));
		less.posts--;
		if (agrees(r, &less))
			continue;
		*s = less;
		i = -1;
	}
}

static void
print_sequence(const struct sequence *s)
{
	const struct version *v;
	int i;

	for (i = 0; i < s->posts; i++) {
		v = &s->version[s->post[i]];
		if (v->link)
			print_message("  member %d is linked\n", v->member);
		else
			print_message(
			    "  %st%03d of p%03d, member %d: %s %s %s %d, created %d, updated %d, released %d, merchant %s\n",
			    v->retold ? "at last " : "", v->tx, v->payment, v->member, types[v->type],
			    statuses[v->status], v->reason, v->amount, v->created, v->updated, v->released,
			    v->merchant);
	}
}

static uint64_t
number_of(const char *variable, uint64_t absent)
{
	const char *text = getenv(variable);

	return text == NULL ? absent : strtoull(text, NULL, 10);
}

static void
books_say_what_the_model_says(void **state)
{
	uint64_t seed = number_of("MODEL_SEED", SEED), last = seed + number_of("MODEL_SEQUENCES", SEQUENCES);
	struct run *r = *state;
	struct sequence s;

	for (; seed < last; seed++) {
		dice = seed;
		draw(&s);
		s.in_batches = seed % 2 == 0;
		if (agrees(r, &s))
			continue;
		shrink(r, &s);
		print_message("MODEL_SEED=%llu, in this order:\n", (unsigned long long)seed);
		print_sequence(&s);
		tx_begin(r->db);
		post_all(r, &s);
		fail_msg("the books say\n%sthe model says\n%s", print_books(r), print_model(&s));
	}
}

static int
open_with_members(void **state)
{
	char name[24];
	bool created;

	home_setup(state);
	home_input(*state);
	((struct run *)*state)->as = "alice";
	/* A temporary table that is made inside of what is rolled back makes SQLite prepare each statement for each sequence. */
	reversed_report(*state);
	for (int i = 1; i <= MEMBERS; i++) {
		snprintf(name, sizeof(name), "member %d", i);
		assert_int_equal(profile_declare(*state, "fr", name, 1, i, &created), i);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(books_say_what_the_model_says, open_with_members, home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
