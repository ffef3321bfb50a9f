/* config: see config.h. Uses libinih; our reader counts the lines.
 *
 * source   inih 55 (Debian 12: no line numbers for the handler, multi-line values on, lines of at most 200): the
 *          reader below rejects continuation lines and long lines before inih reads them
 */
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/iban.h"
#include "formats/length.h"
#include "formats/memory.h"
#include "formats/money.h"
#include "formats/own_account.h"
#include "formats/text.h"
#include "formats/url.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/denial.h"

#define CONFIG_FILE_MOST (1 << 20)

struct approver_key {
	char *name, *path;
	int line;
};

struct config {
	struct approver_key *approver; /* of [approvers], in the order of the file */
	int approvers;
	char *value[CONFIG_KEYS];
	int line[CONFIG_KEYS]; /* 0: default */
	bool is_wrong[CONFIG_KEYS];
	char path[512];
	char *bytes; /* of the whole file */
	size_t size;
	bool is_digested;
	unsigned char sha256[SHA256_SIZE];
	struct config_file file;
	config_report_fn *report;
	void *ctx;
	int errors;
	FILE *in;
	int at; /* number of the current line */
};

static void __attribute__((format(printf, 3, 4))) report(struct config *c, int line, const char *fmt, ...)
{
	char message[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(message, sizeof(message), fmt, args);
	va_end(args);
	c->errors++;
	c->report(c->ctx, line, message);
}

static void
set_known(struct config *c, size_t i, const char *value)
{
	const struct config_key_row *k = &config_key_rows[i];
	struct err why = {0};

	if (c->line[i] != 0) {
		report(c, c->at, "%s is already set on line %d", k->name, c->line[i]);
		return;
	}
	c->line[i] = c->at;
	c->is_wrong[i] = true;
	if (value[0] == '\0' && k->fallback != NULL && k->fallback[0] != '\0') {
		report(c, c->at, "%s has no value: remove the line to use the default, %s", k->name,
		       k->fallback);
	} else if (value[0] != '\0' && config_key_check(k, value, &why) < 0) {
		report(c, c->at, "%s: %s%s", k->name, why.message,
		       strchr(value, ';') != NULL ? ": a comment has a line of its own" : "");
	} else {
		c->value[i] = config_key_normalise(k, value);
		c->is_wrong[i] = false;
	}
}

/* In the place of a semicolon inside a value, which inih would take for the beginning of a comment. */
#define KEPT_SEMICOLON '\x01'

static void
swap(char *text, char from, char to)
{
	for (; (text = strchr(text, from)) != NULL; text++)
		*text = to;
}

/* A secret, or what may be one: the value is never printed. */
static bool
is_called_secret(const char *name)
{
	static const char *const words[] = {"secret", "password", "passwd",
	                                    "token",  "api_key",  "private_key"};
	size_t i;

	for (i = 0; i < LENGTH(words); i++)
		if (strstr(name, words[i]) != NULL)
			return true;
	return false;
}

/* The names are those of persons: they stand in tables, in the names of files, and in lines for ssh-keygen. */
static void
set_approver(struct config *c, const char *name, const char *path)
{
	size_t n = strlen(name);
	int i;

	for (i = 0; i < c->approvers; i++)
		if (strcmp(c->approver[i].name, name) == 0) {
			report(c, c->at, "%s is already set on line %d", name, c->approver[i].line);
			return;
		}
	if (n > CONFIG_APPROVER_MAX || name[0] < 'a' || name[0] > 'z' ||
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-") != n || strcmp(name, "scheduler") == 0) {
		report(
		    c, c->at,
		    "%.40s is not a valid name of an approver: at most %d letters a to z, digits, dots and dashes",
		    name, CONFIG_APPROVER_MAX);
		return;
	}
	if (path[0] == '\0') {
		report(c, c->at, "%s has no value: the file with the public key", name);
		return;
	}
	c->approver = memory_resize(c->approver, (size_t)c->approvers + 1, sizeof(*c->approver));
	c->approver[c->approvers++] = (struct approver_key){memory_text(name), memory_text(path), c->at};
}

/* A key that inih read; keys of an unknown section are ignored, for the section was reported. */
static int
set(void *ctx, const char *section, const char *name, const char *value)
{
	struct config *c = ctx;
	size_t i = config_key_find(section, name);
	char nearest[128] = "", *kept;

	if (i < CONFIG_KEYS) {
		kept = memory_text(value);
		swap(kept, KEPT_SEMICOLON, ';');
		set_known(c, i, kept);
		free(kept);
	} else if (strcmp(section, CONFIG_APPROVERS) == 0) {
		kept = memory_text(value);
		swap(kept, KEPT_SEMICOLON, ';');
		set_approver(c, name, kept);
		free(kept);
	} else if (section[0] == '\0') {
		report(c, c->at, "%s is not in a section: put a line [section] before it", name);
	} else if (config_key_section_is_known(section, strlen(section))) {
		config_key_nearest(section, name, nearest, sizeof(nearest));
		report(c, c->at, "unknown key %s in [%s]; the nearest is %s%s", name, section, nearest,
		       is_called_secret(name)
		           ? ": a secret never stands in this file, but alone in another one, of mode 600"
		           : "");
	}
	return 1;
}

static void
skip_rest_of_line(FILE *in)
{
	int c;

	while ((c = getc(in)) != '\n' && c != EOF)
		;
}

static bool
is_shapeless(const char *line)
{
	return line[0] != '\0' && line[0] != ';' && line[0] != '#' && strpbrk(line, "=:") == NULL;
}

/* Reports a line that inih would misread. A section line with an unreadable name is replaced, so that its keys are ignored. */
static bool
refuse_line(struct config *c, char *line)
{
	static const char nameless[] = "[?]\n";
	size_t n = strlen(line), blanks = strspn(line, " \t\r\n");
	bool is_whole = n == 0 || line[n - 1] == '\n' || feof(c->in);

	if (!is_whole)
		skip_rest_of_line(c->in);
	if (n > CONFIG_LINE_MAX || !is_whole)
		report(c, c->at, "the line is longer than %d characters", CONFIG_LINE_MAX);
	else if (strchr(line, KEPT_SEMICOLON) != NULL)
		report(c, c->at, "the line has a control character");
	else if ((line[0] == ' ' || line[0] == '\t') && line[blanks] != '\0')
		report(c, c->at, "the line begins with a blank: a value has one line");
	else if (line[0] == '[' ? strchr(line, ']') == NULL : is_shapeless(line + blanks))
		report(c, c->at, "the line is neither [section] nor key = value");
	else if (line[0] == '[' && !config_key_section_is_known(line + 1, strcspn(line + 1, "]\n")))
		report(c, c->at, "unknown section %.*s]", (int)strcspn(line, "]\n"), line);
	else
		return false;
	if (line[0] == '[')
		memcpy(line, nameless, sizeof(nameless));
	return true;
}

static void
keep_semicolons(char *line)
{
	char *value = line[0] == ';' || line[0] == '#' || line[0] == '[' ? NULL : strpbrk(line, "=:");

	if (value != NULL && line[strspn(line, " \t")] != ';')
		swap(value, ';', KEPT_SEMICOLON);
}

/* The next line for inih; an empty one when the line was reported. */
static char *
next_line(char *line, int size, void *ctx)
{
	struct config *c = ctx;

	if (fgets(line, size, c->in) == NULL)
		return NULL;
	c->at++;
	if (refuse_line(c, line) && line[0] != '[')
		memcpy(line, "\n", sizeof("\n"));
	keep_semicolons(line);
	return line;
}

/* Gives a missing or wrong key its default, so that the other checks can go on. */
static void
fill_in(struct config *c)
{
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++) {
		if (c->value[i] != NULL && (c->value[i][0] != '\0' || config_key_rows[i].fallback != NULL))
			continue;
		if (config_key_rows[i].fallback == NULL && !c->is_wrong[i])
			report(c, c->line[i], "%s in [%s] must be set", config_key_rows[i].name,
			       config_key_rows[i].section);
		free(c->value[i]);
		c->value[i] =
		    memory_text(config_key_rows[i].fallback == NULL ? "" : config_key_rows[i].fallback);
	}
}

int
config_remittance(const struct config *c, const char *period, char text[static 141], struct err *e)
{
	const char *pattern = config_text(c, RECOVERY_REMITTANCE), *hole = strstr(pattern, "{period}");
	char whole[CONFIG_LINE_MAX + 16], converted[2 * sizeof(whole)];

	if (hole == NULL)
		snprintf(whole, sizeof(whole), "%s", pattern);
	else
		snprintf(whole, sizeof(whole), "%.*s%.10s%s", (int)(hole - pattern), pattern, period,
		         hole + strlen("{period}"));
	if (text_to_sepa(whole, converted, sizeof(converted) - 1, e) < 0)
		return -1;
	if (strlen(converted) > 140)
		return err_set(e, "config", "has %zu characters on the statement: at most 140 are possible",
		               strlen(converted));
	memcpy(text, converted, strlen(converted) + 1);
	return 0;
}

/* Only {period} is replaced; another placeholder would appear on the statements of members. */
static void
check_remittance(struct config *c)
{
	const char *at = config_text(c, RECOVERY_REMITTANCE);
	struct err why = {0};
	char text[141];

	for (; (at = strchr(at, '{')) != NULL; at++)
		if (strncmp(at, "{period}", strlen("{period}")) != 0)
			report(c, c->line[RECOVERY_REMITTANCE],
			       "remittance: unknown placeholder %.*s: use {period}",
			       (int)(strcspn(at, "}") + (strchr(at, '}') != NULL)), at);
	if (!c->is_wrong[RECOVERY_REMITTANCE] && config_remittance(c, "2026-02", text, &why) < 0)
		report(c, c->line[RECOVERY_REMITTANCE], "remittance: %s", why.message);
}

/* The bank file has names in the SEPA characters; a name of which nothing is left would stop the night. */
static void
check_names(struct config *c)
{
	static const enum config_key names[] = {CREDITOR_NAME, CREDITOR_ULTIMATE_CREDITOR};
	char converted[71];
	struct err why = {0};
	size_t i;

	for (i = 0; i < LENGTH(names); i++)
		if (!c->is_wrong[names[i]] && c->value[names[i]][0] != '\0' &&
		    text_to_sepa(c->value[names[i]], converted, sizeof(converted) - 1, &why) < 0)
			report(c, c->line[names[i]], "%s: %s", config_key_rows[names[i]].name, why.message);
}

/* A file is made in the night after the freeze, and its members are notified the day after that. */
static void
check_notice(struct config *c)
{
	long long notice = config_int(c, RECOVERY_NOTICE_DAYS),
		  freeze = config_int(c, RECOVERY_FREEZE_AFTER_DAYS),
		  left = config_int(c, RECOVERY_RECOVERY_AFTER_DAYS) - freeze - 2;
	static const enum config_key keys[] = {RECOVERY_NOTICE_DAYS, RECOVERY_RECOVERY_AFTER_DAYS,
	                                       RECOVERY_FREEZE_AFTER_DAYS};
	int line = 0;
	size_t i;

	if (!config_yes(c, RELEASE_REQUIRE_NOTICE) || c->is_wrong[RECOVERY_NOTICE_DAYS] ||
	    c->is_wrong[RECOVERY_RECOVERY_AFTER_DAYS] || c->is_wrong[RECOVERY_FREEZE_AFTER_DAYS] ||
	    notice <= left)
		return;
	for (i = 0; i < LENGTH(keys) && line == 0; i++)
		line = c->line[keys[i]];
	report(
	    c, line,
	    "notice_days = %lld cannot be kept: members are notified two days after the freeze, %lld days before"
	    " the recovery date: recovery_after_days must be at least %lld",
	    notice, left < 0 ? 0 : left, freeze + 2 + notice);
}

/* What the file says of itself; that the home was made for the same is checked when it is opened (guard.h). */
static bool
is_test(const struct config *c)
{
	return strcmp(c->value[ENVIRONMENT_NAME], "test") == 0;
}

/* Checks that concern several keys. */
static void
check_whole(struct config *c)
{
	enum config_key later = c->line[RECOVERY_RECOVERY_AFTER_DAYS] > 0 ? RECOVERY_RECOVERY_AFTER_DAYS
	                                                                  : RECOVERY_FREEZE_AFTER_DAYS;
	struct err why = {0};
	size_t i;

	for (i = 0; i < CONFIG_KEYS; i++)
		if (config_key_rows[i].type == KEY_URL && c->value[i][0] != '\0' &&
		    !c->is_wrong[ENVIRONMENT_NAME] && url_check(c->value[i], is_test(c), &why) < 0)
			report(c, c->line[i], "%s: %s", config_key_rows[i].name, why.message);
	check_remittance(c);
	check_names(c);
	if (config_int(c, RECOVERY_RECOVERY_AFTER_DAYS) <= config_int(c, RECOVERY_FREEZE_AFTER_DAYS) &&
	    !c->is_wrong[RECOVERY_RECOVERY_AFTER_DAYS] && !c->is_wrong[RECOVERY_FREEZE_AFTER_DAYS])
		report(c, c->line[later], "recovery_after_days must be more than freeze_after_days");
	else
		check_notice(c);
	if (strcmp(config_text(c, RELEASE_IDENTITY), "any") == 0 && !is_test(c) &&
	    !c->is_wrong[ENVIRONMENT_NAME])
		report(
		    c, c->line[RELEASE_IDENTITY],
		    "identity = any is for a test environment alone: without a login nobody knows who acts");
	if (strcmp(config_text(c, NOTIFICATIONS_MODE), "http") == 0 &&
	    config_text(c, NOTIFICATIONS_URL)[0] == '\0' && !c->is_wrong[NOTIFICATIONS_URL])
		report(c, c->line[NOTIFICATIONS_MODE], "mode = http requires url");
	if (config_yes(c, BANK_SETTLE_WITHOUT_ACCEPTANCE) && !c->is_wrong[BANK_SETTLE_ON] &&
	    strcmp(config_text(c, BANK_SETTLE_ON), "due_date") != 0)
		report(c, c->line[BANK_SETTLE_WITHOUT_ACCEPTANCE],
		       "settle_without_acceptance requires settle_on = due_date");
	if (config_yes(c, SUPPORT_APPOINTMENT_SCHEDULING_ENABLED) &&
	    config_text(c, SUPPORT_APPOINTMENT_SCHEDULING_URL)[0] == '\0' &&
	    !c->is_wrong[SUPPORT_APPOINTMENT_SCHEDULING_URL])
		report(c, c->line[SUPPORT_APPOINTMENT_SCHEDULING_ENABLED],
		       "appointment_scheduling_enabled requires appointment_scheduling_url");
}

/* The file at one moment: what is parsed has these bytes, this owner and this mode. -1: it was reported. */
static int
take_file(struct config *c, int fd)
{
	struct stat st;
	size_t n = 0;
	ssize_t got;

	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		report(c, 0, "is not a file");
		return -1;
	}
	c->bytes = memory_new(CONFIG_FILE_MOST + 1, 1);
	while (n <= CONFIG_FILE_MOST && (got = read(fd, c->bytes + n, CONFIG_FILE_MOST + 1 - n)) != 0)
		if (got > 0) {
			n += (size_t)got;
		} else if (errno != EINTR) {
			report(c, 0, "%s", strerror(errno));
			return -1;
		}
	if (n > CONFIG_FILE_MOST) {
		report(c, 0, "the file is larger than %d bytes", CONFIG_FILE_MOST);
		return -1;
	}
	c->size = n;
	c->bytes = memory_resize(c->bytes, n + 1, 1);
	c->file.owner = st.st_uid;
	c->file.mode = st.st_mode & 07777;
	c->in = memory_check(n == 0 ? fmemopen("\n", 1, "r") : fmemopen(c->bytes, n, "r"));
	return c->in == NULL ? -1 : 0;
}

static void
parse_file(struct config *c)
{
	int line = ini_parse_stream(next_line, c, set, c);

	if (c->errors == 0 && line != 0)
		report(c, line, "the line is neither [section] nor key = value");
	fill_in(c);
	check_whole(c);
}

struct config *
config_check(const char *path, config_report_fn *report_error, void *ctx)
{
	struct config *c = memory_new(1, sizeof(*c));
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char denial[DENIAL_TEXT];

	c->report = report_error;
	c->ctx = ctx;
	if (text_copy(c->path, sizeof(c->path), path) < 0)
		report(c, 0, "the path is too long");
	else if (fd < 0)
		report(c, 0, "%s%s", strerror(errno), denial_explain(path, errno, denial));
	else if (take_file(c, fd) == 0)
		parse_file(c);
	if (c->in != NULL)
		fclose(c->in);
	if (fd >= 0)
		close(fd);
	if (c->errors == 0)
		return c;
	config_free(c);
	return NULL;
}

static void
config_keep_first(void *ctx, int line, const char *message)
{
	struct err *e = ctx;

	if (e->code[0] == '\0')
		err_at(e, line, 0, "config", "%s", message);
}

struct config *
config_read(const char *path, struct err *e)
{
	*e = (struct err){0};
	return config_check(path, config_keep_first, e);
}

void
config_free(struct config *c)
{
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; i < CONFIG_KEYS; i++)
		free(c->value[i]);
	for (i = 0; i < (size_t)c->approvers; i++) {
		free(c->approver[i].name);
		free(c->approver[i].path);
	}
	free(c->approver);
	free(c->bytes);
	free(c);
}

const char *
config_text(const struct config *c, enum config_key key)
{
	return c->value[key];
}

int64_t
config_int(const struct config *c, enum config_key key)
{
	struct err e = {0};
	cents n = 0;

	(void)money_parse_cents(c->value[key], &n, &e); /* checked when it was read */
	return n;
}

bool
config_yes(const struct config *c, enum config_key key)
{
	return strcmp(c->value[key], "yes") == 0;
}

int
config_approvers(const struct config *c)
{
	return c->approvers;
}

const char *
config_approver_name(const struct config *c, int i)
{
	return c->approver[i].name;
}

const char *
config_approver_path(const struct config *c, int i)
{
	return c->approver[i].path;
}

/* Made when it is asked for: the library takes a millisecond for its first digest, and a query needs none. */
const unsigned char *
config_sha256(struct config *c)
{
	if (!c->is_digested)
		sha256(c->bytes, c->size, c->sha256);
	c->is_digested = true;
	return c->sha256;
}

const struct config_file *
config_file(const struct config *c)
{
	return &c->file;
}

void
config_generate(struct sink *s)
{
	size_t i;

	sink_text(s, "; Alan Pay recovery. A key that is commented out has the value shown.\n"
	             "; A comment has a line of its own: a semicolon in a value belongs to it.\n");
	for (i = 0; i < CONFIG_KEYS; i++) {
		const struct config_key_row *k = &config_key_rows[i];

		if (i == 0 || strcmp(k->section, config_key_rows[i - 1].section) != 0)
			sink_print(s, "\n[%s]\n", k->section);
		sink_print(s, "; %s", k->help);
		if (k->type == KEY_CHOICE && strchr(k->choices, '|') != NULL)
			sink_print(s, ": %s", k->choices);
		else if (k->type == KEY_NUMBER)
			sink_print(s, ", %s", k->choices);
		sink_print(s, "\n%s%s = %s\n", k->fallback == NULL ? "" : ";", k->name,
		           k->fallback == NULL ? "" : k->fallback);
	}
	sink_text(
	    s,
	    "\n[" CONFIG_APPROVERS "]\n"
	    "; name of an approver = file with the public key, Ed25519, as ssh-keygen or openssl writes it;"
	    " it belongs to root or to the owner of the home\n"
	    ";alice = /etc/alanpay/approvers/alice.pub\n");
}

struct config_entry
config_entry(const struct config *c, enum config_key key)
{
	struct config_entry entry = {config_key_rows[key].section, config_key_rows[key].name, "",
	                             c->line[key]};
	const char *value = c->value[key];
	char masked[IBAN_MASKED];
	struct iban iban;
	struct err e;

	if (config_key_rows[key].type == KEY_IBAN && iban_parse(value, &iban, &e) == 0)
		value = iban_mask(masked, &iban);
	if (config_key_rows[key].type != KEY_OWN_ACCOUNTS ||
	    own_account_mask(value, entry.value, sizeof(entry.value)) != 0)
		snprintf(entry.value, sizeof(entry.value), "%s", value);
	return entry;
}
