/* SPDX-License-Identifier: MIT */
/*
 * A private view reads with librdkafka's partition-wise consumer: it joins
 * no group, looks for no coordinator and stores nothing.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "base/when.h"
#include "io/partitions.h"
#include "io/source_topic.h"

#define LOOK_EVERY_US	(2 * US_PER_S) /* for new partitions */
#define LOOK_MISSING_US (US_PER_S)     /* for a topic that is not there */

struct view {
	struct topic_source topic;
	int64_t look_us; /* when to look for partitions again */
	bool later;	 /* partitions found now came after the start */
};

static int start_one(struct view *v, const struct offsets *o, int p,
		     struct err *e)
{
	struct topic_source *t = &v->topic;
	rd_kafka_queue_t *queue = rd_kafka_queue_new(t->client.rk);
	int64_t begin = offsets_find(o->begin, p);
	int64_t at = v->later ? begin : offsets_from(t, o, p);

	t->base.events.held(t->base.events.arg, p);
	topic_hold(t, p, at, offsets_find(o->end, p), queue);
	if (at == begin) {
		t->parts[p].gone = begin;
		at = RD_KAFKA_OFFSET_BEGINNING; /* wherever it is */
	}
	if (rd_kafka_consume_start_queue(t->rkt, p, at, queue))
		return err_set(e, "topic '%s', partition %d: %s",
			       t->client.conf->topic, p,
			       rd_kafka_err2str(rd_kafka_last_error()));
	return 0;
}

/* Starts to read partitions n_parts to n - 1. */
static int start(struct view *v, int n, struct err *e)
{
	struct topic_source *t = &v->topic;
	const char *topic = t->client.conf->topic;
	int first = t->n_parts, rc = 0;
	rd_kafka_topic_partition_list_t *list = partitions_new(topic, first, n);
	struct offsets o;
	bool known = offsets_ask(t, list, &o);

	rd_kafka_topic_partition_list_destroy(list);
	if (!known)
		return 0; /* tried again at the next look */
	topic_grow(t, n);
	for (int p = first; p < n && !rc; p++)
		rc = start_one(v, &o, p, e);
	offsets_release(&o);
	if (!rc)
		say(t->client.conf->say, SAY_DEBUG,
		    "topic '%s': reading partitions %d to %d", topic, first,
		    n - 1);
	return rc;
}

/* Looks for the topic and for new partitions, now and then. */
static int look(struct view *v, struct err *e)
{
	struct topic_source *t = &v->topic;
	int n;

	if (when_mono_us() < v->look_us)
		return 0;
	n = topic_count(t, e);
	if (n == -1)
		return -1;
	if (n > t->n_parts && start(v, n, e))
		return -1;
	if (n == 0 || t->n_parts > 0)
		v->later = true;
	v->look_us =
		when_mono_us() + (t->n_parts ? LOOK_EVERY_US : LOOK_MISSING_US);
	return 0;
}

static enum source_state view_poll(struct source *base, int timeout_ms,
				   struct err *e)
{
	struct view *v = (struct view *)base;
	struct topic_source *t = &v->topic;

	t->e = e;
	rd_kafka_poll(t->client.rk, 0);
	if (look(v, e))
		return SOURCE_FAILED;
	topic_watch_brokers(t);
	if (topic_is_done(t))
		return SOURCE_ENDED;
	if (t->n_parts)
		reader_read(t->reader, MOST_AT_ONCE, timeout_ms);
	else
		rd_kafka_poll(t->client.rk, timeout_ms);
	return t->failed ? SOURCE_FAILED : SOURCE_MORE;
}

static void view_free(struct source *base)
{
	struct view *v = (struct view *)base;

	for (int p = 0; p < v->topic.n_parts; p++)
		rd_kafka_consume_stop(v->topic.rkt, p);
	topic_close(&v->topic);
	free(v);
}

static const struct source_ops view_ops = {
	.poll = view_poll,
	.ask_ends = topic_ask_ends,
	.lag = topic_lag,
	.where = topic_where,
	.trouble = topic_trouble,
	.free = view_free,
};

struct source *source_kafka_new(const struct kafka_conf *kafka,
				const struct source_conf *conf,
				const struct source_events *events,
				struct err *e)
{
	struct view *v = mem_zalloc(1, sizeof(*v));

	if (!topic_open(&v->topic, &view_ops, kafka, conf, events, NULL, e))
		return &v->topic.base;
	free(v);
	return NULL;
}
