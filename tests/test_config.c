/* config: an error is reported with its line, and no value is used that is not in the file or a default. */
#include "tests/home.h"

#include "formats/err.h"
#include "formats/length.h"
#include "formats/text.h"

static void
config_takes_what_is_set_and_the_defaults(void **state)
{
	struct config *c =
	    home_config("; a comment\n# another\n" HOME_CONFIG "\n[bank]\nbatch_booking=no\n"
	                "cutoff = 9:05\n; in Paris\n[recovery]\nremittance = Alan \xc3\xa9t\xc3\xa9\r\n"
	                "[release]\nrequire_notice = no\napprovals = 0\n");

	(void)state;
	assert_string_equal(config_text(c, CREDITOR_NAME), "Alan SA");
	assert_string_equal(config_text(c, CREDITOR_IBAN), "FR7630006000011234567890189");
	assert_string_equal(config_text(c, CREDITOR_BIC), "");
	assert_string_equal(config_text(c, CREDITOR_COUNTRY), "FR");
	assert_string_equal(config_text(c, BANK_BATCH_BOOKING), "no");
	assert_string_equal(config_text(c, BANK_CUTOFF), "9:05");
	assert_string_equal(config_text(c, RECOVERY_REMITTANCE), "Alan \xc3\xa9t\xc3\xa9");
	assert_int_equal(config_int(c, RECOVERY_FREEZE_AFTER_DAYS), 3);
	assert_int_equal(config_int(c, RECOVERY_RECOVERY_AFTER_DAYS), 10);
	assert_int_equal(config_int(c, RELEASE_MAX_TOTAL_CENTS), 50000000);
	assert_int_equal(config_int(c, RELEASE_APPROVALS), 0);
	assert_string_equal(config_text(c, SPENDING_LIMITS_ACCOUNT_HOLDER_PERIOD), "Daily");
	assert_int_equal(config_int(c, SPENDING_LIMITS_ACCOUNT_HOLDER_CENTS), 40000);
	assert_string_equal(config_text(c, SPENDING_LIMITS_PARTNER_PERIOD), "Monthly");
	assert_int_equal(config_int(c, SPENDING_LIMITS_PARTNER_CENTS), 60000);
	assert_false(config_yes(c, RELEASE_REQUIRE_NOTICE));
	assert_string_equal(config_text(c, ENVIRONMENT_NAME), "test");
	config_free(c);
}

static void
config_is_careful_by_default(void **state)
{
	struct config *c = home_config("[creditor]\nname = A\nidentifier = FR72ZZZ123456\n"
	                               "iban = FR76 3000 6000 0112 3456 7890 189\n");

	(void)state;
	assert_string_equal(config_text(c, ENVIRONMENT_NAME), "production");
	assert_string_equal(config_text(c, ENVIRONMENT_NAME), "production");
	assert_true(config_yes(c, RELEASE_REQUIRE_NOTICE));
	assert_int_equal(config_int(c, RELEASE_APPROVALS), 2);
	config_free(c);
}

static void
config_names_the_line_of_what_is_wrong(void **state)
{
	static const struct {
		const char *text;
		long line;
		const char *words;
	} cases[] = {
	    {HOME_CONFIG "[release]\naprovals = 2\n", 8, "approvals in [release]"},
	    {HOME_CONFIG "[relese]\napprovals = 2\n", 7, "unknown section [relese]"},
	    {HOME_CONFIG "[Release]\napprovals = 2\n", 7, "unknown section [Release]"},
	    {HOME_CONFIG "[bank]\napprovals = 2\n", 8, "approvals in [release]"},
	    {HOME_CONFIG "\n\n[bank]\ncutoff = 10:00\n[release]\n[bank]\ncutoff = 10:00\n", 13,
	     "already set on line 10"},
	    {"name = Alan\n" HOME_CONFIG, 1, "is not in a section"},
	    {"\n; x\nunheard_of = Alan\n" HOME_CONFIG, 3, "is not in a section"},
	    {HOME_CONFIG "[recovery]\nremittance = one\n  two\n", 9, "begins with a blank"},
	    {HOME_CONFIG "[recovery]\nremittance = one\n\ttwo\n", 9, "begins with a blank"},
	    {HOME_CONFIG "[bank\ncutoff = 10:00\n", 7, "neither"},
	    {HOME_CONFIG "[bank]\ncutoff\n", 8, "neither"},
	    {HOME_CONFIG "[bank]\ncutoff = 24:00\n", 8, "time of day"},
	    {HOME_CONFIG "[bank]\ncutoff = 10:60\n", 8, "time of day"},
	    {HOME_CONFIG "[bank]\ncutoff = 10:30 h\n", 8, "time of day"},
	    {HOME_CONFIG "[bank]\ncutoff = -1:30\n", 8, "time of day"},
	    {HOME_CONFIG "[bank]\ncutoff = 10\n", 8, "time of day"},
	    {HOME_CONFIG "[bank]\nlead_target_days = 0\n", 8, "between 1 and 14"},
	    {HOME_CONFIG "[bank]\nlead_target_days = 15\n", 8, "between 1 and 14"},
	    {HOME_CONFIG "[bank]\nlead_target_days = 2.5\n", 8, "whole number"},
	    {HOME_CONFIG "[bank]\nlead_target_days = two\n", 8, "whole number"},
	    {HOME_CONFIG "[release]\nmax_total_cents = 99999999999999999999\n", 8, "whole number"},
	    {HOME_CONFIG "[bank]\nbatch_booking = maybe\n", 8, "yes|no|contract"},
	    {HOME_CONFIG "[bank]\nbatch_booking = ye\n", 8, "yes|no|contract"},
	    {HOME_CONFIG "[bank]\nbatch_booking = yes|no\n", 8, "yes|no|contract"},
	    {HOME_CONFIG "[bank]\npain_version = 09\n", 8, "pain_version"},
	    {HOME_CONFIG "[release]\nrequire_notice = Yes\n", 8, "yes or no"},
	    {HOME_CONFIG "[recovery]\nremittance = \xc3\n", 8, "UTF-8"},
	    {HOME_CONFIG "[swan]\nstart_date = 2026-02-30\n", 8, ""},
	    {HOME_CONFIG "[swan]\nendpoint = http://api.swan.io/graphql\n", 8,
	     "endpoint: must begin with https://"},
	    {HOME_CONFIG "[swan]\noauth_endpoint = api.swan.io\n", 8,
	     "oauth_endpoint: must begin with https://"},
	    {HOME_CONFIG "[swan]\nendpoint = https://user@api.swan.io/graphql\n", 8, "a user"},
	    {HOME_CONFIG "[swan]\nendpoint = https://api.swan.io/a b\n", 8, "blank"},
	    {HOME_CONFIG "[swan]\nendpoint = live\n", 8, "endpoint: "},
	    {HOME_CONFIG "[swan]\nrequests_per_5_minutes = 0\n", 8, "between 1 and 2000"},
	    {HOME_CONFIG "[swan]\nrequests_per_5_minutes = 2001\n", 8, "between 1 and 2000"},
	    {HOME_CONFIG "[swan]\ntimeout_seconds = 0\n", 8, "between 1 and 600"},
	    {HOME_CONFIG "[swan]\ntimeout_seconds = 601\n", 8, "between 1 and 600"},
	    {HOME_CONFIG "[swan]\ntries = 0\n", 8, "between 1 and 10"},
	    {HOME_CONFIG "[swan]\ntries = 11\n", 8, "between 1 and 10"},
	    {HOME_CONFIG "[swan]\nfirst_pause_ms = -1\n", 8, "first_pause_ms: "},
	    {HOME_CONFIG "[swan]\nfirst_pause_ms = 60001\n", 8, "between 0 and 60000"},
	    {HOME_CONFIG "[swan]\nown_accounts = FR7630006000011234567890188\n", 8, "not a valid IBAN"},
	    {HOME_CONFIG "[swan]\nown_accounts = *\n", 8, "not a valid pattern"},
	    {HOME_CONFIG "[swan]\nclient_secret = s3cr3t\n", 8, "client_secret_file in [swan]"},
	    {HOME_CONFIG "[spending_limits]\npartner_period = monthly\n", 8, "Daily|Weekly|Monthly|Always"},
	    {HOME_CONFIG "[spending_limits]\naccount_holder_cents = 400.00\n", 8, "whole number"},
	    {HOME_CONFIG "[bank]\naccount_iban = FR7630006000011234567890188\n", 8, ""},
	    {HOME_CONFIG "[bank]\nsettle_on = value_date\n", 8, "must be one of booking|due_date"},
	    {HOME_CONFIG "[bank]\nsettle_after_days = 0\n", 8, "between 1 and 60"},
	    {HOME_CONFIG "[bank]\nsettle_after_days = 61\n", 8, "between 1 and 60"},
	    {HOME_CONFIG "[bank]\nsettle_without_acceptance = yes\n", 8, "requires settle_on = due_date"},
	    {HOME_CONFIG "[bank]\nsettle_on = booking\nsettle_without_acceptance = yes\n", 9,
	     "requires settle_on = due_date"},
	    {HOME_CONFIG "[support]\nappointment_scheduling_enabled = true\n", 8, "must be yes or no"},
	    {HOME_CONFIG "[support]\nappointment_scheduling_enabled = yes\n", 8,
	     "requires appointment_scheduling_url"},
	    {HOME_CONFIG "[support]\nappointment_scheduling_url = ftp://support.example/\n", 8,
	     "appointment_scheduling_url: must begin with"},
	    {HOME_CONFIG "[recovery]\nfreeze_after_days = 5\nrecovery_after_days = 5\n", 9,
	     "more than freeze_after_days"},
	    {HOME_CONFIG "[recovery]\nfreeze_after_days = 10\n", 8, "more than freeze_after_days"},
	    {HOME_CONFIG "[recovery]\nnotice_days = 6\n", 8,
	     "notice_days = 6 cannot be kept: members are notified two days after the freeze, 5 days before the recovery"
	     " date: recovery_after_days must be at least 11"},
	    {HOME_CONFIG "[recovery]\nfreeze_after_days = 9\n", 8, "recovery_after_days must be at least 13"},
	    {HOME_CONFIG "[notifications]\nmode = http\n", 8, "mode = http requires url"},
	    {"[creditor]\nname = A\nidentifier = FR73ZZZ123456\n", 3, ""},
	    {"[creditor]\nname = A\nidentifier = FR72ZZZ123456\n", 0, "iban in [creditor] must be set"},
	    {"[creditor]\nname =\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n", 2,
	     "name"},
	    {"", 0, "name in [creditor] must be set"},
	};
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};
		struct config *c;

		home_write("alanpay.ini", cases[i].text);
		c = config_read("alanpay.ini", &e);
		if (c != NULL || e.line != cases[i].line || strcmp(e.code, "config") != 0 ||
		    e.message[0] == '\0' || strstr(e.message, cases[i].words) == NULL) {
			print_error("%s\n-> %s, line %ld: %s: %s\n", cases[i].text,
			            c == NULL ? "refused" : "taken", e.line, e.code, e.message);
			wrong++;
		}
		config_free(c);
	}
	assert_int_equal(wrong, 0);
}

#define CREDITOR "[creditor]\nname = A\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n"

/* A test environment may use a server of its own. Any other uses TLS alone, wherever the file names the environment. */
static void
config_takes_plain_addresses_in_a_test_environment_only(void **state)
{
	static const struct {
		const char *text;
		long line; /* 0: it is taken */
	} cases[] = {
	    {CREDITOR "[environment]\nname = test\n[swan]\nendpoint = http://127.0.0.1:8080/graphql\n", 0},
	    {CREDITOR "[swan]\noauth_endpoint = http://unix:/run/s:/token\n[environment]\nname = test\n", 0},
	    {CREDITOR "[environment]\nname = sandbox\n[swan]\nendpoint = https://api.swan.io/sandbox\n", 0},
	    {CREDITOR "[swan]\noauth_endpoint = https://oauth.example.com/token\n", 0},
	    {CREDITOR "[environment]\nname = sandbox\n[swan]\nendpoint = http://127.0.0.1:8080/graphql\n", 8},
	    {CREDITOR "[environment]\nname = production\n[swan]\nendpoint = http://127.0.0.1/\n", 8},
	    {CREDITOR "[swan]\nendpoint = http://127.0.0.1:8080/graphql\n", 6},
	    {CREDITOR "[swan]\n\n; x\noauth_endpoint = http://unix:/run/s:/token\n", 8},
	    {CREDITOR "[swan]\nendpoint = http://127.0.0.1/\n[environment]\nname = sandbox\n", 6},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};
		struct config *c;

		home_write("alanpay.ini", cases[i].text);
		c = config_read("alanpay.ini", &e);
		if ((c != NULL) != (cases[i].line == 0) || e.line != cases[i].line)
			fail_msg("%s\n-> %s, line %ld: %s", cases[i].text, c == NULL ? "refused" : "taken",
			         e.line, e.message);
		if (c == NULL) {
			assert_string_equal(e.code, "config");
			assert_non_null(strstr(e.message, "endpoint: must begin with https://"));
		}
		config_free(c);
	}
}

static void
config_knows_swan_by_default(void **state)
{
	struct config *c = home_config(CREDITOR);

	(void)state;
	assert_string_equal(config_text(c, SWAN_ENDPOINT), "https://api.swan.io/live-partner/graphql");
	assert_string_equal(config_text(c, SWAN_OAUTH_ENDPOINT), "https://oauth.swan.io/oauth2/token");
	assert_string_equal(config_text(c, SWAN_CLIENT_ID), "");
	assert_string_equal(config_text(c, SWAN_CLIENT_SECRET_FILE), "");
	assert_int_equal(config_int(c, SWAN_REQUESTS_PER_5_MINUTES), 1500);
	assert_int_equal(config_int(c, SWAN_TIMEOUT_SECONDS), 60);
	assert_int_equal(config_int(c, SWAN_TRIES), 5);
	assert_int_equal(config_int(c, SWAN_FIRST_PAUSE_MS), 1000);
	config_free(c);
	c = home_config(
	    CREDITOR "[swan]\nclient_id = live-1\nclient_secret_file = /etc/alanpay/secret\n"
		     "requests_per_5_minutes = 2000\ntimeout_seconds = 1\ntries = 10\nfirst_pause_ms = 0\n");
	assert_string_equal(config_text(c, SWAN_CLIENT_ID), "live-1");
	assert_string_equal(config_text(c, SWAN_CLIENT_SECRET_FILE), "/etc/alanpay/secret");
	assert_int_equal(config_int(c, SWAN_REQUESTS_PER_5_MINUTES), 2000);
	assert_int_equal(config_int(c, SWAN_TIMEOUT_SECONDS), 1);
	assert_int_equal(config_int(c, SWAN_TRIES), 10);
	assert_int_equal(config_int(c, SWAN_FIRST_PAUSE_MS), 0);
	config_free(c);
}

static void
config_lets_no_member_make_an_appointment_by_default(void **state)
{
	struct config *c = home_config(HOME_CONFIG);

	(void)state;
	assert_false(config_yes(c, SUPPORT_APPOINTMENT_SCHEDULING_ENABLED));
	assert_string_equal(config_text(c, SUPPORT_APPOINTMENT_SCHEDULING_URL), "");
	config_free(c);
	c = home_config(HOME_CONFIG "[support]\nappointment_scheduling_enabled = yes\n"
	                            "appointment_scheduling_url = https://support.example/book?team=pay\n");
	assert_true(config_yes(c, SUPPORT_APPOINTMENT_SCHEDULING_ENABLED));
	assert_string_equal(config_text(c, SUPPORT_APPOINTMENT_SCHEDULING_URL),
	                    "https://support.example/book?team=pay");
	config_free(c);
}

/* An empty value must not switch off four eyes or limits. */
static void
config_takes_no_empty_value_for_a_key_that_needs_one(void **state)
{
	static const char *const lines[] = {"[release]\napprovals =\n",
	                                    "[release]\nrequire_notice = \n",
	                                    "[release]\nmax_debit_cents = ; no limit\n",
	                                    "[release]\nidentity =\n",
	                                    "[environment]\nname =\n",
	                                    "[bank]\ncutoff =\n",
	                                    "[swan]\nstart_date =\n",
	                                    "[swan]\nendpoint =\n",
	                                    "[swan]\noauth_endpoint =\n",
	                                    "[swan]\ntries =\n",
	                                    "[swan]\nrequests_per_5_minutes =\n"};
	bool taken = false;

	(void)state;
	for (size_t i = 0; i < LENGTH(lines); i++) {
		char text[512];
		struct err e = {0};
		struct config *c;

		snprintf(
		    text, sizeof(text),
		    "%s[creditor]\nname = A\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n",
		    lines[i]);
		home_write("alanpay.ini", text);
		c = config_read("alanpay.ini", &e);
		if (c != NULL)
			print_error("taken: %s", lines[i]);
		else
			assert_int_equal(e.line, 2);
		taken = taken || c != NULL;
		config_free(c);
	}
	assert_false(taken);
}

static void
config_takes_an_empty_value_where_nothing_is_the_default(void **state)
{
	struct config *c = home_config(
	    "[swan]\naccount_id =\nclient_id =\nclient_secret_file =\n[bank]\naccount_iban =\n" HOME_CONFIG
	    "[creditor]\nbic =\n");

	(void)state;
	assert_string_equal(config_text(c, SWAN_ACCOUNT_ID), "");
	assert_string_equal(config_text(c, BANK_ACCOUNT_IBAN), "");
	assert_string_equal(config_text(c, CREDITOR_BIC), "");
	config_free(c);
}

static void
config_refuses_a_line_that_is_too_long(void **state)
{
	char text[1024];
	struct err e = {0};
	struct config *c;
	int n;

	(void)state;
	for (n = 100; n < 500; n += 37) {
		snprintf(text, sizeof(text), "%s[swan]\naccount_id = %0*d\n[bank]\ncutoff = 09:00\n",
		         HOME_CONFIG, n, 0);
		home_write("alanpay.ini", text);
		c = config_read("alanpay.ini", &e);
		if (n < 150) {
			assert_non_null(c);
			assert_int_equal(strlen(config_text(c, SWAN_ACCOUNT_ID)), n);
			config_free(c);
		} else if (n > 190) {
			assert_null(c);
			assert_int_equal(e.line, 8);
			assert_non_null(strstr(e.message, "longer"));
		} else {
			config_free(c);
		}
	}
}

static void
config_says_when_there_is_no_file(void **state)
{
	struct err e = {0};

	(void)state;
	assert_null(config_read("nowhere.ini", &e));
	assert_string_equal(e.code, "config");
	assert_non_null(strstr(e.message, "No such file"));
}

/* What follows it may be a part of the value: a comment has a line of its own. */
static void
config_keeps_semicolons_in_values(void **state)
{
	struct config *c = home_config("[creditor]\nname = Alan ; Sons; SA\nidentifier = FR72ZZZ123456\n"
	                               "iban = FR7630006000011234567890189\n[environment]\nname = test\n"
	                               "[swan]\naccount_id = ;x\n[recovery]\nremittance: a;b ;c\n");
	struct err e = {0};

	(void)state;
	assert_string_equal(config_text(c, CREDITOR_NAME), "Alan ; Sons; SA");
	assert_string_equal(config_text(c, SWAN_ACCOUNT_ID), ";x");
	assert_string_equal(config_text(c, RECOVERY_REMITTANCE), "a;b ;c");
	config_free(c);
	home_write("alanpay.ini", HOME_CONFIG "[release]\napprovals = 2 ; four eyes\n");
	assert_null(config_read("alanpay.ini", &e));
	assert_int_equal(e.line, 8);
	assert_non_null(strstr(e.message, "a comment has a line of its own"));
	home_write("alanpay.ini", HOME_CONFIG "[creditor]\nbic = \x01\n");
	assert_null(config_read("alanpay.ini", &e));
	assert_non_null(strstr(e.message, "control character"));
}

static void
config_hides_what_may_be_a_secret(void **state)
{
	struct err e = {0};

	(void)state;
	home_write("alanpay.ini", HOME_CONFIG "[swan]\nclient_secret = s3cr3t\n");
	assert_null(config_read("alanpay.ini", &e));
	assert_non_null(strstr(e.message, "a secret never stands in this file"));
	assert_null(strstr(e.message, "s3cr3t"));
}

static void
config_shows_where_values_come_from_and_no_iban(void **state)
{
	static const struct {
		const char *section, *name, *value;
		enum config_key key;
		int line;
	} cases[] = {
	    {"creditor", "name", "Alan SA", CREDITOR_NAME, 2},
	    {"creditor", "iban", "FR76***0189", CREDITOR_IBAN, 4},
	    {"bank", "account_iban", "DE89***3000", BANK_ACCOUNT_IBAN, 8},
	    {"bank", "pain_version", "08", BANK_PAIN_VERSION, 0},
	    {"environment", "name", "test", ENVIRONMENT_NAME, 6},
	};
	struct config *c = home_config(HOME_CONFIG "[bank]\naccount_iban = DE89370400440532013000\n");

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct config_entry entry = config_entry(c, cases[i].key);

		assert_string_equal(entry.section, cases[i].section);
		assert_string_equal(entry.name, cases[i].name);
		assert_string_equal(entry.value, cases[i].value);
		assert_int_equal(entry.line, cases[i].line);
	}
	config_free(c);
}

static void
config_takes_an_iban_as_people_write_it(void **state)
{
	struct config *c = home_config("[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\n"
	                               "iban = fr76 3000 6000 0112 3456 7890 189\n"
	                               "[bank]\naccount_iban = DE89 3704 0044 0532 0130 00\n");

	(void)state;
	assert_string_equal(config_text(c, CREDITOR_IBAN), "FR7630006000011234567890189");
	assert_string_equal(config_text(c, BANK_ACCOUNT_IBAN), "DE89370400440532013000");
	assert_string_equal(config_entry(c, CREDITOR_IBAN).value, "FR76***0189");
	config_free(c);
	c = home_config(HOME_CONFIG "[swan]\nown_accounts = fr76 3000 6000 0112 3456 7890 189, Alan SA*\n");
	assert_string_equal(config_text(c, SWAN_OWN_ACCOUNTS), "FR7630006000011234567890189,Alan SA*");
	assert_string_equal(config_entry(c, SWAN_OWN_ACCOUNTS).value, "FR76***0189,Alan SA*");
	config_free(c);
}

/* As it will stand on the statement: 70 letters that become two each are 140, one more is too many. */
static void
config_measures_the_remittance_as_it_is_sent(void **state)
{
	static const struct {
		int letters;
		const char *more;
	} cases[] = {{63, "{period}"}, {64, "{period}"}, {66, "{period}"}, {70, ""}};
	char text[512], letters[160] = "";
	struct err e = {0};
	struct config *c;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		for (n = 0; n < cases[i].letters; n++)
			text_copy(letters + 2 * n, sizeof(letters) - 2 * (size_t)n, "\xD0\x96"); /* ZH */
		snprintf(text, sizeof(text), "%s[recovery]\nremittance = %s%s\n", HOME_CONFIG, letters,
		         cases[i].more);
		home_write("alanpay.ini", text);
		c = config_read("alanpay.ini", &e);
		if ((c != NULL) != (2 * cases[i].letters + (cases[i].more[0] != '\0' ? 7 : 0) <= 140))
			fail_msg("%d letters%s: %s", cases[i].letters, cases[i].more, e.message);
		config_free(c);
	}
	home_write("alanpay.ini", HOME_CONFIG "[recovery]\nremittance = \xE4\xBD\xA0\n");
	assert_null(config_read("alanpay.ini", &e));
	assert_int_equal(e.line, 8);
}

static void
keep_report(void *ctx, int line, const char *message)
{
	struct home_text *text = ctx;
	char whole[512];
	int n = snprintf(whole, sizeof(whole), "%d: %s\n", line, message);

	assert_int_equal(home_keep(text, whole, (size_t)n), 0);
}

/* Whoever corrects a file reads all of it at once, and nothing that is only a consequence. */
static void
config_reports_everything_that_is_wrong(void **state)
{
	struct home_text reports = {0};

	(void)state;
	home_write("alanpay.ini", "[creditor]\nname = A\niban = FR00\nidentifier =\n"
	                          "[bank]\ncutoff = 24:00\ncutof = 9:00\n two\nwords\n"
	                          "[banque]\ncutoff = 9:00\n[bank\nlead = 1\n"
	                          "[recovery]\nfreeze_after_days = 20\nremittance = {month} {period} {\n");
	assert_null(config_check("alanpay.ini", keep_report, &reports));
	assert_string_equal(reports.text, "3: iban: an IBAN of FR has 27 characters, this one has 4\n"
	                                  "6: cutoff: must be a time of day, HH:MM\n"
	                                  "7: unknown key cutof in [bank]; the nearest is cutoff in [bank]\n"
	                                  "8: the line begins with a blank: a value has one line\n"
	                                  "9: the line is neither [section] nor key = value\n"
	                                  "10: unknown section [banque]\n"
	                                  "12: the line is neither [section] nor key = value\n"
	                                  "4: identifier in [creditor] must be set\n"
	                                  "16: remittance: unknown placeholder {month}: use {period}\n"
	                                  "16: remittance: unknown placeholder {: use {period}\n"
	                                  "15: recovery_after_days must be more than freeze_after_days\n");
}

/* The generated file with the empty values of [creditor] filled in and every comment that hides a key taken away. */
static void
fill_in(const char *generated, bool reveal, char *text, size_t size)
{
	static const struct {
		const char *line, *filled;
	} fill[] = {{"name = \n", "name = Alan SA\n"},
	            {"identifier = \n", "identifier = FR72ZZZ123456\n"},
	            {"iban = \n", "iban = FR7630006000011234567890189\n"}};
	size_t used = 0, n, i;

	for (; *generated != '\0'; generated += n) {
		n = strcspn(generated, "\n") + 1;
		for (i = 0; i < 3 && strncmp(generated, fill[i].line, n) != 0; i++)
			;
		if (i < 3) {
			used += (size_t)snprintf(text + used, size - used, "%s", fill[i].filled);
		} else {
			size_t hidden = reveal && generated[0] == ';' && generated[1] != ' ';

			used += (size_t)snprintf(text + used, size - used, "%.*s", (int)(n - hidden),
			                         generated + hidden);
		}
		assert_true(used < size);
	}
}

static void
config_reads_what_it_generates_once_filled_in(void **state)
{
	static char text[32768];
	struct config *plain = home_config("[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\n"
	                                   "iban = FR7630006000011234567890189\n");
	struct home_text generated = {0};
	struct sink *s = sink_new(home_keep, &generated);
	struct err e = {0};

	(void)state;
	config_generate(s);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	home_write("alanpay.ini", generated.text);
	assert_null(config_read("alanpay.ini", &e));
	assert_true(e.line > 0);
	for (int reveal = 0; reveal < 2; reveal++) {
		struct config *c;

		fill_in(generated.text, reveal == 1, text, sizeof(text));
		c = home_config(text);
		for (int key = 0; key < CONFIG_KEYS; key++)
			assert_string_equal(config_text(c, (enum config_key)key),
			                    config_text(plain, (enum config_key)key));
		config_free(c);
	}
	config_free(plain);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(config_takes_what_is_set_and_the_defaults),
	    IN_HOME(config_is_careful_by_default),
	    IN_HOME(config_names_the_line_of_what_is_wrong),
	    IN_HOME(config_takes_plain_addresses_in_a_test_environment_only),
	    IN_HOME(config_knows_swan_by_default),
	    IN_HOME(config_lets_no_member_make_an_appointment_by_default),
	    IN_HOME(config_takes_no_empty_value_for_a_key_that_needs_one),
	    IN_HOME(config_takes_an_empty_value_where_nothing_is_the_default),
	    IN_HOME(config_refuses_a_line_that_is_too_long),
	    IN_HOME(config_says_when_there_is_no_file),
	    IN_HOME(config_keeps_semicolons_in_values),
	    IN_HOME(config_hides_what_may_be_a_secret),
	    IN_HOME(config_shows_where_values_come_from_and_no_iban),
	    IN_HOME(config_takes_an_iban_as_people_write_it),
	    IN_HOME(config_measures_the_remittance_as_it_is_sent),
	    IN_HOME(config_reports_everything_that_is_wrong),
	    IN_HOME(config_reads_what_it_generates_once_filled_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
