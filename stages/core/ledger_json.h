/* ledger_json: a balance transaction as other components get it, with exactly the keys that they were promised. */
#ifndef CORE_LEDGER_JSON_H
#define CORE_LEDGER_JSON_H

#include "formats/json.h"
#include "stages/core/run.h"

/* One object, of an external transaction: of those card_payment and sepa_debit are null. Dies when there is none. */
void ledger_json_put_external(struct json *j, struct run *r, int64_t profile, int64_t number);

#endif
