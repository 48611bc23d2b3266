/* SPDX-License-Identifier: MIT */
/*
 * The Kafka sink against the mock broker's injected errors: what no process
 * beside it could bring about at will.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include "io/sink.h"

#define API_PRODUCE 0
#define RTT_MS	    50

struct fixture {
	rd_kafka_t *rk;
	rd_kafka_mock_cluster_t *cluster;
};

static void be_silent(enum say_level level, const char *text)
{
	(void)level;
	(void)text;
}

static void set_up(struct fixture *f)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char text[256];

	rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", text,
			  sizeof(text));
	rd_kafka_conf_set(conf, "log_level", "0", text, sizeof(text));
	f->rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof(text));
	assert_non_null(f->rk);
	f->cluster = rd_kafka_handle_mock_cluster(f->rk);
	assert_non_null(f->cluster);
	rd_kafka_mock_topic_create(f->cluster, "t", 1, 1);
	/* So slow that a second batch is sent before the first is answered. */
	rd_kafka_mock_broker_set_rtt(f->cluster, 1, RTT_MS);
}

static int64_t records_in_log(struct fixture *f)
{
	int64_t low, high;

	assert_int_equal(rd_kafka_query_watermark_offsets(f->rk, "t", 0, &low,
							  &high, 10000),
			 0);
	return high - low;
}

static struct sink *open_sink(struct fixture *f, struct kafka_conf *conf)
{
	static char no_linger[] = "linger.ms=0";
	static char *props[] = {no_linger, NULL};
	struct err e = ERR_INIT;
	struct sink *s;

	*conf = (struct kafka_conf){
		.brokers = rd_kafka_mock_cluster_bootstraps(f->cluster),
		.topic = "t",
		.props = {props, 1},
		.connect_timeout_us = 10000000,
		.say = be_silent,
	};
	s = sink_kafka_new(conf, 1, false, &e);
	assert_string_equal(e.msg, "");
	assert_non_null(s);
	return s;
}

static void put_some(struct sink *s, int n)
{
	struct err e = ERR_INIT;

	for (int i = 0; i < n; i++) {
		const struct message m = {
			.key = "k",
			.key_len = 1,
			.payload = "v",
			.len = 1,
			.time_us = 1000000,
			.partition = 0,
		};

		assert_int_equal(sink_put(s, &m, &e), 0);
		/* Time enough for a batch of its own. */
		assert_int_equal(sink_serve(s, 2, &e), 0);
	}
	assert_int_equal(sink_finish(s, 20000, &e), 0);
}

/*
 * The leader of a partition that was just made is not ready for the first
 * batch and takes the second: the first must not count as delivered by that.
 */
static void a_first_batch_that_is_refused_is_not_lost(void **state)
{
	struct fixture f;
	struct kafka_conf conf;
	struct sink *s;

	(void)state;
	set_up(&f);
	s = open_sink(&f, &conf);
	rd_kafka_mock_push_request_errors(
		f.cluster, API_PRODUCE, 1,
		RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
	put_some(s, 10);
	assert_int_equal(sink_counts(s).delivered, 10);
	assert_int_equal(records_in_log(&f), 10);
	sink_free(s);
	rd_kafka_destroy(f.rk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_batch_that_is_refused_is_not_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
