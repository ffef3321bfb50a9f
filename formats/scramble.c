/* scramble: see scramble.h. */
#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/scramble.h"

void
scramble_draw(const unsigned char key[static SCRAMBLE_KEY], unsigned char label, const void *bytes, size_t n,
              unsigned char drawn[static SHA256_SIZE])
{
	unsigned char text[1 + 1024];
	unsigned length = SHA256_SIZE;

	text[0] = label;
	if (n < sizeof(text)) {
		memcpy(text + 1, bytes, n);
	} else {
		sha256(bytes, n, text + 1);
		n = SHA256_SIZE;
	}
	(void)memory_check(HMAC(EVP_sha256(), key, SCRAMBLE_KEY, text, n + 1, drawn, &length));
}

#define ROUNDS 10

void
scramble_add(struct figures *f, char *at, unsigned char value, unsigned char radix)
{
	if (f->n == MOST_FIGURES)
		return;
	f->at[f->n] = (unsigned char *)at;
	f->value[f->n] = value;
	f->radix[f->n++] = radix;
}

/* One half is moved by what the other half draws: whoever knows the key can go back, so no two values meet. */
static void
turn(const unsigned char key[static SCRAMBLE_KEY], struct figures *f, unsigned char round)
{
	size_t half = f->n / 2, from = round % 2 == 0 ? 0 : half, to = round % 2 == 0 ? half : f->n, i;
	unsigned char seen[MOST_FIGURES + 2], drawn[SHA256_SIZE], block = 0;
	size_t n = 0;

	for (i = 0; i < f->n; i++)
		if (i < from || i >= to)
			seen[n++] = f->value[i];
	seen[n++] = (unsigned char)f->n;
	for (i = from; i < to; i++) {
		if ((i - from) % SHA256_SIZE == 0) {
			seen[n] = block++;
			scramble_draw(key, round, seen, n + 1, drawn);
		}
		f->value[i] = (unsigned char)((f->value[i] + drawn[(i - from) % SHA256_SIZE]) % f->radix[i]);
	}
}

void
scramble_all(const unsigned char key[static SCRAMBLE_KEY], struct figures *f)
{
	unsigned char round;

	for (round = 0; round < ROUNDS; round++)
		turn(key, f, round);
}

char
scramble_letter(unsigned char value, bool upper)
{
	return (char)((upper ? 'A' : 'a') + value);
}

void
scramble_put(const struct figures *f)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < f->n; i++)
		if (f->radix[i] == 16)
			*f->at[i] = (unsigned char)hex[f->value[i]];
		else if (f->radix[i] == 10)
			*f->at[i] = (unsigned char)('0' + f->value[i]);
		else
			*f->at[i] = (unsigned char)scramble_letter(f->value[i], isupper(*f->at[i]) != 0);
}
