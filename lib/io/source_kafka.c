/* SPDX-License-Identifier: MIT */
/*
 * A private view reads with librdkafka's partition-wise consumer: it joins
 * no group, looks for no coordinator and stores nothing.
 */
#include "io/source.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/when.h"
#include "io/client.h"
#include "io/reader.h"
#include "io/source_ops.h"

#define LOOK_EVERY_US	(2 * US_PER_S) /* for new partitions */
#define LOOK_MISSING_US (US_PER_S)     /* for a topic that is not there */
#define ASK_TIMEOUT_MS	1000
#define MOST_AT_ONCE	4096 /* records handed over by one poll */

struct part {
	int64_t next; /* offset behind the last record, or where to start */
	int64_t end;  /* exit_at_end: where to stop */
	bool done;    /* exit_at_end: has come there */
};

struct kafka_source {
	struct source base;
	struct client client;
	const struct source_conf *conf;
	rd_kafka_topic_t *rkt;
	struct reader *reader;
	struct part *parts;
	int n_parts;
	int n_done;
	int64_t look_us; /* when to look for partitions again */
	bool later;	 /* partitions found now came after the start */
	bool gone;	 /* it was said that the topic is gone */
	bool lost;	 /* a broker did not answer: ends are not known */
	struct err *e;	 /* where callbacks put an error, during a poll */
	bool failed;
};

static struct kafka_source *of(struct source *s)
{
	return (struct kafka_source *)s;
}

static void done(struct kafka_source *s, struct part *p)
{
	if (s->conf->exit_at_end && !p->done && p->next >= p->end) {
		p->done = true;
		s->n_done++;
	}
}

static void on_end(struct kafka_source *s, const rd_kafka_message_t *m)
{
	struct part *p = &s->parts[m->partition];

	if (m->offset > p->next)
		p->next = m->offset;
	s->base.events.at_end(s->base.events.arg, m->partition);
	done(s, p);
}

static void on_trouble(struct kafka_source *s, const rd_kafka_message_t *m)
{
	const char *topic = s->client.conf->topic;

	switch (m->err) {
	case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
	case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
		s->failed = true;
		err_set(s->e,
			"topic '%s', partition %d: the records at offset "
			"%lld are gone, deleted before they were read",
			topic, m->partition,
			(long long)s->parts[m->partition].next);
		break;
	case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
		s->failed = true;
		err_set(s->e, "topic '%s': %s", topic,
			rd_kafka_err2str(m->err));
		break;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
		if (!s->gone)
			say(s->client.conf->say, SAY_WARN,
			    "topic '%s' is gone; waiting for it", topic);
		s->gone = true;
		break;
	default:
		say(s->client.conf->say, SAY_DEBUG, "partition %d: %s",
		    m->partition, rd_kafka_message_errstr(m));
	}
}

static struct bytes header(const rd_kafka_headers_t *all, const char *name)
{
	const void *value;
	size_t len;

	if (rd_kafka_header_get_last(all, name, &value, &len))
		return (struct bytes){NULL, 0};
	return (struct bytes){value, len};
}

static void on_record(struct kafka_source *s, const rd_kafka_message_t *m)
{
	struct part *p = &s->parts[m->partition];
	rd_kafka_timestamp_type_t type;
	rd_kafka_headers_t *headers;
	int64_t ms = rd_kafka_message_timestamp(m, &type);
	struct record rec = {
		.partition = m->partition,
		.offset = m->offset,
		.timestamp_us = ms >= 0 ? ms * 1000 : WHEN_NONE,
		.append_time = type == RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME,
		.payload = m->payload,
		.len = m->len,
		.key = {m->key, m->key_len},
	};

	if (p->done || (s->conf->exit_at_end && m->offset >= p->end)) {
		p->next = m->offset;
		done(s, p);
		return;
	}
	p->next = m->offset + 1;
	if (!rd_kafka_message_headers(m, &headers)) {
		rec.run = header(headers, "run");
		rec.seq = header(headers, "seq");
		rec.sent = header(headers, "sent");
	}
	s->base.events.record(s->base.events.arg, &rec);
	done(s, p);
}

static void on_message(rd_kafka_message_t *m, void *arg)
{
	struct kafka_source *s = arg;

	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		on_end(s, m);
	else if (m->err)
		on_trouble(s, m);
	else
		on_record(s, m);
	if (!m->err || m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		client_is_up(&s->client);
}

static int64_t rank(void *arg, int partition, bool *behind)
{
	struct kafka_source *s = arg;
	int64_t r = s->base.events.rank(s->base.events.arg, partition, behind);

	if (s->parts[partition].done)
		*behind = false;
	return r;
}

/*
 * The offsets at a "time" (which may be RD_KAFKA_OFFSET_BEGINNING or _END)
 * of partitions first to n - 1. NULL if they could not be found out now.
 */
static rd_kafka_topic_partition_list_t *
ask_offsets(struct kafka_source *s, int first, int n, int64_t time)
{
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new(n - first);
	rd_kafka_resp_err_t err;

	for (int p = first; p < n; p++)
		rd_kafka_topic_partition_list_add(list, s->client.conf->topic,
						  p)
			->offset = time;
	err = rd_kafka_offsets_for_times(s->client.rk, list, ASK_TIMEOUT_MS);
	for (int i = 0; !err && i < list->cnt; i++)
		err = list->elems[i].err;
	if (!err)
		return list;
	say(s->client.conf->say, SAY_DEBUG, "cannot ask for offsets: %s",
	    rd_kafka_err2str(err));
	rd_kafka_topic_partition_list_destroy(list);
	return NULL;
}

static int64_t offset_of(const rd_kafka_topic_partition_list_t *list,
			 const char *topic, int partition)
{
	rd_kafka_topic_partition_t *p = rd_kafka_topic_partition_list_find(
		(rd_kafka_topic_partition_list_t *)list, topic, partition);

	return p ? p->offset : -1;
}

struct offsets {
	rd_kafka_topic_partition_list_t *begin, *end, *time;
};

static void offsets_release(struct offsets *o)
{
	if (o->begin)
		rd_kafka_topic_partition_list_destroy(o->begin);
	if (o->end)
		rd_kafka_topic_partition_list_destroy(o->end);
	if (o->time)
		rd_kafka_topic_partition_list_destroy(o->time);
}

static bool offsets_ask(struct kafka_source *s, int first, int n,
			struct offsets *o)
{
	*o = (struct offsets){NULL, NULL, NULL};
	o->begin = ask_offsets(s, first, n, RD_KAFKA_OFFSET_BEGINNING);
	o->end = ask_offsets(s, first, n, RD_KAFKA_OFFSET_END);
	if (s->conf->from == FROM_TIME)
		o->time = ask_offsets(s, first, n, s->conf->from_value / 1000);
	if (o->begin && o->end && (s->conf->from != FROM_TIME || o->time))
		return true;
	offsets_release(o);
	return false;
}

/* Where to start reading partition p. */
static int64_t start_offset(const struct kafka_source *s,
			    const struct offsets *o, int p)
{
	const char *topic = s->client.conf->topic;
	int64_t begin = offset_of(o->begin, topic, p);
	int64_t end = offset_of(o->end, topic, p);
	int64_t at = s->conf->from_value;

	if (s->later)
		return begin;
	switch (s->conf->from) {
	case FROM_BEGINNING:
		return begin;
	case FROM_END:
		return end;
	case FROM_TIME:
		at = offset_of(o->time, topic, p);
		return at < 0 ? end : at;
	case FROM_OFFSET:
		return at < begin ? begin : at > end ? end : at;
	}
	return begin;
}

/* Starts to read partitions n_parts to n - 1. */
static int start(struct kafka_source *s, int n, struct err *e)
{
	int first = s->n_parts;
	struct offsets o;

	if (!offsets_ask(s, first, n, &o))
		return 0; /* tried again at the next look */
	s->parts = mem_grow(s->parts, (size_t)n, sizeof(*s->parts));
	s->n_parts = n;
	for (int p = first; p < n; p++) {
		rd_kafka_queue_t *queue = rd_kafka_queue_new(s->client.rk);
		int64_t at = start_offset(s, &o, p);

		reader_add(s->reader, p, queue);
		s->parts[p] = (struct part){
			.next = at,
			.end = offset_of(o.end, s->client.conf->topic, p),
		};
		s->base.events.held(s->base.events.arg, p);
		done(s, &s->parts[p]);
		if (at == offset_of(o.begin, s->client.conf->topic, p))
			at = RD_KAFKA_OFFSET_BEGINNING; /* wherever it is */
		if (rd_kafka_consume_start_queue(s->rkt, p, at, queue)) {
			err_set(e, "topic '%s', partition %d: %s",
				s->client.conf->topic, p,
				rd_kafka_err2str(rd_kafka_last_error()));
			offsets_release(&o);
			return -1;
		}
	}
	offsets_release(&o);
	say(s->client.conf->say, SAY_DEBUG,
	    "topic '%s': reading partitions %d to %d", s->client.conf->topic,
	    first, n - 1);
	return 0;
}

/* Looks for the topic and for new partitions, now and then. */
static int look(struct kafka_source *s, struct err *e)
{
	int64_t now = when_mono_us();
	int n;

	if (now < s->look_us)
		return 0;
	n = client_partitions(&s->client, s->rkt, ASK_TIMEOUT_MS, e);
	if (n == -1)
		return -1;
	if (n != CLIENT_NOT_NOW)
		client_is_up(&s->client);
	if (n == 0 && s->n_parts == 0 && s->conf->exit_at_end)
		return err_set(e, "topic '%s' does not exist",
			       s->client.conf->topic);
	if (n == 0 && !s->later && s->n_parts == 0)
		say(s->client.conf->say, SAY_WARN,
		    "topic '%s' does not exist yet; waiting for it",
		    s->client.conf->topic);
	if (n > s->n_parts && start(s, n, e))
		return -1;
	if (n == 0 || s->n_parts > 0)
		s->later = true;
	s->look_us =
		when_mono_us() + (s->n_parts ? LOOK_EVERY_US : LOOK_MISSING_US);
	return 0;
}

/*
 * While brokers do not answer, silence says nothing: no partition is at its
 * end. When they answer again, it begins anew.
 */
static void lose(struct kafka_source *s)
{
	s->lost = true;
	for (int p = 0; p < s->n_parts; p++)
		s->base.events.behind(s->base.events.arg, p);
}

/* True if it could be found out which partitions are at their end. */
static bool compare_ends(struct kafka_source *s)
{
	const struct source_events *ev = &s->base.events;
	rd_kafka_topic_partition_list_t *ends;

	ends = ask_offsets(s, 0, s->n_parts, RD_KAFKA_OFFSET_END);
	if (!ends)
		return false;
	for (int p = 0; p < s->n_parts; p++) {
		if (offset_of(ends, s->client.conf->topic, p) >
		    s->parts[p].next)
			ev->behind(ev->arg, p);
		else if (s->lost)
			ev->at_end(ev->arg, p);
	}
	rd_kafka_topic_partition_list_destroy(ends);
	return true;
}

static void watch_brokers(struct kafka_source *s)
{
	if (s->client.down && !s->lost)
		lose(s);
	else if (s->lost && !s->client.down && compare_ends(s))
		s->lost = false;
}

static enum source_state kafka_poll(struct source *base, int timeout_ms,
				    struct err *e)
{
	struct kafka_source *s = of(base);

	s->e = e;
	rd_kafka_poll(s->client.rk, 0);
	if (look(s, e))
		return SOURCE_FAILED;
	watch_brokers(s);
	if (s->conf->exit_at_end && s->n_parts && s->n_done == s->n_parts)
		return SOURCE_ENDED;
	if (s->n_parts)
		reader_read(s->reader, MOST_AT_ONCE, timeout_ms);
	else
		rd_kafka_poll(s->client.rk, timeout_ms);
	return s->failed ? SOURCE_FAILED : SOURCE_MORE;
}

static bool kafka_ask_ends(struct source *base)
{
	struct kafka_source *s = of(base);

	if (s->lost)
		return false;
	if (compare_ends(s))
		return true;
	lose(s);
	return false;
}

static uint64_t kafka_lag(const struct source *base)
{
	const struct kafka_source *s = (const struct kafka_source *)base;
	uint64_t lag = 0;

	for (int p = 0; p < s->n_parts; p++) {
		int64_t lo, hi;

		if (!rd_kafka_get_watermark_offsets(
			    s->client.rk, s->client.conf->topic, p, &lo, &hi) &&
		    hi > s->parts[p].next)
			lag += (uint64_t)(hi - s->parts[p].next);
	}
	return lag;
}

static void kafka_free(struct source *base)
{
	struct kafka_source *s = of(base);

	for (int p = 0; p < s->n_parts; p++)
		rd_kafka_consume_stop(s->rkt, p);
	reader_free(s->reader);
	if (s->rkt)
		rd_kafka_topic_destroy(s->rkt);
	client_close(&s->client);
	free(s->parts);
	free(s);
}

static const struct source_ops kafka_ops = {
	.poll = kafka_poll,
	.ask_ends = kafka_ask_ends,
	.lag = kafka_lag,
	.free = kafka_free,
};

struct source *source_kafka_new(const struct kafka_conf *kafka,
				const struct source_conf *conf,
				const struct source_events *events,
				struct err *e)
{
	struct kafka_source *s = mem_zalloc(1, sizeof(*s));
	rd_kafka_conf_t *rkconf;
	char *brokers;

	s->base.ops = &kafka_ops;
	s->base.events = *events;
	s->conf = conf;
	rkconf = kafka_make_conf(kafka, false, &brokers, e);
	if (!rkconf ||
	    client_open(&s->client, kafka, false, rkconf, brokers, e)) {
		kafka_free(&s->base);
		return NULL;
	}
	s->rkt = rd_kafka_topic_new(s->client.rk, kafka->topic, NULL);
	s->reader =
		reader_new(s->client.rk, on_message, rank, conf->ahead, s, e);
	if (!s->reader) {
		kafka_free(&s->base);
		return NULL;
	}
	return &s->base;
}
