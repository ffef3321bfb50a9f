/* alanpay config: generate, validate, show. */
#include <stdio.h>

#include "stages/commands/command.h"
#include "stages/core/engine/config.h"
#include "stages/core/lists/listing.h"

static void
generate(struct run *r)
{
	struct sink *s = listing_stdout();

	(void)r;
	config_generate(s);
	listing_stdout_end(s);
}

static const struct column valid_columns[] = {
    {.name = "config_file"}, {.name = "is_valid", .type = COLUMN_BOOL}, {0}};

static const struct listing valid = {
    .name = "config validate",
    .columns = valid_columns,
    .text = "SELECT CAST($path AS TEXT) AS config_file, CAST(1 AS BIGINT) AS is_valid",
};

/* Reading the configuration is part of opening a run: whoever gets here has a valid one. */
static void
validate(struct run *r)
{
	struct stmt *q;

	if (r->format == FORMAT_TABLE) {
		printf("%s is valid\n", r->config_path);
		return;
	}
	q = listing_query(r, &valid);
	bind_text(q, "$path", r->config_path);
	listing_print_one(r, &valid, q);
}

static void
show(struct run *r)
{
	struct sink *s = listing_stdout();

	config_show(r->config, s);
	listing_stdout_end(s);
}

const struct command config_commands[] = {
    {"config generate", "print a configuration to fill in", ACCESS_NONE, NULL, generate, NULL},
    {"config validate", "check the configuration; errors name the line", ACCESS_READS, NULL, validate, NULL},
    {"config show", "every value and where it comes from", ACCESS_READS, NULL, show, NULL},
    {0},
};
