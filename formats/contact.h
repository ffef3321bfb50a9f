/* contact: what a person is asked for before Swan is: phone number, name, email, birth date, language.
 *
 * Swan checks the same, after a text message was paid for; so what it would refuse is refused before.
 * source   ITU-T E.164 (phone numbers); Swan, documentation of addAccountMembership: the pattern of a name; RFC 5321, section
 *          4.5.3 (lengths of an address)
 */
#ifndef FORMATS_CONTACT_H
#define FORMATS_CONTACT_H

#include "formats/date.h"
#include "formats/err.h"

#define CONTACT_PHONE 17  /* "+" and at most 15 digits, and NUL */
#define CONTACT_NAME  101 /* bytes of a first or last name, and NUL */
#define CONTACT_EMAIL 255

/* Each returns 0, or -1 with the code bad_field; of a phone number invalid_phone_number. */
int contact_check_phone(const char *text, struct err *e); /* "+33612345678" */
/* Letters, parted by single blanks, hyphens or apostrophes. */
int contact_check_name(const char *text, struct err *e);
int contact_check_email(const char *text, struct err *e);
/* Of a person of 16 to 120 years on that day. */
int contact_parse_birth_date(const char *text, date today, date *on, struct err *e);
/* One of en, fr, es, nl. */
int contact_check_language(const char *text, struct err *e);

#endif
