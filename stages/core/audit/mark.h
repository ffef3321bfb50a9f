/* mark: what the audit has proved, and of whom it is to be proved again.
 *
 * `audit_member` has for each member a digest of its small rows and the number of its last transaction, as they were when all of its
 * rows were proved. A member with another digest is proved again, whole, and so is one whom a new file of Swan names, a new
 * notification is for, whose bank file was not audited yet, or of whom a person decided something. What a night does not look at is
 * that the older rows of the others are unchanged: --full does, and proves every member.
 *
 * `audit_mark` has a row for each clean audit that proved something new. Its digest is over that of the row before it, so that no
 * row of either table is changed without being found. Who changes what a digest is over empties both tables in the migration: the
 * next audit then proves every member.
 */
#ifndef CORE_MARK_H
#define CORE_MARK_H

#include "stages/core/audit/pass.h"
#include "stages/core/audit/proof.h"

/* Before the other proofs; makes the temporary table audit_touched, of the members that are to be proved. */
void mark_begin(struct proof *p);
void mark_touch(struct proof *p, int64_t member);
/* Adds the members that are not as they were proved, with --full all of them; says of the sessions what their debts do. The views of
 * claims.sql must be there. */
void mark_find(struct proof *p, struct pass *pass);
/* After a clean audit, in the caller's unit of work: the members that were proved, and a mark when something is new. */
void mark_make(struct proof *p);

#endif
