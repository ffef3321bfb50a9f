/* jwt: the token is what RFC 7515 and RFC 7518 say, and its signature is verified by code of OpenSSL's own. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "formats/jwt.h"

#define KEY_TEXT 2048

static const char header[] = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9";

static EVP_PKEY *
make_key(const char *curve, char pem[static KEY_TEXT])
{
	EVP_PKEY *key = EVP_EC_gen(curve);
	BIO *out = BIO_new(BIO_s_mem());
	int n;

	assert_non_null(key);
	assert_int_equal(PEM_write_bio_PrivateKey(out, key, NULL, NULL, 0, NULL, NULL), 1);
	n = BIO_read(out, pem, KEY_TEXT - 1);
	assert_true(n > 0);
	pem[n] = '\0';
	BIO_free(out);
	return key;
}

/* By EVP_DecodeBlock, after the alphabet and the padding of plain base64. */
static size_t
decode(const char *text, size_t n, unsigned char *bytes)
{
	char plain[JWT_TEXT] = "";
	int got;

	memcpy(plain, text, n);
	for (char *c = plain; *c != '\0'; c++)
		*c = *c == '-' ? '+' : *c == '_' ? '/' : *c;
	memset(plain + n, '=', (4 - n % 4) % 4);
	got = EVP_DecodeBlock(bytes, (unsigned char *)plain, (int)strlen(plain));
	assert_true(got >= 0);
	return n * 3 / 4;
}

static bool
verifies(EVP_PKEY *key, const char *text, size_t n, const unsigned char signature[64])
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	unsigned char *der = NULL;
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	int length, rc;

	ECDSA_SIG_set0(pair, BN_bin2bn(signature, 32, NULL), BN_bin2bn(signature + 32, 32, NULL));
	length = i2d_ECDSA_SIG(pair, &der);
	assert_true(length > 0);
	assert_int_equal(EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key), 1);
	rc = EVP_DigestVerify(c, der, (size_t)length, (const unsigned char *)text, n);
	EVP_MD_CTX_free(c);
	ECDSA_SIG_free(pair);
	OPENSSL_free(der);
	return rc == 1;
}

static void
jwt_signs_the_claim_with_r_and_s(void **state)
{
	char pem[KEY_TEXT], text[JWT_TEXT], *second, *third;
	unsigned char claim[JWT_TEXT], signature[JWT_TEXT];
	EVP_PKEY *key = make_key("P-256", pem);
	struct err e = {0};
	size_t n;

	(void)state;
	for (int i = 0; i < 300; i++) { /* one in 128 has an r or s with a leading zero */
		assert_int_equal(jwt_sign(text, "challenge", "a\"b-\xc3\xa9", pem, &e), 0);
		second = strchr(text, '.');
		third = strchr(second + 1, '.');
		assert_non_null(third);
		assert_int_equal(second - text, (ptrdiff_t)strlen(header));
		assert_memory_equal(text, header, strlen(header));
		n = decode(second + 1, (size_t)(third - second - 1), claim);
		assert_int_equal(n, strlen("{\"challenge\":\"a\\\"b-\xc3\xa9\"}"));
		assert_memory_equal(claim, "{\"challenge\":\"a\\\"b-\xc3\xa9\"}", n);
		assert_int_equal(strlen(third + 1), 86);
		assert_int_equal(decode(third + 1, 86, signature), 64);
		assert_true(verifies(key, text, (size_t)(third - text), signature));
		signature[i % 64] ^= 1;
		assert_false(verifies(key, text, (size_t)(third - text), signature));
	}
	EVP_PKEY_free(key);
}

static void
jwt_refuses_what_is_not_a_key_on_p256(void **state)
{
	char pem[KEY_TEXT], text[JWT_TEXT];
	struct err e = {0};

	(void)state;
	EVP_PKEY_free(make_key("P-384", pem));
	assert_int_equal(jwt_sign(text, "challenge", "a", pem, &e), -1);
	assert_int_equal(jwt_sign(text, "challenge", "a", "", &e), -1);
	assert_int_equal(jwt_sign(text, "challenge", "a",
	                          "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n", &e),
	                 -1);
	assert_string_equal(e.code, "bad_field");
}

static void
jwt_refuses_a_value_that_does_not_fit(void **state)
{
	char pem[KEY_TEXT], text[JWT_TEXT], value[JWT_TEXT];
	struct err e = {0};

	(void)state;
	EVP_PKEY_free(make_key("P-256", pem));
	memset(value, 'x', sizeof(value));
	value[495] = '\0'; /* the longest */
	assert_int_equal(jwt_sign(text, "challenge", value, pem, &e), 0);
	value[495] = 'x';
	value[499] = '\0';
	assert_int_equal(jwt_sign(text, "challenge", value, pem, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(jwt_signs_the_claim_with_r_and_s),
	    cmocka_unit_test(jwt_refuses_what_is_not_a_key_on_p256),
	    cmocka_unit_test(jwt_refuses_a_value_that_does_not_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
