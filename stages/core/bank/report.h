/* report: the page beside a bank file that finance reads before the upload.
 *
 * A pure function of the rows and the configuration: no clock, no script, no external resource. It prints on A4. IBANs are
 * masked.
 */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include "stages/core/bank/review.h"

void report_write(struct run *r, struct sink *s, const struct review *t);

#endif
