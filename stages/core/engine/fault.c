/* fault: see fault.h. The environment is read once; the point's name goes to standard error for whoever debugs. */
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
	static long left = -1;

	if (left < 0) {
		wanted = getenv("ALANPAY_FAULT");
		left = wanted == NULL ? 0 : strtol(wanted, NULL, 10);
	}
	if (wanted == NULL || (left > 0 ? --left != 0 : strcmp(wanted, point) != 0))
		return;
	fprintf(stderr, "fault: killed at %s\n", point);
	raise(SIGKILL);
}
#else
typedef int fault_is_not_built; /* ISO C wants a declaration in every file */
#endif
