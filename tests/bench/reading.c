/* reading: what the libraries alone need to read what a stage reads: a .csv field by field (libcsv), a .xml event by event, through
 * the schema where one is given (libxml2), a .db by an integrity check and each row of each table once (SQLite). Nothing is kept.
 * usage: reading [XSD] FILE...
 */
#include <csv.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 65536

static char chunk[CHUNK];

static void
require(int is_right, const char *path, const char *problem)
{
	if (is_right)
		return;
	fprintf(stderr, "reading: %s: %s\n", path, problem);
	exit(74);
}

static int
ends_with(const char *path, const char *end)
{
	size_t n = strlen(path), length = strlen(end);

	return n >= length && strcmp(path + n - length, end) == 0;
}

/* --- CSV ---------------------------------------------------------------------------------------------------------- */

static void
on_field(void *field, size_t n, void *fields)
{
	(void)field;
	*(size_t *)fields += n;
}

static void
on_record(int end, void *fields)
{
	(void)end;
	++*(size_t *)fields;
}

static void
read_csv(const char *path)
{
	FILE *in = fopen(path, "rb");
	struct csv_parser p;
	size_t n, fields = 0;

	require(in != NULL && csv_init(&p, CSV_STRICT | CSV_STRICT_FINI) == 0, path, "it cannot be read");
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		require(csv_parse(&p, chunk, n, on_field, on_record, &fields) == n, path, "it is no CSV");
	csv_fini(&p, on_field, on_record, &fields);
	csv_free(&p);
	fclose(in);
}

/* --- XML ---------------------------------------------------------------------------------------------------------- */

static void
on_begin(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
         const xmlChar **namespaces, int n, int defaulted, const xmlChar **attributes)
{
	(void)ctx, (void)name, (void)prefix, (void)uri, (void)n_namespaces, (void)namespaces, (void)n,
	    (void)defaulted, (void)attributes;
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	(void)ctx, (void)name, (void)prefix, (void)uri;
}

static void
on_text(void *ctx, const xmlChar *text, int n)
{
	(void)ctx, (void)text, (void)n;
}

static int
parse(const char *path, xmlSAXHandler *sax, void *user)
{
	xmlParserCtxt *parser = xmlCreatePushParserCtxt(sax, user, NULL, 0, NULL);
	FILE *in = fopen(path, "rb");
	int is_well_formed;
	size_t n;

	require(in != NULL && parser != NULL, path, "it cannot be read");
	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		xmlParseChunk(parser, chunk, (int)n, 0);
	xmlParseChunk(parser, NULL, 0, 1);
	is_well_formed = parser->wellFormed;
	xmlFreeParserCtxt(parser);
	fclose(in);
	return is_well_formed;
}

static void
read_xml(const char *path, const char *xsd)
{
	static xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
	                            .startElementNs = on_begin,
	                            .endElementNs = on_end,
	                            .characters = on_text};
	xmlSAXHandler *handlers = &sax;
	xmlSchemaValidCtxt *gate = NULL;
	xmlSchemaSAXPlugPtr plug = NULL;
	void *user = NULL;

	if (xsd != NULL) {
		gate = xmlSchemaNewValidCtxt(xmlSchemaParse(xmlSchemaNewParserCtxt(xsd)));
		plug = gate == NULL ? NULL : xmlSchemaSAXPlug(gate, &handlers, &user);
		require(plug != NULL, xsd, "it is no schema");
	}
	require(parse(path, handlers, user), path, "it is no XML");
	require(gate == NULL || xmlSchemaIsValid(gate) == 1, path, "it is not valid");
	if (plug != NULL)
		xmlSchemaSAXUnplug(plug);
}

/* --- database ----------------------------------------------------------------------------------------------------- */

static sqlite3_stmt *
prepare(sqlite3 *db, const char *path, const char *query)
{
	sqlite3_stmt *q;

	require(sqlite3_prepare_v2(db, query, -1, &q, NULL) == SQLITE_OK, path, sqlite3_errmsg(db));
	return q;
}

static void
read_all(sqlite3 *db, const char *path, const char *query)
{
	sqlite3_stmt *q = prepare(db, path, query);
	int rc;

	do
		rc = sqlite3_step(q);
	while (rc == SQLITE_ROW);
	require(rc == SQLITE_DONE, path, sqlite3_errmsg(db));
	sqlite3_finalize(q);
}

static void
read_database(const char *path)
{
	char query[256];
	sqlite3_stmt *tables;
	sqlite3 *db;

	require(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK, path,
	        "it cannot be opened");
	read_all(db, path, "PRAGMA integrity_check");
	tables = prepare(db, path, "SELECT name FROM sqlite_schema WHERE type = 'table'");
	while (sqlite3_step(tables) == SQLITE_ROW) {
		snprintf(query, sizeof(query), "SELECT * FROM \"%s\"",
		         (const char *)sqlite3_column_text(tables, 0));
		read_all(db, path, query);
	}
	sqlite3_finalize(tables);
	sqlite3_close(db);
}

int
main(int argc, char **argv)
{
	const char *xsd = NULL;
	int i;

	if (argc < 2)
		return 64;
	for (i = 1; i < argc; i++) {
		if (ends_with(argv[i], ".xsd"))
			xsd = argv[i];
		else if (ends_with(argv[i], ".csv"))
			read_csv(argv[i]);
		else if (ends_with(argv[i], ".xml"))
			read_xml(argv[i], xsd);
		else
			read_database(argv[i]);
	}
	return 0;
}
