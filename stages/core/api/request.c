/* request: see request.h. Writes the table request. */
#include <stdlib.h>
#include <string.h>

#include "formats/fold.h"
#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/api/operation.h"
#include "stages/core/api/request.h"
#include "stages/core/engine/act.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/profile.h"

void
request_answer_free(struct request_answer *a)
{
	free(a->result);
	*a = (struct request_answer){0};
}

static bool
takes_field(const struct operation *op, const char *name)
{
	size_t i;

	for (i = 0; op->field[i] != NULL; i++)
		if (strcmp(op->field[i], name) == 0)
			return true;
	for (i = 0; op->optional[i] != NULL; i++)
		if (strcmp(op->optional[i], name) == 0)
			return true;
	return false;
}

/* All required fields of the operation, and no other than its own; their values are checked later. */
static bool
has_its_fields(const struct operation *op, const struct request *q, struct request_answer *a)
{
	char message[128];
	int i;

	for (i = 0; op->field[i] != NULL; i++)
		if (request_field(q, op->field[i]) == NULL) {
			snprintf(message, sizeof(message), "%s is missing", op->field[i]);
			operation_reject(a, op->field[i], ERR_MISSING_FIELD, message);
			return false;
		}
	for (i = 0; i < q->n; i++)
		if (!takes_field(op, q->field[i].name)) {
			snprintf(message, sizeof(message), "%s has no field %.64s", op->name,
			         q->field[i].name);
			operation_reject(a, q->field[i].name, ERR_UNKNOWN_FIELD, message);
			return false;
		}
	return true;
}

/* An id that looks like another one, but is not, makes a second member of one. */
static bool
names_clearly(const struct request *q, struct request_answer *a)
{
	const struct {
		const char *field, *id;
	} ids[] = {{"app_id", q->app_id}, {"app_user_id", q->app_user_id}};
	char message[128];
	struct err e;
	size_t i;

	for (i = 0; i < LENGTH(ids); i++) {
		if (text_is_blank(ids[i].id))
			snprintf(message, sizeof(message), "%s has only blanks", ids[i].field);
		else if (fold_check_id(ids[i].id, &e) != 0)
			snprintf(message, sizeof(message), "%s %.80s", ids[i].field, e.message);
		else
			continue;
		operation_reject(a, ids[i].field, ERR_BAD_FIELD, message);
		return false;
	}
	return true;
}

/* Whether the request names a member exactly when the operation needs one. */
static bool
names_its_member(const struct operation *op, const struct request *q, struct request_answer *a)
{
	const char *missing = q->app_id == NULL ? "app_id" : "app_user_id";
	const char *given = q->app_id != NULL ? "app_id" : "app_user_id";
	char message[128];

	if (op->member == MEMBER_NONE && (q->app_id != NULL || q->app_user_id != NULL)) {
		snprintf(message, sizeof(message), "%s does not name a member", op->name);
		operation_reject(a, given, ERR_UNKNOWN_FIELD, message);
		return false;
	}
	if (op->member != MEMBER_NONE && (q->app_id == NULL || q->app_user_id == NULL)) {
		snprintf(message, sizeof(message), "%s is missing", missing);
		operation_reject(a, missing, ERR_MISSING_FIELD, message);
		return false;
	}
	return op->member == MEMBER_NONE || names_clearly(q, a);
}

/* Sets c->profile. False: the answer is set, there is nothing to apply. */
static bool
finds_its_member(const struct operation *op, struct operation_context *c)
{
	struct request_answer *a = c->a;

	if (op->member == MEMBER_NONE || op->member == MEMBER_NAMED)
		return true;
	c->profile = profile_find(c->r, c->q->app_id, c->q->app_user_id);
	if (c->profile == 0) {
		a->status = op->member == MEMBER_OPTIONAL ? ANSWER_SKIPPED : ANSWER_REJECTED;
		err_set(&a->why, ERR_PROFILE_NOT_FOUND, "Profile not found for app [%s] and user [%s]",
		        c->q->app_id, c->q->app_user_id);
		return false;
	}
	if (op->member == MEMBER_CURRENT && profile_is_offboarded(c->r, c->profile)) {
		operation_reject(a, "", ERR_PROFILE_OFFBOARDED, "the member was offboarded");
		return false;
	}
	return true;
}

static void
apply_or_undo(const struct operation *op, struct operation_context *c)
{
	struct store *s = c->r->db;

	tx_begin(s);
	op->apply(c);
	if (c->q->dry_run || operation_is_rejected(c->a))
		tx_rollback(s);
	else
		tx_commit(s);
}

/* A unit of work for each request copies the pages that it changes. */
static void
apply_for_good(const struct operation *op, struct operation_context *c)
{
	int64_t changes = store_changes(c->r->db);

	op->apply(c);
	if (operation_is_rejected(c->a) && store_changes(c->r->db) > changes)
		die(EXIT_BUG, "%s was rejected after it had changed the books", op->name);
}

static void
apply_operation(struct run *r, const struct request *q, int64_t input, struct request_answer *a)
{
	const struct operation *op = q->op == NULL ? NULL : operation_find(q->op);
	struct operation_context c = {.r = r, .q = q, .input = input, .a = a};

	if (op == NULL) {
		operation_reject(a, "op", ERR_UNKNOWN_OP, "this operation does not exist");
		return;
	}
	if (!names_its_member(op, q, a) || !has_its_fields(op, q, a) || !finds_its_member(op, &c))
		return;
	if (op->checks == CHECKS_BETWEEN || q->dry_run)
		apply_or_undo(op, &c);
	else
		apply_for_good(op, &c);
}

/* Whether this message id was answered before: the answer is the first one again, or a conflict. */
static bool
repeats_first(struct run *r, const struct request *q, const char *source, struct request_answer *a)
{
	struct stmt *s = sql(r->db,
	    "SELECT digest, code, field, message, result"
	    " FROM request"
	    " WHERE source = $source AND message_id = $id AND first = 1");
	size_t n;

	bind_text(s, "$source", source);
	bind_text(s, "$id", q->message_id);
	if (!row(s))
		return false;
	if (memcmp(col_blob(s, 0, &n), q->digest, SHA256_SIZE) != 0) {
		operation_reject(a, "message_id", ERR_MESSAGE_ID_CONFLICT,
		                 "this message id was used before with other content");
		reset(s);
		return true;
	}
	a->status = ANSWER_DUPLICATE;
	err_set(&a->why, col_text(s, 1), "%s", col_null(s, 3) ? "" : col_text(s, 3));
	col_copy(s, 2, a->field, sizeof(a->field));
	if (!col_null(s, 4))
		operation_keep_result(a, col_text(s, 4), strlen(col_text(s, 4)));
	reset(s);
	return true;
}

/* Answers are final: an answer with a code that is not published would stay in the books. */
static void
check_published(const struct request_answer *a)
{
	const char *word = answer_status_word(a->status);

	if (a->status != ANSWER_DUPLICATE && !request_is_code(word, a->why.code))
		die(EXIT_BUG, "a request would be answered %s with %s (%s), which is not a published code",
		    word, a->why.code, a->why.message);
}

static void
insert_request(struct run *r, const struct request *q, const char *source, int64_t input, bool first,
               const struct request_answer *a)
{
	struct stmt *s = sql(r->db,
	    "INSERT INTO request (number, input_number, line, source, message_id, first, digest, op,"
	    "  status, code, field, message, result, processed_at)"
	    " VALUES ($number, $input, $line, $source, $id, $first, $digest, $op, $status, $code,"
	    "  $field, $message, $result, $now)");

	bind_int(s, "$number", store_number(r->db, "request"));
	bind_int_or(s, "$input", input, 0);
	bind_int_or(s, "$line", input == 0 ? 0 : q->line, 0);
	bind_text(s, "$source", source);
	bind_text(s, "$id", q->message_id);
	bind_int(s, "$first", first);
	bind_blob(s, "$digest", q->digest, SHA256_SIZE);
	bind_text(s, "$op", q->op);
	bind_text(s, "$status", answer_status_word(a->status));
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

	*a = (struct request_answer){.status = ANSWER_SUCCEEDED, .why = {.code = ERR_OK}};
	if (q->message_id == NULL || !repeats_first(r, q, source, a)) {
		if (q->why.code[0] != '\0')
			operation_reject(a, q->wrong == NULL ? "" : q->wrong, q->why.code, q->why.message);
		else
			apply_operation(r, q, input, a);
		first = q->message_id != NULL && !q->dry_run; /* a rehearsal does not use up the id */
	}
	check_published(a);
	insert_request(r, q, source, input, first, a);
}

void
request_apply(struct run *r, const struct request *q, const char *source, int64_t input)
{
	struct request_answer a;

	request_answer(r, q, source, input, &a);
	run_count(r, counter_find("requests", answer_status_word(a.status)), 1);
	if (operation_is_rejected(&a))
		r->held = true;
	request_answer_free(&a);
}

#define COMMAND "(command)"

/* Bytes of the digest that make a message id: enough that two contents never get the same. */
#define ID_BYTES 16

static bool
is_stored(const struct request_answer *a)
{
	return !operation_is_rejected(a) && !err_is(&a->why, ERR_PROFILE_NOT_FOUND);
}

/* What changes whom money is taken from; other components ask for the rest all day long. */
static bool
is_act(const char *op)
{
	static const char *const acts[] = {"declare_sepa_mandate", "link_account_membership",
	                                   "offboard_user"};
	size_t i;

	for (i = 0; i < LENGTH(acts); i++)
		if (strcmp(acts[i], op) == 0)
			return true;
	return false;
}

static void
insert_command(struct run *r, const struct request *q, const struct request_answer *a)
{
	char what[40];

	insert_request(r, q, COMMAND, 0, true, a);
	if (!is_act(q->op))
		return;
	snprintf(what, sizeof(what), "request %lld",
	         (long long)value(sql(r->db, "SELECT max(number) FROM request"), 0));
	act_add(r, &(struct act){.kind = "request",
	                         .what = what,
	                         .detail = q->op,
	                         .app_id = q->app_id,
	                         .app_user_id = q->app_user_id});
}

void
request_make(struct run *r, struct request *q, struct request_answer *a)
{
	char id[SHA256_TEXT];

	*a = (struct request_answer){.status = ANSWER_SUCCEEDED, .why = {.code = ERR_OK}};
	request_digest(q);
	if (q->message_id == NULL) {
		sha256_print(id, q->digest);
		id[(size_t)2 * ID_BYTES] = '\0';
		q->message_id = id;
	}
	tx_begin(r->db);
	if (!repeats_first(r, q, COMMAND, a)) {
		apply_operation(r, q, 0, a);
		check_published(a);
		if (is_stored(a))
			insert_command(r, q, a);
	}
	tx_commit(r->db);
	if (q->message_id == id)
		q->message_id = NULL;
}

void
request_write_results(struct run *r, struct sink *s, int64_t input, int64_t copy_of)
{
	struct stmt *q =
	    sql(r->db,
	        "SELECT message_id, line, op, status, code, field, message, result, processed_at"
	        " FROM request"
	        " WHERE input_number = $input"
	        " ORDER BY line");
	struct request_result result;

	bind_int(q, "$input", copy_of == 0 ? input : copy_of);
	while (row(q)) {
		result = (struct request_result){
		    col_text(q, 0),    (long)col_int(q, 1),
		    col_text(q, 2),    copy_of == 0 ? col_text(q, 3) : answer_status_word(ANSWER_DUPLICATE),
		    col_text(q, 4),    col_text(q, 5),
		    col_text(q, 6),    col_text(q, 7),
		    col_instant(q, 8), false};
		request_write_result(s, &result);
	}
}
