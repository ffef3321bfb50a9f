/* transactions_csv: Swan's transactions between import and post, one in each row.
 *
 * units    amount_cents is never negative: side carries the sign; euro only
 * refuses  what the reader of Swan's pages refuses too: no id, another currency, no side
 * Other programs read the columns in this order.
 */
#include <stddef.h>
#include <string.h>

#include "formats/csv_record.h"
#include "formats/length.h"
#include "formats/swan.h"

#define AT(member) offsetof(struct swan_transaction, member)
#define TEXT(name) #name, AT(name), MEMBER_TEXT, false, false
#define MUST(name) #name, AT(name), MEMBER_TEXT, true, false

static const struct csv_member members[] = {
    {MUST(id)},
    {MUST(type)},
    {MUST(side)},
    {MUST(status)},
    {"amount_cents", AT(amount), MEMBER_CENTS, true, false},
    {MUST(currency)},
    {"created_at", AT(created_at), MEMBER_INSTANT, true, false},
    {"updated_at", AT(updated_at), MEMBER_INSTANT, true, false},
    {"execution_date", AT(execution_at), MEMBER_INSTANT, false, false},
    {TEXT(payment_id)},
    {TEXT(origin_transaction_id)},
    {TEXT(reference)},
    {TEXT(account_id)},
    {TEXT(card_id)},
    {TEXT(account_membership_id)},
    {TEXT(masked_pan)},
    {TEXT(authorization_type)},
    {TEXT(merchant_id)},
    {TEXT(merchant_name)},
    {TEXT(merchant_city)},
    {TEXT(merchant_country)},
    {TEXT(merchant_postal_code)},
    {TEXT(merchant_category_code)},
    {TEXT(merchant_category)},
    {TEXT(rejected_reason)},
    {TEXT(released_reason)},
    {"released_at", AT(released_at), MEMBER_INSTANT, false, false},
    {"pending_end_at", AT(pending_end_at), MEMBER_INSTANT, false, false},
    {"booked_at", AT(booked_at), MEMBER_INSTANT, false, false},
    {TEXT(value_date)},
    {TEXT(original_amount)},
    {TEXT(original_currency)},
    {TEXT(counterparty)},
    {TEXT(label)},
    {TEXT(external_reference)},
    {TEXT(return_reason)},
    {TEXT(counterparty_account)},
};

/* A file that was written before the last column existed is read without it. */
enum { MEMBERS = LENGTH(members), MUST_HAVE = MEMBERS - 1 };

static void
transactions_csv_list_columns(const char *columns[static MEMBERS])
{
	int i;

	for (i = 0; i < MEMBERS; i++)
		columns[i] = members[i].column;
}

static int
transactions_csv_check(const struct swan_transaction *t, long line, struct err *e)
{
	if (t->amount < 0)
		return err_at(e, line, 0, ERR_INVALID_AMOUNT,
		              "amount_cents is negative: side gives the sign");
	if (strcmp(t->currency, "EUR") != 0)
		return err_at(e, line, 0, ERR_INVALID_AMOUNT, "currency is not EUR");
	if (strcmp(t->side, "Debit") != 0 && strcmp(t->side, "Credit") != 0)
		return err_at(e, line, 0, ERR_BAD_FIELD, "side must be Debit or Credit");
	return 0;
}

void
transactions_csv_header(struct csv *c)
{
	const char *columns[MEMBERS];

	transactions_csv_list_columns(columns);
	csv_header(c, columns, MEMBERS);
}

void
transactions_csv_write(struct csv *c, const struct swan_transaction *t)
{
	struct err e;

	if (t->currency == NULL || t->side == NULL || transactions_csv_check(t, 0, &e) != 0)
		sink_fail(c->sink);
	csv_record_write(c, members, MEMBERS, t);
}

struct transactions_csv_reading {
	transactions_csv_fn *row;
	void *ctx;
};

static int
transactions_csv_take_row(void *ctx, long line, const char *const value[], struct err *e)
{
	struct transactions_csv_reading *r = ctx;
	struct swan_transaction t;

	if (csv_record_read(members, MEMBERS, value, line, &t, e) != 0 ||
	    transactions_csv_check(&t, line, e) != 0)
		return -1;
	return r->row(r->ctx, line, &t, e);
}

int
transactions_csv_read(FILE *in, transactions_csv_fn *row, void *ctx, struct err *e)
{
	struct transactions_csv_reading r = {row, ctx};
	const char *columns[MEMBERS];

	transactions_csv_list_columns(columns);
	return csv_read(in, columns, MEMBERS, MUST_HAVE, transactions_csv_take_row, &r, e);
}

size_t
swan_transaction_pack(const struct swan_transaction *t, char *to, size_t room)
{
	return csv_record_pack(members, MEMBERS, t, to, room);
}

void
swan_transaction_unpack(const char *from, struct swan_transaction *t)
{
	csv_record_unpack(members, MEMBERS, from, t);
}
