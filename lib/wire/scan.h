/* SPDX-License-Identifier: MIT */
/*
 * scan.h - a reading out of its text, at the speed of memory
 *
 * Two scanners stand before the parser of JSON (decoder_parse):
 *
 *   scan_own   takes what reading_encode writes, and nothing else
 *   scan_any   takes the members in any order, among others, with blanks
 *
 * Either gives exactly what the parser gives, or says false, and nothing is
 * known: what is rare or wrong (escapes in what is asked for, exponents, more
 * than 19 digits, what is no JSON) is left to the parser.
 * test/fuzz/fuzz_reading.c holds them against each other.
 *
 * Floor 1, for lib/wire only. Pure; a scan is not shared between threads.
 */
#ifndef WIRE_SCAN_H
#define WIRE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "wire/reading.h"

/* A text that is looked for. */
struct literal {
	const char *p;
	size_t len;
	bool two_words;	     /* it has 8 to 16 bytes: */
	uint64_t head, tail; /* its first 8 and its last 8 */
};

/* The members; they stand in this order in our own form. */
enum { SCAN_TIME, SCAN_TYPE, SCAN_NAME, SCAN_VALUE, SCAN_MEMBERS };

#define SCAN_DAY_LEN 10 /* "2026-11-24" */

struct scan {
	bool off;	  /* the names are such that only the parser will do */
	bool ignore_time; /* the time is as any other member */
	struct str text;  /* holds the literals */
	struct literal before[SCAN_MEMBERS]; /* what stands before the values */
	struct literal names[SCAN_MEMBERS];
	size_t least; /* bytes of before[0], a time, and before[1] */
	/* The last day that was read, and when it began. */
	char day_text[SCAN_DAY_LEN];
	struct literal day;
	int64_t day_us;
};

/* For members of these names, which it copies. */
void scan_init(struct scan *s, const struct reading_fields *f);
void scan_release(struct scan *s);

/*
 * The reading borrows from the message. Without a time, and where it is
 * ignored, time_us is WHEN_NONE. On false *r means nothing.
 */
bool scan_own(struct scan *s, const char *msg, size_t len, struct reading *r);
bool scan_any(struct scan *s, const char *msg, size_t len, struct reading *r);

#endif
