/* alanpay sepa diff: what differs between two files of a bank by their content, whatever their bytes: header, blocks by their
 * order, debits, transfers, statuses and entries by their ids. Exit 3 when anything differs.
 *
 * Both files are kept in memory, a text for each record. Names and IBANs are compared whole, and printed masked.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/text.h"
#include "stages/commands/describe.h"
#include "stages/commands/sepafile.h"
#include "stages/core/engine/log.h"
#include "stages/core/lists/listing.h"

/* A record; `text` has its fields, one a line: a letter for its type, the name, '=', the value. */
struct kept {
	enum sepafile_section section;
	char word[12];
	long nth; /* in its section */
	long line;
	char *key, *text;
};

struct side {
	const char *path;
	struct kept *kept;
	size_t n, room;
	long sections[SEPAFILE_ITEM + 1];
};

struct difference {
	struct side side[2];
	struct sink *sink;
	struct json *json; /* NULL: for people */
	bool unmasked;
	int64_t differences;
};

/* Reading ------------------------------------------------------------------------------------------------ */

/* Where a record stands, and how a file states its own totals, is not its content. */
static bool
is_content(const struct sepafile_record *rec, const struct sepafile_field *f)
{
	return !(rec->section == SEPAFILE_ITEM && strcmp(f->name, "payment_information_id") == 0 &&
	         strcmp(rec->word, "entry") != 0 && strcmp(rec->word, "status") != 0);
}

static char *
print_fields(const struct sepafile_record *rec)
{
	char value[SEPAFILE_TEXT], *text;
	size_t n = 0, size = 1;
	int i;

	for (i = 0; i < rec->fields; i++)
		size += strlen(rec->field[i].name) + SEPAFILE_TEXT + 4;
	text = memory_new(size, 1);
	for (i = 0; i < rec->fields; i++) {
		const struct sepafile_field *f = &rec->field[i];
		char type = f->type == FIELD_NAME ? 'N' : f->type == FIELD_IBAN ? 'I' : 'T';

		if (!is_content(rec, f))
			continue;
		sepafile_print(value, f, true);
		n += (size_t)snprintf(text + n, size - n, "%c%s=", type, f->name);
		value[strcspn(value, "\n")] = '\0';
		n += (size_t)snprintf(text + n, size - n, "%s\n", value);
	}
	return memory_check(realloc(text, n + 1));
}

static int
take_kept(void *ctx, const struct sepafile_record *rec, struct err *e)
{
	struct side *s = ctx;
	struct kept *k;

	(void)e;
	if (s->n == s->room) {
		s->room = s->room == 0 ? 256 : 2 * s->room;
		s->kept = memory_check(realloc(s->kept, s->room * sizeof(*s->kept)));
	}
	k = &s->kept[s->n++];
	*k = (struct kept){.section = rec->section, .nth = ++s->sections[rec->section], .line = rec->line};
	snprintf(k->word, sizeof(k->word), "%s", rec->word);
	k->key = memory_check(strdup(rec->section == SEPAFILE_ITEM ? rec->key : ""));
	k->text = print_fields(rec);
	return 0;
}

/* The same key may stand in a file several times: then by their order. Blocks and messages are compared by their order. */
static int
compare_places(const struct kept *a, const struct kept *b)
{
	int order = (a->section > b->section) - (a->section < b->section);

	if (order == 0)
		order = strcmp(a->word, b->word);
	if (order == 0)
		order = strcmp(a->key, b->key);
	return order;
}

static int
compare_kept(const void *a, const void *b)
{
	const struct kept *left = a, *right = b;
	int order = compare_places(left, right);

	return order != 0 ? order : (left->nth > right->nth) - (left->nth < right->nth);
}

static void
read_side(struct side *s)
{
	FILE *in = describe_open(s->path);
	struct err e = {0};

	if (sepafile_read(in, take_kept, s, &e) < 0)
		die(EXIT_REFUSED, "%s:%ld: %s", s->path, e.line, e.message);
	fclose(in);
	if (s->n > 0)
		qsort(s->kept, s->n, sizeof(*s->kept), compare_kept);
}

static void
free_side(struct side *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		free(s->kept[i].key);
		free(s->kept[i].text);
	}
	free(s->kept);
}

/* Printing ----------------------------------------------------------------------------------------------- */

/* The line of a kept text as a value that may be shown. */
static char *
print_value(const struct difference *d, const char *line, char text[static SEPAFILE_TEXT])
{
	static const struct {
		char letter;
		enum sepafile_type type;
	} types[] = {{'N', FIELD_NAME}, {'I', FIELD_IBAN}, {'T', FIELD_TEXT}};
	struct sepafile_field f = {0};
	char value[SEPAFILE_TEXT];
	const char *from;
	size_t i;

	if (line == NULL) {
		text_copy(text, SEPAFILE_TEXT, "-");
		return text;
	}
	from = strchr(line, '=') + 1;
	snprintf(value, sizeof(value), "%.*s", (int)strcspn(from, "\n"), from);
	f.text = value;
	for (i = 0; i < 3; i++)
		if (types[i].letter == line[0])
			f.type = types[i].type;
	return sepafile_print(text, &f, d->unmasked);
}

/* The amount of a debit that only one file has. */
static const char *
find_line(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (; *text != '\0'; text += strcspn(text, "\n") + 1)
		if (strncmp(text + 1, name, n) == 0 && text[1 + n] == '=')
			return text;
	return NULL;
}

static void
print_title(const struct kept *k, char title[static 80])
{
	if (k->section == SEPAFILE_MESSAGE)
		snprintf(title, 80, "header");
	else if (k->key[0] == '\0')
		snprintf(title, 80, "%s %ld", k->word, k->nth);
	else
		snprintf(title, 80, "%s %s", k->word, k->key);
}

static void
open_difference(struct difference *d, const struct kept *k, const char *change)
{
	json_open(d->json, NULL, '{');
	json_put_text(d->json, "change", change);
	json_put_text(d->json, "record", k->section == SEPAFILE_MESSAGE ? "header" : k->word);
	json_put_text(d->json, "id", k->key[0] == '\0' ? NULL : k->key);
	json_put_int(d->json, "nth", k->nth);
	json_put_int(d->json, "line", k->line);
}

/* Of one file only. */
static void
report_lone(struct difference *d, const struct kept *k, bool is_new)
{
	char title[80], amount[SEPAFILE_TEXT];

	d->differences++;
	print_value(d, find_line(k->text, "amount_in_cents"), amount);
	if (d->json != NULL) {
		open_difference(d, k, is_new ? "added" : "removed");
		json_put_text(d->json, "amount", strcmp(amount, "-") == 0 ? NULL : amount);
		json_close(d->json, '}');
		return;
	}
	print_title(k, title);
	sink_print(d->sink, "%c ", is_new ? '+' : '-');
	sink_clean(d->sink, title);
	if (strcmp(amount, "-") != 0)
		sink_print(d->sink, "  %s EUR", amount);
	sink_text(d->sink, "\n");
}

/* Amounts are printed in euros: `amount_in_cents` is shown as `amount`. */
static void
report_field(struct difference *d, const struct kept *k, const char *key, const char *was, const char *is)
{
	static const char unit[] = "_in_cents";
	char title[80], name[40], old[SEPAFILE_TEXT], new[SEPAFILE_TEXT];
	size_t length = strlen(key);

	if (length > strlen(unit) && strcmp(key + length - strlen(unit), unit) == 0)
		length -= strlen(unit);
	snprintf(name, sizeof(name), "%.*s", (int)length, key);
	d->differences++;
	print_value(d, was, old);
	print_value(d, is, new);
	if (d->json != NULL) {
		open_difference(d, k, "changed");
		json_put_text(d->json, "field", name);
		json_put_text(d->json, "old", was == NULL ? NULL : old);
		json_put_text(d->json, "new", is == NULL ? NULL : new);
		json_close(d->json, '}');
		return;
	}
	print_title(k, title);
	sink_text(d->sink, "~ ");
	sink_clean(d->sink, title);
	sink_print(d->sink, "  %s: ", name);
	sink_clean(d->sink, old);
	sink_text(d->sink, " -> ");
	sink_clean(d->sink, new);
	sink_text(d->sink, strcmp(old, new) == 0 ? " (they differ where they are masked)\n" : "\n");
}

/* Comparing ---------------------------------------------------------------------------------------------- */

static bool
is_same_line(const char *a, const char *b)
{
	size_t n = strcspn(a, "\n");

	return strcspn(b, "\n") == n && strncmp(a, b, n) == 0;
}

static void
compare_fields(struct difference *d, const struct kept *a, const struct kept *b)
{
	const char *line, *other;
	char name[40];

	for (line = a->text; *line != '\0'; line += strcspn(line, "\n") + 1) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(line + 1, "="), line + 1);
		other = find_line(b->text, name);
		if (other == NULL || !is_same_line(line, other))
			report_field(d, b, name, line, other);
	}
	for (line = b->text; *line != '\0'; line += strcspn(line, "\n") + 1) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(line + 1, "="), line + 1);
		if (find_line(a->text, name) == NULL)
			report_field(d, b, name, NULL, line);
	}
}

static void
compare_sides(struct difference *d)
{
	const struct side *a = &d->side[0], *b = &d->side[1];
	size_t i = 0, j = 0;
	int order;

	while (i < a->n || j < b->n) {
		order = i == a->n ? 1 : j == b->n ? -1 : compare_places(&a->kept[i], &b->kept[j]);
		if (order < 0)
			report_lone(d, &a->kept[i++], false);
		else if (order > 0)
			report_lone(d, &b->kept[j++], true);
		else
			compare_fields(d, &a->kept[i++], &b->kept[j++]);
	}
}

void
diff(struct run *r)
{
	struct sink *s = listing_stdout();
	struct json j = {.sink = s, .indent = r->format == FORMAT_JSON};
	struct difference d = {
	    .side = {{.path = options_value(r, "FILE")}, {.path = options_value(r, "OTHER")}},
	    .sink = s,
	    .json = r->format == FORMAT_TABLE ? NULL : &j,
	    .unmasked = options_value(r, "unmask") != NULL};

	read_side(&d.side[0]);
	read_side(&d.side[1]);
	if (d.json != NULL) {
		json_open(&j, NULL, '{');
		json_open(&j, "differences", '[');
	}
	compare_sides(&d);
	if (d.json != NULL) {
		json_close(&j, ']');
		json_put_int(&j, "difference_count", d.differences);
		json_close(&j, '}');
		sink_text(s, r->format == FORMAT_JSONL ? "\n" : "");
	} else if (d.differences == 0) {
		sink_text(s, "the same content\n");
	}
	listing_stdout_end(s);
	free_side(&d.side[0]);
	free_side(&d.side[1]);
	r->held = d.differences > 0;
}

const struct option_spec diff_options[] = {
    {.name = "FILE", .arg = "FILE", .help = "the one file", .is_word = true, .is_needed = true},
    {.name = "OTHER", .arg = "FILE", .help = "the other file", .is_word = true, .is_needed = true},
    {.name = "unmask", .help = "print names, texts and IBANs in full"},
    {0},
};
