/* request: see request.h. Writes the table request. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/iban.h"
#include "formats/json.h"
#include "formats/text.h"
#include "stages/core/answer.h"
#include "stages/core/external.h"
#include "stages/core/ledger.h"
#include "stages/core/log.h"
#include "stages/core/mandate.h"
#include "stages/core/membership.h"
#include "stages/core/offboarding.h"
#include "stages/core/profile.h"
#include "stages/core/request.h"

struct context {
	struct run *r;
	const struct request *q;
	int64_t input, profile; /* profile: 0 when there is none, and the operation does not need one */
	struct request_answer *a;
};

/* Of whom an operation is asked. */
enum member {
	MEMBER_NAMED,     /* need not be there */
	MEMBER_KNOWN,     /* else rejected */
	MEMBER_MAYBE,     /* else skipped: nothing is to be done for somebody nobody declared */
	MEMBER_NOT_GONE,  /* else rejected, and rejected when offboarded */
	MEMBER_OF_NOBODY, /* app_id and app_user_id are not taken */
};

struct operation {
	const char *name;
	enum member member;
	const char *field[6]; /* all needed */
	void (*apply)(struct context *c);
};

static void
reject(struct request_answer *a, const char *field, const char *code, const char *message)
{
	a->status = "rejected";
	text_copy(a->field, sizeof(a->field), field);
	err_set(&a->why, code, "%s", message);
}

static bool
is_rejected(const struct request_answer *a)
{
	return strcmp(a->status, "rejected") == 0;
}

static int
keep_result(void *ctx, const void *bytes, size_t n)
{
	struct request_answer *a = ctx;
	char *more = realloc(a->result, a->length + n + 1);

	if (more == NULL)
		return -1;
	a->result = more;
	memcpy(a->result + a->length, bytes, n);
	a->length += n;
	a->result[a->length] = '\0';
	return 0;
}

static struct json
begin_result(struct request_answer *a)
{
	struct json j = {.sink = sink_new_plain(keep_result, a)};

	if (j.sink == NULL)
		die(EXIT_BUG, "out of memory");
	return j;
}

static void
end_result(struct json *j)
{
	if (sink_end(j->sink, NULL, NULL) < 0)
		die(EXIT_BUG, "the result of a request cannot be kept");
}

void
request_answer_free(struct request_answer *a)
{
	free(a->result);
	*a = (struct request_answer){0};
}

static void
apply_declare_profile(struct context *c)
{
	char id[UUID_TEXT];
	struct uuid uuid;
	struct json j = begin_result(c->a);
	bool created;

	c->profile = profile_declare(c->r, c->q->app_id, c->q->app_user_id, c->input, c->q->line, &created);
	uuid = profile_uuid(c->r, c->profile);
	json_open(&j, NULL, '{');
	json_put_text(&j, "profile_id", uuid_print(id, &uuid));
	json_put_bool(&j, "created", created);
	json_close(&j, '}');
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
	struct request_answer *a = c->a;
	struct json j;

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
	if (is_rejected(a))
		return;

	m.country = country.alpha3;
	if (mandate_declare(c->r, c->profile, &m, c->input, c->q->line, &a->why) < 0) {
		a->status = "rejected";
		text_copy(a->field, sizeof(a->field), "unique_mandate_reference");
		return;
	}
	j = begin_result(a);
	json_open(&j, NULL, '{');
	json_put_text(&j, "unique_mandate_reference", m.reference);
	json_put_text(&j, "debtor_iban", iban_mask(masked, &m.iban));
	json_put_text(&j, "debtor_country", country.alpha3);
	json_close(&j, '}');
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

/* "2026-03-04" is that day's beginning in Paris. */
static int
parse_when(const char *text, instant *at, struct err *e)
{
	date on;

	if (strlen(text) + 1 != DATE_TEXT)
		return instant_parse(text, at, e);
	if (date_parse(text, &on, e) < 0)
		return -1;
	*at = date_paris_midnight(on);
	return 0;
}

static void
put_transaction(struct json *j, struct run *r, int64_t profile, int64_t number)
{
	struct answer a =
	    answer_to(r, QUESTION_TRANSACTION, (struct about){.profile = profile, .number = number});

	answer_put(j, NULL, r, &a);
}

static void
answer_external(struct context *c, enum external_outcome outcome, int64_t number)
{
	struct request_answer *a = c->a;
	struct json j;

	if (outcome == EXTERNAL_CONFLICT) {
		reject(a, "external_transaction_id", "external_transaction_id_conflict",
		       "this id was used before for another member or amount");
	} else if (outcome == EXTERNAL_NO_DEBT) {
		a->status = "skipped";
		err_set(&a->why, "no_debt", "the member had no open debt");
	} else {
		j = begin_result(a);
		put_transaction(&j, c->r, c->profile, number);
		end_result(&j);
	}
}

static void
apply_request_external_transaction(struct context *c)
{
	struct external x = {.app_id = c->q->app_id,
	                     .id = request_field(c->q, "external_transaction_id"),
	                     .profile = c->profile,
	                     .input = c->input,
	                     .line = c->q->line};
	struct request_answer *a = c->a;
	enum external_outcome outcome;
	struct err e = {0};
	int64_t number = 0;

	if (strlen(x.id) >= EXTERNAL_ID)
		reject(a, "external_transaction_id", "bad_field", "more than 255 bytes");
	else if (money_parse_cents(request_field(c->q, "requested_amount_in_cents"), &x.requested, &e) < 0)
		reject(a, "requested_amount_in_cents", "invalid_amount", e.message);
	else if (x.requested <= 0)
		reject(a, "requested_amount_in_cents", "invalid_amount", "not above 0");
	else if (parse_when(request_field(c->q, "transaction_date"), &x.at, &e) < 0)
		reject(a, "transaction_date", "bad_field", e.message);
	else if (ledger_is_in_future(c->r, x.at))
		reject(a, "transaction_date", "bad_field", "more than a day after the business date");
	if (is_rejected(a))
		return;
	outcome = external_request(c->r, &x, &number);
	answer_external(c, outcome, number);
}

/* Whether an earlier id of the list is the same; a list is short, and so are ids. */
static bool
stands_before(const struct json_value *list, const struct json_value *id)
{
	const struct json_value *m;

	for (m = list->child; m != id; m = m->next)
		if (strcasecmp(m->text, id->text) == 0)
			return true;
	return false;
}

static int
set_push_date(struct context *c, const struct json_value *list, const struct json_value *id, instant sent_at,
              struct json *j, struct err *e)
{
	int64_t profile, number;
	struct uuid uuid;

	if (id->type != JSON_TEXT)
		return err_set(e, "bad_field", "an id that is no text");
	if (uuid_parse(id->text, &uuid, e) < 0)
		return -1;
	if (!ledger_find_external(c->r, &uuid, &profile, &number))
		return err_set(e, "transaction_not_found", "no external transaction has the id %s", id->text);
	if (stands_before(list, id))
		return 0;
	ledger_set_push_date(c->r, profile, number, sent_at);
	put_transaction(j, c->r, profile, number);
	return 0;
}

/* All of the list or, because a record that is rejected is rolled back, none. */
static void
set_push_dates(struct context *c, const struct json_value *list, instant sent_at)
{
	struct json j = begin_result(c->a);
	struct err e = {0};

	json_open(&j, NULL, '[');
	json_each (id, list)
		if (set_push_date(c, list, id, sent_at, &j, &e) < 0) {
			reject(c->a, "transaction_ids", e.code, e.message);
			break;
		}
	json_close(&j, ']');
	end_result(&j);
	if (is_rejected(c->a)) {
		free(c->a->result);
		c->a->result = NULL;
		c->a->length = 0;
	}
}

static void
apply_set_push_notification_date(struct context *c)
{
	const char *ids = request_field(c->q, "transaction_ids");
	struct json_value *list;
	struct err e = {0};
	instant sent_at;

	list = json_parse(ids, strlen(ids), &e);
	if (list == NULL || list->type != JSON_ARRAY)
		reject(c->a, "transaction_ids", "bad_field", "no list of ids: [\"...\"]");
	else if (instant_parse(request_field(c->q, "push_notification_sent_at"), &sent_at, &e) < 0)
		reject(c->a, "push_notification_sent_at", "bad_field", e.message);
	else if (ledger_is_in_future(c->r, sent_at))
		reject(c->a, "push_notification_sent_at", "bad_field",
		       "more than a day after the business date");
	else
		set_push_dates(c, list, sent_at);
	json_free(list);
}

static void
apply_offboard_user(struct context *c)
{
	char id[UUID_TEXT];
	struct uuid uuid = profile_uuid(c->r, c->profile);
	struct json j = begin_result(c->a);

	offboarding_ask(c->r, c->profile, c->input, c->q->line);
	json_open(&j, NULL, '{');
	json_put_text(&j, "profile_id", uuid_print(id, &uuid));
	json_put_text(&j, "status", "offboarded");
	json_close(&j, '}');
	end_result(&j);
}

static const struct operation operations[] = {
    {"declare_profile", MEMBER_NAMED, {NULL}, apply_declare_profile},
    {"declare_sepa_mandate",
     MEMBER_KNOWN,
     {"debtor_name", "debtor_iban", "debtor_country", "unique_mandate_reference", "signature_date"},
     apply_declare_sepa_mandate},
    {"link_account_membership", MEMBER_NOT_GONE, {"account_membership_id"}, apply_link_account_membership},
    {"offboard_user", MEMBER_KNOWN, {NULL}, apply_offboard_user},
    {"request_external_transaction",
     MEMBER_MAYBE,
     {"transaction_date", "requested_amount_in_cents", "external_transaction_id"},
     apply_request_external_transaction},
    {"set_push_notification_date_for_external_transactions",
     MEMBER_OF_NOBODY,
     {"transaction_ids", "push_notification_sent_at"},
     apply_set_push_notification_date},
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
has_its_fields(const struct operation *op, const struct request *q, struct request_answer *a)
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

/* The member as the operation wants it named. */
static bool
names_its_member(const struct operation *op, const struct request *q, struct request_answer *a)
{
	const char *missing = q->app_id == NULL ? "app_id" : "app_user_id";
	const char *given = q->app_id != NULL ? "app_id" : "app_user_id";
	char message[128];

	if (op->member == MEMBER_OF_NOBODY && (q->app_id != NULL || q->app_user_id != NULL)) {
		snprintf(message, sizeof(message), "%s is of no member", op->name);
		reject(a, given, "unknown_field", message);
		return false;
	}
	if (op->member != MEMBER_OF_NOBODY && (q->app_id == NULL || q->app_user_id == NULL)) {
		reject(a, missing, "missing_field", "the member must be named");
		return false;
	}
	if (op->member != MEMBER_OF_NOBODY && (text_is_blank(q->app_id) || text_is_blank(q->app_user_id))) {
		reject(a, text_is_blank(q->app_id) ? "app_id" : "app_user_id", "bad_field",
		       "a name of blanks only names nobody");
		return false;
	}
	return true;
}

/* Sets c->profile; false when the answer is given already. */
static bool
finds_its_member(const struct operation *op, struct context *c)
{
	struct request_answer *a = c->a;

	if (op->member == MEMBER_OF_NOBODY)
		return true;
	c->profile = profile_find(c->r, c->q->app_id, c->q->app_user_id);
	if (op->member == MEMBER_NAMED)
		return true;
	if (c->profile == 0) {
		a->status = op->member == MEMBER_MAYBE ? "skipped" : "rejected";
		err_set(&a->why, "profile_not_found", "Profile not found for app [%s] and user [%s]",
		        c->q->app_id, c->q->app_user_id);
		return false;
	}
	if (op->member == MEMBER_NOT_GONE && profile_is_offboarded(c->r, c->profile)) {
		reject(a, "", "profile_offboarded", "the member was offboarded");
		return false;
	}
	return true;
}

static void
apply(struct run *r, const struct request *q, int64_t input, struct request_answer *a)
{
	const struct operation *op = q->op == NULL ? NULL : find_operation(q->op);
	struct context c = {.r = r, .q = q, .input = input, .a = a};

	if (op == NULL) {
		reject(a, "op", "unknown_op", "no such operation");
		return;
	}
	if (!names_its_member(op, q, a) || !has_its_fields(op, q, a) || !finds_its_member(op, &c))
		return;
	tx_begin(r->db);
	op->apply(&c);
	if (q->dry_run || is_rejected(a))
		tx_rollback(r->db);
	else
		tx_commit(r->db);
}

/* Was this message id answered before? Then the answer is the first one again, or a conflict. */
static bool
repeats(struct run *r, const struct request *q, const char *source, struct request_answer *a)
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
	if (!col_null(s, 4) && keep_result(a, col_text(s, 4), strlen(col_text(s, 4))) < 0)
		die(EXIT_BUG, "out of memory");
	reset(s);
	return true;
}

/* An answer is final: one in words that nobody was promised is none. */
static void
check_promised(const struct request_answer *a)
{
	if (strcmp(a->status, "duplicate") != 0 && !request_is_code(a->status, a->why.code))
		die(EXIT_BUG, "a request would be answered %s with %s (%s), which is no code of an answer",
		    a->status, a->why.code, a->why.message);
}

static void
save(struct run *r, const struct request *q, const char *source, int64_t input, bool first,
     const struct request_answer *a)
{
	struct stmt *s = sql(
	    r->db, "INSERT INTO request (number, input_number, line, source, message_id, first, digest, op,"
		   "  status, code, field, message, result, processed_at)"
		   " VALUES ($number, $input, $line, $source, $id, $first, $digest, $op,"
		   "  $status, $code, $field, $message, $result, $now)");

	bind_int(s, "$number", store_number(r->db, "request"));
	bind_int_or(s, "$input", input, 0);
	bind_int_or(s, "$line", input == 0 ? 0 : q->line, 0);
	bind_text(s, "$source", source);
	bind_text(s, "$id", q->message_id);
	bind_int(s, "$first", first);
	bind_blob(s, "$digest", q->digest, SHA256_SIZE);
	bind_text(s, "$op", q->op);
	bind_text(s, "$status", a->status);
	bind_text(s, "$code", a->why.code);
	bind_text(s, "$field", text_or_null(a->field));
	bind_text(s, "$message", text_or_null(a->why.message));
	bind_text(s, "$result", a->result);
	bind_instant(s, "$now", r->now);
	exec(s);
}

void
request_answer(struct run *r, const struct request *q, const char *source, int64_t input,
               struct request_answer *a)
{
	bool first = false;

	*a = (struct request_answer){.status = "succeeded", .why = {.code = "ok"}};
	if (q->message_id == NULL || !repeats(r, q, source, a)) {
		if (q->why.code[0] != '\0')
			reject(a, q->wrong == NULL ? "" : q->wrong, q->why.code, q->why.message);
		else
			apply(r, q, input, a);
		first = q->message_id != NULL &&
		        !q->dry_run; /* every answer but a rehearsal's is final for its id */
	}
	check_promised(a);
	save(r, q, source, input, first, a);
}

void
request_apply(struct run *r, const struct request *q, const char *source, int64_t input)
{
	struct request_answer a;

	request_answer(r, q, source, input, &a);
	run_count(r, a.status, 1);
	if (is_rejected(&a))
		r->held = true;
	request_answer_free(&a);
}

#define COMMAND "(command)"

/* Bytes of the digest that make a message id: two contents do not meet by chance. */
#define ID_BYTES 16

static bool
is_to_be_kept(const struct request_answer *a)
{
	return !is_rejected(a) && strcmp(a->why.code, "profile_not_found") != 0;
}

void
request_ask(struct run *r, struct request *q, struct request_answer *a)
{
	char id[SHA256_TEXT];

	*a = (struct request_answer){.status = "succeeded", .why = {.code = "ok"}};
	if (request_digest(q, &a->why) < 0)
		die(EXIT_BUG, "%s", a->why.message);
	if (q->message_id == NULL) {
		sha256_print(id, q->digest);
		id[(size_t)2 * ID_BYTES] = '\0';
		q->message_id = id;
	}
	tx_begin(r->db);
	if (!repeats(r, q, COMMAND, a)) {
		apply(r, q, 0, a);
		check_promised(a);
		if (is_to_be_kept(a))
			save(r, q, COMMAND, 0, true, a);
	}
	tx_commit(r->db);
	if (q->message_id == id)
		q->message_id = NULL;
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
		    (struct request_result){col_text(q, 0),    (long)col_int(q, 1),
		                            col_text(q, 2),    copy_of == 0 ? col_text(q, 3) : "duplicate",
		                            col_text(q, 4),    col_text(q, 5),
		                            col_text(q, 6),    col_text(q, 7),
		                            col_instant(q, 8), false};
		request_write_result(s, &result);
	}
}
