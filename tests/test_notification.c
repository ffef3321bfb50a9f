/* notification: the line that the app's side reads, byte for byte. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/notification.h"
#include "tests/output.h"

static void
notification_is_one_line_with_the_promised_keys(void **state)
{
	struct output o = {0};
	struct sink *s = output_sink(&o);
	struct err e = {0};
	struct notification n = {
	    .name = "alan_pay__post_payment",
	    .app_id = "alan_insurance",
	    .app_user_id = "user \"7\"\n",
	    .subject_type = "card_payment",
	    .params = "{\"amount_in_cents\":1250}",
	    .created_at = 1772591400000,
	    .expires_at = 1772677800123,
	};
	(void)state;
	assert_int_equal(uuid_parse("00000000-0000-8000-8000-000000000001", &n.id, &e), 0);
	assert_int_equal(uuid_parse("00000000-0000-8000-8000-000000000002", &n.profile, &e), 0);
	assert_int_equal(uuid_parse("00000000-0000-8000-8000-000000000003", &n.subject, &e), 0);
	notification_write(s, &n);
	n.params = "{}";
	notification_write(s, &n);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	char *second = strchr(o.text, '\n');
	assert_non_null(second);
	*second++ = '\0';
	assert_string_equal(o.text, "{\"notification_id\":\"00000000-0000-8000-8000-000000000001\","
	                            "\"name\":\"alan_pay__post_payment\",\"app_id\":\"alan_insurance\","
	                            "\"app_user_id\":\"user \\\"7\\\"\\n\","
	                            "\"profile_id\":\"00000000-0000-8000-8000-000000000002\","
	                            "\"subject\":{\"type\":\"card_payment\","
	                            "\"id\":\"00000000-0000-8000-8000-000000000003\"},"
	                            "\"params\":{\"amount_in_cents\":1250},"
	                            "\"created_at\":\"2026-03-04T02:30:00.000Z\","
	                            "\"expires_at\":\"2026-03-05T02:30:00.123Z\"}");
	assert_non_null(strstr(second, "\"params\":{},"));
	assert_ptr_equal(strchr(second, '\n'), second + strlen(second) - 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(notification_is_one_line_with_the_promised_keys),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
