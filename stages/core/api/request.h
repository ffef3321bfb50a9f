/* request: applies the requests of other components, and stores the answer to each.
 *
 * operation.h has what may be requested. The answer to a message id is final: the same content again gets the first answer, other
 * content is rejected.
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include "stages/core/api/operation.h"
#include "stages/core/engine/run.h"

void request_answer_free(struct request_answer *a);

/* Applies one record of an input inside the caller's unit of work, and stores its answer. */
void request_apply(struct run *r, const struct request *q, const char *source, int64_t input);
/* The same, and returns the answer, to be freed by request_answer_free. input 0: the record is only validated, in a unit of work
 * that the caller rolls back. */
void request_answer(struct run *r, const struct request *q, const char *source, int64_t input,
                    struct request_answer *a);

/* Applies a request that a command makes, in a unit of work of its own. Without a message id it gets one that is made of its
 * content, so that the same request again is a duplicate. Only what was done is stored: a rejected request, or one for a member
 * who is not declared, leaves no row and may be repeated. */
void request_make(struct run *r, struct request *q, struct request_answer *a);

/* The answers to every line of an input, in order. `copy_of`: 0, or the input that has the same bytes. */
void request_write_results(struct run *r, struct sink *s, int64_t input, int64_t copy_of);

#endif
