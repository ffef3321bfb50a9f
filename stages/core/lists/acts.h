/* acts: what persons did, as `alanpay acts` prints it and as the export writes it. */
#ifndef CORE_ACTS_H
#define CORE_ACTS_H

#include "formats/date.h"
#include "stages/core/lists/listing.h"

extern const struct listing acts_listing;

struct acts_filter {
	date since, until;  /* both days are included; DATE_NONE: no limit */
	const char *person; /* NULL: anybody */
	bool with_restores; /* else what the home would have that never was restored */
};

/* To be read by a listing. */
struct stmt *acts_query(struct run *r, const struct acts_filter *f);

#endif
