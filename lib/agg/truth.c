/* SPDX-License-Identifier: MIT */
#include "agg/truth.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "agg/exact.h"
#include "agg/report.h"
#include "agg/window.h"
#include "base/intern.h"
#include "base/mem.h"
#include "base/num.h"

struct tally {
	uint64_t count, late, malformed;
};

/* What a window has of one type, or of one name. */
struct cell {
	uint32_t id;
	struct tally tally;
	struct exact sum;
};

struct cells {
	struct cell *v; /* in order of arrival */
	size_t n, cap;
	uint32_t *at; /* by id: where in v, from 1; 0: nowhere */
	size_t n_at, cap_at;
};

struct window {
	int64_t start_us;
	struct cells types, names;
};

/* The open windows stand in order of their start. */
struct truth {
	struct truth_conf conf;
	struct intern *types, *names;
	int64_t *watermark_us; /* by partition */
	size_t n_parts, cap_parts;
	struct window *open;
	size_t n_open, cap_open;
	struct tally total;
	char *invalid; /* why, or NULL */
};

enum fate { USED, LATE, MALFORMED };

struct truth *truth_new(const struct truth_conf *conf)
{
	struct truth *t = mem_zalloc(1, sizeof(*t));

	assert(conf->interval_us > 0 && conf->grace_us >= 0);
	t->conf = *conf;
	t->types = intern_new();
	t->names = intern_new();
	return t;
}

static void cells_release(struct cells *c)
{
	for (size_t i = 0; i < c->n; i++)
		exact_release(&c->v[i].sum);
	free(c->v);
	free(c->at);
}

static void window_release(struct window *w)
{
	cells_release(&w->types);
	cells_release(&w->names);
}

void truth_free(struct truth *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->n_open; i++)
		window_release(&t->open[i]);
	intern_free(t->types);
	intern_free(t->names);
	free(t->watermark_us);
	free(t->open);
	free(t->invalid);
	free(t);
}

static int64_t *part_watermark(struct truth *t, int partition)
{
	size_t n = (size_t)partition + 1;

	assert(partition >= 0);
	if (n > t->n_parts) {
		t->watermark_us = mem_reserve(t->watermark_us, &t->cap_parts, n,
					      sizeof(*t->watermark_us));
		while (t->n_parts < n)
			t->watermark_us[t->n_parts++] = WHEN_NONE;
	}
	return &t->watermark_us[partition];
}

/* The window that starts there, opened if need be: mostly the last. */
static struct window *open_window(struct truth *t, int64_t start_us)
{
	size_t i = t->n_open;

	while (i > 0 && t->open[i - 1].start_us > start_us)
		i--;
	if (i > 0 && t->open[i - 1].start_us == start_us)
		return &t->open[i - 1];
	t->open = mem_reserve(t->open, &t->cap_open, t->n_open + 1,
			      sizeof(*t->open));
	memmove(&t->open[i + 1], &t->open[i],
		(t->n_open - i) * sizeof(*t->open));
	t->n_open++;
	t->open[i] = (struct window){.start_us = start_us};
	return &t->open[i];
}

static struct cell *cell_at(struct cells *c, uint32_t id)
{
	if (id >= c->n_at) {
		size_t n = (size_t)id + 1;

		c->at = mem_reserve(c->at, &c->cap_at, n, sizeof(*c->at));
		memset(c->at + c->n_at, 0, (n - c->n_at) * sizeof(*c->at));
		c->n_at = n;
	}
	if (!c->at[id]) {
		c->v = mem_reserve(c->v, &c->cap, c->n + 1, sizeof(*c->v));
		c->v[c->n++] = (struct cell){.id = id};
		c->at[id] = (uint32_t)c->n;
	}
	return &c->v[c->at[id] - 1];
}

static void tally_add(struct tally *n, enum fate fate)
{
	n->count += fate == USED;
	n->late += fate == LATE;
	n->malformed += fate == MALFORMED;
}

static void cell_add(struct cell *c, enum fate fate, double value)
{
	tally_add(&c->tally, fate);
	if (fate == USED)
		exact_add(&c->sum, value);
}

void truth_add(struct truth *t, int partition, const struct reading *r,
	       bool malformed)
{
	int64_t start = window_start(r->time_us, t->conf.interval_us);
	int64_t *watermark = part_watermark(t, partition);
	struct window *w = open_window(t, start);
	enum fate fate = USED;

	if (malformed)
		fate = MALFORMED;
	else if (window_is_past(start + t->conf.interval_us, t->conf.grace_us,
				*watermark))
		fate = LATE;
	else if (r->time_us > *watermark)
		*watermark = r->time_us;
	tally_add(&t->total, fate);
	cell_add(cell_at(&w->types, intern_id(t->types, r->type, r->type_len)),
		 fate, r->value);
	cell_add(cell_at(&w->names, intern_id(t->names, r->name, r->name_len)),
		 fate, r->value);
}

void truth_invalidate(struct truth *t, const char *why)
{
	if (!t->invalid)
		t->invalid = mem_dup(why);
}

/* ---- the file ---- */

void truth_add_head(struct str *out)
{
	str_adds(out, TRUTH_HEADER "\n");
}

static void add_cell(struct str *out, const struct cell *c)
{
	const struct tally *n = &c->tally;

	str_addf(out, "%" PRIu64 ",", n->count);
	if (n->count)
		str_took(out, num_put_shortest(str_reserve(out, NUM_MAX),
					       exact_mean(&c->sum, n->count)));
	str_addc(out, ',');
	exact_add_text(&c->sum, out);
	str_addf(out, ",%" PRIu64 ",%" PRIu64 "\n", n->late, n->malformed);
}

static int by_name(const void *va, const void *vb, void *arg)
{
	const struct cell *a = va, *b = vb;
	const struct intern *names = arg;
	size_t la, lb;
	const char *x = intern_name(names, a->id, &la);
	const char *y = intern_name(names, b->id, &lb);

	return report_compare(x, la, y, lb);
}

/* The window is written and will not be added to: its order may go. */
static void add_cells(const struct truth *t, struct str *out, int64_t start_us,
		      const char *by, struct cells *c, struct intern *names)
{
	if (c->n)
		qsort_r(c->v, c->n, sizeof(*c->v), by_name, names);
	for (size_t i = 0; i < c->n; i++) {
		size_t len;
		const char *key = intern_name(names, c->v[i].id, &len);

		report_add_csv_key(out, start_us,
				   start_us + t->conf.interval_us, by, key,
				   len);
		add_cell(out, &c->v[i]);
	}
}

/* Writes the first n windows and lets them go. */
static void write_windows(struct truth *t, struct str *out, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct window *w = &t->open[i];

		add_cells(t, out, w->start_us, "type", &w->types, t->types);
		add_cells(t, out, w->start_us, "name", &w->names, t->names);
		window_release(w);
	}
	t->n_open -= n;
	if (n && t->n_open)
		memmove(t->open, t->open + n, t->n_open * sizeof(*t->open));
}

/* What all partitions have reached that used anything; or WHEN_NONE. */
static int64_t least_watermark(const struct truth *t)
{
	int64_t least = WHEN_NONE;

	for (size_t i = 0; i < t->n_parts; i++) {
		int64_t us = t->watermark_us[i];

		if (us != WHEN_NONE && (least == WHEN_NONE || us < least))
			least = us;
	}
	return least;
}

void truth_take(struct truth *t, struct str *out)
{
	int64_t least = least_watermark(t);
	size_t n = 0;

	while (n < t->n_open &&
	       (t->n_open - n > TRUTH_OPEN_MAX ||
		window_is_past(t->open[n].start_us + t->conf.interval_us,
			       t->conf.grace_us, least)))
		n++;
	write_windows(t, out, n);
}

void truth_finish(struct truth *t, struct str *out)
{
	struct str state = STR_INIT;

	write_windows(t, out, t->n_open);
	if (t->invalid)
		str_addf(&state, "invalid: %s", t->invalid);
	else
		str_adds(&state, "complete");
	str_adds(out, ",,end,");
	report_add_csv_field(out, state.p, state.len);
	str_addf(out, ",%" PRIu64 ",,,%" PRIu64 ",%" PRIu64 "\n",
		 t->total.count, t->total.late, t->total.malformed);
	str_release(&state);
}
