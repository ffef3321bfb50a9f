/* container: the files in a ZIP, or the one in a gzip, read as a stream; libarchive for the one, zlib for the other.
 *
 * Limits: 1,000 members, 1 GiB in all, and 200 times the size of the container above 4 MiB. Refuses what is encrypted, is cut
 * or fails its checksum, members that are containers themselves, links, and a container without any file. Passes over
 * folders, and over __MACOSX/, where macOS keeps what is no content.
 * source   APPNOTE 6.3 (ZIP), RFC 1952 (gzip); libarchive 3.6, zlib 1.2
 */
#ifndef FORMATS_CONTAINER_H
#define FORMATS_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "formats/err.h"

#define CONTAINER_NAME 101

bool container_is_one(const char *head, size_t n); /* by its first four bytes */

struct container;
struct container *container_open(FILE *in); /* at its beginning, which can be sought in */
void container_close(struct container *c);

/* The next file: 1, 0 after the last, or -1 with code malformed_archive or too_large. `name` is cut; "" in a gzip. */
int container_next(struct container *c, char name[CONTAINER_NAME], struct err *e);

/* Bytes of it: how many, 0 at its end, or -1 with the same codes. */
ptrdiff_t container_read(void *container, char *to, size_t size, struct err *e);

#endif
