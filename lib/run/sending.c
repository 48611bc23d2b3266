/* SPDX-License-Identifier: MIT */
#include "run/sending.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/stop.h"
#include "base/when.h"

#define FINISH_US (10 * US_PER_S)
#define SLICE_MS  100	/* how long a stop request may go unseen */
#define GO_US	  50000 /* for a partition that is new to us to answer */
#define GO_MS	  5	/* between two looks at that */

struct sending {
	const struct kafka_conf *conf;
	struct sink *sink;
	int64_t retention_us; /* what is older may be deleted; or SINK_ANY */
};

static int64_t ask_retention(struct sink *sink)
{
	struct sink_limits limits;

	return sink_limits(sink, &limits) ? limits.retention_us : SINK_ANY;
}

struct sending *sending_new(const struct kafka_conf *conf, struct err *e)
{
	struct sink *sink =
		sink_kafka_new(conf, &(struct sink_topic){.partitions = -1}, e);
	struct sending *s;

	if (!sink)
		return NULL;
	s = mem_zalloc(1, sizeof(*s));
	s->conf = conf;
	s->sink = sink;
	s->retention_us = ask_retention(sink);
	return s;
}

static int finish(struct sending *s, struct err *e)
{
	return sink_finish(s->sink, (int)(stop_left_us(FINISH_US) / 1000), e);
}

void sending_free(struct sending *s)
{
	struct err e = ERR_INIT; /* the run has failed before, and said why */

	if (!s)
		return;
	finish(s, &e);
	sink_free(s->sink);
	free(s);
}

int32_t sending_partition(const struct sending *s, const char *key, size_t len)
{
	return sink_partition(s->sink, key, len);
}

/* Says once that the topic does not keep messages of such a time. */
static void check_age(struct sending *s, int64_t time_us)
{
	struct str span = STR_INIT;

	if (s->retention_us == SINK_ANY || !time_us ||
	    when_wall_us() - time_us <= s->retention_us)
		return;
	num_add_span(&span, s->retention_us);
	say(s->conf->say, SAY_WARN,
	    "topic '%s': there are timestamps older than %s, which it may "
	    "delete at once (retention.ms)",
	    s->conf->topic, span.p);
	str_release(&span);
	s->retention_us = SINK_ANY;
}

int sending_put(struct sending *s, const struct message *m, struct err *e)
{
	check_age(s, m->time_us);
	return sink_put(s->sink, m, e);
}

static int check(const struct sending *s, struct err *e)
{
	struct sink_counts n = sink_counts(s->sink);

	if (!n.failed)
		return 0;
	return err_set(e,
		       "topic '%s': %" PRIu64 " of %" PRIu64
		       " messages were not delivered: %s",
		       s->conf->topic, n.failed, n.sent, sink_failure(s->sink));
}

int sending_serve(struct sending *s, struct err *e)
{
	if (sink_serve(s->sink, 0, e))
		return -1;
	return check(s, e);
}

/*
 * The first message to a partition goes alone (io/sink_kafka.c): the others
 * follow when it is answered, which takes some milliseconds, and not when we
 * happen to come by again.
 */
int sending_go(struct sending *s, struct err *e)
{
	int64_t end = when_mono_us() + GO_US;

	if (sending_serve(s, e))
		return -1;
	while (sink_kept(s->sink) && when_mono_us() < end) {
		if (sink_serve(s->sink, GO_MS, e))
			return -1;
	}
	return check(s, e);
}

static bool is_settled(const struct sending *s)
{
	struct sink_counts n = sink_counts(s->sink);

	return n.sent == n.delivered + n.failed;
}

int sending_flush(struct sending *s, struct err *e)
{
	int rc = 0;

	while (!is_settled(s) && !rc)
		rc = stop_requested() ? finish(s, e)
				      : sink_serve(s->sink, SLICE_MS, e);
	return rc ? rc : check(s, e);
}
