/* sink: where writers put bytes: a 64 KB buffer, hashed (SHA-256) as it is flushed, counted.
 *
 * Errors are sticky: after one the sink discards everything and sink_end returns -1, so writers need no branches.
 */
#ifndef FORMATS_SINK_H
#define FORMATS_SINK_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_SIZE 32
#define SHA256_TEXT 65 /* lower-case hex and NUL */

struct sink; /* made by sink_new, freed by sink_end */

/* `write` takes all n bytes and returns 0, or -1 when they cannot be written. NULL: the bytes are only hashed and counted. */
struct sink *sink_new(int (*write)(void *ctx, const void *bytes, size_t n), void *ctx);

/* The same without a digest, for bytes that come back to us: sink_end has none to give. */
struct sink *sink_new_plain(int (*write)(void *ctx, const void *bytes, size_t n), void *ctx);

/* Into memory of the caller, which always ends with a NUL; what does not fit makes the sink fail. Without a digest, too. */
struct sink_text {
	char *at;
	size_t size, n; /* n: characters in it */
};
struct sink *sink_into(struct sink_text *text);

void sink_put(struct sink *s, const void *bytes, size_t n);
void sink_put_after(struct sink *s, char before, const void *bytes,
                    size_t n); /* the character, then the bytes */
void sink_text(struct sink *s, const char *text);
/* For a terminal: each control (text_is_control) becomes '?'. */
void sink_clean(struct sink *s, const char *text);
void sink_clean_part(struct sink *s, const char *text, size_t n); /* its first n bytes */
void sink_int(struct sink *s, int64_t number);
void sink_print(struct sink *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void sink_fail(struct sink *s); /* a writer met what it cannot write: sink_end will return -1 */

/* Bytes put so far. */
int64_t sink_size(const struct sink *s);

/* Flushes, fills digest and size (either may be NULL), frees. 0, or -1 when anything failed on the way. */
int sink_end(struct sink *s, unsigned char digest[SHA256_SIZE], int64_t *size);

/* Digest of bytes in memory; hex of a digest, and back (-1: not 64 hex digits). */
void sha256(const void *bytes, size_t n, unsigned char digest[SHA256_SIZE]);
char *sha256_print(char text[static SHA256_TEXT], const unsigned char digest[SHA256_SIZE]);
int sha256_parse(const char *text, unsigned char digest[SHA256_SIZE]);

#endif
