/* notification: which members are notified of what, once for each subject, and the batches of notifications. */
#ifndef CORE_NOTIFICATION_H
#define CORE_NOTIFICATION_H

#include "formats/sink.h"
#include "stages/core/engine/run.h"

enum notification_kind {
	NOTIFY_POST_PAYMENT,
	NOTIFY_RECOVERY_SESSION,
	NOTIFY_PROVISIONING_REMINDER,
	NOTIFICATION_KINDS
};

const char *notification_name(enum notification_kind kind);

/* Decides, inside the caller's unit of work, which members are notified today, and puts the notifications into batches of at
 * most max_lines. Returns the number of the first batch, and how many in *batches; 0 when there is nothing to notify. */
int64_t notification_plan(struct run *r, enum notification_kind kind, int64_t *batches);

/* Debits of a file whose members were not notified, until `latest`, of the amount and day in the file. The last notification of
 * the debit counts, for whichever version of the file it was made. */
int64_t notification_count_missing(struct run *r, int64_t file_number, instant latest);

void notification_write_batch(struct run *r, int64_t batch, struct sink *s);

#endif
