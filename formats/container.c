/* container: see container.h.
 *
 * A ZIP is read by its directory at the end, never by what precedes it alone: of one that was cut between two members the rest
 * would be missed. The checksum of a member is known at its end: so a caller that reads to the end knows that all was right.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>
#include <zlib.h>

#include "formats/container.h"
#include "formats/iso20022.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"

#define MOST_MEMBERS 1000
#define MOST_BYTES   (INT64_C(1) << 30)
#define MOST_RATIO   200
#define FREE_BYTES   (INT64_C(4) << 20) /* below which the ratio is not looked at */
#define HEAD         4

struct container {
	FILE *in;
	int64_t most, total; /* bytes that may come out, and that came out so far */
	int members;
	size_t head,
	    head_at; /* the first bytes of the member, which were looked at, and how many of them were given */
	char head_bytes[HEAD];
	struct archive *zip; /* NULL for gzip */
	z_stream gzip;
	bool gzip_ended; /* at the end of a part; another one may follow */
	unsigned char buffer[32768];
};

static bool
is_zip(const char *head, size_t n)
{
	return n >= 4 && (memcmp(head, "PK\x03\x04", 4) == 0 || memcmp(head, "PK\x05\x06", 4) == 0);
}

static bool
is_gzip(const char *head, size_t n)
{
	return n >= 2 && memcmp(head, "\x1F\x8B", 2) == 0;
}

bool
container_is_one(const char *head, size_t n)
{
	return is_zip(head, n) || is_gzip(head, n);
}

static int
refuse(struct err *e, const char *why)
{
	return err_set(e, ERR_MALFORMED_ARCHIVE, "%s", why);
}

static la_ssize_t
zip_read(struct archive *a, void *ctx, const void **bytes)
{
	struct container *c = ctx;

	(void)a;
	*bytes = c->buffer;
	return (la_ssize_t)fread(c->buffer, 1, sizeof(c->buffer), c->in);
}

static la_int64_t
zip_seek(struct archive *a, void *ctx, la_int64_t offset, int whence)
{
	struct container *c = ctx;

	(void)a;
	return fseek(c->in, (long)offset, whence) == 0 ? (la_int64_t)ftell(c->in) : ARCHIVE_FATAL;
}

static void
open_zip(struct container *c)
{
	c->zip = memory_check(archive_read_new());
	archive_read_support_format_zip_seekable(c->zip);
	archive_read_set_read_callback(c->zip, zip_read);
	archive_read_set_seek_callback(c->zip, zip_seek);
	archive_read_set_callback_data(c->zip, c);
	archive_read_open1(c->zip); /* what is wrong shows at the first member */
}

struct container *
container_open(FILE *in)
{
	struct container *c = memory_new(1, sizeof(*c));
	char head[HEAD];
	size_t n = fread(head, 1, sizeof(head), in);

	c->in = in;
	if (fseek(in, 0, SEEK_END) == 0)
		c->most = (int64_t)ftell(in) * MOST_RATIO + FREE_BYTES;
	if (c->most > MOST_BYTES)
		c->most = MOST_BYTES;
	rewind(in);
	if (is_zip(head, n))
		open_zip(c);
	else if (inflateInit2(&c->gzip, 16 + MAX_WBITS) != Z_OK)
		memory_lack();
	return c;
}

void
container_close(struct container *c)
{
	if (c->zip != NULL)
		archive_read_free(c->zip);
	else
		inflateEnd(&c->gzip);
	free(c);
}

/* The name as the ZIP has it, if it is UTF-8; else with a question mark for each byte that is not ASCII. */
static void
copy_name(char name[CONTAINER_NAME], struct archive_entry *member)
{
	const char *path = archive_entry_pathname(member);
	char *c;

	if (path == NULL)
		path = archive_entry_pathname_utf8(member);
	text_cut(name, CONTAINER_NAME, path != NULL ? path : "?");
	for (c = name; !text_is_utf8(name, strlen(name)) && *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	text_clean(name);
}

static bool
is_passed_over(const char *name, struct archive_entry *member)
{
	static const char folder[] = "__MACOSX/";

	return archive_entry_filetype(member) == AE_IFDIR || strncmp(name, folder, sizeof(folder) - 1) == 0;
}

static int
next_in_zip(struct container *c, char name[CONTAINER_NAME], struct err *e)
{
	struct archive_entry *member;
	int rc;

	do {
		rc = archive_read_next_header(c->zip, &member);
		if (rc == ARCHIVE_EOF)
			return c->members > 0 ? 0 : refuse(e, "the ZIP holds no file");
		if (rc < ARCHIVE_WARN && archive_errno(c->zip) == ENOMEM)
			memory_lack();
		if (rc < ARCHIVE_WARN)
			return refuse(e, "the ZIP is damaged, or cut off");
		copy_name(name, member);
		if (++c->members > MOST_MEMBERS)
			return err_set(e, ERR_TOO_LARGE, "the ZIP has more than %d members", MOST_MEMBERS);
	} while (is_passed_over(name, member) && c->members--);
	if (archive_entry_is_encrypted(member))
		return refuse(e, "it is encrypted");
	if (archive_entry_filetype(member) != AE_IFREG)
		return refuse(e, "it is not a file");
	return 1;
}

static ptrdiff_t
read_zip(struct container *c, char *to, size_t size, struct err *e)
{
	la_ssize_t n = archive_read_data(c->zip, to, size);

	if (n < 0 && archive_errno(c->zip) == ENOMEM)
		memory_lack();
	return n >= 0 ? (ptrdiff_t)n : refuse(e, "it is damaged, or compressed in a way that is not read");
}

/* Several parts, one behind the other, are one content. */
static ptrdiff_t
read_gzip(struct container *c, char *to, size_t size, struct err *e)
{
	z_stream *z = &c->gzip;
	int rc = Z_OK;

	z->next_out = (unsigned char *)to;
	z->avail_out = (unsigned)size;
	while (z->avail_out == size) {
		if (z->avail_in == 0) {
			z->next_in = c->buffer;
			z->avail_in = (unsigned)fread(c->buffer, 1, sizeof(c->buffer), c->in);
		}
		if (z->avail_in == 0)
			return c->gzip_ended ? 0 : refuse(e, "the gzip is cut off");
		if (c->gzip_ended && inflateReset(z) != Z_OK)
			return refuse(e, "the gzip is damaged");
		c->gzip_ended = false;
		rc = inflate(z, Z_NO_FLUSH);
		if (rc == Z_MEM_ERROR)
			memory_lack();
		if (rc != Z_OK && rc != Z_STREAM_END)
			return refuse(e, "the gzip is damaged");
		c->gzip_ended = rc == Z_STREAM_END;
	}
	return (ptrdiff_t)(size - z->avail_out);
}

static ptrdiff_t
read_bytes(struct container *c, char *to, size_t size, struct err *e)
{
	ptrdiff_t n = c->zip != NULL ? read_zip(c, to, size, e) : read_gzip(c, to, size, e);

	if (n > 0 && (c->total += n) > c->most)
		return err_set(e, ERR_TOO_LARGE,
		               "it makes more than 1 GiB, or than %d times the size of its file", MOST_RATIO);
	return n;
}

static int
look_at_head(struct container *c, struct err *e)
{
	c->head = c->head_at = 0;
	while (c->head < HEAD) {
		ptrdiff_t n = read_bytes(c, c->head_bytes + c->head, HEAD - c->head, e);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		c->head += (size_t)n;
	}
	return container_is_one(c->head_bytes, c->head) ? refuse(e, "it is a ZIP or gzip itself") : 1;
}

int
container_next(struct container *c, char name[CONTAINER_NAME], struct err *e)
{
	int rc = 1;

	name[0] = '\0';
	if (c->zip != NULL)
		rc = next_in_zip(c, name, e);
	else if (c->members++ > 0)
		return 0;
	return rc == 1 ? look_at_head(c, e) : rc;
}

ptrdiff_t
container_read(void *container, char *to, size_t size, struct err *e)
{
	struct container *c = container;
	size_t n = c->head - c->head_at;

	if (n == 0)
		return read_bytes(c, to, size, e);
	n = n < size ? n : size;
	memcpy(to, c->head_bytes + c->head_at, n);
	c->head_at += n;
	return (ptrdiff_t)n;
}
