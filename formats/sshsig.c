/* sshsig: see sshsig.h. Uses OpenSSL's Ed25519, SHA-256 and SHA-512. */
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/sshsig.h"

#define TYPE  "ssh-ed25519"
#define MAGIC "SSHSIG"
#define LINE  70 /* characters of base64 in a line of ssh-keygen */

static const char begin_signature[] = "-----BEGIN SSH SIGNATURE-----";
static const char end_signature[] = "-----END SSH SIGNATURE-----";
static const char begin_key[] = "-----BEGIN PUBLIC KEY-----";
static const char end_key[] = "-----END PUBLIC KEY-----";
static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* SubjectPublicKeyInfo up to the key: the algorithm 1.3.101.112, a bit string of 32 bytes. */
static const unsigned char spki[] = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00};

static const char *const ways[SSHSIG_WAYS] = {
    [SSHSIG_PLAIN] = "openssl", [SSHSIG_SHA512] = "ssh-sha512", [SSHSIG_SHA256] = "ssh-sha256"};

const char *
sshsig_way_word(enum sshsig_way way)
{
	return ways[way];
}

/* Text ------------------------------------------------------------------------------------------------------ */

/* Bytes that are read from the front. */
struct bytes {
	const unsigned char *at;
	size_t n;
};

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void
trim(struct bytes *b)
{
	for (; b->n > 0 && is_blank(b->at[0]); b->at++, b->n--)
		;
	for (; b->n > 0 && is_blank(b->at[b->n - 1]); b->n--)
		;
}

static bool
take_words(struct bytes *b, const char *words)
{
	size_t n = strlen(words);

	if (b->n < n || memcmp(b->at, words, n) != 0)
		return false;
	b->at += n;
	b->n -= n;
	return true;
}

static bool
drop_words(struct bytes *b, const char *words)
{
	size_t n = strlen(words);

	if (b->n < n || memcmp(b->at + b->n - n, words, n) != 0)
		return false;
	b->n -= n;
	return true;
}

/* Base64 with its padding and without bits that say nothing; line breaks may stand in it. -1: it is not valid, or does not fit. */
static int
decode(const struct bytes *text, unsigned char *to, size_t room)
{
	static const unsigned shifts[] = {0, 4, 2, 0};
	uint32_t bits = 0;
	size_t i, n = 0, digits = 0, padding = 0;
	const char *found;

	for (i = 0; i < text->n; i++) {
		unsigned char c = text->at[i];

		if (c == '\n' || c == '\r')
			continue;
		digits++;
		if (c == '=') {
			if (++padding > 2)
				return -1;
			continue;
		}
		found = c == '\0' ? NULL : strchr(letters, c);
		if (found == NULL || padding > 0)
			return -1;
		bits = bits << 6 | (uint32_t)(found - letters);
		if (digits % 4 == 1)
			continue;
		if (n == room)
			return -1;
		to[n++] = (unsigned char)(bits >> shifts[(digits - 1) % 4]);
	}
	if (digits == 0 || digits % 4 != 0 || (padding > 0 && (bits & (padding == 1 ? 0x3U : 0xfU)) != 0))
		return -1;
	return (int)n;
}

/* 0 behind the end. */
static unsigned
byte_at(const unsigned char *bytes, size_t n, size_t i)
{
	return i < n ? bytes[i] : 0;
}

static void
encode(struct sink *to, const unsigned char *bytes, size_t n, size_t line)
{
	size_t i, written = 0;

	for (i = 0; i < n; i += 3) {
		unsigned v =
		    byte_at(bytes, n, i) << 16 | byte_at(bytes, n, i + 1) << 8 | byte_at(bytes, n, i + 2);
		int k;

		for (k = 0; k < 4; k++) {
			char c = (size_t)k <= n - i ? letters[v >> (18 - 6 * k) & 0x3f] : '=';

			sink_put(to, &c, 1);
			if (++written % line == 0)
				sink_text(to, "\n");
		}
	}
	if (written % line != 0)
		sink_text(to, "\n");
}

/* The wire format of OpenSSH ---------------------------------------------------------------------------------- */

static bool
take_number(struct bytes *b, uint32_t *number)
{
	if (b->n < 4)
		return false;
	*number = (uint32_t)b->at[0] << 24 | (uint32_t)b->at[1] << 16 | (uint32_t)b->at[2] << 8 | b->at[3];
	b->at += 4;
	b->n -= 4;
	return true;
}

static bool
take_string(struct bytes *b, struct bytes *string)
{
	uint32_t n;

	if (!take_number(b, &n) || n > b->n)
		return false;
	*string = (struct bytes){b->at, n};
	b->at += n;
	b->n -= n;
	return true;
}

static bool
is_word(const struct bytes *string, const char *word)
{
	return string->n == strlen(word) && memcmp(string->at, word, string->n) == 0;
}

/* "ssh-ed25519" and so many bytes, and nothing else. */
static int
take_ed25519(struct bytes b, const char *code, unsigned char *to, size_t n, struct err *e)
{
	struct bytes type, value;

	if (!take_string(&b, &type))
		return err_set(e, code, "is cut");
	if (!is_word(&type, TYPE))
		return err_set(e, code, "is not of the type " TYPE);
	if (!take_string(&b, &value) || value.n != n || b.n != 0)
		return err_set(e, code, "does not have the length of Ed25519");
	memcpy(to, value.at, n);
	return 0;
}

/* Keys -------------------------------------------------------------------------------------------------------- */

static int
parse_pem(struct bytes text, unsigned char key[static SSHSIG_KEY], struct err *e)
{
	unsigned char der[sizeof(spki) + SSHSIG_KEY];

	if (!drop_words(&text, end_key))
		return err_set(e, "bad_key", "the line \"%s\" is not its last one", end_key);
	trim(&text);
	if (decode(&text, der, sizeof(der)) != (int)sizeof(der) || memcmp(der, spki, sizeof(spki)) != 0)
		return err_set(e, "bad_key", "is not an Ed25519 key");
	memcpy(key, der + sizeof(spki), SSHSIG_KEY);
	return 0;
}

static int
parse_line(struct bytes text, unsigned char key[static SSHSIG_KEY], struct err *e)
{
	unsigned char blob[128];
	struct bytes word = text;
	int n;

	if (memchr(text.at, '\n', text.n) != NULL)
		return err_set(e, "bad_key", "has more than one line");
	for (word.n = 0; word.n < text.n && !is_blank(text.at[word.n]); word.n++)
		;
	n = decode(&word, blob, sizeof(blob));
	if (n < 0)
		return err_set(e, "bad_key", "is not base64 after " TYPE);
	return take_ed25519((struct bytes){blob, (size_t)n}, "bad_key", key, SSHSIG_KEY, e);
}

int
sshsig_parse_key(const void *bytes, size_t n, unsigned char key[static SSHSIG_KEY], struct err *e)
{
	struct bytes text = {bytes, n};

	if (n > SSHSIG_MOST)
		return err_set(e, "bad_key", "has more than %d bytes", SSHSIG_MOST);
	trim(&text);
	if (take_words(&text, begin_key))
		return parse_pem(text, key, e);
	if (take_words(&text, TYPE " "))
		return parse_line(text, key, e);
	return err_set(e, "bad_key", "is neither a line \"" TYPE " AAAA...\" nor PEM \"%s\"", begin_key);
}

/* Signatures -------------------------------------------------------------------------------------------------- */

static int
take_hash(struct bytes *b, enum sshsig_way *way, struct err *e)
{
	struct bytes hash;

	if (!take_string(b, &hash))
		return err_set(e, "bad_signature", "is cut");
	if (!is_word(&hash, "sha512") && !is_word(&hash, "sha256"))
		return err_set(e, "bad_signature", "has an unknown hash: sha512 or sha256");
	*way = is_word(&hash, "sha512") ? SSHSIG_SHA512 : SSHSIG_SHA256;
	return 0;
}

static int
parse_blob(struct bytes b, struct sshsig *s, struct err *e)
{
	struct bytes key, space, reserved, signature;
	uint32_t version;

	if (!take_words(&b, MAGIC) || !take_number(&b, &version) || version != 1)
		return err_set(e, "bad_signature", "is not a " MAGIC " of version 1");
	if (!take_string(&b, &key) || !take_string(&b, &space) || !take_string(&b, &reserved))
		return err_set(e, "bad_signature", "is cut");
	if (!is_word(&space, SSHSIG_NAMESPACE))
		return err_set(e, "bad_signature",
		               "has another namespace: sign with `-n " SSHSIG_NAMESPACE "`");
	if (reserved.n != 0)
		return err_set(e, "bad_signature", "has something in its reserved field");
	if (take_hash(&b, &s->way, e) < 0)
		return -1;
	if (!take_string(&b, &signature) || b.n != 0)
		return err_set(e, "bad_signature", "is cut, or something follows it");
	if (take_ed25519(key, "bad_signature", s->key, SSHSIG_KEY, e) < 0)
		return -1;
	return take_ed25519(signature, "bad_signature", s->signature, SSHSIG_SIGNATURE, e);
}

static int
parse_armored(struct bytes text, struct sshsig *s, struct err *e)
{
	unsigned char blob[SSHSIG_MOST];
	int n;

	if (!drop_words(&text, end_signature))
		return err_set(e, "bad_signature", "the line \"%s\" is not its last one", end_signature);
	trim(&text);
	n = decode(&text, blob, sizeof(blob));
	if (n < 0)
		return err_set(e, "bad_signature", "is not base64 between its first and its last line");
	return parse_blob((struct bytes){blob, (size_t)n}, s, e);
}

int
sshsig_parse(const void *bytes, size_t n, struct sshsig *s, struct err *e)
{
	struct bytes text = {bytes, n};

	*s = (struct sshsig){.way = SSHSIG_PLAIN};
	if (n > SSHSIG_MOST)
		return err_set(e, "bad_signature", "has more than %d bytes", SSHSIG_MOST);
	trim(&text);
	if (take_words(&text, begin_signature))
		return parse_armored(text, s, e);
	if (n == SSHSIG_SIGNATURE) {
		memcpy(s->signature, bytes, n);
		return 0;
	}
	if (decode(&text, s->signature, SSHSIG_SIGNATURE) == SSHSIG_SIGNATURE)
		return 0;
	return err_set(e, "bad_signature", "is neither \"%s\", nor %d bytes, nor those in base64",
	               begin_signature, SSHSIG_SIGNATURE);
}

/* Verification ------------------------------------------------------------------------------------------------ */

static void
put_string(struct sink *s, const void *bytes, size_t n)
{
	const unsigned char length[] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16),
	                                (unsigned char)(n >> 8), (unsigned char)n};

	sink_put(s, length, sizeof(length));
	sink_put(s, bytes, n);
}

static void
put_word(struct sink *s, const char *word)
{
	put_string(s, word, strlen(word));
}

static const char *
hash_of(enum sshsig_way way)
{
	return way == SSHSIG_SHA512 ? "sha512" : "sha256";
}

/* What ssh-keygen signs of a text. */
static size_t
print_signed(const struct sshsig *s, const void *text, size_t n, char *to, size_t room)
{
	struct sink_text into = {.size = room};
	unsigned char hash[EVP_MAX_MD_SIZE];
	struct sink *out;
	unsigned length = 0;

	into.at = to;
	out = sink_into(&into);
	if (EVP_Digest(text, n, hash, &length, s->way == SSHSIG_SHA512 ? EVP_sha512() : EVP_sha256(), NULL) !=
	    1)
		length = 0;
	sink_text(out, MAGIC);
	put_word(out, SSHSIG_NAMESPACE);
	put_word(out, "");
	put_word(out, hash_of(s->way));
	put_string(out, hash, length);
	return sink_end(out, NULL, NULL) == 0 ? into.n : 0;
}

static bool
verify_bytes(const unsigned char key[static SSHSIG_KEY], const unsigned char *signature, const void *bytes,
             size_t n)
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, SSHSIG_KEY);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool is_right = k != NULL && ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k) == 1 &&
	                EVP_DigestVerify(ctx, signature, SSHSIG_SIGNATURE, bytes, n) == 1;

	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return is_right;
}

bool
sshsig_verify(const struct sshsig *s, const unsigned char key[static SSHSIG_KEY], const void *text, size_t n)
{
	char whole[256];

	if (s->way == SSHSIG_PLAIN)
		return verify_bytes(key, s->signature, text, n);
	if (memcmp(s->key, key, SSHSIG_KEY) != 0)
		return false;
	n = print_signed(s, text, n, whole, sizeof(whole));
	return n > 0 && verify_bytes(key, s->signature, whole, n);
}

/* Files for stock tools --------------------------------------------------------------------------------------- */

static void
put_ed25519(struct sink *s, const unsigned char *bytes, size_t n)
{
	put_word(s, TYPE);
	put_string(s, bytes, n);
}

/* "ssh-ed25519" and the bytes, as a string in a string. */
static void
put_nested(struct sink *s, const unsigned char *bytes, size_t n)
{
	char text[128];
	struct sink_text into = {text, sizeof(text), 0};
	struct sink *inner = sink_into(&into);

	put_ed25519(inner, bytes, n);
	(void)sink_end(inner, NULL, NULL);
	put_string(s, text, into.n);
}

void
sshsig_write(const struct sshsig *s, const unsigned char key[static SSHSIG_KEY], struct sink *to)
{
	char blob[512];
	struct sink_text into = {blob, sizeof(blob), 0};
	struct sink *inner;

	if (s->way == SSHSIG_PLAIN) {
		sink_put(to, s->signature, SSHSIG_SIGNATURE);
		return;
	}
	inner = sink_into(&into);
	sink_text(inner, MAGIC);
	sink_put(inner, "\0\0\0\1", 4);
	put_nested(inner, key, SSHSIG_KEY);
	put_word(inner, SSHSIG_NAMESPACE);
	put_word(inner, "");
	put_word(inner, hash_of(s->way));
	put_nested(inner, s->signature, SSHSIG_SIGNATURE);
	(void)sink_end(inner, NULL, NULL);
	sink_print(to, "%s\n", begin_signature);
	encode(to, (const unsigned char *)blob, into.n, LINE);
	sink_print(to, "%s\n", end_signature);
}

void
sshsig_write_key(const struct sshsig *s, const unsigned char key[static SSHSIG_KEY], const char *signer,
                 struct sink *to)
{
	char blob[128];
	struct sink_text into = {blob, sizeof(blob), 0};
	struct sink *inner = sink_into(&into);

	if (s->way == SSHSIG_PLAIN) {
		sink_put(inner, spki, sizeof(spki));
		sink_put(inner, key, SSHSIG_KEY);
		(void)sink_end(inner, NULL, NULL);
		sink_print(to, "%s\n", begin_key);
		encode(to, (const unsigned char *)blob, into.n, 64);
		sink_print(to, "%s\n", end_key);
		return;
	}
	put_ed25519(inner, key, SSHSIG_KEY);
	(void)sink_end(inner, NULL, NULL);
	sink_print(to, "%s namespaces=\"" SSHSIG_NAMESPACE "\" " TYPE " ", signer);
	encode(to, (const unsigned char *)blob, into.n, sizeof(blob) * 2);
}
