/* SPDX-License-Identifier: MIT */
/*
 * iotsim demo: broker, producer and consumer in one process. The producer
 * has a thread of its own. The end of either side ends the other: a consumer
 * that has enough stops the producer, and when the producer's schedule ends,
 * the consumer goes on until the last window is closed.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/stop.h"
#include "cmd.h"
#include "io/broker.h"
#include "watch.h"

#define PARTITIONS 4

/* What the demo takes where nothing else is said. */
static char *const defaults[] = {"--interval=5s", "--max-ahead=off"};
#define N_DEFAULTS (sizeof(defaults) / sizeof(defaults[0]))

struct demo_args {
	struct sensors_args sensors;
	struct faults_args faults;
	struct schedule_args schedule;
	struct windows_args windows;
	struct print_args print;
	struct watch_args watch;
	struct talk_args talk;
};

struct demo {
	struct kafka_conf kafka;
	struct produce_conf produce;
	struct consume_conf consume;
	struct plan plan;
	struct watch watch;
	struct produce_result result;
	struct sink *sink;
	struct err produce_err;
	int produce_rc;
	_Atomic uint64_t ended; /* see consume.h */
};

static void *producer(void *arg)
{
	struct demo *d = arg;

	d->produce_rc =
		produce_run(&d->produce, d->sink, &d->result, &d->produce_err);
	if (d->produce_rc)
		stop_request();
	d->ended = 1 + sink_counts(d->sink).delivered;
	return NULL;
}

/* Both sides; the summaries come when both are done. */
static int run_sides(struct demo *d)
{
	struct err e = ERR_INIT;
	struct consumed found;
	pthread_t thread;
	int status = EXIT_DONE;

	d->sink = sink_kafka_new(
		&d->kafka, &(struct sink_topic){.partitions = PARTITIONS}, &e);
	if (!d->sink)
		return cmd_run_error(&e);
	if (pthread_create(&thread, NULL, producer, d)) {
		err_set(&e, "cannot start a thread");
		return cmd_run_error(&e);
	}
	if (consume_run(&d->consume, &found, &e))
		status = cmd_run_error(&e);
	stop_request();
	pthread_join(thread, NULL);
	if (d->produce_rc)
		status = cmd_run_error(&d->produce_err);
	if (cmd_produce_summary(d->sink, &d->result))
		status = EXIT_FAILED;
	cmd_consume_summary(&found);
	return status;
}

static int with_broker(struct demo *d)
{
	struct err e = ERR_INIT;
	struct broker *b = broker_new(&e);
	uint64_t n = groups_size(&d->plan.groups);
	int status;

	if (!b || broker_add_topic(b, d->kafka.topic, PARTITIONS, &e)) {
		broker_free(b);
		return cmd_run_error(&e);
	}
	d->kafka.brokers = broker_address(b);
	say(cmd_say, SAY_NOTE,
	    "an embedded broker, %" PRIu64 " sensor%s and a consumer in one "
	    "process; Ctrl-C ends it",
	    n, n == 1 ? "" : "s");
	status = run_sides(d);
	sink_free(d->sink);
	broker_free(b);
	return status;
}

/* Two normal sensors are those of the sample, unless something is said. */
static void sample_sensors(struct sensors_args *a)
{
	struct sensor_lists *f = &a->lists;

	if (!f->num_sensors && (a->sensors.n || a->fleets.n))
		return;
	if (!f->delay.n)
		opt_words_add(&f->delay, "0.1", 3);
	if ((f->num_sensors && f->num_sensors != 2) || f->mean.n || f->sd.n ||
	    f->distribution.n > 1 ||
	    (f->distribution.n && strcmp(f->distribution.v[0], "normal")))
		return;
	opt_words_add(&f->mean, "2", 1);
	opt_words_add(&f->mean, "10", 2);
	opt_words_add(&f->sd, "2", 1);
	opt_words_add(&f->sd, "3", 1);
}

static int demo(struct demo_args *a)
{
	struct demo d = {
		.kafka =
			{
				.topic = "iot",
				.connect_timeout_us = 10000000,
				.say = cmd_say,
			},
		.produce_err = ERR_INIT,
	};
	struct err e = ERR_INIT;
	int status;

	sample_sensors(&a->sensors);
	if (plan_make(&d.plan, &a->sensors, &a->faults, NULL, &e))
		return cmd_usage_error(&e);
	if (args_produce_conf(&a->schedule, &d.plan, true, &d.produce, &e) ||
	    args_consume_conf(&a->windows, &a->print, &d.consume, &e) ||
	    watch_init(&d.watch, &a->watch, &a->talk, &e)) {
		plan_release(&d.plan);
		return cmd_usage_error(&e);
	}
	plan_tell_seed(&d.plan);
	d.produce.labels = a->faults.labels;
	d.consume.kafka = &d.kafka;
	d.consume.ended = &d.ended;
	if (watch_start(&d.watch, &d.produce, &d.consume, &e))
		status = cmd_run_error(&e);
	else
		status = with_broker(&d);
	watch_stop(&d.watch);
	pace_release(&d.produce.pace);
	plan_release(&d.plan);
	return status;
}

/* Our defaults first, so that what the user says replaces them. */
static char **with_defaults(int argc, char **argv)
{
	char **v = mem_zalloc((size_t)argc + N_DEFAULTS + 1, sizeof(*v));
	size_t n = 0;

	v[n++] = argv[0];
	for (size_t i = 0; i < N_DEFAULTS; i++)
		v[n++] = defaults[i];
	for (int i = 1; i < argc; i++)
		v[n++] = argv[i];
	return v;
}

static int run(int argc, char **argv)
{
	struct demo_args a;
	const struct opt_binding binds[] = {
		{&sensors_table, &a.sensors},	{&faults_table, &a.faults},
		{&schedule_table, &a.schedule}, {&windows_table, &a.windows},
		{&print_table, &a.print},	{&watch_table, &a.watch},
		{&talk_table, &a.talk},		{NULL, NULL},
	};
	char **args = with_defaults(argc, argv);
	int status = EXIT_DONE;

	if (cmd_parse(&cmd_demo, binds, &a.talk, argc + (int)N_DEFAULTS, args,
		      NULL, &status)) {
		if (plan_listed(&a.sensors))
			status = EXIT_DONE;
		else
			status = demo(&a);
		opts_release(binds);
	}
	free(args);
	return status;
}

static const struct opt_table *const tables[] = {
	&sensors_table, &faults_table, &schedule_table, &windows_table,
	&print_table,	&watch_table,  &talk_table,	NULL,
};

const struct command cmd_demo = {
	.name = "demo",
	.synopsis = "[OPTION]...",
	.summary = "broker, producer and consumer in one process",
	.about = "Runs the whole job on an embedded broker until Ctrl-C. It "
		 "takes the options of\nboth sides, and these where nothing "
		 "else is said:\n\n"
		 "  --num-sensors 2 --delays 0.1 --sensors-values-mean 2 10\n"
		 "  --sensors-values-std 2 3 --interval 5 --max-ahead off\n",
	.tables = tables,
	.run = run,
};
