/* config_key: the keys of alanpay.ini, as one table: the section, the default, the values each can have. A new key is a name in the
 * enum and a row of the table.
 */
#ifndef CORE_CONFIG_KEY_H
#define CORE_CONFIG_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/err.h"

#define CONFIG_LINE_MAX 190 /* characters; no value is longer */

/* A section whose keys are the names of persons (config.h). */
#define CONFIG_APPROVERS    "approvers"
#define CONFIG_APPROVER_MAX 40 /* characters of a name */

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
	BANK_INBOX_OWNER,
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
	RELEASE_LOG,
	SWAN_ENDPOINT,
	SWAN_OAUTH_ENDPOINT,
	SWAN_CLIENT_ID,
	SWAN_CLIENT_SECRET_FILE,
	SWAN_ACCOUNT_ID,
	SWAN_OWN_ACCOUNTS,
	SWAN_LEGAL_REPRESENTATIVE_USER_ID,
	SWAN_SIGNING_KEY_FILE,
	SWAN_CARD_PRODUCT_ID,
	SWAN_CONSENT_REDIRECT_URL,
	SWAN_CARD_WAIT_SECONDS,
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
	CARDS_NAME,
	CARDS_E_COMMERCE,
	CARDS_INTERNATIONAL,
	CARDS_NON_MAIN_CURRENCY,
	CARDS_WITHDRAWAL,
	NOTIFICATIONS_MODE,
	NOTIFICATIONS_FILE_DATES,
	NOTIFICATIONS_URL,
	NOTIFICATIONS_HMAC_SECRET_FILE,
	NOTIFICATIONS_CHUNK,
	NOTIFICATIONS_TIMEOUT_SECONDS,
	NOTIFICATIONS_TRIES,
	NOTIFICATIONS_FIRST_PAUSE_MS,
	NOTIFICATIONS_POST_PAYMENT_MAX_AGE_DAYS,
	NOTIFICATIONS_PROVISIONING_AFTER_DAYS,
	NOTIFICATIONS_PROVISIONING_UNTIL_DAYS,
	NOTIFICATIONS_WITHDRAWN_DEBITS,
	NOTIFICATIONS_MAX_LINES,
	EXPORTS_PARTITIONS,
	SUPPORT_APPOINTMENT_SCHEDULING_ENABLED,
	SUPPORT_APPOINTMENT_SCHEDULING_URL,
	ENVIRONMENT_NAME,
	CONFIG_KEYS
};

enum config_key_type {
	KEY_TEXT,
	KEY_NUMBER,
	KEY_YES_NO,
	KEY_CHOICE,
	KEY_IBAN,
	KEY_BIC,
	KEY_CREDITOR_ID,
	KEY_DAY,
	KEY_HOUR,
	KEY_URL,
	KEY_OWN_ACCOUNTS
};

struct config_key_row {
	const char *section, *name;
	enum config_key_type type;
	const char *fallback; /* NULL: must be set */
	const char *choices;  /* of KEY_CHOICE: "a|b"; of KEY_NUMBER: "least..most" */
	const char *help;
};
extern const struct config_key_row config_key_rows[CONFIG_KEYS];

bool config_key_section_is_known(const char *name, size_t n);  /* the first n characters */
size_t config_key_find(const char *section, const char *name); /* CONFIG_KEYS: unknown */
/* The known key that is written most alike: "name in [section]". */
void config_key_nearest(const char *section, const char *name, char *nearest, size_t size);

/* Whether the key can have this value, which is not empty. */
int config_key_check(const struct config_key_row *k, const char *value, struct err *e);
/* The value as it is kept, to be freed. */
char *config_key_normalise(const struct config_key_row *k, const char *value);

#endif
