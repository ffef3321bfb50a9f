/* listing: one table of columns makes table, JSON, JSON Lines and CSV alike. */
#include "tests/home.h"

#include "stages/core/lists/listing.h"
#include "stages/core/lists/table.h"

static void
print_twice(struct run *r, int64_t number, char text[COLUMN_TEXT_SIZE])
{
	(void)r;
	snprintf(text, COLUMN_TEXT_SIZE, "twice %lld", 2 * (long long)number);
}

static const struct column columns[] = {
    {.name = "profile_id", .type = COLUMN_ID, .kind = UUID_PROFILE},
    {.name = "debtor_name"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {.name = "debits", .type = COLUMN_COUNT, .head = "how many"},
    {.name = "created_at", .type = COLUMN_INSTANT},
    {.name = "recovery_date", .type = COLUMN_DAY},
    {.name = "is_frozen", .type = COLUMN_BOOL},
    {.name = "debtor_iban", .type = COLUMN_IBAN},
    {.name = "external_id", .type = COLUMN_KEY},
    {.name = "twice", .type = COLUMN_PRINTED, .print = print_twice},
    {0},
};

#define ALL_OF_IT \
	SQL("0 AS profile_id_owner, 7 AS profile_id, 'Zoé \"Œ\", dite' AS debtor_name," \
	    "  -181654 AS amount_in_cents, 24 AS debits, 1772591400000 AS created_at,"    \
	    "  '2026-03-10' AS recovery_date, 1 AS is_frozen,"                            \
	    "  'FR7630006000011234567890189' AS debtor_iban,"                             \
	    "  x'00112233445566778899aabbccddeeff' AS external_id, 21 AS twice")
#define NOTHING \
	SQL("0 AS profile_id_owner, NULL AS profile_id, NULL AS debtor_name,"         \
	    "  NULL AS amount_in_cents, NULL AS debits, NULL AS created_at,"              \
	    "  NULL AS recovery_date, NULL AS is_frozen, NULL AS debtor_iban,"            \
	    "  NULL AS external_id, NULL AS twice")

static const struct listing both = {"both", "SELECT " ALL_OF_IT " UNION ALL SELECT " NOTHING, columns};
static const struct listing one = {"one", "SELECT " ALL_OF_IT, columns};
static const struct listing none = {"none", "SELECT " NOTHING " WHERE 1 = 2", columns};

#define NAMES                                                                                           \
	"profile_id,debtor_name,amount_in_cents,debits,created_at,recovery_date,is_frozen,debtor_iban," \
	"external_id,twice\n"
#define ID "0badcafe-0100-8000-8000-000000000007"

static const char *
write_in(struct run *r, const struct listing *l, enum format format)
{
	static struct home_text text;
	struct sink *s = sink_new(home_keep, &text);

	text = (struct home_text){0};
	listing_write(r, l, listing_query(r, l), format, s);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	return text.text;
}

static void
csv_is_for_machines(void **state)
{
	assert_string_equal(write_in(*state, &both, FORMAT_CSV), NAMES ID
	                    ",\"Zoé \"\"Œ\"\", dite\",-181654,24,2026-03-04T02:30:00.000Z,2026-03-10,true,"
	                    "FR76***0189,00112233-4455-6677-8899-aabbccddeeff,twice 42\n"
	                    ",,,,,,,,,\n");
}

static void
csv_without_rows_is_its_header(void **state)
{
	assert_string_equal(write_in(*state, &none, FORMAT_CSV), NAMES);
}

static void
json_lines_have_null_for_what_is_absent(void **state)
{
	assert_string_equal(
	    write_in(*state, &both, FORMAT_JSONL),
	    "{\"profile_id\":\"" ID
	    "\",\"debtor_name\":\"Zoé \\\"Œ\\\", dite\",\"amount_in_cents\":-181654,\"debits\":24,"
	    "\"created_at\":\"2026-03-04T02:30:00.000Z\",\"recovery_date\":\"2026-03-10\",\"is_frozen\":true,"
	    "\"debtor_iban\":\"FR76***0189\",\"external_id\":\"00112233-4455-6677-8899-aabbccddeeff\","
	    "\"twice\":\"twice 42\"}\n"
	    "{\"profile_id\":null,\"debtor_name\":null,\"amount_in_cents\":null,\"debits\":null,\"created_at\":null,"
	    "\"recovery_date\":null,\"is_frozen\":null,\"debtor_iban\":null,\"external_id\":null,\"twice\":null}\n");
}

static void
json_is_one_array(void **state)
{
	struct err e = {0};
	const char *text = write_in(*state, &both, FORMAT_JSON);
	struct json_value *list = json_parse(text, strlen(text), &e);
	int64_t amount = 0;

	assert_non_null(list);
	assert_non_null(list->child->next);
	assert_null(list->child->next->next);
	assert_int_equal(json_int(list->child, "amount_in_cents", &amount, &e), 0);
	assert_int_equal(amount, -181654);
	json_free(list);
	assert_string_equal(write_in(*state, &none, FORMAT_JSON), "[]\n");
}

static void
table_is_aligned_for_people(void **state)
{
	assert_string_equal(
	    write_in(*state, &both, FORMAT_TABLE),
	    "profile id                            debtor name    amount EUR  how many  created at        recovery date"
	    "  is frozen  debtor iban  external id                           twice\n" ID
	    "  Zoé \"Œ\", dite   -1 816.54        24  2026-03-04 02:30  2026-03-10   "
	    "  yes        FR76***0189  00112233-4455-6677-8899-aabbccddeeff  twice 42\n"
	    "-                                     -                       -         -  -                 -            "
	    "  -          -            -                                     -\n");
}

static void
table_without_rows_says_none(void **state)
{
	assert_string_equal(write_in(*state, &none, FORMAT_TABLE), "none\n");
}

static void
sheet_has_a_line_for_each_column(void **state)
{
	struct run *r = *state;
	static struct home_text text;
	struct sink *s = sink_new(home_keep, &text);

	table_write_sheet(r, &one, listing_query(r, &one), s);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	assert_non_null(strstr(text.text, "amount EUR     -1 816.54\n"));
	assert_non_null(strstr(text.text, "recovery date  2026-03-10\n"));
	assert_non_null(strstr(text.text, "how many       24\n"));
}

static void
control_characters_never_reach_a_terminal(void **state)
{
	static const struct column names[] = {{.name = "name"}, {0}};
	static const struct listing evil = {
	    "evil", "SELECT 'a' || char(27) || '[2J' || char(10) || char(127) || 'é' AS name", names};

	assert_string_equal(write_in(*state, &evil, FORMAT_TABLE), "name\na?[2J??é\n");
}

static void
rows_are_counted_without_the_header(void **state)
{
	struct run *r = *state;
	struct home_text text = {0};
	struct sink *s = sink_new(home_keep, &text);

	assert_int_equal(listing_write_csv(r, &both, listing_query(r, &both), s), 2);
	assert_int_equal(listing_write_csv(r, &none, listing_query(r, &none), s), 0);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
}

/* Objects in objects and a list in a row. The first row has everything, the second no `debit`, the third neither
 * `debit` nor its `mandate`. */
static const struct column entry_columns[] = {
    {.name = "amount_in_cents", .type = COLUMN_CENTS},
    {.name = "to.name"},
    {0},
};

static const struct listing entries = {
    .name = "entries",
    .columns = entry_columns,
    .text = SQL(
	"SELECT $profile * 100 + $session AS amount_in_cents, 'Zoé' AS to_name WHERE $session > 0"
	" UNION ALL SELECT -1, NULL WHERE $session > 0"),
};

static const struct column nested_columns[] = {
    {.name = "profile.id", .type = COLUMN_ID, .kind = UUID_PROFILE},
    {.name = "profile.status"},
    {.name = "entries", .type = COLUMN_LIST, .list = &entries},
    {.name = "debit.is_late", .type = COLUMN_BOOL},
    {.name = "debit.mandate.iban", .type = COLUMN_IBAN},
    {.name = "debit.mandate.name"},
    {.name = "debits", .type = COLUMN_COUNT},
    {0},
};

static const struct listing nested = {
    .name = "nested",
    .columns = nested_columns,
    .text =
	SQL(
	"SELECT 0 AS profile_id_owner, 7 AS profile_id, 'active' AS profile_status,"
	"  3 AS entries_owner, 2 AS entries, 0 AS debit_is_late,"
	"  'FR7630006000011234567890189' AS debit_mandate_iban, NULL AS debit_mandate_name, 5 AS debits"
	" UNION ALL SELECT 0, 8, NULL, 4, 0, 1, NULL, NULL, NULL"
	" UNION ALL SELECT 0, 9, 'new', 4, 0, NULL, NULL, NULL, 0"),
};

#define NESTED_ID(n) "0badcafe-0100-8000-8000-00000000000" n

static void
json_has_objects_where_names_have_points(void **state)
{
	assert_string_equal(
	    write_in(*state, &nested, FORMAT_JSONL),
	    "{\"profile\":{\"id\":\"" NESTED_ID(
		"7") "\",\"status\":\"active\"},"
		     "\"entries\":[{\"amount_in_cents\":302,\"to\":{\"name\":\"Zoé\"}},"
		     "{\"amount_in_cents\":-1,\"to\":null}],"
		     "\"debit\":{\"is_late\":false,\"mandate\":{\"iban\":\"FR76***0189\",\"name\":null}},\"debits\":5}\n"
		     "{\"profile\":{\"id\":\"" NESTED_ID(
			 "8") "\",\"status\":null},\"entries\":[],"
			      "\"debit\":{\"is_late\":true,\"mandate\":null},\"debits\":null}\n"
			      "{\"profile\":{\"id\":\"" NESTED_ID(
				  "9") "\",\"status\":\"new\"},\"entries\":[],"
				       "\"debit\":null,\"debits\":0}\n");
}

static void
csv_has_names_with_points_and_no_lists(void **state)
{
	assert_string_equal(
	    write_in(*state, &nested, FORMAT_CSV),
	    "profile.id,profile.status,debit.is_late,debit.mandate.iban,debit.mandate.name,debits\n" NESTED_ID(
		"7") ",active,false,FR76***0189,,5\n" NESTED_ID("8") ",,true,,,\n" NESTED_ID("9") ",new,,,,0\n");
}

static void
table_has_no_lists(void **state)
{
	assert_string_equal(
	    write_in(*state, &nested, FORMAT_TABLE),
	    "profile.id                            profile.status  debit.is late  debit.mandate.iban"
	    "  debit.mandate.name  debits\n" NESTED_ID("7") "  active          no             FR76***0189         -                        5\n" NESTED_ID(
		"8") "  -               yes            -                   -                        -\n" NESTED_ID("9") "  new             -              -                   -                        0\n");
}

static void
fields_have_the_types_of_frictionless(void **state)
{
	struct home_text text = {0};
	struct sink *s = sink_new(home_keep, &text);
	struct json j = {.sink = s};

	(void)state;
	json_open(&j, NULL, '{');
	listing_put_fields(&j, &one);
	json_close(&j, '}');
	json_open(&j, NULL, '{');
	listing_put_fields(&j, &nested);
	json_close(&j, '}');
	assert_int_equal(sink_end(s, NULL, NULL), 0);
#define FIELD(name, type) "{\"name\":\"" name "\",\"type\":\"" type "\"}"
	assert_string_equal(
	    text.text,
	    "{\"fields\":[" FIELD("profile_id", "string") "," FIELD("debtor_name", "string") "," FIELD("amount_in_cents", "integer") "," FIELD("debits", "integer") "," FIELD("created_at", "datetime") "," FIELD(
		"recovery_date",
		"date") "," FIELD("is_frozen",
	                          "boolean") "," FIELD("debtor_iban",
	                                               "string") "," FIELD("external_id",
	                                                                   "string") "," FIELD("twice",
	                                                                                       "string") "]}"
													 "{\"fields\":[" FIELD("profile.id", "string") "," FIELD("profile.status", "string") "," FIELD(
													     "debit.is_late",
													     "boolean") "," FIELD("debit.mandate.iban",
	                                                                                                                          "string") "," FIELD("debit.mandate.name",
	                                                                                                                                              "string") "," FIELD("debits",
	                                                                                                                                                                  "integer") "]}");
}

static const char *
write_one_in(struct run *r, const struct listing *l, enum format format)
{
	static struct home_text text;
	struct sink *s = sink_new(home_keep, &text);

	text = (struct home_text){0};
	listing_write_one(r, l, listing_query(r, l), format, s);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	return text.text;
}

static void
one_row_is_an_object_and_none_is_null(void **state)
{
	static const struct column names[] = {
	    {.name = "name"}, {.name = "amount_in_cents", .type = COLUMN_CENTS}, {0}};
	static const struct listing there = {"there", "SELECT 'a' AS name, 250 AS amount_in_cents", names};
	static const struct listing absent = {
	    "absent", "SELECT 'a' AS name, 250 AS amount_in_cents WHERE 1 = 2", names};

	assert_string_equal(write_one_in(*state, &there, FORMAT_JSON),
	                    "{\n  \"name\": \"a\",\n  \"amount_in_cents\": 250\n}\n");
	assert_string_equal(write_one_in(*state, &there, FORMAT_JSONL),
	                    "{\"name\":\"a\",\"amount_in_cents\":250}\n");
	assert_string_equal(write_one_in(*state, &there, FORMAT_CSV), "name,amount_in_cents\na,250\n");
	assert_string_equal(write_one_in(*state, &there, FORMAT_TABLE), "name        a\namount EUR  2.50\n");
	assert_string_equal(write_one_in(*state, &absent, FORMAT_JSON), "null\n");
	assert_string_equal(write_one_in(*state, &absent, FORMAT_JSONL), "null\n");
	assert_string_equal(write_one_in(*state, &absent, FORMAT_CSV), "name,amount_in_cents\n");
	assert_string_equal(write_one_in(*state, &absent, FORMAT_TABLE), "none\n");
}

static void
ibans_are_printed_in_full_on_request(void **state)
{
	static const struct column ibans[] = {{.name = "debtor_iban", .type = COLUMN_IBAN}, {0}};
	static const struct listing l = {"l", "SELECT 'FR7630006000011234567890189' AS debtor_iban", ibans};
	struct run *r = *state;

	assert_string_equal(write_in(r, &l, FORMAT_CSV), "debtor_iban\nFR76***0189\n");
	r->unmasked = true;
	assert_string_equal(write_in(r, &l, FORMAT_CSV), "debtor_iban\nFR7630006000011234567890189\n");
}

/* What a listing was promised, and what its query has. */
static const struct column promised[] = {
    {.name = "code"}, {.name = "of.id", .type = COLUMN_ID, .kind = UUID_PROFILE}, {.name = "of.name"}, {0}};

static const struct listing missing = {"missing", "SELECT 'a' AS code, 0 AS of_id_owner, 7 AS of_id",
                                       promised};
static const struct listing swapped = {
    "swapped", "SELECT 'a' AS code, 7 AS of_id, 0 AS of_id_owner, 'b' AS of_name", promised};
static const struct listing extra = {
    "extra", "SELECT 'a' AS code, 0 AS of_id_owner, 7 AS of_id, 'b' AS of_name, 'c' AS more", promised};

static void
read_missing(struct run *r)
{
	write_in(r, &missing, FORMAT_CSV);
}

static void
read_swapped(struct run *r)
{
	write_in(r, &swapped, FORMAT_JSON);
}

static void
read_extra(struct run *r)
{
	write_in(r, &extra, FORMAT_TABLE);
}

/* With a statement that nothing has compared before. */
static void
read_row_of_swapped(struct run *r)
{
	struct sink *s = sink_new(home_keep, &(struct home_text){0});

	listing_write(r, &swapped, sql(r->db, swapped.text), FORMAT_TABLE, s);
}

static void
query_with_other_columns_than_its_table_ends_the_process(void **state)
{
	home_dies(*state, read_missing, EXIT_BUG,
	          "the listing missing: its query ends where the column of_name is expected");
	home_dies(*state, read_swapped, EXIT_BUG,
	          "the listing swapped: its query has the column of_id where of_id_owner is expected");
	home_dies(*state, read_extra, EXIT_BUG,
	          "the listing extra: its query has the column more after the last one of its table");
	home_dies(*state, read_row_of_swapped, EXIT_BUG,
	          "the listing swapped: its query has the column of_id");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(query_with_other_columns_than_its_table_ends_the_process),
	    TEST(csv_is_for_machines),
	    TEST(csv_without_rows_is_its_header),
	    TEST(json_lines_have_null_for_what_is_absent),
	    TEST(json_is_one_array),
	    TEST(table_is_aligned_for_people),
	    TEST(table_without_rows_says_none),
	    TEST(sheet_has_a_line_for_each_column),
	    TEST(control_characters_never_reach_a_terminal),
	    TEST(rows_are_counted_without_the_header),
	    TEST(json_has_objects_where_names_have_points),
	    TEST(csv_has_names_with_points_and_no_lists),
	    TEST(table_has_no_lists),
	    TEST(fields_have_the_types_of_frictionless),
	    TEST(one_row_is_an_object_and_none_is_null),
	    TEST(ibans_are_printed_in_full_on_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
