/* sink: every byte once and in order, the digest of just those bytes, and errors that stick. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/sink.h"

struct memory {
	char *bytes;
	size_t n;
	int calls, fail_at; /* the call that fails, from 1; 0 = none */
};

static int
write_memory(void *ctx, const void *bytes, size_t n)
{
	struct memory *m = ctx;

	if (++m->calls == m->fail_at)
		return -1;
	m->bytes = realloc(m->bytes, m->n + n);
	assert_non_null(m->bytes);
	memcpy(m->bytes + m->n, bytes, n);
	m->n += n;
	return 0;
}

static void
assert_digest_of(const unsigned char digest[SHA256_SIZE], const void *bytes, size_t n)
{
	unsigned char expected[SHA256_SIZE];

	sha256(bytes, n, expected);
	assert_memory_equal(digest, expected, SHA256_SIZE);
}

static void
sha256_agrees_with_fips_180(void **state)
{
	static const struct {
		const char *text, *hex;
	} cases[] = {
	    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
	    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		unsigned char digest[SHA256_SIZE], back[SHA256_SIZE];
		char text[SHA256_TEXT];

		sha256(cases[i].text, strlen(cases[i].text), digest);
		assert_string_equal(sha256_print(text, digest), cases[i].hex);
		assert_int_equal(sha256_parse(text, back), 0);
		assert_memory_equal(back, digest, SHA256_SIZE);
	}
}

static void
sha256_refuses_what_is_not_64_hex_digits(void **state)
{
	char text[SHA256_TEXT + 1] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
	unsigned char digest[SHA256_SIZE] = {7};

	(void)state;
	text[64] = '0';
	assert_int_equal(sha256_parse(text, digest), -1);
	text[63] = '\0';
	assert_int_equal(sha256_parse(text, digest), -1);
	assert_int_equal(sha256_parse("", digest), -1);
	text[63] = 'g';
	text[64] = '\0';
	assert_int_equal(sha256_parse(text, digest), -1);
	assert_int_equal(digest[0], 7);
}

static void
sink_of_nothing_is_empty(void **state)
{
	struct memory m = {0};
	struct sink *s = sink_new(write_memory, &m);
	unsigned char digest[SHA256_SIZE];
	int64_t size = -1;

	(void)state;
	assert_int_equal(sink_end(s, digest, &size), 0);
	assert_int_equal(size, 0);
	assert_int_equal(m.calls, 0);
	assert_digest_of(digest, "", 0);
}

/* Pieces of every length around the size of the buffer come out whole. */
static void
sink_keeps_every_byte_in_order(void **state)
{
	static const size_t pieces[] = {0, 1, 65535, 65536, 65537, 3, 200000, 131072, 17};
	struct memory m = {0};
	struct sink *s = sink_new(write_memory, &m);
	unsigned char digest[SHA256_SIZE];
	size_t total = 0, at = 0;
	char *all;
	int64_t size;

	(void)state;
	for (size_t i = 0; i < LENGTH(pieces); i++)
		total += pieces[i];
	all = malloc(total);
	assert_non_null(all);
	for (size_t i = 0; i < total; i++)
		all[i] = (char)(i * 2654435761u >> 13);
	for (size_t i = 0; i < LENGTH(pieces); at += pieces[i++])
		sink_put(s, all + at, pieces[i]);
	assert_int_equal(sink_end(s, digest, &size), 0);
	assert_int_equal(size, total);
	assert_int_equal(m.n, total);
	assert_memory_equal(m.bytes, all, total);
	assert_digest_of(digest, all, total);
	free(all);
	free(m.bytes);
}

/* The character and its bytes stay together, wherever in the buffer they stand. */
static void
sink_puts_bytes_after_a_character(void **state)
{
	static const char bytes[] = "0123456789";
	size_t filled, n;

	(void)state;
	for (filled = 65536 - 14; filled <= 65536 + 2; filled++)
		for (n = 0; n <= 10; n += 5) {
			struct memory m = {0};
			struct sink *s = sink_new(write_memory, &m);
			char *all = calloc(1, filled);

			assert_non_null(all);
			sink_put(s, all, filled);
			sink_put_after(s, ';', bytes, n);
			sink_put(s, "!", 1);
			assert_int_equal(sink_size(s), filled + n + 2);
			assert_int_equal(sink_end(s, NULL, NULL), 0);
			assert_int_equal(m.n, filled + n + 2);
			assert_int_equal(m.bytes[filled], ';');
			assert_memory_equal(m.bytes + filled + 1, bytes, n);
			assert_int_equal(m.bytes[filled + 1 + n], '!');
			free(all);
			free(m.bytes);
		}
}

static void
sink_prints_every_integer(void **state)
{
	static const struct {
		int64_t number;
		const char *text;
	} cases[] = {{0, "0"},
	             {7, "7"},
	             {10, "10"},
	             {-1, "-1"},
	             {-100, "-100"},
	             {1234567890123, "1234567890123"},
	             {INT64_MAX, "9223372036854775807"},
	             {INT64_MIN, "-9223372036854775808"}};
	char room[32];
	struct sink_text text = {.at = room, .size = sizeof(room)};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		struct sink *s = sink_into(&text);

		sink_int(s, cases[i].number);
		assert_int_equal(sink_end(s, NULL, NULL), 0);
		assert_string_equal(room, cases[i].text);
	}
}

static void
sink_prints_texts_of_every_length(void **state)
{
	static char longest[200001];
	struct memory m = {0};
	struct sink *s = sink_new(write_memory, &m);
	unsigned char digest[SHA256_SIZE];
	char line[32];
	size_t at = 0;

	(void)state;
	memset(longest, 'x', sizeof(longest) - 1);
	for (int i = 0; i < 20000; i++)
		sink_print(s, "%d;%s\n", i, "line");
	sink_print(s, "<%s>", longest);
	sink_text(s, "end");
	assert_int_equal(sink_end(s, digest, NULL), 0);
	for (int i = 0; i < 20000; i++) {
		size_t n = (size_t)snprintf(line, sizeof(line), "%d;line\n", i);

		assert_memory_equal(m.bytes + at, line, n);
		at += n;
	}
	assert_int_equal(m.n, at + sizeof(longest) - 1 + 5);
	assert_memory_equal(m.bytes + m.n - 5, "x>end", 5);
	assert_digest_of(digest, m.bytes, m.n);
	free(m.bytes);
}

static void
sink_shows_nothing_that_a_terminal_obeys(void **state)
{
	struct memory m = {0};
	struct sink *s = sink_new(write_memory, &m);

	(void)state;
	sink_clean(s, "é\x1B[2J\xC2\x9B\xE2\x80\xAE");
	sink_clean_part(s, "é", 1);
	sink_clean_part(s, "\n", 0);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_int_equal(m.n, strlen("é?[2J???"));
	assert_memory_equal(m.bytes, "é?[2J???", m.n);
	free(m.bytes);
}

static void
sink_errors_are_sticky(void **state)
{
	static char block[65536];
	struct memory m = {.fail_at = 2};
	struct sink *s = sink_new(write_memory, &m);
	unsigned char digest[SHA256_SIZE] = {5};
	int64_t size = 5;

	(void)state;
	for (int i = 0; i < 10; i++)
		sink_put(s, block, sizeof(block));
	sink_text(s, "more");
	sink_print(s, "%d", 1);
	assert_int_equal(sink_end(s, digest, &size), -1);
	assert_int_equal(m.calls, 2);
	assert_int_equal(m.n, sizeof(block));
	assert_int_equal(size, 5);
	assert_int_equal(digest[0], 5);
	free(m.bytes);
}

static void
sink_fails_at_the_last_flush(void **state)
{
	struct memory m = {.fail_at = 1};
	struct sink *s = sink_new(write_memory, &m);

	(void)state;
	sink_text(s, "short");
	assert_int_equal(sink_end(s, NULL, NULL), -1);
}

static void
sink_fails_when_its_writer_says_so(void **state)
{
	struct memory m = {0};
	struct sink *s = sink_new(write_memory, &m);

	(void)state;
	sink_text(s, "half a record");
	sink_fail(s);
	sink_text(s, "more");
	assert_int_equal(sink_end(s, NULL, NULL), -1);
	assert_int_equal(m.calls, 0);
}

/* What was put counts at once, in whatever pieces and whether it left the buffer or not. */
static void
sink_gives_its_size_at_any_time(void **state)
{
	static const size_t pieces[] = {0, 1, 65534, 1, 1, 65536, 200000, 7};
	static char bytes[200000];
	struct memory m = {0};
	struct sink *s = sink_new(write_memory, &m);
	int64_t total = 0, size = 0;

	(void)state;
	assert_int_equal(sink_size(s), 0);
	for (size_t i = 0; i < LENGTH(pieces); i++) {
		sink_put(s, bytes, pieces[i]);
		total += (int64_t)pieces[i];
		assert_int_equal(sink_size(s), total);
	}
	sink_text(s, "seven!!");
	sink_print(s, "%d and %s", 7, "more");
	assert_int_equal(sink_size(s), total + 7 + 10);
	sink_print(s, "%70000d", 1);
	assert_int_equal(sink_size(s), total + 7 + 10 + 70000);
	assert_int_equal(sink_end(s, NULL, &size), 0);
	assert_int_equal(size, total + 7 + 10 + 70000);
	assert_int_equal(m.n, size);
	free(m.bytes);
}

static void
plain_sink_keeps_every_byte_and_has_no_digest(void **state)
{
	static char block[70000];
	struct memory m = {0};
	struct sink *s = sink_new_plain(write_memory, &m);
	unsigned char digest[SHA256_SIZE] = {5};
	int64_t size = -1;

	(void)state;
	memset(block, 'x', sizeof(block));
	sink_put(s, block, sizeof(block));
	sink_print(s, "%s", "end");
	assert_int_equal(sink_size(s), sizeof(block) + 3);
	assert_int_equal(sink_end(s, NULL, &size), 0);
	assert_int_equal(size, sizeof(block) + 3);
	assert_int_equal(m.n, sizeof(block) + 3);
	assert_memory_equal(m.bytes, block, sizeof(block));
	assert_memory_equal(m.bytes + sizeof(block), "end", 3);

	s = sink_new_plain(write_memory, &m);
	sink_text(s, "more");
	size = -1;
	assert_int_equal(sink_end(s, digest, &size),
	                 -1); /* a digest that nobody made must not look like one */
	assert_int_equal(digest[0], 5);
	assert_int_equal(size, -1);
	free(m.bytes);
}

static void
plain_sink_errors_are_sticky(void **state)
{
	static char block[65536];
	struct memory m = {.fail_at = 1};
	struct sink *s = sink_new_plain(write_memory, &m);

	(void)state;
	sink_put(s, block, sizeof(block));
	sink_put(s, block, sizeof(block));
	assert_int_equal(sink_end(s, NULL, NULL), -1);
	assert_int_equal(m.calls, 1);
	assert_int_equal(m.n, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sha256_agrees_with_fips_180),
	    cmocka_unit_test(sha256_refuses_what_is_not_64_hex_digits),
	    cmocka_unit_test(sink_of_nothing_is_empty),
	    cmocka_unit_test(sink_keeps_every_byte_in_order),
	    cmocka_unit_test(sink_puts_bytes_after_a_character),
	    cmocka_unit_test(sink_prints_every_integer),
	    cmocka_unit_test(sink_prints_texts_of_every_length),
	    cmocka_unit_test(sink_shows_nothing_that_a_terminal_obeys),
	    cmocka_unit_test(sink_errors_are_sticky),
	    cmocka_unit_test(sink_fails_at_the_last_flush),
	    cmocka_unit_test(sink_fails_when_its_writer_says_so),
	    cmocka_unit_test(sink_gives_its_size_at_any_time),
	    cmocka_unit_test(plain_sink_keeps_every_byte_and_has_no_digest),
	    cmocka_unit_test(plain_sink_errors_are_sticky),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
