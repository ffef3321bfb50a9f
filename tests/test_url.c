/* url: nothing is taken that could lead a secret to another host, and a socket's path is found where it is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "formats/length.h"
#include "formats/url.h"

static void
https_is_taken_everywhere_and_plain_ones_where_they_are_allowed(void **state)
{
	static const struct {
		const char *url;
		bool always;
	} cases[] = {
	    {"https://api.swan.io/live-partner/graphql", true},
	    {"https://api.swan.io", true},
	    {"https://h", true},
	    {"https://localhost:8443/x?y=1#z", true},
	    {"http://127.0.0.1", false},
	    {"http://127.0.0.1/", false},
	    {"http://127.0.0.1:8080/graphql", false},
	    {"http://unix:/run/swan.sock:/graphql", false},
	    {"http://unix:/a:b:/graphql", false},
	    {"http://unix:/s:/", false},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = {0};

		if (url_check(cases[i].url, true, &e) != 0)
			fail_msg("%s: %s", cases[i].url, e.message);
		if ((url_check(cases[i].url, false, &e) == 0) != cases[i].always)
			fail_msg("%s where plain ones are not allowed", cases[i].url);
		assert_int_equal(url_is_https(cases[i].url), cases[i].always);
	}
}

static void
what_could_name_another_host_is_refused_everywhere(void **state)
{
	static const char *const urls[] = {
	    "",
	    "h",
	    "https",
	    "https:/",
	    "https://",
	    "https:///graphql",
	    "https://:443/graphql",
	    "https://?x",
	    "https://#x",
	    "HTTPS://api.swan.io/",
	    " https://api.swan.io/",
	    "ftp://api.swan.io/",
	    "api.swan.io",
	    "//api.swan.io/",
	    "http://api.swan.io/",
	    "http://localhost/",
	    "http://127.0.0.10/",
	    "http://127.0.0.1.example.com/",
	    "http://127.0.0.2/",
	    "http://[::1]/",
	    "https://user@api.swan.io/",
	    "https://api.swan.io@example.com/",
	    "http://127.0.0.1:80@example.com/",
	    "http://127.0.0.1:@example.com/",
	    "https://api.swan.io/a b",
	    "https://api.swan.io/\t",
	    "https://api.swan.io/\r\nHost: x",
	    "https://api.swan.io/\x7F",
	    "https://api.sw\xC3\xA4n.io/",
	    "https://api.swan.io\\@example.com/",
	    "https://api.swan.io/\"",
	    "https://api.swan.io/<a>",
	    "http://unix:",
	    "http://unix:/",
	    "http://unix:/run/swan.sock",
	    "http://unix:/run/swan.sock:",
	    "http://unix:/run/swan.sock:graphql",
	    "http://unix::/graphql",
	    "http://unix:run/swan.sock:/graphql",
	    "http://unix/:/graphql",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(urls); i++)
		for (int plain = 0; plain < 2; plain++) {
			struct err e = {0};

			if (url_check(urls[i], plain, &e) != -1)
				fail_msg("%s was taken", urls[i]);
			assert_string_equal(e.code, "bad_url");
			assert_true(e.message[0] != '\0');
		}
}

static void
path_of_a_socket_stands_apart_from_what_is_asked_of_it(void **state)
{
	static const struct {
		const char *url, *path, *asked;
	} cases[] = {
	    {"http://unix:/run/swan.sock:/graphql", "/run/swan.sock", "/graphql"},
	    {"http://unix:/s:/", "/s", "/"},
	    {"http://unix:/a:b:/graphql?x=1", "/a:b", "/graphql?x=1"},
	};
	char path[64];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		const char *asked = url_socket(cases[i].url, path, sizeof(path));

		assert_non_null(asked);
		assert_string_equal(asked, cases[i].asked);
		assert_string_equal(path, cases[i].path);
	}
}

static void
there_is_no_socket_in_other_urls(void **state)
{
	static const char *const urls[] = {"https://api.swan.io/graphql",
	                                   "http://127.0.0.1:80/x",
	                                   "https://example.com/http://unix:/s:/",
	                                   "http://unix:",
	                                   "",
	                                   "h"};
	char path[64];

	(void)state;
	for (size_t i = 0; i < LENGTH(urls); i++)
		assert_null(url_socket(urls[i], path, sizeof(path)));
}

static void
path_that_does_not_fit_is_not_cut(void **state)
{
	char path[10] = "untouched";

	(void)state;
	assert_null(url_socket("http://unix:/123456789:/x", path, sizeof(path)));
	assert_string_equal(path, "untouched");
	assert_string_equal(url_socket("http://unix:/12345678:/x", path, sizeof(path)), "/x");
	assert_string_equal(path, "/12345678");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(https_is_taken_everywhere_and_plain_ones_where_they_are_allowed),
	    cmocka_unit_test(what_could_name_another_host_is_refused_everywhere),
	    cmocka_unit_test(path_of_a_socket_stands_apart_from_what_is_asked_of_it),
	    cmocka_unit_test(there_is_no_socket_in_other_urls),
	    cmocka_unit_test(path_that_does_not_fit_is_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
