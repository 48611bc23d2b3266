/* SPDX-License-Identifier: MIT */
/*
 * What a fleet draws is its law and its layers: each of these by itself is
 * tested against theory in a file of its own, here that they come together.
 */
#include "fleets.h"

#include <stdio.h>

#define N 100000

/* ---- each layer by itself ---- */

/* A value beside the one that the same sensor has without layers. */
typedef double layer_fn(const struct layers *l, double base,
			const struct draw *d);

static void check_layer(const char *with, layer_fn *fn)
{
	struct fixture *x = spec_fleet_of("name=a,decimals=9", THEORY_SEED);
	struct str text = STR_INIT;
	struct fixture *y;
	const struct layers *l;

	str_addf(&text, "name=a,decimals=9,%s", with);
	y = spec_fleet_of(text.p, THEORY_SEED);
	l = &y->groups.v[0].layers;
	assert_false(l->plain);
	for (int i = 0; i < 1000; i++) {
		struct draw d, m;

		fleet_next(x->fleet, &d);
		fleet_next(y->fleet, &m);
		assert_int_equal(m.due_ns, d.due_ns);
		assert_true(fabs(m.value - fn(l, d.value, &m)) < 1e-9);
	}
	str_release(&text);
	fixture_free(x);
	fixture_free(y);
}

static int64_t time_of(const struct draw *d)
{
	return d->due_ns / 1000;
}

static double with_day(const struct layers *l, double base,
		       const struct draw *d)
{
	return base + cycle_at(&l->cycles[CYCLE_DAY], time_of(d));
}

static double with_all_cycles(const struct layers *l, double base,
			      const struct draw *d)
{
	for (int i = 0; i < CYCLES; i++)
		base += cycle_at(&l->cycles[i], time_of(d));
	return base;
}

static double with_trend(const struct layers *l, double base,
			 const struct draw *d)
{
	return base + trend_at(&l->trend, d->due_ns);
}

static double with_factor(const struct layers *l, double base,
			  const struct draw *d)
{
	struct factor f = {factor_seed(THEORY_SEED, "hall"),
			   l->factor_every_us};
	struct factor_cache cache = {0, 0, 0};

	return factor_mix(base, 20, 2, l->coefficient,
			  factor_at(&f, time_of(d), &cache));
}

static double with_range(const struct layers *l, double base,
			 const struct draw *d)
{
	(void)d;
	return range_apply(&l->range, base);
}

static void layers_that_draw_nothing_are_laid_over(void **state)
{
	(void)state;
	check_layer("day.amplitude=3,day.peak=15h", with_day);
	check_layer("day.points=0h:1 5m:7 12h:3", with_day);
	check_layer("day.amplitude=3,week.amplitude=2,year.amplitude=1,"
		    "cycle.amplitude=5,cycle.period=7m",
		    with_all_cycles);
	check_layer("trend=-3/h", with_trend);
	check_layer("factor.name=hall,factor.coefficient=0.6", with_factor);
	check_layer("factor.name=hall,factor.coefficient=-1,factor.every=7s",
		    with_factor);
	check_layer("min=19,max=20.5", with_range);
	check_layer("step=0.25", with_range);
}

/* Those that draw, with a generator that is in the same state. */
static void layers_that_draw_do_so_in_their_order(void **state)
{
	struct layers l;
	struct signal_state s;
	struct signal_at at = {.time_us = 1, .since_ns = 1000};
	gsl_rng *rng = theory_rng(), *same = theory_rng();
	double walk = NAN, ar = NAN;
	struct err e = ERR_INIT;

	(void)state;
	layers_init(&l);
	l.walk.sd = 0.5;
	l.walk.min = -2;
	l.ar = (struct ar){0.9, 3};
	l.trend.per_second = 1e6;
	l.cycles[CYCLE_DAY].period_us = CYCLE_DAY_US;
	l.cycles[CYCLE_DAY].amplitude = 4;
	assert_int_equal(layers_complete(&l, &e), 0);
	assert_false(l.plain);
	signal_start(&s);
	for (int i = 0; i < 1000; i++) {
		double base = gsl_rng_uniform(rng);
		double want = gsl_rng_uniform(same);
		double v = signal_value(&l, &s, &at, base, 0, 1, rng);

		want += walk_next(&l.walk, &walk, same);
		want += ar_next(&l.ar, &ar, same);
		want += cycle_at(&l.cycles[CYCLE_DAY], at.time_us);
		want += trend_at(&l.trend, at.since_ns);
		assert_true(v == want);
	}
	assert_int_equal(gsl_rng_get(rng), gsl_rng_get(same));
	gsl_rng_free(rng);
	gsl_rng_free(same);
	layers_release(&l);
}

/* Decimals are left to who writes the value. */
static void plain_is_the_law_alone(void **state)
{
	static const char *const texts[] = {
		"name=a", "name=a,decimals=0", "name=a,step=0",
		"name=a,factor.coefficient=0,ar.sd=0,walk.sd=0,trend=0/h"};
	struct fixture *x[4];

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		x[i] = spec_fleet_of(texts[i], THEORY_SEED);
		assert_true(x[i]->groups.v[0].layers.plain);
	}
	for (int k = 0; k < 1000; k++) {
		struct draw d[4];

		for (size_t i = 0; i < 4; i++) {
			fleet_next(x[i]->fleet, &d[i]);
			assert_true(d[i].value == d[0].value);
		}
	}
	for (size_t i = 0; i < 4; i++)
		fixture_free(x[i]);
}

static void what_is_not_plain_is_told(void **state)
{
	static const char *const texts[] = {
		"min=0",
		"max=0",
		"step=1",
		"walk.sd=1",
		"ar.sd=1",
		"day.amplitude=1",
		"week.points=0h:1 1h:2",
		"year.amplitude=0",
		"trend=1/h",
		"cycle.period=1h,cycle.amplitude=1",
		"factor.coefficient=-1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct str text = STR_INIT;
		struct fixture *x;

		str_addf(&text, "name=a,%s", texts[i]);
		x = spec_fleet_of(text.p, 1);
		assert_false(x->groups.v[0].layers.plain);
		fixture_free(x);
		str_release(&text);
	}
}

/* Spikes of 100, but nothing beyond max, and steps of 0.5 with noise. */
static void the_range_comes_last(void **state)
{
	struct fixture *x = spec_fleet_of(
		"name=a,max=25,min=15,step=0.5,spike=10%:0:100,trend=1/h,"
		"walk.sd=1,walk.min=-3,walk.max=3",
		THEORY_SEED);
	int spikes = 0;

	(void)state;
	for (int i = 0; i < 5000; i++) {
		struct draw d;

		fleet_next(x->fleet, &d);
		assert_true(d.value >= 15 && d.value <= 25);
		assert_true(d.value * 2 == rint(d.value * 2));
		if (!d.effect.kinds)
			continue;
		spikes++;
		assert_true(d.value == 15 || d.value == 25);
	}
	assert_in_range(spikes, 300, 700);
	fixture_free(x);
}

/* ---- moments ---- */

/*
 * Over whole periods, a reading each 2 s. If draws of variance b and a
 * kurtosis of at most 9 (exponential) are laid over a cycle of variance c,
 * the variance of their measured variance is at most (8 b^2 + 4 b c) / n,
 * which is below 8 (b + c)^2 / n. With an AR(1) a reading says less than an
 * independent one: the mean by (1 + phi) / (1 - phi), the variance by less.
 */
static void check_moments(const char *with, int hours, double phi)
{
	struct str text = STR_INIT;
	struct fixture *x;
	int n = hours * 1800;
	double *v = theory_numbers((size_t)n), sum = 0, var, mean, sd, wide;

	str_addf(&text, "name=a,every=2s,decimals=9,%s", with);
	x = spec_fleet_of(text.p, THEORY_SEED);
	group_moments(&x->groups.v[0], 0, &mean, &sd);
	signal_moments(&x->groups.v[0].layers, &mean, &sd);
	for (int i = 0; i < n; i++) {
		struct draw d;

		fleet_next(x->fleet, &d);
		v[i] = d.value;
		sum += v[i] - mean;
	}
	var = theory_product(v, v, (size_t)n, mean);
	wide = (1 + phi) / (1 - phi);
	theory_within(sum / n, 0, sd * sqrt(wide / n));
	theory_within(var, sd * sd, sd * sd * sqrt(8 * wide / n));
	str_release(&text);
	fixture_free(x);
	free(v);
}

static void moments_are_as_promised(void **state)
{
	(void)state;
	check_moments("value=normal(20,2)", 24, 0);
	check_moments("value=gamma(4,0.5),day.amplitude=3", 24, 0);
	check_moments("value=normal(5,1),ar.sd=2,ar.phi=0.9", 48, 0.9);
	check_moments("value=uniform(0,1),day.points=0h:1 6h:5 9h:5 20h:-3", 24,
		      0);
	check_moments("value=normal(0,1),day.amplitude=3,week.amplitude=5,"
		      "cycle.period=7h,cycle.amplitude=4",
		      168, 0);
	check_moments("value=exponential(3),factor.coefficient=0.5,"
		      "factor.every=2s",
		      24, 0);
	check_moments("value=constant(7),cycle.period=1h,"
		      "cycle.points=0h:2 30m:4",
		      5, 0);
}

/* Cycles without draws: the mean over a fine grid is the integral. */
static void moments_of_points_are_exact(void **state)
{
	struct cycle_point points[] = {{6 * 3600000000, 1},
				       {7 * 3600000000, 9},
				       {20 * 3600000000, -2}};
	struct layers l;
	double mean = 10, sd = 0, sum = 0, squares = 0;

	(void)state;
	layers_init(&l);
	l.cycles[CYCLE_DAY].period_us = CYCLE_DAY_US;
	l.cycles[CYCLE_DAY].points = points;
	l.cycles[CYCLE_DAY].n_points = 3;
	signal_moments(&l, &mean, &sd);
	for (int i = 0; i < 86400; i++) {
		double v = cycle_at(&l.cycles[CYCLE_DAY],
				    i * INT64_C(1000000) + 500000);

		sum += v / 86400;
		squares += v * v / 86400;
	}
	assert_true(fabs(mean - 10 - sum) < 1e-6);
	assert_true(fabs(sd - sqrt(squares - sum * sum)) < 1e-6);
}

/* ---- correlation ---- */

/* Of two sensors, by pairs: each has one reading in each second. */
static double correlation(const char *const *texts, size_t a, size_t b)
{
	struct fixture *f = specs_fleet(texts, THEORY_SEED);
	double *x = theory_numbers(N), *y = theory_numbers(N);
	double r;
	struct draw d;

	for (;;) {
		size_t second;

		fleet_next(f->fleet, &d);
		second = (size_t)(d.due_ns / 1000000000);
		if (second >= N)
			break;
		if (d.sensor == a)
			x[second] = d.value;
		else if (d.sensor == b)
			y[second] = d.value;
	}
	r = theory_product(x, y, N, 20) /
	    sqrt(theory_product(x, x, N, 20) * theory_product(y, y, N, 20));
	free(x);
	free(y);
	fixture_free(f);
	return r;
}

/* The factor is another in each second. */
#define WITH(name, c) "name=" name ",factor.coefficient=" c ",factor.every=1s,"

/* A correlation of n pairs varies by (1 - r^2) / sqrt(n), if normal. */
static void check_correlation(const char *const *texts, size_t a, size_t b,
			      double want)
{
	theory_within(correlation(texts, a, b), want,
		      (1 - want * want) / sqrt(N));
}

static void sensors_of_a_factor_go_together(void **state)
{
	static const char *const one[] = {WITH("a{}", "0.8") "count=2", NULL};
	static const char *const two[] = {
		WITH("a", "0.8") "factor.name=hall",
		WITH("b", "-0.5") "factor.name=hall,value=normal(20,7)",
		NULL,
	};

	(void)state;
	check_correlation(one, 0, 1, 0.64);
	check_correlation(two, 0, 1, -0.4);
}

/* Unsaid, a factor has the name of its group, number and all. */
static void others_do_not(void **state)
{
	static const char *const names[] = {
		WITH("a", "0.8") "factor.name=hall",
		WITH("b", "0.8") "factor.name=yard",
		NULL,
	};
	static const char *const unsaid[] = {WITH("a", "0.8") "decimals=5",
					     WITH("b", "0.8") "decimals=5",
					     NULL};
	static const char *const like[] = {WITH("a{}", "0.8") "count=2",
					   WITH("a", "0.8") "decimals=5", NULL};
	static const char *const none[] = {WITH("a", "0.8") "decimals=5",
					   "name=b", NULL};

	(void)state;
	check_correlation(names, 0, 1, 0);
	check_correlation(unsaid, 0, 1, 0);
	check_correlation(like, 0, 2, 0);
	check_correlation(none, 0, 1, 0);
}

/* ---- wrong ones ---- */

static void bad(struct layers *l, const char *message)
{
	struct err e = ERR_INIT;

	assert_int_equal(layers_complete(l, &e), -1);
	assert_string_equal(e.msg, message);
	layers_release(l);
	layers_init(l);
}

static void wrong_layers_are_named(void **state)
{
	struct layers l;

	(void)state;
	layers_init(&l);
	l.walk.sd = -1;
	bad(&l, "walk: sd -1 is out of bounds (0 to 1e+300)");
	l.ar.sd = -1;
	bad(&l, "ar: sd -1 is out of bounds (0 to 1e+300)");
	l.cycles[CYCLE_DAY] = (struct cycle){.period_us = CYCLE_DAY_US,
					     .peak_us = CYCLE_DAY_US};
	bad(&l, "day: peak 1d must be below the period of 1d");
	l.cycles[CYCLE_WEEK] =
		(struct cycle){.period_us = 1, .amplitude = INFINITY};
	bad(&l, "week: amplitude inf is out of bounds (-1e+300 to 1e+300)");
	l.cycles[CYCLE_YEAR] = (struct cycle){.period_us = 1, .peak_us = -1};
	bad(&l, "year: peak -1us must not be before 0s");
	l.cycles[CYCLE_ANY] = (struct cycle){.period_us = 1, .peak_us = 1};
	bad(&l, "cycle: peak 1us must be below the period of 1us");
	l.coefficient = 2;
	bad(&l, "factor: coefficient 2 is out of bounds (-1 to 1)");
	l.coefficient = 1;
	bad(&l, "factor: a span of 0 us must be above 0");
	l.trend.per_second = INFINITY;
	bad(&l, "trend inf/s is out of bounds (-1e+290/s to 1e+290/s)");
	l.range.min = 3;
	l.range.max = 2;
	bad(&l, "min 3 is above max 2: exchange them");
	layers_release(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layers_that_draw_nothing_are_laid_over),
		cmocka_unit_test(layers_that_draw_do_so_in_their_order),
		cmocka_unit_test(plain_is_the_law_alone),
		cmocka_unit_test(what_is_not_plain_is_told),
		cmocka_unit_test(the_range_comes_last),
		cmocka_unit_test(moments_are_as_promised),
		cmocka_unit_test(moments_of_points_are_exact),
		cmocka_unit_test(sensors_of_a_factor_go_together),
		cmocka_unit_test(others_do_not),
		cmocka_unit_test(wrong_layers_are_named),
	};

	return cmocka_run_group_tests(tests, theory_print_seed, NULL);
}
