/* notification: what members are notified of, once for each subject, and the batches of notifications.
 *
 * notice.h finds the members; receipt.h has what became of a notification.
 */
#ifndef CORE_NOTIFICATION_H
#define CORE_NOTIFICATION_H

#include "formats/sink.h"
#include "stages/core/engine/run.h"

enum notification_kind {
	NOTIFY_POST_PAYMENT,
	NOTIFY_RECOVERY_SESSION,
	NOTIFY_RECOVERY_WITHDRAWN,
	NOTIFY_PROVISIONING_REMINDER,
	NOTIFY_EXTERNAL_TRANSACTION,
	NOTIFICATION_KINDS
};

const char *notification_name(enum notification_kind kind);

/* In SQL, all of them with literals: the notifications `n` of a debit or refund `c`, for all versions of its file: the subject of the
 * first is its end-to-end id; that of a later one has the version behind it. */
#define NOTIFICATION_OF_COLLECTION(n, c)                                                                \
	n ".name = 'alan_pay__recovery_session' AND " n ".profile_number = " c ".profile_number AND " n \
	  ".subject >= " c ".end_to_end_id AND " n ".subject < " c ".end_to_end_id || '0' AND (" n      \
	  ".subject = " c ".end_to_end_id OR " n ".subject LIKE " c                                     \
	  ".end_to_end_id || '/%')" /* '0' is next to '/' */
/* Their params: amount and day of the collection `c` in its file `f`. */
#define NOTIFICATION_PARAMS(c, f)                                                            \
	"('{\"amount_in_cents\":' || " c ".amount_in_cents || ',\"recovery_date\":\"' || " f \
	".collect_on || '\",\"direction\":\"' || " f ".kind || '\"}')"

/* Of a person who asks for notifications. */
struct notification_asked {
	struct run_actor by;
	const char *why; /* NULL when none was given */
};

/* Stores what notice.c has found, inside the caller's unit of work, in batches of at most max_lines. asked: NULL in a night.
 * Returns the number of the first batch, and how many in *batches; 0 when nothing was found. */
int64_t notification_store(struct run *r, enum notification_kind kind, const struct notification_asked *asked,
                           int64_t *batches);
/* The same for what a night finds. */
int64_t notification_plan(struct run *r, enum notification_kind kind, int64_t *batches);

/* The lines of a batch; those of the notifications from `first` to `last`. */
void notification_write_batch(struct run *r, int64_t batch, struct sink *s);
void notification_write_lines(struct run *r, int64_t first, int64_t last, struct sink *s);

/* Whether receipts show that members were notified: mode = http, or file_dates = receipts. */
bool notification_wants_receipts(const struct run *r);
bool notification_is_sent(const struct run *r); /* mode = http */

/* The debits of a bank file, by whether their members were notified of the amount and day in it. The last notification of a debit
 * counts, for whichever version of the file it was made. */
struct notification_notice {
	int64_t debits;
	int64_t notified; /* in time, with the proof that the configuration wants */
	int64_t late, pending, refused, expired;
	int64_t missing;           /* not notified of this amount and day */
	int64_t by_receipt;        /* of those notified */
	instant first_at, last_at; /* of those notified; INSTANT_NONE: none */
};
/* latest: members must have been notified by then. */
void notification_count_notices(struct run *r, int64_t file_number, instant latest,
                                struct notification_notice *n);

#endif
