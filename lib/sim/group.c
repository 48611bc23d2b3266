/* SPDX-License-Identifier: MIT */
#include "sim/group.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "wire/json.h"

#define DIGITS_MAX 18 /* "{:018}" */

void group_init(struct group *g)
{
	*g = (struct group){.count = 1};
	layers_init(&g->layers);
}

void group_release(struct group *g)
{
	for (size_t i = 0; i < g->num_types; i++) {
		free(g->types[i].text);
		str_release(&g->types[i].json);
	}
	free(g->types);
	free(g->value.v);
	free(g->delay.v);
	free(g->place);
	free(g->title);
	free(g->unit);
	free(g->before);
	free(g->after);
	layers_release(&g->layers);
	*g = (struct group){.count = 0};
}

/* ---- words ---- */

int group_add_type(struct group *g, const char *type, struct err *e)
{
	struct type_name *t;
	size_t len = strlen(type);

	if (!len)
		return err_set(e, "a type without a name");
	if (!utf8_is_valid(type, len))
		return err_set(e, "not valid UTF-8");
	for (size_t i = 0; i < g->num_types; i++)
		if (!strcmp(g->types[i].text, type))
			return err_set(e, "'%.80s' stands twice", type);
	g->types = mem_grow(g->types, g->num_types + 1, sizeof(*g->types));
	t = &g->types[g->num_types++];
	*t = (struct type_name){mem_dup(type), len, STR_INIT};
	json_add_string(&t->json, type, len);
	return 0;
}

/* "{}" or "{:03}" at p: its length, and how many digits. 0: it is none. */
static size_t placeholder(const char *p, int *width)
{
	size_t len;

	*width = 0;
	if (p[0] == '{' && p[1] == '}')
		return 2;
	if (strncmp(p, "{:0", 3))
		return 0;
	for (len = 3; isdigit((unsigned char)p[len]); len++)
		if (*width <= DIGITS_MAX)
			*width = *width * 10 + (p[len] - '0');
	return p[len] == '}' ? len + 1 : 0;
}

void group_name_parts(struct group *g, const char *before, const char *after,
		      int width)
{
	free(g->before);
	free(g->after);
	g->before = mem_dup(before);
	g->after = after ? mem_dup(after) : NULL;
	g->width = width;
}

int group_set_name(struct group *g, const char *name, struct err *e)
{
	const char *open = strchr(name, '{');
	char *before;
	size_t len;
	int width;

	if (!utf8_is_valid(name, strlen(name)))
		return err_set(e, "not valid UTF-8");
	if (!*name)
		return err_set(e, "the name is empty");
	if (!open) {
		group_name_parts(g, name, NULL, 0);
		return 0;
	}
	len = placeholder(open, &width);
	if (!len || width > DIGITS_MAX || strchr(open + len, '{'))
		return err_set(e,
			       "'%.80s' is no name: {} or {:03} (at most 18 "
			       "digits) stands once for the number",
			       name);
	before = mem_ndup(name, (size_t)(open - name));
	group_name_parts(g, before, open + len, width);
	free(before);
	return 0;
}

void group_add_name(const struct group *g, uint64_t index, struct str *out)
{
	str_adds(out, g->before);
	if (!g->after)
		return;
	str_addf(out, "%0*" PRIu64, g->width, index);
	str_adds(out, g->after);
}

/* ---- laws ---- */

void group_set_law(struct laws *laws, const struct law *l)
{
	laws->v = mem_grow(laws->v, 1, sizeof(*laws->v));
	laws->v[0] = *l;
	laws->n = 1;
}

double group_mean_delay(const struct group *g, size_t index)
{
	const struct series *r = g->series;

	if (!r)
		return law_mean(laws_of(&g->delay, index));
	if (r->n < 2 || r->points[r->n - 1].time_us == r->points[0].time_us)
		return 1;
	return (double)(r->points[r->n - 1].time_us - r->points[0].time_us) /
	       1e6 / (double)(r->n - 1);
}

/*
 * Welford, Note on a Method for Calculating Corrected Sums, Technometrics 4
 * (1962) 419. Recorded values may be larger than a law's, and are scaled so
 * that their squares are numbers.
 */
static void series_moments(const struct series *r, double *mean, double *sd)
{
	double scale = 0, m = 0, squares = 0;

	for (size_t i = 0; i < r->n; i++)
		scale = fmax(scale, fabs(r->points[i].value));
	for (size_t i = 0; i < r->n && scale > 0; i++) {
		double x = r->points[i].value / scale, off = x - m;

		m += off / (double)(i + 1);
		squares += off * (x - m);
	}
	*mean = m * scale;
	*sd = fmin(sqrt(squares / (double)r->n) * scale, LAW_MAX);
}

void group_moments(const struct group *g, size_t index, double *mean,
		   double *sd)
{
	if (g->series) {
		series_moments(g->series, mean, sd);
	} else {
		*mean = law_mean(laws_of(&g->value, index));
		*sd = law_sd(laws_of(&g->value, index));
	}
}

/* Due times are counted from where the recordings begin. */
static int check_series(const struct group *g, struct err *e)
{
	const struct series *r = g->series;

	if (!r || r->points[r->n - 1].time_us - g->series_start_us <
			  FLEET_DUE_MAX / 1000)
		return 0;
	return err_set(e,
		       "'%.80s' goes on for over 146 years after the first "
		       "reading of the recordings",
		       r->name);
}

static void complete_types(struct group *g)
{
	static const char *const usual[] = {"temperature", "humidity",
					    "pressure"};
	struct err e = ERR_INIT;

	for (int i = 0; i < 3; i++)
		group_add_type(g, usual[i], &e);
}

int group_check(const struct group *g, struct err *e)
{
	if (g->count < 1 || g->count > FLEET_MAX)
		return err_set(e,
			       "count %" PRIu64 " is out of bounds (1 to %d)",
			       g->count, FLEET_MAX);
	if (g->count > 1 && g->before && !g->after)
		return err_set(e,
			       "%" PRIu64 " sensors cannot all be called "
			       "'%.80s': put {} where their number goes",
			       g->count, g->before);
	return check_series(g, e);
}

int group_complete(struct group *g, struct err *e)
{
	static const struct law value = {LAW_NORMAL, 20, 2};
	static const struct law delay = {LAW_CONSTANT, 1, 0};

	if (group_check(g, e) < 0)
		return -1;
	if (!g->before)
		group_name_parts(g, "sensor_", "", 0);
	if (!g->value.n)
		group_set_law(&g->value, &value);
	if (!g->delay.n)
		group_set_law(&g->delay, &delay);
	if (!g->num_types)
		complete_types(g);
	return layers_complete(&g->layers, e);
}

/* ---- all groups ---- */

struct group *groups_add(struct groups *all)
{
	all->v = mem_reserve(all->v, &all->cap, all->n + 1, sizeof(*all->v));
	group_init(&all->v[all->n]);
	return &all->v[all->n++];
}

void groups_release(struct groups *all)
{
	for (size_t i = 0; i < all->n; i++)
		group_release(&all->v[i]);
	free(all->v);
	*all = (struct groups){NULL, 0, 0};
}

uint64_t groups_size(const struct groups *all)
{
	uint64_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += all->v[i].count;
	return n;
}

double groups_rate(const struct groups *all)
{
	double rate = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct group *g = &all->v[i];

		if (g->delay.n <= 1)
			rate += (double)g->count / group_mean_delay(g, 0);
		else
			for (size_t k = 0; k < g->count; k++)
				rate += 1 / group_mean_delay(g, k);
	}
	return rate;
}

/*
 * The name of each sensor of group i; owner[id] is the group that has the
 * name of that number. Recordings may share one, for they differ by type.
 */
static int take_names(const struct groups *all, size_t i, struct intern *seen,
		      uint32_t *owner, struct err *e)
{
	const struct group *g = &all->v[i], *other;
	struct str name = STR_INIT;
	int rc = 0;

	for (uint64_t k = 0; rc == 0 && k < g->count; k++) {
		uint32_t known = intern_count(seen), id;

		str_clear(&name);
		group_add_name(g, k, &name);
		id = intern_id(seen, name.p, name.len);
		if (id == known)
			owner[id] = (uint32_t)i;
		other = &all->v[owner[id]];
		if (id != known && !(g->series && other->series))
			rc = err_set(e,
				     "two sensors are called '%.80s': %.150s "
				     "and %.150s",
				     name.p, other->place, g->place);
	}
	str_release(&name);
	return rc;
}

static int check_names(const struct groups *all, struct err *e)
{
	struct intern *seen = intern_new();
	uint32_t *owner = mem_zalloc(groups_size(all), sizeof(*owner));
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < all->n; i++)
		rc = take_names(all, i, seen, owner, e);
	free(owner);
	intern_free(seen);
	return rc;
}

int groups_check(const struct groups *all, struct err *e)
{
	uint64_t n = groups_size(all);

	if (n > FLEET_MAX)
		return err_set(e,
			       "%" PRIu64 " sensors are too many (at most %d)",
			       n, FLEET_MAX);
	return all->n > 1 ? check_names(all, e) : 0;
}
