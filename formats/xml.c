/* xml: see xml.h.
 *
 * One push parser serves reading and validating, so that validation is hardened too: the
 * parser is stopped at a DOCTYPE before its first declaration is read, and not even a schema that a document names
 * is opened. Encodings are those built into libxml2 (UTF-8, ASCII, Latin-1): any other would make iconv load a module
 * that the sender chooses.
 * source   libxml2 2.9.14 (parser.h, xmlschemas.h, xmlwriter.h)
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlschemas.h>
#include <libxml/xmlwriter.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "formats/text.h"
#include "formats/xml.h"

#define CHUNK      65536
#define MOST_DEPTH 64
#define MOST_TEXT  65536
#define MOST_PATH  4096
#define MOST_BYTES (INT64_C(1) << 30)

struct parse {
	struct xml_reader *x; /* NULL when only a schema is checked */
	struct err *e;
	xmlParserCtxt *parser;
	bool failed; /* *e says why */
	int depth;
	struct {
		long line;
		size_t path, text; /* lengths of both before this element */
	} open[MOST_DEPTH];
	size_t path_length, text_length;
	/* Five pointers each, as startElementNs gets them; NULL but at a start. */
	const xmlChar **attributes;
	int attribute_count;
	char path[MOST_PATH], text[MOST_TEXT + 1], attribute[MOST_TEXT + 1];
};

static long
line_of(const struct parse *p)
{
	return p->parser->input != NULL ? p->parser->input->line : 0;
}

/* Stops the parser; the first error is kept. */
static void
stop(struct parse *p)
{
	p->failed = true;
	xmlStopParser(p->parser);
}

static bool
push_name(struct parse *p, const char *name)
{
	size_t length = strlen(name);

	if (p->path_length + length + 2 > sizeof(p->path))
		return false;
	p->open[p->depth].path = p->path_length;
	if (p->depth > 0)
		p->path[p->path_length++] = '/';
	memcpy(p->path + p->path_length, name, length + 1);
	p->path_length += length;
	return true;
}

static void
on_begin(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
         const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	struct parse *p = ctx;
	long line;

	(void)prefix, (void)n_namespaces, (void)namespaces, (void)n_defaulted;
	if (p->failed)
		return;
	line = line_of(p);
	if (p->depth == MOST_DEPTH || !push_name(p, (const char *)name)) {
		err_at(p->e, line, 0, ERR_TOO_LARGE,
		       "elements are nested more than %d levels deep, or their names are too long",
		       MOST_DEPTH);
		stop(p);
		return;
	}
	p->open[p->depth].line = line;
	p->open[p->depth].text = p->text_length;
	p->depth++;
	if (p->x == NULL)
		return;
	if (p->depth == 1)
		p->x->root_namespace = uri != NULL ? (const char *)uri : "";
	p->attributes = attributes;
	p->attribute_count = n_attributes;
	p->x->line = line;
	if (p->x->begin != NULL && p->x->begin(p->x->ctx, p->path, p->x, p->e) != 0)
		stop(p);
	p->attributes = NULL;
	p->attribute_count = 0;
}

const char *
xml_attribute(const struct xml_reader *x, const char *name)
{
	struct parse *p = x->private;
	int i;

	for (i = 0; i < p->attribute_count; i++) {
		const xmlChar **a = p->attributes + (ptrdiff_t)i * 5;
		size_t length = (size_t)(a[4] - a[3]);

		if (strcmp((const char *)a[0], name) != 0 || length > MOST_TEXT)
			continue;
		memcpy(p->attribute, a[3], length);
		p->attribute[length] = '\0';
		return p->attribute;
	}
	return NULL;
}

/* Blanks before an element's first visible character are dropped at once, so that the indentation of a
 * million children never adds up. */
static void
on_text(void *ctx, const xmlChar *text, int length)
{
	struct parse *p = ctx;
	size_t n;

	if (p->failed || p->depth == 0)
		return;
	n = (size_t)length;
	if (p->text_length == p->open[p->depth - 1].text) {
		while (n > 0 && strchr(" \t\r\n", *text) != NULL)
			text++, n--;
	}
	if (n > MOST_TEXT - p->text_length) {
		err_at(p->e, p->open[p->depth - 1].line, 0, ERR_TOO_LARGE,
		       "an element has more than %d bytes of text", MOST_TEXT);
		stop(p);
		return;
	}
	memcpy(p->text + p->text_length, text, n);
	p->text_length += n;
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct parse *p = ctx;
	size_t begin, end;

	(void)name, (void)prefix, (void)uri;
	if (p->failed || p->depth == 0)
		return;
	p->depth--;
	begin = p->open[p->depth].text;
	end = p->text_length;
	while (end > begin && strchr(" \t\r\n", p->text[end - 1]) != NULL)
		end--;
	p->text[end] = '\0';
	p->text_length = begin;
	if (p->x != NULL) {
		p->x->line = p->open[p->depth].line;
		if (p->x->end != NULL && p->x->end(p->x->ctx, p->path, p->text + begin, p->e) != 0)
			stop(p);
	}
	p->path_length = p->open[p->depth].path;
	p->path[p->path_length] = '\0';
}

static void
on_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	struct parse *p = ctx;

	(void)name, (void)external, (void)system;
	if (p->failed)
		return;
	err_at(p->e, line_of(p), 0, ERR_DOCTYPE_REFUSED,
	       "a document type declaration is not allowed in a bank's message");
	stop(p);
}

static xmlParserInput *
open_nothing(const char *url, const char *id, xmlParserCtxt *ctxt)
{
	(void)url, (void)id, (void)ctxt;
	return NULL;
}

static xmlSAXHandler
handlers(void)
{
	xmlSAXHandler sax = {0};

	sax.initialized = XML_SAX2_MAGIC;
	sax.startElementNs = on_begin;
	sax.endElementNs = on_end;
	sax.characters = on_text;
	sax.cdataBlock = on_text;
	sax.internalSubset = on_doctype;
	xmlSetExternalEntityLoader(open_nothing);
	return sax;
}

/* Looks at the XML declaration, if any. Without one, or without an encoding in it, a document is UTF-8; a
 * byte order mark of UTF-8 may precede it. */
static bool
is_readable_encoding(const char *head, size_t n)
{
	static const char *const known[] = {"UTF-8", "US-ASCII", "ASCII", "ISO-8859-1"};
	char declaration[256];
	size_t length, name, i;
	char *end;
	const char *encoding;

	if (n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0)
		head += 3, n -= 3;
	if (n == 0 || strchr("< \t\r\n", *head) == NULL || (n > 1 && head[1] == '\0'))
		return n == 0;
	if (n < 6 || memcmp(head, "<?xml", 5) != 0 || strchr(" \t\r\n", head[5]) == NULL)
		return true;
	length = n < sizeof(declaration) ? n : sizeof(declaration) - 1;
	memcpy(declaration, head, length);
	declaration[length] = '\0';
	end = strstr(declaration, "?>");
	if (end == NULL)
		return n < sizeof(declaration); /* cut off: the parser says so */
	*end = '\0';
	encoding = strstr(declaration, "encoding");
	if (encoding == NULL)
		return true;
	encoding += strcspn(encoding, "\"'");
	encoding += *encoding != '\0';
	name = strcspn(encoding, "\"'");
	for (i = 0; i < LENGTH(known); i++)
		if (strlen(known[i]) == name && strncasecmp(known[i], encoding, name) == 0)
			return true;
	return false;
}

/* The parser's own message, without its line break; only the first line of it, as the next may quote
 * content. */
static int
report(const struct parse *p)
{
	const xmlError *why = xmlCtxtGetLastError(p->parser);
	bool cut_off = why == NULL || why->message == NULL || why->code == XML_ERR_DOCUMENT_END;
	const char *message = cut_off ? "the document ends too early" : why->message;
	long line = why != NULL && why->line > 0 ? why->line : line_of(p);

	return err_at(p->e, line, why != NULL && why->int2 > 0 ? why->int2 : 0, ERR_MALFORMED_XML,
	              "the document is not well-formed XML: %.*s", (int)strcspn(message, "\n"), message);
}

static void
feed(struct parse *p, FILE *in, int64_t max_bytes)
{
	char *chunk = memory_check(malloc(CHUNK));
	int64_t total = 0;
	size_t n;

	while (!p->failed && (n = fread(chunk, 1, CHUNK, in)) > 0) {
		if (total == 0 && !is_readable_encoding(chunk, n)) {
			err_at(p->e, 1, 0, ERR_MALFORMED_XML,
			       "the document is not XML in UTF-8, ASCII or ISO-8859-1");
			p->failed = true;
			break;
		}
		total += (int64_t)n;
		if (total > max_bytes) {
			err_at(p->e, line_of(p), 0, ERR_TOO_LARGE, "the file is larger than %lld bytes",
			       (long long)max_bytes);
			p->failed = true;
			break;
		}
		xmlParseChunk(p->parser, chunk, (int)n, 0);
		if (!p->failed && p->parser->wellFormed == 0)
			break;
	}
	free(chunk);
	if (!p->failed && ferror(in) != 0) {
		err_at(p->e, line_of(p), 0, ERR_MALFORMED_XML, "the file cannot be read to its end");
		p->failed = true;
	}
	if (!p->failed && p->parser->wellFormed != 0)
		xmlParseChunk(p->parser, NULL, 0, 1);
}

/* What is not well-formed, or uses a prefix that it does not declare, is refused. */
static int
xml_run(struct parse *p, xmlSAXHandler *sax, void *user, FILE *in, int64_t max_bytes)
{
	p->parser = memory_check(xmlCreatePushParserCtxt(sax, user, NULL, 0, NULL));
	xmlCtxtUseOptions(p->parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	/* else "&" in an attribute is handed on as "&#38;"; entities there are none */
	p->parser->replaceEntities = 1;
	feed(p, in, max_bytes > 0 ? max_bytes : MOST_BYTES);
	if (!p->failed && (p->parser->wellFormed == 0 || p->parser->nsWellFormed == 0 || p->depth > 0)) {
		report(p);
		p->failed = true;
	}
	return p->failed ? -1 : 0;
}

int
xml_read(FILE *in, int64_t max_bytes, struct xml_reader *x, struct err *e)
{
	struct parse *p = memory_new(1, sizeof(*p));
	xmlSAXHandler sax = handlers();
	int rc;

	*e = (struct err){0};
	p->x = x;
	p->e = e;
	x->private = p;
	x->root_namespace = "";
	x->line = 0;
	rc = xml_run(p, &sax, p, in, max_bytes);
	if (rc != 0 && e->line == 0)
		e->line = x->line;
	x->private = NULL;
	x->root_namespace = "";
	xmlFreeParserCtxt(p->parser);
	free(p);
	return rc;
}

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

static void
ignore_error(void *ctx, xmlError *why)
{
	(void)ctx, (void)why;
}

/* libxml2 quotes the offending value, which may be a name or an IBAN: its sentence is cut before it.
 * Namespaces in braces are left out. */
static void
on_schema_error(void *ctx, xmlError *why)
{
	struct parse *p = ctx;
	char message[sizeof(p->e->message)];
	size_t n = 0;
	const char *c;

	if (p->failed || why->level < XML_ERR_ERROR)
		return;
	for (c = why->message != NULL ? why->message : "";
	     *c != '\0' && *c != '\n' && n < sizeof(message) - 1; c++) {
		if (strncmp(c, "The value", 9) == 0 || strncmp(c, ": '", 3) == 0)
			break;
		if (*c == '{' && strchr(c, '}') != NULL)
			c = strchr(c, '}');
		else
			message[n++] = *c;
	}
	while (n > 0 && message[n - 1] == ' ')
		n--;
	message[n] = '\0';
	err_at(p->e, line_of(p), 0, ERR_SCHEMA, "%s", n > 0 ? message : "the document is not valid");
	stop(p);
}

static xmlSchema *
load_schema(const void *xsd, size_t length)
{
	xmlSchemaParserCtxt *loader = memory_check(xmlSchemaNewMemParserCtxt(xsd, (int)length));
	xmlSchema *schema;

	xmlSchemaSetParserStructuredErrors(loader, ignore_error, NULL);
	schema = xmlSchemaParse(loader);
	xmlSchemaFreeParserCtxt(loader);
	return schema;
}

int
xml_validate(FILE *in, const void *xsd, size_t length, struct err *e)
{
	struct parse *p = memory_new(1, sizeof(*p));
	xmlSAXHandler own = handlers(), *sax = &own;
	void *user = p;
	xmlSchema *schema;
	xmlSchemaValidCtxt *validator;
	xmlSchemaSAXPlugPtr plug;
	int rc;

	*e = (struct err){0};
	p->e = e;
	schema = load_schema(xsd, length);
	if (schema == NULL) {
		free(p);
		return err_set(e, ERR_SCHEMA, "the schema itself cannot be read");
	}
	validator = memory_check(xmlSchemaNewValidCtxt(schema));
	xmlSchemaSetValidStructuredErrors(validator, on_schema_error, p);
	plug = memory_check(xmlSchemaSAXPlug(validator, &sax, &user));
	rc = xml_run(p, sax, user, in, 0);
	xmlSchemaSAXUnplug(plug);
	xmlFreeParserCtxt(p->parser);
	xmlSchemaFreeValidCtxt(validator);
	xmlSchemaFree(schema);
	free(p);
	return rc;
}
