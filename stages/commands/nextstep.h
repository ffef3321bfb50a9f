/* nextstep: the next step for a bank file and who takes it, as `sepa` and `status` print it. */
#ifndef COMMANDS_NEXTSTEP_H
#define COMMANDS_NEXTSTEP_H

#include "stages/core/bank/bankfile.h"

#define NEXTSTEP_WORDS 256
#define NEXTSTEP_TEXT  1024

struct nextstep {
	char words[NEXTSTEP_WORDS];
	char command[NEXTSTEP_TEXT - NEXTSTEP_WORDS - 2]; /* ready to paste; "": none */
};

void nextstep_find(struct run *r, const struct bankfile *f, struct nextstep *n);
/* Words and command in one line. */
char *nextstep_print(struct run *r, const struct bankfile *f, char text[static NEXTSTEP_TEXT]);

#endif
