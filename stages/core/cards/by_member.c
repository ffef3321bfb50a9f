/* by_member: see by_member.h.
 *
 * units    what is sorted: the number of the member in four bytes, big-endian, then the line and the packed transaction
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "formats/csv_record.h"
#include "formats/memory.h"
#include "formats/swan_rules.h"
#include "stages/core/cards/batch.h"
#include "stages/core/cards/by_member.h"
#include "stages/core/cards/holder.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/sorter.h"

#define LARGE     (5 << 20) /* bytes of a file: some 15,000 transactions, which a batch holds (payment.c) */
#define MEMORY    (8 << 20) /* of the sorter; the batch is still empty then */
#define HOLDERS   131072    /* members whose cards are known at once: 5 MB */
#define NO_MEMBER UINT32_MAX

struct sorting {
	struct payment_work *work;
	struct holder_cache *holders;
	struct sorter *sorter;
	unsigned char body[sizeof(long) + CSV_RECORD_PACKED];
};

static bool
is_large(FILE *in)
{
	struct stat st;

	return fstat(fileno(in), &st) == 0 && st.st_size > LARGE;
}

/* Its member, as far as its card says. */
static uint32_t
find_member(struct holder_cache *holders, const struct swan_transaction *t)
{
	int64_t profile =
	    swan_is_card(t->type) ? holder_find(holders, t->account_membership_id, t->card_id) : 0;

	return profile == 0 ? NO_MEMBER : (uint32_t)profile;
}

static uint32_t
member_of(const struct sorter_record *r)
{
	return (uint32_t)r->key[0] << 24 | (uint32_t)r->key[1] << 16 | (uint32_t)r->key[2] << 8 | r->key[3];
}

static int
sort_one(void *ctx, long line, const struct swan_transaction *t, struct err *e)
{
	struct sorting *s = ctx;
	uint32_t member = find_member(s->holders, t);
	const unsigned char key[] = {(unsigned char)(member >> 24), (unsigned char)(member >> 16),
	                             (unsigned char)(member >> 8), (unsigned char)member};
	size_t n;

	(void)e;
	memcpy(s->body, &line, sizeof(line));
	n = swan_transaction_pack(t, (char *)s->body + sizeof(line), CSV_RECORD_PACKED);
	if (n == 0)
		die(EXIT_BUG, "the transaction in line %ld is too long to be sorted", line);
	sorter_put(s->sorter, &(struct sorter_record){.key = key,
	                                              .body = s->body,
	                                              .key_size = sizeof(key),
	                                              .body_size = (uint32_t)(sizeof(line) + n)});
	return 0;
}

static int
give_all(struct sorting *s, transactions_csv_fn *give, struct err *e)
{
	const struct sorter_record *r;
	struct swan_transaction t;
	long line;
	int rc = 0;

	sorter_begin(s->sorter);
	while (rc == 0 && (r = sorter_next(s->sorter)) != NULL) {
		memcpy(&line, r->body, sizeof(line));
		swan_transaction_unpack((const char *)r->body + sizeof(line), &t);
		if (member_of(r) != NO_MEMBER)
			batch_know_holder(s->work->batch, t.account_membership_id, t.card_id, member_of(r));
		rc = give(s->work, line, &t, e);
	}
	return rc;
}

int
by_member_read(struct payment_work *work, FILE *in, transactions_csv_fn *give, struct err *e)
{
	struct sorting *s;
	int rc;

	if (!is_large(in))
		return transactions_csv_read(in, give, work, e);
	s = memory_new(1, sizeof(*s));
	s->work = work;
	s->sorter = sorter_open(MEMORY);
	batch_begin_alone(work->batch);
	s->holders = holder_cache_new(work->r, HOLDERS);
	rc = transactions_csv_read(in, sort_one, s, e);
	holder_cache_free(s->holders);
	if (rc == 0)
		rc = give_all(s, give, e);
	sorter_close(s->sorter);
	free(s);
	return rc;
}
