/* bankfile: a pain.008 or pain.001 and its life, apart from its debts': generated, approved, released, uploaded, then as the
 * bank says.
 *
 * Approvals bind to the SHA-256 of the XML. Who acts is recorded; nobody approves what they built.
 */
#ifndef CORE_BANKFILE_H
#define CORE_BANKFILE_H

#include <stdio.h>

#include "formats/err.h"
#include "formats/sink.h"
#include "formats/uuid.h"
#include "stages/core/books/collection.h"
#include "stages/core/engine/run.h"

/* What the files of a kind, and what is in them, are called. */
struct bankfile_words {
	char letter;         /* in the MsgId */
	const char *prefix;  /* of the XML's name */
	const char *folder;  /* of the hand-off, before the version */
	const char *list;    /* of the CSV beside it, without .csv */
	const char *message; /* the ISO message */
	const char *one;     /* debit; several take an s */
	const char *done;    /* collected, on its day */
};
const struct bankfile_words *bankfile_words(enum collection_kind kind);

/* In the order of a file's life: the last two are ends without money. */
enum bankfile_state {
	BANKFILE_GENERATED,
	BANKFILE_APPROVED,
	BANKFILE_RELEASED,
	BANKFILE_UPLOADED,
	BANKFILE_ACCEPTED,
	BANKFILE_PARTIALLY_ACCEPTED,
	BANKFILE_REJECTED,
	BANKFILE_SETTLED,
	BANKFILE_CANCELLED,
	BANKFILE_WITHDRAWN,
};
const char *bankfile_state_word(enum bankfile_state state);

struct bankfile {
	int64_t number, session;
	enum collection_kind kind;
	int version; /* of its kind */
	char msg_id[36], payment_information_id[36], sequence_type[5] /* "": refunds */, name[64], folder[96];
	instant created_at;
	date wanted_on, collect_on;
	int64_t count;
	cents sum;
	unsigned char sha256[SHA256_SIZE];
	enum bankfile_state state;
	char built_by[64];
	date audited_on;
};

/* A session has one file of each kind in force; in SQL, of a bank_file named `f`. */
#define BANKFILE_IS_IN_FORCE(f) f ".state NOT IN ('cancelled', 'withdrawn')"
bool bankfile_is_in_force(const struct bankfile *f);
bool bankfile_is_unreleased(const struct bankfile *f); /* generated or approved: it can still be cancelled */
bool bankfile_was_given(const struct bankfile *f);     /* released, and not withdrawn: the bank may have it */

bool bankfile_load(struct run *r, int64_t number, struct bankfile *f);
void bankfile_save(struct run *r, const struct bankfile *f); /* a new one, generated, without its hash */
void bankfile_save_sha256(struct run *r, int64_t number, const unsigned char sha256[SHA256_SIZE]);
bool bankfile_find(struct run *r, const char *id, struct bankfile *f); /* by its UUID, or its MsgId */
bool bankfile_find_msg_id(struct run *r, const char *msg_id, struct bankfile *f);

/* Text on the member's statement. */
void bankfile_remittance(const struct run *r, int64_t session, char text[141]);

/* The earliest day on which the bank can still collect, or pay, what it gets now: cut-off and lead time. */
date bankfile_earliest_day(const struct run *r);
/* The last day on which the bank still takes, until its cut-off, what is due on `collect_on`: the other way round. */
date bankfile_upload_on(const struct run *r, date collect_on);
/* A night that is made up later still meets the bank as it is now: the business date, or a later day. */
date bankfile_today(const struct run *r);

/* A person's acts. Each dies with the reason when it is refused: 73 uploaded already, 75 too early, 77 four eyes. The same again does nothing. */
/* Before it is released; anybody may, it moves no money. Its debts are free for the next version, which `collect` makes. */
void bankfile_cancel(struct run *r, const struct bankfile *f, const char *why);
bool bankfile_mark_uploaded(struct run *r, const struct bankfile *f,
                            const char *bank_reference); /* false: was before */

/* For release: who and when, inside the caller's unit of work. */
void bankfile_set_released(struct run *r, const struct bankfile *f);

/* Every clean audit: files it found in order. Returns how many are new to it. */
int64_t bankfile_mark_audited(struct run *r);

/* The bytes at `path`, below the home, are those of the file, and pass the schema; dies otherwise: 70. */
void bankfile_check_bytes(const struct bankfile *f, const char *path);
/* Schema check of a file's bytes, which it closes; dies (70) with the name. */
void bankfile_validate(enum collection_kind kind, FILE *in, const char *name);
/* The same bytes in another folder, hashed once more on the way; `kind` is that of the artifact. In the caller's unit of work. */
void bankfile_publish_copy(struct run *r, const struct bankfile *f, const char *kind, const char *folder);

/* What the bank says: accepted, partially_accepted, rejected; and settled when nothing is open any more. */
void bankfile_set_state(struct run *r, int64_t number, enum bankfile_state state);
void bankfile_refresh_settled(struct run *r, int64_t number);

#endif
