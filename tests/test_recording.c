/* recording: pages are read in the order in which they were recorded, by list and window. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/net/http.h"
#include "stages/core/swan/recording.h"

static void
make(const char *folder)
{
	assert_int_equal(mkdir(folder, 0700), 0);
}

static void
assert_next(struct recording *rec, const char *list, const char *wanted)
{
	const char *text;
	size_t length;

	assert_true(recording_has_more(rec, list));
	assert_true(recording_next(rec, list, &text, &length));
	assert_int_equal(length, strlen(wanted));
	assert_string_equal(text, wanted);
}

static void
assert_no_more(struct recording *rec, const char *list)
{
	const char *text;
	size_t length;

	assert_false(recording_has_more(rec, list));
	assert_false(recording_next(rec, list, &text, &length));
}

static void
pages_are_read_in_the_order_of_their_names(void **state)
{
	struct recording *rec;

	(void)state;
	make("flat");
	home_write("flat/transactions-003.json", "t3");
	home_write("flat/transactions-001.json", "t1");
	home_write("flat/transactions-2.json", "t2"); /* by name, not by number */
	home_write("flat/cards-a.json", "a longer page");
	home_write("flat/memberships-001.json", "");
	home_write("flat/transactions-.json", "no number");
	home_write("flat/transactions-001.json.part", "half");
	home_write("flat/transactions-001.jsonl", "another kind");
	home_write("flat/transactions.json", "no page");
	home_write("flat/my-transactions-001.json", "another list");
	home_write("flat/cardstock-001.json", "another list");
	home_write("flat/README", "of a person");
	rec = recording_open("flat");
	assert_false(recording_is_cut(rec));
	recording_enter_window(rec, "window-1");
	assert_string_equal(recording_folder(rec), "flat");
	assert_next(rec, "transactions", "t1");
	assert_string_equal(recording_path(rec), "flat/transactions-001.json");
	assert_next(rec, "cards", "a longer page");
	assert_next(rec, "transactions", "t3");
	assert_next(rec, "memberships", "");
	assert_next(rec, "transactions", "t2");
	assert_string_equal(recording_path(rec), "flat/transactions-2.json");
	assert_no_more(rec, "transactions");
	assert_no_more(rec, "cards");
	assert_no_more(rec, "memberships");
	recording_close(rec);
}

/* As many pages as a long window has; each is read back byte for byte. */
static void
recorded_pages_are_read_back(void **state)
{
	struct recording *rec = recording_create("kept");
	char text[32];
	struct stat st;

	(void)state;
	recording_create_window(rec, "window-1");
	recording_put(rec, "cards", "c", 1);
	recording_put(rec, "memberships", "m", 1);
	for (int i = 1; i <= 1001; i++)
		recording_put(rec, "transactions", text, (size_t)snprintf(text, sizeof(text), "t%d", i));
	recording_create_window(rec, "window-2");
	recording_put(rec, "transactions", "of the second window", 20);
	recording_create_window(rec, "window-3");
	recording_close(rec);
	assert_int_equal(stat("kept/window-1/transactions-000001.json", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat("kept/window-2", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);

	rec = recording_open("kept");
	assert_true(recording_is_cut(rec));
	recording_enter_window(rec, "window-1");
	assert_string_equal(recording_folder(rec), "kept/window-1");
	for (int i = 1; i <= 1001; i++) {
		snprintf(text, sizeof(text), "t%d", i);
		assert_next(rec, "transactions", text);
	}
	assert_no_more(rec, "transactions");
	assert_next(rec, "memberships", "m");
	recording_enter_window(rec, "window-2"); /* cards of the first are left behind */
	assert_string_equal(recording_folder(rec), "kept/window-2");
	assert_no_more(rec, "cards");
	assert_next(rec, "transactions", "of the second window");
	recording_enter_window(rec, "window-3");
	assert_no_more(rec, "transactions");
	recording_close(rec);
}

static void
bytes_of_any_kind_are_recorded(void **state)
{
	static const char bytes[] = "\0\xFF\r\n\0";
	struct recording *rec = recording_create("kept");
	const char *text;
	size_t length;

	(void)state;
	recording_create_window(rec, "window-1");
	recording_put(rec, "cards", bytes, sizeof(bytes));
	recording_close(rec);
	rec = recording_open("kept");
	recording_enter_window(rec, "window-1");
	assert_true(recording_next(rec, "cards", &text, &length));
	assert_int_equal(length, sizeof(bytes));
	assert_memory_equal(text, bytes, sizeof(bytes));
	assert_int_equal(text[length], '\0');
	recording_close(rec);
}

static void
ask_for_two_windows(struct run *r)
{
	struct recording *rec = recording_open("kept");

	(void)r;
	recording_enter_window(rec, "window-1");
	recording_enter_window(rec, "window-2");
	recording_close(rec);
}

static void
window_that_was_not_recorded_is_refused(void **state)
{
	make("kept");
	make("kept/window-1");
	home_dies(*state, ask_for_two_windows, EXIT_REFUSED, "kept: the recording has no window window-2");
	make("kept/window-2");
	assert_int_equal(home_child(*state, ask_for_two_windows), 0);
}

static void
open_it(struct run *r)
{
	(void)r;
	recording_close(recording_open("kept"));
}

static void
recording_that_is_not_there_cannot_be_read(void **state)
{
	home_dies(*state, open_it, EXIT_ABSENT, "kept: No such file");
	home_write("kept", "a file");
	home_dies(*state, open_it, EXIT_ABSENT, "kept: Not a directory");
}

static void
create(struct run *r)
{
	struct recording *rec = recording_create("kept");

	(void)r;
	recording_create_window(rec, "window-1");
	recording_put(rec, "cards", "new", 3);
	recording_close(rec);
}

static void
recording_overwrites_nothing(void **state)
{
	static const char *const names[] = {"kept/x", "kept/.hidden"};

	make("kept");
	for (size_t i = 0; i < LENGTH(names); i++) {
		home_write(names[i], "a stranger's");
		home_dies(*state, create, EXIT_OVERWRITE, "kept is not empty");
		assert_string_equal(home_read(names[i]), "a stranger's");
		assert_int_equal(home_names_in("kept"), 1);
		assert_int_equal(remove(names[i]), 0);
	}
	assert_int_equal(home_child(*state, create), 0);
	assert_string_equal(home_read("kept/window-1/cards-000001.json"), "new");
	home_dies(*state, create, EXIT_OVERWRITE, "kept is not empty");
	home_remove("kept");
	home_write("kept", "a file");
	home_dies(*state, create, EXIT_IO, "kept: Not a directory");
	home_remove("kept");
	home_dies(*state, create, EXIT_DONE, "");
}

static void
read_cards(struct run *r)
{
	struct recording *rec = recording_open("kept");
	const char *text;
	size_t length;

	(void)r;
	recording_enter_window(rec, "window-1");
	while (recording_next(rec, "cards", &text, &length))
		;
	recording_close(rec);
}

/* No page of Swan is as large as that: the file is something else. */
static void
page_that_is_larger_than_any_answer_is_refused(void **state)
{
	make("kept");
	home_write("kept/cards-001.json", "");
	assert_int_equal(truncate("kept/cards-001.json", HTTP_MOST_BYTES), 0);
	assert_int_equal(home_child(*state, read_cards), 0);
	assert_int_equal(truncate("kept/cards-001.json", HTTP_MOST_BYTES + 1), 0);
	home_dies(*state, read_cards, EXIT_REFUSED,
	          "kept/cards-001.json: a page of 16777217 bytes is too large");
}

static void
page_that_is_a_folder_cannot_be_read(void **state)
{
	make("kept");
	make("kept/cards-001.json");
	home_dies(*state, read_cards, EXIT_IO, "kept/cards-001.json");
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(pages_are_read_in_the_order_of_their_names),
	    IN_HOME(recorded_pages_are_read_back),
	    IN_HOME(bytes_of_any_kind_are_recorded),
	    IN_HOME(window_that_was_not_recorded_is_refused),
	    IN_HOME(recording_that_is_not_there_cannot_be_read),
	    IN_HOME(recording_overwrites_nothing),
	    IN_HOME(page_that_is_larger_than_any_answer_is_refused),
	    IN_HOME(page_that_is_a_folder_cannot_be_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
