/* html: pages that people read in a browser and print to A4: self-contained, one style, no script.
 *
 * After the doctype a page is a well-formed XML document, so the writer escapes all text.
 */
#ifndef FORMATS_HTML_H
#define FORMATS_HTML_H

#include "formats/date.h"
#include "formats/money.h"
#include "formats/xml.h"

#define HTML_DAY 40
#define HTML_EUR (MONEY_TEXT_FR + 8)

/* "Tuesday 10 March 2026"; "1 816,54 EUR", in French spacing, which does not break. */
char *html_day(char text[static HTML_DAY], date on);
char *html_eur(char text[static HTML_EUR], cents amount);

struct xml_writer *html_begin_page(struct sink *s, const char *title); /* inside <body> */
void html_end_page(struct xml_writer *w);

/* class may be NULL. A text may contain anything: each control (text_is_control) becomes U+FFFD. */
void html_begin(struct xml_writer *w, const char *name, const char *class); /* ended by xml_end */
void html_text(struct xml_writer *w, const char *text);
void html_put(struct xml_writer *w, const char *name, const char *class, const char *text);
void html_print(struct xml_writer *w, const char *name, const char *class, const char *fmt, ...)
    __attribute__((format(printf, 4, 5))); /* cut at 511 bytes: not for what others named */
void html_attr(struct xml_writer *w, const char *name, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Heads end with NULL; one that begins with > is above numbers. Rows: "tr" with these cells or html_put "td". */
void html_begin_table(struct xml_writer *w, const char *class, const char *const heads[]);
void html_end_table(struct xml_writer *w);
void html_number(struct xml_writer *w, int64_t number);
void html_amount(struct xml_writer *w, cents amount);

#endif
