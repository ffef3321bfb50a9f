/* run: see run.h. Only this file and journal.c read the clock. */
#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/run.h"

/* Where the configuration is looked for, the first below the home. */
static const char *const config_places[] = {"alanpay.ini", "/etc/alanpay/alanpay.ini"};

static const char installed_home[] = "/var/lib/alanpay";

instant
run_clock(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (instant)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t
run_ticks(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
run_pause(int64_t milliseconds)
{
	struct timespec left = {.tv_sec = (time_t)(milliseconds / 1000),
	                        .tv_nsec = (long)(milliseconds % 1000) * 1000000};

	while (milliseconds > 0 && nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

int
run_program(const char *path, const char *const argv[])
{
	pid_t pid;
	int status;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die_errno(EXIT_IO, "fork");
	if (pid == 0) {
		execv(path, (char *const *)argv); /* execv takes them as they are */
		_exit(EXIT_CONFIG);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die_errno(EXIT_IO, "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const char *
run_credentials(void)
{
	return getenv("CREDENTIALS_DIRECTORY");
}

const char *
run_temporary_folder(void)
{
	const char *named = getenv("TMPDIR");

	return named != NULL && named[0] != '\0' ? named : "/tmp";
}

void
run_set_clock(struct run *r, const char *date_text, const char *now_text)
{
	struct err e = {0};

	r->clock_given = date_text != NULL || now_text != NULL;
	r->now_given = now_text != NULL;
	r->now = run_clock();
	if (now_text != NULL && instant_parse(now_text, &r->now, &e) < 0)
		die(EXIT_USAGE, "--now: %s", e.message);
	r->on = date_in_paris(r->now);
	if (date_text != NULL && date_parse(date_text, &r->on, &e) < 0)
		die(EXIT_USAGE, "--date: %s", e.message);
}

const char *
run_absolute(const char *path, char whole[PATH_MAX])
{
	char cwd[PATH_MAX];

	if (path[0] == '/')
		return path;
	while (strncmp(path, "./", 2) == 0)
		path += 2;
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		die_errno(EXIT_IO, "the working directory cannot be read");
	if (strcmp(path, ".") == 0 || path[0] == '\0')
		snprintf(whole, PATH_MAX, "%s", cwd);
	else if (snprintf(whole, PATH_MAX, "%s/%s", cwd, path) >= PATH_MAX)
		die(EXIT_USAGE, "%s: path too long", path);
	return whole;
}

const char *
run_program_folder(void)
{
	static char folder[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	char *slash;

	if (n < 0)
		die_errno(EXIT_IO, "/proc/self/exe");
	folder[n] = '\0';
	slash = strrchr(folder, '/');
	if (slash != NULL)
		*slash = '\0';
	return folder;
}

/* In a checkout both the programs and the home are below out/. */
const char *
run_default_home(void)
{
	static char home[PATH_MAX];
	const char *folder = run_program_folder();
	const char *out = strstr(folder, "/out/");
	const char *next;

	if (out == NULL)
		return installed_home;
	while ((next = strstr(out + 1, "/out/")) != NULL)
		out = next;
	snprintf(home, sizeof(home), "%.*s/out/home", (int)(out - folder), folder);
	return home;
}

void
run_put_word(struct sink *s, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=@,+-";

	if (word[0] != '\0' && word[strspn(word, plain)] == '\0') {
		sink_text(s, word);
		return;
	}
	sink_text(s, "'");
	for (; *word != '\0'; word++)
		if (*word == '\'')
			sink_text(s, "'\\''");
		else
			sink_put(s, word, 1);
	sink_text(s, "'");
}

static void
put_sudo(struct sink *s, uid_t user)
{
	const struct passwd *pw = getpwuid(user);

	sink_text(s, "sudo -u ");
	if (pw != NULL)
		run_put_word(s, pw->pw_name);
	else
		sink_print(s, "'#%lu'", (unsigned long)user);
	sink_text(s, " ");
}

static void
put_owner(struct sink *s, const struct run *r)
{
	struct stat st;

	if (r->home != NULL && stat(r->home, &st) == 0 && st.st_uid != geteuid())
		put_sudo(s, st.st_uid);
}

/* The home that people know; NULL: none is open. */
static const char *
known_home(const struct run *r)
{
	return r->copy_of != NULL ? r->copy_of : r->home;
}

/* The path may be below the home, or absolute. */
static bool
is_default_config(const struct run *r)
{
	const char *home = known_home(r);
	size_t i, n = home == NULL ? 0 : strlen(home);
	const char *path = r->config_path;

	if (n > 0 && strncmp(path, home, n) == 0 && path[n] == '/')
		path += n + 1;
	for (i = 0; i < LENGTH(config_places); i++)
		if (strcmp(path, config_places[i]) == 0)
			return true;
	return false;
}

const char *
run_command(const struct run *r, const char *fmt, ...)
{
	static char texts[4][2 * PATH_MAX];
	static unsigned next;
	char words[1024];
	const char *home = known_home(r);
	struct sink_text room = {texts[next++ % 4], sizeof(texts[0]), 0};
	struct sink *s = sink_into(&room);
	va_list args;

	va_start(args, fmt);
	vsnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	put_owner(s, r);
	sink_print(s, "alanpay %s", words);
	if (home != NULL && strcmp(home, run_default_home()) != 0) {
		sink_text(s, " --home ");
		run_put_word(s, home);
	}
	if (r->config_path != NULL && !is_default_config(r)) {
		sink_text(s, " --config ");
		run_put_word(s, r->config_path);
	}
	(void)sink_end(s, NULL, NULL); /* a path that is too long is cut, as the message would be */
	return room.at;
}

const char *
run_typed_for(const struct run *r, uid_t user)
{
	static char text[4 * PATH_MAX];
	struct sink_text room = {text, sizeof(text), 0};
	struct sink *s = sink_into(&room);
	int i;

	put_sudo(s, user);
	for (i = 0; i < r->argc; i++) {
		if (i > 0)
			sink_text(s, " ");
		if (i == 0 && strncmp(r->argv[0], "alanpay ", strlen("alanpay ")) == 0)
			sink_text(s, r->argv[0]); /* the words of a command */
		else
			run_put_word(s, r->argv[i]);
	}
	/* A part of a command must not be pasted. */
	return sink_end(s, NULL, NULL) < 0 ? "run this command as its owner, with sudo -u" : text;
}

const char *
run_config_command(const struct run *r)
{
	static char text[2 * PATH_MAX];
	struct sink_text room = {text, sizeof(text), 0};
	struct sink *s = sink_into(&room);

	if (strcmp(r->home, installed_home) == 0) {
		sink_text(s, "sudo install -d /etc/alanpay && alanpay config generate |"
		             " sudo install -m 644 /dev/stdin /etc/alanpay/alanpay.ini");
	} else {
		sink_text(s, "alanpay config generate > ");
		run_put_word(s, r->home);
		sink_text(s, "/alanpay.ini");
	}
	(void)sink_end(s, NULL, NULL);
	return text;
}

const char *
run_named_config(void)
{
	const char *named = getenv("ALANPAY_CONFIG");

	return named != NULL && named[0] != '\0' ? named : NULL;
}

const char *
run_placed_config(struct run *r)
{
	struct stat st;
	size_t i;

	if (r->copy_of != NULL &&
	    snprintf(r->config_file, sizeof(r->config_file), "%s/%s", r->copy_of, config_places[0]) <
	        PATH_MAX &&
	    lstat(r->config_file, &st) == 0)
		return r->config_file;
	for (i = r->copy_of != NULL; i < LENGTH(config_places); i++)
		if (lstat(config_places[i], &st) == 0)
			return config_places[i];
	return NULL;
}

void
run_count(struct run *r, enum counter c, int64_t n)
{
	r->count[c] += n;
}

bool
run_is_rehearsal(const struct run *r)
{
	return r->dry_run || r->copy_of != NULL;
}

void
run_require_clock(const struct run *r)
{
	if (r->clock_given && !store_is_test(r->db))
		die(EXIT_FORBIDDEN,
		    "--date and --now are allowed here only in a test home: a person acts now");
}

/* /proc/self/loginuid is set at login and survives sudo and su; 4294967295 means no login. What the environment says of the user
 * proves nothing. */
static bool
login_uid(uid_t *uid)
{
	char text[24] = "";
	char *end;
	FILE *in = fopen("/proc/self/loginuid", "r");
	unsigned long found;

	if (in == NULL)
		return false;
	if (fgets(text, sizeof(text), in) == NULL)
		text[0] = '\0';
	fclose(in);
	found = strtoul(text, &end, 10);
	*uid = (uid_t)found;
	return end != text && found != 4294967295UL;
}

/* NULL: no user has this number. */
static const char *
name_of_user(uid_t uid)
{
	static char name[RUN_PERSON];
	const struct passwd *pw = getpwuid(uid);

	return pw != NULL && text_copy(name, sizeof(name), pw->pw_name) == 0 ? name : NULL;
}

static bool
anybody_will_do(const struct run *r)
{
	return strcmp(config_text(r->config, RELEASE_IDENTITY), "any") == 0;
}

struct run_actor
run_actor(const struct run *r)
{
	struct run_actor actor = {r->as, "any"};
	uid_t uid;

	if (r->as != NULL)
		return actor;
	if (login_uid(&uid) && !anybody_will_do(r))
		actor.identity = "loginuid";
	else if (anybody_will_do(r))
		uid = getuid();
	else
		die(EXIT_FORBIDDEN,
		    "nobody knows who acts: this process has no login (/proc/self/loginuid is not set, and a process"
		    " without a login may give itself any): log in under your own name, then run it with `sudo -u`");
	actor.name = name_of_user(uid);
	if (actor.name == NULL)
		die(EXIT_FORBIDDEN,
		    "nobody knows who acts: no user has the number %lu: log in under your own name",
		    (unsigned long)uid);
	return actor;
}

const char *
run_person(const struct run *r)
{
	return run_actor(r).name;
}

void
run_bind_person(const struct run *r, struct stmt *q)
{
	struct run_actor actor = run_actor(r);

	bind_text(q, "$who", actor.name);
	bind_text(q, "$identity", actor.identity);
}

struct run_actor
run_starter(const struct run *r)
{
	uid_t uid;

	if (r->as != NULL || (anybody_will_do(r) && name_of_user(getuid()) != NULL) ||
	    (!anybody_will_do(r) && login_uid(&uid) && name_of_user(uid) != NULL))
		return run_actor(r);
	return (struct run_actor){"scheduler", "scheduler"};
}
