/* vocabulary: the words of this program: those that stand in its texts, and in its tables of codes. */
#ifndef FORMATS_VOCABULARY_H
#define FORMATS_VOCABULARY_H

#include <stdbool.h>

bool vocabulary_has(const char *word); /* in any case */

#endif
