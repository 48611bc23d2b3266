/* SPDX-License-Identifier: MIT */
/*
 * sequence.h - what the numbers of a sensor's messages tell
 *
 * A producer numbers the messages of each sensor from 0; a message that is
 * written twice has its number twice. The numbers of each sensor and run are
 * looked at by themselves, from the first that is seen, so that a view may
 * begin in the middle.
 *
 * Which of the last 64 numbers came is kept as in the anti-replay window of
 * RFC 4303, 3.4.3. Of an older one it is not known: it is taken for one that
 * was missing while any is, and for a duplicate otherwise.
 *
 * Memory is bounded: when there are too many sensors and runs, those whose
 * numbers have not come for the longest are forgotten, or all, where nearly
 * all of them come. What is forgotten is looked at anew when it comes again.
 *
 * Floor 2. Pure. Not shared between threads.
 */
#ifndef AGG_SEQUENCE_H
#define AGG_SEQUENCE_H

#include <stddef.h>
#include <stdint.h>

struct sequence_counts {
	uint64_t numbers;    /* messages that had one */
	uint64_t lost;	     /* between others, and not come (yet) */
	uint64_t duplicated; /* had come before */
	uint64_t reordered;  /* came after a higher one */
};

struct sequence;

/*
 * Remembers `most` sensors and runs at the most, and SEQUENCE_ID_BYTES of the
 * names of each on the average.
 */
#define SEQUENCE_MOST	  2000000 /* that will do */
#define SEQUENCE_ID_BYTES 128
struct sequence *sequence_new(size_t most);
void sequence_free(struct sequence *s);

/* The number of a message of this sensor in this run: any bytes, copied. */
void sequence_add(struct sequence *s, const char *run, size_t run_len,
		  const char *name, size_t name_len, uint64_t number);

/* How many sensors and runs are remembered. */
size_t sequence_remembered(const struct sequence *s);

struct sequence_counts sequence_counts(const struct sequence *s);

#endif
