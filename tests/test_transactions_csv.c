/* transactions_csv, payment_supports_csv: column order, what is read back is what was written, rows that stop. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/swan.h"

static const char transactions_header[] =
    "id,type,side,status,amount_cents,currency,created_at,updated_at,execution_date,payment_id,"
    "origin_transaction_id,reference,account_id,card_id,account_membership_id,masked_pan,authorization_type,"
    "merchant_id,merchant_name,merchant_city,merchant_country,merchant_postal_code,merchant_category_code,"
    "merchant_category,rejected_reason,released_reason,released_at,pending_end_at,booked_at,value_date,"
    "original_amount,original_currency,counterparty,label,external_reference,return_reason,"
    "counterparty_account\n";

static const char transaction_line[] =
    "t1,CardOutDebit,Debit,Booked,1250,EUR,2026-03-04T02:30:00.000Z,2026-03-04T02:30:00.001Z,"
    "2026-03-04T02:29:59.999Z,pay,origin,ref,acc,card,member,1234 **** 5678,Classic,mid,\"=Caf\u00E9, \"\"X\"\"\n\","
    "Paris,FRA,01000,0742,InStore,R,S,1970-01-01T00:00:00.000Z,1970-01-01T00:00:00.001Z,"
    "1969-12-31T23:59:59.999Z,2026-03-05,1250.00,JPY, who ,label,ext,AC04,FR7630006000011234567890189\n";

static const char supports_header[] =
    "card_id,type,status,created_at,updated_at,name,masked_number,e_commerce,withdrawal,international,"
    "non_main_currency,is_provisioned,account_membership_id,membership_status,membership_email,first_name,"
    "last_name,spending_limits\n";

static const char support_lines[] =
    "c1,Virtual,Enabled,2026-03-04T02:30:00.000Z,2026-03-04T02:30:00.001Z,Mine,1234******5678,true,false,true,"
    "false,true,m1,Enabled,a@b.fr,Zo\u00EB,\"D, E\",AccountHolder/Daily/40000/EUR|Partner/Monthly/60000/EUR\n"
    ",,,2026-03-04T02:30:00.000Z,2026-03-04T02:30:00.001Z,,,,,,,,m2,InvitationSent,,,,\n";

struct output {
	char text[8192];
	size_t n;
	struct csv csv;
	long lines[8];
	int rows;
};

static int
keep(void *ctx, const void *bytes, size_t n)
{
	struct output *o = ctx;
	if (n >= sizeof o->text - o->n)
		return -1;
	memcpy(o->text + o->n, bytes, n);
	o->n += n;
	o->text[o->n] = '\0';
	return 0;
}

static FILE *
file_of(const char *header, const char *rows)
{
	FILE *f = tmpfile();
	assert_non_null(f);
	fputs(header, f);
	fputs(rows, f);
	rewind(f);
	return f;
}

static int
copy_transaction(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct output *o = ctx;
	(void)e;
	o->lines[o->rows++] = line;
	transactions_csv_write(&o->csv, t);
	return 0;
}

static int
copy_support(void *ctx, long line, const struct swan_payment_support *p, struct err *e)
{
	struct output *o = ctx;
	(void)e;
	o->lines[o->rows++] = line;
	payment_supports_csv_write(&o->csv, p);
	return 0;
}

static struct output
begin_output(void)
{
	struct output o = {.csv = {.separator = ',', .eol = "\n"}};
	return o;
}

static void
transactions_come_back_as_they_were_written(void **state)
{
	static const char bare[] =
	    "t2,SomethingNew,Credit,Unheard,0,EUR,2026-03-04T02:30:00.000Z,2026-03-04T02:30:00.000Z,,,,,,,,,,,,,,,,,"
	    ",,,,,,,,,,,,\n";
	char rows[2048], wanted[4096];
	struct output o = begin_output();
	struct err e = {0};
	(void)state;
	snprintf(rows, sizeof rows, "%s%s", transaction_line, bare);
	snprintf(wanted, sizeof wanted, "%s%s", transactions_header, rows);
	o.csv.sink = sink_new(keep, &o);
	transactions_csv_header(&o.csv);
	FILE *f = file_of(transactions_header, rows);
	if (transactions_csv_read(f, copy_transaction, &o, &e) != 0)
		fail_msg("%s at %ld", e.message, e.line);
	fclose(f);
	assert_int_equal(sink_end(o.csv.sink, NULL, NULL), 0);
	assert_string_equal(o.text, wanted);
	assert_int_equal(o.lines[0], 2);
	assert_int_equal(o.lines[1], 4);
}

static int
check_members(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	(void)ctx;
	(void)line;
	(void)e;
	assert_string_equal(t->id, "t1");
	assert_string_equal(t->side, "Debit");
	assert_true(t->amount == 1250);
	assert_true(t->created_at == 1772591400000);
	assert_true(t->updated_at == 1772591400001);
	assert_true(t->execution_at == 1772591399999);
	assert_string_equal(t->merchant_name, "=Caf\u00E9, \"X\"\n");
	assert_string_equal(t->merchant_postal_code, "01000");
	assert_string_equal(t->merchant_category_code, "0742");
	assert_string_equal(t->rejected_reason, "R");
	assert_string_equal(t->released_reason, "S");
	assert_true(t->released_at == 0);
	assert_true(t->pending_end_at == 1);
	assert_true(t->booked_at == -1);
	assert_string_equal(t->value_date, "2026-03-05");
	assert_string_equal(t->original_amount, "1250.00");
	assert_string_equal(t->counterparty, " who ");
	assert_string_equal(t->return_reason, "AC04");
	assert_string_equal(t->counterparty_account, "FR7630006000011234567890189");
	return 0;
}

static int
check_absent(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	(void)ctx;
	(void)line;
	(void)e;
	assert_null(t->payment_id);
	assert_null(t->return_reason);
	assert_null(t->counterparty_account);
	assert_true(t->execution_at == INSTANT_NONE);
	assert_true(t->booked_at == INSTANT_NONE);
	return 0;
}

static void
transactions_fill_the_members_they_name(void **state)
{
	struct err e = {0};
	FILE *f = file_of(transactions_header, transaction_line);
	(void)state;
	assert_int_equal(transactions_csv_read(f, check_members, NULL, &e), 0);
	fclose(f);
	f = file_of(
	    "updated_at,created_at,currency,amount_cents,status,side,type,id,execution_date,payment_id,"
	    "origin_transaction_id,reference,account_id,card_id,account_membership_id,masked_pan,"
	    "authorization_type,merchant_id,merchant_name,merchant_city,merchant_country,"
	    "merchant_postal_code,merchant_category_code,merchant_category,rejected_reason,"
	    "released_reason,released_at,pending_end_at,booked_at,value_date,original_amount,"
	    "original_currency,counterparty,label,external_reference,return_reason\n",
	    "2026-03-04T02:30:00Z,2026-03-04T02:30:00Z,EUR,1,s,Credit,t,i,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n");
	if (transactions_csv_read(f, check_absent, NULL, &e) != 0) /* as it was before the last column */
		fail_msg("%s", e.message);
	fclose(f);
}

#define T0   "2026-03-04T02:30:00.000Z"
#define REST ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n"

static void
transactions_that_break_a_rule_stop_the_reading(void **state)
{
	static const struct {
		const char *row, *code;
	} cases[] = {
	    {",t,Debit,s,1,EUR," T0 "," T0 REST, "missing_field"},
	    {"i,,Debit,s,1,EUR," T0 "," T0 REST, "missing_field"},
	    {"i,t,,s,1,EUR," T0 "," T0 REST, "missing_field"},
	    {"i,t,Debit,,1,EUR," T0 "," T0 REST, "missing_field"},
	    {"i,t,Debit,s,,EUR," T0 "," T0 REST, "missing_field"},
	    {"i,t,Debit,s,1,," T0 "," T0 REST, "missing_field"},
	    {"i,t,Debit,s,1,EUR,," T0 REST, "missing_field"},
	    {"i,t,Debit,s,1,EUR," T0 "," REST, "missing_field"},
	    {"i,t,Debit,s,-1,EUR," T0 "," T0 REST, "invalid_amount"},
	    {"i,t,Debit,s,1.00,EUR," T0 "," T0 REST, "invalid_amount"},
	    {"i,t,Debit,s,1,USD," T0 "," T0 REST, "invalid_amount"},
	    {"i,t,debit,s,1,EUR," T0 "," T0 REST, "bad_field"},
	    {"i,t,Debit,s,1,EUR,yesterday," T0 REST, "invalid_date"},
	    {"i,t,Debit,s,1,EUR," T0 "," T0 "\n", "malformed_csv"},
	};
	static const char good[] = "i,t,Credit,s,1,EUR," T0 "," T0 REST;
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		char rows[1024];
		struct output o = begin_output();
		struct err e = {0};
		snprintf(rows, sizeof rows, "%s%s%s", good, cases[i].row, good);
		o.csv.sink = sink_new(keep, &o);
		FILE *f = file_of(transactions_header, rows);
		if (transactions_csv_read(f, copy_transaction, &o, &e) != -1)
			fail_msg("%s was read", cases[i].row);
		fclose(f);
		sink_end(o.csv.sink, NULL, NULL);
		assert_string_equal(e.code, cases[i].code);
		assert_int_equal(e.line, 3);
		assert_int_equal(o.rows, 1);
	}
}

static struct swan_transaction
least_transaction(void)
{
	struct swan_transaction t = {.id = "i",
	                             .type = "t",
	                             .side = "Debit",
	                             .status = "s",
	                             .currency = "EUR",
	                             .execution_at = INSTANT_NONE,
	                             .released_at = INSTANT_NONE,
	                             .pending_end_at = INSTANT_NONE,
	                             .booked_at = INSTANT_NONE};
	return t;
}

static int
write_alone(const struct swan_transaction *t)
{
	struct output o = begin_output();
	o.csv.sink = sink_new(keep, &o);
	transactions_csv_write(&o.csv, t);
	return sink_end(o.csv.sink, NULL, NULL);
}

static void
transactions_that_could_not_be_read_back_fail_the_sink(void **state)
{
	struct swan_transaction t = least_transaction();
	(void)state;
	assert_int_equal(write_alone(&t), 0);
	t.amount = -1;
	assert_int_equal(write_alone(&t), -1);
	t = least_transaction();
	t.id = "";
	assert_int_equal(write_alone(&t), -1);
	t = least_transaction();
	t.side = NULL;
	assert_int_equal(write_alone(&t), -1);
	t = least_transaction();
	t.created_at = INSTANT_NONE;
	assert_int_equal(write_alone(&t), -1);
	t = least_transaction();
	t.currency = "USD";
	assert_int_equal(write_alone(&t), -1);
}

static void
payment_supports_come_back_as_they_were_written(void **state)
{
	char wanted[4096];
	struct output o = begin_output();
	struct err e = {0};
	(void)state;
	snprintf(wanted, sizeof wanted, "%s%s", supports_header, support_lines);
	o.csv.sink = sink_new(keep, &o);
	payment_supports_csv_header(&o.csv);
	FILE *f = file_of(supports_header, support_lines);
	if (payment_supports_csv_read(f, copy_support, &o, &e) != 0)
		fail_msg("%s at %ld", e.message, e.line);
	fclose(f);
	assert_int_equal(sink_end(o.csv.sink, NULL, NULL), 0);
	assert_string_equal(o.text, wanted);
}

static int
check_support(void *ctx, long line, const struct swan_payment_support *p, struct err *e)
{
	(void)ctx;
	(void)e;
	if (line == 3) {
		assert_null(p->card_id);
		assert_null(p->status);
		assert_false(p->e_commerce);
		assert_string_equal(p->account_membership_id, "m2");
		return 0;
	}
	assert_string_equal(p->card_id, "c1");
	assert_string_equal(p->status, "Enabled");
	assert_string_equal(p->masked_number, "1234******5678");
	assert_true(p->e_commerce && !p->withdrawal && p->international && !p->non_main_currency);
	assert_true(p->is_provisioned);
	assert_true(p->updated_at == 1772591400001);
	assert_string_equal(p->membership_email, "a@b.fr");
	assert_string_equal(p->last_name, "D, E");
	return 0;
}

static void
payment_supports_fill_the_members_they_name(void **state)
{
	struct err e = {0};
	FILE *f = file_of(supports_header, support_lines);
	(void)state;
	assert_int_equal(payment_supports_csv_read(f, check_support, NULL, &e), 0);
	fclose(f);
}

static void
payment_supports_that_break_a_rule_stop_the_reading(void **state)
{
	static const struct {
		const char *row, *code;
	} cases[] = {
	    {"c,t,s," T0 "," T0 ",,,true,true,true,true,maybe,m,s,,,,\n", "bad_field"},
	    {"c,t,s," T0 "," T0 ",,,true,true,true,true,,m,s,,,,\n", "missing_field"},
	    {"c,t,," T0 "," T0 ",,,true,true,true,true,true,m,s,,,,\n", "missing_field"},
	    {"c,t,s," T0 ",,,,true,true,true,true,true,m,s,,,,\n", "missing_field"},
	    {"c,t,s," T0 "," T0 ",,,true,true,true,true,true,,s,,,,\n", "missing_field"},
	    {",t,," T0 "," T0 ",,,,,,,,m,s,,,,\n", "bad_field"},
	    {",,," T0 "," T0 ",,,,,,,false,m,s,,,,\n", "bad_field"},
	    {",,," T0 "," T0 ",,,,,,,,m,s,,,,x\n", "bad_field"},
	    {",,," T0 "," T0 ",,,,,,,,m,,,,,\n", "missing_field"},
	    {",,,," T0 ",,,,,,,,m,s,,,,\n", "missing_field"},
	};
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct output o = begin_output();
		struct err e = {0};
		o.csv.sink = sink_new(keep, &o);
		FILE *f = file_of(supports_header, cases[i].row);
		if (payment_supports_csv_read(f, copy_support, &o, &e) != -1)
			fail_msg("%s was read", cases[i].row);
		fclose(f);
		sink_end(o.csv.sink, NULL, NULL);
		assert_string_equal(e.code, cases[i].code);
		assert_int_equal(e.line, 2);
		assert_int_equal(o.rows, 0);
	}
}

static int
copy_packed_transaction(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	char packed[2048];
	struct swan_transaction again;
	size_t n = swan_transaction_pack(t, packed, sizeof(packed)), i;

	assert_true(n > 0);
	for (i = 0; i < n; i++)
		assert_int_equal(swan_transaction_pack(t, packed, i), 0);
	assert_int_equal(swan_transaction_pack(t, packed, n), n);
	memset(&again, 0xa5, sizeof(again));
	swan_transaction_unpack(packed, &again);
	return copy_transaction(ctx, line, &again, e);
}

static void
transactions_come_back_as_they_were_packed(void **state)
{
	static const char few[] =
	    "t2,CardOutDebit,Debit,Booked,0,EUR,2026-03-04T02:30:00.000Z,2026-03-04T02:30:00.001Z,"
	    ",,,,,,,,,,,,,,,,,,,,,,,,,,,,\n";
	struct output o = begin_output();
	struct err e = {0};
	char rows[4096];
	FILE *f;

	(void)state;
	snprintf(rows, sizeof(rows), "%s%s%s", transaction_line, few, transaction_line);
	f = file_of(transactions_header, rows);
	o.csv.sink = sink_new(keep, &o);
	assert_int_equal(transactions_csv_read(f, copy_packed_transaction, &o, &e), 0);
	fclose(f);
	assert_int_equal(sink_end(o.csv.sink, NULL, NULL), 0);
	assert_string_equal(o.text, rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(transactions_come_back_as_they_were_packed),
	    cmocka_unit_test(transactions_come_back_as_they_were_written),
	    cmocka_unit_test(transactions_fill_the_members_they_name),
	    cmocka_unit_test(transactions_that_break_a_rule_stop_the_reading),
	    cmocka_unit_test(transactions_that_could_not_be_read_back_fail_the_sink),
	    cmocka_unit_test(payment_supports_come_back_as_they_were_written),
	    cmocka_unit_test(payment_supports_fill_the_members_they_name),
	    cmocka_unit_test(payment_supports_that_break_a_rule_stop_the_reading),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
