/* staging: what Swan shows, each thing once and in order, before any of it becomes a file.
 *
 * A page may come twice, an item be on two pages, a window be read again: the later updatedAt of an id wins. A node that
 * cannot be what it should (an amount that is not whole euro cents) is an exception, kept whole, until it comes as it
 * should. Records wait in a spool and their places in temporary tables, so that memory stays the same for any number.
 *
 * How a list is read, from the stage down to Swan and back up:
 *
 *   30-import     staging_read_transactions(from, to)
 *   staging       paging_read: "read this list to its end; give me each page"
 *   paging          client_ask: "the page after this cursor", until the last one
 *   client            the token, the pace; http.c asks Swan, or recording.c has the page in a file
 *   client          take(page): paging hands the page up, and hears how many nodes it has and whether more follow
 *   paging        read(page): staging has formats/swan.c read the JSON, node by node
 *   staging       each node: a record in the spool and its row in `staged`, or an exception
 *   paging        shown(), reached(): does what was staged agree with Swan's own count? If not, read again
 *   30-import     staging_write_transactions: the records, in order, into transactions.csv
 */
#ifndef CORE_STAGING_H
#define CORE_STAGING_H

#include "formats/sink.h"
#include "stages/core/swan/client.h"

struct staging;

struct staging *staging_open(struct run *r); /* one in a run */
void staging_close(struct staging *s);

/* Reads transactions whose updatedAt is in [from, to); or all cards and memberships. Inside a unit of work. */
void staging_read_transactions(struct staging *s, struct client *swan, instant from, instant to);
void staging_read_supports(struct staging *s, struct client *swan);

/* The latest updatedAt of a transaction that was read; INSTANT_NONE. */
instant staging_watermark(const struct staging *s);

/* As CSV files, header and all; how many records. After the first of them no more is read until staging_clear. */
int64_t staging_write_transactions(struct staging *s, struct sink *to); /* by updatedAt, then id */
/* By card, then membership; a membership that has a card only with that. */
int64_t staging_write_supports(struct staging *s, struct sink *to);
void staging_clear(struct staging *s); /* for the next window */

#endif
