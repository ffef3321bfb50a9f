/* publication: see publication.h. Writes artifact. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/text.h"
#include "stages/core/engine/fault.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publication.h"

#define BEGUN "state/begun" /* the temporary names since the last start, one a line */

void
publication_temp_of(const char *path, char temp[static PATH_SIZE])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;

	if (snprintf(temp, PATH_SIZE, "%.*s.%s.new", (int)(name - path), path, name) >= PATH_SIZE)
		die(EXIT_IO, "%s: path too long", path);
}

/* Before the file is there, so that the next start finds it. It is not synced: after a loss of power a file may stay. */
static void
note_begun(const char *temp)
{
	int fd = open(BEGUN, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0 || dprintf(fd, "%s\n", temp) < 0 || close(fd) < 0)
		die_errno(EXIT_IO, BEGUN);
}

static bool
is_temp(const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	size_t n = strlen(name);

	return path[0] != '/' && strstr(path, "..") == NULL && name[0] == '.' && n > strlen(".new") &&
	       strcmp(name + n - strlen(".new"), ".new") == 0;
}

/* The outermost temporary folder that it is in, or the file itself. */
static void
remove_temp(const char *temp)
{
	char path[PATH_SIZE], found[PATH_SIZE] = "";

	if (temp[0] == '/' || text_copy(path, sizeof(path), temp) < 0)
		return;
	while (strchr(path, '/') != NULL) {
		if (is_temp(path))
			memcpy(found, path, sizeof(found));
		durable_folder_of(path, path);
	}
	if (strcmp(found, temp) == 0)
		durable_remove(found);
	else if (found[0] != '\0')
		durable_remove_folder(found);
}

void
publication_remove_begun(void)
{
	FILE *in = fopen(BEGUN, "re");
	char temp[PATH_SIZE + 1];

	if (in == NULL)
		return;
	while (fgets(temp, sizeof(temp), in) != NULL) {
		temp[strcspn(temp, "\n")] = '\0';
		remove_temp(temp);
	}
	fclose(in);
	durable_remove(BEGUN);
}

static int
publication_write(void *ctx, const void *bytes, size_t n)
{
	const struct publication *p = ctx;

	return durable_write(p->fd, bytes, n);
}

static void
begin(struct publication *p, struct run *r, const char *temp, bool is_view)
{
	char folder[PATH_SIZE];

	*p = (struct publication){.run = r, .is_view = is_view};
	snprintf(p->temp, sizeof(p->temp), "%s", temp);
	if (r->dry_run) {
		p->fd = durable_create_nameless("state");
	} else {
		durable_folder_of(temp, folder);
		durable_make_folder(folder);
		note_begun(temp);
		p->fd = durable_create(temp, true);
	}
	p->sink = (is_view ? sink_new_plain : sink_new)(publication_write, p);
	fault("file begun");
}

void
publication_begin(struct publication *p, struct run *r, const char *temp)
{
	begin(p, r, temp, false);
}

void
publication_begin_view(struct publication *p, struct run *r, const char *temp)
{
	begin(p, r, temp, true);
}

bool
publication_link(struct publication *p, struct run *r, const char *temp, const char *from,
                 const struct file_digest *bytes)
{
	char folder[PATH_SIZE];
	struct stat st;

	if (lstat(from, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size != bytes->size)
		return false;
	*p = (struct publication){.run = r, .fd = -1, .bytes = *bytes};
	snprintf(p->temp, sizeof(p->temp), "%s", temp);
	if (r->dry_run)
		return true;
	durable_folder_of(temp, folder);
	durable_make_folder(folder);
	note_begun(temp);
	if (link(from, temp) < 0)
		return false;
	fault("file linked");
	return true;
}

void
publication_seal(struct publication *p)
{
	if (sink_end(p->sink, p->is_view ? NULL : p->bytes.sha256, &p->bytes.size) < 0)
		die_errno(EXIT_IO, "%s: cannot be written", p->temp);
	p->sink = NULL;
	fault("file written");
	if (!p->run->dry_run)
		durable_sync(p->fd, p->temp);
}

FILE *
publication_reopen(const struct publication *p)
{
	int fd = dup(p->fd);
	FILE *in;

	if (fd < 0 || lseek(fd, 0, SEEK_SET) < 0 || (in = fdopen(fd, "r")) == NULL)
		die_errno(EXIT_IO, "%s: cannot be read back", p->temp);
	return in;
}

void
publication_record(struct publication *p, const char *kind, int64_t owner, const char *path,
                   const char *folder)
{
	unsigned char there[SHA256_SIZE];
	struct stmt *q =
	    sql(p->run->db,
	    "INSERT INTO artifact (path, kind, owner, folder, sha256, size, state)"
	    " VALUES ($path, $kind, $owner, $folder, $sha256, $size, 'due')"
	    " ON CONFLICT (path) DO NOTHING");

	if (!tx_open(p->run->db))
		die(EXIT_BUG, "%s is published outside a unit of work", path);
	if (durable_digest(path, there, NULL) && memcmp(there, p->bytes.sha256, SHA256_SIZE) != 0)
		die(EXIT_OVERWRITE, "%s exists, and the books do not know it: keep it, and call an engineer",
		    path);
	if (p->fd >= 0)
		close(p->fd);
	if (!p->run->dry_run && folder == NULL)
		durable_sync_folder_of(p->temp);
	bind_text(q, "$path", path);
	bind_text(q, "$kind", kind);
	bind_int(q, "$owner", owner);
	bind_text(q, "$folder", folder);
	bind_blob(q, "$sha256", p->bytes.sha256, sizeof(p->bytes.sha256));
	bind_int(q, "$size", p->bytes.size);
	if (exec(q) == 0)
		die(EXIT_OVERWRITE, "%s was published before: a name is used once", path);
}

void
publication_keep(struct publication *p, const char *kind, int64_t owner, const char *path)
{
	char temp[PATH_SIZE], folder[PATH_SIZE];

	publication_temp_of(path, temp);
	if (!p->run->dry_run) {
		durable_folder_of(path, folder);
		durable_make_folder(folder);
		note_begun(temp);
		durable_rename(p->temp, temp);
	}
	snprintf(p->temp, sizeof(p->temp), "%s", temp);
	publication_record(p, kind, owner, path, NULL);
}

void
publication_discard(struct publication *p)
{
	if (p->fd >= 0)
		close(p->fd);
	if (!p->run->dry_run)
		durable_remove(p->temp);
}
