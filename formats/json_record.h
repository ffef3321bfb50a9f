/* json_record: the values at some paths of an object, in an array, and nothing else of it: for many objects of one shape, which need
 * no tree. The rest is read by the same grammar, and forgotten.
 *
 * A value is as json_parse_tolerant reads it (json.h). Of a key that is there twice the first value counts, and the object is marked.
 */
#ifndef FORMATS_JSON_RECORD_H
#define FORMATS_JSON_RECORD_H

#include "formats/json_scan.h"

#define JSON_PLACES 64

/* The paths, a place for each object and each value on them. Place 0 is the object itself. */
struct json_shape {
	struct json_place {
		const char *name;
		size_t n;
		int parent, first,
		    next; /* places: the object it is in; the first one in it; the one after it; 0: none */
	} place[JSON_PLACES];
	int n;
};

void json_shape_begin(struct json_shape *s);
/* The place of a path, "statusInfo.status", in the object at place `from`. Members are found fastest in the order in which they were
 * added first. The text stays with the caller. */
int json_shape_add(struct json_shape *s, int from, const char *path);
/* Its place; -1: it was not added. */
int json_shape_find(const struct json_shape *s, int from, const char *path);

/* A record is shape->n items by place; what is absent is JSON_NULL. Of an array `text` is where it begins, and `number` its length. */
int json_record_read(struct json_scan *s, const struct json_shape *shape, struct json_item record[]);

/* The elements of the array at name[0].name[1].name[2]; start as {.shape = ..., .name = ..., .most = ...}, and free the items. An
 * array with more elements is refused: a record is larger than what it is read from may be. */
struct json_records {
	const struct json_shape *shape;
	const char *name[3];
	size_t most;
	struct json_item *item;
	size_t n, room; /* records */
};

#endif
