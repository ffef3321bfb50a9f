/* disguise_xml: the values of elements and attributes; the tags stay as they are. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/disguise_file.h"
#include "formats/disguise_reader.h"
#include "formats/length.h"
#include "formats/memory.h"

static const char *
find(const struct disguise_reader *r, const char *what)
{
	size_t n = strlen(what);
	const char *at;

	for (at = r->at; (size_t)(r->end - at) >= n; at++)
		if (memcmp(at, what, n) == 0)
			return at;
	return NULL;
}

#define XML_NAME 128

static const struct {
	const char *entity;
	char is;
} entities[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

/* Of "233;" or "xE9;"; what it cannot be is an x. */
static unsigned
point_of(const char *text)
{
	char *end;
	unsigned long point = *text == 'x' ? strtoul(text + 1, &end, 16) : strtoul(text, &end, 10);

	return *end != ';' || point == 0 || point > 0xffff ? 'x' : (unsigned)point;
}

/* In place: no reference is shorter than what it stands for. */
static void
decode_entities(char *text)
{
	char *to = text;
	size_t i, n;

	for (; *text != '\0'; text += n) {
		n = 1;
		for (i = 0; *text == '&' && i < LENGTH(entities); i++)
			if (strncmp(text, entities[i].entity, strlen(entities[i].entity)) == 0)
				break;
		if (*text == '&' && i < LENGTH(entities)) {
			n = strlen(entities[i].entity);
			*to++ = entities[i].is;
		} else if (*text == '&' && text[1] == '#' && strchr(text, ';') != NULL) {
			n = (size_t)(strchr(text, ';') - text) + 1;
			disguise_put_utf8(&to, point_of(text + 2));
		} else {
			*to++ = *text;
		}
	}
	*to = '\0';
}

static void
put_encoded(struct sink *to, const char *text)
{
	size_t i;

	for (; *text != '\0'; text++) {
		for (i = 0; i < LENGTH(entities) && entities[i].is != *text; i++)
			;
		if (i < LENGTH(entities))
			sink_text(to, entities[i].entity);
		else
			sink_put(to, text, 1);
	}
}

static void
put_xml_value(struct disguise_reader *r, const char *from, const char *end, enum disguise_kind kind)
{
	char *text, *made;
	bool plain;

	while (from < end && isspace((unsigned char)*from))
		from++;
	disguise_copy(r, from);
	while (end > from && isspace((unsigned char)end[-1]))
		end--;
	if (from == end)
		return;
	text = disguise_take(from, end);
	plain = disguise_make_utf8(r, text);
	decode_entities(text);
	made = disguise_change(r->d, kind, text);
	put_encoded(r->to, made);
	disguise_put_wrong(r, plain);
	free(made);
	free(text);
	r->at = end;
}

/* Attributes that say something about the document, not about a value. */
static bool
is_of_document(const char *name)
{
	return strncmp(name, "xmlns", 5) == 0 || strncmp(name, "xsi:", 4) == 0 ||
	       strncmp(name, "xml:", 4) == 0;
}

static void
put_attributes(struct disguise_reader *r, const char *end)
{
	const char *equals, *name, *quote;
	char *text;

	while ((equals = memchr(r->at, '=', (size_t)(end - r->at))) != NULL) {
		for (name = equals; name > r->at && !isspace((unsigned char)name[-1]); name--)
			;
		text = disguise_take(name, equals);
		for (quote = equals + 1; quote < end && *quote != '"' && *quote != '\''; quote++)
			;
		disguise_copy(r, quote < end ? quote + 1 : end);
		quote = quote < end ? memchr(r->at, *quote, (size_t)(end - r->at)) : NULL;
		if (quote != NULL && !is_of_document(text))
			put_xml_value(r, r->at, quote, disguise_field(text));
		disguise_copy(r, quote == NULL ? end : quote);
		free(text);
	}
	disguise_copy(r, end);
}

/* A tag; `name` becomes the local name of an element that begins, "" for one that ends. */
static void
put_tag(struct disguise_reader *r, char name[static XML_NAME])
{
	const char *end = find(r, ">"), *from = r->at + 1, *colon, *stop;

	end = end == NULL ? r->end : end + 1;
	for (stop = from; stop < end && !isspace((unsigned char)*stop) && strchr("/>", *stop) == NULL; stop++)
		;
	colon = memchr(from, ':', (size_t)(stop - from));
	from = colon == NULL ? from : colon + 1;
	snprintf(name, XML_NAME, "%.*s", r->at[1] == '/' ? 0 : (int)(stop - from), from);
	disguise_copy(r, stop);
	put_attributes(r, end);
}

/* Comments, declarations of types: nothing of them is kept. A section of characters becomes plain text. */
static void
skip_special(struct disguise_reader *r, const char *name)
{
	bool is_text = strncmp(r->at, "<![CDATA[", 9) == 0;
	const char *end = find(r, is_text ? "]]>" : r->at[2] == '-' ? "-->" : ">");
	char *text, *made;

	if (is_text && end != NULL) {
		text = disguise_take(r->at + 9, end);
		(void)disguise_make_utf8(r, text);
		made = disguise_change(r->d, disguise_field(name), text);
		put_encoded(r->to, made);
		free(made);
		free(text);
	}
	if (strncmp(r->at, "<!DOCTYPE", 9) == 0)
		sink_text(r->to, "<!DOCTYPE x>");
	r->at = end == NULL ? r->end : end + (is_text || r->at[2] == '-' ? 3 : 1);
}

/* Its declaration names an encoding that is not UTF-8. */
static bool
has_8_bits(const struct disguise_reader *r)
{
	const char *end = find(r, "?>"), *encoding = find(r, "encoding=");

	return end != NULL && encoding != NULL && encoding < end &&
	       strncasecmp(encoding + 10, "utf-8", 5) != 0;
}

void
disguise_xml(struct disguise_reader *r)
{
	char name[XML_NAME] = "";
	const char *next;

	r->is_8_bit = has_8_bits(r);

	while (r->at < r->end) {
		next = memchr(r->at, '<', (size_t)(r->end - r->at));
		next = next == NULL ? r->end : next;
		put_xml_value(r, r->at, next, disguise_field(name));
		disguise_copy(r, next);
		if (r->at == r->end)
			return;
		if (r->end - r->at > 2 && r->at[1] == '!')
			skip_special(r, name);
		else if (r->end - r->at > 1 && r->at[1] == '?')
			disguise_copy(r, (next = find(r, "?>")) == NULL ? r->end : next + 2);
		else
			put_tag(r, name);
	}
}
