/* migration: books of an older program become those of this one in one unit of work, or stay what they are. */
#include "tests/home.h"

#include "stages/core/home/migration.h"

#define OLD_BOOKS "fixtures/homes/9/database.sql"

/* The database of the home becomes an older one. */
static void
put_old_books(struct run *r)
{
	const struct home *h = (struct home *)r;
	char command[256];

	store_close(r->db);
	assert_int_equal(system("rm state/alanpay.db*"), 0);
	snprintf(command, sizeof(command), "sqlite3 state/alanpay.db < /proc/%ld/fd/%d/" OLD_BOOKS,
	         (long)getpid(), h->before);
	assert_int_equal(system(command), 0);
	r->db = store_open_old("state/alanpay.db", STORE_CHANGES);
}

static const struct migration_table *
find(const struct migration *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		if (strcmp(m->table[i].name, name) == 0)
			return &m->table[i];
	return NULL;
}

static void
older_books_become_new_ones(void **state)
{
	struct run *r = *state;
	const struct migration_table *t;
	struct migration m;
	int64_t sum;

	put_old_books(r);
	assert_true(store_is_old(r->db));
	sum = home_number(r, "SELECT sum(amount_in_cents) FROM balance_transaction");
	migration_apply(r, &m);
	store_close(r->db);
	r->db = store_open("state/alanpay.db", STORE_CHANGES);
	assert_int_equal(m.from, 9);
	assert_int_equal(m.to, store_schema_version());
	t = find(&m, "balance_transaction");
	assert_non_null(t);
	assert_int_equal(t->before, t->after);
	assert_int_equal(home_number(r, "SELECT sum(amount_in_cents) FROM balance_transaction"), sum);
	assert_int_equal(home_number(r, "SELECT count(*) FROM intent WHERE kind = 'migrate'"), 1);
	assert_int_equal(home_number(r, "SELECT count(*) FROM acts") > 0, 1);
	migration_free(&m);
}

static void
migrate(struct run *r)
{
	struct migration m;

	migration_apply(r, &m);
}

static void
books_whose_rows_lack_others_stay_as_they_are(void **state)
{
	struct run *r = *state;

	put_old_books(r);
	assert_int_equal(system("sqlite3 state/alanpay.db 'DELETE FROM bank_file'"), 0);
	assert_int_equal(home_child_of(r, migrate, store_open_old), EXIT_CONFIG);
	assert_non_null(strstr(home_read("said"), "nothing is changed: run the programs of before"));
	assert_int_equal(store_version(r->db), 9);
	assert_true(home_number(r, "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'") > 0);
	assert_int_equal(home_number(r, "SELECT count(*) FROM intent"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(older_books_become_new_ones, home_setup, home_teardown),
	    cmocka_unit_test_setup_teardown(books_whose_rows_lack_others_stay_as_they_are, home_setup,
	                                    home_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
