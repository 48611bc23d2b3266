/* SPDX-License-Identifier: MIT */
#include "sim/signal.h"

#include <math.h>
#include <stdlib.h>

static bool has_cycle(const struct layers *l, int i)
{
	return l->cycles[i].period_us > 0;
}

void layers_init(struct layers *l)
{
	*l = (struct layers){.plain = false};
	walk_init(&l->walk);
	range_init(&l->range);
}

void layers_release(struct layers *l)
{
	for (int i = 0; i < CYCLES; i++)
		cycle_release(&l->cycles[i]);
	free(l->factor_name);
	l->factor_name = NULL;
}

static bool is_plain(const struct layers *l)
{
	bool cycles = false;

	for (int i = 0; i < CYCLES; i++)
		cycles = cycles || has_cycle(l, i);
	return !cycles && l->walk.sd == 0 && l->ar.sd == 0 &&
	       l->trend.per_second == 0 && l->coefficient == 0 &&
	       l->range.step == 0 && isinf(l->range.min) && isinf(l->range.max);
}

static int check_factor(const struct layers *l, struct err *e)
{
	const struct factor f = {.every_us = l->factor_every_us};

	if (factor_check_coefficient(l->coefficient, e) < 0)
		return -1;
	return l->coefficient == 0 ? 0 : factor_check(&f, e);
}

static int check_layer(const struct layers *l, enum layer which, struct err *e)
{
	switch (which) {
	case LAYER_WALK:
		return walk_check(&l->walk, e);
	case LAYER_AR:
		return ar_check(&l->ar, e);
	case LAYER_FACTOR:
		return check_factor(l, e);
	case LAYER_TREND:
		return trend_check(&l->trend, e);
	case LAYER_RANGE:
		return range_check(&l->range, e);
	default:
		return has_cycle(l, (int)which)
			       ? cycle_check(&l->cycles[which], e)
			       : 0;
	}
}

int layers_check(const struct layers *l, enum layer which, struct err *e)
{
	/* The last two say of themselves what they are. */
	static const char *const names[LAYER_TREND] = {
		[LAYER_DAY] = "day",	   [LAYER_WEEK] = "week",
		[LAYER_YEAR] = "year",	   [LAYER_CYCLE] = "cycle",
		[LAYER_WALK] = "walk",	   [LAYER_AR] = "ar",
		[LAYER_FACTOR] = "factor",
	};

	if (check_layer(l, which, e) == 0)
		return 0;
	return which < LAYER_TREND ? err_prefix(e, "%s", names[which]) : -1;
}

int layers_complete(struct layers *l, struct err *e)
{
	for (int i = 0; i < LAYERS; i++)
		if (layers_check(l, (enum layer)i, e) < 0)
			return -1;
	l->plain = is_plain(l);
	return 0;
}

void signal_start(struct signal_state *s)
{
	*s = (struct signal_state){NAN, NAN};
}

double signal_value(const struct layers *l, struct signal_state *s,
		    const struct signal_at *at, double base, double mean,
		    double sd, const gsl_rng *rng)
{
	double v = base;

	if (l->coefficient != 0)
		v = factor_mix(v, mean, sd, l->coefficient, at->factor);
	if (l->walk.sd > 0)
		v += walk_next(&l->walk, &s->walk, rng);
	if (l->ar.sd > 0)
		v += ar_next(&l->ar, &s->ar, rng);
	for (int i = 0; i < CYCLES; i++)
		if (has_cycle(l, i))
			v += cycle_at(&l->cycles[i], at->time_us);
	if (l->trend.per_second != 0)
		v += trend_at(&l->trend, at->since_ns);
	return v;
}

static const struct cycle_point *point_after(const struct cycle *c, size_t i)
{
	return &c->points[i + 1 < c->n_points ? i + 1 : 0];
}

/* How much of the period lies between a point and the one after it. */
static double span_share(const struct cycle *c, size_t i)
{
	int64_t us = point_after(c, i)->at_us - c->points[i].at_us;

	return (double)(us > 0 ? us : us + c->period_us) / (double)c->period_us;
}

/*
 * A sine's, or that of the lines between the points; these by the squares
 * of what is left of the mean, for squares of large numbers overflow.
 */
static void cycle_moments(const struct cycle *c, double *mean, double *sd)
{
	double scale = 0, squares = 0;

	*mean = 0;
	*sd = fabs(c->amplitude) / sqrt(2);
	for (size_t i = 0; i < c->n_points; i++)
		*mean += span_share(c, i) * (c->points[i].value / 2 +
					     point_after(c, i)->value / 2);
	for (size_t i = 0; i < c->n_points; i++)
		scale = fmax(scale, fabs(c->points[i].value - *mean));
	if (scale == 0)
		return;
	for (size_t i = 0; i < c->n_points; i++) {
		double x = (c->points[i].value - *mean) / scale;
		double y = (point_after(c, i)->value - *mean) / scale;

		squares += span_share(c, i) * (x * x + x * y + y * y) / 3;
	}
	*sd = scale * sqrt(squares);
}

void signal_moments(const struct layers *l, double *mean, double *sd)
{
	*sd = hypot(*sd, l->ar.sd);
	for (int i = 0; i < CYCLES; i++) {
		double m, s;

		if (!has_cycle(l, i))
			continue;
		cycle_moments(&l->cycles[i], &m, &s);
		*mean += m;
		*sd = hypot(*sd, s);
	}
}
