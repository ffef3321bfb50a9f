/* swan_node: one transaction, card or membership of Swan's JSON as a struct; swan.h has the codes and what they mean.
 *
 * Texts point into the values that were read.
 */
#ifndef FORMATS_SWAN_NODE_H
#define FORMATS_SWAN_NODE_H

#include "formats/json.h"
#include "formats/swan.h"

#define SWAN_LIMITS 1024

/* What stands at that path ("": the node itself) is an object, or nothing. Of one with a key twice it is not known which value
 * counts. */
int swan_check_object(const char *path, const struct json_value *object, struct err *e);

int swan_node_transaction(const struct json_value *node, struct swan_transaction *t, struct err *e);
int swan_node_card(const struct json_value *node, struct swan_payment_support *p,
                   char limits[static SWAN_LIMITS], struct err *e);
int swan_node_membership(const struct json_value *node, struct swan_payment_support *p, struct err *e);

#endif
