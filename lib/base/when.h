/* SPDX-License-Identifier: MIT */
/*
 * when.h - points in time, as text
 *
 * A time is an int64_t of microseconds since 1970-01-01 00:00 UTC, between
 * WHEN_MIN (year 1) and WHEN_MAX (the end of year 9999).
 *
 * Floor 0. Pure but for when_add_local (reads TZ) and the two clocks.
 */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define WHEN_MIN  INT64_C(-62135596800000000) /* 0001-01-01T00:00:00Z */
#define WHEN_MAX  INT64_C(253402300799999999) /* 9999-12-31T23:59:59.999999Z */
#define WHEN_NONE INT64_MIN		      /* no time at all */

#define US_PER_S  INT64_C(1000000)
#define NS_PER_US INT64_C(1000)
#define NS_PER_S  INT64_C(1000000000)

/*
 * RFC 3339 ("2026-11-24T01:02:03.123456Z", "...+01:00") or Python's
 * isoformat(): T or a blank between, the fraction of any length (cut to
 * microseconds), no zone meaning UTC. A second of 60 is the next minute's
 * first. `text` needs no NUL.
 */
int when_parse(const char *text, size_t len, int64_t *us, struct err *e);

/* Epoch seconds, ms, us or ns, told apart by size: |x| < 1e11, 1e14, 1e17. */
int when_from_epoch_int(int64_t x, int64_t *us, struct err *e);
int when_from_epoch_double(double x, int64_t *us, struct err *e);

/*
 * What a person gives an option: "now", "-24h" or "+1h" (from `now_us`),
 * an RFC 3339 time, a date ("2026-11-24", its midnight UTC), or epoch
 * digits of at least 9 places.
 */
int when_parse_option(const char *text, int64_t now_us, int64_t *us,
		      struct err *e);

#define WHEN_RFC3339_LEN 27
/* "2026-11-24T01:02:03.123456Z": 27 bytes at `out`, no NUL. */
void when_put_rfc3339(char *out, int64_t us);
/* The same with a fraction only where there is one: "...T01:02:03Z". */
void when_add_rfc3339(struct str *s, int64_t us);
/* "2026-11-24 01:02:03.123456" in the zone of TZ. */
void when_add_local(struct str *s, int64_t us);

/* The wall clock, and one that never jumps (its zero means nothing). */
int64_t when_wall_us(void);
int64_t when_mono_us(void);

#endif
