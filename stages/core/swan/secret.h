/* secret: what must never be printed, logged, stored or given on a command line.
 *
 * It comes from a file that only its owner can read, or from a systemd credential, and is wiped when it is done with.
 */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include "stages/core/engine/run.h"

#define SECRET_SIZE 1024

struct secret {
	char text[SECRET_SIZE]; /* without the line break at its end */
};

/* From `path` (below the home, or absolute), or if that is "" from systemd's credential of that name. Dies (78), naming
 * the configuration key, when there is none, others could read it, or it is no single line. */
void secret_load(struct secret *s, const char *path, const char *credential, const char *key);
void secret_forget(struct secret *s);

/* Puts "[secret]" wherever the text holds it, or was cut within it; used on what a server said. */
void secret_hide(const char *secret, char *text, size_t size);

#endif
