/* html: whatever a text holds, the page is well-formed and shows it in its order. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "formats/html.h"
#include "tests/output.h"

static const char *
paragraph(struct output *o, const char *text)
{
	struct sink *s = output_sink(o);
	struct xml_writer *w = xml_begin_document(s);

	html_put(w, "p", NULL, text);
	xml_end_document(w);
	assert_int_equal(sink_end(s, NULL, NULL), 0);
	return strstr(o->text, "<p");
}

static void
html_shows_every_character_in_its_order(void **state)
{
	struct output o;

	(void)state;
	assert_string_equal(paragraph(&o, "Zoë & <b> 😀"), "<p>Zoë &amp; &lt;b&gt; 😀</p>\n");
	assert_string_equal(paragraph(&o, "\xE2\x80\xAE"
	                                  "21,00\xC2\x85\t\xFF!"),
	                    "<p>\uFFFD21,00\uFFFD\uFFFD\uFFFD!</p>\n");
	assert_string_equal(paragraph(&o, NULL), "<p/>\n");
}

static void
html_writes_texts_of_every_length(void **state)
{
	char text[1600];
	struct output o;
	size_t n, i;

	(void)state;
	for (n = 0; n < 4; n++) {
		memset(text, 'x', n);
		for (i = n; i + 5 < sizeof(text); i += 4)
			memcpy(text + i, "\U0001F600", 5);
		assert_int_equal(strlen(paragraph(&o, text)), strlen(text) + strlen("<p></p>\n"));
		assert_non_null(strstr(o.text, text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(html_shows_every_character_in_its_order),
	    cmocka_unit_test(html_writes_texts_of_every_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
