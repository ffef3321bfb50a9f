/* consent: what a sensitive change at Swan waits for, granted by a signature of this server for the legal representative.
 *
 * source   Swan, documentation of server-to-server consent: an ES256 token of the challenge (formats/jwt.h)
 */
#ifndef CORE_CONSENT_H
#define CORE_CONSENT_H

#include "stages/core/swan/call.h"

#define CONSENT_STATUS 32

/* Grants the consent unless it is granted already, and waits for its end, which goes to `status`: Accepted, CustomerRefused,
 * Expired, Failed, Canceled; or the last one seen after card_wait_seconds in [swan]. "": it does not exist, or in a dry run.
 * Dies: 78 when the key cannot be read or Swan does not take the signature. */
void consent_grant(struct caller *s, const char *id, char status[static CONSENT_STATUS]);
bool consent_is_accepted(const char *status);
bool consent_is_refused(const char *status); /* will never be accepted */

#endif
