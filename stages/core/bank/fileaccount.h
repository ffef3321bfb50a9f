/* fileaccount: the account of one bank file, which explains what the bank booked for the file as a whole.
 *
 * A bank may book all debits of a file in one sum, or in several; with the debits that it rejected, and take those back
 * afterwards or before, or without them. The account adds up when what the bank booked for the file as a whole, less what it
 * took back, is to the cent what stands in the file beside the debits that it booked one by one. Then every debit of the file
 * that was not rejected is booked. Messages of one kind must add up for themselves, or all kinds together.
 *
 * A sum that the bank takes back after that is the whole batch reversed when it is to the cent all that is booked: every debit
 * is returned. A mandate is not at fault then, and stays as it is.
 */
#ifndef CORE_FILEACCOUNT_H
#define CORE_FILEACCOUNT_H

#include "stages/core/bank/bankentry.h"

/* The last verdict: what was found for a file in this pass over the entries. Zero it when anything changed. */
struct fileaccount {
	int64_t file;
	bool adds_up;     /* what came in, less what was taken back */
	bool is_booked;   /* what came in */
	bool is_net;      /* without the debits that came back before any booking */
	bool is_reversed; /* all that is booked was taken back */
};

/* Applies an entry that means the whole file: books or returns its debits (or refunds), or holds the entry: bulk_amount_differs,
 * bulk_wrong_direction. */
void fileaccount_apply(struct run *r, const struct bank_entry *n, const struct bankfile *f,
                       struct fileaccount *a, struct bank_outcome *o);
/* Does the bank book this file as a whole, and does its account add up with this collection rejected or returned? Then a return
 * without a booking of its own is part of that account. */
bool fileaccount_explains(struct run *r, const struct collection *c);

#endif
