/* spool: stores records in a file without a name and reads them back by their place, so that memory stays small. */
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

/* Ends writing: from here on records can be copied. A second call does nothing. */
void spool_end(struct spool *s);
void spool_copy(struct spool *s, int64_t place, int64_t size, struct sink *to);

#endif
