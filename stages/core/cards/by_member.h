/* by_member: the transactions of a file, in the order of their members where there are more than stand in memory.
 *
 * Swan reports in the order of time, and the books are in the order of the members (engine/key.h): of a file with a million
 * transactions each batch would write pages of all members. Sorted first, each page is written about once. Of a member they stay in
 * their order; those of no known member come last. payment_apply takes them in any order.
 */
#ifndef CORE_BY_MEMBER_H
#define CORE_BY_MEMBER_H

#include <stdio.h>

#include "formats/swan.h"
#include "stages/core/cards/payment.h"

/* As transactions_csv_read, with `work` as the context of `give`; right after payment_begin. Of a large file with an error in one record
 * none is given. Until payment_end `give` stores transactions of Swan by this work only. */
int by_member_read(struct payment_work *work, FILE *in, transactions_csv_fn *give, struct err *e);

#endif
