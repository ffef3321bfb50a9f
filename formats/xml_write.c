/* xml: the writer; see xml.h. The reader is in xml.c. */
#include <stdlib.h>
#include <string.h>

#include <libxml/xmlwriter.h>

#include "formats/memory.h"
#include "formats/text.h"
#include "formats/xml.h"

struct xml_writer {
	struct sink *sink;
	xmlTextWriter *to;
	bool failed;
};

static int
write_bytes(void *ctx, const char *bytes, int n)
{
	sink_put(ctx, bytes, (size_t)n);
	return n;
}

static void
xml_note(struct xml_writer *w, int rc)
{
	if (rc < 0)
		w->failed = true;
}

struct xml_writer *
xml_begin_document(struct sink *s)
{
	struct xml_writer *w = memory_new(1, sizeof(*w));
	xmlOutputBuffer *out = memory_check(xmlOutputBufferCreateIO(write_bytes, NULL, s, NULL));

	w->sink = s;
	w->to = memory_check(xmlNewTextWriter(out));
	xml_note(w, xmlTextWriterStartDocument(w->to, NULL, "UTF-8", NULL));
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

void
xml_begin(struct xml_writer *w, const char *name)
{
	xml_note(w, xmlTextWriterStartElement(w->to, BAD_CAST name));
}

void
xml_attr(struct xml_writer *w, const char *name, const char *value)
{
	xml_note(w,
	         is_writable(value) ? xmlTextWriterWriteAttribute(w->to, BAD_CAST name, BAD_CAST value) : -1);
}

void
xml_text(struct xml_writer *w, const char *text)
{
	xml_note(w, is_writable(text) ? xmlTextWriterWriteString(w->to, BAD_CAST text) : -1);
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
	xml_note(w, xmlTextWriterEndElement(w->to));
}

void
xml_end_document(struct xml_writer *w)
{
	xml_note(w, xmlTextWriterEndDocument(w->to));
	xmlFreeTextWriter(w->to);
	if (w->failed)
		sink_fail(w->sink);
	free(w);
}
