/* disguise_reader: see disguise_reader.h. */
#include <stdlib.h>
#include <string.h>

#include "formats/disguise_reader.h"
#include "formats/memory.h"
#include "formats/text.h"

/* A number, a day, an instant, a truth: in a field that is not known, too, it says nothing of a person when it is short. */
char *
disguise_change(struct disguise *d, enum disguise_kind kind, const char *text)
{
	if (kind == DISGUISE_FREE && (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
		kind = DISGUISE_KEEP;
	return disguise_text(d, kind, text);
}

char *
disguise_take(const char *from, const char *end)
{
	char *text = memory_new(2 * (size_t)(end - from) + 1, 1);

	memcpy(text, from, (size_t)(end - from));
	return text;
}

void
disguise_copy(struct disguise_reader *r, const char *end)
{
	sink_put(r->to, r->at, (size_t)(end - r->at));
	r->at = end;
}

void
disguise_put_wrong(struct disguise_reader *r, bool is_plain)
{
	if (!is_plain)
		sink_text(r->to, "\xff");
}

void
disguise_put_utf8(char **to, unsigned point)
{
	if (point < 0x80) {
		*(*to)++ = (char)point;
		return;
	}
	if (point < 0x800) {
		*(*to)++ = (char)(0xc0 | point >> 6);
	} else {
		*(*to)++ = (char)(0xe0 | point >> 12);
		*(*to)++ = (char)(0x80 | (point >> 6 & 0x3f));
	}
	*(*to)++ = (char)(0x80 | (point & 0x3f));
}

/* A text of ISO 8859-1, or one much like it, becomes UTF-8. */
static void
widen(char *text)
{
	char *copy = memory_text(text), *from, *to = text;

	for (from = copy; *from != '\0'; from++)
		disguise_put_utf8(&to, (unsigned char)*from);
	*to = '\0';
	free(copy);
}

/* What disguise_take() gave becomes UTF-8; bytes that are none become x. False when there are such. */
bool
disguise_make_utf8(const struct disguise_reader *r, char *text)
{
	if (text_is_utf8(text, strlen(text)))
		return true;
	if (r->is_8_bit) {
		widen(text);
		return true;
	}
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			*text = 'x';
	return false;
}
