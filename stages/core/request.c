/* request: see request.h. Writes the table request. */
#include <string.h>

#include "formats/iban.h"
#include "formats/json.h"
#include "formats/text.h"
#include "stages/core/log.h"
#include "stages/core/mandate.h"
#include "stages/core/membership.h"
#include "stages/core/profile.h"
#include "stages/core/request.h"

/* What a record is answered. */
struct answer {
	const char *status;
	struct err why; /* code "ok" when all is well */
	char field[64];
	char result[512];      /* JSON, "" for none */
	struct sink_text text; /* where it is written */
};

struct context {
	struct run *r;
	const struct request *q;
	int64_t input, profile; /* profile: 0 when there is none, and the operation does not need one */
	struct answer *a;
};

struct operation {
	const char *name;
	bool needs_profile;
	const char *field[6]; /* all needed */
	void (*apply)(struct context *c);
};

static void
reject(struct answer *a, const char *field, const char *code, const char *message)
{
	a->status = "rejected";
	text_copy(a->field, sizeof(a->field), field);
	err_set(&a->why, code, "%s", message);
}

static struct sink *
begin_result(struct answer *a)
{
	a->text = (struct sink_text){a->result, sizeof(a->result), 0};
	return sink_into(&a->text);
}

static void
end_result(struct json *j)
{
	json_close(j, '}');
	if (sink_end(j->sink, NULL, NULL) < 0)
		die(EXIT_BUG, "the result of a request is too long to be kept");
}

static void
apply_declare_profile(struct context *c)
{
	char id[UUID_TEXT];
	struct uuid uuid;
	struct json j = {.sink = begin_result(c->a)};
	bool created;

	c->profile = profile_declare(c->r, c->q->app_id, c->q->app_user_id, c->input, c->q->line, &created);
	uuid = profile_uuid(c->r, c->profile);
	json_open(&j, NULL, '{');
	json_put_text(&j, "profile_id", uuid_print(id, &uuid));
	json_put_bool(&j, "created", created);
	end_result(&j);
}

static void
apply_declare_sepa_mandate(struct context *c)
{
	struct mandate m = {.reference = request_field(c->q, "unique_mandate_reference"),
	                    .debtor_name = request_field(c->q, "debtor_name")};
	char masked[IBAN_MASKED], name[71];
	struct country country;
	struct err e = {0};
	struct answer *a = c->a;
	struct json j = {0};

	if (text_check_identifier(m.reference, &e) < 0)
		reject(a, "unique_mandate_reference", "bad_field", e.message);
	else if (text_to_sepa(m.debtor_name, name, 70, &e) < 0)
		reject(a, "debtor_name", "bad_field", e.message);
	else if (iban_parse(request_field(c->q, "debtor_iban"), &m.iban, &e) < 0)
		reject(a, "debtor_iban", "invalid_iban", e.message);
	else if (country_parse(request_field(c->q, "debtor_country"), &country, &e) < 0)
		reject(a, "debtor_country", "invalid_country", e.message);
	else if (date_parse(request_field(c->q, "signature_date"), &m.signed_on, &e) < 0)
		reject(a, "signature_date", "bad_field", e.message);
	else if (m.signed_on > c->r->on)
		reject(a, "signature_date", "signature_date_in_future",
		       "the mandate is signed after the business date");
	if (strcmp(a->status, "succeeded") != 0)
		return;

	m.country = country.alpha3;
	if (mandate_declare(c->r, c->profile, &m, c->input, c->q->line, &a->why) < 0) {
		a->status = "rejected";
		text_copy(a->field, sizeof(a->field), "unique_mandate_reference");
		return;
	}
	j.sink = begin_result(a);
	json_open(&j, NULL, '{');
	json_put_text(&j, "unique_mandate_reference", m.reference);
	json_put_text(&j, "debtor_iban", iban_mask(masked, &m.iban));
	json_put_text(&j, "debtor_country", country.alpha3);
	end_result(&j);
}

static void
apply_link_account_membership(struct context *c)
{
	const char *id = request_field(c->q, "account_membership_id");
	struct err e;
	struct uuid uuid;

	if (uuid_parse(id, &uuid, &e) < 0)
		reject(c->a, "account_membership_id", "bad_field", e.message);
	else if (membership_link(c->r, c->profile, id, &e) < 0)
		reject(c->a, "account_membership_id", e.code, e.message);
}

static const struct operation operations[] = {
    {"declare_profile", false, {NULL}, apply_declare_profile},
    {"declare_sepa_mandate",
     true,
     {"debtor_name", "debtor_iban", "debtor_country", "unique_mandate_reference", "signature_date"},
     apply_declare_sepa_mandate},
    {"link_account_membership", true, {"account_membership_id"}, apply_link_account_membership},
};

static const struct operation *
find_operation(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	return NULL;
}

static bool
takes_field(const struct operation *op, const char *name)
{
	size_t i;

	for (i = 0; op->field[i] != NULL; i++)
		if (strcmp(op->field[i], name) == 0)
			return true;
	return false;
}

/* Which fields are there is checked before what they say. */
static bool
has_its_fields(const struct operation *op, const struct request *q, struct answer *a)
{
	char message[128];
	int i;

	for (i = 0; op->field[i] != NULL; i++)
		if (request_field(q, op->field[i]) == NULL) {
			snprintf(message, sizeof(message), "%s is needed", op->field[i]);
			reject(a, op->field[i], "missing_field", message);
			return false;
		}
	for (i = 0; i < q->n; i++)
		if (!takes_field(op, q->field[i].name)) {
			snprintf(message, sizeof(message), "%s has no field %.64s", op->name,
			         q->field[i].name);
			reject(a, q->field[i].name, "unknown_field", message);
			return false;
		}
	return true;
}

static void
apply(struct run *r, const struct request *q, int64_t input, struct answer *a)
{
	const struct operation *op = q->op == NULL ? NULL : find_operation(q->op);
	struct context c = {.r = r, .q = q, .input = input, .a = a};

	if (op == NULL) {
		reject(a, "op", "unknown_op", "no such operation");
		return;
	}
	if (q->app_id == NULL || q->app_user_id == NULL) {
		reject(a, q->app_id == NULL ? "app_id" : "app_user_id", "missing_field",
		       "the member must be named");
		return;
	}
	if (!has_its_fields(op, q, a))
		return;
	c.profile = profile_find(r, q->app_id, q->app_user_id);
	if (op->needs_profile && c.profile == 0) {
		reject(a, "", "profile_not_found", "");
		err_set(&a->why, "profile_not_found", "Profile not found for app [%s] and user [%s]",
		        q->app_id, q->app_user_id);
		return;
	}
	tx_begin(r->db);
	op->apply(&c);
	if (q->dry_run || strcmp(a->status, "succeeded") != 0)
		tx_rollback(r->db);
	else
		tx_commit(r->db);
}

/* Was this message id answered before? Then the answer is the first one again, or a conflict. */
static bool
repeats(struct run *r, const struct request *q, const char *source, struct answer *a)
{
	struct stmt *s = sql(r->db, "SELECT digest, code, field, message, result FROM request"
	                            " WHERE source = $source AND message_id = $id AND first = 1");
	size_t n;

	bind_text(s, "$source", source);
	bind_text(s, "$id", q->message_id);
	if (!row(s))
		return false;
	if (memcmp(col_blob(s, 0, &n), q->digest, SHA256_SIZE) != 0) {
		reject(a, "message_id", "message_id_conflict",
		       "this message id was used before with other content");
		reset(s);
		return true;
	}
	a->status = "duplicate";
	err_set(&a->why, col_text(s, 1), "%s", col_null(s, 3) ? "" : col_text(s, 3));
	col_copy(s, 2, a->field, sizeof(a->field));
	col_copy(s, 4, a->result, sizeof(a->result));
	reset(s);
	return true;
}

static void
save(struct run *r, const struct request *q, const char *source, int64_t input, bool first,
     const struct answer *a)
{
	struct stmt *s = sql(
	    r->db, "INSERT INTO request (number, input_number, line, source, message_id, first, digest, op,"
		   "  status, code, field, message, result, processed_at)"
		   " VALUES ($number, $input, $line, $source, $id, $first, $digest, $op,"
		   "  $status, $code, $field, $message, $result, $now)");

	bind_int(s, "$number", store_number(r->db, "request"));
	bind_int(s, "$input", input);
	bind_int(s, "$line", q->line);
	bind_text(s, "$source", source);
	bind_text(s, "$id", q->message_id);
	bind_int(s, "$first", first);
	bind_blob(s, "$digest", q->digest, SHA256_SIZE);
	bind_text(s, "$op", q->op);
	bind_text(s, "$status", a->status);
	bind_text(s, "$code", a->why.code);
	bind_text(s, "$field", text_or_null(a->field));
	bind_text(s, "$message", text_or_null(a->why.message));
	bind_text(s, "$result", text_or_null(a->result));
	bind_instant(s, "$now", r->now);
	exec(s);
}

void
request_apply(struct run *r, const struct request *q, const char *source, int64_t input)
{
	struct answer a = {.status = "succeeded", .why = {.code = "ok"}};
	bool first = false;

	if (q->message_id == NULL || !repeats(r, q, source, &a)) {
		if (q->why.code[0] != '\0')
			reject(&a, q->wrong == NULL ? "" : q->wrong, q->why.code, q->why.message);
		else
			apply(r, q, input, &a);
		first = q->message_id != NULL &&
		        !q->dry_run; /* every answer but a rehearsal's is final for its id */
	}
	save(r, q, source, input, first, &a);
	run_count(r, a.status, 1);
	if (strcmp(a.status, "rejected") == 0)
		r->held = true;
}

void
request_write_results(struct run *r, struct sink *s, int64_t input, int64_t copy_of)
{
	struct stmt *q =
	    sql(r->db, "SELECT message_id, line, op, status, code, field, message, result, processed_at"
	               " FROM request WHERE input_number = $input ORDER BY line");
	struct request_result result;

	bind_int(q, "$input", copy_of == 0 ? input : copy_of);
	while (row(q)) {
		result =
		    (struct request_result){col_text(q, 0),   (long)col_int(q, 1),
		                            col_text(q, 2),   copy_of == 0 ? col_text(q, 3) : "duplicate",
		                            col_text(q, 4),   col_text(q, 5),
		                            col_text(q, 6),   col_text(q, 7),
		                            col_instant(q, 8)};
		request_write_result(s, &result);
	}
}
