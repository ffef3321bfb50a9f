/* alanpay config, alanpay support: prints and checks the configuration. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/csv.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/core/api/query.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/guard.h"
#include "stages/core/home/stranger.h"
#include "stages/core/lists/listing.h"

/* generate ----------------------------------------------------------------------------------------------- */

static void
generate(struct run *r)
{
	struct sink *s = listing_stdout();

	(void)r;
	config_generate(s);
	listing_stdout_end(s);
}

/* validate ----------------------------------------------------------------------------------------------- */

#define FINDINGS     100
#define FINDING_TEXT 2048

struct findings {
	const struct run *r;
	int n, total; /* stored, and found */
	struct {
		int line;
		char text[FINDING_TEXT];
	} found[FINDINGS];
};

static const char *const unchecked[] = {
    "whether Swan accepts the client id and its secret",
    "whether the bank knows the creditor",
    "whether the disk has free space",
};

static void __attribute__((format(printf, 3, 4))) add(struct findings *f, int line, const char *fmt, ...)
{
	va_list args;

	f->total++;
	if (f->n == FINDINGS)
		return;
	f->found[f->n].line = line;
	va_start(args, fmt);
	vsnprintf(f->found[f->n].text, FINDING_TEXT, fmt, args);
	va_end(args);
	f->n++;
}

static void
add_error(void *ctx, int line, const char *message)
{
	add(ctx, line, "%s", message);
}

static void
check_secret(struct findings *lacking, const char *path, const char *key, const char *credential)
{
	struct stat st, home;

	if (path[0] == '\0') {
		if (run_credentials() == NULL)
			add(lacking, 0, "%s is empty, and systemd gives no credential %s here", key,
			    credential);
		return;
	}
	if (stat(path, &st) < 0 && path[0] != '/') { /* it may be the secret: it is not printed */
		add(lacking, 0,
		    "%s names a file that does not exist; it takes the path of a file with the secret in it",
		    key);
		return;
	}
	if (stat(path, &st) < 0 || stat(".", &home) < 0) {
		add(lacking, 0, "%s: %s: %s", key, path, strerror(errno));
		return;
	}
	if ((st.st_mode & 077) != 0)
		add(lacking, 0, "%s: mode %03o, others can read it: chmod 600 %s", key,
		    (unsigned)(st.st_mode & 0777), path);
	if (st.st_uid != home.st_uid && st.st_uid != 0)
		add(lacking, 0, "%s: the owner of the home must own it: chown --reference=%s %s", key,
		    lacking->r->home, path);
}

static void
check_swan(struct findings *lacking, const struct config *c)
{
	if (config_text(c, SWAN_CLIENT_ID)[0] == '\0')
		add(lacking, 0, "client_id in [swan] is empty: `alanpay import` cannot ask Swan");
	else
		check_secret(lacking, config_text(c, SWAN_CLIENT_SECRET_FILE), "client_secret_file in [swan]",
		             "swan_client_secret");
}

static void
check_delivery(struct findings *lacking, const struct config *c)
{
	if (strcmp(config_text(c, NOTIFICATIONS_MODE), "http") == 0)
		check_secret(lacking, config_text(c, NOTIFICATIONS_HMAC_SECRET_FILE),
		             "hmac_secret_file in [notifications]", "notifications_hmac_secret");
}

/* With a user that does not exist no file of the bank would be applied. */
static void
check_inbox_owner(struct findings *errors, const struct config *c)
{
	const struct config_entry owner = config_entry(c, BANK_INBOX_OWNER);
	uid_t user;

	if (owner.value[0] != '\0' && !stranger_find_user(owner.value, &user))
		add(errors, owner.line, "inbox_owner in [bank]: user %s does not exist on this machine",
		    owner.value);
}

/* Others use these folders only when a group has access to them. */
static void
check_door(struct findings *lacking, enum init_door door, const char *what)
{
	char paths[FINDING_TEXT / 2] = "";
	struct stat st;
	mode_t mode = 0;
	size_t i, n;

	for (i = 0; init_folders[i].path != NULL; i++) {
		n = strlen(paths);
		if (init_folders[i].door != door || stat(init_folders[i].path, &st) < 0 ||
		    (st.st_mode & init_folders[i].mode & 070) != 0)
			continue;
		mode = init_folders[i].mode;
		snprintf(paths + n, sizeof(paths) - n, " %s/%s", lacking->r->home, init_folders[i].path);
	}
	if (paths[0] != '\0')
		add(lacking, 0, "a group that %s: chgrp GROUP%s && chmod %o%s", what, paths, (unsigned)mode,
		    paths);
}

static void
check_separation(struct findings *lacking)
{
	struct stat requests, bank;

	if (stat("inbox/requests", &requests) == 0 && stat("inbox/bank", &bank) == 0 &&
	    (requests.st_mode & bank.st_mode & 020) != 0 && requests.st_gid == bank.st_gid)
		add(lacking, 0,
		    "another group for %s/inbox/bank: who sends requests can send the bank's files",
		    lacking->r->home);
}

static void
check_home(struct findings *lacking)
{
	size_t i;

	if (access("state/alanpay.db", F_OK) < 0)
		add(lacking, 0, "%s/state/alanpay.db: %s", lacking->r->home, strerror(errno));
	for (i = 0; init_folders[i].path != NULL; i++)
		if (access(init_folders[i].path, F_OK) < 0)
			add(lacking, 0, "%s/%s: %s", lacking->r->home, init_folders[i].path, strerror(errno));
	check_door(lacking, INIT_REQUESTS_DOOR, "sends requests");
	check_door(lacking, INIT_BANK_DOOR, "sends the bank's files");
	check_door(lacking, INIT_FINANCE_DOOR, "reads what finance needs");
	check_door(lacking, INIT_READERS_DOOR, "reads the exports");
	check_door(lacking, INIT_NOTIFICATIONS_DOOR, "reads the notifications");
	check_door(lacking, INIT_RECEIPTS_DOOR, "drops their receipts");
	check_separation(lacking);
}

/* Errors come last: the end of the output is what a person sees. */
static void
settings_print_findings(const struct findings *errors, const struct findings *lacking)
{
	const char *path = errors->r->config_path;
	size_t u;
	int i;

	if (lacking->n > 0)
		printf("a night lacks\n");
	for (i = 0; i < lacking->n; i++)
		printf("  %s\n", lacking->found[i].text);
	printf("not checked\n");
	for (u = 0; u < LENGTH(unchecked); u++)
		printf("  %s\n", unchecked[u]);
	for (i = 0; i < errors->n; i++)
		if (errors->found[i].line > 0)
			printf("%s:%d: %s\n", path, errors->found[i].line, errors->found[i].text);
		else
			printf("%s: %s\n", path, errors->found[i].text);
	if (errors->n == 0)
		printf("%s is valid\n", path);
}

static void
put_errors(struct json *j, const struct findings *errors)
{
	int i;

	json_open(j, "errors", '[');
	for (i = 0; i < errors->n; i++) {
		json_open(j, NULL, '{');
		if (errors->found[i].line > 0)
			json_put_int(j, "line", errors->found[i].line);
		else
			json_put_null(j, "line");
		json_put_text(j, "message", errors->found[i].text);
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
write_findings(const struct findings *errors, const struct findings *lacking)
{
	struct sink *s = listing_stdout();
	struct json j = {.sink = s, .indent = errors->r->format == FORMAT_JSON};
	size_t u;
	int i;

	json_open(&j, NULL, '{');
	json_put_text(&j, "config_file", errors->r->config_path);
	json_put_bool(&j, "is_valid", errors->n == 0);
	put_errors(&j, errors);
	json_open(&j, "a_night_lacks", '[');
	for (i = 0; i < lacking->n; i++)
		json_put_text(&j, NULL, lacking->found[i].text);
	json_close(&j, ']');
	json_open(&j, "not_checked", '[');
	for (u = 0; u < LENGTH(unchecked); u++)
		json_put_text(&j, NULL, unchecked[u]);
	json_close(&j, ']');
	json_close(&j, '}');
	sink_text(s, errors->r->format == FORMAT_JSONL ? "\n" : "");
	listing_stdout_end(s);
}

static void
settings_validate(struct run *r)
{
	static struct findings errors, lacking;
	char why[GUARD_TEXT];

	errors.r = lacking.r = r;
	r->config_path = run_absolute(r->config_path, r->config_file); /* the home is the working folder */
	r->config = config_check(r->config_path, add_error, &errors);
	if (r->config != NULL && r->db != NULL && !guard_config(r, store_environment(r->db), why))
		add(&errors, 0, "%s", why);
	if (r->config != NULL) {
		check_inbox_owner(&errors, r->config);
		check_swan(&lacking, r->config);
		check_delivery(&lacking, r->config);
	}
	check_home(&lacking);
	if (r->format == FORMAT_TABLE)
		settings_print_findings(&errors, &lacking);
	else
		write_findings(&errors, &lacking);
	fflush(stdout);
	if (errors.n > 0)
		die(EXIT_CONFIG, "%s: %d error%s: correct %s", r->config_path, errors.total,
		    text_plural(errors.total), errors.total == 1 ? "it" : "them");
}

/* show --------------------------------------------------------------------------------------------------- */

static void
settings_write_text(const struct run *r, struct sink *s)
{
	const char *section = "";
	int key;

	for (key = 0; key < CONFIG_KEYS; key++) {
		struct config_entry entry = config_entry(r->config, (enum config_key)key);

		if (strcmp(section, entry.section) != 0)
			sink_print(s, "%s[%s]\n", section[0] == '\0' ? "" : "\n", entry.section);
		section = entry.section;
		if (entry.line == 0)
			sink_print(s, "; default\n");
		else
			sink_print(s, "; %s:%d\n", r->config_path, entry.line);
		sink_print(s, "%s = %s\n", entry.name, entry.value);
	}
}

static void
put_entry(struct json *j, const struct config_entry *entry)
{
	json_open(j, NULL, '{');
	json_put_text(j, "section", entry->section);
	json_put_text(j, "key", entry->name);
	json_put_text(j, "value", entry->value);
	if (entry->line > 0)
		json_put_int(j, "line", entry->line);
	else
		json_put_null(j, "line");
	json_close(j, '}');
}

static void
settings_write_json(const struct run *r, struct sink *s)
{
	struct json j = {.sink = s, .indent = true};
	int key;

	json_open(&j, NULL, '[');
	for (key = 0; key < CONFIG_KEYS; key++) {
		struct config_entry entry = config_entry(r->config, (enum config_key)key);

		put_entry(&j, &entry);
	}
	json_close(&j, ']');
}

static void
settings_write_jsonl(const struct run *r, struct sink *s)
{
	int key;

	for (key = 0; key < CONFIG_KEYS; key++) {
		struct config_entry entry = config_entry(r->config, (enum config_key)key);
		struct json j = {.sink = s};

		put_entry(&j, &entry);
		sink_text(s, "\n");
	}
}

static void
settings_write_csv(const struct run *r, struct sink *s)
{
	static const char *const names[] = {"section", "key", "value", "line"};
	struct csv csv = {.sink = s, .separator = ',', .eol = "\n"};
	int key;

	csv_header(&csv, names, LENGTH(names));
	for (key = 0; key < CONFIG_KEYS; key++) {
		struct config_entry entry = config_entry(r->config, (enum config_key)key);

		csv_text(&csv, entry.section);
		csv_text(&csv, entry.name);
		csv_text(&csv, entry.value);
		if (entry.line > 0)
			csv_int(&csv, entry.line);
		else
			csv_text(&csv, NULL);
		csv_end(&csv);
	}
}

static void
settings_show(struct run *r)
{
	static void (*const write[])(const struct run *r, struct sink *s) = {
	    [FORMAT_TABLE] = settings_write_text,
	    [FORMAT_JSON] = settings_write_json,
	    [FORMAT_JSONL] = settings_write_jsonl,
	    [FORMAT_CSV] = settings_write_csv,
	};
	struct sink *s = listing_stdout();

	write[r->format](r, s);
	listing_stdout_end(s);
}

/* support ------------------------------------------------------------------------------------------------ */

static void
support(struct run *r)
{
	struct query a = query_support(r);

	query_print(r, &a);
}

/* -------------------------------------------------------------------------------------------------------- */

const struct command settings_commands[] = {
    {"config generate", "print a configuration to fill in", ACCESS_NONE, NULL, generate, NULL},
    {"config validate", "check the configuration and the home", ACCESS_HOME, NULL, settings_validate, NULL},
    {"config show", "list all values and where they stand", ACCESS_READS, NULL, settings_show, NULL},
    {"support config", "print the support configuration", ACCESS_READS, NULL, support, NULL},
    {0},
};
