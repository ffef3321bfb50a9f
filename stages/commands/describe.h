/* describe: the commands of `alanpay sepa` that read files of a bank, ours or not: describe, validate, diff. */
#ifndef COMMANDS_DESCRIBE_H
#define COMMANDS_DESCRIBE_H

#include <stdio.h>

#include "stages/core/engine/options.h"

extern const struct option_spec describe_options[], validate_options[], diff_options[];

void describe(struct run *r);
void validate(struct run *r);
void diff(struct run *r);

/* A file named on the command line; dies (66) when it does not exist, (65) when it is no regular file. */
FILE *describe_open(const char *path);

#endif
