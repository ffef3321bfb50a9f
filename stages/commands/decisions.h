/* decisions: what a person may decide about an exception, and the commands that do it. */
#ifndef COMMANDS_DECISIONS_H
#define COMMANDS_DECISIONS_H

#include "formats/json.h"
#include "formats/sink.h"
#include "stages/core/engine/run.h"

#define DECISION_WORDS \
	"attributed|as_told|applied_elsewhere|not_ours|accepted_loss|duplicate|credit|return|fee|reversal|apply|waive"

/* What a decision names beside the exception. */
enum decision_names {
	DECISION_NAMES_NOTHING,
	DECISION_NAMES_MEMBER,   /* --app-id and --app-user-id: to whom a Swan transaction belongs */
	DECISION_NAMES_MANDATES, /* nothing: the exception says which, those of most of a file */
	DECISION_NAMES_REPORT,   /* nothing: what Swan reports of its transaction counts */
	DECISION_NAMES_DEBIT,    /* --end-to-end-id or --file: what a bank entry is about */
};

struct decision {
	const char *word;
	const char *meaning;
	/* the same about a whole file, and about a receipt; NULL: not proposed */
	const char *of_file, *of_receipt;
	enum decision_names names;
};

/* By its word; dies (64) for a word that is not a decision. */
const struct decision *decision_find(const char *word);

/* The i-th exception that --id names, from 0; 0 after the last. Dies (64) when it is not a number of one. */
int64_t decision_exception(struct run *r, int i);

/* For people: when the open exception is closed automatically, and a command for each decision that is possible, with one
 * for each member to whom it may belong, and for each debit, refund or file that a bank entry may be about. */
void decision_write_all(struct run *r, int64_t number, struct sink *s);
/* The same as members of the object at hand: `closes_automatically`, and `decisions`, an array of objects. */
void decision_put_all(struct run *r, int64_t number, struct json *j);

#endif
