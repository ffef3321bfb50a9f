/* config_key: the table of keys: each is found by its names, and has a default that it can have. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "stages/core/engine/config_key.h"

static void
config_key_is_found_by_its_names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < CONFIG_KEYS; i++) {
		assert_int_equal(config_key_find(config_key_rows[i].section, config_key_rows[i].name), i);
		assert_true(config_key_section_is_known(config_key_rows[i].section,
		                                        strlen(config_key_rows[i].section)));
		assert_string_not_equal(config_key_rows[i].help, "");
	}
	assert_int_equal(config_key_find("bank", "approvals"), CONFIG_KEYS);
	assert_int_equal(config_key_find("", "name"), CONFIG_KEYS);
	assert_false(config_key_section_is_known("bank", 3));
	assert_false(config_key_section_is_known("banking", 7));
	assert_true(config_key_section_is_known("bank]", 4));
}

static void
config_key_can_have_its_default(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < CONFIG_KEYS; i++) {
		const struct config_key_row *k = &config_key_rows[i];
		struct err e = {0};

		if (k->fallback != NULL && k->fallback[0] != '\0' && config_key_check(k, k->fallback, &e) < 0)
			fail_msg("%s in [%s]: %s", k->name, k->section, e.message);
	}
}

static void
config_key_names_the_one_that_is_written_most_alike(void **state)
{
	static const struct {
		const char *section, *name, *nearest;
	} cases[] = {
	    {"bank", "cutof", "cutoff in [bank]"},
	    {"bank", "approvals", "approvals in [release]"},
	    {"swan", "client_secret", "client_secret_file in [swan]"},
	};
	char nearest[128];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		config_key_nearest(cases[i].section, cases[i].name, nearest, sizeof(nearest));
		assert_string_equal(nearest, cases[i].nearest);
	}
}

static void
config_key_keeps_an_iban_as_machines_write_it(void **state)
{
	char *iban =
	    config_key_normalise(&config_key_rows[CREDITOR_IBAN], "fr76 3000 6000 0112 3456 7890 189");
	char *name = config_key_normalise(&config_key_rows[CREDITOR_NAME], "fr76 3000");

	(void)state;
	assert_string_equal(iban, "FR7630006000011234567890189");
	assert_string_equal(name, "fr76 3000");
	free(iban);
	free(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(config_key_is_found_by_its_names),
	    cmocka_unit_test(config_key_can_have_its_default),
	    cmocka_unit_test(config_key_names_the_one_that_is_written_most_alike),
	    cmocka_unit_test(config_key_keeps_an_iban_as_machines_write_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
