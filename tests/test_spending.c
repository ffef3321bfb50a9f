/* spending: which limits of a card are reported as misconfigured, in which words, and which snapshot is refused. */
#include "tests/home.h"

#include "formats/length.h"
#include "stages/core/home/publish.h"
#include "stages/core/swan/spending.h"

#define RIGHT "AccountHolder/Daily/40000/EUR|Partner/Monthly/60000/EUR"

/* The findings, a line each: "Swan Partner 50000: Amount=500"; '-' when no limit is named. */
struct findings {
	char text[4096];
	int n;
};

static void
keep(void *ctx, const struct swan_payment_support *card, const struct spending_finding *f)
{
	struct findings *t = ctx;
	size_t used = strlen(t->text);
	char amount[24] = "-";

	assert_string_equal(card->card_id, "c1");
	if (f->limit != NULL) {
		snprintf(amount, sizeof(amount), "%lld", (long long)f->limit->amount);
		assert_string_equal(f->limit->type, f->type);
	}
	snprintf(t->text + used, sizeof(t->text) - used, "%s %s %s: %s\n", f->whose, f->type, amount,
	         f->text);
	t->n++;
}

static const char *
check_as(struct run *r, const struct swan_payment_support *p)
{
	static struct findings t;
	struct spending_agreed agreed[SPENDING_AGREED];
	struct err e = {0};
	int n;

	t = (struct findings){0};
	spending_agreed_load(r, agreed);
	n = spending_check(p, agreed, keep, &t, &e);
	assert_int_equal(n, n < 0 ? -1 : t.n);
	if (n < 0)
		snprintf(t.text + strlen(t.text), sizeof(t.text) - strlen(t.text), "%s", e.code);
	return t.text;
}

static const char *
check(struct run *r, const char *limits)
{
	struct swan_payment_support p = {.card_id = "c1", .status = "Enabled", .spending_limits = limits};

	return check_as(r, &p);
}

static void
limits_as_agreed_are_not_reported(void **state)
{
	assert_string_equal(check(*state, RIGHT), "");
}

static void
limits_are_found_by_type_not_by_position(void **state)
{
	assert_string_equal(check(*state, "Partner/Monthly/60000/EUR|AccountHolder/Daily/40000/EUR"), "");
	assert_string_equal(check(*state, "Partner/Monthly/60000/EUR|AccountHolder/Weekly/40000/EUR"),
	                    "Alan AccountHolder 40000: Period=Weekly\n");
	assert_string_equal(check(*state, "AccountHolder/Monthly/60000/EUR|Partner/Daily/40000/EUR"),
	                    "Swan Partner 40000: Period=Daily, Amount=400\n"
	                    "Alan AccountHolder 60000: Period=Monthly, Amount=600\n");
}

static void
only_differences_are_reported(void **state)
{
	static const struct {
		const char *limit, *text;
	} cases[] = {
	    {"Weekly/60000/EUR", "Period=Weekly"},
	    {"monthly/60000/EUR", "Period=monthly"},
	    {"Monthly/50000/EUR", "Amount=500"},
	    {"Monthly/60000/USD", "Currency=USD"},
	    {"Weekly/60000/USD", "Period=Weekly, Currency=USD"},
	    {"Monthly/50000/USD", "Amount=500, Currency=USD"},
	    {"Weekly/50000/USD", "Period=Weekly, Amount=500, Currency=USD"},
	};
	char limits[128], text[128];
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		snprintf(limits, sizeof(limits), "AccountHolder/Daily/40000/EUR|Partner/%s", cases[i].limit);
		snprintf(text, sizeof(text), ": %s\n", cases[i].text);
		assert_non_null(strstr(check(*state, limits), text));
	}
}

static void
amounts_are_compared_and_reported_to_the_cent(void **state)
{
	static const struct {
		const char *cents, *text;
	} cases[] = {
	    {"39999", "Amount=399.99"}, {"40001", "Amount=400.01"},  {"50050", "Amount=500.50"},
	    {"1", "Amount=0.01"},       {"0", "Amount=0"},           {"100", "Amount=1"},
	    {"400", "Amount=4"},        {"4000000", "Amount=40000"}, {"10000000", "Amount=100000"},
	};
	char limits[128], text[128];
	size_t i;

	for (i = 0; i < LENGTH(cases); i++) {
		snprintf(limits, sizeof(limits), "AccountHolder/Daily/%s/EUR|Partner/Monthly/60000/EUR",
		         cases[i].cents);
		snprintf(text, sizeof(text), "Alan AccountHolder %s: %s\n", cases[i].cents, cases[i].text);
		assert_string_equal(check(*state, limits), text);
	}
}

static void
limits_of_swan_are_reported_before_those_of_alan(void **state)
{
	assert_string_equal(check(*state, "AccountHolder/Daily/1/EUR|Partner/Monthly/2/EUR"),
	                    "Swan Partner 2: Amount=0.02\nAlan AccountHolder 1: Amount=0.01\n");
}

static void
missing_limits_are_reported(void **state)
{
	assert_string_equal(check(*state, "AccountHolder/Daily/40000/EUR"), "Swan Partner -: missing\n");
	assert_string_equal(check(*state, "Partner/Monthly/60000/EUR"), "Alan AccountHolder -: missing\n");
	assert_string_equal(check(*state, "Partner/Weekly/60000/EUR"),
	                    "Swan Partner 60000: Period=Weekly\nAlan AccountHolder -: missing\n");
}

static void
cards_without_limits_miss_both(void **state)
{
	assert_string_equal(check(*state, NULL), "Swan Partner -: missing\nAlan AccountHolder -: missing\n");
	assert_string_equal(check(*state, ""), "Swan Partner -: missing\nAlan AccountHolder -: missing\n");
}

static void
doubled_limits_are_reported_although_each_is_right(void **state)
{
	assert_string_equal(check(*state, RIGHT "|Partner/Monthly/60000/EUR"),
	                    "Swan Partner -: 2 limits of Type=Partner\n");
	assert_string_equal(
	    check(*state, RIGHT "|AccountHolder/Daily/40000/EUR|AccountHolder/Daily/40000/EUR"),
	    "Alan AccountHolder -: 3 limits of Type=AccountHolder\n");
}

static void
doubled_limits_are_reported_with_the_differences_of_each(void **state)
{
	assert_string_equal(check(*state, RIGHT "|Partner/Weekly/60000/EUR"),
	                    "Swan Partner -: 2 limits of Type=Partner\n"
	                    "Swan Partner 60000: Period=Weekly\n");
	assert_string_equal(
	    check(*state, "Partner/Monthly/10/EUR|AccountHolder/Daily/40000/EUR|Partner/Monthly/20/USD"),
	    "Swan Partner -: 2 limits of Type=Partner\n"
	    "Swan Partner 10: Amount=0.10\n"
	    "Swan Partner 20: Amount=0.20, Currency=USD\n");
}

static void
extra_limits_are_reported_whole_as_those_of_swan(void **state)
{
	assert_string_equal(check(*state, RIGHT "|Merchant/Monthly/60000/EUR"),
	                    "Swan Merchant 60000: Type=Merchant, Period=Monthly, Amount=600, Currency=EUR\n");
	assert_string_equal(check(*state, "Merchant/Daily/40000/EUR|partner/Monthly/60000/EUR"),
	                    "Swan Partner -: missing\n"
	                    "Swan Merchant 40000: Type=Merchant, Period=Daily, Amount=400, Currency=EUR\n"
	                    "Swan partner 60000: Type=partner, Period=Monthly, Amount=600, Currency=EUR\n"
	                    "Alan AccountHolder -: missing\n");
}

static void
only_enabled_cards_are_checked(void **state)
{
	static const char *const others[] = {"ConsentPending", "Processing", "Canceling", "Canceled",
	                                     "enabled",        "Suspended",  NULL};
	struct swan_payment_support p = {.card_id = "c1", .status = "Enabled"};
	size_t i;

	assert_true(spending_is_checked(&p));
	for (i = 0; i < LENGTH(others); i++) {
		p.status = others[i];
		assert_false(spending_is_checked(&p));
		assert_string_equal(check_as(*state, &p), "");
	}
	p = (struct swan_payment_support){.status = "Enabled"}; /* a membership without a card */
	assert_false(spending_is_checked(&p));
	assert_string_equal(check_as(*state, &p), "");
}

static void
agreed_limits_are_those_of_the_configuration(void **state)
{
	struct run *r = *state;

	config_free(r->config);
	r->config = home_config(
	    HOME_CONFIG "[spending_limits]\naccount_holder_period = Weekly\naccount_holder_cents = 12345\n"
			"partner_period = Always\npartner_cents = 70000\n");
	assert_string_equal(check(r, "AccountHolder/Weekly/12345/EUR|Partner/Always/70000/EUR"), "");
	assert_string_equal(check(r, RIGHT), "Swan Partner 60000: Period=Monthly, Amount=600\n"
	                                     "Alan AccountHolder 40000: Period=Daily, Amount=400\n");
}

static void
limits_that_cannot_be_read_are_rejected_before_any_is_reported(void **state)
{
	assert_string_equal(check(*state, "Partner/Weekly/60000/EUR|AccountHolder"), "bad_field");
	assert_string_equal(check(*state, "Partner/Weekly/600.00/EUR"), "invalid_amount");
}

static void
holders_are_named_by_name_else_email(void **state)
{
	static const struct {
		const char *first, *last, *email, *printed;
	} cases[] = {
	    {"Zo\xc3\xa9", "Martin", "z@example.com", "Zo\xc3\xa9 Martin"},
	    {"Zo\xc3\xa9", NULL, "z@example.com", "Zo\xc3\xa9"},
	    {NULL, "Martin", "z@example.com", "Martin"},
	    {NULL, NULL, "z@example.com", "z@example.com"},
	    {NULL, NULL, NULL, ""},
	};
	char text[SPENDING_HOLDER];
	size_t i;

	(void)state;
	for (i = 0; i < LENGTH(cases); i++) {
		struct swan_payment_support p = {.first_name = cases[i].first,
		                                 .last_name = cases[i].last,
		                                 .membership_email = cases[i].email};

		assert_string_equal(spending_print_holder(text, &p), cases[i].printed);
	}
}

static void
holders_with_a_long_name_are_cut_after_a_whole_character(void **state)
{
	char text[SPENDING_HOLDER], name[SPENDING_HOLDER + 8];
	struct swan_payment_support p = {.first_name = name};

	(void)state;
	memset(name, 'a', sizeof(name));
	memcpy(name + SPENDING_HOLDER - 2, "\xc3\xa9", sizeof("\xc3\xa9"));
	assert_int_equal(strlen(spending_print_holder(text, &p)), SPENDING_HOLDER - 2);
	memcpy(name + SPENDING_HOLDER - 3, "\xc3\xa9", sizeof("\xc3\xa9"));
	assert_string_equal(spending_print_holder(text, &p), name);
}

/* The snapshot ------------------------------------------------------------------------------------------- */

#define PATH "out/2026-03-04/payment_supports.csv"
#define HEADER                                                                                    \
	"card_id,type,status,created_at,updated_at,name,masked_number,e_commerce,withdrawal,"     \
	"international,non_main_currency,is_provisioned,account_membership_id,membership_status," \
	"membership_email,first_name,last_name,spending_limits\n"
#define CARD(id, limits)                                                                                  \
	id ",Virtual,Enabled,2026-03-01T08:00:00.000Z,2026-03-01T08:00:00.000Z,,,true,false,false,false," \
	   "true,m-" id ",Enabled,,,," limits "\n"

static void
publish(struct run *r, char *text)
{
	tx_begin(r->db);
	publish_file(r, "payment_supports.csv", 1, PATH, home_render, text);
	tx_commit(r->db);
	publish_place(r);
}

static int
count_card(void *ctx, const struct swan_payment_support *p, struct err *e)
{
	if (ctx != NULL)
		*(int *)ctx += 1;
	return strcmp(p->account_membership_id, "m-bad") == 0 ? err_set(e, "bad_field", "no such card") : 0;
}

static void
read_snapshot(struct run *r)
{
	spending_read_snapshot(r, PATH, count_card, NULL);
}

static void
snapshot_is_read_to_its_end(void **state)
{
	int n = 0;

	publish(*state, HEADER CARD("c1", RIGHT) CARD("c2", "") CARD("c3", ""));
	spending_read_snapshot(*state, PATH, count_card, &n);
	assert_int_equal(n, 3);
}

static void
missing_snapshot_is_refused(void **state)
{
	home_dies(*state, read_snapshot, EXIT_IO,
	          PATH ": No such file or directory; restore it from a backup");
	publish(*state, HEADER);
	assert_int_equal(unlink(PATH), 0);
	home_dies(*state, read_snapshot, EXIT_IO,
	          PATH ": No such file or directory; restore it from a backup");
	assert_int_equal(mkdir(PATH, 0700), 0);
	home_dies(*state, read_snapshot, EXIT_IO, PATH);
}

static void
message_names_the_line_of_a_damaged_snapshot(void **state)
{
	publish(*state, HEADER CARD("c1", RIGHT));
	home_write(PATH, HEADER CARD("c1", RIGHT) "c2,\"Virtual\n");
	home_dies(*state, read_snapshot, EXIT_REFUSED, PATH ":3: ");
	home_write(PATH, HEADER CARD("c1", RIGHT) CARD("c2", RIGHT) CARD("bad", RIGHT));
	home_dies(*state, read_snapshot, EXIT_REFUSED,
	          PATH
	          ":4: no such card (bad_field); no card is reported: restore it from a backup, or check "
	          "again after the next import");
	home_write(PATH, "");
	home_dies(*state, read_snapshot, EXIT_REFUSED, PATH);
}

static void
snapshot_that_differs_from_the_published_one_is_refused(void **state)
{
	publish(*state, HEADER CARD("c1", RIGHT) CARD("c2", ""));
	home_write(PATH, HEADER CARD("c1", RIGHT));
	home_dies(*state, read_snapshot, EXIT_REFUSED, PATH ": differs from the file that the import wrote");
	home_write(PATH, HEADER CARD("c1", RIGHT) CARD("c2", RIGHT));
	home_dies(*state, read_snapshot, EXIT_REFUSED, PATH ": differs from the file that the import wrote");
	home_write(PATH, HEADER CARD("c1", RIGHT) CARD("c2", ""));
	read_snapshot(*state);
}

#define WITH_HOME(test) cmocka_unit_test_setup_teardown(test, home_setup, home_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    WITH_HOME(limits_as_agreed_are_not_reported),
	    WITH_HOME(limits_are_found_by_type_not_by_position),
	    WITH_HOME(only_differences_are_reported),
	    WITH_HOME(amounts_are_compared_and_reported_to_the_cent),
	    WITH_HOME(limits_of_swan_are_reported_before_those_of_alan),
	    WITH_HOME(missing_limits_are_reported),
	    WITH_HOME(cards_without_limits_miss_both),
	    WITH_HOME(doubled_limits_are_reported_although_each_is_right),
	    WITH_HOME(doubled_limits_are_reported_with_the_differences_of_each),
	    WITH_HOME(extra_limits_are_reported_whole_as_those_of_swan),
	    WITH_HOME(only_enabled_cards_are_checked),
	    WITH_HOME(agreed_limits_are_those_of_the_configuration),
	    WITH_HOME(limits_that_cannot_be_read_are_rejected_before_any_is_reported),
	    cmocka_unit_test(holders_are_named_by_name_else_email),
	    cmocka_unit_test(holders_with_a_long_name_are_cut_after_a_whole_character),
	    WITH_HOME(snapshot_is_read_to_its_end),
	    WITH_HOME(missing_snapshot_is_refused),
	    WITH_HOME(message_names_the_line_of_a_damaged_snapshot),
	    WITH_HOME(snapshot_that_differs_from_the_published_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
