/* alanpay cards view-numbers: the numbers of a member's card, to a terminal or to a descriptor that the caller opened.
 *
 * reads    Swan
 * writes   nothing: the addresses are secrets, in no file, log or table
 * rerun    asks for another consent each time
 * holds    nothing; exit 75 when the member must consent first
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/json.h"
#include "formats/money.h"
#include "stages/commands/swanuser.h"
#include "stages/core/engine/log.h"
#include "stages/core/engine/options.h"
#include "stages/core/enrol/numbers.h"

#define MOST_DESCRIPTOR 1023
#define DOCUMENT        (4 * NUMBERS_URL)

/* Open for writing, and opened by the caller: what this program itself has open, as the database, is closed on exec. */
static bool
is_given(int fd)
{
	int access = fcntl(fd, F_GETFL), closes = fcntl(fd, F_GETFD);

	return access >= 0 && (access & O_ACCMODE) != O_RDONLY && closes >= 0 && (closes & FD_CLOEXEC) == 0;
}

/* Where the numbers may go, before Swan is asked. */
static int
choose_descriptor(const struct run *r)
{
	const char *text = options_value(r, "fd");
	cents fd;
	struct err e;

	if (text == NULL && !isatty(STDOUT_FILENO))
		die(EXIT_FORBIDDEN,
		    "the numbers of a card go to a terminal only, or to a descriptor that is open for them: --fd N");
	if (text == NULL)
		return STDOUT_FILENO;
	if (money_parse_cents(text, &fd, &e) < 0 || fd < 0 || fd > MOST_DESCRIPTOR)
		die(EXIT_USAGE, "--fd takes the number of an open descriptor");
	if (!is_given((int)fd))
		die(EXIT_USAGE, "--fd %d: no descriptor of this number is open for writing", (int)fd);
	return (int)fd;
}

static void
write_document(const struct run *r, const struct numbers *n, struct sink_text *text)
{
	struct json j = {.sink = sink_into(text), .indent = r->format != FORMAT_JSONL};

	json_open(&j, NULL, '{');
	json_put_text(&j, "pan_url", n->pan_url);
	json_put_text(&j, "expiry_date_url", n->expiry_date_url);
	json_put_text(&j, "cvv_url", n->cvv_url);
	json_put_text(&j, "cardholder_name", n->cardholder_name);
	json_close(&j, '}');
	if (r->format == FORMAT_JSONL)
		sink_text(j.sink, "\n");
	if (sink_end(j.sink, NULL, NULL) < 0)
		die(EXIT_REFUSED, "the addresses are too long");
}

static void
print_numbers(const struct run *r, int fd, const struct numbers *n)
{
	char document[DOCUMENT];
	struct sink_text text = {document, sizeof(document), 0};
	ssize_t put = 1;
	size_t done = 0;

	write_document(r, n, &text);
	signal(SIGPIPE, SIG_IGN); /* a pipe that nobody reads is an error of write(2), not a death */
	while (done < text.n && (put > 0 || errno == EINTR)) {
		put = write(fd, document + done, text.n - done);
		done += put > 0 ? (size_t)put : 0;
	}
	OPENSSL_cleanse(document, sizeof(document));
	if (done < text.n)
		die_errno(EXIT_IO, "descriptor %d", fd);
}

static _Noreturn void
ask_for_consent(const struct run *r, const struct numbers_consent *c)
{
	die(EXIT_BUSY, "the member must consent first: let the member open %s, then give `%s`", c->url,
	    run_command(r, "cards view-numbers --app-id %s --app-user-id %s --consent-id %s",
	                options_value(r, "app-id"), options_value(r, "app-user-id"), c->id));
}

void
swanuser_view_numbers(struct run *r)
{
	int fd = choose_descriptor(r);
	int64_t profile = swanuser_profile(r, true);
	struct numbers_consent needed;
	struct numbers n = {.pan_url = ""};
	struct caller swan;
	bool shown;

	caller_open(&swan, r);
	shown = numbers_load(&swan, profile, options_value(r, "consent-id"), &n, &needed);
	caller_close(&swan);
	if (!shown)
		ask_for_consent(r, &needed);
	print_numbers(r, fd, &n);
	OPENSSL_cleanse(&n, sizeof(n));
}
