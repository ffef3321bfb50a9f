/* mark: what the audit has proved, and of whom it is to be proved again.
 *
 * `audit_member` has for each member the number of the last transaction and a digest of the small rows, as they were when all rows of
 * the member were proved: status and balance; debts; debits and refunds, with the state of their file; the states of the mandates; how
 * many external transactions were posted; the consequences of what came back. A night proves a member again, whole, when
 * - the number or the digest is another one,
 * - a file of Swan that was read since the last mark names the member,
 * - a notification, a receipt of one, or a bank entry of a debit or refund is newer than the last mark,
 * - a bank file with a debit or refund of the member was not audited yet, or may still be released,
 * - a person decided about a Swan transaction or a bank entry of the member, at any time,
 * - the exception of a bank entry of the member was closed since the day of the last mark.
 * What was posted late, of a file of Swan that was proved before, is new in the ledger: that file is read once more. When more than a
 * quarter of the members are to be proved, all are.
 *
 * A night does not see a change by hand of a row that is in no digest, of a member who is not proved for another reason: of an older
 * transaction, payment or report of Swan, or of an older notification, as of the instant at which it was accepted. --full, each week,
 * reads all rows of all members, and of those instants what the newest export shows (proof_export.c).
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
