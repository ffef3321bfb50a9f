/* approval: a person checked a bank file. An approval binds to the SHA-256 of the XML.
 *
 * A person is known by the login, or by a signature over a small text with a key of [approvers], as [release] identity says. The
 * signature is kept in its row, and as files beside the versions of the file, with which anybody can verify it:
 * out/sepa/<session>/approvals/<version>.<name>.txt, .sig, .pub.
 */
#ifndef CORE_APPROVAL_H
#define CORE_APPROVAL_H

#include "formats/sshsig.h"
#include "stages/core/bank/bankfile.h"

/* What a signature is made over: eight lines, each ended by a line feed: "alanpay approve", the store id, the MsgId, the SHA-256 of
 * the XML, the count, the total in euros ("1816.54"), the account of the creditor, the collection day. */
#define APPROVAL_TEXT 320
size_t approval_text(struct run *r, const struct bankfile *f, char text[static APPROVAL_TEXT]);

/* The caller has checked the bytes (copy.h). By the person who runs this, in a unit of work; with the number that [release] asks for the file is approved. Dies: 65 another
 * hash, 73 the file needs no approval any more, 77 the person built or rejected the file, or an approval must be signed. Repeating
 * it changes nothing. */
void approval_give(struct run *r, const struct bankfile *f, const unsigned char sha256[SHA256_SIZE]);

/* By the person whose key made the signature: `name`, or any of [approvers] when it is NULL; *signer becomes the name. Inside the
 * caller's unit of work. Returns 1, or 0 when this person has approved the file before. -1: the signature is not of this file, or
 * is not believed; code bad_signature: it may be of another file. */
int approval_sign(struct run *r, const struct bankfile *f, const struct sshsig *s, const char *name,
                  char signer[static RUN_PERSON], struct err *e);

/* How many approvals count: of a file that is not released, those that are believed now: by the identity that [release] asks for, by
 * a key that [approvers] still has, each key once. *why: why the first other one does not count; "": all do. */
#define APPROVAL_WHY 300
int64_t approval_count(struct run *r, const struct bankfile *f, char why[static APPROVAL_WHY]);

/* Renders the file of an approval at this path once more. */
void approval_write_lost(struct run *r, const struct bankfile *f, const char *path, struct sink *s);

#endif
