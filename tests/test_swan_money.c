/* swan_money: each type, side and status that Swan has says what it does to money; what is in no row is unclear.
 *
 * reads    ../shared/swan/partner-schema.graphql when it is there
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/err.h"
#include "formats/length.h"
#include "formats/swan_rules.h"

static const struct {
	const char *type, *side, *status, *money, *rule;
} rows[] = {
#include "formats/data/swan_money.inc"
};

static const struct swan_event events[] = {
#include "formats/data/swan_events.inc"
};

/* The enumerations of Swan's Live Partner schema of 2026-07-17. */
static const char *const types[] = {
    "CardInChargeback",
    "CardInChargebackReversal",
    "CardInCredit",
    "CardOutAuthorization",
    "CardOutCredit",
    "CardOutCreditReversal",
    "CardOutDebit",
    "CardOutDebitReversal",
    "CheckIn",
    "CheckInReturn",
    "FeesIn",
    "FeesOut",
    "InternalCreditTransferIn",
    "InternalCreditTransferInRecall",
    "InternalCreditTransferInReturn",
    "InternalCreditTransferOut",
    "InternalCreditTransferOutRecall",
    "InternalCreditTransferOutReturn",
    "InternalDirectDebitIn",
    "InternalDirectDebitInReturn",
    "InternalDirectDebitOut",
    "InternalDirectDebitOutReturn",
    "InternationalCreditTransferIn",
    "InternationalCreditTransferInReturn",
    "InternationalCreditTransferOut",
    "InternationalCreditTransferOutReturn",
    "SepaCreditTransferIn",
    "SepaCreditTransferInRecall",
    "SepaCreditTransferInReturn",
    "SepaCreditTransferOut",
    "SepaCreditTransferOutRecall",
    "SepaCreditTransferOutReturn",
    "SepaDirectDebitIn",
    "SepaDirectDebitInReturn",
    "SepaDirectDebitInReversal",
    "SepaDirectDebitOut",
    "SepaDirectDebitOutReturn",
    "SepaDirectDebitOutReversal",
    "SepaInstantCreditTransferIn",
    "SepaInstantCreditTransferInRecall",
    "SepaInstantCreditTransferOut",
    "SepaInstantCreditTransferOutRecall",
};
static const char *const sides[] = {"Credit", "Debit"};
static const char *const statuses[] = {"Booked",   "Canceled", "Deferred", "Pending",
                                       "Rejected", "Released", "Settled",  "Upcoming"};

static struct swan_money
money_of(const char *type, const char *side, const char *status)
{
	struct swan_transaction t = {.type = type, .side = side, .status = status};

	return swan_find_money(&t);
}

static bool
is_missing(const char *type, const char *side, const char *status)
{
	struct swan_money m = money_of(type, side, status);
	size_t i;

	for (i = 0; i < LENGTH(rows); i++)
		if (strcmp(rows[i].type, type) == 0 && strcmp(rows[i].side, side) == 0 &&
		    strcmp(rows[i].status, status) == 0)
			return strcmp(m.rule, rows[i].rule) != 0;
	return true;
}

static void
each_type_side_and_status_has_a_row(void **state)
{
	size_t t, d, s;

	(void)state;
	for (t = 0; t < LENGTH(types); t++)
		for (d = 0; d < LENGTH(sides); d++)
			for (s = 0; s < LENGTH(statuses); s++)
				if (is_missing(types[t], sides[d], statuses[s]))
					fail_msg("%s,%s,%s: no row", types[t], sides[d], statuses[s]);
	assert_int_equal(LENGTH(rows), LENGTH(types) * LENGTH(sides) * LENGTH(statuses));
}

static bool
is_listed(const char *const list[], size_t n, const char *word)
{
	while (n > 0)
		if (strcmp(list[--n], word) == 0)
			return true;
	return false;
}

/* Each value of one enumeration of the schema must be one that the table has; returns how many there are. */
static size_t
read_enum(FILE *schema, const char *name, const char *const list[], size_t n)
{
	char line[1024], wanted[64], word[64], end;
	bool inside = false, quoted = false;
	size_t found = 0;

	snprintf(wanted, sizeof(wanted), "enum %s {", name);
	rewind(schema);
	while (fgets(line, sizeof(line), schema) != NULL) {
		const char *quote = strstr(line, "\"\"\"");

		if (inside && line[0] == '}')
			break;
		if (strncmp(line, wanted, strlen(wanted)) == 0)
			inside = true;
		else if (inside && quote != NULL)
			quoted = quoted != (strstr(quote + 3, "\"\"\"") == NULL);
		else if (inside && !quoted && sscanf(line, " %63[A-Za-z]%c", word, &end) == 2) {
			found++;
			if (!is_listed(list, n, word))
				fail_msg("%s %s: no row in formats/data/swan_money.csv", name, word);
		}
	}
	return found;
}

static void
each_word_of_the_official_schema_has_a_row(void **state)
{
	FILE *schema = fopen("../shared/swan/partner-schema.graphql", "r");

	(void)state;
	if (schema == NULL) {
		print_message("skipped: no official schema\n");
		skip();
	}
	assert_int_equal(read_enum(schema, "TransactionTypeEnum", types, LENGTH(types)), LENGTH(types));
	assert_int_equal(read_enum(schema, "TransactionSide", sides, LENGTH(sides)), LENGTH(sides));
	assert_int_equal(read_enum(schema, "TransactionStatus", statuses, LENGTH(statuses)),
	                 LENGTH(statuses));
	fclose(schema);
}

static void
rows_are_sorted_for_the_search(void **state)
{
	char one[128], next[128];
	size_t i;

	(void)state;
	for (i = 1; i < LENGTH(rows); i++) {
		/* \001 sorts below every letter, as the end of a word does */
		snprintf(one, sizeof(one), "%s\001%s\001%s", rows[i - 1].type, rows[i - 1].side,
		         rows[i - 1].status);
		snprintf(next, sizeof(next), "%s\001%s\001%s", rows[i].type, rows[i].side, rows[i].status);
		if (strcmp(one, next) >= 0)
			fail_msg("row %zu: %s %s %s", i, rows[i].type, rows[i].side, rows[i].status);
	}
}

static void
no_type_takes_what_it_brings(void **state)
{
	static const struct {
		const char *money, *side;
	} one_sided[] = {{"credit", "Credit"}, {"back", "Debit"}};
	size_t i, j;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++)
		for (j = 0; j < LENGTH(one_sided); j++)
			if (strcmp(rows[i].money, one_sided[j].money) == 0)
				assert_string_equal(rows[i].side, one_sided[j].side);
}

/* What posts has its event, with the sign of its side; an event that moves money is of a row that posts, brings or takes back. */
static void
rows_agree_with_the_events(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++) {
		struct swan_transaction t = {.type = rows[i].type, .status = rows[i].status};
		const struct swan_event *e = swan_find_event(&t);
		bool books = strcmp(rows[i].money, "posted") == 0 || strcmp(rows[i].money, "back") == 0;

		if (books && (e == NULL || e->sign != (strcmp(rows[i].side, "Debit") == 0 ? -1 : 1)))
			fail_msg("%s %s posts, its event does not", rows[i].type, rows[i].side);
	}
	for (i = 0; i < LENGTH(events); i++)
		if (events[i].sign != 0)
			assert_true(
			    money_of(events[i].type, events[i].sign < 0 ? "Debit" : "Credit", "Booked")
				.moves != SWAN_IS_OWN);
}

static void
what_is_booked_is_posted_or_alans_or_unclear(void **state)
{
	static const char *const may[] = {"Booked", "Deferred", "Released", "Settled"};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(rows); i++)
		if (is_listed(may, LENGTH(may), rows[i].status) && strcmp(rows[i].money, "none") == 0)
			assert_string_equal(rows[i].type, "CardOutAuthorization");
}

static void
what_no_row_covers_is_unclear(void **state)
{
	static const struct {
		const char *type, *side, *status, *code;
	} unclear[] = {
	    {"CardOutSomethingNew", "Debit", "Booked", ERR_UNKNOWN_TYPE},
	    {"CardOutSomethingNew", "Debit", "Pending", ERR_UNKNOWN_TYPE},
	    {"CryptoTransferIn", "Credit", "Booked", ERR_UNKNOWN_TYPE},
	    {"", "Debit", "", ERR_UNKNOWN_TYPE},
	    {"CardOutDebit", "Debit", "Frozen", ERR_UNKNOWN_STATUS},
	    {"CardOutDebit", "Debit", "booked", ERR_UNKNOWN_STATUS},
	    {"CardOutDebit", "Debit", "Deferred", ERR_UNKNOWN_STATUS},
	    {"CardOutDebit", "Debit", "Settled", ERR_UNKNOWN_STATUS},
	    {"CardOutDebit", "Debit", "Upcoming", ERR_UNKNOWN_STATUS},
	    {"CardOutDebit", "Debit", "Canceled", ERR_UNKNOWN_STATUS},
	    {"CardOutDebit", "Credit", "Booked", ERR_BAD_FIELD},
	    {"SepaCreditTransferIn", "Credit", "Deferred", ERR_UNKNOWN_STATUS},
	    {"SepaCreditTransferIn", "Debit", "Booked", ERR_BAD_FIELD},
	    {"FeesOut", "Credit", "Booked", ERR_BAD_FIELD},
	};
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(unclear); i++) {
		struct swan_money m = money_of(unclear[i].type, unclear[i].side, unclear[i].status);

		if (m.moves != SWAN_UNCLEAR || strcmp(m.rule, unclear[i].code) != 0)
			fail_msg("%s %s %s: %s", unclear[i].type, unclear[i].side, unclear[i].status, m.rule);
	}
	assert_int_equal(money_of("FeesOut", "Debit", "Booked").moves, SWAN_IS_OWN);
	assert_int_equal(money_of("CardOutDebit", "Debit", "Booked").moves, SWAN_POSTS);
	assert_int_equal(money_of("SepaCreditTransferIn", "Credit", "Booked").moves, SWAN_BRINGS);
	assert_int_equal(money_of("SepaCreditTransferInRecall", "Debit", "Booked").moves, SWAN_TAKES_BACK);
	assert_int_equal(money_of("CardOutAuthorization", "Debit", "Pending").moves, SWAN_MOVES_NONE);
}

static void
only_booked_cents_count_with_their_side(void **state)
{
	struct swan_transaction t = {.side = "Debit", .status = "Booked", .amount = 12};

	(void)state;
	assert_int_equal(swan_booked_cents(&t), -12);
	t.side = "Credit";
	assert_int_equal(swan_booked_cents(&t), 12);
	t.status = "Settled";
	assert_int_equal(swan_booked_cents(&t), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_type_side_and_status_has_a_row),
	    cmocka_unit_test(each_word_of_the_official_schema_has_a_row),
	    cmocka_unit_test(rows_are_sorted_for_the_search),
	    cmocka_unit_test(no_type_takes_what_it_brings),
	    cmocka_unit_test(rows_agree_with_the_events),
	    cmocka_unit_test(what_is_booked_is_posted_or_alans_or_unclear),
	    cmocka_unit_test(what_no_row_covers_is_unclear),
	    cmocka_unit_test(only_booked_cents_count_with_their_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
