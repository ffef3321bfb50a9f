/* version: one version of a Swan transaction on its way into the books: what they have of it, and what it becomes. Only reads; for
 * payment.c, which writes it. */
#ifndef CORE_VERSION_H
#define CORE_VERSION_H

#include "formats/swan_rules.h"
#include "stages/core/cards/batch.h"
#include "stages/core/cards/payment.h"
#include "stages/core/cards/sender.h"

/* What becomes of it. REVERSE: it takes back a transfer, and is no payment. NOTE_OWN: it is between accounts of Alan's. CONFIRM: it
 * says again what a person decided. */
enum verdict { HOLD, PASS_OVER, WRITE, REVERSE, NOTE_OWN, CONFIRM };

/* An event of a card payment in the ledger. */
struct payment_event {
	const char *name;
	enum event event;
	enum counter counter;
};

/* One version of a transaction on its way into the books. */
struct version {
	struct payment_work *work;
	struct run *r;
	const struct swan_transaction *t;
	const struct swan_event *event; /* NULL: not of a card payment, or of an unknown status */
	int64_t named;                  /* the member whom a person named; 0: none */
	struct swan_key id, payment;

	/* as the transaction and its payment are in the books; NULL: they are not */
	struct batch_transaction *stored;
	struct batch_payment *of;
	enum age { FIRST, OLDER, SAME, NEWER } age;
	instant stored_at;                     /* when Swan updated the version that is stored */
	const struct swan_event *stored_event; /* that it means; NULL: none */
	cents stored_cents;                    /* what was booked by it */
	int64_t profile;

	struct {
		int64_t type, status, reason, rejection; /* 0: none */
	} code;
	const struct payment_event *posts; /* NULL: nothing */
	struct posting posting;
	struct reversible transfer; /* that it takes back */
};

/* -1: it cannot be read into the books (bad_field, date_in_future), and *v is not to be used. */
int version_init(struct version *v, struct payment_work *work, const struct swan_transaction *t,
                 int64_t named, struct err *e);

/* Fills in what the books have of the transaction and its payment. False: the transaction is not stored. */
bool version_find(struct version *v);

/* The member of its payment; 0: the payment is not stored yet. */
int64_t version_owner(const struct version *v);

/* The transaction, which is not stored, becomes one of this payment and of its member. */
void version_take_payment(struct version *v, const struct named_payment *p);

/* The transaction, which is stored, becomes one of the member whom a person named: of the payment that it names, or of one of its
 * own if that is another member's. -1 (payment_conflict): neither its payment nor its card is that member's. */
int version_take_named(struct version *v, struct err *e);

/* Decides what becomes of it, without writing anything. HOLD: *e says why. */
enum verdict version_decide(struct version *v, struct err *e);

#endif
