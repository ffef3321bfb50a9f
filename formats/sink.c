/* sink: see sink.h.
 *
 * Bytes are hashed when they leave the buffer, so the digest is of what was given to `write`, in that order.
 * source   SHA-256: FIPS 180-4, by OpenSSL's EVP
 */
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/sink.h"
#include "formats/text.h"

#define BUFFER_SIZE 65536

struct sink {
	int (*write)(void *ctx, const void *bytes, size_t n);
	void *ctx;
	EVP_MD_CTX *hash; /* NULL: none is wanted */
	int64_t size;     /* bytes that `write` took */
	size_t used;
	bool failed;
	char buffer[BUFFER_SIZE];
};

/* Looked up once: EVP_sha256() is looked up again for each digest. */
static const EVP_MD *
sha256_method(void)
{
	static EVP_MD *method;

	if (method == NULL)
		method = memory_check(EVP_MD_fetch(NULL, "SHA256", NULL));
	return method;
}

struct sink *
sink_new_plain(int (*write)(void *ctx, const void *bytes, size_t n), void *ctx)
{
	struct sink *s = memory_check(malloc(sizeof(*s)));

	s->write = write;
	s->ctx = ctx;
	s->hash = NULL;
	s->size = 0;
	s->used = 0;
	s->failed = false;
	return s;
}

struct sink *
sink_new(int (*write)(void *ctx, const void *bytes, size_t n), void *ctx)
{
	struct sink *s = sink_new_plain(write, ctx);

	s->hash = memory_check(EVP_MD_CTX_new());
	s->failed = EVP_DigestInit_ex(s->hash, sha256_method(), NULL) != 1;
	return s;
}

static int
sink_append(void *ctx, const void *bytes, size_t n)
{
	struct sink_text *text = ctx;

	if (n >= text->size - text->n)
		return -1;
	memcpy(text->at + text->n, bytes, n);
	text->n += n;
	text->at[text->n] = '\0';
	return 0;
}

struct sink *
sink_into(struct sink_text *text)
{
	text->n = 0;
	text->at[0] = '\0';
	return sink_new_plain(sink_append, text);
}

static void
flush(struct sink *s)
{
	size_t n = s->used;

	s->used = 0;
	if (s->failed || n == 0)
		return;
	if ((s->write != NULL && s->write(s->ctx, s->buffer, n) < 0) ||
	    (s->hash != NULL && EVP_DigestUpdate(s->hash, s->buffer, n) != 1)) {
		s->failed = true;
		return;
	}
	s->size += (int64_t)n;
}

void
sink_put(struct sink *s, const void *bytes, size_t n)
{
	const char *from = bytes;

	if (n < BUFFER_SIZE - s->used && !s->failed) {
		memcpy(s->buffer + s->used, bytes, n);
		s->used += n;
		return;
	}
	while (n > 0 && !s->failed) {
		size_t room = BUFFER_SIZE - s->used, part = n < room ? n : room;

		memcpy(s->buffer + s->used, from, part);
		s->used += part;
		from += part;
		n -= part;
		if (s->used == BUFFER_SIZE)
			flush(s);
	}
}

void
sink_put_after(struct sink *s, char before, const void *bytes, size_t n)
{
	if (n + 1 < BUFFER_SIZE - s->used && !s->failed) {
		s->buffer[s->used] = before;
		memcpy(s->buffer + s->used + 1, bytes, n);
		s->used += n + 1;
		return;
	}
	sink_put(s, &before, 1);
	sink_put(s, bytes, n);
}

void
sink_text(struct sink *s, const char *text)
{
	sink_put(s, text, strlen(text));
}

void
sink_clean(struct sink *s, const char *text)
{
	sink_clean_part(s, text, strlen(text));
}

void
sink_clean_part(struct sink *s, const char *text, size_t n)
{
	uint32_t point;
	size_t length;

	for (; n > 0; text += length, n -= length) {
		length = text_next(text, n, &point);
		if (text_is_control(point))
			sink_put(s, "?", 1);
		else
			sink_put(s, text, length);
	}
}

void
sink_int(struct sink *s, int64_t number)
{
	char text[20], *at = text + sizeof(text);
	uint64_t rest = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;

	do
		*--at = (char)('0' + rest % 10);
	while ((rest /= 10) > 0);
	if (number < 0)
		*--at = '-';
	sink_put(s, at, (size_t)(text + sizeof(text) - at));
}

static void print_long(struct sink *s, size_t n, const char *fmt, va_list args)
    __attribute__((format(printf, 3, 0)));

/* A text that did not fit into the buffer is printed into memory of its own. */
static void
print_long(struct sink *s, size_t n, const char *fmt, va_list args)
{
	char *text = memory_check(malloc(n + 1));

	vsnprintf(text, n + 1, fmt, args);
	sink_put(s, text, n);
	free(text);
}

void
sink_print(struct sink *s, const char *fmt, ...)
{
	size_t room = BUFFER_SIZE - s->used;
	va_list args, again;
	int n;

	if (s->failed)
		return;
	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(s->buffer + s->used, room, fmt, args);
	if (n < 0)
		s->failed = true;
	else if ((size_t)n < room)
		s->used += (size_t)n;
	else
		print_long(s, (size_t)n, fmt, again);
	va_end(again);
	va_end(args);
}

void
sink_fail(struct sink *s)
{
	s->failed = true;
}

int64_t
sink_size(const struct sink *s)
{
	return s->size + (int64_t)s->used;
}

int
sink_end(struct sink *s, unsigned char digest[SHA256_SIZE], int64_t *size)
{
	unsigned char result[SHA256_SIZE];
	bool failed;

	flush(s);
	failed = s->failed || (s->hash != NULL && EVP_DigestFinal_ex(s->hash, result, NULL) != 1) ||
	         (s->hash == NULL && digest != NULL);
	if (!failed && digest != NULL)
		memcpy(digest, result, SHA256_SIZE);
	if (!failed && size != NULL)
		*size = s->size;
	EVP_MD_CTX_free(s->hash);
	free(s);
	return failed ? -1 : 0;
}

/* The library fails here only when memory lacks. */
void
sha256(const void *bytes, size_t n, unsigned char digest[SHA256_SIZE])
{
	if (EVP_Digest(bytes, n, digest, NULL, sha256_method(), NULL) != 1)
		memory_lack();
}

char *
sha256_print(char text[static SHA256_TEXT], const unsigned char digest[SHA256_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	int i;

	for (i = 0; i < SHA256_SIZE; i++) {
		text[2 * i] = hex[digest[i] >> 4];
		text[2 * i + 1] = hex[digest[i] & 0xF];
	}
	text[2 * SHA256_SIZE] = '\0';
	return text;
}

int
sha256_parse(const char *text, unsigned char digest[SHA256_SIZE])
{
	unsigned char read[SHA256_SIZE];
	int i;

	for (i = 0; i < SHA256_SIZE; i++, text += 2) {
		int high, low;

		if ((high = text_hex(text[0])) < 0 || (low = text_hex(text[1])) < 0)
			return -1;
		read[i] = (unsigned char)(high << 4 | low);
	}
	if (*text != '\0')
		return -1;
	memcpy(digest, read, SHA256_SIZE);
	return 0;
}
