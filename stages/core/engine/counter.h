/* counter: what the stages count, with a stable key for programs and a noun for people.
 *
 * The key is the name in small letters: COUNT_BANK_ENTRIES_READ is "bank_entries_read" in JSON. Keys may be added, never
 * changed. A summary names the counters that are not 0, in the order of this table.
 */
#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include <stddef.h>
#include <stdint.h>

#include "formats/json.h"

/* X(name, singular, plural). The counters of cents, COUNT_CENTS_..., stand before their words in euros. */
#define COUNTERS(X)                                                                                          \
	/* the inbox */                                                                                      \
	X(FILES_APPLIED, "file applied", "files applied")                                                    \
	X(FILES_IDENTICAL, "file with the content of another", "files with the content of another")          \
	X(FILES_APPLIED_BEFORE, "file applied before", "files applied before")                               \
	X(FILES_QUARANTINED, "file quarantined", "files quarantined")                                        \
	X(FILES_QUARANTINED_BEFORE, "file quarantined before", "files quarantined before")                   \
	X(INBOX_NOT_FILES, "inbox entry that is not a file", "inbox entries that are not files")             \
	X(INBOX_FILES_LEFT, "file left in the inbox", "files left in the inbox")                             \
	/* intake */                                                                                         \
	X(REQUESTS_SUCCEEDED, "request succeeded", "requests succeeded")                                     \
	X(REQUESTS_SKIPPED, "request skipped", "requests skipped")                                           \
	X(REQUESTS_DUPLICATE, "duplicate request", "duplicate requests")                                     \
	X(REQUESTS_REJECTED, "request rejected", "requests rejected")                                        \
	/* reconcile */                                                                                      \
	X(BANK_ENTRIES_READ, "bank entry read", "bank entries read")                                         \
	X(BANK_ENTRIES_KNOWN, "bank entry known before", "bank entries known before")                        \
	X(BANK_ENTRIES_NOTED, "bank entry noted", "bank entries noted")                                      \
	X(DEBITS_ACCEPTED, "debit accepted", "debits accepted")                                              \
	X(DEBITS_BOOKED, "debit booked", "debits booked")                                                    \
	X(DEBITS_SETTLED, "debit recovered by its due date", "debits recovered by their due date")           \
	X(DEBITS_REJECTED, "debit rejected", "debits rejected")                                              \
	X(DEBITS_RETURNED, "debit returned", "debits returned")                                              \
	X(REFUNDS_ACCEPTED, "refund accepted", "refunds accepted")                                           \
	X(REFUNDS_BOOKED, "refund booked", "refunds booked")                                                 \
	X(REFUNDS_SETTLED, "refund paid by its execution day", "refunds paid by their execution day")        \
	X(REFUNDS_REJECTED, "refund rejected", "refunds rejected")                                           \
	X(REFUNDS_RETURNED, "refund returned", "refunds returned")                                           \
	X(BOOKINGS_AFTER_RETURN, "booking reported after its return",                                        \
	  "bookings reported after their returns")                                                           \
	X(BOOKINGS_AFTER_SETTLEMENT, "booking reported of what its due date had settled",                    \
	  "bookings reported of what their due date had settled")                                            \
	X(DEBITS_MOVED, "debit or refund moved to another day by the bank",                                  \
	  "debits or refunds moved to another day by the bank")                                              \
	X(BANK_FILES_OVERDUE, "bank file overdue", "bank files overdue")                                     \
	X(RETURNS_TAKEN_BACK, "return taken back", "returns taken back")                                     \
	X(BANK_ENTRIES_OF_OTHERS, "bank entry of another account", "bank entries of other accounts")         \
	X(BANK_FEES, "bank fee", "bank fees")                                                                \
	X(CENTS_OF_FEES, "of bank fees", "of bank fees")                                                     \
	X(MANDATES_BLOCKED, "mandate blocked", "mandates blocked")                                           \
	X(MANDATES_SUSPENDED, "mandate suspended", "mandates suspended")                                     \
	X(MANDATES_FREED, "mandate in force again", "mandates in force again")                               \
	/* import */                                                                                         \
	X(CARDS_CANCELLED, "card cancelled", "cards cancelled")                                              \
	X(MEMBERSHIPS_DISABLED, "membership disabled", "memberships disabled")                               \
	X(PAYMENT_SUPPORTS_IMPORTED, "payment support imported", "payment supports imported")                \
	X(TRANSACTIONS_IMPORTED, "transaction imported", "transactions imported")                            \
	X(TRANSACTIONS_OF_OTHERS, "transaction of another account", "transactions of other accounts")        \
	/* post */                                                                                           \
	X(TRANSACTIONS_READ, "transaction read", "transactions read")                                        \
	X(TRANSACTIONS_AUTHORIZED, "transaction authorized", "transactions authorized")                      \
	X(TRANSACTIONS_CAPTURED, "transaction captured", "transactions captured")                            \
	X(TRANSACTIONS_REJECTED, "transaction rejected", "transactions rejected")                            \
	X(TRANSACTIONS_RELEASED, "transaction released", "transactions released")                            \
	X(PAYMENTS_REVERSED_BEYOND, "payment reversed beyond what was captured",                             \
	  "payments reversed beyond what was captured")                                                      \
	X(TRANSACTIONS_ATTRIBUTED, "transaction attributed by a person before",                              \
	  "transactions attributed by a person before")                                                      \
	X(TRANSACTIONS_TAKEN_BACK, "transfer taken back by Swan", "transfers taken back by Swan")            \
	X(TRANSACTIONS_WITHOUT_MEMBER, "transaction of the account itself (fees and the like)",              \
	  "transactions of the account itself (fees and the like)")                                          \
	X(TRANSACTIONS_UNKNOWN, "transaction of unknown type or status",                                     \
	  "transactions of unknown type or status")                                                          \
	X(PROFILES_CHANGED, "profile with a new status", "profiles with a new status")                       \
	X(OFFBOARDINGS_DONE, "offboarding completed at Swan", "offboardings completed at Swan")              \
	X(OFFBOARDINGS_REOPENED, "offboarding reopened", "offboardings reopened")                            \
	/* debts */                                                                                          \
	X(SESSIONS_OPENED, "session opened", "sessions opened")                                              \
	X(TRANSACTIONS_ASSIGNED, "transaction added to a debt", "transactions added to debts")               \
	X(TRANSACTIONS_UNASSIGNED, "transaction without a session", "transactions without a session")        \
	X(MANDATES_EXPIRED, "mandate expired", "mandates expired")                                           \
	X(DEBTS_FROZEN, "debt frozen", "debts frozen")                                                       \
	X(DEBTS_ZERO, "debt of zero settled", "debts of zero settled")                                       \
	X(DEBTS_EXCLUDED, "debt excluded", "debts excluded")                                                 \
	X(DEBTS_LEFT_TO_A_PERSON, "of them until a person acts", "of them until a person acts")              \
	X(CENTS_LEFT_TO_A_PERSON, "excluded until a person acts", "excluded until a person acts")            \
	X(SESSIONS_FROZEN, "session frozen", "sessions frozen")                                              \
	/* collect, and the life of a bank file */                                                           \
	X(BANK_FILES_WRITTEN, "bank file written", "bank files written")                                     \
	X(DEBITS_WRITTEN, "debit", "debits")                                                                 \
	X(CENTS_TO_COLLECT, "to collect", "to collect")                                                      \
	X(REFUNDS_WRITTEN, "refund", "refunds")                                                              \
	X(CENTS_TO_REFUND, "to refund", "to refund")                                                         \
	X(DEBTS_NOT_PRESENTED, "debt not presented", "debts not presented")                                  \
	X(APPROVALS_GIVEN, "approval given", "approvals given")                                              \
	X(BANK_FILES_RELEASED, "bank file released", "bank files released")                                  \
	X(BANK_FILES_UPLOADED, "bank file uploaded", "bank files uploaded")                                  \
	X(BANK_FILES_CANCELLED, "bank file cancelled", "bank files cancelled")                               \
	X(BANK_FILES_WITHDRAWN, "bank file withdrawn", "bank files withdrawn")                               \
	X(DEBTS_CARRIED, "debt carried to another session", "debts carried to another session")              \
	/* notify */                                                                                         \
	X(NOTIFICATIONS_EXTERNAL_TRANSACTION, "external-transaction notification",                           \
	  "external-transaction notifications")                                                              \
	X(NOTIFICATIONS_POST_PAYMENT, "post-payment notification", "post-payment notifications")             \
	X(NOTIFICATIONS_PROVISIONING_REMINDER, "provisioning reminder", "provisioning reminders")            \
	X(NOTIFICATIONS_RECOVERY_SESSION, "recovery-session notification", "recovery-session notifications") \
	X(NOTIFICATIONS_RECOVERY_SESSION_WITHDRAWN, "notification of a withdrawn debit",                     \
	  "notifications of withdrawn debits")                                                               \
	X(RECEIPTS_ACCEPTED, "notification accepted", "notifications accepted")                              \
	X(RECEIPTS_REFUSED, "notification refused by its receiver",                                          \
	  "notifications refused by their receiver")                                                         \
	X(RECEIPTS_DUPLICATE, "receipt known before", "receipts known before")                               \
	X(NOTIFICATIONS_EXPIRED, "notification expired without a receipt",                                   \
	  "notifications expired without a receipt")                                                         \
	X(NOTIFICATIONS_PENDING, "notification without a receipt yet",                                       \
	  "notifications without a receipt yet")                                                             \
	/* export */                                                                                         \
	X(EXPORT_FILES_WRITTEN, "export file written", "export files written")                               \
	X(EXPORT_ROWS_WRITTEN, "row", "rows")                                                                \
	/* audit */                                                                                          \
	X(CLAIMS_PROVED, "claim proved", "claims proved")                                                    \
	X(BANK_FILES_VERIFIED, "bank file verified", "bank files verified")                                  \
	/* every stage */                                                                                    \
	X(EXCEPTIONS_OPENED, "exception opened", "exceptions opened")                                        \
	X(EXCEPTIONS_CLOSED, "exception closed", "exceptions closed")                                        \
	X(EXCEPTIONS_OVERDUE, "exception open for more than 7 days", "exceptions open for more than 7 days")

#define COUNTER_NAME_(name, one, many) COUNT_##name,
enum counter { COUNTERS(COUNTER_NAME_) COUNTER_COUNT };
#undef COUNTER_NAME_

#define COUNTER_KEY 48

/* The counter whose key is `group`_`word`: "requests", "rejected". For words that come from a table; dies (70) when it does
 * not exist. */
enum counter counter_find(const char *group, const char *word);

char *counter_print_key(char text[COUNTER_KEY], enum counter c);

/* The counters that are not 0: "1 file applied, 24 debits, 1 816.54 EUR to collect"; "nothing to do" when all are 0. Cut to fit. */
size_t counter_print_summary(const int64_t count[COUNTER_COUNT], char *text, size_t size);
/* The counters that are not 0, as members of the open object. */
void counter_put(struct json *j, const int64_t count[COUNTER_COUNT]);

#endif
