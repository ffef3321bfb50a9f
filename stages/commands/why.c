/* why: see why.h. */
#include <string.h>

#include "formats/text.h"
#include "stages/commands/why.h"
#include "stages/core/engine/log.h"

const char *
why_given(const struct run *r)
{
	const char *why = run_option(r, "why");

	if (!text_is_utf8(why, strlen(why)))
		die(EXIT_USAGE, "--why is not UTF-8");
	return why;
}
