/* copy: see copy.h. */
#include <stdio.h>
#include <string.h>

#include "formats/pain001.h"
#include "formats/pain008.h"
#include "stages/core/bank/copy.h"
#include "stages/core/bank/creditor.h"
#include "stages/core/bank/terms.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

void
copy_validate(const struct run *r, const struct bankfile *f, FILE *in, const char *name)
{
	struct err e = {0};
	struct terms t;

	terms_load(r, f->number, &t);
	if ((f->kind == COLLECTION_REFUND ? pain001_validate : pain008_validate)(in, t.version, &e) < 0)
		die(EXIT_BUG, "%s:%ld: %s: nothing is published", name, e.line, e.message);
	fclose(in);
}

void
copy_check(const struct run *r, const struct bankfile *f, const char *path)
{
	unsigned char found[SHA256_SIZE];
	FILE *in;

	if (!durable_digest(path, found, NULL))
		die(EXIT_BUG, "%s is missing: rebuild it: `%s`", path, run_command(r, "collect"));
	if (memcmp(found, f->sha256, SHA256_SIZE) != 0)
		die(EXIT_BUG, "%s: its bytes are not those of the approved file", path);
	in = fopen(path, "r");
	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	copy_validate(r, f, in, path);
	creditor_check_xml(r, f, path);
}

static void
render_copy(struct sink *s, void *ctx)
{
	const char *from = ctx;
	char buffer[65536];
	FILE *in = fopen(from, "r");
	size_t n;

	if (in == NULL)
		die_errno(EXIT_IO, "%s", from);
	while ((n = fread(buffer, 1, sizeof(buffer), in)) > 0)
		sink_put(s, buffer, n);
	if (ferror(in))
		die_errno(EXIT_IO, "%s", from);
	fclose(in);
}

void
copy_publish(struct run *r, const struct bankfile *f, const char *kind, const char *folder)
{
	char from[PATH_SIZE], to[PATH_SIZE];
	struct file_digest copy;

	durable_join(from, f->folder, f->name);
	durable_join(to, folder, f->name);
	copy_check(r, f, from);
	copy = publish_file(r, kind, f->number, to, render_copy, from);
	if (memcmp(copy.sha256, f->sha256, SHA256_SIZE) != 0)
		die(EXIT_BUG, "%s changed while it was copied", from);
}
