/* handoff: what finance gets beside a bank file: hash, report, lists, manifest. Rendered from the rows of the file.
 *
 * IBANs are masked in all of them. debits.csv, or refunds.csv, and excluded.csv are for machines (comma, cents); the one that
 * ends in .excel-fr.csv opens in a French spreadsheet (semicolon, byte order mark, decimal comma, formula guard); report.html prints to A4.
 */
#ifndef CORE_HANDOFF_H
#define CORE_HANDOFF_H

#include "stages/core/engine/run.h"

/* Adds them to the hand-off folder that is being built (publish_folder_begin was called, the XML is in it and its size is
 * `xml_size`), inside the unit of work that makes the file. */
void handoff_publish(struct run *r, int64_t file_number, int64_t xml_size);

#endif
