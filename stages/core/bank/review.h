/* review: the facts that finance checks in a bank file before the upload: totals, dates, anomalies, excluded debts, and each
 * debit or refund. IBANs are masked already. Amounts are cents.
 */
#ifndef CORE_REVIEW_H
#define CORE_REVIEW_H

#include "formats/iban.h"
#include "formats/json.h"
#include "formats/money.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/bank/terms.h"
#include "stages/core/books/session.h"
#include "stages/core/home/publish.h"

#define ANOMALIES     10
#define REVIEW_BLOCKS 2 /* a block for each sequence type */

struct anomaly {
	const char *code;
	char message[192];
	int64_t count;
};

struct review {
	struct bankfile file;
	struct terms terms;
	cents version_sum; /* with the other parts of the session that stood when it was made */
	struct bankfile_block block[REVIEW_BLOCKS];
	int blocks;
	char sequence_types[16]; /* of its blocks; "" of refunds */
	struct session session;
	char digest[SHA256_TEXT]; /* of the frozen session, "" when it has none */
	date upload_on;           /* the last day on which the bank still takes the file, until its cut-off */
	int64_t xml_size;
	cents least, average, most;
	char creditor_iban[IBAN_MASKED];
	struct collection_sum dropped;     /* not presented although frozen; positive */
	struct collection_sum excluded[2]; /* by kind: owed by members, owed to members; both positive */
	struct {
		int64_t session; /* 0: none */
		char code[32];
		int64_t count;
		cents sum;
		date collect_on;
		bool other_config; /* its files were made with another configuration */
	} previous;
	struct anomaly anomaly[ANOMALIES];
	int anomalies;
};

/* Change of the total since the last session (which must exist), in percent: at most this number, which means "or more". */
#define REVIEW_CHANGE_MOST 9999
int review_change_percent(const struct review *t);
const char *review_or_more(int change); /* follows the percent sign: "" or " or more" */

/* The file must have its collections and its hash. */
void review_load(struct run *r, int64_t file_number, int64_t xml_size, struct review *t);

/* Writes the array "anomalies" into the open object: code, message, count. */
void review_put_anomalies(struct json *j, const struct review *t);

/* The debits or refunds, ordered by end_to_end_id; after review_load, in the same run. Texts live until the next one. */
struct reviewed {
	const char *end_to_end_id, *app_id, *app_user_id, *debtor_name, *reference, *sequence_type;
	char iban[IBAN_MASKED];
	int64_t profile, presentation;
	date signed_on;
	cents amount;
	bool amended;
	bool new_creditor; /* it announces another creditor than the bank knew */
	/* debits: no earlier file debited this mandate */
	bool is_first;
	/* refunds: a debit of the last 8 weeks was booked, which the member may still reverse */
	bool may_come_back;
	/* refunds: no debit or refund of the member was ever booked on this IBAN */
	bool is_new_account;
	/* another member in this file has the same IBAN */
	bool shares_account;
};
struct stmt *review_begin(struct run *r, const struct review *t);
bool review_next(struct stmt *q, struct reviewed *d);

#endif
