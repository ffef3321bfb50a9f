/* describe: the commands of `alanpay sepa` that read files of a bank, ours or not: describe, validate, diff. */
#ifndef COMMANDS_DESCRIBE_H
#define COMMANDS_DESCRIBE_H

#include <stdbool.h>
#include <stdio.h>

#include "formats/json.h"
#include "formats/sink.h"
#include "stages/core/engine/options.h"

extern const struct option_spec describe_options[], validate_options[], diff_options[];

void describe(struct run *r);
void validate(struct run *r);
void diff(struct run *r);

/* The option that names the files. */
#define DESCRIBE_FILES                                                                                   \
	{                                                                                                \
		.name = "FILE", .arg = "FILE",                                                           \
		.help = "pain.001, pain.002, pain.008, camt.052, camt.053 or camt.054; may be repeated", \
		.is_word = true, .is_needed = true, .is_repeatable = true                                \
	}

/* Prints what is found about one file; json NULL: for people. False: something is wrong with it. */
typedef bool describe_fn(void *ctx, const char *path, bool is_first, struct sink *s, struct json *json);

/* Calls `each` for each FILE, in the format that was asked for. False: something is wrong with one of them. */
bool describe_each(struct run *r, describe_fn *each, void *ctx);

/* A file named on the command line; dies (66) when it does not exist, (65) when it is no regular file. */
FILE *describe_open(const char *path);

#endif
