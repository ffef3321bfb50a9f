/* bankmessage: the bank's messages, read once, to their end, into entries.
 *
 * The same entry in several messages is one: it has the same fingerprint. Equal entries of one message may be real, and are
 * told apart by their occurrence.
 */
#ifndef CORE_BANKMESSAGE_H
#define CORE_BANKMESSAGE_H

#include <stdio.h>

#include "formats/err.h"
#include "stages/core/engine/run.h"

/* Reads one message (pain.002 or camt.054, by its root element); inside the unit of work of its input. -1 when the file must
 * be refused: codes of the readers, message_id_conflict, other_account. */
int bankmessage_read(struct run *r, FILE *in, int64_t input, struct err *e);

#endif
