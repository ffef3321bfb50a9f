/* test_container: the files in a ZIP or a gzip, and what is refused: damage, bombs, containers in containers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/answer.h"
#include "formats/container.h"
#include "formats/length.h"
#include "tests/lines.h"

#define FOLDER "fixtures/containers/"

static FILE *
open_fixture(const char *name)
{
	char path[128];
	snprintf(path, sizeof path, FOLDER "%s", name);
	FILE *f = fopen(path, "rb");
	assert_non_null(f);
	return f;
}

/* Names and sizes of the members, then the error. */
static void
list_members(FILE *in, struct lines *t)
{
	struct container *c = container_open(in);
	char name[CONTAINER_NAME], bytes[1000];
	struct err e = {0};
	int rc;

	while ((rc = container_next(c, name, &e)) == 1) {
		ptrdiff_t n, size = 0;
		while ((n = container_read(c, bytes, sizeof bytes, &e)) > 0)
			size += n;
		if (n < 0) {
			rc = -1;
			break;
		}
		put(t, "%s %ld; ", name, (long)size);
	}
	if (rc < 0)
		put(t, "%s%s%s: %s", name, name[0] ? " " : "", e.code, e.message);
	container_close(c);
	fclose(in);
}

static void
container_gives_its_files(void **state)
{
	(void)state;
	static const struct {
		const char *name, *members;
	} cases[] = {
	    {"deflated.zip", "c54/one.xml 316; c54/two.xml 632; "},
	    {"streamed.zip", "one.xml 316; two.xml 316; "},
	    {"two-parts.gz", " 632; "},
	    {"nested.zip", "inner.zip malformed_archive: it is a ZIP or gzip itself"},
	    {"bomb.zip",
	     "bomb.xml too_large: it makes more than 1 GiB, or than 200 times the size of its file"},
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct lines t = {0};
		list_members(open_fixture(cases[i].name), &t);
		if (strcmp(t.text, cases[i].members) != 0)
			fail_msg("%s: %s", cases[i].name, t.text);
	}
}

static char bytes[65536];

static size_t
load(const char *name)
{
	FILE *f = open_fixture(name);
	size_t n = fread(bytes, 1, sizeof bytes, f);
	assert_true(n > 0 && n < sizeof bytes);
	fclose(f);
	return n;
}

static FILE *
open_bytes(size_t n)
{
	FILE *f = tmpfile();
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	rewind(f);
	return f;
}

/* Whatever is cut off, the caller learns it: no member may be missed. */
static void
container_refuses_every_truncation(void **state)
{
	(void)state;
	static const char *const names[] = {"deflated.zip", "streamed.zip", "two-parts.gz"};
	for (size_t i = 0; i < LENGTH(names); i++) {
		size_t size = load(names[i]);
		for (size_t n = 4; n < size; n++) {
			struct lines t = {0};
			list_members(open_bytes(n), &t);
			if (!strstr(t.text, "malformed_archive") &&
			    !(i == 2 && strcmp(t.text, " 316; ") == 0)) /* the first part alone is a gzip */
				fail_msg("%s cut at %zu: %s", names[i], n, t.text);
		}
	}
}

/* A changed byte is noticed by a checksum, or it is in what no content depends on. */
static void
container_never_gives_changed_bytes(void **state)
{
	(void)state;
	static const char *const names[] = {"streamed.zip", "two-parts.gz"};
	for (size_t i = 0; i < LENGTH(names); i++) {
		size_t size = load(names[i]);
		for (size_t n = 4; n < size; n++) {
			char name[CONTAINER_NAME], text[1000];
			struct err e = {0};
			ptrdiff_t got = 0, more;
			bytes[n] = (char)(bytes[n] ^ 0x10);
			FILE *f = open_bytes(size);
			struct container *c = container_open(f);
			if (container_next(c, name, &e) == 1) {
				while ((more = container_read(c, text + got, sizeof text - (size_t)got, &e)) >
				       0)
					got += more;
				if (more == 0 &&
				    (got < 316 || memcmp(text, "<?xml", 5) != 0 || !strstr(text, "<MsgId>N")))
					fail_msg("%s changed at %zu: %.*s", names[i], n, (int)got, text);
			}
			container_close(c);
			fclose(f);
			bytes[n] = (char)(bytes[n] ^ 0x10);
		}
	}
}

/* The flags of a member stand in its own header and in the directory. */
static void
container_refuses_what_is_encrypted_and_what_is_empty(void **state)
{
	(void)state;
	struct lines t = {0};
	size_t size = load("deflated.zip");
	for (size_t n = 0; n + 10 < size; n++)
		if (memcmp(bytes + n, "PK\x03\x04", 4) == 0)
			bytes[n + 6] |= 1;
		else if (memcmp(bytes + n, "PK\x01\x02", 4) == 0)
			bytes[n + 8] |= 1;
	list_members(open_bytes(size), &t);
	assert_non_null(strstr(t.text, "it is encrypted"));
	memcpy(bytes, "PK\x05\x06", 4);
	memset(bytes + 4, 0, 18);
	t = (struct lines){0};
	list_members(open_bytes(22), &t);
	assert_string_equal(t.text, "malformed_archive: the ZIP is damaged, or cut off");
}

static int
entry(void *ctx, const struct answer_message *m, const struct camt_entry *n, struct err *e)
{
	(void)e;
	put(ctx, "%s %s#%ld %s:%ld %lld; ", answer_kind_word(m->kind), m->msg_id, m->nth, m->member, n->line,
	    (long long)n->amount);
	return 0;
}

static void
container_of_answers_is_read_whole_or_refused_with_its_member(void **state)
{
	(void)state;
	static const struct {
		const char *name, *entries;
	} cases[] = {
	    {"deflated.zip", "camt.054 N1#1 c54/one.xml:2 150; camt.054 N2#2 c54/two.xml:2 150; "
	                     "camt.054 N3#3 c54/two.xml:4 150; "},
	    {"two-parts.gz", "camt.054 N1#1 :2 150; camt.054 N2#2 :4 150; "},
	    {"unknown.zip",
	     "camt.054 N1#1 one.xml:2 150; malformed_xml 1: notes/read me.txt in the ZIP: the document "
	     "is not XML: it does not begin with \"<\""},
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct lines t = {0};
		struct answer_reader printing = {.entry = entry};
		struct err e = {0};
		if (read_file(open_fixture(cases[i].name), &t, printing, &e) != 0)
			put(&t, "%s %ld: %s", e.code, e.line, e.message);
		assert_string_equal(t.text, cases[i].entries);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(container_gives_its_files),
	    cmocka_unit_test(container_refuses_every_truncation),
	    cmocka_unit_test(container_never_gives_changed_bytes),
	    cmocka_unit_test(container_refuses_what_is_encrypted_and_what_is_empty),
	    cmocka_unit_test(container_of_answers_is_read_whole_or_refused_with_its_member),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
