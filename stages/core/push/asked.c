/* asked: see asked.h. */
#include "stages/core/engine/key.h"
#include "stages/core/push/asked.h"

#include <string.h>

#include "formats/text.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"
#include "stages/core/members/notice.h"
#include "stages/core/push/answers.h"
#include "stages/core/push/batch.h"
#include "stages/core/push/delivery.h"

/* A session ---------------------------------------------------------------------------------------------------------- */

/* The files of a session that are in force. */
struct files {
	int64_t n, rejected;
	instant made_at; /* the last one */
	date collect_on; /* the last one */
};

static void
load_files(struct run *r, int64_t session, struct files *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*), count(*) FILTER (WHERE state = 'rejected'), max(created_at), max(collect_on)"
	    " FROM bank_file_in_force"
	    " WHERE session_number = $session");

	bind_int(q, "$session", session);
	(void)row(q);
	*f = (struct files){col_int(q, 0), col_int(q, 1), col_instant(q, 2), col_date(q, 3)};
	reset(q);
}

static _Noreturn void
die_without_files(struct run *r, const struct session *s)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM unsettled_debt WHERE session_number = $session AND amount_in_cents <> 0");

	bind_int(q, "$session", s->number);
	if (value(q, 0) > 0)
		die(EXIT_BUSY, "session %s: its bank files are not made yet: `%s`", s->code,
		    run_command(r, "collect"));
	die(EXIT_FORBIDDEN, "session %s has no bank file in force: nobody is debited or refunded", s->code);
}

/* Nothing was found: why. */
static _Noreturn void
die_with_nothing(struct run *r, const struct session *s, const struct files *f)
{
	char made[DATE_TEXT], day[DATE_TEXT];
	date made_on = date_in_paris(f->made_at), today = date_in_paris(r->now);

	if (made_on >= r->on)
		die(EXIT_BUSY,
		    "session %s: its bank files were made on %s: its members are notified from %s on",
		    s->code, date_print(made, made_on), date_print(day, made_on + 1));
	if (f->rejected == f->n)
		die(EXIT_FORBIDDEN,
		    "session %s: the bank rejected its files: nobody is debited or refunded by them",
		    s->code);
	if (f->collect_on <= (today > r->on ? today : r->on))
		die(EXIT_FORBIDDEN,
		    "session %s: it is too late: its debits and refunds are of %s, and today is %s", s->code,
		    date_print(day, f->collect_on), date_print(made, today > r->on ? today : r->on));
	die(EXIT_FORBIDDEN,
	    "session %s: the notifications of all its members were made before: `%s` says who is notified",
	    s->code, run_command(r, "sepa list"));
}

void
asked_find_session(struct run *r, const struct session *s)
{
	struct files f;
	char day[DATE_TEXT];

	if (!s->frozen)
		die(EXIT_BUSY,
		    "session %s is open until %s: its members are notified the day after its bank files are made",
		    s->code, date_print(day, s->freeze));
	load_files(r, s->number, &f);
	if (f.n == 0)
		die_without_files(r, s);
	notice_begin(r);
	notice_find_session(r, s->number);
	if (notice_count_found(r) == 0)
		die_with_nothing(r, s, &f);
}

/* A transaction ------------------------------------------------------------------------------------------------------ */

struct transaction {
	int64_t profile, number;
	int64_t payment; /* 0: none */
	int64_t event;
	instant sent_at; /* by the component that asked for it; INSTANT_NONE: not */
	char status[32]; /* of the payment */
};

static void
load_transaction(struct run *r, const char *id, struct transaction *t)
{
	struct stmt *q;
	struct uuid uuid;
	uint32_t owner = 0, number = 0;
	struct err e;

	if (uuid_parse(id, &uuid, &e) < 0)
		die(EXIT_USAGE, "--id: \"%s\" is not a valid id of a balance transaction", id);
	(void)uuid_split(&uuid, store_id(r->db), UUID_BALANCE_TRANSACTION, &owner, &number);
	q = sql(r->db,
	    "SELECT b.payment_number, b.event, b.push_notification_sent_at, s.word"
	    " FROM balance_transaction b"
	    " LEFT JOIN card_payment p ON p.key = " SQL_KEY("b.profile_number", "b.payment_number")
	    " LEFT JOIN code s ON s.number = p.status"
	    " WHERE b.key = " SQL_KEY("$profile", "$number"));
	bind_int(q, "$profile", owner);
	bind_int(q, "$number", number);
	if (!row(q))
		die(EXIT_ABSENT, "the balance transaction %s does not exist", id);
	*t = (struct transaction){.profile = owner,
	                          .number = number,
	                          .payment = col_int_or(q, 0, 0),
	                          .event = col_int(q, 1),
	                          .sent_at = col_instant(q, 2)};
	col_copy(q, 3, t->status, sizeof(t->status));
	reset(q);
}

static _Noreturn void
die_of_event(struct run *r, const struct transaction *t, const char *id)
{
	if (t->event == EVENT_RELEASED_CARD_PAYMENT || t->payment != 0)
		die(EXIT_FORBIDDEN, "%s: its card payment is %s: there is nothing to notify of", id,
		    t->status);
	die(EXIT_FORBIDDEN,
	    "%s is no card payment and no external transaction: debits and refunds are notified by session: `%s`",
	    id, run_command(r, "push_notification send_for_recovery_session --id SESSION"));
}

static bool
is_payment_to_notify(const struct transaction *t)
{
	return t->payment != 0 && (strcmp(t->status, "authorized") == 0 ||
	                           strcmp(t->status, "captured") == 0 || strcmp(t->status, "rejected") == 0);
}

/* The attempt before the one that was found, if any. */
static void
check_attempt(struct run *r, enum notification_kind kind, const char *id)
{
	const char *again =
	    run_command(r, "push_notification send_for_transaction --id %s --force --why TEXT", id);
	struct stmt *q = sql(r->db,
	    "SELECT n.state, n.accepted_at, n.expires_at"
	    " FROM to_notify t"
	    " JOIN notification n ON n.name = $name AND n.profile_number = t.profile_number AND n.subject = t.subject"
	    "  AND n.attempt = t.attempt - 1");
	char at[INSTANT_TEXT];

	bind_text(q, "$name", notification_name(kind));
	while (row(q)) {
		if (strcmp(col_text(q, 0), "accepted") == 0)
			die(EXIT_FORBIDDEN, "%s: the member was notified at %s: to notify once more: `%s`",
			    id, instant_print_seconds(at, col_instant(q, 1)), again);
		if (strcmp(col_text(q, 0), "pending") == 0)
			die(EXIT_BUSY,
			    "%s: its notification has no receipt yet, and expires at %s: to send another one: `%s`",
			    id, instant_print_seconds(at, col_instant(q, 2)), again);
		die(EXIT_FORBIDDEN, "%s: its notification was %s: to send it once more: `%s`", id,
		    strcmp(col_text(q, 0), "refused") == 0 ? "refused by its receiver"
		                                           : "not delivered before it expired",
		    again);
	}
}

enum notification_kind
asked_find_transaction(struct run *r, const char *id, bool forced)
{
	enum notification_kind kind = NOTIFY_POST_PAYMENT;
	struct transaction t;
	char at[INSTANT_TEXT];

	load_transaction(r, id, &t);
	notice_begin(r);
	if (t.event == EVENT_EXTERNAL_TRANSACTION) {
		kind = NOTIFY_EXTERNAL_TRANSACTION;
		if (t.sent_at != INSTANT_NONE && !forced)
			die(EXIT_FORBIDDEN,
			    "%s: another component notified the member at %s: to notify once more: `%s`", id,
			    instant_print_seconds(at, t.sent_at),
			    run_command(
				r, "push_notification send_for_transaction --id %s --force --why TEXT", id));
		notice_find_transaction(r, t.profile, t.number);
	} else if (is_payment_to_notify(&t) && t.event != EVENT_RELEASED_CARD_PAYMENT) {
		notice_find_payment(r, t.profile, t.payment);
	} else {
		die_of_event(r, &t, id);
	}
	if (!forced)
		check_attempt(r, kind, id);
	return kind;
}

/* Sending ------------------------------------------------------------------------------------------------------------ */

int64_t
asked_send(struct run *r, enum notification_kind kind, const struct notification_asked *asked)
{
	int64_t first, batches;

	tx_begin(r->db);
	first = notification_store(r, kind, asked, &batches);
	batch_publish(r, kind, first, batches);
	if (first != 0)
		batch_publish_manifest(r, first);
	tx_commit(r->db);
	publish_place(r);
	delivery_send(r);
	answers_view(r);
	return first;
}
