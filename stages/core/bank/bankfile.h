/* bankfile: a pain.008 (debits) or pain.001 (refunds) and its state: generated, approved, released, uploaded, then what the bank
 * reports. The states of the debts in it are kept apart.
 *
 * Approvals bind to the SHA-256 of the XML. Each act records who did it; the builder of a file cannot approve it.
 */
#ifndef CORE_BANKFILE_H
#define CORE_BANKFILE_H

#include <stdio.h>

#include "formats/err.h"
#include "formats/sink.h"
#include "formats/uuid.h"
#include "stages/core/bank/bankfile_state.h"
#include "stages/core/bank/terms.h"
#include "stages/core/books/collection.h"
#include "stages/core/engine/run.h"

/* The words for the files of a kind and for what they contain. */
struct bankfile_words {
	char letter;        /* in the MsgId */
	const char *prefix; /* of the XML's name */
	const char *folder; /* of the hand-off, followed by the version */
	const char *list;   /* the CSV beside it, without .csv */
	const char *one;    /* debit; the plural takes an s */
};
const struct bankfile_words *bankfile_words(enum collection_kind kind);

struct bankfile {
	int64_t number, session;
	enum collection_kind kind;
	int version,
	    part; /* version: of its kind; part: above 1 only where each block has a file of its own */
	char msg_id[36], name[64], folder[96];
	instant created_at;
	date wanted_on, collect_on;
	int64_t count;
	cents sum;
	unsigned char sha256[SHA256_SIZE];
	enum bankfile_state state;
	char built_by[RUN_PERSON], built_identity[10]; /* any, loginuid or scheduler */
	date audited_on;
};

/* A payment information of a file: its debits of one sequence type, or its refunds. */
struct bankfile_block {
	int64_t file;
	int nth; /* in the file, from 1 */
	char payment_information_id[36], sequence_type[5] /* "": refunds */;
	int64_t count;
	cents sum;
};

/* In force: not cancelled or withdrawn; a debt is in at most one such file, and a session has one of each kind, or one for each
 * part. Given: in force, and released or later. In SQL these are the views bank_file_in_force and bank_file_given. */
bool bankfile_is_in_force(const struct bankfile *f);
bool bankfile_is_unreleased(const struct bankfile *f); /* generated or approved */
bool bankfile_was_given(const struct bankfile *f);
/* The same of one debit or refund of the file: one of a withdrawn file was given when a person has posted that the bank
 * collected it. */
bool bankfile_gave(const struct bankfile *f, const struct collection *c);
/* In SQL: finance has it, or the bank, and it is not settled yet. `f` is the name of bank_file there. */
#define BANKFILE_AWAITS_BANK(f) \
	SQL(f ".state IN ('released', 'uploaded', 'accepted', 'partially_accepted', 'rejected')")

/* In SQL: file `o` was in force when file `f` was made after it. What was written about `f` then stays true of it. */
#define BANKFILE_STOOD_BEFORE(o, f) \
	SQL_PART("(" o ".number < " f ".number AND (" o ".state NOT IN ('cancelled', 'withdrawn')" \
	    " OR coalesce(" o ".cancelled_at, (SELECT max(w.stated_at) FROM withdrawal w" \
	    " WHERE w.file_number = " o ".number)) > " f ".created_at))")

bool bankfile_load(struct run *r, int64_t number, struct bankfile *f);
/* A new row, in state generated, without the hash. */
void bankfile_save(struct run *r, const struct bankfile *f, const struct terms *t);
void bankfile_save_sha256(struct run *r, int64_t number, const unsigned char sha256[SHA256_SIZE]);
bool bankfile_find(struct run *r, const char *id, struct bankfile *f); /* by its UUID, or its MsgId */
bool bankfile_find_msg_id(struct run *r, const char *msg_id, struct bankfile *f);

void bankfile_save_block(struct run *r, const struct bankfile_block *b);
/* The blocks of a file, in order. */
struct stmt *bankfile_begin_blocks(struct run *r, int64_t file);
bool bankfile_next_block(struct stmt *q, struct bankfile_block *b);
/* By its PmtInfId, which no other block ever has; loads the file as well. */
bool bankfile_find_block(struct run *r, const char *payment_information_id, struct bankfile *f,
                         struct bankfile_block *b);

/* The earliest day on which the bank can collect, or pay, a file that it gets now: cut-off and lead time count. */
date bankfile_earliest_day(const struct run *r);
/* The inverse: the last day on which a bank that wants a file so many TARGET days before takes, until its cut-off, one that is due on
 * `collect_on`. */
date bankfile_upload_on(int lead_target_days, date collect_on);
/* The later of the business date and the calendar day: a night that is run late meets the bank as it is now. */
date bankfile_today(const struct run *r);

/* Anyone may cancel a file before its release: no money moves, and collect presents its debts in the next version. A unit of
 * work; dies (73) when the state does not allow it any more; repeating it changes nothing. */
void bankfile_cancel(struct run *r, const struct bankfile *f, const char *why);

/* Whether the act may be done to the file now: its state after it, or the state of now when the act changes nothing. Dies with
 * the reason when the table of states refuses it. */
enum bankfile_state bankfile_require(struct run *r, const struct bankfile *f, enum bankfile_event act);

/* For release.c, in its unit of work. */
void bankfile_set_released(struct run *r, const struct bankfile *f);
void bankfile_set_uploaded(struct run *r, const struct bankfile *f, const char *bank_reference);
void bankfile_set_reference(struct run *r, const struct bankfile *f, const char *bank_reference);

int64_t bankfile_count_approvals(struct run *r, int64_t number);
bool bankfile_is_approved_by(struct run *r, int64_t number, const char *person);

/* After a clean audit: marks all files as verified. Returns how many were not before. */
int64_t bankfile_mark_audited(struct run *r);

void bankfile_set_state(struct run *r, int64_t number, enum bankfile_state state);
/* The bank reports on a file that it was given: the state that follows from it by the table. Dies (70) when the file is not at
 * the bank: the entry is to be held. */
void bankfile_report(struct run *r, int64_t number, enum bankfile_event report);
/* The same for BANKFILE_ALL_ANSWERED, when no collection of the file is open any more. */
void bankfile_refresh_settled(struct run *r, int64_t number);

#endif
