/* durable: the only module that writes, syncs, links and renames files: what it wrote survives a loss of power.
 *
 * Every call dies (74) when the disk fails. A failed fsync is never tried a second time: the next run writes all bytes once
 * more. Paths are below the home, or absolute.
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

/* A new file for writing and reading back; a file of that name is removed first. for_door: inside a door, its group may read
 * the file. */
int durable_create(const char *path, bool for_door);
/* A file without a name, in a folder: an interrupted run leaves nothing of it. */
int durable_create_nameless(const char *folder);
/* Writes all n bytes, also when a signal interrupts; -1 with errno set. */
int durable_write(int fd, const void *bytes, size_t n);
void durable_sync(int fd, const char *path);
void durable_sync_folder(const char *folder);
void durable_sync_folder_of(const char *path);

/* Gives a file a second name. Never overwrites: dies (73) when the name is used. */
void durable_link(const char *from, const char *path);
void durable_rename(const char *from, const char *path);
void durable_remove(const char *path);          /* does nothing when it does not exist */
void durable_remove_folder(const char *folder); /* with all that is in it */

/* Makes a folder and those above it, with the rights of the nearest one that exists. A door is a folder that `init` opened to a
 * group (set-group-ID bit): that group may read what is made in it. */
void durable_make_folder(const char *path);
/* Makes a folder that the group of the door `like` may read; a private folder when `like` is not a door. */
void durable_make_door(const char *path, const char *like);

/* Digest and size (size may be NULL) of a file; false when it does not exist. */
bool durable_digest(const char *path, unsigned char sha256[static SHA256_SIZE], int64_t *size);
bool durable_has_digest(const char *path, const unsigned char sha256[static SHA256_SIZE]);

#endif
