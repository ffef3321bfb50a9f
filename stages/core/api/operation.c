/* operation: see operation.h. Writes no table of its own. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/fold.h"
#include "formats/iban.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "stages/core/api/operation.h"
#include "stages/core/api/query.h"
#include "stages/core/books/external.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/mandate.h"
#include "stages/core/members/membership.h"
#include "stages/core/members/offboarding.h"
#include "stages/core/members/profile.h"

const char *
answer_status_word(enum answer_status status)
{
	static const char *const words[] = {
	    [ANSWER_SUCCEEDED] = "succeeded",
	    [ANSWER_SKIPPED] = "skipped",
	    [ANSWER_DUPLICATE] = "duplicate",
	    [ANSWER_REJECTED] = "rejected",
	};

	return words[status];
}

void
operation_reject(struct request_answer *a, const char *field, const char *code, const char *message)
{
	a->status = ANSWER_REJECTED;
	text_copy(a->field, sizeof(a->field), field);
	err_set(&a->why, code, "%s", message);
}

bool
operation_is_rejected(const struct request_answer *a)
{
	return a->status == ANSWER_REJECTED;
}

int
operation_keep_result(void *ctx, const void *bytes, size_t n)
{
	struct request_answer *a = ctx;

	a->result = memory_resize(a->result, a->length + n + 1, 1);
	memcpy(a->result + a->length, bytes, n);
	a->length += n;
	a->result[a->length] = '\0';
	return 0;
}

static struct json
begin_result(struct request_answer *a)
{
	return (struct json){.sink = sink_new_plain(operation_keep_result, a)};
}

static void
end_result(struct json *j)
{
	if (sink_end(j->sink, NULL, NULL) < 0)
		die(EXIT_BUG, "the result of a request cannot be stored");
}

static void
apply_declare_profile(struct operation_context *c)
{
	char id[UUID_TEXT];
	struct json j = begin_result(c->a);
	bool created;

	c->profile = profile_declare(c->r, c->q->app_id, c->q->app_user_id, c->input, c->q->line, &created);
	json_open(&j, NULL, '{');
	json_put_text(&j, "profile_id", store_uuid_print(c->r->db, UUID_PROFILE, 0, c->profile, id));
	json_put_bool(&j, "created", created);
	json_close(&j, '}');
	end_result(&j);
}

/* Texts of a mandate that may be missing, and how long they are in the bank file. */
static const struct {
	const char *field;
	size_t most, place; /* place: of the text in struct mandate */
} mandate_texts[] = {
    {"debtor_street", 70, offsetof(struct mandate, street)},
    {"debtor_building", 16, offsetof(struct mandate, building)},
    {"debtor_postcode", 16, offsetof(struct mandate, postcode)},
    {"debtor_town", 35, offsetof(struct mandate, town)},
    {"debtor_address_line_1", 70, offsetof(struct mandate, address_line_1)},
    {"debtor_address_line_2", 70, offsetof(struct mandate, address_line_2)},
    {"ultimate_debtor", 70, offsetof(struct mandate, ultimate_debtor)},
};

/* As it is sent: nothing is cut off an address. */
static int
check_text(const char *text, size_t most, struct err *e)
{
	char converted[512];

	if (text_to_sepa(text, converted, sizeof(converted) - 1, e) < 0)
		return -1;
	if (strlen(converted) > most)
		return err_set(e, ERR_BAD_FIELD,
		               "has %zu characters in the bank file: at most %zu are possible",
		               strlen(converted), most);
	return 0;
}

static void
take_mandate_texts(struct operation_context *c, struct mandate *m)
{
	struct err e = {0};
	const char *text;
	size_t i;

	m->bic = request_field(c->q, "debtor_bic");
	if (m->bic != NULL && bic_check(m->bic, &e) < 0)
		operation_reject(c->a, "debtor_bic", ERR_BAD_FIELD, e.message);
	for (i = 0; i < LENGTH(mandate_texts) && !operation_is_rejected(c->a); i++) {
		text = request_field(c->q, mandate_texts[i].field);
		if (text != NULL && check_text(text, mandate_texts[i].most, &e) < 0)
			operation_reject(c->a, mandate_texts[i].field, ERR_BAD_FIELD, e.message);
		memcpy((char *)m + mandate_texts[i].place, &text, sizeof(text));
	}
}

/* Why the account cannot be debited as things are, and which fields are missing for it. */
static void
put_uncollectable(struct json *j, const struct mandate *m)
{
	const char *why = mandate_uncollectable(m->iban.text, m->bic != NULL && m->town != NULL);

	if (why == NULL)
		return;
	json_put_text(j, "not_collectable", why);
	if (strcmp(why, ERR_NO_ADDRESS) != 0)
		return;
	json_open(j, "missing", '[');
	if (m->bic == NULL)
		json_put_text(j, NULL, "debtor_bic");
	if (m->town == NULL)
		json_put_text(j, NULL, "debtor_town");
	json_close(j, ']');
}

static void
apply_declare_sepa_mandate(struct operation_context *c)
{
	struct mandate m = {.reference = request_field(c->q, "unique_mandate_reference"),
	                    .debtor_name = request_field(c->q, "debtor_name")};
	char masked[IBAN_MASKED], name[71];
	struct country country;
	struct err e = {0};
	struct request_answer *a = c->a;
	struct json j;

	if (text_check_identifier(m.reference, &e) < 0)
		operation_reject(a, "unique_mandate_reference", ERR_BAD_FIELD, e.message);
	else if (text_to_sepa(m.debtor_name, name, 70, &e) < 0)
		operation_reject(a, "debtor_name", ERR_BAD_FIELD, e.message);
	else if (iban_parse(request_field(c->q, "debtor_iban"), &m.iban, &e) < 0)
		operation_reject(a, "debtor_iban", ERR_INVALID_IBAN, e.message);
	else if (country_parse(request_field(c->q, "debtor_country"), &country, &e) < 0)
		operation_reject(a, "debtor_country", ERR_INVALID_COUNTRY, e.message);
	else if (date_parse(request_field(c->q, "signature_date"), &m.signed_on, &e) < 0)
		operation_reject(a, "signature_date", ERR_BAD_FIELD, e.message);
	else if (m.signed_on > c->r->on)
		operation_reject(a, "signature_date", ERR_SIGNATURE_DATE_IN_FUTURE,
		                 "the signature date is after the business date");
	if (!operation_is_rejected(a))
		take_mandate_texts(c, &m);
	if (operation_is_rejected(a))
		return;

	m.country = country.alpha3;
	if (mandate_declare(c->r, c->profile, &m, c->input, c->q->line, &a->why) < 0) {
		a->status = ANSWER_REJECTED;
		text_copy(a->field, sizeof(a->field), "unique_mandate_reference");
		return;
	}
	j = begin_result(a);
	json_open(&j, NULL, '{');
	json_put_text(&j, "unique_mandate_reference", m.reference);
	json_put_text(&j, "debtor_iban", iban_mask(masked, &m.iban));
	json_put_text(&j, "debtor_country", country.alpha3);
	put_uncollectable(&j, &m);
	json_close(&j, '}');
	end_result(&j);
}

static void
apply_link_account_membership(struct operation_context *c)
{
	const char *id = request_field(c->q, "account_membership_id");
	struct err e;
	struct uuid uuid;

	if (uuid_parse(id, &uuid, &e) < 0)
		operation_reject(c->a, "account_membership_id", ERR_BAD_FIELD, e.message);
	else if (membership_link(c->r, c->profile, id, &e) < 0)
		operation_reject(c->a, "account_membership_id", e.code, e.message);
}

/* An instant, or a day: that means its beginning in Paris. */
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
	struct query a =
	    query_prepare(r, QUESTION_TRANSACTION, (struct about){.profile = profile, .number = number});

	query_put(j, NULL, r, &a);
}

static void
answer_external(struct operation_context *c, enum external_outcome outcome, int64_t number)
{
	struct request_answer *a = c->a;
	struct json j;

	if (outcome == EXTERNAL_CONFLICT) {
		operation_reject(a, "external_transaction_id", ERR_EXTERNAL_TRANSACTION_ID_CONFLICT,
		                 "this id was used before for another member or amount");
	} else if (outcome == EXTERNAL_NO_DEBT) {
		a->status = ANSWER_SKIPPED;
		err_set(&a->why, ERR_NO_DEBT, "the member had no open debt");
	} else {
		j = begin_result(a);
		put_transaction(&j, c->r, c->profile, number);
		end_result(&j);
	}
}

static void
apply_request_external_transaction(struct operation_context *c)
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
		operation_reject(a, "external_transaction_id", ERR_BAD_FIELD,
		                 "the id has more than 255 bytes");
	else if (fold_check_id(x.id, &e) < 0)
		operation_reject(a, "external_transaction_id", ERR_BAD_FIELD, e.message);
	else if (money_parse_cents(request_field(c->q, "requested_amount_in_cents"), &x.requested, &e) < 0)
		operation_reject(a, "requested_amount_in_cents", ERR_INVALID_AMOUNT, e.message);
	else if (x.requested <= 0)
		operation_reject(a, "requested_amount_in_cents", ERR_INVALID_AMOUNT,
		                 "the amount must be above 0");
	else if (parse_when(request_field(c->q, "transaction_date"), &x.at, &e) < 0)
		operation_reject(a, "transaction_date", ERR_BAD_FIELD, e.message);
	else if (ledger_is_in_future(c->r, x.at))
		operation_reject(a, "transaction_date", ERR_BAD_FIELD,
		                 "must be at most one day after the business date");
	if (operation_is_rejected(a))
		return;
	outcome = external_request(c->r, &x, &number);
	answer_external(c, outcome, number);
}

/* Whether the same id occurs in the list before this one. Lists are short. */
static bool
occurs_before(const struct json_value *list, const struct json_value *id)
{
	const struct json_value *m;

	for (m = list->child; m != id; m = m->next)
		if (strcasecmp(m->text, id->text) == 0)
			return true;
	return false;
}

static int
operation_set_push_date(struct operation_context *c, const struct json_value *list,
                        const struct json_value *id, instant sent_at, struct json *j, const char **field,
                        struct err *e)
{
	int64_t profile, number;
	struct uuid uuid;

	if (id->type != JSON_TEXT)
		return err_set(e, ERR_BAD_FIELD, "an id must be a text");
	if (uuid_parse(id->text, &uuid, e) < 0)
		return -1;
	if (!ledger_find_external(c->r, &uuid, &profile, &number))
		return err_set(e, ERR_TRANSACTION_NOT_FOUND, "no external transaction has the id %s",
		               id->text);
	if (ledger_transaction_at(c->r, profile, number) > sent_at) {
		*field = "push_notification_sent_at";
		return err_set(e, ERR_BAD_FIELD, "it is before the transaction %s", id->text);
	}
	if (occurs_before(list, id))
		return 0;
	ledger_set_push_date(c->r, profile, number, sent_at);
	put_transaction(j, c->r, profile, number);
	return 0;
}

/* The whole list, or nothing: what a rejected record stored is rolled back. */
static void
set_push_dates(struct operation_context *c, const struct json_value *list, instant sent_at)
{
	struct json j = begin_result(c->a);
	const char *field = "transaction_ids";
	struct err e = {0};

	json_open(&j, NULL, '[');
	json_each (id, list)
		if (operation_set_push_date(c, list, id, sent_at, &j, &field, &e) < 0) {
			operation_reject(c->a, field, e.code, e.message);
			break;
		}
	json_close(&j, ']');
	end_result(&j);
	if (operation_is_rejected(c->a)) {
		free(c->a->result);
		c->a->result = NULL;
		c->a->length = 0;
	}
}

static void
apply_set_push_notification_date(struct operation_context *c)
{
	const char *ids = request_field(c->q, "transaction_ids");
	struct json_value *list;
	struct err e = {0};
	instant sent_at;

	list = json_parse(ids, strlen(ids), &e);
	if (list == NULL || list->type != JSON_ARRAY)
		operation_reject(c->a, "transaction_ids", ERR_BAD_FIELD, "must be a list of ids: [\"...\"]");
	else if (instant_parse(request_field(c->q, "push_notification_sent_at"), &sent_at, &e) < 0)
		operation_reject(c->a, "push_notification_sent_at", ERR_BAD_FIELD, e.message);
	else if (ledger_is_in_future(c->r, sent_at))
		operation_reject(c->a, "push_notification_sent_at", ERR_BAD_FIELD,
		                 "must be at most one day after the business date");
	else
		set_push_dates(c, list, sent_at);
	json_free(list);
}

static void
apply_offboard_user(struct operation_context *c)
{
	char id[UUID_TEXT];
	struct json j = begin_result(c->a);

	offboarding_begin(c->r, c->profile, c->input, c->q->line);
	json_open(&j, NULL, '{');
	json_put_text(&j, "profile_id", store_uuid_print(c->r->db, UUID_PROFILE, 0, c->profile, id));
	json_put_text(&j, "status", "offboarded");
	json_close(&j, '}');
	end_result(&j);
}

static const struct operation operations[] = {
    {"declare_profile", MEMBER_NAMED, CHECKS_FIRST, {NULL}, {NULL}, apply_declare_profile},
    {"declare_sepa_mandate",
     MEMBER_KNOWN,
     CHECKS_FIRST,
     {"debtor_name", "debtor_iban", "debtor_country", "unique_mandate_reference", "signature_date"},
     {"debtor_bic", "debtor_street", "debtor_building", "debtor_postcode", "debtor_town",
      "debtor_address_line_1", "debtor_address_line_2", "ultimate_debtor"},
     apply_declare_sepa_mandate},
    {"link_account_membership",
     MEMBER_CURRENT,
     CHECKS_FIRST,
     {"account_membership_id"},
     {NULL},
     apply_link_account_membership},
    {"offboard_user", MEMBER_KNOWN, CHECKS_FIRST, {NULL}, {NULL}, apply_offboard_user},
    {"request_external_transaction",
     MEMBER_OPTIONAL,
     CHECKS_FIRST,
     {"transaction_date", "requested_amount_in_cents", "external_transaction_id"},
     {NULL},
     apply_request_external_transaction},
    {"set_push_notification_date_for_external_transactions",
     MEMBER_NONE,
     CHECKS_BETWEEN,
     {"transaction_ids", "push_notification_sent_at"},
     {NULL},
     apply_set_push_notification_date},
};

const struct operation *
operation_find(const char *name)
{
	size_t i;

	for (i = 0; i < LENGTH(operations); i++)
		if (strcmp(operations[i].name, name) == 0)
			return &operations[i];
	return NULL;
}
