/* program: the commands that are in a program of their own, alanpay-sepa and alanpay-swan.
 *
 * `alanpay` finds them in these tables and executes their program, so that it starts without the libraries for XML and the
 * network: a query takes a few milliseconds. Each program links program.c with the one file that defines program_commands.
 */
#ifndef COMMANDS_PROGRAM_H
#define COMMANDS_PROGRAM_H

#include "stages/commands/command.h"

/* X(words, purpose, access, options, act); options and act are static in the file of the program. */
#define SEPA_COMMANDS(X)                                                                                     \
	X("sepa list", "the bank files, newest first, and what comes next", ACCESS_READS, NULL, list)        \
	X("sepa show", "all that finance checks of a bank file", ACCESS_READS, file_options, show)           \
	X("sepa approve", "say that a file was checked: count and total, or its hash", ACCESS_CHANGES,       \
	  approve_options, approve)                                                                          \
	X("sepa release", "give an approved file to finance, into out/upload", ACCESS_CHANGES, file_options, \
	  release)                                                                                           \
	X("sepa mark-uploaded", "the bank has the file", ACCESS_CHANGES, upload_options, mark_uploaded)      \
	X("sepa cancel", "make a file that was not released void: collect makes the next version",           \
	  ACCESS_CHANGES, cancel_options, cancel)

#define SWAN_COMMANDS(X)                                                                          \
	X("swan check_spending_limits",                                                           \
	  "list the enabled cards whose spending limits are not the agreed ones", ACCESS_CHANGES, \
	  check_options, check_spending_limits)

#define PROGRAM_ROW(words, purpose, access, options, act) {words, purpose, access, options, act, NULL},

/* Ended by NULL words. */
extern const struct command program_commands[];

#endif
