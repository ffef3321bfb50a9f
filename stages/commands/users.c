/* alanpay users, cards, dev: what Swan does for one member, asked for by hand. The commands without Swan are in members.c.
 *
 * reads    its options; the code of a phone from standard input
 * writes   phone_verification, onboarding, account_membership (core/enrol/)
 * rerun    goes on where it was; an onboarding that is done prints its result and asks nothing
 * holds    nothing; a rejection of Swan ends with its own message
 */
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/json.h"
#include "formats/text.h"
#include "stages/commands/program.h"
#include "stages/commands/swanuser.h"
#include "stages/core/engine/options.h"
#include "stages/core/enrol/onboarding.h"
#include "stages/core/enrol/verification.h"
#include "stages/core/lists/listing.h"
#include "stages/core/members/profile.h"

#define MOST_CODE 12

/* A field that is not valid, before anything is asked of Swan. */
static void
require(int rc, const char *field, const struct err *e)
{
	if (rc < 0)
		die_code(EXIT_REFUSED, e->code, "%s: %s (%s)", field, e->message, e->code);
}

int64_t
swanuser_profile(struct run *r, bool may_be_offboarded)
{
	const char *app = options_value(r, "app-id"), *user = options_value(r, "app-user-id");
	int64_t profile = profile_find(r, app, user);

	if (profile == 0)
		die_code(EXIT_ABSENT, ERR_PROFILE_NOT_FOUND,
		         "Profile not found for app [%s] and user [%s] (%s)", app, user,
		         ERR_PROFILE_NOT_FOUND);
	if (!may_be_offboarded && profile_is_offboarded(r, profile))
		die_code(EXIT_REFUSED, ERR_PROFILE_OFFBOARDED, "the member was offboarded (%s)",
		         ERR_PROFILE_OFFBOARDED);
	return profile;
}

/* Output ------------------------------------------------------------------------------------------------------- */

/* A document of texts; NULL values are null. Swan has been asked: where nobody reads them, that is an error, not a death. */
static void
print_texts(struct run *r, const char *const names[], const char *const values[], size_t n)
{
	struct sink *s = listing_stdout();
	struct json j = {.sink = s, .indent = r->format != FORMAT_JSONL};
	size_t i;

	signal(SIGPIPE, SIG_IGN);
	json_open(&j, NULL, '{');
	for (i = 0; i < n; i++)
		json_put_text(&j, names[i], values[i]);
	json_close(&j, '}');
	if (r->format == FORMAT_JSONL)
		sink_text(s, "\n");
	listing_stdout_end(s);
}

/* Verification --------------------------------------------------------------------------------------------------- */

static void
start_verification(struct run *r)
{
	static const char *const names[] = {"request_id"};
	const char *phone = options_value(r, "phone"), *language = options_value(r, "lang"), *values[1];
	char request[SWAN_ID + 1];
	struct caller swan;
	struct err e = {0};

	run_require_clock(r);
	require(contact_check_phone(phone, &e), "phone", &e);
	require(contact_check_language(language, &e), "lang", &e);
	caller_open(&swan, r);
	verification_start(&swan, phone, language, request);
	caller_close(&swan);
	values[0] = text_or_null(request);
	print_texts(r, names, values, 1);
	if (r->dry_run)
		info("dry run: no code is sent");
}

/* Onboarding ------------------------------------------------------------------------------------------------------ */

struct code {
	char text[MOST_CODE + 2];
};

/* One line of digits. */
static const char *
read_code(void *ctx)
{
	struct code *c = ctx;
	size_t n;

	if (isatty(STDIN_FILENO))
		fprintf(stderr, "code: ");
	if (fgets(c->text, sizeof(c->text), stdin) == NULL)
		die_code(EXIT_REFUSED, ERR_MISSING_FIELD, "otp: standard input has no code (%s)",
		         ERR_MISSING_FIELD);
	c->text[strcspn(c->text, "\r\n")] = '\0';
	n = strspn(c->text, "0123456789");
	if (n == 0 || n > MOST_CODE || c->text[n] != '\0')
		die_code(EXIT_REFUSED, ERR_BAD_FIELD, "otp: must be 1 to %d digits (%s)", MOST_CODE,
		         ERR_BAD_FIELD);
	return c->text;
}

static void
check_id(const char *field, const char *text)
{
	struct err e = {0};

	if (text_is_blank(text) || strlen(text) > SWAN_ID || text_has_control(text))
		require(err_set(&e, ERR_BAD_FIELD, "is not a valid id"), field, &e);
}

static void
take_person(struct run *r, struct onboarding_request *q)
{
	struct err e = {0};
	date born;

	q->request_id = options_value(r, "request-id");
	q->first_name = options_value(r, "first-name");
	q->last_name = options_value(r, "last-name");
	q->birth_date = options_value(r, "birth-date");
	q->email = options_value(r, "email");
	q->language = options_value(r, "lang");
	check_id("request-id", q->request_id);
	require(contact_check_name(q->first_name, &e), "first-name", &e);
	require(contact_check_name(q->last_name, &e), "last-name", &e);
	require(contact_parse_birth_date(q->birth_date, r->on, &born, &e), "birth-date", &e);
	require(contact_check_email(q->email, &e), "email", &e);
	require(contact_check_language(q->language, &e), "lang", &e);
}

static void
print_onboarded(struct run *r, int64_t profile, const struct onboarding_result *result)
{
	static const char *const names[] = {"profile_id", "account_membership_id", "card_id"};
	char id[UUID_TEXT];
	const char *const values[] = {store_uuid_print(r->db, UUID_PROFILE, 0, profile, id),
	                              text_or_null(result->membership), text_or_null(result->card)};

	print_texts(r, names, values, 3);
	if (r->dry_run && result->rehearsed != NULL)
		info("dry run: the next change at Swan is %s; it is not sent", result->rehearsed);
}

static void
onboard(struct run *r)
{
	struct code code = {.text = ""};
	struct onboarding_request q = {.read_code = read_code, .ctx = &code};
	struct onboarding_result result;
	struct caller swan;

	run_require_clock(r);
	take_person(r, &q);
	q.profile = swanuser_profile(r, false);
	onboarding_require_configuration(r);
	caller_open(&swan, r);
	onboarding_run(&swan, &q, &result);
	caller_close(&swan);
	OPENSSL_cleanse(&code, sizeof(code));
	print_onboarded(r, q.profile, &result);
}

static const struct option_spec verification_options[] = {
    {.name = "phone",
     .arg = "NUMBER",
     .help = "phone number with its country: +33612345678",
     .is_needed = true},
    {.name = "lang", .arg = "en|fr|es|nl", .help = "language of the message", .is_needed = true},
    {0},
};

static const struct option_spec onboard_options[] = {
    SWANUSER_MEMBER,
    {.name = "request-id", .arg = "ID", .help = "as the verification printed it", .is_needed = true},
    {.name = "otp-stdin", .help = "the code is on standard input, where it is read in any case"},
    {.name = "first-name", .arg = "NAME", .help = "first name, as in an identity card", .is_needed = true},
    {.name = "last-name", .arg = "NAME", .help = "last name", .is_needed = true},
    {.name = "birth-date", .arg = "DAY", .help = "day of birth", .is_needed = true},
    {.name = "email", .arg = "ADDRESS", .help = "email address", .is_needed = true},
    {.name = "lang", .arg = "en|fr|es|nl", .help = "language of the membership", .is_needed = true},
    {0},
};

static const struct option_spec numbers_options[] = {
    SWANUSER_MEMBER,
    {.name = "fd", .arg = "N", .help = "print to this open descriptor instead of the terminal"},
    {.name = "consent-id", .arg = "ID", .help = "a consent that the member gave"},
    {0},
};

static const struct option_spec reset_options[] = {
    {.name = "app-user-id", .arg = "USER", .help = "user of the application", .is_needed = true},
    {.name = "app-id", .arg = "APP", .help = "application, if several have this user"},
    {.name = "app-user-email", .arg = "ADDRESS", .help = "disable Swan's memberships of this address first"},
    {0},
};

const struct command program_commands[] = {USERS_COMMANDS(PROGRAM_ROW){0}};
