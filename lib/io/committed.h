/* SPDX-License-Identifier: MIT */
/*
 * committed.h - what a consumer group has committed for a topic, from outside
 *
 * The offset of each partition and the text that goes with it, read and
 * written by who is no member of the group. Kafka refuses to write for a
 * group that has members, the embedded broker for one that ever had any.
 *
 * Whoever does not answer is waited for, connect_timeout_us at most for each
 * question; a stop request ends that.
 *
 * Floor 2. Not shared between threads.
 */
#ifndef IO_COMMITTED_H
#define IO_COMMITTED_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/kafka.h"

struct committed {
	int partition;
	int64_t begin, end; /* of the partition's log */
	int64_t offset;	    /* -1: nothing is committed */
	char *text;	    /* len bytes and a NUL; owned by the list */
	size_t len;
};

/* committed_read gives all partitions of the topic, v[i] being partition i. */
struct committed_list {
	struct committed *v;
	size_t n;
};

void committed_release(struct committed_list *all);

struct committed_client;

/*
 * Connects for the group and the topic of `conf`, which is borrowed until
 * committed_close. NULL on error.
 */
struct committed_client *committed_open(const struct kafka_conf *conf,
					struct err *e);
void committed_close(struct committed_client *c);

/*
 * To be released, if it went well. A topic that does not exist is an error,
 * and is not made by asking for it.
 */
int committed_read(struct committed_client *c, struct committed_list *all,
		   struct err *e);

/*
 * Commits the offsets and texts, all of them in one request; begin and end
 * are not looked at. After an error it is not known what was committed,
 * unless it is that the group has members.
 */
int committed_write(struct committed_client *c,
		    const struct committed_list *some, struct err *e);

#endif
