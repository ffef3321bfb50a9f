/* xml: the schema gate; see xml.h. The parser is that of xml.c, with its bounds.
 *
 * source   libxml2 2.9.14 (xmlschemas.h)
 */
#include <string.h>

#include <libxml/xmlschemas.h>

#include "formats/memory.h"
#include "formats/xml_input.h"

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
	struct xml_input *p = ctx;
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
	err_at(p->e, xml_input_line(p), 0, ERR_SCHEMA, "%s", n > 0 ? message : "the document is not valid");
	xml_input_stop(p);
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
xml_validate(FILE *file, const void *xsd, size_t length, struct err *e)
{
	struct xml_input *in = xml_open(xml_read_file, file, 0);
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
	xmlSchemaSetValidStructuredErrors(validator, on_schema_error, in);
	plug = memory_check(xmlSchemaSAXPlug(validator, &in->sax, &in->user));
	rc = xml_read_only(in, NULL, e);
	xmlSchemaSAXUnplug(plug);
	xmlSchemaFreeValidCtxt(validator);
	xmlSchemaFree(schema);
	xml_close(in);
	return rc;
}
