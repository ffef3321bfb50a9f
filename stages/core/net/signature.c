/* signature: see signature.h.
 *
 * source   RFC 2104 (HMAC)
 */
#include "stages/core/net/signature.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>

#include "formats/sink.h"
#include "stages/core/engine/log.h"

char *
signature_print(char text[static SIGNATURE_TEXT], const char *secret, int64_t at_s, const char *body,
                size_t length)
{
	char digest_name[] = "SHA256", at[32], hex[SHA256_TEXT];
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_name, 0),
	                       OSSL_PARAM_construct_end()};
	EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
	unsigned char digest[SHA256_SIZE];
	size_t n = 0;

	snprintf(at, sizeof(at), "%lld.", (long long)at_s);
	if (ctx == NULL || !EVP_MAC_init(ctx, (const unsigned char *)secret, strlen(secret), params) ||
	    !EVP_MAC_update(ctx, (const unsigned char *)at, strlen(at)) ||
	    !EVP_MAC_update(ctx, (const unsigned char *)body, length) ||
	    !EVP_MAC_final(ctx, digest, &n, sizeof(digest)) || n != sizeof(digest))
		die(EXIT_BUG, "a request cannot be signed");
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	snprintf(text, SIGNATURE_TEXT, "t=%lld,v1=%s", (long long)at_s, sha256_print(hex, digest));
	return text;
}
