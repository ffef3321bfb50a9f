/* faults: what fakeswan does wrong, and at which call. `fakeswan --faults` explains each. */
#ifndef TESTS_FAKESWAN_FAULTS_H
#define TESTS_FAKESWAN_FAULTS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum fault {
	/* another answer to an API call */
	FAULT_500,
	FAULT_502HTML,
	FAULT_503,
	FAULT_429,
	FAULT_429AFTER,
	FAULT_429DATE,
	FAULT_400,
	FAULT_403,
	FAULT_ERRORS,
	FAULT_ECHO,
	FAULT_REJECTION,
	FAULT_NOTJSON,
	FAULT_REDIRECT,
	FAULT_UNAUTHORIZED,
	FAULT_EXPIRED,
	/* another way of sending the answer */
	FAULT_TRUNCATED,
	FAULT_RESET,
	FAULT_SLOW,
	FAULT_HANG,
	FAULT_CHUNKED,
	FAULT_GZIP,
	/* another page */
	FAULT_PARTIAL,
	FAULT_HUGE,
	FAULT_LATIN1,
	FAULT_DUPLICATES,
	FAULT_EMPTY,
	FAULT_STUCK,
	FAULT_NULLCURSOR,
	FAULT_ENDLESS,
	FAULT_LOST,
	FAULT_MOVING,
	FAULT_MOVING_ALWAYS,
	FAULT_GROWING,
	/* the token is refused, or not valid */
	FAULT_BADSECRET,
	FAULT_OAUTH500,
	FAULT_OAUTHHTML,
	FAULT_OAUTHECHO,
	FAULT_LYING,
	FAULT_SHORTLIFE,
	/* another world, from the start */
	FAULT_ENUMS,
	FAULT_NOMERCHANT,
	FAULT_NULLUSER,
	FAULT_DECIMALS,
	FAULT_USD,
	FAULT_EXPONENT,
	FAULT_COMMA,
	FAULT_NEGATIVE,
	/* another course of a mutation: the Nth of its kind */
	FAULT_BLOCKED,
	FAULT_BOT,
	FAULT_SMS,
	FAULT_QUOTED,
	FAULT_INVITED,
	FAULT_PENDING,
	FAULT_BINDERROR,
	FAULT_FORBIDDEN,
	FAULT_REFUSED,
	FAULT_EXPIREDCONSENT,
	FAULT_NEVERENABLED,
	FAULT_SCA,
	FAULT_NULLCONSENT,
	FAULT_NOSEAT,
	FAULT_CANCELFAILS,
	FAULT_UNCANCELED,
	/* the Nth of all mutations */
	FAULT_UNANSWERED,
	FAULTS
};

#define MOST_FAULTS 64

struct faulty { /* calls or items, counted from 1: from `first` on, `count` of them, each `every`th */
	enum fault which;
	long first, count, every;
};

struct faults {
	struct faulty list[MOST_FAULTS];
	int n;
};

int faults_add(struct faults *f, const char *spec); /* NAME[@N[xM]|@*]; -1: there is no such fault */
bool fault_is(const struct faults *f, enum fault which, long n);
bool fault_since(const struct faults *f, enum fault which, long n); /* n is its first call, or later */
const struct faulty *fault_find(const struct faults *f,
                                enum fault which); /* the first of its kind, or NULL */
const char *fault_name(enum fault which);
void faults_print(void);

#endif
