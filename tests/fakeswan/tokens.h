/* tokens: the token endpoint, and whether the token of a call is live. */
#ifndef TESTS_FAKESWAN_TOKENS_H
#define TESTS_FAKESWAN_TOKENS_H

#include "tests/fakeswan/exchange.h"

void answer_token(struct exchange *x);
bool token_is_live(struct exchange *x); /* counts the use */
void token_revoke(struct exchange *x);

#endif
