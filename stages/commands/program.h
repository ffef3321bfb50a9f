/* program: the commands that are in a program of their own: alanpay-sepa, alanpay-swan, alanpay-users
 * and alanpay-fixture.
 *
 * `alanpay` finds them in these tables and executes their program, so that it starts without the libraries for XML and the
 * network: a query takes a few milliseconds. Each program links program.c with the one file that defines program_commands.
 */
#ifndef COMMANDS_PROGRAM_H
#define COMMANDS_PROGRAM_H

#include "stages/commands/command.h"

/* X(words, purpose, access, options, act); options and act are of the file of the program or of its modules. */
#define SEPA_COMMANDS(X)                                                                                     \
	X("sepa list", "list the bank files, newest first, with the next step of each", ACCESS_READS, NULL,  \
	  filesheet_list)                                                                                    \
	X("sepa show", "show all that finance checks in a bank file", ACCESS_READS, show_options,            \
	  filesheet_show)                                                                                    \
	X("sepa approve", "approve a bank file: type its count and total, or its SHA-256", ACCESS_CHANGES,   \
	  approve_options, approve)                                                                          \
	X("sepa reject", "refuse a bank file: it is not released until you withdraw that", ACCESS_CHANGES,   \
	  reject_options, reject)                                                                            \
	X("sepa release", "release an approved file: copy it into out/upload for finance", ACCESS_CHANGES,   \
	  file_options, release)                                                                             \
	X("sepa mark-uploaded", "record that finance uploaded a released file to the bank", ACCESS_CHANGES,  \
	  upload_options, mark_uploaded)                                                                     \
	X("sepa cancel", "cancel a file before its release: collect makes the next version", ACCESS_CHANGES, \
	  cancel_options, cancel)                                                                            \
	X("sepa withdraw", "take back a released file that the bank does not have: two persons state so",    \
	  ACCESS_CHANGES, withdraw_options, withdraw)                                                        \
	X("sepa describe", "describe files of a bank, and what reconcile would do", ACCESS_LATER,            \
	  describe_options, describe)                                                                        \
	X("sepa validate", "check files that go to a bank or come from it", ACCESS_LATER, validate_options,  \
	  validate)                                                                                          \
	X("sepa diff", "compare two such files by their content", ACCESS_LATER, diff_options, diff)

#define SWAN_COMMANDS(X)                                                                                 \
	X("doctor", "check whether the home is ready for a night", ACCESS_LATER, doctor_options, doctor) \
	X("swan check_spending_limits",                                                                  \
	  "list the enabled cards whose spending limits are not the agreed ones", ACCESS_CHANGES,        \
	  check_options, check_spending_limits)

#define USERS_COMMANDS(X)                                                                                  \
	X("users start-phone-verification", "have Swan send a code to the phone of a new member",          \
	  ACCESS_CHANGES, verification_options, start_verification)                                        \
	X("users onboard", "give a member a user, a membership and a card at Swan", ACCESS_CHANGES,        \
	  onboard_options, onboard)                                                                        \
	X("cards view-numbers", "show where the numbers of a member's card can be seen", ACCESS_READS,     \
	  numbers_options, swanuser_view_numbers)                                                          \
	X("dev reset-user", "remove a member of a development environment", ACCESS_CHANGES, reset_options, \
	  swanuser_reset)

#define FIXTURE_COMMANDS(X)                                                                         \
	X("fixture load", "make a home in the state of a fixture", ACCESS_NONE, load_options, load) \
	X("fixture run", "run one stage from a fixture", ACCESS_NONE, run_options, rerun)           \
	X("fixture capture", "make a fixture from a home", ACCESS_READS, capture_options, capture)

#define PUSH_COMMANDS(X)                                                                                  \
	X("push_notification send_for_non_provisioned_members",                                           \
	  "remind new members whose card is in no wallet", ACCESS_CHANGES, NULL,                          \
	  send_for_non_provisioned_members)                                                               \
	X("push_notification send_for_recovery_session", "notify the members in the files of a session",  \
	  ACCESS_CHANGES, session_options, send_for_recovery_session)                                     \
	X("push_notification send_for_transaction", "notify a member of one transaction", ACCESS_CHANGES, \
	  transaction_options, send_for_transaction)

#define PROGRAM_ROW(words, purpose, access, options, act) {words, purpose, access, options, act, NULL},

/* Ended by NULL words. */
extern const struct command program_commands[];

#endif
