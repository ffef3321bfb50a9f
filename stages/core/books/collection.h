/* collection: one debit, or one refund, in one bank file, and what became of it; presentation.h makes them.
 *
 * A debt has at most one live collection: by an index of the table. An end-to-end id names one debt and one
 * presentation, and is never reused for another. A file that was cancelled, or withdrawn because the bank never had it, presented
 * nothing, so the next version has the same ids: a bank that got both files refuses the second. In a file that the bank
 * rejected whole, the ids are spent.
 */
#ifndef CORE_COLLECTION_H
#define CORE_COLLECTION_H

#include "stages/core/engine/run.h"

#define END_TO_END_ID 36

/* The words of bank_file.kind. */
enum collection_kind { COLLECTION_DEBIT, COLLECTION_REFUND };
const char *collection_kind_word(enum collection_kind kind); /* debit, refund */
enum collection_kind collection_col_kind(struct stmt *q, int i);

enum collection_state {
	COLLECTION_PRESENTED,
	COLLECTION_ACCEPTED,
	COLLECTION_BOOKED,
	COLLECTION_REJECTED, /* failed before the booking */
	COLLECTION_RETURNED, /* came back after the booking */
	COLLECTION_CANCELLED, /* never presented: its file was cancelled, or withdrawn before the bank had it */
	COLLECTION_WITHDRAWN, /* the bank rejected the whole file, which was withdrawn */
};

struct collection {
	enum collection_kind kind;
	char end_to_end_id[END_TO_END_ID];
	int64_t file, profile, session, mandate;
	cents amount; /* positive, for debits and refunds */
	enum collection_state state;
	date collect_on /* the day to which the bank moved it, or asked_on */,
	    asked_on /* that of the file */;
	date booked_on, failed_on; /* DATE_NONE: not yet */
	date settled_on;           /* by its due date, not by a booking; DATE_NONE otherwise */
};

/* The bank has still to book or to reject it. `c` is the name of collection in the SQL. */
#define COLLECTION_IS_OPEN(c) c ".state IN ('presented', 'accepted')"

/* The bank may still report its booking: it is open, or it was settled or returned before. */
#define COLLECTION_IS_UNBOOKED(c) \
	"(" COLLECTION_IS_OPEN(c) " OR (" c ".state IN ('booked', 'returned') AND " c ".booked_on IS NULL))"

bool collection_has_failed(const struct collection *c); /* rejected or returned */
/* It was taken back with its file, and no person has found that the bank collected it all the same. */
bool collection_is_void(const struct collection *c);
/* Settled or returned, and its booking was not reported: collection_note_booked applies, nothing is posted. */
bool collection_awaits_note(const struct collection *c);

/* Loads the collection with this id: the one that is not cancelled, otherwise the newest. False: the id is unknown. */
bool collection_load(struct run *r, const char *end_to_end_id, struct collection *c);
/* Loads the one whose id the statement finds: the first after $after, which is the id of `c`. False: it finds no more. */
bool collection_next(struct run *r, struct stmt *q, struct collection *c);

struct collection_sum {
	int64_t count;
	cents sum;
};

/* No collection can be made of its debt, or its file was withdrawn: the debt fails for this reason, and its cents go to the next
 * session. Posts both rows, which leave the balance as it is; the mandate is not at fault. */
void collection_carry(struct run *r, const struct collection *c, const char *why);

/* The file was cancelled before its release: nothing was presented, its debts are free. Returns how many. */
int64_t collection_cancel(struct run *r, int64_t file);

/* The file was withdrawn after its release: `was_presented` when the bank rejected it whole. Its debts are free, or they are carried:
 * they fail, and their cents go to the next session. Returns how many. */
int64_t collection_withdraw(struct run *r, int64_t file, bool was_presented, bool is_carried);

void collection_accept(struct run *r, const struct collection *c);
/* The bank moved its collection (NULL: all in the file, or in a block; 0: in any) to another day, if it is open. */
void collection_move(struct run *r, int64_t file, const char *end_to_end_id, int block, date on);
/* The bank booked it: posts the money and settles the debt. */
void collection_book(struct run *r, const struct collection *c, date booked_on, int64_t input, long line);
/* The same for many at once, which are open, each once: the rows of the temporary table `booking`, which collection_begin_set
 * makes, empty. of_member: 1, 2 ... for the bookings of one member. */
void collection_begin_set(struct run *r);
void collection_book_set(struct run *r);
/* Its day has passed and the bank, which reports only what is unpaid, reported nothing: posts the money and settles the debt as
 * a booking on the collection day does. `accepted`: the bank has accepted it; otherwise it never answered. */
void collection_settle_due(struct run *r, const struct collection *c, bool accepted);
/* Rejected before the booking: posts recovery and failed_recovery together (a refund and its return), so that the cents go to a
 * new debt. */
void collection_reject(struct run *r, const struct collection *c, const char *reason, date on, int64_t input,
                       long line);
/* It came back after the booking. */
void collection_return(struct run *r, const struct collection *c, const char *reason, date on, cents fee,
                       int64_t input, long line);
/* The same for a debit of a batch that the bank reversed as a whole: its mandate is not at fault, and stays as it is. */
void collection_reverse(struct run *r, const struct collection *c, const char *reason, date on, int64_t input,
                        long line);
/* One that has failed was rejected, and not returned, or the other way round: as the bank reported in days before. No money
 * moves. */
struct collection_failure {
	enum collection_state state;
	const char *reason; /* "": the bank gave none */
	date booked_on, failed_on;
	cents fee;
};
void collection_fail_as(struct run *r, const struct collection *c, const struct collection_failure *f);
/* The bank reports the booking of one that was settled by its due date, or returned, before. */
void collection_note_booked(struct run *r, const struct collection *c, date booked_on);
/* After it failed, the money is there after all: the bank took its return back, or a person knows of the credit. Its cents went
 * to a new debt of the member, which this reduces; the debt of the collection is settled. */
void collection_book_again(struct run *r, const struct collection *c, date on, int64_t input, long line);
/* Of a withdrawn file: the bank collected it all the same, as a person found out. Posts the money and settles the debt, which is
 * free, or failed when it was carried. The booking is still to be noted (collection_note_booked). */
void collection_revive(struct run *r, const struct collection *c, date on, int64_t input, long line);
/* The bank rejected the whole file after it had accepted it: its debits are presented, and no more. */
void collection_unaccept(struct run *r, int64_t file);

#endif
