/* SPDX-License-Identifier: MIT */
#include "run/produce.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/stop.h"
#include "base/when.h"
#include "run/meter.h"
#include "wire/reading.h"

#define FINISH_MS   10000
#define NAP_US	    50000 /* the longest sleep between two looks around */
#define SERVE_EVERY 1024  /* readings, when there is no time to sleep */
#define NS_PER_US   1000

struct producer {
	const struct produce_conf *conf;
	struct fleet *fleet;
	struct sink *sink;
	int32_t *partitions; /* of each sensor */
	struct str buf;
	int64_t start_us; /* event time of the schedule's beginning */
	int64_t mono_us;  /* monotonic time of it */
	int64_t now_us;	  /* monotonic, as last looked at */
	uint64_t n;	  /* readings so far */
	struct meter meter;
};

static void init(struct producer *p, const struct produce_conf *conf,
		 struct fleet *f, struct sink *s)
{
	*p = (struct producer){.conf = conf, .fleet = f, .sink = s};
	str_init(&p->buf);
	p->partitions = mem_zalloc(fleet_size(f), sizeof(*p->partitions));
	for (size_t i = 0; i < fleet_size(f); i++) {
		const char *name = fleet_name(f, i);

		p->partitions[i] = sink_partition(s, name, strlen(name));
	}
	p->start_us =
		conf->start_us == WHEN_NONE ? when_wall_us() : conf->start_us;
	p->mono_us = p->now_us = when_mono_us();
	p->meter.last_us = p->now_us;
}

static void release(struct producer *p)
{
	free(p->partitions);
	str_release(&p->buf);
}

/* When it is due by the monotonic clock. Not for the speed of 0. */
static int64_t play_at_us(const struct producer *p, int64_t due_ns)
{
	double us = (double)due_ns / (NS_PER_US * p->conf->speed);

	return p->mono_us + (int64_t)us;
}

static bool is_behind(const struct producer *p)
{
	return p->conf->speed > 0 &&
	       p->now_us - play_at_us(p, fleet_due_ns(p->fleet)) > US_PER_S;
}

static void status(struct producer *p)
{
	struct sink_counts c;
	double rate;

	if (!meter_is_due(&p->meter, p->now_us, p->n, &rate))
		return;
	c = sink_counts(p->sink);
	say(p->conf->say, SAY_STATUS,
	    "sent %" PRIu64 " (%.0f/s), on their way %" PRIu64
	    ", failed %" PRIu64 "%s",
	    c.sent, rate, c.sent - c.delivered - c.failed, c.failed,
	    is_behind(p) ? ", behind its schedule" : "");
}

static void nap(int64_t us)
{
	struct timespec ts = {
		.tv_sec = us / US_PER_S,
		.tv_nsec = us % US_PER_S * NS_PER_US,
	};

	nanosleep(&ts, NULL); /* a signal may cut it short */
}

/* Waits until the reading is due. Before it sleeps it lets all go. */
static int wait_until(struct producer *p, int64_t due_ns, struct err *e)
{
	int64_t due_us = play_at_us(p, due_ns);

	while (p->now_us < due_us && !stop_requested()) {
		int64_t left;

		if (sink_serve(p->sink, 0, e))
			return -1;
		status(p);
		left = due_us - when_mono_us();
		if (left > 0)
			nap(left < NAP_US ? left : NAP_US);
		p->now_us = when_mono_us();
	}
	return 0;
}

/* The next reading goes out. Its event time is its due time. */
static int send_one(struct producer *p, struct err *e)
{
	struct draw d;
	struct message m;
	const struct str *name_json;
	const char *name;

	fleet_next(p->fleet, &d);
	name = fleet_name(p->fleet, d.sensor);
	name_json = fleet_name_json(p->fleet, d.sensor);
	m = (struct message){
		.key = name,
		.key_len = strlen(name),
		.time_us = p->start_us + d.due_ns / NS_PER_US,
		.partition = p->partitions[d.sensor],
	};
	str_clear(&p->buf);
	reading_encode(&p->buf, m.time_us, d.type_json, name_json, d.value,
		       PRODUCE_DECIMALS);
	m.payload = p->buf.p;
	m.len = p->buf.len;
	p->n++;
	return sink_put(p->sink, &m, e);
}

/* Where nobody sleeps, reports are to be collected all the same. */
static int look_around(struct producer *p, struct err *e)
{
	if (p->n % SERVE_EVERY)
		return 0;
	p->now_us = when_mono_us();
	status(p);
	return sink_serve(p->sink, 0, e);
}

static bool at_end(const struct producer *p, int64_t due_ns)
{
	const struct produce_conf *conf = p->conf;

	if (conf->count && p->n >= conf->count)
		return true;
	if (p->start_us > WHEN_MAX - due_ns / NS_PER_US)
		return true; /* the year 10000 cannot be written */
	return conf->duration_us && due_ns >= conf->duration_us * NS_PER_US;
}

static int play(struct producer *p, struct err *e)
{
	int64_t due_ns = fleet_due_ns(p->fleet);

	while (!at_end(p, due_ns)) {
		if (p->conf->speed > 0 && wait_until(p, due_ns, e))
			return -1;
		if (stop_requested())
			return 0;
		if (send_one(p, e) || look_around(p, e))
			return -1;
		due_ns = fleet_due_ns(p->fleet);
	}
	return 0;
}

int produce_run(const struct produce_conf *conf, struct fleet *f,
		struct sink *s, struct err *e)
{
	struct producer p;
	int rc;

	init(&p, conf, f, s);
	rc = play(&p, e);
	if (sink_finish(s, FINISH_MS, e))
		rc = -1;
	conf->say(SAY_STATUS, "");
	release(&p);
	return rc;
}
