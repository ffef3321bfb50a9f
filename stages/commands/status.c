/* alanpay status: one screen for the operator: sessions, files, exceptions, money, the last nights, and what to do, the most
 * urgent at the end; the same as JSON. What it shows: status_facts.h. It only reads. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/money.h"
#include "formats/text.h"
#include "stages/commands/advice.h"
#include "stages/commands/command.h"
#include "stages/commands/status_facts.h"
#include "stages/core/engine/config.h"
#include "stages/core/home/home.h"

/* The screen --------------------------------------------------------------------------------------------- */

#define WIDTH       80
#define LABEL       11
#define MOST        3 /* sessions, or files, on the screen */
#define SCREEN_TEXT 1200

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The length of the first word; an amount, "1 816.54 EUR", is one word. */
static int
word_length(const char *text)
{
	size_t n = strcspn(text, " ");

	while (text[n] == ' ' && n > 0 &&
	       (strncmp(text + n + 1, "EUR", 3) == 0 || (is_digit(text[n - 1]) && is_digit(text[n + 1]))))
		n += 1 + strcspn(text + n + 1, " ");
	return (int)n;
}

/* Wraps text at WIDTH; further lines are indented. */
static void
put_wrapped(struct sink *s, int indent, const char *text)
{
	int at = indent, n;

	for (; *text != '\0'; text += n + (text[n] == ' ')) {
		n = word_length(text);
		if (at > indent && at + 1 + n > WIDTH) {
			sink_print(s, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			sink_text(s, " ");
			at++;
		}
		sink_put(s, text, (size_t)n);
		at += n;
	}
	sink_text(s, "\n");
}

static void __attribute__((format(printf, 3, 4)))
status_put_line(struct sink *s, const char *label, const char *fmt, ...)
{
	char text[SCREEN_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	sink_print(s, "%-*s", LABEL, label);
	put_wrapped(s, LABEL, text);
}

static void __attribute__((format(printf, 2, 3))) append(char text[static SCREEN_TEXT], const char *fmt, ...)
{
	size_t n = strlen(text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text + n, SCREEN_TEXT - n, fmt, args);
	va_end(args);
}

static const char *const at_home[] = {
    [ENVIRONMENT_PRODUCTION] = "", [ENVIRONMENT_SANDBOX] = " (sandbox)", [ENVIRONMENT_TEST] = " (test home)"};

static void
write_where(struct run *r, const struct status_facts *f, struct sink *s)
{
	char day[DATE_TEXT], today[DATE_TEXT], next[DATE_TEXT + STATUS_CLOCK + 16], at[STATUS_CLOCK];

	date_print(day, r->on);
	date_print(next, advice_next_night(r));
	if (status_print_night_time(r, at))
		snprintf(next + DATE_TEXT - 1, sizeof(next) - DATE_TEXT + 1, " at %s in Paris", at);
	status_put_line(s, "home", "%s%s", r->home, at_home[store_environment(r->db)]);
	if (status_is_past(r))
		status_put_line(s, "date",
		                "%s, in the past: decide by the status of today, %s; next night %s", day,
		                date_print(today, date_in_paris(r->now)), next);
	else
		status_put_line(s, "date", "%s%s; next night %s", day, r->clock_given ? " (given)" : "",
		                next);
	if (f->other_config != DATE_NONE)
		status_put_line(s, "config", "%s has changed since the night of %s", r->config_path,
		                date_print(day, f->other_config));
	if (f->risk.unread < 0 || f->in_requests < 0)
		status_put_line(s, "inbox", "this user cannot read it");
	else if (f->risk.unread + f->in_requests > 0)
		status_put_line(
		    s, "inbox",
		    "%lld file%s in inbox/bank, %lld in inbox/requests: the next night reads them",
		    (long long)f->risk.unread, text_plural(f->risk.unread), (long long)f->in_requests);
}

static void
write_session(struct stmt *q, const char *label, struct sink *s)
{
	char recover[MONEY_TEXT_GROUPED], refund[MONEY_TEXT_GROUPED], refunds[64] = "";
	bool is_frozen = col_int(q, 3) != 0;
	int64_t debts = col_int(q, 4);

	if (col_int(q, 6) != 0)
		snprintf(refunds, sizeof(refunds), ", refunds %s EUR",
		         money_print_grouped(refund, col_int(q, 6)));
	status_put_line(s, label, "%s %s %s: %lld debt%s, %s EUR%s", col_text(q, 0),
	                is_frozen ? "due" : "open until", col_text(q, is_frozen ? 2 : 1), (long long)debts,
	                text_plural(debts), money_print_grouped(recover, col_int(q, 5)), refunds);
}

static void
write_file(struct stmt *q, const char *label, struct sink *s)
{
	char total[MONEY_TEXT_GROUPED], approvals[40] = "";

	if (strcmp(col_text(q, 2), "generated") == 0 || strcmp(col_text(q, 2), "approved") == 0)
		snprintf(approvals, sizeof(approvals), " with %lld approval%s", (long long)col_int(q, 8),
		         text_plural(col_int(q, 8)));
	status_put_line(s, label, "%s %s%s: %lld %s%s, %s EUR, due %s", col_text(q, 0), col_text(q, 2),
	                approvals, (long long)col_int(q, 3), col_text(q, 1), text_plural(col_int(q, 3)),
	                money_print_grouped(total, col_int(q, 4)), col_text(q, 5));
}

/* The first rows of a list, and the number of further ones. */
static void
status_write_list(struct run *r, const char *label, const struct listing *l,
                  void (*write)(struct stmt *q, const char *label, struct sink *s), const char *more,
                  const char *none, struct sink *s)
{
	struct stmt *q = listing_query(r, l);
	int n;

	for (n = 0; row(q); n++)
		if (n < MOST)
			write(q, n == 0 ? label : "", s);
	if (n > MOST)
		status_put_line(s, "", "%d more: %s", n - MOST, more);
	if (n == 0)
		status_put_line(s, label, "%s", none);
}

#define EXCEPTION_SUM (MONEY_TEXT_GROUPED + 16)

/* Nothing where no amount is known. */
static const char *
print_sum(char text[static EXCEPTION_SUM], const char *before, cents sum, const char *after)
{
	char amount[MONEY_TEXT_GROUPED];

	text[0] = '\0';
	if (sum != 0)
		snprintf(text, EXCEPTION_SUM, "%s%s EUR%s", before, money_print_grouped(amount, sum), after);
	return text;
}

/* "5 open since 2026-03-01, 41.00 EUR: 3 unknown_card (41.00 EUR), 2 file_rejected" */
static void
write_exceptions(struct run *r, const struct listing *l, struct sink *s)
{
	struct stmt *q = listing_query(r, l);
	char text[SCREEN_TEXT] = "", day[DATE_TEXT], amount[EXCEPTION_SUM];
	date oldest = DATE_NONE;
	int64_t open = 0;
	cents sum = 0;
	int codes = 0;

	for (; row(q); codes++) {
		open += col_int(q, 1);
		if (!money_add(&sum, col_int(q, 2)))
			die(EXIT_BUG, "the sum of the open exceptions does not fit");
		if (oldest == DATE_NONE || col_date(q, 3) < oldest)
			oldest = col_date(q, 3);
		if (codes < 2 * MOST)
			append(text, "%s%lld %s%s", codes == 0 ? "" : ", ", (long long)col_int(q, 1),
			       col_text(q, 0), print_sum(amount, " (", col_int(q, 2), ")"));
	}
	if (open == 0)
		status_put_line(s, "exceptions", "none");
	else
		status_put_line(s, "exceptions", "%lld open since %s%s: %s%s", (long long)open,
		                date_print(day, oldest), print_sum(amount, ", ", sum, ""), text,
		                codes > 2 * MOST ? ", ..." : "");
}

static void
write_money(const struct status_facts *f, struct sink *s)
{
	char debits[MONEY_TEXT_GROUPED], refunds[MONEY_TEXT_GROUPED], risk[SCREEN_TEXT] = "";

	status_put_line(s, "in flight", "%lld debit%s, %s EUR; %lld refund%s, %s EUR",
	                (long long)f->debits.count, text_plural(f->debits.count),
	                money_print_grouped(debits, f->debits.sum), (long long)f->refunds.count,
	                text_plural(f->refunds.count), money_print_grouped(refunds, f->refunds.sum));
	if (f->risk.entries > 0)
		append(risk, "; %lld bank entr%s not in the books", (long long)f->risk.entries,
		       f->risk.entries == 1 ? "y is" : "ies are");
	if (f->risk.refused > 0)
		append(risk, "; %lld bank report%s quarantined: returns may be in %s",
		       (long long)f->risk.refused, text_plural(f->risk.refused),
		       f->risk.refused == 1 ? "it" : "them");
	if (f->risk.unread > 0)
		append(risk, "; %lld bank report%s unread in inbox/bank", (long long)f->risk.unread,
		       text_plural(f->risk.unread));
	status_put_line(s, "at risk", "%s",
	                risk[0] == '\0' ? "no money that we know of" : risk + strlen("; "));
}

/* The stages that are not ok: "to look at: debts, audit; not run: import". */
static void
write_night(struct run *r, const struct status_nights *g, int night, const char *label, struct sink *s)
{
	char day[DATE_TEXT], word[CHAIN_STAGES][STATUS_WORD], text[SCREEN_TEXT] = "";
	bool named[CHAIN_STAGES] = {0};
	int stage, other;

	for (stage = 0; stage < g->chain.n; stage++) {
		status_find_outcome(r, g->chain.name[stage], g->night[night], word[stage]);
		named[stage] = strcmp(word[stage], "ok") == 0;
		if (strcmp(word[stage], "-") == 0)
			snprintf(word[stage], STATUS_WORD, "not run");
		else if (strcmp(word[stage], "held") == 0)
			snprintf(word[stage], STATUS_WORD, "to look at");
	}
	for (stage = 0; stage < g->chain.n; stage++) {
		if (named[stage])
			continue;
		append(text, "%s%s: %s", text[0] == '\0' ? "" : "; ", word[stage], g->chain.name[stage]);
		for (other = stage + 1; other < g->chain.n; other++)
			if (!named[other] && strcmp(word[other], word[stage]) == 0) {
				append(text, ", %s", g->chain.name[other]);
				named[other] = true;
			}
	}
	status_put_line(s, label, "%s %s", date_print(day, g->night[night]), text[0] == '\0' ? "ok" : text);
}

static void
write_nights(struct run *r, const struct status_nights *g, struct sink *s)
{
	int night;

	for (night = g->nights - 1; night >= 0; night--)
		write_night(r, g, night, night == g->nights - 1 ? "nights" : "", s);
	if (g->nights == 0)
		status_put_line(s, "nights", "none was run");
}

static void
write_advice(void *ctx, const char *text, const char *command)
{
	struct sink *s = ctx;

	sink_text(s, "- ");
	put_wrapped(s, 2, text);
	if (command != NULL)
		sink_print(s, "    %s\n", command); /* not wrapped, so that it can be pasted */
}

static void
write_screen(struct run *r, const struct status_facts *f, struct advice *a, struct sink *s)
{
	write_where(r, f, s);
	status_write_list(r, "sessions", &status_lists[STATUS_SESSIONS], write_session,
	                  run_command(r, "recovery list_sessions"), "none open", s);
	status_write_list(r, "bank files", &status_lists[STATUS_FILES], write_file,
	                  run_command(r, "sepa list"), "none awaits a step", s);
	write_exceptions(r, &status_lists[STATUS_EXCEPTIONS], s);
	write_money(f, s);
	write_nights(r, &f->nights, s);
	sink_text(s, "\nto do\n");
	advice_give(a, write_advice, s);
	if (a->n == 0)
		sink_text(s, "- nothing\n");
}

/* JSON --------------------------------------------------------------------------------------------------- */

static void
put_advice(void *ctx, const char *text, const char *command)
{
	char whole[SCREEN_TEXT + 2 * PATH_MAX];

	snprintf(whole, sizeof(whole), "%s%s%s", text, command == NULL ? "" : ": ",
	         command == NULL ? "" : command);
	json_put_text(ctx, NULL, whole);
}

static void
put_grid(struct json *j, struct run *r, const struct status_nights *g)
{
	char day[DATE_TEXT], word[STATUS_WORD];
	int night, stage;

	json_open(j, "nights", '[');
	for (night = 0; night < g->nights; night++) {
		json_open(j, NULL, '{');
		json_put_text(j, "date", date_print(day, g->night[night]));
		json_open(j, "stages", '{');
		for (stage = 0; stage < g->chain.n; stage++) {
			status_find_outcome(r, g->chain.name[stage], g->night[night], word);
			json_put_text(j, g->chain.name[stage], strcmp(word, "-") == 0 ? NULL : word);
		}
		json_close(j, '}');
		json_close(j, '}');
	}
	json_close(j, ']');
}

static void
put_waiting(struct json *j, const char *key, int64_t n)
{
	if (n < 0)
		json_put_null(j, key);
	else
		json_put_int(j, key, n);
}

static void
put_configuration(struct json *j, const struct run *r, const struct status_facts *f)
{
	char hex[SHA256_TEXT], day[DATE_TEXT];

	json_open(j, "configuration", '{');
	json_put_text(j, "file", r->config_path);
	json_put_text(j, "sha256", sha256_print(hex, config_sha256(r->config)));
	json_put_text(j, "changed_since_night",
	              f->other_config == DATE_NONE ? NULL : date_print(day, f->other_config));
	json_close(j, '}');
}

static void
put_money(struct json *j, const struct status_facts *f)
{
	json_open(j, "money_in_flight", '{');
	json_put_int(j, "debits", f->debits.count);
	json_put_int(j, "sum_in_cents", f->debits.sum);
	json_put_int(j, "refunds", f->refunds.count);
	json_put_int(j, "refunds_sum_in_cents", f->refunds.sum);
	json_close(j, '}');
	json_open(j, "money_at_risk", '{');
	json_put_int(j, "exceptions", f->risk.entries);
	json_put_int(j, "bank_reports_quarantined", f->risk.refused);
	put_waiting(j, "bank_reports_unread", f->risk.unread);
	json_close(j, '}');
}

static const int exit_statuses[] = {
    [ADVICE_WAIT] = EXIT_DONE, [ADVICE_LOOK] = EXIT_HELD, [ADVICE_FAILED] = EXIT_BUG};

static void
status_write_json(struct run *r, const struct status_facts *f, struct advice *a, struct sink *s)
{
	struct json j = {.sink = s, .indent = r->format == FORMAT_JSON};
	char day[DATE_TEXT], at[STATUS_CLOCK];
	size_t i;

	json_open(&j, NULL, '{');
	json_put_text(&j, "home", r->home);
	json_put_text(&j, "date", date_print(day, r->on));
	json_put_bool(&j, "is_past", status_is_past(r));
	json_put_text(&j, "next_night", date_print(day, advice_next_night(r)));
	json_put_text(&j, "next_night_time", status_print_night_time(r, at) ? at : NULL);
	put_configuration(&j, r, f);
	json_open(&j, "inbox", '{');
	put_waiting(&j, "bank", f->risk.unread);
	put_waiting(&j, "requests", f->in_requests);
	json_close(&j, '}');
	put_grid(&j, r, &f->nights);
	for (i = 0; i < STATUS_LISTS; i++)
		listing_put_array(&j, status_lists[i].name, r, &status_lists[i],
		                  listing_query(r, &status_lists[i]));
	put_money(&j, f);
	json_open(&j, "next", '[');
	advice_give(a, put_advice, &j);
	json_close(&j, ']');
	json_put_int(&j, "exit_code", exit_statuses[a->worst]);
	json_close(&j, '}');
	if (r->format == FORMAT_JSONL)
		sink_text(s, "\n");
}

/* -------------------------------------------------------------------------------------------------------- */

static void
status(struct run *r)
{
	struct status_facts f = {0};
	struct advice a = {.run = r, .is_past = status_is_past(r)};
	struct sink *s;

	status_load_facts(r, &f);
	a.risk = f.risk;
	s = listing_stdout();
	if (r->format == FORMAT_TABLE)
		write_screen(r, &f, &a, s);
	else
		status_write_json(r, &f, &a, s);
	listing_stdout_end(s);
	if (options_value(r, "exit-code") == NULL)
		return;
	r->held = a.worst == ADVICE_LOOK;
	if (a.worst != ADVICE_FAILED)
		return;
	home_close(r);
	exit(fflush(stdout) == 0 ? EXIT_BUG : EXIT_IO);
}

static const struct option_spec options[] = {
    {.name = "exit-code",
     .help = "end 0: all is well, 3: a person should look, 70: a night failed or is missing"},
    {0},
};

const struct command status_commands[] = {
    {"status", "show the nights, the money and what to do", ACCESS_READS, options, status, NULL},
    {0},
};
