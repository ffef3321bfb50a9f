/* config: alanpay.ini, read and checked completely before anything else happens.
 *
 * One table of keys (config_key.h) makes reading, defaults, checks, `config generate`, `config show` and the example in
 * schedules/. An unknown section or key is an error that names the line and the nearest known one; so are a doubled key, a
 * key before a section, and a value that does not parse.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "formats/err.h"
#include "formats/sink.h"
#include "stages/core/engine/config_key.h"

struct config;

/* NULL when it is wrong: *e has the first error and its line; code config. */
struct config *config_read(const char *path, struct err *e);

/* Reports all errors; line 0: the whole file. NULL when there are any. */
typedef void config_report_fn(void *ctx, int line, const char *message);
struct config *config_check(const char *path, config_report_fn *report_error, void *ctx);

void config_free(struct config *c);

const char *config_text(const struct config *c,
                        enum config_key key); /* "" when not set and without default */
int64_t config_int(const struct config *c, enum config_key key);
bool config_yes(const struct config *c, enum config_key key);

/* The file that it was read from, as it was at that moment. */
struct config_file {
	uid_t owner;
	mode_t mode;
};

const struct config_file *config_file(const struct config *c);
const unsigned char *config_sha256(struct config *c); /* of its bytes; SHA256_SIZE of them */

/* The keys of [approvers], in the order of the file: the name of a person, and the path of the public key. */
int config_approvers(const struct config *c);
const char *config_approver_name(const struct config *c, int i);
const char *config_approver_path(const struct config *c, int i);

/* The text on the member's statement, for a period such as 2026-02: converted to the SEPA characters, and not cut. -1: it is longer
 * than 140 characters, or nothing is left of it. */
int config_remittance(const struct config *c, const char *period, char text[static 141], struct err *e);

void config_generate(struct sink *s); /* a commented file with every key */

struct config_entry {
	const char *section, *name;
	char value[CONFIG_LINE_MAX]; /* an IBAN is masked */
	int line;                    /* 0: the default */
};

struct config_entry config_entry(const struct config *c, enum config_key key);

#endif
