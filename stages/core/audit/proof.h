/* proof: what must be true of the books, the files and the home, each as a claim of its own.
 *
 * Claims are proved from raw rows and files, by queries that share nothing with the code that wrote them: each rule stands
 * here once more, on purpose. No row of the books is written. What a night proves, and what only --full does: mark.h.
 * tests/check_audit.sh makes each claim fail once.
 * source   claims.sql: the invariants that each claim stands for
 */
#ifndef CORE_PROOF_H
#define CORE_PROOF_H

#include "formats/sink.h"
#include "stages/core/engine/run.h"

/* What a clean audit has proved (mark.c). The sum is over the rows of audit_member, in any order. */
struct mark {
	int64_t number; /* 0: none */
	int64_t members, transactions, sum;
	int64_t bank_entry, notification, receipt; /* the highest numbers */
	date made_on;
	unsigned char digest[SHA256_SIZE]; /* of the mark before, and of these numbers */
};

struct proof {
	struct run *r;
	bool full;             /* all members and files, not only what is new since the last clean audit */
	bool is_posted;        /* proof_of_rows: a pass proved that what Swan booked is posted */
	struct mark last, now; /* the last one; what it will be */
	bool is_scoped;        /* scope.c */
	int64_t claims;        /* proved so far */
	int64_t differences;   /* found so far */
};

struct claim {
	const char *text;
	int64_t differences; /* of this claim: only the first few are reported one by one */
};

void proof_begin(struct proof *p, struct claim *c); /* counts it; with -v prints it */
/* One difference: what it is about, and what is wrong with it. */
void proof_differs(struct proof *p, struct claim *c, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The path is a regular file, not a link, and has these bytes. */
bool proof_is_there(const char *path, const unsigned char sha256[SHA256_SIZE]);

/* Rows against rows: claims.sql (proof.c). Once in a process: it makes views. */
void proof_of_rows(struct proof *p);
/* Frozen sessions against their digests, bank files against their rows, the files in out/upload (proof_file.c). By night the sessions
 * and bank files of which a file may still be released, or was not audited yet. */
void proof_of_files(struct proof *p);
/* Bank files that are not released, against the configuration. Returns how many name another creditor: the books are right, but
 * these files cannot be released. */
int64_t proof_of_creditors(struct proof *p);
/* The files of transactions that post read, those with a higher input number than `after`, against the ledger
 * (proof_input.c). Returns the number of the last one. With `full` after proof_of_rows, also every file that was received or
 * published; else before it, for the files name members that are to be proved. Once in a process: it makes tables. */
int64_t proof_of_inputs(struct proof *p, int64_t after);
/* After proof_of_rows, when it did not prove that what Swan booked is posted: what proof_of_inputs had rested on that. */
void proof_of_inputs_again(struct proof *p, int64_t after);
/* By night after proof_of_rows, of the members that are proved: each transaction that is recorded from the files that proof_of_inputs read
 * was found in them; and what was posted since the last clean audit, but is of an older file, is in that file, which is read again. */
void proof_of_recorded(struct proof *p, int64_t after);
/* With --full: the newest export against the rows of the books, unless a row is noted that changed since (proof_export.c). Once in a
 * process: it makes a table. */
void proof_of_exports(struct proof *p);
/* Signatures of approvals (proof_approval.c). */
void proof_of_approvals(struct proof *p);
/* Owner and permissions of everything in the home, and that nothing there is a link (proof_home.c). */
void proof_of_home(struct proof *p);
/* The release log against the books, and the files of the home against the rows that published them (proof_log.c). Once in a
 * process: it makes a table. */
void proof_of_log(struct proof *p);

#endif
