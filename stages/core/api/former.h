/* former: a list of history.h in the set of exports before, of which the rows of members of whom nothing changed are copied.
 *
 * Its rows are in the order of their ids, each begins with its id, and the text of ids has that order too (formats/uuid.h).
 */
#ifndef CORE_FORMER_H
#define CORE_FORMER_H

#include <stdint.h>

#include "formats/sink.h"

struct former;

/* Stands before the first row. path: below the home. Dies (74) when it cannot be read. */
struct former *former_open(const char *path);
void former_close(struct former *f); /* NULL is allowed */

/* Copies the rows whose ids are before this one, and returns how many. `to` NULL: passes over them. */
int64_t former_copy(struct former *f, const char *id, struct sink *to);

#define FORMER_END "g" /* after all ids */

#endif
