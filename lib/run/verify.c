/* SPDX-License-Identifier: MIT */
#include "run/verify.h"

#include "agg/look.h"

/* What the log had lost before we came. */
static void look_for_gone(struct verify *v, const struct agg *a,
			  const struct source *s)
{
	struct source_where where;

	for (int p = 0; p < agg_partitions(a); p++) {
		if (source_where(s, p, &where) && where.gone)
			verify_gone(v, p, where.gone);
	}
}

static void tell_lines(struct str *out, say_fn *tell)
{
	say_lines(tell, SAY_WARN, "verify: ", out->p);
	str_release(out);
}

void verify_close(struct verify *v, struct agg *a, const struct source *s,
		  say_fn *tell)
{
	struct str out = STR_INIT;

	look_for_gone(v, a, s);
	verify_window(v, a, &out);
	tell_lines(&out, tell);
	while (agg_close(a))
		;
}

void verify_end(struct verify *v, struct agg *a, const struct source *s,
		bool to_end, say_fn *tell)
{
	struct str out = STR_INIT;

	look_for_gone(v, a, s);
	verify_finish(v, a, to_end, &out);
	tell_lines(&out, tell);
}
