/* config: see config.h. Uses libinih; our reader counts the lines.
 *
 * source   inih 55 (Debian 12: no line numbers for the handler, multi-line values on, lines of at most 200): the
 *          reader below rejects continuation lines and long lines before inih reads them
 */
#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/date.h"
#include "formats/iban.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/money.h"
#include "formats/text.h"
#include "formats/url.h"
#include "stages/core/engine/config.h"

enum type { TEXT, NUMBER, YES_NO, CHOICE, IBAN, BIC, CREDITOR_ID, DAY, HOUR, URL };

static const struct key {
	const char *section, *name;
	enum type type;
	const char *fallback; /* NULL: must be set */
	const char *choices;  /* of CHOICE: "a|b"; of NUMBER: "least..most" */
	const char *help;
} keys[CONFIG_KEYS] = {
    [CREDITOR_NAME] = {"creditor", "name", TEXT, NULL, NULL,
                       "name that the creditor identifier is registered for"},
    [CREDITOR_IDENTIFIER] = {"creditor", "identifier", CREDITOR_ID, NULL, NULL,
                             "SEPA creditor identifier (ICS)"},
    [CREDITOR_IBAN] = {"creditor", "iban", IBAN, NULL, NULL, "account that collections are credited to"},
    [CREDITOR_BIC] = {"creditor", "bic", BIC, "", NULL, "BIC of that account; optional within the EEA"},
    [CREDITOR_COUNTRY] = {"creditor", "country", TEXT, "FR", NULL, "country of the creditor, two letters"},
    [CREDITOR_ULTIMATE_CREDITOR] = {"creditor", "ultimate_creditor", TEXT, "", NULL,
                                    "name that is collected for, when it is another one"},
    [BANK_PAIN_VERSION] =
	{"bank", "pain_version", CHOICE, "08", "08|02",
         "08: pain.008.001.08 and pain.001.001.09; 02: pain.008.001.02 and pain.001.001.03"},
    [BANK_BATCH_BOOKING] =
	{"bank", "batch_booking", CHOICE, "contract", "yes|no|contract",
         "yes: one credit for all debits; no: one credit for each debit; contract: as agreed with the bank"},
    [BANK_LEAD_TARGET_DAYS] = {"bank", "lead_target_days", NUMBER, "2", "1..14",
                               "TARGET days from upload to collection"},
    [BANK_CUTOFF] = {"bank", "cutoff", HOUR, "11:30", NULL,
                     "the bank's cut-off, Paris time; a file made later counts for the next day"},
    [BANK_SEQUENCE_FIRST] = {"bank", "sequence_first", CHOICE, "RCUR", "RCUR|FRST",
                             "sequence type of the first debit of a mandate"},
    [BANK_ONE_BLOCK_PER_FILE] = {"bank", "one_block_per_file", YES_NO, "no", NULL,
                                 "yes: first and later debits are in a file each"},
    [BANK_ADDRESS] =
	{"bank", "address", CHOICE, "structured", "none|structured|hybrid",
         "address of a member with an account outside the EEA; none: such an account is not debited"},
    [BANK_PURPOSE] = {"bank", "purpose", CHOICE, "none", "none|HLTI|INSU",
                      "purpose of a debit; HLTI: health insurance, INSU: insurance"},
    [BANK_ACCOUNT_IBAN] = {"bank", "account_iban", IBAN, "", NULL,
                           "account that the bank reports on; default: that of the creditor"},
    [BANK_SAME_REASON_PERCENT] =
	{"bank", "same_reason_percent", NUMBER, "30", "1..100",
         "percentage of a file that comes back for one reason from which on a person decides about its mandates"},
    [BANK_SAME_REASON_MINIMUM] = {"bank", "same_reason_minimum", NUMBER, "3", "2..1000000",
                                  "how many must have come back for that"},
    [BANK_SETTLE_ON] = {"bank", "settle_on", CHOICE, "booking", "booking|due_date",
                        "booking: a debit is recovered when the bank books it; due_date: by its day, for a"
                        " bank that reports only what is unpaid"},
    [BANK_SETTLE_AFTER_DAYS] = {"bank", "settle_after_days", NUMBER, "5", "1..60",
                                "due_date: TARGET days from the collection day until a debit counts as"
                                " recovered"},
    [BANK_SETTLE_WITHOUT_ACCEPTANCE] = {"bank", "settle_without_acceptance", YES_NO, "no", NULL,
                                        "due_date: whether a debit that the bank has not accepted counts as"
                                        " recovered, too"},
    [RECOVERY_PERIOD] = {"recovery", "period", CHOICE, "monthly", "monthly|weekly",
                         "monthly: a calendar month; weekly: Monday to Sunday"},
    [RECOVERY_FREEZE_AFTER_DAYS] = {"recovery", "freeze_after_days", NUMBER, "3", "0..60",
                                    "days from the end of the period to the freeze"},
    [RECOVERY_RECOVERY_AFTER_DAYS] =
	{"recovery", "recovery_after_days", NUMBER, "10", "1..90",
         "days from the end of the period to the recovery date, more than freeze_after_days; moved to the next TARGET day"},
    [RECOVERY_MINIMUM_CENTS] = {"recovery", "minimum_cents", NUMBER, "100", "1..1000000",
                                "a smaller debt is carried to the next session"},
    [RECOVERY_NOTICE_DAYS] = {"recovery", "notice_days", NUMBER, "2", "0..30",
                              "days from the notification of the member to the collection"},
    [RECOVERY_MAX_FAILURES] = {"recovery", "max_failures", NUMBER, "3", "1..100",
                               "failed debits in a row after which a member is not debited any more"},
    [RECOVERY_REMITTANCE] = {"recovery", "remittance", TEXT, "Alan Pay {period}", NULL,
                             "text on the member's statement; {period} becomes 2026-02"},
    [RELEASE_IDENTITY] = {"release", "identity", CHOICE, "any", "any|loginuid",
                          "loginuid: a person must be logged in; any: no login is required"},
    [RELEASE_REQUIRE_NOTICE] = {"release", "require_notice", YES_NO, "yes", NULL,
                                "release requires that all members were notified in time"},
    [RELEASE_APPROVALS] = {"release", "approvals", NUMBER, "2", "0..5",
                           "how many people must approve a bank file, without its builder"},
    [RELEASE_MAX_DEBIT_CENTS] = {"release", "max_debit_cents", NUMBER, "100000", "1..99999999999",
                                 "highest amount of a debit"},
    [RELEASE_MAX_TOTAL_CENTS] = {"release", "max_total_cents", NUMBER, "50000000", "1..99999999999999",
                                 "highest total of a bank file"},
    [RELEASE_MAX_DEBITS] = {"release", "max_debits", NUMBER, "100000", "1..9999999",
                            "most debits in a bank file"},
    [SWAN_ENDPOINT] = {"swan", "endpoint", URL, "https://api.swan.io/live-partner/graphql", NULL,
                       "GraphQL API, live or sandbox; the client id belongs to one of them"},
    [SWAN_OAUTH_ENDPOINT] = {"swan", "oauth_endpoint", URL, "https://oauth.swan.io/oauth2/token", NULL,
                             "where access tokens are requested"},
    [SWAN_CLIENT_ID] = {"swan", "client_id", TEXT, "", NULL,
                        "client id of the project; without it import reads only recordings"},
    [SWAN_CLIENT_SECRET_FILE] =
	{"swan", "client_secret_file", TEXT, "", NULL,
         "file with the client secret, readable by its owner only; empty: systemd credential swan_client_secret"},
    [SWAN_ACCOUNT_ID] = {"swan", "account_id", TEXT, "", NULL, "the insurer's account"},
    [SWAN_START_DATE] = {"swan", "start_date", DAY, "2026-01-01", NULL,
                         "the first import reads from this date on"},
    [SWAN_OVERLAP_MINUTES] = {"swan", "overlap_minutes", NUMBER, "60", "0..10080",
                              "minutes before the last import that are read once more"},
    [SWAN_REQUESTS_PER_5_MINUTES] = {"swan", "requests_per_5_minutes", NUMBER, "1500", "1..2000",
                                     "most requests in 5 minutes; Swan allows 2000"},
    [SWAN_TIMEOUT_SECONDS] = {"swan", "timeout_seconds", NUMBER, "60", "1..600", "time limit of a request"},
    [SWAN_TRIES] = {"swan", "tries", NUMBER, "5", "1..10",
                    "tries of a request before Swan counts as unavailable"},
    [SWAN_FIRST_PAUSE_MS] = {"swan", "first_pause_ms", NUMBER, "1000", "0..60000",
                             "pause before the second try, doubled before each further try"},
    [SPENDING_LIMITS_ACCOUNT_HOLDER_PERIOD] = {"spending_limits", "account_holder_period", CHOICE, "Daily",
                                               "Daily|Weekly|Monthly|Always",
                                               "period of the limit that Alan sets on each card"},
    [SPENDING_LIMITS_ACCOUNT_HOLDER_CENTS] = {"spending_limits", "account_holder_cents", NUMBER, "40000",
                                              "1..99999999", "amount of that limit, in cents"},
    [SPENDING_LIMITS_PARTNER_PERIOD] = {"spending_limits", "partner_period", CHOICE, "Monthly",
                                        "Daily|Weekly|Monthly|Always",
                                        "period of the limit that Swan sets on the card product"},
    [SPENDING_LIMITS_PARTNER_CENTS] = {"spending_limits", "partner_cents", NUMBER, "60000", "1..99999999",
                                       "amount of that limit, in cents"},
    [CARDS_ALLOWED_MERCHANT_CATEGORIES] =
	{"cards", "allowed_merchant_categories", TEXT,
         "4119 5047 5122 5912 5975 5976 8011 8021 8031 8041 8042 8043 8049 8050 8062 8071 8099", NULL,
         "merchant categories that are allowed: a refusal by the partner has another reason"},
    [NOTIFICATIONS_POST_PAYMENT_MAX_AGE_DAYS] = {"notifications", "post_payment_max_age_days", NUMBER, "3",
                                                 "0..60", "members are not notified of older payments"},
    [NOTIFICATIONS_PROVISIONING_AFTER_DAYS] = {"notifications", "provisioning_after_days", NUMBER, "3",
                                               "0..365", "days from the first card to the reminder"},
    [NOTIFICATIONS_PROVISIONING_UNTIL_DAYS] = {"notifications", "provisioning_until_days", NUMBER, "14",
                                               "0..365",
                                               "days from the first card after which no reminder is sent"},
    [NOTIFICATIONS_MAX_LINES] = {"notifications", "max_lines", NUMBER, "100000", "1..10000000",
                                 "most lines of a batch"},
    [SUPPORT_APPOINTMENT_SCHEDULING_ENABLED] =
	{"support", "appointment_scheduling_enabled", YES_NO, "no", NULL,
         "whether members can make an appointment with the support team"},
    [SUPPORT_APPOINTMENT_SCHEDULING_URL] = {"support", "appointment_scheduling_url", URL, "", NULL,
                                            "where they make it; required when they can"},
    [ENVIRONMENT_NAME] = {"environment", "name", CHOICE, "production", "production|sandbox|test",
                          "test allows --as, and --date and --now in the future"},
};

struct config {
	char *value[CONFIG_KEYS];
	int line[CONFIG_KEYS]; /* 0: default */
	bool is_wrong[CONFIG_KEYS];
	char path[512];
	config_report_fn *report;
	void *ctx;
	int errors;
	FILE *in;
	int at; /* number of the current line */
};

static void __attribute__((format(printf, 3, 4))) report(struct config *c, int line, const char *fmt, ...)
{
	char message[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	c->errors++;
	c->report(c->ctx, line, message);
}

static void
name_nearest(const char *section, const char *name, char *nearest, size_t size)
{
	unsigned best = ~0u, d;
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++) {
		d = text_distance(section, keys[i].section) + 2 * text_distance(name, keys[i].name);
		if (d < best) {
			best = d;
			snprintf(nearest, size, "%s in [%s]", keys[i].name, keys[i].section);
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
check_number(const struct key *k, const char *value, struct err *e)
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

static int
check_value(const struct key *k, const char *value, struct err *e)
{
	struct iban iban;
	date on;
	int hour, minute, end = 0;

	switch (k->type) {
	case TEXT:
		return text_is_utf8(value, strlen(value)) ? 0 : err_set(e, "config", "is not UTF-8");
	case NUMBER:
		return check_number(k, value, e);
	case YES_NO:
		return is_choice("yes|no", value) ? 0 : err_set(e, "config", "must be yes or no");
	case CHOICE:
		return is_choice(k->choices, value) ? 0
		                                    : err_set(e, "config", "must be one of %s", k->choices);
	case IBAN:
		return iban_parse(value, &iban, e);
	case BIC:
		return bic_check(value, e);
	case CREDITOR_ID:
		return creditor_id_check(value, e);
	case DAY:
		return date_parse(value, &on, e);
	case URL:
		return url_check(value, true, e);
	case HOUR:
		if (strspn(value, "0123456789:") != strlen(value) ||
		    sscanf(value, "%2d:%2d%n", &hour, &minute, &end) != 2 || value[end] != '\0' ||
		    hour > 23 || minute > 59)
			return err_set(e, "config", "must be a time of day, HH:MM");
		return 0;
	}
	return -1;
}

static bool
section_is_known(const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++)
		if (strlen(keys[i].section) == n && memcmp(keys[i].section, name, n) == 0)
			return true;
	return false;
}

static size_t
find_key(const char *section, const char *name)
{
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++)
		if (strcmp(section, keys[i].section) == 0 && strcmp(name, keys[i].name) == 0)
			break;
	return i;
}

/* IBANs are kept as the machines write them: others compare them as texts. */
static char *
normalise(const struct key *k, const char *value)
{
	struct iban iban;
	struct err ignored;

	if (k->type == IBAN && iban_parse(value, &iban, &ignored) == 0)
		value = iban.text;
	return memory_text(value);
}

static void
set_known(struct config *c, size_t i, const char *value)
{
	const struct key *k = &keys[i];
	struct err why = {0};

	if (c->line[i] != 0) {
		report(c, c->at, "%s is already set on line %d", k->name, c->line[i]);
		return;
	}
	c->line[i] = c->at;
	c->is_wrong[i] = true;
	if (value[0] == '\0' && k->fallback != NULL && k->fallback[0] != '\0') {
		report(c, c->at, "%s has no value: remove the line to use the default, %s", k->name,
		       k->fallback);
	} else if (value[0] != '\0' && check_value(k, value, &why) < 0) {
		report(c, c->at, "%s: %s", k->name, why.message);
	} else {
		c->value[i] = normalise(k, value);
		c->is_wrong[i] = false;
	}
}

/* A key that inih read; keys of an unknown section are ignored, for the section was reported. */
static int
set(void *ctx, const char *section, const char *name, const char *value)
{
	struct config *c = ctx;
	size_t i = find_key(section, name);
	char nearest[128] = "";

	if (i < CONFIG_KEYS) {
		set_known(c, i, value);
	} else if (section[0] == '\0') {
		report(c, c->at, "%s is not in a section: put a line [section] before it", name);
	} else if (section_is_known(section, strlen(section))) {
		name_nearest(section, name, nearest, sizeof(nearest));
		report(c, c->at, "unknown key %s in [%s]; the nearest is %s", name, section, nearest);
	}
	return 1;
}

static void
skip_rest_of_line(FILE *in)
{
	int c;

	while ((c = getc(in)) != '\n' && c != EOF)
		;
}

static bool
is_shapeless(const char *line)
{
	return line[0] != '\0' && line[0] != ';' && line[0] != '#' && strpbrk(line, "=:") == NULL;
}

/* Reports a line that inih would misread. A section line with an unreadable name is replaced, so that its keys are ignored. */
static bool
refuse_line(struct config *c, char *line)
{
	static const char nameless[] = "[?]\n";
	size_t n = strlen(line), blanks = strspn(line, " \t\r\n");
	bool is_whole = n == 0 || line[n - 1] == '\n' || feof(c->in);

	if (!is_whole)
		skip_rest_of_line(c->in);
	if (n > CONFIG_LINE_MAX || !is_whole)
		report(c, c->at, "the line is longer than %d characters", CONFIG_LINE_MAX);
	else if ((line[0] == ' ' || line[0] == '\t') && line[blanks] != '\0')
		report(c, c->at, "the line begins with a blank: a value has one line");
	else if (line[0] == '[' ? strchr(line, ']') == NULL : is_shapeless(line + blanks))
		report(c, c->at, "the line is neither [section] nor key = value");
	else if (line[0] == '[' && !section_is_known(line + 1, strcspn(line + 1, "]\n")))
		report(c, c->at, "unknown section %.*s]", (int)strcspn(line, "]\n"), line);
	else
		return false;
	if (line[0] == '[')
		memcpy(line, nameless, sizeof(nameless));
	return true;
}

/* The next line for inih; an empty one when the line was reported. */
static char *
next_line(char *line, int size, void *ctx)
{
	struct config *c = ctx;

	if (fgets(line, size, c->in) == NULL)
		return NULL;
	c->at++;
	if (refuse_line(c, line) && line[0] != '[')
		memcpy(line, "\n", sizeof("\n"));
	return line;
}

/* Gives a missing or wrong key its default, so that the other checks can go on. */
static void
fill_in(struct config *c)
{
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++) {
		if (c->value[i] != NULL && (c->value[i][0] != '\0' || keys[i].fallback != NULL))
			continue;
		if (keys[i].fallback == NULL && !c->is_wrong[i])
			report(c, c->line[i], "%s in [%s] must be set", keys[i].name, keys[i].section);
		free(c->value[i]);
		c->value[i] = memory_text(keys[i].fallback == NULL ? "" : keys[i].fallback);
	}
}

int
config_remittance(const struct config *c, const char *period, char text[static 141], struct err *e)
{
	const char *pattern = config_text(c, RECOVERY_REMITTANCE), *hole = strstr(pattern, "{period}");
	char whole[CONFIG_LINE_MAX + 16], converted[2 * sizeof(whole)];

	if (hole == NULL)
		snprintf(whole, sizeof(whole), "%s", pattern);
	else
		snprintf(whole, sizeof(whole), "%.*s%.10s%s", (int)(hole - pattern), pattern, period,
		         hole + strlen("{period}"));
	if (text_to_sepa(whole, converted, sizeof(converted) - 1, e) < 0)
		return -1;
	if (strlen(converted) > 140)
		return err_set(e, "config", "has %zu characters on the statement: at most 140 are possible",
		               strlen(converted));
	memcpy(text, converted, strlen(converted) + 1);
	return 0;
}

/* Only {period} is replaced; another placeholder would appear on the statements of members. */
static void
check_remittance(struct config *c)
{
	const char *at = config_text(c, RECOVERY_REMITTANCE);
	struct err why = {0};
	char text[141];

	for (; (at = strchr(at, '{')) != NULL; at++)
		if (strncmp(at, "{period}", strlen("{period}")) != 0)
			report(c, c->line[RECOVERY_REMITTANCE],
			       "remittance: unknown placeholder %.*s: use {period}",
			       (int)(strcspn(at, "}") + (strchr(at, '}') != NULL)), at);
	if (!c->is_wrong[RECOVERY_REMITTANCE] && config_remittance(c, "2026-02", text, &why) < 0)
		report(c, c->line[RECOVERY_REMITTANCE], "remittance: %s", why.message);
}

/* The bank file has names in the SEPA characters; a name of which nothing is left would stop the night. */
static void
check_names(struct config *c)
{
	static const enum config_key names[] = {CREDITOR_NAME, CREDITOR_ULTIMATE_CREDITOR};
	char converted[71];
	struct err why = {0};
	size_t i;

	for (i = 0; i < LENGTH(names); i++)
		if (!c->is_wrong[names[i]] && c->value[names[i]][0] != '\0' &&
		    text_to_sepa(c->value[names[i]], converted, sizeof(converted) - 1, &why) < 0)
			report(c, c->line[names[i]], "%s: %s", keys[names[i]].name, why.message);
}

/* Checks that concern several keys. */
static void
check_whole(struct config *c)
{
	enum config_key later = c->line[RECOVERY_RECOVERY_AFTER_DAYS] > 0 ? RECOVERY_RECOVERY_AFTER_DAYS
	                                                                  : RECOVERY_FREEZE_AFTER_DAYS;
	struct err why = {0};
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++)
		if (keys[i].type == URL && c->value[i][0] != '\0' && !c->is_wrong[ENVIRONMENT_NAME] &&
		    url_check(c->value[i], config_is_test(c), &why) < 0)
			report(c, c->line[i], "%s: %s", keys[i].name, why.message);
	check_remittance(c);
	check_names(c);
	if (config_int(c, RECOVERY_RECOVERY_AFTER_DAYS) <= config_int(c, RECOVERY_FREEZE_AFTER_DAYS) &&
	    !c->is_wrong[RECOVERY_RECOVERY_AFTER_DAYS] && !c->is_wrong[RECOVERY_FREEZE_AFTER_DAYS])
		report(c, c->line[later], "recovery_after_days must be more than freeze_after_days");
	if (config_yes(c, BANK_SETTLE_WITHOUT_ACCEPTANCE) && !c->is_wrong[BANK_SETTLE_ON] &&
	    strcmp(config_text(c, BANK_SETTLE_ON), "due_date") != 0)
		report(c, c->line[BANK_SETTLE_WITHOUT_ACCEPTANCE],
		       "settle_without_acceptance requires settle_on = due_date");
	if (config_yes(c, SUPPORT_APPOINTMENT_SCHEDULING_ENABLED) &&
	    config_text(c, SUPPORT_APPOINTMENT_SCHEDULING_URL)[0] == '\0' &&
	    !c->is_wrong[SUPPORT_APPOINTMENT_SCHEDULING_URL])
		report(c, c->line[SUPPORT_APPOINTMENT_SCHEDULING_ENABLED],
		       "appointment_scheduling_enabled requires appointment_scheduling_url");
}

struct config *
config_check(const char *path, config_report_fn *report_error, void *ctx)
{
	struct config *c = memory_new(1, sizeof(*c));
	int line;

	c->report = report_error;
	c->ctx = ctx;
	c->in = fopen(path, "r");
	if (text_copy(c->path, sizeof(c->path), path) < 0) {
		report(c, 0, "the path is too long");
	} else if (c->in == NULL) {
		report(c, 0, "%s", strerror(errno));
	} else {
		line = ini_parse_stream(next_line, c, set, c);
		if (c->errors == 0 && line != 0)
			report(c, line, "the line is neither [section] nor key = value");
		fill_in(c);
		check_whole(c);
	}
	if (c->in != NULL)
		fclose(c->in);
	if (c->errors == 0)
		return c;
	config_free(c);
	return NULL;
}

static void
config_keep_first(void *ctx, int line, const char *message)
{
	struct err *e = ctx;

	if (e->code[0] == '\0')
		err_at(e, line, 0, "config", "%s", message);
}

struct config *
config_read(const char *path, struct err *e)
{
	*e = (struct err){0};
	return config_check(path, config_keep_first, e);
}

void
config_free(struct config *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < CONFIG_KEYS; i++)
		free(c->value[i]);
	free(c);
}

const char *
config_text(const struct config *c, enum config_key key)
{
	return c->value[key];
}

int64_t
config_int(const struct config *c, enum config_key key)
{
	struct err e = {0};
	cents n = 0;

	(void)money_parse_cents(c->value[key], &n, &e); /* checked when it was read */
	return n;
}

bool
config_yes(const struct config *c, enum config_key key)
{
	return strcmp(c->value[key], "yes") == 0;
}

bool
config_is_test(const struct config *c)
{
	return strcmp(c->value[ENVIRONMENT_NAME], "test") == 0;
}

void
config_generate(struct sink *s)
{
	size_t i;

	sink_text(s, "; Alan Pay recovery. A key that is commented out has the value shown.\n");
	for (i = 0; i < CONFIG_KEYS; i++) {
		const struct key *k = &keys[i];

		if (i == 0 || strcmp(k->section, keys[i - 1].section) != 0)
			sink_print(s, "\n[%s]\n", k->section);
		sink_print(s, "; %s", k->help);
		if (k->type == CHOICE && strchr(k->choices, '|') != NULL)
			sink_print(s, ": %s", k->choices);
		else if (k->type == NUMBER)
			sink_print(s, ", %s", k->choices);
		sink_print(s, "\n%s%s = %s\n", k->fallback == NULL ? "" : ";", k->name,
		           k->fallback == NULL ? "" : k->fallback);
	}
}

struct config_entry
config_entry(const struct config *c, enum config_key key)
{
	struct config_entry entry = {keys[key].section, keys[key].name, "", c->line[key]};
	const char *value = c->value[key];
	char masked[IBAN_MASKED];
	struct iban iban;
	struct err e;

	if (keys[key].type == IBAN && iban_parse(value, &iban, &e) == 0)
		value = iban_mask(masked, &iban);
	snprintf(entry.value, sizeof(entry.value), "%s", value);
	return entry;
}
