/* plans: writes how SQLite means to run each statement that a program prepares. Loaded before the program (LD_PRELOAD) by
 * tests/check_plans.sh.
 *
 * into     the file $PLANS: a line for each step of each plan: program, tab, step, tab, statement, tab, for a scan the views that it
 *          reads, both without their line ends, tab, the temporary tables that there are, tab, and `inner` when it runs once for
 *          each row of another step
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_STEPS 1024

struct plan {
	struct step {
		int id, parent;
		bool is_inner, is_loop;
	} step[MOST_STEPS];
	int n;
};

typedef int prepare(sqlite3 *, const char *, int, unsigned, sqlite3_stmt **, const char **);

/* The views that the statement names, and those that they name. */
static const char views[] =
    "WITH RECURSIVE"
    " made (name, sql) AS ("
    "  SELECT name, sql FROM sqlite_schema WHERE type = 'view'"
    "  UNION ALL SELECT name, sql FROM sqlite_temp_schema WHERE type = 'view'),"
    " used (name, sql) AS ("
    "  SELECT name, sql FROM made WHERE instr(?1, name) > 0"
    "  UNION SELECT m.name, m.sql FROM used u JOIN made m ON instr(u.sql, m.name) > 0 AND m.name <> u.name)"
    " SELECT coalesce(group_concat(replace(replace(sql, char(10), ' '), char(9), ' '), ' '), '') FROM used";

static const char tables[] =
    "SELECT coalesce(group_concat(name, ' '), '') FROM sqlite_temp_schema WHERE type = 'table'";

static void
print_answer(prepare *real, sqlite3 *db, const char *question, const char *text, FILE *out)
{
	sqlite3_stmt *q = NULL;

	if (real(db, question, -1, 0, &q, NULL) == SQLITE_OK) {
		sqlite3_bind_text(q, 1, text, -1, SQLITE_STATIC);
		if (sqlite3_step(q) == SQLITE_ROW)
			fprintf(out, "%s", sqlite3_column_text(q, 0));
	}
	sqlite3_finalize(q);
}

static bool
begins_with(const char *text, const char *beginning)
{
	return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* Of a step that is run once for each row of another one: of a subquery that depends on it, or of a join after its first table. */
static bool
is_inner(struct plan *plan, int id, int parent, const char *text)
{
	bool is_inner = begins_with(text, "CORRELATED"), is_once = begins_with(text, "LIST SUBQUERY") ||
	                                                           begins_with(text, "SCALAR SUBQUERY") ||
	                                                           begins_with(text, "MATERIALIZE");
	int i;

	for (i = 0; i < plan->n && !is_once; i++)
		is_inner = is_inner || (plan->step[i].id == parent && plan->step[i].is_inner) ||
		           (plan->step[i].parent == parent && plan->step[i].is_loop);
	if (plan->n == MOST_STEPS)
		abort();
	plan->step[plan->n++] =
	    (struct step){id, parent, is_inner, begins_with(text, "SCAN") || begins_with(text, "SEARCH")};
	return is_inner;
}

static void
print_plan(prepare *real, sqlite3 *db, const char *text, FILE *out)
{
	sqlite3_stmt *q = NULL;
	char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", text), *c;
	struct plan plan = {.n = 0};
	bool inner;

	if (explain != NULL && real(db, explain, -1, 0, &q, NULL) == SQLITE_OK) {
		for (c = explain; *c != '\0'; c++)
			if (*c == '\n' || *c == '\t')
				*c = ' ';
		while (sqlite3_step(q) == SQLITE_ROW) {
			inner = is_inner(&plan, sqlite3_column_int(q, 0), sqlite3_column_int(q, 1),
			                 (const char *)sqlite3_column_text(q, 3));
			fprintf(out, "%s\t%s\t%s\t", program_invocation_short_name, sqlite3_column_text(q, 3),
			        explain + strlen("EXPLAIN QUERY PLAN "));
			if (begins_with((const char *)sqlite3_column_text(q, 3), "SCAN")) {
				print_answer(real, db, views, text, out);
				fputc('\t', out);
				print_answer(real, db, tables, text, out);
				fprintf(out, "\t%s", inner ? "inner" : "");
			}
			fputc('\n', out);
		}
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
