/* SPDX-License-Identifier: MIT */
/* Every fault against its promise, one reading a second; see theory.h. */
#include "theory.h"

#include <stdio.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "sim/fault.h"

#define N      200000
#define SECOND INT64_C(1000000000)

/* A sensor with faults, and its readings so far. */
struct sensor {
	struct faults faults;
	struct fault_state state;
	struct fault_view view;
	gsl_rng *rng;
	int64_t due_ns;
	struct fault_effect effect;
};

static void set_up(struct sensor *s, const char *fault)
{
	struct err e = ERR_INIT;

	*s = (struct sensor){.view = {1, 2}, .rng = theory_rng()};
	if (fault && faults_parse(&s->faults, fault, &e) < 0)
		fail_msg("%s", e.msg);
}

/* What it makes of the next value. */
static double shown(struct sensor *s, double value)
{
	double v = faults_apply(&s->faults, &s->state, &s->view, s->due_ns,
				value, s->rng, &s->effect);

	s->due_ns += SECOND;
	return v;
}

static bool has(const struct sensor *s, enum fault_kind kind)
{
	return s->effect.kinds & FAULT_BIT(kind);
}

static enum fault_kind kind_of(const char *text)
{
	char name[32];
	struct err e = ERR_INIT;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(text, ":"), text);
	return (enum fault_kind)fault_find(name, &e);
}

/* ---- how often, how long ---- */

/* One reading each: the number of those that are hit is binomial. */
static void check_share(const char *text, double share)
{
	enum fault_kind kind = kind_of(text);
	struct sensor s;
	double hits = 0;

	set_up(&s, text);
	for (int i = 0; i < N; i++) {
		shown(&s, i);
		hits += has(&s, kind);
	}
	theory_within(hits, N * share, sqrt(N * share * (1 - share)));
	gsl_rng_free(s.rng);
}

static void a_share_is_of_the_readings(void **state)
{
	(void)state;
	check_share("stuck:3%:0", 0.03);
	check_share("spike:0.2", 0.2);
	check_share("spike:50%:0:1", 0.5);
	check_share("drift:1%:0", 0.01);
	check_share("bias:0.1%:0", 0.001);
	check_share("noise:2%:0", 0.02);
	check_share("dropout:99%:1ms", 0.99);
	check_share("skew:3%:1", 0.03);
	check_share("late:3%:2s", 0.03);
	check_share("duplicate:0.5", 0.5);
	check_share("malformed:1e-3", 0.001);
	check_share("duplicate:0", 0);
	check_share("duplicate:0%", 0);
	check_share("duplicate:1", 1);
	check_share("malformed:100%", 1);
	check_share("out-of-order:0", 0);
}

/* The mean delay is 1 s; what is more often than readings is all of them. */
static void a_rate_in_time_goes_by_the_delay(void **state)
{
	(void)state;
	check_share("stuck:108/h:0", 0.03);
	check_share("late:0.05/s:2s", 0.05);
	check_share("duplicate:864/day", 0.01);
	check_share("malformed:0/h", 0);
	check_share("malformed:5/s", 1);
}

static void a_rate_in_time_is_the_same_at_any_delay(void **state)
{
	struct sensor s;
	double hits = 0;

	(void)state;
	set_up(&s, "duplicate:2/m");
	s.view.mean_delay = 0.1;
	for (int i = 0; i < N; i++) {
		shown(&s, i);
		hits += has(&s, FAULT_DUPLICATE);
	}
	theory_within(hits, N / 300.0, sqrt(N / 300.0));
	gsl_rng_free(s.rng);
}

/*
 * The gap from one to the next is 1 + a geometric number of mean (1 - s)/s,
 * so of a renewal process the variance is N s (1 - s) (1 - 2s) (Cox, Renewal
 * Theory, 1962, 4.2), but for about one at the ends.
 */
static void check_swaps(const char *text, double share)
{
	struct sensor s;
	bool last = false;
	double hits = 0, sd = sqrt(N * share * (1 - share) * (1 - 2 * share));

	set_up(&s, text);
	for (int i = 0; i < N; i++) {
		shown(&s, i);
		assert_false(last && has(&s, FAULT_OUT_OF_ORDER));
		last = has(&s, FAULT_OUT_OF_ORDER);
		hits += last;
	}
	assert_true(fabs(hits - N * share) <= 5 * sd + 1);
	gsl_rng_free(s.rng);
}

/* A reading that comes behind a late next one would not be out of order. */
static void of_two_readings_one_is_out_of_order(void **state)
{
	(void)state;
	check_swaps("out-of-order:3%", 0.03);
	check_swaps("out-of-order:108/h", 0.03);
	check_swaps("out-of-order:40%", 0.4);
	check_swaps("out-of-order:50%", 0.5);
	check_swaps("out-of-order:10/s", 0.5);
}

/*
 * Episodes of a fault that lasts, told by their ends. Where it is not on,
 * each reading is a trial; the length in readings has this mean and sd.
 */
static void check_episodes(const char *text, double share, double mean,
			   double sd)
{
	enum fault_kind kind = kind_of(text);
	double trials = 0, begun = 0, on = 0;
	int64_t last_ns = 0;
	struct sensor s;

	set_up(&s, text);
	for (int i = 0; i < N; i++) {
		trials += s.due_ns >= s.state.until_ns[kind];
		shown(&s, i);
		begun += s.state.until_ns[kind] != last_ns;
		on += has(&s, kind);
		last_ns = s.state.until_ns[kind];
	}
	theory_within(begun, trials * share,
		      sqrt(trials * share * (1 - share)));
	/* the last may be cut short */
	assert_true(fabs(on / begun - mean) <=
		    5 * sd / sqrt(begun) + mean / begun);
	gsl_rng_free(s.rng);
}

/* An exponential length of mean m, in whole readings, is geometric. */
static void lengths_are_as_said(void **state)
{
	static const char *const names[] = {"stuck", "spike",	"drift", "bias",
					    "noise", "dropout", "skew"};
	double r = exp(-1 / 20.0);
	char text[64];

	(void)state;
	for (size_t i = 0; i < FAULT_LASTING; i++) {
		snprintf(text, sizeof(text), "%s:1%%:60s", names[i]);
		check_episodes(text, 0.01, 60, 0);
		snprintf(text, sizeof(text), "%s:1%%:exponential(20)",
			 names[i]);
		check_episodes(text, 0.01, 1 / (1 - r), sqrt(r) / (1 - r));
	}
	check_episodes("stuck:1%:1ms", 0.01, 1, 0);
	check_episodes("stuck:1%:1500ms", 0.01, 2, 0);
	check_episodes("stuck:100%:10", 1, 10, 0);
}

/* ---- what it does to values ---- */

static void stuck_repeats_exactly(void **state)
{
	struct sensor s;
	double kept = 0;
	bool was_on = false;

	(void)state;
	set_up(&s, "stuck:1%:60s");
	for (int i = 0; i < N; i++) {
		bool goes_on = s.due_ns < s.state.until_ns[FAULT_STUCK];
		double v = shown(&s, 0.1 * i), want = 0.1 * i;

		assert_false(goes_on && !was_on);
		if (goes_on)
			want = kept;
		kept = want;
		was_on = has(&s, FAULT_STUCK);
		assert_true(v == want);
	}
	gsl_rng_free(s.rng);
}

/* Each goes up or down as a whole, as often the one as the other. */
static void spikes_are_up_or_down(void **state)
{
	struct sensor s;
	double up = 0, n = 0, off = 0;

	(void)state;
	set_up(&s, "spike:10%:3s:7");
	for (int i = 0; i < N; i++) {
		bool goes_on = s.due_ns < s.state.until_ns[FAULT_SPIKE];
		double v = shown(&s, i) - i;

		assert_true(fabs(v) == (has(&s, FAULT_SPIKE) ? 7 : 0));
		assert_true(!goes_on || v == off);
		off = v;
		n += has(&s, FAULT_SPIKE) && !goes_on;
		up += v > 0 && !goes_on;
	}
	theory_within(up, n / 2, sqrt(n) / 2);
	gsl_rng_free(s.rng);
}

static void drift_is_linear_to_its_size(void **state)
{
	struct sensor s;
	int64_t begun_ns = 0;
	double most = 0;

	(void)state;
	set_up(&s, "drift:1%:50s:-8");
	for (int i = 0; i < N; i++) {
		double since, v;

		if (s.due_ns >= s.state.until_ns[FAULT_DRIFT])
			begun_ns = s.due_ns;
		since = (double)(s.due_ns - begun_ns) / 1e9;
		v = shown(&s, 3) - 3;
		if (!has(&s, FAULT_DRIFT))
			since = 0;
		assert_true(fabs(v - -8 * since / 50) < 1e-12);
		most = fmin(most, v);
	}
	assert_true(fabs(most - -8 * 49 / 50.0) < 1e-12);
	gsl_rng_free(s.rng);
}

static void bias_is_off_by_its_size(void **state)
{
	struct sensor s;

	(void)state;
	set_up(&s, "bias:1%:60s:-2.5");
	for (int i = 0; i < N; i++) {
		double v = shown(&s, i);

		assert_true(v == (has(&s, FAULT_BIAS) ? i - 2.5 : i));
	}
	gsl_rng_free(s.rng);
}

static void noise_is_normal(void **state)
{
	double *x = theory_numbers(N);
	struct sensor s;

	(void)state;
	set_up(&s, "noise:100%:1h:3");
	for (int i = 0; i < N; i++)
		x[i] = shown(&s, 0);
	theory_moments(x, N, 0, 3, 3);
	for (int i = 0; i < N; i++)
		x[i] /= 3;
	theory_law(x, N, gsl_cdf_ugaussian_P);
	gsl_rng_free(s.rng);
	free(x);
}

/* With an sd of 2; none of it has a size of its own. */
static void sizes_go_by_the_deviation(void **state)
{
	static const struct {
		const char *text;
		double sds;
	} rows[] = {
		{"spike:1:9", 10},
		{"bias:1:9", 5},
		{"drift:1:9", 10 / 9.0}, /* a ninth of it at the second */
	};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (double sd = 0; sd < 3; sd++) {
			struct sensor s;

			set_up(&s, rows[i].text);
			s.view.sd = sd;
			shown(&s, 0);
			assert_true(fabs(fabs(shown(&s, 0)) -
					 rows[i].sds * (sd > 0 ? sd : 1)) <
				    1e-12);
			gsl_rng_free(s.rng);
		}
}

static void noise_goes_by_the_deviation(void **state)
{
	double *x = theory_numbers(N);

	(void)state;
	for (double sd = 0; sd < 3; sd++) {
		struct sensor s;

		set_up(&s, "noise:1:1d");
		s.view.sd = sd;
		for (int i = 0; i < N; i++)
			x[i] = shown(&s, 0);
		theory_moments(x, N, 0, 5 * (sd > 0 ? sd : 1), 3);
		gsl_rng_free(s.rng);
	}
	free(x);
}

/* ---- what it does to delivery ---- */

/* Nothing but its bit: the value is untouched, and what only others set. */
static void delivery_leaves_the_value(void **state)
{
	static const char *const texts[] = {
		"dropout:1%:10s", "skew:1%:10s",     "late:3%:2s",
		"duplicate:3%",	  "out-of-order:3%", "malformed:3%",
	};

	(void)state;
	for (size_t k = 0; k < sizeof(texts) / sizeof(*texts); k++) {
		enum fault_kind kind = kind_of(texts[k]);
		struct sensor s;

		set_up(&s, texts[k]);
		for (int i = 0; i < N / 10; i++) {
			bool hit;

			assert_true(shown(&s, 0.1 * i) == 0.1 * i);
			hit = has(&s, kind);
			assert_int_equal(s.effect.kinds,
					 hit ? FAULT_BIT(kind) : 0);
			assert_int_equal(s.effect.skew_us,
					 hit && kind == FAULT_SKEW ? 60000000
								   : 0);
			assert_int_equal(s.effect.hold_ns,
					 hit && kind == FAULT_LATE ? 2 * SECOND
								   : 0);
			assert_true((hit && kind == FAULT_MALFORMED) ||
				    s.effect.variant == 0);
		}
		gsl_rng_free(s.rng);
	}
}

static void skew_is_as_said(void **state)
{
	struct sensor s;

	(void)state;
	set_up(&s, "skew:100%:1h:-90m");
	assert_true(shown(&s, 1) == 1);
	assert_int_equal(s.effect.skew_us, -INT64_C(5400000000));
	gsl_rng_free(s.rng);
}

static double cdf_exponential_2(double x)
{
	return law_cdf(&(struct law){LAW_EXPONENTIAL, 0, 2}, x);
}

static double cdf_0_1(double x)
{
	return law_cdf(&(struct law){LAW_UNIFORM, 0, 1}, x);
}

static void late_is_by_its_law(void **state)
{
	double *x = theory_numbers(N);
	struct sensor s;

	(void)state;
	set_up(&s, "late:100%:exponential(2)");
	for (int i = 0; i < N; i++) {
		shown(&s, 0);
		x[i] = (double)s.effect.hold_ns / 1e9;
	}
	theory_moments(x, N, 2, 2, 9);
	theory_law(x, N, cdf_exponential_2);
	gsl_rng_free(s.rng);
	free(x);
}

static void jitter_is_even(void **state)
{
	double *x = theory_numbers(N);
	struct err e = ERR_INIT;
	struct sensor s;

	(void)state;
	set_up(&s, NULL);
	assert_int_equal(faults_set_jitter(&s.faults, "50ms", &e), 0);
	assert_int_equal(s.faults.kinds, 0);
	for (int i = 0; i < N; i++) {
		shown(&s, 0);
		assert_in_range(s.effect.hold_ns, 0, 49999999);
		assert_int_equal(s.effect.kinds, 0);
		x[i] = (double)s.effect.hold_ns / 50e6;
	}
	theory_law(x, N, cdf_0_1);
	gsl_rng_free(s.rng);
	free(x);
}

static void malformed_ones_vary(void **state)
{
	double *x = theory_numbers(N);
	struct sensor s;

	(void)state;
	set_up(&s, "malformed:100%");
	for (int i = 0; i < N; i++) {
		shown(&s, 0);
		x[i] = s.effect.variant * 0x1p-32;
	}
	theory_law(x, N, cdf_0_1);
	gsl_rng_free(s.rng);
	free(x);
}

static void what_is_not_set_draws_nothing(void **state)
{
	gsl_rng *fresh = theory_rng();
	struct sensor s;

	(void)state;
	set_up(&s, NULL);
	for (int i = 0; i < 100; i++) {
		assert_true(shown(&s, i) == i);
		assert_int_equal(s.effect.kinds, 0);
		assert_int_equal(s.effect.hold_ns, 0);
	}
	assert_int_equal(gsl_rng_get(s.rng), gsl_rng_get(fresh));
	gsl_rng_free(fresh);
	gsl_rng_free(s.rng);
}

/* All of them at once, as large as they can be said. */
static void the_worst_stays_finite(void **state)
{
	static const char *const texts[] = {
		"spike:1:1s:1e300",	    "drift:1:1e9:1e300",
		"bias:1:1e9:-1e300",	    "noise:1:1e9:1e300",
		"skew:1:1s:-100000d",	    "late:1:1e9",
		"out-of-order:0.5",	    "malformed:1",
		"stuck:1:exponential(1e9)", "dropout:1:gamma(0.001,1e9)",
	};
	struct err e = ERR_INIT;
	struct sensor s;

	(void)state;
	set_up(&s, NULL);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(faults_parse(&s.faults, texts[i], &e), 0);
	assert_int_equal(faults_set_jitter(&s.faults, "1e9", &e), 0);
	for (int i = 0; i < 100000; i++) {
		assert_true(isfinite(shown(&s, 1e300)));
		assert_in_range(s.effect.hold_ns, 1000000000 * SECOND,
				2000000000 * SECOND);
		if (i == 5000)
			s.due_ns = INT64_MAX / 2 - SECOND;
		if (i > 5000)
			s.due_ns -= SECOND;
	}
	gsl_rng_free(s.rng);
}

/* ---- texts ---- */

static void good(const char *text, double share, double per_second,
		 double length, double size)
{
	struct faults faults = {.kinds = 0};
	enum fault_kind kind = kind_of(text);
	struct err e = ERR_INIT;
	const struct fault *f = &faults.v[kind];

	if (faults_parse(&faults, text, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(faults.kinds, FAULT_BIT(kind));
	assert_true(f->share == share);
	assert_true(share >= 0 || f->per_second == per_second);
	assert_true(law_mean(&f->length) == length);
	assert_true(isnan(size) ? isnan(f->size) : f->size == size);
}

static void texts_are_read(void **state)
{
	(void)state;
	good("spike:3%", 0.03, 0, 0, NAN);
	good("spike:3%:2s", 0.03, 0, 2, NAN);
	good("spike:3%:2s:-5", 0.03, 0, 2, -5);
	good("spike:2.5e-3:0:1k", 0.0025, 0, 0, 1000);
	good("stuck:36/h:exponential(60)", -1, 0.01, 60, NAN);
	good("drift:0.5/day:normal(1h,5m):7", -1, 0.5 / 86400, 3600, 7);
	good("bias:0:0:0", 0, 0, 0, 0);
	good("noise:1:24h:0.5", 1, 0, 86400, 0.5);
	good("dropout:100%:5m", 1, 0, 300, NAN);
	good("skew:1%:1h:5m", 0.01, 0, 3600, 300);
	good("late:3%:gamma(2,0.5)", 0.03, 0, 1, NAN);
	good("out-of-order:50%", 0.5, 0, 0, NAN);
	good("duplicate:1/h", -1, 1 / 3600.0, 0, NAN);
	good("malformed:.1%", 0.001, 0, 0, NAN);
}

static void the_last_text_counts(void **state)
{
	struct faults f = {.kinds = 0};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(faults_set(&f, FAULT_SPIKE, "1%:2s:3", &e), 0);
	assert_int_equal(faults_set(&f, FAULT_LATE, "1%:2s", &e), 0);
	assert_int_equal(faults_set(&f, FAULT_SPIKE, "2%", &e), 0);
	assert_int_equal(f.kinds,
			 FAULT_BIT(FAULT_SPIKE) | FAULT_BIT(FAULT_LATE));
	assert_true(f.v[FAULT_SPIKE].share == 0.02);
	assert_true(isnan(f.v[FAULT_SPIKE].size));
}

static void bad(const char *text, const char *message)
{
	struct faults f = {.kinds = 0}, before = f;
	struct err e = ERR_INIT;

	assert_int_equal(faults_parse(&f, text, &e), -1);
	assert_string_equal(e.msg, message);
	assert_memory_equal(&f, &before, sizeof(f));
}

static void unknown_kinds_are_told(void **state)
{
	(void)state;
	bad("stcuk:1%:2s", "unknown fault 'stcuk', did you mean 'stuck'?");
	bad("out-of-odrer:1%",
	    "unknown fault 'out-of-odrer', did you mean 'out-of-order'?");
	bad("fire:1%",
	    "unknown fault 'fire' (stuck, spike, drift, bias, noise, dropout, "
	    "skew, late, out-of-order, duplicate, malformed)");
	bad("", "unknown fault '' (stuck, spike, drift, bias, noise, dropout, "
		"skew, late, out-of-order, duplicate, malformed)");
}

static void the_form_is_told(void **state)
{
	(void)state;
	bad("stuck", "'stuck' has no rate: behind 'stuck:' comes RATE:LENGTH, "
		     "like 0.1%:60s");
	bad("late:", "'late' has no rate: behind 'late:' comes RATE:TIME, like "
		     "3%:2s");
	bad("stuck:1%",
	    "stuck: '1%': it is written RATE:LENGTH, like 0.1%:60s");
	bad("stuck:1%:2s:3",
	    "stuck: '1%:2s:3': it is written RATE:LENGTH, like 0.1%:60s");
	bad("spike:1%:2s:3:4", "spike: '1%:2s:3:4': it is written "
			       "RATE[:LENGTH[:SIZE]], like 0.1%:0:50");
	bad("drift:1%",
	    "drift: '1%': it is written RATE:LENGTH[:SIZE], like 2/day:10m:5");
	bad("bias:1%",
	    "bias: '1%': it is written RATE:LENGTH[:SIZE], like 2/day:10m:5");
	bad("noise:1%",
	    "noise: '1%': it is written RATE:LENGTH[:SIZE], like 2/day:10m:5");
	bad("dropout:1%",
	    "dropout: '1%': it is written RATE:LENGTH, like 0.1%:60s");
	bad("skew:1%",
	    "skew: '1%': it is written RATE:LENGTH[:TIME], like 1/day:1h:-90s");
	bad("late:1%", "late: '1%': it is written RATE:TIME, like 3%:2s");
	bad("late:1%:2s:3",
	    "late: '1%:2s:3': it is written RATE:TIME, like 3%:2s");
	bad("out-of-order:1%:2s",
	    "out-of-order: '1%:2s': it is written RATE, like 1%");
	bad("duplicate:1%:2s",
	    "duplicate: '1%:2s': it is written RATE, like 1%");
	bad("malformed:1%:", "malformed: '1%:': it is written RATE, like 1%");
}

static void wrong_rates_are_told(void **state)
{
	(void)state;
	bad("duplicate:3", "duplicate: '3': '3' is out of bounds (0 to 100%, "
			   "or 0 to 1)");
	bad("duplicate:101%", "duplicate: '101%': '101%' is out of bounds (0 "
			      "to 100%, or 0 to 1)");
	bad("duplicate:-1%", "duplicate: '-1%': '-1%' is out of bounds (0 to "
			     "100%, or 0 to 1)");
	bad("duplicate:-2/h", "duplicate: '-2/h': '-2/h' is negative");
	bad("duplicate:x", "duplicate: 'x': 'x' is not a number");
	bad("duplicate",
	    "'duplicate' has no rate: behind 'duplicate:' comes RATE, like 1%");
	bad("duplicate:%", "duplicate: '%': '' is not a number");
	bad("duplicate:nan", "duplicate: 'nan': 'nan' is not a finite number");
	bad("duplicate:3%/h",
	    "duplicate: '3%/h': '3%/h' is not a number per time (like 2/h, "
	    "0.5/day, 3/10m)");
	bad("out-of-order:51%",
	    "out-of-order: '51%': '51%' is out of bounds: of two readings one "
	    "comes first, so 50% is the most");
}

static void wrong_lengths_and_sizes_are_told(void **state)
{
	(void)state;
	bad("late:3%:", "late: '3%:': '': '' is not a span of time (like 20, "
			"500ms, 20s, 5m, 24h)");
	bad("late:3%:-2s", "late: '3%:-2s': '-2s': mean length -2 s is out of "
			   "bounds (0 to 1e+09 s)");
	bad("stuck:3%:5parsec",
	    "stuck: '3%:5parsec': '5parsec': '5parsec' is not a span of time "
	    "(like 20, 500ms, 20s, 5m, 24h)");
	bad("spike:3%:2s:", "spike: '3%:2s:': '' is not a number");
	bad("spike:3%:2s:inf",
	    "spike: '3%:2s:inf': 'inf' is not a finite number");
	bad("bias:3%:2s:1e301", "bias: '3%:2s:1e301': size '1e301' is out of "
				"bounds (-1e+300 to 1e+300)");
	bad("noise:3%:2s:-1", "noise: '3%:2s:-1': size '-1' is out of bounds "
			      "(0 to 1e+300)");
	bad("skew:3%:2s:x", "skew: '3%:2s:x': 'x' is not a span of time (like "
			    "20, 500ms, 20s, 5m, 24h)");
}

static void wrong_jitter_is_told(void **state)
{
	static const char *const texts[] = {"-1", "x", "1000000001"};
	static const char *const want[] = {
		"a jitter of '-1' is out of bounds (0 to 1e+09 s)",
		"'x' is not a span of time (like 20, 500ms, 20s, 5m, 24h)",
		"a jitter of '1000000001' is out of bounds (0 to 1e+09 s)",
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct faults f = {.kinds = 0};
		struct err e = ERR_INIT;

		assert_int_equal(faults_set_jitter(&f, texts[i], &e), -1);
		assert_string_equal(e.msg, want[i]);
		assert_int_equal(f.jitter_ns, 0);
	}
}

static void labels_list_what_happened(void **state)
{
	struct str s = STR_INIT;

	(void)state;
	fault_add_label(&s, 0);
	assert_string_equal(s.p, "");
	fault_add_label(&s, FAULT_BIT(FAULT_LATE));
	assert_string_equal(s.p, "late");
	str_clear(&s);
	fault_add_label(&s, (1u << FAULT_KINDS) - 1);
	assert_string_equal(s.p, "stuck,spike,drift,bias,noise,dropout,skew,"
				 "late,out-of-order,duplicate,malformed");
	str_release(&s);
	for (int k = 0; k < FAULT_KINDS; k++)
		assert_int_equal(kind_of(fault_name((enum fault_kind)k)), k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_share_is_of_the_readings),
		cmocka_unit_test(a_rate_in_time_goes_by_the_delay),
		cmocka_unit_test(a_rate_in_time_is_the_same_at_any_delay),
		cmocka_unit_test(of_two_readings_one_is_out_of_order),
		cmocka_unit_test(lengths_are_as_said),
		cmocka_unit_test(stuck_repeats_exactly),
		cmocka_unit_test(spikes_are_up_or_down),
		cmocka_unit_test(drift_is_linear_to_its_size),
		cmocka_unit_test(bias_is_off_by_its_size),
		cmocka_unit_test(noise_is_normal),
		cmocka_unit_test(sizes_go_by_the_deviation),
		cmocka_unit_test(noise_goes_by_the_deviation),
		cmocka_unit_test(delivery_leaves_the_value),
		cmocka_unit_test(skew_is_as_said),
		cmocka_unit_test(late_is_by_its_law),
		cmocka_unit_test(jitter_is_even),
		cmocka_unit_test(malformed_ones_vary),
		cmocka_unit_test(what_is_not_set_draws_nothing),
		cmocka_unit_test(the_worst_stays_finite),
		cmocka_unit_test(texts_are_read),
		cmocka_unit_test(the_last_text_counts),
		cmocka_unit_test(unknown_kinds_are_told),
		cmocka_unit_test(the_form_is_told),
		cmocka_unit_test(wrong_rates_are_told),
		cmocka_unit_test(wrong_lengths_and_sizes_are_told),
		cmocka_unit_test(wrong_jitter_is_told),
		cmocka_unit_test(labels_list_what_happened),
	};

	return cmocka_run_group_tests(tests, theory_print_seed, NULL);
}
