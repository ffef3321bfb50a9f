/* rerun: see rerun.h. `alanpay fixture run` makes a home in a private folder, runs the stage of the fixture there, and compares what
 * changed with expected/ as tests/night.sh does it for nights: output.txt, books.diff, published.diff, files/.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stages/commands/command.h"
#include "stages/commands/rerun.h"
#include "stages/commands/tree.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/options.h"
#include "stages/core/fixture/books.h"
#include "stages/core/fixture/change.h"
#include "stages/core/home/durable.h"

/* The home ----------------------------------------------------------------------------------------------- */

/* The configuration of a fixture: its own, or that of the folders above it, which fixtures share. */
static void
copy_configuration(const struct recipe *c)
{
	static const char *const places[] = {"alanpay.ini", "../alanpay.ini", "../../alanpay.ini", NULL};
	char path[PATH_SIZE];
	int i;

	for (i = 0; places[i] != NULL; i++) {
		durable_join(path, c->folder, places[i]);
		if (access(path, R_OK) == 0) {
			tree_copy_file(path, "alanpay.ini");
			return;
		}
	}
	die(EXIT_ABSENT,
	    "%s/alanpay.ini does not exist: a fixture has a configuration, or shares that of the folders above",
	    c->folder);
}

/* A stage of a fixture must reach neither Swan nor members. */
static void
require_test(const struct recipe *c)
{
	struct err e = {0};
	struct config *config = config_read("alanpay.ini", &e);

	if (config == NULL)
		die(EXIT_CONFIG, "%s/alanpay.ini:%ld: %s", c->folder, e.line, e.message);
	if (strcmp(config_text(config, ENVIRONMENT_NAME), "test") != 0)
		die(EXIT_FORBIDDEN,
		    "%s/alanpay.ini: [environment] name is not test: a fixture is run in a test environment only",
		    c->folder);
	config_free(config);
}

static void
load_books(const struct recipe *c)
{
	char path[PATH_SIZE];
	struct err e = {0};
	FILE *in;

	durable_join(path, c->folder, "books");
	in = fopen(path, "r");
	if (in == NULL)
		die(errno == ENOENT ? EXIT_ABSENT : EXIT_IO, "%s: %s: a fixture has a file `books`", path,
		    strerror(errno));
	if (books_load("state/alanpay.db", in, &e) < 0)
		die(EXIT_REFUSED, "%s:%ld: %s", path, e.line, e.message);
	fclose(in);
}

static void
remove_home(void *ctx, enum exit_status status, const char *message)
{
	(void)status;
	(void)message;
	if (chdir("/") == 0)
		tree_remove(ctx);
}

void
rerun_load(const struct recipe *c, const char *home)
{
	static char whole[PATH_MAX];
	char path[PATH_SIZE];

	umask(077);
	if (mkdir(home, 0700) < 0)
		die(errno == EEXIST ? EXIT_OVERWRITE : EXIT_IO, "%s: %s: name a home that does not exist yet",
		    home, strerror(errno));
	log_on_die(remove_home, whole);
	snprintf(whole, sizeof(whole), "%s", home);
	if (chmod(home, 0711) < 0 || chdir(home) < 0)
		die_errno(EXIT_IO, "%s", home);
	init_make_folders();
	copy_configuration(c);
	require_test(c);
	load_books(c);
	durable_join(path, c->folder, "home");
	(void)tree_copy(path, ".");
	log_on_die(NULL, NULL);
}

void
rerun_drop_inputs(const struct recipe *c)
{
	char path[PATH_SIZE];

	durable_join(path, c->folder, "input/requests");
	(void)tree_copy(path, "inbox/requests");
	durable_join(path, c->folder, "input/bank");
	(void)tree_copy(path, "inbox/bank");
	durable_join(path, c->folder, "input/receipts");
	(void)tree_copy(path, "inbox/receipts");
}

/* The run ------------------------------------------------------------------------------------------------ */

struct rerun {
	struct recipe recipe;
	char work[PATH_SIZE]; /* before/, after/, actual/ and home/ are in it */
	char home[PATH_SIZE];
	bool has_rows, has_files;
	int status;
};

static int
write_file(void *ctx, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, ctx) == n ? 0 : -1;
}

static FILE *
open_in(const char *folder, const char *name, const char *mode)
{
	char path[PATH_SIZE];
	FILE *file;

	durable_join(path, folder, name);
	file = fopen(path, mode);
	if (file == NULL)
		die_errno(EXIT_IO, "%s", path);
	return file;
}

static void
end_file(FILE *file, struct sink *s)
{
	if (sink_end(s, NULL, NULL) < 0 || fclose(file) < 0)
		die_errno(EXIT_IO, "the state of the home cannot be written");
}

static void
write_state(const struct rerun *x, const char *when)
{
	char folder[PATH_SIZE];
	struct store *db;
	struct sink *s;
	FILE *file;

	durable_join(folder, x->work, when);
	if (mkdir(folder, 0700) < 0)
		die_errno(EXIT_IO, "%s", folder);
	db = store_open("state/alanpay.db", STORE_READS);
	file = open_in(folder, "books", "w");
	s = sink_new_plain(write_file, file);
	books_write(db, s);
	end_file(file, s);
	store_close(db);
	file = open_in(folder, "published", "w");
	s = sink_new_plain(write_file, file);
	change_write_published(s);
	end_file(file, s);
}

static pid_t
start_stage(const struct rerun *x, int output)
{
	const struct recipe *c = &x->recipe;
	char program[PATH_MAX], day[DATE_TEXT], now[INSTANT_TEXT], config[PATH_SIZE];
	const char *argv[RECIPE_WORDS + 16] = {"alanpay",  c->stage,
	                                       "--home",   x->home,
	                                       "--config", config,
	                                       "--date",   date_print(day, c->on),
	                                       "--now",    instant_print(now, c->now),
	                                       "--as",     "scheduler"};
	int n = 12, i;
	pid_t pid;

	durable_join(config, x->home, "alanpay.ini");
	snprintf(program, sizeof(program), "%s/alanpay", run_program_folder());
	for (i = 0; c->word[i] != NULL; i++)
		argv[n++] = c->word[i];
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die_errno(EXIT_IO, "fork");
	if (pid == 0) {
		if (dup2(output, 1) < 0 || dup2(output, 2) < 0)
			_exit(EXIT_IO);
		execv(program, (char *const *)argv); /* execv takes them as they are */
		_exit(EXIT_CONFIG);
	}
	return pid;
}

static int
wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die_errno(EXIT_IO, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void
run_stage(struct rerun *x)
{
	char path[PATH_SIZE];
	int output;

	durable_join(path, x->work, "output");
	output = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (output < 0)
		die_errno(EXIT_IO, "%s", path);
	x->status = wait_for(start_stage(x, output));
	close(output);
}

/* What changed ------------------------------------------------------------------------------------------- */

/* Writes the text with words in place of the paths of this machine. */
static void
put_without_paths(const struct rerun *x, const char *text, FILE *out)
{
	const struct {
		const char *path, *word;
	} known[] = {{x->home, "HOME"}, {x->recipe.folder, "FIXTURE"}, {run_program_folder(), "BIN"}};
	size_t i;

	while (*text != '\0') {
		for (i = 0; i < 3 && strncmp(text, known[i].path, strlen(known[i].path)) != 0; i++)
			;
		if (i < 3) {
			fputs(known[i].word, out);
			text += strlen(known[i].path);
		} else {
			fputc(*text++, out);
		}
	}
}

static void
write_output(const struct rerun *x, const char *actual)
{
	FILE *in = open_in(x->work, "output", "r"), *out = open_in(actual, "output.txt", "w");
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, in) >= 0) {
		put_without_paths(x, line, out);
		put_without_paths(x, line, stdout);
	}
	free(line);
	fclose(in);
	if (fclose(out) < 0)
		die_errno(EXIT_IO, "%s/output.txt", actual);
}

/* A file of the differences, if there are any; they are printed too. */
static bool
write_difference(const struct rerun *x, const char *actual, const char *state, const char *name,
                 int64_t (*write)(FILE *before, FILE *after, struct sink *to))
{
	char before[PATH_SIZE], after[PATH_SIZE], path[PATH_SIZE], *line = NULL;
	FILE *was, *is, *file;
	struct sink *s;
	size_t size = 0;
	int64_t n;

	durable_join(before, x->work, "before");
	durable_join(after, x->work, "after");
	was = open_in(before, state, "r");
	is = open_in(after, state, "r");
	file = open_in(actual, name, "w+");
	s = sink_new_plain(write_file, file);
	n = write(was, is, s);
	if (sink_end(s, NULL, NULL) < 0)
		die_errno(EXIT_IO, "%s/%s", actual, name);
	rewind(file);
	while (getline(&line, &size, file) >= 0)
		fputs(line, stdout);
	free(line);
	fclose(file);
	fclose(is);
	fclose(was);
	durable_join(path, actual, name);
	if (n == 0)
		tree_remove(path);
	return n > 0;
}

/* Below actual/files, at its path below out/. */
static void
copy_new_file(void *ctx, const char *path)
{
	const char *actual = ctx;
	char files[PATH_SIZE], to[PATH_SIZE], folder[PATH_SIZE];

	durable_join(files, actual, "files");
	durable_join(to, files, path + strlen("out/"));
	durable_folder_of(to, folder);
	durable_make_folder(folder);
	tree_copy_file(path, to);
}

static void
write_actual(struct rerun *x, char actual[static PATH_SIZE])
{
	char before[PATH_SIZE], after[PATH_SIZE];
	FILE *was, *is;

	durable_join(actual, x->work, "actual");
	if (mkdir(actual, 0700) < 0)
		die_errno(EXIT_IO, "%s", actual);
	write_output(x, actual);
	x->has_rows = write_difference(x, actual, "books", "books.diff", change_write_rows);
	x->has_files = write_difference(x, actual, "published", "published.diff", change_write_files);
	durable_join(before, x->work, "before");
	durable_join(after, x->work, "after");
	was = open_in(before, "published", "r");
	is = open_in(after, "published", "r");
	change_each_new_file(was, is, copy_new_file, actual);
	fclose(is);
	fclose(was);
}

/* Whether the folders are the same; prints what differs, as diff prints it. */
static bool
compare_folders(const char *expected, const char *actual)
{
	const char *const argv[] = {"diff", "-ruN", expected, actual, NULL};
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		die_errno(EXIT_IO, "fork");
	if (pid == 0) {
		execvp(argv[0], (char *const *)argv); /* execvp takes them as they are */
		_exit(127);
	}
	status = wait_for(pid);
	if (status > 1)
		die(EXIT_IO, "diff: cannot be run, exit status %d: install diffutils", status);
	return status == 0;
}

static void
accept(const struct rerun *x, const char *expected, const char *actual)
{
	tree_remove(expected);
	(void)tree_copy(actual, expected);
	if (x->status != x->recipe.status)
		recipe_write_status(&x->recipe, x->status);
	printf("written: %s\n", expected);
}

/* True: as expected, or there is nothing to compare with. */
static bool
compare(const struct rerun *x, const char *expected, const char *actual)
{
	bool is_same = true;

	if (access(expected, F_OK) < 0) {
		printf("%s does not exist: write it with `alanpay fixture run %s --accept`\n", expected,
		       x->recipe.folder);
		return true;
	}
	if (x->status != x->recipe.status)
		printf("the exit status is %d, expected: %d\n", x->status, x->recipe.status);
	is_same = compare_folders(expected, actual) && x->status == x->recipe.status;
	if (is_same)
		printf("as expected: the changes and the new files are in %s\n", expected);
	else
		printf("not as expected in %s; `--accept` makes it what is expected\n", expected);
	return is_same;
}

static void
print_where(const struct rerun *x, bool keep)
{
	if (keep)
		printf("the home is %s; before/, after/ and actual/ beside it are what was compared\n",
		       x->home);
	else
		printf("`--keep` leaves the home to look into\n");
}

void
rerun(struct run *r)
{
	struct rerun x = {0};
	char expected[PATH_SIZE], actual[PATH_SIZE];
	bool keep = options_value(r, "keep") != NULL;

	recipe_read(options_value(r, "folder"), &x.recipe);
	snprintf(x.work, sizeof(x.work), "%s/alanpay.XXXXXX", run_temporary_folder());
	if (mkdtemp(x.work) == NULL)
		die_errno(EXIT_IO, "%s", x.work);
	if (!keep)
		log_on_die(remove_home, x.work);
	durable_join(x.home, x.work, "home");
	rerun_load(&x.recipe, x.home);
	if (!keep)
		log_on_die(remove_home, x.work);
	write_state(&x, "before");
	rerun_drop_inputs(&x.recipe);
	run_stage(&x);
	write_state(&x, "after");
	write_actual(&x, actual);
	durable_join(expected, x.recipe.folder, "expected");
	if (options_value(r, "accept") != NULL)
		accept(&x, expected, actual);
	else
		r->held = !compare(&x, expected, actual);
	print_where(&x, keep);
	log_on_die(NULL, NULL);
	if (!keep)
		remove_home(x.work, EXIT_DONE, NULL);
}
