/* publish: files appear whole or not at all, wherever a run is interrupted, and come back when they are missing. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/home/publish.h"

#define HELLO "hello, finance\n"
#define PATH  "out/sepa/a.xml"
#define TEMP  "out/sepa/.a.xml.new"

static void
write_file(struct run *r, const char *path, const char *text)
{
	char bytes[64];

	snprintf(bytes, sizeof(bytes), "%s", text);
	publish_file(r, "bank_file", 7, path, home_render, bytes);
}

/* As a stage that is interrupted between its commit and the names. */
static void
commit_a_file(struct run *r)
{
	tx_begin(r->db);
	write_file(r, PATH, HELLO);
	tx_commit(r->db);
}

static void
check_hello(FILE *in, const struct file_digest *p, void *ctx)
{
	char text[64] = "";
	unsigned char digest[SHA256_SIZE];

	assert_int_equal(fread(text, 1, sizeof(text), in), strlen(ctx));
	fclose(in);
	assert_string_equal(text, ctx);
	assert_int_equal(p->size, strlen(ctx));
	sha256(ctx, strlen(ctx), digest);
	assert_memory_equal(p->sha256, digest, SHA256_SIZE);
}

static void
write_a_folder(struct run *r)
{
	char hello[] = HELLO, nothing[] = "";
	const struct publish_entry entries[] = {
	    {.name = "a.xml",
	     .kind = "bank_file",
	     .owner = 7,
	     .render = home_render,
	     .ctx = hello,
	     .check = check_hello},
	    {.name = "b.csv", .kind = "bank_file", .owner = 7, .render = home_render, .ctx = nothing},
	};

	assert_true(publish_folder(r, "out/sepa/set", entries, 2, NULL, NULL));
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
	unsigned char digest[SHA256_SIZE];
	struct stmt *q;
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
publish_completes_what_an_interrupted_run_committed(void **state)
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
publish_completes_a_run_interrupted_after_the_link(void **state)
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
	write_file(r, PATH, "what the interrupted run wrote, and it was longer\n");
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
publish_never_overwrites_a_file_of_others(void **state)
{
	struct run *r = *state;

	commit_a_file(r);
	home_write(PATH, "of another program\n");
	home_dies(r, place, EXIT_OVERWRITE, PATH " exists and has not the published bytes");
	assert_string_equal(home_read(PATH), "of another program\n");
	assert_int_equal(home_number(r, DUE), 1);
	assert_int_equal(rename(PATH, "out/sepa/moved-away"), 0); /* as the message asks */
	publish_finish(r);
	assert_string_equal(home_read(PATH), HELLO);
}

static void
publish_dies_when_a_recorded_file_is_lost(void **state)
{
	struct run *r = *state;

	commit_a_file(r);
	home_write(TEMP, "cut");
	home_dies(r, place, EXIT_BUG, "recorded as published");
	assert_false(home_has(PATH));
	assert_int_equal(unlink(TEMP), 0);
	home_dies(r, place, EXIT_BUG, "recorded as published");
}

static void
finish(struct run *r)
{
	publish_finish(r);
}

static void
publish_leaves_a_lost_file_to_the_stage_that_can_render_it(void **state)
{
	struct run *r = *state;
	char bytes[] = HELLO;

	commit_a_file(r);
	assert_int_equal(unlink(TEMP), 0);
	publish_finish(r);
	assert_false(home_has(PATH));
	assert_int_equal(home_number(r, PLACED), 1);
	tx_begin(r->db);
	publish_file(r, "transactions.csv", 1, "out/2026-03-04/transactions.csv", home_render, bytes);
	tx_commit(r->db);
	assert_int_equal(unlink("out/2026-03-04/.transactions.csv.new"), 0);
	home_dies(r, finish, EXIT_BUG, "restore the file from a backup");
}

static void
render_lost(struct sink *s, const struct publish_lost *lost, void *ctx)
{
	assert_int_equal(lost->owner, 7);
	assert_string_equal(lost->kind, "bank_file");
	sink_print(s, "%s %s\n", lost->name, (const char *)ctx);
}

#define SET "out/sepa/2026-03-10_a/v1"

static void
commit_a_dated_folder(struct run *r)
{
	char a[] = "a.xml one\n", b[] = "b.csv one\n";
	const struct publish_entry entries[] = {
	    {.name = "a.xml", .kind = "bank_file", .owner = 7, .render = home_render, .ctx = a},
	    {.name = "b.csv", .kind = "bank_file", .owner = 7, .render = home_render, .ctx = b},
	};

	tx_begin(r->db);
	assert_true(publish_folder(r, SET, entries, 2, NULL, NULL));
	tx_commit(r->db);
	publish_place(r);
}

static const struct publish_source source = {"bank_file", "out/sepa", NULL, render_lost, 0};

static void
restore(struct run *r)
{
	char version[] = "one";

	publish_restore(r, &source, r->on - 30, version);
}

static void
restore_another(struct run *r)
{
	char version[] = "two";

	publish_restore(r, &source, r->on - 30, version);
}

static void
publish_restores_a_missing_folder(void **state)
{
	struct run *r = *state;

	commit_a_dated_folder(r);
	restore(r);
	assert_int_equal(home_names_in(SET), 2);
	home_remove("out/sepa/2026-03-10_a");
	restore(r);
	assert_string_equal(home_read(SET "/a.xml"), "a.xml one\n");
	assert_string_equal(home_read(SET "/b.csv"), "b.csv one\n");
	assert_int_equal(home_names_in(SET), 2);
	assert_int_equal(unlink(SET "/b.csv"), 0);
	restore(r);
	assert_string_equal(home_read(SET "/b.csv"), "b.csv one\n");
	assert_int_equal(home_number(r, PLACED), 2);
}

static void
publish_restores_no_other_bytes(void **state)
{
	struct run *r = *state;

	commit_a_dated_folder(r);
	home_remove(SET);
	home_dies(r, restore_another, EXIT_BUG,
	          SET "/a.xml is missing, and the books and the configuration give other bytes");
	assert_int_equal(home_names_in(SET), 0);
}

/* Other kinds, other owners, what is retired, and what is older than the caller looks back. */
static void
publish_restores_only_what_it_is_asked_for(void **state)
{
	static const struct publish_source of_others = {"bank_file", "out/sepa", NULL, render_lost, 8};
	static const struct publish_source of_other_kind = {"handoff", "out/sepa", NULL, render_lost, 0};
	struct run *r = *state;
	char version[] = "two";

	commit_a_dated_folder(r);
	home_remove("out/sepa/2026-03-10_a");
	publish_restore(r, &of_others, r->on - 30, version);
	publish_restore(r, &of_other_kind, r->on - 30, version);
	publish_restore(r, &source, r->on + 7, version);
	home_exec(r, "UPDATE artifact SET state = 'gone'");
	restore(r);
	assert_int_equal(home_names_in("out/sepa"), 0);
}

static void
publish_restores_nothing_in_a_dry_run(void **state)
{
	struct run *r = *state;

	commit_a_dated_folder(r);
	home_remove("out/sepa/2026-03-10_a");
	home_rehearse(r);
	restore(r);
	assert_int_equal(home_names_in("out/sepa"), 0);
	home_dies(r, restore_another, EXIT_BUG, "other bytes");
	home_reopen(r);
}

static void
publish_restores_behind_a_door(void **state)
{
	static const struct publish_source behind = {"bank_file", "out", "inbox/requests", render_lost, 0};
	struct run *r = *state;
	char bytes[] = "a.csv one\n", version[] = "one";
	struct stat st;

	assert_int_equal(chmod("inbox/requests", 02770), 0);
	tx_begin(r->db);
	publish_file(r, "bank_file", 7, "out/2026-03-04/requests/a.csv", home_render, bytes);
	tx_commit(r->db);
	publish_place(r);
	home_remove("out/2026-03-04");
	publish_restore(r, &behind, r->on, version);
	assert_int_equal(stat("out/2026-03-04/requests", &st), 0);
	assert_int_equal(st.st_mode & 07777, 02750);
	assert_int_equal(stat("out/2026-03-04/requests/a.csv", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
}

static void
publish_outside(struct run *r)
{
	write_file(r, PATH, HELLO);
}

static void
publish_requires_a_unit_of_work(void **state)
{
	home_dies(*state, publish_outside, EXIT_BUG, "outside a unit of work");
}

static void
publish_uses_a_name_once(void **state)
{
	struct run *r = *state;

	commit_a_file(r);
	publish_place(r);
	home_dies(r, commit_a_file, EXIT_OVERWRITE, "a name is used once");
	assert_string_equal(home_read(PATH), HELLO);
	tx_begin(r->db);
	publish_retire(r, PATH);
	tx_commit(r->db);
	publish_place(r);
	home_dies(r, commit_a_file, EXIT_OVERWRITE, "a name is used once");
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
render_both(struct sink *const sinks[], void *ctx)
{
	(void)ctx;
	sink_text(sinks[1], "second");
	sink_text(sinks[0], "first");
}

static void
publish_writes_files_in_one_pass(void **state)
{
	static char alone[] = "alone";
	const struct publish_entry entries[] = {
	    {.name = "a", .kind = "bank_file", .owner = 7, .render_all = render_both},
	    {.name = "b", .kind = "bank_file", .owner = 7, .render = home_render, .ctx = alone},
	    {.name = "c", .kind = "bank_file", .owner = 7, .render_all = render_both}};
	struct run *r = *state;
	struct file_digest p;

	tx_begin(r->db);
	assert_true(publish_folder(r, "out/sepa/set", entries, 3, NULL, NULL));
	tx_commit(r->db);
	publish_place(r);
	assert_string_equal(home_read("out/sepa/set/a"), "first");
	assert_string_equal(home_read("out/sepa/set/b"), "alone");
	assert_string_equal(home_read("out/sepa/set/c"), "second");
	assert_true(publish_find(r, "out/sepa/set/c", &p));
	assert_int_equal(p.size, 6);
}

static ino_t
inode_of(const char *path)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	return st.st_ino;
}

static void
publish_one_like(struct run *r, const char *folder, const char *same_as, const char *text)
{
	const struct publish_entry entry = {.name = "a.csv",
	                                    .kind = "export",
	                                    .owner = 7,
	                                    .render = home_render,
	                                    .ctx = (void *)text,
	                                    .same_as = same_as};

	tx_begin(r->db);
	assert_true(publish_folder(r, folder, &entry, 1, NULL, NULL));
	tx_commit(r->db);
	publish_place(r);
}

static void
publish_gives_an_unchanged_file_a_second_name(void **state)
{
	static char text[] = "rows", other[] = "row";
	struct run *r = *state;

	publish_one_like(r, "out/sepa/1", NULL, text);
	publish_one_like(r, "out/sepa/2", "out/sepa/1/a.csv", other);
	assert_int_equal(inode_of("out/sepa/2/a.csv"), inode_of("out/sepa/1/a.csv"));
	assert_string_equal(home_read("out/sepa/2/a.csv"), "rows");
}

/* A file of a folder that is to appear has other bytes, as many, and a second name. */
static void
begin_changed_links(struct run *r, const char *kind)
{
	char hello[] = HELLO;
	const struct publish_entry entry = {
	    .name = "a.xml", .kind = kind, .owner = 7, .render = home_render, .ctx = hello};

	tx_begin(r->db);
	assert_true(publish_folder(r, "out/sepa/set", &entry, 1, NULL, NULL));
	tx_commit(r->db);
	home_write("out/sepa/.set.new/a.xml", "HELLO, FINANCE\n");
	assert_int_equal(link("out/sepa/.set.new/a.xml", "out/sepa/second"), 0);
}

static void
publish_compares_a_file_that_has_a_second_name(void **state)
{
	struct run *r = *state;

	begin_changed_links(r, "handoff");
	home_dies(r, place, EXIT_OVERWRITE, "out/sepa/set/a.xml");
	assert_int_equal(home_number(r, DUE), 1);
}

/* Its first name was compared when it was published; each night would read all months again. */
static void
publish_compares_no_export_that_has_a_second_name(void **state)
{
	struct run *r = *state;

	begin_changed_links(r, "export");
	publish_place(r);
	assert_int_equal(home_number(r, PLACED), 1);
}

static void
publish_writes_a_file_that_cannot_be_linked(void **state)
{
	static char text[] = "rows";
	struct run *r = *state;

	publish_one_like(r, "out/sepa/1", NULL, text);
	home_write("out/sepa/1/a.csv", "cut");
	publish_one_like(r, "out/sepa/2", "out/sepa/1/a.csv", text);
	assert_string_equal(home_read("out/sepa/2/a.csv"), "rows");
	assert_int_equal(unlink("out/sepa/1/a.csv"), 0);
	publish_one_like(r, "out/sepa/3", "out/sepa/1/a.csv", text);
	publish_one_like(r, "out/sepa/4", "out/sepa/0/a.csv", text);
	assert_string_equal(home_read("out/sepa/3/a.csv"), "rows");
	assert_string_equal(home_read("out/sepa/4/a.csv"), "rows");
}

static void
publish_completes_folders(void **state)
{
	struct run *r = *state;

	assert_int_equal(home_child(r, commit_a_folder), 0);
	publish_finish(r);
	assert_int_equal(home_names_in("out/sepa/set"), 2);
	assert_int_equal(home_number(r, PLACED), 2);
}

static void
publish_completes_a_folder_interrupted_after_its_rename(void **state)
{
	struct run *r = *state;

	assert_int_equal(home_child(r, commit_and_rename), 0);
	publish_finish(r);
	assert_int_equal(home_names_in("out/sepa/set"), 2);
	assert_int_equal(home_number(r, PLACED), 2);
}

static void
publish_adds_nothing_to_a_folder_of_others(void **state)
{
	struct run *r = *state;

	commit_a_folder(r);
	assert_int_equal(mkdir("out/sepa/set", 0700), 0);
	home_write("out/sepa/set/a.xml", "of another program\n");
	home_dies(r, place, EXIT_OVERWRITE, "out/sepa/set");
	assert_string_equal(home_read("out/sepa/set/a.xml"), "of another program\n");
	assert_int_equal(home_names_in("out/sepa/set"), 1);
	assert_int_equal(home_number(r, DUE), 2);
}

static void
publish_begins_a_folder_empty(void **state)
{
	struct run *r = *state;

	assert_int_equal(mkdir("out/sepa", 0700), 0);
	assert_int_equal(mkdir("out/sepa/.set.new", 0700), 0);
	home_write("out/sepa/.set.new/of-an-interrupted-run", "x");
	commit_a_folder(r);
	publish_place(r);
	assert_int_equal(home_names_in("out/sepa/set"), 2);
}

static bool
note_and_refuse(const unsigned char digest[static SHA256_SIZE], void *ctx)
{
	memcpy(ctx, digest, SHA256_SIZE);
	return false;
}

static void
publish_discards_an_unwanted_folder(void **state)
{
	struct run *r = *state;
	char hello[] = HELLO;
	const struct publish_entry entries[] = {
	    {.name = "a.xml", .kind = "bank_file", .owner = 7, .render = home_render, .ctx = hello}};
	unsigned char of_file[SHA256_SIZE], of_set[SHA256_SIZE], digest[SHA256_SIZE];

	tx_begin(r->db);
	assert_false(publish_folder(r, "out/sepa/set", entries, 1, note_and_refuse, digest));
	tx_commit(r->db);
	assert_int_equal(home_number(r, "SELECT count(*) FROM artifact"), 0);
	assert_int_equal(home_names_in("out/sepa"), 0);
	sha256(HELLO, strlen(HELLO), of_file);
	sha256(of_file, sizeof(of_file), of_set);
	assert_memory_equal(digest, of_set, SHA256_SIZE);
}

static void
publish_removes_what_was_rolled_back(void **state)
{
	struct run *r = *state;
	char hello[] = HELLO;
	const struct publish_entry entries[] = {
	    {.name = "a.xml", .kind = "bank_file", .owner = 7, .render = home_render, .ctx = hello}};

	commit_a_file(r);
	tx_begin(r->db);
	assert_true(publish_folder(r, "out/sepa/set", entries, 1, NULL, NULL));
	write_file(r, "out/other.csv", HELLO);
	tx_rollback(r->db);
	assert_int_equal(access("out/sepa/.set.new/a.xml", F_OK), 0);
	home_write("state/begun",
	           "../outside/.a.new\n/.b.new\nalanpay.ini\nout/sepa/.set.new/a.xml\nout/.other.csv.new\n");
	publish_finish(r);
	assert_int_equal(access("out/sepa/.set.new", F_OK), -1);
	assert_int_equal(access("out/.other.csv.new", F_OK), -1);
	assert_int_equal(access("state/begun", F_OK), -1);
	assert_int_equal(access("alanpay.ini", F_OK), 0);
	assert_string_equal(home_read(PATH), HELLO);
	tx_begin(r->db);
	assert_true(publish_folder(r, "out/sepa/set", entries, 1, NULL, NULL));
	tx_commit(r->db);
	publish_finish(r);
	assert_string_equal(home_read("out/sepa/set/a.xml"), HELLO);
}

static void
publish_finds_the_digest_of_a_file(void **state)
{
	struct run *r = *state;
	unsigned char digest[SHA256_SIZE];
	struct file_digest p;

	commit_a_file(r);
	assert_true(publish_find(r, PATH, &p));
	sha256(HELLO, strlen(HELLO), digest);
	assert_memory_equal(p.sha256, digest, SHA256_SIZE);
	assert_int_equal(p.size, strlen(HELLO));
	assert_false(publish_find(r, "out/sepa/other", &p));
}

static void
publish_leaves_nothing_of_a_dry_run(void **state)
{
	struct run *r = *state;
	char said[] = "a view";
	int names = home_names_in("state");

	home_rehearse(r);
	commit_a_file(r);
	commit_a_folder(r);
	publish_view(r, "out/status.txt", home_render, said);
	publish_view_link(r, "out/latest", "sepa");
	assert_int_equal(home_number(r, DUE), 3);
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
	publish_free_path(r, "out/2026.03/report", path); /* the name of a removed file is not used again */
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
publish_removes_retired_files(void **state)
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
	commit_a_retirement(r); /* a second time: nothing to remove */
	publish_place(r);
	assert_int_equal(home_number(r, GONE), 1);
}

static void
publish_removes_a_file_retired_before_it_appeared(void **state)
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

	publish_view(r, "out/status.txt", home_render, one);
	assert_string_equal(home_read("out/status.txt"), one);
	publish_view(r, "out/status.txt", home_render, two);
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
publish_opens_files_to_a_group_only_behind_a_door(void **state)
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
	    IN_HOME(publish_completes_what_an_interrupted_run_committed),
	    IN_HOME(publish_completes_a_run_interrupted_after_the_link),
	    IN_HOME(publish_writes_again_what_was_not_committed),
	    IN_HOME(publish_never_overwrites_a_file_of_others),
	    IN_HOME(publish_dies_when_a_recorded_file_is_lost),
	    IN_HOME(publish_leaves_a_lost_file_to_the_stage_that_can_render_it),
	    IN_HOME(publish_restores_a_missing_folder),
	    IN_HOME(publish_restores_no_other_bytes),
	    IN_HOME(publish_restores_only_what_it_is_asked_for),
	    IN_HOME(publish_restores_nothing_in_a_dry_run),
	    IN_HOME(publish_restores_behind_a_door),
	    IN_HOME(publish_requires_a_unit_of_work),
	    IN_HOME(publish_uses_a_name_once),
	    IN_HOME(publish_shows_a_folder_by_one_rename),
	    IN_HOME(publish_writes_files_in_one_pass),
	    IN_HOME(publish_gives_an_unchanged_file_a_second_name),
	    IN_HOME(publish_compares_a_file_that_has_a_second_name),
	    IN_HOME(publish_compares_no_export_that_has_a_second_name),
	    IN_HOME(publish_writes_a_file_that_cannot_be_linked),
	    IN_HOME(publish_completes_folders),
	    IN_HOME(publish_completes_a_folder_interrupted_after_its_rename),
	    IN_HOME(publish_adds_nothing_to_a_folder_of_others),
	    IN_HOME(publish_begins_a_folder_empty),
	    IN_HOME(publish_discards_an_unwanted_folder),
	    IN_HOME(publish_removes_what_was_rolled_back),
	    IN_HOME(publish_finds_the_digest_of_a_file),
	    IN_HOME(publish_leaves_nothing_of_a_dry_run),
	    IN_HOME(publish_hashes_the_same_in_a_dry_run),
	    IN_HOME(publish_finds_the_first_free_path),
	    IN_HOME(publish_removes_retired_files),
	    IN_HOME(publish_removes_a_file_retired_before_it_appeared),
	    IN_HOME(publish_replaces_views),
	    IN_HOME(publish_opens_files_to_a_group_only_behind_a_door),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
