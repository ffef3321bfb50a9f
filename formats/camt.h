/* camt: the entries of the bank's reports: camt.052 (intraday), camt.053 (statement), camt.054 (notification).
 *
 * Pushes one record for each transaction detail of each entry, and one for an entry without details (a bulk booking);
 * entries that are only announced (PDNG, INFO) come too, with their status. What banks write beyond the schema is read where
 * it is clear: an identifier longer than 35 characters reads as "", texts are cut.
 * source   camt.052, camt.053 and camt.054.001.02 to .08 (ISO 20022)
 */
#ifndef FORMATS_CAMT_H
#define FORMATS_CAMT_H

#include <stdbool.h>
#include <stdio.h>

#include "formats/date.h"
#include "formats/err.h"
#include "formats/money.h"
#include "formats/xml.h"

struct camt_entry {
	char account_iban[35];  /* of the report; "" when it gives none */
	char account_other[36]; /* its number that is not an IBAN, when it gives no IBAN */
	char currency[4];       /* of the entry's amount, "" when absent */
	long line;              /* of the entry */
	int entry;              /* number of the entry in the message, from 1 */
	/* Number of the detail in the entry, from 1. 0: the entry itself, which has no details; or its charges, which are in none
	 * of them. */
	int detail;
	/* CRDT: money came to us; the entry's own mark, or the detail's where it has one. */
	bool credit;
	bool has_direction; /* the bank gave that mark */
	bool reversal;      /* RvslInd */
	bool is_fee;        /* a charge or interest of the bank itself, whatever ids it names */
	char status[5];     /* BOOK, PDNG, INFO, FUTR; "": missing or proprietary */
	/* What moved, in euro cents: of this detail; of the entry when it has no details, or one that has no amount of its own.
	 * -1: cannot be used. */
	cents amount;
	cents entry_amount;
	/* What was asked for, apart from charges and interest, included or beside; = amount when the bank does not say. */
	cents principal;
	cents charges;             /* in the amount: they make a debit more, and a credit less */
	cents charges_beside;      /* in euros, not in the amount */
	date booking_on, value_on; /* DATE_NONE when absent */
	char domain[5], family[5], sub_family[5]; /* bank transaction code */
	char account_servicer_ref[36];            /* the detail's, else the entry's */
	char end_to_end_id[36], instruction_id[36], mandate_reference[36], msg_id[36],
	    payment_information_id[36];
	long batch_count; /* NbOfTxs of the batch, -1 when absent */
	char reason[36];  /* the ISO code, else the proprietary one; "": none */
	char text[141];   /* additional information */
	/* By RtrInf, else by family UPDD PRDD RCDD RRTN RPCR, else by RvslInd. Reason 0000, with which some Spanish banks
	 * report success, is no return. */
	bool is_return;
	/* Why it cannot be used as it stands, with a code for programs; "" when it can. It is handed on with whatever could be
	 * read. */
	const char *problem_code;
	char problem[100];
};

/* `contradict`: the details of the entry do not add up to it. */
struct camt_reader {
	void *ctx;
	int (*entry)(void *ctx, const struct camt_entry *n, struct err *e);
	int (*contradict)(void *ctx, int entry, long line, const char *code, const char *problem,
	                  struct err *e);
};

struct camt_reading;
struct camt_reading *camt_open(const struct camt_reader *to);
void camt_start(struct camt_reading *r); /* before each message */
void camt_close(struct camt_reading *r);

/* The elements of a report, whose own number is CAMT_REPORT: all have numbers from CAMT_REPORT on. */
#define CAMT_REPORT 100
struct xml_names camt_names(void);
int camt_begin(struct camt_reading *r, int element, const struct xml_elements *x, struct err *e);
int camt_end(struct camt_reading *r, int element, const char *text, struct err *e);

#endif
