/* mandate: the register of SEPA Core mandates.
 *
 * A new mandate supersedes the member's older one. The same reference with another IBAN is an amendment, which the next debit
 * announces to the bank. A reference is never given to a second member, and compares without case.
 * source   EPC016-06 (SDD Core rulebook): mandate content and amendments, 36 months without use
 */
#ifndef CORE_MANDATE_H
#define CORE_MANDATE_H

#include "formats/iban.h"
#include "stages/core/members/consequence.h"

struct mandate {
	const char *reference, *debtor_name, *country; /* country: alpha-3 */
	struct iban iban;
	date signed_on;
	/* NULL: not given */
	const char *bic, *street, *building, *postcode, *town, *address_line_1, *address_line_2,
	    *ultimate_debtor;
};

/* As mandate.status has them. */
enum mandate_status {
	MANDATE_NONE, /* the member has no mandate: "" */
	MANDATE_ACTIVE,
	MANDATE_SUSPENDED,
	MANDATE_BLOCKED,
	MANDATE_EXPIRED,
	MANDATE_SUPERSEDED,
	MANDATE_STATUSES
};
const char *mandate_status_word(enum mandate_status status);
/* The status in column i of the row at hand; dies (70) when it is another word. */
enum mandate_status mandate_col_status(struct stmt *q, int i);

/* SQL: the status of the mandate `m` on a day: an active one is expired from the day on which it is, not from the freeze that
 * stores it. $dead_before is mandate_dead_before of the day. */
#define SQL_MANDATE_STATUS(m) \
	SQL_PART("CASE WHEN " m ".status = 'active' AND coalesce(" m ".last_due_on, " m ".signed_on) < "  \
	         "$dead_before THEN 'expired' ELSE " m ".status END")
date mandate_dead_before(date on);

/* 0, or -1 with code mandate_reference_conflict: the reference is another member's, or was signed on another day. The
 * same again changes nothing. */
int mandate_declare(struct run *r, int64_t profile, const struct mandate *m, int64_t input, long line,
                    struct err *e);

/* Why an account cannot be debited: invalid_iban, country_not_sepa, no_address (outside the EEA a debit needs the BIC and the
 * debtor's address, of which the town and the country are required; or `[bank] address` says that none is sent). NULL: it can. */
const char *mandate_uncollectable(const char *iban, bool has_address);
/* For has_address: 1 or 0, of a row of mandate; $address is `[bank] address`. */
#define MANDATE_HAS_ADDRESS(m) \
	"CASE WHEN $address <> 'none' AND " m ".bic IS NOT NULL AND " m ".town IS NOT NULL THEN 1 ELSE 0 END"

/* Can the member be paid to the account of a mandate with this status? Expiry ends the right to debit, not the account;
 * after a reject or return the account is in doubt, until the member declares a mandate or a person unblocks it. */
bool mandate_names_account(enum mandate_status status);

/* The bank sent back a debit under the mandate, or a refund to its account: the reason keeps, suspends or blocks it. A superseded
 * mandate stays as it is; a reason of the member acts on the mandate that is current, and on later ones. When most of a
 * file came back for the reason, a person decides first (consequence.h). */
void mandate_act(struct run *r, const struct setback *s);
/* The return was taken back, and acts no more. */
void mandate_take_back(struct run *r, const char *end_to_end_id);
/* The person's decision about the exception with this key, of kind bank_file. */
void mandate_decide(struct run *r, const char *key, bool applies);

/* What a person lifted. */
struct mandate_lifted {
	enum mandate_status status; /* suspended, blocked; MANDATE_NONE: it was active */
	char why[36];               /* the bank's reason, of a debit or of a refund */
	int64_t failures;           /* debits and refunds that came back, and do not count any more */
};

/* Makes a suspended or blocked mandate active again, and forgets what came back of the member until now: max_failures counts
 * from here. Stores which person did so; inside the caller's unit of work. Repeating it changes nothing. -1: code
 * mandate_not_found, or mandate_is_past when it is superseded or expired. */
int mandate_unblock(struct run *r, const char *reference, struct mandate_lifted *was, struct err *e);

/* Active mandates that were not used for 36 months before this day expire; a suspended one expires once a person has unblocked
 * it. Returns how many expired. */
int64_t mandate_expire(struct run *r, date on);

/* The bank has a debit under this mandate, or all debits of a file, due on that day: it counts as used, whatever became of it. */
void mandate_used(struct run *r, int64_t number, date due_on);
void mandate_presented(struct run *r, int64_t file_number, date due_on);
/* The same for the debits of the temporary table `booking` (books/collection.h), of files whose upload no person has noted. */
void mandate_used_set(struct run *r);

/* Must the next debit announce to the bank that the account of the mandate changed? Until a debit that did so was not rejected; not
 * when the account is the one that the bank knows already, or when it knows none. */
bool mandate_is_amended(struct run *r, int64_t number);

#endif
