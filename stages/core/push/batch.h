/* batch: the files that the app's component reads: out/notifications/<date>/<name>-<n>.jsonl, and a manifest for each run. */
#ifndef CORE_BATCH_H
#define CORE_BATCH_H

#include "stages/core/members/notification.h"

/* Inside the unit of work that stored them: the batches from `first` on, which have notifications of this kind. */
void batch_publish(struct run *r, enum notification_kind kind, int64_t first, int64_t batches);
/* The same for all batches of the run, from `first` on. */
void batch_publish_manifest(struct run *r, int64_t first);

#define BATCH_RESTORE_DAYS 31 /* missing files are looked for so far back */
/* Renders missing files of the last days once more. */
void batch_restore(struct run *r);

#endif
