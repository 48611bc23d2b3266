/* SPDX-License-Identifier: MIT */
/*
 * A sensor's text, or with a bracket first a fleet file: what is refused
 * says why, and what is taken can be drawn from. Values are finite and
 * within the bounds that were said, due times never go back.
 */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/fleet.h"
#include "sim/spec.h"

/* More take memory and time, and show nothing more. */
#define MAX_SENSORS 1000

#define DRAWS 50

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_draw(const struct draw *d, int64_t last_ns)
{
	const struct range *r = &d->group->layers.range;

	assert(d->due_ns >= last_ns && d->due_ns <= FLEET_DUE_MAX);
	assert(isfinite(d->value));
	assert(d->value >= r->min && d->value <= r->max);
	assert(d->effect.hold_ns >= 0);
	assert(d->effect.kinds < 1u << FAULT_KINDS);
}

static void check_draws(const struct groups *all)
{
	const struct fleet_conf conf = {
		.groups = all,
		.seed = 1,
		.start_us = INT64_C(1790000000000000),
		.slices = 1,
	};
	struct fleet *f = fleet_new(&conf);
	struct draw d = {.due_ns = 0};

	assert(fleet_size(f) == groups_size(all));
	for (int i = 0; i < DRAWS; i++) {
		int64_t last_ns = d.due_ns;

		fleet_next(f, &d);
		check_draw(&d, last_ns);
	}
	fleet_free(f);
}

static bool read_file(struct groups *all, const char *text, size_t len)
{
	struct problems p = PROBLEMS_INIT;
	struct str title = STR_INIT;

	spec_title(text, len, &title);
	str_release(&title);
	spec_fleet(all, "f", text, len, &p);
	for (uint64_t i = 0; i < p.n && i < PROBLEMS_KEPT; i++)
		assert(p.line[i].msg[0] == 'f');
	return p.n == 0;
}

static bool read_sensor(struct groups *all, const char *bytes, size_t size)
{
	char *text = mem_ndup(bytes, size);
	struct err e = ERR_INIT;
	int rc = spec_sensor(all, text, "--sensor", &e);

	assert((rc < 0) == (e.msg[0] != '\0'));
	free(text);
	return rc == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *bytes = (const char *)data;
	bool file = size && (*bytes == '{' || *bytes == '[');
	struct groups all = {NULL, 0, 0};
	struct err e = ERR_INIT;

	if ((file ? read_file(&all, bytes, size)
		  : read_sensor(&all, bytes, size)) &&
	    groups_size(&all) <= MAX_SENSORS && groups_check(&all, &e) == 0) {
		assert(all.n > 0);
		check_draws(&all);
	}
	groups_release(&all);
	return 0;
}
