/* proof: what must be true of the books, the files and the home, each as a claim of its own.
 *
 * Claims are proved from raw rows and files, by queries that share nothing with the code that wrote them: a rule stands
 * here once more, on purpose. Nothing is written. tests/check_audit.sh makes each claim fail once.
 * source   claims.sql: the invariants that each claim stands for
 */
#ifndef CORE_PROOF_H
#define CORE_PROOF_H

#include "formats/sink.h"
#include "stages/core/engine/run.h"

struct proof {
	struct run *r;
	bool full;         /* everything, not only what is new */
	int64_t claims;    /* looked at so far */
	int64_t different; /* counterexamples found */
};

struct claim {
	const char *text;
	int64_t told; /* counterexamples of it so far: only the first few are told one by one */
};

void proof_begin(struct proof *p, struct claim *c); /* counts it; with -v tells it */
void proof_fails(struct proof *p, struct claim *c, const char *what);
/* A file of its own, no link to one, with these bytes. */
bool proof_is_there(const char *path, const unsigned char sha256[SHA256_SIZE]);

/* Rows against rows: claims.sql (proof.c). Once in a process: it makes views. */
void proof_of_rows(struct proof *p);
/* Frozen sessions against their digests, bank files against their rows, what lies in out/upload (proof_file.c). */
void proof_of_files(struct proof *p);
/* The CSV files of transactions that post read, from input number `after` on, against the ledger (proof_input.c). Returns
 * the number of the last one. With `full` also every file that was published or kept. */
int64_t proof_of_inputs(struct proof *p, int64_t after);
/* Who may read and write below the home, and that nothing there is a link (proof_home.c). */
void proof_of_home(struct proof *p);

#endif
