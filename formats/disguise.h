/* disguise: replaces what says who somebody is by something made up, always the same for the same value and key.
 *
 * What is valid stays valid: an IBAN keeps its country and the kind of each character and gets right check digits, an identifier
 * keeps its length and form. Two values never become one, but for names, users, addresses and free texts, where it is as unlikely
 * as for a hash of 40 bits. Nobody can go back without the key, which is stored nowhere.
 */
#ifndef FORMATS_DISGUISE_H
#define FORMATS_DISGUISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/scramble.h"
#include "formats/sink.h"

enum disguise_kind {
	DISGUISE_KEEP, /* says nothing about a person: amounts, days, codes, our own numbers */
	DISGUISE_NAME, /* of persons, merchants, streets, towns: word by word, so that a part of a name stays part of it */
	DISGUISE_IBAN,
	DISGUISE_BIC,
	DISGUISE_CREDITOR, /* creditor identifier */
	DISGUISE_ID, /* reference, number, id of another system; ours are kept. Also an IBAN, a creditor identifier */
	DISGUISE_USER, /* user of an application, person who acted */
	DISGUISE_EMAIL,
	DISGUISE_PHONE,
	DISGUISE_PATH,    /* name of a file: what others called it */
	DISGUISE_MESSAGE, /* a sentence of this program, in which values stand */
	DISGUISE_CODE,    /* a short word; a longer one is free text */
	DISGUISE_FREE,    /* any text */
	DISGUISE_DIGEST,  /* bytes that could be guessed */
	DISGUISE_INSTANT, /* milliseconds, a number: kept, but for the days */
	DISGUISE_RECORD,  /* a record of another system, whole: JSON or CSV (disguise_file.h) */
	DISGUISE_KINDS
};

#define DISGUISE_KEY SCRAMBLE_KEY

struct disguise {
	unsigned char key[DISGUISE_KEY];
	uint32_t store; /* the id that our own ids begin with */
	int days; /* added to each day that is kept: 2026-03-04, 20260304- in ids, 2026/03/04 in paths, instants; 0: none */
	int64_t count[DISGUISE_KINDS];
};

const char *disguise_word(enum disguise_kind kind);
/* The kind that is called so in tables; -1: none is. */
int disguise_find(const char *word);

/* To be freed. Not for digests and records. */
char *disguise_text(struct disguise *d, enum disguise_kind kind, const char *text);
/* 32 bytes for bytes; the same for the same. */
void disguise_digest(struct disguise *d, const void *bytes, size_t n,
                     unsigned char digest[static SHA256_SIZE]);
/* An id as the bulk tables have it: 16 bytes of a UUID, changed in place. */
void disguise_uuid(struct disguise *d, unsigned char byte[static 16]);

#endif
