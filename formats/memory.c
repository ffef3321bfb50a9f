/* memory: see memory.h. Keeps the function that ends the process. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "formats/memory.h"

static void (*on_lack)(void);

void
memory_on_lack(void (*end)(void))
{
	on_lack = end;
}

/* A second lack of memory, while the process ends because of the first, is not reported. */
void
memory_lack(void)
{
	void (*end)(void) = on_lack;

	on_lack = NULL;
	if (end != NULL)
		end();
	abort();
}

void *
memory_check(void *memory)
{
	if (memory == NULL)
		memory_lack();
	return memory;
}

void *
memory_new(size_t n, size_t size)
{
	return memory_check(calloc(n, size));
}

void *
memory_resize(void *memory, size_t n, size_t size)
{
	if (size > 0 && n > SIZE_MAX / size)
		memory_lack();
	return memory_check(realloc(memory, n * size));
}

char *
memory_text(const char *text)
{
	size_t n = strlen(text) + 1;

	return memcpy(memory_check(malloc(n)), text, n);
}
