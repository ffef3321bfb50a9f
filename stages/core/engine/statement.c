/* statement: see statement.h. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/engine/database.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/statement.h"

/* Of one statement, remembered by the address of their names; further ones are looked up each time. */
#define MOST_PARAMETERS 24

#define FIRST_PLACES 64

struct stmt {
	const char *text;
	char *own; /* of a made text: a copy */
	sqlite3_stmt *handle;
	struct database *base;
	const void *table;                          /* the table that its columns were compared with last */
	bool is_run;                                /* stepped since it was reset */
	int last_bound;                             /* the parameter that was bound last */
	const char *parameter[MOST_PARAMETERS + 1]; /* the literal last used for each */
};

/* The place of a text, or the empty one that it would take. Addresses differ in their middle bits most: the multiplication brings
 * these to the front. */
static struct stmt **
place_of(const struct database *b, const char *text)
{
	uint64_t mixed = (uint64_t)(uintptr_t)text * UINT64_C(0x9E3779B97F4A7C15);
	size_t i = (size_t)(mixed >> 32) & (b->places - 1);

	while (b->statement[i] != NULL && b->statement[i]->text != text)
		i = (i + 1) & (b->places - 1);
	return &b->statement[i];
}

/* Half of the places stay empty, so that a search ends soon. */
static void
make_room(struct database *b)
{
	struct database before = *b;
	size_t i;

	if (2 * (b->statements + 1) <= b->places)
		return;
	b->places = b->places == 0 ? FIRST_PLACES : 2 * b->places;
	b->statement = memory_new(b->places, sizeof(struct stmt *));
	for (i = 0; i < before.places; i++)
		if (before.statement[i] != NULL)
			*place_of(b, before.statement[i]->text) = before.statement[i];
	free(before.statement);
}

static struct stmt *
prepare(struct database *b, const char *text)
{
	struct stmt *q = memory_new(1, sizeof(*q));

	*q = (struct stmt){.text = text, .base = b};
	if (sqlite3_prepare_v3(b->db, text, -1, SQLITE_PREPARE_PERSISTENT, &q->handle, NULL) != SQLITE_OK)
		database_die(b, text);
	make_room(b);
	*place_of(b, text) = q;
	b->statements++;
	return q;
}

struct stmt *
statement_find(struct database *b, const char *text)
{
	struct stmt *q = b->places == 0 ? NULL : *place_of(b, text);

	if (q == NULL)
		return prepare(b, text);
	reset(q);
	return q;
}

struct stmt *
statement_make(struct database *b, const char *text)
{
	struct stmt *q;
	char *own;
	size_t i;

	for (i = 0; i < b->places; i++)
		if ((q = b->statement[i]) != NULL && q->own != NULL && strcmp(q->own, text) == 0) {
			reset(q);
			return q;
		}
	own = memory_text(text);
	q = prepare(b, own);
	q->own = own;
	return q;
}

void
statement_reset_all(struct database *b)
{
	size_t i;

	for (i = 0; i < b->places; i++)
		if (b->statement[i] != NULL)
			reset(b->statement[i]);
}

void
statement_free_all(struct database *b)
{
	size_t i;

	for (i = 0; i < b->places; i++)
		if (b->statement[i] != NULL) {
			sqlite3_finalize(b->statement[i]->handle);
			free(b->statement[i]->own);
			free(b->statement[i]);
		}
	free(b->statement);
	b->statement = NULL;
	b->places = b->statements = 0;
}

int64_t
statement_steps(const struct database *b)
{
	int64_t steps = 0;
	size_t i;

	for (i = 0; i < b->places; i++)
		if (b->statement[i] != NULL)
			steps += sqlite3_stmt_status(b->statement[i]->handle, SQLITE_STMTSTATUS_VM_STEP, 0);
	return steps;
}

/* They are bound in their order, as a rule: the next one is tried first. */
static int
parameter(struct stmt *q, const char *name)
{
	int i = q->last_bound + 1;

	if (i > MOST_PARAMETERS || q->parameter[i] != name)
		for (i = 1; i <= MOST_PARAMETERS && q->parameter[i] != name; i++)
			;
	if (i > MOST_PARAMETERS)
		i = sqlite3_bind_parameter_index(q->handle, name);
	if (i == 0)
		die(EXIT_BUG, "database: no parameter %s: %s", name, q->text);
	if (i <= MOST_PARAMETERS)
		q->parameter[i] = name;
	q->last_bound = i;
	return i;
}

static void
check_bound(struct stmt *q, int rc)
{
	if (rc != SQLITE_OK)
		database_die(q->base, q->text);
}

void
bind_int(struct stmt *q, const char *name, int64_t v)
{
	check_bound(q, sqlite3_bind_int64(q->handle, parameter(q, name), v));
}

void
bind_int_or(struct stmt *q, const char *name, int64_t v, int64_t absent)
{
	if (v == absent)
		check_bound(q, sqlite3_bind_null(q->handle, parameter(q, name)));
	else
		bind_int(q, name, v);
}

void
bind_text(struct stmt *q, const char *name, const char *v)
{
	check_bound(q, sqlite3_bind_text(q->handle, parameter(q, name), v, -1, SQLITE_TRANSIENT));
}

void
bind_blob(struct stmt *q, const char *name, const void *bytes, size_t n)
{
	check_bound(q, sqlite3_bind_blob64(q->handle, parameter(q, name), bytes, n, SQLITE_TRANSIENT));
}

void
bind_literal(struct stmt *q, int i, const struct literal *v)
{
	switch (v->type) {
	case LITERAL_NULL:
		check_bound(q, sqlite3_bind_null(q->handle, i));
		break;
	case LITERAL_INTEGER:
		check_bound(q, sqlite3_bind_int64(q->handle, i, v->integer));
		break;
	case LITERAL_TEXT:
		check_bound(q, sqlite3_bind_text(q->handle, i, v->bytes, (int)v->n, SQLITE_TRANSIENT));
		break;
	case LITERAL_BYTES:
		check_bound(
		    q, sqlite3_bind_blob64(q->handle, i, v->n == 0 ? "" : v->bytes, v->n, SQLITE_TRANSIENT));
		break;
	}
}

void
bind_date(struct stmt *q, const char *name, date on)
{
	char text[DATE_TEXT];

	bind_text(q, name, on == DATE_NONE ? NULL : date_print(text, on));
}

void
bind_instant(struct stmt *q, const char *name, instant at)
{
	bind_int_or(q, name, at, INSTANT_NONE);
}

static int
step(struct stmt *q)
{
	q->is_run = true;
	q->last_bound = 0;
	return sqlite3_step(q->handle);
}

bool
row(struct stmt *q)
{
	int rc = step(q);

	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		database_die(q->base, q->text);
	reset(q);
	return false;
}

void
reset(struct stmt *q)
{
	if (q->is_run)
		sqlite3_reset(q->handle);
	q->is_run = false;
}

int64_t
exec(struct stmt *q)
{
	while (row(q))
		;
	return sqlite3_changes64(q->base->db);
}

int
exec_checked(struct stmt *q, struct err *e)
{
	int rc = step(q);

	if (rc != SQLITE_DONE && (sqlite3_errcode(q->base->db) & 0xff) != SQLITE_CONSTRAINT)
		database_die(q->base, q->text);
	if (rc != SQLITE_DONE)
		(void)err_set(e, ERR_BAD_FIELD, "%s", sqlite3_errmsg(q->base->db));
	reset(q);
	return rc == SQLITE_DONE ? 0 : -1;
}

int64_t
value(struct stmt *q, int64_t absent)
{
	int64_t v = row(q) && !col_null(q, 0) ? col_int(q, 0) : absent;

	reset(q);
	return v;
}

date
value_date(struct stmt *q)
{
	date on = row(q) ? col_date(q, 0) : DATE_NONE;

	reset(q);
	return on;
}

int64_t
col_int(struct stmt *q, int i)
{
	return sqlite3_column_int64(q->handle, i);
}

int
col_count(struct stmt *q)
{
	return sqlite3_column_count(q->handle);
}

const char *
col_name(struct stmt *q, int i)
{
	return sqlite3_column_name(q->handle, i);
}

bool
col_compared(struct stmt *q, const void *table)
{
	bool before = q->table == table;

	q->table = table;
	return before;
}

int64_t
col_int_or(struct stmt *q, int i, int64_t absent)
{
	return col_null(q, i) ? absent : col_int(q, i);
}

bool
col_null(struct stmt *q, int i)
{
	return sqlite3_column_type(q->handle, i) == SQLITE_NULL;
}

const char *
col_text(struct stmt *q, int i)
{
	return (const char *)sqlite3_column_text(q->handle, i);
}

void
col_copy(struct stmt *q, int i, char *dst, size_t size)
{
	if (text_copy(dst, size, col_text(q, i)) < 0)
		die(EXIT_BUG, "database: a text of more than %zu bytes: %s", size - 1, q->text);
}

int
col_word(struct stmt *q, int i, const char *const words[], int n)
{
	const char *word = col_text(q, i);
	int k;

	for (k = 0; word != NULL && k < n; k++)
		if (strcmp(words[k], word) == 0)
			return k;
	die(EXIT_BUG, "database: an unknown word: %s", q->text);
}

const void *
col_blob(struct stmt *q, int i, size_t *n)
{
	const void *bytes = sqlite3_column_blob(q->handle, i);

	*n = (size_t)sqlite3_column_bytes(q->handle, i);
	return bytes;
}

void
col_literal(struct stmt *q, int i, struct literal *v)
{
	*v = (struct literal){.type = LITERAL_NULL};
	switch (sqlite3_column_type(q->handle, i)) {
	case SQLITE_INTEGER:
		v->type = LITERAL_INTEGER;
		v->integer = sqlite3_column_int64(q->handle, i);
		break;
	case SQLITE_TEXT:
		v->type = LITERAL_TEXT;
		v->bytes = sqlite3_column_text(q->handle, i);
		v->n = (size_t)sqlite3_column_bytes(q->handle, i);
		break;
	case SQLITE_BLOB:
		v->type = LITERAL_BYTES;
		v->bytes = sqlite3_column_blob(q->handle, i);
		v->n = (size_t)sqlite3_column_bytes(q->handle, i);
		break;
	default:
		break;
	}
}

date
col_date(struct stmt *q, int i)
{
	struct err e = {0};
	date on;

	if (col_null(q, i))
		return DATE_NONE;
	if (date_parse(col_text(q, i), &on, &e) < 0)
		die(EXIT_BUG, "database: not a day: %s: %s", col_text(q, i), q->text);
	return on;
}

instant
col_instant(struct stmt *q, int i)
{
	return col_int_or(q, i, INSTANT_NONE);
}
