/* options: the command line of every program: the common options, and those a program has of its own. */
#ifndef CORE_OPTIONS_H
#define CORE_OPTIONS_H

#include "stages/core/engine/run.h"

/* An option of a program beyond the common ones: `--name ARG`, or a flag when arg is NULL. */
struct option_spec {
	const char *name, *arg, *help;
	bool is_path;   /* made absolute before the working directory changes */
	bool is_needed; /* exit 64 without it */
	bool is_repeatable;
	bool is_word; /* a word without `--`; such words have the order of the table */
};

/* Whether the arguments ask for JSON, before they are parsed: then errors in them are reported as JSON too. An abbreviated
 * --format is not recognized. */
bool options_want_json(int argc, char **argv);

/* Parses argv with the common options and r->options; `purpose` heads --help. Words that are not options are stored in
 * words[]; dies (64) when there are more than `most`. Sets the date and the clock of the run. */
void options_parse(struct run *r, int argc, char **argv, const char *purpose, const char *words[], int most);

/* Whether `typed` is close enough to `meant` to be a typing mistake: a proposal that is farther away could do harm. */
bool options_is_slip(const char *typed, const char *meant);

const char *options_value(const struct run *r, const char *name); /* NULL when absent */
/* The i-th value of a repeatable option, from 0; NULL after the last. */
const char *options_values(const struct run *r, const char *name, int i);

#endif
