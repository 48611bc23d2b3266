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

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/kafka.h"

struct message {
	const char *key; /* NULL: none */
	size_t key_len;
	const char *payload; /* NULL: a tombstone */
	size_t len;
	const char *headers; /* name, NUL, text, NUL, of each; NULL: none */
	size_t headers_len;
	int64_t time_us;   /* becomes the Kafka timestamp, if wanted */
	int32_t partition; /* from sink_partition */
	uint64_t seq;	   /* among the key's messages, for its header */
	const char *fault; /* header; NULL: none. Borrowed to sink_finish */
};

/*
 * What became of the nth message (from 0) that was put for a partition:
 * delivered at that offset, or failed. It is told in the order of a
 * partition's offsets, from within sink_put, sink_serve and sink_finish.
 */
typedef void sink_ack_fn(void *arg, int32_t partition, uint64_t nth,
			 int64_t offset, bool delivered);

struct sink_counts {
	uint64_t sent, delivered, failed;
	uint64_t bytes; /* sent, of keys and payloads */
};

/* Neither delivered nor failed yet. */
static inline uint64_t sink_on_their_way(const struct sink_counts *c)
{
	return c->sent - c->delivered - c->failed;
}

/* Called now and then while a call of the sink waits, by its thread. */
typedef void sink_wait_fn(void *arg);

/* How old a message's timestamp may be, and how far ahead; or SINK_ANY. */
struct sink_limits {
	int64_t retention_us; /* older ones may be deleted at once */
	int64_t before_us;    /* older ones are refused */
	int64_t after_us;     /* those further ahead are refused */
};

#define SINK_ANY INT64_MAX

struct sink;
struct sink_topic {
	int partitions;	 /* of a topic to be made; -1: the broker's choice */
	bool headers;	 /* run, seq and sent; see iotsim-readings(5) */
	bool send_times; /* timestamps are those of sending, not ours: that is
			    faster, and no broker refuses them */
};

/*
 * A topic: connects, makes the topic if it is missing. Idempotent, acks=all,
 * no message timeout: a broker that goes away and comes back costs nothing
 * and doubles nothing. The conf is borrowed for the sink's life.
 */
struct sink *sink_kafka_new(const struct kafka_conf *conf,
			    const struct sink_topic *topic, struct err *e);

/* Lines to a descriptor that stays the caller's; `what` names it. */
struct sink *sink_fd_new(int fd, const char *what);

/* Without sink_finish before it, what is on its way is lost. Takes NULL. */
void sink_free(struct sink *s);

/* Before the first message is put: whom to tell what became of each. */
void sink_on_ack(struct sink *s, sink_ack_fn *fn, void *arg);

/* Whom to tell that it still waits; NULL: nobody. */
void sink_on_wait(struct sink *s, sink_wait_fn *fn, void *arg);

/* False where nothing is known of limits. */
bool sink_limits(struct sink *s, struct sink_limits *limits);

/* The partition of a key, as a Java producer would choose it. */
int32_t sink_partition(const struct sink *s, const char *key, size_t len);

/*
 * Takes the message; copies what it needs of it. Those of a partition go in
 * groups, so it may stay here until sink_serve. Where a queue is full it waits
 * for room, or stop_requested(). -1: the sink has failed and takes no more.
 */
int sink_put(struct sink *s, const struct message *m, struct err *e);

/* Lets go of what was gathered and collects reports, timeout_ms at most. */
int sink_serve(struct sink *s, int timeout_ms, struct err *e);

/* How many messages are still here: no serve could let them go yet. */
uint64_t sink_kept(const struct sink *s);

/* Waits for all to be delivered, timeout_ms at most; the rest has failed. */
int sink_finish(struct sink *s, int timeout_ms, struct err *e);

struct sink_counts sink_counts(const struct sink *s);
/* Why no broker answers; NULL where one does, or none is needed. */
const char *sink_trouble(const struct sink *s);
/* Why the last failed message failed; "" where none did. */
const char *sink_failure(const struct sink *s);

#endif
