/* SPDX-License-Identifier: MIT */
/*
 * consume_loop - the least that a consumer on librdkafka can do
 *
 *	consume_loop settings
 *	consume_loop BROKERS TOPIC
 *
 * What `iotsim consume` is measured by: it reads all partitions of the topic,
 * from the beginning to the ends as they are at the start, counts the
 * messages, and prints how many there were. Each partition comes through its
 * own queue, by rd_kafka_consume_callback_queue: that is a little faster than
 * one for all. `settings` prints the properties that are not librdkafka's
 * defaults.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <unistd.h>

#include "base/mem.h"
#include "loop.h"

#define WAIT_MS 1000

struct lane {
	rd_kafka_queue_t *queue;
	int64_t end;
};

struct loop {
	rd_kafka_t *rk;
	rd_kafka_topic_t *rkt;
	struct lane *lanes; /* by partition */
	int partitions;
	int left;  /* partitions that have not come to their ends */
	int fd[2]; /* librdkafka writes to [1] when a queue gets something */
	uint64_t count;
};

static void on_message(rd_kafka_message_t *m, void *opaque)
{
	struct loop *l = opaque;

	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		return;
	if (m->err)
		die("partition %" PRId32 ": %s", m->partition,
		    rd_kafka_message_errstr(m));
	if (m->offset >= l->lanes[m->partition].end)
		return;
	l->count++;
	if (m->offset + 1 == l->lanes[m->partition].end)
		l->left--;
}

static void open_topic(struct loop *l, rd_kafka_conf_t *rkconf,
		       const char *topic)
{
	if (pipe2(l->fd, O_NONBLOCK | O_CLOEXEC))
		die("pipe: %s", strerror(errno));
	l->rk = loop_open(rkconf, KAFKA_TO_END);
	l->rkt = rd_kafka_topic_new(l->rk, topic, NULL);
	l->partitions = loop_partitions(l->rk, l->rkt);
	l->lanes = mem_zalloc((size_t)l->partitions, sizeof(*l->lanes));
}

static void start(struct loop *l, int32_t partition)
{
	const char *topic = rd_kafka_topic_name(l->rkt);
	struct lane *lane = &l->lanes[partition];
	rd_kafka_resp_err_t err;
	int64_t begin;

	lane->queue = rd_kafka_queue_new(l->rk);
	rd_kafka_queue_io_event_enable(lane->queue, l->fd[1], "", 1);
	err = rd_kafka_query_watermark_offsets(l->rk, topic, partition, &begin,
					       &lane->end, CONNECT_MS);
	if (!err && begin == lane->end)
		return;
	if (!err &&
	    rd_kafka_consume_start_queue(l->rkt, partition, begin, lane->queue))
		err = rd_kafka_last_error();
	if (err)
		die("partition %" PRId32 ": %s", partition,
		    rd_kafka_err2str(err));
	l->left++;
}

static void wait_for_any(const struct loop *l)
{
	struct pollfd p = {.fd = l->fd[0], .events = POLLIN};
	char bytes[256];

	poll(&p, 1, WAIT_MS);
	while (read(l->fd[0], bytes, sizeof(bytes)) == sizeof(bytes))
		continue;
}

/* What is there, of all partitions. */
static int read_some(struct loop *l)
{
	int n = 0;

	for (int p = 0; p < l->partitions; p++)
		n += rd_kafka_consume_callback_queue(l->lanes[p].queue, 0,
						     on_message, l);
	return n;
}

static void close_topic(struct loop *l)
{
	for (int p = 0; p < l->partitions; p++) {
		rd_kafka_consume_stop(l->rkt, p);
		rd_kafka_queue_io_event_enable(l->lanes[p].queue, -1, NULL, 0);
		rd_kafka_queue_destroy(l->lanes[p].queue);
	}
	rd_kafka_topic_destroy(l->rkt);
	rd_kafka_destroy(l->rk);
	free(l->lanes);
}

static void run(rd_kafka_conf_t *rkconf, const char *topic)
{
	struct loop l = {.count = 0};

	open_topic(&l, rkconf, topic);
	for (int p = 0; p < l.partitions; p++)
		start(&l, p);
	while (l.left) {
		if (!read_some(&l))
			wait_for_any(&l);
	}
	close_topic(&l);
	printf("%" PRIu64 "\n", l.count);
}

int main(int argc, char **argv)
{
	char *brokers;

	if (argc == 2 && strcmp(argv[1], "settings") == 0) {
		loop_print_settings(KAFKA_TO_END);
		return 0;
	}
	if (argc != 3)
		die("settings, or BROKERS TOPIC");
	run(loop_conf(argv[1], KAFKA_TO_END, &brokers), argv[2]);
	free(brokers);
	return 0;
}
