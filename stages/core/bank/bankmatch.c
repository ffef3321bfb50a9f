/* bankmatch: see bankmatch.h. Writes what an entry means: bank_entry.collection, file_number, event, rank.
 *
 * Rank: two credits of one debit in messages of one kind are two, the first and the second report. A message of another kind
 * (camt.052 in the day, camt.053 at its end) reports the same events again: its first report is the first event. What has
 * another amount than its debit is an event of its own, with ranks below zero: it never stands for the booking of the debit.
 */
#include <ctype.h>
#include <string.h>

#include "formats/calendar.h"
#include "formats/text.h"
#include "stages/core/bank/bankmatch.h"

/* Our ids are hex digits in small letters, and '-' with the number of a later presentation. */
static bool
find_id(struct run *r, const char *id, struct collection *c)
{
	char small[END_TO_END_ID];
	size_t i;

	if (*id == '\0')
		return false;
	for (i = 0; i < sizeof(small) - 1 && id[i] != '\0'; i++)
		small[i] = (char)tolower((unsigned char)id[i]);
	small[i] = '\0';
	return collection_load(r, small, c);
}

/* Upper case, and without spaces. */
static void
print_mandate_key(char key[36], const char *reference)
{
	size_t n = 0;

	for (; *reference != '\0' && n < 35; reference++)
		if (*reference != ' ')
			key[n++] = (char)toupper((unsigned char)*reference);
	key[n] = '\0';
}

/* Can what the entry reports still happen to a debit in this state? */
static bool
is_expected(const struct bank_entry *n, const struct collection *c)
{
	bool open = c->state == COLLECTION_PRESENTED || c->state == COLLECTION_ACCEPTED;

	switch (n->kind) {
	case BANKENTRY_CREDIT:
		return open || collection_awaits_note(c);
	case BANKENTRY_RETURN:
		return open || c->state == COLLECTION_BOOKED;
	case BANKENTRY_REFUND_RETURN:
		return c->state == COLLECTION_RETURNED;
	case BANKENTRY_STATUS:
		return open;
	case BANKENTRY_DEBIT:
	case BANKENTRY_FEE:
	case BANKENTRY_OTHER:
		return false;
	}
	return false;
}

/* Nothing happens to a debit before its collection day; some banks book it a day early. */
static bool
is_too_early(const struct bank_entry *n, const struct collection *c)
{
	return n->kind != BANKENTRY_STATUS && n->on + 1 < c->collect_on;
}

/* A return, unless it is a refund to the debtor, only within the return period. */
#define RETURN_TARGET_DAYS 7 /* 5, and 2 for the banks to report it */

static bool
is_in_time(const struct bank_entry *n, const struct collection *c)
{
	bool is_refund = strcmp(n->reason, "MD06") == 0 || strcmp(n->reason, "MD01") == 0;

	return n->kind != BANKENTRY_RETURN || is_refund ||
	       n->on <= calendar_add_open(c->collect_on, RETURN_TARGET_DAYS);
}

/* How well a debit under the mandate fits. Best is what was reported of it on that day already: a message of another kind
 * reports it again. When messages of this kind reported it too, nobody can know whether this is another one. */
enum fit { FIT_SEEN, FIT_EXPECTED, FIT_IN_TIME, FIT_ON_THE_DAY, FIT_REPORTED };

static enum fit
find_fit(const struct bank_entry *n, const struct collection *c)
{
	date reported = n->kind == BANKENTRY_RETURN ? c->failed_on : c->booked_on;

	if (!is_expected(n, c) || is_too_early(n, c))
		return reported == n->on ? FIT_REPORTED : FIT_SEEN;
	if (!is_in_time(n, c))
		return FIT_EXPECTED;
	return c->collect_on == n->on ? FIT_ON_THE_DAY : FIT_IN_TIME;
}

static bool
is_reported_in_kind(struct run *r, const struct bank_entry *n, const struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT EXISTS (SELECT 1 FROM bank_entry"
	    " WHERE collection = $collection AND kind = $kind AND message_kind = $type AND event_on = $on)");

	bind_text(q, "$collection", c->end_to_end_id);
	bind_text(q, "$kind", bankentry_kind_word(n->kind));
	bind_text(q, "$type", n->message_kind);
	bind_date(q, "$on", n->on);
	return value(q, 0) > 0;
}

/* The debits under a mandate that have the amount: the best fit, if it is the only one as good. */
static enum bankmatch
find_mandate(struct run *r, const struct bank_entry *n, int64_t within, struct collection *c)
{
	struct stmt *q = sql(r->db,
	    "SELECT c.end_to_end_id"
	    " FROM mandate m"
	    " JOIN collection c ON c.profile_number = m.profile_number AND c.mandate_number = m.number"
	    " JOIN bank_file f ON f.number = c.file_number"
	    " WHERE m.reference_key = $mandate"
	    "  AND f.kind = 'debit' AND f.state NOT IN ('generated', 'approved')"
	    "  AND c.state NOT IN ('cancelled', 'withdrawn')"
	    "  AND c.amount_in_cents IN ($amount, $principal)"
	    "  AND (f.number = $within OR $within = 0)"
	    " ORDER BY c.session_number DESC"
	    " LIMIT 100");
	char key[36], ids[100][END_TO_END_ID];
	struct collection found;
	enum fit best = FIT_SEEN;
	int count = 0, as_good = 0, i;
	bool again = false;

	print_mandate_key(key, n->mandate);
	bind_text(q, "$mandate", key);
	bind_int(q, "$amount", n->amount);
	bind_int(q, "$principal", bankentry_principal(n));
	bind_int(q, "$within", within);
	while (row(q))
		col_copy(q, 0, ids[count++], END_TO_END_ID);
	for (i = 0; i < count; i++) {
		enum fit fit;

		if (!collection_load(r, ids[i], &found))
			continue;
		fit = find_fit(n, &found);
		if (is_reported_in_kind(r, n, &found)) {
			again = true;
			fit = FIT_SEEN;
		}
		if (as_good > 0 && fit < best)
			continue;
		as_good = as_good > 0 && fit == best ? as_good + 1 : 1;
		best = fit;
		*c = found;
	}
	if (as_good == 0)
		return BANKMATCH_NONE;
	if (as_good > 1 || (again && best > FIT_SEEN))
		return BANKMATCH_SEVERAL;
	return BANKMATCH_COLLECTION;
}

/* By its message id, or by the id of one of its blocks. */
static bool
find_file(struct run *r, const char *id, struct bankfile *f)
{
	struct bankfile_block b;

	return *id != '\0' && (bankfile_find_msg_id(r, id, f) || bankfile_find_block(r, id, f, &b));
}

enum bankmatch
bankmatch_find(struct run *r, const struct bank_entry *n, int64_t within, struct collection *c,
               struct bankfile *f)
{
	if ((find_id(r, n->end_to_end_id, c) || find_id(r, n->instruction_id, c)) &&
	    (within == 0 || c->file == within))
		return BANKMATCH_COLLECTION;
	if (n->mandate[0] != '\0')
		return find_mandate(r, n, within, c);
	if (n->kind == BANKENTRY_STATUS)
		return BANKMATCH_NONE;
	if (n->end_to_end_id[0] != '\0')
		return find_file(r, n->end_to_end_id, f) ? BANKMATCH_FILE : BANKMATCH_NONE;
	if (find_file(r, n->block, f) || find_file(r, n->msg_id, f))
		return BANKMATCH_FILE;
	return BANKMATCH_NONE;
}

bool
bankmatch_knows_mandate(struct run *r, const struct bank_entry *n)
{
	struct stmt *q = sql(r->db, "SELECT EXISTS (SELECT 1 FROM mandate WHERE reference_key = $mandate)");
	char key[36];

	print_mandate_key(key, n->mandate);
	bind_text(q, "$mandate", key);
	return value(q, 0) > 0;
}

bool
bankmatch_is_of_other_mandate(struct run *r, const struct bank_entry *n, const struct collection *c)
{
	struct stmt *q = sql(r->db, "SELECT reference_key FROM mandate WHERE number = $number");
	char said[36], own[36];

	if (n->mandate[0] == '\0' || c->kind != COLLECTION_DEBIT)
		return false;
	bind_int(q, "$number", c->mandate);
	if (!row(q))
		return true;
	print_mandate_key(own, col_text(q, 0));
	reset(q);
	print_mandate_key(said, n->mandate);
	return strcmp(said, own) != 0;
}

int64_t
bankmatch_event(const struct bank_entry *n)
{
	unsigned char digest[SHA256_SIZE];
	char text[512], day[DATE_TEXT];
	uint64_t number = 0;
	int length, i;

	if (n->file != 0)
		length = snprintf(text, sizeof(text), "%lld\n%d\n%lld\n%s", (long long)n->file, (int)n->kind,
		                  (long long)n->amount, date_print(day, n->on));
	else
		length = snprintf(text, sizeof(text), "%d\n%s\n%s\n%s\n%s\n%lld\n%s", (int)n->kind,
		                  n->end_to_end_id, n->instruction_id, n->mandate, n->reason,
		                  (long long)n->amount, date_print(day, n->on));
	sha256(text, (size_t)length, digest);
	for (i = 0; i < 8; i++)
		number = number << 8 | digest[i];
	return (int64_t)(number >> 1);
}

bool
bankmatch_has_amount(const struct bank_entry *n, cents amount)
{
	return n->amount == amount || bankentry_principal(n) == amount;
}

/* Money of a debit or refund, and another amount. */
static bool
is_misfit(struct run *r, const struct bank_entry *n)
{
	struct collection c;

	if (n->collection[0] == '\0' || n->kind == BANKENTRY_STATUS || n->kind == BANKENTRY_FEE)
		return false;
	return !bankmatch_has_amount(n, collection_load(r, n->collection, &c) ? c.amount : 0);
}

/* event: 0 of what fits a collection. */
static int64_t
next_rank(struct run *r, const struct bank_entry *n, int64_t event)
{
	struct stmt *q;

	if (event == 0) {
		q = sql(r->db,
		    "SELECT rank + 1 FROM bank_entry"
		    " WHERE collection = $collection AND kind = $kind AND message_kind = $type"
		    "  AND rank > 0 AND number <> $number"
		    " ORDER BY rank DESC LIMIT 1");
		bind_text(q, "$collection", n->collection);
		bind_text(q, "$kind", bankentry_kind_word(n->kind));
	} else if (n->collection[0] != '\0') {
		q = sql(r->db,
		    "SELECT rank - 1 FROM bank_entry"
		    " WHERE event = $event AND message_kind = $type AND number <> $number"
		    " ORDER BY rank LIMIT 1");
		bind_int(q, "$event", event);
	} else {
		q = sql(r->db,
		    "SELECT rank + 1 FROM bank_entry"
		    " WHERE event = $event AND message_kind = $type AND number <> $number"
		    " ORDER BY rank DESC LIMIT 1");
		bind_int(q, "$event", event);
	}
	bind_text(q, "$type", n->message_kind);
	bind_int(q, "$number", n->number); /* a person may try it more than once */
	return value(q, event != 0 && n->collection[0] != '\0' ? -1 : 1);
}

void
bankmatch_save(struct run *r, struct bank_entry *n)
{
	int64_t event = n->collection[0] == '\0' || is_misfit(r, n) ? bankmatch_event(n) : 0;
	struct stmt *q;

	n->rank = next_rank(r, n, event);
	q = sql(r->db,
	    "UPDATE bank_entry"
	    " SET collection = $collection, file_number = $file, event = coalesce($event, event), rank = $rank"
	    " WHERE number = $number"); /* what meant nothing keeps its event: other kinds may report it, too */
	bind_text(q, "$collection", text_or_null(n->collection));
	bind_int_or(q, "$file", n->file, 0);
	bind_int_or(q, "$event", event, 0);
	bind_int(q, "$rank", n->rank);
	bind_int(q, "$number", n->number);
	exec(q);
}

/* Kinds of messages may report an event on other days, but not weeks apart. */
#define SAME_EVENT_DAYS 5

bool
bankmatch_is_repetition(struct run *r, const struct bank_entry *n)
{
	struct stmt *q;

	if (n->collection[0] != '\0' && n->rank > 0) {
		q = sql(r->db,
		    "SELECT count(*) FROM bank_entry"
		    " WHERE collection = $collection AND kind = $kind AND message_kind <> $type"
		    "  AND message_kind IN ('camt.052', 'camt.053', 'camt.054') AND rank = $rank"
		    "  AND event_on BETWEEN $from AND $to");
		bind_text(q, "$collection", n->collection);
		bind_text(q, "$kind", bankentry_kind_word(n->kind));
		bind_date(q, "$from", n->on - SAME_EVENT_DAYS);
		bind_date(q, "$to", n->on + SAME_EVENT_DAYS);
	} else {
		q = sql(r->db,
		    "SELECT count(*) FROM bank_entry"
		    " WHERE event = $event AND message_kind <> $type"
		    "  AND message_kind IN ('camt.052', 'camt.053', 'camt.054') AND rank = $rank");
		bind_int(q, "$event", bankmatch_event(n));
	}
	bind_text(q, "$type", n->message_kind);
	bind_int(q, "$rank", n->rank);
	return value(q, 0) > 0;
}
