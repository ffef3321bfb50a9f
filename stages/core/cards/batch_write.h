/* batch_write: the rows of a batch into the books: each table once, sorted by its key. Only batch.c calls it. */
#ifndef CORE_BATCH_WRITE_H
#define CORE_BATCH_WRITE_H

#include "stages/core/cards/batch.h"

/* A row and what it is sorted by: a number, or the first bytes of an id and then all of it. */
struct batch_sorted {
	uint64_t by;
	const struct batch_id *id; /* NULL: by the number */
	void *row;
};

struct batch_rows {
	struct batch_transaction *transaction;
	struct batch_payment *payment;
	struct batch_posting *posting;
	struct ledger_member *member;
	size_t transactions, payments, postings, members; /* how many of each */
	struct batch_sorted *sorted;                      /* room for all of one array */
};

/* As the books sort them: by their bytes. */
int batch_compare_ids(const struct batch_id *a, const struct batch_id *b);

/* Those that are new or changed; inside the caller's unit of work. Of members, their balances and last numbers. */
void batch_write_rows(struct run *r, struct batch_rows *b);
void batch_write_members(struct run *r, struct batch_rows *b);

#endif
