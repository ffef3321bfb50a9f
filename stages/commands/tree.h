/* tree: folders with all that is in them. */
#ifndef COMMANDS_TREE_H
#define COMMANDS_TREE_H

#include <stdbool.h>

/* Copies the files and folders in `from` into `to`, which is made if need be; false when there is no such folder. Dies (73) for a
 * file that exists; of links only those to a
 * name beside them are copied, devices not. */
bool tree_copy(const char *from, const char *to);
void tree_copy_file(const char *from, const char *to);
/* Removes the folders in it that hold no file, itself too if it holds none. */
void tree_prune(const char *folder);
/* Removes a file or a folder; does nothing when it does not exist. Links are removed, not followed. */
void tree_remove(const char *path);

#endif
