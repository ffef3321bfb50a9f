/* main: a fake Swan: the API of the card bank over a made-up world, with faults on demand.
 *
 * Without --list it listens, prints its URL as one line, and serves until SIGTERM.
 */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/fakeserver/server.h"
#include "tests/fakeswan/api.h"
#include "tests/fakeswan/list.h"

enum key {
	PORT = 1000,
	SOCKET,
	SEED,
	MEMBERS,
	TRANSACTION_COUNT,
	START,
	DAYS,
	NOW,
	CLIENT_ID,
	SECRET,
	CODE,
	KEY,
	FAULT,
	LOG,
	LIMIT,
	LIST,
	FROM,
	TO,
	NAMES
};

static const struct argp_option options[] = {
    {"port", PORT, "N", 0, "port of 127.0.0.1 (default: any free port)", 1},
    {"socket", SOCKET, "PATH", 0, "listen on this UNIX socket instead", 1},
    {"client-id", CLIENT_ID, "ID", 0, "default: fakeswan", 1},
    {"secret", SECRET, "TEXT", 0, "default: fakeswan-secret", 1},
    {"code", CODE, "DIGITS", 0, "that verifies every phone (default: 123456)", 1},
    {"key", KEY, "FILE", 0, "public key in PEM; without it a signature is not verified, only its shape", 1},
    {"log", LOG, "FILE", 0, "one line for each request: number, operation, status, faults, violations", 1},
    {"limit", LIMIT, "N", 0, "requests in 5 minutes before the log complains (default: 2000)", 1},
    {"seed", SEED, "N", 0, "another seed makes another world (default: 1)", 2},
    {"members", MEMBERS, "N", 0, "default: 20", 2},
    {"transactions", TRANSACTION_COUNT, "N", 0, "default: 300", 2},
    {"start", START, "YYYY-MM-DD", 0, "first day of the world (default: 2026-01-01)", 2},
    {"days", DAYS, "N", 0, "days over which the payments are spread (default: 40)", 2},
    {"now", NOW, "RFC3339", 0, "the present instant of the world (default: the clock)", 2},
    {"fault", FAULT, "NAME[@N[xM]|@*]", 0, "fault at the Nth call, M times; may be given several times", 3},
    {"faults", NAMES, NULL, 0, "print all faults and exit", 3},
    {"list", LIST, "transactions|payment_supports|requests|configuration|key", 0,
     "print the CSV that the import must make, the requests that link all members, ids for [swan], or a new key, and exit",
     4},
    {"from", FROM, "RFC3339", 0, "begin of the transactions to list, inclusive", 4},
    {"to", TO, "RFC3339", 0, "end of the transactions to list, exclusive", 4},
    {0},
};

struct settings {
	struct world world;
	struct api api;
	instant from, to;
	const char *socket, *list, *log;
	int port;
};

static long
take_number(struct argp_state *state, const char *text, long least, long most)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || n < least || n > most)
		argp_error(state, "%s is not a number from %ld to %ld", text, least, most);
	return n;
}

static instant
take_instant(struct argp_state *state, const char *text)
{
	instant at = INSTANT_NONE;
	struct err e;

	if (instant_parse(text, &at, &e) != 0)
		argp_error(state, "%s", e.message);
	return at;
}

static const char *
read_key(struct argp_state *state, const char *path)
{
	static char pem[4096];
	FILE *in = fopen(path, "r");
	size_t n = in == NULL ? 0 : fread(pem, 1, sizeof(pem) - 1, in);

	if (in != NULL)
		fclose(in);
	if (n == 0)
		argp_error(state, "%s cannot be read", path);
	pem[n] = '\0';
	return pem;
}

static error_t
take_world(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;
	struct err e;

	switch (key) {
	case SEED:
		s->world.seed = (uint64_t)take_number(state, arg, 0, LONG_MAX);
		return 0;
	case MEMBERS:
		s->world.members = (int)take_number(state, arg, 1, 10000000);
		return 0;
	case TRANSACTION_COUNT:
		s->world.wanted = (int)take_number(state, arg, 0, 10000000);
		return 0;
	case START:
		if (date_parse(arg, &s->world.start, &e) != 0)
			argp_error(state, "%s", e.message);
		return 0;
	case DAYS:
		s->world.days = (int)take_number(state, arg, 1, 3660);
		return 0;
	case NOW:
		s->api.now = take_instant(state, arg);
		return 0;
	case NAMES:
		faults_print();
		exit(0);
	case FAULT:
		if (faults_add(&s->world.faults, arg) != 0)
			argp_error(state, "%s is not a fault: --faults prints all", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t
parse_option(int key, char *arg, struct argp_state *state)
{
	struct settings *s = state->input;

	switch (key) {
	case PORT:
		s->port = (int)take_number(state, arg, 0, 65535);
		return 0;
	case SOCKET:
		s->socket = arg;
		return 0;
	case CLIENT_ID:
		s->api.client_id = arg;
		return 0;
	case SECRET:
		s->api.secret = arg;
		return 0;
	case CODE:
		s->api.code = arg;
		return 0;
	case KEY:
		s->api.public_key = read_key(state, arg);
		return 0;
	case LOG:
		s->log = arg;
		return 0;
	case LIMIT:
		s->api.limit = take_number(state, arg, 1, 1000000);
		return 0;
	case LIST:
		s->list = arg;
		return 0;
	case FROM:
		s->from = take_instant(state, arg);
		return 0;
	case TO:
		s->to = take_instant(state, arg);
		return 0;
	default:
		return take_world(key, arg, state);
	}
}

static int
fail(const char *what)
{
	fprintf(stderr, "fakeswan: %s: %s\n", what, strerror(errno));
	return 74;
}

static int
print_list(struct settings *s)
{
	struct timespec t;
	instant now = s->api.now;

	clock_gettime(CLOCK_REALTIME, &t);
	if (now == INSTANT_NONE)
		now = (instant)t.tv_sec * SECOND_MS + t.tv_nsec / 1000000;
	if (strcmp(s->list, "transactions") == 0) {
		list_transactions(&s->world, s->from, s->to, now);
	} else if (strcmp(s->list, "payment_supports") == 0) {
		list_payment_supports(&s->world, now);
	} else if (strcmp(s->list, "requests") == 0) {
		list_requests(&s->world);
	} else if (strcmp(s->list, "configuration") == 0) {
		list_configuration(&s->world);
	} else if (strcmp(s->list, "key") == 0) {
		list_key();
	} else {
		fputs(
		    "fakeswan: --list takes transactions, payment_supports, requests, configuration or key\n",
		    stderr);
		return 64;
	}
	return fflush(stdout) == 0 ? 0 : fail("standard output");
}

static void
answer_of_api(void *ctx, const struct request *q, int64_t clock_ms, struct answer *a)
{
	api_answer(ctx, q, clock_ms, a);
}

static int
serve(struct settings *s)
{
	int fd;

	if (s->log != NULL && (s->api.log = fopen(s->log, "a")) == NULL)
		return fail(s->log);
	api_open(&s->api);
	fd = s->socket == NULL ? server_listen_port(s->port) : server_listen_socket(s->socket);
	if (fd < 0)
		return fail(s->socket == NULL ? "the port" : s->socket);
	server_run(fd, answer_of_api, &s->api);
	if (s->socket != NULL)
		unlink(s->socket);
	close(fd);
	api_close(&s->api);
	if (s->api.log != NULL)
		fclose(s->api.log);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct settings s = {
	    .world = {.seed = 1, .members = 20, .wanted = 300, .days = 40},
	    .api = {.now = INSTANT_NONE,
	            .client_id = "fakeswan",
	            .secret = "fakeswan-secret",
	            .code = "123456",
	            .limit = 2000},
	    .from = INSTANT_NONE,
	    .to = INT64_MAX,
	};
	struct argp argp = {.options = options, .parser = parse_option, .doc = "A fake Swan, for tests."};
	int status;

	s.world.start = date_of(2026, 1, 1);
	argp_err_exit_status = 64;
	argp_parse(&argp, argc, argv, 0, NULL, &s);
	s.api.world = &s.world;
	world_make(&s.world);
	status = s.list != NULL ? print_list(&s) : serve(&s);
	world_free(&s.world);
	return status;
}
