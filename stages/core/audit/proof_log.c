/* proof_log: see proof.h. The release log from its beginning, against the books; the files of the home, against the rows that
 * published them. The lines are read here once more, on purpose. */
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/json.h"
#include "formats/length.h"
#include "stages/core/audit/proof.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/durable.h"
#include "stages/core/home/releaselog.h"

static struct claim is_chain = {
    .text = "the lines of the release log follow each other, from the first to the last"};
static struct claim is_said = {
    .text = "each act of a person, each bank file, freeze and input has a line in the release log"};
static struct claim is_known = {
    .text = "the books know each bank file of the release log, and what was done with it"};
static struct claim is_recorded = {
    .text = "each file in the archive, in quarantine, of a bank file and of a notification is recorded"};

/* Acts on rows that are older than the log have no line: its first one says how many there were. */
struct log_proof {
	struct proof *p;
	const char *path;
	int64_t number;
	unsigned char digest[SHA256_SIZE]; /* of the line before */
	int64_t files, inputs, sessions;   /* from these numbers on there are lines */
};

static void
begin_acts(struct log_proof *l)
{
	exec(sql(l->p->r->db,
	    "CREATE TEMPORARY TABLE audit_act (line INTEGER NOT NULL PRIMARY KEY, kind TEXT NOT NULL, what TEXT NOT NULL,"
	    " detail TEXT NOT NULL, sha256 TEXT)"));
	exec(sql(l->p->r->db, "CREATE INDEX audit_act_by_what ON audit_act (what, kind)"));
}

static void
keep_act(struct log_proof *l, const struct json_value *line, const char *kind, const char *detail)
{
	struct stmt *q =
	    sql(l->p->r->db, "INSERT INTO audit_act (line, kind, what, detail, sha256)"
	                     " VALUES ($line, $kind, coalesce($what, ''), coalesce($detail, ''), $sha256)");
	const char *what = NULL, *sha256 = NULL;
	struct err e = {0};

	(void)json_text(line, "what", &what, &e);
	(void)json_text(line, "sha256", &sha256, &e);
	bind_int(q, "$line", l->number);
	bind_text(q, "$kind", kind);
	bind_text(q, "$what", what);
	bind_text(q, "$detail", detail);
	bind_text(q, "$sha256", sha256);
	exec(q);
}

static void
take_line(struct log_proof *l, const char *text, size_t n)
{
	unsigned char before[SHA256_SIZE];
	const char *prev = NULL, *kind = NULL, *detail = NULL;
	struct err e = {0};
	struct json_value *line = json_parse(text, n, &e);
	int64_t number = 0;

	l->number++;
	if (line == NULL || json_int(line, "n", &number, &e) < 0 || json_text(line, "prev", &prev, &e) < 0 ||
	    json_text(line, "kind", &kind, &e) < 0 || json_text(line, "detail", &detail, &e) < 0 ||
	    kind == NULL || number != l->number)
		proof_differs(l->p, &is_chain, "%s: line %lld: is not valid", l->path, (long long)l->number);
	else if (prev == NULL || sha256_parse(prev, before) < 0 ||
	         memcmp(before, l->digest, sizeof(before)) != 0)
		proof_differs(l->p, &is_chain, "%s: line %lld: does not follow the one before it", l->path,
		              (long long)l->number);
	else if (strcmp(kind, "begin") == 0 && detail != NULL)
		(void)sscanf(detail, "files %" SCNd64 ", inputs %" SCNd64 ", sessions %" SCNd64, &l->files,
		             &l->inputs, &l->sessions);
	else if (strcmp(kind, "change") != 0)
		keep_act(l, line, kind, detail);
	sha256(text, n, l->digest);
	json_free(line);
}

static void
read_log(struct log_proof *l)
{
	FILE *in = fopen(l->path, "r");
	char *text = NULL;
	size_t size = 0;
	ssize_t n;

	if (in == NULL) {
		proof_differs(l->p, &is_chain, "%s: %s", l->path, strerror(errno));
		return;
	}
	while ((n = getline(&text, &size, in)) > 0)
		if (text[n - 1] == '\n')
			take_line(l, text, (size_t)n - 1);
	free(text);
	fclose(in);
}

static void
report(struct proof *p, struct claim *c, struct stmt *q)
{
	while (row(q))
		proof_differs(p, c, "%s", col_text(q, 0));
}

/* The digest of a frozen session is not compared: `alanpay dev reset-user` changes it in a test environment. */
static void
prove_said(struct log_proof *l)
{
	struct stmt *q = sql(l->p->r->db,
	    "WITH act (msg_id, kind, sha256, done) AS ("
	    "  SELECT msg_id, 'file', lower(hex(sha256)), 1 FROM bank_file WHERE number > $files"
	    "  UNION ALL SELECT msg_id, 'release', lower(hex(sha256)), 1 FROM bank_file"
	    "   WHERE number > $files AND released_at IS NOT NULL"
	    "  UNION ALL SELECT msg_id, 'upload', lower(hex(sha256)), 1 FROM bank_file"
	    "   WHERE number > $files AND uploaded_at IS NOT NULL"
	    "  UNION ALL SELECT msg_id, 'cancel', lower(hex(sha256)), 1 FROM bank_file"
	    "   WHERE number > $files AND cancelled_at IS NOT NULL"
	    "  UNION ALL SELECT msg_id, 'withdrawal', lower(hex(sha256)), 1 FROM bank_file"
	    "   WHERE number > $files AND state = 'withdrawn'"
	    "  UNION ALL SELECT f.msg_id, 'approval', lower(hex(f.sha256)), count(*) FROM approval a"
	    "   JOIN bank_file f ON f.number = a.file_number"
	    "   WHERE f.number > $files GROUP BY f.number"
	    "  UNION ALL SELECT 'session ' || number, 'freeze', NULL, 1 FROM session"
	    "   WHERE number > $sessions AND frozen_at IS NOT NULL"
	    "  UNION ALL SELECT kept_at, 'input', lower(hex(sha256)), 1 FROM input WHERE number > $inputs"
	    " )"
	    " SELECT msg_id || ': the release log has no line of kind ' || kind || coalesce(' with the SHA-256 ' || sha256, '')"
	    " FROM act"
	    " WHERE done > (SELECT count(*) FROM audit_act a"
	    "  WHERE a.what = act.msg_id AND a.kind = act.kind"
	    "   AND a.sha256 = coalesce(act.sha256, a.sha256))");

	bind_int(q, "$files", l->files);
	bind_int(q, "$inputs", l->inputs);
	bind_int(q, "$sessions", l->sessions);
	report(l->p, &is_said, q);
}

/* What the view `acts` has of persons, and who they were; a line may say more than the books: a member was reset, a statement was made
 * once more. */
static void
prove_persons(struct log_proof *l)
{
	report(
	    l->p, &is_said,
	    sql(l->p->r->db,
	    "WITH done AS MATERIALIZED ("
	    "  SELECT kind, what, coalesce(acted_by, '') AS person, count(*) AS n"
	    "  FROM acts"
	    "  GROUP BY kind, what, coalesce(acted_by, ''))"
	    " SELECT d.what || ': the release log has no line of kind ' || d.kind || ' for each of ' || d.n || ' by ' || d.person"
	    " FROM done d"
	    " WHERE d.n > (SELECT count(*) FROM audit_act a"
	    "  WHERE a.what = d.what AND (a.kind = 'earlier' AND a.detail = d.kind || ', by ' || d.person"
	    "   OR (a.kind = d.kind OR (a.kind = 'statement' AND d.kind = 'withdrawal'))"
	    "    AND (d.kind IN ('file', 'batch', 'configuration') OR instr(a.detail || ',', 'by ' || d.person || ',') > 0)))"));
}

static void
prove_known(struct log_proof *l)
{
	report(l->p, &is_known,
	       sql(l->p->r->db,
	    "SELECT a.what || ': line ' || a.line || ' of the release log is of kind ' || a.kind"
	    "  || ', and the books do not know that'"
	    " FROM audit_act a"
	    " LEFT JOIN bank_file f ON f.msg_id = a.what AND lower(hex(f.sha256)) = a.sha256"
	    " WHERE a.kind IN ('file', 'release', 'upload', 'cancel', 'withdrawal') AND CASE a.kind"
	    "  WHEN 'file' THEN f.number IS NULL"
	    "  WHEN 'release' THEN f.released_at IS NULL"
	    "  WHEN 'upload' THEN f.uploaded_at IS NULL"
	    "  WHEN 'cancel' THEN f.cancelled_at IS NULL"
	    "  ELSE f.number IS NULL OR f.released_at IS NULL END"));
}

/* Files ----------------------------------------------------------------------------------------------------------- */

static const struct tree {
	const char *path;
	int depth; /* of the folders whose files are recorded: what stands above them are views */
} trees[] = {
    {"archive", 0}, {"quarantine", 0}, {"out/sepa", 2}, {"out/uploaded", 0}, {"out/notifications", 0}};

#define VIEW "receipts.jsonl" /* beside the notifications of a day */

static bool
is_published(struct proof *p, const char *path)
{
	struct stmt *q = sql(p->r->db, "SELECT count(*) FROM artifact WHERE path = $path");

	bind_text(q, "$path", path);
	return value(q, 0) > 0;
}

static void
walk(struct proof *p, const char *folder, int depth)
{
	char path[PATH_SIZE];
	struct dirent *entry;
	struct stat st;
	DIR *dir = opendir(folder);

	if (dir == NULL && errno != ENOENT)
		die_errno(EXIT_IO, "%s", folder);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		durable_join(path, folder, entry->d_name);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			walk(p, path, depth - 1);
		else if (depth <= 0 && strcmp(entry->d_name, VIEW) != 0 && !is_published(p, path))
			proof_differs(p, &is_recorded, "%s: no row published it", path);
	}
	if (dir != NULL)
		closedir(dir);
}

void
proof_of_log(struct proof *p)
{
	struct log_proof l = {.p = p, .path = releaselog_path(p->r)};
	size_t i;

	proof_begin(p, &is_recorded);
	for (i = 0; i < LENGTH(trees); i++)
		walk(p, trees[i].path, trees[i].depth);
	if (p->r->copy_of != NULL) /* it has no log of its own */
		return;
	proof_begin(p, &is_chain);
	proof_begin(p, &is_said);
	proof_begin(p, &is_known);
	begin_acts(&l);
	read_log(&l);
	prove_said(&l);
	prove_persons(&l);
	prove_known(&l);
}
