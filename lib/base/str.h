/* SPDX-License-Identifier: MIT */
/*
 * str.h - a growing run of bytes
 *
 * Everything that iotsim writes is first put together in one of these.
 * `p` holds `len` bytes and a NUL behind them (so it can be printed); bytes
 * may be NUL themselves. Before the first byte `p` is an empty constant.
 *
 * Floor 0. Not shared between threads.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stddef.h>

struct str {
	char *p;    /* owned when cap > 0 */
	size_t len; /* bytes in use, the NUL not counted */
	size_t cap; /* bytes allocated */
};

extern char str_empty[];

#define STR_INIT                \
	{                       \
		str_empty, 0, 0 \
	}

void str_init(struct str *s);
void str_release(struct str *s);
/* Empties it and keeps the memory. */
void str_clear(struct str *s);
/* Keeps the first `len` bytes, of as many at least. */
void str_cut(struct str *s, size_t len);

/* Room for `more` further bytes and the NUL; returns where they go. */
char *str_reserve(struct str *s, size_t more);
/* Takes `n` bytes that were written into the reserved room. */
void str_took(struct str *s, size_t n);

void str_add(struct str *s, const char *bytes, size_t len);
void str_adds(struct str *s, const char *text);
void str_addc(struct str *s, char c);
/* The same byte `n` times; n <= 0 adds nothing. */
void str_pad(struct str *s, char c, long n);
void str_addf(struct str *s, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Cuts the blanks at the end of a text off; what is behind those before it. */
char *str_trim(char *text, const char *blanks);

#endif
