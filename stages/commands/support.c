/* alanpay support: what members are told of the support team. */
#include "stages/commands/command.h"
#include "stages/core/api/query.h"

static void
config(struct run *r)
{
	struct query a = query_support(r);

	query_print(r, &a);
}

const struct command support_commands[] = {
    {"support config", "whether and where members may make an appointment", ACCESS_READS, NULL, config, NULL},
    {0},
};
