/* run: options, the clock, the guards of a home, and the summary in people's words. */
#include "formats/length.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/home.h"
#include "tests/home.h"

#include <errno.h>
#include <sys/file.h>

#define PRODUCTION                                                                                     \
	"[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n" \
	"[environment]\nname = production\n"

#define SANDBOX                                                                                        \
	"[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n" \
	"[environment]\nname = sandbox\n"

static const struct option_spec options[] = {
    {.name = "session", .arg = "ID", .help = "which", .is_needed = true},
    {.name = "full", .help = "everything"},
    {.name = "out", .arg = "FILE", .help = "where", .is_path = true},
    {0},
};

static const struct option_spec repeated[] = {
    {.name = "id", .arg = "ID", .help = "which", .is_needed = true, .is_repeatable = true},
    {.name = "file", .arg = "FILE", .help = "what", .is_repeatable = true},
    {.name = "limit", .arg = "N", .help = "how many"},
    {0},
};

/* The words of the last parse that are no options. */
static const char *words[4];

static void
parse(struct run *r, const struct option_spec *own, int most, const char *const arguments[])
{
	static char text[16][64]; /* what was parsed points into it */
	static char *argv[17];
	int n;

	for (n = 0; n < 16 && arguments[n] != NULL; n++) {
		assert_true(snprintf(text[n], sizeof(text[n]), "%s", arguments[n]) < (int)sizeof(text[n]));
		argv[n] = text[n];
	}
	argv[n] = NULL;
	*r = (struct run){.program = "test", .options = own, .access = r->access};
	memset(words, 0, sizeof(words));
	options_parse(r, n, argv, "a test", words, most);
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static void
run_takes_its_options(void **state)
{
	static const char *const arguments[] = {"test", "--session", "S1",    "--full",    "--out=a.csv",
	                                        "word", "--format",  "jsonl", "--dry-run", "-q",
	                                        "-v",   "--as",      "alice", "--wait=3",  NULL};
	char expected[PATH_MAX + 8], cwd[PATH_MAX], path[PATH_MAX];
	struct run r = {.access = ACCESS_CHANGES};

	(void)state;
	parse(&r, options, 2, arguments);
	assert_string_equal(options_value(&r, "session"), "S1");
	assert_string_equal(options_value(&r, "full"), "");
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	snprintf(expected, sizeof(expected), "%s/a.csv", cwd);
	assert_string_equal(options_value(&r, "out"), expected);
	assert_string_equal(run_absolute("././a.csv", path), expected);
	assert_string_equal(run_absolute(".", path), cwd);
	assert_string_equal(words[0], "word");
	assert_null(words[1]);
	assert_int_equal(r.format, FORMAT_JSONL);
	assert_true(r.dry_run && r.quiet && r.verbose);
	assert_int_equal(r.wait_s, 3);
	assert_string_equal(r.as, "alice");
}

static void
run_takes_words_in_the_order_of_the_table(void **state)
{
	static const struct option_spec files[] = {
	    {.name = "FROM", .help = "here", .is_path = true, .is_needed = true, .is_word = true},
	    {.name = "full", .help = "everything"},
	    {.name = "TO", .help = "there", .is_word = true},
	    {0},
	};
	static const char *const one[] = {"test", "/a", NULL};
	static const char *const two[] = {"test", "/\xE9", "--full", "b", NULL};
	struct run r = {.access = ACCESS_CHANGES};

	(void)state;
	parse(&r, files, 0, one);
	assert_string_equal(options_value(&r, "FROM"), "/a");
	assert_null(options_value(&r, "TO"));
	parse(&r, files, 0, two);
	assert_string_equal(options_value(&r, "FROM"), "/\xE9"); /* a path has any bytes */
	assert_string_equal(options_value(&r, "TO"), "b");
	assert_string_equal(options_value(&r, "full"), "");
}

static void
run_options_are_absent_by_default(void **state)
{
	static const char *const arguments[] = {"test", "--session=S1", "--out", "-", NULL};
	struct run r = {.access = ACCESS_CHANGES};

	(void)state;
	parse(&r, options, 0, arguments);
	assert_null(options_value(&r, "full"));
	assert_string_equal(options_value(&r, "out"), "-"); /* standard output, no path */
	assert_false(r.dry_run || r.quiet || r.verbose);
	assert_int_equal(r.format, FORMAT_TABLE);
	assert_null(r.as);
	assert_null(r.home);
}

static void
run_takes_some_options_repeatedly(void **state)
{
	static const char *const arguments[] = {"test", "--id=b", "--limit", "1",       "--file", "x",
	                                        "--id", "a",      "--id=b",  "--limit", "2",      NULL};
	struct run r = {.access = ACCESS_READS};

	(void)state;
	parse(&r, repeated, 0, arguments);
	assert_string_equal(options_values(&r, "id", 0), "b");
	assert_string_equal(options_values(&r, "id", 1), "a");
	assert_string_equal(options_values(&r, "id", 2), "b");
	assert_null(options_values(&r, "id", 3));
	assert_string_equal(options_values(&r, "file", 0), "x");
	assert_null(options_values(&r, "file", 1));
	assert_string_equal(options_value(&r, "limit"), "2"); /* the last one counts */
	home_close(&r);
	assert_null(options_values(&r, "id", 0));
}

static void
run_knows_who_named_a_format(void **state)
{
	static const char *const named[] = {"test", "--format=table", NULL}, *const silent[] = {"test", NULL};
	struct run r = {.access = ACCESS_READS};

	(void)state;
	parse(&r, NULL, 0, named);
	assert_true(r.format_given);
	parse(&r, NULL, 0, silent);
	assert_false(r.format_given);
}

static void
run_takes_date_and_clock(void **state)
{
	static const struct {
		const char *date, *now, *on;
	} cases[] = {{NULL, "--now=2026-03-03T22:59:59Z", "2026-03-03"},
	             {NULL, "--now=2026-03-03T23:00:00Z", "2026-03-04"}, /* midnight in Paris */
	             {"--date=2026-02-28", "--now=2026-03-03T23:00:00Z", "2026-02-28"}};
	struct run r = {.access = ACCESS_READS};
	char day[DATE_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		const char *const arguments[] = {"test", cases[i].now, cases[i].date, NULL};

		parse(&r, NULL, 0, arguments);
		assert_string_equal(date_print(day, r.on), cases[i].on);
	}
	assert_true(r.now == 1772578800000);
}

/* Each list of words that is refused, one child a row. */
static const struct refused {
	const char *arguments[6];
	enum exit_status status;
	const char *words;
} refused[] = {
    {{"test", "--session=S", "--format=xml"},
     EXIT_USAGE,
     "--format `xml` is not available here: use table, json, jsonl or csv"},
    {{"test", "--session=S", "--format="}, EXIT_USAGE, "--format is empty"},
    {{"test", "--session=S", "--wait=soon"}, EXIT_USAGE, "--wait requires a number of seconds"},
    {{"test", "--session=S", "--wait=-1"}, EXIT_USAGE, "--wait requires a number of seconds"},
    {{"test", "--session=S", "--wait=86401"}, EXIT_USAGE, "--wait requires a number of seconds"},
    {{"test", "--session=S", "--wait="}, EXIT_USAGE, "--wait is empty"},
    {{"test", "--session", ""}, EXIT_USAGE, "--session is empty: which"},
    {{"test", "--session= \t"}, EXIT_USAGE, "--session is empty: which"},
    {{"test", "--session=S", ""}, EXIT_USAGE, "an argument is empty"},
    {{"test", "--session=S\xE9"}, EXIT_USAGE, "--session is not UTF-8"},
    {{"test", "--session=S", "--as=Ren\xE9"}, EXIT_USAGE, "--as is not UTF-8"},
    {{"test", "--session=S", "--date=2026-02-30"}, EXIT_USAGE, "--date: "},
    {{"test", "--session=S", "--date=04/03/2026"}, EXIT_USAGE, "--date: "},
    {{"test", "--session=S", "--now=2026-03-04"}, EXIT_USAGE, "--now: "},
    {{"test", "--session=S", "--unheard-of"}, EXIT_USAGE, "unknown option --unheard-of: `--help` lists"},
    {{"test", "--session=S", "--unmask"}, EXIT_USAGE, "unknown option --unmask: `--help` lists"},
    {{"test", "--sesion=S"}, EXIT_USAGE, "unknown option --sesion; the nearest is --session"},
    {{"test", "--session=S", "--dat"}, EXIT_USAGE, "--date needs a value: YYYY-MM-DD"},
    {{"test", "--session=S", "--d"}, EXIT_USAGE, "--d is the beginning of several options"},
    {{"test", "--session=S", "--full=no"}, EXIT_USAGE, "--full takes no value"},
    {{"test", "--session=S", "-x"}, EXIT_USAGE, "unknown option -x"},
    {{"test", "--session=S", "--full", "-qx"}, EXIT_USAGE, "unknown option -qx"},
    {{"test", "--unheard-of", "--format=json"},
     EXIT_USAGE,
     "{\"code\":\"usage\",\"message\":\"unknown option --un"},
    {{"test", "--format", "jsonl", "--unheard-of"}, EXIT_USAGE, "{\"code\":\"usage\","},
    {{"test", "--forma=json"},
     EXIT_USAGE,
     "{\"code\":\"usage\",\"message\":\"--session ID is required: which"},
    {{"test", "--format=csv"}, EXIT_USAGE, "test: --session ID is required: which"},
    {{"test", "--session=S", "one", "two"}, EXIT_USAGE, "unexpected argument `two`"},
    {{"test", "--session"}, EXIT_USAGE, "--session needs a value: ID"},
    {{"test", "--full"}, EXIT_USAGE, "--session ID is required: which"},
    {{"test"}, EXIT_USAGE, "--session ID is required: which"},
};

/* The child gets only the run: the file `row` has the number of its row. */
static void
parse_refused(struct run *r)
{
	struct run mine = {.access = ACCESS_CHANGES};

	(void)r;
	parse(&mine, options, 1, refused[strtoul(home_read("row"), NULL, 10)].arguments);
}

static void
run_refuses_what_it_does_not_know(void **state)
{
	char number[24];
	size_t i;

	for (i = 0; i < LENGTH(refused); i++) {
		snprintf(number, sizeof(number), "%zu", i);
		home_write("row", number);
		home_dies(*state, parse_refused, (int)refused[i].status, refused[i].words);
	}
}

static void
ask_for_an_option_that_is_not_there(struct run *r)
{
	static const char *const arguments[] = {"test", "--session=S", NULL};

	parse(r, options, 0, arguments);
	(void)options_value(r, "sesion");
}

static void
run_option_must_be_one_of_the_program(void **state)
{
	home_dies(*state, ask_for_an_option_that_is_not_there, EXIT_BUG, "no option --sesion");
}

/* --- the guards --------------------------------------------------------------------------------------------------- */

/* Opens a run of its own on the home at hand, as a program does. */
static void
open_with(struct run *r, enum access access, const char *one, const char *two)
{
	const char *const arguments[] = {"test", "--home", r->home, one, two, NULL};
	static struct run mine;

	store_close(r->db);
	r->db = NULL;
	mine.access = access;
	parse(&mine, NULL, 0, arguments);
	home_open(&mine);
	home_close(&mine);
}

static void
open_tomorrow(struct run *r)
{
	open_with(r, ACCESS_CHANGES, "--date=2999-01-01", NULL);
}

static void
open_yesterday(struct run *r)
{
	open_with(r, ACCESS_CHANGES, "--date=2026-01-01", NULL);
}

/* A clock that is set does not open the door: the real one is asked. */
static void
open_tomorrow_by_the_clock(struct run *r)
{
	open_with(r, ACCESS_CHANGES, "--date=2999-01-01", "--now=2999-01-02T00:00:00Z");
}

static void
open_before_its_time(struct run *r)
{
	open_with(r, ACCESS_CHANGES, "--date=2026-01-01", "--now=2999-01-02T00:00:00Z");
}

static void
open_as_alice(struct run *r)
{
	open_with(r, ACCESS_READS, "--as=alice", NULL);
}

static void
open_with_another_configuration(struct run *r)
{
	open_with(r, ACCESS_READS, "--config=other.ini", NULL);
}

static void
open_by_the_environment(struct run *r)
{
	assert_int_equal(setenv("ALANPAY_CONFIG", "other.ini", 1), 0);
	open_with(r, ACCESS_READS, NULL, NULL);
}

static void
open_simply(struct run *r)
{
	open_with(r, ACCESS_CHANGES, NULL, NULL);
}

static void
open_to_read(struct run *r)
{
	open_with(r, ACCESS_READS, NULL, NULL);
}

/* A person approves and releases now, whatever the options say. */
static void
act_at_a_given_time(struct run *r)
{
	const char *const arguments[] = {"test", "--home", r->home, "--date=2026-01-01", NULL};
	static struct run mine = {.access = ACCESS_READS};

	parse(&mine, NULL, 0, arguments);
	home_open(&mine);
	run_require_clock(&mine);
	home_close(&mine);
}

static void
production_has_no_future_and_no_stand_ins(void **state)
{
	struct run *r = *state;

	home_begin_again(r, ENVIRONMENT_PRODUCTION);
	home_write("alanpay.ini", PRODUCTION);
	home_dies(r, open_with_another_configuration, EXIT_FORBIDDEN, "--config and ALANPAY_CONFIG are");
	home_dies(r, open_by_the_environment, EXIT_FORBIDDEN, "--config and ALANPAY_CONFIG are");
	home_dies(r, open_tomorrow, EXIT_FORBIDDEN, "--date is after today");
	home_dies(r, open_tomorrow_by_the_clock, EXIT_FORBIDDEN, "--date is after today");
	home_dies(r, open_before_its_time, EXIT_FORBIDDEN, "--now is allowed only in a test home");
	home_dies(r, open_as_alice, EXIT_FORBIDDEN, "--as is allowed only in a test home");
	assert_int_equal(home_child(r, open_yesterday), 0);
	home_dies(r, act_at_a_given_time, EXIT_FORBIDDEN, "a person acts now");
}

/* The configuration that an approver wrote, or may change, is not that of the home. */
static void
production_trusts_no_configuration_of_others(void **state)
{
	struct run *r = *state;

	home_begin_again(r, ENVIRONMENT_SANDBOX);
	home_write("alanpay.ini", PRODUCTION);
	home_dies(r, open_simply, EXIT_CONFIG, "name = production, but this home was made for sandbox");
	home_write("alanpay.ini", SANDBOX);
	assert_int_equal(home_child(r, open_simply), 0);
	assert_int_equal(chmod("alanpay.ini", 0620), 0);
	home_dies(r, open_simply, EXIT_CONFIG, "mode 0620: others can change it: `sudo chmod go-w ");
	assert_int_equal(chmod("alanpay.ini", 0644), 0);
	assert_int_equal(chmod(".", 0733), 0);
	home_dies(r, open_to_read, EXIT_CONFIG, "has mode 0733: others can change it: `chmod go-w ");
	assert_int_equal(chmod(".", 0711), 0);
	assert_int_equal(home_child(r, open_to_read), 0);
	assert_int_equal(rename("alanpay.ini", "the.ini"), 0);
	assert_int_equal(symlink("the.ini", "alanpay.ini"), 0);
	home_dies(r, open_simply, EXIT_CONFIG, "is a link: put the file itself there");
}

static void
production_trusts_its_owner_and_root(void **state)
{
	struct run *r = *state;

	if (geteuid() != 0) {
		skip();
	}
	home_begin_again(r, ENVIRONMENT_PRODUCTION);
	home_write("alanpay.ini", PRODUCTION);
	assert_int_equal(chown("alanpay.ini", 54321, 54321), 0);
	home_dies(r, open_simply, EXIT_CONFIG, "belongs to uid 54321, mode 0600: it must belong to root");
	assert_int_equal(chown("alanpay.ini", 0, 54321), 0);
	assert_int_equal(home_child(r, open_simply), 0);
}

static void
test_environment_has_both(void **state)
{
	assert_int_equal(home_child(*state, open_tomorrow), 0);
	assert_int_equal(home_child(*state, open_before_its_time), 0);
	assert_int_equal(home_child(*state, act_at_a_given_time), 0);
	assert_int_equal(home_child(*state, open_as_alice), 0);
	assert_int_equal(rename("alanpay.ini", "other.ini"), 0);
	assert_int_equal(home_child(*state, open_with_another_configuration), 0);
	assert_int_equal(home_child(*state, open_by_the_environment), 0);
	home_write("other.ini", PRODUCTION);
	home_dies(*state, open_with_another_configuration, EXIT_CONFIG,
	          "other.ini: [environment] name = production, but this home was made for test");
}

static void
home_is_changed_by_one_process(void **state)
{
	int fd = open("state/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	home_dies(*state, open_simply, EXIT_BUSY, "another process is changing");
	assert_int_equal(home_child(*state, open_to_read), 0);
	close(fd);
	assert_int_equal(home_child(*state, open_simply), 0);
}

static void
home_is_private(void **state)
{
	assert_int_equal(chmod("state", 0750), 0);
	home_dies(*state, open_simply, EXIT_CONFIG, "is readable by other users");
	assert_int_equal(chmod("state", 0700), 0);
	assert_int_equal(home_child(*state, open_simply), 0);
}

/* As a process that has only the rights of another user. */
static void
open_as_another(struct run *r)
{
	store_close(r->db);
	r->db = NULL;
	assert_int_equal(setuid(54321), 0);
	open_simply(r);
}

static void
home_without_a_right_configuration_is_refused(void **state)
{
	struct run *r = *state;

	home_write("alanpay.ini", HOME_CONFIG "colour = red\n");
	home_dies(r, open_simply, EXIT_CONFIG, "alanpay.ini:7: ");
	home_remove("alanpay.ini");
	home_dies(r, open_simply, EXIT_CONFIG, "no configuration in ");
	assert_int_equal(mkdir("alanpay.ini", 0700), 0);
	home_dies(r, open_simply, EXIT_CONFIG, "alanpay.ini: is not a file");
}

static void
home_belongs_to_one_user(void **state)
{
	struct run *r = *state;

	if (geteuid() != 0) {
		skip();
	}
	assert_int_equal(chown(".", 54321, 54321), 0);
	assert_int_equal(remove("state/lock") == 0 || errno == ENOENT, 1);
	home_dies(r, open_simply, EXIT_FORBIDDEN,
	          "this home belongs to uid 54321: sudo -u '#54321' test --home ");
	home_dies(r, open_to_read, EXIT_FORBIDDEN, "this home belongs to uid 54321");
	assert_false(home_has("state/lock"));
}

static void
file_of_another_user_is_named(void **state)
{
	struct run *r = *state;

	if (geteuid() != 0) {
		skip();
	}
	home_write("state/lock", "");
	assert_int_equal(chown(".", 54321, 54321), 0);
	assert_int_equal(chown("state", 54321, 54321), 0);
	assert_int_equal(chown("state/alanpay.db", 54321, 54321), 0);
	home_dies(r, open_as_another, EXIT_IO,
	          "state/lock: Permission denied (it belongs to root, mode 0600)");
}

static void
open_a_folder_that_is_no_home(struct run *r)
{
	r->home = "inbox";
	open_simply(r);
}

static void
open_a_folder_that_is_not_there(struct run *r)
{
	r->home = "nowhere";
	open_simply(r);
}

static void
home_must_be_one(void **state)
{
	home_dies(*state, open_a_folder_that_is_no_home, EXIT_CONFIG, "is not a data home");
	home_dies(*state, open_a_folder_that_is_not_there, EXIT_CONFIG, "make a new home with `");
}

/* --- the person who acts ------------------------------------------------------------------------------------------- */

static void
run_command_is_ready_to_paste(void **state)
{
	struct run *r = *state;
	struct run mine = {.home = run_default_home(), .config_path = "alanpay.ini"};
	char expected[PATH_MAX + 64];
	const char *first = run_command(&mine, "sepa show --file %s", "X");

	snprintf(expected, sizeof(expected), "alanpay audit --home %s", r->home);
	assert_string_equal(run_command(r, "audit"), expected);
	assert_string_equal(first, "alanpay sepa show --file X");
	mine.config_path = "/etc/alanpay/alanpay.ini";
	assert_string_equal(run_command(&mine, "audit"), "alanpay audit");
	mine.home = "/nowhere/it's here";
	mine.config_path = "/x/a b.ini";
	assert_string_equal(run_command(&mine, "audit"),
	                    "alanpay audit --home '/nowhere/it'\\''s here' --config '/x/a b.ini'");
}

static void
run_command_names_the_owner_of_the_home(void **state)
{
	struct run *r = *state;

	if (geteuid() != 0) {
		skip();
	}
	assert_int_equal(chown(r->home, 54321, 54321), 0);
	assert_non_null(strstr(run_command(r, "audit"), "sudo -u '#54321' alanpay audit --home "));
}

static void
run_person_is_who_acts(void **state)
{
	struct run *r = *state;

	r->as = "alice";
	assert_string_equal(run_person(r), "alice");
	assert_string_equal(run_actor(r).identity, "any");
	assert_string_equal(run_starter(r).name, "alice");
	r->as = NULL;
	home_configure(r, "");
	assert_true(run_person(r)[0] != '\0');
	assert_string_not_equal(run_person(r), "alice");
	assert_string_equal(run_actor(r).identity, "any");
	assert_string_equal(run_starter(r).name, run_person(r));
}

/* A login is given once: 4294967295 means none yet. False: the test's own process has one, or may not give itself one. */
static bool
log_in(const char *uid)
{
	FILE *out = fopen("/proc/self/loginuid", "w");
	bool is_done = out != NULL && fputs(uid, out) >= 0;

	return out != NULL && fclose(out) == 0 && is_done;
}

static bool
has_login(void)
{
	FILE *in = fopen("/proc/self/loginuid", "r");
	char text[24] = "";
	bool has = in != NULL && fgets(text, sizeof(text), in) != NULL && strcmp(text, "4294967295") != 0;

	if (in != NULL)
		fclose(in);
	return has;
}

static void
ask_who_acts(struct run *r)
{
	(void)run_person(r);
}

static void
log_in_and_ask(struct run *r)
{
	bool is_logged_in = log_in("0");

	if (is_logged_in &&
	    (strcmp(run_actor(r).name, "root") != 0 || strcmp(run_actor(r).identity, "loginuid") != 0 ||
	     strcmp(run_starter(r).identity, "loginuid") != 0))
		die(EXIT_BUG, "another person acts: %s", run_actor(r).name);
	die(is_logged_in ? EXIT_DONE : EXIT_BUSY, "no login");
}

static void
log_in_as_nobody_and_ask(struct run *r)
{
	if (log_in("54321") && strcmp(run_starter(r).name, "scheduler") == 0)
		(void)run_person(r);
	die(EXIT_BUSY, "no login");
}

/* What the environment says of a sudo proves nothing. */
static void
run_person_has_a_login(void **state)
{
	struct run *r = *state;

	config_free(r->config);
	r->config = home_config(HOME_CONFIG);
	setenv("SUDO_UID", "0", 1);
	if (has_login() || home_child(r, log_in_and_ask) == EXIT_BUSY)
		skip();
	assert_int_equal(home_child(r, log_in_and_ask), EXIT_DONE);
	home_dies(r, log_in_as_nobody_and_ask, EXIT_FORBIDDEN, "no user has the number 54321");
	home_dies(r, ask_who_acts, EXIT_FORBIDDEN, "this process has no login");
	assert_string_equal(run_starter(r).name, "scheduler");
	assert_string_equal(run_starter(r).identity, "scheduler");
	unsetenv("SUDO_UID");
}

#define WITH_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(run_takes_its_options),
	    cmocka_unit_test(run_takes_words_in_the_order_of_the_table),
	    cmocka_unit_test(run_options_are_absent_by_default),
	    cmocka_unit_test(run_takes_some_options_repeatedly),
	    cmocka_unit_test(run_knows_who_named_a_format),
	    cmocka_unit_test(run_takes_date_and_clock),
	    WITH_HOME(run_refuses_what_it_does_not_know),
	    WITH_HOME(run_option_must_be_one_of_the_program),
	    WITH_HOME(run_command_is_ready_to_paste),
	    WITH_HOME(run_command_names_the_owner_of_the_home),
	    WITH_HOME(production_has_no_future_and_no_stand_ins),
	    WITH_HOME(production_trusts_no_configuration_of_others),
	    WITH_HOME(production_trusts_its_owner_and_root),
	    WITH_HOME(home_belongs_to_one_user),
	    WITH_HOME(file_of_another_user_is_named),
	    WITH_HOME(test_environment_has_both),
	    WITH_HOME(home_is_changed_by_one_process),
	    WITH_HOME(home_is_private),
	    WITH_HOME(home_without_a_right_configuration_is_refused),
	    WITH_HOME(home_must_be_one),
	    WITH_HOME(run_person_is_who_acts),
	    WITH_HOME(run_person_has_a_login),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
