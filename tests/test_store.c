/* store: units of work, rehearsal, values there and back, ids of outside, and what the triggers refuse. */
#include "formats/length.h"
#include "tests/home.h"

#define MARKS "SELECT count(*) FROM cursor"

static void
put_mark(struct run *r, const char *name)
{
	struct stmt *q = sql(r->db, "INSERT INTO cursor (name, value) VALUES ($name, 1)");

	bind_text(q, "$name", name);
	assert_int_equal(exec(q), 1);
}

static void
store_keeps_what_was_committed(void **state)
{
	struct run *r = *state;

	assert_false(tx_open(r->db));
	tx_begin(r->db);
	assert_true(tx_open(r->db));
	put_mark(r, "a");
	tx_commit(r->db);
	assert_false(tx_open(r->db));
	home_reopen(r);
	assert_int_equal(home_number(r, MARKS), 1);
	assert_int_equal(store_id(r->db), HOME_STORE);
}

static void
store_forgets_what_was_rolled_back(void **state)
{
	struct run *r = *state;

	tx_begin(r->db);
	put_mark(r, "a");
	tx_rollback(r->db);
	assert_false(tx_open(r->db));
	assert_int_equal(home_number(r, MARKS), 0);
	tx_rollback(r->db); /* nothing is open: nothing happens */
	assert_int_equal(home_number(r, MARKS), 0);
}

static void
store_rolls_an_inner_unit_back_alone(void **state)
{
	struct run *r = *state;

	tx_begin(r->db);
	put_mark(r, "outer");
	tx_begin(r->db);
	put_mark(r, "inner");
	tx_rollback(r->db);
	assert_true(tx_open(r->db));
	tx_begin(r->db);
	put_mark(r, "second");
	tx_commit(r->db);
	assert_int_equal(home_number(r, MARKS), 2);
	tx_commit(r->db);
	assert_int_equal(home_number(r, "SELECT count(*) FROM cursor WHERE name IN ('outer', 'second')"), 2);
	assert_int_equal(home_number(r, MARKS), 2);
}

static void
store_rolls_back_while_a_query_is_half_read(void **state)
{
	struct run *r = *state;

	put_mark(r, "a");
	put_mark(r, "b");
	tx_begin(r->db);
	put_mark(r, "c");
	assert_true(row(sql(r->db, "SELECT name FROM cursor")));
	tx_rollback(r->db);
	assert_int_equal(home_number(r, MARKS), 2);
}

static void
store_rehearsal_leaves_nothing(void **state)
{
	struct run *r = *state;

	home_rehearse(r);
	assert_false(tx_open(r->db));
	tx_begin(r->db);
	put_mark(r, "kept within");
	assert_int_equal(store_number(r->db, "profile"), 1);
	tx_begin(r->db);
	put_mark(r, "inner");
	tx_rollback(r->db);
	tx_commit(r->db);
	tx_begin(r->db);
	put_mark(r, "other");
	tx_rollback(r->db);
	assert_int_equal(home_number(r, MARKS), 1);
	home_reopen(r);
	assert_int_equal(home_number(r, MARKS), 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM counter"), 0);
}

static void
store_takes_values_and_gives_them_back(void **state)
{
	struct run *r = *state;
	struct err e = {0};
	const unsigned char bytes[] = {0, 255, 0, 7};
	const void *back;
	struct stmt *q;
	instant at;
	date on;
	size_t n;

	assert_int_equal(date_parse("2028-02-29", &on, &e), 0);
	assert_int_equal(instant_parse("1969-12-31T23:59:59.999Z", &at, &e), 0);
	q = sql(r->db, "SELECT $least, $text, $blob, $on, $at, $none, $no_text, $no_day, $no_time");
	bind_int(q, "$least", INT64_MIN);
	bind_text(q, "$text", "l'\xc3\xa9t\xc3\xa9; --");
	bind_blob(q, "$blob", bytes, sizeof(bytes));
	bind_date(q, "$on", on);
	bind_instant(q, "$at", at);
	bind_int_or(q, "$none", 0, 0);
	bind_text(q, "$no_text", NULL);
	bind_date(q, "$no_day", DATE_NONE);
	bind_instant(q, "$no_time", INSTANT_NONE);
	assert_true(row(q));
	assert_true(col_int(q, 0) == INT64_MIN);
	assert_string_equal(col_text(q, 1), "l'\xc3\xa9t\xc3\xa9; --");
	back = col_blob(q, 2, &n);
	assert_int_equal(n, sizeof(bytes));
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_int_equal(col_date(q, 3), on);
	assert_string_equal(col_text(q, 3), "2028-02-29");
	assert_true(col_instant(q, 4) == at);
	assert_int_equal(col_int(q, 4), -1);
	for (int i = 5; i < 9; i++)
		assert_true(col_null(q, i));
	assert_null(col_text(q, 6));
	assert_int_equal(col_date(q, 7), DATE_NONE);
	assert_true(col_instant(q, 8) == INSTANT_NONE);
	assert_int_equal(col_int_or(q, 5, 42), 42);
	assert_int_equal(col_int_or(q, 4, 42), -1);
	assert_false(row(q));
}

#define TEXTS 300

static void
store_finds_each_statement_by_its_text(void **state)
{
	static char text[TEXTS][24];
	struct stmt *first[TEXTS], *made;
	struct run *r = *state;
	int i;

	for (i = 0; i < TEXTS; i++) {
		snprintf(text[i], sizeof(text[i]), "SELECT %d", i);
		first[i] = sql(r->db, text[i]);
	}
	made = sql_made(r->db, "SELECT 7");
	assert_ptr_not_equal(made, first[7]);
	for (i = 0; i < TEXTS; i++) {
		assert_ptr_equal(sql(r->db, text[i]), first[i]);
		assert_int_equal(value(first[i], -1), i);
	}
	assert_ptr_equal(sql_made(r->db, "SELECT 7"), made);
	assert_int_equal(value(made, -1), 7);
}

static void
store_starts_a_half_read_statement_from_its_first_row(void **state)
{
	struct run *r = *state;
	struct stmt *q = NULL;
	int i;

	put_mark(r, "a");
	put_mark(r, "b");
	for (i = 0; i < 2; i++) {
		q = sql(r->db, "SELECT name FROM cursor ORDER BY name");
		assert_true(row(q));
		assert_string_equal(col_text(q, 0), "a");
	}
	assert_true(row(q));
	reset(q);
	assert_true(row(q));
	assert_string_equal(col_text(q, 0), "a");
	reset(q);
}

static void
store_binds_parameters_in_any_order(void **state)
{
	static const char *const name[] = {"$a", "$b", "$c"};
	static const int order[][3] = {{2, 0, 1}, {0, 1, 2}, {1, 2, 0}, {2, 1, 0}};
	struct run *r = *state;
	struct stmt *q;
	size_t i;
	int k;

	for (i = 0; i < LENGTH(order); i++) {
		q = sql(r->db, "SELECT $a, $b, $c, $a");
		for (k = 0; k < 3; k++)
			bind_int(q, name[order[i][k]], order[i][k] + (int)i);
		assert_true(row(q));
		for (k = 0; k < 4; k++)
			assert_int_equal(col_int(q, k), k % 3 + (int)i);
		reset(q);
	}
}

static void
store_value_is_absent_without_a_row_or_with_null(void **state)
{
	struct run *r = *state;

	assert_int_equal(value(sql(r->db, "SELECT 5"), 7), 5);
	assert_int_equal(value(sql(r->db, "SELECT NULL"), 7), 7);
	assert_int_equal(value(sql(r->db, "SELECT 5 WHERE 0"), 7), 7);
}

static void
store_counts_the_rows_it_changed(void **state)
{
	struct run *r = *state;
	struct stmt *q;
	int64_t before;

	put_mark(r, "a");
	put_mark(r, "b");
	before = store_changes(r->db);
	assert_int_equal(exec(sql(r->db, "UPDATE cursor SET value = 2")), 2);
	q = sql(r->db, "INSERT INTO cursor (name, value) VALUES ('a', 9) ON CONFLICT (name) DO NOTHING");
	assert_int_equal(exec(q), 0);
	assert_int_equal(exec(sql(r->db, "DELETE FROM cursor WHERE name = 'c'")), 0);
	assert_int_equal(store_changes(r->db) - before, 2);
}

static void
store_numbers_each_counter_from_one(void **state)
{
	struct run *r = *state;

	assert_int_equal(store_number(r->db, "profile"), 1);
	assert_int_equal(store_number(r->db, "profile"), 2);
	assert_int_equal(store_number(r->db, "session"), 1);
	tx_begin(r->db);
	assert_int_equal(store_number(r->db, "profile"), 3);
	tx_rollback(r->db);
	assert_int_equal(store_number(r->db, "profile"), 3);
	home_reopen(r);
	assert_int_equal(store_number(r->db, "profile"), 4);
}

#define LAST(name) "SELECT last FROM counter WHERE name = '" name "'"

static void
store_gives_the_numbers_of_a_unit_that_was_rolled_back_once_more(void **state)
{
	struct run *r = *state;

	tx_begin(r->db);
	assert_int_equal(store_number(r->db, "profile"), 1);
	tx_begin(r->db);
	assert_int_equal(store_number(r->db, "profile"), 2);
	assert_int_equal(store_numbers(r->db, "mandate", 5), 1);
	tx_begin(r->db);
	assert_int_equal(store_number(r->db, "mandate"), 6);
	tx_commit(r->db);
	tx_rollback(r->db);
	assert_int_equal(store_number(r->db, "session"), 1);
	assert_int_equal(store_number(r->db, "profile"), 2);
	tx_begin(r->db);
	assert_int_equal(store_number(r->db, "mandate"), 1);
	assert_int_equal(store_number(r->db, "profile"), 3);
	tx_commit(r->db);
	assert_int_equal(store_numbers(r->db, "request", 0), 1);
	tx_commit(r->db);
	assert_int_equal(home_number(r, LAST("profile")), 3);
	assert_int_equal(home_number(r, LAST("mandate")), 1);
	assert_int_equal(home_number(r, LAST("session")), 1);
	assert_int_equal(home_number(r, LAST("request")), 0);
	tx_begin(r->db);
	assert_int_equal(store_number(r->db, "profile"), 4);
	tx_rollback(r->db);
	assert_int_equal(store_number(r->db, "profile"), 4);
	assert_int_equal(home_number(r, LAST("profile")), 4);
}

static void
use_a_counter_up(struct run *r)
{
	tx_begin(r->db);
	(void)store_numbers(r->db, "profile", UUID_NUMBERS - 1);
	(void)store_number(r->db, "profile");
}

static void
die_before_commit(void *ctx)
{
	(void)ctx;
	die(EXIT_IO, "no line can be written");
}

/* As the journal does: what is open is rolled back, and a unit of its own follows. */
static void
note_the_end(void *ctx, enum exit_status status, const char *message)
{
	struct run *r = ctx;

	store_on_commit(r->db, &(struct store_hook){0});
	while (tx_open(r->db))
		tx_rollback(r->db);
	tx_begin(r->db);
	put_mark(r, store_number(r->db, "profile") == 1 ? "once more" : "another one");
	tx_commit(r->db);
	home_leave(NULL, status, message);
}

static void
commit_with_a_hook_that_dies(struct run *r)
{
	log_on_die(note_the_end, r);
	store_on_commit(r->db, &(struct store_hook){.before = die_before_commit});
	tx_begin(r->db);
	put_mark(r, "never");
	(void)store_number(r->db, "profile");
	tx_commit(r->db);
}

static void
store_is_rolled_back_when_a_hook_dies(void **state)
{
	struct run *r = *state;

	home_dies(r, commit_with_a_hook_that_dies, EXIT_IO, "no line can be written");
	assert_int_equal(home_number(r, "SELECT count(*) FROM cursor WHERE name = 'once more'"), 1);
	assert_int_equal(home_number(r, MARKS), 1);
	assert_int_equal(home_number(r, LAST("profile")), 1);
}

static void
store_key_is_short_and_leads_back(void **state)
{
	static const struct {
		const char *id;
		size_t n;
	} cases[] = {
	    {"a1b2c3d4-0512-8345-99e0-00002abcdef1", 16},
	    {"A1B2C3D4-0512-8345-99E0-00002ABCDEF1",
	     36}, /* another text: it must not come back in lower case */
	    {"a1b2c3d40512834599e000002abcdef1", 32},
	    {"x", 1},
	    {"fifteen letters", 15},
	    {"sixteen letters.", 17}, /* a NUL makes it other than any UUID */
	    {"seventeen letters", 17},
	    {"tx_\xc3\xa9", 5},
	};
	unsigned char key[STORE_KEY];
	char text[STORE_KEY + 1], longest[STORE_KEY];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		assert_int_equal(store_key(cases[i].id, key), cases[i].n);
		assert_int_equal(store_key_print(key, cases[i].n, text), strlen(cases[i].id));
		assert_string_equal(text, cases[i].id);
	}
	memset(longest, 'z', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_int_equal(store_key(longest, key), STORE_KEY - 1);
	store_key_print(key, STORE_KEY - 1, text);
	assert_string_equal(text, longest);
}

static void
give_an_empty_id(struct run *r)
{
	unsigned char key[STORE_KEY];

	(void)r;
	store_key("", key);
}

static void
give_an_id_that_is_too_long(struct run *r)
{
	unsigned char key[STORE_KEY];
	char id[STORE_KEY + 1];

	(void)r;
	memset(id, 'z', sizeof(id) - 1);
	id[sizeof(id) - 1] = '\0';
	store_key(id, key);
}

static void
create_again(struct run *r)
{
	store_create("state/alanpay.db", 1, ENVIRONMENT_TEST, r->now);
}

static void
open_what_is_absent(struct run *r)
{
	(void)r;
	store_open("state/other.db", STORE_CHANGES);
}

static void
open_another_version(struct run *r)
{
	struct store *other;

	store_create("state/other.db", 1, ENVIRONMENT_TEST, r->now);
	other = store_open("state/other.db", STORE_CHANGES);
	exec(sql(other, "PRAGMA user_version = 1"));
	store_close(other);
	store_open("state/other.db", STORE_READS);
}

static void
open_what_is_of_others(struct run *r)
{
	(void)r;
	home_write("state/empty.db", "");
	store_open("state/empty.db", STORE_READS);
}

static void
commit_without_a_unit(struct run *r)
{
	tx_commit(r->db);
}

static void
write_while_reading(struct run *r)
{
	store_close(r->db);
	r->db = store_open("state/alanpay.db", STORE_READS);
	put_mark(r, "a");
}

static void
bind_what_is_not_there(struct run *r)
{
	bind_int(sql(r->db, "SELECT $a"), "$b", 1);
}

static void
ask_for_what_is_no_table(struct run *r)
{
	sql(r->db, "SELECT 1 FROM nowhere");
}

static void
read_what_is_no_day(struct run *r)
{
	struct stmt *q = sql(r->db, "SELECT '2026-02-30'");

	(void)row(q);
	(void)col_date(q, 0);
}

static void
break_a_key(struct run *r)
{
	put_mark(r, "a");
	exec(sql(r->db, "INSERT INTO cursor (name, value) VALUES ('a', 2)"));
}

static void
name_a_member_that_is_not_there(struct run *r)
{
	exec(sql(r->db, "INSERT INTO account_membership (id, profile_number) VALUES ('m', 77)"));
}

static void
store_gives_ids_that_lead_back(void **state)
{
	struct run *r = *state;
	struct uuid profile = store_uuid(r->db, UUID_PROFILE, 0, 70000),
		    transaction = store_uuid(r->db, UUID_BALANCE_TRANSACTION, 70000, 12);
	char printed[UUID_TEXT], text[UUID_TEXT];
	uint32_t owner, number;

	assert_true(uuid_split(&profile, HOME_STORE, UUID_PROFILE, &owner, &number));
	assert_int_equal(owner, 0);
	assert_int_equal(number, 70000);
	assert_true(uuid_split(&transaction, HOME_STORE, UUID_BALANCE_TRANSACTION, &owner, &number));
	assert_int_equal(owner, 70000);
	assert_int_equal(number, 12);
	store_uuid_print(r->db, UUID_BALANCE_TRANSACTION, 70000, 12, printed);
	assert_string_equal(printed, uuid_print(text, &transaction));
}

static const char *const words[] = {"generated", "approved"};

static void
read_an_unknown_word(struct run *r)
{
	struct stmt *q = sql(r->db, "SELECT 'approved ' AS word");

	assert_true(row(q));
	col_word(q, 0, words, 2);
}

static void
store_reads_a_word_as_its_place_in_a_table(void **state)
{
	struct run *r = *state;
	struct stmt *q = sql(r->db, "SELECT 'approved' AS word");

	assert_true(row(q));
	assert_int_equal(col_word(q, 0, words, 2), 1);
	reset(q);
	home_dies(r, read_an_unknown_word, EXIT_BUG, "an unknown word");
}

static void
store_dies_of_what_cannot_be(void **state)
{
	struct run *r = *state;

	home_dies(r, give_an_empty_id, EXIT_BUG, "external id");
	home_dies(r, give_an_id_that_is_too_long, EXIT_BUG, "external id");
	home_dies(r, create_again, EXIT_OVERWRITE, "exists: init makes");
	home_dies(r, open_what_is_absent, EXIT_CONFIG, "run `alanpay restore`");
	home_dies(r, commit_without_a_unit, EXIT_BUG, "without a transaction");
	home_dies(r, use_a_counter_up, EXIT_BUG, "the counter profile is used up");
	home_dies(r, write_while_reading, EXIT_IO, "is the disk mounted read-only?");
	home_dies(r, bind_what_is_not_there, EXIT_BUG, "no parameter $b");
	home_dies(r, ask_for_what_is_no_table, EXIT_BUG, "no such table");
	home_dies(r, read_what_is_no_day, EXIT_BUG, "not a day");
	home_dies(r, break_a_key, EXIT_BUG, "UNIQUE");
	home_dies(r, name_a_member_that_is_not_there, EXIT_BUG, "FOREIGN KEY");
}

static void
close_without_a_commit(struct run *r)
{
	tx_begin(r->db);
	put_mark(r, "kept");
	tx_commit(r->db);
	tx_begin(r->db);
	put_mark(r, "forgotten");
	store_close(r->db);
}

static void
close_a_rehearsal_without_a_commit(struct run *r)
{
	home_rehearse(r);
	tx_begin(r->db);
	store_close(r->db);
}

static void
nest_too_deep(struct run *r)
{
	int i;

	for (i = 0; i <= TX_UNITS; i++)
		tx_begin(r->db);
}

static void
store_refuses_to_close_over_a_unit_that_was_not_committed(void **state)
{
	struct run *r = *state;

	home_dies(r, close_without_a_commit, EXIT_BUG, "the transaction begun at tests/test_store.c:");
	assert_int_equal(home_number(r, "SELECT count(*) FROM cursor WHERE name = 'kept'"), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM cursor WHERE name = 'forgotten'"), 0);
	home_dies(r, close_a_rehearsal_without_a_commit, EXIT_BUG, "was not committed");
	home_dies(r, nest_too_deep, EXIT_BUG, "nested transactions");
}

static void
store_opens_nothing_that_is_not_its_own(void **state)
{
	struct run *r = *state;

	home_dies(r, open_another_version, EXIT_CONFIG, "version 1");
	home_dies(r, open_what_is_of_others, EXIT_CONFIG, "not a database of Alan Pay");
}

/* The books of one member: a frozen session 1 and an open session 2, a debt in each, one file and one live collection. */
static int
open_books(void **state)
{
	struct run *r;

	home_setup(state);
	r = *state;
	home_input(r);
	home_exec(r, "INSERT INTO profile (number, app_id, app_user_id, status, declared_at)"
	             " VALUES (1, 'fr', 'ada', 'active', 0)");
	home_exec(
	    r,
	    "INSERT INTO session (number, code, period_start_on, period_end_on, freeze_on, recovery_on, status,"
	    "  opened_by) VALUES"
	    " (1, '20260131-1', '2026-01-01', '2026-01-31', '2026-02-03', '2026-02-10', 'pending', 'configuration'),"
	    " (2, '20260228-1', '2026-02-01', '2026-02-28', '2026-03-03', '2026-03-10', 'pending', 'configuration')");
	home_exec(r, "INSERT INTO debt (profile_number, session_number, status, amount_in_cents)"
	             " VALUES (1, 1, 'initiated', 500), (1, 2, 'pending', NULL)");
	home_exec(
	    r,
	    "INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at,"
	    "  transaction_on, source_kind, source, session_number) VALUES"
	    " (1 * 16777216 + 1, 1, -500, 0, '2026-01-05', 1, 1, 1), (1 * 16777216 + 2, 1, -300, 0, '2026-02-05', 1, 2, 2),"
	    " (1 * 16777216 + 3, 1, -100, 0, '2026-02-06', 1, 3, NULL)");
	home_exec(r, "UPDATE session SET frozen_at = 0, digest = zeroblob(32) WHERE number = 1");
	home_exec(
	    r,
	    "INSERT INTO mandate (number, profile_number, reference, reference_key, version, debtor_name, iban,"
	    "  country, signed_on, status, status_at, declared_at)"
	    " VALUES (1, 1, 'R1', 'R1', 1, 'Ada', 'FR7630006000011234567890189', 'FRA', '2026-01-01', 'active', 0, 0)");
	home_exec(
	    r,
	    "INSERT INTO bank_file (number, kind, session_number, version, msg_id,"
	    "  name, folder, created_at, wanted_on, collect_on, collections, sum_in_cents, sha256, state, built_by,"
	    "  " HOME_FILE_COLUMNS ")"
	    " VALUES (1, 'debit', 1, 1, 'M1', 'a.xml', 'out/sepa/a', 0, '2026-02-10', '2026-02-10', 1, 500,"
	    "  zeroblob(32), 'generated', 'bob', " HOME_FILE_VALUES ")");
	home_exec(
	    r,
	    "INSERT INTO bank_file (number, kind, session_number, version, msg_id,"
	    "  name, folder, created_at, wanted_on, collect_on, collections, sum_in_cents, sha256, state, built_by,"
	    "  cancelled_by, cancelled_at, cancel_why, " HOME_FILE_COLUMNS ")"
	    " VALUES (2, 'debit', 1, 2, 'M2', 'b.xml', 'out/sepa/b', 0, '2026-02-10', '2026-02-10', 1, 500,"
	    "  zeroblob(32), 'cancelled', 'bob', 'ann', 0, 'w', " HOME_FILE_VALUES ")");
	home_add_blocks(r);
	home_exec(
	    r,
	    "INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number,"
	    "  presentation, amount_in_cents, amended, live, state, failed_on) VALUES"
	    " ('E0', 1, 1, 1, 1, 1, 1, 500, 0, 0, 'rejected', '2026-02-09'),"
	    " ('E1', 1, 1, 1, 1, 1, 2, 500, 0, 1, 'presented', NULL),"
	    " ('E1', 2, 1, 1, 1, 1, 2, 500, 0, NULL, 'cancelled', NULL)");
	return 0;
}

static const char *attempt; /* what attempt_it does: home_child takes no other argument */

static void
attempt_it(struct run *r)
{
	exec(sql(r->db, attempt));
}

static void
store_refuses_what_the_books_forbid(void **state)
{
	static const struct {
		const char *text, *words;
	} cases[] = {
	    {"UPDATE balance_transaction SET amount_in_cents = 0 WHERE number = 3",
	     "transaction is never changed"},
	    {"UPDATE balance_transaction SET transaction_on = '2026-02-07' WHERE number = 3",
	     "transaction is never changed"},
	    {"UPDATE balance_transaction SET settled_session = 1 WHERE number = 3",
	     "transaction is never changed"},
	    {"DELETE FROM balance_transaction WHERE number = 3", "transaction is never deleted"},
	    {"INSERT OR REPLACE INTO balance_transaction (key, event, amount_in_cents, transaction_at, transaction_on, source_kind, source,"
	     " payment_number, session_number, settled_session, push_notification_sent_at, input_number, line)"
	     " SELECT key, event, 0, transaction_at,"
	     " transaction_on, source_kind, source, payment_number, session_number, settled_session,"
	     " push_notification_sent_at, input_number, line FROM balance_transaction WHERE number = 3",
	     ""},
	    {"UPDATE balance_transaction SET session_number = 2 WHERE number = 1", "keep their transactions"},
	    {"UPDATE balance_transaction SET session_number = NULL WHERE number = 1",
	     "keep their transactions"},
	    {"UPDATE balance_transaction SET session_number = 1 WHERE number = 3", "keep their transactions"},
	    {"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at,"
	     " transaction_on, source_kind, source, session_number) VALUES (1 * 16777216 + 4, 1, -1, 0, '2026-01-06', 1, 4, 1)",
	     "no transaction is added to its debts"},
	    {"INSERT INTO balance_transaction (key, event, amount_in_cents, transaction_at,"
	     " transaction_on, source_kind, source) VALUES (1 * 16777216 + 4, 1, -1, 0, '2026-01-06', 1, 1)",
	     "UNIQUE"},
	    {"UPDATE debt SET amount_in_cents = 501 WHERE session_number = 1",
	     "the amount of a debt is final"},
	    {"UPDATE debt SET session_number = 2 WHERE session_number = 1", "the amount of a debt is final"},
	    {"INSERT INTO debt (profile_number, session_number, status) VALUES (2, 1, 'pending')",
	     "no debt is added to it"},
	    {"DELETE FROM debt WHERE session_number = 2", "a debt is never deleted"},
	    {"UPDATE debt SET status = 'succeeded', recovered_in_cents = 500, refunded_in_cents = 1 WHERE session_number = 1",
	     "CHECK"},
	    {"UPDATE session SET frozen_at = NULL, digest = NULL WHERE number = 1", "stays as it is"},
	    {"UPDATE session SET recovery_on = '2026-02-11' WHERE number = 1", "stays as it is"},
	    {"UPDATE session SET frozen_at = 0 WHERE number = 2", "CHECK"},
	    {"UPDATE bank_file SET sum_in_cents = 501", "a bank file is never changed"},
	    {"UPDATE bank_file SET built_by = 'ann'", "a bank file is never changed"},
	    {"UPDATE bank_file SET sha256 = randomblob(32)", "a bank file is never changed"},
	    {"UPDATE collection SET amount_in_cents = 501 WHERE end_to_end_id = 'E1'",
	     "a collection is never changed"},
	    {"UPDATE collection SET live = 1, state = 'presented', failed_on = NULL WHERE end_to_end_id = 'E0'",
	     "never presented again"},
	    {"INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number,"
	     " presentation, amount_in_cents, amended, live, state) VALUES ('E2', 1, 1, 1, 1, 1, 3, 500, 0, 1, 'presented')",
	     "UNIQUE"},
	    {"INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number,"
	     " presentation, amount_in_cents, amended, live, state, failed_on)"
	     " VALUES ('E1', 3, 1, 1, 1, 1, 3, 500, 0, 0, 'returned', '2026-02-12')",
	     "UNIQUE"},
	    {"INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number,"
	     " presentation, amount_in_cents, amended, live, state, failed_on)"
	     " VALUES ('E2', 3, 1, 1, 1, 1, 2, 500, 0, 0, 'returned', '2026-02-12')",
	     "UNIQUE"},
	    {"UPDATE collection SET state = 'rejected', live = 0, failed_on = '2026-02-09' WHERE state = 'cancelled'",
	     "never presented again"},
	    {"UPDATE collection SET state = 'cancelled' WHERE end_to_end_id = 'E1'", "CHECK"},
	    {"UPDATE bank_file SET state = 'generated', cancelled_by = NULL, cancelled_at = NULL, cancel_why = NULL"
	     " WHERE number = 2",
	     "stays cancelled"},
	    {"UPDATE bank_file SET cancel_why = 'other' WHERE number = 2", "stays cancelled"},
	    {"UPDATE bank_file SET state = 'cancelled' WHERE number = 1", "CHECK"},
	    {"UPDATE bank_file SET cancelled_by = 'ann', cancelled_at = 0, cancel_why = 'w' WHERE number = 1",
	     "CHECK"},
	    {"UPDATE bank_file SET state = 'cancelled', cancelled_by = 'ann', cancelled_at = 0, cancel_why = 'w',"
	     " released_by = 'ann', released_at = 0 WHERE number = 1",
	     "CHECK"},
	    {"INSERT INTO bank_file (number, kind, session_number, version, msg_id, name, folder,"
	     " created_at, wanted_on, collect_on, collections, sum_in_cents, sha256, state, built_by,"
	     " " HOME_FILE_COLUMNS ")"
	     " SELECT 3, kind, 1, 3, 'M3', 'c.xml', 'out/sepa/c', 0, wanted_on, collect_on, 1, 500, sha256,"
	     " state, built_by, " HOME_FILE_VALUES " FROM bank_file WHERE number = 1",
	     "UNIQUE"},
	    {"INSERT INTO approval (file_number, approver, identity, sha256, config_sha256, approved_at)"
	     " VALUES (1, 'bob', 'any', zeroblob(32), zeroblob(32), 0)",
	     "cannot approve it"},
	    {"INSERT INTO approval (file_number, approver, identity, sha256, config_sha256, approved_at)"
	     " VALUES (1, 'ann', 'any', randomblob(32), zeroblob(32), 0)",
	     "is bound to its hash"},
	    {"UPDATE store SET environment = 'production'", "is given when it is made"},
	    {"UPDATE request SET code = 'ok'", "is final"},
	    {"UPDATE external_transaction SET requested_in_cents = 6", "is final"},
	    {"DELETE FROM external_transaction", "is never deleted"},
	};
	struct run *r = *state;

	home_exec(
	    r,
	    "INSERT INTO request (number, input_number, line, source, first, digest, status, code, processed_at)"
	    " VALUES (1, 1, 1, 'web', 0, zeroblob(32), 'rejected', 'bad_field', 0)");
	home_exec(
	    r,
	    "INSERT INTO external_transaction (number, app_id, external_transaction_id, profile_number,"
	    "  requested_in_cents, outcome, transaction_number) VALUES (1, 'fr', 'e1', 1, 5, 'posted', 1)");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		int status;

		attempt = cases[i].text;
		status = home_child(r, attempt_it);
		if (status != EXIT_BUG || strstr(home_read("said"), cases[i].words) == NULL)
			fail_msg("%s\nended with %d and said: %s", attempt, status, home_read("said"));
	}
}

static void
store_allows_what_the_work_needs(void **state)
{
	static const char *const statements[] = {
	    "UPDATE balance_transaction SET session_number = 2 WHERE number = 3",
	    "UPDATE balance_transaction SET push_notification_sent_at = 5 WHERE number = 1",
	    "UPDATE debt SET status = 'executed' WHERE session_number = 1",
	    "UPDATE debt SET amount_in_cents = 400 WHERE session_number = 2",
	    "UPDATE session SET status = 'failed' WHERE number = 1",
	    "UPDATE bank_file SET state = 'approved' WHERE number = 1",
	    ("INSERT INTO approval (file_number, approver, identity, sha256, config_sha256, approved_at)"
	     " VALUES (1, 'ann', 'any', zeroblob(32), zeroblob(32), 0)"),
	    "UPDATE collection SET live = 0, state = 'returned', failed_on = '2026-02-12'"
	    " WHERE end_to_end_id = 'E1' AND file_number = 1",
	    ("INSERT INTO collection (end_to_end_id, file_number, block, profile_number, session_number, mandate_number,"
	     " presentation, amount_in_cents, amended, live, state) VALUES ('E2', 1, 1, 1, 1, 1, 3, 500, 0, 1, 'presented')"),
	};
	struct run *r = *state;

	for (size_t i = 0; i < LENGTH(statements); i++)
		assert_int_equal(exec(sql(r->db, statements[i])), 1);
}

#define IN_HOME(test)  cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)
#define IN_BOOKS(test) cmocka_unit_test_setup_teardown(test, open_books, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(store_keeps_what_was_committed),
	    IN_HOME(store_forgets_what_was_rolled_back),
	    IN_HOME(store_rolls_an_inner_unit_back_alone),
	    IN_HOME(store_rolls_back_while_a_query_is_half_read),
	    IN_HOME(store_rehearsal_leaves_nothing),
	    IN_HOME(store_takes_values_and_gives_them_back),
	    IN_HOME(store_finds_each_statement_by_its_text),
	    IN_HOME(store_starts_a_half_read_statement_from_its_first_row),
	    IN_HOME(store_binds_parameters_in_any_order),
	    IN_HOME(store_value_is_absent_without_a_row_or_with_null),
	    IN_HOME(store_counts_the_rows_it_changed),
	    IN_HOME(store_numbers_each_counter_from_one),
	    IN_HOME(store_gives_the_numbers_of_a_unit_that_was_rolled_back_once_more),
	    IN_HOME(store_is_rolled_back_when_a_hook_dies),
	    IN_HOME(store_key_is_short_and_leads_back),
	    IN_HOME(store_gives_ids_that_lead_back),
	    IN_HOME(store_reads_a_word_as_its_place_in_a_table),
	    IN_HOME(store_dies_of_what_cannot_be),
	    IN_HOME(store_refuses_to_close_over_a_unit_that_was_not_committed),
	    IN_HOME(store_opens_nothing_that_is_not_its_own),
	    IN_BOOKS(store_refuses_what_the_books_forbid),
	    IN_BOOKS(store_allows_what_the_work_needs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
