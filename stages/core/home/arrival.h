/* arrival: the files of other components in a folder of the inbox, in the order in which they were made: by the time and the number in
 * their names, <word>.<source>.<YYYYMMDDTHHMMSSZ>.<seq>.jsonl (formats/request.h).
 */
#ifndef CORE_ARRIVAL_H
#define CORE_ARRIVAL_H

#include "formats/request.h"
#include "stages/core/home/inbox.h"

struct arrival {
	char name[INBOX_NAME];
	struct request_name parts;
	struct err why; /* code "" when the name can be read; else to be reported when the file is applied */
};

/* The caller frees it. */
struct arrival *arrival_list(struct run *r, const char *folder, size_t *n);

#endif
