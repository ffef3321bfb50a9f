/* spool: every record comes back from its place, whatever its length and in whatever order it is asked for. */
#include "tests/home.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "formats/length.h"
#include "stages/core/home/spool.h"

enum { RECORDS = 400 };

static struct {
	int64_t place, size;
} at[RECORDS];

/* Byte k of record n; no two records look alike. */
static char
byte_of(int64_t n, int64_t k)
{
	return (char)((uint64_t)(n * 1000003 + k) * 2654435761u >> 11);
}

static void
put_record(struct spool *s, int64_t n, int64_t size)
{
	at[n].place = spool_place(s);
	at[n].size = size;
	for (int64_t k = 0; k < size; k++) {
		char c = byte_of(n, k);

		sink_put(spool_sink(s), &c, 1);
	}
}

struct reader {
	int64_t n, k;
	bool differs;
};

static int
compare(void *ctx, const void *bytes, size_t n)
{
	struct reader *r = ctx;

	for (size_t i = 0; i < n; i++)
		r->differs = r->differs || ((const char *)bytes)[i] != byte_of(r->n, r->k++);
	return 0;
}

static void
assert_comes_back(struct spool *s, int64_t n)
{
	struct reader r = {.n = n};
	struct sink *to = sink_new(compare, &r);

	spool_copy(s, at[n].place, at[n].size, to);
	assert_int_equal(sink_end(to, NULL, NULL), 0);
	if (r.k != at[n].size || r.differs)
		fail_msg("record %d of %d bytes at %d", (int)n, (int)at[n].size, (int)at[n].place);
}

static void
records_come_back_in_any_order(void **state)
{
	struct spool *s = spool_open();
	int64_t total = 0;

	(void)state;
	for (int64_t n = 0; n < RECORDS; n++) {
		put_record(s, n, n * 7919 % 1500);
		assert_int_equal(at[n].place, total);
		total += at[n].size;
	}
	assert_int_equal(spool_place(s), total);
	assert_true(total > 4 * 65536); /* more than any buffer */
	spool_end(s);
	for (int64_t n = 0; n < RECORDS; n++)
		assert_comes_back(s, n);
	for (int64_t n = RECORDS; n-- > 0;)
		assert_comes_back(s, n);
	for (int64_t n = 0; n < RECORDS; n++)
		assert_comes_back(s, n * 151 % RECORDS);
	for (int64_t n = 0; n < 3; n++)
		assert_comes_back(s, RECORDS - 1);
	spool_close(s);
}

static void
records_longer_than_the_buffer_come_back_whole(void **state)
{
	static const int64_t sizes[] = {65535, 65536, 65537, 0, 200000, 1, 131072, 65536};
	enum { N = LENGTH(sizes) };
	struct spool *s = spool_open();

	(void)state;
	for (int64_t n = 0; n < N; n++)
		put_record(s, n, sizes[n]);
	spool_end(s);
	for (int64_t n = 0; n < N; n++)
		assert_comes_back(s, n);
	for (int64_t n = N; n-- > 0;)
		assert_comes_back(s, n);
	spool_close(s);
}

static void
spool_may_be_ended_twice_or_never_or_stay_empty(void **state)
{
	struct spool *s = spool_open();

	(void)state;
	assert_int_equal(spool_place(s), 0);
	put_record(s, 0, 10);
	spool_end(s);
	spool_end(s);
	assert_comes_back(s, 0);
	spool_close(s);

	s = spool_open();
	put_record(s, 0, 10);
	spool_close(s);

	s = spool_open();
	put_record(s, 0, 0);
	spool_end(s);
	assert_comes_back(s, 0);
	spool_close(s);
	spool_close(NULL);
}

/* An interrupted run must leave nothing: records name members. */
static void
spool_has_no_name(void **state)
{
	int names = home_names_in("state");
	struct spool *s = spool_open();

	(void)state;
	put_record(s, 0, 100000);
	assert_int_equal(home_names_in("state"), names);
	spool_end(s);
	assert_int_equal(home_names_in("state"), names);
	spool_close(s);
	assert_int_equal(home_names_in("state"), names);
}

static void
spool_nowhere(struct run *r)
{
	(void)r;
	assert_int_equal(chdir("out"), 0);
	spool_close(spool_open());
}

static void
spool_without_a_place_is_an_error_of_the_disk(void **state)
{
	home_dies(*state, spool_nowhere, EXIT_IO, "state/.nameless");
}

static void
fill_the_disk(struct run *r)
{
	struct rlimit little = {1000, 1000};
	struct spool *s = spool_open();

	(void)r;
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	put_record(s, 0, 100000);
	errno = ENOENT; /* of whatever came between */
	spool_end(s);
}

static void
spool_that_could_not_be_written_is_not_read(void **state)
{
	home_dies(*state, fill_the_disk, EXIT_IO, "a temporary file cannot be written: File too large");
}

static void
copy_too_much(struct run *r)
{
	struct spool *s = spool_open();
	struct sink *to = sink_new(NULL, NULL);

	(void)r;
	put_record(s, 0, 100);
	spool_end(s);
	spool_copy(s, 0, 101, to);
}

static void
bytes_that_were_never_written_are_not_made_up(void **state)
{
	home_dies(*state, copy_too_much, EXIT_IO, "a temporary file cannot be read back");
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(records_come_back_in_any_order),
	    IN_HOME(records_longer_than_the_buffer_come_back_whole),
	    IN_HOME(spool_may_be_ended_twice_or_never_or_stay_empty),
	    IN_HOME(spool_has_no_name),
	    IN_HOME(spool_without_a_place_is_an_error_of_the_disk),
	    IN_HOME(spool_that_could_not_be_written_is_not_read),
	    IN_HOME(bytes_that_were_never_written_are_not_made_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
