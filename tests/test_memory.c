/* memory: what is given is there; the lack of it ends the process once. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/memory.h"

static void
memory_is_zeroed_and_keeps_its_bytes(void **state)
{
	static const char zeros[8000];
	char *text = memory_text("a text"), *bytes = memory_new(1000, 8);

	(void)state;
	assert_memory_equal(bytes, zeros, sizeof(zeros));
	text = memory_resize(text, 5000, 8);
	assert_string_equal(text, "a text");
	free(text);
	free(bytes);
	free(memory_resize(NULL, 3, 8));
}

static void
exit_with_70(void)
{
	_exit(70);
}

static void
lack_again(void)
{
	memory_check(NULL);
}

/* How a process ends that asks for more than there can be. */
static int
status_of_lack(void (*end)(void), bool by_overflow)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		signal(SIGABRT, SIG_DFL); /* cmocka takes it */
		memory_on_lack(end);
		if (by_overflow)
			memory_resize(NULL, SIZE_MAX / 4 + 2, 4);
		else
			memory_check(NULL);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void
lack_of_memory_ends_the_process(void **state)
{
	int status;

	(void)state;
	status = status_of_lack(exit_with_70, false);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
	status = status_of_lack(exit_with_70, true);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
	assert_int_equal(WTERMSIG(status_of_lack(NULL, false)), SIGABRT);
	assert_int_equal(WTERMSIG(status_of_lack(lack_again, false)), SIGABRT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(memory_is_zeroed_and_keeps_its_bytes),
	    cmocka_unit_test(lack_of_memory_ends_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
