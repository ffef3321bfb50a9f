/* xml: hardened reading by SAX2, writing as a stream, and the schema gate, all over libxml2.
 *
 * Reading refuses any DOCTYPE, resolves no entity but the five of XML, opens nothing, and bounds depth (64), the text of one
 * element (64 KiB), one tag or comment (64 KiB), its attributes (64), the distinct names of a document, and the size of the
 * input. It keeps only the text at hand. An input may hold several documents, one behind the other.
 * source   libxml2 2.9.14; OWASP XXE prevention cheat sheet
 */
#ifndef FORMATS_XML_H
#define FORMATS_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "formats/err.h"
#include "formats/sink.h"

/* An element that a reader knows, by the element that it is in and its local name ("*": any other). The numbers are the
 * reader's own, below 1000; 0 is both what the root is in and every element that no row knows. */
struct xml_name {
	short parent, self;
	const char *name;
};
struct xml_names {
	const struct xml_name *row;
	size_t n;
};

struct xml_elements {
	void *ctx;
	struct xml_names names[3]; /* tables, looked into one after the other */
	/* Called as elements that are known begin and end. At the end `text` is the element's own character data, trimmed.
	 * Return 0, or -1 with *e filled (its place is filled in by the reader). */
	int (*begin)(void *ctx, int element, struct xml_elements *x, struct err *e);
	int (*end)(void *ctx, int element, const char *text, struct err *e);
	const char *name;       /* local, of the element at hand */
	const char *name_space; /* its own, "" when it has none; in `begin` only */
	long line;              /* where the element at hand began */
	void *private;
};
/* An attribute of the element at hand, in `begin` only; NULL when absent; valid until the next call. */
const char *xml_element_attribute(const struct xml_elements *x, const char *name);

/* Where documents are read from: `read` gives up to `size` bytes, 0 at the end, or -1 with *e filled. max_bytes 0: 1 GiB. */
typedef ptrdiff_t xml_source(void *ctx, char *to, size_t size, struct err *e);
struct xml_input *xml_open(xml_source *read, void *ctx, int64_t max_bytes);
void xml_close(struct xml_input *in);

/* Reads the next document to its end: 1; 0 when the input holds no further one; -1 with code malformed_xml, doctype_refused,
 * too_large, or what a callback said. An input without any document is malformed. */
int xml_next(struct xml_input *in, struct xml_elements *x, struct err *e);

/* The one document of a file. 0 or -1. */
int xml_read_elements(FILE *in, int64_t max_bytes, struct xml_elements *x, struct err *e);

/* The same for a reader of all elements, which gets the path of local names from the root, "Document/Ntfctn/Ntry", of at most
 * 4095 bytes. */
struct xml_reader {
	void *ctx;
	int (*begin)(void *ctx, const char *path, struct xml_reader *x, struct err *e); /* or NULL */
	int (*end)(void *ctx, const char *path, const char *text, struct err *e);
	const char *root_namespace; /* "" when none; known from the `begin` of the root on */
	long line;                  /* where the element at hand began */
	const struct xml_elements *private;
};
const char *xml_attribute(const struct xml_reader *x, const char *name); /* as xml_element_attribute */
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
