/* reconcile: reads the bank's files (pain.002, camt.052, camt.053, camt.054; plain, ZIP or gzip) from inbox/bank and applies their
 * entries to debits and refunds: accepted, booked, rejected, returned, taken back; reasons act on mandates. Then it settles what is
 * recovered by its due date, and looks for files of which the bank says nothing.
 *
 * reads    the files of inbox/bank, in the order of their names; their entries are applied in the order in which they happened
 * writes   bank_message, bank_entry, collection, bank_file, debt, session, consequence, same_reason, mandate, balance_transaction,
 *          exception; the views in out/sepa/<session>/ (core/bank/sessionview.c)
 * rerun    nothing to do: a file is known by its hash, an entry by its fingerprint, an event by its rank; what is settled or overdue
 *          is a state of its row
 * holds    an entry that matches nothing, contradicts a booking, or comes for a file that was withdrawn; a reason of most of a file;
 *          a file that is overdue. A bank's file that cannot be read to its end is quarantined
 */
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankmessage.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/bank/settlement.h"
#include "stages/core/bank/signedfile.h"
#include "stages/core/home/inbox.h"
#include "stages/stage.h"

#define INBOX "inbox/bank"

static void
reconcile(struct run *r)
{
	struct inbox_list list;
	size_t i;

	store_spill(r->db); /* a bank may report a million entries */
	inbox_list(r, INBOX, &list);
	for (i = 0; i < list.n; i++)
		inbox_receive(r, "bank", INBOX, list.name[i], bankmessage_take, NULL);
	inbox_free(&list);
	bankentry_apply(r);
	signedfile_receive(r);
	settlement_apply(r);
	sessionview_refresh_all(r);
}

const struct stage this_stage = {
    .name = "reconcile",
    .purpose = "read the bank's files and apply their entries",
    .run = reconcile,
};
