/* profile: a member of an application, by (app_id, app_user_id). */
#ifndef CORE_PROFILE_H
#define CORE_PROFILE_H

#include "formats/uuid.h"
#include "stages/core/engine/run.h"

int64_t profile_find(struct run *r, const char *app_id, const char *app_user_id); /* 0: not declared */

/* Declares a member. One who was declared before keeps the number, and *created is false. */
int64_t profile_declare(struct run *r, const char *app_id, const char *app_user_id, int64_t input, long line,
                        bool *created);

bool profile_is_offboarded(struct run *r, int64_t number);
void profile_offboard(struct run *r, int64_t number);

/* A member with an enabled membership and an enabled card is active, since the first card was made; other members are inactive.
 * An offboarded member stays so. Returns how many changed. */
int64_t profile_refresh_status(struct run *r);

#endif
