/* signedfile: signatures of approvers that lie in inbox/approvals. A name says nothing: each file is tried with each bank file that
 * awaits an approval, and each key of [approvers]. What is not such a signature is quarantined; it never stops a night. */
#ifndef CORE_SIGNEDFILE_H
#define CORE_SIGNEDFILE_H

#include "stages/core/engine/run.h"

#define SIGNEDFILE_INBOX "inbox/approvals"

void signedfile_receive(struct run *r);

#endif
