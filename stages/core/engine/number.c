/* number: see number.h. Writes the table counter. */
#include <string.h>

#include "formats/uuid.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/number.h"
#include "stages/core/engine/statement.h"

void
number_begin(struct numbers *m)
{
	if (m->units == 0)
		m->unit[0].n = 0;
	else
		m->unit[m->units] = m->unit[m->units - 1];
	m->units++;
}

void
number_commit(struct numbers *m)
{
	m->units--;
	if (m->units > 0)
		m->unit[m->units - 1] = m->unit[m->units];
}

void
number_rollback(struct numbers *m)
{
	m->units--;
}

static int64_t
load_last(struct database *b, const char *counter)
{
	struct stmt *q = statement_find(b, SQL("SELECT last FROM counter WHERE name = $name"));

	bind_text(q, "$name", counter);
	return value(q, 0);
}

static void
store_last(struct database *b, const char *counter, int64_t last)
{
	struct stmt *q = statement_find(b, SQL("INSERT INTO counter (name, last) VALUES ($name, $last)"
	                                       " ON CONFLICT (name) DO UPDATE SET last = excluded.last"));

	bind_text(q, "$name", counter);
	bind_int(q, "$last", last);
	exec(q);
}

void
number_write(struct numbers *m, struct database *b)
{
	int i;

	for (i = 0; i < m->unit[0].n; i++)
		store_last(b, m->name[i], m->unit[0].last[i]);
}

int64_t
number_take(struct numbers *m, struct database *b, const char *counter, int64_t n)
{
	int64_t *last = m->unit[m->units - 1].last;
	int *known = &m->unit[m->units - 1].n, i;

	for (i = 0; i < *known && strcmp(m->name[i], counter) != 0; i++)
		;
	if (i == NUMBER_COUNTERS)
		die(EXIT_BUG, "database: more than %d counters", NUMBER_COUNTERS);
	if (i == *known) {
		m->name[i] = counter;
		last[i] = load_last(b, counter);
		(*known)++;
	}
	last[i] += n;
	if (last[i] >= UUID_NUMBERS)
		die(EXIT_BUG, "database: the counter %s is used up", counter);
	return last[i] - n + 1;
}
