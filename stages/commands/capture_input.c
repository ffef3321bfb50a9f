/* capture_input: see capture.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "formats/request.h"
#include "stages/commands/capture.h"
#include "stages/commands/tree.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/door.h"
#include "stages/core/home/durable.h"

/* An input that was applied before under the same bytes is recognized by them: its row gets the new digest, too. */
static void
save_input_digest(struct capture *c, const char *from, const char *to)
{
	unsigned char was[SHA256_SIZE], stored[SHA256_SIZE], is[SHA256_SIZE];
	struct stmt *q;

	if (!durable_digest(from, was, NULL) || !durable_digest(to, is, NULL))
		die_errno(EXIT_IO, "%s", from);
	disguise_digest(&c->mask->disguise, was, sizeof(was), stored);
	q = sql(c->copy.db, "UPDATE input SET sha256 = $is WHERE sha256 = $stored");
	bind_blob(q, "$is", is, sizeof(is));
	bind_blob(q, "$stored", stored, sizeof(stored));
	exec(q);
}

struct digests {
	unsigned char (*at)[SHA256_SIZE];
	size_t n;
};

static int
take_digest(void *ctx, const struct request *q, struct err *e)
{
	struct digests *d = ctx;

	(void)e;
	d->at = memory_resize(d->at, d->n + 1, sizeof(*d->at));
	memcpy(d->at[d->n++], q->digest, SHA256_SIZE);
	return 0;
}

/* Of each record; none when the file cannot be read. */
static struct digests
read_digests(const char *path, const struct request_name *name)
{
	struct digests d = {NULL, 0};
	struct err e = {0};
	FILE *in = fopen(path, "r");

	if (in == NULL)
		die_errno(EXIT_IO, "%s", path);
	if ((name->csv ? request_read_csv : request_read_jsonl)(
		in, strcmp(name->op, "mixed") == 0 ? NULL : name->op, take_digest, &d, &e) < 0)
		d.n = 0;
	fclose(in);
	return d;
}

/* A record that was sent before with the same content is recognized by its digest, too. */
static void
save_request_digests(struct capture *c, const char *from, const char *to)
{
	struct request_name name;
	struct err e = {0};
	struct digests was, is;
	unsigned char stored[SHA256_SIZE];
	struct stmt *q;
	size_t i;

	if (request_parse_name(strrchr(from, '/') + 1, &name, &e) < 0)
		return;
	was = read_digests(from, &name);
	is = read_digests(to, &name);
	for (i = 0; i < was.n && was.n == is.n; i++) {
		disguise_digest(&c->mask->disguise, was.at[i], SHA256_SIZE, stored);
		q = sql(c->copy.db, "UPDATE request SET digest = $is WHERE digest = $stored");
		bind_blob(q, "$is", is.at[i], SHA256_SIZE);
		bind_blob(q, "$stored", stored, SHA256_SIZE);
		exec(q);
	}
	free(was.at);
	free(is.at);
}

/* The pages of Swan, and requests, have names that are known here. The files of a bank are read in the order of their names, so
 * that its n-th name begins with n. */
static char *
choose_name(struct capture *c, const char *name, size_t nth, bool is_page)
{
	char *masked = mask_path(c->mask, name), *made;
	struct request_name parts;
	struct err e = {0};

	if (request_parse_name(name, &parts, &e) == 0)
		return masked;
	if (is_page || strcmp(masked, name) == 0) {
		free(masked);
		return memory_text(name);
	}
	made = memory_new(strlen(masked) + 24, 1);
	snprintf(made, strlen(masked) + 24, "%03zu-%s", nth, masked);
	free(masked);
	return made;
}

static void
copy_input(struct capture *c, const char *from, const char *folder, const char *name, size_t nth,
           bool is_page)
{
	char to[PATH_SIZE], *made;

	if (c->mask == NULL) {
		durable_join(to, folder, name);
		tree_copy_file(from, to);
		return;
	}
	made = choose_name(c, name, nth, is_page);
	durable_join(to, folder, made);
	free(made);
	if (mask_file(c->mask, from, to)) {
		save_input_digest(c, from, to);
		save_request_digests(c, from, to);
	} else {
		warn("%s is left out: its values cannot be read (compressed, or no XML, JSON or CSV)", from);
	}
}

#define SIDECAR ".sha256"

/* The length of the name before `.sha256`; 0: it does not end so. */
static size_t
length_of_base(const char *name)
{
	size_t n = strlen(name), end = strlen(SIDECAR);

	return n > end && strcmp(name + n - end, SIDECAR) == 0 ? n - end : 0;
}

/* A digest beside a file that agrees with it does so afterwards, too; another one stays as it is. */
static void
write_sidecar(const char *from, const char *base, const char *to, const char *made)
{
	unsigned char was[SHA256_SIZE], is[SHA256_SIZE], stated[SHA256_SIZE];
	char path[PATH_SIZE], hex[SHA256_TEXT] = "";
	FILE *in = fopen(from, "r"), *out;

	if (in == NULL)
		die_errno(EXIT_IO, "%s", from);
	if (fread(hex, 1, sizeof(hex) - 1, in) != sizeof(hex) - 1 || sha256_parse(hex, stated) < 0)
		memset(hex, 'x', sizeof(hex) - 1);
	else if (durable_has_digest(base, stated) && durable_digest(base, was, NULL) &&
	         durable_digest(to, is, NULL))
		sha256_print(hex, is);
	fclose(in);
	if (snprintf(path, sizeof(path), "%s" SIDECAR, to) >= (int)sizeof(path))
		die(EXIT_IO, "%s: path too long", to);
	out = fopen(path, "w");
	if (out == NULL)
		die_errno(EXIT_IO, "%s", path);
	fprintf(out, "%s  %s\n", hex, made);
	if (fclose(out) < 0)
		die_errno(EXIT_IO, "%s", path);
}

static void
copy_sidecar(struct capture *c, const char *from, const char *folder, const char *name, size_t nth)
{
	char base[PATH_SIZE], to[PATH_SIZE], plain[PATH_SIZE], *made;

	snprintf(base, sizeof(base), "%.*s", (int)length_of_base(from), from);
	snprintf(plain, sizeof(plain), "%.*s", (int)length_of_base(name), name);
	made = choose_name(c, plain, nth, false);
	durable_join(to, folder, made);
	write_sidecar(from, base, to, made);
	free(made);
}

static int
is_input(const struct dirent *entry)
{
	return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* The place of the file that a digest stands beside; n: it is not there. */
static int
find_base(struct dirent **entry, int n, const char *name)
{
	size_t length = length_of_base(name);
	int i;

	for (i = 0; length > 0 && i < n; i++)
		if (strncmp(entry[i]->d_name, name, length) == 0 && entry[i]->d_name[length] == '\0')
			return i;
	return n;
}

static bool
can_be_read(const char *path)
{
	struct stat st;
	struct err why;
	int fd = door_open(path, DOOR_MOST_BYTES, &st, &why);

	if (fd < 0) {
		if (why.code[0] != '\0' && !err_is(&why, ERR_NOT_A_FILE))
			warn("%s is left out: %s", path, why.message);
		return false;
	}
	close(fd);
	return true;
}

/* In the order of their names, so that a file comes before its digest. Folders and links are no inputs. */
static void
copy_inputs(struct capture *c, const char *from, const char *to, bool are_pages)
{
	char path[PATH_SIZE];
	struct dirent **entry;
	int i, base, n = scandir(from, &entry, is_input, alphasort);

	if (n < 0)
		die_errno(errno == ENOENT || errno == ENOTDIR ? EXIT_ABSENT : EXIT_IO, "%s", from);
	for (i = 0; i < n; i++) {
		durable_join(path, from, entry[i]->d_name);
		base = find_base(entry, n, entry[i]->d_name);
		if (!can_be_read(path))
			continue;
		durable_make_folder(to);
		if (c->mask != NULL && base < n)
			copy_sidecar(c, path, to, entry[i]->d_name, (size_t)base + 1);
		else
			copy_input(c, path, to, entry[i]->d_name, (size_t)i + 1, are_pages);
	}
	for (i = 0; i < n; i++)
		free(entry[i]);
	free(entry);
}

static int64_t
count_inputs(struct store *db)
{
	return value(sql(db, "SELECT count(*) FROM input"), 0);
}

/* A stage may take a file meanwhile: then the rows are of another moment. */
static void
require_same_inputs(struct capture *c)
{
	char path[PATH_SIZE];
	struct store *now;

	durable_join(path, c->run->home, "state/alanpay.db");
	now = store_open(path, STORE_READS);
	if (count_inputs(now) != count_inputs(c->run->db))
		die(EXIT_BUSY, "a stage took files from the inbox meanwhile: run this command once more");
	store_close(now);
}

void
capture_inputs(struct capture *c)
{
	static const char *const doors[][2] = {
	    {"intake", "inbox/requests"}, {"reconcile", "inbox/bank"}, {"notify", "inbox/receipts"}};
	char from[PATH_SIZE], input[PATH_SIZE], to[PATH_SIZE];
	const char *pages = options_value(c->run, "swan");
	size_t i;

	durable_join(input, c->out, "input");
	for (i = 0; i < LENGTH(doors); i++) {
		if (strcmp(c->stage, doors[i][0]) != 0)
			continue;
		if (c->is_cut) {
			warn("%s is left out: it holds for all members", doors[i][1]);
			continue;
		}
		durable_join(from, c->run->home, doors[i][1]);
		durable_join(to, input, strrchr(doors[i][1], '/') + 1);
		copy_inputs(c, from, to, false);
	}
	if (pages != NULL) {
		durable_join(to, input, "swan");
		copy_inputs(c, pages, to, true);
	}
	require_same_inputs(c);
}
