/* SPDX-License-Identifier: MIT */
/*
 * The sinks, and what they say of each message. The Kafka one meets the mock
 * broker's injected errors: what no process beside it could bring about at
 * will.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static struct sink *open_sink_with(struct fixture *f, struct kafka_conf *conf,
				   char **props, bool send_times)
{
	struct err e = ERR_INIT;
	struct sink *s;

	*conf = (struct kafka_conf){
		.brokers = rd_kafka_mock_cluster_bootstraps(f->cluster),
		.topic = "t",
		.props = {props, 2},
		.connect_timeout_us = 10000000,
		.say = be_silent,
	};
	s = sink_kafka_new(conf, &(struct sink_topic){1, false, send_times},
			   &e);
	assert_string_equal(e.msg, "");
	assert_non_null(s);
	return s;
}

static struct sink *open_sink(struct fixture *f, struct kafka_conf *conf)
{
	static char no_linger[] = "linger.ms=0";
	static char little_room[] = "queue.buffering.max.messages=100";
	static char *props[] = {no_linger, little_room, NULL};

	return open_sink_with(f, conf, props, false);
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

/* ---- what became of each ---- */

struct acks {
	uint64_t delivered, failed;
	int64_t offset;
	bool told[300]; /* of the nth */
};

/* In the order of putting and of offsets. */
static void note_ack(void *arg, int32_t partition, uint64_t nth, int64_t offset,
		     bool delivered)
{
	struct acks *a = arg;

	assert_int_equal(partition, 0);
	assert_int_equal(nth, a->delivered + a->failed);
	if (delivered) {
		assert_true(offset > a->offset);
		a->offset = offset;
	}
	a->delivered += delivered;
	a->failed += !delivered;
}

static int put_number(struct sink *s, int i, struct err *e)
{
	char text[16];
	const struct message m = {
		.key = "k",
		.key_len = 1,
		.payload = text,
		.len = (size_t)snprintf(text, sizeof(text), "%d", i),
		.time_us = 1000000,
	};

	return sink_put(s, &m, e);
}

/* Reads the partition back: 0, 1, 2, ... */
static void assert_numbers_in_log(struct fixture *f, int n)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_topic_t *topic;
	char text[256], want[16];
	rd_kafka_t *rk;

	rd_kafka_conf_set(conf, "bootstrap.servers",
			  rd_kafka_mock_cluster_bootstraps(f->cluster), text,
			  sizeof(text));
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
	assert_non_null(rk);
	topic = rd_kafka_topic_new(rk, "t", NULL);
	rd_kafka_consume_start(topic, 0, 0);
	for (int i = 0; i < n;) {
		rd_kafka_message_t *m = rd_kafka_consume(topic, 0, 10000);

		assert_non_null(m);
		if (!m->err) {
			snprintf(want, sizeof(want), "%d", i++);
			assert_int_equal(m->len, strlen(want));
			assert_memory_equal(m->payload, want, m->len);
		}
		rd_kafka_message_destroy(m);
	}
	rd_kafka_consume_stop(topic, 0);
	rd_kafka_topic_destroy(topic);
	rd_kafka_destroy(rk);
}

/*
 * With room for a hundred a group of 512 is never let go whole, and is
 * closed up while it is gathered.
 */
static void a_queue_that_stays_full_changes_nothing(void **state)
{
	struct acks acks = {.offset = -1};
	struct fixture f;
	struct kafka_conf conf;
	struct err e = ERR_INIT;
	struct sink *s;

	(void)state;
	set_up(&f);
	rd_kafka_mock_broker_set_rtt(f.cluster, 1, 1);
	s = open_sink(&f, &conf);
	sink_on_ack(s, note_ack, &acks);
	for (int i = 0; i < 5000; i++)
		assert_int_equal(put_number(s, i, &e), 0);
	assert_int_equal(sink_finish(s, 20000, &e), 0);
	assert_int_equal(acks.delivered, 5000);
	assert_int_equal(acks.failed, 0);
	assert_int_equal(sink_counts(s).sent, 5000);
	assert_int_equal(sink_counts(s).delivered, 5000);
	assert_string_equal(sink_failure(s), "");
	assert_numbers_in_log(&f, 5000);
	sink_free(s);
	rd_kafka_destroy(f.rk);
}

struct want {
	const char *key, *payload;  /* or NULL: none */
	const char *first, *second; /* what its headers say; or NULL */
};

static void assert_bytes(const void *got, size_t len, const char *want)
{
	if (!want) {
		assert_null(got);
		return;
	}
	assert_non_null(got);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(got, want, len);
}

static void assert_header(const rd_kafka_headers_t *h, size_t i,
			  const char *name, const char *want)
{
	const char *got_name;
	const void *got;
	size_t len;

	assert_int_equal(rd_kafka_header_get_all(h, i, &got_name, &got, &len),
			 0);
	assert_string_equal(got_name, name);
	assert_bytes(got, len, want);
}

static void assert_message(const rd_kafka_message_t *m, const struct want *w)
{
	rd_kafka_headers_t *h;

	assert_bytes(m->key, m->key_len, w->key);
	assert_bytes(m->payload, m->len, w->payload);
	if (!w->first) {
		assert_int_equal(rd_kafka_message_headers(m, &h),
				 RD_KAFKA_RESP_ERR__NOENT);
		return;
	}
	assert_int_equal(rd_kafka_message_headers(m, &h), 0);
	assert_int_equal(rd_kafka_header_cnt(h), 2);
	assert_header(h, 0, "first", w->first);
	assert_header(h, 1, "second", w->second);
}

static const struct want wanted[] = {
	{"k", "v", NULL, NULL}, {NULL, "v", "1", ""},	  {"k", NULL, "2", "b"},
	{"", "", "", "c"},	{NULL, NULL, NULL, NULL},
};

#define N_WANTED (sizeof(wanted) / sizeof(wanted[0]))

static void put_wanted(struct sink *s, const struct want *w)
{
	char headers[32];
	struct err e = ERR_INIT;
	struct message m = {
		.key = w->key,
		.key_len = w->key ? strlen(w->key) : 0,
		.payload = w->payload,
		.len = w->payload ? strlen(w->payload) : 0,
		.time_us = 1000000,
	};

	if (w->first) {
		m.headers = headers;
		m.headers_len = (size_t)snprintf(headers, sizeof(headers),
						 "first%c%s%csecond%c%s%c", 0,
						 w->first, 0, 0, w->second, 0);
	}
	assert_int_equal(sink_put(s, &m, &e), 0);
}

/* Reads them back as often as they were put. */
static void assert_wanted_in_log(struct fixture *f, size_t times)
{
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_topic_t *topic;
	char text[256];
	rd_kafka_t *rk;

	rd_kafka_conf_set(conf, "bootstrap.servers",
			  rd_kafka_mock_cluster_bootstraps(f->cluster), text,
			  sizeof(text));
	rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof(text));
	assert_non_null(rk);
	topic = rd_kafka_topic_new(rk, "t", NULL);
	rd_kafka_consume_start(topic, 0, 0);
	for (size_t i = 0; i < times * N_WANTED;) {
		rd_kafka_message_t *m = rd_kafka_consume(topic, 0, 10000);

		assert_non_null(m);
		if (!m->err)
			assert_message(m, &wanted[i++ % N_WANTED]);
		rd_kafka_message_destroy(m);
	}
	rd_kafka_consume_stop(topic, 0);
	rd_kafka_topic_destroy(topic);
	rd_kafka_destroy(rk);
}

/* One by one, and, of those without headers, many by one call. */
static void what_a_message_has_and_has_not_stays_so(void **state)
{
	static char no_linger[] = "linger.ms=0";
	static char name[] = "client.id=t";
	static char *props[] = {no_linger, name, NULL};

	(void)state;
	for (int send_times = 0; send_times < 2; send_times++) {
		struct fixture f;
		struct kafka_conf conf;
		struct err e = ERR_INIT;
		struct sink *s;

		set_up(&f);
		rd_kafka_mock_broker_set_rtt(f.cluster, 1, 1);
		s = open_sink_with(&f, &conf, props, send_times);
		for (size_t i = 0; i < 3 * N_WANTED; i++)
			put_wanted(s, &wanted[i % N_WANTED]);
		assert_int_equal(sink_finish(s, 20000, &e), 0);
		assert_int_equal(sink_counts(s).delivered, 3 * N_WANTED);
		assert_wanted_in_log(&f, 3);
		sink_free(s);
		rd_kafka_destroy(f.rk);
	}
}

/* The first goes alone: the others are here until it is answered. */
static void what_cannot_go_yet_is_kept(void **state)
{
	struct fixture f;
	struct kafka_conf conf;
	struct err e = ERR_INIT;
	struct sink *s;

	(void)state;
	set_up(&f);
	s = open_sink(&f, &conf);
	assert_int_equal(sink_kept(s), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(put_number(s, i, &e), 0);
	assert_int_equal(sink_kept(s), 3);
	assert_int_equal(sink_serve(s, 0, &e), 0);
	assert_int_equal(sink_kept(s), 2);
	while (!sink_counts(s).delivered)
		assert_int_equal(sink_serve(s, 100, &e), 0);
	assert_int_equal(sink_serve(s, 0, &e), 0);
	assert_int_equal(sink_kept(s), 0);
	assert_int_equal(sink_finish(s, 20000, &e), 0);
	assert_int_equal(sink_counts(s).delivered, 3);
	sink_free(s);
	rd_kafka_destroy(f.rk);
}

static void what_a_broker_refuses_has_failed_and_why(void **state)
{
	struct acks acks = {.offset = -1};
	struct fixture f;
	struct kafka_conf conf;
	struct err e = ERR_INIT;
	struct sink *s;

	(void)state;
	set_up(&f);
	s = open_sink(&f, &conf);
	sink_on_ack(s, note_ack, &acks);
	assert_int_equal(put_number(s, 0, &e), 0);
	assert_int_equal(sink_finish(s, 20000, &e), 0);
	rd_kafka_mock_push_request_errors(f.cluster, API_PRODUCE, 1,
					  RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP);
	assert_int_equal(put_number(s, 1, &e), 0);
	sink_finish(s, 20000, &e);
	assert_int_equal(acks.delivered, 1);
	assert_int_equal(acks.failed, 1);
	assert_int_equal(sink_counts(s).sent, 2);
	assert_int_equal(sink_counts(s).failed, 1);
	assert_string_equal(
		sink_failure(s),
		rd_kafka_err2str(RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP));
	sink_free(s);
	rd_kafka_destroy(f.rk);
}

/* Each is told of once, whatever came of it, and offsets in their order. */
static void note_each(void *arg, int32_t partition, uint64_t nth,
		      int64_t offset, bool delivered)
{
	struct acks *a = arg;

	assert_int_equal(partition, 0);
	assert_true(nth < sizeof(a->told));
	assert_false(a->told[nth]);
	a->told[nth] = true;
	if (delivered) {
		assert_true(offset > a->offset);
		a->offset = offset;
	}
	a->delivered += delivered;
	a->failed += !delivered;
}

/*
 * Puts 300; every 50th is larger than librdkafka takes. Returns how many of
 * these were put, which may be all before the first is refused.
 */
static uint64_t put_large_ones_too(struct sink *s, struct acks *a)
{
	static const char large[2000];
	struct err e = ERR_INIT;
	uint64_t n = 0;
	int rc = 0;

	assert_int_equal(put_number(s, 0, &e), 0);
	while (!a->delivered) /* so that the others need not wait for it */
		assert_int_equal(sink_serve(s, 100, &e), 0);
	for (int i = 1; i < 300 && !rc; i++) {
		const struct message m = {
			.key = "k",
			.key_len = 1,
			.payload = large,
			.len = sizeof(large),
		};

		n += i % 50 == 49;
		rc = i % 50 == 49 ? sink_put(s, &m, &e) : put_number(s, i, &e);
	}
	assert_int_equal(rc ? rc : sink_serve(s, 0, &e), -1);
	assert_non_null(strstr(e.msg, "cannot send to topic 't'"));
	sink_finish(s, 20000, &e);
	return n;
}

static void one_that_is_refused_takes_no_other_with_it(void **state)
{
	static char small[] = "message.max.bytes=1000";
	static char linger[] = "linger.ms=5";
	static char *props[] = {small, linger, NULL};

	(void)state;
	for (int send_times = 0; send_times < 2; send_times++) {
		struct acks acks = {.offset = -1};
		struct sink_counts c;
		struct kafka_conf conf;
		struct fixture f;
		struct sink *s;
		uint64_t large_ones;

		set_up(&f);
		s = open_sink_with(&f, &conf, props, send_times);
		sink_on_ack(s, note_each, &acks);
		large_ones = put_large_ones_too(s, &acks);
		c = sink_counts(s);
		assert_int_equal(c.failed, large_ones);
		assert_int_equal(c.sent, c.delivered + c.failed);
		assert_int_equal(acks.failed, c.failed);
		assert_int_equal(acks.delivered, c.delivered);
		assert_int_equal(records_in_log(&f), c.delivered);
		sink_free(s);
		rd_kafka_destroy(f.rk);
	}
}

/* What was not taken in time has failed, on its way or not yet let go. */
static void what_is_left_at_the_end_has_failed(void **state)
{
	struct acks acks = {.offset = -1};
	struct fixture f;
	struct kafka_conf conf;
	struct err e = ERR_INIT;
	struct sink *s;

	(void)state;
	set_up(&f);
	s = open_sink(&f, &conf);
	sink_on_ack(s, note_ack, &acks);
	rd_kafka_mock_broker_set_rtt(f.cluster, 1, 30000);
	for (int i = 0; i < 300; i++)
		assert_int_equal(put_number(s, i, &e), 0);
	sink_finish(s, 100, &e);
	assert_int_equal(acks.delivered, 0);
	assert_int_equal(acks.failed, 300);
	assert_int_equal(sink_counts(s).failed, 300);
	sink_free(s);
	rd_kafka_destroy(f.rk);
}

static void a_descriptor_acknowledges_what_was_written(void **state)
{
	struct acks acks = {.offset = -1};
	struct err e = ERR_INIT;
	struct sink *s;
	char got[16];
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	s = sink_fd_new(fd[1], "a pipe");
	sink_on_ack(s, note_ack, &acks);
	assert_int_equal(sink_partition(s, "k", 1), 0);
	put_number(s, 17, &e);
	put_number(s, 4, &e);
	assert_int_equal(acks.delivered, 0);
	assert_int_equal(sink_kept(s), 2);
	assert_int_equal(sink_serve(s, 0, &e), 0);
	assert_int_equal(sink_kept(s), 0);
	assert_int_equal(acks.delivered, 2);
	assert_int_equal(acks.offset, 1);
	assert_int_equal(read(fd[0], got, sizeof(got)), 5);
	assert_memory_equal(got, "17\n4\n", 5);
	put_number(s, 5, &e);
	assert_int_equal(sink_finish(s, 0, &e), 0);
	assert_int_equal(acks.delivered, 3);
	assert_int_equal(sink_counts(s).sent, 3);
	assert_int_equal(sink_counts(s).bytes, 4); /* of payloads alone */
	sink_free(s);
	close(fd[0]);
	close(fd[1]);
}

static void a_full_disk_has_failed(void **state)
{
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct sink *s = sink_fd_new(fd, "the disk");
	struct acks acks = {.offset = -1};
	struct err e = ERR_INIT;

	(void)state;
	sink_on_ack(s, note_ack, &acks);
	put_number(s, 1, &e);
	put_number(s, 2, &e);
	assert_int_equal(sink_serve(s, 0, &e), -1);
	assert_string_equal(e.msg, "cannot write to the disk: No space left on "
				   "device");
	assert_int_equal(sink_finish(s, 0, &e), 0);
	assert_int_equal(acks.failed, 2);
	assert_int_equal(sink_counts(s).sent, 2);
	assert_int_equal(sink_counts(s).failed, 2);
	sink_free(s);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_first_batch_that_is_refused_is_not_lost),
		cmocka_unit_test(a_queue_that_stays_full_changes_nothing),
		cmocka_unit_test(what_a_message_has_and_has_not_stays_so),
		cmocka_unit_test(what_cannot_go_yet_is_kept),
		cmocka_unit_test(what_a_broker_refuses_has_failed_and_why),
		cmocka_unit_test(one_that_is_refused_takes_no_other_with_it),
		cmocka_unit_test(what_is_left_at_the_end_has_failed),
		cmocka_unit_test(a_descriptor_acknowledges_what_was_written),
		cmocka_unit_test(a_full_disk_has_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
