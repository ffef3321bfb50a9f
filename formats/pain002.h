/* pain002: payment status report, pain.002.001.10; reader.
 *
 * Pushes one record for each status the bank states, from the group down: what is not stated is not inferred.
 * A group or block with neither status nor reason gives no record; each transaction that is listed gives one.
 * source   pain.002.001.10 (ISO 20022, 2019), .03 reads alike; EPC130-08 chapter on rejects
 */
#ifndef FORMATS_PAIN002_H
#define FORMATS_PAIN002_H

#include <stdio.h>

#include "formats/date.h"
#include "formats/err.h"
#include "formats/money.h"

enum pain002_level { PAIN002_GROUP, PAIN002_BLOCK, PAIN002_TRANSACTION };

struct pain002_header {
	char msg_id[36];
	instant created_at;
	char original_msg_id[36];
	char original_name_id[36]; /* "pain.008.001.08", as the bank spells it */
};

struct pain002_status {
	enum pain002_level level;
	long line;
	char payment_information_id[36]; /* original ids; "" above their level or when absent */
	char instruction_id[36], end_to_end_id[36];
	/* ACTC ACCP ACSP ACSC ACWC PDNG PART RJCT RCVD ... ; "" when the bank gave none. */
	char status[5];
	char reason[36]; /* code or proprietary, "" when absent */
	char text[106];  /* additional information, first one */
	long count;      /* original number of transactions, -1 when absent */
	/* Original control sum, or the transaction's amount; -1 when absent. */
	cents sum;
};

/* Codes those of xml_read, unknown_message (another root or namespace), bad_field.
 * On -1 nothing that was handed on counts. */
typedef int pain002_fn(void *ctx, const struct pain002_header *h, const struct pain002_status *s,
                       struct err *e);
int pain002_read(FILE *in, pain002_fn *each, void *ctx, struct pain002_header *h, struct err *e);

#endif
