/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/intern.h"
#include "base/meant.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"
#include "cmd.h"
#include "io/file.h"
#include "sim/ready.h"
#include "sim/spec.h"

/* clang-format off */
#define AT(type, field) offsetof(struct type, field)

static const struct opt sensors_rows[] = {
	{ 'n', "num-sensors", "N", OPT_COUNT, AT(sensors_args, lists.num_sensors), NULL, NULL, 1, FLEET_MAX, NULL,
	  "how many sensors, else 2, or none where --sensor, --fleet or --replay "
	  "brings some; the lists below have 1 or N values" },
	{ 0, "name-prefix", "TEXT", OPT_TEXT, AT(sensors_args, lists.name_prefix), NULL, NULL, 0, 0, NULL,
	  "their names: TEXT0, TEXT1, ..., else sensor_0, sensor_1, ..." },
	{ 0, "distribution", "LIST", OPT_LIST, AT(sensors_args, lists.distribution), NULL,
	  "normal|exponential|uniform|lognormal|weibull|gamma|beta|poisson|bernoulli|constant", 0, 0, NULL,
	  "law of the values: normal, exponential, uniform, lognormal, weibull, "
	  "gamma, beta, poisson, bernoulli, constant; or written out, "
	  "like normal(20,0.5); else normal" },
	{ 0, "sensors-values-mean", "LIST", OPT_LIST, AT(sensors_args, lists.mean), NULL, NULL, 0, 0, NULL,
	  "mean of the values, else 20" },
	{ 0, "sensors-values-std", "LIST", OPT_LIST, AT(sensors_args, lists.sd), NULL, NULL, 0, 0, NULL,
	  "standard deviation of the values, else 2; of an exponential, else its mean" },
	{ 0, "delays", "LIST", OPT_LIST, AT(sensors_args, lists.delay), NULL, NULL, 0, 0, NULL,
	  "mean seconds between two readings of a sensor, else 1" },
	{ 0, "delay-distribution", "LIST", OPT_LIST, AT(sensors_args, lists.delay_law), NULL,
	  "constant|exponential|uniform|normal|gamma", 0, 0, NULL,
	  "law of the delays: constant, exponential, uniform, normal, gamma; "
	  "else constant" },
	{ 0, "delays-std", "LIST", OPT_LIST, AT(sensors_args, lists.delay_sd), NULL, NULL, 0, 0, NULL,
	  "standard deviation of the delays in seconds; of an exponential, else its mean" },
	{ 0, "types", "LIST", OPT_LIST, AT(sensors_args, lists.types), NULL, "temperature|humidity|pressure", 0, 0, NULL,
	  "types, drawn evenly for each reading, else temperature, humidity, pressure" },
	{ 0, "type-per-sensor", NULL, OPT_FLAG, AT(sensors_args, lists.type_per_sensor), NULL, NULL, 0, 0, NULL,
	  "deal the types to the sensors in turn instead" },
	{ 0, "sensor", "SPEC", OPT_WORDS, AT(sensors_args, sensors), NULL, NULL, 0, 0, NULL,
	  "a sensor, or several, written out; repeatable:\n"
	  "name=boiler,value=normal(60,2),every=5s" },
	{ 0, "fleet", "FILE|NAME", OPT_WORDS, AT(sensors_args, fleets), NULL, "list", 0, 0, NULL,
	  "sensors of a file, or ready-made ones; repeatable; '--fleet list' lists these" },
	{ 0, "seed", "N", OPT_TEXT, AT(sensors_args, seed), NULL, NULL, 0, 0, NULL,
	  "same seed, options and --start, same readings; else one is chosen and told" },
	{ .name = NULL }
};
const struct opt_table sensors_table = { "Sensors:", sensors_rows };

static const struct opt faults_rows[] = {
	{ 0, "late", "RATE:TIME", OPT_TEXT, AT(faults_args, late), NULL, NULL, 0, 0, NULL,
	  "so many readings (3%) are sent so much later (2s) than they are due" },
	{ 0, "fault", "KIND:RATE...", OPT_WORDS, AT(faults_args, faults), NULL,
	  "stuck:|spike:|drift:|bias:|noise:|dropout:|skew:|late:|out-of-order:|duplicate:|malformed:", 0, 0, NULL,
	  "what else goes wrong, KIND:RATE[:LENGTH[:SIZE]]; repeatable; kinds: "
	  "stuck, spike, drift, bias, noise, dropout, skew, late, out-of-order, "
	  "duplicate, malformed" },
	{ 0, "jitter", "TIME", OPT_SPAN, AT(faults_args, jitter_us), NULL, NULL, 0, 1e9, NULL,
	  "every reading is sent up to so much later than it is due" },
	{ 0, "labels", NULL, OPT_FLAG, AT(faults_args, labels), NULL, NULL, 0, 0, NULL,
	  "name faults in a member of the reading, not only in the Kafka header" },
	{ .name = NULL }
};
const struct opt_table faults_table = { "Faults:", faults_rows };

static const struct opt replay_rows[] = {
	{ 0, "replay", "FILE.csv", OPT_WORDS, AT(replay_args, files), NULL, NULL, 0, 0, NULL,
	  "readings that were recorded, at their times (at --start, if given); repeatable" },
	{ 0, "time-column", "NAME", OPT_TEXT, AT(replay_args, time_column), NULL, NULL, 0, 0, NULL,
	  "column of the times, else the first of time, timestamp, ts, datetime, date" },
	{ 0, "value-column", "NAME", OPT_TEXT, AT(replay_args, value_column), NULL, NULL, 0, 0, NULL,
	  "column of the values, else value" },
	{ 0, "name-column", "NAME", OPT_TEXT, AT(replay_args, name_column), NULL, NULL, 0, 0, NULL,
	  "column of the sensors' names" },
	{ 0, "type-column", "NAME", OPT_TEXT, AT(replay_args, type_column), NULL, NULL, 0, 0, NULL,
	  "column of the types" },
	{ 0, "name", "TEXT", OPT_TEXT, AT(replay_args, name), NULL, NULL, 0, 0, NULL,
	  "the sensor's name, else the file's" },
	{ 0, "type", "TEXT", OPT_TEXT, AT(replay_args, type), NULL, NULL, 0, 0, NULL,
	  "the type, else replay" },
	{ .name = NULL }
};
const struct opt_table replay_table = { "Recordings:", replay_rows };
/* clang-format on */

bool plan_listed(const struct sensors_args *a)
{
	bool wanted = false;

	for (size_t i = 0; i < a->fleets.n; i++)
		wanted = wanted || !strcmp(a->fleets.v[i], "list");
	for (const struct ready *r = ready_fleets; wanted && r->name; r++) {
		struct str title = STR_INIT;

		spec_title(r->text, strlen(r->text), &title);
		printf("%-10s %s\n", r->name, title.p);
		str_release(&title);
	}
	return wanted;
}

/* ---- sensors ---- */

static const char *list_given(const struct sensor_lists *l)
{
	return l->name_prefix	    ? "--name-prefix"
	       : l->distribution.n  ? "--distribution"
	       : l->mean.n	    ? "--sensors-values-mean"
	       : l->sd.n	    ? "--sensors-values-std"
	       : l->delay.n	    ? "--delays"
	       : l->delay_law.n	    ? "--delay-distribution"
	       : l->delay_sd.n	    ? "--delays-std"
	       : l->types.n	    ? "--types"
	       : l->type_per_sensor ? "--type-per-sensor"
				    : NULL;
}

/* Two sensors where nothing is said; none where others are. */
static int add_lists(struct plan *p, const struct sensor_lists *given,
		     bool others, struct err *e)
{
	struct sensor_lists lists = *given;
	const char *list = list_given(given);

	if (!lists.num_sensors && others && list)
		return err_set(e,
			       "option '%s' is for the sensors of "
			       "--num-sensors, which is not given",
			       list);
	if (!lists.num_sensors && others)
		return 0;
	if (!lists.num_sensors)
		lists.num_sensors = 2;
	return lists_group(&lists, groups_add(&p->groups), e);
}

static int add_sensors(struct plan *p, const struct opt_words *w, struct err *e)
{
	for (size_t i = 0; i < w->n; i++) {
		struct str place = STR_INIT;
		int rc;

		str_addf(&place, "--sensor '%s'", w->v[i]);
		rc = spec_sensor(&p->groups, w->v[i], place.p, e);
		str_release(&place);
		if (rc)
			return err_prefix(e, "option '--sensor': '%.80s'",
					  w->v[i]);
	}
	return 0;
}

static int unknown_ready(const char *name, const struct err *why, struct err *e)
{
	const char **names, *near;
	size_t n = 0;

	while (ready_fleets[n].name)
		n++;
	names = mem_zalloc(n + 1, sizeof(*names));
	for (size_t i = 0; i < n; i++)
		names[i] = ready_fleets[i].name;
	near = meant_nearest(name, names);
	free(names);
	if (near)
		return err_set(e, "option '--fleet': %s; did you mean '%s'?",
			       why->msg, near);
	return err_set(e,
		       "option '--fleet': %s ('--fleet list' lists the "
		       "ready-made ones)",
		       why->msg);
}

/* The text of a ready-made fleet, or of a file. */
static int find_fleet(const char *word, struct str *text, struct err *e)
{
	struct err why = ERR_INIT;

	for (const struct ready *r = ready_fleets; r->name; r++)
		if (!strcmp(word, r->name)) {
			str_adds(text, r->text);
			return 0;
		}
	if (file_read(word, text, &why))
		return unknown_ready(word, &why, e);
	return 0;
}

static int add_fleet(struct plan *p, const char *word, struct err *e)
{
	struct problems problems = PROBLEMS_INIT;
	struct str text = STR_INIT;

	if (find_fleet(word, &text, e)) {
		str_release(&text);
		return -1;
	}
	spec_fleet(&p->groups, word, text.p, text.len, &problems);
	str_release(&text);
	if (!problems.n)
		return 0;
	problems_say(&problems, cmd_say);
	return err_set(e,
		       "option '--fleet': '%.200s' has %" PRIu64 " mistake%s",
		       word, problems.n, problems.n == 1 ? "" : "s");
}

static int add_fleets(struct plan *p, const struct opt_words *w, struct err *e)
{
	for (size_t i = 0; i < w->n; i++)
		if (add_fleet(p, w->v[i], e))
			return -1;
	return 0;
}

/* ---- recordings ---- */

static const char *replay_option_given(const struct replay_args *a)
{
	return a->time_column	 ? "--time-column"
	       : a->value_column ? "--value-column"
	       : a->name_column	 ? "--name-column"
	       : a->type_column	 ? "--type-column"
	       : a->name	 ? "--name"
	       : a->type	 ? "--type"
				 : NULL;
}

static int read_recordings(struct plan *p, const struct replay_args *a,
			   struct err *e)
{
	const struct series_columns cols = {
		.time = a->time_column,
		.value = a->value_column,
		.name_column = a->name_column,
		.name = a->name,
		.type_column = a->type_column,
		.type = a->type,
	};
	struct str text = STR_INIT;
	int rc = 0;

	p->recording = mem_zalloc(1, sizeof(*p->recording));
	recording_init(p->recording);
	for (size_t i = 0; !rc && i < a->files.n; i++) {
		const char *file = a->files.v[i];

		str_clear(&text);
		rc = file_read(file, &text, e);
		if (!rc)
			rc = recording_add(p->recording, file, text.p, text.len,
					   &cols, e);
	}
	str_release(&text);
	return rc ? err_prefix(e, "option '--replay'") : 0;
}

static void tell_recording(const struct recording *r)
{
	if (r->empty)
		say(cmd_say, SAY_NOTE,
		    "replay: %" PRIu64 " row%s without a value passed over",
		    r->empty, r->empty == 1 ? "" : "s");
	if (r->unordered)
		say(cmd_say, SAY_NOTE,
		    "replay: %" PRIu64 " row%s went back in time and %s put "
		    "in order",
		    r->unordered, r->unordered == 1 ? "" : "s",
		    r->unordered == 1 ? "was" : "were");
}

static int add_recordings(struct plan *p, const struct replay_args *a,
			  struct err *e)
{
	const struct recording *r;

	if (!a)
		return 0;
	if (!a->files.n && replay_option_given(a))
		return err_set(e,
			       "option '%s' is for the recordings of --replay, "
			       "which is not given",
			       replay_option_given(a));
	if (!a->files.n)
		return 0;
	if (read_recordings(p, a, e))
		return -1;
	r = p->recording;
	p->start_us = INT64_MAX;
	for (size_t i = 0; i < r->n; i++)
		if (r->series[i].points[0].time_us < p->start_us)
			p->start_us = r->series[i].points[0].time_us;
	for (size_t i = 0; i < r->n; i++) {
		struct group *g = groups_add(&p->groups);

		g->place = mem_dup("--replay");
		g->series = &r->series[i];
		g->series_start_us = p->start_us;
		group_name_parts(g, g->series->name, NULL, 0);
		if (group_add_type(g, g->series->type, e) ||
		    group_complete(g, e))
			return err_prefix(e, "option '--replay'");
	}
	tell_recording(r);
	return 0;
}

/* ---- the whole ---- */

/* What is said for all sensors, each kind once. */
static int parse_faults(struct faults *f, const struct faults_args *a,
			struct err *e)
{
	if (a->late && faults_set(f, FAULT_LATE, a->late, e))
		return err_prefix(e, "option '--late'");
	for (size_t i = 0; i < a->faults.n; i++) {
		uint32_t before = f->kinds;

		if (faults_parse(f, a->faults.v[i], e))
			return err_prefix(e, "option '--fault'");
		if (f->kinds == before)
			return err_set(e,
				       "option '--fault': '%.80s' is said "
				       "twice: give each kind once",
				       a->faults.v[i]);
	}
	f->jitter_ns = a->jitter_us * 1000;
	return 0;
}

/* Over what a group says itself. */
static void add_faults(struct faults *f, const struct faults *all)
{
	for (int k = 0; k < FAULT_KINDS; k++)
		if (all->kinds & FAULT_BIT(k))
			f->v[k] = all->v[k];
	f->kinds |= all->kinds;
	if (all->jitter_ns)
		f->jitter_ns = all->jitter_ns;
}

/* A recording as it is has nothing random. */
static bool is_random(const struct groups *all)
{
	for (size_t i = 0; i < all->n; i++) {
		const struct group *g = &all->v[i];

		if (!g->series || g->faults.kinds || g->faults.jitter_ns)
			return true;
	}
	return false;
}

static int choose_seed(struct plan *p, const char *text, struct err *e)
{
	int64_t v;
	uint32_t chosen;

	if (text) {
		if (num_parse_int(text, &v, e))
			return err_prefix(e, "option '--seed'");
		p->seed = (uint64_t)v;
		return 0;
	}
	if (getrandom(&chosen, sizeof(chosen), 0) != sizeof(chosen))
		chosen = (uint32_t)when_wall_us();
	p->seed = chosen;
	p->seed_chosen = true;
	return 0;
}

static int fill(struct plan *p, const struct sensors_args *a,
		const struct faults_args *faults,
		const struct replay_args *replay, struct err *e)
{
	bool others =
		a->sensors.n || a->fleets.n || (replay && replay->files.n);
	struct faults all = {.kinds = 0};

	if (parse_faults(&all, faults, e) || choose_seed(p, a->seed, e) ||
	    add_lists(p, &a->lists, others, e) ||
	    add_sensors(p, &a->sensors, e) || add_fleets(p, &a->fleets, e) ||
	    add_recordings(p, replay, e))
		return -1;
	for (size_t i = 0; i < p->groups.n; i++)
		add_faults(&p->groups.v[i].faults, &all);
	p->seed_chosen = p->seed_chosen && is_random(&p->groups);
	return groups_check(&p->groups, e);
}

int plan_make(struct plan *p, const struct sensors_args *a,
	      const struct faults_args *faults,
	      const struct replay_args *replay, struct err *e)
{
	int rc;

	*p = (struct plan){.start_us = WHEN_NONE};
	rc = fill(p, a, faults, replay, e);
	if (rc)
		plan_release(p);
	return rc;
}

bool plan_shares_names(const struct plan *p)
{
	const struct recording *r = p->recording;
	struct intern *names = intern_new();
	bool shares;

	for (size_t i = 0; r && i < r->n; i++)
		intern_id(names, r->series[i].name, strlen(r->series[i].name));
	shares = r && intern_count(names) < r->n;
	intern_free(names);
	return shares;
}

void plan_release(struct plan *p)
{
	groups_release(&p->groups);
	if (p->recording)
		recording_release(p->recording);
	free(p->recording);
	*p = (struct plan){.start_us = WHEN_NONE};
}

void plan_tell_seed(const struct plan *p)
{
	if (p->seed_chosen)
		say(cmd_say, SAY_NOTE,
		    "seed %" PRIu64 ", chosen now; with '--seed %" PRIu64
		    "' and the same --start come the same readings",
		    p->seed, p->seed);
}
