/* list_requests: the requests that make the members of this world known; see list.h.
 *
 * source   the key of a French account number (RIB); ISO 13616 (check digits of an IBAN)
 */
#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "tests/fakeswan/acts.h"
#include "tests/fakeswan/list.h"

#define BANK          30006
#define BRANCH        1
#define FIRST_ACCOUNT INT64_C(10000000000)
#define IBAN          32
#define FIRST_MEMBER  1001

static int
remainder_of(const char *digits, int by)
{
	int rest = 0;

	for (; *digits != '\0'; digits++)
		rest = (rest * 10 + (*digits - '0')) % by;
	return rest;
}

static void
print_iban(char text[static IBAN], int member)
{
	int64_t account = FIRST_ACCOUNT + member;
	int key = 97 - (int)((89 * INT64_C(1) * BANK + 15 * BRANCH + 3 * account) % 97);
	char digits[64];

	snprintf(digits, sizeof(digits), "%05d%05d%011" PRId64 "%02d152700", BANK, BRANCH, account, key);
	snprintf(text, IBAN, "FR%02d%.23s", 98 - remainder_of(digits, 97), digits);
}

void
list_requests(const struct world *w)
{
	char membership[ID_TEXT], iban[IBAN], day[DATE_TEXT];
	int i;

	date_print(day, w->start);
	for (i = 0; i < w->members; i++) {
		int user = FIRST_MEMBER + i;

		printf(
		    "{\"message_id\":\"p-%d\",\"op\":\"declare_profile\",\"app_id\":\"alan\",\"app_user_id\":\"%d\"}\n",
		    user, user);
		print_iban(iban, i);
		printf(
		    "{\"message_id\":\"m-%d\",\"op\":\"declare_sepa_mandate\",\"app_id\":\"alan\",\"app_user_id\":\"%d\","
		    "\"debtor_name\":\"Member %d\",\"debtor_iban\":\"%s\",\"debtor_country\":\"FR\","
		    "\"unique_mandate_reference\":\"AP-%d\",\"signature_date\":\"%s\"}\n",
		    user, user, user, iban, user, day);
		printf(
		    "{\"message_id\":\"l-%d\",\"op\":\"link_account_membership\",\"app_id\":\"alan\",\"app_user_id\":\"%d\","
		    "\"account_membership_id\":\"%s\"}\n",
		    user, user, id_print(membership, w->person[i].id));
	}
}

void
list_configuration(const struct world *w)
{
	char id[ID_TEXT];

	printf("account_id = %s\n", act_account(w, id));
	printf("legal_representative_user_id = %s\n", act_representative(w, id));
}

void
list_key(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	if (key != NULL)
		PEM_write_PrivateKey(stdout, key, NULL, NULL, 0, NULL, NULL);
	EVP_PKEY_free(key);
}
