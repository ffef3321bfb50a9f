/* xml: the writer; see xml.h. The reader is in xml.c. */
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"
#include "formats/text.h"
#include "formats/xml.h"

#define DEEPEST 64

struct xml_writer {
	struct sink *sink;
	const char *open[DEEPEST]; /* the names of the open elements */
	int depth;
	bool in_tag; /* `<name` is written, and its `>` is not */
	bool failed;
};

struct xml_writer *
xml_begin_document(struct sink *s)
{
	struct xml_writer *w = memory_new(1, sizeof(*w));

	w->sink = s;
	sink_text(s, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	return w;
}

/* XML has no way to write most control characters, not even as a reference. */
static bool
is_writable(const char *text)
{
	const char *c;

	for (c = text; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' && strchr("\t\r\n", *c) == NULL)
			return false;
	return text_is_utf8(text, strlen(text));
}

/* What a reader would take as markup, or read back as another character. */
static const char *
reference_of(char c, bool in_attribute)
{
	switch (c) {
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '&':
		return "&amp;";
	case '"':
		return "&quot;";
	case '\r':
		return "&#13;";
	case '\n':
		return in_attribute ? "&#10;" : NULL;
	case '\t':
		return in_attribute ? "&#9;" : NULL;
	default:
		return NULL;
	}
}

static void
write_escaped(struct xml_writer *w, const char *text, bool in_attribute)
{
	const char *from = text, *reference;

	if (!is_writable(text)) {
		w->failed = true;
		return;
	}
	for (; *text != '\0'; text++) {
		reference = reference_of(*text, in_attribute);
		if (reference == NULL)
			continue;
		sink_put(w->sink, from, (size_t)(text - from));
		sink_text(w->sink, reference);
		from = text + 1;
	}
	sink_put(w->sink, from, (size_t)(text - from));
}

static void
close_tag(struct xml_writer *w)
{
	if (w->in_tag)
		sink_text(w->sink, ">");
	w->in_tag = false;
}

void
xml_begin(struct xml_writer *w, const char *name)
{
	close_tag(w);
	if (w->depth == DEEPEST) {
		w->failed = true;
		return;
	}
	w->open[w->depth++] = name;
	sink_text(w->sink, "<");
	sink_text(w->sink, name);
	w->in_tag = true;
}

void
xml_attr(struct xml_writer *w, const char *name, const char *value)
{
	if (!w->in_tag)
		w->failed = true;
	sink_text(w->sink, " ");
	sink_text(w->sink, name);
	sink_text(w->sink, "=\"");
	write_escaped(w, value, true);
	sink_text(w->sink, "\"");
}

void
xml_text(struct xml_writer *w, const char *text)
{
	close_tag(w);
	write_escaped(w, text, false);
}

void
xml_element(struct xml_writer *w, const char *name, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	xml_begin(w, name);
	xml_text(w, text);
	xml_end(w);
}

void
xml_end(struct xml_writer *w)
{
	if (w->depth == 0) {
		w->failed = true;
		return;
	}
	w->depth--;
	if (w->in_tag) {
		sink_text(w->sink, "/>");
		w->in_tag = false;
		return;
	}
	sink_text(w->sink, "</");
	sink_text(w->sink, w->open[w->depth]);
	sink_text(w->sink, ">");
}

void
xml_end_document(struct xml_writer *w)
{
	while (w->depth > 0)
		xml_end(w);
	sink_text(w->sink, "\n");
	if (w->failed)
		sink_fail(w->sink);
	free(w);
}
