/* SPDX-License-Identifier: MIT */
/*
 * broker.h - an embedded, throw-away Kafka broker
 *
 * librdkafka's mock cluster: one broker on a loopback port that the kernel
 * chooses. It lives in memory and is gone with the process; its limits are
 * in iotsim-broker(1).
 *
 * Floor 2.
 */
#ifndef IO_BROKER_H
#define IO_BROKER_H

#include "base/err.h"

struct broker;

struct broker *broker_new(struct err *e);
void broker_free(struct broker *b); /* takes NULL */

/* "127.0.0.1:PORT"; borrowed. */
const char *broker_address(const struct broker *b);

int broker_add_topic(struct broker *b, const char *topic, int partitions,
		     struct err *e);

/*
 * librdkafka's mock cluster itself, whose only broker has the number 1;
 * borrowed. For tests, which make trouble with it.
 */
struct rd_kafka_mock_cluster_s *broker_cluster(const struct broker *b);

#endif
