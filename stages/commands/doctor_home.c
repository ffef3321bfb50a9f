/* doctor_home: what `alanpay doctor` checks of the home itself: its owner, its folders, its disk, its database, the clock. */
#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/commands/doctor.h"
#include "stages/core/engine/denial.h"
#include "stages/core/engine/store.h"

void
doctor_check_owner(struct run *r, struct verdict *v)
{
	char user[DENIAL_USER];

	doctor_say(v, "%s belongs to %s, who runs this", r->home, denial_user(geteuid(), user));
}

struct search {
	uid_t owner;
	int64_t files, foreign;
	char first[PATH_MAX];
};

static void
search_folder(struct search *s, const char *folder)
{
	char path[PATH_MAX];
	struct dirent *entry;
	struct stat st;
	DIR *dir = opendir(folder);

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name) >= PATH_MAX ||
		    lstat(path, &st) < 0)
			continue;
		s->files++;
		if (st.st_uid != s->owner && s->foreign++ == 0)
			snprintf(s->first, sizeof(s->first), "%s", path);
		if (S_ISDIR(st.st_mode))
			search_folder(s, path);
	}
	if (dir != NULL)
		closedir(dir);
}

/* What others drop into the inbox is theirs until it is taken. */
void
doctor_check_files(struct run *r, struct verdict *v)
{
	static const char *const folders[] = {"state", "archive", "quarantine", "out"};
	struct search s = {.owner = geteuid()};
	char command[PATH_MAX + 64], user[DENIAL_USER];
	struct stat st;
	size_t i;

	for (i = 0; i < LENGTH(folders); i++)
		search_folder(&s, folders[i]);
	if (s.foreign == 0) {
		doctor_say(v, "%lld file%s and folders, all of this user", (long long)s.files,
		           text_plural(s.files));
		return;
	}
	snprintf(command, sizeof(command), "cd %s && sudo chown -R %s state archive quarantine out", r->home,
	         denial_user(s.owner, user));
	doctor_fail(v, command, "%lld of %lld belong to others: %s to %s", (long long)s.foreign,
	            (long long)s.files, s.first,
	            lstat(s.first, &st) == 0 ? denial_user(st.st_uid, user) : "another user");
}

static void
check_mode(struct run *r, struct verdict *v, const struct init_folder *f)
{
	char command[PATH_MAX + 64];
	struct stat st;

	if (stat(f->path, &st) < 0) {
		snprintf(command, sizeof(command), "mkdir -m %o %s/%s",
		         f->door == INIT_NO_DOOR ? (unsigned)f->mode : 0700, r->home, f->path);
		doctor_fail(v, command, "%s: %s", f->path, strerror(errno));
	} else if ((st.st_mode & 07777 & ~f->mode) != 0) {
		snprintf(command, sizeof(command), "chmod %o %s/%s", (unsigned)f->mode, r->home, f->path);
		doctor_fail(v, command, "%s has mode %04o: at most %04o", f->path,
		            (unsigned)(st.st_mode & 07777), (unsigned)f->mode);
	}
}

void
doctor_check_modes(struct run *r, struct verdict *v)
{
	const struct init_folder home = {".", 0711, INIT_NO_DOOR};
	size_t i;

	check_mode(r, v, &home);
	for (i = 0; init_folders[i].path != NULL; i++)
		check_mode(r, v, &init_folders[i]);
	if (v->state == CHECK_OK)
		doctor_say(v, "%zu folders, none more open than `init` makes it", i);
}

/* The group that a folder is open to; "": it is closed. */
static void
print_group(const struct init_folder *f, struct verdict *v, char group[static DENIAL_USER])
{
	struct stat st;
	struct group *known;
	char command[PATH_MAX];

	group[0] = '\0';
	if (stat(f->path, &st) < 0 || (st.st_mode & 070) == 0)
		return;
	known = getgrgid(st.st_gid);
	snprintf(group, DENIAL_USER, "%s", known == NULL ? "?" : known->gr_name);
	snprintf(command, sizeof(command), "chgrp GROUP %s && chmod %o %s", f->path, (unsigned)f->mode,
	         f->path);
	if (known == NULL)
		doctor_fail(v, command, "%s is open to a group that does not exist, gid %lu", f->path,
		            (unsigned long)st.st_gid);
	if ((st.st_mode & S_ISGID) == 0)
		doctor_fail(v, command, "%s is open to %s, but files in it do not get that group (mode %04o)",
		            f->path, group, (unsigned)(st.st_mode & 07777));
	if ((st.st_mode & 020) != 0 && (st.st_mode & 01000) == 0)
		doctor_fail(v, command, "%s lets each member of %s remove the files of another (mode %04o)",
		            f->path, group, (unsigned)(st.st_mode & 07777));
}

void
doctor_check_doors(struct run *r, struct verdict *v)
{
	char group[DENIAL_USER];
	size_t i, open = 0;

	(void)r;
	for (i = 0; init_folders[i].path != NULL; i++) {
		if (init_folders[i].door == INIT_NO_DOOR)
			continue;
		print_group(&init_folders[i], v, group);
		if (group[0] != '\0' && v->state == CHECK_OK)
			doctor_say(v, "%s%s: %s", open++ == 0 ? "" : ", ", init_folders[i].path, group);
	}
	if (open == 0 && v->state == CHECK_OK)
		doctor_say(v, "closed: only this user drops and takes files");
}

/* The disk ----------------------------------------------------------------------------------------------- */

#define MEGABYTE    1000000.0
#define LEAST_FREE  (16 * 1000000LL)
#define NIGHTS_LEFT 30

static int64_t
size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* What a night adds: the files of the last seven, and the share of the database. */
static int64_t
find_growth(struct run *r)
{
	int64_t nights = value(sql(r->db, "SELECT count(DISTINCT business_on) FROM night"), 0);
	int64_t files = value(sql(r->db,
	    "WITH last AS (SELECT DISTINCT business_on FROM night ORDER BY business_on DESC LIMIT 7),"
	    " added AS (SELECT (SELECT coalesce(sum(a.size), 0) FROM artifact a WHERE instr(a.path, last.business_on) > 0)"
	    "  + (SELECT coalesce(sum(i.size), 0) FROM input i WHERE i.received_on = last.business_on) AS bytes FROM last)"
	    " SELECT coalesce(CAST(sum(bytes) AS BIGINT) / count(*), 0) FROM added"),
	    0);

	return files + (nights == 0 ? 0 : size_of("state/alanpay.db") / nights);
}

static void
print_megabytes(char text[static 32], int64_t bytes)
{
	int64_t tenths = (bytes + 50000) / 100000;

	snprintf(text, 32, "%lld.%lld MB", (long long)(tenths / 10), (long long)(tenths % 10));
}

void
doctor_check_disk(struct run *r, struct verdict *v)
{
	int64_t growth = find_growth(r), left;
	char free_text[32], night[32], command[PATH_MAX + 64];
	struct statvfs fs;

	if (statvfs(".", &fs) < 0)
		die_errno(EXIT_IO, "%s", r->home);
	left = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	print_megabytes(free_text, left);
	print_megabytes(night, growth);
	snprintf(command, sizeof(command), "du -xh --max-depth=2 %s | sort -h | tail", r->home);
	if (left < LEAST_FREE || left < NIGHTS_LEFT * growth || fs.f_favail == 0)
		doctor_fail(v, command, "%s free, and a night adds about %s: give it more room", free_text,
		            night);
	else
		doctor_say(v, "%s free; a night adds about %s", free_text, night);
}

/* The database and the clock ----------------------------------------------------------------------------- */

static void
take_problem(void *ctx, const char *problem)
{
	doctor_fail(ctx, "", "the database is damaged: %s: keep the home as it is and call an engineer",
	            problem);
}

void
doctor_check_database(struct run *r, struct verdict *v)
{
	char size[32];

	store_check_quickly(r->db, take_problem, v);
	if (store_is_old(r->db))
		doctor_fail(v, run_command(r, "migrate"),
		            "the books are of an older program: schema %lld; this one needs %lld",
		            (long long)store_version(r->db), (long long)store_schema_version());
	print_megabytes(size, size_of("state/alanpay.db"));
	if (v->state == CHECK_OK)
		doctor_say(v, "%s, store id %08x, for %s", size, store_id(r->db),
		           environment_words[store_environment(r->db)]);
}

void
doctor_check_clock(struct run *r, struct verdict *v)
{
	date newest = value_date(sql(r->db, "SELECT max(business_on) FROM night"));
	instant last = value(sql(r->db, "SELECT max(started_at) FROM stage_run"), 0);
	char day[DATE_TEXT], today[DATE_TEXT];
	const char *command = "sudo timedatectl set-ntp true && timedatectl";

	date_print(today, r->on);
	if (newest != DATE_NONE && newest > r->on)
		doctor_fail(v, command, "today is %s, but the newest night is %s", today,
		            date_print(day, newest));
	else if (last > run_clock())
		doctor_fail(v, command, "the last stage was started in the future, on %s",
		            date_print(day, date_in_paris(last)));
	else if (newest == DATE_NONE)
		doctor_say(v, "today is %s; no night was run yet", today);
	else
		doctor_say(v, "today is %s; the newest night is %s", today, date_print(day, newest));
}
