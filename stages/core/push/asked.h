/* asked: notifications that a person asks for, and why some of them are refused.
 *
 * Each call finds the notifications (core/members/notice.h) inside the caller's unit of work, or dies with the reason: 66 there is no
 * such thing, 75 too early, 77 too late or nothing to send.
 * source   the rules of the earlier commands: a session is notified the day after its files were made; a transaction once, unless forced
 */
#ifndef CORE_ASKED_H
#define CORE_ASKED_H

#include "stages/core/books/session.h"
#include "stages/core/members/notification.h"

/* The debits and refunds of a session. */
void asked_find_session(struct run *r, const struct session *s);

/* The payment that a balance transaction belongs to, or the external transaction itself, by the id of the balance transaction. Returns
 * what kind it is. forced: also when it was notified before. */
enum notification_kind asked_find_transaction(struct run *r, const char *id, bool forced);

/* Stores what was found, publishes its batches, and sends them where mode = http, each in units of work of its own. Returns the first
 * batch; 0: nothing was found. */
int64_t asked_send(struct run *r, enum notification_kind kind, const struct notification_asked *asked);

#endif
