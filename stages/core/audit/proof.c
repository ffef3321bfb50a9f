/* proof: see proof.h. Rows against rows. */
#include <string.h>
#include <sys/stat.h>

#include "formats/length.h"
#include "stages/core/audit/proof.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/publish.h"

#define MOST_TOLD 5 /* counterexamples told one by one for each claim */

void
proof_begin(struct proof *p, struct claim *c)
{
	c->told = 0;
	p->claims++;
	if (p->r->verbose)
		info("proving: %s", c->text);
}

void
proof_fails(struct proof *p, struct claim *c, const char *what)
{
	p->different++;
	if (++c->told <= MOST_TOLD)
		warn("not true: %s: %s", c->text, what);
}

bool
proof_is_there(const char *path, const unsigned char sha256[SHA256_SIZE])
{
	unsigned char found[SHA256_SIZE];
	struct stat st;

	return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && publish_digest(path, found, NULL) &&
	       memcmp(found, sha256, SHA256_SIZE) == 0;
}

struct row_proof {
	const char *claim,
	    *counterexamples; /* selects what must not exist; the first column says which it is */
};

/* The card types that Swan books, and their signs. */
#define TAKEN "'CardOutDebit', 'CardOutCreditReversal'"
#define GIVEN "'CardOutDebitReversal', 'CardOutCredit', 'InternalCreditTransferIn'"

static const struct row_proof of_balances[] = {
    {"a balance is the sum of its transactions",
     "SELECT 'profile ' || p.number FROM profile p"
     " WHERE p.balance_in_cents <> coalesce((SELECT sum(b.amount_in_cents) FROM balance_transaction b"
     "  WHERE b.profile_number = p.number), 0)"},
    {"balance + open debt + frozen debt not yet settled = 0, for each member",
     "SELECT 'profile ' || p.number FROM profile p"
     " WHERE p.balance_in_cents"
     "  - coalesce((SELECT sum(b.amount_in_cents) FROM balance_transaction b LEFT JOIN session s ON s.number = b.session_number"
     "     WHERE b.profile_number = p.number AND b.settled_session IS NULL AND s.frozen_at IS NULL), 0)"
     "  + coalesce((SELECT sum(d.amount_in_cents) FROM debt d JOIN session s ON s.number = d.session_number"
     "     WHERE d.profile_number = p.number AND s.frozen_at IS NOT NULL AND d.status NOT IN ('succeeded', 'failed')), 0) <> 0"},
    {"a member's transactions are numbered without a gap",
     "SELECT 'profile ' || p.number FROM profile p"
     " WHERE p.last_transaction <> (SELECT count(*) FROM balance_transaction b WHERE b.profile_number = p.number)"
     "  OR p.last_transaction <> coalesce((SELECT max(b.number) FROM balance_transaction b WHERE b.profile_number = p.number), 0)"},
    {"a transaction is a member's, with the source and the sign of its event",
     "SELECT 'profile ' || b.profile_number || ', transaction ' || b.number FROM balance_transaction b"
     " WHERE NOT ((b.event = 1 AND b.source_kind = 1)"
     "   OR (b.event = 2 AND b.source_kind = 3 AND b.amount_in_cents > 0)"
     "   OR (b.event = 3 AND b.source_kind = 2 AND b.amount_in_cents < 0)"
     "   OR (b.event = 4 AND b.source_kind IN (2, 4) AND b.amount_in_cents > 0)"
     "   OR (b.event = 5 AND b.source_kind = 2 AND b.amount_in_cents < 0)"
     "   OR (b.event = 5 AND b.source_kind = 5 AND b.amount_in_cents > 0)"
     "   OR (b.event IN (6, 7) AND b.source_kind = 1 AND b.amount_in_cents = 0))"
     "  OR (b.settled_session IS NOT NULL) <> (b.event IN (4, 5) AND b.source_kind = 2)"
     "  OR NOT EXISTS (SELECT 1 FROM profile p WHERE p.number = b.profile_number)"},
    {"the card account is what Swan booked",
     "SELECT 'card account: ' || posted || ' posted, ' || booked || ' booked' FROM (SELECT"
     "  coalesce((SELECT sum(amount_in_cents) FROM balance_transaction WHERE event = 1), 0) AS posted,"
     "  coalesce((SELECT sum(CASE WHEN ty.word IN (" TAKEN
     ") THEN -t.amount_in_cents ELSE t.amount_in_cents END)"
     "   FROM swan_transaction t JOIN code ty ON ty.number = t.type JOIN code st ON st.number = t.status"
     "   WHERE st.word = 'Booked' AND ty.word IN (" TAKEN ", " GIVEN ")), 0) AS booked) AS account"
     " WHERE posted <> booked"},
    {"what Swan booked is posted once, to the member of its payment, and nothing else is",
     "WITH booked AS (SELECT t.id, t.profile_number, p.number AS payment_number, p.profile_number AS payer,"
     "   CASE WHEN ty.word IN (" TAKEN
     ") THEN -t.amount_in_cents ELSE t.amount_in_cents END AS amount_in_cents"
     "  FROM swan_transaction t JOIN code ty ON ty.number = t.type JOIN code st ON st.number = t.status"
     "  LEFT JOIN card_payment p ON p.payment = t.payment"
     "  WHERE st.word = 'Booked' AND ty.word IN (" TAKEN ", " GIVEN "))"
     " SELECT 'Swan transaction ' || hex(t.id) FROM booked t WHERE 1 <> (SELECT count(*) FROM balance_transaction b"
     "   WHERE b.source_kind = 1 AND b.source = t.id AND b.event = 1 AND b.profile_number = t.profile_number"
     "    AND b.profile_number = t.payer AND b.payment_number = t.payment_number"
     "    AND b.amount_in_cents = t.amount_in_cents)"
     " UNION ALL SELECT 'profile ' || b.profile_number || ', transaction ' || b.number FROM balance_transaction b WHERE b.event = 1"
     "  AND NOT EXISTS (SELECT 1 FROM booked t WHERE t.id = b.source)"},
    {"a transfer of a member is a recovery of that member, once",
     "SELECT t.bank_reference FROM credit_transfer t WHERE 1 <> (SELECT count(*) FROM balance_transaction b"
     "  WHERE b.source_kind = 4 AND b.source = CAST(t.bank_reference AS BLOB) AND b.event = 4"
     "   AND b.profile_number = t.profile_number AND b.amount_in_cents = t.amount_in_cents)"
     " UNION ALL SELECT 'profile ' || b.profile_number || ', transaction ' || b.number FROM balance_transaction b WHERE b.source_kind = 4"
     "  AND NOT EXISTS (SELECT 1 FROM credit_transfer t WHERE CAST(t.bank_reference AS BLOB) = b.source)"},
    {"a card payment and what makes it are one member's",
     "SELECT 'profile ' || p.profile_number || ', payment ' || p.number"
     " FROM card_payment p JOIN swan_transaction t ON t.payment = p.payment WHERE t.profile_number <> p.profile_number"
     " UNION ALL SELECT 'profile ' || b.profile_number || ', transaction ' || b.number"
     " FROM balance_transaction b JOIN swan_transaction t ON t.id = b.source"
     " WHERE b.source_kind = 1 AND b.profile_number <> t.profile_number"},
    {"what a person attributed is that member's, as a card payment or as a transfer",
     "SELECT a.transaction_id FROM attribution a"
     " WHERE 1 <> (SELECT count(*) FROM swan_transaction t WHERE t.id = a.id AND t.profile_number = a.profile_number)"
     "  + (SELECT count(*) FROM credit_transfer c WHERE c.bank_reference = a.transaction_id"
     "   AND c.profile_number = a.profile_number)"
     " UNION ALL SELECT x.key FROM exception x WHERE x.decision = 'attributed' AND NOT EXISTS (SELECT 1 FROM attribution a"
     "  WHERE a.transaction_id = x.key AND a.profile_number = x.profile_number)"},
    {"the external account is what others gave, never more than they had",
     "SELECT 'profile ' || b.profile_number || ', transaction ' || b.number FROM balance_transaction b"
     " WHERE b.event = 2 AND NOT EXISTS (SELECT 1 FROM external_transaction x"
     "  WHERE x.profile_number = b.profile_number AND x.transaction_number = b.number"
     "   AND b.amount_in_cents BETWEEN 1 AND x.requested_in_cents)"
     " UNION ALL SELECT 'external transaction ' || x.number FROM external_transaction x"
     " WHERE x.outcome = 'posted' AND 1 <> (SELECT count(*) FROM balance_transaction b"
     "  WHERE b.profile_number = x.profile_number AND b.number = x.transaction_number AND b.event = 2)"},
};

static const struct row_proof of_debts[] = {
    {"a frozen debt is the sum of its transactions",
     "SELECT 'profile ' || d.profile_number || ', session ' || d.session_number FROM debt d JOIN session s ON s.number = d.session_number"
     " WHERE s.frozen_at IS NOT NULL AND coalesce(d.amount_in_cents, 0) <> -coalesce((SELECT sum(b.amount_in_cents)"
     "  FROM balance_transaction b WHERE b.session_number = d.session_number AND b.profile_number = d.profile_number), 0)"},
    {"amounts are fixed when a session is frozen, and no file is made before",
     "SELECT 'profile ' || d.profile_number || ', session ' || d.session_number FROM debt d JOIN session s ON s.number = d.session_number"
     " WHERE (d.amount_in_cents IS NULL) <> (s.frozen_at IS NULL)"
     "  OR (s.frozen_at IS NULL AND d.status <> 'pending')"
     " UNION ALL SELECT f.msg_id FROM bank_file f LEFT JOIN session s ON s.number = f.session_number"
     "  WHERE s.frozen_at IS NULL"},
    {"what came in for a debt, or was paid out, less what went back, is what it says",
     "WITH settling AS (SELECT b.profile_number, b.settled_session AS session_number, b.event,"
     "   b.amount_in_cents + coalesce(back.amount_in_cents, 0) AS cents"
     "  FROM balance_transaction b LEFT JOIN balance_transaction back"
     "   ON back.source_kind = CASE b.event WHEN 5 THEN 5 ELSE b.source_kind END AND back.source = b.source"
     "    AND back.event = CASE b.event WHEN 5 THEN 5 ELSE 3 END"
     "  WHERE b.event IN (4, 5) AND b.settled_session IS NOT NULL),"
     " came AS (SELECT profile_number, session_number,"
     "   sum(CASE event WHEN 4 THEN cents ELSE 0 END) AS cents, sum(CASE event WHEN 5 THEN -cents ELSE 0 END) AS paid"
     "  FROM settling GROUP BY profile_number, session_number)"
     " SELECT 'profile ' || d.profile_number || ', session ' || d.session_number FROM debt d LEFT JOIN came ON came.profile_number = d.profile_number"
     "  AND came.session_number = d.session_number"
     " WHERE coalesce(came.cents, 0) <> coalesce(d.recovered_in_cents, 0)"
     "  OR coalesce(came.paid, 0) <> coalesce(d.refunded_in_cents, 0)"
     "  OR (d.status = 'failed' AND (coalesce(d.recovered_in_cents, -1) <> 0 OR coalesce(d.refunded_in_cents, -1) <> 0))"
     "  OR (d.status = 'succeeded'"
     "   AND coalesce(d.recovered_in_cents, -1) - coalesce(d.refunded_in_cents, 0) <> d.amount_in_cents)"
     " UNION ALL SELECT 'profile ' || came.profile_number || ', session ' || came.session_number FROM came"
     "  LEFT JOIN debt d ON d.profile_number = came.profile_number AND d.session_number = came.session_number"
     "  WHERE d.status IS NULL"},
    {"a transaction that belongs to a debt finds it",
     "SELECT 'profile ' || b.profile_number || ', transaction ' || b.number FROM balance_transaction b LEFT JOIN debt d ON d.profile_number = b.profile_number AND d.session_number = b.session_number"
     " WHERE b.session_number IS NOT NULL AND d.status IS NULL"},
    {"a session is over when its debts are settled",
     "SELECT s.code FROM session s WHERE s.status <> CASE"
     "  WHEN s.frozen_at IS NULL OR EXISTS (SELECT 1 FROM debt d WHERE d.session_number = s.number"
     "   AND d.status NOT IN ('succeeded', 'failed')) THEN 'pending'"
     "  WHEN EXISTS (SELECT 1 FROM debt d WHERE d.session_number = s.number AND d.status = 'failed') THEN 'failed'"
     "  ELSE 'succeeded' END"},
    {"what was shown under a number keeps it: no counter is behind",
     "SELECT k.name FROM (SELECT 'profile' AS name, max(number) AS most FROM profile"
     "   UNION ALL SELECT 'session', max(number) FROM session UNION ALL SELECT 'bank_file', max(number) FROM bank_file"
     "   UNION ALL SELECT 'mandate', max(number) FROM mandate UNION ALL SELECT 'input', max(number) FROM input"
     "   UNION ALL SELECT 'bank_entry', max(number) FROM bank_entry"
     "   UNION ALL SELECT 'external_transaction', max(number) FROM external_transaction) AS k"
     " LEFT JOIN counter ON counter.name = k.name WHERE k.most > coalesce(counter.last, 0)"},
};

#define LIVE "('presented', 'accepted', 'booked')"

static const struct row_proof of_bank_files[] = {
    {"an id that the bank knows is given once",
     "SELECT id FROM (SELECT msg_id AS id FROM bank_file UNION ALL SELECT payment_information_id FROM bank_file"
     "  UNION ALL SELECT end_to_end_id FROM collection WHERE state <> 'cancelled'"
     "  UNION ALL SELECT DISTINCT c.end_to_end_id FROM collection c WHERE c.state = 'cancelled' AND NOT EXISTS"
     "   (SELECT 1 FROM collection o WHERE o.end_to_end_id = c.end_to_end_id AND o.state <> 'cancelled')) AS given"
     " GROUP BY id HAVING count(*) > 1 OR length(id) > 35"
     " UNION ALL SELECT c.end_to_end_id FROM collection c JOIN collection o ON o.end_to_end_id = c.end_to_end_id"
     "  AND o.file_number < c.file_number WHERE o.profile_number <> c.profile_number"
     "   OR o.session_number <> c.session_number OR o.presentation <> c.presentation OR o.mandate_number <> c.mandate_number"},
    {"a debit or refund is its debt, whole",
     "SELECT c.end_to_end_id FROM collection c JOIN bank_file f ON f.number = c.file_number"
     "  LEFT JOIN debt d ON d.profile_number = c.profile_number AND d.session_number = c.session_number"
     " WHERE d.amount_in_cents IS NULL OR f.session_number <> c.session_number"
     "  OR CASE f.kind WHEN 'refund' THEN -c.amount_in_cents ELSE c.amount_in_cents END <> d.amount_in_cents"},
    {"a debit or refund names the member's own mandate, in force when the file was made and released",
     "SELECT c.end_to_end_id FROM collection c JOIN bank_file f ON f.number = c.file_number"
     "  LEFT JOIN mandate m ON m.number = c.mandate_number"
     " WHERE m.number IS NULL OR m.profile_number <> c.profile_number"
     "  OR (m.status <> 'active' AND NOT (f.kind = 'refund' AND m.status = 'expired') AND (m.status_at < f.created_at OR m.status_at < f.released_at))"},
    {"no debt is in two live debits or refunds",
     "SELECT 'profile ' || c.profile_number || ', session ' || c.session_number FROM collection c WHERE c.live = 1 OR c.state IN " LIVE
     " GROUP BY c.profile_number, c.session_number HAVING count(*) > 1"},
    {"a debt and its debit or refund say the same",
     "WITH live AS (SELECT profile_number, session_number, count(*) AS debits, max(state) AS state FROM collection"
     "   WHERE state IN " LIVE " GROUP BY profile_number, session_number)"
     " SELECT 'profile ' || d.profile_number || ', session ' || d.session_number FROM debt d LEFT JOIN live ON live.profile_number = d.profile_number"
     "  AND live.session_number = d.session_number"
     " WHERE coalesce(live.debits, 0) <> CASE WHEN d.amount_in_cents <> 0"
     "   AND d.status IN ('initiated', 'executed', 'succeeded') THEN 1 ELSE 0 END"
     "  OR (live.state = 'booked') <> (d.status = 'succeeded')"},
    {"what is to be collected, or refunded, is in the file of its session",
     "SELECT 'profile ' || d.profile_number || ', session ' || d.session_number FROM debt d JOIN bank_file f ON f.session_number = d.session_number"
     "  AND f.kind = CASE WHEN d.amount_in_cents > 0 THEN 'debit' ELSE 'refund' END AND f.state NOT IN ('cancelled', 'withdrawn')"
     " WHERE d.amount_in_cents <> 0 AND d.status = 'pending'"},
    {"nothing became of a file that was not given to the bank",
     "SELECT c.end_to_end_id FROM collection c JOIN bank_file f ON f.number = c.file_number"
     " WHERE f.state IN ('generated', 'approved') AND c.state <> 'presented'"},
    {"a cancelled file never left, and nothing in it is alive; nothing else is cancelled",
     "SELECT f.msg_id FROM bank_file f WHERE CASE f.state WHEN 'cancelled' THEN 1 ELSE 0 END <>"
     "   CASE WHEN f.cancelled_at IS NOT NULL AND length(f.cancelled_by) > 0 AND length(f.cancel_why) > 0 THEN 1 ELSE 0 END"
     "  OR (f.state = 'cancelled' AND (f.released_at IS NOT NULL OR f.uploaded_at IS NOT NULL OR EXISTS"
     "   (SELECT 1 FROM artifact a WHERE a.owner = f.number AND a.kind IN ('upload', 'uploaded'))))"
     " UNION ALL SELECT c.end_to_end_id FROM collection c JOIN bank_file f ON f.number = c.file_number"
     "  WHERE (f.state = 'cancelled') <> (c.state = 'cancelled')"
     "   OR (c.state = 'cancelled' AND (c.live <> 0 OR c.booked_on IS NOT NULL OR c.failed_on IS NOT NULL))"},
    {"a file has the count and the sum of what is in it",
     "SELECT f.msg_id FROM bank_file f"
     " WHERE f.collections <> (SELECT count(*) FROM collection c WHERE c.file_number = f.number)"
     "  OR f.sum_in_cents <> (SELECT sum(c.amount_in_cents) FROM collection c WHERE c.file_number = f.number)"},
    {"a file that left was proved and released, and approved as it is by others than its builder",
     "SELECT f.msg_id FROM bank_file f WHERE f.state NOT IN ('generated', 'approved', 'cancelled')"
     "  AND (f.released_at IS NULL OR f.released_by IS NULL OR f.audited_on IS NULL)"
     " UNION ALL SELECT f.msg_id FROM approval a JOIN bank_file f ON f.number = a.file_number"
     "  WHERE a.sha256 <> f.sha256 OR a.approver = f.built_by"},
};

/* How a bank tells a booking, and a return, of what is in a file: a credit of debits, a debit of refunds. */
#define BOOKING "CASE f.kind WHEN 'refund' THEN 'debit' ELSE 'credit' END"
#define RETURN  "CASE f.kind WHEN 'refund' THEN 'refund_return' ELSE 'return' END"

/* What applied entries of the bank say of one debit or refund. */
#define TOLD                                                                                                           \
	"WITH told AS (SELECT e.end_to_end_id, sum(CASE WHEN e.kind = " BOOKING                                        \
	" THEN 1 ELSE 0 END) AS bookings,"                                                                             \
	"   sum(CASE WHEN e.kind = " RETURN " THEN 1 ELSE 0 END) AS returns,"                                          \
	"   sum(CASE WHEN e.kind NOT IN ('status', " BOOKING ", " RETURN ") THEN 1 ELSE 0 END) AS others,"             \
	"   sum(CASE WHEN e.kind = 'status' AND e.level = 'debit' AND e.status = 'RJCT' THEN 1 ELSE 0 END) AS rejects" \
	"  FROM bank_entry e LEFT JOIN collection c ON c.end_to_end_id = e.end_to_end_id AND c.state <> 'cancelled'"   \
	"  LEFT JOIN bank_file f ON f.number = c.file_number"                                                          \
	"  WHERE e.state = 'applied' AND e.end_to_end_id IS NOT NULL GROUP BY e.end_to_end_id),"                       \
	" bulk AS (SELECT f.number, e.number AS entry, e.event_on, e.amount_in_cents FROM bank_entry e"                \
	"  JOIN bank_file f ON (f.msg_id = e.msg_id OR f.payment_information_id = e.payment_information_id)"           \
	"   AND e.kind = " BOOKING "  WHERE e.state = 'applied' AND e.end_to_end_id IS NULL)"

static const struct row_proof of_the_bank[] = {
    {"the bank account is what the bank booked and did not take back",
     "SELECT 'bank account: ' || posted || ' posted, ' || booked || ' booked' FROM (SELECT"
     "  coalesce((SELECT sum(amount_in_cents) FROM balance_transaction WHERE event IN (3, 4)), 0) AS posted,"
     "  coalesce((SELECT sum(c.amount_in_cents) FROM collection c JOIN bank_file f ON f.number = c.file_number"
     "   WHERE c.state = 'booked' AND f.kind = 'debit'), 0)"
     "  + coalesce((SELECT sum(amount_in_cents) FROM credit_transfer), 0) AS booked) AS account"
     " WHERE posted <> booked"},
    {"the refund account is what the bank paid to members and did not get back",
     "SELECT 'refund account: ' || posted || ' posted, ' || paid || ' paid' FROM (SELECT"
     "  coalesce((SELECT -sum(amount_in_cents) FROM balance_transaction WHERE event = 5), 0) AS posted,"
     "  coalesce((SELECT sum(c.amount_in_cents) FROM collection c JOIN bank_file f ON f.number = c.file_number"
     "   WHERE c.state = 'booked' AND f.kind = 'refund'), 0) AS paid) AS account"
     " WHERE posted <> paid"},
    {"each debit or refund has the transactions that its state wants, and what never was one came back at once",
     "SELECT c.end_to_end_id FROM collection c JOIN bank_file f ON f.number = c.file_number"
     " WHERE c.state <> 'cancelled' AND (CASE WHEN c.state IN ('booked', 'rejected', 'returned') THEN 1 ELSE 0 END <>"
     "   (SELECT count(*) FROM balance_transaction b WHERE b.source_kind = 2 AND b.source = CAST(c.end_to_end_id AS BLOB)"
     "    AND b.event = CASE f.kind WHEN 'refund' THEN 5 ELSE 4 END AND b.profile_number = c.profile_number"
     "    AND b.settled_session = c.session_number"
     "    AND b.amount_in_cents = CASE f.kind WHEN 'refund' THEN -c.amount_in_cents ELSE c.amount_in_cents END)"
     "  OR CASE WHEN c.state IN ('rejected', 'returned') THEN 1 ELSE 0 END <>"
     "   (SELECT count(*) FROM balance_transaction b WHERE b.source_kind = CASE f.kind WHEN 'refund' THEN 5 ELSE 2 END"
     "    AND b.source = CAST(c.end_to_end_id AS BLOB) AND b.event = CASE f.kind WHEN 'refund' THEN 5 ELSE 3 END"
     "    AND b.profile_number = c.profile_number"
     "    AND b.amount_in_cents = CASE f.kind WHEN 'refund' THEN c.amount_in_cents ELSE -c.amount_in_cents END))"
     " UNION ALL SELECT 'profile ' || b.profile_number || ', transaction ' || b.number FROM balance_transaction b"
     "  WHERE b.source_kind IN (2, 5)"
     "  AND NOT EXISTS (SELECT 1 FROM collection c WHERE c.profile_number = b.profile_number"
     "   AND CAST(c.end_to_end_id AS BLOB) = b.source AND c.state <> 'cancelled')"
     "  AND NOT EXISTS (SELECT 1 FROM balance_transaction o JOIN debt d ON d.profile_number = o.profile_number"
     "    AND d.session_number = coalesce(o.settled_session, b.settled_session) AND d.status = 'failed'"
     "   WHERE o.source_kind = CASE b.event WHEN 5 THEN 7 - b.source_kind ELSE 2 END AND o.source = b.source"
     "    AND o.event = CASE b.event WHEN 5 THEN 5 ELSE 7 - b.event END"
     "    AND o.profile_number = b.profile_number AND o.amount_in_cents = -b.amount_in_cents)"},
    {"every entry of the bank is applied, noted, or held for a person",
     "WITH held AS (SELECT e.number, e.kind, e.state, x.state AS exception_state FROM bank_entry e"
     "   LEFT JOIN exception x ON x.kind = 'bank_entry' AND x.key = lower(hex(e.fingerprint)) || '-' || e.occurrence)"
     " SELECT 'bank entry ' || number FROM held WHERE state = 'new'"
     "  OR (state = 'held' AND coalesce(exception_state, '') NOT IN ('open', 'resolved'))"
     "  OR (state = 'noted' AND kind IN ('credit', 'return', 'debit', 'refund_return') AND coalesce(exception_state, '') <> 'resolved')"
     " UNION ALL SELECT m.msg_id FROM bank_message m LEFT JOIN"
     "  (SELECT message_number, count(*) AS entries FROM bank_entry GROUP BY message_number) AS e"
     "  ON e.message_number = m.number WHERE m.entries <> m.repeated + coalesce(e.entries, 0)"},
    {"an entry that is applied is in the books, once", TOLD
     " SELECT told.end_to_end_id FROM told LEFT JOIN collection c ON c.end_to_end_id = told.end_to_end_id AND c.state <> 'cancelled'"
     "  WHERE c.state IS NULL OR told.bookings > 1 OR told.returns > 1 OR told.others > 0"
     "   OR (told.bookings = 1 AND c.booked_on IS NULL) OR (told.returns = 1 AND c.state <> 'returned')"
     "   OR (told.rejects > 0 AND c.state <> 'rejected')"
     " UNION ALL SELECT 'bank entry ' || bulk.entry FROM bulk WHERE bulk.amount_in_cents <>"
     "  coalesce((SELECT sum(c.amount_in_cents) FROM collection c LEFT JOIN told ON told.end_to_end_id = c.end_to_end_id"
     "   WHERE c.file_number = bulk.number AND c.booked_on = bulk.event_on AND coalesce(told.bookings, 0) = 0), 0)"},
    {"what the books have of a debit or refund, the bank told", TOLD
     " SELECT c.end_to_end_id FROM collection c LEFT JOIN told ON told.end_to_end_id = c.end_to_end_id"
     "  WHERE (c.booked_on IS NOT NULL AND coalesce(told.bookings, 0) = 0 AND NOT EXISTS (SELECT 1 FROM bulk"
     "    WHERE bulk.number = c.file_number AND bulk.event_on = c.booked_on))"
     "   OR (c.state = 'booked' AND c.booked_on IS NULL)"
     "   OR (c.state = 'returned' AND coalesce(told.returns, 0) = 0)"
     "   OR (c.state = 'rejected' AND coalesce(told.rejects, 0) = 0)"},
};

static const struct row_proof of_what_is_told[] = {
    {"every file that was refused is held for a person",
     "SELECT i.name FROM input i WHERE i.state = 'refused'"
     "  AND NOT EXISTS (SELECT 1 FROM exception x WHERE x.kind = 'file' AND x.input_number = i.number)"},
    {"every window of the import that counts as posted was read",
     "SELECT w.transactions_path FROM import_window w JOIN cursor c ON c.name = 'post.import_window'"
     " WHERE w.number <= c.value AND w.transactions_path IS NOT NULL AND NOT EXISTS (SELECT 1 FROM input i"
     "  WHERE i.kind = 'transactions' AND i.state = 'applied' AND i.kept_at = w.transactions_path)"},
    {"members are told the amount that is debited, and the day",
     "SELECT n.subject FROM notification n WHERE n.name = 'alan_pay__recovery_session'"
     "  AND NOT EXISTS (SELECT 1 FROM collection c JOIN bank_file f ON f.number = c.file_number AND f.kind = 'debit'"
     "   WHERE c.end_to_end_id = CASE WHEN n.subject LIKE '%/%' THEN rtrim(rtrim(n.subject, '0123456789'), '/') ELSE n.subject END"
     "    AND c.profile_number = n.profile_number"
     "    AND n.subject IN (c.end_to_end_id, c.end_to_end_id || '/' || f.version)"
     "    AND n.params = '{\"amount_in_cents\":' || c.amount_in_cents || ',\"recovery_date\":\"' || f.collect_on || '\"}')"},
    {"nobody is told the same twice, and a batch has its lines",
     "SELECT n.name || ' ' || n.subject FROM notification n GROUP BY n.name, n.profile_number, n.subject HAVING count(*) > 1"
     " UNION ALL SELECT again.name || ' ' || again.subject FROM (SELECT n.name, n.subject, n.params, lag(n.params)"
     "   OVER (PARTITION BY n.profile_number, CASE WHEN n.subject LIKE '%/%'"
     "    THEN rtrim(rtrim(n.subject, '0123456789'), '/') ELSE n.subject END ORDER BY n.number) AS before"
     "  FROM notification n WHERE n.name = 'alan_pay__recovery_session') AS again WHERE again.params = again.before"
     " UNION ALL SELECT 'batch ' || t.number FROM notification_batch t LEFT JOIN"
     "  (SELECT batch_number, count(*) AS lines FROM notification GROUP BY batch_number) AS n ON n.batch_number = t.number"
     "  WHERE t.lines <> coalesce(n.lines, 0)"},
};

static void
prove(struct proof *p, const struct row_proof proofs[], size_t n)
{
	struct claim claim;
	struct stmt *q;
	size_t i;

	for (i = 0; i < n; i++) {
		claim.text = proofs[i].claim;
		proof_begin(p, &claim);
		q = sql(p->r->db, proofs[i].counterexamples);
		while (row(q))
			proof_fails(p, &claim, col_text(q, 0));
	}
}

#define PROVE(p, proofs) prove((p), (proofs), LENGTH(proofs))

void
proof_of_rows(struct proof *p)
{
	PROVE(p, of_balances);
	PROVE(p, of_debts);
	PROVE(p, of_bank_files);
	PROVE(p, of_the_bank);
	PROVE(p, of_what_is_told);
}
