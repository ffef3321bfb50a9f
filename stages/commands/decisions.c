/* decisions: see decisions.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/money.h"
#include "stages/commands/decisions.h"
#include "stages/core/bank/bankdecision.h"
#include "stages/core/cards/as_told.h"
#include "stages/core/cards/attribution.h"
#include "stages/core/cards/named.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"
#include "stages/core/members/consequence.h"

static const struct decision decisions[] = {
    {"attributed", "post it now", NULL, NULL, DECISION_NAMES_MEMBER},
    {"as_told", "Swan's report counts: ", NULL, NULL, DECISION_NAMES_REPORT},
    {"credit", "the bank booked", NULL, NULL, DECISION_NAMES_DEBIT},
    {"return", "the bank sent back", NULL, NULL, DECISION_NAMES_DEBIT},
    {"reversal", "the bank took back its return of", NULL, NULL, DECISION_NAMES_DEBIT},
    {"fee", "a fee of the bank: no debt changes", NULL, NULL, DECISION_NAMES_DEBIT},
    {CONSEQUENCE_APPLY, "the reason is right: it acts on the mandates of all of them", NULL, NULL,
     DECISION_NAMES_MANDATES},
    {CONSEQUENCE_WAIVE, "the fault is ours or a bank's: all their mandates stay as they are", NULL, NULL,
     DECISION_NAMES_MANDATES},
    {"applied_elsewhere", "the books have it already, or another command records it",
     "a person read it, and all that is in it is in the books",
     "the sender was asked, and what is stored about the notification is right", DECISION_NAMES_NOTHING},
    {"not_ours", "it belongs to no member: nothing to post",
     "it was not meant for us: nothing in it concerns a member",
     "it was not meant for us: it is about no notification of ours", DECISION_NAMES_NOTHING},
    {"accepted_loss", "leave it as it is: Alan bears the loss", NULL, NULL, DECISION_NAMES_NOTHING},
    {"duplicate", "it was reported twice, and the other report counts",
     "the sender sent it again, corrected, and that file was applied",
     "the sender answered twice, and its other receipt counts", DECISION_NAMES_NOTHING},
};

const struct decision *
decision_find(const char *word)
{
	size_t i;

	for (i = 0; i < LENGTH(decisions); i++)
		if (strcmp(decisions[i].word, word) == 0)
			return &decisions[i];
	die(EXIT_USAGE, "--decision: \"%s\" is not a valid decision: one of %s", word, DECISION_WORDS);
}

int64_t
decision_exception(struct run *r, int i)
{
	const char *typed = options_values(r, "id", i);
	struct err e = {0};
	cents number;

	if (typed == NULL && i == 0)
		typed = options_value(r, "id"); /* where it cannot be repeated */
	if (typed == NULL)
		return 0;
	if (money_parse_cents(typed, &number, &e) < 0 || number <= 0)
		die(EXIT_USAGE, "--id: \"%s\" is not a valid number of an exception: `%s` lists them", typed,
		    run_command(r, "exceptions list"));
	return number;
}

/* When it is closed without a decision. The first row that fits counts; "*": any code. */
static const struct {
	const char *kind, *code, *how;
} remedies[] = {
    {"swan_transaction", ERR_UNKNOWN_CARD,
     "at the next post, if its account membership is linked to a member"},
    {"swan_transaction", ERR_UNATTRIBUTED_CREDIT,
     "at the next post, if it is a chargeback and its card payment appears"},
    {"swan_transaction", ERR_UNATTRIBUTED_DEBIT,
     "at the next post, if what it takes back was attributed by then"},
    {"swan_transaction", ERR_UNKNOWN_STATUS, "at the next post after Swan reported it as Booked"},
    {"swan_transaction", ERR_DATE_IN_FUTURE, "at the post of its day"},
    {"swan_transaction", "*", NULL},
    {"swan_node", "*", "at the next import in which Swan sends it without the error"},
    {"bank_entry", "file_rejected", "at the next reconcile, once two persons have withdrawn the file"},
    {"bank_entry", "*", "at the next reconcile, if another bank entry explains it"},
    {"file", ERR_NOT_A_FILE, "when the inbox is read next, once it was removed"},
    {"file", ERR_ODD_FILE_NAME, "when the inbox is read next, once it was renamed or removed"},
    {"file", ERR_UNREADABLE_FILE, "when the inbox is read next, once it can be read or was removed"},
    {"file", ERR_FILE_TOO_LARGE, "when the inbox is read next, once it was removed"},
    {"file", ERR_WRONG_OWNER, "when the inbox is read next, once it was removed or has that owner"},
    {"file", "*",
     "when the cause is fixed and the same bytes are dropped again; once a corrected file was read, decide"},
    {"receipt", "*", NULL},
    {"offboarding", "*", "at the next post, once Swan has ended the member's cards and memberships"},
};

static const char *
find_remedy(const char *kind, const char *code)
{
	size_t i;

	for (i = 0; i < LENGTH(remedies); i++)
		if (strcmp(remedies[i].kind, kind) == 0 &&
		    (remedies[i].code[0] == '*' || strcmp(remedies[i].code, code) == 0))
			return remedies[i].how;
	return NULL;
}

#define WORDS 1024 /* of a command, at most: ids have at most 256 characters */

/* profile 0: words to fill in. */
static void
write_member(struct run *r, int64_t profile, struct sink *s)
{
	struct stmt *q = sql(r->db, "SELECT app_id, app_user_id FROM profile WHERE number = $number");

	bind_int(q, "$number", profile);
	if (!row(q)) {
		sink_text(s, " --app-id APP --app-user-id USER");
		return;
	}
	sink_text(s, " --app-id ");
	run_put_word(s, col_text(q, 0));
	sink_text(s, " --app-user-id ");
	run_put_word(s, col_text(q, 1));
	reset(q);
}

/* Where the proposals go: to a person, or into an array of objects. */
struct proposals {
	struct sink *text;
	struct json *json; /* NULL: as text */
};

/* The command is ready to paste; controls of a terminal become '?'. */
static void __attribute__((format(printf, 4, 5)))
propose(struct run *r, const struct proposals *p, const char *words, const char *format, ...)
{
	char meaning[WORDS];
	va_list values;

	va_start(values, format);
	vsnprintf(meaning, sizeof(meaning), format, values);
	va_end(values);
	if (p->json == NULL) {
		sink_text(p->text, "  ");
		sink_clean(p->text, run_command(r, "%s", words));
		sink_text(p->text, "\n      ");
		sink_text(p->text, meaning);
		sink_text(p->text, "\n");
		return;
	}
	json_open(p->json, NULL, '{');
	json_put_text(p->json, "command", run_command(r, "%s", words));
	json_put_text(p->json, "meaning", meaning);
	json_close(p->json, '}');
}

/* `more` of the meaning follows it. */
static void
write_decision(struct run *r, int64_t number, const struct decision *d, const char *meaning, int64_t profile,
               const char *more, const struct proposals *p)
{
	char text[WORDS];
	struct sink_text room = {text, sizeof(text), 0};
	struct sink *words = sink_into(&room);

	sink_print(words, "exceptions resolve --id %lld --decision %s", (long long)number, d->word);
	if (d->names == DECISION_NAMES_MEMBER)
		write_member(r, profile, words);
	sink_text(words, " --why TEXT");
	(void)sink_end(words, NULL, NULL);
	propose(r, p, text, "%s%s", meaning, more);
}

static void
write_link(struct run *r, const char *membership, const struct proposals *p)
{
	char text[WORDS];
	struct sink_text room = {text, sizeof(text), 0};
	struct sink *words = sink_into(&room);

	sink_text(words, "users link-account-membership --app-id APP --app-user-id USER"
	                 " --account-membership-id ");
	run_put_word(words, membership);
	(void)sink_end(words, NULL, NULL);
	propose(r, p, text, "link its account membership to this member, with all its transactions");
}

/* A command for each member to whom it may belong; one to fill in where none is known. */
static void
write_attributions(struct run *r, int64_t number, const struct decision *d, const char *becomes,
                   const struct proposals *p)
{
	struct attribution_case c = {0};
	char more[WORDS];

	attribution_look(r, number, &c);
	if (c.membership[0] != '\0' && c.holder == 0)
		write_link(r, c.membership, p);
	if (c.payer != 0) {
		snprintf(more, sizeof(more), " as %s, to whom the payment belongs", becomes);
		write_decision(r, number, d, d->meaning, c.payer, more, p);
	}
	if (c.holder != 0 && c.holder != c.payer) {
		snprintf(more, sizeof(more), " as %s, to whom the card belongs%s", becomes,
		         c.payer != 0 ? "; it becomes a payment of its own" : "");
		write_decision(r, number, d, d->meaning, c.holder, more, p);
	}
	if (c.payer == 0 && c.holder == 0) {
		snprintf(more, sizeof(more), " as %s", becomes);
		write_decision(r, number, d, d->meaning, 0, more, p);
	}
}

/* The decision that posts a bank entry to a debit, refund or file that the books have. */
static void
write_candidate(struct run *r, int64_t number, const struct bankdecision_candidate *c,
                const struct proposals *p)
{
	const struct decision *d = decision_find(c->decision);
	char text[WORDS], amount[MONEY_TEXT_GROUPED], day[DATE_TEXT];

	snprintf(text, sizeof(text), "exceptions resolve --id %lld --decision %s %s %s%s --why TEXT",
	         (long long)number, c->decision, c->is_file ? "--file" : "--end-to-end-id", c->to,
	         c->wants_reason ? " --reason CODE" : "");
	if (c->is_file)
		propose(r, p, text, "%s the whole file of %ss, %s EUR, due %s, %s", d->meaning, c->kind,
		        money_print_grouped(amount, c->amount), date_print(day, c->due_on), c->state);
	else
		propose(r, p, text, "%s the %s of app [%s] and user [%s], mandate %s, %s EUR, due %s, %s",
		        d->meaning, c->kind, c->app_id, c->app_user_id, c->mandate,
		        money_print_grouped(amount, c->amount), date_print(day, c->due_on), c->state);
}

/* For a person who knows more than the books: what they name is to be filled in. */
static void
write_template(struct run *r, int64_t number, const char *decision, const char *names, const char *what,
               const struct proposals *p)
{
	char text[WORDS];

	snprintf(text, sizeof(text), "exceptions resolve --id %lld --decision %s%s --why TEXT",
	         (long long)number, decision, names);
	propose(r, p, text, "%s%s", decision_find(decision)->meaning, what);
}

#define ANOTHER_DEBIT " a debit that is not named here: its ID stands in debits.csv beside the bank file"

static void
write_templates(struct run *r, int64_t number, enum bankdecision_direction direction,
                const struct proposals *p)
{
	if (direction != BANKDECISION_DEBIT) {
		write_template(r, number, "credit", " --end-to-end-id ID", ANOTHER_DEBIT, p);
		write_template(r, number, "credit", " --id OTHER --file MSGID",
		               " a file in several sums: name the exception of each of them", p);
	}
	if (direction != BANKDECISION_CREDIT) {
		write_template(r, number, "return", " --end-to-end-id ID", ANOTHER_DEBIT, p);
		write_template(r, number, "fee", "", "", p);
	}
}

/* The end-to-end id is the reference: it is never used again, so the money is recorded once. */
static void
write_transfer(struct run *r, const struct bankdecision_conflict *c, const struct proposals *p)
{
	char text[WORDS], day[DATE_TEXT], amount[MONEY_TEXT];
	struct sink_text room = {text, sizeof(text), 0};
	struct sink *words = sink_into(&room);

	sink_text(words, "recovery record_credit_transfer");
	write_member(r, c->profile, words);
	sink_print(words, " --amount %s --booking-date %s --bank-reference %s",
	           money_print(amount, c->amount), date_print(day, c->booked_on), c->end_to_end_id);
	(void)sink_end(words, NULL, NULL);
	if (c->why == BANKDECISION_DEBT_FAILED)
		propose(
		    r, p, text,
		    "the bank collected a debit of a withdrawn file, whose debt was carried: record that the"
		    " member paid, then decide `applied_elsewhere`");
	else
		propose(
		    r, p, text,
		    "the bank collected the withdrawn debit, and the one in %s: record that the member paid"
		    " twice, and what is too much is refunded; then decide `applied_elsewhere`",
		    c->version);
}

/* Both files may be with the bank, and only the bank knows what it will do. */
static void
write_released(struct run *r, int64_t number, const struct bankdecision_conflict *c,
               const struct proposals *p)
{
	char text[WORDS];

	if (c->may_withdraw) {
		snprintf(text, sizeof(text), "sepa withdraw --file %s --as rebuild --why TEXT", c->version);
		propose(
		    r, p, text,
		    "the bank booked a file that was withdrawn, and %s, with the same debts, was released:"
		    " nobody is debited twice if the bank does not have that one: two persons withdraw it,"
		    " then post this entry",
		    c->version);
	}
	snprintf(text, sizeof(text), "exceptions show --id %lld", (long long)number);
	propose(
	    r, p, text,
	    "if the bank has %s as well, wait for its answer, and look again: what it books twice is recorded"
	    " as a transfer of the member, and refunded; if it rejects that as a duplicate, post this entry"
	    " to it as `credit`",
	    c->version);
}

static void
write_paid_twice(struct run *r, const struct bankdecision_conflict *c, const struct proposals *p)
{
	char text[WORDS];

	snprintf(text, sizeof(text), "sepa show --file %s", c->version);
	propose(
	    r, p, text,
	    "the bank collected a withdrawn file, and %s, with the same debts: record for each member of"
	    " both that the member paid twice (`recovery record_credit_transfer`), and what is too much is"
	    " refunded; then decide `applied_elsewhere`",
	    c->version);
}

/* What is possible about a withdrawn file when its entry cannot be posted to it. True: nothing else is. */
static bool
write_conflict(struct run *r, int64_t number, const struct proposals *p)
{
	struct bankdecision_conflict c;

	if (!bankdecision_find_conflict(r, number, &c))
		return false;
	if (c.why == BANKDECISION_VERSION_RELEASED)
		write_released(r, number, &c, p);
	else if (c.is_debit && c.end_to_end_id[0] != '\0')
		write_transfer(r, &c, p);
	else if (c.is_debit)
		write_paid_twice(r, &c, p);
	return c.why != BANKDECISION_VERSION_RELEASED;
}

static void
write_status(struct run *r, int64_t number, const struct proposals *p)
{
	char text[WORDS], msg_id[36];

	if (!bankdecision_find_withdrawn(r, number, msg_id))
		return;
	snprintf(text, sizeof(text), "sepa show --file %s", msg_id);
	propose(
	    r, p, text,
	    "the bank has this file, which was withdrawn: release no later version before the bank says what"
	    " it collects; post what it books as `credit`: when nothing of the file is missing, this"
	    " exception closes automatically");
}

static void
write_postings(struct run *r, int64_t number, const struct proposals *p)
{
	enum bankdecision_direction direction = bankdecision_look(r, number);
	struct bankdecision_candidate c;
	struct stmt *q;

	if (direction == BANKDECISION_NONE) {
		write_status(r, number, p);
		return;
	}
	if (write_conflict(r, number, p))
		return;
	q = bankdecision_begin(r, number);
	while (bankdecision_next(q, &c))
		write_candidate(r, number, &c, p);
	write_templates(r, number, direction, p);
}

/* An open exception: what decides about it. */
struct open_case {
	const char *remedy, *becomes, *as_told; /* NULL: none */
	bool is_file, is_receipt, is_bank_entry, is_about_mandates;
};

/* Those that post nothing. */
static void
write_closings(struct run *r, int64_t number, const struct open_case *c, const struct proposals *p)
{
	const char *meaning;
	size_t i;

	for (i = 0; i < LENGTH(decisions); i++) {
		meaning = c->is_file      ? decisions[i].of_file
		          : c->is_receipt ? decisions[i].of_receipt
		                          : decisions[i].meaning;
		if (decisions[i].names == DECISION_NAMES_NOTHING && meaning != NULL)
			write_decision(r, number, &decisions[i], meaning, 0, "", p);
	}
}

static void
write_about_mandates(struct run *r, int64_t number, const struct proposals *p)
{
	size_t i;

	for (i = 0; i < LENGTH(decisions); i++)
		if (decisions[i].names == DECISION_NAMES_MANDATES)
			write_decision(r, number, &decisions[i], decisions[i].meaning, 0, "", p);
}

static bool
load_case(struct run *r, int64_t number, struct open_case *c)
{
	struct stmt *q =
	    sql(r->db, "SELECT kind, code, key FROM exception WHERE number = $number AND state = 'open'");
	char key[SWAN_ID + 1];

	bind_int(q, "$number", number);
	if (!row(q))
		return false;
	*c = (struct open_case){.remedy = find_remedy(col_text(q, 0), col_text(q, 1)),
	                        .becomes = attribution_becomes(col_text(q, 0), col_text(q, 1)),
	                        .as_told = as_told_becomes(col_text(q, 0), col_text(q, 1)),
	                        .is_file = strcmp(col_text(q, 0), "file") == 0,
	                        .is_receipt = strcmp(col_text(q, 0), "receipt") == 0,
	                        .is_bank_entry = strcmp(col_text(q, 0), "bank_entry") == 0,
	                        .is_about_mandates = strcmp(col_text(q, 0), "bank_file") == 0};
	key[0] = '\0';
	if (strcmp(col_text(q, 1), ERR_UNKNOWN_CARD) == 0 ||
	    strcmp(col_text(q, 1), ERR_UNATTRIBUTED_DEBIT) == 0)
		col_copy(q, 2, key, sizeof(key));
	reset(q);
	if (named_is_taken_back(r, key)) /* then only a person gives it to a member */
		c->remedy = NULL;
	return true;
}

static void
write_proposals(struct run *r, int64_t number, const struct open_case *c, const struct proposals *p)
{
	if (c->is_about_mandates) {
		write_about_mandates(r, number, p);
		return;
	}
	if (c->becomes != NULL)
		write_attributions(r, number, decision_find("attributed"), c->becomes, p);
	if (c->as_told != NULL)
		write_decision(r, number, decision_find("as_told"), decision_find("as_told")->meaning, 0,
		               c->as_told, p);
	write_postings(r, number, p);
	write_closings(r, number, c, p);
}

void
decision_write_all(struct run *r, int64_t number, struct sink *s)
{
	struct proposals p = {.text = s};
	struct open_case c;

	if (!load_case(r, number, &c))
		return;
	if (c.remedy != NULL)
		sink_print(s, "\nit is closed automatically %s\n", c.remedy);
	sink_print(s, "\n%s with one of these commands; %s:\n",
	           c.remedy != NULL ? "or decide" : "next: decide",
	           c.is_bank_entry ? "one that posts the entry is final"
	                           : "`exceptions reverse` takes a decision back");
	write_proposals(r, number, &c, &p);
}

void
decision_put_all(struct run *r, int64_t number, struct json *j)
{
	struct proposals p = {.json = j};
	struct open_case c;
	bool is_open = load_case(r, number, &c);

	json_put_text(j, "closes_automatically", is_open ? c.remedy : NULL);
	json_open(j, "decisions", '[');
	if (is_open)
		write_proposals(r, number, &c, &p);
	json_close(j, ']');
}
