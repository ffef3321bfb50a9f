/* answer: what `make bench` times: reading a report of many entries, as we do and as the parser alone does.
 *
 * usage: answer make N > FILE       writes a camt.053 of N entries, each with one detail
 *        answer ours FILE           answer_read, which hands on each entry
 *        answer bare FILE           libxml2's push parser with SAX2 handlers that do nothing
 *        answer keys N              a JSON object of N keys of one shape
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libxml/parser.h>

#include "formats/answer.h"
#include "formats/json.h"
#include "formats/memory.h"

static void
make_report(long n)
{
	long i;

	printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	       "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt>"
	       "<GrpHdr><MsgId>C53-1</MsgId><CreDtTm>2026-03-10T06:00:00</CreDtTm></GrpHdr>"
	       "<Stmt><Id>1</Id><Acct><Id><IBAN>FR7630006000011234567890189</IBAN></Id></Acct>\n");
	for (i = 0; i < n; i++)
		printf(
		    "<Ntry><NtryRef>%ld</NtryRef><Amt Ccy=\"EUR\">%ld.%02ld</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
		    "<Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-10</Dt></BookgDt><ValDt><Dt>2026-03-10</Dt></ValDt>"
		    "<AcctSvcrRef>2026069%09ld</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd>"
		    "<SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs>"
		    "<EndToEndId>0000a1a90500800080%014ld</EndToEndId><MndtId>AP-%ld-1</MndtId></Refs>"
		    "<Amt Ccy=\"EUR\">%ld.%02ld</Amt><CdtDbtInd>DBIT</CdtDbtInd><RltdPties><Dbtr><Pty><Nm>Camille Martin"
		    "</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id></DbtrAcct></RltdPties>"
		    "<RmtInf><Ustrd>Alan Pay/carte du 02/03</Ustrd></RmtInf><RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf>"
		    "</TxDtls></NtryDtls></Ntry>\n",
		    i, i % 90 + 10, i % 100, i, i, i, i % 90 + 10, i % 100);
	puts("</Stmt></BkToCstmrStmt></Document>");
}

static int
pass(void *ctx, const struct answer_message *m, struct err *e)
{
	(void)ctx, (void)m, (void)e;
	return 0;
}

static int
count(void *ctx, const struct answer_message *m, const struct camt_entry *n, struct err *e)
{
	long *entries = ctx;

	(void)m, (void)e;
	*entries += n->amount > 0;
	return 0;
}

static int
read_ours(FILE *in)
{
	struct err e = {0};
	long entries = 0;
	struct answer_reader g = {.ctx = &entries, .begin = pass, .entry = count, .end = pass};
	int rc = answer_read(in, &g, &e);

	printf("%ld entries %s\n", entries, e.message);
	return rc;
}

static void
begin(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
      const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
	(void)name, (void)prefix, (void)uri, (void)n_namespaces, (void)namespaces, (void)n_attributes;
	(void)n_defaulted, (void)attributes;
	++*(long *)ctx;
}

static void
end(void *ctx, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	(void)ctx, (void)name, (void)prefix, (void)uri;
}

static void
text(void *ctx, const xmlChar *bytes, int n)
{
	(void)ctx, (void)bytes, (void)n;
}

static int
read_bare(FILE *in)
{
	static char chunk[32768];
	xmlSAXHandler sax = {.initialized = XML_SAX2_MAGIC,
	                     .startElementNs = begin,
	                     .endElementNs = end,
	                     .characters = text,
	                     .cdataBlock = text};
	long elements = 0;
	xmlParserCtxt *parser = xmlCreatePushParserCtxt(&sax, &elements, NULL, 0, NULL);
	size_t n;
	int rc;

	while ((n = fread(chunk, 1, sizeof(chunk), in)) > 0)
		xmlParseChunk(parser, chunk, (int)n, 0);
	rc = xmlParseChunk(parser, NULL, 0, 1);
	printf("%ld elements\n", elements);
	xmlFreeParserCtxt(parser);
	return rc;
}

static int
read_keys(size_t n)
{
	char *text = memory_check(malloc(n * 32 + 64)), *at = text;
	struct json_value *value;
	struct err e = {0};
	size_t i;

	*at++ = '{';
	for (i = 0; i < n; i++)
		at += sprintf(at, "\"key-of-one-shape%08zu\":1,", i);
	at += sprintf(at, "\"last\":1}");
	value = json_parse(text, (size_t)(at - text), &e);
	json_free(value);
	free(text);
	return value == NULL ? -1 : 0;
}

int
main(int argc, char **argv)
{
	FILE *in;
	int rc;

	if (argc == 3 && strcmp(argv[1], "make") == 0) {
		make_report(atol(argv[2]));
		return 0;
	}
	if (argc == 3 && strcmp(argv[1], "keys") == 0)
		return read_keys((size_t)atol(argv[2])) != 0;
	in = argc == 3 ? fopen(argv[2], "rb") : NULL;
	if (in == NULL)
		return 64;
	rc = strcmp(argv[1], "ours") == 0 ? read_ours(in) : read_bare(in);
	fclose(in);
	return rc != 0;
}
