/* exported: the files of the export (stages/80-export.c), but for the lists that grow with each night (history.h).
 *
 * Columns have the names of the keys in the output of `alanpay query`. Each function writes a file, of the listing if it takes one,
 * and returns how many rows of the books it has.
 */
#ifndef CORE_EXPORTED_H
#define CORE_EXPORTED_H

#include "stages/core/lists/listing.h"

extern const struct listing exported_balances, exported_profiles, exported_debts, exported_sessions,
    exported_mandates;

int64_t exported_write_rows(struct run *r, const struct listing *l, struct sink *s);
int64_t exported_write_acts(struct run *r, const struct listing *l, struct sink *s);
int64_t exported_write_mandates(struct run *r, const struct listing *l, struct sink *s);
int64_t exported_write_categories(struct run *r, const struct listing *l, struct sink *s);
int64_t exported_write_support(struct run *r, const struct listing *l, struct sink *s);

#endif
