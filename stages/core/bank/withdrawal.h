/* withdrawal: a released file that the bank never got, lost, or rejected whole is taken back, when two persons have stated that the
 * bank does not list its MsgId.
 *
 * `rebuild`: its debts are pending again, and collect makes the next version. A debt that was never presented keeps its end-to-end
 * id there, so that a bank that has the first file all the same refuses the second; one that the bank rejected gets a new id.
 * `carry`: its debts fail, and their cents go to the next session. Neither counts as a failure of the member.
 *
 * What the bank reports on a withdrawn file later:
 * - that it rejects the whole file is what was expected, and is noted;
 * - anything else that names the file is held, money at risk, even if the end-to-end id lives on in the next version;
 * - an entry that names only an end-to-end id which lives on means the next version, once that was released; before, it is held.
 */
#ifndef CORE_WITHDRAWAL_H
#define CORE_WITHDRAWAL_H

#include "stages/core/bank/bankfile.h"

#define WITHDRAWAL_PERSONS 2

/* As withdrawal.way has them. */
enum withdrawal_way { WITHDRAWAL_REBUILD, WITHDRAWAL_CARRY, WITHDRAWAL_WAYS };
const char *withdrawal_way_word(enum withdrawal_way way);
/* By its word; dies (64) when the word is unknown. */
enum withdrawal_way withdrawal_way_find(const char *word);

/* The first statement that counts: one that was made before the file was marked as uploaded does not count any more. */
struct withdrawal {
	char person[64];
	enum withdrawal_way way;
};
bool withdrawal_find(struct run *r, int64_t file, struct withdrawal *first);

/* The statement of the person who runs this, in a unit of work. The first one removes the copy in out/upload, the second one
 * withdraws the file. False: the person stated the same before, or the file is withdrawn; nothing changed. Dies:
 * 73 the state of the file forbids it, or the first person stated the other way; 77 the person built the file, or the bank has
 * reported on it. */
bool withdrawal_give(struct run *r, const struct bankfile *f, enum withdrawal_way way, const char *why);

#endif
