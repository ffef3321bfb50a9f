/* door: a file in a folder that others write to is opened without trust. */
#include "tests/home.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "stages/core/home/door.h"

#define DOOR "inbox/requests/"

/* The code with which it cannot be opened; "opened" when it can. */
static const char *
code_of(const char *path, int64_t most)
{
	static struct err e;
	struct stat st;
	int fd = door_open(path, most, &st, &e);

	if (fd < 0)
		return e.code;
	close(fd);
	return "opened";
}

static void
make_socket(const char *path)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(name.sun_path, sizeof(name.sun_path), "%s", path);
	assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
	close(fd);
}

static void
door_opens_regular_files_only(void **state)
{
	(void)state;
	home_write(DOOR "file", "x");
	assert_int_equal(link(DOOR "file", DOOR "second-name"), 0);
	assert_int_equal(chmod(DOOR "second-name", 06755), 0);
	assert_string_equal(code_of(DOOR "file", 0), "opened");
	assert_string_equal(code_of(DOOR "second-name", 1), "opened");
	assert_int_equal(mkdir(DOOR "folder", 0700), 0);
	assert_int_equal(mkfifo(DOOR "pipe", 0600), 0);
	assert_int_equal(symlink("file", DOOR "link"), 0);
	assert_int_equal(symlink("nothing", DOOR "dangling"), 0);
	assert_int_equal(symlink("loop", DOOR "loop"), 0);
	make_socket(DOOR "socket");
	assert_string_equal(code_of(DOOR "folder", 0), "not_a_file");
	assert_string_equal(code_of(DOOR "pipe", 0), "not_a_file");
	assert_string_equal(code_of(DOOR "link", 0), "not_a_file");
	assert_string_equal(code_of(DOOR "dangling", 0), "not_a_file");
	assert_string_equal(code_of(DOOR "loop", 0), "not_a_file");
	assert_string_equal(code_of(DOOR "socket", 0), "not_a_file");
	assert_string_equal(code_of("/dev/null", 0), "not_a_file");
	assert_string_equal(code_of(DOOR "nothing", 0), "");
	assert_string_equal(code_of(DOOR "file/nothing", 0), "");
}

static void
door_opens_what_its_user_may_read(void **state)
{
	(void)state;
	if (geteuid() == 0)
		skip(); /* who may read everything */
	home_write(DOOR "file", "x");
	assert_int_equal(chmod(DOOR "file", 0), 0);
	assert_string_equal(code_of(DOOR "file", 0), "unreadable_file");
}

static void
door_looks_at_the_size_first(void **state)
{
	(void)state;
	home_write(DOOR "sparse", "");
	assert_int_equal(truncate(DOOR "sparse", DOOR_MOST_BYTES), 0);
	assert_string_equal(code_of(DOOR "sparse", DOOR_MOST_BYTES), "opened");
	assert_int_equal(truncate(DOOR "sparse", DOOR_MOST_BYTES + 1), 0);
	assert_string_equal(code_of(DOOR "sparse", DOOR_MOST_BYTES), "file_too_large");
	assert_string_equal(code_of(DOOR "sparse", 0), "opened");
}

static const struct {
	const char *name, *shown;
	bool is_taken;
} names[] = {
    {"a.xml", "a.xml", true},
    {"relev\xc3\xa9 du 5.xml", "relev\xc3\xa9 du 5.xml", true},
    {" ", " ", true},
    {"$(x)'\"`", "$(x)'\"`", true},
    {"back\\slash", "back\\\\slash", true},
    {"line\nbreak", "line\\x0abreak", false},
    {"\x1b]0;x\x07", "\\x1b]0;x\\x07", false},
    {"relev\xe9.xml", "relev\\xe9.xml", false},
    {"\xff\xfe", "\\xff\\xfe", false},
    {"half \xe2\x82", "half \\xe2\\x82", false},
    {"a\xe2\x80\xae", "a\\xe2\\x80\\xae", false}, /* the text that follows runs from right to left */
    {"\xe2\x80\xa8", "\\xe2\\x80\\xa8", false},   /* a line separator */
    {"\x7f", "\\x7f", false},
};

static void
door_takes_names_that_are_text(void **state)
{
	char path[PATH_SIZE], longest[DOOR_MOST_NAME + 2];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(names); i++) {
		snprintf(path, sizeof(path), DOOR "%s", names[i].name);
		home_write(path, "x");
		assert_string_equal(code_of(path, 0), names[i].is_taken ? "opened" : "odd_file_name");
	}
	memset(longest, 'n', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	snprintf(path, sizeof(path), DOOR "%s", longest);
	home_write(path, "x");
	assert_string_equal(code_of(path, 0), "odd_file_name");
	snprintf(path, sizeof(path), DOOR "%s", longest + 1);
	home_write(path, "x");
	assert_string_equal(code_of(path, 0), "opened");
}

static void
door_prints_each_name_on_one_line_and_finds_it_again(void **state)
{
	static const char *const wrong[] = {"\\", "\\x", "\\x0", "\\xgg", "\\n", "\\x00"};
	char text[DOOR_TEXT], path[PATH_SIZE], longest[PATH_SIZE + 1];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(names); i++) {
		door_print(text, names[i].name);
		assert_string_equal(text, names[i].shown);
		assert_int_equal(door_parse(path, text), 0);
		assert_string_equal(path, names[i].name);
	}
	for (i = 0; i < LENGTH(wrong); i++)
		assert_int_equal(door_parse(path, wrong[i]), -1);
	memset(longest, 'n', PATH_SIZE);
	longest[PATH_SIZE] = '\0';
	assert_int_equal(door_parse(path, longest), -1);
	assert_int_equal(door_parse(path, longest + 1), 0);
	memset(longest, '\xff', PATH_SIZE);
	door_print(text, longest + 1); /* the longest there is */
	assert_int_equal(strlen(text), 4 * (PATH_SIZE - 1));
	assert_int_equal(door_parse(path, text), 0);
}

static void
door_sees_that_a_file_changed(void **state)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1}};
	struct stat st;
	struct err e;
	int fd;

	(void)state;
	home_write(DOOR "file", "x");
	fd = door_open(DOOR "file", 0, &st, &e);
	close(fd);
	assert_true(door_is_unchanged(DOOR "file", &st));
	assert_int_equal(utimensat(AT_FDCWD, DOOR "file", times, 0), 0);
	assert_false(door_is_unchanged(DOOR "file", &st));
	close(door_open(DOOR "file", 0, &st, &e));
	home_write(DOOR "file", "xy");
	assert_false(door_is_unchanged(DOOR "file", &st));
	close(door_open(DOOR "file", 0, &st, &e));
	home_write(DOOR "new", "xy");
	assert_int_equal(rename(DOOR "new", DOOR "file"), 0);
	assert_false(door_is_unchanged(DOOR "file", &st));
	assert_int_equal(unlink(DOOR "file"), 0);
	assert_false(door_is_unchanged(DOOR "file", &st));
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
	    IN_HOME(door_opens_regular_files_only),
	    IN_HOME(door_opens_what_its_user_may_read),
	    IN_HOME(door_looks_at_the_size_first),
	    IN_HOME(door_takes_names_that_are_text),
	    IN_HOME(door_prints_each_name_on_one_line_and_finds_it_again),
	    IN_HOME(door_sees_that_a_file_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
