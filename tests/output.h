/* output: what a writer under test wrote, as text. */
#ifndef TESTS_OUTPUT_H
#define TESTS_OUTPUT_H

#include "formats/sink.h"

struct output {
	char text[16384];
	struct sink_text into;
};

static inline struct sink *
output_sink(struct output *o)
{
	o->into = (struct sink_text){o->text, sizeof(o->text), 0};
	return sink_into(&o->into);
}

#endif
