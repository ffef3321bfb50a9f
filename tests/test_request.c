/* request: names, lines good and bad, and a digest that two formats share and two contents never do. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/request.h"

#define MOST 16

struct seen {
	int n;
	unsigned char digest[MOST][SHA256_SIZE];
	char code[MOST][40];
	char text[8192]; /* "<line> <message_id> <op> <app_id> <app_user_id> <dry_run> name=value ...;" */
	size_t used;
};

static void
note(struct seen *s, const char *name, const char *value)
{
	if (!value)
		value = "~";
	s->used += (size_t)snprintf(s->text + s->used, sizeof s->text - s->used, "%s%s%s", name,
	                            strcmp(name, " ") == 0 ? "" : "=", value);
}

static int
keep_request(void *ctx, const struct request *q, struct err *e)
{
	struct seen *s = ctx;
	char line[24];
	(void)e;
	assert_true(s->n < MOST);
	snprintf(line, sizeof line, "%ld", q->line);
	s->used += (size_t)snprintf(s->text + s->used, sizeof s->text - s->used, "%s", line);
	note(s, " ", q->message_id);
	note(s, " ", q->op);
	note(s, " ", q->app_id);
	note(s, " ", q->app_user_id);
	note(s, " ", q->dry_run ? "dry" : "real");
	for (int i = 0; i < q->n; i++) {
		s->text[s->used++] = ' ';
		note(s, q->field[i].name, q->field[i].value);
		assert_ptr_equal(request_field(q, q->field[i].name), q->field[i].value);
	}
	assert_null(request_field(q, "nowhere"));
	if (q->why.code[0]) {
		assert_int_equal(q->why.line, q->line);
		assert_true(q->why.message[0] != '\0');
		s->used += (size_t)snprintf(s->text + s->used, sizeof s->text - s->used, " !%s %s",
		                            q->why.code, q->wrong ? q->wrong : "~");
	}
	s->text[s->used++] = ';';
	s->text[s->used] = '\0';
	snprintf(s->code[s->n], sizeof s->code[0], "%s", q->why.code);
	memcpy(s->digest[s->n++], q->digest, SHA256_SIZE);
	return 0;
}

typedef int read_fn(FILE *in, const char *default_op, request_fn *each, void *ctx, struct err *e);

static int
read_bytes(read_fn *read, const char *bytes, size_t n, const char *op, struct seen *s, struct err *e)
{
	FILE *f = tmpfile();
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	rewind(f);
	*s = (struct seen){0};
	int rc = read(f, op, keep_request, s, e);
	fclose(f);
	return rc;
}

static void
assert_reads(read_fn *read, const char *text, const char *op, const char *wanted)
{
	struct seen s;
	struct err e = {0};
	if (read_bytes(read, text, strlen(text), op, &s, &e) != 0)
		fail_msg("%s: %s", text, e.message);
	assert_string_equal(s.text, wanted);
}

static void
request_takes_a_name_apart(void **state)
{
	struct request_name n;
	struct err e = {0};
	(void)state;
	assert_int_equal(request_parse_name("declare_profile.hr-Core_2.20260304T023000Z.0042.jsonl", &n, &e),
	                 0);
	assert_string_equal(n.op, "declare_profile");
	assert_string_equal(n.source, "hr-Core_2");
	assert_true(n.at == 1772591400000);
	assert_int_equal(n.seq, 42);
	assert_false(n.csv);
	assert_int_equal(request_parse_name("mixed.a.20260304T023000Z.1.jsonl", &n, &e), 0);
	assert_int_equal(
	    request_parse_name(
		"set_push_notification_date_for_external_transactions.a.20260304T023000Z.1.jsonl", &n, &e),
	    0);
	assert_int_equal(request_parse_name("offboard_user.a.20260304T023000Z.999999999.csv", &n, &e), 0);
	assert_true(n.csv);
	assert_int_equal(n.seq, 999999999);
}

static void
request_refuses_names_of_another_shape(void **state)
{
	static const char *const names[] = {
	    "",
	    "x",
	    "op.src.20260304T023000Z.1",
	    "op.src.20260304T023000Z.1.json",
	    "op.src.20260304T023000Z.1.jsonl.sha256",
	    "op.src.20260304T023000Z.1.csv ",
	    "op.src.20260304T023000Z..jsonl",
	    "op.src.20260304T023000Z.-1.jsonl",
	    "op.src.20260304T023000Z.1234567890.jsonl",
	    "op.src.20260304T023000.1.jsonl",
	    "op.src.20260304 023000Z.1.jsonl",
	    "op.src.2026-03-04T02:30:00Z.1.jsonl",
	    "op.src.20260230T023000Z.1.jsonl",
	    "op.src.20260304T246000Z.1.jsonl",
	    "op.src.T0260304T023000Z.1.jsonl",
	    "op..20260304T023000Z.1.jsonl",
	    "op.a/b.20260304T023000Z.1.jsonl",
	    "op.a\u00E9.20260304T023000Z.1.jsonl",
	    "op.a.b.20260304T023000Z.1.jsonl",
	    ".op.src.20260304T023000Z.1.jsonl",
	    "Op.src.20260304T023000Z.1.jsonl",
	    "../op.src.20260304T023000Z.1.jsonl",
	    "mixed.src.20260304T023000Z.1.csv",
	    "op.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.20260304T023000Z.1.jsonl",
	    "oooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooooo.src.20260304T023000Z.1.jsonl",
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(names); i++) {
		struct request_name n;
		struct err e = {0};
		if (request_parse_name(names[i], &n, &e) == 0)
			fail_msg("%s was taken", names[i]);
		assert_string_equal(e.code, "bad_file_name");
	}
}

static void
request_names_are_ordered_by_time_then_number(void **state)
{
	struct request_name a = {.at = 1, .seq = 9}, b = {.at = 2, .seq = 1}, c = {.at = 2, .seq = 10};
	(void)state;
	assert_true(request_compare(&a, &b) < 0);
	assert_true(request_compare(&b, &c) < 0);
	assert_true(request_compare(&c, &a) > 0);
	assert_int_equal(request_compare(&b, &b), 0);
}

static void
jsonl_gives_each_line_good_or_bad(void **state)
{
	(void)state;
	assert_reads(request_read_jsonl,
	             "{\"message_id\":\"m-1\",\"op\":\"a\",\"app_id\":\"A\",\"app_user_id\":\"U\"}\n"
	             "\n \t\r\n"
	             "{\"message_id\":\"m:2\",\"op\":\"b\",\"dry_run\":true,\"x\":-12,\"y\":[\"p\", 2],"
	             "\"z\":\"t\",\"t\":true,\"none\":null,\"empty\":\"\"}\r\n"
	             "nonsense\n"
	             "[1]\n"
	             "{\"message_id\":\"m3\",\"op\":\"c\"}",
	             NULL,
	             "1 m-1 a A U real;"
	             "4 m:2 b ~ ~ dry x=-12 y=[\"p\",2] z=t t=true;"
	             "5 ~ ~ ~ ~ real !malformed_json ~;"
	             "6 ~ ~ ~ ~ real !malformed_json ~;"
	             "7 m3 c ~ ~ real;");
}

static void
jsonl_says_what_is_wrong_and_keeps_the_rest(void **state)
{
	static const struct {
		const char *text, *wanted;
	} cases[] = {
	    {"{\"op\":\"a\"}", "1 ~ a ~ ~ real !missing_field message_id;"},
	    {"{\"message_id\":\"\",\"op\":\"a\"}", "1 ~ a ~ ~ real !missing_field message_id;"},
	    {"{\"message_id\":null,\"op\":\"a\"}", "1 ~ a ~ ~ real !missing_field message_id;"},
	    {"{\"message_id\":7,\"op\":\"a\"}", "1 ~ a ~ ~ real !bad_field message_id;"},
	    {"{\"message_id\":\"a b\",\"op\":\"a\"}", "1 a b a ~ ~ real !bad_field message_id;"},
	    {"{\"message_id\":\"\u00E9\",\"op\":\"a\"}", "1 \u00E9 a ~ ~ real !bad_field message_id;"},
	    {"{\"message_id\":\"m\"}", "1 m ~ ~ ~ real !missing_field op;"},
	    {"{\"app_id\":1,\"message_id\":\"m\",\"op\":\"a\"}", "1 m a ~ ~ real !bad_field app_id;"},
	    {"{\"dry_run\":\"true\",\"message_id\":\"m\",\"op\":\"a\"}",
	     "1 m a ~ ~ real !bad_field dry_run;"},
	    {"{\"x\":{},\"message_id\":\"m\",\"op\":\"a\"}", "1 m a ~ ~ real !bad_field x;"},
	    {"{\"x\":[[]],\"y\":{},\"message_id\":\"m\",\"op\":\"a\"}", "1 m a ~ ~ real !bad_field x;"},
	    {"{\"x\":[null],\"message_id\":\"m\",\"op\":\"a\"}", "1 m a ~ ~ real !bad_field x;"},
	    {"{\"message_id\":\"m\",\"message_id\":\"n\",\"op\":\"a\"}", "1 ~ ~ ~ ~ real !malformed_json ~;"},
	    {"{\"message_id\":\"m\",\"op\":\"a\",\"x\":1.}", "1 ~ ~ ~ ~ real !malformed_json ~;"},
	    {"{\"message_id\":1.5,\"op\":\"a\"}", "1 ~ a ~ ~ real !bad_field message_id;"},
	    {"{\"message_id\":\"\xC3\"}", "1 ~ ~ ~ ~ real !not_utf8 ~;"},
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_reads(request_read_jsonl, cases[i].text, NULL, cases[i].wanted);
}

/* Its field says what is wrong with it; the line itself is well formed. */
static void
request_hands_on_a_number_that_is_not_exact(void **state)
{
	(void)state;
	assert_reads(request_read_jsonl,
	             "{\"message_id\":\"m\",\"op\":\"a\",\"x\":1.5,\"y\":99999999999999999999}", NULL,
	             "1 m a ~ ~ real x=1.5 y=99999999999999999999;");
}

static void
request_takes_the_op_from_the_file_name(void **state)
{
	(void)state;
	assert_reads(request_read_jsonl, "{\"message_id\":\"m\"}\n{\"message_id\":\"n\",\"op\":\"b\"}\n", "a",
	             "1 m a ~ ~ real;2 n b ~ ~ real !bad_field op;");
	assert_reads(request_read_csv, "message_id,op\nm,\nn,a\no,b\n", "a",
	             "2 m a ~ ~ real;3 n a ~ ~ real;4 o b ~ ~ real !bad_field op;");
}

static int
keep_code(void *ctx, const struct request *q, struct err *e)
{
	char *codes = ctx;
	(void)e;
	snprintf(codes + strlen(codes), 50, "%s;", q->why.code);
	return 0;
}

static void
jsonl_bounds_a_line_and_goes_on(void **state)
{
	static const char head[] = "{\"message_id\":\"m\",\"op\":\"a\",\"x\":\"", tail[] = "\"}\n{}\n";
	(void)state;
	for (int size = REQUEST_MAX_LINE; size <= REQUEST_MAX_LINE + 1; size++) {
		struct err e = {0};
		char codes[100] = "";
		FILE *f = tmpfile();
		assert_non_null(f);
		fprintf(f, "%s%0*d%s", head, size - (int)strlen(head) - 2, 0, tail);
		rewind(f);
		assert_int_equal(request_read_jsonl(f, NULL, keep_code, codes, &e), 0);
		fclose(f);
		assert_string_equal(codes, size == REQUEST_MAX_LINE ? ";missing_field;"
		                                                    : "malformed_json;missing_field;");
	}
}

struct counted {
	long n; /* lines */
	FILE *file;
};

static int
compare_line(void *ctx, const struct request *q, struct err *e)
{
	struct counted *c = ctx;
	char id[24];

	(void)e;
	snprintf(id, sizeof id, "m%ld", ++c->n);
	assert_int_equal(q->line, c->n);
	assert_string_equal(q->message_id, id);
	assert_int_equal(strlen(request_field(q, "x")), c->n % 701 + 1);
	return 0;
}

static void
jsonl_reads_lines_of_any_length_one_after_the_other(void **state)
{
	struct counted c = {.file = tmpfile()};
	struct err e = {0};
	long i, lines = 1500;

	(void)state;
	assert_non_null(c.file);
	for (i = 1; i <= lines; i++)
		fprintf(c.file, "{\"message_id\":\"m%ld\",\"op\":\"a\",\"x\":\"%0*d\"}%s", i,
		        (int)(i % 701 + 1), 7, i < lines ? "\n" : "");
	assert_true(ftell(c.file) > 3L * REQUEST_MAX_LINE);
	rewind(c.file);
	assert_int_equal(request_read_jsonl(c.file, NULL, compare_line, &c, &e), 0);
	assert_int_equal(c.n, lines);
	fclose(c.file);
}

static void
csv_gives_its_columns_as_fields(void **state)
{
	(void)state;
	assert_reads(request_read_csv,
	             "x,message_id,op,app_id,app_user_id,dry_run,y\n"
	             "1,m,a,A,U,true,\n"
	             "\"p\nq\",n,a,,,false,\"[\"\"t\"\"]\"\n"
	             ",o,a,,,yes,\n"
	             ",,a,,,,\n",
	             NULL,
	             "2 m a A U dry x=1;"
	             "3 n a ~ ~ real x=p\nq y=[\"t\"];"
	             "5 o a ~ ~ real !bad_field dry_run;"
	             "6 ~ a ~ ~ real !missing_field message_id;");
}

static void
csv_that_is_malformed_is_refused_whole(void **state)
{
	static const struct {
		const char *text, *code;
	} cases[] = {
	    {"op,app_id\na,b\n", "missing_column"},  {"message_id,x,x\n", "unknown_column"},
	    {"message_id,op\nm\n", "malformed_csv"}, {"message_id,op\nm,\"a", "malformed_csv"},
	    {"message_id,op\nm,\xFF\n", "not_utf8"}, {"", "missing_column"},
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct seen s;
		struct err e = {0};
		assert_int_equal(
		    read_bytes(request_read_csv, cases[i].text, strlen(cases[i].text), NULL, &s, &e), -1);
		assert_string_equal(e.code, cases[i].code);
	}
}

static void
request_bounds_the_number_of_fields(void **state)
{
	(void)state;
	for (int fields = REQUEST_MAX_FIELDS; fields <= REQUEST_MAX_FIELDS + 2; fields++) {
		char text[1024];
		struct seen s;
		struct err e = {0};
		size_t n = (size_t)snprintf(text, sizeof text, "{");
		for (int i = 0; i < fields; i++)
			n += (size_t)snprintf(text + n, sizeof text - n, "\"f%d\":%s,", i,
			                      i % 2 ? "[1]" : "2");
		n += (size_t)snprintf(text + n, sizeof text - n, "\"message_id\":\"m\",\"op\":\"a\"}");
		assert_int_equal(read_bytes(request_read_jsonl, text, n, NULL, &s, &e), 0);
		assert_string_equal(s.code[0], fields == REQUEST_MAX_FIELDS ? "" : "unknown_field");
	}
}

static void
digest_of(read_fn *read, const char *text, unsigned char digest[SHA256_SIZE])
{
	struct seen s;
	struct err e = {0};
	assert_int_equal(read_bytes(read, text, strlen(text), NULL, &s, &e), 0);
	assert_int_equal(s.n, 1);
	assert_string_equal(s.code[0], "");
	memcpy(digest, s.digest[0], SHA256_SIZE);
}

static void
digest_is_the_same_for_the_same_content(void **state)
{
	static const char *const same[] = {
	    "{\"message_id\":\"1\",\"op\":\"a\",\"app_id\":\"A\",\"app_user_id\":\"U\",\"x\":1,\"y\":\"t\"}",
	    "{\"y\":\"t\",\"x\":1,\"app_user_id\":\"U\",\"app_id\":\"A\",\"op\":\"a\",\"message_id\":\"2\"}",
	    "{ \"message_id\":\"1\",\"op\":\"\\u0061\",\"app_id\":\"A\",\"app_user_id\":\"U\",\"x\":\"1\",\"y\":\"t\"}",
	    "{\"message_id\":\"1\",\"op\":\"a\",\"app_id\":\"A\",\"app_user_id\":\"U\",\"x\":1,\"y\":\"t\",\"z\":null}",
	};
	unsigned char first[SHA256_SIZE], other[SHA256_SIZE];
	(void)state;
	digest_of(request_read_jsonl, same[0], first);
	for (size_t i = 1; i < LENGTH(same); i++) {
		digest_of(request_read_jsonl, same[i], other);
		assert_memory_equal(first, other, SHA256_SIZE);
	}
	digest_of(request_read_csv, "y,z,message_id,op,app_user_id,app_id,x\nt,,9,a,U,A,1\n", other);
	assert_memory_equal(first, other, SHA256_SIZE);
}

static void
digest_differs_when_anything_does(void **state)
{
	static const char *const rows[] = {
	    "op,app_id,app_user_id,x,y,message_id\na,A,U,1,2,m\n",
	    "op,app_id,app_user_id,x,y,message_id\nb,A,U,1,2,m\n",
	    "op,app_id,app_user_id,x,y,message_id\na,AU,,1,2,m\n",
	    "op,app_id,app_user_id,x,y,message_id\na,,AU,1,2,m\n",
	    "op,app_id,app_user_id,x,y,message_id\na,,,1,2,m\n",
	    "op,app_id,app_user_id,x,y,message_id\na,A,U,12,,m\n",
	    "op,app_id,app_user_id,x,y,message_id\na,A,U,,12,m\n",
	    "op,app_id,app_user_id,x,y,message_id\na,A,U,2,1,m\n",
	    "op,app_id,app_user_id,x,y,message_id\na,A,U,,,m\n",
	    "op,app_id,app_user_id,x1y,message_id\na,A,U,2,m\n",
	    "op,app_id,app_user_id,xy,message_id\na,A,U,12,m\n",
	    "op,app_id,app_user_id,x,message_id\na,A,U,1y2,m\n",
	};
	unsigned char digest[LENGTH(rows)][SHA256_SIZE];
	(void)state;
	for (size_t i = 0; i < LENGTH(rows); i++) {
		digest_of(request_read_csv, rows[i], digest[i]);
		for (size_t k = 0; k < i; k++)
			assert_memory_not_equal(digest[i], digest[k], SHA256_SIZE);
	}
}

/* What others have stored must stay comparable: the layout of what is hashed may not drift. */
static void
digest_is_of_length_prefixed_parts(void **state)
{
	static const char parts[] = "\0\0\0\1a"
				    "\0\0\0\1A"
				    "\xFF\xFF\xFF\xFF"
				    "\0\0\0\1m\0\0\0\2\xC3\xA9"
				    "\0\0\0\1x\0\0\0\3[1]";
	unsigned char digest[SHA256_SIZE], wanted[SHA256_SIZE];
	(void)state;
	digest_of(request_read_jsonl,
	          "{\"x\":[1],\"m\":\"\u00E9\",\"op\":\"a\",\"app_id\":\"A\",\"message_id\":\"m\"}", digest);
	sha256(parts, sizeof parts - 1, wanted);
	assert_memory_equal(digest, wanted, SHA256_SIZE);
}

static int
stop(void *ctx, const struct request *q, struct err *e)
{
	(void)q;
	++*(int *)ctx;
	return err_set(e, "enough", "one is enough");
}

static void
reading_stops_when_the_caller_says_so(void **state)
{
	static const char text[] = "{\"message_id\":\"m\"}\n{\"message_id\":\"n\"}\n";
	FILE *f = tmpfile();
	struct err e = {0};
	int calls = 0;
	(void)state;
	assert_non_null(f);
	fputs(text, f);
	rewind(f);
	assert_int_equal(request_read_jsonl(f, "a", stop, &calls, &e), -1);
	fclose(f);
	assert_int_equal(calls, 1);
	assert_string_equal(e.code, "enough");
}

static int
keep(void *ctx, const void *bytes, size_t n)
{
	char *text = ctx;
	memcpy(text, bytes, n);
	text[n] = '\0';
	return 0;
}

static void
result_is_one_line_with_the_promised_keys(void **state)
{
	char text[2048];
	struct sink *s = sink_new(keep, text);
	struct request_result done = {"m",  3,    "declare_profile",    "succeeded",   "ok",
	                              NULL, NULL, "{\"created\":true}", 1772591400000, false};
	struct request_result refused = {NULL,    4,    NULL, "rejected", "bad_field",
	                                 "\"x\"", "no", NULL, 0,          true};
	(void)state;
	request_write_result(s, &done);
	request_write_result(s, &refused);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_string_equal(
	    text, "{\"message_id\":\"m\",\"line\":3,\"op\":\"declare_profile\",\"status\":\"succeeded\","
		  "\"code\":\"ok\",\"field\":null,\"message\":null,\"result\":{\"created\":true},"
		  "\"processed_at\":\"2026-03-04T02:30:00.000Z\"}\n"
		  "{\"message_id\":null,\"line\":4,\"op\":null,\"status\":\"rejected\","
		  "\"code\":\"bad_field\",\"field\":\"\\\"x\\\"\",\"message\":\"no\",\"result\":null,"
		  "\"processed_at\":\"1970-01-01T00:00:00.000Z\",\"dry_run\":true}\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(request_takes_a_name_apart),
	    cmocka_unit_test(request_refuses_names_of_another_shape),
	    cmocka_unit_test(request_names_are_ordered_by_time_then_number),
	    cmocka_unit_test(jsonl_gives_each_line_good_or_bad),
	    cmocka_unit_test(jsonl_says_what_is_wrong_and_keeps_the_rest),
	    cmocka_unit_test(request_hands_on_a_number_that_is_not_exact),
	    cmocka_unit_test(request_takes_the_op_from_the_file_name),
	    cmocka_unit_test(jsonl_bounds_a_line_and_goes_on),
	    cmocka_unit_test(jsonl_reads_lines_of_any_length_one_after_the_other),
	    cmocka_unit_test(csv_gives_its_columns_as_fields),
	    cmocka_unit_test(csv_that_is_malformed_is_refused_whole),
	    cmocka_unit_test(request_bounds_the_number_of_fields),
	    cmocka_unit_test(digest_is_the_same_for_the_same_content),
	    cmocka_unit_test(digest_differs_when_anything_does),
	    cmocka_unit_test(digest_is_of_length_prefixed_parts),
	    cmocka_unit_test(reading_stops_when_the_caller_says_so),
	    cmocka_unit_test(result_is_one_line_with_the_promised_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
