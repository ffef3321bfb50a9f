/* merchant: see merchant.h. Writes the table merchant. */
#include "stages/core/cards/merchant.h"

static void
bind_words(struct stmt *q, const struct swan_transaction *t)
{
	bind_text(q, "$id", t->merchant_id);
	bind_text(q, "$name", t->merchant_name);
	bind_text(q, "$city", t->merchant_city);
	bind_text(q, "$country", t->merchant_country);
	bind_text(q, "$postal", t->merchant_postal_code);
	bind_text(q, "$mcc", t->merchant_category_code);
}

static int64_t
find(struct store *db, const struct swan_transaction *t)
{
	struct stmt *q = sql(db,
	    "SELECT number"
	    " FROM merchant"
	    " WHERE id IS NOT DISTINCT FROM $id"
	    "  AND name IS NOT DISTINCT FROM $name"
	    "  AND city IS NOT DISTINCT FROM $city"
	    "  AND country IS NOT DISTINCT FROM $country"
	    "  AND postal_code IS NOT DISTINCT FROM $postal"
	    "  AND category_code IS NOT DISTINCT FROM $mcc");

	bind_words(q, t);
	return value(q, 0);
}

static int64_t
insert(struct store *db, const struct swan_transaction *t)
{
	int64_t number = store_number(db, "merchant");
	struct stmt *q =
	    sql(db,
	    "INSERT INTO merchant (number, id, name, city, country, postal_code, category_code)"
	    " VALUES ($number, $id, $name, $city, $country, $postal, $mcc)");

	bind_int(q, "$number", number);
	bind_words(q, t);
	exec(q);
	return number;
}

bool
merchant_is_named(const struct swan_transaction *t)
{
	return t->merchant_id != NULL || t->merchant_name != NULL || t->merchant_city != NULL ||
	       t->merchant_country != NULL || t->merchant_postal_code != NULL ||
	       t->merchant_category_code != NULL;
}

int64_t
merchant_number(struct store *db, const struct swan_transaction *t)
{
	int64_t number;

	if (!merchant_is_named(t))
		return 0;
	number = find(db, t);
	return number != 0 ? number : insert(db, t);
}
