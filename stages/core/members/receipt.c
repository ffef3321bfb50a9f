/* receipt: see receipt.h. Writes receipt, the state of notification and notification_chunk.answered_at. */
#include "stages/core/members/receipt.h"

#include <stdio.h>
#include <string.h>

#include "formats/text.h"
#include "stages/core/engine/exception.h"
#include "stages/core/engine/journal.h"
#include "stages/core/engine/log.h"

#define SKEW_MS (10LL * 60 * 1000) /* by which the clock of a receiver may differ */
#define CURSOR  "notify.receipts"

/* The notification that a receipt is about. */
struct subject {
	int64_t number, profile;
	instant created_at;
	bool is_accepted, is_published;
};

/* False: we never sent it. */
static bool
find_subject(struct run *r, const struct uuid *id, struct subject *n)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT profile_number, created_at, state, proof FROM notification WHERE number = $number");
	uint32_t owner, number;

	*n = (struct subject){0};
	if (!uuid_split(id, store_id(r->db), UUID_NOTIFICATION, &owner, &number) || owner != 0)
		return false;
	n->number = number;
	bind_int(q, "$number", number);
	if (!row(q))
		return false;
	n->profile = col_int(q, 0);
	n->created_at = col_instant(q, 1);
	n->is_accepted = strcmp(col_text(q, 2), "accepted") == 0;
	n->is_published = n->is_accepted && strcmp(col_text(q, 3), "publication") == 0;
	reset(q);
	return true;
}

static void
hold(struct run *r, const struct receipt *q, const struct receipt_source *source, int64_t profile,
     const char *code, const char *message)
{
	char key[UUID_TEXT];
	struct exception x = {.kind = "receipt",
	                      .key = uuid_print(key, &q->id),
	                      .code = code,
	                      .message = message,
	                      .record = q->text,
	                      .input = source->input,
	                      .line = q->line,
	                      .profile = profile};

	exception_open(r, &x);
}

/* When the member was notified, as the receiver says, or now. False: it cannot have been then. */
static bool
find_instant(struct run *r, const struct receipt *q, const struct subject *n, instant *at)
{
	instant latest = run_clock() > r->now ? run_clock() : r->now;

	*at = q->at == INSTANT_NONE ? r->now : q->at;
	if (*at < n->created_at - SKEW_MS || *at > latest + SKEW_MS)
		return false;
	if (*at < n->created_at)
		*at = n->created_at;
	return true;
}

/* False: the same answer was stored before. */
static bool
insert_receipt(struct run *r, const struct receipt *q, const struct receipt_source *source,
               int64_t notification, instant at)
{
	struct stmt *s = sql(r->db,
	    "SELECT count(*) FROM receipt WHERE notification_number = $notification AND status = $status");
	char message[RECEIPT_MESSAGE + 1];

	bind_int(s, "$notification", notification);
	bind_text(s, "$status", receipt_words[q->status]);
	if (value(s, 0) > 0)
		return false;
	text_cut(message, sizeof(message), q->message == NULL ? "" : q->message);
	s = sql(r->db,
	    "INSERT INTO receipt (number, notification_number, status, answered_at, message, input_number, line,"
	    "  chunk_number, stored_at)"
	    " VALUES ($number, $notification, $status, $at, $message, $input, $line, $chunk, $now)");
	bind_int(s, "$number", store_number(r->db, "receipt"));
	bind_int(s, "$notification", notification);
	bind_text(s, "$status", receipt_words[q->status]);
	bind_instant(s, "$at", at);
	bind_text(s, "$message", q->message == NULL ? NULL : message);
	bind_int_or(s, "$input", source->input, 0);
	bind_int(s, "$line", q->line);
	bind_int_or(s, "$chunk", source->chunk, 0);
	bind_instant(s, "$now", r->now);
	exec(s);
	return true;
}

static void
set_state(struct run *r, int64_t notification, enum receipt_status status, instant at)
{
	static const char *const states[RECEIPT_STATUSES] = {"accepted", "refused", "refused", "expired"};
	bool is_accepted = status == RECEIPT_ACCEPTED;
	struct stmt *q = sql(r->db,
	    "UPDATE notification SET state = $state, accepted_at = $at, proof = $proof WHERE number = $number");

	bind_text(q, "$state", states[status]);
	bind_instant(q, "$at", is_accepted ? at : INSTANT_NONE);
	bind_text(q, "$proof", is_accepted ? "receipt" : NULL);
	bind_int(q, "$number", notification);
	exec(q);
	run_count(r, is_accepted ? COUNT_RECEIPTS_ACCEPTED : COUNT_RECEIPTS_REFUSED, 1);
}

/* Whether another answer about it was stored before. */
static bool
was_answered(struct run *r, int64_t notification)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM receipt WHERE notification_number = $notification");

	bind_int(q, "$notification", notification);
	return value(q, 0) > 1;
}

/* Of an earlier receipt that could not be used. */
static void
close_exception(struct run *r, const struct receipt *q)
{
	char key[UUID_TEXT];

	exception_close(r, "receipt", uuid_print(key, &q->id));
}

void
receipt_apply(struct run *r, const struct receipt *q, const struct receipt_source *source)
{
	struct subject n;
	bool contradicts;
	instant at;

	if (!find_subject(r, &q->id, &n)) {
		hold(r, q, source, 0, "unknown_notification", "this notification was never sent");
		return;
	}
	if (!find_instant(r, q, &n, &at)) {
		hold(r, q, source, n.profile, "receipt_date",
		     "`at` is before the notification was made, or in the future");
		return;
	}
	if (!insert_receipt(r, q, source, n.number, at)) {
		run_count(r, COUNT_RECEIPTS_DUPLICATE, 1);
		return;
	}
	contradicts = was_answered(r, n.number) || (n.is_published && q->status != RECEIPT_ACCEPTED);
	if (contradicts)
		hold(r, q, source, n.profile, "contradicting_receipt",
		     "another answer about this notification came before: the first acceptance counts");
	if (n.is_published && q->status == RECEIPT_ACCEPTED)
		run_count(r, COUNT_RECEIPTS_ACCEPTED, 1);
	else if (!n.is_accepted && (!contradicts || q->status == RECEIPT_ACCEPTED))
		set_state(r, n.number, q->status, at);
	if (!contradicts)
		close_exception(r, q);
}

void
receipt_expire(struct run *r)
{
	struct stmt *q =
	    sql(r->db,
	    "UPDATE notification SET state = 'expired' WHERE state = 'pending' AND expires_at <= $now");

	bind_instant(q, "$now", r->now);
	run_count(r, COUNT_NOTIFICATIONS_EXPIRED, exec(q));
}

int64_t
receipt_count_pending(struct run *r)
{
	return value(sql(r->db, "SELECT count(*) FROM notification WHERE state = 'pending'"), 0);
}

bool
receipt_is_awaited(struct run *r)
{
	return value(
	    sql(r->db,
	                 "SELECT count(*) FROM (SELECT 1 FROM notification_chunk WHERE answered_at IS NULL LIMIT 1) AS t"),
	        0) > 0;
}

/* Chunks --------------------------------------------------------------------------------------------------------------- */

bool
receipt_close_chunk(struct run *r, int64_t chunk)
{
	struct stmt *q = sql(r->db,
	    "UPDATE notification_chunk SET answered_at = $now"
	    " WHERE number = $number"
	    "  AND NOT EXISTS ("
	    "    SELECT 1"
	    "    FROM notification n"
	    "    WHERE n.number >= notification_chunk.first_number AND n.number <= notification_chunk.last_number"
	    "     AND n.state = 'pending')");

	bind_instant(q, "$now", r->now);
	bind_int(q, "$number", chunk);
	return exec(q) > 0;
}

char *
receipt_print_key(const struct run *r, int64_t batch, int64_t nth, char key[static RECEIPT_KEY])
{
	snprintf(key, RECEIPT_KEY, "%08lx-%lld-%lld", (unsigned long)store_id(r->db), (long long)batch,
	         (long long)nth);
	return key;
}

/* receipts.jsonl ------------------------------------------------------------------------------------------------------- */

static void
write_receipt(struct run *r, struct stmt *q, struct sink *s)
{
	char key[RECEIPT_KEY];
	struct receipt_line line = {
	    .id = uuid_of(store_id(r->db), UUID_NOTIFICATION, 0, (uint32_t)col_int(q, 0)),
	    .profile = store_uuid(r->db, UUID_PROFILE, 0, col_int(q, 2)),
	    .name = col_text(q, 1),
	    .status = col_text(q, 3),
	    .message = col_text(q, 5),
	    .at = col_instant(q, 4),
	    .stored_at = col_instant(q, 7),
	    .source =
		col_null(q, 8) ? receipt_print_key(r, col_int(q, 9), col_int(q, 10), key) : col_text(q, 8),
	    .line = col_int(q, 6)};

	receipt_write(s, &line);
}

void
receipt_write_day(struct run *r, date on, struct sink *s)
{
	struct stmt *q = sql(r->db,
	    "SELECT n.number, n.name, n.profile_number, a.status, a.answered_at, a.message, a.line, a.stored_at,"
	    "  i.name, c.batch_number, c.nth"
	    " FROM notification_batch b"
	    " JOIN notification n ON n.number >= b.first_number AND n.number <= b.last_number"
	    " JOIN receipt a ON a.notification_number = n.number"
	    " LEFT JOIN input i ON i.number = a.input_number"
	    " LEFT JOIN notification_chunk c ON c.number = a.chunk_number"
	    " WHERE b.business_on = $on"
	    " ORDER BY b.number, n.number, a.number");

	bind_date(q, "$on", on);
	while (row(q))
		write_receipt(r, q, s);
}

date
receipt_next_day(struct run *r, date after)
{
	struct stmt *q = sql(r->db,
	    "SELECT min(b.business_on)"
	    " FROM receipt a"
	    " JOIN notification n ON n.number = a.notification_number"
	    " JOIN notification_batch b ON b.number = n.batch_number"
	    " WHERE a.number > $cursor AND b.business_on > $after");

	bind_int(q, "$cursor", journal_cursor(r, CURSOR, 0));
	bind_text(q, "$after", "");
	if (after != DATE_NONE)
		bind_date(q, "$after", after);
	return value_date(q);
}

date
receipt_next_answered_day(struct run *r, date after)
{
	struct stmt *q = sql(r->db,
	    "SELECT min(b.business_on)"
	    " FROM notification_batch b"
	    " WHERE b.business_on > $after"
	    "  AND EXISTS ("
	    "   SELECT 1"
	    "   FROM receipt a"
	    "   WHERE a.notification_number >= b.first_number AND a.notification_number <= b.last_number)");

	bind_date(q, "$after", after);
	return value_date(q);
}

void
receipt_note_written(struct run *r)
{
	int64_t last = value(sql(r->db, "SELECT max(number) FROM receipt"), 0);

	if (last > journal_cursor(r, CURSOR, 0))
		journal_move(r, CURSOR, last);
}
