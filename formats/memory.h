/* memory: memory that is there, or the end of the process.
 *
 * No input is to blame when there is none left, and no caller could go on with half of a file: the lack of it is never
 * returned. It ends the process by what memory_on_lack was given, else by abort().
 */
#ifndef FORMATS_MEMORY_H
#define FORMATS_MEMORY_H

#include <stddef.h>

/* Given back by free(). */
void *memory_new(size_t n, size_t size);                  /* n of that size, zeroed */
void *memory_resize(void *memory, size_t n, size_t size); /* of NULL too */
char *memory_text(const char *text);                      /* a copy */

/* What malloc or a library gave, which is NULL only when there is none left. */
void *memory_check(void *memory);

_Noreturn void memory_lack(void);
void memory_on_lack(void (*end)(void)); /* must not return; is called once */

#endif
