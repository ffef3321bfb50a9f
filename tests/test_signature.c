/* signature: what openssl says of the same text: `printf 1772690400.abc | openssl dgst -sha256 -hmac secret`. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "stages/core/net/signature.h"

static void
signature_covers_the_instant_and_the_body(void **state)
{
	char text[SIGNATURE_TEXT];

	(void)state;
	assert_string_equal(
	    signature_print(text, "secret", 1772690400, "abcd", 3),
	    "t=1772690400,v1=e3b8b73fb48486403694101f528c7192d48f2175fe6673b7dde42a3c952e09dc");
	assert_string_equal(signature_print(text, "secret", 0, "", 0),
	                    "t=0,v1=3445798a051818ef95def46c2eb62b43d377ce6e3c29b4d0aec3da0e59577f79");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(signature_covers_the_instant_and_the_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
