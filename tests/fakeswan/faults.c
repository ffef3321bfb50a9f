/* faults: see faults.h. */
#include "tests/fakeswan/faults.h"

#include <stdlib.h>
#include <string.h>

/* Without @ a fault acts on the first call or thing; these do otherwise. */
enum range { ONCE, ALWAYS, SEVENTH };

static const struct {
	const char *name;
	enum range range;
} kinds[FAULTS] = {
    [FAULT_500] = {"500", ONCE},
    [FAULT_502HTML] = {"502html", ONCE},
    [FAULT_503] = {"503", ONCE},
    [FAULT_429] = {"429", ONCE},
    [FAULT_429AFTER] = {"429after", ONCE},
    [FAULT_429DATE] = {"429date", ONCE},
    [FAULT_400] = {"400", ONCE},
    [FAULT_403] = {"403", ONCE},
    [FAULT_ERRORS] = {"errors", ONCE},
    [FAULT_ECHO] = {"echo", ONCE},
    [FAULT_NOTJSON] = {"notjson", ONCE},
    [FAULT_REDIRECT] = {"redirect", ONCE},
    [FAULT_UNAUTHORIZED] = {"unauthorized", ONCE},
    [FAULT_EXPIRED] = {"expired", ONCE},
    [FAULT_TRUNCATED] = {"truncated", ONCE},
    [FAULT_RESET] = {"reset", ONCE},
    [FAULT_SLOW] = {"slow", ONCE},
    [FAULT_HANG] = {"hang", ONCE},
    [FAULT_CHUNKED] = {"chunked", ONCE},
    [FAULT_GZIP] = {"gzip", ONCE},
    [FAULT_PARTIAL] = {"partial", ONCE},
    [FAULT_HUGE] = {"huge", ONCE},
    [FAULT_LATIN1] = {"latin1", ONCE},
    [FAULT_DUPLICATES] = {"duplicates", ALWAYS},
    [FAULT_EMPTY] = {"empty", ONCE},
    [FAULT_STUCK] = {"stuck", ONCE},
    [FAULT_NULLCURSOR] = {"nullcursor", ONCE},
    [FAULT_ENDLESS] = {"endless", ONCE},
    [FAULT_LOST] = {"lost", ONCE},
    [FAULT_MOVING] = {"moving", ONCE},
    [FAULT_MOVING_ALWAYS] = {"moving-always", ONCE},
    [FAULT_GROWING] = {"growing", ONCE},
    [FAULT_BADSECRET] = {"badsecret", ALWAYS},
    [FAULT_OAUTH500] = {"oauth500", ONCE},
    [FAULT_OAUTHHTML] = {"oauthhtml", ONCE},
    [FAULT_OAUTHECHO] = {"oauthecho", ONCE},
    [FAULT_LYING] = {"lying", ONCE},
    [FAULT_SHORTLIFE] = {"shortlife", ALWAYS},
    [FAULT_ENUMS] = {"enums", SEVENTH},
    [FAULT_NOMERCHANT] = {"nomerchant", SEVENTH},
    [FAULT_NULLUSER] = {"nulluser", SEVENTH},
    [FAULT_DECIMALS] = {"decimals", ONCE},
    [FAULT_USD] = {"usd", ONCE},
    [FAULT_EXPONENT] = {"exponent", ONCE},
    [FAULT_COMMA] = {"comma", ONCE},
    [FAULT_NEGATIVE] = {"negative", ONCE},
};

static int
find(const char *name, size_t n)
{
	int i;

	for (i = 0; i < FAULTS; i++)
		if (strlen(kinds[i].name) == n && strncmp(kinds[i].name, name, n) == 0)
			return i;
	return -1;
}

/* 1 or more, and where it ends; -1 when there is none. */
static long
take_number(const char **at)
{
	char *end;
	long n = strtol(*at, &end, 10);

	if (end == *at || n < 1)
		return -1;
	*at = end;
	return n;
}

int
faults_add(struct faults *f, const char *spec)
{
	size_t n = strcspn(spec, "@");
	const char *at = spec + n;
	int which = find(spec, n);
	struct faulty x = {.first = 1, .count = 1, .every = 1};

	if (which < 0 || f->n == MOST_FAULTS)
		return -1;
	x.which = (enum fault)which;
	if (strcmp(at, "@*") == 0 || (*at == '\0' && kinds[which].range != ONCE)) {
		x.count = LONG_MAX;
		x.every = *at == '\0' && kinds[which].range == SEVENTH ? 7 : 1;
	} else if (*at == '@') {
		at++;
		if ((x.first = take_number(&at)) < 0)
			return -1;
		if (*at == 'x' && (at++, x.count = take_number(&at)) < 0)
			return -1;
		if (*at != '\0')
			return -1;
	}
	f->list[f->n++] = x;
	return 0;
}

bool
fault_is(const struct faults *f, enum fault which, long n)
{
	int i;

	for (i = 0; i < f->n; i++) {
		const struct faulty *x = &f->list[i];
		long since = n - x->first;

		if (x->which == which && since >= 0 && since < x->count && since % x->every == 0)
			return true;
	}
	return false;
}

const struct faulty *
fault_find(const struct faults *f, enum fault which)
{
	int i;

	for (i = 0; i < f->n; i++)
		if (f->list[i].which == which)
			return &f->list[i];
	return NULL;
}

const char *
fault_name(enum fault which)
{
	return kinds[which].name;
}
