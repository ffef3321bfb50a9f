/* chain: see chain.h. One stage a line; '#' begins a comment. */
#include <string.h>

#include "formats/embed.h"
#include "stages/commands/chain.h"
#include "stages/core/engine/log.h"

void
chain_read(struct chain *chain)
{
	const char *line = embed_nightly;
	size_t length;

	*chain = (struct chain){0};
	for (; *line != '\0'; line += length + (line[length] == '\n')) {
		length = strcspn(line, "\n");
		if (length == 0 || *line == '#')
			continue;
		if (chain->n == CHAIN_STAGES || length >= CHAIN_NAME)
			die(EXIT_BUG, "schedules/nightly: too many stages, or a name too long");
		memcpy(chain->name[chain->n++], line, length);
	}
}
