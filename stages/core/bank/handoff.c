/* handoff: see handoff.h. Writes no table but artifact, through publish.
 *
 * The report and the lists are one pass over the debits or refunds. The spreadsheet has the same columns, with the amount in
 * euros, and a guard against texts that it would run as formulas: names come from outside. Its amounts have no space between
 * thousands: a spreadsheet may take such an amount for a text, which its sums skip.
 * source   GNU coreutils (sha256sum --check)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/exclusion.h"
#include "stages/core/bank/handoff.h"
#include "stages/core/bank/report.h"
#include "stages/core/engine/log.h"

struct handoff {
	struct run *run;
	int64_t file;
	char xml[PATH_SIZE]; /* its path */
	char name[HANDOFF_FILES][136];
	bool
	    is_loaded; /* what follows is read for the first file that is rendered: the XML has its row and hash by then */
	struct review review;
};

static struct handoff *
handoff_load(struct handoff *h)
{
	struct file_digest xml;

	if (h->is_loaded)
		return h;
	if (!publish_find(h->run, h->xml, &xml))
		die(EXIT_BUG, "%s was never published", h->xml);
	review_load(h->run, h->file, xml.size, &h->review);
	h->is_loaded = true;
	return h;
}

static void
put_id(struct csv *c, struct run *r, enum uuid_kind kind, int64_t owner, int64_t number)
{
	char text[UUID_TEXT];

	csv_text(c, store_uuid_print(r->db, kind, owner, number, text));
}

static char *
print_session_id(char text[UUID_TEXT], struct run *r, int64_t session)
{
	return store_uuid_print(r->db, UUID_SESSION, 0, session, text);
}

static void
write_sha256(struct sink *s, void *ctx)
{
	struct handoff *h = handoff_load(ctx);
	char hex[SHA256_TEXT];

	sink_print(s, "%s  %s\n", sha256_print(hex, h->review.file.sha256), h->review.file.name);
}

/* Euros in the spreadsheet. */
static void
put_amount(struct csv *c, cents amount)
{
	if (c->for_people)
		csv_euros(c, amount);
	else
		csv_int(c, amount);
}

static void
handoff_put_line(struct csv *c, struct handoff *h, const struct reviewed *d)
{
	csv_text(c, d->end_to_end_id);
	put_id(c, h->run, UUID_DEBT, d->profile, h->review.file.session);
	put_id(c, h->run, UUID_PROFILE, 0, d->profile);
	csv_text(c, d->app_id);
	csv_text(c, d->app_user_id);
	csv_text(c, d->debtor_name);
	csv_text(c, d->iban);
	csv_text(c, d->reference);
	csv_date(c, d->signed_on);
	csv_text(c, d->sequence_type);
	put_amount(c, d->amount);
	csv_date(c, h->review.file.collect_on);
	csv_text(c, h->review.terms.remittance);
	csv_end(c);
}

static void
put_columns(struct csv *c)
{
	const char *const columns[] = {"end_to_end_id",
	                               "debt_id",
	                               "profile_id",
	                               "app_id",
	                               "app_user_id",
	                               "debtor_name",
	                               "debtor_iban_masked",
	                               "unique_mandate_reference",
	                               "signature_date",
	                               "sequence_type",
	                               c->for_people ? "amount" : "amount_in_cents",
	                               "requested_collection_date",
	                               "remittance_information"};

	csv_header(c, columns, (int)LENGTH(columns));
}

/* The report, the list, and its twin for a spreadsheet. */
static void
write_lists(struct sink *const sinks[], void *ctx)
{
	struct handoff *h = handoff_load(ctx);
	struct xml_writer *w = report_begin(h->run, sinks[0], &h->review);
	struct csv c = {.sink = sinks[1], .separator = ',', .eol = "\n"}, excel = csv_for_excel(sinks[2]);
	struct stmt *q = review_begin(h->run, &h->review);
	struct reviewed d;

	put_columns(&c);
	put_columns(&excel);
	while (review_next(q, &d)) {
		report_put(w, &d);
		handoff_put_line(&c, h, &d);
		handoff_put_line(&excel, h, &d);
	}
	report_end(w);
}

static void
put_excluded_columns(struct csv *c)
{
	const char *const columns[] = {"debt_id",
	                               "profile_id",
	                               c->for_people ? "amount" : "amount_in_cents",
	                               "reason",
	                               "carried_to_session_id",
	                               "app_id",
	                               "app_user_id",
	                               "carried_to_session"};

	csv_header(c, columns, (int)LENGTH(columns));
}

static void
put_excluded(struct csv *c, struct handoff *h, const struct exclusion *l)
{
	char text[UUID_TEXT];

	put_id(c, h->run, UUID_DEBT, l->profile, h->review.file.session);
	put_id(c, h->run, UUID_PROFILE, 0, l->profile);
	put_amount(c, l->amount);
	csv_text(c, l->reason);
	csv_text(c, l->carried_to == 0 ? "" : print_session_id(text, h->run, l->carried_to));
	csv_text(c, l->app_id);
	csv_text(c, l->app_user_id);
	csv_text(c, l->carried_to_code);
	csv_end(c);
}

static void
write_excluded(struct sink *const sinks[], void *ctx)
{
	struct handoff *h = handoff_load(ctx);
	struct csv c = {.sink = sinks[0], .separator = ',', .eol = "\n"}, excel = csv_for_excel(sinks[1]);
	struct stmt *q =
	    exclusion_begin(h->run, h->review.file.session, h->review.file.kind, h->review.terms.address);
	struct exclusion l;

	put_excluded_columns(&c);
	put_excluded_columns(&excel);
	while (exclusion_next(q, &l)) {
		put_excluded(&c, h, &l);
		put_excluded(&excel, h, &l);
	}
}

static void
put_json_date(struct json *j, const char *key, date on)
{
	char text[DATE_TEXT];

	json_put_text(j, key, date_print(text, on));
}

static void
put_json_totals(struct json *j, int64_t count, cents sum)
{
	json_put_int(j, "count", count);
	json_put_int(j, "sum_in_cents", sum);
}

static void
put_json_session(struct json *j, struct handoff *h)
{
	const struct review *v = &h->review;
	char id[UUID_TEXT];

	json_open(j, "session", '{');
	json_put_text(j, "id", print_session_id(id, h->run, v->file.session));
	json_put_text(j, "code", v->session.code);
	put_json_date(j, "recovery_period_start_date", v->session.period_start);
	put_json_date(j, "recovery_period_end_date", v->session.period_end);
	put_json_date(j, "freeze_date", v->session.freeze);
	put_json_date(j, "recovery_date", v->file.wanted_on);
	json_put_text(j, "sha256", text_or_null(v->digest));
	json_close(j, '}');
}

static void
put_json_file(struct json *j, struct handoff *h, const char *path)
{
	char hex[SHA256_TEXT];
	struct file_digest p;

	if (!publish_find(h->run, path, &p))
		die(EXIT_BUG, "%s was never published", path);
	json_open(j, NULL, '{');
	json_put_text(j, "name", strrchr(path, '/') + 1);
	json_put_int(j, "size", p.size);
	json_put_text(j, "sha256", sha256_print(hex, p.sha256));
	json_close(j, '}');
}

/* All files of the folder but the manifest, which is the last one. */
static void
put_json_files(struct json *j, struct handoff *h)
{
	char path[PATH_SIZE];
	int i;

	json_open(j, "files", '[');
	put_json_file(j, h, h->xml);
	for (i = 0; i < HANDOFF_FILES - 1; i++) {
		durable_join(path, h->review.file.folder, h->name[i]);
		put_json_file(j, h, path);
	}
	json_close(j, ']');
}

static void
put_json_blocks(struct json *j, const struct review *v)
{
	int i;

	json_open(j, "payment_information", '[');
	for (i = 0; i < v->blocks; i++) {
		json_open(j, NULL, '{');
		json_put_text(j, "id", v->block[i].payment_information_id);
		json_put_text(j, "sequence_type", text_or_null(v->block[i].sequence_type));
		put_json_date(j, "requested_collection_date", v->file.collect_on);
		put_json_totals(j, v->block[i].count, v->block[i].sum);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
put_json_previous(struct json *j, struct handoff *h)
{
	const struct review *v = &h->review;
	char id[UUID_TEXT];

	if (v->previous.session == 0) {
		json_put_null(j, "previous_session");
		return;
	}
	json_open(j, "previous_session", '{');
	json_put_text(j, "id", print_session_id(id, h->run, v->previous.session));
	json_put_text(j, "code", v->previous.code);
	put_json_date(j, "requested_collection_date", v->previous.collect_on);
	put_json_totals(j, v->previous.count, v->previous.sum);
	json_close(j, '}');
}

/* Alan is the creditor of debits, and the debtor of credit transfers, which need no creditor identifier. */
static void
put_json_alan(struct json *j, struct handoff *h)
{
	bool collects = h->review.file.kind == COLLECTION_DEBIT;

	json_open(j, collects ? "creditor" : "debtor", '{');
	json_put_text(j, "name", h->review.terms.creditor_name);
	if (collects)
		json_put_text(j, "identifier", h->review.terms.creditor_identifier);
	json_put_text(j, "iban_masked", h->review.creditor_iban);
	json_put_text(j, "bic", text_or_null(h->review.terms.creditor_bic));
	json_close(j, '}');
}

static void
handoff_write_manifest(struct sink *s, void *ctx)
{
	struct handoff *h = handoff_load(ctx);
	const struct review *v = &h->review;
	struct json j = {.sink = s, .indent = true};
	char hex[SHA256_TEXT];

	json_open(&j, NULL, '{');
	put_json_session(&j, h);
	json_put_int(&j, "version", v->file.version);
	json_put_text(&j, "kind", collection_kind_word(v->file.kind));
	json_put_text(&j, "msg_id", v->file.msg_id);
	put_json_blocks(&j, v);
	json_open(&j, "totals", '{');
	put_json_totals(&j, v->file.count, v->file.sum);
	json_close(&j, '}');
	put_json_alan(&j, h);
	json_open(&j, "configuration", '{');
	json_put_text(&j, "sha256", sha256_print(hex, v->terms.config_sha256));
	json_close(&j, '}');
	put_json_files(&j, h);
	review_put_anomalies(&j, v);
	put_json_previous(&j, h);
	json_close(&j, '}');
}

/* The files beside the XML: what follows its name, what follows the name of its list, or a name of their own. Some are written in one
 * pass with those that follow. */
static const struct {
	const char *of_xml, *of_list, *name;
	publish_render_fn *render;
	publish_render_all_fn *render_all;
	size_t together;
} files[HANDOFF_FILES] = {
    {.of_xml = ".sha256", .render = write_sha256},
    {.name = "report.html", .render_all = write_lists, .together = 3},
    {.of_list = ".csv"},
    {.of_list = ".excel-fr.csv"},
    {.name = "excluded.csv", .render_all = write_excluded, .together = 2},
    {.name = "excluded.excel-fr.csv"},
    {.name = "manifest.json", .render = handoff_write_manifest},
};

struct handoff *
handoff_open(struct run *r, const struct bankfile *f)
{
	struct handoff *h = memory_new(1, sizeof(*h));
	int i;

	h->run = r;
	h->file = f->number;
	durable_join(h->xml, f->folder, f->name);
	for (i = 0; i < HANDOFF_FILES; i++)
		if (files[i].of_xml != NULL)
			snprintf(h->name[i], sizeof(h->name[i]), "%s%s", f->name, files[i].of_xml);
		else if (files[i].of_list != NULL)
			snprintf(h->name[i], sizeof(h->name[i]), "%s%s", bankfile_words(f->kind)->list,
			         files[i].of_list);
		else
			snprintf(h->name[i], sizeof(h->name[i]), "%s", files[i].name);
	return h;
}

void
handoff_close(struct handoff *h)
{
	free(h);
}

void
handoff_entries(struct handoff *h, struct publish_entry entries[static HANDOFF_FILES])
{
	int first = 0, i;

	for (i = 0; i < HANDOFF_FILES; i++) {
		if (files[i].render != NULL || files[i].render_all != NULL)
			first = i;
		entries[i] = (struct publish_entry){.name = h->name[i],
		                                    .kind = "handoff",
		                                    .owner = h->file,
		                                    .render = files[i].render,
		                                    .render_all = files[first].render_all,
		                                    .ctx = h};
	}
}

/* Those that are written with it go nowhere. */
static void
write_one_of(struct handoff *h, int first, int wanted, struct sink *s)
{
	struct sink *sinks[PUBLISH_TOGETHER];
	unsigned char digest[SHA256_SIZE];
	int n = (int)files[first].together, i;

	for (i = 0; i < n; i++)
		sinks[i] = first + i == wanted ? s : sink_new(NULL, NULL);
	files[first].render_all(sinks, h);
	for (i = 0; i < n; i++)
		if (sinks[i] != s && sink_end(sinks[i], digest, NULL) < 0)
			die(EXIT_BUG, "%s cannot be written", h->name[first + i]);
}

void
handoff_write(struct handoff *h, const char *name, struct sink *s)
{
	int first = 0, i;

	for (i = 0; i < HANDOFF_FILES; i++) {
		if (files[i].render != NULL || files[i].render_all != NULL)
			first = i;
		if (strcmp(name, h->name[i]) != 0)
			continue;
		if (files[first].render_all != NULL)
			write_one_of(h, first, i, s);
		else if (files[first].render != NULL)
			files[first].render(s, h);
	}
}
