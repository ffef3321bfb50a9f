/* alanpay explain: everything that happened to a debt, a card payment or a bank file, with the input and the line that said so.
 *
 * It reads the books only. What does not exist is exit 66; IBANs and names are masked, unless --unmask is given.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/text.h"
#include "stages/commands/command.h"
#include "stages/commands/timeline.h"
#include "stages/core/bank/bankfile.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/key.h"
#include "stages/core/engine/options.h"
#include "stages/core/lists/table.h"
#include "stages/core/members/profile.h"

/* The sheets --------------------------------------------------------------------------------------------- */

static const struct column debt_columns[] = {
    {.name = "debt_id", .type = COLUMN_ID, .kind = UUID_DEBT},
    {.name = "app_id", .head = "app"},
    {.name = "app_user_id", .head = "user"},
    {.name = "session"},
    {.name = "recovery_date", .type = COLUMN_DAY},
    {.name = "status"},
    {.name = "amount_in_cents", .type = COLUMN_CENTS, .head = "amount EUR"},
    {.name = "recovered_amount_in_cents", .type = COLUMN_CENTS, .head = "recovered EUR"},
    {.name = "refunded_amount_in_cents", .type = COLUMN_CENTS, .head = "refunded EUR"},
    {.name = "failure"},
    {0},
};

static const struct listing debt_sheet = {
    .name = "explain debt",
    .columns = debt_columns,
    .text = SQL(
	"SELECT d.profile_number AS debt_id_owner, d.session_number AS debt_id, p.app_id, p.app_user_id,"
	"  s.code AS session, s.recovery_on AS recovery_date, d.status, a.amount_in_cents,"
	"  d.recovered_in_cents AS recovered_amount_in_cents, d.refunded_in_cents AS refunded_amount_in_cents,"
	"  d.failure"
	" FROM debt d"
	" JOIN debt_amount a ON a.profile_number = d.profile_number AND a.session_number = d.session_number"
	" JOIN profile p ON p.number = d.profile_number"
	" JOIN session s ON s.number = d.session_number"
	" WHERE d.profile_number = $profile AND d.session_number = $number"),
};

static const struct column payment_columns[] = {
    {.name = "card_payment_id", .type = COLUMN_ID, .kind = UUID_CARD_PAYMENT},
    {.name = "swan_payment_id", .type = COLUMN_KEY},
    {.name = "app_id", .head = "app"},
    {.name = "app_user_id", .head = "user"},
    {.name = "status"},
    {.name = "rejection_reason"},
    {.name = "effective_at", .type = COLUMN_INSTANT, .head = "at (UTC)"},
    {.name = "authorized_amount_in_cents", .type = COLUMN_CENTS, .head = "authorized EUR"},
    {.name = "captured_amount_in_cents", .type = COLUMN_CENTS, .head = "captured EUR"},
    {.name = "merchant"},
    {0},
};

static const struct listing payment_sheet = {
    .name = "explain payment",
    .columns = payment_columns,
    .text = SQL(
	"SELECT c.profile_number AS card_payment_id_owner, c.number AS card_payment_id,"
	"  c.swan_payment AS swan_payment_id, p.app_id, p.app_user_id, status.word AS status,"
	"  why.word AS rejection_reason, c.effective_at, c.authorized_in_cents AS authorized_amount_in_cents,"
	"  c.captured_in_cents AS captured_amount_in_cents, m.name AS merchant"
	" FROM card_payment c"
	" JOIN profile p ON p.number = c.profile_number"
	" JOIN code status ON status.number = c.status"
	" LEFT JOIN code why ON why.number = c.rejection"
	" LEFT JOIN merchant m ON m.number = c.merchant_number"
	" WHERE c.key = " SQL_KEY("$profile", "$number")),
};

static const struct column file_columns[] = {
    {.name = "file_id", .type = COLUMN_ID, .kind = UUID_BANK_FILE},
    {.name = "msg_id", .head = "file"},
    {.name = "name", .head = "XML"},
    {.name = "session"},
    {.name = "kind"},
    {.name = "version", .type = COLUMN_COUNT},
    {.name = "state"},
    {.name = "count", .type = COLUMN_COUNT},
    {.name = "sum_in_cents", .type = COLUMN_CENTS, .head = "total EUR"},
    {.name = "requested_collection_date", .type = COLUMN_DAY, .head = "due on"},
    {0},
};

static const struct listing file_sheet = {
    .name = "explain file",
    .columns = file_columns,
    .text = SQL(
	"SELECT $profile AS file_id_owner, f.number AS file_id, f.msg_id, f.name, s.code AS session, f.kind,"
	"  f.version, f.state, f.collections AS count, f.sum_in_cents,"
	"  f.collect_on AS requested_collection_date"
	" FROM bank_file f"
	" JOIN session s ON s.number = f.session_number"
	" WHERE f.number = $number"),
};

/* Printing ----------------------------------------------------------------------------------------------- */

static struct stmt *
query_sheet(struct run *r, const struct listing *sheet, int64_t profile, int64_t number)
{
	struct stmt *q = listing_query(r, sheet);

	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	return q;
}

static void
write_explained(struct run *r, const struct listing *sheet, int64_t profile, int64_t number, struct sink *s)
{
	struct json j = {.sink = s, .indent = r->format == FORMAT_JSON};
	struct stmt *q;

	if (r->format == FORMAT_CSV) {
		listing_write_csv(r, &timeline_whole, listing_query(r, &timeline_whole), s);
		return;
	}
	q = query_sheet(r, sheet, profile, number);
	if (r->format == FORMAT_TABLE) {
		table_write_sheet(r, sheet, q, s);
		sink_text(s, "\n");
		table_write(r, &timeline, listing_query(r, &timeline), s);
		return;
	}
	json_open(&j, NULL, '{');
	while (row(q))
		listing_put_columns(&j, r, sheet, q);
	listing_put_array(&j, "events", r, &timeline_whole, listing_query(r, &timeline_whole));
	json_close(&j, '}');
	if (r->format == FORMAT_JSONL)
		sink_text(s, "\n");
}

static void
print_explained(struct run *r, const struct listing *sheet, int64_t profile, int64_t number)
{
	struct sink *s = listing_stdout();

	write_explained(r, sheet, profile, number, s);
	listing_stdout_end(s);
}

/* Finding ------------------------------------------------------------------------------------------------ */

/* Takes apart an id of ours. False: another text, or an id of another kind. */
static bool
take_uuid(struct run *r, const char *text, enum uuid_kind kind, int64_t *profile, int64_t *number)
{
	struct err e = {0};
	uint32_t owner, n;
	struct uuid id;

	if (uuid_parse(text, &id, &e) < 0 || !uuid_split(&id, store_id(r->db), kind, &owner, &n))
		return false;
	*profile = owner;
	*number = n;
	return true;
}

/* The first two columns of the only row. */
static bool
take_pair(struct stmt *q, int64_t *profile, int64_t *number)
{
	if (!row(q))
		return false;
	*profile = col_int(q, 0);
	*number = col_int(q, 1);
	reset(q);
	return true;
}

/* Banks print an end-to-end id in capitals, too. */
static bool
find_end_to_end_id(struct run *r, const char *typed, int64_t *profile, int64_t *session)
{
	struct stmt *q = sql(r->db,
	    "SELECT profile_number, session_number FROM collection"
	    " WHERE end_to_end_id = $id"
	    " ORDER BY file_number LIMIT 1");
	char id[END_TO_END_ID];
	size_t i;

	if (text_copy(id, sizeof(id), typed) < 0)
		return false;
	for (i = 0; id[i] != '\0'; i++)
		id[i] = (char)tolower((unsigned char)id[i]);
	bind_text(q, "$id", id);
	return take_pair(q, profile, session);
}

static bool
has_debt(struct run *r, int64_t profile, int64_t session)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM debt"
	    " WHERE profile_number = $profile AND session_number = $session");

	bind_int(q, "$profile", profile);
	bind_int(q, "$session", session);
	return value(q, 0) > 0;
}

static bool
find_debt_of_member(struct run *r, int64_t *profile, int64_t *session)
{
	const char *app = options_value(r, "app-id"), *user = options_value(r, "app-user-id"),
		   *code = options_value(r, "recovery-session-id");
	struct session s;

	if (app == NULL || user == NULL || code == NULL)
		die(EXIT_USAGE, "name the debt by its ID, or by --app-id, --app-user-id and"
		                " --recovery-session-id together");
	*profile = profile_find(r, app, user);
	if (*profile == 0 || !session_find(r, code, &s))
		return false;
	*session = s.number;
	return true;
}

static bool
find_debt(struct run *r, const char *id, int64_t *profile, int64_t *session)
{
	return (take_uuid(r, id, UUID_DEBT, profile, session) ||
	        find_end_to_end_id(r, id, profile, session)) &&
	       has_debt(r, *profile, *session);
}

/* By the id of Swan, of the payment or of one of its transactions. */
static bool
find_swan_payment(struct run *r, const char *id, int64_t *profile, int64_t *number)
{
	struct stmt *q = sql(r->db,
	    "SELECT p.profile_number, p.number FROM card_payment p"
	    " WHERE p.key = " SQL_PAYMENT_KEY("$key")
	    "  OR p.key = (SELECT t.payment FROM swan_transaction t WHERE t.key = " SQL_TRANSACTION_KEY("$key") ")");
	unsigned char key[STORE_KEY];

	if (strlen(id) >= STORE_KEY)
		return false;
	bind_blob(q, "$key", key, store_key(id, key));
	return take_pair(q, profile, number);
}

static bool
has_payment(struct run *r, int64_t profile, int64_t number)
{
	struct stmt *q = sql(r->db,
	    "SELECT count(*) FROM card_payment"
	    " WHERE key = " SQL_KEY("$profile", "$number"));

	bind_int(q, "$profile", profile);
	bind_int(q, "$number", number);
	return value(q, 0) > 0;
}

static bool
find_payment(struct run *r, const char *id, int64_t *profile, int64_t *number)
{
	return (take_uuid(r, id, UUID_CARD_PAYMENT, profile, number) && has_payment(r, *profile, *number)) ||
	       find_swan_payment(r, id, profile, number);
}

/* By its MsgId, its id, or the name of its XML. */
static bool
find_file(struct run *r, const char *id, int64_t *profile, int64_t *number)
{
	struct stmt *q = sql(r->db, "SELECT number FROM bank_file WHERE name = $name");
	struct bankfile f;

	*profile = 0;
	if (bankfile_find(r, id, &f)) {
		*number = f.number;
		return true;
	}
	bind_text(q, "$name", id);
	*number = value(q, 0);
	return *number != 0;
}

/* Explaining --------------------------------------------------------------------------------------------- */

/* Dies with the right command if the id is that of another kind. */
static void
refuse_other_kind(struct run *r, const char *id)
{
	static const struct {
		const char *command, *name;
		bool (*find)(struct run *r, const char *id, int64_t *profile, int64_t *number);
	} kinds[] = {{"debt", "a debt", find_debt},
	             {"payment", "a card payment", find_payment},
	             {"file", "a bank file", find_file}};
	int64_t profile, number;
	size_t i;

	for (i = 0; i < LENGTH(kinds); i++)
		if (kinds[i].find(r, id, &profile, &number))
			die(EXIT_ABSENT, "%s is %s: `%s`", id, kinds[i].name,
			    run_command(r, "explain %s %s", kinds[i].command, id));
}

static void
unmask(struct run *r)
{
	r->unmasked = options_value(r, "unmask") != NULL;
}

static void
explain_debt(struct run *r)
{
	const char *id = options_value(r, "ID");
	int64_t profile = 0, session = 0;
	bool found;

	unmask(r);
	if (id == NULL)
		found = find_debt_of_member(r, &profile, &session) && has_debt(r, profile, session);
	else
		found = find_debt(r, id, &profile, &session);
	if (!found && id != NULL)
		refuse_other_kind(r, id);
	if (!found)
		die(EXIT_ABSENT, "the debt %s does not exist: list those of a session: `%s`",
		    id == NULL ? "of this member in this session" : id,
		    run_command(r, "query get_recovery_debts --recovery-session-id CODE --format table"));
	timeline_of_debt(r, profile, session);
	print_explained(r, &debt_sheet, profile, session);
}

static void
explain_payment(struct run *r)
{
	const char *id = options_value(r, "ID");
	int64_t profile = 0, number = 0;

	unmask(r);
	if (!find_payment(r, id, &profile, &number)) {
		refuse_other_kind(r, id);
		die(EXIT_ABSENT,
		    "the card payment %s does not exist:"
		    " card_payments.csv in out/exports/latest lists all",
		    id);
	}
	timeline_of_payment(r, profile, number);
	print_explained(r, &payment_sheet, profile, number);
}

static void
explain_file(struct run *r)
{
	const char *id = options_value(r, "ID");
	int64_t none = 0, number = 0;

	unmask(r);
	if (!find_file(r, id, &none, &number)) {
		refuse_other_kind(r, id);
		die(EXIT_ABSENT, "bank file %s does not exist: list them: `%s`", id,
		    run_command(r, "sepa list"));
	}
	timeline_of_file(r, number);
	print_explained(r, &file_sheet, 0, number);
}

#define UNMASK                                                            \
	{                                                                 \
		.name = "unmask", .help = "print IBANs and names in full" \
	}

static const struct option_spec debt_options[] = {
    {.name = "ID", .arg = "ID", .help = "the id or the end-to-end id of the debt", .is_word = true},
    {.name = "app-id", .arg = "APP", .help = "application of the member, instead of ID"},
    {.name = "app-user-id", .arg = "USER", .help = "user of the application, instead of ID"},
    {.name = "recovery-session-id", .arg = "ID|CODE", .help = "id or code of the session, instead of ID"},
    UNMASK,
    {0},
};

static const struct option_spec payment_options[] = {
    {.name = "ID",
     .arg = "ID",
     .help = "the id of the card payment, or Swan's id of it or of a transaction",
     .is_word = true,
     .is_needed = true},
    UNMASK,
    {0},
};

static const struct option_spec file_options[] = {
    {.name = "ID",
     .arg = "ID",
     .help = "the MsgId, the id or the XML's name of the bank file",
     .is_word = true,
     .is_needed = true},
    UNMASK,
    {0},
};

const struct command explain_commands[] = {
    {"explain debt", "show all that happened to a debt, in order", ACCESS_READS, debt_options, explain_debt,
     NULL},
    {"explain payment", "show all that happened to a card payment", ACCESS_READS, payment_options,
     explain_payment, NULL},
    {"explain file", "show all that happened to a bank file", ACCESS_READS, file_options, explain_file, NULL},
    {0},
};
