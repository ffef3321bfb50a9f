/* list: see list.h.
 *
 * source   RFC 4180; shared with the import: the column order, and that absent and empty are the same
 */
#include "tests/fakeswan/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fakeswan/items.h"

#define PAGE 100

static void
put(const char *text)
{
	const char *c;

	if (text == NULL)
		return;
	if (strpbrk(text, ",\"\r\n") == NULL) {
		fputs(text, stdout);
		return;
	}
	putchar('"');
	for (c = text; *c != '\0'; c++) {
		if (*c == '"')
			putchar('"');
		putchar(*c);
	}
	putchar('"');
}

/* The field after the first of its record. */
static void
next(const char *text)
{
	putchar(',');
	put(text);
}

static void
next_instant(instant at)
{
	char text[INSTANT_TEXT];

	next(at == INSTANT_NONE ? "" : instant_print(text, at));
}

static void
next_truth(bool truth)
{
	next(truth ? "true" : "false");
}

static void
put_status(const struct transaction_item *item)
{
	bool is_booked = strcmp(item->status, "Booked") == 0,
	     is_released = strcmp(item->status, "Released") == 0;

	next(strcmp(item->status, "Rejected") == 0 ? item->reason : "");
	next(is_released ? item->reason : "");
	next_instant(is_released ? item->since : INSTANT_NONE);
	next_instant(strcmp(item->status, "Pending") == 0 ? item->pending_end_at : INSTANT_NONE);
	next_instant(is_booked ? item->since : INSTANT_NONE);
	next_instant(is_booked ? item->since - item->since % DAY_MS : INSTANT_NONE);
}

static void
put_merchant(const struct transaction_item *item)
{
	bool has = item->has_card;

	next(has ? item->card : "");
	next(has ? item->membership : "");
	next(has ? item->masked_pan : "");
	next(item->authorization_type);
	next(has ? item->merchant_id : "");
	next(has ? item->shop.name : "");
	next(has ? item->shop.city : "");
	next(has ? item->shop.country : "");
	next(has ? item->shop.postal_code : "");
	next(has ? item->shop.code : "");
	next(has ? item->shop.category : "");
}

static void
put_transaction(const struct transaction_item *item)
{
	put(item->id);
	next(item->type);
	next(item->side);
	next(item->status);
	printf(",%lld", (long long)item->cents);
	next(item->currency);
	next_instant(item->created_at);
	next_instant(item->updated_at);
	next_instant(item->execution_at);
	next(item->payment);
	next(item->origin);
	next(item->reference);
	next(item->account);
	put_merchant(item);
	put_status(item);
	next(item->original_amount);
	next(item->original_currency);
	next(item->counterparty);
	next(item->label);
	next(item->external_reference);
	next("");
	next("");
	putchar('\n');
}

/* Rows that the fault `growing` adds: the copies that the server makes before the second page of the window. */
static void
grow(struct world *w, instant from, instant to, instant now)
{
	const struct faulty *growing = fault_find(&w->faults, FAULT_GROWING);
	size_t first = list_find(&w->by_update, from), rows = list_find(&w->by_update, to) - first, i;

	if (growing == NULL || rows <= PAGE)
		return;
	for (i = 0; i < rows && (long)i < growing->count; i++)
		world_copy(w, w->by_update.row[first + i].index);
	world_look(w, now);
}

void
list_transactions(struct world *w, instant from, instant to, instant now)
{
	size_t i, end;
	long held = 0;

	world_look(w, now);
	grow(w, from, to, now);
	end = list_find(&w->by_update, to);
	puts(
	    "id,type,side,status,amount_cents,currency,created_at,updated_at,execution_date,payment_id,"
	    "origin_transaction_id,reference,account_id,card_id,account_membership_id,masked_pan,"
	    "authorization_type,merchant_id,merchant_name,merchant_city,merchant_country,merchant_postal_code,"
	    "merchant_category_code,merchant_category,rejected_reason,released_reason,released_at,pending_end_at,"
	    "booked_at,value_date,original_amount,original_currency,counterparty,label,external_reference,"
	    "return_reason,counterparty_account");
	for (i = list_find(&w->by_update, from); i < end; i++) {
		struct transaction_item item;

		item_transaction(w, w->by_update.row[i].index, now, &item);
		if (item.is_held)
			held++;
		else
			put_transaction(&item);
	}
	if (held > 0)
		fprintf(stderr, "%ld held\n", held);
}

static void
put_limits(const struct card_item *item)
{
	char text[512] = "";
	size_t n = 0;
	int i;

	for (i = 0; i < item->limits; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s/%s/%ld/%s", i > 0 ? "|" : "",
		                      item->limit[i].type, item->limit[i].period, item->limit[i].cents,
		                      item->limit[i].currency);
	next(text);
}

static void
put_member(const struct membership_item *m)
{
	next(m->id);
	next(m->status);
	next(m->email);
	next(m->first_name);
	next(m->last_name);
}

static void
put_card(const struct card_item *item)
{
	put(item->id);
	next(item->type);
	next(item->status);
	next_instant(item->created_at);
	next_instant(item->updated_at);
	next(item->name);
	next(item->masked_number);
	next_truth(item->e_commerce);
	next_truth(item->withdrawal);
	next_truth(item->international);
	next_truth(item->non_main_currency);
	next_truth(item->wallets > 0);
	put_member(&item->membership);
	put_limits(item);
	putchar('\n');
}

/* Created, updated; the columns of the card around them are empty. */
static void
put_lone_member(const struct membership_item *m)
{
	fputs(",,", stdout);
	next_instant(m->created_at);
	next_instant(m->updated_at);
	fputs(",,,,,,,", stdout);
	put_member(m);
	puts(",");
}

static int
by_id(const void *a, const void *b)
{
	return id_compare(((const struct seen *)a)->id, ((const struct seen *)b)->id);
}

void
list_payment_supports(struct world *w, instant now)
{
	bool *has_card = must_alloc((size_t)w->members, sizeof(*has_card));
	size_t i;

	world_look(w, now);
	qsort(w->people.row, w->people.n, sizeof(struct seen), by_id);
	qsort(w->cards_by_age.row, w->cards_by_age.n, sizeof(struct seen), by_id);
	for (i = 0; i < w->cards_by_age.n; i++)
		has_card[w->card[w->cards_by_age.row[i].index].owner] = true;
	puts(
	    "card_id,type,status,created_at,updated_at,name,masked_number,e_commerce,withdrawal,international,"
	    "non_main_currency,is_provisioned,account_membership_id,membership_status,membership_email,first_name,"
	    "last_name,spending_limits");
	for (i = 0; i < w->people.n; i++) {
		struct membership_item item;

		item_membership(w, w->people.row[i].index, now, &item);
		if (!has_card[w->people.row[i].index])
			put_lone_member(&item);
	}
	for (i = 0; i < w->cards_by_age.n; i++) {
		struct card_item item;

		item_card(w, w->cards_by_age.row[i].index, now, &item);
		put_card(&item);
	}
	free(has_card);
}
