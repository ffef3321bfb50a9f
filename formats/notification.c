/* notification: see notification.h. */
#include "formats/notification.h"

#include "formats/json.h"

static void
put_uuid(struct json *j, const char *key, const struct uuid *id)
{
	char text[UUID_TEXT];

	json_put_text(j, key, uuid_print(text, id));
}

static void
put_instant(struct json *j, const char *key, instant at)
{
	char text[INSTANT_TEXT];

	json_put_text(j, key, instant_print(text, at));
}

void
notification_write(struct sink *s, const struct notification *n)
{
	struct json j = {.sink = s};

	json_open(&j, NULL, '{');
	put_uuid(&j, "notification_id", &n->id);
	json_put_text(&j, "name", n->name);
	json_put_text(&j, "app_id", n->app_id);
	json_put_text(&j, "app_user_id", n->app_user_id);
	put_uuid(&j, "profile_id", &n->profile);
	json_open(&j, "subject", '{');
	json_put_text(&j, "type", n->subject_type);
	put_uuid(&j, "id", &n->subject);
	json_close(&j, '}');
	json_put_raw(&j, "params", n->params);
	put_instant(&j, "created_at", n->created_at);
	put_instant(&j, "expires_at", n->expires_at);
	json_close(&j, '}');
	sink_put(s, "\n", 1);
}
