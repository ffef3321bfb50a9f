/* run: what a running program works with: home, store, configuration, date, clock, counters.
 *
 * main.c (stages) and alanpay (commands) make one and pass it on. Paths are below the home, which is the working directory
 * after home_open; options that name files were made absolute before.
 */
#ifndef CORE_RUN_H
#define CORE_RUN_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "formats/date.h"
#include "stages/core/engine/counter.h"
#include "stages/core/engine/store.h"

struct config;
struct given;
struct option_spec;
struct releaselog;

enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_JSONL, FORMAT_CSV };

/* What a program can print, for --format and --help. */
enum {
	PRINTS_TEXT = 1 << FORMAT_TABLE,
	PRINTS_DOCUMENT = PRINTS_TEXT | 1 << FORMAT_JSON | 1 << FORMAT_JSONL,
	PRINTS_LIST = PRINTS_DOCUMENT | 1 << FORMAT_CSV,
};

enum access {
	ACCESS_NONE, /* no home is needed */
	ACCESS_HOME, /* its folders, its database if it has one, and the path of its configuration, which is not read */
	ACCESS_LOCKS,   /* its lock and its configuration; the database stays closed */
	ACCESS_LATER,   /* the command opens the home, if there is one */
	ACCESS_READS,   /* no lock, the database read-only */
	ACCESS_CHANGES, /* the lock of the home; may be rehearsed with --dry-run */
};

/* The last sentence of a program that changed nothing because of --dry-run. */
#define DRY_RUN_NOTE "dry run: nothing is stored"

#define RUN_OPTIONS 18 /* the most that a program has beyond the common ones */

struct run {
	const char *program;               /* "alanpay-intake", "alanpay sepa approve" */
	const struct option_spec *options; /* options.h; ended by a NULL name */
	const char *option[RUN_OPTIONS];   /* values, "" for a flag that was given, NULL when absent */
	struct given *given; /* each value of the options that may be repeated, in their order */
	int givens;
	char path[RUN_OPTIONS][PATH_MAX]; /* where paths among them are made absolute */
	const char *home, *as;
	const char *config_option; /* --config, or $ALANPAY_CONFIG; NULL: the configuration of its place */
	const char *config_path;   /* that is used */
	const char *
	    copy_of; /* the home is a private copy of this one, for a rehearsal (home/homecopy.h); else NULL */
	char home_path[PATH_MAX], config_file[PATH_MAX];
	date on;     /* --date: the business date */
	instant now; /* --now */
	long wait_s; /* for the lock */
	enum format format;
	unsigned prints; /* PRINTS_...; 0: a list */
	bool format_given;
	bool dry_run, quiet, verbose;
	bool clock_given; /* --date or --now */
	bool now_given;   /* --now */
	bool unmasked;    /* print whole IBANs: --unmask, where a program has it */
	enum access access;
	int argc; /* the command line, as it was typed */
	char **argv;

	struct store *db;
	struct config *config;
	int lock;               /* descriptor of the lock of the home; 0: not locked */
	struct releaselog *log; /* home/releaselog.h; NULL: not open */
	int64_t
	    night; /* --night: the row of the `alanpay run` that started this stage; 0: a person started it */
	int64_t stage_run; /* row of the journal; 0 for a command */
	bool held;         /* this run opened an exception or rejected input: exit 3 */
	int64_t count[COUNTER_COUNT];
};

extern const char run_version[];

/* For options_parse: the business date and the clock, from --date and --now where given, else from the clock of the machine. */
void run_set_clock(struct run *r, const char *date_text, const char *now_text);
/* The clock of the machine, to check dates that were given; no row is made from it. */
instant run_clock(void);
/* The path itself, or below the working directory in `whole`. */
const char *run_absolute(const char *path, char whole[PATH_MAX]);

void run_count(struct run *r, enum counter c, int64_t n);

#define RUN_PERSON 64 /* bytes of a name */

/* Who acts, and by what that is known: "loginuid": by the login user of this process, also after sudo; "any": by nothing that
 * proves it, --as or the user of this process, in a test home alone. */
struct run_actor {
	const char *name, *identity;
};
/* For acts of a person. Dies (77) when the person is not known as [release] identity asks for. A signature is for an approval alone: in
 * its place the login counts for the other acts. */
struct run_actor run_actor(const struct run *r);
const char *run_person(const struct run *r);               /* the name alone */
void run_bind_person(const struct run *r, struct stmt *q); /* binds $who and $identity */
/* For what a timer may do as well as a person: without a login it is "scheduler", by the identity of that name. */
struct run_actor run_starter(const struct run *r);

/* For acts of a person, who acts now: dies (77) when --date or --now is given outside a test home. */
void run_require_clock(const struct run *r);

/* Nothing may change outside the home, which stays as it is or is a private copy. */
bool run_is_rehearsal(const struct run *r);

/* Milliseconds of a monotonic clock, for pacing, time limits and progress; never stored in a row or a file. */
int64_t run_ticks(void);
void run_pause(int64_t milliseconds);
/* The folder of systemd's credentials (LoadCredential=); NULL without them. */
const char *run_credentials(void);

const char *run_temporary_folder(void); /* $TMPDIR, or /tmp */

/* Starts the program, and waits for its end; its exit status, 128 and the signal when it was killed. argv is ended by NULL. */
int run_program(const char *path, const char *const argv[]);

/* The folder of the programs (that of the running one), and the home when --home is not given. */
const char *run_program_folder(void);
const char *run_default_home(void);
/* $ALANPAY_CONFIG; NULL when it is empty or not set. */
const char *run_named_config(void);
/* The configuration of its place: alanpay.ini of the home, which is the working directory (of a copy, in the home that it was made
 * of), else /etc/alanpay/alanpay.ini; NULL when neither exists. */
const char *run_placed_config(struct run *r);

/* A command of ours, ready to paste into a shell: "alanpay sepa show --file X", with --home and --config where they are not
 * the default ones, and `sudo -u OWNER` before it when the home belongs to another user. Lives until the fourth call
 * after it. */
const char *run_command(const struct run *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What was typed, to be run by another user: "sudo -u alanpay alanpay sepa list --home X". */
const char *run_typed_for(const struct run *r, uid_t user);
/* The command that writes a configuration to the place where this home looks for it. */
const char *run_config_command(const struct run *r);
/* A word of a shell command: in single quotes if a shell would read it as anything else. */
void run_put_word(struct sink *s, const char *word);

#endif
