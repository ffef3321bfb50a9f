/* measure: runs a program, and writes to a file what it cost: its exit status, user and system seconds, seconds of wall time, and its
 * peak memory in KB. A process has at least the peak of who forked it, so this one is small.
 * usage: measure FILE PROGRAM [ARGUMENT...]
 */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage);

static double
seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
	double begun = now();
	struct rusage usage;
	int status;
	FILE *out;
	pid_t pid;

	if (argc < 3 || (pid = fork()) < 0)
		return 64;
	if (pid == 0) {
		execv(argv[2], argv + 2);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &usage) != pid || (out = fopen(argv[1], "w")) == NULL)
		return 74;
	fprintf(out, "%d %f %f %f %ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
	        seconds(&usage.ru_utime), seconds(&usage.ru_stime), now() - begun, usage.ru_maxrss);
	return fclose(out) == 0 ? 0 : 74;
}
