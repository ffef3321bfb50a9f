/* payment_supports_csv: Swan's cards with the membership each belongs to, and memberships without a card.
 *
 * Without a card its columns are empty, but for created_at and updated_at, which are then the membership's.
 * Other programs read the columns in this order.
 */
#include <stddef.h>

#include "formats/csv_record.h"
#include "formats/length.h"
#include "formats/swan.h"

#define AT(member)      offsetof(struct swan_payment_support, member)
#define CARD(name)      #name, AT(name), MEMBER_TEXT, false, true
#define CARD_MUST(name) #name, AT(name), MEMBER_TEXT, true, true
#define CARD_IS(name)   #name, AT(name), MEMBER_TRUTH, true, true
#define TEXT(name)      #name, AT(name), MEMBER_TEXT, false, false
#define MUST(name)      #name, AT(name), MEMBER_TEXT, true, false
#define WHEN(name)      #name, AT(name), MEMBER_INSTANT, true, false

static const struct csv_member members[] = {
    {CARD(card_id)},
    {CARD_MUST(type)},
    {CARD_MUST(status)},
    {WHEN(created_at)},
    {WHEN(updated_at)},
    {CARD(name)},
    {CARD(masked_number)},
    {CARD_IS(e_commerce)},
    {CARD_IS(withdrawal)},
    {CARD_IS(international)},
    {CARD_IS(non_main_currency)},
    {CARD_IS(is_provisioned)},
    {MUST(account_membership_id)},
    {MUST(membership_status)},
    {TEXT(membership_email)},
    {TEXT(first_name)},
    {TEXT(last_name)},
    {CARD(spending_limits)},
};

enum { MEMBERS = LENGTH(members) };

static void
payment_supports_csv_list_columns(const char *columns[static MEMBERS])
{
	int i;

	for (i = 0; i < MEMBERS; i++)
		columns[i] = members[i].column;
}

void
payment_supports_csv_header(struct csv *c)
{
	const char *columns[MEMBERS];

	payment_supports_csv_list_columns(columns);
	csv_header(c, columns, MEMBERS);
}

void
payment_supports_csv_write(struct csv *c, const struct swan_payment_support *p)
{
	csv_record_write(c, members, MEMBERS, p);
}

struct payment_supports_csv_reading {
	payment_supports_csv_fn *row;
	void *ctx;
};

static int
payment_supports_csv_take_row(void *ctx, long line, const char *const value[], struct err *e)
{
	struct payment_supports_csv_reading *r = ctx;
	struct swan_payment_support p;

	if (csv_record_read(members, MEMBERS, value, line, &p, e) != 0)
		return -1;
	return r->row(r->ctx, line, &p, e);
}

int
payment_supports_csv_read(FILE *in, payment_supports_csv_fn *row, void *ctx, struct err *e)
{
	struct payment_supports_csv_reading r = {row, ctx};
	const char *columns[MEMBERS];

	payment_supports_csv_list_columns(columns);
	return csv_read(in, columns, MEMBERS, MEMBERS, payment_supports_csv_take_row, &r, e);
}
