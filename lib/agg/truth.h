/* SPDX-License-Identifier: MIT */
/*
 * truth.h - what a perfect consumer must find
 *
 * The messages of a topic, as the broker acknowledged them, go through the
 * plain reference algorithm: rule 1 of "Windows, exactly" in
 * iotsim-consume(1), with the watermark of each partition alone, and exact
 * sums. What comes out is the file of iotsim-truth(5): for each window and
 * each type and name the readings used, late and malformed.
 *
 * The rows of a window may be written in several goes; rows of the same
 * start, table and key add up. So a window is written as soon as all
 * partitions have passed it, and a late reading after that gives a row of
 * its own. What all rows add up to is a function of what each partition
 * holds, in its order; not of the order of the partitions, nor of when rows
 * were taken.
 *
 * Floor 2. Pure. Not shared between threads.
 */
#ifndef AGG_TRUTH_H
#define AGG_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "wire/reading.h"

#define TRUTH_HEADER "start,end,by,key,count,mean,sum,late,malformed"

/*
 * No more windows than this are kept: then the earliest is written, though
 * a partition that stays behind may still add to it.
 */
#define TRUTH_OPEN_MAX 256

struct truth_conf {
	int64_t interval_us;
	int64_t grace_us;
};

struct truth;

struct truth *truth_new(const struct truth_conf *conf);
void truth_free(struct truth *t);

/*
 * A message that is in the partition now; those of one partition come in the
 * order of their offsets. One that is written twice is given twice. Of a
 * malformed one `r` is the reading that it would have been; its value is not
 * looked at, and it moves no watermark.
 */
void truth_add(struct truth *t, int partition, const struct reading *r,
	       bool malformed);

/* The truth is not known any more. The first reason is kept (copied). */
void truth_invalidate(struct truth *t, const char *why);

/* The header line. */
void truth_add_head(struct str *out);
/*
 * Adds the rows of windows that all partitions have passed that used a
 * reading, and forgets them. Costs little when there are none.
 */
void truth_take(struct truth *t, struct str *out);
/* Adds all the other rows, and the closing row. Nothing may follow. */
void truth_finish(struct truth *t, struct str *out);

#endif
