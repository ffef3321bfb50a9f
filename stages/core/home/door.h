/* door: a file in a folder that others write to, opened without trust. No link is followed, nothing blocks, and nothing that
 * lies there ends the process: what cannot be taken is named by a code.
 */
#ifndef CORE_DOOR_H
#define CORE_DOOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "formats/err.h"
#include "stages/core/home/durable.h"

#define DOOR_MOST_NAME  200                /* the names we make of it are a little longer; 255 is the limit */
#define DOOR_MOST_BYTES (INT64_C(1) << 30) /* no reader takes more */
#define DOOR_TEXT       (4 * PATH_SIZE)

/* Its sender has not finished it. */
bool door_is_unfinished(const char *name);

/* A path as it is stored and printed: what is no character, or controls a terminal, is "\xHH" byte by byte, and a backslash is
 * doubled. Others stay as they are. */
void door_print(char text[static DOOR_TEXT], const char *path);
/* The path of such a text; -1: an escape is not valid, or the path is longer than PATH_SIZE. */
int door_parse(char path[static PATH_SIZE], const char *text);

/* A descriptor to read a file of at most `most` bytes (0: any), and what was there when it was opened. -1: *e says why not, with
 * code "" when there is nothing of that name (any more). */
int door_open(const char *path, int64_t most, struct stat *st, struct err *e);

/* Whether the name still leads to that file, and nobody wrote to it: inode, size and times are those of *st. */
bool door_is_unchanged(const char *path, const struct stat *st);

#endif
