/* arrival: see arrival.h. */
#include "stages/core/home/arrival.h"

#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"

static int
by_time(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;
	int order = request_compare(&x->parts, &y->parts);

	return order != 0 ? order : strcmp(x->name, y->name);
}

struct arrival *
arrival_list(struct run *r, const char *folder, size_t *n)
{
	struct inbox_list list;
	struct arrival *arrivals;
	size_t i;

	inbox_list(r, folder, &list);
	arrivals = memory_new(list.n + 1, sizeof(*arrivals));
	for (i = 0; i < list.n; i++) {
		memcpy(arrivals[i].name, list.name[i], INBOX_NAME);
		(void)request_parse_name(arrivals[i].name, &arrivals[i].parts, &arrivals[i].why);
	}
	*n = list.n;
	qsort(arrivals, list.n, sizeof(*arrivals), by_time);
	inbox_free(&list);
	return arrivals;
}
