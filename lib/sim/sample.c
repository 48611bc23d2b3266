/* SPDX-License-Identifier: MIT */
#include "sim/sample.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_statistics_double.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"
#include "sim/fleet.h"

static const struct moments nothing = {NAN, NAN, NAN, NAN};

/* ---- readings ---- */

static void add(struct column *c, double v)
{
	c->v = mem_reserve(c->v, &c->cap, c->n + 1, sizeof(*c->v));
	c->v[c->n++] = v;
}

static void take(struct sample *s, const struct draw *d)
{
	for (int k = 0; k < FAULT_KINDS; k++)
		s->faults[k] += (d->effect.kinds & FAULT_BIT(k)) != 0;
	if (d->effect.kinds &
	    (FAULT_BIT(FAULT_DROPOUT) | FAULT_BIT(FAULT_MALFORMED)))
		return;
	add(&s->values, num_round(d->value, d->group->layers.range.decimals));
	add(&s->at, (double)d->due_ns / NS_PER_S);
}

/* The time at which it ends; that of a schedule ends with the year 9999. */
static int64_t end_ns(const struct sample_conf *conf)
{
	int64_t us = conf->span_us;

	if (us == 0 && !conf->group->series)
		us = CYCLE_DAY_US;
	if (us == 0 || us > FLEET_DUE_MAX / NS_PER_US)
		us = FLEET_DUE_MAX / NS_PER_US;
	if (us > WHEN_MAX - conf->start_us)
		us = WHEN_MAX - conf->start_us + 1;
	return us * NS_PER_US;
}

/* Of a recording in whole, and of what is cut, the last reading is the end. */
static void draw(struct sample *s, const struct sample_conf *conf,
		 struct fleet *f)
{
	int64_t end = end_ns(conf), last = 0, due = 0;
	size_t sensor = 0;
	struct draw d;

	for (; (due = fleet_due_ns(f, &sensor)) < end; s->drawn++, last = due) {
		s->cut = s->drawn == conf->readings;
		if (s->cut)
			break;
		fleet_next(f, &d);
		if (s->drawn > 0)
			add(&s->delays, (double)(due - last) / NS_PER_S);
		take(s, &d);
	}
	if (s->cut || (conf->group->series && conf->span_us == 0))
		end = last;
	s->span_us = end / NS_PER_US > 0 ? end / NS_PER_US : 1;
}

/* ---- numbers ---- */

static struct moments moments_of(const struct column *c)
{
	struct moments m = nothing;

	if (c->n == 0)
		return m;
	m.mean = gsl_stats_mean(c->v, 1, c->n);
	if (c->n > 1)
		m.sd = gsl_stats_sd_m(c->v, 1, c->n, m.mean);
	gsl_stats_minmax(&m.min, &m.max, c->v, 1, c->n);
	return m;
}

static void law_bounds(const struct law *l, double *low, double *high)
{
	*low = 0;
	*high = INFINITY;
	switch (l->kind) {
	case LAW_CONSTANT:
		*low = *high = l->a;
		break;
	case LAW_NORMAL:
		*low = -INFINITY;
		break;
	case LAW_EXPONENTIAL:
		*low = l->a;
		break;
	case LAW_UNIFORM:
		*low = l->a;
		*high = l->b;
		break;
	case LAW_BETA:
	case LAW_BERNOULLI:
		*high = 1;
		break;
	case LAW_TRUNCATED:
		*high = 2 * l->a;
		break;
	default:
		break;
	}
}

static struct moments moments_of_law(const struct law *l)
{
	struct moments m = {.mean = law_mean(l), .sd = law_sd(l)};

	law_bounds(l, &m.min, &m.max);
	return m;
}

/* What cycles and trend, which have nothing random, are at the readings. */
static struct moments moments_of_times(const struct sample *s,
				       const struct sample_conf *conf)
{
	struct layers sure = conf->group->layers;
	struct signal_state none;
	struct column c = {NULL, 0, 0};
	struct moments m;

	sure.walk.sd = sure.ar.sd = sure.coefficient = 0;
	signal_start(&none);
	for (size_t i = 0; i < s->at.n; i++) {
		int64_t ns = llrint(s->at.v[i] * NS_PER_S);
		struct signal_at at = {
			.time_us = conf->start_us + ns / NS_PER_US,
			.since_ns = ns,
		};

		add(&c, signal_value(&sure, &none, &at, 0, 0, 0, NULL));
	}
	m = moments_of(&c);
	/* All of them, not a sample of more: divided by n. */
	m.sd = c.n > 1 ? m.sd * sqrt((double)(c.n - 1) / (double)c.n) : 0;
	free(c.v);
	return m;
}

static void count_bounds(struct sample *s, const struct range *r)
{
	double low = range_apply(r, r->min), high = range_apply(r, r->max);

	for (size_t i = 0; i < s->values.n; i++) {
		s->at_min += s->values.v[i] <= low;
		s->at_max += s->values.v[i] >= high;
	}
}

/* What a sensor shows of a bound that may be infinite. */
static double shown(const struct range *r, double v)
{
	if (v < r->min || v > r->max || isfinite(v))
		return range_apply(r, v);
	return v;
}

static unsigned what_is_open(const struct sample *s, const struct group *g,
			     const struct moments *m)
{
	const struct range *r = &g->layers.range;
	unsigned open = 0;

	if (g->layers.walk.sd > 0)
		open |= OPEN_WALK;
	if (g->faults.kinds & (FAULT_BIT(FAULT_DROPOUT) - 1))
		open |= OPEN_FAULTS;
	if ((s->at_min && m->min < r->min) || (s->at_max && m->max > r->max))
		open |= OPEN_CUT;
	if (m->sd > 0 && r->step > m->sd)
		open |= OPEN_STEP;
	return open;
}

static void promise(struct sample *s, const struct sample_conf *conf)
{
	const struct group *g = conf->group;
	const struct layers *l = &g->layers;
	struct moments m = moments_of_law(laws_of(&g->value, conf->index));
	struct moments sure = moments_of_times(s, conf);

	m.mean += sure.mean;
	m.sd = hypot(hypot(m.sd, l->ar.sd), sure.sd);
	m.min += sure.min;
	m.max += sure.max;
	if (l->walk.sd > 0) {
		m.min += l->walk.min;
		m.max += l->walk.max;
	}
	if (l->ar.sd > 0 || l->coefficient != 0) {
		m.min = -INFINITY;
		m.max = INFINITY;
	}
	s->open = what_is_open(s, g, &m);
	m.min = shown(&l->range, m.min);
	m.max = shown(&l->range, m.max);
	s->promised_value = m;
	s->promised_delay = moments_of_law(laws_of(&g->delay, conf->index));
}

void sample_init(struct sample *s, const struct sample_conf *conf)
{
	const struct group *g = conf->group;
	/* A sensor has the same readings whoever is beside it. */
	const struct groups alone = {(struct group *)g, 1, 1};
	const struct fleet_conf one = {
		.groups = &alone,
		.seed = conf->seed,
		.start_us = conf->start_us,
		.slice = (uint32_t)conf->index,
		.slices = (uint32_t)g->count,
	};
	struct fleet *f = fleet_new(&one);

	*s = (struct sample){
		.promised_value = nothing,
		.promised_delay = nothing,
	};
	draw(s, conf, f);
	fleet_free(f);
	s->value = moments_of(&s->values);
	s->delay = moments_of(&s->delays);
	count_bounds(s, &g->layers.range);
	if (!g->series && s->values.n)
		promise(s, conf);
}

void sample_release(struct sample *s)
{
	if (!s)
		return;
	free(s->values.v);
	free(s->at.v);
	free(s->delays.v);
	*s = (struct sample){.drawn = 0};
}
