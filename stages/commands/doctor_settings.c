/* doctor_settings: what `alanpay doctor` checks of the configuration, and of whom it leads to: Swan, the receiver of notifications,
 * the bank. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats/jwt.h"
#include "formats/text.h"
#include "stages/commands/doctor.h"
#include "stages/core/bank/concern.h"
#include "stages/core/bank/approver.h"
#include "stages/core/bank/terms.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/denial.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/releaselog.h"
#include "stages/core/net/secret.h"
#include "stages/core/swan/connection.h"

static char *
print_config_path(const struct run *r, char path[static 2 * PATH_MAX])
{
	snprintf(path, 2 * PATH_MAX, "%s%s%s", r->config_path[0] == '/' ? "" : r->home,
	         r->config_path[0] == '/' ? "" : "/", r->config_path);
	return path;
}

void
doctor_check_configuration(struct run *r, struct verdict *v)
{
	const struct config_file *file = config_file(r->config);
	char path[2 * PATH_MAX], hex[SHA256_TEXT], user[DENIAL_USER];

	doctor_say(v, "%s of %s, mode %04o, SHA-256 %.16s...", print_config_path(r, path),
	           denial_user(file->owner, user), (unsigned)file->mode,
	           sha256_print(hex, config_sha256(r->config)));
	if (r->config_path[0] != '/' && access("/etc/alanpay/alanpay.ini", F_OK) == 0)
		doctor_say(v, "; /etc/alanpay/alanpay.ini is not read");
}

static void
pass_over(const struct logline *line, const unsigned char digest[SHA256_SIZE], void *ctx)
{
	(void)line;
	(void)digest;
	(void)ctx;
}

/* From its first line on, and as a stage compares it with the database; what would be done then is rehearsed. */
void
doctor_check_log(struct run *r, struct verdict *v)
{
	int64_t lines = releaselog_read(r, pass_over, NULL);

	store_close(r->db);
	r->access = ACCESS_CHANGES;
	r->dry_run = true;
	releaselog_begin(r);
	r->db = store_open("state/alanpay.db", STORE_READS);
	releaselog_open(r);
	doctor_say(v, "%s: %lld line%s, each follows from the one before it", releaselog_path(r),
	           (long long)lines, text_plural(lines));
}

/* A file of another creditor can no longer be released. */
void
doctor_check_creditor(struct run *r, struct verdict *v)
{
	struct stmt *q = sql(r->db,
	    "SELECT number, msg_id"
	    " FROM bank_file"
	    " WHERE state IN ('generated', 'approved')"
	    " ORDER BY number");
	struct config_entry iban = config_entry(r->config, CREDITOR_IBAN);
	const char *change;

	while (row(q))
		if ((change = terms_find_change(r, col_int(q, 0))) != NULL)
			doctor_fail(
			    v, run_command(r, "sepa show --file %s", col_text(q, 1)),
			    "%s was made for a creditor of another %s: cancel it, or correct [creditor]",
			    col_text(q, 1), change);
	if (v->state == CHECK_OK)
		doctor_say(v, "%s, %s, %s", config_text(r->config, CREDITOR_NAME),
		           config_text(r->config, CREDITOR_IDENTIFIER), iban.value);
}

/* Swan and members --------------------------------------------------------------------------------------- */

/* Signs what nobody asked for. */
/* Whoever built a file approves nothing of it; a timer builds most, so as many persons as a release wants are enough. */
void
doctor_check_approvers(struct run *r, struct verdict *v)
{
	const char *identity = config_text(r->config, RELEASE_IDENTITY);
	int64_t needed = config_int(r->config, RELEASE_APPROVALS);
	unsigned char key[SSHSIG_KEY];
	int i, n = config_approvers(r->config);
	struct err e;

	for (i = 0; i < n; i++) {
		e = (struct err){0};
		if (approver_load(r, config_approver_name(r->config, i), key, &e) < 0)
			doctor_fail(v, "", "%s", e.message);
	}
	if (strcmp(identity, "signature") == 0 && n < needed)
		doctor_fail(
		    v, "",
		    "identity = signature, and [approvers] has %d of the %lld persons whose approval a release needs",
		    n, (long long)needed);
	doctor_say(v, "by %s, %d key%s, %lld approval%s needed", identity, n, text_plural(n),
	           (long long)needed, text_plural(needed));
}

static void
try_signing_key(const struct run *r)
{
	const char *path = config_text(r->config, SWAN_SIGNING_KEY_FILE);
	char token[JWT_TEXT];
	struct secret key;
	struct err e = {0};
	int rc;

	if (path[0] == '\0')
		return;
	secret_load_lines(&key, path, "swan_signing_key", "signing_key_file in [swan]");
	rc = jwt_sign(token, "challenge", "doctor", key.text, &e);
	secret_forget(&key);
	if (rc < 0)
		die(EXIT_CONFIG,
		    "signing_key_file in [swan]: %s: `openssl ecparam -name prime256v1 -genkey -noout`",
		    e.message);
}

void
doctor_check_swan(struct run *r, struct verdict *v)
{
	bool online = options_value(r, "online") != NULL;
	char command[2 * PATH_MAX + 16], path[2 * PATH_MAX];
	struct connection *swan;

	if (!connection_is_configured(r) && store_is_test(r->db) && !online) {
		doctor_say(v, "not asked by this test home: client_id in [swan] is empty");
		return;
	}
	if (!connection_is_configured(r)) {
		snprintf(command, sizeof(command), "sudo -e %s", print_config_path(r, path));
		doctor_fail(v, command, "client_id in [swan] is empty: Swan cannot be asked");
		return;
	}
	try_signing_key(r);
	swan = connection_open(r);
	if (online)
		connection_renew_token(swan);
	connection_close(swan);
	doctor_say(v, "%s",
	           online ? "gave a token" : "client id and secret are there; --online asks for a token");
}

void
doctor_check_delivery(struct run *r, struct verdict *v)
{
	const char *mode = config_text(r->config, NOTIFICATIONS_MODE);
	struct secret secret;

	if (strcmp(mode, "http") == 0) {
		secret_load(&secret, config_text(r->config, NOTIFICATIONS_HMAC_SECRET_FILE),
		            "notifications_hmac_secret", "hmac_secret_file in [notifications]");
		secret_forget(&secret);
	}
	doctor_say(v, "mode = %s", mode);
}

/* The bank ----------------------------------------------------------------------------------------------- */

#define STALE_SECONDS (26 * 3600)

static bool
waits_too_long(const char *name)
{
	char path[INBOX_NAME + 16];
	struct stat st;

	snprintf(path, sizeof(path), "inbox/bank/%s", name);
	return stat(path, &st) == 0 && run_clock() / 1000 - st.st_mtime > STALE_SECONDS;
}

void
doctor_check_bank(struct run *r, struct verdict *v)
{
	char first[INBOX_NAME];
	struct concerns c;
	int64_t unread = inbox_count_unread(r, "inbox/bank", first), awaited, overdue;

	concern_count(r, &c);
	awaited = value(sql(r->db, "SELECT count(*) FROM bank_file WHERE state IN ('generated', 'approved', 'released')"), 0);
	overdue = value(sql(r->db, "SELECT count(*) FROM bank_file WHERE overdue IS NOT NULL"
	                           " AND state NOT IN ('settled', 'cancelled', 'withdrawn')"),
	                    0);
	if (c.refused > 0)
		doctor_fail(v, run_command(r, "exceptions list --kind file"),
		            "%lld report%s of the bank cannot be read: returns may be in it",
		            (long long)c.refused, text_plural(c.refused));
	if (unread > 0 && waits_too_long(first))
		doctor_fail(v, run_command(r, "reconcile"), "%s waits in inbox/bank for more than a day",
		            first);
	if (overdue > 0)
		doctor_fail(v, run_command(r, "sepa list"), "%lld file%s of ours overdue", (long long)overdue,
		            overdue == 1 ? " is" : "s are");
	if (v->state == CHECK_OK)
		doctor_say(v, "%lld file%s in inbox/bank, %lld of ours await approval, release or upload",
		           (long long)(unread < 0 ? 0 : unread), text_plural(unread), (long long)awaited);
}
