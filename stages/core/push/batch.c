/* batch: see batch.h. */
#include "stages/core/push/batch.h"

#include <string.h>

#include "formats/json.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

#define FOLDER "out/notifications"

/* The number of a batch; of a manifest, of its first batch. */
struct source {
	struct run *run;
	int64_t batch;
};

static void
write_batch(struct sink *s, void *ctx)
{
	const struct source *b = ctx;

	notification_write_batch(b->run, b->batch, s);
}

static void
put_batch(struct json *j, const struct source *m, struct stmt *q)
{
	char path[PATH_SIZE], file[128], digest[SHA256_TEXT];
	struct file_digest p;

	snprintf(file, sizeof(file), "%s-%lld.jsonl", col_text(q, 0), (long long)col_int(q, 1));
	snprintf(path, sizeof(path), FOLDER "/%s/%s", col_text(q, 3), file);
	if (!publish_find(m->run, path, &p))
		die(EXIT_BUG, "%s was never published", path);
	json_open(j, NULL, '{');
	json_put_text(j, "file", file);
	json_put_int(j, "count", col_int(q, 2));
	json_put_text(j, "sha256", sha256_print(digest, p.sha256));
	json_close(j, '}');
}

/* The batches of one run: those of its date from its first one on, up to the first one of a later run. */
static struct stmt *
begin_batches(const struct source *m)
{
	struct stmt *q = sql(m->run->db,
	    "SELECT b.name, b.nth, b.lines, b.business_on"
	    " FROM notification_batch b JOIN notification_batch first ON first.business_on = b.business_on"
	    " WHERE first.number = $first"
	    "  AND b.number >= $first"
	    "  AND NOT EXISTS ("
	    "   SELECT 1"
	    "   FROM artifact a"
	    "   WHERE a.kind = 'manifest'"
	    "    AND a.owner > $first"
	    "    AND a.owner <= b.number"
	    "    AND a.path > 'out/notifications/' || b.business_on || '/'"
	    "    AND a.path < 'out/notifications/' || b.business_on || '0')"
	    " ORDER BY b.number");

	bind_int(q, "$first", m->batch);
	return q;
}

static void
write_batch_manifest(struct sink *s, void *ctx)
{
	const struct source *m = ctx;
	struct json j = {.sink = s, .indent = true};
	struct stmt *q = begin_batches(m);
	bool is_first = true;

	json_open(&j, NULL, '{');
	for (; row(q); is_first = false) {
		if (is_first) {
			json_put_text(&j, "date", col_text(q, 3));
			json_open(&j, "batches", '[');
		}
		put_batch(&j, m, q);
	}
	json_close(&j, ']');
	json_close(&j, '}');
}

static void
publish_one(struct run *r, int64_t batch, const char *name)
{
	struct source source = {r, batch};
	char path[PATH_SIZE], day[DATE_TEXT];
	struct stmt *q = sql(r->db,
	    "SELECT nth, lines FROM notification_batch WHERE number = $number");
	int64_t lines;

	bind_int(q, "$number", batch);
	if (!row(q))
		die(EXIT_BUG, "the notification batch %lld does not exist", (long long)batch);
	snprintf(path, sizeof(path), FOLDER "/%s/%s-%lld.jsonl", date_print(day, r->on), name,
	         (long long)col_int(q, 0));
	lines = col_int(q, 1);
	reset(q);
	publish_file(r, "notifications", batch, path, write_batch, &source);
	run_count(r, counter_find("notifications", name + strlen("alan_pay__")), lines);
}

static void
write_lost_notifications(struct sink *s, const struct publish_lost *lost, void *ctx)
{
	struct source source = {ctx, lost->owner};

	(strcmp(lost->kind, "manifest") == 0 ? write_batch_manifest : write_batch)(s, &source);
}

void
batch_restore(struct run *r)
{
	static const struct publish_source batches = {"notifications", FOLDER, NULL, write_lost_notifications,
	                                              0};
	static const struct publish_source manifests = {"manifest", FOLDER, NULL, write_lost_notifications,
	                                                0};

	publish_restore(r, &batches, r->on - BATCH_RESTORE_DAYS, r);
	publish_restore(r, &manifests, r->on - BATCH_RESTORE_DAYS, r);
}

void
batch_publish(struct run *r, enum notification_kind kind, int64_t first, int64_t batches)
{
	int64_t i;

	for (i = 0; i < batches; i++)
		publish_one(r, first + i, notification_name(kind));
}

void
batch_publish_manifest(struct run *r, int64_t first)
{
	struct source source = {r, first};
	char wanted[PATH_SIZE], path[PATH_SIZE], day[DATE_TEXT];

	snprintf(wanted, sizeof(wanted), FOLDER "/%s/manifest.json", date_print(day, r->on));
	publish_free_path(r, wanted, path);
	publish_file(r, "manifest", first, path, write_batch_manifest, &source);
}
