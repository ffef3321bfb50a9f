/* approver: the public keys of [approvers], one a person: NAME = FILE. Who can write such a file can approve in that person's name: it
 * belongs to root or to the owner of the home, and nobody else can write it.
 */
#ifndef CORE_APPROVER_H
#define CORE_APPROVER_H

#include "formats/err.h"
#include "formats/sshsig.h"
#include "stages/core/engine/run.h"

/* -1: [approvers] does not name this person, or the file is missing, may be written by others, or has no key. */
int approver_load(const struct run *r, const char *name, unsigned char key[static SSHSIG_KEY], struct err *e);

#endif
