/* secret: read only from a place that no other user can read, and never shown. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/net/secret.h"

#define KEY "client_secret_file in [swan]"

static void
write_secret(const char *path, const char *bytes, size_t n, mode_t mode)
{
	FILE *out;

	home_remove(path); /* it may be one that cannot be written */
	out = fopen(path, "w");
	assert_non_null(out);
	assert_int_equal(fwrite(bytes, 1, n, out), n);
	assert_int_equal(fclose(out), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static void
load(struct run *r)
{
	struct secret s;

	(void)r;
	secret_load(&s, "secret", "swan_client_secret", KEY);
	if (home_has("wanted") && strcmp(s.text, home_read("wanted")) != 0)
		die(EXIT_BUG, "another secret: %s", s.text);
	secret_forget(&s);
}

static void
load_credential(struct run *r)
{
	struct secret s;

	(void)r;
	secret_load(&s, "", "swan_client_secret", KEY);
	if (strcmp(s.text, home_read("wanted")) != 0)
		die(EXIT_BUG, "another secret: %s", s.text);
	secret_forget(&s);
}

static void
secret_is_one_line_with_or_without_its_end(void **state)
{
	static const struct {
		const char *bytes, *secret;
	} cases[] = {
	    {"s3cr3t", "s3cr3t"},
	    {"s3cr3t\n", "s3cr3t"},
	    {"a b\n", "a b"},
	    {"\xC3\xA9%&+=\n", "\xC3\xA9%&+="},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		write_secret("secret", cases[i].bytes, strlen(cases[i].bytes), 0600);
		home_write("wanted", cases[i].secret);
		assert_int_equal(home_child(*state, load), 0);
	}
}

static void
secret_that_is_not_a_single_line_is_refused(void **state)
{
	static const struct {
		const char *bytes;
		size_t n;
	} cases[] = {
	    {"", 0},        {"\n", 1},       {"\n\n", 2},       {"s3cr3t\r\n", 8}, {"s3cr3t\r", 7},
	    {"s3\nr3t", 6}, {"s3\n\n", 4},   {"\ns3cr3t\n", 8}, {"s3\0r3t\n", 7},  {"s3\0r3t", 6},
	    {"\0", 1},      {"s3cr3t\0", 7}, {"s3cr3t\0\n", 8},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		write_secret("secret", cases[i].bytes, cases[i].n, 0600);
		home_dies(*state, load, EXIT_CONFIG, KEY);
		assert_non_null(strstr(home_read("said"), "on one line"));
		assert_null(strstr(home_read("said"), "s3"));
	}
}

static void
secret_that_was_not_put_alone_into_its_file_is_refused_with_the_reason(void **state)
{
	static const struct {
		const char *bytes, *words;
	} cases[] = {
	    {"", "is empty"},
	    {"\xEF\xBB\xBFs3cr3t\n", "begins with a byte order mark"},
	    {"s3cr3t\r\n", "has a line end of Windows"},
	    {"\"s3cr3t\"\n", "has quotes around"},
	    {"'s3cr3t'", "has quotes around"},
	    {" s3cr3t\n", "has a blank before or after"},
	    {"s3cr3t\t\n", "has a blank before or after"},
	    {"client_secret = s3cr3t\n", "has the name of a key before"},
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		write_secret("secret", cases[i].bytes, strlen(cases[i].bytes), 0600);
		home_dies(*state, load, EXIT_CONFIG, cases[i].words);
		assert_null(strstr(home_read("said"), "s3cr3t"));
	}
}

static void
longest_secret_is_read_whole_and_a_longer_one_is_not_cut(void **state)
{
	char bytes[SECRET_SIZE + 1];

	memset(bytes, 'x', sizeof(bytes));
	for (size_t n = SECRET_SIZE - 4; n < sizeof(bytes); n++) {
		write_secret("secret", bytes, n, 0600);
		home_write("wanted", "");
		if (n < SECRET_SIZE - 1) {
			write_secret("wanted", bytes, n, 0600);
			assert_int_equal(home_child(*state, load), 0);
		} else {
			home_dies(*state, load, EXIT_CONFIG, KEY);
		}
	}
}

static void
secret_that_others_could_read_is_refused(void **state)
{
	static const struct {
		mode_t mode;
		bool taken;
	} cases[] = {{0600, true},  {0400, true},  {0700, true},  {0640, false}, {0604, false},
	             {0620, false}, {0610, false}, {0601, false}, {0644, false}, {0666, false}};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		write_secret("secret", "s3cr3t\n", 7, cases[i].mode);
		if (cases[i].taken) {
			assert_int_equal(home_child(*state, load), 0);
		} else {
			home_dies(*state, load, EXIT_CONFIG, "chmod 600");
			assert_non_null(strstr(home_read("said"), "secret (" KEY ")"));
			assert_null(strstr(home_read("said"), "s3cr3t"));
		}
	}
}

/* Only root can give a file away, and read it then. */
static void
secret_of_another_user_is_refused(void **state)
{
	if (geteuid() != 0)
		skip();
	write_secret("secret", "s3cr3t\n", 7, 0600);
	assert_int_equal(chown("secret", 65534, 65534), 0);
	home_dies(*state, load, EXIT_CONFIG, "must belong to root or to the user who runs this");
}

static void
link_to_a_secret_is_judged_by_where_it_leads(void **state)
{
	write_secret("aside", "s3cr3t\n", 7, 0600);
	assert_int_equal(symlink("aside", "secret"), 0);
	assert_int_equal(home_child(*state, load), 0);
	assert_int_equal(chmod("aside", 0644), 0);
	home_dies(*state, load, EXIT_CONFIG, "chmod 600");
	assert_int_equal(remove("aside"), 0);
	home_dies(*state, load, EXIT_CONFIG, KEY " names a file that does not exist");
}

/* A pipe without a writer must not be waited for. */
static void
secret_that_is_not_a_file_is_refused(void **state)
{
	assert_int_equal(mkfifo("secret", 0600), 0);
	home_dies(*state, load, EXIT_CONFIG, "is not a file");
	assert_int_equal(remove("secret"), 0);
	assert_int_equal(mkdir("secret", 0700), 0);
	home_dies(*state, load, EXIT_CONFIG, "is not a file");
}

static void
message_names_the_key_of_a_secret_that_is_not_set(void **state)
{
	home_dies(*state, load, EXIT_CONFIG, KEY " names a file that does not exist");
	unsetenv("CREDENTIALS_DIRECTORY");
	home_dies(*state, load_credential, EXIT_CONFIG, KEY " is not set");
	assert_non_null(strstr(home_read("said"), "credential swan_client_secret"));
}

/* systemd protects its credentials, whatever their rights look like from inside. */
static void
secret_comes_from_systemd_when_no_file_is_named(void **state)
{
	assert_int_equal(mkdir("given", 0700), 0);
	assert_int_equal(setenv("CREDENTIALS_DIRECTORY", "given", 1), 0);
	home_dies(*state, load_credential, EXIT_CONFIG, "given/swan_client_secret (" KEY "): No such file");
	write_secret("given/swan_client_secret", "fr0m systemd\n", 13, 0640);
	home_write("wanted", "fr0m systemd");
	assert_int_equal(home_child(*state, load_credential), 0);
	write_secret("secret", "fr0m a file\n", 12, 0600);
	home_write("wanted", "fr0m a file");
	assert_int_equal(home_child(*state, load), 0);
	write_secret("given/swan_client_secret", "two\nlines\n", 10, 0600);
	home_dies(*state, load_credential, EXIT_CONFIG, "on one line");
	assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
}

static void
secret_is_wiped_after_use(void **state)
{
	static const struct secret nothing;
	struct secret s;

	(void)state;
	memset(&s, 'x', sizeof(s));
	secret_forget(&s);
	assert_memory_equal(&s, &nothing, sizeof(s));
}

/* In room of just `size` bytes, so that the sanitizer sees one written too far. */
static void
assert_hidden(const char *secret, const char *text, size_t size, const char *wanted)
{
	char *room = malloc(size);

	assert_non_null(room);
	assert_true(strlen(text) < size);
	memset(room, 'x', size);
	memcpy(room, text, strlen(text) + 1);
	secret_hide(secret, room, size);
	if (strcmp(room, wanted) != 0)
		fail_msg("%s in %s, in %zu bytes: %s", secret, text, size, room);
	free(room);
}

static void
secret_is_hidden_wherever_it_stands(void **state)
{
	static const struct {
		const char *secret, *text;
		size_t size; /* 0: ample */
		const char *wanted;
	} cases[] = {
	    {"s3cr3t", "", 0, ""},
	    {"s3cr3t", "nothing of it", 0, "nothing of it"},
	    {"s3cr3t", "s3cr3t", 0, "[secret]"},
	    {"s3cr3t", "with s3cr3t in it", 0, "with [secret] in it"},
	    {"s3cr3t", "s3cr3t and s3cr3ts3cr3t", 0, "[secret] and [secret][secret]"},
	    {"longer than the word", "a longer than the word b longer than the word", 0,
	     "a [secret] b [secret]"},
	    {"8letters", "a 8letters b", 0, "a [secret] b"},
	    {"x", "axbx", 0, "a[secret]b[secret]"},
	    {"aba", "ababa", 0, "[secret]ba"},
	    {"secret", "a secret secret", 0, "a [secret] [secret]"},
	    {"", "nothing to hide", 0, "nothing to hide"},
	    /* a text that ends inside the secret */
	    {"s3cr3t", "cut in s3cr3", 0, "cut in [secret]"},
	    {"s3cr3t", "cut in s3cr", 0, "cut in [secret]"},
	    {"s3cr3t", "cut in s3c", 0, "cut in s3c"},
	    {"s3cr3t", "s3cr3t and s3cr3", 0, "[secret] and [secret]"},
	    {"s3cr3t", "s3cr", 0, "[secret]"},
	    {"s3cr3t", "it ends in 3cr3t", 0, "it ends in 3cr3t"},
	    /* room for the secret, but not for what replaces it */
	    {"s3cr3t", "s3cr3t", 7, "[secre"},
	    {"s3cr3t", "s3cr3t", 8, "[secret"},
	    {"s3cr3t", "s3cr3t", 9, "[secret]"},
	    {"s3cr3t", "a s3cr3t b", 11, "a [secret]"},
	    {"s3cr3t", "a s3cr3t b", 12, "a [secret] "},
	    {"s3cr3t", "s3cr3t", 64, "[secret]"},
	    {"x", "ax", 3, "a["},
	    {"x", "axxxx", 6, "a[sec"},
	    {"s3cr3t", "cut in s3cr", 12, "cut in [sec"},
	    /* the end that is pushed out is half of the next secret */
	    {"abcd", "abcd abcd!", 11, "[secret] a"},
	    {"abcdef", "abcdef abcdef", 14, "[secret] [sec"},
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		assert_hidden(cases[i].secret, cases[i].text, cases[i].size == 0 ? 256 : cases[i].size,
		              cases[i].wanted);
}

/* Whatever the room and wherever the text ends: at most three characters of the secret are left at the end. */
static void
no_more_than_three_characters_of_a_secret_are_ever_left(void **state)
{
	static const char secret[] = "0123456789";

	(void)state;
	for (size_t before = 0; before < 12; before++)
		for (size_t n = 0; n <= strlen(secret); n++)
			for (size_t spare = 1; spare < 12; spare++) {
				char text[128], room[160];

				snprintf(text, sizeof(text), "%.*s%s-%.*s", (int)before, "abcdefghijkl",
				         secret, (int)n, secret);
				memset(room, 'x', sizeof(room));
				memcpy(room, text, strlen(text) + 1);
				secret_hide(secret, room, strlen(text) + spare);
				assert_true(strlen(room) < strlen(text) + spare);
				assert_null(strstr(room, "0123"));
			}
}

#define IN_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    IN_HOME(secret_is_one_line_with_or_without_its_end),
	    IN_HOME(secret_that_is_not_a_single_line_is_refused),
	    IN_HOME(secret_that_was_not_put_alone_into_its_file_is_refused_with_the_reason),
	    IN_HOME(longest_secret_is_read_whole_and_a_longer_one_is_not_cut),
	    IN_HOME(secret_that_others_could_read_is_refused),
	    IN_HOME(secret_of_another_user_is_refused),
	    IN_HOME(link_to_a_secret_is_judged_by_where_it_leads),
	    IN_HOME(secret_that_is_not_a_file_is_refused),
	    IN_HOME(message_names_the_key_of_a_secret_that_is_not_set),
	    IN_HOME(secret_comes_from_systemd_when_no_file_is_named),
	    cmocka_unit_test(secret_is_wiped_after_use),
	    cmocka_unit_test(secret_is_hidden_wherever_it_stands),
	    cmocka_unit_test(no_more_than_three_characters_of_a_secret_are_ever_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
