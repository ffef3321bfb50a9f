/* pass_ledger: what pass_ledger.c has in memory of the member at hand, for pass_moved.c. */
#ifndef CORE_PASS_LEDGER_H
#define CORE_PASS_LEDGER_H

#include "stages/core/audit/pass.h"

enum debt_status { DEBT_PENDING, DEBT_INITIATED, DEBT_EXECUTED, DEBT_SUCCEEDED, DEBT_FAILED, DEBT_STATUSES };
enum collection_state {
	STATE_PRESENTED,
	STATE_ACCEPTED,
	STATE_BOOKED,
	STATE_REJECTED,
	STATE_RETURNED,
	STATE_CANCELLED,
	STATE_WITHDRAWN,
	STATES
};
struct slot {
	bool is_session, is_frozen;
	/* Of the member at hand: */
	bool is_used, is_debt;
	enum debt_status status;
	cents amount, recovered, refunded; /* of the debt; PASS_NONE: not set yet */
	cents sum;                         /* of the transactions that belong to it */
	int64_t transactions;
	cents brought, paid_out; /* by the transactions that settle it */
	int64_t live;            /* its debits or refunds that have not failed */
	bool is_booked;          /* one of them */
};

/* A debit or refund; `id`: a sum over its end-to-end id. */
struct collected {
	uint64_t id;
	int64_t session;
	enum collection_state state;
	bool is_refund;
	cents moves;
};

/* A transaction that a debit or refund made. */
struct moved {
	uint64_t id;
	int64_t source_kind, event, settled;
	cents cents;
};

struct pass_ledger {
	struct pass *p;
	struct pass_cursor profiles, debts, collections, externals, rows;
	struct slot *slots;
	int64_t sessions; /* the highest number of a slot */
	int64_t *used;    /* the slots of the member at hand */
	size_t n_used;
	struct pass_list collected, moved;
	cents booked, refunded; /* by the debits and refunds that are booked, of all members */
	/* Of the member at hand: */
	int64_t transactions, last;
	cents sum, open; /* open: in no frozen debt */
};

/* The slot of a session; NULL: no session has a slot for this number. */
struct slot *pass_slot(struct pass_ledger *l, int64_t session);
/* Of all debits and refunds of the member, after its transactions are read: what they moved is what their state requires. */
void pass_require_moved(struct pass_ledger *l);

#endif
