/* notification: see notification.h. Writes notification, notification_batch and notification_chunk. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/notification.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/notice.h"
#include "stages/core/members/notification.h"

static const char *const names[NOTIFICATION_KINDS] = {
    [NOTIFY_POST_PAYMENT] = "alan_pay__post_payment",
    [NOTIFY_RECOVERY_SESSION] = "alan_pay__recovery_session",
    [NOTIFY_RECOVERY_WITHDRAWN] = "alan_pay__recovery_session_withdrawn",
    [NOTIFY_PROVISIONING_REMINDER] = "alan_pay__provisioning_reminder",
    [NOTIFY_EXTERNAL_TRANSACTION] = "alan_pay__external_transaction",
};

const char *
notification_name(enum notification_kind kind)
{
	return names[kind];
}

bool
notification_is_sent(const struct run *r)
{
	return strcmp(config_text(r->config, NOTIFICATIONS_MODE), "http") == 0;
}

bool
notification_wants_receipts(const struct run *r)
{
	return notification_is_sent(r) ||
	       strcmp(config_text(r->config, NOTIFICATIONS_FILE_DATES), "receipts") == 0;
}

/* Storing -------------------------------------------------------------------------------------------------------------- */

static void
insert_chunks(struct run *r, int64_t batch, int64_t first, int64_t lines)
{
	int64_t most = config_int(r->config, NOTIFICATIONS_CHUNK), nth;
	struct stmt *q;

	for (nth = 1; lines > 0; nth++, first += most, lines -= most) {
		q = sql(r->db,
		    "INSERT INTO notification_chunk (number, batch_number, nth, first_number, last_number)"
		    " VALUES ($number, $batch, $nth, $first, $last)");
		bind_int(q, "$number", store_number(r->db, "notification_chunk"));
		bind_int(q, "$batch", batch);
		bind_int(q, "$nth", nth);
		bind_int(q, "$first", first);
		bind_int(q, "$last", first + (lines < most ? lines : most) - 1);
		exec(q);
	}
}

/* The lines of a batch are numbered without a gap, from `number` on. */
static void
insert_batches(struct run *r, const char *name, int64_t batch, int64_t number, int64_t lines)
{
	int64_t most = config_int(r->config, NOTIFICATIONS_MAX_LINES);
	struct stmt *q;
	char what[40];

	for (; lines > 0; lines -= most, batch++, number += most) {
		q = sql(r->db,
		    "INSERT INTO notification_batch (number, name, business_on, nth, lines, first_number, last_number)"
		    " SELECT $number, $name, $on, count(*) + 1, $lines, $first, $first + $lines - 1"
		    " FROM notification_batch"
		    " WHERE business_on = $on AND name = $name");
		bind_int(q, "$number", batch);
		bind_text(q, "$name", name);
		bind_date(q, "$on", r->on);
		bind_int(q, "$lines", lines < most ? lines : most);
		bind_int(q, "$first", number);
		exec(q);
		snprintf(what, sizeof(what), "batch %lld", (long long)batch);
		intent_add(r, "batch", what, NULL, "%s", name);
		if (notification_is_sent(r))
			insert_chunks(r, batch, number, lines < most ? lines : most);
	}
}

static int64_t
insert_found(struct run *r, const char *name, const struct notification_asked *asked, int64_t batch,
             int64_t number)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO notification (number, name, subject_type, subject, attempt, profile_number, params,"
	    "  batch_number, created_at, expires_at, asked_by, asked_identity, asked_why, state, accepted_at, proof)"
	    " SELECT $number + nth, $name, subject_type, subject, attempt, profile_number, params,"
	    "  $batch + nth / $most, $now, expires_at, $by, $identity, $why,"
	    "  CASE $published WHEN 1 THEN 'accepted' ELSE 'pending' END,"
	    "  CASE $published WHEN 1 THEN $now END,"
	    "  CASE $published WHEN 1 THEN 'publication' END"
	    " FROM ("
	    "   SELECT row_number() OVER (ORDER BY profile_number, length(subject), subject) - 1 AS nth,"
	    "    profile_number, subject_type, subject, attempt, params, expires_at"
	    "   FROM to_notify) AS t");

	bind_int(q, "$number", number);
	bind_text(q, "$name", name);
	bind_int(q, "$batch", batch);
	bind_int(q, "$most", config_int(r->config, NOTIFICATIONS_MAX_LINES));
	bind_instant(q, "$now", r->now);
	bind_text(q, "$by", asked == NULL ? NULL : asked->by.name);
	bind_text(q, "$identity", asked == NULL ? NULL : asked->by.identity);
	bind_text(q, "$why", asked == NULL ? NULL : asked->why);
	bind_int(q, "$published", !notification_wants_receipts(r));
	return exec(q);
}

int64_t
notification_store(struct run *r, enum notification_kind kind, const struct notification_asked *asked,
                   int64_t *batches)
{
	int64_t most = config_int(r->config, NOTIFICATIONS_MAX_LINES), lines = notice_count_found(r), batch,
		number;

	*batches = (lines + most - 1) / most;
	if (lines == 0)
		return 0;
	batch = store_numbers(r->db, "notification_batch", *batches);
	number = store_numbers(r->db, "notification", lines);
	insert_batches(r, names[kind], batch, number, lines);
	if (insert_found(r, names[kind], asked, batch, number) != lines)
		die(EXIT_BUG, "%s: a member was notified twice", names[kind]);
	return batch;
}

int64_t
notification_plan(struct run *r, enum notification_kind kind, int64_t *batches)
{
	notice_begin(r);
	notice_find(r, kind);
	return notification_store(r, kind, NULL, batches);
}

/* Counting ------------------------------------------------------------------------------------------------------------- */

/* How the member of a debit was notified, by one notification; of the last one, what counts. */
#define NOTICE_WORD                                                                                      \
	"CASE WHEN n.number IS NULL OR n.params <> " NOTIFICATION_PARAMS(                                \
	    "c",                                                                                         \
	    "f") " THEN 'missing'"                                                                       \
		 " WHEN n.state <> 'accepted' THEN n.state"                                              \
		 " WHEN n.accepted_at > $latest OR (n.proof <> 'receipt' AND $receipts = 1) THEN 'late'" \
		 " ELSE n.proof END"

enum notice {
	NOTICE_RECEIPT,
	NOTICE_PUBLICATION,
	NOTICE_LATE,
	NOTICE_PENDING,
	NOTICE_REFUSED,
	NOTICE_EXPIRED,
	NOTICE_MISSING,
	NOTICES
};

static const char *const notice_words[NOTICES] = {"receipt", "publication", "late",   "pending",
                                                  "refused", "expired",     "missing"};

static void
add_notice(struct notification_notice *n, enum notice word, instant at)
{
	int64_t *const counts[NOTICES] = {&n->by_receipt, &n->notified, &n->late,   &n->pending,
	                                  &n->refused,    &n->expired,  &n->missing};

	++*counts[word];
	n->debits++;
	if (word > NOTICE_PUBLICATION)
		return;
	if (n->first_at == INSTANT_NONE || at < n->first_at)
		n->first_at = at;
	if (n->last_at == INSTANT_NONE || at > n->last_at)
		n->last_at = at;
}

/* The last notification of the debit at hand. */
struct last_notice {
	int64_t profile, number; /* profile 0: no debit yet; number 0: no notification */
	enum notice word;
	instant at;
};

/* A file has one debit of a member, whose notifications come one after the other, in any order: sorting them would cost more. */
void
notification_count_notices(struct run *r, int64_t file_number, instant latest, struct notification_notice *n)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT c.profile_number, coalesce(n.number, 0), " NOTICE_WORD ", n.accepted_at"
	    " FROM bank_file f"
	    " JOIN collection c ON c.file_number = f.number"
	    " LEFT JOIN notification n ON " NOTIFICATION_OF_COLLECTION("n", "c") " AND n.created_at <= $latest"
	    " WHERE f.number = $file"
	    " ORDER BY c.end_to_end_id");
	struct last_notice last = {0};

	*n = (struct notification_notice){.first_at = INSTANT_NONE, .last_at = INSTANT_NONE};
	bind_int(q, "$file", file_number);
	bind_instant(q, "$latest", latest);
	bind_int(q, "$receipts", notification_wants_receipts(r));
	while (row(q)) {
		if (last.profile == col_int(q, 0) && last.number > col_int(q, 1))
			continue;
		if (last.profile != 0 && last.profile != col_int(q, 0))
			add_notice(n, last.word, last.at);
		last = (struct last_notice){col_int(q, 0), col_int(q, 1),
		                            (enum notice)col_word(q, 2, notice_words, NOTICES),
		                            col_instant(q, 3)};
	}
	if (last.profile != 0)
		add_notice(n, last.word, last.at);
	n->notified += n->by_receipt;
}

/* Writing -------------------------------------------------------------------------------------------------------------- */

/* The session of the debit of a notification. `last`: of the one before, as most are of one session: an end-to-end id begins with
 * the id of the debt. */
static int64_t
find_session(struct run *r, struct stmt *n, int64_t *last)
{
	struct uuid debt = store_uuid(r->db, UUID_DEBT, col_int(n, 1), *last);
	char hex[UUID_HEX];
	struct stmt *q;

	if (*last != 0 && strncmp(col_text(n, 3), uuid_print_hex(hex, &debt), UUID_HEX - 1) == 0)
		return *last;
	q = sql(r->db,
	    "SELECT max(c.session_number)"
	    " FROM notification n"
	    " JOIN collection c ON c.end_to_end_id = CASE"
	    "   WHEN n.subject LIKE '%/%' THEN rtrim(rtrim(n.subject, '0123456789'), '/')"
	    "   ELSE n.subject END"
	    " WHERE n.number = $number");
	bind_int(q, "$number", col_int(n, 0));
	*last = value(q, 0);
	return *last;
}

/* The id of the subject, as other components know it. */
static struct uuid
subject_uuid(struct run *r, struct stmt *q, const char **type, int64_t *session)
{
	static const struct {
		const char *stored, *type;
		enum uuid_kind kind;
	} types[] = {{"card_payment", "card_payment", UUID_CARD_PAYMENT},
	             {"collection", "recovery_debt", UUID_DEBT},
	             {"balance_transaction", "balance_transaction", UUID_BALANCE_TRANSACTION},
	             {"profile", "profile", UUID_PROFILE}};
	int64_t profile = col_int(q, 1);
	size_t i;

	for (i = 0; strcmp(types[i].stored, col_text(q, 2)) != 0; i++)
		;
	*type = types[i].type;
	if (types[i].kind == UUID_PROFILE)
		return store_uuid(r->db, UUID_PROFILE, 0, profile);
	return store_uuid(r->db, types[i].kind, profile,
	                  types[i].kind == UUID_DEBT ? find_session(r, q, session)
	                                             : strtoll(col_text(q, 3), NULL, 10));
}

static void
write_line(struct run *r, struct stmt *q, int64_t *session, struct sink *s)
{
	struct notification n = {.id =
	                             uuid_of(store_id(r->db), UUID_NOTIFICATION, 0, (uint32_t)col_int(q, 0)),
	                         .profile = store_uuid(r->db, UUID_PROFILE, 0, col_int(q, 1)),
	                         .name = col_text(q, 7),
	                         .app_id = col_text(q, 8),
	                         .app_user_id = col_text(q, 9),
	                         .params = col_text(q, 4),
	                         .created_at = col_instant(q, 5),
	                         .expires_at = col_instant(q, 6)};

	n.subject = subject_uuid(r, q, &n.subject_type, session);
	notification_write(s, &n);
}

void
notification_write_lines(struct run *r, int64_t first, int64_t last, struct sink *s)
{
	struct stmt *q = sql(r->db,
	    "SELECT n.number, n.profile_number, n.subject_type, n.subject, n.params, n.created_at, n.expires_at,"
	    "  n.name, p.app_id, p.app_user_id"
	    " FROM notification n"
	    " JOIN profile p ON p.number = n.profile_number"
	    " WHERE n.number >= $first AND n.number <= $last"
	    " ORDER BY n.number");
	int64_t session = 0;

	bind_int(q, "$first", first);
	bind_int(q, "$last", last);
	while (row(q))
		write_line(r, q, &session, s);
}

void
notification_write_batch(struct run *r, int64_t batch, struct sink *s)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT first_number, last_number FROM notification_batch WHERE number = $number");
	int64_t first, last;

	bind_int(q, "$number", batch);
	if (!row(q))
		return;
	first = col_int(q, 0);
	last = col_int(q, 1);
	reset(q);
	notification_write_lines(r, first, last, s);
}
