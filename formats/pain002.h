/* pain002: the statuses of a payment status report, pain.002.
 *
 * Pushes one record for each status the bank states, from the group down: what is not stated is not inferred.
 * A group or block with neither status nor reason gives no record; each transaction that is listed gives one.
 * source   pain.002.001.10 (ISO 20022, 2019), .03 reads alike; EPC130-08 chapter on rejects
 */
#ifndef FORMATS_PAIN002_H
#define FORMATS_PAIN002_H

#include "formats/err.h"
#include "formats/money.h"

enum pain002_level { PAIN002_GROUP, PAIN002_BLOCK, PAIN002_TRANSACTION };

struct pain002_status {
	enum pain002_level level;
	long line;
	char payment_information_id[36]; /* original ids; "" above their level or when absent */
	char instruction_id[36], end_to_end_id[36], mandate_reference[36];
	/* ACTC ACCP ACSP ACSC ACWC PDNG PART RJCT RCVD ... ; "" when the bank gave none. */
	char status[5];
	char reason[36]; /* code or proprietary, "" when absent */
	char text[106];  /* additional information, first one */
	long count;      /* original number of transactions, -1 when absent */
	/* Original control sum, or the transaction's amount; -1 when absent. */
	cents sum;
	/* Why it cannot be used as it stands, with a code for programs; "" when it can. */
	const char *problem_code;
	char problem[100];
};

struct pain002_reading;
struct xml_reader;

typedef int pain002_fn(void *ctx, const struct pain002_status *s, struct err *e);
struct pain002_reading *pain002_open(pain002_fn *each, void *ctx); /* of one document */
void pain002_close(struct pain002_reading *r);

/* Elements of the message as they begin and end, with their path below it: "OrgnlGrpInfAndSts/GrpSts". */
int pain002_begin(struct pain002_reading *r, const char *path, struct xml_reader *x, struct err *e);
int pain002_end(struct pain002_reading *r, const char *path, const char *text, struct err *e);

#endif
