/* approval: a person checked a bank file. An approval binds to the SHA-256 of the XML. */
#ifndef CORE_APPROVAL_H
#define CORE_APPROVAL_H

#include "stages/core/bank/bankfile.h"

/* By the person who runs this, in a unit of work; with the number that [release] asks for the file is approved. Dies: 65 another
 * hash, 73 the file needs no approval any more, 77 the person built the file. Repeating it changes nothing. */
void approval_give(struct run *r, const struct bankfile *f, const unsigned char sha256[SHA256_SIZE]);

#endif
