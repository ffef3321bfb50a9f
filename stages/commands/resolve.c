/* alanpay exceptions resolve: what a person decides about an exception, or about all of one code.
 *
 * A decision that posted nothing can be taken back until something follows from it, and so can `attributed` and `as_told`; what posted
 * a bank entry is final. `attributed` names the member to whom a Swan transaction belongs, and posts it. `as_told` corrects the books
 * to what Swan reports of a transaction, by a contra row. `credit`, `return`, `fee`
 * and `reversal` name the debit, refund or file that a bank entry is about, and post it. `apply` and `waive` decide about mandates. The
 * other decisions change nothing but the exception: if money must still move, another command moves it. A resolved exception is not tried again, blocks no
 * release, and is not counted as open.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/commands/decided.h"
#include "stages/commands/decisions.h"
#include "stages/commands/typed.h"
#include "stages/core/bank/bankdecision.h"
#include "stages/core/bank/reopening.h"
#include "stages/core/books/ledger.h"
#include "stages/core/cards/as_told.h"
#include "stages/core/cards/attribution.h"
#include "stages/core/cards/revocation.h"
#include "stages/core/engine/exception.h"
#include "stages/core/lists/listing.h"
#include "stages/core/members/mandate.h"
#include "stages/core/members/profile.h"

/* One ---------------------------------------------------------------------------------------------------- */

/* The member whom the decision names; 0: it names none. */
static int64_t
check_member(struct run *r, const struct decision *d)
{
	const char *app = options_value(r, "app-id"), *user = options_value(r, "app-user-id");
	int64_t profile;

	if (d->names != DECISION_NAMES_MEMBER && app == NULL && user == NULL)
		return 0;
	if (d->names != DECISION_NAMES_MEMBER || app == NULL || user == NULL)
		die(EXIT_USAGE, "--app-id and --app-user-id are required with --decision attributed,"
		                " and not allowed otherwise");
	profile = profile_find(r, app, user);
	if (profile == 0)
		die(EXIT_ABSENT, "Profile not found for app [%s] and user [%s]", app, user);
	return profile;
}

static bool
is_reason_code(const char *text)
{
	return strlen(text) == 4 && strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 4;
}

/* What the decision says of a bank entry. */
static void
read_posting(struct run *r, const struct decision *d, struct bankdecision *p)
{
	*p = (struct bankdecision){d->word, options_value(r, "end-to-end-id"), options_value(r, "file"),
	                           options_value(r, "reason")};
	if (d->names != DECISION_NAMES_DEBIT && (p->end_to_end_id != NULL || p->file != NULL))
		die(EXIT_USAGE,
		    "--end-to-end-id and --file belong to --decision credit, return, fee or reversal");
	if (p->reason != NULL && strcmp(d->word, "return") != 0)
		die(EXIT_USAGE, "--reason belongs to --decision return");
	if (p->reason != NULL && !is_reason_code(p->reason))
		die(EXIT_USAGE, "--reason: \"%s\" is not a valid reason code, such as AM04", p->reason);
	if (p->end_to_end_id != NULL && p->file != NULL)
		die(EXIT_USAGE, "--end-to-end-id and --file contradict each other: give one of them");
	if (d->names == DECISION_NAMES_DEBIT && strcmp(d->word, "fee") != 0 && p->end_to_end_id == NULL &&
	    p->file == NULL)
		die(EXIT_USAGE, "--decision %s needs --end-to-end-id or --file: what the bank entry is about",
		    d->word);
}

#define DECISION_COLUMNS                                             \
	{.name = "number", .type = COLUMN_COUNT}, {.name = "state"}, \
	{                                                            \
		.name = "decision"                                   \
	}

static const struct column resolved_columns[] = {
    DECISION_COLUMNS,
    {.name = "posted_to"},
    {.name = "why"},
    {.name = "resolved_by"},
    {.name = "resolved_identity", .head = "known by"},
    {.name = "resolved_at", .type = COLUMN_INSTANT},
    {.name = "changed", .type = COLUMN_BOOL},
    {0},
};

static const struct listing resolved = {
    .name = "exceptions resolve",
    .columns = resolved_columns,
    .text = SQL("SELECT number AS number, state AS state, decision AS decision, posted_to AS posted_to, why AS why,"
        "  resolved_by AS resolved_by, resolved_identity AS resolved_identity, resolved_at AS resolved_at, CAST($changed AS BIGINT) AS changed"
        " FROM exception"
        " WHERE $numbers LIKE '%,' || number || ',%'"
        " ORDER BY number"),
};

/* ",12,13," */
static void
write_numbers(const int64_t numbers[], int n, char *text, size_t size)
{
	size_t at = (size_t)snprintf(text, size, ",");
	int i;

	for (i = 0; i < n && at < size; i++)
		at += (size_t)snprintf(text + at, size - at, "%lld,", (long long)numbers[i]);
}

static void
print_resolved(struct run *r, const int64_t numbers[], int n, bool changed)
{
	struct stmt *q = listing_query(r, &resolved);
	char text[BANKDECISION_ENTRIES * 21];

	write_numbers(numbers, n, text, sizeof(text));
	bind_int(q, "$changed", changed);
	bind_text(q, "$numbers", text);
	if (r->format != FORMAT_TABLE) {
		struct sink *s = listing_stdout();

		listing_write(r, &resolved, q, r->format == FORMAT_CSV ? FORMAT_CSV : FORMAT_JSONL, s);
		listing_stdout_end(s);
		return;
	}
	while (row(q))
		printf("exception %lld %s as %s by %s%s\n", (long long)col_int(q, 0),
		       changed ? "resolved" : "was resolved before", col_text(q, 2), col_text(q, 5),
		       changed ? "" : ": nothing changed");
	decided_print(r, numbers, n);
	if (r->dry_run)
		puts(DRY_RUN_NOTE);
}

/* Most of a file came back for one reason: what the person decides acts on the mandates, or keeps them, at once. */
static bool
decide_about_mandates(struct run *r, int64_t number, const struct decision *d, const char *why)
{
	struct stmt *q = sql(r->db, "SELECT key FROM exception WHERE number = $number");
	char key[64];
	bool changed;

	tx_begin(r->db);
	changed = exception_resolve(r, number, d->word, why);
	bind_int(q, "$number", number);
	if (changed && row(q)) {
		col_copy(q, 0, key, sizeof(key));
		reset(q);
		mandate_decide(r, key, strcmp(d->word, CONSEQUENCE_APPLY) == 0);
	}
	tx_commit(r->db);
	return changed;
}

/* An exception that does not exist fits: the store says so. */
static bool
decision_fits(struct run *r, int64_t number, const struct decision *d)
{
	struct stmt *q = sql(r->db, "SELECT kind FROM exception WHERE number = $number");
	bool fits = true;

	bind_int(q, "$number", number);
	while (row(q))
		fits = (strcmp(col_text(q, 0), "bank_file") == 0) == (d->names == DECISION_NAMES_MANDATES);
	return fits;
}

/* The exceptions that --id names: one, or several sums of one bank file. */
static int
read_numbers(struct run *r, const struct bankdecision *p, int64_t numbers[BANKDECISION_ENTRIES])
{
	int n = 0;

	while (n < BANKDECISION_ENTRIES && (numbers[n] = decision_exception(r, n)) != 0)
		n++;
	if (n > 1 && p->file == NULL)
		die(EXIT_USAGE,
		    "--id: several belong to --file: the sums in which the bank booked that file");
	if (n == BANKDECISION_ENTRIES)
		die(EXIT_USAGE, "--id: at most %d at a time", BANKDECISION_ENTRIES - 1);
	return n;
}

/* One decision, about one exception or about several sums of one bank file. `profile`: the member whom it names, or 0. */
static bool
decide(struct run *r, const struct decision *d, const int64_t numbers[], int n, int64_t profile,
       const struct bankdecision *p, const char *why)
{
	if (!decision_fits(r, numbers[0], d))
		die(EXIT_USAGE, "--decision: %s does not fit exception %lld: `%s` lists those that do",
		    d->word, (long long)numbers[0],
		    run_command(r, "exceptions show --id %lld", (long long)numbers[0]));
	switch (d->names) {
	case DECISION_NAMES_MEMBER:
		return attribution_decide(r, numbers[0], profile, why);
	case DECISION_NAMES_REPORT:
		return as_told_decide(r, numbers[0], why);
	case DECISION_NAMES_DEBIT:
		return bankdecision_decide(r, numbers, n, p, why);
	case DECISION_NAMES_MANDATES:
		return decide_about_mandates(r, numbers[0], d, why);
	case DECISION_NAMES_NOTHING:
	default:
		return exception_resolve(r, numbers[0], d->word, why);
	}
}

static void
resolve_by_number(struct run *r, const struct decision *d, const char *why)
{
	int64_t numbers[BANKDECISION_ENTRIES], profile = check_member(r, d);
	struct bankdecision p;
	bool changed;
	int n;

	read_posting(r, d, &p);
	n = read_numbers(r, &p, numbers);
	changed = decide(r, d, numbers, n, profile, &p, why);
	print_resolved(r, numbers, n, changed);
}

/* All of one code ---------------------------------------------------------------------------------------- */

/* The open exceptions of one code, and the sum of their amounts, whatever their direction; without an amount: 0. */
struct many {
	const char *code;
	int64_t count;
	cents sum;
};

static void
load_many(struct run *r, const char *code, struct many *m)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*), coalesce(CAST(sum(amount_in_cents) AS BIGINT), 0)"
	    " FROM exception"
	    " WHERE state = 'open' AND code = $code");

	bind_text(q, "$code", code);
	(void)row(q);
	*m = (struct many){code, col_int(q, 0), col_int(q, 1)};
	reset(q);
}

static void
check_code(struct run *r, const char *code)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM exception WHERE code = $code");

	bind_text(q, "$code", code);
	if (value(q, 0) == 0)
		die(EXIT_ABSENT, "no exception has the code %s: `%s` lists all", code,
		    run_command(r, "exceptions list --all"));
}

static void
print_many(const struct many *m, struct run *r)
{
	char sum[MONEY_TEXT_GROUPED];

	if (r->format == FORMAT_TABLE)
		printf("%lld open exception%s with code %s, %s EUR in all\n", (long long)m->count,
		       text_plural(m->count), m->code, money_print_grouped(sum, m->sum));
	fflush(stdout);
}

#define CHECK_AGAIN (PATH_MAX + 512)

/* What the person typed must agree with what is decided about. A dry run needs no answer. */
static void
check_many(struct run *r, const struct many *m)
{
	const char *count = options_value(r, "count"), *total = options_value(r, "total");
	char again[CHECK_AGAIN];
	struct typed t = {m->code, "open exception", "nothing was decided", again};

	snprintf(again, sizeof(again), "look at them again: `%s`",
	         run_command(r, "exceptions list --code %s", m->code));
	if (count != NULL) {
		typed_check_count(&t, count, m->count);
		typed_check_total(&t, total, m->sum);
	} else if (isatty(STDIN_FILENO)) {
		typed_ask(&t, m->count, m->sum);
	} else if (!r->dry_run) {
		die(EXIT_USAGE, "nothing was decided: type both numbers back: --count N --total EUROS");
	}
}

static void
print_decided(struct run *r, const struct many *m, const struct decision *d, bool changed)
{
	struct json j;

	if (r->format == FORMAT_TABLE) {
		if (changed)
			printf("%lld exception%s resolved as %s by %s\n", (long long)m->count,
			       text_plural(m->count), d->word, run_person(r));
		else
			puts("nothing changed");
		if (r->dry_run)
			puts(DRY_RUN_NOTE);
		return;
	}
	j = (struct json){.sink = listing_stdout()};
	json_open(&j, NULL, '{');
	json_put_text(&j, "code", m->code);
	json_put_int(&j, "count", m->count);
	json_put_int(&j, "sum_in_cents", m->sum);
	json_put_text(&j, "decision", d->word);
	json_put_bool(&j, "changed", changed);
	json_close(&j, '}');
	sink_text(j.sink, "\n");
	listing_stdout_end(j.sink);
}

/* A member or a debit is one exception's. */
static void
check_names_nothing(struct run *r, const struct decision *d, const char *code)
{
	bool is_fee = strcmp(d->word, "fee") == 0;

	if (d->names == DECISION_NAMES_MEMBER || (d->names == DECISION_NAMES_DEBIT && !is_fee))
		die(EXIT_USAGE, "--all: %s names a member or a debit: decide about each of them: `%s`",
		    d->word, run_command(r, "exceptions list --code %s", code));
	if (is_fee && (options_value(r, "end-to-end-id") != NULL || options_value(r, "file") != NULL))
		die(EXIT_USAGE, "--all: --end-to-end-id and --file belong to one exception");
}

/* All or none: a decision that does not fit one of them ends the command. */
static void
decide_each(struct run *r, const struct decision *d, const char *code, const struct bankdecision *p,
            const char *why)
{
	int64_t number = 0;
	struct stmt *q;

	tx_begin(r->db);
	for (;;) {
		q = sql(r->db,
		    "SELECT min(number) FROM exception"
		    " WHERE state = 'open' AND code = $code AND number > $after");
		bind_text(q, "$code", code);
		bind_int(q, "$after", number);
		number = value(q, 0);
		if (number == 0)
			break;
		(void)decide(r, d, &number, 1, 0, p, why);
	}
	tx_commit(r->db);
}

static void
resolve_all(struct run *r, const struct decision *d, const char *code, const char *why)
{
	struct bankdecision p;
	struct many m;

	check_names_nothing(r, d, code);
	(void)check_member(r, d);
	read_posting(r, d, &p);
	check_code(r, code);
	load_many(r, code, &m);
	print_many(&m, r);
	if (m.count > 0) {
		check_many(r, &m);
		decide_each(r, d, code, &p, why);
	}
	print_decided(r, &m, d, m.count > 0);
}

/* -------------------------------------------------------------------------------------------------------- */

/* One exception by its number, or all of one code. */
static void
check_which(struct run *r)
{
	bool one = options_value(r, "id") != NULL, code = options_value(r, "code") != NULL,
	     all = options_value(r, "all") != NULL, count = options_value(r, "count") != NULL,
	     total = options_value(r, "total") != NULL;

	if (one == all || code != all)
		die(EXIT_USAGE, "give either --id N, or --code C and --all");
	if (count != total)
		die(EXIT_USAGE, "--count and --total must be given together");
	if (count && !all)
		die(EXIT_USAGE, "--count and --total belong to --all");
}

static void
resolve(struct run *r)
{
	const struct decision *d = decision_find(options_value(r, "decision"));
	const char *why = options_value(r, "why");

	check_which(r);
	run_require_clock(r);
	if (options_value(r, "all") == NULL)
		resolve_by_number(r, d, why);
	else
		resolve_all(r, d, options_value(r, "code"), why);
}

/* A decision that is taken back ---------------------------------------------------------------------------- */

static const struct column reversed_columns[] = {
    DECISION_COLUMNS,
    {.name = "app_id"},
    {.name = "app_user_id"},
    {.name = "reversed_by"},
    {.name = "reversed_identity", .head = "known by"},
    {.name = "reversed_at", .type = COLUMN_INSTANT},
    {.name = "why"},
    {.name = "balance_in_cents", .type = COLUMN_CENTS, .head = "balance EUR"},
    {0},
};

/* The last one of an exception. */
static const struct listing reversed = {
    .name = "exceptions reverse",
    .columns = reversed_columns,
    .text = SQL("SELECT x.number, x.state, d.decision, p.app_id, p.app_user_id, d.reversed_by, d.reversed_identity,"
        "  d.reversed_at,"
        "  d.why, p.balance_in_cents"
        " FROM reversed_decision d"
        " JOIN exception x ON x.number = d.exception_number"
        " LEFT JOIN profile p ON p.number = d.profile_number"
        " WHERE d.exception_number = $number"
        " ORDER BY d.nth DESC LIMIT 1"),
};

/* By a contra row, or by opening the exception alone. */
static bool
take_back(struct run *r, int64_t number, const char *decision, const char *why)
{
	if (reopening_is_for(r, number, decision))
		return reopening_decide(r, number, decision, why);
	return revocation_decide(r, number, decision, why);
}

static void
reverse(struct run *r)
{
	const char *decision = options_value(r, "decision");
	int64_t number = decision_exception(r, 0);
	struct stmt *q = listing_query(r, &reversed);

	run_require_clock(r);
	if (decision != NULL)
		(void)decision_find(decision);
	if (!take_back(r, number, decision, options_value(r, "why")))
		info("the decision about exception %lld was reversed before: nothing changed",
		     (long long)number);
	bind_int(q, "$number", number);
	listing_print(r, &reversed, q);
	if (r->dry_run && r->format == FORMAT_TABLE)
		puts(DRY_RUN_NOTE);
}

#define WHY_OPTION                                                                               \
	{                                                                                        \
		.name = "why", .arg = "TEXT", .help = "the reason, for those who read it later", \
		.is_needed = true                                                                \
	}

static const struct option_spec reverse_options[] = {
    {.name = "id", .arg = "N", .help = "number of the exception", .is_needed = true},
    {.name = "decision",
     .arg = "D",
     .help = "the decision, if it is `attributed`, and not the last one about that exception"},
    WHY_OPTION,
    {0},
};

static const struct option_spec options[] = {
    {.name = "id", .arg = "N", .help = "number of the exception; with --file several", .is_repeatable = true},
    {.name = "code", .arg = "C", .help = "with --all: every open exception with this code"},
    {.name = "all", .help = "decide about all of that code; prints their count and sum first"},
    {.name = "count", .arg = "N", .help = "with --all: their number, typed back; needs --total"},
    {.name = "total", .arg = "EUROS", .help = "with --all: their sum in euros; needs --count"},
    {.name = "decision", .arg = "D", .help = DECISION_WORDS, .is_needed = true},
    {.name = "app-id", .arg = "APP", .help = "application of the member to whom it belongs (attributed)"},
    {.name = "app-user-id", .arg = "USER", .help = "user of the member to whom it belongs (attributed)"},
    {.name = "end-to-end-id",
     .arg = "E",
     .help = "the debit or refund of a bank entry (credit, return, fee, reversal)"},
    {.name = "file", .arg = "ID|MSGID", .help = "or the whole bank file"},
    {.name = "reason", .arg = "CODE", .help = "the reason code of a return, where the bank gave none"},
    WHY_OPTION,
    {0},
};

const struct command resolve_commands[] = {
    {"exceptions reverse", "take back a decision about an exception", ACCESS_CHANGES, reverse_options,
     reverse, NULL},
    {"exceptions resolve", "store a decision about an exception", ACCESS_CHANGES, options, resolve, NULL},
    {0},
};
