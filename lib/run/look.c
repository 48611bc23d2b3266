/* SPDX-License-Identifier: MIT */
#include "run/look.h"

#include <inttypes.h>
#include <stdlib.h>

#include "agg/explain.h"
#include "agg/window.h"
#include "base/mem.h"
#include "base/when.h"
#include "base/wish.h"

/* Where the records come from knows best where they are. */
static bool look_at(const struct agg *a, const struct source *s, int partition,
		    int64_t mono_us, struct explain_part *p)
{
	struct source_where where;

	agg_look(a, partition, mono_us, &p->look);
	if (!p->look.held)
		return false;
	if (!source_where(s, partition, &where))
		where = (struct source_where){.next = p->look.next, .end = -1};
	p->partition = partition;
	p->position = where.next;
	p->end = where.end;
	return true;
}

static void say_why(const struct look *l, const struct agg *a,
		    const struct source *s, int64_t mono_us)
{
	int n = agg_partitions(a);
	struct explain_part *parts = mem_zalloc((size_t)n + 1, sizeof(*parts));
	struct explain x = {
		.conf = l->conf,
		.parts = parts,
		.open = agg_open(a),
	};
	struct str out = STR_INIT;

	for (int p = 0; p < n; p++)
		x.n_parts += look_at(a, s, p, mono_us, &parts[x.n_parts]);
	agg_look_due(a, mono_us, &x.due);
	explain_add(&out, &x);
	say_lines(l->say, SAY_ANSWER, "explain: ", out.p);
	str_release(&out);
	free(parts);
}

static void say_open(const struct look *l, struct agg *a)
{
	struct report_form form = *l->form;
	struct str out = STR_INIT;

	form.format = REPORT_TABLE;
	for (size_t i = 0; i < agg_open(a); i++) {
		const struct report *r = agg_peek(a, i);

		str_clear(&out);
		str_adds(&out, "window ");
		when_add_rfc3339(&out, window_bound(r->start_us));
		str_adds(&out, " to ");
		when_add_rfc3339(&out, window_bound(r->end_us));
		str_addf(&out, ", %" PRIu64 " reading%s until now:\n", r->count,
			 r->count == 1 ? "" : "s");
		report_add(&out, r, &form);
		say_lines(l->say, SAY_ANSWER, "open: ", out.p);
	}
	str_release(&out);
}

void look_around(struct look *l, struct agg *a, const struct source *s,
		 int64_t mono_us)
{
	bool wished = wish_take();

	if (!wished && !(l->often && mono_us - l->said_us >= LOOK_EVERY_US))
		return;
	l->said_us = mono_us;
	say_why(l, a, s, mono_us);
	if (wished)
		say_open(l, a);
}

void look_back(struct look *l, struct agg *a, const struct source *s,
	       int64_t mono_us)
{
	if (l->often)
		say_why(l, a, s, mono_us);
}
