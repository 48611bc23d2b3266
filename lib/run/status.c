/* SPDX-License-Identifier: MIT */
#include "run/status.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "base/when.h"
#include "run/words.h"

#define PIECES_MAX 10
#define BAR_MIN	   8 /* cells, without the brackets */
#define BAR_MAX	   30
#define PERCENT	   5 /* columns: "100% " */

/* How soon each goes for want of room: the greatest first. */
enum rank {
	VITAL,
	TOTAL,
	RATE,
	LEFT, /* of time */
	BAR,
	PLACE,
	DETAIL,
	REST,
};

struct piece {
	enum rank rank;
	char text[48]; /* ASCII: a byte a column */
};

struct line {
	double share;
	size_t bar; /* cells; 0: none */
	struct piece v[PIECES_MAX];
	size_t n;
};

__attribute__((format(printf, 3, 4))) static void
add(struct line *l, enum rank rank, const char *fmt, ...)
{
	struct piece *p = &l->v[l->n++];
	va_list ap;

	p->rank = rank;
	va_start(ap, fmt);
	vsnprintf(p->text, sizeof(p->text), fmt, ap);
	va_end(ap);
}

/* ---- fitting ---- */

static size_t columns(const struct line *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++)
		n += strlen(l->v[i].text) + (i ? 2 : 0);
	if (l->share >= 0)
		n += PERCENT;
	if (l->bar)
		n += l->bar + 3;
	return n;
}

/* The piece, or the bar, that can be missed most. */
static void drop_one(struct line *l)
{
	size_t worst = 0;

	for (size_t i = 1; i < l->n; i++)
		if (l->v[i].rank >= l->v[worst].rank)
			worst = i;
	if (l->bar && (!l->n || l->v[worst].rank < BAR)) {
		l->bar = 0;
	} else if (l->n) {
		l->n--;
		memmove(&l->v[worst], &l->v[worst + 1],
			(l->n - worst) * sizeof(l->v[0]));
	} else {
		l->share = SHARE_UNKNOWN;
	}
}

/* The same whatever stands beside it: a bar that jumps is hard to read. */
static size_t bar_cells(size_t room)
{
	size_t cells = room / 4;

	if (cells < BAR_MIN)
		return BAR_MIN;
	return cells < BAR_MAX ? cells : BAR_MAX;
}

static void add_bar(struct str *out, double share, size_t cells, bool utf8)
{
	size_t parts = cells * (utf8 ? 8 : 1);
	size_t taken;

	str_addc(out, '[');
	taken = utf8_add_bar(out, (size_t)(share * (double)parts), utf8);
	str_pad(out, ' ', (long)(cells - taken));
	str_adds(out, "] ");
}

static void put(struct line *l, const struct status_form *form, struct str *out)
{
	size_t room = form->columns > 0 ? (size_t)form->columns : 0;

	if (l->share >= 0)
		l->bar = bar_cells(room);
	while (columns(l) > room)
		drop_one(l);
	if (l->share >= 0)
		str_addf(out, "%3d%% ", (int)(l->share * 100));
	if (l->bar)
		add_bar(out, l->share, l->bar, form->utf8);
	for (size_t i = 0; i < l->n; i++)
		str_addf(out, "%s%s", i ? ", " : "", l->v[i].text);
}

/* ---- what it says ---- */

/* How much time is left at the present rate, where that says something. */
static void add_left(struct line *l, struct status *s, double share,
		     int64_t mono_us)
{
	struct str span = STR_INIT;
	double rate;

	l->share = share;
	if (share < 0 || share >= 1 ||
	    !meter_look(&s->share, mono_us, share, &rate) || rate <= 0)
		return;
	words_add_time(&span, (int64_t)((1 - share) / rate * 1e6));
	add(l, LEFT, "%s left", span.p);
	str_release(&span);
}

static void add_rate(struct line *l, struct status *s, uint64_t n,
		     int64_t mono_us)
{
	struct str text = STR_INIT;
	double rate;

	if (!meter_look(&s->rate, mono_us, (double)n, &rate))
		return;
	words_add_rate(&text, rate);
	add(l, RATE, "%s", text.p);
	str_release(&text);
}

static void add_span(struct line *l, enum rank rank, const char *what,
		     int64_t us)
{
	struct str span = STR_INIT;

	words_add_time(&span, us);
	add(l, rank, "%s %s", what, span.p);
	str_release(&span);
}

void status_produce(struct status *s, const struct produce_standing *p,
		    int64_t mono_us, const struct status_form *form,
		    struct str *out)
{
	const struct sink_counts *c = &p->counts;
	struct line l = {.n = 0};

	add_left(&l, s, p->share, mono_us);
	if (p->trouble)
		add(&l, VITAL, "no broker answers");
	add(&l, TOTAL, "sent %" PRIu64, c->sent);
	add_rate(&l, s, c->sent, mono_us);
	add(&l, c->failed ? VITAL : DETAIL, "failed %" PRIu64, c->failed);
	add(&l, REST, "on their way %" PRIu64, sink_on_their_way(c));
	if (p->behind_us >= US_PER_S)
		add_span(&l, PLACE, "behind", p->behind_us);
	put(&l, form, out);
}

/* Far ahead, as a schedule that is played quickly is, is told too. */
static void add_watermark(struct line *l, const struct consume_standing *c)
{
	struct str at = STR_INIT;
	int64_t behind_us;

	if (c->watermark_us == WHEN_NONE)
		return;
	behind_us = c->present_us - c->watermark_us;
	if (behind_us > -US_PER_S)
		add_span(l, PLACE, "behind", behind_us > 0 ? behind_us : 0);
	else
		add_span(l, PLACE, "ahead", -behind_us);
	when_add_local(&at, c->watermark_us);
	add(l, REST, "watermark %.19s", at.p);
	str_release(&at);
}

void status_consume(struct status *s, const struct consume_standing *c,
		    int64_t mono_us, const struct status_form *form,
		    struct str *out)
{
	const struct books *b = &c->books;
	uint64_t left_out = b->late + b->future + b->malformed;
	struct line l = {.n = 0};

	add_left(&l, s, c->share, mono_us);
	if (c->trouble)
		add(&l, VITAL, "no broker answers");
	add(&l, TOTAL, "read %" PRIu64, c->read);
	add_rate(&l, s, c->read, mono_us);
	add(&l, PLACE, "lag %" PRIu64, c->lag);
	add_watermark(&l, c);
	add(&l, left_out ? PLACE : DETAIL, "left out %" PRIu64, left_out);
	put(&l, form, out);
}
