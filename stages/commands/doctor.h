/* doctor: what its checks answer. `alanpay doctor` is in the program that speaks to Swan. */
#ifndef COMMANDS_DOCTOR_H
#define COMMANDS_DOCTOR_H

#include "stages/core/engine/run.h"

enum verdict_state { CHECK_OK, CHECK_FAILED, CHECK_SKIPPED };

/* Small enough for one write to a pipe. */
struct verdict {
	enum verdict_state state;
	char text[1400], command[2400];
};

/* Adds to what a check that is OK prints. */
void doctor_say(struct verdict *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The first thing that is wrong stays the answer. command: what corrects it; "": that of the table. */
void doctor_fail(struct verdict *v, const char *command, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The checks. What they need is open (doctor.c has the table); one that dies has failed with its message. */
void doctor_check_owner(struct run *r, struct verdict *v);
void doctor_check_files(struct run *r, struct verdict *v);
void doctor_check_modes(struct run *r, struct verdict *v);
void doctor_check_doors(struct run *r, struct verdict *v);
void doctor_check_database(struct run *r, struct verdict *v);
void doctor_check_disk(struct run *r, struct verdict *v);
void doctor_check_clock(struct run *r, struct verdict *v);
void doctor_check_configuration(struct run *r, struct verdict *v);
void doctor_check_log(struct run *r, struct verdict *v);
void doctor_check_creditor(struct run *r, struct verdict *v);
void doctor_check_approvers(struct run *r, struct verdict *v);
void doctor_check_swan(struct run *r, struct verdict *v);
void doctor_check_delivery(struct run *r, struct verdict *v);
void doctor_check_bank(struct run *r, struct verdict *v);

void doctor(struct run *r);

#endif
