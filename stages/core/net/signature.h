/* signature: how a receiver knows that a request is ours, and not an old one: HMAC-SHA256 over `<t>.<body>`, as webhooks sign. */
#ifndef CORE_SIGNATURE_H
#define CORE_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

#define SIGNATURE_TEXT 128

/* "t=<at_s>,v1=<64 hex digits>"; at_s: seconds since 1970. */
char *signature_print(char text[static SIGNATURE_TEXT], const char *secret, int64_t at_s, const char *body,
                      size_t length);

#endif
