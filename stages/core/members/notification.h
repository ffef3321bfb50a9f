/* notification: who is told what, once for ever, and the batches they go out in. */
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

/* Decides, inside the caller's unit of work, whom to tell today, and puts them into batches of at most max_lines. Returns the
 * number of the first batch, and how many in *batches; 0 when nobody is to be told. */
int64_t notification_plan(struct run *r, enum notification_kind kind, int64_t *batches);

/* Debits of a file of which the member was not told, until `latest`, the amount and the day that it has: by the last notice of
 * the debit, whichever version of the file it was of. */
int64_t notification_count_untold(struct run *r, int64_t file_number, instant latest);

void notification_write_batch(struct run *r, int64_t batch, struct sink *s);

#endif
