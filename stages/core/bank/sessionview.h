/* sessionview: the files of a session that live on beside the versions of its bank files, for finance: status.html, notices.csv, and
 * returns.csv once a debit or refund has failed; the lists also for a French spreadsheet.
 *
 * Each is a view, rewritten whole from the books: the same bytes for the same books. Triggers note which sessions have changed
 * (stale_session) in the transaction of the change, so a run that is interrupted before it rewrites them leaves that to the next
 * one. Sessions that did not change are not read.
 */
#ifndef CORE_SESSIONVIEW_H
#define CORE_SESSIONVIEW_H

#include "stages/core/engine/run.h"

/* Outside a unit of work, by all that changes bank files, their debits, or how members were notified: those that have changed. */
void sessionview_refresh(struct run *r);
/* Once a night and once an hour, by the stages that make and answer bank files: also those of which the next step depends on the day, and those that are missing. */
void sessionview_refresh_all(struct run *r);

#endif
