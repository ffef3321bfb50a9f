/* pain002: the statuses of a payment status report, pain.002.
 *
 * Pushes one record for each status the bank states, from the group down: what is not stated is not inferred.
 * A group or block with neither status nor reason gives no record; each transaction that is listed gives one.
 * source   pain.002.001.10 (ISO 20022, 2019), .03 reads alike; EPC130-08 chapter on rejects; ExternalStatusReason1Code (DT06,
 *          CH19: the day is changed)
 */
#ifndef FORMATS_PAIN002_H
#define FORMATS_PAIN002_H

#include "formats/date.h"
#include "formats/err.h"
#include "formats/money.h"
#include "formats/xml.h"

enum pain002_level { PAIN002_GROUP, PAIN002_BLOCK, PAIN002_TRANSACTION };

struct pain002_status {
	enum pain002_level level;
	long line;
	char payment_information_id[36]; /* original ids; "" above their level or when absent */
	char instruction_id[36], end_to_end_id[36], mandate_reference[36];
	/* ACTC ACCP ACSP ACSC ACWC PDNG PART RJCT RCVD ... ; "" when the bank gave none, or one that is not of the standard. */
	char status[5];
	char reason[36]; /* the ISO code, else the proprietary one; "": none */
	char text[106];  /* additional information, first one */
	long count;      /* original number of transactions, -1 when absent */
	/* Original control sum, or the transaction's amount; -1 when absent. */
	cents sum;
	/* The day of one that is accepted with a change of its day alone (ACWC): the latest of that of the settlement and that
	 * of the collection or payment, as the bank repeats the transaction, and the only day in the text. It may be the day
	 * that was asked for. DATE_NONE: none is reported, or the bank reports another change, too. */
	date day;
	/* Why it cannot be used as it stands, with a code for programs; "" when it can. */
	const char *problem_code;
	char problem[100];
};

typedef int pain002_fn(void *ctx, const struct pain002_status *s, struct err *e);
struct pain002_reading;
struct pain002_reading *pain002_open(pain002_fn *each, void *ctx);
void pain002_close(struct pain002_reading *r);

/* The elements of the message, whose own number is PAIN002_MESSAGE: all have numbers from PAIN002_MESSAGE on. */
#define PAIN002_MESSAGE  200
#define PAIN002_ORIGINAL 201 /* what it says of the file: OrgnlGrpInfAndSts */
struct xml_names pain002_names(void);
int pain002_begin(struct pain002_reading *r, int element, const struct xml_elements *x, struct err *e);
int pain002_end(struct pain002_reading *r, int element, const char *text, struct err *e);

#endif
