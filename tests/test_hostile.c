/* test_hostile: what the fuzzer found, and what was made to hurt: each is read or refused. `make fuzz` and `make bench` say how
 * long it takes. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <glob.h>

#include "tests/readers.h"

static void
run_file(const struct reader *r, const char *path)
{
	static char bytes[1 << 20];
	FILE *f = fopen(path, "rb");
	size_t n;
	assert_non_null(f);
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	run_reader(r, bytes, n);
}

static void
hostile_files_are_read_or_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(readers); i++) {
		char pattern[128];
		glob_t found;
		snprintf(pattern, sizeof pattern, "fixtures/hostile/%s/*", readers[i].name);
		if (glob(pattern, 0, NULL, &found) == 0)
			for (size_t j = 0; j < found.gl_pathc; j++)
				run_file(&readers[i], found.gl_pathv[j]);
		globfree(&found);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(hostile_files_are_read_or_refused)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
