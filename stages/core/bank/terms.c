/* terms: see terms.h. */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/core/bank/terms.h"
#include "stages/core/engine/log.h"

static const char *const versions[] = {[PAIN_2019] = "08", [PAIN_2009] = "02"};

/* The text on the member's statement, converted, with the period of the session. */
static void
set_remittance(const struct run *r, int64_t session, char text[141])
{
	struct stmt *q = sql(r->db, "SELECT period_end_on FROM session WHERE number = $number");
	char period[DATE_TEXT] = "";
	struct err e = {0};

	bind_int(q, "$number", session);
	while (row(q))
		snprintf(period, sizeof(period), "%.7s", col_text(q, 0));
	if (config_remittance(r->config, period, text, &e) < 0)
		die(EXIT_CONFIG, "remittance in [recovery]: %s", e.message);
}

static void
set(const struct run *r, enum config_key key, char *text, size_t size)
{
	if (text_copy(text, size, config_text(r->config, key)) < 0)
		die(EXIT_CONFIG,
		    "a value of [creditor] or [bank] is too long: run `alanpay config validate`");
}

void
terms_of_now(const struct run *r, int64_t session, struct terms *t)
{
	*t = (struct terms){
	    .version = strcmp(config_text(r->config, BANK_PAIN_VERSION), "02") == 0 ? PAIN_2009 : PAIN_2019};
	set(r, CREDITOR_NAME, t->creditor_name, sizeof(t->creditor_name));
	set(r, CREDITOR_IDENTIFIER, t->creditor_identifier, sizeof(t->creditor_identifier));
	set(r, CREDITOR_IBAN, t->creditor_iban, sizeof(t->creditor_iban));
	set(r, CREDITOR_BIC, t->creditor_bic, sizeof(t->creditor_bic));
	set(r, CREDITOR_ULTIMATE_CREDITOR, t->ultimate_creditor, sizeof(t->ultimate_creditor));
	set(r, BANK_BATCH_BOOKING, t->batch_booking, sizeof(t->batch_booking));
	set(r, BANK_ADDRESS, t->address, sizeof(t->address));
	if (strcmp(config_text(r->config, BANK_PURPOSE), "none") != 0)
		set(r, BANK_PURPOSE, t->purpose, sizeof(t->purpose));
	set_remittance(r, session, t->remittance);
	set(r, BANK_CUTOFF, t->cutoff, sizeof(t->cutoff));
	t->lead_target_days = (int)config_int(r->config, BANK_LEAD_TARGET_DAYS);
	t->approvals = (int)config_int(r->config, RELEASE_APPROVALS);
	memcpy(t->config_sha256, config_sha256(r->config), SHA256_SIZE);
}

void
terms_bind(struct stmt *q, const struct terms *t)
{
	bind_text(q, "$pain", versions[t->version]);
	bind_text(q, "$creditor_name", t->creditor_name);
	bind_text(q, "$identifier", t->creditor_identifier);
	bind_text(q, "$iban", t->creditor_iban);
	bind_text(q, "$bic", text_or_null(t->creditor_bic));
	bind_text(q, "$ultimate", text_or_null(t->ultimate_creditor));
	bind_text(q, "$booking", t->batch_booking);
	bind_text(q, "$address", t->address);
	bind_text(q, "$purpose", text_or_null(t->purpose));
	bind_text(q, "$remittance", t->remittance);
	bind_text(q, "$cutoff", t->cutoff);
	bind_int(q, "$lead", t->lead_target_days);
	bind_int(q, "$approvals", t->approvals);
	bind_blob(q, "$config", t->config_sha256, SHA256_SIZE);
}

void
terms_load(const struct run *r, int64_t file, struct terms *t)
{
	struct stmt *q = sql(r->db,
	    "SELECT pain_version, creditor_name, creditor_identifier, creditor_iban,"
	    "  coalesce(creditor_bic, ''), coalesce(ultimate_creditor, ''), batch_booking, address,"
	    "  coalesce(purpose, ''), remittance, cutoff, lead_target_days, approvals_needed, config_sha256"
	    " FROM bank_file"
	    " WHERE number = $file");
	size_t n;

	bind_int(q, "$file", file);
	if (!row(q))
		die(EXIT_BUG, "bank file %lld does not exist", (long long)file);
	*t = (struct terms){.version = (enum pain_version)col_word(q, 0, versions, (int)LENGTH(versions))};
	col_copy(q, 1, t->creditor_name, sizeof(t->creditor_name));
	col_copy(q, 2, t->creditor_identifier, sizeof(t->creditor_identifier));
	col_copy(q, 3, t->creditor_iban, sizeof(t->creditor_iban));
	col_copy(q, 4, t->creditor_bic, sizeof(t->creditor_bic));
	col_copy(q, 5, t->ultimate_creditor, sizeof(t->ultimate_creditor));
	col_copy(q, 6, t->batch_booking, sizeof(t->batch_booking));
	col_copy(q, 7, t->address, sizeof(t->address));
	col_copy(q, 8, t->purpose, sizeof(t->purpose));
	col_copy(q, 9, t->remittance, sizeof(t->remittance));
	col_copy(q, 10, t->cutoff, sizeof(t->cutoff));
	t->lead_target_days = (int)col_int(q, 11);
	t->approvals = (int)col_int(q, 12);
	memcpy(t->config_sha256, col_blob(q, 13, &n), SHA256_SIZE);
	reset(q);
}

const char *
terms_message(const struct terms *t, enum collection_kind kind)
{
	static const char *const messages[][2] = {
	    [PAIN_2019] = {[COLLECTION_DEBIT] = "pain.008.001.08", [COLLECTION_REFUND] = "pain.001.001.09"},
	    [PAIN_2009] = {[COLLECTION_DEBIT] = "pain.008.001.02", [COLLECTION_REFUND] = "pain.001.001.03"},
	};

	return messages[t->version][kind];
}

const char *
terms_find_change(const struct run *r, int64_t file)
{
	static const char *const words[] = {"name", "identifier", "account", "BIC"};
	static const enum config_key keys[] = {CREDITOR_NAME, CREDITOR_IDENTIFIER, CREDITOR_IBAN,
	                                       CREDITOR_BIC};
	struct terms t;
	const char *const frozen[] = {t.creditor_name, t.creditor_identifier, t.creditor_iban,
	                              t.creditor_bic};
	size_t i;

	terms_load(r, file, &t);
	for (i = 0; i < LENGTH(keys); i++)
		if (strcmp(frozen[i], config_text(r->config, keys[i])) != 0)
			return words[i];
	return NULL;
}
