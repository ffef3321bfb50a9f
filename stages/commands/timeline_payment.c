/* timeline_payment: what happened to a card payment: its transactions at Swan, exceptions and decisions about them, what was
 * posted, and the debt that it went into. See timeline.h. */
#include "stages/commands/timeline.h"
#include "stages/commands/timeline_event.h"
#include "stages/core/engine/key.h"

/* The newest version of each transaction: older ones are only in the archived CSV. */
static void
add_swan_transactions(struct run *r, int64_t profile, int64_t number)
{
	struct stmt *q =
	    sql(r->db,
	    EVENT
	    " SELECT t.created_at, NULL, 'imported', t.amount_in_cents, NULL,"
	    "  type.word || ' ' || status.word || coalesce(', ' || why.word, ''), t.input_number, t.line"
	    " FROM swan_transaction t"
	    " JOIN code type ON type.number = t.type"
	    " JOIN code status ON status.number = t.status"
	    " LEFT JOIN code why ON why.number = t.reason"
	    " WHERE " SQL_OF_PAYMENT("t", SQL_KEY("$profile", "$number"))
	    " ORDER BY t.created_at, t.id");

	timeline_add(q, profile, number);
}

static void
add_transactions_of_payment(struct run *r, int64_t profile, int64_t number)
{
	struct stmt *posted = sql(r->db,
	    EVENT
	    " SELECT b.transaction_at, NULL, 'posted', b.amount_in_cents, NULL,"
	    "  c.word || CASE WHEN s.code IS NULL THEN '' ELSE ', in the debt of session ' || s.code END"
	    "  || coalesce(', debt ' || d.status, ''), b.input_number, b.line"
	    " FROM balance_transaction b"
	    " JOIN code c ON c.number = b.event"
	    " LEFT JOIN session s ON s.number = b.session_number"
	    " LEFT JOIN debt d ON d.profile_number = b.profile_number AND d.session_number = b.session_number"
	    " WHERE " SQL_OF_MEMBER("b.key", "$profile") " AND b.payment_number = $number"
	    " ORDER BY b.number");
	struct stmt *frozen =
	    sql(r->db,
	    EVENT
	    " SELECT DISTINCT s.frozen_at, NULL, 'frozen', d.amount_in_cents, NULL,"
	    "  'the debt of session ' || s.code || ', with this payment', NULL, NULL"
	    " FROM balance_transaction b"
	    " JOIN debt d ON d.profile_number = b.profile_number AND d.session_number = b.session_number"
	    " JOIN session s ON s.number = d.session_number"
	    " WHERE " SQL_OF_MEMBER("b.key", "$profile") " AND b.payment_number = $number AND s.frozen_at IS NOT NULL"
	    " ORDER BY s.frozen_at");

	timeline_add(posted, profile, number);
	timeline_add(frozen, profile, number);
}

static void
add_acts_on_payment(struct run *r, int64_t profile, int64_t number)
{
	struct stmt *attributed =
	    sql(r->db,
	    ACT
	    " SELECT a.attributed_at, NULL, 'attributed', NULL, a.attributed_by,"
	    "  'transaction ' || a.transaction_id || ': ' || a.why, NULL, NULL, a.attributed_identity"
	    " FROM swan_transaction t"
	    " JOIN attribution a ON a.id = t.id"
	    " WHERE " SQL_OF_PAYMENT("t", SQL_KEY("$profile", "$number"))
	    " ORDER BY a.attributed_at");
	struct stmt *notified = sql(r->db,
	    ACT
	    " SELECT coalesce(accepted_at, created_at), NULL, 'notified', NULL, asked_by, name || ' ' || params"
	    "  || CASE WHEN state = 'accepted' THEN '' ELSE ', ' || state END"
	    "  || CASE WHEN asked_why IS NULL THEN '' ELSE ': ' || asked_why END, NULL, NULL, asked_identity"
	    " FROM notification"
	    " WHERE profile_number = $profile AND subject_type = 'card_payment'"
	    "  AND (subject = CAST($number AS TEXT) OR subject = CAST($number AS TEXT) || '/2')"
	    " ORDER BY created_at");

	timeline_add(attributed, profile, number);
	timeline_add(notified, profile, number);
}

/* Exceptions have Swan's id as text, the books as bytes. */
static void
add_exceptions_of_transaction(struct run *r, const char *transaction)
{
	struct stmt *q = sql(r->db, EXCEPTIONS("x.kind = 'swan_transaction' AND x.key = $transaction"));

	bind_text(q, "$transaction", transaction);
	exec(q);
}

static void
add_exceptions_of_payment(struct run *r, int64_t profile, int64_t number)
{
	unsigned char after[STORE_KEY] = {0};
	char text[STORE_KEY + 1];
	size_t n = 1, size;
	const void *id;
	struct stmt *q;

	for (;;) {
		q = sql(r->db,
		    "SELECT t.id FROM swan_transaction t"
		    " WHERE " SQL_OF_PAYMENT("t", SQL_KEY("$profile", "$number")) " AND t.id > $after"
		    " ORDER BY t.id LIMIT 1");
		bind_int(q, "$profile", profile);
		bind_int(q, "$number", number);
		bind_blob(q, "$after", after, n);
		if (!row(q))
			return;
		id = col_blob(q, 0, &size);
		store_key_print(id, size, text);
		reset(q);
		n = store_key(text, after);
		add_exceptions_of_transaction(r, text);
	}
}

/* How the debts that it went into were presented, and how that ended. */
static void
add_debts_of_payment(struct run *r, int64_t profile, int64_t number)
{
	int64_t session = 0;
	struct stmt *q;

	for (;;) {
		q = sql(r->db,
		    "SELECT session_number FROM balance_transaction"
		    " WHERE " SQL_OF_MEMBER("key", "$profile") " AND payment_number = $number AND session_number > $after"
		    " ORDER BY session_number LIMIT 1");
		bind_int(q, "$profile", profile);
		bind_int(q, "$number", number);
		bind_int(q, "$after", session);
		session = value(q, 0);
		if (session == 0)
			return;
		timeline_add_presentations(r, profile, session);
	}
}

void
timeline_of_payment(struct run *r, int64_t profile, int64_t number)
{
	timeline_begin(r);
	timeline_add_profile(r, profile);
	add_swan_transactions(r, profile, number);
	add_exceptions_of_payment(r, profile, number);
	add_acts_on_payment(r, profile, number);
	add_transactions_of_payment(r, profile, number);
	add_debts_of_payment(r, profile, number);
	timeline_end(r);
}
