/* spool: see spool.h. Records are mostly copied in the order in which they were written, so one buffer reads ahead. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/memory.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/durable.h"
#include "stages/core/home/spool.h"

#define BUFFER_SIZE 65536

struct spool {
	int fd;
	int why; /* errno of the write that failed */
	struct sink *sink;
	int64_t begin; /* place of the first byte in the buffer */
	size_t n;
	char buffer[BUFFER_SIZE];
};

static int
spool_write(void *ctx, const void *bytes, size_t n)
{
	struct spool *s = ctx;
	int rc = durable_write(s->fd, bytes, n);

	s->why = errno;
	return rc;
}

struct spool *
spool_open(void)
{
	struct spool *s = memory_new(1, sizeof(*s));

	s->fd = durable_create_nameless("state");
	s->sink = sink_new_plain(spool_write, s);
	return s;
}

void
spool_close(struct spool *s)
{
	if (s == NULL)
		return;
	if (s->sink != NULL)
		(void)sink_end(s->sink, NULL, NULL); /* its bytes are not used any more */
	close(s->fd);
	free(s);
}

struct sink *
spool_sink(struct spool *s)
{
	return s->sink;
}

int64_t
spool_place(const struct spool *s)
{
	return sink_size(s->sink);
}

void
spool_end(struct spool *s)
{
	if (s->sink == NULL)
		return;
	if (sink_end(s->sink, NULL, NULL) < 0) {
		errno = s->why;
		die_errno(EXIT_IO, "state/: a temporary file cannot be written");
	}
	s->sink = NULL;
}

static void
spool_fill(struct spool *s, int64_t place)
{
	ssize_t n;

	do
		n = pread(s->fd, s->buffer, sizeof(s->buffer), place);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		die_errno(EXIT_IO, "state/: a temporary file cannot be read back");
	s->begin = place;
	s->n = (size_t)n;
}

void
spool_copy(struct spool *s, int64_t place, int64_t size, struct sink *to)
{
	while (size > 0) {
		size_t skip, part;

		if (place < s->begin || place >= s->begin + (int64_t)s->n)
			spool_fill(s, place);
		skip = (size_t)(place - s->begin);
		part = s->n - skip < (size_t)size ? s->n - skip : (size_t)size;
		sink_put(to, s->buffer + skip, part);
		place += (int64_t)part;
		size -= (int64_t)part;
	}
}
