/* decisions: see decisions.h. */
#include <string.h>

#include "formats/length.h"
#include "stages/commands/decisions.h"
#include "stages/core/cards/attribution.h"
#include "stages/core/engine/log.h"

static const struct decision decisions[] = {
    {"attributed", "it is posted now", true},
    {"applied_elsewhere", "the books have it, or get it by another command", false},
    {"not_ours", "it is no member's, and no matter of these books", false},
    {"accepted_loss", "it is left as it is, and Alan bears it", false},
    {"duplicate", "it was told twice, and the other one counts", false},
};

const struct decision *
decision_find(const char *word)
{
	size_t i;

	for (i = 0; i < LENGTH(decisions); i++)
		if (strcmp(decisions[i].word, word) == 0)
			return &decisions[i];
	die(EXIT_USAGE, "--decision takes %s, not \"%s\"", DECISION_WORDS, word);
}

/* What takes it away without a decision; the first row that fits, "*": any code. */
static const struct {
	const char *kind, *code, *how;
} remedies[] = {
    {"swan_transaction", ERR_UNKNOWN_CARD,
     "by itself, at the next post, if its account membership is linked to a member"},
    {"swan_transaction", ERR_UNATTRIBUTED_CREDIT,
     "by itself, at the next post, if it is a chargeback and its card payment appears"},
    {"swan_transaction", ERR_DATE_IN_FUTURE, "by itself, at the post of its day"},
    {"swan_transaction", "*", NULL},
    {"swan_node", "*", "by itself, at the next import in which Swan shows it right"},
    {"bank_entry", "*", "by itself, at the next reconcile, if what it contradicts or waits for is told"},
    {"file", "*", "by itself, when it is given again after its cause is mended"},
    {"offboarding", "*",
     "by itself, at the next post, once Swan has ended the member's cards and memberships"},
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

/* A word of a command line as a shell takes it; what a terminal would obey is shown as '?'. */
static void
write_shell_word(const char *word, struct sink *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:@-";
	bool quoted = word[0] == '\0' || word[strspn(word, plain)] != '\0';
	size_t n;

	if (quoted)
		sink_text(s, "'");
	for (;;) {
		n = strcspn(word, "'");
		sink_clean_part(s, word, n);
		word += n;
		if (*word++ == '\0')
			break;
		sink_text(s, "'\\''");
	}
	if (quoted)
		sink_text(s, "'");
}

/* profile: 0 is a place to fill in. */
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
	write_shell_word(col_text(q, 0), s);
	sink_text(s, " --app-user-id ");
	write_shell_word(col_text(q, 1), s);
	reset(q);
}

static void
write_command(struct run *r, int64_t number, const struct decision *d, int64_t profile, struct sink *s)
{
	sink_print(s, "  alanpay exceptions resolve --id %lld --decision %s", (long long)number, d->word);
	if (d->names_member)
		write_member(r, profile, s);
	sink_print(s, " --why TEXT\n      %s", d->meaning);
}

/* Each member whose it may be, as far as that is known; one line to fill in where nobody is. */
static void
write_attributions(struct run *r, int64_t number, const struct decision *d, const char *becomes,
                   struct sink *s)
{
	struct attribution_case c;

	attribution_look(r, number, &c);
	if (c.membership[0] != '\0' && c.holder == 0) {
		sink_text(s, "  alanpay users link-account-membership --app-id APP --app-user-id USER"
		             " --account-membership-id ");
		write_shell_word(c.membership, s);
		sink_text(s,
		          "\n      its account membership is this member's, with all that comes from it\n");
	}
	if (c.payer != 0) {
		write_command(r, number, d, c.payer, s);
		sink_print(s, ": %s, whose the payment is\n", becomes);
	}
	if (c.holder != 0 && c.holder != c.payer) {
		write_command(r, number, d, c.holder, s);
		sink_print(s, ": %s, whose the card is%s\n", becomes, c.payer != 0 ? "; one of its own" : "");
	}
	if (c.payer == 0 && c.holder == 0) {
		write_command(r, number, d, 0, s);
		sink_print(s, ": %s\n", becomes);
	}
}

void
decision_write_all(struct run *r, int64_t number, struct sink *s)
{
	struct stmt *q =
	    sql(r->db, "SELECT kind, code FROM exception WHERE number = $number AND state = 'open'");
	const char *remedy, *becomes;
	size_t i;

	bind_int(q, "$number", number);
	if (!row(q))
		return;
	remedy = find_remedy(col_text(q, 0), col_text(q, 1));
	becomes = attribution_becomes(col_text(q, 0), col_text(q, 1));
	reset(q);
	if (remedy != NULL)
		sink_print(s, "\nit goes away %s\n", remedy);
	sink_print(s, "\n%s one of these; a decision is final:\n",
	           remedy != NULL ? "or a person does" : "next: a person does");
	for (i = 0; i < LENGTH(decisions); i++) {
		if (decisions[i].names_member) {
			if (becomes != NULL)
				write_attributions(r, number, &decisions[i], becomes, s);
			continue;
		}
		write_command(r, number, &decisions[i], 0, s);
		sink_text(s, "\n");
	}
}
