/* sshsig: what ssh-keygen and openssl made of the same text, and what nobody may take for it. The keys were made for this test:
 *   ssh-keygen -t ed25519 -f alice; openssl genpkey -algorithm ed25519 -out bob.pem
 *   ssh-keygen -Y sign -n alanpay -f alice text; openssl pkeyutl -sign -rawin -inkey bob.pem -in text
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/sshsig.h"

#define TEXT "alanpay approve\nx\n"

static const char alice[] =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOnTMAADdQygVMXpJuL6Lzn6BVvfnIbvXYh0QM/C41BS alice@laptop\n";
static const char bob[] = "-----BEGIN PUBLIC KEY-----\n"
			  "MCowBQYDK2VwAyEAMAX0a/0MckEu+V01H2CyRbjkWUDMuwvxzCG+roATV0A=\n"
			  "-----END PUBLIC KEY-----\n";
static const char by_alice[] = "-----BEGIN SSH SIGNATURE-----\n"
			       "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg6dMwAAN1DKBUxekm4vovOfoFW9\n"
			       "+chu9diHRAz8LjUFIAAAAHYWxhbnBheQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQy\n"
			       "NTUxOQAAAEDFhXalz3OWX7JSGCDDYIhpC8HoAdHk14gdWoIpfSFZxsgBgCCIoZVD8wb/B6\n"
			       "EF85W52kRs4jlCJMICxELIHlwI\n"
			       "-----END SSH SIGNATURE-----\n";
static const char by_alice_sha256[] =
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg6dMwAAN1DKBUxekm4vovOfoFW9\n"
    "+chu9diHRAz8LjUFIAAAAHYWxhbnBheQAAAAAAAAAGc2hhMjU2AAAAUwAAAAtzc2gtZWQy\n"
    "NTUxOQAAAEAKVjYK1tqo9xdjxhaktlDQ3JvoOCbtNC0Hd+8b/vj+r18HKYhsmTjjZk6oYp\n"
    "iJBorSHgznYrcceT0uwI0WOpkC\n"
    "-----END SSH SIGNATURE-----\n";
static const char of_a_file[] = "-----BEGIN SSH SIGNATURE-----\n"
				"U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAg6dMwAAN1DKBUxekm4vovOfoFW9\n"
				"+chu9diHRAz8LjUFIAAAAEZmlsZQAAAAAAAAAGc2hhNTEyAAAAUwAAAAtzc2gtZWQyNTUx\n"
				"OQAAAEC7hp3JrkrJscg9soIGkzK8jHE8DIL+ugP6U20k9pBrvWccBKw3JxpphnY8H66H4W\n"
				"6d+A2rHNpgZ8XE8Ym3UtMN\n"
				"-----END SSH SIGNATURE-----\n";
static const char by_bob[] =
    "QUvinXNhK3oNgWQz4NQtAPFfVWCOGTXj9FBa6fCp8AGd1/MtGA+ycTeBmhwmwFsxmcvq+xy1Ubszq1gAPhuQBA==";

static void
take_key(const char *text, unsigned char key[static SSHSIG_KEY])
{
	struct err e = {0};

	if (sshsig_parse_key(text, strlen(text), key, &e) < 0)
		fail_msg("%s", e.message);
}

static struct sshsig
take(const char *text)
{
	struct err e = {0};
	struct sshsig s;

	if (sshsig_parse(text, strlen(text), &s, &e) < 0)
		fail_msg("%s", e.message);
	return s;
}

static bool
verifies(const struct sshsig *s, const char *key_text, const char *text)
{
	unsigned char key[SSHSIG_KEY];

	take_key(key_text, key);
	return sshsig_verify(s, key, text, strlen(text));
}

static void
sshsig_verifies_what_the_tools_signed(void **state)
{
	static const struct {
		const char *signature, *key, *other;
		enum sshsig_way way;
	} cases[] = {
	    {by_alice, alice, bob, SSHSIG_SHA512},
	    {by_alice_sha256, alice, bob, SSHSIG_SHA256},
	    {by_bob, bob, alice, SSHSIG_PLAIN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		struct sshsig s = take(cases[i].signature);

		assert_int_equal(s.way, cases[i].way);
		assert_true(verifies(&s, cases[i].key, TEXT));
		assert_false(verifies(&s, cases[i].other, TEXT));
		assert_false(verifies(&s, cases[i].key, "alanpay approve\ny\n"));
		assert_false(verifies(&s, cases[i].key, "alanpay approve\nx"));
		s.signature[40] ^= 1;
		assert_false(verifies(&s, cases[i].key, TEXT));
	}
}

static void
sshsig_takes_64_bytes_as_they_are(void **state)
{
	struct sshsig text = take(by_bob), bytes;
	struct err e = {0};

	(void)state;
	assert_int_equal(sshsig_parse(text.signature, SSHSIG_SIGNATURE, &bytes, &e), 0);
	assert_true(verifies(&bytes, bob, TEXT));
	assert_memory_equal(&bytes, &text, sizeof(text));
	assert_int_equal(sshsig_parse(text.signature, SSHSIG_SIGNATURE - 1, &bytes, &e), -1);
}

/* A part of the text in place of another one. */
static const char *
changed(const char *text, const char *from, const char *to)
{
	static char result[2 * SSHSIG_MOST];
	const char *at = strstr(text, from);

	assert_non_null(at);
	snprintf(result, sizeof(result), "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
	return result;
}

static void
refuses_key(const char *text, const char *words)
{
	unsigned char key[SSHSIG_KEY];
	struct err e = {0};

	assert_int_equal(sshsig_parse_key(text, strlen(text), key, &e), -1);
	assert_string_equal(e.code, "bad_key");
	if (strstr(e.message, words) == NULL)
		fail_msg("%s: %s", text, e.message);
}

static void
sshsig_refuses_other_keys(void **state)
{
	(void)state;
	refuses_key("", "is neither");
	refuses_key("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ", "is neither");
	refuses_key("ssh-ed25519", "is neither");
	refuses_key("ssh-ed25519 !", "is not base64");
	refuses_key("ssh-ed25519 AAAA", "is cut");
	refuses_key("command=\"x\" ssh-ed25519 AAAA", "is neither");
	refuses_key(changed(alice, "AAAAC3NzaC1lZDI1NTE5", "AAAAC3NzaC1lZDI1NTE4"), "is not of the type");
	refuses_key(changed(alice, "AAAAIOnT", "AAAAH+nT"), "length of Ed25519");
	refuses_key(changed(alice, " alice@laptop\n", " a\nssh-ed25519 AAAA b\n"), "more than one line");
	refuses_key(changed(bob, "-----END PUBLIC KEY-----", ""), "is not its last one");
	refuses_key(changed(bob, "MCowBQYDK2Vw", "MCowBQYDK2Vv"), "is not an Ed25519 key");
	refuses_key(changed(bob, "V0A=", "V0B="), "is not an Ed25519 key");
	refuses_key(changed(bob, "-----END PUBLIC KEY-----\n", "-----END PUBLIC KEY-----\nmore"),
	            "is not its last one");
}

static void
refuses(const char *text, const char *words)
{
	struct err e = {0};
	struct sshsig s;

	assert_int_equal(sshsig_parse(text, strlen(text), &s, &e), -1);
	assert_string_equal(e.code, "bad_signature");
	if (strstr(e.message, words) == NULL)
		fail_msg("%s: %s", text, e.message);
}

static void
sshsig_refuses_other_signatures(void **state)
{
	static char large[SSHSIG_MOST + 2];

	(void)state;
	refuses("", "is neither");
	refuses("-----BEGIN PGP SIGNATURE-----\n-----END PGP SIGNATURE-----\n", "is neither");
	refuses("-----BEGIN SSH SIGNATURE-----", "is not its last one");
	refuses("-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n", "is not base64");
	refuses("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n", "is not a SSHSIG");
	refuses(of_a_file, "another namespace");
	refuses(changed(by_alice, "U1NIU0lHAAAAAQ", "U1NIU0lHAAAAAg"), "version 1");
	refuses(changed(by_alice, "c2hhNTEy", "c2hhNTEz"), "unknown hash");
	memset(large, 'A', sizeof(large) - 1);
	refuses(large, "more than 4096 bytes");
}

/* Every prefix, and every byte as another one, is refused or does not verify. */
static void
sshsig_survives_what_is_cut_or_changed(void **state)
{
	char text[sizeof(by_alice)];
	struct err e = {0};
	struct sshsig s;
	size_t i;

	(void)state;
	for (i = 0; i < strlen(by_alice) - 1; i++)
		assert_int_equal(sshsig_parse(by_alice, i, &s, &e), -1);
	for (i = 0; i < strlen(by_alice) - 1; i++) {
		memcpy(text, by_alice, sizeof(by_alice));
		text[i] = text[i] == 'A' ? 'B' : 'A';
		if (by_alice[i] != '\n' && sshsig_parse(text, strlen(text), &s, &e) == 0)
			assert_false(verifies(&s, alice, TEXT));
	}
}

static const char *
written(void (*write)(const struct sshsig *s, const unsigned char *key, struct sink *to),
        const struct sshsig *s, const char *key_text)
{
	static char text[1024];
	struct sink_text into = {text, sizeof(text), 0};
	unsigned char key[SSHSIG_KEY];
	struct sink *to = sink_into(&into);

	take_key(key_text, key);
	write(s, key, to);
	assert_int_equal(sink_end(to, NULL, NULL), 0);
	return text;
}

static void
write_key_of_alice(const struct sshsig *s, const unsigned char *key, struct sink *to)
{
	sshsig_write_key(s, key, "alice", to);
}

static void
sshsig_is_written_as_it_was(void **state)
{
	struct sshsig a = take(by_alice), b = take(by_bob);

	(void)state;
	assert_string_equal(written(sshsig_write, &a, alice), by_alice);
	assert_memory_equal(written(sshsig_write, &b, bob), b.signature, SSHSIG_SIGNATURE);
	assert_string_equal(written(write_key_of_alice, &b, bob), bob);
	assert_string_equal(
	    written(write_key_of_alice, &a, alice),
	    "alice namespaces=\"alanpay\" "
	    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOnTMAADdQygVMXpJuL6Lzn6BVvfnIbvXYh0QM/C41BS\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(sshsig_verifies_what_the_tools_signed),
	    cmocka_unit_test(sshsig_takes_64_bytes_as_they_are),
	    cmocka_unit_test(sshsig_refuses_other_keys),
	    cmocka_unit_test(sshsig_refuses_other_signatures),
	    cmocka_unit_test(sshsig_survives_what_is_cut_or_changed),
	    cmocka_unit_test(sshsig_is_written_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
