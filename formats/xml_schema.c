/* xml: the schema gate; see xml.h. The parser is that of xml.c, with its bounds.
 *
 * source   libxml2 2.9.14 (xmlschemas.h)
 */
#include <stdio.h>
#include <string.h>

#include <libxml/xmlschemas.h>

#include "formats/memory.h"
#include "formats/xml_input.h"

static void
ignore_error(void *ctx, xmlError *why)
{
	(void)ctx, (void)why;
}

struct gate {
	struct xml_input *in;
	const char *xsd;
	size_t length;
};

/* Is it a name in the schema? */
static bool
is_in_schema(const struct gate *g, const char *name, size_t n)
{
	const char *at = g->xsd, *end = at + g->length;

	while (n > 0 && (size_t)(end - at) > n + 1 &&
	       (at = memchr(at, '"', (size_t)(end - at) - n - 1)) != NULL) {
		at++;
		if (memcmp(at, name, n) == 0 && at[n] == '"')
			return true;
	}
	return false;
}

static bool
ends_with(const char *text, size_t n, const char *end)
{
	size_t length = strlen(end);

	return n >= length && memcmp(text + n - length, end, length) == 0;
}

/* libxml2 quotes the offending value, which may be a name or an IBAN: its sentence is cut before it, and of the names in quotes
 * only those of the schema are printed. Namespaces in braces are left out. */
static void
describe(const struct gate *g, const char *c, char *message, size_t size)
{
	const char *quote;
	size_t n = 0;

	while (*c != '\0' && *c != '\n' && n + sizeof("'...") < size) {
		if (strncmp(c, "The value", 9) == 0 || strncmp(c, ": '", 3) == 0)
			break;
		if (*c == '{' && strchr(c, '}') != NULL) {
			c = strchr(c, '}') + 1;
			continue;
		}
		message[n++] = *c;
		if (*c++ != '\'')
			continue;
		if (*c == '{' && strchr(c, '}') != NULL)
			c = strchr(c, '}') + 1;
		quote = strchr(c, '\'');
		if (quote == NULL)
			break;
		if (ends_with(message, n, "[facet '") || is_in_schema(g, c, (size_t)(quote - c)))
			n += (size_t)snprintf(message + n, size - n, "%.*s'", (int)(quote - c), c);
		else
			n += (size_t)snprintf(message + n, size - n, "...'");
		n = n < size ? n : size - 1;
		c = quote + 1;
	}
	while (n > 0 && message[n - 1] == ' ')
		n--;
	message[n] = '\0';
}

static void
on_schema_error(void *ctx, xmlError *why)
{
	const struct gate *g = ctx;
	struct xml_input *p = g->in;
	char message[sizeof(p->e->message)] = "";

	if (p->failed || why->level < XML_ERR_ERROR)
		return;
	if (why->message != NULL)
		describe(g, why->message, message, sizeof(message));
	err_at(p->e, xml_input_line(p), 0, ERR_SCHEMA, "%s",
	       message[0] != '\0' ? message : "the document is not valid");
	xml_input_stop(p);
}

static xmlSchema *
load_schema(const void *xsd, size_t length)
{
	xmlSchemaParserCtxt *loader = memory_check(xmlSchemaNewMemParserCtxt(xsd, (int)length));
	xmlSchema *schema;

	xmlSchemaSetParserStructuredErrors(loader, ignore_error, NULL);
	schema = xmlSchemaParse(loader);
	if (schema == NULL && xmlGetLastError() != NULL && xmlGetLastError()->code == XML_ERR_NO_MEMORY)
		memory_lack();
	xmlSchemaFreeParserCtxt(loader);
	return schema;
}

int
xml_validate(FILE *file, const void *xsd, size_t length, struct err *e)
{
	struct xml_input *in = xml_open(xml_read_file, file, 0);
	struct gate gate = {in, xsd, length};
	xmlSAXHandler own = xml_handlers();
	xmlSchema *schema;
	xmlSchemaValidCtxt *validator;
	xmlSchemaSAXPlugPtr plug;
	int rc;

	*e = (struct err){0};
	schema = load_schema(xsd, length);
	if (schema == NULL) {
		xml_close(in);
		return err_set(e, ERR_SCHEMA, "the schema itself cannot be read");
	}
	in->sax = &own;
	in->user = in;
	validator = memory_check(xmlSchemaNewValidCtxt(schema));
	xmlSchemaSetValidStructuredErrors(validator, on_schema_error, &gate);
	plug = memory_check(xmlSchemaSAXPlug(validator, &in->sax, &in->user));
	rc = xml_read_only(in, NULL, e);
	xmlSchemaSAXUnplug(plug);
	xmlSchemaFreeValidCtxt(validator);
	xmlSchemaFree(schema);
	xml_close(in);
	return rc;
}
