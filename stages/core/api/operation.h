/* operation: what other components may ask for: a name, the fields, and the function that applies it.
 *
 * JSONL, CSV and a command's options are three ways to fill a request. request.c checks its member and its fields before an
 * operation applies it.
 */
#ifndef CORE_OPERATION_H
#define CORE_OPERATION_H

#include "formats/request.h"
#include "stages/core/engine/run.h"

/* As request.status has them. */
enum answer_status { ANSWER_SUCCEEDED, ANSWER_SKIPPED, ANSWER_DUPLICATE, ANSWER_REJECTED };
const char *answer_status_word(enum answer_status status);

/* The answer to a request. */
struct request_answer {
	enum answer_status status;
	struct err why; /* code and message; code "ok" when the request was applied */
	char field[64]; /* the field that `why` is about; "" when it is about no field */
	char *result;   /* JSON of `length` characters, or NULL */
	size_t length;
};

struct operation_context {
	struct run *r;
	const struct request *q;
	int64_t input,
	    profile; /* profile: 0 when the member is not declared, or the operation needs no member */
	struct request_answer *a;
};

/* Which member a request must name. */
enum member {
	MEMBER_NAMED,    /* any, declared or not: the operation looks for it */
	MEMBER_KNOWN,    /* a declared one; else rejected */
	MEMBER_OPTIONAL, /* a declared one; else skipped */
	MEMBER_CURRENT,  /* a declared one that is not offboarded; else rejected */
	MEMBER_NONE,     /* no member: app_id and app_user_id are not allowed */
};

/* When an operation looks whether it is rejected: before it stores anything, or also after it has stored a part of it, which is then
 * rolled back. */
enum checks { CHECKS_FIRST, CHECKS_BETWEEN };

struct operation {
	const char *name;
	enum member member;
	enum checks checks;
	const char *field[6]; /* all required */
	const char *optional[9];
	void (*apply)(struct operation_context *c);
};

/* NULL: no operation has this name. */
const struct operation *operation_find(const char *name);

void operation_reject(struct request_answer *a, const char *field, const char *code, const char *message);
bool operation_is_rejected(const struct request_answer *a);
/* Appends to the result of an answer: the `write` of a sink, with the answer as its context. */
int operation_keep_result(void *ctx, const void *bytes, size_t n);

#endif
