/* items: transactions; see items.h. Members and cards are in items_people.c. */
#include "tests/fakeswan/items.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "tests/fakeswan/dice.h"

/* Names as merchants write them: commas, quotes, line breaks, formulas, unusual spaces, leading zeros. */
static const struct shop shops[] = {
    {"PHARMACIE DES ALPES", "GRENOBLE", "FRA", "38000", "5912", "InStore"},
    {"Opticien \"Clair & Net\", Lyon", "LYON", "FRA", "69002", "8043", "InStore"},
    {"Dr. Zoë Müller-Nuñez", "Saint-Étienne", "FRA", "42000", "8011", "InStore"},
    {"=HYPERLINK(\"http://x.example\")", "PARIS", "FRA", "75009", "5912", "eCommerce"},
    {"CABINET DENTAIRE\nDU PORT", "MARSEILLE", "FRA", "13001", "8021", "InStore"},
    {"Pharmacie\u00A0de\u00A0l'Opéra", "BOURG-EN-BRESSE", "FRA", "01000", "5912", "InStore"},
    {"LENTILLES-EN-LIGNE.EXAMPLE", "AMSTERDAM", "NLD", NULL, "8043", "eCommerceWith3DS"},
    {"💊 Apotheke am Markt 💊", "BERLIN", "DEU", "01067", "5912", "InStore"},
    {"VETERINARY LTD", "LONDON", NULL, NULL, "0742", "InStore"},
    {"+33 TÉLÉCONSULTATION", "", "FRA", "", "8099", "eCommerceWith3DS"},
    {"TABAC, PRESSE, LOTO", "NICE", "FRA", "06000", "5993", "InStore"},
    {"@home soins", "NANTES", "FRA", "44000", "8050", "eCommerce"},
    {"-10% CHAUSSURES\r\nET CIE", "LILLE", "FRA", "59000", "5661", "InStore"},
    {"DAB 00042", "TOULOUSE", "FRA", "31000", "6011", "Withdrawal"},
    {"Φαρμακείο Αθήνα", "Αθήνα", "GRC", "105 57", "5912", "InStore"},
    {"  ESPACE  SANTÉ  ", "ROUEN", "FRA", "76000", "8062", "Other"},
    {"\"\"", "\"", "FRA", "00000", "8031", "InStore"},
    {"LABORATOIRE D'ANALYSES MEDICALES DU GRAND BOULEVARD SELARL", "METZ", "FRA", "57000", "8071", "InStore"},
    {"北京药房", "BEIJING", "CHN", "100000", "5122", "InStore"},
    {"KINÉ;SPORT|TAB\tLÀ", "BREST", "FRA", "29200", "8049", "InStore"},
};

static const char *
side_of(const char *type)
{
	static const char *const credits[] = {"CardOutDebitReversal", "CardOutCredit", "SepaCreditTransferIn",
	                                      "InternalCreditTransferIn"};
	int i;

	for (i = 0; i < (int)LENGTH(credits); i++)
		if (strcmp(type, credits[i]) == 0)
			return "Credit";
	return "Debit";
}

static const char *
branch_of(const char *type)
{
	if (type[0] == 'S')
		return "SEPACreditTransferTransaction";
	if (type[0] == 'F')
		return "FeeTransaction";
	return type[0] == 'I' ? "InternalCreditTransfer" : "CardTransaction";
}

static const char *
status_branch_of(const char *status)
{
	switch (status[0]) {
	case 'B':
		return "BookedTransactionStatusInfo";
	case 'P':
		return "PendingTransactionStatusInfo";
	default:
		return status[2] == 'j' ? "RejectedTransactionStatusInfo" : "ReleasedTransactionStatusInfo";
	}
}

/* Swan may write an amount as "20", "20.0" or "20.00". */
static void
print_amount(char text[static AMOUNT_TEXT], cents amount, int form)
{
	if (form == 0 && amount % 100 == 0)
		snprintf(text, AMOUNT_TEXT, "%" PRId64, amount / 100);
	else if (form < 2 && amount % 10 == 0)
		snprintf(text, AMOUNT_TEXT, "%" PRId64 ".%d", amount / 100, (int)(amount / 10 % 10));
	else
		snprintf(text, AMOUNT_TEXT, "%" PRId64 ".%02d", amount / 100, (int)(amount % 100));
}

/* The instant of the status of version `v`. */
static instant
status_since(const struct transaction *t, const struct version *v)
{
	while (v > t->version && strcmp(v[-1].status, v->status) == 0)
		v--;
	return v->at;
}

static void
fill_card(const struct world *w, const struct transaction *t, struct transaction_item *item)
{
	struct dice d = dice_of(w->seed, FOR_SHOP, t->payment);
	const struct card *c = &w->card[t->card];

	item->has_card = true;
	item->shop =
	    shops[t->payment < 40 ? t->payment % (int)LENGTH(shops) : dice_below(&d, (int)LENGTH(shops))];
	snprintf(item->merchant_id, sizeof(item->merchant_id), "%015d", dice_below(&d, 1 << 30));
	snprintf(item->masked_pan, sizeof(item->masked_pan), "531645******%04d", t->card * 7 % 10000);
	id_print(item->card, c->id);
	id_print(item->membership, w->person[c->owner].id);
	if (strcmp(t->type, "CardOutAuthorization") == 0)
		item->authorization_type = t->version[0].amount == 0 ? "DataRequest"
		                           : t->is_pre               ? "PreAuthorization"
		                                                     : "Classic";
	item->original_currency = t->is_foreign ? "GBP" : "EUR";
	print_amount(item->original_amount, t->is_foreign ? item->cents * 86 / 100 : item->cents,
	             dice_below(&d, 3));
	item->counterparty = item->shop.name;
	item->label = dice_below(&d, 9) == 0 ? "Paiement n° 007, \"santé\"" : item->shop.name;
}

static void
fill_other(struct transaction_item *item)
{
	switch (item->type[0]) {
	case 'S':
		item->counterparty = "M. Jean-François D'Été, \"JF\"";
		item->label = "=Remboursement Alan Pay\n2e ligne";
		item->external_reference = "000123, NOTPROVIDED";
		break;
	case 'F':
		item->counterparty = "Swan";
		item->label = "Card subscription fee";
		break;
	default:
		item->counterparty = "Swan";
		item->label = "Chargeback won";
	}
}

/* Applies the faults `enums`, `nomerchant` and those of amounts to their transactions. */
static void
spoil(const struct world *w, const struct transaction *t, struct transaction_item *item)
{
	static const struct {
		enum fault fault;
		const char *amount, *currency;
	} amounts[] = {
	    {FAULT_DECIMALS, "1.005", "EUR"}, {FAULT_USD, "20.00", "USD"},
	    {FAULT_EXPONENT, "1e3", "EUR"},   {FAULT_COMMA, "1,50", "EUR"},
	    {FAULT_NEGATIVE, "-1.00", "EUR"},
	};
	int i;

	for (i = 0; i < (int)LENGTH(amounts); i++) {
		if (!fault_is(&w->faults, amounts[i].fault, t->number + 1))
			continue;
		text_copy(item->amount, sizeof(item->amount), amounts[i].amount);
		item->currency = amounts[i].currency;
		item->is_held = true;
	}
	if (fault_is(&w->faults, FAULT_NOMERCHANT, t->number + 1))
		item->has_card = false;
	if (!fault_is(&w->faults, FAULT_ENUMS, t->number + 1))
		return;
	if (item->reason != NULL && t->number % 2 == 0) {
		item->reason = "SomethingNew";
	} else if (t->number % 3 == 0) {
		item->type = "CardOutSomethingNew";
	} else {
		item->status = "Escalated";
		item->status_branch = "EscalatedTransactionStatusInfo";
	}
}

void
item_transaction(const struct world *w, int index, instant now, struct transaction_item *item)
{
	const struct transaction *t = &w->transaction[index];
	const struct version *v = version_at(t, now);
	struct dice d = dice_of(w->seed, FOR_TEXT, t->number);

	*item = (struct transaction_item){
	    .type = t->type, .side = side_of(t->type), .branch = branch_of(t->type)};
	item->status = v->status;
	item->status_branch = status_branch_of(v->status);
	item->reason = v->reason;
	item->cents = v->amount;
	item->currency = "EUR";
	print_amount(item->amount, v->amount, dice_below(&d, 3));
	item->created_at = t->created_at;
	item->updated_at = transaction_updated(t, now);
	item->execution_at = t->created_at - dice_below(&d, (int)HOUR_MS);
	item->since = status_since(t, v);
	item->pending_end_at = t->created_at + (t->is_pre ? 30 : 10) * DAY_MS;
	id_print(item->id, t->id);
	id_print(item->payment, id_of(w, "payment", t->payment));
	if (t->origin >= 0)
		id_print(item->origin, id_of(w, "transaction", t->origin));
	id_print(item->account, id_of(w, "account", 0));
	snprintf(item->reference, sizeof(item->reference), "%012d", dice_below(&d, 1 << 30));
	if (t->card >= 0)
		fill_card(w, t, item);
	else
		fill_other(item);
	spoil(w, t, item);
}
