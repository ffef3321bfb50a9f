/* command: see command.h. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "stages/commands/command.h"
#include "stages/core/home/home.h"

static const struct {
	const char *words;
	unsigned prints;
} narrow[] = {
    {"run", PRINTS_DOCUMENT},
    {"swan sync_transactions", PRINTS_DOCUMENT},
    {"swan sync_payment_supports", PRINTS_DOCUMENT},
    {"status", PRINTS_DOCUMENT},
    {"doctor", PRINTS_DOCUMENT},
    {"init", PRINTS_DOCUMENT},
    {"backup", PRINTS_DOCUMENT},
    {"restore", PRINTS_DOCUMENT},
    {"migrate", PRINTS_DOCUMENT},
    {"config generate", PRINTS_TEXT},
    {"fixture load", PRINTS_TEXT},
    {"fixture run", PRINTS_TEXT},
    {"fixture capture", PRINTS_TEXT},
    {"config validate", PRINTS_DOCUMENT},
    {"sepa approve", PRINTS_DOCUMENT},
    {"sepa reject", PRINTS_DOCUMENT},
    {"sepa release", PRINTS_DOCUMENT},
    {"sepa mark-uploaded", PRINTS_DOCUMENT},
    {"sepa cancel", PRINTS_DOCUMENT},
    {"sepa withdraw", PRINTS_DOCUMENT},
    {"sepa describe", PRINTS_DOCUMENT},
    {"sepa validate", PRINTS_DOCUMENT},
    {"sepa diff", PRINTS_DOCUMENT},
    {"profiles declare", PRINTS_DOCUMENT},
    {"mandates declare", PRINTS_DOCUMENT},
    {"users link-account-membership", PRINTS_DOCUMENT},
    {"users offboard", PRINTS_DOCUMENT},
    {"users start-phone-verification", PRINTS_DOCUMENT},
    {"users onboard", PRINTS_DOCUMENT},
    {"cards view-numbers", PRINTS_DOCUMENT},
    {"dev reset-user", PRINTS_TEXT},
    {"transactions request-external", PRINTS_DOCUMENT},
    {"transactions set-push-notification-date", PRINTS_DOCUMENT},
    {"requests validate", PRINTS_DOCUMENT},
    {"requests submit", PRINTS_DOCUMENT},
};

static bool
is_stage(const struct command *c)
{
	return c->act == NULL && (c->stage == NULL || c->stage[1] != NULL);
}

unsigned
command_prints(const struct command *c)
{
	size_t i;

	for (i = 0; i < LENGTH(narrow); i++)
		if (strcmp(narrow[i].words, c->words) == 0)
			return narrow[i].prints;
	return is_stage(c) ? PRINTS_DOCUMENT : PRINTS_LIST;
}

int
command_act(const struct command *c, int argc, char **argv)
{
	char program[80];
	struct run r = {.program = program,
	                .options = c->options,
	                .access = c->access,
	                .wait_s = 10,
	                .prints = command_prints(c)};

	snprintf(program, sizeof(program), "alanpay %s", c->words);
	argv[0] = program;
	log_open(program, false);
	options_parse(&r, argc, argv, c->purpose, NULL, 0);
	home_open(&r);
	if (c->access == ACCESS_CHANGES)
		store_spill(r.db); /* a file may have a million debits */
	c->act(&r);
	home_close(&r);
	if (fflush(stdout) != 0)
		die_errno(EXIT_IO, "standard output");
	return r.held ? EXIT_HELD : EXIT_DONE;
}
