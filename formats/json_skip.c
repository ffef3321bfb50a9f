/* json_skip: see json_skip.h. */
#include "formats/json_skip.h"

#include <string.h>

size_t
json_count_digits(const char *at, const char *end)
{
	size_t n = 0;

	while (at + n < end && at[n] >= '0' && at[n] <= '9')
		n++;
	return n;
}

size_t
json_measure_number(const char *from, const char *end)
{
	const char *at = from + (*from == '-');
	size_t n = json_count_digits(at, end);

	if (n == 0 || (*at == '0' && n > 1))
		return 0;
	at += n;
	if (at < end && *at == '.') {
		if ((n = json_count_digits(++at, end)) == 0)
			return 0;
		at += n;
	}
	if (at < end && (*at == 'e' || *at == 'E')) {
		at++;
		at += at < end && (*at == '+' || *at == '-');
		if ((n = json_count_digits(at, end)) == 0)
			return 0;
		at += n;
	}
	return (size_t)(at - from);
}

/* Behind the text whose opening quote is at `at`; the end of all when it is not closed. */
static const char *
skip_text(const char *at, const char *end)
{
	for (at++; at < end && *at != '"'; at++)
		if (*at == '\\' && at + 1 < end)
			at++;
	return at < end ? at + 1 : end;
}

const char *
json_skip(const char *at, const char *end)
{
	size_t open = 0;

	while (at < end) {
		if (*at == '"') {
			at = skip_text(at, end);
		} else if (open == 0 && strchr(",]} \t\r\n", *at) != NULL) {
			return at; /* a bare word ended before it */
		} else {
			open += *at == '{' || *at == '[';
			open -= *at == '}' || *at == ']';
			at++;
			if (open > 0 || (at[-1] != '}' && at[-1] != ']'))
				continue;
		}
		if (open == 0)
			return at;
	}
	return end;
}
