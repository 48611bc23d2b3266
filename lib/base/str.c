/* SPDX-License-Identifier: MIT */
#include "base/str.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

char str_empty[1]; /* never written to */

void str_init(struct str *s)
{
	*s = (struct str)STR_INIT;
}

void str_release(struct str *s)
{
	if (!s)
		return;
	if (s->cap)
		free(s->p);
	str_init(s);
}

void str_clear(struct str *s)
{
	s->len = 0;
	if (s->cap)
		s->p[0] = '\0';
}

void str_cut(struct str *s, size_t len)
{
	assert(len <= s->len);
	s->len = len;
	if (s->cap)
		s->p[len] = '\0';
}

char *str_reserve(struct str *s, size_t more)
{
	size_t need = s->len + more + 1;

	if (need <= s->len) /* wrapped round: more than there can be */
		need = SIZE_MAX;
	if (need > s->cap)
		s->p = mem_reserve(s->cap ? s->p : NULL, &s->cap, need, 1);
	return s->p + s->len;
}

void str_took(struct str *s, size_t n)
{
	if (n == 0)
		return;
	assert(n < s->cap - s->len);
	s->len += n;
	s->p[s->len] = '\0';
}

void str_add(struct str *s, const char *bytes, size_t len)
{
	if (len == 0)
		return;
	memcpy(str_reserve(s, len), bytes, len);
	str_took(s, len);
}

void str_adds(struct str *s, const char *text)
{
	str_add(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_add(s, &c, 1);
}

void str_pad(struct str *s, char c, long n)
{
	if (n <= 0)
		return;
	memset(str_reserve(s, (size_t)n), c, (size_t)n);
	str_took(s, (size_t)n);
}

void str_addf(struct str *s, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n > 0) {
		vsnprintf(str_reserve(s, (size_t)n), (size_t)n + 1, fmt, again);
		str_took(s, (size_t)n);
	}
	va_end(again);
}

char *str_trim(char *text, const char *blanks)
{
	size_t len;

	text += strspn(text, blanks);
	for (len = strlen(text); len && strchr(blanks, text[len - 1]); len--)
		text[len - 1] = '\0';
	return text;
}
