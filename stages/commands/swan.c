/* alanpay swan: commands that ask Swan outside of the nightly chain. The two sync commands run the stage import.
 *
 * check_spending_limits
 * reads    the newest payment_supports.csv of the import, or Swan itself (--live); [spending_limits] of the configuration
 * writes   out/<date>/spending_limits.csv, a view: replaced each time, only a header when all is right
 * rerun    the same snapshot gives the same bytes
 * holds    nothing; exit 3 when a card is misconfigured
 * source   rules and sentences of the earlier command `check_spending_limits`: see core/swan/spending.h
 */
#include <stdio.h>

#include "formats/text.h"
#include "stages/commands/doctor.h"
#include "stages/commands/program.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/publish.h"
#include "stages/core/lists/listing.h"
#include "stages/core/swan/spending.h"
#include "stages/core/swan/staging.h"
#include "stages/core/swan/window.h"

struct limit_check {
	struct run *r;
	struct spending_agreed agreed[SPENDING_AGREED];
	int64_t cards, misconfigured, findings;
};

/* The findings, in a temporary table until all cards are read --------------------------------------------- */

static const struct column finding_columns[] = {
    {.name = "card_id"},          {.name = "card_created_on", .type = COLUMN_DAY},
    {.name = "card_holder_name"}, {.name = "limit"},
    {.name = "finding"},          {.name = "type"},
    {.name = "period"},           {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {.name = "currency"},         {0},
};

static const struct listing findings = {
    .name = "spending_limits",
    .columns = finding_columns,
    .text = SQL(
	"SELECT card_id, created_on AS card_created_on, holder AS card_holder_name, whose AS \"limit\", finding, type,"
	"  period, amount_in_cents, currency"
	" FROM spending_finding"
	" ORDER BY number"),
};

static void
make_finding_table(struct run *r)
{
	store_spill(r->db);
	exec(sql(r->db,
	    "CREATE TEMPORARY TABLE spending_finding ("
	    " number INTEGER NOT NULL PRIMARY KEY,"
	    " card_id TEXT NOT NULL,"
	    " created_on TEXT NOT NULL,"
	    " holder TEXT,"
	    " whose TEXT NOT NULL,"
	    " finding TEXT NOT NULL,"
	    " type TEXT NOT NULL,"
	    " period TEXT,"
	    " amount_in_cents INTEGER,"
	    " currency TEXT)"));
}

static void
store_finding(void *ctx, const struct swan_payment_support *card, const struct spending_finding *f)
{
	struct limit_check *c = ctx;
	const struct card_limit *l = f->limit;
	char holder[SPENDING_HOLDER];
	struct stmt *q =
	    sql(c->r->db,
	    "INSERT INTO spending_finding (number, card_id, created_on, holder, whose, finding, type,"
	    "  period, amount_in_cents, currency)"
	    " VALUES ($number, $card, $created, $holder, $whose, $finding, $type,"
	    "  $period, $amount, $currency)");

	bind_int(q, "$number", ++c->findings);
	bind_text(q, "$card", card->card_id);
	bind_date(q, "$created", date_in_paris(card->created_at));
	bind_text(q, "$holder", text_or_null(spending_print_holder(holder, card)));
	bind_text(q, "$whose", f->whose);
	bind_text(q, "$finding", f->text);
	bind_text(q, "$type", f->type);
	bind_text(q, "$period", l == NULL ? NULL : l->period);
	bind_int_or(q, "$amount", l == NULL ? -1 : l->amount, -1);
	bind_text(q, "$currency", l == NULL ? NULL : l->currency);
	exec(q);
}

/* One card, from either source. */
static int
check_card(void *ctx, const struct swan_payment_support *p, struct err *e)
{
	struct limit_check *c = ctx;
	int found = spending_check(p, c->agreed, store_finding, c, e);

	if (found < 0)
		return -1;
	c->cards += spending_is_checked(p);
	c->misconfigured += found > 0;
	return 0;
}

static int
check_record(void *ctx, long line, const struct swan_payment_support *p, struct err *e)
{
	(void)line;
	return check_card(ctx, p, e);
}

static int
write_copy(void *ctx, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, ctx) == n ? 0 : -1;
}

/* All cards as Swan has them now, in the format of the snapshot. Exceptions of this import are not stored. */
static void
fetch_cards(struct run *r, FILE *copy)
{
	struct client *swan = client_open(r, NULL, NULL);
	struct staging *staging = staging_open(r);
	struct sink *sink = sink_new_plain(write_copy, copy);

	tx_begin(r->db);
	client_begin_window(swan, "payment_supports");
	staging_read_supports(staging, swan);
	staging_write_supports(staging, sink);
	tx_rollback(r->db);
	if (sink_end(sink, NULL, NULL) < 0 || fflush(copy) != 0)
		die_errno(EXIT_IO, "a copy of Swan's cards");
	if (r->held)
		warn("some cards cannot be read and are not checked: `%s` stores them as exceptions",
		     run_command(r, "swan sync_payment_supports"));
	staging_close(staging);
	client_close(swan);
}

static void
check_live(struct limit_check *c, char path[PATH_SIZE])
{
	FILE *copy = tmpfile();
	struct err e = {0};

	if (copy == NULL)
		die_errno(EXIT_IO, "a copy of Swan's cards");
	fetch_cards(c->r, copy);
	rewind(copy);
	tx_begin(c->r->db);
	if (payment_supports_csv_read(copy, check_record, c, &e) < 0)
		die(EXIT_BUG, "Swan's cards, line %ld: %s (%s)", e.line, e.message, e.code);
	tx_commit(c->r->db);
	fclose(copy);
	snprintf(path, PATH_SIZE, "Swan");
}

static void
check_snapshot(struct limit_check *c, char path[PATH_SIZE])
{
	if (!window_latest_supports(c->r, path))
		die(EXIT_ABSENT, "no cards were imported yet: `%s`", run_command(c->r, "import"));
	tx_begin(c->r->db);
	spending_read_snapshot(c->r, path, check_card, c);
	tx_commit(c->r->db);
}

/* Output ------------------------------------------------------------------------------------------------- */

static void
render_view(struct sink *s, void *ctx)
{
	struct run *r = ctx;

	listing_write_csv(r, &findings, listing_query(r, &findings), s);
}

static void
write_finding(struct sink *s, struct stmt *q)
{
	sink_print(s, "Misconfigured %s spending limit for card [", col_text(q, 3));
	sink_clean(s, col_text(q, 0));
	sink_print(s, "] created on [%s] for [", col_text(q, 1));
	sink_clean(s, col_null(q, 2) ? "nobody" : col_text(q, 2));
	sink_text(s, "]: ");
	sink_clean(s, col_text(q, 4));
	sink_text(s, "\n");
}

static void
print_findings(const struct limit_check *c, const char *snapshot, const char *view)
{
	struct stmt *q = listing_query(c->r, &findings);
	struct sink *s = listing_stdout();

	while (row(q))
		write_finding(s, q);
	sink_print(s, "%lld enabled card%s checked, %lld misconfigured; read from %s, listed in %s\n",
	           (long long)c->cards, text_plural(c->cards), (long long)c->misconfigured, snapshot, view);
	if (c->r->dry_run)
		sink_text(s, DRY_RUN_NOTE "\n");
	listing_stdout_end(s);
}

static void
check_spending_limits(struct run *r)
{
	struct limit_check c = {.r = r};
	char snapshot[PATH_SIZE], view[PATH_SIZE], day[DATE_TEXT];

	spending_agreed_load(r, c.agreed);
	make_finding_table(r);
	if (options_value(r, "live") != NULL)
		check_live(&c, snapshot);
	else
		check_snapshot(&c, snapshot);
	snprintf(view, sizeof(view), "out/%s/%s.csv", date_print(day, r->on), findings.name);
	publish_view(r, view, render_view, r);
	if (r->format == FORMAT_TABLE)
		print_findings(&c, snapshot, view);
	else
		listing_print(r, &findings, listing_query(r, &findings));
	r->held = r->held || c.findings > 0;
}

static const struct option_spec check_options[] = {
    {.name = "live", .help = "ask Swan now instead of reading the last snapshot"},
    {0},
};

static const struct option_spec doctor_options[] = {
    {.name = "online", .help = "ask Swan for a token"},
    {0},
};

const struct command program_commands[] = {SWAN_COMMANDS(PROGRAM_ROW){0}};
