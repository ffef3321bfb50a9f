/* exclusion: see exclusion.h. Only reads.
 *
 * The freeze stores no more than the word `offset`. The finer reason is read from the mandate, if that has not changed since
 * the freeze; otherwise none is given.
 */
#include <string.h>

#include "formats/length.h"
#include "stages/core/bank/exclusion.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/key.h"
#include "stages/core/members/mandate.h"

#define KEPT "owed to the member, kept for the next session"

/* `of` is the sign of the amount: 1 the member owes Alan, -1 Alan owes the member. */
static const struct why {
	const char *why;
	int of;
	const char *words;
} whys[EXCLUSION_WHYS] = {
    {"no_mandate", 1, "no mandate was declared"},
    {"mandate_suspended", 1, "the mandate is suspended, for a reason that the bank reported"},
    {"mandate_blocked", 1, "the mandate is blocked: a new one is needed"},
    {"mandate_expired", 1, "the mandate was not used for 36 months"},
    {ERR_INVALID_IBAN, 1, "the IBAN is not valid"},
    {"country_not_sepa", 1, "the account is outside SEPA"},
    {ERR_NO_ADDRESS, 1, "the account is outside the EEA, and its BIC or the address is missing or not sent"},
    {"below_minimum", 1, "below the minimum amount"},
    {"above_limit", 1, "above the limit for one debit"},
    {"too_many_failures", 1, "too many debits failed one after another"},
    {"no_mandate", -1, KEPT ": no mandate names an account"},
    {"mandate_suspended", -1, KEPT ": the mandate is suspended, its account is uncertain"},
    {"mandate_blocked", -1, KEPT ": the mandate is blocked, its account is wrong or closed"},
    {ERR_INVALID_IBAN, -1, KEPT ": the IBAN is not valid"},
    {"country_not_sepa", -1, KEPT ": the account is outside SEPA"},
    {ERR_NO_ADDRESS, -1, KEPT ": the account is outside the EEA, and its BIC or the address is missing"},
    {"not_covered", -1, KEPT ": the member owes in another debt, or a debit may still come back"},
    {"offset", -1, KEPT},
    {"above_limit", -1, "owed to the member, above the limit for one refund"},
    {"too_many_failures", -1, "owed to the member, too many refunds failed one after another"},
    {"mandate", 1, "the mandate is not in force any more"},
    {"mandate", -1, "no mandate names a certain account any more"},
    {"owes", -1, "the member owes money now: the balance does not cover it"},
    {"other", 0, "for another reason"},
};

const char *
exclusion_words(int why)
{
	return whys[why].words;
}

static int
find_why(const char *word, cents amount)
{
	int i;

	for (i = 0; i < EXCLUSION_WHYS - 1; i++)
		if ((amount < 0) == (whys[i].of < 0) && strcmp(whys[i].why, word) == 0)
			break;
	return i;
}

struct stmt *
exclusion_begin(struct run *r, int64_t session, enum collection_kind kind, const char *address)
{
	struct stmt *q = sql(r->db,
	    "SELECT x.profile_number, p.app_id, p.app_user_id, x.reason, x.amount_in_cents, x.carried_to_session,"
	    "  n.code, coalesce(m.status, ''), coalesce(m.iban, ''),"
	    "  CASE WHEN m.status_at > s.frozen_at THEN 1 ELSE 0 END, 0, " MANDATE_HAS_ADDRESS("m")
	    " FROM exclusion x JOIN profile p ON p.number = x.profile_number"
	    " JOIN session s ON s.number = x.session_number JOIN session n ON n.number = x.carried_to_session"
	    " LEFT JOIN mandate m ON m.profile_number = x.profile_number AND m.status <> 'superseded'"
	    " WHERE x.session_number = $session"
	    " UNION ALL"
	    " SELECT d.profile_number, p.app_id, p.app_user_id, d.failure, d.amount_in_cents,"
	    "  coalesce(back.session_number, 0), coalesce(n.code, ''), '', '', 0, 1, 0"
	    " FROM debt d JOIN profile p ON p.number = d.profile_number"
	    " LEFT JOIN balance_transaction back ON back.key ="
	    "  (SELECT max(b.key) FROM balance_transaction b WHERE " SQL_OF_MEMBER("b.key", "d.profile_number")
	    "    AND b.settled_session IS NULL AND " SQL_CAME_BACK("b") " AND b.source IN"
	    "     (SELECT gone.source FROM balance_transaction gone"
	    "      WHERE " SQL_OF_MEMBER("gone.key", "d.profile_number") " AND gone.settled_session = d.session_number))"
	    " LEFT JOIN session n ON n.number = back.session_number"
	    " WHERE d.session_number = $session AND " EXCLUSION_DROPPED("d", "$kind") " ORDER BY 1");

	bind_int(q, "$session", session);
	bind_text(q, "$kind", collection_kind_word(kind));
	bind_text(q, "$address", address);
	return q;
}

/* In the order in which the freeze checks. */
static const char *
offset_because(const char *status, const char *iban, bool has_address, bool changed)
{
	static const char *const doubts[][2] = {
	    {"", "no_mandate"}, {"suspended", "mandate_suspended"}, {"blocked", "mandate_blocked"}};
	const char *wrong;
	size_t i;

	if (changed)
		return "offset";
	for (i = 0; i < LENGTH(doubts); i++)
		if (strcmp(status, doubts[i][0]) == 0)
			return doubts[i][1];
	wrong = mandate_uncollectable(iban, has_address);
	return wrong == NULL ? "not_covered" : wrong;
}

bool
exclusion_next(struct stmt *q, struct exclusion *l)
{
	const char *word;

	if (!row(q))
		return false;
	*l = (struct exclusion){.profile = col_int(q, 0),
	                        .app_id = col_text(q, 1),
	                        .app_user_id = col_text(q, 2),
	                        .reason = col_text(q, 3),
	                        .amount = col_int(q, 4),
	                        .carried_to = col_int(q, 5),
	                        .carried_to_code = col_text(q, 6),
	                        .dropped = col_int(q, 10) != 0};
	word = l->reason;
	if (strcmp(word, "offset") == 0)
		word =
		    offset_because(col_text(q, 7), col_text(q, 8), col_int(q, 11) != 0, col_int(q, 9) != 0);
	else if (l->dropped && strcmp(word, "not_covered") == 0)
		word = "owes";
	l->why = find_why(word, l->amount);
	return true;
}
