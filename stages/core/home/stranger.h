/* stranger: an entry of an inbox that cannot be taken. It stays where it is, and is an exception of kind `file` whose key is its
 * path (door_print), until it is gone or can be taken.
 *
 * holds    not_a_file, odd_file_name, unreadable_file, file_too_large; in inbox/bank with [bank] inbox_owner also wrong_owner
 */
#ifndef CORE_STRANGER_H
#define CORE_STRANGER_H

#include "stages/core/engine/run.h"
#include "stages/core/home/door.h"

/* door_open for an entry of an inbox; -1 too when it belongs to another user than [bank] inbox_owner. Dies (78) when that user
 * does not exist. */
int stranger_open(struct run *r, const char *path, struct stat *st, struct err *e);
/* The user that an entry belongs to: in a private copy of a home that of the original. */
uid_t stranger_owner(const struct run *r, const char *path, const struct stat *st);
/* The user that [bank] inbox_owner names, a name or a number. False: there is no such user. */
bool stranger_find_user(const char *word, uid_t *user);

/* Opens its exception, with a warning; neither when it is settled. Outside a unit of work. */
void stranger_hold(struct run *r, const char *path, const struct err *why);
/* Closes the exceptions of what is gone from the folder, or can be taken now. Outside a unit of work. */
void stranger_close_gone(struct run *r, const char *folder);
/* Whether a person decided about an entry that no run will ever apply: it is no file, or has the wrong owner. */
bool stranger_is_settled(struct run *r, const char *path);

#endif
