/* url: where a service is, as the configuration may name it.
 *
 * https://HOST/... always; where plain ones are allowed also http://127.0.0.1:PORT/... and, as nginx writes it,
 * http://unix:/PATH/OF/SOCKET:/...
 */
#ifndef FORMATS_URL_H
#define FORMATS_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "formats/err.h"

/* Code bad_url. Nothing that could hide another host is taken: no user, blank, quote or backslash. */
int url_check(const char *url, bool plain, struct err *e);

bool url_is_https(const char *url);
/* Of a URL that was checked: the socket's path goes to `path`, and the rest of the URL is returned; NULL when there is
 * no socket in it, or the path does not fit. */
const char *url_socket(const char *url, char *path, size_t size);

#endif
