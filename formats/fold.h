/* fold: texts that people type or copy, made comparable: what looks the same, or sounds the same on the phone, folds to the same.
 *
 * Blanks of every kind and characters that are not seen are left out, full-width characters become plain ones, capitals small.
 * So "VIR 2026-1", "vir2026-1" and "ＶＩＲ 2026-1" are one. Only for comparing: what was typed is stored as it was.
 * source   Unicode 15, White_Space, Default_Ignorable_Code_Point and simple case folding of Latin, Greek and Cyrillic;
 *          NFKC for the full-width forms
 */
#ifndef FORMATS_FOLD_H
#define FORMATS_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "formats/err.h"

bool fold_is_blank(uint32_t point);     /* of any width; tabs and line ends too */
bool fold_is_invisible(uint32_t point); /* zero-width, joiners, marks of direction, variation selectors */

/* Never longer than the text. 0; -1 and an empty dst when the folded text with its NUL does not fit. */
int fold_text(const char *text, char *dst, size_t size);
bool fold_is_same(const char *a, const char *b); /* once both are folded */

/* Whether an id that a person may have typed or copied is as it looks: it does not begin or end with a blank, and has no
 * character that is not seen. Code bad_field. */
int fold_check_id(const char *id, struct err *e);

#endif
