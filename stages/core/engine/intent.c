/* intent: see intent.h. Writes the table intent. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "formats/text.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/log.h"

void
intent_insert(struct store *db, const struct intent *x)
{
	struct stmt *q = sql(db,
	    "INSERT INTO intent (number, kind, what, detail, sha256, program, business_on, now_at)"
	    " SELECT coalesce(max(number), 0) + 1, $kind, $what, $detail, $sha256, $program, $on, $now"
	    " FROM intent");

	bind_text(q, "$kind", x->kind);
	bind_text(q, "$what", x->what);
	bind_text(q, "$detail", x->detail);
	if (x->has_sha256)
		bind_blob(q, "$sha256", x->sha256, SHA256_SIZE);
	else
		bind_text(q, "$sha256", NULL);
	bind_text(q, "$program", x->program);
	bind_date(q, "$on", x->on);
	bind_instant(q, "$now", x->now);
	exec(q);
}

static void
fill(char *to, size_t size, const char *text)
{
	if (text_copy(to, size, text) < 0)
		die(EXIT_BUG, "an intent has a text of more than %zu bytes: %s", size - 1, text);
}

void
intent_add(struct run *r, const char *kind, const char *what, const unsigned char *sha256, const char *fmt,
           ...)
{
	struct intent x = {.has_sha256 = sha256 != NULL, .on = r->on, .now = r->now};
	va_list args;

	va_start(args, fmt);
	vsnprintf(x.detail, sizeof(x.detail), fmt, args);
	va_end(args);
	fill(x.kind, sizeof(x.kind), kind);
	fill(x.what, sizeof(x.what), what);
	fill(x.program, sizeof(x.program), r->program);
	if (sha256 != NULL)
		memcpy(x.sha256, sha256, SHA256_SIZE);
	store_intend(r->db, &x);
}

int64_t
intent_last(struct run *r)
{
	return value(sql(r->db, "SELECT max(number) FROM intent"), 0);
}

static void
copy_digest(struct stmt *q, int i, unsigned char digest[SHA256_SIZE])
{
	size_t n;
	const void *bytes = col_blob(q, i, &n);

	if (n == SHA256_SIZE)
		memcpy(digest, bytes, n);
}

bool
intent_find(struct run *r, int64_t number, struct intent *x)
{
	struct stmt *q =
	    sql(r->db, "SELECT kind, what, detail, program, sha256, after, business_on, now_at FROM intent"
	               " WHERE number = $number");

	*x = (struct intent){.number = number};
	bind_int(q, "$number", number);
	if (!row(q))
		return false;
	col_copy(q, 0, x->kind, sizeof(x->kind));
	col_copy(q, 1, x->what, sizeof(x->what));
	col_copy(q, 2, x->detail, sizeof(x->detail));
	col_copy(q, 3, x->program, sizeof(x->program));
	x->has_sha256 = !col_null(q, 4);
	x->has_after = !col_null(q, 5);
	copy_digest(q, 4, x->sha256);
	copy_digest(q, 5, x->after);
	x->on = col_date(q, 6);
	x->now = col_instant(q, 7);
	reset(q);
	return true;
}

void
intent_complete(struct run *r, int64_t last, const unsigned char *after, int64_t kept)
{
	struct stmt *q;

	if (intent_last(r) == last) {
		intent_add(r, "change", r->program, NULL, "%s", "");
		store_save_intents(r->db);
	}
	q = sql(r->db, "UPDATE intent SET after = $after WHERE number > $last");
	if (after == NULL)
		bind_text(q, "$after", NULL);
	else
		bind_blob(q, "$after", after, SHA256_SIZE);
	bind_int(q, "$last", last);
	exec(q);
	q = sql(r->db, "DELETE FROM intent WHERE number < $kept");
	bind_int(q, "$kept", kept);
	exec(q);
}
