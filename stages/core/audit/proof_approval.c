/* proof_approval: see proof.h. The signatures of approvals: their text is written here once more, from the row of the file, and verified
 * with the key that was kept; the files beside the versions say the same.
 *
 * A key that the configuration no longer has proves what was approved with it before.
 */
#include <stdio.h>
#include <string.h>

#include "formats/length.h"
#include "formats/money.h"
#include "formats/sshsig.h"
#include "stages/core/audit/proof.h"
#include "stages/core/home/durable.h"

#define TEXT 512

static struct claim is_signed = {
    .text = "each signature of an approval is of its bank file, and is kept beside it as it was given"};

/* The columns of the statement below. */
enum { NUMBER, MSG_ID, SHA256, COUNT, SUM, ACCOUNT, DAY, APPROVER, KEY, SIGNATURE, WAY, FOLDER };

static size_t
print_text(struct run *r, struct stmt *q, char text[static TEXT])
{
	char hex[SHA256_TEXT], sum[MONEY_TEXT];
	size_t n;

	sha256_print(hex, col_blob(q, SHA256, &n));
	return (size_t)snprintf(text, TEXT, "alanpay approve\n%08x\n%s\n%s\n%lld\n%s\n%s\n%s\n",
	                        store_id(r->db), col_text(q, MSG_ID), hex, (long long)col_int(q, COUNT),
	                        money_print(sum, col_int(q, SUM)), col_text(q, ACCOUNT), col_text(q, DAY));
}

static bool
is_kept(const char *path, const void *bytes, size_t n)
{
	unsigned char digest[SHA256_SIZE];

	sha256(bytes, n, digest);
	return proof_is_there(path, digest);
}

/* Whether out/sepa/<session>/approvals/<version>.<name> has the text and the signature. */
static bool
has_files(struct stmt *q, const struct sshsig *s, const char *text, size_t length)
{
	const char *folder = col_text(q, FOLDER), *version = strrchr(folder, '/') + 1;
	char path[PATH_SIZE], bytes[1024];
	struct sink_text into = {bytes, sizeof(bytes), 0};
	struct sink *to = sink_into(&into);

	sshsig_write(s, s->key, to);
	if (sink_end(to, NULL, NULL) < 0)
		return false;
	snprintf(path, sizeof(path), "%.*sapprovals/%s.%s.sig", (int)(version - folder), folder, version,
	         col_text(q, APPROVER));
	if (!is_kept(path, bytes, into.n))
		return false;
	memcpy(path + strlen(path) - 3, "txt", 3);
	return is_kept(path, text, length);
}

static void
prove_signature(struct proof *p, struct stmt *q)
{
	static const char *const ways[] = {"openssl", "ssh-sha512", "ssh-sha256"};
	struct sshsig s = {.way = (enum sshsig_way)col_word(q, WAY, ways, (int)LENGTH(ways))};
	char text[TEXT];
	size_t n, length = print_text(p->r, q, text);

	memcpy(s.key, col_blob(q, KEY, &n), SSHSIG_KEY);
	memcpy(s.signature, col_blob(q, SIGNATURE, &n), SSHSIG_SIGNATURE);
	if (!sshsig_verify(&s, s.key, text, length))
		proof_differs(p, &is_signed, "bank file %s: the signature of %s is not of it",
		              col_text(q, MSG_ID), col_text(q, APPROVER));
	else if (!has_files(q, &s, text, length))
		proof_differs(p, &is_signed,
		              "bank file %s: the signature of %s is not beside it, or is another",
		              col_text(q, MSG_ID), col_text(q, APPROVER));
}

void
proof_of_approvals(struct proof *p)
{
	struct stmt *q = sql(p->r->db,
	    "SELECT f.number, f.msg_id, f.sha256, f.collections, f.sum_in_cents, f.creditor_iban, f.collect_on,"
	    "  a.approver, a.public_key, a.signature, a.signed_with, f.folder"
	    " FROM approval a"
	    " JOIN bank_file f ON f.number = a.file_number"
	    " WHERE a.identity = 'signature'"
	    " ORDER BY f.number, a.approver");

	proof_begin(p, &is_signed);
	while (row(q))
		prove_signature(p, q);
}
