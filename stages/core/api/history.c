/* history: see history.h. */
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "stages/core/api/former.h"
#include "stages/core/api/history.h"
#include "stages/core/api/query.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"

/* The columns of a transaction come from its row, from that of its payment, or, when it is of no payment, from the question
 * about one transaction: those are few. */
enum {
	ID,
	EVENT_TYPE = 4,
	TRANSACTION_DATE,
	PAYMENT,
	SEPA_DEBIT = PAYMENT + 11,
	PUSH_DATE = SEPA_DEBIT + 6,
	TRANSACTION_COLUMNS
};
/* And those of a payment in the list of payments: id, member, and the columns that a transaction has too. */
enum { EFFECTIVE_AT = 4 }; /* column of its statement */
enum {
	OWN = 2,
	AMOUNT = OWN + 1,
	STATUS,
	IS_RECOVERED = OWN + 4,
	PAYMENT_COLUMNS = OWN + SEPA_DEBIT - PAYMENT
};

const struct listing history_listings[HISTORY_LISTS] = {
    [HISTORY_TRANSACTIONS] = {.name = "alan_balance_transactions", .columns = query_transaction_columns},
    [HISTORY_PAYMENTS] = {.name = "card_payments", .columns = query_all_payments_columns},
};

/* What is known about one payment of a member. */
struct known {
	enum { NOT_CAPTURED, RECOVERED, OWED } captured;
	instant notified_at;
};

struct member {
	int64_t profile;
	struct known *payments; /* by number */
	int64_t room, used;     /* used: above the highest number that is known */
	int64_t *recovered;     /* the sessions of the recovered debts, ascending */
	int64_t debt_room, debts;
};

struct payment {
	int64_t profile, number;
	instant effective_at;
	bool is_read;
	struct cell cell[PAYMENT_COLUMNS];
};

/* Where the rows of a list go, by month. */
struct output {
	struct listing_csv **of_month; /* from the month `first` to the month `last`; of a whole list one */
	int first, last;
	bool is_whole;
	instant from, until; /* rows outside are not wanted */
	instant at, before;  /* the bounds of the month that was looked up last, and its CSV */
	struct listing_csv *csv;
};

/* A part that is being written. */
struct written {
	struct history_part *part;
	struct listing_csv csv;
	struct former *former; /* NULL: all its rows are read from the books */
};

struct history {
	struct run *run;
	struct written *written;
	size_t n;
	struct member member;
	struct stmt *payments;
	struct payment at;    /* the current row of `payments` */
	struct payment other; /* one that was found beside that order, by `found` */
	struct stmt *found;
	struct cell
	    cell[TRANSACTION_COLUMNS]; /* of a transaction of a payment: the columns of others are null */
	struct cell other_cell[CELL_COLUMNS];
	struct output output[HISTORY_LISTS];
	char events[CODE_EVENT_RELEASED_CARD_PAYMENT + 1][32];
};

/* Outputs --------------------------------------------------------------------------------------------------------- */

/* NULL: the row is not wanted. */
static struct listing_csv *
find_csv(struct output *o, instant at)
{
	int month;

	if (o->is_whole)
		return o->of_month[0];
	if (o->of_month == NULL || at < o->from || at >= o->until)
		return NULL;
	if (at < o->at || at >= o->before) {
		month = history_month(at);
		o->at = history_month_begin(month);
		o->before = history_month_begin(month + 1);
		o->csv = o->of_month[month - o->first];
	}
	return o->csv;
}

/* A member ----------------------------------------------------------------------------------------------------- */

static struct known *
know(struct member *m, int64_t number)
{
	int64_t room;

	if (number >= m->room) {
		room = 2 * number + 16;
		m->payments = memory_resize(m->payments, (size_t)room, sizeof(*m->payments));
		m->room = room;
	}
	for (; m->used <= number; m->used++)
		m->payments[m->used] = (struct known){NOT_CAPTURED, INSTANT_NONE};
	return &m->payments[number];
}

static void
add_recovered(struct member *m, int64_t session)
{
	if (m->debts == m->debt_room) {
		m->debt_room = 2 * m->debt_room + 16;
		m->recovered = memory_resize(m->recovered, (size_t)m->debt_room, sizeof(*m->recovered));
	}
	m->recovered[m->debts++] = session;
}

static int
compare_numbers(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* A debt that failed is recovered when its amount went into a debt that is: this is asked only when there is one. */
static void
load_debts(struct history *h, struct member *m)
{
	struct stmt *q =
	    sql(h->run->db, "SELECT session_number, status FROM debt WHERE profile_number = $profile");
	bool has_failed = false;

	m->debts = 0;
	bind_int(q, "$profile", m->profile);
	while (row(q)) {
		if (strcmp(col_text(q, 1), "succeeded") == 0)
			add_recovered(m, col_int(q, 0));
		has_failed = has_failed || strcmp(col_text(q, 1), "failed") == 0;
	}
	if (has_failed) {
		m->debts = 0;
		for (q = query_recovered(h->run, m->profile); row(q);)
			add_recovered(m, col_int(q, 0));
	}
	if (m->debts > 0)
		qsort(m->recovered, (size_t)m->debts, sizeof(*m->recovered), compare_numbers);
}

static bool
is_recovered(const struct member *m, int64_t session)
{
	return m->debts > 0 && bsearch(&session, m->recovered, (size_t)m->debts, sizeof(*m->recovered),
	                               compare_numbers) != NULL;
}

/* A payment is recovered when all its captured rows are in recovered debts. */
static void
load_captured(struct history *h, struct member *m)
{
	struct stmt *q = sql(h->run->db,
	    "SELECT payment_number, session_number"
	    " FROM balance_transaction"
	    " WHERE " SQL_OF_MEMBER("key", "$profile") " AND event = " SQL_CODE(EVENT_CAPTURED_CARD_PAYMENT)
	    "  AND payment_number IS NOT NULL");
	struct known *k;

	bind_int(q, "$profile", m->profile);
	while (row(q)) {
		k = know(m, col_int(q, 0));
		if (col_null(q, 1) || !is_recovered(m, col_int(q, 1)))
			k->captured = OWED;
		else if (k->captured == NOT_CAPTURED)
			k->captured = RECOVERED;
	}
}

/* The subject is the number of the payment, with /2 when the member was notified of it once more. */
static void
load_notified(struct history *h, struct member *m)
{
	struct stmt *q = sql(h->run->db,
	    "SELECT subject, accepted_at"
	    " FROM notification"
	    " WHERE name = 'alan_pay__post_payment' AND profile_number = $profile AND state = 'accepted'");
	struct known *k;

	bind_int(q, "$profile", m->profile);
	while (row(q)) {
		k = know(m, strtoll(col_text(q, 0), NULL, 10));
		if (col_int(q, 1) > k->notified_at)
			k->notified_at = col_int(q, 1);
	}
}

static struct member *
load_member(struct history *h, int64_t profile)
{
	struct member *m = &h->member;

	if (m->profile == profile)
		return m;
	m->profile = profile;
	m->used = 0;
	load_debts(h, m);
	load_captured(h, m);
	load_notified(h, m);
	return m;
}

/* Payments ----------------------------------------------------------------------------------------------------- */

/* Whether it is recovered, the reader says. */
#define PAYMENTS                                                                                                                               \
	"SELECT p.profile_number AS id_owner, p.number AS id, 0 AS profile_id_owner, p.profile_number AS profile_id,"                          \
	"  p.effective_at AS effective_date,"                                                                                                  \
	"  CASE WHEN p.captured_in_cents > 0 THEN p.captured_in_cents ELSE p.authorized_in_cents END AS amount_in_cents,"                      \
	"  st.word AS status, re.word AS rejection_reason, 0 AS is_recovered, w.name AS merchant_name, w.postal_code AS merchant_postal_code," \
	"  w.city AS merchant_city, w.country AS merchant_country, w.id AS merchant_id, w.category_code AS merchant_category_code"             \
	" FROM card_payment p"                                                                                                                 \
	" LEFT JOIN code st ON st.number = p.status"                                                                                           \
	" LEFT JOIN code re ON re.number = p.rejection AND st.word = 'rejected'"                                                               \
	" LEFT JOIN merchant w ON w.number = p.merchant_number"

static void
read_payment(struct history *h, struct stmt *q, struct payment *p)
{
	const struct member *m = load_member(h, p->profile);

	if (p->is_read)
		return;
	(void)cell_read_some(h->run, query_all_payments_columns, PAYMENT_COLUMNS, q, 0, p->cell);
	p->cell[IS_RECOVERED].number = p->number < m->used && m->payments[p->number].captured == RECOVERED;
	p->is_read = true;
}

/* The cells are read when they are wanted: the member before may still have transactions. */
static void
step_payment(struct history *h)
{
	h->at.is_read = false;
	h->at.profile = INT64_MAX;
	if (!row(h->payments))
		return;
	h->at.profile = col_int(h->payments, 0);
	h->at.number = col_int(h->payments, 1);
	h->at.effective_at = col_int(h->payments, EFFECTIVE_AT);
}

/* Something was asked for or captured. Else only what goes back is known of it: that is on the balance. */
static bool
is_purchase(const struct payment *p)
{
	return p->cell[AMOUNT].number > 0 || strcmp(p->cell[STATUS].text, "captured") != 0;
}

static void
put_payment(struct history *h)
{
	struct listing_csv *csv = find_csv(&h->output[HISTORY_PAYMENTS], h->at.effective_at);

	if (csv != NULL) {
		read_payment(h, h->payments, &h->at);
		if (is_purchase(&h->at))
			listing_put_csv(csv, h->at.cell);
	}
	step_payment(h);
}

static bool
is_before(const struct payment *p, int64_t profile, int64_t number)
{
	return p->profile < profile || (p->profile == profile && p->number < number);
}

/* Writes the payments before it on the way. A payment that is behind is looked up: its member paid with another one meanwhile. */
static const struct payment *
find_payment(struct history *h, int64_t profile, int64_t number)
{
	while (is_before(&h->at, profile, number))
		put_payment(h);
	if (h->at.profile == profile && h->at.number == number) {
		read_payment(h, h->payments, &h->at);
		return &h->at;
	}
	h->found = sql(h->run->db, PAYMENTS " WHERE p.key = $key");
	bind_int(h->found, "$key", key_of(profile, number));
	if (!row(h->found))
		die(EXIT_BUG, "member %lld has a transaction of payment %lld, which does not exist",
		    (long long)profile, (long long)number);
	h->other.profile = profile;
	h->other.number = number;
	h->other.is_read = false;
	read_payment(h, h->found, &h->other);
	return &h->other;
}

/* Transactions ------------------------------------------------------------------------------------------------- */

/* Columns of the statement that follow those up to the amount. */
enum { EVENT = 7, AT, PAYMENT_NUMBER, SENT_AT };

#define TRANSACTIONS                                                                                          \
	"SELECT profile_number AS id_owner, number AS id, 0, profile_number, profile_number, session_number," \
	"  amount_in_cents, event, transaction_at, payment_number, push_notification_sent_at"                 \
	" FROM balance_transaction"                                                                           \
	" WHERE key BETWEEN $first AND $last AND transaction_at >= $from AND transaction_at < $until"         \
	" ORDER BY key"

static bool
is_of_payment(struct stmt *q)
{
	int64_t event = col_int(q, EVENT);

	return !col_null(q, PAYMENT_NUMBER) &&
	       (event == EVENT_CAPTURED_CARD_PAYMENT || event == EVENT_REJECTED_CARD_PAYMENT ||
	        event == EVENT_RELEASED_CARD_PAYMENT);
}

static void
put_instant(struct cell *cell, instant at)
{
	cell->is_null = at == INSTANT_NONE;
	if (!cell->is_null)
		cell->text = instant_print(cell->own, at);
}

/* A payment that was notified when it was authorized counts as notified when it is booked. */
static instant
find_notified(struct history *h, struct stmt *q)
{
	const struct member *m = &h->member;
	int64_t number = col_int(q, PAYMENT_NUMBER);
	instant at = number < m->used ? m->payments[number].notified_at : INSTANT_NONE;

	if (!col_null(q, SENT_AT))
		return col_int(q, SENT_AT);
	if (at == INSTANT_NONE || at > col_int(q, AT))
		return at;
	return col_int(q, AT);
}

static void
put_of_payment(struct history *h, struct stmt *q, struct listing_csv *csv)
{
	const struct payment *p = find_payment(h, col_int(q, 0), col_int(q, PAYMENT_NUMBER));
	struct cell *cell = h->cell;
	int i;

	(void)cell_read_some(h->run, query_transaction_columns, EVENT_TYPE, q, 0, cell);
	cell[EVENT_TYPE].text = h->events[col_int(q, EVENT)];
	put_instant(&cell[TRANSACTION_DATE], col_int(q, AT));
	for (i = 0; i < SEPA_DEBIT - PAYMENT; i++) {
		cell[PAYMENT + i].is_null = p->cell[OWN + i].is_null;
		cell[PAYMENT + i].number = p->cell[OWN + i].number;
		cell[PAYMENT + i].text = p->cell[OWN + i].text;
	}
	put_instant(&cell[PUSH_DATE], find_notified(h, q));
	listing_put_csv(csv, cell);
}

static void
put_other(struct history *h, struct stmt *q, struct listing_csv *csv)
{
	struct about about = {.profile = col_int(q, 0), .number = col_int(q, 1)};
	struct query a = query_prepare(h->run, QUESTION_TRANSACTION, about);

	if (!row(a.q))
		die(EXIT_BUG, "member %lld has no transaction %lld", (long long)about.profile,
		    (long long)about.number);
	cell_read_row(h->run, a.listing, a.q, h->other_cell);
	listing_put_csv(csv, h->other_cell);
	reset(a.q);
}

/* -------------------------------------------------------------------------------------------------------------- */

static void
load_events(struct history *h)
{
	struct stmt *q = sql(h->run->db, "SELECT number, word FROM code WHERE kind = 'event'");
	int64_t number;

	while (row(q)) {
		number = col_int(q, 0);
		if (number > 0 && number < (int64_t)LENGTH(h->events))
			col_copy(q, 1, h->events[number], sizeof(h->events[number]));
	}
}

static struct stmt *
begin_list(struct history *h, enum history_list list, const struct history_range *of, const char *text)
{
	struct stmt *q = sql(h->run->db, text);

	bind_int(q, "$first", key_of(of->first, 0));
	bind_int(q, "$last", key_of(of->last, KEY_MOST_NUMBER));
	bind_int(q, "$from", h->output[list].from);
	bind_int(q, "$until", h->output[list].until);
	return q;
}

static void
put_transaction(struct history *h, struct stmt *q)
{
	struct listing_csv *csv = find_csv(&h->output[HISTORY_TRANSACTIONS], col_int(q, AT));

	if (csv != NULL && is_of_payment(q))
		put_of_payment(h, q, csv);
	else if (csv != NULL)
		put_other(h, q, csv);
}

/* The members of one range. With the +, no index gives the payments in another order, to be sorted. */
static void
put_members(struct history *h, const struct history_range *of)
{
	struct stmt *q = begin_list(h, HISTORY_TRANSACTIONS, of, TRANSACTIONS);

	h->payments = begin_list(h, HISTORY_PAYMENTS, of,
	                         PAYMENTS " WHERE p.key BETWEEN $first AND $last"
	                                  "  AND +p.effective_at >= $from AND +p.effective_at < $until"
	                                  " ORDER BY p.key");
	step_payment(h);
	while (h->output[HISTORY_TRANSACTIONS].of_month != NULL && row(q))
		put_transaction(h, q);
	while (h->at.profile != INT64_MAX)
		put_payment(h);
	if (h->found != NULL)
		reset(h->found);
}

/* Parts ---------------------------------------------------------------------------------------------------------- */

static void
begin_part(struct written *w, struct history_part *part, bool copies)
{
	w->part = part;
	if (part->sink == NULL)
		return;
	w->csv = listing_begin_csv(&history_listings[part->list], part->sink);
	if (copies && part->former != NULL)
		w->former = former_open(part->former);
}

static void
open_output(struct history *h, enum history_list list)
{
	struct output *o = &h->output[list];
	struct written *w;

	*o = (struct output){.first = HISTORY_MONTHS, .last = HISTORY_WHOLE, .before = INT64_MIN};
	for (w = h->written; w < h->written + h->n; w++)
		if (w->part->list == list && w->part->sink != NULL) {
			o->first = w->part->month < o->first ? w->part->month : o->first;
			o->last = w->part->month > o->last ? w->part->month : o->last;
			o->is_whole = w->part->month == HISTORY_WHOLE;
		}
	if (o->first > o->last)
		return;
	o->from = o->is_whole ? INT64_MIN : history_month_begin(o->first);
	o->until = o->is_whole ? INT64_MAX : history_month_begin(o->last + 1);
	o->of_month = memory_new((size_t)o->last - (size_t)o->first + 1, sizeof(struct listing_csv *));
	for (w = h->written; w < h->written + h->n; w++)
		if (w->part->list == list && w->part->sink != NULL)
			o->of_month[w->part->month - o->first] = &w->csv;
}

/* Of each part the rows up to this id of a member; or, `copy` being false, passes over them. member 0: to the end. */
static void
copy_former(struct history *h, int64_t member, bool copy)
{
	static const enum uuid_kind kind[HISTORY_LISTS] = {
	    [HISTORY_TRANSACTIONS] = UUID_BALANCE_TRANSACTION, [HISTORY_PAYMENTS] = UUID_CARD_PAYMENT};
	char id[UUID_TEXT] = FORMER_END;
	struct written *w;

	for (w = h->written; w < h->written + h->n; w++) {
		if (w->former == NULL)
			continue;
		if (member != 0)
			store_uuid_print(h->run->db, kind[w->part->list], member, 0, id);
		if (copy)
			w->csv.rows += former_copy(w->former, id, w->part->sink);
		else
			former_copy(w->former, id, NULL);
	}
}

static void
put_all(struct history *h, const struct history_members *changed)
{
	const struct history_range all = {0, INT32_MAX}, *of;

	if (changed == NULL) {
		put_members(h, &all);
		return;
	}
	for (of = changed->range; of < changed->range + changed->n; of++) {
		copy_former(h, of->first, true);
		copy_former(h, of->last + 1, false);
		put_members(h, of);
	}
	copy_former(h, 0, true);
}

void
history_write(struct run *r, struct history_part *parts, size_t n, const struct history_members *changed)
{
	struct history *h = memory_new(1, sizeof(*h));
	size_t i;

	h->run = r;
	h->n = n;
	h->written = memory_new(n, sizeof(*h->written));
	for (i = 0; i < n; i++)
		begin_part(&h->written[i], &parts[i], changed != NULL);
	for (i = 0; i < HISTORY_LISTS; i++)
		open_output(h, (enum history_list)i);
	for (i = 0; i < TRANSACTION_COLUMNS; i++)
		h->cell[i].is_null = i >= SEPA_DEBIT;
	load_events(h);
	put_all(h, changed);
	for (i = 0; i < n; i++) {
		parts[i].rows = h->written[i].csv.rows;
		former_close(h->written[i].former);
	}
	for (i = 0; i < HISTORY_LISTS; i++)
		free(h->output[i].of_month);
	free(h->member.payments);
	free(h->member.recovered);
	free(h->written);
	free(h);
}
