/* intake: inbox/requests -> profiles, mandates, linked memberships, offboardings, external transactions; results.
 *
 * reads    inbox/requests/<op>.<source>.<time>.<seq>.jsonl|.csv, in the order of (time, seq, name), each line in order
 * writes   profile, mandate, account_membership, offboarding, external_transaction, balance_transaction and its debt,
 *          request, input; a result line for each record: out/<date>/requests/<name>.results.jsonl
 * rerun    a file applied before is recognized by its hash, a record by its message id; a missing file of results is rendered
 *          once more
 * holds    a file that cannot be read to its end is quarantined; a record that cannot be applied gets the result `rejected`
 */
#include <stdlib.h>
#include <string.h>

#include "formats/request.h"
#include "stages/core/api/request.h"
#include "stages/core/home/arrival.h"
#include "stages/core/home/publish.h"
#include "stages/stage.h"

#define INBOX        "inbox/requests"
#define READERS      "out/exports" /* whose group may read the results, too */
#define RESTORE_DAYS 31            /* missing files of results are looked for so far back */

struct request_input {
	struct run *r;
	const char *source;
	int64_t input;
};

static int
apply_record(void *ctx, const struct request *q, struct err *e)
{
	const struct request_input *g = ctx;

	(void)e;
	request_apply(g->r, q, g->source, g->input);
	return 0;
}

static int
apply_records(struct inbox_file *f, const struct request_name *parts, struct err *e)
{
	struct request_input g = {f->run, parts->source, f->number};
	const char *op = strcmp(parts->op, "mixed") == 0 ? NULL : parts->op;
	FILE *in = inbox_content(f);
	int rc = parts->csv ? request_read_csv(in, op, apply_record, &g, e)
	                    : request_read_jsonl(in, op, apply_record, &g, e);

	fclose(in);
	return rc;
}

struct results {
	struct run *run;
	int64_t input, copy_of;
};

static void
write_results(struct sink *s, void *ctx)
{
	const struct results *w = ctx;

	request_write_results(w->run, s, w->input, w->copy_of);
}

/* Renders a missing file of results. A duplicate of another file has the results of that file. */
static void
write_lost_results(struct sink *s, const struct publish_lost *lost, void *ctx)
{
	struct results w = {.run = ctx, .input = lost->owner};
	struct stmt *q = sql(w.run->db, "SELECT coalesce(duplicate_of, 0) FROM input WHERE number = $number");

	bind_int(q, "$number", lost->owner);
	w.copy_of = value(q, 0);
	write_results(s, &w);
}

static void
publish_results(struct inbox_file *f, int64_t copy_of)
{
	struct results w = {f->run, f->number, copy_of};
	char wanted[PATH_SIZE], path[PATH_SIZE], folder[PATH_SIZE], day[DATE_TEXT];

	snprintf(folder, sizeof(folder), "out/%s/requests", date_print(day, f->run->on));
	if (!f->run->dry_run)
		durable_make_door(folder, READERS);
	snprintf(wanted, sizeof(wanted), "out/%s/requests/%s.results.jsonl", date_print(day, f->run->on),
	         f->name);
	publish_free_path(f->run, wanted, path);
	publish_file(f->run, "results", f->number, path, write_results, &w);
}

static int
apply_file(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e)
{
	const struct arrival *a = ctx;

	if (a->why.code[0] != '\0') {
		*e = a->why;
		return -1;
	}
	if (copy_of == 0 && apply_records(f, &a->parts, e) < 0)
		return -1;
	publish_results(f, copy_of);
	return 0;
}

static const struct publish_source results = {
    .kind = "results", .root = "out", .door = READERS, .render = write_lost_results};

static void
intake(struct run *r)
{
	size_t i, n;
	struct arrival *arrivals;

	publish_restore(r, &results, r->on - RESTORE_DAYS, r);
	arrivals = arrival_list(r, INBOX, &n);
	for (i = 0; i < n; i++)
		inbox_receive(r, "requests", INBOX, arrivals[i].name, apply_file, &arrivals[i]);
	free(arrivals);
}

const struct stage this_stage = {
    .name = "intake",
    .purpose = "apply the request files in inbox/requests",
    .run = intake,
};
