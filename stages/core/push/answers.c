/* answers: see answers.h. */
#include "stages/core/push/answers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stages/core/home/arrival.h"
#include "stages/core/home/publish.h"
#include "stages/core/members/receipt.h"
#include "stages/core/push/batch.h"

struct answers {
	struct run *run;
	struct receipt_source source;
};

static int
apply_line(void *ctx, const struct receipt *q, struct err *e)
{
	const struct answers *a = ctx;

	(void)e;
	receipt_apply(a->run, q, &a->source);
	return 0;
}

static int
check_name(const struct arrival *a, struct err *e)
{
	if (a->why.code[0] != '\0' || strcmp(a->parts.op, "receipts") != 0 || a->parts.csv)
		return err_set(e, ERR_BAD_FILE_NAME,
		               "the name must be receipts.<source>.<YYYYMMDDTHHMMSSZ>.<seq>.jsonl");
	return 0;
}

static int
apply_file(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e)
{
	struct answers a = {f->run, {.input = f->number}};
	FILE *in;
	int rc;

	if (check_name(ctx, e) < 0)
		return -1;
	if (copy_of != 0)
		return 0;
	in = inbox_content(f);
	rc = receipt_read(in, apply_line, &a, e);
	fclose(in);
	return rc;
}

void
answers_receive(struct run *r)
{
	struct arrival *arrivals;
	size_t i, n;

	arrivals = arrival_list(r, ANSWERS_INBOX, &n);
	for (i = 0; i < n; i++)
		inbox_receive(r, "receipts", ANSWERS_INBOX, arrivals[i].name, apply_file, &arrivals[i]);
	free(arrivals);
}

struct day {
	struct run *run;
	date on;
};

static void
write_day(struct sink *s, void *ctx)
{
	const struct day *d = ctx;

	receipt_write_day(d->run, d->on, s);
}

/* lost: only if it is missing beside the batches; a home that was made from a fixture has none of an earlier day. */
static void
publish_day(struct run *r, date on, bool lost)
{
	char folder[PATH_SIZE - 32], path[PATH_SIZE], day[DATE_TEXT];
	struct day d = {r, on};

	snprintf(folder, sizeof(folder), "out/notifications/%s", date_print(day, on));
	snprintf(path, sizeof(path), "%s/receipts.jsonl", folder);
	if (!lost || (access(folder, F_OK) == 0 && access(path, F_OK) < 0))
		publish_view(r, path, write_day, &d);
}

void
answers_view(struct run *r)
{
	date on = DATE_NONE;

	while ((on = receipt_next_day(r, on)) != DATE_NONE)
		publish_day(r, on, false);
	on = r->on - BATCH_RESTORE_DAYS - 1;
	while ((on = receipt_next_answered_day(r, on)) != DATE_NONE)
		publish_day(r, on, true);
	tx_begin(r->db);
	receipt_note_written(r);
	tx_commit(r->db);
}
