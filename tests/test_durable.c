/* durable: bytes and names on the disk: no file of others is overwritten, and a full disk is an error. */
#include "tests/home.h"

#include <signal.h>
#include <sys/time.h>
#include <time.h>
#include <sys/resource.h>

#include "stages/core/home/durable.h"

#define HELLO "hello, disk\n"

static void
durable_replaces_what_an_interrupted_run_left(void **state)
{
	struct stat st;
	int fd;

	(void)state;
	home_write("out/a", "left by an interrupted run");
	fd = durable_create("out/a", false);
	assert_int_equal(durable_write(fd, HELLO, strlen(HELLO)), 0);
	durable_sync(fd, "out/a");
	close(fd);
	durable_sync_folder_of("out/a");
	assert_string_equal(home_read("out/a"), HELLO);
	assert_int_equal(stat("out/a", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void
durable_opens_only_files_for_a_door_to_its_group(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(mkdir("out/door", 0700), 0);
	assert_int_equal(chmod("out/door", 03770), 0);
	close(durable_create("out/door/a", false));
	close(durable_create("out/door/b", true));
	assert_int_equal(stat("out/door/a", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat("out/door/b", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	durable_make_folder("out/door/2026/03");
	assert_int_equal(stat("out/door/2026/03", &st), 0);
	assert_int_equal(st.st_mode & 07777, 02750);
}

static void
durable_writes_a_nameless_file(void **state)
{
	char text[32] = "";
	int names = home_names_in("state"), fd = durable_create_nameless("state");

	(void)state;
	assert_int_equal(home_names_in("state"), names);
	assert_int_equal(durable_write(fd, HELLO, strlen(HELLO)), 0);
	assert_int_equal(pread(fd, text, sizeof(text), 0), strlen(HELLO));
	assert_string_equal(text, HELLO);
	close(fd);
}

/* The disk is a file that may have 1000 bytes. */
static void
durable_reports_a_full_disk(void **state)
{
	struct rlimit before, little;
	static char bytes[4000];
	int fd = durable_create("out/a", false);

	(void)state;
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = before;
	little.rlim_cur = 1000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	assert_int_equal(durable_write(fd, bytes, sizeof(bytes)), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	close(fd);
}

static volatile sig_atomic_t alarms;

static void
count_alarm(int signal_number)
{
	(void)signal_number;
	alarms++;
}

static void
read_slowly(int fd, size_t n)
{
	static char bytes[4096];
	struct timespec pause = {0, 2000000};
	ssize_t got;

	while (n > 0 && (got = read(fd, bytes, sizeof(bytes))) > 0) {
		n -= (size_t)got;
		nanosleep(&pause, NULL);
	}
	_exit(n == 0 ? 0 : 1);
}

static void
durable_writes_all_bytes_however_often_it_is_interrupted(void **state)
{
	static char bytes[400000];
	struct sigaction on_alarm = {.sa_handler = count_alarm}, before;
	struct itimerval every = {{0, 3000}, {0, 3000}}, never = {{0, 0}, {0, 0}};
	int pipe_fd[2], status;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(pipe_fd), 0);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		read_slowly(pipe_fd[0], sizeof(bytes));
	assert_int_equal(sigaction(SIGALRM, &on_alarm, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &every, NULL), 0);
	assert_int_equal(durable_write(pipe_fd[1], bytes, sizeof(bytes)), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(alarms > 1);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

static void
link_onto_another(struct run *r)
{
	(void)r;
	durable_link("out/a", "out/b");
}

static void
digest_a_pipe(struct run *r)
{
	unsigned char digest[SHA256_SIZE];

	(void)r;
	durable_digest("out/pipe", digest, NULL);
}

static void
durable_waits_for_no_pipe(void **state)
{
	assert_int_equal(mkfifo("out/pipe", 0600), 0);
	home_dies(*state, digest_a_pipe, EXIT_IO, "out/pipe: is not a regular file");
}

static void
durable_never_links_over_a_file(void **state)
{
	home_write("out/a", "a");
	durable_link("out/a", "out/c");
	assert_string_equal(home_read("out/c"), "a");
	home_write("out/b", "b");
	home_dies(*state, link_onto_another, EXIT_OVERWRITE, "out/b");
	assert_string_equal(home_read("out/b"), "b");
}

static void
sync_nothing(struct run *r)
{
	(void)r;
	durable_sync_folder("out/nowhere");
}

static void
durable_dies_when_a_folder_cannot_be_synced(void **state)
{
	home_dies(*state, sync_nothing, EXIT_IO, "out/nowhere");
}

static void
durable_removes_files_and_folders(void **state)
{
	(void)state;
	durable_remove("out/a");
	durable_remove_folder("out/set");
	assert_int_equal(mkdir("out/set", 0700), 0);
	home_write("out/set/a", "a");
	home_write("out/set/.b", "b");
	durable_remove_folder("out/set");
	assert_false(home_has("out/set"));
	home_write("out/a", "a");
	durable_remove("out/a");
	assert_false(home_has("out/a"));
}

static void
durable_reads_back_digest_and_size(void **state)
{
	unsigned char digest[SHA256_SIZE], found[SHA256_SIZE];
	int64_t size;

	(void)state;
	assert_false(durable_digest("out/a", found, &size));
	home_write("out/a", HELLO);
	assert_true(durable_digest("out/a", found, &size));
	sha256(HELLO, strlen(HELLO), digest);
	assert_memory_equal(found, digest, SHA256_SIZE);
	assert_int_equal(size, strlen(HELLO));
	assert_true(durable_has_digest("out/a", digest));
	assert_false(durable_has_digest("out/b", digest));
	digest[31] ^= 1;
	assert_false(durable_has_digest("out/a", digest));
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(durable_replaces_what_an_interrupted_run_left),
	    IN_HOME(durable_opens_only_files_for_a_door_to_its_group),
	    IN_HOME(durable_writes_a_nameless_file),
	    IN_HOME(durable_reports_a_full_disk),
	    IN_HOME(durable_writes_all_bytes_however_often_it_is_interrupted),
	    IN_HOME(durable_waits_for_no_pipe),
	    IN_HOME(durable_never_links_over_a_file),
	    IN_HOME(durable_dies_when_a_folder_cannot_be_synced),
	    IN_HOME(durable_removes_files_and_folders),
	    IN_HOME(durable_reads_back_digest_and_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
