/* jwt: see jwt.h. */
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "formats/json.h"
#include "formats/jwt.h"

#define NUMBER    32             /* bytes of r, and of s */
#define SIGNATURE (2 * NUMBER)   /* bytes */
#define CLAIM     (JWT_TEXT / 2) /* characters of the claim before it is encoded */

static size_t
put_base64url(char *to, const unsigned char *bytes, size_t n)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	size_t i, used = 0;
	unsigned bits = 0;
	int left = 0;

	for (i = 0; i < n; i++) {
		bits = bits << 8 | bytes[i];
		for (left += 8; left >= 6; left -= 6)
			to[used++] = digits[bits >> (left - 6) & 63];
	}
	if (left > 0)
		to[used++] = digits[bits << (6 - left) & 63];
	to[used] = '\0';
	return used;
}

/* A password is never asked for: a key with one is refused. */
static EVP_PKEY *
read_key(const char *pem)
{
	char no_password[] = "";
	BIO *in = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = in == NULL ? NULL : PEM_read_bio_PrivateKey(in, NULL, NULL, no_password);
	char curve[32] = "";
	size_t n;

	BIO_free(in);
	if (key != NULL && EVP_PKEY_get_group_name(key, curve, sizeof(curve), &n) == 1 &&
	    strcmp(curve, "prime256v1") == 0)
		return key;
	EVP_PKEY_free(key);
	return NULL;
}

static bool
sign_der(EVP_PKEY *key, const char *text, unsigned char *der, size_t *n)
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool done = c != NULL && EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
	            EVP_DigestSign(c, der, n, (const unsigned char *)text, strlen(text)) == 1;

	EVP_MD_CTX_free(c);
	return done;
}

static bool
sign(EVP_PKEY *key, const char *text, unsigned char signature[static SIGNATURE])
{
	unsigned char der[SIGNATURE + 16];
	const unsigned char *at = der;
	size_t n = sizeof(der);
	ECDSA_SIG *pair;
	bool done;

	if (!sign_der(key, text, der, &n))
		return false;
	pair = d2i_ECDSA_SIG(NULL, &at, (long)n);
	done = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), signature, NUMBER) == NUMBER &&
	       BN_bn2binpad(ECDSA_SIG_get0_s(pair), signature + NUMBER, NUMBER) == NUMBER;
	ECDSA_SIG_free(pair);
	return done;
}

/* Header and claim, each encoded, with a point between them. -1: too long. */
static int
put_content(char text[static JWT_TEXT], const char *name, const char *value, size_t *used)
{
	static const char header[] = "{\"alg\":\"ES256\",\"typ\":\"JWT\"}";
	char claim[CLAIM];
	struct sink_text into = {claim, sizeof(claim), 0};
	struct json j = {.sink = sink_into(&into)};

	json_open(&j, NULL, '{');
	json_put_text(&j, name, value);
	json_close(&j, '}');
	if (sink_end(j.sink, NULL, NULL) < 0)
		return -1;
	*used = put_base64url(text, (const unsigned char *)header, sizeof(header) - 1);
	text[(*used)++] = '.';
	*used += put_base64url(text + *used, (const unsigned char *)claim, into.n);
	return 0;
}

int
jwt_sign(char text[static JWT_TEXT], const char *name, const char *value, const char *key_pem, struct err *e)
{
	EVP_PKEY *key = read_key(key_pem);
	unsigned char signature[SIGNATURE];
	size_t used;
	int rc = -1;

	if (key == NULL)
		return err_set(e, ERR_BAD_FIELD,
		               "is not a private key on the curve P-256, in PEM and without a password");
	if (put_content(text, name, value, &used) < 0) {
		err_set(e, ERR_BAD_FIELD, "%s is too long to be signed", name);
	} else if (!sign(key, text, signature)) {
		err_set(e, ERR_BAD_FIELD, "the key does not sign");
	} else {
		text[used++] = '.';
		put_base64url(text + used, signature, sizeof(signature));
		rc = 0;
	}
	EVP_PKEY_free(key);
	return rc;
}
