/* sshsig: Ed25519 signatures of a text and the keys that check them, as stock tools write them.
 *
 * A key: a line of OpenSSH, "ssh-ed25519 AAAA... comment", or PEM, "-----BEGIN PUBLIC KEY-----". A signature: what `ssh-keygen -Y
 * sign` writes (armored SSHSIG, in the namespace "alanpay"), or what `openssl pkeyutl -sign -rawin` writes: 64 bytes, or those in
 * base64. Whatever else stands in such a file is refused.
 * source   OpenSSH PROTOCOL.sshsig (version 1) and PROTOCOL; RFC 8032 (Ed25519), RFC 8410 (its SubjectPublicKeyInfo), RFC 4648
 */
#ifndef FORMATS_SSHSIG_H
#define FORMATS_SSHSIG_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/err.h"
#include "formats/sink.h"

#define SSHSIG_KEY       32 /* bytes */
#define SSHSIG_SIGNATURE 64
#define SSHSIG_MOST      4096 /* bytes of a file with a key or a signature */
#define SSHSIG_NAMESPACE "alanpay"

/* What was signed: the text itself (openssl), or a text about its hash (ssh-keygen). */
enum sshsig_way { SSHSIG_PLAIN, SSHSIG_SHA512, SSHSIG_SHA256, SSHSIG_WAYS };
const char *sshsig_way_word(enum sshsig_way way); /* openssl, ssh-sha512, ssh-sha256 */

struct sshsig {
	enum sshsig_way way;
	unsigned char key[SSHSIG_KEY]; /* that an SSHSIG says it was made with; zeros of a plain one */
	unsigned char signature[SSHSIG_SIGNATURE];
};

/* Codes bad_key, bad_signature; the message says what is wrong. */
int sshsig_parse_key(const void *bytes, size_t n, unsigned char key[static SSHSIG_KEY], struct err *e);
int sshsig_parse(const void *bytes, size_t n, struct sshsig *s, struct err *e);

/* Did this key sign the text? An SSHSIG must say that it was made with it. */
bool sshsig_verify(const struct sshsig *s, const unsigned char key[static SSHSIG_KEY], const void *text,
                   size_t n);

/* The signature as its tool wrote it, and the key as that tool wants it to verify: for ssh-keygen a line of "allowed signers" that
 * names the signer, for openssl PEM. */
void sshsig_write(const struct sshsig *s, const unsigned char key[static SSHSIG_KEY], struct sink *to);
void sshsig_write_key(const struct sshsig *s, const unsigned char key[static SSHSIG_KEY], const char *signer,
                      struct sink *to);

#endif
