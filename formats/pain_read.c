/* pain_read: see pain_read.h. An element is known by its path of local names below the message. */
#include <stddef.h>
#include <string.h>

#include "formats/iso20022.h"
#include "formats/length.h"
#include "formats/pain_read.h"
#include "formats/text.h"
#include "formats/xml.h"

struct pain_reading {
	const struct pain_read *to;
	struct xml_reader x;
	size_t below; /* length of "Document/CstmrDrctDbtInitn/" */
	bool in_message, file_is_reported, block_is_reported, in_transaction, is_euro;
	const char *element; /* DrctDbtTxInf or CdtTrfTxInf */
	struct pain_read_file file;
	struct pain_read_block block;
	struct pain_read_transaction transaction;
};

enum pain_read_kind { READ_ID, READ_TEXT, READ_COUNT, READ_SUM, READ_AMOUNT, READ_DAY, READ_INSTANT };

struct pain_read_field {
	const char *path; /* of a transaction: below it */
	enum pain_read_kind kind;
	size_t offset, size;
};

#define READ_FIELD(of, path, kind, member)                                                   \
	{                                                                                    \
		path, kind, offsetof(struct of, member), sizeof(((struct of *)NULL)->member) \
	}
#define FILE_FIELD(path, kind, member)        READ_FIELD(pain_read_file, path, kind, member)
#define BLOCK_FIELD(path, kind, member)       READ_FIELD(pain_read_block, path, kind, member)
#define TRANSACTION_FIELD(path, kind, member) READ_FIELD(pain_read_transaction, path, kind, member)

static const struct pain_read_field file_fields[] = {
    FILE_FIELD("GrpHdr/MsgId", READ_ID, msg_id),
    FILE_FIELD("GrpHdr/CreDtTm", READ_INSTANT, created_at),
    FILE_FIELD("GrpHdr/NbOfTxs", READ_COUNT, count),
    FILE_FIELD("GrpHdr/CtrlSum", READ_SUM, sum),
    FILE_FIELD("GrpHdr/InitgPty/Nm", READ_TEXT, initiating_party),
    {0},
};

/* Ours is the creditor of debits, and the debtor of transfers. */
static const struct pain_read_field debit_block_fields[] = {
    BLOCK_FIELD("PmtInf/PmtInfId", READ_ID, payment_information_id),
    BLOCK_FIELD("PmtInf/BtchBookg", READ_TEXT, batch_booking),
    BLOCK_FIELD("PmtInf/NbOfTxs", READ_COUNT, count),
    BLOCK_FIELD("PmtInf/CtrlSum", READ_SUM, sum),
    BLOCK_FIELD("PmtInf/PmtTpInf/SeqTp", READ_TEXT, sequence_type),
    BLOCK_FIELD("PmtInf/ReqdColltnDt", READ_DAY, on),
    BLOCK_FIELD("PmtInf/Cdtr/Nm", READ_TEXT, name),
    BLOCK_FIELD("PmtInf/CdtrAcct/Id/IBAN", READ_TEXT, iban),
    BLOCK_FIELD("PmtInf/CdtrAgt/FinInstnId/BIC", READ_TEXT, bic),
    BLOCK_FIELD("PmtInf/CdtrAgt/FinInstnId/BICFI", READ_TEXT, bic),
    BLOCK_FIELD("PmtInf/CdtrSchmeId/Id/PrvtId/Othr/Id", READ_ID, creditor_identifier),
    {0},
};

static const struct pain_read_field transfer_block_fields[] = {
    BLOCK_FIELD("PmtInf/PmtInfId", READ_ID, payment_information_id),
    BLOCK_FIELD("PmtInf/BtchBookg", READ_TEXT, batch_booking),
    BLOCK_FIELD("PmtInf/NbOfTxs", READ_COUNT, count),
    BLOCK_FIELD("PmtInf/CtrlSum", READ_SUM, sum),
    BLOCK_FIELD("PmtInf/ReqdExctnDt", READ_DAY, on),
    BLOCK_FIELD("PmtInf/ReqdExctnDt/Dt", READ_DAY, on),
    BLOCK_FIELD("PmtInf/ReqdExctnDt/DtTm", READ_DAY, on),
    BLOCK_FIELD("PmtInf/Dbtr/Nm", READ_TEXT, name),
    BLOCK_FIELD("PmtInf/DbtrAcct/Id/IBAN", READ_TEXT, iban),
    BLOCK_FIELD("PmtInf/DbtrAgt/FinInstnId/BIC", READ_TEXT, bic),
    BLOCK_FIELD("PmtInf/DbtrAgt/FinInstnId/BICFI", READ_TEXT, bic),
    {0},
};

static const struct pain_read_field debit_fields[] = {
    TRANSACTION_FIELD("PmtId/EndToEndId", READ_ID, end_to_end_id),
    TRANSACTION_FIELD("PmtId/InstrId", READ_ID, instruction_id),
    TRANSACTION_FIELD("InstdAmt", READ_AMOUNT, amount),
    TRANSACTION_FIELD("DrctDbtTx/MndtRltdInf/MndtId", READ_ID, mandate_reference),
    TRANSACTION_FIELD("DrctDbtTx/MndtRltdInf/DtOfSgntr", READ_DAY, signed_on),
    TRANSACTION_FIELD("DrctDbtTx/MndtRltdInf/AmdmntInd", READ_TEXT, amended),
    TRANSACTION_FIELD("Dbtr/Nm", READ_TEXT, name),
    TRANSACTION_FIELD("DbtrAcct/Id/IBAN", READ_TEXT, iban),
    TRANSACTION_FIELD("DbtrAgt/FinInstnId/BIC", READ_TEXT, bic),
    TRANSACTION_FIELD("DbtrAgt/FinInstnId/BICFI", READ_TEXT, bic),
    TRANSACTION_FIELD("Purp/Cd", READ_TEXT, purpose),
    TRANSACTION_FIELD("RmtInf/Ustrd", READ_TEXT, remittance),
    TRANSACTION_FIELD("RmtInf/Strd/CdtrRefInf/Ref", READ_TEXT, remittance),
    {0},
};

static const struct pain_read_field transfer_fields[] = {
    TRANSACTION_FIELD("PmtId/EndToEndId", READ_ID, end_to_end_id),
    TRANSACTION_FIELD("PmtId/InstrId", READ_ID, instruction_id),
    TRANSACTION_FIELD("Amt/InstdAmt", READ_AMOUNT, amount),
    TRANSACTION_FIELD("Cdtr/Nm", READ_TEXT, name),
    TRANSACTION_FIELD("CdtrAcct/Id/IBAN", READ_TEXT, iban),
    TRANSACTION_FIELD("CdtrAgt/FinInstnId/BIC", READ_TEXT, bic),
    TRANSACTION_FIELD("CdtrAgt/FinInstnId/BICFI", READ_TEXT, bic),
    TRANSACTION_FIELD("Purp/Cd", READ_TEXT, purpose),
    TRANSACTION_FIELD("RmtInf/Ustrd", READ_TEXT, remittance),
    TRANSACTION_FIELD("RmtInf/Strd/CdtrRefInf/Ref", READ_TEXT, remittance),
    {0},
};

/* The first problem of a record is kept. */
static void
note(char problem[static 100], const char *path, const char *why)
{
	const char *element = strrchr(path, '/');

	if (problem[0] == '\0')
		snprintf(problem, 100, "%s %s", element == NULL ? path : element + 1, why);
}

/* "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08" */
static void
find_name(struct pain_reading *r)
{
	const char *name = strstr(r->x.root_namespace, "pain.");

	if (name == NULL || text_copy(r->file.name_id, sizeof(r->file.name_id), name) < 0)
		text_copy(r->file.name_id, sizeof(r->file.name_id),
		          r->file.is_debit ? "pain.008" : "pain.001");
}

static int
start_message(struct pain_reading *r, const char *path, struct err *e)
{
	static const char *const elements[] = {"CstmrCdtTrfInitn", "CstmrDrctDbtInitn"};
	const char *element = strrchr(path, '/');
	size_t i;

	if (element == NULL)
		return 0;
	for (i = 0; i < LENGTH(elements); i++)
		if (strcmp(element + 1, elements[i]) == 0)
			break;
	if (i == LENGTH(elements))
		return err_set(e, ERR_UNKNOWN_MESSAGE, "the document is not a pain.008 or a pain.001");
	r->in_message = true;
	r->below = strlen(path) + 1;
	r->file.is_debit = i == 1;
	r->element = r->file.is_debit ? "PmtInf/DrctDbtTxInf" : "PmtInf/CdtTrfTxInf";
	r->file.line = r->x.line;
	find_name(r);
	return 0;
}

static int
report_file(struct pain_reading *r, struct err *e)
{
	if (r->file_is_reported)
		return 0;
	r->file_is_reported = true;
	return r->to->file(r->to->ctx, &r->file, e);
}

static int
report_block(struct pain_reading *r, struct err *e)
{
	if (r->block_is_reported)
		return 0;
	r->block_is_reported = true;
	return r->to->block(r->to->ctx, &r->block, e);
}

static int
pain_read_begin(void *ctx, const char *path, struct xml_reader *x, struct err *e)
{
	struct pain_reading *r = ctx;
	const char *currency;

	if (!r->in_message)
		return start_message(r, path, e);
	path += r->below;
	if (strcmp(path, "PmtInf") == 0) {
		r->block = (struct pain_read_block){.count = -1, .sum = -1, .on = DATE_NONE, .line = x->line};
		r->block_is_reported = false;
		return report_file(r, e);
	}
	if (strcmp(path, r->element) == 0) {
		r->transaction =
		    (struct pain_read_transaction){.amount = -1, .signed_on = DATE_NONE, .line = x->line};
		r->in_transaction = true;
		return report_block(r, e);
	}
	if (r->in_transaction && strstr(path, "/InstdAmt") != NULL) {
		currency = xml_attribute(x, "Ccy");
		r->is_euro = currency != NULL && strcmp(currency, "EUR") == 0;
	}
	return 0;
}

/* Where a value that is not valid was noted, the member keeps its "absent". */
static void
take(struct pain_reading *r, const struct pain_read_field *f, void *record, char problem[static 100],
     const char *text)
{
	void *member = (char *)record + f->offset;
	struct err why = {0};
	int rc = 0;

	switch (f->kind) {
	case READ_ID:
		rc = text_copy(member, f->size, text);
		if (rc < 0)
			err_set(&why, ERR_BAD_FIELD, "has more than %zu characters", f->size - 1);
		break;
	case READ_TEXT:
		text_cut(member, f->size, text);
		break;
	case READ_COUNT:
		rc = iso_count(text, member, &why);
		break;
	case READ_SUM:
		rc = iso_euros(text, NULL, member, &why);
		break;
	case READ_AMOUNT:
		rc = iso_euros(text, r->is_euro ? "EUR" : "", member, &why);
		break;
	case READ_DAY:
		rc = iso_date(text, member, &why);
		break;
	case READ_INSTANT:
		rc = iso_instant(text, member, &why);
		break;
	}
	if (rc < 0)
		note(problem, f->path, why.message);
}

static const struct pain_read_field *
find_field(const struct pain_read_field *f, const char *path)
{
	for (; f->path != NULL; f++)
		if (strcmp(f->path, path) == 0)
			return f;
	return NULL;
}

/* The path of a choice ends with text only in its last element: "ReqdExctnDt" has none when it has a Dt. */
static void
take_field(struct pain_reading *r, const struct pain_read_field *fields, const char *path, void *record,
           char problem[static 100], const char *text)
{
	const struct pain_read_field *f = find_field(fields, path);

	if (f != NULL && !(text[0] == '\0' && f->kind == READ_DAY))
		take(r, f, record, problem, text);
}

static int
end_transaction(struct pain_reading *r, struct err *e)
{
	r->in_transaction = false;
	if (r->transaction.amount < 0)
		note(r->transaction.problem, "InstdAmt", "is missing");
	if (r->transaction.end_to_end_id[0] == '\0')
		note(r->transaction.problem, "EndToEndId", "is missing");
	return r->to->transaction(r->to->ctx, &r->transaction, e);
}

static int
pain_read_end(void *ctx, const char *path, const char *text, struct err *e)
{
	struct pain_reading *r = ctx;
	size_t n;

	if (!r->in_message || strlen(path) < r->below)
		return r->in_message ? report_file(r, e) : 0;
	path += r->below;
	n = strlen(r->element);
	if (!r->in_transaction && strcmp(path, "PmtInf") == 0)
		return report_block(r, e);
	if (!r->in_transaction) {
		take_field(r, file_fields, path, &r->file, r->file.problem, text);
		take_field(r, r->file.is_debit ? debit_block_fields : transfer_block_fields, path, &r->block,
		           r->block.problem, text);
		return 0;
	}
	if (strcmp(path, r->element) == 0)
		return end_transaction(r, e);
	if (strncmp(path, r->element, n) == 0 && path[n] == '/')
		take_field(r, r->file.is_debit ? debit_fields : transfer_fields, path + n + 1,
		           &r->transaction, r->transaction.problem, text);
	return 0;
}

int
pain_read(FILE *in, const struct pain_read *g, struct err *e)
{
	struct pain_reading r = {
	    .to = g, .file = {.created_at = INSTANT_NONE, .count = -1, .sum = -1}, .block_is_reported = true};

	r.x = (struct xml_reader){.ctx = &r, .begin = pain_read_begin, .end = pain_read_end};
	if (xml_read(in, 0, &r.x, e) != 0)
		return -1;
	return r.in_message ? 0
	                    : err_set(e, ERR_UNKNOWN_MESSAGE, "the document is not a pain.008 or a pain.001");
}
