/* SPDX-License-Identifier: MIT */
/*
 * verdict.h - what becomes of a record
 *
 * Floor 2.
 */
#ifndef AGG_VERDICT_H
#define AGG_VERDICT_H

#include <stdbool.h>

enum agg_verdict {
	AGG_USED,
	AGG_KNOWN,   /* not used, and counted before: it is given again */
	AGG_SKIPPED, /* rule 5 */
	AGG_LATE,    /* rule 1 */
	AGG_FUTURE,  /* rule 4 */
	AGG_MALFORMED,
};

/* Left out, though it was asked for; told once of a record. */
static inline bool verdict_is_left_out(enum agg_verdict v)
{
	return v >= AGG_LATE;
}

#endif
