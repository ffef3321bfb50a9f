/* notice: which members are to be notified of what. What was found is in the temporary table to_notify, until
 * notification_store makes notifications of it. Whoever was notified of a subject before is not found again.
 */
#ifndef CORE_NOTICE_H
#define CORE_NOTICE_H

#include "stages/core/members/notification.h"

/* Empties what was found. */
void notice_begin(struct run *r);
/* What a night finds of a kind; nothing of NOTIFY_EXTERNAL_TRANSACTION, which a person asks for. */
void notice_find(struct run *r, enum notification_kind kind);
/* The debits and refunds of one session. */
void notice_find_session(struct run *r, int64_t session);
/* A card payment, or a balance transaction, of a member: whatever was sent before, as its next attempt. */
void notice_find_payment(struct run *r, int64_t profile, int64_t number);
void notice_find_transaction(struct run *r, int64_t profile, int64_t number);

int64_t notice_count_found(struct run *r);

#endif
