/* capture_bank: see capture.h.
 *
 * An entry is known by the hash of its content, an event by a number of its content. Where the row of the home gives the hash, or the
 * number, that is stored there, the row with other values gives that of the same entry in a file with those values.
 */
#include <string.h>

#include "stages/commands/capture.h"
#include "stages/core/bank/bankmatch.h"
#include "stages/core/bank/bankmessage.h"
#include "stages/core/engine/log.h"

static void
read_fingerprint(struct run *r, int64_t number, unsigned char digest[static SHA256_SIZE])
{
	struct stmt *q = sql(r->db, "SELECT fingerprint FROM bank_entry WHERE number = $number");
	size_t n;

	bind_int(q, "$number", number);
	if (row(q))
		memcpy(digest, col_blob(q, 0, &n), SHA256_SIZE);
	reset(q);
}

/* Its exception has the fingerprint as its key. */
static void
save_fingerprint(struct capture *c, int64_t number, const unsigned char digest[static SHA256_SIZE])
{
	unsigned char stored[SHA256_SIZE];
	struct stmt *q =
	    sql(c->copy.db,
	    "UPDATE exception SET key = lower(hex($digest)) || substr(key, 65)"
	    " WHERE kind = 'bank_entry' AND substr(key, 1, 64) = lower(hex($stored))");

	read_fingerprint(&c->copy, number, stored);
	bind_blob(q, "$digest", digest, SHA256_SIZE);
	bind_blob(q, "$stored", stored, SHA256_SIZE);
	exec(q);
	q = sql(c->copy.db, "UPDATE bank_entry SET fingerprint = $digest WHERE number = $number");
	bind_blob(q, "$digest", digest, SHA256_SIZE);
	bind_int(q, "$number", number);
	exec(q);
}

static int64_t
read_event(struct run *r, int64_t number)
{
	struct stmt *q = sql(r->db, "SELECT event FROM bank_entry WHERE number = $number");

	bind_int(q, "$number", number);
	return value(q, 0);
}

static void
save_event(struct capture *c, int64_t number, int64_t event)
{
	struct stmt *q = sql(c->copy.db, "UPDATE bank_entry SET event = $event WHERE number = $number");

	bind_int(q, "$event", event);
	bind_int(q, "$number", number);
	exec(q);
}

static void
renew_entry(struct capture *c, int64_t number)
{
	struct bank_entry was, is;
	unsigned char stored[SHA256_SIZE], digest[SHA256_SIZE];

	if (!bankentry_load(c->run, number, &was) || !bankentry_load(&c->copy, number, &is))
		die(EXIT_BUG, "no bank entry %lld", (long long)number);
	read_fingerprint(c->run, number, stored);
	bankmessage_fingerprint(c->run, &was, digest);
	if (memcmp(stored, digest, SHA256_SIZE) == 0) {
		bankmessage_fingerprint(&c->copy, &is, digest);
		save_fingerprint(c, number, digest);
	}
	if (read_event(c->run, number) != 0 && read_event(c->run, number) == bankmatch_event(&was))
		save_event(c, number, bankmatch_event(&is));
}

void
capture_bank(struct capture *c)
{
	struct stmt *q;
	int64_t number = 0;

	while (c->mask != NULL) {
		q = sql(c->copy.db, "SELECT min(number) FROM bank_entry WHERE number > $after");
		bind_int(q, "$after", number);
		number = value(q, 0);
		if (number == 0)
			return;
		renew_entry(c, number);
	}
}
