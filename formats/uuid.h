/* uuid: the ids that others see.
 *
 * Ours are RFC 9562 version 8, a pure function of (store, kind, owner, number) and back: no UUID column, no index,
 * fixtures stay byte-stable, and an id can be read. Layout, most significant bit first:
 *   store 32 | kind 8 | owner, high 8 | version 1000 | owner, middle 12 | variant 10 | owner, low 12 | 0 20 | number 30
 */
#ifndef FORMATS_UUID_H
#define FORMATS_UUID_H

#include <stdbool.h>
#include <stdint.h>

#include "formats/err.h"

struct uuid {
	unsigned char byte[16];
};

#define UUID_TEXT    37         /* with dashes, lower case, and NUL */
#define UUID_HEX     33         /* without dashes, and NUL: fits an EndToEndId */
#define UUID_NUMBERS (1u << 30) /* number is below this */

/* Never renumbered: they are inside ids that others keep. */
enum uuid_kind {
	UUID_PROFILE = 1,
	UUID_BALANCE_TRANSACTION = 2,
	UUID_CARD_PAYMENT = 3,
	UUID_SESSION = 4,
	UUID_DEBT = 5,
	UUID_BANK_FILE = 6,
	UUID_NOTIFICATION = 7,
};

struct uuid uuid_of(uint32_t store, enum uuid_kind kind, uint32_t owner, uint32_t number);

/* The way back; false when it is not one of ours: another version, store or kind, or a bit set that must be 0. */
bool uuid_split(const struct uuid *id, uint32_t store, enum uuid_kind kind, uint32_t *owner,
                uint32_t *number);

/* Whether the ids of this store could be read as numbers or days, by YAML or a spreadsheet: 12345678, 1e234567, 0b101010,
 * 01dec202. */
bool uuid_reads_as_number(uint32_t store);

/* 36 characters, either case; code bad_field. */
int uuid_parse(const char *text, struct uuid *id, struct err *e);
char *uuid_print(char text[static UUID_TEXT], const struct uuid *id);
char *uuid_print_hex(char text[static UUID_HEX], const struct uuid *id);

#endif
