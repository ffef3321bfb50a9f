/* secret: text that is never printed, logged, stored in the database or given on a command line.
 *
 * It comes from a file that only its owner can read, or from a systemd credential, and is wiped after use.
 */
#ifndef CORE_SECRET_H
#define CORE_SECRET_H

#include "stages/core/engine/run.h"

#define SECRET_SIZE 1024

struct secret {
	char text[SECRET_SIZE]; /* without its line break */
};

/* From the file `path` (below the home, or absolute); if that is "", from the systemd credential of that name. Dies (78), naming
 * the configuration key, when it does not exist, other users can read it, or it is not a single line. */
void secret_load(struct secret *s, const char *path, const char *credential, const char *key);
/* The same, but it may have several lines, as a key in PEM has. */
void secret_load_lines(struct secret *s, const char *path, const char *credential, const char *key);
void secret_forget(struct secret *s);

/* Puts "[secret]" wherever the text contains the secret, or ends inside it; for messages of a server. */
void secret_hide(const char *secret, char *text, size_t size);

#endif
