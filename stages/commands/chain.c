/* chain: see chain.h. One stage a line; '#' begins a comment. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

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

static bool
is_locked(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool locked = fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) < 0;

	if (fd >= 0)
		close(fd);
	return locked;
}

const char *
chain_remedy(int status)
{
	switch (status) {
	case EXIT_UNAVAILABLE:
	case EXIT_BUSY:
		return "run it again later";
	case EXIT_BUG:
		return "when an engineer has fixed it, run it again";
	default:
		return "fix that, then run it again";
	}
}

bool
chain_is_going(void)
{
	return is_locked("state/run.lock");
}

/* Tries the lock of the home only while a process with this number exists: else the try could disturb a stage that starts. */
bool
chain_stage_is_alive(bool by_hand, int64_t pid)
{
	if (!by_hand)
		return chain_is_going();
	return (kill((pid_t)pid, 0) == 0 || errno == EPERM) && is_locked("state/lock");
}
