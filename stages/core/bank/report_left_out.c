/* report_left_out: see report_left_out.h. Only reads. */
#include "formats/html.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/exclusion.h"
#include "stages/core/bank/report_left_out.h"
#include "stages/core/engine/log.h"
#include "stages/core/members/notification.h"

static void
write_excluded_by_why(struct run *r, struct xml_writer *w, const struct review *t, bool dropped)
{
	static const char *const heads[] = {"Reason", ">Debts", ">Sum, EUR", NULL};
	struct collection_sum total[EXCLUSION_WHYS] = {{0, 0}};
	struct stmt *q = exclusion_begin(r, t->file.session, t->file.kind, t->terms.address);
	struct exclusion l;
	int why;

	while (exclusion_next(q, &l)) {
		if (l.dropped != dropped)
			continue;
		total[l.why].count++;
		if (!money_add(&total[l.why].sum, l.amount))
			die(EXIT_BUG, "session %s: the sum of its excluded debts overflows", t->session.code);
	}
	html_begin_table(w, NULL, heads);
	for (why = 0; why < EXCLUSION_WHYS; why++) {
		if (total[why].count == 0)
			continue;
		xml_begin(w, "tr");
		html_put(w, "td", NULL, exclusion_words(why));
		html_number(w, total[why].count);
		html_amount(w, total[why].sum);
		xml_end(w);
	}
	html_end_table(w);
}

static void
write_excluded(struct run *r, struct xml_writer *w, const struct review *t, bool dropped)
{
	static const char *const heads[] = {"Application",        "Member", "Reason",
	                                    "Carried to session", ">EUR",   NULL};
	struct stmt *q;
	struct exclusion l;

	write_excluded_by_why(r, w, t, dropped);
	xml_begin(w, "br");
	xml_end(w);
	html_begin_table(w, "list", heads);
	q = exclusion_begin(r, t->file.session, t->file.kind, t->terms.address);
	while (exclusion_next(q, &l)) {
		if (l.dropped != dropped)
			continue;
		xml_begin(w, "tr");
		html_put(w, "td", NULL, l.app_id);
		html_put(w, "td", NULL, l.app_user_id);
		html_put(w, "td", NULL, exclusion_words(l.why));
		html_put(w, "td", NULL, l.carried_to_code);
		html_amount(w, l.amount);
		xml_end(w);
	}
	html_end_table(w);
}

/* Excluded at the freeze; not presented since, if any. */
static void
write_all_excluded(struct run *r, struct xml_writer *w, const struct review *t)
{
	html_put(w, "h2", NULL, "Excluded from the session");
	if (t->excluded[COLLECTION_DEBIT].count + t->excluded[COLLECTION_REFUND].count > 0)
		write_excluded(r, w, t, false);
	else if (t->dropped.count > 0)
		html_put(w, "p", NULL, "None at the freeze.");
	else
		html_put(w, "p", NULL, "None: every debt of the session is collected or refunded.");
	if (t->dropped.count == 0)
		return;
	html_put(w, "h2", NULL, "Frozen, but not presented in this file");
	write_excluded(r, w, t, true);
}

/* Members in an earlier version who were notified of it, and are not in this one. Only what was true when the file was made counts, so
 * that the report can be written once more. */
static void
write_notified_before(struct run *r, struct xml_writer *w, const struct review *t)
{
	static const char *const heads[] = {"Name", "Mandate", "End-to-end id", "Notified of", ">EUR", NULL};
	struct stmt *q =
	    sql(r->db,
	    "SELECT DISTINCT m.debtor_name, m.reference, c.end_to_end_id, f.collect_on, c.amount_in_cents"
	    " FROM bank_file f"
	    " JOIN collection c ON c.file_number = f.number"
	    " JOIN mandate m ON m.number = c.mandate_number"
	    " WHERE f.session_number = $session AND f.kind = $kind AND f.version = $version - 1"
	    "  AND NOT EXISTS ("
	    "    SELECT 1"
	    "    FROM bank_file g"
	    "    JOIN collection d ON d.file_number = g.number"
	    "    WHERE g.session_number = f.session_number AND g.kind = f.kind AND g.version = $version"
	    "     AND d.profile_number = c.profile_number)"
	    "  AND EXISTS ("
	    "    SELECT 1"
	    "    FROM notification n"
	    "    WHERE " NOTIFICATION_OF_COLLECTION("n", "c") " AND n.created_at < $made)"
	    " ORDER BY m.debtor_name, c.end_to_end_id");
	bool is_first = true;

	bind_int(q, "$session", t->file.session);
	bind_text(q, "$kind", bankfile_words(t->file.kind)->one);
	bind_int(q, "$version", t->file.version);
	bind_instant(q, "$made", t->file.created_at);
	for (; row(q); is_first = false) {
		if (is_first) {
			html_put(w, "h2", NULL, "Notified of the version before, but not in this file");
			html_begin_table(w, "list", heads);
		}
		xml_begin(w, "tr");
		html_put(w, "td", NULL, col_text(q, 0));
		html_put(w, "td", NULL, col_text(q, 1));
		html_put(w, "td", NULL, col_text(q, 2));
		html_put(w, "td", NULL, col_text(q, 3));
		html_amount(w, col_int(q, 4));
		xml_end(w);
	}
	if (!is_first)
		html_end_table(w);
}

void
report_write_left_out(struct run *r, struct xml_writer *w, const struct review *t)
{
	write_all_excluded(r, w, t);
	write_notified_before(r, w, t);
}
