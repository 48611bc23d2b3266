/* SPDX-License-Identifier: MIT */
/*
 * source_topic.h - what both Kafka sources have: partitions that are read
 *
 * Which partitions, and from where, is decided by the private view
 * (source_view.c) or by a consumer group (source_group.c); here they are
 * read, watched for their ends, and asked for offsets.
 *
 * Floor 2, for lib/io only.
 */
#ifndef IO_SOURCE_TOPIC_H
#define IO_SOURCE_TOPIC_H

#include "io/client.h"
#include "io/reader.h"
#include "io/source_ops.h"

#define MOST_AT_ONCE 4096 /* records handed over by one poll, about */

struct part {
	bool held;
	int64_t start; /* offset that it was begun at */
	int64_t next;  /* offset behind the last record, or where to start */
	int64_t end;   /* exit_at_end: where to stop */
	int64_t gone;  /* see struct source_where */
	bool done;     /* exit_at_end: has come there */
	uint32_t messages; /* without headers, since it is held */
	bool headers;	   /* one had some */
};

struct topic_source {
	struct source base;
	struct client client;
	const struct source_conf *conf;
	rd_kafka_topic_t *rkt;
	struct reader *reader;
	struct part *parts; /* of the topic; n_parts are known */
	int n_parts;
	int n_held, n_done;
	bool missing;  /* it was said that there is no such topic now */
	int ask_ms;    /* how long a question may take */
	bool lost;     /* a broker did not answer: ends are not known */
	struct err *e; /* where callbacks put an error, during a poll */
	bool failed;
};

typedef void rebalance_fn(rd_kafka_t *rk, rd_kafka_resp_err_t err,
			  rd_kafka_topic_partition_list_t *list, void *opaque);

/*
 * Connects; on_rebalance may be NULL, and gets the client. On error nothing
 * is left to close.
 */
int topic_open(struct topic_source *s, const struct source_ops *ops,
	       const struct kafka_conf *kafka, const struct source_conf *conf,
	       const struct source_events *events, rebalance_fn *on_rebalance,
	       struct err *e);
void topic_close(struct topic_source *s);

/* In words of ours, where librdkafka's do not say what can be done. */
const char *topic_reason(rd_kafka_resp_err_t err);

/*
 * How many partitions the topic has, as client_partitions. That there is no
 * such topic is said once, and an error where the end is to be the end.
 */
int topic_count(struct topic_source *s, struct err *e);
/* Makes room for partitions to n - 1. */
void topic_grow(struct topic_source *s, int n);
/* The partition is read from now on, from its queue, which is taken. */
void topic_hold(struct topic_source *s, int partition, int64_t start,
		int64_t end, rd_kafka_queue_t *queue);
bool topic_is_held(const struct topic_source *s, int partition);
/* None is read any more. */
void topic_drop(struct topic_source *s);
/* Messages follow. */
void topic_turn(struct topic_source *s);
/* A message of a held partition; others, and old ones, are passed over. */
void topic_message(struct topic_source *s, const rd_kafka_message_t *m);

/* Offsets of some partitions; time is NULL but for FROM_TIME. */
struct offsets {
	rd_kafka_topic_partition_list_t *begin, *end, *time;
};

/* Let the next question take more time than the last, which failed. */
void topic_ask_longer(struct topic_source *s);
/* Of those in the list. False if they could not be found out now. */
bool offsets_ask(struct topic_source *s,
		 const rd_kafka_topic_partition_list_t *of, struct offsets *o);
void offsets_release(struct offsets *o);
/* That of the partition in a list; -1 where it has none. */
int64_t offsets_find(const rd_kafka_topic_partition_list_t *list,
		     int partition);
/* Where source_conf.from points to. */
int64_t offsets_from(const struct topic_source *s, const struct offsets *o,
		     int partition);

/* Before each poll: what brokers that go and come mean for the ends. */
void topic_watch_brokers(struct topic_source *s);
/* exit_at_end: all that are held have come to their end. */
bool topic_is_done(const struct topic_source *s);
/* For the tables of functions. */
bool topic_ask_ends(struct source *base);
uint64_t topic_lag(const struct source *base);
bool topic_where(const struct source *base, int partition,
		 struct source_where *w);
const char *topic_trouble(const struct source *base);

#endif
