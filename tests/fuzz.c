/* fuzz: gives each reader inputs that are nearly right, for as long as is asked, with the sanitizers watching.
 *
 * usage: fuzz SECONDS [SEED [READER]]
 *
 * A seed is a file of the night cases, changed in one to four places: a bit, a value, a piece taken out, doubled, moved in
 * from another file, or a word that parsers stumble over. The same seed number gives the same inputs. What ends a reader, or
 * takes more than a second of CPU, is kept under fixtures/hostile/, where test_hostile replays it.
 */
#include <glob.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/readers.h"

#define MOST_SEEDS 1000
#define MOST_BYTES 65536

struct input {
	size_t n;
	char bytes[MOST_BYTES];
};

static struct {
	char *bytes;
	size_t n;
} seeds[MOST_SEEDS];
static size_t n_seeds;
static uint64_t state;

static size_t
pick(size_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n > 0 ? (size_t)((state * UINT64_C(0x2545F4914F6CDD1D)) >> 33) % n : 0;
}

static void
load_seed(const char *path)
{
	FILE *in = fopen(path, "rb");
	char *bytes = malloc(MOST_BYTES);
	size_t n;

	PROMISE(bytes != NULL);
	n = in != NULL ? fread(bytes, 1, MOST_BYTES / 2, in) : 0;
	if (in != NULL)
		fclose(in);
	if (n == 0 || n_seeds == MOST_SEEDS) {
		free(bytes);
		return;
	}
	seeds[n_seeds].bytes = bytes;
	seeds[n_seeds++].n = n;
}

static void
load_seeds(const struct reader *r)
{
	size_t i, j;

	for (i = 0; i < LENGTH(r->seeds) && r->seeds[i] != NULL; i++) {
		glob_t found;

		if (glob(r->seeds[i], 0, NULL, &found) == 0)
			for (j = 0; j < found.gl_pathc; j++)
				load_seed(found.gl_pathv[j]);
		globfree(&found);
	}
}

/* Puts n bytes in place of `old` bytes at a place. */
static void
replace(struct input *in, size_t at, size_t old, const char *bytes, size_t n)
{
	if (at > in->n || old > in->n - at || in->n - old + n > MOST_BYTES)
		return;
	memmove(in->bytes + at + n, in->bytes + at + old, in->n - at - old);
	memcpy(in->bytes + at, bytes, n);
	in->n = in->n - old + n;
}

/* What stands between two tags becomes another value, so that the document stays well-formed. */
static bool
change_value(struct input *in, size_t at)
{
	static const char *const values[] = {"",
	                                     "0",
	                                     "-1",
	                                     "1.005",
	                                     "99999999999999999999",
	                                     "92233720368547758.07",
	                                     "0.01",
	                                     "24.00",
	                                     "+5.50",
	                                     "CRDT",
	                                     "DBIT",
	                                     "BOOK",
	                                     "PDNG",
	                                     "RJCT",
	                                     "ACCP",
	                                     "PART",
	                                     "true",
	                                     "0000",
	                                     "AM04",
	                                     "UPDD",
	                                     "CHRG",
	                                     "2026-02-30",
	                                     "2026-03-10T25:00:00",
	                                     "NOTPROVIDED",
	                                     "0123456789012345678901234567890123456789",
	                                     "&#233;&#8364;"};
	const char *value = values[pick(LENGTH(values))];
	char *from = memchr(in->bytes + at, '>', in->n - at), *to;

	if (from == NULL)
		return false;
	from++;
	to = memchr(from, '<', in->n - (size_t)(from - in->bytes));
	if (to != NULL)
		replace(in, (size_t)(from - in->bytes), (size_t)(to - from), value, strlen(value));
	return to != NULL;
}

static void
mutate(struct input *in)
{
	static const struct {
		const char *bytes;
		size_t n;
	} words[] = {
#define WORD(text) {text, sizeof(text) - 1}
	    WORD("<?xml version=\"1.0\" encoding=\"UTF-16\"?>"),
	    WORD("<?xml version=\"1.0\"?>"),
	    WORD("\xEF\xBB\xBF"),
	    WORD("\xFF\xFE"),
	    WORD("<!DOCTYPE a [<!ENTITY b \"c\">]>"),
	    WORD("&b;"),
	    WORD("&#0;"),
	    WORD("<![CDATA["),
	    WORD("]]>"),
	    WORD("<!--"),
	    WORD("-->"),
	    WORD("<Ntry>"),
	    WORD("</Ntry>"),
	    WORD("<TxDtls>"),
	    WORD("</TxDtls>"),
	    WORD("<Amt Ccy=\"USD\">"),
	    WORD("<Amt Ccy=\"EUR\">1.00</Amt>"),
	    WORD("<Chrgs><Rcrd><Amt Ccy=\"EUR\">99.00</Amt></Rcrd></Chrgs>"),
	    WORD("<CdtDbtInd>DBIT</CdtDbtInd>"),
	    WORD("<RvslInd>maybe</RvslInd>"),
	    WORD("<Document><BkToCstmrStmt><Stmt>"),
	    WORD("</Document>"),
	    WORD("BkToCstmrStmt"),
	    WORD("99999999999999999999"),
	    WORD("92233720368547758.07"),
	    WORD("-1"),
	    WORD("\0"),
	    WORD("PK\x03\x04"),
	    WORD("\x1F\x8B"),
	    WORD("{\"a\":"),
	    WORD("[[[["),
	    WORD("\\uD800"),
	    WORD("\""),
	    WORD(","),
	    WORD("\n"),
	};
	char piece[2048];
	size_t at = pick(in->n + 1), left = in->n - at, n, other, i;

	if (pick(3) > 0 && change_value(in, at))
		return;
	switch (pick(7)) {
	case 0:
		if (left > 0)
			in->bytes[at] = (char)(in->bytes[at] ^ 1 << pick(8));
		return;
	case 1:
		if (left > 0)
			in->bytes[at] = (char)pick(256);
		return;
	case 2:
		replace(in, at, pick(left < 200 ? left + 1 : 200), "", 0);
		return;
	case 3: /* a piece of it once more, or many times */
		n = pick(left < sizeof(piece) ? left + 1 : sizeof(piece));
		memcpy(piece, in->bytes + at, n);
		for (i = pick(8) == 0 ? pick(100) : 1; i > 0; i--)
			replace(in, at, 0, piece, n);
		return;
	case 4:
		other = pick(n_seeds);
		n = pick(seeds[other].n < sizeof(piece) ? seeds[other].n + 1 : sizeof(piece));
		replace(in, at, 0, seeds[other].bytes + pick(seeds[other].n - n + 1), n);
		return;
	case 5:
		replace(in, at, left, "", 0);
		return;
	default:
		i = pick(LENGTH(words));
		replace(in, at, pick(2) * (left < words[i].n ? left : words[i].n), words[i].bytes,
		        words[i].n);
	}
}

static void
keep(const struct reader *r, const struct input *in, const char *why)
{
	char path[128];
	uint64_t sum = UINT64_C(14695981039346656037);
	size_t i;
	FILE *to;

	for (i = 0; i < in->n; i++)
		sum = (sum ^ (unsigned char)in->bytes[i]) * UINT64_C(1099511628211);
	snprintf(path, sizeof(path), "fixtures/hostile/%s", r->name);
	mkdir("fixtures/hostile", 0777);
	mkdir(path, 0777);
	snprintf(path, sizeof(path), "fixtures/hostile/%s/%s-%08x", r->name, why, (unsigned)sum);
	to = fopen(path, "wb");
	PROMISE(to != NULL && fwrite(in->bytes, 1, in->n, to) == in->n && fclose(to) == 0);
	printf("%s: kept in %s\n", r->name, path);
}

/* The input at hand lies in memory that outlives the process. */
static void
fuzz(const struct reader *r, struct input *in, long seconds)
{
	time_t end = time(NULL) + seconds;
	long runs = 0, taken = 0;
	clock_t slowest = 0;

	load_seeds(r);
	PROMISE(n_seeds > 0);
	do {
		size_t seed = pick(n_seeds), changes = pick(4) + 1;
		clock_t begin;

		in->n = seeds[seed].n;
		memcpy(in->bytes, seeds[seed].bytes, in->n);
		while (changes-- > 0)
			mutate(in);
		begin = clock();
		taken += run_reader(r, in->bytes, in->n) == 0;
		begin = clock() - begin;
		slowest = begin > slowest ? begin : slowest;
		if (begin > CLOCKS_PER_SEC)
			keep(r, in, "slow");
	} while (++runs % 16 != 0 || time(NULL) < end);
	printf("%-10s %ld inputs from %zu files, %ld read, the slowest in %ld ms\n", r->name, runs, n_seeds,
	       taken, (long)(slowest * 1000 / CLOCKS_PER_SEC));
	exit(0);
}

static int
fuzz_in_child(const struct reader *r, long seconds)
{
	FILE *memory = tmpfile();
	struct input *in;
	int status = 0;
	pid_t child;

	PROMISE(memory != NULL && ftruncate(fileno(memory), sizeof(*in)) == 0);
	in = mmap(NULL, sizeof(*in), PROT_READ | PROT_WRITE, MAP_SHARED, fileno(memory), 0);
	PROMISE(in != MAP_FAILED);
	fflush(NULL);
	child = fork();
	PROMISE(child >= 0);
	if (child == 0)
		fuzz(r, in, seconds);
	PROMISE(waitpid(child, &status, 0) == child);
	if (status != 0)
		keep(r, in, "crash");
	munmap(in, sizeof(*in));
	fclose(memory);
	return status != 0;
}

int
main(int argc, char **argv)
{
	int failed = 0;
	size_t i;

	if (argc < 2) {
		fprintf(stderr, "usage: fuzz SECONDS [SEED [READER]]\n");
		return 64;
	}
	for (i = 0; i < LENGTH(readers); i++) {
		state = (uint64_t)(argc > 2 ? atol(argv[2]) : 1) * UINT64_C(0x9E3779B97F4A7C15) + 1;
		if (argc < 4 || strcmp(argv[3], readers[i].name) == 0)
			failed += fuzz_in_child(&readers[i], atol(argv[1]));
	}
	return failed != 0;
}
