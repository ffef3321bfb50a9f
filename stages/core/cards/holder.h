/* holder: whose cards are, from memory what was asked before: as long as nobody changes memberships and cards. */
#ifndef CORE_HOLDER_H
#define CORE_HOLDER_H

#include <stddef.h>

#include "stages/core/engine/run.h"

struct holder_cache;

/* A power of two of them, 40 bytes each; the last one takes the place of one before, where there is no free one near. */
struct holder_cache *holder_cache_new(struct run *r, size_t places);
void holder_cache_free(struct holder_cache *c);

/* As membership_find_profile. Ids that are no UUIDs are asked for each time. */
int64_t holder_find(struct holder_cache *c, const char *membership_id, const char *card_id);

/* What holder_find is to say of them: the books were asked by the caller, who found this member. */
void holder_know(struct holder_cache *c, const char *membership_id, const char *card_id, int64_t profile);

#endif
