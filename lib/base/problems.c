/* SPDX-License-Identifier: MIT */
#include "base/problems.h"

#include <stdarg.h>
#include <stdio.h>

void problems_add(struct problems *p, const char *fmt, ...)
{
	char text[sizeof(p->line[0].msg)];
	va_list ap;

	if (!problems_full(p)) {
		va_start(ap, fmt);
		vsnprintf(text, sizeof(text), fmt, ap);
		va_end(ap);
		p->line[p->n] = (struct err)ERR_INIT;
		err_set(&p->line[p->n], "%s", text);
	}
	p->n++;
}

bool problems_full(const struct problems *p)
{
	return p->n >= PROBLEMS_KEPT;
}

void problems_say(const struct problems *p, say_fn *fn)
{
	uint64_t kept = problems_full(p) ? PROBLEMS_KEPT : p->n;

	for (uint64_t i = 0; i < kept; i++)
		fn(SAY_ERROR, p->line[i].msg);
	if (p->n > kept)
		say(fn, SAY_ERROR, "and %llu problem%s more",
		    (unsigned long long)(p->n - kept),
		    p->n - kept == 1 ? "" : "s");
}
