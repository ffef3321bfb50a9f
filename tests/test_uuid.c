/* uuid: ids are what their parts say, and nothing else is taken for one of ours. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "formats/length.h"
#include "formats/uuid.h"

#define STORE 0xA1B2C3D4u

static void
uuid_has_the_documented_layout(void **state)
{
	struct uuid id = uuid_of(STORE, UUID_DEBT, 0x12345678, 0x2ABCDEF1);
	char text[UUID_TEXT], hex[UUID_HEX];

	(void)state;
	/* owner 12|345|678: after the kind, after the version, after the variant (0b10 then 0x678 then 20
	 * zeros) */
	assert_string_equal(uuid_print(text, &id), "a1b2c3d4-0512-8345-99e0-00002abcdef1");
	assert_string_equal(uuid_print_hex(hex, &id), "a1b2c3d40512834599e000002abcdef1");
}

static void
uuid_is_split_into_what_made_it(void **state)
{
	static const uint32_t stores[] = {0, 1, STORE, UINT32_MAX};
	static const uint32_t owners[] = {0, 1, 0xFFF, 0x1000, 0xFFFFFF, 0x1000000, 123456789, UINT32_MAX};
	static const uint32_t numbers[] = {0, 1, 7, 65536, UUID_NUMBERS - 1};

	(void)state;
	for (size_t s = 0; s < LENGTH(stores); s++)
		for (size_t o = 0; o < LENGTH(owners); o++)
			for (size_t n = 0; n < LENGTH(numbers); n++)
				for (int kind = UUID_PROFILE; kind <= UUID_NOTIFICATION; kind++) {
					enum uuid_kind k = (enum uuid_kind)kind;
					struct uuid id = uuid_of(stores[s], k, owners[o], numbers[n]);
					uint32_t owner = 42, number = 42;

					assert_true(uuid_split(&id, stores[s], k, &owner, &number));
					assert_int_equal(owner, owners[o]);
					assert_int_equal(number, numbers[n]);
					assert_int_equal(id.byte[6] >> 4, 8);
					assert_int_equal(id.byte[8] >> 6, 2);
				}
}

static void
uuid_of_a_store_is_not_read_as_a_number(void **state)
{
	static const uint32_t numbers[] = {0x12345678, 0x00000000, 0x1e234567, 0x0e000000, 0x1234567e,
	                                   0x0b101010, 0x1d234567, 0x01dec202, 0x1feb2026};
	static const uint32_t texts[] = {STORE,      0x0000a1a9, 0x0badcafe, 0x1e23456e,
	                                 0x1234567a, 0xdecade00, 0x1ce23456};

	(void)state;
	for (size_t i = 0; i < LENGTH(numbers); i++)
		assert_true(uuid_reads_as_number(numbers[i]));
	for (size_t i = 0; i < LENGTH(texts); i++)
		assert_false(uuid_reads_as_number(texts[i]));
}

/* Every bit but those of owner and number is fixed: whichever is turned, the id is not ours. */
static void
uuid_of_others_is_not_split(void **state)
{
	const struct uuid ours = uuid_of(STORE, UUID_PROFILE, 0, 0);
	uint32_t owner, number;
	int foreign = 0;

	(void)state;
	assert_false(uuid_split(&ours, STORE + 1, UUID_PROFILE, &owner, &number));
	assert_false(uuid_split(&ours, STORE, UUID_DEBT, &owner, &number));
	for (int bit = 0; bit < 128; bit++) {
		struct uuid id = ours;

		id.byte[bit / 8] ^= (unsigned char)(0x80 >> bit % 8);
		foreign += !uuid_split(&id, STORE, UUID_PROFILE, &owner, &number);
	}
	assert_int_equal(foreign, 32 + 8 + 4 + 2 + 20);
}

static void
uuid_is_read_in_either_case(void **state)
{
	struct uuid id, upper;
	struct err e = {0};
	char text[UUID_TEXT];

	(void)state;
	assert_int_equal(uuid_parse("a1b2c3d4-0512-8345-99e0-00002abcdef1", &id, &e), 0);
	assert_int_equal(uuid_parse("A1B2C3D4-0512-8345-99E0-00002ABCDEF1", &upper, &e), 0);
	assert_memory_equal(&id, &upper, sizeof(id));
	assert_string_equal(uuid_print(text, &upper), "a1b2c3d4-0512-8345-99e0-00002abcdef1");
	assert_int_equal(uuid_parse("123e4567-e89b-12d3-a456-426614174000", &id, &e), 0); /* any version */
}

static void
uuid_refuses_other_forms(void **state)
{
	static const char *const texts[] = {
	    "",
	    "a1b2c3d4",
	    "a1b2c3d40512834599e000002abcdef1",
	    "a1b2c3d4-0512-8345-99e0-00002abcdef",
	    "a1b2c3d4-0512-8345-99e0-00002abcdef11",
	    "a1b2c3d4-0512-8345-99e0-00002abcdeg1",
	    "{a1b2c3d4-0512-8345-99e0-00002abcdef1}",
	    " a1b2c3d4-0512-8345-99e0-00002abcdef1",
	    "a1b2c3d4-0512-8345-99e0-00002abcdef1 ",
	    "a1b2c3d405-12-8345-99e0-00002abcdef1",
	    "a1b2c3d4-0512-8345-99e000-002abcdef1",
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(texts); i++) {
		struct uuid id = {{9}};
		struct err e = {0};

		if (uuid_parse(texts[i], &id, &e) == 0)
			fail_msg("\"%s\" was read", texts[i]);
		assert_string_equal(e.code, "bad_field");
		assert_int_equal(id.byte[0], 9);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(uuid_has_the_documented_layout),
	    cmocka_unit_test(uuid_is_split_into_what_made_it),
	    cmocka_unit_test(uuid_of_a_store_is_not_read_as_a_number),
	    cmocka_unit_test(uuid_of_others_is_not_split),
	    cmocka_unit_test(uuid_is_read_in_either_case),
	    cmocka_unit_test(uuid_refuses_other_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
