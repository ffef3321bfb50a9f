/* handoff: see handoff.h. Writes no table but artifact, through publish.
 *
 * Each list is one pass over the debits or refunds. A spreadsheet gets the same columns, with the amount in euros and a
 * guard against texts that it would run: names come from outside.
 * source   GNU coreutils (sha256sum --check)
 */
#include <string.h>

#include "formats/csv.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/exclusion.h"
#include "stages/core/bank/handoff.h"
#include "stages/core/bank/report.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"

#define FILES 6

struct handoff {
	struct run *run;
	struct review review;
	char remittance[141];
	struct {
		char name[136];
		int64_t size;
		unsigned char sha256[SHA256_SIZE];
	} file[FILES];
	int files;
};

static void
list_file(struct handoff *h, const char *name, int64_t size, const unsigned char sha256[SHA256_SIZE])
{
	if (h->files == FILES)
		die(EXIT_BUG, "%s: too many files in the hand-off", name);
	snprintf(h->file[h->files].name, sizeof(h->file[0].name), "%s", name);
	h->file[h->files].size = size;
	memcpy(h->file[h->files].sha256, sha256, SHA256_SIZE);
	h->files++;
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
put_date(struct csv *c, date on)
{
	char text[DATE_TEXT];

	csv_text(c, date_print(text, on));
}

static void
write_sha256(struct handoff *h, struct sink *s)
{
	char hex[SHA256_TEXT];

	sink_print(s, "%s  %s\n", sha256_print(hex, h->review.file.sha256), h->review.file.name);
}

static void
write_report(struct handoff *h, struct sink *s)
{
	report_write(h->run, s, &h->review);
}

static void
put_line(struct csv *c, struct handoff *h, const struct reviewed *d, bool in_euros)
{
	char euros[MONEY_TEXT_FR];

	csv_text(c, d->end_to_end_id);
	put_id(c, h->run, UUID_DEBT, d->profile, h->review.file.session);
	put_id(c, h->run, UUID_PROFILE, 0, d->profile);
	csv_text(c, d->app_id);
	csv_text(c, d->app_user_id);
	csv_text(c, d->debtor_name);
	csv_text(c, d->iban);
	csv_text(c, d->reference);
	put_date(c, d->signed_on);
	csv_text(c, h->review.file.sequence_type);
	if (in_euros)
		csv_text(c, money_print_fr(euros, d->amount));
	else
		csv_int(c, d->amount);
	put_date(c, h->review.file.collect_on);
	csv_text(c, h->remittance);
	csv_end(c);
}

static void
put_lines(struct csv *c, struct handoff *h, bool in_euros)
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
	                               in_euros ? "amount" : "amount_in_cents",
	                               "requested_collection_date",
	                               "remittance_information"};
	struct stmt *q = review_begin(h->run, &h->review);
	struct reviewed d;

	csv_header(c, columns, (int)LENGTH(columns));
	while (review_next(q, &d))
		put_line(c, h, &d, in_euros);
}

static void
write_list(struct handoff *h, struct sink *s)
{
	struct csv c = {.sink = s, .separator = ',', .eol = "\n"};

	put_lines(&c, h, false);
}

static void
write_list_for_excel(struct handoff *h, struct sink *s)
{
	struct csv c = {.sink = s, .separator = ';', .formulas = true, .eol = "\r\n"};

	sink_text(s, "\xEF\xBB\xBF");
	put_lines(&c, h, true);
}

static void
write_excluded(struct handoff *h, struct sink *s)
{
	static const char *const columns[] = {"debt_id", "profile_id", "amount_in_cents", "reason",
	                                      "carried_to_session_id"};
	struct csv c = {.sink = s, .separator = ',', .eol = "\n"};
	struct stmt *q = exclusion_begin(h->run, h->review.file.session, h->review.file.kind);
	char text[UUID_TEXT];
	struct exclusion l;

	csv_header(&c, columns, (int)LENGTH(columns));
	while (exclusion_next(q, &l)) {
		put_id(&c, h->run, UUID_DEBT, l.profile, h->review.file.session);
		put_id(&c, h->run, UUID_PROFILE, 0, l.profile);
		csv_int(&c, l.amount);
		csv_text(&c, l.reason);
		csv_text(&c, l.carried_to == 0 ? "" : print_session_id(text, h->run, l.carried_to));
		csv_end(&c);
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
put_json_files(struct json *j, const struct handoff *h)
{
	char hex[SHA256_TEXT];
	int i;

	json_open(j, "files", '[');
	for (i = 0; i < h->files; i++) {
		json_open(j, NULL, '{');
		json_put_text(j, "name", h->file[i].name);
		json_put_int(j, "size", h->file[i].size);
		json_put_text(j, "sha256", sha256_print(hex, h->file[i].sha256));
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

/* Who collects, or who pays: of a credit transfer the debtor, who needs no creditor identifier. */
static void
put_json_alan(struct json *j, struct handoff *h)
{
	bool collects = h->review.file.kind == COLLECTION_DEBIT;

	json_open(j, collects ? "creditor" : "debtor", '{');
	json_put_text(j, "name", config_text(h->run->config, CREDITOR_NAME));
	if (collects)
		json_put_text(j, "identifier", config_text(h->run->config, CREDITOR_IDENTIFIER));
	json_put_text(j, "iban_masked", h->review.creditor_iban);
	json_close(j, '}');
}

static void
write_manifest(struct handoff *h, struct sink *s)
{
	const struct review *v = &h->review;
	struct json j = {.sink = s, .indent = true};

	json_open(&j, NULL, '{');
	put_json_session(&j, h);
	json_put_int(&j, "version", v->file.version);
	json_put_text(&j, "kind", collection_kind_word(v->file.kind));
	json_put_text(&j, "msg_id", v->file.msg_id);
	json_open(&j, "payment_information", '[');
	json_open(&j, NULL, '{');
	json_put_text(&j, "id", v->file.payment_information_id);
	json_put_text(&j, "sequence_type", text_or_null(v->file.sequence_type));
	put_json_date(&j, "requested_collection_date", v->file.collect_on);
	put_json_totals(&j, v->file.count, v->file.sum);
	json_close(&j, '}');
	json_close(&j, ']');
	json_open(&j, "totals", '{');
	put_json_totals(&j, v->file.count, v->file.sum);
	json_close(&j, '}');
	put_json_alan(&j, h);
	put_json_files(&j, h);
	review_put_anomalies(&j, v);
	put_json_previous(&j, h);
	json_close(&j, '}');
}

static void
publish_one(struct handoff *h, const char *name, void (*write)(struct handoff *h, struct sink *s))
{
	struct publication p;

	publish_begin_in(&p, h->run, "handoff", h->review.file.number, h->review.file.folder, name);
	write(h, p.sink);
	publish_end(&p);
	if (write != write_manifest)
		list_file(h, name, p.size, p.sha256);
}

void
handoff_publish(struct run *r, int64_t file_number, int64_t xml_size)
{
	struct handoff h = {.run = r};
	const char *list;
	char name[136];

	review_load(r, file_number, xml_size, &h.review);
	bankfile_remittance(r, h.review.file.session, h.remittance);
	list_file(&h, h.review.file.name, xml_size, h.review.file.sha256);
	snprintf(name, sizeof(name), "%s.sha256", h.review.file.name);
	publish_one(&h, name, write_sha256);
	publish_one(&h, "report.html", write_report);
	list = bankfile_words(h.review.file.kind)->list;
	snprintf(name, sizeof(name), "%s.csv", list);
	publish_one(&h, name, write_list);
	snprintf(name, sizeof(name), "%s.excel-fr.csv", list);
	publish_one(&h, name, write_list_for_excel);
	publish_one(&h, "excluded.csv", write_excluded);
	publish_one(&h, "manifest.json", write_manifest);
}
