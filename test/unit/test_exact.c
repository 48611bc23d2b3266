/* SPDX-License-Identifier: MIT */
/*
 * Exact sums against whole numbers: a finite double is one, of units of
 * 2^-1074, with at most 2098 bits. So a sum of doubles is a sum of whole
 * numbers, and its mean is divided and rounded as one learns it at school.
 */
#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "agg/exact.h"

#define SEED  20261124
#define LIMBS 70 /* of 32 bits */

struct whole {
	uint32_t v[LIMBS]; /* the lowest first */
};

static uint64_t state_of_rng = SEED;

/* splitmix64 */
static uint64_t draw(void)
{
	uint64_t z = (state_of_rng += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int print_seed(void **state)
{
	(void)state;
	print_message("# seed %d\n", SEED);
	return 0;
}

static double from_bits(uint64_t bits)
{
	double x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* Any finite double: the sizes evenly, subnormals among them. */
static double any_double(void)
{
	uint64_t bits = draw();
	uint64_t exponent = bits >> 52 & 0x7ff;

	return exponent == 0x7ff ? from_bits(bits & ~(UINT64_C(1) << 62))
				 : from_bits(bits);
}

static void whole_add(struct whole *w, double x)
{
	int e;
	uint64_t m = (uint64_t)ldexp(frexp(x, &e), 53), carry = 0;
	int shift = e - 53 + 1074;

	if (shift < 0) { /* a subnormal has fewer bits */
		m >>= -shift;
		shift = 0;
	}
	for (size_t i = (size_t)shift / 32; m || carry; i++) {
		int bits = shift % 32;
		uint64_t low = (m << bits) & UINT32_MAX;

		carry += w->v[i] + low;
		w->v[i] = (uint32_t)carry;
		carry >>= 32;
		m = bits ? m >> (32 - bits) : m >> 32;
		shift = 0;
	}
}

static int whole_compare(const struct whole *a, const struct whole *b)
{
	for (size_t i = LIMBS; i-- > 0;) {
		if (a->v[i] != b->v[i])
			return a->v[i] < b->v[i] ? -1 : 1;
	}
	return 0;
}

/* a - b, which is not negative. */
static struct whole whole_minus(const struct whole *a, const struct whole *b)
{
	struct whole d;
	int64_t borrow = 0;

	for (size_t i = 0; i < LIMBS; i++) {
		borrow += (int64_t)a->v[i] - b->v[i];
		d.v[i] = (uint32_t)borrow;
		borrow >>= 32;
	}
	return d;
}

/* Divides it in place; returns the rest. */
static uint64_t whole_divide(struct whole *w, uint32_t n)
{
	uint64_t rest = 0;

	for (size_t i = LIMBS; i-- > 0;) {
		rest = rest << 32 | w->v[i];
		w->v[i] = (uint32_t)(rest / n);
		rest %= n;
	}
	return rest;
}

static int bit(const struct whole *w, int i)
{
	return w->v[i / 32] >> (i % 32) & 1;
}

/* (w + rest / n) * 2^-1074 to nearest, ties to even. */
static double whole_round(const struct whole *w, uint64_t rest, uint32_t n)
{
	int length = 32 * LIMBS, drop;
	uint64_t m = 0, below = rest != 0;
	bool up;

	while (length > 0 && !bit(w, length - 1))
		length--;
	drop = length > 53 ? length - 53 : 0;
	for (int i = length; i > drop; i--)
		m = m << 1 | (uint64_t)bit(w, i - 1);
	if (drop) {
		for (int i = 0; i < drop - 1; i++)
			below |= (uint64_t)bit(w, i);
		up = bit(w, drop - 1) && (below || m & 1);
	} else {
		up = 2 * rest > n || (2 * rest == n && m & 1);
	}
	return ldexp((double)(m + up), drop - 1074);
}

/* Positive and negative values apart. */
struct oracle {
	struct whole plus, minus;
};

static void oracle_add(struct oracle *o, double x)
{
	whole_add(x < 0 ? &o->minus : &o->plus, fabs(x));
}

static double oracle_mean(const struct oracle *o, uint32_t n)
{
	bool negative = whole_compare(&o->plus, &o->minus) < 0;
	struct whole d = negative ? whole_minus(&o->minus, &o->plus)
				  : whole_minus(&o->plus, &o->minus);
	uint64_t rest = whole_divide(&d, n);
	double x = whole_round(&d, rest, n);

	return negative ? -x : x;
}

/* The text's numbers add up to the same whole number. */
static void assert_text(const struct exact *e, const struct oracle *o)
{
	struct str text = STR_INIT;
	struct exact back = EXACT_INIT;
	struct oracle got = *o;
	struct err err = ERR_INIT;
	char *end;

	exact_add_text(e, &text);
	for (char *p = text.p; *p; p = end + (*end == ' '))
		oracle_add(&got, -strtod(p, &end));
	assert_int_equal(whole_compare(&got.plus, &got.minus), 0);
	assert_int_equal(exact_parse(&back, text.p, &err), 0);
	assert_string_equal(err.msg, "");
	assert_true(exact_mean(&back, 3) == oracle_mean(o, 3));
	exact_release(&back);
	str_release(&text);
}

static void assert_sum(const double *x, size_t n)
{
	static const uint32_t extra[] = {1, 2, 3, 7, 1000003};
	struct oracle o = {0};
	struct exact e = EXACT_INIT, part[2] = {EXACT_INIT, EXACT_INIT};

	for (size_t i = 0; i < n; i++) {
		oracle_add(&o, x[i]);
		exact_add(&e, x[i]);
		exact_add(&part[draw() % 2], x[n - 1 - i]);
	}
	assert_true(exact_mean(&e, n) == oracle_mean(&o, (uint32_t)n));
	for (size_t i = 0; i < sizeof(extra) / sizeof(extra[0]); i++)
		assert_true(exact_mean(&e, extra[i]) ==
			    oracle_mean(&o, extra[i]));
	assert_text(&e, &o);
	exact_merge(&part[0], &part[1]);
	assert_true(exact_mean(&part[0], n) == oracle_mean(&o, (uint32_t)n));
	assert_text(&part[0], &o);
	exact_release(&e);
	exact_release(&part[0]);
	exact_release(&part[1]);
}

static void sums_of_readings(void **state)
{
	double x[200];

	(void)state;
	for (int round = 0; round < 500; round++) {
		size_t n = 1 + draw() % 200;

		for (size_t i = 0; i < n; i++)
			x[i] = (double)(int64_t)(draw() % 40000001 - 20000000) /
			       1e6;
		assert_sum(x, n);
	}
}

static void sums_of_any_doubles(void **state)
{
	double x[100];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		size_t n = 1 + draw() % 100;

		for (size_t i = 0; i < n; i++)
			x[i] = any_double();
		assert_sum(x, n);
	}
}

/* Half of the values take the other half away, all but the last bits. */
static void sums_that_cancel(void **state)
{
	double x[40];

	(void)state;
	for (int round = 0; round < 2000; round++) {
		for (size_t i = 0; i < 40; i += 2) {
			x[i] = any_double();
			x[i + 1] = -nextafter(x[i], draw() % 2 ? 0 : x[i]);
		}
		assert_sum(x, 40);
	}
}

/* Few bits, so that quotients lie in the middle of two doubles. */
static void ties_go_to_even(void **state)
{
	double x[4];

	(void)state;
	for (int round = 0; round < 5000; round++) {
		int e = (int)(draw() % 2000) - 1000;

		for (size_t i = 0; i < 4; i++)
			x[i] = ldexp((double)(draw() % 4), e - (int)i * 53 / 3);
		assert_sum(x, 4);
	}
}

static void huge_values_do_not_overflow(void **state)
{
	static const double some[] = {
		DBL_MAX,  -DBL_MAX,  1e308,	 1.7e308,     0x1p1023,
		0x1p1022, -0x1p1022, 0x1.8p1021, -0x1.8p1023, 5e-324,
		-5e-324,  1,	     0x1p1000,	 -0x1p970,    0x1p960,
	};
	double x[300];
	struct exact e = EXACT_INIT;

	(void)state;
	for (int round = 0; round < 1000; round++) {
		size_t n = 1 + draw() % (round % 2 ? 300 : 5);

		for (size_t i = 0; i < n; i++)
			x[i] = some[draw() % (sizeof(some) / sizeof(some[0]))];
		assert_sum(x, n);
	}
	for (int i = 0; i < 100000; i++)
		exact_add(&e, DBL_MAX);
	assert_true(exact_mean(&e, 100000) == DBL_MAX);
	assert_true(isinf(exact_mean(&e, 1)));
	exact_release(&e);
}

/* A unit of 2^1022 that components without end take away again. */
static void units_and_components_cancel(void **state)
{
	double x[42];

	(void)state;
	x[0] = 0x1p1022;
	for (int i = 1; i < 41; i++)
		x[i] = -ldexp(0x1.fffffffffffffp0, 1021 - 53 * (i - 1));
	x[41] = 5e-324;
	for (size_t n = 1; n < 42; n++)
		assert_sum(x, n);
}

static void subnormals_are_numbers_too(void **state)
{
	double x[50];

	(void)state;
	for (int round = 0; round < 500; round++) {
		size_t n = 1 + draw() % 50;

		for (size_t i = 0; i < n; i++)
			x[i] = from_bits(draw() >> 12 |
					 (draw() & UINT64_C(1) << 63));
		assert_sum(x, n);
	}
}

static void assert_text_is(const double *x, size_t n, const char *text)
{
	struct exact e = EXACT_INIT;
	struct str out = STR_INIT;

	for (size_t i = 0; i < n; i++)
		exact_add(&e, x[i]);
	exact_add_text(&e, &out);
	assert_string_equal(out.p, text);
	str_release(&out);
	exact_release(&e);
}

static void a_sum_as_text(void **state)
{
	(void)state;
	assert_text_is(NULL, 0, "0.0");
	assert_text_is((double[]){12.5, 1e-17}, 2, "12.5 1e-17");
	assert_text_is((double[]){1e16, 1, -1e16}, 3, "1.0");
	assert_text_is((double[]){1e308}, 1, "1e+308");
	assert_text_is((double[]){0.1, -0.1}, 2, "0.0");
	assert_text_is((double[]){0x1p1023, 0x1p1023}, 2,
		       "8.98846567431158e+307 8.98846567431158e+307");
}

static void what_is_no_sum_is_told(void **state)
{
	static const char *const wrong[] = {"",	    " ",   "1  2", "1 ",
					    "1 x",  "nan", "inf",  "1,5",
					    "1\t2", "--1", "1e999"};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct exact e = EXACT_INIT;
		struct err err = ERR_INIT;

		assert_int_equal(exact_parse(&e, wrong[i], &err), -1);
		assert_string_not_equal(err.msg, "");
		exact_release(&e);
	}
}

static void no_values_have_no_mean(void **state)
{
	struct exact e = EXACT_INIT;

	(void)state;
	assert_true(isnan(exact_mean(&e, 0)));
	assert_true(exact_mean(&e, 3) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_of_readings),
		cmocka_unit_test(sums_of_any_doubles),
		cmocka_unit_test(sums_that_cancel),
		cmocka_unit_test(ties_go_to_even),
		cmocka_unit_test(huge_values_do_not_overflow),
		cmocka_unit_test(units_and_components_cancel),
		cmocka_unit_test(subnormals_are_numbers_too),
		cmocka_unit_test(a_sum_as_text),
		cmocka_unit_test(what_is_no_sum_is_told),
		cmocka_unit_test(no_values_have_no_mean),
	};

	return cmocka_run_group_tests(tests, print_seed, NULL);
}
