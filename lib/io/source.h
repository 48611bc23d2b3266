/* SPDX-License-Identifier: MIT */
/*
 * source.h - where records come from: a Kafka topic, or a file descriptor
 *
 * source_poll hands over what has come, through the functions of
 * struct source_events; all that they are given is borrowed until they
 * return. A source knows nothing of what is in the records.
 *
 * Floor 2. Not shared between threads.
 */
#ifndef IO_SOURCE_H
#define IO_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "io/kafka.h"

#define SOURCE_LINE_MOST ((size_t)16 << 20)

/* Bytes of a record: no NUL behind them, p is NULL where there are none. */
struct bytes {
	const char *p;
	size_t len;
};

struct record {
	int partition;
	int64_t offset;	      /* of a line: its number, from 1 */
	int64_t timestamp_us; /* WHEN_NONE where there is none */
	bool append_time;     /* the broker set the timestamp */
	const char *payload;  /* NULL: a tombstone */
	size_t len;
	bool cut; /* a line longer than SOURCE_LINE_MOST: its beginning */
	struct bytes key;
	/* Its headers of these names; only looked for where it has any. */
	struct bytes run, seq, sent;
};

struct source_events {
	/* The partition is read from now on. */
	void (*held)(void *arg, int partition);
	/* Records follow that are here by now: the time to look at a clock. */
	void (*turn)(void *arg);
	void (*record)(void *arg, const struct record *rec);
	/* All that it holds has been handed over. */
	void (*at_end)(void *arg, int partition);
	/* There is more in it than has been handed over. */
	void (*behind)(void *arg, int partition);
	/* How far it is: the least is read first, and none that is further
	 * than `ahead` before one of which more is to come (*behind). */
	int64_t (*rank)(void *arg, int partition, bool *behind);
	void *arg;
};

enum source_from {
	FROM_BEGINNING,
	FROM_END,
	FROM_TIME,   /* the first record of that Kafka timestamp or later */
	FROM_OFFSET, /* in every partition */
};

struct source_conf {
	enum source_from from;
	int64_t from_value; /* us, or an offset */
	int64_t ahead;	    /* of a rank, see struct source_events */
	bool exit_at_end;   /* end at the ends as they were at the start */
};

struct source;

/*
 * All partitions of a topic, those that appear later too (from their
 * beginning). Nothing is stored in Kafka. A topic that does not exist is
 * waited for, unless exit_at_end. The confs are borrowed.
 */
struct source *source_kafka_new(const struct kafka_conf *kafka,
				const struct source_conf *conf,
				const struct source_events *events,
				struct err *e);

/* Lines of a descriptor that stays the caller's: one partition, 0. */
struct source *source_fd_new(int fd, const char *what,
			     const struct source_events *events);

void source_free(struct source *s); /* takes NULL */

enum source_state {
	SOURCE_MORE,  /* poll again */
	SOURCE_ENDED, /* nothing will come any more */
	SOURCE_FAILED,
};

/* Waits up to timeout_ms, hands over what is there (ten thousands at most). */
enum source_state source_poll(struct source *s, int timeout_ms, struct err *e);

/* Calls `behind` for partitions that now end later. False: ask again later. */
bool source_ask_ends(struct source *s);

/* Records that are there and not yet handed over, as far as is known. */
uint64_t source_lag(const struct source *s);

struct source_where {
	int64_t start; /* offset that it was begun at */
	int64_t next;  /* offset of the record that comes next */
	int64_t stop;  /* exit_at_end: where it ends; -1: nowhere */
	int64_t end;   /* of the log, as far as is known; -1: it is not */
	int64_t gone;  /* those below it were deleted unread; 0: none */
};

/* How far a partition is; false where it is not read. */
bool source_where(const struct source *s, int partition,
		  struct source_where *w);

/* Why no broker answers; NULL where one does, or none is needed. */
const char *source_trouble(const struct source *s);

#endif
