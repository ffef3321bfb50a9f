/* faults: see faults.h. */
#include "tests/fakeswan/faults.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a fault without @ acts, if not on the first call or item. */
enum range { ONCE, ALWAYS, SEVENTH };

static const struct {
	const char *name;
	enum range range;
	const char *what;
} kinds[FAULTS] = {
    [FAULT_500] = {"500", ONCE, "500, a JSON body"},
    [FAULT_502HTML] = {"502html", ONCE, "502, an HTML page"},
    [FAULT_503] = {"503", ONCE, "503"},
    [FAULT_429] = {"429", ONCE, "429 without Retry-After"},
    [FAULT_429AFTER] = {"429after", ONCE, "429, Retry-After: 1"},
    [FAULT_429DATE] = {"429date", ONCE, "429, Retry-After is the date a second after Date"},
    [FAULT_400] = {"400", ONCE, "400"},
    [FAULT_403] = {"403", ONCE, "403"},
    [FAULT_ERRORS] = {"errors", ONCE, "200 with errors, data is null"},
    [FAULT_ECHO] = {"echo", ONCE, "200 with errors whose message repeats the Authorization header"},
    [FAULT_REJECTION] = {"rejection", ONCE, "200, but a rejection in place of what was asked for"},
    [FAULT_NOTJSON] = {"notjson", ONCE, "200, plain text"},
    [FAULT_REDIRECT] = {"redirect", ONCE, "302 to a closed port"},
    [FAULT_UNAUTHORIZED] = {"unauthorized", ONCE, "401, whatever the token; it lives on"},
    [FAULT_EXPIRED] = {"expired", ONCE, "the token is revoked: 401 until there is another"},
    [FAULT_TRUNCATED] = {"truncated", ONCE, "half of the body, then the connection is closed"},
    [FAULT_RESET] = {"reset", ONCE, "half of the body, then the connection is reset"},
    [FAULT_SLOW] = {"slow", ONCE, "the body in small pieces over half a second"},
    [FAULT_HANG] = {"hang", ONCE, "no answer until the client leaves"},
    [FAULT_CHUNKED] = {"chunked", ONCE, "the body in chunks of odd sizes"},
    [FAULT_GZIP] = {"gzip", ONCE, "the body as gzip, if the client takes it"},
    [FAULT_PARTIAL] = {"partial", ONCE, "a whole page, with errors beside it"},
    [FAULT_HUGE] = {"huge", ONCE, "a page and 65 MiB of blanks"},
    [FAULT_LATIN1] = {"latin1", ONCE, "a name of the page begins with a byte that is not UTF-8"},
    [FAULT_DUPLICATES] = {"duplicates", ALWAYS,
                          "the last edge of the page before again, and the first edge twice"},
    [FAULT_EMPTY] = {"empty", ONCE, "no edges, yet a next page at a new cursor; going on works"},
    [FAULT_STUCK] = {"stuck", ONCE, "from that call on endCursor is `after`, and there is a next page"},
    [FAULT_NULLCURSOR] = {"nullcursor", ONCE, "a next page, but endCursor is null"},
    [FAULT_ENDLESS] = {"endless", ONCE,
                       "from that call on there is always a next page; beyond the end they are empty"},
    [FAULT_LOST] = {"lost", ONCE, "the first M of every connection are counted and never shown"},
    [FAULT_MOVING] = {"moving", ONCE,
                      "at the first page with `after` from that call on, the first M of the window leave it"},
    [FAULT_MOVING_ALWAYS] = {"moving-always", ONCE, "so at each of these pages"},
    [FAULT_GROWING] = {"growing", ONCE, "so, but copies of the first M come in before the page"},
    [FAULT_BADSECRET] = {"badsecret", ALWAYS, "401 invalid_client, at the Nth token call"},
    [FAULT_OAUTH500] = {"oauth500", ONCE, "500, at the Nth token call"},
    [FAULT_OAUTHHTML] = {"oauthhtml", ONCE, "200, HTML, at the Nth token call"},
    [FAULT_OAUTHECHO] = {"oauthecho", ONCE, "401 that repeats the secret, at the Nth token call"},
    [FAULT_LYING] = {"lying", ONCE, "a token works for N calls only"},
    [FAULT_SHORTLIFE] = {"shortlife", ALWAYS, "expires_in is 0 or absent; the token lives on"},
    [FAULT_ENUMS] = {"enums", SEVENTH,
                     "the Nth transaction made has a type, status or reason that nobody knows"},
    [FAULT_NOMERCHANT] = {"nomerchant", SEVENTH, "its merchant and cardDetails are null"},
    [FAULT_NULLUSER] = {"nulluser", SEVENTH, "the Nth member has no user, and no name in the invitation"},
    [FAULT_DECIMALS] = {"decimals", ONCE, "the Nth transaction made has the amount 1.005"},
    [FAULT_USD] = {"usd", ONCE, "20.00 USD"},
    [FAULT_EXPONENT] = {"exponent", ONCE, "1e3"},
    [FAULT_COMMA] = {"comma", ONCE, "1,50"},
    [FAULT_NEGATIVE] = {"negative", ONCE, "-1.00"},
    [FAULT_BLOCKED] = {"blocked", ONCE, "the Nth startUserCreation: the phone number is on Swan's list"},
    [FAULT_BOT] = {"bot", ONCE, "the Nth startUserCreation: taken for a bot"},
    [FAULT_SMS] = {"sms", ONCE, "the Nth completeUserCreation: the provider of text messages fails"},
    [FAULT_QUOTED] = {"quoted", ONCE,
                      "the Nth startUserCreation, completeUserCreation: rejected, repeating what was sent"},
    [FAULT_INVITED] = {"invited", ONCE, "the Nth addAccountMembership waits for a consent"},
    [FAULT_PENDING] = {"pending", ONCE, "the Nth bindAccountMembership: the invitation is not ready"},
    [FAULT_BINDERROR] = {"binderror", ONCE, "the Nth bindAccountMembership: another last name"},
    [FAULT_FORBIDDEN] = {"forbidden", ONCE, "the Nth addCard is forbidden"},
    [FAULT_REFUSED] = {"refused", ONCE, "the Nth consent that is granted turns out to be refused"},
    [FAULT_EXPIREDCONSENT] = {"expiredconsent", ONCE,
                              "the Nth consent that is granted turns out to be expired"},
    [FAULT_NEVERENABLED] = {"neverenabled", ONCE, "the Nth card that is ordered is never enabled"},
    [FAULT_SCA] = {"sca", ALWAYS, "the Nth acceptConsent: the member must consent in a browser"},
    [FAULT_NULLCONSENT] = {"nullconsent", ALWAYS, "the Nth acceptConsent succeeds without a consent"},
    [FAULT_NOSEAT] = {"noseat", ALWAYS, "the Nth look at one membership is answered with errors"},
    [FAULT_CANCELFAILS] = {"cancelfails", ALWAYS,
                           "the Nth cancelCard is answered with errors, without effect"},
    [FAULT_UNCANCELED] = {"uncanceled", ONCE, "the Nth cancelCard is forbidden"},
    [FAULT_UNANSWERED] = {"unanswered", ONCE, "the Nth mutation takes effect, but its answer breaks off"},
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

/* A number of 1 or more, and its end; -1 when no such number is there. */
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

bool
fault_since(const struct faults *f, enum fault which, long n)
{
	const struct faulty *x = fault_find(f, which);

	return x != NULL && n >= x->first;
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

void
faults_print(void)
{
	static const char *const ranges[] = {"", " (without @: every one)", " (without @: every seventh)"};
	int i;

	for (i = 0; i < FAULTS; i++)
		printf("%-14s %s%s\n", kinds[i].name, kinds[i].what, ranges[kinds[i].range]);
}
