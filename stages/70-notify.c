/* notify: what changed -> push-notification batches, their delivery, and what became of them.
 *
 * reads    inbox/receipts; card_payment, bank_file and collection, profile and card; [notifications] of the configuration
 * writes   notification, notification_batch, notification_chunk, receipt; out/notifications/<date>/<name>-<n>.jsonl and
 *          manifest.json; receipts.jsonl beside them, and out/sepa/<session>/status.html and
 *          notices.csv, views
 * sends    where mode = http, the batches in chunks to `url`: the only stage beside import that uses the network
 * rerun    changes nothing: each name and subject has one notification, permanently; what has no receipt yet is sent once more,
 *          with the same key and the same bytes
 * holds    receipts that cannot be applied. Where the receiver cannot be reached, the batches are published all the same, and a
 *          night goes on (exit 3); a start of this stage alone ends 69
 */
#include "stages/core/bank/sessionview.h"
#include "stages/core/home/publish.h"
#include "stages/core/members/receipt.h"
#include "stages/core/push/answers.h"
#include "stages/core/push/batch.h"
#include "stages/core/push/delivery.h"
#include "stages/stage.h"

static void
expire(struct run *r)
{
	tx_begin(r->db);
	receipt_expire(r);
	tx_commit(r->db);
}

static void
plan(struct run *r)
{
	int64_t first_of_all = 0, first, batches;
	int kind;

	tx_begin(r->db);
	for (kind = 0; kind < NOTIFICATION_KINDS; kind++) {
		first = notification_plan(r, (enum notification_kind)kind, &batches);
		first_of_all = first_of_all == 0 ? first : first_of_all;
		batch_publish(r, (enum notification_kind)kind, first, batches);
	}
	if (first_of_all != 0)
		batch_publish_manifest(r, first_of_all);
	tx_commit(r->db);
	publish_place(r);
}

static void
notify(struct run *r)
{
	store_spill(r->db); /* a night may have a million notifications */
	batch_restore(r);
	answers_receive(r);
	expire(r);
	plan(r);
	delivery_send(r);
	answers_view(r);
	sessionview_refresh(r);
	delivery_end(r);
}

const struct stage this_stage = {
    .name = "notify",
    .purpose = "make and deliver the push notifications, and read their receipts",
    .run = notify,
};
