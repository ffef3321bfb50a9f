/* text: UTF-8, bounded copies, and the SEPA character set.
 *
 * source   EPC217-08 (SEPA requirements for an extended character set: the conversion table), EPC130-08 section
 *          1.4 (characters and identifiers in customer-to-bank messages)
 */
#ifndef FORMATS_TEXT_H
#define FORMATS_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"

/* Copies; 0, or -1 and an empty dst when src with its NUL does not fit. NULL is copied as "". */
int text_copy(char *dst, size_t size, const char *src);
/* Copies what fits, and never cuts inside a character. For what people read; an identifier that does not fit is no identifier of
 * ours and goes through text_copy, which leaves it empty. */
void text_cut(char *dst, size_t size, const char *src);

const char *text_or_null(const char *text); /* NULL for "" too */

bool text_is_blank(const char *text);               /* empty, or of blanks, tabs, line ends only; not NULL */
bool text_is_utf8(const char *text, size_t length); /* RFC 3629: no surrogates, no overlong forms */

/* The length in bytes of the first character of a text of n bytes (at least 1), and its code point; a byte that is not
 * UTF-8 is a character of its own, TEXT_NO_CHARACTER. */
#define TEXT_NO_CHARACTER UINT32_MAX
size_t text_next(const char *text, size_t n, uint32_t *point);

/* Whether a terminal must not get a character that somebody else chose: C0, DEL and C1 (U+0080 to U+009F), which it obeys;
 * line and paragraph separators; the marks, embeddings, overrides and isolates of bidirectional text (U+061C, U+200E,
 * U+200F, U+202A to U+202E, U+2066 to U+2069), which show an amount or a name in another order than it is stored in. Names
 * in Arabic or Hebrew need none of them. TEXT_NO_CHARACTER is one too. */
bool text_is_control(uint32_t point);

bool text_has_control(const char *text);
void text_clean(char *text); /* each control becomes '?'; sink_clean does so on the way out */

/* What a debtor or remittance field may contain: a-z A-Z 0-9 / - ? : ( ) . , ' + and space. Every other character
 * becomes its counterpart in the table (é -> e, ß -> s, & -> +, @ -> (at), € -> E, Ж -> ZH, line break -> space) or
 * is dropped; then runs of spaces become one, the ends are trimmed, and only then is the result cut to at most
 * `most` characters. dst has room for most + 1. Returns -1 (code invalid_text) for bad UTF-8, or when nothing is
 * left of a text that was not empty: the caller refuses it, it never sends an empty name. */
int text_to_sepa(const char *text, char *dst, size_t most, struct err *e);

/* Identifiers (MsgId, EndToEndId, mandate reference) are never changed, only checked: 1..35 of the same set, no
 * leading or trailing '/', no "//", no space at either end. Code invalid_identifier. */
int text_check_identifier(const char *text, struct err *e);

/* What a hexadecimal digit stands for, in either case; -1 when it is not one. */
extern const signed char text_hex_digits[256]; /* each with 1 added to it */
static inline int
text_hex(char c)
{
	return text_hex_digits[(unsigned char)c] - 1;
}

/* How far apart two short ASCII words are (Levenshtein, at most 63 characters each; longer: a large number).
 * Used to name the nearest known key or command. */
unsigned text_distance(const char *a, const char *b);

/* How many characters a UTF-8 text has. */
int text_width(const char *text);

/* What a noun gets behind it: "" for one, else "s". */
const char *text_plural(int64_t n);

#endif
