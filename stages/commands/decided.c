/* decided: see decided.h. */
#include <stdio.h>

#include "formats/money.h"
#include "formats/text.h"
#include "stages/commands/decided.h"
#include "stages/core/books/ledger.h"
#include "stages/core/engine/key.h"

static const char *
name_posted(int64_t event)
{
	return event == EVENT_RECOVERY          ? "a transfer received"
	       : event == EVENT_FAILED_RECOVERY ? "a transfer that went back"
	                                        : "a card payment";
}

/* What an attribution did to the member's balance. */
static void
print_attributed(struct run *r, int64_t number)
{
	struct stmt *q = sql(r->db,
	    "SELECT p.app_id, p.app_user_id, b.amount_in_cents, p.balance_in_cents, b.event"
	    " FROM exception x"
	    " JOIN attribution a ON a.transaction_id = x.key"
	    "  AND a.nth = (SELECT max(nth) FROM attribution WHERE transaction_id = x.key)"
	    " JOIN profile p ON p.number = a.profile_number"
	    " JOIN balance_transaction b"
	    "  ON (b.source_kind = " SQL_CODE(SOURCE_SWAN) " AND b.source = +" SQL_TRANSACTION_KEY("a.id")
	    "    AND b.event = " SQL_CODE(EVENT_CAPTURED_CARD_PAYMENT)
	    "    AND NOT EXISTS (SELECT 1 FROM correction c WHERE c.swan_id = x.key AND c.bank_reference IS NULL))"
	    "   OR (b.source_kind = " SQL_CODE(SOURCE_CORRECTION) " AND a.bank_reference IS NULL"
	    "    AND b.source = (SELECT CAST(x.key || '/' || max(c.nth) AS BLOB) FROM correction c WHERE c.swan_id = x.key))"
	    "   OR (b.source_kind = " SQL_CODE(SOURCE_TRANSFER) " AND b.source = CAST(a.bank_reference AS BLOB)"
	    "    AND b.event = " SQL_CODE(EVENT_RECOVERY) ")"
	    " WHERE x.number = $number AND x.kind = 'swan_transaction' AND x.decision = 'attributed'");
	char amount[MONEY_TEXT_GROUPED], balance[MONEY_TEXT_GROUPED];

	bind_int(q, "$number", number);
	while (row(q))
		printf("%s EUR posted for app [%s] and user [%s] as %s; the balance is %s EUR\n",
		       money_print_grouped(amount, col_int(q, 2)), col_text(q, 0), col_text(q, 1),
		       name_posted(col_int(q, 4)), money_print_grouped(balance, col_int(q, 3)));
}

/* What a correction, or a reversal in part, did to the member's balance. */
static void
print_corrected(struct run *r, int64_t number)
{
	struct stmt *q = sql(r->db,
	    "SELECT p.app_id, p.app_user_id, b.amount_in_cents, p.balance_in_cents"
	    " FROM exception x"
	    " JOIN balance_transaction b"
	    "  ON (b.source_kind = " SQL_CODE(SOURCE_CORRECTION)
	    "    AND b.source = CAST(x.key || '/' || (SELECT max(c.nth) FROM correction c WHERE c.swan_id = x.key) AS BLOB))"
	    "   OR (b.source_kind = " SQL_CODE(SOURCE_REVERSAL)
	    "    AND b.source = (SELECT CAST(v.bank_reference || '/' || v.nth AS BLOB) FROM transfer_reversal v"
	    "     WHERE v.swan_id = x.key AND v.why IS NOT NULL"
	    "      AND NOT EXISTS (SELECT 1 FROM correction c WHERE c.swan_id = x.key)))"
	    " JOIN profile p ON p.number = b.profile_number"
	    " WHERE x.number = $number AND x.decision = 'as_told'");
	char amount[MONEY_TEXT_GROUPED], balance[MONEY_TEXT_GROUPED];

	bind_int(q, "$number", number);
	while (row(q))
		printf("%s EUR posted for app [%s] and user [%s] as a correction; the balance is %s EUR\n",
		       money_print_grouped(amount, col_int(q, 2)), col_text(q, 0), col_text(q, 1),
		       money_print_grouped(balance, col_int(q, 3)));
}

/* What became of the debit or refund to which a bank entry was posted. */
static void
print_posted_debit(struct run *r, int64_t number)
{
	struct stmt *q = sql(r->db,
	    "SELECT f.kind, c.amount_in_cents, p.app_id, p.app_user_id, c.state, p.balance_in_cents"
	    " FROM exception x"
	    " JOIN collection c ON c.end_to_end_id = x.posted_to AND c.state <> 'cancelled'"
	    " JOIN bank_file f ON f.number = c.file_number"
	    " JOIN profile p ON p.number = c.profile_number"
	    " WHERE x.number = $number");
	char amount[MONEY_TEXT_GROUPED], balance[MONEY_TEXT_GROUPED];

	bind_int(q, "$number", number);
	while (row(q))
		printf("the %s of %s EUR for app [%s] and user [%s] is %s; the balance is %s EUR\n",
		       col_text(q, 0), money_print_grouped(amount, col_int(q, 1)), col_text(q, 2),
		       col_text(q, 3), col_text(q, 4), money_print_grouped(balance, col_int(q, 5)));
}

static void
print_posted_file(struct run *r, int64_t number)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT f.msg_id, f.kind, c.state, count(*), CAST(sum(c.amount_in_cents) AS BIGINT)"
	    " FROM exception x"
	    " JOIN bank_file f ON f.msg_id = x.posted_to"
	    " JOIN collection c ON c.file_number = f.number"
	    " WHERE x.number = $number"
	    " GROUP BY f.msg_id, f.kind, c.state"
	    " ORDER BY c.state");
	char sum[MONEY_TEXT_GROUPED];

	bind_int(q, "$number", number);
	while (row(q))
		printf("%s: %lld %s%s of %s EUR %s %s\n", col_text(q, 0), (long long)col_int(q, 3),
		       col_text(q, 1), text_plural(col_int(q, 3)), money_print_grouped(sum, col_int(q, 4)),
		       col_int(q, 3) == 1 ? "is" : "are", col_text(q, 2));
}

/* The versions that the posting of a withdrawn debit cancelled. */
static void
print_cancelled(struct run *r, int64_t number)
{
	struct stmt *q =
	    sql(r->db,
	    "SELECT msg_id FROM bank_file"
	    " WHERE state = 'cancelled' AND cancel_why LIKE 'exception ' || $number || ': %'"
	    " ORDER BY number");

	bind_int(q, "$number", number);
	while (row(q))
		printf(
		    "%s, which was not released, is cancelled: the next collect makes a version without what"
		    " was posted\n",
		    col_text(q, 0));
}

/* The bank has the withdrawn file after all, and may still collect the rest of it. */
static void
print_rest(struct run *r, int64_t number)
{
	struct stmt *q = sql(r->db,
	    "SELECT f.msg_id, count(*), CAST(sum(o.amount_in_cents) AS BIGINT)"
	    " FROM exception x"
	    " JOIN bank_file f ON f.state = 'withdrawn' AND (f.msg_id = x.posted_to OR f.number IN"
	    "  (SELECT c.file_number FROM collection c WHERE c.end_to_end_id = x.posted_to AND c.live IS NOT NULL))"
	    " JOIN collection o ON o.file_number = f.number AND o.state IN ('cancelled', 'withdrawn')"
	    " WHERE x.number = $number"
	    " GROUP BY f.msg_id");
	char sum[MONEY_TEXT_GROUPED];

	bind_int(q, "$number", number);
	while (row(q))
		printf(
		    "%s was withdrawn, and %lld more of it, %s EUR, may be at the bank: ask the bank before a"
		    " later version is released\n",
		    col_text(q, 0), (long long)col_int(q, 1), money_print_grouped(sum, col_int(q, 2)));
}

void
decided_print(struct run *r, const int64_t exceptions[], int n)
{
	int i;

	print_attributed(r, exceptions[0]);
	print_corrected(r, exceptions[0]);
	print_posted_debit(r, exceptions[0]);
	print_posted_file(r, exceptions[0]);
	for (i = 0; i < n; i++)
		print_cancelled(r, exceptions[i]);
	print_rest(r, exceptions[0]);
}
