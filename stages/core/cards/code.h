/* code: the numbers that stand for words in the bulk tables. Swan's words get theirs when they are met for the first time. */
#ifndef CORE_CODE_H
#define CORE_CODE_H

#include "stages/core/engine/store.h"

enum code_kind { CODE_REJECTION, CODE_SWAN_TYPE, CODE_SWAN_STATUS, CODE_SWAN_REASON };

#define CODE_WORDS 64 /* kept in memory at most; the rest is looked up each time */
#define CODE_WORD  48

/* The numbers that were looked up in one unit of work, {0} at its beginning: a rollback forgets them with it, so that a
 * number which was never stored is never used. */
struct code_table {
	struct {
		enum code_kind kind;
		int64_t number;
		char word[CODE_WORD];
	} row[CODE_WORDS];
	size_t n;
};

/* The number of a word; a new word gets one, in the caller's unit of work. */
int64_t code_number(struct store *db, struct code_table *found, enum code_kind kind, const char *word);

#endif
