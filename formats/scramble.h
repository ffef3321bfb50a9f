/* scramble: exchanges the characters of a value for others of their kind: the same for the same value and key, and never two
 * values for one.
 *
 * source   Feistel's construction, with HMAC-SHA-256, over the characters of a value (the idea of NIST SP 800-38G)
 */
#ifndef FORMATS_SCRAMBLE_H
#define FORMATS_SCRAMBLE_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/sink.h"

#define SCRAMBLE_KEY 32
#define MOST_FIGURES 256

/* Characters of a value as numbers, each below its radix: 10 a digit, 16 a small hex digit, else a letter. */
struct figures {
	unsigned char *at[MOST_FIGURES]; /* where each comes from */
	unsigned char value[MOST_FIGURES], radix[MOST_FIGURES];
	size_t n;
};

/* Chance that is the same for the same bytes, label and key. */
void scramble_draw(const unsigned char key[static SCRAMBLE_KEY], unsigned char label, const void *bytes,
                   size_t n, unsigned char drawn[static SHA256_SIZE]);
/* Those beyond MOST_FIGURES stay as they are. */
void scramble_add(struct figures *f, char *at, unsigned char value, unsigned char radix);
void scramble_all(const unsigned char key[static SCRAMBLE_KEY], struct figures *f);
char scramble_letter(unsigned char value, bool upper);
/* Writes letters and digits back, each letter in the case it had. */
void scramble_put(const struct figures *f);

#endif
