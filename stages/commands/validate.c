/* alanpay sepa validate: whether files for a bank or from it are right, and where they are not.
 *
 * A file that has a schema of ours is held against it; every file is read to its end, and its counts, sums, accounts and ids are
 * compared. Each problem is one line, `file:line: what is wrong`; exit 65 when there is any. A value is never quoted: it may
 * be a name or an account.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/container.h"
#include "formats/iban.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/pain001.h"
#include "formats/pain008.h"
#include "formats/text.h"
#include "stages/commands/describe.h"
#include "stages/commands/sepafile.h"
#include "stages/core/engine/log.h"
#include "stages/core/lists/listing.h"

#define REPORTED 100 /* problems of a file; the rest is counted */

/* Count and sum, as stated and as found. */
struct tally {
	long line;
	int64_t stated_count, stated_sum, count; /* -1: not stated */
	cents sum;
};

struct seen_id {
	char id[36];
	long line;
};

struct validation {
	const char *path;
	struct sink *sink;
	struct json *json; /* NULL: for people */
	struct tally file, block;
	char message[64];
	bool by_schema;
	int64_t items, problems;
	int messages;
	struct seen_id *seen;
	size_t ids, room;
};

static void
report(struct validation *v, long line, const char *code, const char *message)
{
	if (v->problems++ >= REPORTED)
		return;
	if (v->json == NULL) {
		sink_clean(v->sink, v->path);
		sink_print(v->sink, ":%ld: ", line);
		sink_clean(v->sink, message);
		sink_text(v->sink, "\n");
		return;
	}
	json_open(v->json, NULL, '{');
	json_put_int(v->json, "line", line);
	json_put_text(v->json, "code", code);
	json_put_text(v->json, "message", message);
	json_close(v->json, '}');
}

/* Our files are one line, so the record is named too. */
static void
report_record(struct validation *v, const struct sepafile_record *rec, const char *code, const char *message)
{
	char text[SEPAFILE_TEXT];

	snprintf(text, sizeof(text), "%s%s%s: %s", rec->word, rec->key[0] == '\0' ? "" : " ", rec->key,
	         message);
	report(v, rec->line, code, text);
}

/* Counts and sums ---------------------------------------------------------------------------------------- */

static struct tally
start_tally(const struct sepafile_record *rec)
{
	const struct sepafile_field *count = sepafile_find(rec, "stated_count"),
				    *sum = sepafile_find(rec, "stated_sum_in_cents");

	return (struct tally){.line = rec->line,
	                      .stated_count = count == NULL ? -1 : count->number,
	                      .stated_sum = sum == NULL ? -1 : sum->number};
}

static void
check_tally(struct validation *v, const struct tally *t, const char *of)
{
	char text[200], stated[MONEY_TEXT_GROUPED], found[MONEY_TEXT_GROUPED];

	if (t->stated_count >= 0 && t->stated_count != t->count) {
		snprintf(text, sizeof(text), "the %s states %lld transactions and has %lld", of,
		         (long long)t->stated_count, (long long)t->count);
		report(v, t->line, "count_differs", text);
	}
	if (t->stated_sum >= 0 && t->stated_sum != t->sum) {
		snprintf(text, sizeof(text), "the %s states a sum of %s EUR and has %s EUR", of,
		         money_print_grouped(stated, t->stated_sum), money_print_grouped(found, t->sum));
		report(v, t->line, "sum_differs", text);
	}
}

static void
count_item(struct validation *v, const struct sepafile_record *rec, struct tally *t)
{
	const struct sepafile_field *amount = sepafile_find(rec, "amount_in_cents");

	t->count++;
	if (amount != NULL && !money_add(&t->sum, amount->number))
		report_record(v, rec, ERR_INVALID_AMOUNT, "the sum of the amounts is too large");
}

/* Fields ------------------------------------------------------------------------------------------------- */

static int
check_account(const char *text, struct err *e)
{
	struct iban iban;

	return iban_parse(text, &iban, e);
}

static void
check_fields(struct validation *v, const struct sepafile_record *rec)
{
	static const struct {
		const char *name;
		int (*check)(const char *text, struct err *e);
	} checks[] = {{"debtor_iban", check_account},
	              {"creditor_iban", check_account},
	              {"debtor_bic", bic_check},
	              {"creditor_bic", bic_check},
	              {"creditor_identifier", creditor_id_check}};
	const struct sepafile_field *f;
	char text[SEPAFILE_TEXT];
	struct err e = {0};
	size_t i;

	for (i = 0; i < LENGTH(checks); i++) {
		f = sepafile_find(rec, checks[i].name);
		if (f == NULL || checks[i].check(f->text, &e) == 0)
			continue;
		snprintf(text, sizeof(text), "%s: %s", f->name, e.message);
		report_record(v, rec, e.code, text);
	}
}

static void
note_id(struct validation *v, const struct sepafile_record *rec)
{
	if (v->ids == v->room) {
		v->room = v->room == 0 ? 1024 : 2 * v->room;
		v->seen = memory_check(realloc(v->seen, v->room * sizeof(*v->seen)));
	}
	snprintf(v->seen[v->ids].id, sizeof(v->seen[0].id), "%s", rec->key);
	v->seen[v->ids++].line = rec->line;
}

static int
compare_ids(const void *a, const void *b)
{
	const struct seen_id *left = a, *right = b;
	int order = strcmp(left->id, right->id);

	return order != 0 ? order : (left->line > right->line) - (left->line < right->line);
}

/* A bank refuses the second of two equal end-to-end ids, or the whole file. */
static void
check_ids(struct validation *v)
{
	char text[100];
	size_t i;

	if (v->ids == 0)
		return;
	qsort(v->seen, v->ids, sizeof(*v->seen), compare_ids);
	for (i = 1; i < v->ids; i++)
		if (strcmp(v->seen[i].id, v->seen[i - 1].id) == 0 && v->seen[i].id[0] != '\0' &&
		    strcmp(v->seen[i].id, "NOTPROVIDED") != 0) {
			snprintf(text, sizeof(text), "the end-to-end id %s is used twice", v->seen[i].id);
			report(v, v->seen[i].line, "end_to_end_id_twice", text);
		}
}

/* Reading ------------------------------------------------------------------------------------------------ */

static int
take_checked(void *ctx, const struct sepafile_record *rec, struct err *e)
{
	struct validation *v = ctx;
	const struct sepafile_field *message = sepafile_find(rec, "message");

	(void)e;
	if (rec->problem[0] != '\0')
		report_record(v, rec, ERR_BAD_FIELD, rec->problem);
	if (rec->section == SEPAFILE_MESSAGE) {
		v->messages++;
		if (message != NULL)
			snprintf(v->message, sizeof(v->message), "%s", message->text);
		check_tally(v, &v->block, "block");
		check_tally(v, &v->file, "file");
		v->file = start_tally(rec);
		v->block = (struct tally){.stated_count = -1, .stated_sum = -1};
		return 0;
	}
	if (rec->section == SEPAFILE_BLOCK) {
		check_tally(v, &v->block, "block");
		v->block = start_tally(rec);
	} else {
		v->items++;
	}
	if (strcmp(rec->word, "debit") == 0 || strcmp(rec->word, "transfer") == 0) {
		count_item(v, rec, &v->file);
		count_item(v, rec, &v->block);
		note_id(v, rec);
	}
	check_fields(v, rec);
	return 0;
}

/* A schema of ours, by the name of the message. */
static const struct schema {
	const char *message;
	int (*validate)(FILE *in, enum pain_version version, struct err *e);
	enum pain_version version;
} schemas[] = {{"pain.008.001.08", pain008_validate, PAIN_2019},
               {"pain.008.001.02", pain008_validate, PAIN_2009},
               {"pain.001.001.09", pain001_validate, PAIN_2019},
               {"pain.001.001.03", pain001_validate, PAIN_2009}};

/* NULL: we have no schema of this message. */
static const struct schema *
find_schema(const char *message)
{
	size_t i;

	for (i = 0; i < LENGTH(schemas); i++)
		if (strcmp(schemas[i].message, message) == 0)
			return &schemas[i];
	return NULL;
}

/* The files of a container are read only: none of them is kept for a second reading. */
static void
check_schema(struct validation *v, FILE *in)
{
	const struct schema *schema = find_schema(v->message);
	struct err e = {0};
	char head[4];
	size_t n;

	rewind(in);
	n = fread(head, 1, sizeof(head), in);
	rewind(in);
	v->by_schema = schema != NULL && !container_is_one(head, n);
	if (v->by_schema && schema->validate(in, schema->version, &e) < 0)
		report(v, e.line, e.code, e.message);
}

static void
check_content(struct validation *v)
{
	FILE *in = describe_open(v->path);
	struct err e = {0};

	v->file = v->block = (struct tally){.stated_count = -1, .stated_sum = -1};
	if (sepafile_read(in, take_checked, v, &e) < 0) {
		report(v, e.line, e.code, e.message);
	} else {
		check_tally(v, &v->block, "block");
		check_tally(v, &v->file, "file");
		check_ids(v);
		check_schema(v, in);
	}
	free(v->seen);
	fclose(in);
}

static void
write_verdict(const struct validation *v)
{
	const char *schema = v->by_schema ? "held against our schema" : "read to its end";

	if (v->json != NULL) {
		json_close(v->json, ']');
		json_put_text(v->json, "message", v->message[0] == '\0' ? NULL : v->message);
		json_put_bool(v->json, "is_valid", v->problems == 0);
		json_put_int(v->json, "problem_count", v->problems);
		json_put_bool(v->json, "has_schema", v->by_schema);
		json_close(v->json, '}');
		return;
	}
	sink_clean(v->sink, v->path);
	if (v->problems == 0) {
		if (v->messages > 1)
			sink_print(v->sink, ": %d valid messages", v->messages);
		else
			sink_print(v->sink, ": valid %s", v->message);
		sink_print(v->sink, ", %lld item%s, %s\n", (long long)v->items, text_plural(v->items),
		           schema);
	} else {
		sink_print(v->sink, ": not valid, %lld problem%s\n", (long long)v->problems,
		           text_plural(v->problems));
	}
}

static bool
validate_file(void *ctx, const char *path, bool is_first, struct sink *s, struct json *json)
{
	struct validation v = {.path = path, .sink = s, .json = json};

	(void)ctx, (void)is_first;
	if (json != NULL) {
		json_open(json, NULL, '{');
		json_put_text(json, "file", path);
		json_open(json, "problems", '[');
	}
	check_content(&v);
	write_verdict(&v);
	return v.problems == 0;
}

void
validate(struct run *r)
{
	if (!describe_each(r, validate_file, NULL))
		die(EXIT_REFUSED, "a file is not valid");
}

const struct option_spec validate_options[] = {
    DESCRIBE_FILES,
    {0},
};
