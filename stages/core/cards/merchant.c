/* merchant: see merchant.h. Writes the table merchant. */
#include <string.h>

#include "formats/length.h"
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

static int64_t
load(struct store *db, const struct swan_transaction *t)
{
	int64_t number = find(db, t);

	return number != 0 ? number : insert(db, t);
}

/* All words one after the other: of each a byte that says whether it is there, and the word with its NUL. Returns the size; 0: they
 * do not fit. */
static size_t
join(const struct swan_transaction *t, char words[MERCHANT_WORDS])
{
	const char *const word[] = {t->merchant_id,      t->merchant_name,        t->merchant_city,
	                            t->merchant_country, t->merchant_postal_code, t->merchant_category_code};
	size_t i, n, used = 0;

	for (i = 0; i < LENGTH(word); i++) {
		n = word[i] == NULL ? 0 : strlen(word[i]) + 1;
		if (used + 1 + n > MERCHANT_WORDS)
			return 0;
		words[used++] = word[i] == NULL ? '-' : '+';
		if (n > 0)
			memcpy(words + used, word[i], n);
		used += n;
	}
	return used;
}

static size_t
place(const char *words, size_t size)
{
	uint32_t hash = 2166136261u; /* FNV-1a */

	while (size-- > 0)
		hash = (hash ^ (unsigned char)*words++) * 16777619u;
	return (hash ^ hash >> 16) % MERCHANTS;
}

int64_t
merchant_number(struct store *db, struct merchant_table *met, const struct swan_transaction *t)
{
	char words[MERCHANT_WORDS];
	size_t size, at;

	if (!merchant_is_named(t))
		return 0;
	size = join(t, words);
	if (size == 0)
		return load(db, t);
	at = place(words, size);
	if (met->row[at].number == 0 || met->row[at].size != size ||
	    memcmp(met->row[at].words, words, size) != 0) {
		met->row[at].number = load(db, t);
		met->row[at].size = size;
		memcpy(met->row[at].words, words, size);
	}
	return met->row[at].number;
}
