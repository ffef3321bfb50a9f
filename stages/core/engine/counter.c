/* counter: see counter.h. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "formats/money.h"
#include "stages/core/engine/counter.h"
#include "stages/core/engine/log.h"

#define COUNTER_ROW_(name, one, many) [COUNT_##name] = {#name, one, many},
static const struct {
	const char *name, *one, *many;
} counters[] = {COUNTERS(COUNTER_ROW_)};

static bool
is_cents(enum counter c)
{
	return strncmp(counters[c].name, "CENTS_", 6) == 0;
}

char *
counter_print_key(char text[COUNTER_KEY], enum counter c)
{
	const char *name = counters[c].name;
	size_t i;

	for (i = 0; i < COUNTER_KEY - 1 && name[i] != '\0'; i++)
		text[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] - 'A' + 'a' : name[i]);
	text[i] = '\0';
	return text;
}

/* The name is the key in upper case. */
static bool
has_key(enum counter c, const char *group, const char *word)
{
	const char *name = counters[c].name;
	size_t n = strlen(group);

	return strncasecmp(name, group, n) == 0 && name[n] == '_' && strcasecmp(name + n + 1, word) == 0;
}

enum counter
counter_find(const char *group, const char *word)
{
	int c;

	for (c = 0; c < COUNTER_COUNT; c++)
		if (has_key((enum counter)c, group, word))
			return (enum counter)c;
	die(EXIT_BUG, "the counter %s_%s does not exist", group, word);
}

static size_t
print_one(char *text, size_t size, enum counter c, int64_t n)
{
	char euros[MONEY_TEXT_GROUPED];

	if (is_cents(c))
		return (size_t)snprintf(text, size, "%s EUR %s", money_print_grouped(euros, n),
		                        counters[c].many);
	return (size_t)snprintf(text, size, "%lld %s", (long long)n,
	                        n == 1 ? counters[c].one : counters[c].many);
}

size_t
counter_print_summary(const int64_t count[COUNTER_COUNT], char *text, size_t size)
{
	size_t n = 0;
	int c;

	for (c = 0; c < COUNTER_COUNT; c++) {
		if (count[c] == 0)
			continue;
		if (n > 0 && n < size)
			n += (size_t)snprintf(text + n, size - n, ", ");
		if (n < size)
			n += print_one(text + n, size - n, (enum counter)c, count[c]);
	}
	if (n == 0)
		n = (size_t)snprintf(text, size, "nothing to do");
	return n < size ? n : size - 1;
}

void
counter_put(struct json *j, const int64_t count[COUNTER_COUNT])
{
	char key[COUNTER_KEY];
	int c;

	for (c = 0; c < COUNTER_COUNT; c++)
		if (count[c] != 0)
			json_put_int(j, counter_print_key(key, (enum counter)c), count[c]);
}
