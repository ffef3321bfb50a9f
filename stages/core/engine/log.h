/* log: the messages on standard error, and the end of a process that cannot continue.
 *
 * One line each: "alanpay-collect: warning: ...". Under systemd the level goes in front as <3>, <4> or <6>. As JSON a line
 * is an object: code, message, hint (what to do; or null), exit_status (null: the process continues), program; that of the error
 * is the last one. Names and IBANs are never logged: an IBAN has a type of its own, and only iban_mask() makes text of it.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>

/* Exit statuses, the same everywhere (README); each has a code and a hint in log.c. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_HELD = 3, /* done, but an exception was opened or input rejected: a person should look */
	EXIT_USAGE = 64,
	EXIT_REFUSED = 65,     /* input rejected, nothing done */
	EXIT_ABSENT = 66,      /* what was asked for does not exist */
	EXIT_UNAVAILABLE = 69, /* a service does not answer */
	EXIT_BUG = 70,         /* a bug of this program, or a broken invariant: nothing published */
	EXIT_OVERWRITE = 73,   /* would overwrite */
	EXIT_IO = 74,
	EXIT_BUSY = 75,      /* busy or too early: try again */
	EXIT_FORBIDDEN = 77, /* four eyes, or allowed in a test environment only */
	EXIT_CONFIG = 78,
};

void log_open(const char *program, bool quiet);
void log_as_json(bool wanted); /* for the messages that follow */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void info(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* not printed with --quiet */

/* Prints the message, calls on_die once (for the journal) and exits. The open transaction is not committed. */
_Noreturn void die(enum exit_status status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* For an error with a code of its own, as a request has: "invalid_iban". */
_Noreturn void die_code(enum exit_status status, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void die_errno(enum exit_status status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_on_die(void (*on_die)(void *ctx, enum exit_status status, const char *message), void *ctx);

#endif
