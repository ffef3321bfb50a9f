/* itemtable: the debits or entries of a file as people read them: a column for each field that one of them has, with a head.
 *
 * A column stands where the first record that has it has it. A problem follows the line of its record.
 */
#ifndef COMMANDS_ITEMTABLE_H
#define COMMANDS_ITEMTABLE_H

#include "stages/commands/sepafile.h"

#define ITEMTABLE_ROWS 24

struct itemtable {
	struct itemtable_row *row[ITEMTABLE_ROWS];
	int rows;
};

/* Copies the record. What finds no room is dropped. */
void itemtable_add(struct itemtable *t, const struct sepafile_record *rec, bool unmasked);
/* Prints the table and empties it. */
void itemtable_write(struct itemtable *t, struct sink *s);

#define ITEMTABLE_HEAD 40
/* "stated_sum_in_cents" -> "stated sum EUR" */
char *itemtable_head(char text[static ITEMTABLE_HEAD], const char *name);

#endif
