/* swan: see swan.h.
 *
 * source   GraphQL specification, October 2021, section 7 (response)
 */
#include "formats/swan.h"

#include <stdlib.h>
#include <string.h>

#include "formats/json_skip.h"
#include "formats/memory.h"
#include "formats/swan_node.h"
#include "formats/swan_reply.h"
#include "formats/text.h"

struct page_reader {
	union {
		swan_transaction_fn *transaction;
		swan_payment_support_fn *payment_support;
	} each;
	swan_bad_fn *bad;
	void *ctx;
	struct swan_shape shape;
};

/* What became of a node: taken, bad (*why says so), or the callback stopped the reading. */
enum swan_outcome { TAKEN, BAD, STOPPED };
typedef enum swan_outcome node_fn(const struct page_reader *r, const struct swan_node *node, struct err *why,
                                  struct err *e);

static enum swan_outcome
hand_on(int taken, struct err *why, const struct err *e)
{
	if (taken == SWAN_HOLD)
		*why = *e;
	return taken == 0 ? TAKEN : taken == SWAN_HOLD ? BAD : STOPPED;
}

static enum swan_outcome
take_transaction(const struct page_reader *r, const struct swan_node *node, struct err *why, struct err *e)
{
	struct swan_transaction t;

	if (swan_node_transaction(node, &t, why) != 0)
		return BAD;
	return hand_on(r->each.transaction(r->ctx, &t, e), why, e);
}

static enum swan_outcome
take_card(const struct page_reader *r, const struct swan_node *node, struct err *why, struct err *e)
{
	struct swan_payment_support p;
	char limits[SWAN_LIMITS];

	if (swan_node_card(node, &p, limits, why) != 0)
		return BAD;
	return hand_on(r->each.payment_support(r->ctx, &p, e), why, e);
}

static enum swan_outcome
take_membership(const struct page_reader *r, const struct swan_node *node, struct err *why, struct err *e)
{
	struct swan_payment_support p;

	if (swan_node_membership(node, &p, why) != 0)
		return BAD;
	return hand_on(r->each.payment_support(r->ctx, &p, e), why, e);
}

/* NULL when the node has no text at this path. */
static const char *
text_at(const struct swan_node *node, const char *path)
{
	const struct json_item *text = swan_node_at(node, path);

	return text != NULL && text->type == JSON_TEXT ? text->text : NULL;
}

/* NULL when the node has no id, or one that cannot be a key: empty, too long, or not text. */
static const char *
id_of(const struct swan_node *node)
{
	const char *id = text_at(node, "id");

	return id == NULL || id[0] == '\0' || strlen(id) > SWAN_ID ? NULL : id;
}

static int
check_id(const struct swan_node *node, struct err *e)
{
	const struct json_item *object = swan_node_at(node, "");

	if (object == NULL)
		return err_set(e, ERR_MISSING_FIELD, "the node is missing");
	if (swan_check_object("", object, e) != 0)
		return -1;
	if (id_of(node) == NULL)
		return err_set(e, ERR_MISSING_FIELD, "the id is missing, or not a text of 1 to %d bytes",
		               SWAN_ID);
	return 0;
}

/* To be freed. */
static char *
copy_as_utf8(const char *from, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";
	char *copy = memory_check(malloc((text_is_utf8(from, n) ? n : 4 * n) + 1)), *to = copy;
	uint32_t point;
	size_t taken;

	for (; n > 0; from += taken, n -= taken) {
		taken = text_next(from, n, &point);
		if (point == TEXT_NO_CHARACTER) {
			*to++ = '\\';
			*to++ = 'x';
			*to++ = digits[(unsigned char)*from >> 4];
			*to++ = digits[(unsigned char)*from & 15];
		} else {
			memcpy(to, from, taken);
			to += taken;
		}
	}
	*to = '\0';
	return copy;
}

/* The node as it was received, else the edge around it. */
static char *
copy_source(const struct swan_node *node)
{
	const struct json_item *whole = swan_node_at(node, "");

	if (whole == NULL || whole->type != JSON_OBJECT)
		whole = &node->record[0];
	if (whole->type != JSON_OBJECT && whole->type != JSON_ARRAY)
		return memory_text("null");
	return copy_as_utf8(whole->text, (size_t)(json_skip(whole->text, node->end) - whole->text));
}

static int
hand_to_bad(const struct page_reader *r, const struct swan_node *node, const struct err *why, struct err *e)
{
	struct swan_bad bad = {.id = id_of(node),
	                       .account_id = text_at(node, "account.id"),
	                       .account_membership_id =
	                           text_at(node, "cardDetails.card.accountMembership.id"),
	                       .card_id = text_at(node, "cardDetails.card.id"),
	                       .why = *why};
	const char *amount = text_at(node, "amount.value");
	struct err unreadable;
	char *source = copy_source(node);
	int rc = 0;

	if (amount == NULL || money_parse(amount, &bad.amount, &unreadable) != 0)
		bad.amount = 0;
	bad.json = source;
	if (r->bad(r->ctx, &bad) != 0)
		rc = err_set(e, ERR_STOPPED, "the reading was stopped");
	free(source);
	return rc;
}

static int
take_node(const struct page_reader *r, const struct swan_node *node, node_fn *take, struct err *e)
{
	enum swan_outcome found = BAD;
	struct err why = {0};

	if (swan_check_object("the edge", &node->record[0], &why) == 0 && check_id(node, &why) == 0)
		found = take(r, node, &why, e);
	return found == STOPPED || (found == BAD && hand_to_bad(r, node, &why, e) != 0) ? -1 : 0;
}

static int
take_nodes(const struct page_reader *r, const struct json_records *edges, const char *end, node_fn *take,
           struct swan_page *page, struct err *e)
{
	struct swan_node node = {.shape = &r->shape, .end = end};

	for (; page->nodes < (int)edges->n; page->nodes++) {
		node.record = edges->item + (size_t)page->nodes * (size_t)r->shape.shape.n;
		if (take_node(r, &node, take, e) != 0)
			return -1;
	}
	return 0;
}

static bool
is_of(const struct json_value *value, enum json_type type)
{
	return value != NULL && value->type == type;
}

static int
read_page_info(const struct json_value *connection, struct swan_page *page, struct err *e)
{
	const struct json_value *info = json_member(connection, "pageInfo");
	const char *cursor;

	*page = (struct swan_page){.total_count = -1};
	if (json_int(connection, "totalCount", &page->total_count, e) != 0 ||
	    json_bool(connection, "pageInfo.hasNextPage", &page->has_next_page, e) != 0 ||
	    json_text(connection, "pageInfo.endCursor", &cursor, e) != 0)
		return -1;
	if (page->total_count < 0)
		return err_set(e, ERR_BAD_FIELD, "totalCount is missing");
	if (info != NULL && swan_check_object("pageInfo", &info->item, e) != 0)
		return -1;
	if (info == NULL || !is_of(json_at(connection, "edges"), JSON_ARRAY))
		return err_set(e, ERR_BAD_FIELD, "pageInfo or edges are missing");
	if (text_copy(page->end_cursor, sizeof(page->end_cursor), cursor) != 0)
		return err_set(e, ERR_BAD_FIELD, "endCursor is longer than 1023 bytes");
	return 0;
}

/* The answer of an operation is of the expected type, or a rejection with a message. */
static int
check_type(const struct json_value *payload, const char *expected, struct err *e)
{
	const char *type, *message;

	if (json_text(payload, "__typename", &type, e) != 0 ||
	    json_text(payload, "message", &message, e) != 0)
		return -1;
	if (type != NULL && strcmp(type, expected) != 0)
		return err_set(e, ERR_SWAN_REJECTED, "Swan answered with %.60s: %.150s", type,
		               message != NULL ? message : "without a message");
	return 0;
}

/* Of the page: what its nodes are in. */
struct connection {
	const char *path, *field, *type;
};

static int
read_connection(const struct json_value *answer, const struct connection *c, struct swan_page *page,
                struct err *e)
{
	const struct json_value *data = json_member(answer, "data"),
				*connection = json_member(data, c->field);

	if (swan_check_object("the answer", &answer->item, e) != 0 || swan_check_errors(answer, e) != 0)
		return -1;
	if (connection == NULL)
		return err_set(e, ERR_BAD_FIELD, "%s is missing", c->path);
	if (swan_check_object("data", &data->item, e) != 0 ||
	    swan_check_object(c->path, &connection->item, e) != 0 || check_type(connection, c->type, e) != 0)
		return -1;
	return read_page_info(connection, page, e);
}

/* A record is larger than the text of a small node: those of a page take up to eight times its bytes, and some more where it has few.
 * Nodes with all that must be there stay far below. */
static size_t
most_nodes(const struct swan_shape *s, size_t length)
{
	return 1000 + 8 * length / ((size_t)s->shape.n * sizeof(struct json_item));
}

static int
swan_read_page(const char *json, size_t length, const struct connection *c, const struct page_reader *r,
               node_fn *take, struct swan_page *page, struct err *e)
{
	struct json_records edges = {.shape = &r->shape.shape,
	                             .name = {"data", c->field, "edges"},
	                             .most = most_nodes(&r->shape, length)};
	struct json_value *answer = json_parse_records(json, length, &edges, e);
	int rc = -1;

	if (answer != NULL && read_connection(answer, c, page, e) == 0)
		rc = take_nodes(r, &edges, json + length, take, page, e);
	free(edges.item);
	json_free(answer);
	return rc;
}

int
swan_read_transactions(const char *json, size_t length, swan_transaction_fn *each, swan_bad_fn *bad,
                       void *ctx, struct swan_page *page, struct err *e)
{
	static const struct connection c = {"data.transactions", "transactions", "TransactionConnection"};
	struct page_reader r = {.each.transaction = each, .bad = bad, .ctx = ctx};

	swan_shape_transaction(&r.shape);
	return swan_read_page(json, length, &c, &r, take_transaction, page, e);
}

int
swan_read_cards(const char *json, size_t length, swan_payment_support_fn *each, swan_bad_fn *bad, void *ctx,
                struct swan_page *page, struct err *e)
{
	static const struct connection c = {"data.cards", "cards", "CardConnection"};
	struct page_reader r = {.each.payment_support = each, .bad = bad, .ctx = ctx};

	swan_shape_card(&r.shape);
	return swan_read_page(json, length, &c, &r, take_card, page, e);
}

int
swan_read_memberships(const char *json, size_t length, swan_payment_support_fn *each, swan_bad_fn *bad,
                      void *ctx, struct swan_page *page, struct err *e)
{
	static const struct connection c = {"data.accountMemberships", "accountMemberships",
	                                    "AccountMembershipConnection"};
	struct page_reader r = {.each.payment_support = each, .bad = bad, .ctx = ctx};

	swan_shape_membership(&r.shape);
	return swan_read_page(json, length, &c, &r, take_membership, page, e);
}
