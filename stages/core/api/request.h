/* request: what other components may ask for, and the answer each record gets.
 *
 * What may be asked is told in operation.h. A message id is answered once for ever: the same content again repeats the first answer, other content is refused.
 */
#ifndef CORE_REQUEST_H
#define CORE_REQUEST_H

#include "stages/core/api/operation.h"
#include "stages/core/engine/run.h"

void request_answer_free(struct request_answer *a);

/* Applies one record of an input in the unit of work at hand and keeps its answer as a row. */
void request_apply(struct run *r, const struct request *q, const char *source, int64_t input);
/* The same, and gives the answer; freed by request_answer_free. input 0: of none, for a rehearsal. */
void request_answer(struct run *r, const struct request *q, const char *source, int64_t input,
                    struct request_answer *a);

/* What a command asks for, a unit of work of its own. Without a message id it gets one that is made of its content: asked
 * again it is a duplicate. Kept is what was done: what was rejected, or asked for somebody nobody declared, leaves nothing
 * and may be asked again. */
void request_ask(struct run *r, struct request *q, struct request_answer *a);

/* The answers to every line of an input, in order; `copy_of` 0, or the input whose bytes it repeats. */
void request_write_results(struct run *r, struct sink *s, int64_t input, int64_t copy_of);

#endif
