/* logline: see logline.h. */
#include <string.h>

#include "formats/json.h"
#include "formats/text.h"
#include "stages/core/home/logline.h"

static const unsigned char zeros[SHA256_SIZE];

static void
put_digest(struct json *j, const char *key, const unsigned char digest[SHA256_SIZE])
{
	char hex[SHA256_TEXT];

	json_put_text(j, key, sha256_print(hex, digest));
}

static void
put_pages(struct json *j, const struct pages_at *p)
{
	json_open(j, "pages", '{');
	json_put_text(j, "wal", p->log_id);
	json_put_int(j, "first", p->first);
	json_put_int(j, "frames", p->frames);
	if (p->is_lost)
		json_put_bool(j, "lost", true);
	if (p->file[0] != '\0') {
		json_put_text(j, "file", p->file);
		json_put_int(j, "offset", p->offset);
		json_put_int(j, "bytes", p->bytes);
		put_digest(j, "sha256", p->sha256);
	}
	json_close(j, '}');
}

int
logline_write(const struct logline *line, char text[static LOGLINE_SIZE], size_t *n)
{
	struct sink_text room = {.size = LOGLINE_SIZE};
	struct json j = {0};
	char day[DATE_TEXT], at[INSTANT_TEXT];

	room.at = text;
	j.sink = sink_into(&room);
	json_open(&j, NULL, '{');
	json_put_int(&j, "n", line->act.number);
	json_put_text(&j, "at", instant_print(at, line->act.now));
	json_put_text(&j, "date", date_print(day, line->act.on));
	json_put_text(&j, "program", line->act.program);
	json_put_text(&j, "kind", line->act.kind);
	json_put_text(&j, "what", line->act.what);
	json_put_text(&j, "detail", line->act.detail);
	if (line->act.has_sha256)
		put_digest(&j, "sha256", line->act.sha256);
	put_pages(&j, &line->pages);
	if (line->act.has_after)
		put_digest(&j, "after", line->act.after);
	put_digest(&j, "prev", line->prev);
	json_close(&j, '}');
	if (sink_end(j.sink, NULL, NULL) < 0)
		return -1;
	*n = room.n;
	return 0;
}

static int
read_text(const struct json_value *v, const char *path, char *to, size_t size, struct err *e)
{
	const char *text = NULL;

	if (json_text(v, path, &text, e) < 0)
		return -1;
	if (text_copy(to, size, text == NULL ? "" : text) < 0)
		return err_set(e, ERR_BAD_FIELD, "%s is too long", path);
	return 0;
}

/* found: NULL, then it must be there. */
static int
read_digest(const struct json_value *v, const char *path, unsigned char digest[SHA256_SIZE], bool *found,
            struct err *e)
{
	const char *text = NULL;

	if (json_text(v, path, &text, e) < 0)
		return -1;
	if (found != NULL)
		*found = text != NULL;
	if (text == NULL)
		return found != NULL ? 0 : err_set(e, ERR_MISSING_FIELD, "%s is missing", path);
	if (sha256_parse(text, digest) < 0)
		return err_set(e, ERR_BAD_FIELD, "%s is not a valid digest", path);
	return 0;
}

static int
read_when(const struct json_value *v, struct intent *act, struct err *e)
{
	char text[INSTANT_TEXT];

	if (read_text(v, "at", text, sizeof(text), e) < 0 || instant_parse(text, &act->now, e) < 0)
		return -1;
	if (read_text(v, "date", text, sizeof(text), e) < 0)
		return -1;
	return date_parse(text, &act->on, e);
}

static int
read_act(const struct json_value *v, struct intent *act, struct err *e)
{
	if (json_int(v, "n", &act->number, e) < 0 || read_when(v, act, e) < 0)
		return -1;
	if (read_text(v, "program", act->program, sizeof(act->program), e) < 0 ||
	    read_text(v, "kind", act->kind, sizeof(act->kind), e) < 0)
		return -1;
	if (read_text(v, "what", act->what, sizeof(act->what), e) < 0 ||
	    read_text(v, "detail", act->detail, sizeof(act->detail), e) < 0)
		return -1;
	return read_digest(v, "sha256", act->sha256, &act->has_sha256, e);
}

static int
read_pages(const struct json_value *v, struct pages_at *p, struct err *e)
{
	bool has_digest;

	if (read_text(v, "pages.wal", p->log_id, sizeof(p->log_id), e) < 0 ||
	    json_int(v, "pages.first", &p->first, e) < 0 || json_int(v, "pages.frames", &p->frames, e) < 0)
		return -1;
	if (json_bool(v, "pages.lost", &p->is_lost, e) < 0 ||
	    read_text(v, "pages.file", p->file, sizeof(p->file), e) < 0)
		return -1;
	if (json_int(v, "pages.offset", &p->offset, e) < 0 || json_int(v, "pages.bytes", &p->bytes, e) < 0)
		return -1;
	if (read_digest(v, "pages.sha256", p->sha256, &has_digest, e) < 0)
		return -1;
	if (p->file[0] != '\0' && (!has_digest || p->offset < 0 || p->bytes <= 0))
		return err_set(e, ERR_BAD_FIELD, "pages are not described");
	return 0;
}

int
logline_read(const char *text, size_t n, struct logline *line, struct err *e)
{
	struct json_value *v = json_parse(text, n, e);
	int result = -1;

	*line = (struct logline){.act.number = 0};
	if (v == NULL)
		return -1;
	if (read_act(v, &line->act, e) == 0 && read_pages(v, &line->pages, e) == 0 &&
	    read_digest(v, "after", line->act.after, &line->act.has_after, e) == 0)
		result = read_digest(v, "prev", line->prev, NULL, e);
	json_free(v);
	if (result == 0 && line->act.number == 1 && memcmp(line->prev, zeros, sizeof(zeros)) != 0)
		return err_set(e, ERR_BAD_FIELD, "the first line follows another one");
	return result;
}
