/* html: see html.h.
 *
 * The style has no quote, < or >: inside it the writer's escapes would not be undone. No word of a font name
 * without quotes begins with a digit, or the whole declaration is void.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/html.h"
#include "formats/text.h"

#define NBSP "\xC2\xA0"

char *
html_day(char text[HTML_DAY], date on)
{
	static const char *const weekday[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
	                                      "Friday", "Saturday", "Sunday"};
	static const char *const months[] = {"January",   "February", "March",    "April",
	                                     "May",       "June",     "July",     "August",
	                                     "September", "October",  "November", "December"};
	int year, month, day;

	date_split(on, &year, &month, &day);
	snprintf(text, HTML_DAY, "%s %d %s %d", weekday[date_weekday(on)], day, months[month - 1], year);
	return text;
}

char *
html_eur(char text[HTML_EUR], cents amount)
{
	char number[MONEY_TEXT_FR];

	snprintf(text, HTML_EUR, "%s" NBSP "EUR", money_print_fr(number, amount));
	return text;
}

static const char style[] =
    "@page{size:A4;margin:11mm 14mm}"
    "*{box-sizing:border-box}"
    "html{-webkit-text-size-adjust:100%;-webkit-print-color-adjust:exact;print-color-adjust:exact}"
    "body{margin:0 auto;padding:56px 32px 80px;max-width:860px;background:#fff;color:#23272b;"
    "font:15px/1.55 Inter,Segoe UI,Helvetica Neue,Helvetica,Arial,sans-serif;"
    "font-variant-numeric:tabular-nums;font-feature-settings:normal}"
    "h1,h2{font-family:Charter,Iowan Old Style,Georgia,Liberation Serif,serif;font-weight:600;"
    "color:#14181b;text-wrap:balance}"
    "h1{margin:10px 0 8px;font-size:33px;line-height:1.22;letter-spacing:-.01em}"
    "h2{margin:46px 0 12px;font-size:20px;line-height:1.3;break-after:avoid}"
    "p{margin:0 0 10px}"
    ".kind{margin:0;color:#2f6d63;font-size:13px;letter-spacing:.02em}"
    ".lead{margin:0 0 6px;font-size:18px}"
    ".muted{color:#697177}"
    ".hash{margin:26px 0 0;padding:18px 22px;background:#f5f6f3;border-radius:6px;break-inside:avoid}"
    ".hash p{margin:0 0 6px;font-size:13px;color:#697177}"
    "code,.mono{font-family:JetBrains Mono,SFMono-Regular,Consolas,DejaVu Sans Mono,Liberation Mono,monospace}"
    ".hash code{display:grid;grid-template-columns:repeat(8,max-content);gap:4px 18px;font-size:16px;color:#14181b}"
    "p code,li code{padding:1px 5px;background:#f5f6f3;border-radius:4px;font-size:.84em;overflow-wrap:anywhere}"
    "table{width:100%;border-collapse:collapse;font-size:14px}"
    "th,td{padding:7px 14px 7px 0;text-align:left;vertical-align:baseline;border-bottom:1px solid #e6e8e4}"
    "th{font-weight:500;font-size:12.5px;color:#697177;border-bottom-color:#b9bfb9}"
    "tr{break-inside:avoid}thead{display:table-header-group}"
    "th:last-child,td:last-child{padding-right:0}"
    ".n{text-align:right;white-space:nowrap}"
    ".total td{font-weight:600;color:#14181b}"
    ".id{font-size:12.5px;overflow-wrap:anywhere}"
    ".e2e{font-size:10.5px;color:#697177}"
    ".list{font-size:13px}.list td{padding-top:5px;padding-bottom:5px}"
    ".facts{display:grid;grid-template-columns:max-content 1fr;gap:5px 28px;margin:22px 0 0;font-size:14px}"
    ".facts dt{color:#697177}.facts dd{margin:0;overflow-wrap:anywhere}"
    ".steps{margin:0;padding:0;list-style:none;counter-reset:step}"
    ".steps li{position:relative;padding:0 0 20px 46px;counter-increment:step}"
    ".steps li::before{content:counter(step);position:absolute;left:0;top:1px;width:28px;height:28px;"
    "border:1.5px solid #2f6d63;border-radius:50%;color:#2f6d63;font-size:14px;line-height:26px;text-align:center}"
    ".steps strong{display:block;color:#14181b;font-weight:600}"
    ".steps table{margin-top:8px;max-width:560px;background:#fff}"
    ".look td:first-child{width:4.5em;color:#9a5b13;font-weight:600}"
    ".tag{margin-left:8px;padding:1px 7px;border-radius:9px;background:#faf0df;color:#85500f;font-size:11px;"
    "white-space:nowrap}"
    ".chart{display:grid;grid-template-columns:3fr 2fr;gap:36px;align-items:start;break-inside:avoid}"
    "svg{display:block;width:100%;height:auto;overflow:visible}"
    "svg text{font-family:inherit;font-size:11px;fill:#697177}"
    "svg .bar{fill:#6fa197}svg .axis{stroke:#b9bfb9}svg .c{fill:#23272b}"
    ".chart table{font-size:12.5px}.chart th,.chart td{padding-top:3px;padding-bottom:3px}"
    ".foot{margin-top:52px;font-size:12.5px;color:#697177}"
    "@media(max-width:640px){body{padding:28px 18px}h1{font-size:26px}.chart{grid-template-columns:1fr}"
    ".hash code{grid-template-columns:repeat(4,max-content)}.scroll{overflow-x:auto}}"
    "@media print{body{padding:0;max-width:none;font-size:10pt}h1{margin-top:4pt;font-size:20pt}"
    "h2{margin:17pt 0 6pt;font-size:13pt}.lead{font-size:12pt}table,.facts{font-size:9pt}"
    "th,td{padding-top:3pt;padding-bottom:3pt}.list{font-size:8.5pt}"
    ".list td{padding-top:2.5pt;padding-bottom:2.5pt}"
    ".id{font-size:8pt}.e2e{font-size:6.5pt}.hash{margin-top:12pt;padding:9pt 14pt}.hash code{font-size:11pt}"
    ".facts{gap:2pt 20pt;margin-top:10pt}.steps li{padding-bottom:8pt}.steps p{margin-bottom:4pt}"
    "p code,li code{font-size:7.5pt}.foot{margin-top:20pt}}";

void
html_text(struct xml_writer *w, const char *text)
{
	size_t left = text == NULL ? 0 : strlen(text), n, used = 0;
	char part[512];
	uint32_t point;
	bool control;

	for (; left > 0; text += n, left -= n) {
		n = text_next(text, left, &point);
		control = text_is_control(point);
		if (used + sizeof("\U0010FFFF") > sizeof(part)) {
			part[used] = '\0';
			xml_text(w, part);
			used = 0;
		}
		memcpy(part + used, control ? "\uFFFD" : text, control ? 3 : n);
		used += control ? 3 : n;
	}
	part[used] = '\0';
	if (used > 0)
		xml_text(w, part);
}

void
html_begin(struct xml_writer *w, const char *name, const char *class)
{
	xml_begin(w, name);
	if (class != NULL)
		xml_attr(w, "class", class);
}

void
html_put(struct xml_writer *w, const char *name, const char *class, const char *text)
{
	html_begin(w, name, class);
	html_text(w, text);
	xml_end(w);
}

void
html_print(struct xml_writer *w, const char *name, const char *class, const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	html_put(w, name, class, text);
}

void
html_number(struct xml_writer *w, int64_t number)
{
	html_print(w, "td", "n", "%lld", (long long)number);
}

void
html_amount(struct xml_writer *w, cents amount)
{
	char text[MONEY_TEXT_FR];

	html_put(w, "td", "n", money_print_fr(text, amount));
}

void
html_attr(struct xml_writer *w, const char *name, const char *fmt, ...)
{
	char text[64];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	xml_attr(w, name, text);
}

/* Column heads, "" ended by NULL; one that begins with > is of numbers. */
void
html_begin_table(struct xml_writer *w, const char *class, const char *const heads[])
{
	int i;

	html_begin(w, "div", "scroll");
	html_begin(w, "table", class);
	xml_begin(w, "thead");
	xml_begin(w, "tr");
	for (i = 0; heads[i] != NULL; i++)
		html_put(w, "th", heads[i][0] == '>' ? "n" : NULL, heads[i] + (heads[i][0] == '>'));
	xml_end(w);
	xml_end(w);
	xml_begin(w, "tbody");
}

void
html_end_table(struct xml_writer *w)
{
	xml_end(w);
	xml_end(w);
	xml_end(w);
}

struct xml_writer *
html_begin_page(struct sink *s, const char *title)
{
	struct xml_writer *w;

	sink_text(s, "<!DOCTYPE html>\n");
	w = xml_begin_document(s);
	xml_begin(w, "html");
	xml_attr(w, "lang", "en");
	xml_begin(w, "head");
	xml_begin(w, "meta");
	xml_attr(w, "charset", "utf-8");
	xml_end(w);
	xml_begin(w, "meta");
	xml_attr(w, "name", "viewport");
	xml_attr(w, "content", "width=device-width, initial-scale=1");
	xml_end(w);
	html_put(w, "title", NULL, title);
	xml_element(w, "style", style);
	xml_end(w);
	xml_begin(w, "body");
	return w;
}

void
html_end_page(struct xml_writer *w)
{
	xml_end(w);
	xml_end(w);
	xml_end_document(w);
}
