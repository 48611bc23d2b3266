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

/* A sine's, or that of the lines between the points. */
static void cycle_moments(const struct cycle *c, double *mean, double *var)
{
	double sum = 0, squares = 0;

	*mean = 0;
	*var = c->amplitude * c->amplitude / 2;
	for (size_t i = 0; i < c->n_points; i++) {
		const struct cycle_point *a = &c->points[i];
		const struct cycle_point *b =
			&c->points[i + 1 < c->n_points ? i + 1 : 0];
		int64_t us = b->at_us - a->at_us;
		double w;

		if (us <= 0)
			us += c->period_us;
		w = (double)us / (double)c->period_us;
		sum += w * (a->value + b->value) / 2;
		squares += w *
			   (a->value * a->value + a->value * b->value +
			    b->value * b->value) /
			   3;
	}
	if (c->n_points) {
		*mean = sum;
		*var = fmax(squares - sum * sum, 0);
	}
}

void signal_moments(const struct layers *l, double *mean, double *sd)
{
	double var = *sd * *sd + l->ar.sd * l->ar.sd;

	for (int i = 0; i < CYCLES; i++) {
		double m, v;

		if (!has_cycle(l, i))
			continue;
		cycle_moments(&l->cycles[i], &m, &v);
		*mean += m;
		var += v;
	}
	*sd = sqrt(var);
}
