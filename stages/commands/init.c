/* alanpay init: makes an empty home, with the folders that groups share. */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/json.h"
#include "formats/length.h"
#include "formats/uuid.h"
#include "stages/commands/command.h"
#include "stages/core/engine/denial.h"
#include "stages/core/engine/guard.h"
#include "stages/core/engine/options.h"
#include "stages/core/engine/store.h"
#include "stages/core/home/durable.h"
#include "stages/core/lists/listing.h"

const struct init_folder init_folders[] = {
    {"state", 0700, INIT_NO_DOOR},
    {"archive", 0700, INIT_NO_DOOR},
    {"quarantine", 0700, INIT_NO_DOOR},
    {"inbox", 0711, INIT_NO_DOOR},
    {"inbox/requests", 03770, INIT_REQUESTS_DOOR}, /* sticky: nobody removes what another put there */
    {"inbox/bank", 03770, INIT_BANK_DOOR},
    {"inbox/approvals", 03770, INIT_FINANCE_DOOR},
    {"inbox/receipts", 03770, INIT_RECEIPTS_DOOR},
    {"out", 0711, INIT_NO_DOOR},
    {"out/sepa", 02750, INIT_FINANCE_DOOR},
    {"out/upload", 02750, INIT_FINANCE_DOOR},
    {"out/uploaded", 02750, INIT_FINANCE_DOOR},
    {"out/exports", 02750, INIT_READERS_DOOR}, /* out/<date>/requests has its group, too */
    {"out/notifications", 02750, INIT_NOTIFICATIONS_DOOR},
    {0},
};

#define NO_GROUP ((gid_t)-1)

/* A name, or the number of a group. */
static gid_t
find_group(const char *name)
{
	const struct group *group = getgrnam(name);
	unsigned long number;
	char *end;

	if (group != NULL)
		return group->gr_gid;
	number = strtoul(name, &end, 10);
	if (name[0] < '0' || name[0] > '9' || *end != '\0' || (gid_t)number != number ||
	    (gid_t)number == NO_GROUP)
		die(EXIT_USAGE, "group %s does not exist on this machine: `sudo addgroup --system %s`", name,
		    name);
	return (gid_t)number;
}

static const char *
group_name(gid_t group)
{
	static char number[24];
	const struct group *found = getgrgid(group);

	if (found != NULL)
		return found->gr_name;
	snprintf(number, sizeof(number), "%lu", (unsigned long)group);
	return number;
}

static void
make_folder(const char *path, mode_t mode, gid_t group)
{
	char user[DENIAL_USER];

	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		die_errno(EXIT_IO, "%s", path);
	if (group != NO_GROUP && chown(path, (uid_t)-1, group) < 0)
		die(EXIT_IO,
		    "%s: %s: this user can give it to group %s as a member of it: `sudo adduser %s %s`, then run this"
		    " once more",
		    path, strerror(errno), group_name(group), denial_user(geteuid(), user),
		    group_name(group));
	if (chmod(path, group != NO_GROUP || (mode & S_ISGID) == 0 ? mode : 0700) < 0)
		die_errno(EXIT_IO, "%s", path);
}

void
init_make_folders(void)
{
	size_t i;

	for (i = 0; init_folders[i].path != NULL; i++)
		make_folder(init_folders[i].path, init_folders[i].mode, NO_GROUP);
}

static uint32_t
choose_store_id(const char *text)
{
	uint32_t id;
	char *end;

	if (text == NULL) {
		do
			if (getrandom(&id, sizeof(id), 0) != sizeof(id))
				die_errno(EXIT_IO, "no random number");
		while (uuid_reads_as_number(id));
		return id;
	}
	if (strlen(text) != 8 || strspn(text, "0123456789abcdef") != 8)
		die(EXIT_USAGE, "--store-id takes 8 lower-case hex digits");
	id = (uint32_t)strtoul(text, &end, 16);
	return id;
}

static enum environment
choose_environment(const char *word)
{
	size_t i;

	for (i = 0; word != NULL && i < LENGTH(environment_words); i++)
		if (strcmp(word, environment_words[i]) == 0)
			return (enum environment)i;
	if (word != NULL)
		die(EXIT_USAGE, "--environment takes production, sandbox or test");
	return ENVIRONMENT_PRODUCTION;
}

/* Files that others may have read, without a database that knows them: a new one would give their ids once more. */
static void
refuse_used_home(const char *home)
{
	static const char *const used[] = {"archive", "out/sepa", "out/upload", "out/uploaded",
	                                   "out/notifications"};
	struct dirent *entry;
	DIR *dir;
	size_t i;

	if (access("state/alanpay.db", F_OK) == 0)
		die(EXIT_OVERWRITE, "%s has a database: `init` makes a new home, and never empties one",
		    home);
	for (i = 0; i < LENGTH(used); i++) {
		if ((dir = opendir(used[i])) == NULL)
			continue;
		while ((entry = readdir(dir)) != NULL)
			if (entry->d_name[0] != '.')
				die(EXIT_OVERWRITE,
				    "%s/%s is not empty, and the database is missing: put a backup in its place, then run `alanpay restore`; a new"
				    " one would give the same ids once more",
				    home, used[i]);
		closedir(dir);
	}
}

/* A home of root is meant in a container; on a server the nights are another user's. */
static void
print_of_root(const struct run *r, enum environment environment)
{
	if (geteuid() == 0 && environment != ENVIRONMENT_TEST)
		printf(
		    "it belongs to root, and only root can work in it; for a service user remove it, then:\n"
		    "    sudo adduser --system --group --home %s alanpay && sudo -u alanpay alanpay init\n",
		    r->home);
}

static void
print_home(struct run *r, uint32_t id, enum environment environment)
{
	struct json j = {.indent = r->format == FORMAT_JSON};
	char text[9];

	snprintf(text, sizeof(text), "%08x", id);
	if (r->format == FORMAT_TABLE) {
		printf("%s is a new, empty home for %s; its store id is %s\n", r->home,
		       environment_words[environment], text);
		if (run_named_config() == NULL && run_placed_config(r) == NULL)
			printf("next, write its configuration, then fill it in:\n    %s\n",
			       run_config_command(r));
		print_of_root(r, environment);
		return;
	}
	j.sink = listing_stdout();
	json_open(&j, NULL, '{');
	json_put_text(&j, "home", r->home);
	json_put_text(&j, "environment", environment_words[environment]);
	json_put_text(&j, "store_id", text);
	json_close(&j, '}');
	sink_text(j.sink, r->format == FORMAT_JSONL ? "\n" : "");
	listing_stdout_end(j.sink);
}

/* Only root can make a folder in /var/lib. */
static void
make_home(const char *home)
{
	char user[DENIAL_USER], denial[DENIAL_TEXT];

	if (mkdir(home, 0700) == 0 || errno == EEXIST)
		return;
	if (errno == EACCES)
		die(EXIT_IO, "%s: %s%s: `sudo install -d -m 711 -o %s %s`, then run this once more", home,
		    strerror(errno), denial_explain(home, errno, denial), denial_user(geteuid(), user), home);
	die_errno(EXIT_IO, "%s", home);
}

static const char *const door_options[INIT_DOORS] = {
    [INIT_REQUESTS_DOOR] = "requests-group",
    [INIT_BANK_DOOR] = "bank-group",
    [INIT_FINANCE_DOOR] = "finance-group",
    [INIT_READERS_DOOR] = "readers-group",
    [INIT_NOTIFICATIONS_DOOR] = "notifications-group",
    [INIT_RECEIPTS_DOOR] = "notifications-group",
};

static void
find_groups(const struct run *r, gid_t group[INIT_DOORS])
{
	const char *name;
	size_t i;

	for (i = 0; i < INIT_DOORS; i++) {
		name = door_options[i] == NULL ? NULL : options_value(r, door_options[i]);
		group[i] = name == NULL ? NO_GROUP : find_group(name);
	}
}

static void
init(struct run *r)
{
	gid_t group[INIT_DOORS];
	uint32_t id = choose_store_id(options_value(r, "store-id"));
	enum environment environment = choose_environment(options_value(r, "environment"));
	size_t i;

	find_groups(r, group);
	umask(077);
	if (r->home == NULL)
		r->home = run_default_home();
	guard_owner(r, r->home);
	make_home(r->home);
	if (chmod(r->home, 0711) < 0 || chdir(r->home) < 0)
		die_errno(EXIT_IO, "%s", r->home);
	refuse_used_home(r->home);
	for (i = 0; init_folders[i].path != NULL; i++)
		make_folder(init_folders[i].path, init_folders[i].mode, group[init_folders[i].door]);
	store_create("state/alanpay.db", id, environment, r->now);
	durable_sync_folder("state");
	print_home(r, id, environment);
}

static const struct option_spec options[] = {
    {.name = "environment",
     .arg = "production|sandbox|test",
     .help = "what the home is for, for good; the configuration must say the same (default: production)"},
    {.name = "store-id", .arg = "HEX8", .help = "part of every id that others see (default: random)"},
    {.name = "requests-group", .arg = "GROUP", .help = "group that drops files into inbox/requests"},
    {.name = "bank-group", .arg = "GROUP", .help = "group that drops the bank's files into inbox/bank"},
    {.name = "finance-group", .arg = "GROUP", .help = "group that reads out/sepa, out/upload, out/uploaded"},
    {.name = "readers-group",
     .arg = "GROUP",
     .help = "group that reads out/exports and the results of requests"},
    {.name = "notifications-group",
     .arg = "GROUP",
     .help = "group that reads out/notifications and drops files into inbox/receipts"},
    {0},
};

const struct command init_commands[] = {
    {"init", "make an empty home", ACCESS_NONE, options, init, NULL},
    {0},
};
