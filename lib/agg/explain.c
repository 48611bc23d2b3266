/* SPDX-License-Identifier: MIT */
#include "agg/explain.h"

#include <inttypes.h>

#include "agg/window.h"
#include "base/num.h"
#include "base/table.h"
#include "base/when.h"

/* ---- the table ---- */

static const char *const heads[] = {
	"partition", "position", "end", "lag", "last event time", "state", NULL,
};
#define RIGHT 4 /* the numbers among them */

static int64_t lag(const struct explain_part *p)
{
	return p->end > p->position ? p->end - p->position : 0;
}

/* At its end, and nothing comes. */
static void add_silent(struct str *out, const struct explain *x,
		       const struct explain_part *p)
{
	if (!p->look.any) {
		str_adds(out, "empty, does not vote");
		return;
	}
	str_adds(out, "silent for ");
	num_add_about(out, p->look.silent_us);
	if (p->look.idle) {
		str_adds(out, ": idle, does not vote");
	} else if (x->conf->idle_us == AGG_OFF) {
		str_adds(out, ", votes (--idle off)");
	} else {
		str_adds(out, ", votes; idle in ");
		num_add_about(out, x->conf->idle_us - p->look.silent_us);
	}
}

static void add_state(struct str *out, const struct explain *x,
		      const struct explain_part *p)
{
	if (p->look.replaying)
		str_addf(out, "reads again what was open, up to %" PRId64,
			 p->look.next);
	else if (p->look.at_end)
		add_silent(out, x, p);
	else if (!p->look.any)
		str_adds(out, "not read yet, votes");
	else if (lag(p))
		str_adds(out, "behind, votes");
	else
		str_adds(out, "votes");
}

static void add_number(struct table *t, bool known, int64_t n)
{
	struct str *cell = table_cell(t);

	if (known)
		str_addf(cell, "%" PRId64, n);
	else
		str_addc(cell, '-');
}

static void add_row(struct table *t, const struct explain *x,
		    const struct explain_part *p)
{
	struct str *time;

	add_number(t, true, p->partition);
	add_number(t, true, p->position);
	add_number(t, p->end >= 0, p->end);
	add_number(t, p->end >= 0, lag(p));
	time = table_cell(t);
	if (p->look.watermark_us == WHEN_NONE)
		str_addc(time, '-');
	else
		when_add_rfc3339(time, p->look.watermark_us);
	add_state(table_cell(t), x, p);
}

static void add_table(struct str *out, const struct explain *x)
{
	struct table t;

	table_init(&t, heads);
	for (size_t i = 0; i < x->n_parts; i++)
		add_row(&t, x, &x->parts[i]);
	table_add(out, &t, RIGHT);
	table_release(&t);
}

/* ---- the sentence ---- */

#define DAY_US	 (86400 * US_PER_S)
#define DATE_LEN 11 /* "2026-11-24T" */

static void add_time(struct str *out, int64_t us)
{
	when_add_rfc3339(out, window_bound(us));
}

/* The time alone where the day is that of the window's start. */
static void add_near(struct str *out, const struct explain *x, int64_t us)
{
	struct str s = STR_INIT;
	bool same = window_start(us, DAY_US) ==
		    window_start(x->due.start_us, DAY_US);

	add_time(&s, us);
	str_adds(out, same ? s.p + DATE_LEN : s.p);
	str_release(&s);
}

static void add_window(struct str *out, const struct explain *x)
{
	str_adds(out, "window ");
	add_time(out, x->due.start_us);
	str_adds(out, " to ");
	add_near(out, x, x->due.end_us);
}

static bool is_waited_for(const struct explain *x, const struct explain_part *p)
{
	if (x->due.prospect == AGG_REPLAYS)
		return p->look.replaying;
	return !p->look.idle && p->look.watermark_us < x->due.due_us;
}

/* The one that holds the window back the most, and how many others do. */
static const struct explain_part *holder(const struct explain *x,
					 size_t *others)
{
	const struct explain_part *least = NULL;
	size_t n = 0;

	for (size_t i = 0; i < x->n_parts; i++) {
		const struct explain_part *p = &x->parts[i];

		if (!is_waited_for(x, p))
			continue;
		n++;
		if (!least || p->look.watermark_us < least->look.watermark_us)
			least = p;
	}
	*others = n ? n - 1 : 0;
	return least;
}

static void add_partition(struct str *out, const struct explain_part *p,
			  size_t others)
{
	str_addf(out, "partition %d", p->partition);
	if (others)
		str_addf(out, " (and %zu other%s)", others,
			 others == 1 ? "" : "s");
}

/* What else became of its records; the future has a hint of its own. */
static void add_left_out(struct str *out, const struct books *b)
{
	const struct {
		const char *word;
		uint64_t n;
	} kinds[] = {
		{"late", b->late},
		{"malformed", b->malformed},
		{"skipped", b->skipped},
		{"future", b->future},
	};
	const char *between = " (";

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (!kinds[i].n)
			continue;
		str_addf(out, "%s%s %" PRIu64, between, kinds[i].word,
			 kinds[i].n);
		between = ", ";
	}
	if (*between == ',')
		str_addc(out, ')');
}

static void add_reason(struct str *out, const struct explain *x,
		       const struct explain_part *p)
{
	if (p->look.watermark_us != WHEN_NONE) {
		str_adds(out, "its last event time is ");
		add_near(out, x, p->look.watermark_us);
		str_adds(out, ", ");
		num_add_about(out, x->due.due_us - p->look.watermark_us);
		str_adds(out, " before ");
		add_near(out, x, x->due.due_us);
		str_adds(out,
			 x->conf->grace_us ? " (end and grace)" : " (its end)");
	} else if (p->look.any) {
		str_adds(out, "none of its records was used");
		add_left_out(out, &p->look.books);
	} else {
		str_adds(out, "it has given no record, and was not yet read "
			      "to its end");
	}
}

/* What lets go of it. */
static void add_way_out(struct str *out, const struct explain *x,
			const struct explain_part *p)
{
	if (lag(p)) {
		str_addf(out, "; %" PRId64 " record%s still to be read", lag(p),
			 lag(p) == 1 ? " is" : "s are");
	} else if (p->look.at_end) {
		str_adds(out, "; it has been silent for ");
		num_add_about(out, p->look.silent_us);
		if (x->conf->idle_us == AGG_OFF) {
			str_adds(out, ", for which --idle off waits without "
				      "end; --idle 5s would let go of it "
				      "after 5s");
		} else {
			str_adds(out, " and is let go of in ");
			num_add_about(out,
				      x->conf->idle_us - p->look.silent_us);
		}
	}
	if (p->look.books.future)
		str_adds(out, "; --max-ahead off takes readings of the future");
}

/* Until it closes by the clock. */
static void add_clock(struct str *out, const struct explain *x)
{
	add_window(out, x);
	if (x->due.watermark_us == WHEN_NONE) {
		str_adds(out, " waits for a reading: none was used yet");
		return;
	}
	str_adds(out, " closes in ");
	num_add_about(out, x->due.due_us - x->due.watermark_us);
	str_adds(out, ": all partitions are silent, so the clock counts");
}

static void add_wait(struct str *out, const struct explain *x)
{
	size_t others;
	const struct explain_part *p = holder(x, &others);

	if (!p) {
		add_clock(out, x);
		return;
	}
	add_window(out, x);
	str_adds(out, " waits for ");
	add_partition(out, p, others);
	str_adds(out, ": ");
	add_reason(out, x, p);
	add_way_out(out, x, p);
}

static void add_replay(struct str *out, const struct explain *x)
{
	size_t others;
	const struct explain_part *p = holder(x, &others);

	str_adds(out, "no window closes before ");
	add_partition(out, p, others);
	str_addf(out,
		 " has given again what was open: it is at offset %" PRId64
		 " of %" PRId64,
		 p->position, p->look.next);
}

/* The first of those that do not vote. */
static int idle_one(const struct explain *x)
{
	size_t i = 0;

	while (i + 1 < x->n_parts && !x->parts[i].look.idle)
		i++;
	return x->parts[i].partition;
}

static void add_ask(struct str *out, const struct explain *x)
{
	add_window(out, x);
	if (x->due.silent)
		str_adds(out, " closes without a vote, as all partitions are "
			      "silent,");
	else
		str_addf(out, " closes without partition %d, which is idle,",
			 idle_one(x));
	str_adds(out, " when it is known afresh where they all end");
}

/* What is true of the window besides. */
static void add_rest(struct str *out, const struct explain *x)
{
	if (x->due.skipped)
		str_adds(out, "; it is not whole, so it will be skipped "
			      "(--from)");
	if (x->open > 1)
		str_addf(out, "; %zu windows are open", x->open);
}

static void add_sentence(struct str *out, const struct explain *x)
{
	switch (x->due.prospect) {
	case AGG_NO_WINDOW:
		str_adds(out, x->n_parts ? "no window is open"
					 : "no partition is read");
		break;
	case AGG_REPLAYS:
		add_replay(out, x);
		break;
	case AGG_INTENDED:
		str_adds(out, "the windows that end by ");
		add_time(out, x->due.end_us);
		str_adds(out, " close now: their close had begun");
		break;
	case AGG_TOO_EARLY:
		add_wait(out, x);
		break;
	case AGG_UNASKED:
		add_ask(out, x);
		break;
	case AGG_READY:
		add_window(out, x);
		str_adds(out, " may close now");
		break;
	}
	add_rest(out, x);
	str_addc(out, '\n');
}

void explain_add(struct str *out, const struct explain *x)
{
	if (x->n_parts)
		add_table(out, x);
	add_sentence(out, x);
}
