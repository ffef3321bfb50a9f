/* proof: see proof.h. Runs the claims of claims.sql, which is part of the program: rows against rows. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/embed.h"
#include "formats/memory.h"
#include "stages/core/audit/pass.h"
#include "stages/core/audit/proof.h"
#include "stages/core/audit/scope.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

#define MOST_REPORTED 5 /* differences of one claim that are reported one by one */
#define DIFFERENCE    512

#define VIEW  "-- view: "
#define CLAIM "-- claim: "
#define PASS  "\n-- Proved by a pass: "

/* One statement of claims.sql. */
struct piece {
	const char *name, *statement;
	bool is_claim; /* else it makes a view */
};

void
proof_begin(struct proof *p, struct claim *c)
{
	c->differences = 0;
	p->claims++;
	if (p->r->verbose)
		info("proving: %s", c->text);
}

void
proof_differs(struct proof *p, struct claim *c, const char *fmt, ...)
{
	char text[DIFFERENCE];
	va_list args;

	p->differences++;
	c->differences++;
	if (c->differences == MOST_REPORTED + 1 && !p->r->verbose)
		warn("not true: %s: there are more differences: print all with `%s`", c->text,
		     run_command(p->r, "audit -v"));
	if (c->differences > MOST_REPORTED && !p->r->verbose)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	warn("not true: %s: %s", c->text, text);
}

bool
proof_is_there(const char *path, const unsigned char sha256[SHA256_SIZE])
{
	unsigned char found[SHA256_SIZE];
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && durable_digest(path, found, NULL) &&
	       memcmp(found, sha256, SHA256_SIZE) == 0;
}

static bool
starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* The first line after this one that begins a piece; NULL after the last one. */
static char *
find_piece(char *text)
{
	while ((text = strchr(text, '\n')) != NULL && !starts_with(++text, VIEW) && !starts_with(text, CLAIM))
		;
	return text;
}

/* Cuts the piece that begins at `text` in place: its name is the rest of that line, its statement is what follows. Returns
 * where the next piece begins. */
static char *
cut_piece(char *text, struct piece *piece)
{
	char *next = find_piece(text), *end = strchr(text, '\n');

	if (end == NULL)
		die(EXIT_BUG, "claims.sql: a statement is missing: %s", text);
	*end = '\0';
	if (next != NULL)
		next[-1] = '\0';
	piece->is_claim = starts_with(text, CLAIM);
	piece->name = text + strlen(piece->is_claim ? CLAIM : VIEW);
	piece->statement = end + 1;
	return next;
}

/* By its statement; by a pass where there is one, and by the statement only to name what differs. */
static void
prove(struct proof *p, const struct piece *piece, const struct pass *pass)
{
	struct claim claim = {.text = piece->name};
	enum pass_claim of;
	bool is_known = pass_knows(piece->name, &of);
	struct stmt *q;

	if (is_known != (strstr(piece->statement, PASS) != NULL))
		die(EXIT_BUG, "claims.sql: what proves this claim is not what it says: %s", piece->name);
	proof_begin(p, &claim);
	if (is_known && pass->of[of] == PASS_TRUE)
		return;
	if (is_known || pass->whole)
		scope_close(p);
	else
		scope_open(p);
	q = sql(p->r->db, piece->statement);
	while (row(q))
		proof_differs(p, &claim, "%s", col_text(q, 0));
	if (is_known && pass->of[of] == PASS_FALSE && claim.differences == 0)
		proof_differs(p, &claim,
		              "the sums over the books differ, and no row was found that says where");
}

void
proof_of_rows(struct proof *p)
{
	static char *text; /* stays: the store knows a statement by where its text stands */
	struct pass pass = {0};
	struct piece piece;
	char *at;

	if (text != NULL)
		die(EXIT_BUG, "the claims are proved a second time");
	text = memory_text(embed_claims_sql);
	for (at = find_piece(text); at != NULL;) {
		at = cut_piece(at, &piece);
		if (piece.is_claim && pass.r == NULL) {
			pass_run(&pass, p);
			p->is_posted = pass.of[PASS_POSTED] == PASS_TRUE;
		}
		if (piece.is_claim)
			prove(p, &piece, &pass);
		else
			exec(sql(p->r->db, piece.statement));
	}
	scope_close(p);
}
