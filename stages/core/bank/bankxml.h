/* bankxml: the text of a bank file, pain.008 or pain.001, from its rows: blocks, collections, mandates, and the terms that it was
 * made with. The same rows give the same bytes.
 */
#ifndef CORE_BANKXML_H
#define CORE_BANKXML_H

#include "formats/sink.h"
#include "stages/core/bank/bankfile.h"

void bankxml_write(struct run *r, const struct bankfile *f, struct sink *s);

#endif
