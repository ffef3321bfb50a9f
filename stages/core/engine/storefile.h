/* storefile: files with a database, as files: how far their books go, and copies of them. It is the other module that knows that
 * they are of SQLite. */
#ifndef CORE_STOREFILE_H
#define CORE_STOREFILE_H

#include <stdbool.h>
#include <stdint.h>

/* How far the books in a file go: the number of their last intent (0: none). */
struct storefile_place {
	uint32_t store_id;
	int64_t number;
};

/* Of the file alone, without what its write-ahead log adds; `with_log`: with it. False when it cannot be read as such books.
 * The file stays as it is. */
bool storefile_place(const char *path, bool with_log, struct storefile_place *place);

/* A copy of the committed books, while others may change them: mode 0600, synced, in one file, with no write-ahead log. Dies
 * (74) when it is not whole. `to` must not exist. */
void storefile_copy(const char *from, const char *to);
/* Brings what is in its write-ahead log into a file, which nobody else uses, and ends without one. Dies (74). */
void storefile_fold(const char *path);

#endif
