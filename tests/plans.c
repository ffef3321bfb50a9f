/* plans: writes how SQLite means to run each statement that a program prepares. Loaded before the program (LD_PRELOAD) by
 * tests/check_plans.sh.
 *
 * into     the file $PLANS: a line for each step of each plan: program, tab, step, tab, statement without its line ends
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef int prepare(sqlite3 *, const char *, int, unsigned, sqlite3_stmt **, const char **);

static void
print_plan(prepare *real, sqlite3 *db, const char *text, FILE *out)
{
	sqlite3_stmt *q = NULL;
	char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", text), *c;

	if (explain != NULL && real(db, explain, -1, 0, &q, NULL) == SQLITE_OK) {
		for (c = explain; *c != '\0'; c++)
			if (*c == '\n' || *c == '\t')
				*c = ' ';
		while (sqlite3_step(q) == SQLITE_ROW)
			fprintf(out, "%s\t%s\t%s\n", program_invocation_short_name, sqlite3_column_text(q, 3),
			        explain + strlen("EXPLAIN QUERY PLAN "));
	}
	sqlite3_finalize(q);
	sqlite3_free(explain);
}

int
sqlite3_prepare_v3(sqlite3 *db, const char *text, int length, unsigned flags, sqlite3_stmt **q,
                   const char **rest)
{
	static prepare *real;
	const char *path = getenv("PLANS");
	FILE *out = path == NULL ? NULL : fopen(path, "a");

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "sqlite3_prepare_v3");
	if (out != NULL) {
		print_plan(real, db, text, out);
		fclose(out);
	}
	return real(db, text, length, flags, q, rest);
}
