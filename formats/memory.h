/* memory: memory that is always there: without it the process ends.
 *
 * A lack of memory is not an error of the input, and no caller could go on with half of a file. So these functions never
 * return without memory: they call the function given to memory_on_lack, else abort().
 */
#ifndef FORMATS_MEMORY_H
#define FORMATS_MEMORY_H

#include <stddef.h>

/* Given back by free(). */
void *memory_new(size_t n, size_t size);                  /* n of that size, zeroed */
void *memory_resize(void *memory, size_t n, size_t size); /* of NULL too */
char *memory_text(const char *text);                      /* a copy */

/* What malloc or a library gave, which is NULL only when memory ran out. */
void *memory_check(void *memory);

_Noreturn void memory_lack(void);
void memory_on_lack(void (*end)(void)); /* must not return; is called once */

#endif
