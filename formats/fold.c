/* fold: see fold.h. */
#include <string.h>

#include "formats/fold.h"
#include "formats/length.h"
#include "formats/text.h"

struct fold_range {
	uint32_t first, last;
};

/* Ranges are in their order. */
static bool
is_in(const struct fold_range ranges[], size_t n, uint32_t point)
{
	size_t i;

	for (i = 0; i < n && point >= ranges[i].first; i++)
		if (point <= ranges[i].last)
			return true;
	return false;
}

bool
fold_is_blank(uint32_t point)
{
	static const struct fold_range blanks[] = {
	    {0x09, 0x0D},     {0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},     {0x1680, 0x1680},
	    {0x2000, 0x200A}, {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000},
	};

	return is_in(blanks, LENGTH(blanks), point);
}

bool
fold_is_invisible(uint32_t point)
{
	static const struct fold_range invisible[] = {
	    {0xAD, 0xAD},       {0x034F, 0x034F},   {0x061C, 0x061C}, {0x115F, 0x1160}, {0x17B4, 0x17B5},
	    {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E}, {0x2060, 0x206F}, {0x2800, 0x2800},
	    {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF}, {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB},
	    {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
	};

	return is_in(invisible, LENGTH(invisible), point);
}

/* How the characters of a range become small: by adding, or by taking the odd or the even one of a pair. */
struct fold_case {
	uint32_t first, last;
	enum { ADD, ODD, EVEN } how;
	int32_t by;
};

static uint32_t
fold_point(uint32_t point)
{
	static const struct fold_case cases[] = {
	    {0x41, 0x5A, ADD, 0x20},     {0xC0, 0xD6, ADD, 0x20},      {0xD8, 0xDE, ADD, 0x20},
	    {0x0100, 0x012F, ODD, 0},    {0x0132, 0x0137, ODD, 0},     {0x0139, 0x0148, EVEN, 0},
	    {0x014A, 0x0177, ODD, 0},    {0x0178, 0x0178, ADD, -0x79}, {0x0179, 0x017E, EVEN, 0},
	    {0x0391, 0x03A9, ADD, 0x20}, {0x0400, 0x040F, ADD, 0x50},  {0x0410, 0x042F, ADD, 0x20},
	    {0x1E00, 0x1E95, ODD, 0},    {0x1EA0, 0x1EFF, ODD, 0},
	};
	size_t i;

	if (point >= 0xFF01 && point <= 0xFF5E)
		point -= 0xFEE0;
	for (i = 0; i < LENGTH(cases); i++) {
		const struct fold_case *c = &cases[i];

		if (point < c->first || point > c->last)
			continue;
		if (c->how == ADD)
			return (uint32_t)((int32_t)point + c->by);
		return point + (point % 2 == (c->how == ODD ? 0 : 1));
	}
	return point;
}

static size_t
put_point(uint32_t point, char bytes[static 4])
{
	size_t n = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4, i;

	for (i = n; --i > 0; point >>= 6)
		bytes[i] = (char)(0x80 | (point & 0x3F));
	bytes[0] = (char)(n == 1 ? point : ((0xF00 >> n) & 0xFF) | point);
	return n;
}

/* The folded bytes of the character at `from`, which has `taken` bytes; 0: it is left out. What is not UTF-8 stays. */
static size_t
fold_one(const char *from, size_t taken, uint32_t point, char bytes[static 4])
{
	if (point == TEXT_NO_CHARACTER) {
		memcpy(bytes, from, taken);
		return taken;
	}
	if (fold_is_blank(point) || fold_is_invisible(point))
		return 0;
	return put_point(fold_point(point), bytes);
}

int
fold_text(const char *text, char *dst, size_t size)
{
	size_t n = strlen(text), used = 0, taken, folded;
	uint32_t point;
	char bytes[4];

	for (; n > 0; text += taken, n -= taken) {
		taken = text_next(text, n, &point);
		folded = fold_one(text, taken, point, bytes);
		if (used + folded >= size)
			break;
		memcpy(dst + used, bytes, folded);
		used += folded;
	}
	if (size > 0)
		dst[n == 0 ? used : 0] = '\0';
	return n == 0 && size > 0 ? 0 : -1;
}

struct folding {
	const char *at;
	size_t left;
};

/* The next folded character of a text; 0 bytes at its end. */
static size_t
next_folded(struct folding *f, char bytes[static 4])
{
	size_t n = 0, taken;
	uint32_t point;

	while (f->left > 0 && n == 0) {
		taken = text_next(f->at, f->left, &point);
		n = fold_one(f->at, taken, point, bytes);
		f->at += taken;
		f->left -= taken;
	}
	return n;
}

bool
fold_is_same(const char *a, const char *b)
{
	struct folding f = {a, strlen(a)}, g = {b, strlen(b)};
	char x[4], y[4];
	size_t n;

	do {
		n = next_folded(&f, x);
		if (next_folded(&g, y) != n || memcmp(x, y, n) != 0)
			return false;
	} while (n > 0);
	return true;
}

int
fold_check_id(const char *id, struct err *e)
{
	size_t n = strlen(id), at, taken;
	uint32_t point;

	for (at = 0; at < n; at += taken) {
		taken = text_next(id + at, n - at, &point);
		if (fold_is_blank(point) && (at == 0 || at + taken == n))
			return err_set(e, ERR_BAD_FIELD, "begins or ends with a blank");
		if (fold_is_invisible(point) || text_is_control(point))
			return err_set(e, ERR_BAD_FIELD, "has a character that cannot be seen, U+%04X",
			               (unsigned)point);
	}
	return 0;
}
