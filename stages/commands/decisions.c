/* decisions: see decisions.h. */
#include <string.h>

#include "formats/length.h"
#include "formats/money.h"
#include "stages/commands/decisions.h"
#include "stages/core/cards/attribution.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"

static const struct decision decisions[] = {
    {"attributed", "post it now", NULL, true},
    {"applied_elsewhere", "the books have it already, or another command records it",
     "a person read it, and all that is in it is in the books", false},
    {"not_ours", "it belongs to no member: nothing to post",
     "it was not meant for us: nothing in it concerns a member", false},
    {"accepted_loss", "leave it as it is: Alan bears the loss", NULL, false},
    {"duplicate", "it was reported twice, and the other report counts",
     "the sender sent it again, corrected, and that file was applied", false},
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
decision_exception(struct run *r)
{
	const char *typed = options_value(r, "id");
	struct err e = {0};
	cents number;

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
    {"swan_transaction", ERR_DATE_IN_FUTURE, "at the post of its day"},
    {"swan_transaction", "*", NULL},
    {"swan_node", "*", "at the next import in which Swan sends it without the error"},
    {"bank_entry", "*", "at the next reconcile, if another bank entry explains it"},
    {"file", "*",
     "when the cause is fixed and the same bytes are dropped again; once a corrected file was read, decide"},
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

/* Ready to paste; controls of a terminal become '?'. */
static void
decisions_write_command(struct run *r, const char *words, const char *meaning, struct sink *s)
{
	sink_text(s, "  ");
	sink_clean(s, run_command(r, "%s", words));
	sink_print(s, "\n      %s", meaning);
}

static void
write_decision(struct run *r, int64_t number, const struct decision *d, const char *meaning, int64_t profile,
               struct sink *s)
{
	char text[WORDS];
	struct sink_text room = {text, sizeof(text), 0};
	struct sink *words = sink_into(&room);

	sink_print(words, "exceptions resolve --id %lld --decision %s", (long long)number, d->word);
	if (d->names_member)
		write_member(r, profile, words);
	sink_text(words, " --why TEXT");
	(void)sink_end(words, NULL, NULL);
	decisions_write_command(r, text, meaning, s);
}

static void
write_link(struct run *r, const char *membership, struct sink *s)
{
	char text[WORDS];
	struct sink_text room = {text, sizeof(text), 0};
	struct sink *words = sink_into(&room);

	sink_text(words, "users link-account-membership --app-id APP --app-user-id USER"
	                 " --account-membership-id ");
	run_put_word(words, membership);
	(void)sink_end(words, NULL, NULL);
	decisions_write_command(r, text,
	                        "link its account membership to this member, with all its transactions\n", s);
}

/* A command for each member to whom it may belong; one to fill in where none is known. */
static void
write_attributions(struct run *r, int64_t number, const struct decision *d, const char *becomes,
                   struct sink *s)
{
	struct attribution_case c;

	attribution_look(r, number, &c);
	if (c.membership[0] != '\0' && c.holder == 0)
		write_link(r, c.membership, s);
	if (c.payer != 0) {
		write_decision(r, number, d, d->meaning, c.payer, s);
		sink_print(s, " as %s, to whom the payment belongs\n", becomes);
	}
	if (c.holder != 0 && c.holder != c.payer) {
		write_decision(r, number, d, d->meaning, c.holder, s);
		sink_print(s, " as %s, to whom the card belongs%s\n", becomes,
		           c.payer != 0 ? "; it becomes a payment of its own" : "");
	}
	if (c.payer == 0 && c.holder == 0) {
		write_decision(r, number, d, d->meaning, 0, s);
		sink_print(s, " as %s\n", becomes);
	}
}

void
decision_write_all(struct run *r, int64_t number, struct sink *s)
{
	struct stmt *q =
	    sql(r->db, "SELECT kind, code FROM exception WHERE number = $number AND state = 'open'");
	const char *remedy, *becomes, *meaning;
	bool is_file;
	size_t i;

	bind_int(q, "$number", number);
	if (!row(q))
		return;
	remedy = find_remedy(col_text(q, 0), col_text(q, 1));
	becomes = attribution_becomes(col_text(q, 0), col_text(q, 1));
	is_file = strcmp(col_text(q, 0), "file") == 0;
	reset(q);
	if (remedy != NULL)
		sink_print(s, "\nit is closed automatically %s\n", remedy);
	sink_print(s, "\n%s with one of these commands; a decision is final:\n",
	           remedy != NULL ? "or decide" : "next: decide");
	for (i = 0; i < LENGTH(decisions); i++) {
		if (decisions[i].names_member) {
			if (becomes != NULL)
				write_attributions(r, number, &decisions[i], becomes, s);
			continue;
		}
		meaning = is_file ? decisions[i].of_file : decisions[i].meaning;
		if (meaning == NULL)
			continue;
		write_decision(r, number, &decisions[i], meaning, 0, s);
		sink_text(s, "\n");
	}
}
