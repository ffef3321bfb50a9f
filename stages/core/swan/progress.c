/* progress: see progress.h. */
#include <stdio.h>
#include <unistd.h>

#include "stages/core/swan/progress.h"

#define EVERY_MS 200

void
progress_begin(struct progress *p, const struct run *r)
{
	*p = (struct progress){.shown = !r->quiet && isatty(STDERR_FILENO) == 1, .begun = run_ticks()};
}

void
progress_show(struct progress *p, const char *what, int64_t done, int64_t of, int64_t pages)
{
	int64_t now = run_ticks(), left_s = -1;

	if (!p->shown || (p->shown_at != 0 && now - p->shown_at < EVERY_MS && done < of))
		return;
	p->shown_at = now;
	if (done > 0 && done <= of && now > p->begun)
		left_s = (now - p->begun) * (of - done) / done / 1000;
	fprintf(stderr, "\r\033[K%s: %lld of %lld, page %lld", what, (long long)done, (long long)of,
	        (long long)pages);
	if (left_s > 0)
		fprintf(stderr, ", %lld s left", (long long)left_s);
	fflush(stderr);
}

void
progress_end(struct progress *p)
{
	if (p->shown && p->shown_at != 0) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
	}
	p->shown_at = 0;
}
