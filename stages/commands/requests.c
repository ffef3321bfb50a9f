/* alanpay requests: validates a request file, and puts it into the inbox whole.
 *
 * reads    FILE, and the books: each record gets the answer that intake would give now; nothing is stored
 * writes   submit: inbox/requests/<name>, whole
 * rerun    submit changes nothing; a name that is in the inbox, or was applied, with other content is refused
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "formats/request.h"
#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/core/api/request.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/submit.h"
#include "stages/core/lists/listing.h"

#define INBOX "inbox/requests"

struct validation {
	struct run *r;
	const char *source;
	struct json out; /* its sink is standard output */
	int64_t records, rejected;
};

static void
put_problem(struct sink *s, const struct request *q, const struct request_answer *a)
{
	sink_print(s, "line %ld: ", q->line);
	sink_clean(s, a->field);
	sink_text(s, a->field[0] == '\0' ? "" : ": ");
	sink_clean(s, a->why.message);
	sink_print(s, " (%s)\n", a->why.code);
}

/* People get a line for each rejected record; machines get the results that intake would write, marked as a dry run. */
static void
write_record_answer(struct validation *c, const struct request *q, const struct request_answer *a)
{
	bool rejected = operation_is_rejected(a);
	struct request_result result = {.message_id = q->message_id,
	                                .line = q->line,
	                                .op = q->op,
	                                .status = answer_status_word(a->status),
	                                .code = a->why.code,
	                                .field = text_or_null(a->field),
	                                .message = text_or_null(a->why.message),
	                                .result = a->result,
	                                .processed_at = c->r->now,
	                                .dry_run = true};

	if (c->r->format == FORMAT_JSON)
		request_put_result(&c->out, &result);
	else if (c->r->format != FORMAT_TABLE)
		request_write_result(c->out.sink, &result);
	else if (rejected)
		put_problem(c->out.sink, q, a);
	c->records++;
	c->rejected += rejected;
}

static int
validate_record(void *ctx, const struct request *q, struct err *e)
{
	struct validation *c = ctx;
	struct request_answer a;

	(void)e;
	request_answer(c->r, q, c->source, 0, &a);
	write_record_answer(c, q, &a);
	request_answer_free(&a);
	return 0;
}

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* In a unit of work that is rolled back. -1: the whole file would be quarantined. */
static int
validate_records(struct validation *c, FILE *in, const struct request_name *parts, struct err *e)
{
	const char *op = strcmp(parts->op, "mixed") == 0 ? NULL : parts->op;
	int rc;

	c->source = parts->source;
	c->out = (struct json){.sink = listing_stdout(), .indent = true};
	if (c->r->format == FORMAT_JSON)
		json_open(&c->out, NULL, '[');
	tx_begin(c->r->db);
	rc = parts->csv ? request_read_csv(in, op, validate_record, c, e)
	                : request_read_jsonl(in, op, validate_record, c, e);
	tx_rollback(c->r->db);
	if (c->r->format == FORMAT_JSON)
		json_close(&c->out, ']');
	listing_stdout_end(c->out.sink);
	return rc;
}

/* Dies (65) when the file would be quarantined, a record would be rejected, or the file has no record. */
static void
validate_file(struct run *r, const char *path, const char *name)
{
	struct request_name parts;
	struct validation c = {.r = r};
	struct err e = {0};
	FILE *in;
	int rc;

	in = fopen(path, "r");
	if (in == NULL)
		die_errno(errno == ENOENT ? EXIT_ABSENT : EXIT_IO, "%s", path);
	if (request_parse_name(name, &parts, &e) < 0)
		die(EXIT_REFUSED, "%s: %s: rename it to <op>.<source>.<YYYYMMDDTHHMMSSZ>.<seq>.jsonl or .csv",
		    name, e.message);
	rc = validate_records(&c, in, &parts, &e);
	fclose(in);
	if (rc < 0)
		die(EXIT_REFUSED, "%s:%ld: %s (%s): the whole file would be quarantined", name, e.line,
		    e.message, e.code);
	if (c.rejected > 0)
		die(EXIT_REFUSED, "%s: %lld of %lld record%s would be rejected", name, (long long)c.rejected,
		    (long long)c.records, text_plural(c.records));
	if (c.records == 0)
		die(EXIT_REFUSED, "%s: the file has no record", name);
	if (r->format == FORMAT_TABLE)
		printf("%s: %lld record%s, none would be rejected\n", name, (long long)c.records,
		       text_plural(c.records));
}

static void
validate(struct run *r)
{
	const char *path = options_value(r, "FILE");

	validate_file(r, path, name_of(path));
}

/* submit ------------------------------------------------------------------------------------------------------- */

static void
submit(struct run *r)
{
	const char *from = options_value(r, "FILE"), *name = name_of(from), *what;
	enum submitted submitted;

	validate_file(r, from, name);
	submitted = submit_file(r, "requests", from, INBOX, name);
	what = submitted == SUBMITTED ? "is in the inbox: the next night applies it"
	                              : "was applied before: nothing changed";
	if (r->format != FORMAT_TABLE && !r->dry_run)
		info("%s %s", name, what);
	else if (!r->quiet && !r->dry_run)
		printf("%s %s\n", name, what);
}

static const struct option_spec file_options[] = {
    {.name = "FILE",
     .help = "request file, named <op>.<source>.<time>.<seq>.jsonl or .csv",
     .is_path = true,
     .is_needed = true,
     .is_word = true},
    {0},
};

const struct command requests_commands[] = {
    {"requests validate", "print the answer that each record of a file would get", ACCESS_CHANGES,
     file_options, validate, NULL},
    {"requests submit", "validate a file, then put it into the inbox", ACCESS_CHANGES, file_options, submit,
     NULL},
    {0},
};
