/* spool: records put aside in a file without a name, read again by their place. Nothing of them stays in memory. */
#ifndef CORE_SPOOL_H
#define CORE_SPOOL_H

#include <stdint.h>

#include "formats/sink.h"

struct spool;

struct spool *spool_open(void); /* in state/, in the home */
void spool_close(struct spool *s);

/* A record is what is written between two calls of spool_place. */
struct sink *spool_sink(struct spool *s);
int64_t spool_place(const struct spool *s);

/* No more is written; from here on records can be copied. Said twice it does nothing. */
void spool_end(struct spool *s);
void spool_copy(struct spool *s, int64_t place, int64_t size, struct sink *to);

#endif
