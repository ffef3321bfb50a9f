/* alanpay sepa: what finance and the approvers do with a bank file; what they see of it is in filesheet.c.
 *
 * An approval binds to the SHA-256 of the file. The approver types it, or the count and the total of the report. The acts are in
 * core/bank: bankfile.c, approval.c, release.c. Repeating an act changes nothing, and the command says so.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/iban.h"
#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/commands/describe.h"
#include "stages/commands/filesheet.h"
#include "stages/core/bank/nextstep.h"
#include "stages/commands/program.h"
#include "stages/commands/typed.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/copy.h"
#include "stages/core/bank/rejection.h"
#include "stages/core/bank/release.h"
#include "stages/core/bank/signedfile.h"
#include "stages/core/bank/sessionview.h"
#include "stages/core/bank/withdrawal.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/options.h"
#include "stages/core/home/publish.h"
#include "stages/core/lists/listing.h"

/* The result of an act ----------------------------------------------------------------------------------- */

static void
print_done(struct run *r, bool changed, const char *what)
{
	char step[NEXTSTEP_TEXT];
	struct bankfile now;

	sessionview_refresh(r);
	filesheet_find(r, &now);
	nextstep_print(r, &now, step);
	if (r->format == FORMAT_JSON || r->format == FORMAT_JSONL) {
		struct sink *s = listing_stdout();
		struct json j = {.sink = s};

		json_open(&j, NULL, '{');
		json_put_text(&j, "msg_id", now.msg_id);
		json_put_text(&j, "state", bankfile_state_word(now.state));
		json_put_bool(&j, "changed", changed);
		json_put_text(&j, "next_step", step);
		json_close(&j, '}');
		sink_text(s, "\n");
		listing_stdout_end(s);
		return;
	}
	printf("%s: %s%s%s; next: %s\n", now.msg_id, changed ? "" : "already ", what,
	       changed ? "" : ", nothing changed", step);
	if (r->dry_run)
		puts(DRY_RUN_NOTE);
}

/* approve ------------------------------------------------------------------------------------------------ */

static struct typed
numbers_of(const struct bankfile *f)
{
	return (struct typed){f->name, bankfile_words(f->kind)->one, "nothing was approved",
	                      "check its report again"};
}

/* Nothing of it is typed back: the approver compares it with what the bank knows. */
static void
print_creditor(const struct run *r, const struct bankfile *f)
{
	char masked[IBAN_MASKED], day[DATE_TEXT];
	struct iban iban = {""};
	struct terms t;

	terms_load(r, f->number, &t);
	(void)text_copy(iban.text, sizeof(iban.text), t.creditor_iban);
	fprintf(stderr, "%s %s%s%s, account %s, on %s\n",
	        f->kind == COLLECTION_DEBIT ? "collected by" : "paid by", t.creditor_name,
	        f->kind == COLLECTION_DEBIT ? ", " : "",
	        f->kind == COLLECTION_DEBIT ? t.creditor_identifier : "", iban_mask(masked, &iban),
	        date_print(day, f->collect_on));
}

static void
check_on_terminal(const struct run *r, const struct bankfile *f)
{
	struct typed t = numbers_of(f);

	if (!isatty(STDIN_FILENO))
		die(EXIT_USAGE,
		    "the numbers that you checked are missing: give --sha256 HEX, or --count N --total EUROS (see %s/report.html)",
		    f->folder);
	fprintf(stderr, "%s\n", f->name);
	print_creditor(r, f);
	typed_ask(&t, f->count, f->sum);
}

static void
check_sha256(const char *typed, unsigned char digest[SHA256_SIZE])
{
	char text[128];

	typed_clean(typed, text, sizeof(text));
	if (sha256_parse(text, digest) < 0)
		die(EXIT_USAGE, "--sha256 needs 64 hexadecimal digits");
}

/* What the person typed must agree with the file. `digest` becomes the hash that they approve. */
static void
check_answers(struct run *r, const struct bankfile *f, unsigned char digest[SHA256_SIZE])
{
	const char *sha256 = options_value(r, "sha256"), *count = options_value(r, "count"),
		   *total = options_value(r, "total");
	struct typed t = numbers_of(f);

	if ((count == NULL) != (total == NULL))
		die(EXIT_USAGE, "--count and --total must be given together");
	memcpy(digest, f->sha256, SHA256_SIZE);
	if (sha256 != NULL)
		check_sha256(sha256, digest);
	if (count != NULL) {
		typed_check_count(&t, count, f->count);
		typed_check_total(&t, total, f->sum);
	}
	if (sha256 == NULL && count == NULL)
		check_on_terminal(r, f);
}

static void
print_approved(struct run *r, const struct bankfile *f, const char *person, bool changed)
{
	char what[128], why[APPROVAL_WHY];
	int64_t given = approval_count(r, f, why);

	snprintf(what, sizeof(what), "approved by %s (%lld approval%s, %lld needed)", person,
	         (long long)given, text_plural(given), (long long)config_int(r->config, RELEASE_APPROVALS));
	print_done(r, changed, what);
}

static void
read_signature(const char *path, struct sshsig *s)
{
	char bytes[SSHSIG_MOST + 1];
	FILE *in = fopen(path, "r");
	struct err e = {0};
	size_t n;

	if (in == NULL)
		die_errno(EXIT_ABSENT, "%s", path);
	n = fread(bytes, 1, sizeof(bytes), in);
	fclose(in);
	if (sshsig_parse(bytes, n, s, &e) < 0)
		die(EXIT_REFUSED, "%s: the signature %s", path, e.message);
}

/* The signature says who approves, whoever gives the command. */
static void
approve_by_signature(struct run *r, const struct bankfile *f, const char *path)
{
	char signer[RUN_PERSON] = "";
	struct err e = {0};
	struct sshsig s;
	int rc;

	read_signature(path, &s);
	tx_begin(r->db);
	rc = approval_sign(r, f, &s, options_value(r, "approver"), signer, &e);
	if (rc < 0)
		die(EXIT_FORBIDDEN, "%s: %s: what must be signed: `%s`", f->msg_id, e.message,
		    run_command(r, "sepa show --file %s --to-sign", f->msg_id));
	tx_commit(r->db);
	publish_place(r);
	print_approved(r, f, signer, rc > 0);
}

static void
approve_from_inbox(struct run *r)
{
	int64_t before = r->count[COUNT_APPROVALS_GIVEN];

	signedfile_receive(r);
	printf("%lld approval%s taken from " SIGNEDFILE_INBOX "\n",
	       (long long)(r->count[COUNT_APPROVALS_GIVEN] - before),
	       text_plural(r->count[COUNT_APPROVALS_GIVEN] - before));
	if (r->held)
		die(EXIT_HELD, "a file was quarantined: `%s`", run_command(r, "exceptions list"));
}

/* The bytes are those of the row, and name its creditor. */
static void
check_bytes(struct run *r, const struct bankfile *f)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s/%s", f->folder, f->name);
	if (bankfile_is_unreleased(f))
		copy_check(r, f, path);
}

static void
approve(struct run *r)
{
	const char *signature = options_value(r, "signature");
	unsigned char digest[SHA256_SIZE];
	struct bankfile f;
	bool before;

	run_require_clock(r);
	if (options_value(r, "inbox") != NULL) {
		approve_from_inbox(r);
		return;
	}
	if (options_value(r, "file") == NULL)
		die(EXIT_USAGE, "--file is missing: the bank file");
	filesheet_find(r, &f);
	if (signature != NULL) {
		check_bytes(r, &f);
		approve_by_signature(r, &f, signature);
		return;
	}
	if (strcmp(config_text(r->config, RELEASE_IDENTITY), "signature") != 0)
		check_answers(r, &f, digest);
	before = bankfile_is_approved_by(r, f.number, run_person(r));
	if (!before)
		check_bytes(r, &f);
	approval_give(r, &f, digest);
	print_approved(r, &f, run_person(r), !before);
}

static void
reject(struct run *r)
{
	const char *why = options_value(r, "why");
	bool withdraws = options_value(r, "withdraw") != NULL;
	struct bankfile f;
	char what[128];

	if (withdraws == (why != NULL))
		die(EXIT_USAGE, "give --why TEXT, or --withdraw");
	run_require_clock(r);
	filesheet_find(r, &f);
	snprintf(what, sizeof(what), "%s by %s", withdraws ? "no longer rejected" : "rejected",
	         run_person(r));
	print_done(r, withdraws ? rejection_withdraw(r, &f) : rejection_give(r, &f, why), what);
}

static void
release(struct run *r)
{
	struct bankfile f;

	run_require_clock(r);
	filesheet_find(r, &f);
	release_bank_file(r, &f);
	print_done(r, f.state != BANKFILE_RELEASED, "released into out/upload");
}

static void
mark_uploaded(struct run *r)
{
	const char *reference = options_value(r, "bank-reference"), *why = options_value(r, "why");
	bool corrects = options_value(r, "correct") != NULL;
	struct bankfile f;

	if (corrects != (why != NULL))
		die(EXIT_USAGE, "--correct and --why must be given together");
	run_require_clock(r);
	filesheet_find(r, &f);
	if (corrects)
		print_done(r, release_correct_upload(r, &f, reference, why), "given another bank reference");
	else
		print_done(r, release_mark_uploaded(r, &f, reference), "marked as uploaded");
}

static void
cancel(struct run *r)
{
	const char *why = options_value(r, "why");
	struct bankfile f;

	run_require_clock(r);
	filesheet_find(r, &f);
	bankfile_cancel(r, &f, why);
	print_done(r, f.state != BANKFILE_CANCELLED, "cancelled");
}

static void
withdraw(struct run *r)
{
	enum withdrawal_way way = withdrawal_way_find(options_value(r, "as"));
	struct bankfile f;
	char what[128];
	bool changed;

	run_require_clock(r);
	filesheet_find(r, &f);
	changed = withdrawal_give(r, &f, way, options_value(r, "why"));
	filesheet_find(r, &f);
	if (f.state == BANKFILE_WITHDRAWN)
		snprintf(what, sizeof(what), "withdrawn as %s", withdrawal_way_word(way));
	else
		snprintf(what, sizeof(what), "withdrawal as %s stated by %s (1 person, %d needed)",
		         withdrawal_way_word(way), run_person(r), WITHDRAWAL_PERSONS);
	print_done(r, changed, what);
}

#define FILE_OPTION                                                                           \
	{                                                                                     \
		.name = "file", .arg = "ID|MSGID", .help = "the bank file", .is_needed = true \
	}

static const struct option_spec file_options[] = {FILE_OPTION, {0}};

static const struct option_spec show_options[] = {
    FILE_OPTION,
    {.name = "unmask", .help = "print the IBAN of the creditor in full"},
    {.name = "to-sign", .help = "print the text that an approver signs"},
    {0},
};

static const struct option_spec approve_options[] = {
    {.name = "file", .arg = "ID|MSGID", .help = "the bank file; needed but with --inbox"},
    {.name = "sha256", .arg = "HEX", .help = "the SHA-256 of the XML that you checked"},
    {.name = "count", .arg = "N", .help = "the number of debits or refunds; needs --total"},
    {.name = "total", .arg = "EUROS", .help = "their sum in euros; needs --count"},
    {.name = "signature",
     .arg = "SIG",
     .help = "the file with a signature of what `sepa show --to-sign` prints",
     .is_path = true},
    {.name = "approver", .arg = "NAME", .help = "whose key of [approvers] made it; needs --signature"},
    {.name = "inbox", .help = "take the signatures that lie in inbox/approvals, of any file"},
    {0},
};

static const struct option_spec reject_options[] = {
    FILE_OPTION,
    {.name = "why", .arg = "TEXT", .help = "the reason, kept with the file"},
    {.name = "withdraw", .help = "withdraw your own rejection"},
    {0},
};

static const struct option_spec upload_options[] = {
    FILE_OPTION,
    {.name = "bank-reference",
     .arg = "REFERENCE",
     .help = "the reference that the bank gave to the upload",
     .is_needed = true},
    {.name = "correct", .help = "it was marked with another reference before: both are kept; needs --why"},
    {.name = "why", .arg = "TEXT", .help = "with --correct: the reason, kept with the file"},
    {0},
};

static const struct option_spec cancel_options[] = {
    FILE_OPTION,
    {.name = "why", .arg = "TEXT", .help = "the reason, kept with the file", .is_needed = true},
    {0},
};

static const struct option_spec withdraw_options[] = {
    FILE_OPTION,
    {.name = "as",
     .arg = "rebuild|carry",
     .help = "its debts go into the next version, or to the next session",
     .is_needed = true},
    {.name = "why", .arg = "TEXT", .help = "what the bank says, kept with the file", .is_needed = true},
    {0},
};

const struct command program_commands[] = {SEPA_COMMANDS(PROGRAM_ROW){0}};
