/* xml: reading by path; see xml.h. Every element is the same to the reader below, which gives its name. */
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "formats/xml.h"

#define ANY 1

struct path_reading {
	struct xml_reader *to;
	size_t length;
	char path[4096], root_namespace[256];
};

static int
path_begin(void *ctx, int element, struct xml_elements *x, struct err *e)
{
	struct path_reading *r = ctx;
	size_t n = strlen(x->name);

	(void)element;
	if (r->length + n + 2 > sizeof(r->path))
		return err_set(e, ERR_TOO_LARGE, "the names of the elements are too long");
	if (r->length == 0)
		text_copy(r->root_namespace, sizeof(r->root_namespace), x->name_space);
	if (r->length > 0)
		r->path[r->length++] = '/';
	memcpy(r->path + r->length, x->name, n + 1);
	r->length += n;
	r->to->line = x->line;
	r->to->private = x;
	return r->to->begin != NULL ? r->to->begin(r->to->ctx, r->path, r->to, e) : 0;
}

static int
path_end(void *ctx, int element, const char *text, struct err *e)
{
	struct path_reading *r = ctx;
	char *last;

	(void)element;
	if (r->to->end != NULL && r->to->end(r->to->ctx, r->path, text, e) != 0)
		return -1;
	last = strrchr(r->path, '/');
	r->length = last != NULL ? (size_t)(last - r->path) : 0;
	r->path[r->length] = '\0';
	return 0;
}

const char *
xml_attribute(const struct xml_reader *x, const char *name)
{
	return xml_element_attribute(x->private, name);
}

int
xml_read(FILE *in, int64_t max_bytes, struct xml_reader *x, struct err *e)
{
	static const struct xml_name any[] = {{0, ANY, "*"}, {ANY, ANY, "*"}};
	struct path_reading r = {.to = x};
	struct xml_elements elements = {
	    .ctx = &r, .names = {{any, LENGTH(any)}}, .begin = path_begin, .end = path_end};
	int rc;

	x->root_namespace = r.root_namespace;
	rc = xml_read_elements(in, max_bytes, &elements, e);
	x->root_namespace = "";
	return rc;
}
