/* releaselog: a line for each unit of work, in a chain; a database that is older than its log, and logs that are not its own. */
#include "tests/home.h"

#include "stages/core/engine/intent.h"
#include "stages/core/home/releaselog.h"

#define LOG      "state/released.log"
#define DATABASE "state/alanpay.db"

static void
start(struct run *r)
{
	releaselog_begin(r);
	r->db = store_open(DATABASE, r->access == ACCESS_CHANGES ? STORE_CHANGES : STORE_READS);
	releaselog_open(r);
}

static void
end(struct run *r)
{
	releaselog_close(r);
	store_close(r->db);
	r->db = NULL;
}

static void
change(struct run *r, const char *kind)
{
	tx_begin(r->db);
	(void)store_number(r->db, "session");
	if (kind != NULL)
		intent_add(r, kind, "a thing", NULL, "by %s", "me");
	tx_commit(r->db);
}

static void
copy(const char *from, const char *to)
{
	char command[256];

	assert_true(snprintf(command, sizeof(command), "cp %s %s", from, to) < (int)sizeof(command));
	assert_int_equal(system(command), 0);
}

/* Starts and ends in a process of its own; what it died with, 0 when it did not. */
static void
just_start(struct run *r)
{
	store_close(r->db);
	start(r);
	end(r);
	fflush(stderr);
	_exit(0);
}

/* The database as it was, beside the newest write-ahead log. */
static void
start_beside_the_log_of_another(struct run *r)
{
	store_close(r->db);
	copy("old.db", DATABASE);
	copy("new.db-wal", DATABASE "-wal");
	start(r);
}

static void
start_and_change(struct run *r)
{
	store_close(r->db);
	start(r);
	change(r, "approval");
	_exit(0); /* as if it was killed: the write-ahead log stays */
}

struct seen {
	int64_t n;
	char kinds[256];
};

static void
see(const struct logline *line, const unsigned char digest[SHA256_SIZE], void *ctx)
{
	struct seen *s = ctx;
	size_t at = strlen(s->kinds);

	(void)digest;
	s->n = line->act.number;
	snprintf(s->kinds + at, sizeof(s->kinds) - at, "%s%s", at == 0 ? "" : " ", line->act.kind);
}

static const char *
kinds(struct run *r)
{
	static struct seen s;
	int64_t n;

	s = (struct seen){0};
	n = releaselog_read(r, see, &s);
	assert_int_equal(n, s.n);
	return s.kinds;
}

static void
just_read(struct run *r)
{
	(void)kinds(r);
}

/* The home of home.h is open without its log. */
static void
begin(struct run *r)
{
	store_close(r->db);
	start(r);
	change(r, NULL);
	change(r, "release");
	end(r);
}

static void
again(struct run *r)
{
	r->db = store_open(DATABASE, STORE_CHANGES);
}

static int64_t
size_of_wal(void)
{
	struct stat st;

	assert_int_equal(stat(DATABASE "-wal", &st), 0);
	return st.st_size;
}

static void
a_run_ends_with_an_empty_write_ahead_log(void **state)
{
	struct run *r = *state;
	struct store *reader;

	begin(r);
	assert_int_equal(size_of_wal(), 0);
	start(r);
	change(r, NULL);
	assert_true(size_of_wal() > 0);
	reader = store_open(DATABASE, STORE_READS);
	store_hold_still(reader);
	change(r, NULL);
	end(r);
	assert_true(size_of_wal() > 0); /* a reader needs it: the next run empties it */
	store_close(reader);
	start(r);
	end(r);
	assert_int_equal(size_of_wal(), 0);
	again(r);
}

static void
each_unit_of_work_has_a_line(void **state)
{
	struct run *r = *state;

	begin(r);
	assert_string_equal(kinds(r), "begin change release");
	start(r);
	tx_begin(r->db);
	tx_commit(r->db); /* changes nothing */
	tx_begin(r->db);
	(void)store_number(r->db, "session");
	intent_add(r, "freeze", "a", NULL, "%s", "");
	tx_rollback(r->db);
	tx_begin(r->db);
	(void)store_number(r->db, "session");
	intent_add(r, "file", "a", NULL, "%s", "");
	intent_add(r, "file", "b", NULL, "%s", "");
	tx_commit(r->db);
	end(r);
	assert_string_equal(kinds(r), "begin change release file file");
	again(r);
}

static void
a_dry_run_has_none(void **state)
{
	struct run *r = *state;

	begin(r);
	r->dry_run = true;
	releaselog_begin(r);
	r->db = store_open(DATABASE, STORE_CHANGES);
	store_rehearse(r->db);
	releaselog_open(r);
	change(r, "release");
	end(r);
	r->dry_run = false;
	assert_string_equal(kinds(r), "begin change release");
	again(r);
}

static void
a_database_that_lacks_a_line_was_restored(void **state)
{
	struct run *r = *state;

	begin(r);
	copy(DATABASE, "old.db");
	start(r);
	change(r, "upload");
	end(r);
	copy("old.db", DATABASE);
	again(r);
	home_dies(r, just_start, EXIT_CONFIG,
	          "was restored from a backup: it ends at line 3 of the release log, which has 4");
	assert_string_equal(kinds(r), "begin change release upload");
}

static void
a_reader_is_warned_and_goes_on(void **state)
{
	struct run *r = *state;

	begin(r);
	copy(DATABASE, "old.db");
	start(r);
	change(r, "upload");
	end(r);
	copy("old.db", DATABASE);
	again(r);
	r->access = ACCESS_READS;
	home_dies(r, just_start, 0, "warning: the database was restored from a backup");
	r->access = ACCESS_CHANGES;
}

/* The kill comes after the append: its lines are there, and the pages are in the write-ahead log only. */
static void
a_database_beside_the_log_of_another_is_never_read(void **state)
{
	struct run *r = *state;

	begin(r);
	copy(DATABASE, "old.db");
	start(r);
	change(r, "upload");
	end(r);
	again(r);
	assert_int_equal(home_child(r, start_and_change), 0);
	home_write("state/lock", "");
	copy(DATABASE "-wal", "new.db-wal");
	r->access = ACCESS_READS;
	home_dies(r, start_beside_the_log_of_another, EXIT_CONFIG,
	          "alanpay.db-wal belongs to another database");
	r->access = ACCESS_CHANGES;
	home_dies(r, start_beside_the_log_of_another, EXIT_CONFIG,
	          "alanpay.db-wal belongs to another database");
}

static void
an_interrupted_run_is_no_restore(void **state)
{
	struct run *r = *state;
	static char text[65536];
	char *line;

	begin(r);
	again(r);
	assert_int_equal(home_child(r, start_and_change), 0);
	assert_string_equal(kinds(r), "begin change release approval");
	snprintf(text, sizeof(text), "%s", home_read(LOG));
	line = strstr(text, "{\"n\":4");
	assert_non_null(line);
	line[20] = '\0'; /* killed while the line was appended */
	home_write(LOG, text);
	store_close(r->db);
	start(r);
	end(r);
	assert_string_equal(kinds(r), "begin change release approval resume");
	again(r);
}

static void
a_log_that_is_not_its_own(void **state)
{
	struct run *r = *state;
	static char whole[65536], text[65536];

	begin(r);
	snprintf(whole, sizeof(whole), "%s", home_read(LOG));
	again(r);
	assert_int_equal(unlink(LOG), 0);
	home_dies(r, just_start, EXIT_CONFIG, LOG " is missing, and the database has written 3 lines to it");
	snprintf(text, sizeof(text), "%s", whole);
	*strstr(text, "{\"n\":3") = '\0';
	home_write(LOG, text);
	home_dies(r, just_start, EXIT_CONFIG, "ends at line 2, and the database has written 3 lines");
	home_write(LOG, "");
	home_dies(r, just_start, EXIT_CONFIG, "ends at line 0, and the database has written 3 lines");
	snprintf(text, sizeof(text), "%s", whole);
	memcpy(strstr(text, "0badcafe"), "00000001", 8);
	home_write(LOG, text);
	home_dies(r, just_start, EXIT_CONFIG, "is the log of the store 00000001, and this one is 0badcafe");
	snprintf(text, sizeof(text), "%s", whole);
	strstr(text, "\"change\"")[1] = 'C';
	home_write(LOG, text);
	home_dies(r, just_read, EXIT_CONFIG, "line 3 does not follow the one before it");
	home_write(LOG, whole);
	assert_int_equal(chmod(LOG, 0620), 0);
	home_dies(r, just_start, EXIT_CONFIG, "mode 620, others can write it");
	assert_int_equal(chmod(LOG, 0600), 0);
	home_dies(r, just_start, 0, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(a_run_ends_with_an_empty_write_ahead_log, home_setup,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(each_unit_of_work_has_a_line, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(a_dry_run_has_none, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(a_database_that_lacks_a_line_was_restored, home_setup,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(a_reader_is_warned_and_goes_on, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(a_database_beside_the_log_of_another_is_never_read, home_setup,
	                                    home_teardown),
	    cmocka_unit_test_setup_teardown(an_interrupted_run_is_no_restore, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(a_log_that_is_not_its_own, home_setup, home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
