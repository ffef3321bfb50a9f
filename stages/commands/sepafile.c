/* sepafile: see sepafile.h. */
#include <string.h>

#include "formats/answer.h"
#include "formats/container.h"
#include "formats/memory.h"
#include "formats/pain_read.h"
#include "formats/text.h"
#include "stages/commands/sepafile.h"

struct sepafile {
	sepafile_fn *each;
	void *ctx;
	bool is_debit;
	long document; /* the n-th payment initiation of the file */
};

/* Fields of a record ------------------------------------------------------------------------------------- */

static void
add(struct sepafile_record *r, struct sepafile_field f)
{
	if (r->fields < SEPAFILE_FIELDS)
		r->field[r->fields++] = f;
}

static void
add_text(struct sepafile_record *r, const char *name, const char *text)
{
	if (text[0] != '\0')
		add(r, (struct sepafile_field){.name = name, .text = text});
}

static void
add_name(struct sepafile_record *r, const char *name, const char *text)
{
	if (text[0] != '\0')
		add(r, (struct sepafile_field){.name = name, .type = FIELD_NAME, .text = text});
}

static void
add_iban(struct sepafile_record *r, const char *name, const char *text)
{
	if (text[0] != '\0')
		add(r, (struct sepafile_field){.name = name, .type = FIELD_IBAN, .text = text});
}

/* Below 0: absent. */
static void
add_number(struct sepafile_record *r, const char *name, enum sepafile_type type, int64_t number)
{
	if (number >= 0)
		add(r, (struct sepafile_field){.name = name, .type = type, .number = number});
}

static void
add_day(struct sepafile_record *r, const char *name, date on)
{
	if (on != DATE_NONE)
		add(r, (struct sepafile_field){.name = name, .type = FIELD_DAY, .number = on});
}

static void
add_instant(struct sepafile_record *r, const char *name, instant at)
{
	if (at != INSTANT_NONE)
		add(r, (struct sepafile_field){.name = name, .type = FIELD_INSTANT, .number = at});
}

const struct sepafile_field *
sepafile_find(const struct sepafile_record *record, const char *name)
{
	int i;

	for (i = 0; i < record->fields; i++)
		if (strcmp(record->field[i].name, name) == 0)
			return &record->field[i];
	return NULL;
}

/* Payment initiations ------------------------------------------------------------------------------------ */

static int
take_file(void *ctx, const struct pain_read_file *f, struct err *e)
{
	struct sepafile *s = ctx;
	struct sepafile_record r = {.section = SEPAFILE_MESSAGE,
	                            .word = "message",
	                            .key = f->msg_id,
	                            .document = s->document,
	                            .line = f->line,
	                            .problem = f->problem};

	s->is_debit = f->is_debit;
	add_text(&r, "message", f->name_id);
	add_text(&r, "msg_id", f->msg_id);
	add_instant(&r, "created_at", f->created_at);
	add_name(&r, "initiating_party", f->initiating_party);
	add_number(&r, "stated_count", FIELD_COUNT, f->count);
	add_number(&r, "stated_sum_in_cents", FIELD_CENTS, f->sum);
	return s->each(s->ctx, &r, e);
}

static int
take_block(void *ctx, const struct pain_read_block *b, struct err *e)
{
	struct sepafile *s = ctx;
	struct sepafile_record r = {.section = SEPAFILE_BLOCK,
	                            .word = "block",
	                            .key = b->payment_information_id,
	                            .document = s->document,
	                            .line = b->line,
	                            .problem = b->problem};

	add_text(&r, "payment_information_id", b->payment_information_id);
	add_text(&r, "sequence_type", b->sequence_type);
	add_day(&r, s->is_debit ? "requested_collection_date" : "requested_execution_date", b->on);
	add_text(&r, "batch_booking", b->batch_booking);
	add_name(&r, s->is_debit ? "creditor_name" : "debtor_name", b->name);
	add_iban(&r, s->is_debit ? "creditor_iban" : "debtor_iban", b->iban);
	add_text(&r, s->is_debit ? "creditor_bic" : "debtor_bic", b->bic);
	add_text(&r, "creditor_identifier", b->creditor_identifier);
	add_number(&r, "stated_count", FIELD_COUNT, b->count);
	add_number(&r, "stated_sum_in_cents", FIELD_CENTS, b->sum);
	return s->each(s->ctx, &r, e);
}

static int
take_transaction(void *ctx, const struct pain_read_transaction *t, struct err *e)
{
	struct sepafile *s = ctx;
	struct sepafile_record r = {.section = SEPAFILE_ITEM,
	                            .word = s->is_debit ? "debit" : "transfer",
	                            .key = t->end_to_end_id,
	                            .document = s->document,
	                            .line = t->line,
	                            .problem = t->problem};

	add_number(&r, "amount_in_cents", FIELD_CENTS, t->amount);
	add_text(&r, "end_to_end_id", t->end_to_end_id);
	add_text(&r, "instruction_id", t->instruction_id);
	add_text(&r, "mandate_reference", t->mandate_reference);
	add_day(&r, "signature_date", t->signed_on);
	add_text(&r, "amended", t->amended);
	add_name(&r, s->is_debit ? "debtor_name" : "creditor_name", t->name);
	add_iban(&r, s->is_debit ? "debtor_iban" : "creditor_iban", t->iban);
	add_text(&r, s->is_debit ? "debtor_bic" : "creditor_bic", t->bic);
	add_text(&r, "purpose", t->purpose);
	add_name(&r, "remittance_information", t->remittance);
	return s->each(s->ctx, &r, e);
}

/* Answers of a bank -------------------------------------------------------------------------------------- */

static int
take_begin(void *ctx, const struct answer_message *m, struct err *e)
{
	(void)ctx, (void)m, (void)e;
	return 0;
}

static int
take_status(void *ctx, const struct answer_message *m, const struct pain002_status *t, struct err *e)
{
	static const char *const levels[] = {"file", "block", "debit"};
	struct sepafile *s = ctx;
	struct sepafile_record r = {.section = SEPAFILE_ITEM,
	                            .word = "status",
	                            .key = t->end_to_end_id,
	                            .document = m->nth,
	                            .line = t->line,
	                            .problem = t->problem};

	add_text(&r, "level", levels[t->level]);
	add_text(&r, "status", t->status);
	add_text(&r, "reason", t->reason);
	add_day(&r, "moved_on", t->day);
	add_number(&r, "amount_in_cents", FIELD_CENTS, t->sum);
	add_number(&r, "transactions", FIELD_COUNT, t->count);
	add_text(&r, "payment_information_id", t->payment_information_id);
	add_text(&r, "end_to_end_id", t->end_to_end_id);
	add_text(&r, "instruction_id", t->instruction_id);
	add_text(&r, "mandate_reference", t->mandate_reference);
	add_name(&r, "text", t->text);
	return s->each(s->ctx, &r, e);
}

static void
add_entry_ids(struct sepafile_record *r, const struct camt_entry *n)
{
	add_text(r, "end_to_end_id", n->end_to_end_id);
	add_text(r, "instruction_id", n->instruction_id);
	add_text(r, "mandate_reference", n->mandate_reference);
	add_text(r, "msg_id", n->msg_id);
	add_text(r, "payment_information_id", n->payment_information_id);
	add_text(r, "bank_reference", n->account_servicer_ref);
	add_number(r, "transactions", FIELD_COUNT, n->batch_count);
}

static const char *
entry_kind(const struct camt_entry *n)
{
	static const char *const kinds[2][2] = {{"debit", "return"}, {"credit", "return of a transfer"}};

	return n->is_fee ? "fee" : kinds[n->credit][n->is_return];
}

static int
take_entry(void *ctx, const struct answer_message *m, const struct camt_entry *n, struct err *e)
{
	struct sepafile *s = ctx;
	struct sepafile_record r = {.section = SEPAFILE_ITEM,
	                            .word = "entry",
	                            .key = n->end_to_end_id[0] != '\0' ? n->end_to_end_id
	                                                               : n->account_servicer_ref,
	                            .document = m->nth,
	                            .line = n->line,
	                            .problem = n->problem};

	add_text(&r, "kind", entry_kind(n));
	add_text(&r, "status", n->status);
	add_text(&r, "reason", n->reason);
	add_number(&r, "amount_in_cents", FIELD_CENTS, n->amount);
	if (n->principal != n->amount)
		add_number(&r, "principal_in_cents", FIELD_CENTS, n->principal);
	if (n->charges > 0)
		add_number(&r, "charges_in_cents", FIELD_CENTS, n->charges);
	if (n->charges_beside > 0)
		add_number(&r, "charges_beside_in_cents", FIELD_CENTS, n->charges_beside);
	add_day(&r, "booking_date", n->booking_on);
	add_day(&r, "value_date", n->value_on);
	add_entry_ids(&r, n);
	add_iban(&r, "account_iban", n->account_iban);
	add_text(&r, "account_other", n->account_other);
	add_name(&r, "text", n->text);
	return s->each(s->ctx, &r, e);
}

/* The details of an entry were handed on before it was known that they contradict it. */
static int
take_contradiction(void *ctx, const struct answer_message *m, int entry, long line, const char *code,
                   const char *problem, struct err *e)
{
	struct sepafile *s = ctx;
	struct sepafile_record r = {.section = SEPAFILE_ITEM,
	                            .word = "entry",
	                            .key = "",
	                            .document = m->nth,
	                            .line = line,
	                            .problem = problem};

	(void)code;
	add_text(&r, "kind", "contradiction");
	add_number(&r, "entry", FIELD_COUNT, entry);
	return s->each(s->ctx, &r, e);
}

static int
take_end(void *ctx, const struct answer_message *m, struct err *e)
{
	struct sepafile *s = ctx;
	struct sepafile_record r = {.section = SEPAFILE_MESSAGE,
	                            .word = "message",
	                            .key = m->msg_id,
	                            .document = m->nth,
	                            .problem = ""};

	add_text(&r, "message", answer_kind_word(m->kind));
	add_text(&r, "msg_id", m->msg_id);
	add_instant(&r, "created_at", m->created_at);
	if (m->page > 0)
		add_number(&r, "page", FIELD_COUNT, m->page);
	add_text(&r, "member_of_zip", m->member);
	add_text(&r, "original_msg_id", m->original_msg_id);
	add_text(&r, "original_message", m->original_name_id);
	return s->each(s->ctx, &r, e);
}

/* The next file of a container, as a file that can be sought in; NULL: it has no further one, or is broken (then *rc is -1). */
static FILE *
take_member(struct container *c, int *rc, struct err *e)
{
	char name[CONTAINER_NAME], buffer[32768];
	FILE *copy = NULL;
	ptrdiff_t n;

	*rc = container_next(c, name, e);
	if (*rc != 1)
		return NULL;
	copy = memory_check(tmpfile());
	while ((n = container_read(c, buffer, sizeof(buffer), e)) > 0)
		(void)fwrite(buffer, 1, (size_t)n, copy);
	*rc = n < 0 || ferror(copy) != 0 ? -1 : 1;
	rewind(copy);
	return copy;
}

/* A container with payment initiations; a bank's own containers are read by answer_read. */
static int
read_container(struct sepafile *s, const struct pain_read *ours, FILE *in, struct err *e)
{
	struct container *c = container_open(in);
	FILE *member;
	int rc;

	while ((member = take_member(c, &rc, e)) != NULL) {
		s->document++;
		if (rc == 1)
			rc = pain_read(member, ours, e);
		fclose(member);
		if (rc < 0)
			break;
	}
	container_close(c);
	return rc < 0 ? -1 : 0;
}

static int
read_ours(struct sepafile *s, FILE *in, struct err *e)
{
	struct pain_read ours = {s, take_file, take_block, take_transaction};
	char head[4];
	size_t n = fread(head, 1, sizeof(head), in);

	rewind(in);
	if (container_is_one(head, n))
		return read_container(s, &ours, in, e);
	s->document = 1;
	return pain_read(in, &ours, e);
}

int
sepafile_read(FILE *in, sepafile_fn *each, void *ctx, struct err *e)
{
	struct sepafile s = {.each = each, .ctx = ctx};
	struct answer_reader answer = {&s, take_begin, take_status, take_entry, take_contradiction, take_end};
	struct err why = {0};

	if (read_ours(&s, in, e) == 0)
		return 0;
	if (!err_is(e, ERR_UNKNOWN_MESSAGE) && !err_is(e, ERR_MALFORMED_XML))
		return -1;
	rewind(in);
	if (answer_read(in, &answer, &why) == 0) {
		*e = (struct err){0};
		return 0;
	}
	if (!err_is(&why, ERR_UNKNOWN_MESSAGE))
		*e = why;
	else if (!err_is(e, ERR_MALFORMED_XML)) /* else it is a payment initiation that is cut */
		err_set(e, ERR_UNKNOWN_MESSAGE,
		        "is not a pain.001, pain.002, pain.008, camt.052, camt.053 or camt.054");
	return -1;
}

/* Printing ----------------------------------------------------------------------------------------------- */

/* "Z***": the first letter; also of free texts, in which names stand. */
static void
mask_name(char text[static SEPAFILE_TEXT], const char *name)
{
	uint32_t point;
	size_t n = text_next(name, strlen(name), &point);

	snprintf(text, SEPAFILE_TEXT, "%.*s***", (int)n, name);
}

static void
mask_account(char text[static SEPAFILE_TEXT], const char *account)
{
	size_t n = strlen(account);

	if (n < 15)
		snprintf(text, SEPAFILE_TEXT, "***");
	else
		snprintf(text, SEPAFILE_TEXT, "%.4s***%s", account, account + n - 4);
}

static void
print_instant(char text[static SEPAFILE_TEXT], instant at)
{
	char day[DATE_TEXT];
	date on = date_in_paris(at);
	unsigned minutes = (unsigned)((at - date_paris_midnight(on)) / 60000);

	snprintf(text, SEPAFILE_TEXT, "%s %02u:%02u", date_print(day, on), minutes / 60 % 24, minutes % 60);
}

char *
sepafile_print(char text[static SEPAFILE_TEXT], const struct sepafile_field *f, bool unmasked)
{
	char amount[MONEY_TEXT_GROUPED], day[DATE_TEXT];

	switch (f->type) {
	case FIELD_NAME:
	case FIELD_IBAN:
	case FIELD_TEXT:
		if (unmasked || f->type == FIELD_TEXT)
			snprintf(text, SEPAFILE_TEXT, "%s", f->text);
		else if (f->type == FIELD_NAME)
			mask_name(text, f->text);
		else
			mask_account(text, f->text);
		break;
	case FIELD_CENTS:
		snprintf(text, SEPAFILE_TEXT, "%s", money_print_grouped(amount, f->number));
		break;
	case FIELD_COUNT:
		snprintf(text, SEPAFILE_TEXT, "%lld", (long long)f->number);
		break;
	case FIELD_DAY:
		snprintf(text, SEPAFILE_TEXT, "%s", date_print(day, (date)f->number));
		break;
	case FIELD_INSTANT:
		print_instant(text, f->number);
		break;
	}
	return text;
}

void
sepafile_put(struct json *j, const struct sepafile_field *f, bool unmasked)
{
	char text[SEPAFILE_TEXT], at[INSTANT_TEXT];

	if (f->type == FIELD_CENTS || f->type == FIELD_COUNT)
		json_put_int(j, f->name, f->number);
	else if (f->type == FIELD_INSTANT)
		json_put_text(j, f->name, instant_print(at, f->number));
	else
		json_put_text(j, f->name, sepafile_print(text, f, unmasked));
}
