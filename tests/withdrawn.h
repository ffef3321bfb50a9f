/* withdrawn: the home of frozen.h with the debits of February released in bank file 1, which persons withdraw, and what the bank
 * reports then.
 */
#ifndef TESTS_WITHDRAWN_H
#define TESTS_WITHDRAWN_H

#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/bankentry.h"
#include "stages/core/bank/bankpost.h"
#include "stages/core/bank/make.h"
#include "stages/core/bank/release.h"
#include "stages/core/bank/withdrawal.h"
#include "stages/core/engine/exception.h"
#include "stages/core/home/publish.h"

#define ADA     FROZEN_ID("4")
#define BOB     FROZEN_ID("8")
#define CYD     FROZEN_ID("c")
#define NAME    "SDD-20260228-1-20260310-1.xml"
#define MSG_ID  "0badcafe-20260228-1-D1"
#define NEXT_ID "0badcafe-20260228-1-D2"

static inline struct bankfile
load(struct run *r, int64_t number)
{
	struct bankfile f;

	assert_true(bankfile_load(r, number, &f));
	return f;
}

/* Made and released in the night to 4 March; a message for entries to come from. */
static inline int
open_released(void **state)
{
	struct run *r;
	struct bankfile f;

	frozen_open(state);
	r = *state;
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	config_free(r->config);
	r->config = home_config(HOME_CONFIG "[release]\napprovals = 0\nrequire_notice = no\n");
	home_exec(
	    r,
	    "INSERT INTO stage_run (stage, business_on, now_at, state, exit_status, config_sha256, pid, started_at)"
	    " VALUES ('audit', '2026-03-04', 0, 'done', 0, zeroblob(32), 1, 0)");
	assert_int_equal(bankfile_mark_audited(r), 1);
	f = load(r, 1);
	r->as = "rita";
	release_bank_file(r, &f);
	return 0;
}

static inline int
open_uploaded(void **state)
{
	struct bankfile f;
	struct run *r;

	open_released(state);
	r = *state;
	f = load(r, 1);
	assert_true(release_mark_uploaded(r, &f, "EB-1"));
	return 0;
}

static inline bool
state_as(struct run *r, const char *person, enum withdrawal_way way)
{
	struct bankfile f = load(r, 1);

	r->as = person;
	return withdrawal_give(r, &f, way, "the bank does not list it");
}

static inline void
withdraw(struct run *r, enum withdrawal_way way)
{
	assert_true(state_as(r, "alice", way));
	assert_true(state_as(r, "bob", way));
	assert_int_equal(load(r, 1).state, BANKFILE_WITHDRAWN);
}

#define DEBTS \
	"SELECT status || coalesce(' ' || failure, '') FROM debt WHERE session_number = 1 ORDER BY profile_number"
#define COLLECTIONS                                                                                         \
	"SELECT file_number || ' ' || end_to_end_id || ' ' || presentation || ' ' || state FROM collection" \
	" ORDER BY file_number, profile_number"
#define OF_FILE(n, more, nth, state)                                                                     \
	n " " ADA more " " nth " " state ";" n " " BOB more " " nth " " state ";" n " " CYD more " " nth \
	  " " state ";"

/* --- what the bank reports ---------------------------------------------------------------------------------------- */

struct reported {
	const char *kind, *level, *status, *msg_id, *end_to_end_id, *reason;
	cents amount;
	int hour; /* of the message, on 5 March */
};

static inline void
report(struct run *r, const struct reported *t)
{
	struct stmt *q;

	q = sql(r->db,
	    "INSERT INTO bank_message (number, kind, msg_id, document, created_at, entries, repeated, of_others,"
	    "  input_number)"
	    " SELECT count(*) + 1, $kind, 'M' || count(*), 1, $hour * 3600000, 1, 0, 0, 1 FROM bank_message");
	bind_text(q, "$kind", strcmp(t->kind, "status") == 0 ? "pain.002" : "camt.054");
	bind_int(q, "$hour", t->hour);
	exec(q);
	q = sql(r->db,
	    "INSERT INTO bank_entry (number, message_number, nth, line, kind, level, status, msg_id,"
	    "  end_to_end_id, amount_in_cents, event_on, reason, fingerprint, occurrence, message_kind, state)"
	    " SELECT count(*), count(*), 1, 7, $kind, $level, $status, $msg, $e2e, $amount, '2026-03-05', $reason,"
	    "  randomblob(32), 1, CASE $kind WHEN 'status' THEN 'pain.002' ELSE 'camt.054' END, 'new'"
	    " FROM bank_message");
	bind_text(q, "$kind", t->kind);
	bind_text(q, "$level", t->level);
	bind_text(q, "$status", t->status);
	bind_text(q, "$msg", t->msg_id);
	bind_text(q, "$e2e", t->end_to_end_id);
	bind_int_or(q, "$amount", t->amount, 0); /* of a status none is reported */
	bind_text(q, "$reason", t->reason);
	exec(q);
}

/* As the night to 6 March does. */
static inline void
reconcile(struct run *r)
{
	home_reopen(r);
	frozen_at(r, "2026-03-06T02:30:00Z");
	r->as = "nightly";
	bankentry_apply(r);
}

static inline const char *
open_codes(struct run *r)
{
	return frozen_list(r, "SELECT code FROM exception WHERE state = 'open' ORDER BY number");
}

#define OF_ALL(word, why, at)                                          \
	{                                                              \
		"status", "file", (word), MSG_ID, NULL, (why), 0, (at) \
	}
#define CREDIT(id, cents, msg)                                         \
	{                                                              \
		"credit", NULL, "BOOK", (msg), (id), NULL, (cents), 12 \
	}
#define RETURN(id, cents, msg)                                           \
	{                                                                \
		"return", NULL, "BOOK", (msg), (id), "AM04", (cents), 12 \
	}

static inline void
make_next(struct run *r)
{
	frozen_at(r, "2026-03-06T02:30:00Z");
	r->as = "nightly";
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_string_equal(load(r, 2).msg_id, NEXT_ID);
	assert_int_equal(load(r, 2).sum, FROZEN_SUM);
	frozen_check_identity(r);
}

/* The next version, at the bank. */
static inline void
present_next(struct run *r)
{
	withdraw(r, WITHDRAWAL_REBUILD);
	make_next(r);
	bankfile_set_state(r, 2, BANKFILE_UPLOADED);
}

#define RELEASED(test) cmocka_unit_test_setup_teardown(test, open_released, home_teardown)
#define UPLOADED(test) cmocka_unit_test_setup_teardown(test, open_uploaded, home_teardown)

#endif
