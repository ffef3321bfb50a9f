/* capture_config: see capture.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/iban.h"
#include "formats/length.h"
#include "stages/commands/capture.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/log.h"

/* What is left out beside addresses and files, and what says who somebody is; the other keys are kept. */
static const struct {
	enum config_key key;
	bool is_left_out;
	enum disguise_kind holds;
} keys[] = {
    {CREDITOR_NAME, false, DISGUISE_NAME},
    {CREDITOR_IDENTIFIER, false, DISGUISE_CREDITOR},
    {CREDITOR_IBAN, false, DISGUISE_IBAN},
    {CREDITOR_BIC, false, DISGUISE_BIC},
    {CREDITOR_ULTIMATE_CREDITOR, false, DISGUISE_NAME},
    {BANK_ACCOUNT_IBAN, false, DISGUISE_IBAN},
    {BANK_INBOX_OWNER, true, DISGUISE_KEEP},
    {SWAN_CLIENT_ID, true, DISGUISE_KEEP},
    {NOTIFICATIONS_MODE, true, DISGUISE_KEEP},
    {SWAN_ACCOUNT_ID, false, DISGUISE_ID},
    {SWAN_OWN_ACCOUNTS, false, DISGUISE_NAME},
    {SWAN_LEGAL_REPRESENTATIVE_USER_ID, true, DISGUISE_KEEP},
    {SWAN_CARD_PRODUCT_ID, false, DISGUISE_ID},
};

/* Addresses on the network but a page for members, and files with secrets, whatever their keys are called. */
static bool
leads_out(size_t key)
{
	const char *name = config_key_rows[key].name, *end = strstr(name, "_file");

	return (config_key_rows[key].type == KEY_URL && key != SUPPORT_APPOINTMENT_SCHEDULING_URL) ||
	       (end != NULL && strcmp(end, "_file") == 0);
}

static bool
is_left_out(size_t key)
{
	size_t i;

	if (leads_out(key))
		return true;
	for (i = 0; i < LENGTH(keys); i++)
		if (keys[i].key == key)
			return keys[i].is_left_out;
	return false;
}

static enum disguise_kind
kind_of(size_t key)
{
	size_t i;

	for (i = 0; i < LENGTH(keys); i++)
		if (keys[i].key == key)
			return keys[i].holds;
	return DISGUISE_KEEP;
}

/* Accounts and names, parted by commas; in a name * stands for any text. */
static void
put_accounts(struct capture *c, FILE *out, const char *value)
{
	struct iban iban;
	struct err e = {0};
	char item[CONFIG_LINE_MAX], *made;
	size_t n;

	for (; *value != '\0'; value += n + (value[n] == ',')) {
		value += strspn(value, " ");
		n = strcspn(value, ",");
		snprintf(item, sizeof(item), "%.*s", (int)n, value);
		made = disguise_text(&c->mask->disguise,
		                     iban_parse(item, &iban, &e) == 0 ? DISGUISE_IBAN : DISGUISE_NAME, item);
		fprintf(out, "%s%s", made, value[n] == ',' ? ", " : "");
		free(made);
	}
}

static void
put_value(struct capture *c, FILE *out, size_t key, const char *value)
{
	char *made;

	fprintf(out, "%s = ", config_key_rows[key].name);
	if (c->mask == NULL) {
		fputs(value, out);
	} else if (key == SWAN_OWN_ACCOUNTS) {
		put_accounts(c, out, value);
	} else {
		made = disguise_text(&c->mask->disguise, kind_of(key), value);
		fputs(made, out);
		free(made);
	}
	fputs("\n", out);
}

static bool
is_set(const struct capture *c, size_t key)
{
	return config_entry(c->run->config, (enum config_key)key).line > 0 &&
	       config_text(c->run->config, (enum config_key)key)[0] != '\0';
}

/* A fixture is for tests, where nobody logs in; NULL: as the home has it. */
static const char *
forced_value(size_t key)
{
	return key == ENVIRONMENT_NAME ? "test" : key == RELEASE_IDENTITY ? "any" : NULL;
}

void
capture_configuration(struct capture *c)
{
	const char *section = "";
	struct err e = {0};
	FILE *out = fopen("alanpay.ini", "w");
	size_t i;

	if (out == NULL)
		die_errno(EXIT_IO, "alanpay.ini");
	fputs("; What the captured home had set, without what leads to Swan or to a secret.\n", out);
	for (i = 0; i < CONFIG_KEYS; i++) {
		if (forced_value(i) == NULL && (!is_set(c, i) || is_left_out(i)))
			continue;
		if (strcmp(section, config_key_rows[i].section) != 0)
			fprintf(out, "\n[%s]\n", config_key_rows[i].section);
		section = config_key_rows[i].section;
		put_value(c, out, i,
		          forced_value(i) != NULL ? forced_value(i)
		                                  : config_text(c->run->config, (enum config_key)i));
	}
	if (fclose(out) < 0)
		die_errno(EXIT_IO, "alanpay.ini");
	c->copy.config = config_read("alanpay.ini", &e);
	if (c->copy.config == NULL)
		die(EXIT_BUG, "the configuration of the fixture: line %ld: %s", e.line, e.message);
}
