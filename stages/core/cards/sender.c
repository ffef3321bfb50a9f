/* sender: see sender.h. Only reads. */
#include <string.h>

#include "formats/own_account.h"
#include "formats/swan_rules.h"
#include "stages/core/books/correction.h"
#include "stages/core/cards/sender.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/key.h"

/* A transaction that is posted as a transfer, or as what went back of one. */
static enum sender
check_posted(const struct swan_transaction *t, struct err *e)
{
	if (strcmp(t->status, "Booked") == 0)
		err_set(e, ERR_AMOUNT_CONFLICT, "a transfer of this id was posted with another amount");
	else
		err_set(e, ERR_NO_LONGER_BOOKED,
		        "a transfer of this id was posted, and Swan reports it as %s now", t->status);
	return SENDER_UNKNOWN;
}

/* What the transactions of a payment that are not of the card gave to the member (+) or took back (-), as corrected. */
#define GIVEN \
	SQL_PART("SELECT t.id, coalesce("                                                                      \
	         "   (SELECT c.moves_in_cents FROM correction c WHERE c.id = t.id ORDER BY c.nth DESC LIMIT 1)," \
	         "   b.amount_in_cents, 0) AS cents"                                                           \
	         "  FROM swan_transaction t"                                                                   \
	         "  JOIN code ty ON ty.number = t.type"                                                        \
	         "  LEFT JOIN balance_transaction b ON b.source_kind = 1 AND b.source = +t.key AND b.event = 1" \
	         "  WHERE " SQL_OF_PAYMENT("t", "$payment") " AND substr(ty.word, 1, 7) <> 'CardOut'")

cents
sender_given(struct run *r, const struct named_payment *payment)
{
	struct stmt *q =
	    sql(r->db, "SELECT coalesce(CAST(sum(given.cents) AS BIGINT), 0) FROM (" GIVEN ") given");

	bind_int(q, "$payment", payment->key);
	return value(q, 0);
}

/* Is a chargeback of just this amount left under the payment: more were won than taken back? */
static bool
is_left(struct run *r, const struct named_payment *payment, cents amount)
{
	struct stmt *q = sql(r->db,
	    "SELECT CASE WHEN count(*) FILTER (WHERE given.cents = $amount)"
	    "   > count(*) FILTER (WHERE given.cents = -$amount) AND sum(given.cents) >= $amount THEN 1 ELSE 0 END"
	    " FROM (" GIVEN ") given");

	bind_int(q, "$payment", payment->key);
	bind_int(q, "$amount", amount);
	return value(q, 0) != 0;
}

static enum sender
check_taken_transfer(const struct swan_transaction *t, const struct reversible *of, struct err *e)
{
	char back[MONEY_TEXT_GROUPED], left[MONEY_TEXT_GROUPED];

	if (of->left == t->amount)
		return SENDER_REVERSAL;
	err_set(e, ERR_TAKE_BACK_CONFLICT,
	        "it takes back %s EUR of the transfer %s, of which %s EUR are left",
	        money_print_grouped(back, t->amount), of->reference, money_print_grouped(left, of->left));
	return SENDER_UNKNOWN;
}

static enum sender
check_taken_payment(struct run *r, const struct swan_transaction *t, const struct named_payment *payment,
                    struct err *e)
{
	char back[MONEY_TEXT_GROUPED];

	if (swan_find_money(t).moves == SWAN_TAKES_BACK && is_left(r, payment, t->amount))
		return SENDER_PAYMENT;
	err_set(e, ERR_TAKE_BACK_CONFLICT,
	        "it takes %s EUR for a card payment, under which no chargeback of this amount is left",
	        money_print_grouped(back, t->amount));
	return SENDER_UNKNOWN;
}

/* Of what names nothing in the books. */
static enum sender
check_unnamed(struct run *r, const struct swan_transaction *t, struct err *e)
{
	struct swan_money money = swan_find_money(t);

	if (money.moves == SWAN_IS_OWN)
		return SENDER_NO_MEMBER;
	if (own_account_matches(config_text(r->config, SWAN_OWN_ACCOUNTS), t->counterparty,
	                        t->counterparty_account))
		return SENDER_OWN_ACCOUNT;
	if (money.moves == SWAN_TAKES_BACK)
		err_set(e, ERR_UNATTRIBUTED_DEBIT,
		        "money that came in went back, and the books do not have it: a person decides");
	else
		err_set(e, ERR_UNATTRIBUTED_CREDIT,
		        "incoming money that belongs to no card payment: a person decides");
	return SENDER_UNKNOWN;
}

static enum sender
check_debit(struct run *r, const struct swan_transaction *t, struct sender_found *found, struct err *e)
{
	if (named_find_transfer(r, t, &found->transfer))
		return check_taken_transfer(t, &found->transfer, e);
	if (found->payment.owner != 0 || named_find_origin(r, t, &found->payment))
		return check_taken_payment(r, t, &found->payment, e);
	return check_unnamed(r, t, e);
}

static enum sender
check_credit(struct run *r, const struct swan_transaction *t, struct sender_found *found, struct err *e)
{
	if (found->payment.owner != 0 && swan_find_event(t) != NULL)
		return SENDER_PAYMENT;
	if (found->payment.owner == 0 && named_find_member(r, t) == 0)
		return check_unnamed(r, t, e);
	err_set(
	    e, ERR_UNATTRIBUTED_CREDIT,
	    "incoming money that names what a member has, and is no chargeback of a card payment: a person decides");
	return SENDER_UNKNOWN;
}

/* A transaction that a person corrected; `seen`: whether it is posted as a transfer, or as what went back of one. A debit that was
 * attributed to a member and taken back waits for a person, whatever the books know by then. */
static enum sender
check_corrected(struct run *r, const struct swan_transaction *t, enum transfer_seen seen, struct err *e)
{
	enum correction_seen corrected = correction_compare(r, t);

	if (corrected == CORRECTION_AGREES || corrected == CORRECTION_CONFIRMS)
		return corrected == CORRECTION_AGREES ? SENDER_SEEN : SENDER_CONFIRMED;
	if (seen != TRANSFER_UNKNOWN || !named_is_taken_back(r, t->id))
		return check_posted(t, e);
	err_set(e, ERR_UNATTRIBUTED_DEBIT, "a person took back to which member this debit belongs");
	return SENDER_UNKNOWN;
}

enum sender
sender_find(struct run *r, const struct swan_transaction *t, const struct named_payment *payment,
            struct sender_found *found, struct err *e)
{
	bool is_corrected = correction_compare(r, t) != CORRECTION_NONE;
	enum transfer_seen seen = transfer_compare(r, t);

	*found = (struct sender_found){.payment = *payment};
	if (seen == TRANSFER_UNKNOWN)
		seen = reversal_compare(r, t);
	if (seen != TRANSFER_UNKNOWN && !is_corrected)
		return seen == TRANSFER_SAME ? SENDER_SEEN : check_posted(t, e);
	if (is_corrected)
		return check_corrected(r, t, seen, e);
	if (swan_check_clear(t, e) < 0)
		return SENDER_UNKNOWN;
	if (swan_find_money(t).moves == SWAN_MOVES_NONE || t->amount == 0)
		return SENDER_NO_MEMBER;
	return strcmp(t->side, "Debit") == 0 ? check_debit(r, t, found, e) : check_credit(r, t, found, e);
}
