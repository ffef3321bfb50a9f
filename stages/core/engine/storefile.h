/* storefile: files with a database, as files: how far their books go, and copies of them. It is the other module that knows that
 * they are of SQLite. */
#ifndef CORE_STOREFILE_H
#define CORE_STOREFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/sink.h"
#include "stages/core/engine/store.h"

/* How far the books in a file go: their last intent. */
struct storefile_place {
	uint32_t store_id;
	enum environment environment;
	int64_t number;                   /* 0: they have none */
	unsigned char after[SHA256_SIZE]; /* zeros: it has none */
};

/* Of the file alone, without what its write-ahead log adds; `with_log`: with it. False when it cannot be read as such books.
 * The file stays as it is. */
bool storefile_place(const char *path, bool with_log, struct storefile_place *place);

/* A copy of the committed books, while others may change them: mode 0600, synced, in one file; with_log as above. Dies (74) when
 * it is not whole. `to` must not exist. */
void storefile_copy(const char *from, bool with_log, const char *to);

#endif
