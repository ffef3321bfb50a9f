/* nextstep: the next step for a bank file and who takes it, as `sepa`, `status` and status.html print it. */
#ifndef CORE_NEXTSTEP_H
#define CORE_NEXTSTEP_H

#include "stages/core/bank/bankfile.h"

#define NEXTSTEP_WORDS 256
#define NEXTSTEP_TEXT  1024

struct nextstep {
	char words[NEXTSTEP_WORDS];
	char act[NEXTSTEP_WORDS];                         /* "sepa approve --file X"; "": none */
	char command[NEXTSTEP_TEXT - NEXTSTEP_WORDS - 2]; /* the same, ready to paste; "": none */
};

void nextstep_find(struct run *r, const struct bankfile *f, struct nextstep *n);
/* Words and command in one line. */
char *nextstep_print(struct run *r, const struct bankfile *f, char text[static NEXTSTEP_TEXT]);

#endif
