/* charset: the characters of an XML document as UTF-8.
 *
 * Decoded here, not by iconv: a document would choose which of its modules is loaded.
 * source   XML 1.0 appendix F; Unicode mapping tables of ISO 8859-15 and of Windows code page 1252
 */
#ifndef FORMATS_CHARSET_H
#define FORMATS_CHARSET_H

#include <stdbool.h>
#include <stddef.h>

enum charset {
	CHARSET_UTF_8,
	CHARSET_ISO_8859_1,
	CHARSET_ISO_8859_15,
	CHARSET_WINDOWS_1252,
	CHARSET_UTF_16LE,
	CHARSET_UTF_16BE,
	CHARSET_UNKNOWN
};

/* How many bytes from the beginning of a document charset_of_xml wants to see, unless it is shorter. */
#define CHARSET_HEAD 256

/* By the byte order mark, else by how "<" is written, else by the XML declaration, else UTF-8. *declared: it has one. */
enum charset charset_of_xml(const char *head, size_t n, bool *declared);

/* The length of a byte order mark or of one blank (line feed, tab, ...) at the beginning; 0 when there is neither. */
size_t charset_gap(const char *head, size_t n, bool *line_feed);

/* Decodes whole characters of `from` into `to`, which has room for 3 * n bytes; *used: how many bytes of `from` they are. What
 * is no character becomes one byte 0xFF, which no reader of UTF-8 takes. */
size_t charset_decode(enum charset c, const char *from, size_t n, char *to, size_t *used);

/* Of how many bytes the first n bytes of decoded text were made. */
size_t charset_encoded(enum charset c, const char *decoded, size_t n);

#endif
