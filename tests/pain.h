/* pain.h: what the tests of both payment initiations share: a file in memory, and schemas that may be absent. */
#ifndef TESTS_PAIN_H
#define TESTS_PAIN_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/iban.h"
#include "formats/xml.h"
#include "tests/text.h"

#define SHARED "../shared/iso20022/"

struct bytes {
	char at[65536];
	size_t length;
};

static const struct iban french = {"FR7630006000011234567890189"}, german = {"DE89370400440532013000"};

static int
keep(void *ctx, const void *bytes, size_t n)
{
	struct bytes *b = ctx;
	if (n >= sizeof b->at - b->length)
		return -1;
	memcpy(b->at + b->length, bytes, n);
	b->length += n;
	b->at[b->length] = '\0';
	return 0;
}

static char *
read_whole(const char *path, size_t *length)
{
	FILE *f = fopen(path, "rb");
	if (!f) {
		print_message("# skipped: %s is not here\n", path);
		return NULL;
	}
	char *text = malloc(1 << 20);
	assert_non_null(text);
	*length = fread(text, 1, 1 << 20, f);
	assert_true(feof(f) && *length > 0);
	fclose(f);
	return text;
}

/* The schemas that are here take the sample, which `write` makes, with each way of booking. */
static void
check_schemas(const char *const *schemas, size_t n, void (*write)(unsigned booking, struct bytes *b))
{
	static struct bytes b;
	struct err e;
	for (size_t i = 0; i < n; i++) {
		size_t length;
		char *xsd = read_whole(schemas[i], &length);
		for (unsigned booking = 0; xsd && booking < 3; booking++) {
			write(booking, &b);
			FILE *f = open_text(b.at);
			if (xml_validate(f, xsd, length, &e))
				fail_msg("%s: %ld: %s", schemas[i], e.line, e.message);
			fclose(f);
		}
		free(xsd);
	}
}

#endif
