/* err: what is wrong with an input, and where.
 *
 * Every reader and parser in formats/ reports through one of these and returns -1; it never prints and never
 * exits. The caller knows the file name and decides: refuse the file, store the row as an exception, or go on.
 *
 * Failures that the input did not cause are not reported here: a lack of memory ends the process (memory.h), and a caller
 * that breaks a promise ends it by abort().
 */
#ifndef FORMATS_ERR_H
#define FORMATS_ERR_H

#include <stdbool.h>

/* The codes that the program itself sets, so that a misspelt one does not compile. Other components read them: they do
 * not change. */
#define ERR_AMOUNT_CONFLICT                  "amount_conflict"
#define ERR_BAD_FIELD                        "bad_field"
#define ERR_BAD_FILE_NAME                    "bad_file_name"
#define ERR_BAD_URL                          "bad_url"
#define ERR_DATE_IN_FUTURE                   "date_in_future"
#define ERR_DETAILS_DIFFER                   "details_differ"
#define ERR_DOCTYPE_REFUSED                  "doctype_refused"
#define ERR_EXTERNAL_TRANSACTION_ID_CONFLICT "external_transaction_id_conflict"
#define ERR_FILE_CHANGED                     "file_changed"
#define ERR_FILE_NAME_CONFLICT               "file_name_conflict"
#define ERR_FILE_TOO_LARGE                   "file_too_large"
#define ERR_INVALID_AMOUNT                   "invalid_amount"
#define ERR_INVALID_BIC                      "invalid_bic"
#define ERR_INVALID_COUNTRY                  "invalid_country"
#define ERR_INVALID_CREDITOR_IDENTIFIER      "invalid_creditor_identifier"
#define ERR_INVALID_DATE                     "invalid_date"
#define ERR_INVALID_IBAN                     "invalid_iban"
#define ERR_INVALID_IDENTIFIER               "invalid_identifier"
#define ERR_INVALID_PHONE_NUMBER             "invalid_phone_number"
#define ERR_INVALID_TEXT                     "invalid_text"
#define ERR_IO                               "io"
#define ERR_MALFORMED_ARCHIVE                "malformed_archive"
#define ERR_MALFORMED_CSV                    "malformed_csv"
#define ERR_MALFORMED_JSON                   "malformed_json"
#define ERR_MALFORMED_XML                    "malformed_xml"
#define ERR_MANDATE_IS_PAST                  "mandate_is_past"
#define ERR_MANDATE_NOT_FOUND                "mandate_not_found"
#define ERR_MANDATE_REFERENCE_CONFLICT       "mandate_reference_conflict"
#define ERR_NO_ADDRESS                       "no_address"
#define ERR_MESSAGE_ID_CONFLICT              "message_id_conflict"
#define ERR_MISSING_COLUMN                   "missing_column"
#define ERR_MISSING_FIELD                    "missing_field"
#define ERR_NO_DEBT                          "no_debt"
#define ERR_NO_PROGRESS                      "no_progress"
#define ERR_NO_LONGER_BOOKED                 "no_longer_booked"
#define ERR_NOT_A_FILE                       "not_a_file"
#define ERR_NOT_UTF8                         "not_utf8"
#define ERR_ODD_FILE_NAME                    "odd_file_name"
#define ERR_OK                               "ok"
#define ERR_PAIN                             "pain"
#define ERR_PAYMENT_CONFLICT                 "payment_conflict"
#define ERR_PROFILE_NOT_FOUND                "profile_not_found"
#define ERR_PROFILE_OFFBOARDED               "profile_offboarded"
#define ERR_SCHEMA                           "schema"
#define ERR_SIGNATURE_DATE_IN_FUTURE         "signature_date_in_future"
#define ERR_STOPPED                          "stopped"
#define ERR_SWAN_ERRORS                      "swan_errors"
#define ERR_SWAN_REJECTED                    "swan_rejected"
#define ERR_TOO_LARGE                        "too_large"
#define ERR_TRANSACTION_NOT_FOUND            "transaction_not_found"
#define ERR_TAKE_BACK_CONFLICT               "take_back_conflict"
#define ERR_UNATTRIBUTED_CREDIT              "unattributed_credit"
#define ERR_UNATTRIBUTED_DEBIT               "unattributed_debit"
#define ERR_UNKNOWN_CARD                     "unknown_card"
#define ERR_UNKNOWN_COLUMN                   "unknown_column"
#define ERR_UNKNOWN_FIELD                    "unknown_field"
#define ERR_UNKNOWN_MESSAGE                  "unknown_message"
#define ERR_UNKNOWN_OP                       "unknown_op"
#define ERR_UNKNOWN_STATUS                   "unknown_status"
#define ERR_UNKNOWN_TYPE                     "unknown_type"
#define ERR_UNREADABLE_FILE                  "unreadable_file"
#define ERR_WRONG_DIGEST                     "wrong_digest"
#define ERR_WRONG_OWNER                      "wrong_owner"

struct err {
	char code[40];     /* for programs, one of those above; "" when nothing is wrong */
	long line, column; /* counted from 1; 0 = not known */
	/* A sentence for people, without the file's name; cut when longer. */
	char message[256];
};

/* Fills *e, keeping line and column, and returns -1, so that a check reads `return err_set(e, ...)`. */
int err_set(struct err *e, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with a place. */
int err_at(struct err *e, long line, long column, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

bool err_is(const struct err *e, const char *code);

#endif
