/* nextstep: see nextstep.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/text.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/nextstep.h"
#include "stages/core/bank/rejection.h"
#include "stages/core/bank/settlement.h"
#include "stages/core/bank/withdrawal.h"
#include "stages/core/engine/config.h"
#include "stages/core/home/publish.h"

enum step {
	STEP_CANCEL,
	STEP_CANCEL_FOR_CREDITOR,
	STEP_REJECTED,
	STEP_APPROVE,
	STEP_SIGN,
	STEP_AUDIT,
	STEP_RELEASE,
	STEP_UPLOAD,
	STEP_DO_NOT_UPLOAD,
	STEP_MARK_UPLOADED,
	STEP_AWAIT_ANSWER,
	STEP_ASK_BANK,
	STEP_AWAIT_BOOKINGS,
	STEP_AWAIT_OTHER_BOOKINGS,
	STEP_ASK_FOR_BOOKINGS,
	STEP_AWAIT_SETTLEMENT,
	STEP_DECIDE,
	STEP_ASK_WHY_REJECTED,
	STEP_SETTLED,
	STEP_REPLACED,
	STEP_MAKE_NEXT,
	STEP_NOTHING_LEFT,
	STEP_COLLECTED,
	STEP_CONFIRM,
	STEP_CARRIED,
};

#define WITHDRAW "sepa withdraw --file {file} --as rebuild --why TEXT"

/* {name} is the file's name, {more} the approvals that are missing, {day} until when the bank takes the file, {due} its
 * collection day, {next} the next version, {settled} the day from which it counts as
 * {recovered}, {person} and {way} of the first statement of a withdrawal; in the command {file} is the MsgId. */
static const struct {
	const char *words, *command;
} steps[] = {
    [STEP_CANCEL] = {"too late for its due date, {due}: cancel it, and collect makes the next version",
                     "sepa cancel --file {file} --why TEXT"},
    [STEP_CANCEL_FOR_CREDITOR] =
	{"[creditor] in the configuration is another one now: correct that, or cancel the"
         " file, and collect makes the next version",
         "sepa cancel --file {file} --why TEXT"},
    [STEP_REJECTED] =
	{"{rejected}: the same person withdraws that (`sepa reject --withdraw`), or cancel the file, and"
         " collect makes the next version",
         "sepa cancel --file {file} --why TEXT"},
    [STEP_SIGN] =
	{"needs {more}, by persons who neither built nor approved it: each signs what this prints, then runs"
         " `sepa approve --signature SIG`",
         "sepa show --file {file} --to-sign"},
    [STEP_APPROVE] = {"needs {more}, by persons who neither built nor approved it",
                      "sepa approve --file {file}"},
    [STEP_AUDIT] = {"needs a clean audit before its release", "audit"},
    [STEP_RELEASE] = {"finance releases it", "sepa release --file {file}"},
    [STEP_UPLOAD] = {"finance uploads out/upload/{name} before {day}, then",
                     "sepa mark-uploaded --file {file} --bank-reference REFERENCE"},
    [STEP_DO_NOT_UPLOAD] = {"do not upload it, the bank took it only before {day}: if it was uploaded in"
                            " time, mark it (sepa mark-uploaded); else two persons withdraw it",
                            WITHDRAW},
    [STEP_MARK_UPLOADED] = {"the bank has it: do not upload it again, mark it",
                            "sepa mark-uploaded --file {file} --bank-reference REFERENCE"},
    [STEP_AWAIT_ANSWER] = {"awaits the bank's answer (pain.002): put it into inbox/bank", NULL},
    [STEP_ASK_BANK] =
	{"overdue: it was due on {due} and the bank has not answered: ask the bank; if it does not have the"
         " file, two persons withdraw it",
         WITHDRAW},
    [STEP_AWAIT_BOOKINGS] = {"awaits the bank's bookings (camt.054): put them into inbox/bank", NULL},
    [STEP_AWAIT_OTHER_BOOKINGS] = {"awaits the bank's other bookings (camt.054): put them into inbox/bank",
                                   NULL},
    [STEP_ASK_FOR_BOOKINGS] =
	{"overdue: it was due on {due} and the bank has not booked all of it: ask the bank", NULL},
    [STEP_AWAIT_SETTLEMENT] =
	{"counts as {recovered} from {settled} on, but for what the bank reports as unpaid"
         " (camt.054, pain.002): put it into inbox/bank",
         NULL},
    [STEP_DECIDE] = {"should count as {recovered} since {settled}: decide about what the bank reported of the"
                     " rest, or ask the bank whether it accepted it",
                     "exceptions list"},
    [STEP_ASK_WHY_REJECTED] =
	{"finance asks the bank why it rejected the whole file; then two persons withdraw it, as rebuild"
         " or carry",
         WITHDRAW},
    [STEP_CONFIRM] =
	{"{person} asked to withdraw it as {way}, so do not upload it (again); a second person asks the"
         " bank, too, and confirms",
         "sepa withdraw --file {file} --as {way} --why TEXT"},
    [STEP_CARRIED] = {"nothing: its debts were carried to the next session", NULL},
    [STEP_SETTLED] = {"nothing", NULL},
    [STEP_REPLACED] = {"nothing: version {next} replaces it", NULL},
    [STEP_MAKE_NEXT] = {"collect makes version {next}", "collect"},
    [STEP_COLLECTED] = {"nothing: the bank collected it all the same, as a person has posted", NULL},
    [STEP_NOTHING_LEFT] = {"nothing: none of its debts can be presented any more", NULL},
};

static int64_t
missing_approvals(struct run *r, const struct bankfile *f)
{
	char why[APPROVAL_WHY];

	return config_int(r->config, RELEASE_APPROVALS) - approval_count(r, f, why);
}

static bool
lies_in_upload(const struct bankfile *f)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "out/upload/%s", f->name);
	return access(path, F_OK) == 0;
}

/* The version that has a debt of this cancelled or withdrawn file; 0: none. Another part of the session may have later versions. */
static int64_t
find_replacement(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT min(o.version) FROM collection c"
	    " JOIN collection later ON later.profile_number = c.profile_number"
	    "  AND later.session_number = c.session_number AND later.file_number > c.file_number"
	    " JOIN bank_file o ON o.number = later.file_number"
	    " WHERE c.file_number = $file");

	bind_int(q, "$file", f->number);
	return value(q, 0);
}

/* As collect numbers it. */
static int64_t
count_up_version(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT max(version) + 1 FROM bank_file"
	    " WHERE session_number = $session AND kind = $kind");

	bind_int(q, "$session", f->session);
	bind_text(q, "$kind", collection_kind_word(f->kind));
	return value(q, 1);
}

/* A person has posted that the bank collected the withdrawn file. */
static bool
is_collected(struct run *r, const struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM collection WHERE file_number = $file AND state IN ('cancelled', 'withdrawn')");

	bind_int(q, "$file", f->number);
	return value(q, 0) == 0;
}

/* What takes the place of a cancelled or withdrawn file. */
static enum step
find_successor(struct run *r, const struct bankfile *f)
{
	struct stmt *q;

	if (is_collected(r, f))
		return STEP_COLLECTED;
	if (find_replacement(r, f) > 0)
		return STEP_REPLACED;
	q = sql(r->db,
	    "SELECT count(*) FROM collection c"
	    " JOIN debt d ON d.profile_number = c.profile_number AND d.session_number = c.session_number"
	    " WHERE c.file_number = $file AND d.status = 'pending'");
	bind_int(q, "$file", f->number);
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
	struct rejection rejected;

	if (is_too_late(r, f))
		return STEP_CANCEL;
	if (terms_find_change(r, f->number) != NULL)
		return STEP_CANCEL_FOR_CREDITOR;
	if (rejection_find(r, f->number, &rejected))
		return STEP_REJECTED;
	if (missing_approvals(r, f) > 0)
		return strcmp(config_text(r->config, RELEASE_IDENTITY), "signature") == 0 ? STEP_SIGN
		                                                                          : STEP_APPROVE;
	return f->audited_on == DATE_NONE ? STEP_AUDIT : STEP_RELEASE;
}

static enum step
find_step_after_withdrawal(struct run *r, const struct bankfile *f)
{
	struct withdrawal stated;

	if (withdrawal_find(r, f->number, &stated) && stated.way == WITHDRAWAL_CARRY)
		return STEP_CARRIED;
	return find_successor(r, f);
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
	};
	enum settlement_missing missing;
	struct withdrawal stated;

	if (bankfile_is_unreleased(f))
		return find_step_before_release(r, f);
	if (f->state == BANKFILE_WITHDRAWN)
		return find_step_after_withdrawal(r, f);
	if (bankfile_state_after(f->state, BANKFILE_WITHDRAW).answer == BANKFILE_GOES &&
	    withdrawal_find(r, f->number, &stated))
		return STEP_CONFIRM;
	if (f->state == BANKFILE_RELEASED)
		return is_too_late(r, f) ? STEP_DO_NOT_UPLOAD : STEP_UPLOAD;
	if (f->state == BANKFILE_CANCELLED)
		return find_successor(r, f);
	missing = settlement_find_missing(r, f);
	if (missing == SETTLEMENT_LACKS_ANSWER)
		return STEP_ASK_BANK;
	if (lies_in_upload(f))
		return STEP_MARK_UPLOADED;
	if (missing == SETTLEMENT_LACKS_BOOKING)
		return STEP_ASK_FOR_BOOKINGS;
	if (missing == SETTLEMENT_IS_HELD)
		return STEP_DECIDE;
	return settlement_awaits_day(r, f) ? STEP_AWAIT_SETTLEMENT : by_state[f->state];
}

struct hole {
	const char *name, *value;
};

/* Copies `words`, with the value of each hole in its place. The holes end with a NULL name. */
static void
nextstep_fill(const char *words, const struct hole holes[], char *text, size_t size)
{
	const struct hole *h;
	size_t at = 0;

	for (text[0] = '\0'; *words != '\0'; at = strlen(text)) {
		for (h = holes; h->name != NULL; h++)
			if (strncmp(words, h->name, strlen(h->name)) == 0)
				break;
		if (h->name != NULL)
			snprintf(text + at, size - at, "%s", h->value);
		else
			snprintf(text + at, size - at, "%c", *words);
		words += h->name != NULL ? strlen(h->name) : 1;
	}
}

static void
fill_words(struct run *r, const struct bankfile *f, const char *words, const struct withdrawal *stated,
           struct nextstep *n)
{
	char more[48], next[24], due[DATE_TEXT], until[64], day[DATE_TEXT], settled[DATE_TEXT];
	char rejection[RUN_PERSON + REJECTION_WHY + 20] = "";
	struct rejection rejected;
	int64_t missing = missing_approvals(r, f);
	int64_t replacement = bankfile_is_in_force(f) ? 0 : find_replacement(r, f);

	if (rejection_find(r, f->number, &rejected))
		snprintf(rejection, sizeof(rejection), "rejected by %s (%s)", rejected.person, rejected.why);
	snprintf(more, sizeof(more), "%lld more approval%s", (long long)missing, text_plural(missing));
	snprintf(next, sizeof(next), "%lld",
	         (long long)(replacement > 0 ? replacement : count_up_version(r, f)));
	snprintf(until, sizeof(until), "%s %s Paris",
	         date_print(day, bankfile_upload_on((int)config_int(r->config, BANK_LEAD_TARGET_DAYS),
	                                            f->collect_on)),
	         config_text(r->config, BANK_CUTOFF));
	nextstep_fill(
	    words,
	    (const struct hole[]){{"{name}", f->name},
	                          {"{more}", more},
	                          {"{day}", until},
	                          {"{due}", date_print(due, f->collect_on)},
	                          {"{next}", next},
	                          {"{settled}", date_print(settled, settlement_day(r, f))},
	                          {"{recovered}", f->kind == COLLECTION_REFUND ? "paid" : "recovered"},
	                          {"{rejected}", rejection},
	                          {"{person}", stated->person},
	                          {"{way}", withdrawal_way_word(stated->way)},
	                          {NULL, NULL}},
	    n->words, sizeof(n->words));
}

void
nextstep_find(struct run *r, const struct bankfile *f, struct nextstep *n)
{
	enum step step = find_step(r, f);
	struct withdrawal stated = {"", WITHDRAWAL_REBUILD};

	(void)withdrawal_find(r, f->number, &stated);
	fill_words(r, f, steps[step].words, &stated, n);
	n->act[0] = n->command[0] = '\0';
	if (steps[step].command == NULL)
		return;
	nextstep_fill(steps[step].command,
	              (const struct hole[]){
			  {"{file}", f->msg_id}, {"{way}", withdrawal_way_word(stated.way)}, {NULL, NULL}},
	              n->act, sizeof(n->act));
	snprintf(n->command, sizeof(n->command), "%s", run_command(r, "%s", n->act));
}

char *
nextstep_print(struct run *r, const struct bankfile *f, char text[static NEXTSTEP_TEXT])
{
	struct nextstep n;

	nextstep_find(r, f, &n);
	snprintf(text, NEXTSTEP_TEXT, "%s%s%s", n.words, n.command[0] == '\0' ? "" : ": ", n.command);
	return text;
}
