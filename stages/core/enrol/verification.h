/* verification: a code that Swan sent to a member's phone. The phone is stored under the id of the request, so that an onboarding
 * whose answer was lost finds its user. */
#ifndef CORE_VERIFICATION_H
#define CORE_VERIFICATION_H

#include "formats/contact.h"
#include "stages/core/swan/identity.h"

/* Has a code sent; the id of the request goes to `request`, "" in a dry run. Forgets the phones that no onboarding went on with for
 * a day. Dies: 69 when a message may be on its way, else as
 * Swan rejects it. */
void verification_start(struct caller *s, const char *phone, const char *language,
                        char request[static SWAN_ID + 1]);

/* The onboarding is done: a phone is stored no longer than it is needed. Inside the caller's unit of work. */
void verification_forget(struct run *r, const char *request, const char *phone);

/* The phone of a request; "": it was not started here. */
void verification_find_phone(struct run *r, const char *request, char phone[static CONTACT_PHONE]);

#endif
