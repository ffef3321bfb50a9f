/* handoff: the files that finance gets beside a bank file: hash, report, lists, manifest. Rendered from rows.
 *
 * IBANs are masked. debits.csv (or refunds.csv) and excluded.csv are for programs: comma, cents. The .excel-fr.csv open in a
 * French spreadsheet: semicolon, byte order mark, decimal comma, formula guard.
 */
#ifndef CORE_HANDOFF_H
#define CORE_HANDOFF_H

#include "stages/core/bank/bankfile.h"
#include "stages/core/home/publish.h"

#define HANDOFF_FILES 7

struct handoff;

struct handoff *handoff_open(struct run *r, const struct bankfile *f);
void handoff_close(struct handoff *h);

/* The files of the hand-off folder that follow the XML. None can be rendered before the XML is recorded and its hash is in
 * bank_file. They live as long as h. */
void handoff_entries(struct handoff *h, struct publish_entry entries[static HANDOFF_FILES]);
/* Writes one of them once more, by its name. */
void handoff_write(struct handoff *h, const char *name, struct sink *s);

#endif
