/* typed: see typed.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "stages/commands/typed.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"

/* Removes blanks, also no-break spaces, and makes the comma a point. A number that was meant otherwise does not agree. */
void
typed_clean(const char *text, char *clean, size_t size)
{
	size_t n = 0;

	for (; *text != '\0' && *text != '\n' && n + 1 < size; text++) {
		if (strncmp(text, "\xC2\xA0", 2) == 0)
			text += 1;
		else if (strncmp(text, "\xE2\x80\xAF", 3) == 0)
			text += 2;
		else if (*text != ' ' && *text != '\t' && *text != '\r')
			clean[n++] = *text == ',' ? '.' : *text;
	}
	clean[n] = '\0';
}

void
typed_check_count(const struct typed *t, const char *text, int64_t count)
{
	char clean[64];
	struct err e = {0};
	cents n;

	typed_clean(text, clean, sizeof(clean));
	if (money_parse_cents(clean, &n, &e) < 0)
		die(EXIT_REFUSED, "`%s` is not a valid count of %ss: %s", clean, t->one, t->nothing);
	if (n != count)
		die(EXIT_REFUSED, "%s does not have %s %ss: %s: %s", t->subject, clean, t->one, t->nothing,
		    t->again);
}

void
typed_check_total(const struct typed *t, const char *text, cents total)
{
	char clean[64];
	struct err e = {0};
	cents sum;

	typed_clean(text, clean, sizeof(clean));
	if (money_parse(clean, &sum, &e) < 0)
		die(EXIT_REFUSED, "`%s` is not a valid amount in euros, such as 12.50: %s", clean,
		    t->nothing);
	if (sum != total)
		die(EXIT_REFUSED, "%s does not have a total of %s EUR: %s: %s", t->subject, clean, t->nothing,
		    t->again);
}

static void
ask(const struct typed *t, const char *question, char *answer, int size)
{
	fputs(question, stderr);
	fflush(stderr);
	if (fgets(answer, size, stdin) == NULL)
		die(EXIT_USAGE, "no answer was typed: %s", t->nothing);
}

void
typed_ask(const struct typed *t, int64_t count, cents total)
{
	char answer[128], question[64];

	snprintf(question, sizeof(question), "How many %ss? ", t->one);
	ask(t, question, answer, sizeof(answer));
	typed_check_count(t, answer, count);
	ask(t, "Total in euros? ", answer, sizeof(answer));
	typed_check_total(t, answer, total);
}

static cents
parse_amount(const char *option, const char *text)
{
	char clean[64];
	struct err e = {0};
	cents amount;

	typed_clean(text, clean, sizeof(clean));
	if (money_parse(clean, &amount, &e) < 0)
		die(EXIT_USAGE, "%s: `%s` is not a valid amount in euros, such as 12.50", option, clean);
	return amount;
}

/* What a person typed a second time. */
static void
ask_again(cents amount)
{
	char text[MONEY_TEXT_GROUPED], answer[128], clean[64];
	struct err e = {0};
	cents again;

	fprintf(stderr,
	        "The amount is %s EUR.\nType it once more, in euros: ", money_print_grouped(text, amount));
	fflush(stderr);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		die(EXIT_USAGE, "no answer was typed: nothing was stored");
	typed_clean(answer, clean, sizeof(clean));
	if (money_parse(clean, &again, &e) < 0 || again != amount)
		die(EXIT_REFUSED, "`%s` is another amount: nothing was stored: run the command again", clean);
}

cents
typed_amount(const struct run *r, const char *in_cents)
{
	const char *euros = options_value(r, "amount"), *text = options_value(r, in_cents);
	struct err e = {0};
	cents amount;

	if ((euros == NULL) == (text == NULL))
		die(EXIT_USAGE, "--amount EUROS or --%s CENTS is required: one of them", in_cents);
	if (euros != NULL)
		amount = parse_amount("--amount", euros);
	else if (money_parse_cents(text, &amount, &e) < 0)
		die(EXIT_USAGE, "--%s: %s", in_cents, e.message);
	if (isatty(STDIN_FILENO) && !r->dry_run)
		ask_again(amount);
	return amount;
}
