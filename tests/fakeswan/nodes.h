/* nodes: one transaction, card or membership as the JSON member "node" of an edge. */
#ifndef TESTS_FAKESWAN_NODES_H
#define TESTS_FAKESWAN_NODES_H

#include "formats/json.h"
#include "tests/fakeswan/world.h"

typedef void node_fn(struct json *j, const struct world *w, int index, instant now);

node_fn put_transaction, put_card, put_membership;

#endif
