/* bankmessage: reads the bank's messages into bank entries, each message once and to its end.
 *
 * The same entry in several messages is one: it has the same fingerprint. Equal entries in one message may be real; they have
 * the numbers 1, 2 ... as their occurrence.
 */
#ifndef CORE_BANKMESSAGE_H
#define CORE_BANKMESSAGE_H

#include <stdio.h>

#include "formats/err.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/engine/run.h"
#include "stages/core/home/inbox.h"

/* Reads one message (pain.002, camt.052, camt.053 or camt.054) in the unit of work of its input. -1 when the file must be
 * quarantined: codes of the readers, message_id_conflict, other_account. */
int bankmessage_read(struct run *r, FILE *in, int64_t input, struct err *e);
/* The same for a file of the inbox (inbox_apply_fn). */
int bankmessage_take(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e);
/* The fingerprint that an entry has by its row: the stored one, unless the row was changed. */
void bankmessage_fingerprint(struct run *r, const struct bank_entry *n, unsigned char digest[SHA256_SIZE]);

#endif
