/* make: the bank file of a frozen session, made once and whole: rows, XML, and what finance gets beside it.
 *
 * Ids are derived from stored keys: MsgId <store id>-<session code>-<D or C><version>, PmtInfId <MsgId>-1.
 */
#ifndef CORE_MAKE_H
#define CORE_MAKE_H

#include "stages/core/books/collection.h"
#include "stages/core/engine/run.h"

/* The session is frozen and has no file of that kind in force. One unit of work; false when there is nothing to collect, or
 * to refund. */
bool make_bank_file(struct run *r, int64_t session, enum collection_kind kind);

#endif
