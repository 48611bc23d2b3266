/* SPDX-License-Identifier: MIT */
/*
 * sink.h - where messages go: a Kafka topic, or a file descriptor
 *
 * A message that was put is sent, delivered or failed, and counted as such;
 * none is dropped silently. sent = delivered + failed after sink_finish.
 *
 * Floor 2. Not shared between threads.
 */
#ifndef IO_SINK_H
#define IO_SINK_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/kafka.h"

struct message {
	const char *key;
	size_t key_len;
	const char *payload;
	size_t len;
	int64_t time_us;   /* becomes the Kafka timestamp */
	int32_t partition; /* from sink_partition */
};

struct sink_counts {
	uint64_t sent, delivered, failed;
};

struct sink;

/*
 * A topic: connects, makes the topic with `partitions` if it is missing.
 * Idempotent, acks=all, no message timeout: a broker that goes away and
 * comes back costs nothing and doubles nothing. The conf is borrowed for
 * the sink's life.
 */
struct sink *sink_kafka_new(const struct kafka_conf *conf, int partitions,
			    struct err *e);

/* Lines to a descriptor that stays the caller's; `what` names it. */
struct sink *sink_fd_new(int fd, const char *what);

/* Without sink_finish before it, what is on its way is lost. Takes NULL. */
void sink_free(struct sink *s);

/* The partition of a key, as a Java producer would choose it. */
int32_t sink_partition(const struct sink *s, const char *key, size_t len);

/*
 * Sends the message; copies what it needs of it. Where a queue is full it
 * waits, until there is room or stop_requested(). -1: the sink has failed
 * and takes no more.
 */
int sink_put(struct sink *s, const struct message *m, struct err *e);

/*
 * Lets go of what was gathered and collects delivery reports, for at most
 * timeout_ms.
 */
int sink_serve(struct sink *s, int timeout_ms, struct err *e);

/* Waits for all to be delivered, timeout_ms at most; the rest has failed. */
int sink_finish(struct sink *s, int timeout_ms, struct err *e);

struct sink_counts sink_counts(const struct sink *s);
/* Why the last failed message failed; "" where none did. */
const char *sink_failure(const struct sink *s);

#endif
