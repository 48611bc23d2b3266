/* SPDX-License-Identifier: MIT */
/*
 * micro - parts of the library that produce; the command line is in micro.h
 *
 * To add a row: a side_fn for ours, one for the reference (or NULL), and a
 * line in `rows`.
 */
#include <gsl/gsl_randist.h>
#include <time.h>

#include "base/when.h"
#include "micro.h"
#include "sim/fleet.h"
#include "sim/law.h"
#include "sim/spec.h"
#include "wire/reading.h"

#define SEED 20261124

static gsl_rng *new_rng(void)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_taus2);

	gsl_rng_set(rng, SEED);
	return rng;
}

/* ---- laws: law_draw, beside GSL's own call alone ---- */

static double draw_law(const struct law *l, uint64_t n)
{
	gsl_rng *rng = new_rng();
	double sum = 0, t = start();

	for (uint64_t i = 0; i < n; i++)
		sum += law_draw(l, rng);
	t = stop(t, sum);
	gsl_rng_free(rng);
	return t;
}

static double draw_value(const char *law, uint64_t n)
{
	struct err e = ERR_INIT;
	struct law l;

	if (law_parse(&l, law, &e) < 0)
		die("%s", e.msg);
	return draw_law(&l, n);
}

/* Delays of 1 s with an sd of 0.3 s. */
static double draw_delay(const char *law, uint64_t n)
{
	struct err e = ERR_INIT;
	struct law l;

	if (law_from_delay(&l, law, 1, 0.3, &e) < 0)
		die("%s", e.msg);
	return draw_law(&l, n);
}

#define GSL_SIDE(name, call)                            \
	static double name(const char *arg, uint64_t n) \
	{                                               \
		gsl_rng *rng = new_rng();               \
		double sum = 0, t = start();            \
                                                        \
		(void)arg;                              \
		for (uint64_t i = 0; i < n; i++)        \
			sum += call;                    \
		t = stop(t, sum);                       \
		gsl_rng_free(rng);                      \
		return t;                               \
	}

GSL_SIDE(gsl_normal, gsl_ran_gaussian_ziggurat(rng, 2))
GSL_SIDE(gsl_exponential, gsl_ran_exponential(rng, 3))
GSL_SIDE(gsl_uniform, gsl_ran_flat(rng, 0, 10))
GSL_SIDE(gsl_gamma, gsl_ran_gamma(rng, 1 / 0.09, 0.09))
GSL_SIDE(gsl_lognormal, gsl_ran_lognormal(rng, 1, 0.5))
GSL_SIDE(gsl_weibull, gsl_ran_weibull(rng, 10, 2))
GSL_SIDE(gsl_beta, gsl_ran_beta(rng, 2, 5))
GSL_SIDE(gsl_poisson, gsl_ran_poisson(rng, 3))
GSL_SIDE(gsl_bernoulli, gsl_ran_bernoulli(rng, 0.3))

/* ---- encoding: reading_encode, beside snprintf making the same text ---- */

enum { NUM_VALUES = 4096 }; /* drawn beforehand */

struct encoding {
	struct str type, name, out;
	double values[NUM_VALUES];
};

static void encoding_init(struct encoding *c)
{
	static char type[] = "\"temperature\"", name[] = "\"sensor_123\"";
	gsl_rng *rng = new_rng();

	c->type = (struct str){type, sizeof(type) - 1, 0};
	c->name = (struct str){name, sizeof(name) - 1, 0};
	str_init(&c->out);
	for (int i = 0; i < NUM_VALUES; i++)
		c->values[i] = 20 + gsl_ran_gaussian_ziggurat(rng, 2);
	gsl_rng_free(rng);
}

/* A reading each ms and a bit, as text in c->out. */
static void encode(struct encoding *c, uint64_t i)
{
	str_clear(&c->out);
	reading_encode(&c->out, START + (int64_t)i * 1001, &c->type, &c->name,
		       c->values[i % NUM_VALUES], 6);
}

/* The values are of two digits, so 8 digits are 6 decimals. */
static size_t print(const struct encoding *c, uint64_t i, char *text,
		    size_t size)
{
	int64_t us = START + (int64_t)i * 1001;
	time_t s = us / US_PER_S;
	struct tm tm;

	gmtime_r(&s, &tm);
	return (size_t)snprintf(
		text, size,
		"{\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ\","
		"\"type\":%s,\"name\":%s,\"value\":%.8g}",
		tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		tm.tm_min, tm.tm_sec, (int)(us % US_PER_S), c->type.p,
		c->name.p, c->values[i % NUM_VALUES]);
}

static double encode_ours(const char *arg, uint64_t n)
{
	struct encoding c;
	double sum = 0, t;

	(void)arg;
	encoding_init(&c);
	t = start();
	for (uint64_t i = 0; i < n; i++) {
		encode(&c, i);
		sum += (double)c.out.len;
	}
	t = stop(t, sum);
	str_release(&c.out);
	return t;
}

static void check_same_text(struct encoding *c)
{
	char text[256];

	for (uint64_t i = 0; i < NUM_VALUES; i++) {
		encode(c, i);
		print(c, i, text, sizeof(text));
		if (strcmp(text, c->out.p) != 0)
			die("%s is not %s", text, c->out.p);
	}
}

static double encode_snprintf(const char *arg, uint64_t n)
{
	struct encoding c;
	char text[256];
	double sum = 0, t;

	(void)arg;
	encoding_init(&c);
	check_same_text(&c);
	t = start();
	for (uint64_t i = 0; i < n; i++)
		sum += (double)print(&c, i, text, sizeof(text));
	t = stop(t, sum);
	str_release(&c.out);
	return t;
}

/* ---- fleets: fleet_next, beside the draws that it has to make ---- */

static double draw_fleet(const struct groups *all, uint64_t n)
{
	const struct fleet_conf conf = {
		.groups = all,
		.seed = SEED,
		.start_us = START,
		.slices = 1,
	};
	struct fleet *f = fleet_new(&conf);
	struct draw d;
	double sum = 0, t = start();

	for (uint64_t i = 0; i < n; i++) {
		fleet_next(f, &d);
		sum += d.value;
	}
	t = stop(t, sum);
	fleet_free(f);
	return t;
}

/* One sensor, or several, as --sensor has them. */
static double draw_spec(const char *spec, uint64_t n)
{
	struct groups all = {NULL, 0, 0};
	struct err e = ERR_INIT;
	double t;

	if (spec_sensor(&all, spec, "", &e))
		die("%s", e.msg);
	t = draw_fleet(&all, n);
	groups_release(&all);
	return t;
}

GSL_SIDE(two_draws,
	 gsl_ran_gaussian_ziggurat(rng, 2) + gsl_ran_exponential(rng, 1))

GSL_SIDE(two_normals,
	 gsl_ran_gaussian_ziggurat(rng, 2) + gsl_ran_gaussian_ziggurat(rng, 1))

#define SENSOR "name=s,type=t,value=normal(20,2)"
#define EXPONENTIAL(n) \
	"name=s{},count=" #n ",type=t,value=normal(20,2),every=exponential(1)"

/* clang-format off */
static const struct row rows[] = {
	{ "law-constant", 5e7, draw_value, NULL, "constant(5)" },
	{ "law-normal", 5e7, draw_value, gsl_normal, "normal(20,2)" },
	{ "law-exponential", 2e7, draw_value, gsl_exponential, "exponential(3)" },
	{ "law-uniform", 5e7, draw_value, gsl_uniform, "uniform(0,10)" },
	{ "law-gamma", 2e7, draw_delay, gsl_gamma, "gamma" },
	{ "law-truncated", 5e7, draw_delay, gsl_normal, "normal" },
	{ "law-lognormal", 2e7, draw_value, gsl_lognormal, "lognormal(1,0.5)" },
	{ "law-weibull", 2e7, draw_value, gsl_weibull, "weibull(10,2)" },
	{ "law-beta", 2e7, draw_value, gsl_beta, "beta(2,5)" },
	{ "law-poisson", 2e7, draw_value, gsl_poisson, "poisson(3)" },
	{ "law-bernoulli", 5e7, draw_value, gsl_bernoulli, "bernoulli(0.3)" },
	{ "encode", 5e6, encode_ours, encode_snprintf, NULL },
	{ "schedule-1", 1e7, draw_spec, two_draws, EXPONENTIAL(1) },
	{ "schedule-1k", 1e7, draw_spec, two_draws, EXPONENTIAL(1k) },
	{ "schedule-1M", 5e6, draw_spec, two_draws, EXPONENTIAL(1M) },
	{ "layer-none", 2e7, draw_spec, gsl_normal, SENSOR },
	{ "layer-walk", 2e7, draw_spec, two_normals, SENSOR ",walk.sd=1,walk.min=-5,walk.max=5" },
	{ "layer-ar", 2e7, draw_spec, two_normals, SENSOR ",ar.phi=0.9,ar.sd=1" },
	{ "layer-day", 2e7, draw_spec, gsl_normal, SENSOR ",day.amplitude=3,day.peak=15h" },
	{ "layer-points", 2e7, draw_spec, gsl_normal, SENSOR ",day.points=0h:1 7h:4 18h:3" },
	{ "layer-factor", 2e7, draw_spec, gsl_normal, SENSOR ",factor.coefficient=0.8" },
	{ "layer-range", 2e7, draw_spec, gsl_normal, SENSOR ",min=0,max=100,step=0.1" },
	{ "faults", 1e7, draw_spec, gsl_normal, SENSOR ",stuck=0.1%:60s,late=3%:2s,malformed=1%" },
};
/* clang-format on */

int main(int argc, char **argv)
{
	return micro_main(rows, sizeof(rows) / sizeof(*rows), argc, argv);
}
