/* fault: see fault.h. The environment is read once; the name of a point goes to standard error. */
#include "stages/core/engine/fault.h"

#ifdef FAULTS
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
fault(const char *point)
{
	static const char *wanted;
	static long left = -1, passed;

	if (left < 0) {
		wanted = getenv("ALANPAY_FAULT");
		left = wanted == NULL ? 0 : strtol(wanted, NULL, 10);
	}
	if (wanted != NULL && strcmp(wanted, "list") == 0)
		fprintf(stderr, "fault: passed %ld %s\n", ++passed, point);
	if (wanted == NULL || (left > 0 ? --left != 0 : strcmp(wanted, point) != 0))
		return;
	fprintf(stderr, "fault: killed at %s\n", point);
	raise(SIGKILL);
}
#else
typedef int fault_is_not_built; /* ISO C requires a declaration in every file */
#endif
