/* report: see report.h. Only reads.
 *
 * source   what finance checks before an upload: count and sum of each block, hash, dates, anomalies, excluded debts
 */
#include <stdio.h>
#include <string.h>

#include "formats/html.h"
#include "formats/text.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/report.h"
#include "stages/core/bank/report_left_out.h"

#define BARS 16

/* Words of the page for debits and for refunds. */
static const struct words {
	const char *list, *party, *account, *date, *outcome;
} words[] = {
    [COLLECTION_DEBIT] = {"Debits", "Creditor", "Account credited", "Requested collection date",
                          "the bank credits"},
    [COLLECTION_REFUND] = {"Refunds", "Debtor", "Account debited", "Requested execution date",
                           "the bank pays"},
};

static void
write_hash(struct xml_writer *w, const struct review *t)
{
	char hex[SHA256_TEXT];
	int i;

	sha256_print(hex, t->file.sha256);
	html_begin(w, "div", "hash");
	html_print(w, "p", NULL, "SHA-256 of %s", t->file.name);
	xml_begin(w, "code");
	for (i = 0; i < SHA256_TEXT - 1; i += 4) {
		if (i > 0)
			xml_text(w, " ");
		html_print(w, "span", NULL, "%.4s", hex + i);
	}
	xml_end(w);
	xml_end(w);
}

static void
write_head(struct xml_writer *w, const struct review *t)
{
	char day[HTML_DAY], upload[HTML_DAY], eur[HTML_EUR], at[INSTANT_TEXT];

	html_print(w, "p", "kind", "Alan Pay recovery, session %s, version %lld", t->session.code,
	           (long long)t->file.version);
	html_print(w, "h1", NULL, "%lld %s%s, %s, due on %s", (long long)t->file.count,
	           bankfile_words(t->file.kind)->one, text_plural(t->file.count), html_eur(eur, t->file.sum),
	           html_day(day, t->file.collect_on));
	html_print(w, "p", "lead", "Upload before %s, %s Paris time, the cut-off of the bank.",
	           html_day(upload, t->upload_on), t->terms.cutoff);
	instant_print_seconds(at, t->file.created_at);
	html_print(w, "p", "muted", "Made by %s (%s) on %.10s at %.5s UTC.", t->file.built_by,
	           t->file.built_identity, at, at + sizeof("2026-03-04T") - 1);
	write_hash(w, t);
}

struct totals_row {
	const char *class, *what, *id, *sequence_types;
	int64_t count;
	cents sum;
};

static void
write_totals_row(struct xml_writer *w, const struct review *t, const struct totals_row *of)
{
	char day[DATE_TEXT];

	html_begin(w, "tr", of->class);
	html_put(w, "td", NULL, of->what);
	html_put(w, "td", "mono id", of->id);
	html_put(w, "td", NULL, of->sequence_types);
	html_put(w, "td", NULL, date_print(day, t->file.collect_on));
	html_number(w, of->count);
	html_amount(w, of->sum);
	xml_end(w);
}

static void
write_totals_rows(struct xml_writer *w, const struct review *t)
{
	int i;

	for (i = 0; i < t->blocks; i++) {
		const struct bankfile_block *b = &t->block[i];

		write_totals_row(w, t,
		                 &(struct totals_row){NULL, "Block", b->payment_information_id,
		                                      b->sequence_type, b->count, b->sum});
	}
	write_totals_row(w, t,
	                 &(struct totals_row){"total", "File", t->file.msg_id, t->sequence_types,
	                                      t->file.count, t->file.sum});
}

static void
write_fact(struct xml_writer *w, const char *name, const char *text)
{
	html_put(w, "dt", NULL, name);
	html_put(w, "dd", NULL, text);
}

/* Amounts owed by members and amounts owed to members are never added up. */
static const char *
print_excluded(char *text, size_t size, const struct review *t)
{
	const struct collection_sum *owed = &t->excluded[COLLECTION_DEBIT],
				    *owing = &t->excluded[COLLECTION_REFUND];
	char eur[HTML_EUR];
	int n = 0;

	if (owed->count + owing->count == 0)
		return "none";
	if (owed->count > 0)
		n = snprintf(text, size, "%lld debt%s, %s owed by members", (long long)owed->count,
		             text_plural(owed->count), html_eur(eur, owed->sum));
	if (owing->count > 0)
		snprintf(text + n, size - (size_t)n, "%s%lld debt%s, %s owed to members", n > 0 ? "; " : "",
		         (long long)owing->count, text_plural(owing->count), html_eur(eur, owing->sum));
	return text;
}

/* The page stays as it is: `sepa show` says what has changed since. */
static void
write_configuration(struct xml_writer *w, const struct review *t)
{
	char hex[SHA256_TEXT], text[192];
	int n = snprintf(text, sizeof(text), "SHA-256 %s", sha256_print(hex, t->terms.config_sha256));

	if (t->previous.session != 0)
		snprintf(text + n, sizeof(text) - (size_t)n, ", %s session %s",
		         t->previous.other_config ? "changed since" : "as for", t->previous.code);
	write_fact(w, "Configuration", text);
}

static void
write_totals(struct xml_writer *w, const struct review *t)
{
	static const char *const heads[] = {"",       "Identification", "Sequence", "Due on",
	                                    ">Count", ">Sum, EUR",      NULL};
	char text[256], a[MONEY_TEXT_FR], b[MONEY_TEXT_FR], c[MONEY_TEXT_FR], eur[HTML_EUR];

	html_put(w, "h2", NULL, "Totals");
	html_begin_table(w, NULL, heads);
	write_totals_rows(w, t);
	html_end_table(w);
	html_begin(w, "dl", "facts");
	snprintf(text, sizeof(text), "%s, %lld bytes", terms_message(&t->terms, t->file.kind),
	         (long long)t->xml_size);
	write_fact(w, "Format", text);
	snprintf(text, sizeof(text), "%.140s%s%.35s", t->terms.creditor_name,
	         t->file.kind == COLLECTION_DEBIT ? ", " : "",
	         t->file.kind == COLLECTION_DEBIT ? t->terms.creditor_identifier : "");
	write_fact(w, words[t->file.kind].party, text);
	snprintf(text, sizeof(text), "%s%s%s", t->creditor_iban,
	         t->terms.creditor_bic[0] == '\0' ? "" : ", BIC ", t->terms.creditor_bic);
	write_fact(w, words[t->file.kind].account, text);
	snprintf(text, sizeof(text), "smallest %s, average %s, largest %s EUR", money_print_fr(a, t->least),
	         money_print_fr(b, t->average), money_print_fr(c, t->most));
	write_fact(w, "Amounts", text);
	write_fact(w, "Excluded", print_excluded(text, sizeof(text), t));
	snprintf(text, sizeof(text), "%lld debt%s, %s", (long long)t->dropped.count,
	         text_plural(t->dropped.count), html_eur(eur, t->dropped.sum));
	if (t->dropped.count > 0)
		write_fact(w, "Not presented", text);
	if (t->previous.session == 0)
		snprintf(text, sizeof(text), "no file of %s before this one",
		         bankfile_words(t->file.kind)->list);
	else
		snprintf(text, sizeof(text), "%s: %lld %s%s, %s (%+d %%%s)", t->previous.code,
		         (long long)t->previous.count, bankfile_words(t->file.kind)->one,
		         text_plural(t->previous.count), html_eur(eur, t->previous.sum),
		         review_change_percent(t), review_or_more(review_change_percent(t)));
	write_fact(w, "Previous session", text);
	write_configuration(w, t);
	xml_end(w);
}

/* What a bank portal shows, in the words of the format. */
static void
write_portal_numbers(struct xml_writer *w, const struct review *t)
{
	static const char *const heads[] = {"The portal shows", ">Expected", NULL};
	char number[32], eur[HTML_EUR], day[DATE_TEXT];
	const struct {
		const char *what, *value;
	} rows[] = {
	    {"Message identification", t->file.msg_id},
	    {"Number of transactions", number},
	    {"Control sum", html_eur(eur, t->file.sum)},
	    {words[t->file.kind].date, date_print(day, t->file.collect_on)},
	    {words[t->file.kind].account, t->creditor_iban},
	    {"Sequence type", t->sequence_types},
	    {"Creditor identifier", t->terms.creditor_identifier},
	};
	const size_t rows_of[] = {[COLLECTION_DEBIT] = 7, [COLLECTION_REFUND] = 5};
	size_t i;

	snprintf(number, sizeof(number), "%lld", (long long)t->file.count);
	html_begin_table(w, NULL, heads);
	for (i = 0; i < rows_of[t->file.kind]; i++) {
		xml_begin(w, "tr");
		html_put(w, "td", NULL, rows[i].what);
		html_put(w, "td", "n", rows[i].value);
		xml_end(w);
	}
	html_end_table(w);
}

static void
begin_step(struct xml_writer *w, const char *head)
{
	xml_begin(w, "li");
	html_put(w, "strong", NULL, head);
}

static void
report_write_command(struct xml_writer *w, const struct review *t, const char *command, const char *options)
{
	xml_begin(w, "p");
	html_print(w, "code", NULL, "alanpay sepa %s --file %s%s", command, t->file.msg_id, options);
	xml_end(w);
}

static void
write_approval(struct xml_writer *w, const struct review *t)
{
	int approvals = t->terms.approvals;
	char eur[HTML_EUR];

	begin_step(w, "Check and approve");
	xml_begin(w, "p");
	if (approvals == 0)
		xml_text(w, "The configuration requires no approval.");
	else
		html_print(
		    w, "span", NULL,
		    "%d approval%s, not by %s. Check the anomalies and the lists below first. Then each approver "
		    "types the count, %lld %s%s, and the total, %s.",
		    approvals, text_plural(approvals), t->file.built_by, (long long)t->file.count,
		    bankfile_words(t->file.kind)->one, text_plural(t->file.count),
		    html_eur(eur, t->file.sum));
	xml_end(w);
	report_write_command(w, t, "approve", "");
	xml_end(w);
}

static void
write_upload(struct xml_writer *w, const struct review *t)
{
	char day[HTML_DAY];

	begin_step(w, "Release and upload, once");
	xml_begin(w, "p");
	html_print(w, "span", NULL, "Before %s, %s. ", html_day(day, t->upload_on), t->terms.cutoff);
	xml_text(w, "Release puts the file into ");
	html_print(w, "code", NULL, "out/upload/%s", t->file.name);
	xml_text(w, ". Confirm in the bank's portal only if every number agrees.");
	xml_end(w);
	report_write_command(w, t, "release", "");
	write_portal_numbers(w, t);
	xml_end(w);
}

static void
write_steps(struct xml_writer *w, const struct review *t)
{
	char day[HTML_DAY], eur[HTML_EUR];

	html_put(w, "h2", NULL, "Three steps");
	html_begin(w, "ol", "steps");
	write_approval(w, t);
	write_upload(w, t);
	begin_step(w, "Mark it as uploaded");
	report_write_command(w, t, "mark-uploaded", " --bank-reference REFERENCE");
	html_print(w, "p", NULL,
	           "On %s %s %s, less what it rejects. Rejects and returns appear in returns.csv, one folder "
	           "above this page.",
	           html_day(day, t->file.collect_on), words[t->file.kind].outcome,
	           html_eur(eur, t->file.sum));
	xml_end(w);
	xml_end(w);
}

static void
write_anomalies(struct xml_writer *w, const struct review *t)
{
	static const char *const heads[] = {"Count", "Anomaly", NULL};
	int i;

	html_put(w, "h2", NULL, "Anomalies");
	if (t->anomalies == 0) {
		html_put(w, "p", NULL, "None.");
		return;
	}
	html_begin_table(w, "look", heads);
	for (i = 0; i < t->anomalies; i++) {
		xml_begin(w, "tr");
		html_print(w, "td", NULL, "%lld", (long long)t->anomaly[i].count);
		html_put(w, "td", NULL, t->anomaly[i].message);
		xml_end(w);
	}
	html_end_table(w);
}

/* Bars of one width: 1, 2 or 5 times a power of ten euros, the smallest that needs at most BARS bars. */
struct bars {
	cents width, sum[BARS];
	int64_t count[BARS], tallest;
	int n;
};

static void
count_bars(struct run *r, const struct review *t, struct bars *b)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT amount_in_cents / $width, count(*), CAST(sum(amount_in_cents) AS BIGINT)"
	    " FROM collection"
	    " WHERE file_number = $file"
	    " GROUP BY 1"
	    " ORDER BY 1");
	int i = 0;

	*b = (struct bars){.width = 100, .n = 1, .tallest = 1};
	for (; t->most / b->width >= BARS; i++)
		b->width = i % 3 == 1 ? b->width / 2 * 5 : b->width * 2;
	bind_int(q, "$width", b->width);
	bind_int(q, "$file", t->file.number);
	while (row(q)) {
		int bar = (int)col_int(q, 0);

		b->count[bar] = col_int(q, 1);
		b->sum[bar] = col_int(q, 2);
		b->tallest = b->count[bar] > b->tallest ? b->count[bar] : b->tallest;
		b->n = bar + 1;
	}
}

static void
put_label(struct xml_writer *w, int x, int y, const char *class, int64_t number)
{
	html_begin(w, "text", class);
	html_attr(w, "x", "%d", x);
	html_attr(w, "y", "%d", y);
	xml_attr(w, "text-anchor", "middle");
	html_print(w, "tspan", NULL, "%lld", (long long)number);
	xml_end(w);
}

static void
write_svg(struct xml_writer *w, const struct bars *b)
{
	enum { WIDTH = 460, HIGHEST = 150, FLOOR = 175 };
	int step = WIDTH / b->n, every = b->n > 8 ? 2 : 1, i;

	xml_begin(w, "svg");
	html_attr(w, "viewBox", "-12 0 %d 205", WIDTH + 24);
	xml_attr(w, "role", "img");
	html_put(w, "title", NULL, "Count by amount; the table beside it has the same numbers");
	for (i = 0; i < b->n; i++) {
		int height = (int)(b->count[i] * HIGHEST / b->tallest);

		if (i % every == 0)
			put_label(w, i * step, FLOOR + 17, NULL, i * b->width / 100);
		if (b->count[i] == 0)
			continue;
		height = height < 2 ? 2 : height;
		html_begin(w, "rect", "bar");
		html_attr(w, "x", "%d", i * step + 2);
		html_attr(w, "y", "%d", FLOOR - height);
		html_attr(w, "width", "%d", step - 4);
		html_attr(w, "height", "%d", height);
		html_print(w, "title", NULL, "%lld to %lld EUR: %lld", (long long)(i * b->width / 100),
		           (long long)((i + 1) * b->width / 100), (long long)b->count[i]);
		xml_end(w);
		put_label(w, i * step + step / 2, FLOOR - height - 6, "c", b->count[i]);
	}
	if (b->n % every == 0)
		put_label(w, b->n * step, FLOOR + 17, NULL, b->n * b->width / 100);
	html_begin(w, "line", "axis");
	html_attr(w, "x2", "%d", b->n * step);
	html_attr(w, "y1", "%d", FLOOR);
	html_attr(w, "y2", "%d", FLOOR);
	xml_end(w);
	xml_end(w);
}

static void
write_amounts(struct run *r, struct xml_writer *w, const struct review *t)
{
	static const char *const heads[] = {"EUR", ">Count", ">Sum, EUR", NULL};
	struct bars b;
	int i;

	count_bars(r, t, &b);
	html_put(w, "h2", NULL, "Amounts");
	html_begin(w, "div", "chart");
	write_svg(w, &b);
	html_begin_table(w, NULL, heads);
	for (i = 0; i < b.n; i++) {
		if (b.count[i] == 0)
			continue;
		xml_begin(w, "tr");
		html_print(w, "td", NULL, "%lld to %lld", (long long)(i * b.width / 100),
		           (long long)((i + 1) * b.width / 100));
		html_number(w, b.count[i]);
		html_amount(w, b.sum[i]);
		xml_end(w);
	}
	html_end_table(w);
	xml_end(w);
}

static void
put_tags(struct xml_writer *w, const struct reviewed *d)
{
	if (d->is_first)
		html_put(w, "span", "tag", "first debit");
	if (d->may_come_back)
		html_put(w, "span", "tag", "debit may come back");
	if (d->is_new_account)
		html_put(w, "span", "tag", "new account");
	if (d->amended)
		html_put(w, "span", "tag", "new IBAN");
	if (d->new_creditor)
		html_put(w, "span", "tag", "new creditor");
	if (d->shares_account)
		html_put(w, "span", "tag", "shared IBAN");
	if (d->presentation > 1)
		html_print(w, "span", "tag", "attempt %lld", (long long)d->presentation);
}

void
report_put(struct xml_writer *w, const struct reviewed *d)
{
	xml_begin(w, "tr");
	xml_begin(w, "td");
	html_text(w, d->debtor_name);
	put_tags(w, d);
	xml_end(w);
	html_put(w, "td", "mono id", d->iban);
	html_put(w, "td", "id", d->reference);
	html_put(w, "td", "mono e2e", d->end_to_end_id);
	html_amount(w, d->amount);
	xml_end(w);
}

struct xml_writer *
report_begin(struct run *r, struct sink *s, const struct review *t)
{
	static const char *const heads[] = {"Name", "IBAN", "Mandate", "End-to-end id", ">EUR", NULL};
	struct xml_writer *w;
	char title[128];

	snprintf(title, sizeof(title), "%s: %s of session %s, version %lld", t->file.msg_id,
	         bankfile_words(t->file.kind)->list, t->session.code, (long long)t->file.version);
	w = html_begin_page(s, title);
	write_head(w, t);
	write_totals(w, t);
	write_steps(w, t);
	write_anomalies(w, t);
	write_amounts(r, w, t);
	report_write_left_out(r, w, t);
	html_put(w, "h2", NULL, words[t->file.kind].list);
	html_begin_table(w, "list", heads);
	return w;
}

void
report_end(struct xml_writer *w)
{
	html_end_table(w);
	html_put(w, "p", "foot",
	         "IBANs are masked on this page and in the lists beside it. Only the XML has them in full.");
	html_end_page(w);
}
