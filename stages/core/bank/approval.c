/* approval: see approval.h. Writes the table approval. */
#include <stdio.h>
#include <string.h>

#include "stages/core/bank/approval.h"
#include "stages/core/bank/copy.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

void
approval_give(struct run *r, const struct bankfile *f, const unsigned char sha256[SHA256_SIZE])
{
	const char *person = run_person(r);
	enum bankfile_state approved;
	char path[PATH_SIZE];
	struct stmt *q;

	if (bankfile_is_approved_by(r, f->number, person))
		return;
	if (memcmp(sha256, f->sha256, SHA256_SIZE) != 0)
		die(EXIT_REFUSED, "%s has another SHA-256: it is not the file that you checked", f->name);
	if (strcmp(person, f->built_by) == 0)
		die(EXIT_FORBIDDEN, "%s: %s built it, so another person must approve it", f->name, person);
	approved = bankfile_require(r, f, BANKFILE_APPROVE);
	snprintf(path, sizeof(path), "%s/%s", f->folder, f->name);
	copy_check(r, f, path);
	tx_begin(r->db);
	q = sql(r->db,
	    "INSERT INTO approval (file_number, approver, identity, sha256, config_sha256, approved_at)"
	    " VALUES ($file, $who, $identity, $sha256, $config, $now)"
	    " ON CONFLICT (file_number, approver) DO NOTHING");
	bind_int(q, "$file", f->number);
	run_bind_person(r, q);
	bind_blob(q, "$sha256", sha256, SHA256_SIZE);
	bind_blob(q, "$config", config_file(r->config)->sha256, SHA256_SIZE);
	bind_instant(q, "$now", r->now);
	run_count(r, COUNT_APPROVALS_GIVEN, exec(q));
	intent_add(r, "approval", f->msg_id, f->sha256, "by %s", person);
	if (bankfile_count_approvals(r, f->number) >= config_int(r->config, RELEASE_APPROVALS))
		bankfile_set_state(r, f->number, approved);
	tx_commit(r->db);
}
