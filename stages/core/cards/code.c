/* code: see code.h. Writes the table code. */
#include <string.h>

#include "formats/text.h"
#include "stages/core/cards/code.h"

#define FIRST_NUMBER 100 /* codes below are fixed in schema.sql */

static const char *const code_kinds[] = {
    [CODE_REJECTION] = "rejection",
    [CODE_SWAN_TYPE] = "swan_type",
    [CODE_SWAN_STATUS] = "swan_status",
    [CODE_SWAN_REASON] = "swan_reason",
};

static int64_t
code_load(struct store *db, enum code_kind kind, const char *word)
{
	struct stmt *q = sql(db,
	    "SELECT number FROM code"
	    " WHERE kind = $kind AND word = $word");

	bind_text(q, "$kind", code_kinds[kind]);
	bind_text(q, "$word", word);
	return value(q, 0);
}

static int64_t
code_insert(struct store *db, enum code_kind kind, const char *word)
{
	int64_t number = FIRST_NUMBER + store_number(db, "code") - 1;
	struct stmt *q = sql(db,
	    "INSERT INTO code (number, kind, word)"
	    " VALUES ($number, $kind, $word)");

	bind_int(q, "$number", number);
	bind_text(q, "$kind", code_kinds[kind]);
	bind_text(q, "$word", word);
	exec(q);
	return number;
}

static void
code_keep(struct code_table *found, enum code_kind kind, const char *word, int64_t number)
{
	if (found->n == CODE_WORDS || text_copy(found->row[found->n].word, CODE_WORD, word) < 0)
		return;
	found->row[found->n].kind = kind;
	found->row[found->n].number = number;
	found->n++;
}

int64_t
code_number(struct store *db, struct code_table *found, enum code_kind kind, const char *word)
{
	int64_t number;
	size_t i;

	for (i = 0; i < found->n; i++)
		if (found->row[i].kind == kind && strcmp(found->row[i].word, word) == 0)
			return found->row[i].number;
	number = code_load(db, kind, word);
	if (number == 0)
		number = code_insert(db, kind, word);
	code_keep(found, kind, word, number);
	return number;
}
