/* bankpost: see bankpost.h. Writes what a bank entry means, and its state. */
#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/bank/bankmatch.h"
#include "stages/core/bank/bankmoney.h"
#include "stages/core/bank/bankpost.h"
#include "stages/core/bank/fileaccount.h"
#include "stages/core/bank/revival.h"
#include "stages/core/engine/log.h"

static const char *const decisions[] = {
    [BANKPOST_CREDIT] = "credit",
    [BANKPOST_RETURN] = "return",
    [BANKPOST_FEE] = "fee",
    [BANKPOST_REVERSAL] = "reversal",
};

const char *
bankpost_decision_word(enum bankpost_decision decision)
{
	return decisions[decision];
}

/* The kind that the bank would have given the entry. */
static enum bankentry_kind
find_posted_kind(enum bankpost_decision decision, enum collection_kind kind)
{
	static const enum bankentry_kind posted[2][BANKPOST_DECISIONS] = {
	    [COLLECTION_DEBIT] = {BANKENTRY_CREDIT, BANKENTRY_RETURN, BANKENTRY_FEE, BANKENTRY_REFUND_RETURN},
	    [COLLECTION_REFUND] = {BANKENTRY_DEBIT, BANKENTRY_REFUND_RETURN, BANKENTRY_FEE, BANKENTRY_RETURN},
	};

	return posted[kind][decision];
}

static int
set_target(struct run *r, struct bank_entry *n, const char *end_to_end_id, const char *msg_id,
           enum collection_kind *kind, struct err *e)
{
	struct collection c;
	struct bankfile f;

	n->collection[0] = '\0';
	n->file = 0;
	if (end_to_end_id != NULL) {
		if (!collection_load(r, end_to_end_id, &c))
			return err_set(e, "unknown_debit", "no debit or refund has the end-to-end id %s",
			               end_to_end_id);
		text_copy(n->collection, sizeof(n->collection), c.end_to_end_id);
		n->file = c.file;
		*kind = c.kind;
	} else if (msg_id != NULL) {
		if (!bankfile_find(r, msg_id, &f))
			return err_set(e, "unknown_file", "no bank file has the id %s", msg_id);
		n->file = f.number;
		*kind = f.kind;
	}
	return 0;
}

/* As the person says it: what else the bank names does not count. */
static void
save_meaning(struct run *r, struct bank_entry *n)
{
	struct stmt *q = sql(
	    r->db,
	    "UPDATE bank_entry SET kind = $kind, reason = $reason, problem = NULL WHERE number = $number");

	n->mandate[0] = n->problem[0] = n->msg_id[0] = n->block[0] = '\0';
	bind_text(q, "$kind", bankentry_kind_word(n->kind));
	bind_text(q, "$reason", text_or_null(n->reason));
	bind_int(q, "$number", n->number);
	exec(q);
	bankmatch_save(r, n);
}

static void
apply(struct run *r, struct bank_entry *n, struct bank_outcome *o)
{
	struct fileaccount account = {0};
	struct collection c;

	*o = (struct bank_outcome){.state = BANKENTRY_APPLIED};
	bankmoney_begin(r);
	if (bankmoney_books_again(r, n) && collection_load(r, n->collection, &c))
		collection_book_again(r, &c, n->on, n->input, n->line);
	else
		bankentry_decide(r, n, &account, o);
}

/* A sum is gross, or without the debits that the bank rejected. What was tried in vain leaves nothing but what the entry means:
 * others of its file may explain it. */
static void
apply_to_file(struct run *r, int64_t exception, struct bank_entry *n, struct bank_outcome *o)
{
	enum revival_extent extent;

	for (extent = 0; extent < REVIVAL_EXTENTS; extent++) {
		tx_begin(r->db);
		revival_of_file(r, exception, n, extent);
		apply(r, n, o);
		if (o->state != BANKENTRY_HELD) {
			tx_commit(r->db);
			return;
		}
		tx_rollback(r->db);
	}
}

static int
apply_as(struct run *r, int64_t exception, enum bankpost_decision decision, struct bank_entry *n,
         struct bank_outcome *o, struct err *e)
{
	if (decision == BANKPOST_CREDIT && n->collection[0] != '\0' &&
	    revival_of_debit(r, exception, n, e) < 0)
		return -1;
	save_meaning(r, n);
	if (decision == BANKPOST_CREDIT && n->collection[0] == '\0')
		apply_to_file(r, exception, n, o);
	else
		apply(r, n, o);
	return 0;
}

int
bankpost_apply(struct run *r, int64_t exception, enum bankpost_decision decision, const char *end_to_end_id,
               const char *msg_id, const char *reason, struct err *e)
{
	enum collection_kind kind = COLLECTION_DEBIT;
	struct bank_outcome o;
	struct bank_entry n;
	bool was_credit, is_directed;

	if (!bankentry_load_held(r, exception, &n))
		return err_set(e, "exception_not_postable",
		               "it is not open, or not about money that the bank booked");
	was_credit = bankentry_is_credit(&n);
	is_directed = n.kind != BANKENTRY_OTHER; /* else only the person knows */
	if (set_target(r, &n, end_to_end_id, msg_id, &kind, e) < 0)
		return -1;
	n.kind = find_posted_kind(decision, kind);
	if (n.kind != BANKENTRY_FEE && is_directed && bankentry_is_credit(&n) != was_credit)
		return err_set(e, "wrong_direction",
		               "the entry is a %s of our account: it cannot be a %s of that",
		               was_credit ? "credit" : "debit", decisions[decision]);
	if (bankmoney_books_again(r, &n)) /* as a return that the bank took back */
		n.kind = find_posted_kind(BANKPOST_REVERSAL, kind);
	if (reason != NULL)
		text_copy(n.reason, sizeof(n.reason), reason);
	if (apply_as(r, exception, decision, &n, &o, e) < 0)
		return -1;
	if (o.state == BANKENTRY_HELD)
		return err_set(e, o.why.code, "%s", o.why.message);
	if (o.state == BANKENTRY_NOTED && n.kind != BANKENTRY_FEE)
		return err_set(e, "no_effect",
		               "the books have it already: decide `applied_elsewhere` or `duplicate`");
	bankentry_save_state(r, &n, BANKENTRY_APPLIED);
	if (n.file != 0)
		bankfile_refresh_settled(r, n.file);
	return 0;
}
