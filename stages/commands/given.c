/* given: see given.h. */
#include <string.h>

#include "formats/text.h"
#include "stages/commands/given.h"
#include "stages/core/log.h"

const char *
given_text(const struct run *r, const char *name, const char *for_what)
{
	const char *text = run_option(r, name);

	if (text[strspn(text, " \t\r\n")] == '\0')
		die(EXIT_USAGE, "--%s is empty: %s", name, for_what);
	if (!text_is_utf8(text, strlen(text)))
		die(EXIT_USAGE, "--%s is not UTF-8", name);
	return text;
}

const char *
given_why(const struct run *r)
{
	return given_text(r, "why", "who reads it later must understand the decision");
}
