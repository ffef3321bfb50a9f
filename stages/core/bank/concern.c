/* concern: see concern.h. Only reads. */
#include <stdio.h>

#include "formats/text.h"
#include "stages/core/bank/concern.h"
#include "stages/core/engine/log.h"

#define INBOX "inbox/bank"

/* Open exceptions of files that the bank sent; what is not a file stays in the inbox and has no input. */
#define REFUSED_REPORTS \
	SQL_PART(" FROM exception x"                                                                          \
	         " LEFT JOIN input i ON i.number = x.input_number"                                            \
	         " WHERE x.state = 'open' AND x.kind = 'file'"                                                \
	         "  AND coalesce(i.kind = 'bank', substr(x.key, 1, 11) = '" INBOX "/')")

void
concern_count(struct run *r, struct concerns *c)
{
	char first[INBOX_NAME];

	c->unread = inbox_count_unread(r, INBOX, first);
	c->refused = value(sql(r->db, "SELECT count(*)" REFUSED_REPORTS), 0);
	c->entries = value(
	    sql(r->db, "SELECT count(*) FROM exception WHERE state = 'open' AND kind = 'bank_entry'"), 0);
}

static void
check_unread(struct run *r, const struct bankfile *f)
{
	char first[INBOX_NAME];
	int64_t unread = inbox_count_unread(r, INBOX, first);

	if (unread < 0)
		die(EXIT_FORBIDDEN, "%s: " INBOX " cannot be read, and returns may be in it", f->name);
	if (unread > 0)
		die(EXIT_FORBIDDEN,
		    "%s: %lld bank report%s in " INBOX
		    " not read yet, and returns may be in %s (%s%s): read %s first: `%s`",
		    f->name, (long long)unread, unread == 1 ? " is" : "s are", unread == 1 ? "it" : "them",
		    first, unread == 1 ? "" : ", ...", unread == 1 ? "it" : "them",
		    run_command(r, "reconcile"));
}

/* "", or ", and 2 more" */
static const char *
print_more(char text[32], int64_t all)
{
	text[0] = '\0';
	if (all > 1)
		snprintf(text, 32, ", and %lld more", (long long)(all - 1));
	return text;
}

static void
check_refused(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT x.number, coalesce(i.name, x.key), x.code, count(*) OVER ()"
	    REFUSED_REPORTS
	    " ORDER BY x.number LIMIT 1");
	char more[32];

	while (row(q))
		die(EXIT_FORBIDDEN,
		    "%s: the bank report %s could not be read (%s), and returns may be in it%s: have it sent again, or decide: `%s`",
		    f->name, col_text(q, 1), col_text(q, 2), print_more(more, col_int(q, 3)),
		    run_command(r, "exceptions show --id %lld", (long long)col_int(q, 0)));
}

/* As long as most of a file came back, and no person has decided about its mandates, anybody may be in doubt. A bank entry
 * concerns the member or the file that it names, and anybody when it names no member. An offboarding that Swan has
 * not completed moves no money: a member who leaves is still debited. A receipt of a notification does not either: whether the
 * members were notified is a check of its own. */
static void
check_exceptions(struct run *r, const struct bankfile *f)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT x.number, x.code, count(*) OVER ()"
	    " FROM exception x"
	    " WHERE x.state = 'open' AND x.kind NOT IN ('offboarding', 'receipt')"
	    "  AND (x.profile_number IN (SELECT profile_number FROM collection WHERE file_number = $file)"
	    "   OR x.kind = 'bank_file'"
	    "   OR (x.kind = 'bank_entry' AND x.profile_number IS NULL)"
	    "   OR (x.kind = 'bank_entry' AND x.key IN"
	    "    (SELECT lower(hex(e.fingerprint)) || '-' || e.occurrence FROM bank_entry e"
	    "     WHERE e.state IN ('new', 'held')" /* as in the index */
	    "      AND (e.msg_id = $msg OR e.payment_information_id IN"
	    "       (SELECT payment_information_id FROM bank_block WHERE file_number = $file)))))"
	    " ORDER BY x.number LIMIT 1");
	char more[32];

	bind_int(q, "$file", f->number);
	bind_text(q, "$msg", f->msg_id);
	while (row(q))
		die(EXIT_FORBIDDEN,
		    "%s: an open exception may concern a member in it: exception %lld (%s)%s: decide: `%s`",
		    f->name, (long long)col_int(q, 0), col_text(q, 1), print_more(more, col_int(q, 2)),
		    run_command(r, "exceptions show --id %lld", (long long)col_int(q, 0)));
}

void
concern_check(struct run *r, const struct bankfile *f)
{
	check_unread(r, f);
	check_refused(r, f);
	check_exceptions(r, f);
}

bool
concern_find_released(struct run *r, int64_t exception, struct bankfile *f)
{
	struct stmt *q = sql(r->db,
	    "SELECT f.msg_id"
	    " FROM exception x"
	    " JOIN bank_file f ON f.released_at >= x.resolved_at AND f.state <> 'withdrawn'"
	    " LEFT JOIN input i ON i.number = x.input_number"
	    " LEFT JOIN bank_entry e ON x.kind = 'bank_entry'"
	    "  AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence"
	    " WHERE x.number = $exception AND x.kind NOT IN ('offboarding', 'receipt')"
	    "  AND (x.kind = 'bank_file'"
	    "   OR (x.kind = 'file' AND coalesce(i.kind = 'bank', substr(x.key, 1, 11) = '" INBOX "/'))"
	    "   OR (x.kind = 'bank_entry' AND (x.profile_number IS NULL OR e.msg_id = f.msg_id"
	    "    OR e.payment_information_id IN"
	    "     (SELECT payment_information_id FROM bank_block WHERE file_number = f.number)))"
	    "   OR x.profile_number IN (SELECT profile_number FROM collection WHERE file_number = f.number))"
	    " ORDER BY f.released_at, f.number LIMIT 1");
	char msg_id[sizeof(f->msg_id)];

	bind_int(q, "$exception", exception);
	if (!row(q))
		return false;
	col_copy(q, 0, msg_id, sizeof(msg_id));
	reset(q);
	return bankfile_find(r, msg_id, f);
}
