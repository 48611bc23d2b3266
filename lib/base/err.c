/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

/*
 * Messages quote what came from outside: a newline there would make two
 * lines of one, an escape would talk to the terminal.
 */
static void make_printable(char *msg, size_t size)
{
	struct str out = STR_INIT;

	utf8_add_printable(&out, msg, strlen(msg));
	snprintf(msg, size, "%s", out.p);
	str_release(&out);
}

int err_set(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (e->msg[0])
		return -1;
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	make_printable(e->msg, sizeof(e->msg));
	return -1;
}

int err_prefix(struct err *e, const char *fmt, ...)
{
	char old[sizeof(e->msg)];
	va_list ap;
	size_t n;

	memcpy(old, e->msg, sizeof(old));
	va_start(ap, fmt);
	vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	n = strlen(e->msg);
	snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", old);
	make_printable(e->msg, sizeof(e->msg));
	return -1;
}
