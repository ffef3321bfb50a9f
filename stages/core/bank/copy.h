/* copy: the bytes of a bank file: checked against hash and schema, published a second time. */
#ifndef CORE_COPY_H
#define CORE_COPY_H

#include <stdio.h>

#include "stages/core/bank/bankfile.h"

/* Dies (70) unless the bytes at `path`, below the home, are those of the file, pass the schema check, and name the creditor of the
 * file. */
void copy_check(const struct run *r, const struct bankfile *f, const char *path);
/* Schema check, by the schema of its version; closes `in`, and dies (70) naming `name`. */
void copy_validate(const struct run *r, const struct bankfile *f, FILE *in, const char *name);
/* Publishes the same bytes in another folder, in the caller's unit of work, and checks their hash; `kind` is that of the artifact. */
void copy_publish(struct run *r, const struct bankfile *f, const char *kind, const char *folder);

#endif
