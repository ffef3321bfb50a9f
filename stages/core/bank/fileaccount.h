/* fileaccount: the account of one bank file, which explains what the bank booked for the file as a whole.
 *
 * A bank may book all debits of a file in one sum, or in several; with the debits that it rejected, and take those back
 * afterwards or before, or without them. The account adds up when what the bank booked for the file as a whole, less what it
 * took back, is to the cent what stands in the file beside the debits that it booked one by one. Then every debit of the file
 * that was not rejected is booked. Messages of one kind must add up for themselves, or all kinds together.
 *
 * The bank may book a debit with the others, report afterwards that it had rejected it, and take it back for the file: then what
 * it took back must be to the cent the debits that it says it rejected, and these come back.
 *
 * A sum that the bank takes back after that is the whole batch reversed when it is to the cent all that was booked: every debit
 * is returned. A mandate is not at fault then, and stays as it is.
 */
#ifndef CORE_FILEACCOUNT_H
#define CORE_FILEACCOUNT_H

#include "stages/core/bank/bankentry.h"

/* What the bank may mean by its sums for the file. */
enum fileaccount_variant {
	FILEACCOUNT_BESIDE_SINGLES,     /* debits that it also credited one by one come beside the sums */
	FILEACCOUNT_WITH_DETAILS,       /* but not those that are details of a sum: sumdetail.h */
	FILEACCOUNT_NET_BESIDE_SINGLES, /* the same without the debits that came back before any booking */
	FILEACCOUNT_NET_WITH_DETAILS,
	FILEACCOUNT_VARIANTS
};

/* What messages of one kind, or of all kinds, say that came and went for the file. */
struct fileaccount_sums {
	char kind[9]; /* "": all kinds together, without the repetitions */
	cents in, out;
};

/* The account as it was found last: it is kept while entries of one file follow each other. Zero it when something else
 * changed. */
struct fileaccount {
	int64_t file;
	struct fileaccount_sums sums[4];
	int n;
	cents needed[FILEACCOUNT_VARIANTS];
	cents rejected;   /* booked, though the bank says that it had rejected them */
	cents reversible; /* all that is booked, or was and is taken back with the whole batch */
	bool has_open, has_applied, is_booked[FILEACCOUNT_VARIANTS];
};

/* Applies an entry that means the whole file: books or returns its debits (or refunds), or holds the entry: bulk_amount_differs,
 * bulk_wrong_direction. */
void fileaccount_apply(struct run *r, const struct bank_entry *n, const struct bankfile *f,
                       struct fileaccount *a, struct bank_outcome *o);
/* Does the bank book this file as a whole, and does its account add up with this collection rejected or returned? Then a return
 * without a booking of its own is part of that account. */
bool fileaccount_explains(struct run *r, const struct collection *c, struct fileaccount *a);
/* Did the bank book this collection with a sum for its file, of which the entry is a detail? */
bool fileaccount_has_detail(struct run *r, const struct bank_entry *n, const struct collection *c,
                            struct fileaccount *a);
/* The days on which the bank booked the file as a whole, with what it rejected, and took sums for it back; DATE_NONE: it did
 * not. */
struct fileaccount_days {
	int64_t file;
	date in, out;
};
void fileaccount_find_days(struct run *r, int64_t file, struct fileaccount_days *days);

#endif
