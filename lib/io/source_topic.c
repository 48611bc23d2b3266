/* SPDX-License-Identifier: MIT */
#include "io/source_topic.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/when.h"
#include "io/partitions.h"

#define ASK_MS	      1000 /* a question's timeout; twice that after each */
#define ASK_MOST_MS   8000
#define HEADERS_FIRST 100 /* messages of a partition that are asked */
#define HEADERS_EVERY 16  /* and then one of so many */

static void done(struct topic_source *s, struct part *p)
{
	if (s->conf->exit_at_end && !p->done && p->next >= p->end) {
		p->done = true;
		s->n_done++;
	}
}

static void on_end(struct topic_source *s, const rd_kafka_message_t *m)
{
	struct part *p = &s->parts[m->partition];

	if (m->offset > p->next)
		p->next = m->offset;
	s->base.events.at_end(s->base.events.arg, m->partition);
	done(s, p);
}

const char *topic_reason(rd_kafka_resp_err_t err)
{
	switch (err) {
	case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
		return "another member with the same --instance has taken "
		       "its place";
	case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
		return "session.timeout.ms is not one that the broker takes";
	case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
		return "its members are of another kind: other programs";
	default:
		return rd_kafka_err2str(err);
	}
}

/* What does not pass ends the run; the first reason is told. */
static void fail(struct topic_source *s, rd_kafka_resp_err_t err)
{
	s->failed = true;
	if (!client_denied(&s->client, err, s->e))
		err_set(s->e, "group '%s': %s", s->client.conf->group,
			topic_reason(err));
}

static void on_trouble(struct topic_source *s, const rd_kafka_message_t *m)
{
	const char *topic = s->client.conf->topic;
	char text[256];

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
	case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
	case RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED:
	case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
	case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
		fail(s, m->err);
		break;
	case RD_KAFKA_RESP_ERR__FATAL: /* a member's come as messages */
		fail(s, rd_kafka_fatal_error(s->client.rk, text, sizeof(text)));
		break;
	case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
	case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
	case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
		if (!s->missing)
			say(s->client.conf->say, SAY_WARN,
			    "topic '%s' is gone; waiting for it", topic);
		s->missing = true;
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

/*
 * To find out that a message has none costs librdkafka more than all that we
 * do with it. So until one had some, not each is asked, but the first ones.
 */
static void take_headers(struct part *p, const rd_kafka_message_t *m,
			 struct record *rec)
{
	rd_kafka_headers_t *all;

	if (!p->headers && p->messages++ >= HEADERS_FIRST &&
	    p->messages % HEADERS_EVERY)
		return;
	if (rd_kafka_message_headers(m, &all))
		return;
	p->headers = true;
	rec->run = header(all, "run");
	rec->seq = header(all, "seq");
	rec->sent = header(all, "sent");
}

/* A group's next run reads it, and must not find it late. */
static void leave(struct topic_source *s, struct part *p,
		  const rd_kafka_message_t *m)
{
	p->next = m->offset;
	done(s, p);
	if (s->client.conf->group)
		s->base.events.behind(s->base.events.arg, m->partition);
}

static void on_record(struct topic_source *s, const rd_kafka_message_t *m)
{
	struct part *p = &s->parts[m->partition];
	rd_kafka_timestamp_type_t type;
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
		leave(s, p, m);
		return;
	}
	p->next = m->offset + 1;
	take_headers(p, m, &rec);
	s->base.events.record(s->base.events.arg, &rec);
	done(s, p);
}

bool topic_is_held(const struct topic_source *s, int partition)
{
	return partition >= 0 && partition < s->n_parts &&
	       s->parts[partition].held;
}

void topic_message(struct topic_source *s, const rd_kafka_message_t *m)
{
	if (m->err && m->err != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		on_trouble(s, m);
		return;
	}
	client_is_up(&s->client);
	if (!topic_is_held(s, m->partition) || s->failed)
		return;
	if (m->err)
		on_end(s, m);
	else if (m->offset >= s->parts[m->partition].next)
		on_record(s, m);
}

static void on_message(rd_kafka_message_t *m, void *arg)
{
	topic_message(arg, m);
}

static rd_kafka_topic_partition_list_t *list_held(const struct topic_source *s)
{
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new(s->n_held);

	for (int p = 0; p < s->n_parts; p++) {
		if (s->parts[p].held)
			rd_kafka_topic_partition_list_add(
				list, s->client.conf->topic, p);
	}
	return list;
}

void topic_turn(struct topic_source *s)
{
	s->base.events.turn(s->base.events.arg);
}

static void on_turn(void *arg)
{
	topic_turn(arg);
}

/*
 * Before 2.2.0 a broker's thread that finds its partitions' queues full
 * sleeps for a second, however soon they are read empty: whoever reads a
 * little slower than the wire gets a queueful a second. Any request to the
 * broker wakes it, so the ends are asked for, and no answer is waited for.
 * From 2.2.0 on fetch.queue.backoff.ms is in our defaults.
 */
static void on_drained(void *arg)
{
	struct topic_source *s = arg;
	rd_kafka_topic_partition_list_t *held;

	if (rd_kafka_version() >= 0x02020000)
		return;
	held = list_held(s);
	partitions_ask(s->client.rk, held, RD_KAFKA_OFFSET_END, 0);
	rd_kafka_topic_partition_list_destroy(held);
}

static int64_t rank(void *arg, int partition, bool *behind)
{
	struct topic_source *s = arg;
	int64_t r = s->base.events.rank(s->base.events.arg, partition, behind);

	if (s->parts[partition].done)
		*behind = false;
	return r;
}

int topic_open(struct topic_source *s, const struct source_ops *ops,
	       const struct kafka_conf *kafka, const struct source_conf *conf,
	       const struct source_events *events, rebalance_fn *on_rebalance,
	       struct err *e)
{
	const struct reader_conf reading = {
		.turn = on_turn,
		.message = on_message,
		.drained = on_drained,
		.rank = rank,
		.arg = s,
		.ahead = conf->ahead,
	};
	enum kafka_role role =
		conf->exit_at_end ? KAFKA_TO_END : KAFKA_CONSUMER;
	char *brokers;
	rd_kafka_conf_t *rkconf = kafka_make_conf(kafka, role, &brokers, e);

	if (!rkconf)
		return -1;
	if (on_rebalance)
		rd_kafka_conf_set_rebalance_cb(rkconf, on_rebalance);
	s->base.ops = ops;
	s->base.events = *events;
	s->conf = conf;
	s->ask_ms = ASK_MS;
	if (client_open(&s->client, kafka, role, rkconf, brokers, e))
		return -1;
	s->reader = reader_new(s->client.rk, &reading, e);
	if (!s->reader) {
		client_close(&s->client);
		return -1;
	}
	s->rkt = rd_kafka_topic_new(s->client.rk, kafka->topic, NULL);
	return 0;
}

void topic_close(struct topic_source *s)
{
	reader_free(s->reader);
	if (s->rkt)
		rd_kafka_topic_destroy(s->rkt);
	client_close(&s->client);
	free(s->parts);
}

void topic_grow(struct topic_source *s, int n)
{
	if (n <= s->n_parts)
		return;
	s->parts = mem_grow(s->parts, (size_t)n, sizeof(*s->parts));
	for (int p = s->n_parts; p < n; p++)
		s->parts[p] = (struct part){.held = false};
	s->n_parts = n;
}

void topic_hold(struct topic_source *s, int partition, int64_t start,
		int64_t end, rd_kafka_queue_t *queue)
{
	s->parts[partition] = (struct part){
		.held = true,
		.start = start,
		.next = start,
		.end = end,
	};
	s->n_held++;
	s->missing = false;
	done(s, &s->parts[partition]);
	if (s->parts[partition].done) /* its end may come too late to be told */
		s->base.events.at_end(s->base.events.arg, partition);
	reader_add(s->reader, partition, queue);
}

void topic_drop(struct topic_source *s)
{
	reader_clear(s->reader);
	for (int p = 0; p < s->n_parts; p++)
		s->parts[p].held = false;
	s->n_held = 0;
	s->n_done = 0;
}

bool topic_is_done(const struct topic_source *s)
{
	return s->conf->exit_at_end && s->n_held && s->n_done == s->n_held;
}

int topic_count(struct topic_source *s, struct err *e)
{
	const char *topic = s->client.conf->topic;
	int n = client_partitions(&s->client, s->rkt, s->ask_ms, e);

	if (n == CLIENT_NOT_NOW)
		topic_ask_longer(s);
	else if (n >= 0)
		client_is_up(&s->client);
	if (n || s->n_parts)
		return n;
	if (s->conf->exit_at_end)
		return err_set(e, "topic '%s' does not exist", topic);
	if (!s->missing)
		say(s->client.conf->say, SAY_WARN,
		    "topic '%s' does not exist yet; waiting for it", topic);
	s->missing = true;
	return 0;
}

/* ---- offsets ---- */

/* A broker that is far away needs more than the first try. */
void topic_ask_longer(struct topic_source *s)
{
	s->ask_ms = s->ask_ms < ASK_MOST_MS / 2 ? 2 * s->ask_ms : ASK_MOST_MS;
}

/*
 * Those at a "time" (which may be RD_KAFKA_OFFSET_BEGINNING or _END). NULL
 * if they could not be found out now.
 */
static rd_kafka_topic_partition_list_t *
ask_offsets(struct topic_source *s, const rd_kafka_topic_partition_list_t *of,
	    int64_t time)
{
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_copy(of);
	rd_kafka_resp_err_t err;

	err = partitions_ask(s->client.rk, list, time, s->ask_ms);
	if (!err)
		return list;
	if (err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
		fail(s, err);
	topic_ask_longer(s);
	say(s->client.conf->say, SAY_DEBUG, "cannot ask for offsets: %s",
	    rd_kafka_err2str(err));
	rd_kafka_topic_partition_list_destroy(list);
	return NULL;
}

void offsets_release(struct offsets *o)
{
	if (o->begin)
		rd_kafka_topic_partition_list_destroy(o->begin);
	if (o->end)
		rd_kafka_topic_partition_list_destroy(o->end);
	if (o->time)
		rd_kafka_topic_partition_list_destroy(o->time);
}

bool offsets_ask(struct topic_source *s,
		 const rd_kafka_topic_partition_list_t *of, struct offsets *o)
{
	bool timed = s->conf->from == FROM_TIME;

	*o = (struct offsets){NULL, NULL, NULL};
	o->begin = ask_offsets(s, of, RD_KAFKA_OFFSET_BEGINNING);
	if (o->begin)
		o->end = ask_offsets(s, of, RD_KAFKA_OFFSET_END);
	if (o->end && timed)
		o->time = ask_offsets(s, of, s->conf->from_value / 1000);
	if (o->end && (!timed || o->time))
		return true;
	offsets_release(o);
	return false;
}

int64_t offsets_find(const rd_kafka_topic_partition_list_t *list, int partition)
{
	for (int i = 0; i < list->cnt; i++) {
		if (list->elems[i].partition == partition)
			return list->elems[i].offset;
	}
	return -1;
}

int64_t offsets_from(const struct topic_source *s, const struct offsets *o,
		     int partition)
{
	int64_t begin = offsets_find(o->begin, partition);
	int64_t end = offsets_find(o->end, partition);
	int64_t at = s->conf->from_value;

	switch (s->conf->from) {
	case FROM_BEGINNING:
		return begin;
	case FROM_END:
		return end;
	case FROM_TIME:
		at = offsets_find(o->time, partition);
		return at < 0 ? end : at;
	case FROM_OFFSET:
		return at < begin ? begin : at > end ? end : at;
	}
	return begin;
}

/* ---- ends ---- */

/*
 * While brokers do not answer, silence says nothing: no partition is at its
 * end. When they answer again, it begins anew.
 */
static void lose(struct topic_source *s)
{
	const struct source_events *ev = &s->base.events;

	s->lost = true;
	for (int p = 0; p < s->n_parts; p++) {
		if (s->parts[p].held)
			ev->behind(ev->arg, p);
	}
}

/* True if it could be found out which partitions are at their end. */
static bool compare_ends(struct topic_source *s)
{
	const struct source_events *ev = &s->base.events;
	rd_kafka_topic_partition_list_t *held = list_held(s), *ends;

	ends = ask_offsets(s, held, RD_KAFKA_OFFSET_END);
	rd_kafka_topic_partition_list_destroy(held);
	if (!ends)
		return false;
	for (int i = 0; i < ends->cnt; i++) {
		int p = ends->elems[i].partition;

		if (ends->elems[i].offset > s->parts[p].next)
			ev->behind(ev->arg, p);
		else if (s->lost)
			ev->at_end(ev->arg, p);
	}
	rd_kafka_topic_partition_list_destroy(ends);
	return true;
}

/* While a partition may be behind, others can have to wait for it. */
void topic_watch_brokers(struct topic_source *s)
{
	if (s->client.down && !s->lost)
		lose(s);
	else if (s->client.down)
		client_look(&s->client, s->rkt, ASK_MS);
	else if (s->lost && compare_ends(s))
		s->lost = false;
}

bool topic_ask_ends(struct source *base)
{
	struct topic_source *s = (struct topic_source *)base;

	if (s->lost)
		return false;
	if (compare_ends(s))
		return true;
	lose(s);
	return false;
}

/* The end as the last fetch told it; -1 where none has. */
static int64_t known_end(const struct topic_source *s, int partition)
{
	int64_t lo, hi;

	if (rd_kafka_get_watermark_offsets(s->client.rk, s->client.conf->topic,
					   partition, &lo, &hi))
		return -1;
	return hi;
}

uint64_t topic_lag(const struct source *base)
{
	const struct topic_source *s = (const struct topic_source *)base;
	uint64_t lag = 0;

	for (int p = 0; p < s->n_parts; p++) {
		int64_t end;

		if (!s->parts[p].held)
			continue;
		end = known_end(s, p);
		if (end > s->parts[p].next)
			lag += (uint64_t)(end - s->parts[p].next);
	}
	return lag;
}

bool topic_where(const struct source *base, int partition,
		 struct source_where *w)
{
	const struct topic_source *s = (const struct topic_source *)base;

	if (!topic_is_held(s, partition))
		return false;
	w->start = s->parts[partition].start;
	w->next = s->parts[partition].next;
	w->stop = s->conf->exit_at_end ? s->parts[partition].end : -1;
	w->end = known_end(s, partition);
	w->gone = s->parts[partition].gone;
	return true;
}

const char *topic_trouble(const struct source *base)
{
	return client_trouble(&((const struct topic_source *)base)->client);
}
