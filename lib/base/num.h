/* SPDX-License-Identifier: MIT */
/*
 * num.h - numbers, read and written the same in every locale
 *
 * The one place where strtod and its family are called. Parsers take the
 * whole text or fail; the message names the text and what was expected.
 *
 * Floor 0. Pure.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"

/* The most bytes that any num_put_ function writes. */
#define NUM_MAX 32

/* The most places that numbers are rounded to. */
#define NUM_DECIMALS_MAX 9

/*
 * A finite number: "12", "-0.5", "1e3", with the suffixes k, M, G (powers
 * of 1000). NaN, infinity, hexadecimal and anything left over are errors.
 */
int num_parse_double(const char *text, double *v, struct err *e);

/* A whole number >= 0: "100", "10k", "1M", "2G", "1e6". */
int num_parse_count(const char *text, uint64_t *v, struct err *e);

/* A whole number of 64 bits, any sign, no suffix; "0x" is taken too. */
int num_parse_int(const char *text, int64_t *v, struct err *e);

/*
 * A span of time in microseconds: "20" (seconds), "0.5", "500ms", "100us",
 * "20s", "5m", "24h", "7d"; a sign is taken. Rounded to the nearest
 * microsecond; beyond +-1e5 years is an error.
 */
int num_parse_span(const char *text, int64_t *us, struct err *e);

/*
 * Seconds: a number as num_parse_double takes it, which may be finer than
 * the microsecond, or a span with its unit ("100ms"), rounded to that.
 */
int num_parse_seconds(const char *text, double *s, struct err *e);

/*
 * A rate, as so much a second: "2/h", "0.5/day", "-1.5/10m", "3/s". Over
 * the slash a number as num_parse_double takes it, under it a span above 0
 * as num_parse_span takes it; "day", "week" and "year" (of 365.2425 days)
 * are units here too, and a unit alone is 1 of it.
 */
int num_parse_per_time(const char *text, double *per_second, struct err *e);

/* As written by num_parse_span's shortest form: "20s", "1.5s", "100ms". */
void num_add_span(struct str *s, int64_t us);
/* The same in three digits; us >= 0. */
void num_add_about(struct str *s, int64_t us);

/* The most digits that num_from_decimal takes: 10^19 fits in 64 bits. */
#define NUM_DIGITS_MAX 19

/*
 * digits / 10^decimals, rounded to the nearest double (ties to even), as
 * strtod rounds it. 0 <= decimals <= NUM_DIGITS_MAX, digits < 10^19.
 */
double num_from_decimal(uint64_t digits, int decimals);

/* Decimal digits, no NUL. Each returns the bytes written. */
size_t num_put_u64(char *out, uint64_t v);
/* Exactly `width` digits, with zeros in front; v must fit. */
size_t num_put_digits(char *out, uint32_t v, int width);

extern const char num_pairs[]; /* "00" to "99" */

/* The same for two digits, and for six, where they are in a hot path. */
static inline void num_put_2(char *out, uint32_t v)
{
	memcpy(out, num_pairs + (size_t)2 * v, 2);
}

static inline void num_put_6(char *out, uint32_t v)
{
	num_put_2(out, v / 10000);
	num_put_2(out + 2, v / 100 % 100);
	num_put_2(out + 4, v % 100);
}

/*
 * The shortest decimal that reads back as the same double, as Python's
 * repr writes it: "5.714358999999999", "21.5", "5.0", "1e+22", "inf",
 * "-inf", "nan".
 */
size_t num_put_shortest(char *out, double v);

/*
 * Rounds to `decimals` (0 to NUM_DECIMALS_MAX) places, the nearest double to
 * that decimal; -0 becomes 0. Numbers too large to have such places stay as
 * they are.
 */
double num_round(double v, int decimals);

/*
 * num_round(v, decimals) as JSON: "21.531207", "5.0"; trailing zeros are
 * left out but for one. Reads back as exactly num_round(v, decimals).
 * v must be finite.
 */
size_t num_put_rounded(char *out, double v, int decimals);

#endif
