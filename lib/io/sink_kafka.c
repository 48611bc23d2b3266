/* SPDX-License-Identifier: MIT */
/*
 * Messages go to librdkafka one by one: its batch call cannot carry a
 * timestamp, and ours is the event time, not the time of sending.
 *
 * The first message to a partition goes alone, and the next ones wait until
 * it is delivered. For a broker takes any sequence number from a producer it
 * does not know in that partition: were the first batch refused (its leader
 * is not ready, as right after the topic was made) and the second one, on its
 * way behind it, taken, then librdkafka would hold the first for delivered
 * too ("implicitly acked"), and it would be lost without a word.
 */
#include "io/sink.h"

#include <stdlib.h>
#include <stdio.h>

#include "base/mem.h"
#include "base/stop.h"
#include "base/when.h"
#include "io/client.h"
#include "io/sink_ops.h"

#define FULL_WAIT_MS 10 /* for room; a report ends it earlier */

enum acquaintance {
	UNKNOWN,    /* nothing was delivered there yet */
	INTRODUCED, /* the first message is on its way */
	KNOWN,
};

struct kafka_sink {
	struct sink base;
	struct client client;
	rd_kafka_topic_t *rkt;
	int partitions;
	unsigned char *met; /* enum acquaintance, by partition */
};

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *m,
			void *opaque)
{
	struct client *c = opaque;
	struct kafka_sink *s = m->_private;

	(void)rk;
	if (!m->err) {
		s->base.counts.delivered++;
		s->met[m->partition] = KNOWN;
		client_is_up(c);
		return;
	}
	s->base.counts.failed++;
	if (s->met[m->partition] == INTRODUCED)
		s->met[m->partition] = UNKNOWN;
	snprintf(s->base.failure, sizeof(s->base.failure), "%s",
		 rd_kafka_err2str(m->err));
}

static int check_fatal(struct kafka_sink *s, struct err *e)
{
	if (s->client.fatal)
		return err_set(e, "the producer has failed: %s",
			       s->client.fatal);
	return 0;
}

static int kafka_serve(struct sink *base, int timeout_ms, struct err *e)
{
	struct kafka_sink *s = (struct kafka_sink *)base;

	rd_kafka_poll(s->client.rk, timeout_ms);
	return check_fatal(s, e);
}

static rd_kafka_resp_err_t produce(struct kafka_sink *s,
				   const struct message *m)
{
	/* clang-format off */
	rd_kafka_vu_t vus[] = {
		{ .vtype = RD_KAFKA_VTYPE_RKT, .u.rkt = s->rkt },
		{ .vtype = RD_KAFKA_VTYPE_PARTITION, .u.i32 = m->partition },
		{ .vtype = RD_KAFKA_VTYPE_KEY,
		  .u.mem = { (void *)m->key, m->key_len } },
		{ .vtype = RD_KAFKA_VTYPE_VALUE,
		  .u.mem = { (void *)m->payload, m->len } },
		{ .vtype = RD_KAFKA_VTYPE_TIMESTAMP,
		  .u.i64 = m->time_us / 1000 },
		{ .vtype = RD_KAFKA_VTYPE_MSGFLAGS,
		  .u.i = RD_KAFKA_MSG_F_COPY },
		{ .vtype = RD_KAFKA_VTYPE_OPAQUE, .u.ptr = s },
	};
	/* clang-format on */
	rd_kafka_error_t *error;
	rd_kafka_resp_err_t err;

	error = rd_kafka_produceva(s->client.rk, vus,
				   sizeof(vus) / sizeof(vus[0]));
	if (!error)
		return RD_KAFKA_RESP_ERR_NO_ERROR;
	err = rd_kafka_error_code(error);
	rd_kafka_error_destroy(error);
	return err;
}

/* "Full" is a partition too whose first message is still on its way. */
static rd_kafka_resp_err_t try_to_send(struct kafka_sink *s,
				       const struct message *m)
{
	unsigned char *met = &s->met[m->partition];
	rd_kafka_resp_err_t err;

	if (*met == INTRODUCED)
		return RD_KAFKA_RESP_ERR__QUEUE_FULL;
	err = produce(s, m);
	if (!err && *met == UNKNOWN)
		*met = INTRODUCED;
	return err;
}

static int kafka_put(struct sink *base, const struct message *m, struct err *e)
{
	struct kafka_sink *s = (struct kafka_sink *)base;
	rd_kafka_resp_err_t err;

	while ((err = try_to_send(s, m)) == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
		if (stop_requested())
			return 0; /* it was never sent */
		if (kafka_serve(base, FULL_WAIT_MS, e))
			return -1;
	}
	s->base.counts.sent++;
	if (!err)
		return 0;
	s->base.counts.failed++;
	if (check_fatal(s, e) < 0)
		return -1;
	return err_set(e, "cannot send to topic '%s': %s",
		       s->client.conf->topic, rd_kafka_err2str(err));
}

/*
 * Waits in slices, polling: rd_kafka_flush alone would hear a second Ctrl-C
 * too, but not say that the broker has gone.
 */
static int kafka_finish(struct sink *base, int timeout_ms, struct err *e)
{
	struct kafka_sink *s = (struct kafka_sink *)base;
	rd_kafka_t *rk = s->client.rk;
	int64_t end = when_mono_us() + (int64_t)timeout_ms * 1000;

	while (rd_kafka_flush(rk, 100) == RD_KAFKA_RESP_ERR__TIMED_OUT &&
	       when_mono_us() < end && !s->client.fatal)
		continue;
	if (rd_kafka_outq_len(rk) > 0) {
		rd_kafka_purge(rk, RD_KAFKA_PURGE_F_QUEUE |
					   RD_KAFKA_PURGE_F_INFLIGHT);
		rd_kafka_flush(rk, 1000);
	}
	return check_fatal(s, e);
}

static int32_t kafka_partition(const struct sink *base, const char *key,
			       size_t len)
{
	const struct kafka_sink *s = (const struct kafka_sink *)base;

	return rd_kafka_msg_partitioner_murmur2(s->rkt, key, len, s->partitions,
						NULL, NULL);
}

static void kafka_free(struct sink *base)
{
	struct kafka_sink *s = (struct kafka_sink *)base;

	if (s->rkt)
		rd_kafka_topic_destroy(s->rkt);
	client_close(&s->client);
	free(s->met);
	free(s);
}

static const struct sink_ops kafka_ops = {
	.put = kafka_put,
	.serve = kafka_serve,
	.finish = kafka_finish,
	.partition = kafka_partition,
	.free = kafka_free,
};

struct sink *sink_kafka_new(const struct kafka_conf *conf, int partitions,
			    struct err *e)
{
	struct kafka_sink *s = mem_zalloc(1, sizeof(*s));
	rd_kafka_conf_t *rkconf;
	char *brokers;

	s->base.ops = &kafka_ops;
	rkconf = kafka_make_conf(conf, true, &brokers, e);
	if (!rkconf)
		goto fail;
	rd_kafka_conf_set_dr_msg_cb(rkconf, on_delivery);
	if (client_open(&s->client, conf, true, rkconf, brokers, e))
		goto fail;
	s->partitions = client_ensure_topic(&s->client, partitions, e);
	if (s->partitions < 0)
		goto fail;
	s->met = mem_zalloc((size_t)s->partitions, sizeof(*s->met));
	s->rkt = rd_kafka_topic_new(s->client.rk, conf->topic, NULL);
	return &s->base;
fail:
	kafka_free(&s->base);
	return NULL;
}
