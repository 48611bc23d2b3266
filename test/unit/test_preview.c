/* SPDX-License-Identifier: MIT */
/*
 * preview, and what it is made of: sample, histogram, strip. Numbers that
 * are drawn lie within five standard errors of what was promised; with the
 * seed fixed, a test that passed passes.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/utf8.h"
#include "sim/fleet.h"
#include "sim/histogram.h"
#include "sim/preview.h"
#include "sim/sample.h"
#include "sim/spec.h"
#include "sim/strip.h"

#define SEED  20261124
#define START INT64_C(1795478400000000) /* 2026-11-24T00:00:00Z */
#define HOUR  INT64_C(3600000000)

static int print_seed(void **state)
{
	(void)state;
	print_message("# seed %d\n", SEED);
	return 0;
}

/* The group of a --sensor text; to be released. */
static struct groups group_of(const char *text)
{
	struct groups all = {NULL, 0, 0};
	struct err e = ERR_INIT;

	if (spec_sensor(&all, text, "", &e))
		fail_msg("%s", e.msg);
	return all;
}

static struct sample_conf conf_of(const struct groups *all)
{
	return (struct sample_conf){
		.group = &all->v[0],
		.seed = SEED,
		.start_us = START,
		.readings = 100000,
	};
}

/* ---- histogram ---- */

static void rows_are(const struct histogram *h, size_t width, bool eighths,
		     const char *text)
{
	struct str out = STR_INIT;

	for (size_t row = 0; row < histogram_rows(h); row++) {
		size_t from = out.len, cols;

		cols = histogram_add_row(h, row, width, eighths, &out);
		assert_int_equal(cols,
				 utf8_count(out.p + from, out.len - from));
		assert_true(cols <= width);
		str_addc(&out, '\n');
	}
	assert_string_equal(out.p, text);
	str_release(&out);
}

static void histogram_is(const double *v, size_t n, double grid,
			 const char *text)
{
	struct histogram h;

	histogram_init(&h, v, n, grid);
	rows_are(&h, 24, false, text);
	histogram_release(&h);
}

static void histogram_counts(void **state)
{
	static const double v[] = {1, 1.5, 1.4, 2.9, 3, 3.1, 3.4, 7, 7, 7};

	(void)state;
	histogram_is(v, 10, 0.1,
		     "1.0 ############ 2\n"
		     "1.5 ###### 1\n"
		     "2.0\n"
		     "2.5 ###### 1\n"
		     "3.0 ################## 3\n"
		     "3.5\n"
		     "4.0\n"
		     "4.5\n"
		     "5.0\n"
		     "5.5\n"
		     "6.0\n"
		     "6.5\n"
		     "7.0 ################## 3\n");
}

static void histogram_of_one_number(void **state)
{
	static const double v[] = {0.25, 0.25};
	static const double zero[] = {0}, large[] = {1e300};

	(void)state;
	histogram_is(v, 2, 1e-6, "0.25 ################# 2\n");
	histogram_is(zero, 1, 1e-9, "0 #################### 1\n");
	histogram_is(large, 1, 1e-6, "1e+300 ############### 1\n");
}

/* Steps of 0.3 in bins that have as many of them each. */
static void histogram_has_no_comb(void **state)
{
	double v[400];
	struct histogram h;

	(void)state;
	for (int i = 0; i < 400; i++)
		v[i] = (i % 80) * 0.3;
	histogram_init(&h, v, 400, 0.3);
	for (size_t i = 1; i + 1 < h.bins; i++)
		assert_true(h.counts[i] == h.counts[1]);
	histogram_release(&h);
}

static void histogram_keeps_far_numbers_apart(void **state)
{
	double v[100];

	(void)state;
	for (int i = 0; i < 100; i++)
		v[i] = i % 2;
	v[0] = -1000;
	v[1] = 50;
	v[2] = 60;
	histogram_is(v, 100, 1,
		     "< 0 # 1\n"
		     "  0 ################# 48\n"
		     "  1 ################# 49\n"
		     "> 1 # 2\n");
}

/* Where many are far out, nothing is. */
static void histogram_shows_what_is_common(void **state)
{
	double v[100];

	(void)state;
	for (int i = 0; i < 100; i++)
		v[i] = i < 90 ? i % 2 : 10;
	histogram_is(v, 100, 1,
		     " 0 ################## 45\n"
		     " 1 ################## 45\n"
		     " 2\n 3\n 4\n 5\n 6\n 7\n 8\n 9\n"
		     "10 #### 10\n");
}

static void histogram_in_eighths(void **state)
{
	static const double v[] = {1, 1, 1, 1, 2, 2, 2, 3};
	struct histogram h;

	(void)state;
	histogram_init(&h, v, 8, 1);
	rows_are(&h, 9, true,
		 "1 \xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x88"
		 "\xe2\x96\x88 4\n"
		 "2 \xe2\x96\x88\xe2\x96\x88\xe2\x96\x88\xe2\x96\x8a 3\n"
		 "3 \xe2\x96\x88\xe2\x96\x8e 1\n");
	histogram_release(&h);
}

/* Whatever the numbers are, GSL, whose errors abort, gets edges in order. */
static void histogram_takes_any_numbers(void **state)
{
	static const double spans[] = {0, 1e-300, 1e-9, 1, 1e9, 1e300};
	static const double lows[] = {-1e300, -1, 0, 1e-9, 1, 1e15, 1e300};
	static const double grids[] = {1e-9, 1e-6, 0.1, 1, 1e6};

	(void)state;
	for (int i = 0; i < 6 * 7 * 5; i++) {
		double low = lows[i / 6 % 7], high = low + spans[i % 6];
		const double v[] = {low, low / 2 + high / 2, high};
		struct histogram h;
		double sum = 0;

		histogram_init(&h, v, 3, grids[i / 42]);
		for (size_t k = 0; k < h.bins; k++)
			sum += h.counts[k];
		assert_true(sum == 3);
		assert_in_range(h.bins, 1, 20);
		histogram_release(&h);
	}
}

/* ---- strip ---- */

/* clang-format off */
static const char ramp[] =
	" 8 |                                '\n"
	"   |                            '\n"
	"   |                        '\n"
	"   |                    '\n"
	" 4 |                .\n"
	"   |            .\n"
	"   |        .\n"
	"   |    .\n"
	" 0 |.\n"
	"   ++-------+-------+-------+-------+---\n"
	"    00:00   02:00   04:00   06:00\n";

static const char beyond[] =
	"6 |          ^\n"
	"  |\n"
	"  |\n"
	"  |\n"
	"5 |.                            .\n"
	"  |\n"
	"  |\n"
	"  |\n"
	"4 |                    v\n"
	"  ++-----------------------------\n"
	"   00:00:00\n";
/* clang-format on */

static void strip_draws_a_ramp(void **state)
{
	static const double v[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
	static const double at[] = {0,	   3600,  7200,	 10800, 14400,
				    18000, 21600, 25200, 28800};
	const struct scale scale = {0, 8, 1, 0};
	struct strip s = {
		.at = at,
		.values = v,
		.n = 9,
		.scale = &scale,
		.start_us = START,
		.span_us = 9 * HOUR,
		.indent = 1,
		.width = 40,
	};
	struct str out = STR_INIT;

	(void)state;
	strip_add(&s, &out);
	assert_string_equal(out.p, ramp);
	str_release(&out);
}

/* What is beyond the scale is at the edge, under its time. */
static void strip_marks_what_is_beyond(void **state)
{
	static const double v[] = {5, 100, -100, 5};
	static const double at[] = {0, 10, 20, 29.9};
	const struct scale scale = {5, 5, 1, 0};
	struct strip s = {
		.at = at,
		.values = v,
		.n = 4,
		.scale = &scale,
		.start_us = START,
		.span_us = 30000000,
		.width = 33,
	};
	struct str out = STR_INIT;

	(void)state;
	strip_add(&s, &out);
	assert_string_equal(out.p, beyond);
	str_release(&out);
}

/* The last line, for a span from a start. */
static void times_are(int64_t start_us, int64_t span_us, const char *text)
{
	static const double at[] = {0}, v[] = {0};
	const struct scale scale = {0, 0, 1, 0};
	struct strip s = {
		.at = at,
		.values = v,
		.n = 1,
		.scale = &scale,
		.start_us = start_us,
		.span_us = span_us,
		.width = 40, /* 4 of them the numbers and the axis */
	};
	struct str out = STR_INIT;

	strip_add(&s, &out);
	str_cut(&out, out.len - 1);
	assert_string_equal(strrchr(out.p, '\n') + 1 + 4, text);
	str_release(&out);
}

static void strip_says_the_time(void **state)
{
	(void)state;
	times_are(START, 24 * HOUR, "00:00    06:00    12:00    18:00");
	times_are(START + HOUR, 12 * HOUR, "      03:00    06:00    09:00");
	times_are(START, 60 * 1000000, "00:00:00          00:00:30");
	times_are(START, 7 * 24 * HOUR, "     11-25     11-27     11-29");
	times_are(START, 40 * 24 * HOUR, "           12-07        12-21");
	times_are(START, 365 * 24 * HOUR, "   2027");
	times_are(START, 20 * 365 * 24 * HOUR, "     2030              2040");
	times_are(START, 100000, "00.00             00.05");
	times_are(START, 10, "00.000000         00.000005");
	times_are(-START, 24 * HOUR, "00:00    06:00    12:00    18:00");
}

/* ---- sample ---- */

static void within(double got, double want, double bound)
{
	if (!(fabs(got - want) <= bound))
		fail_msg("%.10g, not within %.10g of %.10g", got, bound, want);
}

/* Independent values of this kurtosis: mean and sd as they were promised. */
static void sample_keeps(const char *text, double mean, double sd,
			 double kurtosis)
{
	struct groups all = group_of(text);
	struct sample_conf conf = conf_of(&all);
	struct sample s;
	double n;

	sample_init(&s, &conf);
	n = (double)s.values.n;
	assert_true(n >= 10000);
	within(s.promised_value.mean, mean, 1e-9);
	within(s.promised_value.sd, sd, 1e-9);
	within(s.value.mean, mean, 5 * sd / sqrt(n));
	within(s.value.sd * s.value.sd, sd * sd,
	       5 * sd * sd * sqrt((kurtosis - 1) / n));
	assert_int_equal(s.open, 0);
	sample_release(&s);
	groups_release(&all);
}

static void sample_keeps_promises(void **state)
{
	(void)state;
	sample_keeps("name=a,value=normal(60,2)", 60, 2, 3);
	sample_keeps("name=a,value=exponential(3)", 3, 3, 9);
	sample_keeps("name=a,value=uniform(0,12)", 6, sqrt(12), 1.8);
	/* ar without memory is a second normal, 3^2 + 4^2 */
	sample_keeps("name=a,value=normal(1,3),ar.sd=4", 1, 5, 3);
}

/*
 * Cycles and trend are promised for the times drawn: over a quarter of the
 * day from its peak on, cos has the mean 2/pi and the mean square 1/2.
 */
static void sample_promises_for_its_times(void **state)
{
	struct groups all = group_of("name=a,value=constant(5),every=1s,"
				     "day.amplitude=8,trend=24/day");
	struct sample_conf conf = conf_of(&all);
	struct sample s;

	(void)state;
	conf.span_us = 6 * HOUR;
	sample_init(&s, &conf);
	within(s.promised_value.mean, 5 + 8 * M_2_PI + 3, 1e-3);
	within(s.value.mean, s.promised_value.mean, 1e-6);
	within(s.value.sd, s.promised_value.sd, 1e-4);
	within(s.value.min, s.promised_value.min, 1e-6);
	within(s.value.max, s.promised_value.max, 1e-6);
	sample_release(&s);
	groups_release(&all);
}

static unsigned open_of(const char *text)
{
	struct groups all = group_of(text);
	struct sample_conf conf = conf_of(&all);
	struct sample s;
	unsigned open;

	sample_init(&s, &conf);
	open = s.open;
	sample_release(&s);
	groups_release(&all);
	return open;
}

static void sample_says_what_is_open(void **state)
{
	(void)state;
	assert_int_equal(open_of("name=a"), 0);
	assert_int_equal(open_of("name=a,late=1%:2,skew=1%:2"), 0);
	assert_int_equal(open_of("name=a,walk.sd=1"), OPEN_WALK);
	assert_int_equal(open_of("name=a,spike=1%"), OPEN_FAULTS);
	assert_int_equal(open_of("name=a,max=21"), OPEN_CUT);
	assert_int_equal(open_of("name=a,max=1000"), 0);
	assert_int_equal(open_of("name=a,value=poisson(0.4),min=0,step=1"),
			 OPEN_STEP);
	assert_int_equal(open_of("name=a,value=poisson(2),min=0,step=1"), 0);
}

static void bounds_are(const char *text, double min, double max)
{
	struct groups all = group_of(text);
	struct sample_conf conf = conf_of(&all);
	struct sample s;

	sample_init(&s, &conf);
	assert_true(s.promised_value.min == min);
	assert_true(s.promised_value.max == max);
	assert_true(s.value.min >= min && s.value.max <= max);
	sample_release(&s);
	groups_release(&all);
}

static void sample_promises_bounds(void **state)
{
	(void)state;
	bounds_are("name=a", -INFINITY, INFINITY);
	bounds_are("name=a,min=18,max=21.5", 18, 21.5);
	bounds_are("name=a,value=uniform(0,1)", 0, 1);
	bounds_are("name=a,value=uniform(0,1),walk.sd=1,walk.min=-2,walk.max=3",
		   -2, 4);
	bounds_are("name=a,value=constant(7)", 7, 7);
	bounds_are("name=a,value=beta(2,3)", 0, 1);
	bounds_are("name=a,value=bernoulli(0.5)", 0, 1);
	bounds_are("name=a,value=gamma(2,3)", 0, INFINITY);
	bounds_are("name=a,value=uniform(0,1),step=0.4", 0, 0.8);
	bounds_are("name=a,value=uniform(0,1),ar.sd=1", -INFINITY, INFINITY);
}

/* The readings are those of the fleet, for any of its sensors. */
static void sample_is_what_the_fleet_does(void **state)
{
	struct groups all = group_of("name=a{},count=7,every=exponential(60),"
				     "dropout=1%:exponential(600),spike=1%");
	struct sample_conf conf = conf_of(&all);
	struct fleet_conf whole = {&all, SEED, START, 0, 1};
	struct fleet *f = fleet_new(&whole);
	struct sample s;
	size_t sensor = 0, k = 0, silent = 0;
	struct draw d;

	(void)state;
	conf.index = 5;
	sample_init(&s, &conf);
	while (fleet_due_ns(f, &sensor) < 24 * HOUR * 1000) {
		fleet_next(f, &d);
		if (d.sensor != 5)
			continue;
		if (d.effect.kinds & FAULT_BIT(FAULT_DROPOUT)) {
			silent++;
			continue;
		}
		within(s.values.v[k], d.value, 1e-6);
		within(s.at.v[k++], (double)d.due_ns / 1e9, 1e-9);
	}
	assert_int_equal(s.values.n, k);
	assert_true(silent > 0);
	assert_int_equal(s.faults[FAULT_DROPOUT], silent);
	assert_int_equal(s.drawn, k + silent);
	assert_int_equal(s.delays.n, s.drawn - 1);
	fleet_free(f);
	sample_release(&s);
	groups_release(&all);
}

static void sample_is_cut(void **state)
{
	struct groups all = group_of("name=a,every=1us");
	struct sample_conf conf = conf_of(&all);
	struct sample s;

	(void)state;
	conf.readings = 1000;
	sample_init(&s, &conf);
	assert_true(s.cut);
	assert_int_equal(s.drawn, 1000);
	assert_in_range(s.span_us, 999, 1000);
	sample_release(&s);
	conf.span_us = 1000;
	sample_init(&s, &conf);
	assert_false(s.cut);
	assert_int_equal(s.drawn, 1000);
	assert_int_equal(s.span_us, 1000);
	sample_release(&s);
	groups_release(&all);
}

static void sample_of_a_recording(void **state)
{
	struct series_point points[] = {
		{START, 1}, {START + HOUR, 5}, {START + 50 * HOUR, 3}};
	struct series series = {.points = points, .n = 3};
	struct groups all = group_of("name=a");
	struct sample_conf conf = conf_of(&all);
	struct sample s;

	(void)state;
	all.v[0].series = &series;
	all.v[0].series_start_us = START;
	sample_init(&s, &conf);
	assert_int_equal(s.values.n, 3);
	assert_int_equal(s.span_us, 50 * HOUR);
	assert_true(s.value.mean == 3 && s.value.min == 1 && s.value.max == 5);
	assert_true(isnan(s.promised_value.mean));
	assert_true(isnan(s.promised_delay.mean));
	sample_release(&s);
	conf.span_us = 2 * HOUR;
	sample_init(&s, &conf);
	assert_int_equal(s.values.n, 2);
	assert_int_equal(s.span_us, 2 * HOUR);
	sample_release(&s);
	groups_release(&all);
}

/* ---- the whole ---- */

/* clang-format off */
static const char room[] =
	"room-{:02}: 3 sensors of temperature in degC\n"
	"  Air of a room that the sun warms in the afternoon.\n"
	"\n"
	"  room-00: 144 readings over 1d from 2026-11-24T00:00:00Z\n"
	"  value = normal(20,0.5) + day\n"
	"  delay = constant(600) s\n"
	"  faults: late 3\n"
	"\n"
	"                   mean          sd         min         max\n"
	"  values        20.0042      2.0683        16.2        23.4\n"
	"   promised          20     2.17945        -inf         inf\n"
	"  delays, s         600           0         600         600\n"
	"   promised         600           0         600         600\n"
	"\n"
	"  values, degC                   delays, s\n"
	"  16 ##### 7                     600 ################### 143\n"
	"  17 ############### 21\n"
	"  18 ##################### 30\n"
	"  19 ########### 16\n"
	"  20 ######## 11\n"
	"  21 ################## 25\n"
	"  22 ################ 23\n"
	"  23 ######## 11\n"
	"\n"
	"  24 |                                   . ..\n"
	"     |                          . ':'':'::.'. .\n"
	"     |                        .:':'.    ' ''.:':.:.\n"
	"     |                   . :::' '               ' '.\n"
	"  20 |                    . '                    ' ':: .\n"
	"     |                ::':'                          .'::.\n"
	"     |.: :'     ' .:::'                                 ''''\n"
	"     |' : :::.:.':                                        .\n"
	"  16 |       . ' '\n"
	"     ++------------+-------------+------------+-------------\n"
	"      00:00        06:00         12:00        18:00\n";
/* clang-format on */

static void preview_of(const char *text, bool utf8, struct str *out)
{
	struct groups all = group_of(text);
	const struct preview p = {
		.seed = SEED,
		.start_us = START,
		.readings = 100000,
		.width = 60,
		.utf8 = utf8,
	};

	preview_add_group(&p, &all.v[0], out);
	preview_add_sensor(&p, &all.v[0], 0, out);
	groups_release(&all);
}

static void preview_looks_so(void **state)
{
	struct str out = STR_INIT;

	(void)state;
	preview_of("name=room-{:02},count=3,type=temperature,unit=degC,"
		   "description=Air of a room that the sun warms in the "
		   "afternoon.,value=normal(20,0.5),step=0.1,every=10m,"
		   "day.amplitude=3,day.peak=15h,late=3%:2s",
		   false, &out);
	assert_string_equal(out.p, room);
	str_release(&out);
}

/* Nothing from outside reaches the terminal as it is, nor in ASCII alone. */
static void preview_is_printable(void **state)
{
	static const char evil[] =
		"name=\033[31mb\303\274ro\007,type=\342\202\254\n,"
		"unit=\302\260C\033]0;x\007,description=\302\233 x,every=1h";
	struct str out = STR_INIT;

	(void)state;
	for (int utf8 = 0; utf8 < 2; utf8++) {
		str_clear(&out);
		preview_of(evil, utf8, &out);
		assert_true(utf8_is_valid(out.p, out.len));
		assert_non_null(strstr(out.p, "\\x1b[31m"));
		for (size_t i = 0; i < out.len; i++) {
			unsigned char b = (unsigned char)out.p[i];

			assert_true(b == '\n' || (b >= 0x20 && b != 0x7f));
			assert_true(utf8 || b < 0x80);
		}
	}
	assert_non_null(strstr(out.p, "b\303\274ro"));
	str_release(&out);
}

static void preview_without_readings(void **state)
{
	struct str out = STR_INIT;

	(void)state;
	preview_of("name=a,every=1e9", false, &out);
	assert_non_null(strstr(out.p, "the first is due later\n"));
	str_clear(&out);
	preview_of("name=a,every=1h,malformed=100%", false, &out);
	assert_non_null(strstr(out.p, "none is sent\n"));
	str_release(&out);
}

static void preview_shows_one_of_each(void **state)
{
	struct groups all = group_of("name=a{},count=9");
	struct preview p = {.seed = SEED};

	(void)state;
	assert_int_equal(preview_sensors(&p, &all.v[0]), 1);
	p.each = true;
	assert_int_equal(preview_sensors(&p, &all.v[0]), 9);
	groups_release(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(histogram_counts),
		cmocka_unit_test(histogram_of_one_number),
		cmocka_unit_test(histogram_has_no_comb),
		cmocka_unit_test(histogram_keeps_far_numbers_apart),
		cmocka_unit_test(histogram_shows_what_is_common),
		cmocka_unit_test(histogram_in_eighths),
		cmocka_unit_test(histogram_takes_any_numbers),
		cmocka_unit_test(strip_draws_a_ramp),
		cmocka_unit_test(strip_marks_what_is_beyond),
		cmocka_unit_test(strip_says_the_time),
		cmocka_unit_test(sample_keeps_promises),
		cmocka_unit_test(sample_promises_for_its_times),
		cmocka_unit_test(sample_says_what_is_open),
		cmocka_unit_test(sample_promises_bounds),
		cmocka_unit_test(sample_is_what_the_fleet_does),
		cmocka_unit_test(sample_is_cut),
		cmocka_unit_test(sample_of_a_recording),
		cmocka_unit_test(preview_looks_so),
		cmocka_unit_test(preview_is_printable),
		cmocka_unit_test(preview_without_readings),
		cmocka_unit_test(preview_shows_one_of_each),
	};

	return cmocka_run_group_tests(tests, print_seed, NULL);
}
