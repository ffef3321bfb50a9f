/* terms: what a bank file and its report are made with, beside its debits: the version of the format, the creditor, and the settings
 * of [bank] and [release]. They are stored with the file: it can be made once more with the same bytes, whatever the configuration
 * has become.
 */
#ifndef CORE_TERMS_H
#define CORE_TERMS_H

#include "formats/pain.h"
#include "stages/core/books/collection.h"
#include "stages/core/engine/config.h"

struct terms {
	enum pain_version version;
	char creditor_name[CONFIG_LINE_MAX], creditor_identifier[36], creditor_iban[35], creditor_bic[12];
	char ultimate_creditor[CONFIG_LINE_MAX], purpose[5]; /* "": none */
	char batch_booking[9], address[11];                  /* as in the configuration */
	char remittance[141];                                /* as it stands on the member's statement */
	/* what its report says of the upload and of the approvals */
	char cutoff[6];
	int lead_target_days, approvals;
	unsigned char config_sha256[SHA256_SIZE]; /* of the whole configuration */
};

/* Those that the configuration has now, for a file of this session. */
void terms_of_now(const struct run *r, int64_t session, struct terms *t);
/* Binds TERMS_PARAMETERS, the values of TERMS_COLUMNS of bank_file. */
#define TERMS_COLUMNS                                                                                       \
	"pain_version, creditor_name, creditor_identifier, creditor_iban, creditor_bic, ultimate_creditor," \
	" batch_booking, address, purpose, remittance, cutoff, lead_target_days, approvals_needed, config_sha256"
#define TERMS_PARAMETERS                                                                                         \
	"$pain, $creditor_name, $identifier, $iban, $bic, $ultimate, $booking, $address, $purpose, $remittance," \
	" $cutoff, $lead, $approvals, $config"
void terms_bind(struct stmt *q, const struct terms *t);
void terms_load(const struct run *r, int64_t file, struct terms *t);

/* What the configuration has changed of the creditor since the file was made: "name", "identifier", "account" or "BIC"; NULL:
 * nothing. */
const char *terms_find_change(const struct run *r, int64_t file);

const char *terms_message(const struct terms *t, enum collection_kind kind); /* pain.008.001.08 */
#endif
