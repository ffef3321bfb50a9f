/* config: alanpay.ini, read and checked completely before anything else happens.
 *
 * One table of keys makes reading, defaults, checks, `config generate`, `config show` and the example in schedules/.
 * An unknown section or key is an error that names the line and the nearest known one; so are a doubled key, a key
 * before a section, and a value that does not parse.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/err.h"
#include "formats/sink.h"

enum config_key {
	CREDITOR_NAME,
	CREDITOR_IDENTIFIER,
	CREDITOR_IBAN,
	CREDITOR_BIC,
	CREDITOR_COUNTRY,
	CREDITOR_ULTIMATE_CREDITOR,
	BANK_PAIN_VERSION,
	BANK_BATCH_BOOKING,
	BANK_LEAD_TARGET_DAYS,
	BANK_CUTOFF,
	BANK_SEQUENCE_FIRST,
	BANK_ONE_BLOCK_PER_FILE,
	BANK_ADDRESS,
	BANK_PURPOSE,
	BANK_ACCOUNT_IBAN,
	BANK_SAME_REASON_PERCENT,
	BANK_SAME_REASON_MINIMUM,
	BANK_SETTLE_ON,
	BANK_SETTLE_AFTER_DAYS,
	BANK_SETTLE_WITHOUT_ACCEPTANCE,
	RECOVERY_PERIOD,
	RECOVERY_FREEZE_AFTER_DAYS,
	RECOVERY_RECOVERY_AFTER_DAYS,
	RECOVERY_MINIMUM_CENTS,
	RECOVERY_NOTICE_DAYS,
	RECOVERY_MAX_FAILURES,
	RECOVERY_REMITTANCE,
	RELEASE_IDENTITY,
	RELEASE_REQUIRE_NOTICE,
	RELEASE_APPROVALS,
	RELEASE_MAX_DEBIT_CENTS,
	RELEASE_MAX_TOTAL_CENTS,
	RELEASE_MAX_DEBITS,
	SWAN_ENDPOINT,
	SWAN_OAUTH_ENDPOINT,
	SWAN_CLIENT_ID,
	SWAN_CLIENT_SECRET_FILE,
	SWAN_ACCOUNT_ID,
	SWAN_START_DATE,
	SWAN_OVERLAP_MINUTES,
	SWAN_REQUESTS_PER_5_MINUTES,
	SWAN_TIMEOUT_SECONDS,
	SWAN_TRIES,
	SWAN_FIRST_PAUSE_MS,
	SPENDING_LIMITS_ACCOUNT_HOLDER_PERIOD,
	SPENDING_LIMITS_ACCOUNT_HOLDER_CENTS,
	SPENDING_LIMITS_PARTNER_PERIOD,
	SPENDING_LIMITS_PARTNER_CENTS,
	CARDS_ALLOWED_MERCHANT_CATEGORIES,
	NOTIFICATIONS_POST_PAYMENT_MAX_AGE_DAYS,
	NOTIFICATIONS_PROVISIONING_AFTER_DAYS,
	NOTIFICATIONS_PROVISIONING_UNTIL_DAYS,
	NOTIFICATIONS_MAX_LINES,
	SUPPORT_APPOINTMENT_SCHEDULING_ENABLED,
	SUPPORT_APPOINTMENT_SCHEDULING_URL,
	ENVIRONMENT_NAME,
	CONFIG_KEYS
};

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
bool config_is_test(const struct config *c);

/* The text on the member's statement, for a period such as 2026-02: converted to the SEPA characters, and not cut. -1: it is longer
 * than 140 characters, or nothing is left of it. */
int config_remittance(const struct config *c, const char *period, char text[static 141], struct err *e);

void config_generate(struct sink *s); /* a commented file with every key */

#define CONFIG_LINE_MAX 190

struct config_entry {
	const char *section, *name;
	char value[CONFIG_LINE_MAX]; /* an IBAN is masked */
	int line;                    /* 0: the default */
};

struct config_entry config_entry(const struct config *c, enum config_key key);

#endif
