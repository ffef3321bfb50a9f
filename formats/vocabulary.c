/* vocabulary: see vocabulary.h. The table is made by formats/data/vocabulary.awk when the program is built. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/vocabulary.h"

static const char *const vocabulary[] = {
#include "formats/data/vocabulary.inc"
};

static int
compare_words(const void *key, const void *row)
{
	return strcmp(key, *(const char *const *)row);
}

bool
vocabulary_has(const char *word)
{
	char small[32];
	size_t i, n = strlen(word);

	if (n == 0 || n >= sizeof(small))
		return false;
	for (i = 0; i <= n; i++)
		small[i] = (char)tolower((unsigned char)word[i]);
	return bsearch(small, vocabulary, LENGTH(vocabulary), sizeof(vocabulary[0]), compare_words) != NULL;
}
