/* notified: whether the members in a bank file were notified of its debits in time, for the release and for those who read about it.
 */
#ifndef CORE_NOTIFIED_H
#define CORE_NOTIFIED_H

#include "stages/core/bank/bankfile.h"
#include "stages/core/members/notification.h"

/* The last day on which members may be notified of a debit in the file. */
date notified_until(const struct run *r, const struct bankfile *f);
/* Which members in the file were notified notice_days before its collection, or earlier. */
void notified_count(struct run *r, const struct bankfile *f, struct notification_notice *n);

/* "2 refused by the receiver; 1 expired ...": those who were not; "" when all were. */
#define NOTIFIED_TEXT 512
char *notified_print_lacks(const struct notification_notice *n, char text[static NOTIFIED_TEXT]);

/* What to do about them, with the command to run. */
#define NOTIFIED_STEP 1024
char *notified_print_step(struct run *r, const struct bankfile *f, const struct notification_notice *n,
                          char text[static NOTIFIED_STEP]);

#endif
