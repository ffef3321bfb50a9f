/* mask: every column of the schema has a rule; of a row nothing is left that says who somebody is. */
#include "tests/home.h"

#include "stages/core/fixture/mask.h"

static void
every_column_has_a_rule(void **state)
{
	struct run *r = *state;
	struct books_schema schema;

	books_schema_load(r->db, &schema);
	assert_true(schema.n > 20);
	for (size_t i = 0; i < schema.n; i++)
		for (int k = 0; k < schema.table[i].n; k++)
			if (mask_find(schema.table[i].name, schema.table[i].column[k]) < 0)
				fail_msg(
				    "%s.%s has no row in formats/data/disguise_columns.csv: say what it holds",
				    schema.table[i].name, schema.table[i].column[k]);
	books_schema_free(&schema);
}

/* The rules that name no column any more. */
static void
every_rule_has_a_column(void **state)
{
	static const struct {
		const char *table, *column, *kind;
	} rules[] = {
#include "formats/data/disguise_columns.inc"
	};
	struct run *r = *state;
	struct books_schema schema;

	books_schema_load(r->db, &schema);
	for (size_t i = 0; i < LENGTH(rules); i++) {
		const struct books_table *t = books_schema_find(&schema, rules[i].table);
		bool found = false;

		assert_true(disguise_find(rules[i].kind) >= 0);
		for (int k = 0; t != NULL && k < t->n; k++)
			found = found || strcmp(t->column[k], rules[i].column) == 0;
		if (!found)
			fail_msg("there is no column %s.%s", rules[i].table, rules[i].column);
	}
	books_schema_free(&schema);
}

/* The only row of a table, masked, as text. */
static const char *
mask_table(struct run *r, const char *name)
{
	static const unsigned char key[DISGUISE_KEY] = {7};
	static struct home_text text;
	struct sink *s = sink_new(home_keep, &text);
	struct books_schema schema;
	const struct books_table *t;
	struct books_line line;
	struct mask m;
	struct stmt *q;

	books_schema_load(r->db, &schema);
	t = books_schema_find(&schema, name);
	mask_init(&m, r->db, key);
	q = books_select(r->db, t, "");
	assert_true(row(q));
	books_take_row(q, t, &line);
	mask_row(&m, &line);
	text.n = 0;
	books_line_put_row(s, &line, t->is_key);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	reset(q);
	mask_free(&m);
	books_schema_free(&schema);
	return text.text;
}

static void
a_mandate_names_nobody(void **state)
{
	struct run *r = *state;
	const char *text;

	home_exec(
	    r,
	    "INSERT INTO profile (number, app_id, app_user_id, status, declared_at) VALUES (1, 'alan', '1001', 'active', 0)");
	home_exec(
	    r,
	    "INSERT INTO mandate (number, profile_number, reference, reference_key, version, debtor_name, iban, country,"
	    "  street, town, signed_on, status, status_at, declared_at)"
	    " VALUES (1, 1, 'Ap-1001-1', 'AP-1001-1', 1, 'Camille Martin', 'FR7630006000011234567890189', 'FRA',"
	    "  'rue de Rivoli', 'Paris', '2026-01-28', 'active', 0, 0)");
	text = mask_table(r, "mandate");
	assert_null(strstr(text, "Camille"));
	assert_null(strstr(text, "30006000011234567890189"));
	assert_null(strstr(text, "-1001-1"));
	assert_null(strstr(text, "Rivoli"));
	assert_null(strstr(text, "Paris"));
	assert_non_null(strstr(text, "signed_on='2026-01-28'\tstatus='active'"));
	assert_null(strstr(mask_table(r, "profile"), "1001"));
}

static void
the_key_of_an_exception_follows_its_entry(void **state)
{
	struct run *r = *state;
	struct disguise d = {.key = {7}, .store = HOME_STORE};
	unsigned char was[SHA256_SIZE] = {1, 2, 3}, is[SHA256_SIZE];
	char hex[SHA256_TEXT];

	home_exec(r,
	          "INSERT INTO exception (number, kind, key, code, message, state, opened_on)"
	          " VALUES (1, 'bank_entry', lower(hex(X'010203' || zeroblob(29))) || '-2', 'unknown_credit',"
	          "  'the credit belongs to no debit that was made here', 'open', '2026-03-04')");
	disguise_digest(&d, was, sizeof(was), is);
	sha256_print(hex, is);
	assert_non_null(strstr(mask_table(r, "exception"), hex));
	assert_non_null(strstr(mask_table(r, "exception"), "-2'"));
	assert_non_null(strstr(mask_table(r, "exception"),
	                       "message='the credit belongs to no debit that was made here'"));
}

#define home_test(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    home_test(every_column_has_a_rule),
	    home_test(every_rule_has_a_column),
	    home_test(a_mandate_names_nobody),
	    home_test(the_key_of_an_exception_follows_its_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
