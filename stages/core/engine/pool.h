/* pool: memory for SQLite. A statement takes some ten pieces of memory each time it runs and gives them back at its end, more than the
 * allocator of the C library keeps at hand; the pool that SQLite has for it (lookaside) is left out of Debian's build.
 *
 * Small pieces that are given back are kept for the next one of their size. For one thread.
 */
#ifndef CORE_POOL_H
#define CORE_POOL_H

/* Before SQLite is first used in the process; later it refuses, which does no harm. */
void pool_use(void);

#endif
