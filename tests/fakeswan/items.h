/* items: transactions, cards and members as Swan shows them, value by value, at an instant.
 *
 * One source for two writers that share nothing else: answer.c writes JSON, list.c writes the CSV that the import must make
 * of that JSON.
 */
#ifndef TESTS_FAKESWAN_ITEMS_H
#define TESTS_FAKESWAN_ITEMS_H

#include "tests/fakeswan/world.h"

#define AMOUNT_TEXT 32

struct shop {
	const char *name, *city, *country, *postal_code, *code, *category;
};

struct transaction_item {
	const char *branch, *status_branch; /* __typename of the transaction and of its statusInfo */
	char id[ID_TEXT], payment[ID_TEXT], origin[ID_TEXT], account[ID_TEXT], card[ID_TEXT],
	    membership[ID_TEXT];
	const char *type, *side, *status, *reason, *currency, *authorization_type;
	char amount[AMOUNT_TEXT];
	cents cents;
	bool is_held; /* its amount is not valid: the import holds it */
	bool has_card;
	instant created_at, updated_at, execution_at, since, pending_end_at;
	char reference[16], merchant_id[16], masked_pan[20], original_amount[AMOUNT_TEXT];
	const char *original_currency, *label, *counterparty, *external_reference;
	struct shop shop;
};

struct limit {
	const char *type, *period, *value, *currency;
	long cents;
};

#define MOST_LIMITS 4

struct membership_item {
	char id[ID_TEXT], email[EMAIL_TEXT];
	const char *status, *first_name, *last_name; /* names NULL: not known */
	char status_branch[64];
	bool is_bound; /* names of its user, not of the invitation */
	instant created_at, updated_at;
};

struct card_item {
	char id[ID_TEXT], masked_number[20];
	const char *type, *status, *name;
	instant created_at, updated_at;
	bool e_commerce, withdrawal, international, non_main_currency;
	int wallets;
	bool has_limits;
	struct limit limit[MOST_LIMITS];
	int limits;
	struct membership_item membership;
};

void item_transaction(const struct world *w, int index, instant now, struct transaction_item *item);
void item_membership(const struct world *w, int index, instant now, struct membership_item *item);
void item_card(const struct world *w, int index, instant now, struct card_item *item);

#endif
