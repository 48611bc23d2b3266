/* SPDX-License-Identifier: MIT */
#include "sim/lists.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/utf8.h"

/* How the laws of all sensors are made: see make_value and make_delay. */
typedef int make_fn(struct law *l, const struct sensor_lists *lists, size_t i,
		    struct err *e);

struct recipe {
	make_fn *make;
	/* The options that give name, mean and sd, by -1 - LAW_BAD_*. */
	const char *option[3];
};

/* The word of the list that goes for sensor i; the default if it is empty. */
static const char *word_of(const struct opt_words *w, size_t i, const char *def)
{
	return w->n == 0 ? def : w->v[w->n == 1 ? 0 : i];
}

static int check_list(const struct opt_words *w, const char *option, uint64_t n,
		      struct err *e)
{
	if (w->n <= 1 || w->n == n)
		return 0;
	if (n == 1)
		return err_set(e,
			       "option '%s': %zu values for 1 sensor (give 1)",
			       option, w->n);
	return err_set(e,
		       "option '%s': %zu values for %" PRIu64 " sensors "
		       "(give 1 or %" PRIu64 ")",
		       option, w->n, n, n);
}

/* A written law says all about itself. */
static int check_written(const struct sensor_lists *lists, struct err *e)
{
	const struct opt_words *w = &lists->distribution;

	if (lists->mean.n == 0 && lists->sd.n == 0)
		return 0;
	for (size_t i = 0; i < w->n; i++)
		if (law_is_written(w->v[i]))
			return err_set(e,
				       "option '--distribution': '%.80s' says "
				       "its parameters itself: leave out %s",
				       w->v[i],
				       lists->mean.n ? "--sensors-values-mean"
						     : "--sensors-values-std");
	return 0;
}

static int check(const struct sensor_lists *lists, struct err *e)
{
	uint64_t n = lists->num_sensors;

	if (n < 1 || n > FLEET_MAX)
		return err_set(e,
			       "option '--num-sensors': %" PRIu64 " is out of "
			       "bounds (1 to %d)",
			       n, FLEET_MAX);
	if (check_list(&lists->distribution, "--distribution", n, e) < 0 ||
	    check_list(&lists->mean, "--sensors-values-mean", n, e) < 0 ||
	    check_list(&lists->sd, "--sensors-values-std", n, e) < 0 ||
	    check_list(&lists->delay, "--delays", n, e) < 0 ||
	    check_list(&lists->delay_law, "--delay-distribution", n, e) < 0 ||
	    check_list(&lists->delay_sd, "--delays-std", n, e) < 0)
		return -1;
	return check_written(lists, e);
}

/* Untouched where the list is empty: then *v is the default. */
static int number_of(const struct opt_words *w, size_t i, double *v,
		     struct err *e)
{
	const char *word = word_of(w, i, NULL);

	return word ? num_parse_double(word, v, e) : 0;
}

static int seconds_of(const struct opt_words *w, size_t i, double *v,
		      struct err *e)
{
	const char *word = word_of(w, i, NULL);

	return word ? num_parse_seconds(word, v, e) : 0;
}

static int make_value(struct law *l, const struct sensor_lists *lists, size_t i,
		      struct err *e)
{
	const char *name = word_of(&lists->distribution, i, "normal");
	double mean = 20, sd = NAN;

	if (law_is_written(name))
		return law_parse(l, name, e) < 0 ? LAW_BAD_NAME : 0;
	if (number_of(&lists->mean, i, &mean, e) < 0)
		return LAW_BAD_MEAN;
	if (number_of(&lists->sd, i, &sd, e) < 0)
		return LAW_BAD_SD;
	return law_from_moments(l, name, mean, sd, e);
}

static int make_delay(struct law *l, const struct sensor_lists *lists, size_t i,
		      struct err *e)
{
	const char *name = word_of(&lists->delay_law, i, "constant");
	double mean = 1, sd = NAN;

	if (law_is_written(name)) {
		err_set(e,
			"'%.80s': a law of delays is written out in --sensor "
			"alone (every=...); here give its name, and --delays "
			"and --delays-std",
			name);
		return LAW_BAD_NAME;
	}
	if (seconds_of(&lists->delay, i, &mean, e) < 0)
		return LAW_BAD_MEAN;
	if (seconds_of(&lists->delay_sd, i, &sd, e) < 0)
		return LAW_BAD_SD;
	return law_from_delay(l, name, mean, sd, e);
}

static const struct recipe value_recipe = {
	make_value,
	{"--distribution", "--sensors-values-mean", "--sensors-values-std"},
};

static const struct recipe delay_recipe = {
	make_delay,
	{"--delay-distribution", "--delays", "--delays-std"},
};

/* As many laws as the longest of the lists asks for. */
static int make_laws(struct laws *laws, size_t n, const struct recipe *how,
		     const struct group *g, const struct sensor_lists *lists,
		     struct err *e)
{
	laws->v = mem_zalloc(n, sizeof(*laws->v));
	laws->n = n;
	for (size_t i = 0; i < n; i++) {
		int rc = how->make(&laws->v[i], lists, i, e);

		if (rc < 0)
			return err_prefix(e, "%s%zu: %s", g->before, i,
					  how->option[-1 - rc]);
	}
	return 0;
}

static int make_types(struct group *g, const struct opt_words *w, struct err *e)
{
	for (size_t i = 0; i < w->n; i++)
		if (group_add_type(g, w->v[i], e))
			return err_prefix(e, "option '--types'");
	return 0;
}

static size_t longest(const struct opt_words *a, const struct opt_words *b,
		      const struct opt_words *c)
{
	size_t n = a->n > b->n ? a->n : b->n;

	n = c->n > n ? c->n : n;
	return n ? n : 1;
}

int lists_group(const struct sensor_lists *lists, struct group *g,
		struct err *e)
{
	const char *prefix =
		lists->name_prefix ? lists->name_prefix : "sensor_";
	size_t values = longest(&lists->distribution, &lists->mean, &lists->sd);
	size_t delays =
		longest(&lists->delay_law, &lists->delay, &lists->delay_sd);

	if (check(lists, e))
		return -1;
	if (!utf8_is_valid(prefix, strlen(prefix)))
		return err_set(e, "option '--name-prefix': not valid UTF-8");
	g->place = mem_dup("--num-sensors");
	g->count = lists->num_sensors;
	g->type_per_sensor = lists->type_per_sensor;
	group_name_parts(g, prefix, "", 0);
	if (make_types(g, &lists->types, e) ||
	    make_laws(&g->value, values, &value_recipe, g, lists, e) ||
	    make_laws(&g->delay, delays, &delay_recipe, g, lists, e))
		return -1;
	return group_complete(g, e);
}
