/* staging: the nodes that Swan shows, each once and in order, before they become a file.
 *
 * A page may come twice, a node may be on two pages, a window may be read again: the version with the latest updatedAt counts.
 * A node that cannot be read (an amount that is not whole euro cents) is stored whole as an exception, until Swan sends it
 * without the error. A transaction of another account than [swan] account_id is only counted.
 * Records wait in a spool and their places in a sorter (shown.h), so memory use does not grow.
 *
 * How a list is read, from the stage down to Swan and back up:
 *
 *   30-import     staging_read_transactions(from, to)
 *   staging       paging_read: "read this list to its end; give me each page"
 *   paging          client_ask: "the page after this cursor", until the last one
 *   client            token and pace; http.c asks Swan, or recording.c reads the page from a file
 *   client          take(page): paging passes the page up, and learns how many nodes it has and whether more follow
 *   paging        read(page): staging has formats/swan.c read the JSON, node by node
 *   staging       each node: a record in the spool and its place in `shown`, or an exception
 *   paging        shown(), reached(): does what was staged agree with Swan's own count? If not, read again
 *   30-import     staging_write_transactions: the records, in order, into transactions.csv
 */
#ifndef CORE_STAGING_H
#define CORE_STAGING_H

#include "formats/sink.h"
#include "stages/core/swan/client.h"

struct staging;

struct staging *staging_open(struct run *r); /* at most one in a process */
void staging_close(struct staging *s);

/* Reads transactions whose updatedAt is in [from, to); or all cards and memberships. Inside a unit of work. */
void staging_read_transactions(struct staging *s, struct client *swan, instant from, instant to);
void staging_read_supports(struct staging *s, struct client *swan);

/* The latest updatedAt of the transactions that were read; INSTANT_NONE without any. Those of other accounts do not count: should
 * account_id be wrong, nothing is lost, because all is asked for again. */
instant staging_watermark(const struct staging *s);

/* How many different transactions were read that were updated after that instant (INSTANT_NONE: at any time). */
enum staged { STAGED, STAGED_AS_HELD, STAGED_OF_OTHERS };
int64_t staging_count(struct staging *s, enum staged which, instant after);

/* Write the CSV file with its header; return the number of records. Nothing can be read after that, until staging_clear. */
int64_t staging_write_transactions(struct staging *s, struct sink *to); /* by updatedAt, then id */
/* Memberships without a card, then cards with their memberships, each by id. */
int64_t staging_write_supports(struct staging *s, struct sink *to);
void staging_clear(struct staging *s); /* for the next window */

#endif
