/* creditor: row, XML and configuration name the same one, or the file is neither approved nor released. */
#include "tests/frozen.h"

#include "formats/length.h"
#include "stages/core/bank/copy.h"
#include "stages/core/bank/creditor.h"
#include "stages/core/bank/make.h"

#define XML "out/sepa/2026-03-10_20260228-1/v1/SDD-20260228-1-20260310-1.xml"
#define BIC "[creditor]\nname = Alan SA\nidentifier = FR72ZZZ123456\niban = FR7630006000011234567890189\n"

static void
configure(struct run *r, const char *text)
{
	config_free(r->config);
	r->config = home_config(text);
}

static struct bankfile
made(struct run *r)
{
	struct bankfile f;

	assert_true(make_bank_file(r, 1, COLLECTION_DEBIT));
	assert_true(bankfile_load(r, 1, &f));
	return f;
}

static void
creditor_is_compared_with_the_configuration(void **state)
{
	static const struct {
		const char *line, *other, *word;
	} cases[] = {
	    {"name = Alan SA", "name = Alan Two", "name"},
	    {"identifier = FR72ZZZ123456", "identifier = DE98ZZZ09999999999", "identifier"},
	    {"iban = FR7630006000011234567890189", "iban = DE89370400440532013000", "account"},
	    {"bic = AGRIFRPP", "bic = BNPAFRPP", "BIC"},
	    {"bic = AGRIFRPP\n", "", "BIC"},
	};
	static const char right[] = BIC "bic = AGRIFRPP\n[environment]\nname = test\n";
	struct run *r = *state;
	struct bankfile f;
	char text[1024];
	const char *at;
	size_t i;

	configure(r, right);
	f = made(r);
	assert_null(terms_find_change(r, f.number));
	creditor_check_xml(r, &f, XML);
	for (i = 0; i < LENGTH(cases); i++) {
		at = strstr(right, cases[i].line);
		assert_non_null(at);
		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - right), right, cases[i].other,
		         at + strlen(cases[i].line));
		configure(r, text);
		assert_string_equal(terms_find_change(r, f.number), cases[i].word);
	}
	configure(r, right);
	assert_null(terms_find_change(r, f.number));
}

static void
check_xml(struct run *r)
{
	struct bankfile f;

	assert_true(bankfile_load(r, 1, &f));
	creditor_check_xml(r, &f, XML);
}

static void
check_copy(struct run *r)
{
	struct bankfile f;

	assert_true(bankfile_load(r, 1, &f));
	copy_check(r, &f, XML);
}

/* The triggers hold a row; what is written past them is found in the XML. */
static void
creditor_of_the_row_is_that_of_the_xml(void **state)
{
	static const struct {
		const char *change, *words;
	} cases[] = {
	    {"UPDATE bank_file SET creditor_name = 'Alan Two'", "another name of the creditor"},
	    {"UPDATE bank_file SET creditor_identifier = 'FR72ZZZ123457'", "another creditor identifier"},
	    {"UPDATE bank_file SET creditor_iban = 'DE89370400440532013000'", "another account"},
	    {"UPDATE bank_file SET creditor_bic = 'AGRIFRPP'", "another BIC of the creditor"},
	};
	struct run *r = *state;
	size_t i;

	made(r);
	home_exec(r, "DROP TRIGGER bank_file_content_is_fixed");
	for (i = 0; i < LENGTH(cases); i++) {
		home_exec(r, cases[i].change);
		home_dies(r, check_xml, EXIT_BUG, cases[i].words);
		home_dies(r, check_copy, EXIT_BUG, cases[i].words);
		home_exec(
		    r,
		    "UPDATE bank_file SET creditor_name = 'Alan SA', creditor_identifier = 'FR72ZZZ123456',"
		    " creditor_iban = 'FR7630006000011234567890189', creditor_bic = NULL");
	}
	check_xml(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_FROZEN(creditor_is_compared_with_the_configuration),
	    WITH_FROZEN(creditor_of_the_row_is_that_of_the_xml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
