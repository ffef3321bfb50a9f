/* review: what finance checks of a bank file before it is uploaded: totals, dates, outliers, who is left out,
 * and the debits or refunds one by one. IBANs are masked here already. Amounts are cents.
 */
#ifndef CORE_REVIEW_H
#define CORE_REVIEW_H

#include "formats/iban.h"
#include "formats/json.h"
#include "formats/money.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/books/session.h"
#include "stages/core/home/publish.h"

#define ANOMALIES 9

struct anomaly {
	const char *code;
	char message[192];
	int64_t count;
};

struct review {
	struct bankfile file;
	struct session session;
	char digest[SHA256_TEXT]; /* of the frozen session, "" when it has none */
	date upload_on;           /* the last day on which the bank still takes the file, until its cut-off */
	int64_t xml_size;
	cents least, average, most;
	char creditor_iban[IBAN_MASKED];
	struct collection_sum dropped;     /* since the freeze, from the files of this kind; positive */
	struct collection_sum left_out[2]; /* by kind: owed by members, owed to members; both positive */
	struct {
		int64_t session; /* 0: there is none */
		char code[32];
		int64_t count;
		cents sum;
		date collect_on;
	} previous;
	struct anomaly anomaly[ANOMALIES];
	int anomalies;
};

/* How much the total changed against the last session, which must be there: -100 to this, which stands for all above. */
#define REVIEW_CHANGE_MOST 9999
int review_change_percent(const struct review *t);
const char *review_or_more(int change); /* what follows the percent sign: "" or " or more" */

/* Reads the facts. The file must have its collections and its hash. */
void review_load(struct run *r, int64_t file_number, int64_t xml_size, struct review *t);

/* The member "anomalies" of the object that is open: an array of code, message, count. */
void review_put_anomalies(struct json *j, const struct review *t);

/* The debits or refunds by end_to_end_id. Texts live until the next one. */
struct reviewed {
	const char *end_to_end_id, *app_id, *app_user_id, *debtor_name, *reference;
	char iban[IBAN_MASKED];
	int64_t profile, presentation;
	date signed_on;
	cents amount;
	bool amended;
	bool is_first; /* of debits: no earlier file debited this mandate */
	bool
	    may_come_back; /* of refunds: a debit of the last 8 weeks, which the member may still take back */
	bool is_new_account; /* of refunds: no debit or refund of the member was ever booked on this IBAN */
	bool shares_account; /* another member of this file has the same IBAN */
};
struct stmt *review_begin(struct run *r, const struct review *t);
bool review_next(struct stmt *q, struct reviewed *d);

#endif
