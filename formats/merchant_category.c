/* merchant_category: see merchant_category.h.
 *
 * The rows of both tables stand in the order of their codes, which the search needs and test_merchant_category
 * checks.
 */
#include "formats/length.h"
#include "formats/merchant_category.h"

#include <stdlib.h>
#include <string.h>

#define CODES 10000

static const struct category {
	const char *code, *en, *fr;
} categories[] = {
#include "formats/data/merchant_categories.inc"
};

static const struct range {
	const char *first, *last, *en, *fr;
} ranges[] = {
#include "formats/data/merchant_category_ranges.inc"
};

static int
compare_category(const void *code, const void *row)
{
	return strcmp(code, ((const struct category *)row)->code);
}

static int
compare_range(const void *code, const void *row)
{
	const struct range *r = row;

	return strcmp(code, r->first) < 0 ? -1 : strcmp(code, r->last) > 0;
}

/* NULL when the code is unknown. */
static const char *
merchant_category_find(const char *code, enum merchant_category_lang lang)
{
	const struct category *c;
	const struct range *r;

	if (strlen(code) != 4 || strspn(code, "0123456789") != 4)
		return NULL;
	c = bsearch(code, categories, LENGTH(categories), sizeof(categories[0]), compare_category);
	if (c != NULL)
		return lang == MERCHANT_CATEGORY_EN ? c->en : c->fr;
	r = bsearch(code, ranges, LENGTH(ranges), sizeof(ranges[0]), compare_range);
	if (r != NULL)
		return lang == MERCHANT_CATEGORY_EN ? r->en : r->fr;
	return NULL;
}

const char *
merchant_category_label(const char *code, enum merchant_category_lang lang)
{
	const char *label = merchant_category_find(code, lang);

	return label == NULL ? code : label;
}

/* Counts up; false after 9999. */
static bool
increment(char code[static 5])
{
	int i;

	for (i = 3; i >= 0; i--) {
		if (code[i]++ < '9')
			return true;
		code[i] = '0';
	}
	return false;
}

bool
merchant_category_next(char code[static 5])
{
	bool more = true;

	if (code[0] == '\0')
		memcpy(code, "0000", 5);
	else
		more = increment(code);
	while (more && merchant_category_find(code, MERCHANT_CATEGORY_EN) == NULL)
		more = increment(code);
	return more;
}
