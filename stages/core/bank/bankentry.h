/* bankentry: applies bank entries, in the order in which they happened, whatever order their files came in.
 *
 * Money that the bank booked is worth more than a status that it reported. A reject for duplication changes nothing. Amounts
 * must agree exactly, with the fees that the bank reports. The same event counts once, in however many messages it stands. An
 * entry that cannot be applied becomes an exception, which a person can post (bankpost.h).
 */
#ifndef CORE_BANKENTRY_H
#define CORE_BANKENTRY_H

#include "formats/err.h"
#include "formats/sink.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/books/collection.h"
#include "stages/core/engine/run.h"

struct fileaccount;

/* The words of bank_entry.kind. A refund_return is a credit that is marked as a return, or as the reversal of one. */
enum bankentry_kind {
	BANKENTRY_STATUS,
	BANKENTRY_CREDIT,
	BANKENTRY_RETURN,
	BANKENTRY_DEBIT,
	BANKENTRY_REFUND_RETURN,
	BANKENTRY_FEE,
	BANKENTRY_OTHER, /* announced, not booked */
};
const char *bankentry_kind_word(enum bankentry_kind kind);

/* The words of bank_entry.level: what a status is about. */
enum bankentry_level { BANKENTRY_OF_FILE, BANKENTRY_OF_BLOCK, BANKENTRY_OF_DEBIT };
const char *bankentry_level_word(enum bankentry_level level);

/* The words of bank_entry.state. */
enum bankentry_state {
	BANKENTRY_NEW,
	BANKENTRY_APPLIED,
	BANKENTRY_NOTED, /* it changes nothing */
	BANKENTRY_HELD,
	BANKENTRY_RESOLVED,
};

/* A row of bank_entry. Texts are "" when they are missing. */
struct bank_entry {
	int64_t number, message, input;
	long line;
	enum bankentry_kind kind;
	enum bankentry_level level; /* of a status */
	enum bankentry_state state;
	char message_kind[9], status[5], msg_id[36], block[36], end_to_end_id[36], instruction_id[36],
	    mandate[36], reason[36], problem[161];
	cents amount;         /* -1: not reported */
	cents fee;            /* charges and interest in the amount */
	cents fee_beside;     /* charges that are not in it */
	int64_t transactions; /* -1: not reported */
	date on;
	instant reported_at; /* of its message */
	char key[SHA256_TEXT + 8];
	/* What it means; see bankmatch.h. */
	char collection[END_TO_END_ID];
	int64_t file, rank; /* 0: not known */
};

/* What becomes of an entry: applied, noted, or held with `why` and the member whom it concerns (0: not known). */
struct bank_outcome {
	enum bankentry_state state;
	struct err why;
	int64_t profile;
	bool is_strange; /* held, and nothing changes that before there is another bank file */
};
void bankentry_hold(struct bank_outcome *o, const char *code, const char *message);
/* The same of one that names nothing of ours. */
void bankentry_hold_strange(struct bank_outcome *o, const char *code, const char *message);
void bankentry_note(struct bank_outcome *o);

/* A credit of our account. */
bool bankentry_is_credit(const struct bank_entry *n);
/* What was asked for, apart from the charges and the interest in the amount. */
cents bankentry_principal(const struct bank_entry *n);
/* A code of ISO 20022 that says that the bank has this debit already. */
bool bankentry_is_duplicate_reason(const char *reason);

/* SQL condition: bank_entry `e` is open, and may mean something of ours: a strange one only once there are more bank files. */
#define BANKENTRY_IS_TRIED(e) \
	SQL_PART(e ".state IN ('new', 'held') AND coalesce(" e ".files_known, 0) < " BANKENTRY_FILES_KNOWN)
#define BANKENTRY_FILES_KNOWN SQL_PART("(SELECT coalesce(max(number), 0) + 1 FROM bank_file)")

bool bankentry_load(struct run *r, int64_t number, struct bank_entry *n);

/* Applies new entries, and tries open ones again; one unit of work. */
void bankentry_apply(struct run *r);

/* For bankpost.c: one entry, inside the caller's unit of work. The first is false unless the exception is open, and about money. */
bool bankentry_load_held(struct run *r, int64_t exception, struct bank_entry *n);
void bankentry_decide(struct run *r, struct bank_entry *n, struct fileaccount *account,
                      struct bank_outcome *o);
void bankentry_save_state(struct run *r, const struct bank_entry *n, enum bankentry_state state);

#endif
