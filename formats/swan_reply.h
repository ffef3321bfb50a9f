/* swan_reply: what Swan answers to one operation: an object of the expected type, a rejection with its message, or nothing.
 *
 * Also which of Swan's rejections mean what (formats/data/swan_refusals.csv).
 * source   GraphQL over HTTP; Swan, documentation: rejections are members of the payload's union, errors void an answer
 */
#ifndef FORMATS_SWAN_REPLY_H
#define FORMATS_SWAN_REPLY_H

#include "formats/err.h"
#include "formats/json.h"

struct swan_reply {
	struct json_value *answer;      /* freed by swan_reply_free */
	const struct json_value *value; /* of the expected type; NULL: null, or a rejection */
	char rejection[80];             /* its type; "": none */
	char message[200];              /* Swan's */
};

/* -1 when a whole answer has `errors`, which void it (code swan_errors). An empty list of errors does not. */
int swan_check_errors(const struct json_value *answer, struct err *e);

/* field: the only one in `data`; type: the expected __typename. -1 when it is not an answer, or has `errors` (code swan_errors). */
int swan_reply_read(const char *json, size_t length, const char *field, const char *type,
                    struct swan_reply *r, struct err *e);
void swan_reply_free(struct swan_reply *r);

/* Who can do something about a rejection: whoever typed the input, nobody until later, or whoever set the project up at Swan. */
enum swan_blame { SWAN_INPUT, SWAN_LATER, SWAN_SETUP };

struct swan_refusal {
	const char *type, *operation;      /* operation: the one it is about; "": every other one */
	const char *code, *blame, *advice; /* advice: what to do, as a phrase */
};

/* operation: that was rejected: "AddCard". NULL: not in the table. */
const struct swan_refusal *swan_refusal_find(const char *type, const char *operation);
enum swan_blame swan_refusal_blame(const struct swan_refusal *f);

#endif
