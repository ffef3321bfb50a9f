/* listing: see listing.h. A table is held in memory, for its widths are known at its end; the others are
 * streamed. */
#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/iban.h"
#include "formats/text.h"
#include "stages/core/listing.h"
#include "stages/core/log.h"

#define MOST_COLUMNS 40

/* What stands in one place of a list, before it is written in one form or another. */
struct cell {
	bool is_null;
	int64_t number;   /* cents, count, bool, instant; of a list the session */
	int64_t profile;  /* of a list */
	const char *text; /* all but cents, count, bool, list: as machines read it */
	char own[COLUMN_TEXT_SIZE];
};

char *
listing_euros(char text[static LISTING_EUROS], cents amount)
{
	char plain[MONEY_TEXT];
	const char *from = money_print(plain, amount);
	char *to = text;
	size_t left;

	if (*from == '-')
		*to++ = *from++;
	for (left = strcspn(from, "."); left > 0; left--) {
		*to++ = *from++;
		if (left > 1 && left % 3 == 1)
			*to++ = ' ';
	}
	snprintf(to, (size_t)(text + LISTING_EUROS - to), "%s", from);
	return text;
}

/* Those that CSV and tables have; NULL behind them. Returns how many. */
static int
find_flat_columns(const struct listing *l, const struct column *flat[MOST_COLUMNS + 1])
{
	const struct column *c;
	int n = 0;

	for (c = l->columns; c->name != NULL; c++) {
		if (c - l->columns >= MOST_COLUMNS)
			die(EXIT_BUG, "a list of more than %d columns", MOST_COLUMNS);
		if (c->type != COLUMN_LIST)
			flat[n++] = c;
	}
	flat[n] = NULL;
	return n;
}

static const char *
print_id(struct run *r, enum uuid_kind kind, int64_t owner, int64_t number, char *text)
{
	struct uuid id = uuid_of(store_id(r->db), kind, (uint32_t)owner, (uint32_t)number);

	return uuid_print(text, &id);
}

static const char *
print_masked(const char *text, char *masked)
{
	struct iban iban = {{0}};

	if (text_copy(iban.text, sizeof(iban.text), text) < 0)
		die(EXIT_BUG, "database: an IBAN that is too long");
	return iban_mask(masked, &iban);
}

/* Column i of the query and, of an id, the next one. Returns how many it took. */
static int
read_cell(struct run *r, const struct column *c, struct stmt *q, int i, struct cell *cell)
{
	int takes = c->type == COLUMN_ID || c->type == COLUMN_LIST ? 2 : 1;
	const void *bytes;
	size_t n;

	cell->is_null = col_null(q, i) || col_null(q, i + takes - 1);
	if (cell->is_null)
		return takes;
	switch (c->type) {
	case COLUMN_TEXT:
	case COLUMN_DAY:
		cell->text = col_text(q, i);
		break;
	case COLUMN_CENTS:
	case COLUMN_COUNT:
	case COLUMN_BOOL:
		cell->number = col_int(q, i);
		break;
	case COLUMN_INSTANT:
		cell->number = col_int(q, i);
		cell->text = instant_print(cell->own, cell->number);
		break;
	case COLUMN_IBAN:
		cell->text = r->unmasked ? col_text(q, i) : print_masked(col_text(q, i), cell->own);
		break;
	case COLUMN_KEY:
		bytes = col_blob(q, i, &n);
		store_key_print(bytes, n, cell->own);
		cell->text = cell->own;
		break;
	case COLUMN_ID:
		cell->text = print_id(r, c->kind, col_int(q, i), col_int(q, i + 1), cell->own);
		break;
	case COLUMN_TOLD:
		c->tell(r, col_int(q, i), cell->own);
		cell->text = cell->own;
		break;
	case COLUMN_LIST:
		cell->profile = col_int(q, i);
		cell->number = col_int(q, i + 1);
		break;
	}
	return takes;
}

static void
read_row(struct run *r, const struct listing *l, struct stmt *q, struct cell cell[MOST_COLUMNS])
{
	const struct column *c;
	int at = 0;

	for (c = l->columns; c->name != NULL; c++)
		at += read_cell(r, c, q, at, cell++);
}

static bool
is_number(const struct column *c)
{
	return c->type == COLUMN_CENTS || c->type == COLUMN_COUNT;
}

/* CSV ---------------------------------------------------------------------------------------------------- */

static void
put_field(struct csv *csv, const struct column *c, const struct cell *cell)
{
	if (cell->is_null)
		csv_text(csv, NULL);
	else if (is_number(c))
		csv_int(csv, cell->number);
	else if (c->type == COLUMN_BOOL)
		csv_text(csv, cell->number != 0 ? "true" : "false");
	else
		csv_text(csv, cell->text);
}

int64_t
listing_write_csv(struct run *r, const struct listing *l, struct stmt *q, struct sink *s)
{
	struct csv csv = {.sink = s, .separator = ',', .eol = "\n"};
	const struct column *flat[MOST_COLUMNS + 1];
	struct cell cell[MOST_COLUMNS];
	const char *names[MOST_COLUMNS];
	int64_t rows = 0;
	int i, n = find_flat_columns(l, flat);

	for (i = 0; i < n; i++)
		names[i] = flat[i]->name;
	csv_header(&csv, names, n);
	for (; row(q); rows++) {
		read_row(r, l, q, cell);
		for (i = 0; i < n; i++)
			put_field(&csv, flat[i], &cell[flat[i] - l->columns]);
		csv_end(&csv);
	}
	return rows;
}

void
listing_put_fields(struct json *j, const struct listing *l)
{
	static const char *const types[] = {
	    [COLUMN_TEXT] = "string",      [COLUMN_CENTS] = "integer", [COLUMN_COUNT] = "integer",
	    [COLUMN_INSTANT] = "datetime", [COLUMN_DAY] = "date",      [COLUMN_BOOL] = "boolean",
	    [COLUMN_IBAN] = "string",      [COLUMN_KEY] = "string",    [COLUMN_ID] = "string",
	    [COLUMN_TOLD] = "string",
	};
	const struct column *flat[MOST_COLUMNS + 1];
	int i, n = find_flat_columns(l, flat);

	json_open(j, "fields", '[');
	for (i = 0; i < n; i++) {
		json_open(j, NULL, '{');
		json_put_text(j, "name", flat[i]->name);
		json_put_text(j, "type", types[flat[i]->type]);
		json_close(j, '}');
	}
	json_close(j, ']');
}

/* JSON --------------------------------------------------------------------------------------------------- */

static void
put_list(struct json *j, const char *key, struct run *r, const struct listing *l, const struct cell *cell)
{
	struct stmt *q = sql(r->db, l->text);

	bind_int(q, "$profile", cell->profile);
	bind_int(q, "$session", cell->number);
	listing_put_array(j, key, r, l, q);
}

static void
put_member(struct json *j, const char *key, struct run *r, const struct column *c, const struct cell *cell)
{
	if (cell->is_null)
		json_put_null(j, key);
	else if (is_number(c))
		json_put_int(j, key, cell->number);
	else if (c->type == COLUMN_BOOL)
		json_put_bool(j, key, cell->number != 0);
	else if (c->type == COLUMN_LIST)
		put_list(j, key, r, c->list, cell);
	else
		json_put_text(j, key, cell->text);
}

/* An object in the making: `inside` bytes of the names of its columns lead to it. */
struct object {
	struct run *run;
	const struct column *from, *end;
	const struct cell *cell; /* of `from` */
	size_t inside;
};

static bool
is_nothing(const struct object *o)
{
	const struct column *c;

	for (c = o->from; c < o->end; c++)
		if (!o->cell[c - o->from].is_null)
			return false;
	return true;
}

/* The object that the column `from` of another one begins. */
static struct object
find_object(const struct object *o, const struct column *from)
{
	struct object in = {.run = o->run, .from = from, .end = from, .cell = o->cell + (from - o->from)};

	in.inside = o->inside + strcspn(from->name + o->inside, ".") + 1;
	while (in.end < o->end && strncmp(in.end->name, from->name, in.inside) == 0)
		in.end++;
	return in;
}

static void
put_members(struct json *j, const struct object *o)
{
	const struct column *c = o->from;
	struct object in;
	char key[64];

	while (c < o->end) {
		if (strchr(c->name + o->inside, '.') == NULL) {
			put_member(j, c->name + o->inside, o->run, c, &o->cell[c - o->from]);
			c++;
			continue;
		}
		in = find_object(o, c);
		snprintf(key, sizeof(key), "%.*s", (int)(in.inside - o->inside - 1), c->name + o->inside);
		if (is_nothing(&in)) {
			json_put_null(j, key);
		} else {
			json_open(j, key, '{');
			put_members(j, &in);
			json_close(j, '}');
		}
		c = in.end;
	}
}

void
listing_put_columns(struct json *j, struct run *r, const struct listing *l, struct stmt *q)
{
	struct cell cell[MOST_COLUMNS];
	struct object o = {.run = r, .from = l->columns, .end = l->columns, .cell = cell};

	while (o.end->name != NULL)
		o.end++;
	if (o.end - o.from > MOST_COLUMNS)
		die(EXIT_BUG, "a list of more than %d columns", MOST_COLUMNS);
	read_row(r, l, q, cell);
	put_members(j, &o);
}

void
listing_put_array(struct json *j, const char *key, struct run *r, const struct listing *l, struct stmt *q)
{
	json_open(j, key, '[');
	while (row(q)) {
		json_open(j, NULL, '{');
		listing_put_columns(j, r, l, q);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
write_jsonl(struct run *r, const struct listing *l, struct stmt *q, struct sink *s)
{
	while (row(q)) {
		struct json j = {.sink = s};

		json_open(&j, NULL, '{');
		listing_put_columns(&j, r, l, q);
		json_close(&j, '}');
		sink_text(s, "\n");
	}
}

/* Tables ------------------------------------------------------------------------------------------------- */

/* Cells row by row, the heads first; each is owned. */
struct table {
	char **cell;
	size_t n, room;
};

static void
add(struct table *t, const char *text)
{
	char *byte;

	if (t->n == t->room) {
		t->room = t->room == 0 ? 256 : 2 * t->room;
		t->cell = realloc(t->cell, t->room * sizeof(*t->cell));
		if (t->cell == NULL)
			die(EXIT_BUG, "out of memory");
	}
	t->cell[t->n] = strdup(text);
	if (t->cell[t->n] == NULL)
		die(EXIT_BUG, "out of memory");
	for (byte = t->cell[t->n]; *byte != '\0'; byte++)
		if ((unsigned char)*byte < ' ' || *byte == 0x7F)
			*byte = '?';
	t->n++;
}

static void
free_table(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		free(t->cell[i]);
	free(t->cell);
}

/* "amount_in_cents" -> "amount EUR" */
static void
add_head(struct table *t, const struct column *c)
{
	static const char suffix[] = "_in_cents";
	size_t n = strlen(c->name), least = sizeof(suffix) - 1;
	bool in_cents = n > least && strcmp(c->name + n - least, suffix) == 0;
	char head[128], *at;

	if (in_cents)
		snprintf(head, sizeof(head), "%.*s EUR", (int)(n - least), c->name);
	else
		snprintf(head, sizeof(head), "%s", c->name);
	for (at = head; *at != '\0'; at++)
		if (*at == '_')
			*at = ' ';
	add(t, c->head != NULL ? c->head : head);
}

/* 2026-03-04T02:30:00Z without what a reader knows */
static void
add_instant(struct table *t, instant at)
{
	char text[INSTANT_TEXT];

	instant_print_seconds(text, at);
	text[10] = ' ';
	text[16] = '\0';
	add(t, text);
}

static void
add_cell(struct table *t, const struct column *c, const struct cell *cell)
{
	char text[LISTING_EUROS];

	if (cell->is_null) {
		add(t, "-");
	} else if (c->type == COLUMN_CENTS) {
		add(t, listing_euros(text, cell->number));
	} else if (c->type == COLUMN_COUNT) {
		snprintf(text, sizeof(text), "%lld", (long long)cell->number);
		add(t, text);
	} else if (c->type == COLUMN_BOOL) {
		add(t, cell->number != 0 ? "yes" : "no");
	} else if (c->type == COLUMN_INSTANT) {
		add_instant(t, cell->number);
	} else {
		add(t, cell->text);
	}
}

static void
add_row(struct table *t, struct run *r, const struct listing *l, struct stmt *q)
{
	const struct column *flat[MOST_COLUMNS + 1];
	struct cell cell[MOST_COLUMNS];
	int i, n = find_flat_columns(l, flat);

	read_row(r, l, q, cell);
	for (i = 0; i < n; i++)
		add_cell(t, flat[i], &cell[flat[i] - l->columns]);
}

/* Returns how many. */
static int
add_heads(struct table *t, const struct listing *l)
{
	const struct column *flat[MOST_COLUMNS + 1];
	int i, n = find_flat_columns(l, flat);

	for (i = 0; i < n; i++)
		add_head(t, flat[i]);
	return n;
}

/* Characters, not bytes. */
static int
width_of(const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += ((unsigned char)*text & 0xC0) != 0x80;
	return n;
}

static void
pad(struct sink *s, int n)
{
	while (n-- > 0)
		sink_text(s, " ");
}

static void
write_cells(const struct table *t, const struct listing *l, struct sink *s)
{
	const struct column *flat[MOST_COLUMNS + 1];
	int width[MOST_COLUMNS] = {0}, i, missing, columns = find_flat_columns(l, flat);
	size_t at;

	for (at = 0; at < t->n; at++) {
		i = (int)(at % (size_t)columns);
		width[i] = width_of(t->cell[at]) > width[i] ? width_of(t->cell[at]) : width[i];
	}
	for (at = 0; at < t->n; at++) {
		i = (int)(at % (size_t)columns);
		missing = width[i] - width_of(t->cell[at]);
		pad(s, is_number(flat[i]) ? missing : 0);
		sink_text(s, t->cell[at]);
		if (i == columns - 1)
			sink_text(s, "\n");
		else
			pad(s, 2 + (is_number(flat[i]) ? 0 : missing));
	}
}

static void
write_table(struct run *r, const struct listing *l, struct stmt *q, struct sink *s)
{
	struct table t = {0};
	int columns = add_heads(&t, l);

	while (row(q))
		add_row(&t, r, l, q);
	if (t.n == (size_t)columns)
		sink_text(s, "none\n");
	else
		write_cells(&t, l, s);
	free_table(&t);
}

void
listing_write_sheet(struct run *r, const struct listing *l, struct stmt *q, struct sink *s)
{
	struct table t = {0};
	int i, width = 0, columns = add_heads(&t, l);

	while (row(q) && t.n == (size_t)columns)
		add_row(&t, r, l, q);
	for (i = 0; i < columns; i++)
		width = width_of(t.cell[i]) > width ? width_of(t.cell[i]) : width;
	if (t.n == (size_t)columns)
		sink_text(s, "none\n");
	for (i = 0; i < columns && t.n > (size_t)columns; i++) {
		sink_text(s, t.cell[i]);
		pad(s, width - width_of(t.cell[i]) + 2);
		sink_print(s, "%s\n", t.cell[columns + i]);
	}
	free_table(&t);
}

/* -------------------------------------------------------------------------------------------------------- */

static int
write_stdout(void *ctx, const void *bytes, size_t n)
{
	(void)ctx;
	return fwrite(bytes, 1, n, stdout) == n ? 0 : -1;
}

struct sink *
listing_stdout(void)
{
	struct sink *s = sink_new(write_stdout, NULL);

	if (s == NULL)
		die(EXIT_BUG, "out of memory");
	return s;
}

void
listing_stdout_end(struct sink *s)
{
	if (sink_end(s, NULL, NULL) < 0)
		die_errno(EXIT_IO, "standard output");
}

void
listing_write(struct run *r, const struct listing *l, struct stmt *q, enum format format, struct sink *s)
{
	struct json j = {.sink = s, .indent = true};

	switch (format) {
	case FORMAT_TABLE:
		write_table(r, l, q, s);
		break;
	case FORMAT_JSON:
		listing_put_array(&j, NULL, r, l, q);
		break;
	case FORMAT_JSONL:
		write_jsonl(r, l, q, s);
		break;
	case FORMAT_CSV:
		listing_write_csv(r, l, q, s);
		break;
	}
}

static void
write_object(struct run *r, const struct listing *l, struct stmt *q, struct json *j)
{
	if (!row(q)) {
		json_put_null(j, NULL);
		return;
	}
	json_open(j, NULL, '{');
	listing_put_columns(j, r, l, q);
	json_close(j, '}');
	reset(q);
}

void
listing_write_one(struct run *r, const struct listing *l, struct stmt *q, enum format format, struct sink *s)
{
	struct json j = {.sink = s, .indent = format == FORMAT_JSON};

	switch (format) {
	case FORMAT_TABLE:
		listing_write_sheet(r, l, q, s);
		break;
	case FORMAT_JSON:
	case FORMAT_JSONL:
		write_object(r, l, q, &j);
		sink_text(s, format == FORMAT_JSONL ? "\n" : "");
		break;
	case FORMAT_CSV:
		listing_write_csv(r, l, q, s);
		break;
	}
}

void
listing_print(struct run *r, const struct listing *l, struct stmt *q)
{
	struct sink *s = listing_stdout();

	listing_write(r, l, q, r->format, s);
	listing_stdout_end(s);
}
