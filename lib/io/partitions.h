/* SPDX-License-Identifier: MIT */
/*
 * partitions.h - librdkafka's list of partitions, asked and answered
 *
 * A question has an answer for each partition of a list, and an error of its
 * own; here it is the first error of any of them.
 *
 * Floor 2, for lib/io only.
 */
#ifndef IO_PARTITIONS_H
#define IO_PARTITIONS_H

#include <librdkafka/rdkafka.h>
#include <stdint.h>

/* Partitions first to n - 1 of the topic. */
rd_kafka_topic_partition_list_t *partitions_new(const char *topic, int first,
						int n);

/* The first error in the list, which may be NULL. */
rd_kafka_resp_err_t
partitions_error(const rd_kafka_topic_partition_list_t *list);

/*
 * Their offsets at a time in ms, which may be RD_KAFKA_OFFSET_BEGINNING or
 * _END.
 */
rd_kafka_resp_err_t partitions_ask(rd_kafka_t *rk,
				   rd_kafka_topic_partition_list_t *list,
				   int64_t time, int timeout_ms);

/* What the client's group has committed of them. */
rd_kafka_resp_err_t
partitions_ask_committed(rd_kafka_t *rk, rd_kafka_topic_partition_list_t *list,
			 int timeout_ms);

#endif
