/* bankentry: many equal entries cost as much each as few do, whatever they are of. Counted are the steps of SQLite, not time. */
#include "tests/answers.h"

#define FEW  50
#define MANY 400

/* Entries of one kind, equal but for their number. */
static void
report_many(struct run *r, const struct answer *a, int count)
{
	struct stmt *q = sql(r->db,
	    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $count)"
	    " INSERT INTO bank_entry (number, message_number, nth, line, kind, level, status, msg_id,"
	    "  end_to_end_id, mandate_reference, amount_in_cents, event_on, reason, fingerprint, occurrence,"
	    "  message_kind, state)"
	    " SELECT $first + i, $message, i, i, $kind, $level, $status, $msg, $e2e, $mandate, $amount, $on,"
	    "  $reason, $digest, i, $type, 'new' FROM n");
	unsigned char digest[SHA256_SIZE];

	answers_fingerprint(a, digest);
	bind_int(q, "$count", count);
	bind_int(q, "$first", home_number(r, "SELECT coalesce(max(number), 0) + 1 FROM bank_entry"));
	bind_int(q, "$message", answers_message(r, a));
	bind_text(q, "$kind", a->kind);
	bind_text(q, "$level", a->level);
	bind_text(q, "$status", a->status == NULL ? "BOOK" : a->status);
	bind_text(q, "$msg", a->msg_id == NULL && strcmp(a->kind, "status") == 0 ? MSG_ID : a->msg_id);
	bind_text(q, "$e2e", a->id);
	bind_text(q, "$mandate", a->mandate);
	bind_int_or(q, "$amount", a->amount, 0);
	bind_text(q, "$on", a->on == NULL ? "2026-03-10" : a->on);
	bind_text(q, "$reason", a->reason);
	bind_blob(q, "$digest", digest, SHA256_SIZE);
	bind_text(q, "$type", answers_type(a));
	exec(q);
}

struct crowd {
	const char *name;
	struct answer before[2], equal[2];
};

#define RJCT(day)                                                                                      \
	{                                                                                              \
		.kind = "status", .level = "debit", .status = "RJCT", .id = BOB, .on = "2026-03-" day, \
		.at = "2026-03-" day "T10:00:00Z", .reason = "AC06"                                    \
	}

static const struct crowd crowds[] = {
    {"credits", {{0}}, {CREDIT(BOB, 990)}},
    {"credits in two kinds of messages", {{0}}, {CREDIT(BOB, 990), CREDIT(BOB, 990, .type = "camt.053")}},
    {"returns", {{0}}, {RETURN(BOB, 990, .reason = "AC06")}},
    {"credits and returns",
     {{0}},
     {CREDIT(BOB, 990), RETURN(BOB, 990, .on = "2026-03-12", .reason = "AC06")}},
    {"credits of a rejected debit", {RJCT("09")}, {CREDIT(BOB, 990)}},
    {"credits before the reject", {RJCT("12")}, {CREDIT(BOB, 990)}},
    {"credits and returns of a rejected debit",
     {RJCT("09")},
     {CREDIT(BOB, 990), RETURN(BOB, 990, .reason = "AC06")}},
    {"returns of a rejected debit", {RJCT("09")}, {RETURN(BOB, 990, .reason = "MS03")}},
    {"returns that are taken back", {{0}}, {TAKEN_BACK(BOB, 990)}},
    {"credits of another amount", {{0}}, {CREDIT(BOB, 991)}},
    {"credits under a mandate", {{0}}, {CREDIT(NULL, 990, .mandate = "RUM-2")}},
    {"credits under the mandate of a stranger", {{0}}, {CREDIT(NULL, 990, .mandate = "X")}},
    {"credits of a stranger", {{0}}, {CREDIT("E1", 990)}},
    {"sums", {{0}}, {SUM(5)}},
    {"sums that were taken back", {SUM(12240)}, {BACK(5)}},
    {"rejects", {{0}}, {RJCT("09")}},
    {"rejects of a booked debit", {CREDIT(BOB, 990)}, {RJCT("12")}},
    {"acceptances of a rejected debit",
     {RJCT("09")},
     {OF_DEBIT("ACCP", BOB, .on = "2026-03-11", .at = "2026-03-11T10:00:00Z")}},
    {"acceptances of a rejected file",
     {STATUS("file", "RJCT")},
     {STATUS("file", "ACCP", .on = "2026-03-11", .at = "2026-03-11T10:00:00Z")}},
    {"unknown words", {{0}}, {OF_DEBIT("XXXX", BOB)}},
};

/* Of the night that applies them, in a home of its own. */
static int64_t
steps_of(const struct crowd *c, int count)
{
	void *home = NULL;
	struct run *r;
	int64_t before;
	size_t i;

	answers_open(&home);
	r = home;
	for (i = 0; i < LENGTH(c->before) && c->before[i].kind != NULL; i++)
		answers_report(r, &c->before[i]);
	answers_night(r);
	for (i = 0; i < LENGTH(c->equal) && c->equal[i].kind != NULL; i++)
		report_many(r, &c->equal[i], count);
	before = store_steps(r->db);
	answers_night(r);
	before = store_steps(r->db) - before;
	home_teardown(&home);
	return before;
}

/* Eight times as many. */
static bool
is_linear(const struct crowd *c, int few, int many)
{
	int64_t of_few = steps_of(c, few), of_many = steps_of(c, many);

	if (of_many <= 10 * of_few)
		return true;
	print_error("%s: %d take %lld steps, %d take %lld\n", c->name, few, (long long)of_few, many,
	            (long long)of_many);
	return false;
}

static void
bankentry_takes_many_equal_entries_one_by_one(void **state)
{
	bool failed = false;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(crowds); i++)
		failed = !is_linear(&crowds[i], FEW, MANY) || failed;
	assert_false(failed);
}

static void
bankentry_takes_twenty_thousand_credits_of_a_rejected_debit(void **state)
{
	static const struct crowd credits = {"credits", {RJCT("09")}, {CREDIT(BOB, 990)}};

	(void)state;
	assert_true(is_linear(&credits, 2500, 20000));
}

static int64_t
steps_of_night(struct run *r)
{
	int64_t before = store_steps(r->db);

	answers_night(r);
	return store_steps(r->db) - before;
}

/* Those that name nothing of ours cost what it takes to see that nobody has decided about them. */
static void
bankentry_leaves_strangers_alone(void **state)
{
	struct run *r = *state;
	int64_t first, later;

	report_many(r, &(struct answer)CREDIT("E1", 990), MANY);
	report_many(r, &(struct answer)RETURN(NULL, 990, .mandate = "X"), MANY);
	report_many(r, &(struct answer)STATUS("file", "RJCT", .msg_id = "another"), MANY);
	first = steps_of_night(r);
	later = steps_of_night(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE state = 'open'"), 3 * MANY);
	if (later * 10 > first)
		fail_msg("the night of %d strangers takes %lld steps, the next one %lld", 3 * MANY,
		         (long long)first, (long long)later);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bankentry_takes_many_equal_entries_one_by_one),
	    cmocka_unit_test(bankentry_takes_twenty_thousand_credits_of_a_rejected_debit),
	    UPLOADED(bankentry_leaves_strangers_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
