/* mark: see mark.h. */
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/literal.h"
#include "formats/memory.h"
#include "formats/sink.h"
#include "stages/core/audit/mark.h"
#include "stages/core/engine/log.h"

static struct claim is_chain = {
    .text = "the marks of the audits follow each other, and have the members as they were proved"};

#define MOST_MEMBER   (INT64_MAX / PASS_MEMBER - 1)
#define MOST_SESSIONS 100000 /* numbers above it have no place: the statement decides */

/* The debts of a session that have an outcome, or none yet. */
struct tally {
	bool is_there, is_settled, has_failed;
};

/* The small rows of the members, which go on together. */
enum { PROFILES, DEBTS, COLLECTIONS, MANDATES, EXTERNALS, CONSEQUENCES, PROVED, CURSORS };

struct finding {
	struct proof *p;
	struct pass *pass;
	struct pass_cursor of[CURSORS];
	struct tally *sessions;
	int64_t n; /* the highest number of a session with a place */
	struct mark was, now;
};

#define SEED 0 /* of what is stored: the same each night */

/* The chain ---------------------------------------------------------------------------------------------------- */

static void
digest_of(const struct mark *m, const unsigned char before[SHA256_SIZE], unsigned char digest[SHA256_SIZE])
{
	struct sink *s = sink_new(NULL, NULL);

	sink_put(s, before, SHA256_SIZE);
	sink_print(s, "%lld %lld %lld %lld %lld %lld %lld", (long long)m->number, (long long)m->members,
	           (long long)m->transactions, (long long)m->sum, (long long)m->bank_entry,
	           (long long)m->notification, (long long)m->receipt);
	if (sink_end(s, digest, NULL) < 0)
		die(EXIT_BUG, "the digest of mark %lld", (long long)m->number);
}

/* The marks after the one with this number; false after the last one. */
static struct stmt *
begin_marks(struct proof *p, int64_t after)
{
	struct stmt *q =
	    sql(p->r->db, "SELECT number, members, transactions, members_sum, bank_entry, notification,"
	                               "  receipt, digest, made_on"
	                               " FROM audit_mark"
	                               " WHERE number > $after"
	                               " ORDER BY number");

	bind_int(q, "$after", after);
	return q;
}

static bool
next_mark(struct stmt *q, struct mark *m)
{
	size_t n;

	if (!row(q))
		return false;
	*m = (struct mark){.number = col_int(q, 0),
	                   .members = col_int(q, 1),
	                   .transactions = col_int(q, 2),
	                   .sum = col_int(q, 3),
	                   .bank_entry = col_int(q, 4),
	                   .notification = col_int(q, 5),
	                   .receipt = col_int(q, 6),
	                   .made_on = col_date(q, 8)};
	memcpy(m->digest, col_blob(q, 7, &n), SHA256_SIZE);
	return true;
}

/* The last mark, once the chain is proved up to it: with --full from its beginning, else its last link. Without a mark all is
 * zero. */
static struct mark
prove_chain(struct proof *p)
{
	int64_t last = value(sql(p->r->db, "SELECT max(number) FROM audit_mark"), 0);
	int64_t after = p->full || last < 2 ? 0 : last - 2;
	struct stmt *q = begin_marks(p, after);
	unsigned char digest[SHA256_SIZE];
	struct mark before = {.number = after}, m;

	for (; next_mark(q, &m); before = m) {
		bool is_known = after == 0 || before.number > after; /* the mark before */

		digest_of(&m, before.digest, digest);
		if (m.number != before.number + 1 || (is_known && memcmp(digest, m.digest, SHA256_SIZE) != 0))
			proof_differs(p, &is_chain, "mark %lld: does not follow the one before it",
			              (long long)m.number);
	}
	return before;
}

/* Members ------------------------------------------------------------------------------------------------------ */

/* All columns of the row but the first. */
static uint64_t
mix_row(uint64_t sum, struct stmt *q)
{
	struct literal v;
	int i;

	for (i = 1; i < col_count(q); i++) {
		col_literal(q, i, &v);
		sum = pass_mix(sum, (uint64_t)v.type);
		if (v.type == LITERAL_INTEGER)
			sum = pass_mix(sum, (uint64_t)v.integer);
		else if (v.type != LITERAL_NULL)
			sum = pass_mix_bytes(sum, v.bytes, v.n);
	}
	return sum;
}

static int64_t
last_transaction(struct proof *p, int64_t member)
{
	struct stmt *q =
	    sql(p->r->db, "SELECT max(key) FROM balance_transaction WHERE key BETWEEN $first AND $last");

	bind_int(q, "$first", member * PASS_MEMBER);
	bind_int(q, "$last", member * PASS_MEMBER + PASS_MEMBER - 1);
	return value(q, 0) % PASS_MEMBER;
}

static void
tally_debt(struct finding *f, struct stmt *q)
{
	const char *status = col_text(q, 2);
	int64_t session = col_int(q, 1);

	if (session < 0 || session > f->n)
		return;
	f->sessions[session].is_settled = f->sessions[session].is_settled &&
	                                  (strcmp(status, "succeeded") == 0 || strcmp(status, "failed") == 0);
	f->sessions[session].has_failed = f->sessions[session].has_failed || strcmp(status, "failed") == 0;
}

static void
touch(struct proof *p, int64_t member, int64_t digest, int64_t last)
{
	struct stmt *q = sql(p->r->db, "INSERT INTO audit_touched (profile_number, digest, transactions)"
	                               " VALUES ($member, $digest, $last)"
	                               " ON CONFLICT (profile_number) DO UPDATE"
	                               " SET digest = excluded.digest, transactions = excluded.transactions");

	bind_int(q, "$member", member);
	bind_int(q, "$digest", digest);
	bind_int(q, "$last", last);
	exec(q);
}

static void
sum_up(struct mark *m, int64_t member, int64_t digest, int64_t last)
{
	m->members++;
	m->transactions += last;
	m->sum =
	    pass_plus(m->sum, (int64_t)pass_mix(pass_mix(pass_mix(SEED, (uint64_t)member), (uint64_t)digest),
	                                        (uint64_t)last));
}

/* The rows of one member, against what was proved of it. */
static void
find_member(struct finding *f, int64_t member)
{
	int64_t last = last_transaction(f->p, member), digest;
	struct pass_cursor *proved = &f->of[PROVED];
	bool is_member = f->of[PROFILES].member == member, is_same;
	uint64_t sum = pass_mix(SEED, (uint64_t)last);
	int i;

	for (i = 0; i < PROVED; i++)
		for (; f->of[i].member == member; pass_next(&f->of[i])) {
			sum = mix_row(pass_mix(sum, (uint64_t)i), f->of[i].q);
			if (i == DEBTS)
				tally_debt(f, f->of[i].q);
		}
	digest = (int64_t)sum;
	is_same =
	    proved->member == member && col_int(proved->q, 1) == digest && col_int(proved->q, 2) == last;
	if (proved->member == member) {
		sum_up(&f->was, member, col_int(proved->q, 1), col_int(proved->q, 2));
		pass_next(proved);
	}
	if (is_member)
		sum_up(&f->now, member, digest, last);
	if (is_member && (f->p->full || !is_same))
		touch(f->p, member, digest, last);
	else if (!is_same)
		mark_touch(f->p, member);
}

/* Transactions of members that do not exist, from one number to another. */
static void
find_strangers(struct proof *p, int64_t first, int64_t last)
{
	struct stmt *q =
	    sql(p->r->db, "SELECT min(key) FROM balance_transaction WHERE key BETWEEN $first AND $last");
	int64_t key;

	if (first > last)
		return;
	bind_int(q, "$first", first * PASS_MEMBER);
	bind_int(q, "$last", last * PASS_MEMBER + PASS_MEMBER - 1);
	key = value(q, -1);
	if (key >= 0)
		mark_touch(p, key / PASS_MEMBER);
}

static int64_t
least_member(const struct finding *f)
{
	int64_t least = PASS_END;
	int i;

	for (i = 0; i < CURSORS; i++)
		if (f->of[i].member < least)
			least = f->of[i].member;
	return least;
}

static void
begin_cursors(struct finding *f)
{
	struct store *db = f->p->r->db;
	struct stmt *q[CURSORS];
	int i;

	q[PROFILES] =
	    sql(db, "SELECT number, status, balance_in_cents, last_transaction FROM profile ORDER BY number");
	q[DEBTS] =
	    sql(db, "SELECT profile_number, session_number, status, amount_in_cents, recovered_in_cents,"
	                   "  refunded_in_cents, failure"
	                   " FROM debt"
	                   " ORDER BY profile_number, session_number");
	q[COLLECTIONS] = sql(db,
	    "SELECT c.profile_number, c.session_number, c.presentation, c.file_number, c.end_to_end_id, c.state,"
	    "  c.amount_in_cents, c.booked_on, c.failed_on, c.moved_on, c.settled_on, f.state"
	    " FROM collection c"
	    " CROSS JOIN bank_file f ON f.number = c.file_number"
	    " ORDER BY c.profile_number, c.session_number, c.presentation, c.file_number");
	q[MANDATES] = sql(db, "SELECT profile_number, status FROM mandate ORDER BY profile_number, status");
	q[EXTERNALS] = sql(db, "SELECT profile_number, count(*), max(transaction_number)"
	                       " FROM external_transaction"
	                       " WHERE transaction_number IS NOT NULL"
	                       " GROUP BY profile_number"
	                       " ORDER BY profile_number");
	q[CONSEQUENCES] =
	    sql(db, "SELECT q.profile_number, q.end_to_end_id, q.action, q.seen_at, s.state"
	            " FROM consequence q"
	            " LEFT JOIN same_reason s ON s.file_number = q.file_number AND s.reason = q.reason"
	            " ORDER BY q.profile_number, q.action, q.of_member DESC, q.end_to_end_id");
	q[PROVED] =
	    sql(db, "SELECT profile_number, digest, transactions FROM audit_member ORDER BY profile_number");
	for (i = 0; i < CURSORS; i++) {
		f->of[i] = (struct pass_cursor){.q = q[i], .of = 1};
		pass_next(&f->of[i]);
	}
}

/* Sessions ----------------------------------------------------------------------------------------------------- */

static void
begin_sessions(struct finding *f)
{
	int64_t i;

	f->n = value(sql(f->p->r->db, "SELECT max(number) FROM session"), 0);
	f->n = f->n < 0 ? 0 : f->n < MOST_SESSIONS ? f->n : MOST_SESSIONS;
	f->sessions = memory_new((size_t)f->n + 1, sizeof(*f->sessions));
	for (i = 0; i <= f->n; i++)
		f->sessions[i].is_settled = true;
}

static void
require_sessions(struct finding *f)
{
	struct stmt *q = sql(f->p->r->db, "SELECT number, status, frozen_at IS NOT NULL FROM session");

	while (row(q)) {
		int64_t number = col_int(q, 0);
		const struct tally *t = &f->sessions[number < 0 || number > f->n ? 0 : number];
		const char *status = col_int(q, 2) == 0 || !t->is_settled ? "pending"
		                     : t->has_failed                      ? "failed"
		                                                          : "succeeded";

		if (number < 0 || number > f->n)
			pass_say(f->pass, PASS_SESSIONS, PASS_ASKS);
		else
			pass_require(f->pass, PASS_SESSIONS, strcmp(col_text(q, 1), status) == 0);
	}
}

/* Whom else ---------------------------------------------------------------------------------------------------- */

/* Members of whom there are new rows that their digest is not about, and those of files that may still be released. */
static void
touch_new(struct proof *p)
{
	struct stmt *q = sql(p->r->db,
	    "INSERT INTO audit_touched (profile_number)"
	    " SELECT n.profile_number FROM notification n WHERE n.number > $notification"
	    " UNION SELECT n.profile_number FROM receipt a CROSS JOIN notification n ON n.number = a.notification_number"
	    "  WHERE a.number > $receipt"
	    " UNION SELECT c.profile_number"
	    "  FROM bank_entry e NOT INDEXED"
	    "  CROSS JOIN collection c ON c.end_to_end_id = e.collection"
	    "  WHERE e.number > $entry"
	    " UNION SELECT c.profile_number FROM bank_file f CROSS JOIN collection c ON c.file_number = f.number"
	    "  WHERE f.audited_on IS NULL OR f.state IN ('generated', 'approved')"
	    " ON CONFLICT (profile_number) DO NOTHING");

	bind_int(q, "$notification", p->last.notification);
	bind_int(q, "$receipt", p->last.receipt);
	bind_int(q, "$entry", p->last.bank_entry);
	exec(q);
}

/* Members of the decisions of persons: what belongs to one now may have belonged to another before. */
static void
touch_decided(struct proof *p)
{
	struct store *db = p->r->db;

	exec(sql(db, "INSERT INTO audit_touched (profile_number)"
	             " SELECT profile_number FROM correction"
	             " UNION SELECT t.profile_number FROM correction k"
	             "  CROSS JOIN credit_transfer t ON t.bank_reference = k.bank_reference"
	             " UNION SELECT i.key / 256 / 16777216 FROM correction k CROSS JOIN swan_transaction_id i ON i.id = k.id"
	             " UNION SELECT b.profile_number FROM correction k CROSS JOIN swan_transaction_id i ON i.id = k.id"
	             "  CROSS JOIN balance_transaction b ON b.source_kind = 1 AND b.source = +i.key"
	             " UNION SELECT key / 256 / 16777216 FROM swan_transaction WHERE moved_to IS NOT NULL"
	             " UNION SELECT moved_to / 16777216 FROM swan_transaction WHERE moved_to IS NOT NULL"
	             " ON CONFLICT (profile_number) DO NOTHING"));
	exec(sql(db, "INSERT INTO audit_touched (profile_number)"
	             " SELECT DISTINCT c.profile_number"
	             " FROM audit_posted x"
	             " CROSS JOIN collection c ON c.end_to_end_id = x.collection"
	             " WHERE true"
	             " ON CONFLICT (profile_number) DO NOTHING"));
}

/* Of a bank entry, by the key of its exception: the fingerprint in hex, '-' and the occurrence. */
static void
touch_entry(struct proof *p, const char *key)
{
	struct stmt *q = sql(p->r->db,
	    "INSERT INTO audit_touched (profile_number)"
	    " SELECT c.profile_number"
	    " FROM bank_entry e"
	    " CROSS JOIN collection c ON c.end_to_end_id = e.collection"
	    " WHERE e.fingerprint = $fingerprint AND e.occurrence = $occurrence"
	    " ON CONFLICT (profile_number) DO NOTHING");
	unsigned char fingerprint[SHA256_SIZE];
	char hex[SHA256_TEXT];
	const char *dash = strchr(key, '-');

	if (dash == NULL || dash - key != SHA256_TEXT - 1)
		return;
	memcpy(hex, key, SHA256_TEXT - 1);
	hex[SHA256_TEXT - 1] = '\0';
	if (sha256_parse(hex, fingerprint) < 0)
		return;
	bind_blob(q, "$fingerprint", fingerprint, sizeof(fingerprint));
	bind_int(q, "$occurrence", strtoll(dash + 1, NULL, 10));
	exec(q);
}

/* Members of entries that waited, and whose exception was closed since the last mark. */
static void
touch_late(struct proof *p)
{
	struct stmt *q = sql(p->r->db, "SELECT key FROM exception"
	                               " WHERE kind = 'bank_entry' AND closed_on >= $since");

	bind_date(q, "$since", p->last.made_on);
	while (row(q))
		touch_entry(p, col_text(q, 0));
}

/* No new row of the members: their digests say so. */
static bool
is_marked(const struct mark *m, const struct mark *last)
{
	return m->members == last->members && m->transactions == last->transactions && m->sum == last->sum &&
	       m->bank_entry == last->bank_entry && m->notification == last->notification &&
	       m->receipt == last->receipt;
}

static void
save_mark(struct proof *p, const struct mark *m)
{
	struct stmt *q =
	    sql(p->r->db, "INSERT INTO audit_mark (number, made_on, members, transactions, members_sum,"
	                               "  bank_entry, notification, receipt, digest)"
	                               " VALUES ($number, $on, $members, $transactions, $sum, $entry, $notification,"
	                               "  $receipt, $digest)");

	bind_int(q, "$number", m->number);
	bind_date(q, "$on", p->r->on);
	bind_int(q, "$members", m->members);
	bind_int(q, "$transactions", m->transactions);
	bind_int(q, "$sum", m->sum);
	bind_int(q, "$entry", m->bank_entry);
	bind_int(q, "$notification", m->notification);
	bind_int(q, "$receipt", m->receipt);
	bind_blob(q, "$digest", m->digest, SHA256_SIZE);
	exec(q);
}

static void
save_members(struct proof *p)
{
	exec(sql(p->r->db, "INSERT INTO audit_member (profile_number, digest, transactions)"
	                   " SELECT profile_number, digest, transactions"
	                   " FROM audit_touched"
	                   " WHERE digest IS NOT NULL"
	                   " ON CONFLICT (profile_number) DO UPDATE"
	                   " SET digest = excluded.digest, transactions = excluded.transactions"
	                   " WHERE digest <> excluded.digest OR transactions <> excluded.transactions"));
	exec(sql(p->r->db, "DELETE FROM audit_member"
	                   " WHERE profile_number IN (SELECT t.profile_number"
	                   "  FROM audit_touched t"
	                   "  WHERE t.profile_number NOT IN (SELECT number FROM profile))"));
}

void
mark_begin(struct proof *p)
{
	exec(sql(p->r->db, "CREATE TEMPORARY TABLE audit_touched (profile_number INTEGER NOT NULL PRIMARY KEY,"
	                   " digest INTEGER, transactions INTEGER)"));
}

void
mark_touch(struct proof *p, int64_t member)
{
	struct stmt *q = sql(p->r->db, "INSERT INTO audit_touched (profile_number) VALUES ($member)"
	                               " ON CONFLICT (profile_number) DO NOTHING");

	bind_int(q, "$member", member);
	exec(q);
}

void
mark_find(struct proof *p, struct pass *pass)
{
	struct finding f = {.p = p, .pass = pass};
	struct store *db = p->r->db;
	int64_t member, after = 0;

	proof_begin(p, &is_chain);
	p->last = prove_chain(p);
	begin_sessions(&f);
	begin_cursors(&f);
	for (; (member = least_member(&f)) != PASS_END; after = member + 1) {
		find_strangers(p, after, member - 1);
		find_member(&f, member);
	}
	find_strangers(p, after, MOST_MEMBER);
	require_sessions(&f);
	free(f.sessions);
	if (f.was.members != p->last.members || f.was.transactions != p->last.transactions ||
	    f.was.sum != p->last.sum)
		proof_differs(p, &is_chain, "mark %lld: its members are not those that are stored",
		              (long long)p->last.number);
	touch_new(p);
	touch_decided(p);
	touch_late(p);
	f.now.bank_entry = value(sql(db, "SELECT max(number) FROM bank_entry"), 0);
	f.now.notification = value(sql(db, "SELECT max(number) FROM notification"), 0);
	f.now.receipt = value(sql(db, "SELECT max(number) FROM receipt"), 0);
	p->now = f.now;
}

void
mark_make(struct proof *p)
{
	save_members(p);
	if (is_marked(&p->now, &p->last))
		return;
	p->now.number = p->last.number + 1;
	digest_of(&p->now, p->last.digest, p->now.digest);
	save_mark(p, &p->now);
}
