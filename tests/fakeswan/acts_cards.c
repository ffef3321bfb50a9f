/* acts_cards: cards, consents, the numbers of a card; see acts.h. */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "tests/fakeswan/acts.h"

#define LOOKS     2 /* at a card or consent until it is ready */
#define SIGNATURE 64
#define PART      512 /* bytes of a part of a token */

/* Cards ------------------------------------------------------------------------------------------------------ */

static void
put_card(struct play *p, int card)
{
	char id[ID_TEXT], branch[64];
	const struct card *c = &p->w->card[card];
	const char *status = life_status(&c->life, p->now);

	json_open(&p->j, "card", '{');
	json_put_text(&p->j, "id", id_print(id, c->id));
	json_open(&p->j, "statusInfo", '{');
	snprintf(branch, sizeof(branch), "Card%sStatusInfo", status);
	json_put_text(&p->j, "__typename", branch);
	json_put_text(&p->j, "status", status);
	if (strcmp(status, "ConsentPending") == 0)
		play_put_consent(p, c->consent);
	json_close(&p->j, '}');
	json_close(&p->j, '}');
}

/* From the member of the variables that describes it. */
static void
fill_card(struct play *p, struct card *c, const char *input)
{
	static const char *const options[] = {"withdrawal", "international", "nonMainCurrencyTransactions",
	                                      "eCommerce"};
	char path[96];
	struct err e;
	size_t i;

	for (i = 0; i < LENGTH(options); i++) {
		snprintf(path, sizeof(path), "%s.%s", input, options[i]);
		if (json_at(p->v, path) == NULL || json_bool(p->v, path, &c->options[i], &e) != 0)
			exchange_violate(p->x, "%s is absent", path);
	}
	snprintf(path, sizeof(path), "%s.name", input);
	text_copy(c->name, sizeof(c->name), play_text(p, path));
	snprintf(path, sizeof(path), "%s.spendingLimit.period", input);
	text_copy(c->period, sizeof(c->period), play_text(p, path));
	snprintf(path, sizeof(path), "%s.spendingLimit.amount.value", input);
	text_copy(c->limit, sizeof(c->limit), play_text(p, path));
}

static int
add_card(struct play *p, int person, const char *input)
{
	int i = people_add_card(p->w, person, "ConsentPending", p->now);

	fill_card(p, &p->w->card[i], input);
	p->w->card[i].looks = play_fault(p, FAULT_NEVERENABLED) ? -1 : LOOKS;
	p->w->card[i].consent = play_add_consent(p, "AddCard", i);
	return i;
}

void
act_add_card(struct play *p)
{
	int person = play_find_person(p->w, play_text(p, "input.accountMembershipId")), i;

	if (play_text(p, "input.consentRedirectUrl")[0] == '\0')
		exchange_violate(p->x, "consentRedirectUrl is absent");
	if (play_fault(p, FAULT_FORBIDDEN) || person < 0) {
		play_reject(p, "ForbiddenRejection", "This card may not be added");
	} else if (strcmp(life_status(&p->w->person[person].life, p->now), "Disabled") == 0) {
		play_reject(p, "AccountMembershipNotAllowedRejection", "The membership is disabled");
	} else {
		i = add_card(p, person, "input");
		play_open(p, "AddCardSuccessPayload");
		put_card(p, i);
		play_close(p);
	}
}

/* Of the one card in the list. */
void
act_add_cards(struct play *p)
{
	const struct json_value *cards = json_at(p->v, "input.cards");
	const struct json_value *whole = p->v;
	int person, i;

	if (cards == NULL || cards->child == NULL || cards->child->next != NULL) {
		play_reject(p, "ValidationRejection", "fakeswan adds one card at a time");
		return;
	}
	p->v = cards;
	person =
	    play_find_person(p->w, cards->child->child == NULL ? "" : play_text(p, "accountMembershipId"));
	p->v = whole;
	if (person < 0) {
		play_reject(p, "ForbiddenRejection", "This card may not be added");
		return;
	}
	i = people_add_card(p->w, person, "ConsentPending", p->now);
	p->w->card[i].looks = LOOKS;
	p->w->card[i].consent = play_add_consent(p, "AddCards", i);
	play_open(p, "AddCardsSuccessPayload");
	play_put_consent(p, p->w->card[i].consent);
	play_close(p);
}

void
act_update_card(struct play *p)
{
	int i = play_find_card(p->w, play_text(p, "input.cardId"));

	if (i < 0) {
		play_reject(p, "CardNotFoundRejection", "There is no such card");
		return;
	}
	play_open(p, "UpdateCardSuccessPayload");
	play_put_consent(p, play_add_consent(p, "UpdateCard", i));
	play_close(p);
}

void
act_cancel_card(struct play *p)
{
	int i = play_find_card(p->w, play_text(p, "id"));

	p->fails = play_fault(p, FAULT_CANCELFAILS);
	if (p->fails) {
		json_put_null(&p->j, p->x->field);
		return;
	}
	if (i < 0) {
		play_reject(p, "CardNotFoundRejection", "There is no such card");
		return;
	}
	if (play_fault(p, FAULT_UNCANCELED)) {
		play_reject(p, "ForbiddenRejection", "This card may not be canceled");
		return;
	}
	if (strcmp(life_status(&p->w->card[i].life, p->now), "Canceled") != 0)
		life_change(p->w, &p->w->card[i].life, "Canceled", p->now);
	play_open(p, "CancelCardSuccessPayload");
	put_card(p, i);
	play_close(p);
}

/* Consents --------------------------------------------------------------------------------------------------- */

static int
find_consent(struct play *p)
{
	const char *asked = play_text(p, "id");
	char id[ID_TEXT];
	int i = p->w->consents - 1;

	while (i >= 0 && strcmp(id_print(id, p->w->consent[i].id), asked) != 0)
		i--;
	return i;
}

static void
print_challenge(const struct world *w, int consent, char text[static ID_TEXT])
{
	id_print(text, id_of(w, "quiz", consent));
}

/* What waited for the consent goes on. */
static void
accept_consent(struct play *p, struct consent *c)
{
	c->status = "Accepted";
	if (strcmp(c->purpose, "AddCard") == 0 || strcmp(c->purpose, "AddCards") == 0)
		life_change(p->w, &p->w->card[c->subject].life, "Processing", p->now);
	else if (strcmp(c->purpose, "AddAccountMembership") == 0)
		life_change(p->w, &p->w->person[c->subject].life, "InvitationSent", p->now);
	else if (strcmp(c->purpose, "ResumeAccountMembership") == 0)
		life_change(p->w, &p->w->person[c->subject].life, "Enabled", p->now);
}

void
act_look_at_consent(struct play *p)
{
	int i = find_consent(p);
	char id[ID_TEXT], challenge[ID_TEXT];
	struct consent *c;

	if (i < 0) {
		json_put_null(&p->j, p->x->field);
		return;
	}
	c = &p->w->consent[i];
	if (strcmp(c->status, "OperationCommitting") == 0 && --c->looks <= 0)
		accept_consent(p, c);
	print_challenge(p->w, i, challenge);
	play_open(p, "Consent");
	json_put_text(&p->j, "id", id_print(id, c->id));
	json_put_text(&p->j, "status", c->status);
	json_put_text(&p->j, "purpose", c->purpose);
	json_put_text(&p->j, "challenge", challenge);
	play_close(p);
}

/* A part of a token; how many bytes, -1 when it is not base64url. */
static int
decode(const char *text, size_t n, unsigned char bytes[static PART])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	unsigned bits = 0;
	int left = 0, used = 0;
	size_t i;

	for (i = 0; i < n && used < PART - 1; i++) {
		const char *at = strchr(digits, text[i]);

		if (at == NULL || text[i] == '\0')
			return -1;
		bits = bits << 6 | (unsigned)(at - digits);
		left += 6;
		if (left >= 8)
			bytes[used++] = (unsigned char)(bits >> (left -= 8));
	}
	bytes[used] = '\0';
	return i == n ? used : -1;
}

static bool
verify(const char *pem, const char *text, size_t n, const unsigned char signature[static SIGNATURE])
{
	BIO *in = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	ECDSA_SIG *pair = ECDSA_SIG_new();
	unsigned char *der = NULL;
	int length;
	bool good;

	ECDSA_SIG_set0(pair, BN_bin2bn(signature, SIGNATURE / 2, NULL),
	               BN_bin2bn(signature + SIGNATURE / 2, SIGNATURE / 2, NULL));
	length = i2d_ECDSA_SIG(pair, &der);
	good = key != NULL && length > 0 && EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, key) == 1 &&
	       EVP_DigestVerify(c, der, (size_t)length, (const unsigned char *)text, n) == 1;
	OPENSSL_free(der);
	ECDSA_SIG_free(pair);
	EVP_MD_CTX_free(c);
	EVP_PKEY_free(key);
	BIO_free(in);
	return good;
}

/* Header, challenge and signature, as RFC 7515 and RFC 7518 have them. */
static bool
is_signed(struct play *p, int consent, const char *token)
{
	const char *second = strchr(token, '.'), *third = second == NULL ? NULL : strchr(second + 1, '.');
	unsigned char part[PART];
	char challenge[ID_TEXT], wanted[PART];

	if (third == NULL || decode(token, (size_t)(second - token), part) < 0 ||
	    strstr((char *)part, "\"ES256\"") == NULL ||
	    decode(second + 1, (size_t)(third - second - 1), part) < 0)
		return false;
	print_challenge(p->w, consent, challenge);
	snprintf(wanted, sizeof(wanted), "{\"challenge\":\"%s\"}", challenge);
	return strcmp((char *)part, wanted) == 0 && decode(third + 1, strlen(third + 1), part) == SIGNATURE &&
	       (p->x->api->public_key == NULL ||
	        verify(p->x->api->public_key, token, (size_t)(third - token), part));
}

static void
put_granted(struct play *p, const char *type, int consent)
{
	play_open(p, type);
	play_put_consent(p, consent);
	play_close(p);
}

void
act_grant(struct play *p)
{
	int i = find_consent(p);

	if (i < 0) {
		play_reject(p, "ConsentNotFoundRejection", "There is no such consent");
	} else if (!is_signed(p, i, play_text(p, "signature"))) {
		play_reject(p, "ServerConsentSignatureNotValidRejection", "The signature is not valid");
	} else if (strcmp(p->w->consent[i].status, "Created") != 0) {
		play_reject(p, "NotReachableConsentStatusRejection", "The consent is not open");
	} else {
		p->w->consent[i].status = play_fault(p, FAULT_REFUSED)          ? "CustomerRefused"
		                          : play_fault(p, FAULT_EXPIREDCONSENT) ? "Expired"
		                                                                : "OperationCommitting";
		p->w->consent[i].looks = LOOKS;
		put_granted(p, "GrantConsentWithServerSignatureSuccessPayload", i);
	}
}

void
act_accept(struct play *p)
{
	int i = find_consent(p);

	if (i < 0) {
		play_reject(p, "ConsentNotFoundRejection", "There is no such consent");
	} else if (play_fault(p, FAULT_SCA)) {
		play_reject(p, "AcceptConsentNotAllowedForConsentPurposeRejection", "A person must consent");
	} else if (strcmp(p->w->consent[i].user, p->user) != 0) {
		play_reject(p, "OperationNotAllowedRejection", "The consent is another person's");
	} else {
		accept_consent(p, &p->w->consent[i]);
		put_granted(p, "AcceptConsentSuccessPayload", play_fault(p, FAULT_NULLCONSENT) ? -1 : i);
	}
}

/* The numbers of a card ---------------------------------------------------------------------------------------- */

static bool
is_holder(const struct play *p, const struct card *c)
{
	const struct person *m = &p->w->person[c->owner];
	char id[ID_TEXT];

	return strcmp(id_print(id, m->is_added && m->user >= 0 ? p->w->user[m->user].id
	                                                       : id_of(p->w, "holder", c->owner)),
	              p->user) == 0;
}

void
act_view_numbers(struct play *p)
{
	int i = play_find_card(p->w, play_text(p, "id"));

	if (i < 0 || strcmp(life_status(&p->w->card[i].life, p->now), "Enabled") != 0)
		play_reject(p, "CardNotFoundRejection", "There is no such card");
	else if (!is_holder(p, &p->w->card[i]))
		play_reject(p, "UserNotCardHolderRejection", "This person does not hold the card");
	else
		put_granted(p, "ViewCardNumbersSuccessPayload", play_add_consent(p, "ViewCardNumbers", i));
}

void
act_numbers(struct play *p)
{
	int i = find_consent(p);
	struct consent *c = i < 0 ? NULL : &p->w->consent[i];
	char id[ID_TEXT], url[128];

	if (c == NULL || strcmp(c->purpose, "ViewCardNumbers") != 0 || strcmp(c->status, "Accepted") != 0 ||
	    strcmp(c->user, p->user) != 0) {
		play_reject(p, "ForbiddenRejection", "There is no such consent");
		return;
	}
	if (c->is_used) {
		play_reject(p, "CardSensitiveInfoNoLongerAvailableRejection", "It was shown before");
		return;
	}
	c->is_used = true;
	id_print(id, p->w->card[c->subject].id);
	play_open(p, "ViewCardNumbersWithConsentSuccessPayload");
	snprintf(url, sizeof(url), "https://fakeswan.example/secret-pan/%s", id);
	json_put_text(&p->j, "panIframeUrl", url);
	snprintf(url, sizeof(url), "https://fakeswan.example/secret-expiry/%s", id);
	json_put_text(&p->j, "expiryDateIframeUrl", url);
	snprintf(url, sizeof(url), "https://fakeswan.example/secret-cvv/%s", id);
	json_put_text(&p->j, "cvvIframeUrl", url);
	json_put_text(&p->j, "cardholderName", "SECRET HOLDER");
	play_close(p);
}
