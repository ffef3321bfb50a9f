/* timeline_event: what the parts of timeline share: the temporary table, and the SQL that fills it. */
#ifndef COMMANDS_TIMELINE_EVENT_H
#define COMMANDS_TIMELINE_EVENT_H

#include "stages/core/engine/run.h"

/* What every statement inserts: either `at` or `day`. */
#define EVENT \
	SQL("INSERT INTO timeline_event (at, day, event, amount_in_cents, person, detail, input_number, line)")

/* The same of an act: the last value is by what its person is known. */
#define ACT \
	SQL("INSERT INTO timeline_event (at, day, event, amount_in_cents, person, detail, input_number, line, identity)")

/* "FR76***0189", or all of it. */
#define MASKED_IBAN(iban) \
	SQL("CASE WHEN $unmask = 1 THEN " iban                                \
	    " ELSE substr(" iban ", 1, 4) || '***' || substr(" iban ", length(" iban ") - 3) END")

#define DETAIL_OF_MANDATE(m) \
	SQL_PART("'mandate ' || " m ".reference || ' version ' || " m ".version || ', account '"     \
	         " || " MASKED_IBAN(m ".iban")                                                       \
	         " || CASE WHEN $unmask = 1 THEN ' of ' || " m ".debtor_name ELSE '' END")

/* Cents as "3.50 EUR"; not negative. */
#define EUROS(cents) \
	SQL("(" cents " / 100) || CASE WHEN " cents " % 100 < 10 THEN '.0' ELSE '.' END"  \
	    " || (" cents " % 100) || ' EUR'")

/* What an entry of the bank was found to mean: one debit or refund; or a file or block as a whole. */
#define ENTRY_OF_COLLECTION(e, c) SQL_PART(e ".collection = " c ".end_to_end_id")
#define ENTRY_OF_FILE(e, f)       SQL_PART(e ".collection IS NULL AND " e ".file_number = " f ".number")

/* Of a bank_entry e in a bank_message m. */
#define ENTRY_EVENT \
	SQL_PART(EVENT                                                                                   \
	         " SELECT NULL, e.event_on, 'bank_reported', e.amount_in_cents, NULL,"                   \
	         "  e.kind || coalesce(' ' || e.status, '') || coalesce(' ' || e.reason, '')"            \
	         "  || coalesce(' of a ' || e.level, '') || ', ' || e.state"                             \
	         "  || CASE e.fee_in_cents WHEN 0 THEN '' ELSE ', fee ' || " EUROS("e.fee_in_cents") " END" \
	         "  || ', in ' || m.kind || ' ' || m.msg_id, m.input_number, e.line")

/* `which`: the condition that finds them. */
#define EXCEPTIONS(which) \
	SQL_PART(ACT                                                                                          \
	         " SELECT at, day, event, NULL, person, detail, input_number, line, identity"                             \
	         " FROM (SELECT NULL AS at, x.opened_on AS day, 'exception_opened' AS event, NULL AS person,"   \
	         "   'exception ' || x.number || ' ' || x.code || ': ' || x.message AS detail,"                 \
	         "   x.input_number, x.line, x.number, 1 AS nth, NULL AS identity"                                                \
	         "  FROM exception x WHERE " which                                                              \
	         "  UNION ALL SELECT x.resolved_at, CASE WHEN x.resolved_at IS NULL THEN x.closed_on END,"      \
	         "   'exception_' || x.state, x.resolved_by,"                                                   \
	         "   'exception ' || x.number || coalesce(': ' || x.decision || ', ' || x.why, ''),"            \
	         "   NULL, NULL, x.number, 2, x.resolved_identity"                                                                   \
	         "  FROM exception x WHERE x.state <> 'open' AND " which ") exceptions"                         \
	         " ORDER BY number, nth")

/* `of`: a join and a condition that find the entries e. */
#define EXCEPTIONS_OF_ENTRIES(of)                        \
	EXCEPTIONS("(x.kind = 'bank_entry' AND x.key IN" \
	           "  (SELECT lower(hex(e.fingerprint)) || '-' || e.occurrence FROM bank_entry e " of "))")

void timeline_begin(struct run *r); /* empties the table */
void timeline_end(struct run *r);   /* fills in the days */

/* Runs a statement that inserts events. $profile is the member, $number the member's session or card payment, or a bank file;
 * 0: the statement has no such parameter. */
void timeline_add(struct stmt *q, int64_t profile, int64_t number);

/* Of timeline_file.c: the acts of persons on a file, and what the bank reported of it as a whole. */
void timeline_add_file(struct run *r, int64_t file);
/* Of timeline_debt.c: when the member was declared; how a debt was presented, and how that ended. */
void timeline_add_profile(struct run *r, int64_t profile);
void timeline_add_presentations(struct run *r, int64_t profile, int64_t session);

#endif
