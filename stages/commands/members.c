/* alanpay profiles, mandates, users, transactions: the requests that other components send by file, made by hand.
 *
 * reads    its options; a line of standard input for each option of a debtor that is -, in their order in --help
 * writes   what the operation of core/api/request.c writes, and its answer in request
 * rerun    the same command again is a duplicate and prints the first result; a rejected request may be repeated
 * holds    nothing: a rejected request ends 65, one for a member who is not declared 66; neither leaves a row
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/json.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/commands/typed.h"
#include "stages/core/api/query.h"
#include "stages/core/api/request.h"
#include "stages/core/engine/options.h"
#include "stages/core/lists/listing.h"
#include "stages/core/members/mandate.h"

/* From argv to a record -------------------------------------------------------------------------------------- */

#define REQUESTED    "requested-amount-in-cents"
#define LONGEST_LINE 512 /* from standard input */
#define FIELD_NAME   32

struct asking {
	const struct run *r;
	struct request q;
	char field[REQUEST_MAX_FIELDS][FIELD_NAME]; /* as `q` names them */
	char amount[MONEY_TEXT];
	char line[REQUEST_MAX_FIELDS][LONGEST_LINE];
	char *list; /* JSON, freed */
};

/* What the process list would show of a person. */
static bool
is_personal(const char *option)
{
	return strncmp(option, "debtor-", strlen("debtor-")) == 0 || strcmp(option, "ultimate-debtor") == 0;
}

/* The next line of standard input. A terminal is asked for it. */
static const char *
read_value(const struct option_spec *o, char line[LONGEST_LINE])
{
	if (isatty(STDIN_FILENO))
		fprintf(stderr, "--%s: ", o->name);
	if (fgets(line, LONGEST_LINE, stdin) == NULL)
		die(EXIT_REFUSED, "standard input has no line for --%s", o->name);
	if (strchr(line, '\n') == NULL && !feof(stdin))
		die(EXIT_REFUSED, "--%s: the line on standard input has more than %d bytes", o->name,
		    LONGEST_LINE - 2);
	line[strcspn(line, "\r\n")] = '\0';
	return line;
}

/* All values of a repeatable option as JSON: ["a","b"] */
static const char *
make_list(struct asking *a, const char *option)
{
	struct sink_text text = {.size = 8};
	struct json j = {0};
	const char *value;
	int i;

	for (i = 0; (value = options_values(a->r, option, i)) != NULL; i++)
		text.size += 6 * strlen(value) + 3; /* the most that its escapes need */
	text.at = a->list = memory_check(malloc(text.size));
	j.sink = sink_into(&text);
	json_open(&j, NULL, '[');
	for (i = 0; (value = options_values(a->r, option, i)) != NULL; i++)
		json_put_text(&j, NULL, value);
	json_close(&j, ']');
	if (sink_end(j.sink, NULL, NULL) < 0)
		die(EXIT_BUG, "a list is longer than its room");
	return a->list;
}

/* A field has the name of its option, with _ for -. Two have other names. */
static const char *
name_field(const char *option, char field[FIELD_NAME])
{
	char *at;

	if (strcmp(option, "transaction-id") == 0)
		return "transaction_ids";
	if (strcmp(option, "sent-at") == 0)
		return "push_notification_sent_at";
	if (text_copy(field, FIELD_NAME, option) < 0)
		die(EXIT_BUG, "--%s: the name of its field is too long", option);
	for (at = field; *at != '\0'; at++)
		if (*at == '-')
			*at = '_';
	return field;
}

static bool
is_amount(const struct option_spec *o)
{
	return strcmp(o->name, "amount") == 0 || strcmp(o->name, REQUESTED) == 0;
}

static void
take_amount(struct asking *a)
{
	snprintf(a->amount, sizeof(a->amount), "%lld", (long long)typed_amount(a->r, REQUESTED));
	a->q.field[a->q.n].name = name_field(REQUESTED, a->field[a->q.n]);
	a->q.field[a->q.n++].value = a->amount;
}

static void
take_option(struct asking *a, const struct option_spec *o, const char *value)
{
	struct request *q = &a->q;

	if (strcmp(o->name, "app-id") == 0) {
		q->app_id = value;
	} else if (strcmp(o->name, "app-user-id") == 0) {
		q->app_user_id = value;
	} else if (strcmp(o->name, "message-id") == 0) {
		if (!request_is_message_id(value))
			die(EXIT_USAGE, "--message-id takes 1 to 64 characters of A-Z a-z 0-9 . _ : -");
		q->message_id = value;
	} else {
		if (strcmp(o->name, "amount") == 0 || strcmp(o->name, REQUESTED) == 0) {
			snprintf(a->amount, sizeof(a->amount), "%lld",
			         (long long)typed_amount(a->r, REQUESTED));
			value = a->amount;
		}
		if (is_personal(o->name) && strcmp(value, "-") == 0)
			value = read_value(o, a->line[q->n]);
		q->field[q->n].name = name_field(o->name, a->field[q->n]);
		q->field[q->n++].value = o->is_repeatable ? make_list(a, o->name) : value;
	}
}

static void
print_answer(struct run *r, const struct request_answer *a)
{
	if (operation_is_rejected(a))
		die_code(err_is(&a->why, ERR_PROFILE_NOT_FOUND) ? EXIT_ABSENT : EXIT_REFUSED, a->why.code,
		         "%s%s%s (%s)", a->field, a->field[0] == '\0' ? "" : ": ", a->why.message,
		         a->why.code);
	printf("%s\n", a->result == NULL ? "null" : a->result);
	if (!err_is(&a->why, ERR_OK))
		info("%s: %s (%s)", answer_status_word(a->status), a->why.message, a->why.code);
	else if (a->status == ANSWER_DUPLICATE)
		info("this request was made before: nothing changed");
	if (r->dry_run)
		info(DRY_RUN_NOTE);
}

static void
members_ask(struct run *r, const char *op)
{
	struct asking a = {.r = r, .q.op = op};
	struct request_answer answer;
	int i;

	run_require_clock(r);
	for (i = 0; r->options[i].name != NULL; i++)
		if (strcmp(r->options[i].name, REQUESTED) == 0)
			take_amount(&a);
		else if (r->option[i] != NULL && !is_amount(&r->options[i]))
			take_option(&a, &r->options[i], r->option[i]);
	request_make(r, &a.q, &answer);
	free(a.list);
	print_answer(r, &answer);
	request_answer_free(&answer);
}

static void
declare_profile(struct run *r)
{
	members_ask(r, "declare_profile");
}

static void
declare_mandate(struct run *r)
{
	members_ask(r, "declare_sepa_mandate");
}

static void
link_membership(struct run *r)
{
	members_ask(r, "link_account_membership");
}

static void
offboard(struct run *r)
{
	members_ask(r, "offboard_user");
}

static void
request_external(struct run *r)
{
	members_ask(r, "request_external_transaction");
}

static void
set_push_date(struct run *r)
{
	members_ask(r, "set_push_notification_date_for_external_transactions");
}

/* Lists ------------------------------------------------------------------------------------------------------- */

static const struct column profile_columns[] = {
    {.name = "id", .type = COLUMN_ID, .kind = UUID_PROFILE},
    {.name = "app_id", .head = "app"},
    {.name = "app_user_id", .head = "user"},
    {.name = "status"},
    {.name = "provisioning_push_notification_sent_at", .type = COLUMN_INSTANT, .head = "reminded"},
    {0},
};

static const struct listing profiles = {
    .name = "profiles list",
    .columns = profile_columns,
    .text = SQL(
	"SELECT * FROM query_profile"
	" WHERE app_id = coalesce($app, app_id) AND app_user_id = coalesce($user, app_user_id)"
	" ORDER BY id"),
};

static const struct column mandate_columns[] = {
    {.name = "unique_mandate_reference", .head = "reference"},
    {.name = "version", .type = COLUMN_COUNT},
    {.name = "status"},
    {.name = "why", .head = "reason"},
    {.name = "app_id", .head = "app"},
    {.name = "app_user_id", .head = "user"},
    {.name = "debtor_name", .head = "debtor"},
    {.name = "debtor_iban", .type = COLUMN_IBAN, .head = "IBAN"},
    {.name = "debtor_country", .head = "country"},
    {.name = "signature_date", .type = COLUMN_DAY, .head = "signed"},
    {.name = "last_due_date", .type = COLUMN_DAY, .head = "last used"},
    {.name = "unblocked_by"},
    {.name = "unblocked_identity", .head = "known by"},
    {0},
};

static const struct listing mandates = {
    .name = "mandates list",
    .columns = mandate_columns,
    .text = SQL(
	"SELECT m.reference AS unique_mandate_reference, m.version, " SQL_MANDATE_STATUS("m") " AS status, m.why,"
	"  p.app_id, p.app_user_id,"
	"  m.debtor_name, m.iban AS debtor_iban, m.country AS debtor_country, m.signed_on AS signature_date,"
	"  m.last_due_on AS last_due_date, m.unblocked_by, m.unblocked_identity"
	" FROM mandate m"
	" JOIN profile p ON p.number = m.profile_number"
	" WHERE p.app_id = coalesce($app, p.app_id) AND p.app_user_id = coalesce($user, p.app_user_id)"
	"  AND (m.status <> 'superseded' OR $all = 1)"
	" ORDER BY m.number"),
};

static void
bind_member(struct run *r, struct stmt *q)
{
	bind_text(q, "$app", options_value(r, "app-id"));
	bind_text(q, "$user", options_value(r, "app-user-id"));
}

static void
list_profiles(struct run *r)
{
	struct stmt *q = listing_query(r, &profiles);

	bind_member(r, q);
	listing_print(r, &profiles, q);
}

static void
list_mandates(struct run *r)
{
	struct stmt *q = listing_query(r, &mandates);

	bind_member(r, q);
	bind_int(q, "$all", options_value(r, "all") != NULL);
	bind_date(q, "$dead_before", mandate_dead_before(r->on));
	listing_print(r, &mandates, q);
}

static const struct column unblocked_columns[] = {
    {.name = "unique_mandate_reference"},
    {.name = "changed", .type = COLUMN_BOOL},
    {.name = "lifted_status"},
    {.name = "lifted_reason"},
    {.name = "lifted_reason_label"},
    {.name = "lifted_failures", .type = COLUMN_COUNT},
    {0},
};

static const struct listing unblocked = {
    .name = "mandates unblock",
    .columns = unblocked_columns,
    .text = SQL(
	"SELECT CAST($reference AS TEXT) AS unique_mandate_reference,"
	"  CAST($changed AS BIGINT) AS changed,"
	"  CAST($status AS TEXT) AS lifted_status,"
	"  CAST($why AS TEXT) AS lifted_reason,"
	"  CAST($label AS TEXT) AS lifted_reason_label,"
	"  CAST($failures AS BIGINT) AS lifted_failures"),
};

/* The label of a bank's reason, which may be one of debits or one of refunds: a mandate has only its code. */
static const char *
label_of(const char *code)
{
	const struct reason *reason = reason_find(REASON_OF_DEBIT, code);

	if (reason == NULL)
		reason = reason_find(REASON_OF_REFUND, code);
	return reason == NULL ? NULL : reason->label_en;
}

static void
print_unblocked(struct run *r, const char *reference, const struct mandate_lifted *was)
{
	const char *label = label_of(was->why);
	struct stmt *q;

	if (r->format != FORMAT_TABLE) {
		q = listing_query(r, &unblocked);
		bind_text(q, "$reference", reference);
		bind_int(q, "$changed", was->status != MANDATE_NONE || was->failures > 0);
		bind_int(q, "$failures", was->failures);
		bind_text(q, "$status", text_or_null(mandate_status_word(was->status)));
		bind_text(q, "$why", text_or_null(was->why));
		bind_text(q, "$label", label);
		listing_print_one(r, &unblocked, q);
	} else if (was->status == MANDATE_NONE && was->failures == 0) {
		printf("mandate %s is active: nothing changed\n", reference);
	} else if (was->status == MANDATE_NONE) {
		printf("mandate %s was active; %lld failure%s of its member %s not count any more\n",
		       reference, (long long)was->failures, text_plural(was->failures),
		       was->failures == 1 ? "does" : "do");
	} else {
		printf("mandate %s is active again; it was %s after %s%s%s\n", reference,
		       mandate_status_word(was->status), was->why, label == NULL ? "" : ": ",
		       label == NULL ? "" : label);
	}
}

static void
unblock(struct run *r)
{
	const char *reference = options_value(r, "unique-mandate-reference");
	struct mandate_lifted was;
	struct err e = {0};

	run_require_clock(r);
	tx_begin(r->db);
	if (mandate_unblock(r, reference, &was, &e) < 0)
		die(err_is(&e, ERR_MANDATE_NOT_FOUND) ? EXIT_ABSENT : EXIT_REFUSED, "%s", e.message);
	tx_commit(r->db);
	if (!r->quiet)
		print_unblocked(r, reference, &was);
	if (r->dry_run)
		info(DRY_RUN_NOTE);
}

/* Options ----------------------------------------------------------------------------------------------------- */

#define NEEDED(option, type, text)                                                 \
	{                                                                          \
		.name = (option), .arg = (type), .help = (text), .is_needed = true \
	}
#define MEMBER \
	NEEDED("app-id", "APP", "application"), NEEDED("app-user-id", "USER", "user of the application")
#define MESSAGE_ID                                                                         \
	{                                                                                  \
		.name = "message-id", .arg = "ID",                                         \
		.help = "id of the request, never reused (default: made from its content)" \
	}
#define SOME_MEMBER                                                               \
	{.name = "app-id", .arg = "APP", .help = "only of this application"},     \
	{                                                                         \
		.name = "app-user-id", .arg = "USER", .help = "only of this user" \
	}
#define REFERENCE NEEDED("unique-mandate-reference", "RUM", "reference of the mandate")

static const struct option_spec member_options[] = {MEMBER, MESSAGE_ID, {0}};
static const struct option_spec list_options[] = {SOME_MEMBER, {0}};
static const struct option_spec mandate_list_options[] = {
    SOME_MEMBER, {.name = "all", .help = "also superseded mandates"}, {0}};
static const struct option_spec unblock_options[] = {REFERENCE, {0}};

static const struct option_spec mandate_options[] = {
    MEMBER,
    NEEDED("debtor-name", "NAME", "name of the account holder, as signed; - reads it from standard input"),
    NEEDED("debtor-iban", "IBAN", "IBAN; - reads it from the next line of standard input"),
    NEEDED("debtor-country", "COUNTRY", "country: FR, FRA or France"),
    REFERENCE,
    NEEDED("signature-date", "DAY", "day of the signature"),
    {.name = "debtor-bic",
     .arg = "BIC",
     .help = "BIC of the account: needed outside the EEA, as is the town"},
    {.name = "debtor-street", .arg = "TEXT", .help = "street"},
    {.name = "debtor-building", .arg = "TEXT", .help = "number of the building"},
    {.name = "debtor-postcode", .arg = "TEXT", .help = "postcode"},
    {.name = "debtor-town", .arg = "TEXT", .help = "town"},
    {.name = "debtor-address-line-1",
     .arg = "TEXT",
     .help = "line of a hybrid address, without postcode and town"},
    {.name = "debtor-address-line-2", .arg = "TEXT", .help = "second line"},
    {.name = "ultimate-debtor", .arg = "NAME", .help = "who uses the card, when another person pays"},
    MESSAGE_ID,
    {0},
};

static const struct option_spec link_options[] = {
    MEMBER, NEEDED("account-membership-id", "ID", "id of the membership at Swan"), MESSAGE_ID, {0}};

static const struct option_spec external_options[] = {
    MEMBER,
    NEEDED("transaction-date", "WHEN", "day or instant (RFC 3339)"),
    TYPED_AMOUNT,
    {.name = REQUESTED,
     .arg = "CENTS",
     .help = "the same in cents, for programs; at most the open debt is reduced"},
    NEEDED("external-transaction-id", "ID", "your id, unique in the application and never reused"),
    MESSAGE_ID,
    {0},
};

static const struct option_spec push_options[] = {
    {.name = "transaction-id",
     .arg = "ID",
     .help = "id of an external transaction; repeat for more",
     .is_needed = true,
     .is_repeatable = true},
    NEEDED("sent-at", "RFC3339", "instant of the notification"),
    MESSAGE_ID,
    {0},
};

const struct command members_commands[] = {
    {"profiles declare", "declare a member of an application", ACCESS_CHANGES, member_options,
     declare_profile, NULL},
    {"profiles list", "list the members", ACCESS_READS, list_options, list_profiles, NULL},
    {"mandates declare", "declare a signed mandate; it supersedes the older one of the member",
     ACCESS_CHANGES, mandate_options, declare_mandate, NULL},
    {"mandates list", "list the mandates, IBANs masked", ACCESS_READS, mandate_list_options, list_mandates,
     NULL},
    {"mandates unblock", "make a suspended or blocked mandate active again", ACCESS_CHANGES, unblock_options,
     unblock, NULL},
    {"users link-account-membership", "link a Swan account membership to a member", ACCESS_CHANGES,
     link_options, link_membership, NULL},
    {"users offboard", "offboard a member, who still pays what is owed", ACCESS_CHANGES, member_options,
     offboard, NULL},
    {"transactions request-external", "reduce the debt of a member by an external transaction",
     ACCESS_CHANGES, external_options, request_external, NULL},
    {"transactions set-push-notification-date", "store when a member was notified of external transactions",
     ACCESS_CHANGES, push_options, set_push_date, NULL},
    {0},
};
