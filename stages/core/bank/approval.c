/* approval: see approval.h. Writes the table approval. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/approver.h"
#include "stages/core/bank/rejection.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

size_t
approval_text(struct run *r, const struct bankfile *f, char text[static APPROVAL_TEXT])
{
	char hex[SHA256_TEXT], sum[MONEY_TEXT], day[DATE_TEXT];
	struct terms t;

	terms_load(r, f->number, &t);
	return (size_t)snprintf(text, APPROVAL_TEXT, "alanpay approve\n%08x\n%s\n%s\n%lld\n%s\n%s\n%s\n",
	                        store_id(r->db), f->msg_id, sha256_print(hex, f->sha256), (long long)f->count,
	                        money_print(sum, f->sum), t.creditor_iban, date_print(day, f->collect_on));
}

/* What stands in the row of an approval ---------------------------------------------------------------------- */

static const char *const ways[] = {"openssl", "ssh-sha512", "ssh-sha256"};

struct given {
	char approver[RUN_PERSON], identity[12];
	struct sshsig signature; /* of a signed one, with its key */
};

#define GIVEN                                                                                              \
	"SELECT approver, identity, public_key, signature, coalesce(signed_with, 'openssl') FROM approval" \
	" WHERE file_number = $file"

static bool
next_given(struct stmt *q, struct given *g)
{
	const void *bytes;
	size_t n;

	if (!row(q))
		return false;
	*g = (struct given){.signature.way = (enum sshsig_way)col_word(q, 4, ways, (int)LENGTH(ways))};
	col_copy(q, 0, g->approver, sizeof(g->approver));
	col_copy(q, 1, g->identity, sizeof(g->identity));
	if (col_null(q, 3))
		return true;
	bytes = col_blob(q, 2, &n);
	memcpy(g->signature.key, bytes, SSHSIG_KEY);
	bytes = col_blob(q, 3, &n);
	memcpy(g->signature.signature, bytes, SSHSIG_SIGNATURE);
	return true;
}

/* Which approvals count --------------------------------------------------------------------------------------- */

static bool
wants_signatures(const struct run *r)
{
	return strcmp(config_text(r->config, RELEASE_IDENTITY), "signature") == 0;
}

static bool
is_signed(const struct given *g)
{
	return strcmp(g->identity, "signature") == 0;
}

static int
believe_signature(struct run *r, const struct bankfile *f, const struct given *g, struct err *e)
{
	unsigned char key[SSHSIG_KEY];
	char text[APPROVAL_TEXT];
	size_t n = approval_text(r, f, text);

	if (approver_load(r, g->approver, key, e) < 0)
		return -1;
	if (memcmp(key, g->signature.key, SSHSIG_KEY) != 0)
		return err_set(e, "bad_key", "[approvers] has another key of %s now", g->approver);
	if (!sshsig_verify(&g->signature, key, text, n))
		return err_set(e, "bad_signature", "the signature is not of this file");
	return 0;
}

/* Where tests run, --as stands for a login. */
static int
believe(struct run *r, const struct bankfile *f, const struct given *g, struct err *e)
{
	const char *wanted = config_text(r->config, RELEASE_IDENTITY);
	bool for_tests =
	    store_environment(r->db) == ENVIRONMENT_TEST && !wants_signatures(r) && !is_signed(g);

	if (is_signed(g) && believe_signature(r, f, g, e) < 0)
		return -1;
	if (strcmp(g->identity, wanted) != 0 && strcmp(wanted, "any") != 0 && !for_tests)
		return err_set(e, "bad_identity", "it is known by %s, and [release] identity = %s",
		               g->identity, wanted);
	return 0;
}

/* The same key under two names is one person. */
static bool
is_key_of_another(struct run *r, const struct bankfile *f, const struct given *g,
                  char other[static RUN_PERSON])
{
	struct stmt *q = sql(r->db,
	    "SELECT approver FROM approval"
	    " WHERE file_number = $file AND public_key = $key AND approver < $who"
	    " ORDER BY approver LIMIT 1");

	bind_int(q, "$file", f->number);
	bind_blob(q, "$key", g->signature.key, SSHSIG_KEY);
	bind_text(q, "$who", g->approver);
	if (!row(q))
		return false;
	col_copy(q, 0, other, RUN_PERSON);
	reset(q);
	return true;
}

int64_t
approval_count(struct run *r, const struct bankfile *f, char why[static APPROVAL_WHY])
{
	struct stmt *q;
	char other[RUN_PERSON];
	int64_t n = 0;
	struct given g;

	why[0] = '\0';
	if (!bankfile_is_unreleased(f))
		return bankfile_count_approvals(r, f->number);
	q = sql(r->db, SQL(GIVEN " ORDER BY approved_at, approver"));
	bind_int(q, "$file", f->number);
	while (next_given(q, &g)) {
		struct err e = {0};

		if (believe(r, f, &g, &e) == 0 && is_signed(&g) && is_key_of_another(r, f, &g, other))
			err_set(&e, "bad_key", "%s approved with the same key", other);
		n += e.code[0] == '\0';
		if (e.code[0] != '\0' && why[0] == '\0')
			snprintf(why, APPROVAL_WHY, "the approval by %s does not count: %.160s", g.approver,
			         e.message);
	}
	return n;
}

/* Approving --------------------------------------------------------------------------------------------------- */

static void
insert_approval(struct run *r, const struct bankfile *f, const struct given *g)
{
	bool has_signature = is_signed(g);
	char why[APPROVAL_WHY];
	struct bankfile now;
	struct stmt *q = sql(r->db,
	    "INSERT INTO approval (file_number, approver, identity, public_key, signature, signed_with, sha256,"
	    "  config_sha256, approved_at)"
	    " VALUES ($file, $who, $identity, $key, $signature, $with, $sha256, $config, $now)"
	    " ON CONFLICT (file_number, approver) DO NOTHING");

	bind_int(q, "$file", f->number);
	bind_text(q, "$who", g->approver);
	bind_text(q, "$identity", g->identity);
	bind_blob(q, "$key", has_signature ? g->signature.key : NULL, SSHSIG_KEY);
	bind_blob(q, "$signature", has_signature ? g->signature.signature : NULL, SSHSIG_SIGNATURE);
	bind_text(q, "$with", has_signature ? sshsig_way_word(g->signature.way) : NULL);
	bind_blob(q, "$sha256", f->sha256, SHA256_SIZE);
	bind_blob(q, "$config", config_sha256(r->config), SHA256_SIZE);
	bind_instant(q, "$now", r->now);
	run_count(r, COUNT_APPROVALS_GIVEN, exec(q));
	intent_add(r, "approval", f->msg_id, f->sha256, "by %s, %s", g->approver, g->identity);
	now = *f;
	if (approval_count(r, &now, why) >= config_int(r->config, RELEASE_APPROVALS))
		bankfile_set_state(r, f->number, bankfile_require(r, f, BANKFILE_APPROVE));
}

static _Noreturn void
die_for_signature(struct run *r, const struct bankfile *f)
{
	die(EXIT_FORBIDDEN,
	    "%s: [release] identity = signature: sign what `%s` prints, then `%s`, or drop SIG into inbox/approvals",
	    f->name, run_command(r, "sepa show --file %s --to-sign", f->msg_id),
	    run_command(r, "sepa approve --file %s --signature SIG", f->msg_id));
}

void
approval_give(struct run *r, const struct bankfile *f, const unsigned char sha256[SHA256_SIZE])
{
	struct run_actor by = run_actor(r);
	struct given g = {0};

	if (bankfile_is_approved_by(r, f->number, by.name))
		return;
	if (wants_signatures(r))
		die_for_signature(r, f);
	if (memcmp(sha256, f->sha256, SHA256_SIZE) != 0)
		die(EXIT_REFUSED, "%s has another SHA-256: it is not the file that you checked", f->name);
	if (strcmp(by.name, f->built_by) == 0)
		die(EXIT_FORBIDDEN, "%s: %s built it, so another person must approve it", f->name, by.name);
	(void)bankfile_require(r, f, BANKFILE_APPROVE);
	rejection_check_own(r, f, by.name);
	snprintf(g.approver, sizeof(g.approver), "%s", by.name);
	snprintf(g.identity, sizeof(g.identity), "%s", by.identity);
	tx_begin(r->db);
	insert_approval(r, f, &g);
	tx_commit(r->db);
}

/* Signatures -------------------------------------------------------------------------------------------------- */

static const char *const kept[] = {".txt", ".sig", ".pub"};

/* out/sepa/<session>/approvals/<version>.<name>, of the file in out/sepa/<session>/<version> */
static void
set_kept_path(const struct bankfile *f, const struct given *g, const char *end, char path[static PATH_SIZE])
{
	const char *version = strrchr(f->folder, '/') + 1;

	snprintf(path, PATH_SIZE, "%.*sapprovals/%s.%s%s", (int)(version - f->folder), f->folder, version,
	         g->approver, end);
}

struct kept_file {
	struct run *run;
	const struct bankfile *file;
	const struct given *given;
	const char *end;
};

static void
render_kept(struct sink *s, void *ctx)
{
	const struct kept_file *k = ctx;
	char text[APPROVAL_TEXT];
	size_t n = approval_text(k->run, k->file, text);

	if (strcmp(k->end, ".txt") == 0)
		sink_put(s, text, n);
	else if (strcmp(k->end, ".sig") == 0)
		sshsig_write(&k->given->signature, k->given->signature.key, s);
	else
		sshsig_write_key(&k->given->signature, k->given->signature.key, k->given->approver, s);
}

static void
keep_signature(struct run *r, const struct bankfile *f, const struct given *g)
{
	char path[PATH_SIZE];
	size_t i;

	for (i = 0; i < LENGTH(kept); i++) {
		struct kept_file k = {r, f, g, kept[i]};

		set_kept_path(f, g, kept[i], path);
		(void)publish_file(r, "approval", f->number, path, render_kept, &k);
	}
}

void
approval_write_lost(struct run *r, const struct bankfile *f, const char *path, struct sink *s)
{
	struct stmt *q = sql(r->db, SQL(GIVEN " AND identity = 'signature' ORDER BY approver"));
	char other[PATH_SIZE];
	struct given g;
	size_t i;

	bind_int(q, "$file", f->number);
	while (next_given(q, &g))
		for (i = 0; i < LENGTH(kept); i++) {
			struct kept_file k = {r, f, &g, kept[i]};

			set_kept_path(f, &g, kept[i], other);
			if (strcmp(path, other) == 0)
				render_kept(s, &k);
		}
}

/* Whose key of [approvers] made it: `name`, or any. */
static int
find_signer(struct run *r, const struct bankfile *f, const struct sshsig *s, const char *name,
            struct given *g, struct err *e)
{
	unsigned char key[SSHSIG_KEY];
	char text[APPROVAL_TEXT];
	size_t n = approval_text(r, f, text);
	struct err why = {0};
	int i;

	for (i = 0; i < config_approvers(r->config); i++) {
		const char *known = config_approver_name(r->config, i);

		if ((name != NULL && strcmp(name, known) != 0) || approver_load(r, known, key, &why) < 0 ||
		    !sshsig_verify(s, key, text, n))
			continue;
		snprintf(g->approver, sizeof(g->approver), "%s", known);
		memcpy(g->signature.key, key, SSHSIG_KEY);
		return 0;
	}
	if (why.code[0] != '\0')
		return err_set(e, "bad_signature", "no key of [approvers] made it for this file; %.160s",
		               why.message);
	return err_set(e, "bad_signature",
	               "no key of [approvers]%s%.40s made it for this file, or its text was changed",
	               name == NULL ? "" : " of ", name == NULL ? "" : name);
}

static int
check_signer(struct run *r, const struct bankfile *f, const struct given *g, struct err *e)
{
	struct stmt *q = sql(r->db,
	    "SELECT approver FROM approval WHERE file_number = $file AND public_key = $key ORDER BY approver LIMIT 1");

	bind_int(q, "$file", f->number);
	bind_blob(q, "$key", g->signature.key, SSHSIG_KEY);
	if (row(q)) {
		err_set(e, "same_key", "%s has approved it with the same key: it counts once",
		        col_text(q, 0));
		reset(q);
		return -1;
	}
	if (strcmp(g->approver, f->built_by) == 0)
		return err_set(e, "built_it", "%s built it, so another person must approve it", g->approver);
	if (rejection_stands_by(r, f->number, g->approver))
		return err_set(e, "rejected_it", "%s has rejected it: the rejection must be withdrawn first",
		               g->approver);
	if (bankfile_state_after(f->state, BANKFILE_APPROVE).answer == BANKFILE_REFUSES)
		return err_set(e, "not_awaited", "it is %s, and needs no approval any more",
		               bankfile_state_word(f->state));
	return 0;
}

int
approval_sign(struct run *r, const struct bankfile *f, const struct sshsig *s, const char *name,
              char signer[static RUN_PERSON], struct err *e)
{
	const char *identity = config_text(r->config, RELEASE_IDENTITY);
	struct given g = {.identity = "signature", .signature = *s};

	if (strcmp(identity, "loginuid") == 0)
		return err_set(e, "bad_identity",
		               "[release] identity = loginuid: a signature does not count");
	if (find_signer(r, f, s, name, &g, e) < 0)
		return -1;
	snprintf(signer, RUN_PERSON, "%s", g.approver);
	if (bankfile_is_approved_by(r, f->number, g.approver))
		return 0;
	if (check_signer(r, f, &g, e) < 0)
		return -1;
	insert_approval(r, f, &g);
	keep_signature(r, f, &g);
	return 1;
}
