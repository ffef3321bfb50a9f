/* reversed: see reversed.h. */
#include "formats/money.h"
#include "formats/uuid.h"
#include "stages/core/cards/reversed.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/log.h"

static void
make_table(struct run *r)
{
	exec(sql(r->db, "CREATE TEMPORARY TABLE IF NOT EXISTS reversed_payment (payment INTEGER NOT NULL PRIMARY KEY)"));
}

void
reversed_note(struct run *r, int64_t payment)
{
	struct stmt *q;

	make_table(r);
	q = sql(r->db, "INSERT INTO reversed_payment (payment) VALUES ($payment) ON CONFLICT (payment) DO NOTHING");
	bind_int(q, "$payment", payment);
	exec(q);
}

void
reversed_report(struct run *r)
{
	char captured[MONEY_TEXT_GROUPED], reversed[MONEY_TEXT_GROUPED], id[UUID_TEXT];
	struct stmt *q;

	make_table(r);
	q = sql(r->db,
	    "SELECT p.profile_number, p.number, p.captured_in_cents, CAST(sum(t.amount_in_cents) AS BIGINT)"
	    " FROM reversed_payment x"
	    " JOIN card_payment p ON p.key = x.payment"
	    " JOIN swan_transaction t ON " SQL_OF_PAYMENT("t", "x.payment")
	    " JOIN code ty ON ty.number = t.type AND ty.word = 'CardOutDebitReversal'"
	    " JOIN code st ON st.number = t.status AND st.word = 'Booked'"
	    " GROUP BY p.profile_number, p.number, p.captured_in_cents"
	    " HAVING sum(t.amount_in_cents) > p.captured_in_cents"
	    " ORDER BY p.profile_number, p.number");
	while (row(q)) {
		struct uuid payment = store_uuid(r->db, UUID_CARD_PAYMENT, col_int(q, 0), col_int(q, 1));

		uuid_print(id, &payment);
		run_count(r, COUNT_PAYMENTS_REVERSED_BEYOND, 1);
		warn("payment %s: %s EUR were reversed, and %s EUR captured: see `%s`", id,
		     money_print_grouped(reversed, col_int(q, 3)),
		     money_print_grouped(captured, col_int(q, 2)), run_command(r, "explain payment %s", id));
	}
	exec(sql(r->db, "DELETE FROM reversed_payment WHERE 1 = 1"));
}
