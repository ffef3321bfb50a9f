/* log: what people read on standard error, and the end of a process that cannot go on.
 *
 * One line each: "alanpay-collect: warning: ...". Under systemd the level goes in front as <3>, <4> or <6>. As JSON a line
 * is an object: code, message, hint (what to do; or null), exit_status (null: nothing ends), program; that of the error
 * comes last. Names and IBANs never get here: an IBAN has a type of its own, of which only iban_mask() gives text.
 */
#ifndef CORE_LOG_H
#define CORE_LOG_H

#include <stdbool.h>

/* Exit statuses, the same everywhere (README); each has a code and a hint in log.c. */
enum exit_status {
	EXIT_DONE = 0,
	EXIT_HELD = 3, /* done, but some input was held or refused: a person should look */
	EXIT_USAGE = 64,
	EXIT_REFUSED = 65,     /* input refused, nothing done */
	EXIT_ABSENT = 66,      /* what was asked for does not exist */
	EXIT_UNAVAILABLE = 69, /* a service does not answer */
	EXIT_BUG = 70,         /* our bug, or a broken invariant: nothing published */
	EXIT_OVERWRITE = 73,   /* would overwrite */
	EXIT_IO = 74,
	EXIT_BUSY = 75,      /* busy or too early: try again */
	EXIT_FORBIDDEN = 77, /* four eyes, or the production guard */
	EXIT_CONFIG = 78,
};

void log_open(const char *program, bool quiet);
void log_as_json(bool wanted); /* from here on */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void info(const char *fmt, ...) __attribute__((format(printf, 1, 2))); /* silent with --quiet */

/* Says why, tells the journal (on_die, called once, best effort) and exits. The open transaction is rolled back by
 * not being committed. */
_Noreturn void die(enum exit_status status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Of an error that has a code of its own, as a request has: "invalid_iban". */
_Noreturn void die_code(enum exit_status status, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
_Noreturn void die_errno(enum exit_status status, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void log_on_die(void (*tell)(void *ctx, enum exit_status status, const char *message), void *ctx);

#endif
