/* statuspage: status.html of a session, beside the versions of its bank files: where each of them stands, who approved, released and
 * uploaded it, how many of its members were notified, what the bank reported, and the next step.
 *
 * It has the look of report.html, which is made before anybody is notified and never changes. Only sums: no member is named.
 */
#ifndef CORE_STATUSPAGE_H
#define CORE_STATUSPAGE_H

#include "formats/sink.h"
#include "stages/core/engine/run.h"

void statuspage_write(struct run *r, int64_t session, struct sink *s);

#endif
