/* notified: see notified.h. Only reads. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "stages/core/bank/notified.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"

date
notified_until(const struct run *r, const struct bankfile *f)
{
	return f->collect_on - (date)config_int(r->config, RECOVERY_NOTICE_DAYS);
}

void
notified_count(struct run *r, const struct bankfile *f, struct notification_notice *n)
{
	notification_count_notices(r, f->number, date_paris_midnight(notified_until(r, f) + 1), n);
}

static const struct {
	size_t count; /* of struct notification_notice */
	const char *words;
} lacks[] = {
    {offsetof(struct notification_notice, pending), "without a receipt: its receiver has not answered yet"},
    {offsetof(struct notification_notice, refused), "refused by the receiver"},
    {offsetof(struct notification_notice, expired), "expired before it was delivered"},
    {offsetof(struct notification_notice, late),
     "too late, or without the proof that [notifications] asks for"},
    {offsetof(struct notification_notice, missing), "not made yet"},
};

char *
notified_print_lacks(const struct notification_notice *n, char text[static NOTIFIED_TEXT])
{
	int64_t count;
	size_t i, at;

	text[0] = '\0';
	for (i = 0; i < LENGTH(lacks); i++) {
		memcpy(&count, (const char *)n + lacks[i].count, sizeof(count));
		at = strlen(text);
		if (count > 0)
			snprintf(text + at, NOTIFIED_TEXT - at, "%s%lld %s", at > 0 ? "; " : "",
			         (long long)count, lacks[i].words);
	}
	return text;
}

/* A file is cancelled for a later day; members are notified from the day after it was made. */
static const char *
find_step(struct run *r, const struct bankfile *f, const struct notification_notice *n, const char **command)
{
	struct session s;

	if (bankfile_today(r) > notified_until(r, f)) {
		*command = run_command(r, "sepa cancel --file %s --why TEXT", f->msg_id);
		return "it is too late for this day: cancel it, and collect makes the next version, with a later day";
	}
	if (n->missing > 0 && date_in_paris(f->created_at) >= r->on) {
		*command = run_command(r, "run");
		return "the next night notifies them";
	}
	if (n->missing > 0) {
		if (!session_load(r, f->session, &s))
			die(EXIT_BUG, "session %lld does not exist", (long long)f->session);
		*command = run_command(r, "push_notification send_for_recovery_session --id %s", s.code);
		return "notify them";
	}
	if (n->pending > 0) {
		*command = run_command(r, "notify");
		return notification_is_sent(r)
		           ? "send them once more"
		           : "once the receiver has dropped its receipts into inbox/receipts, read them";
	}
	*command = run_command(r, "sepa show --file %s", f->msg_id);
	return "they are not sent again: ask the receiver why; notices.csv beside the file's folder has each member";
}

char *
notified_print_step(struct run *r, const struct bankfile *f, const struct notification_notice *n,
                    char text[static NOTIFIED_STEP])
{
	const char *command, *words = find_step(r, f, n, &command);

	snprintf(text, NOTIFIED_STEP, "%s: `%s`", words, command);
	return text;
}
