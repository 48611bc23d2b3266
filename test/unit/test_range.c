/* SPDX-License-Identifier: MIT */
#include "theory.h"

#include <string.h>

#include "base/num.h"
#include "sim/range.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define INF	 INFINITY

/* clang-format off */
static const struct {
	struct range r; /* min, max, step, decimals */
	double v, want;
} values[] = {
	{{-INF, INF, 0, 6}, 21.53120749, 21.531207},
	{{-INF, INF, 0, 0}, -0.4, 0},
	{{-INF, INF, 0.5, 1}, 21.3, 21.5}, {{-INF, INF, 0.5, 1}, -21.3, -21.5},
	{{-INF, INF, 0.1, 1}, 0.3, 0.3}, {{-INF, INF, 0.1, 1}, 1e9 + 0.07, 1e9 + 0.1},
	{{-INF, INF, 0.25, 2}, 1.13, 1.25}, {{-INF, INF, 5, 0}, 12.4, 10},
	{{-INF, INF, 300, 0}, 1e6, 999900},
	{{-40, 85, 0.1, 1}, 1e300, 85}, {{-40, 85, 0.1, 1}, -1e300, -40},
	{{0, 0.3, 0.1, 1}, 7, 0.3},     /* 3 * 0.1 is more than 0.3 */
	{{0, 1, 0.3, 1}, 5, 0.9}, {{0, 1.1, 0.3, 1}, 5, 0.9},
	{{0.1, 1, 0.3, 1}, -5, 0.3}, {{0.2, 1, 0.3, 1}, -5, 0.3},
	{{-1, -0.2, 0.3, 1}, 5, -0.3}, {{-1, -0.2, 0.3, 1}, -5, -0.9},
	{{0.15, 0.95, 0, 1}, 0, 0.2}, {{0.16, 0.95, 0, 1}, 2, 0.9},
	{{1e-9, 1, 0, 3}, 0, 0.001}, {{20.5, 20.5, 0.5, 1}, 3, 20.5},
	{{0, INF, 0.0625, 4}, 0.1, 0.125}, {{-INF, 7, 3, 0}, 8, 6},
	{{-INF, INF, 1 / 3.0, 2}, 0.6, 0.67}, /* as it is written */
	{{0, 3.3, 3.3 / 4096, 6}, 1, 0.999829},
	{{-INF, INF, 1e-9, 9}, 1e300, 1e300}, {{-INF, INF, 0.1, 1}, -1e300, -1e300},
	{{-1e300, 1e300, 1e300, 0}, 7e299, 1e300}, {{-INF, INF, 1e300, 0}, 5, 0},
};

static const struct {
	double step;
	int decimals;
} steps[] = {
	{5, 0}, {1, 0}, {1e20, 0}, {300, 0}, {1e300, 0}, {0.5, 1}, {0.1, 1},
	{12.3, 1}, {0.25, 2}, {0.05, 2}, {0.125, 3}, {0.001, 3}, {1e-6, 6},
	{0.000244140625, -1}, {0.123456789, 9}, {1e-9, 9}, {1e-10, -1},
	{1 / 3.0, -1}, {5e-324, -1}, {1000000.000001, 6},
};
/* clang-format on */

static void values_are_cut_and_rounded(void **state)
{
	struct err e = ERR_INIT;
	struct range r;

	(void)state;
	range_init(&r);
	assert_int_equal(range_check(&r, &e), 0);
	assert_true(range_apply(&r, 1.23456789) == 1.234568);
	for (size_t i = 0; i < COUNT(values); i++) {
		double got = range_apply(&values[i].r, values[i].v);

		if (range_check(&values[i].r, &e) < 0)
			fail_msg("row %zu: %s", i, e.msg);
		if (got != values[i].want)
			fail_msg("row %zu: %.17g, not %.17g", i, got,
				 values[i].want);
	}
}

static void steps_know_their_decimals(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(steps); i++)
		assert_int_equal(range_decimals(steps[i].step),
				 steps[i].decimals);
}

/* A multiple of the step, as a whole number of last decimals. */
static void check_multiple(const struct range *r, double y)
{
	double units = y * pow(10, r->decimals);
	int64_t step = llrint(r->step * pow(10, r->decimals));

	assert_true(fabs(units - rint(units)) <= fabs(units) * 0x1p-51);
	assert_true(llrint(units) % step == 0);
}

/* Nothing inside that could be said is nearer; a tie may go either way. */
static void check_nearest(const struct range *r, double v, double y)
{
	double grid = r->step > 0 ? r->step : pow(10, -r->decimals);
	double off = fabs(y - v), slack = 4 * (fabs(v) + grid) * 0x1p-52;

	for (int side = -1; side <= 1; side += 2) {
		double other = num_round(y + side * grid, r->decimals);

		if (other >= r->min && other <= r->max)
			assert_true(off <= fabs(other - v) + slack);
	}
}

static void check_range_of(const struct range *r, const gsl_rng *rng)
{
	for (int i = 0; i < 20000; i++) {
		double v = (gsl_rng_uniform(rng) - 0.5) * pow(10, i % 8);
		double y = range_apply(r, v);

		assert_true(y >= r->min && y <= r->max);
		assert_true(!signbit(y) || y < 0);
		assert_true(range_apply(r, y) == y);
		assert_true(num_round(y, r->decimals) == y);
		if (r->step > 0)
			check_multiple(r, y);
		check_nearest(r, v, y);
	}
}

static double anyhow(const gsl_rng *rng)
{
	return (gsl_rng_uniform(rng) - 0.5) * pow(10, gsl_rng_uniform(rng) * 6);
}

/* Ranges anyhow: all that the header says, of each. */
static void everything_said_is_so(void **state)
{
	gsl_rng *rng = theory_rng();
	int valid = 0;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct range r = {-INF, INF, 0, i % 7};
		struct err e = ERR_INIT;

		if (i % 3)
			r.step = ldexp(1, i % 5) * 5 * pow(10, -r.decimals);
		if (i % 2)
			r.min = anyhow(rng);
		if (i % 4)
			r.max = fmax(r.min, anyhow(rng));
		if (range_check(&r, &e) < 0)
			continue;
		check_range_of(&r, rng);
		valid++;
	}
	assert_true(valid > 200);
	gsl_rng_free(rng);
}

static void bad(double min, double max, double step, int decimals,
		const char *message)
{
	struct range r = {min, max, step, decimals};
	struct err e = ERR_INIT;

	assert_int_equal(range_check(&r, &e), -1);
	assert_string_equal(e.msg, message);
}

static void bounds_are_told(void **state)
{
	struct err e = ERR_INIT;

	(void)state;
	for (int d = 0; d <= 9; d++) { /* the least step that goes */
		struct range r = {-INF, INF, 1 / pow(10, d), d};

		assert_int_equal(range_check(&r, &e), 0);
	}
	bad(5, 1, 0, 6, "min 5 is above max 1: exchange them");
	bad(NAN, 1, 0, 6, "min nan is out of bounds (-1e+300 to 1e+300)");
	bad(INF, INF, 0, 6, "min inf is out of bounds (-1e+300 to 1e+300)");
	bad(0, NAN, 0, 6, "max nan is out of bounds (-1e+300 to 1e+300)");
	bad(-INF, -INF, 0, 6, "max -inf is out of bounds (-1e+300 to 1e+300)");
	bad(0, 1, 0, 10, "decimals 10 is out of bounds (0 to 9)");
	bad(0, 1, 0, -1, "decimals -1 is out of bounds (0 to 9)");
	bad(0, 1, -1, 2,
	    "step -1 is out of bounds (0.01 to 1e+300 with decimals 2, or 0)");
	bad(0, 1, 0.001, 2,
	    "step 0.001 is out of bounds (0.01 to 1e+300 with decimals 2, or "
	    "0)");
	bad(0, 1, NAN, 2,
	    "step nan is out of bounds (0.01 to 1e+300 with decimals 2, or 0)");
	bad(20.1, 20.4, 0.5, 1,
	    "no multiple of 0.5 lies within min 20.1 and max 20.4");
	bad(20.6, 20.9, 0.5, 1,
	    "no multiple of 0.5 lies within min 20.6 and max 20.9");
	bad(20.5, 20.5, 0, 0,
	    "no multiple of 1 lies within min 20.5 and max 20.5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_cut_and_rounded),
		cmocka_unit_test(steps_know_their_decimals),
		cmocka_unit_test(everything_said_is_so),
		cmocka_unit_test(bounds_are_told),
	};

	return cmocka_run_group_tests(tests, theory_print_seed, NULL);
}
