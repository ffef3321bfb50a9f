/* notify: what changed -> push-notification batches.
 *
 * reads    card_payment, bank_file and collection, profile and card, [notifications] of the configuration
 * writes   notification, notification_batch; out/notifications/<date>/<name>-<n>.jsonl and manifest.json
 * rerun    one notification for each name and subject for ever: whoever was told is not told again
 * holds    nothing
 */
#include <string.h>

#include "formats/json.h"
#include "stages/core/home/publish.h"
#include "stages/core/members/notification.h"
#include "stages/stage.h"

static void
load_batch(struct run *r, int64_t batch, int64_t *nth, int64_t *lines)
{
	struct stmt *q = sql(r->db,
	    "SELECT nth, lines FROM notification_batch WHERE number = $number");

	bind_int(q, "$number", batch);
	if (!row(q))
		die(EXIT_BUG, "no batch %lld", (long long)batch);
	*nth = col_int(q, 0);
	*lines = col_int(q, 1);
	reset(q);
}

static void
publish_batch(struct run *r, int64_t batch, const char *name, struct json *manifest)
{
	char path[PATH_SIZE], file[128], day[DATE_TEXT], digest[SHA256_TEXT];
	struct publication p;
	int64_t nth, lines;

	load_batch(r, batch, &nth, &lines);
	snprintf(file, sizeof(file), "%s-%lld.jsonl", name, (long long)nth);
	snprintf(path, sizeof(path), "out/notifications/%s/%s", date_print(day, r->on), file);
	publish_begin(&p, r, "notifications", batch, path);
	notification_write_batch(r, batch, p.sink);
	publish_end(&p);
	json_open(manifest, NULL, '{');
	json_put_text(manifest, "file", file);
	json_put_int(manifest, "count", lines);
	json_put_text(manifest, "sha256", sha256_print(digest, p.sha256));
	json_close(manifest, '}');
	run_count(r, counter_find("notifications", name + strlen("alan_pay__")), lines);
}

static void
publish_manifest(struct run *r, const struct sink_text *text, int64_t first_batch)
{
	char wanted[PATH_SIZE], path[PATH_SIZE], day[DATE_TEXT];
	struct publication p;

	snprintf(wanted, sizeof(wanted), "out/notifications/%s/manifest.json", date_print(day, r->on));
	publish_free_path(r, wanted, path);
	publish_begin(&p, r, "manifest", first_batch, path);
	sink_put(p.sink, text->at, text->n);
	publish_end(&p);
}

static void
notify(struct run *r)
{
	static char bytes[65536];
	struct sink_text text = {bytes, sizeof(bytes), 0};
	struct json manifest = {.sink = sink_into(&text), .indent = true};
	int64_t first_of_all = 0, first, batches, i;
	char day[DATE_TEXT];
	int kind;

	tx_begin(r->db);
	json_open(&manifest, NULL, '{');
	json_put_text(&manifest, "date", date_print(day, r->on));
	json_open(&manifest, "batches", '[');
	for (kind = 0; kind < NOTIFICATION_KINDS; kind++) {
		first = notification_plan(r, (enum notification_kind)kind, &batches);
		first_of_all = first_of_all == 0 ? first : first_of_all;
		for (i = 0; i < batches; i++)
			publish_batch(r, first + i, notification_name((enum notification_kind)kind),
			              &manifest);
	}
	json_close(&manifest, ']');
	json_close(&manifest, '}');
	if (sink_end(manifest.sink, NULL, NULL) < 0)
		die(EXIT_BUG, "too many batches for one manifest: raise max_lines in [notifications]");
	if (first_of_all != 0)
		publish_manifest(r, &text, first_of_all);
	tx_commit(r->db);
}

const struct stage this_stage = {
    .name = "notify",
    .purpose = "make the push-notification batches",
    .run = notify,
};
