/* home: a data home for one unit test: a folder in TMPDIR (/tmp) with an empty store, which is the working directory meanwhile.
 *
 * Business date 2026-03-04, clock 2026-03-04T02:30:00Z, store 0badcafe. Used as
 *   cmocka_unit_test_setup_teardown(test, home_setup, home_teardown), and *state is the struct run.
 */
#ifndef TESTS_HOME_H
#define TESTS_HOME_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "formats/date.h"
#include "formats/length.h"
#include "formats/sink.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/run.h"
#include "stages/core/engine/store.h"

#define HOME_STORE 0x0badcafeu
#define HOME_CONFIG                                                                                    \
	"[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n" \
	"[environment]\nname = test\n"

/* Nobody is logged in where tests run. */
#define HOME_ANYBODY "[release]\nidentity = any\n"

struct home {
	struct run run; /* first: a test takes *state as its run */
	char path[64];
	int before; /* the working directory to go back to */
};

static inline void
home_write(const char *path, const char *text)
{
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	assert_int_equal(fclose(out), 0);
}

/* What a file holds, up to the first 64 KB, until the next call. NULL when it is not there. */
static inline const char *
home_read(const char *path)
{
	static char text[65536];
	FILE *in = fopen(path, "r");
	size_t n;

	if (in == NULL)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, in);
	text[n] = '\0';
	fclose(in);
	return text;
}

static inline bool
home_has(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

/* How many names a folder holds; hidden ones count. */
static inline int
home_names_in(const char *folder)
{
	DIR *dir = opendir(folder);
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n - 2;
}

static inline void
home_remove(const char *path)
{
	char below[512];
	struct dirent *entry;
	struct stat st;
	DIR *dir;

	if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && (dir = opendir(path)) != NULL) {
		while ((entry = readdir(dir)) != NULL) {
			if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
				continue;
			if (snprintf(below, sizeof(below), "%s/%s", path, entry->d_name) < (int)sizeof(below))
				home_remove(below);
		}
		closedir(dir);
	}
	(void)remove(path);
}

static inline struct config *
home_config(const char *text)
{
	struct err e = {0};
	struct config *c;

	home_write("alanpay.ini", text);
	c = config_read("alanpay.ini", &e);
	if (c == NULL)
		fail_msg("alanpay.ini:%ld: %s", e.line, e.message);
	return c;
}

/* From here on the configuration has these lines too. */
static inline void
home_configure(struct run *r, const char *more)
{
	char text[2048];

	assert_true(snprintf(text, sizeof(text), "%s%s", HOME_CONFIG HOME_ANYBODY, more) < (int)sizeof(text));
	config_free(r->config);
	r->config = home_config(text);
}

static inline date
home_day(const char *text)
{
	struct err e = {0};
	date on = DATE_NONE;

	assert_int_equal(date_parse(text, &on, &e), 0);
	return on;
}

static inline instant
home_instant(const char *text)
{
	struct err e = {0};
	instant at = INSTANT_NONE;

	assert_int_equal(instant_parse(text, &at, &e), 0);
	return at;
}

static inline int
home_setup(void **state)
{
	static const char *const folders[] = {"state",      "inbox",          "inbox/requests",
	                                      "inbox/bank", "inbox/receipts", "out"};
	const char *folder = getenv("TMPDIR");
	struct home *h = calloc(1, sizeof(*h));
	struct err e = {0};
	size_t i;

	assert_non_null(h);
	umask(077);
	log_open("test", true);
	snprintf(h->path, sizeof(h->path), "%s/test.XXXXXX", folder != NULL ? folder : "/tmp");
	h->before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(h->before >= 0);
	assert_non_null(mkdtemp(h->path));
	assert_int_equal(chdir(h->path), 0);
	for (i = 0; i < LENGTH(folders); i++)
		assert_int_equal(mkdir(folders[i], 0700), 0);
	h->run.program = "test";
	h->run.home = h->path;
	h->run.access = ACCESS_CHANGES;
	assert_int_equal(date_parse("2026-03-04", &h->run.on, &e), 0);
	assert_int_equal(instant_parse("2026-03-04T02:30:00Z", &h->run.now, &e), 0);
	h->run.config = home_config(HOME_CONFIG HOME_ANYBODY);
	store_create("state/alanpay.db", HOME_STORE, ENVIRONMENT_TEST, h->run.now);
	h->run.db = store_open("state/alanpay.db", STORE_CHANGES);
	*state = h;
	return 0;
}

static inline int
home_teardown(void **state)
{
	struct home *h = *state;

	store_close(h->run.db);
	config_free(h->run.config);
	assert_int_equal(fchdir(h->before), 0);
	close(h->before);
	home_remove(h->path);
	free(h);
	return 0;
}

/* As the next start of a program finds it. */
static inline void
home_reopen(struct run *r)
{
	store_close(r->db);
	r->db = store_open("state/alanpay.db", STORE_CHANGES);
	r->dry_run = r->held = false;
	memset(r->count, 0, sizeof(r->count));
}

/* The same home, new and empty, made for another environment. */
static inline void
home_begin_again(struct run *r, enum environment environment)
{
	store_close(r->db);
	(void)remove("state/alanpay.db-wal");
	(void)remove("state/alanpay.db-shm");
	assert_int_equal(remove("state/alanpay.db"), 0);
	store_create("state/alanpay.db", HOME_STORE, environment, r->now);
	r->db = store_open("state/alanpay.db", STORE_CHANGES);
}

/* From here to home_reopen the run is a dry one. */
static inline void
home_rehearse(struct run *r)
{
	r->dry_run = true;
	store_rehearse(r->db);
}

/* Ends a child that dies without what exit() does for a test: buffers of the parent, a search for leaks. */
static inline void
home_leave(void *ctx, enum exit_status status, const char *message)
{
	(void)ctx;
	(void)message;
	fflush(stderr);
	_exit((int)status);
}

/* What `act` ends with in a process of its own; 0 when it returns: then it ended there as if it was killed. The store is
 * closed meanwhile, for SQLite must not be carried over a fork. What was said on standard error is in the file `said`. */
static inline int
home_child_of(struct run *r, void (*act)(struct run *r),
              struct store *(*open)(const char *path, enum store_access access))
{
	int status;
	pid_t child;

	store_close(r->db);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (freopen("said", "w", stderr) == NULL)
			_exit(1);
		log_on_die(home_leave, NULL);
		r->db = open("state/alanpay.db", STORE_CHANGES);
		act(r);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	r->db = open("state/alanpay.db", STORE_CHANGES);
	return WEXITSTATUS(status);
}

static inline int
home_child(struct run *r, void (*act)(struct run *r))
{
	return home_child_of(r, act, store_open);
}

/* A process of its own that must end with this status and say these words. */
#define home_dies(r, act, status, words)                                                              \
	do {                                                                                          \
		int home_status = home_child(r, act);                                                 \
		const char *home_said = home_read("said");                                            \
		if (home_status != (status) || home_said == NULL || strstr(home_said, words) == NULL) \
			fail_msg("%s ended with %d and said: %s", #act, home_status, home_said);      \
	} while (0)

/* The one number a query gives; -1 for none. `text` must be a literal, as for sql(). */
static inline int64_t
home_number(struct run *r, const char *text)
{
	return value(sql(r->db, text), -1);
}

static inline void
home_exec(struct run *r, const char *text)
{
	exec(sql(r->db, text));
}

/* What bank_file needs of its own and has no default. */
/* The source of a balance transaction b as text: of one of Swan's, which is joined as t, Swan's id. */
#define HOME_SOURCE "coalesce(CAST(t.id AS TEXT), CAST(b.source AS TEXT))"

#define HOME_FILE_COLUMNS                                                                                 \
	"part, pain_version, creditor_name, creditor_identifier, creditor_iban, batch_booking, address, " \
	"remittance, cutoff, lead_target_days, approvals_needed, config_sha256, built_identity"
#define HOME_FILE_VALUES                                                                                               \
	"1, '08', 'Alan SA', 'FR72ZZZ123456', 'FR7630006000011234567890189', 'contract', 'none', 'Alan Pay', '11:30'," \
	" 2, 2, zeroblob(32), 'any'"

/* One block for each bank file that has none. */
static inline void
home_add_blocks(struct run *r)
{
	home_exec(
	    r,
	    "INSERT INTO bank_block (file_number, nth, payment_information_id, sequence_type, collections,"
	    "  sum_in_cents) SELECT number, 1, 'P' || number, 'RCUR', collections, sum_in_cents FROM bank_file"
	    " WHERE number NOT IN (SELECT file_number FROM bank_block)");
}

/* An applied input, for what must name one. */
static inline int64_t
home_input(struct run *r)
{
	home_exec(
	    r,
	    "INSERT INTO input (number, kind, name, sha256, size, state, kept_at, received_on)"
	    " VALUES (1, 'requests', 'an input', zeroblob(32), 0, 'applied', 'archive/an input', '2026-03-04')");
	return 1;
}

/* Renders a text, for publish_file and its like. */
static inline void
home_render(struct sink *s, void *ctx)
{
	sink_text(s, ctx);
}

/* A sink into memory: sink_new(home_keep, &text). */
struct home_text {
	char text[32768];
	size_t n;
};

static inline int
home_keep(void *ctx, const void *bytes, size_t n)
{
	struct home_text *t = ctx;

	if (t->n + n >= sizeof(t->text))
		return -1;
	memcpy(t->text + t->n, bytes, n);
	t->n += n;
	t->text[t->n] = '\0';
	return 0;
}

#endif
