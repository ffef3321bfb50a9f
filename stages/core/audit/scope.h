/* scope: the statements of claims.sql, of the members that are to be proved only.
 *
 * While it is open, the tables of the members have no rows of others: temporary tables of the same names stand before them. A statement
 * that is about more than one member names the real one, as main.collection does. Bank entries that name no debit are all there.
 */
#ifndef CORE_SCOPE_H
#define CORE_SCOPE_H

#include "stages/core/audit/proof.h"

void scope_open(struct proof *p); /* of audit_touched; nothing changes when it is open */
void scope_close(struct proof *p);

#endif
