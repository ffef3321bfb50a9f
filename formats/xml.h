/* xml: hardened reading by SAX2, writing as a stream, and the schema gate, all over libxml2.
 *
 * Reading refuses any DOCTYPE, resolves no entity but the five of XML, opens nothing, and bounds depth (64),
 * text of one element (64 KiB) and the size of the file. It keeps only the path and the text at hand.
 * source   libxml2 2.9.14; OWASP XXE prevention cheat sheet
 */
#ifndef FORMATS_XML_H
#define FORMATS_XML_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "formats/err.h"
#include "formats/sink.h"

struct xml_reader {
	void *ctx;
	/* Called as elements begin and end, with the path of local names from the root,
	 * "Document/Ntfctn/Ntry". At the end `text` is the element's own character data, trimmed; at the
	 * start it is NULL. `attribute` asks for an attribute of the element at hand, at the start only; NULL
	 * when absent. Return 0, or -1 with *e filled (its place is filled in by the reader). */
	int (*begin)(void *ctx, const char *path, struct xml_reader *x, struct err *e);
	int (*end)(void *ctx, const char *path, const char *text, struct err *e);
	const char *root_namespace; /* "" when none; known from the `begin` of the root on */
	long line;                  /* where the element at hand began */
	void *private;
};
const char *xml_attribute(const struct xml_reader *x, const char *name); /* valid until the next call */

/* Reads one document to the end; code malformed_xml, doctype_refused, too_large (file, depth or text), or
 * what a callback said. max_bytes 0: 1 GiB. */
int xml_read(FILE *in, int64_t max_bytes, struct xml_reader *x, struct err *e);

/* Writing: UTF-8, double quotes, no indent, LF at the end. */
struct xml_writer;
struct xml_writer *xml_begin_document(struct sink *s);
void xml_begin(struct xml_writer *w, const char *name);
void xml_attr(struct xml_writer *w, const char *name, const char *value); /* of the element just begun */
void xml_text(struct xml_writer *w, const char *text);
void xml_element(struct xml_writer *w, const char *name, const char *text); /* nothing if NULL or "" */
void xml_end(struct xml_writer *w);
void xml_end_document(struct xml_writer *w); /* frees; an error makes the sink fail */

/* Streams `in` through the schema (bytes in memory). 0, or -1 with the first error; code schema, or those of
 * xml_read. The message names the element and the rule, never the value. */
int xml_validate(FILE *in, const void *xsd, size_t length, struct err *e);

#endif
