/* alanpay exceptions list, show: what could not be applied. The decisions are in resolve.c. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/commands/decisions.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/options.h"
#include "stages/core/lists/listing.h"
#include "stages/core/lists/table.h"

/* list --------------------------------------------------------------------------------------------------- */

static const struct column list_columns[] = {
    {.name = "number", .type = COLUMN_COUNT},
    {.name = "kind"},
    {.name = "code"},
    {.name = "state"},
    {.name = "opened_on", .type = COLUMN_DAY, .head = "opened"},
    {.name = "is_overdue", .type = COLUMN_BOOL, .head = "overdue"},
    {.name = "app_id", .head = "app"},
    {.name = "app_user_id", .head = "user"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS, .head = "EUR"},
    {.name = "source"},
    {.name = "message"},
    {0},
};

/* Which exceptions are listed; $all = 0: only the open ones. */
#define EXCEPTIONS_LISTED \
	SQL_PART(" WHERE (x.state = 'open' OR $all = 1)"  \
	         "  AND x.kind = coalesce($kind, x.kind)" \
	         "  AND x.code = coalesce($code, x.code)")

static const struct listing exceptions = {
    .name = "exceptions list",
    .columns = list_columns,
    .text = SQL("SELECT x.number AS number, x.kind AS kind, x.code AS code, x.state AS state,"
        "  x.opened_on AS opened_on,"
        "  CASE WHEN x.state = 'open' AND x.opened_on < $before THEN 1 ELSE 0 END AS is_overdue,"
        "  p.app_id AS app_id, p.app_user_id AS app_user_id, x.amount_in_cents AS amount_in_cents,"
        "  i.name || coalesce(':' || x.line, '') AS source, x.message AS message"
        " FROM exception x"
        " LEFT JOIN profile p ON p.number = x.profile_number"
        " LEFT JOIN input i ON i.number = x.input_number"
        EXCEPTIONS_LISTED
        " ORDER BY x.opened_on, x.number"),
};

/* As in the schema. */
static const char *const kinds[] = {"file", "swan_transaction", "swan_node", "bank_entry", "bank_file",
                                    "debt", "offboarding",      "receipt"};

#define KIND_WORDS "file|swan_transaction|swan_node|bank_entry|bank_file|debt|offboarding|receipt"

static void
check_filters(struct run *r)
{
	const char *kind = options_value(r, "kind");
	size_t i;

	if (options_value(r, "open") != NULL && options_value(r, "all") != NULL)
		die(EXIT_USAGE, "--open and --all contradict each other: give one of them");
	for (i = 0; kind != NULL && i < LENGTH(kinds); i++)
		if (strcmp(kinds[i], kind) == 0)
			return;
	if (kind != NULL)
		die(EXIT_USAGE, "--kind: \"%s\" is not a valid kind: one of %s", kind, KIND_WORDS);
}

static void
bind_filters(struct run *r, struct stmt *q)
{
	bind_text(q, "$kind", options_value(r, "kind"));
	bind_text(q, "$code", options_value(r, "code"));
	bind_int(q, "$all", options_value(r, "all") != NULL);
	bind_date(q, "$before", r->on - EXCEPTION_DAYS);
}

/* "12 exceptions, 3 of them open, 1 for more than 7 days" */
static void
write_count(struct run *r, struct sink *s)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FILTER (WHERE x.state = 'open'),"
	    "  count(*) FILTER (WHERE x.state = 'open' AND x.opened_on < $before), count(*)"
	    " FROM exception x"
	    EXCEPTIONS_LISTED);
	int64_t open, overdue, all;

	bind_filters(r, q);
	(void)row(q);
	open = col_int(q, 0);
	overdue = col_int(q, 1);
	all = col_int(q, 2);
	reset(q);
	if (all == 0)
		return;
	if (options_value(r, "all") == NULL)
		sink_print(s, "\n%lld open exception%s", (long long)open, text_plural(open));
	else
		sink_print(s, "\n%lld exception%s, %lld of them open", (long long)all, text_plural(all),
		           (long long)open);
	if (overdue > 0)
		sink_print(s, ", %lld for more than %d days", (long long)overdue, EXCEPTION_DAYS);
	sink_text(s, "\n");
}

static void
exceptions_list(struct run *r)
{
	struct stmt *q = listing_query(r, &exceptions);
	struct sink *s;

	check_filters(r);
	bind_filters(r, q);
	s = listing_stdout();
	listing_write(r, &exceptions, q, r->format, s);
	if (r->format == FORMAT_TABLE)
		write_count(r, s);
	listing_stdout_end(s);
}

/* show --------------------------------------------------------------------------------------------------- */

#define SHEET_COLUMNS                                                                                      \
	{.name = "number", .type = COLUMN_COUNT}, {.name = "kind"}, {.name = "code"}, {.name = "message"}, \
	    {.name = "state"}, {.name = "opened_on", .type = COLUMN_DAY, .head = "opened"},                \
	    {.name = "is_overdue", .type = COLUMN_BOOL, .head = "overdue"},                                \
	    {.name = "profile_id", .type = COLUMN_ID, .kind = UUID_PROFILE},                               \
	    {.name = "app_id", .head = "app"}, {.name = "app_user_id", .head = "user"},                    \
	    {.name = "amount_in_cents", .type = COLUMN_CENTS, .head = "EUR"}, {.name = "source"},          \
	    {.name = "kept_at"}, {.name = "received_on", .type = COLUMN_DAY, .head = "received"},          \
	    {.name = "key"}, {.name = "bank_message_kind"}, {.name = "bank_message_id"},                   \
	    {.name = "bank_entry_state"}, {.name = "closed_on", .type = COLUMN_DAY, .head = "closed"},     \
	    {.name = "decision"}, {.name = "posted_to"}, {.name = "posted_reason"}, {.name = "why"},       \
	    {.name = "resolved_by"}, {.name = "resolved_identity", .head = "known by"},                    \
	{                                                                                                  \
		.name = "resolved_at", .type = COLUMN_INSTANT                                              \
	}

static const struct column sheet_columns[] = {SHEET_COLUMNS, {0}};
static const struct column whole_columns[] = {SHEET_COLUMNS, {.name = "record"}, {0}};

/* Of one that is open because its decision was reversed, that comes first. */
#define EXCEPTION_MESSAGE \
	SQL_PART("CASE WHEN x.state = 'open'"                                                 \
	         "  AND EXISTS (SELECT 1 FROM reversed_decision d WHERE d.exception_number = x.number)" \
	         " THEN 'its decision was reversed, so it is open again: ' || x.message ELSE x.message END")

/* The place of a bank entry is where a message first reported it. */
#define WHOLE_EXCEPTION(more) \
	SQL("SELECT x.number, x.kind, x.code, " EXCEPTION_MESSAGE " AS message, x.state, x.opened_on,"                                     \
	    "  CASE WHEN x.state = 'open' AND x.opened_on < $before THEN 1 ELSE 0 END AS is_overdue,"               \
	    "  CASE WHEN p.number IS NOT NULL THEN 0 END AS profile_id_owner, p.number AS profile_id,"              \
	    "  p.app_id, p.app_user_id, x.amount_in_cents,"                                                         \
	    "  i.name || coalesce(':' || coalesce(e.line, x.line), '') AS source, i.kept_at, i.received_on, x.key," \
	    "  m.kind AS bank_message_kind, m.msg_id AS bank_message_id, e.state AS bank_entry_state,"              \
	    "  x.closed_on, x.decision, x.posted_to, x.posted_reason, x.why, x.resolved_by, x.resolved_identity, x.resolved_at" more                                   \
	    " FROM exception x"                                                                                     \
	    " LEFT JOIN profile p ON p.number = x.profile_number"                                                   \
	    " LEFT JOIN bank_entry e ON x.kind = 'bank_entry'"                                                      \
	    "  AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"                                        \
	    " LEFT JOIN bank_message m ON m.number = e.message_number"                                              \
	    " LEFT JOIN input i ON i.number = coalesce(m.input_number, x.input_number)"                             \
	    " WHERE x.number = $number")

static const struct listing whole = {
    .name = "exceptions show",
    .columns = whole_columns,
    .text = WHOLE_EXCEPTION(", x.record"),
};

/* For people: the record stands below the sheet. */
static const struct listing whole_sheet = {
    .name = "exceptions show",
    .columns = sheet_columns,
    .text = WHOLE_EXCEPTION(""),
};

static struct stmt *
query_exception(struct run *r, const struct listing *l, int64_t number)
{
	struct stmt *q = listing_query(r, l);

	bind_date(q, "$before", r->on - EXCEPTION_DAYS);
	bind_int(q, "$number", number);
	return q;
}

/* As it is stored, line by line; controls of a terminal become '?'. */
static void
exceptions_write_record(const char *record, struct sink *s)
{
	size_t n;

	do {
		n = strcspn(record, "\n");
		sink_clean_part(s, record, n);
		sink_text(s, "\n");
		record += n + (record[n] == '\n');
	} while (*record != '\0');
}

/* The decisions that a person took back. */
static void
write_reversals(struct run *r, int64_t number, struct sink *s)
{
	struct stmt *q = sql(r->db,
	    "SELECT d.decision, p.app_id, p.app_user_id, d.decided_by || coalesce(' (' || d.decided_identity || ')', ''),"
	    "  d.decided_why, d.reversed_by || coalesce(' (' || d.reversed_identity || ')', ''), d.why"
	    " FROM reversed_decision d"
	    " LEFT JOIN profile p ON p.number = d.profile_number"
	    " WHERE d.exception_number = $number"
	    " ORDER BY d.nth");

	bind_int(q, "$number", number);
	while (row(q)) {
		sink_print(s, "\nit was decided as %s", col_text(q, 0));
		if (!col_null(q, 1))
			sink_print(s, " for app [%s] and user [%s]", col_text(q, 1), col_text(q, 2));
		sink_print(s, " by %s: ", col_text(q, 3));
		exceptions_write_record(col_text(q, 4), s);
		sink_print(s, "this was reversed by %s: ", col_text(q, 5));
		exceptions_write_record(col_text(q, 6), s);
	}
}

/* Of an exception that was attributed and opened again by a later version. */
static void
write_attribution(struct run *r, int64_t number, struct sink *s)
{
	struct stmt *q = sql(r->db,
	    "SELECT p.app_id, p.app_user_id, a.attributed_by || coalesce(' (' || a.attributed_identity || ')', ''), a.why"
	    " FROM exception x"
	    " JOIN attribution a ON a.transaction_id = x.key"
	    " JOIN profile p ON p.number = a.profile_number"
	    " WHERE x.number = $number AND x.kind = 'swan_transaction' AND x.state = 'open'"
	    "  AND a.nth > (SELECT count(*) FROM reversed_decision d"
	    "   WHERE d.exception_number = x.number AND d.decision = 'attributed')");

	bind_int(q, "$number", number);
	while (row(q)) {
		sink_print(s, "\nan earlier version was attributed to app [%s] and user [%s] by %s: ",
		           col_text(q, 0), col_text(q, 1), col_text(q, 2));
		exceptions_write_record(col_text(q, 3), s);
	}
}

static void
write_whole_sheet(struct run *r, int64_t number, struct sink *s)
{
	struct stmt *q = sql(r->db,
	    "SELECT record FROM exception"
	    " WHERE number = $number AND record IS NOT NULL");

	table_write_sheet(r, &whole_sheet, query_exception(r, &whole_sheet, number), s);
	bind_int(q, "$number", number);
	while (row(q)) {
		sink_text(s, "\n");
		exceptions_write_record(col_text(q, 0), s);
	}
	write_attribution(r, number, s);
	write_reversals(r, number, s);
	decision_write_all(r, number, s);
}

/* The same, as an array. */
static void
put_reversals(struct run *r, int64_t number, struct json *j)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT decision, decided_by, decided_at, decided_why, reversed_by, reversed_at, why"
	    " FROM reversed_decision"
	    " WHERE exception_number = $number"
	    " ORDER BY nth");
	char at[INSTANT_TEXT];

	json_open(j, "reversed_decisions", '[');
	bind_int(q, "$number", number);
	while (row(q)) {
		json_open(j, NULL, '{');
		json_put_text(j, "decision", col_text(q, 0));
		json_put_text(j, "decided_by", col_text(q, 1));
		json_put_text(j, "decided_at", instant_print(at, col_instant(q, 2)));
		json_put_text(j, "decided_why", col_text(q, 3));
		json_put_text(j, "reversed_by", col_text(q, 4));
		json_put_text(j, "reversed_at", instant_print(at, col_instant(q, 5)));
		json_put_text(j, "why", col_text(q, 6));
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
write_whole_json(struct run *r, int64_t number, struct sink *s)
{
	struct json j = {.sink = s, .indent = r->format == FORMAT_JSON};
	struct stmt *q = query_exception(r, &whole, number);

	json_open(&j, NULL, '{');
	while (row(q))
		listing_put_columns(&j, r, &whole, q);
	put_reversals(r, number, &j);
	decision_put_all(r, number, &j);
	json_close(&j, '}');
	if (r->format == FORMAT_JSONL)
		sink_text(s, "\n");
}

static void
exceptions_show(struct run *r)
{
	int64_t number = decision_exception(r, 0);
	struct stmt *q = sql(r->db, "SELECT count(*) FROM exception WHERE number = $number");
	struct sink *s;

	bind_int(q, "$number", number);
	if (value(q, 0) == 0)
		die(EXIT_ABSENT, "exception %lld does not exist: `%s` lists all", (long long)number,
		    run_command(r, "exceptions list --all"));
	s = listing_stdout();
	if (r->format == FORMAT_TABLE)
		write_whole_sheet(r, number, s);
	else if (r->format == FORMAT_CSV)
		listing_write_csv(r, &whole, query_exception(r, &whole, number), s);
	else
		write_whole_json(r, number, s);
	listing_stdout_end(s);
}

#define ID_OPTION                                                                              \
	{                                                                                      \
		.name = "id", .arg = "N", .help = "number of the exception", .is_needed = true \
	}

static const struct option_spec list_options[] = {
    {.name = "kind", .arg = "K", .help = "only exceptions of this kind: " KIND_WORDS},
    {.name = "code", .arg = "C", .help = "only exceptions with this code"},
    {.name = "open", .help = "only open exceptions (the default)"},
    {.name = "all", .help = "also exceptions that were applied or resolved"},
    {0},
};

static const struct option_spec show_options[] = {ID_OPTION, {0}};

const struct command exceptions_commands[] = {
    {"exceptions list", "list the exceptions: what could not be applied, newest last", ACCESS_READS,
     list_options, exceptions_list, NULL},
    {"exceptions show", "show one exception with its whole record", ACCESS_READS, show_options,
     exceptions_show, NULL},
    {0},
};
