/* SPDX-License-Identifier: MIT */
#include "theory.h"

#include "base/num.h"
#include "sim/trend.h"

static void it_is_a_line(void **state)
{
	struct err e = ERR_INIT;
	struct trend t;

	(void)state;
	assert_int_equal(num_parse_per_time("-1.5/10m", &t.per_second, &e), 0);
	assert_int_equal(trend_check(&t, &e), 0);
	assert_true(trend_at(&t, 0) == 0);
	assert_true(trend_at(&t, 600 * INT64_C(1000000000)) == -1.5);
	assert_true(trend_at(&t, 1200 * INT64_C(1000000000)) == -3);
	assert_true(trend_at(&t, -1200 * INT64_C(1000000000)) == 3);
	assert_true(trend_at(&t, 1) == -0.0025 / 1e9);
}

static void it_stays_finite(void **state)
{
	static const double bad[] = {1.1 * TREND_MAX, -INFINITY, NAN};
	struct trend t = {-TREND_MAX};
	struct err e = ERR_INIT;

	(void)state;
	assert_int_equal(trend_check(&t, &e), 0);
	assert_true(isfinite(trend_at(&t, INT64_MAX)));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(trend_check(&(struct trend){bad[i]}, &e), -1);
	assert_string_equal(
		e.msg,
		"trend 1.1e+290/s is out of bounds (-1e+290/s to 1e+290/s)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_a_line),
		cmocka_unit_test(it_stays_finite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
