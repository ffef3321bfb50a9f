/* typed: amounts and counts that a person types, or types back as proof that they looked at what they decide about. */
#ifndef COMMANDS_TYPED_H
#define COMMANDS_TYPED_H

#include <stdint.h>

#include "formats/money.h"
#include "stages/core/engine/run.h"

/* For the messages: "SUBJECT does not have 12 ONEs: NOTHING: AGAIN". A message never shows the right number: a person would copy
 * it instead of checking. */
struct typed {
	const char *subject, *one;
	const char *nothing; /* "nothing was approved" */
	const char *again;   /* what to do: "check its report again" */
};

/* Dies (65) when the text is no number, or another one. */
void typed_check_count(const struct typed *t, const char *text, int64_t count);
void typed_check_total(const struct typed *t, const char *text, cents total);

/* Asks for both on the terminal; dies as above, or 64 when nothing is typed. */
void typed_ask(const struct typed *t, int64_t count, cents total);

/* The amount of --amount, in euros, or of the option `in_cents` ("amount-cents"). On a terminal it is printed back, and typed once
 * more: a person may mean cents, or another amount. Dies (64) without either or with both, or when it is no amount; (65) when
 * another one was typed. A dry run does not ask. */
cents typed_amount(const struct run *r, const char *in_cents);

#define TYPED_AMOUNT                                                                  \
	{                                                                             \
		.name = "amount", .arg = "EUROS",                                     \
		.help = "amount in euros: 12.50; on a terminal it is asked for twice" \
	}

/* Removes what people copy with a number from a report: "1 816,54" becomes "1816.54". */
void typed_clean(const char *text, char *clean, size_t size);

#endif
