/* disguise_csv: the values of columns, by the header. */
#include <stdlib.h>
#include <string.h>

#include "formats/disguise_file.h"
#include "formats/disguise_reader.h"
#include "formats/memory.h"
#include "formats/text.h"

#define CSV_FIELDS 128

/* The end of the field: a comma or a line end that is not between quotes. */
const char *
disguise_csv_end(const struct disguise_reader *r)
{
	const char *at = r->at;
	bool quoted = false;

	for (; at < r->end; at++)
		if (*at == '"')
			quoted = !quoted;
		else if (!quoted && strchr(",\r\n", *at) != NULL)
			break;
	return at;
}

/* Without the quotes around it and the doubled ones in it. */
char *
disguise_csv_take(const struct disguise_reader *r, const char *end)
{
	char *text = disguise_take(r->at, end), *from = text, *to = text;

	if (*from != '"')
		return text;
	for (from++; *from != '\0'; from++) {
		from += *from == '"' && from[1] == '"';
		if (*from == '"' && from[1] == '\0')
			break;
		*to++ = *from;
	}
	*to = '\0';
	return text;
}

static size_t
count_lines(const char *text, const char *end)
{
	size_t n = 0;

	while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
		n++;
		text++;
	}
	return n;
}

/* Quoted only where it is needed, as our own files are; with as many line ends as before, for rows of the books know records by
 * their lines. */
static void
put_field(struct disguise_reader *r, const char *end, enum disguise_kind kind)
{
	size_t lines = count_lines(r->at, end);
	char *text, *made, *c;
	bool quoted, plain;

	if (kind == DISGUISE_KEEP && r->d->days == 0) {
		disguise_copy(r, end);
		return;
	}
	text = disguise_csv_take(r, end);
	plain = disguise_make_utf8(r, text);
	made = disguise_change(r->d, kind, text);
	quoted = lines > 0 || made[strcspn(made, ",\"\r\n")] != '\0';
	sink_text(r->to, quoted ? "\"" : "");
	for (c = made; *c != '\0'; c++)
		sink_put(r->to, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
	disguise_put_wrong(r, plain);
	for (lines -= count_lines(made, c); lines > 0; lines--)
		sink_text(r->to, "\n");
	sink_text(r->to, quoted ? "\"" : "");
	free(made);
	free(text);
	r->at = end;
}

void
disguise_csv(struct disguise_reader *r)
{
	enum disguise_kind kinds[CSV_FIELDS];
	size_t n = 0, i = 0;
	bool in_header = true;
	const char *end;
	char *name;

	while (r->at < r->end) {
		end = disguise_csv_end(r);
		if (in_header && n < CSV_FIELDS) {
			name = disguise_csv_take(r, end);
			kinds[n++] = disguise_field(name);
			free(name);
			disguise_copy(r, end);
		} else {
			put_field(r, end, !in_header && i < n ? kinds[i] : DISGUISE_FREE);
		}
		i++;
		if (r->at < r->end && *r->at == '\n') {
			in_header = false;
			i = 0;
		}
		disguise_copy(r, r->at < r->end ? r->at + 1 : r->end);
	}
}
