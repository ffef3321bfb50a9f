/* bankfile_state: see bankfile_state.h. */
#include "formats/length.h"
#include "stages/core/bank/bankfile_state.h"

static const char *const states[BANKFILE_STATES] = {
    [BANKFILE_GENERATED] = "generated", [BANKFILE_APPROVED] = "approved",
    [BANKFILE_RELEASED] = "released",   [BANKFILE_UPLOADED] = "uploaded",
    [BANKFILE_ACCEPTED] = "accepted",   [BANKFILE_PARTIALLY_ACCEPTED] = "partially_accepted",
    [BANKFILE_REJECTED] = "rejected",   [BANKFILE_SETTLED] = "settled",
    [BANKFILE_CANCELLED] = "cancelled", [BANKFILE_WITHDRAWN] = "withdrawn",
};

const char *
bankfile_state_word(enum bankfile_state state)
{
	return states[state];
}

enum bankfile_state
bankfile_state_col(struct stmt *q, int i)
{
	return (enum bankfile_state)col_word(q, i, states, (int)LENGTH(states));
}

/* What a cell of the table says: GO is followed by the state. */
enum cell {
	STAY = BANKFILE_STATES,
	UNEXPECTED,
	NEEDS_NO_APPROVAL,
	IS_NOT_APPROVED,
	IS_NOT_RELEASED,
	MUST_NOT_BE_THERE,
	MAY_BE_THERE,
	IS_THERE,
	NEVER_LEFT,
	IS_CANCELLED,
	IS_WITHDRAWN,
	IS_TAKEN,
	IS_ANSWERED,
};

static const struct refusal {
	enum exit_status status;
	const char *why, *instead, *options;
} refusals[] = {
    [NEEDS_NO_APPROVAL] = {.status = EXIT_OVERWRITE, .why = "it needs no approval any more"},
    [IS_NOT_APPROVED] = {.status = EXIT_OVERWRITE, .why = "only an approved file can be released"},
    [IS_NOT_RELEASED] = {.status = EXIT_BUSY,
                         .why = "only a released file can be marked as uploaded: release it first",
                         .instead = "release"},
    [MUST_NOT_BE_THERE] =
	{.status = EXIT_OVERWRITE,
         .why = "it must not be at the bank: if it was uploaded, call the bank and an engineer"},
    [MAY_BE_THERE] =
	{.status = EXIT_OVERWRITE,
         .why = "the bank may have it, so it cannot be cancelled; if it does not, two persons withdraw it",
         .instead = "withdraw",
         .options = "--as rebuild --why TEXT"},
    [IS_THERE] = {.status = EXIT_OVERWRITE, .why = "the bank has it, so it cannot be cancelled"},
    [NEVER_LEFT] = {.status = EXIT_OVERWRITE,
                    .why = "it never left, so there is nothing to withdraw: cancel it",
                    .instead = "cancel",
                    .options = "--why TEXT"},
    [IS_CANCELLED] = {.status = EXIT_OVERWRITE, .why = "it never left, so there is nothing to withdraw"},
    [IS_WITHDRAWN] = {.status = EXIT_OVERWRITE, .why = "there is nothing left to cancel"},
    [IS_TAKEN] =
	{.status = EXIT_OVERWRITE,
         .why = "the bank has taken it, so it cannot be withdrawn unless the bank reports that it rejects the"
                " whole file (pain.002)"},
    [IS_ANSWERED] = {.status = EXIT_OVERWRITE,
                     .why = "the bank has answered all of it, so it cannot be withdrawn"},
};

/* Short names of the states, in the width of the table below. */
#define APPROVED BANKFILE_APPROVED
#define RELEASED BANKFILE_RELEASED
#define UPLOADED BANKFILE_UPLOADED
#define ACCEPTED BANKFILE_ACCEPTED
#define PARTLY   BANKFILE_PARTIALLY_ACCEPTED
#define REJECTED BANKFILE_REJECTED
#define SETTLED  BANKFILE_SETTLED
#define CANCEL   BANKFILE_CANCELLED
#define WITHDRAW BANKFILE_WITHDRAWN

/* clang-format off */
static const unsigned char acts[BANKFILE_STATES][BANKFILE_WITHDRAW + 1] = {
	/*                               approve            release          mark-uploaded      cancel        withdraw */
	[BANKFILE_GENERATED]          = {APPROVED,          RELEASED,        IS_NOT_RELEASED,   CANCEL,       NEVER_LEFT},
	[BANKFILE_APPROVED]           = {STAY,              RELEASED,        IS_NOT_RELEASED,   CANCEL,       NEVER_LEFT},
	[BANKFILE_RELEASED]           = {NEEDS_NO_APPROVAL, STAY,            UPLOADED,          MAY_BE_THERE, WITHDRAW},
	[BANKFILE_UPLOADED]           = {NEEDS_NO_APPROVAL, IS_NOT_APPROVED, STAY,              MAY_BE_THERE, WITHDRAW},
	[BANKFILE_ACCEPTED]           = {NEEDS_NO_APPROVAL, IS_NOT_APPROVED, STAY,              IS_THERE,     IS_TAKEN},
	[BANKFILE_PARTIALLY_ACCEPTED] = {NEEDS_NO_APPROVAL, IS_NOT_APPROVED, STAY,              IS_THERE,     IS_TAKEN},
	[BANKFILE_REJECTED]           = {NEEDS_NO_APPROVAL, IS_NOT_APPROVED, STAY,              MAY_BE_THERE, WITHDRAW},
	[BANKFILE_SETTLED]            = {NEEDS_NO_APPROVAL, IS_NOT_APPROVED, STAY,              IS_THERE,     IS_ANSWERED},
	[BANKFILE_CANCELLED]          = {NEEDS_NO_APPROVAL, IS_NOT_APPROVED, MUST_NOT_BE_THERE, STAY,         IS_CANCELLED},
	[BANKFILE_WITHDRAWN]          = {NEEDS_NO_APPROVAL, IS_NOT_APPROVED, MUST_NOT_BE_THERE, IS_WITHDRAWN, STAY},
};

/* Booked money is worth more than a status: a file that was rejected, and is booked all the same, was not. An acceptance after
 * a rejection is not enough. That a withdrawn file is rejected is what was expected of it; a debit of it counts only once a
 * person has posted its booking. */
static const unsigned char reports[BANKFILE_STATES][BANKFILE_EVENTS - BANKFILE_IS_ACCEPTED] = {
	/*                               accepted    one rejected  rejected    one booked  none rejected  all answered */
	[BANKFILE_GENERATED]          = {UNEXPECTED, UNEXPECTED,   UNEXPECTED, UNEXPECTED, UNEXPECTED,    UNEXPECTED},
	[BANKFILE_APPROVED]           = {UNEXPECTED, UNEXPECTED,   UNEXPECTED, UNEXPECTED, UNEXPECTED,    UNEXPECTED},
	[BANKFILE_RELEASED]           = {ACCEPTED,   PARTLY,       REJECTED,   ACCEPTED,   STAY,          SETTLED},
	[BANKFILE_UPLOADED]           = {ACCEPTED,   PARTLY,       REJECTED,   ACCEPTED,   STAY,          SETTLED},
	[BANKFILE_ACCEPTED]           = {STAY,       PARTLY,       REJECTED,   STAY,       STAY,          SETTLED},
	[BANKFILE_PARTIALLY_ACCEPTED] = {STAY,       STAY,         REJECTED,   STAY,       ACCEPTED,      SETTLED},
	[BANKFILE_REJECTED]           = {STAY,       STAY,         STAY,       PARTLY,     STAY,          SETTLED},
	[BANKFILE_SETTLED]            = {STAY,       STAY,         STAY,       STAY,       STAY,          STAY},
	[BANKFILE_CANCELLED]          = {UNEXPECTED, UNEXPECTED,   UNEXPECTED, UNEXPECTED, UNEXPECTED,    UNEXPECTED},
	[BANKFILE_WITHDRAWN]          = {UNEXPECTED, STAY,         STAY,       STAY,       STAY,          STAY},
};
/* clang-format on */

struct bankfile_step
bankfile_state_after(enum bankfile_state state, enum bankfile_event event)
{
	unsigned char cell =
	    event <= BANKFILE_WITHDRAW ? acts[state][event] : reports[state][event - BANKFILE_IS_ACCEPTED];

	if (cell < BANKFILE_STATES)
		return (struct bankfile_step){.answer = BANKFILE_GOES, .to = cell};
	if (cell == STAY)
		return (struct bankfile_step){.answer = BANKFILE_STAYS, .to = state};
	if (cell == UNEXPECTED)
		return (struct bankfile_step){.answer = BANKFILE_UNEXPECTED, .to = state};
	return (struct bankfile_step){.answer = BANKFILE_REFUSES,
	                              .to = state,
	                              .status = refusals[cell].status,
	                              .why = refusals[cell].why,
	                              .instead = refusals[cell].instead,
	                              .options = refusals[cell].options};
}
