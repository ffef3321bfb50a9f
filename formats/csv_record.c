/* csv_record: see csv_record.h. */
#include "formats/csv_record.h"

#include <string.h>

#include "formats/date.h"
#include "formats/money.h"

static const char *
text_of(const struct csv_member *m, const void *record, char room[static INSTANT_TEXT])
{
	const void *at = (const char *)record + m->at;
	instant when;

	switch (m->kind) {
	case MEMBER_TEXT:
		return *(const char *const *)at;
	case MEMBER_TRUTH:
		return *(const bool *)at ? "true" : "false";
	case MEMBER_INSTANT:
		when = *(const instant *)at;
		return when == INSTANT_NONE ? NULL : instant_print(room, when);
	case MEMBER_CENTS:
		break;
	}
	return NULL;
}

void
csv_record_write(struct csv *c, const struct csv_member members[], int n, const void *record)
{
	char room[INSTANT_TEXT];
	const char *first = text_of(&members[0], record, room);
	bool without_first = first == NULL || *first == '\0';
	int i;

	for (i = 0; i < n; i++) {
		const struct csv_member *m = &members[i];
		const char *text;

		if (m->of_first && without_first) {
			csv_text(c, NULL);
			continue;
		}
		if (m->kind == MEMBER_CENTS) {
			csv_int(c, *(const cents *)((const char *)record + m->at));
			continue;
		}
		text = text_of(m, record, room);
		if (m->required && (text == NULL || *text == '\0'))
			sink_fail(c->sink);
		csv_text(c, text);
	}
	csv_end(c);
}

static int
csv_record_read_truth(const char *value, bool *truth, struct err *e)
{
	*truth = strcmp(value, "true") == 0;
	if (*truth || strcmp(value, "false") == 0)
		return 0;
	return err_set(e, ERR_BAD_FIELD, "must be true or false");
}

static void
set_absent(const struct csv_member *m, void *at)
{
	switch (m->kind) {
	case MEMBER_TEXT:
		*(const char **)at = NULL;
		break;
	case MEMBER_CENTS:
		*(cents *)at = 0;
		break;
	case MEMBER_INSTANT:
		*(instant *)at = INSTANT_NONE;
		break;
	case MEMBER_TRUTH:
		*(bool *)at = false;
		break;
	}
}

static int
read_member(const struct csv_member *m, const char *value, void *at, struct err *e)
{
	switch (m->kind) {
	case MEMBER_TEXT:
		*(const char **)at = value;
		break;
	case MEMBER_CENTS:
		return money_parse_cents(value, at, e);
	case MEMBER_INSTANT:
		return instant_parse(value, at, e);
	case MEMBER_TRUTH:
		return csv_record_read_truth(value, at, e);
	}
	return 0;
}

int
csv_record_read(const struct csv_member members[], int n, const char *const value[], long line, void *record,
                struct err *e)
{
	bool without_first = value[0][0] == '\0';
	struct err why = {0};
	int i;

	for (i = 0; i < n; i++) {
		const struct csv_member *m = &members[i];
		void *at = (char *)record + m->at;
		bool absent = value[i][0] == '\0', barred = m->of_first && without_first;

		set_absent(m, at);
		if (barred && !absent)
			return err_at(e, line, 0, ERR_BAD_FIELD, "%s must be empty when %s is empty",
			              m->column, members[0].column);
		if (absent && m->required && !barred)
			return err_at(e, line, 0, ERR_MISSING_FIELD, "%s is empty", m->column);
		if (!absent && read_member(m, value[i], at, &why) != 0)
			return err_at(e, line, 0, why.code, "%s: %s", m->column, why.message);
	}
	return 0;
}

/* 0: a text, which ends with its NUL. */
static size_t
size_of(const struct csv_member *m)
{
	switch (m->kind) {
	case MEMBER_CENTS:
		return sizeof(cents);
	case MEMBER_INSTANT:
		return sizeof(instant);
	case MEMBER_TRUTH:
		return sizeof(bool);
	case MEMBER_TEXT:
		break;
	}
	return 0;
}

size_t
csv_record_pack(const struct csv_member members[], int n, const void *record, char *to, size_t room)
{
	size_t used = 0;
	int i;

	for (i = 0; i < n; i++) {
		const void *from = (const char *)record + members[i].at;
		size_t size = size_of(&members[i]);

		if (size == 0) {
			from = *(const char *const *)from;
			if (from == NULL)
				from = "";
			size = strlen(from) + 1;
		}
		if (size > room - used)
			return 0;
		memcpy(to + used, from, size);
		used += size;
	}
	return used;
}

void
csv_record_unpack(const struct csv_member members[], int n, const char *from, void *record)
{
	int i;

	for (i = 0; i < n; i++) {
		void *at = (char *)record + members[i].at;
		size_t size = size_of(&members[i]);

		if (size > 0) {
			memcpy(at, from, size);
		} else {
			*(const char **)at = *from == '\0' ? NULL : from;
			size = strlen(from) + 1;
		}
		from += size;
	}
}
