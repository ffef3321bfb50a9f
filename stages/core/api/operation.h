/* operation: what other components may ask for: a name, the fields, and the function that applies it.
 *
 * JSONL, CSV and a command's options are three ways to fill a request; what is asked of whom, and with which fields, is checked
 * by request.c before an operation applies it.
 */
#ifndef CORE_OPERATION_H
#define CORE_OPERATION_H

#include "formats/request.h"
#include "stages/core/engine/run.h"

/* As request.status has them. */
enum answer_status { ANSWER_SUCCEEDED, ANSWER_SKIPPED, ANSWER_DUPLICATE, ANSWER_REJECTED };
const char *answer_status_word(enum answer_status status);

/* What a record is answered. */
struct request_answer {
	enum answer_status status;
	struct err why; /* code "ok" when all is well */
	char field[64]; /* the one that `why` is about; "" when it is about none */
	char *result;   /* JSON of `length` characters; NULL for none */
	size_t length;
};

struct operation_context {
	struct run *r;
	const struct request *q;
	int64_t input, profile; /* profile: 0 when there is none, and the operation does not need one */
	struct request_answer *a;
};

/* Of whom an operation is asked. */
enum member {
	MEMBER_NAMED,    /* need not be there */
	MEMBER_KNOWN,    /* else rejected */
	MEMBER_OPTIONAL, /* else skipped: nothing is to be done for somebody nobody declared */
	MEMBER_CURRENT,  /* else rejected, and rejected when offboarded */
	MEMBER_NONE,     /* app_id and app_user_id are not taken */
};

struct operation {
	const char *name;
	enum member member;
	const char *field[6]; /* all needed */
	void (*apply)(struct operation_context *c);
};

/* NULL: there is none of that name. */
const struct operation *operation_find(const char *name);

void operation_reject(struct request_answer *a, const char *field, const char *code, const char *message);
bool operation_is_rejected(const struct request_answer *a);
/* Appends to the result: a sink's writer, ctx the answer. */
int operation_keep_result(void *ctx, const void *bytes, size_t n);

#endif
