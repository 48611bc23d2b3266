/* SPDX-License-Identifier: MIT */
/* The quantiles of the histogram against those of a sorted list. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "agg/latency.h"

#define SEED 20261124
#define MANY 20000

static int print_seed(void **state)
{
	(void)state;
	print_message("# seed %d\n", SEED);
	return 0;
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* Never below the true quantile, and above it by a bin at the most. */
static void quantiles_are_a_bin_too_high_at_most(void **state)
{
	static const double q[] = {0.001, 0.25, 0.5, 0.9, 0.99, 0.999, 1};
	static struct latency l;
	static int64_t us[MANY];
	unsigned short seed[3] = {SEED & 0xffff, SEED >> 16, 0};

	(void)state;
	for (size_t i = 0; i < MANY; i++) {
		us[i] = (int64_t)exp(erand48(seed) * 40);
		latency_add(&l, us[i]);
	}
	qsort(us, MANY, sizeof(us[0]), compare);
	for (size_t i = 0; i < sizeof(q) / sizeof(q[0]); i++) {
		int64_t is = us[(size_t)ceil(q[i] * MANY) - 1];
		int64_t got = latency_quantile_us(&l, q[i]);

		assert_true(got >= is);
		assert_true(got <= is + is / LATENCY_STEPS);
	}
	assert_int_equal(l.max_us, us[MANY - 1]);
	assert_int_equal(latency_quantile_us(&l, 1), us[MANY - 1]);
}

static void each_time_has_a_bin_of_its_size(void **state)
{
	(void)state;
	for (int k = 0; k < 63; k++) {
		for (int64_t d = -1; d <= 1; d++) {
			static struct latency l;
			int64_t us = (INT64_C(1) << k) + d;

			memset(&l, 0, sizeof(l));
			latency_add(&l, us);
			latency_add(&l, INT64_MAX);
			assert_true(latency_quantile_us(&l, 0.5) >= us);
			assert_true(latency_quantile_us(&l, 0.5) - us <=
				    us / LATENCY_STEPS);
		}
	}
}

static void a_negative_time_counts_as_none(void **state)
{
	static struct latency l;

	(void)state;
	assert_int_equal(latency_quantile_us(&l, 0.5), 0);
	latency_add(&l, -5);
	latency_add(&l, -5);
	latency_add(&l, 7);
	assert_int_equal(l.n, 3);
	assert_int_equal(l.negative, 2);
	assert_int_equal(latency_quantile_us(&l, 0.5), 0);
	assert_int_equal(latency_quantile_us(&l, 0.99), 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_are_a_bin_too_high_at_most),
		cmocka_unit_test(each_time_has_a_bin_of_its_size),
		cmocka_unit_test(a_negative_time_counts_as_none),
	};

	return cmocka_run_group_tests(tests, print_seed, NULL);
}
