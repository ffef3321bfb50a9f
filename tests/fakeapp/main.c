/* main: a fake receiver of notifications, with faults on demand. It listens, prints its URL as one line, and serves until
 * SIGTERM.
 */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fakeapp/app.h"
#include "tests/fakeserver/server.h"

enum key { PORT = 1000, SOCKET, SECRET, FOLDER, LOG, FAULT, NAMES };

static const struct argp_option options[] = {
    {"port", PORT, "N", 0, "port of 127.0.0.1 (default: any free port)", 0},
    {"socket", SOCKET, "PATH", 0, "listen on this UNIX socket instead", 0},
    {"secret", SECRET, "TEXT", 0, "that signs requests (default: fakeapp-secret)", 0},
    {"keep", FOLDER, "DIR", 0, "store the body of each key there", 0},
    {"log", LOG, "FILE", 0, "one line for each request: number, key, lines, status, fault, violations", 0},
    {"fault", FAULT, "NAME[@N[xM]|@*]", 0, "fault at the Nth request, M times; may be given several times",
     0},
    {"faults", NAMES, NULL, 0, "print all faults and exit", 0},
    {0},
};

struct settings {
	struct app app;
	const char *socket, *log;
	int port;
};

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case PORT:
		s->port = (int)strtol(arg, NULL, 10);
		return 0;
	case SOCKET:
		s->socket = arg;
		return 0;
	case SECRET:
		s->app.secret = arg;
		return 0;
	case FOLDER:
		s->app.folder = arg;
		return 0;
	case LOG:
		s->log = arg;
		return 0;
	case FAULT:
		if (app_add_fault(&s->app, arg) != 0)
			argp_error(state, "%s is not a fault: --faults prints all", arg);
		return 0;
	case NAMES:
		app_print_faults();
		exit(0);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int
fail(const char *what)
{
	fprintf(stderr, "fakeapp: %s: %s\n", what, strerror(errno));
	return 74;
}

int
main(int argc, char **argv)
{
	struct settings s = {.app = {.secret = "fakeapp-secret"}};
	struct argp argp = {.options = options,
	                    .parser = parse_option,
	                    .doc = "A fake receiver of notifications, for tests."};
	int fd;

	argp_err_exit_status = 64;
	argp_parse(&argp, argc, argv, 0, NULL, &s);
	if (s.log != NULL && (s.app.log = fopen(s.log, "a")) == NULL)
		return fail(s.log);
	fd = s.socket == NULL ? server_listen_port(s.port) : server_listen_socket(s.socket);
	if (fd < 0)
		return fail(s.socket == NULL ? "the port" : s.socket);
	server_run(fd, app_answer, &s.app);
	if (s.socket != NULL)
		unlink(s.socket);
	close(fd);
	if (s.app.log != NULL)
		fclose(s.app.log);
	return 0;
}
