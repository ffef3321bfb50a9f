/* report_left_out: what the report of a bank file (report.h) says of the debts that are not in it: excluded at the freeze, not
 * presented since, or in the version before, of which their members were notified.
 */
#ifndef CORE_REPORT_LEFT_OUT_H
#define CORE_REPORT_LEFT_OUT_H

#include "stages/core/bank/review.h"

struct xml_writer;

void report_write_left_out(struct run *r, struct xml_writer *w, const struct review *t);

#endif
