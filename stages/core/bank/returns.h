/* returns: returns.csv of a session, beside the versions of its bank files: the failed debits, then the failed refunds, with the
 * reason and the next step of each; and returns.excel-fr.csv, the same for a French spreadsheet. Rewritten whole each time.
 */
#ifndef CORE_RETURNS_H
#define CORE_RETURNS_H

#include "stages/core/engine/run.h"

void returns_view(struct run *r, int64_t session_number);
/* Of each session with a failed debit or refund, or with such a list: what was in it may be recovered since. Whoever changed it
 * last may have been killed before the list was rewritten. */
void returns_view_all(struct run *r);

#endif
