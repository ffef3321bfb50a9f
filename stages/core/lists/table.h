/* table: a list as people read it, in aligned columns; or one row with a line for each column.
 *
 * Euros ("1 816.54") and counts to the right, instants to the minute, control characters as '?', '-' for what is
 * absent, "none" for a list without rows. All rows are kept in memory, because the widths depend on all of them.
 */
#ifndef CORE_TABLE_H
#define CORE_TABLE_H

#include "formats/sink.h"
#include "stages/core/engine/run.h"
#include "stages/core/lists/column.h"

/* Both read the bound query to its end. */
void table_write(struct run *r, const struct listing *l, struct stmt *q, struct sink *s);
/* A line for each column of the first row, "head  value". */
void table_write_sheet(struct run *r, const struct listing *l, struct stmt *q, struct sink *s);

#endif
