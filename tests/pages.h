/* pages: Swan's answers, written in a few words, as a recording keeps them.
 *
 * A node is ID@MINUTE, its updatedAt after ten on 2026-03-03 (UTC), then what is said of it: =AMOUNT of a transaction
 * (1 without it), %ACCOUNT of a transaction, /MEMBERSHIP of a card, ~ when its name or label has half a surrogate, and ! when it is to be held for
 * another reason. A word that begins with { is an edge as it is. Nodes stand apart by a blank: "a@1 b@2=9.90 c@2!".
 */
#ifndef TESTS_PAGES_H
#define TESTS_PAGES_H

#include "tests/home.h"

#define PAGES_FOLDER "pages"
#define PAGES_SIZE   32768

struct page {
	const char *list; /* transactions, cards, memberships */
	int64_t total;
	const char *cursor; /* where the next page is; "": there is one, but nobody says where; NULL: none */
	const char *nodes;
};

struct page_node {
	char id[64], amount[32], account[64], membership[64];
	int minute;
	bool half, bad;
};

static inline void
page_read_node(const char *text, size_t n, struct page_node *node)
{
	char word[192];
	const char *at;

	assert_true(n < sizeof(word));
	memcpy(word, text, n);
	word[n] = '\0';
	*node = (struct page_node){.amount = "1"};
	assert_int_equal(sscanf(word, "%63[^@]@%d", node->id, &node->minute), 2);
	if ((at = strchr(word, '=')) != NULL)
		assert_int_equal(sscanf(at, "=%31[^!/%~]", node->amount), 1);
	if ((at = strchr(word, '%')) != NULL)
		assert_int_equal(sscanf(at, "%%%63[^!~]", node->account), 1);
	if ((at = strchr(word, '/')) != NULL)
		assert_int_equal(sscanf(at, "/%63[^!=~]", node->membership), 1);
	node->half = strchr(word, '~') != NULL;
	node->bad = word[n - 1] == '!';
}

static inline int
page_print_node(const char *list, const struct page_node *n, char *text, size_t size)
{
	const char *half = n->half ? "\\ud83d" : "";
	char when[128], account[96] = "";

	if (n->account[0] != '\0')
		snprintf(account, sizeof(account), "\"account\":{\"id\":\"%s\"},", n->account);
	snprintf(when, sizeof(when),
	         "\"createdAt\":\"2026-03-03T09:00:00.000Z\",\"updatedAt\":\"2026-03-03T10:%02d:00.000Z\"",
	         n->minute);
	if (strcmp(list, "transactions") == 0)
		return snprintf(text, size,
		                "{\"node\":{\"id\":\"%s\",\"type\":\"CardOutDebit\",\"side\":\"Debit\",%s%s%s"
		                "\"amount\":{\"value\":\"%s\",\"currency\":\"%s\"},%s%s,"
		                "\"statusInfo\":{\"status\":\"Booked\"}}}",
		                n->id, n->half ? "\"label\":\"SHOP " : "", half, n->half ? "\"," : "",
		                n->amount, n->bad ? "USD" : "EUR", account, when);
	if (strcmp(list, "memberships") == 0)
		return snprintf(
		    text, size,
		    "{\"node\":{\"id\":\"%s\",%s,\"email\":\"e%s\",\"statusInfo\":{\"status\":%s}}}", n->id,
		    when, half, n->bad ? "null" : "\"Enabled\"");
	return snprintf(
	    text, size,
	    "{\"node\":{\"id\":\"%s\",\"type\":\"Virtual\",%s,\"name\":\"n%s\",\"eCommerce\":true,\"withdrawal\":false,"
	    "\"international\":false,\"nonMainCurrencyTransactions\":false,"
	    "\"statusInfo\":{\"status\":%s},\"digitalCards\":{\"totalCount\":0},"
	    "\"accountMembership\":{\"id\":\"%s\",\"statusInfo\":{\"status\":\"Enabled\"}}}}",
	    n->id, when, half, n->bad ? "null" : "\"Enabled\"", n->membership);
}

static inline char *
page_print(const struct page *p, char text[PAGES_SIZE])
{
	const char *name = strcmp(p->list, "memberships") == 0 ? "accountMemberships" : p->list;
	const char *node = p->nodes, *quote = p->cursor != NULL && p->cursor[0] != '\0' ? "\"" : "";
	int n = snprintf(
	    text, PAGES_SIZE,
	    "{\"data\":{\"%s\":{\"totalCount\":%lld,\"pageInfo\":{\"hasNextPage\":%s,\"endCursor\":%s%s%s},"
	    "\"edges\":[",
	    name, (long long)p->total, p->cursor != NULL ? "true" : "false", quote,
	    quote[0] != '\0' ? p->cursor : "null", quote);
	struct page_node read;

	for (; *node != '\0'; node += strcspn(node, " "), node += *node == ' ') {
		n += snprintf(text + n, PAGES_SIZE - (size_t)n, "%s", node == p->nodes ? "" : ",");
		if (*node == '{') {
			n +=
			    snprintf(text + n, PAGES_SIZE - (size_t)n, "%.*s", (int)strcspn(node, " "), node);
			continue;
		}
		page_read_node(node, strcspn(node, " "), &read);
		n += page_print_node(p->list, &read, text + n, PAGES_SIZE - (size_t)n);
		assert_true(n < PAGES_SIZE);
	}
	snprintf(text + n, PAGES_SIZE - (size_t)n, "]}}}");
	return text;
}

/* The recording is these pages and no others. */
static inline void
pages_keep(const struct page *pages, size_t n)
{
	static char text[PAGES_SIZE];
	char path[128];

	home_remove(PAGES_FOLDER);
	assert_int_equal(mkdir(PAGES_FOLDER, 0700), 0);
	for (size_t i = 0; i < n && pages[i].list != NULL; i++) {
		snprintf(path, sizeof(path), PAGES_FOLDER "/%s-%03zu.json", pages[i].list, i);
		home_write(path, page_print(&pages[i], text));
	}
}

static inline instant
pages_at(int minute)
{
	struct err e = {0};
	instant ten = INSTANT_NONE;

	assert_int_equal(instant_parse("2026-03-03T10:00:00Z", &ten, &e), 0);
	return ten + (instant)minute * 60000;
}

#endif
