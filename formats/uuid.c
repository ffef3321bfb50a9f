/* uuid: see uuid.h.
 *
 * refuses  by abort() a number beyond 30 bits or a kind beyond 8: two objects would get the same id
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "formats/uuid.h"

static void
put_bits(unsigned char *byte, int n, uint64_t value)
{
	int i;

	for (i = n - 1; i >= 0; i--, value >>= 8)
		byte[i] = (unsigned char)(value & 0xFF);
}

static uint64_t
get_bits(const unsigned char *byte, int n)
{
	uint64_t value = 0;
	int i;

	for (i = 0; i < n; i++)
		value = value << 8 | byte[i];
	return value;
}

struct uuid
uuid_of(uint32_t store, enum uuid_kind kind, uint32_t owner, uint32_t number)
{
	struct uuid id = {{0}};
	uint64_t k = (uint64_t)kind, o = owner;

	if (number >= UUID_NUMBERS || k > 0xFF)
		abort();
	put_bits(id.byte, 8,
	         (uint64_t)store << 32 | k << 24 | o >> 24 << 16 | UINT64_C(8) << 12 | (o >> 12 & 0xFFF));
	put_bits(id.byte + 8, 8, UINT64_C(2) << 62 | (o & 0xFFF) << 50 | number);
	return id;
}

bool
uuid_split(const struct uuid *id, uint32_t store, enum uuid_kind kind, uint32_t *owner, uint32_t *number)
{
	uint64_t high = get_bits(id->byte, 8), low = get_bits(id->byte + 8, 8);

	if (high >> 32 != store || (high >> 24 & 0xFF) != (uint64_t)kind || (high >> 12 & 0xF) != 8)
		return false;
	if (low >> 62 != 2 || (low >> 30 & 0xFFFFF) != 0)
		return false;
	*owner = (uint32_t)((high >> 16 & 0xFF) << 24 | (high & 0xFFF) << 12 | (low >> 50 & 0xFFF));
	*number = (uint32_t)(low & (UUID_NUMBERS - 1));
	return true;
}

static bool
dash_before(int byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

int
uuid_parse(const char *text, struct uuid *id, struct err *e)
{
	const char *c = text;
	struct uuid read;
	int i;

	for (i = 0; i < 16; i++) {
		int high, low;

		if (dash_before(i) && *c++ != '-')
			goto refuse;
		if ((high = text_hex(c[0])) < 0 || (low = text_hex(c[1])) < 0)
			goto refuse;
		read.byte[i] = (unsigned char)(high << 4 | low);
		c += 2;
	}
	if (*c != '\0')
		goto refuse;
	*id = read;
	return 0;
refuse:
	return err_set(e, ERR_BAD_FIELD, "\"%.40s\" is not a valid UUID", text);
}

/* What has no letter, one letter that is an exponent or a base, or one month, after or between its digits. */
bool
uuid_reads_as_number(uint32_t store)
{
	static const char *const letters[] = {"", "e", "d", "b", "dec", "feb"};
	char text[9], found[9];
	size_t i, n = 0;

	snprintf(text, sizeof(text), "%08x", (unsigned)store);
	for (i = 0; i < 8; i++)
		if (text[i] >= 'a')
			found[n++] = text[i];
	found[n] = '\0';
	for (i = 0; i < LENGTH(letters); i++)
		if (strcmp(found, letters[i]) == 0 && strstr(text, found) != NULL)
			return true;
	return false;
}

static char *
print_bytes(char *text, const struct uuid *id, bool dashes)
{
	static const char hex[] = "0123456789abcdef";
	char *c = text;
	int i;

	for (i = 0; i < 16; i++) {
		if (dashes && dash_before(i))
			*c++ = '-';
		*c++ = hex[id->byte[i] >> 4];
		*c++ = hex[id->byte[i] & 0xF];
	}
	*c = '\0';
	return text;
}

char *
uuid_print(char text[static UUID_TEXT], const struct uuid *id)
{
	return print_bytes(text, id, true);
}

char *
uuid_print_hex(char text[static UUID_HEX], const struct uuid *id)
{
	return print_bytes(text, id, false);
}
