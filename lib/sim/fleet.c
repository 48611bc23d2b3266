/* SPDX-License-Identifier: MIT */
/*
 * What a sensor draws, in this order, and nothing else:
 *
 *   once         its phase, uniform in [0, mean delay)
 *   per reading  the type (only where there are several to draw from),
 *                the value, a step of the walk, a step of the AR(1),
 *                the delay to its next reading
 *
 * A recording gives values and delays itself. Faults have a second stream.
 *
 * Same seed, same readings: to change this order, the seeding or a law's
 * way of drawing is to change every run that was noted down by its seed.
 */
#include "sim/fleet.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/when.h"
#include "sim/mix.h"
#include "sim/turns.h"
#include "wire/json.h"

/* The state of gsl_rng_taus2: three words of 32 bits, each in a long. */
#define RNG_WORDS 3

/* What makes the stream of the faults another than that of the readings. */
#define FAULT_STREAM UINT64_C(0x6661756c74)

struct sensor {
	unsigned long rng[RNG_WORDS];
	const char *name; /* in the arena */
	uint64_t seq;	  /* readings so far, but for silent ones */
	uint32_t name_len, json_len;
	uint32_t crew;
	uint32_t index; /* in its group */
};

/* What a sensor has besides where its group has faults. */
struct faulty {
	unsigned long rng[RNG_WORDS];
	struct fault_state state;
};

/* The sensors of one group that are in this fleet. */
struct crew {
	const struct group *group;
	size_t first, n;	/* of f->sensors */
	size_t leaf;		/* of the first, or of the line */
	struct line line;	/* where all have the same constant delay */
	double mean, sd;	/* of the base: with layers there is one law */
	struct fault_view view; /* of all its sensors, where they are alike */
	bool views_differ;	/* and faults ask for it */
	struct factor factor;
	struct factor_cache factor_cache;
	struct signal_state *signals; /* NULL where the signal is plain */
	struct faulty *faulty;	      /* NULL where nothing goes wrong */
	size_t played;		      /* of a recording */
};

struct fleet {
	struct fleet_conf conf;
	size_t n;
	struct sensor *sensors;
	struct str arena;   /* name NUL name_json NUL, sensor after sensor */
	struct turns turns; /* of due times; none where there are no sensors */
	struct crew *crews;
};

static gsl_rng rng_of(unsigned long *words)
{
	return (gsl_rng){gsl_rng_taus2, words};
}

/*
 * Fills all of the generator's state. Its own seeding has 32 bits, with which
 * among a million sensors a hundred pairs would be twins. The least values
 * that its three words must have are from the paper: L'Ecuyer, Tables of
 * Maximally Equidistributed Combined LFSR Generators, Math. of Computation
 * 68 (1999) 261; GSL's seeding has the same.
 */
static void seed_words(unsigned long *words, uint64_t seed, const char *name)
{
	static const unsigned least[RNG_WORDS] = {2, 8, 16};
	uint64_t x = seed;
	gsl_rng rng = rng_of(words);

	x = mix_next(&x) ^ mix_hash(name);
	for (int i = 0; i < RNG_WORDS; i++) {
		words[i] = (unsigned long)(mix_next(&x) >> 32);
		if (words[i] < least[i])
			words[i] += least[i];
	}
	for (int i = 0; i < 6; i++) /* as GSL's seeding: the words mix */
		gsl_rng_get(&rng);
}

/* ---- making it ---- */

/* The first sensor of the slice in a group whose first has that number. */
static uint64_t first_in_slice(const struct fleet_conf *conf, uint64_t number)
{
	uint64_t behind = number % conf->slices;

	return (conf->slices - behind + conf->slice) % conf->slices;
}

static void add_name(struct fleet *f, struct sensor *s)
{
	const struct group *g = f->crews[s->crew].group;
	size_t from = f->arena.len;

	group_add_name(g, s->index, &f->arena);
	s->name_len = (uint32_t)(f->arena.len - from);
	str_addc(&f->arena, '\0');
	str_reserve(&f->arena, 6 * (size_t)s->name_len + 3);
	json_add_string(&f->arena, f->arena.p + from, s->name_len);
	s->json_len = (uint32_t)(f->arena.len - from) - s->name_len - 1;
	str_addc(&f->arena, '\0');
}

static void add_sensors(struct fleet *f, uint32_t crew, uint64_t number)
{
	const struct group *g = f->crews[crew].group;
	uint64_t k = first_in_slice(&f->conf, number);

	for (; k < g->count; k += f->conf.slices) {
		struct sensor *s = &f->sensors[f->n++];

		s->crew = crew;
		s->index = (uint32_t)k;
		add_name(f, s);
	}
}

/*
 * The arena moves while it grows, so sensors look into it afterwards; and of
 * a million names the room for as many again is much.
 */
static void set_names(struct fleet *f)
{
	const char *p;

	f->arena.cap = f->arena.len + 1;
	p = f->arena.p = mem_grow(f->n ? f->arena.p : NULL, f->arena.cap, 1);
	for (size_t i = 0; i < f->n; i++) {
		struct sensor *s = &f->sensors[i];

		s->name = p;
		p += s->name_len + 1 + s->json_len + 1;
	}
}

/* What the faults' default sizes and rates in time are measured by. */
static struct fault_view view_of(const struct group *g, size_t index)
{
	struct fault_view view = {.mean_delay = group_mean_delay(g, index)};
	double mean;

	group_moments(g, index, &mean, &view.sd);
	signal_moments(&g->layers, &mean, &view.sd);
	return view;
}

/* What its sensors have in common, and what each remembers. */
static void start_crew(struct fleet *f, struct crew *c)
{
	const struct group *g = c->group;
	const struct layers *l = &g->layers;

	group_moments(g, 0, &c->mean, &c->sd);
	if (l->coefficient != 0) {
		c->factor.seed = factor_seed(f->conf.seed, l->factor_name);
		c->factor.every_us = l->factor_every_us;
	}
	if (!l->plain) {
		c->signals = mem_zalloc(c->n, sizeof(*c->signals));
		for (size_t i = 0; i < c->n; i++)
			signal_start(&c->signals[i]);
	}
	if (!g->faults.kinds && !g->faults.jitter_ns)
		return;
	c->view = view_of(g, 0);
	c->views_differ = (g->value.n > 1 || g->delay.n > 1) &&
			  faults_ask_view(&g->faults);
	c->faulty = mem_zalloc(c->n, sizeof(*c->faulty));
	for (size_t i = 0; i < c->n; i++)
		seed_words(c->faulty[i].rng, f->conf.seed ^ FAULT_STREAM,
			   f->sensors[c->first + i].name);
}

static int64_t series_due_ns(const struct crew *c)
{
	const struct group *g = c->group;

	if (c->played == g->series->n)
		return FLEET_DUE_MAX;
	return (g->series->points[c->played].time_us - g->series_start_us) *
	       NS_PER_US;
}

static int64_t first_due_ns(struct fleet *f, size_t sensor)
{
	struct sensor *s = &f->sensors[sensor];
	struct crew *c = &f->crews[s->crew];
	gsl_rng rng = rng_of(s->rng);
	int64_t phase;
	double mean;

	seed_words(s->rng, f->conf.seed, s->name);
	if (c->group->series)
		return series_due_ns(c);
	mean = group_mean_delay(c->group, s->index) * NS_PER_S;
	phase = (int64_t)(gsl_rng_uniform(&rng) * mean);
	/* Below the delay also where that is rounded down. */
	return phase < llrint(mean) ? phase : llrint(mean) - 1;
}

/* Its sensors stand in line: they keep their order. */
static bool is_in_line(const struct crew *c)
{
	const struct laws *delay = &c->group->delay;

	return c->n > 1 && delay->n == 1 && delay->v[0].kind == LAW_CONSTANT;
}

/* From a turn of each sensor to what plays. */
static void start_turns(struct fleet *f, struct turn *turns)
{
	size_t leaves = 0;

	for (size_t i = 0; i < f->conf.groups->n; i++) {
		struct crew *c = &f->crews[i];
		size_t n = c->n;

		c->leaf = leaves;
		if (is_in_line(c)) {
			line_init(&c->line, turns + c->first, n);
			turns[leaves++] = line_first(&c->line);
		} else if (n) {
			memmove(turns + leaves, turns + c->first,
				n * sizeof(*turns));
			leaves += n;
		}
	}
	if (leaves)
		turns_init(&f->turns, turns, leaves);
}

static void start(struct fleet *f)
{
	struct turn *turns = mem_zalloc(f->n, sizeof(*turns));

	for (size_t i = 0; i < f->n; i++)
		turns[i] = (struct turn){first_due_ns(f, i), (uint32_t)i};
	start_turns(f, turns);
	free(turns);
}

struct fleet *fleet_new(const struct fleet_conf *conf)
{
	const struct groups *all = conf->groups;
	struct fleet *f = mem_zalloc(1, sizeof(*f));
	size_t most = groups_size(all) / conf->slices + 1;
	uint64_t number = 0;

	assert(gsl_rng_taus2->size == sizeof(f->sensors->rng));
	assert(conf->slice < conf->slices);
	f->conf = *conf;
	str_init(&f->arena);
	f->crews = mem_zalloc(all->n, sizeof(*f->crews));
	f->sensors = mem_zalloc(most, sizeof(*f->sensors));
	for (size_t i = 0; i < all->n; i++) {
		f->crews[i].group = &all->v[i];
		f->crews[i].first = f->n;
		add_sensors(f, (uint32_t)i, number);
		f->crews[i].n = f->n - f->crews[i].first;
		number += all->v[i].count;
	}
	set_names(f);
	for (size_t i = 0; i < all->n; i++)
		start_crew(f, &f->crews[i]);
	start(f);
	return f;
}

void fleet_free(struct fleet *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->conf.groups->n; i++) {
		line_release(&f->crews[i].line);
		free(f->crews[i].signals);
		free(f->crews[i].faulty);
	}
	free(f->crews);
	turns_release(&f->turns);
	free(f->sensors);
	str_release(&f->arena);
	free(f);
}

size_t fleet_size(const struct fleet *f)
{
	return f->n;
}

uint64_t fleet_number(const struct fleet *f, size_t sensor)
{
	return (uint64_t)sensor * f->conf.slices + f->conf.slice;
}

void fleet_name(const struct fleet *f, size_t sensor, struct fleet_name *name)
{
	const struct sensor *s = &f->sensors[sensor];

	*name = (struct fleet_name){
		.name = s->name,
		.json = s->name + s->name_len + 1,
		.len = s->name_len,
		.json_len = s->json_len,
	};
}

/* ---- a reading ---- */

int64_t fleet_due_ns(const struct fleet *f, size_t *sensor)
{
	if (f->n == 0)
		return FLEET_DUE_MAX;
	*sensor = turns_first(&f->turns).player;
	return turns_first(&f->turns).ns;
}

static size_t next_type(const struct group *g, size_t index, const gsl_rng *rng)
{
	if (g->type_per_sensor)
		return index % g->num_types;
	if (g->num_types == 1)
		return 0;
	return gsl_rng_uniform_int(rng, g->num_types);
}

static double next_base(const struct crew *c, size_t index, const gsl_rng *rng)
{
	const struct group *g = c->group;

	if (g->series) {
		assert(c->played < g->series->n);
		return g->series->points[c->played].value;
	}
	return law_draw(laws_of(&g->value, index), rng);
}

static double next_value(const struct fleet *f, struct crew *c,
			 const struct sensor *s, int64_t due_ns,
			 const gsl_rng *rng)
{
	double base = next_base(c, s->index, rng);
	struct signal_at at = {
		.time_us = f->conf.start_us + due_ns / NS_PER_US,
		.since_ns = due_ns,
	};

	if (!c->signals)
		return base;
	if (c->group->layers.coefficient != 0)
		at.factor = factor_at(&c->factor, at.time_us, &c->factor_cache);
	return signal_value(&c->group->layers,
			    &c->signals[s - f->sensors - c->first], &at, base,
			    c->mean, c->sd, rng);
}

/* Never backwards, and never beyond FLEET_DUE_MAX: there time stands still. */
static int64_t due_after(int64_t ns, double delay)
{
	double step = delay * NS_PER_S;

	if (step >= (double)(FLEET_DUE_MAX - ns))
		return FLEET_DUE_MAX;
	return step > 0 ? ns + llrint(step) : ns;
}

static int64_t next_due_ns(struct crew *c, size_t index, int64_t ns,
			   const gsl_rng *rng)
{
	if (!c->group->series)
		return due_after(
			ns, law_draw(laws_of(&c->group->delay, index), rng));
	c->played++;
	return series_due_ns(c);
}

/* The last one has none that it could come behind. */
static void swap(struct fault_effect *effect, int64_t due_ns, int64_t next_ns)
{
	if (next_ns == FLEET_DUE_MAX)
		effect->kinds &= ~FAULT_BIT(FAULT_OUT_OF_ORDER);
	else
		effect->hold_ns += next_ns + 1 - due_ns;
}

static void go_wrong(struct fleet *f, struct crew *c, const struct sensor *s,
		     int64_t next_ns, struct draw *d)
{
	const struct faults *faults = &c->group->faults;
	struct faulty *own = &c->faulty[s - f->sensors - c->first];
	struct fault_view view = c->view;
	gsl_rng rng = rng_of(own->rng);

	if (c->views_differ)
		view = view_of(c->group, s->index);
	d->value = faults_apply(faults, &own->state, &view, d->due_ns, d->value,
				&rng, &d->effect);
	if (d->effect.kinds & FAULT_BIT(FAULT_OUT_OF_ORDER))
		swap(&d->effect, d->due_ns, next_ns);
}

/* The sensor's next turn: in its line, or its own. */
static void take_turn(struct fleet *f, struct crew *c, struct turn next)
{
	if (c->line.v) {
		line_next(&c->line, next);
		turns_next(&f->turns, c->leaf, line_first(&c->line));
	} else {
		turns_next(&f->turns, c->leaf + next.player - c->first, next);
	}
}

/*
 * Of a large fleet whose turn it is next is seldom near: let it come while
 * this reading is put together. It may be in two lines of the cache.
 */
static void fetch_next(const struct fleet *f)
{
	const struct sensor *s = &f->sensors[turns_first(&f->turns).player];

	__builtin_prefetch(&s->rng);
	__builtin_prefetch(&s->index);
}

void fleet_next(struct fleet *f, struct draw *d)
{
	struct turn turn = turns_first(&f->turns);
	struct sensor *s = &f->sensors[turn.player];
	struct crew *c = &f->crews[s->crew];
	const struct group *g = c->group;
	gsl_rng rng = rng_of(s->rng);
	int64_t next_ns;

	d->sensor = turn.player;
	d->group = g;
	d->due_ns = turn.ns;
	d->type = &g->types[next_type(g, s->index, &rng)];
	d->value = next_value(f, c, s, turn.ns, &rng);
	d->effect = (struct fault_effect){.kinds = 0};
	next_ns = next_due_ns(c, s->index, turn.ns, &rng);
	if (c->faulty)
		go_wrong(f, c, s, next_ns, d);
	if (!g->layers.plain)
		d->value = range_apply(&g->layers.range, d->value);
	d->seq = s->seq;
	s->seq += !(d->effect.kinds & FAULT_BIT(FAULT_DROPOUT));
	take_turn(f, c, (struct turn){next_ns, turn.player});
	fetch_next(f);
}
