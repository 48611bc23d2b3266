/* SPDX-License-Identifier: MIT */
/*
 * fleets.h - fleets for tests, from options or specs as a person writes them
 */
#ifndef TEST_UNIT_FLEETS_H
#define TEST_UNIT_FLEETS_H

#include "theory.h"

#include <string.h>

#include "sim/fleet.h"
#include "sim/lists.h"
#include "sim/spec.h"

/* The lists of the command line; NULL is not given. */
struct asked {
	uint64_t n;
	const char *distribution, *mean, *sd, *delay, *delay_law, *delay_sd;
	const char *types;
	bool type_per_sensor;
	const char *prefix;
};

static inline void asked_split(struct opt_words *w, const char *text)
{
	struct err e = ERR_INIT;

	if (text && opt_words_split(w, text, &e) < 0)
		fail_msg("%s", e.msg);
}

/* A group of it, after group_init. */
static inline int asked_group(const struct asked *a, struct group *g,
			      struct err *e)
{
	struct sensor_lists lists = {
		.num_sensors = a->n,
		.name_prefix = a->prefix,
		.type_per_sensor = a->type_per_sensor,
	};
	int rc;

	asked_split(&lists.distribution, a->distribution);
	asked_split(&lists.mean, a->mean);
	asked_split(&lists.sd, a->sd);
	asked_split(&lists.delay, a->delay);
	asked_split(&lists.delay_law, a->delay_law);
	asked_split(&lists.delay_sd, a->delay_sd);
	asked_split(&lists.types, a->types);
	rc = lists_group(&lists, g, e);
	opt_words_release(&lists.distribution);
	opt_words_release(&lists.mean);
	opt_words_release(&lists.sd);
	opt_words_release(&lists.delay);
	opt_words_release(&lists.delay_law);
	opt_words_release(&lists.delay_sd);
	opt_words_release(&lists.types);
	return rc;
}

/* A fleet and the groups that it borrows. */
struct fixture {
	struct groups groups;
	struct fleet *fleet;
};

static inline void fixture_start(struct fixture *x, uint64_t seed)
{
	const struct fleet_conf conf = {
		.groups = &x->groups,
		.seed = seed,
		.slices = 1,
	};

	x->fleet = fleet_new(&conf);
}

static inline struct fixture *fixture_new(void)
{
	struct fixture *x = calloc(1, sizeof(*x));

	assert_non_null(x);
	return x;
}

static inline void fixture_free(struct fixture *x)
{
	fleet_free(x->fleet);
	groups_release(&x->groups);
	free(x);
}

static inline struct fixture *asked_fleet(const struct asked *a, uint64_t seed)
{
	struct fixture *x = fixture_new();
	struct err e = ERR_INIT;

	if (asked_group(a, groups_add(&x->groups), &e) < 0)
		fail_msg("%s", e.msg);
	fixture_start(x, seed);
	return x;
}

/* A group of each text; NULL ends them. */
static inline void add_specs(struct groups *all, const char *const *texts)
{
	struct err e = ERR_INIT;

	for (; *texts; texts++)
		if (spec_sensor(all, *texts, *texts, &e) < 0)
			fail_msg("%s: %s", *texts, e.msg);
	if (groups_check(all, &e) < 0)
		fail_msg("%s", e.msg);
}

static inline struct fixture *specs_fleet(const char *const *texts,
					  uint64_t seed)
{
	struct fixture *x = fixture_new();

	add_specs(&x->groups, texts);
	fixture_start(x, seed);
	return x;
}

static inline struct fixture *spec_fleet_of(const char *text, uint64_t seed)
{
	return specs_fleet((const char *const[]){text, NULL}, seed);
}

#endif
