/* test_xml: hostile and honest documents through the reader, the writer's bytes, the schema gate. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/xml.h"

struct trace {
	char text[4096];
	size_t length;
	const char *stop_at; /* path at whose end the callback refuses */
	char root[128];
};

static void
trace(struct trace *t, const char *a, const char *b, const char *c)
{
	int n = snprintf(t->text + t->length, sizeof t->text - t->length, "%s%s%s;", a, b, c);
	assert_true(n >= 0 && (size_t)n < sizeof t->text - t->length);
	t->length += (size_t)n;
}

static int
begin(void *ctx, const char *path, struct xml_reader *x, struct err *e)
{
	struct trace *t = ctx;
	const char *currency = xml_attribute(x, "Ccy");
	char line[24];
	(void)e;
	snprintf(line, sizeof line, "@%ld", x->line);
	snprintf(t->root, sizeof t->root, "%s", x->root_namespace);
	trace(t, path, line, currency ? currency : "");
	return 0;
}

static int
end(void *ctx, const char *path, const char *text, struct err *e)
{
	struct trace *t = ctx;
	trace(t, "/", strrchr(path, '/') ? strrchr(path, '/') + 1 : path, "=");
	t->length--;
	trace(t, text, "", "");
	if (t->stop_at && strcmp(path, t->stop_at) == 0)
		return err_set(e, "bad_field", "not this one");
	return 0;
}

/* The number of the element, its line and its attribute Ccy; then its text. */
static int
begin_element(void *ctx, int element, struct xml_elements *x, struct err *e)
{
	const char *currency = xml_element_attribute(x, "Ccy");
	char line[48];
	(void)e;
	snprintf(line, sizeof line, "%d@%ld", element, x->line);
	trace(ctx, line, " ", currency ? currency : "-");
	return 0;
}

static int
end_element(void *ctx, int element, const char *text, struct err *e)
{
	char number[16];
	(void)e;
	snprintf(number, sizeof number, "/%d", element);
	trace(ctx, number, "=", text);
	return 0;
}

static FILE *
open_bytes(const char *bytes, size_t n)
{
	FILE *f = tmpfile();
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	rewind(f);
	return f;
}

static int
read_bytes(const char *bytes, size_t n, int64_t max, struct trace *t, struct err *e)
{
	FILE *f = open_bytes(bytes, n);
	struct xml_reader x = {.ctx = t, .begin = t ? begin : NULL, .end = t ? end : NULL};
	int rc = xml_read(f, max, &x, e);
	fclose(f);
	return rc;
}

static void
xml_reads_paths_text_attributes_and_lines(void **state)
{
	(void)state;
	struct trace t = {0};
	struct err e;
	const char *text =
	    "\xEF\xBB\xBF<?xml version=\"1.0\" encoding='utf-8'?>\n"
	    "<n:Document xmlns:n=\"urn:x\"><!-- no --><?pi no?>\n"
	    " <n:Amt Ccy=\"E&amp;R\"> 1<![CDATA[2]]>&#51;\n</n:Amt>\n <n:Nm>\xC3\xA9 &lt; b</n:Nm><n:No/>\n"
	    "</n:Document>";
	assert_int_equal(read_bytes(text, strlen(text), 0, &t, &e), 0);
	assert_string_equal(t.text, "Document@2;Document/Amt@3E&R;/Amt=123;Document/Nm@5;/Nm=\xC3\xA9 < b;"
	                            "Document/No@5;/No=;/Document=;");
	assert_string_equal(t.root, "urn:x");
}

static void
xml_gives_an_element_its_own_text_only(void **state)
{
	(void)state;
	struct trace t = {0};
	struct err e;
	const char *text = "<a> one <b>two</b> three\n</a>";
	assert_int_equal(read_bytes(text, strlen(text), 0, &t, &e), 0);
	assert_string_equal(t.text, "a@1;a/b@1;/b=two;/a=one  three;");
}

static void
xml_gives_numbers_of_the_elements_it_knows(void **state)
{
	(void)state;
	static const struct xml_name first[] = {{0, 1, "a"}, {1, 2, "b"}, {1, 3, "*"}},
				     second[] = {{3, 4, "b"}};
	struct trace t = {0};
	struct err e = {0};
	struct xml_elements x = {.ctx = &t,
	                         .names = {{first, LENGTH(first)}, {second, LENGTH(second)}},
	                         .begin = begin_element,
	                         .end = end_element};
	const char *text =
	    "<a>\n<b Ccy=\"E&amp;R\">1<c>no<b>no</b></c></b><c Other=\"x\"><b>2</b></c><b>3</b></a>";
	FILE *f = open_bytes(text, strlen(text));
	assert_int_equal(xml_read_elements(f, 0, &x, &e), 0);
	assert_string_equal(t.text, "1@1 -;2@2 E&R;/2=1;3@2 -;4@2 -;/4=2;/3=;2@2 -;/2=3;/1=;");
	fclose(f);
}

/* Texts as bytes: those of UTF-16 contain NULs. */
#define BYTES(text) text, sizeof(text) - 1

static void
xml_reads_the_encodings_of_banks(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n;
		const char *text;
	} cases[] = {
	    {BYTES("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE9\xA4</a>"), "\xC3\xA9\xC2\xA4"},
	    {BYTES("<?xml version='1.0' encoding='iso-8859-15'?><a>\xE9\xA4</a>"), "\xC3\xA9\xE2\x82\xAC"},
	    {BYTES("<?xml version=\"1.0\" encoding=\"Windows-1252\"?><a>\xE9\x80\x92</a>"),
	     "\xC3\xA9\xE2\x82\xAC\xE2\x80\x99"},
	    {BYTES("<?xml version=\"1.0\" encoding=\"UTF8\"?><a>\xC3\xA9</a>"), "\xC3\xA9"},
	    {BYTES("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xC3\xA9</a>"), "\xC3\xA9"},
	    {BYTES("<?xml version=\"1.0\" encoding=\"utf-16\"?><a>\xC3\xA9</a>"), "\xC3\xA9"},
	    {BYTES("\n \xEF\xBB\xBF\r\n<?xml version=\"1.0\"?><a>x</a>"), "x"},
	    {BYTES("\xFF\xFE<\0a\0>\0\xE9\0\xAC\x20\x3D\xD8\x00\xDE<\0/\0a\0>\0"),
	     "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
	    {BYTES("\xFE\xFF\0<\0a\0>\0\xE9\x20\xAC\0<\0/\0a\0>\0\n"), "\xC3\xA9\xE2\x82\xAC"},
	    {BYTES("<\0a\0>\0\xE9\0<\0/\0a\0>\0"), "\xC3\xA9"},
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct trace t = {0};
		struct err e = {0};
		char expected[64];
		snprintf(expected, sizeof expected, "/a=%s;", cases[i].text);
		if (read_bytes(cases[i].bytes, cases[i].n, 0, &t, &e) != 0)
			fail_msg("case %zu: %s at %ld (%s)", i, e.code, e.line, e.message);
		assert_string_equal(strchr(t.text, '/'), expected);
	}
}

static ptrdiff_t
read_some(void *ctx, char *to, size_t size, struct err *e)
{
	(void)e;
	return (ptrdiff_t)fread(to, 1, size < 7 ? size : 7, ctx);
}

static long
read_all(const char *bytes, size_t n, struct trace *t, struct err *e)
{
	static const struct xml_name any[] = {{0, 1, "*"}, {1, 1, "*"}};
	FILE *f = open_bytes(bytes, n);
	struct xml_elements x = {
	    .ctx = t, .names = {{any, LENGTH(any)}}, .begin = begin_element, .end = end_element};
	struct xml_input *in = xml_open(read_some, f, 0);
	long documents = 0;
	int rc;

	while ((rc = xml_next(in, &x, e)) == 1)
		documents++;
	xml_close(in);
	fclose(f);
	return rc == 0 ? documents : -1;
}

static void
xml_reads_documents_glued_together(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n;
		long documents;
		const char *trace;
	} cases[] = {
	    {BYTES("<?xml version=\"1.0\"?><a>1</a><?xml version=\"1.0\"?><b>2</b>"), 2,
	     "1@1 -;/1=1;1@1 -;/1=2;"},
	    {BYTES("<?xml version=\"1.0\"?>\n<a/>\n\n<?xml version=\"1.0\"?>\n<b>2</b>\n"), 2,
	     "1@2 -;/1=;1@5 -;/1=2;"},
	    {BYTES("\xEF\xBB\xBF<a/>\xEF\xBB\xBF\r\n<?xml version=\"1.0\"?><b/> "), 2,
	     "1@1 -;/1=;1@2 -;/1=;"},
	    {BYTES("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>\xE9</a>"
	           "<?xml version=\"1.0\" encoding=\"UTF-8\"?><b>\xC3\xA9</b>"
	           "<?xml version=\"1.0\" encoding=\"windows-1252\"?><c>\x80</c>"),
	     3, "1@1 -;/1=\xC3\xA9;1@1 -;/1=\xC3\xA9;1@1 -;/1=\xE2\x82\xAC;"},
	    {BYTES("\xFF\xFE<\0a\0>\0\xE9\0<\0/\0a\0>\0\n\0\xFF\xFE<\0b\0/\0>\0<c>\xC3\xA9</c>"), 3,
	     "1@1 -;/1=\xC3\xA9;1@2 -;/1=;1@2 -;/1=\xC3\xA9;"},
	    {BYTES("<a/><!-- the end --><?pi?>\n"), 1, "1@1 -;/1=;"},
	    {BYTES("<a/><!-- between --><b/>"), 2, "1@1 -;/1=;1@1 -;/1=;"},
	    {BYTES("<a/>text"), -1, "1@1 -;/1=;"},
	    {BYTES("<a/><?xml version=\"1.0\"?>"), -1, "1@1 -;/1=;"},
	    {BYTES("<a/><!-- cut"), -1, "1@1 -;/1=;"},
	    {BYTES("<a/><b><c/>"), -1, "1@1 -;/1=;1@1 -;1@1 -;/1=;"},
	    {BYTES("<a/>\n<!DOCTYPE b><b/>"), -1, "1@1 -;/1=;"},
	    {BYTES(" \n"), -1, ""},
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct trace t = {0};
		struct err e = {0};
		long documents = read_all(cases[i].bytes, cases[i].n, &t, &e);
		if (documents != cases[i].documents || strcmp(t.text, cases[i].trace) != 0)
			fail_msg("case %zu: %ld documents, %s at %ld (%s)\n%s", i, documents, e.code, e.line,
			         e.message, t.text);
	}
}

static void
xml_refuses_hostile_and_broken_documents(void **state)
{
	(void)state;
	static const struct {
		const char *text, *code;
		long line;
	} bad[] = {
	    {"<!DOCTYPE a>\n<a/>", "doctype_refused", 1},
	    {"<?xml version=\"1.0\"?>\n<!DOCTYPE a [\n<!ENTITY l \"ha\">\n<!ENTITY m \"&l;&l;&l;&l;\">\n"
	     "<!ENTITY n \"&m;&m;&m;&m;\">\n]>\n<a>&n;</a>",
	     "doctype_refused", 2},
	    {"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>\n<a>&x;</a>", "doctype_refused", 1},
	    {"<!DOCTYPE a SYSTEM \"http://127.0.0.1:1/a.dtd\">\n<a/>", "doctype_refused", 1},
	    {"<!DOCTYPE a [<!ENTITY % x SYSTEM \"file:///etc/passwd\"> %x;]>\n<a/>", "doctype_refused", 1},
	    {"<a>\n&unknown;</a>", "malformed_xml", 2},
	    {"<a>\n<b>\n", "malformed_xml", 2},
	    {"<a>\n<b>text", "malformed_xml", 2},
	    {"<a>\n<b", "malformed_xml", 2},
	    {"<a>\n</b>", "malformed_xml", 2},
	    {"<a/>\n<a/>", "malformed_xml", 2},
	    {"<a x=\"1\"\nx=\"2\"/>", "malformed_xml", 2},
	    {"<n:a/>", "malformed_xml", 1},
	    {"<a>\n\xE9t\xE9</a>", "malformed_xml", 2},
	    {"<?xml version=\"1.0\" encoding=\"UTF-7\"?><a>+ADwAYg-</a>", "malformed_xml", 1},
	    {"<?xml version=\"1.0\" encoding=\"ISO-2022-CN-EXT\"?><a/>", "malformed_xml", 1},
	    {"<?xml version=\"1.0\" encoding=\"\"?><a/>", "malformed_xml", 1},
	    {"\xFF\xFE<", "malformed_xml", 1},
	    {"<a>&#0;</a>", "malformed_xml", 1},
	    {"<a>\x01</a>", "malformed_xml", 1},
	    {"", "malformed_xml", 1},
	    {" \n", "malformed_xml", 1},
	    {"{\"not\":\"xml\"}", "malformed_xml", 1},
	    {"PK\x03\x04", "malformed_xml", 1},
	};
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct trace t = {0};
		struct err e = {"stale", 99, 99, "stale"};
		if (read_bytes(bad[i].text, strlen(bad[i].text), 0, &t, &e) != -1 ||
		    strcmp(e.code, bad[i].code) != 0 || e.line != bad[i].line)
			fail_msg("%s: %s at %ld (%s)", bad[i].text, e.code, e.line, e.message);
		assert_null(strchr(e.message, '\n'));
		assert_null(strstr(t.text, "root:"));
	}
}

static void
xml_quotes_nothing_of_a_broken_document(void **state)
{
	static const char *const broken[] = {
	    "<a>&FR7630006000011234567890189;</a>",
	    "<a FR7630006000011234567890189></a>",
	    "<FR7630006000011234567890189></a>",
	    "<a></FR7630006000011234567890189>",
	    "<a FR7630006000011234567890189=\"1\" FR7630006000011234567890189=\"2\"/>",
	    "<FR7630006000011234567890189:a/>",
	    "<a FR7630006000011234567890189:b=\"1\"/>",
	    "<a><?FR7630006000011234567890189 </a>",
	    "<a xmlns:FR7630006000011234567890189=\"\"/>",
	    "<?xml version=\"FR7630006000011234567890189\"?><a>",
	    "<?xml version=\"1.0\" encoding=\"FR7630006000011234567890189\"?><a>",
	    "<a>FR7630006000011234567890189\xE9</a>",
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(broken); i++) {
		struct trace t = {0};
		struct err e = {0};

		assert_int_equal(read_bytes(broken[i], strlen(broken[i]), 0, &t, &e), -1);
		if (strstr(e.message, "FR76") != NULL)
			fail_msg("%s", e.message);
	}
}

static char *
repeat(const char *before, const char *piece, size_t times, const char *after)
{
	size_t a = strlen(before), n = strlen(piece), z = strlen(after);
	char *text = malloc(a + n * times + z + 1);
	assert_non_null(text);
	memcpy(text, before, a);
	for (size_t i = 0; i < times; i++)
		memcpy(text + a + i * n, piece, n);
	memcpy(text + a + n * times, after, z + 1);
	return text;
}

static void
xml_bounds_depth_text_names_and_size(void **state)
{
	(void)state;
	static const struct {
		const char *before, *piece;
		size_t times;
		const char *after;
		int64_t max;
		const char *code; /* NULL: accepted */
		long line;
	} cases[] = {
	    {"\n", "<a>", 65, "", 0, "too_large", 1},
	    {"<r>\n", "<a>\n", 100000, "", 0, "too_large", 65},
	    {"<r>\n<a>", "x", 65536, "</a></r>", 0, NULL, 0},
	    {"<r>\n<a>", "x", 65537, "</a></r>", 0, "too_large", 2},
	    {"<r>\n<a>", "text \n", 2000000, "</a></r>", 0, "too_large", 2},
	    {"<r>\n<a><![CDATA[", "x", 1000000, "]]></a></r>", 0, "too_large", 2},
	    {"<r>", "\n        <a/>", 200000, "</r>", 0, NULL, 0},
	    {"<r><a>", "\n        ", 200000, "</a></r>", 0, NULL, 0},
	    {"<r>\n<", "n", 5000, "/></r>", 0, "too_large", 2},
	    {"<r", " a=\"1\"", 240000, "/>", 0, "too_large", 1},
	    {"<r", " xmlns:a=\"1\"", 50000, "/>", 0, "too_large", 1},
	    {"<r a=\"", "&amp;", 100000, "\"/>", 0, "too_large", 1},
	    {"<", "n", 1000000, "/>", 0, "too_large", 1},
	    {"<!--", "x", 1000000, "--><r/>", 0, "too_large", 1},
	    {"<?x ", "x", 1000000, "?><r/>", 0, "too_large", 1},
	    {"<r>", "<![CDATA[x]]>", 60000, "</r>", 0, NULL, 0},
	    {"<r>", "<a/><!-- x -->", 100000, "</r>", 0, NULL, 0},
	    {"<?xml version=\"1.0\"", " ", 1000000, "?><r/>", 0, "malformed_xml", 1},
	    {"<r>", " ", 93, "</r>", 100, NULL, 0},
	    {"<r>", " ", 94, "</r>", 100, "too_large", 0},
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char *text = repeat(cases[i].before, cases[i].piece, cases[i].times, cases[i].after);
		if (i == 0)
			text[0] = ' ';
		struct err e = {0};
		int rc = read_bytes(text, strlen(text), cases[i].max, NULL, &e);
		if (rc != (cases[i].code ? -1 : 0) ||
		    strcmp(e.code, cases[i].code ? cases[i].code : "") != 0 ||
		    (cases[i].line && e.line != cases[i].line))
			fail_msg("case %zu: %d %s at %ld (%s)", i, rc, e.code, e.line, e.message);
		free(text);
	}
}

/* Each name is kept by the parser, so a document may not have any number of them. */
static void
xml_bounds_distinct_names_and_attributes(void **state)
{
	(void)state;
	char *text = malloc(4000000), *at = text;
	struct err e = {0};
	assert_non_null(text);
	at += sprintf(at, "<r>");
	for (int i = 0; i < 200000; i++)
		at += sprintf(at, "<name%d/>", i);
	assert_int_equal(read_bytes(text, (size_t)(at - text), 0, NULL, &e), -1);
	assert_string_equal(e.code, "too_large");
	at = text + sprintf(text, "<r>\n<a");
	for (int i = 0; i < 65; i++)
		at += sprintf(at, " a%d=\"1\"", i);
	sprintf(at, "/></r>");
	e = (struct err){0};
	assert_int_equal(read_bytes(text, strlen(text), 0, NULL, &e), -1);
	assert_string_equal(e.code, "too_large");
	assert_int_equal(e.line, 2);
	free(text);
}

/* Beginnings by which libxml2 would guess an encoding and load a module for it. */
static void
xml_guesses_no_encoding(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t n;
	} bad[] = {{BYTES("\0\0\0<\0\0\0a\0\0\0/\0\0\0>")},
	           {BYTES("<\0\0\0a\0\0\0/\0\0\0>\0\0\0")},
	           {BYTES("\x4C\x6F\xA7\x94\x93")},
	           {BYTES("\0\0<\0\0\0a\0")}};
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct err e = {0};
		assert_int_equal(read_bytes(bad[i].bytes, bad[i].n, 0, NULL, &e), -1);
		assert_string_equal(e.code, "malformed_xml");
	}
}

static void
xml_refuses_every_truncation(void **state)
{
	(void)state;
	const char *text =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"c\"><d>e &amp; f</d><!-- g --></a>";
	for (size_t n = 0; n < strlen(text); n++) {
		struct err e = {0};
		if (read_bytes(text, n, 0, NULL, &e) != -1 || strcmp(e.code, "malformed_xml") != 0)
			fail_msg("cut at %zu: %s", n, e.code);
	}
}

static void
xml_stops_where_a_callback_refuses_and_names_the_line(void **state)
{
	(void)state;
	struct trace t = {.stop_at = "a/b"};
	struct err e = {0};
	const char *text = "<a>\n<b>1\n\n</b><c/><b>2</b></a>";
	assert_int_equal(read_bytes(text, strlen(text), 0, &t, &e), -1);
	assert_string_equal(e.code, "bad_field");
	assert_int_equal(e.line, 2);
	assert_string_equal(t.text, "a@1;a/b@2;/b=1;");
}

struct bytes {
	char at[1024];
	size_t length;
};

static int
keep(void *ctx, const void *bytes, size_t n)
{
	struct bytes *b = ctx;
	if (n >= sizeof b->at - b->length)
		return -1;
	memcpy(b->at + b->length, bytes, n);
	b->length += n;
	b->at[b->length] = '\0';
	return 0;
}

static void
xml_writes_without_indent_in_double_quotes(void **state)
{
	(void)state;
	struct bytes b = {0};
	struct sink *s = sink_new(keep, &b);
	struct xml_writer *w = xml_begin_document(s);
	xml_begin(w, "a");
	xml_attr(w, "n", "x&\"y\"");
	xml_element(w, "b", "1 < 2 & \xC3\xA9");
	xml_element(w, "c", "");
	xml_element(w, "d", NULL);
	xml_begin(w, "e");
	xml_text(w, "f");
	xml_end(w);
	xml_end(w);
	xml_end_document(w);
	int64_t size;
	assert_int_equal(sink_end(s, NULL, &size), 0);
	assert_string_equal(b.at,
	                    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	                    "<a n=\"x&amp;&quot;y&quot;\"><b>1 &lt; 2 &amp; \xC3\xA9</b><e>f</e></a>\n");
	assert_int_equal(size, b.length);
}

static void
xml_does_not_write_what_no_reader_would_take(void **state)
{
	(void)state;
	static const char *const bad[] = {"a\x01", "\x1B", "\xE9", "\xED\xA0\x80"};
	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct bytes b = {0};
		struct sink *s = sink_new(keep, &b);
		struct xml_writer *w = xml_begin_document(s);
		xml_element(w, "a", bad[i]);
		xml_end_document(w);
		assert_int_equal(sink_end(s, NULL, NULL), -1);
	}
}

static const char xsd[] =
    "<xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" targetNamespace=\"urn:t\" "
    "elementFormDefault=\"qualified\"><xs:element name=\"a\"><xs:complexType><xs:sequence>"
    "<xs:element name=\"iban\" maxOccurs=\"2\"><xs:simpleType><xs:restriction base=\"xs:string\">"
    "<xs:pattern value=\"[A-Z0-9]+\"/></xs:restriction></xs:simpleType></xs:element>"
    "<xs:element name=\"n\" type=\"xs:int\"/>"
    "</xs:sequence></xs:complexType></xs:element></xs:schema>";

static void
xml_validates_and_never_quotes_a_value(void **state)
{
	(void)state;
	static const struct {
		const char *text, *code;
		long line;
	} cases[] = {
	    {"<a xmlns=\"urn:t\"><iban>FR76</iban><n>1</n></a>", NULL, 0},
	    {"<p:a xmlns:p=\"urn:t\"><p:iban>FR76</p:iban>\n<p:iban>DE</p:iban><p:n>1</p:n></p:a>", NULL, 0},
	    {"<a xmlns=\"urn:t\"\n xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"\n"
	     " xsi:schemaLocation=\"urn:other /etc/passwd\"><iban>FR76</iban><n>1</n></a>",
	     NULL, 0},
	    {"<a xmlns=\"urn:t\">\n<iban>secret</iban>\n<n>1</n></a>", "schema", 2},
	    {"<a xmlns=\"urn:t\">\n<iban>FR76</iban>\n<n>secret</n></a>", "schema", 3},
	    {"<a xmlns=\"urn:t\">\n<iban>FR76</iban>\n</a>", "schema", 3},
	    {"<a xmlns=\"urn:t\">\n<iban>FR76</iban>\n<n>1</n><secret/></a>", "schema", 3},
	    {"<a xmlns=\"urn:t\">secret<iban>FR76</iban><n>1</n></a>", "schema", 1},
	    {"<a xmlns=\"urn:t\" secret=\"1\"><iban>FR76</iban><n>1</n></a>", "schema", 1},
	    {"<a xmlns=\"urn:t\"><iban>FR76</iban><secret xmlns=\"secret\"/></a>", "schema", 1},
	    {"<a><iban>FR76</iban><n>1</n></a>", "schema", 1},
	    {"<b xmlns=\"urn:t\"/>", "schema", 1},
	    {"<a xmlns=\"urn:t\">\n<iban>FR76</iban>", "malformed_xml", 2},
	    {"<!DOCTYPE a>\n<a xmlns=\"urn:t\"><iban>FR76</iban><n>1</n></a>", "doctype_refused", 1},
	};
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};
		FILE *f = open_bytes(cases[i].text, strlen(cases[i].text));
		int rc = xml_validate(f, xsd, sizeof xsd - 1, &e);
		fclose(f);
		if (rc != (cases[i].code ? -1 : 0) ||
		    strcmp(e.code, cases[i].code ? cases[i].code : "") != 0 || e.line != cases[i].line)
			fail_msg("%s: %d %s at %ld (%s)", cases[i].text, rc, e.code, e.line, e.message);
		assert_null(strstr(e.message, "secret"));
	}
}

static void
xml_refuses_a_schema_that_is_none(void **state)
{
	(void)state;
	struct err e = {0};
	FILE *f = open_bytes("<a/>", 4);
	assert_int_equal(xml_validate(f, "<no/>", 5, &e), -1);
	assert_string_equal(e.code, "schema");
	fclose(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(xml_reads_paths_text_attributes_and_lines),
	    cmocka_unit_test(xml_gives_an_element_its_own_text_only),
	    cmocka_unit_test(xml_gives_numbers_of_the_elements_it_knows),
	    cmocka_unit_test(xml_reads_the_encodings_of_banks),
	    cmocka_unit_test(xml_reads_documents_glued_together),
	    cmocka_unit_test(xml_refuses_hostile_and_broken_documents),
	    cmocka_unit_test(xml_quotes_nothing_of_a_broken_document),
	    cmocka_unit_test(xml_bounds_depth_text_names_and_size),
	    cmocka_unit_test(xml_bounds_distinct_names_and_attributes),
	    cmocka_unit_test(xml_guesses_no_encoding),
	    cmocka_unit_test(xml_refuses_every_truncation),
	    cmocka_unit_test(xml_stops_where_a_callback_refuses_and_names_the_line),
	    cmocka_unit_test(xml_writes_without_indent_in_double_quotes),
	    cmocka_unit_test(xml_does_not_write_what_no_reader_would_take),
	    cmocka_unit_test(xml_validates_and_never_quotes_a_value),
	    cmocka_unit_test(xml_refuses_a_schema_that_is_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
