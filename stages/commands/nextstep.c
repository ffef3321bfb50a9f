/* nextstep: see nextstep.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/length.h"
#include "stages/commands/nextstep.h"
#include "stages/core/bank/approval.h"
#include "stages/core/engine/config.h"
#include "stages/core/home/publish.h"

enum step {
	STEP_CANCEL,
	STEP_APPROVE,
	STEP_AUDIT,
	STEP_RELEASE,
	STEP_UPLOAD,
	STEP_DO_NOT_UPLOAD,
	STEP_MARK_UPLOADED,
	STEP_AWAIT_ANSWER,
	STEP_ASK_BANK,
	STEP_AWAIT_BOOKINGS,
	STEP_AWAIT_OTHER_BOOKINGS,
	STEP_ASK_WHY_REJECTED,
	STEP_SETTLED,
	STEP_REPLACED,
	STEP_MAKE_NEXT,
	STEP_NOTHING_LEFT,
	STEP_WITHDRAWN,
};

/* {file} is the MsgId, {name} the file's name, {by} its builder, {more} how many approvals are missing,
 * {day} until when the bank takes it, {due} its collection day, {next} the version after it. */
static const char *const steps[] = {
    [STEP_CANCEL] =
	"too late for its collection day, it cannot be released any more: alanpay sepa cancel --file {file} --why TEXT",
    [STEP_APPROVE] =
	"to be approved, {more} more, by somebody who neither built nor approved it: alanpay sepa approve --file {file}",
    [STEP_AUDIT] = "a clean audit first: alanpay audit; then finance releases it",
    [STEP_RELEASE] = "finance releases it: alanpay sepa release --file {file}",
    [STEP_UPLOAD] = "finance uploads out/upload/{name} before {day}, then:"
		    " alanpay sepa mark-uploaded --file {file} --bank-reference R",
    [STEP_DO_NOT_UPLOAD] =
	"too late to upload (before {day}): do not. If it was uploaded in time,"
	" alanpay sepa mark-uploaded --file {file} --bank-reference R; else call an engineer",
    [STEP_MARK_UPLOADED] = "the bank has it, nobody uploads it again:"
			   " alanpay sepa mark-uploaded --file {file} --bank-reference R",
    [STEP_AWAIT_ANSWER] = "the bank answers (pain.002): its file goes into inbox/bank",
    [STEP_ASK_BANK] = "was due on {due}, and the bank has not answered: ask it",
    [STEP_AWAIT_BOOKINGS] = "the bank books it (camt.054): its files go into inbox/bank",
    [STEP_AWAIT_OTHER_BOOKINGS] = "the bank books the rest (camt.054): its files go into inbox/bank",
    [STEP_ASK_WHY_REJECTED] = "finance asks the bank why it refused the whole file; its debts stand still",
    [STEP_SETTLED] = "nothing",
    [STEP_REPLACED] = "nothing: version {next} replaces it",
    [STEP_MAKE_NEXT] = "the next collect makes version {next}: alanpay collect",
    [STEP_NOTHING_LEFT] = "nothing: none of its debts can be presented any more",
    [STEP_WITHDRAWN] = "nothing: the next version replaces it",
};

static int64_t
missing_approvals(struct run *r, const struct bankfile *f)
{
	return config_int(r->config, RELEASE_APPROVALS) - approval_count(r, f->number);
}

static bool
lies_in_upload(const struct bankfile *f)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "out/upload/%s", f->name);
	return access(path, F_OK) == 0;
}

/* What takes the place of a cancelled file. */
static enum step
find_successor(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT count(*) FROM bank_file"
	    " WHERE session_number = $session AND kind = $kind AND version > $version");

	bind_int(q, "$session", f->session);
	bind_text(q, "$kind", collection_kind_word(f->kind));
	bind_int(q, "$version", f->version);
	if (value(q, 0) > 0)
		return STEP_REPLACED;
	q = sql(r->db,
	    "SELECT count(*) FROM debt"
	    " WHERE session_number = $session AND status = 'pending'"
	    "  AND CASE $kind WHEN 'debit' THEN amount_in_cents > 0 ELSE amount_in_cents < 0 END");
	bind_int(q, "$session", f->session);
	bind_text(q, "$kind", collection_kind_word(f->kind));
	return value(q, 0) > 0 ? STEP_MAKE_NEXT : STEP_NOTHING_LEFT;
}

static bool
is_too_late(struct run *r, const struct bankfile *f)
{
	return bankfile_earliest_day(r) > f->collect_on;
}

static enum step
find_step_before_release(struct run *r, const struct bankfile *f)
{
	if (is_too_late(r, f))
		return STEP_CANCEL;
	if (missing_approvals(r, f) > 0)
		return STEP_APPROVE;
	return f->audited_on == DATE_NONE ? STEP_AUDIT : STEP_RELEASE;
}

static enum step
find_step(struct run *r, const struct bankfile *f)
{
	static const enum step by_state[] = {
	    [BANKFILE_UPLOADED] = STEP_AWAIT_ANSWER,
	    [BANKFILE_ACCEPTED] = STEP_AWAIT_BOOKINGS,
	    [BANKFILE_PARTIALLY_ACCEPTED] = STEP_AWAIT_OTHER_BOOKINGS,
	    [BANKFILE_REJECTED] = STEP_ASK_WHY_REJECTED,
	    [BANKFILE_SETTLED] = STEP_SETTLED,
	    [BANKFILE_WITHDRAWN] = STEP_WITHDRAWN,
	};

	if (bankfile_is_unreleased(f))
		return find_step_before_release(r, f);
	if (f->state == BANKFILE_RELEASED)
		return is_too_late(r, f) ? STEP_DO_NOT_UPLOAD : STEP_UPLOAD;
	if (f->state == BANKFILE_CANCELLED)
		return find_successor(r, f);
	if (f->state == BANKFILE_UPLOADED && r->on > f->collect_on)
		return STEP_ASK_BANK;
	return lies_in_upload(f) ? STEP_MARK_UPLOADED : by_state[f->state];
}

static void
append(char *text, const char *bytes, size_t n)
{
	size_t length = strlen(text);

	snprintf(text + length, NEXTSTEP_TEXT - length, "%.*s", (int)n, bytes);
}

char *
nextstep_print(struct run *r, const struct bankfile *f, char text[static NEXTSTEP_TEXT])
{
	const char *words = steps[find_step(r, f)];
	char more[24], next[24], due[DATE_TEXT], until[64] = "", day[DATE_TEXT];
	const struct {
		const char *hole, *value;
	} holes[] = {{"{file}", f->msg_id},
	             {"{name}", f->name},
	             {"{by}", f->built_by},
	             {"{more}", more},
	             {"{day}", until},
	             {"{next}", next},
	             {"{due}", date_print(due, f->collect_on)}};
	size_t i, n;

	snprintf(more, sizeof(more), "%lld", (long long)missing_approvals(r, f));
	snprintf(next, sizeof(next), "%d", f->version + 1);
	if (strstr(words, "{day}") != NULL)
		snprintf(until, sizeof(until), "%s %s Paris",
		         date_print(day, bankfile_upload_on(r, f->collect_on)),
		         config_text(r->config, BANK_CUTOFF));
	for (text[0] = '\0'; *words != '\0'; words += n) {
		n = strcspn(words + 1, "{") + 1;
		for (i = 0; i < LENGTH(holes); i++)
			if (strncmp(words, holes[i].hole, strlen(holes[i].hole)) == 0)
				break;
		if (i == LENGTH(holes)) {
			append(text, words, n);
			continue;
		}
		append(text, holes[i].value, strlen(holes[i].value));
		n = strlen(holes[i].hole);
	}
	return text;
}
