/* reset: see reset.h. Writes the table dev_reset, and deletes a member's rows from the others. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/length.h"
#include "formats/memory.h"
#include "formats/url.h"
#include "stages/core/books/session.h"
#include "stages/core/engine/config.h"
#include "stages/core/engine/intent.h"
#include "stages/core/engine/key.h"
#include "stages/core/enrol/reset.h"
#include "stages/core/swan/ending.h"
#include "stages/core/swan/seatlist.h"

#define SANDBOX "https://api.swan.io/sandbox-partner/"

/* The guards --------------------------------------------------------------------------------------------------- */

/* By what the endpoint is, not by a flag: the sandbox of Swan, or this machine. */
static bool
is_for_tests(const char *endpoint)
{
	return strncmp(endpoint, SANDBOX, strlen(SANDBOX)) == 0 || !url_is_https(endpoint);
}

static void
require_development(const struct run *r)
{
	const char *endpoint = config_text(r->config, SWAN_ENDPOINT);

	if (store_environment(r->db) == ENVIRONMENT_PRODUCTION)
		die(EXIT_FORBIDDEN, "a member of a production home is never reset");
	if (!is_for_tests(endpoint))
		die(EXIT_FORBIDDEN,
		    "%s: the endpoint %s is not Swan's sandbox: members there are never reset",
		    r->config_path, endpoint);
}

static void
require_no_file(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db,
	    "SELECT f.msg_id, f.state, CASE WHEN f.released_at IS NULL THEN 0 ELSE 1 END AS released"
	    " FROM collection c"
	    " JOIN bank_file f ON f.number = c.file_number"
	    " WHERE c.profile_number = $profile"
	    " ORDER BY released DESC, f.number");

	bind_int(q, "$profile", profile);
	if (row(q))
		die(EXIT_FORBIDDEN,
		    "a debt of the member was in the bank file %s, which %s (%s): its rows stay",
		    col_text(q, 0), col_int(q, 2) == 1 ? "was released" : "adds up with it", col_text(q, 1));
}

/* What was posted for one member and moved to another is in the books of both: without it its key would be given once more. */
static void
require_no_reversed_decision(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db,
	    "SELECT x.key"
	    " FROM reversed_decision d"
	    " JOIN exception x ON x.number = d.exception_number"
	    " WHERE d.profile_number = $profile OR (x.profile_number = $profile AND x.decision = 'attributed')"
	    " UNION ALL"
	    " SELECT a.transaction_id"
	    " FROM swan_transaction t"
	    " JOIN attribution a ON a.id = t.id"
	    " WHERE " SQL_OF_MEMBER("t.moved_to", "$profile"));

	bind_int(q, "$profile", profile);
	if (row(q))
		die(EXIT_FORBIDDEN,
		    "a decision about the Swan transaction %s, which concerns the member, was reversed: its rows stay",
		    col_text(q, 0));
}

static int64_t
find_profile(struct run *r, const struct reset_request *q)
{
	struct stmt *s = sql(r->db,
	    "SELECT number FROM profile WHERE app_user_id = $user AND app_id = coalesce($app, app_id) ORDER BY number");
	int64_t profile = 0;
	int n;

	bind_text(s, "$user", q->app_user_id);
	bind_text(s, "$app", q->app_id);
	for (n = 0; row(s); n++)
		profile = col_int(s, 0);
	if (n > 1)
		die(EXIT_REFUSED, "%d applications have a user %s: name one of them by --app-id", n,
		    q->app_user_id);
	return profile;
}

/* At Swan ------------------------------------------------------------------------------------------------------- */

static void
disable(void *ctx, const char *membership, const char *status)
{
	struct caller *s = ctx;
	struct swan_reply reply;

	if (strcmp(status, "Disabled") == 0)
		return;
	printf("Removing Swan membership %s (%s)\n", membership, status);
	if (ending_send(s, membership, NULL, &reply) == CALL_REJECTED)
		call_die_rejected(CALL_DISABLE_MEMBERSHIP, &reply);
	swan_reply_free(&reply);
}

static void
remove_from_swan(struct run *r, const char *email)
{
	struct caller s;

	caller_open(&s, r);
	seatlist_all(&s, email, disable, &s);
	caller_close(&s);
}

/* In the books ------------------------------------------------------------------------------------------------- */

/* In this order: the history of the member, transactions, debts, and all that only they refer to. `text` deletes, and returns a
 * word for each row. */
static const struct {
	const char *what, *text;
} deletions[] = {
    {"card payment",
     SQL(
	 "DELETE FROM card_payment WHERE " SQL_OF_MEMBER("key", "$profile") " RETURNING number")},
     {"Swan transaction",
      SQL(
	 "DELETE FROM swan_transaction WHERE profile_number = $profile RETURNING lower(hex(id))")},
      {"correction",
       SQL(
	 "DELETE FROM correction WHERE profile_number = $profile RETURNING swan_id || '/' || nth")},
       {"reversal of a credit transfer",
        SQL(
	 "DELETE FROM transfer_reversal"
	 " WHERE bank_reference IN (SELECT bank_reference FROM credit_transfer WHERE profile_number = $profile)"
	 " RETURNING bank_reference || '/' || nth")},
        {"credit transfer",
         SQL(
	 "DELETE FROM credit_transfer WHERE profile_number = $profile RETURNING bank_reference")},
         {"external transaction",
          SQL(
	 "DELETE FROM external_transaction WHERE profile_number = $profile RETURNING external_transaction_id")},
          {"receipt of a notification",
           SQL(
	 "DELETE FROM receipt"
	 " WHERE notification_number IN (SELECT number FROM notification WHERE profile_number = $profile)"
	 " RETURNING number")},
           {"notification",
            SQL(
	 "DELETE FROM notification WHERE profile_number = $profile RETURNING number")},
            {"attribution",
             SQL(
	 "DELETE FROM attribution WHERE profile_number = $profile RETURNING transaction_id")},
             {"balance transaction", SQL(
	 "DELETE FROM balance_transaction WHERE " SQL_OF_MEMBER("key", "$profile") " RETURNING number")},
              {"exclusion",
               SQL(
	 "DELETE FROM exclusion WHERE profile_number = $profile RETURNING session_number")},
               {"recovery debt",
                SQL(
	 "DELETE FROM debt WHERE profile_number = $profile RETURNING session_number")},
                {"mandate", SQL(
	 "DELETE FROM mandate WHERE profile_number = $profile RETURNING number")},
                 {"card",
                  SQL(
	 "DELETE FROM card"
	 " WHERE account_membership_id IN (SELECT id FROM account_membership WHERE profile_number = $profile)"
	 " RETURNING id")},
                  {"account membership",
                   SQL(
	 "DELETE FROM account_membership WHERE profile_number = $profile RETURNING id")},
                   {"verification of a phone",
                    SQL(
	 "DELETE FROM phone_verification"
	 " WHERE phone_number IN (SELECT phone_number FROM onboarding WHERE profile_number = $profile"
	 "  UNION ALL"
	 "  SELECT v.phone_number FROM onboarding o"
	 "   JOIN phone_verification v ON v.request_id = o.request_id"
	 "   WHERE o.profile_number = $profile)"
	 " RETURNING request_id")},
                    {"onboarding",
                     SQL(
	 "DELETE FROM onboarding WHERE profile_number = $profile"
	 " RETURNING '(last step: ' || step || ')'")},
                     {"offboarding",
                      SQL(
	 "DELETE FROM offboarding WHERE profile_number = $profile RETURNING asked_on")},
                      {"profile",
                       SQL(
	 "DELETE FROM profile WHERE number = $profile RETURNING app_id || ' ' || app_user_id")},
};

static int64_t
run_deletions(struct run *r, int64_t profile)
{
	int64_t deleted = 0;
	struct stmt *q;
	size_t i;

	for (i = 0; i < LENGTH(deletions); i++) {
		q = sql(r->db, deletions[i].text);
		bind_int(q, "$profile", profile);
		for (; row(q); deleted++)
			printf("Removing %s %s\n", deletions[i].what, col_text(q, 0));
	}
	return deleted;
}

/* Swan's transactions of the member stay in the files of the import: each is decided, so that no version of it is posted later. */
#define OF_MEMBER \
	SQL("(SELECT id, NULL AS text, input_number, line FROM swan_transaction WHERE profile_number = $profile"  \
	    " UNION ALL"                                                                                          \
	    " SELECT NULL, bank_reference, NULL, NULL FROM credit_transfer"                                       \
	    "  WHERE profile_number = $profile AND swan_updated_at IS NOT NULL"                                   \
	    " UNION ALL"                                                                                          \
	    " SELECT NULL, v.swan_id, NULL, NULL FROM transfer_reversal v"                                        \
	    "  JOIN credit_transfer t ON t.bank_reference = v.bank_reference"                                     \
	    "  WHERE t.profile_number = $profile AND v.swan_id IS NOT NULL)")

static void
decide(struct run *r, const char *key, int64_t input, int64_t line)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO exception (number, kind, key, code, message, input_number, line, state, opened_on, closed_on,"
	    "  decision, why, resolved_by, resolved_identity, resolved_at)"
	    " VALUES ($number, 'swan_transaction', $key, 'unknown_card', 'the transaction of a member who was reset',"
	    "  $input, $line, 'resolved', $on, $on, 'not_ours', 'the member was reset', $who, $identity, $now)"
	    " ON CONFLICT (kind, key) DO UPDATE SET state = excluded.state, closed_on = excluded.closed_on,"
	    "  decision = excluded.decision, why = excluded.why, resolved_by = excluded.resolved_by,"
	    "  resolved_identity = excluded.resolved_identity,"
	    "  resolved_at = excluded.resolved_at");

	bind_int(q, "$number", store_number(r->db, "exception"));
	bind_text(q, "$key", key);
	bind_int_or(q, "$input", input, 0);
	bind_int_or(q, "$line", line, 0);
	bind_date(q, "$on", r->on);
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
	exec(q);
}

static void
decide_transactions(struct run *r, int64_t profile)
{
	struct stmt *q =
	    sql(r->db, "SELECT id, text, input_number, line FROM " OF_MEMBER " AS t ORDER BY id, text");
	char key[STORE_KEY + 1];
	const void *id;
	size_t n;

	bind_int(q, "$profile", profile);
	while (row(q)) {
		if (col_null(q, 0)) {
			decide(r, col_text(q, 1), 0, 0);
			continue;
		}
		id = col_blob(q, 0, &n);
		store_key_print(id, n, key);
		decide(r, key, col_int(q, 2), col_int(q, 3));
	}
}

/* Rows that stay: exceptions name the member no more, batches of notifications have fewer lines. */
static void
detach(struct run *r, int64_t profile)
{
	static const char *const texts[] = {
	    SQL(
		"DELETE FROM exception"
		" WHERE profile_number = $profile AND (kind = 'offboarding' OR decision = 'attributed')"),
		SQL(
		"UPDATE exception SET profile_number = NULL WHERE profile_number = $profile"),
		    SQL(
		"UPDATE notification_batch"
		" SET lines = lines - (SELECT count(*)"
		"   FROM notification n"
		"   WHERE n.batch_number = notification_batch.number AND n.profile_number = $profile)"
		" WHERE number IN (SELECT batch_number FROM notification WHERE profile_number = $profile)"),
		};
	struct stmt *q;
	size_t i;

	for (i = 0; i < LENGTH(texts); i++) {
		q = sql(r->db, texts[i]);
		bind_int(q, "$profile", profile);
		exec(q);
	}
}

/* Frozen sessions that had a debt of the member, without it: their digest and their status. */
static void
seal_session(struct run *r, int64_t session)
{
	unsigned char digest[SHA256_SIZE];
	struct stmt *q = sql(r->db,
	    "UPDATE session SET digest = $digest WHERE number = $number AND frozen_at IS NOT NULL");

	session_digest(r, session, digest);
	bind_blob(q, "$digest", digest, sizeof(digest));
	bind_int(q, "$number", session);
	if (exec(q) > 0)
		session_refresh_status(r, session);
}

static size_t
list_sessions(struct run *r, int64_t profile, int64_t **list)
{
	struct stmt *q = sql(r->db,
	    "SELECT session_number FROM debt WHERE profile_number = $profile ORDER BY session_number");
	size_t n = 0;

	*list = NULL;
	bind_int(q, "$profile", profile);
	while (row(q)) {
		*list = memory_resize(*list, n + 1, sizeof(**list));
		(*list)[n++] = col_int(q, 0);
	}
	return n;
}

/* The row that opens the triggers for this member; it is closed in the same unit of work. */
static int64_t
open_reset(struct run *r, int64_t profile)
{
	struct stmt *q = sql(r->db,
	    "INSERT INTO dev_reset (number, profile_number, app_id, app_user_id, is_open, deleted, reset_by, reset_identity, reset_at)"
	    " SELECT CAST($number AS BIGINT), number, app_id, app_user_id, 1, 0, CAST($who AS TEXT), CAST($identity AS TEXT), CAST($now AS BIGINT)"
	    " FROM profile"
	    " WHERE number = $profile");
	int64_t number = store_number(r->db, "dev_reset");
	char what[40];

	bind_int(q, "$number", number);
	bind_int(q, "$profile", profile);
	run_bind_person(r, q);
	bind_instant(q, "$now", r->now);
	exec(q);
	snprintf(what, sizeof(what), "reset %lld", (long long)number);
	intent_add(r, "reset", what, NULL, "by %s", run_person(r));
	return number;
}

static void
end_reset(struct run *r, int64_t number, int64_t deleted)
{
	struct stmt *q =
	    sql(r->db, "UPDATE dev_reset SET is_open = 0, deleted = $deleted WHERE number = $number");

	bind_int(q, "$number", number);
	bind_int(q, "$deleted", deleted);
	exec(q);
}

/* One unit of work: the triggers are open in it, and nowhere else. */
static void
remove_from_books(struct run *r, int64_t profile)
{
	int64_t *sessions, reset, deleted;
	size_t n, i;

	tx_begin(r->db);
	n = list_sessions(r, profile, &sessions);
	reset = open_reset(r, profile);
	detach(r, profile);
	decide_transactions(r, profile);
	deleted = run_deletions(r, profile);
	for (i = 0; i < n; i++)
		seal_session(r, sessions[i]);
	end_reset(r, reset, deleted);
	tx_commit(r->db);
	free(sessions);
}

void
reset_member(struct run *r, const struct reset_request *q)
{
	int64_t profile;

	require_development(r);
	profile = find_profile(r, q);
	if (profile != 0) {
		require_no_file(r, profile);
		require_no_reversed_decision(r, profile);
	}
	if (q->email != NULL)
		remove_from_swan(r, q->email);
	if (profile != 0)
		remove_from_books(r, profile);
	else
		printf("No payment card profile found for app_user_id %s\n", q->app_user_id);
}
