/* server: see server.h. */
#include "tests/fakeserver/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MOST_CLIENTS 32
#define PIECES       25
#define PIECE_MS     20

struct client {
	struct buffer in, out;
	size_t sent, most; /* most: bytes to send before the connection ends or pauses */
	int64_t rests_until;
	int fd; /* -1: no client */
	enum delivery delivery;
	bool sent_continue, is_last;
};

static volatile sig_atomic_t stopped;

static void
stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int64_t
clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int
server_listen_port(int port)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t size = sizeof(in);
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0 || listen(fd, MOST_CLIENTS) < 0 ||
	    getsockname(fd, (struct sockaddr *)&in, &size) < 0)
		return -1;
	printf("http://127.0.0.1:%d\n", ntohs(in.sin_port));
	fflush(stdout);
	return fd;
}

int
server_listen_socket(const char *path)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (strlen(path) >= sizeof(un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(un.sun_path, path, strlen(path));
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&un, sizeof(un)) < 0 || listen(fd, MOST_CLIENTS) < 0)
		return -1;
	printf("http://unix:%s:\n", path);
	fflush(stdout);
	return fd;
}

static void
drop(struct client *c, bool with_reset)
{
	struct linger linger = {.l_onoff = 1};

	if (with_reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	close(c->fd);
	buffer_free(&c->in);
	buffer_free(&c->out);
	*c = (struct client){.fd = -1};
}

static void
begin_answer(struct client *c, struct answer *a)
{
	c->delivery = a->delivery;
	c->is_last = a->is_last;
	http_write(a, &c->out);
	c->sent = 0;
	c->most = c->out.n;
	if (c->delivery == TRUNCATED || c->delivery == RESET)
		c->most -= a->body.n / 2;
	if (c->delivery == SLOW)
		c->most = c->out.n / PIECES;
	if (c->delivery == HANG)
		c->most = 0;
	buffer_free(&a->body);
}

/* Reads the next complete request; the one after it waits until the answer is sent. */
static void
take_request(struct client *c, server_answer_fn *answer, void *ctx)
{
	struct request q;
	struct answer a;
	char wish[32];
	long n = http_read(&c->in, &q);

	if (n < 0) {
		drop(c, false);
		return;
	}
	if (n == 0) {
		if (!c->sent_continue && http_wants_continue(&c->in) &&
		    send(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, 0) == 25)
			c->sent_continue = true;
		return;
	}
	answer(ctx, &q, clock_ms(), &a);
	a.is_last = http_header(&q, "Connection", wish, sizeof(wish)) && strcasecmp(wish, "close") == 0;
	begin_answer(c, &a);
	buffer_drop(&c->in, (size_t)n);
	c->sent_continue = false;
}

static void
receive(struct client *c)
{
	char bytes[65536];
	ssize_t n = recv(c->fd, bytes, sizeof(bytes), 0);

	if (n > 0)
		buffer_put(&c->in, bytes, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		drop(c, false);
}

/* After the bytes that may be sent: the end, a pause, or the next request. */
static void
end_piece(struct client *c)
{
	if (c->sent == c->out.n && c->is_last) {
		drop(c, false);
	} else if (c->sent == c->out.n) {
		buffer_free(&c->out);
		c->sent = c->most = 0;
		c->delivery = WHOLE;
	} else if (c->delivery == TRUNCATED || c->delivery == RESET) {
		drop(c, c->delivery == RESET);
	} else if (c->delivery == SLOW) {
		c->rests_until = clock_ms() + PIECE_MS;
		c->most += c->out.n / PIECES + 1;
		if (c->most > c->out.n)
			c->most = c->out.n;
	}
}

static void
transmit(struct client *c)
{
	ssize_t n = send(c->fd, c->out.at + c->sent, c->most - c->sent, 0);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		drop(c, false);
		return;
	}
	if (n > 0)
		c->sent += (size_t)n;
	if (c->sent == c->most)
		end_piece(c);
}

static void
greet(int listening, struct client clients[])
{
	int fd = accept(listening, NULL, NULL), i;

	if (fd < 0)
		return;
	for (i = 0; i < MOST_CLIENTS && clients[i].fd >= 0; i++)
		;
	if (i == MOST_CLIENTS || fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		close(fd);
		return;
	}
	clients[i].fd = fd;
}

/* What to wait for: room to send, the end of a pause, or the end of the connection. */
static short
wanted(const struct client *c, int *timeout)
{
	int64_t rest = c->rests_until - clock_ms();

	if (c->out.n == 0 || c->delivery == HANG)
		return POLLIN;
	if (rest <= 0)
		return POLLOUT;
	if (*timeout < 0 || rest < *timeout)
		*timeout = (int)rest;
	return 0;
}

static void
serve(struct client *c, short happened, server_answer_fn *answer, void *ctx)
{
	if (happened & POLLOUT)
		transmit(c);
	else if (happened != 0)
		receive(c);
	if (c->fd >= 0 && c->out.n == 0)
		take_request(c, answer, ctx);
}

void
server_run(int listening, server_answer_fn *answer, void *ctx)
{
	struct sigaction end = {.sa_handler = stop}, ignore = {.sa_handler = SIG_IGN};
	struct client clients[MOST_CLIENTS];
	struct pollfd polled[MOST_CLIENTS + 1];
	int i, timeout;

	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	for (i = 0; i < MOST_CLIENTS; i++)
		clients[i] = (struct client){.fd = -1};
	while (!stopped) {
		timeout = -1;
		polled[MOST_CLIENTS] = (struct pollfd){.fd = listening, .events = POLLIN};
		for (i = 0; i < MOST_CLIENTS; i++) {
			polled[i] = (struct pollfd){.fd = clients[i].fd};
			if (clients[i].fd >= 0)
				polled[i].events = wanted(&clients[i], &timeout);
		}
		if (poll(polled, MOST_CLIENTS + 1, timeout) < 0)
			continue;
		for (i = 0; i < MOST_CLIENTS; i++)
			if (clients[i].fd >= 0 && polled[i].revents != 0)
				serve(&clients[i], polled[i].revents, answer, ctx);
		if (polled[MOST_CLIENTS].revents != 0)
			greet(listening, clients);
	}
	for (i = 0; i < MOST_CLIENTS; i++)
		if (clients[i].fd >= 0)
			drop(&clients[i], false);
}
