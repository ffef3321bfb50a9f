/* returns: returns.csv of a session, beside the versions of its bank files: the failed debits, then the failed refunds, with the
 * reason and the next step of each; and returns.excel-fr.csv, the same for a French spreadsheet. Rewritten whole each time.
 */
#ifndef CORE_RETURNS_H
#define CORE_RETURNS_H

#include "formats/csv.h"
#include "stages/core/engine/run.h"

/* Both in one pass. The amounts are cents; for a French spreadsheet, euros. */
void returns_write(struct run *r, int64_t session, struct csv lists[static 2]);

#endif
