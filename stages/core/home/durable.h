/* durable: bytes, names and folders that are still there after a loss of power. Alone in writing, syncing and linking.
 *
 * Every call dies (74) when the disk does not do what it is asked: a failed fsync is never tried again, the rerun writes all
 * bytes once more. Paths are below the home, or absolute.
 * source   SQLite ignores the failure of a folder's fsync; we do not
 */
#ifndef CORE_DURABLE_H
#define CORE_DURABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/sink.h"

#define PATH_SIZE 512

struct file_digest {
	unsigned char sha256[SHA256_SIZE];
	int64_t size;
};

/* "<folder>/<name>", or the folder that a path is in. */
void durable_join(char path[static PATH_SIZE], const char *folder, const char *name);
void durable_folder_of(const char *path, char folder[static PATH_SIZE]);

/* A new file of ours, for writing and reading back: whatever had the name before is removed. `for_door`: in a door its group may
 * read it. */
int durable_create(const char *path, bool for_door);
/* A file without a name, in a folder: what an interrupted run leaves of it is nothing. */
int durable_create_nameless(const char *folder);
/* All bytes, whatever interrupts; -1 with errno set. */
int durable_write(int fd, const void *bytes, size_t n);
void durable_sync(int fd, const char *path);
void durable_sync_folder(const char *folder);
void durable_sync_folder_of(const char *path);

/* Another name for a file; never overwrites: 73. */
void durable_link(const char *from, const char *path);
void durable_rename(const char *from, const char *path);
void durable_remove(const char *path);          /* absent is fine */
void durable_remove_folder(const char *folder); /* with the files in it; absent is fine */

/* A folder and those above it, with the rights of the nearest one that is there. A door is a folder that `init` opened to a
 * group (set-group-ID): what is made in it is readable by that group. */
void durable_make_folder(const char *path);
/* A folder that the group of the door `like` may read; a plain one when `like` is no door. */
void durable_make_door(const char *path, const char *like);

/* Digest and size (which may be NULL) of a file; false when it is not there. */
bool durable_digest(const char *path, unsigned char sha256[static SHA256_SIZE], int64_t *size);
bool durable_has_digest(const char *path, const unsigned char sha256[static SHA256_SIZE]);

#endif
