/* config_key: see config_key.h. */
#include <stdio.h>
#include <string.h>

#include "formats/date.h"
#include "formats/iban.h"
#include "formats/memory.h"
#include "formats/money.h"
#include "formats/own_account.h"
#include "formats/text.h"
#include "formats/url.h"
#include "stages/core/engine/config_key.h"

const struct config_key_row config_key_rows[CONFIG_KEYS] = {
    [CREDITOR_NAME] = {"creditor", "name", KEY_TEXT, NULL, NULL,
                       "name that the creditor identifier is registered for"},
    [CREDITOR_IDENTIFIER] = {"creditor", "identifier", KEY_CREDITOR_ID, NULL, NULL,
                             "SEPA creditor identifier (ICS)"},
    [CREDITOR_IBAN] = {"creditor", "iban", KEY_IBAN, NULL, NULL, "account that collections are credited to"},
    [CREDITOR_BIC] = {"creditor", "bic", KEY_BIC, "", NULL, "BIC of that account; optional within the EEA"},
    [CREDITOR_COUNTRY] = {"creditor", "country", KEY_TEXT, "FR", NULL,
                          "country of the creditor, two letters"},
    [CREDITOR_ULTIMATE_CREDITOR] = {"creditor", "ultimate_creditor", KEY_TEXT, "", NULL,
                                    "name that is collected for, when it is another one"},
    [BANK_PAIN_VERSION] =
	{"bank", "pain_version", KEY_CHOICE, "08", "08|02",
         "08: pain.008.001.08 and pain.001.001.09; 02: pain.008.001.02 and pain.001.001.03"},
    [BANK_BATCH_BOOKING] =
	{"bank", "batch_booking", KEY_CHOICE, "contract", "yes|no|contract",
         "yes: one credit for all debits; no: one credit for each debit; contract: as agreed with the bank"},
    [BANK_LEAD_TARGET_DAYS] = {"bank", "lead_target_days", KEY_NUMBER, "2", "1..14",
                               "TARGET days from upload to collection"},
    [BANK_CUTOFF] = {"bank", "cutoff", KEY_HOUR, "11:30", NULL,
                     "the bank's cut-off, Paris time; a file made later counts for the next day"},
    [BANK_SEQUENCE_FIRST] = {"bank", "sequence_first", KEY_CHOICE, "RCUR", "RCUR|FRST",
                             "sequence type of the first debit of a mandate"},
    [BANK_ONE_BLOCK_PER_FILE] = {"bank", "one_block_per_file", KEY_YES_NO, "no", NULL,
                                 "yes: first and later debits are in a file each"},
    [BANK_ADDRESS] =
	{"bank", "address", KEY_CHOICE, "structured", "none|structured|hybrid",
         "address of a member with an account outside the EEA; none: such an account is not debited"},
    [BANK_PURPOSE] = {"bank", "purpose", KEY_CHOICE, "none", "none|HLTI|INSU",
                      "purpose of a debit; HLTI: health insurance, INSU: insurance"},
    [BANK_ACCOUNT_IBAN] = {"bank", "account_iban", KEY_IBAN, "", NULL,
                           "account that the bank reports on; default: that of the creditor"},
    [BANK_INBOX_OWNER] = {"bank", "inbox_owner", KEY_TEXT, "", NULL,
                          "user whose files in inbox/bank are the bank's, those of others are not applied;"
                          " empty: files of any user"},
    [BANK_SAME_REASON_PERCENT] =
	{"bank", "same_reason_percent", KEY_NUMBER, "30", "1..100",
         "percentage of a file that comes back for one reason from which on a person decides about its mandates"},
    [BANK_SAME_REASON_MINIMUM] = {"bank", "same_reason_minimum", KEY_NUMBER, "3", "2..1000000",
                                  "how many must have come back for that"},
    [BANK_SETTLE_ON] = {"bank", "settle_on", KEY_CHOICE, "booking", "booking|due_date",
                        "booking: a debit is recovered when the bank books it; due_date: by its day, for a"
                        " bank that reports only what is unpaid"},
    [BANK_SETTLE_AFTER_DAYS] = {"bank", "settle_after_days", KEY_NUMBER, "5", "1..60",
                                "due_date: TARGET days from the collection day until a debit counts as"
                                " recovered"},
    [BANK_SETTLE_WITHOUT_ACCEPTANCE] = {"bank", "settle_without_acceptance", KEY_YES_NO, "no", NULL,
                                        "due_date: whether a debit that the bank has not accepted counts as"
                                        " recovered, too"},
    [RECOVERY_PERIOD] = {"recovery", "period", KEY_CHOICE, "monthly", "monthly|weekly",
                         "monthly: a calendar month; weekly: Monday to Sunday"},
    [RECOVERY_FREEZE_AFTER_DAYS] = {"recovery", "freeze_after_days", KEY_NUMBER, "3", "0..60",
                                    "days from the end of the period to the freeze"},
    [RECOVERY_RECOVERY_AFTER_DAYS] =
	{"recovery", "recovery_after_days", KEY_NUMBER, "10", "1..90",
         "days from the end of the period to the recovery date, more than freeze_after_days; moved to the next TARGET day"},
    [RECOVERY_MINIMUM_CENTS] = {"recovery", "minimum_cents", KEY_NUMBER, "100", "1..1000000",
                                "a smaller debt is carried to the next session"},
    [RECOVERY_NOTICE_DAYS] = {"recovery", "notice_days", KEY_NUMBER, "2", "0..30",
                              "days from the notification of the member to the collection"},
    [RECOVERY_MAX_FAILURES] = {"recovery", "max_failures", KEY_NUMBER, "3", "1..100",
                               "failed debits in a row after which a member is not debited any more"},
    [RECOVERY_REMITTANCE] = {"recovery", "remittance", KEY_TEXT, "Alan Pay {period}", NULL,
                             "text on the member's statement; {period} becomes 2026-02"},
    [RELEASE_IDENTITY] =
	{"release", "identity", KEY_CHOICE, "loginuid", "loginuid|signature|any",
         "loginuid: the login says who acts; signature: approvals are signed by a key of [approvers]; any: nothing does, in tests"},
    [RELEASE_REQUIRE_NOTICE] = {"release", "require_notice", KEY_YES_NO, "yes", NULL,
                                "release requires that all members were notified in time"},
    [RELEASE_APPROVALS] = {"release", "approvals", KEY_NUMBER, "2", "0..5",
                           "how many people must approve a bank file, without its builder"},
    [RELEASE_MAX_DEBIT_CENTS] = {"release", "max_debit_cents", KEY_NUMBER, "100000", "1..99999999999",
                                 "highest amount of a debit"},
    [RELEASE_MAX_TOTAL_CENTS] = {"release", "max_total_cents", KEY_NUMBER, "50000000", "1..99999999999999",
                                 "highest total of a bank file"},
    [RELEASE_MAX_DEBITS] = {"release", "max_debits", KEY_NUMBER, "100000", "1..9999999",
                            "most debits in a bank file"},
    [RELEASE_LOG] =
	{"release", "log", KEY_TEXT, "", NULL,
         "the release log, outside of the home and never restored with it; empty:"
         " /var/log/alanpay/released.log for /var/lib/alanpay, else state/released.log of the home"},
    [SWAN_ENDPOINT] = {"swan", "endpoint", KEY_URL, "https://api.swan.io/live-partner/graphql", NULL,
                       "GraphQL API, live or sandbox; the client id belongs to one of them"},
    [SWAN_OAUTH_ENDPOINT] = {"swan", "oauth_endpoint", KEY_URL, "https://oauth.swan.io/oauth2/token", NULL,
                             "where access tokens are requested"},
    [SWAN_CLIENT_ID] = {"swan", "client_id", KEY_TEXT, "", NULL,
                        "client id of the project; without it import reads only recordings"},
    [SWAN_CLIENT_SECRET_FILE] =
	{"swan", "client_secret_file", KEY_TEXT, "", NULL,
         "file with the client secret, readable by its owner only; empty: systemd credential swan_client_secret"},
    [SWAN_ACCOUNT_ID] =
	{"swan", "account_id", KEY_TEXT, "", NULL,
         "the insurer's account at Swan: only its transactions are imported; empty: those of all accounts"},
    [SWAN_OWN_ACCOUNTS] =
	{"swan", "own_accounts", KEY_OWN_ACCOUNTS, "", NULL,
         "whose money is no member's: IBANs, or names of counterparties with * for any text,"
         " parted by commas"},
    [SWAN_LEGAL_REPRESENTATIVE_USER_ID] = {"swan", "legal_representative_user_id", KEY_TEXT, "", NULL,
                                           "user who invites members and orders cards, to onboard"},
    [SWAN_SIGNING_KEY_FILE] =
	{"swan", "signing_key_file", KEY_TEXT, "", NULL,
         "file with the private key (P-256, PEM) that consents for that user, readable by its owner only; empty: systemd credential swan_signing_key"},
    [SWAN_CARD_PRODUCT_ID] = {"swan", "card_product_id", KEY_TEXT, "", NULL,
                              "product of new cards; empty: the only one of the project"},
    [SWAN_CONSENT_REDIRECT_URL] = {"swan", "consent_redirect_url", KEY_URL, "https://alan.com/", NULL,
                                   "page that a person sees after a consent in the browser"},
    [SWAN_CARD_WAIT_SECONDS] = {"swan", "card_wait_seconds", KEY_NUMBER, "60", "0..600",
                                "seconds to wait for a consent, and for a new card to be enabled"},
    [SWAN_START_DATE] = {"swan", "start_date", KEY_DAY, "2026-01-01", NULL,
                         "the first import reads from this date on"},
    [SWAN_OVERLAP_MINUTES] = {"swan", "overlap_minutes", KEY_NUMBER, "60", "0..10080",
                              "minutes before the last import that are read once more"},
    [SWAN_REQUESTS_PER_5_MINUTES] = {"swan", "requests_per_5_minutes", KEY_NUMBER, "1500", "1..2000",
                                     "most requests in 5 minutes; Swan allows 2000"},
    [SWAN_TIMEOUT_SECONDS] = {"swan", "timeout_seconds", KEY_NUMBER, "60", "1..600",
                              "time limit of a request"},
    [SWAN_TRIES] = {"swan", "tries", KEY_NUMBER, "5", "1..10",
                    "tries of a request before Swan counts as unavailable"},
    [SWAN_FIRST_PAUSE_MS] = {"swan", "first_pause_ms", KEY_NUMBER, "1000", "0..60000",
                             "pause before the second try, doubled before each further try"},
    [SPENDING_LIMITS_ACCOUNT_HOLDER_PERIOD] = {"spending_limits", "account_holder_period", KEY_CHOICE,
                                               "Daily", "Daily|Weekly|Monthly|Always",
                                               "period of the limit that Alan sets on each card"},
    [SPENDING_LIMITS_ACCOUNT_HOLDER_CENTS] = {"spending_limits", "account_holder_cents", KEY_NUMBER, "40000",
                                              "1..99999999", "amount of that limit, in cents"},
    [SPENDING_LIMITS_PARTNER_PERIOD] = {"spending_limits", "partner_period", KEY_CHOICE, "Monthly",
                                        "Daily|Weekly|Monthly|Always",
                                        "period of the limit that Swan sets on the card product"},
    [SPENDING_LIMITS_PARTNER_CENTS] = {"spending_limits", "partner_cents", KEY_NUMBER, "60000", "1..99999999",
                                       "amount of that limit, in cents"},
    [CARDS_ALLOWED_MERCHANT_CATEGORIES] =
	{"cards", "allowed_merchant_categories", KEY_TEXT,
         "4119 5047 5122 5912 5975 5976 8011 8021 8031 8041 8042 8043 8049 8050 8062 8071 8099", NULL,
         "merchant categories that are allowed: a refusal by the partner has another reason"},
    [CARDS_NAME] = {"cards", "name", KEY_TEXT, "Alan Pay", NULL, "name of a new card"},
    [CARDS_E_COMMERCE] = {"cards", "e_commerce", KEY_YES_NO, "no", NULL, "whether a new card pays online"},
    [CARDS_INTERNATIONAL] = {"cards", "international", KEY_YES_NO, "yes", NULL,
                             "whether a new card pays abroad"},
    [CARDS_NON_MAIN_CURRENCY] = {"cards", "non_main_currency", KEY_YES_NO, "yes", NULL,
                                 "whether a new card pays in other currencies than euros"},
    [CARDS_WITHDRAWAL] = {"cards", "withdrawal", KEY_YES_NO, "no", NULL, "whether a new card withdraws cash"},
    [NOTIFICATIONS_MODE] =
	{"notifications", "mode", KEY_CHOICE, "file", "file|http",
         "file: another component reads out/notifications; http: they are also sent to url"},
    [NOTIFICATIONS_FILE_DATES] =
	{"notifications", "file_dates", KEY_CHOICE, "receipts", "receipts|published",
         "file: a member counts as notified by a receipt in inbox/receipts, or by the publication of the batch"},
    [NOTIFICATIONS_URL] = {"notifications", "url", KEY_URL, "", NULL, "http: where they are sent"},
    [NOTIFICATIONS_HMAC_SECRET_FILE] =
	{"notifications", "hmac_secret_file", KEY_TEXT, "", NULL,
         "http: file with the secret that signs each request, readable by its owner only; empty: systemd credential notifications_hmac_secret"},
    [NOTIFICATIONS_CHUNK] = {"notifications", "chunk", KEY_NUMBER, "500", "1..5000",
                             "http: most notifications in a request"},
    [NOTIFICATIONS_TIMEOUT_SECONDS] = {"notifications", "timeout_seconds", KEY_NUMBER, "30", "1..600",
                                       "http: time limit of a request"},
    [NOTIFICATIONS_TRIES] = {"notifications", "tries", KEY_NUMBER, "4", "1..10",
                             "http: tries of a request before it is left to the next run"},
    [NOTIFICATIONS_FIRST_PAUSE_MS] = {"notifications", "first_pause_ms", KEY_NUMBER, "1000", "0..60000",
                                      "http: pause before the second try, doubled before each further try"},
    [NOTIFICATIONS_POST_PAYMENT_MAX_AGE_DAYS] = {"notifications", "post_payment_max_age_days", KEY_NUMBER,
                                                 "3", "0..60", "members are not notified of older payments"},
    [NOTIFICATIONS_PROVISIONING_AFTER_DAYS] = {"notifications", "provisioning_after_days", KEY_NUMBER, "3",
                                               "0..365", "days from the first card to the reminder"},
    [NOTIFICATIONS_PROVISIONING_UNTIL_DAYS] = {"notifications", "provisioning_until_days", KEY_NUMBER, "14",
                                               "0..365",
                                               "days from the first card after which no reminder is sent"},
    [NOTIFICATIONS_WITHDRAWN_DEBITS] =
	{"notifications", "withdrawn_debits", KEY_YES_NO, "no", NULL,
         "whether a member who was notified of a debit that will not come is notified of that"},
    [NOTIFICATIONS_MAX_LINES] = {"notifications", "max_lines", KEY_NUMBER, "100000", "1..10000000",
                                 "most lines of a batch"},
    [EXPORTS_PARTITIONS] =
	{"exports", "partitions", KEY_CHOICE, "none", "none|month",
         "month: balance transactions and card payments are a folder each, with a file for each month"},
    [SUPPORT_APPOINTMENT_SCHEDULING_ENABLED] =
	{"support", "appointment_scheduling_enabled", KEY_YES_NO, "no", NULL,
         "whether members can make an appointment with the support team"},
    [SUPPORT_APPOINTMENT_SCHEDULING_URL] = {"support", "appointment_scheduling_url", KEY_URL, "", NULL,
                                            "where they make it; required when they can"},
    [ENVIRONMENT_NAME] = {"environment", "name", KEY_CHOICE, "production", "production|sandbox|test",
                          "what the home was made for, by `alanpay init --environment`"},
};

bool
config_key_section_is_known(const char *name, size_t n)
{
	size_t i;

	if (n == strlen(CONFIG_APPROVERS) && memcmp(CONFIG_APPROVERS, name, n) == 0)
		return true;
	for (i = 0; i < CONFIG_KEYS; i++)
		if (strlen(config_key_rows[i].section) == n &&
		    memcmp(config_key_rows[i].section, name, n) == 0)
			return true;
	return false;
}

size_t
config_key_find(const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++)
		if (strcmp(section, config_key_rows[i].section) == 0 &&
		    strcmp(name, config_key_rows[i].name) == 0)
			break;
	return i;
}

void
config_key_nearest(const char *section, const char *name, char *nearest, size_t size)
{
	unsigned best = ~0u, d;
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++) {
		d = text_distance(section, config_key_rows[i].section) +
		    2 * text_distance(name, config_key_rows[i].name);
		if (d < best) {
			best = d;
			snprintf(nearest, size, "%s in [%s]", config_key_rows[i].name,
			         config_key_rows[i].section);
		}
	}
}

static bool
is_choice(const char *choices, const char *value)
{
	size_t n = strlen(value);
	const char *at;

	if (strchr(value, '|') != NULL)
		return false;
	for (at = choices; at != NULL; at = strchr(at, '|')) {
		at += *at == '|';
		if (strncmp(at, value, n) == 0 && (at[n] == '|' || at[n] == '\0'))
			return true;
	}
	return false;
}

static int
check_number(const struct config_key_row *k, const char *value, struct err *e)
{
	char least[24] = "", most[24] = "";
	cents low = 0, high = 0, n;

	if (money_parse_cents(value, &n, e) < 0)
		return err_set(e, "config", "must be a whole number");
	sscanf(k->choices, "%23[0-9]..%23[0-9]", least, most);
	if (money_parse_cents(least, &low, e) < 0 || money_parse_cents(most, &high, e) < 0 || n < low ||
	    n > high)
		return err_set(e, "config", "must be between %s and %s", least, most);
	return 0;
}

int
config_key_check(const struct config_key_row *k, const char *value, struct err *e)
{
	struct iban iban;
	date on;
	int hour, minute, end = 0;

	switch (k->type) {
	case KEY_TEXT:
		return text_is_utf8(value, strlen(value)) ? 0 : err_set(e, "config", "is not UTF-8");
	case KEY_NUMBER:
		return check_number(k, value, e);
	case KEY_YES_NO:
		return is_choice("yes|no", value) ? 0 : err_set(e, "config", "must be yes or no");
	case KEY_CHOICE:
		return is_choice(k->choices, value) ? 0
		                                    : err_set(e, "config", "must be one of %s", k->choices);
	case KEY_IBAN:
		return iban_parse(value, &iban, e);
	case KEY_BIC:
		return bic_check(value, e);
	case KEY_CREDITOR_ID:
		return creditor_id_check(value, e);
	case KEY_DAY:
		return date_parse(value, &on, e);
	case KEY_URL:
		return url_check(value, true, e);
	case KEY_HOUR:
		if (strspn(value, "0123456789:") != strlen(value) ||
		    sscanf(value, "%2d:%2d%n", &hour, &minute, &end) != 2 || value[end] != '\0' ||
		    hour > 23 || minute > 59)
			return err_set(e, "config", "must be a time of day, HH:MM");
		return 0;
	case KEY_OWN_ACCOUNTS:
		return own_account_check(value, e);
	}
	return -1;
}

/* IBANs are kept as the machines write them: others compare them as texts. */
char *
config_key_normalise(const struct config_key_row *k, const char *value)
{
	char list[CONFIG_LINE_MAX];
	struct iban iban;
	struct err ignored;

	if (k->type == KEY_OWN_ACCOUNTS && own_account_normalise(value, list, sizeof(list)) == 0)
		value = list;
	if (k->type == KEY_IBAN && iban_parse(value, &iban, &ignored) == 0)
		value = iban.text;
	return memory_text(value);
}
