/* session: recovery sessions: opened in advance from the configuration, then frozen when they are due, then settled. */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "formats/sink.h"
#include "formats/uuid.h"
#include "stages/core/engine/run.h"

/* As session.status has them. */
enum session_status { SESSION_PENDING, SESSION_SUCCEEDED, SESSION_FAILED, SESSION_STATUSES };
const char *session_status_word(enum session_status status);

struct session {
	int64_t number;
	char code[32]; /* <YYYYMMDD period end>-<n> */
	date period_start, period_end, freeze, recovery;
	bool frozen;
	enum session_status status;
};

bool session_load(struct run *r, int64_t number, struct session *s);
/* By its UUID as text or by its code, which is what `status` and `sepa list` print. */
bool session_find(struct run *r, const char *id, struct session *s);
bool session_is_code(const char *text); /* whether the text has the form of a code */

/* The current and the next period's sessions are always open. Returns how many were opened. */
int64_t session_open_configured(struct run *r);

/* Opens a session for a person; both ends belong to the period. The same days again: finds that session and returns false. Dies
 * (65) when the days are not in order, the freeze date has passed, or the recovery date is not a TARGET day. */
bool session_create(struct run *r, date start, date end, date freeze, date recovery, struct session *s);

/* The first open session after the session `after` (by recovery date, then number; 0: the first of all) whose freeze date has
 * passed: the freeze date itself still counts. */
bool session_next_due(struct run *r, int64_t after, struct session *s);

/* The earliest open session (by recovery date, then number) other than this one; 0 when there is no other. */
int64_t session_next_open(struct run *r, int64_t other_than);

/* Closes it: from here on triggers refuse any change of its amounts, and of which rows and debts are in it. */
void session_freeze(struct run *r, int64_t number);
/* SHA-256 over the frozen rows: stored when the session is frozen, computed again by the audit. */
void session_digest(struct run *r, int64_t number, unsigned char digest[SHA256_SIZE]);

/* The status is pending until the session is frozen and every debt is settled; then failed if any debt failed, else succeeded. */
void session_refresh_status(struct run *r, int64_t number);
/* The same where one of its debts failed just now: no other one that did is looked for. */
void session_refresh_failed(struct run *r, int64_t number);

#endif
