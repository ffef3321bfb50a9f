/* test_hostile: what the fuzzer found, and what was made to hurt: each is read or refused, and soon. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <glob.h>
#include <time.h>

#include "tests/readers.h"

/* Seconds of CPU; with the sanitizers it takes some five times as long. */
#define MOST_SECONDS 2

static void
run_file(const struct reader *r, const char *path)
{
	static char bytes[1 << 20];
	FILE *f = fopen(path, "rb");
	clock_t begin;
	size_t n;
	assert_non_null(f);
	n = fread(bytes, 1, sizeof bytes, f);
	fclose(f);
	begin = clock();
	run_reader(r, bytes, n);
	if (clock() - begin > MOST_SECONDS * CLOCKS_PER_SEC)
		fail_msg("%s: takes %ld ms", path, (long)((clock() - begin) * 1000 / CLOCKS_PER_SEC));
}

static void
hostile_files_are_read_or_refused_soon(void **state)
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
	const struct CMUnitTest tests[] = {cmocka_unit_test(hostile_files_are_read_or_refused_soon)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
