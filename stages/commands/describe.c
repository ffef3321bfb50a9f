/* alanpay sepa describe: what is in a file for a bank or from it, on one screen, and what reconcile would do with it.
 *
 * A file is read once for each section, as a stream. A file that cannot be read is named, and the others are described all the
 * same (exit 65). What reconcile would do is found by its own code on the home, in a transaction that is rolled back.
 */
#include <string.h>
#include <sys/stat.h>

#include "stages/commands/describe.h"
#include "stages/commands/itemtable.h"
#include "stages/commands/rehearsal.h"
#include "stages/commands/sepafile.h"
#include "stages/core/engine/log.h"
#include "stages/core/lists/listing.h"

#define SHOWN 12 /* items of a file, and as many with a problem, for people */
#define SUMS  24

/* Items of one kind: "credit", "status RJCT". */
struct item_sum {
	char label[64];
	int64_t count;
	cents sum;
	int64_t amounts;   /* how many have one */
	bool is_too_large; /* the sum does not fit */
};

struct description {
	struct rehearsal *rehearsal;
	const char *path; /* as it was typed */
	struct sink *sink;
	struct json *json; /* NULL: for people */
	bool unmasked;
	enum sepafile_section section; /* which is printed now */
	struct item_sum sum[SUMS];
	int sums;
	int64_t items, problems;
	struct itemtable table;
};

FILE *
describe_open(const char *path)
{
	struct stat st;
	FILE *in = fopen(path, "r");

	if (in == NULL)
		die_errno(EXIT_ABSENT, "%s", path);
	if (fstat(fileno(in), &st) < 0 || !S_ISREG(st.st_mode))
		die(EXIT_REFUSED, "%s: is not a regular file", path);
	return in;
}

/* Sums --------------------------------------------------------------------------------------------------- */

static void
print_label(const struct sepafile_record *rec, char label[static 64])
{
	static const char *const names[] = {"kind", "status", "level", "reason"};
	const struct sepafile_field *f;
	size_t i, n;

	snprintf(label, 64, "%s", strcmp(rec->word, "entry") == 0 ? "" : rec->word);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if ((f = sepafile_find(rec, names[i])) != NULL) {
			n = strlen(label);
			snprintf(label + n, 64 - n, "%s%s", n > 0 ? " " : "", f->text);
		}
}

/* What finds no room is counted with the last one. */
static void
count(struct description *d, const struct sepafile_record *rec)
{
	const struct sepafile_field *amount = sepafile_find(rec, "amount_in_cents");
	char label[64];
	int i;

	print_label(rec, label);
	for (i = 0; i < d->sums && strcmp(d->sum[i].label, label) != 0; i++)
		;
	if (i == SUMS)
		snprintf(d->sum[--i].label, sizeof(d->sum[i].label), "others");
	else if (i == d->sums)
		memcpy(d->sum[d->sums++].label, label, sizeof(label));
	d->sum[i].count++;
	d->sum[i].amounts += amount != NULL;
	if (amount != NULL && !money_add(&d->sum[i].sum, amount->number))
		d->sum[i].is_too_large = true;
	d->items++;
}

static void
write_sums(const struct description *d)
{
	char amount[MONEY_TEXT_GROUPED];
	int i;

	for (i = 0; d->json == NULL && i < d->sums; i++) {
		sink_print(d->sink, "%8lld x ", (long long)d->sum[i].count);
		sink_clean(d->sink, d->sum[i].label);
		if (d->sum[i].is_too_large)
			sink_text(d->sink, ", the sum of the amounts is too large\n");
		else if (d->sum[i].amounts == 0)
			sink_text(d->sink, ", without amounts\n");
		else
			sink_print(d->sink, ", %s EUR\n", money_print_grouped(amount, d->sum[i].sum));
	}
	if (d->json == NULL)
		return;
	json_open(d->json, "totals", '[');
	for (i = 0; i < d->sums; i++) {
		json_open(d->json, NULL, '{');
		json_put_text(d->json, "of", d->sum[i].label);
		json_put_int(d->json, "count", d->sum[i].count);
		if (d->sum[i].is_too_large || d->sum[i].amounts == 0)
			json_put_null(d->json, "sum_in_cents");
		else
			json_put_int(d->json, "sum_in_cents", d->sum[i].sum);
		json_close(d->json, '}');
	}
	json_close(d->json, ']');
}

/* Records ------------------------------------------------------------------------------------------------ */

static void
put_record(const struct description *d, const struct sepafile_record *rec)
{
	int i;

	json_open(d->json, NULL, '{');
	if (rec->section == SEPAFILE_ITEM)
		json_put_text(d->json, "record", rec->word);
	json_put_int(d->json, "document", rec->document);
	if (rec->line > 0)
		json_put_int(d->json, "line", rec->line);
	for (i = 0; i < rec->fields; i++)
		sepafile_put(d->json, &rec->field[i], d->unmasked);
	if (rec->problem[0] != '\0')
		json_put_text(d->json, "problem", rec->problem);
	json_close(d->json, '}');
}

/* A line for each field of a message or block. */
static void
write_sheet(const struct description *d, const struct sepafile_record *rec)
{
	char text[SEPAFILE_TEXT], head[ITEMTABLE_HEAD];
	int i;

	for (i = 0; i < rec->fields; i++) {
		sink_print(d->sink, "  %-26s ", itemtable_head(head, rec->field[i].name));
		sink_clean(d->sink, sepafile_print(text, &rec->field[i], d->unmasked));
		sink_text(d->sink, "\n");
	}
}

static void
write_problem(const struct description *d, const struct sepafile_record *rec)
{
	if (rec->problem[0] != '\0') {
		sink_print(d->sink, "%8ld %12s  ", rec->line, "problem:");
		sink_clean(d->sink, rec->problem);
		sink_text(d->sink, "\n");
	}
}

static int
take_record(void *ctx, const struct sepafile_record *rec, struct err *e)
{
	struct description *d = ctx;

	(void)e;
	if (rec->section != d->section)
		return 0;
	if (rec->section == SEPAFILE_ITEM)
		count(d, rec);
	if (rec->problem[0] != '\0')
		d->problems++;
	if (d->json != NULL) {
		put_record(d, rec);
	} else if (rec->section != SEPAFILE_ITEM) {
		write_sheet(d, rec);
		write_problem(d, rec);
	} else if (d->items <= SHOWN || (rec->problem[0] != '\0' && d->problems <= SHOWN)) {
		itemtable_add(&d->table, rec, d->unmasked);
	}
	return 0;
}

static const char *const section_names[] = {
    [SEPAFILE_MESSAGE] = "messages", [SEPAFILE_BLOCK] = "blocks", [SEPAFILE_ITEM] = "items"};

static void
write_section(struct description *d, enum sepafile_section section)
{
	FILE *in = describe_open(d->path);
	struct err e = {0};

	d->section = section;
	if (d->json != NULL)
		json_open(d->json, section_names[section], '[');
	if (sepafile_read(in, take_record, d, &e) < 0)
		die(EXIT_REFUSED, "%s:%ld: %s: it was changed while it was read", d->path, e.line, e.message);
	if (d->json != NULL)
		json_close(d->json, ']');
	fclose(in);
}

/* Files -------------------------------------------------------------------------------------------------- */

static int
ignore(void *ctx, const struct sepafile_record *rec, struct err *e)
{
	bool *is_answer = ctx;

	(void)e;
	if (rec->section == SEPAFILE_ITEM)
		*is_answer = strcmp(rec->word, "status") == 0 || strcmp(rec->word, "entry") == 0;
	return 0;
}

static void
write_unreadable(const struct description *d, const struct err *e)
{
	if (d->json == NULL) {
		sink_print(d->sink, "  line %ld: ", e->line);
		sink_clean(d->sink, e->message);
		sink_text(d->sink, "\n");
		return;
	}
	json_open(d->json, "error", '{');
	json_put_text(d->json, "code", e->code);
	json_put_int(d->json, "line", e->line);
	json_put_text(d->json, "message", e->message);
	json_close(d->json, '}');
}

static void
write_content(struct description *d)
{
	int shown;

	write_section(d, SEPAFILE_MESSAGE);
	write_section(d, SEPAFILE_BLOCK);
	write_section(d, SEPAFILE_ITEM);
	shown = d->table.rows;
	if (d->json == NULL)
		itemtable_write(&d->table, d->sink);
	if (d->json == NULL && d->items > shown)
		sink_print(d->sink, "%8lld more: --format json has all\n", (long long)(d->items - shown));
	write_sums(d);
}

/* False: the file cannot be read to its end. */
static bool
describe_file(struct description *d)
{
	bool is_answer = false, good;
	FILE *in = describe_open(d->path);
	struct err e = {0};

	good = sepafile_read(in, ignore, &is_answer, &e) == 0;
	fclose(in);
	if (d->json != NULL) {
		json_open(d->json, NULL, '{');
		json_put_text(d->json, "file", d->path);
		json_put_bool(d->json, "is_readable", good);
	} else {
		sink_clean(d->sink, d->path);
		sink_text(d->sink, "\n");
	}
	if (good)
		write_content(d);
	else
		write_unreadable(d, &e);
	if (is_answer)
		rehearsal_write(d->rehearsal, d->path, d->sink, d->json);
	if (d->json != NULL)
		json_close(d->json, '}');
	return good;
}

static bool
describe_next(void *ctx, const char *path, bool is_first, struct sink *s, struct json *json)
{
	struct rehearsal *h = ctx;
	struct description d = {.rehearsal = h,
	                        .path = path,
	                        .sink = s,
	                        .json = json,
	                        .unmasked = options_value(h->run, "unmask") != NULL};

	if (json == NULL && !is_first)
		sink_text(s, "\n");
	return describe_file(&d);
}

/* -------------------------------------------------------------------------------------------------------- */

bool
describe_each(struct run *r, describe_fn *each, void *ctx)
{
	struct sink *s = listing_stdout();
	struct json all = {.sink = s, .indent = true};
	const char *path;
	bool good = true;
	int i;

	if (r->format == FORMAT_JSON)
		json_open(&all, NULL, '[');
	for (i = 0; (path = options_values(r, "FILE", i)) != NULL; i++) {
		struct json line = {.sink = s};
		struct json *j = r->format == FORMAT_JSON ? &all : &line;

		good = each(ctx, path, i == 0, s, r->format == FORMAT_TABLE ? NULL : j) && good;
		if (r->format == FORMAT_JSONL)
			sink_text(s, "\n");
	}
	if (r->format == FORMAT_JSON)
		json_close(&all, ']');
	listing_stdout_end(s);
	return good;
}

void
describe(struct run *r)
{
	struct rehearsal h = {0};
	bool good;

	rehearsal_begin(&h, r);
	good = describe_each(r, describe_next, &h);
	rehearsal_end(&h);
	if (!good)
		die(EXIT_REFUSED, "a file cannot be read to its end");
}

const struct option_spec describe_options[] = {
    DESCRIBE_FILES,
    {.name = "unmask", .help = "print names, texts and IBANs in full"},
    {0},
};
