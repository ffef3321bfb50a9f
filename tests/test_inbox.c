/* inbox: files of others are taken once, kept whole, and never trusted. */
#include "tests/home.h"

#include <signal.h>

#include "formats/length.h"
#include "stages/core/engine/exception.h"
#include "stages/core/home/inbox.h"
#include "stages/core/home/publish.h"

#define NAME    "a.jsonl"
#define FROM    "inbox/requests/" NAME
#define KEPT    "archive/2026/03/04/" NAME
#define REFUSED "quarantine/2026/03/04/" NAME
#define BYTES   "{}\n"
#define DIGEST  "ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356" /* of BYTES, by sha256sum */

/* What an apply function was given, and what it shall say. */
struct reading {
	int times;
	int64_t copy_of, number;
	char text[32];
	const char *code; /* NULL: it can be applied */
	bool replace;     /* another file of its name arrives while it is read */
};

static int
apply(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e)
{
	struct reading *g = ctx;
	FILE *in = inbox_content(f);
	struct stmt *q;

	assert_true(tx_open(f->run->db));
	g->times++;
	g->copy_of = copy_of;
	g->number = f->number;
	memset(g->text, 0, sizeof(g->text));
	assert_true(fread(g->text, 1, sizeof(g->text) - 1, in) > 0);
	fclose(in);
	if (g->replace) {
		home_write("inbox/bank/.new", "another\n");
		assert_int_equal(rename("inbox/bank/.new", f->from), 0);
	}
	q = sql(f->run->db,
	        "INSERT INTO cursor (name, value) VALUES ($name, $input)"); /* stands for what it applies */
	bind_text(q, "$name", f->name);
	bind_int(q, "$input", f->number);
	exec(q);
	return g->code == NULL ? 0 : err_at(e, 3, 0, g->code, "a quote is not closed");
}

static struct reading
receive_as(struct run *r, const char *kind, const char *name, const char *code)
{
	struct reading g = {.code = code};

	inbox_receive(r, kind, strcmp(kind, "bank") == 0 ? "inbox/bank" : "inbox/requests", name, apply, &g);
	return g;
}

static struct reading
receive(struct run *r)
{
	return receive_as(r, "requests", NAME, NULL);
}

#define INPUTS  "SELECT count(*) FROM input"
#define APPLIED "SELECT count(*) FROM cursor"

static void
inbox_lists_what_has_arrived_by_name(void **state)
{
	static const char *const names[] = {"b.jsonl", "a.jsonl",        ".hidden", "c.part",
	                                    "d.tmp",   "a.jsonl.sha256", "B.csv"};
	struct run *r = *state;
	struct inbox_list list;
	char path[64];

	inbox_list(r, "inbox/requests", &list);
	assert_int_equal(list.n, 0);
	inbox_free(&list);
	for (size_t i = 0; i < LENGTH(names); i++) {
		snprintf(path, sizeof(path), "inbox/requests/%s", names[i]);
		home_write(path, "x");
	}
	inbox_list(r, "inbox/requests", &list);
	assert_int_equal(list.n, 3);
	assert_string_equal(list.name[0], "B.csv");
	assert_string_equal(list.name[1], "a.jsonl");
	assert_string_equal(list.name[2], "b.jsonl");
	inbox_free(&list);
}

static void
inbox_archives_what_was_applied(void **state)
{
	struct run *r = *state;
	struct reading g;
	struct stmt *q;

	home_write(FROM, BYTES);
	g = receive(r);
	assert_int_equal(g.times, 1);
	assert_int_equal(g.copy_of, 0);
	assert_string_equal(g.text, BYTES);
	assert_false(home_has(FROM));
	assert_string_equal(home_read(KEPT), BYTES);
	q = sql(
	    r->db,
	    "SELECT number, kind, name, lower(hex(sha256)), size, state, duplicate_of, code, kept_at, received_on"
	    " FROM input");
	assert_true(row(q));
	assert_int_equal(col_int(q, 0), g.number);
	assert_string_equal(col_text(q, 1), "requests");
	assert_string_equal(col_text(q, 2), NAME);
	assert_string_equal(col_text(q, 3), DIGEST);
	assert_int_equal(col_int(q, 4), strlen(BYTES));
	assert_string_equal(col_text(q, 5), "applied");
	assert_true(col_null(q, 6));
	assert_true(col_null(q, 7));
	assert_string_equal(col_text(q, 8), KEPT);
	assert_string_equal(col_text(q, 9), "2026-03-04");
	assert_false(row(q));
	assert_false(r->held);
	assert_int_equal(r->count[COUNT_FILES_APPLIED], 1);
	assert_false(home_has("state/.incoming.new"));
}

static void
inbox_applies_the_same_file_once(void **state)
{
	struct run *r = *state;

	home_write(FROM, BYTES);
	receive(r);
	home_write(FROM, BYTES);
	assert_int_equal(receive(r).times, 0);
	assert_false(home_has(FROM));
	assert_false(r->held);
	assert_int_equal(r->count[COUNT_FILES_APPLIED_BEFORE], 1);
	assert_int_equal(home_number(r, INPUTS), 1);
	assert_int_equal(home_names_in("archive/2026/03/04"), 1);
	assert_false(home_has("state/.incoming.new"));
}

static void
inbox_knows_the_same_bytes_under_another_name(void **state)
{
	struct run *r = *state;
	struct reading first, g;

	home_write(FROM, BYTES);
	first = receive(r);
	home_write("inbox/requests/b.jsonl", BYTES);
	g = receive_as(r, "requests", "b.jsonl", NULL);
	assert_int_equal(g.times, 1);
	assert_int_equal(g.copy_of, first.number);
	assert_string_equal(home_read("archive/2026/03/04/b.jsonl"), BYTES);
	assert_int_equal(home_number(r, "SELECT duplicate_of FROM input WHERE state = 'duplicate'"),
	                 first.number);
	home_write("inbox/requests/b.jsonl", BYTES);
	assert_int_equal(receive_as(r, "requests", "b.jsonl", NULL).times, 0);
	home_write("inbox/requests/c.jsonl", BYTES);
	assert_int_equal(receive_as(r, "requests", "c.jsonl", NULL).copy_of, first.number);
	home_write("inbox/bank/d.xml", BYTES); /* another kind of input: nothing is known of it */
	g = receive_as(r, "bank", "d.xml", NULL);
	assert_int_equal(g.times, 1);
	assert_int_equal(g.copy_of, 0);
}

static void
inbox_takes_the_name_of_a_request_once(void **state)
{
	struct run *r = *state;

	home_write(FROM, BYTES);
	receive(r);
	home_write(FROM, "other\n");
	assert_int_equal(receive(r).times, 0);
	assert_true(r->held);
	assert_false(home_has(FROM));
	assert_string_equal(home_read(KEPT), BYTES);
	assert_string_equal(home_read(REFUSED), "other\n");
	assert_int_equal(home_number(r, "SELECT count(*) FROM input WHERE code = 'file_name_conflict'"), 1);
}

static void
inbox_gives_other_bytes_of_a_bank_a_path_of_their_own(void **state)
{
	struct run *r = *state;

	home_write("inbox/bank/" NAME, BYTES);
	assert_int_equal(receive_as(r, "bank", NAME, NULL).times, 1);
	home_exec(r, "DELETE FROM cursor");
	home_write("inbox/bank/" NAME, "other\n");
	assert_int_equal(receive_as(r, "bank", NAME, NULL).times, 1);
	assert_string_equal(home_read(KEPT), BYTES);
	assert_string_equal(home_read("archive/2026/03/04/a-2.jsonl"), "other\n");
	assert_false(r->held);
}

static void
inbox_quarantines_what_is_refused(void **state)
{
	struct run *r = *state;

	home_write(FROM, BYTES);
	assert_int_equal(receive_as(r, "requests", NAME, "malformed_csv").times, 1);
	assert_false(home_has(FROM));
	assert_false(home_has("archive"));
	assert_string_equal(home_read(REFUSED), BYTES);
	assert_int_equal(home_number(r, APPLIED), 0); /* nothing of it */
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM input WHERE state = 'refused' AND code = 'malformed_csv'"
	                   "  AND message = 'a quote is not closed' AND number = 1"),
	    1);
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM exception WHERE kind = 'file' AND key = '" REFUSED "'"
	                   "  AND code = 'malformed_csv' AND input_number = 1 AND line = 3"),
	    1);
	assert_true(r->held);
	assert_int_equal(r->count[COUNT_FILES_QUARANTINED], 1);

	home_reopen(r);
	home_write(FROM, BYTES);
	assert_int_equal(receive_as(r, "requests", NAME, "malformed_csv").times,
	                 1); /* refused before, and still */
	assert_true(r->held);
	assert_int_equal(home_number(r, INPUTS), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE state = 'open'"), 1);

	home_reopen(r);
	home_write(FROM, BYTES); /* the reason for which it was quarantined is corrected */
	assert_int_equal(receive(r).times, 1);
	assert_int_equal(home_number(r, APPLIED), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE state = 'open'"), 0);
}

static void
inbox_checks_the_digest_of_the_sender(void **state)
{
	static const struct {
		const char *name, *sent;
		bool agrees;
	} cases[] = {
	    {"1", DIGEST "  a.jsonl\n", true},
	    {"2", DIGEST, true},
	    {"3", "0a3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356  a.jsonl\n", false},
	    {"4", "ca3d163bab0553", false},
	    {"5", "", false},
	};
	struct run *r = *state;
	char path[64];

	for (size_t i = 0; i < LENGTH(cases); i++) {
		home_reopen(r);
		snprintf(path, sizeof(path), "inbox/requests/%s", cases[i].name);
		home_write(path, BYTES);
		snprintf(path, sizeof(path), "inbox/requests/%s.sha256", cases[i].name);
		home_write(path, cases[i].sent);
		assert_int_equal(receive_as(r, "requests", cases[i].name, NULL).times, cases[i].agrees);
		assert_int_equal(r->held, !cases[i].agrees);
		assert_int_equal(home_names_in("inbox/requests"), 0);
	}
	assert_string_equal(home_read("quarantine/2026/03/04/3"), BYTES);
	assert_int_equal(home_number(r, "SELECT count(*) FROM input WHERE code = 'wrong_digest'"), 3);
}

/* Killed between the quarantine and the leaving, the file is still there at the next start. */
static void
inbox_refuses_a_wrong_digest_once(void **state)
{
	struct run *r = *state;

	for (int start = 0; start < 2; start++) {
		home_write(FROM, BYTES);
		home_write(FROM ".sha256", "of other bytes");
		assert_int_equal(receive(r).times, 0);
		assert_int_equal(home_names_in("inbox/requests"), 0);
	}
	assert_int_equal(home_number(r, INPUTS), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception"), 1);
	assert_int_equal(home_names_in("quarantine/2026/03/04"), 1);
}

static void
inbox_takes_the_same_bytes_with_the_right_digest(void **state)
{
	struct run *r = *state;

	home_write(FROM, BYTES);
	home_write(FROM ".sha256", "of other bytes");
	assert_int_equal(receive(r).times, 0);
	home_write(FROM, BYTES);
	home_write(FROM ".sha256", DIGEST);
	assert_int_equal(receive(r).times, 1);
	assert_string_equal(home_read(KEPT), BYTES);
	assert_int_equal(home_number(r, APPLIED), 1);
}

/* Killed between a file and its digest, the digest is there alone at the next start; one that came first waits. */
static void
inbox_removes_the_digest_of_a_file_that_is_gone(void **state)
{
	struct run *r = *state;
	struct inbox_list list;

	home_write(FROM, BYTES);
	receive(r);
	home_write(FROM ".sha256", DIGEST);
	home_write("inbox/requests/b.jsonl.sha256", DIGEST);
	inbox_list(r, "inbox/requests", &list);
	assert_int_equal(list.n, 0);
	inbox_free(&list);
	assert_false(home_has(FROM ".sha256"));
	assert_true(home_has("inbox/requests/b.jsonl.sha256"));
}

static void
inbox_leaves_a_file_that_replaced_the_one_it_read(void **state)
{
	struct run *r = *state;
	struct reading g = {.replace = true};

	home_write("inbox/bank/" NAME, BYTES);
	inbox_receive(r, "bank", "inbox/bank", NAME, apply, &g);
	assert_string_equal(home_read(KEPT), BYTES);
	assert_string_equal(home_read("inbox/bank/" NAME), "another\n");
	home_exec(r, "DELETE FROM cursor");
	assert_string_equal(receive_as(r, "bank", NAME, NULL).text, "another\n");
	assert_false(home_has("inbox/bank/" NAME));
}

static void
inbox_reads_regular_files_only(void **state)
{
	struct run *r = *state;

	home_write("secret", "of the home\n");
	for (int i = 0; i < 3; i++) {
		r->held = false;
		assert_int_equal(i == 0   ? symlink("../../secret", FROM)
		                 : i == 1 ? mkdir(FROM, 0700)
		                          : mkfifo(FROM, 0600),
		                 0);
		assert_int_equal(receive(r).times, 0);
		assert_int_equal(r->held, i == 0); /* held once, for a person to take away */
		assert_true(home_has(FROM));
		assert_int_equal(remove(FROM), 0);
	}
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM exception WHERE code = 'not_a_file' AND key = '" FROM "'"),
	    1);
	assert_int_equal(home_number(r, INPUTS), 0);
	assert_false(home_has("quarantine"));
	assert_false(home_has("state/.incoming.new"));
}

static void
what_was_no_file_is_closed_when_it_is_gone(void **state)
{
	static const char open[] = "SELECT count(*) FROM exception WHERE state = 'open'";
	struct run *r = *state;
	struct inbox_list list;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(mkdir(FROM, 0700), 0);
		receive(r);
		inbox_list(r, "inbox/requests", &list);
		inbox_free(&list);
		assert_int_equal(home_number(r, open), 1);
		assert_int_equal(rmdir(FROM), 0);
		if (i == 1)
			home_write(FROM, BYTES);
		inbox_list(r, "inbox/requests", &list);
		inbox_free(&list);
		assert_int_equal(home_number(r, open), 0);
	}
}

/* How many exceptions have this state and code. */
static int64_t
count_exceptions(struct run *r, const char *state, const char *code)
{
	struct stmt *q = sql(r->db, "SELECT count(*) FROM exception WHERE kind = 'file' AND state = $state AND code = $code"
	                            " AND key = '" FROM "'");

	bind_text(q, "$state", state);
	bind_text(q, "$code", code);
	return value(q, 0);
}

/* A folder beside a file, with the name of its digest: the file cannot be compared. The folder stays. */
static void
inbox_takes_no_folder_for_a_digest(void **state)
{
	struct run *r = *state;
	struct inbox_list list;

	for (int i = 0; i < 2; i++) {
		home_write(FROM, BYTES);
		assert_int_equal(i == 0 ? mkdir(FROM ".sha256", 0700) : mkfifo(FROM ".sha256", 0600), 0);
		inbox_list(r, "inbox/requests", &list);
		assert_int_equal(list.n, 1);
		inbox_free(&list);
		assert_int_equal(receive(r).times, 0);
		assert_false(home_has(FROM));
		assert_true(home_has(FROM ".sha256"));
		assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE state = 'open'"
		                                " AND code = 'not_a_file' AND key = '" FROM ".sha256'"),
		                 1);
		assert_int_equal(remove(FROM ".sha256"), 0);
		inbox_list(r, "inbox/requests", &list);
		inbox_free(&list);
		assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE state = 'open'"
		                                " AND code = 'not_a_file'"),
		                 0);
	}
	assert_int_equal(home_number(r, "SELECT count(*) FROM input WHERE code = 'wrong_digest'"), 1);
}

static void
inbox_goes_on_without_what_is_gone(void **state)
{
	struct run *r = *state;

	assert_int_equal(receive(r).times, 0);
	assert_false(r->held);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception"), 0);
}

static void
inbox_looks_at_the_size_before_it_copies(void **state)
{
	struct run *r = *state;
	struct inbox_list list;

	home_write(FROM, BYTES);
	assert_int_equal(truncate(FROM, (off_t)2 << 40), 0); /* without a block of it on the disk */
	assert_int_equal(receive(r).times, 0);
	assert_int_equal(count_exceptions(r, "open", "file_too_large"), 1);
	assert_int_equal(truncate(FROM, strlen(BYTES)), 0);
	inbox_list(r, "inbox/requests", &list);
	inbox_free(&list);
	assert_int_equal(count_exceptions(r, "applied", "file_too_large"), 1);
	assert_int_equal(receive(r).times, 1);
}

static void
append_for_ever(const char *path)
{
	static const char bytes[4096] = {'\n'};
	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

	while (write(fd, bytes, sizeof(bytes)) > 0)
		continue;
	_exit(1);
}

/* The sender writes the file under its final name: what is read is not what the sender meant. */
static void
inbox_leaves_what_changes_while_it_is_read(void **state)
{
	struct run *r = *state;
	struct stat st;
	pid_t sender;

	home_write(FROM, BYTES);
	assert_int_equal(truncate(FROM, 8 << 20), 0);
	sender = fork();
	if (sender == 0)
		append_for_ever(FROM);
	while (stat(FROM, &st) == 0 && st.st_size == 8 << 20)
		continue;
	assert_int_equal(receive(r).times, 0);
	kill(sender, SIGKILL);
	waitpid(sender, NULL, 0);
	assert_true(r->held);
	assert_true(home_has(FROM));
	assert_false(home_has("state/.incoming.new"));
	assert_int_equal(home_number(r, INPUTS), 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception"), 0);
	home_reopen(r);
	assert_int_equal(receive(r).times, 1);
	assert_false(r->held);
	assert_false(home_has(FROM));
}

/* The exception has a name that fits on a line, and is found again by it. */
static void
inbox_leaves_what_has_no_text_for_a_name(void **state)
{
	static const char open[] = "SELECT count(*) FROM exception WHERE state = 'open'";
	static const char *const odd[] = {"inbox/requests/a\nb.jsonl", "inbox/requests/\xff.jsonl",
	                                  "inbox/requests/\\x0a\n"};
	struct run *r = *state;
	struct inbox_list list;

	for (size_t i = 0; i < LENGTH(odd); i++) {
		home_write(odd[i], BYTES);
		for (int night = 0; night < 2; night++) {
			inbox_list(r, "inbox/requests", &list);
			assert_int_equal(list.n, 1);
			assert_int_equal(receive_as(r, "requests", list.name[0], NULL).times, 0);
			inbox_free(&list);
			assert_int_equal(home_number(r, open), 1);
		}
		assert_int_equal(unlink(odd[i]), 0);
		inbox_list(r, "inbox/requests", &list);
		inbox_free(&list);
		assert_int_equal(home_number(r, open), 0);
	}
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception WHERE code = 'odd_file_name'"), 3);
	assert_int_equal(home_number(r, INPUTS), 0);
}

static void
configure_owner(struct run *r, uid_t owner)
{
	char line[64];

	snprintf(line, sizeof(line), "[bank]\ninbox_owner = %lu\n", (unsigned long)owner);
	home_configure(r, line);
}

static void
inbox_takes_bank_files_of_one_user(void **state)
{
	static const char held[] = "SELECT count(*) FROM exception WHERE kind = 'file' AND state = 'open'"
				   " AND code = 'wrong_owner' AND key = 'inbox/bank/" NAME "'";
	struct run *r = *state;
	struct inbox_list list;
	char first[INBOX_NAME];

	configure_owner(r, getuid() + 1);
	home_write("inbox/bank/" NAME, BYTES);
	home_write("inbox/requests/r.jsonl", "of requests\n");
	assert_int_equal(receive_as(r, "requests", "r.jsonl", NULL).times, 1);
	assert_int_equal(receive_as(r, "bank", NAME, NULL).times, 0);
	assert_true(home_has("inbox/bank/" NAME));
	assert_true(r->held);
	assert_int_equal(home_number(r, held), 1);
	inbox_list(r, "inbox/bank", &list);
	inbox_free(&list);
	assert_int_equal(home_number(r, held), 1);
	assert_int_equal(inbox_count_unread(r, "inbox/bank", first), 1);
	assert_true(exception_resolve(r, 1, "not_ours", "not of the bank"));
	assert_int_equal(inbox_count_unread(r, "inbox/bank", first), 0);
	configure_owner(r, getuid());
	assert_int_equal(inbox_count_unread(r, "inbox/bank", first), 1);
	assert_int_equal(receive_as(r, "bank", NAME, NULL).times, 1);
	assert_false(home_has("inbox/bank/" NAME));
}

static void
receive_from_bank(struct run *r)
{
	home_configure(r, "[bank]\ninbox_owner = no-such-user\n");
	home_write("inbox/bank/" NAME, BYTES);
	receive_as(r, "bank", NAME, NULL);
}

static void
list_what_is_absent(struct run *r)
{
	struct inbox_list list;

	inbox_list(r, "inbox/nowhere", &list);
}

static void
note_what_is_not_ours(struct run *r)
{
	inbox_note(r, "transactions", "out/2026-03-04/transactions.csv");
}

static void
receive_what_is_absent(struct run *r)
{
	inbox_receive_given(r, "bank", "elsewhere/none.xml", apply, NULL);
}

static void
inbox_dies_of_a_world_that_fails(void **state)
{
	struct run *r = *state;

	home_dies(r, receive_from_bank, EXIT_CONFIG, "user no-such-user does not exist");
	home_dies(r, receive_what_is_absent, EXIT_ABSENT, "elsewhere/none.xml");
	home_dies(r, list_what_is_absent, EXIT_IO, "inbox/nowhere");
	home_dies(r, note_what_is_not_ours, EXIT_BUG, "never published");
}

static int
be_killed(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e)
{
	(void)apply(f, copy_of, ctx, e);
	_exit(0);
}

static void
receive_and_be_killed(struct run *r)
{
	struct reading g = {0};

	inbox_receive(r, "requests", "inbox/requests", NAME, be_killed, &g);
}

static void
inbox_takes_again_what_a_killed_process_did_not_apply(void **state)
{
	struct run *r = *state;

	home_write(FROM, BYTES);
	assert_int_equal(home_child(r, receive_and_be_killed), 0);
	publish_finish(r);
	assert_false(home_has(KEPT));
	assert_true(home_has(FROM));
	assert_int_equal(home_number(r, INPUTS), 0);
	assert_int_equal(receive(r).times, 1);
	assert_int_equal(home_number(r, APPLIED), 1);
	assert_string_equal(home_read(KEPT), BYTES);
	assert_int_equal(home_names_in("inbox/requests"), 0);
}

/* Out of the inbox last of all: a process killed just before that finds the file again, and applies it no more. */
static void
inbox_leaves_what_a_killed_process_applied(void **state)
{
	struct run *r = *state;

	home_write(FROM, BYTES);
	home_write(FROM ".sha256", DIGEST);
	assert_int_equal(link(FROM, "kept-by-the-test"), 0);
	assert_int_equal(receive(r).times, 1);
	assert_int_equal(link("kept-by-the-test", FROM), 0);
	home_write(FROM ".sha256", DIGEST);
	assert_int_equal(receive(r).times, 0);
	assert_int_equal(home_number(r, INPUTS), 1);
	assert_int_equal(home_names_in("archive/2026/03/04"), 1);
	assert_int_equal(home_names_in("inbox/requests"), 0);
}

static void
inbox_leaves_a_given_file_where_it_is(void **state)
{
	struct run *r = *state;
	struct reading g = {0};

	assert_int_equal(mkdir("elsewhere", 0700), 0);
	home_write("elsewhere/a.xml", BYTES);
	home_write("elsewhere/b.xml", "other\n");
	inbox_receive_given(r, "bank", "elsewhere/a.xml", apply, &g);
	assert_int_equal(g.times, 1);
	inbox_receive_given(r, "bank", "elsewhere/a.xml", apply, &g);
	assert_int_equal(g.times, 1);
	g.code = "bad_field";
	inbox_receive_given(r, "bank", "elsewhere/b.xml", apply, &g);
	assert_int_equal(g.times, 2);
	assert_int_equal(home_names_in("elsewhere"), 2);
	assert_string_equal(home_read("archive/2026/03/04/a.xml"), BYTES);
	assert_string_equal(home_read("quarantine/2026/03/04/b.xml"), "other\n");
	assert_int_equal(
	    home_number(r, "SELECT count(*) FROM input WHERE kind = 'bank' AND name IN ('a.xml', 'b.xml')"),
	    2);
}

static void
inbox_notes_what_we_published_ourselves(void **state)
{
	struct run *r = *state;
	char bytes[] = BYTES;

	tx_begin(r->db);
	publish_file(r, "transactions", 1, "out/2026-03-04/transactions.csv", home_render, bytes);
	tx_commit(r->db);
	publish_place(r);
	assert_int_equal(inbox_note(r, "transactions", "out/2026-03-04/transactions.csv"), 1);
	assert_int_equal(
	    home_number(r,
	                "SELECT count(*) FROM input WHERE number = 1 AND kind = 'transactions'"
	                "  AND lower(hex(sha256)) = '" DIGEST "' AND size = 3 AND state = 'applied'"
	                "  AND kept_at = 'out/2026-03-04/transactions.csv' AND received_on = '2026-03-04'"),
	    1);
}

static void
inbox_dry_run_leaves_the_file_where_it_is(void **state)
{
	struct run *r = *state;

	home_write(FROM, BYTES);
	home_write("inbox/requests/b.jsonl", "b\n");
	home_rehearse(r);
	assert_int_equal(receive_as(r, "requests", NAME, "bad_field").times, 1);
	assert_string_equal(receive_as(r, "requests", "b.jsonl", NULL).text, "b\n");
	assert_int_equal(home_number(r, INPUTS), 2);
	home_reopen(r);
	assert_int_equal(home_number(r, INPUTS), 0);
	assert_int_equal(home_number(r, APPLIED), 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM exception"), 0);
	assert_int_equal(home_names_in("inbox/requests"), 2);
	assert_false(home_has("archive"));
	assert_false(home_has("quarantine"));
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(inbox_lists_what_has_arrived_by_name),
	    IN_HOME(inbox_archives_what_was_applied),
	    IN_HOME(inbox_applies_the_same_file_once),
	    IN_HOME(inbox_knows_the_same_bytes_under_another_name),
	    IN_HOME(inbox_takes_the_name_of_a_request_once),
	    IN_HOME(inbox_gives_other_bytes_of_a_bank_a_path_of_their_own),
	    IN_HOME(inbox_quarantines_what_is_refused),
	    IN_HOME(inbox_checks_the_digest_of_the_sender),
	    IN_HOME(inbox_refuses_a_wrong_digest_once),
	    IN_HOME(inbox_takes_the_same_bytes_with_the_right_digest),
	    IN_HOME(inbox_removes_the_digest_of_a_file_that_is_gone),
	    IN_HOME(inbox_leaves_a_file_that_replaced_the_one_it_read),
	    IN_HOME(inbox_reads_regular_files_only),
	    IN_HOME(what_was_no_file_is_closed_when_it_is_gone),
	    IN_HOME(inbox_takes_no_folder_for_a_digest),
	    IN_HOME(inbox_goes_on_without_what_is_gone),
	    IN_HOME(inbox_looks_at_the_size_before_it_copies),
	    IN_HOME(inbox_leaves_what_changes_while_it_is_read),
	    IN_HOME(inbox_leaves_what_has_no_text_for_a_name),
	    IN_HOME(inbox_takes_bank_files_of_one_user),
	    IN_HOME(inbox_dies_of_a_world_that_fails),
	    IN_HOME(inbox_takes_again_what_a_killed_process_did_not_apply),
	    IN_HOME(inbox_leaves_what_a_killed_process_applied),
	    IN_HOME(inbox_leaves_a_given_file_where_it_is),
	    IN_HOME(inbox_notes_what_we_published_ourselves),
	    IN_HOME(inbox_dry_run_leaves_the_file_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
