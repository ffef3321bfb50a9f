/* xml: see xml.h; the writer is in xml_write.c, the schema gate in xml_schema.c.
 *
 * One push parser serves reading and validating, so that validation is hardened too: the parser is stopped at a DOCTYPE before
 * its first declaration is read, and not even a schema that a document names is opened. It only ever sees UTF-8, whatever the
 * document declares (charset.h). Each document has a parser of its own, which is stopped where the root element ends: what
 * follows begins the next document.
 *
 * libxml2 looks at every attribute of an element for each of them, and holds a tag until it is complete. So a tag that is not
 * complete after 64 KiB ends the reading, and the first element with too many attributes does.
 * source   libxml2 2.9.14 (parser.h)
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "formats/xml_input.h"

#define MOST_MARKUP     65536
#define MOST_ATTRIBUTES 64
#define MOST_NAMES      (1 << 20) /* bytes that libxml2 keeps of the distinct names of a document */
#define MOST_BYTES      (INT64_C(1) << 30)

long
xml_input_line(const struct xml_input *p)
{
	return p->line_before + (p->parser != NULL && p->parser->input != NULL ? p->parser->input->line : 1);
}

/* Stops the parser; the first error is kept. */
void
xml_input_stop(struct xml_input *p)
{
	p->failed = true;
	xmlStopParser(p->parser);
}

static void
refuse(struct xml_input *p, long line, const char *code, const char *message)
{
	err_at(p->e, line, 0, code, "%s", message);
	xml_input_stop(p);
}

static short
find_name(const struct xml_elements *x, short parent, const char *name)
{
	size_t i, j;

	for (i = 0; i < LENGTH(x->names); i++)
		for (j = 0; j < x->names[i].n; j++) {
			const struct xml_name *row = &x->names[i].row[j];

			if (row->parent == parent &&
			    (strcmp(row->name, name) == 0 || strcmp(row->name, "*") == 0))
				return row->self;
		}
	return 0;
}

/* The number of an element; what is in an element that is not known is not known either. */
static short
number_of(struct xml_input *p, const xmlChar *name)
{
	short parent = p->depth > 0 ? p->open[p->depth - 1].self : 0;
	uint64_t key = ((uintptr_t)name ^ (uint64_t)parent << 48) * UINT64_C(0x9E3779B97F4A7C15);
	struct xml_found *f = &p->found[key >> (64 - XML_FOUND_BITS)];
	int tries;

	if (parent == 0 && p->depth > 0)
		return 0;
	for (tries = 0; tries < XML_MOST_TRIES && f[tries].name != NULL; tries++)
		if (f[tries].name == name && f[tries].parent == parent)
			return f[tries].self;
	f += tries < XML_MOST_TRIES ? tries : 0;
	*f = (struct xml_found){
	    .name = name, .parent = parent, .self = find_name(p->x, parent, (const char *)name)};
	return f->self;
}

static void
on_begin(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
         const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	struct xml_input *p = ctx;
	struct xml_open_element *o;
	short self;

	(void)prefix, (void)namespaces, (void)n_defaulted;
	if (p->failed)
		return;
	p->has_root = true;
	if (p->depth == XML_MOST_DEPTH || n_attributes + n_namespaces > MOST_ATTRIBUTES) {
		refuse(p, xml_input_line(p), ERR_TOO_LARGE,
		       p->depth == XML_MOST_DEPTH ? "elements are nested more than 64 levels deep"
		                                  : "an element has more than 64 attributes");
		return;
	}
	self = p->x != NULL ? number_of(p, name) : 0;
	o = &p->open[p->depth++];
	*o = (struct xml_open_element){.line = xml_input_line(p), .text = p->text_length, .self = self};
	if (self == 0)
		return;
	p->attributes = attributes;
	p->attribute_count = n_attributes;
	p->x->line = o->line;
	p->x->name = (const char *)name;
	p->x->name_space = uri != NULL ? (const char *)uri : "";
	if (p->x->begin != NULL && p->x->begin(p->x->ctx, self, p->x, p->e) != 0)
		xml_input_stop(p);
	p->attributes = NULL;
	p->attribute_count = 0;
}

const char *
xml_element_attribute(const struct xml_elements *x, const char *name)
{
	struct xml_input *p = x->private;
	int i;

	for (i = 0; i < p->attribute_count; i++) {
		const xmlChar **a = p->attributes + (ptrdiff_t)i * 5;
		size_t length = (size_t)(a[4] - a[3]);

		if (strcmp((const char *)a[0], name) != 0 || length > XML_MOST_ATTRIBUTE)
			continue;
		memcpy(p->attribute, a[3], length);
		p->attribute[length] = '\0';
		return p->attribute;
	}
	return NULL;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Blanks before an element's first visible character are dropped at once, so that the indentation of a million children never
 * adds up. The text of an element that no row knows is not kept. */
static void
on_text(void *ctx, const xmlChar *text, int length)
{
	struct xml_input *p = ctx;
	const struct xml_open_element *o;
	size_t n = (size_t)length;

	if (p->failed || p->depth == 0)
		return;
	o = &p->open[p->depth - 1];
	if (o->self == 0)
		return;
	if (p->text_length == o->text)
		while (n > 0 && is_blank((char)*text))
			text++, n--;
	if (n > XML_MOST_TEXT - p->text_length) {
		refuse(p, o->line, ERR_TOO_LARGE, "an element has more than 65536 bytes of text");
		return;
	}
	memcpy(p->text + p->text_length, text, n);
	p->text_length += n;
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct xml_input *p = ctx;
	const struct xml_open_element *o;
	size_t end;

	(void)prefix, (void)uri;
	if (p->failed || p->depth == 0)
		return;
	o = &p->open[--p->depth];
	end = p->text_length;
	p->text_length = o->text;
	if (o->self != 0) {
		while (end > o->text && is_blank(p->text[end - 1]))
			end--;
		p->text[end] = '\0';
		p->x->line = o->line;
		p->x->name = (const char *)name;
		if (p->x->end != NULL && p->x->end(p->x->ctx, o->self, p->text + o->text, p->e) != 0)
			xml_input_stop(p);
	}
	if (p->depth > 0 || p->failed)
		return;
	p->is_complete = true;
	p->consumed = xmlByteConsumed(p->parser);
	p->last_line = xml_input_line(p);
	xmlStopParser(p->parser);
}

static void
on_doctype(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	struct xml_input *p = ctx;

	(void)name, (void)external, (void)system;
	if (!p->failed)
		refuse(p, xml_input_line(p), ERR_DOCTYPE_REFUSED,
		       "a document type declaration is not allowed in a bank's message");
}

static xmlParserInput *
open_nothing(const char *url, const char *id, xmlParserCtxt *ctxt)
{
	(void)url, (void)id, (void)ctxt;
	return NULL;
}

xmlSAXHandler
xml_handlers(void)
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

/* Is `name` the word that begins at `at`? Its length, or 0. */
static size_t
is_word(const char *message, const char *at, const char *name)
{
	size_t n = name == NULL ? 0 : strlen(name);

	if (n == 0 || strncmp(at, name, n) != 0 || isalnum((unsigned char)at[n]) ||
	    (at > message && isalnum((unsigned char)at[-1])))
		return 0;
	return n;
}

/* The first line of the parser's message (the next may quote content), with ... for what it quotes of the document, as the name of
 * an element or entity: in a broken document anything may stand there, also an IBAN. */
static void
leave_out_quotes(const xmlError *why, char *text, size_t size)
{
	const char *const quoted[] = {why->str1, why->str2, why->str3};
	const char *at = why->message, *end = at + strcspn(at, "\n");
	size_t n = 0, i, longest, length;

	while (at < end && n + sizeof("...") < size) {
		for (i = longest = 0; i < LENGTH(quoted); i++) {
			length = is_word(why->message, at, quoted[i]);
			longest = length > longest ? length : longest;
		}
		if (longest == 0) {
			text[n++] = *at++;
			continue;
		}
		memcpy(text + n, "...", 3);
		n += 3;
		at += longest;
	}
	text[n] = '\0';
}

static int
report(const struct xml_input *p)
{
	char text[sizeof(p->e->message)];
	const xmlError *why = xmlCtxtGetLastError(p->parser);
	bool cut_off;
	long line;

	if (why != NULL && why->code == XML_ERR_NO_MEMORY)
		memory_lack();
	cut_off = why == NULL || why->message == NULL || why->code == XML_ERR_DOCUMENT_END;
	line = why != NULL && why->line > 0 ? p->line_before + why->line : xml_input_line(p);

	if (cut_off)
		snprintf(text, sizeof(text), "the document ends too early");
	else
		leave_out_quotes(why, text, sizeof(text));
	return err_at(p->e, line, why != NULL && why->int2 > 0 ? why->int2 : 0, ERR_MALFORMED_XML,
	              "the document is not well-formed XML: %.200s", text);
}

/* Reads on until `wanted` bytes are at hand, or the input ends. */
static int
fill(struct xml_input *p, size_t wanted, struct err *e)
{
	while (p->end - p->begin < wanted && !p->ended) {
		ptrdiff_t n;

		memmove(p->raw, p->raw + p->begin, p->end - p->begin);
		p->end -= p->begin;
		p->begin = 0;
		n = p->read(p->from, p->raw + p->end, sizeof(p->raw) - p->end, e);
		if (n < 0)
			return -1;
		p->ended = n == 0;
		p->end += (size_t)n;
		p->left -= n;
		if (p->left < 0)
			return err_at(e, p->line_before + 1, 0, ERR_TOO_LARGE,
			              "the file is larger than the limit");
	}
	return 0;
}

/* Passes over blanks and byte order marks before a document: 1 when there is one, 0 at the end. */
static int
find_document(struct xml_input *p, bool *declared, struct err *e)
{
	bool line_feed, is_utf_8 = false;
	size_t n;

	for (;;) {
		if (fill(p, CHARSET_HEAD, e) != 0)
			return -1;
		n = charset_gap(p->raw + p->begin, p->end - p->begin, &line_feed);
		if (n == 0)
			break;
		is_utf_8 |= n == 3;
		p->begin += n;
		p->line_before += line_feed;
	}
	if (p->begin == p->end)
		return p->documents > 0 ? 0 : err_at(e, 1, 0, ERR_MALFORMED_XML, "the document is empty");
	p->charset = charset_of_xml(p->raw + p->begin, p->end - p->begin, declared);
	if (is_utf_8)
		p->charset = CHARSET_UTF_8;
	if (p->charset != CHARSET_UNKNOWN)
		return 1;
	return err_at(e, p->line_before + 1, 0, ERR_MALFORMED_XML,
	              "the document is not XML in UTF-8, UTF-16, ISO-8859-1, ISO-8859-15 or windows-1252");
}

/* By other beginnings the parser would guess an encoding, and have iconv load it. */
static bool
begins_as_xml(const char *text, size_t n)
{
	return text[0] == '<' && (n < 2 || text[1] != '\0');
}

/* Gives the parser what is at hand, and passes over what it read of it. */
static void
push(struct xml_input *p)
{
	const char *text = p->raw + p->begin;
	size_t n = p->end - p->begin, used = n;

	if (p->charset != CHARSET_UTF_8) {
		n = charset_decode(p->charset, text, n, p->decoded, &used);
		if (p->ended && used < p->end - p->begin) { /* half a character */
			p->decoded[n++] = '\xFF';
			used = p->end - p->begin;
		}
		text = p->decoded;
	}
	if (p->fed == 0 && !begins_as_xml(text, n)) {
		refuse(p, p->line_before + 1, ERR_MALFORMED_XML,
		       "the document is not XML: it does not begin with \"<\"");
		return;
	}
	xmlParseChunk(p->parser, text, (int)n, 0);
	if (p->is_complete && p->consumed >= p->fed)
		used = charset_encoded(p->charset, text, (size_t)(p->consumed - p->fed));
	p->begin += used;
	p->fed += (int64_t)n;
}

static bool
is_within_bounds(struct xml_input *p)
{
	if (p->fed - xmlByteConsumed(p->parser) > MOST_MARKUP)
		refuse(p, xml_input_line(p), ERR_TOO_LARGE, "a tag or a comment has more than 65536 bytes");
	else if (xmlDictGetUsage(p->parser->dict) > MOST_NAMES)
		refuse(p, xml_input_line(p), ERR_TOO_LARGE, "the document has too many different names");
	return !p->failed;
}

static int
feed(struct xml_input *p)
{
	while (!p->is_complete && !p->failed && p->parser->wellFormed != 0) {
		if (fill(p, 1, p->e) != 0)
			return -1;
		if (p->begin == p->end)
			break;
		push(p);
		if (!p->is_complete && !p->failed && p->parser->wellFormed != 0 && !is_within_bounds(p))
			break;
		if (p->charset != CHARSET_UTF_8 && !p->is_complete && fill(p, 4, p->e) != 0)
			return -1;
	}
	return 0;
}

/* What is not well-formed, or uses a prefix that it does not declare, is refused. Comments behind the last document are none of
 * their own. */
static int
finish(struct xml_input *p, bool declared)
{
	bool only_comments = p->documents > 0 && !declared && !p->has_root && p->parser->wellFormed != 0 &&
	                     xmlByteConsumed(p->parser) == p->fed;

	if (p->failed)
		return -1;
	if (p->is_complete && p->parser->wellFormed != 0 && p->parser->nsWellFormed != 0)
		return 1;
	if (!p->is_complete && only_comments)
		return 0;
	if (!p->is_complete && p->parser->wellFormed != 0)
		xmlParseChunk(p->parser, NULL, 0, 1);
	return p->failed ? -1 : report(p);
}

int
xml_next(struct xml_input *p, struct xml_elements *x, struct err *e)
{
	xmlSAXHandler sax = xml_handlers();
	bool declared = false;
	int rc = find_document(p, &declared, e);

	if (rc <= 0)
		return rc;
	p->x = x;
	p->e = e;
	p->failed = p->has_root = p->is_complete = false;
	p->fed = p->consumed = 0;
	p->last_line = p->line_before + 1;
	p->depth = 0;
	p->text_length = 0;
	memset(p->found, 0, sizeof(p->found));
	if (x != NULL)
		x->private = p;
	p->parser = memory_check(xmlCreatePushParserCtxt(p->sax != NULL ? p->sax : &sax,
	                                                 p->sax != NULL ? p->user : p, NULL, 0, NULL));
	xmlCtxtUseOptions(p->parser,
	                  XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_IGNORE_ENC);
	/* else "&" in an attribute is handed on as "&#38;"; entities there are none */
	p->parser->replaceEntities = 1;
	rc = feed(p) != 0 ? -1 : finish(p, declared);
	if (rc < 0 && e->line == 0 && x != NULL)
		e->line = x->line;
	xmlFreeParserCtxt(p->parser);
	p->parser = NULL;
	p->line_before = p->last_line - 1;
	p->documents++;
	return rc;
}

struct xml_input *
xml_open(xml_source *read, void *ctx, int64_t max_bytes)
{
	struct xml_input *p = memory_new(1, sizeof(*p));

	p->read = read;
	p->from = ctx;
	p->left = max_bytes > 0 ? max_bytes : MOST_BYTES;
	return p;
}

void
xml_close(struct xml_input *in)
{
	free(in);
}

ptrdiff_t
xml_read_file(void *ctx, char *to, size_t size, struct err *e)
{
	FILE *in = ctx;
	size_t n = fread(to, 1, size, in);

	if (n == 0 && ferror(in) != 0)
		return err_set(e, ERR_MALFORMED_XML, "the file cannot be read to its end");
	return (ptrdiff_t)n;
}

int
xml_read_only(struct xml_input *in, struct xml_elements *x, struct err *e)
{
	int rc = xml_next(in, x, e);

	if (rc == 1)
		rc = xml_next(in, NULL, e);
	if (rc == 1)
		rc = err_at(e, in->line_before + 1, 0, ERR_MALFORMED_XML, "there is a second document");
	return rc;
}

int
xml_read_elements(FILE *file, int64_t max_bytes, struct xml_elements *x, struct err *e)
{
	struct xml_input *in = xml_open(xml_read_file, file, max_bytes);
	int rc;

	*e = (struct err){0};
	rc = xml_read_only(in, x, e);
	xml_close(in);
	return rc;
}
