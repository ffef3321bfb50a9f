/* export: writes the books as files for other components, a folder for each date.
 *
 * reads    profile, mandate, card_payment, balance_transaction, external_transaction, session, debt; the view acts; creditor
 *          identifier [support] and [exports] of the configuration
 * writes   export_set, export_file, and removes what the store noted of changed rows (core/engine/touched.h);
 *          out/exports/<date>/ (<date>-2 ... when the books changed on that date), the link latest. Transactions and payments are
 *          written in one pass (core/api/history.h), whole or by month. A file of which no row changed since the set before is
 *          not written: that of the set before gets a second name. Of the other transactions and payments only the rows of
 *          members of whom something changed are read from the books, and those of all others are copied from the set before.
 *          With --all every file is written, from the books alone
 * rerun    a set with the same bytes as the newest set of the date is not published; missing files of that set are rendered once
 *          more
 * holds    nothing
 * units    cents; a live debt is the sum of its rows until its session is frozen;
 *          columns have the names of the keys in the output of `alanpay query`, nested ones with a point; datapackage.json
 *          has their types
 * source   Frictionless Data Package v1
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "stages/core/api/exported.h"
#include "stages/core/api/history.h"
#include "stages/core/api/query.h"
#include "stages/core/api/stale.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"
#include "stages/core/engine/touched.h"
#include "stages/core/home/publish.h"
#include "stages/core/lists/acts.h"
#include "stages/core/members/mandate.h"
#include "stages/stage.h"

#define FOLDER "out/exports"

#define ON(table)       (1u << TOUCHED_##table)
#define OF_PAYMENTS     (ON(BALANCE_TRANSACTION) | ON(CARD_PAYMENT) | ON(DEBT))
#define OF_TRANSACTIONS (OF_PAYMENTS | ON(COLLECTION) | ON(EXTERNAL_TRANSACTION) | ON(NOTIFICATION))

/* Ordered by name: the digest of a set is made of the hashes in this order. */
static const struct export
{
	const char *file;
	const struct listing *listing; /* of a CSV file */
	/* returns how many rows of the books; NULL: a list of history.h, or the description of all others */
	int64_t (*write)(struct run * r, const struct listing *l, struct sink *s);
	unsigned depends; /* on these tables (touched.h); 0: it is small, and always written */
}
exports[] = {
    {"acts.csv", &acts_listing, exported_write_acts, 0},
    {"alan_balance_transactions.csv", &history_listings[HISTORY_TRANSACTIONS], NULL, OF_TRANSACTIONS},
    {"balances.csv", &exported_balances, exported_write_rows, ON(PROFILE)},
    {"card_payments.csv", &history_listings[HISTORY_PAYMENTS], NULL, OF_PAYMENTS},
    {"datapackage.json", NULL, NULL, 0},
    {"merchant_category_codes.csv", &query_merchant_categories, exported_write_categories, 0},
    {"profiles.csv", &exported_profiles, exported_write_rows, ON(PROFILE) | ON(NOTIFICATION)},
    {"recovery_debts.csv", &exported_debts, exported_write_rows, ON(DEBT) | ON(BALANCE_TRANSACTION)},
    {"recovery_sessions.csv", &exported_sessions, exported_write_rows, 0},
    {"sepa_mandates.csv", &exported_mandates, exported_write_mandates, ON(MANDATE)},
    {"support_config.json", NULL, exported_write_support, 0},
};

static bool
is_history(const struct export *x)
{
	return x->write == NULL && x->listing != NULL;
}

/* The months of a list in a set: recorded before, by their names. */
static void
put_months(struct run *r, struct json *j, const struct listing *l, const char *folder)
{
	struct stmt *q = sql(r->db,
	    "SELECT substr(path, length($folder) + 2)"
	    " FROM artifact"
	    " WHERE path > $folder || '/' || $list || '/' AND path < $folder || '/' || $list || '0'"
	    " ORDER BY path");

	bind_text(q, "$folder", folder);
	bind_text(q, "$list", l->name);
	json_open(j, "path", '[');
	while (row(q))
		json_put_text(j, NULL, col_text(q, 0));
	json_close(j, ']');
}

static void
put_resource(struct run *r, struct json *j, const struct export *x, const char *folder)
{
	struct file_digest whole;
	char path[PATH_SIZE];

	durable_join(path, folder, x->file);
	json_open(j, NULL, '{');
	json_put_text(j, "name", x->listing->name);
	if (is_history(x) && !publish_find(r, path, &whole))
		put_months(r, j, x->listing, folder);
	else
		json_put_text(j, "path", x->file);
	json_put_text(j, "profile", "tabular-data-resource");
	json_open(j, "schema", '{');
	listing_put_fields(j, x->listing);
	json_close(j, '}');
	json_close(j, '}');
}

/* Describes the CSV files; made from the same columns. */
static void
write_package(struct run *r, struct sink *s, const char *folder)
{
	struct json j = {.sink = s, .indent = true};
	int i;

	json_open(&j, NULL, '{');
	json_put_text(&j, "name", "alan-pay");
	json_put_text(&j, "profile", "tabular-data-package");
	json_open(&j, "resources", '[');
	for (i = 0; i < (int)LENGTH(exports); i++)
		if (exports[i].listing != NULL)
			put_resource(r, &j, &exports[i], folder);
	json_close(&j, ']');
	json_close(&j, '}');
}

static bool
was_published(struct run *r, const unsigned char digest[SHA256_SIZE])
{
	struct stmt *q =
	    sql(r->db,
	        "SELECT count(*)"
	        " FROM export_set"
	        " WHERE digest = $digest"
	        "  AND number = (SELECT max(number) FROM export_set WHERE business_on = $on)");

	bind_blob(q, "$digest", digest, SHA256_SIZE);
	bind_date(q, "$on", r->on);
	return value(q, 0) > 0;
}

static void
insert_set(struct run *r, int64_t set, const char *folder, const unsigned char digest[SHA256_SIZE])
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO export_set (number, business_on, folder, digest)"
	    " VALUES ($number, $on, $folder, $digest)");

	bind_int(q, "$number", set);
	bind_date(q, "$on", r->on);
	bind_text(q, "$folder", folder);
	bind_blob(q, "$digest", digest, SHA256_SIZE);
	exec(q);
}

/* An interrupted run may have left the link on the set before. */
static void
refresh_latest(struct run *r)
{
	struct stmt *q = sql(r->db, "SELECT folder FROM export_set ORDER BY number DESC LIMIT 1");
	char folder[PATH_SIZE] = "";
	const char *slash;

	while (row(q))
		snprintf(folder, sizeof(folder), "%s", col_text(q, 0));
	slash = strrchr(folder, '/');
	if (slash != NULL)
		publish_view_link(r, FOLDER "/latest", slash + 1);
}

/* What else than rows a file depends on: the program, the configuration, and on how many mandates expired without a row
 * that changed. */
static void
digest_surroundings(struct run *r, unsigned char digest[static SHA256_SIZE])
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*)"
	    " FROM mandate"
	    " WHERE status = 'active' AND coalesce(last_due_on, signed_on) < $dead_before");
	unsigned char program[SHA256_SIZE] = {0};
	struct sink *s = sink_new(NULL, NULL);
	char path[PATH_MAX + 16];

	bind_date(q, "$dead_before", mandate_dead_before(r->on));
	snprintf(path, sizeof(path), "%s/alanpay-export", run_program_folder());
	if (!durable_digest(path, program, NULL))
		die(EXIT_IO, "%s: is missing", path);
	sink_put(s, program, sizeof(program));
	sink_print(s, "%s %s %lld", config_text(r->config, CREDITOR_IDENTIFIER),
	           config_text(r->config, EXPORTS_PARTITIONS), (long long)value(q, 0));
	if (sink_end(s, digest, NULL) < 0)
		die(EXIT_BUG, "the digest of what the exports depend on");
}

struct set;

/* A file of the set. */
struct file {
	struct set *set;
	const struct export *export;
	int month; /* of a list that is parted, else HISTORY_WHOLE */
	char name[64];
	int64_t rows;
	char before[PATH_SIZE]; /* the file of the newest set, when it was made as it would be made now */
	bool has_changed;       /* or the newest set lacks it */
};

struct set {
	struct run *run;
	int64_t number;
	char folder[PATH_SIZE];
	unsigned char made_with[SHA256_SIZE];
	struct stale stale; /* by month */
	bool is_made_alike; /* the newest set was made as this one is */
	struct file *files;
	size_t n;
};

/* A set is new when its digest differs from that of the newest set of the date. */
static bool
insert_new_set(const unsigned char digest[static SHA256_SIZE], void *ctx)
{
	const struct set *set = ctx;

	if (was_published(set->run, digest))
		return false;
	insert_set(set->run, set->number, set->folder, digest);
	return true;
}

/* Which files ------------------------------------------------------------------------------------------------------ */

static enum history_list
list_of(const struct export *x)
{
	return (enum history_list)(x->listing - history_listings);
}

/* The file of the newest set, when it was made as it would be made now. */
static bool
find_before(const struct set *set, struct file *f)
{
	struct stmt *q = sql(set->run->db,
	    "SELECT s.folder || '/' || f.name, f.rows"
	    " FROM export_file f"
	    " JOIN export_set s ON s.number = f.set_number"
	    " WHERE f.name = $name AND f.made_with = $made_with"
	    "  AND s.number = (SELECT max(number) FROM export_set)");

	bind_text(q, "$name", f->name);
	bind_blob(q, "$made_with", set->made_with, sizeof(set->made_with));
	if (!row(q))
		return false;
	col_copy(q, 0, f->before, sizeof(f->before));
	f->rows = col_int(q, 1);
	reset(q);
	return true;
}

static bool
has_changed(const struct set *set, const struct export *x, int month)
{
	unsigned i;

	if (month != HISTORY_WHOLE)
		return set->stale.month[list_of(x)][month];
	for (i = 0; i < TOUCHED_TABLES; i++)
		if ((x->depends >> i & 1) != 0 && touched_has(set->run->db, (enum touched_table)i))
			return true;
	return x->depends == 0;
}

static void
add_file(struct set *set, const struct export *x, int month)
{
	char text[HISTORY_MONTH_TEXT];
	struct file *f;

	set->files = memory_resize(set->files, set->n + 1, sizeof(*set->files));
	f = &set->files[set->n++];
	*f = (struct file){.set = set, .export = x, .month = month};
	if (month == HISTORY_WHOLE)
		snprintf(f->name, sizeof(f->name), "%s", x->file);
	else
		snprintf(f->name, sizeof(f->name), "%s/%s.csv", x->listing->name,
		         history_month_print(text, month));
	f->has_changed = !find_before(set, f) || has_changed(set, x, month);
}

/* The months that the newest set has of a list. */
static void
find_published_months(struct set *set, const struct listing *l, bool there[static HISTORY_MONTHS])
{
	struct stmt *q = sql(set->run->db,
	    "SELECT name FROM export_file WHERE name > $list || '/' AND name < $list || '0'");

	bind_text(q, "$list", l->name);
	while (row(q))
		there[history_month_parse(strrchr(col_text(q, 0), '/') + 1)] = true;
}

static void
add_months(struct set *set, const struct export *x, bool is_known)
{
	bool *stale = set->stale.month[list_of(x)];
	bool *there = memory_new(HISTORY_MONTHS, sizeof(*there));
	int month;

	if (is_known)
		find_published_months(set, x->listing, there);
	else
		history_find_months(set->run, list_of(x), there);
	for (month = 0; month < HISTORY_MONTHS; month++) {
		stale[month] = stale[month] || !is_known;
		if (there[month] || (is_known && stale[month]))
			add_file(set, x, month);
	}
	free(there);
}

static void
find_files(struct set *set)
{
	bool is_parted = strcmp(config_text(set->run->config, EXPORTS_PARTITIONS), "month") == 0;
	struct file package = {.name = "datapackage.json"};
	bool are_months_known = false;
	size_t i;

	set->is_made_alike = find_before(set, &package);
	if (is_parted && set->is_made_alike)
		are_months_known = stale_find(set->run, &set->stale);
	for (i = 0; i < LENGTH(exports); i++)
		if (is_parted && is_history(&exports[i]))
			add_months(set, &exports[i], are_months_known);
		else
			add_file(set, &exports[i], HISTORY_WHOLE);
}

/* Writing them ----------------------------------------------------------------------------------------------------- */

static void
render(struct sink *s, void *ctx)
{
	struct file *f = ctx;

	if (f->export->write == NULL)
		write_package(f->set->run, s, f->set->folder);
	else
		f->rows = f->export->write(f->set->run, f->export->listing, s);
}

/* The file with the rows of members of whom nothing changed. NULL: the month had no row. */
static const char *
former_of(const struct file *f)
{
	return f->before[0] == '\0' ? NULL : f->before;
}

/* Whether it has the bytes that were published. */
static bool
is_former_right(const struct file *f)
{
	struct file_digest published;
	const char *path = former_of(f);

	return path == NULL ||
	       (publish_find(f->set->run, path, &published) && durable_has_digest(path, published.sha256));
}

/* The lists: what is linked has no sink. */
static void
render_lists(struct sink *const sinks[], void *ctx)
{
	const struct file *first = ctx;
	struct set *set = first->set;
	struct history_part *parts = memory_new(set->n, sizeof(*parts));
	struct history_members changed = {0};
	bool copies = set->is_made_alike && stale_find_members(set->run, &changed);
	const struct file *f;
	size_t i, n = 0;

	for (f = set->files; f < set->files + set->n; f++)
		if (is_history(f->export)) {
			parts[n] = (struct history_part){.list = list_of(f->export),
			                                 .month = f->month,
			                                 .sink = sinks[n],
			                                 .former = former_of(f)};
			copies = copies && (sinks[n] == NULL || is_former_right(f));
			n++;
		}
	history_write(set->run, parts, n, copies ? &changed : NULL);
	free(changed.range);
	for (i = n = 0; i < set->n; i++)
		if (is_history(set->files[i].export) && parts[n++].sink != NULL)
			set->files[i].rows = parts[n - 1].rows;
	free(parts);
}

/* A month of which no row is left, or never was one, has no file. */
static bool
has_rows(void *ctx)
{
	const struct file *f = ctx;

	return f->month == HISTORY_WHOLE || f->rows > 0;
}

static bool
publish_files(struct set *set)
{
	struct publish_entry *entries = memory_new(set->n, sizeof(*entries));
	bool is_new;
	size_t i;

	for (i = 0; i < set->n; i++)
		entries[i] = (struct publish_entry){
		    .name = set->files[i].name,
		    .kind = "export",
		    .owner = set->number,
		    .render = render,
		    .ctx = &set->files[i],
		    .render_all = is_history(set->files[i].export) ? render_lists : NULL,
		    .is_wanted = has_rows,
		    .same_as = set->files[i].has_changed ? NULL : set->files[i].before};
	is_new = publish_folder(set->run, set->folder, entries, set->n, insert_new_set, set);
	free(entries);
	return is_new;
}

static void
save_files(const struct set *set)
{
	struct stmt *q;
	size_t i;

	exec(sql(set->run->db, "DELETE FROM export_file WHERE 1 = 1"));
	for (i = 0; i < set->n; i++) {
		if (!has_rows(&set->files[i]))
			continue;
		q = sql(set->run->db, "INSERT INTO export_file (name, set_number, rows, made_with)"
		                      " VALUES ($name, $set, $rows, $made_with)");
		bind_text(q, "$name", set->files[i].name);
		bind_int(q, "$set", set->number);
		bind_int(q, "$rows", set->files[i].rows);
		bind_blob(q, "$made_with", set->made_with, sizeof(set->made_with));
		exec(q);
	}
	touched_clear(set->run->db);
}

static void
count_files(const struct set *set)
{
	size_t i;

	for (i = 0; i < set->n; i++) {
		run_count(set->run, COUNT_EXPORT_ROWS_WRITTEN, set->files[i].rows);
		run_count(set->run, COUNT_EXPORT_FILES_WRITTEN, has_rows(&set->files[i]) ? 1 : 0);
	}
}

static bool
publish_set(struct run *r)
{
	struct set *set = memory_new(1, sizeof(*set));
	char wanted[PATH_SIZE], day[DATE_TEXT];
	bool is_new;

	set->run = r;
	snprintf(wanted, sizeof(wanted), FOLDER "/%s", date_print(day, r->on));
	publish_free_path(r, wanted, set->folder);
	set->number = store_number(r->db, "export_set");
	digest_surroundings(r, set->made_with);
	find_files(set);
	is_new = publish_files(set);
	if (is_new) {
		save_files(set);
		count_files(set);
	}
	free(set->files);
	free(set);
	return is_new;
}

/* Missing files ---------------------------------------------------------------------------------------------------- */

/* Of out/exports/<date>/<folder>/<month>.csv and out/exports/<date>/<name> the set and what is in it. */
static void
split_path(const char *path, char folder[static PATH_SIZE], const char **name)
{
	const char *slash = strchr(path + strlen(FOLDER) + 1, '/');

	snprintf(folder, PATH_SIZE, "%.*s", (int)(slash - path), path);
	*name = slash + 1;
}

static void
write_lost_list(struct run *r, const struct export *x, int month, struct sink *s)
{
	struct history_part part = {.list = list_of(x), .month = month, .sink = s};

	history_write(r, &part, 1, NULL);
}

static void
write_lost_export(struct sink *s, const struct publish_lost *lost, void *ctx)
{
	char folder[PATH_SIZE];
	const char *name;
	const struct export *x;
	size_t n;

	split_path(lost->path, folder, &name);
	for (x = exports; x < exports + LENGTH(exports); x++) {
		n = x->listing == NULL ? 0 : strlen(x->listing->name);
		if (is_history(x) && strncmp(name, x->listing->name, n) == 0 && name[n] == '/')
			write_lost_list(ctx, x, history_month_parse(name + n + 1), s);
		else if (strcmp(name, x->file) != 0)
			continue;
		else if (is_history(x))
			write_lost_list(ctx, x, HISTORY_WHOLE, s);
		else if (x->write == NULL)
			write_package(ctx, s, folder);
		else
			x->write(ctx, x->listing, s);
	}
}

/* Called when the books still give the bytes of the newest set of the date: its missing files can be rendered once more. Those
 * of an older set cannot, for the books have changed since. */
static void
restore_exports(struct run *r)
{
	struct publish_source source = {.kind = "export", .root = FOLDER, .render = write_lost_export};
	struct stmt *q = sql(r->db, "SELECT max(number) FROM export_set WHERE business_on = $on");

	bind_date(q, "$on", r->on);
	source.owner = value(q, 0);
	publish_restore(r, &source, r->on, r);
}

static void
export_books(struct run *r)
{
	tx_begin(r->db);
	if (options_value(r, "all") != NULL)
		exec(sql(r->db, "DELETE FROM export_file WHERE 1 = 1"));
	if (publish_set(r)) {
		tx_commit(r->db);
		publish_place(r);
	} else {
		tx_rollback(r->db);
		restore_exports(r);
	}
	refresh_latest(r);
}

static const struct option_spec options[] = {
    {.name = "all",
     .help =
         "write every file from the books alone, also those of which no row changed since the last export"},
    {0},
};

const struct stage this_stage = {
    .name = "export",
    .purpose = "write the files for other components",
    .options = options,
    .run = export_books,
};
