/* nextstep: see nextstep.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/length.h"
#include "stages/commands/nextstep.h"
#include "stages/core/bank/approval.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

/* {file} is the MsgId, {name} the file's name, {by} its builder, {more} how many approvals are missing,
 * {day} until when the bank takes it, {due} its collection day, {next} the version after it. */
static const struct {
	const char *turn; /* the file's state, or what it waits for before its release */
	const char *words;
} steps[] = {
    {"to approve",
     "to be approved, {more} more, by somebody who neither built nor approved it: alanpay sepa approve --file {file}"},
    {"too late",
     "too late for its collection day, it cannot be released any more: alanpay sepa cancel --file {file} --why TEXT"},
    {"to audit", "a clean audit first: alanpay audit; then finance releases it"},
    {"to release", "finance releases it: alanpay sepa release --file {file}"},
    {"late upload", "too late to upload (before {day}): do not. If it was uploaded in time,"
                    " alanpay sepa mark-uploaded --file {file} --bank-reference R; else call an engineer"},
    {"unanswered", "was due on {due}, and the bank has not answered: ask it"},
    {"released", "finance uploads out/upload/{name} before {day}, then:"
                 " alanpay sepa mark-uploaded --file {file} --bank-reference R"},
    {"answered", "the bank has it, nobody uploads it again:"
                 " alanpay sepa mark-uploaded --file {file} --bank-reference R"},
    {"uploaded", "the bank answers (pain.002): its file goes into inbox/bank"},
    {"accepted", "the bank books it (camt.054): its files go into inbox/bank"},
    {"partially_accepted", "the bank books the rest (camt.054): its files go into inbox/bank"},
    {"rejected", "finance asks the bank why it refused the whole file; its debts stand still"},
    {"settled", "nothing"},
    {"cancelled", "nothing: version {next} replaces it"},
    {"to make again", "the next collect makes version {next}: alanpay collect"},
    {"nothing left", "nothing: none of its debts can be presented any more"},
    {"withdrawn", "nothing: the next version replaces it"},
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
static const char *
find_successor(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db, "SELECT count(*) FROM bank_file"
	               " WHERE session_number = $session AND kind = $kind AND version > $version");

	bind_int(q, "$session", f->session);
	bind_text(q, "$kind", collection_kind_word(f->kind));
	bind_int(q, "$version", f->version);
	if (value(q, 0) > 0)
		return "cancelled";
	q = sql(r->db, "SELECT count(*) FROM debt WHERE session_number = $session AND status = 'pending'"
	               "  AND CASE $kind WHEN 'debit' THEN amount_in_cents > 0 ELSE amount_in_cents < 0 END");
	bind_int(q, "$session", f->session);
	bind_text(q, "$kind", collection_kind_word(f->kind));
	return value(q, 0) > 0 ? "to make again" : "nothing left";
}

static const char *
find_words(struct run *r, const struct bankfile *f)
{
	const char *turn = f->state;
	size_t i;

	if (strcmp(turn, "generated") == 0 || strcmp(turn, "approved") == 0)
		turn = bankfile_earliest_day(r) > f->collect_on ? "too late"
		       : missing_approvals(r, f) > 0            ? "to approve"
		       : f->audited_on == DATE_NONE             ? "to audit"
		                                                : "to release";
	else if (strcmp(turn, "released") == 0 && bankfile_earliest_day(r) > f->collect_on)
		turn = "late upload";
	else if (strcmp(turn, "uploaded") == 0 && r->on > f->collect_on)
		turn = "unanswered";
	else if (strcmp(turn, "cancelled") == 0)
		turn = find_successor(r, f);
	else if (strcmp(turn, "released") != 0 && lies_in_upload(f))
		turn = "answered";
	for (i = 0; i < LENGTH(steps); i++)
		if (strcmp(steps[i].turn, turn) == 0)
			return steps[i].words;
	die(EXIT_BUG, "%s is %s: nobody knows what is next", f->name, turn);
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
	const char *words = find_words(r, f);
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
		snprintf(until, sizeof(until), "%s %s Paris", date_print(day, bankfile_upload_on(r, f->collect_on)),
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
