/* url: see url.h.
 *
 * source   RFC 3986; nginx, proxy_pass (the form with a socket)
 */
#include "formats/url.h"

#include <string.h>

#define HTTPS  "https://"
#define LOCAL  "http://127.0.0.1"
#define SOCKET "http://unix:"

/* What follows the prefix; NULL when the text does not begin with it. */
static const char *
after(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

bool
url_is_https(const char *url)
{
	return after(url, HTTPS) != NULL;
}

int
url_check(const char *url, bool plain, struct err *e)
{
	const char *rest;
	const char *c;

	for (c = url; *c != '\0'; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7F || strchr("@\\\"<>", *c) != NULL)
			return err_set(e, ERR_BAD_URL,
			               "the URL must not contain a user, blank, quote or backslash");
	if ((rest = after(url, HTTPS)) != NULL && strcspn(rest, "/:?#") > 0)
		return 0;
	if (!plain)
		return err_set(e, ERR_BAD_URL,
		               "must begin with " HTTPS " (only a test environment may name " LOCAL ")");
	if ((rest = after(url, LOCAL)) != NULL && strchr(":/", *rest) != NULL)
		return 0;
	if ((rest = after(url, SOCKET)) != NULL && rest[0] == '/' && strrchr(rest, ':') != NULL &&
	    strrchr(rest, ':')[1] == '/')
		return 0;
	return err_set(e, ERR_BAD_URL, "must begin with " HTTPS ", " LOCAL " or " SOCKET "/path/of/socket:/");
}

const char *
url_socket(const char *url, char *path, size_t size)
{
	const char *from = after(url, SOCKET), *colon = from != NULL ? strrchr(from, ':') : NULL;

	if (colon == NULL || (size_t)(colon - from) >= size)
		return NULL;
	memcpy(path, from, (size_t)(colon - from));
	path[colon - from] = '\0';
	return colon + 1;
}
