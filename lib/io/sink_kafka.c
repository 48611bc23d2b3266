/* SPDX-License-Identifier: MIT */
/*
 * Messages are gathered by partition and go to librdkafka in groups, for a
 * group shares the partition's lock and memory that is warm. The call that
 * takes many at once cannot carry timestamps: a group goes by it where those
 * of sending are wanted, else message by message.
 *
 * The first message to a partition goes alone, and the next ones wait until
 * it is delivered. For a broker takes any sequence number from a producer it
 * does not know in that partition: were the first batch refused (its leader
 * is not ready, as right after the topic was made) and the second one, on its
 * way behind it, taken, then librdkafka would hold the first for delivered
 * too ("implicitly acked"), and it would be lost without a word.
 */
#include "io/sink.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"
#include "base/stop.h"
#include "base/str.h"
#include "base/when.h"
#include "io/client.h"
#include "io/sink_ops.h"

#define FULL_WAIT_MS 10	 /* for room; a report ends it earlier */
#define LOOK_MS	     250 /* for a broker; messages may go so much later */
#define GROUP_MAX    512 /* messages that wait for one another */

enum acquaintance {
	UNKNOWN,    /* nothing was delivered there yet */
	INTRODUCED, /* the first message is on its way */
	KNOWN,
};

/* A message that was gathered: its key, its payload, its headers. */
struct gathered {
	uint32_t key_len, len, headers_len;
	bool no_key, no_payload;
	int64_t time_ms; /* 0: that of sending */
	uint64_t seq;
	const char *fault;
};

/* What was put for a partition and is not yet let go. */
struct group {
	enum acquaintance met;
	uint64_t let_go; /* messages, ever */
	size_t first, n; /* of `v`: those from first on are here */
	size_t labelled; /* of these, with headers of their own */
	size_t at;	 /* of `bytes`: the key of the first */
	struct gathered *v;
	size_t cap;
	struct str bytes;
};

struct kafka_sink {
	struct sink base;
	struct client client;
	rd_kafka_topic_t *rkt;
	int partitions;
	struct group *groups; /* by partition */
	bool headers, send_times;
	rd_kafka_resp_err_t denied; /* an ACL is missing; 0: none is */
	rd_kafka_message_t *batch;  /* as many as a group may have */
	size_t cap;
	char run[17]; /* names this run in the headers */
};

static struct kafka_sink *sink_of(struct client *c)
{
	return (struct kafka_sink *)((char *)c -
				     offsetof(struct kafka_sink, client));
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m,
			void *opaque)
{
	struct client *c = opaque;
	struct kafka_sink *s = sink_of(c);
	struct group *g = &s->groups[m->partition];

	(void)rk;
	if (!m->err) {
		g->met = KNOWN;
		client_is_up(c);
	} else {
		/* A leader that refuses is one that is ready. */
		if (g->met == INTRODUCED)
			g->met = m->err > 0 ? KNOWN : UNKNOWN;
		snprintf(s->base.failure, sizeof(s->base.failure), "%s",
			 rd_kafka_err2str(m->err));
		if (reason_is_denied(m->err))
			s->denied = m->err;
	}
	sink_settle(&s->base, m->partition, (uintptr_t)m->_private, m->offset,
		    !m->err);
}

/* What is not allowed will not be for what comes next. */
static int check_fatal(struct kafka_sink *s, struct err *e)
{
	if (client_denied(&s->client, s->denied, e) ||
	    client_denied(&s->client, s->client.fatal_err, e))
		return -1;
	if (s->client.fatal)
		return err_set(e, "the producer has failed: %s",
			       s->client.fatal);
	return 0;
}

/* ---- one message ---- */

static void add_header(rd_kafka_headers_t *h, const char *name,
		       const char *text)
{
	rd_kafka_header_add(h, name, -1, text, -1);
}

static void add_header_number(rd_kafka_headers_t *h, const char *name,
			      uint64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, n);
	add_header(h, name, text);
}

static bool is_labelled(const struct gathered *m)
{
	return m->fault || m->headers_len;
}

/* Those at p. */
static void add_given(rd_kafka_headers_t *h, const char *p, size_t len)
{
	for (const char *end = p + len, *text; p < end;
	     p = text + strlen(text) + 1) {
		text = p + strlen(p) + 1;
		add_header(h, p, text);
	}
}

/* NULL where it has none, which is the usual and costs nothing. */
static rd_kafka_headers_t *make_headers(const struct kafka_sink *s,
					const struct gathered *m,
					const char *given)
{
	rd_kafka_headers_t *h;

	if (!s->headers && !is_labelled(m))
		return NULL;
	h = rd_kafka_headers_new(4);
	add_given(h, given, m->headers_len);
	if (s->headers) {
		add_header(h, "run", s->run);
		add_header_number(h, "seq", m->seq);
		add_header_number(h, "sent", (uint64_t)when_wall_us());
	}
	if (m->fault)
		add_header(h, "fault", m->fault);
	return h;
}

static rd_kafka_resp_err_t produce(struct kafka_sink *s, int32_t partition,
				   const struct gathered *m, char *key,
				   uint64_t nth)
{
	char *payload = key + m->key_len;
	rd_kafka_headers_t *h = make_headers(s, m, payload + m->len);
	/* clang-format off */
	rd_kafka_vu_t vus[] = {
		{ .vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = s->rkt },
		{ .vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = partition },
		{ .vtype = RD_KAFKA_VTYPE_KEY,
		  .u.mem = { m->no_key ? NULL : key, m->key_len } },
		{ .vtype = RD_KAFKA_VTYPE_VALUE,
		  .u.mem = { m->no_payload ? NULL : payload, m->len } },
		{ .vtype = RD_KAFKA_VTYPE_TIMESTAMP, .u.i64 = m->time_ms },
		{ .vtype = RD_KAFKA_VTYPE_MSGFLAGS,
		  .u.i = RD_KAFKA_MSG_F_COPY },
		{ .vtype = RD_KAFKA_VTYPE_OPAQUE,
		  .u.ptr = (void *)(uintptr_t)nth },
		{ .vtype = RD_KAFKA_VTYPE_HEADERS, .u.headers = h },
	};
	/* clang-format on */
	size_t n = sizeof(vus) / sizeof(vus[0]);
	rd_kafka_error_t *error;
	rd_kafka_resp_err_t err;

	error = rd_kafka_produceva(s->client.rk, vus, h ? n : n - 1);
	if (!error)
		return RD_KAFKA_RESP_ERR_NO_ERROR;
	err = rd_kafka_error_code(error);
	rd_kafka_error_destroy(error);
	if (h)
		rd_kafka_headers_destroy(h);
	return err;
}

/* ---- groups ---- */

static bool is_empty(const struct group *g)
{
	return g->first == g->n;
}

/* Where a queue stays full a group is never empty: it must not grow. */
static void close_up(struct group *g)
{
	g->n -= g->first;
	memmove(g->v, g->v + g->first, g->n * sizeof(*g->v));
	memmove(g->bytes.p, g->bytes.p + g->at, g->bytes.len - g->at);
	str_cut(&g->bytes, g->bytes.len - g->at);
	g->first = g->at = 0;
}

/* What a message holds of the group's bytes. */
static size_t size_of(const struct gathered *m)
{
	return (size_t)m->key_len + m->len + m->headers_len;
}

/* Returns what is behind them. */
static char *put(char *p, const char *bytes, size_t len)
{
	if (bytes)
		memcpy(p, bytes, len);
	return p + len;
}

static void gather(struct group *g, const struct message *m, bool send_times)
{
	struct gathered *copy;
	char *p;

	if (g->first >= GROUP_MAX)
		close_up(g);
	g->v = mem_reserve(g->v, &g->cap, g->n + 1, sizeof(*g->v));
	copy = &g->v[g->n++];
	*copy = (struct gathered){
		.key_len = (uint32_t)m->key_len,
		.len = (uint32_t)m->len,
		.headers_len = (uint32_t)m->headers_len,
		.no_key = !m->key,
		.no_payload = !m->payload,
		.time_ms = send_times ? 0 : m->time_us / 1000,
		.seq = m->seq,
		.fault = m->fault,
	};
	g->labelled += is_labelled(copy);
	p = str_reserve(&g->bytes, size_of(copy));
	p = put(p, m->key, m->key_len);
	p = put(p, m->payload, m->len);
	put(p, m->headers, m->headers_len);
	str_took(&g->bytes, size_of(copy));
}

/* The first of the group has gone, one way or another. */
static void drop_first(struct group *g)
{
	const struct gathered *m = &g->v[g->first++];

	g->at += size_of(m);
	g->labelled -= is_labelled(m);
	g->let_go++;
	if (!is_empty(g))
		return;
	g->first = g->n = g->at = 0;
	str_clear(&g->bytes);
}

/* It has gone nowhere, and does not go later. */
static void fail_first(struct kafka_sink *s, int32_t partition)
{
	struct group *g = &s->groups[partition];

	sink_settle(&s->base, partition, g->let_go, -1, false);
	drop_first(g);
}

/* A message that librdkafka did not take, and does not take later. */
static int refused(struct kafka_sink *s, int32_t partition,
		   rd_kafka_resp_err_t err, struct err *e)
{
	fail_first(s, partition);
	if (check_fatal(s, e) == 0 && !client_denied(&s->client, err, e))
		err_set(e, "cannot send to topic '%s': %s",
			s->client.conf->topic, rd_kafka_err2str(err));
	return -1;
}

/* The batch call has no timestamps, no headers, and no way to go alone. */
static bool goes_at_once(const struct kafka_sink *s, const struct group *g)
{
	return s->send_times && !s->headers && !g->labelled && g->met == KNOWN;
}

/* All that is left of the group, by one call; err tells of each. */
static size_t produce_batch(struct kafka_sink *s, int32_t partition)
{
	const struct group *g = &s->groups[partition];
	size_t n = g->n - g->first;
	char *p = g->bytes.p + g->at;

	s->batch = mem_reserve(s->batch, &s->cap, n, sizeof(*s->batch));
	for (size_t i = 0; i < n; i++) {
		const struct gathered *m = &g->v[g->first + i];

		s->batch[i] = (rd_kafka_message_t){
			.key = m->no_key ? NULL : p,
			.key_len = m->key_len,
			.payload = m->no_payload ? NULL : p + m->key_len,
			.len = m->len,
			._private = (void *)(uintptr_t)(g->let_go + i),
		};
		p += size_of(m);
	}
	rd_kafka_produce_batch(s->rkt, partition, RD_KAFKA_MSG_F_COPY, s->batch,
			       (int)n);
	return n;
}

/* What did not fit is behind what did; between may be what was refused. */
static int let_batch_go(struct kafka_sink *s, int32_t partition, bool *full,
			struct err *e)
{
	size_t n = produce_batch(s, partition);
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		rd_kafka_resp_err_t err = s->batch[i].err;

		if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
			*full = true;
			break;
		}
		if (err)
			rc = refused(s, partition, err, e);
		else
			drop_first(&s->groups[partition]);
	}
	return rc;
}

/*
 * Lets go of as much of a group as can be: none while its first message is
 * on its way, that one alone where nothing was delivered yet. What is left
 * is for later (*full where that is for want of room).
 */
static int let_go(struct kafka_sink *s, int32_t partition, bool *full,
		  struct err *e)
{
	struct group *g = &s->groups[partition];
	rd_kafka_resp_err_t err;

	if (goes_at_once(s, g))
		return let_batch_go(s, partition, full, e);
	while (!is_empty(g) && g->met != INTRODUCED) {
		err = produce(s, partition, &g->v[g->first], g->bytes.p + g->at,
			      g->let_go);
		if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
			*full = true;
			return 0;
		}
		if (err)
			return refused(s, partition, err, e);
		if (g->met == UNKNOWN)
			g->met = INTRODUCED;
		drop_first(g);
	}
	return 0;
}

static int let_all_go(struct kafka_sink *s, struct err *e)
{
	bool full = false;

	for (int32_t p = 0; p < s->partitions && !full; p++)
		if (let_go(s, p, &full, e))
			return -1;
	return 0;
}

static uint64_t kafka_kept(const struct sink *base)
{
	const struct kafka_sink *s = (const struct kafka_sink *)base;
	uint64_t n = 0;

	for (int p = 0; p < s->partitions; p++)
		n += s->groups[p].n - s->groups[p].first;
	return n;
}

static bool all_gone(const struct kafka_sink *s)
{
	return !kafka_kept(&s->base) && rd_kafka_outq_len(s->client.rk) == 0;
}

/* What is on its way will tell that a broker is back; else it is asked. */
static int kafka_serve(struct sink *base, int timeout_ms, struct err *e)
{
	struct kafka_sink *s = (struct kafka_sink *)base;

	if (let_all_go(s, e))
		return -1;
	rd_kafka_poll(s->client.rk, timeout_ms);
	if (s->client.down && all_gone(s))
		client_look(&s->client, NULL, LOOK_MS);
	return check_fatal(s, e);
}

/* A full group has to go; where it cannot, that is waited for. */
static int kafka_put(struct sink *base, const struct message *m, struct err *e)
{
	struct kafka_sink *s = (struct kafka_sink *)base;
	struct group *g = &s->groups[m->partition];
	bool full = false;

	gather(g, m, s->send_times);
	base->counts.sent++;
	base->counts.bytes += m->key_len + m->len;
	while (g->n - g->first >= GROUP_MAX) {
		if (let_go(s, m->partition, &full, e))
			return -1;
		if (is_empty(g) || stop_requested())
			break;
		rd_kafka_poll(s->client.rk, FULL_WAIT_MS);
		if (check_fatal(s, e))
			return -1;
		sink_waits(base);
	}
	return 0;
}

/* What could not be delivered in time: never let go, or never answered. */
static void give_up(struct kafka_sink *s)
{
	rd_kafka_purge(s->client.rk,
		       RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rd_kafka_flush(s->client.rk, 1000);
	for (int32_t p = 0; p < s->partitions; p++)
		while (!is_empty(&s->groups[p]))
			fail_first(s, p);
}

/*
 * One message that is refused does not keep the others from going.
 *
 * Waits in slices, polling: rd_kafka_flush alone would hear a second Ctrl-C
 * too, but not say that the broker has gone.
 */
static int kafka_finish(struct sink *base, int timeout_ms, struct err *e)
{
	struct kafka_sink *s = (struct kafka_sink *)base;
	int64_t end = when_mono_us() + (int64_t)timeout_ms * 1000;
	int rc = 0;

	while (!all_gone(s) && when_mono_us() < end && !s->client.fatal) {
		if (let_all_go(s, e))
			rc = -1; /* and the others go on */
		rd_kafka_flush(s->client.rk, 100);
		sink_waits(base);
	}
	if (!all_gone(s))
		give_up(s);
	return rc ? rc : check_fatal(s, e);
}

static int32_t kafka_partition(const struct sink *base, const char *key,
			       size_t len)
{
	const struct kafka_sink *s = (const struct kafka_sink *)base;

	return rd_kafka_msg_partitioner_murmur2(s->rkt, key, len, s->partitions,
						NULL, NULL);
}

static bool kafka_limits(struct sink *base, struct sink_limits *limits)
{
	struct kafka_sink *s = (struct kafka_sink *)base;

	return !s->send_times && client_limits(&s->client, limits);
}

static const char *kafka_trouble(const struct sink *base)
{
	return client_trouble(&((const struct kafka_sink *)base)->client);
}

static void kafka_free(struct sink *base)
{
	struct kafka_sink *s = (struct kafka_sink *)base;

	if (s->rkt)
		rd_kafka_topic_destroy(s->rkt);
	client_close(&s->client);
	for (int p = 0; s->groups && p < s->partitions; p++) {
		free(s->groups[p].v);
		str_release(&s->groups[p].bytes);
	}
	free(s->groups);
	free(s->batch);
	free(s);
}

static const struct sink_ops kafka_ops = {
	.put = kafka_put,
	.serve = kafka_serve,
	.finish = kafka_finish,
	.kept = kafka_kept,
	.partition = kafka_partition,
	.limits = kafka_limits,
	.trouble = kafka_trouble,
	.free = kafka_free,
};

/* Unlike the runs that a consumer may find beside it. */
static void name_run(struct kafka_sink *s)
{
	uint64_t id;

	if (getrandom(&id, sizeof(id), 0) != sizeof(id))
		id = (uint64_t)when_wall_us();
	snprintf(s->run, sizeof(s->run), "%016" PRIx64, id);
}

struct sink *sink_kafka_new(const struct kafka_conf *conf,
			    const struct sink_topic *topic, struct err *e)
{
	struct kafka_sink *s = mem_zalloc(1, sizeof(*s));
	rd_kafka_conf_t *rkconf;
	char *brokers;

	s->base.ops = &kafka_ops;
	s->headers = topic->headers;
	s->send_times = topic->send_times;
	name_run(s);
	rkconf = kafka_make_conf(conf, KAFKA_PRODUCER, &brokers, e);
	if (!rkconf)
		goto fail;
	rd_kafka_conf_set_dr_msg_cb(rkconf, on_delivery);
	if (client_open(&s->client, conf, KAFKA_PRODUCER, rkconf, brokers, e))
		goto fail;
	s->partitions = client_ensure_topic(&s->client, topic->partitions, e);
	if (s->partitions < 0)
		goto fail;
	s->groups = mem_zalloc((size_t)s->partitions, sizeof(*s->groups));
	for (int p = 0; p < s->partitions; p++)
		str_init(&s->groups[p].bytes);
	s->rkt = rd_kafka_topic_new(s->client.rk, conf->topic, NULL);
	return &s->base;
fail:
	kafka_free(&s->base);
	return NULL;
}
