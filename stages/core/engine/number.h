/* number: the counters of the table `counter`, kept in memory while units of work are open. What the outermost unit gave is written
 * once, with its commit; what a unit gave that is rolled back is given once more. For store.c.
 */
#ifndef CORE_NUMBER_H
#define CORE_NUMBER_H

#include <stdint.h>

#define NUMBER_UNITS    8  /* units of work inside each other */
#define NUMBER_COUNTERS 32 /* different ones in a unit of work */

struct database;

struct numbers {
	int units; /* begun */
	const char *name[NUMBER_COUNTERS];
	struct {
		int n; /* counters that were used, in the order of `name` */
		int64_t last[NUMBER_COUNTERS];
	} unit[NUMBER_UNITS];
};

void number_begin(struct numbers *m);
void number_commit(struct numbers *m); /* of an inner unit, or of the outermost after number_write */
void number_rollback(struct numbers *m);
/* Writes what the outermost unit gave; it gives no more. */
void number_write(struct numbers *m, struct database *b);
/* The first of n numbers in a row. A unit must be open. counter: a literal. */
int64_t number_take(struct numbers *m, struct database *b, const char *counter, int64_t n);

#endif
