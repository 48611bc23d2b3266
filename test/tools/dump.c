/* SPDX-License-Identifier: MIT */
/*
 * Prints what a topic holds now, by librdkafka alone: what iotsim made of it
 * can be compared with that.
 *
 *	dump BROKERS TOPIC
 *
 * A record is a line: its partition, its offset and its bytes, with tabs
 * between. A tombstone has no bytes.
 */
#include <inttypes.h>
#include <stdio.h>

#include "client.h"

static rd_kafka_t *open_consumer(const char *brokers)
{
	const struct setting settings[] = {
		{"bootstrap.servers", brokers},
		{"group.id", "dump"}, /* it has to have one */
		{"enable.auto.commit", "false"},
		{"enable.partition.eof", "true"},
		{"auto.offset.reset", "error"},
		{NULL, NULL},
	};
	rd_kafka_t *rk = open_client(RD_KAFKA_CONSUMER, settings);

	rd_kafka_poll_set_consumer(rk);
	return rk;
}

/* Reads all partitions of the topic; returns how many there are. */
static int assign(rd_kafka_t *rk, const char *topic)
{
	rd_kafka_topic_t *rkt = rd_kafka_topic_new(rk, topic, NULL);
	const rd_kafka_metadata_t *md;
	rd_kafka_topic_partition_list_t *all;
	int n;

	check_code(rd_kafka_metadata(rk, 0, rkt, &md, WAIT_MS));
	n = md->topics[0].partition_cnt;
	all = rd_kafka_topic_partition_list_new(n);
	for (int p = 0; p < n; p++)
		rd_kafka_topic_partition_list_add(all, topic, p)->offset =
			RD_KAFKA_OFFSET_BEGINNING;
	check_code(rd_kafka_assign(rk, all));
	rd_kafka_topic_partition_list_destroy(all);
	rd_kafka_metadata_destroy(md);
	rd_kafka_topic_destroy(rkt);
	return n;
}

/* 1 at the end of a partition. */
static int print(const rd_kafka_message_t *m)
{
	if (m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		return 1;
	if (m->err)
		fail(rd_kafka_message_errstr(m));
	printf("%" PRId32 "\t%" PRId64 "\t", m->partition, m->offset);
	fwrite(m->payload, 1, m->len, stdout);
	putchar('\n');
	return 0;
}

int main(int argc, char **argv)
{
	rd_kafka_t *rk;
	int left;

	if (argc != 3)
		fail("dump BROKERS TOPIC");
	rk = open_consumer(argv[1]);
	left = assign(rk, argv[2]);
	while (left > 0) {
		rd_kafka_message_t *m = rd_kafka_consumer_poll(rk, WAIT_MS);

		if (!m)
			fail("no answer");
		left -= print(m);
		rd_kafka_message_destroy(m);
	}
	rd_kafka_consumer_close(rk);
	rd_kafka_destroy(rk);
	if (fflush(stdout) || ferror(stdout))
		fail("cannot write");
	return 0;
}
