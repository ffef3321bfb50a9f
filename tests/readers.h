/* readers: every reader of files that others write, each run on bytes in memory. Shared by the fuzzer and by the test that
 * replays what it found. A reader may refuse anything; what it hands on must keep its promises. */
#ifndef TESTS_READERS_H
#define TESTS_READERS_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/answer.h"
#include "formats/csv.h"
#include "formats/disguise_file.h"
#include "formats/json.h"
#include "formats/length.h"
#include "formats/receipt.h"
#include "formats/request.h"
#include "formats/swan.h"
#include "formats/text.h"

#define PROMISE(condition)                                                   \
	do {                                                                 \
		if (!(condition)) {                                          \
			fprintf(stderr, "promise broken: " #condition "\n"); \
			abort();                                             \
		}                                                            \
	} while (0)

static void
promise_text(const char *text)
{
	PROMISE(text_is_utf8(text, strlen(text)));
}

static int
take_message(void *ctx, const struct answer_message *m, struct err *e)
{
	(void)ctx, (void)e;
	PROMISE(m->nth > 0 && m->page >= 0);
	promise_text(m->msg_id);
	promise_text(m->member);
	promise_text(m->original_msg_id);
	promise_text(m->original_name_id);
	return 0;
}

static int
take_status(void *ctx, const struct answer_message *m, const struct pain002_status *s, struct err *e)
{
	(void)ctx, (void)m, (void)e;
	PROMISE(s->count >= -1 && s->sum >= -1 && s->line > 0);
	PROMISE((s->problem[0] == '\0') == (s->problem_code[0] == '\0'));
	promise_text(s->end_to_end_id);
	promise_text(s->reason);
	promise_text(s->text);
	return 0;
}

static int
take_entry(void *ctx, const struct answer_message *m, const struct camt_entry *n, struct err *e)
{
	(void)ctx, (void)m, (void)e;
	PROMISE(n->entry > 0 && n->detail >= 0 && n->line > 0);
	PROMISE((n->problem[0] == '\0') == (n->problem_code[0] == '\0'));
	PROMISE(n->problem[0] != '\0' || (n->amount >= 0 && n->principal >= 0 && n->status[0] != '\0'));
	PROMISE(n->problem[0] != '\0' || strcmp(n->status, "BOOK") != 0 || n->booking_on != DATE_NONE ||
	        n->value_on != DATE_NONE);
	promise_text(n->account_iban);
	promise_text(n->end_to_end_id);
	promise_text(n->reason);
	promise_text(n->text);
	return 0;
}

static int
take_contradiction(void *ctx, const struct answer_message *m, int entry, long line, const char *code,
                   const char *problem, struct err *e)
{
	(void)ctx, (void)m, (void)e;
	PROMISE(entry > 0 && line > 0 && code[0] != '\0' && problem[0] != '\0');
	return 0;
}

static int
run_answer(FILE *in, struct err *e)
{
	struct answer_reader g = {.begin = take_message,
	                          .status = take_status,
	                          .entry = take_entry,
	                          .contradict = take_contradiction,
	                          .end = take_message};

	return answer_read(in, &g, e);
}

static int
take_request(void *ctx, const struct request *q, struct err *e)
{
	int i;

	(void)ctx, (void)e;
	PROMISE(q->line > 0 && q->n >= 0 && q->n <= REQUEST_MAX_FIELDS);
	for (i = 0; i < q->n; i++)
		promise_text(q->field[i].value);
	return 0;
}

static int
run_jsonl(FILE *in, struct err *e)
{
	return request_read_jsonl(in, NULL, take_request, NULL, e);
}

static int
run_csv(FILE *in, struct err *e)
{
	return request_read_csv(in, "declare_profile", take_request, NULL, e);
}

static int
take_receipt(void *ctx, const struct receipt *q, struct err *e)
{
	(void)ctx, (void)e;
	PROMISE(q->line > 0 && q->status >= 0 && q->status < RECEIPT_STATUSES);
	promise_text(q->text);
	if (q->message != NULL)
		promise_text(q->message);
	return 0;
}

static int
run_receipt(FILE *in, struct err *e)
{
	return receipt_read(in, take_receipt, NULL, e);
}

static int
run_json(FILE *in, struct err *e)
{
	static char text[1 << 20];
	size_t n = fread(text, 1, sizeof(text), in);
	char *exact = malloc(n > 0 ? n : 1); /* so that the sanitizer sees a byte read too far */
	struct json_value *root;

	PROMISE(exact != NULL);
	memcpy(exact, text, n);
	root = json_parse(exact, n, e);
	free(exact);
	json_free(root);
	return root != NULL ? 0 : -1;
}

static int
take_page_transaction(void *ctx, const struct swan_transaction *t, struct err *e)
{
	struct csv *c = ctx;

	(void)e;
	PROMISE(t->id[0] != '\0' && t->amount >= 0 && strcmp(t->currency, "EUR") == 0);
	promise_text(t->label == NULL ? "" : t->label);
	transactions_csv_write(c, t);
	return 0;
}

static int
take_page_support(void *ctx, const struct swan_payment_support *p, struct err *e)
{
	struct csv *c = ctx;

	(void)e;
	PROMISE(p->account_membership_id[0] != '\0');
	payment_supports_csv_write(c, p);
	return 0;
}

static int
take_page_bad(void *ctx, const struct swan_bad *bad)
{
	(void)ctx;
	PROMISE(bad->why.code[0] != '\0' && bad->why.message[0] != '\0');
	promise_text(bad->json);
	return 0;
}

/* A page of Swan is read as one of each list. */
static int
run_page(FILE *in, struct err *e)
{
	static char text[1 << 20];
	size_t n = fread(text, 1, sizeof(text), in);
	char *exact = malloc(n > 0 ? n : 1);
	struct csv c = {.sink = sink_new(NULL, NULL), .separator = ',', .eol = "\n"};
	struct err why[3] = {0};
	struct swan_page page;
	int rc[3], i;

	PROMISE(exact != NULL);
	memcpy(exact, text, n);
	rc[0] = swan_read_transactions(exact, n, take_page_transaction, take_page_bad, &c, &page, &why[0]);
	rc[1] = swan_read_cards(exact, n, take_page_support, take_page_bad, &c, &page, &why[1]);
	rc[2] = swan_read_memberships(exact, n, take_page_support, take_page_bad, &c, &page, &why[2]);
	free(exact);
	PROMISE(sink_end(c.sink, NULL, NULL) == 0);
	for (i = 0; i < 3; i++)
		if (rc[i] == 0)
			return 0;
	*e = why[0];
	return -1;
}

/* What a file becomes is the same each time. */
static int
run_disguise(FILE *in, struct err *e)
{
	static char text[1 << 20];
	unsigned char digest[2][SHA256_SIZE];
	size_t n = fread(text, 1, sizeof(text) - 1, in);
	char *exact = malloc(n + 1);
	int i, rc = 0;

	PROMISE(exact != NULL);
	memcpy(exact, text, n);
	exact[n] = '\0';
	for (i = 0; i < 2; i++) {
		struct disguise d = {.key = "key", .store = 0xa1a9, .days = 365};
		struct sink *s = sink_new(NULL, NULL);

		rc = disguise_file(&d, exact, n, s);
		PROMISE(sink_end(s, digest[i], NULL) == 0);
	}
	free(exact);
	PROMISE(memcmp(digest[0], digest[1], SHA256_SIZE) == 0);
	return rc == 0 ? 0 : err_set(e, ERR_UNKNOWN_MESSAGE, "neither XML, JSON nor CSV");
}

/* Seeds, as patterns of file names, NULL at the end. */
static const struct reader {
	const char *name;
	int (*run)(FILE *in, struct err *e);
	const char *seeds[4];
} readers[] = {
    {"answer", run_answer, {"fixtures/nights/*/drop/*/bank/*", "fixtures/hostile/answer/*"}},
    {"container", run_answer, {"fixtures/containers/*", "fixtures/hostile/container/*"}},
    {"json",
     run_json,
     {"fixtures/nights/*/drop/*/*/*.json", "fixtures/nights/*/drop/*/requests/*.jsonl",
      "fixtures/hostile/json/*"}},
    {"jsonl", run_jsonl, {"fixtures/nights/*/drop/*/requests/*.jsonl", "fixtures/hostile/jsonl/*"}},
    {"receipt", run_receipt, {"fixtures/nights/*/drop/*/receipts/*.jsonl", "fixtures/hostile/receipt/*"}},
    {"disguise",
     run_disguise,
     {"fixtures/nights/*/drop/*/bank/*", "fixtures/nights/*/drop/*/requests/*",
      "fixtures/hostile/disguise/*"}},
    {"page",
     run_page,
     {"fixtures/nights/*/drop/*/swan/*.json", "fixtures/stages/*/input/swan/*.json",
      "fixtures/hostile/page/*"}},
    {"csv", run_csv, {"fixtures/nights/*/drop/*/requests/*.csv", "fixtures/hostile/csv/*"}},
};

/* Whatever it reads, a refusal has a code and a sentence. */
static int
run_reader(const struct reader *r, const char *bytes, size_t n)
{
	struct err e = {0};
	FILE *in = tmpfile();
	int rc;

	PROMISE(in != NULL && fwrite(bytes, 1, n, in) == n);
	rewind(in);
	rc = r->run(in, &e);
	fclose(in);
	PROMISE(rc == 0 || (e.code[0] != '\0' && e.message[0] != '\0'));
	return rc;
}

#endif
