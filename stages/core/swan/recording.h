/* recording: Swan's answers as files, written by one import and read by another instead of the network.
 *
 * A folder of pages <list>-<n>.json (transactions, cards, memberships), read in the order of their names. A recording made by
 * --record has a folder for each window, named for its bounds, so that an import that was interrupted goes on with the right
 * window. A recording without such folders is one window, from the last one to --date.
 */
#ifndef CORE_RECORDING_H
#define CORE_RECORDING_H

#include <stdbool.h>
#include <stddef.h>

struct recording;

struct recording *recording_open(const char *root);   /* to read; dies 66 when it is not there */
struct recording *recording_create(const char *root); /* to write; dies 73 unless it is new or empty */
void recording_close(struct recording *rec);

bool recording_is_cut(const struct recording *rec); /* has a folder for each window */

/* Reading: the pages from here on are those of this window (dies 65 when it was not recorded). recording_next reads the next
 * page of a list; false after the last one. The text is valid until the next call. */
void recording_enter_window(struct recording *rec, const char *name);
bool recording_next(struct recording *rec, const char *list, const char **text, size_t *length);
bool recording_has_more(struct recording *rec, const char *list);
bool recording_was_asked(struct recording *rec, const char *list);
const char *recording_path(const struct recording *rec);   /* of the page at hand */
const char *recording_folder(const struct recording *rec); /* of the window at hand */

/* Writing: the folder of a window, and the next page of a list in it. */
void recording_create_window(struct recording *rec, const char *name);
void recording_put(struct recording *rec, const char *list, const char *text, size_t length);

#endif
