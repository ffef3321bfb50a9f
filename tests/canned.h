/* canned: a server in a process of its own that reads requests and gives the answers it was given, one after the other.
 *
 * It listens on 127.0.0.1 (canned_open chooses the port) or on a UNIX socket, takes one connection at a time, and leaves
 * each request in the working directory as a file asked-1, asked-2 ... before it answers. Used in a home of home.h.
 */
#ifndef TESTS_CANNED_H
#define TESTS_CANNED_H

#include "tests/home.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>

#define CANNED_MOST_S 30 /* no server outlives a test by more */

struct canned_answer {
	const char *status;  /* "200 OK"; NULL: nothing is put before the body */
	const char *headers; /* whole lines, or NULL */
	const char *body;    /* NULL: none */
	size_t length;       /* of the body; 0: it is a text */
	size_t promised;     /* Content-Length, if it is not that of the body */
	int times;           /* the body is sent so often; 0: once */
	bool no_length;      /* no Content-Length */
	bool closes;         /* the connection ends with it */
	bool silent;         /* no answer at all, until the client goes away */
};

struct canned {
	pid_t child;
	int port;
};

struct canned_server {
	int listener, connection; /* -1: none */
	int connections, requests;
	char request[65536];
	size_t n;
};

static inline bool
canned_send(int fd, const char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t sent = write(fd, bytes, n);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		bytes += sent;
		n -= (size_t)sent;
	}
	return true;
}

/* Whether the request is there to its end, by its Content-Length. */
static inline bool
canned_is_whole(const struct canned_server *s)
{
	const char *end = strstr(s->request, "\r\n\r\n"), *line;
	size_t length = 0;

	if (end == NULL)
		return false;
	for (line = s->request; line < end; line = strstr(line, "\r\n") + 2)
		if (strncasecmp(line, "Content-Length:", 15) == 0)
			length = strtoul(line + 15, NULL, 10);
	return s->n >= (size_t)(end + 4 - s->request) + length;
}

/* The next request, on the connection at hand or on another one. */
static inline void
canned_listen(struct canned_server *s)
{
	char name[32];
	int yes = 1;
	FILE *out;

	s->n = 0;
	s->request[0] = '\0';
	while (!canned_is_whole(s)) {
		ssize_t n;

		if (s->connection < 0) {
			s->connection = accept(s->listener, NULL, NULL);
			s->connections++;
			(void)setsockopt(s->connection, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
		}
		n = read(s->connection, s->request + s->n, sizeof(s->request) - 1 - s->n);
		if (n <= 0) { /* the client is gone */
			close(s->connection);
			s->connection = -1;
			n = 0;
			s->n = 0;
		}
		s->n += (size_t)n;
		s->request[s->n] = '\0';
	}
	snprintf(name, sizeof(name), "asked-%d", ++s->requests);
	out = fopen(name, "w");
	if (out == NULL || fprintf(out, "connection %d\n", s->connections) < 0 ||
	    fwrite(s->request, 1, s->n, out) != s->n || fclose(out) != 0)
		_exit(1);
}

static inline void
canned_answer(struct canned_server *s, const struct canned_answer *a)
{
	size_t length = a->body == NULL ? 0 : a->length > 0 ? a->length : strlen(a->body);
	int times = a->times > 0 ? a->times : 1;
	char head[2048], line[64] = "";
	bool whole = true;

	if (a->silent) {
		char c;

		while (read(s->connection, &c, 1) > 0)
			;
	}
	if (!a->no_length)
		snprintf(line, sizeof(line), "Content-Length: %zu\r\n",
		         a->promised > 0 ? a->promised : length * (size_t)times);
	snprintf(head, sizeof(head), "HTTP/1.1 %s\r\n%s%s\r\n", a->status == NULL ? "" : a->status,
	         a->headers == NULL ? "" : a->headers, line);
	if (!a->silent && a->status != NULL)
		whole = canned_send(s->connection, head, strlen(head));
	for (int i = 0; whole && !a->silent && i < times; i++)
		whole = canned_send(s->connection, a->body, length);
	if (a->closes || a->silent || !whole) {
		close(s->connection);
		s->connection = -1;
	}
}

static inline void
canned_serve(int listener, const struct canned_answer *answers, size_t n)
{
	static struct canned_server s;

	s.listener = listener;
	s.connection = -1;
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR)
		_exit(1);
	alarm(CANNED_MOST_S);
	for (size_t i = 0; i < n; i++) {
		canned_listen(&s);
		canned_answer(&s, &answers[i]);
	}
	_exit(0);
}

/* A listening socket: at the path, or (NULL) on 127.0.0.1 where there is room. */
static inline int
canned_bind(const char *path, int *port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(in);
	int fd = socket(path == NULL ? AF_INET : AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	if (path == NULL) {
		assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
		assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &size), 0);
		*port = ntohs(in.sin_port);
	} else {
		assert_true(snprintf(un.sun_path, sizeof(un.sun_path), "%s", path) <
		            (int)sizeof(un.sun_path));
		assert_int_equal(bind(fd, (struct sockaddr *)&un, sizeof(un)), 0);
		*port = 0;
	}
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

/* From here on it answers; connections are taken even before the process runs. */
static inline void
canned_open(struct canned *c, const char *path, const struct canned_answer *answers, size_t n)
{
	int listener = canned_bind(path, &c->port);

	fflush(NULL);
	c->child = fork();
	assert_true(c->child >= 0);
	if (c->child == 0)
		canned_serve(listener, answers, n);
	close(listener);
}

/* Ends it. True when every answer was given. */
static inline bool
canned_close(struct canned *c, size_t n)
{
	char last[32];
	int status;

	snprintf(last, sizeof(last), "asked-%zu", n);
	if (!home_has(last))
		kill(c->child, SIGKILL);
	assert_int_equal(waitpid(c->child, &status, 0), c->child);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* The requests of one server are not those of the next. */
static inline void
canned_forget(void)
{
	char name[32];

	for (int i = 1; snprintf(name, sizeof(name), "asked-%d", i) > 0 && home_has(name); i++)
		home_remove(name);
}

/* The n-th request, whole, after a line "connection K"; NULL when it was not made. */
static inline const char *
canned_asked(int n)
{
	char name[32];

	snprintf(name, sizeof(name), "asked-%d", n);
	return home_read(name);
}

/* Its body; NULL when it was not made. */
static inline const char *
canned_body(int n)
{
	const char *asked = canned_asked(n), *end = asked == NULL ? NULL : strstr(asked, "\r\n\r\n");

	return end == NULL ? NULL : end + 4;
}

/* Swan is the server from here on. `more`: further lines of [swan]; nothing is waited for unless they say so. */
static inline void
canned_configure(struct run *r, const struct canned *c, const char *more)
{
	char text[1024];

	home_write("secret", "s3cr3t&more\n");
	assert_true(snprintf(text, sizeof(text),
	                     "%s[swan]\nendpoint = http://127.0.0.1:%d/graphql\n"
	                     "oauth_endpoint = http://127.0.0.1:%d/token\nclient_id = client-1\n"
	                     "client_secret_file = secret\ntimeout_seconds = 10\n%s%s",
	                     HOME_CONFIG, c->port, c->port,
	                     strstr(more, "first_pause_ms") == NULL ? "first_pause_ms = 0\n" : "",
	                     more) < (int)sizeof(text));
	config_free(r->config);
	r->config = home_config(text);
	r->config_path = "alanpay.ini";
}

#define CANNED_TOKEN                                                                                              \
	{                                                                                                         \
		.status = "200 OK",                                                                               \
		.body =                                                                                           \
		    "{\"access_token\":\"t0ken-1\",\"token_type\":\"bearer\",\"expires_in\":3600,\"scope\":\"\"}" \
	}

#define CANNED_OK(text)                            \
	{                                          \
		.status = "200 OK", .body = (text) \
	}

/* The answers before the first empty one. */
static inline size_t
canned_count(const struct canned_answer *answers, size_t most)
{
	size_t n = 0;

	while (n < most && (answers[n].status != NULL || answers[n].closes))
		n++;
	return n;
}

/* Lets `act` ask for these answers, all of which must be needed. With a status it must die so and say these words. */
static inline void
canned_play(struct run *r, const struct canned_answer *answers, size_t most, const char *more,
            void (*act)(struct run *r), int status, const char *words)
{
	size_t n = canned_count(answers, most);
	struct canned c;

	canned_forget();
	canned_open(&c, NULL, answers, n);
	canned_configure(r, &c, more);
	if (status == 0)
		act(r);
	else
		home_dies(r, act, status, words);
	if (!canned_close(&c, n))
		fail_msg("fewer than %zu requests", n);
}

#endif
