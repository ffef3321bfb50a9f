/* signedfile: see signedfile.h. Writes through approval and inbox. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "stages/core/bank/approval.h"
#include "stages/core/bank/signedfile.h"
#include "stages/core/engine/log.h"
#include "stages/core/home/inbox.h"

#define MOST_FILES 64 /* that await an approval at once */

static size_t
list_files(struct run *r, int64_t numbers[static MOST_FILES])
{
	struct stmt *q = sql(r->db,
	    "SELECT number FROM bank_file"
	    " WHERE state IN ('generated', 'approved') AND sha256 IS NOT NULL"
	    " ORDER BY number DESC LIMIT 64");
	size_t n = 0;

	while (row(q) && n < MOST_FILES)
		numbers[n++] = col_int(q, 0);
	reset(q);
	return n;
}

/* The first file that the signature is of; why another one did not take it stands in *e only when it is of that one. */
static int
try_files(struct run *r, const struct sshsig *s, struct err *e)
{
	int64_t numbers[MOST_FILES];
	char signer[RUN_PERSON];
	size_t i, n = list_files(r, numbers);
	struct bankfile f;

	err_set(e, "bad_signature", "no bank file awaits an approval");
	for (i = 0; i < n; i++) {
		if (!bankfile_load(r, numbers[i], &f))
			continue;
		*e = (struct err){0};
		if (approval_sign(r, &f, s, NULL, signer, e) >= 0) {
			info("%s: approved by %s (signature)", f.msg_id, signer);
			return 0;
		}
		if (strcmp(e->code, "bad_signature") != 0)
			return -1;
	}
	return -1;
}

static int
take_signature(struct inbox_file *f, int64_t copy_of, void *ctx, struct err *e)
{
	char bytes[SSHSIG_MOST + 1];
	struct sshsig s;
	FILE *in;
	size_t n;

	(void)ctx;
	if (copy_of != 0)
		return 0;
	in = inbox_content(f);
	n = fread(bytes, 1, sizeof(bytes), in);
	fclose(in);
	if (sshsig_parse(bytes, n, &s, e) < 0)
		return -1;
	return try_files(f->run, &s, e);
}

void
signedfile_receive(struct run *r)
{
	struct inbox_list list;
	struct stat st;
	size_t i;

	if (stat(SIGNEDFILE_INBOX, &st) < 0)
		return;
	inbox_list(r, SIGNEDFILE_INBOX, &list);
	for (i = 0; i < list.n; i++)
		inbox_receive(r, "approvals", SIGNEDFILE_INBOX, list.name[i], take_signature, NULL);
	inbox_free(&list);
}
