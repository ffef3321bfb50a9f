/* request: see request.h. A bad line never hides the good ones: each is handed on with what is wrong with it. */
#include "formats/request.h"

#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"

#define LOWER   "abcdefghijklmnopqrstuvwxyz"
#define UPPER   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"
#define MAX_ID  64
#define MAX_SEQ 9

#define READ_SIZE 65536

/* Takes the part up to the next dot, of `set` only, and the dot. */
static int
take_part(const char **at, const char *set, char *part, size_t size)
{
	size_t n = strspn(*at, set);

	if (n == 0 || n >= size || (*at)[n] != '.')
		return -1;
	memcpy(part, *at, n);
	part[n] = '\0';
	*at += n + 1;
	return 0;
}

/* "20260304T023000Z" -> the same with the separators that instant_parse wants. */
static int
parse_stamp(const char *stamp, instant *at, struct err *e)
{
	static const char shape[] = "dddddddd\1dddddd\2";
	char text[INSTANT_TEXT], *to = text;
	size_t i;

	if (strlen(stamp) != sizeof(shape) - 1)
		return -1;
	for (i = 0; shape[i] != '\0'; i++) {
		char c = stamp[i];

		if (shape[i] == 'd' ? strchr(DIGITS, c) == NULL : c != (shape[i] == '\1' ? 'T' : 'Z'))
			return -1;
		if (i == 4 || i == 6)
			*to++ = '-';
		if (i == 11 || i == 13)
			*to++ = ':';
		*to++ = c;
	}
	*to = '\0';
	return instant_parse(text, at, e);
}

int
request_parse_name(const char *name, struct request_name *n, struct err *e)
{
	char stamp[24], seq[MAX_SEQ + 1];
	const char *at = name;

	if (take_part(&at, LOWER DIGITS "_", n->op, sizeof(n->op)) != 0)
		return err_set(e, ERR_BAD_FILE_NAME, "the name does not begin with an op and a dot");
	if (take_part(&at, LOWER UPPER DIGITS "_-", n->source, sizeof(n->source)) != 0)
		return err_set(e, ERR_BAD_FILE_NAME, "the name has no source after the op");
	if (take_part(&at, DIGITS "TZ", stamp, sizeof(stamp)) != 0 || parse_stamp(stamp, &n->at, e) != 0)
		return err_set(e, ERR_BAD_FILE_NAME,
		               "the name has no time such as 20260304T023000Z after the source");
	if (take_part(&at, DIGITS, seq, sizeof(seq)) != 0)
		return err_set(e, ERR_BAD_FILE_NAME,
		               "the name has no number of 1 to 9 digits after the time");
	n->seq = strtol(seq, NULL, 10);
	n->csv = strcmp(at, "csv") == 0;
	if (!n->csv && strcmp(at, "jsonl") != 0)
		return err_set(e, ERR_BAD_FILE_NAME, "the name must end in .jsonl or .csv");
	if (n->csv && strcmp(n->op, "mixed") == 0)
		return err_set(e, ERR_BAD_FILE_NAME, "mixed ops are allowed in a .jsonl file only");
	return 0;
}

int
request_compare(const struct request_name *a, const struct request_name *b)
{
	if (a->at != b->at)
		return a->at < b->at ? -1 : 1;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

const char *
request_field(const struct request *q, const char *name)
{
	int i;

	for (i = 0; i < q->n; i++)
		if (strcmp(q->field[i].name, name) == 0)
			return q->field[i].value;
	return NULL;
}

/* Each part is preceded by its length in four bytes, an absent one by a length that none has; so what is
 * hashed can be cut back into its parts in one way only, and two contents never give the same bytes. */
static unsigned char *
put_part(unsigned char *to, const char *text)
{
	size_t n = text != NULL ? strlen(text) : 0, length = text != NULL ? n : UINT32_MAX;
	int shift;

	for (shift = 24; shift >= 0; shift -= 8)
		*to++ = (unsigned char)(length >> shift);
	if (n > 0)
		memcpy(to, text, n);
	return to + n;
}

static int
request_by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void
request_digest(struct request *q)
{
	const char *part[3 + 2 * REQUEST_MAX_FIELDS] = {q->op, q->app_id, q->app_user_id};
	int parts = 3 + 2 * q->n;
	int i;
	size_t size = 0;
	unsigned char *bytes, *to;

	for (i = 0; i < q->n; i++) {
		part[3 + 2 * i] = q->field[i].name;
		part[4 + 2 * i] = q->field[i].value;
	}
	qsort(part + 3, (size_t)q->n, 2 * sizeof(*part), request_by_name);
	for (i = 0; i < parts; i++)
		size += 4 + (part[i] != NULL ? strlen(part[i]) : 0);
	bytes = memory_check(malloc(size));
	to = bytes;
	for (i = 0; i < parts; i++)
		to = put_part(to, part[i]);
	sha256(bytes, size, q->digest);
	free(bytes);
}

/* The first of several errors is kept. */
static void
request_refuse(struct request *q, const char *name, const char *code, const char *message)
{
	if (q->why.code[0] != '\0')
		return;
	q->wrong = name;
	err_set(&q->why, code, "%s", message);
}

static void
add_field(struct request *q, const char *name, const char *value)
{
	if (q->n == REQUEST_MAX_FIELDS) {
		request_refuse(q, name, ERR_UNKNOWN_FIELD, "the request has more fields than any op");
		return;
	}
	q->field[q->n].name = name;
	q->field[q->n++].value = value;
}

bool
request_is_message_id(const char *text)
{
	size_t n = strlen(text);

	return n > 0 && n <= MAX_ID && strspn(text, LOWER UPPER DIGITS "._:-") == n;
}

static void
check_message_id(struct request *q)
{
	if (q->message_id == NULL || *q->message_id == '\0')
		request_refuse(q, "message_id", ERR_MISSING_FIELD, "message_id is missing");
	else if (!request_is_message_id(q->message_id))
		request_refuse(q, "message_id", ERR_BAD_FIELD,
		               "message_id must have 1 to 64 characters of A-Z a-z 0-9 . _ : -");
}

static void
check_op(struct request *q, const char *default_op)
{
	if (q->op == NULL)
		q->op = default_op;
	if (q->op == NULL)
		request_refuse(q, "op", ERR_MISSING_FIELD, "op is missing");
	else if (default_op != NULL && strcmp(q->op, default_op) != 0)
		request_refuse(q, "op", ERR_BAD_FIELD, "op is not the one in the name of the file");
}

/* After all members, so that a result line names its message and op even when a member before them is bad. */
static void
complete(struct request *q, const char *default_op)
{
	check_message_id(q);
	check_op(q, default_op);
	if (q->why.code[0] == '\0')
		request_digest(q);
}

static const char **
envelope_member(struct request *q, const char *name)
{
	const struct {
		const char *name, **member;
	} envelope[] = {
	    {"message_id", &q->message_id},
	    {"op", &q->op},
	    {"app_id", &q->app_id},
	    {"app_user_id", &q->app_user_id},
	};
	size_t i;

	for (i = 0; i < LENGTH(envelope); i++)
		if (strcmp(envelope[i].name, name) == 0)
			return envelope[i].member;
	return NULL;
}

struct json_line {
	struct request q;
	size_t length;                     /* nothing that is printed of it can be longer */
	char *printed[REQUEST_MAX_FIELDS]; /* of numbers and arrays, to be freed */
	int n;
};

static bool
is_flat_array(const struct json_value *m)
{
	if (m->type != JSON_ARRAY)
		return false;
	json_each (item, m)
		if (item->type != JSON_TEXT && item->type != JSON_NUMBER)
			return false;
	return true;
}

static void
add_printed(struct json_line *l, const struct json_value *m)
{
	struct sink_text text = {.size = l->length + 1};

	if (l->q.n < REQUEST_MAX_FIELDS) {
		struct json j;

		text.at = memory_check(malloc(text.size));
		j = (struct json){.sink = sink_into(&text)};
		json_put_value(&j, NULL, m);
		if (sink_end(j.sink, NULL, NULL) != 0)
			request_refuse(&l->q, m->key, ERR_BAD_FIELD, "cannot be printed");
		l->printed[l->n++] = text.at;
	}
	add_field(&l->q, m->key, text.at);
}

static void
take_member(struct json_line *l, const struct json_value *m)
{
	struct request *q = &l->q;
	const char **envelope = envelope_member(q, m->key);

	if (m->type == JSON_NULL || (m->type == JSON_TEXT && m->text[0] == '\0'))
		return;
	if (strcmp(m->key, "dry_run") == 0) {
		q->dry_run = m->type == JSON_BOOL && m->number != 0;
		if (m->type != JSON_BOOL)
			request_refuse(q, m->key, ERR_BAD_FIELD, "dry_run must be true or false");
	} else if (envelope != NULL) {
		*envelope = m->type == JSON_TEXT ? m->text : NULL;
		if (*envelope == NULL)
			request_refuse(q, m->key, ERR_BAD_FIELD, "must be a text");
	} else if (m->type == JSON_TEXT || m->type == JSON_DIGITS) {
		add_field(q, m->key, m->text);
	} else if (m->type == JSON_BOOL) {
		add_field(q, m->key, m->number != 0 ? "true" : "false");
	} else if (m->type == JSON_NUMBER || is_flat_array(m)) {
		add_printed(l, m);
	} else {
		request_refuse(q, m->key, ERR_BAD_FIELD, "must be a plain value or a list of plain values");
	}
}

static void
take_members(struct json_line *l, const struct json_value *object, const char *default_op)
{
	json_each (m, object)
		take_member(l, m);
	complete(&l->q, default_op);
}

struct line_reader {
	const char *default_op;
	request_fn *each;
	void *ctx;
	long line;
	char text[REQUEST_MAX_LINE];
	size_t length; /* of the line, which may be more than was kept */
	char chunk[READ_SIZE];
	size_t at, filled;
};

static int
take_line(struct line_reader *r, struct err *e)
{
	struct json_line l = {.q.line = r->line, .length = r->length};
	struct json_value *object = NULL;
	int rc, i;

	if (r->length > REQUEST_MAX_LINE)
		err_set(&l.q.why, ERR_MALFORMED_JSON, "the line is longer than 65536 bytes");
	else if ((object = json_parse_any_number(r->text, r->length, &l.q.why)) != NULL &&
	         object->type != JSON_OBJECT)
		err_set(&l.q.why, ERR_MALFORMED_JSON, "the line is not a JSON object");
	else if (object != NULL)
		take_members(&l, object, r->default_op);
	if (l.q.why.code[0] != '\0')
		l.q.why.line = r->line;
	rc = r->each(r->ctx, &l.q, e);
	for (i = 0; i < l.n; i++)
		free(l.printed[i]);
	json_free(object);
	return rc;
}

static bool
request_is_blank(const struct line_reader *r)
{
	size_t i;

	if (r->length > REQUEST_MAX_LINE)
		return false;
	for (i = 0; i < r->length; i++)
		if (r->text[i] != ' ' && r->text[i] != '\t' && r->text[i] != '\r')
			return false;
	return true;
}

/* False at the end of the file. */
static bool
fill_chunk(struct line_reader *r, FILE *in)
{
	r->at = 0;
	r->filled = fread(r->chunk, 1, sizeof(r->chunk), in);
	return r->filled > 0;
}

/* As much as there is room for; what is longer has one byte more than that. */
static void
keep_part(struct line_reader *r, const char *part, size_t n)
{
	size_t room;

	if (r->length > REQUEST_MAX_LINE)
		return;
	room = REQUEST_MAX_LINE - r->length;
	memcpy(r->text + r->length, part, n < room ? n : room);
	r->length += n <= room ? n : room + 1;
}

/* One line without its line feed; false at the end of the file. */
static bool
request_next_line(struct line_reader *r, FILE *in)
{
	const char *from, *end = NULL;
	size_t n;

	r->length = 0;
	r->line++;
	while (end == NULL) {
		if (r->at == r->filled && !fill_chunk(r, in))
			return r->length > 0;
		from = r->chunk + r->at;
		end = memchr(from, '\n', r->filled - r->at);
		n = end == NULL ? r->filled - r->at : (size_t)(end - from);
		keep_part(r, from, n);
		r->at += n + (end != NULL);
	}
	return true;
}

int
request_read_jsonl(FILE *in, const char *default_op, request_fn *each, void *ctx, struct err *e)
{
	struct line_reader *r = memory_new(1, sizeof(*r));
	int rc = 0;

	r->default_op = default_op;
	r->each = each;
	r->ctx = ctx;
	while (rc == 0 && request_next_line(r, in) && ferror(in) == 0)
		if (!request_is_blank(r))
			rc = take_line(r, e);
	if (rc == 0 && ferror(in) != 0)
		rc = err_at(e, r->line, 0, ERR_IO, "the file cannot be read");
	free(r);
	return rc;
}

struct csv_reader {
	const char *default_op;
	request_fn *each;
	void *ctx;
	const char *const *columns;
	int n;
};

static int
take_columns(void *ctx, const char *const columns[], int n, struct err *e)
{
	struct csv_reader *r = ctx;
	int i;

	r->columns = columns;
	r->n = n;
	for (i = 0; i < n; i++)
		if (strcmp(columns[i], "message_id") == 0)
			return 0;
	return err_set(e, ERR_MISSING_COLUMN,
	               "the header has no column message_id: separate its names by commas");
}

static void
take_cell(struct request *q, const char *name, const char *value)
{
	const char **envelope = envelope_member(q, name);

	if (value[0] == '\0')
		return;
	if (strcmp(name, "dry_run") == 0) {
		q->dry_run = strcmp(value, "true") == 0;
		if (!q->dry_run && strcmp(value, "false") != 0)
			request_refuse(q, name, ERR_BAD_FIELD, "dry_run must be true or false");
	} else if (envelope != NULL) {
		*envelope = value;
	} else {
		add_field(q, name, value);
	}
}

static int
take_record(void *ctx, long line, const char *const value[], struct err *e)
{
	struct csv_reader *r = ctx;
	struct request q = {.line = line};
	int i;

	for (i = 0; i < r->n; i++)
		take_cell(&q, r->columns[i], value[i]);
	complete(&q, r->default_op);
	if (q.why.code[0] != '\0')
		q.why.line = line;
	return r->each(r->ctx, &q, e);
}

int
request_read_csv(FILE *in, const char *default_op, request_fn *each, void *ctx, struct err *e)
{
	struct csv_reader r = {.default_op = default_op, .each = each, .ctx = ctx};

	return csv_read_any(in, take_columns, take_record, &r, e);
}

bool
request_is_code(const char *status, const char *code)
{
	static const struct {
		const char *code, *status, *asks;
	} codes[] = {
#include "formats/data/request_codes.inc"
	};
	size_t i;

	for (i = 0; i < LENGTH(codes); i++)
		if (strcmp(codes[i].code, code) == 0 && strcmp(codes[i].status, status) == 0)
			return true;
	return false;
}

void
request_put_result(struct json *j, const struct request_result *r)
{
	char text[INSTANT_TEXT];

	json_open(j, NULL, '{');
	json_put_text(j, "message_id", r->message_id);
	json_put_int(j, "line", r->line);
	json_put_text(j, "op", r->op);
	json_put_text(j, "status", r->status);
	json_put_text(j, "code", r->code);
	json_put_text(j, "field", r->field);
	json_put_text(j, "message", r->message);
	json_put_raw(j, "result", r->result != NULL ? r->result : "null");
	json_put_text(j, "processed_at", instant_print(text, r->processed_at));
	if (r->dry_run)
		json_put_bool(j, "dry_run", true);
	json_close(j, '}');
}

void
request_write_result(struct sink *s, const struct request_result *r)
{
	struct json j = {.sink = s};

	request_put_result(&j, r);
	sink_put(s, "\n", 1);
}
