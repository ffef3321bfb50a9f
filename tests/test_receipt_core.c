/* receipt (core): which members count as notified, and since when, whatever receivers answer. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/make.h"
#include "stages/core/members/notification.h"
#include "stages/core/members/receipt.h"

/* Members 1, 2, 3 are notified of their debits at 02:30 on 5 March, as notifications 1, 2, 3; it is 08:30. */
static int
open_notified(void **state)
{
	struct run *r;
	int64_t batches;

	frozen_open(state);
	r = *state;
	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	frozen_at(r, "2026-03-05T02:30:00Z");
	tx_begin(r->db);
	assert_true(notification_plan(r, NOTIFY_RECOVERY_SESSION, &batches) > 0);
	tx_commit(r->db);
	frozen_at(r, "2026-03-05T08:30:00Z");
	return 0;
}

/* at: NULL: without one. */
static void
answer(struct run *r, uint32_t notification, enum receipt_status status, const char *at)
{
	static int64_t lines;
	struct receipt q = {.line = lines + 1,
	                    .id = uuid_of(HOME_STORE, UUID_NOTIFICATION, 0, notification),
	                    .status = status,
	                    .at = INSTANT_NONE,
	                    .text = "the line"};
	struct receipt_source source = {.input = 1};
	struct err e;

	if (at != NULL)
		assert_int_equal(instant_parse(at, &q.at, &e), 0);
	lines++;
	tx_begin(r->db);
	receipt_apply(r, &q, &source);
	tx_commit(r->db);
}

#define STATES                                                                                       \
	"SELECT state || coalesce(' ' || strftime('%d %H:%M', accepted_at / 1000, 'unixepoch'), '')" \
	" FROM notification ORDER BY number"
#define EXCEPTIONS \
	"SELECT kind || ' ' || code || coalesce(' ' || profile_number, '') FROM exception ORDER BY number"
#define RECEIPTS "SELECT notification_number || ' ' || status FROM receipt ORDER BY number"

static void
member_is_notified_when_the_receiver_says(void **state)
{
	struct run *r = *state;

	answer(r, 1, RECEIPT_ACCEPTED, "2026-03-05T06:00:00Z");
	answer(r, 2, RECEIPT_ACCEPTED, NULL);
	assert_string_equal(frozen_list(r, STATES), "accepted 05 06:00;accepted 05 08:30;pending;");
	assert_int_equal(receipt_count_pending(r), 1);
	assert_int_equal(r->count[COUNT_RECEIPTS_ACCEPTED], 2);
	assert_false(r->held);
}

static void
rejected_notification_is_final(void **state)
{
	struct run *r = *state;

	answer(r, 1, RECEIPT_UNKNOWN_USER, NULL);
	answer(r, 2, RECEIPT_INVALID, NULL);
	answer(r, 3, RECEIPT_EXPIRED, NULL);
	assert_string_equal(frozen_list(r, STATES), "refused;refused;expired;");
	assert_false(r->held);
}

static void
same_answer_is_counted(void **state)
{
	struct run *r = *state;

	answer(r, 1, RECEIPT_ACCEPTED, "2026-03-05T06:00:00Z");
	answer(r, 1, RECEIPT_ACCEPTED, "2026-03-05T07:00:00Z");
	assert_string_equal(frozen_list(r, STATES), "accepted 05 06:00;pending;pending;");
	assert_string_equal(frozen_list(r, RECEIPTS), "1 accepted;");
	assert_int_equal(r->count[COUNT_RECEIPTS_DUPLICATE], 1);
	assert_false(r->held);
}

static void
first_acceptance_wins_over_another_answer(void **state)
{
	struct run *r = *state;

	answer(r, 1, RECEIPT_ACCEPTED, "2026-03-05T06:00:00Z");
	answer(r, 1, RECEIPT_INVALID, NULL);
	answer(r, 2, RECEIPT_INVALID, NULL);
	answer(r, 2, RECEIPT_ACCEPTED, "2026-03-05T07:00:00Z");
	answer(r, 3, RECEIPT_INVALID, NULL);
	answer(r, 3, RECEIPT_UNKNOWN_USER, NULL);
	assert_string_equal(frozen_list(r, STATES), "accepted 05 06:00;accepted 05 07:00;refused;");
	assert_string_equal(frozen_list(r, RECEIPTS),
	                    "1 accepted;1 invalid;2 invalid;2 accepted;3 invalid;3 unknown_user;");
	assert_string_equal(frozen_list(r, EXCEPTIONS),
	                    "receipt contradicting_receipt 1;receipt contradicting_receipt 2;"
	                    "receipt contradicting_receipt 3;");
	assert_true(r->held);
}

static void
unknown_notification_is_held(void **state)
{
	struct run *r = *state;

	answer(r, 4, RECEIPT_ACCEPTED, NULL);
	answer(r, 4, RECEIPT_ACCEPTED, NULL);
	assert_string_equal(frozen_list(r, EXCEPTIONS), "receipt unknown_notification;");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM exception WHERE record = 'the line' AND input_number = 1"),
	    1);
	assert_string_equal(frozen_list(r, RECEIPTS), "");
}

static void
impossible_instant_is_held(void **state)
{
	static const struct {
		const char *at, *state;
	} cases[] = {
	    {"2026-03-05T02:19:59Z", "pending;pending;pending;"},
	    {"2026-03-05T02:20:00Z", "accepted 05 02:30;pending;pending;"}, /* its clock is a little late */
	    {"2026-03-05T02:30:01Z", "accepted 05 02:30;pending;pending;"},
	    {"9999-03-05T08:41:00Z", "pending;pending;pending;"}};
	struct run *r = *state;
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		home_rehearse(r);
		answer(r, 1, RECEIPT_ACCEPTED, cases[i].at);
		assert_string_equal(frozen_list(r, STATES), cases[i].state);
		assert_string_equal(frozen_list(r, EXCEPTIONS),
		                    cases[i].state[0] == 'p' ? "receipt receipt_date 1;" : "");
		home_reopen(r);
	}
}

static void
notification_expires_without_a_receipt(void **state)
{
	struct run *r = *state;

	answer(r, 1, RECEIPT_ACCEPTED, NULL);
	frozen_at(r, "2026-03-09T22:59:59Z");
	tx_begin(r->db);
	receipt_expire(r);
	assert_int_equal(r->count[COUNT_NOTIFICATIONS_EXPIRED], 0);
	frozen_at(r, "2026-03-09T23:00:00Z"); /* the day of the collection begins */
	receipt_expire(r);
	tx_commit(r->db);
	assert_string_equal(frozen_list(r, STATES), "accepted 05 08:30;expired;expired;");
	answer(r, 2, RECEIPT_ACCEPTED, "2026-03-06T08:00:00Z"); /* it came late */
	assert_string_equal(frozen_list(r, STATES), "accepted 05 08:30;accepted 06 08:00;expired;");
	assert_string_equal(frozen_list(r, EXCEPTIONS), "");
}

static void
receipt_stays_as_it_is(void **state)
{
	struct run *r = *state;

	answer(r, 1, RECEIPT_ACCEPTED, NULL);
	home_write("said", "");
	assert_string_equal(frozen_list(r, "SELECT name FROM sqlite_schema WHERE type = 'trigger'"
	                                   " AND tbl_name = 'receipt' ORDER BY name"),
	                    "receipt_is_never_changed;receipt_is_never_deleted;");
}

static void
receipts_are_written_with_their_source(void **state)
{
	struct run *r = *state;
	struct home_text text = {0};
	struct sink *s;

	answer(r, 2, RECEIPT_ACCEPTED, "2026-03-05T06:00:00Z");
	assert_int_equal(receipt_next_day(r, DATE_NONE), frozen_day("2026-03-05"));
	assert_int_equal(receipt_next_day(r, frozen_day("2026-03-05")), DATE_NONE);
	s = sink_new(home_keep, &text);
	receipt_write_day(r, frozen_day("2026-03-05"), s);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_non_null(strstr(
	    text.text, "{\"notification_id\":\"0badcafe-0700-8000-8000-000000000002\","
		       "\"name\":\"alan_pay__recovery_session\","
		       "\"profile_id\":\"0badcafe-0100-8000-8000-000000000002\",\"status\":\"accepted\","
		       "\"at\":\"2026-03-05T06:00:00.000Z\",\"message\":null,\"source\":\"an input\""));
	tx_begin(r->db);
	receipt_note_written(r);
	tx_commit(r->db);
	assert_int_equal(receipt_next_day(r, DATE_NONE), DATE_NONE);
}

static void
message_is_cut_between_two_characters(void **state)
{
	struct run *r = *state;
	struct receipt q = {.line = 1,
	                    .id = uuid_of(HOME_STORE, UUID_NOTIFICATION, 0, 1),
	                    .status = RECEIPT_INVALID,
	                    .at = INSTANT_NONE,
	                    .text = "the line"};
	struct receipt_source source = {.input = 1};
	char message[2 * RECEIPT_MESSAGE];
	size_t i;

	for (i = 0; i + 2 < sizeof(message); i += 2)
		memcpy(message + i + 1, "\xc3\xa9", 2); /* é */
	message[0] = 'x';
	message[i + 1] = '\0';
	q.message = message;
	tx_begin(r->db);
	receipt_apply(r, &q, &source);
	tx_commit(r->db);
	assert_int_equal(home_number(r, "SELECT length(CAST(message AS BLOB)) FROM receipt"),
	                 RECEIPT_MESSAGE - 1);
}

static void
day_with_receipts_is_found_again(void **state)
{
	struct run *r = *state;

	assert_int_equal(receipt_next_answered_day(r, frozen_day("2026-03-04")), DATE_NONE);
	answer(r, 2, RECEIPT_ACCEPTED, NULL);
	tx_begin(r->db);
	receipt_note_written(r);
	tx_commit(r->db);
	assert_int_equal(receipt_next_day(r, DATE_NONE), DATE_NONE);
	assert_int_equal(receipt_next_answered_day(r, frozen_day("2026-03-04")), frozen_day("2026-03-05"));
	assert_int_equal(receipt_next_answered_day(r, frozen_day("2026-03-05")), DATE_NONE);
}

#define WITH_NOTIFIED(test) cmocka_unit_test_setup_teardown(test, open_notified, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_NOTIFIED(member_is_notified_when_the_receiver_says),
	    WITH_NOTIFIED(rejected_notification_is_final),
	    WITH_NOTIFIED(same_answer_is_counted),
	    WITH_NOTIFIED(first_acceptance_wins_over_another_answer),
	    WITH_NOTIFIED(unknown_notification_is_held),
	    WITH_NOTIFIED(impossible_instant_is_held),
	    WITH_NOTIFIED(notification_expires_without_a_receipt),
	    WITH_NOTIFIED(receipt_stays_as_it_is),
	    WITH_NOTIFIED(receipts_are_written_with_their_source),
	    WITH_NOTIFIED(message_is_cut_between_two_characters),
	    WITH_NOTIFIED(day_with_receipts_is_found_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
