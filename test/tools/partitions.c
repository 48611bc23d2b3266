/* SPDX-License-Identifier: MIT */
/*
 * Prints how many partitions a broker tells that a topic has; 0: it tells of
 * none.
 *
 *	partitions BROKERS TOPIC
 */
#include "client.h"

int main(int argc, char **argv)
{
	const struct setting settings[] = {
		{"bootstrap.servers", argv[1]},
		{NULL, NULL},
	};
	const rd_kafka_metadata_t *md;
	rd_kafka_topic_t *rkt;
	rd_kafka_t *rk;

	if (argc != 3)
		fail("partitions BROKERS TOPIC");
	/* A consumer: it makes no topic by asking for it. */
	rk = open_client(RD_KAFKA_CONSUMER, settings);
	rkt = rd_kafka_topic_new(rk, argv[2], NULL);
	check_code(rd_kafka_metadata(rk, 0, rkt, &md, WAIT_MS));
	printf("%d\n", md->topics[0].partition_cnt);
	rd_kafka_metadata_destroy(md);
	rd_kafka_topic_destroy(rkt);
	rd_kafka_destroy(rk);
	return 0;
}
