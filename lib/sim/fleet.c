/* SPDX-License-Identifier: MIT */
/*
 * What a sensor draws, in this order, and nothing else:
 *
 *   once         its phase, uniform in [0, mean delay)
 *   per reading  the type (only where there are several to draw from),
 *                the value, the delay to its next reading
 *
 * Same seed, same readings: to change this order, the seeding or a law's
 * way of drawing is to change every run that was noted down by its seed.
 */
#include "sim/fleet.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/intern.h"
#include "base/mem.h"
#include "base/num.h"
#include "wire/json.h"

#define NS_PER_S 1e9

/* The state of gsl_rng_taus2: three words of 32 bits, each in a long. */
#define RNG_WORDS 3

struct sensor {
	unsigned long rng[RNG_WORDS];
	const char *name;     /* in the arena */
	struct str name_json; /* a view of the arena */
};

struct due {
	int64_t ns;
	uint32_t sensor;
};

/* One law for all sensors, or one each. */
struct laws {
	struct law *v;
	size_t n;
};

struct fleet {
	size_t n;
	struct sensor *sensors;
	struct str arena; /* name NUL name_json NUL, sensor after sensor */
	struct due *heap; /* 4-ary: children of i are 4i + 1 to 4i + 4 */
	struct laws value, delay;
	struct str *types; /* as JSON */
	size_t num_types;
	bool type_per_sensor;
};

/* How the laws of all sensors are made: see make_value and make_delay. */
typedef int make_fn(struct law *l, const struct fleet_conf *conf, size_t i,
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
static int check_written(const struct fleet_conf *conf, struct err *e)
{
	const struct opt_words *w = &conf->distribution;

	if (conf->mean.n == 0 && conf->sd.n == 0)
		return 0;
	for (size_t i = 0; i < w->n; i++)
		if (law_is_written(w->v[i]))
			return err_set(e,
				       "option '--distribution': '%.80s' says "
				       "its parameters itself: leave out %s",
				       w->v[i],
				       conf->mean.n ? "--sensors-values-mean"
						    : "--sensors-values-std");
	return 0;
}

static int check_conf(const struct fleet_conf *conf, struct err *e)
{
	uint64_t n = conf->num_sensors;

	if (n < 1 || n > FLEET_MAX)
		return err_set(e,
			       "option '--num-sensors': %" PRIu64 " is out of "
			       "bounds (1 to %d)",
			       n, FLEET_MAX);
	if (check_list(&conf->distribution, "--distribution", n, e) < 0 ||
	    check_list(&conf->mean, "--sensors-values-mean", n, e) < 0 ||
	    check_list(&conf->sd, "--sensors-values-std", n, e) < 0 ||
	    check_list(&conf->delay, "--delays", n, e) < 0 ||
	    check_list(&conf->delay_law, "--delay-distribution", n, e) < 0 ||
	    check_list(&conf->delay_sd, "--delays-std", n, e) < 0)
		return -1;
	return check_written(conf, e);
}

/* Untouched where the list is empty: then *v is the default. */
static int number_of(const struct opt_words *w, size_t i, double *v,
		     struct err *e)
{
	const char *word = word_of(w, i, NULL);

	return word ? num_parse_double(word, v, e) : 0;
}

/*
 * A plain number is seconds, and finer than the microsecond that a span
 * with its unit ("100ms") is rounded to.
 */
static int seconds_of(const struct opt_words *w, size_t i, double *v,
		      struct err *e)
{
	const char *word = word_of(w, i, NULL);
	struct err not_plain = ERR_INIT;
	int64_t us;

	if (!word || num_parse_double(word, v, &not_plain) == 0)
		return 0;
	if (num_parse_span(word, &us, e) < 0)
		return -1;
	*v = (double)us / 1e6;
	return 0;
}

static int make_value(struct law *l, const struct fleet_conf *conf, size_t i,
		      struct err *e)
{
	const char *name = word_of(&conf->distribution, i, "normal");
	double mean = 20, sd = NAN;

	if (law_is_written(name))
		return law_parse(l, name, e) < 0 ? LAW_BAD_NAME : 0;
	if (number_of(&conf->mean, i, &mean, e) < 0)
		return LAW_BAD_MEAN;
	if (number_of(&conf->sd, i, &sd, e) < 0)
		return LAW_BAD_SD;
	return law_from_moments(l, name, mean, sd, e);
}

static int make_delay(struct law *l, const struct fleet_conf *conf, size_t i,
		      struct err *e)
{
	const char *name = word_of(&conf->delay_law, i, "constant");
	double mean = 1, sd = NAN;

	if (seconds_of(&conf->delay, i, &mean, e) < 0)
		return LAW_BAD_MEAN;
	if (seconds_of(&conf->delay_sd, i, &sd, e) < 0)
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

static int make_laws(struct laws *laws, size_t n, const struct recipe *how,
		     const struct fleet *f, const struct fleet_conf *conf,
		     struct err *e)
{
	laws->v = mem_zalloc(n, sizeof(*laws->v));
	laws->n = n;
	for (size_t i = 0; i < n; i++) {
		int rc = how->make(&laws->v[i], conf, i, e);

		if (rc < 0)
			return err_prefix(e, "%s: %s", fleet_name(f, i),
					  how->option[-1 - rc]);
	}
	return 0;
}

static const struct law *law_of(const struct laws *laws, size_t i)
{
	return &laws->v[laws->n == 1 ? 0 : i];
}

/* As many laws as the longest of the lists asks for. */
static size_t laws_wanted(const struct fleet *f, const struct opt_words *name,
			  const struct opt_words *mean,
			  const struct opt_words *sd)
{
	return name->n > 1 || mean->n > 1 || sd->n > 1 ? f->n : 1;
}

static size_t count_replaced(const char *text)
{
	static const char u_fffd[] = "\xef\xbf\xbd";
	size_t n = 0;

	while ((text = strstr(text, u_fffd))) {
		text += sizeof(u_fffd) - 1;
		n++;
	}
	return n;
}

/* Adds the text as JSON, which replaces what is no UTF-8: that is noticed. */
static int add_json(struct str *out, const char *text, const char *option,
		    struct err *e)
{
	struct str json = STR_INIT;
	bool same;

	json_add_string(&json, text, strlen(text));
	same = count_replaced(json.p) == count_replaced(text);
	str_add(out, json.p, json.len);
	str_release(&json);
	if (same)
		return 0;
	return err_set(e, "option '%s': not valid UTF-8", option);
}

/* The arena moves while it grows, so sensors look into it afterwards. */
static void set_views(struct fleet *f)
{
	char *p = f->arena.p;

	for (size_t i = 0; i < f->n; i++) {
		struct sensor *s = &f->sensors[i];

		s->name = p;
		p += strlen(p) + 1;
		s->name_json = (struct str){p, strlen(p), 0};
		p += s->name_json.len + 1;
	}
}

/* The number's digits need no escape, so they go before the last quote. */
static int make_names(struct fleet *f, const char *prefix, struct err *e)
{
	struct str json = STR_INIT;
	int rc = add_json(&json, prefix, "--name-prefix", e);

	for (size_t i = 0; rc == 0 && i < f->n; i++) {
		char digits[NUM_MAX];
		size_t len = num_put_u64(digits, i);

		str_adds(&f->arena, prefix);
		str_add(&f->arena, digits, len);
		str_addc(&f->arena, '\0');
		str_add(&f->arena, json.p, json.len - 1);
		str_add(&f->arena, digits, len);
		str_add(&f->arena, "\"", 2);
	}
	str_release(&json);
	if (rc == 0)
		set_views(f);
	return rc;
}

static int make_type(struct fleet *f, struct intern *seen, const char *type,
		     struct err *e)
{
	struct str *json = &f->types[f->num_types];

	if (type[0] == '\0')
		return err_set(e, "option '--types': a type without a name");
	if (intern_id(seen, type, strlen(type)) != f->num_types)
		return err_set(e, "option '--types': '%.80s' stands twice",
			       type);
	str_init(json);
	f->num_types++;
	return add_json(json, type, "--types", e);
}

static int make_types(struct fleet *f, const struct opt_words *w, struct err *e)
{
	static char temperature[] = "temperature", humidity[] = "humidity",
		    pressure[] = "pressure";
	static char *usual[] = {temperature, humidity, pressure};
	char **type = w->n ? w->v : usual;
	size_t n = w->n ? w->n : 3;
	struct intern *seen = intern_new();
	int rc = 0;

	f->types = mem_zalloc(n, sizeof(*f->types));
	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = make_type(f, seen, type[i], e);
	intern_free(seen);
	return rc;
}

/* Fowler, Noll & Vo's hash, variant 1a of 64 bits. */
static uint64_t name_hash(const char *name)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
	return h;
}

/*
 * The next of a SplitMix64 generator: Steele, Lea & Flood, Fast Splittable
 * Pseudorandom Number Generators, OOPSLA 2014.
 */
static uint64_t split_mix(uint64_t *x)
{
	uint64_t z = *x += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static gsl_rng rng_of(struct sensor *s)
{
	return (gsl_rng){gsl_rng_taus2, s->rng};
}

/*
 * Fills all of the generator's state. Its own seeding has 32 bits, with which
 * among a million sensors a hundred pairs would be twins. The least values
 * that its three words must have are from the paper: L'Ecuyer, Tables of
 * Maximally Equidistributed Combined LFSR Generators, Math. of Computation
 * 68 (1999) 261; GSL's seeding has the same.
 */
static void seed_sensor(struct sensor *s, uint64_t seed)
{
	static const unsigned least[RNG_WORDS] = {2, 8, 16};
	uint64_t x = seed;
	gsl_rng rng = rng_of(s);

	x = split_mix(&x) ^ name_hash(s->name);
	for (int i = 0; i < RNG_WORDS; i++) {
		s->rng[i] = (unsigned long)(split_mix(&x) >> 32);
		if (s->rng[i] < least[i])
			s->rng[i] += least[i];
	}
	for (int i = 0; i < 6; i++) /* as GSL's seeding: the words mix */
		gsl_rng_get(&rng);
}

/* Computed, not branched on: which of two is due cannot be predicted. */
static bool is_before(const struct due *a, const struct due *b)
{
	return (a->ns < b->ns) | ((a->ns == b->ns) & (a->sensor < b->sensor));
}

static size_t earlier(const struct due *heap, size_t a, size_t b)
{
	return a + (b - a) * is_before(&heap[b], &heap[a]);
}

/* The earliest of the children of an entry, the first of them at `child`. */
static size_t earliest(const struct due *heap, size_t n, size_t child)
{
	size_t least = child;

	if (child + 4 <= n)
		return earlier(heap, earlier(heap, child, child + 1),
			       earlier(heap, child + 2, child + 3));
	while (++child < n)
		least = earlier(heap, least, child);
	return least;
}

/* Sinks the entry at i to where it belongs. */
static void sink(struct due *heap, size_t n, size_t i)
{
	struct due it = heap[i];

	for (size_t child; (child = 4 * i + 1) < n;) {
		size_t least = earliest(heap, n, child);

		if (!is_before(&heap[least], &it))
			break;
		heap[i] = heap[least];
		i = least;
	}
	heap[i] = it;
}

static void start(struct fleet *f, uint64_t seed)
{
	for (size_t i = 0; i < f->n; i++) {
		struct sensor *s = &f->sensors[i];
		gsl_rng rng = rng_of(s);
		double mean = law_mean(law_of(&f->delay, i));

		seed_sensor(s, seed);
		f->heap[i].ns =
			(int64_t)(gsl_rng_uniform(&rng) * mean * NS_PER_S);
		f->heap[i].sensor = (uint32_t)i;
	}
	for (size_t i = f->n / 4 + 1; i-- > 0;)
		sink(f->heap, f->n, i);
}

struct fleet *fleet_new(const struct fleet_conf *conf, struct err *e)
{
	const char *prefix = conf->name_prefix ? conf->name_prefix : "sensor_";
	struct fleet *f;
	size_t values, delays;

	if (check_conf(conf, e) < 0)
		return NULL;
	assert(gsl_rng_taus2->size == sizeof(f->sensors->rng));
	f = mem_zalloc(1, sizeof(*f));
	f->n = (size_t)conf->num_sensors;
	f->type_per_sensor = conf->type_per_sensor;
	f->sensors = mem_zalloc(f->n, sizeof(*f->sensors));
	f->heap = mem_zalloc(f->n, sizeof(*f->heap));
	str_init(&f->arena);
	values = laws_wanted(f, &conf->distribution, &conf->mean, &conf->sd);
	delays =
		laws_wanted(f, &conf->delay_law, &conf->delay, &conf->delay_sd);
	if (make_names(f, prefix, e) < 0 ||
	    make_types(f, &conf->types, e) < 0 ||
	    make_laws(&f->value, values, &value_recipe, f, conf, e) < 0 ||
	    make_laws(&f->delay, delays, &delay_recipe, f, conf, e) < 0) {
		fleet_free(f);
		return NULL;
	}
	start(f, conf->seed);
	return f;
}

void fleet_free(struct fleet *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->num_types; i++)
		str_release(&f->types[i]);
	free(f->types);
	free(f->value.v);
	free(f->delay.v);
	free(f->heap);
	free(f->sensors);
	str_release(&f->arena);
	free(f);
}

size_t fleet_size(const struct fleet *f)
{
	return f->n;
}

const char *fleet_name(const struct fleet *f, size_t sensor)
{
	return f->sensors[sensor].name;
}

const struct str *fleet_name_json(const struct fleet *f, size_t sensor)
{
	return &f->sensors[sensor].name_json;
}

const struct law *fleet_value_law(const struct fleet *f, size_t sensor)
{
	return law_of(&f->value, sensor);
}

const struct law *fleet_delay_law(const struct fleet *f, size_t sensor)
{
	return law_of(&f->delay, sensor);
}

double fleet_rate(const struct fleet *f)
{
	double rate = 0;

	if (f->delay.n == 1)
		return (double)f->n / law_mean(f->delay.v);
	for (size_t i = 0; i < f->n; i++)
		rate += 1 / law_mean(&f->delay.v[i]);
	return rate;
}

int64_t fleet_due_ns(const struct fleet *f)
{
	return f->heap[0].ns;
}

static size_t next_type(const struct fleet *f, size_t sensor,
			const gsl_rng *rng)
{
	if (f->type_per_sensor)
		return sensor % f->num_types;
	if (f->num_types == 1)
		return 0;
	return gsl_rng_uniform_int(rng, f->num_types);
}

/* Never backwards, and never beyond FLEET_DUE_MAX: there time stands still. */
static int64_t due_after(int64_t ns, double delay)
{
	double step = delay * NS_PER_S;

	if (step >= (double)(FLEET_DUE_MAX - ns))
		return FLEET_DUE_MAX;
	return step > 0 ? ns + llrint(step) : ns;
}

void fleet_next(struct fleet *f, struct draw *d)
{
	struct due *top = &f->heap[0];
	size_t i = top->sensor;
	gsl_rng rng = rng_of(&f->sensors[i]);

	d->sensor = i;
	d->due_ns = top->ns;
	d->type_json = &f->types[next_type(f, i, &rng)];
	d->value = law_draw(law_of(&f->value, i), &rng);
	top->ns = due_after(top->ns, law_draw(law_of(&f->delay, i), &rng));
	sink(f->heap, f->n, 0);
}
