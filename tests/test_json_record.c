/* json_record: the values at the paths of a shape are those that the tree has there, whatever the text; nothing else is kept. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json_record.h"
#include "formats/length.h"

static const char *const paths[] = {"node.id",   "node.a.value", "node.a.b.word",
                                    "node.list", "node.last",    "other"};

static void
make_shape(struct json_shape *s)
{
	size_t i;

	json_shape_begin(s);
	for (i = 0; i < LENGTH(paths); i++)
		json_shape_add(s, 0, paths[i]);
}

struct page {
	struct json_shape shape;
	struct json_records records;
	struct json_value *answer; /* NULL: e says why */
	struct err e;
};

/* Parses exactly these bytes, so that a reader that goes beyond them is seen. */
static void
read_page(struct page *p, const char *exact, size_t n)
{
	*p = (struct page){.records = {.shape = &p->shape, .name = {"data", "rows", "edges"}, .most = 100}};
	make_shape(&p->shape);
	p->answer = json_parse_records(exact, n, &p->records, &p->e);
}

static void
free_page(struct page *p)
{
	free(p->records.item);
	json_free(p->answer);
}

static const struct json_item *
at(const struct page *p, size_t record, const char *path)
{
	int place = json_shape_find(&p->shape, 0, path);

	assert_true(place >= 0);
	return &p->records.item[record * (size_t)p->shape.n + (size_t)place];
}

static void
shape_has_a_place_for_each_value_and_each_object(void **state)
{
	struct json_shape s;

	(void)state;
	make_shape(&s);
	assert_int_equal(s.n, 10);
	assert_int_equal(json_shape_add(&s, 0, "node.a.b"), json_shape_find(&s, 0, "node.a.b"));
	assert_int_equal(s.n, 10);
	assert_int_equal(json_shape_find(&s, json_shape_find(&s, 0, "node"), "a.value"),
	                 json_shape_find(&s, 0, "node.a.value"));
	assert_int_equal(json_shape_find(&s, 0, "value"), -1);
	assert_int_equal(json_shape_find(&s, 0, "node.a.x"), -1);
}

static void
record_has_what_is_wanted_and_nothing_else(void **state)
{
	static const char text[] =
	    " { \"data\" : { \"n\" : 2 , \"rows\" : { \"edges\" : [ { \"node\" : { \"id\" : \"one\" , \"more\" : [ { \"id\" : 7 } ] ,"
	    " \"a\" : { \"value\" : 1 , \"b\" : { \"word\" : true } } , \"list\" : [ 1 , [ 2 ] ] } } ,"
	    " { \"node\" : { \"last\" : \"\\u00e9\" , \"\\u0069d\" : \"two\" } , \"other\" : null } , null , 3 ] , \"after\" : 5 } } } ";
	struct page p;

	(void)state;
	read_page(&p, text, strlen(text));
	assert_non_null(p.answer);
	assert_int_equal(p.records.n, 4);
	assert_string_equal(at(&p, 0, "node.id")->text, "one");
	assert_int_equal(at(&p, 0, "node.a.value")->number, 1);
	assert_int_equal(at(&p, 0, "node.a.b.word")->type, JSON_BOOL);
	assert_memory_equal(at(&p, 0, "node.list")->text, "[ 1 , [ 2 ] ]",
	                    (size_t)at(&p, 0, "node.list")->number);
	assert_int_equal(at(&p, 0, "node.last")->type, JSON_NULL);
	assert_string_equal(at(&p, 1, "node.id")->text, "two");
	assert_string_equal(at(&p, 1, "node.last")->text, "\xC3\xA9");
	assert_int_equal(p.records.item[2 * p.shape.n].type, JSON_NULL);
	assert_int_equal(p.records.item[3 * p.shape.n].type, JSON_NUMBER);
	assert_null(json_at(p.answer, "data.rows.edges")->child);
	assert_int_equal(json_at(p.answer, "data.rows.after")->number, 5);
	free_page(&p);
}

static void
array_with_too_many_elements_is_refused(void **state)
{
	char text[1024];
	struct page p;
	size_t i, n, most;

	(void)state;
	for (most = 100; most <= 101; most++) {
		n = (size_t)snprintf(text, sizeof(text), "{\"data\":{\"rows\":{\"edges\":[1");
		for (i = 1; i < most; i++)
			n += (size_t)snprintf(text + n, sizeof(text) - n, ",{}");
		n += (size_t)snprintf(text + n, sizeof(text) - n, "]}}}");
		read_page(&p, text, n);
		assert_int_equal(p.answer != NULL, most == 100);
		if (p.answer == NULL)
			assert_non_null(strstr(p.e.message, "more than 100 elements"));
		free_page(&p);
	}
}

static void
array_elsewhere_is_read_into_values(void **state)
{
	static const char *const texts[] = {"{\"data\":{\"edges\":[1]}}",
	                                    "{\"rows\":{\"data\":{\"edges\":[1]}}}",
	                                    "{\"data\":{\"rows\":{\"more\":{\"edges\":[1]}}}}",
	                                    "[[[{\"edges\":[1]}]]]",
	                                    "{\"data\":{\"rows\":{\"edges\":{\"edges\":[1]}}}}",
	                                    "{\"data\":[[[1]]]}"};
	struct page p;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(texts); i++) {
		read_page(&p, texts[i], strlen(texts[i]));
		assert_non_null(p.answer);
		assert_int_equal(p.records.n, 0);
		free_page(&p);
	}
}

static void
key_that_is_there_twice_marks_its_object(void **state)
{
	static const struct {
		const char *edge, *marked; /* NULL: none */
	} cases[] = {
	    {"{\"node\":{\"id\":1,\"id\":2}}", "node"},
	    {"{\"node\":{\"x\":1,\"id\":2,\"x\":3}}", "node"},
	    {"{\"node\":{\"id\":1,\"\\u0069d\":2}}", "node"},
	    {"{\"node\":{\"\\ud800\":1}}", "node"},
	    {"{\"node\":{\"a\":{\"value\":1,\"b\":{\"word\":1,\"word\":1}}}}", "node.a.b"},
	    {"{\"node\":{\"a\":{\"value\":1,\"value\":1}}}", "node.a"},
	    {"{\"node\":{\"list\":{\"x\":1,\"x\":1}}}", NULL},
	    {"{\"node\":{\"more\":{\"x\":1,\"x\":1}}}", NULL},
	    {"{\"node\":{\"id\":1},\"node\":{\"id\":2,\"last\":3}}", ""},
	};
	char text[256];
	struct page p;
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		int place, marked;

		snprintf(text, sizeof(text), "{\"data\":{\"rows\":{\"edges\":[%s]}}}", cases[i].edge);
		read_page(&p, text, strlen(text));
		assert_non_null(p.answer);
		marked = cases[i].marked == NULL      ? -1
		         : cases[i].marked[0] == '\0' ? 0
		                                      : json_shape_find(&p.shape, 0, cases[i].marked);
		for (place = 0; place < p.shape.n; place++)
			if (p.records.item[place].type == JSON_OBJECT)
				assert_int_equal(p.records.item[place].number, place == marked);
		if (p.records.item[0].number == 1)
			assert_int_equal(at(&p, 0, "node.last")->type, JSON_NULL);
		free_page(&p);
	}
}

/* Beside the tree ------------------------------------------------------------------------------------------------- */

static unsigned
next_random(void)
{
	static unsigned state = 11;

	state = state * 1103515245u + 12345u;
	return state >> 8;
}

/* The first one whose name is the n bytes. */
static const struct json_value *
first_member(const struct json_value *object, const char *name, size_t n)
{
	if (object != NULL && object->type == JSON_OBJECT)
		json_each (m, object)
			if (strlen(m->key) == n && memcmp(m->key, name, n) == 0)
				return m;
	return NULL;
}

static void
compare_item(const struct json_item *item, const struct json_value *v, bool has_members)
{
	static const struct json_item none;
	const struct json_item *of_tree = v == NULL ? &none : &v->item;

	assert_int_equal(item->type, of_tree->type);
	if (item->type == JSON_TEXT || item->type == JSON_DIGITS || item->type == JSON_FAULT)
		assert_string_equal(item->text, of_tree->text);
	else if (item->type == JSON_ARRAY || item->type == JSON_OBJECT)
		assert_ptr_equal(item->text, of_tree->text);
	if (item->type == JSON_NUMBER || item->type == JSON_BOOL ||
	    (item->type == JSON_OBJECT && has_members))
		assert_int_equal(item->number, of_tree->number);
}

/* Each place of the record, from the one at hand on. */
static void
compare_object(const struct page *p, const struct json_item *record, int place, const struct json_value *v)
{
	int i;

	compare_item(&record[place], v, p->shape.place[place].first != 0);
	for (i = p->shape.place[place].first; i != 0; i = p->shape.place[i].next)
		compare_object(p, record, i, first_member(v, p->shape.place[i].name, p->shape.place[i].n));
}

/* Returns how many records were compared. */
static size_t
compare_pages(const char *exact, size_t n)
{
	struct err e = {0};
	struct json_value *tree = json_parse_tolerant(exact, n, &e);
	const struct json_value *data = first_member(tree, "data", 4), *rows = first_member(data, "rows", 4),
				*edges = first_member(rows, "edges", 5);
	struct page p;
	size_t compared = 0;

	read_page(&p, exact, n);
	assert_int_equal(p.answer == NULL, tree == NULL);
	if (tree == NULL)
		assert_string_equal(p.e.message, e.message);
	/* with a key twice on the way nobody takes the records */
	if (tree != NULL && data != NULL && rows != NULL && edges != NULL && edges->type == JSON_ARRAY &&
	    tree->number + data->number + rows->number == 0) {
		json_each (edge, edges) {
			assert_true(compared < p.records.n);
			compare_object(&p, p.records.item + compared * (size_t)p.shape.n, 0, edge);
			compared++;
		}
		assert_int_equal(p.records.n, compared);
	}
	free_page(&p);
	json_free(tree);
	return compared;
}

#define SIZE 1024

/* Takes bytes away, puts others in, and copies parts to other places. */
static size_t
change(char text[static SIZE], size_t n)
{
	static const char bytes[] = "{}[]\",:\\u0123456789abdDnt \n\x01\xC3\xE9-.e";
	size_t from, to, length;

	switch (next_random() % 3) {
	case 0:
		text[next_random() % n] = bytes[next_random() % (sizeof(bytes) - 1)];
		return n;
	case 1:
		from = next_random() % n;
		length = 1 + next_random() % 4;
		length = length < n - from ? length : n - from;
		memmove(text + from, text + from + length, n - from - length);
		return n - length > 0 ? n - length : 1;
	default:
		from = next_random() % n;
		length = 1 + next_random() % 40;
		length = length < n - from ? length : n - from;
		if (n + length > SIZE)
			return n;
		to = next_random() % n;
		memmove(text + to + length, text + to, n - to);
		memmove(text + to, text + (from >= to ? from + length : from), length);
		return n + length;
	}
}

static void
record_has_what_the_tree_has_whatever_the_text(void **state)
{
	static const char whole[] =
	    "{\"data\":{\"n\":2,\"rows\":{\"edges\":[{\"node\":{\"id\":\"one\",\"more\":[{\"id\":7}],\"a\":{\"value\":1,\"b\":{\"word\":true},"
	    "\"x\":{\"y\":null}},\"list\":[1,[2]],\"last\":\"\\u00e9 \\\"q\\\"\"}},{\"other\":1.5,\"node\":{\"last\":\"end\",\"id\":\"two\"}}],"
	    "\"after\":5}},\"more\":[{\"edges\":[{\"node\":1}]}]}";
	size_t compared = 0, i, n;

	(void)state;
	for (i = 0; i < 30000; i++) {
		char text[SIZE], *exact;
		unsigned changes = next_random() % 4;

		n = strlen(whole);
		memcpy(text, whole, n);
		while (changes-- > 0)
			n = change(text, n);
		exact = malloc(n);
		assert_non_null(exact);
		memcpy(exact, text, n);
		compared += compare_pages(exact, n);
		free(exact);
	}
	assert_true(compared > 10000);
}

/* Both readers stop at the same level, and go on behind what is nested deeper. */
static void
record_is_nested_as_deep_as_the_tree(void **state)
{
	char text[SIZE];
	int levels, i;
	size_t n;

	(void)state;
	for (levels = 20; levels < 40; levels++) {
		n = (size_t)snprintf(text, sizeof(text),
		                     "{\"data\":{\"rows\":{\"edges\":[{\"node\":{\"more\":");
		for (i = 0; i < levels; i++)
			text[n++] = '[';
		for (i = 0; i < levels; i++)
			text[n++] = ']';
		n += (size_t)snprintf(text + n, sizeof(text) - n, ",\"id\":\"behind\"}}]}}}");
		assert_int_equal(compare_pages(text, n), 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(shape_has_a_place_for_each_value_and_each_object),
	    cmocka_unit_test(record_has_what_is_wanted_and_nothing_else),
	    cmocka_unit_test(array_with_too_many_elements_is_refused),
	    cmocka_unit_test(array_elsewhere_is_read_into_values),
	    cmocka_unit_test(key_that_is_there_twice_marks_its_object),
	    cmocka_unit_test(record_has_what_the_tree_has_whatever_the_text),
	    cmocka_unit_test(record_is_nested_as_deep_as_the_tree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
