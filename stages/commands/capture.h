/* capture: a home, while it is used, becomes a fixture. The modules that do so share a struct; the steps are in capture.c. */
#ifndef COMMANDS_CAPTURE_H
#define COMMANDS_CAPTURE_H

#include "stages/core/engine/run.h"
#include "stages/core/fixture/mask.h"

struct capture {
	struct run *run; /* of the home */
	struct run copy; /* of the private home, which is the working directory */
	const char *out; /* the fixture */
	const char *stage;
	char work[PATH_MAX], home[PATH_MAX];
	struct mask *mask; /* NULL: nothing is replaced */
	bool is_cut;       /* only some members, or a session */
};

void capture(struct run *r); /* the command `fixture capture` */

/* Writes alanpay.ini of the private home and reads it: what the home has set, of a test environment, without what leads to Swan or
 * to a secret. */
void capture_configuration(struct capture *c);

/* Reads --profile and --session: which rows of the home are captured. */
void capture_choose(struct capture *c);
/* Once the rows are there: counts, sums and digests of what was cut, or has other days. */
void capture_settle(struct capture *c);
/* Copies a CSV file of the import, only with the transactions and cards of the chosen members. */
void capture_filter(struct capture *c, const char *from, const char *to);

/* Of a row of `artifact`: copies the file if the stages read it, and says so in the row. */
void capture_artifact(struct capture *c, struct books_line *line);
/* Once the rows are there: bank files, from their rows, when values were replaced or rows left out; digests of files that have other bytes now. */
void capture_render(struct capture *c);
/* When values were replaced: fingerprints and events of bank entries, so that what the bank reports again is recognized. */
void capture_bank(struct capture *c);
/* The lists and the link beside the published files. */
void capture_views(struct capture *c);
/* What the inbox has that the stage reads, and recorded pages of Swan, to input/. */
void capture_inputs(struct capture *c);

#endif
