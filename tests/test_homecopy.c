/* homecopy: a rehearsal works on copies: of the database, of what is in the inbox; and finds everything as it is in the home. */
#include "tests/home.h"

#include "stages/core/home/homecopy.h"

static void
make_folders(void)
{
	mkdir("archive", 0700);
	mkdir("quarantine", 0700);
	mkdir("inbox", 0711);
	mkdir("inbox/bank", 0700);
	assert_int_equal(chmod("inbox/bank", 03770), 0);
	mkdir("out", 0711);
	mkdir("out/sepa", 0700);
}

static void
homecopy_shares_no_file_that_may_change(void **state)
{
	struct stat here, there;
	char path[PATH_MAX];

	make_folders();
	home_write("out/sepa/file.xml", "<Document/>");
	home_write("inbox/bank/report.xml", "half a repo");
	homecopy_make(*state, "state/alanpay.db", path);
	assert_int_equal(stat("out/sepa/file.xml", &here), 0);
	assert_int_equal(stat(HOMECOPY_FOLDER "/out/sepa/file.xml", &there), 0);
	assert_true(here.st_ino == there.st_ino);
	home_write("inbox/bank/report.xml", "half a report, and the rest");
	assert_string_equal(home_read(HOMECOPY_FOLDER "/inbox/bank/report.xml"), "half a repo");
	assert_int_equal(stat(HOMECOPY_FOLDER "/inbox/bank", &there), 0);
	assert_int_equal(there.st_mode & 07777, 03770);
	homecopy_remove();
	assert_int_not_equal(access(HOMECOPY_FOLDER, F_OK), 0);
	assert_true(home_has("out/sepa/file.xml"));
}

static void
homecopy_has_the_rows_of_the_home(void **state)
{
	struct run *r = *state;
	struct store *copy;
	char path[PATH_MAX];

	make_folders();
	tx_begin(r->db);
	exec(sql(r->db, "INSERT INTO cursor (name, value) VALUES ('here', 7)"));
	tx_commit(r->db);
	homecopy_make(r, "state/alanpay.db", path);
	assert_null(homecopy_original());
	copy = store_open(HOMECOPY_FOLDER "/state/alanpay.db", STORE_CHANGES);
	assert_int_equal(value(sql(copy, "SELECT value FROM cursor WHERE name = 'here'"), 0), 7);
	tx_begin(copy);
	exec(sql(copy, "UPDATE cursor SET value = 8"));
	tx_commit(copy);
	store_close(copy);
	assert_int_equal(value(sql(r->db, "SELECT value FROM cursor WHERE name = 'here'"), 0), 7);
	assert_int_equal(chdir(path), 0);
	assert_string_equal(homecopy_original(), r->home);
	assert_int_equal(chdir(r->home), 0);
}

static void
homecopy_has_what_is_no_file(void **state)
{
	struct stat st;
	char path[PATH_MAX], target[64];

	make_folders();
	assert_int_equal(mkfifo("inbox/bank/pipe.xml", 0600), 0);
	assert_int_equal(symlink("/nowhere", "inbox/bank/link.xml"), 0);
	homecopy_make(*state, "state/alanpay.db", path);
	assert_int_equal(lstat(HOMECOPY_FOLDER "/inbox/bank/pipe.xml", &st), 0);
	assert_true(S_ISFIFO(st.st_mode));
	assert_int_equal(readlink(HOMECOPY_FOLDER "/inbox/bank/link.xml", target, sizeof(target)), 8);
}

/* What no run would read: a file of two terabytes without a block of it on the disk, and what is in a folder. */
static void
homecopy_reads_nothing_that_no_run_would_read(void **state)
{
	struct stat st;
	char path[PATH_MAX];

	make_folders();
	home_write("inbox/bank/sparse.xml", "x");
	assert_int_equal(truncate("inbox/bank/sparse.xml", (off_t)2 << 40), 0);
	assert_int_equal(mkdir("inbox/bank/folder", 0700), 0);
	home_write("inbox/bank/folder/file", "x");
	assert_int_equal(mkfifo("inbox/bank/folder/pipe", 0600), 0);
	homecopy_make(*state, "state/alanpay.db", path);
	assert_int_equal(stat(HOMECOPY_FOLDER "/inbox/bank/sparse.xml", &st), 0);
	assert_true(st.st_size == (off_t)2 << 40);
	assert_int_equal(st.st_blocks, 0);
	assert_int_equal(home_names_in(HOMECOPY_FOLDER "/inbox/bank/folder"), 0);
}

static void
homecopy_replaces_what_an_interrupted_rehearsal_left(void **state)
{
	char path[PATH_MAX];

	make_folders();
	assert_int_equal(mkdir(HOMECOPY_FOLDER, 0700), 0);
	assert_int_equal(mkdir(HOMECOPY_FOLDER "/old", 0), 0);
	homecopy_make(*state, "state/alanpay.db", path);
	assert_int_not_equal(access(HOMECOPY_FOLDER "/old", F_OK), 0);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    IN_HOME(homecopy_shares_no_file_that_may_change),
	    IN_HOME(homecopy_has_the_rows_of_the_home),
	    IN_HOME(homecopy_has_what_is_no_file),
	    IN_HOME(homecopy_reads_nothing_that_no_run_would_read),
	    IN_HOME(homecopy_replaces_what_an_interrupted_rehearsal_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
