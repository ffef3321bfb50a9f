/* server: sockets. Every client has its turn; no client can block or end the others. */
#ifndef TESTS_FAKESWAN_SERVER_H
#define TESTS_FAKESWAN_SERVER_H

#include "tests/fakeswan/api.h"

/* Both listen and print the URL on standard output; -1 with errno set. */
int server_listen_port(int port);
int server_listen_socket(const char *path);

void server_run(int listening, struct api *api); /* until SIGTERM or SIGINT */

#endif
