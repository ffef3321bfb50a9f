/* flows: the ways a card payment goes, as Swan reports them: the versions of its transactions in their order, and what the
 * books must say of them in whatever order they came. Used by test_payment.c.
 */
#ifndef TESTS_FLOWS_H
#define TESTS_FLOWS_H

#include <stdint.h>

#include <stddef.h>

#include "formats/money.h"

#define MOST      6
#define minute(n) (INT64_C(1772352000000) + (n)*INT64_C(60000)) /* from 2026-03-01T08:00:00Z */

struct state {
	const char *id, *payment, *type, *status;
	cents amount;
	int created, updated; /* minutes */
	const char *why;      /* of a rejection or release */
};

#define AUTH(id, status, amount, created, updated, why)                                 \
	{                                                                               \
		id, "P1", "CardOutAuthorization", status, amount, created, updated, why \
	}
#define PENDING(id, amount, created, updated)       AUTH(id, "Pending", amount, created, updated, NULL)
#define RELEASED(id, amount, created, updated, why) AUTH(id, "Released", amount, created, updated, why)
#define REJECTED(id, amount, created, updated, why) AUTH(id, "Rejected", amount, created, updated, why)
#define BOOKED(id, type, amount, created)                                \
	{                                                                \
		id, "P1", type, "Booked", amount, created, created, NULL \
	}
#define DEBIT(id, amount, created) BOOKED(id, "CardOutDebit", amount, created)
#define BOOKED_AS(id, status, amount, created, updated)                          \
	{                                                                        \
		id, "P1", "CardOutDebit", status, amount, created, updated, NULL \
	}

/* Of each payment: status, authorized/captured, minute, reason; then the balance, then what was posted by source. */
static const struct {
	const char *name;
	struct state state[MOST];
	const char *expected;
} flows[] = {
    {"a hold", {PENDING("a", 10000, 0, 0)}, "P1 authorized 10000/0 @0 - | 0 |"},
    {"authorized, captured",
     {PENDING("a", 10000, 0, 0), RELEASED("a", 10000, 0, 30, "Captured"), DEBIT("d", 10000, 29)},
     "P1 captured 10000/10000 @0 - | -10000 | d captured -10000"},
    {"captured in part: Swan lowers the hold",
     {PENDING("a", 10000, 0, 0), DEBIT("d", 4000, 10), PENDING("a", 6000, 0, 11)},
     "P1 captured 10000/4000 @0 - | -4000 | d captured -4000"},
    {"the rest of it is released",
     {PENDING("a", 10000, 0, 0), DEBIT("d", 4000, 10), PENDING("a", 6000, 0, 11),
      RELEASED("a", 6000, 0, 50, "Expired")},
     "P1 captured 10000/4000 @0 - | -4000 | a released 0, d captured -4000"},
    {"captured three times, beyond the hold",
     {PENDING("a", 10000, 0, 0), DEBIT("d1", 4000, 10), DEBIT("d2", 5000, 20), PENDING("a", 1000, 0, 21),
      DEBIT("d3", 1700, 30), RELEASED("a", 0, 0, 31, "Captured")},
     "P1 captured 10000/10700 @0 - | -10700 | d1 captured -4000, d2 captured -5000,"
     " d3 captured -1700"},
    {"captured without a hold", {DEBIT("d", 2500, 5)}, "P1 captured 0/2500 @5 - | -2500 | d captured -2500"},
    {"captured before the hold was made",
     {DEBIT("d", 2500, 5), PENDING("a", 2500, 9, 9)},
     "P1 captured 2500/2500 @5 - | -2500 | d captured -2500"},
    {"expired",
     {PENDING("a", 900, 0, 0), RELEASED("a", 900, 0, 60, "Expired")},
     "P1 released 900/0 @0 - | 0 | a released 0"},
    {"authorized again after an advice",
     {PENDING("a1", 10000, 0, 0), RELEASED("a1", 10000, 0, 20, "AdviceReceived"),
      PENDING("a2", 12000, 19, 19), DEBIT("d", 12000, 40), RELEASED("a2", 0, 19, 41, "Captured")},
     "P1 captured 12000/12000 @0 - | -12000 | d captured -12000"},
    {"the exact amount after an advice",
     {PENDING("a1", 15000, 0, 0), RELEASED("a1", 15000, 0, 20, "AdviceReceived"),
      PENDING("a2", 4320, 19, 19)},
     "P1 authorized 4320/0 @0 - | 0 |"},
    {"an advice, and the exact amount is still to come",
     {PENDING("a1", 15000, 0, 0), RELEASED("a1", 15000, 0, 20, "AdviceReceived")},
     "P1 released 15000/0 @0 - | 0 |"},
    {"a hold that is raised",
     {PENDING("a", 5000, 0, 0), PENDING("a", 8000, 0, 10)},
     "P1 authorized 8000/0 @0 - | 0 |"},
    {"raised, lowered, and captured whole",
     {PENDING("a", 5000, 0, 0), PENDING("a", 8000, 0, 10), PENDING("a", 6000, 0, 20), DEBIT("d", 6000, 30),
      RELEASED("a", 0, 0, 31, "Captured")},
     "P1 captured 8000/6000 @0 - | -6000 | d captured -6000"},
    {"incremental authorizations add up",
     {PENDING("a1", 10000, 0, 0), PENDING("a2", 5000, 60, 60), PENDING("a3", 2500, 90, 90)},
     "P1 authorized 17500/0 @0 - | 0 |"},
    {"incremental ones, of which one is captured in part",
     {PENDING("a1", 10000, 0, 0), PENDING("a2", 5000, 60, 60), DEBIT("d", 4000, 70),
      PENDING("a1", 6000, 0, 71)},
     "P1 captured 15000/4000 @0 - | -4000 | d captured -4000"},
    {"expired, then authorized again",
     {PENDING("a1", 9000, 0, 0), RELEASED("a1", 9000, 0, 60, "Expired"), PENDING("a2", 7000, 70, 70)},
     "P1 authorized 7000/0 @0 - | 0 | a1 released 0"},
    {"canceled",
     {PENDING("a", 900, 0, 0), AUTH("a", "Canceled", 900, 0, 9, NULL)},
     "P1 released 900/0 @0 - | 0 |"},
    {"canceled, then authorized again",
     {PENDING("a1", 900, 0, 0), AUTH("a1", "Canceled", 900, 0, 9, NULL), PENDING("a2", 700, 10, 10)},
     "P1 authorized 700/0 @0 - | 0 |"},
    {"rejected, then a hold",
     {REJECTED("a1", 700, 3, 3, "InvalidPin"), PENDING("a2", 600, 5, 5)},
     "P1 authorized 600/0 @3 - | 0 | a1 rejected 0"},
    {"rejected online: only that is allowed in the store of these tests",
     {PENDING("a", 700, 3, 3), REJECTED("a", 700, 3, 4, "PartnerRefused")},
     "P1 rejected 700/0 @3 online_payment | 0 | a rejected 0"},
    {"rejected, then captured",
     {REJECTED("a1", 700, 3, 3, "InvalidPin"), PENDING("a2", 700, 5, 5), DEBIT("d", 700, 9)},
     "P1 captured 700/700 @3 - | -700 | a1 rejected 0, d captured -700"},
    {"rejected, then a hold that expired",
     {REJECTED("a1", 700, 3, 3, "PartnerRefused"), PENDING("a2", 800, 5, 5),
      RELEASED("a2", 800, 5, 9, "Expired")},
     "P1 rejected 700/0 @3 online_payment | 0 | a1 rejected 0, a2 released 0"},
    {"rejected twice: the last one says why",
     {REJECTED("a1", 700, 3, 3, "PeriodAmountLimitExceeded"), REJECTED("a2", 600, 5, 5, "InvalidPin")},
     "P1 rejected 600/0 @3 other_reason | 0 | a1 rejected 0, a2 rejected 0"},
    {"reversed",
     {PENDING("a", 4000, 0, 0), DEBIT("d", 4000, 10), BOOKED("r", "CardOutDebitReversal", 4000, 20)},
     "P1 captured 4000/4000 @0 - | 0 | d captured -4000, r captured 4000"},
    {"refunded under another payment",
     {DEBIT("d", 4000, 10), {"c", "P2", "CardOutCredit", "Booked", 1500, 20, 20, NULL}},
     "P1 captured 0/4000 @10 -, P2 captured 0/0 @20 - | -2500 | c captured 1500, d captured -4000"},
    {"a refund taken back",
     {DEBIT("d", 4000, 10),
      {"c", "P2", "CardOutCredit", "Booked", 1500, 20, 20, NULL},
      {"x", "P2", "CardOutCreditReversal", "Booked", 1500, 30, 30, NULL}},
     "P1 captured 0/4000 @10 -, P2 captured 0/0 @20 - | -4000 | c captured 1500, d captured -4000,"
     " x captured -1500"},
    {"a chargeback that was won",
     {DEBIT("d", 4000, 10), BOOKED("i", "InternalCreditTransferIn", 4000, 90)},
     "P1 captured 0/4000 @10 - | 0 | d captured -4000, i captured 4000"},
    {"a card that was only asked about: EUR 0",
     {PENDING("a", 0, 0, 0), RELEASED("a", 0, 0, 9, "Captured")},
     "P1 released 0/0 @0 - | 0 |"},
    {"EUR 0 captured", {DEBIT("d", 0, 0)}, "P1 captured 0/0 @0 - | 0 | d captured 0"},
    {"asked about with EUR 0, then authorized",
     {PENDING("a1", 0, 0, 0), RELEASED("a1", 0, 0, 1, "Captured"), PENDING("a2", 5000, 2, 2)},
     "P1 authorized 5000/0 @0 - | 0 |"},
    {"released, then captured after all",
     {PENDING("a", 5000, 0, 0), RELEASED("a", 5000, 0, 60, "MerchantReleased"), DEBIT("d", 5000, 70)},
     "P1 captured 5000/5000 @0 - | -5000 | a released 0, d captured -5000"},
    {"a hold that is lowered twice before any capture is reported",
     {PENDING("a", 10000, 0, 0), PENDING("a", 7000, 0, 10), PENDING("a", 2000, 0, 20)},
     "P1 authorized 2000/0 @0 - | 0 |"},
    {"lowered, then released: the first amount stays",
     {PENDING("a", 10000, 0, 0), PENDING("a", 2000, 0, 20), RELEASED("a", 0, 0, 30, "ManuallyReleased")},
     "P1 released 10000/0 @0 - | 0 | a released 0"},
    {"in Swiss francs: the rate moves between hold and capture",
     {PENDING("a", 10000, 0, 0), DEBIT("d", 10123, 10), RELEASED("a", 10000, 0, 11, "Captured")},
     "P1 captured 10000/10123 @0 - | -10123 | d captured -10123"},
    {"two states of one instant: the one that ends it counts",
     {PENDING("a", 900, 0, 5), RELEASED("a", 900, 0, 5, "Expired")},
     "P1 released 900/0 @0 - | 0 | a released 0"},
    {"a word of Swan's that nobody knows comes after what was booked",
     {PENDING("a", 4000, 0, 0), DEBIT("d", 4000, 10), BOOKED_AS("d", "Settled", 4000, 10, 20)},
     "P1 captured 4000/4000 @0 - | -4000 | d captured -4000"},
    {"a word that nobody knows comes before",
     {BOOKED_AS("d", "Deferred", 4000, 10, 10), BOOKED_AS("d", "Booked", 4000, 10, 20)},
     "P1 captured 0/4000 @10 - | -4000 | d captured -4000"},
    {"booked, but of a type that nobody knows",
     {PENDING("a", 4000, 3, 3), BOOKED("u", "CardOutSomethingNew", 4000, 10)},
     "P1 authorized 4000/0 @3 - | 0 |"},
    {"an authorization in a state that nobody knows",
     {AUTH("a", "Upcoming", 900, 0, 0, NULL)},
     "P1 received 900/0 @0 - | 0 |"},
    {"refunded under the same payment",
     {DEBIT("d", 4000, 10), BOOKED("c", "CardOutCredit", 1500, 20)},
     "P1 captured 0/4000 @10 - | -2500 | c captured 1500, d captured -4000"},
    {"refunded twice under the same payment, one taken back",
     {DEBIT("d", 4000, 10), BOOKED("c1", "CardOutCredit", 1500, 20), BOOKED("c2", "CardOutCredit", 700, 21),
      BOOKED("x", "CardOutCreditReversal", 700, 30)},
     "P1 captured 0/4000 @10 - | -2500 | c1 captured 1500, c2 captured 700, d captured -4000, x captured -700"},
    {"a refund, and nothing else is known",
     {BOOKED("c", "CardOutCredit", 1500, 20)},
     "P1 captured 0/0 @20 - | 1500 | c captured 1500"},
    {"reversed in part, and won back",
     {PENDING("a", 4000, 0, 0), DEBIT("d", 4000, 10), BOOKED("r", "CardOutDebitReversal", 1000, 20),
      BOOKED("i", "InternalCreditTransferIn", 3000, 90)},
     "P1 captured 4000/4000 @0 - | 0 | d captured -4000, i captured 3000, r captured 1000"},
    {"a chargeback that was won, and lost again",
     {DEBIT("d", 4000, 10), BOOKED("i", "InternalCreditTransferIn", 4000, 90),
      BOOKED("l", "InternalCreditTransferInRecall", 4000, 190)},
     "P1 captured 0/4000 @10 - | -4000 | d captured -4000, i captured 4000, l captured -4000"},
    {"lost again in part: a person decides",
     {DEBIT("d", 4000, 10), BOOKED("i", "InternalCreditTransferIn", 4000, 90),
      BOOKED("l", "InternalCreditTransferInReturn", 1500, 190)},
     "P1 captured 0/4000 @10 - | 0 | d captured -4000, i captured 4000"},
    {"more is lost than was won",
     {DEBIT("d", 4000, 10), BOOKED("i", "InternalCreditTransferIn", 4000, 90),
      BOOKED("l", "InternalCreditTransferInReturn", 4001, 190)},
     "P1 captured 0/4000 @10 - | 0 | d captured -4000, i captured 4000"},
    {"two chargebacks won, one lost",
     {DEBIT("d", 4000, 10), BOOKED("i1", "InternalCreditTransferIn", 1000, 90),
      BOOKED("i2", "InternalCreditTransferIn", 3000, 91),
      BOOKED("l", "InternalCreditTransferInReturn", 3000, 190)},
     "P1 captured 0/4000 @10 - | -3000 | d captured -4000, i1 captured 1000, i2 captured 3000, l captured -3000"},
    {"a chargeback that was lost, and won again",
     {DEBIT("d", 500, 10), BOOKED("i1", "InternalCreditTransferIn", 500, 90),
      BOOKED("l", "InternalCreditTransferInRecall", 500, 190),
      BOOKED("i2", "InternalCreditTransferIn", 500, 290)},
     "P1 captured 0/500 @10 - | 0 | d captured -500, i1 captured 500, i2 captured 500, l captured -500"},
    {"lost, and never won",
     {DEBIT("d", 4000, 10), BOOKED("l", "InternalCreditTransferInRecall", 4000, 190)},
     "P1 captured 0/4000 @10 - | -4000 | d captured -4000"},
    {"a fee that names a payment is no fee of the account",
     {DEBIT("d", 4000, 10), BOOKED("f", "FeesOut", 200, 20)},
     "P1 captured 0/4000 @10 - | -4000 | d captured -4000"},
    {"a debit that is reported as deferred, settled, scheduled or canceled",
     {PENDING("a", 900, 0, 0),
      {"d1", "P1", "CardOutDebit", "Deferred", 900, 10, 10, NULL},
      {"d2", "P1", "CardOutDebit", "Settled", 900, 10, 10, NULL},
      {"d3", "P1", "CardOutDebit", "Upcoming", 900, 10, 10, NULL},
      {"d4", "P1", "CardOutDebit", "Canceled", 900, 10, 10, NULL}},
     "P1 authorized 900/0 @0 - | 0 |"},
    {"won back when only the hold is known",
     {PENDING("a", 4000, 0, 0), BOOKED("i", "InternalCreditTransferIn", 4000, 90)},
     "P1 authorized 4000/0 @0 - | 4000 | i captured 4000"},
    {"no payment id: the transaction is its own",
     {{"d", NULL, "CardOutDebit", "Booked", 55, 7, 7, NULL}},
     "d captured 0/55 @7 - | -55 | d captured -55"},
};

/* Of these flows, the transactions of which a version that is not booked stays an exception. */
static const struct {
	const char *flow, *ids;
} staying[] = {
    {"a word of Swan's that nobody knows comes after what was booked", "d"},
    {"booked, but of a type that nobody knows", "u"},
    {"lost again in part: a person decides", "l"},
    {"more is lost than was won", "l"},
    {"lost, and never won", "l"},
    {"a fee that names a payment is no fee of the account", "f"},
    {"a debit that is reported as deferred, settled, scheduled or canceled", "d1d2d3d4"},
};

#endif
