/* answers: the receipts that the app's component drops into inbox/receipts, and those that are published beside the batches.
 *
 * name     receipts.<source>.<YYYYMMDDTHHMMSSZ>.<seq>.jsonl, lines as formats/receipt.h has them
 */
#ifndef CORE_ANSWERS_H
#define CORE_ANSWERS_H

#include "stages/core/engine/run.h"

#define ANSWERS_INBOX "inbox/receipts"

/* Applies each file whole, or quarantines it. */
void answers_receive(struct run *r);
/* Writes out/notifications/<date>/receipts.jsonl, a view, of each date that has new receipts; and those that are missing, of the
 * last days. */
void answers_view(struct run *r);

#endif
