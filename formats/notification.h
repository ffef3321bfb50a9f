/* notification: one line of a push-notification batch. No text, no merchant, no health detail: the app localises.
 *
 * {"notification_id","name","app_id","app_user_id","profile_id","subject":{"type","id"},"params":{...},
 *  "created_at","expires_at"}
 */
#ifndef FORMATS_NOTIFICATION_H
#define FORMATS_NOTIFICATION_H

#include "formats/date.h"
#include "formats/sink.h"
#include "formats/uuid.h"

struct notification {
	struct uuid id, profile;
	/* alan_pay__post_payment, alan_pay__recovery_session, alan_pay__provisioning_reminder */
	const char *name;
	const char *app_id, *app_user_id;
	const char *subject_type; /* card_payment, recovery_debt, profile, balance_transaction */
	struct uuid subject;
	const char *params; /* a JSON object */
	instant created_at, expires_at;
};
void notification_write(struct sink *s, const struct notification *n);

#endif
