/* handoff: see handoff.h. Writes no table but artifact, through publish.
 *
 * Each list is one pass over the debits or refunds. A spreadsheet gets the same columns, with the amount in euros and a
 * guard against texts that it would run: names come from outside.
 * source   GNU coreutils (sha256sum --check); EPC016-06 (SDD Core rulebook): returns within 5 TARGET days of the
 *          collection
 */
#include <string.h>

#include "formats/calendar.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/reason.h"
#include "formats/text.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/exclusion.h"
#include "stages/core/bank/handoff.h"
#include "stages/core/bank/report.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"

#define RETURN_DAYS 5 /* TARGET days after the collection; what comes later is a refund */
#define FILES       6

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

	sink_print(s, "%s  %s\n", sha256_print(hex, h->review.sha256), h->review.name);
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
	put_id(c, h->run, UUID_DEBT, d->profile, h->review.session);
	put_id(c, h->run, UUID_PROFILE, 0, d->profile);
	csv_text(c, d->app_id);
	csv_text(c, d->app_user_id);
	csv_text(c, d->debtor_name);
	csv_text(c, d->iban);
	csv_text(c, d->reference);
	put_date(c, d->signed_on);
	csv_text(c, h->review.sequence_type);
	if (in_euros)
		csv_text(c, money_print_fr(euros, d->amount));
	else
		csv_int(c, d->amount);
	put_date(c, h->review.collect_on);
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
	struct stmt *q = exclusion_begin(h->run, h->review.session, h->review.kind);
	char text[UUID_TEXT];
	struct exclusion l;

	csv_header(&c, columns, (int)LENGTH(columns));
	while (exclusion_next(q, &l)) {
		put_id(&c, h->run, UUID_DEBT, l.profile, h->review.session);
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
	json_put_text(j, "id", print_session_id(id, h->run, v->session));
	json_put_text(j, "code", v->code);
	put_json_date(j, "recovery_period_start_date", v->period_start_on);
	put_json_date(j, "recovery_period_end_date", v->period_end_on);
	put_json_date(j, "freeze_date", v->freeze_on);
	put_json_date(j, "recovery_date", v->wanted_on);
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
	bool collects = h->review.kind == COLLECTION_DEBIT;

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
	json_put_int(&j, "version", v->version);
	json_put_text(&j, "kind", collection_kind_word(v->kind));
	json_put_text(&j, "msg_id", v->msg_id);
	json_open(&j, "payment_information", '[');
	json_open(&j, NULL, '{');
	json_put_text(&j, "id", v->payment_information_id);
	json_put_text(&j, "sequence_type", text_or_null(v->sequence_type));
	put_json_date(&j, "requested_collection_date", v->collect_on);
	put_json_totals(&j, v->count, v->sum);
	json_close(&j, '}');
	json_close(&j, ']');
	json_open(&j, "totals", '{');
	put_json_totals(&j, v->count, v->sum);
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

	publish_begin_in(&p, h->run, "handoff", h->review.file, h->review.folder, name);
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
	bankfile_remittance(r, h.review.session, h.remittance);
	list_file(&h, h.review.name, xml_size, h.review.sha256);
	snprintf(name, sizeof(name), "%s.sha256", h.review.name);
	publish_one(&h, name, write_sha256);
	publish_one(&h, "report.html", write_report);
	list = bankfile_words(h.review.kind)->list;
	snprintf(name, sizeof(name), "%s.csv", list);
	publish_one(&h, name, write_list);
	snprintf(name, sizeof(name), "%s.excel-fr.csv", list);
	publish_one(&h, name, write_list_for_excel);
	publish_one(&h, "excluded.csv", write_excluded);
	publish_one(&h, "manifest.json", write_manifest);
}

/* Returns ---------------------------------------------------------------------------------------- */

struct returns {
	struct run *run;
	int64_t session;
};

/* What follows for the mandate and for a person; a code that the table does not know is a person's decision. */
static void
put_reason(struct csv *c, enum reason_of of, const char *code)
{
	const struct reason *reason = code == NULL ? NULL : reason_find(of, code);
	char action[256];

	csv_text(c, code);
	csv_text(c, reason == NULL ? "" : reason->label_en);
	if (reason == NULL)
		snprintf(action, sizeof(action), "ask the bank what the reason means");
	else
		snprintf(action, sizeof(action), "%s mandate; %s", reason->mandate_action, reason->next_step);
	csv_text(c, action);
}

static void
put_return(struct csv *c, const struct returns *returns, struct stmt *q)
{
	static const char *const kinds[2][2] = {{"reject", "return"}, {"refund_reject", "refund_return"}};
	bool is_refund = strcmp(col_text(q, 9), collection_kind_word(COLLECTION_REFUND)) == 0;
	date failed_on = col_date(q, 5), due_on = col_date(q, 7);

	csv_text(c, col_text(q, 0));
	put_id(c, returns->run, UUID_DEBT, col_int(q, 1), returns->session);
	csv_int(c, col_int(q, 2));
	csv_text(c, kinds[is_refund][strcmp(col_text(q, 3), "returned") == 0]);
	put_reason(c, is_refund ? REASON_OF_REFUND : REASON_OF_DEBIT, col_text(q, 4));
	if (col_null(q, 6))
		csv_text(c, "");
	else
		csv_int(c, col_int(q, 6));
	put_date(c, failed_on);
	csv_text(c, col_text(q, 8));
	csv_text(c, failed_on > calendar_add_open(due_on, RETURN_DAYS) ? "true" : "false");
	csv_end(c);
}

/* The source is the entry that told of the failure: a booked return before a status, the first of several. */
static void
write_returns(struct sink *s, void *ctx)
{
	static const char *const columns[] = {
	    "end_to_end_id", "debt_id",           "amount_in_cents", "kind",        "reason_code", "label",
	    "action",        "bank_fee_in_cents", "booking_date",    "source_file", "late"};
	const struct returns *returns = ctx;
	struct csv c = {.sink = s, .separator = ',', .eol = "\n"};
	struct stmt *q = sql(
	    returns->run->db,
	    "WITH failed AS ("
	    "  SELECT c.end_to_end_id, c.profile_number, c.amount_in_cents, c.state, c.reason, c.failed_on, c.fee_in_cents,"
	    "   coalesce(c.booked_on, f.collect_on) AS due_on, f.kind"
	    "  FROM bank_file f JOIN collection c ON c.file_number = f.number"
	    "  WHERE f.session_number = $session AND c.state IN ('rejected', 'returned')),"
	    " told AS ("
	    "  SELECT failed.end_to_end_id, i.name, row_number() OVER (PARTITION BY failed.end_to_end_id ORDER BY"
	    "   CASE WHEN (e.kind <> 'status') = (failed.state = 'returned') THEN 0 ELSE 1 END, e.number) AS nth"
	    "  FROM bank_entry e JOIN failed ON failed.end_to_end_id = e.end_to_end_id AND failed.failed_on = e.event_on"
	    "  JOIN bank_message b ON b.number = e.message_number JOIN input i ON i.number = b.input_number"
	    "  WHERE e.state <> 'held' AND (e.kind IN ('return', 'refund_return') OR (e.kind = 'status' AND e.status = 'RJCT')))"
	    " SELECT failed.end_to_end_id, failed.profile_number, failed.amount_in_cents, failed.state, failed.reason,"
	    "  failed.failed_on, failed.fee_in_cents, failed.due_on, told.name, failed.kind"
	    " FROM failed LEFT JOIN told ON told.end_to_end_id = failed.end_to_end_id AND told.nth = 1"
	    " ORDER BY failed.failed_on, failed.end_to_end_id");

	csv_header(&c, columns, (int)LENGTH(columns));
	bind_int(q, "$session", returns->session);
	while (row(q))
		put_return(&c, returns, q);
}

void
handoff_view_returns(struct run *r, int64_t session_number)
{
	struct stmt *q = sql(r->db, "SELECT folder FROM bank_file WHERE session_number = $session"
	                            " ORDER BY version DESC LIMIT 1");
	struct returns returns = {r, session_number};
	char path[PATH_SIZE];
	const char *folder, *slash;

	bind_int(q, "$session", session_number);
	if (!row(q))
		return;
	folder = col_text(q, 0);
	slash = strrchr(folder, '/');
	if (slash == NULL || snprintf(path, sizeof(path), "%.*s/returns.csv", (int)(slash - folder),
	                              folder) >= (int)sizeof(path))
		die(EXIT_BUG, "%s is not a hand-off folder", folder);
	reset(q);
	publish_view(r, path, write_returns, &returns);
}
