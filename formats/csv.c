/* csv: see csv.h. libcsv neither counts lines nor bounds a record, so it gets one line at a time out of 64 KiB chunks. */
#include "formats/csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "formats/spreadsheet.h"
#include "formats/text.h"

#define CHUNK 65536

struct reader {
	struct csv_parser parser;
	char chunk[CHUNK];
	long line;                     /* at hand */
	long record_line;              /* where the record at hand began */
	size_t record_size;            /* bytes of it so far, as they stand in the file */
	char text[CSV_MAX_RECORD + 2]; /* its fields, each with a NUL */
	size_t used;
	const char *value[CSV_MAX_COLUMNS];
	int n;
	char *header; /* text of the header, which the names point into */
	const char *name[CSV_MAX_COLUMNS];
	int columns; /* 0: the header is still to come */
	/* A record ended on this line: only the line break may follow. */
	bool ended_by_cr;
	char last; /* byte of the piece before */
	csv_header_fn *on_header;
	csv_row_fn *on_row;
	void *ctx;
	struct err *e;
	bool failed;
};

/* Blanks around a field are part of it (RFC 4180, section 2.4); libcsv would trim them. */
static int
no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static int
csv_refuse(struct reader *r, long line, const char *code, const char *message)
{
	r->failed = true;
	return err_at(r->e, line, 0, code, "%s", message);
}

static void
on_field(void *bytes, size_t n, void *ctx)
{
	struct reader *r = ctx;

	if (r->failed)
		return;
	if (r->ended_by_cr) {
		csv_refuse(r, r->line, ERR_MALFORMED_CSV, "a carriage return is not followed by a line feed");
		return;
	}
	if (r->n == CSV_MAX_COLUMNS) {
		csv_refuse(r, r->record_line, ERR_MALFORMED_CSV, "the record has too many fields");
		return;
	}
	if (!text_is_utf8(bytes, n)) {
		csv_refuse(r, r->record_line, ERR_NOT_UTF8, "the record has text that is not valid UTF-8");
		return;
	}
	if (n > 0)
		memcpy(r->text + r->used, bytes, n);
	r->text[r->used + n] = '\0';
	r->value[r->n++] = r->text + r->used;
	r->used += n + 1;
}

static int
find_name(const char *const names[], int n, const char *name)
{
	int i;

	for (i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static int
take_header(struct reader *r)
{
	int i;

	if (strncmp(r->value[0], "\xEF\xBB\xBF", 3) == 0)
		return csv_refuse(r, 1, ERR_MALFORMED_CSV, "the file begins with a byte order mark");
	r->header = memory_check(malloc(r->used));
	memcpy(r->header, r->text, r->used);
	for (i = 0; i < r->n; i++) {
		r->name[i] = r->header + (r->value[i] - r->text);
		if (r->name[i][0] == '\0')
			return csv_refuse(r, r->record_line, ERR_UNKNOWN_COLUMN, "a column has no name");
		if (find_name(r->name, i, r->name[i]) >= 0)
			return csv_refuse(r, r->record_line, ERR_UNKNOWN_COLUMN,
			                  "a column name occurs twice");
	}
	r->columns = r->n;
	if (r->on_header(r->ctx, r->name, r->columns, r->e) == 0)
		return 0;
	r->failed = true;
	r->e->line = r->record_line;
	r->e->column = 0;
	return -1;
}

static void
on_record(int ending, void *ctx)
{
	struct reader *r = ctx;

	if (r->failed)
		return;
	r->ended_by_cr = ending == '\r';
	if (r->columns == 0) {
		take_header(r);
	} else if (r->n != r->columns) {
		r->failed = true;
		err_at(r->e, r->record_line, 0, ERR_MALFORMED_CSV,
		       "the record has %d fields, the header has %d", r->n, r->columns);
	} else if (r->on_row(r->ctx, r->record_line, r->value, r->e) != 0) {
		r->failed = true;
	}
	r->n = 0;
	r->used = 0;
	r->record_size = 0;
}

static int
count_bytes(struct reader *r, const char *piece, size_t n)
{
	bool only_break = piece[0] == '\n' || (piece[0] == '\r' && (n == 1 || piece[1] == '\n'));

	if (r->record_size == 0) {
		if (only_break)
			return 0;
		r->record_line = r->line;
	}
	r->record_size += n;
	if (r->record_size > CSV_MAX_RECORD)
		return csv_refuse(r, r->record_line, ERR_MALFORMED_CSV,
		                  "the record is longer than 65536 bytes");
	return 0;
}

/* `n` bytes of one line, with its line break when they reach that far. */
static int
take_piece(struct reader *r, const char *piece, size_t n)
{
	size_t done;
	char before;

	if (count_bytes(r, piece, n) != 0)
		return -1;
	if (memchr(piece, '\0', n) != NULL)
		return csv_refuse(r, r->line, ERR_MALFORMED_CSV, "the line contains a NUL byte");
	done = csv_parse(&r->parser, piece, n, on_field, on_record, r);
	if (r->failed)
		return -1;
	if (done != n) {
		if (csv_error(&r->parser) == CSV_ENOMEM)
			memory_lack();
		return csv_refuse(r, r->line, ERR_MALFORMED_CSV, "a quote is not allowed here");
	}
	before = n >= 2 ? piece[n - 2] : r->last;
	r->last = piece[n - 1];
	if (r->last != '\n')
		return 0;
	if (r->ended_by_cr && before != '\r')
		return csv_refuse(r, r->line, ERR_MALFORMED_CSV,
		                  "a carriage return is not followed by a line feed");
	r->ended_by_cr = false;
	r->line++;
	return 0;
}

static int
take_chunk(struct reader *r, size_t n)
{
	const char *at = r->chunk, *end = r->chunk + n;

	while (at < end) {
		const char *lf = memchr(at, '\n', (size_t)(end - at));
		const char *next = lf != NULL ? lf + 1 : end;

		if (take_piece(r, at, (size_t)(next - at)) != 0)
			return -1;
		at = next;
	}
	return 0;
}

static int
read_all(struct reader *r, FILE *in)
{
	size_t n;

	while ((n = fread(r->chunk, 1, CHUNK, in)) > 0)
		if (take_chunk(r, n) != 0)
			return -1;
	if (ferror(in) != 0)
		return csv_refuse(r, r->line, ERR_IO, "the file cannot be read");
	if (csv_fini(&r->parser, on_field, on_record, r) != 0 && !r->failed)
		return csv_refuse(r, r->record_line, ERR_MALFORMED_CSV,
		                  "a quote is not closed: the file is cut off");
	if (r->failed)
		return -1;
	if (r->columns == 0)
		return csv_refuse(r, 1, ERR_MISSING_COLUMN, "the file is empty: it must begin with a header");
	return 0;
}

int
csv_read_any(FILE *in, csv_header_fn *header, csv_row_fn *row, void *ctx, struct err *e)
{
	struct reader *r = memory_new(1, sizeof(*r));
	int rc;

	r->line = 1;
	r->on_header = header;
	r->on_row = row;
	r->ctx = ctx;
	r->e = e;
	csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_space_func(&r->parser, no_space);
	rc = read_all(r, in);
	csv_free(&r->parser);
	free(r->header);
	free(r);
	return rc;
}

struct mapping {
	const char *const *columns;
	int n, must;
	int place[CSV_MAX_COLUMNS]; /* of each wanted column in the file, -1: not there */
	csv_row_fn *row;
	void *ctx;
};

static int
map_header(void *ctx, const char *const names[], int n, struct err *e)
{
	struct mapping *m = ctx;
	int i;

	for (i = 0; i < n; i++)
		if (find_name(m->columns, m->n, names[i]) < 0)
			return err_set(e, ERR_UNKNOWN_COLUMN, "column %.64s is not known", names[i]);
	for (i = 0; i < m->n; i++) {
		m->place[i] = find_name(names, n, m->columns[i]);
		if (i < m->must && m->place[i] < 0)
			return err_set(e, ERR_MISSING_COLUMN, "column %s is missing", m->columns[i]);
	}
	return 0;
}

static int
map_row(void *ctx, long line, const char *const value[], struct err *e)
{
	struct mapping *m = ctx;
	const char *mapped[CSV_MAX_COLUMNS];
	int i;

	for (i = 0; i < m->n; i++)
		mapped[i] = m->place[i] < 0 ? "" : value[m->place[i]];
	return m->row(m->ctx, line, mapped, e);
}

int
csv_read(FILE *in, const char *const columns[], int n, int must, csv_row_fn *row, void *ctx, struct err *e)
{
	struct mapping m = {.columns = columns, .n = n, .must = must, .row = row, .ctx = ctx};

	if (n > CSV_MAX_COLUMNS)
		return err_set(e, ERR_MALFORMED_CSV, "more than %d columns asked for", CSV_MAX_COLUMNS);
	return csv_read_any(in, map_header, map_row, &m, e);
}

static void
begin_field(struct csv *c)
{
	if (c->started)
		sink_put(c->sink, &c->separator, 1);
	c->lone_empty = false;
	c->started = true;
}

#define EACH UINT64_C(0x0101010101010101)

/* Whether one of eight bytes is 0: subtracting 1 from each leaves a borrow in the highest bit. */
static bool
has_zero(uint64_t eight)
{
	return ((eight - EACH) & ~eight & EACH << 7) != 0;
}

/* Eight bytes at once, because most text needs none. */
static bool
needs_quotes(const struct csv *c, const char *text, size_t n)
{
	uint64_t eight;

	for (; n >= sizeof(eight); text += sizeof(eight), n -= sizeof(eight)) {
		memcpy(&eight, text, sizeof(eight));
		if (has_zero(eight ^ EACH * '"') || has_zero(eight ^ EACH * (unsigned char)c->separator) ||
		    has_zero(eight ^ EACH * '\r') || has_zero(eight ^ EACH * '\n'))
			return true;
	}
	for (; n > 0; text++, n--)
		if (*text == '"' || *text == '\r' || *text == '\n' || *text == c->separator)
			return true;
	return false;
}

static void
csv_put_quoted(struct csv *c, const char *text, size_t n, const char *guard)
{
	char small[1024], *quoted = small;
	size_t size = 2 * n + 2;

	if (size > sizeof(small))
		quoted = memory_check(malloc(size));
	size = csv_write2(quoted, size, text, n, '"');
	sink_put(c->sink, quoted, 1);
	sink_text(c->sink, guard);
	sink_put(c->sink, quoted + 1, size - 1);
	if (quoted != small)
		free(quoted);
}

void
csv_text(struct csv *c, const char *text)
{
	const char *guard;
	bool first;
	size_t n;

	if (text == NULL)
		text = "";
	n = strlen(text);
	first = !c->started;
	if (!first && !c->for_people && !needs_quotes(c, text, n)) {
		c->lone_empty = false;
		sink_put_after(c->sink, c->separator, text, n);
		return;
	}
	begin_field(c);
	c->lone_empty = first && text[0] == '\0';
	if (c->for_people && spreadsheet_converts(text)) {
		sink_print(c->sink, "\"=\"\"%s\"\"\"", text); /* a formula whose result is the text */
		return;
	}
	guard = c->for_people && spreadsheet_runs(text) ? "'" : "";
	if (needs_quotes(c, text, n)) {
		csv_put_quoted(c, text, n, guard);
		return;
	}
	if (guard[0] != '\0')
		sink_text(c->sink, guard);
	sink_put(c->sink, text, n);
}

void
csv_int(struct csv *c, long long number)
{
	begin_field(c);
	sink_int(c->sink, number);
}

void
csv_date(struct csv *c, date on)
{
	char text[DATE_TEXT];

	begin_field(c);
	sink_text(c->sink, date_print(text, on));
}

void
csv_euros(struct csv *c, cents amount)
{
	char text[MONEY_TEXT];

	*strchr(money_print(text, amount), '.') = ',';
	begin_field(c);
	sink_text(c->sink, text);
}

void
csv_end(struct csv *c)
{
	if (c->lone_empty)
		sink_text(c->sink, "\"\"");
	sink_text(c->sink, c->eol);
	c->started = false;
	c->lone_empty = false;
}

void
csv_header(struct csv *c, const char *const columns[], int n)
{
	int i;

	for (i = 0; i < n; i++)
		csv_text(c, columns[i]);
	csv_end(c);
}

struct csv
csv_for_excel(struct sink *s)
{
	sink_text(s, "\xEF\xBB\xBF");
	return (struct csv){.sink = s, .separator = ';', .for_people = true, .eol = "\r\n"};
}
