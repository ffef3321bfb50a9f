/* swanuser: what the commands of the program alanpay-users share (users.c, cards.c, dev.c). */
#ifndef COMMANDS_SWANUSER_H
#define COMMANDS_SWANUSER_H

#include "stages/core/engine/run.h"

#define SWANUSER_MEMBER                                                                                    \
	{.name = "app-id", .arg = "APP", .help = "application", .is_needed = true},                        \
	{                                                                                                  \
		.name = "app-user-id", .arg = "USER", .help = "user of the application", .is_needed = true \
	}

/* The member that the options name. Dies: 66 when it is not declared, 65 when it is offboarded and may not be. */
int64_t swanuser_profile(struct run *r, bool may_be_offboarded);

void swanuser_view_numbers(struct run *r);
void swanuser_reset(struct run *r);

#endif
