/* SPDX-License-Identifier: MIT */
/*
 * reader.h - partitions, each from its own queue, the least far first
 *
 * How far a partition is, its rank, is the caller's to say. Of those that
 * have something here the one with the least rank is read; but none is read
 * that is further than `ahead` before one of which more is to come: so a
 * partition that is slow to come does not leave the others to run away.
 *
 * Floor 2, for lib/io only. Not shared between threads.
 */
#ifndef IO_READER_H
#define IO_READER_H

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct reader_conf {
	/* Messages follow, those of one turn. */
	void (*turn)(void *arg);
	/* What to do with a message; it is librdkafka's. */
	void (*message)(rd_kafka_message_t *m, void *arg);
	/* *behind: there is more in the partition than was handed over. */
	int64_t (*rank)(void *arg, int partition, bool *behind);
	/* A queue that librdkafka had filled has room again. */
	void (*drained)(void *arg);
	void *arg;
	int64_t ahead;
};

struct reader;

/* NULL when there are no descriptors left. */
struct reader *reader_new(rd_kafka_t *rk, const struct reader_conf *conf,
			  struct err *e);
void reader_free(struct reader *r); /* takes NULL */

/* Takes the queue, that of the partition alone. */
void reader_add(struct reader *r, int partition, rd_kafka_queue_t *queue);
/* Lets go of all that were added. */
void reader_clear(struct reader *r);
/* Something in this queue, which is taken, ends a wait too. */
void reader_watch(struct reader *r, rd_kafka_queue_t *queue);

/*
 * Hands over what is there, until it is `most` or more: the last turn of a
 * queue is not cut short. Waits for the first.
 */
void reader_read(struct reader *r, int most, int timeout_ms);

#endif
