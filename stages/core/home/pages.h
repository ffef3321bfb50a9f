/* pages: the pages of the database that commits changed, kept beside the release log: a database that was restored from a
 * backup becomes the newest one when they are written over it, in their order. To write a page that is there already
 * does no harm.
 *
 * They are copied from the write-ahead log of SQLite, before it is written over: `<log>.pages/<date>`, one file a date, of mode
 * 0600 in a folder of mode 0700: it has what the database has.
 * source   SQLite, "The WAL File Format": 32 bytes of header, then frames: 24 bytes of header and a page
 */
#ifndef CORE_PAGES_H
#define CORE_PAGES_H

#include "stages/core/home/logline.h"

struct pages {
	char folder[PATH_MAX];
	int wal, file;        /* descriptors, -1: not open */
	char name[DATE_TEXT]; /* of the file that is open */
	bool is_unsynced;
};

/* log: path of the release log. The database is the working directory's state/alanpay.db. */
void pages_open(struct pages *p, const char *log);
void pages_close(struct pages *p);
/* The salts of the write-ahead log, in hex; "" when it is empty or missing. */
void pages_wal_id(struct pages *p, char id[static 17]);
/* Keeps the frames from..until of the write-ahead log in the file of a date; fills file, offset, bytes and sha256. False
 * when the write-ahead log does not have them. */
bool pages_keep(struct pages *p, int64_t from, int64_t until, date on, struct pages_at *at);
void pages_sync(struct pages *p);

/* Writes them over the database that is open as `fd`. Dies (78) when they are missing or are not those that were kept. */
void pages_apply(const char *log, const struct pages_at *at, int fd, const char *path);
/* Dies in the same way, and writes nothing. */
void pages_require(const char *log, const struct pages_at *at);

#endif
