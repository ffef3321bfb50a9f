/* spending: see spending.h. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"
#include "stages/core/swan/spending.h"

void
spending_agreed_load(const struct run *r, struct spending_agreed agreed[static SPENDING_AGREED])
{
	agreed[SPENDING_SWAN] = (struct spending_agreed){
	    "Swan", "Partner", config_text(r->config, SPENDING_LIMITS_PARTNER_PERIOD),
	    config_int(r->config, SPENDING_LIMITS_PARTNER_CENTS)};
	agreed[SPENDING_ALAN] = (struct spending_agreed){
	    "Alan", "AccountHolder", config_text(r->config, SPENDING_LIMITS_ACCOUNT_HOLDER_PERIOD),
	    config_int(r->config, SPENDING_LIMITS_ACCOUNT_HOLDER_CENTS)};
}

/* One card ----------------------------------------------------------------------------------------------- */

struct limits_check {
	const struct swan_payment_support *card;
	const struct card_limits *limits;
	spending_finding_fn *each;
	void *ctx;
	int findings;
};

static void
report_finding(struct limits_check *c, const struct spending_finding *f)
{
	c->findings++;
	c->each(c->ctx, c->card, f);
}

static void
add_item(char text[static SPENDING_TEXT], const char *name, const char *value)
{
	size_t n = strlen(text);

	snprintf(text + n, SPENDING_TEXT - n, "%s%s=%s", n > 0 ? ", " : "", name, value);
}

/* Euros without decimals when they are whole: "500", "500.50". */
static void
add_amount(char text[static SPENDING_TEXT], cents amount)
{
	char euros[MONEY_TEXT];
	char *point = strchr(money_print(euros, amount), '.');

	if (strcmp(point, ".00") == 0)
		*point = '\0';
	add_item(text, "Amount", euros);
}

static void
report_difference(struct limits_check *c, const struct card_limit *l, const struct spending_agreed *agreed)
{
	struct spending_finding f = {.whose = agreed->whose, .type = agreed->type, .limit = l};

	if (strcmp(l->period, agreed->period) != 0)
		add_item(f.text, "Period", l->period);
	if (l->amount != agreed->amount)
		add_amount(f.text, l->amount);
	if (strcmp(l->currency, "EUR") != 0)
		add_item(f.text, "Currency", l->currency);
	if (f.text[0] != '\0')
		report_finding(c, &f);
}

static void
check_agreed(struct limits_check *c, const struct spending_agreed *agreed)
{
	struct spending_finding f = {.whose = agreed->whose, .type = agreed->type};
	int i, n = 0;

	for (i = 0; i < c->limits->n; i++)
		n += strcmp(c->limits->limit[i].type, agreed->type) == 0;
	if (n == 0)
		snprintf(f.text, sizeof(f.text), "missing");
	else if (n > 1)
		snprintf(f.text, sizeof(f.text), "%d limits of Type=%s", n, agreed->type);
	if (n != 1)
		report_finding(c, &f);
	for (i = 0; i < c->limits->n; i++)
		if (strcmp(c->limits->limit[i].type, agreed->type) == 0)
			report_difference(c, &c->limits->limit[i], agreed);
}

static void
report_extra(struct limits_check *c, const struct card_limit *l, const char *whose)
{
	struct spending_finding f = {.whose = whose, .type = l->type, .limit = l};

	add_item(f.text, "Type", l->type);
	add_item(f.text, "Period", l->period);
	add_amount(f.text, l->amount);
	add_item(f.text, "Currency", l->currency);
	report_finding(c, &f);
}

static void
check_extra(struct limits_check *c, const struct spending_agreed agreed[static SPENDING_AGREED])
{
	const struct card_limit *l;
	int i;

	for (i = 0; i < c->limits->n; i++) {
		l = &c->limits->limit[i];
		if (strcmp(l->type, agreed[SPENDING_SWAN].type) != 0 &&
		    strcmp(l->type, agreed[SPENDING_ALAN].type) != 0)
			report_extra(c, l, agreed[SPENDING_SWAN].whose);
	}
}

bool
spending_is_checked(const struct swan_payment_support *p)
{
	return p->card_id != NULL && p->status != NULL && strcmp(p->status, "Enabled") == 0;
}

int
spending_check(const struct swan_payment_support *p,
               const struct spending_agreed agreed[static SPENDING_AGREED], spending_finding_fn *each,
               void *ctx, struct err *e)
{
	struct card_limits limits;
	struct limits_check c = {.card = p, .limits = &limits, .each = each, .ctx = ctx};

	if (!spending_is_checked(p))
		return 0;
	if (card_limits_parse(p->spending_limits, &limits, e) < 0)
		return -1;
	check_agreed(&c, &agreed[SPENDING_SWAN]);
	check_extra(&c, agreed);
	check_agreed(&c, &agreed[SPENDING_ALAN]);
	return c.findings;
}

char *
spending_print_holder(char text[static SPENDING_HOLDER], const struct swan_payment_support *p)
{
	const char *first = p->first_name, *last = p->last_name;
	size_t n;

	if (first == NULL && last == NULL)
		first = p->membership_email;
	if (snprintf(text, SPENDING_HOLDER, "%s%s%s", first == NULL ? "" : first,
	             first != NULL && last != NULL ? " " : "", last == NULL ? "" : last) < SPENDING_HOLDER)
		return text;
	n = strlen(text);
	while (n > 0 && ((unsigned char)text[--n] & 0xC0) == 0x80)
		;
	text[n] = '\0';
	return text;
}

/* The snapshot ------------------------------------------------------------------------------------------- */

#define RESTORE "restore it from a backup, or check again after the next import, which writes a new one"

struct snapshot_check {
	swan_payment_support_fn *each;
	void *ctx;
};

static int
check_snapshot_row(void *ctx, long line, const struct swan_payment_support *p, struct err *e)
{
	const struct snapshot_check *check = ctx;

	if (check->each(check->ctx, p, e) == 0)
		return 0;
	e->line = line;
	return -1;
}

static _Noreturn void
die_snapshot(const char *path, const struct err *e)
{
	enum exit_status status = err_is(e, ERR_IO) ? EXIT_IO : EXIT_REFUSED;
	char line[24] = "";

	if (e->line > 0)
		snprintf(line, sizeof(line), ":%ld", e->line);
	die(status, "%s%s: %s (%s); no card is reported: " RESTORE, path, line, e->message, e->code);
}

/* A file that was cut after a record can be read, but lacks cards: so its hash is compared. */
static void
check_bytes(struct run *r, const char *path)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM artifact"
	    " WHERE path = $path AND sha256 = $sha256");
	unsigned char digest[SHA256_SIZE];
	int64_t size;

	if (!durable_digest(path, digest, &size))
		die(EXIT_IO, "%s: has gone while it was read", path);
	bind_text(q, "$path", path);
	bind_blob(q, "$sha256", digest, sizeof(digest));
	if (value(q, 0) == 0)
		die(EXIT_REFUSED,
		    "%s: differs from the file that the import wrote; no card is reported: " RESTORE, path);
}

void
spending_read_snapshot(struct run *r, const char *path, swan_payment_support_fn *each, void *ctx)
{
	struct snapshot_check check = {each, ctx};
	FILE *in = fopen(path, "r");
	struct err e = {0};

	if (in == NULL)
		die(EXIT_IO, "%s: %s; " RESTORE, path, strerror(errno));
	if (payment_supports_csv_read(in, check_snapshot_row, &check, &e) < 0)
		die_snapshot(path, &e);
	fclose(in);
	check_bytes(r, path);
}
