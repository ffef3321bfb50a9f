/* err: what was wrong with an input, and where.
 *
 * Every reader and parser in formats/ reports through one of these and returns -1; it never prints and never
 * exits. The caller knows the file name and decides: refuse the file, hold the row, go on.
 *
 * What is no input's fault is not reported here: a lack of memory ends the process (memory.h), and so does a caller that
 * breaks a promise, by abort().
 */
#ifndef FORMATS_ERR_H
#define FORMATS_ERR_H

struct err {
	char code[40];     /* stable, for programs: "malformed_json", "invalid_iban" */
	long line, column; /* counted from 1; 0 = not known */
	char message[256]; /* a sentence for people, without the file's name; cut when longer */
};

/* Fills *e, keeping line and column, and returns -1, so that a check reads `return err_set(e, ...)`. */
int err_set(struct err *e, const char *code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with a place. */
int err_at(struct err *e, long line, long column, const char *code, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));

#endif
