/* url: see url.h.
 *
 * source   RFC 3986; nginx, proxy_pass (the form with a socket)
 */
#include "formats/url.h"

#include <string.h>

#define HTTPS  "https://"
#define LOCAL  "http://127.0.0.1"
#define SOCKET "http://unix:"

static bool
begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
url_is_https(const char *url)
{
	return begins_with(url, HTTPS);
}

int
url_check(const char *url, bool plain, struct err *e)
{
	const char *host = url + strlen(HTTPS), *colon;

	for (const char *c = url; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7F || strchr("@\\\"<>", *c))
			return err_set(e, "bad_url", "a URL has no user, blank, quote or backslash in it");
	if (url_is_https(url) && strcspn(host, "/:?#") > 0)
		return 0;
	if (!plain)
		return err_set(e, "bad_url",
		               "must begin with " HTTPS " (only a test environment may name " LOCAL ")");
	if (begins_with(url, LOCAL) && strchr(":/", url[strlen(LOCAL)]))
		return 0;
	colon = begins_with(url, SOCKET "/") ? strrchr(url, ':') : NULL;
	if (colon && colon > url + strlen(SOCKET) && colon[1] == '/')
		return 0;
	return err_set(e, "bad_url", "must begin with " HTTPS ", " LOCAL " or " SOCKET "/path/of/socket:/");
}

const char *
url_socket(const char *url, char *path, size_t size)
{
	const char *from = url + strlen(SOCKET), *colon = strrchr(url, ':');
	size_t n;

	if (!begins_with(url, SOCKET) || colon < from || (n = (size_t)(colon - from)) >= size)
		return NULL;
	memcpy(path, from, n);
	path[n] = '\0';
	return colon + 1;
}
