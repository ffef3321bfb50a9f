/* charset: see charset.h. */
#include <stdint.h>
#include <string.h>

#include "formats/charset.h"
#include "formats/length.h"

#define NO_CHARACTER '\xFF'

/* The eight places where ISO 8859-15 differs from ISO 8859-1. */
static const struct {
	unsigned char byte;
	uint16_t point;
} latin_9[] = {{0xA4, 0x20AC}, {0xA6, 0x160}, {0xA8, 0x161}, {0xB4, 0x17D},
               {0xB8, 0x17E},  {0xBC, 0x152}, {0xBD, 0x153}, {0xBE, 0x178}};

/* 0x80 to 0x9F of Windows 1252; the five that are free stand for themselves, as browsers read them. */
static const uint16_t windows_1252[] = {0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021,
                                        0x2C6,  0x2030, 0x160,  0x2039, 0x152,  0x8D,   0x17D,  0x8F,
                                        0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                        0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};

/* Names without regard to case, hyphens and underlines. What is written with 8-bit characters is not UTF-16, although some
 * programs declare so what they then store as UTF-8. */
static const struct {
	const char *name;
	enum charset charset;
} names[] = {
    {"utf8", CHARSET_UTF_8},
    {"utf16", CHARSET_UTF_8},
    {"usascii", CHARSET_UTF_8},
    {"ascii", CHARSET_UTF_8},
    {"iso88591", CHARSET_ISO_8859_1},
    {"latin1", CHARSET_ISO_8859_1},
    {"iso885915", CHARSET_ISO_8859_15},
    {"latin9", CHARSET_ISO_8859_15},
    {"windows1252", CHARSET_WINDOWS_1252},
    {"cp1252", CHARSET_WINDOWS_1252},
};

static bool
is_name(const char *name, const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		char c = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] - 'A' + 'a') : text[i];

		if (c == '-' || c == '_')
			continue;
		if (*name == '\0' || *name++ != c)
			return false;
	}
	return *name == '\0';
}

static enum charset
charset_named(const char *name, size_t n)
{
	size_t i;

	for (i = 0; i < LENGTH(names); i++)
		if (is_name(names[i].name, name, n))
			return names[i].charset;
	return CHARSET_UNKNOWN;
}

/* That of the XML declaration, "<?xml version="1.0" encoding="..."?>". */
static enum charset
charset_declared(const char *head, size_t n)
{
	char declaration[CHARSET_HEAD + 1];
	const char *encoding;
	char *end;

	n = n < CHARSET_HEAD ? n : CHARSET_HEAD;
	memcpy(declaration, head, n);
	declaration[n] = '\0';
	end = strstr(declaration, "?>");
	if (end == NULL)
		return n < CHARSET_HEAD ? CHARSET_UTF_8 : CHARSET_UNKNOWN; /* cut off: the parser says so */
	*end = '\0';
	encoding = strstr(declaration, "encoding");
	if (encoding == NULL)
		return CHARSET_UTF_8;
	encoding += strcspn(encoding, "\"'");
	encoding += *encoding != '\0';
	return charset_named(encoding, strcspn(encoding, "\"'"));
}

enum charset
charset_of_xml(const char *head, size_t n, bool *declared)
{
	*declared = false;
	if (n >= 2 && (memcmp(head, "\xFF\xFE", 2) == 0 || memcmp(head, "<\0", 2) == 0)) {
		*declared = n >= 4 && head[2] == '?';
		return CHARSET_UTF_16LE;
	}
	if (n >= 2 && (memcmp(head, "\xFE\xFF", 2) == 0 || memcmp(head, "\0<", 2) == 0)) {
		*declared = n >= 4 && head[3] == '?';
		return CHARSET_UTF_16BE;
	}
	*declared = n >= 6 && memcmp(head, "<?xml", 5) == 0 && strchr(" \t\r\n", head[5]) != NULL;
	return *declared ? charset_declared(head, n) : CHARSET_UTF_8;
}

size_t
charset_gap(const char *head, size_t n, bool *line_feed)
{
	static const char blanks[] = " \t\r\n";
	size_t at = n >= 2 && head[0] == '\0';

	*line_feed = false;
	if (n >= 3 && memcmp(head, "\xEF\xBB\xBF", 3) == 0)
		return 3;
	if (n >= 2 && (memcmp(head, "\xFF\xFE", 2) == 0 || memcmp(head, "\xFE\xFF", 2) == 0))
		return 2;
	if (n == 0 || head[at] == '\0' || strchr(blanks, head[at]) == NULL)
		return 0;
	*line_feed = head[at] == '\n';
	return at == 1 || (n >= 2 && head[1] == '\0') ? 2 : 1;
}

static char *
put(char *to, uint32_t point)
{
	if (point < 0x80) {
		*to++ = (char)point;
	} else if (point < 0x800) {
		*to++ = (char)(0xC0 | point >> 6);
		*to++ = (char)(0x80 | (point & 0x3F));
	} else if (point < 0x10000) {
		*to++ = (char)(0xE0 | point >> 12);
		*to++ = (char)(0x80 | (point >> 6 & 0x3F));
		*to++ = (char)(0x80 | (point & 0x3F));
	} else {
		*to++ = (char)(0xF0 | point >> 18);
		*to++ = (char)(0x80 | (point >> 12 & 0x3F));
		*to++ = (char)(0x80 | (point >> 6 & 0x3F));
		*to++ = (char)(0x80 | (point & 0x3F));
	}
	return to;
}

static uint32_t
point_of(enum charset c, unsigned char byte)
{
	size_t i;

	if (c == CHARSET_WINDOWS_1252 && byte >= 0x80 && byte < 0xA0)
		return windows_1252[byte - 0x80];
	for (i = 0; c == CHARSET_ISO_8859_15 && i < LENGTH(latin_9); i++)
		if (latin_9[i].byte == byte)
			return latin_9[i].point;
	return byte;
}

static uint32_t
unit_at(enum charset c, const char *at)
{
	unsigned a = (unsigned char)at[0], b = (unsigned char)at[1];

	return c == CHARSET_UTF_16LE ? b << 8 | a : a << 8 | b;
}

static size_t
decode_utf_16(enum charset c, const char *from, size_t n, char *to, size_t *used)
{
	const char *begin = to;
	size_t at = 0;

	while (n - at >= 2) {
		uint32_t unit = unit_at(c, from + at), low;
		bool first = unit >= 0xD800 && unit < 0xDC00;

		if (first && n - at < 4)
			break;
		low = first ? unit_at(c, from + at + 2) : 0;
		if (low >= 0xDC00 && low < 0xE000) {
			to = put(to, 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00));
			at += 4;
			continue;
		}
		if (unit >= 0xD800 && unit < 0xE000)
			*to++ = NO_CHARACTER;
		else
			to = put(to, unit);
		at += 2;
	}
	*used = at;
	return (size_t)(to - begin);
}

size_t
charset_decode(enum charset c, const char *from, size_t n, char *to, size_t *used)
{
	const char *begin = to;
	size_t i;

	if (c == CHARSET_UTF_16LE || c == CHARSET_UTF_16BE)
		return decode_utf_16(c, from, n, to, used);
	for (i = 0; i < n; i++)
		to = put(to, point_of(c, (unsigned char)from[i]));
	*used = n;
	return (size_t)(to - begin);
}

size_t
charset_encoded(enum charset c, const char *decoded, size_t n)
{
	size_t unit = c == CHARSET_UTF_16LE || c == CHARSET_UTF_16BE ? 2 : 1, bytes = 0, i;

	if (c == CHARSET_UTF_8)
		return n;
	for (i = 0; i < n; i++) {
		unsigned char byte = (unsigned char)decoded[i];

		if ((byte & 0xC0) != 0x80)
			bytes += byte >= 0xF0 && byte < 0xF8 ? 2 * unit : unit;
	}
	return bytes;
}
