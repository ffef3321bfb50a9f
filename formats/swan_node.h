/* swan_node: one transaction, card or membership of Swan's JSON as a struct; swan.h has the codes and what they mean.
 *
 * A node is read as a record (json_record.h), with the edge around it as place 0. Texts point into the values that were read.
 */
#ifndef FORMATS_SWAN_NODE_H
#define FORMATS_SWAN_NODE_H

#include "formats/json_record.h"
#include "formats/swan.h"

#define SWAN_LIMITS 1024
#define SWAN_FIELDS 48

struct swan_field;

/* Which values a node has, and where they are in its record. */
struct swan_shape {
	struct json_shape shape;
	const struct swan_field *field;
	int fields;
	int node;               /* place */
	int place[SWAN_FIELDS]; /* of each field */
};

void swan_shape_transaction(struct swan_shape *s);
void swan_shape_card(struct swan_shape *s);
void swan_shape_membership(struct swan_shape *s);

struct swan_node {
	const struct swan_shape *shape;
	const struct json_item *record;
	const char *end; /* of the text that it was read from */
};

/* What stands at a path of the node, "": the node itself; NULL when it is absent or null. */
const struct json_item *swan_node_at(const struct swan_node *n, const char *path);

/* What stands at that path ("": the node itself) is an object, or nothing. Of one with a key twice it is not known which value
 * counts. */
int swan_check_object(const char *path, const struct json_item *object, struct err *e);

int swan_node_transaction(const struct swan_node *n, struct swan_transaction *t, struct err *e);
int swan_node_card(const struct swan_node *n, struct swan_payment_support *p, char limits[static SWAN_LIMITS],
                   struct err *e);
int swan_node_membership(const struct swan_node *n, struct swan_payment_support *p, struct err *e);

#endif
