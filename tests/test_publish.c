/* publish: names that appear whole or not at all, whoever is killed in between. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/home/publish.h"

#define HELLO "hello, finance\n"
#define PATH  "out/sepa/a.xml"
#define TEMP  "out/sepa/.a.xml.new"

static void
write_file(struct run *r, const char *path, const char *text)
{
	struct publication p;

	publish_begin(&p, r, "bank_file", 7, path);
	sink_text(p.sink, text);
	publish_end(&p);
}

/* As a stage that is killed between its commit and the names. */
static void
commit_a_file(struct run *r)
{
	tx_begin(r->db);
	write_file(r, PATH, HELLO);
	tx_commit(r->db);
}

static void
write_a_folder(struct run *r)
{
	struct publication p;

	publish_folder_begin(r, "out/sepa/set");
	publish_begin_in(&p, r, "bank_file", 7, "out/sepa/set", "a.xml");
	sink_text(p.sink, HELLO);
	publish_end(&p);
	publish_begin_in(&p, r, "bank_file", 7, "out/sepa/set", "b.csv");
	publish_end(&p);
	publish_folder_end(r, "out/sepa/set");
}

static void
commit_a_folder(struct run *r)
{
	tx_begin(r->db);
	write_a_folder(r);
	tx_commit(r->db);
}

#define DUE    "SELECT count(*) FROM artifact WHERE state = 'due'"
#define PLACED "SELECT count(*) FROM artifact WHERE state = 'placed'"
#define GONE   "SELECT count(*) FROM artifact WHERE state = 'gone'"

static void
publish_gives_the_name_after_the_commit(void **state)
{
	struct run *r = *state;
	unsigned char digest[SHA256_SIZE], found[SHA256_SIZE];
	struct stmt *q;
	int64_t size;
	size_t n;

	commit_a_file(r);
	assert_false(home_has(PATH));
	assert_true(home_has(TEMP));
	assert_int_equal(home_number(r, DUE), 1);
	publish_place(r);
	assert_string_equal(home_read(PATH), HELLO);
	assert_int_equal(home_names_in("out/sepa"), 1);
	q = sql(r->db, "SELECT path, kind, owner, folder, sha256, size, state FROM artifact");
	assert_true(row(q));
	assert_string_equal(col_text(q, 0), PATH);
	assert_string_equal(col_text(q, 1), "bank_file");
	assert_int_equal(col_int(q, 2), 7);
	assert_true(col_null(q, 3));
	sha256(HELLO, strlen(HELLO), digest);
	assert_memory_equal(col_blob(q, 4, &n), digest, SHA256_SIZE);
	assert_int_equal(col_int(q, 5), strlen(HELLO));
	assert_string_equal(col_text(q, 6), "placed");
	assert_false(row(q));
	assert_true(publish_digest(PATH, found, &size));
	assert_memory_equal(found, digest, SHA256_SIZE);
	assert_int_equal(size, strlen(HELLO));
	assert_false(publish_digest("out/sepa/other", found, &size));
}

static void
publish_has_nothing_to_do_the_second_time(void **state)
{
	struct run *r = *state;
	int64_t before;

	commit_a_file(r);
	publish_place(r);
	before = store_changes(r->db);
	publish_place(r);
	publish_finish(r);
	assert_int_equal(store_changes(r->db), before);
	assert_string_equal(home_read(PATH), HELLO);
}

static void
publish_finishes_what_a_killed_process_committed(void **state)
{
	struct run *r = *state;

	assert_int_equal(home_child(r, commit_a_file), 0);
	assert_false(home_has(PATH));
	home_write("state/.incoming.new", "half of an input");
	publish_finish(r);
	assert_string_equal(home_read(PATH), HELLO);
	assert_false(home_has(TEMP));
	assert_false(home_has("state/.incoming.new"));
	assert_int_equal(home_number(r, PLACED), 1);
}

static void
commit_and_link(struct run *r)
{
	commit_a_file(r);
	assert_int_equal(link(TEMP, PATH), 0);
}

static void
publish_finishes_what_was_killed_after_the_link(void **state)
{
	struct run *r = *state;

	assert_int_equal(home_child(r, commit_and_link), 0);
	publish_finish(r);
	assert_string_equal(home_read(PATH), HELLO);
	assert_false(home_has(TEMP));
	assert_int_equal(home_number(r, PLACED), 1);
}

static void
write_without_commit(struct run *r)
{
	tx_begin(r->db);
	write_file(r, PATH, "what the killed process wrote, and it was longer\n");
}

static void
publish_writes_again_what_was_not_committed(void **state)
{
	struct run *r = *state;

	assert_int_equal(home_child(r, write_without_commit), 0);
	publish_finish(r);
	assert_false(home_has(PATH));
	assert_int_equal(home_number(r, "SELECT count(*) FROM artifact"), 0);
	commit_a_file(r);
	publish_place(r);
	assert_string_equal(home_read(PATH), HELLO);
	assert_int_equal(home_names_in("out/sepa"), 1);
}

static void
place(struct run *r)
{
	publish_place(r);
}

static void
publish_never_overwrites_what_is_not_ours(void **state)
{
	struct run *r = *state;

	commit_a_file(r);
	home_write(PATH, "of somebody else\n");
	home_dies(r, place, EXIT_OVERWRITE, PATH " is there already");
	assert_string_equal(home_read(PATH), "of somebody else\n");
	assert_int_equal(home_number(r, DUE), 1);
	assert_int_equal(rename(PATH, "out/sepa/moved-away"), 0); /* what the message asks for */
	publish_finish(r);
	assert_string_equal(home_read(PATH), HELLO);
}

static void
publish_dies_of_a_promise_it_cannot_keep(void **state)
{
	struct run *r = *state;

	commit_a_file(r);
	home_write(TEMP, "cut");
	home_dies(r, place, EXIT_BUG, "promised by the books");
	assert_false(home_has(PATH));
	assert_int_equal(unlink(TEMP), 0);
	home_dies(r, place, EXIT_BUG, "promised by the books");
}

static void
publish_gives_a_name_once(void **state)
{
	struct run *r = *state;

	commit_a_file(r);
	publish_place(r);
	home_dies(r, commit_a_file, EXIT_OVERWRITE, "a name is given once");
	assert_string_equal(home_read(PATH), HELLO);
	tx_begin(r->db);
	publish_retire(r, PATH);
	tx_commit(r->db);
	publish_place(r);
	home_dies(r, commit_a_file, EXIT_OVERWRITE, "a name is given once");
}

static void
publish_shows_a_folder_by_one_rename(void **state)
{
	struct run *r = *state;

	commit_a_folder(r);
	assert_false(home_has("out/sepa/set"));
	assert_int_equal(home_number(r, "SELECT count(*) FROM artifact WHERE folder = 'out/sepa/set'"), 2);
	publish_place(r);
	assert_string_equal(home_read("out/sepa/set/a.xml"), HELLO);
	assert_string_equal(home_read("out/sepa/set/b.csv"), "");
	assert_int_equal(home_names_in("out/sepa/set"), 2);
	assert_int_equal(home_names_in("out/sepa"), 1);
	assert_int_equal(home_number(r, PLACED), 2);
}

static void
commit_and_rename(struct run *r)
{
	commit_a_folder(r);
	assert_int_equal(rename("out/sepa/.set.new", "out/sepa/set"), 0);
}

static void
publish_finishes_folders_as_well(void **state)
{
	struct run *r = *state;

	assert_int_equal(home_child(r, commit_a_folder), 0);
	publish_finish(r);
	assert_int_equal(home_names_in("out/sepa/set"), 2);
	assert_int_equal(home_number(r, PLACED), 2);
}

static void
publish_finishes_a_folder_killed_after_its_rename(void **state)
{
	struct run *r = *state;

	assert_int_equal(home_child(r, commit_and_rename), 0);
	publish_finish(r);
	assert_int_equal(home_names_in("out/sepa/set"), 2);
	assert_int_equal(home_number(r, PLACED), 2);
}

static void
publish_mixes_nothing_into_a_folder_of_others(void **state)
{
	struct run *r = *state;

	commit_a_folder(r);
	assert_int_equal(mkdir("out/sepa/set", 0700), 0);
	home_write("out/sepa/set/a.xml", "of somebody else\n");
	home_dies(r, place, EXIT_OVERWRITE, "out/sepa/set");
	assert_string_equal(home_read("out/sepa/set/a.xml"), "of somebody else\n");
	assert_int_equal(home_names_in("out/sepa/set"), 1);
	assert_int_equal(home_number(r, DUE), 2);
}

static void
publish_begins_a_folder_afresh(void **state)
{
	struct run *r = *state;

	assert_int_equal(mkdir("out/sepa", 0700), 0);
	assert_int_equal(mkdir("out/sepa/.set.new", 0700), 0);
	home_write("out/sepa/.set.new/of-a-killed-process", "x");
	commit_a_folder(r);
	publish_place(r);
	assert_int_equal(home_names_in("out/sepa/set"), 2);
}

static void
publish_discards_what_is_not_wanted(void **state)
{
	struct run *r = *state;
	struct publication p;

	publish_begin(&p, r, "bank_file", 7, PATH);
	sink_text(p.sink, HELLO);
	publish_seal(&p);
	publish_discard(&p);
	assert_int_equal(home_names_in("out/sepa"), 0);
	tx_begin(r->db);
	write_a_folder(r);
	tx_rollback(r->db);
	publish_folder_discard(r, "out/sepa/set");
	assert_int_equal(home_names_in("out/sepa"), 0);
	publish_place(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM artifact"), 0);
}

static void
publish_lets_sealed_bytes_be_read(void **state)
{
	struct run *r = *state;
	struct publication p;
	char text[64] = "";
	FILE *in;

	for (int dry = 0; dry < 2; dry++) {
		if (dry == 1)
			home_rehearse(r);
		publish_begin(&p, r, "bank_file", 7, PATH);
		sink_text(p.sink, HELLO);
		publish_seal(&p);
		for (int twice = 0; twice < 2; twice++) {
			in = publish_reopen(&p);
			assert_int_equal(fread(text, 1, sizeof(text), in), strlen(HELLO));
			assert_memory_equal(text, HELLO, strlen(HELLO));
			fclose(in);
		}
		publish_discard(&p);
	}
}

static void
publish_keeps_what_came_in_under_its_later_name(void **state)
{
	struct run *r = *state;
	struct publication p;

	publish_begin_incoming(&p, r);
	sink_text(p.sink, HELLO);
	publish_seal(&p);
	tx_begin(r->db);
	publish_keep(&p, "requests", 3, "archive/2026/03/04/a.jsonl");
	tx_commit(r->db);
	assert_false(home_has("archive/2026/03/04/a.jsonl"));
	publish_place(r);
	assert_string_equal(home_read("archive/2026/03/04/a.jsonl"), HELLO);
	assert_int_equal(home_number(r, "SELECT owner FROM artifact WHERE kind = 'requests'"), 3);
	assert_false(home_has("state/.incoming.new"));
}

static void
show(struct sink *s, void *ctx)
{
	sink_text(s, ctx);
}

static void
publish_leaves_nothing_of_a_dry_run(void **state)
{
	struct run *r = *state;
	struct publication p;
	char said[] = "a view";
	int names = home_names_in("state");

	home_rehearse(r);
	commit_a_file(r);
	commit_a_folder(r);
	publish_begin_incoming(&p, r);
	sink_text(p.sink, HELLO);
	publish_seal(&p);
	publish_keep(&p, "requests", 3, "archive/a.jsonl");
	publish_view(r, "out/status.txt", show, said);
	publish_view_link(r, "out/latest", "sepa");
	assert_int_equal(home_number(r, DUE), 4);
	publish_place(r);
	publish_finish(r);
	assert_int_equal(home_names_in("out"), 0);
	assert_int_equal(home_names_in("state"), names);
	assert_false(home_has("archive"));
	home_reopen(r);
	assert_int_equal(home_number(r, "SELECT count(*) FROM artifact"), 0);
}

static void
publish_hashes_the_same_in_a_dry_run(void **state)
{
	struct run *r = *state;
	unsigned char digest[SHA256_SIZE];
	struct stmt *q;
	size_t n;

	home_rehearse(r);
	commit_a_file(r);
	q = sql(r->db, "SELECT sha256, size FROM artifact");
	assert_true(row(q));
	sha256(HELLO, strlen(HELLO), digest);
	assert_memory_equal(col_blob(q, 0, &n), digest, SHA256_SIZE);
	assert_int_equal(col_int(q, 1), strlen(HELLO));
	assert_false(row(q));
}

static void
publish_finds_the_first_free_path(void **state)
{
	static const struct {
		const char *wanted, *found;
	} cases[] = {
	    {"out/2026.03/report.csv", "out/2026.03/report.csv"},
	    {"out/2026.03/report.csv", "out/2026.03/report-2.csv"},
	    {"out/2026.03/report.csv", "out/2026.03/report-3.csv"},
	    {"out/2026.03/report", "out/2026.03/report"},
	    {"out/2026.03/report", "out/2026.03/report-2"},
	    {"out/2026.03/report-2.csv", "out/2026.03/report-2-2.csv"},
	};
	struct run *r = *state;
	char path[PATH_SIZE];

	for (size_t i = 0; i < LENGTH(cases); i++) {
		publish_free_path(r, cases[i].wanted, path);
		assert_string_equal(path, cases[i].found);
		tx_begin(r->db);
		write_file(r, path, HELLO);
		tx_commit(r->db);
	}
	publish_place(r);
	assert_int_equal(home_names_in("out/2026.03"), 6);
	tx_begin(r->db);
	publish_retire(r, "out/2026.03/report");
	tx_commit(r->db);
	publish_place(r);
	publish_free_path(r, "out/2026.03/report",
	                  path); /* what is gone was seen: its name is not given again */
	assert_string_equal(path, "out/2026.03/report-3");
	commit_a_folder(r);
	publish_free_path(r, "out/sepa/set", path);
	assert_string_equal(path, "out/sepa/set-2");
}

static void
commit_a_retirement(struct run *r)
{
	tx_begin(r->db);
	publish_retire(r, PATH);
	tx_commit(r->db);
}

static void
publish_takes_away_what_is_retired(void **state)
{
	struct run *r = *state;

	commit_a_file(r);
	publish_place(r);
	tx_begin(r->db);
	publish_retire(r, PATH);
	tx_rollback(r->db);
	publish_place(r);
	assert_true(home_has(PATH));
	assert_int_equal(home_child(r, commit_a_retirement), 0);
	assert_true(home_has(PATH));
	publish_finish(r);
	assert_false(home_has(PATH));
	assert_int_equal(home_number(r, GONE), 1);
	commit_a_retirement(r); /* again: nothing to take away */
	publish_place(r);
	assert_int_equal(home_number(r, GONE), 1);
}

static void
publish_leaves_no_trace_of_what_was_retired_before_it_appeared(void **state)
{
	struct run *r = *state;

	tx_begin(r->db);
	write_file(r, PATH, HELLO);
	publish_retire(r, PATH);
	tx_commit(r->db);
	publish_place(r);
	assert_int_equal(home_names_in("out/sepa"), 0);
	assert_int_equal(home_number(r, GONE), 1);
}

static void
publish_replaces_views(void **state)
{
	struct run *r = *state;
	char one[] = "one\n", two[] = "two\n", target[64] = "";

	publish_view(r, "out/status.txt", show, one);
	assert_string_equal(home_read("out/status.txt"), one);
	publish_view(r, "out/status.txt", show, two);
	assert_string_equal(home_read("out/status.txt"), two);
	publish_view_link(r, "out/latest", "2026-03-03");
	publish_view_link(r, "out/latest", "2026-03-04");
	assert_int_equal(readlink("out/latest", target, sizeof(target) - 1), 10);
	assert_string_equal(target, "2026-03-04");
	assert_int_equal(home_names_in("out"), 2);
	assert_int_equal(home_number(r, "SELECT count(*) FROM artifact"), 0);
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void
publish_keeps_others_out_but_behind_a_door(void **state)
{
	struct run *r = *state;

	commit_a_file(r);
	assert_int_equal(mkdir("out/door", 0700), 0);
	assert_int_equal(chmod("out/door", 02750), 0);
	tx_begin(r->db);
	write_file(r, "out/door/2026/03/b.csv", HELLO);
	tx_commit(r->db);
	publish_place(r);
	assert_int_equal(mode_of("out/sepa"), 0700);
	assert_int_equal(mode_of(PATH), 0600);
	assert_int_equal(mode_of("out/door/2026/03"), 02750);
	assert_int_equal(mode_of("out/door/2026/03/b.csv"), 0640);
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(publish_gives_the_name_after_the_commit),
	    IN_HOME(publish_has_nothing_to_do_the_second_time),
	    IN_HOME(publish_finishes_what_a_killed_process_committed),
	    IN_HOME(publish_finishes_what_was_killed_after_the_link),
	    IN_HOME(publish_writes_again_what_was_not_committed),
	    IN_HOME(publish_never_overwrites_what_is_not_ours),
	    IN_HOME(publish_dies_of_a_promise_it_cannot_keep),
	    IN_HOME(publish_gives_a_name_once),
	    IN_HOME(publish_shows_a_folder_by_one_rename),
	    IN_HOME(publish_finishes_folders_as_well),
	    IN_HOME(publish_finishes_a_folder_killed_after_its_rename),
	    IN_HOME(publish_mixes_nothing_into_a_folder_of_others),
	    IN_HOME(publish_begins_a_folder_afresh),
	    IN_HOME(publish_discards_what_is_not_wanted),
	    IN_HOME(publish_lets_sealed_bytes_be_read),
	    IN_HOME(publish_keeps_what_came_in_under_its_later_name),
	    IN_HOME(publish_leaves_nothing_of_a_dry_run),
	    IN_HOME(publish_hashes_the_same_in_a_dry_run),
	    IN_HOME(publish_finds_the_first_free_path),
	    IN_HOME(publish_takes_away_what_is_retired),
	    IN_HOME(publish_leaves_no_trace_of_what_was_retired_before_it_appeared),
	    IN_HOME(publish_replaces_views),
	    IN_HOME(publish_keeps_others_out_but_behind_a_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
