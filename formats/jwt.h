/* jwt: a JSON Web Token of one claim, signed by ES256, as Swan wants it from a server that consents.
 *
 * source   RFC 7515 (compact serialization, base64url without padding), RFC 7518 section 3.4: the signature is r and s of 32
 *          bytes each, not the DER that OpenSSL gives
 */
#ifndef FORMATS_JWT_H
#define FORMATS_JWT_H

#include <stddef.h>

#include "formats/err.h"

#define JWT_TEXT 1024

/* {"NAME":"VALUE"}, signed with a private key on the curve P-256 in PEM. -1 (code bad_field): the key is not one, or the value
 * is too long for the text. */
int jwt_sign(char text[static JWT_TEXT], const char *name, const char *value, const char *key_pem,
             struct err *e);

#endif
