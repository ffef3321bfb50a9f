/* statuspage: see statuspage.h. Only reads. No clock is printed: the page changes when something in it does. */
#include <stdio.h>
#include <string.h>

#include "formats/html.h"
#include "formats/iban.h"
#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/bank/approval.h"
#include "stages/core/bank/nextstep.h"
#include "stages/core/bank/notified.h"
#include "stages/core/bank/statuspage.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"

#define LINE 512

/* "2026-03-04 at 08:00 UTC" */
#define STATUS_AT 32
static const char *
print_at(char text[static STATUS_AT], instant at)
{
	char whole[INSTANT_TEXT];

	instant_print_seconds(whole, at);
	snprintf(text, STATUS_AT, "%.10s at %.5s UTC", whole, whole + sizeof("2026-03-04T") - 1);
	return text;
}

static void
put_fact(struct xml_writer *w, const char *name, const char *text)
{
	html_put(w, "dt", NULL, name);
	html_put(w, "dd", NULL, text);
}

/* A text of any length, then who, when. */
static void
put_act(struct xml_writer *w, const char *name, const char *person, instant at, const char *more)
{
	char when[STATUS_AT];

	html_put(w, "dt", NULL, name);
	xml_begin(w, "dd");
	html_text(w, "by ");
	html_text(w, person);
	html_text(w, " on ");
	html_text(w, print_at(when, at));
	html_text(w, more);
	xml_end(w);
}

static const char *
print_sum(char *text, size_t size, const struct bankfile *f, int64_t count, cents sum)
{
	char eur[HTML_EUR];

	snprintf(text, size, "%lld %s%s, %s", (long long)count, bankfile_words(f->kind)->one,
	         text_plural(count), html_eur(eur, sum));
	return text;
}

/* A name, and by what that person was known. */
#define KNOWN(name, identity) name " || coalesce(' (' || " identity " || ')', '')"

/* Approvals -------------------------------------------------------------------------------------------------- */

static void
write_rejections(struct run *r, struct xml_writer *w, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT " KNOWN("person", "identity") ", rejected_at, why, withdrawn_at FROM rejection"
	    " WHERE file_number = $file"
	    " ORDER BY nth");
	char more[LINE];

	bind_int(q, "$file", f->number);
	while (row(q)) {
		snprintf(more, sizeof(more), ": %s%s", col_text(q, 2), col_null(q, 3) ? "" : " (withdrawn)");
		put_act(w, "Rejected", col_text(q, 0), col_instant(q, 1), more);
	}
}

static void
write_approvals(struct run *r, struct xml_writer *w, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT " KNOWN("approver", "identity") ", approved_at FROM approval"
	    " WHERE file_number = $file"
	    " ORDER BY approved_at, approver");
	int64_t wanted = config_int(r->config, RELEASE_APPROVALS);
	char text[LINE], why[APPROVAL_WHY];

	snprintf(text, sizeof(text), "%lld of %lld", (long long)approval_count(r, f, why), (long long)wanted);
	put_fact(w, "Approvals", text);
	bind_int(q, "$file", f->number);
	while (row(q))
		put_act(w, "Approved", col_text(q, 0), col_instant(q, 1), "");
	if (why[0] != '\0')
		put_fact(w, "Not counted", why);
	write_rejections(r, w, f);
}

/* Release, upload, cancellation, withdrawal ------------------------------------------------------------------ */

static void
write_withdrawals(struct run *r, struct xml_writer *w, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT " KNOWN("person", "identity") ", stated_at, way, why FROM withdrawal"
	    " WHERE file_number = $file"
	    " ORDER BY stated_at, person");
	char more[LINE];

	bind_int(q, "$file", f->number);
	while (row(q)) {
		snprintf(more, sizeof(more), ", as %s: %s", col_text(q, 2), col_text(q, 3));
		put_act(w, "Withdrawal stated", col_text(q, 0), col_instant(q, 1), more);
	}
}

static void
write_acts(struct run *r, struct xml_writer *w, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT " KNOWN("released_by", "released_identity") ", released_at, " KNOWN("uploaded_by", "uploaded_identity") ","
	    "  uploaded_at, bank_reference, " KNOWN("cancelled_by", "cancelled_identity") ", cancelled_at, cancel_why"
	    " FROM bank_file"
	    " WHERE number = $file");
	char more[LINE];

	bind_int(q, "$file", f->number);
	(void)row(q);
	if (!col_null(q, 1))
		put_act(w, "Released", col_text(q, 0), col_instant(q, 1), "");
	else
		put_fact(w, "Released", "no");
	if (!col_null(q, 3)) {
		snprintf(more, sizeof(more), ", bank reference %s", col_text(q, 4));
		put_act(w, "Uploaded", col_text(q, 2), col_instant(q, 3), more);
	} else {
		put_fact(w, "Uploaded", "no");
	}
	if (!col_null(q, 6)) {
		snprintf(more, sizeof(more), ": %s", col_text(q, 7));
		put_act(w, "Cancelled", col_text(q, 5), col_instant(q, 6), more);
	}
	reset(q);
	write_withdrawals(r, w, f);
}

/* Members ---------------------------------------------------------------------------------------------------- */

/* "20 accepted by receipt, 4 published; from 2026-03-05 at 02:30 UTC to ..." */
static void
write_proof(struct xml_writer *w, const struct notification_notice *n)
{
	int64_t published = n->notified - n->by_receipt;
	char text[LINE], by_receipt[48] = "", by_batch[48] = "", from[STATUS_AT], until[STATUS_AT];

	if (n->by_receipt > 0)
		snprintf(by_receipt, sizeof(by_receipt), "%lld accepted by receipt%s",
		         (long long)n->by_receipt, published > 0 ? ", " : "");
	if (published > 0)
		snprintf(by_batch, sizeof(by_batch), "%lld published", (long long)published);
	if (n->first_at == n->last_at)
		snprintf(text, sizeof(text), "%s%s, on %s", by_receipt, by_batch,
		         print_at(from, n->first_at));
	else
		snprintf(text, sizeof(text), "%s%s, from %s to %s", by_receipt, by_batch,
		         print_at(from, n->first_at), print_at(until, n->last_at));
	put_fact(w, "Proof", text);
}

static void
write_notified(struct run *r, struct xml_writer *w, const struct bankfile *f)
{
	char text[LINE], day[DATE_TEXT], lacks[NOTIFIED_TEXT];
	struct notification_notice n;

	if (!bankfile_is_in_force(f))
		return;
	notified_count(r, f, &n);
	snprintf(text, sizeof(text), "%lld of %lld, by the end of %s", (long long)n.notified,
	         (long long)n.debits, date_print(day, notified_until(r, f)));
	put_fact(w, "Members notified", text);
	if (n.notified > 0)
		write_proof(w, &n);
	if (n.notified < n.debits)
		put_fact(w, "Not notified", notified_print_lacks(&n, lacks));
}

/* The bank --------------------------------------------------------------------------------------------------- */

/* What became of the debits or refunds of a file so far. */
struct outcome {
	int64_t count[COLLECTION_WITHDRAWN + 1];
	cents sum[COLLECTION_WITHDRAWN + 1];
};

static void
load_outcome(struct run *r, const struct bankfile *f, struct outcome *o)
{
	static const char *const states[] = {"presented", "accepted",  "booked",   "rejected",
	                                     "returned",  "cancelled", "withdrawn"};
	struct stmt *q = sql(r->db,
	    "SELECT state, count(*), CAST(sum(amount_in_cents) AS BIGINT)"
	    " FROM collection"
	    " WHERE file_number = $file"
	    " GROUP BY state");
	int state;

	*o = (struct outcome){{0}, {0}};
	bind_int(q, "$file", f->number);
	while (row(q)) {
		state = col_word(q, 0, states, LENGTH(states));
		o->count[state] = col_int(q, 1);
		o->sum[state] = col_int(q, 2);
	}
}

/* Rejected before the booking, or returned after it. */
static void
write_returned(struct xml_writer *w, const struct bankfile *f, const struct outcome *o)
{
	char text[LINE], sum[LINE / 2];
	int64_t rejected = o->count[COLLECTION_REJECTED], returned = o->count[COLLECTION_RETURNED];

	if (rejected + returned == 0) {
		put_fact(w, "Returned so far", "none");
		return;
	}
	print_sum(sum, sizeof(sum), f, rejected + returned,
	          o->sum[COLLECTION_REJECTED] + o->sum[COLLECTION_RETURNED]);
	snprintf(text, sizeof(text), "%s: %lld rejected, %lld returned after the booking", sum,
	         (long long)rejected, (long long)returned);
	put_fact(w, "Returned so far", text);
}

/* From the release on, and whenever the bank has reported. */
static void
write_reported(struct run *r, struct xml_writer *w, const struct bankfile *f)
{
	static const struct {
		enum collection_state state;
		const char *words;
	} rows[] = {{COLLECTION_PRESENTED, "No answer yet"},
	            {COLLECTION_ACCEPTED, "Accepted"},
	            {COLLECTION_BOOKED, "Booked"}};
	struct outcome o;
	char text[LINE];
	size_t i;

	if (bankfile_is_unreleased(f))
		return;
	load_outcome(r, f, &o);
	if (o.count[COLLECTION_CANCELLED] + o.count[COLLECTION_WITHDRAWN] == f->count)
		return;
	for (i = 0; i < LENGTH(rows); i++) {
		enum collection_state state = rows[i].state;

		if (o.count[state] > 0)
			put_fact(w, rows[i].words,
			         print_sum(text, sizeof(text), f, o.count[state], o.sum[state]));
	}
	write_returned(w, f, &o);
}

/* The page --------------------------------------------------------------------------------------------------- */

static void
write_next(struct run *r, struct xml_writer *w, const struct bankfile *f)
{
	struct nextstep n;

	nextstep_find(r, f, &n);
	html_begin(w, "div", "hash");
	html_put(w, "p", NULL, "Next step");
	xml_begin(w, "p");
	html_put(w, "span", NULL, n.words);
	xml_end(w);
	if (n.act[0] != '\0') {
		xml_begin(w, "p");
		html_print(w, "code", NULL, "alanpay %s", n.act);
		xml_end(w);
	}
	xml_end(w);
}

/* Where the money goes, or comes from. */
static void
write_account(struct run *r, struct xml_writer *w, const struct bankfile *f)
{
	struct stmt *q = sql(r->db, "SELECT creditor_iban FROM bank_file WHERE number = $file");
	char masked[IBAN_MASKED];
	struct iban iban;

	bind_int(q, "$file", f->number);
	(void)row(q);
	col_copy(q, 0, iban.text, sizeof(iban.text));
	reset(q);
	iban_mask(masked, &iban);
	put_fact(w, f->kind == COLLECTION_DEBIT ? "Account credited" : "Account debited", masked);
}

static void
write_file(struct run *r, struct xml_writer *w, const struct bankfile *f)
{
	char by[RUN_PERSON + 16];
	char text[LINE], day[HTML_DAY], hex[SHA256_TEXT];

	html_print(w, "h2", NULL, "%s: %s", f->msg_id, bankfile_state_word(f->state));
	write_next(r, w, f);
	html_begin(w, "dl", "facts");
	put_fact(w, "Total", print_sum(text, sizeof(text), f, f->count, f->sum));
	put_fact(w, "Due on", html_day(day, f->collect_on));
	write_account(r, w, f);
	put_fact(w, "XML", f->name);
	put_fact(w, "SHA-256", sha256_print(hex, f->sha256));
	snprintf(by, sizeof(by), "%s (%s)", f->built_by, f->built_identity);
	put_act(w, "Made", by, f->created_at, "");
	write_approvals(r, w, f);
	write_notified(r, w, f);
	write_acts(r, w, f);
	write_reported(r, w, f);
	xml_end(w);
}

static void
write_head(struct xml_writer *w, const struct session *s)
{
	char from[DATE_TEXT], to[DATE_TEXT], day[HTML_DAY];

	html_put(w, "p", "kind", "Alan Pay recovery");
	html_print(w, "h1", NULL, "Bank files of session %s", s->code);
	html_print(w, "p", "lead", "Due on %s, for the days from %s to %s.", html_day(day, s->recovery),
	           date_print(from, s->period_start), date_print(to, s->period_end));
	html_put(w, "p", "muted",
	         "The newest file comes first. This page is rewritten whenever one of them changes.");
}

/* All files in one table: the newest first. */
static void
write_summary(struct run *r, struct xml_writer *w, int64_t session)
{
	static const char *const heads[] = {"File", "State", ">Count", ">Sum, EUR", NULL};
	struct stmt *q = sql(r->db,
	    "SELECT msg_id, state, collections, sum_in_cents"
	    " FROM bank_file"
	    " WHERE session_number = $session"
	    " ORDER BY number DESC");

	html_begin_table(w, NULL, heads);
	bind_int(q, "$session", session);
	while (row(q)) {
		xml_begin(w, "tr");
		html_put(w, "td", "mono id", col_text(q, 0));
		html_put(w, "td", NULL, bankfile_state_word(bankfile_state_col(q, 1)));
		html_number(w, col_int(q, 2));
		html_amount(w, col_int(q, 3));
		xml_end(w);
	}
	html_end_table(w);
}

void
statuspage_write(struct run *r, int64_t session, struct sink *s)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT number FROM bank_file WHERE session_number = $session ORDER BY number DESC");
	struct xml_writer *w;
	struct session of;
	struct bankfile f;
	char title[64];

	if (!session_load(r, session, &of))
		die(EXIT_BUG, "session %lld does not exist", (long long)session);
	snprintf(title, sizeof(title), "Bank files of session %s", of.code);
	w = html_begin_page(s, title);
	write_head(w, &of);
	write_summary(r, w, session);
	bind_int(q, "$session", session);
	while (row(q))
		if (bankfile_load(r, col_int(q, 0), &f))
			write_file(r, w, &f);
	html_put(
	    w, "p", "foot",
	    "Beside this page: notices.csv has the proof for each member, returns.csv what came back. IBANs are masked.");
	html_end_page(w);
}
