/* approval: a person who checked a bank file, and stands for its bytes: an approval binds to the SHA-256 of the XML. */
#ifndef CORE_APPROVAL_H
#define CORE_APPROVAL_H

#include "stages/core/bank/bankfile.h"

int64_t approval_count(struct run *r, int64_t file_number);
bool approval_is_given(struct run *r, int64_t file_number, const char *person);

/* By who runs this, in a unit of work of its own; the last that [release] wants makes the file approved. Dies with the
 * reason when it is refused: 65 the hash is another, 73 the file needs none any more, 77 who built it. The same again does
 * nothing. */
void approval_give(struct run *r, const struct bankfile *f, const unsigned char sha256[SHA256_SIZE]);

#endif
