/* former: see former.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "stages/core/api/former.h"
#include "stages/core/engine/log.h"

struct text {
	char *at;
	size_t room;
};

struct former {
	char *path;
	FILE *in;
	struct text row; /* the one that comes next, with its line end */
	ssize_t n;       /* its bytes; -1: the file has ended */
	struct text more;
};

static ssize_t
read_line(struct former *f, struct text *line)
{
	ssize_t n = getline(&line->at, &line->room, f->in);

	if (n < 0 && !feof(f->in))
		die_errno(EXIT_IO, "%s: cannot be read", f->path);
	return n;
}

/* Whether the text ends in a field in quotes. */
static bool
ends_in_quotes(const char *text, ssize_t n)
{
	const char *end = text + n;
	bool inside = false;

	while ((text = memchr(text, '"', (size_t)(end - text))) != NULL) {
		inside = !inside;
		text++;
	}
	return inside;
}

/* A field in quotes may have line ends. */
static void
read_row(struct former *f)
{
	struct text *row = &f->row;
	bool goes_on;
	ssize_t n;

	f->n = read_line(f, row);
	for (goes_on = f->n > 0 && ends_in_quotes(row->at, f->n); goes_on;
	     goes_on = !ends_in_quotes(f->more.at, n)) {
		if ((n = read_line(f, &f->more)) < 0)
			die(EXIT_BUG, "%s: a quote is not closed: the file is cut off", f->path);
		if ((size_t)(f->n + n) > row->room) {
			row->room = 2 * (size_t)(f->n + n);
			row->at = memory_resize(row->at, row->room, 1);
		}
		memcpy(row->at + f->n, f->more.at, (size_t)n);
		f->n += n;
	}
}

struct former *
former_open(const char *path)
{
	struct former *f = memory_new(1, sizeof(*f));

	f->path = memory_text(path);
	f->in = fopen(path, "r");
	if (f->in == NULL)
		die_errno(EXIT_IO, "%s: cannot be read", path);
	read_row(f); /* the header */
	if (f->n > 0)
		read_row(f);
	return f;
}

void
former_close(struct former *f)
{
	if (f == NULL)
		return;
	fclose(f->in);
	free(f->row.at);
	free(f->more.at);
	free(f->path);
	free(f);
}

int64_t
former_copy(struct former *f, const char *id, struct sink *to)
{
	int64_t rows = 0;

	for (; f->n > 0 && strncmp(f->row.at, id, strlen(id)) < 0; rows++) {
		if (to != NULL)
			sink_put(to, f->row.at, (size_t)f->n);
		read_row(f);
	}
	return rows;
}
