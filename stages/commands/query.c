/* alanpay query: answers the questions of other components, under the names that they know. The answer is JSON unless
 * --format says otherwise; CSV has the same keys as columns, nested ones with a point. What does not exist is null, an
 * empty list or exit 66; a text that is not a valid id is wrong usage (64).
 */
#include <stdio.h>
#include <string.h>

#include "formats/merchant_category.h"
#include "formats/money.h"
#include "stages/commands/command.h"
#include "stages/core/api/query.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/options.h"
#include "stages/core/members/profile.h"

static void
print_query(struct run *r, enum question question, struct about about)
{
	struct query a = query_prepare(r, question, about);

	query_print(r, &a);
}

/* An answer with IBANs, which --unmask shows in full. */
static void
print_unmasked(struct run *r, enum question question, struct about about)
{
	r->unmasked = options_value(r, "unmask") != NULL;
	print_query(r, question, about);
}

static bool
has_rows(struct run *r, enum question question, struct about about)
{
	struct query a = query_prepare(r, question, about);

	return query_has_rows(&a);
}

/* The member that the options name; profile 0: not declared. */
static struct about
query_find_member(struct run *r)
{
	return (struct about){
	    .profile = profile_find(r, options_value(r, "app-id"), options_value(r, "app-user-id"))};
}

static struct uuid
parse_id(const char *option, const char *text)
{
	struct err e = {0};
	struct uuid id;

	if (uuid_parse(text, &id, &e) < 0)
		die(EXIT_USAGE, "--%s: `%s` is not a valid id: 8-4-4-4-12 hex digits", option, text);
	return id;
}

/* Takes a public id apart. False when it is not an id of this kind from this database. */
static bool
take_id(struct run *r, const char *option, enum uuid_kind kind, uint32_t *owner, uint32_t *number)
{
	struct uuid id = parse_id(option, options_value(r, option));

	return uuid_split(&id, store_id(r->db), kind, owner, number);
}

/* The number of a session by its id or code; 0: it does not exist. Another text is wrong usage. */
static int64_t
take_session(struct run *r)
{
	const char *text = options_value(r, "recovery-session-id");
	struct err e = {0};
	struct session s;
	struct uuid id;

	if (session_find(r, text, &s))
		return s.number;
	if (!session_is_code(text) && uuid_parse(text, &id, &e) < 0)
		die(EXIT_USAGE,
		    "--recovery-session-id: `%s` is not a valid session id or code: `%s` lists them", text,
		    run_command(r, "recovery list_sessions"));
	return 0;
}

/* Profiles ----------------------------------------------------------------------------------------------- */

static struct about
require_profile(struct run *r, const char *option)
{
	struct about about = {0};
	uint32_t owner, number;

	if (take_id(r, option, UUID_PROFILE, &owner, &number))
		about.profile = number;
	if (!has_rows(r, QUESTION_PROFILE, about))
		die(EXIT_ABSENT, "the profile %s does not exist", options_value(r, option));
	return about;
}

static void
get_alan_balance(struct run *r)
{
	print_query(r, QUESTION_BALANCE, query_find_member(r));
}

static void
get_profile(struct run *r)
{
	print_query(r, QUESTION_PROFILE, query_find_member(r));
}

static void
get_profile_by_id(struct run *r)
{
	print_query(r, QUESTION_PROFILE, require_profile(r, "id"));
}

static void
get_profiles(struct run *r)
{
	print_query(r, QUESTION_PROFILES, (struct about){.app_id = options_value(r, "app-id")});
}

static void
has_card_provisioning(struct run *r)
{
	print_query(r, QUESTION_PROVISIONING, require_profile(r, "profile-id"));
}

/* Transactions and payments ------------------------------------------------------------------------------ */

static void
get_alan_balance_transactions(struct run *r)
{
	struct about about = query_find_member(r);
	const char *text;
	struct uuid id;
	int i;

	if (options_value(r, "transaction-id") == NULL) {
		print_unmasked(r, QUESTION_TRANSACTIONS, about);
		return;
	}
	query_choose(r);
	for (i = 0; (text = options_values(r, "transaction-id", i)) != NULL; i++) {
		id = parse_id("transaction-id", text);
		query_choose_id(r, about.profile, &id);
	}
	print_unmasked(r, QUESTION_CHOSEN_TRANSACTIONS, (struct about){0});
}

static void
get_alan_balance_transactions_by_external_id(struct run *r)
{
	const char *id;
	int i;

	query_choose(r);
	for (i = 0; (id = options_values(r, "external-transaction-id", i)) != NULL; i++)
		query_choose_external(r, id);
	print_unmasked(r, QUESTION_CHOSEN_TRANSACTIONS, (struct about){0});
}

#define USUAL_PAYMENTS 10
#define MOST_PAYMENTS  1000000

static void
get_latest_payments(struct run *r)
{
	const char *text = options_value(r, "limit");
	struct about about = query_find_member(r);
	struct err e = {0};

	about.limit = USUAL_PAYMENTS;
	if (text != NULL &&
	    (money_parse_cents(text, &about.limit, &e) < 0 || about.limit < 0 || about.limit > MOST_PAYMENTS))
		die(EXIT_USAGE, "--limit: `%s` is not a number from 0 to %d", text, MOST_PAYMENTS);
	print_query(r, QUESTION_LATEST_PAYMENTS, about);
}

/* Debts and sessions ------------------------------------------------------------------------------------- */

static void
get_next_recovery_session(struct run *r)
{
	print_query(r, QUESTION_NEXT_SESSION, (struct about){.on = r->on});
}

static void
get_next_recovery_debt(struct run *r)
{
	print_unmasked(r, QUESTION_NEXT_DEBT,
	               (struct about){.profile = query_find_member(r).profile, .on = r->on});
}

static void
get_recovery_debt(struct run *r)
{
	struct about about = query_find_member(r);

	about.session = take_session(r);
	print_unmasked(r, QUESTION_DEBT, about);
}

static void
get_recovery_debt_by_id(struct run *r)
{
	struct about about = {0};
	uint32_t profile, session;

	if (take_id(r, "id", UUID_DEBT, &profile, &session))
		about = (struct about){.profile = profile, .session = session};
	if (!has_rows(r, QUESTION_DEBT, about))
		die(EXIT_ABSENT, "the recovery debt %s does not exist", options_value(r, "id"));
	print_unmasked(r, QUESTION_DEBT, about);
}

static void
get_recovery_debts(struct run *r)
{
	struct about about = {.session = take_session(r)};

	if (!has_rows(r, QUESTION_SESSION, about))
		die(EXIT_ABSENT, "the recovery session %s does not exist: `%s` lists them",
		    options_value(r, "recovery-session-id"), run_command(r, "recovery list_sessions"));
	print_unmasked(r, QUESTION_DEBTS_OF_SESSION, about);
}

static void
get_recovery_debts_for_user(struct run *r)
{
	print_unmasked(r, QUESTION_DEBTS_OF_MEMBER, query_find_member(r));
}

/* Not from the books ------------------------------------------------------------------------------------- */

static enum merchant_category_lang
take_lang(struct run *r)
{
	const char *lang = options_value(r, "lang");

	if (lang == NULL || strcmp(lang, "en") == 0)
		return MERCHANT_CATEGORY_EN;
	if (strcmp(lang, "fr") != 0)
		die(EXIT_USAGE, "--lang: `%s` is not a valid language: use en or fr", lang);
	return MERCHANT_CATEGORY_FR;
}

/* JSON is an object with a key for each code; tables and CSV have a row for each, in both languages. */
static void
get_merchant_category_code_descriptions(struct run *r)
{
	enum merchant_category_lang lang = take_lang(r);
	enum format format = query_format(r);
	struct sink *s = listing_stdout();
	struct json j = {.sink = s, .indent = format == FORMAT_JSON};
	char code[5] = "";

	if (format == FORMAT_TABLE || format == FORMAT_CSV) {
		query_load_merchant_categories(r);
		listing_write(r, &query_merchant_categories, listing_query(r, &query_merchant_categories),
		              format, s);
	} else {
		json_open(&j, NULL, '{');
		while (merchant_category_next(code))
			json_put_text(&j, code, merchant_category_label(code, lang));
		json_close(&j, '}');
		sink_text(s, format == FORMAT_JSONL ? "\n" : "");
	}
	listing_stdout_end(s);
}

static void
is_support_appointment_scheduling_enabled(struct run *r)
{
	struct query a = query_scheduling(r);

	query_print(r, &a);
}

/* -------------------------------------------------------------------------------------------------------- */

#define APP                                                                              \
	{                                                                                \
		.name = "app-id", .arg = "APP", .help = "application", .is_needed = true \
	}
#define MEMBER                                                                                             \
	APP,                                                                                               \
	{                                                                                                  \
		.name = "app-user-id", .arg = "USER", .help = "user of the application", .is_needed = true \
	}
#define SESSION                                                                                       \
	{                                                                                             \
		.name = "recovery-session-id", .arg = "ID|CODE", .help = "id or code of the session", \
		.is_needed = true                                                                     \
	}
#define UNMASK                                                  \
	{                                                       \
		.name = "unmask", .help = "print IBANs in full" \
	}

static const struct option_spec app_options[] = {APP, {0}};
static const struct option_spec member_options[] = {MEMBER, {0}};
static const struct option_spec debts_options[] = {MEMBER, UNMASK, {0}};
static const struct option_spec debt_options[] = {MEMBER, SESSION, UNMASK, {0}};
static const struct option_spec session_options[] = {SESSION, UNMASK, {0}};

static const struct option_spec transactions_options[] = {
    MEMBER,
    {.name = "transaction-id",
     .arg = "ID",
     .help = "only this transaction; repeat for more",
     .is_repeatable = true},
    UNMASK,
    {0},
};

static const struct option_spec external_options[] = {
    {.name = "external-transaction-id",
     .arg = "ID",
     .help = "id of the external transaction; repeat for more",
     .is_needed = true,
     .is_repeatable = true},
    UNMASK,
    {0},
};

static const struct option_spec payments_options[] = {
    MEMBER,
    {.name = "limit", .arg = "N", .help = "number of payments at most (default 10)"},
    {0},
};

static const struct option_spec profile_options[] = {
    {.name = "id", .arg = "ID", .help = "id of the profile", .is_needed = true},
    {0},
};

static const struct option_spec provisioning_options[] = {
    {.name = "profile-id", .arg = "ID", .help = "id of the profile", .is_needed = true},
    {0},
};

static const struct option_spec debt_id_options[] = {
    {.name = "id", .arg = "ID", .help = "id of the debt", .is_needed = true},
    UNMASK,
    {0},
};

static const struct option_spec lang_options[] = {
    {.name = "lang",
     .arg = "en|fr",
     .help = "language of the descriptions in JSON (default en); CSV and tables have both"},
    {0},
};

#define QUERY(function, purpose, options)                                          \
	{                                                                          \
		"query " #function, purpose, ACCESS_READS, options, function, NULL \
	}

const struct command query_commands[] = {
    QUERY(get_alan_balance, "print the balance of a member in cents; negative: the member owes",
          member_options),
    QUERY(get_alan_balance_transactions, "list the balance transactions of a member, oldest first",
          transactions_options),
    QUERY(get_alan_balance_transactions_by_external_id, "list balance transactions by their external ids",
          external_options),
    QUERY(get_latest_payments, "list the card payments of a member, newest first", payments_options),
    QUERY(get_merchant_category_code_descriptions, "list the descriptions of merchant category codes",
          lang_options),
    QUERY(get_next_recovery_session, "print the session with the next recovery date, today included", NULL),
    QUERY(get_next_recovery_debt, "print the debt of a member in the next session", debts_options),
    QUERY(get_recovery_debt, "print the debt of a member in a session", debt_options),
    QUERY(get_recovery_debts_for_user, "list the debts of a member", debts_options),
    QUERY(get_recovery_debts, "list the debts of a session", session_options),
    QUERY(get_recovery_debt_by_id, "print a debt by its id", debt_id_options),
    QUERY(get_profile_by_id, "print a profile by its id", profile_options),
    QUERY(get_profile, "print the profile of a member", member_options),
    QUERY(get_profiles, "list the profiles of an application", app_options),
    QUERY(has_card_provisioning, "print whether a member has a card in a wallet", provisioning_options),
    QUERY(is_support_appointment_scheduling_enabled, "print whether members can make an appointment", NULL),
    {0},
};
