/* SPDX-License-Identifier: MIT */
/*
 * saved.h - what a consumer group keeps of a partition, as text
 *
 * The text goes with a committed offset, which is mark.first and not in it:
 *
 *   iotsim 1 interval=20000000 grace=1000000 time=0 partitions=4 next=812 ...
 *
 * Its items stand in one order; times are microseconds, `-` is none. It
 * is at most SAVED_MAX bytes long, well below the 4096 that Kafka takes.
 *
 * Floor 2. Pure.
 */
#ifndef AGG_SAVED_H
#define AGG_SAVED_H

#include <stddef.h>
#include <stdint.h>

#include "agg/mark.h"
#include "base/err.h"
#include "base/str.h"

#define SAVED_MAX	 3000
#define SAVED_FIELDS_MAX 1000

struct saved {
	/* What a member has to agree with. */
	int64_t interval_us, grace_us;
	int64_t clock; /* 0: event time, 1: Kafka's */
	struct str fields;

	int64_t partitions; /* of the topic, when the group was first there */
	struct mark mark;
	int64_t *future; /* what mark.future is, owned */
};

void saved_release(struct saved *s);

/* -1: too many readings of the future to name; the error names the option. */
int saved_add(struct str *out, const struct saved *s, struct err *e);

enum saved_kind {
	SAVED_OK,
	SAVED_NOTHING, /* no text: the offset was not committed by iotsim */
	SAVED_RESET,   /* see saved_add_reset */
	SAVED_FAILED,  /* not ours, of a newer version, or damaged: see e */
};

/*
 * Reads it back; to be released then, whatever came out. The offset that it
 * goes with is needed to know that it makes sense.
 */
enum saved_kind saved_parse(struct saved *s, int64_t offset, const char *text,
			    size_t len, struct err *e);

/* The text by which a group forgets a partition. */
void saved_add_reset(struct str *out);

#endif
