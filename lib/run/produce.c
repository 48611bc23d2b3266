/* SPDX-License-Identifier: MIT */
#include "run/produce.h"

#include <math.h>
#include <time.h>

#include "base/num.h"
#include "base/stop.h"
#include "base/when.h"
#include "run/feed.h"
#include "run/ledger.h"
#include "sim/fleet.h"

#define FINISH_MS   10000
#define NAP_US	    50000 /* the longest sleep between two looks around */
#define SERVE_EVERY 1024  /* messages, when there is no time to sleep */

struct producer {
	const struct produce_conf *conf;
	struct pace pace;
	struct feed *feed;
	struct sink *sink;
	struct ledger *ledger; /* or NULL */
	bool paced;
	int64_t start_us;  /* event time of the schedule's beginning */
	int64_t mono_us;   /* monotonic time of the run's */
	int64_t now_us;	   /* since then, as last looked at */
	bool waits;	   /* since its last message */
	uint64_t n;	   /* messages so far */
	int64_t first_us;  /* when the first that is timed was to go */
	int64_t due_us;	   /* when the last of these was to go; 0: none */
	int64_t behind_us; /* and how late it was */
	struct sink_limits limits;
	bool limited; /* the limits are known, and nothing was said of them */
	struct produce_result *result;
	int64_t stood_us; /* when its standing was told last, as now_us */
};

static void look_at_clock(struct producer *p)
{
	p->now_us = when_mono_us() - p->mono_us;
}

/* The schedule's end: as asked, and the year 10000 cannot be written. */
static int64_t end_ns(const struct produce_conf *conf, int64_t start_us)
{
	int64_t us = WHEN_MAX - start_us;

	if (conf->duration_us && conf->duration_us < us)
		us = conf->duration_us;
	return us < FLEET_DUE_MAX / NS_PER_US ? us * NS_PER_US : FLEET_DUE_MAX;
}

static int init(struct producer *p, const struct produce_conf *conf,
		struct sink *s, struct err *e)
{
	struct feed_conf feed = {
		.groups = conf->groups,
		.seed = conf->seed,
		.slice = conf->slice,
		.slices = conf->slices,
		.threads = conf->threads,
		.labels = conf->labels,
		.sink = s,
	};

	p->start_us =
		conf->start_us == WHEN_NONE ? when_wall_us() : conf->start_us;
	feed.start_us = p->start_us;
	feed.end_ns = end_ns(conf, p->start_us);
	p->feed = feed_new(&feed, e);
	if (!p->feed)
		return -1;
	if (conf->truth_path) {
		p->ledger = ledger_new(conf->truth_path, &conf->truth, e);
		if (!p->ledger)
			return -1;
		sink_on_ack(s, ledger_ack, p->ledger);
	}
	p->limited = sink_limits(s, &p->limits);
	/* Both clocks at once, for making a large fleet takes a while. */
	p->pace.start_us = p->start_us;
	p->pace.wall_us = when_wall_us();
	p->mono_us = when_mono_us();
	return 0;
}

/* Of the schedule; while it waits for the next message, of its time. */
static double schedule_share(const struct producer *p)
{
	const struct pace *pace = &p->conf->pace;
	const struct parcel *next = feed_peek(p->feed);
	double all_ns = (double)p->conf->duration_us * NS_PER_US;
	double at_ns = next ? (double)next->send_ns : all_ns;
	double now_ns = (double)p->now_us * NS_PER_US * pace->speed;

	if (p->waits && pace->speed > 0 && !pace->then_live && now_ns < at_ns)
		at_ns = now_ns;
	return at_ns / all_ns;
}

/* Of the ends that were asked for, that which comes first. */
static double share(const struct producer *p)
{
	const struct produce_conf *conf = p->conf;
	int64_t stages_us = pace_stages_us(&conf->pace);
	double most = SHARE_UNKNOWN;

	if (conf->count)
		most = (double)p->n / (double)conf->count;
	if (conf->duration_us)
		most = fmax(most, schedule_share(p));
	if (stages_us)
		most = fmax(most, (double)p->now_us / (double)stages_us);
	return fmin(most, 1);
}

/* One that the sink does not take grows later. */
static int64_t behind_us(const struct producer *p)
{
	return p->waits || !p->due_us ? p->behind_us : p->now_us - p->due_us;
}

/* Those of its slice. */
static uint64_t sensors(const struct produce_conf *conf)
{
	uint64_t n = groups_size(conf->groups);

	return (n + conf->slices - 1 - conf->slice) / conf->slices;
}

static void tell_standing(struct producer *p, bool done)
{
	const struct produce_watch *watch = &p->conf->watch;
	struct produce_standing s;

	if (!watch->fn)
		return;
	p->stood_us = p->now_us;
	s = (struct produce_standing){
		.counts = sink_counts(p->sink),
		.sensors = sensors(p->conf),
		.behind_us = behind_us(p),
		.share = share(p),
		.trouble = sink_trouble(p->sink),
		.done = done,
	};
	watch->fn(watch->arg, &s, p->mono_us + p->now_us);
}

static void tell_now_and_then(struct producer *p)
{
	if (p->now_us - p->stood_us >= STANDING_EVERY_US)
		tell_standing(p, false);
}

/* The sink waits, and nothing else looks at the clock. */
static void on_wait(void *arg)
{
	struct producer *p = arg;

	look_at_clock(p);
	tell_now_and_then(p);
}

static void tell_limit(struct producer *p, const char *what, int64_t limit_us,
		       const char *then)
{
	struct str span = STR_INIT;

	num_add_span(&span, limit_us);
	say(p->conf->say, SAY_WARN, "event times are %s %s, %s", what, span.p,
	    then);
	str_release(&span);
	p->limited = false;
}

/* Says once what the topic does with messages of such a time. */
static void check_limits(struct producer *p, int64_t time_us)
{
	const struct sink_limits *l = &p->limits;
	int64_t ahead_us;

	if (!p->limited)
		return;
	ahead_us = time_us - when_wall_us();
	if (ahead_us > 0 && ahead_us > l->after_us)
		tell_limit(p, "ahead of the clock by more than", l->after_us,
			   "which the broker refuses "
			   "(message.timestamp.after.max.ms): "
			   "begin earlier with --start, play slower, or use "
			   "--timestamps send");
	else if (ahead_us < 0 && -ahead_us > l->before_us)
		tell_limit(p, "older than", l->before_us,
			   "which the broker refuses "
			   "(message.timestamp.before.max.ms)");
	else if (ahead_us < 0 && -ahead_us > l->retention_us)
		tell_limit(p, "older than", l->retention_us,
			   "so that the topic may delete them at once "
			   "(retention.ms)");
}

static void nap(int64_t us)
{
	struct timespec ts = {
		.tv_sec = us / US_PER_S,
		.tv_nsec = us % US_PER_S * NS_PER_US,
	};

	nanosleep(&ts, NULL); /* a signal may cut it short */
}

/* Reports are collected, and what is known for good is written. */
static int serve(struct producer *p, struct err *e)
{
	tell_now_and_then(p);
	if (sink_serve(p->sink, 0, e))
		return -1;
	return p->ledger ? ledger_write(p->ledger, e) : 0;
}

/* The messages so far have gone by now. */
static void note_time(struct producer *p)
{
	look_at_clock(p);
	if (p->waits)
		return;
	p->result->span_us = p->now_us;
	if (p->result->timed)
		p->result->took_us = p->now_us - p->first_us;
}

/* Waits until it is time. Before it sleeps it lets all go. */
static int wait_until(struct producer *p, int64_t at_us, struct err *e)
{
	if (p->now_us < at_us)
		note_time(p);
	while (p->now_us < at_us && !stop_requested()) {
		int64_t left;

		p->waits = true;
		if (serve(p, e))
			return -1;
		look_at_clock(p);
		left = at_us - p->now_us;
		if (left > 0)
			nap(left < NAP_US ? left : NAP_US);
		look_at_clock(p);
	}
	return 0;
}

/* Of a message whose time, where it had one, has come. */
static void note_pace(struct producer *p, int64_t at_us)
{
	struct produce_result *r = p->result;

	if (at_us <= 0)
		return;
	if (!r->timed++)
		p->first_us = at_us;
	r->asked_us = at_us - p->first_us;
	p->due_us = at_us;
	p->behind_us = p->now_us - at_us;
	if (p->behind_us > r->behind_us)
		r->behind_us = p->behind_us;
}

static void enter(struct producer *p, const struct parcel *m)
{
	struct reading r = parcel_reading(m);

	ledger_enter(p->ledger, m->message.partition, &r, m->malformed);
}

static int send_one(struct producer *p, const struct parcel *m, struct err *e)
{
	if (p->ledger)
		enter(p, m);
	if (p->n++ % SERVE_EVERY == 0)
		check_limits(p, m->message.time_us);
	p->waits = false;
	if (sink_put(p->sink, &m->message, e))
		return -1;
	feed_pop(p->feed);
	if (p->n % SERVE_EVERY)
		return 0;
	/* Where nobody sleeps, it is done all the same. */
	look_at_clock(p);
	return serve(p, e);
}

static int play(struct producer *p, struct err *e)
{
	const struct parcel *m;
	int64_t at_us = 0;

	while ((m = feed_peek(p->feed))) {
		if (p->conf->count && p->n >= p->conf->count)
			break;
		if (p->paced)
			at_us = pace_next_us(&p->pace, m->send_ns);
		if (at_us == PACE_END) /* the last stage has its time too */
			return wait_until(p, pace_stages_us(&p->pace), e);
		if (wait_until(p, at_us, e))
			return -1;
		if (stop_requested())
			break;
		if (p->paced)
			note_pace(p, at_us);
		if (send_one(p, m, e))
			return -1;
	}
	return 0;
}

static int finish(struct producer *p, struct err *e)
{
	int rc;

	note_time(p);
	p->waits = true;
	p->result->n = p->n;
	rc = sink_finish(p->sink, FINISH_MS, e);
	look_at_clock(p);
	tell_standing(p, true);
	if (p->ledger && ledger_finish(p->ledger, e))
		rc = -1;
	return rc;
}

int produce_run(const struct produce_conf *conf, struct sink *s,
		struct produce_result *result, struct err *e)
{
	struct producer p = {
		.conf = conf,
		.pace = conf->pace,
		.sink = s,
		.paced = pace_is_paced(&conf->pace),
		.result = result,
		.stood_us = -STANDING_EVERY_US,
	};
	int rc;

	*result = (struct produce_result){.n = 0};
	rc = init(&p, conf, s, e);
	sink_on_wait(s, on_wait, &p);
	if (!rc)
		rc = play(&p, e);
	if (p.feed && finish(&p, e))
		rc = -1;
	conf->say(SAY_STATUS, "");
	sink_on_ack(s, NULL, NULL);
	sink_on_wait(s, NULL, NULL);
	ledger_free(p.ledger);
	feed_free(p.feed);
	return rc;
}
