/* report: the page beside a bank file that finance reads before the upload.
 *
 * A pure function of the rows and the configuration: no clock, no script, no external resource. It prints on A4. IBANs are
 * masked.
 */
#ifndef CORE_REPORT_H
#define CORE_REPORT_H

#include "stages/core/bank/review.h"

/* The page to the head of its list, a row of the list, and the end of the page. */
struct xml_writer *report_begin(struct run *r, struct sink *s, const struct review *t);
void report_put(struct xml_writer *w, const struct reviewed *d);
void report_end(struct xml_writer *w);

#endif
