/* capture_cut: see capture.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/swan.h"
#include "stages/commands/capture.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"
#include "stages/core/fixture/selection.h"
#include "stages/core/members/profile.h"

/* "alan/1001": application, user. */
static void
choose_profile(struct capture *c, const char *text)
{
	const char *slash = strchr(text, '/');
	char app[256];
	int64_t number;

	if (slash == NULL || slash - text >= (ptrdiff_t)sizeof(app))
		die(EXIT_USAGE, "--profile: %s is not a valid member: write APP/USER", text);
	snprintf(app, sizeof(app), "%.*s", (int)(slash - text), text);
	number = profile_find(c->run, app, slash + 1);
	if (number == 0)
		die(EXIT_ABSENT, "Profile not found for app [%s] and user [%s]", app, slash + 1);
	selection_add_profile(c->run->db, number);
}

void
capture_choose(struct capture *c)
{
	const char *id = options_value(c->run, "session"), *profile;
	struct session s;
	int i;

	c->is_cut = id != NULL || options_value(c->run, "profile") != NULL;
	if (!c->is_cut)
		return;
	selection_begin(c->run->db);
	for (i = 0; (profile = options_values(c->run, "profile", i)) != NULL; i++)
		choose_profile(c, profile);
	if (id != NULL && !session_find(c->run, id, &s))
		die(EXIT_ABSENT, "session %s does not exist: list them: `%s`", id,
		    run_command(c->run, "recovery list_sessions"));
	if (id != NULL)
		selection_add_session(c->run->db, s.number);
	selection_close(c->run->db);
}

/* Frozen sessions get the digests of the rows that they have now; a session whose failed debts are gone has succeeded. */
static void
settle_session(struct capture *c, int64_t number)
{
	struct stmt *q;
	unsigned char digest[SHA256_SIZE];

	session_digest(&c->copy, number, digest);
	q = sql(c->copy.db, "UPDATE session SET digest = $digest WHERE number = $number");
	bind_blob(q, "$digest", digest, sizeof(digest));
	bind_int(q, "$number", number);
	exec(q);
	if (c->is_cut)
		session_refresh_status(&c->copy, number);
}

void
capture_settle(struct capture *c)
{
	struct stmt *q;
	int64_t number = 0;

	if (c->is_cut)
		selection_settle(c->copy.db);
	else if (c->mask == NULL || c->mask->disguise.days == 0)
		return;
	for (;;) {
		q = sql(c->copy.db, "SELECT coalesce(min(number), 0) FROM session WHERE frozen_at IS NOT NULL AND number > $after");
		bind_int(q, "$after", number);
		number = value(q, 0);
		if (number == 0)
			return;
		settle_session(c, number);
	}
}

/* Swan's files ------------------------------------------------------------------------------------------- */

struct filter {
	struct capture *capture;
	struct csv csv;
};

static bool
is_chosen(struct capture *c, const char *membership, const char *card)
{
	struct stmt *q = sql(c->run->db,
	    "SELECT EXISTS (SELECT 1 FROM account_membership m"
	    "  WHERE m.profile_number IN (SELECT number FROM chosen_profile)"
	    "   AND (m.id = $membership OR m.id = (SELECT account_membership_id FROM card WHERE id = $card)))");

	bind_text(q, "$membership", membership);
	bind_text(q, "$card", card);
	return value(q, 0) > 0;
}

static int
filter_transaction(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct filter *f = ctx;

	(void)line;
	(void)e;
	if (is_chosen(f->capture, t->account_membership_id, t->card_id))
		transactions_csv_write(&f->csv, t);
	return 0;
}

static int
filter_support(void *ctx, long line, const struct swan_payment_support *p, struct err *e)
{
	struct filter *f = ctx;

	(void)line;
	(void)e;
	if (is_chosen(f->capture, p->account_membership_id, p->card_id))
		payment_supports_csv_write(&f->csv, p);
	return 0;
}

static int
write_bytes(void *ctx, const void *bytes, size_t n)
{
	return fwrite(bytes, 1, n, ctx) == n ? 0 : -1;
}

void
capture_filter(struct capture *c, const char *from, const char *to)
{
	struct filter f = {c, {.separator = ',', .eol = "\n"}};
	struct err e = {0};
	FILE *in = fopen(from, "r"), *out = fopen(to, "w");
	bool of_supports = strstr(strrchr(from, '/'), "payment_supports") != NULL;

	if (in == NULL || out == NULL)
		die_errno(EXIT_IO, "%s", in == NULL ? from : to);
	f.csv.sink = sink_new_plain(write_bytes, out);
	if (of_supports)
		payment_supports_csv_header(&f.csv);
	else
		transactions_csv_header(&f.csv);
	if ((of_supports ? payment_supports_csv_read(in, filter_support, &f, &e)
	                 : transactions_csv_read(in, filter_transaction, &f, &e)) < 0)
		die(EXIT_BUG, "%s:%ld: %s", from, e.line, e.message);
	if (sink_end(f.csv.sink, NULL, NULL) < 0 || fclose(out) < 0)
		die_errno(EXIT_IO, "%s", to);
	fclose(in);
}
