/* noticelist: notices.csv of a session, beside the versions of its bank files: how the member of each debit and refund was notified;
 * and notices.excel-fr.csv, the same for a French spreadsheet.
 */
#ifndef CORE_NOTICELIST_H
#define CORE_NOTICELIST_H

#include "formats/csv.h"
#include "stages/core/engine/run.h"

/* Both in one pass. */
void noticelist_write(struct run *r, int64_t session, struct csv lists[static 2]);

#endif
