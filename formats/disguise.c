/* disguise: see disguise.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/date.h"
#include "formats/disguise.h"
#include "formats/iban.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/request.h"
#include "formats/scramble.h"
#include "formats/text.h"
#include "formats/vocabulary.h"

static const char *const words[DISGUISE_KINDS] = {
    [DISGUISE_KEEP] = "keep",     [DISGUISE_NAME] = "name",         [DISGUISE_IBAN] = "iban",
    [DISGUISE_BIC] = "bic",       [DISGUISE_CREDITOR] = "creditor", [DISGUISE_ID] = "id",
    [DISGUISE_USER] = "user",     [DISGUISE_EMAIL] = "email",       [DISGUISE_PHONE] = "phone",
    [DISGUISE_PATH] = "path",     [DISGUISE_MESSAGE] = "message",   [DISGUISE_FREE] = "free",
    [DISGUISE_CODE] = "code",     [DISGUISE_DIGEST] = "digest",     [DISGUISE_INSTANT] = "instant",
    [DISGUISE_RECORD] = "record",
};

const char *
disguise_word(enum disguise_kind kind)
{
	return words[kind];
}

int
disguise_find(const char *word)
{
	int i;

	for (i = 0; i < DISGUISE_KINDS; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	return -1;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void
add_character(struct figures *f, char *c)
{
	if (is_digit(*c))
		scramble_add(f, c, (unsigned char)(*c - '0'), 10);
	else if (is_letter(*c))
		scramble_add(f, c, (unsigned char)(tolower((unsigned char)*c) - 'a'), 26);
}

static void
change_characters(const struct disguise *d, char *text, size_t n)
{
	struct figures f = {.n = 0};
	size_t i;

	for (i = 0; i < n; i++)
		add_character(&f, text + i);
	scramble_all(d->key, &f);
	scramble_put(&f);
}

/* Numbers of accounts ---------------------------------------------------------------------------------- */

/* The check digits that make the remainder by 97 one: at 2 and 3, over what stands from `from` on and the country. */
static void
set_check_digits(char *text, size_t from)
{
	unsigned rest = 0, value;
	size_t i, n = strlen(text);
	char moved[64];

	if (n - from + 4 >= sizeof(moved))
		return;
	snprintf(moved, sizeof(moved), "%s%.2s00", text + from, text);
	for (i = 0; moved[i] != '\0'; i++) {
		value = (unsigned)(is_digit(moved[i]) ? moved[i] - '0'
		                                      : toupper((unsigned char)moved[i]) - 'A' + 10);
		rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
	}
	rest = 98 - rest;
	text[2] = (char)('0' + rest / 10);
	text[3] = (char)('0' + rest % 10);
}

/* Blanks stay where they are, and what is not valid stays so. */
static void
change_iban(const struct disguise *d, char *text)
{
	struct iban iban;
	struct err e = {0};
	bool valid = iban_parse(text, &iban, &e) == 0;
	size_t i, k = 0;

	if (!valid) {
		change_characters(d, text, strlen(text));
		if (iban_parse(text, &iban, &e) == 0)
			text[2] = text[2] == '9' ? '0' : (char)(text[2] + 1);
		return;
	}
	change_characters(d, iban.text + 4, strlen(iban.text) - 4);
	set_check_digits(iban.text, 4);
	for (i = 0; text[i] != '\0'; i++)
		if (text[i] != ' ')
			text[i] =
			    (char)(islower((unsigned char)text[i]) ? tolower((unsigned char)iban.text[k++])
			                                           : iban.text[k++]);
}

static void
change_creditor(const struct disguise *d, char *text)
{
	struct err e = {0};

	if (creditor_id_check(text, &e) < 0) {
		change_characters(d, text, strlen(text));
		return;
	}
	change_characters(d, text + 7, strlen(text) - 7);
	set_check_digits(text, 7);
}

static void
change_bic(const struct disguise *d, char *text)
{
	size_t n = strlen(text);

	if (n != 8 && n != 11) {
		change_characters(d, text, n);
		return;
	}
	change_characters(d, text, 4);
	change_characters(d, text + 6, n - 6);
	if (text[7] == 'O')
		text[7] = 'P';
}

/* Identifiers ------------------------------------------------------------------------------------------ */

/* Ours begin with the id of the store: a UUID, an end-to-end id, the name of a bank file. */
static bool
is_ours(const struct disguise *d, const char *text)
{
	char own[16];

	snprintf(own, sizeof(own), "%08x", (unsigned)d->store);
	return strncasecmp(text, own, 8) == 0 && (text[8] == '-' || strlen(text) >= 32);
}

static bool
is_small_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f');
}

static bool
is_uuid(const char *text)
{
	size_t i;

	for (i = 0; i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-' : !is_small_hex(text[i]))
			return false;
	return text[36] == '\0';
}

static void
add_hex(struct figures *f, char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		scramble_add(f, text + i, (unsigned char)text_hex(text[i]), 16);
}

/* The first eight digits stay, so that ids keep their order, and those that say which kind of UUID it is. */
static void
change_uuid(const struct disguise *d, char *text)
{
	static const struct {
		size_t at, n;
	} parts[] = {{9, 4}, {15, 3}, {20, 3}, {24, 12}};
	struct figures f = {.n = 0};
	size_t i;

	for (i = 0; i < LENGTH(parts); i++)
		add_hex(&f, text + parts[i].at, parts[i].n);
	scramble_all(d->key, &f);
	scramble_put(&f);
}

/* An id with a long run of hexadecimal digits is as a UUID: the first eight stay, and what is around the run. */
#define LONG_RUN 24

static void
change_id(const struct disguise *d, char *text)
{
	struct figures f = {.n = 0}, plain = {.n = 0};
	size_t run;
	char *c;

	if (is_ours(d, text))
		return;
	if (is_uuid(text)) {
		change_uuid(d, text);
		return;
	}
	for (c = text; *c != '\0'; c += run) {
		run = strspn(c, "0123456789abcdef");
		if (run >= LONG_RUN)
			add_hex(&f, c + 8, run - 8);
		run += run == 0;
	}
	for (c = text; f.n == 0 && *c != '\0'; c++) {
		add_character(&plain, c);
		if ((unsigned char)*c >= 0x80)
			*c = 'x';
	}
	scramble_all(d->key, &plain);
	scramble_put(&plain);
	scramble_all(d->key, &f);
	scramble_put(&f);
}

void
disguise_uuid(struct disguise *d, unsigned char byte[static 16])
{
	char text[37];
	size_t i, k;

	d->count[DISGUISE_ID]++;
	for (i = 0, k = 0; i < 16; i++, k += 2) {
		if (k == 8 || k == 13 || k == 18 || k == 23)
			text[k++] = '-';
		snprintf(text + k, 3, "%02x", byte[i]);
	}
	change_uuid(d, text);
	for (i = 0, k = 0; i < 16; i++, k += 2) {
		k += text[k] == '-';
		byte[i] = (unsigned char)(text_hex(text[k]) << 4 | text_hex(text[k + 1]));
	}
}

/* An account or a creditor, if it is one; else an identifier. */
static void
change_any_id(const struct disguise *d, char *text)
{
	struct iban iban;
	struct err e = {0};

	if (iban_parse(text, &iban, &e) == 0)
		change_iban(d, text);
	else if (creditor_id_check(text, &e) == 0)
		change_creditor(d, text);
	else
		change_id(d, text);
}

/* The country stays. */
static void
change_phone(const struct disguise *d, char *text)
{
	size_t n = strlen(text), kept = text[0] == '+' ? 4 : 2;

	if (n > kept)
		change_characters(d, text + kept, n - kept);
}

/* The part of a path behind the last '/', up to its first '.', unless it is a name that we gave. */
static void
change_path(const struct disguise *d, char *text)
{
	char *slash = strrchr(text, '/'), *name = slash == NULL ? text : slash + 1, *dot;
	struct request_name parts;
	struct err e = {0};
	char kept;

	if (strncmp(text, "out/", 4) == 0 || request_parse_name(name, &parts, &e) == 0)
		return;
	dot = name + strcspn(name, ".");
	kept = *dot;
	*dot = '\0';
	change_id(d, name);
	*dot = kept;
}

/* Names ------------------------------------------------------------------------------------------------ */

/* Three to five syllables for a word, in its case: a letter alone becomes a letter. */
static size_t
put_word(const struct disguise *d, const char *word, size_t n, char *to)
{
	static const char consonants[] = "bdfgklmnprstvzjh", vowels[] = "aeio";
	unsigned char drawn[SHA256_SIZE];
	char small[64] = "";
	size_t i, syllables = n < 7 ? 3 : n < 10 ? 4 : 5, length = 0;
	bool upper = isupper((unsigned char)word[0]) != 0,
	     all = upper && n > 1 && isupper((unsigned char)word[1]) != 0;

	for (i = 0; i < n && i < sizeof(small); i++)
		small[i] = (char)tolower((unsigned char)word[i]);
	scramble_draw(d->key, 'w', small, i, drawn);
	if (n == 1) {
		to[0] = scramble_letter(drawn[0] % 26, upper);
		return 1;
	}
	for (i = 0; i < syllables; i++) {
		to[length++] = consonants[drawn[i] % 16];
		to[length++] = vowels[drawn[i] / 16 % 4];
	}
	for (i = 0; i < length; i++)
		if (all || (upper && i == 0))
			to[i] = (char)toupper((unsigned char)to[i]);
	return length;
}

#define NAME_TEXT 200

static char *
change_name(const struct disguise *d, const char *text)
{
	char plain[NAME_TEXT + 1], *name, *to;
	struct err e = {0};
	size_t n, i;

	if (text_to_sepa(text, plain, NAME_TEXT, &e) < 0) {
		name = memory_text(text);
		change_id(d, name);
		return name;
	}
	name = to = memory_new(NAME_TEXT * 10 + 1, 1); /* a word of two letters becomes six */
	for (i = 0; plain[i] != '\0'; i += n) {
		for (n = 0; is_letter(plain[i + n]); n++)
			;
		if (n > 0) {
			to += put_word(d, plain + i, n, to);
			continue;
		}
		n = 1;
		*to = plain[i];
		change_characters(d, to++, 1);
	}
	return name;
}

static char *
made_of(const struct disguise *d, const char *before, const char *behind, const char *text)
{
	unsigned char drawn[SHA256_SIZE];
	char hex[SHA256_TEXT], made[128];

	scramble_draw(d->key, (unsigned char)before[0], text, strlen(text), drawn);
	snprintf(made, sizeof(made), "%s%.10s%s", before, sha256_print(hex, drawn), behind);
	return memory_text(made);
}

/* Sentences -------------------------------------------------------------------------------------------- */

/* Up to six digits, an amount, a day. */
static bool
is_plain_number(const char *word)
{
	size_t n = strlen(word);

	if (n == 10 && word[4] == '-' && word[7] == '-')
		return strspn(word, "0123456789-") == n;
	return n <= 9 && strspn(word, "0123456789.,") == n && strcspn(word, ".,") <= 6;
}

/* With decimals: no id looks like that. */
static bool
is_amount(const char *word)
{
	size_t whole = strspn(word, "-0123456789");

	return word[whole] == '.' && strlen(word + whole) <= 4 &&
	       strspn(word + whole + 1, "0123456789") == strlen(word + whole + 1);
}

/* The words between '_' or '-' are words of this program. */
static bool
is_known(const char *word)
{
	char part[64];
	size_t n;

	for (; *word != '\0'; word += n + (word[n] != '\0')) {
		n = strcspn(word, "_-'/");
		if (n >= sizeof(part))
			return false;
		snprintf(part, sizeof(part), "%.*s", (int)n, word);
		if (n > 0 && !vocabulary_has(part))
			return false;
	}
	return true;
}

static void
put_core(const struct disguise *d, char *word, bool is_value, struct sink *s)
{
	if (!is_amount(word) && (is_value || (!is_known(word) && !is_plain_number(word))))
		change_any_id(d, word);
	sink_text(s, word);
}

/* Word by word; what stands between quotes or brackets is a value, whatever it looks like. */
static char *
change_message(const struct disguise *d, const char *text)
{
	static const char apart[] = " \"[](),;:`\n\t";
	size_t size = strlen(text) + 1, n;
	char *word = memory_new(size, 1), *made = memory_new(size, 1);
	struct sink_text room = {made, size, 0};
	struct sink *s = sink_into(&room);
	bool quoted = false, bracketed = false;

	while (*text != '\0') {
		n = strcspn(text, apart);
		memcpy(word, text, n);
		word[n] = '\0';
		while (n > 1 && word[n - 1] == '.')
			word[--n] = '\0';
		if (n > 0)
			put_core(d, word, quoted || bracketed, s);
		text += n;
		if (n == 0) {
			quoted = *text == '"' ? !quoted : quoted;
			bracketed = *text == '[' || (bracketed && *text != ']');
			sink_put(s, text++, 1);
		}
	}
	(void)sink_end(s, NULL, NULL);
	free(word);
	return made;
}

/* Days --------------------------------------------------------------------------------------------------- */

/* A day at this place of a text, in one of the forms that days have here; its length, else 0. */
static size_t
find_day(const char *text, const char *at, date *on)
{
	char day[DATE_TEXT];
	struct err e = {0};
	size_t digits = strspn(at, "0123456789");

	if (at > text && is_digit(at[-1]))
		return 0;
	if (digits == 4 && (at[4] == '-' || at[4] == '/') && strspn(at + 5, "0123456789") == 2 &&
	    at[7] == at[4] && strspn(at + 8, "0123456789") == 2)
		snprintf(day, sizeof(day), "%.4s-%.2s-%.2s", at, at + 5, at + 8);
	else if (digits == 8 && (at[8] == 'T' || at[8] == '-' || at[8] == '_'))
		snprintf(day, sizeof(day), "%.4s-%.2s-%.2s", at, at + 4, at + 6);
	else
		return 0;
	if (date_parse(day, on, &e) < 0)
		return 0;
	return digits == 8 ? 8 : 10;
}

static void
shift_days(const struct disguise *d, char *text)
{
	char day[DATE_TEXT], *at;
	date on = 0;
	size_t n;

	for (at = text; d->days != 0 && *at != '\0'; at += n > 0 ? n : 1) {
		n = find_day(text, at, &on);
		if (n == 8) {
			memcpy(at, date_print_compact(day, on + d->days), 8);
		} else if (n == 10) {
			date_print(day, on + d->days);
			day[4] = day[7] = at[4]; /* the separator */
			memcpy(at, day, 10);
		}
	}
}

/* All of them ------------------------------------------------------------------------------------------ */

static char *
change_in_place(const struct disguise *d, const char *text,
                void (*change)(const struct disguise *d, char *text))
{
	char *made = memory_text(text);

	change(d, made);
	return made;
}

#define MOST_OF_CODE 12

static char *
replace_text(struct disguise *d, enum disguise_kind kind, const char *text)
{
	static void (*const in_place[DISGUISE_KINDS])(const struct disguise *d, char *text) = {
	    [DISGUISE_IBAN] = change_iban,         [DISGUISE_BIC] = change_bic,
	    [DISGUISE_CREDITOR] = change_creditor, [DISGUISE_ID] = change_any_id,
	    [DISGUISE_PHONE] = change_phone,       [DISGUISE_PATH] = change_path,
	};

	if (kind == DISGUISE_KEEP || text[0] == '\0')
		return memory_text(text);
	d->count[kind]++;
	if (in_place[kind] != NULL)
		return change_in_place(d, text, in_place[kind]);
	switch (kind) {
	case DISGUISE_NAME:
		return change_name(d, text);
	case DISGUISE_USER:
		return strcmp(text, "scheduler") == 0 ? memory_text(text) : made_of(d, "user-", "", text);
	case DISGUISE_EMAIL:
		return made_of(d, "member-", "@example.com", text);
	case DISGUISE_MESSAGE:
		return change_message(d, text);
	default:
		return made_of(d, "text-", "", text);
	}
}

char *
disguise_text(struct disguise *d, enum disguise_kind kind, const char *text)
{
	char *made;

	if (kind == DISGUISE_CODE)
		kind =
		    strlen(text) <= MOST_OF_CODE && strchr(text, ' ') == NULL ? DISGUISE_KEEP : DISGUISE_FREE;
	made = replace_text(d, kind, text);
	if (kind == DISGUISE_KEEP || kind == DISGUISE_PATH || kind == DISGUISE_MESSAGE ||
	    (kind == DISGUISE_ID && is_ours(d, text)))
		shift_days(d, made);
	return made;
}

void
disguise_digest(struct disguise *d, const void *bytes, size_t n, unsigned char digest[static SHA256_SIZE])
{
	d->count[DISGUISE_DIGEST]++;
	scramble_draw(d->key, 'd', bytes, n, digest);
}
