/* text: what tests of readers do with a text: open it as a file, or change a word of it. */
#ifndef TESTS_TEXT_H
#define TESTS_TEXT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline FILE *
open_text(const char *text)
{
	FILE *in = tmpfile();

	assert_non_null(in);
	assert_true(fputs(text, in) >= 0);
	rewind(in);
	return in;
}

/* `text` with its first `from` replaced by `to`. */
static inline char *
replaced(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	size_t size = strlen(text) + strlen(to) + 1;
	char *changed = malloc(size);

	assert_non_null(at);
	assert_non_null(changed);
	snprintf(changed, size, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return changed;
}

#endif
