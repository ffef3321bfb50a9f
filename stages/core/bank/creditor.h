/* creditor: who collects with a bank file, or pays with it: name, identifier (ICS), account and BIC. They are frozen in its row when it
 * is made (terms.h). An approval and the release compare the row with the XML.
 */
#ifndef CORE_CREDITOR_H
#define CORE_CREDITOR_H

#include "stages/core/bank/bankfile.h"

/* Dies (70) unless each block of the XML at `path`, below the home, has the creditor of the file's row. */
void creditor_check_xml(const struct run *r, const struct bankfile *f, const char *path);

#endif
