/* SPDX-License-Identifier: MIT */
#include "base/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void say(say_fn *fn, enum say_level level, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fn(level, text);
}

void say_lines(say_fn *fn, enum say_level level, const char *before,
	       const char *text)
{
	const char *nl;

	for (; (nl = strchr(text, '\n')); text = nl + 1)
		say(fn, level, "%s%.*s", before, (int)(nl - text), text);
}
