/* listing: see listing.h. Rows are written as they come: a list takes no memory. */
#include <stdio.h>
#include <string.h>

#include "formats/csv.h"
#include "stages/core/engine/log.h"
#include "stages/core/lists/cell.h"
#include "stages/core/lists/listing.h"
#include "stages/core/lists/table.h"

struct stmt *
listing_query(struct run *r, const struct listing *l)
{
	struct stmt *q = sql(r->db, l->text);

	cell_check_columns(l, q);
	return q;
}

/* CSV ---------------------------------------------------------------------------------------------------- */

static void
put_field(struct csv *csv, const struct column *c, const struct cell *cell)
{
	if (cell->is_null)
		csv_text(csv, NULL);
	else if (cell_is_number(c))
		csv_int(csv, cell->number);
	else if (c->type == COLUMN_BOOL)
		csv_text(csv, cell->number != 0 ? "true" : "false");
	else
		csv_text(csv, cell->text);
}

struct listing_csv
listing_begin_csv(const struct listing *l, struct sink *s)
{
	struct listing_csv out = {.csv = {.sink = s, .separator = ',', .eol = "\n"}, .listing = l};
	const struct column *c;

	for (c = l->columns; c->name != NULL; c++)
		if (c->type != COLUMN_LIST)
			csv_text(&out.csv, c->name);
	csv_end(&out.csv);
	return out;
}

void
listing_put_csv(struct listing_csv *out, const struct cell *cell)
{
	const struct column *c;

	for (c = out->listing->columns; c->name != NULL; c++, cell++)
		if (c->type != COLUMN_LIST)
			put_field(&out->csv, c, cell);
	csv_end(&out->csv);
	out->rows++;
}

int64_t
listing_write_csv(struct run *r, const struct listing *l, struct stmt *q, struct sink *s)
{
	struct listing_csv out = listing_begin_csv(l, s);
	struct cell cell[CELL_COLUMNS];

	while (row(q)) {
		cell_read_row(r, l, q, cell);
		listing_put_csv(&out, cell);
	}
	return out.rows;
}

void
listing_put_fields(struct json *j, const struct listing *l)
{
	static const char *const types[] = {
	    [COLUMN_TEXT] = "string",      [COLUMN_CENTS] = "integer", [COLUMN_COUNT] = "integer",
	    [COLUMN_INSTANT] = "datetime", [COLUMN_DAY] = "date",      [COLUMN_BOOL] = "boolean",
	    [COLUMN_IBAN] = "string",      [COLUMN_KEY] = "string",    [COLUMN_ID] = "string",
	    [COLUMN_PRINTED] = "string",
	};
	const struct column *flat[CELL_COLUMNS + 1];
	int i, n = cell_find_flat(l, flat);

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
	struct stmt *q = listing_query(r, l);

	bind_int(q, "$profile", cell->profile);
	bind_int(q, "$session", cell->number);
	listing_put_array(j, key, r, l, q);
}

static void
put_member(struct json *j, const char *key, struct run *r, const struct column *c, const struct cell *cell)
{
	if (cell->is_null)
		json_put_null(j, key);
	else if (cell_is_number(c))
		json_put_int(j, key, cell->number);
	else if (c->type == COLUMN_BOOL)
		json_put_bool(j, key, cell->number != 0);
	else if (c->type == COLUMN_LIST)
		put_list(j, key, r, c->list, cell);
	else
		json_put_text(j, key, cell->text);
}

/* A JSON object that is being written, from the columns `from` up to `end`. The first `inside` bytes of their names are the path
 * to it: "card_payment." has 13. */
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

/* The object inside of `o` whose first column is `from`. */
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
	struct cell cell[CELL_COLUMNS];
	struct object o = {.run = r, .from = l->columns, .end = l->columns, .cell = cell};

	while (o.end->name != NULL)
		o.end++;
	cell_read_row(r, l, q, cell);
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
listing_write_jsonl(struct run *r, const struct listing *l, struct stmt *q, struct sink *s)
{
	while (row(q)) {
		struct json j = {.sink = s};

		json_open(&j, NULL, '{');
		listing_put_columns(&j, r, l, q);
		json_close(&j, '}');
		sink_text(s, "\n");
	}
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
	return sink_new_plain(write_stdout, NULL);
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
		table_write(r, l, q, s);
		break;
	case FORMAT_JSON:
		listing_put_array(&j, NULL, r, l, q);
		break;
	case FORMAT_JSONL:
		listing_write_jsonl(r, l, q, s);
		break;
	case FORMAT_CSV:
		listing_write_csv(r, l, q, s);
		break;
	}
}

bool
listing_put_one(struct json *j, const char *key, struct run *r, const struct listing *l, struct stmt *q)
{
	if (!row(q)) {
		json_put_null(j, key);
		return false;
	}
	json_open(j, key, '{');
	listing_put_columns(j, r, l, q);
	json_close(j, '}');
	reset(q);
	return true;
}

void
listing_write_one(struct run *r, const struct listing *l, struct stmt *q, enum format format, struct sink *s)
{
	struct json j = {.sink = s, .indent = format == FORMAT_JSON};

	switch (format) {
	case FORMAT_TABLE:
		table_write_sheet(r, l, q, s);
		break;
	case FORMAT_JSON:
	case FORMAT_JSONL:
		(void)listing_put_one(&j, NULL, r, l, q);
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

void
listing_print_one(struct run *r, const struct listing *l, struct stmt *q)
{
	struct sink *s = listing_stdout();

	listing_write_one(r, l, q, r->format, s);
	listing_stdout_end(s);
}
