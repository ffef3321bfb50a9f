/* xml_input: what xml.c and xml_schema.c share of a document that is being read. */
#ifndef FORMATS_XML_INPUT_H
#define FORMATS_XML_INPUT_H

#include <libxml/parser.h>

#include "formats/charset.h"
#include "formats/xml.h"

#define XML_CHUNK          32768
#define XML_MOST_DEPTH     64
#define XML_MOST_TEXT      65536
#define XML_MOST_ATTRIBUTE 255
#define XML_FOUND_BITS     9
#define XML_MOST_TRIES     8

/* An element that was looked up. libxml2 keeps each distinct name of a document once, so that its address stands for it. */
struct xml_found {
	const xmlChar *name;
	short parent, self;
};

struct xml_open_element {
	long line;
	size_t text; /* length of the text before this element */
	short self;
};

struct xml_input {
	xml_source *read;
	void *from;
	int64_t left; /* bytes that may still be read */
	bool ended;
	size_t begin, end; /* of what is in `raw` and not yet read */
	long documents;
	long line_before, last_line; /* lines before the document at hand; where its root element ended */
	/* Of the document at hand. */
	struct xml_elements *x; /* NULL when only a schema is checked */
	struct err *e;
	xmlParserCtxt *parser;
	xmlSAXHandler *sax; /* set by xml_validate only */
	void *user;
	enum charset charset;
	bool failed; /* *e says why */
	bool has_root, is_complete;
	int64_t fed, consumed; /* bytes of UTF-8: given to the parser; where the root element ended */
	int depth;
	size_t text_length;
	const xmlChar **attributes; /* five pointers each, as startElementNs gets them; NULL but at a start */
	int attribute_count;
	struct xml_open_element open[XML_MOST_DEPTH];
	struct xml_found found[(1 << XML_FOUND_BITS) + XML_MOST_TRIES];
	char text[XML_MOST_TEXT + 1], attribute[XML_MOST_ATTRIBUTE + 1], raw[XML_CHUNK],
	    decoded[3 * XML_CHUNK + 1];
};

/* Handlers for the parser, with an xml_input as their context. */
xmlSAXHandler xml_handlers(void);
long xml_input_line(const struct xml_input *in);

/* Ends the reading; *in->e says why, the first time. */
void xml_input_stop(struct xml_input *in);

/* A file as a source, and its only document; `x` may be NULL. */
ptrdiff_t xml_read_file(void *file, char *to, size_t size, struct err *e);
int xml_read_only(struct xml_input *in, struct xml_elements *x, struct err *e);

#endif
