/* make: makes the bank file of a frozen session in one unit of work: rows, XML, hand-off folder.
 *
 * Ids are derived from stored keys: MsgId <store id>-<session code>-<D or C><version>, PmtInfId <MsgId>-<block>. Where each block
 * has a file of its own, a version with several of them has MsgIds that end in .1, .2.
 */
#ifndef CORE_MAKE_H
#define CORE_MAKE_H

#include "stages/core/books/collection.h"
#include "stages/core/engine/run.h"

/* The session must be frozen. False: nothing is left to collect, or to refund. */
bool make_bank_file(struct run *r, int64_t session, enum collection_kind kind);

/* Renders files of hand-off folders that are gone once more, of the last 13 months. Dies (70) when the books
 * give other bytes than those that were published. */
void make_restore(struct run *r);
void make_restore_xml(struct run *r, int64_t file); /* of one file, the XML alone */

#endif
