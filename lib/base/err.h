/* SPDX-License-Identifier: MIT */
/*
 * err.h - what went wrong, in one line
 *
 * A function that can fail returns -1 (or NULL) and takes a struct err as
 * its last argument. The first message wins: callers on the way up may only
 * put a prefix before it. A message has no capital, no full stop, names the
 * thing in quotes and says the bounds. What it quotes is made printable, as
 * base/utf8.h has it. cmd/ prints it, nobody else does.
 *
 * Floor 0. Not shared between threads.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

struct err {
	char msg[512]; /* "" while nothing went wrong */
};

#define ERR_INIT   \
	{          \
		"" \
	}

/* Keeps the message if it is the first. Always returns -1. */
int err_set(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Puts "prefix: " before the message. Always returns -1. */
int err_prefix(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
